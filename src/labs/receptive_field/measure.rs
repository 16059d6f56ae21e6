//! What is measured of a gradient map, and how it is shown.

use super::params::Scaling;
use crate::core::analysis::{AreaRatio, GaussianFit, area_ratios, gaussian_fit, nonzero_box, profile};
use crate::core::tensor::Map;

/// The shares whose size is told.
pub const SHARES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];
/// The thresholds of the area ratio.
pub const RATIOS: [f64; 4] = [0.2, 0.3, 0.5, 0.99];
/// Powers of ten that the logarithmic scale spans.
pub const DECADES: f64 = 6.0;

/// The smallest sets that hold a share of all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    /// Cells of the smallest set.
    pub cells: usize,
    /// The least value in it.
    pub cut: f32,
    /// Side of the smallest square around the field's centre; 0 when none holds enough.
    pub side: usize,
}

/// Everything that is measured of a map of numbers `>= 0` that is not all 0.
#[derive(Clone, Debug)]
pub struct Stats {
    /// The sum.
    pub total: f64,
    /// Sums of rows, as shares of the total, `[h]`.
    pub rows: Vec<f64>,
    /// Sums of columns, as shares of the total, `[w]`.
    pub columns: Vec<f64>,
    /// The standard deviation along rows and columns of the picture: `(vertical, horizontal)`.
    pub sigma: (f64, f64),
    /// The Gaussian that fits the sums of rows, and that of columns.
    pub fits: [Option<GaussianFit>; 2],
    /// For each of [`SHARES`].
    pub held: [Held; 4],
    /// The root of the number of cells above 4.55 % of the centre's value.
    pub size_4_55: f64,
    /// For each of [`RATIOS`].
    pub ratios: Vec<Option<AreaRatio>>,
    /// Top, bottom, left and right of the cells that are not 0.
    pub extent: [usize; 4],
    /// How many cells are not 0.
    pub touched: usize,
}

/// Measures a map of numbers `>= 0` around the centre of its field; `None` when it is 0.
pub fn stats(map: &Map, centre: (f64, f64)) -> Option<Stats> {
    let extent = nonzero_box(map)?;
    let mut sorted: Vec<f32> = map.iter().copied().filter(|v| *v > 0.0).collect();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let touched = sorted.len();
    let found = profile(map);
    let total: f64 = found.rows.iter().sum();
    if !(total > 0.0 && total.is_finite()) {
        return None;
    }
    let of_total = |list: &[f64]| list.iter().map(|v| v / total).collect::<Vec<f64>>();
    let (rows, columns) = (of_total(&found.rows), of_total(&found.columns));
    let mut held = [Held { cells: touched, cut: 0.0, side: 0 }; 4];
    let (mut sum, mut next) = (0.0, 0);
    for (at, value) in sorted.iter().enumerate() {
        sum += f64::from(*value);
        while next < SHARES.len() && sum >= SHARES[next] * total {
            (held[next].cells, held[next].cut) = (at + 1, *value);
            next += 1;
        }
    }
    squares(map, centre, total, &mut held);
    let (h, w) = map.dim();
    let nearest = |c: f64, n: usize| (c + 1e-9).round().clamp(0.0, n.saturating_sub(1) as f64) as usize;
    let middle = map[[nearest(centre.0, h), nearest(centre.1, w)]];
    let above = map.iter().filter(|v| **v > 0.0 && f64::from(**v) >= 0.0455 * f64::from(middle)).count();
    Some(Stats {
        total,
        fits: [gaussian_fit(&rows), gaussian_fit(&columns)],
        rows,
        columns,
        sigma: found.sigma,
        held,
        size_4_55: (above as f64).sqrt(),
        ratios: area_ratios(map, &RATIOS),
        extent,
        touched,
    })
}

/// The first row or column of a square of this side around a centre.
pub fn square_start(centre: f64, side: usize) -> i64 {
    (centre - (side as f64 - 1.0) / 2.0 + 1e-9).round() as i64
}

/// The smallest squares around a centre that hold the shares. Squares grow by whole cells, so half of them lie half a
/// cell beside the centre.
fn squares(map: &Map, centre: (f64, f64), total: f64, held: &mut [Held; 4]) {
    let (h, w) = map.dim();
    // Sums of everything above and to the left.
    let mut sums = vec![0.0; (h + 1) * (w + 1)];
    for r in 0..h {
        let mut line = 0.0;
        for c in 0..w {
            line += f64::from(map[[r, c]]);
            sums[(r + 1) * (w + 1) + c + 1] = sums[r * (w + 1) + c + 1] + line;
        }
    }
    let clip = |at: i64, n: usize| usize::try_from(at.max(0)).unwrap_or(0).min(n);
    let mut next = 0;
    for side in 1..=2 * h.max(w) {
        let step = i64::try_from(side).unwrap_or(i64::MAX);
        let (top, left) = (square_start(centre.0, side), square_start(centre.1, side));
        let (r0, r1) = (clip(top, h), clip(top + step, h));
        let (c0, c1) = (clip(left, w), clip(left + step, w));
        let at = |r: usize, c: usize| sums[r * (w + 1) + c];
        let sum = at(r1, c1) - at(r0, c1) - at(r1, c0) + at(r0, c0);
        while next < SHARES.len() && sum >= SHARES[next] * total * (1.0 - 1e-12) {
            held[next].side = side;
            next += 1;
        }
        if next == SHARES.len() {
            break;
        }
    }
}

/// A value as it is shown, given the largest of all: unchanged on a linear scale, else from −1 to 1.
pub fn shown(value: f32, largest: f32, scale: Scaling) -> f32 {
    if largest <= 0.0 {
        return 0.0;
    }
    let share = (f64::from(value.abs()) / f64::from(largest)).min(1.0);
    let size = match scale {
        Scaling::Linear => return value,
        Scaling::Sqrt => share.sqrt(),
        Scaling::Log if share > 0.0 => (1.0 + share.log10() / DECADES).max(0.0),
        Scaling::Log => 0.0,
    };
    if value < 0.0 { -size as f32 } else { size as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_and_sets_hold_what_they_say() {
        let map =
            Map::from_shape_fn(
                (9, 9),
                |(r, c)| if (3..6).contains(&r) && (3..6).contains(&c) { 1.0 } else { 0.0 },
            );
        let found = stats(&map, (4.0, 4.0)).unwrap();
        assert_eq!(found.held.map(|h| h.side), [3, 3, 3, 3]);
        assert_eq!(found.held.map(|h| h.cells), [5, 9, 9, 9]);
        assert_eq!((found.size_4_55, found.touched, found.extent), (3.0, 9, [3, 5, 3, 5]));
        assert!((found.sigma.0 - (8.0f64 / 12.0).sqrt()).abs() < 1e-9);
        assert!(stats(&Map::zeros((3, 3)), (1.0, 1.0)).is_none());
    }

    #[test]
    fn scales_keep_order_and_sign() {
        for scale in [Scaling::Linear, Scaling::Sqrt, Scaling::Log] {
            let list: Vec<f32> = [-4.0, -1.0, 0.0, 1e-9, 0.5, 4.0].map(|v| shown(v, 4.0, scale)).into();
            assert!(list.windows(2).all(|w| w[0] <= w[1]), "{scale:?} {list:?}");
            assert_eq!(shown(1.0, 0.0, scale), 0.0);
        }
        assert_eq!(shown(4e-3, 4.0, Scaling::Log), 0.5);
    }
}
