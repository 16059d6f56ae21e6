//! The numbers of the insight column, by their stable names.

use crate::core::ops::PaddingMode;
use crate::labs::convolution::Convolution;
use crate::labs::convolution::compute::{Extra, Output};
use crate::labs::convolution::inputs::Input;
use crate::labs::convolution::params::Params;
use crate::stage::lab::{Ran, Shared};
use crate::stage::scene::grid::{extent, value_at};

/// How the layer joins inputs to outputs, counted without its numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Joints {
    /// Distinct input cells that the outputs read, summed over all outputs: the entries of the layer's matrix that
    /// may differ from zero.
    pub entries: u64,
    /// The most distinct input cells one output reads.
    pub widest: usize,
    /// Outputs times inputs: all entries of the matrix.
    pub all: u64,
}

/// Counts the joints. Rows and columns don't know of each other, so two short lists are enough.
pub fn joints(params: &Params, output: &Output) -> Joints {
    let conv = output.conv;
    let axis = |outputs: usize, stride: usize, taps: usize, dilation: usize, before: usize, input: usize| {
        let seen = |o: usize| {
            let mut cells = Vec::new();
            for t in 0..taps {
                match conv.mode.source(o * stride + t * dilation, before, input) {
                    Some(cell) if !cells.contains(&cell) => cells.push(cell),
                    _ => {}
                }
            }
            cells.len()
        };
        (0..outputs).map(seen).fold((0, 0), |(sum, most), n| (sum + n, most.max(n)))
    };
    let (oh, ow) = output.size();
    let ((h, w), (kh, kw)) = (params.size, params.kernel_size);
    let rows = axis(oh, conv.stride.0, kh, conv.dilation.0, conv.pads.top, h);
    let cols = axis(ow, conv.stride.1, kw, conv.dilation.1, conv.pads.left, w);
    // The page counts in 32 bits, where the matrix of a large picture has no room.
    let product = |list: &[usize]| list.iter().map(|n| *n as u64).product();
    Joints { entries: product(&[rows.0, cols.0]), widest: rows.1 * cols.1, all: product(&[oh, ow, h, w]) }
}

/// The greatest absolute value of a tensor.
pub fn largest(tensor: &Shared) -> f64 {
    f64::from(crate::labs::convolution::compute::span(tensor).largest())
}

/// What a kernel's cells add up to.
pub fn kernel_sum(params: &Params) -> f64 {
    params.weight.data().iter().map(|v| f64::from(*v)).sum()
}

/// Whether the kernel is the same after a half turn, so that correlation and convolution agree.
pub fn symmetric(params: &Params) -> bool {
    let (kh, kw) = params.kernel_size;
    (0..kh * kw).all(|i| {
        let (r, c) = (i / kw, i % kw);
        params.weight.at(r, c) == params.weight.at(kh - 1 - r, kw - 1 - c)
    })
}

/// How far the answer to a single one lies from that one, in cells of the input, `(rows, columns)`, positive
/// downwards and to the right; `None` when the input is not an impulse or nothing answers.
///
/// An output cell `i` stands for the input cell `i * stride + (extent − 1) / 2 − pad`, rounded down: the middle cell
/// of its window, or the one before the middle when the window's extent `dilation * (kernel_size − 1) + 1` is even
/// and there is no middle cell. The place of the answer is the mean of these cells, weighted by the absolute value
/// of the output before bias and activation. A kernel that weighs alike on both sides gives 0 when its extent is odd
/// and −0.5 when it is even, however the padding is shared out.
pub fn impulse_shift(params: &Params, output: &Output) -> Option<(f64, f64)> {
    let pads = output.conv.pads;
    let padded = pads.top + pads.bottom + pads.left + pads.right > 0;
    let constant = matches!(output.conv.mode, PaddingMode::Constant(v) if v != 0.0);
    if params.input != Input::Impulse || (padded && constant) {
        return None;
    }
    let (oh, ow) = output.size();
    let (mut total, mut row, mut col) = (0.0, 0.0, 0.0);
    for r in 0..oh {
        for c in 0..ow {
            let weight = f64::from((value_at(&output.pre_activation, r, c) - params.bias).abs());
            total += weight;
            row += weight * r as f64;
            col += weight * c as f64;
        }
    }
    let place = |mean: f64, stride: usize, taps: usize, dilation: usize, before: usize, n: usize| {
        let middle = (dilation * (taps - 1) / 2) as f64 - before as f64;
        mean * stride as f64 + middle - (n / 2) as f64
    };
    let (s, d, k) = (output.conv.stride, output.conv.dilation, params.kernel_size);
    (total > 1e-9).then(|| {
        (
            place(row / total, s.0, k.0, d.0, pads.top, params.size.0),
            place(col / total, s.1, k.1, d.1, pads.left, params.size.1),
        )
    })
}

