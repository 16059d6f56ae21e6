//! A convolution of stride 1 on a part of a map, for the gradient of single units: rows that lie apart, no padding of
//! its own, nothing allocated.

use crate::core::ops::conv_nine::Nine;
use crate::core::ops::lanes::{Four, Sums, unrolled};
use crate::core::ops::pool_lanes::PoolLanes;

/// Output channels in one block.
const OUTPUTS: usize = 4;
/// How many numbers must follow the last one that is read: a block is read whole.
pub(crate) const SLACK: usize = 16;

/// Channels whose rows lie `row` numbers apart and whose planes lie `plane` apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    /// Where the first number of the box stands.
    pub start: usize,
    /// From one row to the next.
    pub row: usize,
    /// From one channel to the next.
    pub plane: usize,
}

impl Rows {
    /// The box of channel `c` alone.
    pub(super) fn of(self, c: usize) -> Self {
        Rows { start: self.start + c * self.plane, ..self }
    }

    /// Where cell `(i, j)` of the first channel stands.
    pub(super) fn at(self, i: usize, j: usize) -> usize {
        self.start + i * self.row + j
    }
}

/// Weights in the order of the work: blocks of [`OUTPUTS`] channels, then single ones; in each
/// `[c_in, kh, kw, outputs of the block]`.
///
/// What was in `four` and `one` goes, their memory stays.
pub(crate) fn pack(
    (four, one): (&mut Vec<[f32; OUTPUTS]>, &mut Vec<[f32; 1]>),
    outputs: usize,
    taps: usize,
    weight: impl Fn(usize, usize) -> f32,
) {
    let blocks = outputs / OUTPUTS;
    four.clear();
    one.clear();
    for block in 0..blocks {
        four.extend((0..taps).map(|tap| std::array::from_fn(|m| weight(block * OUTPUTS + m, tap))));
    }
    for o in blocks * OUTPUTS..outputs {
        one.extend((0..taps).map(|tap| [weight(o, tap)]));
    }
}

/// What is done with a sum before it is written.
#[derive(Clone, Copy)]
pub(crate) enum Finish<'a> {
    Nothing,
    /// ReLU.
    Relu,
    /// Its gradient: 0 wherever these numbers, laid out as given, are not above 0.
    WherePositive(&'a [f32], Rows),
}

impl Finish<'_> {
    /// For channel `c` alone.
    pub(super) fn of(self, c: usize) -> Self {
        match self {
            Finish::WherePositive(map, rows) => Finish::WherePositive(map, rows.of(c)),
            _ => self,
        }
    }

    /// Sums of the first channel, from cell `(i, j)` on.
    #[inline(always)]
    pub(super) fn apply<const N: usize>(self, sums: Sums<N>, (i, j): (usize, usize)) -> Sums<N> {
        match self {
            Finish::Nothing => sums,
            Finish::Relu => sums.map(|_, sum| sum.larger(Four::ZERO)),
            Finish::WherePositive(map, rows) => {
                let map = map.get(rows.at(i, j)..).unwrap_or_default().as_chunks::<4>().0;
                sums.map(|at, sum| match map.get(at) {
                    Some(map) => sum.where_positive(Four::load(map)),
                    None => sum,
                })
            }
        }
    }
}

/// `y[o, i, j] = bias(o) + sum over t of weight[o, t] * x[reads[t] + i * row + j]` for a box of `size` rows and
/// columns.
pub(crate) fn correlate(
    (x, from): (&[f32], Rows),
    reads: &[usize],
    (four, one): (&[[f32; OUTPUTS]], &[[f32; 1]]),
    bias: Option<&[f32]>,
    finish: Finish<'_>,
    (y, to): (&mut [f32], Rows),
    size: (usize, usize),
) {
    let taps = reads.len().max(1);
    let mut first = 0;
    let bias = |o: usize| bias.and_then(|bias| bias.get(o)).copied().unwrap_or(0.0);
    for taps in four.chunks_exact(taps) {
        let block =
            Block { x, from, reads, taps, bias: std::array::from_fn(|m| bias(first + m)), finish, first };
        block.write(y, to, size);
        first += OUTPUTS;
    }
    for taps in one.chunks_exact(taps) {
        if let Some(nine) = Nine::new(reads, taps.as_flattened(), bias(first)) {
            nine.correlate((x, from), finish, (y, to.of(first)), size);
            first += 1;
            continue;
        }
        let block = Block { x, from, reads, taps, bias: [bias(first)], finish, first };
        block.write(y, to, size);
        first += 1;
    }
}

/// `M` output channels.
struct Block<'a, const M: usize> {
    x: &'a [f32],
    from: Rows,
    reads: &'a [usize],
    taps: &'a [[f32; M]],
    bias: [f32; M],
    finish: Finish<'a>,
    first: usize,
}

impl<const M: usize> Block<'_, M> {
    #[inline(always)]
    fn write(&self, y: &mut [f32], to: Rows, (height, width): (usize, usize)) {
        for i in 0..height {
            let mut j = 0;
            while j < width {
                // a single channel leaves registers for more columns
                if M == 1 && width - j > 8 {
                    self.columns::<4>(y, to, (i, j), width);
                    j += 16;
                } else {
                    self.columns::<2>(y, to, (i, j), width);
                    j += 8;
                }
            }
        }
    }

    /// `4 * N` columns from `j` on, without those behind the box.
    #[inline(always)]
    fn columns<const N: usize>(&self, y: &mut [f32], to: Rows, (i, j): (usize, usize), width: usize) {
        let mut sums = [Sums::<N>::ZERO; M];
        unrolled!(m < M => sums[m] = Sums::splat(self.bias[m]));
        let x = self.x.get(self.from.start + i * self.from.row + j..).unwrap_or_default();
        for (taps, &read) in self.taps.iter().zip(self.reads) {
            if let Some(x) = Sums::<N>::load(x, read) {
                unrolled!(m < M => sums[m].add(taps[m], &x));
            }
        }
        unrolled!(m < M => {
            let sums = self.finish.of(self.first + m).apply(sums[m], (i, j));
            let row = to.of(self.first + m).at(i, 0);
            if let Some(y) = y.get_mut(row..).and_then(|y| y.get_mut(..width)) {
                sums.store(y, j);
            }
        });
    }
}

/// One comparison, four numbers at a time.
trait WherePositive {
    /// `self` where `x` is above 0, and 0 elsewhere.
    fn where_positive(self, x: Self) -> Self;
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
impl WherePositive for Four {
    #[inline(always)]
    fn where_positive(self, x: Four) -> Four {
        use std::arch::wasm32::{f32x4_gt, f32x4_splat, v128_and};
        Four(v128_and(self.0, f32x4_gt(x.0, f32x4_splat(0.0))))
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
impl WherePositive for Four {
    #[inline(always)]
    fn where_positive(self, x: Four) -> Four {
        Four(std::array::from_fn(|i| if x.0[i] > 0.0 { self.0[i] } else { 0.0 }))
    }
}
