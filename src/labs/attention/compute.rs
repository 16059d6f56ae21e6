//! Everything the lab draws, computed by the core, step by step as the figures show it.

use super::AttentionLab;
use super::measure::{ids, labels, measures, shares};
use super::params::{self, Panel, Params, Sizes, SoftmaxKind, Source};
use super::split::{Split, join, split};
use super::steps::{self, Scores};
use super::tokens::{self, Tokens};
use super::weights::{self, Kind, Matrices};
use crate::core::ops::linear;
use crate::core::tensor::{Error, Map, Tensor};
use crate::stage::lab::{Data, Ran, Shared};
use crate::stage::refusal::Refusal;
use ndarray::{Axis, Ix2, Ix4, s};

pub use super::steps::{TAKEN, additive};

/// What was computed. `n` queries, `m` keys. Tensors are shared, so a copy costs little.
#[derive(Clone)]
pub struct Output {
    /// All sizes.
    pub sizes: Sizes,
    /// What stands beside the rows and the columns of a map.
    pub labels: (Vec<String>, Vec<String>),
    /// Tokens of the whole texts, also those that were not used.
    pub whole: (usize, usize),
    /// Which keys are padding.
    pub padding: usize,
    /// What the heads look for.
    pub kinds: Vec<Kind>,
    /// Which heads are off.
    pub off: Vec<bool>,
    /// Which tensors were loaded.
    pub own: Vec<&'static str>,
    /// Tokens as numbers: bytes, or places in the vocabulary: `[1, 1, 1, n]`.
    pub ids: Shared,
    /// The same of the keys: `[1, 1, 1, m]`.
    pub key_ids: Shared,
    /// `[1, n, d_model]`
    pub x: Shared,
    /// What keys and values are made from, when that is another text: `[1, m, d_model]`.
    pub context: Option<Shared>,
    /// The matrices of q, k, v, o: `[out, in]`.
    pub w: [Shared; 4],
    /// `[1, heads, n, d_k]`
    pub q: Shared,
    /// `[1, kv, m, d_k]`
    pub k: Shared,
    /// `[1, kv, m, d_v]`
    pub v: Shared,
    /// Queries against keys, before any factor: `[1, heads, n, m]`.
    pub raw: Shared,
    /// After the factor, before mask and temperature: `[1, heads, n, m]`.
    pub scores: Shared,
    /// Those of the second half of each head, when two softmaxes are compared.
    pub scores_2: Option<Shared>,
    /// 1 where a query may look: `[1, 1, n, m]`.
    pub mask: Shared,
    /// `[1, heads, n, m]`
    pub weights: Shared,
    /// The same, one head each: `[1, 1, n, m]`.
    pub maps: Vec<Shared>,
    /// What each head answers, zeros where it is off: `[1, heads, n, d_v]`.
    pub heads: Shared,
    /// The heads side by side: `[1, n, heads * d_v]`.
    pub concat: Shared,
    /// `[1, n, d_model]`
    pub output: Shared,
    /// The output less that with every head on: `[1, n, d_model]`; absent when all are on.
    pub moved: Option<Shared>,
    /// Mean entropy of a head's rows in bits, mean distance in tokens, and share of the output's length: `[1, 1, heads, 3]`.
    pub measures: Shared,
    /// The gradient of the sum of output i to each token: `[1, 1, n, m]`.
    pub gradient: Option<Shared>,
    /// Queries cut from one product and made apart, while that is looked at.
    pub split: Option<Split>,
    /// Greatest difference of the outputs with and without padding.
    pub padding_difference: Option<f64>,
    /// Greatest difference of a score and the one across the diagonal, for the chosen head.
    pub asymmetry: Option<f64>,
    /// Rows in which everything is hidden.
    pub empty_rows: Vec<usize>,
    /// The scale, if there is one factor for all.
    pub scale: f64,
    source: Vec<(usize, Vec<usize>)>,
}

