//! Two-dimensional convolution as neural networks use the word: the kernel slides over the padded input, and each
//! output is a sum of products (`torch.nn.functional.conv2d`).

use crate::core::ops::pad::{PaddingMode, Pads, check_not_zero, check_pads, pad2d};
use crate::core::tensor::{Axis, Error, Images, checked_elements};

/// The arguments of a convolution, without its tensors. All pairs are `(height, width)`.
///
/// ```
/// use receptive::core::ops::{Conv2d, PaddingMode, Pads};
/// let x = ndarray::array![[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]];
/// let weight = ndarray::array![[[[1.0, 0.0], [0.0, -1.0]]]];
/// let y = Conv2d::default().forward(&x, &weight, Some(&[0.5]))?;
/// assert_eq!(y, ndarray::array![[[[-3.5, -3.5], [-3.5, -3.5]]]]);
///
/// let strided = Conv2d { stride: (2, 2), pads: Pads::all(1), mode: PaddingMode::Replicate, ..Conv2d::default() };
/// assert_eq!(strided.output_size((3, 3), (2, 2))?, (2, 2));
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conv2d {
    /// Cells from one window to the next.
    pub stride: (usize, usize),
    /// Cells added on each side before the kernel slides.
    pub pads: Pads,
    /// What the added cells hold.
    pub mode: PaddingMode,
    /// Cells from one tap of the kernel to the next.
    pub dilation: (usize, usize),
    /// Into how many independent groups the channels split; as many as input channels is a depthwise convolution.
    pub groups: usize,
    /// True convolution, as mathematics and signal processing define it: the kernel is rotated by 180 degrees.
    /// PyTorch's layers don't.
    pub flip: bool,
}

impl Default for Conv2d {
    fn default() -> Self {
        Conv2d {
            stride: (1, 1),
            pads: Pads::default(),
            mode: PaddingMode::Constant(0.0),
            dilation: (1, 1),
            groups: 1,
            flip: false,
        }
    }
}

/// The gradients of a convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv2dGrads {
    /// `[n, c_in, h, w]`
    pub input: Images,
    /// `[c_out, c_in / groups, kh, kw]`
    pub weight: Images,
    /// `[c_out]`
    pub bias: Vec<f32>,
}

/// The sizes of one legal convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub n: usize,
    pub c_in: usize,
    pub c_out: usize,
    /// Input channels one group reads.
    pub c_group: usize,
    /// Output channels one group makes.
    pub outputs: usize,
    pub input: (usize, usize),
    pub padded: (usize, usize),
    pub kernel_size: (usize, usize),
    pub output: (usize, usize),
}

impl Conv2d {
    /// The size of the output, `(padded - dilation * (kernel_size - 1) - 1) / stride + 1` rounded down, along each
    /// axis. Cheap: nothing is computed but sizes.
    ///
    /// Errors: every reason of sizes for which the convolution can't be done.
    pub fn output_size(
        &self,
        input: (usize, usize),
        kernel_size: (usize, usize),
    ) -> Result<(usize, usize), Error> {
        check_not_zero("kernel_size", kernel_size)?;
        check_not_zero("stride", self.stride)?;
        check_not_zero("dilation", self.dilation)?;
        check_not_zero("groups", (self.groups, 1))?;
        for (axis, size) in [(Axis::Height, input.0), (Axis::Width, input.1)] {
            if size == 0 {
                return Err(Error::EmptyInput { axis });
            }
        }
        let padded = check_pads(self.pads, self.mode, input)?;
        let windows = |axis, padded, kernel_size, dilation, stride| {
            let kernel = extent(kernel_size, dilation);
            if kernel > padded {
                return Err(Error::KernelLargerThanInput {
                    axis,
                    kernel,
                    kernel_size,
                    dilation,
                    input: padded,
                });
            }
            Ok((padded - kernel) / stride + 1)
        };
        Ok((
            windows(Axis::Height, padded.0, kernel_size.0, self.dilation.0, self.stride.0)?,
            windows(Axis::Width, padded.1, kernel_size.1, self.dilation.1, self.stride.1)?,
        ))
    }

