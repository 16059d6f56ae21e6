//! Resizing along any axes with every option of ONNX's `Resize`, and with it those of TensorFlow and of old PyTorch
//! exports. For PyTorch's own see [`Interpolate`](crate::core::ops::Interpolate).

use ndarray::{Array, ArrayRef, Dimension};

use crate::core::ops::pool_select::check_same;
use crate::core::ops::taps::{Edge, Filter, Taps, resample, resample_backward, resample_plain};
use crate::core::tensor::{Error, checked_elements};

/// How a place between two cells becomes one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Rounding {
    /// The nearer one, the lower one from the middle.
    #[default]
    RoundPreferFloor,
    /// The nearer one, the upper one from the middle.
    RoundPreferCeil,
    /// The lower one.
    Floor,
    /// The upper one.
    Ceil,
}

/// How a number between the cells follows from them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ResizeMode {
    /// One cell.
    Nearest(Rounding),
    /// A straight line between neighbours.
    Linear,
    /// Keys' cubic convolution.
    Cubic {
        /// `cubic_coeff_a`, the slope at distance 1: -0.75 in ONNX and PyTorch, -0.5 in TensorFlow.
        a: f64,
    },
}

/// Where output `i` of an axis lies, counted in cells of the input, with ONNX's names
/// (`coordinate_transformation_mode`). `scale` is output over input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Coordinates {
    /// `(i + 1/2) / scale - 1/2`: outer edges lie over each other.
    #[default]
    HalfPixel,
    /// The same around the middle of the input, when the scale would not fill the output exactly.
    HalfPixelSymmetric,
    /// As `HalfPixel`, but a single output lies on the first cell.
    PytorchHalfPixel,
    /// `i (input - 1) / (output - 1)`: outer centres lie over each other.
    AlignCorners,
    /// `i / scale`: first corners lie over each other.
    Asymmetric,
    /// `(i + 1/2) / scale`, of TensorFlow 1, for `Nearest`.
    TfHalfPixelForNn,
    /// The outputs' centres spread from the `start` to the `end` of each axis, where 0 and 1 are the centres of the
    /// input's outer cells. What lies outside is the `extrapolation_value`.
    TfCropAndResize,
}

/// One axis to resize.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResizeAxis {
    /// Which.
    pub axis: usize,
    /// Cells it will have.
    pub size: usize,
    /// Output over input; not always the ratio of the sizes.
    pub scale: f64,
    /// Start and end of the region of interest; for [`Coordinates::TfCropAndResize`].
    pub roi: (f64, f64),
}

/// What to do with sizes that would change the aspect ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AspectRatio {
    /// Change it.
    #[default]
    Stretch,
    /// Keep it, and let no size be larger than asked for.
    NotLarger,
    /// Keep it, and let no size be smaller than asked for.
    NotSmaller,
}

/// A resize with all options.
///
/// ```
/// use receptive::core::ops::{AspectRatio, Coordinates, Resize, ResizeAxis, ResizeMode};
/// let resize = Resize {
///     mode: ResizeMode::Linear,
///     coordinates: Coordinates::Asymmetric,
///     ..Resize::new(ResizeAxis::by_sizes(&[1, 3], &[1], &[6], AspectRatio::Stretch)?)
/// };
/// let y = resize.forward(&ndarray::array![[0.0, 2.0, 4.0]])?;
/// assert_eq!(y, ndarray::array![[0.0, 1.0, 2.0, 3.0, 4.0, 4.0]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Resize {
    /// How a number between the cells follows from them.
    pub mode: ResizeMode,
    /// Where the outputs lie.
    pub coordinates: Coordinates,
    /// Whether the filter is stretched when the axis shrinks, so that no cell is skipped; not for `Nearest`.
    pub antialias: bool,
    /// Whether cells beyond the edge don't count, rather than repeat the edge; not for `Nearest`.
    pub exclude_outside: bool,
    /// What lies outside of the input, with [`Coordinates::TfCropAndResize`].
    pub extrapolation_value: f32,
    /// The axes, each at most once; others stay.
    pub axes: Vec<ResizeAxis>,
}

