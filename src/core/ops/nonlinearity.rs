//! Activation functions with their parameters, and their derivatives.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI};

use crate::core::ops::axes::check_shape;
use crate::core::ops::erf::{erf, erfc};
use crate::core::tensor::{Error, Tensor};

/// A function applied to each number on its own, with its parameters (`torch.nn.functional`). The constants are
/// functions with certain parameters: those PyTorch takes when none are given, and some that have names of their own.
///
/// ```
/// use receptive::core::ops::Nonlinearity;
/// assert_eq!(Nonlinearity::LeakyRelu { negative_slope: 0.5 }.apply(-2.0), -1.0);
/// assert_eq!(Nonlinearity::RELU6.apply(9.0), 6.0);
/// let x = ndarray::arr1(&[-1.0, 0.0, 2.0]).into_dyn();
/// assert_eq!(Nonlinearity::Relu.forward(&x), ndarray::arr1(&[0.0, 0.0, 2.0]).into_dyn());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Nonlinearity {
    /// `x`
    #[default]
    None,
    /// `max(x, 0)`
    Relu,
    /// `max(x, 0)²`
    ReluSquared,
    /// `x` when positive, else `negative_slope x`. The mean of randomised leaky ReLU at test time is this one with
    /// the mean of its slopes.
    LeakyRelu {
        /// The slope below 0.
        negative_slope: f64,
    },
    /// `x` above the threshold, else `value`. ONNX's `ThresholdedRelu` is this one with `value` 0.
    Threshold {
        /// The last number that is replaced.
        threshold: f64,
        /// What it is replaced by.
        value: f64,
    },
    /// `x` when positive, else `alpha (exp(x) - 1)`
    Elu {
        /// The value far below 0, negated.
        alpha: f64,
    },
    /// `x` when positive, else `alpha (exp(x / alpha) - 1)`: the slope is continuous for every `alpha`
    Celu {
        /// The value far below 0, negated.
        alpha: f64,
    },
    /// `scale` times [`Nonlinearity::Elu`], which keeps mean 0 and variance 1 for the constants of
    /// [`Nonlinearity::SELU`] (Klambauer et al., 2017)
    Selu {
        /// As in ELU.
        alpha: f64,
        /// The slope above 0; ONNX calls it gamma.
        scale: f64,
    },
    /// `x Φ(x)`, Φ the distribution function of the normal distribution
    Gelu,
    /// `x (1 + tanh(sqrt(2/π) (x + 0.044715 x³))) / 2`, PyTorch's `approximate="tanh"`
    GeluTanh,
    /// `x sigmoid(alpha x)`: SiLU for 1, quick GELU for 1.702
    Swish {
        /// How steep the gate is.
        alpha: f64,
    },
    /// `x tanh(ln(1 + exp(x)))`
    Mish,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `-ln(1 + exp(-x))`
    LogSigmoid,
    /// `tanh(x)`
    Tanh,
    /// `x - tanh(x)`
    Tanhshrink,
    /// `ln(1 + exp(beta x)) / beta`; `x` itself where `beta x` is above the threshold
    Softplus {
        /// How sharp the bend is.
        beta: f64,
        /// From where on the function is taken as linear.
        threshold: f64,
    },
    /// `x / (1 + |x|)`
    Softsign,
    /// `x` moved towards 0 by `lambd`, and 0 within
    Softshrink {
        /// The half width of the dead zone, PyTorch's spelling.
        lambd: f64,
    },
    /// `x`, but 0 from `-lambd` to `lambd`
    Hardshrink {
        /// The half width of the dead zone, PyTorch's spelling.
        lambd: f64,
    },
    /// `x` held between two limits
    Hardtanh {
        /// The lower limit.
        min_val: f64,
        /// The upper limit.
        max_val: f64,
    },
    /// `alpha x + beta` held between 0 and 1
    HardSigmoid {
        /// The slope: 1/6 in PyTorch, 0.2 in ONNX.
        alpha: f64,
        /// The value at 0.
        beta: f64,
    },
    /// `x min(max(x + 3, 0), 6) / 6`
    HardSwish,
    /// The error function
    Erf,
}

