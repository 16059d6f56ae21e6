//! The padded input, laid out so that the inner loops of the convolution read it in straight lines.

use crate::core::ops::conv::{Conv2d, Shape};

/// The widest block of outputs an inner loop makes at once.
pub(super) const WIDEST: usize = 32;

/// Padded planes.
///
/// - Rows are padded left and right; above and below nothing is copied: `starts` says where a padded row's numbers
///   are. A row of the constant stands after each plane.
/// - Columns are dealt out by stride: with stride 3, columns 0, 3, 6 … come first, then 1, 4, 7 …, then 2, 5, 8 ….
///   Neighbouring outputs then read neighbouring numbers, whatever the stride. `offsets` says where the numbers
///   begin that a tap multiplies.
/// - Behind each row lie zeros, so that the last block of outputs may be whole.
pub(super) struct Planes {
    values: Vec<f32>,
    plane: usize,
    /// Length of a row with everything in it.
    pub row: usize,
    /// Where the padded row begins in its plane.
    pub starts: Vec<usize>,
    /// Where the tap of each kernel column begins in its row.
    pub offsets: Vec<usize>,
}

impl Planes {
    /// Lays out `x`, the `shape.c_in` planes `[h, w]` of one image.
    pub fn new(conv: &Conv2d, shape: &Shape, x: &[f32]) -> Self {
        let (height, width) = shape.input;
        let (stride, dilation) = (conv.stride.1, conv.dilation.1);
        let phases = stride.min(shape.padded.1); // the last ones are empty when the stride is huge
        let reach = (shape.kernel_size.1 - 1) * dilation / stride;
        let phase = shape.padded.1.div_ceil(stride).max(reach + shape.output.1.next_multiple_of(WIDEST));
        let row = phases * phase;
        let offsets =
            (0..shape.kernel_size.1).map(|v| v * dilation % stride * phase + v * dilation / stride).collect();
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
                    for first in 0..phases {
                        let end = values.len() + phase;
                        values.extend(columns[first..].iter().step_by(stride).map(read));
                        values.resize(end, 0.0);
                    }
                }
            }
            values.resize(values.len() + row, constant);
        }
        Planes { values, plane, row, starts, offsets }
    }

    /// The planes of `count` channels from `first` on.
    pub fn channels(&self, first: usize, count: usize) -> impl Iterator<Item = &[f32]> {
        self.values[first * self.plane..][..count * self.plane].chunks_exact(self.plane)
    }
}
