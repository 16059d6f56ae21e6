//! ONNX's attention operators.

use ndarray::{Array3, Array4, Axis, Ix3, Ix4};
use receptive::core::ops::{
    FlexAttention, Heads, LinearAttention, LinearAttentionInputs, OnnxAttention, OnnxAttentionInputs,
    Precision, QkMatmulOutput, TensorScatter, Window,
};

use super::{OwnMask, option};
use crate::conformance::format::Case;
use crate::conformance::{Outcome, Unsupported};

fn heads_at(case: &Case, position: usize) -> Option<Heads> {
    case.nth(position).map(|x| x.into_dimensionality::<Ix4>().unwrap())
}

fn count(case: &Case, name: &str) -> Option<usize> {
    case.attrs[name].as_u64().map(|count| count as usize)
}

/// A window's side, -1 when it is open.
fn side(case: &Case, name: &str) -> Option<usize> {
    count(case, name)
}

fn precision(case: &Case) -> Result<Precision, Unsupported> {
    Ok(match count(case, "softmax_precision") {
        None | Some(1) => Precision::Float32,
        Some(10) => Precision::Float16,
        Some(11) => Precision::Float64,
        Some(16) => Precision::BFloat16,
        Some(other) => return Err(Unsupported(format!("softmax_precision {other}"))),
    })
}

pub fn attention(case: &Case) -> Outcome {
    let attention = OnnxAttention {
        is_causal: case.flag("is_causal"),
        scale: case.attrs["scale"].as_f64(),
        softcap: option(case, "softcap"),
        q_num_heads: count(case, "q_num_heads"),
        kv_num_heads: count(case, "kv_num_heads"),
        window: Window { left: side(case, "left_window_size"), right: side(case, "right_window_size") },
        softmax_precision: precision(case)?,
        qk_matmul_output_mode: match count(case, "qk_matmul_output_mode") {
            None | Some(0) => QkMatmulOutput::Products,
            Some(1) => QkMatmulOutput::Capped,
            Some(2) => QkMatmulOutput::Masked,
            Some(3) => QkMatmulOutput::Weights,
            Some(other) => return Err(Unsupported(format!("qk_matmul_output_mode {other}"))),
        },
    };
    let [q, k, v] = [0, 1, 2].map(|position| case.nth(position).unwrap());
    let mask = OwnMask::nth(case, 3);
    let past = heads_at(case, 4).zip(heads_at(case, 5));
    let lengths: Option<Vec<i64>> = case.nth(6).map(|lengths| lengths.iter().map(|&x| x as i64).collect());
    let inputs = OnnxAttentionInputs {
        q: &q,
        k: &k,
        v: &v,
        attn_mask: mask.as_ref().map(OwnMask::allowed),
        past: past.as_ref().map(|(key, value)| (key, value)),
        nonpad_kv_seqlen: lengths.as_deref(),
    };
    let attended = attention.forward(&inputs).unwrap();
    case.check_nth(0, &attended.y, "forward");
    case.check_nth(1, &attended.present_key, "forward");
    case.check_nth(2, &attended.present_value, "forward");
    case.check_nth(3, &attended.qk_matmul_output, "forward");
    Ok(())
}

pub fn flex_attention(case: &Case) -> Outcome {
    for name in ["score_mod", "prob_mod"] {
        if !case.attrs[name].is_null() {
            return Err(Unsupported(format!("the graph {name}")));
        }
    }
    let [q, k, v] = [0, 1, 2].map(|position| heads_at(case, position).unwrap());
    let flex = FlexAttention { scale: case.attrs["scale"].as_f64(), softmax_precision: precision(case)? };
    let y = flex.forward(&q, &k, &v, |score, _| score, |weight, _| weight).unwrap();
    case.check_nth(0, &y.output, "forward");
    Ok(())
}

/// `[n, tokens, heads * width]` as `[n, heads, tokens, width]`.
fn split(x: Array3<f32>, heads: usize) -> Heads {
    let (n, tokens, columns) = x.dim();
    let x = x.into_shape_with_order((n, tokens, heads, columns / heads)).unwrap();
    x.permuted_axes([0, 2, 1, 3]).as_standard_layout().into_owned()
}

pub fn linear_attention(case: &Case) -> Outcome {
    let (heads, kv_heads) = (count(case, "q_num_heads").unwrap(), count(case, "kv_num_heads").unwrap());
    let three = |position: usize| case.nth(position).map(|x| x.into_dimensionality::<Ix3>().unwrap());
    let (q, k) = (split(three(0).unwrap(), heads), split(three(1).unwrap(), kv_heads));
    let v = split(three(2).unwrap(), kv_heads);
    let past_state = heads_at(case, 3);
    let decay = three(4).map(|decay| split(decay, kv_heads));
    // [n, tokens, heads] or [n, tokens, 1] as [n, heads or 1, tokens, 1]
    let beta: Option<Array4<f32>> = three(5).map(|beta| beta.permuted_axes([0, 2, 1]).insert_axis(Axis(3)));
    let rule = case.text("update_rule");
    assert_eq!(decay.is_some(), !matches!(rule, "linear" | "delta"), "{}: decay", case.id);
    assert_eq!(beta.is_some(), !matches!(rule, "linear" | "gated"), "{}: beta", case.id);
    let inputs = LinearAttentionInputs {
        q: &q,
        k: &k,
        v: &v,
        past_state: past_state.as_ref(),
        decay: decay.as_ref(),
        beta: beta.as_ref(),
    };
    let (output, state) = LinearAttention { scale: option(case, "scale") }.forward(&inputs).unwrap();
    let (n, heads, tokens, width) = output.dim();
    let output = output.permuted_axes([0, 2, 1, 3]).as_standard_layout().into_owned();
    case.check_nth(0, &output.into_shape_with_order((n, tokens, heads * width)).unwrap(), "forward");
    case.check_nth(1, &state, "forward");
    Ok(())
}

pub fn tensor_scatter(case: &Case) -> Outcome {
    let scatter = TensorScatter {
        axis: case.attrs["axis"].as_i64().unwrap_or(-2) as isize,
        circular: case.text("mode") == "circular",
    };
    let (past, update) = (case.nth(0).unwrap(), case.nth(1).unwrap());
    let indices: Option<Vec<i64>> = case.nth(2).map(|indices| indices.iter().map(|&x| x as i64).collect());
    case.check_nth(0, &scatter.forward(&past, &update, indices.as_deref()).unwrap(), "forward");
    Ok(())
}
