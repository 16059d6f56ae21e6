//! The convolution of many channels as a product of matrices: the weights `[outputs, taps]` times one column for each
//! window, `[taps, windows]` (Chellapilla, Puri and Simard, "High performance convolutional neural networks for
//! document processing", 2006). The columns exist only a few at a time, already in the panels that the product reads.

use crate::core::ops::conv::Shape;
use crate::core::ops::conv_planes::Planes;
use crate::core::ops::gemm::{BLOCK_ROWS, COLUMNS, DEPTH, Matrix, ROWS, multiply_panels, panels};

/// Windows whose columns are there at once: with [`DEPTH`] taps 128 kB, for the second-level cache.
const WINDOWS: usize = 128;

impl Planes {
    /// Writes the convolution of `x` `[c_group, h, w]` with `weight` `[outputs, c_group, kh, kw]` and `bias` to `y`
    /// `[outputs, oh, ow]`. There must be a tap.
    pub fn multiply(&mut self, shape: &Shape, x: &[f32], weight: &[f32], bias: &[f32], y: &mut [f32]) {
        let (height, width) = shape.output;
        let taps = self.reads.len();
        let weight = Matrix::rows(weight, taps);
        let rows = shape.outputs.next_multiple_of(ROWS);
        let mut weights = vec![0.0; rows * taps]; // block of taps by block of taps
        for first in (0..taps).step_by(DEPTH) {
            let depth = DEPTH.min(taps - first);
            panels::<ROWS>(
                (shape.outputs, depth),
                weight.from(0, first),
                &mut weights[rows * first..][..rows * depth],
            );
        }
        let mut columns = vec![0.0; WINDOWS * taps.min(DEPTH)];
        for band in self.bands(height) {
            self.fill(x, &band);
            for window in (0..band.len() * width).step_by(WINDOWS) {
                let windows = WINDOWS.min(band.len() * width - window);
                for first in (0..taps).step_by(DEPTH) {
                    let depth = DEPTH.min(taps - first);
                    self.columns(width, (window, windows), first..first + depth, &mut columns);
                    for o in (0..shape.outputs).step_by(BLOCK_ROWS) {
                        let outputs = BLOCK_ROWS.min(shape.outputs - o);
                        let weights = &weights[rows * first + o * depth..];
                        let y = &mut y[(o * height + band.start) * width + window..];
                        let start = (first == 0).then_some(bias.get(o..).unwrap_or_default());
                        multiply_panels(
                            (outputs, windows, depth),
                            weights,
                            &columns,
                            start,
                            y,
                            height * width,
                        );
                    }
                }
            }
        }
    }

    /// The columns of `windows` windows of the band from the `first` one on, of some of the taps, in panels.
    fn columns(
        &self,
        width: usize,
        (first, windows): (usize, usize),
        taps: std::ops::Range<usize>,
        panels: &mut [f32],
    ) {
        let reads = &self.reads[taps];
        let (panels, _) = panels.as_chunks_mut::<COLUMNS>();
        for (panel, begin) in
            panels.chunks_exact_mut(reads.len()).zip((first..first + windows).step_by(COLUMNS))
        {
            let start = |window: usize| &self.values[window / width * self.step + window % width..];
            let end = begin + COLUMNS;
            if end <= first + windows && begin % width + COLUMNS <= width {
                let values = start(begin);
                for (to, &read) in panel.iter_mut().zip(reads) {
                    if let Some(from) = values.get(read..).and_then(|values| values.first_chunk()) {
                        *to = *from;
                    }
                }
            } else {
                // across the end of a row; what is beyond the last window is not used
                let starts: [&[f32]; COLUMNS] =
                    std::array::from_fn(|at| start((begin + at).min(first + windows - 1)));
                for (to, &read) in panel.iter_mut().zip(reads) {
                    to.iter_mut().zip(starts).for_each(|(to, values)| *to = values[read]);
                }
            }
        }
    }
}
