//! The fast path of maximum, minimum and average over sliding windows.
//!
//! A window is a product of rows and columns, and its cells may be folded in any order: the rows that all windows of
//! an output row share are folded into one line first, cell by cell; then each window folds its columns of the line.
//! The line has room for the padding, and what lies there changes nothing. Both steps go four numbers at a time.

use ndarray::{Array, ArrayRef, Dimension};

use crate::core::ops::conv::extent;
use crate::core::ops::lanes::{Four, unrolled};
use crate::core::ops::pool_average::Divisor;
use crate::core::ops::pool_lanes::PoolLanes;
use crate::core::ops::pool_windows::{PoolWindows, array, numbers};
use crate::core::tensor::{Error, MAX_ELEMENTS};

/// How two numbers become one, in any order.
trait Fold {
    /// What changes nothing.
    const START: f32;
    /// Whether the order matters for NaN: then a plane that holds one takes the plain path.
    const AVOIDS_NAN: bool;
    fn four(a: Four, b: Four) -> Four;
    /// NaN when one of them is.
    fn one(a: f32, b: f32) -> f32;
    /// [`Fold::one`] of numbers that are not NaN, or as wrong as may be of others.
    fn one_number(a: f32, b: f32) -> f32;
}

struct Largest;

impl Fold for Largest {
    const START: f32 = f32::NEG_INFINITY;
    const AVOIDS_NAN: bool = true;

    #[inline(always)]
    fn four(a: Four, b: Four) -> Four {
        a.larger(b)
    }

    #[inline(always)]
    fn one(a: f32, b: f32) -> f32 {
        if b > a || b.is_nan() { b } else { a }
    }

    #[inline(always)]
    fn one_number(a: f32, b: f32) -> f32 {
        if b > a { b } else { a }
    }
}

struct Smallest;

impl Fold for Smallest {
    const START: f32 = f32::INFINITY;
    const AVOIDS_NAN: bool = true;

    #[inline(always)]
    fn four(a: Four, b: Four) -> Four {
        a.smaller(b)
    }

    #[inline(always)]
    fn one(a: f32, b: f32) -> f32 {
        if b < a || b.is_nan() { b } else { a }
    }

    #[inline(always)]
    fn one_number(a: f32, b: f32) -> f32 {
        if b < a { b } else { a }
    }
}

struct Sum;

impl Fold for Sum {
    const START: f32 = 0.0;
    const AVOIDS_NAN: bool = false;

    #[inline(always)]
    fn four(a: Four, b: Four) -> Four {
        a.added(b)
    }

    #[inline(always)]
    fn one(a: f32, b: f32) -> f32 {
        a + b
    }

    #[inline(always)]
    fn one_number(a: f32, b: f32) -> f32 {
        a + b
    }
}

/// The last axis of sliding windows.
pub(super) struct Columns {
    kernel_size: usize,
    stride: usize,
    dilation: usize,
    /// Cells of the line before the first one of the input.
    before: usize,
    /// Cells of the input that the line holds.
    inside: usize,
    /// Cells of the line, one to spare: the last block of a stride of 2 reads it.
    line: usize,
}

impl<const D: usize> PoolWindows<D> {
    /// The values of [`PoolWindows::max`] without their indices, fast: same arguments, same errors.
    pub fn max_values<S: Dimension>(&self, x: &ArrayRef<f32, S>) -> Result<Array<f32, S>, Error> {
        match self.fold::<Largest, S>(x, |_, _| ())? {
            Some(y) => Ok(y),
            None => Ok(self.max(x)?.values),
        }
    }

    /// The values of [`PoolWindows::min`] without their indices, fast: same arguments, same errors.
    pub fn min_values<S: Dimension>(&self, x: &ArrayRef<f32, S>) -> Result<Array<f32, S>, Error> {
        match self.fold::<Smallest, S>(x, |_, _| ())? {
            Some(y) => Ok(y),
            None => Ok(self.min(x)?.values),
        }
    }

    /// [`PoolWindows::average`] over sliding windows; `None` for others.
    pub(super) fn average_rows<S: Dimension>(
        &self,
        x: &ArrayRef<f32, S>,
        divisor: Divisor,
    ) -> Result<Option<Array<f32, S>>, Error> {
        let Some(last) = D.checked_sub(1) else { return Ok(None) };
        let columns: Vec<f32> =
            (0..self.output()[last]).map(|j| divisor.columns(&self.span_of(last, j))).collect();
        self.fold::<Sum, S>(x, |y, (count, counted)| {
            let rows = divisor.rows(count, counted);
            let (fours, rest) = y.as_chunks_mut::<4>();
            let (by_four, by_rest) = columns.as_chunks::<4>();
            let by_rows = Four::splat(rows);
            for (y, by) in fours.iter_mut().zip(by_four) {
                let by = Four::splat(0.0).plus_product(by_rows, Four::load(by));
                *y = Four::load(y).divided(by).array();
            }
            rest.iter_mut().zip(by_rest).for_each(|(y, by)| *y /= by * rows);
        })
    }

