//! Activations, softmax, linear layers, embedding.

use ndarray::{Array1, ArrayD, Ix2};
use receptive::core::ops::{
    self, Activation, Embedding, FeedForward, GatedFeedForward, Gemm, Nonlinearity, Softmax,
};

use super::format::{Array, Case};
use super::{Outcome, Unsupported};

/// Runs a case of this family.
pub fn run(case: &Case) -> Option<Outcome> {
    let check: fn(&Case) -> Outcome = match case.op.as_str() {
        "torch.activation" => activation,
        "torch.prelu" => prelu,
        "torch.glu" => glu,
        "torch.softmax" | "torch.log_softmax" => softmax,
        "torch.linear" => linear,
        "torch.embedding" => embedding,
        "torch.ffn" => feed_forward,
        "torch.ffn_gated" => gated_feed_forward,
        "torch.matmul" => matmul,
        "torch.addmm" => addmm,
        "onnx.PRelu" => onnx_prelu,
        "onnx.SwiGLU" => onnx_swiglu,
        "onnx.Softmax" | "onnx.LogSoftmax" => onnx_softmax,
        "onnx.MatMul" => onnx_matmul,
        "onnx.Gemm" => onnx_gemm,
        op => return onnx_nonlinearity(case, op.strip_prefix("onnx.")?).map(|f| onnx_activation(case, f)),
    };
    Some(check(case))
}

/// The function of an ONNX operator, with the defaults of its operator set.
fn onnx_nonlinearity(case: &Case, op: &str) -> Option<Nonlinearity> {
    let number = |name, otherwise| case.number(name, otherwise);
    let opset = case.entry["opset"].as_u64().unwrap_or(0);
    Some(match op {
        "Relu" => Nonlinearity::Relu,
        "LeakyRelu" => Nonlinearity::LeakyRelu { negative_slope: number("alpha", 0.01) },
        "ThresholdedRelu" => Nonlinearity::Threshold { threshold: number("alpha", 1.0), value: 0.0 },
        "Elu" => Nonlinearity::Elu { alpha: number("alpha", 1.0) },
        "Celu" => Nonlinearity::Celu { alpha: number("alpha", 1.0) },
        "Selu" => {
            let (alpha, scale) =
                if opset < 6 { (1.6732, 1.0507) } else { (1.6732631921768188, 1.0507010221481323) };
            Nonlinearity::Selu { alpha: number("alpha", alpha), scale: number("gamma", scale) }
        }
        "Gelu" if case.text("approximate") == "tanh" => Nonlinearity::GeluTanh,
        "Gelu" => Nonlinearity::Gelu,
        "Mish" => Nonlinearity::Mish,
        "HardSigmoid" => Nonlinearity::HardSigmoid { alpha: number("alpha", 0.2), beta: number("beta", 0.5) },
        "HardSwish" => Nonlinearity::HardSwish,
        "Swish" => Nonlinearity::Swish { alpha: number("alpha", 1.0) },
        "Sigmoid" => Nonlinearity::Sigmoid,
        "Tanh" => Nonlinearity::Tanh,
        "Softplus" => Nonlinearity::SOFTPLUS,
        "Softsign" => Nonlinearity::Softsign,
        "Erf" => Nonlinearity::Erf,
        _ => return None,
    })
}

fn onnx_activation(case: &Case, function: Nonlinearity) -> Outcome {
    let x = case.nth(0).unwrap();
    case.check_nth(0, &x.mapv(|x| function.apply(x)), "apply");
    case.check_nth(0, &function.forward(&x), "forward");
    Ok(())
}

