//! The gradient of the convolution, exact.
//!
//! Each product of the forward pass, `weight * padded`, sends `grad_output * weight` back to the cell and
//! `grad_output * padded` to the weight. Gathered by cell and by weight, both are convolutions again (Dumoulin and
//! Visin, "A guide to convolution arithmetic for deep learning", 2016, chapter 4).

use ndarray::s;

use crate::core::ops::conv::{Conv2d, Conv2dGrads, Shape};
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
        let shape = self.shape(x, weight)?;
        let expected = (shape.n, shape.c_out, shape.output.0, shape.output.1);
        if grad_output.dim() != expected {
            return Err(Error::ShapeMismatch {
                name: "grad_output",
                expected: vec![expected.0, expected.1, expected.2, expected.3],
                got: grad_output.shape().to_vec(),
            });
        }
        Ok(Conv2dGrads {
            input: self.grad_input(&shape, weight, grad_output)?,
            weight: self.grad_weight(&shape, &pad2d(x, self.pads, self.mode)?, grad_output),
            bias: (0..shape.c_out)
                .map(|o| {
                    grad_output.slice(s![.., o, .., ..]).iter().map(|&grad| f64::from(grad)).sum::<f64>()
                        as f32
                })
                .collect(),
        })
    }

    /// The gradient of the output, its cells moved apart by the stride, convolved with the kernel turned around: each
    /// padded cell meets every weight that multiplied it. Then the padding is undone.
    fn grad_input(&self, shape: &Shape, weight: &Images, grad_output: &Images) -> Result<Images, Error> {
        let (height, width) = shape.output;
        let (stride_height, stride_width) = self.stride;
        let covered = (stride_height * (height - 1) + 1, stride_width * (width - 1) + 1);
        let reach =
            (self.dilation.0 * (shape.kernel_size.0 - 1), self.dilation.1 * (shape.kernel_size.1 - 1));
        // one row or column has no neighbour to be moved from, whatever the stride
        let step = (stride_height.min(covered.0) as isize, stride_width.min(covered.1) as isize);
        let mut apart = Images::zeros((shape.n, shape.c_out, covered.0, covered.1));
        apart.slice_mut(s![.., .., ..;step.0, ..;step.1]).assign(grad_output);
        // [c_in, c_out / groups, kh, kw]
        let (kernel_height, kernel_width) = shape.kernel_size;
        let turned = Images::from_shape_fn(
            (shape.c_in, shape.outputs, kernel_height, kernel_width),
            |(c, o, u, v)| weight[[c / shape.c_group * shape.outputs + o, c % shape.c_group, u, v]],
        );
        let gather = Conv2d {
            stride: (1, 1),
            pads: Pads { top: reach.0, bottom: reach.0, left: reach.1, right: reach.1 },
            mode: PaddingMode::Constant(0.0),
            dilation: self.dilation,
            groups: self.groups,
            flip: !self.flip,
        };
        let gathered = gather.forward(&apart, &turned, None)?; // [n, c_in, covered + reach]
        let mut grad_padded = Images::zeros((shape.n, shape.c_in, shape.padded.0, shape.padded.1));
        grad_padded.slice_mut(s![.., .., ..covered.0 + reach.0, ..covered.1 + reach.1]).assign(&gathered);
        pad2d_backward(&grad_padded, self.pads, self.mode, shape.input)
    }

    /// For each weight the sum over all outputs of their gradient times the padded cell the weight met.
    fn grad_weight(&self, shape: &Shape, padded: &Images, grad_output: &Images) -> Images {
        let grad_output = grad_output.as_standard_layout();
        let (kernel_height, kernel_width) = shape.kernel_size;
        let (height, width) = shape.output;
        let mut grad = Images::zeros((shape.c_out, shape.c_group, kernel_height, kernel_width));
        let mut gathered = vec![0.0; width];
        for ((o, c, u, v), grad) in grad.indexed_iter_mut() {
            let channel = o / shape.outputs * shape.c_group + c;
            let (u, v) = if self.flip { (kernel_height - 1 - u, kernel_width - 1 - v) } else { (u, v) };
            let (first_row, first) = (u * self.dilation.0, v * self.dilation.1);
            let mut sum = 0.0;
            for n in 0..shape.n {
                for i in 0..height {
                    let row = padded.slice(s![n, channel, first_row + i * self.stride.0, first..]);
                    let grad_row = grad_output.slice(s![n, o, i, ..]);
                    let (Some(row), Some(grad_row)) = (row.to_slice(), grad_row.to_slice()) else { continue };
                    if self.stride.1 == 1 {
                        sum += dot(grad_row, &row[..width]);
                    } else {
                        for (gathered, &x) in gathered.iter_mut().zip(row.iter().step_by(self.stride.1)) {
                            *gathered = x;
                        }
                        sum += dot(grad_row, &gathered);
                    }
                }
            }
            *grad = sum as f32;
        }
        grad
    }
}

/// The sum of products of two rows.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    const N: usize = 4;
    let (blocks_a, rest_a) = a.as_chunks::<{ Sums::<N>::WIDTH }>();
    let (blocks_b, rest_b) = b.as_chunks::<{ Sums::<N>::WIDTH }>();
    let mut sums = Sums::<N>::splat(0.0);
    for (a, b) in blocks_a.iter().zip(blocks_b) {
        if let (Some(a), Some(b)) = (Sums::load(a, 0), Sums::load(b, 0)) {
            sums.add_products(&a, &b);
        }
    }
    let rest = rest_a.iter().zip(rest_b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    sums.total() + rest
}
