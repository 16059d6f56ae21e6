//! Forward and backward of the multi-head module: one formula, as definition in `f64` and fast in `f32`.

use ndarray::{Array3, Array4, Axis, concatenate, s};

use crate::core::ops::attention::Attention;
use crate::core::ops::attention_mask::{Align, Mask, Window};
use crate::core::ops::multihead::{
    MultiheadAttended, MultiheadAttention, MultiheadGrads, MultiheadParameters,
};
use crate::core::ops::number::Number;
use crate::core::ops::tokens::{Tokens, check_linear, join, linear, linear_backward, split};
use crate::core::tensor::{Error, Tensor, checked_elements};

impl MultiheadAttention {
    /// ```text
    /// q, k, v = query q_projᵀ, key k_projᵀ, value v_projᵀ      each split into heads
    /// output  = join(attention(q, k, v)) out_projᵀ
    /// ```
    ///
    /// `query` is `[n, queries, query width]`, `key` `[n, keys, key width]`, `value` `[n, keys, value width]`; the same
    /// tensor three times is self-attention. Masks stretch to `[n, num_heads, queries, keys]` and don't count the keys that
    /// `bias_k` and `add_zero_attn` add.
    ///
    /// PyTorch's `key_padding_mask` is `Mask::Blocked` of shape `[n, 1, 1, keys]`, its `attn_mask` of truth values
    /// `Mask::Blocked` of shape `[queries, keys]`.
    ///
    /// Errors: shapes that don't fit each other, heads that don't divide, and those of [`Attention::forward_plain`].
    pub fn forward(
        &self,
        query: &Tokens,
        key: &Tokens,
        value: &Tokens,
        parameters: &MultiheadParameters,
        masks: &[Mask<'_>],
    ) -> Result<MultiheadAttended, Error> {
        self.run([query, key, value], parameters, masks)
    }

    /// The definition of [`MultiheadAttention::forward`], in `f64`.
    pub fn forward_plain(
        &self,
        query: &Tokens,
        key: &Tokens,
        value: &Tokens,
        parameters: &MultiheadParameters,
        masks: &[Mask<'_>],
    ) -> Result<MultiheadAttended, Error> {
        let [query, key, value] = [query, key, value].map(|x| x.mapv(f64::from));
        let attended = self.run([&query, &key, &value], &parameters.map(|&x| f64::from(x)), masks)?;
        Ok(attended.map(|&x| x as f32))
    }

    /// The gradients of `sum(output * grad_output)` with respect to every input and parameter; `grad_output` is
    /// `[n, queries, output width]`.
    ///
    /// Errors: those of [`MultiheadAttention::forward`], and a `grad_output` of another shape than the output.
    pub fn backward(
        &self,
        query: &Tokens,
        key: &Tokens,
        value: &Tokens,
        parameters: &MultiheadParameters,
        masks: &[Mask<'_>],
        grad_output: &Tokens,
    ) -> Result<MultiheadGrads, Error> {
        self.run_backward([query, key, value], parameters, masks, grad_output)
    }

    /// The definition of [`MultiheadAttention::backward`], in `f64`.
    pub fn backward_plain(
        &self,
        query: &Tokens,
        key: &Tokens,
        value: &Tokens,
        parameters: &MultiheadParameters,
        masks: &[Mask<'_>],
        grad_output: &Tokens,
    ) -> Result<MultiheadGrads, Error> {
        let [query, key, value, grad_output] = [query, key, value, grad_output].map(|x| x.mapv(f64::from));
        let parameters = parameters.map(|&x| f64::from(x));
        let grads = self.run_backward([&query, &key, &value], &parameters, masks, &grad_output)?;
        Ok(grads.map(|&x| x as f32))
    }

    /// Forward, in either precision.
    pub(super) fn run<T: Number>(
        &self,
        inputs: [&Array3<T>; 3],
        parameters: &MultiheadParameters<T>,
        masks: &[Mask<'_>],
    ) -> Result<MultiheadAttended<T>, Error> {
        let widened = self.check(inputs, parameters, masks)?;
        let (attention, masks) = widened.apply(self, masks);
        let [query, key, value] = inputs;
        let p = parameters;
        let q = split(&linear(query, &p.q_proj_weight, p.q_proj_bias.as_deref()), self.num_heads);
        let k = split(&linear(key, &p.k_proj_weight, p.k_proj_bias.as_deref()), self.kv_heads());
        let v = split(&linear(value, &p.v_proj_weight, p.v_proj_bias.as_deref()), self.kv_heads());
        let (k, v) = (self.longer(k, &p.bias_k), self.longer(v, &p.bias_v));
        let attended = T::attend(&attention, [&q, &k, &v], &masks)?;
        let output = linear(&join(&attended.output), &p.out_proj_weight, p.out_proj_bias.as_deref());
        let (scores, weights, heads) = (attended.scores, attended.weights, attended.output);
        Ok(MultiheadAttended { q, k, v, scores, weights, heads, output })
    }

    /// Backward, in either precision.
    pub(super) fn run_backward<T: Number>(
        &self,
        inputs: [&Array3<T>; 3],
        parameters: &MultiheadParameters<T>,
        masks: &[Mask<'_>],
        grad_output: &Array3<T>,
    ) -> Result<MultiheadGrads<T>, Error> {
        let attended = self.run(inputs, parameters, masks)?;
        if grad_output.dim() != attended.output.dim() {
            return Err(Error::ShapeMismatch {
                name: "grad_output",
                expected: attended.output.shape().to_vec(),
                got: grad_output.shape().to_vec(),
            });
        }
        let widened = self.check(inputs, parameters, masks)?;
        let (attention, masks) = widened.apply(self, masks);
        let p = parameters;
        let (grad_joined, out_proj_weight, out_bias) =
            linear_backward(&join(&attended.heads), &p.out_proj_weight, grad_output);
        let grads = T::attend_backward(
            &attention,
            [&attended.q, &attended.k, &attended.v],
            &masks,
            &split(&grad_joined, self.num_heads),
        )?;
        let [query, key, value] = inputs;
        let keys = key.dim().1;
        let (grad_k, bias_k) = shorter(&grads.k, keys, &p.bias_k);
        let (grad_v, bias_v) = shorter(&grads.v, keys, &p.bias_v);
        let (query, q_proj_weight, q_bias) = linear_backward(query, &p.q_proj_weight, &join(&grads.q));
        let (key, k_proj_weight, k_bias) = linear_backward(key, &p.k_proj_weight, &join(&grad_k));
        let (value, v_proj_weight, v_bias) = linear_backward(value, &p.v_proj_weight, &join(&grad_v));
        let parameters = MultiheadParameters {
            q_proj_weight,
            k_proj_weight,
            v_proj_weight,
            q_proj_bias: p.q_proj_bias.as_ref().map(|_| q_bias),
            k_proj_bias: p.k_proj_bias.as_ref().map(|_| k_bias),
            v_proj_bias: p.v_proj_bias.as_ref().map(|_| v_bias),
            bias_k,
            bias_v,
            out_proj_weight,
            out_proj_bias: p.out_proj_bias.as_ref().map(|_| out_bias),
        };
        let scores = grads.scores.slice(s![.., .., .., ..keys]).to_owned();
        Ok(MultiheadGrads { query, key, value, scores, parameters })
    }

    fn kv_heads(&self) -> usize {
        self.num_kv_heads.unwrap_or(self.num_heads)
    }

    /// Keys or values, with the bias as one more token and zeros as another.
    fn longer<T: Number>(&self, x: Array4<T>, bias: &Option<Vec<T>>) -> Array4<T> {
        let (n, heads, tokens, width) = x.dim();
        let biases = usize::from(bias.is_some());
        let all = tokens + biases + usize::from(self.add_zero_attn);
        if all == tokens {
            return x;
        }
        Array4::from_shape_fn((n, heads, all, width), |(n, h, i, c)| match bias {
            _ if i < tokens => x[[n, h, i, c]],
            Some(bias) if i == tokens => bias[h * width + c],
            _ => T::zero(),
        })
    }

    /// Checks every size, and says how masks and rules are widened when keys are added.
    fn check<T: Number>(
        &self,
        [query, key, value]: [&Array3<T>; 3],
        p: &MultiheadParameters<T>,
        masks: &[Mask<'_>],
    ) -> Result<Widened, Error> {
        let ((n, queries, _), (_, keys, key_width)) = (query.dim(), key.dim());
        for (name, expected, got) in
            [("key", [n, keys, key_width], key.shape()), ("value", [n, keys, value.dim().2], value.shape())]
        {
            if got != expected {
                return Err(Error::ShapeMismatch { name, expected: expected.to_vec(), got: got.to_vec() });
            }
        }
        let (heads, kv_heads) = (self.num_heads, self.kv_heads());
        for (name, heads) in [("num_heads", heads), ("num_kv_heads", kv_heads)] {
            if heads == 0 {
                return Err(Error::Zero { name });
            }
        }
        let per_head = |name, rows: usize, heads: usize| {
            if rows.is_multiple_of(heads) {
                return Ok(rows / heads);
            }
            Err(Error::NotDivisible { name, value: rows, by: "num_heads", divisor: heads })
        };
        let width = per_head("embed_dim", p.q_proj_weight.nrows(), heads)?;
        let value_width = per_head("vdim", p.v_proj_weight.nrows(), kv_heads)?;
        let (k_rows, v_rows) = (kv_heads * width, p.v_proj_weight.nrows());
        check_linear("q_proj", query, &p.q_proj_weight, p.q_proj_bias.as_deref(), heads * width)?;
        check_linear("k_proj", key, &p.k_proj_weight, p.k_proj_bias.as_deref(), k_rows)?;
        check_linear("v_proj", value, &p.v_proj_weight, p.v_proj_bias.as_deref(), v_rows)?;
        let out_rows = p.out_proj_weight.nrows();
        checked_elements(&[n, queries, heads, value_width])?;
        checked_elements(&[n, queries, out_rows])?;
        for (name, expected, got) in [
            ("bias_k", k_rows, p.bias_k.as_ref().map(Vec::len)),
            ("bias_v", v_rows, p.bias_v.as_ref().map(Vec::len)),
            ("out_proj.weight", heads * value_width, Some(p.out_proj_weight.ncols())),
            ("out_proj.bias", out_rows, p.out_proj_bias.as_ref().map(Vec::len)),
        ] {
            // one bias asks for the other
            let alone = name.starts_with("bias") && p.bias_k.is_some() != p.bias_v.is_some();
            if got.unwrap_or(if alone { 0 } else { expected }) != expected {
                return Err(Error::ShapeMismatch {
                    name,
                    expected: vec![expected],
                    got: vec![got.unwrap_or(0)],
                });
            }
        }
        let added = usize::from(p.bias_k.is_some()) + usize::from(self.add_zero_attn);
        if added == 0 {
            return Ok(Widened(None));
        }
        // what was hidden stays hidden, and at the added keys every query may look
        let rules = self.attention.combined_mask([n, heads, queries, keys], masks)?;
        let shape = [n, heads, queries, keys.saturating_add(added)];
        checked_elements(&shape)?;
        let open = Array4::zeros((n, heads, queries, added));
        match concatenate(Axis(3), &[rules.view(), open.view()]) {
            Ok(all) => Ok(Widened(Some(all.into_dyn()))),
            Err(_) => {
                let (expected, got) = (shape.to_vec(), rules.shape().to_vec());
                Err(Error::ShapeMismatch { name: "attn_mask", expected, got })
            }
        }
    }
}

/// All rules in one mask, when keys are added.
struct Widened(Option<Tensor>);

impl Widened {
    /// The attention of the heads, and its masks.
    fn apply<'a>(&'a self, module: &MultiheadAttention, masks: &[Mask<'a>]) -> (Attention, Vec<Mask<'a>>) {
        match &self.0 {
            None => (module.attention, masks.to_vec()),
            Some(all) => {
                let open = Attention {
                    is_causal: false,
                    window: Window::default(),
                    align: Align::TopLeft,
                    ..module.attention
                };
                (open, vec![Mask::Added(all)])
            }
        }
    }
}

/// The gradient of keys or values without that of the added ones, and the gradient of the bias.
fn shorter<T: Number>(grad: &Array4<T>, tokens: usize, bias: &Option<Vec<T>>) -> (Array4<T>, Option<Vec<T>>) {
    let (n, heads, _, width) = grad.dim();
    let of_bias = |c: usize| {
        let shares = (0..n).map(|n| grad[[n, c / width, tokens, c % width]].wide());
        T::nearest(shares.sum())
    };
    let grad_bias = bias.as_ref().map(|_| (0..heads * width).map(of_bias).collect());
    (grad.slice(s![.., .., ..tokens, ..]).to_owned(), grad_bias)
}
