//! Additive attention (Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and translate",
//! 2015, appendix A.1.2): a small network compares query and key.

use ndarray::{Array2, Array4};

use crate::core::ops::attention::{Attended, Attention, Heads, Sizes};
use crate::core::ops::attention_backward::FinishGrads;
use crate::core::ops::attention_mask::Mask;
use crate::core::ops::number::Number;
use crate::core::tensor::{Error, Map, checked_elements};

/// The parameters of the score `vᵀ tanh(w_query q + w_key k)`.
///
/// Queries and keys may differ in width. The comparison itself costs `queries * keys * units`, as the dot product does,
/// but a tanh each.
///
/// ```
/// use ndarray::array;
/// use receptive::core::ops::{AdditiveScore, Attention};
/// let score = AdditiveScore { w_query: array![[1.0]], w_key: array![[1.0]], v: vec![2.0] };
/// let (q, k) = (array![[[[0.5]]]], array![[[[-0.5], [0.5]]]]);
/// let attended = score.forward(&Attention::default(), &q, &k, &k, &[])?;
/// assert_eq!(attended.scores, array![[[[0.0, 2.0 * 1f32.tanh()]]]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AdditiveScore {
    /// `[units, query width]`
    pub w_query: Map,
    /// `[units, key width]`
    pub w_key: Map,
    /// `[units]`
    pub v: Vec<f32>,
}

/// The gradients of additive attention.
#[derive(Clone, Debug, PartialEq)]
pub struct AdditiveGrads {
    /// `[n, heads, queries, query width]`
    pub q: Heads,
    /// `[n, num_kv_heads, keys, key width]`
    pub k: Heads,
    /// `[n, num_kv_heads, keys, value width]`
    pub v: Heads,
    /// The gradient of the scores and of what is added to them: `[n, heads, queries, keys]`.
    pub scores: Heads,
    /// Those of the parameters.
    pub score: AdditiveScore,
}

/// Everything in `f64`, queries and keys after their matrices.
struct Compared {
    sizes: Sizes,
    hidden_q: Array4<f64>,
    hidden_k: Array4<f64>,
    products: Array4<f64>,
    v: Array4<f64>,
}

