//! The gradient of the convolution, exact.
//!
//! Each product of the forward pass, `weight * padded`, sends `grad_output * weight` back to the cell and
//! `grad_output * padded` to the weight. Gathered by cell it is the transposed convolution (Dumoulin and Visin, "A guide
//! to convolution arithmetic for deep learning", 2016, chapter 4).

use ndarray::s;

use crate::core::ops::conv::{Conv2d, Conv2dGrads, Shape, extent};
use crate::core::ops::conv_planes::Planes;
use crate::core::ops::conv_transpose::ConvTranspose2d;
use crate::core::ops::lanes::Sums;
use crate::core::ops::pad::{PaddingMode, Pads, pad2d, pad2d_backward};
use crate::core::tensor::{Error, Images};

impl Conv2d {
    /// The gradients of `sum(y * grad_output)` with respect to input, weight and bias.
    ///
    /// `grad_output` is `[n, c_out, oh, ow]`; the gradients have the shapes of what they belong to.
    ///
    /// Errors: those of [`Conv2d::forward_plain`], and a `grad_output` of another shape than the output.
    ///
    /// ```
    /// use receptive::core::ops::Conv2d;
    /// let (x, weight) = (ndarray::array![[[[1.0, 2.0, 3.0]]]], ndarray::array![[[[10.0, 20.0]]]]);
    /// let grads = Conv2d::default().backward(&x, &weight, &ndarray::array![[[[1.0, -1.0]]]])?;
    /// assert_eq!(grads.input, ndarray::array![[[[10.0, 10.0, -20.0]]]]);
    /// assert_eq!(grads.weight, ndarray::array![[[[-1.0, -1.0]]]]);
    /// assert_eq!(grads.bias, [0.0]);
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn backward(&self, x: &Images, weight: &Images, grad_output: &Images) -> Result<Conv2dGrads, Error> {
        let shape = self.shape_with_grad(x, weight, grad_output)?;
        match self.grad_weight(&shape, x, grad_output) {
            Some(grad_weight) => Ok(Conv2dGrads {
                input: self.grad_input(&shape, weight, grad_output)?,
                weight: grad_weight,
                bias: grad_bias(&shape, grad_output),
            }),
            None => self.backward_plain(x, weight, grad_output),
        }
    }

    /// [`Conv2d::backward`] as loops, sums in `f64`. Every product of the definition sends its two shares back:
    ///
    /// ```text
    /// padded.grad[n, c, i * stride + u * dilation, j * stride + v * dilation] += grad_output[n, o, i, j] * weight[o, c, u, v]
    /// weight.grad[o, c, u, v] += grad_output[n, o, i, j] * padded[n, c, i * stride + u * dilation, j * stride + v * dilation]
    /// ```
    ///
    /// and the gradient of the padded input goes to the cells that the padding was copied from.
    ///
    /// Errors: those of [`Conv2d::backward`].
    pub fn backward_plain(
        &self,
        x: &Images,
        weight: &Images,
        grad_output: &Images,
    ) -> Result<Conv2dGrads, Error> {
        let shape = self.shape_with_grad(x, weight, grad_output)?;
        let padded = pad2d(x, self.pads, self.mode)?; // [n, c_in, padded h, padded w]
        let (kernel_height, kernel_width) = shape.kernel_size;
        let turned = |u: usize, v: usize| {
            if self.flip { (kernel_height - 1 - u, kernel_width - 1 - v) } else { (u, v) }
        };
        // The window whose tap lies on a cell, if there is one.
        let window = |cell: usize, tap: usize, dilation: usize, stride: usize, windows: usize| {
            let start = cell.checked_sub(tap * dilation).filter(|start| start % stride == 0)?;
            Some(start / stride).filter(|&window| window < windows)
        };
        let grad_padded = Images::from_shape_fn(padded.dim(), |(n, channel, row, column)| {
            let (group, c) = (channel / shape.c_group, channel % shape.c_group);
            let mut sum = 0.0;
            for u in 0..kernel_height {
                for v in 0..kernel_width {
                    let i = window(row, u, self.dilation.0, self.stride.0, shape.output.0);
                    let j = window(column, v, self.dilation.1, self.stride.1, shape.output.1);
                    let ((Some(i), Some(j)), (u, v)) = ((i, j), turned(u, v)) else { continue };
                    for o in group * shape.outputs..(group + 1) * shape.outputs {
                        sum += f64::from(grad_output[[n, o, i, j]]) * f64::from(weight[[o, c, u, v]]);
                    }
                }
            }
            sum as f32
        });
        let grad_weight = Images::from_shape_fn(weight.dim(), |(o, c, u, v)| {
            let (channel, (u, v)) = (o / shape.outputs * shape.c_group + c, turned(u, v));
            let mut sum = 0.0;
            for n in 0..shape.n {
                for i in 0..shape.output.0 {
                    for j in 0..shape.output.1 {
                        let row = i * self.stride.0 + u * self.dilation.0;
                        let column = j * self.stride.1 + v * self.dilation.1;
                        sum += f64::from(grad_output[[n, o, i, j]])
                            * f64::from(padded[[n, channel, row, column]]);
                    }
                }
            }
            sum as f32
        });
        Ok(Conv2dGrads {
            input: pad2d_backward(&grad_padded, self.pads, self.mode, shape.input)?,
            weight: grad_weight,
            bias: grad_bias(&shape, grad_output),
        })
    }

