//! Interpolation to another size, as `torch.nn.functional.interpolate` does it. What other frameworks add or do
//! otherwise is in [`Resize`](crate::core::ops::Resize).

use ndarray::{Array, ArrayRef, Dimension};

use crate::core::ops::pool_select::check_same;
use crate::core::ops::pool_windows::PoolWindows;
use crate::core::ops::taps::{Edge, Filter, Taps, resample, resample_backward, resample_plain};
use crate::core::tensor::{Error, checked_elements};

/// How a number between the cells follows from them, with PyTorch's names. Each works along any number of axes:
/// `Linear` is PyTorch's `linear`, `bilinear` and `trilinear`, `Cubic` its `bicubic`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// The cell in which the output's first corner lies, as PyTorch's `nearest` has it for the sake of old models.
    Nearest,
    /// The cell in which the output's centre lies.
    NearestExact,
    /// The mean of the cells that the output covers: adaptive average pooling.
    Area,
    /// A straight line between neighbours.
    Linear {
        /// Whether the centres of the outer cells lie over each other, so that the scale is
        /// `(input - 1) / (output - 1)`, rather than their outer edges.
        align_corners: bool,
        /// Whether the filter is stretched when the output is smaller, so that no cell is skipped.
        antialias: bool,
    },
    /// Keys' cubic convolution over four neighbours, with a slope of -0.75, or -0.5 when antialiased.
    Cubic {
        /// As for `Linear`.
        align_corners: bool,
        /// As for `Linear`.
        antialias: bool,
    },
    /// A windowed sinc over six neighbours, always antialiased.
    Lanczos {
        /// As for `Linear`.
        align_corners: bool,
    },
}

/// The size to interpolate to, for each axis of space.
#[derive(Clone, Debug, PartialEq)]
pub enum ResizeTo {
    /// This many cells.
    Size(Vec<usize>),
    /// This many times as many cells, rounded down. The factor itself, not the ratio of the sizes, says where the
    /// outputs lie, as in PyTorch without `recompute_scale_factor`.
    Factor(Vec<f64>),
}

/// An interpolation of `[n, c, …]` along all axes of space.
///
/// ```
/// use receptive::core::ops::{Interpolate, Interpolation, ResizeTo};
/// let twice = Interpolate {
///     mode: Interpolation::Linear { align_corners: false, antialias: false },
///     target: ResizeTo::Factor(vec![2.0]),
/// };
/// let y = twice.forward(&ndarray::array![[[0.0, 4.0]]])?;
/// assert_eq!(y, ndarray::array![[[0.0, 1.0, 3.0, 4.0]]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Interpolate {
    /// The kind.
    pub mode: Interpolation,
    /// The size.
    pub target: ResizeTo,
}

impl Interpolate {
    /// The size of the output over planes or volumes of size `input`.
    ///
    /// Errors: [`Error::ShapeMismatch`] when the target has not one number for each axis, [`Error::Zero`] when an
    /// axis would have no cells, [`Error::NotPositive`] for a factor, [`Error::TooLarge`].
    pub fn output_size(&self, input: &[usize]) -> Result<Vec<usize>, Error> {
        let size = match &self.target {
            ResizeTo::Size(size) => {
                check_same("size", &[input.len()], &[size.len()])?;
                size.clone()
            }
            ResizeTo::Factor(factors) => {
                check_same("scale_factor", &[input.len()], &[factors.len()])?;
                if let Some(&value) = factors.iter().find(|&&factor| !(factor > 0.0 && factor.is_finite())) {
                    return Err(Error::NotPositive { name: "scale_factor", value });
                }
                input.iter().zip(factors).map(|(&input, factor)| (input as f64 * factor) as usize).collect()
            }
        };
        if size.contains(&0) || input.contains(&0) {
            return Err(Error::Zero { name: "size" });
        }
        checked_elements(&size)?;
        Ok(size)
    }

    /// The definition, as loops: each output is the sum over the neighbours along every axis, the product of their
    /// weights times the cell. `x` is `[n, c, …]`; the sum is kept in `f64`.
    ///
    /// Errors: those of [`Interpolate::output_size`], [`Error::WrongRank`] without any axis of space.
    pub fn forward_plain<S: Dimension>(&self, x: &ArrayRef<f32, S>) -> Result<Array<f32, S>, Error> {
        resample_plain(x, &self.axes(x.shape())?)
    }

    /// The same as [`Interpolate::forward_plain`] up to rounding, an axis after the other.
    ///
    /// Errors: the same.
    pub fn forward<S: Dimension>(&self, x: &ArrayRef<f32, S>) -> Result<Array<f32, S>, Error> {
        resample(x, &self.axes(x.shape())?)
    }

