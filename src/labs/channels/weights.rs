//! The picture and the weights that the program makes itself.

use super::params::{Params, Weights};
use crate::core::tensor::{Images, Random};
use ndarray::{Array2, Axis};
use std::f32::consts::PI;

/// What the six detectors weigh: R, G, B, and their bias. Brightness counts as the eye sees it (ITU-R BT.601).
const COLOURS: [([f32; 3], f32); 6] = [
    ([0.299, 0.587, 0.114], 0.0),
    ([0.299, 0.587, 0.114], 0.0),
    ([1.0, -1.0, 0.0], 0.1),
    ([0.5, 0.5, -1.0], 0.1),
    ([0.5, 0.5, 0.5], 0.0),
    ([-0.299, -0.587, -0.114], 1.0),
];
/// An invertible mixing of three channels.
const FALSE: [[f32; 3]; 3] = [[0.1, 0.2, 0.7], [0.8, 0.15, 0.05], [0.25, 0.7, 0.05]];
/// Brightness of R, G, B (ITU-R BT.601).
pub const GREY: [f32; 3] = [0.299, 0.587, 0.114];

/// R, G, B of a balloon over hills at a pixel, later in every frame.
pub fn scene(row: usize, col: usize, (h, w): (usize, usize), frame: usize) -> [f32; 3] {
    let mut sum = [0.0; 3];
    for (du, dv) in [(0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75)] {
        let (y, x) = ((row as f32 + du) / h as f32, (col as f32 + dv) / w as f32);
        let colour = point(y, x, frame as f32);
        (0..3).for_each(|k| sum[k] += colour[k].clamp(0.0, 1.0) / 4.0);
    }
    sum
}

fn point(y: f32, x: f32, frame: f32) -> [f32; 3] {
    let (dx, dy) = (x - 0.5 - frame * 0.07, y - 0.38 + frame * 0.04);
    let radius = 0.31;
    let r = (dx * dx + dy * dy).sqrt() / radius;
    if r < 1.0 {
        let across =
            (dx / (radius * radius - dy * dy).max(1e-6).sqrt()).clamp(-0.999, 0.999).asin() / PI + 0.5;
        let stripe = (across * 5.0) as usize % 4;
        let colour = [[0.86, 0.2, 0.15], [0.97, 0.76, 0.2], [0.94, 0.93, 0.88], [0.15, 0.35, 0.68]][stripe];
        return colour.map(|v| v * (1.06 - 0.38 * r * r - dx * 0.5));
    }
    if dx.abs() < 0.055 && (0.35..0.45).contains(&dy) {
        return [0.36, 0.22, 0.12];
    }
    let hill = 0.85 - 0.09 * (x * 5.2 + 0.6).sin();
    if y > hill + 0.1 {
        [0.14, 0.34, 0.2]
    } else if y > hill {
        [0.42, 0.6, 0.24]
    } else if (x - 0.14).powi(2) + (y - 0.15).powi(2) < 0.0081 {
        [1.0, 0.93, 0.62]
    } else {
        [0.5 + 0.36 * y, 0.7 + 0.2 * y, 0.94]
    }
}

/// What a tap of a detector weighs, before its channel's share; `m` is the middle of the longer side.
fn pattern(which: usize, y: f32, x: f32, m: f32) -> f32 {
    match which % 6 {
        0 => x / m * (2.0 - y.abs() / m),
        1 => y / m * (2.0 - x.abs() / m),
        4 if x == 0.0 && y == 0.0 => 1.0,
        4 => -1.0 / ((2.0 * m + 1.0).powi(2) - 1.0),
        _ => (-(x * x + y * y) / m / 1.4).exp(),
    }
}

/// The taps of a detector, row after row, before its channel's share.
fn detector(which: usize, (kh, kw): (usize, usize)) -> Vec<f32> {
    if kh * kw == 1 {
        return vec![1.0];
    }
    let middle = (kh.max(kw) as f32 - 1.0) / 2.0;
    let tap = |t: usize| {
        let (r, c) = ((t / kw) as f32, (t % kw) as f32);
        pattern(which, r - (kh as f32 - 1.0) / 2.0, c - (kw as f32 - 1.0) / 2.0, middle)
    };
    let all: f32 = (0..kh * kw).map(|t| tap(t).abs()).sum();
    // An edge detector weighs one side against the other, a mean adds up to one.
    let total = if matches!(which, 0 | 1 | 4) { all / 4.0 } else { all };
    (0..kh * kw).map(|t| if total > 0.0 { tap(t) / total } else { 0.0 }).collect()
}

/// The share of an input channel in an output: three channels by name, others by turns.
fn share(params: &Params, o: usize, i: usize) -> f32 {
    let (channel, per) = (params.first_read(o) + i, params.per());
    match params.weights {
        Weights::Grey if per == 3 => GREY[i % 3],
        Weights::Grey => 1.0 / per.max(1) as f32,
        Weights::FalseColour => FALSE[o % 3][channel % 3],
        _ => f32::from(u8::from(i == o % per.max(1))),
    }
}