/// Every number, by its stable name.
pub fn facts(run: &Ran<Convolution>) -> Vec<(&'static str, f64)> {
    let (p, o) = (&run.params, &run.output);
    let (oh, ow) = o.size();
    let (ph, pw) = extent(&o.padded);
    let (kh, kw) = p.kernel_size;
    let taps = kh * kw;
    let inputs = p.size.0 * p.size.1;
    let joints = joints(p, o);
    let ends = |span: crate::core::analysis::Span| (f64::from(span.low), f64::from(span.high), span.mean);
    let (input_min, input_max, _) = ends(o.spans.input);
    let (output_min, output_max, output_mean) = ends(o.spans.output);
    let (usage_min, usage_max, _) = ends(o.spans.usage);
    let (_, padding_share_max, padding_share_mean) = ends(o.spans.padding_share);
    let unused = if usage_min > 0.0 { 0 } else { o.usage.iter().filter(|v| **v == 0.0).count() };
    let count = |n: usize| n as f64;
    let mut list = vec![
        ("output_height", count(oh)),
        ("output_width", count(ow)),
        ("parameters", count(taps + usize::from(p.bias != 0.0))),
        ("macs", count(oh * ow * taps)),
        ("bytes", count(4 * (inputs + taps + oh * ow))),
        ("unread_rows", count(o.unread.0)),
        ("unread_columns", count(o.unread.1)),
        ("unread_inputs", count(unused)),
        ("padded_height", count(ph)),
        ("padded_width", count(pw)),
        ("pad_top", count(o.conv.pads.top)),
        ("pad_bottom", count(o.conv.pads.bottom)),
        ("pad_left", count(o.conv.pads.left)),
        ("pad_right", count(o.conv.pads.right)),
        ("window_height", count(o.conv.dilation.0 * (kh - 1) + 1)),
        ("window_width", count(o.conv.dilation.1 * (kw - 1) + 1)),
        ("density", joints.entries as f64 / joints.all.max(1) as f64),
        ("inputs_per_output", count(joints.widest)),
        ("rank", count(o.separability.rank)),
        ("separable", f64::from(o.separability.rank <= 1)),
        ("kernel_sum", kernel_sum(p)),
        ("symmetric", f64::from(symmetric(p))),
        ("output_min", output_min),
        ("output_max", output_max),
        ("output_mean", output_mean),
        ("input_min", input_min),
        ("input_max", input_max),
        ("padding_share_mean", padding_share_mean),
        ("padding_share_max", padding_share_max),
        ("usage_min", usage_min),
        ("usage_max", usage_max),
    ];
    match &o.extra {
        Extra::Flip { difference, .. } => list.push(("flip_difference", largest(difference))),
        Extra::Linearity { defect, .. } => list.push(("linearity_defect", largest(defect))),
        Extra::None | Extra::Modes(_) => {}
    }
    if let Some((rows, columns)) = impulse_shift(p, o) {
        list.extend([("shift_rows", rows), ("shift_columns", columns)]);
    }
    list
}
