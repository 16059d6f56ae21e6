//! Which part of each map a part of the last one needs, from the last layer back to the first.

use std::ops::Range;

use crate::core::nets::Layer;
use crate::core::nets::cells::{Cells, reads};
use crate::core::nets::resample::{self, Taps};
use crate::core::ops::{PaddingMode, Pads};
use crate::core::tensor::Error;

/// One layer on a part of its map.
pub(super) struct Step<'a> {
    pub layer: &'a Layer,
    /// What it reads of the map before it.
    pub input: Cells,
    /// What it makes of its own map.
    pub output: Cells,
    pub how: How<'a>,
}

/// How a layer treats the part.
pub(super) enum How<'a> {
    /// Each number on its own.
    Each,
    /// Windows over the part; these taps lie outside of it, in the padding.
    Windows(Pads),
    /// By the taps of rows and columns.
    Resample((Taps, Taps)),
    /// The whole map: its padding or its divisors depend on where its edges are.
    Whole,
    /// Branch and shortcut, each with steps of its own.
    Ways(Vec<Step<'a>>, Vec<Step<'a>>),
}

/// A step for each layer. `sizes` is that of the first map.
pub(super) fn plan<'a>(
    layers: &'a [Layer],
    size: (usize, usize),
    output: Cells,
) -> Result<Vec<Step<'a>>, Error> {
    let mut sizes = vec![size];
    for layer in layers {
        if let Some(&last) = sizes.last() {
            sizes.push(layer.output_size(last)?);
        }
    }
    let mut output = output;
    let mut steps = Vec::with_capacity(layers.len());
    for (layer, &size) in layers.iter().zip(&sizes).rev() {
        let (input, how) = read(layer, size, &output)?;
        steps.push(Step { layer, input: input.clone(), output, how });
        output = input;
    }
    steps.reverse();
    Ok(steps)
}

/// What some layers read of the first map; nothing more than their output when there are none.
pub(super) fn first(steps: &[Step<'_>], output: &Cells) -> Cells {
    steps.first().map_or_else(|| output.clone(), |step| step.input.clone())
}

fn read<'a>(layer: &'a Layer, size: (usize, usize), output: &Cells) -> Result<(Cells, How<'a>), Error> {
    let whole = (Cells::whole(size), How::Whole);
    Ok(match layer {
        Layer::Activation(_) => (output.clone(), How::Each),
        Layer::Conv { weight, conv, .. } => {
            let extent = |taps: usize, dilation: usize| taps.saturating_sub(1).saturating_mul(dilation) + 1;
            let (_, _, height, width) = weight.dim();
            let rows = (extent(height, conv.dilation.0), conv.stride.0, conv.pads.top);
            let columns = (extent(width, conv.dilation.1), conv.stride.1, conv.pads.left);
            match windows(output, (rows, columns), size) {
                Some((cells, pads))
                    if matches!(conv.mode, PaddingMode::Constant(_)) || pads == Pads::default() =>
                {
                    (cells, How::Windows(pads))
                }
                _ => whole,
            }
        }
        Layer::MaxPool(pool) | Layer::AveragePool(pool, _) => {
            let simple = !pool.ceil_mode && pool.dilation == [1, 1];
            if !simple && matches!(layer, Layer::AveragePool(..)) {
                return Ok(whole);
            }
            let axis = |a: usize| {
                let extent = (pool.kernel_size[a] - 1).saturating_mul(pool.dilation[a]) + 1;
                (extent, pool.stride[a], pool.pads[a].0)
            };
            match windows(output, (axis(0), axis(1)), size) {
                Some((cells, pads)) => (cells, How::Windows(pads)),
                None => whole,
            }
        }
        Layer::Interpolate(interpolate) => {
            let taps = resample::taps(interpolate, size)?;
            match resample::read(&taps, output) {
                Some(cells) => (cells, How::Resample(taps)),
                None => whole,
            }
        }
        Layer::Residual { branch, shortcut } => {
            let (branch, shortcut) =
                (plan(branch, size, output.clone())?, plan(shortcut, size, output.clone())?);
            let cells = first(&branch, output).union(&first(&shortcut, output));
            (cells, How::Ways(branch, shortcut))
        }
    })
}

type AxisWindows = (usize, usize, usize);

fn windows(
    output: &Cells,
    (rows, columns): (AxisWindows, AxisWindows),
    size: (usize, usize),
) -> Option<(Cells, Pads)> {
    let along = |outputs: &Range<usize>, axis, size| reads(outputs, axis, size);
    let (rows, top, bottom) = along(&output.rows, rows, size.0)?;
    let (columns, left, right) = along(&output.columns, columns, size.1)?;
    Some((Cells { rows, columns }, Pads { top, bottom, left, right }))
}
