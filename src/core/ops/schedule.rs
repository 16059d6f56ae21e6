//! Schedules: the learning rate of each step (`torch.optim.lr_scheduler`, and those of the `transformers` library).

use std::f64::consts::PI;

/// How the learning rate changes with the steps, counted from 0. With a warm-up it rises first, in proportion to the
/// step.
///
/// ```
/// use receptive::core::ops::Schedule;
/// let schedule = Schedule::LinearWithWarmup { warmup: 2, total: 6 };
/// let rates: Vec<f64> = (0..7).map(|step| schedule.lr(1.0, step)).collect();
/// assert_eq!(rates, [0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// The learning rate itself.
    Constant,
    /// Times `gamma` every `step_size` steps: `StepLR`.
    Step {
        /// Steps of one rate.
        step_size: u64,
        /// The factor.
        gamma: f64,
    },
    /// Times `gamma` at each milestone: `MultiStepLR`.
    MultiStep {
        /// The steps from which on the next rate holds.
        milestones: Vec<u64>,
        /// The factor.
        gamma: f64,
    },
    /// Times `gamma` every step: `ExponentialLR`.
    Exponential {
        /// The factor.
        gamma: f64,
    },
    /// From `start_factor` to `end_factor` in a straight line: `LinearLR`.
    Linear {
        /// The factor of step 0.
        start_factor: f64,
        /// The factor from step `total_iters` on.
        end_factor: f64,
        /// Steps until then.
        total_iters: u64,
    },
    /// Half a cosine from the learning rate down to `eta_min`, and up again: `CosineAnnealingLR` (Loshchilov and
    /// Hutter, "SGDR", 2017).
    CosineAnnealing {
        /// Steps of half a wave.
        t_max: u64,
        /// The lowest rate.
        eta_min: f64,
    },
    /// Half a cosine down, again and again, each `t_mult` times as long as the one before:
    /// `CosineAnnealingWarmRestarts`.
    WarmRestarts {
        /// Steps of the first one.
        t_0: u64,
        /// How much longer the next one is.
        t_mult: u64,
        /// The lowest rate.
        eta_min: f64,
    },
    /// Up to `max_lr` and far down: `OneCycleLR` (Smith and Topin, 2019).
    OneCycle(OneCycle),
    /// `d_model^-0.5 min(t^-0.5, t warmup^-1.5)` with `t` the step plus 1 (Vaswani et al., 2017).
    Noam {
        /// The width of the model.
        d_model: u64,
        /// Steps of the warm-up.
        warmup: u64,
    },
    /// The learning rate itself after the warm-up.
    ConstantWithWarmup {
        /// Steps of the warm-up.
        warmup: u64,
    },
    /// Down to 0 in a straight line.
    LinearWithWarmup {
        /// Steps of the warm-up.
        warmup: u64,
        /// Steps in all.
        total: u64,
    },
    /// Down along a cosine.
    CosineWithWarmup {
        /// Steps of the warm-up.
        warmup: u64,
        /// Steps in all.
        total: u64,
        /// Waves until then; 1/2 ends at 0.
        cycles: f64,
    },
    /// Down along half a cosine, several times.
    CosineRestartsWithWarmup {
        /// Steps of the warm-up.
        warmup: u64,
        /// Steps in all.
        total: u64,
        /// How many times.
        cycles: f64,
    },
    /// Down to `lr_end` along a power of what is left.
    PolynomialWithWarmup {
        /// Steps of the warm-up.
        warmup: u64,
        /// Steps in all.
        total: u64,
        /// The exponent.
        power: f64,
        /// The rate at the end.
        lr_end: f64,
    },
    /// Down with the inverse of the square root of the step.
    InverseSqrtWithWarmup {
        /// Steps of the warm-up.
        warmup: u64,
        /// Steps from the peak's imagined origin; those of the warm-up, or 10000 without one, when not given.
        timescale: Option<u64>,
    },
}

/// The shape of [`Schedule::OneCycle`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    /// The highest rate.
    pub max_lr: f64,
    /// Steps in all.
    pub total: u64,
    /// The share of the steps on which the rate rises.
    pub pct_start: f64,
    /// The highest rate divided by the first one.
    pub div_factor: f64,
    /// The first rate divided by the last one.
    pub final_div_factor: f64,
    /// In straight lines instead of along cosines.
    pub linear: bool,
    /// Comes back to the first rate as fast as it rose, before it goes to the last one.
    pub three_phase: bool,
}

impl OneCycle {
    /// PyTorch's defaults.
    pub fn new(max_lr: f64, total: u64) -> Self {
        OneCycle {
            max_lr,
            total,
            pct_start: 0.3,
            div_factor: 25.0,
            final_div_factor: 1e4,
            linear: false,
            three_phase: false,
        }
    }