/// Makes a tensor cheap to hand around.
pub fn shared<D: ndarray::Dimension>(array: ndarray::Array<f32, D>) -> Shared {
    array.into_dyn().into_shared()
}

/// An own tensor, in one line.
fn own(params: &Params, data: &Data, name: &str) -> Option<Tensor> {
    let tensor = (params.input == Source::Own).then(|| data.get(name)).flatten()?;
    Some(tensor.as_standard_layout().into_owned())
}

/// Vectors, matrices, queries, keys and values of a state.
struct Made {
    x: Tensor,
    context: Option<Tensor>,
    w: [Map; 4],
    qkv: [Tensor; 3],
}

fn padded_rows(x: Tensor, rows: usize, tokens: &Tokens, params: &Params, seed: u64) -> Result<Tensor, Error> {
    // An own x is followed by the padding's vectors.
    if x.shape().get(1) == Some(&rows) {
        return Ok(x);
    }
    let more = weights::embed(tokens, params, seed)?;
    let from = more.dim().1.saturating_sub(rows - x.shape()[1]);
    let tail = more.slice(s![.., from.., ..]).to_owned().into_dyn();
    Ok(ndarray::concatenate(Axis(1), &[x.view(), tail.view()]).unwrap_or(x))
}

fn make(
    params: &Params,
    data: &Data,
    seed: u64,
    size: &Sizes,
    seq: &(Tokens, Tokens),
) -> Result<Made, Refusal> {
    let x = match own(params, data, "x") {
        Some(x) if params.cross => x,
        Some(x) => {
            let rows =
                (x.shape()[1] + seq.1.list.iter().filter(|t| t.padding).count()).min(params::MOST_TOKENS);
            padded_rows(x, rows, &seq.1, params, seed)?
        }
        None => weights::embed(&seq.0, params, seed)?.into_dyn(),
    };
    let context = if params.cross { Some(weights::embed(&seq.1, params, seed)?.into_dyn()) } else { None };
    let Matrices { q, k, v, o } = weights::matrices(params, size.dv, seed);
    let mut w = [q, k, v, o];
    for (place, name) in w.iter_mut().zip(["w_q", "w_k", "w_v", "w_o"]) {
        if let Some(own) = own(params, data, name).and_then(|t| t.into_dimensionality::<Ix2>().ok()) {
            *place = own;
        }
    }
    if params.tie_qk && own(params, data, "w_q").is_some() && w[0].dim() == w[1].dim() {
        w[1] = w[0].clone();
    }
    let source = context.as_ref().unwrap_or(&x);
    // Beside loaded keys of another length, values come from as many made-up tokens, and the other way round.
    let rows = if source.shape()[1] == size.m {
        source.clone()
    } else {
        weights::embed(&tokens::counted(size.m), params, seed)?.into_dyn()
    };
    let source = &rows;
    let part = |name: &str, from: &Tensor, w: &Map, heads: usize| match own(params, data, name) {
        Some(own) => Ok(own),
        None => split(linear(from, w, None)?, heads),
    };
    let qkv = [
        part("q", &x, &w[0], size.heads)?,
        part("k", source, &w[1], size.kv)?,
        part("v", source, &w[2], size.kv)?,
    ];
    Ok(Made { x, context, w, qkv })
}

/// The output of these parameters alone: for comparisons.
pub fn output_of(params: &Params, data: &Data, seed: u64) -> Result<Tensor, Refusal> {
    params::check(params, data)?;
    let size = params::sizes(params, data)?;
    let seq = params.sequences();
    let made = make(params, data, seed, &size, &seq)?;
    let padding = seq.1.list.iter().filter(|t| t.padding).count();
    let [q, k, v] = made.qkv.each_ref();
    let mask = steps::allowed(params, size.n, size.m, padding);
    let weights = steps::weights(params, &steps::scores(params, q, k, seed)?, &mask)?;
    let mut heads = steps::answers(&weights, v)?;
    silence(&mut heads, &params.off());
    Ok(linear(&join(&heads), &made.w[3], None)?)
}

