//! ResNet, in two forms that differ in where a block halves its map.
//!
//! torchvision: the first unit of groups 2, 3 and 4 strides, in its 3x3 convolution. TF-Slim: the last unit of groups
//! 1, 2 and 3 does, in the same place. There the map is halved one unit earlier, so that the first 3x3 kernel of groups
//! 2, 3 and 4 takes steps of 8, 16 and 32 cells instead of 4, 8 and 16. Two such steps reach 8 + 16 + 32 = 56 cells
//! further: 483 against 427 for ResNet-50, and likewise for 101 and 152. Smaller maps also cost less.

use super::step::Width::{Arg, Is};
use super::step::{S, Step, adaptive_pool, conv_norm, linear, max_pool, residual, stage};

pub(super) const RESNET18: &[Step] = &torchvision([2, 2, 2, 2], BASIC);
pub(super) const RESNET34: &[Step] = &torchvision([3, 4, 6, 3], BASIC);
pub(super) const RESNET50: &[Step] = &torchvision([3, 4, 6, 3], BOTTLENECK);
pub(super) const RESNET101: &[Step] = &torchvision([3, 4, 23, 3], BOTTLENECK);
pub(super) const RESNET152: &[Step] = &torchvision([3, 8, 36, 3], BOTTLENECK);
pub(super) const RESNET50_TF: &[Step] = &slim([3, 4, 6, 3]);
pub(super) const RESNET101_TF: &[Step] = &slim([3, 4, 23, 3]);
pub(super) const RESNET152_TF: &[Step] = &slim([3, 8, 36, 3]);

const BASIC: &[Step] = &[residual(
    &[conv_norm(".conv1", Arg(0, 1), 3).stride(S), conv_norm(".conv2", Arg(0, 1), 3)],
    &[conv_norm(".downsample.0", Arg(0, 1), 1).stride(S)],
)];

const BOTTLENECK: &[Step] = &[residual(
    &[
        conv_norm(".conv1", Arg(0, 1), 1),
        conv_norm(".conv2", Arg(0, 1), 3).stride(S),
        conv_norm(".conv3", Arg(0, 4), 1),
    ],
    &[conv_norm(".downsample.0", Arg(0, 4), 1).stride(S)],
)];

const UNIT_TF: &[Step] = &[residual(
    &[
        conv_norm("/conv1", Arg(0, 1), 1),
        conv_norm("/conv2", Arg(0, 1), 3).stride(S),
        conv_norm("/conv3", Arg(0, 4), 1),
    ],
    &[conv_norm("/shortcut", Arg(0, 4), 1).stride(S)],
)];

const fn torchvision(units: [u8; 4], body: &'static [Step]) -> [Step; 8] {
    let [a, b, c, d] = units;
    [
        conv_norm("conv1", Is(64), 7).stride(2),
        max_pool("maxpool", 3, 2).padding(1),
        stage("layer1.", 0, a, 1, &[64], body),
        stage("layer2.", 0, b, 2, &[128], body),
        stage("layer3.", 0, c, 2, &[256], body),
        stage("layer4.", 0, d, 2, &[512], body),
        adaptive_pool("avgpool", 1),
        linear("fc", Is(1000)),
    ]
}

const fn slim(units: [u8; 4]) -> [Step; 8] {
    let [a, b, c, d] = units;
    [
        conv_norm("conv1", Is(64), 7).stride(2),
        max_pool("pool1", 3, 2).same_tf(),
        stage("block1/unit_", 1, a, 2, &[64], UNIT_TF).strides_last(),
        stage("block2/unit_", 1, b, 2, &[128], UNIT_TF).strides_last(),
        stage("block3/unit_", 1, c, 2, &[256], UNIT_TF).strides_last(),
        stage("block4/unit_", 1, d, 1, &[512], UNIT_TF),
        adaptive_pool("pool5", 1),
        linear("logits", Is(1000)),
    ]
}
