//! Losses that compare two tensors number by number, and how the numbers become one.

use crate::core::ops::axes::{check_shape, tensor};
use crate::core::tensor::{Error, Tensor};

/// How the losses of the single numbers become the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Reduction {
    /// They stay.
    None,
    /// Their mean; in classification weighted, see [`crate::core::ops::CrossEntropy`].
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// Their sum, divided by the size of the first axis: the mean of a divergence over a batch.
    BatchMean,
}

impl Reduction {
    /// The loss, where a mean divides by `count` and a batch mean by `batch`.
    pub(crate) fn reduce(
        self,
        losses: &[f64],
        shape: &[usize],
        count: f64,
        batch: f64,
    ) -> Result<Tensor, Error> {
        match self.divisor(count, batch) {
            None => tensor(shape, losses.iter().map(|&loss| loss as f32).collect()),
            Some(divisor) => tensor(&[], vec![(losses.iter().sum::<f64>() / divisor) as f32]),
        }
    }

    /// What the gradient of the loss gives to each of `elements` numbers.
    pub(crate) fn spread(
        self,
        grad_output: &Tensor,
        shape: &[usize],
        count: f64,
        batch: f64,
    ) -> Result<Vec<f64>, Error> {
        let divisor = self.divisor(count, batch);
        check_shape("grad_output", grad_output.shape(), if divisor.is_some() { &[] } else { shape })?;
        let grads = grad_output.iter().map(|&grad| f64::from(grad));
        Ok(match divisor {
            None => grads.collect(),
            Some(divisor) => vec![grads.sum::<f64>() / divisor; shape.iter().product()],
        })
    }

    fn divisor(self, count: f64, batch: f64) -> Option<f64> {
        match self {
            Reduction::None => None,
            Reduction::Mean => Some(count),
            Reduction::Sum => Some(1.0),
            Reduction::BatchMean => Some(batch),
        }
    }
}

/// What is measured between an input and a target of the same shape (`torch.nn.functional`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distance {
    /// `(x - t)²`: `mse_loss`
    Mse,
    /// `|x - t|`: `l1_loss`
    L1,
    /// `d² / (2 beta)` for `d = |x - t|` below `beta`, else `d - beta / 2`: `smooth_l1_loss`
    SmoothL1 {
        /// Where the parabola ends; 1 in PyTorch. 0 is [`Distance::L1`].
        beta: f64,
    },
    /// `d² / 2` for `d = |x - t|` below `delta`, else `delta (d - delta / 2)`: `huber_loss`
    Huber {
        /// Where the parabola ends; 1 in PyTorch.
        delta: f64,
    },
    /// `t (ln t - x)` for log-probabilities `x`: `kl_div`, the divergence of Kullback and Leibler
    KlDiv {
        /// The target is given as log-probabilities too.
        log_target: bool,
    },
    /// `-(t ln x + (1 - t) ln(1 - x))` for probabilities `x`, no logarithm below -100: `binary_cross_entropy`
    BinaryCrossEntropy,
}

/// A loss that compares number by number.
///
/// ```
/// use receptive::core::ops::{Distance, ElementwiseLoss};
/// let (x, t) = (ndarray::arr1(&[1.0, 2.0]).into_dyn(), ndarray::arr1(&[1.0, 4.0]).into_dyn());
/// let loss = ElementwiseLoss::mean(Distance::Mse);
/// assert_eq!(loss.forward(&x, &t)?.sum(), 2.0);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElementwiseLoss {
    /// What is measured.
    pub distance: Distance,
    /// How the numbers become one.
    pub reduction: Reduction,
}

impl ElementwiseLoss {
    /// The mean over all numbers, PyTorch's default.
    pub fn mean(distance: Distance) -> Self {
        ElementwiseLoss { distance, reduction: Reduction::Mean }
    }

