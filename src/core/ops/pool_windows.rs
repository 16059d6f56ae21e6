//! Which cells of the input each window of a pooling reads. Whatever way the windows are laid, sliding, adaptive or
//! one over all, they are reduced alike.

use ndarray::{Array, ArrayRef, Dimension};

use crate::core::ops::pool::Pool;
use crate::core::ops::windows::{axis_name, batch_axes};
use crate::core::tensor::{Error, checked_elements};

/// One axis of a window: a row of taps, each on a cell of the input, on the padding, or beyond both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where the first tap lies, counted from the first cell of the input; negative in the padding before it.
    pub start: isize,
    /// Cells from one tap to the next.
    pub dilation: usize,
    /// The first cell of the input that a tap lies on, when there is one.
    pub first: usize,
    /// Taps on the input.
    pub count: usize,
    /// Taps on the padding.
    pub padding: usize,
    /// Taps beyond the padded input, where a window hangs over its end (`ceil_mode`).
    pub beyond: usize,
}

impl Span {
    /// The cells of the input that the window reads along this axis.
    pub fn cells(&self) -> impl Iterator<Item = usize> + Clone + use<> {
        let Span { first, dilation, .. } = *self;
        (0..self.count).map(move |tap| first + tap * dilation)
    }

    /// Where each tap lies, counted from the first cell of the input: below 0 and behind the last cell lie padding and
    /// nothing.
    pub fn positions(&self) -> impl Iterator<Item = isize> + use<> {
        let (start, dilation) = (self.start, isize::try_from(self.dilation).unwrap_or(isize::MAX));
        (0..self.taps()).scan(start, move |position, _| {
            let at = *position;
            *position = position.saturating_add(dilation);
            Some(at)
        })
    }

    /// All taps.
    pub fn taps(&self) -> usize {
        self.count.saturating_add(self.padding).saturating_add(self.beyond)
    }
}

/// How windows follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout<const D: usize> {
    Sliding(Pool<D>),
    Adaptive,
}

/// The windows over planes of one size. Made by [`Pool::windows`], [`PoolWindows::adaptive`] and
/// [`PoolWindows::global`].
///
/// ```
/// use receptive::core::ops::Pool2d;
/// let pool = Pool2d { pads: [(1, 0), (0, 0)], stride: [2, 2], ceil_mode: true, ..Pool2d::new([2, 3]) };
/// let windows = pool.windows([4, 4])?;
/// assert_eq!(windows.output(), [3, 2]);
/// let [rows, columns] = windows.window([0, 1]).ok_or("no such window")?;
/// // one row of padding, then row 0; columns 2 and 3, then one that isn't there
/// assert_eq!((rows.start, rows.count, rows.padding, rows.beyond), (-1, 1, 1, 0));
/// assert_eq!((columns.start, columns.count, columns.padding, columns.beyond), (2, 2, 0, 1));
/// assert_eq!(columns.positions().collect::<Vec<_>>(), [2, 3, 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolWindows<const D: usize> {
    layout: Layout<D>,
    input: [usize; D],
    output: [usize; D],
}

impl<const D: usize> PoolWindows<D> {
    /// The sizes must have been checked.
    pub(super) fn sliding(pool: Pool<D>, input: [usize; D], output: [usize; D]) -> Self {
        PoolWindows { layout: Layout::Sliding(pool), input, output }
    }

    /// As many windows as asked for, of as equal a size as can be: along an axis, window `i` covers the cells from
    /// `i * input / output` rounded down to `(i + 1) * input / output` rounded up. Neighbours overlap when the sizes
    /// don't divide (`torch.nn.functional.adaptive_avg_pool2d`).
    ///
    /// Errors: [`Error::EmptyInput`], [`Error::TooLarge`].
    ///
    /// ```
    /// use receptive::core::ops::PoolWindows;
    /// let windows = PoolWindows::adaptive([7], [3])?;
    /// let cells = |i| windows.span(0, i).map(|span| span.cells().collect::<Vec<_>>());
    /// assert_eq!(cells(1), Some(vec![2, 3, 4]));
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn adaptive(input: [usize; D], output: [usize; D]) -> Result<Self, Error> {
        if let Some(a) = input.iter().position(|&size| size == 0) {
            return Err(Error::EmptyInput { axis: axis_name::<D>(a) });
        }
        checked_elements(&input)?;
        checked_elements(&output)?;
        Ok(PoolWindows { layout: Layout::Adaptive, input, output })
    }

    /// One window over each plane, as global pooling has it.
    ///
    /// Errors: as [`PoolWindows::adaptive`].
    pub fn global(input: [usize; D]) -> Result<Self, Error> {
        PoolWindows::adaptive(input, [1; D])
    }

