//! Numbers as short types hold them.

use ndarray::ArrayView1;

/// A type of number, with how many bits it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Precision {
    /// 24 bits of precision, `float32`.
    #[default]
    Float32,
    /// 53 bits, `float64`.
    Float64,
    /// 11 bits and up to 65504, `float16`.
    Float16,
    /// 8 bits and the range of `float32`, `bfloat16`.
    BFloat16,
}

impl Precision {
    /// The nearest number of this type, of two the one whose last bit is 0.
    ///
    /// ```
    /// use receptive::core::ops::Precision;
    /// assert_eq!(Precision::Float16.round(1.0 + 1.0 / 2048.0), 1.0);
    /// assert_eq!(Precision::Float16.round(65520.0), f64::INFINITY);
    /// assert_eq!(Precision::BFloat16.round(1.01), 1.0078125);
    /// ```
    pub fn round(self, x: f64) -> f64 {
        let (bits, smallest, largest) = match self {
            Precision::Float64 => return x,
            Precision::Float32 => return f64::from(x as f32),
            Precision::Float16 => (11, -14, 65504.0),
            Precision::BFloat16 => (8, -126, 3.3895313892515355e38),
        };
        if x == 0.0 || !x.is_finite() {
            return x;
        }
        // the distance between neighbours: below the smallest exponent it stays
        let exponent = ((x.to_bits() >> 52 & 0x7ff) as i32 - 1023).max(smallest);
        let step = 2f64.powi(exponent - (bits - 1));
        let rounded = (x / step).round_ties_even() * step;
        if rounded.abs() > largest { f64::INFINITY.copysign(x) } else { rounded }
    }

    /// The softmax of a row whose every step is rounded to this type, but for the sum, which is rounded once. Negative
    /// infinity gives zero, and a row of nothing else gives zeros.
    pub(super) fn softmax(self, row: ArrayView1<'_, f64>) -> Vec<f64> {
        let row: Vec<f64> = row.iter().map(|&x| self.round(x)).collect();
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if largest == f64::NEG_INFINITY {
            return vec![0.0; row.len()];
        }
        let powers: Vec<f64> = row.iter().map(|x| self.round(self.round(x - largest).exp())).collect();
        let sum = self.round(powers.iter().sum());
        powers.iter().map(|power| self.round(power / sum)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_types() {
        assert_eq!(Precision::Float16.round(1e-8), 0.0);
        assert_eq!(Precision::Float16.round(6e-8), 2f64.powi(-24));
        assert_eq!(Precision::Float16.round(65519.0), 65504.0);
        assert_eq!(Precision::BFloat16.round(-1.003), -1.0);
        assert_eq!(Precision::BFloat16.round(f64::MAX), f64::INFINITY);
        assert_eq!(Precision::Float32.round(0.1), f64::from(0.1f32));
        assert!(Precision::Float16.round(f64::NAN).is_nan());
        let row = ndarray::array![0.0, f64::NEG_INFINITY, 0.0];
        assert_eq!(Precision::Float16.softmax(row.view()), [0.5, 0.0, 0.5]);
        assert_eq!(Precision::Float16.softmax(row.mapv(|_| f64::NEG_INFINITY).view()), [0.0; 3]);
    }
}
