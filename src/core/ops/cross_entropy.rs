//! The losses of classification (`torch.nn.functional.nll_loss`, `cross_entropy`).

use ndarray::ArrayD;

use crate::core::ops::axes::{Split, check_length, check_shape, tensor};
use crate::core::ops::loss::Reduction;
use crate::core::tensor::{Error, Tensor, checked_elements};

/// What is right.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// The right class of each example, `[n, …]`.
    Classes(&'a ArrayD<i64>),
    /// How probable each class is, `[n, classes, …]`.
    Probabilities(&'a Tensor),
}

/// Cross-entropy: minus the logarithm of the probability that softmax gives to the right class.
///
/// Logits are `[n, classes, …]`, or `[classes]` for a single example. With class weights `w`, label smoothing `s` and
/// `K` classes the loss of an example is
///
/// ```text
/// -sum over k of w[k] q[k] log_softmax(logits)[k],    q[k] = (1 - s) p[k] + s / K
/// ```
///
/// where `p` is the target, 1 for the right class and 0 for the others. A mean divides by the sum of the weights of
/// the right classes, as PyTorch does, and by the number of examples when the target is given as probabilities. An
/// example whose class is `ignore_index` has no loss and is not counted; if there is no other, the mean is NaN.
///
/// ```
/// use receptive::core::ops::{CrossEntropy, Target};
/// let logits = ndarray::arr2(&[[0.0, 0.0]]).into_dyn();
/// let loss = CrossEntropy::default().forward(&logits, Target::Classes(&ndarray::arr1(&[1]).into_dyn()))?;
/// assert!((loss.sum() - 2.0_f32.ln()).abs() < 1e-7);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrossEntropy<'a> {
    /// How much each class counts.
    pub weight: Option<&'a [f32]>,
    /// The class of examples that don't count. Without effect on probabilities.
    pub ignore_index: i64,
    /// The share of the target that is spread over all classes (Szegedy et al., 2016).
    pub label_smoothing: f64,
    /// How the losses become one.
    pub reduction: Reduction,
}

impl Default for CrossEntropy<'_> {
    fn default() -> Self {
        CrossEntropy { weight: None, ignore_index: -100, label_smoothing: 0.0, reduction: Reduction::Mean }
    }
}

/// What the loss needs to know of each example: how the probabilities are weighted.
struct Weighted {
    split: Split,
    /// `w[k] q[k]`, in the layout of the logits.
    factors: Vec<f64>,
    /// The shape without the axis of the classes.
    shape: Vec<usize>,
    /// What a mean divides by.
    count: f64,
}

