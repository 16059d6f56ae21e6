//! Normalisations.

use ndarray::{Array1, ArrayD, IxDyn};
use receptive::core::ops::{
    BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm, MeanVarianceNorm, NormGrads, Normalize,
    RmsNorm, RunningStatistics,
};

use super::Outcome;
use super::activation::{signed, vector};
use super::format::Case;

/// Runs a case of this family.
pub fn run(case: &Case) -> Option<Outcome> {
    let check: fn(&Case) = match case.op.as_str() {
        "torch.batch_norm" => batch_norm,
        "torch.layer_norm" => layer_norm,
        "torch.rms_norm" => rms_norm,
        "torch.group_norm" => group_norm,
        "torch.instance_norm" => instance_norm,
        "torch.local_response_norm" => local_response_norm,
        "torch.normalize" => normalize,
        "onnx.BatchNormalization" => onnx_batch_norm,
        "onnx.InstanceNormalization" => onnx_instance_norm,
        "onnx.LayerNormalization" => onnx_layer_norm,
        "onnx.RMSNormalization" => onnx_rms_norm,
        "onnx.GroupNormalization" => onnx_group_norm,
        "onnx.LRN" => onnx_lrn,
        "onnx.LpNormalization" => onnx_lp_normalization,
        "onnx.MeanVarianceNormalization" => onnx_mean_variance,
        _ => return None,
    };
    check(case);
    Some(Ok(()))
}

/// The gradients that the case has.
fn check_grads(case: &Case, grads: &NormGrads) {
    case.check("d_x", &grads.input, "backward");
    for (name, grad) in [("d_w", &grads.weight), ("d_b", &grads.bias)] {
        if case.has(name) {
            case.check(name, grad, "backward");
        }
    }
}

fn running(case: &Case) -> Option<RunningStatistics> {
    Some(RunningStatistics { mean: vector(case, "running_mean")?, var: vector(case, "running_var")? })
}

fn check_running(case: &Case, running: Option<RunningStatistics>) {
    if let Some(running) = running.filter(|_| case.has("new_running_mean")) {
        case.check("new_running_mean", &Array1::from(running.mean), "running mean");
        case.check("new_running_var", &Array1::from(running.var), "running variance");
    }
}

fn batch_norm(case: &Case) {
    let norm = BatchNorm {
        training: case.flag("training"),
        momentum: case.number("momentum", 0.1),
        eps: case.number("eps", 1e-5),
        ..BatchNorm::default()
    };
    let (x, w, b, running) = (case.input("x").unwrap(), vector(case, "w"), vector(case, "b"), running(case));
    let plain = norm.forward_plain(&x, w.as_deref(), b.as_deref(), running.as_ref()).unwrap();
    case.check("y", &plain, "plain");
    let y = norm.forward(&x, w.as_deref(), b.as_deref(), running.as_ref()).unwrap();
    case.check("y", &y.output, "fast");
    check_running(case, y.running);
    let dy = case.input("dy").unwrap();
    check_grads(case, &norm.backward(&x, w.as_deref(), running.as_ref(), &dy).unwrap());
}

fn layer_norm(case: &Case) {
    let norm =
        LayerNorm { normalized_shape: case.integers("normalized_shape"), eps: case.number("eps", 1e-5) };
    let (x, w, b) = (case.input("x").unwrap(), case.input("w"), case.input("b"));
    case.check("y", &norm.forward_plain(&x, w.as_ref(), b.as_ref()).unwrap(), "plain");
    case.check("y", &norm.forward(&x, w.as_ref(), b.as_ref()).unwrap(), "fast");
    check_grads(case, &norm.backward(&x, w.as_ref(), &case.input("dy").unwrap()).unwrap());
}

fn rms_norm(case: &Case) {
    let norm = RmsNorm {
        normalized_shape: case.integers("normalized_shape"),
        eps: case.number("eps", f64::from(f32::EPSILON)),
    };
    let (x, w) = (case.input("x").unwrap(), case.input("w"));
    case.check("y", &norm.forward_plain(&x, w.as_ref()).unwrap(), "plain");
    case.check("y", &norm.forward(&x, w.as_ref()).unwrap(), "fast");
    check_grads(case, &norm.backward(&x, w.as_ref(), &case.input("dy").unwrap()).unwrap());
}

