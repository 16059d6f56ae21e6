//! Queries, keys and values without a code, and under each of the six.

use super::compute::{shared, sinusoidal, word};
use super::params::{BUCKETS, Code, Input, Params};
use crate::core::ops::{
    AlibiOrder, Attention, Heads, Mask, alibi_bias, alibi_slopes, learned_positions, linear, relative_bias,
};
use crate::core::tensor::{Map, Random, Tensor};
use crate::stage::lab::{Data, Shared};
use crate::stage::refusal::Refusal;
use ndarray::{Array3, Array4, Axis, s};

/// Queries, keys and values without a code, and the weights that made them.
pub struct Content {
    /// `[1, heads, tokens, width]`
    pub q: Heads,
    /// As `q`.
    pub k: Heads,
    /// As `q`.
    pub v: Heads,
    /// `[d_model, d_model]`
    pub w_q: Map,
    /// As `w_q`.
    pub w_k: Map,
    /// `[max_position_embeddings, d_model]`
    pub table: Map,
    /// `[32, heads]`
    pub t5: Map,
    /// The one head that is left, when it is not all of them.
    only: Option<usize>,
}

/// Rows `[tokens, d_model]` as heads `[1, heads, tokens, width]`.
fn heads_of(rows: &Map, heads: usize) -> Heads {
    let (n, d) = rows.dim();
    let width = d / heads.max(1);
    Array4::from_shape_fn((1, heads, n, width), |(_, h, t, c)| rows[[t, h * width + c]])
}

/// A linear layer on rows.
fn layer(x: &Map, weight: &Map) -> Result<Map, Refusal> {
    let y = linear(&x.clone().into_dyn(), weight, None)?;
    let shape = (x.nrows(), weight.nrows());
    Ok(y.into_shape_with_order(shape).unwrap_or_else(|_| Map::zeros(shape)))
}

impl Content {
    /// Made from words and the seed, or as it was loaded.
    ///
    /// Errors: those of the layers.
    pub fn new(p: &Params, seed: u64, data: &Data) -> Result<Content, Refusal> {
        let (n, d, heads) = (p.n(), p.d(), p.heads());
        let stream = |at: u64| Random::new(seed.wrapping_mul(8).wrapping_add(at));
        let mut random = stream(1);
        let words = Map::from_shape_simple_fn((6, d), || random.normal());
        let x = Map::from_shape_fn((n, d), |(t, c)| words[[word(p.input, t), c]]);
        // W_K lies near W_Q, so that a query finds the keys of its own word, as trained heads often do.
        let scale = 1.0 / (d as f32).sqrt();
        let mut random = stream(2);
        let w_q = Map::from_shape_simple_fn((d, d), || scale * random.normal());
        let w_k = w_q.mapv(|w| w + 0.25 * scale * random.normal());
        let w_v = Map::from_shape_simple_fn((d, d), || scale * random.normal());
        let mut random = stream(3);
        let table = Map::from_shape_simple_fn((p.trained(), d), || 0.7 * random.normal());
        let mut random = stream(4);
        let by_head = Map::from_shape_simple_fn((heads, BUCKETS), || 1.2 * random.normal());
        let own = |name: &str, made: &Map| -> Result<Heads, Refusal> {
            let loaded = if p.input == Input::Own { data.get(name) } else { None };
            match loaded.and_then(|t| t.to_owned().into_dimensionality().ok()) {
                Some(loaded) => Ok(loaded),
                None => Ok(heads_of(&layer(&x, made)?, heads)),
            }
        };
        let (q, k, v) = (own("q", &w_q)?, own("k", &w_k)?, own("v", &w_v)?);
        Ok(Content {
            q,
            k,
            v,
            w_q,
            w_k,
            table,
            t5: by_head.reversed_axes().as_standard_layout().into_owned(),
            only: None,
        })
    }

    /// One head of it: six codes of a single head cost less than one of all heads.
    pub fn head(&self, p: &Params, h: usize) -> Content {
        let one = |x: &Heads| x.slice(s![.., h..h + 1, .., ..]).to_owned();
        let rows = |w: &Map| w.slice(s![h * p.width()..(h + 1) * p.width(), ..]).to_owned();
        Content {
            q: one(&self.q),
            k: one(&self.k),
            v: one(&self.v),
            w_q: rows(&self.w_q),
            w_k: rows(&self.w_k),
            table: self.table.clone(),
            t5: self.t5.slice(s![.., h..h + 1]).to_owned(),
            only: Some(h),
        }
    }

