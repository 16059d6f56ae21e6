//! The convolution of few channels: blocks of neighbouring outputs that stay in registers.
//!
//! While a block is there all its taps are added; a tap is one weight times a run of neighbouring numbers of the
//! [`Planes`]. Three ways to choose blocks:
//!
//! - several output channels that read the same numbers;
//! - one output channel, two rows: a row of the input serves both, with two rows of the kernel;
//! - one output channel, one row, when the stride keeps rows apart.
//!
//! A kernel that is a column times a row takes two passes, `kh + kw` products an output rather than `kh * kw`.

use crate::core::ops::conv::{Conv2d, Shape};
use crate::core::ops::conv_planes::Planes;
use crate::core::ops::lanes::{Sums, unrolled};

/// Output channels in one block.
pub(super) const OUTPUTS: usize = 4;

/// What a block does again and again: [`OUTPUTS`] output channels, or one.
pub(super) struct Block {
    taps: Taps,
    bias: [f32; OUTPUTS],
    /// Width of the output.
    width: usize,
}

/// Weights in the order in which they are used, and where the first window finds their numbers.
enum Taps {
    /// The weights of a tap side by side.
    Several(Vec<[f32; OUTPUTS]>),
    /// The row above which nothing reads, the rows that two rows of outputs share, and the row below; `dilation` rows
    /// lie between the two.
    TwoRows {
        above: Reads<1>,
        shared: Reads<2>,
        below: Reads<1>,
        dilation: usize,
    },
    /// The commonest kernel, 3 × 3 over one channel without gaps.
    Three([f32; 9]),
    OneRow(Vec<[f32; 1]>),
    /// The kernel is `column * row`.
    TwoPasses {
        column: Reads<1>,
        row: Reads<1>,
    },
}

#[derive(Default)]
struct Reads<const M: usize> {
    taps: Vec<[f32; M]>,
    reads: Vec<usize>,
}

impl Block {
    /// The block for the `weight` `[1 or OUTPUTS, c_group, kh, kw]`; there is no `bias`, or as many.
    pub fn new(conv: &Conv2d, shape: &Shape, planes: &Planes, weight: &[f32], bias: &[f32]) -> Self {
        let taps = if weight.len() > planes.reads.len() {
            let kernel = planes.reads.len();
            Taps::Several((0..kernel).map(|tap| std::array::from_fn(|o| weight[o * kernel + tap])).collect())
        } else if shape.c_group == 1
            && two_passes_pay(shape.kernel_size, conv.stride.1)
            && let Some((column, row)) = rank_one(weight, shape.kernel_size)
        {
            let reads = |from: usize, step: usize| planes.reads.iter().copied().skip(from).step_by(step);
            let (columns, width) = (column.len(), row.len());
            Taps::TwoPasses {
                column: Reads::new(column.into_iter().map(|tap| [tap]), reads(0, width).take(columns)),
                row: Reads::new(row.into_iter().map(|tap| [tap]), reads(0, 1).take(width)),
            }
        } else if let (Ok(taps), (1, 1), (1, 1), (3, 3)) =
            (weight.try_into(), conv.stride, conv.dilation, shape.kernel_size)
        {
            Taps::Three(taps)
        } else if conv.stride.0 == 1 {
            // no row has a partner further off than the output is high
            two_rows(planes, weight, shape.kernel_size, conv.dilation.0.min(shape.output.0))
        } else {
            Taps::OneRow(weight.iter().map(|&tap| [tap]).collect())
        };
        let bias = std::array::from_fn(|o| bias.get(o).copied().unwrap_or(0.0));
        Block { taps, bias, width: shape.output.1 }
    }

