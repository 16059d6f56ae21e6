//! Four numbers that one instruction handles. In wasm this is the 128-bit register of `simd128`; elsewhere an array,
//! from which the compiler makes what the machine has. Both round alike.

// The one place that needs `unsafe`: a register is loaded and stored whole only through a pointer. Put together from
// four numbers it takes four loads in a page compiled for size, three times the time of the whole operator.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[allow(unsafe_code)]
mod four {
    use std::arch::wasm32::{
        f32x4, f32x4_add, f32x4_mul, f32x4_splat, f32x4_sub, i32x4_shuffle, i64x2_shuffle, v128, v128_load,
        v128_store,
    };

    /// Four numbers.
    #[derive(Clone, Copy)]
    pub struct Four(pub(in crate::core::ops) v128);

    impl Four {
        pub const ZERO: Four = Four(f32x4(0.0, 0.0, 0.0, 0.0));

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

        #[inline(always)]
        pub fn plus(self, other: Four) -> Self {
            Four(f32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub fn minus(self, other: Four) -> Self {
            Four(f32x4_sub(self.0, other.0))
        }

        #[inline(always)]
        pub fn times(self, factor: f32) -> Self {
            Four(f32x4_mul(self.0, f32x4_splat(factor)))
        }

        /// The numbers at even and those at odd places of the eight of two registers.
        #[inline(always)]
        pub fn unzip(a: Four, b: Four) -> [Four; 2] {
            [Four(i32x4_shuffle::<0, 2, 4, 6>(a.0, b.0)), Four(i32x4_shuffle::<1, 3, 5, 7>(a.0, b.0))]
        }

        /// Four rows of four to four columns of four.
        #[inline(always)]
        pub fn transpose([a, b, c, d]: [Four; 4]) -> [Four; 4] {
            let (ab, cd) = (i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0), i32x4_shuffle::<0, 4, 1, 5>(c.0, d.0));
            let (ef, gh) = (i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0), i32x4_shuffle::<2, 6, 3, 7>(c.0, d.0));
            [
                Four(i64x2_shuffle::<0, 2>(ab, cd)),
                Four(i64x2_shuffle::<1, 3>(ab, cd)),
                Four(i64x2_shuffle::<0, 2>(ef, gh)),
                Four(i64x2_shuffle::<1, 3>(ef, gh)),
            ]
        }
    }
}

// Written out: `map` and `from_fn` stay loops in a program compiled for size.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod four {
    /// Four numbers.
    #[derive(Clone, Copy)]
    #[repr(align(16))]
    pub struct Four(pub(in crate::core::ops) [f32; 4]);

    impl Four {
        pub const ZERO: Four = Four([0.0; 4]);

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
            let (x, a, b) = (self.0, a.0, b.0);
            Four([x[0] + a[0] * b[0], x[1] + a[1] * b[1], x[2] + a[2] * b[2], x[3] + a[3] * b[3]])
        }

        #[inline(always)]
        pub fn plus(self, other: Four) -> Self {
            let (x, y) = (self.0, other.0);
            Four([x[0] + y[0], x[1] + y[1], x[2] + y[2], x[3] + y[3]])
        }

        #[inline(always)]
        pub fn minus(self, other: Four) -> Self {
            let (x, y) = (self.0, other.0);
            Four([x[0] - y[0], x[1] - y[1], x[2] - y[2], x[3] - y[3]])
        }

        #[inline(always)]
        pub fn times(self, factor: f32) -> Self {
            let x = self.0;
            Four([x[0] * factor, x[1] * factor, x[2] * factor, x[3] * factor])
        }

        /// The numbers at even and those at odd places of the eight of two registers.
        #[inline(always)]
        pub fn unzip(a: Four, b: Four) -> [Four; 2] {
            let ([a, b, c, d], [e, f, g, h]) = (a.0, b.0);
            [Four([a, c, e, g]), Four([b, d, f, h])]
        }

        /// Four rows of four to four columns of four.
        #[inline(always)]
        pub fn transpose([a, b, c, d]: [Four; 4]) -> [Four; 4] {
            let column = |j: usize| Four([a.0[j], b.0[j], c.0[j], d.0[j]]);
            [column(0), column(1), column(2), column(3)]
        }
    }
}

pub(super) use four::Four;

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