    /// Every shape of the convolution of `x` with `weight`, when it is legal.
    pub(crate) fn shape(&self, x: &Images, weight: &Images) -> Result<Shape, Error> {
        let (n, c_in, height, width) = x.dim();
        let (c_out, c_group, kernel_height, kernel_width) = weight.dim();
        let (input, kernel_size) = ((height, width), (kernel_height, kernel_width));
        let output = self.output_size(input, kernel_size)?;
        let padded = self.pads.padded_size(input)?;
        for (name, channels) in [("in_channels", c_in), ("out_channels", c_out)] {
            if channels % self.groups != 0 {
                return Err(Error::ChannelsNotDivisible { name, channels, groups: self.groups });
            }
        }
        if c_group != c_in / self.groups {
            return Err(Error::ShapeMismatch {
                name: "weight",
                expected: vec![c_out, c_in / self.groups, kernel_height, kernel_width],
                got: weight.shape().to_vec(),
            });
        }
        checked_elements(&[n, c_in, padded.0, padded.1])?;
        checked_elements(&[n, c_out, output.0, output.1])?;
        Ok(Shape {
            n,
            c_in,
            c_out,
            c_group,
            outputs: c_out / self.groups,
            input,
            padded,
            kernel_size,
            output,
        })
    }

    /// As [`Conv2d::shape`], with the bias looked at too.
    pub(crate) fn shape_with_bias(
        &self,
        x: &Images,
        weight: &Images,
        bias: Option<&[f32]>,
    ) -> Result<Shape, Error> {
        let shape = self.shape(x, weight)?;
        match bias {
            Some(bias) if bias.len() != shape.c_out => {
                Err(Error::ShapeMismatch { name: "bias", expected: vec![shape.c_out], got: vec![bias.len()] })
            }
            _ => Ok(shape),
        }
    }

    /// The definition, as loops:
    ///
    /// ```text
    /// y[n, o, i, j] = bias[o] + sum over c, u, v of
    ///     weight[o, c, u, v] * padded[n, group(o) + c, i * stride + u * dilation, j * stride + v * dilation]
    /// ```
    ///
    /// `x` is `[n, c_in, h, w]`, `weight` `[c_out, c_in / groups, kh, kw]`, `bias` `[c_out]`, the result
    /// `[n, c_out, oh, ow]`. The sum is kept in `f64`, so that this is what the fast path is measured against.
    ///
    /// Errors: those of [`Conv2d::output_size`], and shapes that don't fit each other.
    pub fn forward_plain(&self, x: &Images, weight: &Images, bias: Option<&[f32]>) -> Result<Images, Error> {
        let shape = self.shape_with_bias(x, weight, bias)?;
        let (kernel_height, kernel_width) = shape.kernel_size;
        let padded = pad2d(x, self.pads, self.mode)?; // [n, c_in, padded h, padded w]
        let mut y = Images::zeros((shape.n, shape.c_out, shape.output.0, shape.output.1));
        for ((n, o, i, j), y) in y.indexed_iter_mut() {
            let first_channel = o / shape.outputs * shape.c_group;
            let mut sum = bias.map_or(0.0, |bias| f64::from(bias[o]));
            for c in 0..shape.c_group {
                for u in 0..kernel_height {
                    for v in 0..kernel_width {
                        let tap = if self.flip {
                            [o, c, kernel_height - 1 - u, kernel_width - 1 - v]
                        } else {
                            [o, c, u, v]
                        };
                        let row = i * self.stride.0 + u * self.dilation.0;
                        let column = j * self.stride.1 + v * self.dilation.1;
                        sum +=
                            f64::from(weight[tap]) * f64::from(padded[[n, first_channel + c, row, column]]);
                    }
                }
            }
            *y = sum as f32;
        }
        Ok(y)
    }
}

/// Cells a kernel covers along an axis; `usize::MAX` when that can't be counted.
pub(crate) fn extent(kernel_size: usize, dilation: usize) -> usize {
    kernel_size.saturating_sub(1).saturating_mul(dilation).saturating_add(1)
}
