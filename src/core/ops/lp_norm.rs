//! Division by a norm along an axis (`torch.nn.functional.normalize`), and mean and variance over any axes (ONNX's
//! `MeanVarianceNormalization`).

use ndarray::IxDyn;

use crate::core::ops::axes::{Split, check_shape, resolve, tensor};
use crate::core::ops::clip::norm;
use crate::core::tensor::{Error, Tensor, checked_elements};

/// `x / max(norm, eps)` with the p-norm along an axis.
///
/// ```
/// use receptive::core::ops::Normalize;
/// let x = ndarray::arr2(&[[3.0, -4.0]]).into_dyn();
/// assert_eq!(Normalize::default().forward(&x)?, ndarray::arr2(&[[0.6, -0.8]]).into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalize {
    /// The p of the norm, above 0; may be infinite.
    pub p: f64,
    /// The axis, counted from the end when negative.
    pub dim: isize,
    /// The smallest divisor. With 0, as in ONNX, a line of zeros stays one.
    pub eps: f64,
}

impl Default for Normalize {
    fn default() -> Self {
        Normalize { p: 2.0, dim: 1, eps: 1e-12 }
    }
}

impl Normalize {
    /// The definition, in `f64`.
    ///
    /// Errors: there is no axis `dim`, or `p` is not positive.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        self.each_line(x, x, |line, _| {
            let divisor = norm(line.iter().copied(), self.p).max(self.eps);
            line.iter().map(|x| if divisor == 0.0 { 0.0 } else { x / divisor }).collect()
        })
    }

    /// The gradient of `sum(y * grad_output)` with respect to `x`: `(grad - dn/dx sum(grad y)) / n`, where the norm `n`
    /// has the derivative `sign(x) (|x| / n)^(p - 1)`; that of the largest absolute value is shared among equals.
    ///
    /// Errors: those of the forward pass, and a `grad_output` of another shape than `x`.
    pub fn backward(&self, x: &Tensor, grad_output: &Tensor) -> Result<Tensor, Error> {
        check_shape("grad_output", grad_output.shape(), x.shape())?;
        self.each_line(x, grad_output, |line, grad| {
            let n = norm(line.iter().copied(), self.p);
            if n <= self.eps {
                return grad.iter().map(|grad| if self.eps == 0.0 { 0.0 } else { grad / self.eps }).collect();
            }
            let along: f64 = line.iter().zip(grad).map(|(x, grad)| x / n * grad).sum();
            let equals = line.iter().filter(|x| x.abs() == n).count() as f64;
            let slope = |x: f64| match x {
                0.0 => 0.0,
                x if self.p.is_infinite() => x.signum() * if x.abs() == n { 1.0 / equals } else { 0.0 },
                x => x.signum() * (x.abs() / n).powf(self.p - 1.0),
            };
            line.iter().zip(grad).map(|(&x, grad)| (grad - slope(x) * along) / n).collect()
        })
    }

    fn each_line(
        &self,
        x: &Tensor,
        grad: &Tensor,
        f: impl Fn(&[f64], &[f64]) -> Vec<f64>,
    ) -> Result<Tensor, Error> {
        if self.p.is_nan() || self.p <= 0.0 {
            return Err(Error::NotPositive { name: "p", value: self.p });
        }
        checked_elements(x.shape())?;
        let split = Split::at(x.shape(), resolve("dim", self.dim, x.ndim())?);
        let (x_all, grad) = (x.as_standard_layout(), grad.as_standard_layout());
        let (numbers, grads) = (x_all.as_slice().unwrap_or_default(), grad.as_slice().unwrap_or_default());
        let mut y = vec![0.0; numbers.len()];
        for start in split.starts() {
            let line = |from: &[f32]| split.line(start).map(|at| f64::from(from[at])).collect::<Vec<_>>();
            let values = f(&line(numbers), &line(grads));
            split.line(start).zip(values).for_each(|(at, value)| y[at] = value as f32);
        }
        tensor(x.shape(), y)
    }
}

/// `(x - mean) / (std + eps)`, mean and standard deviation over the given axes.
#[derive(Clone, Debug, PartialEq)]
pub struct MeanVarianceNorm {
    /// The axes over which is averaged, counted from the end when negative.
    pub axes: Vec<isize>,
    /// What is added to the standard deviation.
    pub eps: f64,
}

impl Default for MeanVarianceNorm {
    fn default() -> Self {
        MeanVarianceNorm { axes: vec![0, 2, 3], eps: 1e-9 }
    }
}

impl MeanVarianceNorm {
    /// The definition, in `f64`.
    ///
    /// Errors: an axis doesn't exist.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        self.each_group(x, x, |x, _| {
            let (mean, std) = mean_and_std(x);
            x.iter().map(|x| (x - mean) / (std + self.eps)).collect()
        })
    }

    /// The gradient of `sum(y * grad_output)` with respect to `x`:
    /// `(grad - mean(grad) - d mean(grad d) / (std (std + eps))) / (std + eps)` with `d = x - mean`.
    ///
    /// Errors: those of the forward pass, and a `grad_output` of another shape than `x`.
    pub fn backward(&self, x: &Tensor, grad_output: &Tensor) -> Result<Tensor, Error> {
        check_shape("grad_output", grad_output.shape(), x.shape())?;
        self.each_group(x, grad_output, |x, grad| {
            let (mean, std) = mean_and_std(x);
            let divisor = std + self.eps;
            let count = x.len() as f64;
            let of_grad = grad.iter().sum::<f64>() / count;
            let product: f64 = grad.iter().zip(x).map(|(grad, x)| grad * (x - mean)).sum::<f64>() / count;
            // equal numbers stay where they are
            let bend = if std == 0.0 { 0.0 } else { product / (std * divisor) };
            grad.iter().zip(x).map(|(grad, x)| (grad - of_grad - (x - mean) * bend) / divisor).collect()
        })
    }

    /// Calls `f` with the numbers of `x` and of `grad` that are normalised together.
    fn each_group(
        &self,
        x: &Tensor,
        grad: &Tensor,
        f: impl Fn(&[f64], &[f64]) -> Vec<f64>,
    ) -> Result<Tensor, Error> {
        checked_elements(x.shape())?;
        let mut averaged = vec![false; x.ndim().max(1)];
        for &axis in &self.axes {
            averaged[resolve("axes", axis, x.ndim())?] = true;
        }
        // the averaged axes last, so that a group is a run
        let mut order: Vec<usize> = (0..x.ndim()).filter(|&axis| !averaged[axis]).collect();
        order.extend((0..x.ndim()).filter(|&axis| averaged[axis]));
        let turned = |x: &Tensor| x.view().permuted_axes(IxDyn(&order)).mapv(f64::from);
        let (numbers, grads) = (turned(x), turned(grad));
        let shape = numbers.shape().to_vec();
        let members: usize =
            (0..x.ndim()).filter(|&axis| averaged[axis]).map(|axis| x.shape()[axis]).product();
        let (numbers, grads): (Vec<f64>, Vec<f64>) =
            (numbers.into_iter().collect(), grads.into_iter().collect());
        let groups = numbers.chunks_exact(members.max(1)).zip(grads.chunks_exact(members.max(1)));
        let y = tensor(&shape, groups.flat_map(|(x, grad)| f(x, grad)).map(|y| y as f32).collect())?;
        let mut back = order.clone();
        order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
        Ok(y.permuted_axes(IxDyn(&back)).as_standard_layout().into_owned())
    }
}

fn mean_and_std(x: &[f64]) -> (f64, f64) {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    (mean, (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64).sqrt())
}