fn silence(heads: &mut Tensor, off: &[bool]) {
    for (h, _) in off.iter().enumerate().filter(|(_, off)| **off) {
        if h < heads.shape()[1] {
            heads.index_axis_mut(Axis(1), h).fill(0.0);
        }
    }
}

/// Computes everything the parameters ask for; what `before` holds and is still true is not computed again.
///
/// Errors: a sentence for what can't be computed.
pub fn compute(
    params: &Params,
    seed: u64,
    data: &Data,
    before: Option<&Ran<AttentionLab>>,
) -> Result<Output, Refusal> {
    params::check(params, data)?;
    let size = params::sizes(params, data)?;
    let loaded: Vec<&'static str> = if params.input == Source::Own {
        params::LOADABLE.into_iter().filter(|name| data.contains_key(*name)).collect()
    } else {
        Vec::new()
    };
    let source: Vec<(usize, Vec<usize>)> = loaded
        .iter()
        .filter_map(|name| data.get(*name))
        .map(|t| (t.as_ptr() as usize, t.shape().to_vec()))
        .collect();
    // The first state that still holds some of it: sliders of mask, softmax or view leave vectors and matrices as they
    // are, those of mask and softmax the scores too, and those of the view everything.
    let kept = before
        .filter(|b| b.seed == seed && b.output.main.source == source && same_vectors(&b.params, params))
        .map(|b| (&b.params, &b.output.main));
    let scored = kept.filter(|(p, _)| same_scores(p, params));
    if let Some((p, o)) = scored.filter(|(p, _)| same_weights(p, params)) {
        let mut output = o.clone();
        if (p.head, p.panel) != (params.head, params.panel) {
            output.view(params)?;
        }
        return Ok(output);
    }
    let seq = params.sequences();
    let padding = seq.1.list.iter().filter(|t| t.padding).count().min(size.m);
    let (x, context, w, q, k, v) = match kept {
        Some((_, o)) => (o.x.clone(), o.context.clone(), o.w.clone(), o.q.clone(), o.k.clone(), o.v.clone()),
        None => {
            let made = make(params, data, seed, &size, &seq)?;
            let [q, k, v] = made.qkv.map(shared);
            (shared(made.x), made.context.map(shared), made.w.map(shared), q, k, v)
        }
    };
    let w_o: Map = w[3].to_owned().into_dimensionality::<Ix2>().unwrap_or_default();
    let found = match scored {
        Some((_, o)) => o.found(),
        None => steps::scores(params, &q.to_owned(), &k.to_owned(), seed)?,
    };
    let mask = steps::allowed(params, size.n, size.m, padding);
    let weights = steps::weights(params, &found, &mask)?;
    let mut heads = steps::answers(&weights, &v.to_owned())?;
    let off = params.off();
    let all_on = join(&heads);
    let lengths = shares(&heads, &w_o, size.dv)?;
    silence(&mut heads, &off);
    let concat = join(&heads);
    let output = linear(&concat, &w_o, None)?;
    let moved =
        if off.contains(&true) { Some(shared(&output - &linear(&all_on, &w_o, None)?)) } else { None };
    let measures = measures(&weights, &lengths);
    let maps = (0..size.heads)
        .map(|h| weights.index_axis(Axis(1), h).insert_axis(Axis(1)).to_owned().into_shared())
        .collect();
    let mut whole = Output {
        labels: labels(&seq, &size),
        whole: (seq.0.whole, seq.1.whole),
        padding,
        kinds: weights::kinds(params),
        off,
        ids: ids(&seq.0, params),
        key_ids: ids(&seq.1, params),
        own: loaded,
        empty_rows: steps::empty_rows(&mask),
        scale: found.factor,
        sizes: size,
        x,
        context,
        w,
        q,
        k,
        v,
        raw: found.raw,
        scores: found.scaled,
        scores_2: found.second,
        mask: shared(mask),
        weights: shared(weights),
        maps,
        heads: shared(heads),
        concat: shared(concat),
        padding_difference: padding_difference(params, data, seed, &output),
        output: shared(output),
        moved,
        measures,
        gradient: None,
        split: None,
        asymmetry: None,
        source,
    };
    whole.view(params)?;
    Ok(whole)
}

