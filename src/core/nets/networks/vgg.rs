//! VGG: 3x3 convolutions in five groups, each halved by a pool.

use super::step::Width::{Arg, Is};
use super::step::{Step, adaptive_pool, conv_bias, linear, max_pool, stage};

pub(super) const VGG11: &[Step] = &vgg([1, 1, 2, 2, 2]);
pub(super) const VGG13: &[Step] = &vgg([2, 2, 2, 2, 2]);
pub(super) const VGG16: &[Step] = &vgg([2, 2, 3, 3, 3]);
pub(super) const VGG19: &[Step] = &vgg([2, 2, 4, 4, 4]);

const WIDTHS: [&[u16]; 5] = [&[64], &[128], &[256], &[512], &[512]];
const CONV: &[Step] = &[conv_bias("", Arg(0, 1), 3)];
const POOL: &[Step] = &[max_pool("", 2, 2)];

/// The convolutions of each group. torchvision numbers every module: a convolution and its ReLU take two numbers.
const fn vgg(convs: [u8; 5]) -> [Step; 14] {
    let mut steps = [adaptive_pool("avgpool", 7); 14];
    let (mut group, mut number) = (0, 0);
    while group < 5 {
        let args = WIDTHS[group];
        steps[2 * group] = stage("features.", number, convs[group], 1, args, CONV).every(2);
        number += 2 * convs[group];
        steps[2 * group + 1] = stage("features.", number, 1, 1, args, POOL);
        number += 1;
        group += 1;
    }
    steps[11] = linear("classifier.0", Is(4096));
    steps[12] = linear("classifier.3", Is(4096));
    steps[13] = linear("classifier.6", Is(1000));
    steps
}
