//! Who may look at whom: masks, and which keys the causal rule and the window leave to a query.

use std::ops::Range;

use ndarray::{ArrayD, ArrayView4, Ix4, IxDyn, s};

use crate::core::ops::attention::{Attention, Heads};
use crate::core::ops::number::Number;
use crate::core::tensor::{Error, Tensor, checked_elements};

/// A mask of the scores. Its shape is stretched to `[n, heads, queries, keys]` from the right, as PyTorch does:
/// `[queries, keys]` is for all, `[n, 1, 1, keys]` hides padding.
///
/// PyTorch uses both meanings of a boolean mask, so each has its own name here.
#[derive(Clone, Copy, Debug)]
pub enum Mask<'a> {
    /// True where a query may look: `torch.nn.functional.scaled_dot_product_attention`.
    Allowed(&'a ArrayD<bool>),
    /// True where a query may not look: `torch.nn.MultiheadAttention`.
    Blocked(&'a ArrayD<bool>),
    /// Added to the scores; negative infinity hides. Position biases (ALiBi, T5) are masks of this kind.
    Added(&'a Tensor),
}

/// Which key stands where the first query stands. The causal rule and the window count from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Align {
    /// The first key: query `i` stands at key `i` (PyTorch's `causal_upper_left`, and its `is_causal`).
    #[default]
    TopLeft,
    /// The last query stands at the last key, as it does behind a key/value cache (`causal_lower_right`).
    BottomRight,
    /// The first query stands at this key; the first queries may stand before all keys.
    At(i64),
}

/// How far a query sees from its own place (the sliding window of Longformer, Beltagy and others, 2020). `None` is as
/// far as there are keys; `left: Some(2)` leaves itself and the two before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Window {
    /// Keys before its own place.
    pub left: Option<usize>,
    /// Keys after its own place.
    pub right: Option<usize>,
}

impl Attention {
    /// The keys that the causal rule and the window leave to the query `i` of `queries`: neighbours, or none.
    ///
    /// ```
    /// use receptive::core::ops::{Attention, Window};
    /// let local = Attention { is_causal: true, window: Window { left: Some(1), right: None }, ..Attention::default() };
    /// assert_eq!(local.visible(3, 6, 6), 2..4);
    /// ```
    pub fn visible(&self, i: usize, queries: usize, keys: usize) -> Range<usize> {
        let right = if self.is_causal { Some(0) } else { self.window.right };
        if self.window.left.is_none() && right.is_none() {
            return 0..keys;
        }
        let number = |size: usize| i64::try_from(size).unwrap_or(i64::MAX);
        let first = match self.align {
            Align::TopLeft => 0,
            Align::BottomRight => number(keys) - number(queries),
            Align::At(first) => first,
        };
        let place = first.saturating_add(number(i));
        let clamped = |key: i64| key.clamp(0, number(keys)) as usize;
        let begin = self.window.left.map_or(0, |left| clamped(place.saturating_sub(number(left))));
        let end = right.map_or(keys, |right| clamped(place.saturating_add(number(right)).saturating_add(1)));
        begin..end.max(begin)
    }

    /// All rules in one mask to add to the scores of this `shape`, `[n, heads, queries, keys]`: negative infinity where
    /// a query may not look, else the sum of what the masks add.
    ///
    /// Errors: a mask whose shape can't be stretched; a shape with too many elements.
    pub fn combined_mask(&self, shape: [usize; 4], masks: &[Mask<'_>]) -> Result<Heads, Error> {
        checked_elements(&shape)?;
        let masks = Masks::new(masks, shape)?;
        let mut combined = Heads::from_elem(shape, f32::NEG_INFINITY);
        for i in 0..shape[2] {
            let visible = self.visible(i, shape[2], shape[3]);
            let mut rows = combined.slice_mut(s![.., .., i, visible.clone()]);
            for ((n, h, j), sum) in rows.indexed_iter_mut() {
                *sum = masks.apply([n, h, i, visible.start + j], 0.0);
            }
        }
        Ok(combined)
    }
}

/// Masks stretched to the shape of the scores.
pub(super) struct Masks<'a>(Vec<Stretched<'a>>);

