//! Transposed convolution of images: each cell of the input writes a whole kernel, times its value, into the output
//! (`torch.nn.functional.conv_transpose2d`). Kernels that overlap add up.
//!
//! It is the gradient of a convolution with respect to its input, and that is where its arguments have their names
//! from: they are those of the convolution that leads back.

use crate::core::ops::conv::extent;
use crate::core::ops::conv_nd::check_bias;
use crate::core::ops::pad::{Pads, check_not_zero};
use crate::core::tensor::{Axis, Error, Images, Map, checked_elements};

/// The arguments of a transposed convolution, without its tensors. All pairs are `(height, width)`.
///
/// ```
/// use receptive::core::ops::{ConvTranspose2d, Pads};
/// let x = ndarray::array![[[[1.0, 10.0]]]];
/// let weight = ndarray::array![[[[1.0, 2.0, 3.0]]]];
/// let conv = ConvTranspose2d { stride: (1, 2), ..ConvTranspose2d::default() };
/// let y = conv.forward(&x, &weight, None)?;
/// assert_eq!(y, ndarray::array![[[[1.0, 2.0, 13.0, 20.0, 30.0]]]]);
/// assert_eq!(conv.overlap((1, 2), (1, 3))?, ndarray::array![[1.0, 1.0, 2.0, 1.0, 1.0]]);
///
/// let pads = Pads { left: 1, ..Pads::default() };
/// let cut = ConvTranspose2d { pads, output_padding: (0, 1), ..conv };
/// assert_eq!(cut.forward(&x, &weight, None)?, ndarray::array![[[[2.0, 13.0, 20.0, 30.0, 0.0]]]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvTranspose2d {
    /// Cells of the output from one kernel to the next.
    pub stride: (usize, usize),
    /// Cells cut off on each side of the output. (PyTorch's `padding`: what the convolution that leads back adds.)
    pub pads: Pads,
    /// Rows added at the bottom and columns at the right, to choose among the sizes that a strided convolution
    /// brings to the same.
    pub output_padding: (usize, usize),
    /// Cells of the output from one tap of the kernel to the next.
    pub dilation: (usize, usize),
    /// Into how many independent groups the channels split.
    pub groups: usize,
}

impl Default for ConvTranspose2d {
    fn default() -> Self {
        ConvTranspose2d {
            stride: (1, 1),
            pads: Pads::default(),
            output_padding: (0, 0),
            dilation: (1, 1),
            groups: 1,
        }
    }
}

/// The gradients of a transposed convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvTranspose2dGrads {
    /// `[n, c_in, h, w]`
    pub input: Images,
    /// `[c_in, c_out / groups, kh, kw]`
    pub weight: Images,
    /// `[c_out]`
    pub bias: Vec<f32>,
}

/// One axis of a transposed convolution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread {
    pub input: usize,
    pub kernel_size: usize,
    pub stride: usize,
    pub dilation: usize,
    /// Cells cut off in front.
    pub before: usize,
    /// Cells cut off at the end.
    pub after: usize,
    pub output_padding: usize,
}

impl Spread {
    /// How many cells the output has, when the arguments are legal.
    pub fn output_size(&self, axis: Axis) -> Result<usize, Error> {
        check_not_zero("kernel_size", (self.kernel_size, 1))?;
        check_not_zero("stride", (self.stride, 1))?;
        check_not_zero("dilation", (self.dilation, 1))?;
        if self.input == 0 {
            return Err(Error::EmptyInput { axis });
        }
        let limit = self.stride.max(self.dilation);
        if self.output_padding >= limit {
            return Err(Error::OutputPaddingTooLarge { axis, output_padding: self.output_padding, limit });
        }
        let (full, cut) = self.full_and_cut();
        if full <= cut {
            return Err(Error::NothingLeft { axis, full, cut });
        }
        checked_elements(&[full])?;
        Ok(full - cut)
    }