    /// The gradient of `sum(y * grad_output)` with respect to the input of shape `input` `[n, c, …]`. Interpolation is
    /// linear: the numbers of the input are not needed.
    ///
    /// Errors: those of [`Interpolate::forward`], and a `grad_output` of another shape than the output.
    pub fn backward<S: Dimension>(
        &self,
        grad_output: &ArrayRef<f32, S>,
        input: &[usize],
    ) -> Result<Array<f32, S>, Error> {
        resample_backward(grad_output, input, &self.axes(input)?)
    }

    /// What the outputs along each axis of space read.
    fn axes(&self, shape: &[usize]) -> Result<Vec<(usize, Taps)>, Error> {
        let [n, c, input @ ..] = shape else {
            return Err(Error::WrongRank { name: "input", expected: "[n, c, …]", got: shape.to_vec() });
        };
        if input.is_empty() {
            return Err(Error::WrongRank { name: "input", expected: "[n, c, …]", got: shape.to_vec() });
        }
        let output = self.output_size(input)?;
        checked_elements(&[&[*n, *c], &output[..]].concat())?;
        let axis = |a: usize| {
            let factor = if let ResizeTo::Factor(factors) = &self.target { Some(factors[a]) } else { None };
            Ok((a + 2, self.taps(input[a], output[a], factor)?))
        };
        (0..input.len()).map(axis).collect()
    }

    /// One axis.
    fn taps(&self, input: usize, output: usize, factor: Option<f64>) -> Result<Taps, Error> {
        let ratio = factor.map_or(input as f64 / output as f64, |factor| 1.0 / factor);
        let scale = |align_corners: bool| match align_corners {
            true if output > 1 => (input - 1) as f64 / (output - 1) as f64,
            true => 0.0,
            false => ratio,
        };
        // where output `i` lies
        let at = |align_corners: bool, i: usize| match align_corners {
            true => i as f64 * scale(true),
            false => (i as f64 + 0.5) * ratio - 0.5,
        };
        let (filter, shrinks) = match self.mode {
            Interpolation::Nearest | Interpolation::NearestExact | Interpolation::Area => {
                (Filter::Linear, true)
            }
            Interpolation::Linear { antialias, .. } => (Filter::Linear, antialias),
            Interpolation::Cubic { antialias: false, .. } => (Filter::Cubic { a: -0.75 }, false),
            Interpolation::Cubic { antialias: true, .. } => (Filter::Cubic { a: -0.5 }, true),
            Interpolation::Lanczos { .. } => (Filter::Lanczos3, true),
        };
        let mut taps = Taps::new(input, output, filter.reads(if shrinks { ratio } else { 1.0 }), 0.0)?;
        match self.mode {
            Interpolation::Nearest | Interpolation::NearestExact => {
                let nearest = if self.mode == Interpolation::Nearest { nearest } else { nearest_exact };
                (0..output).for_each(|i| taps.push_cell(nearest(i, input, output, ratio as f32)));
            }
            Interpolation::Area => {
                let windows = PoolWindows::adaptive([input], [output])?;
                for i in 0..output {
                    let span = windows.span_of(0, i);
                    taps.push_mean(span.first..span.first + span.count);
                }
            }
            // PyTorch leaves an axis alone that keeps its size, whatever the factor, but for the cubic
            Interpolation::Linear { .. }
            | Interpolation::Cubic { antialias: true, .. }
            | Interpolation::Lanczos { .. }
                if input == output =>
            {
                (0..output).for_each(|i| taps.push_cell(i as f64));
            }
            Interpolation::Linear { align_corners, antialias: false }
            | Interpolation::Cubic { align_corners, antialias: false } => {
                for i in 0..output {
                    taps.push_filtered(at(align_corners, i), filter, None, Edge::Repeat);
                }
            }
            // The filter lies around `(i + 1/2) * scale`, whatever corners are aligned.
            Interpolation::Linear { align_corners, .. }
            | Interpolation::Cubic { align_corners, .. }
            | Interpolation::Lanczos { align_corners } => {
                let scale = scale(align_corners);
                for i in 0..output {
                    let at = (i as f64 + 0.5) * scale - 0.5;
                    taps.push_filtered(at, filter, Some(scale.max(1.0)), Edge::LeaveOut);
                }
            }
        }
        Ok(taps)
    }
}

/// PyTorch's `nearest` of images, in the single precision in which it decides: ties fall where its rounding lets them.
/// A size that stays or doubles is a case of its own, whatever the factor; for signals and volumes PyTorch has that in
/// the gradient only.
fn nearest(i: usize, input: usize, output: usize, scale: f32) -> f64 {
    if output == input {
        i as f64
    } else if output == 2 * input {
        (i / 2) as f64
    } else {
        f64::from((i as f32 * scale).floor())
    }
}

/// PyTorch's `nearest-exact`: the product in double, the place of the cell in single precision.
fn nearest_exact(i: usize, _: usize, _: usize, scale: f32) -> f64 {
    f64::from((((i as f64 + 0.5) * f64::from(scale)) as f32).floor())
}
