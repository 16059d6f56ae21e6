//! Everything the lab draws, computed by the core. Images are `[1, 1, h, w]`.

use super::params::{self, Grad, Params, Pool};
use super::study::Study;
use super::walk::{self, Walk};
use super::{Pooling, study};
use crate::core::analysis::Span;
use crate::core::tensor::{Images, Map, Random};
use crate::labs::convolution::inputs::{Input, image};
use crate::stage::lab::{Data, Ran, Shared};
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::extent;
use ndarray::{Array4, Axis};

/// What was computed.
pub struct Output {
    /// The windows.
    pub walk: Walk,
    /// The input.
    pub input: Shared,
    /// The output.
    pub output: Shared,
    /// The cell each output was taken from, counted row by row; −1 when it is no cell's alone.
    pub indices: Shared,
    /// The gradient that arrives.
    pub grad_output: Shared,
    /// Where it lands.
    pub grad_input: Shared,
    /// Other rules for ties, of maxima and minima in cells.
    pub ties: Option<OtherRules>,
    /// How many windows each input cell serves.
    pub serves: Vec<usize>,
    /// How many gradients other than zero each input cell gets a share of.
    pub hears: Vec<usize>,
    /// What the input ranges over.
    pub span: Span,
    /// What the second figure needs.
    pub study: Study,
    /// The data an own input was made from.
    source: Option<Shared>,
}

/// The gradient under other rules for ties.
pub struct OtherRules {
    /// Equal parts.
    pub split: Shared,
    /// All of it to each.
    pub all: Shared,
    /// Windows with more than one winner.
    pub windows: usize,
    /// How many windows each cell would win with every tie.
    pub winners: Vec<usize>,
}

/// Makes a tensor cheap to hand around.
pub fn shared(images: Images) -> Shared {
    images.into_dyn().into_shared()
}

/// One image of a map.
pub fn images(map: Map) -> Images {
    map.insert_axis(Axis(0)).insert_axis(Axis(0))
}

/// What a tensor ranges over.
pub fn span(tensor: &Shared) -> Span {
    match tensor.as_slice() {
        Some(numbers) => Span::of(numbers),
        None => Span::of(&tensor.iter().copied().collect::<Vec<f32>>()),
    }
}

/// The sum of a tensor, in `f64`.
pub fn sum(tensor: &Shared) -> f64 {
    match tensor.as_slice() {
        Some(numbers) => numbers.iter().map(|v| f64::from(*v)).sum(),
        None => tensor.iter().map(|v| f64::from(*v)).sum(),
    }
}

/// Computes it.
///
/// Errors: those of [`params::check`].
pub fn compute(
    params: &Params,
    seed: u64,
    data: &Data,
    before: Option<&Ran<Pooling>>,
) -> Result<Output, Refusal> {
    params::check(params, data)?;
    let walk = Walk::of(params)?;
    let source = data.get("input").cloned();
    let input = match kept(params, seed, &source, before) {
        Some(input) => input,
        None => images(params.input.draw(params.size, seed, data)?),
    };
    let [oh, ow] = walk.windows.output();
    let grad_output = gradient(params, seed, data, ndarray::Dim([1, 1, oh, ow]));
    let (output, indices, grad_input) = walk.both(&input, &grad_output)?;
    let chooses = params.pool.chooses() && params.pool != Pool::Median;
    let ties = match chooses && params.is_grid() {
        true => Some(walk::ties(&walk, &input, &output, &grad_output)?),
        false => None,
    };
    let serves = serves(&walk, &indices);
    let hears = match grad_output.iter().all(|g| *g != 0.0) {
        true => serves.clone(),
        false => hears(&walk, &indices, &grad_output),
    };
    let study = study::of(params, seed, &input, data, &walk, before)?;
    let input = shared(input);
    Ok(Output {
        walk,
        span: span(&input),
        input,
        output: shared(output),
        indices: shared(indices.mapv(|i| i as f32)),
        grad_output: shared(grad_output),
        grad_input: shared(grad_input),
        ties: ties.map(|t| OtherRules {
            split: shared(t.split),
            all: shared(t.all),
            windows: t.windows,
            winners: t.winners,
        }),
        serves,
        hears,
        study,
        source,
    })
}