    /// What the kernels write and `output_padding` adds, and what of it is cut off; `usize::MAX` when that can't be
    /// counted.
    pub fn full_and_cut(&self) -> (usize, usize) {
        let written = self.input.saturating_sub(1).saturating_mul(self.stride);
        let full = written.saturating_add(extent(self.kernel_size, self.dilation));
        (full.saturating_add(self.output_padding), self.before.saturating_add(self.after))
    }

    /// The cell of the output, of `output` cells, onto which a tap of the kernel of an input cell falls.
    fn target(&self, cell: usize, tap: usize, output: usize) -> Option<usize> {
        let at = (cell * self.stride + tap * self.dilation).checked_sub(self.before)?;
        (at < output).then_some(at)
    }

    /// How many pairs of cell and tap fall onto each of `output` cells.
    fn overlap(&self, output: usize) -> Vec<f32> {
        // A cell has the taps of the one a dilation before it, moved on by one: that cell's last is gone, and a kernel
        // may begin here.
        let begins = |at: usize| i32::from(at.is_multiple_of(self.stride) && at / self.stride < self.input);
        let mut overlap = vec![0; self.before + output];
        for at in 0..overlap.len() {
            let earlier = at.checked_sub(self.dilation).map_or(0, |earlier| overlap[earlier]);
            let gone = at.checked_sub(self.kernel_size.saturating_mul(self.dilation)).map_or(0, begins);
            overlap[at] = earlier + begins(at) - gone;
        }
        overlap[self.before..].iter().map(|&overlap| overlap as f32).collect()
    }

    /// Which cells of the input reach the cell `at` of the output, and with which tap: all `(cell, tap)`.
    pub fn sources(&self, at: usize) -> impl Iterator<Item = (usize, usize)> {
        let from = at + self.before;
        (0..self.kernel_size).rev().filter_map(move |tap| {
            let begin = from.checked_sub(tap * self.dilation)?;
            let cell = begin / self.stride;
            (begin.is_multiple_of(self.stride) && cell < self.input).then_some((cell, tap))
        })
    }
}

/// The sizes of one legal transposed convolution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub n: usize,
    pub c_in: usize,
    pub c_out: usize,
    /// Input channels of a group.
    pub c_group: usize,
    /// Output channels of a group.
    pub outputs: usize,
    pub rows: Spread,
    pub columns: Spread,
    pub output: (usize, usize),
}

impl ConvTranspose2d {
    fn spread(&self, input: (usize, usize), kernel_size: (usize, usize)) -> (Spread, Spread) {
        let rows = Spread {
            input: input.0,
            kernel_size: kernel_size.0,
            stride: self.stride.0,
            dilation: self.dilation.0,
            before: self.pads.top,
            after: self.pads.bottom,
            output_padding: self.output_padding.0,
        };
        let columns = Spread {
            input: input.1,
            kernel_size: kernel_size.1,
            stride: self.stride.1,
            dilation: self.dilation.1,
            before: self.pads.left,
            after: self.pads.right,
            output_padding: self.output_padding.1,
        };
        (rows, columns)
    }

    /// The size of the output,
    /// `(input - 1) * stride + dilation * (kernel_size - 1) + 1 + output_padding - pads`, along each axis.
    ///
    /// Errors: every reason of sizes for which the operator can't be applied.
    pub fn output_size(
        &self,
        input: (usize, usize),
        kernel_size: (usize, usize),
    ) -> Result<(usize, usize), Error> {
        check_not_zero("groups", (self.groups, 1))?;
        let (rows, columns) = self.spread(input, kernel_size);
        let output = (rows.output_size(Axis::Height)?, columns.output_size(Axis::Width)?);
        checked_elements(&[output.0, output.1])?;
        Ok(output)
    }

