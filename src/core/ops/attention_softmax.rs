//! The softmax of one row of scores, in place and four numbers at a time.

use crate::core::ops::lanes::Four;

/// Numbers of one step: two registers, whose chains of products run beside each other.
const STEP: usize = 8;

/// Turns scores into `exp((score - largest) / temperature)`, and gives what they are to be multiplied with so that they
/// add up to 1. The length of the row is a multiple of [`STEP`].
///
/// Negative infinity gives exactly zero, and a row of nothing else gives zeros.
pub(super) fn powers(row: &mut [f32], temperature: f64) -> f32 {
    let largest = largest(row);
    let (steps, _) = row.as_chunks_mut::<STEP>();
    if largest == f32::NEG_INFINITY {
        let fill = if steps.as_flattened().iter().any(|x| x.is_nan()) { f32::NAN } else { 0.0 };
        steps.fill([fill; STEP]);
        return 1.0;
    }
    // exp(x) = 2^(x log2(e)); neither 0 nor infinite, for both times infinity or zero would be NaN
    let turns = (std::f64::consts::LOG2_E / temperature) as f32;
    let (largest, turns) = (Four::splat(largest), Four::splat(turns.clamp(f32::MIN_POSITIVE, f32::MAX)));
    let mut sums = [Four::splat(0.0); 2];
    for step in steps {
        if let ([a, b], _) = step.as_chunks_mut::<4>() {
            let powers = [
                power_of_two((Four::load(a) - largest) * turns),
                power_of_two((Four::load(b) - largest) * turns),
            ];
            sums = [sums[0] + powers[0], sums[1] + powers[1]];
            (*a, *b) = (powers[0].array(), powers[1].array());
        }
    }
    1.0 / (sums[0] + sums[1]).array().iter().sum::<f32>()
}

/// `2^x` for `x <= 0`: `2^n` from the bits of a whole `n`, and for what is left a polynomial through Chebyshev nodes of
/// -1/2 .. 1/2, whose relative error is 1e-8. Zero from -127 on.
#[inline(always)]
fn power_of_two(x: Four) -> Four {
    /// Added to a small number, it leaves the nearest whole number in the last bits.
    const ROUND: f32 = 12_582_912.0; // 1.5 * 2^23
    let x = x.larger(Four::splat(-127.0));
    let rounded = ROUND + x;
    let r = x - (rounded - Four::splat(ROUND));
    let bend = 0.055_503_57 + r * (0.009_618_083 + r * (0.001_339_086_3 + 0.000_154_531_63 * r));
    let power = 1.0 + r * (std::f32::consts::LN_2 + r * (0.240_226_5 + r * bend));
    power * rounded.two_to_mantissa()
}

impl Four {
    /// The larger one of each; NaN where `self` is.
    #[inline(always)]
    fn larger(self, other: Four) -> Four {
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        return Four(std::arch::wasm32::f32x4_pmax(self.0, other.0));
        #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
        return self.below(other, other, self);
    }
}

/// The largest number, NaN left out; negative infinity when there is none.
fn largest(row: &[f32]) -> f32 {
    let mut largest = [Four::splat(f32::NEG_INFINITY); 2];
    for step in row.as_chunks::<STEP>().0 {
        if let ([a, b], _) = step.as_chunks::<4>() {
            largest = [largest[0].larger(Four::load(a)), largest[1].larger(Four::load(b))];
        }
    }
    largest[0].larger(largest[1]).array().into_iter().fold(f32::NEG_INFINITY, f32::max)
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use super::*;
    use crate::core::ops::attention::softmax_plain;
    use crate::core::tensor::Random;

    /// Of a row of any length.
    fn softmax(mut row: Vec<f32>, temperature: f64) -> Vec<f32> {
        let length = row.len();
        row.resize(length.next_multiple_of(STEP), f32::NEG_INFINITY);
        let share = powers(&mut row, temperature);
        row.into_iter().take(length).map(|power| share * power).collect()
    }

    #[test]
    fn fast_is_plain() {
        let mut random = Random::new(31);
        for length in 0..70 {
            let temperature = f64::from(random.range(0.1, 4.0));
            let row: Vec<f32> = (0..length)
                .map(|_| if random.below(5) == 0 { f32::NEG_INFINITY } else { random.range(-30.0, 30.0) })
                .collect();
            let want = softmax_plain(Array1::from(row.clone()).mapv(f64::from).view(), temperature);
            let got = softmax(row, temperature);
            for (got, want) in got.iter().zip(want) {
                // the exponent is rounded to f32
                let allowed = 4e-7 + 2e-7 * 60.0 / temperature;
                assert!((f64::from(*got) - want).abs() <= allowed * want + 1e-30, "{got}, not {want}");
            }
        }
    }

    #[test]
    fn edges() {
        let soft = softmax;
        let hidden = f32::NEG_INFINITY;
        assert_eq!(soft(vec![hidden; 9], 1.0), [0.0; 9]);
        assert_eq!(soft(vec![1e30, hidden, -1e30], 1.0), [1.0, 0.0, 0.0]);
        assert_eq!(soft(vec![2.0, 1.0, hidden], 1e-320), [1.0, 0.0, 0.0]);
        assert_eq!(soft(vec![2.0, 1.0, hidden], 1e300), [0.5, 0.5, 0.0]);
        assert!(soft(vec![f32::NAN, hidden], 1.0).iter().all(|x| x.is_nan()));
        assert!(soft(vec![f32::NAN, 1.0], 1.0).iter().all(|x| x.is_nan()));
        assert!(soft(vec![f32::INFINITY, 1.0], 1.0)[0].is_nan());
    }
}
