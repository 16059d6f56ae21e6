//! Receptive-field arithmetic: what a unit sees of the input, from the sizes of the layers alone.
//!
//! Layer by layer, with `k` taps `d` apart, stride `s` and `p` cells of padding before the first one, everything counted
//! in cells of the input (Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
//! Distill, 2019):
//!
//! ```text
//! size    += (k - 1) d jump
//! padding += p jump
//! centre  += ((k - 1) d / 2 - p) jump
//! jump    *= s
//! ```

use crate::core::nets::{Layer, Net, resample};
use crate::core::ops::{Interpolate, Interpolation};
use crate::core::tensor::Error;

/// What the units of one map see of the input. All pairs are `(height, width)`, in cells of the input.
///
/// Numbers are whole for windows; behind an interpolation they are fractions, and the size is a bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReceptiveField {
    /// Cells from the first to the last one a unit can see.
    pub size: (f64, f64),
    /// From the field of one unit to that of the next: the effective stride.
    pub jump: (f64, f64),
    /// How far the field of the first unit reaches beyond the input: the effective padding. Negative when it begins
    /// within.
    pub padding: (f64, f64),
    /// The middle of the field of the first unit; 0 is the middle of the first cell.
    pub first_centre: (f64, f64),
}

/// The cells of the input that a unit's theoretical receptive field covers, edges included. Counted from the first
/// cell: what is below 0 or behind the last one lies on padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    /// The first row.
    pub top: i64,
    /// The last row.
    pub bottom: i64,
    /// The first column.
    pub left: i64,
    /// The last column.
    pub right: i64,
}

impl Support {
    /// Rows and columns it spans.
    pub fn size(&self) -> (i64, i64) {
        (self.bottom.saturating_sub(self.top) + 1, self.right.saturating_sub(self.left) + 1)
    }

    /// The part on an input of this size; `None` when all of it lies on padding.
    pub fn on_input(&self, (height, width): (usize, usize)) -> Option<Support> {
        let last = |size: usize| i64::try_from(size).unwrap_or(i64::MAX) - 1;
        let part = Support {
            top: self.top.max(0),
            bottom: self.bottom.min(last(height)),
            left: self.left.max(0),
            right: self.right.min(last(width)),
        };
        (part.top <= part.bottom && part.left <= part.right).then_some(part)
    }

    /// Rows and columns on padding: above, below, to the left and to the right.
    pub fn on_padding(&self, (height, width): (usize, usize)) -> [i64; 4] {
        let last = |size: usize| i64::try_from(size).unwrap_or(i64::MAX) - 1;
        let before = |first: i64| first.saturating_neg().max(0);
        let behind = |end: i64, size| end.saturating_sub(last(size)).max(0);
        [before(self.top), behind(self.bottom, height), before(self.left), behind(self.right, width)]
    }
}

/// One axis of a receptive field: the field of unit `i` reaches from `first + i jump` to `last + i jump`.
#[derive(Clone, Copy)]
struct Reach {
    first: f64,
    last: f64,
    jump: f64,
}

impl Net {
    /// The receptive fields of the input, which is 1, and of the map of each layer.
    ///
    /// Errors: those of [`Net::output_size`].
    ///
    /// ```
    /// use receptive::core::nets::{Layer, Net};
    /// use receptive::core::ops::{Conv2d, Pads, Pool2d};
    /// use receptive::core::tensor::Images;
    /// let conv = Conv2d { stride: (2, 2), pads: Pads::all(3), ..Conv2d::default() };
    /// let pool = Pool2d { stride: [2, 2], pads: [(1, 1); 2], ..Pool2d::new([3, 3]) };
    /// let layers = vec![
    ///     Layer::Conv { weight: Images::zeros((64, 3, 7, 7)), bias: None, conv },
    ///     Layer::MaxPool(pool),
    /// ];
    /// let field = Net { layers }.receptive_fields((224, 224))?[2]; // the stem of a ResNet
    /// assert_eq!((field.size.0, field.jump.0, field.padding.0, field.first_centre.0), (11.0, 4.0, 5.0, 0.0));
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn receptive_fields(&self, input: (usize, usize)) -> Result<Vec<ReceptiveField>, Error> {
        let one = Reach { first: 0.0, last: 0.0, jump: 1.0 };
        let mut reaches = [one; 2];
        let mut fields = vec![field(reaches)];
        let mut size = input;
        for layer in &self.layers {
            let output = layer.output_size(size)?;
            reaches = through(layer, reaches, size, output)?;
            fields.push(field(reaches));
            size = output;
        }
        Ok(fields)
    }

