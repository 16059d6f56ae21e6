//! The gradient of the convolution, exact.

use crate::core::ops::conv::{Conv2d, Conv2dGrads};
use crate::core::ops::pad::{pad2d, pad2d_backward};
use crate::core::tensor::{Error, Images};

impl Conv2d {
    /// The gradients of `sum(y * grad_output)` with respect to input, weight and bias. Each product of the forward
    /// pass, `weight * padded`, sends `grad_output * weight` to the cell and `grad_output * padded` to the weight.
    ///
    /// `grad_output` is `[n, c_out, oh, ow]`, the gradients have the shapes of what they belong to.
    ///
    /// Errors: those of [`Conv2d::forward_plain`], and a `grad_output` of another shape than the output.
    pub fn backward(&self, x: &Images, weight: &Images, grad_output: &Images) -> Result<Conv2dGrads, Error> {
        let shape = self.shape(x, weight)?;
        let (kernel_height, kernel_width) = shape.kernel_size;
        let expected = (shape.n, shape.c_out, shape.output.0, shape.output.1);
        if grad_output.dim() != expected {
            return Err(Error::ShapeMismatch {
                name: "grad_output",
                expected: vec![expected.0, expected.1, expected.2, expected.3],
                got: grad_output.shape().to_vec(),
            });
        }
        let padded = pad2d(x, self.pads, self.mode)?; // [n, c_in, padded h, padded w]
        let mut grad_padded = Images::zeros(padded.dim());
        let mut grad_weight = ndarray::Array4::<f64>::zeros(weight.dim());
        let mut grad_bias = vec![0.0f64; shape.c_out];
        for ((n, o, i, j), &grad) in grad_output.indexed_iter() {
            let first_channel = o / shape.outputs * shape.c_group;
            grad_bias[o] += f64::from(grad);
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
                        let cell = [n, first_channel + c, row, column];
                        grad_padded[cell] += grad * weight[tap];
                        grad_weight[tap] += f64::from(grad) * f64::from(padded[cell]);
                    }
                }
            }
        }
        Ok(Conv2dGrads {
            input: pad2d_backward(&grad_padded, self.pads, self.mode, shape.input)?,
            weight: grad_weight.mapv(|grad| grad as f32),
            bias: grad_bias.into_iter().map(|grad| grad as f32).collect(),
        })
    }
}
