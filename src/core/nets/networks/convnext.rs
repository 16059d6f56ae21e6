//! ConvNeXt-T: 7x7 depthwise convolutions, layer normalisation, and linear layers on each cell.

use super::step::Width::{Arg, In, Is};
use super::step::{BIAS, NORM_IN, NORM_OUT, SCALE, Step, adaptive_pool, conv_bias, depthwise, linear};
use super::step::{residual, stage};

pub(super) const TINY: &[Step] = &[
    conv_bias("features.0.0", Is(96), 4).stride(4).padding(0).with(NORM_OUT),
    stage("features.1.", 0, 3, 1, &[96], BLOCK),
    halve("features.2.1", 192),
    stage("features.3.", 0, 3, 1, &[192], BLOCK),
    halve("features.4.1", 384),
    stage("features.5.", 0, 9, 1, &[384], BLOCK),
    halve("features.6.1", 768),
    stage("features.7.", 0, 3, 1, &[768], BLOCK),
    adaptive_pool("avgpool", 1),
    linear("classifier.2", Is(1000)).with(NORM_IN),
];

const fn halve(name: &'static str, c_out: u16) -> Step {
    conv_bias(name, Is(c_out), 2).stride(2).padding(0).with(NORM_IN)
}

const BLOCK: &[Step] = &[residual(
    &[
        depthwise(".block.0", 7).with(BIAS),
        linear(".block.3", In(4, 1)),
        linear(".block.5", Arg(0, 1)).with(SCALE),
    ],
    &[],
)];
