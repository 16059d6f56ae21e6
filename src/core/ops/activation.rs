//! Activation functions and their derivatives, with PyTorch's defaults.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI};

/// A function applied to each output on its own.
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
        let wide = f64::from(x);
        let value = match self {
            Activation::None => return x,
            Activation::Relu => return if x <= 0.0 { 0.0 } else { x }, // NaN stays
            Activation::LeakyRelu => return if x > 0.0 { x } else { 0.01 * x },
            Activation::HardSwish => return x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
            Activation::Gelu => wide * normal_distribution(wide),
            Activation::GeluTanh => 0.5 * wide * (1.0 + gelu_tanh_argument(wide).tanh()),
            Activation::Silu => wide * sigmoid(wide),
            Activation::Sigmoid => sigmoid(wide),
            Activation::Tanh => wide.tanh(),
            Activation::Softplus if wide > 20.0 => return x,
            Activation::Softplus => wide.exp().ln_1p(),
            Activation::Elu => {
                if wide > 0.0 {
                    wide
                } else {
                    wide.exp_m1()
                }
            }
        };
        value as f32
    }

    /// The derivative at `x`; where the function has a kink, the value PyTorch's gradient has.
    ///
    /// ```
    /// use receptive::core::ops::Activation;
    /// assert_eq!(Activation::Relu.derivative(0.0), 0.0);
    /// assert_eq!(Activation::Sigmoid.derivative(0.0), 0.25);
    /// ```
    pub fn derivative(self, x: f32) -> f32 {
        let x = f64::from(x);
        let value = match self {
            Activation::None => 1.0,
            Activation::Relu => {
                if x <= 0.0 {
                    0.0
                } else {
                    1.0
                }
            }
            Activation::LeakyRelu => {
                if x > 0.0 {
                    1.0
                } else {
                    0.01
                }
            }
            Activation::Gelu => {
                let density = (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
                normal_distribution(x) + if density == 0.0 { 0.0 } else { x * density }
            }
            Activation::GeluTanh => {
                let tanh = gelu_tanh_argument(x).tanh();
                let slope = (2.0 / PI).sqrt() * (1.0 + 3.0 * GELU_CUBIC * x * x);
                let bend = 1.0 - tanh * tanh;
                0.5 * (1.0 + tanh) + if bend == 0.0 { 0.0 } else { 0.5 * x * bend * slope }
            }
            Activation::Silu => {
                let s = sigmoid(x);
                let bend = s * sigmoid(-x);
                s + if bend == 0.0 { 0.0 } else { x * bend }
            }
            Activation::Sigmoid => sigmoid(x) * sigmoid(-x),
            Activation::Tanh => {
                let tanh = x.tanh();
                1.0 - tanh * tanh
            }
            Activation::Softplus => {
                if x > 20.0 {
                    1.0
                } else {
                    sigmoid(x)
                }
            }
            Activation::Elu => {
                if x > 0.0 {
                    1.0
                } else {
                    x.exp()
                }
            }
            Activation::HardSwish if x <= -3.0 => 0.0,
            Activation::HardSwish => {
                if x < 3.0 {
                    x / 3.0 + 0.5
                } else {
                    1.0
                }
            }
        };
        value as f32
    }
}

/// The constant of the tanh approximation of GELU (Hendrycks and Gimpel, 2016).
const GELU_CUBIC: f64 = 0.044715;

