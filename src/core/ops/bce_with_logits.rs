//! Sigmoid and binary cross-entropy in one (`torch.nn.functional.binary_cross_entropy_with_logits`).

use crate::core::ops::axes::{broadcast, check_shape, tensor};
use crate::core::ops::loss::Reduction;
use crate::core::tensor::{Error, Tensor};

/// For each number `x` and its target `t`, a probability:
///
/// ```text
/// loss = -weight (pos_weight t ln sigmoid(x) + (1 - t) ln(1 - sigmoid(x)))
/// ```
///
/// without taking the logarithm of a tiny number.
///
/// ```
/// use receptive::core::ops::BceWithLogits;
/// let (x, t) = (ndarray::arr1(&[0.0, 1e4]).into_dyn(), ndarray::arr1(&[1.0, 1.0]).into_dyn());
/// let loss = BceWithLogits::default().forward(&x, &t)?;
/// assert!((loss.sum() - 2.0_f32.ln() / 2.0).abs() < 1e-7);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct BceWithLogits<'a> {
    /// Factors of the losses; any shape that broadcasts to that of the input.
    pub weight: Option<&'a Tensor>,
    /// Factors of the positive part, one for each class; any shape that broadcasts to that of the input.
    pub pos_weight: Option<&'a Tensor>,
    /// How the numbers become one. A mean is not weighted.
    pub reduction: Reduction,
}

impl BceWithLogits<'_> {
    /// The loss, of no axes when it is reduced, else of the shape of `x`.
    ///
    /// Errors: shapes that don't fit each other.
    pub fn forward(&self, x: &Tensor, target: &Tensor) -> Result<Tensor, Error> {
        let losses = self.each(x, target, |x, t, positive| {
            // -ln sigmoid(x) and -ln(1 - sigmoid(x)), which differ by x
            let rest = (-x.abs()).exp().ln_1p();
            positive * t * (rest + (-x).max(0.0)) + (1.0 - t) * (rest + x.max(0.0))
        })?;
        self.reduction.reduce(&losses, x.shape(), x.len() as f64, batch(x))
    }

    /// The gradient of `sum(loss * grad_output)` with respect to `x`:
    /// `weight ((pos_weight t + 1 - t) sigmoid(x) - pos_weight t)` times that of the loss.
    ///
    /// Errors: as [`BceWithLogits::forward`], and a `grad_output` of another shape than the loss.
    pub fn backward(&self, x: &Tensor, target: &Tensor, grad_output: &Tensor) -> Result<Tensor, Error> {
        let slopes = self.each(x, target, |x, t, positive| {
            (1.0 - t) / (1.0 + (-x).exp()) - positive * t / (1.0 + x.exp())
        })?;
        let spread = self.reduction.spread(grad_output, x.shape(), x.len() as f64, batch(x))?;
        tensor(x.shape(), slopes.iter().zip(spread).map(|(slope, g)| (slope * g) as f32).collect())
    }

    /// `weight f(x, target, pos_weight)` of all numbers.
    fn each(&self, x: &Tensor, target: &Tensor, f: impl Fn(f64, f64, f64) -> f64) -> Result<Vec<f64>, Error> {
        check_shape("target", target.shape(), x.shape())?;
        let factors = |name, factors: Option<&Tensor>| match factors {
            Some(factors) => broadcast(name, factors, x.shape()),
            None => Ok(Tensor::ones(x.raw_dim())),
        };
        let weight = factors("weight", self.weight)?;
        let positive = factors("pos_weight", self.pos_weight)?;
        let all = x.iter().zip(target).zip(weight.iter().zip(&positive));
        Ok(all
            .map(|((&x, &t), (&weight, &positive))| {
                f64::from(weight) * f(f64::from(x), f64::from(t), f64::from(positive))
            })
            .collect())
    }
}

/// The size of the first axis.
fn batch(x: &Tensor) -> f64 {
    x.shape().first().map_or(1.0, |&size| size as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ops::{Distance, ElementwiseLoss, Nonlinearity};
    use crate::core::tensor::Random;
    use ndarray::IxDyn;

    #[test]
    fn is_cross_entropy_of_the_sigmoid() {
        let mut random = Random::new(1);
        let x = Tensor::from_shape_fn(IxDyn(&[3, 4]), |_| random.normal());
        let t = Tensor::from_shape_fn(IxDyn(&[3, 4]), |_| random.uniform());
        let (weight, pos_weight) = (t.mapv(|t| t + 0.5), ndarray::arr1(&[0.5, 1.0, 2.0, 3.0]).into_dyn());
        for reduction in [Reduction::None, Reduction::Mean, Reduction::Sum, Reduction::BatchMean] {
            let loss = BceWithLogits { reduction, ..BceWithLogits::default() };
            let plain = ElementwiseLoss { distance: Distance::BinaryCrossEntropy, reduction }
                .forward(&Nonlinearity::Sigmoid.forward(&x), &t)
                .unwrap();
            let y = loss.forward(&x, &t).unwrap();
            assert!(y.iter().zip(&plain).all(|(y, plain)| (y - plain).abs() < 1e-5));

            let loss = BceWithLogits { weight: Some(&weight), pos_weight: Some(&pos_weight), reduction };
            let y = loss.forward(&x, &t).unwrap();
            let grad = y.mapv(|y| y + 0.5);
            let h = 1e-2;
            let at = |h: f32| {
                (loss.forward(&x.mapv(|x| x + h * x.cos()), &t).unwrap() * &grad)
                    .iter()
                    .map(|&y| f64::from(y))
                    .sum::<f64>()
            };
            let slope = (at(h) - at(-h)) / f64::from(2.0 * h);
            let along = f64::from((loss.backward(&x, &t, &grad).unwrap() * x.mapv(f32::cos)).sum());
            assert!((slope - along).abs() < 1e-3 * (1.0 + along.abs()), "{along}, slope {slope}");
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let (x, long) = (Tensor::zeros(IxDyn(&[2, 3])), Tensor::zeros(IxDyn(&[4])));
        let loss = BceWithLogits::default();
        assert!(loss.forward(&x, &long).is_err());
        assert!(BceWithLogits { weight: Some(&long), ..loss }.forward(&x, &x).is_err());
        assert!(BceWithLogits { pos_weight: Some(&long), ..loss }.forward(&x, &x).is_err());
        assert!(loss.backward(&x, &x, &x).is_err());
        let far = Tensor::from_elem(IxDyn(&[2, 3]), -3e38);
        assert!(loss.forward(&far, &x).unwrap().sum().is_finite());
    }
}
