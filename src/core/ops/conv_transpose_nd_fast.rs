//! The fast path of transposed convolution along any number of axes: each plane goes through the two-dimensional
//! operator once, the depth taps being channels, and is added where they fall.

use crate::core::ops::conv_nd::{ConvNdGrads, grad_bias};
use crate::core::ops::conv_nd_fast::{Between, Stacks, last_two, plane_pads, stacked_weight};
use crate::core::ops::conv_transpose::ConvTranspose2d;
use crate::core::ops::conv_transpose_nd::{ConvTransposeNd, Shape};
use crate::core::ops::windows::{join_shape, numbers, tensor};
use crate::core::tensor::{Error, Images, Tensor, checked_elements};

impl<const D: usize> ConvTransposeNd<D> {
    /// The transposed convolution of one plane with the kernels of all depth taps, each giving channels of its own.
    fn of_planes(&self) -> ConvTranspose2d {
        ConvTranspose2d {
            stride: last_two(self.stride, 1),
            pads: plane_pads(self.pads),
            output_padding: last_two(self.output_padding, 0),
            dilation: last_two(self.dilation, 1),
            groups: self.groups,
        }
    }

    /// Single planes of the input, windows of planes of the output.
    fn between(&self, shape: &Shape<D>) -> Result<Between<D>, Error> {
        Ok(Between {
            input: Stacks::single(shape.input, shape.c_in),
            output: Stacks::under(&self.windows(shape), shape.c_out)?,
            constant: 0.0,
            n: shape.n,
        })
    }

    /// The same as [`ConvTransposeNd::forward_plain`] up to rounding, fast: same arguments, same errors.
    pub fn forward(&self, x: &Tensor, weight: &Tensor, bias: Option<&[f32]>) -> Result<Tensor, Error> {
        let shape = self.shape(x, weight, bias)?;
        if x.is_empty() || weight.is_empty() {
            return self.forward_plain(x, weight, bias);
        }
        match self.forward_stacks(&shape, x, weight, bias) {
            Err(Error::TooLarge { .. }) => self.forward_plain(x, weight, bias),
            y => y,
        }
    }

    /// [`ConvTransposeNd::forward`]; [`Error::TooLarge`] when the stacks are.
    fn forward_stacks(
        &self,
        shape: &Shape<D>,
        x: &Tensor,
        weight: &Tensor,
        bias: Option<&[f32]>,
    ) -> Result<Tensor, Error> {
        let between = self.between(shape)?;
        let (conv, x) = (self.of_planes(), numbers(x));
        let weight = stacked_weight(weight, between.output.taps(), last_two(shape.kernel_size, 1))?;
        let y_shape = join_shape(shape.n, shape.c_out, shape.output);
        let mut y = vec![0.0; checked_elements(&y_shape)?];
        if let Some(bias) = bias {
            let planes = y.chunks_exact_mut(shape.output.iter().product());
            planes.zip(bias.iter().cycle()).for_each(|(plane, &bias)| plane.fill(bias));
        }
        between.forward(&x, &mut y, |planes| conv.forward(planes, &weight, None))?;
        tensor(y_shape, y)
    }

    /// The gradients of `sum(y * grad_output)` with respect to input, weight and bias.
    ///
    /// `grad_output` is `[n, c_out, …]`; the gradients have the shapes of what they belong to.
    ///
    /// Errors: those of [`ConvTransposeNd::forward_plain`], and a `grad_output` of another shape than the output.
    pub fn backward(&self, x: &Tensor, weight: &Tensor, grad_output: &Tensor) -> Result<ConvNdGrads, Error> {
        let shape = self.shape_with_grad(x, weight, grad_output)?;
        if x.is_empty() || weight.is_empty() {
            return self.backward_plain(x, weight, grad_output);
        }
        match self.backward_stacks(&shape, x, weight, grad_output) {
            Err(Error::TooLarge { .. }) => self.backward_plain(x, weight, grad_output),
            grads => grads,
        }
    }

    /// [`ConvTransposeNd::backward`]; [`Error::TooLarge`] when the stacks are.
    fn backward_stacks(
        &self,
        shape: &Shape<D>,
        x: &Tensor,
        weight: &Tensor,
        grad_output: &Tensor,
    ) -> Result<ConvNdGrads, Error> {
        let between = self.between(shape)?;
        let conv = self.of_planes();
        let stacked = stacked_weight(weight, between.output.taps(), last_two(shape.kernel_size, 1))?;
        let (x_numbers, grad_numbers) = (numbers(x), numbers(grad_output));
        let zeros = Images::zeros(stacked.dim());
        let (grad_input, grad_weight) =
            between.backward((&x_numbers, &grad_numbers), zeros, |planes, grad| {
                conv.backward(planes, &stacked, grad).map(|grads| [grads.input, grads.weight])
            })?;
        Ok(ConvNdGrads {
            input: tensor(x.shape().to_vec(), grad_input)?,
            weight: tensor(weight.shape().to_vec(), numbers(&grad_weight).into_owned())?,
            bias: grad_bias(&grad_numbers, shape.c_out, shape.output.iter().product()),
        })
    }
}
