//! Elementary functions of four numbers at once, to a relative error of about 3e-7.
//!
//! Each is an exact reduction followed by a polynomial. The coefficients were computed for this laboratory with 40
//! digits, as Chebyshev interpolations of the function in question on the interval that is left.

use super::four::map;
use super::lanes::{Four, unrolled};

/// `c[0] + c[1] x + c[2] x² …`, by Horner's rule.
#[inline(always)]
fn polynomial<const N: usize>(x: Four, c: [f32; N]) -> Four {
    let mut sum = Four::splat(c[N - 1]);
    unrolled!(i < N => if i > 0 { sum = c[N - 1 - i] + sum * x });
    sum
}

/// `x = n ln 2 + r` with whole `n`, and `exp(x) = 2^n exp(r)`: gives `2^n` and `exp(r) - 1`, for `x` between [`LOWEST`]
/// and [`HIGHEST`].
#[inline(always)]
fn reduced_exp(x: Four) -> (Four, Four) {
    /// `1.5 * 2^23`: a sum with it is rounded to a whole number, which then stands in its lowest bits.
    const ROUNDS: f32 = 12_582_912.0;
    let shifted = ROUNDS + std::f32::consts::LOG2_E * x;
    let n = shifted - Four::splat(ROUNDS);
    // ln 2 in two parts, the first with so few digits that its product with n is exact (Cody and Waite)
    let r = x - 0.693_359_4 * n + 2.121_944_4e-4 * n;
    let tail = polynomial(r, [0.5, 0.166_665_77, 0.041_666_463, 0.008_363_182, 0.001_393_365_2]);
    (shifted.two_to_mantissa(), r + r * r * tail)
}

/// Where `exp` leaves the normal numbers.
const LOWEST: f32 = -87.3;
const HIGHEST: f32 = 88.3;

/// `exp(x)`; 0 below -87.3, `exp(88.3)` above 88.3.
#[inline(always)]
pub(super) fn exp(x: Four) -> Four {
    exp_to_highest(x.at_most(HIGHEST))
}

/// [`exp`] for `x` of 88.3 at most, which takes less.
#[inline(always)]
pub(super) fn exp_to_highest(x: Four) -> Four {
    // far below, what comes out of the reduction is nothing at all, and not asked for
    let (power, less_one) = reduced_exp(x);
    x.below(Four::splat(LOWEST), Four::splat(0.0), power + power * less_one)
}

/// `exp(x) - 1`, exact near 0 too.
#[inline(always)]
pub(super) fn exp_m1(x: Four) -> Four {
    let (power, less_one) = reduced_exp(x.at_least(LOWEST).at_most(HIGHEST));
    power * less_one + (power - Four::splat(1.0))
}

/// `ln(1 + z)` for `z` from 0 to 1: `2 artanh s` with `s = z / (z + 2)`.
#[inline(always)]
pub(super) fn ln_1p(z: Four) -> Four {
    let s = z / (2.0 + z);
    2.0 * s * polynomial(s * s, [1.0, 0.333_331_58, 0.200_124_27, 0.139_807_1, 0.140_873_29])
}

/// `1 / (1 + exp(-x))`; 0 below -87.3.
#[inline(always)]
pub(super) fn sigmoid(x: Four) -> Four {
    let value = Four::splat(1.0) / (1.0 + exp(-1.0 * x));
    x.below(Four::splat(LOWEST), Four::splat(0.0), value)
}

/// `tanh(x)`, from `exp(2 x) - 1`.
#[inline(always)]
pub(super) fn tanh(x: Four) -> Four {
    let e = exp_m1(2.0 * x);
    e / (2.0 + e)
}

/// `ln(1 + exp(x))`
#[inline(always)]
pub(super) fn softplus(x: Four) -> Four {
    x.at_least(0.0) + ln_1p(exp(-1.0 * x.abs()))
}

/// The normal distribution: Φ(x) and its density φ(x).
///
/// `Φ(-a) = exp(-a²/2) T(a)`, where `(a + 3) T(a)` is a polynomial of `u = (a - 3) / (a + 3)`.
#[inline(always)]
pub(super) fn normal(x: Four) -> (Four, Four) {
    const T: [f32; 10] = [
        0.729_083_7,
        -0.509_332_1,
        0.230_018_33,
        -0.047_258_48,
        -0.010_468_842,
        0.006_937_329,
        0.001_039_132_7,
        -0.000_938_162_4,
        -0.000_228_426_6,
        3.535_070_2e-5,
    ];
    let a = x.abs();
    let w = Four::splat(1.0) / (3.0 + a);
    let u = 1.0 - 6.0 * w;
    let bell = exp(-0.5 * a * a);
    // written out: ten coefficients are more than `unrolled` knows
    let high = polynomial(u, [T[8], T[9]]);
    let low = polynomial(u, [T[0], T[1], T[2], T[3], T[4], T[5], T[6], T[7]]);
    let u2 = u * u;
    let u4 = u2 * u2;
    let tail = bell * w * (low + u4 * u4 * high);
    let zero = Four::splat(0.0);
    (x.below(zero, tail, 1.0 - tail), 0.398_942_3 * bell)
}

/// The error function: odd powers of `x` near 0, the normal distribution elsewhere.
#[inline(always)]
pub(super) fn erf(x: Four) -> Four {
    const NEAR: [f32; 7] = [
        std::f32::consts::FRAC_2_SQRT_PI,
        -0.376_126_27,
        0.112_835_97,
        -0.026_854_33,
        0.005_189_312,
        -0.000_801_885_5,
        7.882_497e-5,
    ];
    let near = x * polynomial(x * x, NEAR);
    let (distribution, _) = normal(std::f32::consts::SQRT_2 * x);
    let far = 2.0 * distribution - Four::splat(1.0);
    x.abs().below(Four::splat(1.0), near, far)
}

/// `exp` of every number; 0 below -87.3.
pub(crate) fn exp_all(x: &mut [f32]) {
    map(x, exp);
}
