//! Arithmetic on the four numbers of a register, so that a formula over them reads as one over numbers.

use std::ops::{Add, Div, Mul, Sub};

use super::lanes::Four;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod register {
    use std::arch::wasm32 as wasm;

    use super::Four;

    impl Four {
        #[inline(always)]
        pub(super) fn sum(self, other: Four) -> Four {
            Four(wasm::f32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub(super) fn difference(self, other: Four) -> Four {
            Four(wasm::f32x4_sub(self.0, other.0))
        }

        #[inline(always)]
        pub(super) fn product(self, other: Four) -> Four {
            Four(wasm::f32x4_mul(self.0, other.0))
        }

        #[inline(always)]
        pub(super) fn quotient(self, other: Four) -> Four {
            Four(wasm::f32x4_div(self.0, other.0))
        }

        #[inline(always)]
        pub fn abs(self) -> Four {
            Four(wasm::f32x4_abs(self.0))
        }

        /// `yes` where `self < limit`, else `no`; a NaN is below nothing.
        #[inline(always)]
        pub fn below(self, limit: Four, yes: Four, no: Four) -> Four {
            Four(wasm::v128_bitselect(yes.0, no.0, wasm::f32x4_lt(self.0, limit.0)))
        }

        /// 2 to the power that stands in the lowest bits of the mantissa, from -126 to 127.
        #[inline(always)]
        pub fn two_to_mantissa(self) -> Four {
            Four(wasm::i32x4_shl(wasm::i32x4_add(self.0, wasm::i32x4_splat(127)), 23))
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod register {
    use std::array::from_fn;

    use super::Four;

    impl Four {
        #[inline(always)]
        pub(super) fn sum(self, other: Four) -> Four {
            Four(from_fn(|i| self.0[i] + other.0[i]))
        }

        #[inline(always)]
        pub(super) fn difference(self, other: Four) -> Four {
            Four(from_fn(|i| self.0[i] - other.0[i]))
        }

        #[inline(always)]
        pub(super) fn product(self, other: Four) -> Four {
            Four(from_fn(|i| self.0[i] * other.0[i]))
        }

        #[inline(always)]
        pub(super) fn quotient(self, other: Four) -> Four {
            Four(from_fn(|i| self.0[i] / other.0[i]))
        }

        #[inline(always)]
        pub fn abs(self) -> Four {
            Four(self.0.map(f32::abs))
        }

        /// `yes` where `self < limit`, else `no`; a NaN is below nothing.
        #[inline(always)]
        pub fn below(self, limit: Four, yes: Four, no: Four) -> Four {
            Four(from_fn(|i| if self.0[i] < limit.0[i] { yes.0[i] } else { no.0[i] }))
        }

        /// 2 to the power that stands in the lowest bits of the mantissa, from -126 to 127.
        #[inline(always)]
        pub fn two_to_mantissa(self) -> Four {
            Four(self.0.map(|x| f32::from_bits(x.to_bits().wrapping_add(127) << 23)))
        }
    }
}

impl Add for Four {
    type Output = Four;
    #[inline(always)]
    fn add(self, other: Four) -> Four {
        self.sum(other)
    }
}

impl Sub for Four {
    type Output = Four;
    #[inline(always)]
    fn sub(self, other: Four) -> Four {
        self.difference(other)
    }
}

impl Mul for Four {
    type Output = Four;
    #[inline(always)]
    fn mul(self, other: Four) -> Four {
        self.product(other)
    }
}

impl Div for Four {
    type Output = Four;
    #[inline(always)]
    fn div(self, other: Four) -> Four {
        self.quotient(other)
    }
}

/// A number, four times: `2.0 * x` reads as it is meant.
impl Mul<Four> for f32 {
    type Output = Four;
    #[inline(always)]
    fn mul(self, other: Four) -> Four {
        Four::splat(self) * other
    }
}

/// A number added to each of the four.
impl Add<Four> for f32 {
    type Output = Four;
    #[inline(always)]
    fn add(self, other: Four) -> Four {
        Four::splat(self) + other
    }
}

impl Sub<Four> for f32 {
    type Output = Four;
    #[inline(always)]
    fn sub(self, other: Four) -> Four {
        Four::splat(self) - other
    }
}

impl Four {
    /// The larger one of each; NaN where `self` is.
    #[inline(always)]
    pub fn at_least(self, limit: f32) -> Four {
        let limit = Four::splat(limit);
        self.below(limit, limit, self)
    }

    /// The smaller one of each; NaN where `self` is.
    #[inline(always)]
    pub fn at_most(self, limit: f32) -> Four {
        let limit = Four::splat(limit);
        limit.below(self, limit, self)
    }
}

/// Replaces each number by what `f` makes of it, four at a time.
#[inline(always)]
pub(super) fn map(x: &mut [f32], f: impl Fn(Four) -> Four) {
    let (fours, rest) = x.as_chunks_mut::<4>();
    for four in fours {
        *four = f(Four::load(four)).array();
    }
    let mut last = [0.0; 4];
    last.iter_mut().zip(rest.iter()).for_each(|(last, x)| *last = *x);
    let last = f(Four::load(&last)).array();
    rest.iter_mut().zip(last).for_each(|(x, last)| *x = last);
}

/// Replaces each number of `x` by what `f` makes of it and its neighbour in `y`, four at a time.
#[inline(always)]
pub(super) fn zip_map(x: &mut [f32], y: &[f32], f: impl Fn(Four, Four) -> Four) {
    let (fours, rest) = x.as_chunks_mut::<4>();
    let (others, other_rest) = y.as_chunks::<4>();
    for (four, other) in fours.iter_mut().zip(others) {
        *four = f(Four::load(four), Four::load(other)).array();
    }
    let (mut last, mut other) = ([0.0; 4], [0.0; 4]);
    last.iter_mut().zip(rest.iter()).for_each(|(last, x)| *last = *x);
    other.iter_mut().zip(other_rest).for_each(|(other, y)| *other = *y);
    let last = f(Four::load(&last), Four::load(&other)).array();
    rest.iter_mut().zip(last).for_each(|(x, last)| *x = last);
}
