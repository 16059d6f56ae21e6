//! The softmax of eight queries at once, in place: their scores lie side by side, key after key.

use crate::core::ops::gemm::COLUMNS;
use crate::core::ops::lanes::{Four, unrolled};

/// Queries that are worked on together: the columns of a tile of the matrix product, two registers.
pub(super) const QUERIES: usize = COLUMNS;
/// Keys of one step, whose powers are added in pairs.
const STEP: usize = 4;

/// Turns scores `[keys, queries]` into `exp((score - largest of the query) / temperature)`, and gives what they are to be
/// multiplied with so that those of a query add up to 1. There are a multiple of [`STEP`] keys.
///
/// Negative infinity gives exactly zero, and a query of nothing else gets zeros.
pub(super) fn powers(scores: &mut [[f32; QUERIES]], temperature: f64) -> [f32; QUERIES] {
    // exp(x) = 2^(x log2(e)); neither 0 nor infinite, for both times infinity or zero would be NaN
    let turns = (std::f64::consts::LOG2_E / temperature) as f32;
    let turns = Four::splat(turns.clamp(f32::MIN_POSITIVE, f32::MAX));
    let mut shares = [1.0; QUERIES];
    for (half, shares) in shares.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let mut largest = Four::splat(f32::NEG_INFINITY);
        for score in scores.iter() {
            if let Some(score) = score.as_chunks().0.get(half) {
                largest = largest.larger(Four::load(score));
            }
        }
        // Where nothing is to be seen, nothing is subtracted: every power is zero.
        let largest = largest.below(Four::splat(f32::MIN), Four::ZERO, largest);
        let mut sum = Four::ZERO;
        for step in scores.as_chunks_mut::<STEP>().0 {
            let mut powers = [Four::ZERO; STEP];
            unrolled!(at < STEP => if let Some(score) = step[at].as_chunks_mut().0.get_mut(half) {
                powers[at] = power_of_two((Four::load(score) - largest) * turns);
                *score = powers[at].array();
            });
            sum = sum + ((powers[0] + powers[1]) + (powers[2] + powers[3]));
        }
        *shares = sum.array().map(|sum| if sum == 0.0 { 1.0 } else { 1.0 / sum });
    }
    shares
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
    // In pairs, as Estrin adds: the next number need not wait so long for this one.
    let square = r * r;
    let first = 1.0 + std::f32::consts::LN_2 * r;
    let middle = 0.240_226_5 + 0.055_503_57 * r;
    let last = (0.009_618_083 + 0.001_339_086_3 * r) + 0.000_154_531_63 * square;
    let power = first + square * (middle + square * last);
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

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use super::*;
    use crate::core::ops::attention::softmax_plain;
    use crate::core::tensor::Random;

    /// Of a row of any length, at every place the same.
    fn softmax(row: Vec<f32>, temperature: f64) -> Vec<f32> {
        let mut scores: Vec<[f32; QUERIES]> = row.iter().map(|score| [*score; QUERIES]).collect();
        scores.resize(row.len().next_multiple_of(STEP), [f32::NEG_INFINITY; QUERIES]);
        let shares = powers(&mut scores, temperature);
        let soft: Vec<[f32; QUERIES]> =
            scores.into_iter().map(|powers| std::array::from_fn(|at| shares[at] * powers[at])).collect();
        assert!(
            soft.iter()
                .flatten()
                .zip(soft.iter().flat_map(|s| [s[0]; QUERIES]))
                .all(|(a, b)| a.to_bits() == b.to_bits())
        );
        soft.into_iter().take(row.len()).map(|soft| soft[0]).collect()
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