/// Whether vectors, matrices, queries, keys and values are the same.
fn same_vectors(p: &Params, q: &Params) -> bool {
    (p.input, p.tokens, p.embedding, p.cross, p.num_heads, p.d_model, p.num_kv_heads, p.d_v)
        == (q.input, q.tokens, q.embedding, q.cross, q.num_heads, q.d_model, q.num_kv_heads, q.d_v)
        && (p.heads, p.tie_qk, p.padding_mask) == (q.heads, q.tie_qk, q.padding_mask)
        && (&p.text, &p.context) == (&q.text, &q.context)
}

/// Whether the scores are, when the vectors are.
fn same_scores(p: &Params, q: &Params) -> bool {
    let halves = |p: &Params| p.softmax == SoftmaxKind::Signed;
    (p.score, &p.scale, halves(p)) == (q.score, &q.scale, halves(q))
}

/// Whether the weights and what follows from them are, when the scores are.
fn same_weights(p: &Params, q: &Params) -> bool {
    (p.softmax, p.temperature.to_bits(), &p.heads_off) == (q.softmax, q.temperature.to_bits(), &q.heads_off)
        && (p.is_causal, p.window, p.mask, p.mask_size) == (q.is_causal, q.window, q.mask, q.mask_size)
        && p.allowed == q.allowed
}

impl Output {
    /// The scores, as the steps make them.
    fn found(&self) -> Scores {
        Scores {
            raw: self.raw.clone(),
            scaled: self.scores.clone(),
            second: self.scores_2.clone(),
            factor: self.scale,
        }
    }

    /// What only the chosen head or the second figure asks for.
    fn view(&mut self, params: &Params) -> Result<(), Refusal> {
        let size = self.sizes;
        let head = params.head().min(size.heads - 1);
        self.asymmetry = (size.n == size.m && !params.cross).then(|| {
            let map = self.scores.index_axis(Axis(1), head);
            let at = |i: usize, j: usize| f64::from(map[[0, i, j]]);
            let apart = (0..size.n).flat_map(|i| (0..i).map(move |j| (i, j)));
            apart.fold(0.0, |most: f64, (i, j)| most.max((at(i, j) - at(j, i)).abs()))
        });
        let context = self.context.as_ref().unwrap_or(&self.x);
        let mask = self.mask.to_owned().into_dimensionality::<Ix4>().unwrap_or_default();
        self.gradient =
            super::gradient::gradient(params, &size, [&self.x, context], &self.w, &mask, &self.own)?;
        self.split = if params.panel == Panel::Split { Some(Split::of(self)?) } else { None };
        Ok(())
    }
}

/// The greatest difference padding makes to the output of the tokens before it.
fn padding_difference(params: &Params, data: &Data, seed: u64, output: &Tensor) -> Option<f64> {
    if params.padding_mask == 0 || params.input == Source::Own {
        return None;
    }
    let bare = output_of(&Params { padding_mask: 0, ..params.clone() }, data, seed).ok()?;
    let rows = bare.shape()[1].min(output.shape()[1]);
    let part = |t: &Tensor| t.slice_axis(Axis(1), (0..rows).into()).to_owned();
    let apart = (part(output) - part(&bare)).iter().fold(0.0f32, |m, v| m.max(v.abs()));
    Some(f64::from(apart))
}

/// The greatest absolute value of a tensor.
pub fn largest(tensor: &Shared) -> f32 {
    let most = |m: f32, v: &f32| m.max(v.abs());
    match tensor.as_slice() {
        Some(numbers) => numbers.iter().fold(0.0, most),
        None => tensor.iter().fold(0.0, most),
    }
}
