//! EfficientNet-B0: inverted residuals with squeeze-and-excitation.

use super::step::Width::{Arg, InArg, Is};
use super::step::{K, S, Step, adaptive_pool, conv_norm, depthwise, linear, residual, stage};

/// The numbers of a stage: expansion, channels, kernel size.
pub(super) const B0: &[Step] = &[
    conv_norm("features.0.0", Is(32), 3).stride(2),
    stage("features.1.", 0, 1, 1, &[1, 16, 3], UNEXPANDED),
    stage("features.2.", 0, 2, 2, &[6, 24, 3], MBCONV),
    stage("features.3.", 0, 2, 2, &[6, 40, 5], MBCONV),
    stage("features.4.", 0, 3, 2, &[6, 80, 3], MBCONV),
    stage("features.5.", 0, 3, 1, &[6, 112, 5], MBCONV),
    stage("features.6.", 0, 4, 2, &[6, 192, 5], MBCONV),
    stage("features.7.", 0, 1, 1, &[6, 320, 3], MBCONV),
    conv_norm("features.8.0", Is(1280), 1),
    adaptive_pool("avgpool", 1),
    linear("classifier.1", Is(1000)),
];

const UNEXPANDED: &[Step] = &[
    depthwise(".block.0.0", K).stride(S),
    Step::SqueezeExcitation { name: ".block.1" },
    conv_norm(".block.2.0", Arg(1, 1), 1),
];

const MBCONV: &[Step] = &[residual(
    &[
        conv_norm(".block.0.0", InArg(0), 1),
        depthwise(".block.1.0", K).stride(S),
        Step::SqueezeExcitation { name: ".block.2" },
        conv_norm(".block.3.0", Arg(1, 1), 1),
    ],
    &[],
)];