    /// The theoretical receptive field of the unit `(row, column)` of the last map.
    ///
    /// Errors: those of [`Net::output_size`], and [`Error::IndexOutOfRange`] for a unit outside of the last map.
    ///
    /// ```
    /// use receptive::core::nets::{Layer, Net, Support};
    /// use receptive::core::ops::{Conv2d, Pads};
    /// use receptive::core::tensor::Images;
    /// let conv = Conv2d { pads: Pads::all(1), ..Conv2d::default() };
    /// let layer = Layer::Conv { weight: Images::zeros((1, 1, 3, 3)), bias: None, conv };
    /// let net = Net { layers: vec![layer.clone(), layer] };
    /// let support = net.support((8, 8), (1, 4))?;
    /// assert_eq!(support, Support { top: -1, bottom: 3, left: 2, right: 6 });
    /// assert_eq!(support.on_padding((8, 8)), [1, 0, 0, 0]);
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn support(&self, input: (usize, usize), unit: (usize, usize)) -> Result<Support, Error> {
        let last = self.output_size(input)?;
        for (name, index, size) in [("row", unit.0, last.0), ("column", unit.1, last.1)] {
            if index >= size {
                return Err(Error::IndexOutOfRange { name, index: whole(index), size });
            }
        }
        let (row, column) = (whole(unit.0), whole(unit.1));
        seen(&self.layers, input, Support { top: row, bottom: row, left: column, right: column })
    }
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn field([rows, columns]: [Reach; 2]) -> ReceptiveField {
    let both = |f: fn(&Reach) -> f64| (f(&rows), f(&columns));
    ReceptiveField {
        size: both(|reach| reach.last - reach.first + 1.0),
        jump: both(|reach| reach.jump),
        padding: both(|reach| -reach.first),
        first_centre: both(|reach| (reach.first + reach.last) / 2.0),
    }
}

/// Kernel size, stride, dilation and first padding of the windows of a layer along one axis.
fn windows(layer: &Layer, axis: usize) -> Option<[usize; 4]> {
    let pick = |(height, width): (usize, usize)| if axis == 0 { height } else { width };
    match layer {
        Layer::Conv { weight, conv, .. } => {
            let (_, _, height, width) = weight.dim();
            let before = pick((conv.pads.top, conv.pads.left));
            Some([pick((height, width)), pick(conv.stride), pick(conv.dilation), before])
        }
        Layer::MaxPool(pool) | Layer::AveragePool(pool, _) => {
            Some([pool.kernel_size[axis], pool.stride[axis], pool.dilation[axis], pool.pads[axis].0])
        }
        _ => None,
    }
}

/// The fields behind a layer.
fn through(
    layer: &Layer,
    mut reaches: [Reach; 2],
    input: (usize, usize),
    output: (usize, usize),
) -> Result<[Reach; 2], Error> {
    match layer {
        Layer::Activation(_) => {}
        Layer::Residual { branch, shortcut } => {
            let way = |layers: &[Layer]| -> Result<[Reach; 2], Error> {
                let (mut reaches, mut size) = (reaches, input);
                for layer in layers {
                    let output = layer.output_size(size)?;
                    reaches = through(layer, reaches, size, output)?;
                    size = output;
                }
                Ok(reaches)
            };
            let (a, b) = (way(branch)?, way(shortcut)?);
            for (reach, (a, b)) in reaches.iter_mut().zip(a.into_iter().zip(b)) {
                let jump = a.jump.max(b.jump);
                *reach = Reach { first: a.first.min(b.first), last: a.last.max(b.last), jump };
            }
        }
        Layer::Interpolate(interpolate) => {
            for (axis, reach) in reaches.iter_mut().enumerate() {
                let (input, output) = if axis == 0 { (input.0, output.0) } else { (input.1, output.1) };
                let (scale, first, half) = interpolated(interpolate, input as f64, output as f64);
                *reach = Reach {
                    first: reach.first + (first - half) * reach.jump,
                    last: reach.last + (first + half) * reach.jump,
                    jump: reach.jump * scale,
                };
            }
        }
        _ => {
            for (axis, reach) in reaches.iter_mut().enumerate() {
                let Some(windows) = windows(layer, axis) else { continue };
                let [kernel_size, stride, dilation, before] = windows.map(|number| number as f64);
                *reach = Reach {
                    first: reach.first - before * reach.jump,
                    last: reach.last + ((kernel_size - 1.0) * dilation - before) * reach.jump,
                    jump: reach.jump * stride,
                };
            }
        }
    }
    Ok(reaches)
}

/// Cells from one output of an interpolation to the next, where the first one lies, and how far it reads to each side.
fn interpolated(interpolate: &Interpolate, input: f64, output: f64) -> (f64, f64, f64) {
    let scale = input / output;
    let (corners, half, wide) = match interpolate.mode {
        Interpolation::Nearest | Interpolation::NearestExact => (false, 0.5, false),
        Interpolation::Area => (false, 0.5, true),
        Interpolation::Linear { align_corners, antialias } => (align_corners, 1.0, antialias),
        Interpolation::Cubic { align_corners, antialias } => (align_corners, 2.0, antialias),
        Interpolation::Lanczos { align_corners } => (align_corners, 3.0, true),
    };
    let half = if wide { half * scale.max(1.0) } else { half };
    if corners {
        return (if output > 1.0 { (input - 1.0) / (output - 1.0) } else { 0.0 }, 0.0, half);
    }
    (scale, 0.5 * scale - 0.5, half)
}

/// What the cells `output` of the last map are made of, on the input and its padding.
fn seen(layers: &[Layer], input: (usize, usize), output: Support) -> Result<Support, Error> {
    let mut sizes = vec![input];
    for layer in layers {
        if let Some(&last) = sizes.last() {
            sizes.push(layer.output_size(last)?);
        }
    }
    let mut support = output;
    for (layer, &size) in layers.iter().zip(&sizes).rev() {
        support = match layer {
            Layer::Activation(_) => support,
            Layer::Residual { branch, shortcut } => {
                let (a, b) = (seen(branch, size, support)?, seen(shortcut, size, support)?);
                Support {
                    top: a.top.min(b.top),
                    bottom: a.bottom.max(b.bottom),
                    left: a.left.min(b.left),
                    right: a.right.max(b.right),
                }
            }
            Layer::Interpolate(interpolate) => {
                let (rows, columns) = resample::taps(interpolate, size)?;
                let (top, bottom) = of_taps(&rows, size.0, (support.top, support.bottom));
                let (left, right) = of_taps(&columns, size.1, (support.left, support.right));
                Support { top, bottom, left, right }
            }
            _ => {
                let along = |axis, first: i64, last: i64| {
                    let Some(windows) = windows(layer, axis) else { return (first, last) };
                    let [kernel_size, stride, dilation, before] = windows.map(whole);
                    let reach = kernel_size.saturating_sub(1).saturating_mul(dilation);
                    let start = |unit: i64| unit.saturating_mul(stride).saturating_sub(before);
                    (start(first), start(last).saturating_add(reach))
                };
                let (top, bottom) = along(0, support.top, support.bottom);
                let (left, right) = along(1, support.left, support.right);
                Support { top, bottom, left, right }
            }
        };
    }
    Ok(support)
}

/// The cells that the outputs from `first` to `last` are made of; beyond the map, as many more as the scale says.
fn of_taps(taps: &resample::Taps, input: usize, (first, last): (i64, i64)) -> (i64, i64) {
    let scale = input as f64 / taps.len().max(1) as f64;
    let along = |unit: i64, pick: fn(&[(usize, f32)]) -> Option<usize>| {
        let inside = unit.clamp(0, whole(taps.len()) - 1);
        let beyond = ((unit - inside) as f64 * scale).round() as i64;
        let cell = usize::try_from(inside).ok().and_then(|at| pick(taps.get(at)?)).unwrap_or(0);
        whole(cell).saturating_add(beyond)
    };
    (
        along(first, |taps| taps.iter().map(|tap| tap.0).min()),
        along(last, |taps| taps.iter().map(|tap| tap.0).max()),
    )
}
