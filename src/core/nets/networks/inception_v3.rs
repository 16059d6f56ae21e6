//! Inception v3: 7x7 kernels taken apart into 1x7 and 7x1, maps halved by branches without padding.

use super::step::Width::{Arg, Is};
use super::step::{Step, adaptive_pool, average_pool, block, concat, conv_norm, linear, max_pool};

const POOLED: Step = average_pool(".avg_pool", 3, 1).padding(1);
const HALVED: &[Step] = &[max_pool(".max_pool", 3, 2)];

/// The channels of the pooled branch.
const A: &[Step] = &[concat(
    "",
    &[
        &[conv_norm(".branch1x1.conv", Is(64), 1)],
        &[conv_norm(".branch5x5_1.conv", Is(48), 1), conv_norm(".branch5x5_2.conv", Is(64), 5)],
        &[
            conv_norm(".branch3x3dbl_1.conv", Is(64), 1),
            conv_norm(".branch3x3dbl_2.conv", Is(96), 3),
            conv_norm(".branch3x3dbl_3.conv", Is(96), 3),
        ],
        &[POOLED, conv_norm(".branch_pool.conv", Arg(0, 1), 1)],
    ],
)];

const B: &[Step] = &[concat(
    "",
    &[
        &[conv_norm(".branch3x3.conv", Is(384), 3).stride(2).padding(0)],
        &[
            conv_norm(".branch3x3dbl_1.conv", Is(64), 1),
            conv_norm(".branch3x3dbl_2.conv", Is(96), 3),
            conv_norm(".branch3x3dbl_3.conv", Is(96), 3).stride(2).padding(0),
        ],
        HALVED,
    ],
)];

/// The channels within the 7x7 branches.
const C: &[Step] = &[concat(
    "",
    &[
        &[conv_norm(".branch1x1.conv", Is(192), 1)],
        &[
            conv_norm(".branch7x7_1.conv", Arg(0, 1), 1),
            conv_norm(".branch7x7_2.conv", Arg(0, 1), 1).kernel(1, 7),
            conv_norm(".branch7x7_3.conv", Is(192), 1).kernel(7, 1),
        ],
        &[
            conv_norm(".branch7x7dbl_1.conv", Arg(0, 1), 1),
            conv_norm(".branch7x7dbl_2.conv", Arg(0, 1), 1).kernel(7, 1),
            conv_norm(".branch7x7dbl_3.conv", Arg(0, 1), 1).kernel(1, 7),
            conv_norm(".branch7x7dbl_4.conv", Arg(0, 1), 1).kernel(7, 1),
            conv_norm(".branch7x7dbl_5.conv", Is(192), 1).kernel(1, 7),
        ],
        &[POOLED, conv_norm(".branch_pool.conv", Is(192), 1)],
    ],
)];

const D: &[Step] = &[concat(
    "",
    &[
        &[
            conv_norm(".branch3x3_1.conv", Is(192), 1),
            conv_norm(".branch3x3_2.conv", Is(320), 3).stride(2).padding(0),
        ],
        &[
            conv_norm(".branch7x7x3_1.conv", Is(192), 1),
            conv_norm(".branch7x7x3_2.conv", Is(192), 1).kernel(1, 7),
            conv_norm(".branch7x7x3_3.conv", Is(192), 1).kernel(7, 1),
            conv_norm(".branch7x7x3_4.conv", Is(192), 3).stride(2).padding(0),
        ],
        HALVED,
    ],
)];

const E: &[Step] = &[concat(
    "",
    &[
        &[conv_norm(".branch1x1.conv", Is(320), 1)],
        &[
            conv_norm(".branch3x3_1.conv", Is(384), 1),
            concat(
                ".branch3x3",
                &[
                    &[conv_norm(".branch3x3_2a.conv", Is(384), 1).kernel(1, 3)],
                    &[conv_norm(".branch3x3_2b.conv", Is(384), 1).kernel(3, 1)],
                ],
            ),
        ],
        &[
            conv_norm(".branch3x3dbl_1.conv", Is(448), 1),
            conv_norm(".branch3x3dbl_2.conv", Is(384), 3),
            concat(
                ".branch3x3dbl",
                &[
                    &[conv_norm(".branch3x3dbl_3a.conv", Is(384), 1).kernel(1, 3)],
                    &[conv_norm(".branch3x3dbl_3b.conv", Is(384), 1).kernel(3, 1)],
                ],
            ),
        ],
        &[POOLED, conv_norm(".branch_pool.conv", Is(192), 1)],
    ],
)];

const AUXILIARY: &[Step] = &[Step::Auxiliary(&[
    average_pool(".avg_pool", 5, 3),
    conv_norm(".conv0.conv", Is(128), 1),
    conv_norm(".conv1.conv", Is(768), 5).padding(0),
    adaptive_pool(".adaptive_avg_pool", 1),
    linear(".fc", Is(1000)),
])];

pub(super) const STEPS: &[Step] = &[
    conv_norm("Conv2d_1a_3x3.conv", Is(32), 3).stride(2).padding(0),
    conv_norm("Conv2d_2a_3x3.conv", Is(32), 3).padding(0),
    conv_norm("Conv2d_2b_3x3.conv", Is(64), 3),
    max_pool("maxpool1", 3, 2),
    conv_norm("Conv2d_3b_1x1.conv", Is(80), 1),
    conv_norm("Conv2d_4a_3x3.conv", Is(192), 3).padding(0),
    max_pool("maxpool2", 3, 2),
    block("Mixed_5b", &[32], A),
    block("Mixed_5c", &[64], A),
    block("Mixed_5d", &[64], A),
    block("Mixed_6a", &[], B),
    block("Mixed_6b", &[128], C),
    block("Mixed_6c", &[160], C),
    block("Mixed_6d", &[160], C),
    block("Mixed_6e", &[192], C),
    block("AuxLogits", &[], AUXILIARY),
    block("Mixed_7a", &[], D),
    block("Mixed_7b", &[], E),
    block("Mixed_7c", &[], E),
    adaptive_pool("avgpool", 1),
    linear("fc", Is(1000)),
];
