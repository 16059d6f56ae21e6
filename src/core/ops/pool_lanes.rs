//! What the fast path of pooling does with four numbers at a time.

use crate::core::ops::lanes::Four;

/// Comparing, adding and picking, four numbers at a time.
pub(super) trait PoolLanes: Copy {
    /// The larger one of each; that of `self` when they are equal or one is NaN.
    fn larger(self, other: Self) -> Self;
    /// The smaller one of each; that of `self` when they are equal or one is NaN.
    fn smaller(self, other: Self) -> Self;
    fn added(self, other: Self) -> Self;
    fn divided(self, other: Self) -> Self;
    /// The first and third number of `self`, then of `next`.
    fn evens(self, next: Self) -> Self;
    /// The second and fourth number of `self`, then of `next`.
    fn odds(self, next: Self) -> Self;
    /// NaN where one of both is NaN, and else bits without meaning. Zero with zero gives zero.
    fn nan_marks(self, marks: Self) -> Self;
    /// Whether [`PoolLanes::nan_marks`] has seen a NaN.
    fn any_mark(self) -> bool;
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
impl PoolLanes for Four {
    #[inline(always)]
    fn larger(self, other: Four) -> Four {
        Four(std::arch::wasm32::f32x4_pmax(self.0, other.0))
    }

    #[inline(always)]
    fn smaller(self, other: Four) -> Four {
        Four(std::arch::wasm32::f32x4_pmin(self.0, other.0))
    }

    #[inline(always)]
    fn added(self, other: Four) -> Four {
        Four(std::arch::wasm32::f32x4_add(self.0, other.0))
    }

    #[inline(always)]
    fn divided(self, other: Four) -> Four {
        Four(std::arch::wasm32::f32x4_div(self.0, other.0))
    }

    #[inline(always)]
    fn evens(self, next: Four) -> Four {
        Four(std::arch::wasm32::i32x4_shuffle::<0, 2, 4, 6>(self.0, next.0))
    }

    #[inline(always)]
    fn odds(self, next: Four) -> Four {
        Four(std::arch::wasm32::i32x4_shuffle::<1, 3, 5, 7>(self.0, next.0))
    }

    #[inline(always)]
    fn nan_marks(self, marks: Four) -> Four {
        Four(std::arch::wasm32::v128_or(marks.0, std::arch::wasm32::f32x4_ne(self.0, self.0)))
    }

    #[inline(always)]
    fn any_mark(self) -> bool {
        std::arch::wasm32::v128_any_true(self.0)
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
impl PoolLanes for Four {
    #[inline(always)]
    fn larger(self, other: Four) -> Four {
        Four(std::array::from_fn(|i| if self.0[i] < other.0[i] { other.0[i] } else { self.0[i] }))
    }

    #[inline(always)]
    fn smaller(self, other: Four) -> Four {
        Four(std::array::from_fn(|i| if other.0[i] < self.0[i] { other.0[i] } else { self.0[i] }))
    }

    #[inline(always)]
    fn added(self, other: Four) -> Four {
        Four(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }

    #[inline(always)]
    fn divided(self, other: Four) -> Four {
        Four(std::array::from_fn(|i| self.0[i] / other.0[i]))
    }

    #[inline(always)]
    fn evens(self, next: Four) -> Four {
        Four([self.0[0], self.0[2], next.0[0], next.0[2]])
    }

    #[inline(always)]
    fn odds(self, next: Four) -> Four {
        Four([self.0[1], self.0[3], next.0[1], next.0[3]])
    }

    #[inline(always)]
    fn nan_marks(self, marks: Four) -> Four {
        Four(std::array::from_fn(|i| if self.0[i].is_nan() { f32::NAN } else { marks.0[i] }))
    }

    #[inline(always)]
    fn any_mark(self) -> bool {
        self.0.iter().any(|mark| mark.to_bits() != 0)
    }
}
