//! Resampling, axis by axis: each output along an axis is a weighted sum of a few cells. Interpolation of every kind,
//! along any number of axes, is a product of such sums.

use ndarray::{Array, ArrayRef, Dimension};

use crate::core::ops::pool_select::check_same;
use crate::core::ops::pool_windows::{array, numbers};
use crate::core::tensor::{Error, checked_elements};

/// A cell and its weight.
type Tap = (usize, f64);

/// What each output along an axis of `input` cells reads: a sparse matrix, a row for each output.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Taps {
    input: usize,
    rows: Vec<Row>,
    /// Cells and their weights, of all rows.
    taps: Vec<Tap>,
    /// What the outputs are that read nothing.
    outside: f32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Row {
    /// Where the row's taps end; they begin where those of the row before end.
    end: usize,
    /// Whether the output lies outside of the input and reads nothing.
    outside: bool,
}

/// Further off than any cell.
const FAR: f64 = 1e9;

/// What a filter does at the edge of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// The cell at the edge stands for those that are not there.
    Repeat,
    /// Cells that are not there don't count; the weights of the others sum to 1.
    LeaveOut,
}

impl Taps {
    /// Room for `output` outputs that read `each` cells at most, over an axis of `input` cells, which must not be 0.
    /// Outputs that read nothing will be `outside`.
    ///
    /// Errors: [`Error::TooLarge`] when the taps would take more memory than a tensor may.
    pub fn new(input: usize, output: usize, each: usize, outside: f32) -> Result<Self, Error> {
        const NUMBERS: usize = size_of::<Tap>() / size_of::<f32>();
        checked_elements(&[output, each.saturating_add(1), NUMBERS])?;
        Ok(Taps { input, rows: Vec::with_capacity(output), taps: Vec::new(), outside })
    }

    /// Adds the output that reads cell `at`, or the nearest one to it that is there.
    pub fn push_cell(&mut self, at: f64) {
        // a NaN becomes 0
        self.taps.push((at.clamp(0.0, (self.input - 1) as f64) as usize, 1.0));
        self.close(false);
    }

    /// Adds the output that is the mean of some cells.
    pub fn push_mean(&mut self, cells: impl ExactSizeIterator<Item = usize>) {
        let weight = 1.0 / cells.len() as f64;
        self.taps.extend(cells.map(|cell| (cell, weight)));
        self.close(false);
    }

    /// Adds the output that lies outside.
    pub fn push_outside(&mut self) {
        self.close(true);
    }

    /// Adds the output at `at`, where cell 0 is at 0: each cell counts as much as `filter` says of its distance. The
    /// filter is 0 from `support` on, and `stretch` times as wide as it says; stretched, its weights are made to sum
    /// to 1.
    pub fn push_filtered(&mut self, at: f64, filter: Filter, stretch: Option<f64>, edge: Edge) {
        let at = at.clamp(-FAR, FAR);
        let last = (self.input - 1) as f64;
        let width = stretch.unwrap_or(1.0);
        let reach = (filter.support() * width).min(FAR);
        let begin = self.taps.len();
        for cell in (at - reach).ceil() as i64..=(at + reach).floor() as i64 {
            let cell = cell as f64;
            let weight = filter.weight((cell - at) / width);
            if weight != 0.0 && (edge == Edge::Repeat || (0.0..=last).contains(&cell)) {
                self.taps.push((cell.clamp(0.0, last) as usize, weight));
            }
        }
        if stretch.is_some() || edge == Edge::LeaveOut {
            let sum: f64 = self.taps[begin..].iter().map(|(_, weight)| weight).sum();
            if sum != 0.0 {
                self.taps[begin..].iter_mut().for_each(|(_, weight)| *weight /= sum);
            }
        }
        self.close(false);
    }

    fn close(&mut self, outside: bool) {
        self.rows.push(Row { end: self.taps.len(), outside });
    }

    /// How many outputs there are.
    pub fn output(&self) -> usize {
        self.rows.len()
    }

