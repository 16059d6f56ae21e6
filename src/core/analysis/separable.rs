//! Whether a kernel is the product of a column and a row, so that two short passes do the work of one long.

use crate::core::tensor::Map;

/// The answer of [`separability`].
#[derive(Clone, Debug, PartialEq)]
pub struct Separability {
    /// How many products of a column and a row must be added to make the kernel.
    pub rank: usize,
    /// Singular values, the largest first; `min(kh, kw)` of them.
    pub singular_values: Vec<f32>,
    /// The column `[kh]` of the best single product.
    pub column: Vec<f32>,
    /// The row `[kw]` of the best single product: `weight ≈ column * rowᵀ`, equal when the rank is 1.
    pub row: Vec<f32>,
}

/// Rank, singular values and best rank-one factors of a kernel `[kh, kw]`, by the singular value decomposition
/// (one-sided Jacobi rotations, in `f64`).
///
/// A singular value counts when it is larger than `max(kh, kw) * f32::EPSILON` times the largest, the rule of
/// `numpy.linalg.matrix_rank`: what is below is the rounding of the weights. The factors are scaled to be
/// recognised: whole numbers for a kernel of whole numbers, the same sum for a smoothing kernel. A kernel of zeros
/// has rank 0 and factors of zeros. A kernel that holds NaN or an infinity has no decomposition: its rank is
/// `min(kh, kw)` and the lists are empty.
///
/// ```
/// use receptive::core::analysis::separability;
/// let sobel = ndarray::array![[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]];
/// let found = separability(&sobel);
/// assert_eq!((found.rank, found.column, found.row), (1, vec![1.0, 2.0, 1.0], vec![-1.0, 0.0, 1.0]));
/// ```
pub fn separability(weight: &Map) -> Separability {
    let (height, width) = weight.dim();
    if weight.iter().any(|w| !w.is_finite()) {
        return Separability {
            rank: height.min(width),
            singular_values: vec![],
            column: vec![],
            row: vec![],
        };
    }
    // Columns of the taller orientation: at most as many columns as rows.
    let tall = height >= width;
    let mut columns: Vec<Vec<f64>> = if tall {
        weight.columns().into_iter().map(|column| column.iter().map(|&w| f64::from(w)).collect()).collect()
    } else {
        weight.rows().into_iter().map(|row| row.iter().map(|&w| f64::from(w)).collect()).collect()
    };
    orthogonalise(&mut columns);
    // The largest first.
    let mut sorted: Vec<Vec<f64>> = Vec::with_capacity(columns.len());
    for column in columns {
        let square = dot(&column, &column);
        let at = sorted.partition_point(|other| dot(other, other) >= square);
        sorted.insert(at, column);
    }
    let columns = sorted;
    let singular: Vec<f64> = columns.iter().map(|column| dot(column, column).sqrt()).collect();
    let largest = singular.first().copied().unwrap_or(0.0);
    let tolerance = height.max(width) as f64 * f64::from(f32::EPSILON) * largest;
    let rank = singular.iter().filter(|&&value| value > tolerance).count();
    let (column, row) = match columns.first() {
        Some(first) if rank > 0 => {
            // weight = U S Vᵀ; the first left vector gives the other one by projection
            let left: Vec<f64> = first.iter().map(|x| x / largest).collect();
            let (column, row) = if tall {
                let row = (0..width)
                    .map(|j| (0..height).map(|i| left[i] * f64::from(weight[[i, j]])).sum())
                    .collect();
                (left, row)
            } else {
                let column = (0..height)
                    .map(|i| (0..width).map(|j| left[j] * f64::from(weight[[i, j]])).sum())
                    .collect();
                (column, left)
            };
            recognisable(weight, rank, column, row)
        }
        _ => (vec![0.0; height], vec![0.0; width]),
    };
    Separability {
        rank,
        singular_values: singular.iter().map(|&value| value as f32).collect(),
        column: column.iter().map(|&x| x as f32).collect(),
        row: row.iter().map(|&x| x as f32).collect(),
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Rotates pairs of columns until all are at right angles; their lengths are then the singular values (Hestenes).
fn orthogonalise(columns: &mut [Vec<f64>]) {
    for _ in 0..60 {
        let mut rotated = false;
        for q in 1..columns.len() {
            let (before, after) = columns.split_at_mut(q);
            for a in before {
                rotated |= rotate(a, &mut after[0]);
            }
        }
        if !rotated {
            return;
        }
    }
}

/// One Jacobi rotation; `false` when the two are at right angles already.
fn rotate(a: &mut [f64], b: &mut [f64]) -> bool {
    let (aa, bb, ab) = (dot(a, a), dot(b, b), dot(a, b));
    if ab == 0.0 || ab.abs() <= 1e-15 * (aa * bb).sqrt() {
        return false;
    }
    let zeta = (bb - aa) / (2.0 * ab);
    let tangent = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = cosine * tangent;
    for (a, b) in a.iter_mut().zip(b) {
        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    }
    true
}

/// The same product, its scale shared out so that the factors can be read.
fn recognisable(weight: &Map, rank: usize, column: Vec<f64>, row: Vec<f64>) -> (Vec<f64>, Vec<f64>) {
    if rank == 1
        && let Some(factors) = whole_factors(weight, 1.0)
    {
        return factors;
    }
    let (mut column_sum, mut row_sum): (f64, f64) = (column.iter().sum(), row.iter().sum());
    let size = |factor: &[f64]| factor.iter().map(|x| x.abs()).sum::<f64>();
    if column_sum.abs() < 1e-5 * size(&column) || row_sum.abs() < 1e-5 * size(&row) {
        let smallest =
            weight.iter().map(|w| f64::from(w.abs())).filter(|&w| w > 0.0).fold(f64::INFINITY, f64::min);
        if rank == 1
            && let Some((column, row)) = whole_factors(weight, smallest)
        {
            return (column.iter().map(|x| x * smallest).collect(), row);
        }
        // No whole numbers to be found: the same length, and the first entry of the column positive.
        let first = column.iter().copied().find(|x| x.abs() > 1e-9).unwrap_or(1.0);
        column_sum = first.signum() * dot(&column, &column).sqrt();
        row_sum = first.signum() * dot(&row, &row).sqrt();
    }
    // The same sum in both, that of the column positive.
    let share = (row_sum / column_sum).abs().sqrt() * column_sum.signum();
    (column.iter().map(|x| x * share).collect(), row.iter().map(|x| x / share).collect())
}

/// The factors of `weight / unit` when all its entries are whole numbers: the row without common divisor, the sign
/// such that the factor with the larger sum has a positive one.
fn whole_factors(weight: &Map, unit: f64) -> Option<(Vec<f64>, Vec<f64>)> {
    let whole = |&w: &f32| {
        let value = f64::from(w) / unit;
        let rounded = value.round();
        ((value - rounded).abs() <= 1e-6 * value.abs() && rounded.abs() < 1e6).then_some(rounded as i64)
    };
    let entries: Vec<Vec<i64>> =
        weight.rows().into_iter().map(|row| row.iter().map(whole).collect()).collect::<Option<_>>()?;
    let pivot = entries.iter().position(|row| row.iter().any(|&x| x != 0))?;
    let divisor = entries[pivot].iter().fold(0, |divisor, &x| gcd(divisor, x.abs()));
    let row: Vec<i64> = entries[pivot].iter().map(|x| x / divisor).collect();
    let at = row.iter().position(|&x| x != 0)?;
    let column: Vec<i64> = entries.iter().map(|entry| entry[at] / row[at]).collect();
    let made =
        |column: i64, entries: &[i64]| row.iter().zip(entries).all(|(row, &entry)| column * row == entry);
    if !column.iter().zip(&entries).all(|(&column, entries)| made(column, entries)) {
        return None;
    }
    let (column_sum, row_sum): (i64, i64) = (column.iter().sum(), row.iter().sum());
    let first = column.iter().copied().find(|&x| x != 0)?;
    let largest = if row_sum.abs() > column_sum.abs() { row_sum } else { column_sum };
    let negative = if largest == 0 { first < 0 } else { largest < 0 };
    let factor = if negative { -1.0 } else { 1.0 };
    let signed = |factors: Vec<i64>| factors.into_iter().map(|x| x as f64 * factor).collect();
    Some((signed(column), signed(row)))
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;

    fn product(column: &[f32], row: &[f32]) -> Map {
        Map::from_shape_fn((column.len(), row.len()), |(i, j)| column[i] * row[j])
    }

    fn factors(weight: &Map) -> (Vec<f32>, Vec<f32>) {
        let found = separability(weight);
        assert_eq!(found.rank, 1, "{weight}");
        for (product, weight) in product(&found.column, &found.row).iter().zip(weight) {
            assert!((product - weight).abs() <= 1e-6 * weight.abs().max(1e-3), "{product} {weight}");
        }
        (found.column, found.row)
    }

    #[test]
    fn well_known_kernels() {
        let sobel = product(&[1.0, 2.0, 1.0], &[-1.0, 0.0, 1.0]);
        assert_eq!(factors(&sobel), (vec![1.0, 2.0, 1.0], vec![-1.0, 0.0, 1.0]));
        assert_eq!(factors(&sobel.t().to_owned()), (vec![-1.0, 0.0, 1.0], vec![1.0, 2.0, 1.0]));
        assert_eq!(factors(&(&sobel / 8.0)), (vec![0.125, 0.25, 0.125], vec![-1.0, 0.0, 1.0]));
        let gauss = product(&[1.0, 2.0, 1.0], &[1.0, 2.0, 1.0]) / 16.0;
        let (column, row) = factors(&gauss);
        for (value, want) in column.iter().chain(&row).zip([0.25, 0.5, 0.25, 0.25, 0.5, 0.25]) {
            assert!((value - want).abs() < 1e-6, "{column:?} {row:?}");
        }
        let (column, row) = factors(&Map::from_elem((3, 3), 1.0 / 9.0));
        assert!(column.iter().chain(&row).all(|x| (x - 1.0 / 3.0).abs() < 1e-6));
        assert_eq!(factors(&Map::from_elem((1, 1), -2.0)), (vec![2.0], vec![-1.0]));
        assert_eq!(factors(&ndarray::array![[0.0, 3.0, 6.0]]), (vec![3.0], vec![0.0, 1.0, 2.0]));
        let laplace = ndarray::array![[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]];
        assert_eq!(separability(&laplace).rank, 2);
        assert_eq!(separability(&Map::eye(5)).rank, 5);
    }

    #[test]
    fn nothing_to_factor() {
        let zero = separability(&Map::zeros((3, 2)));
        assert_eq!((zero.rank, zero.singular_values), (0, vec![0.0, 0.0]));
        assert_eq!((zero.column, zero.row), (vec![0.0; 3], vec![0.0; 2]));
        let mut weight = Map::eye(3);
        weight[[1, 1]] = f32::NAN;
        assert_eq!(separability(&weight).rank, 3);
        assert_eq!(separability(&Map::zeros((0, 4))).rank, 0);
    }

    #[test]
    fn any_size_and_rank() {
        let mut random = Random::new(71);
        for _ in 0..200 {
            let (height, width) = (1 + random.below(20), 1 + random.below(20));
            let rank = 1 + random.below(height.min(width).min(4));
            let mut weight = Map::zeros((height, width));
            for _ in 0..rank {
                let column: Vec<f32> = (0..height).map(|_| random.normal()).collect();
                let row: Vec<f32> = (0..width).map(|_| random.normal()).collect();
                weight += &product(&column, &row);
            }
            let found = separability(&weight);
            assert_eq!(found.rank, rank, "{height}x{width}: {:?}", found.singular_values);
            // the squares of the singular values sum to those of the entries; the best product leaves out the others
            let squares =
                |values: &mut dyn Iterator<Item = f32>| values.map(|x| f64::from(x).powi(2)).sum::<f64>();
            let total = squares(&mut weight.iter().copied());
            assert!((squares(&mut found.singular_values.iter().copied()) / total - 1.0).abs() < 1e-5);
            let left = squares(&mut (&weight - &product(&found.column, &found.row)).into_iter());
            let others = squares(&mut found.singular_values.iter().skip(1).copied());
            assert!((left - others).abs() < 1e-5 * total, "{left} {others}");
        }
    }

    #[test]
    fn every_scale() {
        for scale in [1e-30, 1e-10, 1.0, 1e20, 1e37] {
            let weight = product(&[0.3, -0.7, 0.2], &[1.1, 0.4]) * scale;
            let found = separability(&weight);
            assert_eq!(found.rank, 1, "{scale}");
            let back = product(&found.column, &found.row);
            assert!(back.iter().zip(&weight).all(|(a, b)| (a - b).abs() < 1e-5 * scale), "{scale}: {back}");
        }
    }
}