/// The function that an attribute names, with the parameters of the case.
fn nonlinearity(case: &Case, name: &str) -> Result<Nonlinearity, Unsupported> {
    let number = |name, otherwise| case.number(name, otherwise);
    Ok(match name {
        "none" | "identity" | "linear" => Nonlinearity::None,
        "relu" => Nonlinearity::Relu,
        "relu_squared" => Nonlinearity::ReluSquared,
        "leaky_relu" => Nonlinearity::LeakyRelu { negative_slope: number("negative_slope", 0.01) },
        "threshold" => {
            Nonlinearity::Threshold { threshold: number("threshold", 0.0), value: number("value", 0.0) }
        }
        "elu" => Nonlinearity::Elu { alpha: number("alpha", 1.0) },
        "celu" => Nonlinearity::Celu { alpha: number("alpha", 1.0) },
        "selu" => Nonlinearity::SELU,
        "gelu" if case.text("approximate") == "tanh" => Nonlinearity::GeluTanh,
        "gelu" => Nonlinearity::Gelu,
        "gelu_tanh" => Nonlinearity::GeluTanh,
        "quick_gelu" => Nonlinearity::QUICK_GELU,
        "silu" => Nonlinearity::SILU,
        "swish" => Nonlinearity::Swish { alpha: number("alpha", 1.0) },
        "mish" => Nonlinearity::Mish,
        "sigmoid" => Nonlinearity::Sigmoid,
        "logsigmoid" => Nonlinearity::LogSigmoid,
        "tanh" => Nonlinearity::Tanh,
        "tanhshrink" => Nonlinearity::Tanhshrink,
        "softplus" => {
            Nonlinearity::Softplus { beta: number("beta", 1.0), threshold: number("threshold", 20.0) }
        }
        "softsign" => Nonlinearity::Softsign,
        "softshrink" => Nonlinearity::Softshrink { lambd: number("lambd", 0.5) },
        "hardshrink" => Nonlinearity::Hardshrink { lambd: number("lambd", 0.5) },
        "hardtanh" => {
            Nonlinearity::Hardtanh { min_val: number("min_val", -1.0), max_val: number("max_val", 1.0) }
        }
        "relu6" => Nonlinearity::RELU6,
        "hardsigmoid" => Nonlinearity::HARDSIGMOID,
        "hardswish" => Nonlinearity::HardSwish,
        "erf" => Nonlinearity::Erf,
        name => return Err(Unsupported(format!("the activation {name}"))),
    })
}

/// The same function from the short list, when it is there.
fn short_list(function: Nonlinearity) -> Option<Activation> {
    Activation::ALL.into_iter().find(|&activation| Nonlinearity::from(activation) == function)
}

fn activation(case: &Case) -> Outcome {
    let function = nonlinearity(case, case.text("name"))?;
    let x = case.input("x").unwrap();
    case.check("y", &x.mapv(|x| function.apply(x)), "apply");
    case.check("y", &function.forward(&x), "forward");
    let dy = case.input("dy").unwrap_or_else(|| x.mapv(|_| 1.0));
    case.check("d_x", &(x.mapv(|x| function.derivative(x)) * &dy), "derivative");
    case.check("d_x", &function.backward(&x, &dy).unwrap(), "backward");
    if let Some(activation) = short_list(function) {
        case.check("y", &x.mapv(|x| activation.apply(x)), "apply, short list");
        case.check("d_x", &(x.mapv(|x| activation.derivative(x)) * dy), "derivative, short list");
    }
    Ok(())
}

fn prelu(case: &Case) -> Outcome {
    let (x, w, dy) = (case.input("x").unwrap(), vector(case, "w").unwrap(), case.input("dy").unwrap());
    case.check("y", &ops::prelu(&x, &w).unwrap(), "prelu");
    let (grad_x, grad_w) = ops::prelu_backward(&x, &w, &dy).unwrap();
    case.check("d_x", &grad_x, "backward");
    case.check("d_w", &Array1::from(grad_w), "backward");
    Ok(())
}

fn onnx_prelu(case: &Case) -> Outcome {
    let (x, slope) = (case.nth(0).unwrap(), case.nth(1).unwrap());
    // one slope a channel before operator set 7, broadcast as in NumPy since
    if case.entry["opset"].as_u64().is_some_and(|opset| opset < 7) {
        let slopes: Vec<f32> = slope.into_iter().collect();
        case.check_nth(0, &ops::prelu(&x, &slopes).unwrap(), "prelu");
    } else {
        case.check_nth(0, &ops::prelu_broadcast(&x, &slope).unwrap(), "prelu");
    }
    Ok(())
}

fn glu(case: &Case) -> Outcome {
    let function = match case.text("activation") {
        "" => Nonlinearity::Sigmoid,
        name => nonlinearity(case, name)?,
    };
    let (x, dy, dim) = (case.input("x").unwrap(), case.input("dy").unwrap(), signed(case, "dim", -1));
    case.check("y", &ops::glu(&x, dim, function).unwrap(), "glu");
    case.check("d_x", &ops::glu_backward(&x, dim, function, &dy).unwrap(), "backward");
    Ok(())
}

