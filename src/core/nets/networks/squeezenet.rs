//! SqueezeNet 1.0: Fire modules, which squeeze by 1x1 kernels and expand by 1x1 and 3x3 ones side by side.

use super::step::Width::{Arg, Is};
use super::step::{CEIL, Step, adaptive_pool, concat, conv_bias, max_pool, stage};

/// The number of a stage: the squeezed channels.
pub(super) const V1_0: &[Step] = &[
    conv_bias("features.0", Is(96), 7).stride(2).padding(0),
    max_pool("features.2", 3, 2).with(CEIL),
    stage("features.", 3, 2, 1, &[16], FIRE),
    stage("features.", 5, 1, 1, &[32], FIRE),
    max_pool("features.6", 3, 2).with(CEIL),
    stage("features.", 7, 1, 1, &[32], FIRE),
    stage("features.", 8, 2, 1, &[48], FIRE),
    stage("features.", 10, 1, 1, &[64], FIRE),
    max_pool("features.11", 3, 2).with(CEIL),
    stage("features.", 12, 1, 1, &[64], FIRE),
    conv_bias("classifier.1", Is(1000), 1),
    adaptive_pool("classifier.3", 1),
];

const FIRE: &[Step] = &[
    conv_bias(".squeeze", Arg(0, 1), 1),
    concat("", &[&[conv_bias(".expand1x1", Arg(0, 4), 1)], &[conv_bias(".expand3x3", Arg(0, 4), 3)]]),
];
