//! The gradient of attention, exact.
//!
//! Backwards through `output = weights v`, the softmax (whose gradient is `w (g - sum of w g)` in each row), the softcap
//! (`1 - (score / softcap)²`) and `products = scale q kᵀ`. What is hidden has weight zero and gets no gradient.

use ndarray::Array4;

use crate::core::ops::attention::{Attention, AttentionGrads, Heads, Score, Sizes, cosine_length};
use crate::core::ops::attention_mask::Mask;
use crate::core::ops::number::Number;
use crate::core::tensor::Error;

impl Attention {
    /// The definition of [`Attention::backward`], in `f64`: same arguments, same errors.
    pub fn backward_plain(
        &self,
        q: &Heads,
        k: &Heads,
        v: &Heads,
        masks: &[Mask<'_>],
        grad_output: &Heads,
    ) -> Result<AttentionGrads, Error> {
        let [q, k, v, grad_output] = [q, k, v, grad_output].map(|x| x.mapv(f64::from));
        let grads = self.attend_backward_plain([&q, &k, &v], masks, &grad_output)?;
        let [q, k, v, scores] = [grads.q, grads.k, grads.v, grads.scores].map(|x| x.mapv(|x| x as f32));
        Ok(AttentionGrads { q, k, v, scores })
    }

    /// [`Attention::backward_plain`] without rounding.
    pub(crate) fn attend_backward_plain(
        &self,
        qkv: [&Array4<f64>; 3],
        masks: &[Mask<'_>],
        grad_output: &Array4<f64>,
    ) -> Result<AttentionGrads<f64>, Error> {
        let [q, k, v] = qkv;
        let sizes = Sizes::new(qkv)?;
        sizes.check_grad(grad_output)?;
        let products = self.products_plain(&sizes, q, k);
        let weights = self.finish_plain(&sizes, &products, v, masks)?.weights;
        let grads = self.finish_backward_plain(&sizes, &products, &weights, v, grad_output);

        // products[n, h, i, j] = scale * sum over c of q[n, h, i, c] * k[n, h / group, j, c]
        let scale = self.scale_for(sizes.width);
        let (compared_q, compared_k) = (self.compared(q), self.compared(k));
        let (mut grad_q, mut grad_k) = (Array4::zeros(q.dim()), Array4::zeros(k.dim()));
        for ((n, h, i, j), &grad) in grads.products.indexed_iter() {
            let group = h / sizes.group;
            for c in 0..sizes.width {
                grad_q[[n, h, i, c]] += scale * grad * compared_k[[n, group, j, c]];
                grad_k[[n, group, j, c]] += scale * grad * compared_q[[n, h, i, c]];
            }
        }
        self.compared_backward(q, &mut grad_q);
        self.compared_backward(k, &mut grad_k);
        Ok(AttentionGrads { q: grad_q, k: grad_k, v: grads.v, scores: grads.scores })
    }

    /// From the gradient of the output back to products and values.
    pub(super) fn finish_backward_plain(
        &self,
        sizes: &Sizes,
        products: &Array4<f64>,
        weights: &Array4<f64>,
        v: &Array4<f64>,
        grad_output: &Array4<f64>,
    ) -> FinishGrads {
        let mut grad_v = Array4::zeros(v.dim());
        let mut grad_scores = Array4::zeros(sizes.scores());
        let mut grad_products = Array4::zeros(sizes.scores());
        for (n, h, i) in sizes.rows() {
            let group = h / sizes.group;
            let visible = self.visible(i, sizes.queries, sizes.keys);
            let mut grad_weights = vec![0.0; sizes.keys];
            for j in visible.clone() {
                for c in 0..sizes.value_width {
                    grad_v[[n, group, j, c]] += weights[[n, h, i, j]] * grad_output[[n, h, i, c]];
                    grad_weights[j] += grad_output[[n, h, i, c]] * v[[n, group, j, c]];
                }
            }
            let mean: f64 = visible.clone().map(|j| weights[[n, h, i, j]] * grad_weights[j]).sum();
            for j in visible {
                let at = [n, h, i, j];
                grad_scores[at] = weights[at] * (grad_weights[j] - mean) / self.temperature;
                grad_products[at] = grad_scores[at] * self.cap_slope(products[at]);
            }
        }
        FinishGrads { products: grad_products, scores: grad_scores, v: grad_v }
    }

    /// The slope of the softcap at a score.
    pub(super) fn cap_slope(&self, score: f64) -> f64 {
        self.softcap.map_or(1.0, |cap| 1.0 - (score / cap).tanh().powi(2))
    }

    /// From the gradient of what is compared, in place, to that of queries or keys `x`: for the cosine, what points
    /// along `x` is taken out, and the rest is divided by the length.
    pub(super) fn compared_backward<T: Number>(&self, x: &Array4<T>, grad: &mut Array4<T>) {
        if self.score == Score::Dot {
            return;
        }
        for (x, mut grad) in x.rows().into_iter().zip(grad.rows_mut()) {
            let length = cosine_length(x.iter().map(|x| x.wide()));
            let squares: f64 = x.iter().map(|x| x.wide() * x.wide()).sum();
            let along: f64 = x.iter().zip(&grad).map(|(x, grad)| x.wide() * grad.wide()).sum();
            // a vector shorter than the smallest length is divided by a constant
            let along = if squares.sqrt() < length { 0.0 } else { along / (length * length) };
            grad.zip_mut_with(&x, |grad, x| *grad = T::nearest((grad.wide() - along * x.wide()) / length));
        }
    }
}

/// Gradients half the way back.
pub(super) struct FinishGrads {
    /// `[n, heads, queries, keys]`
    pub products: Array4<f64>,
    /// `[n, heads, queries, keys]`
    pub scores: Array4<f64>,
    /// `[n, num_kv_heads, keys, value width]`
    pub v: Array4<f64>,
}
