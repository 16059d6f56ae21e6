//! From q, k and v to the heads' answers, one step after the other.

use super::params::{MaskKind, Params, ScoreKind, SoftmaxKind};
use crate::core::ops::{AdditiveScore, Attention, Normalize, Softmax, hardmax, matmul};
use crate::core::tensor::{Error, Map, Tensor};
use crate::stage::lab::Shared;
use crate::stage::refusal::Refusal;
use ndarray::{Array4, Axis, Ix4, IxDyn, s};

/// How much of the second softmax is taken from the first (the starting value of the Differential Transformer, Ye and
/// others, 2024).
pub const TAKEN: f32 = 0.8;

/// Queries against keys.
#[derive(Clone)]
pub struct Scores {
    /// Before any factor: `[1, heads, n, m]`.
    pub raw: Shared,
    /// After the factor, before mask and temperature: `[1, heads, n, m]`.
    pub scaled: Shared,
    /// Those of the second half of each head, when two softmaxes are compared.
    pub second: Option<Shared>,
    /// The factor.
    pub factor: f64,
}

/// Keys or values for every query head: neighbours share one.
fn repeated(x: &Tensor, heads: usize) -> Tensor {
    let kv = x.shape().get(1).copied().unwrap_or(1).max(1);
    if kv == heads {
        return x.clone();
    }
    let order: Vec<usize> = (0..heads).map(|h| h * kv / heads).collect();
    x.select(Axis(1), &order)
}

/// `q kᵀ` of every head.
fn products(q: &Tensor, k: &Tensor) -> Result<Tensor, Error> {
    let turned = k.view().permuted_axes(IxDyn(&[0, 1, 3, 2])).as_standard_layout().into_owned();
    matmul(q, &turned)
}

/// Who may look at whom: the causal rule, the window, padding and the further mask, 1 or 0.
pub fn allowed(params: &Params, n: usize, m: usize, padding: usize) -> Array4<f32> {
    let rules = params.rules();
    let size = usize::try_from(params.mask_size).unwrap_or(1).max(1);
    let (rows, cols) = params.allowed.shape();
    let mut mask = Array4::zeros((1, 1, n, m));
    for i in 0..n {
        let seen = rules.visible(i, n, m);
        for j in 0..m {
            let further = match params.mask {
                MaskKind::None => true,
                MaskKind::Prefix => j < size || j <= i,
                MaskKind::Block => i / size == j / size,
                // Two tokens, and both neighbours of everybody, as in Longformer with a window of one.
                MaskKind::Global => i < size || j < size || i.abs_diff(j) <= 1,
                MaskKind::Own => i >= rows || j >= cols || params.allowed.at(i, j) != 0.0,
            };
            mask[[0, 0, i, j]] = f32::from(seen.contains(&j) && further && j + padding < m);
        }
    }
    mask
}

/// The softmax of what the mask leaves; a row of which nothing is left becomes zeros, as in PyTorch's fused attention.
fn masked_softmax(scores: &Tensor, mask: &Array4<f32>, temperature: f64) -> Result<Tensor, Error> {
    let mut hidden = hide(scores, mask);
    let empty: Vec<usize> = empty_rows(mask);
    if !empty.is_empty() {
        let (n, m) = (mask.dim().2, mask.dim().3);
        for row in
            hidden.rows_mut().into_iter().enumerate().filter(|(at, _)| empty.contains(&(at % n.max(1))))
        {
            let mut row = row.1;
            row.fill(0.0);
        }
        let mut weights = Softmax { temperature, ..Softmax::default() }.forward(&hidden)?;
        if m > 0 {
            weights
                .rows_mut()
                .into_iter()
                .enumerate()
                .filter(|(at, _)| empty.contains(&(at % n.max(1))))
                .for_each(|(_, mut row)| row.fill(0.0));
        }
        return Ok(weights);
    }
    Softmax { temperature, ..Softmax::default() }.forward(&hidden)
}

fn hide(scores: &Tensor, mask: &Array4<f32>) -> Tensor {
    let mut hidden = scores.clone();
    if mask.iter().any(|seen| *seen == 0.0)
        && let Some(mask) = mask.broadcast(scores.raw_dim())
    {
        hidden.zip_mut_with(&mask, |score, seen| {
            if *seen == 0.0 {
                *score = f32::NEG_INFINITY;
            }
        });
    }
    hidden
}

