//! Optimisers, schedules, clipping.

use ndarray::{Array0, Array1, ArrayD, Axis};
use receptive::core::ops::{
    Adagrad, Adam, OneCycle, Optimizer, RmsProp, Rule, Schedule, Sgd, clip_grad_norm, clip_grad_value,
    total_norm,
};

use super::format::Case;
use super::{Outcome, Unsupported};

/// Runs a case of this family.
pub fn run(case: &Case) -> Option<Outcome> {
    let check: fn(&Case) -> Outcome = match case.op.as_str() {
        "torch.optimizer" => optimizer,
        "torch.lr_schedule" => schedule,
        "torch.clip_grad_norm" => clip_norm,
        "torch.clip_grad_value" => clip_value,
        _ => return None,
    };
    Some(check(case))
}

/// The rule of a case: PyTorch's defaults, and what the case gives.
fn rule(case: &Case) -> Result<Rule, Unsupported> {
    let number = |name, otherwise| case.number(name, otherwise);
    let maximize = case.flag("maximize");
    Ok(match case.text("name") {
        "SGD" => {
            let d = Sgd::default();
            Rule::Sgd(Sgd {
                lr: number("lr", d.lr),
                momentum: number("momentum", d.momentum),
                dampening: number("dampening", d.dampening),
                weight_decay: number("weight_decay", d.weight_decay),
                nesterov: case.flag("nesterov"),
                maximize,
            })
        }
        name @ ("Adam" | "AdamW") => {
            let d = if name == "AdamW" { Adam::w() } else { Adam::default() };
            let betas = case.attrs["betas"]
                .as_array()
                .map_or(d.betas, |betas| (betas[0].as_f64().unwrap(), betas[1].as_f64().unwrap()));
            Rule::Adam(Adam {
                lr: number("lr", d.lr),
                betas,
                eps: number("eps", d.eps),
                weight_decay: number("weight_decay", d.weight_decay),
                decoupled: d.decoupled || case.flag("decoupled_weight_decay"),
                amsgrad: case.flag("amsgrad"),
                maximize,
            })
        }
        "Adagrad" => {
            let d = Adagrad::default();
            Rule::Adagrad(Adagrad {
                lr: number("lr", d.lr),
                lr_decay: number("lr_decay", d.lr_decay),
                weight_decay: number("weight_decay", d.weight_decay),
                initial_accumulator_value: number("initial_accumulator_value", d.initial_accumulator_value),
                eps: number("eps", d.eps),
                maximize,
            })
        }
        "RMSprop" => {
            let d = RmsProp::default();
            Rule::RmsProp(RmsProp {
                lr: number("lr", d.lr),
                alpha: number("alpha", d.alpha),
                eps: number("eps", d.eps),
                weight_decay: number("weight_decay", d.weight_decay),
                momentum: number("momentum", d.momentum),
                centered: case.flag("centered"),
                maximize,
            })
        }
        name => return Err(Unsupported(format!("the optimiser {name}"))),
    })
}

fn optimizer(case: &Case) -> Outcome {
    let mut optimizer = Optimizer::new(rule(case)?);
    let mut params = [case.input("p0").unwrap()];
    let grads = case.input("grads").unwrap();
    let mut trajectory = Vec::new();
    for grad in grads.axis_iter(Axis(0)) {
        optimizer.step(&mut params, &[grad.to_owned()]).unwrap();
        trajectory.extend(params[0].iter().copied());
    }
    case.check("trajectory", &ArrayD::from_shape_vec(grads.shape(), trajectory).unwrap(), "steps");
    Ok(())
}

