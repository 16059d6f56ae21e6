//! The activation functions one chooses from, with PyTorch's defaults.

use crate::core::ops::nonlinearity::Nonlinearity;

/// A function applied to each output on its own, by name. [`Nonlinearity`] has more of them, and their parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Activation {
    /// `x`
    #[default]
    None,
    /// `max(x, 0)`
    Relu,
    /// `x` when positive, else `0.01 x`
    LeakyRelu,
    /// `x Φ(x)`, Φ the distribution function of the normal distribution
    Gelu,
    /// `x (1 + tanh(sqrt(2/π) (x + 0.044715 x³))) / 2`, PyTorch's `approximate="tanh"`
    GeluTanh,
    /// `x sigmoid(x)`, also called swish
    Silu,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `tanh(x)`
    Tanh,
    /// `ln(1 + exp(x))`; `x` itself above PyTorch's threshold of 20
    Softplus,
    /// `x` when positive, else `exp(x) - 1`
    Elu,
    /// `x min(max(x + 3, 0), 6) / 6`
    HardSwish,
}

impl Activation {
    /// All of them, the identity first.
    pub const ALL: [Activation; 11] = [
        Activation::None,
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Gelu,
        Activation::GeluTanh,
        Activation::Silu,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Softplus,
        Activation::Elu,
        Activation::HardSwish,
    ];

    /// The value at `x`, computed in `f64` and rounded once.
    ///
    /// ```
    /// use receptive::core::ops::Activation;
    /// assert_eq!(Activation::Relu.apply(-2.0), 0.0);
    /// assert!((Activation::Gelu.apply(1.0) - 0.8413447).abs() < 1e-7);
    /// ```
    pub fn apply(self, x: f32) -> f32 {
        Nonlinearity::from(self).apply(x)
    }

    /// The derivative at `x`; where the function has a kink, the value PyTorch's gradient has.
    ///
    /// ```
    /// use receptive::core::ops::Activation;
    /// assert_eq!(Activation::Relu.derivative(0.0), 0.0);
    /// assert_eq!(Activation::Sigmoid.derivative(0.0), 0.25);
    /// ```
    pub fn derivative(self, x: f32) -> f32 {
        Nonlinearity::from(self).derivative(x)
    }

    /// Replaces every number by [`Activation::apply`] of it, fast; see [`Nonlinearity::apply_all`].
    pub fn apply_all(self, x: &mut [f32]) {
        Nonlinearity::from(self).apply_all(x);
    }
}

impl From<Activation> for Nonlinearity {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::None => Nonlinearity::None,
            Activation::Relu => Nonlinearity::Relu,
            Activation::LeakyRelu => Nonlinearity::LEAKY_RELU,
            Activation::Gelu => Nonlinearity::Gelu,
            Activation::GeluTanh => Nonlinearity::GeluTanh,
            Activation::Silu => Nonlinearity::SILU,
            Activation::Sigmoid => Nonlinearity::Sigmoid,
            Activation::Tanh => Nonlinearity::Tanh,
            Activation::Softplus => Nonlinearity::SOFTPLUS,
            Activation::Elu => Nonlinearity::ELU,
            Activation::HardSwish => Nonlinearity::HardSwish,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_function_of_its_own() {
        for (position, activation) in Activation::ALL.into_iter().enumerate() {
            let function = Nonlinearity::from(activation);
            assert!(Activation::ALL[..position].iter().all(|&other| Nonlinearity::from(other) != function));
            let mut all = [-1.5, 0.25];
            activation.apply_all(&mut all);
            for (x, y) in [-1.5, 0.25].into_iter().zip(all) {
                assert!((activation.apply(x) - y).abs() < 1e-6, "{activation:?} at {x}");
            }
        }
    }
}
