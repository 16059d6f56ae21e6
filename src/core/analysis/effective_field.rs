//! Measures of an effective receptive field: how much of the gradient of a unit lies where.

use crate::core::tensor::Map;

/// The answer of [`area_ratios`] for one threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AreaRatio {
    /// Rows and columns of the smallest square that holds enough; odd.
    pub side: usize,
    /// Its area as a part of the map's.
    pub ratio: f64,
}

/// How large a square around the centre must be to hold more than each of the thresholds of all contributions, which
/// are `log10(1 + m)` of the numbers `m >= 0` of the map (Ding, Zhang, Han and Ding, "Scaling Up Your Kernels to 31x31",
/// CVPR 2022, section 4.4).
///
/// The centre is the cell `(h / 2, w / 2)`, squares have the sides 3, 5, 7 …, and only those that leave a part of the map
/// out on every side are looked at; `None` when none of them holds enough.
///
/// ```
/// use receptive::core::analysis::area_ratios;
/// let even = ndarray::Array2::ones((65, 65));
/// let half = area_ratios(&even, &[0.5])[0];
/// assert_eq!(half.map(|half| half.side), Some(47));
/// assert!(half.is_some_and(|half| (half.ratio - 47.0 * 47.0 / (65.0 * 65.0)).abs() < 1e-12));
/// ```
pub fn area_ratios(map: &Map, thresholds: &[f64]) -> Vec<Option<AreaRatio>> {
    let (height, width) = map.dim();
    let (row, column) = (height / 2, width / 2);
    let contribution = |i: usize, j: usize| (1.0 + f64::from(map[[i, j]])).log10();
    let mut total = 0.0;
    for i in 0..height {
        for j in 0..width {
            total += contribution(i, j);
        }
    }
    // Squares grow by a ring, so each cell is added once.
    let mut squares = Vec::new();
    let mut sum = if map.is_empty() { 0.0 } else { contribution(row, column) };
    for r in 1..row.min(column) {
        for j in column - r..=column + r {
            sum += contribution(row - r, j) + contribution(row + r, j);
        }
        for i in row - r + 1..row + r {
            sum += contribution(i, column - r) + contribution(i, column + r);
        }
        squares.push((2 * r + 1, sum / total));
    }
    let ratio = |side: usize| (side as f64 / height as f64) * (side as f64 / width as f64);
    let smallest = |&threshold: &f64| {
        let (side, _) = squares.iter().find(|(_, share)| *share > threshold)?;
        Some(AreaRatio { side: *side, ratio: ratio(*side) })
    };
    thresholds.iter().map(smallest).collect()
}

/// Shares and shape of a map of numbers `>= 0`.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The sum of each row, `[h]`.
    pub rows: Vec<f64>,
    /// The sum of each column, `[w]`.
    pub columns: Vec<f64>,
    /// The centre of mass, `(row, column)`; NaN when the map is 0.
    pub centre: (f64, f64),
    /// The standard deviation of the mass around it along each axis, `(height, width)`: that of a Gaussian with the
    /// same second moments. NaN when the map is 0.
    pub sigma: (f64, f64),
}

/// Sums of rows and columns of a map, its centre of mass and the width of the Gaussian with its moments.
///
/// ```
/// use receptive::core::analysis::profile;
/// let found = profile(&ndarray::array![[0.0, 0.0, 0.0], [1.0, 2.0, 1.0]]);
/// assert_eq!(found.columns, [1.0, 2.0, 1.0]);
/// assert_eq!((found.centre, found.sigma), ((1.0, 1.0), (0.0, 0.5_f64.sqrt())));
/// ```
pub fn profile(map: &Map) -> Profile {
    let sum = |line: ndarray::ArrayView1<'_, f32>| line.iter().map(|&x| f64::from(x)).sum::<f64>();
    let rows: Vec<f64> = map.rows().into_iter().map(sum).collect();
    let columns: Vec<f64> = map.columns().into_iter().map(sum).collect();
    let ((row, tall), (column, wide)) = (moments(&rows), moments(&columns));
    Profile { rows, columns, centre: (row, column), sigma: (tall, wide) }
}

