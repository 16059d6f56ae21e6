//! What a decoder keeps of the tokens it has read, so that a new token costs one row of attention rather than all.

use ndarray::{ArrayD, Axis, IxDyn, concatenate};

use crate::core::ops::attention::{Attended, Attention, Heads};
use crate::core::ops::attention_mask::{Align, Mask};
use crate::core::tensor::{Error, Tensor, checked_elements};

/// The keys and values of all tokens so far. It grows by a token a step; a step still reads all of it.
///
/// Token by token through the cache gives the same numbers as all tokens at once under the causal mask:
///
/// ```
/// use ndarray::{Axis, array};
/// use receptive::core::ops::{Attention, KvCache};
/// let x = array![[[[0.5, -1.0], [2.0, 0.3], [-0.7, 1.1]]]]; // queries, keys and values: [n, heads, tokens, width]
/// let causal = Attention { is_causal: true, ..Attention::default() };
/// let full = causal.forward(&x, &x, &x, &[])?;
/// let mut cache = KvCache::default();
/// for (i, token) in x.axis_chunks_iter(Axis(2), 1).enumerate() {
///     let token = token.to_owned();
///     let step = cache.attend(&causal, &token, &token, &token, &[])?;
///     let row = full.output.slice(ndarray::s![.., .., i..=i, ..]).to_owned();
///     assert!((step.output - row).iter().all(|difference| difference.abs() < 1e-6));
/// }
/// assert_eq!(cache.tokens(), 3);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KvCache(Option<(Heads, Heads)>);

impl KvCache {
    /// A cache that begins with these keys `[n, num_kv_heads, tokens, width]` and values
    /// `[n, num_kv_heads, tokens, value width]`.
    ///
    /// Errors: another number of samples, heads or tokens in one than in the other.
    pub fn new(key: Heads, value: Heads) -> Result<Self, Error> {
        check_pair(&key, &value)?;
        Ok(KvCache(Some((key, value))))
    }

    /// How many tokens it holds.
    pub fn tokens(&self) -> usize {
        self.key().map_or(0, |key| key.dim().2)
    }

    /// How many bytes it holds: four for each number.
    pub fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |(key, value)| size_of::<f32>() * (key.len() + value.len()))
    }

    /// All keys, `[n, num_kv_heads, tokens, width]`; `None` while nothing has come.
    pub fn key(&self) -> Option<&Heads> {
        self.0.as_ref().map(|(key, _)| key)
    }

    /// All values, `[n, num_kv_heads, tokens, value width]`; `None` while nothing has come.
    pub fn value(&self) -> Option<&Heads> {
        self.0.as_ref().map(|(_, value)| value)
    }

    /// All keys and values; `None` when nothing has come.
    pub fn into_inner(self) -> Option<(Heads, Heads)> {
        self.0
    }

    /// Adds the keys and values of new tokens.
    ///
    /// Errors: samples, heads or widths that differ from those before, in which case nothing is added; more elements than
    /// a tensor may have.
    pub fn append(&mut self, key: &Heads, value: &Heads) -> Result<(), Error> {
        self.0 = Some(self.longer(key, value)?);
        Ok(())
    }

    /// Adds new tokens and lets their queries look at all that came. The first query stands at the first new key,
    /// whatever `attention.align` says.
    ///
    /// Errors: those of [`KvCache::append`] and of [`Attention::forward`]; nothing is added then.
    pub fn attend(
        &mut self,
        attention: &Attention,
        q: &Heads,
        k: &Heads,
        v: &Heads,
        masks: &[Mask<'_>],
    ) -> Result<Attended, Error> {
        let align = Align::At(i64::try_from(self.tokens()).unwrap_or(i64::MAX));
        let (k, v) = self.longer(k, v)?;
        let attended = Attention { align, ..*attention }.forward(q, &k, &v, masks)?;
        self.0 = Some((k, v));
        Ok(attended)
    }

    /// What it holds with new tokens behind.
    fn longer(&self, key: &Heads, value: &Heads) -> Result<(Heads, Heads), Error> {
        check_pair(key, value)?;
        match &self.0 {
            Some(past) => Ok((joined("k", &past.0, key)?, joined("v", &past.1, value)?)),
            None => Ok((key.clone(), value.clone())),
        }
    }
}

/// Errors: another number of samples, heads or tokens in one than in the other.
fn check_pair(key: &Heads, value: &Heads) -> Result<(), Error> {
    let (n, heads, tokens, _) = key.dim();
    let expected = vec![n, heads, tokens, value.dim().3];
    if value.shape() == expected {
        return Ok(());
    }
    Err(Error::ShapeMismatch { name: "v", expected, got: value.shape().to_vec() })
}