fn onnx_swiglu(case: &Case) -> Outcome {
    let swish = Nonlinearity::Swish { alpha: case.number("alpha", 1.0) };
    let (a, b) = (case.nth(0).unwrap(), case.nth(1).unwrap());
    case.check_nth(0, &ops::gated(&a, &b, swish).unwrap(), "gated");
    Ok(())
}

fn softmax(case: &Case) -> Outcome {
    let softmax = Softmax {
        dim: signed(case, "dim", -1),
        temperature: case.number("temperature", 1.0),
        ..Softmax::default()
    };
    let (x, dy) = (case.input("x").unwrap(), case.input("dy").unwrap());
    if case.op == "torch.softmax" {
        let y = softmax.forward(&x).unwrap();
        case.check("y", &softmax.forward_plain(&x).unwrap(), "plain");
        case.check("y", &y, "fast");
        case.check("d_x", &softmax.backward(&y, &dy).unwrap(), "backward");
    } else {
        let y = softmax.forward_log(&x).unwrap();
        case.check("y", &softmax.forward_log_plain(&x).unwrap(), "plain");
        case.check("y", &y, "fast");
        case.check("d_x", &softmax.backward_log(&y, &dy).unwrap(), "backward");
    }
    Ok(())
}

fn onnx_softmax(case: &Case) -> Outcome {
    let flatten = case.entry["opset"].as_u64().is_some_and(|opset| opset < 13);
    let dim = signed(case, "axis", if flatten { 1 } else { -1 });
    let softmax = Softmax { dim, flatten, ..Softmax::default() };
    let x = case.nth(0).unwrap();
    let (plain, fast) = if case.op == "onnx.Softmax" {
        (softmax.forward_plain(&x), softmax.forward(&x))
    } else {
        (softmax.forward_log_plain(&x), softmax.forward_log(&x))
    };
    case.check_nth(0, &plain.unwrap(), "plain");
    case.check_nth(0, &fast.unwrap(), "fast");
    Ok(())
}

fn linear(case: &Case) -> Outcome {
    let (x, w, b) = (case.input("x").unwrap(), matrix(case, "w"), vector(case, "b"));
    case.check("y", &ops::linear_plain(&x, &w, b.as_deref()).unwrap(), "plain");
    case.check("y", &ops::linear(&x, &w, b.as_deref()).unwrap(), "fast");
    let dy = case.input("dy").unwrap();
    for (backward, how) in [
        (ops::linear_backward as fn(&_, &_, &_) -> _, "fast backward"),
        (ops::linear_backward_plain, "plain backward"),
    ] {
        let grads = backward(&x, &w, &dy).unwrap();
        case.check("d_x", &grads.input, how);
        case.check("d_w", &grads.weight, how);
        if b.is_some() {
            case.check("d_b", &Array1::from(grads.bias), how);
        }
    }
    Ok(())
}

fn matrix(case: &Case, name: &str) -> ndarray::Array2<f32> {
    case.input(name).unwrap().into_dimensionality::<Ix2>().unwrap()
}

fn embedding(case: &Case) -> Outcome {
    let embedding = Embedding {
        padding_idx: case.attrs["padding_idx"].as_i64().map(|index| index as isize),
        scale_grad_by_freq: case.flag("scale_grad_by_freq"),
        max_norm: case.attrs["max_norm"].as_f64(),
        norm_type: case.number("norm_type", 2.0),
    };
    let (indices, mut w) =
        (indices(case.inputs.iter().flatten().find(|input| input.name == "idx")).unwrap(), matrix(case, "w"));
    embedding.renormalise(&indices, &mut w).unwrap();
    case.check("y", &embedding.forward(&indices, &w).unwrap(), "forward");
    let dy = case.input("dy").unwrap();
    case.check("d_w", &embedding.backward(&indices, w.nrows(), &dy).unwrap(), "backward");
    Ok(())
}

fn feed_forward(case: &Case) -> Outcome {
    let block = FeedForward {
        activation: nonlinearity(case, case.text("activation"))?,
        w1: matrix(case, "w1"),
        b1: vector(case, "b1"),
        w2: matrix(case, "w2"),
        b2: vector(case, "b2"),
    };
    let (x, dy) = (case.input("x").unwrap(), case.input("dy").unwrap());
    case.check("y", &block.forward_plain(&x).unwrap(), "plain");
    case.check("y", &block.forward(&x).unwrap(), "fast");
    let grads = block.backward(&x, &dy).unwrap();
    case.check("d_x", &grads.input, "backward");
    case.check("d_w1", &grads.w1, "backward");
    case.check("d_w2", &grads.w2, "backward");
    for (name, grad) in [("d_b1", grads.b1), ("d_b2", grads.b2)] {
        if case.has(name) {
            case.check(name, &Array1::from(grad), "backward");
        }
    }
    Ok(())
}

