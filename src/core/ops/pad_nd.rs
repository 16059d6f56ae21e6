//! Padding along any axes, and cropping, which is padding by less than nothing (`torch.nn.functional.pad`).
//! [`pad2d`](crate::core::ops::pad2d) is the same for images, faster.

use ndarray::{Array, ArrayRef, Dimension};

use crate::core::ops::pad::PaddingMode;
use crate::core::ops::pool_select::check_same;
use crate::core::ops::pool_windows::{array, numbers};
use crate::core::tensor::{Error, checked_elements};

/// Cells to add before and after each axis of a tensor, and what they hold.
///
/// ```
/// use receptive::core::ops::{PadNd, PaddingMode};
/// let pad = PadNd { pads: vec![(0, 1), (2, -1)], mode: PaddingMode::Constant(9.0), repeat: false };
/// let y = pad.forward(&ndarray::array![[1.0, 2.0, 3.0]])?;
/// assert_eq!(y, ndarray::array![[9.0, 9.0, 1.0, 2.0], [9.0, 9.0, 9.0, 9.0]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PadNd {
    /// Cells added before and after, one pair for each axis; negative numbers take cells away. Reflection and the cell at
    /// the edge are those of the whole axis, a ring is made of what is left, as in PyTorch.
    pub pads: Vec<(isize, isize)>,
    /// What the added cells hold.
    pub mode: PaddingMode,
    /// Lets reflect and circular padding go on beyond the opposite edge, mirrored or wrapped again, as ONNX and NumPy
    /// do. PyTorch refuses it.
    pub repeat: bool,
}

impl PadNd {
    /// Crops or pads each axis of a tensor of shape `from` to `to`, around its centre; added cells are zeros. Of an
    /// odd number of cells to add or take away, the surplus one is at the end (ONNX `CenterCropPad`).
    ///
    /// Errors: [`Error::ShapeMismatch`] when `to` has not one number for each axis, [`Error::TooLarge`].
    ///
    /// ```
    /// use receptive::core::ops::PadNd;
    /// let pad = PadNd::centered(&[1, 4], &[2, 3])?;
    /// let y = pad.forward(&ndarray::array![[1.0, 2.0, 3.0, 4.0]])?;
    /// assert_eq!(y, ndarray::array![[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]);
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn centered(from: &[usize], to: &[usize]) -> Result<Self, Error> {
        check_same("size", &[from.len()], &[to.len()])?;
        checked_elements(from)?;
        checked_elements(to)?;
        let pads = from.iter().zip(to).map(|(&from, &to)| {
            let (total, sign) = if to < from { (from - to, -1) } else { (to - from, 1) };
            (sign * (total / 2) as isize, sign * (total - total / 2) as isize)
        });
        Ok(PadNd { pads: pads.collect(), mode: PaddingMode::Constant(0.0), repeat: false })
    }

    /// The shape of the result.
    ///
    /// Errors: [`Error::ShapeMismatch`] when there is not one pair for each axis, [`Error::OutOfRange`] when the mode
    /// can't fill a pad or more is taken away than there is, [`Error::TooLarge`].
    pub fn output_shape(&self, shape: &[usize]) -> Result<Vec<usize>, Error> {
        check_same("pads", &[shape.len()], &[self.pads.len()])?;
        let mut output = Vec::with_capacity(shape.len());
        for (&size, &(before, after)) in shape.iter().zip(&self.pads) {
            let limit = match self.mode {
                PaddingMode::Constant(_) => isize::MAX,
                _ if size == 0 => 0,
                PaddingMode::Replicate => isize::MAX,
                _ if self.repeat => isize::MAX,
                PaddingMode::Reflect => size as isize - 1,
                PaddingMode::Circular => size as isize,
            };
            // a ring is closed after cells have been taken away
            let ring = size as i128 + i128::from(before.min(0) as i64) + i128::from(after.min(0) as i64);
            let limit = if self.mode == PaddingMode::Circular && ring <= 0 { 0 } else { limit };
            let crop = -i128::from(size as u64);
            let refuse = |value: isize, min: i128| {
                let max = if limit == isize::MAX { f64::INFINITY } else { limit as f64 };
                Error::OutOfRange { name: "pads", value: value as f64, min: min as f64, max }
            };
            for pad in [before, after] {
                if pad > limit {
                    return Err(refuse(pad, crop));
                }
                checked_elements(&[pad.unsigned_abs()])?;
            }
            let padded = -crop + before as i128 + after as i128;
            if padded < 0 {
                return Err(refuse(before.min(after), crop - before.max(after) as i128));
            }
            output.push(usize::try_from(padded).unwrap_or(usize::MAX));
        }
        checked_elements(&output)?;
        Ok(output)
    }

