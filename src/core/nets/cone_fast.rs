//! The gradient of one unit through a stack of convolutions of stride 1 and activations: the usual case, in which
//! nothing but products is worth the time.
//!
//! Each map is kept as the box that the unit's cone cuts out of it, with a margin of zeros where the next convolution
//! reads padding, so that the inner loop has no edges to look after. The gradient of a convolution is the convolution
//! with the kernel turned around, channels exchanged.

use std::borrow::Cow;
use std::ops::Range;

use crate::core::nets::cells::{Cells, reads};
use crate::core::nets::{Layer, Unit};
use crate::core::ops::{Conv2d, Finish, Nonlinearity, PaddingMode, Pads, Rows, SLACK, correlate, pack};
use crate::core::tensor::{Error, Images};

/// A convolution and the function after it.
struct Stage<'a> {
    /// `[c_out, c_in, kh, kw]`, in one line.
    weight: Cow<'a, [f32]>,
    shape: (usize, usize, usize, usize),
    bias: Option<&'a [f32]>,
    conv: &'a Conv2d,
    function: Nonlinearity,
    /// What the cone cuts out of the map that the convolution reads.
    input: Cells,
    /// What the windows read outside of that, in the padding.
    pads: Pads,
    /// What the cone cuts out of the map that it makes.
    output: Cells,
}

/// Memory that every stage uses anew: a stack of small maps would spend its time on asking for it.
#[derive(Default)]
struct Desk {
    four: Vec<[f32; 4]>,
    one: Vec<[f32; 1]>,
    reads: Vec<usize>,
}

/// The gradient, or `None` when the layers are of other kinds. The unit must lie on the last map.
pub(super) fn unit_gradient(layers: &[Layer], x: &Images, unit: Unit) -> Result<Option<Images>, Error> {
    let (_, c_in, height, width) = x.dim();
    let Some(stages) = stages(layers, (height, width), unit)? else { return Ok(None) };
    let Some(first) = stages.first() else { return Ok(None) };
    let mut gradient = Images::zeros(x.raw_dim());
    let x = x.as_standard_layout();
    let image = (c_in * height * width).max(1);
    let images = x.as_slice().unwrap_or_default().chunks_exact(image);
    let gradients = gradient.as_slice_mut().unwrap_or_default().chunks_exact_mut(image);
    let part = &first.input;
    let lines = || (0..c_in).flat_map(|c| part.rows.clone().enumerate().map(move |(i, row)| (c, i, row)));
    let line = |c: usize, row: usize| {
        let start = (c * height + row) * width;
        start + part.columns.start..start + part.columns.end
    };
    for (x, gradient) in images.zip(gradients) {
        let mut map = Part::new(c_in, part.size(), first.pads);
        for (c, i, row) in lines() {
            map.row_mut(c, i).copy_from_slice(&x[line(c, row)]);
        }
        let grad = backward(&stages, map, unit);
        for (c, i, row) in lines() {
            gradient[line(c, row)].copy_from_slice(grad.row(c, i));
        }
    }
    Ok(Some(gradient))
}

