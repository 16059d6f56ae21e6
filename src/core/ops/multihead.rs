//! Attention with several heads and its projections (Vaswani and others, 2017, section 3.2.2), as
//! `torch.nn.MultiheadAttention` with `batch_first=True`.

use ndarray::{Array2, Array3, Array4, Axis, s};

use crate::core::ops::attention::Attention;
use crate::core::tensor::Error;

/// The arguments of the module, without its parameters.
///
/// ```
/// use ndarray::{Array2, array};
/// use receptive::core::ops::{MultiheadAttention, MultiheadParameters};
/// let x = array![[[1.0, 0.0], [0.0, 1.0]]]; // [n, tokens, width]
/// let parameters = MultiheadParameters::without_bias([Array2::eye(2), Array2::eye(2), Array2::eye(2), Array2::eye(2)]);
/// let two = MultiheadAttention { num_heads: 2, ..MultiheadAttention::default() };
/// let attended = two.forward(&x, &x, &x, &parameters, &[])?;
/// assert_eq!(attended.weights.shape(), [1, 2, 2, 2]);
/// assert_eq!(attended.output.shape(), [1, 2, 2]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultiheadAttention {
    /// Into how many heads the projected queries split.
    pub num_heads: usize,
    /// The same for keys and values; `None` is `num_heads`. Fewer is grouped-query attention, which PyTorch's module does
    /// not have.
    pub num_kv_heads: Option<usize>,
    /// Adds a key and a value of zeros, at which every query may look.
    pub add_zero_attn: bool,
    /// What each head does.
    pub attention: Attention,
}

impl Default for MultiheadAttention {
    fn default() -> Self {
        MultiheadAttention {
            num_heads: 1,
            num_kv_heads: None,
            add_zero_attn: false,
            attention: Attention::default(),
        }
    }
}

/// The parameters of the module, or their gradients. A matrix is `[out, in]`, as in `torch.nn.Linear`.
///
/// PyTorch keeps the first three in one, `in_proj_weight`, when all widths are the same, and their biases in
/// `in_proj_bias`; see [`MultiheadParameters::packed`].
#[derive(Clone, Debug, PartialEq)]
pub struct MultiheadParameters<T = f32> {
    /// `[num_heads * width, query width]`
    pub q_proj_weight: Array2<T>,
    /// `[num_kv_heads * width, key width]`
    pub k_proj_weight: Array2<T>,
    /// `[num_kv_heads * value width, value width before]`
    pub v_proj_weight: Array2<T>,
    /// `[num_heads * width]`
    pub q_proj_bias: Option<Vec<T>>,
    /// `[num_kv_heads * width]`
    pub k_proj_bias: Option<Vec<T>>,
    /// `[num_kv_heads * value width]`
    pub v_proj_bias: Option<Vec<T>>,
    /// One more key for every sample, after its projection: `[num_kv_heads * width]` (`add_bias_kv`).
    pub bias_k: Option<Vec<T>>,
    /// And its value, `[num_kv_heads * value width]`.
    pub bias_v: Option<Vec<T>>,
    /// `[output width, num_heads * value width]`
    pub out_proj_weight: Array2<T>,
    /// `[output width]`
    pub out_proj_bias: Option<Vec<T>>,
}

/// What the module computes, step by step. Keys include those that `bias_k` and `add_zero_attn` add.
#[derive(Clone, Debug, PartialEq)]
pub struct MultiheadAttended<T = f32> {
    /// `[n, num_heads, queries, width]`
    pub q: Array4<T>,
    /// `[n, num_kv_heads, keys, width]`
    pub k: Array4<T>,
    /// `[n, num_kv_heads, keys, value width]`
    pub v: Array4<T>,
    /// `[n, num_heads, queries, keys]`
    pub scores: Array4<T>,
    /// `[n, num_heads, queries, keys]`
    pub weights: Array4<T>,
    /// What each head answers: `[n, num_heads, queries, value width]`.
    pub heads: Array4<T>,
    /// `[n, queries, output width]`
    pub output: Array3<T>,
}

impl MultiheadAttended {
    /// The mean over the heads, `[n, queries, keys]`: PyTorch's `average_attn_weights`.
    pub fn average_weights(&self) -> Array3<f32> {
        let heads = self.weights.dim().1 as f64;
        self.weights.mapv(f64::from).sum_axis(Axis(1)).mapv(|sum| (sum / heads) as f32)
    }
}

impl<T: Clone> MultiheadAttended<T> {
    /// The same with every number through `f`.
    pub(super) fn map<U>(&self, f: impl Fn(&T) -> U + Copy) -> MultiheadAttended<U> {
        MultiheadAttended {
            q: self.q.map(f),
            k: self.k.map(f),
            v: self.v.map(f),
            scores: self.scores.map(f),
            weights: self.weights.map(f),
            heads: self.heads.map(f),
            output: self.output.map(f),
        }
    }
}

