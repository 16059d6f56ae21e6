//! Reading a tensor at any places: the sampler of spatial transformers (`torch.nn.functional.grid_sample`, ONNX
//! `GridSample`; Jaderberg et al., "Spatial transformer networks", 2015).

use ndarray::{Array, ArrayRef, Dimension};

use crate::core::ops::pool_select::check_same;
use crate::core::ops::pool_windows::{array, numbers};
use crate::core::ops::taps::Filter;
use crate::core::tensor::{Error, checked_elements};

/// How a number between the cells follows from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SampleMode {
    /// A straight line between neighbours along each axis: PyTorch's `bilinear`.
    #[default]
    Linear,
    /// The nearest cell; the even one from the middle between two.
    Nearest,
    /// Keys' cubic convolution with a slope of -0.75: PyTorch's `bicubic`. It offers it for images alone; here it works
    /// along any number of axes.
    Cubic,
}

/// What lies outside of the tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SamplePadding {
    /// Zeros.
    #[default]
    Zeros,
    /// The nearest cell at the edge.
    Border,
    /// The tensor mirrored: at the centres of its outer cells when corners are aligned, else at their outer edges.
    Reflection,
}

/// A sampler. The tensor is `[n, c, …]` and the grid `[n, …, D]` with a place for each output: its last axis holds the
/// coordinates, **the one along the last axis of space first** (`x, y, z`). Coordinates go from -1 to 1 over each axis.
/// A NaN is taken as -1.
///
/// ```
/// use receptive::core::ops::GridSample;
/// let x = ndarray::array![[[[0.0, 10.0], [20.0, 30.0]]]];
/// let grid = ndarray::array![[[[0.0, 0.0], [1.0, -1.0]]]];
/// let sampler = GridSample { align_corners: true, ..GridSample::default() };
/// assert_eq!(sampler.forward(&x, &grid)?, ndarray::array![[[[15.0, 10.0]]]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct GridSample {
    /// How a number between the cells follows from them.
    pub mode: SampleMode,
    /// What lies outside.
    pub padding_mode: SamplePadding,
    /// Whether -1 and 1 are the centres of the outer cells, rather than their outer edges.
    pub align_corners: bool,
}

/// The gradients of a sampler.
#[derive(Clone, Debug, PartialEq)]
pub struct GridSampleGrads<S: Dimension> {
    /// In the shape of the tensor.
    pub input: Array<f32, S>,
    /// In the shape of the grid; zeros when the nearest cell is taken.
    pub grid: Array<f32, S>,
}

/// A cell that a place reads along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tap {
    cell: usize,
    weight: f64,
    /// The derivative of the weight by the place's coordinate in the grid.
    slope: f64,
}

/// The sizes of one legal sampling.
struct Shape<S> {
    c: usize,
    /// The axes of space of the tensor.
    space: Vec<usize>,
    /// Cells of a plane or volume.
    cells: usize,
    /// Places of the grid.
    places: usize,
    output: S,
}

/// What one place reads: cells with their weights, and the derivative of each weight by each coordinate.
#[derive(Default)]
struct Reads {
    axes: Vec<Vec<Tap>>,
    cells: Vec<(usize, f64)>,
    slopes: Vec<f64>,
}

impl GridSample {
    /// The numbers of `x` `[n, c, …]` at the places of `grid` `[n, …, D]`: `[n, c, …]` with the grid's space. Kept in
    /// `f64`.
    ///
    /// Errors: shapes that don't fit, an axis without cells, [`Error::TooLarge`].
    pub fn forward<S: Dimension>(
        &self,
        x: &ArrayRef<f32, S>,
        grid: &ArrayRef<f32, S>,
    ) -> Result<Array<f32, S>, Error> {
        let shape = self.shape(x, grid)?;
        let mut y = vec![0.0; shape.output.size()];
        let x = numbers(x);
        self.for_each_place(&shape, grid, |image, place, reads| {
            for c in 0..shape.c {
                let plane = &x[(image * shape.c + c) * shape.cells..];
                let sum: f64 =
                    reads.cells.iter().map(|&(cell, weight)| weight * f64::from(plane[cell])).sum();
                y[(image * shape.c + c) * shape.places + place] = sum as f32;
            }
        });
        array(shape.output, y)
    }

