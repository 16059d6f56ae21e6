//! Everything the lab draws, computed by the core.

use super::Checkerboard;
use super::cures::{self, Cure};
use super::layer::{Layer, conv_gradient, overlap, pool_gradient, weights};
use super::learn::{self, Fits};
use super::params::{self, Init, Input, MAX_KERNEL, MAX_STRIDE, Panel, Params, Upsampler};
use crate::core::analysis::{LONGEST, Pattern, Span, pattern, spectrum};
use crate::core::ops::{Conv2d, ConvTranspose2d, Pads};
use crate::core::tensor::{Error, Images, Map};
use crate::stage::lab::{Given, Shared};
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::extent;
use ndarray::{Axis, s};

/// More cells along a side than this are drawn as pictures.
pub const MOST_CELLS: usize = 20;
/// Inputs of the matrices.
const MATRIX_INPUTS: usize = 4;
/// Stamps of the figure in one dimension.
pub const LINE_STAMPS: usize = 6;

/// What was computed. Images are `[1, 1, h, w]`.
pub struct Output {
    /// The layer.
    pub layer: Layer,
    /// Sizes from the input to the last layer.
    pub sizes: Vec<(usize, usize)>,
    /// What goes in.
    pub input: Shared,
    /// The taps; of a resize the numbers that it always uses.
    pub weight: Shared,
    /// What one input cell writes.
    pub stamp: Shared,
    /// Products that meet in each output.
    pub overlap: Shared,
    /// What comes out: the large picture, or the gradient on the input.
    pub output: Shared,
    /// Everything that is stamped, before the edge is cut off; only where stamps are drawn one by one.
    pub full: Option<Shared>,
    /// The same after each stamp, `[stamps, 1, h, w]`.
    pub stamped: Option<Shared>,
    /// The gradient of maximum pooling on the input.
    pub pool_gradient: Option<Shared>,
    /// Counts in one dimension, after each layer.
    pub lines: Vec<Shared>,
    /// Most and fewest products in the interior, in one dimension.
    pub ends: (f32, f32),
    /// Overlap ratio in two dimensions by stride and kernel size; 0 where cells get no product at all.
    pub ratio: Shared,
    /// Rows and columns that the pattern is measured on.
    pub patch: [(usize, usize); 2],
    /// What repeats on them; `None` when they hold no whole period.
    pub pattern: Option<Pattern>,
    /// The magnitude of the Fourier transform against the sum of absolute values, zero frequency in the middle.
    pub spectrum: Shared,
    /// Its logarithm, from 0 at one thousandth to 1 at one.
    pub spectrum_level: Shared,
    /// Sums over the frequencies of the pattern: √Σ|F|², and Σ|y|.
    pub carriers: (f64, f64),
    /// What the tensors range over: input, weight, output, overlap, and what is not cut.
    pub spans: [Span; 5],
    /// The data an own input was made from.
    source: Option<Shared>,
    /// The taps that it was computed with.
    taps: Shared,
    /// What the second figure needs beyond this.
    pub extra: Extra,
}

/// What only one of the second figures needs.
pub enum Extra {
    /// Nothing.
    None,
    /// Up-samplers side by side.
    Cures(Vec<Cure>),
    /// Two kernels, fitted.
    Learn(Box<Fits>),
    /// The operator in one dimension, that of the convolution, and the two inner products.
    Matrix(Box<Matrices>),
}

/// The transposed convolution as a matrix, and the convolution that leads back as one.
pub struct Matrices {
    /// `[1, 1, outputs, inputs]`
    pub up: Shared,
    /// `[1, 1, inputs, outputs]`, from the convolution alone.
    pub down: Shared,
    /// `⟨conv(y), x⟩` and `⟨y, conv_T(x)⟩` on the tensors of the page.
    pub products: (f64, f64),
}

/// Images as a shared tensor.
pub fn shared(x: Images) -> Shared {
    x.into_dyn().into_shared()
}

/// A map as `[1, 1, h, w]`.
pub fn images(x: Map) -> Images {
    x.insert_axis(Axis(0)).insert_axis(Axis(0))
}

/// The span of a tensor.
pub fn span(x: &Shared) -> Span {
    match x.as_slice() {
        Some(numbers) => Span::of(numbers),
        None => Span::of(&x.iter().copied().collect::<Vec<f32>>()),
    }
}

/// Counts in one dimension after each of `depth` layers, of `n` stamps.
///
/// Errors: those of the operator.
pub fn counts(n: usize, k: usize, stride: usize, depth: usize) -> Result<Vec<Images>, Error> {
    let conv = ConvTranspose2d { stride: (1, stride), ..ConvTranspose2d::default() };
    let ones = Images::ones((1, 1, 1, k));
    let mut lines = vec![images(conv.overlap((1, n), (1, k))?)];
    for at in 1..depth {
        lines.push(conv.forward(&lines[at - 1], &ones, None)?);
    }
    Ok(lines)
}

