//! Kernels to begin with. Each is a formula of its size, so that every size, even and non-square too, has one.

use crate::choice;
use crate::core::tensor::Random;
use crate::stage::value::Matrix;
use std::f32::consts::PI;

choice! {
    /// A kernel of the list.
    Kernel {
        /// Every cell alike: the mean.
        Box = "box",
        /// A bell.
        Gaussian = "gaussian",
        /// A mean along the diagonal.
        Motion = "motion",
        /// The cell against its surroundings, and itself.
        Sharpen = "sharpen",
        /// Twice the picture less its blur.
        Unsharp = "unsharp",
        /// The cell against its surroundings.
        Laplacian = "laplacian",
        /// The Laplacian of a bell.
        Log = "log",
        /// Change to the right, smoothed downwards.
        SobelX = "sobel_x",
        /// Change downwards, smoothed to the right.
        SobelY = "sobel_y",
        /// Change to the right, plain mean downwards.
        PrewittX = "prewitt_x",
        /// Change along the falling diagonal.
        Diagonal = "diagonal",
        /// A relief lit from the upper left.
        Emboss = "emboss",
        /// A wave running to the right under a bell.
        Gabor0 = "gabor_0",
        /// A wave running along the falling diagonal.
        Gabor45 = "gabor_45",
        /// A wave running downwards.
        Gabor90 = "gabor_90",
        /// One in the middle: nothing changes.
        Identity = "identity",
        /// One beside the middle: the picture moves.
        Shift = "shift",
        /// One in the first cell.
        Impulse = "impulse",
        /// Drawn at random, always the same.
        Random = "random",
        /// Typed by the learner.
        Own = "own",
    }
}

impl Kernel {
    /// Rows and columns the kernel needs to mean anything.
    pub fn needs(self) -> (usize, usize) {
        match self {
            Kernel::SobelX | Kernel::PrewittX => (1, 2),
            Kernel::SobelY => (2, 1),
            Kernel::Diagonal | Kernel::Emboss => (2, 2),
            _ => (1, 1),
        }
    }

    /// Its numbers at a size `(h, w)`; `None` for the learner's own.
    pub fn weight(self, size: (usize, usize)) -> Option<Matrix> {
        let (h, w) = size;
        let cells = (h * w) as f32;
        let centre = ((h - 1) / 2, (w - 1) / 2);
        let one_at = |at: (usize, usize)| Matrix::from_fn(h, w, |r, c| f32::from((r, c) == at));
        // Distance from the middle, in cells.
        let place =
            |r: usize, c: usize| (r as f32 - (h as f32 - 1.0) / 2.0, c as f32 - (w as f32 - 1.0) / 2.0);
        Some(match self {
            Kernel::Own => return None,
            Kernel::Box => Matrix::from_fn(h, w, |_, _| 1.0 / cells),
            Kernel::Gaussian => gaussian(h, w),
            Kernel::Motion => {
                let on = |r: usize, c: usize| f32::from(r * w.max(2) / h.max(1) == c || h == w && r == c);
                normalised(Matrix::from_fn(h, w, |r, c| if h == w { f32::from(r == c) } else { on(r, c) }))
            }
            Kernel::Sharpen => {
                let ring = cross(h, w);
                let around: f32 = ring.data().iter().sum();
                Matrix::from_fn(h, w, |r, c| f32::from((r, c) == centre) * (1.0 + around) - ring.at(r, c))
            }
            Kernel::Unsharp => {
                let blur = gaussian(h, w);
                Matrix::from_fn(h, w, |r, c| 2.0 * f32::from((r, c) == centre) - blur.at(r, c))
            }
            Kernel::Laplacian => {
                let ring = cross(h, w);
                let around: f32 = ring.data().iter().sum();
                Matrix::from_fn(h, w, |r, c| ring.at(r, c) - f32::from((r, c) == centre) * around)
            }
            Kernel::Log => balanced(Matrix::from_fn(h, w, |r, c| {
                let (y, x) = place(r, c);
                let spread = spread(h.max(w));
                let q = (x * x + y * y) / (2.0 * spread * spread);
                (q - 1.0) * (-q).exp()
            })),
            Kernel::SobelX => outer(&binomial(h), &difference(w)),
            Kernel::SobelY => outer(&difference(h), &binomial(w)),
            Kernel::PrewittX => outer(&vec![1.0; h], &ramp(w)),
            Kernel::Diagonal => Matrix::from_fn(h, w, |r, c| {
                let (y, x) = place(r, c);
                sign(x / w as f32 + y / h as f32)
            }),
            Kernel::Emboss => Matrix::from_fn(h, w, |r, c| {
                let (y, x) = place(r, c);
                sign(x / w as f32 + y / h as f32) * (1.0 + (x + y).abs() / 2.0).floor()
                    + f32::from((r, c) == centre && h % 2 == 1 && w % 2 == 1)
            }),
            Kernel::Gabor0 => gabor(h, w, 0.0),
            Kernel::Gabor45 => gabor(h, w, PI / 4.0),
            Kernel::Gabor90 => gabor(h, w, PI / 2.0),
            Kernel::Identity => one_at(centre),
            Kernel::Shift => one_at((centre.0, if centre.1 + 1 < w { centre.1 + 1 } else { 0 })),
            Kernel::Impulse => one_at((0, 0)),
            Kernel::Random => {
                let mut random = Random::new(2024);
                Matrix::from_fn(h, w, |_, _| (random.range(-2.0, 2.0) * 4.0).round() / 4.0)
            }
        })
    }
}