/// The gradients of the module.
#[derive(Clone, Debug, PartialEq)]
pub struct MultiheadGrads<T = f32> {
    /// `[n, queries, query width]`
    pub query: Array3<T>,
    /// `[n, keys, key width]`
    pub key: Array3<T>,
    /// `[n, keys, value width before]`
    pub value: Array3<T>,
    /// Of the scores, and so of added masks ([`mask_backward`](super::mask_backward)); without the keys that were added:
    /// `[n, num_heads, queries, keys]`.
    pub scores: Array4<T>,
    /// Of the parameters.
    pub parameters: MultiheadParameters<T>,
}

impl<T: Clone> MultiheadGrads<T> {
    /// The same with every number through `f`.
    pub(super) fn map<U>(&self, f: impl Fn(&T) -> U + Copy) -> MultiheadGrads<U> {
        MultiheadGrads {
            query: self.query.map(f),
            key: self.key.map(f),
            value: self.value.map(f),
            scores: self.scores.map(f),
            parameters: self.parameters.map(f),
        }
    }
}

impl<T: Clone> MultiheadParameters<T> {
    /// Four matrices and nothing else: of query, key, value and output.
    pub fn without_bias([q, k, v, out]: [Array2<T>; 4]) -> Self {
        MultiheadParameters {
            q_proj_weight: q,
            k_proj_weight: k,
            v_proj_weight: v,
            q_proj_bias: None,
            k_proj_bias: None,
            v_proj_bias: None,
            bias_k: None,
            bias_v: None,
            out_proj_weight: out,
            out_proj_bias: None,
        }
    }

    /// From PyTorch's packed form: `in_proj_weight` `[3 * width, width]` holds the matrices of query, key and value, one
    /// below the other, and `in_proj_bias` `[3 * width]` their biases. `bias_k` and `bias_v` may be set afterwards.
    ///
    /// Errors: a number of rows that is no multiple of 3; biases of another length.
    pub fn packed(
        in_proj_weight: &Array2<T>,
        in_proj_bias: Option<&[T]>,
        out_proj_weight: Array2<T>,
        out_proj_bias: Option<Vec<T>>,
    ) -> Result<Self, Error> {
        let rows = in_proj_weight.nrows();
        if !rows.is_multiple_of(3) {
            let name = "in_proj_weight";
            return Err(Error::NotDivisible { name, value: rows, by: "query, key and value", divisor: 3 });
        }
        let part = |i: usize| in_proj_weight.slice(s![i * rows / 3..(i + 1) * rows / 3, ..]).to_owned();
        let without = Self::without_bias([part(0), part(1), part(2), out_proj_weight]);
        MultiheadParameters { out_proj_bias, ..without }.with_in_proj_bias(in_proj_bias)
    }

    /// The same with the biases of the first three matrices from PyTorch's `in_proj_bias`, one after the other.
    ///
    /// Errors: a bias of another length than the three matrices have rows.
    pub fn with_in_proj_bias(mut self, in_proj_bias: Option<&[T]>) -> Result<Self, Error> {
        let Some(bias) = in_proj_bias else { return Ok(self) };
        let (q, k, v) = (self.q_proj_weight.nrows(), self.k_proj_weight.nrows(), self.v_proj_weight.nrows());
        if bias.len() != q + k + v {
            let (expected, got) = (vec![q + k + v], vec![bias.len()]);
            return Err(Error::ShapeMismatch { name: "in_proj_bias", expected, got });
        }
        self.q_proj_bias = Some(bias[..q].to_vec());
        self.k_proj_bias = Some(bias[q..q + k].to_vec());
        self.v_proj_bias = Some(bias[q + k..].to_vec());
        Ok(self)
    }

    /// PyTorch's packed matrix; `None` when the widths differ.
    pub fn in_proj_weight(&self) -> Option<Array2<T>> {
        let parts = [self.q_proj_weight.view(), self.k_proj_weight.view(), self.v_proj_weight.view()];
        ndarray::concatenate(Axis(0), &parts).ok()
    }

    /// PyTorch's packed bias; `None` when there is none.
    pub fn in_proj_bias(&self) -> Option<Vec<T>> {
        let parts = [self.q_proj_bias.as_ref()?, self.k_proj_bias.as_ref()?, self.v_proj_bias.as_ref()?];
        Some(parts.into_iter().flatten().cloned().collect())
    }

    /// The same with every number through `f`.
    pub fn map<U>(&self, f: impl Fn(&T) -> U + Copy) -> MultiheadParameters<U> {
        let list = |list: &Option<Vec<T>>| list.as_ref().map(|list| list.iter().map(f).collect());
        MultiheadParameters {
            q_proj_weight: self.q_proj_weight.map(f),
            k_proj_weight: self.k_proj_weight.map(f),
            v_proj_weight: self.v_proj_weight.map(f),
            q_proj_bias: list(&self.q_proj_bias),
            k_proj_bias: list(&self.k_proj_bias),
            v_proj_bias: list(&self.v_proj_bias),
            bias_k: list(&self.bias_k),
            bias_v: list(&self.bias_v),
            out_proj_weight: self.out_proj_weight.map(f),
            out_proj_bias: list(&self.out_proj_bias),
        }
    }
}
