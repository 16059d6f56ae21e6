//! Rotary position codes (Su and others, "RoFormer", 2021): each pair of a query's and a key's numbers is turned by an
//! angle that grows with the position, so that their product depends only on how far apart they stand.

use ndarray::{Array2, Array3};

use crate::core::ops::attention::Heads;
use crate::core::ops::rope_scaling::{RopeFrequencies, RopeScaling};
use crate::core::tensor::{Error, Map, checked_elements};

/// Which numbers make a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RopeLayout {
    /// `i` and `i + rotary_dim / 2` (GPT-NeoX, Llama in `transformers`: "rotate half").
    #[default]
    Half,
    /// `2 i` and `2 i + 1` (the paper, GPT-J).
    Interleaved,
}

/// A rotary code.
///
/// ```
/// use ndarray::array;
/// use receptive::core::ops::Rope;
/// let rope = Rope::new(2); // one pair, which turns by 1 radian a position
/// let x = array![[[[1.0, 0.0], [1.0, 0.0]]]]; // [n, heads, tokens, width]
/// let turned = rope.tables(&[0.0, 3.0], 4)?.rotate(&x)?;
/// assert_eq!(turned, array![[[[1.0, 0.0], [3f32.cos(), 3f32.sin()]]]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rope {
    /// How many of a head's numbers are turned, from the first on; even.
    pub rotary_dim: usize,
    /// The slowest pair's wavelength is almost `2π base` (`rope_theta`).
    pub base: f64,
    /// Which numbers make a pair.
    pub layout: RopeLayout,
    /// How the frequencies are changed.
    pub scaling: RopeScaling,
}

impl Rope {
    /// The code of the paper, its base 10000, for heads of this width.
    pub fn new(head_dim: usize) -> Self {
        Rope {
            rotary_dim: head_dim,
            base: 10000.0,
            layout: RopeLayout::default(),
            scaling: RopeScaling::default(),
        }
    }

    /// How fast each pair turns in a text of `seq_len` tokens.
    ///
    /// Errors: those of [`RopeScaling::frequencies`].
    pub fn frequencies(&self, seq_len: usize) -> Result<RopeFrequencies, Error> {
        self.scaling.frequencies(self.rotary_dim, self.base, seq_len)
    }

    /// The cosines and sines at these positions, the same for all samples.
    ///
    /// Errors: those of [`RopeScaling::frequencies`]; more numbers than a tensor may have.
    pub fn tables(&self, positions: &[f64], seq_len: usize) -> Result<RopeTables, Error> {
        let RopeFrequencies { inv_freq, attention_scaling } = self.frequencies(seq_len)?;
        let shape = [1, positions.len(), inv_freq.len()];
        checked_elements(&shape)?;
        let table = |function: fn(f64) -> f64| {
            Array3::from_shape_fn(shape, |(_, t, i)| {
                (attention_scaling * function(positions[t] * inv_freq[i])) as f32
            })
        };
        RopeTables::new(table(f64::cos), table(f64::sin), self.layout)
    }
}

/// Cosines and sines of every position and pair.
#[derive(Clone, Debug, PartialEq)]
pub struct RopeTables {
    cos: Array3<f32>,
    sin: Array3<f32>,
    layout: RopeLayout,
}

impl RopeTables {
    /// Tables `[n, tokens, pairs]`, or `[1, tokens, pairs]` for all samples.
    ///
    /// Errors: tables of different shapes.
    pub fn new(cos: Array3<f32>, sin: Array3<f32>, layout: RopeLayout) -> Result<Self, Error> {
        if cos.dim() != sin.dim() {
            let (expected, got) = (cos.shape().to_vec(), sin.shape().to_vec());
            return Err(Error::ShapeMismatch { name: "sin", expected, got });
        }
        Ok(RopeTables { cos, sin, layout })
    }