/// Most and fewest products that an interior cell sums, in one dimension.
///
/// Errors: those of the operator.
pub fn ends(k: usize, stride: usize, depth: usize) -> Result<(f32, f32), Error> {
    // So many stamps that the middle doesn't feel the edges, in the deepest stack too.
    let lines = counts(4 * k + 8, k, stride, depth)?;
    let Some(line) = lines.last() else { return Ok((1.0, 1.0)) };
    let flat: Vec<f32> = line.iter().copied().collect();
    let period = (0..depth).fold(1, |p, _| p * stride);
    let from = flat.len().saturating_sub(period) / 2;
    let middle = Span::of(&flat[from..(from + period).min(flat.len())]);
    Ok((middle.high, middle.low))
}

/// The interior of an output axis, where every cell gets whatever its place in the period can get.
fn interior(p: &Params, inputs: usize, outputs: &[usize]) -> (usize, usize) {
    let (k, stride, pad) = (p.k() as i64, p.s() as i64, p.p() as i64);
    let (mut low, mut high) = (0i64, inputs as i64);
    for out in outputs {
        low = ((low - 1) * stride + k - pad).max(0);
        high = (high * stride - pad).min(*out as i64);
    }
    let cells = |n: i64| usize::try_from(n).unwrap_or(0);
    (cells(low), cells(high.max(low)))
}

/// The rows or columns that are measured: whole periods of the interior, or, where there is none, the beginning.
fn measured(p: &Params, sizes: &[usize]) -> (usize, usize) {
    let (Some(first), Some(last)) = (sizes.first(), sizes.last()) else { return (0, 1) };
    let (outputs, (low, high)) = if p.back() {
        let way: Vec<usize> = sizes.iter().rev().skip(1).copied().collect();
        (*first, interior(p, *last, &way))
    } else if p.upsampler == Upsampler::Transposed {
        (*last, interior(p, *first, &sizes[1..]))
    } else {
        (*last, (0, *last))
    };
    let whole = |n: usize| n.min(LONGEST) / p.period() * p.period();
    match whole(high.min(outputs).saturating_sub(low)) {
        0 => (0, outputs.min(LONGEST)),
        n => (low, low + n),
    }
}

/// Computes everything.
///
/// Errors: the sentence that [`params::check`] gives.
pub fn compute(params: &Params, seed: u64, given: Given<'_, Checkerboard>) -> Result<Output, Refusal> {
    params::check(params, given.data)?;
    let sizes = params.sizes()?;
    let source = given.data.get("input").cloned();
    let kept = given.before.filter(|b| {
        let same = b.params.input == params.input && b.params.size == params.size;
        let random = params.input == Input::Digits;
        same && (b.seed == seed || !random) && (params.input != Input::Own || b.output.source == source)
    });
    let input = match kept {
        Some(before) => before.output.input.clone(),
        None => shared(images(params.draw_input(seed, given.data)?)),
    };
    let x = four(&input)?;
    let layer = Layer::of(params);
    let laid =
        if params.back() { Layer { up: Upsampler::Transposed, output_padding: 0, ..layer } } else { layer };
    let init = if params.back() && params.init == Init::Icnr { Init::Normal } else { params.init };
    let weight = weights(&laid, init, seed, given.data);
    let stamp = if laid.up == Upsampler::Transposed {
        shared(weight.clone())
    } else {
        shared(images(laid.stamp(&weight)?))
    };
    let shared_weight = shared(weight.clone());
    // What the layers make of the input is the same when only a panel, say, has changed.
    let same = kept.filter(|b| {
        let q = &b.params;
        let laid_alike = b.output.layer == laid && q.layers() == params.layers() && q.back() == params.back();
        laid_alike && b.output.taps == shared_weight
    });
    let (output, overlap, pool) = match same {
        Some(before) => {
            let o = &before.output;
            (o.output.clone(), o.overlap.clone(), o.pool_gradient.clone())
        }
        None if params.back() => {
            let gradient = conv_gradient(&laid.conv(), &sizes, &weight)?;
            let pool = pool_gradient(params, &x)?;
            (shared(gradient), shared(overlap(params, &laid, &sizes)?), Some(shared(pool)))
        }
        None => {
            let mut y = laid.forward(&x, &weight)?;
            for _ in 1..params.layers() {
                y = laid.forward(&y, &weight)?;
            }
            let overlap = if laid.up == Upsampler::Transposed {
                overlap(params, &laid, &sizes)?
            } else {
                let each = laid.products() as f32;
                let all = (0..params.layers()).fold(1.0, |product, _| product * each);
                Images::from_elem(y.dim(), all)
            };
            (shared(y), shared(overlap), None)
        }
    };
    let (full, stamped) = stamps(params, &laid, &x, &weight)?;
    let depth = params.layers();
    let lines = counts(LINE_STAMPS, params.k(), params.s(), depth)?.into_iter().map(shared).collect();
    let ratio = match given.before.filter(|b| b.params.depth == params.depth) {
        Some(before) => before.output.ratio.clone(),
        None => shared(images(ratios(depth)?)),
    };
    let ends = if params.stamps() { ends(params.k(), params.s(), depth)? } else { (1.0, 1.0) };
    let axis =
        |pick: fn(&(usize, usize)) -> usize| measured(params, &sizes.iter().map(pick).collect::<Vec<_>>());
    let patch = [axis(|s| s.0), axis(|s| s.1)];
    let [(r0, r1), (c0, c1)] = patch;
    let measured = output.slice(s![0, 0, r0..r1, c0..c1]).to_owned();
    let found = pattern(&measured, params.period());
    let (spectrum, spectrum_level, carriers) = spectra(&measured, params.period());
    let weight =
        if layer.parameters() == 0 && !params.back() { stamp.clone() } else { shared_weight.clone() };
    let spans = [
        kept.map_or_else(|| span(&input), |b| b.output.spans[0]),
        span(&weight),
        span(&output),
        span(&overlap),
        span(full.as_ref().unwrap_or(&output)),
    ];
    let extra = match params.panel {
        Panel::Cures => Extra::Cures(cures::all(params, seed, given.data, given.finds)?),
        Panel::Learn => Extra::Learn(Box::new(learn::fits(params, seed, given.data, given.finds)?)),
        Panel::Matrix => Extra::Matrix(Box::new(matrices(params, &laid, &input, &weight)?)),
        Panel::Table | Panel::Spectrum => Extra::None,
    };
    Ok(Output {
        layer: laid,
        sizes,
        input,
        weight,
        stamp,
        overlap,
        output,
        full,
        stamped,
        pool_gradient: pool,
        lines,
        ends,
        ratio,
        patch,
        pattern: found,
        spectrum,
        spectrum_level,
        carriers,
        spans,
        source,
        taps: shared_weight,
        extra,
    })
}