    /// The loss, of no axes when it is reduced, else of the shape of `x`. Sums are in `f64`.
    ///
    /// Errors: `target` has another shape than `x`, or a parameter is out of its range.
    pub fn forward(&self, x: &Tensor, target: &Tensor) -> Result<Tensor, Error> {
        self.check(x, target)?;
        let losses: Vec<f64> =
            x.iter().zip(target).map(|(&x, &t)| self.distance.value(f64::from(x), f64::from(t))).collect();
        self.reduction.reduce(&losses, x.shape(), x.len() as f64, batch(x))
    }

    /// The gradients of `sum(loss * grad_output)` with respect to `x` and `target`.
    ///
    /// Errors: as [`ElementwiseLoss::forward`], and a `grad_output` of another shape than the loss.
    pub fn backward(
        &self,
        x: &Tensor,
        target: &Tensor,
        grad_output: &Tensor,
    ) -> Result<(Tensor, Tensor), Error> {
        self.check(x, target)?;
        let spread = self.reduction.spread(grad_output, x.shape(), x.len() as f64, batch(x))?;
        let slopes = x.iter().zip(target).map(|(&x, &t)| self.distance.slopes(f64::from(x), f64::from(t)));
        let (by_x, by_target) =
            slopes.zip(spread).map(|((x, t), g)| ((x * g) as f32, (t * g) as f32)).unzip();
        Ok((tensor(x.shape(), by_x)?, tensor(x.shape(), by_target)?))
    }

    fn check(&self, x: &Tensor, target: &Tensor) -> Result<(), Error> {
        check_shape("target", target.shape(), x.shape())?;
        match self.distance {
            Distance::SmoothL1 { beta } if beta.is_nan() || beta < 0.0 => {
                Err(Error::OutOfRange { name: "beta", value: beta, min: 0.0, max: f64::INFINITY })
            }
            Distance::Huber { delta } if delta.is_nan() || delta <= 0.0 => {
                Err(Error::NotPositive { name: "delta", value: delta })
            }
            _ => Ok(()),
        }
    }
}

/// The size of the first axis.
fn batch(x: &Tensor) -> f64 {
    x.shape().first().map_or(1.0, |&size| size as f64)
}

impl Distance {
    fn value(self, x: f64, t: f64) -> f64 {
        let d = (x - t).abs();
        match self {
            Distance::Mse => d * d,
            Distance::L1 => d,
            Distance::SmoothL1 { beta } if d < beta => d * d / (2.0 * beta),
            Distance::SmoothL1 { beta } => d - beta / 2.0,
            Distance::Huber { delta } if d < delta => d * d / 2.0,
            Distance::Huber { delta } => delta * (d - delta / 2.0),
            Distance::KlDiv { log_target: true } => t.exp() * (t - x),
            // 0 ln 0 is 0
            Distance::KlDiv { log_target: false } if t == 0.0 => 0.0,
            Distance::KlDiv { log_target: false } => t * (t.ln() - x),
            Distance::BinaryCrossEntropy => {
                let ln = |x: f64| if x.is_nan() { x } else { x.ln().max(-100.0) };
                -t * ln(x) - (1.0 - t) * ln(1.0 - x)
            }
        }
    }

