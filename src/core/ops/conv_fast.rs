//! The fast path of the convolution: it lays the input out as [`Planes`] and chooses the way through them.
//!
//! - Many output channels: a product of matrices (`conv_columns`); a kernel of one tap needs no planes.
//! - Many channels in and out and a kernel of 3 × 3: tiles by Winograd's method (`conv_winograd`).
//! - Few: blocks of outputs in registers (`conv_blocks`).

use crate::core::ops::conv::{Conv2d, Shape};
use crate::core::ops::conv_blocks::{Block, OUTPUTS};
use crate::core::ops::conv_planes::Planes;
use crate::core::ops::conv_winograd::Winograd;
use crate::core::ops::gemm::{Matrix, product};
use crate::core::ops::pad::Pads;
use crate::core::tensor::{Error, Images};

/// Output channels of a group from which a product of matrices pays.
const MANY_OUTPUTS: usize = 8;

/// The numbers of one group of channels of one image.
struct Group<'a> {
    /// `[c_group, h, w]`
    x: &'a [f32],
    /// `[outputs, c_group, kh, kw]`
    weight: &'a [f32],
    /// `[outputs]`, or nothing.
    bias: &'a [f32],
}

impl Conv2d {
    /// The same as [`Conv2d::forward_plain`] up to rounding, fast: same arguments, same errors.
    ///
    /// The result differs from the plain one by at most about `1e-6` times the sum of the absolute products.
    pub fn forward(&self, x: &Images, weight: &Images, bias: Option<&[f32]>) -> Result<Images, Error> {
        let shape = self.shape_with_bias(x, weight, bias)?;
        match self.forward_groups(&shape, x, weight, bias) {
            Some(y) => Ok(y),
            None => self.forward_plain(x, weight, bias),
        }
    }

    /// [`Conv2d::forward`] of one channel with one kernel: `x` `[n, 1, h, w]`, `weight` `[1, 1, kh, kw]`, the result
    /// `[n, 1, oh, ow]`. A page whose pictures have one channel does not load the ways for many.
    ///
    /// Errors: those of [`Conv2d::forward`], and more channels than one.
    pub fn forward_single(&self, x: &Images, weight: &Images, bias: Option<&[f32]>) -> Result<Images, Error> {
        let shape = self.shape_with_bias(x, weight, bias)?;
        if (shape.c_in, shape.c_out) != (1, 1) {
            let (_, _, height, width) = weight.dim();
            let (expected, got) = (vec![1, 1, height, width], weight.shape().to_vec());
            return Err(Error::ShapeMismatch { name: "weight", expected, got });
        }
        match self.forward_planes(&shape, x, weight, bias) {
            Some(y) => Ok(y),
            None => self.forward_plain(x, weight, bias),
        }
    }

    /// [`Conv2d::forward_single`] of a legal `shape`; `None` when the planes would take too much memory.
    fn forward_planes(
        &self,
        shape: &Shape,
        x: &Images,
        weight: &Images,
        bias: Option<&[f32]>,
    ) -> Option<Images> {
        let (x, weight) = (x.as_standard_layout(), self.rotated(weight));
        let (x, weight) = (x.as_slice()?, weight.as_slice()?);
        let (plane, input) = (shape.output.0 * shape.output.1, shape.input.0 * shape.input.1);
        let mut y = Vec::with_capacity(shape.n * plane);
        let mut planes = Planes::new(self, shape)?;
        for image in 0..shape.n {
            let x = &x[image * input..][..input];
            let group = Group { x, weight, bias: bias.unwrap_or_default() };
            self.one_output(shape, &mut planes, &group, &mut y);
        }
        Images::from_shape_vec((shape.n, 1, shape.output.0, shape.output.1), y).ok()
    }