    /// The first `rows` rows of outputs of the band that lies in `planes`; those of the next channel begin `plane`
    /// numbers later in `y`.
    pub fn run(&self, planes: &Planes, rows: usize, y: &mut [f32], plane: usize) {
        match &self.taps {
            Taps::Several(taps) => self.several_outputs(taps, planes, rows, y, plane),
            Taps::TwoRows { above, shared, below, dilation } => {
                self.two_rows(above, shared, below, *dilation, planes, &mut y[..rows * self.width]);
            }
            Taps::Three(taps) => self.three(taps, planes, &mut y[..rows * self.width]),
            Taps::OneRow(taps) => self.one_row(taps, planes, &mut y[..rows * self.width]),
            Taps::TwoPasses { column, row } => {
                self.two_passes(column, row, planes, &mut y[..rows * self.width]);
            }
        }
    }

    fn several_outputs(
        &self,
        taps: &[[f32; OUTPUTS]],
        planes: &Planes,
        rows: usize,
        y: &mut [f32],
        plane: usize,
    ) {
        const N: usize = 2;
        for i in 0..rows {
            for j in blocks(self.width, Sums::<N>::WIDTH) {
                let mut sums = [Sums::<N>::ZERO; OUTPUTS];
                unrolled!(m < OUTPUTS => sums[m] = Sums::splat(self.bias[m]));
                add_taps(&mut sums, taps, &planes.reads, &planes.values[i * planes.step + j..]);
                unrolled!(o < OUTPUTS => sums[o].store(&mut y[o * plane + i * self.width..][..self.width], j));
            }
        }
    }

    fn one_row(&self, taps: &[[f32; 1]], planes: &Planes, y: &mut [f32]) {
        const N: usize = 8;
        for (i, y) in y.chunks_exact_mut(self.width).enumerate() {
            for j in blocks(self.width, Sums::<N>::WIDTH) {
                let mut sums = [Sums::<N>::splat(self.bias[0])];
                add_taps(&mut sums, taps, &planes.reads, &planes.values[i * planes.step + j..]);
                sums[0].store(y, j);
            }
        }
    }

    /// As [`Block::one_row`], for stride 1 along the height: the output a dilation below reads the same rows of the
    /// input but one, with the next row of the kernel.
    fn two_rows(
        &self,
        above: &Reads<1>,
        shared: &Reads<2>,
        below: &Reads<1>,
        dilation: usize,
        planes: &Planes,
        y: &mut [f32],
    ) {
        const N: usize = 4;
        let dilation = dilation.min(y.len() / self.width); // no row has a partner further off
        for (block, y) in y.chunks_mut(2 * dilation * self.width).enumerate() {
            let (uppers, lowers) = y.split_at_mut((dilation * self.width).min(y.len()));
            let mut lowers = lowers.chunks_exact_mut(self.width);
            for (i, upper) in uppers.chunks_exact_mut(self.width).enumerate() {
                let from = (2 * dilation * block + i) * planes.step;
                let lower = lowers.next().unwrap_or_default();
                for j in blocks(self.width, Sums::<N>::WIDTH) {
                    let values = &planes.values[from + j..];
                    let mut first = [Sums::<N>::splat(self.bias[0])];
                    let mut second = first;
                    add_taps(&mut first, &above.taps, &above.reads, values);
                    add_taps(&mut second, &below.taps, &below.reads, values);
                    let mut sums = [first[0], second[0]];
                    add_taps(&mut sums, &shared.taps, &shared.reads, values);
                    sums[0].store(upper, j);
                    if !lower.is_empty() {
                        sums[1].store(lower, j);
                    }
                }
            }
        }
    }