/// Two stretches of tokens, one after the other.
fn joined(name: &'static str, past: &Heads, new: &Heads) -> Result<Heads, Error> {
    let (n, heads, tokens, width) = past.dim();
    let mismatch = || Error::ShapeMismatch {
        name,
        expected: vec![n, heads, new.dim().2, width],
        got: new.shape().to_vec(),
    };
    if (n, heads, width) != (new.dim().0, new.dim().1, new.dim().3) {
        return Err(mismatch());
    }
    checked_elements(&[n, heads, tokens.saturating_add(new.dim().2), width])?;
    concatenate(Axis(2), &[past.view(), new.view()]).map_err(|_| mismatch())
}

/// A cache of a fixed length into which new tokens are written: ONNX's `TensorScatter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TensorScatter {
    /// The axis of the tokens, not the first one; negative ones count from the last.
    pub axis: isize,
    /// What goes beyond the end is written at the beginning: a ring, as sliding-window models keep it.
    pub circular: bool,
}

impl Default for TensorScatter {
    fn default() -> Self {
        TensorScatter { axis: -2, circular: false }
    }
}

impl TensorScatter {
    /// `past` with `update` written over it along the axis, in each sample from its `write_indices` on (all zero without
    /// them). `update` has the shape of `past` but for a length along the axis that is not longer.
    ///
    /// Errors: shapes that don't fit, an axis that is not there, an index outside of the cache.
    ///
    /// ```
    /// use ndarray::array;
    /// use receptive::core::ops::TensorScatter;
    /// let ring = TensorScatter { circular: true, ..TensorScatter::default() };
    /// let past = array![[[1.0], [2.0], [3.0]]].into_dyn();
    /// let new = array![[[8.0], [9.0]]].into_dyn();
    /// assert_eq!(ring.forward(&past, &new, Some(&[2]))?, array![[[9.0], [2.0], [8.0]]].into_dyn());
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn forward(
        &self,
        past: &Tensor,
        update: &Tensor,
        write_indices: Option<&[i64]>,
    ) -> Result<Tensor, Error> {
        let mut present = past.clone();
        self.each(past.shape(), update.shape(), write_indices, |at, from| present[at] = update[from])?;
        Ok(present)
    }

    /// The gradients of [`TensorScatter::forward`] with respect to `past` and `update`: what is written over has none.
    /// `update` is the shape of the update.
    ///
    /// Errors: those of [`TensorScatter::forward`].
    pub fn backward(
        &self,
        grad_present: &Tensor,
        update: &[usize],
        write_indices: Option<&[i64]>,
    ) -> Result<(Tensor, Tensor), Error> {
        let mut grad_past = grad_present.clone();
        let shape = grad_present.shape();
        self.each(shape, update, write_indices, |at, _| grad_past[at] = 0.0)?;
        let mut grad_update = Tensor::zeros(IxDyn(update)); // legal, and not larger than the cache
        self.each(shape, update, write_indices, |at, from| grad_update[from] = grad_present[at])?;
        Ok((grad_past, grad_update))
    }

    /// Calls `write` with each place of the cache that is written and the place of the update it gets.
    fn each(
        &self,
        past: &[usize],
        update: &[usize],
        write_indices: Option<&[i64]>,
        mut write: impl FnMut(&IxDyn, &IxDyn),
    ) -> Result<(), Error> {
        let rank = past.len();
        let axis = if self.axis < 0 { self.axis + rank as isize } else { self.axis };
        let axis = usize::try_from(axis)
            .ok()
            .filter(|&axis| axis > 0 && axis < rank)
            .ok_or(Error::IndexOutOfRange { name: "axis", index: self.axis as i64, size: rank })?;
        let mismatch =
            |expected: Vec<usize>| Error::ShapeMismatch { name: "update", expected, got: update.to_vec() };
        let mut expected = past.to_vec();
        if let (Some(expected), Some(&tokens)) = (expected.get_mut(axis), update.get(axis)) {
            *expected = tokens.min(*expected);
        }
        if expected != update {
            return Err(mismatch(expected));
        }
        let (samples, length) = (past[0], past[axis]);
        if let Some(indices) = write_indices.filter(|indices| indices.len() != samples) {
            let (expected, got) = (vec![samples], vec![indices.len()]);
            return Err(Error::ShapeMismatch { name: "write_indices", expected, got });
        }
        let places = |sample: usize| -> Result<Vec<usize>, Error> {
            let first = write_indices.map_or(0, |indices| indices[sample]);
            (0..update[axis]).map(|token| self.place(first, token, length)).collect()
        };
        let places: Vec<Vec<usize>> = (0..samples).map(places).collect::<Result<_, _>>()?;
        for (from, ()) in ArrayD::from_elem(IxDyn(update), ()).indexed_iter() {
            let mut at = from.clone();
            at[axis] = places[from[0]][from[axis]];
            write(&at, &from);
        }
        Ok(())
    }

    /// Where a token is written.
    fn place(&self, first: i64, token: usize, length: usize) -> Result<usize, Error> {
        let index = first.saturating_add(token as i64);
        let index = if self.circular { index.rem_euclid((length as i64).max(1)) } else { index };
        usize::try_from(index).ok().filter(|&place| place < length).ok_or(Error::IndexOutOfRange {
            name: "write_indices",
            index,
            size: length,
        })
    }
}
