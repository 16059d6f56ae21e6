//! Batch normalisation (Ioffe and Szegedy, 2015; `torch.nn.functional.batch_norm`).

use crate::core::ops::axes::{check_length, check_shape, numbers, tensor};
use crate::core::ops::layer_norm::NormGrads;
use crate::core::ops::standardise::{GroupBy, Groups, Moments, inv_std, scale_channels};
use crate::core::tensor::{Error, MAX_ELEMENTS, Tensor, checked_elements};

/// Each channel moved to mean 0 and variance 1: in training with its own mean and variance over the batch and all
/// positions, afterwards with those that training has kept track of.
///
/// ```
/// use receptive::core::ops::BatchNorm;
/// let norm = BatchNorm { eps: 0.0, ..BatchNorm::default() };
/// let y = norm.forward(&ndarray::arr2(&[[1.0], [3.0]]).into_dyn(), None, None, None)?;
/// assert_eq!(y.output, ndarray::arr2(&[[-1.0], [1.0]]).into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm {
    /// Normalises with the statistics of this batch.
    pub training: bool,
    /// The share of this batch in the new running statistics. PyTorch's layer with `momentum=None` takes 1 divided by
    /// the number of batches so far; ONNX's momentum is 1 minus this one.
    pub momentum: f64,
    /// What is added to the variance.
    pub eps: f64,
    /// The running variance is the unbiased estimate, which divides by the number of numbers minus 1, as in PyTorch.
    /// ONNX keeps the biased one, by which both normalise.
    pub track_unbiased: bool,
}

impl Default for BatchNorm {
    fn default() -> Self {
        BatchNorm { training: true, momentum: 0.1, eps: 1e-5, track_unbiased: true }
    }
}

/// What training keeps track of, for each channel.
#[derive(Clone, Debug, PartialEq)]
pub struct RunningStatistics {
    /// The mean.
    pub mean: Vec<f32>,
    /// The variance.
    pub var: Vec<f32>,
}

/// What batch normalisation gives.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchNormOutput {
    /// Of the shape of the input.
    pub output: Tensor,
    /// The running statistics after this batch; as before it when not in training.
    pub running: Option<RunningStatistics>,
}

/// The input `[n, c, …]` as `[n, c, length]`, and by what it is normalised.
pub(super) struct Channels {
    pub x: Vec<f32>,
    pub shape: Vec<usize>,
    pub groups: Groups,
    pub channels: usize,
    pub mean: Vec<f64>,
    pub inv_std: Vec<f64>,
    /// The statistics are those of the input itself.
    pub own: bool,
}

/// `n`, `c` and the number of positions of `[n, c, …]`.
pub(super) fn sizes(x: &Tensor) -> Result<(usize, usize, usize), Error> {
    checked_elements(x.shape())?;
    match x.shape() {
        [n, c, positions @ ..] => Ok((*n, *c, positions.iter().product())),
        shape => Err(Error::WrongRank { name: "input", expected: "[n, c, …]", got: shape.to_vec() }),
    }
}

impl BatchNorm {
    /// The definition, channel by channel in `f64`: `y = (x - mean[c]) / sqrt(var[c] + eps) * weight[c] + bias[c]`.
    ///
    /// `x` is `[n, c, …]`, everything else `[c]`. Without running statistics those of the batch are taken even when
    /// not in training.
    ///
    /// Errors: shapes that don't fit each other, or in training a channel of a single number, which has no variance.
    pub fn forward_plain(
        &self,
        x: &Tensor,
        weight: Option<&[f32]>,
        bias: Option<&[f32]>,
        running: Option<&RunningStatistics>,
    ) -> Result<Tensor, Error> {
        let (n, channels, length) = self.check(x, weight, bias, running)?;
        let x_all: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        let mut y = vec![0.0; x_all.len()];
        for c in 0..channels {
            let members = (0..n).flat_map(|n| (0..length).map(move |i| (n * channels + c) * length + i));
            let count = (n * length) as f64;
            let (mean, variance) = match running {
                Some(running) if !self.training => (f64::from(running.mean[c]), f64::from(running.var[c])),
                _ => {
                    let mean = members.clone().map(|at| x_all[at]).sum::<f64>() / count;
                    let squares = members.clone().map(|at| (x_all[at] - mean).powi(2));
                    (mean, squares.sum::<f64>() / count)
                }
            };
            let weight = weight.map_or(1.0, |weight| f64::from(weight[c]));
            let bias = bias.map_or(0.0, |bias| f64::from(bias[c]));
            for at in members {
                y[at] = ((x_all[at] - mean) / (variance + self.eps).sqrt() * weight + bias) as f32;
            }
        }
        tensor(x.shape(), y)
    }

    /// [`BatchNorm::forward_plain`], fast, with the new running statistics: `(1 - momentum)` of the old ones and
    /// `momentum` of those of the batch.
    pub fn forward(
        &self,
        x: &Tensor,
        weight: Option<&[f32]>,
        bias: Option<&[f32]>,
        running: Option<&RunningStatistics>,
    ) -> Result<BatchNormOutput, Error> {
        let (n, channels, length) = self.check(x, weight, bias, running)?;
        let (view, moments) = self.view(x, (n, channels, length), running);
        let mut y = view.groups.standardise(&view.x, &view.mean, &view.inv_std);
        scale_channels(&mut y, length, weight, bias);
        let running = running.map(|running| match moments {
            Some(moments) if self.training => self.track(running, &moments, view.groups.members()),
            _ => running.clone(),
        });
        Ok(BatchNormOutput { output: tensor(x.shape(), y)?, running })
    }

