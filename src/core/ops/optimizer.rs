//! Optimisers: how parameters follow their gradients (`torch.optim`).

use crate::core::ops::axes::check_shape;
use crate::core::tensor::{Error, Tensor};

/// Stochastic gradient descent, with momentum when it is not 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// The learning rate.
    pub lr: f64,
    /// How much of the last step goes into the next one.
    pub momentum: f64,
    /// How much of the gradient does not go into the momentum.
    pub dampening: f64,
    /// How much of the parameter is added to the gradient.
    pub weight_decay: f64,
    /// Looks one step of momentum ahead (Nesterov, 1983).
    pub nesterov: bool,
    /// Climbs instead of descending.
    pub maximize: bool,
}

impl Default for Sgd {
    fn default() -> Self {
        Sgd { lr: 1e-3, momentum: 0.0, dampening: 0.0, weight_decay: 0.0, nesterov: false, maximize: false }
    }
}

/// Adam (Kingma and Ba, 2015), and AdamW (Loshchilov and Hutter, 2019).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// The learning rate.
    pub lr: f64,
    /// How much of the running means of the gradient and of its square stays.
    pub betas: (f64, f64),
    /// What is added to the root of the mean square.
    pub eps: f64,
    /// How much of the parameter is added to the gradient, or with `decoupled` taken from the parameter itself.
    pub weight_decay: f64,
    /// Takes the weight decay from the parameter itself, times the learning rate: AdamW.
    pub decoupled: bool,
    /// Divides by the largest mean square so far (Reddi, Kale and Kumar, 2018).
    pub amsgrad: bool,
    /// Climbs instead of descending.
    pub maximize: bool,
}

impl Default for Adam {
    fn default() -> Self {
        Adam {
            lr: 1e-3,
            betas: (0.9, 0.999),
            eps: 1e-8,
            weight_decay: 0.0,
            decoupled: false,
            amsgrad: false,
            maximize: false,
        }
    }
}

impl Adam {
    /// AdamW with PyTorch's defaults.
    pub fn w() -> Self {
        Adam { weight_decay: 1e-2, decoupled: true, ..Adam::default() }
    }
}

/// Adagrad (Duchi, Hazan and Singer, 2011).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adagrad {
    /// The learning rate.
    pub lr: f64,
    /// The learning rate is divided by `1 + lr_decay` times the steps that were made.
    pub lr_decay: f64,
    /// How much of the parameter is added to the gradient.
    pub weight_decay: f64,
    /// Where the sum of the squares begins.
    pub initial_accumulator_value: f64,
    /// What is added to the root of the sum of the squares.
    pub eps: f64,
    /// Climbs instead of descending.
    pub maximize: bool,
}

impl Default for Adagrad {
    fn default() -> Self {
        Adagrad {
            lr: 1e-2,
            lr_decay: 0.0,
            weight_decay: 0.0,
            initial_accumulator_value: 0.0,
            eps: 1e-10,
            maximize: false,
        }
    }
}

/// RMSprop (Hinton's lecture notes, 2012).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp {
    /// The learning rate.
    pub lr: f64,
    /// How much of the running mean of the squares stays.
    pub alpha: f64,
    /// What is added to the root of the mean square.
    pub eps: f64,
    /// How much of the parameter is added to the gradient.
    pub weight_decay: f64,
    /// How much of the last step goes into the next one.
    pub momentum: f64,
    /// Divides by the deviation from the running mean instead of by the mean square.
    pub centered: bool,
    /// Climbs instead of descending.
    pub maximize: bool,
}

impl Default for RmsProp {
    fn default() -> Self {
        RmsProp {
            lr: 1e-2,
            alpha: 0.99,
            eps: 1e-8,
            weight_decay: 0.0,
            momentum: 0.0,
            centered: false,
            maximize: false,
        }
    }
}

/// The rule by which an optimiser steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Gradient descent.
    Sgd(Sgd),
    /// Adam or AdamW.
    Adam(Adam),
    /// Adagrad.
    Adagrad(Adagrad),
    /// RMSprop.
    RmsProp(RmsProp),
}

/// What is kept for one number of a parameter between steps; its meaning depends on the rule.
type Memory = [f32; 3];