impl Nonlinearity {
    /// `negative_slope` 0.01
    pub const LEAKY_RELU: Self = Nonlinearity::LeakyRelu { negative_slope: 0.01 };
    /// `alpha` 1
    pub const ELU: Self = Nonlinearity::Elu { alpha: 1.0 };
    /// `alpha` 1
    pub const CELU: Self = Nonlinearity::Celu { alpha: 1.0 };
    /// The constants for which mean 0 and variance 1 are a stable fixed point.
    pub const SELU: Self = Nonlinearity::Selu { alpha: 1.6732632423543772, scale: 1.0507009873554805 };
    /// `x sigmoid(x)`
    pub const SILU: Self = Nonlinearity::Swish { alpha: 1.0 };
    /// `x sigmoid(1.702 x)`, the cheap approximation of GELU that CLIP uses
    pub const QUICK_GELU: Self = Nonlinearity::Swish { alpha: 1.702 };
    /// `beta` 1, `threshold` 20
    pub const SOFTPLUS: Self = Nonlinearity::Softplus { beta: 1.0, threshold: 20.0 };
    /// `lambd` 0.5
    pub const SOFTSHRINK: Self = Nonlinearity::Softshrink { lambd: 0.5 };
    /// `lambd` 0.5
    pub const HARDSHRINK: Self = Nonlinearity::Hardshrink { lambd: 0.5 };
    /// From -1 to 1
    pub const HARDTANH: Self = Nonlinearity::Hardtanh { min_val: -1.0, max_val: 1.0 };
    /// From 0 to 6
    pub const RELU6: Self = Nonlinearity::Hardtanh { min_val: 0.0, max_val: 6.0 };
    /// `x / 6 + 1/2` between 0 and 1
    pub const HARDSIGMOID: Self = Nonlinearity::HardSigmoid { alpha: 1.0 / 6.0, beta: 0.5 };

    /// The value at `x`, computed in `f64` and rounded once.
    pub fn apply(self, x: f32) -> f32 {
        self.value(f64::from(x)) as f32
    }

    /// The derivative at `x`; where the function has a kink, the value PyTorch's gradient has.
    pub fn derivative(self, x: f32) -> f32 {
        self.slope(f64::from(x)) as f32
    }

    fn value(self, x: f64) -> f64 {
        use Nonlinearity as N;
        match self {
            N::None => x,
            N::Relu => positive(x, x, 0.0),
            N::ReluSquared => positive(x, x * x, 0.0),
            N::LeakyRelu { negative_slope } => positive(x, x, negative_slope * x),
            N::Threshold { threshold, value } => {
                if x <= threshold {
                    value
                } else {
                    x
                }
            }
            N::Elu { alpha } => positive(x, x, alpha * x.exp_m1()),
            N::Celu { alpha } => positive(x, x, alpha * (x / alpha).exp_m1()),
            N::Selu { alpha, scale } => scale * positive(x, x, alpha * x.exp_m1()),
            N::Gelu => x * normal_distribution(x),
            N::GeluTanh => 0.5 * x * (1.0 + gelu_tanh_argument(x).tanh()),
            N::Swish { alpha } => x * sigmoid(alpha * x),
            N::Mish => x * softplus(x).tanh(),
            N::Sigmoid => sigmoid(x),
            N::LogSigmoid => -softplus(-x),
            N::Tanh => x.tanh(),
            N::Tanhshrink => x - x.tanh(),
            N::Softplus { beta, threshold } if beta * x > threshold => x,
            N::Softplus { beta, .. } => softplus(beta * x) / beta,
            N::Softsign => x / (1.0 + x.abs()),
            N::Softshrink { lambd } if x.abs() <= lambd => 0.0,
            N::Softshrink { lambd } => x - lambd * x.signum(),
            N::Hardshrink { lambd } if x.abs() <= lambd => 0.0,
            N::Hardshrink { .. } => x,
            N::Hardtanh { min_val, max_val } => between(x, min_val, max_val),
            N::HardSigmoid { alpha, beta } => between(alpha * x + beta, 0.0, 1.0),
            N::HardSwish => x * between(x + 3.0, 0.0, 6.0) / 6.0,
            N::Erf => erf(x),
        }
    }