    /// The same tokens in another order.
    pub fn rearranged(&self, from: &[usize]) -> Content {
        let moved = |x: &Heads| x.select(Axis(2), from);
        Content {
            q: moved(&self.q),
            k: moved(&self.k),
            v: moved(&self.v),
            w_q: self.w_q.clone(),
            w_k: self.w_k.clone(),
            table: self.table.clone(),
            t5: self.t5.clone(),
            only: self.only,
        }
    }

    /// What the heads answer under a code; `None` beyond the learned table.
    ///
    /// Errors: those of the codes and of attention.
    pub fn answer(&self, p: &Params, code: Code) -> Result<Option<Heads>, Refusal> {
        let Some(coded) = self.coded(p, code)? else { return Ok(None) };
        Ok(Some(coded.attend(&self.v, p.is_causal)?.output))
    }

    /// Queries and keys under a code, and what is added to their scores; `None` beyond the learned table.
    pub fn coded(&self, p: &Params, code: Code) -> Result<Option<Coded>, Refusal> {
        let (n, first, heads) = (p.n(), p.first(), self.q.dim().1);
        let plain = |bias, what| Coded { q: self.q.clone(), k: self.k.clone(), bias, what };
        let added = |rows: Map| -> Result<Option<Coded>, Refusal> {
            let q = &self.q + &heads_of(&layer(&rows, &self.w_q)?, heads);
            let k = &self.k + &heads_of(&layer(&rows, &self.w_k)?, heads);
            Ok(Some(Coded { q, k, bias: None, what: shared(rows) }))
        };
        let biased = |bias: Array3<f32>| {
            let what = shared(bias.clone().insert_axis(Axis(0)));
            Ok(Some(plain(Some(bias), what)))
        };
        match code {
            Code::None => Ok(Some(plain(None, shared(Map::zeros((n, p.d())))))),
            Code::Sinusoidal => added(sinusoidal(p).table(first as f64, n)?),
            Code::Learned if !p.in_table() => Ok(None),
            Code::Learned => added(learned_positions(&self.table, &(first..first + n).collect::<Vec<_>>())?),
            Code::Rope => {
                let (rope, length) = (p.rope(), first + n);
                let positions: Vec<f64> = (first..length).map(|t| t as f64).collect();
                let tables = rope.tables(&positions, length)?;
                let speed = rope.frequencies(length)?.inv_freq;
                let angles = Map::from_shape_fn((n, speed.len()), |(t, i)| (positions[t] * speed[i]) as f32);
                let (q, k) = (tables.rotate(&self.q)?, tables.rotate(&self.k)?);
                Ok(Some(Coded { q, k, bias: None, what: shared(angles) }))
            }
            Code::Alibi => {
                let mut slopes = alibi_slopes(p.heads(), AlibiOrder::Bloom)?;
                if let Some(h) = self.only {
                    slopes = slopes.get(h).copied().into_iter().collect();
                }
                biased(alibi_bias(&slopes, n, n, 0, true)?)
            }
            Code::T5 => biased(relative_bias(&self.t5, &p.buckets().indices(n, n, 0)?)?),
        }
    }
}

/// Queries and keys under a code.
pub struct Coded {
    /// `[1, heads, tokens, width]`
    pub q: Heads,
    /// As `q`.
    pub k: Heads,
    /// Added to the scores, `[heads, tokens, tokens]`.
    pub bias: Option<Array3<f32>>,
    /// What the code brings.
    pub what: Shared,
}

/// Scores before the mask, weights and output.
pub struct Attended {
    /// `[1, heads, tokens, tokens]`
    pub scores: Heads,
    /// As `scores`.
    pub weights: Heads,
    /// `[1, heads, tokens, width]`
    pub output: Heads,
}

impl Coded {
    /// Attends under the code.
    ///
    /// Errors: those of attention.
    pub fn attend(&self, v: &Heads, is_causal: bool) -> Result<Attended, Refusal> {
        let bias: Option<Tensor> = self.bias.as_ref().map(|b| b.clone().into_dyn());
        let masks: Vec<Mask> = bias.iter().map(Mask::Added).collect();
        let run =
            |is_causal| Attention { is_causal, ..Attention::default() }.forward(&self.q, &self.k, v, &masks);
        let open = run(false)?;
        let (weights, output) = if is_causal {
            let masked = run(true)?;
            (masked.weights, masked.output)
        } else {
            (open.weights, open.output)
        };
        Ok(Attended { scores: open.scores, weights, output })
    }
}