/// A tensor of four axes as images.
pub fn four(x: &Shared) -> Result<Images, Error> {
    let shape = x.shape().to_vec();
    x.to_owned().into_dimensionality().map_err(|_| Error::WrongRank {
        name: "input",
        expected: "[n, c, h, w]",
        got: shape,
    })
}

/// What is stamped before the edge is cut, whole and after each stamp, where that is drawn.
fn stamps(
    p: &Params,
    layer: &Layer,
    x: &Images,
    weight: &Images,
) -> Result<(Option<Shared>, Option<Shared>), Error> {
    if p.back() || p.upsampler != Upsampler::Transposed || p.layers() > 1 || !p.is_grid() {
        return Ok((None, None));
    }
    let whole = Layer { padding: 0, output_padding: 0, ..*layer };
    let full = whole.forward(x, weight)?;
    let (_, _, height, width) = full.dim();
    let (h, w) = p.size;
    let mut steps = Images::zeros((h * w, 1, height, width));
    let mut sum = Map::zeros((height, width));
    let taps = weight.slice(s![0, 0, .., ..]);
    for at in 0..h * w {
        let (i, j) = (at / w * p.s(), at % w * p.s());
        let value = x[[0, 0, at / w, at % w]];
        let mut here = sum.slice_mut(s![i..i + p.k(), j..j + p.k()]);
        here.zip_mut_with(&taps, |sum, tap| *sum += value * tap);
        steps.slice_mut(s![at, 0, .., ..]).assign(&sum);
    }
    Ok((Some(shared(full)), Some(shared(steps))))
}

/// Overlap ratio by stride and kernel size, 0 where some cells get nothing.
fn ratios(depth: usize) -> Result<Map, Error> {
    let mut map = Map::zeros((MAX_STRIDE, MAX_KERNEL));
    for ((row, col), cell) in map.indexed_iter_mut() {
        let (most, fewest) = ends(col + 1, row + 1, depth)?;
        *cell = if fewest > 0.0 { (most / fewest).powi(2) } else { 0.0 };
    }
    Ok(map)
}

