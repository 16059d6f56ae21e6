//! Small networks on the tape, every gradient; the gradient of one unit; measures of its map.

use ndarray::{Array1, ArrayD, Axis, IxDyn};
use receptive::core::analysis::{area_ratios, nonzero_box};
use receptive::core::nets::{Layer, Net, Unit};
use receptive::core::ops::{
    Activation, Attention, Conv2d, CrossEntropy, Divisor, Embedding, GroupNorm, Interpolate, Interpolation,
    LayerNorm, Nonlinearity, Pads, Pool2d, ResizeTo,
};
use receptive::core::tape::{Tape, Var};
use receptive::core::tensor::Error;
use serde_json::Value;

use super::activation::indices;
use super::format::Case;
use super::{Outcome, Unsupported};

/// Runs a case of this family.
pub fn run(case: &Case) -> Option<Outcome> {
    let check: fn(&Case) -> Outcome = match case.op.as_str() {
        "torch.net.tiny_cnn" => |case| on_tape(case, tiny_cnn),
        "torch.net.residual_block" => |case| on_tape(case, residual_block),
        "torch.net.tiny_gpt" => |case| on_tape(case, tiny_gpt),
        "net.erf" => unit_gradient,
        "metric.area_ratio" => area_ratio,
        _ => return None,
    };
    Some(check(case))
}

/// A tape with the arrays of a case on it.
struct Recorded<'a> {
    case: &'a Case,
    tape: Tape,
    vars: Vec<(&'a str, Var)>,
}

impl Recorded<'_> {
    fn has(&self, name: &str) -> bool {
        self.vars.iter().any(|(own, _)| *own == name)
    }

    fn var(&self, name: &str) -> Var {
        let found = self.vars.iter().find(|(own, _)| *own == name);
        found.unwrap_or_else(|| panic!("{}: no input {name}", self.case.id)).1
    }

    fn conv(&mut self, x: Var, name: &str, conv: Conv2d) -> Result<Var, Error> {
        let bias = format!("{name}.bias");
        let bias = self.has(&bias).then(|| self.var(&bias));
        self.tape.conv2d(x, self.var(&format!("{name}.weight")), bias, conv)
    }

    fn linear(&mut self, x: Var, name: &str) -> Result<Var, Error> {
        let (weight, bias) = (self.var(&format!("{name}.weight")), self.var(&format!("{name}.bias")));
        self.tape.linear(x, weight, Some(bias))
    }

    fn layer_norm(&mut self, x: Var, name: &str, width: usize) -> Result<Var, Error> {
        let (weight, bias) = (self.var(&format!("{name}.weight")), self.var(&format!("{name}.bias")));
        let norm = LayerNorm { eps: self.case.number("eps", 1e-5), ..LayerNorm::new(vec![width]) };
        self.tape.layer_norm(x, Some(weight), Some(bias), norm)
    }

    fn group_norm(&mut self, x: Var, name: &str) -> Result<Var, Error> {
        let (weight, bias) = (self.var(&format!("{name}.weight")), self.var(&format!("{name}.bias")));
        let norm = GroupNorm {
            eps: self.case.number("eps", 1e-5),
            ..GroupNorm::new(self.case.integers("groups")[0])
        };
        self.tape.group_norm(x, Some(weight), Some(bias), norm)
    }

    fn integers(&self, name: &str) -> ArrayD<i64> {
        indices(self.case.inputs.iter().flatten().find(|input| input.name == name)).unwrap()
    }
}