    /// [`Conv2d::forward`] of a legal `shape`; `None` when the planes would take too much memory.
    fn forward_groups(
        &self,
        shape: &Shape,
        x: &Images,
        weight: &Images,
        bias: Option<&[f32]>,
    ) -> Option<Images> {
        let y_shape = (shape.n, shape.c_out, shape.output.0, shape.output.1);
        let plane = shape.output.0 * shape.output.1;
        if shape.n * shape.c_out * plane == 0 {
            return Some(Images::zeros(y_shape));
        }
        let (x, weight) = (x.as_standard_layout(), self.rotated(weight));
        let (x, weight) = (x.as_slice()?, weight.as_slice()?);
        let input = shape.c_group * shape.input.0 * shape.input.1;
        let kernel = weight.len() / shape.c_out;
        let one_tap = shape.kernel_size == (1, 1) && self.stride == (1, 1) && self.pads == Pads::default();
        let mut winograd = Winograd::new(self, shape);
        let mut planes = None;
        // Grows group by group: what is written is in the cache, and no number is written twice.
        let mut y = Vec::with_capacity(shape.n * shape.c_out * plane);
        for at in 0..shape.n * self.groups {
            let outputs = at % self.groups * shape.outputs..(at % self.groups + 1) * shape.outputs;
            let group = Group {
                x: &x[at * input..][..input],
                weight: &weight[outputs.start * kernel..outputs.end * kernel],
                bias: bias.map_or(&[], |bias| &bias[outputs]),
            };
            if kernel == 0 {
                group.with_bias(shape, &mut y);
                continue;
            }
            if shape.outputs >= MANY_OUTPUTS && one_tap {
                let begin = y.len();
                y.resize(begin + shape.outputs * plane, 0.0);
                let (weight, x) = (Matrix::rows(group.weight, kernel), Matrix::rows(group.x, plane));
                product((shape.outputs, plane, kernel), weight, x, group.bias, &mut y[begin..], plane);
                continue;
            }
            if let Some(winograd) = &mut winograd {
                let begin = y.len();
                y.resize(begin + shape.outputs * plane, 0.0);
                if winograd.write(group.x, group.weight, group.bias, &mut y[begin..]) {
                    continue;
                }
                y.truncate(begin);
            }
            let planes = match &mut planes {
                Some(planes) => planes,
                none => none.insert(Planes::new(self, shape)?),
            };
            if shape.outputs >= MANY_OUTPUTS {
                let begin = y.len();
                y.resize(begin + shape.outputs * plane, 0.0);
                planes.multiply(shape, group.x, group.weight, group.bias, &mut y[begin..]);
            } else if shape.outputs == 1 {
                self.one_output(shape, planes, &group, &mut y);
            } else {
                self.few_outputs(shape, planes, &group, &mut y);
            }
        }
        Images::from_shape_vec(y_shape, y).ok()
    }

    /// The weights in the order the windows meet them.
    pub(super) fn rotated<'a>(&self, weight: &'a Images) -> ndarray::CowArray<'a, f32, ndarray::Ix4> {
        if self.flip {
            weight.slice(ndarray::s![.., .., ..;-1, ..;-1]).as_standard_layout().into_owned().into()
        } else {
            weight.as_standard_layout()
        }
    }

    /// A group of one output channel, appended to `y`.
    fn one_output(&self, shape: &Shape, planes: &mut Planes, group: &Group<'_>, y: &mut Vec<f32>) {
        let block = Block::new(self, shape, planes, group.weight, group.bias);
        let mut rows = vec![0.0; planes.band * shape.output.1];
        for band in planes.bands(shape.output.0) {
            planes.fill(group.x, &band);
            let rows = &mut rows[..band.len() * shape.output.1];
            block.run(planes, band.len(), rows, 0);
            y.extend_from_slice(rows);
        }
    }

    /// A group of a few output channels, appended to `y`.
    fn few_outputs(&self, shape: &Shape, planes: &mut Planes, group: &Group<'_>, y: &mut Vec<f32>) {
        let (height, width) = shape.output;
        let kernel = group.weight.len() / shape.outputs;
        let mut blocks = Vec::new();
        let mut o = 0;
        while o < shape.outputs {
            let count = if shape.outputs - o >= OUTPUTS { OUTPUTS } else { 1 };
            let weight = &group.weight[o * kernel..][..count * kernel];
            let bias = group.bias.get(o..).unwrap_or_default();
            blocks.push((o, Block::new(self, shape, planes, weight, bias)));
            o += count;
        }
        let begin = y.len();
        y.resize(begin + shape.outputs * height * width, 0.0);
        for band in planes.bands(height) {
            planes.fill(group.x, &band);
            for (o, block) in &blocks {
                let y = &mut y[begin + (o * height + band.start) * width..];
                block.run(planes, band.len(), y, height * width);
            }
        }
    }
}

impl Group<'_> {
    /// Appends the group's outputs to `y`, so far only the bias.
    fn with_bias<'y>(&self, shape: &Shape, y: &'y mut Vec<f32>) -> &'y mut [f32] {
        let (begin, plane) = (y.len(), shape.output.0 * shape.output.1);
        for o in 0..shape.outputs {
            y.resize(begin + (o + 1) * plane, self.bias.get(o).copied().unwrap_or(0.0));
        }
        &mut y[begin..]
    }
}
