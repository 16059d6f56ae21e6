//! The fast path of transposed convolution along any number of axes: each plane goes through the two-dimensional
//! operator once, the depth taps being channels, and is added where they fall.

use crate::core::ops::conv_nd::{ConvNdGrads, grad_bias};
use crate::core::ops::conv_nd_fast::{Stacks, batches, last_two, plane_pads, stacked_weight};
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
        let stacks = Stacks::under(&self.windows(shape), shape.c_out)?;
        let single = Stacks::single(shape.input, shape.c_in);
        let (conv, x) = (self.of_planes(), numbers(x));
        let weight = stacked_weight(weight, stacks.taps(), last_two(shape.kernel_size, 1))?;
        let y_shape = join_shape(shape.n, shape.c_out, shape.output);
        let mut y = vec![0.0; checked_elements(&y_shape)?];
        if let Some(bias) = bias {
            let planes = y.chunks_exact_mut(shape.output.iter().product());
            planes.zip(bias.iter().cycle()).for_each(|(plane, &bias)| plane.fill(bias));
        }
        for batch in batches(shape.n * stacks.windows(), stacks.len().max(single.len())) {
            let planes = single.gather(&x, batch.clone(), 0.0)?;
            stacks.scatter(&conv.forward(&planes, &weight, None)?, batch, &mut y);
        }
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
        let stacks = Stacks::under(&self.windows(shape), shape.c_out)?;
        let single = Stacks::single(shape.input, shape.c_in);
        let conv = self.of_planes();
        let stacked = stacked_weight(weight, stacks.taps(), last_two(shape.kernel_size, 1))?;
        let (values, grad_values) = (numbers(x), numbers(grad_output));
        let mut grad_input = vec![0.0; x.len()];
        let mut grad_weight = Images::zeros(stacked.dim());
        for batch in batches(shape.n * stacks.windows(), stacks.len().max(single.len())) {
            let planes = single.gather(&values, batch.clone(), 0.0)?;
            let grads =
                conv.backward(&planes, &stacked, &stacks.gather(&grad_values, batch.clone(), 0.0)?)?;
            single.scatter(&grads.input, batch, &mut grad_input);
            grad_weight += &grads.weight;
        }
        Ok(ConvNdGrads {
            input: tensor(x.shape().to_vec(), grad_input)?,
            weight: tensor(weight.shape().to_vec(), numbers(&grad_weight).into_owned())?,
            bias: grad_bias(&grad_values, shape.c_out, shape.output.iter().product()),
        })
    }
}
