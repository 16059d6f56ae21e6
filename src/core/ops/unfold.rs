//! Unfold and fold: every window of an input as a column, and columns added back to where they came from
//! (`torch.nn.functional.unfold`, `fold`; im2col and col2im). Each is the gradient of the other.

use crate::core::ops::pad::PaddingMode;
use crate::core::ops::windows::{
    Steps, Windows, batch_axes, count_windows, join_shape, numbers, positions, split_shape, tensor,
};
use crate::core::tensor::{Error, Tensor, checked_elements};

/// The arguments of unfold and fold over `D` axes; two for images.
///
/// ```
/// use receptive::core::ops::Unfold;
/// let x = ndarray::array![[[1.0, 2.0, 3.0, 4.0]]].into_dyn();
/// let unfold = Unfold { kernel_size: [3], ..Unfold::default() };
/// let columns = unfold.unfold(&x)?;
/// assert_eq!(columns, ndarray::array![[[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]]].into_dyn());
/// assert_eq!(unfold.fold(&columns, [4])?, ndarray::array![[[1.0, 4.0, 6.0, 4.0]]].into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unfold<const D: usize> {
    /// Cells of a window along each axis.
    pub kernel_size: [usize; D],
    /// Cells from one window to the next, along each axis.
    pub stride: [usize; D],
    /// Cells of zero added before and after, along each axis.
    pub pads: [(usize, usize); D],
    /// Cells from one tap of the window to the next, along each axis.
    pub dilation: [usize; D],
}

impl<const D: usize> Default for Unfold<D> {
    fn default() -> Self {
        Unfold { kernel_size: [1; D], stride: [1; D], pads: [(0, 0); D], dilation: [1; D] }
    }
}

impl<const D: usize> Unfold<D> {
    /// The windows over an input of this size.
    fn windows(&self, input: [usize; D]) -> Result<Windows<D>, Error> {
        let (steps, mode) =
            (Steps { stride: self.stride, dilation: self.dilation }, PaddingMode::Constant(0.0));
        let (_, count) = count_windows(input, self.pads, mode, self.kernel_size, steps)?;
        let before = self.pads.map(|(before, _)| before);
        Ok(Windows::new(input, before, mode, self.kernel_size, steps, count))
    }

    /// How many windows an input of this size has along each axis.
    ///
    /// Errors: every reason of sizes for which there is none.
    pub fn windows_of(&self, input: [usize; D]) -> Result<[usize; D], Error> {
        Ok(self.windows(input)?.count)
    }

    /// What unfolding `x` needs: its batch and channels, the windows, and the shape of the result.
    fn unfolded(&self, x: &Tensor) -> Result<(Windows<D>, [usize; 3]), Error> {
        let (n, c, input) = split_shape("input", x, batch_axes::<D>())?;
        let windows = self.windows(input)?;
        let rows = c.saturating_mul(windows.taps());
        let shape = [n, rows, windows.windows()];
        checked_elements(&shape)?;
        Ok((windows, shape))
    }

    /// The definition: row `c * taps + tap` of column `window` is the cell of channel `c` under that tap of that
    /// window, 0 in the padding; taps and windows are counted in row-major order.
    ///
    /// `x` is `[n, c, …]` with `D` more axes, the result `[n, c * taps, windows]`.
    ///
    /// Errors: those of [`Unfold::windows_of`], and a result that is too large.
    pub fn unfold_plain(&self, x: &Tensor) -> Result<Tensor, Error> {
        let (windows, shape) = self.unfolded(x)?;
        let cells: usize = windows.cells.iter().product();
        let mut columns = Vec::new();
        for plane in numbers(x).chunks_exact(cells) {
            for tap in positions(windows.kernel_size) {
                for window in positions(windows.count) {
                    columns.push(windows.cell(window, tap).map_or(0.0, |cell| plane[cell]));
                }
            }
        }
        tensor(shape.to_vec(), columns)
    }

    /// The same as [`Unfold::unfold_plain`], fast: same arguments, same errors.
    pub fn unfold(&self, x: &Tensor) -> Result<Tensor, Error> {
        let (windows, shape) = self.unfolded(x)?;
        let mut columns = vec![0.0; checked_elements(&shape)?];
        windows.read_columns(&numbers(x), &mut columns);
        tensor(shape.to_vec(), columns)
    }

    /// The gradient of [`Unfold::unfold`] with respect to its input of size `input`: [`Unfold::fold`] itself.
    ///
    /// Errors: those of [`Unfold::fold`].
    pub fn unfold_backward(&self, grad_columns: &Tensor, input: [usize; D]) -> Result<Tensor, Error> {
        self.fold(grad_columns, input)
    }

