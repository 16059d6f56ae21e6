//! Windows along any number of axes: which cell each tap of each window lies on.
//!
//! Convolution gathers along this relation, transposed convolution and fold scatter along it, unfold writes it down.

use std::ops::Range;

use crate::core::ops::conv::extent;
use crate::core::ops::pad::PaddingMode;
use crate::core::tensor::{Axis, Error, Tensor, checked_elements};

/// The windows over the cells of a volume of `D` axes.
#[derive(Clone, Debug)]
pub(super) struct Windows<const D: usize> {
    /// How many windows there are along each axis.
    pub count: [usize; D],
    /// Taps of a window along each axis.
    pub kernel_size: [usize; D],
    /// The cells.
    pub cells: [usize; D],
    steps: Steps<D>,
    /// Cells of padding in front of each axis.
    before: [usize; D],
    mode: PaddingMode,
}

/// Stride and dilation, the numbers of a [`Windows`] that say how it steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps<const D: usize> {
    pub stride: [usize; D],
    pub dilation: [usize; D],
}

impl<const D: usize> Windows<D> {
    /// `count` windows along each axis of `cells` behind `before` cells of padding. The windows must fit into the
    /// padded cells, and these must have been checked.
    pub fn new(
        cells: [usize; D],
        before: [usize; D],
        mode: PaddingMode,
        kernel_size: [usize; D],
        steps: Steps<D>,
        count: [usize; D],
    ) -> Self {
        Windows { count, kernel_size, cells, steps, before, mode }
    }

    /// The same with nothing but one cell, one tap and one window along the last two axes: what is left of a
    /// convolution when each of its planes is one thing.
    pub fn of_planes(&self) -> Self {
        let mut planes = self.clone();
        for a in D.saturating_sub(2)..D {
            planes.count[a] = 1;
            planes.kernel_size[a] = 1;
            planes.cells[a] = 1;
            planes.before[a] = 0;
        }
        planes
    }

    /// Where a tap of a window lies along an axis, padding counted.
    fn padded(&self, a: usize, window: usize, tap: usize) -> usize {
        window * self.steps.stride[a] + tap * self.steps.dilation[a]
    }

    /// The cell under a tap of a window, counted in row-major order; `None` where the padding's constant stands.
    pub fn cell(&self, window: [usize; D], tap: [usize; D]) -> Option<usize> {
        let mut cell = 0;
        for a in 0..D {
            let source = self.mode.source(self.padded(a, window[a], tap[a]), self.before[a], self.cells[a]);
            cell = cell * self.cells[a] + source?;
        }
        Some(cell)
    }

    /// Calls `run` with each stretch of windows along the last axis whose tap lies on the cells and not on padding:
    /// the stretch itself, its first cell, and how many cells lie from one window to the next. The stretch is a range
    /// of `[taps, windows]` in row-major order.
    pub fn stretches(&self, mut run: impl FnMut(Range<usize>, usize, usize)) {
        let Some(last) = D.checked_sub(1) else { return run(0..1, 0, 1) };
        let (mut rows, count, step) = (self.count, self.count[last], self.steps.stride[last]);
        rows[last] = 1;
        let inside = |a: usize, window, tap| {
            (self.before[a]..self.before[a] + self.cells[a]).contains(&self.padded(a, window, tap))
        };
        let mut begin = 0;
        for tap in positions(self.kernel_size) {
            let reach = tap[last] * self.steps.dilation[last];
            let windows_before = |cell: usize| cell.saturating_sub(reach).div_ceil(step).min(count);
            let first = windows_before(self.before[last]);
            let end = windows_before(self.before[last] + self.cells[last]);
            for mut window in positions(rows) {
                window[last] = first;
                if first < end
                    && (0..last).all(|a| inside(a, window[a], tap[a]))
                    && let Some(cell) = self.cell(window, tap)
                {
                    run(begin + first..begin + end, cell, step);
                }
                begin += count;
            }
        }
    }
}

/// Every position of a volume in row-major order.
pub(super) fn positions<const D: usize>(size: [usize; D]) -> impl Iterator<Item = [usize; D]> {
    (0..size.iter().product()).map(move |flat| position(size, flat))
}

