//! The feed-forward block of a transformer: two linear layers with an activation between, plain or gated.

use crate::core::ops::gated::{gated, gated_backward};
use crate::core::ops::linear::{LinearGrads, linear, linear_backward, linear_plain};
use crate::core::ops::nonlinearity::Nonlinearity;
use crate::core::tensor::{Error, Map, Tensor};

/// `activation(x W1ᵀ + b1) W2ᵀ + b2` (Vaswani et al., "Attention is all you need", 2017, section 3.3).
#[derive(Clone, Debug, PartialEq)]
pub struct FeedForward {
    /// What stands between the layers.
    pub activation: Nonlinearity,
    /// `[d_ff, d_model]`
    pub w1: Map,
    /// `[d_ff]`
    pub b1: Option<Vec<f32>>,
    /// `[d_model, d_ff]`
    pub w2: Map,
    /// `[d_model]`
    pub b2: Option<Vec<f32>>,
}

/// The gradients of [`FeedForward`].
#[derive(Clone, Debug, PartialEq)]
pub struct FeedForwardGrads {
    /// `[…, d_model]`
    pub input: Tensor,
    /// `[d_ff, d_model]`
    pub w1: Map,
    /// `[d_ff]`
    pub b1: Vec<f32>,
    /// `[d_model, d_ff]`
    pub w2: Map,
    /// `[d_model]`
    pub b2: Vec<f32>,
}

impl FeedForward {
    /// The block, from the plain definitions of its parts. `x` and the result are `[…, d_model]`.
    ///
    /// Errors: shapes that don't fit each other.
    pub fn forward_plain(&self, x: &Tensor) -> Result<Tensor, Error> {
        let hidden = linear_plain(x, &self.w1, self.b1.as_deref())?;
        linear_plain(&hidden.mapv(|x| self.activation.apply(x)), &self.w2, self.b2.as_deref())
    }

    /// [`FeedForward::forward_plain`], fast.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        let hidden = linear(x, &self.w1, self.b1.as_deref())?;
        linear(&self.activation.forward(&hidden), &self.w2, self.b2.as_deref())
    }

    /// The gradients of `sum(y * grad_output)`, `grad_output` `[…, d_model]`.
    ///
    /// Errors: those of the forward pass, and a `grad_output` of another shape than the output.
    pub fn backward(&self, x: &Tensor, grad_output: &Tensor) -> Result<FeedForwardGrads, Error> {
        let before = linear(x, &self.w1, self.b1.as_deref())?;
        let second = linear_backward(&self.activation.forward(&before), &self.w2, grad_output)?;
        let first = linear_backward(x, &self.w1, &self.activation.backward(&before, &second.input)?)?;
        let LinearGrads { input, weight: w1, bias: b1 } = first;
        Ok(FeedForwardGrads { input, w1, b1, w2: second.weight, b2: second.bias })
    }
}

/// `(activation(x Wgᵀ) * (x Wuᵀ)) Wdᵀ` (Shazeer, "GLU variants improve transformer", 2020): SwiGLU with SiLU, GEGLU
/// with GELU, ReGLU with ReLU, GLU with sigmoid.
#[derive(Clone, Debug, PartialEq)]
pub struct GatedFeedForward {
    /// What opens the gate.
    pub activation: Nonlinearity,
    /// `[d_ff, d_model]`
    pub w_gate: Map,
    /// `[d_ff, d_model]`
    pub w_up: Map,
    /// `[d_model, d_ff]`
    pub w_down: Map,
}

/// The gradients of [`GatedFeedForward`].
#[derive(Clone, Debug, PartialEq)]
pub struct GatedFeedForwardGrads {
    /// `[…, d_model]`
    pub input: Tensor,
    /// `[d_ff, d_model]`
    pub w_gate: Map,
    /// `[d_ff, d_model]`
    pub w_up: Map,
    /// `[d_model, d_ff]`
    pub w_down: Map,
}