/// The gradient of the box that the first stage reads, `map`.
fn backward(stages: &[Stage<'_>], map: Part, unit: Unit) -> Part {
    // What each stage makes, with the margin that the next one reads, and the slopes of its function. The values of
    // the last one matter to no convolution, but perhaps to its function.
    let mut desk = Desk::default();
    let mut maps = vec![map];
    let mut slopes = Vec::with_capacity(stages.len());
    // Behind the last function nothing depends on the values.
    let told = stages.iter().rposition(|stage| stage.function != Nonlinearity::None).map_or(0, |k| k + 1);
    for (k, stage) in stages.iter().take(told).enumerate() {
        let next = stages.get(k + 1);
        let Some(map) = maps.last() else { break };
        let margins = next.map_or(Pads::default(), |next| next.pads);
        let mut made = Part::new(stage.shape.0, stage.output.size(), margins);
        stage.forward(map, &mut made, &mut desk);
        slopes.push(made.apply(stage.function));
        maps.push(made);
    }
    let mut grad = match stages.last() {
        Some(last) => Part::new(last.shape.0, last.output.size(), last.margins()),
        None => return Part::new(0, (0, 0), Pads::default()),
    };
    for c in 0..grad.channels {
        if unit.has(c) {
            grad.row_mut(c, 0).fill(1.0);
        }
    }
    let mut sent = Part::new(0, (0, 0), Pads::default());
    for (k, stage) in stages.iter().enumerate().rev() {
        match (slopes.get(k), maps.get(k + 1)) {
            (Some(Some(slopes)), _) => grad.multiply(slopes),
            (_, Some(map)) if k + 1 == stages.len() && stage.function == Nonlinearity::Relu => {
                for c in 0..grad.channels {
                    let masked = grad.row_mut(c, 0).iter_mut().zip(map.row(c, 0));
                    masked
                        .filter(|(_, made)| **made <= 0.0 || made.is_nan())
                        .for_each(|(grad, _)| *grad = 0.0);
                }
            }
            _ => {}
        }
        let before = k.checked_sub(1).and_then(|k| stages.get(k));
        sent.renew(stage.shape.1, stage.input.size(), before.map_or(Pads::default(), Stage::margins));
        let finish = match (before, maps.get(k)) {
            (Some(before), Some(map)) if before.function == Nonlinearity::Relu => {
                Finish::WherePositive(&map.values, map.rows())
            }
            _ => Finish::Nothing,
        };
        stage.send_back(&grad, finish, &mut sent, &mut desk);
        std::mem::swap(&mut grad, &mut sent);
    }
    grad
}

impl Stage<'_> {
    /// What the turned kernel reads around the gradient of the output, so that every cell of the input gets all its
    /// shares: cell `i` of the part meets output `i + pads - tap * dilation`.
    fn margins(&self) -> Pads {
        let reach = self.reach();
        Pads {
            top: reach.0.saturating_sub(self.pads.top),
            bottom: reach.0.saturating_sub(self.pads.bottom),
            left: reach.1.saturating_sub(self.pads.left),
            right: reach.1.saturating_sub(self.pads.right),
        }
    }

    fn reach(&self) -> (usize, usize) {
        let (_, _, height, width) = self.shape;
        ((height - 1) * self.conv.dilation.0, (width - 1) * self.conv.dilation.1)
    }

    /// Where each tap reads, `[channels, kh, kw]`, from the window's first tap on.
    fn offsets(&self, channels: usize, map: &Part, offsets: &mut Vec<usize>) {
        let (_, _, height, width) = self.shape;
        offsets.clear();
        for c in 0..channels {
            for u in 0..height {
                let row = c * map.plane + u * self.conv.dilation.0 * map.row;
                offsets.extend((0..width).map(|v| row + v * self.conv.dilation.1));
            }
        }
    }

    fn forward(&self, x: &Part, y: &mut Part, desk: &mut Desk) {
        let (c_out, c_in, height, width) = self.shape;
        let Desk { four, one, reads } = desk;
        let row = c_in * height * width;
        pack((&mut *four, &mut *one), c_out, row, |o, at| self.weight[o * row + at]);
        // The first window begins with the padding.
        let from = Rows { start: 0, row: x.row, plane: x.plane };
        self.offsets(c_in, x, reads);
        let relu = self.function == Nonlinearity::Relu;
        let finish = if relu { Finish::Relu } else { Finish::Nothing };
        let (to, size) = (y.rows(), y.size);
        correlate((&x.values, from), reads, (four, one), self.bias, finish, (&mut y.values, to), size);
    }

    fn send_back(&self, grad: &Part, finish: Finish<'_>, sent: &mut Part, desk: &mut Desk) {
        let (c_out, c_in, height, width) = self.shape;
        let taps = height * width;
        let Desk { four, one, reads } = desk;
        pack((&mut *four, &mut *one), c_in, c_out * taps, |c, at| {
            let (o, tap) = (at / taps, at % taps);
            // Turned around, the last tap comes first.
            self.weight[(o * c_in + c) * taps + taps - 1 - tap]
        });
        // More padding than the kernel reaches: the first outputs read nothing of the part.
        let reach = self.reach();
        let skipped = (self.pads.top.saturating_sub(reach.0), self.pads.left.saturating_sub(reach.1));
        let from = Rows { start: skipped.0 * grad.row + skipped.1, row: grad.row, plane: grad.plane };
        self.offsets(c_out, grad, reads);
        let (to, size) = (sent.rows(), sent.size);
        correlate((&grad.values, from), reads, (four, one), None, finish, (&mut sent.values, to), size);
    }
}