impl CrossEntropy<'_> {
    /// The loss, of no axes when it is reduced, else `[n, …]`.
    ///
    /// Errors: shapes that don't fit each other, a class that doesn't exist, a smoothing outside of 0 to 1.
    pub fn forward(&self, logits: &Tensor, target: Target<'_>) -> Result<Tensor, Error> {
        checked_elements(logits.shape())?;
        self.of_log_probabilities(&log_softmax(logits), target)
    }

    /// The gradient of `sum(loss * grad_output)` with respect to the logits:
    /// `softmax(logits)[k] (sum over j of w[j] q[j]) - w[k] q[k]` for each example, times its gradient.
    ///
    /// Errors: as [`CrossEntropy::forward`], and a `grad_output` of another shape than the loss.
    pub fn backward(
        &self,
        logits: &Tensor,
        target: Target<'_>,
        grad_output: &Tensor,
    ) -> Result<Tensor, Error> {
        let weighted = self.weighted(logits.shape(), target)?;
        let spread = weighted.spread(self.reduction, grad_output)?;
        let logits = logits.as_standard_layout();
        let x = logits.as_slice().unwrap_or_default();
        let mut grad = vec![0.0; x.len()];
        for (start, g) in weighted.split.starts().zip(spread) {
            let line = weighted.split.line(start);
            let largest = line.clone().fold(f64::NEG_INFINITY, |largest, at| largest.max(f64::from(x[at])));
            let power = |at: usize| (f64::from(x[at]) - largest).exp();
            let sum: f64 = line.clone().map(power).sum();
            let total: f64 = line.clone().map(|at| weighted.factors[at]).sum();
            for at in line {
                grad[at] = (g * (total * power(at) / sum - weighted.factors[at])) as f32;
            }
        }
        tensor(logits.shape(), grad)
    }

    /// The negative log-likelihood (`nll_loss`): the loss of log-probabilities that are given.
    ///
    /// Errors: as [`CrossEntropy::forward`].
    pub fn forward_nll(&self, log_probabilities: &Tensor, target: Target<'_>) -> Result<Tensor, Error> {
        self.of_log_probabilities(&log_probabilities.mapv(f64::from), target)
    }

    /// The gradient of `sum(loss * grad_output)` of [`CrossEntropy::forward_nll`] with respect to the
    /// log-probabilities.
    ///
    /// Errors: as [`CrossEntropy::backward`].
    pub fn backward_nll(
        &self,
        log_probabilities: &Tensor,
        target: Target<'_>,
        grad_output: &Tensor,
    ) -> Result<Tensor, Error> {
        let weighted = self.weighted(log_probabilities.shape(), target)?;
        let spread = weighted.spread(self.reduction, grad_output)?;
        let mut grad = vec![0.0; weighted.factors.len()];
        for (start, g) in weighted.split.starts().zip(spread) {
            for at in weighted.split.line(start) {
                grad[at] = (-g * weighted.factors[at]) as f32;
            }
        }
        tensor(log_probabilities.shape(), grad)
    }

    fn of_log_probabilities(&self, log: &ArrayD<f64>, target: Target<'_>) -> Result<Tensor, Error> {
        let weighted = self.weighted(log.shape(), target)?;
        let log = log.as_standard_layout();
        let log = log.as_slice().unwrap_or_default();
        let losses: Vec<f64> = weighted
            .split
            .starts()
            .map(|start| {
                // 0 ln 0 is 0
                let terms = weighted.split.line(start).filter(|&at| weighted.factors[at] != 0.0);
                -terms.map(|at| weighted.factors[at] * log[at]).sum::<f64>()
            })
            .collect();
        let batch = if weighted.shape.is_empty() { 1.0 } else { weighted.shape[0] as f64 };
        self.reduction.reduce(&losses, &weighted.shape, weighted.count, batch)
    }

    fn weighted(&self, shape: &[usize], target: Target<'_>) -> Result<Weighted, Error> {
        if shape.is_empty() {
            return Err(Error::WrongRank { name: "input", expected: "[n, classes, …]", got: vec![] });
        }
        let smoothing = self.label_smoothing;
        if !(0.0..=1.0).contains(&smoothing) {
            return Err(Error::OutOfRange { name: "label_smoothing", value: smoothing, min: 0.0, max: 1.0 });
        }
        checked_elements(shape)?;
        let axis = usize::from(shape.len() > 1);
        let split = Split::at(shape, axis);
        check_length("weight", self.weight, split.size)?;
        let without_classes = [&shape[..axis], &shape[axis + 1..]].concat();
        let weight = |class: usize| self.weight.map_or(1.0, |weight| f64::from(weight[class]));
        let everywhere = smoothing / split.size as f64;
        let mut factors = vec![0.0; shape.iter().product()];
        let count = match target {
            Target::Classes(classes) => {
                check_shape("target", classes.shape(), &without_classes)?;
                let mut count = 0.0;
                for (start, &class) in split.starts().zip(classes) {
                    if class == self.ignore_index {
                        continue;
                    }
                    let refused = Error::IndexOutOfRange { name: "target", index: class, size: split.size };
                    let right = usize::try_from(class).ok().filter(|&k| k < split.size).ok_or(refused)?;
                    count += weight(right);
                    for (k, at) in split.line(start).enumerate() {
                        let target = everywhere + if k == right { 1.0 - smoothing } else { 0.0 };
                        factors[at] = weight(k) * target;
                    }
                }
                count
            }
            Target::Probabilities(target) => {
                check_shape("target", target.shape(), shape)?;
                let target = target.as_standard_layout();
                let target = target.as_slice().unwrap_or_default();
                for start in split.starts() {
                    for (k, at) in split.line(start).enumerate() {
                        factors[at] = weight(k) * ((1.0 - smoothing) * f64::from(target[at]) + everywhere);
                    }
                }
                (split.outer * split.inner) as f64
            }
        };
        Ok(Weighted { split, factors, shape: without_classes, count })
    }
}

