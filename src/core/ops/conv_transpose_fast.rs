//! The fast paths of the transposed convolution.
//!
//! Forward: with stride 2 a cell of the output meets every second tap of the kernel only, and its right neighbour the
//! others. So the output falls apart into interleaved grids, one for each remainder by the stride, and each is an
//! ordinary convolution of stride 1 of the input with its own taps (Shi, Caballero, Theis et al., "Is the deconvolution
//! layer the same as a convolutional layer?", 2016). No product with a zero between the cells is ever made.
//!
//! Backward: with respect to the input it is a convolution; with respect to the weight, a product of matrices.

use ndarray::s;

use crate::core::ops::conv::Conv2d;
use crate::core::ops::conv_nd::{check_grad_output, grad_bias};
use crate::core::ops::conv_nd_fast::images;
use crate::core::ops::conv_transpose::{ConvTranspose2d, ConvTranspose2dGrads, Shape, Spread};
use crate::core::ops::gemm::{Matrix, gemm};
use crate::core::ops::pad::{PaddingMode, Pads};
use crate::core::ops::windows::{Steps, Windows, numbers};
use crate::core::tensor::{Error, Images, checked_elements};

/// One grid along an axis: every `stride`-th cell of the output, with the taps that reach them.
#[derive(Clone, Debug)]
struct Grid {
    /// The first tap of the kernel and how many cells from one to the next.
    first_tap: usize,
    tap_step: usize,
    /// How many taps.
    taps: usize,
    /// Cells of the input from one tap to the next.
    dilation: usize,
    /// The first cell of the output, and how many there are, a stride apart.
    first: usize,
    count: usize,
    /// The cells of the input that are read, and what is missing around them.
    read: std::ops::Range<usize>,
    pads: (usize, usize),
}

impl Spread {
    /// The grids of an output of `output` cells that some tap reaches.
    fn grids(&self, output: usize) -> Vec<Grid> {
        // Cell i and tap u meet at i * stride + u * dilation. Taps `step` apart fall onto the same grid, and there
        // `apart` cells from each other.
        let common = gcd(self.stride, self.dilation);
        let (step, apart) = (self.stride / common, self.dilation / common);
        let grid = |first_tap: usize| {
            let taps = (self.kernel_size - first_tap).div_ceil(step);
            let reach = (taps - 1) * apart;
            // Position q of the whole grid is the output q * stride + origin - before: which of them are there?
            let origin = first_tap * self.dilation;
            let begin = self.before.saturating_sub(origin).div_ceil(self.stride);
            let end = (output + self.before).saturating_sub(origin).div_ceil(self.stride);
            let end = end.min(self.input + reach);
            // q meets the cells q - reach to q
            let (read_from, read_to) = (begin.saturating_sub(reach), end.min(self.input));
            (begin < end).then(|| Grid {
                first_tap,
                tap_step: step,
                taps,
                dilation: apart,
                first: begin * self.stride + origin - self.before,
                count: end - begin,
                read: read_from..read_to,
                pads: (read_from + reach - begin, end - read_to),
            })
        };
        (0..self.kernel_size.min(step)).filter_map(grid).collect()
    }
}

impl ConvTranspose2d {
    /// The same as [`ConvTranspose2d::forward_plain`] up to rounding, fast: same arguments, same errors.
    pub fn forward(&self, x: &Images, weight: &Images, bias: Option<&[f32]>) -> Result<Images, Error> {
        let shape = self.shape(x, weight, bias)?;
        if x.is_empty() || weight.is_empty() {
            return self.forward_plain(x, weight, bias);
        }
        match self.forward_grids(&shape, x, weight, bias) {
            Err(Error::TooLarge { .. }) => self.forward_plain(x, weight, bias),
            y => y,
        }
    }