    /// For each axis, the cell of the input that each cell of the output holds; `None` for the constant.
    pub(super) fn sources(&self, shape: &[usize]) -> Result<Vec<Vec<Option<usize>>>, Error> {
        let output = self.output_shape(shape)?;
        let axes = output.iter().zip(shape).zip(&self.pads);
        Ok(axes
            .map(|((&output, &size), &pads)| {
                (0..output as isize).map(|cell| self.source(cell - pads.0, size as isize, pads)).collect()
            })
            .collect())
    }

    /// The cell that stands at `cell`, counted from the first one of an axis of `size` cells.
    fn source(&self, cell: isize, size: isize, pads: (isize, isize)) -> Option<usize> {
        let source = match self.mode {
            _ if (0..size).contains(&cell) => cell,
            PaddingMode::Constant(_) => return None,
            _ if size <= 1 => 0,
            PaddingMode::Reflect => {
                let there_and_back = 2 * (size - 1);
                let cell = cell.rem_euclid(there_and_back);
                cell.min(there_and_back - cell)
            }
            PaddingMode::Replicate => cell.clamp(0, size - 1),
            PaddingMode::Circular => {
                let (first, end) = ((-pads.0).max(0), size + pads.1.min(0));
                first + (cell - first).rem_euclid((end - first).max(1))
            }
        };
        usize::try_from(source).ok()
    }

    /// Pads `x`, whose axes have the pairs of `pads` in order.
    ///
    /// Errors: those of [`PadNd::output_shape`].
    pub fn forward<S: Dimension>(&self, x: &ArrayRef<f32, S>) -> Result<Array<f32, S>, Error> {
        let mut y = Vec::new();
        let numbers = numbers(x);
        self.for_each_row(x.shape(), |row, sources| {
            let row = row.and_then(|(start, size)| numbers.get(start..start + size));
            let read = |source: &Option<usize>| match (row, source) {
                (Some(row), Some(source)) => row[*source],
                _ => self.mode.constant(),
            };
            y.extend(sources.iter().map(read));
        })?;
        let mut shape = x.raw_dim();
        for (axis, size) in self.output_shape(x.shape())?.into_iter().enumerate() {
            shape[axis] = size;
        }
        array(shape, y)
    }

    /// The gradient of [`PadNd::forward`] with respect to its input of shape `input`: each number of `grad_padded` is
    /// added to the cell it was copied from, and a constant's is lost.
    ///
    /// Errors: those of [`PadNd::output_shape`], and a `grad_padded` of another shape.
    pub fn backward<S: Dimension>(
        &self,
        grad_padded: &ArrayRef<f32, S>,
        input: &[usize],
    ) -> Result<Array<f32, S>, Error> {
        check_same("grad_padded", &self.output_shape(input)?, grad_padded.shape())?;
        let mut grad = vec![0.0; checked_elements(input)?];
        let numbers = numbers(grad_padded);
        let mut rows = numbers.chunks_exact(grad_padded.shape().last().copied().unwrap_or(1).max(1));
        self.for_each_row(input, |row, sources| {
            let padded = rows.next().unwrap_or_default();
            let Some(row) = row.and_then(|(start, size)| grad.get_mut(start..start + size)) else { return };
            for (&padded, source) in padded.iter().zip(sources) {
                if let Some(source) = source {
                    row[*source] += padded;
                }
            }
        })?;
        let mut shape = grad_padded.raw_dim();
        for (axis, &size) in input.iter().enumerate() {
            shape[axis] = size;
        }
        array(shape, grad)
    }

    /// Calls `visit` with every row of the output, in order: the row of the input that it holds, as its start and
    /// length, if it is one, and the sources along the row.
    fn for_each_row(
        &self,
        shape: &[usize],
        mut visit: impl FnMut(Option<(usize, usize)>, &[Option<usize>]),
    ) -> Result<(), Error> {
        let sources = self.sources(shape)?;
        let Some((along, outer)) = sources.split_last() else {
            visit(Some((0, 1)), &[Some(0)]);
            return Ok(());
        };
        let size = shape.last().copied().unwrap_or(1);
        for mut flat in 0..outer.iter().map(Vec::len).product() {
            let (mut start, mut step) = (Some(0), size);
            for (sources, size) in outer.iter().zip(shape).rev() {
                let source = sources[flat % sources.len()];
                flat /= sources.len();
                start = start.zip(source).map(|(start, source)| start + source * step);
                step *= size;
            }
            visit(start.map(|start| (start, size)), along);
        }
        Ok(())
    }
}