/// An optimiser: a rule, and what it keeps of the steps before.
///
/// ```
/// use receptive::core::ops::{Optimizer, Rule, Sgd};
/// let mut optimizer = Optimizer::new(Rule::Sgd(Sgd { lr: 0.5, ..Sgd::default() }));
/// let mut params = [ndarray::arr1(&[1.0]).into_dyn()];
/// optimizer.step(&mut params, &[ndarray::arr1(&[4.0]).into_dyn()])?;
/// assert_eq!(params[0][0], -1.0);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Optimizer {
    rule: Rule,
    steps: i32,
    memory: Vec<Vec<Memory>>,
}

impl Optimizer {
    /// An optimiser that has not stepped yet.
    pub fn new(rule: Rule) -> Self {
        Optimizer { rule, steps: 0, memory: Vec::new() }
    }

    /// Another learning rate from the next step on: what a [`crate::core::ops::Schedule`] is for.
    pub fn set_lr(&mut self, lr: f64) {
        let own = match &mut self.rule {
            Rule::Sgd(rule) => &mut rule.lr,
            Rule::Adam(rule) => &mut rule.lr,
            Rule::Adagrad(rule) => &mut rule.lr,
            Rule::RmsProp(rule) => &mut rule.lr,
        };
        *own = lr;
    }

    /// Moves the parameters along their gradients. Each number is updated in `f64` and rounded once, and so is what is
    /// kept of it.
    ///
    /// Errors: another number of parameters or other shapes than gradients or than in the step before, or an option
    /// out of its range; then nothing has moved.
    pub fn step(&mut self, params: &mut [Tensor], grads: &[Tensor]) -> Result<(), Error> {
        self.rule.check()?;
        check_shape("grads", &[grads.len()], &[params.len()])?;
        for (param, grad) in params.iter().zip(grads) {
            check_shape("grads", grad.shape(), param.shape())?;
        }
        if self.steps == 0 {
            let fresh = self.rule.fresh();
            self.memory = params.iter().map(|param| vec![fresh; param.len()]).collect();
        }
        check_shape("params", &[params.len()], &[self.memory.len()])?;
        for (param, memory) in params.iter().zip(&self.memory) {
            check_shape("params", &[param.len()], &[memory.len()])?;
        }
        self.steps = self.steps.saturating_add(1);
        for ((param, grad), memory) in params.iter_mut().zip(grads).zip(&mut self.memory) {
            for ((param, &grad), memory) in param.iter_mut().zip(grad).zip(memory) {
                let moved = self.rule.update(self.steps, f64::from(*param), f64::from(grad), memory);
                *param = moved as f32;
            }
        }
        Ok(())
    }
}

impl Rule {
    /// What is kept before the first step.
    fn fresh(&self) -> Memory {
        match self {
            Rule::Adagrad(rule) => [rule.initial_accumulator_value as f32, 0.0, 0.0],
            _ => [0.0; 3],
        }
    }

    fn check(&self) -> Result<(), Error> {
        let within = |name, value: f64, max: f64| {
            if (0.0..=max).contains(&value) {
                Ok(())
            } else {
                Err(Error::OutOfRange { name, value, min: 0.0, max })
            }
        };
        let any = f64::INFINITY;
        match *self {
            Rule::Sgd(Sgd { lr, momentum, weight_decay, nesterov, dampening, .. }) => {
                within("lr", lr, any)?;
                within("momentum", momentum, any)?;
                within("weight_decay", weight_decay, any)?;
                if nesterov && momentum == 0.0 {
                    return Err(Error::NotPositive { name: "momentum", value: momentum });
                }
                within("dampening", dampening, if nesterov { 0.0 } else { any })
            }
            Rule::Adam(Adam { lr, betas, eps, weight_decay, .. }) => {
                within("lr", lr, any)?;
                within("betas[0]", betas.0, 1.0 - f64::EPSILON)?;
                within("betas[1]", betas.1, 1.0 - f64::EPSILON)?;
                within("eps", eps, any)?;
                within("weight_decay", weight_decay, any)
            }
            Rule::Adagrad(Adagrad { lr, lr_decay, weight_decay, initial_accumulator_value, eps, .. }) => {
                within("lr", lr, any)?;
                within("lr_decay", lr_decay, any)?;
                within("weight_decay", weight_decay, any)?;
                within("initial_accumulator_value", initial_accumulator_value, any)?;
                within("eps", eps, any)
            }
            Rule::RmsProp(RmsProp { lr, alpha, eps, weight_decay, momentum, .. }) => {
                within("lr", lr, any)?;
                within("alpha", alpha, any)?;
                within("eps", eps, any)?;
                within("weight_decay", weight_decay, any)?;
                within("momentum", momentum, any)
            }
        }
    }