    fn lr(&self, step: u64) -> f64 {
        let total = self.total as f64;
        let (first, rise) = (self.max_lr / self.div_factor, self.pct_start * total);
        let last = first / self.final_div_factor;
        let phases: &[(f64, f64, f64)] = if self.three_phase {
            &[
                (rise - 1.0, first, self.max_lr),
                (2.0 * rise - 2.0, self.max_lr, first),
                (total - 1.0, first, last),
            ]
        } else {
            &[(rise - 1.0, first, self.max_lr), (total - 1.0, self.max_lr, last)]
        };
        let step = (step as f64).min(total - 1.0);
        let mut start = 0.0;
        for &(end, from, to) in phases {
            if step <= end {
                let done = (step - start) / (end - start);
                // a phase of no length is over
                let done = if done.is_nan() { 1.0 } else { done };
                return if self.linear { from + (to - from) * done } else { cosine(from, to, done) };
            }
            start = end;
        }
        last
    }
}

/// Half a cosine from one value to another, of which the share `done` is done.
fn cosine(from: f64, to: f64, done: f64) -> f64 {
    to + (from - to) / 2.0 * (1.0 + (PI * done).cos())
}

/// The factor of a warm-up while it lasts.
fn warming(step: u64, warmup: u64) -> Option<f64> {
    (step < warmup).then(|| step as f64 / warmup as f64)
}

/// The share of the steps after the warm-up that is done.
fn progress(step: u64, warmup: u64, total: u64) -> f64 {
    step.saturating_sub(warmup) as f64 / total.saturating_sub(warmup).max(1) as f64
}

impl Schedule {
    /// The learning rate of a step, when the optimiser was made with `base_lr`.
    pub fn lr(&self, base_lr: f64, step: u64) -> f64 {
        match *self {
            Schedule::CosineAnnealing { t_max, eta_min } => {
                cosine(base_lr, eta_min, step as f64 / t_max.max(1) as f64)
            }
            Schedule::WarmRestarts { t_0, t_mult, eta_min } => {
                let (mut since, mut length) = (step, t_0.max(1));
                if t_mult <= 1 {
                    since %= length;
                }
                while since >= length {
                    since -= length;
                    length = length.saturating_mul(t_mult);
                }
                cosine(base_lr, eta_min, since as f64 / length as f64)
            }
            Schedule::OneCycle(cycle) => cycle.lr(step),
            Schedule::PolynomialWithWarmup { warmup, total, power, lr_end } => match warming(step, warmup) {
                Some(factor) => base_lr * factor,
                None if step > total => lr_end,
                None => lr_end + (base_lr - lr_end) * (1.0 - progress(step, warmup, total)).powf(power),
            },
            _ => base_lr * self.factor(step),
        }
    }