impl AdditiveScore {
    /// Attention with this score: mask, softcap, temperature and the causal rule are those of `attention`, whose `score`
    /// is not used and whose `scale` is 1 unless it is given.
    ///
    /// `q` is `[n, heads, queries, query width]`, `k` `[n, num_kv_heads, keys, key width]`, `v`
    /// `[n, num_kv_heads, keys, value width]`. Computed in `f64`.
    ///
    /// Errors: those of [`Attention::forward_plain`], and parameters that don't fit.
    pub fn forward(
        &self,
        attention: &Attention,
        q: &Heads,
        k: &Heads,
        v: &Heads,
        masks: &[Mask<'_>],
    ) -> Result<Attended, Error> {
        let compared = self.compare(attention, q, k, v)?;
        let attended = attention.finish_plain(&compared.sizes, &compared.products, &compared.v, masks)?;
        let [scores, weights, output] =
            [attended.scores, attended.weights, attended.output].map(|x| x.mapv(|x| x as f32));
        Ok(Attended { scores, weights, output })
    }

    /// The gradients of `sum(output * grad_output)`, exact; `grad_output` is `[n, heads, queries, value width]`.
    ///
    /// Errors: those of [`AdditiveScore::forward`], and a `grad_output` of another shape than the output.
    pub fn backward(
        &self,
        attention: &Attention,
        q: &Heads,
        k: &Heads,
        v: &Heads,
        masks: &[Mask<'_>],
        grad_output: &Heads,
    ) -> Result<AdditiveGrads, Error> {
        let compared = self.compare(attention, q, k, v)?;
        let Compared { sizes, hidden_q, hidden_k, products, v } = &compared;
        sizes.check_grad(grad_output)?;
        let weights = attention.finish_plain(sizes, products, v, masks)?.weights;
        let grad_output = grad_output.mapv(f64::from);
        let FinishGrads { products, scores, v: grad_v } =
            attention.finish_backward_plain(sizes, products, &weights, v, &grad_output);

        let scale = attention.scale.unwrap_or(1.0);
        let (mut grad_hidden_q, mut grad_hidden_k) =
            (Array4::zeros(hidden_q.dim()), Array4::zeros(hidden_k.dim()));
        let mut grad_score_v = vec![0.0; self.v.len()];
        for ((n, h, i, j), &grad) in products.indexed_iter() {
            let group = h / sizes.group;
            for (u, grad_score_v) in grad_score_v.iter_mut().enumerate() {
                let bent = (hidden_q[[n, h, i, u]] + hidden_k[[n, group, j, u]]).tanh();
                *grad_score_v += scale * grad * bent;
                let share = scale * grad * f64::from(self.v[u]) * (1.0 - bent * bent);
                grad_hidden_q[[n, h, i, u]] += share;
                grad_hidden_k[[n, group, j, u]] += share;
            }
        }
        let (grad_q, w_query) = projected_backward(q, &self.w_query, &grad_hidden_q);
        let (grad_k, w_key) = projected_backward(k, &self.w_key, &grad_hidden_k);
        let narrow = |x: Array4<f64>| x.mapv(|x| x as f32);
        Ok(AdditiveGrads {
            q: grad_q,
            k: grad_k,
            v: narrow(grad_v),
            scores: narrow(scores),
            score: AdditiveScore { w_query, w_key, v: grad_score_v.into_iter().map(|x| x as f32).collect() },
        })
    }

    fn compare(&self, attention: &Attention, q: &Heads, k: &Heads, v: &Heads) -> Result<Compared, Error> {
        let (units, _) = self.w_query.dim();
        for (name, expected, got) in [
            ("w_query", [units, q.dim().3], self.w_query.shape()),
            ("w_key", [units, k.dim().3], self.w_key.shape()),
            ("v of the score", [units, 1], &[self.v.len(), 1]),
        ] {
            if got != expected {
                return Err(Error::ShapeMismatch { name, expected: expected.to_vec(), got: got.to_vec() });
            }
        }
        let (hidden_q, hidden_k) = (projected(q, &self.w_query)?, projected(k, &self.w_key)?);
        let v = v.mapv(f64::from);
        let sizes = Sizes::new([&hidden_q, &hidden_k, &v])?;
        let scale = attention.scale.unwrap_or(1.0);
        let products = Array4::from_shape_fn(sizes.scores(), |(n, h, i, j)| {
            let bent = |u| (hidden_q[[n, h, i, u]] + hidden_k[[n, h / sizes.group, j, u]]).tanh();
            let sum: f64 = self.v.iter().enumerate().map(|(u, &v)| f64::from(v) * bent(u)).sum();
            scale * sum
        });
        Ok(Compared { sizes, hidden_q, hidden_k, products, v })
    }
}

/// `x wᵀ` for every token: `[n, heads, tokens, units]`.
fn projected(x: &Heads, w: &Map) -> Result<Array4<f64>, Error> {
    let (n, heads, tokens, width) = x.dim();
    let units = w.nrows();
    checked_elements(&[n, heads, tokens, units])?;
    Ok(Array4::from_shape_fn((n, heads, tokens, units), |(n, h, i, u)| {
        (0..width).map(|c| f64::from(x[[n, h, i, c]]) * f64::from(w[[u, c]])).sum()
    }))
}

/// The gradients of [`projected`]: of `x` and of `w`.
fn projected_backward(x: &Heads, w: &Map, grad: &Array4<f64>) -> (Heads, Map) {
    let (mut grad_x, mut grad_w) = (Array4::zeros(x.dim()), Array2::zeros(w.dim()));
    for ((n, h, i, u), &grad) in grad.indexed_iter() {
        for c in 0..w.ncols() {
            grad_x[[n, h, i, c]] += grad * f64::from(w[[u, c]]);
            grad_w[[u, c]] += grad * f64::from(x[[n, h, i, c]]);
        }
    }
    (grad_x.mapv(f64::narrow), grad_w.mapv(f64::narrow))
}