/// Mean and standard deviation of places weighted by the numbers there.
fn moments(masses: &[f64]) -> (f64, f64) {
    let total: f64 = masses.iter().sum();
    let mean = masses.iter().zip(0..).map(|(mass, at)| mass * f64::from(at)).sum::<f64>() / total;
    let squares = masses.iter().zip(0..).map(|(mass, at)| mass * (f64::from(at) - mean).powi(2)).sum::<f64>();
    (mean, (squares / total).sqrt())
}

/// The Gaussian `height exp(-(x - centre)² / 2 sigma²)` that fits a profile best, by least squares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussianFit {
    /// Its largest value.
    pub height: f64,
    /// Where that is.
    pub centre: f64,
    /// Its width.
    pub sigma: f64,
}

/// Fits a Gaussian to a profile by the Levenberg-Marquardt method, from the profile's moments on. `None` for fewer
/// than three numbers, for one that is not finite, and for a profile without positive mass or without width.
///
/// Unlike [`Profile::sigma`] the fit doesn't see weak tails, which moments weigh by the square of their distance.
///
/// ```
/// use receptive::core::analysis::gaussian_fit;
/// let bell: Vec<f64> = (0..21).map(|x| 3.0 * (-(f64::from(x) - 9.5).powi(2) / 8.0).exp()).collect();
/// let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
/// let fit = gaussian_fit(&bell);
/// assert!(fit.is_some_and(|fit| near(fit.sigma, 2.0) && near(fit.centre, 9.5) && near(fit.height, 3.0)));
/// ```
pub fn gaussian_fit(profile: &[f64]) -> Option<GaussianFit> {
    let (centre, sigma) = moments(profile);
    let height = profile.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let legal = |values: [f64; 3]| values.iter().all(|value| value.is_finite()) && values[2] > 0.0;
    let mut at = [height, centre, sigma];
    if profile.len() < 3 || !legal(at) || height <= 0.0 || profile.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let mut damping = 1e-3;
    let mut error = squares(profile, at);
    for _ in 0..200 {
        let Some(step) = newton(profile, at, damping) else { break };
        let next = [at[0] + step[0], at[1] + step[1], at[2] + step[2]];
        let next_error = if legal(next) { squares(profile, next) } else { f64::INFINITY };
        if next_error <= error {
            let done = step.iter().zip(at).all(|(step, at)| step.abs() <= 1e-12 * (1.0 + at.abs()));
            (at, error, damping) = (next, next_error, damping / 10.0);
            if done {
                break;
            }
        } else {
            damping *= 10.0;
            if damping > 1e12 {
                break;
            }
        }
    }
    Some(GaussianFit { height: at[0], centre: at[1], sigma: at[2] })
}

/// Value and slopes of the Gaussian at `x`.
fn bell([height, centre, sigma]: [f64; 3], x: f64) -> (f64, [f64; 3]) {
    let z = (x - centre) / sigma;
    let shape = (-0.5 * z * z).exp();
    (height * shape, [shape, height * shape * z / sigma, height * shape * z * z / sigma])
}

fn squares(profile: &[f64], at: [f64; 3]) -> f64 {
    profile.iter().zip(0..).map(|(y, x)| (y - bell(at, f64::from(x)).0).powi(2)).sum()
}

/// The damped step `(JᵀJ + damping diag(JᵀJ))⁻¹ Jᵀ r`, by Cramer's rule.
fn newton(profile: &[f64], at: [f64; 3], damping: f64) -> Option<[f64; 3]> {
    let (mut matrix, mut right) = ([[0.0; 3]; 3], [0.0; 3]);
    for (y, x) in profile.iter().zip(0..) {
        let (value, slopes) = bell(at, f64::from(x));
        for ((row, right), slope) in matrix.iter_mut().zip(&mut right).zip(slopes) {
            *right += slope * (y - value);
            row.iter_mut().zip(slopes).for_each(|(entry, other)| *entry += slope * other);
        }
    }
    for (i, row) in matrix.iter_mut().enumerate() {
        row[i] *= 1.0 + damping;
    }
    let whole = determinant(matrix);
    let step = [0, 1, 2].map(|column| {
        let mut replaced = matrix;
        replaced.iter_mut().zip(right).for_each(|(row, right)| row[column] = right);
        determinant(replaced) / whole
    });
    step.iter().all(|step| step.is_finite()).then_some(step)
}

