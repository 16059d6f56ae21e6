//! Pooling that chooses one cell of each window: maximum, minimum, median. The gradient goes to the chosen cell.

use ndarray::{Array, ArrayRef, Dimension};

use crate::core::ops::pad::PaddingMode;
use crate::core::ops::pad_nd::PadNd;
use crate::core::ops::pool::Pool;
use crate::core::ops::pool_windows::{PoolWindows, Window, array, numbers};
use crate::core::ops::windows::axis_name;
use crate::core::tensor::{Error, checked_elements};

/// What a pooling chose. `S` is the dimension of the arrays, `[n, c, …]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Selected<S: Dimension> {
    /// The chosen numbers: `[n, c, …]`, one for each window.
    pub values: Array<f32, S>,
    /// Where each stands in its plane of the input, counted in row-major order; -1 when the number is the padding's.
    pub indices: Array<i64, S>,
    /// The shape of the input.
    input: S,
}

impl<S: Dimension> Selected<S> {
    /// The gradient of `sum(values * grad_output)` with respect to the input: each number of `grad_output` is added
    /// to the cell that was chosen, and what the padding was chosen for is lost.
    ///
    /// Errors: [`Error::ShapeMismatch`] when `grad_output` has another shape than the values.
    pub fn backward(&self, grad_output: &ArrayRef<f32, S>) -> Result<Array<f32, S>, Error> {
        check_same("grad_output", self.values.shape(), grad_output.shape())?;
        let mut grad = Array::zeros(self.input.clone());
        let (plane, windows) = (space(self.input.slice()), space(self.values.shape()));
        let (grad_output, indices) = (numbers(grad_output), numbers(&self.indices));
        if let Some(grad) = grad.as_slice_mut()
            && plane > 0
            && windows > 0
        {
            let planes = grad.chunks_exact_mut(plane);
            let outputs = grad_output.chunks_exact(windows).zip(indices.chunks_exact(windows));
            for (grad, (grad_output, indices)) in planes.zip(outputs) {
                for (&dy, &index) in grad_output.iter().zip(indices) {
                    if let Some(grad) = usize::try_from(index).ok().and_then(|index| grad.get_mut(index)) {
                        *grad += dy;
                    }
                }
            }
        }
        Ok(grad)
    }
}

impl<const D: usize> PoolWindows<D> {
    /// The largest number of each window and where it stands; of equal ones the first in scan order, of NaNs the last,
    /// as PyTorch has it. Padding is never chosen. `x` is `[n, c, …]`.
    ///
    /// Errors: `x` is not of the size the windows are laid over, or the result is too large.
    pub fn max<S: Dimension>(&self, x: &ArrayRef<f32, S>) -> Result<Selected<S>, Error> {
        self.choose(x, f32::NEG_INFINITY, |x, best| x > best)
    }

    /// The smallest number of each window, as [`PoolWindows::max`] finds the largest: `-max_pool(-x)`.
    ///
    /// Errors: as [`PoolWindows::max`].
    pub fn min<S: Dimension>(&self, x: &ArrayRef<f32, S>) -> Result<Selected<S>, Error> {
        self.choose(x, f32::INFINITY, |x, best| x < best)
    }

    /// The number of each window that no other beats. `nothing` is what an empty window gives.
    fn choose<S: Dimension>(
        &self,
        x: &ArrayRef<f32, S>,
        nothing: f32,
        beats: impl Fn(f32, f32) -> bool,
    ) -> Result<Selected<S>, Error> {
        self.select(x, |x, window| {
            let mut best = (nothing, -1);
            window.for_each_cell(|cell| {
                let value = x[cell];
                if best.1 < 0 || beats(value, best.0) || value.is_nan() {
                    best = (value, cell as i64);
                }
            });
            best
        })
    }