    /// The taps of each output; `None` outside.
    fn rows(&self) -> impl Iterator<Item = Option<&[Tap]>> {
        let mut begin = 0;
        self.rows.iter().map(move |row| {
            let taps = &self.taps[begin..row.end];
            begin = row.end;
            (!row.outside).then_some(taps)
        })
    }
}

/// How much a cell counts by its distance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Filter {
    /// A triangle: linear interpolation.
    Linear,
    /// Keys' cubic convolution ("Cubic convolution interpolation for digital image processing", 1981), whose slope at
    /// distance 1 is `a`.
    Cubic {
        /// -0.75 in PyTorch without antialiasing, -0.5 in Keys' paper and with it.
        a: f64,
    },
    /// A sinc, windowed by one three times as wide.
    Lanczos3,
}

impl Filter {
    /// The distance from which on cells don't count.
    pub fn support(self) -> f64 {
        match self {
            Filter::Linear => 1.0,
            Filter::Cubic { .. } => 2.0,
            Filter::Lanczos3 => 3.0,
        }
    }

    /// How many cells it reads at most, `stretch` times as wide.
    pub fn reads(self, stretch: f64) -> usize {
        (2.0 * self.support() * stretch.max(1.0)) as usize + 1
    }

    /// How much a cell at this distance counts.
    pub fn weight(self, distance: f64) -> f64 {
        let x = distance.abs();
        if x >= self.support() {
            return 0.0;
        }
        match self {
            Filter::Linear => 1.0 - x,
            Filter::Cubic { a } if x <= 1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
            Filter::Cubic { a } => ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a,
            Filter::Lanczos3 => sinc(x) * sinc(x / 3.0),
        }
    }
}

/// `sin(pi x) / (pi x)`
fn sinc(x: f64) -> f64 {
    let x = std::f64::consts::PI * x;
    if x == 0.0 { 1.0 } else { x.sin() / x }
}

/// A resampling of a tensor: axes, each at most once, with what the outputs along them read.
pub(super) type Axes = [(usize, Taps)];

/// The definition: each output is the sum over the taps of all axes at once, the product of their weights times the
/// cell. Kept in `f64`.
pub(super) fn resample_plain<S: Dimension>(
    x: &ArrayRef<f32, S>,
    axes: &Axes,
) -> Result<Array<f32, S>, Error> {
    let shape = output_shape(x.raw_dim(), axes)?;
    let cells = numbers(x);
    // the cells from one to the next along each axis of the input
    let steps: Vec<usize> = (0..x.ndim()).map(|axis| x.shape()[axis + 1..].iter().product()).collect();
    let rows: Vec<Vec<_>> = axes.iter().map(|(_, taps)| taps.rows().collect()).collect();
    let mut index = vec![0; x.ndim()];
    let mut y = Vec::with_capacity(shape.size());
    for mut flat in 0..shape.size() {
        let mut start = 0;
        for axis in (0..x.ndim()).rev() {
            index[axis] = flat % shape[axis];
            flat /= shape[axis];
            start += index[axis] * steps[axis];
        }
        axes.iter().for_each(|(axis, _)| start -= index[*axis] * steps[*axis]);
        let taps: Option<Vec<_>> = axes
            .iter()
            .zip(&rows)
            .map(|((axis, _), rows)| rows[index[*axis]].map(|taps| (taps, steps[*axis])))
            .collect();
        y.push(match taps {
            Some(taps) => sum(&cells, start, &taps) as f32,
            None => axes.first().map_or(0.0, |(_, taps)| taps.outside),
        });
    }
    array(shape, y)
}

/// The sum over the taps of the axes that are left; `taps` are `(cells and weights, step of the axis)`.
fn sum(cells: &[f32], start: usize, taps: &[(&[Tap], usize)]) -> f64 {
    match taps.split_first() {
        None => f64::from(cells[start]),
        Some(((taps, step), rest)) => {
            taps.iter().map(|(cell, weight)| weight * sum(cells, start + cell * step, rest)).sum()
        }
    }
}

