//! Convolution and pooling on the tape.

use ndarray::Ix4;

use crate::core::ops::{Conv2d, ConvTranspose2d, Divisor, Pool2d, PoolWindows};
use crate::core::tape::{Tape, Var, images, tensor, with_optional};
use crate::core::tensor::Error;

const IMAGES: &str = "[n, c, h, w]";

impl Tape {
    /// [`Conv2d::forward`]: `x` `[n, c_in, h, w]`, `weight` `[c_out, c_in / groups, kh, kw]`, `bias` `[c_out]`.
    ///
    /// Errors: those of the operator, and values of another rank.
    pub fn conv2d(&mut self, x: Var, weight: Var, bias: Option<Var>, conv: Conv2d) -> Result<Var, Error> {
        let bias_value = self.vector(bias, "bias")?;
        let (x_value, weight_value) = (self.images(x, "input")?, self.images(weight, "weight")?);
        let y = conv.forward(&x_value, &weight_value, bias_value.as_deref())?;
        let with_bias = bias.is_some();
        self.record(y.into_dyn(), with_optional([x, weight], &[bias]), move |inputs, _, grad| {
            let (x, weight) = (images(inputs[0], "input")?, images(inputs[1], "weight")?);
            let grads = conv.backward(&x, &weight, &images(grad, "grad_output")?)?;
            let mut all = vec![grads.input.into_dyn(), grads.weight.into_dyn()];
            if with_bias {
                all.push(tensor(&[grads.bias.len()], grads.bias)?);
            }
            Ok(all)
        })
    }

    /// [`ConvTranspose2d::forward`]: `x` `[n, c_in, h, w]`, `weight` `[c_in, c_out / groups, kh, kw]`, `bias` `[c_out]`.
    ///
    /// Errors: those of the operator, and values of another rank.
    pub fn conv_transpose2d(
        &mut self,
        x: Var,
        weight: Var,
        bias: Option<Var>,
        conv: ConvTranspose2d,
    ) -> Result<Var, Error> {
        let bias_value = self.vector(bias, "bias")?;
        let (x_value, weight_value) = (self.images(x, "input")?, self.images(weight, "weight")?);
        let y = conv.forward(&x_value, &weight_value, bias_value.as_deref())?;
        let with_bias = bias.is_some();
        self.record(y.into_dyn(), with_optional([x, weight], &[bias]), move |inputs, _, grad| {
            let (x, weight) = (images(inputs[0], "input")?, images(inputs[1], "weight")?);
            let grads = conv.backward(&x, &weight, &images(grad, "grad_output")?)?;
            let mut all = vec![grads.input.into_dyn(), grads.weight.into_dyn()];
            if with_bias {
                all.push(tensor(&[grads.bias.len()], grads.bias)?);
            }
            Ok(all)
        })
    }

    /// The largest number of each window, [`PoolWindows::max`]; `x` is `[n, c, h, w]`.
    ///
    /// Errors: those of [`Pool2d::windows`], and an input of another rank.
    pub fn max_pool2d(&mut self, x: Var, pool: Pool2d) -> Result<Var, Error> {
        let x_value = self.images(x, "input")?;
        self.max_of(x, &pool.windows([x_value.dim().2, x_value.dim().3])?)
    }

    /// The mean of each window, [`PoolWindows::average`]; `x` is `[n, c, h, w]`.
    ///
    /// Errors: those of [`Pool2d::windows`], and an input of another rank.
    pub fn avg_pool2d(&mut self, x: Var, pool: Pool2d, divisor: Divisor) -> Result<Var, Error> {
        let x_value = self.images(x, "input")?;
        self.average_of(x, pool.windows([x_value.dim().2, x_value.dim().3])?, divisor)
    }

    /// The largest number of each plane: `[n, c, 1, 1]`.
    ///
    /// Errors: planes without cells, or an input of another rank.
    pub fn global_max_pool2d(&mut self, x: Var) -> Result<Var, Error> {
        let x_value = self.images(x, "input")?;
        self.max_of(x, &PoolWindows::global([x_value.dim().2, x_value.dim().3])?)
    }

    /// The mean of each plane: `[n, c, 1, 1]`.
    ///
    /// Errors: planes without cells, or an input of another rank.
    pub fn global_avg_pool2d(&mut self, x: Var) -> Result<Var, Error> {
        let x_value = self.images(x, "input")?;
        let windows = PoolWindows::global([x_value.dim().2, x_value.dim().3])?;
        self.average_of(x, windows, Divisor::default())
    }

    fn max_of(&mut self, x: Var, windows: &PoolWindows<2>) -> Result<Var, Error> {
        let chosen = windows.max(&*self.images(x, "input")?)?;
        let y = chosen.values.clone().into_dyn();
        self.record(y, vec![x], move |_, _, grad| {
            Ok(vec![chosen.backward(&*images(grad, "grad_output")?)?.into_dyn()])
        })
    }

    fn average_of(&mut self, x: Var, windows: PoolWindows<2>, divisor: Divisor) -> Result<Var, Error> {
        let y = windows.average(&*self.images(x, "input")?, divisor)?;
        self.record(y.into_dyn(), vec![x], move |_, _, grad| {
            Ok(vec![windows.average_backward(&*images(grad, "grad_output")?, divisor)?.into_dyn()])
        })
    }

    fn images(&self, var: Var, name: &'static str) -> Result<ndarray::Array4<f32>, Error> {
        self.of_rank::<Ix4>(var, name, IMAGES)
    }
}