fn gelu_tanh_argument(x: f64) -> f64 {
    (2.0 / PI).sqrt() * (x + GELU_CUBIC * x * x * x)
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Φ, without losing the digits of its lower tail.
fn normal_distribution(x: f64) -> f64 {
    0.5 * erfc(-x * FRAC_1_SQRT_2)
}

/// The error function, `2/sqrt(π)` times the integral of `exp(-t²)` from 0 to `x`. Error below 1e-15.
///
/// ```
/// assert_eq!(receptive::core::ops::erf(0.0), 0.0);
/// assert!((receptive::core::ops::erf(0.5) - 0.5204998778130465).abs() < 1e-15);
/// ```
pub fn erf(x: f64) -> f64 {
    if x.abs() >= 0.5 {
        return if x > 0.0 { 1.0 - erfc(x) } else { erfc(-x) - 1.0 };
    }
    // Maclaurin: sum over k of (-1)^k x^(2k+1) / (k! (2k+1)); twelve terms suffice below 1/2
    let mut power = x;
    let mut sum = 0.0;
    for k in 0..12 {
        let k = f64::from(k);
        sum += power / (2.0 * k + 1.0);
        power *= -x * x / (k + 1.0);
    }
    FRAC_2_SQRT_PI * sum
}

/// `1 - erf(x)`, exact to a relative error of about 1e-15 (times x² far out) where it is small too.
///
/// ```
/// assert!((receptive::core::ops::erfc(5.0) / 1.5374597944280349e-12 - 1.0).abs() < 1e-13);
/// ```
pub fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    if x > 27.3 {
        return 0.0; // below the smallest f64
    }
    // Clenshaw's sum of the Chebyshev polynomials at t, which maps 0 .. infinity to -1 .. 1
    let t = (x - 4.0) / (x + 4.0);
    let (mut b1, mut b2) = (0.0, 0.0);
    for &coefficient in ERFC[1..].iter().rev() {
        (b1, b2) = (2.0 * t * b1 - b2 + coefficient, b1);
    }
    (t * b1 - b2 + ERFC[0]) / (1.0 + x) * (-x * x).exp()
}

/// Chebyshev coefficients of `(1 + x) exp(x²) erfc(x)` over `t = (x - 4) / (x + 4)`, computed from its values at 120
/// Chebyshev nodes with 60 digits. What is left out sums to 2e-17.
const ERFC: [f64; 24] = [
    0.7377924971155532,
    -0.21817361893805362,
    0.049503721225762784,
    -0.0025726982280633707,
    -0.004193339501765898,
    0.0025732881485069263,
    -0.0009545378786467943,
    0.00026047574753294394,
    -5.3142109585007945e-05,
    7.433019050177042e-06,
    -4.310600135961552e-07,
    -8.666784461850291e-08,
    2.444129931617036e-08,
    -1.3958179331627473e-09,
    -4.6292579264676443e-10,
    9.158432127526939e-11,
    4.099661454135434e-12,
    -3.107092638312008e-12,
    1.0859225472109777e-13,
    9.315628668137369e-14,
    -8.659869830664084e-15,
    -2.8218395496347422e-15,
    4.038719989002884e-16,
    9.254027468667993e-17,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_function() {
        // 16 digits, from 60-digit arithmetic
        for (x, value) in [
            (0.1, 0.1124629160182849),
            (0.499, 0.5196206559894685),
            (0.5, 0.5204998778130465),
            (1.0, 0.8427007929497149),
            (2.5, 0.999593047982555),
        ] {
            assert!((erf(x) - value).abs() < 4e-16, "{x}: {}", erf(x));
            assert_eq!(erf(-x), -erf(x));
        }
        for (x, value) in [(0.0, 1.0), (3.0, 2.209049699858544e-5), (10.0, 2.088487583762545e-45)] {
            assert!((erfc(x) / value - 1.0).abs() < 1e-13, "{x}: {}", erfc(x));
        }
        assert_eq!((erfc(f64::INFINITY), erfc(f64::NEG_INFINITY), erf(f64::INFINITY)), (0.0, 2.0, 1.0));
        assert!(erf(f64::NAN).is_nan() && erfc(f64::NAN).is_nan());
    }

    #[test]
    fn derivatives_are_slopes() {
        for activation in Activation::ALL {
            for step in -60..=60 {
                let x = step as f32 * 0.1 + 0.037; // no kink within reach
                let h = 1e-3;
                let slope = (f64::from(activation.apply(x + h)) - f64::from(activation.apply(x - h)))
                    / (f64::from(x + h) - f64::from(x - h));
                let derivative = f64::from(activation.derivative(x));
                assert!(
                    (slope - derivative).abs() < 1e-3,
                    "{activation:?} at {x}: {derivative}, slope {slope}"
                );
            }
        }
    }

    #[test]
    fn finite_for_every_finite_input() {
        for activation in Activation::ALL {
            for x in [0.0, -0.0, 1e-38, -1e-38, 89.0, -89.0, 1e4, -1e4, 1e30, -1e30] {
                assert!(activation.apply(x).is_finite(), "{activation:?} at {x}");
                assert!(activation.derivative(x).is_finite(), "{activation:?} at {x}");
            }
        }
    }

    #[test]
    fn a_not_a_number_stays_one() {
        for activation in Activation::ALL {
            assert!(activation.apply(f32::NAN).is_nan(), "{activation:?}");
        }
    }
}