/// A row of Pascal's triangle: the smoothing of Sobel's operator at any length.
fn binomial(n: usize) -> Vec<f32> {
    let mut row = vec![1.0];
    for _ in 1..n {
        let mut next = vec![1.0; row.len() + 1];
        for i in 1..row.len() {
            next[i] = row[i - 1] + row[i];
        }
        row = next;
    }
    row
}

/// The slope of a binomial bell: `[-1, 1]`, `[-1, 0, 1]`, `[-1, -1, 1, 1]`, `[-1, -2, 0, 2, 1]`, …
fn difference(n: usize) -> Vec<f32> {
    match n {
        0 | 1 => vec![0.0; n],
        2 => vec![-1.0, 1.0],
        _ => {
            let smooth = binomial(n - 2);
            let at = |i: usize| smooth.get(i).copied().unwrap_or(0.0);
            (0..n).map(|i| if i >= 2 { at(i - 2) } else { 0.0 } - at(i)).collect()
        }
    }
}

/// Prewitt's slope: the signed distance from the middle, in whole cells.
fn ramp(n: usize) -> Vec<f32> {
    let middle = (n as f32 - 1.0) / 2.0;
    (0..n).map(|i| sign(i as f32 - middle) * (i as f32 - middle).abs().ceil()).collect()
}

fn sign(value: f32) -> f32 {
    if value.abs() < 1e-6 { 0.0 } else { value.signum() }
}

fn outer(column: &[f32], row: &[f32]) -> Matrix {
    Matrix::from_fn(column.len(), row.len(), |r, c| column[r] * row[c])
}

/// A bell is as wide as OpenCV draws it for a kernel of `n` cells: 0.3·((n − 1)/2 − 1) + 0.8.
fn spread(n: usize) -> f32 {
    0.3 * ((n as f32 - 1.0) / 2.0 - 1.0) + 0.8
}

fn gaussian(h: usize, w: usize) -> Matrix {
    let bell = |n: usize| -> Vec<f32> {
        let s = spread(n).max(0.3);
        (0..n).map(|i| (-(i as f32 - (n as f32 - 1.0) / 2.0).powi(2) / (2.0 * s * s)).exp()).collect()
    };
    normalised(outer(&bell(h), &bell(w)))
}

/// Ones in the middle row and column, but not in the middle.
fn cross(h: usize, w: usize) -> Matrix {
    let (y, x) = ((h - 1) / 2, (w - 1) / 2);
    Matrix::from_fn(h, w, |r, c| f32::from((r == y) != (c == x)))
}