    /// The parameter `p` with gradient `g` after step number `step`, counted from 1.
    fn update(&self, step: i32, p: f64, g: f64, memory: &mut Memory) -> f64 {
        match self {
            Rule::Sgd(rule) => rule.update(step, p, g, memory),
            Rule::Adam(rule) => rule.update(step, p, g, memory),
            Rule::Adagrad(rule) => rule.update(step, p, g, memory),
            Rule::RmsProp(rule) => rule.update(p, g, memory),
        }
    }
}

/// The gradient, turned when it is climbed, with the share of the parameter.
fn decayed(p: f64, g: f64, weight_decay: f64, maximize: bool) -> f64 {
    (if maximize { -g } else { g }) + weight_decay * p
}

/// Sets what is kept, and gives it as it is rounded.
fn keep(memory: &mut f32, value: f64) -> f64 {
    *memory = value as f32;
    f64::from(*memory)
}

impl Sgd {
    /// ```text
    /// v = momentum v + (1 - dampening) g, in the first step g;    p -= lr v
    /// ```
    /// with Nesterov `p -= lr (g + momentum v)`.
    fn update(&self, step: i32, p: f64, g: f64, [velocity, ..]: &mut Memory) -> f64 {
        let g = decayed(p, g, self.weight_decay, self.maximize);
        if self.momentum == 0.0 {
            return p - self.lr * g;
        }
        let new =
            if step == 1 { g } else { self.momentum * f64::from(*velocity) + (1.0 - self.dampening) * g };
        let v = keep(velocity, new);
        p - self.lr * if self.nesterov { g + self.momentum * v } else { v }
    }
}

impl Adam {
    /// ```text
    /// m = b1 m + (1 - b1) g;    v = b2 v + (1 - b2) g²
    /// p -= lr m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps)
    /// ```
    fn update(&self, step: i32, p: f64, g: f64, [mean, square, largest]: &mut Memory) -> f64 {
        let (p, g) = if self.decoupled {
            (p * (1.0 - self.lr * self.weight_decay), decayed(p, g, 0.0, self.maximize))
        } else {
            (p, decayed(p, g, self.weight_decay, self.maximize))
        };
        let (b1, b2) = self.betas;
        let m = keep(mean, b1 * f64::from(*mean) + (1.0 - b1) * g);
        let mut v = keep(square, b2 * f64::from(*square) + (1.0 - b2) * g * g);
        if self.amsgrad {
            *largest = largest.max(*square);
            v = f64::from(*largest);
        }
        let root = (v / (1.0 - b2.powi(step))).sqrt();
        p - self.lr / (1.0 - b1.powi(step)) * m / (root + self.eps)
    }
}

impl Adagrad {
    /// ```text
    /// s = s + g²;    p -= lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps)
    /// ```
    fn update(&self, step: i32, p: f64, g: f64, [sum, ..]: &mut Memory) -> f64 {
        let g = decayed(p, g, self.weight_decay, self.maximize);
        let s = keep(sum, f64::from(*sum) + g * g);
        p - self.lr / (1.0 + f64::from(step - 1) * self.lr_decay) * g / (s.sqrt() + self.eps)
    }
}

