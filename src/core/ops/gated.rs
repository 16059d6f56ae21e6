//! Gated linear units: one half of the numbers opens or closes the other (Dauphin et al., 2017; Shazeer, "GLU variants
//! improve transformer", 2020).

use ndarray::{Axis, Slice};

use crate::core::ops::axes::{check_shape, resolve};
use crate::core::ops::nonlinearity::Nonlinearity;
use crate::core::tensor::{Error, Tensor};

/// The two gradients of [`gated`].
#[derive(Clone, Debug, PartialEq)]
pub struct GatedGrads {
    /// Of the numbers that go through the activation.
    pub gate: Tensor,
    /// Of the numbers that are let through.
    pub value: Tensor,
}

/// `activation(gate) * value`, number by number. With [`Nonlinearity::Swish`] this is SwiGLU (`SwiGLU` in ONNX), with
/// GELU GEGLU, with ReLU ReGLU.
///
/// Errors: the shapes differ.
pub fn gated(gate: &Tensor, value: &Tensor, activation: Nonlinearity) -> Result<Tensor, Error> {
    check_shape("value", value.shape(), gate.shape())?;
    Ok(activation.forward(gate) * value)
}

/// The gradients of `sum(y * grad_output)` of [`gated`].
///
/// Errors: the shapes differ.
pub fn gated_backward(
    gate: &Tensor,
    value: &Tensor,
    activation: Nonlinearity,
    grad_output: &Tensor,
) -> Result<GatedGrads, Error> {
    check_shape("value", value.shape(), gate.shape())?;
    check_shape("grad_output", grad_output.shape(), gate.shape())?;
    Ok(GatedGrads {
        gate: activation.backward(gate, &(grad_output * value))?,
        value: activation.forward(gate) * grad_output,
    })
}

/// `torch.nn.functional.glu` with any activation: `x` is cut in two along `dim`, and the first half is let through by
/// the activation, PyTorch's is [`Nonlinearity::Sigmoid`], of the second.
///
/// Errors: there is no axis `dim`, or its size is odd.
///
/// ```
/// use receptive::core::ops::{Nonlinearity, glu};
/// let x = ndarray::arr1(&[3.0, 4.0, 0.0, -1e9]).into_dyn();
/// assert_eq!(glu(&x, -1, Nonlinearity::Sigmoid)?, ndarray::arr1(&[1.5, 0.0]).into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
pub fn glu(x: &Tensor, dim: isize, activation: Nonlinearity) -> Result<Tensor, Error> {
    let (value, gate, _) = halves(x, dim)?;
    gated(&gate, &value, activation)
}

/// The gradient of `sum(y * grad_output)` of [`glu`] with respect to `x`.
///
/// Errors: as [`glu`], and a `grad_output` of another shape than the output.
pub fn glu_backward(
    x: &Tensor,
    dim: isize,
    activation: Nonlinearity,
    grad_output: &Tensor,
) -> Result<Tensor, Error> {
    let (value, gate, axis) = halves(x, dim)?;
    let grads = gated_backward(&gate, &value, activation, grad_output)?;
    let mut grad = Tensor::zeros(x.raw_dim());
    let half = value.shape()[axis.index()];
    grad.slice_axis_mut(axis, Slice::from(..half)).assign(&grads.value);
    grad.slice_axis_mut(axis, Slice::from(half..)).assign(&grads.gate);
    Ok(grad)
}

/// The halves of `x` along an axis.
fn halves(x: &Tensor, dim: isize) -> Result<(Tensor, Tensor, Axis), Error> {
    if x.ndim() == 0 {
        return Err(Error::WrongRank { name: "input", expected: "[…, 2 * width, …]", got: vec![] });
    }
    let axis = resolve("dim", dim, x.ndim())?;
    let size = x.shape()[axis];
    if !size.is_multiple_of(2) {
        return Err(Error::NotDivisible { name: "input", value: size, by: "halves", divisor: 2 });
    }
    let half = |slice: Slice| x.slice_axis(Axis(axis), slice).to_owned();
    Ok((half(Slice::from(..size / 2)), half(Slice::from(size / 2..)), Axis(axis)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;
    use ndarray::IxDyn;

    #[test]
    fn gradients_are_slopes() {
        let mut random = Random::new(3);
        let mut draw = |shape: &[usize]| Tensor::from_shape_fn(IxDyn(shape), |_| random.normal());
        for (activation, dim) in
            [(Nonlinearity::Sigmoid, -1), (Nonlinearity::SILU, 1), (Nonlinearity::Gelu, 0)]
        {
            let (x, direction) = (draw(&[2, 4, 6]), draw(&[2, 4, 6]));
            let y = glu(&x, dim, activation).unwrap();
            let grad = draw(y.shape());
            let loss = |h: f32| {
                let y = glu(&(&x + &(&direction * h)), dim, activation).unwrap();
                (y * &grad).iter().map(|&y| f64::from(y)).sum::<f64>()
            };
            let h = 1e-2;
            let slope = (loss(h) - loss(-h)) / f64::from(2.0 * h);
            let along: f64 = (glu_backward(&x, dim, activation, &grad).unwrap() * &direction)
                .iter()
                .map(|&g| f64::from(g))
                .sum();
            assert!((slope - along).abs() < 1e-3 * (1.0 + along.abs()), "{along}, slope {slope}");
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let zeros = |shape: &[usize]| Tensor::zeros(IxDyn(shape));
        let sigmoid = Nonlinearity::Sigmoid;
        assert!(glu(&zeros(&[3]), 0, sigmoid).is_err());
        assert!(glu(&zeros(&[4]), 1, sigmoid).is_err());
        assert!(glu(&zeros(&[]), 0, sigmoid).is_err());
        assert!(glu_backward(&zeros(&[4]), 0, sigmoid, &zeros(&[4])).is_err());
        assert!(gated(&zeros(&[4]), &zeros(&[2]), sigmoid).is_err());
    }
}
