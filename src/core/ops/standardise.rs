//! What all normalisations share: numbers in groups, each group moved to mean 0 and variance 1.

use super::four::{map, zip_map};
use super::lanes::{Four, Sums};

/// Numbers in row-major order, cut into runs of one length that each belong to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Groups {
    /// How many runs there are.
    pub runs: usize,
    /// The numbers of a run.
    pub length: usize,
    /// How the runs belong to groups.
    pub by: GroupBy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupBy {
    /// So many runs, one after the other, are a group.
    Neighbours(usize),
    /// Every run of the same remainder by this number.
    Remainder(usize),
}

/// Mean and variance of a group; the variance divides by the number of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub(crate) struct Moments {
    pub mean: f64,
    pub variance: f64,
}

impl Groups {
    /// The group of a run.
    pub fn group(self, run: usize) -> usize {
        match self.by {
            GroupBy::Neighbours(number) => run / number,
            GroupBy::Remainder(number) => run % number,
        }
    }

    fn groups(self) -> usize {
        match self.by {
            GroupBy::Neighbours(number) => self.runs.div_ceil(number.max(1)),
            GroupBy::Remainder(number) => number,
        }
    }

    /// How many numbers a group has.
    pub fn members(self) -> usize {
        match self.by {
            GroupBy::Neighbours(number) => number * self.length,
            GroupBy::Remainder(number) => self.runs / number.max(1) * self.length,
        }
    }

    /// The runs of `x` with their groups.
    fn each(self, x: &[f32]) -> impl Iterator<Item = (usize, &[f32])> {
        x.chunks_exact(self.length.max(1)).enumerate().map(move |(run, x)| (self.group(run), x))
    }

    /// Mean and variance of each group. The variance is that of the distances to the mean, in a second pass: the mean
    /// of the squares minus the square of the mean would lose its digits far from 0.
    pub fn moments(self, x: &[f32]) -> Vec<Moments> {
        let count = self.members() as f64;
        let mut sums = vec![0.0; self.groups()];
        self.each(x).for_each(|(group, run)| sums[group] += sums_of(run, 0.0).0);
        let about: Vec<f32> = sums.iter().map(|sum| (sum / count) as f32).collect();
        let mut moments = vec![Moments::default(); self.groups()];
        for (group, run) in self.each(x) {
            let (sum, squares) = sums_of(run, about[group]);
            moments[group].mean += sum;
            moments[group].variance += squares;
        }
        for (moments, about) in moments.iter_mut().zip(about) {
            // the mean, rounded above, is put right by what the distances add up to
            let rest = moments.mean / count;
            let variance = (moments.variance / count - rest * rest).max(0.0);
            *moments = Moments { mean: f64::from(about) + rest, variance };
        }
        moments
    }

    /// The mean of the squares of each group.
    pub fn mean_squares(self, x: &[f32]) -> Vec<f64> {
        let mut sums = vec![0.0; self.groups()];
        self.each(x).for_each(|(group, run)| sums[group] += sums_of(run, 0.0).1);
        sums.iter().map(|sum| sum / self.members() as f64).collect()
    }

    /// `(x - mean) / std`, with means and reciprocals of standard deviations of the groups.
    pub fn standardise(self, x: &[f32], mean: &[f64], inv_std: &[f64]) -> Vec<f32> {
        let mut y = x.to_vec();
        for (run, y) in y.chunks_exact_mut(self.length.max(1)).enumerate() {
            let group = self.group(run);
            shift_and_scale(y, mean[group], inv_std[group] as f32);
        }
        y
    }

    /// The gradient with respect to `x` of `sum(standardise(x) * grad)`, when mean and deviation follow from `x`:
    ///
    /// ```text
    /// (grad - mean(grad) - x̂ mean(grad x̂)) / std    with x̂ = (x - mean) / std, means over the group
    /// ```
    ///
    /// Without `centred` the mean is not subtracted, neither from `x` nor from the gradient.
    pub fn backward(self, x: &[f32], mean: &[f64], inv_std: &[f64], grad: &[f64], centred: bool) -> Vec<f32> {
        let count = self.members() as f64;
        let (mut means, mut products) = (vec![0.0; self.groups()], vec![0.0; self.groups()]);
        let runs = || self.each(x).zip(grad.chunks_exact(self.length.max(1)));
        for ((group, x), grad) in runs() {
            for (&x, grad) in x.iter().zip(grad) {
                means[group] += grad / count;
                products[group] += grad * (f64::from(x) - mean[group]) * inv_std[group] / count;
            }
        }
        if !centred {
            means.fill(0.0);
        }
        let mut out = Vec::with_capacity(x.len());
        for ((group, x), grad) in runs() {
            let (mean, inv_std, of_grad, product) =
                (mean[group], inv_std[group], means[group], products[group]);
            out.extend(x.iter().zip(grad).map(|(&x, grad)| {
                let standard = (f64::from(x) - mean) * inv_std;
                (inv_std * (grad - of_grad - standard * product)) as f32
            }));
        }
        out
    }
}

