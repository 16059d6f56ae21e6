//! The padded input, laid out so that the inner loops of the convolution read it in straight lines.

use std::ops::Range;

use crate::core::ops::conv::{Conv2d, Shape, extent};
use crate::core::ops::lanes::{Four, transposed};
use crate::core::tensor::checked_elements;

/// The widest block of outputs an inner loop makes at once.
const WIDEST: usize = 32;
/// Numbers of the planes that are laid out at once: 128 kB stay in the second-level cache.
const BAND: usize = 1 << 15;

/// Padded planes of the channels that one group reads, a band of rows at a time.
///
/// - Columns are dealt out by stride: with stride 3, columns 0, 3, 6 … come first, then 1, 4, 7 …, then 2, 5, 8 …,
///   as far as some tap reads them. Neighbouring outputs then read neighbouring numbers, whatever the stride.
/// - Behind each deal lie zeros, so that the last block of outputs may be whole.
/// - So output `(i, j)` of the band finds the number for tap `t` at `reads[t] + i * step + j`.
pub(super) struct Planes {
    /// All planes of the band, one after the other.
    pub values: Vec<f32>,
    /// Where the taps of the first window find their numbers: `[c_group, kh, kw]`.
    pub reads: Vec<usize>,
    /// From one row of a plane to the next.
    pub row: usize,
    /// From the windows of one row of outputs to those of the next.
    pub step: usize,
    /// Rows of outputs in a band.
    pub band: usize,
    /// Length of a plane.
    plane: usize,
    /// Length of a deal.
    deal: usize,
    /// The column of the padded plane with which each deal begins.
    firsts: Vec<usize>,
    /// From one column of a deal to the next.
    stride: usize,
    /// Rows of the padded plane that belong to a row of outputs, and how many more its windows reach.
    rows: (usize, usize),
    /// The row of the input that each padded row holds.
    row_sources: Vec<Option<usize>>,
    /// The same for columns.
    columns: Vec<Option<usize>>,
    before: usize,
    width: usize,
    constant: f32,
    /// One padded row, not dealt out.
    line: Vec<f32>,
}

impl Planes {
    /// Planes without numbers. `None` when they take more memory than one tensor may: rows of one output, say, are
    /// laid out for a whole block.
    pub fn new(conv: &Conv2d, shape: &Shape) -> Option<Self> {
        Planes::with_bands(conv, shape, WIDEST, None)
    }

    /// As [`Planes::new`], for blocks of `widest` outputs and bands of `band` rows of outputs. Where `shape.padded` is
    /// more than the padding makes, the constant follows.
    pub fn with_bands(conv: &Conv2d, shape: &Shape, widest: usize, band: Option<usize>) -> Option<Self> {
        let (height, width) = shape.input;
        let (stride, dilation) = (conv.stride.1, conv.dilation.1);
        let (kernel_height, kernel_width) = shape.kernel_size;
        // Tap v reads columns v * dilation + stride * j. Taps a period apart read from the same deal.
        let period = (stride / gcd(stride, dilation)).min(kernel_width);
        let reach = (kernel_width - 1) * dilation / stride;
        let deal = shape.padded.1.div_ceil(stride).max(reach + shape.output.1.next_multiple_of(widest));
        let row = period.checked_mul(deal)?;
        let rows = (conv.stride.0, extent(kernel_height, conv.dilation.0) - 1);
        // of a band of so many rows of outputs
        let padded = |band: usize| (band - 1).saturating_mul(rows.0).saturating_add(rows.1 + 1);
        let fitting =
            (BAND / shape.c_group.saturating_mul(row).max(1)).saturating_sub(rows.1 + 1) / rows.0 + 1;
        // At least as many as overlap with the next band, so that no number is laid out more than twice or so.
        let band = band.unwrap_or(fitting.max(rows.1.div_ceil(rows.0))).min(shape.output.0).max(1);
        let plane = padded(band).checked_mul(row)?;
        let elements = checked_elements(&[shape.c_group, padded(band), period, deal]).ok()?;
        let taps = |c| {
            (0..kernel_height).flat_map(move |u| {
                let start = c * plane + u * conv.dilation.0 * row;
                (0..kernel_width).map(move |v| start + v % period * deal + v * dilation / stride)
            })
        };
        let mut row_sources = conv.mode.sources(conv.pads.top, height, conv.pads.bottom);
        row_sources.resize(shape.padded.0, None);
        let mut columns = conv.mode.sources(conv.pads.left, width, conv.pads.right);
        columns.resize(shape.padded.1, None);
        Some(Planes {
            values: vec![0.0; elements],
            reads: (0..shape.c_group).flat_map(taps).collect(),
            row,
            step: conv.stride.0.saturating_mul(row),
            band,
            plane,
            deal,
            firsts: (0..period).map(|v| v * dilation % stride).collect(),
            stride,
            rows,
            row_sources,
            columns,
            before: conv.pads.left,
            width,
            constant: conv.mode.constant(),
            line: vec![0.0; if stride == 1 { 0 } else { shape.padded.1 }],
        })
    }