    /// What folding needs: the windows, and the shape of the result.
    fn folded(&self, columns: &Tensor, output: [usize; D]) -> Result<(Windows<D>, Vec<usize>), Error> {
        let (n, rows, [count]) = split_shape("columns", columns, "[n, c * taps, windows]")?;
        let windows = self.windows(output)?;
        let taps = windows.taps();
        if !rows.is_multiple_of(taps) {
            return Err(Error::NotDivisible {
                name: "columns.shape[1]",
                value: rows,
                by: "prod(kernel_size)",
                divisor: taps,
            });
        }
        if count != windows.windows() {
            let expected = vec![n, rows, windows.windows()];
            return Err(Error::ShapeMismatch { name: "columns", expected, got: columns.shape().to_vec() });
        }
        let shape = join_shape(n, rows / taps, output);
        checked_elements(&shape)?;
        Ok((windows, shape))
    }

    /// The definition: each number of the columns is added to the cell it would have been read from by
    /// [`Unfold::unfold_plain`]. Numbers of the padding are lost.
    ///
    /// `columns` is `[n, c * taps, windows]`, the result `[n, c, …]` of size `output`. The sum is kept in `f64`.
    ///
    /// Errors: those of [`Unfold::windows_of`], and `columns` that don't have as many rows and windows as these sizes
    /// give.
    pub fn fold_plain(&self, columns: &Tensor, output: [usize; D]) -> Result<Tensor, Error> {
        let (windows, shape) = self.folded(columns, output)?;
        let cells: usize = windows.cells.iter().product();
        let mut folded = Vec::new();
        for rows in numbers(columns).chunks_exact(windows.taps() * windows.windows()) {
            let mut plane = vec![0.0; cells];
            let mut rows = rows.iter().map(|&x| f64::from(x));
            for tap in positions(windows.kernel_size) {
                for (window, x) in positions(windows.count).zip(&mut rows) {
                    if let Some(cell) = windows.cell(window, tap) {
                        plane[cell] += x;
                    }
                }
            }
            folded.extend(plane.into_iter().map(|sum| sum as f32));
        }
        tensor(shape, folded)
    }

    /// The same as [`Unfold::fold_plain`] up to rounding, fast: same arguments, same errors.
    pub fn fold(&self, columns: &Tensor, output: [usize; D]) -> Result<Tensor, Error> {
        let (windows, shape) = self.folded(columns, output)?;
        let mut folded = vec![0.0; checked_elements(&shape)?];
        windows.add_columns(&numbers(columns), &mut folded);
        tensor(shape, folded)
    }

    /// The gradient of [`Unfold::fold`] with respect to its columns: [`Unfold::unfold`] itself.
    ///
    /// Errors: those of [`Unfold::unfold`].
    pub fn fold_backward(&self, grad_output: &Tensor) -> Result<Tensor, Error> {
        self.unfold(grad_output)
    }
}

impl<const D: usize> Windows<D> {
    /// Taps of a window.
    pub fn taps(&self) -> usize {
        self.kernel_size.iter().product()
    }

    /// Windows altogether.
    pub fn windows(&self) -> usize {
        self.count.iter().product()
    }

    /// Writes the cells under the taps of all windows: `planes` is `[planes, cells]`, `columns` `[planes, taps,
    /// windows]` and zero before. There must be cells.
    pub fn read_columns(&self, planes: &[f32], columns: &mut [f32]) {
        let (cells, len) = (self.cells.iter().product(), self.taps() * self.windows());
        for (plane, columns) in planes.chunks_exact(cells).zip(columns.chunks_exact_mut(len)) {
            self.stretches(|windows, first, step| {
                let to = &mut columns[windows];
                if step == 1 {
                    to.copy_from_slice(&plane[first..][..to.len()]);
                } else {
                    to.iter_mut().zip(plane[first..].iter().step_by(step)).for_each(|(to, x)| *to = *x);
                }
            });
        }
    }

