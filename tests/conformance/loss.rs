//! Losses.

use receptive::core::ops::{
    BceWithLogits, CrossEntropy, Distance, ElementwiseLoss, Reduction, Softmax, Target,
};

use super::activation::{indices, vector};
use super::format::Case;
use super::{Outcome, Unsupported};

/// Runs a case of this family.
pub fn run(case: &Case) -> Option<Outcome> {
    let check: fn(&Case) -> Outcome = match case.op.as_str() {
        "torch.cross_entropy" => cross_entropy,
        "torch.nll_loss" => nll_loss,
        "torch.kl_div" => kl_div,
        "torch.mse_loss" => |case| elementwise(case, Distance::Mse),
        "torch.l1_loss" => |case| elementwise(case, Distance::L1),
        "torch.smooth_l1_loss" => {
            |case| elementwise(case, Distance::SmoothL1 { beta: case.number("beta", 1.0) })
        }
        "torch.huber_loss" => |case| elementwise(case, Distance::Huber { delta: case.number("delta", 1.0) }),
        "torch.binary_cross_entropy" => |case| elementwise(case, Distance::BinaryCrossEntropy),
        "torch.binary_cross_entropy_with_logits" => bce_with_logits,
        "onnx.NegativeLogLikelihoodLoss" => onnx_nll_loss,
        "onnx.SoftmaxCrossEntropyLoss" => onnx_cross_entropy,
        _ => return None,
    };
    Some(check(case))
}

fn reduction(case: &Case) -> Reduction {
    match case.text("reduction") {
        "none" => Reduction::None,
        "sum" => Reduction::Sum,
        "batchmean" => Reduction::BatchMean,
        _ => Reduction::Mean,
    }
}

fn cross_entropy(case: &Case) -> Outcome {
    let weight = vector(case, "weight");
    let loss = CrossEntropy {
        weight: weight.as_deref(),
        ignore_index: case.attrs["ignore_index"].as_i64().unwrap_or(-100),
        label_smoothing: case.number("label_smoothing", 0.0),
        reduction: reduction(case),
    };
    let (logits, dy) = (case.input("logits").unwrap(), case.input("dy").unwrap());
    let probabilities = case.input("target").unwrap();
    let classes = indices(case.inputs.iter().flatten().find(|input| input.name == "target")).unwrap();
    let target = match case.text("target") {
        "probabilities" => Target::Probabilities(&probabilities),
        _ => Target::Classes(&classes),
    };
    case.check("y", &loss.forward(&logits, target).unwrap(), "forward");
    case.check("d_logits", &loss.backward(&logits, target, &dy).unwrap(), "backward");
    // the same in two steps
    if logits.ndim() > 1 {
        let softmax = Softmax { dim: 1, ..Softmax::default() };
        let log = softmax.forward_log(&logits).unwrap();
        case.check("y", &loss.forward_nll(&log, target).unwrap(), "of log-softmax");
    }
    Ok(())
}

fn nll_loss(case: &Case) -> Outcome {
    let weight = vector(case, "weight");
    let loss = CrossEntropy {
        weight: weight.as_deref(),
        ignore_index: case.attrs["ignore_index"].as_i64().unwrap_or(-100),
        reduction: reduction(case),
        ..CrossEntropy::default()
    };
    let (x, dy) = (case.input("x").unwrap(), case.input("dy").unwrap());
    let classes = indices(case.inputs.iter().flatten().find(|input| input.name == "target")).unwrap();
    let target = Target::Classes(&classes);
    case.check("y", &loss.forward_nll(&x, target).unwrap(), "forward");
    case.check("d_x", &loss.backward_nll(&x, target, &dy).unwrap(), "backward");
    Ok(())
}

/// As `onnx.SoftmaxCrossEntropyLoss` and `onnx.NegativeLogLikelihoodLoss` have it: by position.
fn onnx_loss(case: &Case, check: impl Fn(&CrossEntropy<'_>, &ndarray::ArrayD<f32>, Target<'_>)) -> Outcome {
    let weight = case.nth(2).map(|weight| weight.into_iter().collect::<Vec<_>>());
    let loss = CrossEntropy {
        weight: weight.as_deref(),
        ignore_index: case.attrs["ignore_index"].as_i64().unwrap_or(i64::MIN),
        reduction: reduction(case),
        ..CrossEntropy::default()
    };
    let classes = indices(case.inputs[1].as_ref()).unwrap();
    check(&loss, &case.nth(0).unwrap(), Target::Classes(&classes));
    Ok(())
}

fn onnx_nll_loss(case: &Case) -> Outcome {
    onnx_loss(case, |loss, x, target| {
        case.check_nth(0, &loss.forward_nll(x, target).unwrap(), "forward");
    })
}

fn onnx_cross_entropy(case: &Case) -> Outcome {
    onnx_loss(case, |loss, x, target| {
        case.check_nth(0, &loss.forward(x, target).unwrap(), "forward");
        let softmax = Softmax { dim: 1, ..Softmax::default() };
        let log = softmax.forward_log(x).unwrap();
        case.check_nth(1, &log, "log-softmax");
        case.check_nth(0, &loss.forward_nll(&log, target).unwrap(), "of log-softmax");
    })
}

fn elementwise(case: &Case, distance: Distance) -> Outcome {
    let loss = ElementwiseLoss { distance, reduction: reduction(case) };
    let input = |name: &str| case.input(name).unwrap();
    let (x, target, dy) = (input("x"), input("target"), input("dy"));
    case.check("y", &loss.forward(&x, &target).unwrap(), "forward");
    let (by_x, by_target) = loss.backward(&x, &target, &dy).unwrap();
    case.check("d_x", &by_x, "backward");
    if case.has("d_target") {
        case.check("d_target", &by_target, "backward");
    }
    Ok(())
}

/// The divergence of the log-softmax of `x`, or of `x` itself when the case has no other form.
fn kl_div(case: &Case) -> Outcome {
    let loss = ElementwiseLoss {
        distance: Distance::KlDiv { log_target: case.flag("log_target") },
        reduction: reduction(case),
    };
    match case.text("form") {
        "" => elementwise(case, loss.distance),
        "kl_div(log_softmax(x), softmax(target))" => {
            let input = |name: &str| case.input(name).unwrap();
            let softmax = Softmax::default();
            let log = softmax.forward_log(&input("x")).unwrap();
            let target = softmax.forward(&input("target")).unwrap();
            case.check("y", &loss.forward(&log, &target).unwrap(), "forward");
            let (by_log, _) = loss.backward(&log, &target, &input("dy")).unwrap();
            case.check("d_x", &softmax.backward_log(&log, &by_log).unwrap(), "backward");
            Ok(())
        }
        form => Err(Unsupported(form.into())),
    }
}

fn bce_with_logits(case: &Case) -> Outcome {
    let (weight, pos_weight) = (case.input("weight"), case.input("pos_weight"));
    let loss = BceWithLogits {
        weight: weight.as_ref(),
        pos_weight: pos_weight.as_ref(),
        reduction: reduction(case),
    };
    let input = |name: &str| case.input(name).unwrap();
    let (x, target) = (input("x"), input("target"));
    case.check("y", &loss.forward(&x, &target).unwrap(), "forward");
    case.check("d_x", &loss.backward(&x, &target, &input("dy")).unwrap(), "backward");
    Ok(())
}