fn determinant([a, b, c]: [[f64; 3]; 3]) -> f64 {
    a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
        + a[2] * (b[0] * c[1] - b[1] * c[0])
}

/// The box around the cells that are not 0, edges included: top, bottom, left, right. `None` when all are 0.
///
/// ```
/// use receptive::core::analysis::nonzero_box;
/// assert_eq!(nonzero_box(&ndarray::array![[0.0, 0.0, 0.0], [0.0, -1.0, 2.0]]), Some([1, 1, 1, 2]));
/// ```
pub fn nonzero_box(map: &Map) -> Option<[usize; 4]> {
    let mut found: Option<[usize; 4]> = None;
    for ((i, j), _) in map.indexed_iter().filter(|(_, x)| **x != 0.0) {
        let [top, bottom, left, right] = found.unwrap_or([i, i, j, j]);
        found = Some([top.min(i), bottom.max(i), left.min(j), right.max(j)]);
    }
    found
}

/// How many of the largest cells hold the share `share` of the mass of a map of numbers `>= 0`: a size that asks
/// nothing about shape. `None` when the map is 0 or holds numbers that are not finite.
///
/// ```
/// use receptive::core::analysis::cells_holding;
/// assert_eq!(cells_holding(&ndarray::array![[5.0, 1.0], [1.0, 3.0]], 0.75), Some(2));
/// ```
pub fn cells_holding(map: &Map, share: f64) -> Option<usize> {
    let mut masses: Vec<f64> = map.iter().map(|&x| f64::from(x)).collect();
    let total: f64 = masses.iter().sum();
    if !(total > 0.0 && total.is_finite()) {
        return None;
    }
    masses.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut sum = 0.0;
    for (count, mass) in masses.iter().enumerate() {
        if sum >= share * total {
            return Some(count);
        }
        sum += mass;
    }
    Some(masses.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_without_a_square() {
        for size in [(0, 0), (1, 1), (3, 3), (1, 50)] {
            assert_eq!(area_ratios(&Map::ones(size), &[0.0, 0.5]), [None, None], "{size:?}");
        }
        assert_eq!(area_ratios(&Map::zeros((9, 9)), &[0.1]), [None]); // 0 / 0
    }

    #[test]
    fn squares_are_the_smallest() {
        let mut map = Map::zeros((11, 9));
        map[[5, 4]] = 9.0; // contributes 1
        map[[3, 4]] = 99.0; // contributes 2, two rows away
        let side = |threshold| area_ratios(&map, &[threshold])[0].map(|found| found.side);
        assert_eq!((side(0.3), side(0.34), side(0.99)), (Some(3), Some(5), Some(5)));
        assert_eq!(side(1.0), None);
    }

    #[test]
    fn fits() {
        assert_eq!(gaussian_fit(&[1.0, 2.0]), None);
        assert_eq!(gaussian_fit(&[0.0; 9]), None);
        assert_eq!(gaussian_fit(&[0.0, 1.0, 0.0]), None); // no width
        assert_eq!(gaussian_fit(&[0.0, f64::NAN, 1.0, 0.0]), None);
        // n uniform kernels of 3 taps: σ = sqrt(n (3² - 1) / 12)
        let mut row = vec![1.0];
        for _ in 0..20 {
            let at = |i: usize, row: &[f64]| row.get(i).copied().unwrap_or(0.0);
            row = (0..row.len() + 2)
                .map(|i| (0..3).filter_map(|k| i.checked_sub(k)).map(|i| at(i, &row)).sum::<f64>() / 3.0)
                .collect();
        }
        let theory = (20.0 * 8.0 / 12.0_f64).sqrt();
        let fit = gaussian_fit(&row).unwrap();
        assert!((moments(&row).1 - theory).abs() < 1e-9);
        assert!((fit.sigma / theory - 1.0).abs() < 0.01, "{fit:?} {theory}");
        assert!((fit.centre - 20.0).abs() < 1e-6, "{fit:?}");
    }
}
