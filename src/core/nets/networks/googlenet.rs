//! GoogLeNet (Inception v1) with batch normalisation. In the branch of the paper's 5x5 kernels torchvision has 3x3.

use super::step::Width::{Arg, Is};
use super::step::{CEIL, Step, adaptive_pool, block, concat, conv_norm, linear, max_pool};

const INCEPTION: &[Step] = &[concat(
    "",
    &[
        &[conv_norm(".branch1.conv", Arg(0, 1), 1)],
        &[conv_norm(".branch2.0.conv", Arg(1, 1), 1), conv_norm(".branch2.1.conv", Arg(2, 1), 3)],
        &[conv_norm(".branch3.0.conv", Arg(3, 1), 1), conv_norm(".branch3.1.conv", Arg(4, 1), 3)],
        &[max_pool(".branch4.0", 3, 1).padding(1).with(CEIL), conv_norm(".branch4.1.conv", Arg(5, 1), 1)],
    ],
)];

const AUXILIARY: &[Step] = &[Step::Auxiliary(&[
    adaptive_pool(".avgpool", 4),
    conv_norm(".conv.conv", Is(128), 1),
    linear(".fc1", Is(1024)),
    linear(".fc2", Is(1000)),
])];

pub(super) const STEPS: &[Step] = &[
    conv_norm("conv1.conv", Is(64), 7).stride(2),
    max_pool("maxpool1", 3, 2).with(CEIL),
    conv_norm("conv2.conv", Is(64), 1),
    conv_norm("conv3.conv", Is(192), 3),
    max_pool("maxpool2", 3, 2).with(CEIL),
    block("inception3a", &[64, 96, 128, 16, 32, 32], INCEPTION),
    block("inception3b", &[128, 128, 192, 32, 96, 64], INCEPTION),
    max_pool("maxpool3", 3, 2).with(CEIL),
    block("inception4a", &[192, 96, 208, 16, 48, 64], INCEPTION),
    block("aux1", &[], AUXILIARY),
    block("inception4b", &[160, 112, 224, 24, 64, 64], INCEPTION),
    block("inception4c", &[128, 128, 256, 24, 64, 64], INCEPTION),
    block("inception4d", &[112, 144, 288, 32, 64, 64], INCEPTION),
    block("aux2", &[], AUXILIARY),
    block("inception4e", &[256, 160, 320, 32, 128, 128], INCEPTION),
    max_pool("maxpool4", 2, 2).with(CEIL),
    block("inception5a", &[256, 160, 320, 32, 128, 128], INCEPTION),
    block("inception5b", &[384, 192, 384, 48, 128, 128], INCEPTION),
    adaptive_pool("avgpool", 1),
    linear("fc", Is(1000)),
];
