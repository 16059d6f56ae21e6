//! The gradient of the weight: for each weight the sum over all windows of the gradient of their output times the
//! number that the weight met there.
//!
//! Many output channels: a product of the gradients `[outputs, windows]` and the columns `[windows, taps]`. Few: sums
//! of products of rows, several taps beside each other.

use crate::core::ops::conv::Shape;
use crate::core::ops::conv_planes::Planes;
use crate::core::ops::gemm::{Matrix, gemm};
use crate::core::ops::lanes::{Sums, unrolled};

/// Output channels of a group from which a product of matrices pays for the gradient of the weight.
const MANY_OUTPUTS: usize = 3;
/// Numbers of the columns that are there at once.
const COLUMNS: usize = 1 << 16;
/// Taps whose products with a row are added at once.
const TAPS: usize = 4;
/// Outputs that one product sums over.
const DEPTH: usize = 512;

impl Planes {
    /// Adds the share of the group's channels `x` `[c_group, h, w]` and `grad` `[outputs, oh, ow]` to `weights`
    /// `[outputs, c_group, kh, kw]`.
    pub fn add_grad_weight(&mut self, shape: &Shape, x: &[f32], grad: &[f32], weights: &mut [f32]) {
        let (height, width) = shape.output;
        let many = shape.outputs >= MANY_OUTPUTS;
        let rows = (DEPTH / width).max(1);
        let taps = (COLUMNS / (rows * width)).clamp(1, self.reads.len());
        let mut columns = vec![0.0; if many { taps * rows.min(self.band) * width } else { 0 }];
        for band in self.bands(height) {
            self.fill(x, &band);
            if !many {
                for (grad, weights) in
                    grad.chunks_exact(height * width).zip(weights.chunks_exact_mut(self.reads.len()))
                {
                    self.add_dots(&grad[band.start * width..band.end * width], width, weights);
                }
                continue;
            }
            for first in (0..band.len()).step_by(rows) {
                let rows = rows.min(band.len() - first);
                let grad = Matrix::rows(grad, height * width).from(0, (band.start + first) * width);
                for tap in (0..self.reads.len()).step_by(taps) {
                    let reads = &self.reads[tap..(tap + taps).min(self.reads.len())];
                    let windows = rows * width;
                    let columns = &mut columns[..reads.len() * windows];
                    for (column, read) in columns.chunks_exact_mut(windows).zip(reads) {
                        for (i, column) in column.chunks_exact_mut(width).enumerate() {
                            column.copy_from_slice(&self.values[read + (first + i) * self.step..][..width]);
                        }
                    }
                    let size = (shape.outputs, reads.len(), windows);
                    gemm(
                        size,
                        grad,
                        Matrix::rows(columns, windows).t(),
                        &mut weights[tap..],
                        self.reads.len(),
                    );
                }
            }
        }
    }

    /// As [`Planes::add_grad_weight`], for the rows `grad` of one output channel over the band.
    fn add_dots(&self, grad: &[f32], width: usize, weights: &mut [f32]) {
        let mut sums = vec![Eight::default(); self.reads.len()];
        for (i, grad) in grad.chunks_exact(width).enumerate() {
            let values = &self.values[i * self.step..];
            let ((reads, reads_left), (sums, sums_left)) =
                (self.reads.as_chunks::<TAPS>(), sums.as_chunks_mut::<TAPS>());
            reads.iter().zip(sums).for_each(|(reads, sums)| add_four_dots(grad, values, reads, sums));
            reads_left.iter().zip(sums_left).for_each(|(&read, sums)| add_dots(grad, &values[read..], sums));
        }
        for (weight, sums) in weights.iter_mut().zip(&sums) {
            *weight += sums.iter().map(|&sum| f64::from(sum)).sum::<f64>() as f32;
        }
    }
}

/// Eight sums, side by side.
type Eight = [f32; Sums::<2>::WIDTH];

/// `sums += grad * x`, number by number.
fn add_dots(grad: &[f32], x: &[f32], totals: &mut Eight) {
    let ((blocks, rest), (x, x_rest)) = (eights(grad), eights(&x[..grad.len()]));
    let mut sums = Sums::ZERO;
    for (grad, x) in blocks.iter().zip(x) {
        if let (Some(grad), Some(x)) = (Sums::<2>::load(grad, 0), Sums::load(x, 0)) {
            sums.add_products(&grad, &x);
        }
    }
    sums.add_to(totals);
    totals.iter_mut().zip(rest).zip(x_rest).for_each(|((total, grad), x)| *total += grad * x);
}

/// As [`add_dots`], for four `x` that begin in `values` where `reads` says.
fn add_four_dots(grad: &[f32], values: &[f32], reads: &[usize; TAPS], totals: &mut [Eight; TAPS]) {
    let row = |tap: usize| eights(&values[reads[tap]..][..grad.len()]);
    let (blocks, rest) = eights(grad);
    let rows = [row(0), row(1), row(2), row(3)];
    let mut sums = [Sums::ZERO; TAPS];
    let columns = rows[0].0.iter().zip(rows[1].0).zip(rows[2].0).zip(rows[3].0);
    for (grad, (((a, b), c), d)) in blocks.iter().zip(columns) {
        let Some(grad) = Sums::<2>::load(grad, 0) else { continue };
        unrolled!(m < TAPS => if let Some(x) = Sums::load([a, b, c, d][m], 0) {
            sums[m].add_products(&grad, &x);
        });
    }
    unrolled!(m < TAPS => {
        sums[m].add_to(&mut totals[m]);
        totals[m].iter_mut().zip(rest).zip(rows[m].1).for_each(|((total, grad), x)| *total += grad * x);
    });
}

fn eights(row: &[f32]) -> (&[Eight], &[f32]) {
    row.as_chunks()
}