fn group_norm(case: &Case) {
    let norm = GroupNorm { num_groups: case.integers("groups")[0], eps: case.number("eps", 1e-5) };
    let (x, w, b) = (case.input("x").unwrap(), vector(case, "w"), vector(case, "b"));
    case.check("y", &norm.forward_plain(&x, w.as_deref(), b.as_deref()).unwrap(), "plain");
    case.check("y", &norm.forward(&x, w.as_deref(), b.as_deref()).unwrap(), "fast");
    check_grads(case, &norm.backward(&x, w.as_deref(), &case.input("dy").unwrap()).unwrap());
}

fn instance_norm(case: &Case) {
    let norm = InstanceNorm {
        eps: case.number("eps", 1e-5),
        momentum: case.number("momentum", 0.1),
        use_input_stats: case.attrs["use_input_stats"].is_null() || case.flag("use_input_stats"),
    };
    let (x, w, b, running) = (case.input("x").unwrap(), vector(case, "w"), vector(case, "b"), running(case));
    let plain = norm.forward_plain(&x, w.as_deref(), b.as_deref(), running.as_ref()).unwrap();
    case.check("y", &plain, "plain");
    let y = norm.forward(&x, w.as_deref(), b.as_deref(), running.as_ref()).unwrap();
    case.check("y", &y.output, "fast");
    check_running(case, y.running);
    let dy = case.input("dy").unwrap();
    check_grads(case, &norm.backward(&x, w.as_deref(), running.as_ref(), &dy).unwrap());
}

fn local_response_norm(case: &Case) {
    let norm = LocalResponseNorm {
        size: case.integers("size")[0],
        alpha: case.number("alpha", 1e-4),
        beta: case.number("beta", 0.75),
        k: case.number("k", 1.0),
        surplus_after: false,
    };
    let x = case.input("x").unwrap();
    case.check("y", &norm.forward(&x).unwrap(), "forward");
    case.check("d_x", &norm.backward(&x, &case.input("dy").unwrap()).unwrap(), "backward");
}

fn normalize(case: &Case) {
    let p = if case.text("p") == "inf" { f64::INFINITY } else { case.number("p", 2.0) };
    let norm = Normalize { p, dim: signed(case, "dim", 1), eps: case.number("eps", 1e-12) };
    let x = case.input("x").unwrap();
    case.check("y", &norm.forward(&x).unwrap(), "forward");
    case.check("d_x", &norm.backward(&x, &case.input("dy").unwrap()).unwrap(), "backward");
}

/// An ONNX input of one axis.
fn list(case: &Case, position: usize) -> Option<Vec<f32>> {
    case.nth(position).map(|input| input.into_iter().collect())
}

fn onnx_batch_norm(case: &Case) {
    let opset = case.entry["opset"].as_u64().unwrap();
    let training = match opset {
        14.. => case.flag("training_mode"),
        7.. => false,
        _ => !case.flag("is_test"),
    };
    let norm = BatchNorm {
        training,
        momentum: 1.0 - case.number("momentum", 0.9),
        eps: case.number("epsilon", 1e-5),
        track_unbiased: false,
    };
    let mut x = case.nth(0).unwrap();
    let shape = x.shape().to_vec();
    if opset < 9 && case.attrs["spatial"] == 0 {
        // every position is a channel of its own
        x = x.into_shape_with_order(IxDyn(&[shape[0], shape[1..].iter().product()])).unwrap();
    }
    let (w, b) = (list(case, 1), list(case, 2));
    let running = RunningStatistics { mean: list(case, 3).unwrap(), var: list(case, 4).unwrap() };
    let plain = norm.forward_plain(&x, w.as_deref(), b.as_deref(), Some(&running)).unwrap();
    let y = norm.forward(&x, w.as_deref(), b.as_deref(), Some(&running)).unwrap();
    for (y, how) in [(plain, "plain"), (y.output, "fast")] {
        case.check_nth(0, &y.into_shape_with_order(IxDyn(&shape)).unwrap(), how);
    }
    if let Some(running) = y.running {
        case.check_nth(1, &Array1::from(running.mean), "running mean");
        case.check_nth(2, &Array1::from(running.var), "running variance");
    }
}

fn onnx_instance_norm(case: &Case) {
    let norm = InstanceNorm { eps: case.number("epsilon", 1e-5), ..InstanceNorm::default() };
    let (x, w, b) = (case.nth(0).unwrap(), list(case, 1), list(case, 2));
    case.check_nth(0, &norm.forward_plain(&x, w.as_deref(), b.as_deref(), None).unwrap(), "plain");
    case.check_nth(0, &norm.forward(&x, w.as_deref(), b.as_deref(), None).unwrap().output, "fast");
}