impl RmsProp {
    /// ```text
    /// s = alpha s + (1 - alpha) g²;    a = alpha a + (1 - alpha) g, when centred
    /// u = momentum u + g / (sqrt(s - a²) + eps);    p -= lr u
    /// ```
    fn update(&self, p: f64, g: f64, [square, mean, velocity]: &mut Memory) -> f64 {
        let g = decayed(p, g, self.weight_decay, self.maximize);
        let mut s = keep(square, self.alpha * f64::from(*square) + (1.0 - self.alpha) * g * g);
        if self.centered {
            let a = keep(mean, self.alpha * f64::from(*mean) + (1.0 - self.alpha) * g);
            s = (s - a * a).max(0.0);
        }
        let u = g / (s.sqrt() + self.eps);
        if self.momentum == 0.0 {
            return p - self.lr * u;
        }
        p - self.lr * keep(velocity, self.momentum * f64::from(*velocity) + u)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{IxDyn, arr1};

    fn rules() -> Vec<Rule> {
        let (sgd, adam) = (Sgd { lr: 0.1, ..Sgd::default() }, Adam { lr: 0.1, ..Adam::default() });
        let rms = RmsProp { lr: 0.05, ..RmsProp::default() };
        vec![
            Rule::Sgd(sgd),
            Rule::Sgd(Sgd { momentum: 0.5, dampening: 0.1, ..sgd }),
            Rule::Sgd(Sgd { momentum: 0.5, nesterov: true, ..sgd }),
            Rule::Adam(adam),
            Rule::Adam(Adam { lr: 0.1, ..Adam::w() }),
            Rule::Adam(Adam { amsgrad: true, weight_decay: 0.01, ..adam }),
            Rule::Adagrad(Adagrad { lr: 0.5, ..Adagrad::default() }),
            Rule::RmsProp(rms),
            Rule::RmsProp(RmsProp { centered: true, momentum: 0.3, lr: 0.01, ..rms }),
        ]
    }

    /// The lowest point of a bowl is found, and the other way is uphill.
    #[test]
    fn bowls_are_descended() {
        for rule in rules() {
            let mut optimizer = Optimizer::new(rule);
            let mut params = [arr1(&[3.0, -2.0]).into_dyn(), Tensor::from_elem(IxDyn(&[]), 1.0)];
            for _ in 0..300 {
                let grads = params.clone().map(|param| param * 2.0);
                optimizer.step(&mut params, &grads).unwrap();
            }
            assert!(params.iter().flatten().all(|x| x.abs() < 0.1), "{rule:?}: {params:?}");

            let mut uphill = rule;
            match &mut uphill {
                Rule::Sgd(Sgd { maximize, .. })
                | Rule::Adam(Adam { maximize, .. })
                | Rule::Adagrad(Adagrad { maximize, .. })
                | Rule::RmsProp(RmsProp { maximize, .. }) => *maximize = true,
            }
            let mut params = [arr1(&[1.0]).into_dyn()];
            let grads = params.clone();
            let mut optimizer = Optimizer::new(uphill);
            optimizer.step(&mut params, &grads).unwrap();
            assert!(params[0][0] > 1.0, "{uphill:?}");
            optimizer.set_lr(0.0);
            let before = params.clone();
            optimizer.step(&mut params, &grads).unwrap();
            assert_eq!(params, before);
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let one = [arr1(&[1.0]).into_dyn()];
        let longer = [arr1(&[1.0, 2.0]).into_dyn()];
        let two = [one[0].clone(), one[0].clone()];
        let mut optimizer = Optimizer::new(rules()[1]);
        assert!(optimizer.step(&mut one.clone(), &longer).is_err());
        assert!(optimizer.step(&mut one.clone(), &[]).is_err());
        optimizer.step(&mut one.clone(), &one).unwrap();
        assert!(optimizer.step(&mut longer.clone(), &longer).is_err());
        assert!(optimizer.step(&mut two.clone(), &two).is_err());
        for wrong in [
            Rule::Sgd(Sgd { lr: -1.0, ..Sgd::default() }),
            Rule::Sgd(Sgd { nesterov: true, ..Sgd::default() }),
            Rule::Sgd(Sgd { nesterov: true, momentum: 0.9, dampening: 0.1, ..Sgd::default() }),
            Rule::Adam(Adam { betas: (0.9, 1.0), ..Adam::default() }),
            Rule::Adagrad(Adagrad { eps: f64::NAN, ..Adagrad::default() }),
            Rule::RmsProp(RmsProp { momentum: -0.1, ..RmsProp::default() }),
        ] {
            assert!(Optimizer::new(wrong).step(&mut one.clone(), &one).is_err(), "{wrong:?}");
        }
    }
}