    /// The gradient of the average of one plane. The cells of a window are a product of rows and columns: so a row of
    /// `grad_output` is spread over a line first, tap by tap, and the line added to the rows.
    pub(super) fn spread_line(
        &self,
        columns: &Columns,
        grad: &mut [f32],
        grad_output: &[f32],
        divisor: Divisor,
    ) {
        let (width, windows) = (self.input()[D - 1], self.output()[D - 1]);
        let divisors: Vec<f32> = (0..windows).map(|j| divisor.columns(&self.span_of(D - 1, j))).collect();
        let mut outputs = grad_output.chunks_exact(windows);
        let mut shares = vec![0.0; windows];
        let mut line = vec![0.0; columns.line];
        self.for_each_row(|row| {
            let rows = divisor.rows(row.starts.len(), row.counted);
            let dy = outputs.next().unwrap_or_default();
            for ((share, dy), divisor) in shares.iter_mut().zip(dy).zip(&divisors) {
                *share = dy / (divisor * rows);
            }
            line.fill(0.0);
            for tap in 0..columns.kernel_size {
                let line = &mut line[tap * columns.dilation..];
                if columns.stride == 1 {
                    add(line, &shares);
                } else {
                    let cells = line.iter_mut().step_by(columns.stride);
                    cells.zip(&shares).for_each(|(cell, share)| *cell += share);
                }
            }
            let inside = &line[columns.before..][..columns.inside];
            for start in &row.starts {
                add(&mut grad[*start..][..width], inside);
            }
        });
    }

    /// Folds each window; `finish` gets each row of outputs, and how many rows of the input its windows read and
    /// how many they cover. `None` when the windows don't slide or the line would be too long.
    fn fold<F: Fold, S: Dimension>(
        &self,
        x: &ArrayRef<f32, S>,
        finish: impl Fn(&mut [f32], (usize, usize)),
    ) -> Result<Option<Array<f32, S>>, Error> {
        let planes = self.check_input(x)?;
        let Some(columns) = self.columns() else { return Ok(None) };
        let (plane, windows) = self.plane_sizes();
        let (width, squares) = (self.output()[D - 1], self.are_squares());
        let mut y = Vec::with_capacity(planes * windows);
        let mut line = vec![F::START; columns.line];
        // A plane is made in one place again and again and copied: that costs less than to zero the output first.
        let mut output = vec![F::START; windows];
        for x in numbers(x).chunks_exact(plane) {
            let mut marks = Four::splat(0.0);
            let mut rows = output.chunks_exact_mut(width);
            if squares {
                for (y, x) in rows.zip(x.chunks_exact(2 * self.input()[D - 1])) {
                    fold_pairs::<F>(x.split_at(x.len() / 2), y, &mut marks);
                    finish(y, (2, 2));
                }
            } else {
                self.for_each_row(|row| {
                    let Some(y) = rows.next() else { return };
                    let inside = &mut line[columns.before..][..columns.inside];
                    fold_rows::<F>(x, &row.starts, inside, &mut marks);
                    columns.fold::<F>(&line, y);
                    finish(y, (row.starts.len(), row.counted));
                });
            }
            if F::AVOIDS_NAN && marks.any_mark() {
                let mut outputs = output.iter_mut();
                self.for_each_window(|window| {
                    if let Some(y) = outputs.next() {
                        *y = window.cells().fold(F::START, |y, cell| F::one(y, x[cell]));
                    }
                });
            }
            y.extend_from_slice(&output);
        }
        array(self.shape_like(x.raw_dim(), self.output()), y).map(Some)
    }

    /// Whether the windows are squares of two by two cells, side by side, none of which hangs over: the most common
    /// pooling of all, worth its own loop.
    fn are_squares(&self) -> bool {
        self.pool().is_some_and(|pool| {
            D == 2
                && pool.kernel_size == [2; D]
                && pool.stride == [2; D]
                && pool.dilation == [1; D]
                && pool.pads == [(0, 0); D]
                && self.input().iter().zip(self.output()).all(|(&input, output)| 2 * output <= input)
        })
    }

    /// The last axis, when its windows slide along a line of bearable length.
    pub(super) fn columns(&self) -> Option<Columns> {
        let pool = self.pool()?;
        let a = D.checked_sub(1)?;
        let (kernel_size, stride, dilation) = (pool.kernel_size[a], pool.stride[a], pool.dilation[a]);
        let reach = self.output()[a].checked_sub(1)?.checked_mul(stride)?;
        let line = reach.checked_add(extent(kernel_size, dilation))?.checked_add(1)?;
        let before = pool.pads[a].0.min(line);
        let inside = self.input()[a].min(line - before);
        (line <= MAX_ELEMENTS).then_some(Columns { kernel_size, stride, dilation, before, inside, line })
    }
}

