//! MobileNet v1 (TF-Slim's, padded as TensorFlow does) and v2 (torchvision's).

use super::step::Width::{Arg, InArg, Is};
use super::step::{S, Step, adaptive_pool, conv_norm, depthwise, linear, residual, stage};

pub(super) const V1: &[Step] = &[
    conv_norm("Conv2d_0", Is(32), 3).stride(2).same_tf(),
    stage("Conv2d_", 1, 1, 1, &[64], SEPARABLE),
    stage("Conv2d_", 2, 2, 2, &[128], SEPARABLE),
    stage("Conv2d_", 4, 2, 2, &[256], SEPARABLE),
    stage("Conv2d_", 6, 6, 2, &[512], SEPARABLE),
    stage("Conv2d_", 12, 2, 2, &[1024], SEPARABLE),
    adaptive_pool("AvgPool_1a", 1),
    linear("Logits", Is(1000)),
];

const SEPARABLE: &[Step] =
    &[depthwise("_depthwise", 3).stride(S).same_tf(), conv_norm("_pointwise", Arg(0, 1), 1)];

/// The numbers of a stage: expansion and channels.
pub(super) const V2: &[Step] = &[
    conv_norm("features.0.0", Is(32), 3).stride(2),
    stage("features.", 1, 1, 1, &[1, 16], UNEXPANDED),
    stage("features.", 2, 2, 2, &[6, 24], INVERTED),
    stage("features.", 4, 3, 2, &[6, 32], INVERTED),
    stage("features.", 7, 4, 2, &[6, 64], INVERTED),
    stage("features.", 11, 3, 1, &[6, 96], INVERTED),
    stage("features.", 14, 3, 2, &[6, 160], INVERTED),
    stage("features.", 17, 1, 1, &[6, 320], INVERTED),
    conv_norm("features.18.0", Is(1280), 1),
    adaptive_pool("avgpool", 1),
    linear("classifier.1", Is(1000)),
];

const UNEXPANDED: &[Step] = &[depthwise(".conv.0.0", 3).stride(S), conv_norm(".conv.1", Arg(1, 1), 1)];

const INVERTED: &[Step] = &[residual(
    &[
        conv_norm(".conv.0.0", InArg(0), 1),
        depthwise(".conv.1.0", 3).stride(S),
        conv_norm(".conv.2", Arg(1, 1), 1),
    ],
    &[],
)];