/// [`resample_plain`], an axis after the other.
pub(super) fn resample<S: Dimension>(x: &ArrayRef<f32, S>, axes: &Axes) -> Result<Array<f32, S>, Error> {
    let output = output_shape(x.raw_dim(), axes)?;
    let mut shape = x.raw_dim();
    let mut y = numbers(x).into_owned();
    for (axis, taps) in in_order(axes) {
        let inner: usize = shape.slice()[axis + 1..].iter().product();
        let mut next = Vec::with_capacity(y.len() / taps.input.max(1) * taps.output());
        let mut sums = vec![0.0; inner];
        for block in y.chunks_exact((taps.input * inner).max(1)) {
            for row in taps.rows() {
                let Some(row) = row else {
                    next.extend(std::iter::repeat_n(taps.outside, inner));
                    continue;
                };
                sums.fill(0.0);
                for &(cell, weight) in row {
                    let cells = &block[cell * inner..][..inner];
                    sums.iter_mut().zip(cells).for_each(|(sum, &x)| *sum += weight * f64::from(x));
                }
                next.extend(sums.iter().map(|&sum| sum as f32));
            }
        }
        y = next;
        shape[axis] = taps.output();
    }
    array(output, y)
}

/// The gradient of [`resample`] with respect to its input of shape `input`: the same weights, read from the other
/// side.
pub(super) fn resample_backward<S: Dimension>(
    grad_output: &ArrayRef<f32, S>,
    input: &[usize],
    axes: &Axes,
) -> Result<Array<f32, S>, Error> {
    let mut shape = grad_output.raw_dim();
    check_same("input", &[shape.ndim()], &[input.len()])?;
    for (axis, &size) in input.iter().enumerate() {
        shape[axis] = size;
    }
    let expected = output_shape(shape.clone(), axes)?;
    check_same("grad_output", expected.slice(), grad_output.shape())?;
    checked_elements(input)?;
    let mut now = expected;
    let mut grad = numbers(grad_output).into_owned();
    let order: Vec<_> = in_order(axes).collect();
    for (axis, taps) in order.into_iter().rev() {
        let inner: usize = now.slice()[axis + 1..].iter().product();
        let mut next = Vec::with_capacity(grad.len() / taps.output().max(1) * taps.input);
        let mut sums = vec![0.0; taps.input * inner];
        for block in grad.chunks_exact((taps.output() * inner).max(1)) {
            sums.fill(0.0);
            for (row, grad) in taps.rows().zip(block.chunks_exact(inner)) {
                for &(cell, weight) in row.unwrap_or_default() {
                    let sums = &mut sums[cell * inner..][..inner];
                    sums.iter_mut().zip(grad).for_each(|(sum, &grad)| *sum += weight * f64::from(grad));
                }
            }
            next.extend(sums.iter().map(|&sum: &f64| sum as f32));
        }
        grad = next;
        now[axis] = taps.input;
    }
    array(shape, grad)
}

/// The axes, those first that shrink the most: no tensor between is larger than both ends.
fn in_order(axes: &Axes) -> impl Iterator<Item = (usize, &Taps)> {
    let mut order: Vec<_> = axes.iter().map(|(axis, taps)| (*axis, taps)).collect();
    let growth = |taps: &Taps| taps.output() as f64 / taps.input.max(1) as f64;
    order.sort_by(|a, b| growth(a.1).total_cmp(&growth(b.1)));
    order.into_iter()
}

/// The shape of the output, when the axes fit the input.
fn output_shape<S: Dimension>(mut shape: S, axes: &Axes) -> Result<S, Error> {
    for (axis, taps) in axes {
        let size = shape.ndim();
        if *axis >= size {
            return Err(Error::IndexOutOfRange { name: "axes", index: *axis as i64, size });
        }
        check_same("input", &[taps.input], &[shape[*axis]])?;
        shape[*axis] = taps.output();
    }
    checked_elements(shape.slice())?;
    Ok(shape)
}