impl GatedFeedForward {
    /// The block, from the plain definitions of its parts. `x` and the result are `[…, d_model]`.
    ///
    /// Errors: shapes that don't fit each other.
    pub fn forward_plain(&self, x: &Tensor) -> Result<Tensor, Error> {
        let gate = linear_plain(x, &self.w_gate, None)?.mapv(|x| self.activation.apply(x));
        let up = linear_plain(x, &self.w_up, None)?;
        linear_plain(&gated(&gate, &up, Nonlinearity::None)?, &self.w_down, None)
    }

    /// [`GatedFeedForward::forward_plain`], fast.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        let (gate, up) = (linear(x, &self.w_gate, None)?, linear(x, &self.w_up, None)?);
        linear(&gated(&gate, &up, self.activation)?, &self.w_down, None)
    }

    /// The gradients of `sum(y * grad_output)`, `grad_output` `[…, d_model]`.
    ///
    /// Errors: those of the forward pass, and a `grad_output` of another shape than the output.
    pub fn backward(&self, x: &Tensor, grad_output: &Tensor) -> Result<GatedFeedForwardGrads, Error> {
        let (gate, up) = (linear(x, &self.w_gate, None)?, linear(x, &self.w_up, None)?);
        let down = linear_backward(&gated(&gate, &up, self.activation)?, &self.w_down, grad_output)?;
        let grads = gated_backward(&gate, &up, self.activation, &down.input)?;
        let gate = linear_backward(x, &self.w_gate, &grads.gate)?;
        let up = linear_backward(x, &self.w_up, &grads.value)?;
        Ok(GatedFeedForwardGrads {
            input: gate.input + up.input,
            w_gate: gate.weight,
            w_up: up.weight,
            w_down: down.weight,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;
    use ndarray::IxDyn;

    fn sum(x: Tensor) -> f64 {
        x.iter().map(|&x| f64::from(x)).sum()
    }

    #[test]
    fn fast_agrees_with_plain_and_gradients_are_slopes() {
        let mut random = Random::new(8);
        let mut map = |rows, columns| Map::from_shape_fn((rows, columns), |_| random.normal());
        let block = FeedForward {
            activation: Nonlinearity::Gelu,
            w1: map(5, 3),
            b1: Some(vec![0.1; 5]),
            w2: map(3, 5),
            b2: None,
        };
        let gated = GatedFeedForward {
            activation: Nonlinearity::SILU,
            w_gate: map(5, 3),
            w_up: map(5, 3),
            w_down: map(3, 5),
        };
        let x = map(2, 3).into_dyn();
        let (grad, direction) = (map(2, 3).into_dyn(), map(2, 3).into_dyn());
        let h = 1e-2;
        let (ahead, behind) = (&x + &(&direction * h), &x - &(&direction * h));
        type Pass<'a> = &'a dyn Fn(&Tensor) -> Tensor;
        let passes: [(Pass<'_>, Pass<'_>, Tensor); 2] = [
            (
                &|x| block.forward(x).unwrap(),
                &|x| block.forward_plain(x).unwrap(),
                block.backward(&x, &grad).unwrap().input,
            ),
            (
                &|x| gated.forward(x).unwrap(),
                &|x| gated.forward_plain(x).unwrap(),
                gated.backward(&x, &grad).unwrap().input,
            ),
        ];
        for (fast, plain, gradient) in passes {
            assert!(fast(&x).iter().zip(&plain(&x)).all(|(a, b)| (a - b).abs() < 1e-5));
            let slope = (sum(plain(&ahead) * &grad) - sum(plain(&behind) * &grad)) / f64::from(2.0 * h);
            let along = sum(gradient * &direction);
            assert!((slope - along).abs() < 1e-3 * (1.0 + along.abs()), "{along}, slope {slope}");
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let map = Map::zeros((4, 3));
        let block = FeedForward {
            activation: Nonlinearity::Relu,
            w1: map.clone(),
            b1: None,
            w2: map.clone(),
            b2: None,
        };
        assert!(block.forward(&Tensor::zeros(IxDyn(&[2, 3]))).is_err());
        let gated = GatedFeedForward {
            activation: Nonlinearity::Relu,
            w_gate: map.clone(),
            w_up: Map::zeros((5, 3)),
            w_down: map,
        };
        assert!(gated.forward(&Tensor::zeros(IxDyn(&[2, 3]))).is_err());
    }
}