fn gated_feed_forward(case: &Case) -> Outcome {
    let activation = match case.text("activation") {
        "swiglu" => Nonlinearity::SILU,
        "geglu" => Nonlinearity::Gelu,
        "reglu" => Nonlinearity::Relu,
        "glu" => Nonlinearity::Sigmoid,
        "bilinear" => Nonlinearity::None,
        name => nonlinearity(case, name)?,
    };
    let (w_gate, w_up, w_down) = (matrix(case, "w_gate"), matrix(case, "w_up"), matrix(case, "w_down"));
    let block = GatedFeedForward { activation, w_gate, w_up, w_down };
    let (x, dy) = (case.input("x").unwrap(), case.input("dy").unwrap());
    case.check("y", &block.forward_plain(&x).unwrap(), "plain");
    case.check("y", &block.forward(&x).unwrap(), "fast");
    let grads = block.backward(&x, &dy).unwrap();
    case.check("d_x", &grads.input, "backward");
    case.check("d_w_gate", &grads.w_gate, "backward");
    case.check("d_w_up", &grads.w_up, "backward");
    case.check("d_w_down", &grads.w_down, "backward");
    Ok(())
}

fn matmul(case: &Case) -> Outcome {
    let (a, b, dy) = (case.input("a").unwrap(), case.input("b").unwrap(), case.input("dy").unwrap());
    case.check("y", &ops::matmul_plain(&a, &b).unwrap(), "plain");
    case.check("y", &ops::matmul(&a, &b).unwrap(), "fast");
    let (grad_a, grad_b) = ops::matmul_backward(&a, &b, &dy).unwrap();
    case.check("d_a", &grad_a, "backward");
    case.check("d_b", &grad_b, "backward");
    Ok(())
}

fn onnx_matmul(case: &Case) -> Outcome {
    let (a, b) = (case.nth(0).unwrap(), case.nth(1).unwrap());
    case.check_nth(0, &ops::matmul_plain(&a, &b).unwrap(), "plain");
    case.check_nth(0, &ops::matmul(&a, &b).unwrap(), "fast");
    Ok(())
}

fn gemm(case: &Case) -> Gemm {
    Gemm {
        alpha: case.number("alpha", 1.0) as f32,
        beta: case.number("beta", 1.0) as f32,
        trans_a: case.flag("transA"),
        trans_b: case.flag("transB"),
    }
}

fn addmm(case: &Case) -> Outcome {
    let (gemm, input) = (gemm(case), |name: &str| case.input(name).unwrap());
    let (a, b, c, dy): (ArrayD<f32>, _, _, _) = (input("a"), input("b"), case.input("c"), input("dy"));
    case.check("y", &gemm.forward_plain(&a, &b, c.as_ref()).unwrap(), "plain");
    case.check("y", &gemm.forward(&a, &b, c.as_ref()).unwrap(), "fast");
    let grads = gemm.backward(&a, &b, c.as_ref(), &dy).unwrap();
    case.check("d_a", &grads.a, "backward");
    case.check("d_b", &grads.b, "backward");
    if let Some(grad) = grads.c {
        case.check("d_c", &grad, "backward");
    }
    Ok(())
}

fn onnx_gemm(case: &Case) -> Outcome {
    let (gemm, a, b, c) = (gemm(case), case.nth(0).unwrap(), case.nth(1).unwrap(), case.nth(2));
    case.check_nth(0, &gemm.forward_plain(&a, &b, c.as_ref()).unwrap(), "plain");
    case.check_nth(0, &gemm.forward(&a, &b, c.as_ref()).unwrap(), "fast");
    Ok(())
}

/// An input of one axis.
pub fn vector(case: &Case, name: &str) -> Option<Vec<f32>> {
    case.input(name).map(|input| input.into_iter().collect())
}

/// An input of whole numbers.
pub fn indices(input: Option<&Array>) -> Option<ArrayD<i64>> {
    input.map(|input| input.data.mapv(|index| index as i64))
}

/// An attribute that may be negative.
pub fn signed(case: &Case, name: &str, otherwise: isize) -> isize {
    case.attrs[name].as_i64().map_or(otherwise, |number| number as isize)
}
