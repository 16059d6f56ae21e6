//! Local response normalisation (Krizhevsky, Sutskever and Hinton, 2012; `torch.nn.functional.local_response_norm`).

use std::ops::Range;

use crate::core::ops::axes::{check_shape, tensor};
use crate::core::ops::batch_norm::sizes;
use crate::core::tensor::{Error, Tensor};

/// Each number divided by a power of what its neighbours among the channels add up to:
/// `y[c] = x[c] / (k + alpha / size * sum of x[j]² over the window around c)^beta`.
///
/// ```
/// use receptive::core::ops::LocalResponseNorm;
/// let norm = LocalResponseNorm { size: 1, alpha: 1.0, beta: 0.5, k: 0.0, ..LocalResponseNorm::default() };
/// let y = norm.forward(&ndarray::arr2(&[[-3.0, 5.0]]).into_dyn())?;
/// assert_eq!(y, ndarray::arr2(&[[-1.0, 1.0]]).into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalResponseNorm {
    /// The channels of a window. Those that don't exist count as 0.
    pub size: usize,
    /// The factor of the mean square.
    pub alpha: f64,
    /// The exponent.
    pub beta: f64,
    /// What is added.
    pub k: f64,
    /// When `size` is even, the window has one channel more after its own than before, as in ONNX; PyTorch has it
    /// before.
    pub surplus_after: bool,
}

impl Default for LocalResponseNorm {
    fn default() -> Self {
        LocalResponseNorm { size: 5, alpha: 1e-4, beta: 0.75, k: 1.0, surplus_after: false }
    }
}

impl LocalResponseNorm {
    /// The channels that channel `c` looks at.
    fn window(&self, c: usize, channels: usize) -> Range<usize> {
        let (less, more) = ((self.size - 1) / 2, self.size / 2);
        let (before, after) = if self.surplus_after { (less, more) } else { (more, less) };
        c.saturating_sub(before)..c.saturating_add(after).saturating_add(1).min(channels)
    }

    /// `k + alpha / size * sum of x²` of every number.
    fn denominators(&self, x: &[f64], (channels, length): (usize, usize)) -> Vec<f64> {
        let mut denominators = Vec::with_capacity(x.len());
        for image in x.chunks_exact((channels * length).max(1)) {
            for c in 0..channels {
                let window = self.window(c, channels);
                for i in 0..length {
                    let squares = window.clone().map(|j| image[j * length + i].powi(2));
                    denominators.push(self.k + self.alpha / self.size as f64 * squares.sum::<f64>());
                }
            }
        }
        denominators
    }

    /// The definition, in `f64`. `x` and the result are `[n, c, …]`.
    ///
    /// Errors: `size` is 0, or `x` has less than two axes.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        let (_, channels, length) = self.check(x)?;
        let numbers: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        let denominators = self.denominators(&numbers, (channels, length));
        tensor(
            x.shape(),
            numbers.iter().zip(denominators).map(|(x, d)| (x / d.powf(self.beta)) as f32).collect(),
        )
    }

    /// The gradient of `sum(y * grad_output)` with respect to `x`: with `d` the sum that is raised to `beta`
    ///
    /// ```text
    /// grad[j] / d[j]^beta - 2 alpha beta / size x[j] sum over c whose window holds j of grad[c] x[c] / d[c]^(beta + 1)
    /// ```
    ///
    /// Errors: those of the forward pass, and a `grad_output` of another shape than `x`.
    pub fn backward(&self, x: &Tensor, grad_output: &Tensor) -> Result<Tensor, Error> {
        let (_, channels, length) = self.check(x)?;
        check_shape("grad_output", grad_output.shape(), x.shape())?;
        let numbers: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        let grads: Vec<f64> = grad_output.iter().map(|&grad| f64::from(grad)).collect();
        let denominators = self.denominators(&numbers, (channels, length));
        let mut out: Vec<f64> =
            grads.iter().zip(&denominators).map(|(grad, d)| grad / d.powf(self.beta)).collect();
        let factor = 2.0 * self.alpha * self.beta / self.size as f64;
        for image in (0..numbers.len()).step_by((channels * length).max(1)) {
            for c in 0..channels {
                for i in 0..length {
                    let at = image + c * length + i;
                    let through = factor * grads[at] * numbers[at] / denominators[at].powf(self.beta + 1.0);
                    for j in self.window(c, channels) {
                        let from = image + j * length + i;
                        out[from] -= through * numbers[from];
                    }
                }
            }
        }
        tensor(x.shape(), out.into_iter().map(|grad| grad as f32).collect())
    }

    fn check(&self, x: &Tensor) -> Result<(usize, usize, usize), Error> {
        if self.size == 0 {
            return Err(Error::Zero { name: "size" });
        }
        sizes(x)
    }
}
