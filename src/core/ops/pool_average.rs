//! Average pooling: the mean of each window (`torch.nn.functional.avg_pool2d`).

use ndarray::{Array, ArrayRef, Dimension};

use crate::core::ops::pool_windows::{PoolWindows, Span, Window, array, numbers};
use crate::core::tensor::Error;

/// By what the sum of a window is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Divisor {
    /// Counts the cells of the padding, which are zeros. Cells beyond it, where a window hangs over (`ceil_mode`), are
    /// never counted. ONNX has false as default.
    pub count_include_pad: bool,
    /// Divides by this instead, wherever the window lies; negative numbers too.
    pub divisor_override: Option<i64>,
}

impl Default for Divisor {
    /// As PyTorch: the padding counts.
    fn default() -> Self {
        Divisor { count_include_pad: true, divisor_override: None }
    }
}

impl Divisor {
    fn check(self) -> Result<(), Error> {
        if self.divisor_override == Some(0) {
            return Err(Error::Zero { name: "divisor_override" });
        }
        Ok(())
    }

    /// The divisor of one window.
    fn of(self, window: &Window<'_>) -> f64 {
        match self.divisor_override {
            Some(divisor) => divisor as f64,
            None if self.count_include_pad => window.counted() as f64,
            None => window.count() as f64,
        }
    }

    /// The part of the divisor that the last axis makes; the rows make the other, [`Divisor::rows`].
    pub(super) fn columns(self, columns: &Span) -> f32 {
        match self.divisor_override {
            Some(divisor) => divisor as f32,
            None if self.count_include_pad => (columns.count + columns.padding) as f32,
            None => columns.count as f32,
        }
    }

    /// The part of the divisor that the rows make, of which a window reads `count` and covers `counted`.
    pub(super) fn rows(self, count: usize, counted: usize) -> f32 {
        match self.divisor_override {
            Some(_) => 1.0,
            None if self.count_include_pad => counted as f32,
            None => count as f32,
        }
    }
}

impl<const D: usize> PoolWindows<D> {
    /// The definition, as loops: the sum of the cells each window reads, over its [`Divisor`]. `x` is `[n, c, …]`. The
    /// sum is kept in `f64`, so that this is what the fast path is measured against.
    ///
    /// Errors: `x` is not of the size the windows are laid over, the result is too large, the divisor is 0.
    ///
    /// ```
    /// use receptive::core::ops::{Divisor, Pool1d};
    /// let x = ndarray::array![[[3.0, 5.0, 7.0]]];
    /// let windows = Pool1d { pads: [(1, 0)], ..Pool1d::new([2]) }.windows([3])?;
    /// assert_eq!(windows.average_plain(&x, Divisor::default())?, ndarray::array![[[1.5, 6.0]]]);
    /// let inside = Divisor { count_include_pad: false, ..Divisor::default() };
    /// assert_eq!(windows.average_plain(&x, inside)?, ndarray::array![[[3.0, 6.0]]]);
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn average_plain<S: Dimension>(
        &self,
        x: &ArrayRef<f32, S>,
        divisor: Divisor,
    ) -> Result<Array<f32, S>, Error> {
        divisor.check()?;
        self.reduce(x, |x, window| {
            let mut sum = 0.0;
            window.for_each_cell(|cell| sum += f64::from(x[cell]));
            (sum / divisor.of(window)) as f32
        })
    }

    /// The same as [`PoolWindows::average_plain`] up to rounding, fast: same arguments, same errors.
    pub fn average<S: Dimension>(
        &self,
        x: &ArrayRef<f32, S>,
        divisor: Divisor,
    ) -> Result<Array<f32, S>, Error> {
        divisor.check()?;
        match self.average_rows(x, divisor)? {
            Some(y) => Ok(y),
            None => self.average_plain(x, divisor),
        }
    }

    /// The gradient of `sum(average * grad_output)` with respect to the input: each number of `grad_output`, over the
    /// divisor, is added to all cells of its window. The average is linear, so the input itself is not needed.
    ///
    /// Errors: `grad_output` is not `[n, c, …]` with the windows' output behind, the result is too large, the divisor
    /// is 0.
    pub fn average_backward<S: Dimension>(
        &self,
        grad_output: &ArrayRef<f32, S>,
        divisor: Divisor,
    ) -> Result<Array<f32, S>, Error> {
        divisor.check()?;
        let planes = self.check_grad(grad_output)?;
        let (plane, windows) = self.plane_sizes();
        let mut grad = vec![0.0; planes * plane];
        if windows > 0 {
            let outputs = numbers(grad_output);
            let planes = grad.chunks_exact_mut(plane).zip(outputs.chunks_exact(windows));
            match self.columns() {
                Some(columns) => planes.for_each(|(grad, dy)| self.spread_line(&columns, grad, dy, divisor)),
                None => planes.for_each(|(grad, dy)| self.spread(grad, dy, divisor)),
            }
        }
        array(self.shape_like(grad_output.raw_dim(), self.input()), grad)
    }

    /// The gradient of one plane. The cells of a window are a product of rows and columns: so `grad_output` is spread
    /// along the columns first, and then over the rows.
    fn spread(&self, grad: &mut [f32], grad_output: &[f32], divisor: Divisor) {
        let (Some(&width), Some(&windows)) = (self.input().last(), self.output().last()) else { return };
        let mut outputs = grad_output.chunks_exact(windows);
        let mut line = vec![0.0; width];
        self.for_each_row(|row| {
            line.fill(0.0);
            let rows = divisor.rows(row.starts.len(), row.counted);
            for (j, dy) in outputs.next().unwrap_or_default().iter().enumerate() {
                let span = self.span_of(D - 1, j);
                let share = dy / (divisor.columns(&span) * rows);
                span.cells().for_each(|cell| line[cell] += share);
            }
            for &start in &row.starts {
                grad[start..][..width].iter_mut().zip(&line).for_each(|(grad, line)| *grad += line);
            }
        });
    }
}
