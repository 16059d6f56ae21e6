//! The gradient of one unit on its cone: each layer is done on the part of its map that can reach the unit, with the
//! operators themselves.

use crate::core::nets::cells::Cells;
use crate::core::nets::layer::each;
use crate::core::nets::plan::{How, Step, first, plan};
use crate::core::nets::{Layer, Unit, resample};
use crate::core::ops::{Conv2d, ConvTranspose2d, Pads, Pool2d};
use crate::core::tensor::{Error, Images};

/// The unit must lie on the last map, which has `channels`.
pub(super) fn unit_gradient(
    layers: &[Layer],
    x: &Images,
    unit: Unit,
    channels: usize,
) -> Result<Images, Error> {
    let (n, _, height, width) = x.dim();
    let output = Cells { rows: unit.row..unit.row + 1, columns: unit.column..unit.column + 1 };
    let steps = plan(layers, (height, width), output.clone())?;
    let input = first(&steps, &output);
    let part = input.cut(x, &Cells::whole((height, width))).as_standard_layout().into_owned();
    let grad = Images::from_shape_fn((n, channels, 1, 1), |(_, c, ..)| if unit.has(c) { 1.0 } else { 0.0 });
    let mut gradient = Images::zeros(x.raw_dim());
    let part = backward(&steps, part, &input, grad, &output)?;
    input.cut_mut(&mut gradient, &Cells::whole((height, width))).assign(&part);
    Ok(gradient)
}

/// The gradient with respect to `x`, which holds `cells` of the first map; `grad` is that of `output` of the last one.
fn backward(
    steps: &[Step<'_>],
    x: Images,
    cells: &Cells,
    grad: Images,
    output: &Cells,
) -> Result<Images, Error> {
    // What each step reads, but not what the last one makes.
    let mut maps = vec![cut(&x, cells, &first(steps, output))];
    for step in steps.iter().take(steps.len().saturating_sub(1)) {
        if let Some(last) = maps.last() {
            maps.push(step.forward(last)?);
        }
    }
    let mut grad = grad;
    for (step, x) in steps.iter().zip(&maps).rev() {
        grad = step.backward(x, grad)?;
    }
    let mut all = Images::zeros(x.raw_dim());
    if grad.dim().1 == all.dim().1 {
        first(steps, output).cut_mut(&mut all, cells).assign(&grad);
        return Ok(all);
    }
    Err(Error::ShapeMismatch {
        name: "grad_output",
        expected: all.shape().to_vec(),
        got: grad.shape().to_vec(),
    })
}

fn forward(steps: &[Step<'_>], x: &Images, cells: &Cells, output: &Cells) -> Result<Images, Error> {
    let part = cut(x, cells, &first(steps, output));
    steps.iter().try_fold(part, |x, step| step.forward(&x))
}

fn cut(x: &Images, outer: &Cells, inner: &Cells) -> Images {
    inner.cut(x, outer).as_standard_layout().into_owned()
}

impl Step<'_> {
    /// The layer's `output` from its `input`.
    fn forward(&self, x: &Images) -> Result<Images, Error> {
        match (self.layer, &self.how) {
            (Layer::Activation(function), How::Each) => Ok(each(x, |x| function.apply(x))),
            (Layer::Conv { weight, bias, conv }, How::Windows(pads)) => {
                Conv2d { pads: *pads, ..*conv }.forward(x, weight, bias.as_deref())
            }
            (Layer::MaxPool(pool), How::Windows(pads)) => {
                Ok(on_part(pool, *pads).windows([x.dim().2, x.dim().3])?.max(&**x)?.values)
            }
            (Layer::AveragePool(pool, divisor), How::Windows(pads)) => {
                on_part(pool, *pads).windows([x.dim().2, x.dim().3])?.average(&**x, *divisor)
            }
            (_, How::Resample(taps)) => Ok(resample::forward(taps, x, (&self.input, &self.output))),
            (_, How::Ways(branch, shortcut)) => {
                let way = |steps| forward(steps, x, &self.input, &self.output);
                Ok(way(branch)? + way(shortcut)?)
            }
            (layer, _) => {
                let y = layer.forward(x)?;
                let whole = Cells::whole((y.dim().2, y.dim().3));
                Ok(cut(&y, &whole, &self.output))
            }
        }
    }

    /// The gradient of the `input` from that of the `output`.
    fn backward(&self, x: &Images, grad: Images) -> Result<Images, Error> {
        match (self.layer, &self.how) {
            (Layer::Activation(function), How::Each) => Ok(each(x, |x| function.derivative(x)) * grad),
            (Layer::Conv { weight, conv, .. }, How::Windows(pads)) => {
                let conv = Conv2d { pads: *pads, ..*conv };
                if conv.flip {
                    return Ok(conv.backward(x, weight, &grad)?.input);
                }
                // the gradient of the input alone
                let Conv2d { stride, pads, dilation, groups, .. } = conv;
                let transposed = ConvTranspose2d { stride, pads, dilation, groups, output_padding: (0, 0) };
                transposed.forward(&grad, weight, None)
            }
            (Layer::MaxPool(pool), How::Windows(pads)) => {
                on_part(pool, *pads).windows([x.dim().2, x.dim().3])?.max(&**x)?.backward(&*grad)
            }
            (Layer::AveragePool(pool, divisor), How::Windows(pads)) => {
                on_part(pool, *pads).windows([x.dim().2, x.dim().3])?.average_backward(&*grad, *divisor)
            }
            (_, How::Resample(taps)) => Ok(resample::backward(taps, &grad, (&self.input, &self.output))),
            (_, How::Ways(branch, shortcut)) => {
                let way = |steps, grad| backward(steps, x.clone(), &self.input, grad, &self.output);
                Ok(way(branch, grad.clone())? + way(shortcut, grad)?)
            }
            (layer, _) => {
                let (height, width) = layer.output_size((x.dim().2, x.dim().3))?;
                let mut all = Images::zeros((grad.dim().0, grad.dim().1, height, width));
                self.output.cut_mut(&mut all, &Cells::whole((height, width))).assign(&grad);
                layer.backward(x, &all)
            }
        }
    }
}

/// The pooling over a part that its windows fill exactly. Taps beyond the end count as padding, which a maximum never
/// chooses.
fn on_part(pool: &Pool2d, pads: Pads) -> Pool2d {
    let pads = [(pads.top, pads.bottom), (pads.left, pads.right)];
    Pool2d { pads, ceil_mode: false, free_pads: true, ..*pool }
}