    /// As [`Block::two_rows`], written out.
    fn three(&self, taps: &[f32; 9], planes: &Planes, y: &mut [f32]) {
        const N: usize = 2;
        const WIDTH: usize = 3;
        for (pair, y) in y.chunks_mut(2 * self.width).enumerate() {
            let (upper, lower) = y.split_at_mut(self.width);
            let from = &planes.values[2 * pair * planes.row..];
            let (first, from) = from.split_at(planes.row);
            let (second, from) = from.split_at(planes.row);
            let (third, from) = from.split_at(planes.row);
            let fourth = from.get(..planes.row).unwrap_or(third);
            for j in blocks(self.width, Sums::<N>::WIDTH) {
                let (mut above, mut below) = (Sums::<N>::splat(self.bias[0]), Sums::<N>::splat(self.bias[0]));
                unrolled!(v < WIDTH => if let (Some(x), Some(y), Some(z), Some(w)) = (
                    Sums::load(first, j + v), Sums::load(second, j + v), Sums::load(third, j + v), Sums::load(fourth, j + v)
                ) {
                    above.add(taps[v], &x);
                    above.add(taps[3 + v], &y);
                    below.add(taps[v], &y);
                    above.add(taps[6 + v], &z);
                    below.add(taps[3 + v], &z);
                    below.add(taps[6 + v], &w);
                });
                above.store(upper, j);
                if !lower.is_empty() {
                    below.store(lower, j);
                }
            }
        }
    }

    fn two_passes(&self, column: &Reads<1>, row: &Reads<1>, planes: &Planes, y: &mut [f32]) {
        const N: usize = 8;
        let mut passed = vec![0.0; planes.row];
        for (i, y) in y.chunks_exact_mut(self.width).enumerate() {
            for j in blocks(passed.len(), Sums::<N>::WIDTH) {
                let mut sums = [Sums::<N>::ZERO];
                add_taps(&mut sums, &column.taps, &column.reads, &planes.values[i * planes.step + j..]);
                sums[0].store(&mut passed, j);
            }
            for j in blocks(self.width, Sums::<N>::WIDTH) {
                let mut sums = [Sums::<N>::splat(self.bias[0])];
                add_taps(&mut sums, &row.taps, &row.reads, &passed[j..]);
                sums[0].store(y, j);
            }
        }
    }
}

impl<const M: usize> Reads<M> {
    fn new(taps: impl Iterator<Item = [f32; M]>, reads: impl Iterator<Item = usize>) -> Self {
        Reads { taps: taps.collect(), reads: reads.collect() }
    }
}

/// The taps of [`Block::two_rows`]. The first row of the input is read by the upper window only, the last by the
/// lower only, those between by both, with neighbouring rows of the kernel.
fn two_rows(planes: &Planes, weight: &[f32], (height, width): (usize, usize), dilation: usize) -> Taps {
    let (mut above, mut shared, mut below) = (Reads::default(), Reads::default(), Reads::default());
    for (taps, reads) in weight.chunks_exact(height * width).zip(planes.reads.chunks_exact(height * width)) {
        let last = (height - 1) * width;
        above.taps.extend(taps[..width].iter().map(|&tap| [tap]));
        above.reads.extend(&reads[..width]);
        shared.taps.extend(taps[width..].iter().zip(taps).map(|(&upper, &lower)| [upper, lower]));
        shared.reads.extend(&reads[width..]);
        below.taps.extend(taps[last..].iter().map(|&tap| [tap]));
        below.reads.extend(reads[last..].iter().map(|read| read + dilation * planes.row));
    }
    Taps::TwoRows { above, shared, below, dilation }
}

/// Where blocks of `block` numbers begin that make a row of `width`; the last one ends with the row if it can.
fn blocks(width: usize, block: usize) -> impl Iterator<Item = usize> {
    (0..width).step_by(block).map(move |j| if width >= block { j.min(width - block) } else { j })
}

/// Adds taps to `M` blocks of sums, each with its own weights:
/// `sums[m][j] += sum over t of taps[t][m] * values[reads[t] + j]`.
#[inline(always)]
fn add_taps<const M: usize, const N: usize>(
    sums: &mut [Sums<N>; M],
    taps: &[[f32; M]],
    reads: &[usize],
    values: &[f32],
) {
    let Some(last) = values.len().checked_sub(Sums::<N>::WIDTH) else { return };
    for (taps, &read) in taps.iter().zip(reads) {
        if read <= last
            && let Some(x) = Sums::<N>::load(values, read)
        {
            unrolled!(m < M => sums[m].add(taps[m], &x));
        }
    }
}

