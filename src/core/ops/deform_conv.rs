//! Deformable convolution: each tap of each window looks a little beside its place, by an offset that is itself an
//! input, and may be weighted by a mask (`torchvision.ops.deform_conv2d`; Dai et al., "Deformable convolutional
//! networks", 2017; Zhu et al., "Deformable ConvNets v2", 2018, for the mask).

use crate::core::ops::conv::Conv2d;
use crate::core::ops::conv_nd::check_bias;
use crate::core::ops::pad::{Pads, check_not_zero};
use crate::core::ops::windows::numbers;
use crate::core::tensor::{Error, Images, checked_elements};

/// The arguments of a deformable convolution, without its tensors. All pairs are `(height, width)`.
///
/// ```
/// use receptive::core::ops::DeformConv2d;
/// let x = ndarray::array![[[[0.0, 10.0, 20.0]]]];
/// let weight = ndarray::array![[[[1.0]]]];
/// // one offset (down, right) for each window
/// let offset = ndarray::array![[[[0.0, 0.0, 0.5]], [[0.5, -1.0, 0.0]]]];
/// let y = DeformConv2d::default().forward(&x, &offset, None, &weight, None)?;
/// assert_eq!(y, ndarray::array![[[[5.0, 0.0, 10.0]]]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeformConv2d {
    /// Cells from one window to the next.
    pub stride: (usize, usize),
    /// Cells of zero added on each side.
    pub pads: Pads,
    /// Cells from one tap of the kernel to the next, before the offsets move them.
    pub dilation: (usize, usize),
    /// Into how many independent groups the channels split.
    pub groups: usize,
    /// Into how many groups the input channels split that share offsets and masks.
    pub offset_groups: usize,
}

impl Default for DeformConv2d {
    fn default() -> Self {
        DeformConv2d { stride: (1, 1), pads: Pads::default(), dilation: (1, 1), groups: 1, offset_groups: 1 }
    }
}

/// The gradients of a deformable convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct DeformConv2dGrads {
    /// `[n, c_in, h, w]`
    pub input: Images,
    /// `[n, offset_groups * kh * kw * 2, oh, ow]`
    pub offset: Images,
    /// `[n, offset_groups * kh * kw, oh, ow]`, when there is a mask.
    pub mask: Option<Images>,
    /// `[c_out, c_in / groups, kh, kw]`
    pub weight: Images,
    /// `[c_out]`
    pub bias: Vec<f32>,
}

/// The sizes of one legal deformable convolution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub n: usize,
    pub c_in: usize,
    pub c_out: usize,
    /// Input channels one group reads.
    pub c_group: usize,
    /// Output channels one group makes.
    pub outputs: usize,
    /// Input channels that share offsets.
    pub sharing: usize,
    pub input: (usize, usize),
    pub kernel_size: (usize, usize),
    pub output: (usize, usize),
}

/// A place between four cells of a plane, and what the value there takes from each: bilinear interpolation, with zeros
/// around the plane.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sample {
    corners: [Corner; 4],
    count: usize,
}

/// One of the cells around a place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Corner {
    /// The cell, in row-major order.
    pub cell: usize,
    /// Its share of the value.
    pub share: f64,
    /// How the share changes when the place moves down, and when it moves right.
    pub slope: (f64, f64),
}

impl Sample {
    /// The place `(row, column)` of a plane `[height, width]`. On a line between cells the slopes are those to the
    /// right and below, as in torchvision.
    pub fn at((row, column): (f64, f64), (height, width): (usize, usize)) -> Self {
        let mut sample = Sample::default();
        // written so that NaN is outside
        let inside = row >= -1.0 && row < height as f64 && column >= -1.0 && column < width as f64;
        if !inside {
            return sample;
        }
        let (top, left) = (row.floor(), column.floor());
        let (down, right) = (row - top, column - left);
        for (i, (share_row, slope_row)) in [(1.0 - down, -1.0), (down, 1.0)].into_iter().enumerate() {
            for (j, (share_column, slope_column)) in
                [(1.0 - right, -1.0), (right, 1.0)].into_iter().enumerate()
            {
                // one more than the index, so that -1 can be counted
                let (row, column) = ((top + 1.0) as usize + i, (left + 1.0) as usize + j);
                if (1..=height).contains(&row) && (1..=width).contains(&column) {
                    sample.corners[sample.count] = Corner {
                        cell: (row - 1) * width + column - 1,
                        share: share_row * share_column,
                        slope: (slope_row * share_column, share_row * slope_column),
                    };
                    sample.count += 1;
                }
            }
        }
        sample
    }

    /// The cells around the place that exist.
    pub fn corners(&self) -> &[Corner] {
        &self.corners[..self.count]
    }

    /// The value of a plane at the place.
    pub fn value(&self, plane: &[f32]) -> f64 {
        self.corners().iter().map(|corner| corner.share * f64::from(plane[corner.cell])).sum()
    }

    /// The slopes of a plane at the place, down and to the right.
    pub fn slope(&self, plane: &[f32]) -> (f64, f64) {
        self.corners().iter().fold((0.0, 0.0), |(down, right), corner| {
            let x = f64::from(plane[corner.cell]);
            (down + corner.slope.0 * x, right + corner.slope.1 * x)
        })
    }
}