    /// Adds the columns back to the cells: the adjoint of [`Windows::read_columns`].
    pub fn add_columns(&self, columns: &[f32], planes: &mut [f32]) {
        let (cells, len) = (self.cells.iter().product(), self.taps() * self.windows());
        for (plane, columns) in planes.chunks_exact_mut(cells).zip(columns.chunks_exact(len)) {
            self.stretches(|windows, first, step| {
                let from = &columns[windows];
                if step == 1 {
                    plane[first..].iter_mut().zip(from).for_each(|(sum, x)| *sum += x);
                } else {
                    plane[first..].iter_mut().step_by(step).zip(from).for_each(|(sum, x)| *sum += x);
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::{Axis, Random};

    fn random_tensor(random: &mut Random, shape: &[usize]) -> Tensor {
        Tensor::from_shape_simple_fn(shape, || random.range(-1.0, 1.0))
    }

    fn case<const D: usize>(random: &mut Random) -> (Unfold<D>, [usize; D]) {
        loop {
            let unfold = Unfold {
                kernel_size: std::array::from_fn(|_| 1 + random.below(3)),
                stride: std::array::from_fn(|_| 1 + random.below(3)),
                pads: std::array::from_fn(|_| (random.below(3), random.below(3))),
                dilation: std::array::from_fn(|_| 1 + random.below(3)),
            };
            let input = std::array::from_fn(|_| 1 + random.below(7));
            if unfold.windows_of(input).is_ok() {
                return (unfold, input);
            }
        }
    }

    /// Fast is plain, and `<unfold(x), y> = <x, fold(y)>`.
    fn check<const D: usize>(random: &mut Random) {
        for _ in 0..100 {
            let (unfold, input) = case::<D>(random);
            let shape = join_shape(1 + random.below(2), 1 + random.below(3), input);
            let x = random_tensor(random, &shape);
            let columns = unfold.unfold(&x).unwrap();
            assert_eq!(columns, unfold.unfold_plain(&x).unwrap(), "{unfold:?}");
            let y = random_tensor(random, columns.shape());
            let folded = unfold.fold(&y, input).unwrap();
            let plain = unfold.fold_plain(&y, input).unwrap();
            assert!((&folded - &plain).iter().all(|d| d.abs() < 1e-5), "{unfold:?}");
            let difference = (&columns * &y).sum() - (&x * &folded).sum();
            assert!(difference.abs() < 1e-4, "{unfold:?}: {difference}");
            assert_eq!(unfold.fold_backward(&x).unwrap(), columns);
            assert_eq!(unfold.unfold_backward(&y, input).unwrap(), folded);
        }
    }

    #[test]
    fn fast_is_plain_and_fold_is_the_adjoint() {
        let mut random = Random::new(401);
        check::<0>(&mut random);
        check::<1>(&mut random);
        check::<2>(&mut random);
        check::<3>(&mut random);
        check::<4>(&mut random);
    }

    #[test]
    fn refusals() {
        let unfold = Unfold { kernel_size: [2, 2], ..Unfold::default() };
        let shaped = |shape: &[usize]| Tensor::zeros(shape);
        let axis = Axis::Height;
        assert!(matches!(unfold.unfold(&shaped(&[2, 3, 4])), Err(Error::WrongRank { name: "input", .. })));
        assert!(matches!(unfold.unfold(&shaped(&[1, 1, 1, 4])), Err(Error::KernelLargerThanInput { .. })));
        assert_eq!(unfold.unfold(&shaped(&[1, 1, 0, 4])), Err(Error::EmptyInput { axis }));
        assert!(matches!(
            unfold.fold(&shaped(&[1, 6, 9]), [4, 4]),
            Err(Error::NotDivisible { value: 6, divisor: 4, .. })
        ));
        assert!(matches!(
            unfold.fold(&shaped(&[1, 8, 8]), [4, 4]),
            Err(Error::ShapeMismatch { name: "columns", .. })
        ));
        assert!(matches!(unfold.fold(&shaped(&[1, 4, 9]), [usize::MAX, 4]), Err(Error::TooLarge { .. })));
        let zero = Unfold { stride: [0, 1], ..unfold };
        assert_eq!(zero.unfold(&shaped(&[1, 1, 4, 4])), Err(Error::Zero { name: "stride" }));
        assert_eq!(unfold.unfold(&shaped(&[0, 3, 4, 4])).unwrap().shape(), [0, 12, 9]);
        assert_eq!(unfold.unfold(&shaped(&[2, 0, 4, 4])).unwrap().shape(), [2, 0, 9]);
        assert_eq!(unfold.fold(&shaped(&[2, 0, 9]), [4, 4]).unwrap().shape(), [2, 0, 4, 4]);
        let wide = Unfold { kernel_size: [3000, 3000], pads: [(3000, 3000); 2], ..Unfold::default() };
        assert!(matches!(wide.unfold(&shaped(&[1, 1, 4, 4])), Err(Error::TooLarge { .. })));
    }
}