fn schedule(case: &Case) -> Outcome {
    let number = |name, otherwise| case.number(name, otherwise);
    let whole = |name| case.attrs[name].as_u64().unwrap_or_default();
    let (warmup, total) = (whole("warmup"), whole("total"));
    let schedule = match case.text("name") {
        "constant" => Schedule::Constant,
        "step" => Schedule::Step { step_size: whole("step_size"), gamma: number("gamma", 0.1) },
        "multi_step" => {
            let milestones = case.integers("milestones").into_iter().map(|step| step as u64).collect();
            Schedule::MultiStep { milestones, gamma: number("gamma", 0.1) }
        }
        "exponential" => Schedule::Exponential { gamma: number("gamma", 0.1) },
        "linear" => Schedule::Linear {
            start_factor: number("start_factor", 1.0 / 3.0),
            end_factor: number("end_factor", 1.0),
            total_iters: whole("total_iters"),
        },
        "cosine_annealing" => {
            Schedule::CosineAnnealing { t_max: whole("t_max"), eta_min: number("eta_min", 0.0) }
        }
        "cosine_annealing_warm_restarts" => Schedule::WarmRestarts {
            t_0: whole("t_0"),
            t_mult: whole("t_mult").max(1),
            eta_min: number("eta_min", 0.0),
        },
        "one_cycle" => {
            let d = OneCycle::new(number("max_lr", 1.0), total);
            Schedule::OneCycle(OneCycle {
                pct_start: number("pct_start", d.pct_start),
                div_factor: number("div_factor", d.div_factor),
                final_div_factor: number("final_div_factor", d.final_div_factor),
                linear: case.text("anneal") == "linear",
                three_phase: case.flag("three_phase"),
                ..d
            })
        }
        "noam" => Schedule::Noam { d_model: whole("d_model"), warmup },
        "constant_with_warmup" => Schedule::ConstantWithWarmup { warmup },
        "linear_with_warmup" => Schedule::LinearWithWarmup { warmup, total },
        "cosine_with_warmup" => Schedule::CosineWithWarmup { warmup, total, cycles: number("cycles", 0.5) },
        "cosine_restarts_with_warmup" => {
            Schedule::CosineRestartsWithWarmup { warmup, total, cycles: number("cycles", 1.0) }
        }
        "polynomial_with_warmup" => Schedule::PolynomialWithWarmup {
            warmup,
            total,
            power: number("power", 1.0),
            lr_end: number("lr_end", 1e-7),
        },
        "inverse_sqrt_with_warmup" => {
            Schedule::InverseSqrtWithWarmup { warmup, timescale: case.attrs["timescale"].as_u64() }
        }
        name => return Err(Unsupported(format!("the schedule {name}"))),
    };
    let steps = case.outputs[0].as_ref().unwrap().data.len() as u64;
    let base_lr = number("base_lr", 1.0);
    let rates: Array1<f32> = (0..steps).map(|step| schedule.lr(base_lr, step) as f32).collect();
    case.check("lr", &rates, "lr");
    Ok(())
}

/// The gradients, in order.
fn grads(case: &Case) -> Vec<ArrayD<f32>> {
    (0..).map_while(|i| case.input(&format!("grad{i}"))).collect()
}

fn check_clipped(case: &Case, grads: &[ArrayD<f32>]) {
    for (i, grad) in grads.iter().enumerate() {
        case.check(&format!("clipped_grad{i}"), grad, "clipped");
    }
}

fn clip_norm(case: &Case) -> Outcome {
    let norm_type = match case.text("norm_type") {
        "inf" => f64::INFINITY,
        "-inf" => f64::NEG_INFINITY,
        _ => case.number("norm_type", 2.0),
    };
    let mut grads = grads(case);
    let before = total_norm(&grads, norm_type);
    let total = clip_grad_norm(&mut grads, case.number("max_norm", 1.0), norm_type).unwrap();
    assert_eq!(before, total, "total norm");
    case.check("total_norm", &Array0::from_elem((), total as f32), "total norm");
    check_clipped(case, &grads);
    Ok(())
}

fn clip_value(case: &Case) -> Outcome {
    let mut grads = grads(case);
    clip_grad_value(&mut grads, case.number("clip_value", 1.0) as f32).unwrap();
    check_clipped(case, &grads);
    Ok(())
}