    /// The rows of caches `[positions, pairs]` that `position_ids` `[n, tokens]` name.
    ///
    /// Errors: caches of different shapes, a position that is not in them, more numbers than a tensor may have.
    pub fn from_cache(
        cos: &Map,
        sin: &Map,
        position_ids: &Array2<i64>,
        layout: RopeLayout,
    ) -> Result<Self, Error> {
        let size = cos.nrows();
        let wrong = |index: &&i64| usize::try_from(**index).map_or(true, |row| row >= size);
        if let Some(&index) = position_ids.iter().find(wrong) {
            return Err(Error::IndexOutOfRange { name: "position_ids", index, size });
        }
        if cos.dim() != sin.dim() {
            let (expected, got) = (cos.shape().to_vec(), sin.shape().to_vec());
            return Err(Error::ShapeMismatch { name: "sin", expected, got });
        }
        let (n, tokens) = position_ids.dim();
        let shape = (n, tokens, cos.ncols());
        checked_elements(&[n, tokens, cos.ncols()])?;
        let rows =
            |cache: &Map| Array3::from_shape_fn(shape, |(n, t, i)| cache[[position_ids[[n, t]] as usize, i]]);
        RopeTables::new(rows(cos), rows(sin), layout)
    }

    /// Cosine and sine for each number that is turned, rather than for each pair: `[n, tokens, rotary_dim]`, as
    /// `transformers` keeps them.
    pub fn columns(&self) -> (Array3<f32>, Array3<f32>) {
        let (n, tokens, pairs) = self.cos.dim();
        let columns = |table: &Array3<f32>| {
            Array3::from_shape_fn((n, tokens, 2 * pairs), |(n, t, c)| match self.layout {
                RopeLayout::Half => table[[n, t, c % pairs]],
                RopeLayout::Interleaved => table[[n, t, c / 2]],
            })
        };
        (columns(&self.cos), columns(&self.sin))
    }

    /// Turns each pair `(a, b)` of queries or keys `x`, `[n, heads, tokens, width]`, to
    /// `(a cos - b sin, a sin + b cos)`. What is beyond the pairs stays as it is.
    ///
    /// Errors: another number of samples or tokens than the tables have, or too few numbers.
    pub fn rotate(&self, x: &Heads) -> Result<Heads, Error> {
        self.turn(x, 1.0)
    }

    /// The gradient of `x` from that of [`RopeTables::rotate`]`(x)`: turned back.
    ///
    /// Errors: those of [`RopeTables::rotate`].
    pub fn rotate_backward(&self, grad: &Heads) -> Result<Heads, Error> {
        self.turn(grad, -1.0)
    }

    fn turn(&self, x: &Heads, direction: f32) -> Result<Heads, Error> {
        let (n, heads, tokens, width) = x.dim();
        let (samples, rows, pairs) = self.cos.dim();
        let needed = [if samples == 1 { n } else { samples }, heads, rows, width.max(2 * pairs)];
        if x.shape() != needed {
            let (expected, got) = (needed.to_vec(), x.shape().to_vec());
            return Err(Error::ShapeMismatch { name: "x", expected, got });
        }
        let mut turned = x.clone();
        for (n, h) in (0..n).flat_map(|n| (0..heads).map(move |h| (n, h))) {
            let table = n.min(samples.saturating_sub(1));
            for (t, i) in (0..tokens).flat_map(|t| (0..pairs).map(move |i| (t, i))) {
                let (a, b) = match self.layout {
                    RopeLayout::Half => (i, i + pairs),
                    RopeLayout::Interleaved => (2 * i, 2 * i + 1),
                };
                let (cos, sin) = (self.cos[[table, t, i]], direction * self.sin[[table, t, i]]);
                let (x_a, x_b) = (x[[n, h, t, a]], x[[n, h, t, b]]);
                turned[[n, h, t, a]] = x_a * cos - x_b * sin;
                turned[[n, h, t, b]] = x_a * sin + x_b * cos;
            }
        }
        Ok(turned)
    }
}