/// The weight `[c_out, c_in / groups, kh, kw]`.
pub fn make(params: &Params, seed: u64) -> Images {
    let (o, per, kh, kw) = params.weight_shape();
    let mut random = Random::new(seed.wrapping_mul(977).wrapping_add(5));
    let middle = ((kh - 1) / 2, (kw - 1) / 2);
    match params.weights {
        Weights::Random | Weights::Own => {
            let bound = bound(params);
            Images::from_shape_simple_fn((o, per, kh, kw), || random.range(-bound, bound))
        }
        Weights::Edges => {
            let detectors: Vec<Vec<f32>> =
                (0..COLOURS.len().min(o)).map(|which| detector(which, (kh, kw))).collect();
            let frames = params.per().div_ceil(3).max(1) as f32;
            Images::from_shape_fn((o, per, kh, kw), |(q, i, r, c)| {
                let channel = params.first_read(q) + i;
                let colour = if per == 1 { 1.0 } else { COLOURS[q % COLOURS.len()].0[channel % 3] / frames };
                detectors[q % COLOURS.len()][r * kw + c] * colour
            })
        }
        _ => {
            Images::from_shape_fn(
                (o, per, kh, kw),
                |(q, i, r, c)| {
                    if (r, c) == middle { share(params, q, i) } else { 0.0 }
                },
            )
        }
    }
}

/// PyTorch draws weights and biases from ±1/√(inputs of one output).
fn bound(params: &Params) -> f32 {
    let (_, per, kh, kw) = params.weight_shape();
    1.0 / ((per * kh * kw).max(1) as f32).sqrt()
}

/// The bias, one number an output channel; zeros without one.
pub fn bias(params: &Params, seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed.wrapping_mul(977).wrapping_add(6));
    let of = |q: usize, random: &mut Random| match params.weights {
        _ if !params.bias => 0.0,
        Weights::Edges => COLOURS[q % 6].1,
        Weights::Own => 0.0,
        Weights::Random => random.range(-bound(params), bound(params)),
        _ => 0.1,
    };
    (0..params.c_out()).map(|q| of(q, &mut random)).collect()
}

/// The matrix that brings mixed channels back best, and the rank of `M` `[c_out, c_in]`. Where nothing is lost it is
/// `(MᵀM)⁻¹Mᵀ`; else least squares over the pixels of a picture with second moments `C`: `CMᵀ(MCMᵀ)⁻¹`, with a little
/// added where that has no inverse.
pub fn way_back(m: &Array2<f32>, moments: impl FnOnce() -> Array2<f64>) -> (Array2<f32>, usize) {
    let m = m.mapv(f64::from);
    let gram = m.t().dot(&m);
    let largest = |a: &Array2<f64>| a.diag().iter().fold(0.0f64, |a, v| a.max(*v));
    let tiny = (largest(&gram) * 1e-10).max(1e-14);
    let (solved, rank) = solve(gram, m.t().to_owned(), tiny);
    let back = solved.unwrap_or_else(|| {
        let right = m.dot(&moments());
        let mut seen = right.dot(&m.t());
        let little = (largest(&seen) * 1e-6).max(1e-9);
        (0..seen.nrows()).for_each(|i| seen[[i, i]] += little);
        let back = solve(seen, right, 0.0).0.unwrap_or_else(|| Array2::zeros(m.dim()));
        back.reversed_axes()
    });
    // `clamp` keeps a not-a-number; there is none left to keep.
    (back.mapv(|v| if v.is_finite() { v.clamp(-1e9, 1e9) as f32 } else { 0.0 }), rank)
}

/// Mean products of any two channels over the pixels of `[1, c, h, w]`, `[c, c]`.
pub fn moments(x: &Images) -> Array2<f64> {
    let channels: Vec<Vec<f64>> =
        x.axis_iter(Axis(1)).map(|c| c.iter().map(|v| f64::from(*v)).collect()).collect();
    let pixels = channels.first().map_or(1, Vec::len).max(1) as f64;
    let n = channels.len();
    Array2::from_shape_fn((n, n), |(i, j)| {
        channels[i].iter().zip(&channels[j]).map(|(a, b)| a * b).sum::<f64>() / pixels
    })
}

/// Gauss-Jordan elimination with the largest pivot of the diagonal; the solution of `a x = b` when all pivots are above
/// `tiny`, and how many are.
fn solve(mut a: Array2<f64>, mut b: Array2<f64>, tiny: f64) -> (Option<Array2<f64>>, usize) {
    let n = a.nrows();
    let mut done = vec![false; n];
    for rank in 0..n {
        let free = (0..n).filter(|i| !done[*i]);
        let Some(p) = free.max_by(|i, j| a[[*i, *i]].abs().total_cmp(&a[[*j, *j]].abs())) else { break };
        let pivot = a[[p, p]];
        if pivot.abs() <= tiny {
            return (None, rank);
        }
        done[p] = true;
        let (row, right) = (a.row(p).mapv(|v| v / pivot), b.row(p).mapv(|v| v / pivot));
        for i in (0..n).filter(|i| *i != p) {
            let factor = a[[i, p]];
            a.row_mut(i).scaled_add(-factor, &row);
            b.row_mut(i).scaled_add(-factor, &right);
        }
        a.row_mut(p).assign(&row);
        b.row_mut(p).assign(&right);
    }
    (Some(b), n)
}