    fn slope(self, x: f64) -> f64 {
        use Nonlinearity as N;
        let on = |condition: bool| if condition { 1.0 } else { 0.0 };
        match self {
            N::None => 1.0,
            N::Relu => on(x > 0.0),
            N::ReluSquared => positive(x, 2.0 * x, 0.0),
            N::LeakyRelu { negative_slope } => positive(x, 1.0, negative_slope),
            N::Threshold { threshold, .. } => on(x > threshold),
            N::Elu { alpha } => positive(x, 1.0, alpha * x.exp()),
            N::Celu { alpha } => positive(x, 1.0, (x / alpha).exp()),
            N::Selu { alpha, scale } => scale * positive(x, 1.0, alpha * x.exp()),
            N::Gelu => {
                let density = (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
                normal_distribution(x) + vanishing(x, density)
            }
            N::GeluTanh => {
                let tanh = gelu_tanh_argument(x).tanh();
                let steep = (2.0 / PI).sqrt() * (1.0 + 3.0 * GELU_CUBIC * x * x);
                0.5 * (1.0 + tanh) + vanishing(0.5 * x * steep, 1.0 - tanh * tanh)
            }
            N::Swish { alpha } => {
                let s = sigmoid(alpha * x);
                s + vanishing(alpha * x, s * sigmoid(-alpha * x))
            }
            N::Mish => {
                let tanh = softplus(x).tanh();
                tanh + vanishing(x, (1.0 - tanh * tanh) * sigmoid(x))
            }
            N::Sigmoid => sigmoid(x) * sigmoid(-x),
            N::LogSigmoid => sigmoid(-x),
            N::Tanh => 1.0 - x.tanh() * x.tanh(),
            N::Tanhshrink => x.tanh() * x.tanh(),
            N::Softplus { beta, threshold } if beta * x > threshold => 1.0,
            N::Softplus { beta, .. } => sigmoid(beta * x),
            N::Softsign => 1.0 / ((1.0 + x.abs()) * (1.0 + x.abs())),
            N::Softshrink { lambd } | N::Hardshrink { lambd } => on(x.abs() > lambd),
            N::Hardtanh { min_val, max_val } => on(x > min_val && x < max_val),
            N::HardSigmoid { alpha, beta } => {
                let y = alpha * x + beta;
                alpha * on(y > 0.0 && y < 1.0)
            }
            N::HardSwish if x <= -3.0 => 0.0,
            N::HardSwish => {
                if x < 3.0 {
                    x / 3.0 + 0.5
                } else {
                    1.0
                }
            }
            N::Erf => FRAC_2_SQRT_PI * (-x * x).exp(),
        }
    }

    /// The function of every number of `x`, of any shape.
    pub fn forward(self, x: &Tensor) -> Tensor {
        let mut y = x.as_standard_layout().into_owned();
        if let Some(y) = y.as_slice_mut() {
            self.apply_all(y);
        }
        y
    }

    /// The gradient of `sum(forward(x) * grad_output)` with respect to `x`: `grad_output` times the derivative.
    ///
    /// Errors: `grad_output` has another shape than `x`.
    pub fn backward(self, x: &Tensor, grad_output: &Tensor) -> Result<Tensor, Error> {
        check_shape("grad_output", grad_output.shape(), x.shape())?;
        let mut grad = x.as_standard_layout().into_owned();
        if let Some(grad) = grad.as_slice_mut() {
            self.derivative_all(grad);
        }
        grad *= grad_output;
        Ok(grad)
    }
}

/// `above` for positive `x`, else `below`; NaN stays.
fn positive(x: f64, above: f64, below: f64) -> f64 {
    if x > 0.0 {
        above
    } else if x.is_nan() {
        x
    } else {
        below
    }
}

/// `x` held between two limits; NaN stays, and limits in the wrong order don't panic.
fn between(x: f64, min: f64, max: f64) -> f64 {
    if x < min {
        min
    } else if x > max {
        max
    } else {
        x
    }
}

/// `x y` where `y` vanishes faster than any `x` grows.
fn vanishing(x: f64, y: f64) -> f64 {
    if y == 0.0 { 0.0 } else { x * y }
}

/// The constant of the tanh approximation of GELU (Hendrycks and Gimpel, 2016).
pub(super) const GELU_CUBIC: f64 = 0.044715;

fn gelu_tanh_argument(x: f64) -> f64 {
    (2.0 / PI).sqrt() * (x + GELU_CUBIC * x * x * x)
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `ln(1 + exp(x))` without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Φ, without losing the digits of its lower tail.
fn normal_distribution(x: f64) -> f64 {
    0.5 * erfc(-x * FRAC_1_SQRT_2)
}