/// The stages, when the layers are convolutions of stride 1 over zeros, each with at most one function behind it.
fn stages(layers: &[Layer], size: (usize, usize), unit: Unit) -> Result<Option<Vec<Stage<'_>>>, Error> {
    let mut pairs: Vec<(&Images, Option<&[f32]>, &Conv2d, Nonlinearity)> = Vec::with_capacity(layers.len());
    for layer in layers {
        match (layer, pairs.last_mut()) {
            (Layer::Conv { weight, bias, conv }, _)
                if conv.stride == (1, 1)
                    && conv.mode == PaddingMode::Constant(0.0)
                    && conv.groups == 1
                    && !conv.flip =>
            {
                pairs.push((weight, bias.as_deref(), conv, Nonlinearity::None));
            }
            (&Layer::Activation(function), Some((.., last))) if *last == Nonlinearity::None => {
                *last = function
            }
            _ => return Ok(None),
        }
    }
    let mut sizes = Vec::with_capacity(pairs.len());
    let mut size = size;
    for (weight, bias, conv, _) in &pairs {
        sizes.push(size);
        size = conv.output_size(size, (weight.dim().2, weight.dim().3))?;
        if bias.is_some_and(|bias| bias.len() != weight.dim().0) {
            return Ok(None); // the operator says what is wrong
        }
    }
    let mut output = Cells { rows: unit.row..unit.row + 1, columns: unit.column..unit.column + 1 };
    let mut stages = Vec::with_capacity(pairs.len());
    for (&(weight, bias, conv, function), &size) in pairs.iter().zip(&sizes).rev() {
        let along = |outputs: &Range<usize>, taps: usize, dilation: usize, before: usize, size: usize| {
            reads(outputs, ((taps - 1) * dilation + 1, 1, before), size)
        };
        let (_, _, height, width) = weight.dim();
        let rows = along(&output.rows, height, conv.dilation.0, conv.pads.top, size.0);
        let columns = along(&output.columns, width, conv.dilation.1, conv.pads.left, size.1);
        let (Some((rows, top, bottom)), Some((columns, left, right))) = (rows, columns) else {
            return Ok(None);
        };
        let input = Cells { rows, columns };
        let pads = Pads { top, bottom, left, right };
        let shape = weight.dim();
        let weight = match weight.as_slice() {
            Some(weight) => Cow::Borrowed(weight),
            None => Cow::Owned(weight.iter().copied().collect()),
        };
        stages.push(Stage { weight, shape, bias, conv, function, input: input.clone(), pads, output });
        output = input;
    }
    stages.reverse();
    Ok(Some(stages))
}

/// A box of every channel of a map, with margins of zeros.
struct Part {
    values: Vec<f32>,
    channels: usize,
    /// Without the margins.
    size: (usize, usize),
    start: usize,
    row: usize,
    plane: usize,
}

impl Part {
    fn new(channels: usize, size: (usize, usize), margins: Pads) -> Self {
        let mut part = Part { values: Vec::new(), channels: 0, size, start: 0, row: 0, plane: 0 };
        part.renew(channels, size, margins);
        part
    }

    /// Zeros of another size, in the same memory.
    fn renew(&mut self, channels: usize, size: (usize, usize), margins: Pads) {
        let row = margins.left + size.1 + margins.right;
        let plane = row * (margins.top + size.0 + margins.bottom);
        let start = margins.top * row + margins.left;
        let length = channels * plane + SLACK;
        if length > self.values.len() {
            self.values = vec![0.0; length];
        } else {
            self.values.truncate(length);
            self.values.fill(0.0);
        }
        (self.channels, self.size, self.start, self.row, self.plane) = (channels, size, start, row, plane);
    }

    fn rows(&self) -> Rows {
        Rows { start: self.start, row: self.row, plane: self.plane }
    }

    fn range(&self, c: usize, i: usize) -> Range<usize> {
        let start = self.start + c * self.plane + i * self.row;
        start..start + self.size.1
    }

    fn row(&self, c: usize, i: usize) -> &[f32] {
        &self.values[self.range(c, i)]
    }

    fn row_mut(&mut self, c: usize, i: usize) -> &mut [f32] {
        let range = self.range(c, i);
        &mut self.values[range]
    }

    /// Applies the function and gives its slopes, without margins. `None` for the identity, and for ReLU, which is done
    /// with the sums.
    fn apply(&mut self, function: Nonlinearity) -> Option<Vec<f32>> {
        if matches!(function, Nonlinearity::None | Nonlinearity::Relu) {
            return None;
        }
        let mut slopes = vec![0.0; self.channels * self.size.0 * self.size.1];
        for (at, slopes) in slopes.chunks_exact_mut(self.size.1.max(1)).enumerate() {
            let row = self.row_mut(at / self.size.0, at % self.size.0);
            slopes.copy_from_slice(row);
            function.derivative_all(slopes);
            function.apply_all(row);
        }
        Some(slopes)
    }

    fn multiply(&mut self, slopes: &[f32]) {
        for (at, slopes) in slopes.chunks_exact(self.size.1.max(1)).enumerate() {
            let row = self.row_mut(at / self.size.0, at % self.size.0);
            row.iter_mut().zip(slopes).for_each(|(x, slope)| *x *= slope);
        }
    }
}
