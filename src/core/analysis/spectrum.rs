//! The two-dimensional Fourier transform of a map, and the part of it that repeats with a period: the checkerboard of
//! an up-sampler (Odena, Dumoulin and Olah, "Deconvolution and checkerboard artifacts", 2016).
//!
//! The transforms are microfft's, of 256 numbers; any length up to 128 comes down to two of them by Bluestein's chirp
//! (Bluestein, 1970), so that a period of three or five cells falls on frequencies of its own.

use crate::core::tensor::Map;
use microfft::Complex32;
use microfft::complex::cfft_256;

/// The longest side of a map that is transformed.
pub const LONGEST: usize = 128;

/// Transforms of one length.
struct Chirp {
    length: usize,
    /// `exp(-iπ j² / length)`
    chirp: Vec<Complex32>,
    /// The transform of the chirp's conjugate, wrapped around.
    filter: [Complex32; 256],
}

impl Chirp {
    fn new(length: usize) -> Chirp {
        let chirp: Vec<Complex32> = (0..length)
            .map(|j| {
                // j² counts modulo twice the length: the angle stays small and exact.
                let angle = -std::f64::consts::PI * ((j * j) % (2 * length)) as f64 / length as f64;
                Complex32::new(angle.cos() as f32, angle.sin() as f32)
            })
            .collect();
        let mut filter = [Complex32::new(0.0, 0.0); 256];
        for (j, c) in chirp.iter().enumerate() {
            filter[j] = c.conj();
            filter[(256 - j) % 256] = c.conj();
        }
        let _ = cfft_256(&mut filter);
        Chirp { length, chirp, filter }
    }

    /// Transforms `line` in place: `X[k] = Σ x[j] exp(-2πi jk / length)`.
    fn transform(&self, line: &mut [Complex32]) {
        let mut work = [Complex32::new(0.0, 0.0); 256];
        for ((w, x), c) in work.iter_mut().zip(line.iter()).zip(&self.chirp) {
            *w = x * c;
        }
        let _ = cfft_256(&mut work);
        for (w, f) in work.iter_mut().zip(&self.filter) {
            *w = (*w * f).conj();
        }
        // The inverse is the transform of the conjugate, conjugated, by the number of terms.
        let _ = cfft_256(&mut work);
        for ((x, w), c) in line.iter_mut().take(self.length).zip(&work).zip(&self.chirp) {
            *x = w.conj() * c / 256.0;
        }
    }
}

/// The magnitude of the Fourier transform of `[h, w]`, not divided by anything: `|Σ x[i, j] exp(-2πi (ui/h + vj/w))|`
/// at `[u, v]`, frequency zero first. `None` when a side has no cells or more than [`LONGEST`].
///
/// ```
/// use receptive::core::analysis::spectrum;
/// let flat = spectrum(&ndarray::array![[1.0, 2.0, 1.0, 2.0]]).unwrap_or_default();
/// assert!((flat[[0, 0]] - 6.0).abs() < 1e-5 && flat[[0, 1]] < 1e-5 && (flat[[0, 2]] - 2.0).abs() < 1e-5);
/// ```
pub fn spectrum(x: &Map) -> Option<Map> {
    let (h, w) = x.dim();
    if h == 0 || w == 0 || h > LONGEST || w > LONGEST {
        return None;
    }
    let mut field: Vec<Complex32> = x.iter().map(|v| Complex32::new(*v, 0.0)).collect();
    let across = Chirp::new(w);
    field.chunks_mut(w).for_each(|row| across.transform(row));
    let down = if h == w { across } else { Chirp::new(h) };
    let mut column = vec![Complex32::new(0.0, 0.0); h];
    for c in 0..w {
        (0..h).for_each(|r| column[r] = field[r * w + c]);
        down.transform(&mut column);
        (0..h).for_each(|r| field[r * w + c] = column[r]);
    }
    Map::from_shape_vec((h, w), field.iter().map(|z| z.re.hypot(z.im)).collect()).ok()
}

/// The part of a map that repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// The mean of the cells of each place within the period, `[period, period]`.
    pub phases: Map,
    /// The standard deviation of these means: how far the repeating part swings.
    pub swing: f64,
    /// The mean absolute value of the map.
    pub level: f64,
}

