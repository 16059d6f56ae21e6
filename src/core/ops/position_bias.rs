//! Position codes that are added to the scores rather than to the embeddings: ALiBi, T5's buckets, Swin's table. All are
//! masks of the kind [`Mask::Added`](super::Mask::Added).

use ndarray::{Array2, Array3};

use crate::core::tensor::{Error, Map, checked_elements};

/// In which order ALiBi's slopes are given to heads whose number is no power of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AlibiOrder {
    /// The slopes of the largest power of two below, then every second one of twice that power (the paper, BLOOM).
    #[default]
    Bloom,
    /// Every second slope of the next power of two, then the others (MPT).
    Mpt,
}

/// The slopes of ALiBi, attention with linear biases (Press, Smith and Lewis, 2021): for `n` heads, a power of two,
/// `2^(-8 / n), 2^(-16 / n) … 2^-8`.
///
/// ```
/// use receptive::core::ops::{AlibiOrder, alibi_slopes};
/// assert_eq!(alibi_slopes(4, AlibiOrder::Bloom)?, [0.25, 0.0625, 0.015625, 0.00390625]);
/// assert_eq!(alibi_slopes(3, AlibiOrder::Bloom)?, [0.0625, 0.00390625, 0.25]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
///
/// Errors: more heads than a tensor may have elements.
pub fn alibi_slopes(num_heads: usize, order: AlibiOrder) -> Result<Vec<f32>, Error> {
    checked_elements(&[num_heads])?;
    if num_heads == 0 {
        return Ok(Vec::new());
    }
    let series = |heads: usize| (1..=heads).map(move |i| (-8.0 * i as f64 / heads as f64).exp2() as f32);
    let above = num_heads.next_power_of_two();
    if above == num_heads {
        return Ok(series(num_heads).collect());
    }
    let slopes: Vec<f32> = match order {
        AlibiOrder::Bloom => series(above / 2).chain(series(above).step_by(2)).collect(),
        AlibiOrder::Mpt => series(above).skip(1).step_by(2).chain(series(above).step_by(2)).collect(),
    };
    Ok(slopes.into_iter().take(num_heads).collect())
}

/// ALiBi's bias, `-slope * distance` for each head: `[heads, queries, keys]`. The first query stands at key `offset`. Keys
/// behind a query have bias zero (a causal mask hides them) unless it is `symmetric`.
///
/// Errors: more numbers than a tensor may have.
pub fn alibi_bias(
    slopes: &[f32],
    queries: usize,
    keys: usize,
    offset: i64,
    symmetric: bool,
) -> Result<Array3<f32>, Error> {
    checked_elements(&[slopes.len(), queries, keys])?;
    Ok(Array3::from_shape_fn((slopes.len(), queries, keys), |(h, i, j)| {
        let distance = offset as f64 + i as f64 - j as f64;
        let distance = if symmetric { distance.abs() } else { distance.max(0.0) };
        (-f64::from(slopes[h]) * distance) as f32 + 0.0 // no negative zero
    }))
}

/// BLOOM's form of the same bias: `slope * key position`, one row for all queries, `[heads, keys]`. The softmax does not
/// see what is added to a whole row, so the weights are the same as with [`alibi_bias`].
///
/// Errors: more numbers than a tensor may have.
pub fn alibi_row(slopes: &[f32], keys: usize) -> Result<Map, Error> {
    checked_elements(&[slopes.len(), keys])?;
    Ok(Map::from_shape_fn((slopes.len(), keys), |(h, j)| slopes[h] * j as f32))
}

/// T5's buckets of distances (Raffel and others, 2019, section 2.1): near ones each have their own, farther ones share one
/// with more and more others, all beyond `max_distance` share the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct T5Buckets {
    /// Whether keys behind the query have buckets of their own, half of all; else they share bucket 0.
    pub bidirectional: bool,
    /// How many buckets there are.
    pub num_buckets: usize,
    /// The distance from which on all share the last.
    pub max_distance: usize,
}

impl Default for T5Buckets {
    fn default() -> Self {
        T5Buckets { bidirectional: true, num_buckets: 32, max_distance: 128 }
    }
}