    /// The gradients of `sum(y * grad_output)` with respect to tensor and grid.
    ///
    /// Errors: as [`GridSample::forward`], and a `grad_output` of another shape than the output.
    pub fn backward<S: Dimension>(
        &self,
        x: &ArrayRef<f32, S>,
        grid: &ArrayRef<f32, S>,
        grad_output: &ArrayRef<f32, S>,
    ) -> Result<GridSampleGrads<S>, Error> {
        let shape = self.shape(x, grid)?;
        check_same("grad_output", shape.output.slice(), grad_output.shape())?;
        let axes = shape.space.len();
        let (mut grad_input, mut grad_grid) = (vec![0.0; x.len()], vec![0.0; grid.len()]);
        let (cells, grads) = (numbers(x), numbers(grad_output));
        let mut slopes = vec![0.0; axes];
        self.for_each_place(&shape, grid, |image, place, reads| {
            slopes.fill(0.0);
            for c in 0..shape.c {
                let dy = f64::from(grads[(image * shape.c + c) * shape.places + place]);
                let start = (image * shape.c + c) * shape.cells;
                for (&(cell, weight), by_axis) in reads.cells.iter().zip(reads.slopes.chunks_exact(axes)) {
                    grad_input[start + cell] += (weight * dy) as f32;
                    let x = f64::from(cells[start + cell]);
                    slopes.iter_mut().zip(by_axis).for_each(|(sum, slope)| *sum += slope * x * dy);
                }
            }
            // the grid names the last axis first
            let grad = &mut grad_grid[(image * shape.places + place) * axes..][..axes];
            grad.iter_mut().zip(slopes.iter().rev()).for_each(|(grad, slope)| *grad = *slope as f32);
        });
        Ok(GridSampleGrads {
            input: array(x.raw_dim(), grad_input)?,
            grid: array(grid.raw_dim(), grad_grid)?,
        })
    }

    fn shape<S: Dimension>(&self, x: &ArrayRef<f32, S>, grid: &ArrayRef<f32, S>) -> Result<Shape<S>, Error> {
        let wrong_rank =
            |name, expected, got: &[usize]| Error::WrongRank { name, expected, got: got.to_vec() };
        let [n, c, space @ ..] = x.shape() else {
            return Err(wrong_rank("input", "[n, c, …]", x.shape()));
        };
        let axes = space.len();
        if axes == 0 {
            return Err(wrong_rank("input", "[n, c, …]", x.shape()));
        }
        if grid.ndim() != axes + 2 {
            return Err(wrong_rank("grid", "[n, …, D], as many as of the input", grid.shape()));
        }
        let mut expected = grid.shape().to_vec();
        (expected[0], expected[axes + 1]) = (*n, axes);
        check_same("grid", &expected, grid.shape())?;
        if space.contains(&0) {
            return Err(Error::Zero { name: "size" });
        }
        let mut output = grid.raw_dim();
        output[1] = *c;
        for a in 0..axes {
            output[a + 2] = grid.shape()[a + 1];
        }
        checked_elements(output.slice())?;
        let places = output.slice()[2..].iter().product();
        Ok(Shape { c: *c, cells: space.iter().product(), space: space.to_vec(), places, output })
    }

    /// Calls `visit` with each image, place and what it reads.
    fn for_each_place<S: Dimension>(
        &self,
        shape: &Shape<S>,
        grid: &ArrayRef<f32, S>,
        mut visit: impl FnMut(usize, usize, &Reads),
    ) {
        let axes = shape.space.len();
        let grid = numbers(grid);
        let mut reads = Reads { axes: vec![Vec::with_capacity(4); axes], ..Reads::default() };
        for (at, place) in grid.chunks_exact(axes).enumerate() {
            for ((taps, &size), &coordinate) in
                reads.axes.iter_mut().zip(&shape.space).zip(place.iter().rev())
            {
                self.taps(f64::from(coordinate), size, taps);
            }
            reads.combine(&shape.space);
            visit(at / shape.places, at % shape.places, &reads);
        }
    }