/// Whether a column and a row take clearly less work than the whole kernel. The column's pass makes every number of
/// a row, those too that the stride steps over.
fn two_passes_pay((height, width): (usize, usize), stride: usize) -> bool {
    height * width / 2 >= height.saturating_mul(stride).saturating_add(width)
}

/// Column and row whose product the kernel is, each product exact to about 1e-6 of itself; `None` when there are
/// none.
fn rank_one(taps: &[f32], (height, width): (usize, usize)) -> Option<(Vec<f32>, Vec<f32>)> {
    debug_assert_eq!(taps.len(), height * width);
    let largest = |x: &(usize, &f32), y: &(usize, &f32)| x.1.abs().total_cmp(&y.1.abs());
    let (pivot, &value) = taps.iter().enumerate().max_by(largest)?;
    if value == 0.0 || !value.is_finite() {
        return None;
    }
    // A power of two shares out the scale without rounding: a column of sum 1 at most can't overflow where the
    // whole kernel doesn't.
    let column: Vec<f64> = taps.chunks_exact(width).map(|row| f64::from(row[pivot % width])).collect();
    let sum: f64 = column.iter().map(|x| x.abs()).sum();
    let scale = (-sum.log2().ceil()).exp2();
    let column: Vec<f32> = column.into_iter().map(|x| (x * scale) as f32).collect();
    let pivot_row = &taps[pivot / width * width..][..width];
    let at_pivot = f64::from(column[pivot / width]);
    let row: Vec<f32> = pivot_row.iter().map(|&x| (f64::from(x) / at_pivot) as f32).collect();
    let same = |column: f32, taps: &[f32]| {
        taps.iter().zip(&row).all(|(&tap, &row)| {
            let product = f64::from(column) * f64::from(row);
            product.is_finite() && (product - f64::from(tap)).abs() <= 1e-6 * f64::from(tap.abs())
        })
    };
    column
        .iter()
        .zip(taps.chunks_exact(width))
        .all(|(&column, taps)| same(column, taps))
        .then_some((column, row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;

    fn product(column: &[f32], row: &[f32]) -> Vec<f32> {
        column.iter().flat_map(|c| row.iter().map(move |r| c * r)).collect()
    }

    #[test]
    fn columns_times_rows_are_found() {
        let mut random = Random::new(81);
        for _ in 0..200 {
            let mut factor = |length| (0..length).map(|_| random.normal()).collect::<Vec<f32>>();
            let mut taps = product(&factor(15), &factor(9));
            let (column, row) = rank_one(&taps, (15, 9)).unwrap();
            for (found, tap) in product(&column, &row).iter().zip(&taps) {
                assert!((found - tap).abs() <= 2e-6 * tap.abs());
            }
            assert!(column.iter().map(|x| x.abs()).sum::<f32>() <= 1.0 + 1e-5);
            taps[17] *= 1.0 + 1e-5;
            assert_eq!(rank_one(&taps, (15, 9)), None);
        }
        // whole numbers stay exact
        let sobel = product(&[1.0, 2.0, 1.0], &[-1.0, 0.0, 1.0]);
        let (column, row) = rank_one(&sobel, (3, 3)).unwrap();
        assert_eq!(product(&column, &row), sobel);
    }

    #[test]
    fn no_factors_of_nothing_or_of_infinity() {
        assert_eq!(rank_one(&[0.0; 9], (3, 3)), None);
        for value in [f32::NAN, f32::INFINITY] {
            let mut taps = [1.0; 9];
            taps[4] = value;
            assert_eq!(rank_one(&taps, (3, 3)), None);
        }
        // a row that would overflow
        let taps = product(&[1e-30, 1e-38, 1e-38], &[1e38, 3e38, 1e38]);
        assert!(
            rank_one(&taps, (3, 3))
                .is_none_or(|(column, row)| column.iter().chain(&row).all(|x| x.is_finite()))
        );
    }
}