    /// Lets `choice` pick from the cells of each window a number and its index.
    fn select<S: Dimension>(
        &self,
        x: &ArrayRef<f32, S>,
        mut choice: impl FnMut(&[f32], &Window<'_>) -> (f32, i64),
    ) -> Result<Selected<S>, Error> {
        let planes = self.check_input(x)?;
        let (plane, windows) = self.plane_sizes();
        let (mut values, mut indices) =
            (Vec::with_capacity(planes * windows), Vec::with_capacity(planes * windows));
        for x in numbers(x).chunks_exact(plane) {
            self.for_each_window(|window| {
                let (value, index) = choice(x, &window);
                values.push(value);
                indices.push(index);
            });
        }
        let input = x.raw_dim();
        let output = self.shape_like(input.clone(), self.output());
        Ok(Selected { values: array(output.clone(), values)?, indices: array(output, indices)?, input })
    }
}

impl<const D: usize> Pool<D> {
    /// The median of each window of `x` `[n, c, …]`: the middle one of its numbers in order, the lower of the two
    /// middle ones when their number is even (`torch.median` of the window). Of equal numbers the first in scan order
    /// is chosen; a NaN makes the window NaN.
    ///
    /// Unlike for the other kinds, the padding takes part, with the values that `mode` gives it, and may be as wide as
    /// `mode` allows. Cells beyond the padding (`ceil_mode`) don't.
    ///
    /// Errors: those of [`Pool::output_size`], pads too wide for the mode, an input too large.
    ///
    /// ```
    /// use receptive::core::ops::{PaddingMode, Pool1d};
    /// let x = ndarray::array![[[5.0, 1.0, 9.0, 2.0]]];
    /// let pool = Pool1d { stride: [1], pads: [(1, 1)], ..Pool1d::new([3]) };
    /// let median = pool.median(&x, PaddingMode::Constant(0.0))?;
    /// assert_eq!(median.values, ndarray::array![[[1.0, 5.0, 2.0, 2.0]]]);
    /// assert_eq!(median.indices, ndarray::array![[[1, 0, 3, 3]]]);
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn median<S: Dimension>(
        &self,
        x: &ArrayRef<f32, S>,
        mode: PaddingMode,
    ) -> Result<Selected<S>, Error> {
        let pads: Vec<(isize, isize)> = [(0, 0); 2]
            .into_iter()
            .chain(self.pads)
            .map(|(before, after)| (before.min(LARGE) as isize, after.min(LARGE) as isize))
            .collect();
        let pad = PadNd { pads, mode, repeat: false };
        let padded = pad.forward(x)?;
        let mut size = [0; D];
        for (size, &padded) in size.iter_mut().zip(padded.shape().iter().skip(2)) {
            *size = padded;
        }
        let unpadded = Pool { pads: [(0, 0); D], ..*self };
        let mut sorted = Vec::new();
        let mut chosen = unpadded.windows(size)?.select(&padded, |x, window| {
            sorted.clear();
            sorted.extend(window.cells().map(|cell| (x[cell], cell)));
            median(&mut sorted)
        })?;
        chosen.input = x.raw_dim();
        let sources = pad.sources(x.shape())?;
        chosen.indices.mapv_inplace(|index| unpad(index, &sources[2..], &x.shape()[2..]));
        Ok(chosen)
    }
}

/// More pads than any tensor may have.
const LARGE: usize = 1 << 30;

/// The median of numbers with their indices.
fn median(window: &mut [(f32, usize)]) -> (f32, i64) {
    if let Some(&(nan, index)) = window.iter().find(|(x, _)| x.is_nan()) {
        return (nan, index as i64);
    }
    let middle = window.len().saturating_sub(1) / 2;
    if window.is_empty() {
        return (f32::NAN, -1);
    }
    let order = |a: &(f32, usize), b: &(f32, usize)| a.0.total_cmp(&b.0);
    let (_, &mut (value, _), _) = window.select_nth_unstable_by(middle, order);
    let first = window.iter().filter(|(x, _)| *x == value).map(|&(_, index)| index).min();
    (value, first.map_or(-1, |index| index as i64))
}

/// The cell of a plane that a cell of the padded plane was copied from; -1 for a constant.
fn unpad(index: i64, sources: &[Vec<Option<usize>>], plane: &[usize]) -> i64 {
    let Ok(mut index) = usize::try_from(index) else { return -1 };
    let mut cell = 0;
    let mut step = 1;
    for (sources, &size) in sources.iter().zip(plane).rev() {
        let Some(source) = sources[index % sources.len()] else { return -1 };
        index /= sources.len();
        cell += source * step;
        step *= size;
    }
    cell as i64
}

/// Puts numbers back where a maximum was taken from: `[n, c, …]` of zeros with `space` behind, in which `values` stand
/// at `indices` of their plane. Of two numbers for one cell the later one stays. `torch.nn.functional.max_unpool2d`.
///
/// Errors: shapes that differ, [`Error::IndexOutOfRange`], a result too large.
///
/// ```
/// use receptive::core::ops::max_unpool;
/// let y = max_unpool(&ndarray::array![[[5.0, 9.0]]], &ndarray::array![[[1, 2]]], &[4])?;
/// assert_eq!(y, ndarray::array![[[0.0, 5.0, 9.0, 0.0]]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
pub fn max_unpool<S: Dimension>(
    values: &ArrayRef<f32, S>,
    indices: &ArrayRef<i64, S>,
    space: &[usize],
) -> Result<Array<f32, S>, Error> {
    let (output, windows, plane) = unpooled(values.shape(), values.raw_dim(), indices, space)?;
    let mut y = Array::zeros(output);
    let (values, indices) = (numbers(values), numbers(indices));
    if let Some(y) = y.as_slice_mut() {
        for (at, (&value, &index)) in values.iter().zip(indices.iter()).enumerate() {
            let target = y.get_mut(at / windows * plane + index as usize);
            if let Some(target) = target {
                *target = value;
            }
        }
    }
    Ok(y)
}

/// The gradient of [`max_unpool`] with respect to its values: each gets the gradient of the cell it was put into.
///
/// Errors: as [`max_unpool`], where the space is that of `grad_output`.
pub fn max_unpool_backward<S: Dimension>(
    grad_output: &ArrayRef<f32, S>,
    indices: &ArrayRef<i64, S>,
) -> Result<Array<f32, S>, Error> {
    let space = grad_output.shape().get(2..).unwrap_or_default();
    let (output, windows, plane) = unpooled(indices.shape(), indices.raw_dim(), indices, space)?;
    check_same("grad_output", output.slice(), grad_output.shape())?;
    let (grad_output, numbers) = (numbers(grad_output), numbers(indices));
    let grad = numbers
        .iter()
        .enumerate()
        .map(|(at, &index)| {
            grad_output.get(at / windows * plane + index as usize).copied().unwrap_or_default()
        })
        .collect();
    array(indices.raw_dim(), grad)
}

impl<const D: usize> Pool<D> {
    /// The size of the plane from which these windows make one of size `pooled`, when none hangs over:
    /// `(pooled - 1) * stride + kernel_size - pads`.
    ///
    /// Errors: [`Error::EmptyInput`], [`Error::NothingLeft`], [`Error::TooLarge`].
    pub fn unpooled_size(&self, pooled: [usize; D]) -> Result<[usize; D], Error> {
        let mut size = [0; D];
        for (a, size) in size.iter_mut().enumerate() {
            let axis = axis_name::<D>(a);
            let Some(steps) = pooled[a].checked_sub(1) else { return Err(Error::EmptyInput { axis }) };
            let full = steps.saturating_mul(self.stride[a]).saturating_add(self.kernel_size[a]);
            let cut = self.pads[a].0.saturating_add(self.pads[a].1);
            *size = full.saturating_sub(cut);
            if *size == 0 {
                return Err(Error::NothingLeft { axis, full, cut });
            }
        }
        checked_elements(&size)?;
        Ok(size)
    }
}

/// The shape that unpooling makes, and the cells of a plane before and after; the indices are looked at.
fn unpooled<S: Dimension>(
    values: &[usize],
    mut shape: S,
    indices: &ArrayRef<i64, S>,
    space: &[usize],
) -> Result<(S, usize, usize), Error> {
    check_same("indices", values, indices.shape())?;
    if shape.ndim() != space.len() + 2 {
        return Err(Error::WrongRank {
            name: "input",
            expected: "[n, c, …] with the axes of the output",
            got: values.to_vec(),
        });
    }
    let windows: usize = values[2..].iter().product();
    for (a, &size) in space.iter().enumerate() {
        shape[a + 2] = size;
    }
    checked_elements(shape.slice())?;
    let plane: usize = space.iter().product();
    for &index in indices {
        if usize::try_from(index).ok().is_none_or(|index| index >= plane) {
            return Err(Error::IndexOutOfRange { name: "indices", index, size: plane });
        }
    }
    Ok((shape, windows.max(1), plane))
}

/// The cells of a plane of `[n, c, …]`.
fn space(shape: &[usize]) -> usize {
    shape.iter().skip(2).product()
}

/// [`Error::ShapeMismatch`] unless the shapes are the same.
pub(super) fn check_same(name: &'static str, expected: &[usize], got: &[usize]) -> Result<(), Error> {
    if expected == got {
        return Ok(());
    }
    Err(Error::ShapeMismatch { name, expected: expected.to_vec(), got: got.to_vec() })
}
