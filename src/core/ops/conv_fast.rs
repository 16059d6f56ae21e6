//! The fast path of the convolution.
//!
//! Each block of neighbouring outputs is kept in registers while all its taps are added: a tap is one weight times
//! a run of neighbouring numbers. [`Planes`] lays the input out so that this holds for every stride, dilation and
//! padding. Three ways to choose blocks:
//!
//! - several output channels that read the same numbers;
//! - one output channel, two rows: a row of the input serves both, with two rows of the kernel;
//! - one output channel, one row, when stride or dilation keep rows apart.
//!
//! A kernel that is a column times a row takes two passes, `kh + kw` products an output rather than `kh * kw`.

use crate::core::ops::conv::{Conv2d, Shape};
use crate::core::ops::conv_planes::Planes;
use crate::core::ops::lanes::Sums;
use crate::core::tensor::{Error, Images};

/// Output channels in one block.
const OUTPUTS: usize = 4;

impl Conv2d {
    /// The same as [`Conv2d::forward_plain`] up to rounding, fast: same arguments, same errors.
    ///
    /// The result differs from the plain one by at most about `1e-6` times the sum of the absolute products.
    pub fn forward(&self, x: &Images, weight: &Images, bias: Option<&[f32]>) -> Result<Images, Error> {
        let shape = self.shape_with_bias(x, weight, bias)?;
        let x = x.as_standard_layout();
        let weight = self.rotated(weight);
        let mut y = Images::zeros((shape.n, shape.c_out, shape.output.0, shape.output.1));
        if let (Some(x), Some(weight), Some(y)) = (x.as_slice(), weight.as_slice(), y.as_slice_mut())
            && !y.is_empty()
        {
            let image = shape.c_in * shape.input.0 * shape.input.1;
            for (n, y) in y.chunks_exact_mut(y.len() / shape.n).enumerate() {
                let planes = Planes::new(self, &shape, &x[n * image..][..image]);
                self.forward_image(&shape, &planes, weight, bias, y);
            }
        }
        Ok(y)
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
            let block = Block {
                conv: self,
                shape,
                planes,
                first_channel,
                taps: &weight[o * kernel..][..count * kernel],
                bias: std::array::from_fn(|i| bias.and_then(|bias| bias.get(o + i)).copied().unwrap_or(0.0)),
            };
            let y = &mut y[o * plane..][..count * plane];
            if count == OUTPUTS {
                block.several_outputs(y);
            } else if shape.c_group == 1
                && let Some((column, row)) = rank_one(block.taps, shape.kernel_size)
            {
                block.column_then_row(&column, &row, y);
            } else if self.stride.0 == 1 && self.dilation.0 == 1 {
                block.two_rows(y);
            } else {
                block.one_row(y);
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
    /// `[outputs, c_group, kh, kw]`
    taps: &'a [f32],
    bias: [f32; OUTPUTS],
}

impl Block<'_> {
    fn channels(&self) -> impl Iterator<Item = &[f32]> {
        self.planes.channels(self.first_channel, self.shape.c_group)
    }

    /// `y` is `[OUTPUTS, oh, ow]`.
    fn several_outputs(&self, y: &mut [f32]) {
        const N: usize = 2;
        let (kernel_height, kernel_width) = self.shape.kernel_size;
        let (height, width) = self.shape.output;
        // [c_group, kh, kw, OUTPUTS]: the weights of a tap side by side
        let kernel = self.taps.len() / OUTPUTS;
        let taps: Vec<[f32; OUTPUTS]> =
            (0..kernel).map(|tap| std::array::from_fn(|o| self.taps[o * kernel + tap])).collect();
        for i in 0..height {
            let starts = &self.planes.starts[i * self.conv.stride.0..];
            for j in (0..width).step_by(Sums::<N>::WIDTH) {
                let mut sums = self.bias.map(Sums::<N>::splat);
                for (plane, taps) in self.channels().zip(taps.chunks_exact(kernel_height * kernel_width)) {
                    let starts = starts.iter().step_by(self.conv.dilation.0);
                    for (taps, start) in taps.chunks_exact(kernel_width).zip(starts) {
                        let row = &plane[start + j..];
                        for (tap, &offset) in taps.iter().zip(&self.planes.offsets) {
                            if let Some(x) = Sums::<N>::load(row, offset) {
                                for o in 0..OUTPUTS {
                                    sums[o].add(tap[o], &x);
                                }
                            }
                        }
                    }
                }
                for (sums, y) in sums.iter().zip(y.chunks_exact_mut(height * width)) {
                    sums.store(&mut y[i * width..][..width], j);
                }
            }
        }
    }

    /// `y` is `[oh, ow]`.
    fn one_row(&self, y: &mut [f32]) {
        const N: usize = 8;
        let (kernel_height, kernel_width) = self.shape.kernel_size;
        for (i, y) in y.chunks_exact_mut(self.shape.output.1).enumerate() {
            let starts = &self.planes.starts[i * self.conv.stride.0..];
            for j in (0..y.len()).step_by(Sums::<N>::WIDTH) {
                let mut sums = Sums::<N>::splat(self.bias[0]);
                for (plane, taps) in self.channels().zip(self.taps.chunks_exact(kernel_height * kernel_width))
                {
                    let starts = starts.iter().step_by(self.conv.dilation.0);
                    for (taps, start) in taps.chunks_exact(kernel_width).zip(starts) {
                        add_row(&mut sums, taps, &self.planes.offsets, &plane[start + j..]);
                    }
                }
                sums.store(y, j);
            }
        }
    }

    /// `y` is `[oh, ow]`.
    fn two_rows(&self, y: &mut [f32]) {
        const N: usize = 4;
        let (kernel_height, kernel_width) = self.shape.kernel_size;
        let width = self.shape.output.1;
        for (pair, y) in y.chunks_mut(2 * width).enumerate() {
            let (upper, lower) = y.split_at_mut(width);
            let starts = &self.planes.starts[2 * pair..];
            for j in (0..width).step_by(Sums::<N>::WIDTH) {
                let mut sums = [Sums::<N>::splat(self.bias[0]); 2];
                for (plane, taps) in self.channels().zip(self.taps.chunks_exact(kernel_height * kernel_width))
                {
                    // The first row of the input is the upper window's alone, the last the lower's.
                    let (first, last) = (&taps[..kernel_width], &taps[(kernel_height - 1) * kernel_width..]);
                    add_row(&mut sums[0], first, &self.planes.offsets, &plane[starts[0] + j..]);
                    let both = taps.windows(2 * kernel_width).step_by(kernel_width);
                    for (taps, start) in both.zip(&starts[1..]) {
                        let (lower, upper) = taps.split_at(kernel_width);
                        let row = &plane[start + j..];
                        for ((&upper, &lower), &offset) in upper.iter().zip(lower).zip(&self.planes.offsets) {
                            if let Some(x) = Sums::<N>::load(row, offset) {
                                sums[0].add(upper, &x);
                                sums[1].add(lower, &x);
                            }
                        }
                    }
                    if let Some(start) = starts.get(kernel_height) {
                        add_row(&mut sums[1], last, &self.planes.offsets, &plane[start + j..]);
                    }
                }
                sums[0].store(upper, j);
                if !lower.is_empty() {
                    sums[1].store(lower, j);
                }
            }
        }
    }

    /// `y` is `[oh, ow]`.
    fn column_then_row(&self, column: &[f32], row: &[f32], y: &mut [f32]) {
        const N: usize = 8;
        let mut passed = vec![0.0; self.planes.row];
        for plane in self.channels() {
            for (i, y) in y.chunks_exact_mut(self.shape.output.1).enumerate() {
                let starts = &self.planes.starts[i * self.conv.stride.0..];
                for j in (0..passed.len()).step_by(Sums::<N>::WIDTH) {
                    let j = j.min(passed.len() - Sums::<N>::WIDTH);
                    let mut sums = Sums::<N>::splat(0.0);
                    for (&tap, start) in column.iter().zip(starts.iter().step_by(self.conv.dilation.0)) {
                        if let Some(x) = Sums::load(plane, start + j) {
                            sums.add(tap, &x);
                        }
                    }
                    sums.store(&mut passed, j);
                }
                for j in (0..y.len()).step_by(Sums::<N>::WIDTH) {
                    let mut sums = Sums::<N>::splat(self.bias[0]);
                    add_row(&mut sums, row, &self.planes.offsets, &passed[j..]);
                    sums.store(y, j);
                }
            }
        }
    }
}

/// Adds a row of taps: `sums[j] += sum over v of taps[v] * row[offsets[v] + j]`.
#[inline(always)]
fn add_row<const N: usize>(sums: &mut Sums<N>, taps: &[f32], offsets: &[usize], row: &[f32]) {
    for (&tap, &offset) in taps.iter().zip(offsets) {
        if let Some(x) = Sums::load(row, offset) {
            sums.add(tap, &x);
        }
    }
}

/// Column and row whose product the kernel is, each product exact to about 1e-6 of itself; `None` when there are
/// none, or when two passes would not be faster.
fn rank_one(taps: &[f32], (height, width): (usize, usize)) -> Option<(Vec<f32>, Vec<f32>)> {
    if height < 3 || width < 3 {
        return None;
    }
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
