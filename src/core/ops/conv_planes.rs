//! The padded input, laid out so that the inner loops of the convolution read it in straight lines.

use crate::core::ops::conv::{Conv2d, Shape};
use crate::core::tensor::checked_elements;

/// The widest block of outputs an inner loop makes at once.
pub(super) const WIDEST: usize = 32;

/// Padded planes.
///
/// - Rows are padded left and right; above and below nothing is copied: `starts` says where a padded row's numbers
///   are. A row of the constant stands after each plane.
/// - Columns are dealt out by stride: with stride 3, columns 0, 3, 6 … come first, then 1, 4, 7 …, then 2, 5, 8 …,
///   as far as some tap reads them. Neighbouring outputs then read neighbouring numbers, whatever the stride.
///   `offsets` says where the numbers begin that a tap multiplies.
/// - Behind each row lie zeros, so that the last block of outputs may be whole.
pub(super) struct Planes {
    /// All planes, one after the other.
    pub values: Vec<f32>,
    /// Length of a plane.
    pub plane: usize,
    /// Length of a row with everything in it.
    pub row: usize,
    /// Where the padded row begins in its plane.
    pub starts: Vec<usize>,
    /// Where the tap of each kernel column begins in its row.
    pub offsets: Vec<usize>,
}

impl Planes {
    /// Lays out `x`, the `shape.c_in` planes `[h, w]` of one image. `None` when that takes more memory than one
    /// tensor may: rows of one output, say, are laid out for a whole block.
    pub fn new(conv: &Conv2d, shape: &Shape, x: &[f32]) -> Option<Self> {
        let (height, width) = shape.input;
        let (stride, dilation, kernel_width) = (conv.stride.1, conv.dilation.1, shape.kernel_size.1);
        // Tap v reads columns v * dilation + stride * j. Taps a period apart read from the same deal.
        let period = (stride / gcd(stride, dilation)).min(kernel_width);
        let reach = (kernel_width - 1) * dilation / stride;
        let deal = shape.padded.1.div_ceil(stride).max(reach + shape.output.1.next_multiple_of(WIDEST));
        let offsets = (0..kernel_width).map(|v| v % period * deal + v * dilation / stride).collect();
        checked_elements(&[shape.c_in, height + 1, period, deal]).ok()?;
        let row = period * deal;
        let plane = (height + 1) * row;
        let rows = conv.mode.sources(conv.pads.top, height, conv.pads.bottom);
        let starts = rows.iter().map(|source| source.unwrap_or(height) * row).collect();
        let columns = conv.mode.sources(conv.pads.left, width, conv.pads.right);
        let constant = conv.mode.constant();

        let mut values = Vec::with_capacity(shape.c_in * plane);
        for plane in x.chunks_exact(height * width) {
            for x in plane.chunks_exact(width) {
                let (left, right) = columns.split_at(conv.pads.left);
                let right = &right[width..];
                let read = |source: &Option<usize>| source.map_or(constant, |column| x[column]);
                if stride == 1 {
                    let end = values.len() + row;
                    values.extend(left.iter().map(read));
                    values.extend_from_slice(x);
                    values.extend(right.iter().map(read));
                    values.resize(end, 0.0);
                } else {
                    for v in 0..period {
                        let end = values.len() + deal;
                        values.extend(columns[v * dilation % stride..].iter().step_by(stride).map(read));
                        values.resize(end, 0.0);
                    }
                }
            }
            values.resize(values.len() + row, constant);
        }
        Some(Planes { values, plane, row, starts, offsets })
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