/// One position of a volume in row-major order.
pub(super) fn position<const D: usize>(size: [usize; D], mut flat: usize) -> [usize; D] {
    let mut at = [0; D];
    for (at, size) in at.iter_mut().zip(size).rev() {
        *at = flat % size;
        flat /= size;
    }
    at
}

/// The name of axis `a` of `D`.
pub(super) fn axis_name<const D: usize>(a: usize) -> Axis {
    match D - a {
        1 if D == 1 => Axis::Length,
        1 => Axis::Width,
        2 => Axis::Height,
        _ => Axis::Depth,
    }
}

/// The names of all axes of a batch.
pub(super) fn batch_axes<const D: usize>() -> &'static str {
    match D {
        1 => "[n, c, l]",
        2 => "[n, c, h, w]",
        3 => "[n, c, d, h, w]",
        _ => "[n, c, …]",
    }
}

/// The names of all axes of a bank of kernels.
pub(super) fn weight_axes<const D: usize>() -> &'static str {
    match D {
        1 => "[c_out, c_in / groups, k]",
        2 => "[c_out, c_in / groups, kh, kw]",
        3 => "[c_out, c_in / groups, kd, kh, kw]",
        _ => "[c_out, c_in / groups, …]",
    }
}

/// The first two axes of a tensor and the `D` others.
pub(super) fn split_shape<const D: usize>(
    name: &'static str,
    tensor: &Tensor,
    expected: &'static str,
) -> Result<(usize, usize, [usize; D]), Error> {
    let wrong = || Error::WrongRank { name, expected, got: tensor.shape().to_vec() };
    let [first, second, rest @ ..] = tensor.shape() else { return Err(wrong()) };
    let rest = <[usize; D]>::try_from(rest).map_err(|_| wrong())?;
    Ok((*first, *second, rest))
}

/// `[first, second, rest…]`
pub(super) fn join_shape<const D: usize>(first: usize, second: usize, rest: [usize; D]) -> Vec<usize> {
    [first, second].into_iter().chain(rest).collect()
}

/// [`Error::Zero`] when one of the numbers is.
pub(super) fn check_none_zero(name: &'static str, numbers: &[usize]) -> Result<(), Error> {
    if numbers.contains(&0) { Err(Error::Zero { name }) } else { Ok(()) }
}

/// The padded sizes and the number of windows along each axis, when they fit.
pub(super) fn count_windows<const D: usize>(
    cells: [usize; D],
    pads: [(usize, usize); D],
    mode: PaddingMode,
    kernel_size: [usize; D],
    steps: Steps<D>,
) -> Result<([usize; D], [usize; D]), Error> {
    check_none_zero("kernel_size", &kernel_size)?;
    check_none_zero("stride", &steps.stride)?;
    check_none_zero("dilation", &steps.dilation)?;
    let (mut padded, mut count) = (cells, cells);
    for a in 0..D {
        let axis = axis_name::<D>(a);
        if cells[a] == 0 {
            return Err(Error::EmptyInput { axis });
        }
        mode.check(axis, pads[a].0, cells[a], pads[a].1)?;
        padded[a] = cells[a].saturating_add(pads[a].0).saturating_add(pads[a].1);
        let (kernel_size, dilation) = (kernel_size[a], steps.dilation[a]);
        let (kernel, input) = (extent(kernel_size, dilation), padded[a]);
        if kernel > input {
            return Err(Error::KernelLargerThanInput { axis, kernel, kernel_size, dilation, input });
        }
        count[a] = (input - kernel) / steps.stride[a] + 1;
    }
    checked_elements(&padded)?;
    Ok((padded, count))
}

/// A tensor from its numbers in row-major order.
pub(super) fn tensor(shape: Vec<usize>, numbers: Vec<f32>) -> Result<Tensor, Error> {
    let got = vec![numbers.len()];
    Tensor::from_shape_vec(shape.clone(), numbers).map_err(|_| Error::ShapeMismatch {
        name: "numbers",
        expected: shape,
        got,
    })
}

/// The numbers of an array in row-major order.
pub(super) fn numbers<D: ndarray::Dimension>(array: &ndarray::Array<f32, D>) -> std::borrow::Cow<'_, [f32]> {
    match array.as_slice() {
        Some(slice) => slice.into(),
        None => array.iter().copied().collect::<Vec<_>>().into(),
    }
}