enum Stretched<'a> {
    /// And which value hides.
    Switch(ArrayView4<'a, bool>, bool),
    Added(ArrayView4<'a, f32>),
}

impl<'a> Masks<'a> {
    /// Errors: a mask whose shape can't be stretched to `shape`.
    pub fn new(masks: &[Mask<'a>], shape: [usize; 4]) -> Result<Self, Error> {
        let stretched = masks.iter().map(|mask| {
            Ok(match mask {
                Mask::Allowed(mask) => Stretched::Switch(stretch(mask, shape)?, false),
                Mask::Blocked(mask) => Stretched::Switch(stretch(mask, shape)?, true),
                Mask::Added(mask) => Stretched::Added(stretch(mask, shape)?),
            })
        });
        Ok(Masks(stretched.collect::<Result<_, _>>()?))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The score of `[n, head, query, key]` under the masks. What is hidden is negative infinity, whatever it was.
    #[inline]
    pub fn apply<T: Number>(&self, at: [usize; 4], score: T) -> T {
        self.0.iter().fold(score, |score, mask| match mask {
            Stretched::Switch(mask, hides) if mask[at] == *hides => T::neg_infinity(),
            Stretched::Switch(..) => score,
            Stretched::Added(mask) if mask[at] == f32::NEG_INFINITY => T::neg_infinity(),
            Stretched::Added(mask) => score + T::of(mask[at]),
        })
    }
}

fn stretch<'a, A>(mask: &'a ArrayD<A>, shape: [usize; 4]) -> Result<ArrayView4<'a, A>, Error> {
    mask.broadcast(IxDyn(&shape)).and_then(|view| view.into_dimensionality::<Ix4>().ok()).ok_or_else(|| {
        Error::ShapeMismatch { name: "attn_mask", expected: shape.to_vec(), got: mask.shape().to_vec() }
    })
}

/// The gradient of a mask of the kind [`Mask::Added`] from the gradient of the scores: the sum over every score to
/// which one of its elements was added.
///
/// `grad_scores` is `[n, heads, queries, keys]` ([`AttentionGrads::scores`](super::AttentionGrads::scores)), the result
/// has `shape`.
///
/// Errors: a shape that can't be stretched to that of `grad_scores`.
pub fn mask_backward(grad_scores: &Heads, shape: &[usize]) -> Result<Tensor, Error> {
    let (n, heads, queries, keys) = grad_scores.dim();
    let full = [n, heads, queries, keys];
    let mut grad = ArrayD::<f64>::zeros(IxDyn(shape));
    let mismatch =
        || Error::ShapeMismatch { name: "attn_mask", expected: full.to_vec(), got: shape.to_vec() };
    let skipped = 4usize.checked_sub(shape.len()).ok_or_else(mismatch)?;
    if shape.iter().zip(&full[skipped..]).any(|(&own, &full)| own != full && own != 1) {
        return Err(mismatch());
    }
    for ((n, h, i, j), &share) in grad_scores.indexed_iter() {
        let at: Vec<usize> = [n, h, i, j][skipped..]
            .iter()
            .zip(shape)
            .map(|(&at, &own)| if own == 1 { 0 } else { at })
            .collect();
        grad[IxDyn(&at)] += f64::from(share);
    }
    Ok(grad.mapv(|x| x as f32))
}

/// The mask that hides padding: true, in `[n, 1, 1, keys]`, where a key is one of the first `lengths[n]`. For
/// [`Mask::Allowed`].
///
/// Errors: more elements than a tensor may have.
pub fn padding_mask(lengths: &[usize], keys: usize) -> Result<ArrayD<bool>, Error> {
    checked_elements(&[lengths.len(), keys])?;
    Ok(ArrayD::from_shape_fn(IxDyn(&[lengths.len(), 1, 1, keys]), |at| at[3] < lengths[at[0]]))
}