impl DeformConv2d {
    /// The size of the output: that of the [`Conv2d`] with the same arguments.
    ///
    /// Errors: those of [`Conv2d::output_size`].
    pub fn output_size(
        &self,
        input: (usize, usize),
        kernel_size: (usize, usize),
    ) -> Result<(usize, usize), Error> {
        check_not_zero("offset_groups", (self.offset_groups, 1))?;
        self.undeformed().output_size(input, kernel_size)
    }

    /// The convolution that this is when all offsets are zero and the mask is one.
    fn undeformed(&self) -> Conv2d {
        Conv2d {
            stride: self.stride,
            pads: self.pads,
            dilation: self.dilation,
            groups: self.groups,
            ..Conv2d::default()
        }
    }

    /// Every shape of the operator for these tensors, when it is legal.
    pub(super) fn shape(
        &self,
        x: &Images,
        offset: &Images,
        mask: Option<&Images>,
        weight: &Images,
        bias: Option<&[f32]>,
    ) -> Result<Shape, Error> {
        check_not_zero("offset_groups", (self.offset_groups, 1))?;
        let shape = self.undeformed().shape(x, weight)?;
        check_bias(bias, shape.c_out)?;
        if !shape.c_in.is_multiple_of(self.offset_groups) {
            return Err(Error::NotDivisible {
                name: "in_channels",
                value: shape.c_in,
                by: "offset_groups",
                divisor: self.offset_groups,
            });
        }
        let (kernel_height, kernel_width) = shape.kernel_size;
        let taps = checked_elements(&[self.offset_groups, kernel_height, kernel_width])?;
        let (height, width) = shape.output;
        let tensors = [("offset", Some(offset), taps.saturating_mul(2)), ("mask", mask, taps)];
        for (name, tensor, channels) in tensors {
            if let Some(tensor) = tensor
                && tensor.dim() != (shape.n, channels, height, width)
            {
                let expected = vec![shape.n, channels, height, width];
                return Err(Error::ShapeMismatch { name, expected, got: tensor.shape().to_vec() });
            }
        }
        Ok(Shape {
            n: shape.n,
            c_in: shape.c_in,
            c_out: shape.c_out,
            c_group: shape.c_group,
            outputs: shape.outputs,
            sharing: shape.c_in / self.offset_groups,
            input: shape.input,
            kernel_size: shape.kernel_size,
            output: shape.output,
        })
    }

    /// Where tap `(u, v)` of window `(i, j)` looks, moved by `offset`, counted in cells of the input.
    pub(super) fn place(
        &self,
        (i, j): (usize, usize),
        (u, v): (usize, usize),
        (down, right): (f32, f32),
    ) -> (f64, f64) {
        let row = (i * self.stride.0 + u * self.dilation.0) as f64 - self.pads.top as f64;
        let column = (j * self.stride.1 + v * self.dilation.1) as f64 - self.pads.left as f64;
        (row + f64::from(down), column + f64::from(right))
    }

    /// The definition, as loops:
    ///
    /// ```text
    /// y[n, o, i, j] = bias[o] + sum over c, u, v of weight[o, c, u, v] * mask[n, k, i, j] * x[n, group(o) + c] at
    ///     row    i * stride + u * dilation - top  + offset[n, 2 * k,     i, j]
    ///     column j * stride + v * dilation - left + offset[n, 2 * k + 1, i, j]
    /// with k = (offset_group(c) * kh + u) * kw + v
    /// ```
    ///
    /// where the value between four cells is interpolated linearly along both axes, and the input is zero around
    /// itself. An offset that is not a number, or leads far away, reads zero.
    ///
    /// `x` is `[n, c_in, h, w]`, `offset` `[n, offset_groups * kh * kw * 2, oh, ow]`, `mask`
    /// `[n, offset_groups * kh * kw, oh, ow]`, `weight` `[c_out, c_in / groups, kh, kw]`, `bias` `[c_out]`, the result
    /// `[n, c_out, oh, ow]`. The sum is kept in `f64`.
    ///
    /// Errors: those of [`DeformConv2d::output_size`], and shapes that don't fit each other.
    pub fn forward_plain(
        &self,
        x: &Images,
        offset: &Images,
        mask: Option<&Images>,
        weight: &Images,
        bias: Option<&[f32]>,
    ) -> Result<Images, Error> {
        let shape = self.shape(x, offset, mask, weight, bias)?;
        let (kernel_height, kernel_width) = shape.kernel_size;
        let (x, cells) = (numbers(x), shape.input.0 * shape.input.1);
        let mut y = Images::zeros((shape.n, shape.c_out, shape.output.0, shape.output.1));
        for ((n, o, i, j), y) in y.indexed_iter_mut() {
            let mut sum = bias.map_or(0.0, |bias| f64::from(bias[o]));
            for c in 0..shape.c_group {
                let channel = o / shape.outputs * shape.c_group + c;
                let plane = &x[(n * shape.c_in + channel) * cells..][..cells];
                for u in 0..kernel_height {
                    for v in 0..kernel_width {
                        let k = (channel / shape.sharing * kernel_height + u) * kernel_width + v;
                        let moved = (offset[[n, 2 * k, i, j]], offset[[n, 2 * k + 1, i, j]]);
                        let place = self.place((i, j), (u, v), moved);
                        let mask = mask.map_or(1.0, |mask| f64::from(mask[[n, k, i, j]]));
                        let value = Sample::at(place, shape.input).value(plane);
                        sum += f64::from(weight[[o, c, u, v]]) * mask * value;
                    }
                }
            }
            *y = sum as f32;
        }
        Ok(y)
    }
}