impl T5Buckets {
    /// The bucket of `key position - query position`.
    ///
    /// ```
    /// use receptive::core::ops::T5Buckets;
    /// let causal = T5Buckets { bidirectional: false, ..T5Buckets::default() };
    /// assert_eq!([0, -15, -16, -18, -19, -113, -5000, 7].map(|d| causal.bucket(d)), [0, 15, 16, 16, 17, 31, 31, 0]);
    /// ```
    pub fn bucket(&self, relative_position: i64) -> usize {
        let (half, buckets) = if self.bidirectional {
            (self.num_buckets / 2, self.num_buckets / 2)
        } else {
            (0, self.num_buckets)
        };
        let first = if relative_position > 0 { half } else { 0 };
        let distance = match relative_position {
            behind if behind > 0 && !self.bidirectional => 0,
            other => other.unsigned_abs(),
        };
        let exact = buckets / 2;
        let last = first + buckets.saturating_sub(1);
        if distance < exact as u64 {
            return first + distance as usize;
        }
        if distance >= self.max_distance.max(exact.max(1)) as u64 {
            return last;
        }
        // evenly spaced logarithms from `exact` to `max_distance`; a distance at a boundary belongs to the bucket above it,
        // whatever the logarithms are rounded to
        let ratio = |distance: f64| (distance / exact.max(1) as f64).ln();
        let share = ratio(distance as f64) / ratio(self.max_distance as f64);
        let above = share * (buckets - exact) as f64 + 1e-9;
        (first + exact + above as usize).min(last)
    }

    /// The bucket of every query and key: `[queries, keys]`, the first query at key `offset`.
    ///
    /// Errors: more numbers than a tensor may have.
    pub fn indices(&self, queries: usize, keys: usize, offset: i64) -> Result<Array2<usize>, Error> {
        checked_elements(&[queries, keys])?;
        Ok(Array2::from_shape_fn((queries, keys), |(i, j)| {
            self.bucket((j as i64).saturating_sub(offset).saturating_sub(i as i64))
        }))
    }
}

/// Swin's index of relative places in a window of `(height, width)` cells (Liu and others, 2021): for each pair of cells,
/// which row of the bias table belongs to them, `[cells, cells]`. There are `(2 height - 1) (2 width - 1)` rows.
///
/// Errors: more numbers than a tensor may have.
pub fn swin_indices((height, width): (usize, usize)) -> Result<Array2<usize>, Error> {
    let cells = checked_elements(&[height, width])?;
    checked_elements(&[cells, cells])?;
    Ok(Array2::from_shape_fn((cells, cells), |(a, b)| {
        let rows = a / width + height - 1 - b / width;
        let columns = a % width + width - 1 - b % width;
        rows * (2 * width - 1) + columns
    }))
}

/// A bias read from a table `[buckets, heads]` through indices `[queries, keys]`: `[heads, queries, keys]`.
///
/// Errors: an index that is not in the table; more numbers than a tensor may have.
pub fn relative_bias(table: &Map, indices: &Array2<usize>) -> Result<Array3<f32>, Error> {
    check_indices(indices, table.nrows())?;
    let (queries, keys) = indices.dim();
    checked_elements(&[table.ncols(), queries, keys])?;
    Ok(Array3::from_shape_fn((table.ncols(), queries, keys), |(h, i, j)| table[[indices[[i, j]], h]]))
}

/// The gradient of such a table with `buckets` rows from that of the bias, `[heads, queries, keys]`.
///
/// Errors: an index that is not in the table, a gradient of another shape than the bias.
pub fn relative_bias_backward(
    grad: &Array3<f32>,
    indices: &Array2<usize>,
    buckets: usize,
) -> Result<Map, Error> {
    check_indices(indices, buckets)?;
    let (heads, queries, keys) = grad.dim();
    if (queries, keys) != indices.dim() {
        let expected = vec![heads, indices.nrows(), indices.ncols()];
        return Err(Error::ShapeMismatch { name: "grad_output", expected, got: grad.shape().to_vec() });
    }
    checked_elements(&[buckets, heads])?;
    let mut table = Array2::<f64>::zeros((buckets, heads));
    for ((h, i, j), &share) in grad.indexed_iter() {
        table[[indices[[i, j]], h]] += f64::from(share);
    }
    Ok(table.mapv(|x| x as f32))
}

/// Errors: an index that is not below `size`.
fn check_indices(indices: &Array2<usize>, size: usize) -> Result<(), Error> {
    match indices.iter().find(|&&index| index >= size) {
        None => Ok(()),
        Some(&index) => {
            let index = i64::try_from(index).unwrap_or(i64::MAX);
            Err(Error::IndexOutOfRange { name: "indices", index, size })
        }
    }
}
