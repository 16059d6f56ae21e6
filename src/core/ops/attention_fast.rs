//! The fast path of attention: forward eight queries at a time, backward by [`gemm`], and of causal and local attention
//! only the part that is seen.

use std::ops::Range;

use ndarray::{CowArray, Ix4};

use crate::core::ops::attention::{Attended, Attention, AttentionGrads, Heads, Score, Sizes};
use crate::core::ops::attention_head::{Desk, Head, Maps, scale as scale_all};
use crate::core::ops::attention_mask::{Mask, Masks};
use crate::core::ops::gemm::{Matrix, gemm};
use crate::core::tensor::Error;

/// Queries of one block of the backward pass, when not all see all keys.
const BLOCK: usize = 64;

impl Attention {
    /// Attention with every step kept: the same as [`Attention::forward_plain`] up to rounding, fast. Same arguments;
    /// same errors, and more keys than can be laid out for it.
    pub fn forward(&self, q: &Heads, k: &Heads, v: &Heads, masks: &[Mask<'_>]) -> Result<Attended, Error> {
        let sizes = Sizes::new([q, k, v])?;
        let (maps, output) = self.run(&sizes, [q, k, v], masks, true)?;
        let (scores, weights) = (maps.scores.unwrap_or_default(), maps.weights);
        Ok(Attended { scores: shaped(&sizes, scores), weights: shaped(&sizes, weights), output })
    }

    /// Output and weights alone, which is less to write: `(output, weights)`. Same arguments and errors as
    /// [`Attention::forward`].
    pub fn attend(
        &self,
        q: &Heads,
        k: &Heads,
        v: &Heads,
        masks: &[Mask<'_>],
    ) -> Result<(Heads, Heads), Error> {
        let sizes = Sizes::new([q, k, v])?;
        let (maps, output) = self.run(&sizes, [q, k, v], masks, false)?;
        Ok((output, shaped(&sizes, maps.weights)))
    }

    /// Maps and output of legal `sizes`.
    fn run(
        &self,
        sizes: &Sizes,
        [q, k, v]: [&Heads; 3],
        masks: &[Mask<'_>],
        with_scores: bool,
    ) -> Result<(Maps, Heads), Error> {
        self.check()?;
        let masks = Masks::new(masks, sizes.scores())?;
        let (q, k, v) = (self.scaled(q, sizes), self.straight(k), v.as_standard_layout());
        let (mut maps, mut desk) = (Maps::new(sizes, with_scores), Desk::new(sizes)?);
        let mut output = Heads::zeros(sizes.output());
        if let (Some(q), Some(k), Some(v), Some(output)) =
            (q.as_slice(), k.as_slice(), v.as_slice(), output.as_slice_mut())
        {
            for (n, h) in sizes.planes() {
                desk.lay_out(sizes, &k[sizes.k_range(n, h)], &v[sizes.v_range(n, h)]);
                let q = &q[sizes.q_range(n, h)];
                let head = Head { attention: self, sizes, masks: &masks, place: (n, h), q };
                head.run(&mut desk, &mut maps, &mut output[sizes.output_range(n, h)]);
            }
        }
        Ok((maps, output))
    }

    /// Blocks of queries, each with the keys that some of them sees.
    fn blocks(&self, sizes: &Sizes) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + use<> {
        let (attention, queries, keys) = (*self, sizes.queries, sizes.keys);
        let whole = queries > 0 && {
            let (first, last) = (self.visible(0, queries, keys), self.visible(queries - 1, queries, keys));
            first == (0..keys) && last == first
        };
        let step = if whole { queries } else { BLOCK };
        (0..queries).step_by(step.max(1)).map(move |first| {
            let rows = first..(first + step).min(queries);
            let seen = attention.seen(&rows, queries, keys);
            (rows, seen)
        })
    }

    /// The keys that some of these queries sees: neighbours, because a later query sees neither an earlier first key nor
    /// an earlier last one.
    pub(super) fn seen(&self, rows: &Range<usize>, queries: usize, keys: usize) -> Range<usize> {
        let (first, last) =
            (self.visible(rows.start, queries, keys), self.visible(rows.end - 1, queries, keys));
        first.start..last.end.max(first.start)
    }

    /// Queries with the scale in them, in one line.
    fn scaled(&self, q: &Heads, sizes: &Sizes) -> Heads {
        let scale = self.scale_for(sizes.width);
        let mut q = self.straight(q).into_owned();
        match q.as_slice_mut() {
            Some(q) if (scale as f32).is_normal() => scale_all(q, scale as f32),
            _ => q.mapv_inplace(|x| (f64::from(x) * scale) as f32),
        }
        q
    }

    /// Queries or keys as they are compared, in one line.
    fn straight<'a>(&self, x: &'a Heads) -> CowArray<'a, f32, Ix4> {
        match self.score {
            Score::Dot => x.as_standard_layout(),
            Score::Cosine => self.compared(x).as_standard_layout().into_owned().into(),
        }
    }

    /// The gradients of `sum(output * grad_output)` with respect to queries, keys, values and added masks, fast.
    ///
    /// `grad_output` is `[n, heads, queries, value width]`.
    ///
    /// Errors: those of [`Attention::forward_plain`], and a `grad_output` of another shape than the output.
    ///
    /// ```
    /// use ndarray::array;
    /// use receptive::core::ops::Attention;
    /// let (q, k) = (array![[[[0.0]]]], array![[[[1.0], [-1.0]]]]);
    /// let v = array![[[[3.0], [1.0]]]];
    /// let grads = Attention::default().backward(&q, &k, &v, &[], &array![[[[1.0]]]])?;
    /// assert_eq!(grads.v, array![[[[0.5], [0.5]]]]); // half of each value is in the output
    /// assert_eq!(grads.scores, array![[[[0.5, -0.5]]]]); // w (v - mean of v)
    /// assert_eq!(grads.q, array![[[[1.0]]]]);
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn backward(
        &self,
        q: &Heads,
        k: &Heads,
        v: &Heads,
        masks: &[Mask<'_>],
        grad_output: &Heads,
    ) -> Result<AttentionGrads, Error> {
        let sizes = Sizes::new([q, k, v])?;
        sizes.check_grad(grad_output)?;
        let (_, weights) = self.attend(q, k, v, masks)?;
        let mut grads = AttentionGrads {
            q: Heads::zeros(q.dim()),
            k: Heads::zeros(k.dim()),
            v: Heads::zeros(v.dim()),
            scores: Heads::zeros(sizes.scores()),
        };
        self.run_backward(&sizes, [q, k, v, grad_output], &weights, &mut grads);
        let scale = self.scale_for(sizes.width);
        grads.q.mapv_inplace(|grad| (f64::from(grad) * scale) as f32);
        grads.k.mapv_inplace(|grad| (f64::from(grad) * scale) as f32);
        self.compared_backward(q, &mut grads.q);
        self.compared_backward(k, &mut grads.k);
        Ok(grads)
    }

    /// Fills `grads`, all zero before, but for the scale in those of queries and keys. `None` only when a tensor is not in
    /// one line, which does not happen.
    fn run_backward(
        &self,
        sizes: &Sizes,
        [q, k, v, grad_output]: [&Heads; 4],
        weights: &Heads,
        grads: &mut AttentionGrads,
    ) -> Option<()> {
        let (scaled, q, k) = (self.scaled(q, sizes), self.straight(q), self.straight(k));
        let (v, grad_output) = (v.as_standard_layout(), grad_output.as_standard_layout());
        let (scaled, q, k, v) = (scaled.as_slice()?, q.as_slice()?, k.as_slice()?, v.as_slice()?);
        let (grad_output, weights) = (grad_output.as_slice()?, weights.as_slice()?);
        let (grad_q, grad_k) = (grads.q.as_slice_mut()?, grads.k.as_slice_mut()?);
        let (grad_v, grad_scores) = (grads.v.as_slice_mut()?, grads.scores.as_slice_mut()?);
        let (width, keys, values) = (sizes.width, sizes.keys, sizes.value_width);
        let mut bent = vec![0.0; if self.softcap.is_some() { sizes.queries * keys } else { 0 }];
        for (n, h) in sizes.planes() {
            let (weights, grad_output) =
                (&weights[sizes.map_range(n, h)], &grad_output[sizes.output_range(n, h)]);
            let grad_scores = &mut grad_scores[sizes.map_range(n, h)];
            let (k, v) = (&k[sizes.k_range(n, h)], &v[sizes.v_range(n, h)]);
            let (grad_k, grad_v) = (&mut grad_k[sizes.k_range(n, h)], &mut grad_v[sizes.v_range(n, h)]);
            for (rows, seen) in self.blocks(sizes) {
                let begin = rows.start * keys + seen.start;
                let grad_output = Matrix::rows(&grad_output[rows.start * values..], values);
                let block = Matrix::rows(&weights[begin..], keys);
                let size = (seen.len(), values, rows.len());
                gemm(size, block.t(), grad_output, &mut grad_v[seen.start * values..], values);
                // the gradient of the weights, and from it that of the scores
                let v = Matrix::rows(&v[seen.start * values..], values);
                let size = (rows.len(), seen.len(), values);
                gemm(size, grad_output, v.t(), &mut grad_scores[begin..], keys);
                for i in rows.clone() {
                    let row = i * keys..(i + 1) * keys;
                    softmax_backward(&weights[row.clone()], &mut grad_scores[row], self.temperature);
                }
                let k = Matrix::rows(&k[seen.start * width..], width);
                if self.softcap.is_some() {
                    let bent = &mut bent[begin..];
                    let size = (rows.len(), seen.len(), width);
                    (0..rows.len()).for_each(|i| bent[i * keys..][..seen.len()].fill(0.0));
                    let q = Matrix::rows(&scaled[sizes.q_range(n, h)][rows.start * width..], width);
                    gemm(size, q, k.t(), bent, keys);
                    for i in 0..rows.len() {
                        let grads = &grad_scores[begin + i * keys..][..seen.len()];
                        let slopes = bent[i * keys..][..seen.len()].iter_mut();
                        slopes
                            .zip(grads)
                            .for_each(|(x, grad)| *x = (self.cap_slope(f64::from(*x))) as f32 * grad);
                    }
                }
                let products = if self.softcap.is_some() { &bent[begin..] } else { &grad_scores[begin..] };
                let products = Matrix::rows(products, keys);
                let queries = sizes.q_range(n, h).start + rows.start * width;
                gemm((rows.len(), width, seen.len()), products, k, &mut grad_q[queries..], width);
                let q = Matrix::rows(&q[queries..], width);
                let size = (seen.len(), width, rows.len());
                gemm(size, products.t(), q, &mut grad_k[seen.start * width..], width);
            }
        }
        Some(())
    }
}

/// Rows of scores or weights as they were written: `[n, heads, queries, keys]`.
fn shaped(sizes: &Sizes, map: Vec<f32>) -> Heads {
    Heads::from_shape_vec(sizes.scores(), map).unwrap_or_else(|_| Heads::zeros(sizes.scores()))
}

/// The gradient of a row of scores, in place of that of its weights: `w (g - sum of w g) / temperature`.
fn softmax_backward(weights: &[f32], grads: &mut [f32], temperature: f64) {
    let products =
        weights.iter().zip(grads.iter()).map(|(&weight, &grad)| f64::from(weight) * f64::from(grad));
    let mean: f64 = products.sum();
    for (grad, &weight) in grads.iter_mut().zip(weights) {
        *grad = (f64::from(weight) * (f64::from(*grad) - mean) / temperature) as f32;
    }
}
