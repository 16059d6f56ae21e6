//! Attention as the ONNX standard defines it (operator `Attention`, opsets 23 to 25): other names and defaults than
//! PyTorch's, a cache inside, and four moments at which the scores can be looked at.

use ndarray::{ArrayD, Axis, Ix4, IxDyn, concatenate};

use crate::core::ops::attention::{Attended, Attention, Heads};
use crate::core::ops::attention_cache::KvCache;
use crate::core::ops::attention_mask::{Align, Mask, Window};
use crate::core::ops::precision::Precision;
use crate::core::tensor::{Error, Tensor};

/// The attributes of ONNX's `Attention`. A fully masked row gives zeros here too.
///
/// ```
/// use receptive::core::ops::{OnnxAttention, OnnxAttentionInputs};
/// let x = ndarray::array![[[1.0, 0.0], [0.0, 1.0]]].into_dyn(); // [n, tokens, heads * width]
/// let attention = OnnxAttention { q_num_heads: Some(2), kv_num_heads: Some(2), ..OnnxAttention::default() };
/// let inputs = OnnxAttentionInputs { q: &x, k: &x, v: &x, attn_mask: None, past: None, nonpad_kv_seqlen: None };
/// assert_eq!(attention.forward(&inputs)?.y.shape(), [1, 2, 2]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OnnxAttention {
    /// A query looks at no key behind its own place. The first query stands behind the cache.
    pub is_causal: bool,
    /// The factor of the products; `None` is `1 / sqrt(width)`.
    pub scale: Option<f64>,
    /// As [`Attention::softcap`]; `None` is ONNX's 0.
    pub softcap: Option<f64>,
    /// Into how many heads the last axis of a three-dimensional query splits.
    pub q_num_heads: Option<usize>,
    /// The same for keys and values.
    pub kv_num_heads: Option<usize>,
    /// `left_window_size` and `right_window_size`; `None` is ONNX's -1.
    pub window: Window,
    /// The type in which the softmax is computed.
    pub softmax_precision: Precision,
    /// What the fourth output shows.
    pub qk_matmul_output_mode: QkMatmulOutput,
}

/// The moment at which ONNX's fourth output shows the scores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QkMatmulOutput {
    /// Mode 0: the scaled products.
    #[default]
    Products,
    /// Mode 1: after the softcap.
    Capped,
    /// Mode 2: with the masks added.
    Masked,
    /// Mode 3: after the softmax.
    Weights,
}

/// The inputs of ONNX's `Attention`.
#[derive(Clone, Copy, Debug)]
pub struct OnnxAttentionInputs<'a> {
    /// `[n, heads, queries, width]`, or `[n, queries, heads * width]`.
    pub q: &'a Tensor,
    /// `[n, num_kv_heads, keys, width]`, or `[n, keys, num_kv_heads * width]`.
    pub k: &'a Tensor,
    /// `[n, num_kv_heads, keys, value width]`, or `[n, keys, num_kv_heads * value width]`.
    pub v: &'a Tensor,
    /// Stretches to `[n, heads, queries, all keys]`; where its last axis is shorter, the rest is hidden.
    pub attn_mask: Option<Mask<'a>>,
    /// `past_key` and `past_value`, `[n, num_kv_heads, past keys, width]`: they come before `k` and `v`.
    pub past: Option<(&'a Heads, &'a Heads)>,
    /// How many keys of each sample are not padding, when the cache is kept outside. The last query stands at the last of
    /// them.
    pub nonpad_kv_seqlen: Option<&'a [i64]>,
}

/// The outputs of ONNX's `Attention`.
#[derive(Clone, Debug, PartialEq)]
pub struct OnnxAttended {
    /// `[n, heads, queries, value width]`, or `[n, queries, heads * value width]` when the query has three axes.
    pub y: Tensor,
    /// `[n, num_kv_heads, all keys, width]`
    pub present_key: Heads,
    /// `[n, num_kv_heads, all keys, value width]`
    pub present_value: Heads,
    /// `[n, heads, queries, all keys]`
    pub qk_matmul_output: Heads,
}

impl OnnxAttention {
    /// The operator.
    ///
    /// Errors: tensors with neither three nor four axes, numbers of heads that don't divide, shapes that don't fit.
    pub fn forward(&self, inputs: &OnnxAttentionInputs<'_>) -> Result<OnnxAttended, Error> {
        let q = split_heads("Q", inputs.q, self.q_num_heads)?;
        let k = split_heads("K", inputs.k, self.kv_num_heads)?;
        let v = split_heads("V", inputs.v, self.kv_num_heads)?;
        let past = inputs.past.map_or(0, |(key, _)| key.dim().2);
        let mut cache = match inputs.past {
            Some((key, value)) => KvCache::new(key.clone(), value.clone())?,
            None => KvCache::default(),
        };
        cache.append(&k, &v)?;
        let (k, v) = cache.into_inner().unwrap_or((k, v));
        let (queries, keys) = (q.dim().2, k.dim().2);

        let mut attention = Attention {
            scale: self.scale,
            softcap: self.softcap,
            is_causal: self.is_causal,
            window: self.window,
            align: Align::At(i64::try_from(past).unwrap_or(i64::MAX)),
            ..Attention::default()
        };
        let own = inputs.attn_mask.map(|mask| OwnMask::padded(mask, keys)).transpose()?;
        let lengths = inputs.nonpad_kv_seqlen.map(|lengths| attention.nonpad_mask(lengths, queries, keys));
        if lengths.is_some() {
            attention = Attention { is_causal: false, window: Window::default(), ..attention };
        }
        let masks: Vec<Mask<'_>> =
            own.iter().map(OwnMask::mask).chain(lengths.iter().map(Mask::Allowed)).collect();

        let mut attended = attention.forward(&q, &k, &v, &masks)?;
        if matches!(self.softmax_precision, Precision::Float16 | Precision::BFloat16) {
            self.soften_again(&mut attended, &v);
        }
        let qk_matmul_output = match self.qk_matmul_output_mode {
            QkMatmulOutput::Products => attention.products(&q, &k)?,
            QkMatmulOutput::Capped => {
                attention.products(&q, &k)?.mapv(|x| attention.capped(f64::from(x)) as f32)
            }
            QkMatmulOutput::Masked => attended.scores,
            QkMatmulOutput::Weights => attended.weights,
        };
        let y = if inputs.q.ndim() == 3 { join_heads(&attended.output) } else { attended.output.into_dyn() };
        Ok(OnnxAttended { y, present_key: k, present_value: v, qk_matmul_output })
    }

