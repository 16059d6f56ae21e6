//! [`correlate`](super::correlate) with a kernel of 3 × 3 taps that stand side by side, from one channel to one: the kernel
//! stays in registers over the whole map, and no number that is read is looked up.

use crate::core::ops::conv_box::{Finish, Rows};
use crate::core::ops::lanes::{Four, Sums, unrolled};

/// Taps in a row, and rows.
const SIDE: usize = 3;

/// The kernel.
pub(super) struct Nine {
    /// Where the rows of the window begin, from its first tap on.
    rows: [usize; SIDE],
    taps: [[Four; SIDE]; SIDE],
    bias: f32,
}

impl Nine {
    /// `None` for any other kernel.
    pub fn new(reads: &[usize], taps: &[f32], bias: f32) -> Option<Self> {
        let (&[a, b, c], []) = reads.as_chunks::<SIDE>() else { return None };
        let (&[d, e, f], []) = taps.as_chunks::<SIDE>() else { return None };
        let three = |taps: [f32; SIDE]| [Four::splat(taps[0]), Four::splat(taps[1]), Four::splat(taps[2])];
        let beside = |row: [usize; SIDE]| row[1] == row[0] + 1 && row[2] == row[0] + 2;
        (beside(a) && beside(b) && beside(c)).then(|| Nine {
            rows: [a[0], b[0], c[0]],
            taps: [three(d), three(e), three(f)],
            bias,
        })
    }

    /// As [`correlate`](super::correlate) for the first channel of both.
    pub fn correlate(
        &self,
        (x, from): (&[f32], Rows),
        finish: Finish<'_>,
        (y, to): (&mut [f32], Rows),
        (height, width): (usize, usize),
    ) {
        for i in 0..height {
            let Some(x) = x.get(from.at(i, 0)..) else { return };
            let Some(y) = y.get_mut(to.at(i, 0)..).and_then(|y| y.get_mut(..width)) else { return };
            let mut j = 0;
            // The last ones of a row are done again rather than one by one.
            while j < width {
                let left = width - j;
                j = if left > 8 && width >= 16 {
                    self.columns::<4>(x, finish, y, (i, j.min(width - 16)))
                } else if left > 4 && width >= 8 {
                    self.columns::<2>(x, finish, y, (i, j.min(width - 8)))
                } else {
                    self.columns::<1>(x, finish, y, (i, j.min(width.saturating_sub(4))))
                };
            }
        }
    }

    /// `4 * N` columns from `j` on, of which the row may have less; gives the next column.
    #[inline(always)]
    fn columns<const N: usize>(
        &self,
        x: &[f32],
        finish: Finish<'_>,
        y: &mut [f32],
        (i, j): (usize, usize),
    ) -> usize {
        let mut sums = Sums::<N>::splat(self.bias);
        unrolled!(u < SIDE => {
            let from = self.rows[u] + j;
            if let Some(x) = x.get(from..from + Sums::<N>::WIDTH + SIDE - 1) {
                unrolled!(v < SIDE => if let Some(x) = Sums::load(x, v) {
                    sums = sums.plus_products(self.taps[u][v], &x);
                });
            }
        });
        finish.apply(sums, (i, j)).store(y, j);
        j + Sums::<N>::WIDTH
    }
}
