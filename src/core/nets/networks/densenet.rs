//! DenseNet: each layer adds 32 channels to all that came before it; normalisation comes first.

use super::step::Width::{In, Is};
use super::step::{NORM_IN, Step, adaptive_pool, average_pool, block, concat, conv, conv_norm, linear};
use super::step::{max_pool, norm, stage};

pub(super) const DENSENET121: &[Step] = &[
    conv_norm("features.conv0", Is(64), 7).stride(2),
    max_pool("features.pool0", 3, 2).padding(1),
    stage("features.denseblock1.denselayer", 1, 6, 1, &[], DENSE),
    block("features.transition1", &[], TRANSITION),
    stage("features.denseblock2.denselayer", 1, 12, 1, &[], DENSE),
    block("features.transition2", &[], TRANSITION),
    stage("features.denseblock3.denselayer", 1, 24, 1, &[], DENSE),
    block("features.transition3", &[], TRANSITION),
    stage("features.denseblock4.denselayer", 1, 16, 1, &[], DENSE),
    norm("features.norm5"),
    adaptive_pool("avgpool", 1),
    linear("classifier", Is(1000)),
];

const DENSE: &[Step] = &[concat(
    "",
    &[&[], &[conv(".conv1", Is(128), 1).with(NORM_IN), conv(".conv2", Is(32), 3).with(NORM_IN)]],
)];

const TRANSITION: &[Step] = &[conv(".conv", In(1, 2), 1).with(NORM_IN), average_pool(".pool", 2, 2)];