impl Weighted {
    fn spread(&self, reduction: Reduction, grad_output: &Tensor) -> Result<Vec<f64>, Error> {
        let batch = self.shape.first().map_or(1.0, |&size| size as f64);
        reduction.spread(grad_output, &self.shape, self.count, batch)
    }
}

/// [`crate::core::ops::Softmax::forward_log_plain`] along the axis of the classes, not rounded.
fn log_softmax(logits: &Tensor) -> ArrayD<f64> {
    let mut log = logits.as_standard_layout().mapv(f64::from);
    let split = Split::at(logits.shape(), usize::from(logits.ndim() > 1));
    if let Some(log) = log.as_slice_mut() {
        for start in split.starts() {
            let line = split.line(start);
            let largest = line.clone().fold(f64::NEG_INFINITY, |largest, at| largest.max(log[at]));
            let sum: f64 = line.clone().map(|at| (log[at] - largest).exp()).sum();
            line.for_each(|at| log[at] -= largest + sum.ln());
        }
    }
    log
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;
    use ndarray::IxDyn;

    fn classes(seed: u64, shape: &[usize], below: usize) -> ArrayD<i64> {
        let mut random = Random::new(seed);
        ArrayD::from_shape_fn(IxDyn(shape), |_| random.below(below) as i64)
    }

    fn random(seed: u64, shape: &[usize]) -> Tensor {
        let mut random = Random::new(seed);
        Tensor::from_shape_fn(IxDyn(shape), |_| random.normal())
    }

    const WEIGHT: [f32; 4] = [0.5, 2.0, 1.0, 0.25];

    #[test]
    fn gradients_are_slopes() {
        let shapes: [(&[usize], &[usize]); 3] = [(&[3, 4], &[3]), (&[2, 4, 3, 2], &[2, 3, 2]), (&[4], &[])];
        for (shape, without) in shapes {
            let (x, direction) = (random(1, shape), random(2, shape));
            let labels = classes(3, without, 4);
            let probabilities = random(4, shape).mapv(|p| p * p);
            for reduction in [Reduction::None, Reduction::Mean, Reduction::Sum, Reduction::BatchMean] {
                for (weight, label_smoothing) in [(None, 0.0), (Some(&WEIGHT[..]), 0.2), (None, 0.3)] {
                    let loss = CrossEntropy { weight, ignore_index: 1, label_smoothing, reduction };
                    for target in [Target::Classes(&labels), Target::Probabilities(&probabilities)] {
                        check(&loss, &x, &direction, target);
                    }
                }
            }
        }
    }

    fn check(loss: &CrossEntropy<'_>, x: &Tensor, direction: &Tensor, target: Target<'_>) {
        let grad = loss.forward(x, target).unwrap().mapv(|y| if y.is_nan() { 0.0 } else { y.sin() + 1.5 });
        let h = 1e-2;
        let along = |gradient: Tensor| (gradient * direction).iter().map(|&g| f64::from(g)).sum::<f64>();
        let total = |y: Tensor| (y * &grad).iter().map(|&y| f64::from(y)).sum::<f64>();
        let (ahead, behind) = (x + &(direction * h), x - &(direction * h));
        let slope =
            |f: &dyn Fn(&Tensor) -> Tensor| (total(f(&ahead)) - total(f(&behind))) / f64::from(2.0 * h);
        for (slope, gradient) in [
            (slope(&|x| loss.forward(x, target).unwrap()), loss.backward(x, target, &grad).unwrap()),
            (slope(&|x| loss.forward_nll(x, target).unwrap()), loss.backward_nll(x, target, &grad).unwrap()),
        ] {
            let along = along(gradient);
            let same = slope.is_nan() || (slope - along).abs() < 2e-3 * (1.0 + along.abs());
            assert!(same, "{loss:?} {target:?}: {along}, slope {slope}");
        }
    }

    #[test]
    fn classes_are_certain_probabilities() {
        let (x, labels) = (random(5, &[5, 4]), classes(6, &[5], 4));
        let certain =
            Tensor::from_shape_fn(IxDyn(&[5, 4]), |at| if labels[at[0]] == at[1] as i64 { 1.0 } else { 0.0 });
        let loss = CrossEntropy { label_smoothing: 0.1, ..CrossEntropy::default() };
        let (a, b) =
            (loss.forward(&x, Target::Classes(&labels)), loss.forward(&x, Target::Probabilities(&certain)));
        assert!((a.unwrap().sum() - b.unwrap().sum()).abs() < 1e-6);
    }

    #[test]
    fn a_mean_is_weighted() {
        let log = ndarray::arr2(&[[-1.0, -2.0], [-3.0, -4.0], [-5.0, -6.0]]).into_dyn();
        let labels = ndarray::arr1(&[0, 1, 1]).into_dyn();
        let loss = CrossEntropy { weight: Some(&[1.0, 2.0]), ..CrossEntropy::default() };
        let y = loss.forward_nll(&log, Target::Classes(&labels)).unwrap();
        assert!((y.sum() - (1.0 + 2.0 * 4.0 + 2.0 * 6.0) / 5.0).abs() < 1e-6);
    }

    #[test]
    fn edges() {
        let x = ndarray::arr2(&[[0.0, f32::NEG_INFINITY], [1e30, -1e30]]).into_dyn();
        let labels = ndarray::arr1(&[0, 0]).into_dyn();
        let loss = CrossEntropy::default();
        assert_eq!(loss.forward(&x, Target::Classes(&labels)).unwrap().sum(), 0.0);
        let ignored = CrossEntropy { ignore_index: 0, ..loss };
        assert!(ignored.forward(&x, Target::Classes(&labels)).unwrap().sum().is_nan());
        let zeros = |shape: &[usize]| Tensor::zeros(IxDyn(shape));
        for class in [-1, 2, i64::MAX] {
            let refused = Err(Error::IndexOutOfRange { name: "target", index: class, size: 2 });
            let labels = ndarray::arr1(&[class, 0]).into_dyn();
            assert_eq!(loss.forward(&x, Target::Classes(&labels)), refused);
        }
        assert!(loss.forward(&zeros(&[]), Target::Probabilities(&zeros(&[]))).is_err());
        assert!(loss.forward(&x, Target::Probabilities(&zeros(&[2]))).is_err());
        assert!(loss.forward(&zeros(&[3, 2]), Target::Classes(&labels)).is_err());
        assert!(CrossEntropy { weight: Some(&[1.0]), ..loss }.forward(&x, Target::Classes(&labels)).is_err());
        for label_smoothing in [-0.1, 1.1, f64::NAN] {
            let wrong = CrossEntropy { label_smoothing, ..loss };
            assert!(wrong.forward(&x, Target::Classes(&labels)).is_err());
        }
        assert!(
            loss.forward(&zeros(&[0, 3]), Target::Probabilities(&zeros(&[0, 3]))).unwrap().sum().is_nan()
        );
    }
}
