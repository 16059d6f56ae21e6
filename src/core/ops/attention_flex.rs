//! Attention with a function on every score and on every weight, as PyTorch's `flex_attention` and ONNX's
//! `FlexAttention`: masks, biases, caps and more in one form.

use ndarray::{Array4, s};

use crate::core::ops::attention::{Attended, Attention, Heads, Sizes, softmax_plain};
use crate::core::ops::precision::Precision;
use crate::core::tensor::Error;

/// The arguments of flexible attention, without tensors and functions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FlexAttention {
    /// The factor of the products; `None` is `1 / sqrt(width)`.
    pub scale: Option<f64>,
    /// The type in which scores and weights are computed.
    pub softmax_precision: Precision,
}

impl FlexAttention {
    /// ```text
    /// scores  = score_mod(scale * q kᵀ)       of each score and its place [n, head, query, key]
    /// weights = prob_mod(softmax(scores))     of each weight and its place
    /// output  = weights v
    /// ```
    ///
    /// Shapes are those of [`Attention::forward_plain`]. A score of negative infinity hides; a row of nothing else gives
    /// zeros. Computed in `f64`, or rounded to `softmax_precision`.
    ///
    /// Errors: shapes that don't fit each other, heads that don't divide.
    ///
    /// ```
    /// use receptive::core::ops::FlexAttention;
    /// let x = ndarray::array![[[[1.0], [2.0]]]];
    /// let causal = |score, [_, _, query, key]: [usize; 4]| if key > query { f64::NEG_INFINITY } else { score };
    /// let attended = FlexAttention::default().forward(&x, &x, &x, causal, |weight, _| weight)?;
    /// assert_eq!(attended.weights[[0, 0, 0, 1]], 0.0);
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn forward(
        &self,
        q: &Heads,
        k: &Heads,
        v: &Heads,
        score_mod: impl Fn(f64, [usize; 4]) -> f64,
        prob_mod: impl Fn(f64, [usize; 4]) -> f64,
    ) -> Result<Attended, Error> {
        let [q, k, v] = [q, k, v].map(|x| x.mapv(f64::from));
        let sizes = Sizes::new([&q, &k, &v])?;
        let products = Attention { scale: self.scale, ..Attention::default() }.products_plain(&sizes, &q, &k);
        // `f32` is what the result is rounded to anyway
        let short = matches!(self.softmax_precision, Precision::Float16 | Precision::BFloat16);
        let round = |x: f64| if short { self.softmax_precision.round(x) } else { x };
        let scores = Array4::from_shape_fn(sizes.scores(), |(n, h, i, j)| {
            round(score_mod(round(products[[n, h, i, j]]), [n, h, i, j]))
        });
        let mut weights = Array4::zeros(sizes.scores());
        let mut output = Array4::zeros(sizes.output());
        for (n, h, i) in sizes.rows() {
            let row = scores.slice(s![n, h, i, ..]);
            let soft = if short { self.softmax_precision.softmax(row) } else { softmax_plain(row, 1.0) };
            for (j, weight) in soft.into_iter().enumerate() {
                weights[[n, h, i, j]] = round(prob_mod(weight, [n, h, i, j]));
                for c in 0..sizes.value_width {
                    output[[n, h, i, c]] += weights[[n, h, i, j]] * v[[n, h / sizes.group, j, c]];
                }
            }
        }
        let [scores, weights, output] = [scores, weights, output].map(|x| x.mapv(|x| x as f32));
        Ok(Attended { scores, weights, output })
    }
}