    /// Every shape of the operator for these tensors, when it is legal.
    pub(super) fn shape(&self, x: &Images, weight: &Images, bias: Option<&[f32]>) -> Result<Shape, Error> {
        let (n, c_in, height, width) = x.dim();
        let (weight_in, outputs, kernel_height, kernel_width) = weight.dim();
        let (input, kernel_size) = ((height, width), (kernel_height, kernel_width));
        let output = self.output_size(input, kernel_size)?;
        let c_out = check_channels(c_in, (weight_in, outputs), self.groups, weight.shape())?;
        check_bias(bias, c_out)?;
        checked_elements(&[n, c_out, output.0, output.1])?;
        let (rows, columns) = self.spread(input, kernel_size);
        Ok(Shape { n, c_in, c_out, c_group: c_in / self.groups, outputs, rows, columns, output })
    }

    /// The definition, as loops that write: each cell of the input adds its kernel to the output,
    ///
    /// ```text
    /// y[n, group(c) + o, i * stride + u * dilation - top, j * stride + v * dilation - left] +=
    ///     x[n, c, i, j] * weight[c, o, u, v]
    /// ```
    ///
    /// where this cell of the output exists; `bias[o]` is added to each.
    ///
    /// `x` is `[n, c_in, h, w]`, `weight` `[c_in, c_out / groups, kh, kw]`, `bias` `[c_out]`, the result
    /// `[n, c_out, oh, ow]`. The sums are kept in `f64`.
    ///
    /// Errors: those of [`ConvTranspose2d::output_size`], and shapes that don't fit each other.
    pub fn forward_plain(&self, x: &Images, weight: &Images, bias: Option<&[f32]>) -> Result<Images, Error> {
        let Shape { n: batch, c_out, c_group, outputs, rows, columns, output, .. } =
            self.shape(x, weight, bias)?;
        let mut y = Images::zeros((batch, c_out, output.0, output.1));
        let mut sums = ndarray::Array2::<f64>::zeros(output);
        for n in 0..batch {
            for o in 0..c_out {
                sums.fill(bias.map_or(0.0, |bias| f64::from(bias[o])));
                let first_channel = o / outputs * c_group;
                for c in first_channel..first_channel + c_group {
                    for i in 0..rows.input {
                        for j in 0..columns.input {
                            for u in 0..rows.kernel_size {
                                for v in 0..columns.kernel_size {
                                    let target =
                                        (rows.target(i, u, output.0), columns.target(j, v, output.1));
                                    if let (Some(row), Some(column)) = target {
                                        sums[[row, column]] += f64::from(x[[n, c, i, j]])
                                            * f64::from(weight[[c, o % outputs, u, v]]);
                                    }
                                }
                            }
                        }
                    }
                }
                y.slice_mut(ndarray::s![n, o, .., ..]).assign(&sums.mapv(|sum| sum as f32));
            }
        }
        Ok(y)
    }

    /// The gradients as loops: each product of the definition sends its two shares back.
    ///
    /// Errors: those of [`ConvTranspose2d::backward`].
    pub fn backward_plain(
        &self,
        x: &Images,
        weight: &Images,
        grad_output: &Images,
    ) -> Result<ConvTranspose2dGrads, Error> {
        let shape = self.shape_with_grad(x, weight, grad_output)?;
        let Shape { n: batch, c_in, c_group, outputs, rows, columns, output, .. } = shape;
        let mut grad_input = Images::zeros(x.dim());
        let mut grad_weight = ndarray::Array4::<f64>::zeros(weight.dim());
        for n in 0..batch {
            for c in 0..c_in {
                let first_output = c / c_group * outputs;
                for i in 0..rows.input {
                    for j in 0..columns.input {
                        let mut sum = 0.0;
                        for o in 0..outputs {
                            for u in 0..rows.kernel_size {
                                for v in 0..columns.kernel_size {
                                    let target =
                                        (rows.target(i, u, output.0), columns.target(j, v, output.1));
                                    if let (Some(row), Some(column)) = target {
                                        let grad = f64::from(grad_output[[n, first_output + o, row, column]]);
                                        sum += grad * f64::from(weight[[c, o, u, v]]);
                                        grad_weight[[c, o, u, v]] += grad * f64::from(x[[n, c, i, j]]);
                                    }
                                }
                            }
                        }
                        grad_input[[n, c, i, j]] = sum as f32;
                    }
                }
            }
        }
        Ok(ConvTranspose2dGrads {
            input: grad_input,
            weight: grad_weight.mapv(|grad| grad as f32),
            bias: self.grad_bias(&shape, grad_output),
        })
    }

