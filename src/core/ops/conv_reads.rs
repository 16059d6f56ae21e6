//! Which cells the windows of a convolution read, and how often. No numbers of the input are needed.
//!
//! Rows and columns don't know of each other: the cell `(i, j)` is read by a window's tap exactly when row `i` and
//! column `j` are. So every map here is made from one list per axis.

use crate::core::ops::conv::{Conv2d, extent};
use crate::core::ops::pad::PaddingMode;
use crate::core::tensor::{Error, Map};

/// One axis of a convolution.
struct AxisReads {
    before: usize,
    input: usize,
    padded: usize,
    stride: usize,
    dilation: usize,
    kernel_size: usize,
    output: usize,
}

impl AxisReads {
    /// Reads of each input cell, over all windows and taps, through the padding.
    fn usage(&self, mode: PaddingMode) -> Vec<f32> {
        // A cell is read once for each tap that lies on it: the windows that begin 0, 1, 2 … dilations before it. The
        // cell one dilation earlier has the same, but for one at each end.
        let begins =
            |cell: usize| u32::from(cell.is_multiple_of(self.stride) && cell / self.stride < self.output);
        let span = self.kernel_size * self.dilation;
        let mut reads = vec![0u32; self.padded];
        for cell in 0..reads.len() {
            let earlier = cell.checked_sub(self.dilation).map_or(0, |earlier| reads[earlier]);
            reads[cell] = earlier + begins(cell) - cell.checked_sub(span).map_or(0, begins);
        }
        let mut usage = vec![0.0; self.input];
        for (cell, reads) in reads.into_iter().enumerate() {
            if let Some(source) = mode.source(cell, self.before, self.input) {
                usage[source] += reads as f32;
            }
        }
        usage
    }

    /// The share of each window's taps that lie on the input itself.
    fn inside(&self) -> Vec<f64> {
        let inside = |window: usize| {
            let taps_before = |cell: usize| {
                cell.saturating_sub(window * self.stride).div_ceil(self.dilation).min(self.kernel_size)
            };
            let taps = taps_before(self.before + self.input) - taps_before(self.before);
            taps as f64 / self.kernel_size as f64
        };
        (0..self.output).map(inside).collect()
    }
}

impl Conv2d {
    /// The two axes, when the sizes are legal.
    fn axes(&self, input: (usize, usize), kernel_size: (usize, usize)) -> Result<[AxisReads; 2], Error> {
        let output = self.output_size(input, kernel_size)?;
        let padded = self.pads.padded_size(input)?;
        let axis = |before, input, padded, stride, dilation, kernel_size, output| AxisReads {
            before,
            input,
            padded,
            stride,
            dilation,
            kernel_size,
            output,
        };
        Ok([
            axis(self.pads.top, input.0, padded.0, self.stride.0, self.dilation.0, kernel_size.0, output.0),
            axis(self.pads.left, input.1, padded.1, self.stride.1, self.dilation.1, kernel_size.1, output.1),
        ])
    }

    /// How many reads of a (window, tap) pair take their value from each input cell `[h, w]`. Cells that the padding
    /// copies (reflect, replicate, circular) count for the cell they copy. This is the gradient of the sum of all
    /// outputs with respect to the input when every weight is 1.
    ///
    /// Errors: those of [`Conv2d::output_size`].
    ///
    /// ```
    /// use receptive::core::ops::Conv2d;
    /// let usage = Conv2d::default().usage((1, 4), (1, 2))?;
    /// assert_eq!(usage, ndarray::array![[1.0, 2.0, 2.0, 1.0]]);
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn usage(&self, input: (usize, usize), kernel_size: (usize, usize)) -> Result<Map, Error> {
        let [height, width] = self.axes(input, kernel_size)?;
        let (rows, columns) = (height.usage(self.mode), width.usage(self.mode));
        Ok(Map::from_shape_fn(input, |(i, j)| rows[i] * columns[j]))
    }

    /// For each output `[oh, ow]` the share of its taps, 0 to 1, that read padding, whatever the padding holds.
    ///
    /// Errors: those of [`Conv2d::output_size`].
    pub fn padding_share(&self, input: (usize, usize), kernel_size: (usize, usize)) -> Result<Map, Error> {
        let [height, width] = self.axes(input, kernel_size)?;
        let (rows, columns) = (height.inside(), width.inside());
        Ok(Map::from_shape_fn((rows.len(), columns.len()), |(i, j)| (1.0 - rows[i] * columns[j]) as f32))
    }

    /// How many padded rows at the bottom and columns at the right no window reaches, because the stride steps past
    /// them: `(padded - extent) % stride`.
    ///
    /// Errors: those of [`Conv2d::output_size`].
    pub fn unread(
        &self,
        input: (usize, usize),
        kernel_size: (usize, usize),
    ) -> Result<(usize, usize), Error> {
        self.output_size(input, kernel_size)?;
        let (height, width) = self.pads.padded_size(input)?;
        Ok((
            (height - extent(kernel_size.0, self.dilation.0)) % self.stride.0,
            (width - extent(kernel_size.1, self.dilation.1)) % self.stride.1,
        ))
    }
}