/// Two rows, and windows of two columns of them, side by side.
#[inline(always)]
fn fold_pairs<F: Fold>((upper, lower): (&[f32], &[f32]), y: &mut [f32], marks: &mut Four) {
    let (upper, lower) = (&upper[..2 * y.len()], &lower[..2 * y.len()]);
    let ((upper, upper_rest), (lower, lower_rest)) = (upper.as_chunks::<8>(), lower.as_chunks::<8>());
    let (fours, rest) = y.as_chunks_mut::<4>();
    let mut seen = *marks;
    for ((y, upper), lower) in fours.iter_mut().zip(upper).zip(lower) {
        let ([a, b], [c, d]) = (halves(upper), halves(lower));
        if F::AVOIDS_NAN {
            seen = d.nan_marks(c.nan_marks(b.nan_marks(a.nan_marks(seen))));
        }
        let (left, right) = (F::four(a, c), F::four(b, d));
        *y = F::four(left.evens(right), left.odds(right)).array();
    }
    for ((y, upper), lower) in
        rest.iter_mut().zip(upper_rest.as_chunks::<2>().0).zip(lower_rest.as_chunks::<2>().0)
    {
        *y = F::one(F::one(upper[0], upper[1]), F::one(lower[0], lower[1]));
        if F::AVOIDS_NAN {
            seen = Four::splat(*y).nan_marks(seen);
        }
    }
    *marks = seen;
}

/// Adds `x` to the numbers of `y`, as far as both reach.
fn add(y: &mut [f32], x: &[f32]) {
    let length = y.len().min(x.len());
    let (fours, rest) = y[..length].as_chunks_mut::<4>();
    let (x, x_rest) = x[..length].as_chunks::<4>();
    for (y, x) in fours.iter_mut().zip(x) {
        *y = Four::load(y).added(Four::load(x)).array();
    }
    rest.iter_mut().zip(x_rest).for_each(|(y, x)| *y += x);
}

/// Eight numbers as two fours.
#[inline(always)]
fn halves(eight: &[f32; 8]) -> [Four; 2] {
    let (fours, _) = eight.as_chunks::<4>();
    [Four::load(&fours[0]), Four::load(&fours[1])]
}

/// Folds the rows of a plane that begin at `starts` into one line.
fn fold_rows<F: Fold>(x: &[f32], starts: &[usize], line: &mut [f32], marks: &mut Four) {
    const N: usize = 4;
    let mut at = 0;
    let (blocks, rest) = line.as_chunks_mut::<{ 4 * N }>();
    for block in blocks {
        fold_block::<F, N>(x, starts, at, block.as_chunks_mut::<4>().0, marks);
        at += 4 * N;
    }
    let (blocks, rest) = rest.as_chunks_mut::<4>();
    for block in blocks {
        fold_block::<F, 1>(x, starts, at, std::slice::from_mut(block), marks);
        at += 4;
    }
    for y in rest {
        *y = starts.iter().fold(F::START, |y, start| F::one(y, x[start + at]));
        if F::AVOIDS_NAN {
            *marks = Four::splat(*y).nan_marks(*marks);
        }
        at += 1;
    }
}

/// [`fold_rows`] for `4 * N` cells from `at` on.
#[inline(always)]
fn fold_block<F: Fold, const N: usize>(
    x: &[f32],
    starts: &[usize],
    at: usize,
    line: &mut [[f32; 4]],
    marks: &mut Four,
) {
    let mut sums = [Four::splat(F::START); N];
    let mut seen = *marks;
    for start in starts {
        if let Some(x) = x[start + at..].as_chunks::<4>().0.first_chunk::<N>() {
            unrolled!(i < N => {
                let x = Four::load(&x[i]);
                if F::AVOIDS_NAN {
                    seen = x.nan_marks(seen);
                }
                sums[i] = F::four(sums[i], x);
            });
        }
    }
    *marks = seen;
    if let Some(line) = line.first_chunk_mut::<N>() {
        unrolled!(i < N => line[i] = sums[i].array());
    }
}

impl Columns {
    /// `y[j]` is the fold of the taps of window `j` of the line.
    fn fold<F: Fold>(&self, line: &[f32], y: &mut [f32]) {
        let (fours, rest) = y.as_chunks_mut::<4>();
        let first_of_rest = 4 * fours.len() * self.stride;
        for (block, y) in fours.iter_mut().enumerate() {
            let first = 4 * block * self.stride;
            let mut sum = Four::splat(F::START);
            for tap in 0..self.kernel_size {
                sum = F::four(sum, self.four_windows(&line[first + tap * self.dilation..]));
            }
            *y = sum.array();
        }
        for (j, y) in rest.iter_mut().enumerate() {
            let taps = line[first_of_rest + j * self.stride..].iter().step_by(self.dilation);
            *y = taps.take(self.kernel_size).fold(F::START, |y, &x| F::one_number(y, x));
        }
    }

    /// The first number of a line and those one, two and three strides on.
    #[inline(always)]
    fn four_windows(&self, line: &[f32]) -> Four {
        let none = Four::splat(0.0); // the line is long enough
        match self.stride {
            1 => line.first_chunk().map_or(none, Four::load),
            2 => line.first_chunk().map_or(none, |x| {
                let [a, b] = halves(x);
                a.evens(b)
            }),
            stride => Four::load(&std::array::from_fn(|j| line[j * stride])),
        }
    }
}