    /// [`ConvTranspose2d::forward`]; [`Error::TooLarge`] when a grid's convolution is.
    fn forward_grids(
        &self,
        shape: &Shape,
        x: &Images,
        weight: &Images,
        bias: Option<&[f32]>,
    ) -> Result<Images, Error> {
        let (height, width) = shape.output;
        let mut y = Images::zeros((shape.n, shape.c_out, height, width));
        if let Some(bias) = bias {
            for (mut y, &bias) in y.axis_iter_mut(ndarray::Axis(1)).zip(bias) {
                y.fill(bias);
            }
        }
        let (columns, weight) = (shape.columns.grids(width), numbers(weight));
        for rows in shape.rows.grids(height) {
            for columns in &columns {
                let conv = Conv2d {
                    pads: Pads {
                        top: rows.pads.0,
                        bottom: rows.pads.1,
                        left: columns.pads.0,
                        right: columns.pads.1,
                    },
                    dilation: (rows.dilation, columns.dilation),
                    groups: self.groups,
                    ..Conv2d::default()
                };
                let taps = grid_weight(shape, &weight, &rows, columns)?;
                let part = x.slice(s![.., .., rows.read.clone(), columns.read.clone()]);
                let grid = if part.len() == x.len() {
                    conv.forward(x, &taps, bias)?
                } else {
                    conv.forward(&part.to_owned(), &taps, bias)?
                };
                self.interleave(&rows, columns, &grid, &mut y);
            }
        }
        Ok(y)
    }

    /// Writes a grid `[n, c_out, rows.count, columns.count]` to where it stands in the output.
    fn interleave(&self, rows: &Grid, columns: &Grid, grid: &Images, y: &mut Images) {
        let (_, _, height, width) = y.dim();
        let grid = numbers(grid);
        let Some(y) = y.as_slice_mut() else { return };
        let planes = y.chunks_exact_mut(height * width).zip(grid.chunks_exact(rows.count * columns.count));
        for (y, grid) in planes {
            for (i, grid) in grid.chunks_exact(columns.count).enumerate() {
                let row = &mut y[(rows.first + i * self.stride.0) * width..][..width];
                let cells = row[columns.first..].iter_mut().step_by(self.stride.1);
                cells.zip(grid).for_each(|(y, grid)| *y = *grid);
            }
        }
    }

    /// The gradients of `sum(y * grad_output)` with respect to input, weight and bias.
    ///
    /// `grad_output` is `[n, c_out, oh, ow]`; the gradients have the shapes of what they belong to.
    ///
    /// Errors: those of [`ConvTranspose2d::forward_plain`], and a `grad_output` of another shape than the output.
    ///
    /// ```
    /// use receptive::core::ops::ConvTranspose2d;
    /// let (x, weight) = (ndarray::array![[[[1.0, 10.0]]]], ndarray::array![[[[1.0, 2.0, 3.0]]]]);
    /// let conv = ConvTranspose2d { stride: (1, 2), ..ConvTranspose2d::default() };
    /// let grads = conv.backward(&x, &weight, &ndarray::array![[[[1.0, 1.0, 2.0, 0.0, 0.0]]]])?;
    /// assert_eq!(grads.input, ndarray::array![[[[9.0, 2.0]]]]);
    /// assert_eq!(grads.weight, ndarray::array![[[[21.0, 1.0, 2.0]]]]);
    /// assert_eq!(grads.bias, [4.0]);
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn backward(
        &self,
        x: &Images,
        weight: &Images,
        grad_output: &Images,
    ) -> Result<ConvTranspose2dGrads, Error> {
        let shape = self.shape_with_grad(x, weight, grad_output)?;
        if x.is_empty() || weight.is_empty() {
            return self.backward_plain(x, weight, grad_output);
        }
        match self.backward_fast(&shape, x, weight, grad_output) {
            Err(Error::TooLarge { .. }) => self.backward_plain(x, weight, grad_output),
            grads => grads,
        }
    }

    /// [`ConvTranspose2d::backward`]; [`Error::TooLarge`] when the convolution that leads back is.
    fn backward_fast(
        &self,
        shape: &Shape,
        x: &Images,
        weight: &Images,
        grad_output: &Images,
    ) -> Result<ConvTranspose2dGrads, Error> {
        let back = Conv2d {
            stride: self.stride,
            pads: self.pads,
            mode: PaddingMode::Constant(0.0),
            dilation: self.dilation,
            groups: self.groups,
            flip: false,
        };
        let mut input = back.forward(grad_output, weight, None)?;
        let (_, _, height, width) = x.dim();
        if input.dim() != x.dim() {
            // an output padding as large as the stride gives room for more windows than there were cells
            input = input.slice(s![.., .., ..height, ..width]).to_owned();
        }
        Ok(ConvTranspose2dGrads {
            input,
            weight: self.grad_weight(shape, x, grad_output)?,
            bias: self.grad_bias(shape, grad_output),
        })
    }

