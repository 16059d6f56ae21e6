//! Resizing a plane of numbers.

use ndarray::Axis as NdAxis;

use crate::core::ops::pad::check_not_zero;
use crate::core::tensor::{Axis, Error, Map, checked_elements};

/// What one output cell of an axis reads: the weights of the input cells from `first` on.
struct Reads {
    first: usize,
    weights: Vec<f64>,
}

/// Resizes `x` `[h, w]` to `size`, each axis by its own rule:
///
/// - **shrinking**: the mean of the input area that the output cell covers, cells at its edge counted by the part
///   that is covered. No cell is skipped, and the mean of the whole plane stays.
/// - **equal**: unchanged.
/// - **growing**: linear between the centres of the cells, as `F.interpolate(mode="bilinear",
///   align_corners=False)`; beyond the outermost centres the edge cell is repeated.
///
/// Errors: [`Error::Zero`] when `size` has a zero, [`Error::EmptyInput`], [`Error::TooLarge`].
///
/// ```
/// use receptive::core::ops::resize_area;
/// let x = ndarray::array![[0.0, 3.0, 6.0]];
/// assert_eq!(resize_area(&x, (1, 2))?, ndarray::array![[1.0, 5.0]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
pub fn resize_area(x: &Map, size: (usize, usize)) -> Result<Map, Error> {
    check_not_zero("size", size)?;
    let input = x.dim();
    for (axis, input) in [(Axis::Height, input.0), (Axis::Width, input.1)] {
        if input == 0 {
            return Err(Error::EmptyInput { axis });
        }
    }
    checked_elements(&[size.0, size.1])?;
    checked_elements(&[size.0, input.1])?;
    let rows = resize_rows(x, size.0); // [size.0, w]
    let columns = resize_rows(&rows.reversed_axes(), size.1); // [size.1, size.0]
    Ok(columns.reversed_axes().as_standard_layout().into_owned())
}

/// Resizes the first axis.
fn resize_rows(x: &Map, output: usize) -> Map {
    let (input, width) = x.dim();
    if input == output {
        return x.clone();
    }
    let mut y = Map::zeros((output, width));
    let mut sum = ndarray::Array1::<f64>::zeros(width);
    for (i, mut row) in y.axis_iter_mut(NdAxis(0)).enumerate() {
        let reads = if output < input { covered(i, input, output) } else { between(i, input, output) };
        sum.fill(0.0);
        for (source, weight) in x.axis_iter(NdAxis(0)).skip(reads.first).zip(&reads.weights) {
            sum.zip_mut_with(&source, |sum, &x| *sum += weight * f64::from(x));
        }
        row.zip_mut_with(&sum, |y, &sum| *y = sum as f32);
    }
    y
}

/// The output cell `i` covers `i * input / output ..= (i + 1) * input / output`. Counted in `1 / output` of an input
/// cell, so that all is exact.
fn covered(i: usize, input: usize, output: usize) -> Reads {
    let (start, end) = (i as u64 * input as u64, (i as u64 + 1) * input as u64);
    let cell = output as u64;
    let first = start / cell;
    let last = end.div_ceil(cell);
    let part = |index: u64| end.min((index + 1) * cell) - start.max(index * cell);
    Reads {
        first: first as usize,
        weights: (first..last).map(|index| part(index) as f64 / input as f64).collect(),
    }
}

/// The output cell `i` lies at `(i + 1/2) * input / output - 1/2`, between two input cells.
fn between(i: usize, input: usize, output: usize) -> Reads {
    let position = ((i as f64 + 0.5) * input as f64 / output as f64 - 0.5).clamp(0.0, (input - 1) as f64);
    let first = position.floor();
    let part = position - first;
    let weights = if part == 0.0 { vec![1.0] } else { vec![1.0 - part, part] };
    Reads { first: first as usize, weights }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;

    #[test]
    fn keeps_the_mean_when_shrinking() {
        let mut random = Random::new(1);
        for _ in 0..200 {
            let input = (1 + random.below(20), 1 + random.below(20));
            let size = (1 + random.below(input.0), 1 + random.below(input.1));
            let x = Map::from_shape_fn(input, |_| random.range(-1.0, 1.0));
            let y = resize_area(&x, size).unwrap();
            assert_eq!(y.dim(), size);
            assert!((x.mean().unwrap() - y.mean().unwrap()).abs() < 1e-6, "{input:?} {size:?}");
        }
    }

    #[test]
    fn identity_and_constant() {
        let x = Map::from_shape_fn((3, 5), |(i, j)| (i * 5 + j) as f32);
        assert_eq!(resize_area(&x, (3, 5)).unwrap(), x);
        for size in [(1, 1), (2, 9), (7, 2), (8, 11)] {
            let y = resize_area(&Map::from_elem((3, 5), 0.3), size).unwrap();
            assert!(y.iter().all(|&y| (y - 0.3).abs() < 1e-7), "{size:?}: {y}");
        }
    }

    #[test]
    fn known_values() {
        // 2/3 of a cell covers 1 + half of the next: (0*1 + 3*0.5)/1.5
        let x = ndarray::array![[0.0, 3.0, 6.0], [0.0, 3.0, 6.0]];
        assert_eq!(resize_area(&x, (1, 2)).unwrap(), ndarray::array![[1.0, 5.0]]);
        // bilinear from 2 to 4: centres at -0.25, 0.25, 0.75, 1.25
        let x = ndarray::array![[0.0, 4.0]];
        assert_eq!(resize_area(&x, (1, 4)).unwrap(), ndarray::array![[0.0, 1.0, 3.0, 4.0]]);
    }

    #[test]
    fn refusals() {
        let x = Map::zeros((2, 2));
        assert_eq!(resize_area(&x, (0, 2)), Err(Error::Zero { name: "size" }));
        assert!(matches!(resize_area(&x, (usize::MAX, 2)), Err(Error::TooLarge { .. })));
        assert_eq!(resize_area(&Map::zeros((0, 2)), (1, 1)), Err(Error::EmptyInput { axis: Axis::Height }));
    }
}