impl Resize {
    /// ONNX's defaults.
    pub fn new(axes: Vec<ResizeAxis>) -> Self {
        Resize {
            mode: ResizeMode::Nearest(Rounding::RoundPreferFloor),
            coordinates: Coordinates::HalfPixel,
            antialias: false,
            exclude_outside: false,
            extrapolation_value: 0.0,
            axes,
        }
    }

    /// The definition, as loops: each output is the sum over the neighbours along every axis, the product of their
    /// weights times the cell. Kept in `f64`.
    ///
    /// Errors: an axis that is not there, is empty or would be, a scale that is not above 0, [`Error::TooLarge`].
    pub fn forward_plain<S: Dimension>(&self, x: &ArrayRef<f32, S>) -> Result<Array<f32, S>, Error> {
        resample_plain(x, &self.taps(x.shape())?)
    }

    /// The same as [`Resize::forward_plain`] up to rounding, an axis after the other.
    ///
    /// Errors: the same.
    pub fn forward<S: Dimension>(&self, x: &ArrayRef<f32, S>) -> Result<Array<f32, S>, Error> {
        resample(x, &self.taps(x.shape())?)
    }

    /// The gradient of `sum(y * grad_output)` with respect to the input of shape `input`.
    ///
    /// Errors: those of [`Resize::forward`], and a `grad_output` of another shape than the output.
    pub fn backward<S: Dimension>(
        &self,
        grad_output: &ArrayRef<f32, S>,
        input: &[usize],
    ) -> Result<Array<f32, S>, Error> {
        resample_backward(grad_output, input, &self.taps(input)?)
    }

    fn taps(&self, shape: &[usize]) -> Result<Vec<(usize, Taps)>, Error> {
        let mut output = shape.to_vec();
        for axis in &self.axes {
            check_axis(axis.axis, shape.len())?;
            output[axis.axis] = axis.size;
            if axis.size == 0 || shape[axis.axis] == 0 {
                return Err(Error::Zero { name: "sizes" });
            }
            if !(axis.scale > 0.0 && axis.scale.is_finite()) {
                return Err(Error::NotPositive { name: "scales", value: axis.scale });
            }
        }
        if let Some(twice) = repeated(self.axes.iter().map(|axis| axis.axis)) {
            return Err(Error::IndexOutOfRange { name: "axes", index: twice as i64, size: shape.len() });
        }
        checked_elements(&output)?;
        self.axes.iter().map(|axis| Ok((axis.axis, self.taps_along(axis, shape[axis.axis])?))).collect()
    }

    /// One axis.
    fn taps_along(&self, axis: &ResizeAxis, input: usize) -> Result<Taps, Error> {
        let filter = match self.mode {
            ResizeMode::Nearest(rounding) => {
                let mut taps = Taps::new(input, axis.size, 1, self.extrapolation_value)?;
                for i in 0..axis.size {
                    match self.place(axis, input, i) {
                        Some(at) => taps.push_cell(rounding.round(at)),
                        None => taps.push_outside(),
                    }
                }
                return Ok(taps);
            }
            ResizeMode::Linear => Filter::Linear,
            ResizeMode::Cubic { a } => Filter::Cubic { a },
        };
        let edge = if self.exclude_outside { Edge::LeaveOut } else { Edge::Repeat };
        let stretch = self.antialias.then_some((1.0 / axis.scale).max(1.0));
        let each = filter.reads(stretch.unwrap_or(1.0));
        let mut taps = Taps::new(input, axis.size, each, self.extrapolation_value)?;
        for i in 0..axis.size {
            match self.place(axis, input, i) {
                Some(at) => taps.push_filtered(at, filter, stretch, edge),
                None => taps.push_outside(),
            }
        }
        Ok(taps)
    }