    /// The derivatives by input and by target; at a kink those of PyTorch.
    fn slopes(self, x: f64, t: f64) -> (f64, f64) {
        let d = x - t;
        let sign = if d == 0.0 { 0.0 } else { d.signum() };
        let of_difference = match self {
            Distance::Mse => 2.0 * d,
            Distance::L1 => sign,
            Distance::SmoothL1 { beta } => {
                if d.abs() < beta {
                    d / beta
                } else {
                    sign
                }
            }
            Distance::Huber { delta } => {
                if d.abs() < delta {
                    d
                } else {
                    delta * sign
                }
            }
            Distance::KlDiv { log_target: true } => return (-t.exp(), t.exp() * (t - x + 1.0)),
            Distance::KlDiv { log_target: false } if t == 0.0 => return (0.0, -x),
            Distance::KlDiv { log_target: false } => return (-t, t.ln() + 1.0 - x),
            Distance::BinaryCrossEntropy => {
                let ln = |x: f64| x.ln().max(-100.0);
                return (d / ((1.0 - x) * x).max(1e-12), ln(1.0 - x) - ln(x));
            }
        };
        (of_difference, -of_difference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;
    use ndarray::IxDyn;

    const DISTANCES: [Distance; 9] = [
        Distance::Mse,
        Distance::L1,
        Distance::SmoothL1 { beta: 0.5 },
        Distance::SmoothL1 { beta: 0.0 },
        Distance::Huber { delta: 0.4 },
        Distance::Huber { delta: 2.0 },
        Distance::KlDiv { log_target: false },
        Distance::KlDiv { log_target: true },
        Distance::BinaryCrossEntropy,
    ];

    #[test]
    fn gradients_are_slopes() {
        let mut random = Random::new(9);
        let mut draw = || Tensor::from_shape_fn(IxDyn(&[3, 4]), |_| random.range(0.1, 0.9));
        let (x, t, u, v) = (draw(), draw(), draw(), draw());
        for distance in DISTANCES {
            for reduction in [Reduction::None, Reduction::Mean, Reduction::Sum, Reduction::BatchMean] {
                let loss = ElementwiseLoss { distance, reduction };
                let y = loss.forward(&x, &t).unwrap();
                let grad = y.mapv(|y| y.sin() + 1.5);
                let (by_x, by_t) = loss.backward(&x, &t, &grad).unwrap();
                let h = 1e-3;
                let at = |h: f32| {
                    let y = loss.forward(&(&x + &(&u * h)), &(&t + &(&v * h))).unwrap();
                    (y * &grad).iter().map(|&y| f64::from(y)).sum::<f64>()
                };
                let slope = (at(h) - at(-h)) / f64::from(2.0 * h);
                let along = f64::from((by_x * &u + by_t * &v).sum());
                assert!(
                    (slope - along).abs() < 5e-3 * (1.0 + along.abs()),
                    "{loss:?}: {along}, slope {slope}"
                );
            }
        }
    }

    #[test]
    fn reductions() {
        let (x, zero) =
            (ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).into_dyn(), Tensor::zeros(IxDyn(&[3, 2])));
        for (reduction, want) in [(Reduction::Sum, 21.0), (Reduction::Mean, 3.5), (Reduction::BatchMean, 7.0)]
        {
            let y = ElementwiseLoss { distance: Distance::L1, reduction }.forward(&x, &zero);
            assert_eq!(y, Ok(Tensor::from_elem(IxDyn(&[]), want)));
        }
    }

    #[test]
    fn edges() {
        let one = |x: f32| Tensor::from_elem(IxDyn(&[1]), x);
        let value = |distance, x, t| ElementwiseLoss::mean(distance).forward(&one(x), &one(t)).unwrap().sum();
        assert_eq!(value(Distance::KlDiv { log_target: false }, -3.0, 0.0), 0.0);
        assert_eq!(value(Distance::BinaryCrossEntropy, 0.0, 1.0), 100.0);
        assert_eq!(value(Distance::SmoothL1 { beta: 0.0 }, 2.0, 0.5), 1.5);
        let flat = ElementwiseLoss::mean(Distance::L1);
        assert_eq!(flat.backward(&one(1.0), &one(1.0), &Tensor::ones(IxDyn(&[]))).unwrap().0.sum(), 0.0);
        for wrong in [
            ElementwiseLoss::mean(Distance::SmoothL1 { beta: -1.0 }),
            ElementwiseLoss::mean(Distance::Huber { delta: 0.0 }),
        ] {
            assert!(wrong.forward(&one(1.0), &one(1.0)).is_err());
        }
        assert!(flat.forward(&one(1.0), &Tensor::ones(IxDyn(&[2]))).is_err());
        assert!(flat.backward(&one(1.0), &one(1.0), &one(1.0)).is_err());
        assert!(flat.forward(&Tensor::ones(IxDyn(&[0])), &Tensor::ones(IxDyn(&[0]))).unwrap().sum().is_nan());
    }
}