/// Gives the value `y` and, if there are any, the logits.
type Network = fn(&mut Recorded<'_>) -> Result<(Var, Option<Var>), Error>;

/// Runs a network; its result is `y`, and `logits` if it gives them. Checks both and the gradient of every input that
/// has one among the outputs.
fn on_tape(case: &Case, net: Network) -> Outcome {
    let mut tape = Tape::new();
    let vars = case
        .inputs
        .iter()
        .flatten()
        .map(|input| {
            let value = input.data.mapv(|x| x as f32);
            let wanted = case.has(&format!("d_{}", input.name));
            (&input.name[..], if wanted { tape.parameter(value) } else { tape.constant(value) })
        })
        .collect();
    let mut recorded = Recorded { case, tape, vars };
    let (y, logits) = net(&mut recorded).unwrap();
    let Recorded { tape, vars, .. } = recorded;
    case.check("y", tape.value(y).unwrap(), "tape");
    if let Some(logits) = logits.filter(|_| case.has("logits")) {
        case.check("logits", tape.value(logits).unwrap(), "tape");
    }
    let grads = tape.backward_from(y, case.input("dy").unwrap()).unwrap();
    for (name, var) in vars {
        let grad = format!("d_{name}");
        if case.has(&grad) {
            let value = grads.of(var).unwrap_or_else(|| panic!("{}: no {grad}", case.id));
            case.check(&grad, value, "tape");
        }
    }
    Ok(())
}

fn tiny_cnn(net: &mut Recorded<'_>) -> Result<(Var, Option<Var>), Error> {
    let x = net.var("x");
    let y = net.conv(x, "conv1", Conv2d { pads: Pads::all(1), ..Conv2d::default() })?;
    let (weight, bias) = (net.var("bn1.weight"), net.var("bn1.bias"));
    let y = net.tape.batch_norm(y, Some(weight), Some(bias), net.case.number("eps", 1e-5))?;
    let y = net.tape.activation(y, Activation::Relu)?;
    let y = net.tape.max_pool2d(y, Pool2d::new([2, 2]))?;
    let y = net.conv(y, "conv2", Conv2d { stride: (2, 2), ..Conv2d::default() })?;
    let y = net.tape.activation(y, Activation::Relu)?;
    let y = net.tape.global_avg_pool2d(y)?;
    let shape = net.tape.value(y)?.shape().to_vec();
    let y = net.tape.reshape(y, &shape[..2])?;
    let logits = net.linear(y, "fc")?;
    let target = net.integers("target");
    let loss = net.tape.cross_entropy(logits, &target, CrossEntropy::default())?;
    Ok((loss, Some(logits)))
}

fn residual_block(net: &mut Recorded<'_>) -> Result<(Var, Option<Var>), Error> {
    let x = net.var("x");
    let stride = net.case.pair("stride");
    let pads = Pads::all(1);
    let y = net.conv(x, "conv1", Conv2d { stride, pads, ..Conv2d::default() })?;
    let y = net.group_norm(y, "gn1")?;
    let y = net.tape.activation(y, Activation::Relu)?;
    let y = net.conv(y, "conv2", Conv2d { pads, ..Conv2d::default() })?;
    let y = net.group_norm(y, "gn2")?;
    let skip =
        if net.has("down.weight") { net.conv(x, "down", Conv2d { stride, ..Conv2d::default() })? } else { x };
    let sum = net.tape.add(y, skip)?;
    Ok((net.tape.activation(sum, Activation::Relu)?, None))
}

/// Pre-norm: tokens and positions, attention and feed-forward with their skips, a head tied to the embedding.
fn tiny_gpt(net: &mut Recorded<'_>) -> Result<(Var, Option<Var>), Error> {
    let indices = net.integers("idx");
    let (n, length) = (indices.shape()[0], indices.shape()[1]);
    let (token, position) = (net.var("tok.weight"), net.var("pos.weight"));
    let width = net.tape.value(token)?.shape()[1];
    let heads = net.case.integers("heads")[0];
    let places = Array1::from_iter(0..length as i64).into_dyn();
    let tokens = net.tape.embedding(&indices, token, Embedding::default())?;
    let positions = net.tape.embedding(&places, position, Embedding::default())?;
    let x = net.tape.add(tokens, positions)?;

    let y = net.layer_norm(x, "ln1", width)?;
    let y = net.linear(y, "qkv")?;
    let y = net.tape.reshape(y, &[n, length, 3, heads, width / heads])?;
    let y = net.tape.permute(y, &[2, 0, 3, 1, 4])?;
    let part = |net: &mut Recorded<'_>, at: usize| {
        let part = net.tape.narrow(y, 0, at, 1)?;
        net.tape.reshape(part, &[n, heads, length, width / heads])
    };
    let qkv = [part(net, 0)?, part(net, 1)?, part(net, 2)?];
    let causal = Attention { is_causal: true, ..Attention::default() };
    let y = net.tape.attention(qkv, None, &[], causal)?;
    let y = net.tape.permute(y, &[0, 2, 1, 3])?;
    let y = net.tape.reshape(y, &[n, length, width])?;
    let y = net.linear(y, "proj")?;
    let x = net.tape.add(x, y)?;

    let y = net.layer_norm(x, "ln2", width)?;
    let y = net.linear(y, "fc1")?;
    let y = net.tape.activation(y, Activation::Gelu)?;
    let y = net.linear(y, "fc2")?;
    let x = net.tape.add(x, y)?;

    let y = net.layer_norm(x, "lnf", width)?;
    let logits = net.tape.linear(y, token, None)?;
    // each token but the last foretells the next one
    let classes = net.tape.value(token)?.shape()[0];
    let before = net.tape.narrow(logits, 1, 0, length - 1)?;
    let flat = net.tape.reshape(before, &[n * (length - 1), classes])?;
    let next = indices.slice_axis(Axis(1), ndarray::Slice::from(1..)).iter().copied().collect::<Vec<_>>();
    let next = ArrayD::from_shape_vec(IxDyn(&[next.len()]), next).unwrap();
    Ok((net.tape.cross_entropy(flat, &next, CrossEntropy::default())?, Some(logits)))
}