fn gabor(h: usize, w: usize, angle: f32) -> Matrix {
    let n = h.max(w) as f32;
    let (length, s) = ((n / 2.0).max(2.0), n / 4.5);
    balanced(Matrix::from_fn(h, w, |r, c| {
        let (y, x) = (r as f32 - (h as f32 - 1.0) / 2.0, c as f32 - (w as f32 - 1.0) / 2.0);
        let along = x * angle.cos() + y * angle.sin();
        (-(x * x + y * y) / (2.0 * s * s)).exp() * (2.0 * PI * along / length).cos()
    }))
}

fn normalised(m: Matrix) -> Matrix {
    let sum: f32 = m.data().iter().sum();
    let (h, w) = m.shape();
    if sum == 0.0 { m } else { Matrix::from_fn(h, w, |r, c| m.at(r, c) / sum) }
}

/// Less its mean, so that an even surface gives zero; a single cell stays as it is.
fn balanced(m: Matrix) -> Matrix {
    let (h, w) = m.shape();
    if h * w == 1 {
        return m;
    }
    let mean = m.data().iter().sum::<f32>() / (h * w) as f32;
    Matrix::from_fn(h, w, |r, c| m.at(r, c) - mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_by_three_presets_are_the_textbook_ones() {
        let of = |k: Kernel| k.weight((3, 3)).unwrap().to_string();
        assert_eq!(of(Kernel::SobelX), "-1,0,1;-2,0,2;-1,0,1");
        assert_eq!(of(Kernel::SobelY), "-1,-2,-1;0,0,0;1,2,1");
        assert_eq!(of(Kernel::PrewittX), "-1,0,1;-1,0,1;-1,0,1");
        assert_eq!(of(Kernel::Laplacian), "0,1,0;1,-4,1;0,1,0");
        assert_eq!(of(Kernel::Sharpen), "0,-1,0;-1,5,-1;0,-1,0");
        assert_eq!(of(Kernel::Emboss), "-2,-1,0;-1,1,1;0,1,2");
        assert_eq!(of(Kernel::Identity), "0,0,0;0,1,0;0,0,0");
        assert_eq!(of(Kernel::Shift), "0,0,0;0,0,1;0,0,0");
    }

    #[test]
    fn every_preset_has_every_size_and_sums_as_it_should() {
        for kernel in Kernel::ALL.iter().filter(|k| **k != Kernel::Own) {
            for h in 1..=15 {
                for w in 1..=15 {
                    let m = kernel.weight((h, w)).unwrap();
                    assert_eq!(m.shape(), (h, w));
                    assert!(m.data().iter().all(|v| v.is_finite()), "{kernel:?} {h}x{w}");
                    let sum: f32 = m.data().iter().sum();
                    let needs = kernel.needs();
                    match kernel {
                        Kernel::Box
                        | Kernel::Gaussian
                        | Kernel::Unsharp
                        | Kernel::Identity
                        | Kernel::Motion => {
                            assert!((sum - 1.0).abs() < 1e-4, "{kernel:?} {h}x{w}: {sum}");
                        }
                        Kernel::SobelX | Kernel::SobelY | Kernel::PrewittX | Kernel::Laplacian => {
                            assert!(sum.abs() < 1e-2, "{kernel:?} {h}x{w}: {sum}");
                        }
                        _ => {}
                    }
                    // Cells that all lie equally far from the middle can't tell spot from ground.
                    let flat =
                        matches!(kernel, Kernel::Log | Kernel::Gabor0 | Kernel::Gabor45 | Kernel::Gabor90);
                    let flat = flat && h.max(w) <= 2 || matches!(kernel, Kernel::Laplacian | Kernel::Random);
                    if h >= needs.0 && w >= needs.1 && !flat {
                        assert!(m.data().iter().any(|v| *v != 0.0), "{kernel:?} {h}x{w} is empty");
                    }
                }
            }
        }
    }
}