/// `1 / sqrt(variance + eps)` of each group.
pub(crate) fn inv_std(moments: &[Moments], eps: f64) -> Vec<f64> {
    moments.iter().map(|moments| 1.0 / (moments.variance + eps).sqrt()).collect()
}

/// The sums of `x - about` and of its square. Blocks are added in `f32`, each number of them to another sum, and the
/// blocks in `f64`.
fn sums_of(x: &[f32], about: f32) -> (f64, f64) {
    const N: usize = 4;
    const BLOCK: usize = 32 * Sums::<N>::WIDTH;
    let (mut sum, mut squares) = (0.0, 0.0);
    for block in x.chunks(BLOCK) {
        let (mut block_sum, mut block_squares) = (Sums::<N>::ZERO, Sums::<N>::ZERO);
        let (lines, rest) = block.as_chunks::<{ Sums::<N>::WIDTH }>();
        for line in lines {
            if let Some(x) = Sums::<N>::load(line, 0) {
                let mut distance = Sums::<N>::splat(-about);
                distance.add(1.0, &x);
                block_sum.add(1.0, &distance);
                block_squares.add_products(&distance, &distance);
            }
        }
        sum += block_sum.total();
        squares += block_squares.total();
        for &x in rest {
            let distance = f64::from(x) - f64::from(about);
            sum += distance;
            squares += distance * distance;
        }
    }
    (sum, squares)
}

/// `(x - mean) * factor`. The mean is subtracted in two parts, so that no digit of it is lost far from 0.
fn shift_and_scale(x: &mut [f32], mean: f64, factor: f32) {
    let high = mean as f32;
    let low = (mean - f64::from(high)) as f32;
    map(x, |x| factor * (x - Four::splat(high) - Four::splat(low)));
}

/// `y * weight + bias`, number by number; what is missing is left out.
pub(crate) fn scale_by(y: &mut [f32], weight: Option<&[f32]>, bias: Option<&[f32]>) {
    if let Some(weight) = weight {
        y.chunks_exact_mut(weight.len().max(1)).for_each(|y| zip_map(y, weight, |y, weight| y * weight));
    }
    if let Some(bias) = bias {
        y.chunks_exact_mut(bias.len().max(1)).for_each(|y| zip_map(y, bias, |y, bias| y + bias));
    }
}

/// `y * weight + bias` with one of each for every channel; `y` is `[…, channels, length]`.
pub(crate) fn scale_channels(y: &mut [f32], length: usize, weight: Option<&[f32]>, bias: Option<&[f32]>) {
    let Some(channels) = weight.or(bias).map(<[f32]>::len) else { return };
    for (run, y) in y.chunks_exact_mut(length.max(1)).enumerate() {
        let channel = run % channels.max(1);
        let weight = weight.map_or(1.0, |weight| weight[channel]);
        let bias = Four::splat(bias.map_or(0.0, |bias| bias[channel]));
        map(y, |y| weight * y + bias);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;

    fn draw(seed: u64, count: usize, mean: f32) -> Vec<f32> {
        let mut random = Random::new(seed);
        (0..count).map(|_| mean + random.normal()).collect()
    }

    #[test]
    fn moments_are_those_of_the_definition() {
        for (runs, length, by) in [
            (6, 35, GroupBy::Neighbours(2)),
            (6, 35, GroupBy::Remainder(3)),
            (4, 1, GroupBy::Remainder(2)),
            (1, 1000, GroupBy::Neighbours(1)),
        ] {
            let groups = Groups { runs, length, by };
            for mean in [0.0, 3.0, 1000.0] {
                let x = draw(2, runs * length, mean);
                for (group, moments) in groups.moments(&x).into_iter().enumerate() {
                    let members: Vec<f64> = (0..x.len())
                        .filter(|at| groups.group(at / length) == group)
                        .map(|at| f64::from(x[at]))
                        .collect();
                    assert_eq!(members.len(), groups.members());
                    let count = members.len() as f64;
                    let mean = members.iter().sum::<f64>() / count;
                    let variance = members.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
                    assert!(
                        (moments.mean - mean).abs() < 1e-7 * (1.0 + mean.abs()),
                        "{moments:?}, mean {mean}"
                    );
                    assert!(
                        (moments.variance - variance).abs() < 1e-6 * (1.0 + variance),
                        "{moments:?} {variance}"
                    );
                }
            }
        }
    }

    #[test]
    fn equal_numbers_have_no_variance() {
        let groups = Groups { runs: 1, length: 100, by: GroupBy::Neighbours(1) };
        for x in [0.0, 0.1, -1e6, 1e-30] {
            let moments = groups.moments(&[x; 100])[0];
            assert_eq!((moments.mean as f32, moments.variance), (x, 0.0), "{x}");
        }
    }
}
