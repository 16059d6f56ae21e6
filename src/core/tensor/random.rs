//! Random numbers with a seed: small, and the same in every browser and in the tests.

/// A seeded generator: xoshiro256++ by Blackman and Vigna (2019), its state filled by splitmix64.
///
/// Only integer arithmetic and the four exact operations of IEEE 754 are used, so that a seed means the same
/// numbers on every machine.
///
/// ```
/// use receptive::core::tensor::Random;
/// let (mut a, mut b) = (Random::new(7), Random::new(7));
/// assert_eq!(a.next_u64(), b.next_u64());
/// assert!((0.0..1.0).contains(&a.uniform()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// A generator that always gives the same numbers for the same `seed`.
    pub fn new(seed: u64) -> Self {
        let mut counter = seed;
        let state = std::array::from_fn(|_| {
            counter = counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = counter;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        });
        Random { state }
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number of `[0, 1)`, a multiple of 2^-24.
    pub fn uniform(&mut self) -> f32 {
        (self.next_u64() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// A number of `[lo, hi)`; `lo` when the interval is empty.
    pub fn range(&mut self, lo: f32, hi: f32) -> f32 {
        let value = lo + (hi - lo) * self.uniform();
        if value < hi { value } else { lo } // rounding may reach `hi`
    }

    /// A whole number of `[0, n)`, each with the same probability; 0 when `n` is 0.
    ///
    /// Lemire, "Fast random integer generation in an interval" (2019).
    pub fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        if n == 0 {
            return 0;
        }
        let unfair = n.wrapping_neg() % n; // 2^64 mod n
        loop {
            let product = u128::from(self.next_u64()) * u128::from(n);
            if product as u64 >= unfair {
                return (product >> 64) as usize;
            }
        }
    }

    /// A number of the normal distribution with mean 0 and standard deviation 1.
    ///
    /// Marsaglia's polar method: a point of the unit disc gives a direction and, through its radius, a length.
    pub fn normal(&mut self) -> f32 {
        loop {
            let u = self.symmetric();
            let v = self.symmetric();
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                return (u * (-2.0 * ln(s) / s).sqrt()) as f32;
            }
        }
    }

    /// A number of `[-1, 1)` with 53 random bits.
    fn symmetric(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

/// The natural logarithm of a normal `x > 0`, from exact operations only: the `ln` of the standard library differs
/// between platforms in the last bit.
fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = (bits >> 52) as i64 - 1023;
    let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52)); // [1, 2)
    // ln m = 2 artanh z = 2 (z + z^3/3 + z^5/5 …) with z = (m - 1) / (m + 1) <= 1/3
    let z = (mantissa - 1.0) / (mantissa + 1.0);
    let mut sum = 0.0;
    for k in (0..17).rev() {
        sum = sum * z * z + 1.0 / f64::from(2 * k + 1);
    }
    exponent as f64 * std::f64::consts::LN_2 + 2.0 * z * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers() {
        // splitmix64 from seed 0 begins with 0xe220a8397b1dcdaf; the rest was recorded once.
        let random = Random::new(0);
        assert_eq!(random.state[0], 0xe220_a839_7b1d_cdaf);
        // xoshiro256++ from the state 1, 2, 3, 4 (the generator's published test)
        let mut random = Random { state: [1, 2, 3, 4] };
        let first: Vec<u64> = (0..4).map(|_| random.next_u64()).collect();
        assert_eq!(first, [41943041, 58720359, 3588806011781223, 3591011842654386]);
    }

    #[test]
    fn logarithm() {
        for x in [1e-300, 1e-9, 0.1, 0.5, 0.99999, 1.0, 1.5, 2.0, 7.25, 1e20] {
            assert!((ln(x) - x.ln()).abs() <= 1e-15 * x.ln().abs().max(1.0), "{x}");
        }
    }

    #[test]
    fn moments() {
        let mut random = Random::new(3);
        let n = 100_000;
        let uniform: f64 = (0..n).map(|_| f64::from(random.uniform())).sum::<f64>() / f64::from(n);
        assert!((uniform - 0.5).abs() < 0.005, "{uniform}");
        let normals: Vec<f64> = (0..n).map(|_| f64::from(random.normal())).collect();
        let moment = |p| normals.iter().map(|x| x.powi(p)).sum::<f64>() / f64::from(n);
        assert!(moment(1).abs() < 0.02, "{}", moment(1));
        assert!((moment(2) - 1.0).abs() < 0.02, "{}", moment(2));
        assert!((moment(4) - 3.0).abs() < 0.15, "{}", moment(4));
    }

    #[test]
    fn bounds() {
        let mut random = Random::new(5);
        let mut seen = [0; 5];
        for _ in 0..5000 {
            seen[random.below(5)] += 1;
            let value = random.range(-2.0, 3.0);
            assert!((-2.0..3.0).contains(&value));
        }
        assert!(seen.iter().all(|&count| (900..1100).contains(&count)), "{seen:?}");
        assert_eq!(random.below(0), 0);
        assert_eq!(random.below(1), 0);
        assert_eq!(random.range(1.0, 1.0), 1.0);
        assert!(random.below(usize::MAX) < usize::MAX);
    }
}
