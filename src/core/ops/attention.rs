//! Scaled dot-product attention (Vaswani and others, "Attention is all you need", 2017, section 3.2.1), as
//! `torch.nn.functional.scaled_dot_product_attention` computes it and with what later models added to it.

use std::ops::Range;

use ndarray::{Array4, ArrayView1, s};

use crate::core::ops::attention_mask::{Align, Mask, Masks, Window};
use crate::core::ops::number::Number;
use crate::core::tensor::{Error, checked_elements};

/// What several heads hold of every token: `[n, heads, tokens, width]`. Scores and weights are
/// `[n, heads, queries, keys]`.
pub type Heads = Array4<f32>;

/// How a query is compared with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Score {
    /// Their dot product.
    #[default]
    Dot,
    /// The cosine of the angle between them, `q · k / (|q| |k|)`; lengths below 1e-8 count as 1e-8, as in
    /// `torch.nn.functional.cosine_similarity`.
    Cosine,
}

/// The arguments of attention, without its tensors.
///
/// ```text
/// scores  = softcap(scale * q kᵀ) + masks        [n, heads, queries, keys]
/// weights = softmax(scores / temperature)         over the keys
/// output  = weights v                             [n, heads, queries, value width]
/// ```
///
/// **A fully masked row**, a query that may look at no key, gets weights of zero and an output of zero; no gradient
/// flows through it. The softmax of nothing is not defined. PyTorch's fused attention and ONNX decide so too, while
/// `torch.softmax` gives NaN.
///
/// Keys and values may have fewer heads than the queries: `num_kv_heads` must divide `num_heads`, and neighbouring query
/// heads share a key head (grouped queries, Ainslie and others, 2023; multi-query with a single one, Shazeer, 2019;
/// PyTorch's `enable_gqa`). Queries and keys may come from different sequences (cross-attention).
///
/// ```
/// use ndarray::array;
/// use receptive::core::ops::Attention;
/// let q = array![[[[2.0, 0.0]]]];
/// let k = array![[[[1.0, 0.0], [0.0, 1.0]]]];
/// let v = array![[[[1.0], [-1.0]]]];
/// let scaled = Attention { scale: Some(0.5 * 3f64.ln()), ..Attention::default() };
/// let attended = scaled.forward(&q, &k, &v, &[])?;
/// assert!((attended.weights[[0, 0, 0, 0]] - 0.75).abs() < 1e-6); // e^(ln 3) : e^0 = 3 : 1
/// assert!((attended.output[[0, 0, 0, 0]] - 0.5).abs() < 1e-6);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attention {
    /// How queries and keys are compared.
    pub score: Score,
    /// The factor of the products; `None` is `1 / sqrt(width)` for [`Score::Dot`] and 1 for [`Score::Cosine`].
    pub scale: Option<f64>,
    /// Bends the scores into `-softcap .. softcap` by `softcap * tanh(score / softcap)` (Gemma 2, 2024).
    pub softcap: Option<f64>,
    /// No query looks at a key behind its own place.
    pub is_causal: bool,
    /// How far a query looks.
    pub window: Window,
    /// Where the first query stands; matters for `is_causal` and `window`.
    pub align: Align,
    /// Divides the scores before the softmax: below 1 the largest wins more, above 1 less.
    pub temperature: f64,
}

impl Default for Attention {
    fn default() -> Self {
        Attention {
            score: Score::Dot,
            scale: None,
            softcap: None,
            is_causal: false,
            window: Window::default(),
            align: Align::TopLeft,
            temperature: 1.0,
        }
    }
}

/// What attention computes, step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Attended<T = f32> {
    /// What the softmax is given, before the temperature: `[n, heads, queries, keys]`. Negative infinity is hidden.
    pub scores: Array4<T>,
    /// How much each query takes of each key's value: `[n, heads, queries, keys]`.
    pub weights: Array4<T>,
    /// `[n, heads, queries, value width]`
    pub output: Array4<T>,
}

/// The gradients of attention.
#[derive(Clone, Debug, PartialEq)]
pub struct AttentionGrads<T = f32> {
    /// `[n, heads, queries, width]`
    pub q: Array4<T>,
    /// `[n, num_kv_heads, keys, width]`
    pub k: Array4<T>,
    /// `[n, num_kv_heads, keys, value width]`
    pub v: Array4<T>,
    /// The gradient of the scores, which is that of every mask added to them: `[n, heads, queries, keys]`. A mask of
    /// another shape gets its share from [`mask_backward`](super::mask_backward).
    pub scores: Array4<T>,
}

/// The sizes of one legal attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizes {
    pub n: usize,
    pub heads: usize,
    /// Query heads that share a key head.
    pub group: usize,
    pub queries: usize,
    pub keys: usize,
    pub width: usize,
    pub value_width: usize,
}