fn unit_gradient(case: &Case) -> Outcome {
    let net = Net { layers: layers(case, &case.attrs["layers"])? };
    let x = case.images("x");
    let (row, column) = case.pair("centre");
    let unit = Unit { row, column, channel: None };
    case.check("y", &net.forward(&x).unwrap(), "forward");
    case.check("dx", &net.unit_gradient_plain(&x, unit).unwrap(), "whole maps");
    let gradient = net.unit_gradient(&x, unit).unwrap();
    case.check("dx", &gradient, "cone");
    let map = gradient.mapv(f32::abs).sum_axis(Axis(0)).sum_axis(Axis(0));
    let found = nonzero_box(&map).map_or([-1.0; 4], |edges| edges.map(|edge| edge as f32));
    case.check("support_tblr", &Array1::from_iter(found), "support");
    // the theoretical field holds it
    let size = (x.dim().2, x.dim().3);
    let field = net.support(size, (row, column)).unwrap().on_input(size).unwrap();
    let edges = [field.top, field.bottom, field.left, field.right].map(|edge| edge as f32);
    assert!(edges[0] <= found[0] && edges[1] >= found[1], "{}: {edges:?} {found:?}", case.id);
    assert!(edges[2] <= found[2] && edges[3] >= found[3], "{}: {edges:?} {found:?}", case.id);
    Ok(())
}

fn layers(case: &Case, list: &Value) -> Result<Vec<Layer>, Unsupported> {
    list.as_array().unwrap().iter().map(|entry| layer(case, entry)).collect()
}

fn layer(case: &Case, entry: &Value) -> Result<Layer, Unsupported> {
    let pair = |key: &str, otherwise: (usize, usize)| match &entry[key] {
        Value::Array(pair) => (pair[0].as_u64().unwrap() as usize, pair[1].as_u64().unwrap() as usize),
        value => value.as_u64().map_or(otherwise, |both| (both as usize, both as usize)),
    };
    let pool = || {
        let kernel = pair("kernel", (2, 2));
        let (stride, padding) = (pair("stride", kernel), pair("padding", (0, 0)));
        Pool2d {
            stride: [stride.0, stride.1],
            pads: [(padding.0, padding.0), (padding.1, padding.1)],
            dilation: pair("dilation", (1, 1)).into(),
            ceil_mode: entry["ceil_mode"] == true,
            ..Pool2d::new([kernel.0, kernel.1])
        }
    };
    let twice = |mode| {
        let target = ResizeTo::Factor(vec![2.0, 2.0]);
        Ok(Layer::Interpolate(Interpolate { mode, target }))
    };
    match entry["type"].as_str().unwrap() {
        "conv" => {
            let (padding, bias) = (pair("padding", (0, 0)), entry["b"].as_str());
            Ok(Layer::Conv {
                weight: case.images(entry["w"].as_str().unwrap()),
                bias: bias.map(|name| case.input(name).unwrap().into_iter().collect()),
                conv: Conv2d {
                    stride: pair("stride", (1, 1)),
                    pads: Pads { top: padding.0, bottom: padding.0, left: padding.1, right: padding.1 },
                    dilation: pair("dilation", (1, 1)),
                    groups: entry["groups"].as_u64().unwrap_or(1) as usize,
                    ..Conv2d::default()
                },
            })
        }
        "relu" => Ok(Layer::Activation(Nonlinearity::Relu)),
        "tanh" => Ok(Layer::Activation(Nonlinearity::Tanh)),
        "sigmoid" => Ok(Layer::Activation(Nonlinearity::Sigmoid)),
        "gelu" => Ok(Layer::Activation(Nonlinearity::Gelu)),
        "silu" => Ok(Layer::Activation(Nonlinearity::SILU)),
        "maxpool" => Ok(Layer::MaxPool(pool())),
        "avgpool" => Ok(Layer::AveragePool(pool(), Divisor::default())),
        "bilinear2x" => twice(Interpolation::Linear { align_corners: false, antialias: false }),
        "nearest2x" => twice(Interpolation::Nearest),
        "residual" => {
            let shortcut =
                if entry["shortcut"].is_array() { layers(case, &entry["shortcut"])? } else { vec![] };
            Ok(Layer::Residual { branch: layers(case, &entry["layers"])?, shortcut })
        }
        other => Err(Unsupported(format!("layer {other}"))),
    }
}

fn area_ratio(case: &Case) -> Outcome {
    let map = case.input("map").unwrap().into_dimensionality().unwrap();
    let thresholds: Vec<f64> =
        case.attrs["thresholds"].as_array().unwrap().iter().map(|t| t.as_f64().unwrap()).collect();
    let found = area_ratios(&map, &thresholds);
    let sides = found.iter().map(|found| found.map_or(0.0, |found| found.side as f32));
    case.check("side", &Array1::from_iter(sides), "side");
    let ratios = found.iter().map(|found| found.map_or(f32::NAN, |found| found.ratio as f32));
    case.check("ratio", &Array1::from_iter(ratios), "ratio");
    Ok(())
}