    /// What a coordinate reads along an axis of `size` cells.
    fn taps(&self, coordinate: f64, size: usize, taps: &mut Vec<Tap>) {
        taps.clear();
        let coordinate = if coordinate.is_nan() { -1.0 } else { coordinate };
        let cells = size as f64;
        let (at, scale) = match self.align_corners {
            true => ((coordinate + 1.0) / 2.0 * (cells - 1.0), (cells - 1.0) / 2.0),
            false => (((coordinate + 1.0) * cells - 1.0) / 2.0, cells / 2.0),
        };
        let mut push = |cell: f64, weight: f64, slope: f64| {
            if (0.0..cells).contains(&cell) {
                taps.push(Tap { cell: cell as usize, weight, slope });
            }
        };
        match self.mode {
            SampleMode::Nearest => push(self.inside(at, size).0.round_ties_even(), 1.0, 0.0),
            SampleMode::Linear => {
                let (at, slope) = self.inside(at, size);
                let (low, slope) = (at.floor(), slope * scale);
                push(low, 1.0 - (at - low), -slope);
                push(low + 1.0, at - low, slope);
            }
            SampleMode::Cubic => {
                let low = at.floor();
                for tap in -1..=2 {
                    let distance = f64::from(tap) - (at - low);
                    let (weight, slope) = (CUBIC.weight(distance), cubic_slope(distance));
                    // moving the place on brings the cell nearer
                    push(self.inside(low + f64::from(tap), size).0.trunc(), weight, -slope * scale);
                }
            }
        }
    }

    /// Where a place along an axis is read, and how much that moves when the place does.
    fn inside(&self, at: f64, size: usize) -> (f64, f64) {
        let last = (size - 1) as f64;
        let clip = |at: f64| {
            if at <= 0.0 {
                (0.0, 0.0)
            } else if at >= last {
                (last, 0.0)
            } else {
                (at, 1.0)
            }
        };
        match self.padding_mode {
            SamplePadding::Zeros => (at, 1.0),
            SamplePadding::Border => clip(at),
            SamplePadding::Reflection => {
                let (low, span) = if self.align_corners { (0.0, last) } else { (-0.5, last + 1.0) };
                if span == 0.0 {
                    return (0.0, 0.0);
                }
                let direction = if at < low { -1.0 } else { 1.0 };
                let from_low = (at - low).abs();
                let (flips, rest) = ((from_low / span).floor(), from_low % span);
                let (at, direction) = if flips % 2.0 == 0.0 {
                    (low + rest, direction)
                } else {
                    (low + span - rest, -direction)
                };
                let (at, slope) = clip(at);
                (at, slope * direction)
            }
        }
    }
}

/// The slope of PyTorch's cubic convolution at distance 1.
const A: f64 = -0.75;
const CUBIC: Filter = Filter::Cubic { a: A };

/// The derivative of the weight of [`CUBIC`] by the distance.
fn cubic_slope(distance: f64) -> f64 {
    let x = distance.abs();
    let slope = match x {
        0.0..1.0 => (3.0 * (A + 2.0) * x - 2.0 * (A + 3.0)) * x,
        1.0..2.0 => (3.0 * A * x - 10.0 * A) * x + 8.0 * A,
        _ => 0.0,
    };
    slope * distance.signum()
}

impl Reads {
    /// Every cell that is a tap along all axes: a product of them.
    fn combine(&mut self, space: &[usize]) {
        self.cells.clear();
        self.slopes.clear();
        for mut flat in 0..self.axes.iter().map(Vec::len).product::<usize>() {
            let (mut cell, mut step, mut weight) = (0, 1, 1.0);
            let from = self.slopes.len();
            self.slopes.resize(from + space.len(), 1.0);
            for (a, taps) in self.axes.iter().enumerate().rev() {
                let tap = taps[flat % taps.len()];
                flat /= taps.len();
                cell += tap.cell * step;
                step *= space[a];
                weight *= tap.weight;
                // by each coordinate: its own slope times the weights along the other axes
                for (other, slope) in self.slopes[from..].iter_mut().enumerate() {
                    *slope *= if other == a { tap.slope } else { tap.weight };
                }
            }
            self.cells.push((cell, weight));
        }
    }
}