impl Sizes {
    /// The sizes of queries, keys and values, when they fit each other.
    pub fn new<T>([q, k, v]: [&Array4<T>; 3]) -> Result<Self, Error> {
        let (n, heads, queries, width) = q.dim();
        let (_, kv_heads, keys, _) = k.dim();
        let (_, _, _, value_width) = v.dim();
        for (name, expected, tensor) in
            [("k", [n, kv_heads, keys, width], k), ("v", [n, kv_heads, keys, value_width], v)]
        {
            if tensor.shape() != expected {
                let got = tensor.shape().to_vec();
                return Err(Error::ShapeMismatch { name, expected: expected.to_vec(), got });
            }
        }
        for (name, size) in [("num_kv_heads", kv_heads), ("head_dim", width)] {
            if size == 0 {
                return Err(Error::Zero { name });
            }
        }
        if heads % kv_heads != 0 {
            return Err(Error::NotDivisible {
                name: "num_heads",
                value: heads,
                by: "num_kv_heads",
                divisor: kv_heads,
            });
        }
        checked_elements(&[n, heads, queries, keys])?;
        checked_elements(&[n, heads, queries, value_width])?;
        Ok(Sizes { n, heads, group: heads / kv_heads, queries, keys, width, value_width })
    }

    /// Every row of the scores: sample, head and query.
    pub fn rows(&self) -> impl Iterator<Item = (usize, usize, usize)> + use<> {
        let (n, heads, queries) = (self.n, self.heads, self.queries);
        (0..n).flat_map(move |n| (0..heads).flat_map(move |h| (0..queries).map(move |i| (n, h, i))))
    }

    /// Every sample and head.
    pub fn planes(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let heads = self.heads;
        (0..self.n).flat_map(move |n| (0..heads).map(move |h| (n, h)))
    }

    /// Where the queries of a head stand among all.
    pub fn q_range(&self, n: usize, h: usize) -> Range<usize> {
        range(n * self.heads + h, self.queries * self.width)
    }

    /// Where the keys that a head reads stand among all.
    pub fn k_range(&self, n: usize, h: usize) -> Range<usize> {
        range((n * self.heads + h) / self.group, self.keys * self.width)
    }

    /// Where the values that a head reads stand among all.
    pub fn v_range(&self, n: usize, h: usize) -> Range<usize> {
        range((n * self.heads + h) / self.group, self.keys * self.value_width)
    }

    /// Where the scores of a head stand among all.
    pub fn map_range(&self, n: usize, h: usize) -> Range<usize> {
        range(n * self.heads + h, self.queries * self.keys)
    }

    /// Where the output of a head stands among all.
    pub fn output_range(&self, n: usize, h: usize) -> Range<usize> {
        range(n * self.heads + h, self.queries * self.value_width)
    }

    /// `[n, heads, queries, keys]`
    pub fn scores(&self) -> [usize; 4] {
        [self.n, self.heads, self.queries, self.keys]
    }

    /// `[n, heads, queries, value width]`
    pub fn output(&self) -> [usize; 4] {
        [self.n, self.heads, self.queries, self.value_width]
    }

    /// Errors: a gradient of another shape than the output.
    pub fn check_grad<T>(&self, grad_output: &Array4<T>) -> Result<(), Error> {
        if grad_output.shape() == self.output() {
            return Ok(());
        }
        Err(Error::ShapeMismatch {
            name: "grad_output",
            expected: self.output().to_vec(),
            got: grad_output.shape().to_vec(),
        })
    }
}

fn range(number: usize, length: usize) -> Range<usize> {
    number * length..(number + 1) * length
}