    /// Weights and output once more, with a softmax in a short type.
    fn soften_again(&self, attended: &mut Attended, v: &Heads) {
        let rows = attended.scores.rows().into_iter().zip(attended.weights.rows_mut());
        for (scores, mut weights) in rows {
            let soft = self.softmax_precision.softmax(scores.mapv(f64::from).view());
            weights.iter_mut().zip(soft).for_each(|(weight, soft)| *weight = soft as f32);
        }
        let (weights, group) = (&attended.weights, attended.output.dim().1 / v.dim().1.max(1));
        for ((n, h, i, c), output) in attended.output.indexed_iter_mut() {
            let products = (0..v.dim().2)
                .map(|j| f64::from(weights[[n, h, i, j]]) * f64::from(v[[n, h / group.max(1), j, c]]));
            *output = products.sum::<f64>() as f32;
        }
    }
}

impl Attention {
    /// The causal rule, the window and the padding of an external cache in one mask, `[n, 1, queries, keys]`: in each
    /// sample the last query stands at its last key.
    fn nonpad_mask(&self, lengths: &[i64], queries: usize, keys: usize) -> ArrayD<bool> {
        ArrayD::from_shape_fn(IxDyn(&[lengths.len(), 1, queries, keys]), |at| {
            let first = lengths[at[0]].saturating_sub(queries as i64);
            let seen = Attention { align: Align::At(first), ..*self }.visible(at[2], queries, keys);
            seen.contains(&at[3]) && (at[3] as i64) < lengths[at[0]]
        })
    }
}

/// A mask with keys added at the end.
enum OwnMask {
    Allowed(ArrayD<bool>),
    Blocked(ArrayD<bool>),
    Added(Tensor),
}

impl OwnMask {
    /// The mask, with everything hidden from its last key to the last of `keys`.
    fn padded(mask: Mask<'_>, keys: usize) -> Result<Self, Error> {
        Ok(match mask {
            Mask::Allowed(mask) => OwnMask::Allowed(padded(mask, keys, false)?),
            Mask::Blocked(mask) => OwnMask::Blocked(padded(mask, keys, true)?),
            Mask::Added(mask) => OwnMask::Added(padded(mask, keys, f32::NEG_INFINITY)?),
        })
    }

    fn mask(&self) -> Mask<'_> {
        match self {
            OwnMask::Allowed(mask) => Mask::Allowed(mask),
            OwnMask::Blocked(mask) => Mask::Blocked(mask),
            OwnMask::Added(mask) => Mask::Added(mask),
        }
    }
}

fn padded<A: Copy>(mask: &ArrayD<A>, keys: usize, value: A) -> Result<ArrayD<A>, Error> {
    let mut shape = mask.shape().to_vec();
    let wrong = || Error::WrongRank {
        name: "attn_mask",
        expected: "[n, heads, queries, keys]",
        got: mask.shape().to_vec(),
    };
    let last = shape.last_mut().ok_or_else(wrong)?;
    let missing = keys.saturating_sub(*last);
    *last = missing;
    let rest = ArrayD::from_elem(IxDyn(&shape), value);
    concatenate(Axis(shape.len() - 1), &[mask.view(), rest.view()]).map_err(|_| wrong())
}

/// `[n, tokens, heads * width]` as `[n, heads, tokens, width]`; a tensor that has four axes stays as it is.
///
/// Errors: another number of axes, no number of heads, or one that does not divide the last axis.
pub(super) fn split_heads(name: &'static str, x: &Tensor, num_heads: Option<usize>) -> Result<Heads, Error> {
    if let Ok(heads) = x.view().into_dimensionality::<Ix4>() {
        return Ok(heads.to_owned());
    }
    let &[n, tokens, columns] = x.shape() else {
        let expected = "[n, heads, tokens, width] or [n, tokens, heads * width]";
        return Err(Error::WrongRank { name, expected, got: x.shape().to_vec() });
    };
    let heads = num_heads.unwrap_or(0);
    if heads == 0 {
        return Err(Error::Zero { name: "num_heads" });
    }
    if columns % heads != 0 {
        return Err(Error::NotDivisible { name, value: columns, by: "num_heads", divisor: heads });
    }
    let width = columns / heads;
    Ok(Heads::from_shape_fn((n, heads, tokens, width), |(n, h, i, c)| x[[n, i, h * width + c]]))
}

/// `[n, heads, tokens, width]` as `[n, tokens, heads * width]`.
pub(super) fn join_heads(x: &Heads) -> Tensor {
    let (n, heads, tokens, width) = x.dim();
    Tensor::from_shape_fn(IxDyn(&[n, tokens, heads * width]), |at| {
        x[[at[0], at[2] / width, at[1], at[2] % width]]
    })
}
