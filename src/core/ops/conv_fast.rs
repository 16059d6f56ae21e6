//! The fast path of the convolution.
//!
//! Each block of neighbouring outputs is kept in registers while all its taps are added: a tap is one weight times
//! a run of neighbouring numbers. [`Planes`] lays the input out so that this holds for every stride, dilation and
//! padding. Three ways to choose blocks:
//!
//! - several output channels that read the same numbers;
//! - one output channel, two rows: a row of the input serves both, with two rows of the kernel;
//! - one output channel, one row, when the stride keeps rows apart.
//!
//! A kernel that is a column times a row takes two passes, `kh + kw` products an output rather than `kh * kw`.

use std::ops::Range;

use crate::core::ops::conv::{Conv2d, Shape};
use crate::core::ops::conv_planes::Planes;
use crate::core::ops::lanes::{Sums, unrolled};
use crate::core::tensor::{Error, Images};

/// Output channels in one block.
const OUTPUTS: usize = 4;

impl Conv2d {
    /// The same as [`Conv2d::forward_plain`] up to rounding, fast: same arguments, same errors.
    ///
    /// The result differs from the plain one by at most about `1e-6` times the sum of the absolute products.
    pub fn forward(&self, x: &Images, weight: &Images, bias: Option<&[f32]>) -> Result<Images, Error> {
        let shape = self.shape_with_bias(x, weight, bias)?;
        match self.forward_blocks(&shape, x, weight, bias) {
            Some(y) => Ok(y),
            None => self.forward_plain(x, weight, bias),
        }
    }

    /// [`Conv2d::forward`] of a legal `shape`; `None` when the planes would take too much memory.
    fn forward_blocks(
        &self,
        shape: &Shape,
        x: &Images,
        weight: &Images,
        bias: Option<&[f32]>,
    ) -> Option<Images> {
        let mut y = Images::zeros((shape.n, shape.c_out, shape.output.0, shape.output.1));
        if y.is_empty() {
            return Some(y);
        }
        let (x, weight) = (x.as_standard_layout(), self.rotated(weight));
        let (x, weight) = (x.as_slice()?, weight.as_slice()?);
        let image = shape.c_in * shape.input.0 * shape.input.1;
        let outputs = y.len() / shape.n;
        for (n, y) in y.as_slice_mut()?.chunks_exact_mut(outputs).enumerate() {
            let planes = Planes::new(self, shape, &x[n * image..][..image])?;
            self.forward_image(shape, &planes, weight, bias, y);
        }
        Some(y)
    }

    /// The weights in the order the windows meet them.
    pub(super) fn rotated<'a>(&self, weight: &'a Images) -> ndarray::CowArray<'a, f32, ndarray::Ix4> {
        if self.flip {
            weight.slice(ndarray::s![.., .., ..;-1, ..;-1]).as_standard_layout().into_owned().into()
        } else {
            weight.as_standard_layout()
        }
    }

    /// One image: `y` is `[c_out, oh, ow]`.
    fn forward_image(
        &self,
        shape: &Shape,
        planes: &Planes,
        weight: &[f32],
        bias: Option<&[f32]>,
        y: &mut [f32],
    ) {
        let kernel = shape.c_group * shape.kernel_size.0 * shape.kernel_size.1;
        let plane = shape.output.0 * shape.output.1;
        let mut o = 0;
        while o < shape.c_out {
            let first_channel = o / shape.outputs * shape.c_group;
            let left_in_group = shape.outputs - o % shape.outputs;
            let count = if left_in_group >= OUTPUTS { OUTPUTS } else { 1 };
            let taps = &weight[o * kernel..][..count * kernel];
            let bias = std::array::from_fn(|i| bias.and_then(|bias| bias.get(o + i)).copied().unwrap_or(0.0));
            let block = Block { conv: self, shape, planes, first_channel, bias };
            let y = &mut y[o * plane..][..count * plane];
            if count == OUTPUTS {
                block.several_outputs(taps, y);
            } else if shape.c_group == 1
                && two_passes_pay(shape.kernel_size, self.stride.1)
                && let Some((column, row)) = rank_one(taps, shape.kernel_size)
            {
                block.column_then_row(&column, &row, y);
            } else if self.stride.0 == 1 {
                block.two_rows(taps, y);
            } else {
                block.one_row(taps, y);
            }
            o += count;
        }
    }
}

/// The work of one inner loop: one output channel, or [`OUTPUTS`] of them.
struct Block<'a> {
    conv: &'a Conv2d,
    shape: &'a Shape,
    planes: &'a Planes,
    first_channel: usize,
    bias: [f32; OUTPUTS],
}