impl Attention {
    /// The definition, in `f64`, with every step kept.
    ///
    /// `q` is `[n, heads, queries, width]`, `k` `[n, num_kv_heads, keys, width]`, `v`
    /// `[n, num_kv_heads, keys, value width]`.
    ///
    /// Errors: shapes that don't fit each other, heads that don't divide, masks that can't be stretched to the scores,
    /// a temperature or a softcap that is not above zero or not finite.
    pub fn forward_plain(
        &self,
        q: &Heads,
        k: &Heads,
        v: &Heads,
        masks: &[Mask<'_>],
    ) -> Result<Attended, Error> {
        let [q, k, v] = [q, k, v].map(|x| x.mapv(f64::from));
        let attended = self.attend_plain([&q, &k, &v], masks)?;
        let [scores, weights, output] =
            [attended.scores, attended.weights, attended.output].map(|x| x.mapv(|x| x as f32));
        Ok(Attended { scores, weights, output })
    }

    /// [`Attention::forward_plain`] without rounding.
    pub(crate) fn attend_plain(
        &self,
        qkv: [&Array4<f64>; 3],
        masks: &[Mask<'_>],
    ) -> Result<Attended<f64>, Error> {
        let sizes = Sizes::new(qkv)?;
        let [q, k, v] = qkv;
        self.finish_plain(&sizes, &self.products_plain(&sizes, q, k), v, masks)
    }

    /// `scale * q kᵀ`, what queries and keys say before any cap or mask: `[n, heads, queries, keys]`.
    ///
    /// Errors: shapes that don't fit each other.
    pub fn products(&self, q: &Heads, k: &Heads) -> Result<Heads, Error> {
        let (q, k) = (q.mapv(f64::from), k.mapv(f64::from));
        let sizes = Sizes::new([&q, &k, &k])?;
        Ok(self.products_plain(&sizes, &q, &k).mapv(|x| x as f32))
    }

    pub(super) fn products_plain(&self, sizes: &Sizes, q: &Array4<f64>, k: &Array4<f64>) -> Array4<f64> {
        let (q, k) = (self.compared(q), self.compared(k));
        let scale = self.scale_for(sizes.width);
        Array4::from_shape_fn(sizes.scores(), |(n, h, i, j)| {
            let products = (0..sizes.width).map(|c| q[[n, h, i, c]] * k[[n, h / sizes.group, j, c]]);
            scale * products.sum::<f64>()
        })
    }

    /// From products to scores, weights and output.
    pub(super) fn finish_plain(
        &self,
        sizes: &Sizes,
        products: &Array4<f64>,
        v: &Array4<f64>,
        masks: &[Mask<'_>],
    ) -> Result<Attended<f64>, Error> {
        self.check()?;
        let masks = Masks::new(masks, sizes.scores())?;
        let mut scores = Array4::from_elem(sizes.scores(), f64::NEG_INFINITY);
        let mut weights = Array4::zeros(sizes.scores());
        let mut output = Array4::zeros(sizes.output());
        for (n, h, i) in sizes.rows() {
            for j in self.visible(i, sizes.queries, sizes.keys) {
                scores[[n, h, i, j]] = masks.apply([n, h, i, j], self.capped(products[[n, h, i, j]]));
            }
            let row = softmax_plain(scores.slice(s![n, h, i, ..]), self.temperature);
            for (j, weight) in row.into_iter().enumerate() {
                weights[[n, h, i, j]] = weight;
                for c in 0..sizes.value_width {
                    output[[n, h, i, c]] += weight * v[[n, h / sizes.group, j, c]];
                }
            }
        }
        Ok(Attended { scores, weights, output })
    }

    /// Errors: a temperature or a softcap that is not above zero, or not finite.
    pub(super) fn check(&self) -> Result<(), Error> {
        for (name, value) in [("temperature", self.temperature), ("softcap", self.softcap.unwrap_or(1.0))] {
            if value.is_nan() || value <= 0.0 {
                return Err(Error::NotPositive { name, value });
            }
            if value.is_infinite() {
                return Err(Error::OutOfRange { name, value, min: 0.0, max: f64::MAX });
            }
        }
        Ok(())
    }

    /// The factor of the products of vectors of this width.
    pub fn scale_for(&self, width: usize) -> f64 {
        self.scale.unwrap_or(match self.score {
            Score::Dot => 1.0 / (width as f64).sqrt(),
            Score::Cosine => 1.0,
        })
    }

    /// A score under the softcap.
    pub fn capped(&self, score: f64) -> f64 {
        match self.softcap {
            Some(cap) => cap * (score / cap).tanh(),
            None => score,
        }
    }

    /// Queries or keys as their products need them: of length one for the cosine.
    pub(super) fn compared<T: Number>(&self, x: &Array4<T>) -> Array4<T> {
        let mut x = x.clone();
        if self.score == Score::Cosine {
            for mut row in x.rows_mut() {
                let length = T::nearest(cosine_length(row.iter().map(|x| x.wide())));
                row.mapv_inplace(|x| x / length);
            }
        }
        x
    }
}

/// The length of a vector, at least 1e-8.
pub(super) fn cosine_length(x: impl Iterator<Item = f64>) -> f64 {
    x.map(|x| x * x).sum::<f64>().sqrt().max(1e-8)
}

/// The softmax, `exp(x / temperature)` over their sum, with the largest subtracted first so that nothing overflows.
/// Negative infinity gives zero, and a row of nothing else gives zeros.
pub(super) fn softmax_plain(row: ArrayView1<'_, f64>, temperature: f64) -> Vec<f64> {
    if row.iter().all(|&x| x == f64::NEG_INFINITY) {
        return vec![0.0; row.len()];
    }
    let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = row.iter().map(|x| ((x - largest) / temperature).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// The hard choice that the softmax becomes when the temperature goes to zero: 1 for the largest score of a row, the
/// first one of several, else 0; zeros for a fully masked row. `scores` are `[n, heads, queries, keys]`.
///
/// ```
/// let masked = f32::NEG_INFINITY;
/// let scores = ndarray::array![[[[1.0, 3.0, 3.0], [masked, masked, masked]]]];
/// let weights = receptive::core::ops::hardmax(&scores);
/// assert_eq!(weights, ndarray::array![[[[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]]]);
/// ```
pub fn hardmax(scores: &Heads) -> Heads {
    let mut weights = Heads::zeros(scores.dim());
    for (scores, mut weights) in scores.rows().into_iter().zip(weights.rows_mut()) {
        let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        if largest > f32::NEG_INFINITY
            && let Some(first) = scores.iter().position(|&score| score == largest)
        {
            weights[first] = 1.0;
        }
    }
    weights
}