    /// Where output `i` lies; `None` outside.
    fn place(&self, axis: &ResizeAxis, input: usize, i: usize) -> Option<f64> {
        let last = (input - 1) as f64;
        let (i, size, scale) = (i as f64, axis.size as f64, axis.scale);
        let half_pixel = (i + 0.5) / scale - 0.5;
        let single = axis.size == 1;
        Some(match self.coordinates {
            Coordinates::HalfPixel => half_pixel,
            Coordinates::HalfPixelSymmetric => {
                let filled = size / (scale * input as f64);
                // in the order of the standard: rounding decides on which side of a cell's edge it lies
                input as f64 / 2.0 * (1.0 - filled) + (i + 0.5) / scale - 0.5
            }
            Coordinates::PytorchHalfPixel if single => 0.0,
            Coordinates::PytorchHalfPixel => half_pixel,
            Coordinates::AlignCorners if single => 0.0,
            Coordinates::AlignCorners => i * last / (size - 1.0),
            Coordinates::Asymmetric => i / scale,
            Coordinates::TfHalfPixelForNn => (i + 0.5) / scale,
            Coordinates::TfCropAndResize => {
                let (start, end) = axis.roi;
                let at = match single {
                    true => 0.5 * (start + end) * last,
                    false => start * last + i * (end - start) * last / (size - 1.0),
                };
                return (0.0..=last).contains(&at).then_some(at);
            }
        })
    }
}

impl Rounding {
    fn round(self, at: f64) -> f64 {
        match self {
            Rounding::RoundPreferFloor => (at - 0.5).ceil(),
            Rounding::RoundPreferCeil => (at + 0.5).floor(),
            Rounding::Floor => at.floor(),
            Rounding::Ceil => at.ceil(),
        }
    }
}

impl ResizeAxis {
    /// The axes of a tensor of shape `shape` that get `scales[i]` times as many cells, rounded down.
    ///
    /// Errors: [`Error::ShapeMismatch`] when there is not one scale for each axis, an axis that is not there.
    pub fn by_scales(shape: &[usize], axes: &[usize], scales: &[f32]) -> Result<Vec<Self>, Error> {
        check_same("scales", &[axes.len()], &[scales.len()])?;
        let along = |(&axis, &scale): (&usize, &f32)| {
            check_axis(axis, shape.len())?;
            // in single precision, as the scale is given: 10 times 0.7 is 7
            let size = (shape[axis] as f32 * scale) as usize;
            Ok(ResizeAxis { axis, size, scale: f64::from(scale), roi: (0.0, 1.0) })
        };
        axes.iter().zip(scales).map(along).collect()
    }

    /// The axes of a tensor of shape `shape` that get these sizes; when the aspect ratio is kept, one scale for all
    /// follows from them.
    ///
    /// Errors: [`Error::ShapeMismatch`] when there is not one size for each axis, an axis that is not there.
    pub fn by_sizes(
        shape: &[usize],
        axes: &[usize],
        sizes: &[usize],
        aspect_ratio: AspectRatio,
    ) -> Result<Vec<Self>, Error> {
        check_same("sizes", &[axes.len()], &[sizes.len()])?;
        let mut scales = Vec::with_capacity(axes.len());
        for (&axis, &size) in axes.iter().zip(sizes) {
            check_axis(axis, shape.len())?;
            scales.push(size as f64 / shape[axis] as f64);
        }
        let common = match aspect_ratio {
            AspectRatio::Stretch => None,
            AspectRatio::NotLarger => scales.iter().copied().reduce(f64::min),
            AspectRatio::NotSmaller => scales.iter().copied().reduce(f64::max),
        };
        let along = |((&axis, &size), &scale): ((&usize, &usize), &f64)| match common {
            Some(scale) => {
                ResizeAxis { axis, size: (scale * shape[axis] as f64 + 0.5) as usize, scale, roi: (0.0, 1.0) }
            }
            None => ResizeAxis { axis, size, scale, roi: (0.0, 1.0) },
        };
        Ok(axes.iter().zip(sizes).zip(&scales).map(along).collect())
    }
}

fn check_axis(axis: usize, size: usize) -> Result<(), Error> {
    if axis < size { Ok(()) } else { Err(Error::IndexOutOfRange { name: "axes", index: axis as i64, size }) }
}

/// A number that comes twice.
fn repeated(numbers: impl Iterator<Item = usize>) -> Option<usize> {
    let mut sorted: Vec<usize> = numbers.collect();
    sorted.sort_unstable();
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}