    /// The gradients of `sum(y * grad_output)`. Running statistics are constants.
    ///
    /// Errors: those of the forward pass, and a `grad_output` of another shape than `x`.
    pub fn backward(
        &self,
        x: &Tensor,
        weight: Option<&[f32]>,
        running: Option<&RunningStatistics>,
        grad_output: &Tensor,
    ) -> Result<NormGrads, Error> {
        let sizes = self.check(x, weight, None, running)?;
        self.view(x, sizes, running).0.backward(weight, grad_output)
    }

    fn view(
        &self,
        x: &Tensor,
        (n, channels, length): (usize, usize, usize),
        running: Option<&RunningStatistics>,
    ) -> (Channels, Option<Vec<Moments>>) {
        let groups = Groups { runs: n * channels, length, by: GroupBy::Remainder(channels) };
        let x_all = numbers(x);
        let moments = match running {
            Some(running) if !self.training => {
                let kept = running.mean.iter().zip(&running.var);
                kept.map(|(&mean, &var)| Moments { mean: f64::from(mean), variance: f64::from(var) })
                    .collect()
            }
            _ => groups.moments(&x_all),
        };
        let own = self.training || running.is_none();
        let view = Channels {
            x: x_all,
            shape: x.shape().to_vec(),
            groups,
            channels,
            mean: moments.iter().map(|moments| moments.mean).collect(),
            inv_std: inv_std(&moments, self.eps),
            own,
        };
        (view, own.then_some(moments))
    }

    /// The running statistics after a batch of these moments.
    fn track(&self, running: &RunningStatistics, moments: &[Moments], members: usize) -> RunningStatistics {
        let members = members as f64;
        let unbiased = if self.track_unbiased { members / (members - 1.0) } else { 1.0 };
        let mix = |old: &[f32], new: &dyn Fn(&Moments) -> f64| {
            let pairs = old.iter().zip(moments);
            pairs
                .map(|(&old, moments)| {
                    ((1.0 - self.momentum) * f64::from(old) + self.momentum * new(moments)) as f32
                })
                .collect()
        };
        RunningStatistics {
            mean: mix(&running.mean, &|moments| moments.mean),
            var: mix(&running.var, &|moments| moments.variance * unbiased),
        }
    }

    fn check(
        &self,
        x: &Tensor,
        weight: Option<&[f32]>,
        bias: Option<&[f32]>,
        running: Option<&RunningStatistics>,
    ) -> Result<(usize, usize, usize), Error> {
        let (n, c, length) = sizes(x)?;
        check_length("weight", weight, c)?;
        check_length("bias", bias, c)?;
        check_length("running_mean", running.map(|running| &running.mean[..]), c)?;
        check_length("running_var", running.map(|running| &running.var[..]), c)?;
        if self.training && n * length == 1 {
            let (min, max) = (2.0, MAX_ELEMENTS as f64);
            return Err(Error::OutOfRange { name: "values per channel", value: 1.0, min, max });
        }
        Ok((n, c, length))
    }
}

impl Channels {
    pub fn backward(&self, weight: Option<&[f32]>, grad_output: &Tensor) -> Result<NormGrads, Error> {
        check_shape("grad_output", grad_output.shape(), &self.shape)?;
        let mut grads: Vec<f64> = grad_output.iter().map(|&grad| f64::from(grad)).collect();
        let (mut by_weight, mut by_bias) = (vec![0.0; self.channels], vec![0.0; self.channels]);
        let length = self.groups.length.max(1);
        for (run, (x, grads)) in self.x.chunks_exact(length).zip(grads.chunks_exact_mut(length)).enumerate() {
            let (channel, group) = (run % self.channels, self.groups.group(run));
            let (mean, inv_std) = (self.mean[group], self.inv_std[group]);
            let weight = weight.map_or(1.0, |weight| f64::from(weight[channel]));
            for (&x, grad) in x.iter().zip(grads) {
                by_weight[channel] += *grad * (f64::from(x) - mean) * inv_std;
                by_bias[channel] += *grad;
                *grad *= weight;
            }
        }
        let input = if self.own {
            self.groups.backward(&self.x, &self.mean, &self.inv_std, &grads, true)
        } else {
            let runs = grads.chunks_exact(length).enumerate();
            runs.flat_map(|(run, grads)| {
                let inv_std = self.inv_std[self.groups.group(run)];
                grads.iter().map(move |grad| (grad * inv_std) as f32)
            })
            .collect()
        };
        let narrow = |sums: Vec<f64>| tensor(&[self.channels], sums.iter().map(|&sum| sum as f32).collect());
        Ok(NormGrads {
            input: tensor(&self.shape, input)?,
            weight: narrow(by_weight)?,
            bias: narrow(by_bias)?,
        })
    }
}
