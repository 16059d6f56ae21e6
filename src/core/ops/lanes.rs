//! Four numbers that one instruction handles. In wasm this is the 128-bit register of `simd128`; elsewhere an array,
//! from which the compiler makes what the machine has. Both round alike.

// The one place that needs `unsafe`: a register is loaded and stored whole only through a pointer. Put together from
// four numbers it takes four loads in a page compiled for size, three times the time of the whole operator.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[allow(unsafe_code)]
mod four {
    use std::arch::wasm32::{f32x4_add, f32x4_mul, f32x4_splat, v128, v128_load, v128_store};

    /// Four numbers.
    #[derive(Clone, Copy)]
    pub struct Four(v128);

    impl Four {
        #[inline(always)]
        pub fn splat(x: f32) -> Self {
            Four(f32x4_splat(x))
        }

        #[inline(always)]
        pub fn load(x: &[f32; 4]) -> Self {
            // SAFETY: the reference is to 16 readable bytes; v128.load asks for no alignment.
            Four(unsafe { v128_load(x.as_ptr().cast()) })
        }

        #[inline(always)]
        pub fn array(self) -> [f32; 4] {
            let mut x = [0.0; 4];
            // SAFETY: the array is 16 writable bytes; v128.store asks for no alignment.
            unsafe { v128_store(x.as_mut_ptr().cast(), self.0) };
            x
        }

        /// `self + a * b`, rounded twice.
        #[inline(always)]
        pub fn plus_product(self, a: Four, b: Four) -> Self {
            Four(f32x4_add(self.0, f32x4_mul(a.0, b.0)))
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod four {
    /// Four numbers.
    #[derive(Clone, Copy)]
    #[repr(align(16))]
    pub struct Four([f32; 4]);

    impl Four {
        #[inline(always)]
        pub fn splat(x: f32) -> Self {
            Four([x; 4])
        }

        #[inline(always)]
        pub fn load(x: &[f32; 4]) -> Self {
            Four(*x)
        }

        #[inline(always)]
        pub fn array(self) -> [f32; 4] {
            self.0
        }

        /// `self + a * b`, rounded twice.
        #[inline(always)]
        pub fn plus_product(self, a: Four, b: Four) -> Self {
            Four(std::array::from_fn(|i| self.0[i] + a.0[i] * b.0[i]))
        }
    }
}

use four::Four;

/// Writes a statement once for each `i` below the constant `n`, eight at most. The page is compiled for size, where
/// a loop stays a loop and keeps its sums in memory; written out, they stay in registers.
macro_rules! unrolled {
    ($i:ident < $n:ident => $body:expr) => {
        unrolled!(@ $i $n $body; 0 1 2 3 4 5 6 7)
    };
    (@ $i:ident $n:ident $body:expr; $($at:literal)+) => {
        $(if $at < $n {
            let $i = $at;
            $body;
        })+
    };
}
pub(super) use unrolled;

/// `4 * N` sums that stay in registers.
#[derive(Clone, Copy)]
pub(super) struct Sums<const N: usize>([Four; N]);

impl<const N: usize> Sums<N> {
    /// How many sums there are.
    pub const WIDTH: usize = 4 * N;

    /// All equal to `x`.
    #[inline(always)]
    pub fn splat(x: f32) -> Self {
        Sums([Four::splat(x); N])
    }

    /// The numbers of `row` from `start` on; `None` when there are too few.
    #[inline(always)]
    pub fn load(row: &[f32], start: usize) -> Option<Self> {
        let (fours, _) = row.get(start..start.checked_add(Self::WIDTH)?)?.as_chunks::<4>();
        let fours: &[[f32; 4]; N] = fours.try_into().ok()?;
        let mut sums = [Four::splat(0.0); N];
        unrolled!(i < N => sums[i] = Four::load(&fours[i]));
        Some(Sums(sums))
    }

    /// `self += tap * x`
    #[inline(always)]
    pub fn add(&mut self, tap: f32, x: &Self) {
        let tap = Four::splat(tap);
        unrolled!(i < N => self.0[i] = self.0[i].plus_product(tap, x.0[i]));
    }

    /// `self += a * b`
    #[inline(always)]
    pub fn add_products(&mut self, a: &Self, b: &Self) {
        unrolled!(i < N => self.0[i] = self.0[i].plus_product(a.0[i], b.0[i]));
    }

    /// The sum of the sums.
    pub fn total(&self) -> f64 {
        self.0.iter().flat_map(|four| four.array()).map(f64::from).sum()
    }

    /// Writes the sums to `y` from `j` on; those beyond its end are left out.
    #[inline(always)]
    pub fn store(&self, y: &mut [f32], j: usize) {
        let y = &mut y[j..];
        let (fours, rest) = y.as_chunks_mut::<4>();
        for (y, sums) in fours.iter_mut().zip(&self.0) {
            *y = sums.array();
        }
        if fours.len() < N {
            let sums = self.0[fours.len()].array();
            rest.iter_mut().zip(sums).for_each(|(y, sum)| *y = sum);
        }
    }
}