    /// The size of the planes that are pooled; no axis is empty.
    pub fn input(&self) -> [usize; D] {
        self.input
    }

    /// How many windows there are along each axis.
    pub fn output(&self) -> [usize; D] {
        self.output
    }

    /// What window `index` covers along an axis; `None` when there is no such window or axis.
    pub fn span(&self, axis: usize, index: usize) -> Option<Span> {
        (index < *self.output.get(axis)?).then(|| self.span_of(axis, index))
    }

    /// What the window that gives the output `at` covers, axis by axis; `None` when there is no such window.
    pub fn window(&self, at: [usize; D]) -> Option<[Span; D]> {
        let exists = at.iter().zip(&self.output).all(|(at, output)| at < output);
        exists.then(|| std::array::from_fn(|a| self.span_of(a, at[a])))
    }

    /// How many windows read each cell along an axis. The windows that read a cell of a plane are the product over the
    /// axes. An axis that is not there has no cells.
    pub fn reads(&self, axis: usize) -> Vec<usize> {
        let mut reads = vec![0; self.input.get(axis).copied().unwrap_or(0)];
        for index in 0..self.output.get(axis).copied().unwrap_or(0) {
            self.span_of(axis, index).cells().for_each(|cell| reads[cell] += 1);
        }
        reads
    }

    /// [`PoolWindows::span`] of a window that exists.
    pub(super) fn span_of(&self, a: usize, index: usize) -> Span {
        let input = self.input[a];
        match self.layout {
            Layout::Sliding(pool) => {
                let (kernel_size, dilation) = (pool.kernel_size[a], pool.dilation[a]);
                let (before, after) = pool.pads[a];
                let begin = index * pool.stride[a]; // counted from the first cell of the padding
                // taps that lie before a cell; a division is slow enough to be avoided
                let taps_before = |cell: usize| {
                    let cells = cell.saturating_sub(begin);
                    kernel_size.min(if dilation == 1 { cells } else { cells.div_ceil(dilation) })
                };
                let (skipped, inside) = (taps_before(before), taps_before(before + input));
                let padded = taps_before(before + input + after);
                Span {
                    start: begin as isize - before as isize,
                    dilation,
                    first: (begin + skipped.saturating_mul(dilation)).saturating_sub(before),
                    count: inside - skipped,
                    padding: skipped + (padded - inside),
                    beyond: kernel_size - padded,
                }
            }
            Layout::Adaptive => {
                let (output, index) = (self.output[a] as u64, index as u64);
                let (start, end) =
                    (index * input as u64 / output, ((index + 1) * input as u64).div_ceil(output));
                let (first, count) = (start as usize, (end - start) as usize);
                Span { start: first as isize, dilation: 1, first, count, padding: 0, beyond: 0 }
            }
        }
    }

    /// The sliding windows, when these are some.
    pub(super) fn pool(&self) -> Option<&Pool<D>> {
        if let Layout::Sliding(pool) = &self.layout { Some(pool) } else { None }
    }

    /// Cells of a plane of the input, and of the output.
    pub(super) fn plane_sizes(&self) -> (usize, usize) {
        (self.input.iter().product(), self.output.iter().product())
    }

    /// Calls `visit` with every row of windows, in order: all that differ in the last axis alone.
    pub(super) fn for_each_row(&self, mut visit: impl FnMut(&WindowRow)) {
        let Some(last) = D.checked_sub(1) else { return };
        let mut row = WindowRow { starts: Vec::new(), counted: 1 };
        let mut outer = Vec::new();
        let rows: usize = self.output[..last].iter().product();
        for mut flat in 0..rows {
            row.starts.clear();
            row.starts.push(0);
            row.counted = 1;
            let mut at = [0; D];
            for a in (0..last).rev() {
                at[a] = flat % self.output[a];
                flat /= self.output[a];
            }
            for (a, &index) in at.iter().enumerate().take(last) {
                let (span, size) = (self.span_of(a, index), self.input[a]);
                std::mem::swap(&mut outer, &mut row.starts);
                row.starts.clear();
                for start in &outer {
                    row.starts.extend(span.cells().map(|cell| start * size + cell));
                }
                row.counted *= span.count + span.padding;
            }
            row.starts.iter_mut().for_each(|start| *start *= self.input[last]);
            visit(&row);
        }
    }

