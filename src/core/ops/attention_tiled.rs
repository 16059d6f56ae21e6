//! Attention tile by tile, without ever holding a whole row of scores: the online softmax (Milakov and Gimelshein,
//! 2018), on which FlashAttention stands (Dao and others, 2022).

use crate::core::ops::attention::{Attention, Heads, Sizes};
use crate::core::ops::attention_mask::{Mask, Masks};
use crate::core::tensor::{Error, checked_elements};

/// Attention computed tile by tile, and what was known after each tile.
#[derive(Clone, Debug, PartialEq)]
pub struct Tiled {
    /// `[n, heads, queries, value width]`, the same numbers as without tiles.
    pub output: Heads,
    /// The largest score so far, negative infinity while all were hidden: `[n, heads, queries, tiles]`.
    pub maxima: Heads,
    /// The sum so far of `exp((score - maximum) / temperature)`: `[n, heads, queries, tiles]`. In the end, this and the
    /// maximum are all that the backward pass needs to find the weights again.
    pub sums: Heads,
}

impl Attention {
    /// The same as [`Attention::forward`] up to rounding, with at most `tile` scores in memory. For each tile of keys:
    ///
    /// ```text
    /// new    = max(maximum, scores of the tile)
    /// shrink = exp((maximum - new) / temperature)        what was added before was measured against another maximum
    /// sum    = shrink * sum + sum of exp((scores - new) / temperature)
    /// mix    = shrink * mix + sum of exp((scores - new) / temperature) * values
    /// ```
    ///
    /// and in the end `output = mix / sum`. The gradient is [`Attention::backward`], since the function is the same.
    ///
    /// Errors: those of [`Attention::forward_plain`], and a tile of no keys.
    ///
    /// ```
    /// use ndarray::array;
    /// use receptive::core::ops::Attention;
    /// let (q, k) = (array![[[[1.0]]]], array![[[[0.0], [2.0], [1.0]]]]);
    /// let tiled = Attention::default().forward_tiled(&q, &k, &k, &[], 1)?;
    /// assert_eq!(tiled.maxima, array![[[[0.0, 2.0, 2.0]]]]);
    /// let whole = Attention::default().forward(&q, &k, &k, &[])?;
    /// assert!((tiled.output - whole.output).iter().all(|difference| difference.abs() < 1e-6));
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn forward_tiled(
        &self,
        q: &Heads,
        k: &Heads,
        v: &Heads,
        masks: &[Mask<'_>],
        tile: usize,
    ) -> Result<Tiled, Error> {
        let sizes = Sizes::new([q, k, v])?;
        self.check()?;
        if tile == 0 {
            return Err(Error::Zero { name: "tile" });
        }
        let masks = Masks::new(masks, sizes.scores())?;
        let tiles = sizes.keys.div_ceil(tile);
        checked_elements(&[sizes.n, sizes.heads, sizes.queries, tiles])?;
        let history = (sizes.n, sizes.heads, sizes.queries, tiles);
        let (mut maxima, mut sums) = (Heads::zeros(history), Heads::zeros(history));
        let mut output = Heads::zeros(sizes.output());

        let (q, k) = (self.compared(&q.mapv(f64::from)), self.compared(&k.mapv(f64::from)));
        let scale = self.scale_for(sizes.width);
        for (n, h, i) in sizes.rows() {
            let group = h / sizes.group;
            let visible = self.visible(i, sizes.queries, sizes.keys);
            let (mut maximum, mut sum) = (f64::NEG_INFINITY, 0.0);
            let mut mix = vec![0.0; sizes.value_width];
            for t in 0..tiles {
                let keys = t * tile..sizes.keys.min((t + 1) * tile);
                let seen: Vec<usize> = keys.filter(|j| visible.contains(j)).collect();
                let score = |&j: &usize| {
                    let products = (0..sizes.width).map(|c| q[[n, h, i, c]] * k[[n, group, j, c]]);
                    masks.apply([n, h, i, j], self.capped(scale * products.sum::<f64>()))
                };
                let scores: Vec<f64> = seen.iter().map(score).collect();
                let new = scores.iter().copied().fold(maximum, f64::max);
                if new > f64::NEG_INFINITY || scores.iter().any(|score| score.is_nan()) {
                    let shrink = if sum == 0.0 { 0.0 } else { ((maximum - new) / self.temperature).exp() };
                    maximum = new;
                    sum *= shrink;
                    mix.iter_mut().for_each(|mix| *mix *= shrink);
                    for (&j, score) in seen.iter().zip(scores) {
                        let power = ((score - maximum) / self.temperature).exp();
                        sum += power;
                        for (c, mix) in mix.iter_mut().enumerate() {
                            *mix += power * f64::from(v[[n, group, j, c]]);
                        }
                    }
                }
                maxima[[n, h, i, t]] = maximum as f32;
                sums[[n, h, i, t]] = sum as f32;
            }
            for (c, mix) in mix.into_iter().enumerate() {
                output[[n, h, i, c]] = if sum == 0.0 { 0.0 } else { (mix / sum) as f32 };
            }
        }
        Ok(Tiled { output, maxima, sums })
    }
}