/// The sizes of the axes from `axis` on.
fn normalized_shape(case: &Case, x: &ArrayD<f32>) -> Vec<usize> {
    let axis = signed(case, "axis", -1);
    let first = if axis < 0 { x.ndim() as isize + axis } else { axis };
    x.shape()[first as usize..].to_vec()
}

fn onnx_layer_norm(case: &Case) {
    let x = case.nth(0).unwrap();
    let norm = LayerNorm { normalized_shape: normalized_shape(case, &x), eps: case.number("epsilon", 1e-5) };
    let (w, b) = (case.nth(1), case.nth(2));
    // weight and bias broadcast in any way that ONNX allows
    let shape = norm.normalized_shape.clone();
    let as_shape = |factors: &ArrayD<f32>| factors.broadcast(IxDyn(&shape)).map(|view| view.to_owned());
    if let (Some(w), Some(b)) = (
        w.as_ref().map_or(Some(None), |w| as_shape(w).map(Some)),
        b.as_ref().map_or(Some(None), |b| as_shape(b).map(Some)),
    ) {
        case.check_nth(0, &norm.forward_plain(&x, w.as_ref(), b.as_ref()).unwrap(), "plain");
        case.check_nth(0, &norm.forward(&x, w.as_ref(), b.as_ref()).unwrap(), "fast");
    } else {
        let mut y = norm.forward(&x, None, None).unwrap();
        if let Some(w) = w {
            y *= &w;
        }
        if let Some(b) = b {
            y += &b;
        }
        case.check_nth(0, &y, "fast");
    }
    let (mean, inv_std) = norm.statistics(&x).unwrap();
    case.check_nth(1, &mean, "mean");
    case.check_nth(2, &inv_std, "reciprocal of the deviation");
}

fn onnx_rms_norm(case: &Case) {
    let x = case.nth(0).unwrap();
    let norm = RmsNorm { normalized_shape: normalized_shape(case, &x), eps: case.number("epsilon", 1e-5) };
    let scale = case.nth(1).unwrap();
    case.check_nth(0, &(norm.forward_plain(&x, None).unwrap() * &scale), "plain");
    case.check_nth(0, &(norm.forward(&x, None).unwrap() * &scale), "fast");
    if scale.shape() == norm.normalized_shape {
        case.check_nth(0, &norm.forward(&x, Some(&scale)).unwrap(), "fast, scaled");
    }
}

fn onnx_group_norm(case: &Case) {
    let norm = GroupNorm { num_groups: case.integers("num_groups")[0], eps: case.number("epsilon", 1e-5) };
    let x = case.nth(0).unwrap();
    // one factor a group before operator set 21, one a channel since
    let repeats = match case.entry["opset"].as_u64() {
        Some(..21) => x.shape()[1] / norm.num_groups,
        _ => 1,
    };
    let by_channel = |factors: Vec<f32>| -> Vec<f32> {
        factors.into_iter().flat_map(|factor| vec![factor; repeats]).collect()
    };
    let (w, b) = (list(case, 1).map(by_channel), list(case, 2).map(by_channel));
    case.check_nth(0, &norm.forward_plain(&x, w.as_deref(), b.as_deref()).unwrap(), "plain");
    case.check_nth(0, &norm.forward(&x, w.as_deref(), b.as_deref()).unwrap(), "fast");
}

fn onnx_lrn(case: &Case) {
    let norm = LocalResponseNorm {
        size: case.integers("size")[0],
        alpha: case.number("alpha", 1e-4),
        beta: case.number("beta", 0.75),
        k: case.number("bias", 1.0),
        surplus_after: true,
    };
    case.check_nth(0, &norm.forward(&case.nth(0).unwrap()).unwrap(), "forward");
}

fn onnx_lp_normalization(case: &Case) {
    let norm = Normalize { p: case.number("p", 2.0), dim: signed(case, "axis", -1), eps: 0.0 };
    case.check_nth(0, &norm.forward(&case.nth(0).unwrap()).unwrap(), "forward");
}

fn onnx_mean_variance(case: &Case) {
    let mut norm = MeanVarianceNorm::default();
    if let Some(axes) = case.attrs["axes"].as_array() {
        norm.axes = axes.iter().map(|axis| axis.as_i64().unwrap() as isize).collect();
    }
    case.check_nth(0, &norm.forward(&case.nth(0).unwrap()).unwrap(), "forward");
}
