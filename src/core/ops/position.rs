//! Codes that are added to the embeddings to tell where a token stands: sines and cosines, or a learned table.

use std::f64::consts::TAU;

use crate::core::ops::rope_scaling::positive;
use crate::core::ops::tokens::Tokens;
use crate::core::tensor::{Error, Map, checked_elements};

/// The order of sines and cosines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SinusoidalLayout {
    /// Sine and cosine of a frequency side by side, as in the paper.
    #[default]
    Interleaved,
    /// All sines, then all cosines (Marian, tensor2tensor).
    HalfSplit,
}

/// The code of the first Transformer (Vaswani and others, 2017, section 3.5): column `2 i` holds
/// `sin(position / base^(2 i / dim))`, column `2 i + 1` the cosine of the same.
///
/// ```
/// use receptive::core::ops::Sinusoidal;
/// let table = Sinusoidal::new(4).table(0.0, 2)?;
/// assert_eq!(table.row(0).to_vec(), [0.0, 1.0, 0.0, 1.0]);
/// assert_eq!(table.row(1).to_vec(), [1f32.sin(), 1f32.cos(), 0.01f32.sin(), 0.01f32.cos()]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sinusoidal {
    /// Numbers of one code. With an odd one, the last sine has no cosine.
    pub dim: usize,
    /// The longest wavelength is almost `2π base`.
    pub base: f64,
    /// The order of the columns.
    pub layout: SinusoidalLayout,
}

impl Sinusoidal {
    /// The paper's code: base 10000, sines and cosines side by side.
    pub fn new(dim: usize) -> Self {
        Sinusoidal { dim, base: 10000.0, layout: SinusoidalLayout::default() }
    }

    /// The number `i` of a column's frequency, and whether it is a cosine.
    fn frequency(&self, column: usize) -> (usize, bool) {
        match self.layout {
            SinusoidalLayout::Interleaved => (column / 2, column % 2 == 1),
            SinusoidalLayout::HalfSplit => {
                let sines = self.dim.div_ceil(2);
                (column % sines.max(1), column >= sines)
            }
        }
    }

    /// After how many positions a column repeats, `2π base^(2 i / dim)`.
    pub fn wavelength(&self, column: usize) -> f64 {
        let (i, _) = self.frequency(column);
        TAU * self.base.powf(2.0 * i as f64 / self.dim.max(1) as f64)
    }

    /// One number of the code.
    pub fn at(&self, position: f64, column: usize) -> f64 {
        let (i, is_cosine) = self.frequency(column);
        let angle = position / self.base.powf(2.0 * i as f64 / self.dim.max(1) as f64);
        if is_cosine { angle.cos() } else { angle.sin() }
    }

    /// The codes of `positions` tokens, the first at `offset`: `[positions, dim]`.
    ///
    /// Errors: a base that is not above zero; more numbers than a tensor may have.
    pub fn table(&self, offset: f64, positions: usize) -> Result<Map, Error> {
        positive("base", self.base)?;
        checked_elements(&[positions, self.dim])?;
        Ok(Map::from_shape_fn((positions, self.dim), |(t, column)| self.at(offset + t as f64, column) as f32))
    }
}

/// Rows of a learned table `[max_position_embeddings, dim]`: the codes at `positions`, `[positions, dim]`.
///
/// Errors: a position that is not in the table, which was trained for so many and no more.
///
/// ```
/// let table = ndarray::array![[1.0, 2.0], [3.0, 4.0]];
/// let codes = receptive::core::ops::learned_positions(&table, &[1, 0, 1])?;
/// assert_eq!(codes, ndarray::array![[3.0, 4.0], [1.0, 2.0], [3.0, 4.0]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
pub fn learned_positions(table: &Map, positions: &[usize]) -> Result<Map, Error> {
    check_positions(positions, table.nrows())?;
    checked_elements(&[positions.len(), table.ncols()])?;
    Ok(Map::from_shape_fn((positions.len(), table.ncols()), |(t, column)| table[[positions[t], column]]))
}

/// The gradient of a learned table with `max_position_embeddings` rows, when its codes were added to every sample: the sum
/// over samples, and over tokens at the same position. `grad` is `[n, tokens, dim]`, the result
/// `[max_position_embeddings, dim]`.
///
/// Errors: a position that is not in the table, another number of tokens than positions.
pub fn learned_positions_backward(
    grad: &Tokens,
    positions: &[usize],
    max_position_embeddings: usize,
) -> Result<Map, Error> {
    check_positions(positions, max_position_embeddings)?;
    let (n, tokens, dim) = grad.dim();
    if tokens != positions.len() {
        let (expected, got) = (vec![n, positions.len(), dim], grad.shape().to_vec());
        return Err(Error::ShapeMismatch { name: "grad_output", expected, got });
    }
    checked_elements(&[max_position_embeddings, dim])?;
    let mut table = ndarray::Array2::<f64>::zeros((max_position_embeddings, dim));
    for ((_, t, column), &share) in grad.indexed_iter() {
        table[[positions[t], column]] += f64::from(share);
    }
    Ok(table.mapv(|x| x as f32))
}

/// Errors: a position that is not below `size`.
fn check_positions(positions: &[usize], size: usize) -> Result<(), Error> {
    match positions.iter().find(|&&position| position >= size) {
        None => Ok(()),
        Some(&position) => {
            let index = i64::try_from(position).unwrap_or(i64::MAX);
            Err(Error::IndexOutOfRange { name: "positions", index, size })
        }
    }
}