impl Block<'_> {
    /// Where the rows begin that the windows of output row `i` read, one for each row of the kernel.
    fn starts(&self, i: usize) -> impl Iterator<Item = &usize> {
        self.planes.starts[i * self.conv.stride.0..].iter().step_by(self.conv.dilation.0)
    }

    /// Where the numbers are that each tap of the first window of output row `i` multiplies, in the order of the
    /// weights: `[c_group, kh, kw]`, the rows of the kernel limited to `rows`.
    fn reads(&self, i: usize, rows: Range<usize>, reads: &mut Vec<usize>) {
        reads.clear();
        for c in 0..self.shape.c_group {
            let plane = (self.first_channel + c) * self.planes.plane;
            for start in self.starts(i).take(rows.end).skip(rows.start) {
                reads.extend(self.planes.offsets.iter().map(|offset| plane + start + offset));
            }
        }
    }

    /// `taps` is `[OUTPUTS, c_group, kh, kw]`, `y` is `[OUTPUTS, oh, ow]`.
    fn several_outputs(&self, taps: &[f32], y: &mut [f32]) {
        const N: usize = 2;
        let (height, width) = self.shape.output;
        // [c_group, kh, kw, OUTPUTS]: the weights of a tap side by side
        let kernel = taps.len() / OUTPUTS;
        let taps: Vec<[f32; OUTPUTS]> =
            (0..kernel).map(|tap| std::array::from_fn(|o| taps[o * kernel + tap])).collect();
        let mut reads = Vec::with_capacity(kernel);
        for i in 0..height {
            self.reads(i, 0..self.shape.kernel_size.0, &mut reads);
            for j in (0..width).step_by(Sums::<N>::WIDTH) {
                let mut sums = self.bias.map(Sums::<N>::splat);
                add_taps(&mut sums, &taps, &reads, &self.planes.values[j..]);
                for (sums, y) in sums.iter().zip(y.chunks_exact_mut(height * width)) {
                    sums.store(&mut y[i * width..][..width], j);
                }
            }
        }
    }

    /// `taps` is `[c_group, kh, kw]`, `y` is `[oh, ow]`.
    fn one_row(&self, taps: &[f32], y: &mut [f32]) {
        const N: usize = 8;
        let (taps, _) = taps.as_chunks::<1>();
        let mut reads = Vec::with_capacity(taps.len());
        for (i, y) in y.chunks_exact_mut(self.shape.output.1).enumerate() {
            self.reads(i, 0..self.shape.kernel_size.0, &mut reads);
            for j in (0..y.len()).step_by(Sums::<N>::WIDTH) {
                let mut sums = [Sums::<N>::splat(self.bias[0])];
                add_taps(&mut sums, taps, &reads, &self.planes.values[j..]);
                sums[0].store(y, j);
            }
        }
    }

    /// As [`Block::one_row`], for stride 1 along the height: the output a dilation below reads the same rows of the
    /// input but one, with the next row of the kernel.
    fn two_rows(&self, taps: &[f32], y: &mut [f32]) {
        const N: usize = 4;
        let (kernel_height, kernel_width) = self.shape.kernel_size;
        let kernels = || taps.chunks_exact(kernel_height * kernel_width);
        // The first row of the input is read by the upper window only, the last by the lower only, those between by
        // both, with neighbouring rows of the kernel.
        let first: Vec<[f32; 1]> =
            kernels().flat_map(|taps| &taps[..kernel_width]).map(|&tap| [tap]).collect();
        let last: Vec<[f32; 1]> =
            kernels().flat_map(|taps| &taps[taps.len() - kernel_width..]).map(|&tap| [tap]).collect();
        let both: Vec<[f32; 2]> = kernels()
            .flat_map(|taps| taps[kernel_width..].iter().zip(taps).map(|(&upper, &lower)| [upper, lower]))
            .collect();
        let mut reads = [const { Vec::new() }; 3];
        let width = self.shape.output.1;
        let dilation = self.conv.dilation.0.min(self.shape.output.0); // no row has a partner further off
        for (block, y) in y.chunks_mut(2 * dilation * width).enumerate() {
            let (upper, lower) = y.split_at_mut((dilation * width).min(y.len()));
            let mut lower = lower.chunks_exact_mut(width);
            for (i, upper) in upper.chunks_exact_mut(width).enumerate() {
                let i = 2 * dilation * block + i;
                let lower = lower.next().unwrap_or_default();
                self.reads(i, 0..1, &mut reads[0]);
                self.reads(i, 1..kernel_height, &mut reads[1]);
                self.reads(i, kernel_height..kernel_height + 1, &mut reads[2]); // none below the last row
                for j in (0..width).step_by(Sums::<N>::WIDTH) {
                    let values = &self.planes.values[j..];
                    let mut above = [Sums::<N>::splat(self.bias[0])];
                    let mut below = above;
                    add_taps(&mut above, &first, &reads[0], values);
                    add_taps(&mut below, &last, &reads[2], values);
                    let mut sums = [above[0], below[0]];
                    add_taps(&mut sums, &both, &reads[1], values);
                    sums[0].store(upper, j);
                    if !lower.is_empty() {
                        sums[1].store(lower, j);
                    }
                }
            }
        }
    }

    /// The kernel `column * row` over the one channel of the group; `y` is `[oh, ow]`.
    fn column_then_row(&self, column: &[f32], row: &[f32], y: &mut [f32]) {
        const N: usize = 8;
        let ((column, _), (row, _)) = (column.as_chunks::<1>(), row.as_chunks::<1>());
        let mut passed = vec![0.0; self.planes.row];
        let mut reads = Vec::with_capacity(column.len());
        for (i, y) in y.chunks_exact_mut(self.shape.output.1).enumerate() {
            reads.clear();
            reads.extend(
                self.starts(i).take(column.len()).map(|start| self.first_channel * self.planes.plane + start),
            );
            for j in (0..passed.len()).step_by(Sums::<N>::WIDTH) {
                let j = j.min(passed.len() - Sums::<N>::WIDTH);
                let mut sums = [Sums::<N>::splat(0.0)];
                add_taps(&mut sums, column, &reads, &self.planes.values[j..]);
                sums[0].store(&mut passed, j);
            }
            for j in (0..y.len()).step_by(Sums::<N>::WIDTH) {
                let mut sums = [Sums::<N>::splat(self.bias[0])];
                add_taps(&mut sums, row, &self.planes.offsets, &passed[j..]);
                sums[0].store(y, j);
            }
        }
    }
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
    for (taps, &read) in taps.iter().zip(reads) {
        if let Some(x) = Sums::<N>::load(values, read) {
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