    /// The bands, as rows of the output of height `height`.
    pub fn bands(&self, height: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let band = self.band;
        (0..height).step_by(band).map(move |first| first..(first + band).min(height))
    }

    /// The deals of the first channel's row of which tap row `u` of the windows of output row `i` reads, for a dilation
    /// of 1.
    pub fn deals<const S: usize>(&self, i: usize, u: usize) -> [&[f32]; S] {
        let row = &self.values[i * self.step + u * self.row..][..self.row];
        std::array::from_fn(|v| &row[v * self.deal..][..self.deal])
    }

    /// Lays out the numbers that the windows of the output rows `band` read; `x` holds the planes of the group's
    /// channels.
    pub fn fill(&mut self, x: &[f32], band: &Range<usize>) {
        let (stride, reach) = self.rows;
        let sources = &self.row_sources[band.start * stride..(band.end - 1) * stride + reach + 1];
        let input = x.len() / (self.values.len() / self.plane).max(1);
        if input == 0 {
            return;
        }
        for (x, plane) in x.chunks_exact(input).zip(self.values.chunks_exact_mut(self.plane)) {
            for (source, row) in sources.iter().zip(plane.chunks_exact_mut(self.row)) {
                let x = source.map(|source| &x[source * self.width..][..self.width]);
                if self.stride == 1 {
                    let row = &mut row[..self.columns.len()];
                    pad_row(x, row, self.before, &self.columns, self.constant);
                    continue;
                }
                pad_row(x, &mut self.line, self.before, &self.columns, self.constant);
                deal_out(&self.line, self.stride, &self.firsts, self.deal, row);
            }
        }
    }
}

/// Deals the numbers of `line` out into `row`: a deal has every `stride`-th of them, from one of the `firsts` on.
fn deal_out(line: &[f32], stride: usize, firsts: &[usize], deal: usize, row: &mut [f32]) {
    let in_order = firsts.len() == stride && firsts.iter().enumerate().all(|(at, &first)| at == first);
    let mut done = 0; // of each deal
    if in_order && stride == 2 {
        let (evens, odds) = row.split_at_mut(deal);
        let ((evens, _), (odds, _)) = (evens.as_chunks_mut::<4>(), odds.as_chunks_mut::<4>());
        for ((eight, even), odd) in line.as_chunks::<8>().0.iter().zip(evens).zip(odds) {
            if let ([a, b], _) = eight.as_chunks::<4>() {
                let [evens, odds] = Four::unzip(Four::load(a), Four::load(b));
                (*even, *odd) = (evens.array(), odds.array());
                done += 4;
            }
        }
    } else if in_order && stride == 4 {
        for sixteen in line.as_chunks::<16>().0 {
            if let ([a, b, c, d], _) = sixteen.as_chunks::<4>() {
                for (column, deal) in transposed([a, b, c, d]).iter().zip(row.chunks_exact_mut(deal)) {
                    deal[done..done + 4].copy_from_slice(column);
                }
                done += 4;
            }
        }
    }
    for (deal, first) in row.chunks_exact_mut(deal).zip(firsts) {
        let dealt = line.get(first + done * stride..).unwrap_or_default().iter().step_by(stride);
        deal[done..].iter_mut().zip(dealt).for_each(|(to, from)| *to = *from);
    }
}

/// Writes a padded row; `x` is the row of the input within, or nothing if the whole row is padding.
fn pad_row(x: Option<&[f32]>, row: &mut [f32], before: usize, columns: &[Option<usize>], constant: f32) {
    let Some(x) = x else { return row.fill(constant) };
    let after = before + x.len();
    row[before..after].copy_from_slice(x);
    for column in (0..before).chain(after..columns.len()) {
        row[column] = columns[column].map_or(constant, |source| x[source]);
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
