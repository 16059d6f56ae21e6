//! Normalisation of groups of channels, image by image (`torch.nn.functional.group_norm`, `instance_norm`).

use crate::core::ops::axes::{check_length, numbers, tensor};
use crate::core::ops::batch_norm::{BatchNorm, BatchNormOutput, Channels, RunningStatistics, sizes};
use crate::core::ops::layer_norm::NormGrads;
use crate::core::ops::standardise::{GroupBy, Groups, inv_std, scale_channels};
use crate::core::tensor::{Error, Tensor};

/// Group normalisation (Wu and He, 2018): the channels split into groups, and each group of each image is moved to mean
/// 0 and variance 1. One group is layer normalisation over all of the image, as many as channels is instance
/// normalisation.
///
/// ```
/// use receptive::core::ops::GroupNorm;
/// let norm = GroupNorm { num_groups: 2, eps: 0.0 };
/// let x = ndarray::arr2(&[[1.0, 3.0, 5.0, 5.5]]).into_dyn();
/// assert_eq!(norm.forward(&x, None, None)?, ndarray::arr2(&[[-1.0, 1.0, -1.0, 1.0]]).into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupNorm {
    /// Into how many groups the channels split.
    pub num_groups: usize,
    /// What is added to the variance.
    pub eps: f64,
}

impl GroupNorm {
    /// PyTorch's default `eps` of 1e-5.
    pub fn new(num_groups: usize) -> Self {
        GroupNorm { num_groups, eps: 1e-5 }
    }

    /// The definition, group by group in `f64`. `x` is `[n, c, …]`, `weight` and `bias` are `[c]`.
    ///
    /// Errors: channels that don't split evenly, or shapes that don't fit each other.
    pub fn forward_plain(
        &self,
        x: &Tensor,
        weight: Option<&[f32]>,
        bias: Option<&[f32]>,
    ) -> Result<Tensor, Error> {
        let groups = self.groups(x, weight, bias)?;
        let (_, channels, length) = sizes(x)?;
        let members = groups.members();
        let x_all: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        let mut y = Vec::with_capacity(x_all.len());
        for group in x_all.chunks_exact(members.max(1)) {
            let mean = group.iter().sum::<f64>() / members as f64;
            let variance = group.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / members as f64;
            for x in group {
                let channel = y.len() / length % channels;
                let weight = weight.map_or(1.0, |weight| f64::from(weight[channel]));
                let bias = bias.map_or(0.0, |bias| f64::from(bias[channel]));
                y.push(((x - mean) / (variance + self.eps).sqrt() * weight + bias) as f32);
            }
        }
        tensor(x.shape(), y)
    }

    /// [`GroupNorm::forward_plain`], fast.
    pub fn forward(&self, x: &Tensor, weight: Option<&[f32]>, bias: Option<&[f32]>) -> Result<Tensor, Error> {
        let groups = self.groups(x, weight, bias)?;
        let view = self.view(x, groups)?;
        let mut y = groups.standardise(&view.x, &view.mean, &view.inv_std);
        scale_channels(&mut y, groups.length, weight, bias);
        tensor(x.shape(), y)
    }

    /// The gradients of `sum(y * grad_output)`.
    ///
    /// Errors: those of the forward pass, and a `grad_output` of another shape than `x`.
    pub fn backward(
        &self,
        x: &Tensor,
        weight: Option<&[f32]>,
        grad_output: &Tensor,
    ) -> Result<NormGrads, Error> {
        self.view(x, self.groups(x, weight, None)?)?.backward(weight, grad_output)
    }

    fn view(&self, x: &Tensor, groups: Groups) -> Result<Channels, Error> {
        let x_all = numbers(x);
        let moments = groups.moments(&x_all);
        Ok(Channels {
            x: x_all,
            shape: x.shape().to_vec(),
            groups,
            channels: sizes(x)?.1,
            mean: moments.iter().map(|moments| moments.mean).collect(),
            inv_std: inv_std(&moments, self.eps),
            own: true,
        })
    }

    fn groups(&self, x: &Tensor, weight: Option<&[f32]>, bias: Option<&[f32]>) -> Result<Groups, Error> {
        let (n, channels, length) = sizes(x)?;
        check_length("weight", weight, channels)?;
        check_length("bias", bias, channels)?;
        if self.num_groups == 0 {
            return Err(Error::Zero { name: "num_groups" });
        }
        if !channels.is_multiple_of(self.num_groups) {
            let (by, divisor) = ("num_groups", self.num_groups);
            return Err(Error::NotDivisible { name: "num_channels", value: channels, by, divisor });
        }
        // with no channels there is no number, and the size of a group doesn't matter
        let together = (channels / self.num_groups).max(1);
        Ok(Groups { runs: n * channels, length, by: GroupBy::Neighbours(together) })
    }
}