/// The spectrum of a patch, its logarithm, and the two sums of the artifact's strength.
fn spectra(patch: &Map, period: usize) -> (Shared, Shared, (f64, f64)) {
    let (h, w) = patch.dim();
    let total: f64 = patch.iter().map(|v| f64::from(v.abs())).sum();
    let raw = spectrum(patch).unwrap_or_else(|| Map::zeros((h, w)));
    let share = |v: f32| if total > 0.0 { (f64::from(v) / total) as f32 } else { 0.0 };
    let centred = Map::from_shape_fn((h, w), |(u, v)| share(raw[[(u + h - h / 2) % h, (v + w - w / 2) % w]]));
    let level = centred.mapv(|v| ((v.max(1e-6).log10() + 3.0) / 3.0).clamp(0.0, 1.0));
    let mut energy = 0.0;
    if h.is_multiple_of(period) && w.is_multiple_of(period) {
        for u in (0..h).step_by((h / period).max(1)) {
            for v in (0..w).step_by((w / period).max(1)) {
                energy += if (u, v) == (0, 0) { 0.0 } else { f64::from(raw[[u, v]]).powi(2) };
            }
        }
    }
    (shared(images(centred)), shared(images(level)), (energy.sqrt(), total))
}

/// The matrices of both directions along one axis, and the inner products that a transpose keeps.
fn matrices(p: &Params, laid: &Layer, input: &Shared, weight: &Shared) -> Result<Matrices, Error> {
    let (k, stride, pad, n) = (p.k(), p.s(), p.p(), MATRIX_INPUTS);
    // Only a transposed convolution is held to what it can add.
    let added = if p.back() || laid.up != Upsampler::Transposed { 0 } else { p.op() };
    let layer =
        Layer { up: Upsampler::Transposed, kernel_size: k, stride, padding: pad, output_padding: added };
    let square = if laid.up == Upsampler::Transposed { four(weight)? } else { Images::ones((1, 1, k, k)) };
    let row = square.slice(s![.., .., k / 2..k / 2 + 1, ..]).to_owned();
    let side = Pads { left: pad, right: pad, ..Pads::default() };
    let up = ConvTranspose2d {
        stride: (1, stride),
        pads: side,
        output_padding: (0, added),
        ..ConvTranspose2d::default()
    };
    let down = Conv2d { stride: (1, stride), pads: side, ..Conv2d::default() };
    // Four inputs may all be cut away: then there are more.
    let inputs = (n..n + 16).find(|n| up.output_size((1, *n), (1, k)).is_ok()).unwrap_or(n);
    let (_, outputs) = up.output_size((1, inputs), (1, k))?;
    let unit = |n: usize, at: usize| Images::from_shape_fn((1, 1, 1, n), |i| f32::from(i.3 == at));
    let mut up_matrix = Map::zeros((outputs, inputs));
    for j in 0..inputs {
        let column = up.forward(&unit(inputs, j), &row, None)?;
        up_matrix.column_mut(j).assign(&column.slice(s![0, 0, 0, ..]));
    }
    let mut down_matrix = Map::zeros((inputs, outputs));
    for i in 0..outputs {
        let column = down.forward(&unit(outputs, i), &row, None)?;
        down_matrix.column_mut(i).assign(&column.slice(s![0, 0, 0, ..]));
    }
    // x is the input, y the picture that the transposed convolution makes of it.
    let x = four(input)?;
    let dot =
        |a: &Images, b: &Images| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let size = extent(input);
    let products = match layer.transposed().output_size(size, (k, k)) {
        Ok(_) => {
            let y = layer.transposed().forward(&x, &square, None)?;
            (dot(&layer.conv().forward(&y, &square, None)?, &x), dot(&y, &y))
        }
        Err(_) => (0.0, 0.0),
    };
    let (up, down) = (shared(images(up_matrix)), shared(images(down_matrix)));
    Ok(Matrices { up, down, products })
}

impl Output {
    /// Height and width of the output.
    pub fn size(&self) -> (usize, usize) {
        extent(&self.output)
    }

    /// Overlap ratio in two dimensions; `None` when some cells get no product.
    pub fn ratio(&self) -> Option<f64> {
        let (most, fewest) = self.ends;
        (fewest > 0.0).then(|| f64::from(most / fewest).powi(2))
    }

    /// Strength of the artifact; `None` where no whole period is measured.
    pub fn strength(&self) -> Option<f64> {
        // Less than half of a hundredth of a percent is what rounding leaves of a sum that cancels.
        self.pattern.as_ref().map(|found| found.strength()).map(|s| if s < 5e-5 { 0.0 } else { s })
    }
}

impl Params {
    /// Whether the figures show numbers in cells; otherwise pictures.
    pub fn is_grid(&self) -> bool {
        let most = |(h, w): (usize, usize)| h.max(w);
        let cut = if self.upsampler == Upsampler::Transposed && !self.back() { 2 * self.p() } else { 0 };
        self.sizes().is_ok_and(|sizes| sizes.iter().all(|size| most(*size) + cut <= MOST_CELLS))
    }
}