impl Pattern {
    /// The swing against the level; 0 for a map of zeros. By Parseval's theorem it is
    /// `√Σ|F(u, v)|² / Σ|x|` over the frequencies other than zero that are multiples of one cycle a period.
    pub fn strength(&self) -> f64 {
        if self.level > 0.0 { self.swing / self.level } else { 0.0 }
    }
}

/// What of a map repeats every `period` cells along both axes. `None` when its sides are not whole multiples of it.
///
/// ```
/// use receptive::core::analysis::pattern;
/// let found = pattern(&ndarray::array![[1.0, 3.0], [1.0, 3.0]], 2).map(|p| (p.swing, p.level));
/// assert_eq!(found, Some((1.0, 2.0)));
/// ```
pub fn pattern(x: &Map, period: usize) -> Option<Pattern> {
    let (h, w) = x.dim();
    if period == 0 || h == 0 || w == 0 || !h.is_multiple_of(period) || !w.is_multiple_of(period) {
        return None;
    }
    let mut sums = ndarray::Array2::<f64>::zeros((period, period));
    let mut level = 0.0;
    for ((r, c), v) in x.indexed_iter() {
        sums[[r % period, c % period]] += f64::from(*v);
        level += f64::from(v.abs());
    }
    let each = (h / period * (w / period)) as f64;
    let phases = sums.mapv(|sum| sum / each);
    let n = (period * period) as f64;
    let mean = phases.sum() / n;
    let swing = (phases.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / n).sqrt();
    Some(Pattern { phases: phases.mapv(|m| m as f32), swing, level: level / x.len() as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;

    fn noise(h: usize, w: usize) -> Map {
        let mut random = Random::new((h * 131 + w) as u64);
        Map::from_shape_simple_fn((h, w), || random.range(-1.0, 2.0))
    }

    /// The definition, in `f64`.
    fn plain(x: &Map) -> ndarray::Array2<f64> {
        let (h, w) = x.dim();
        ndarray::Array2::from_shape_fn((h, w), |(u, v)| {
            let (mut re, mut im) = (0.0, 0.0);
            for ((i, j), x) in x.indexed_iter() {
                let turns = (u * i % h) as f64 / h as f64 + (v * j % w) as f64 / w as f64;
                let angle = -2.0 * std::f64::consts::PI * turns;
                re += f64::from(*x) * angle.cos();
                im += f64::from(*x) * angle.sin();
            }
            f64::hypot(re, im)
        })
    }

    #[test]
    fn every_length_is_the_definition() {
        for n in (1..=17).chain([31, 48, 63, 64, 65, 96, 127, 128]) {
            for x in [noise(1, n), noise(n, 1), noise(n.min(12), n)] {
                let (found, expected) = (spectrum(&x).unwrap(), plain(&x));
                let most = expected.iter().fold(1.0f64, |m, v| m.max(*v));
                for (a, b) in found.iter().zip(&expected) {
                    assert!((f64::from(*a) - b).abs() < 4e-6 * most, "{:?}: {a} {b}", x.dim());
                }
            }
        }
        assert!(spectrum(&noise(1, 129)).is_none());
        assert!(spectrum(&Map::zeros((0, 4))).is_none());
    }

    /// Parseval: the energy of the frequencies of the period is the spread of the phase means.
    #[test]
    fn the_pattern_is_the_energy_of_its_frequencies() {
        for (n, period) in [(24, 2), (24, 3), (60, 4), (128, 8), (63, 9), (20, 1)] {
            let x = noise(n, n);
            let f = spectrum(&x).unwrap();
            let step = n / period;
            let energy: f64 = f
                .indexed_iter()
                .filter(|((u, v), _)| u % step == 0 && v % step == 0 && (*u, *v) != (0, 0))
                .map(|(_, m)| f64::from(*m).powi(2))
                .sum();
            let total: f64 = x.iter().map(|v| f64::from(v.abs())).sum();
            let found = pattern(&x, period).unwrap();
            assert!((energy.sqrt() / total - found.strength()).abs() < 1e-6, "{n} {period}");
        }
        assert!(pattern(&noise(5, 4), 2).is_none());
        assert_eq!(pattern(&Map::zeros((4, 4)), 2).unwrap().strength(), 0.0);
    }
}