/// Instance normalisation (Ulyanov, Vedaldi and Lempitsky, 2016): each channel of each image is moved to mean 0 and
/// variance 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InstanceNorm {
    /// What is added to the variance.
    pub eps: f64,
    /// Normalises with the statistics of the input; otherwise with the running ones.
    pub use_input_stats: bool,
    /// The share of this batch in the new running statistics.
    pub momentum: f64,
}

impl Default for InstanceNorm {
    fn default() -> Self {
        InstanceNorm { eps: 1e-5, use_input_stats: true, momentum: 0.1 }
    }
}

impl InstanceNorm {
    /// The definition, which is that of batch normalisation with every image a batch of its own. `x` is `[n, c, …]`,
    /// everything else `[c]`. Running statistics are the mean over the images.
    ///
    /// Errors: shapes that don't fit each other, no running statistics where they are needed, or a channel of a single
    /// number, which has no variance.
    pub fn forward_plain(
        &self,
        x: &Tensor,
        weight: Option<&[f32]>,
        bias: Option<&[f32]>,
        running: Option<&RunningStatistics>,
    ) -> Result<Tensor, Error> {
        self.check(x, weight, bias, running)?;
        self.by_image(x, running, |norm, x, running| norm.forward_plain(x, weight, bias, running))
    }

    /// [`InstanceNorm::forward_plain`], fast, with the new running statistics.
    pub fn forward(
        &self,
        x: &Tensor,
        weight: Option<&[f32]>,
        bias: Option<&[f32]>,
        running: Option<&RunningStatistics>,
    ) -> Result<BatchNormOutput, Error> {
        self.check(x, weight, bias, running)?;
        let mut sums: Option<(Vec<f64>, Vec<f64>)> = None;
        let output = self.by_image(x, running, |norm, x, running| {
            let BatchNormOutput { output, running } = norm.forward(x, weight, bias, running)?;
            if let Some(running) = running {
                let zeros = || (vec![0.0; running.mean.len()], vec![0.0; running.var.len()]);
                let (mean, var) = sums.get_or_insert_with(zeros);
                mean.iter_mut().zip(running.mean).for_each(|(sum, mean)| *sum += f64::from(mean));
                var.iter_mut().zip(running.var).for_each(|(sum, var)| *sum += f64::from(var));
            }
            Ok(output)
        })?;
        let images = sizes(x)?.0 as f64;
        let mean = |sums: Vec<f64>| sums.into_iter().map(|sum| (sum / images) as f32).collect();
        let running =
            sums.map(|(of_mean, of_var)| RunningStatistics { mean: mean(of_mean), var: mean(of_var) });
        Ok(BatchNormOutput { output, running })
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
        self.check(x, weight, None, running)?;
        let (_, channels, _) = sizes(x)?;
        if self.use_input_stats {
            return GroupNorm { num_groups: channels.max(1), eps: self.eps }.backward(x, weight, grad_output);
        }
        self.norm().backward(x, weight, running, grad_output)
    }

    fn norm(&self) -> BatchNorm {
        let (training, momentum, eps) = (self.use_input_stats, self.momentum, self.eps);
        BatchNorm { training, momentum, eps, track_unbiased: true }
    }

    fn by_image(
        &self,
        x: &Tensor,
        running: Option<&RunningStatistics>,
        mut f: impl FnMut(BatchNorm, &Tensor, Option<&RunningStatistics>) -> Result<Tensor, Error>,
    ) -> Result<Tensor, Error> {
        let mut y = Vec::with_capacity(x.len());
        for image in x.outer_iter() {
            y.extend(f(self.norm(), &image.insert_axis(ndarray::Axis(0)).to_owned(), running)?);
        }
        tensor(x.shape(), y)
    }

    fn check(
        &self,
        x: &Tensor,
        weight: Option<&[f32]>,
        bias: Option<&[f32]>,
        running: Option<&RunningStatistics>,
    ) -> Result<(), Error> {
        let (_, channels, _) = sizes(x)?;
        check_length("weight", weight, channels)?;
        check_length("bias", bias, channels)?;
        let (mean, var) = (running.map(|r| &r.mean[..]), running.map(|r| &r.var[..]));
        // without the statistics of the input those that were kept must be there
        let needed = if self.use_input_stats { None } else { Some(&[][..]) };
        check_length("running_mean", mean.or(needed), channels)?;
        check_length("running_var", var.or(needed), channels)
    }
}