    /// For each tap the sum over all cells of the input of their value times the gradient they met through it: the
    /// matrix of the input's channels times the matrix of the unfolded gradient.
    fn grad_weight(&self, shape: &Shape, x: &Images, grad_output: &Images) -> Result<Images, Error> {
        /// Numbers of the unfolded gradient that are held at once.
        const UNFOLDED: usize = 1 << 20;
        let kernel_size = [shape.rows.kernel_size, shape.columns.kernel_size];
        let (cells, output) = (shape.rows.input * shape.columns.input, shape.output.0 * shape.output.1);
        let windows = Windows::new(
            [shape.output.0, shape.output.1],
            [shape.rows.before, shape.columns.before],
            PaddingMode::Constant(0.0),
            kernel_size,
            Steps { stride: self.stride.into(), dilation: self.dilation.into() },
            [shape.rows.input, shape.columns.input],
        );
        let one = checked_elements(&[kernel_size[0], kernel_size[1], cells])?;
        let taps = kernel_size[0] * kernel_size[1];
        let at_once = (UNFOLDED / one).clamp(1, shape.outputs.max(1));
        let (x, grad_output) = (numbers(x), numbers(grad_output));
        let row = shape.outputs * taps;
        let mut grad = vec![0.0; shape.c_in * row];
        for n in 0..shape.n {
            for group in 0..self.groups {
                let channel = group * shape.c_group;
                let x = &x[(n * shape.c_in + channel) * cells..][..shape.c_group * cells];
                for first in (0..shape.outputs).step_by(at_once) {
                    let count = at_once.min(shape.outputs - first);
                    let plane = n * shape.c_out + group * shape.outputs + first;
                    let mut columns = vec![0.0; count * one];
                    windows.read_columns(&grad_output[plane * output..][..count * output], &mut columns);
                    gemm(
                        (shape.c_group, count * taps, cells),
                        Matrix::rows(x, cells),
                        Matrix::rows(&columns, cells).t(),
                        &mut grad[channel * row + first * taps..],
                        row,
                    );
                }
            }
        }
        images([shape.c_in, shape.outputs, kernel_size[0], kernel_size[1]], grad)
    }

    /// As [`ConvTranspose2d::shape`], with the gradient of the output looked at too.
    pub(super) fn shape_with_grad(
        &self,
        x: &Images,
        weight: &Images,
        grad_output: &Images,
    ) -> Result<Shape, Error> {
        let shape = self.shape(x, weight, None)?;
        check_grad_output(grad_output, vec![shape.n, shape.c_out, shape.output.0, shape.output.1])?;
        Ok(shape)
    }

    pub(super) fn grad_bias(&self, shape: &Shape, grad_output: &Images) -> Vec<f32> {
        grad_bias(&numbers(grad_output), shape.c_out, shape.output.0 * shape.output.1)
    }
}

impl Grid {
    /// The taps of the kernel in the order in which the grid's convolution meets them: turned around.
    fn taps(&self) -> impl Iterator<Item = usize> {
        (0..self.taps).rev().map(|tap| self.first_tap + tap * self.tap_step)
    }
}

/// The weight of a grid's convolution, `[c_out, c_in / groups, rows.taps, columns.taps]`; `weight` is
/// `[c_in, c_out / groups, kh, kw]`.
fn grid_weight(shape: &Shape, weight: &[f32], rows: &Grid, columns: &Grid) -> Result<Images, Error> {
    let width = shape.columns.kernel_size;
    let kernel = shape.rows.kernel_size * width;
    let grid = [shape.c_out, shape.c_group, rows.taps, columns.taps];
    let mut taps = Vec::with_capacity(checked_elements(&grid)?);
    for o in 0..shape.c_out {
        let first_channel = o / shape.outputs * shape.c_group;
        for c in first_channel..first_channel + shape.c_group {
            let kernel = &weight[(c * shape.outputs + o % shape.outputs) * kernel..][..kernel];
            for u in rows.taps() {
                let row = &kernel[u * width..][..width];
                taps.extend(columns.taps().map(|v| row[v]));
            }
        }
    }
    images(grid, taps)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
