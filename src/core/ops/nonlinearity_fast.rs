//! Activation functions over whole slices, four numbers at a time.

use std::f64::consts::PI;

use super::elementary::{erf, exp, exp_m1, ln_1p, normal, sigmoid, softplus, tanh};
use super::four::map;
use super::lanes::Four;
use super::nonlinearity::{GELU_CUBIC, Nonlinearity};

/// `sqrt(2/π)`, and its product with the cubic constant of GELU.
fn gelu_tanh_constants() -> (f32, f32) {
    let first = (2.0 / PI).sqrt();
    (first as f32, (first * GELU_CUBIC) as f32)
}

impl Nonlinearity {
    /// Replaces every number by [`Nonlinearity::apply`] of it. The difference is below a millionth of the largest
    /// value, which single precision does not keep better over a chain of operators.
    pub fn apply_all(self, x: &mut [f32]) {
        use Nonlinearity as N;
        match self {
            N::None => {}
            N::Relu => map(x, |x| x.at_least(0.0)),
            N::LeakyRelu { negative_slope } => {
                let slope = negative_slope as f32;
                map(x, |x| Four::splat(0.0).below(x, x, slope * x));
            }
            N::Elu { alpha } => elu(x, alpha, 1.0, 1.0),
            N::Celu { alpha } => elu(x, alpha, 1.0, 1.0 / alpha),
            N::Selu { alpha, scale } => elu(x, alpha, scale, 1.0),
            N::Gelu => map(x, |x| x * normal(x).0),
            N::GeluTanh => {
                // (1 + tanh(u)) / 2 = sigmoid(2 u)
                let (linear, cubic) = gelu_tanh_constants();
                map(x, |x| x * sigmoid(2.0 * x * (linear + cubic * (x * x))));
            }
            N::Swish { alpha } => map(x, |x| x * sigmoid(alpha as f32 * x)),
            N::Mish => map(x, |x| x * tanh_of_softplus(x).0),
            N::Sigmoid => map(x, sigmoid),
            N::LogSigmoid => map(x, |x| x.at_most(0.0) - ln_1p(exp(-1.0 * x.abs()))),
            N::Tanh => map(x, tanh),
            N::Softplus { beta, threshold } => {
                let (beta, threshold) = (beta as f32, Four::splat(threshold as f32));
                map(x, |x| threshold.below(beta * x, x, softplus(beta * x) / Four::splat(beta)));
            }
            N::Softsign => map(x, |x| x / (1.0 + x.abs())),
            N::HardSwish => map(x, |x| x * ((3.0 + x).at_least(0.0).at_most(6.0) / Four::splat(6.0))),
            N::Erf => map(x, erf),
            _ => x.iter_mut().for_each(|x| *x = self.apply(*x)),
        }
    }

    /// Replaces every number by [`Nonlinearity::derivative`] there, as exactly as [`Nonlinearity::apply_all`].
    pub fn derivative_all(self, x: &mut [f32]) {
        use Nonlinearity as N;
        let (zero, one) = (Four::splat(0.0), Four::splat(1.0));
        match self {
            N::Gelu => map(x, |x| {
                let (distribution, density) = normal(x);
                distribution + x * density
            }),
            N::GeluTanh => {
                let (linear, cubic) = gelu_tanh_constants();
                map(x, |x| {
                    let x = x.at_least(-1e6).at_most(1e6); // flat there, and x³ stays finite
                    let u = 2.0 * x * (linear + cubic * (x * x));
                    let half = sigmoid(u);
                    half + 2.0 * x * half * sigmoid(-1.0 * u) * (linear + 3.0 * cubic * (x * x))
                });
            }
            N::Swish { alpha } => {
                let alpha = alpha as f32;
                map(x, |x| {
                    let s = sigmoid(alpha * x);
                    s + alpha * (x * s * sigmoid(-alpha * x))
                });
            }
            N::Mish => map(x, |x| {
                let x = x.at_most(40.0); // flat from there on
                let (tanh, rest) = tanh_of_softplus(x);
                tanh + x * sigmoid(x) * rest * (1.0 + tanh)
            }),
            N::Sigmoid => map(x, |x| sigmoid(x) * sigmoid(-1.0 * x)),
            N::LogSigmoid => map(x, |x| sigmoid(-1.0 * x)),
            N::Tanh => map(x, |x| {
                // 1 - tanh² = 4 s (1 - s) with s = sigmoid(2 x)
                4.0 * sigmoid(2.0 * x) * sigmoid(-2.0 * x)
            }),
            N::Softplus { beta, threshold } => {
                let (beta, threshold) = (beta as f32, Four::splat(threshold as f32));
                map(x, |x| threshold.below(beta * x, one, sigmoid(beta * x)));
            }
            N::Elu { alpha } => map(x, |x| zero.below(x, one, alpha as f32 * exp(x.at_most(0.0)))),
            _ => x.iter_mut().for_each(|x| *x = self.derivative(*x)),
        }
    }
}

/// `scale x` when positive, else `scale alpha (exp(rate x) - 1)`.
fn elu(x: &mut [f32], alpha: f64, scale: f64, rate: f64) {
    let (below, above, rate) = ((alpha * scale) as f32, scale as f32, rate as f32);
    map(x, |x| Four::splat(0.0).below(x, above * x, below * exp_m1(rate * x)));
}

/// `tanh(ln(1 + e)) = e (e + 2) / (e (e + 2) + 2)` with `e = exp(x)`, and what it lacks to 1.
#[inline(always)]
fn tanh_of_softplus(x: Four) -> (Four, Four) {
    let e = exp(x.at_most(40.0)); // 1 from there on
    let product = e * (2.0 + e);
    (product / (2.0 + product), Four::splat(2.0) / (2.0 + product))
}