    /// The factor of the learning rate, for the schedules that are nothing else.
    fn factor(&self, step: u64) -> f64 {
        let now = step as f64;
        match self {
            Schedule::Step { step_size, gamma } => gamma.powf((step / (*step_size).max(1)) as f64),
            Schedule::MultiStep { milestones, gamma } => {
                gamma.powf(milestones.iter().filter(|&&milestone| milestone <= step).count() as f64)
            }
            Schedule::Exponential { gamma } => gamma.powf(now),
            Schedule::Linear { start_factor, end_factor, total_iters } => {
                let done = if step < *total_iters { now / *total_iters as f64 } else { 1.0 };
                start_factor + (end_factor - start_factor) * done
            }
            &Schedule::Noam { d_model, warmup } => {
                let t = now + 1.0;
                (d_model as f64).powf(-0.5) * t.powf(-0.5).min(t * (warmup as f64).powf(-1.5))
            }
            &Schedule::ConstantWithWarmup { warmup } => warming(step, warmup).unwrap_or(1.0),
            &Schedule::LinearWithWarmup { warmup, total } => {
                warming(step, warmup).unwrap_or_else(|| (1.0 - progress(step, warmup, total)).max(0.0))
            }
            &Schedule::CosineWithWarmup { warmup, total, cycles } => warming(step, warmup)
                .unwrap_or_else(|| cosine(1.0, 0.0, 2.0 * cycles * progress(step, warmup, total))),
            &Schedule::CosineRestartsWithWarmup { warmup, total, cycles } => warming(step, warmup)
                .unwrap_or_else(|| match progress(step, warmup, total) {
                    done if done >= 1.0 => 0.0,
                    done => cosine(1.0, 0.0, (cycles * done) % 1.0),
                }),
            &Schedule::InverseSqrtWithWarmup { warmup, timescale } => {
                warming(step, warmup).unwrap_or_else(|| {
                    let timescale = timescale.unwrap_or(if warmup > 0 { warmup } else { 10_000 }) as f64;
                    (timescale / (now + timescale - warmup as f64)).sqrt()
                })
            }
            _ => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(schedule: &Schedule, steps: u64) -> Vec<f64> {
        (0..steps).map(|step| schedule.lr(2.0, step)).collect()
    }

    #[track_caller]
    fn are(schedule: Schedule, want: &[f64]) {
        let got = rates(&schedule, want.len() as u64);
        assert!(got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-12), "{got:?}, not {want:?}");
    }

    #[test]
    fn steps_and_lines() {
        are(Schedule::Constant, &[2.0, 2.0]);
        are(Schedule::Step { step_size: 2, gamma: 0.5 }, &[2.0, 2.0, 1.0, 1.0, 0.5]);
        are(Schedule::MultiStep { milestones: vec![1, 3], gamma: 0.5 }, &[2.0, 1.0, 1.0, 0.5]);
        are(Schedule::Exponential { gamma: 0.5 }, &[2.0, 1.0, 0.5]);
        are(Schedule::Linear { start_factor: 0.5, end_factor: 1.0, total_iters: 2 }, &[1.0, 1.5, 2.0, 2.0]);
        are(Schedule::ConstantWithWarmup { warmup: 2 }, &[0.0, 1.0, 2.0, 2.0]);
        let polynomial = Schedule::PolynomialWithWarmup { warmup: 1, total: 3, power: 2.0, lr_end: 1.0 };
        are(polynomial, &[0.0, 2.0, 1.25, 1.0, 1.0]);
    }

    #[test]
    fn waves() {
        are(Schedule::CosineAnnealing { t_max: 2, eta_min: 1.0 }, &[2.0, 1.5, 1.0, 1.5, 2.0]);
        are(Schedule::WarmRestarts { t_0: 1, t_mult: 2, eta_min: 0.0 }, &[2.0, 2.0, 1.0, 2.0]);
        are(Schedule::WarmRestarts { t_0: 2, t_mult: 1, eta_min: 0.0 }, &[2.0, 1.0, 2.0, 1.0]);
        are(Schedule::CosineWithWarmup { warmup: 1, total: 3, cycles: 0.5 }, &[0.0, 2.0, 1.0, 0.0]);
        are(
            Schedule::CosineRestartsWithWarmup { warmup: 0, total: 4, cycles: 2.0 },
            &[2.0, 1.0, 2.0, 1.0, 0.0, 0.0],
        );
        let cycle = OneCycle {
            div_factor: 2.0,
            final_div_factor: 4.0,
            pct_start: 0.5,
            linear: true,
            ..OneCycle::new(4.0, 6)
        };
        are(Schedule::OneCycle(cycle), &[2.0, 3.0, 4.0, 2.5 + 1.0 / 3.0, 1.5 + 1.0 / 6.0, 0.5, 0.5]);
        let back = OneCycle { three_phase: true, pct_start: 0.4, total: 5, ..cycle };
        are(Schedule::OneCycle(back), &[2.0, 4.0, 2.0, 1.25, 0.5]);
    }

    #[test]
    fn roots() {
        are(Schedule::InverseSqrtWithWarmup { warmup: 1, timescale: None }, &[0.0, 2.0, 2.0_f64.sqrt()]);
        are(Schedule::InverseSqrtWithWarmup { warmup: 0, timescale: Some(3) }, &[2.0, 3.0_f64.sqrt()]);
        let noam = rates(&Schedule::Noam { d_model: 4, warmup: 4 }, 20);
        assert!((noam[3] - 0.5).abs() < 1e-12 && noam.iter().all(|&rate| rate <= noam[3] + 1e-12));
    }

    #[test]
    fn no_size_is_too_odd() {
        for schedule in [
            Schedule::Step { step_size: 0, gamma: 0.5 },
            Schedule::CosineAnnealing { t_max: 0, eta_min: 0.0 },
            Schedule::WarmRestarts { t_0: 0, t_mult: 0, eta_min: 0.0 },
            Schedule::WarmRestarts { t_0: u64::MAX, t_mult: u64::MAX, eta_min: 0.0 },
            Schedule::OneCycle(OneCycle::new(1.0, 0)),
            Schedule::OneCycle(OneCycle::new(1.0, 1)),
            Schedule::LinearWithWarmup { warmup: 9, total: 3 },
            Schedule::PolynomialWithWarmup { warmup: 0, total: 0, power: 0.5, lr_end: 0.0 },
            Schedule::InverseSqrtWithWarmup { warmup: 0, timescale: None },
        ] {
            for step in [0, 1, 2, 1000, u64::MAX] {
                assert!(schedule.lr(1.0, step).is_finite(), "{schedule:?} at {step}");
            }
        }
    }
}