    /// How many kernels write into each cell of the output `[oh, ow]`: the output of ones, for one channel, when
    /// every weight is 1. Where the number changes from cell to cell the output of an untrained layer shows a
    /// checkerboard (Odena, Dumoulin and Olah, "Deconvolution and checkerboard artifacts", 2016).
    ///
    /// Errors: those of [`ConvTranspose2d::output_size`].
    pub fn overlap(&self, input: (usize, usize), kernel_size: (usize, usize)) -> Result<Map, Error> {
        let (height, width) = self.output_size(input, kernel_size)?;
        let (rows, columns) = self.spread(input, kernel_size);
        // row and column don't know of each other
        let (rows, columns) = (rows.overlap(height), columns.overlap(width));
        Ok(Map::from_shape_fn((height, width), |(i, j)| rows[i] * columns[j]))
    }

    /// The products of which the cell `at` of the output is the sum, for each pair of channels: cells of the input
    /// `(i, j)` with the taps `(u, v)` of the kernel they meet there, cells in row-major order.
    ///
    /// Errors: those of [`ConvTranspose2d::output_size`], and [`Error::IndexOutOfRange`].
    ///
    /// ```
    /// use receptive::core::ops::ConvTranspose2d;
    /// let conv = ConvTranspose2d { stride: (2, 2), ..ConvTranspose2d::default() };
    /// assert_eq!(conv.products((1, 2), (1, 3), (0, 2))?, [((0, 0), (0, 2)), ((0, 1), (0, 0))]);
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn products(
        &self,
        input: (usize, usize),
        kernel_size: (usize, usize),
        at: (usize, usize),
    ) -> Result<Vec<CellAndTap>, Error> {
        let (height, width) = self.output_size(input, kernel_size)?;
        for (name, index, size) in [("row", at.0, height), ("column", at.1, width)] {
            if index >= size {
                return Err(Error::IndexOutOfRange {
                    name,
                    index: i64::try_from(index).unwrap_or(i64::MAX),
                    size,
                });
            }
        }
        let (rows, columns) = self.spread(input, kernel_size);
        let columns: Vec<_> = columns.sources(at.1).collect();
        checked_elements(&[rows.sources(at.0).count(), columns.len()])?;
        Ok(rows
            .sources(at.0)
            .flat_map(|(i, u)| columns.iter().map(move |&(j, v)| ((i, j), (u, v))))
            .collect())
    }
}

/// A cell `(i, j)` of the input and the tap `(u, v)` of the kernel that it meets.
pub type CellAndTap = ((usize, usize), (usize, usize));

/// The number of output channels, when the weight `[c_in, c_out / groups, …]` fits to the input.
pub(super) fn check_channels(
    c_in: usize,
    (weight_in, outputs): (usize, usize),
    groups: usize,
    weight: &[usize],
) -> Result<usize, Error> {
    if !c_in.is_multiple_of(groups) {
        return Err(Error::ChannelsNotDivisible { name: "in_channels", channels: c_in, groups });
    }
    if weight_in != c_in {
        let expected = std::iter::once(c_in).chain(weight[1..].iter().copied()).collect();
        return Err(Error::ShapeMismatch { name: "weight", expected, got: weight.to_vec() });
    }
    let c_out = outputs.saturating_mul(groups);
    checked_elements(&[c_out])?;
    Ok(c_out)
}