/// Four rows of four numbers to four columns of four.
#[inline(always)]
pub(super) fn transposed([a, b, c, d]: [&[f32; 4]; 4]) -> [[f32; 4]; 4] {
    let [a, b, c, d] = Four::transpose([Four::load(a), Four::load(b), Four::load(c), Four::load(d)]);
    [a.array(), b.array(), c.array(), d.array()]
}

/// `4 * N` sums that stay in registers.
#[derive(Clone, Copy)]
pub(super) struct Sums<const N: usize>([Four; N]);

impl<const N: usize> Sums<N> {
    /// How many sums there are.
    pub const WIDTH: usize = 4 * N;

    /// Nothing yet.
    pub const ZERO: Self = Sums([Four::ZERO; N]);

    /// All equal to `x`.
    #[inline(always)]
    pub fn splat(x: f32) -> Self {
        let x = Four::splat(x);
        let mut sums = [Four::ZERO; N];
        unrolled!(i < N => sums[i] = x);
        Sums(sums)
    }

    /// The numbers of `row` from `start` on; `None` when there are too few.
    #[inline(always)]
    pub fn load(row: &[f32], start: usize) -> Option<Self> {
        let (fours, _) = row.get(start..start.checked_add(Self::WIDTH)?)?.as_chunks::<4>();
        let fours: &[[f32; 4]; N] = fours.try_into().ok()?;
        let mut sums = [Four::ZERO; N];
        unrolled!(i < N => sums[i] = Four::load(&fours[i]));
        Some(Sums(sums))
    }

    /// `self + x`
    #[inline(always)]
    pub fn plus(mut self, x: f32) -> Self {
        let x = Four::splat(x);
        unrolled!(i < N => self.0[i] = self.0[i].plus(x));
        self
    }

    /// `self += tap * x`
    #[inline(always)]
    pub fn add(&mut self, tap: f32, x: &Self) {
        let tap = Four::splat(tap);
        unrolled!(i < N => self.0[i] = self.0[i].plus_product(tap, x.0[i]));
    }

    /// `self + tap * x`, the same tap for all.
    #[inline(always)]
    pub fn plus_products(mut self, tap: Four, x: &Self) -> Self {
        unrolled!(i < N => self.0[i] = self.0[i].plus_product(tap, x.0[i]));
        self
    }

    /// `self += a * b`
    #[inline(always)]
    pub fn add_products(&mut self, a: &Self, b: &Self) {
        unrolled!(i < N => self.0[i] = self.0[i].plus_product(a.0[i], b.0[i]));
    }

    /// Adds the sums to the numbers of `y`; those beyond its end are left out.
    #[inline(always)]
    pub fn add_to(&self, y: &mut [f32]) {
        if let Some(fours) = y.as_chunks_mut::<4>().0.first_chunk_mut::<N>() {
            unrolled!(i < N => fours[i] = Four::load(&fours[i]).plus(self.0[i]).array());
        } else {
            let sums = self.arrays();
            y.iter_mut().zip(sums.as_flattened()).for_each(|(y, sum)| *y += sum);
        }
    }

    /// The sums in memory. Going through `self` itself by index would keep it there all along.
    #[inline(always)]
    fn arrays(&self) -> [[f32; 4]; N] {
        let mut sums = [[0.0; 4]; N];
        unrolled!(i < N => sums[i] = self.0[i].array());
        sums
    }

    /// Every four of them replaced; `f` is given which four they are.
    #[inline(always)]
    pub fn map(mut self, f: impl Fn(usize, Four) -> Four) -> Self {
        unrolled!(i < N => self.0[i] = f(i, self.0[i]));
        self
    }

    /// The sums, register by register.
    #[inline(always)]
    pub fn fours(self) -> [Four; N] {
        self.0
    }

    /// The sum of the sums.
    pub fn total(&self) -> f64 {
        self.0.iter().flat_map(|four| four.array()).map(f64::from).sum()
    }

    /// Writes the sums to `y` from `j` on; those beyond its end are left out.
    #[inline(always)]
    pub fn store(&self, y: &mut [f32], j: usize) {
        let y = &mut y[j..];
        if let Some(fours) = y.as_chunks_mut::<4>().0.first_chunk_mut::<N>() {
            unrolled!(i < N => fours[i] = self.0[i].array());
        } else {
            let sums = self.arrays();
            y.iter_mut().zip(sums.as_flattened()).for_each(|(y, sum)| *y = *sum);
        }
    }
}