    /// Calls `visit` with every window, in the order of the output.
    pub(super) fn for_each_window(&self, mut visit: impl FnMut(Window<'_>)) {
        let Some(last) = D.checked_sub(1) else { return };
        self.for_each_row(|row| {
            for j in 0..self.output[last] {
                visit(Window { row, columns: self.span_of(last, j) });
            }
        });
    }

    /// Reduces each window of each plane of `x` to one number.
    pub(super) fn reduce<S: Dimension>(
        &self,
        x: &ArrayRef<f32, S>,
        reduce: impl Fn(&[f32], &Window<'_>) -> f32,
    ) -> Result<Array<f32, S>, Error> {
        let planes = self.check_input(x)?;
        let (plane, windows) = self.plane_sizes();
        let mut y = Vec::with_capacity(planes * windows);
        for x in numbers(x).chunks_exact(plane) {
            self.for_each_window(|window| y.push(reduce(x, &window)));
        }
        array(self.shape_like(x.raw_dim(), self.output), y)
    }

    /// How many planes `x` has, when its shape is `[n, c, …]` with these windows' input behind.
    pub(super) fn check_input<S: Dimension>(&self, x: &ArrayRef<f32, S>) -> Result<usize, Error> {
        self.check("input", x.shape(), self.input)?;
        let planes: usize = x.shape()[..2].iter().product();
        checked_elements(&with_planes(x.shape(), self.output))?;
        Ok(planes)
    }

    /// Refuses a gradient that has not the shape `[n, c, …]` with these windows' output behind; the number of planes.
    pub(super) fn check_grad<S: Dimension>(&self, grad: &ArrayRef<f32, S>) -> Result<usize, Error> {
        self.check("grad_output", grad.shape(), self.output)?;
        checked_elements(&with_planes(grad.shape(), self.input))?;
        Ok(grad.shape()[..2].iter().product())
    }

    fn check(&self, name: &'static str, shape: &[usize], space: [usize; D]) -> Result<(), Error> {
        if shape.len() != D + 2 {
            return Err(Error::WrongRank { name, expected: batch_axes::<D>(), got: shape.to_vec() });
        }
        if shape[2..] != space {
            return Err(Error::ShapeMismatch {
                name,
                expected: with_planes(shape, space),
                got: shape.to_vec(),
            });
        }
        Ok(())
    }

    /// A shape like `x`'s with these windows' output, or input, as its space.
    pub(super) fn shape_like<S: Dimension>(&self, x: S, space: [usize; D]) -> S {
        let mut shape = x;
        for (a, size) in space.into_iter().enumerate() {
            shape[a + 2] = size;
        }
        shape
    }
}

/// Windows that differ in the last axis alone.
pub(super) struct WindowRow {
    /// Where the rows of the plane begin that all of them read.
    pub starts: Vec<usize>,
    /// How many rows of the padded plane that is.
    pub counted: usize,
}

/// One window.
pub(super) struct Window<'a> {
    pub row: &'a WindowRow,
    /// The last axis.
    pub columns: Span,
}

impl Window<'_> {
    /// The cells of the plane it reads, in scan order.
    pub fn cells(&self) -> impl Iterator<Item = usize> + '_ {
        self.row.starts.iter().flat_map(|start| self.columns.cells().map(move |cell| start + cell))
    }

    /// Calls `visit` with each of [`Window::cells`]; faster than the iterator where it is compiled for size.
    #[inline(always)]
    pub fn for_each_cell(&self, mut visit: impl FnMut(usize)) {
        for start in &self.row.starts {
            let mut cell = start + self.columns.first;
            for _ in 0..self.columns.count {
                visit(cell);
                cell = cell.wrapping_add(self.columns.dilation);
            }
        }
    }

    /// How many cells of the plane it reads.
    pub fn count(&self) -> usize {
        self.row.starts.len() * self.columns.count
    }

    /// How many cells of the padded plane it covers.
    pub fn counted(&self) -> usize {
        self.row.counted * (self.columns.count + self.columns.padding)
    }
}

/// The shape `[n, c, …]` with another space.
fn with_planes<const D: usize>(shape: &[usize], space: [usize; D]) -> Vec<usize> {
    shape.iter().take(2).copied().chain(space).collect()
}

/// An array of `shape` from its numbers in row-major order.
pub(super) fn array<A, S: Dimension>(shape: S, numbers: Vec<A>) -> Result<Array<A, S>, Error> {
    let (expected, got) = (shape.slice().to_vec(), vec![numbers.len()]);
    Array::from_shape_vec(shape, numbers).map_err(|_| Error::ShapeMismatch { name: "output", expected, got })
}

/// The numbers of an array in row-major order.
pub(super) fn numbers<A: Copy, S: Dimension>(array: &ArrayRef<A, S>) -> std::borrow::Cow<'_, [A]> {
    match array.as_slice() {
        Some(slice) => slice.into(),
        None => array.iter().copied().collect::<Vec<_>>().into(),
    }
}