pub fn empty_rows(mask: &Array4<f32>) -> Vec<usize> {
    let rows = mask.rows();
    rows.into_iter()
        .enumerate()
        .filter(|(_, row)| row.iter().all(|seen| *seen == 0.0))
        .map(|(i, _)| i)
        .collect()
}

/// The score network of additive attention, seeded: as many units as a key is wide.
pub fn additive(dk: usize, seed: u64) -> AdditiveScore {
    let mut random = crate::core::tensor::Random::new(seed.wrapping_add(77));
    let mut map = || Map::from_shape_simple_fn((dk, dk), || random.normal() / (dk as f32).sqrt());
    let (w_query, w_key) = (map(), map());
    let v = (0..dk).map(|_| 2.0 * random.normal()).collect();
    AdditiveScore { w_query, w_key, v }
}

/// Compares every query with every key.
///
/// Errors: those of the products.
pub fn scores(params: &Params, q: &Tensor, k: &Tensor, seed: u64) -> Result<Scores, Refusal> {
    let (heads, dk) = (q.shape()[1], q.shape()[3]);
    let keys = repeated(k, heads);
    let halves = params.softmax == SoftmaxKind::Signed;
    let width = if halves { dk / 2 } else { dk };
    let factor = params.scale_factor(width).unwrap_or(1.0);
    let part = |x: &Tensor, second: bool| {
        let range = if !halves {
            s![.., .., .., ..]
        } else if second {
            s![.., .., .., width..2 * width]
        } else {
            s![.., .., .., ..width]
        };
        let view = x.view().into_dimensionality::<Ix4>();
        view.map(|x| x.slice(range).as_standard_layout().into_owned().into_dyn())
            .unwrap_or_else(|_| x.clone())
    };
    let compare = |second: bool| -> Result<Tensor, Error> {
        let (q, k) = (part(q, second), part(&keys, second));
        match params.score {
            ScoreKind::Dot => products(&q, &k),
            ScoreKind::Cosine => {
                let unit = Normalize { dim: -1, eps: 1e-8, ..Normalize::default() };
                products(&unit.forward(&q)?, &unit.forward(&k)?)
            }
            ScoreKind::Additive => {
                let four = |x: Tensor| x.into_dimensionality::<Ix4>().unwrap_or_default();
                let (q, k) = (four(q), four(k));
                let score = additive(dk, seed);
                Ok(score.forward(&Attention::default(), &q, &k, &k, &[])?.scores.into_dyn())
            }
        }
    };
    let raw = compare(false)?;
    let scaled = |raw: &Tensor| raw.mapv(|x| (f64::from(x) * factor) as f32).into_shared();
    let second = if halves { Some(scaled(&compare(true)?)) } else { None };
    Ok(Scores { scaled: scaled(&raw), raw: raw.into_shared(), second, factor })
}

/// From scores to weights, `[1, heads, n, m]`.
///
/// Errors: those of the softmax.
pub fn weights(params: &Params, found: &Scores, mask: &Array4<f32>) -> Result<Tensor, Refusal> {
    let temperature = f64::from(params.temperature);
    let scores = found.scaled.to_owned();
    Ok(match (params.softmax, &found.second) {
        (SoftmaxKind::Hardmax, _) => {
            let hidden = hide(&scores, mask).into_dimensionality::<Ix4>().unwrap_or_default();
            hardmax(&hidden).into_dyn()
        }
        (SoftmaxKind::MaskAfter, _) => {
            let all = Softmax { temperature, ..Softmax::default() }.forward(&scores)?;
            all * &mask.view().into_dyn()
        }
        (SoftmaxKind::Signed, Some(second)) => {
            let second = masked_softmax(&second.to_owned(), mask, temperature)?;
            masked_softmax(&scores, mask, temperature)? - second * TAKEN
        }
        _ => masked_softmax(&scores, mask, temperature)?,
    })
}

/// What each head answers: its weights times the values, `[1, heads, n, d_v]`.
///
/// Errors: those of the product.
pub fn answers(weights: &Tensor, v: &Tensor) -> Result<Tensor, Error> {
    matmul(weights, &repeated(v, weights.shape()[1]))
}