    /// The shapes, `grad_output` looked at too.
    fn shape_with_grad(&self, x: &Images, weight: &Images, grad_output: &Images) -> Result<Shape, Error> {
        let shape = self.shape(x, weight)?;
        let expected = (shape.n, shape.c_out, shape.output.0, shape.output.1);
        if grad_output.dim() != expected {
            return Err(Error::ShapeMismatch {
                name: "grad_output",
                expected: vec![expected.0, expected.1, expected.2, expected.3],
                got: grad_output.shape().to_vec(),
            });
        }
        Ok(shape)
    }

    /// The transposed convolution of the gradient of the output: each padded cell meets every weight that multiplied it.
    /// Then the padding is undone.
    fn grad_input(&self, shape: &Shape, weight: &Images, grad_output: &Images) -> Result<Images, Error> {
        let weight = self.rotated(weight);
        let (height, width) = shape.kernel_size;
        let unread =
            |padded, kernel_size, dilation, stride| (padded - extent(kernel_size, dilation)) % stride;
        let transposed = ConvTranspose2d {
            stride: self.stride,
            output_padding: (
                unread(shape.padded.0, height, self.dilation.0, self.stride.0),
                unread(shape.padded.1, width, self.dilation.1, self.stride.1),
            ),
            dilation: self.dilation,
            groups: self.groups,
            pads: Pads::default(),
        };
        let weight = weight.to_owned();
        if let PaddingMode::Constant(_) = self.mode {
            // what the padding would get is not asked for
            return ConvTranspose2d { pads: self.pads, ..transposed }.forward(grad_output, &weight, None);
        }
        let grad_padded = transposed.forward(grad_output, &weight, None)?;
        pad2d_backward(&grad_padded, self.pads, self.mode, shape.input)
    }

    /// The gradient of the weight; `None` when the planes would take too much memory.
    fn grad_weight(&self, shape: &Shape, x: &Images, grad_output: &Images) -> Option<Images> {
        let mut grad = Images::zeros((shape.c_out, shape.c_group, shape.kernel_size.0, shape.kernel_size.1));
        let (x, grad_output) = (x.as_standard_layout(), grad_output.as_standard_layout());
        let (x, grad_output) = (x.as_slice()?, grad_output.as_slice()?);
        let input = shape.c_group * shape.input.0 * shape.input.1;
        let outputs = shape.outputs * shape.output.0 * shape.output.1;
        if !grad.is_empty() {
            let mut planes = Planes::new(self, shape)?;
            let kernels = grad.len() / self.groups;
            let weights = grad.as_slice_mut()?;
            for at in 0..shape.n * self.groups {
                let (x, grad_output) = (&x[at * input..][..input], &grad_output[at * outputs..][..outputs]);
                let weights = &mut weights[at % self.groups * kernels..][..kernels];
                planes.add_grad_weight(shape, x, grad_output, weights);
            }
        }
        if self.flip {
            grad = grad.slice(s![.., .., ..;-1, ..;-1]).as_standard_layout().into_owned();
        }
        Some(grad)
    }
}

/// `[c_out]`: each output has its channel's bias in it once.
fn grad_bias(shape: &Shape, grad_output: &Images) -> Vec<f32> {
    let of_channel = |o| {
        let grad = grad_output.slice(s![.., o, .., ..]);
        grad.rows().into_iter().map(sum_of_row).sum::<f64>() as f32
    };
    (0..shape.c_out).map(of_channel).collect()
}

/// The sum of a row.
fn sum_of_row(row: ndarray::ArrayView1<'_, f32>) -> f64 {
    const N: usize = 4;
    let ones = Sums::<N>::splat(1.0);
    let Some(row) = row.to_slice() else { return row.iter().map(|&x| f64::from(x)).sum() };
    let mut sums = Sums::ZERO;
    let (blocks, rest) = row.as_chunks::<{ Sums::<N>::WIDTH }>();
    for block in blocks {
        if let Some(x) = Sums::load(block, 0) {
            sums.add_products(&ones, &x);
        }
    }
    sums.total() + rest.iter().map(|&x| f64::from(x)).sum::<f64>()
}
