//! Power-average pooling: the `p`-norm of each window, between its mean (`p = 1`) and its maximum (large `p`).

use ndarray::{Array, ArrayRef, Dimension};

use crate::core::ops::pool_select::check_same;
use crate::core::ops::pool_windows::{PoolWindows, Window, array, numbers};
use crate::core::tensor::Error;

/// Whose definition of the norm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LpRule {
    /// PyTorch's `lp_pool2d`: the root of the sum of `x^p`, without taking `|x|`: an odd `p` and a negative sum have no
    /// root and give NaN. A window that hangs over the end (`ceil_mode`) is blown up as if its missing cells were
    /// like the others: the sum counts `kernel / covered` times.
    #[default]
    Torch,
    /// ONNX's `LpPool` and the mathematical norm: the root of the sum of `|x|^p` over the cells that are there.
    Norm,
}

/// The sum under the root, and how often it counts.
struct Power {
    sum: f64,
    factor: f64,
}

impl<const D: usize> PoolWindows<D> {
    /// The root of order `p` (`norm_type`) of the sum of `p`-th powers of each window. `x` is `[n, c, …]`; padding is
    /// zeros. Computed in `f64`.
    ///
    /// Errors: `x` is not of the size the windows are laid over, the result is too large, `p` is 0.
    ///
    /// ```
    /// use receptive::core::ops::{LpRule, Pool1d};
    /// let windows = Pool1d::new([2]).windows([2])?;
    /// let x = ndarray::array![[[3.0, -4.0]]];
    /// assert_eq!(windows.lp(&x, 2.0, LpRule::Torch)?, ndarray::array![[[5.0]]]);
    /// assert_eq!(windows.lp(&x, 1.0, LpRule::Torch)?, ndarray::array![[[-1.0]]]);
    /// assert_eq!(windows.lp(&x, 1.0, LpRule::Norm)?, ndarray::array![[[7.0]]]);
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn lp<S: Dimension>(
        &self,
        x: &ArrayRef<f32, S>,
        p: f64,
        rule: LpRule,
    ) -> Result<Array<f32, S>, Error> {
        check_order(p)?;
        self.reduce(x, |x, window| {
            let Power { sum, factor } = self.power(x, window, p, rule);
            (sum * factor).powf(1.0 / p) as f32
        })
    }

    /// The gradient of `sum(lp(x) * grad_output)` with respect to `x`; 0 in a window whose sum of powers is 0, as
    /// PyTorch has it.
    ///
    /// Errors: as [`PoolWindows::lp`], and a `grad_output` of another shape than the output.
    pub fn lp_backward<S: Dimension>(
        &self,
        x: &ArrayRef<f32, S>,
        grad_output: &ArrayRef<f32, S>,
        p: f64,
        rule: LpRule,
    ) -> Result<Array<f32, S>, Error> {
        check_order(p)?;
        let planes = self.check_input(x)?;
        let shape = self.shape_like(x.raw_dim(), self.output());
        check_same("grad_output", shape.slice(), grad_output.shape())?;
        let (plane, windows) = self.plane_sizes();
        let mut grad = vec![0.0; planes * plane];
        let (numbers_x, grad_output) = (numbers(x), numbers(grad_output));
        let planes = numbers_x.chunks_exact(plane).zip(grad.chunks_exact_mut(plane));
        for ((x, grad), grad_output) in planes.zip(grad_output.chunks_exact(windows.max(1))) {
            let mut outputs = grad_output.iter();
            self.for_each_window(|window| {
                let dy = f64::from(outputs.next().copied().unwrap_or_default());
                let Power { sum, factor } = self.power(x, &window, p, rule);
                // y = (factor * sum)^(1/p): dy / dsum, and dsum / dx = p x^(p-1)
                let root = if sum == 0.0 { 0.0 } else { (sum * factor).powf(1.0 / p - 1.0) * factor / p };
                for cell in window.cells() {
                    let x = f64::from(x[cell]);
                    let slope = match rule {
                        LpRule::Torch => p * x.powf(p - 1.0),
                        LpRule::Norm if sum == 0.0 || x == 0.0 && p <= 1.0 => 0.0,
                        LpRule::Norm => p * x.abs().powf(p - 1.0) * x.signum(),
                    };
                    grad[cell] += (dy * root * slope) as f32;
                }
            });
        }
        array(x.raw_dim(), grad)
    }

    fn power(&self, x: &[f32], window: &Window<'_>, p: f64, rule: LpRule) -> Power {
        let cells = window.cells().map(|cell| f64::from(x[cell]));
        match rule {
            LpRule::Norm => Power { sum: cells.map(|x| x.abs().powf(p)).sum(), factor: 1.0 },
            LpRule::Torch => {
                let kernel: f64 =
                    self.pool().map_or(1.0, |pool| pool.kernel_size.iter().map(|&k| k as f64).product());
                let covered = if self.pool().is_some() { window.counted() as f64 } else { 1.0 };
                Power { sum: cells.map(|x| x.powf(p)).sum(), factor: kernel / covered }
            }
        }
    }
}

fn check_order(p: f64) -> Result<(), Error> {
    if p == 0.0 { Err(Error::Zero { name: "norm_type" }) } else { Ok(()) }
}