/// The input of the state before, when it would be drawn the same again.
fn kept(
    params: &Params,
    seed: u64,
    source: &Option<Shared>,
    before: Option<&Ran<Pooling>>,
) -> Option<Images> {
    let before = before?;
    let place = |s: &Option<Shared>| s.as_ref().map(|s| (s.as_ptr(), s.shape().to_vec()));
    let same = (before.params.input, before.params.size, before.seed) == (params.input, params.size, seed);
    let own = params.input != Input::Own || place(source) == place(&before.output.source);
    let kept = (same && own).then(|| before.output.input.clone())?;
    kept.into_owned().into_dimensionality().ok()
}

/// The gradient that arrives; an own one is cut or filled with zeros to the size of the output.
fn gradient(params: &Params, seed: u64, data: &Data, shape: ndarray::Ix4) -> Images {
    let (h, w) = (shape[2], shape[3]);
    match params.grad {
        Grad::Ones => Images::ones(shape),
        Grad::Cell => {
            Images::from_shape_fn(shape, |(_, _, r, c)| f32::from((r, c) == ((h - 1) / 2, (w - 1) / 2)))
        }
        Grad::Random => {
            let mut random = Random::new(seed.wrapping_add(7));
            Images::from_shape_simple_fn(shape, || random.below(9) as f32 - 4.0)
        }
        Grad::Own => {
            let own = data.get("grad_output").and_then(image);
            Images::from_shape_fn(shape, |(_, _, r, c)| {
                own.as_ref().and_then(|own| own.get((r, c))).copied().unwrap_or(0.0)
            })
        }
    }
}

/// How many windows each cell serves: those that chose it, or, where all cells count, those that read it.
fn serves(walk: &Walk, indices: &Array4<i64>) -> Vec<usize> {
    let [h, w] = walk.windows.input();
    if walk.kind.chooses() {
        let mut serves = vec![0; h * w];
        for index in indices {
            if let Some(n) = usize::try_from(*index).ok().and_then(|i| serves.get_mut(i)) {
                *n += 1;
            }
        }
        return serves;
    }
    let (rows, cols) = (walk.windows.reads(0), walk.windows.reads(1));
    rows.iter().flat_map(|r| cols.iter().map(move |c| r * c)).collect()
}

/// As [`serves`], with the windows alone whose gradient is not zero.
fn hears(walk: &Walk, indices: &Array4<i64>, grad_output: &Images) -> Vec<usize> {
    let [h, w] = walk.windows.input();
    let mut hears = vec![0; h * w];
    let chooses = walk.kind.chooses();
    for (at, _) in grad_output.indexed_iter().filter(|(_, grad)| **grad != 0.0) {
        let cells = match indices.get(at).and_then(|i| usize::try_from(*i).ok()) {
            Some(cell) if chooses => vec![(cell / w, cell % w)],
            _ if chooses => Vec::new(),
            _ => walk.cells(at.2, at.3),
        };
        for (r, c) in cells {
            hears[r * w + c] += 1;
        }
    }
    hears
}

impl Output {
    /// Height and width of the output.
    pub fn size(&self) -> (usize, usize) {
        extent(&self.output)
    }

    /// The input cell an output was taken from.
    pub fn winner(&self, row: usize, col: usize) -> Option<(usize, usize)> {
        let index = crate::stage::scene::grid::value_at(&self.indices, row, col);
        let w = self.walk.windows.input()[1];
        (index >= 0.0).then(|| (index as usize / w, index as usize % w))
    }

    /// What is lost between the arriving gradient and the landing one; `None` for a power, which multiplies.
    pub fn lost(&self) -> Option<f64> {
        let lost = sum(&self.grad_output) - sum(&self.grad_input);
        let noise = 1e-5 * f64::from(span(&self.grad_output).largest()) * self.grad_output.len() as f64;
        (self.walk.kind != Pool::Lp).then_some(if lost.abs() <= noise { 0.0 } else { lost })
    }
}
