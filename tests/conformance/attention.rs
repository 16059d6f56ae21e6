//! Attention and what is built on it.

mod onnx;

use ndarray::{Array, Array3, Array4, ArrayD, Axis, Dimension, Ix2, Ix3, Ix4, s};
use receptive::core::ops::{
    Activation, AdditiveScore, Align, Attention, DecoderLayerParameters, EncoderLayerParameters,
    FeedForwardParameters, Heads, KvCache, LinearAttention, LinearAttentionInputs, Mask, MultiheadAttention,
    MultiheadParameters, NormParameters, Score, Tokens, TransformerLayer, Window, mask_backward,
};
use receptive::core::tensor::Map;
use serde_json::Value;

use super::format::Case;
use super::{Outcome, Unsupported};

/// Runs a case of this family.
pub fn run(case: &Case) -> Option<Outcome> {
    let check: fn(&Case) -> Outcome = match case.op.as_str() {
        "torch.scaled_dot_product_attention" => scaled_dot_product,
        "torch.sdpa_kv_cache" => kv_cache,
        "torch.sdpa_incremental" => incremental,
        "torch.additive_attention" => additive,
        "linear_attention" => linear,
        "torch.nn.MultiheadAttention" => multihead,
        "torch.nn.TransformerEncoderLayer" => encoder_layer,
        "torch.nn.TransformerDecoderLayer" => decoder_layer,
        "onnx.Attention" => onnx::attention,
        "onnx.FlexAttention" => onnx::flex_attention,
        "onnx.LinearAttention" => onnx::linear_attention,
        "onnx.TensorScatter" => onnx::tensor_scatter,
        _ => return None,
    };
    Some(check(case))
}

/// A mask of a case, whose numbers decide with its dtype what kind it is.
enum OwnMask {
    Truth(ArrayD<bool>),
    Added(ArrayD<f32>),
}

impl OwnMask {
    fn named(case: &Case, name: &str) -> Option<Self> {
        let position = case.inputs.iter().position(|input| input.as_ref().is_some_and(|i| i.name == name))?;
        Self::nth(case, position)
    }

    fn nth(case: &Case, position: usize) -> Option<Self> {
        let numbers = case.nth(position)?;
        let boolean = case.entry["inputs"][position]["dtype"] == "bool";
        Some(if boolean { OwnMask::Truth(numbers.mapv(|x| x != 0.0)) } else { OwnMask::Added(numbers) })
    }

    /// True means may attend.
    fn allowed(&self) -> Mask<'_> {
        match self {
            OwnMask::Truth(mask) => Mask::Allowed(mask),
            OwnMask::Added(mask) => Mask::Added(mask),
        }
    }

    /// True means masked out.
    fn blocked(&self) -> Mask<'_> {
        match self {
            OwnMask::Truth(mask) => Mask::Blocked(mask),
            OwnMask::Added(mask) => Mask::Added(mask),
        }
    }

    /// With other axes, in the same order.
    fn reshaped(self, shape: &[usize]) -> Self {
        match self {
            OwnMask::Truth(mask) => OwnMask::Truth(mask.into_shape_with_order(shape).unwrap()),
            OwnMask::Added(mask) => OwnMask::Added(mask.into_shape_with_order(shape).unwrap()),
        }
    }
}

fn dim<D: Dimension>(case: &Case, name: &str) -> Array<f32, D> {
    let input = case.input(name).unwrap_or_else(|| panic!("{}: no input {name}", case.id));
    input.into_dimensionality().unwrap()
}

fn list(case: &Case, name: &str) -> Option<Vec<f32>> {
    case.input(name).map(|input| input.into_iter().collect())
}

/// A number that is given and not zero.
fn option(case: &Case, name: &str) -> Option<f64> {
    Some(case.number(name, 0.0)).filter(|&number| number != 0.0)
}

fn attention(case: &Case) -> Result<Attention, Unsupported> {
    let (is_causal, align) = match &case.attrs["causal"] {
        Value::Null => (false, Align::TopLeft),
        value if value == "top_left" => (true, Align::TopLeft),
        value if value == "bottom_right" => (true, Align::BottomRight),
        value => return Err(Unsupported(format!("causal {value}"))),
    };
    let align = match case.text("align") {
        "bottom_right" => Align::BottomRight,
        "top_left" => Align::TopLeft,
        _ => align,
    };
    let side = |side: usize| case.attrs["window"][side].as_u64().map(|size| size as usize);
    Ok(Attention {
        score: if case.text("score") == "cosine" { Score::Cosine } else { Score::Dot },
        scale: case.attrs["scale"].as_f64(),
        softcap: option(case, "softcap"),
        is_causal,
        window: Window { left: side(0), right: side(1) },
        align,
        temperature: case.number("temperature", 1.0),
    })
}

fn scaled_dot_product(case: &Case) -> Outcome {
    let attention = attention(case)?;
    let [q, k, v] = ["q", "k", "v"].map(|name| dim::<Ix4>(case, name));
    let own = OwnMask::named(case, "mask");
    let masks: Vec<Mask<'_>> = own.iter().map(OwnMask::allowed).collect();
    let plain = attention.forward_plain(&q, &k, &v, &masks).unwrap();
    let fast = attention.forward(&q, &k, &v, &masks).unwrap();
    for (attended, how) in [(&plain, "plain"), (&fast, "fast")] {
        case.check("y", &attended.output, how);
        case.check("weights", &attended.weights, how);
        if case.has("scores") {
            case.check("scores", &attended.scores, how);
        }
    }
    let (output, weights) = attention.attend(&q, &k, &v, &masks).unwrap();
    case.check("y", &output, "output and weights");
    case.check("weights", &weights, "output and weights");
    for tile in [1, 2, 3, 64] {
        let tiled = attention.forward_tiled(&q, &k, &v, &masks, tile).unwrap();
        case.check("y", &tiled.output, "tiled");
        if case.has("maxima") && tile == 2 {
            case.check("maxima", &tiled.maxima, "tiled");
            case.check("sums", &tiled.sums, "tiled");
        }
    }
    if !case.has("d_q") {
        return Ok(());
    }
    let dy = dim::<Ix4>(case, "dy");
    for (grads, how) in [
        (attention.backward_plain(&q, &k, &v, &masks, &dy).unwrap(), "plain"),
        (attention.backward(&q, &k, &v, &masks, &dy).unwrap(), "fast"),
    ] {
        case.check("d_q", &grads.q, how);
        case.check("d_k", &grads.k, how);
        case.check("d_v", &grads.v, how);
        if let Some(OwnMask::Added(mask)) = own.as_ref().filter(|_| case.has("d_mask")) {
            case.check("d_mask", &mask_backward(&grads.scores, mask.shape()).unwrap(), how);
        }
    }
    Ok(())
}

fn kv_cache(case: &Case) -> Outcome {
    let attention = attention(case)?;
    let [q, k_new, v_new, k_past, v_past] =
        ["q", "k_new", "v_new", "k_past", "v_past"].map(|name| dim::<Ix4>(case, name));
    let mut cache = KvCache::new(k_past, v_past).unwrap();
    let attended = cache.attend(&attention, &q, &k_new, &v_new, &[]).unwrap();
    let (k, v) = cache.into_inner().unwrap();
    case.check("y", &attended.output, "cache");
    case.check("weights", &attended.weights, "cache");
    case.check("k_present", &k, "cache");
    case.check("v_present", &v, "cache");
    let whole = attention.forward_plain(&q, &k, &v, &[]).unwrap();
    case.check("y", &whole.output, "without a cache");
    Ok(())
}

fn incremental(case: &Case) -> Outcome {
    let attention = Attention { is_causal: true, ..attention(case)? };
    let [q, k, v] = ["q", "k", "v"].map(|name| dim::<Ix4>(case, name));
    case.check("y_full", &attention.forward_plain(&q, &k, &v, &[]).unwrap().output, "plain");
    case.check("y_full", &attention.forward(&q, &k, &v, &[]).unwrap().output, "fast");
    let mut cache = KvCache::default();
    let mut steps = Heads::zeros((q.dim().0, q.dim().1, q.dim().2, v.dim().3));
    for i in 0..q.dim().2 {
        let [q, k, v] = [&q, &k, &v].map(|x| x.slice(s![.., .., i..=i, ..]).to_owned());
        let step = cache.attend(&attention, &q, &k, &v, &[]).unwrap();
        steps.slice_mut(s![.., .., i..=i, ..]).assign(&step.output);
    }
    case.check("y_steps", &steps, "token by token");
    Ok(())
}

fn additive(case: &Case) -> Outcome {
    let attention = attention(case)?;
    let [q, k, v, dy] = ["q", "k", "v", "dy"].map(|name| dim::<Ix3>(case, name).insert_axis(Axis(1)));
    let score = AdditiveScore {
        w_query: dim::<Ix2>(case, "wq"),
        w_key: dim::<Ix2>(case, "wk"),
        v: list(case, "va").unwrap(),
    };
    let own = OwnMask::named(case, "mask");
    let masks: Vec<Mask<'_>> = own.iter().map(OwnMask::allowed).collect();
    let without = |x: Array4<f32>| x.remove_axis(Axis(1));
    let attended = score.forward(&attention, &q, &k, &v, &masks).unwrap();
    case.check("y", &without(attended.output), "plain");
    case.check("weights", &without(attended.weights), "plain");
    let grads = score.backward(&attention, &q, &k, &v, &masks, &dy).unwrap();
    case.check("d_q", &without(grads.q), "plain");
    case.check("d_k", &without(grads.k), "plain");
    case.check("d_v", &without(grads.v), "plain");
    case.check("d_wq", &grads.score.w_query, "plain");
    case.check("d_wk", &grads.score.w_key, "plain");
    let va = case.input("va").unwrap();
    let d_va = Array::from(grads.score.v).into_shape_with_order(va.shape()).unwrap();
    case.check("d_va", &d_va, "plain");
    Ok(())
}

fn linear(case: &Case) -> Outcome {
    let [q, k, v] = ["q", "k", "v"].map(|name| dim::<Ix4>(case, name));
    let [past, decay, beta] =
        ["past_state", "decay", "beta"].map(|name| case.input(name).map(|_| dim::<Ix4>(case, name)));
    let inputs = LinearAttentionInputs {
        q: &q,
        k: &k,
        v: &v,
        past_state: past.as_ref(),
        decay: decay.as_ref(),
        beta: beta.as_ref(),
    };
    let attention = LinearAttention { scale: case.attrs["scale"].as_f64() };
    let (y, state) = attention.forward(&inputs).unwrap();
    case.check("y", &y, "plain");
    case.check("state", &state, "plain");
    let (dy, d_state) = (dim::<Ix4>(case, "dy"), dim::<Ix4>(case, "dstate"));
    let grads = attention.backward(&inputs, &dy, Some(&d_state)).unwrap();
    for (name, grad) in [
        ("d_q", Some(grads.q)),
        ("d_k", Some(grads.k)),
        ("d_v", Some(grads.v)),
        ("d_past_state", Some(grads.past_state)),
        ("d_decay", grads.decay),
        ("d_beta", grads.beta),
    ] {
        assert_eq!(grad.is_some(), case.has(name), "{}: {name}", case.id);
        if let Some(grad) = grad {
            case.check(name, &grad, "backward");
        }
    }
    Ok(())
}

/// The parameters of a `torch.nn.MultiheadAttention` whose names begin with `prefix`.
fn multihead_parameters(case: &Case, prefix: &str) -> MultiheadParameters {
    let name = |name: &str| format!("{prefix}{name}");
    let matrix = |what: &str| dim::<Ix2>(case, &name(what));
    let (out, out_bias) = (matrix("out_proj.weight"), list(case, &name("out_proj.bias")));
    let in_bias = list(case, &name("in_proj_bias"));
    let packed = case.input(&name("in_proj_weight"));
    let parameters = match packed {
        Some(w) => {
            MultiheadParameters::packed(&w.into_dimensionality().unwrap(), in_bias.as_deref(), out, out_bias)
        }
        None => {
            let parts = ["q_proj_weight", "k_proj_weight", "v_proj_weight"].map(matrix);
            let [q, k, v] = parts;
            let without = MultiheadParameters::without_bias([q, k, v, out]);
            MultiheadParameters { out_proj_bias: out_bias, ..without }.with_in_proj_bias(in_bias.as_deref())
        }
    };
    let (bias_k, bias_v) = (list(case, &name("bias_k")), list(case, &name("bias_v")));
    MultiheadParameters { bias_k, bias_v, ..parameters.unwrap() }
}

/// Compares the gradients of such parameters.
fn check_multihead(case: &Case, prefix: &str, grads: &MultiheadParameters, how: &str) {
    let matrices: [(&str, Option<Map>); 5] = [
        ("in_proj_weight", grads.in_proj_weight()),
        ("q_proj_weight", Some(grads.q_proj_weight.clone())),
        ("k_proj_weight", Some(grads.k_proj_weight.clone())),
        ("v_proj_weight", Some(grads.v_proj_weight.clone())),
        ("out_proj.weight", Some(grads.out_proj_weight.clone())),
    ];
    for (name, grad) in matrices {
        let name = format!("d_{prefix}{name}");
        if case.has(&name) {
            case.check(&name, &grad.unwrap(), how);
        }
    }
    for (name, grad) in [
        ("in_proj_bias", grads.in_proj_bias()),
        ("out_proj.bias", grads.out_proj_bias.clone()),
        ("bias_k", grads.bias_k.clone()),
        ("bias_v", grads.bias_v.clone()),
    ] {
        check_list(case, &format!("d_{prefix}{name}"), grad, how);
    }
}

/// Compares a list with an output that may have more axes of one.
fn check_list(case: &Case, name: &str, got: Option<Vec<f32>>, how: &str) {
    if !case.has(name) {
        return;
    }
    let got = got.unwrap_or_else(|| panic!("{}: no {name}", case.id));
    let shape = case.outputs.iter().flatten().find(|output| output.name == name).unwrap().data.raw_dim();
    case.check(name, &ArrayD::from_shape_vec(shape, got).unwrap(), how);
}

/// Tokens as the core takes them, whatever way the case lays them out.
fn tokens(case: &Case, name: &str) -> Option<Tokens> {
    let x = case.input(name)?;
    let x = if x.ndim() == 2 { x.insert_axis(Axis(0)) } else { x };
    let x: Tokens = x.into_dimensionality().unwrap();
    Some(if batch_first(case, name) {
        x
    } else {
        x.permuted_axes([1, 0, 2]).as_standard_layout().into_owned()
    })
}

fn batch_first(case: &Case, name: &str) -> bool {
    case.attrs["batch_first"] != false || case.input(name).is_some_and(|x| x.ndim() == 2)
}

/// Compares tokens with an output laid out as the input `like`.
fn check_tokens(case: &Case, name: &str, got: &Tokens, like: &str, how: &str) {
    let got = if batch_first(case, like) { got.clone() } else { got.clone().permuted_axes([1, 0, 2]) };
    if case.input(like).unwrap().ndim() == 2 {
        case.check(name, &got.remove_axis(Axis(0)), how);
    } else {
        case.check(name, &got, how);
    }
}

/// `attn_mask` and `key_padding_mask` of a module, which both say true for what is masked out.
fn module_masks(case: &Case, names: [&str; 2], n: usize, heads: usize) -> Vec<OwnMask> {
    let [attn_mask, padding] = names.map(|name| OwnMask::named(case, name));
    let shape = |name: &str| case.input(name).map(|mask| mask.shape().to_vec()).unwrap_or_default();
    let attn_mask = attn_mask.map(|mask| match shape(names[0])[..] {
        [_, queries, keys] => mask.reshaped(&[n, heads, queries, keys]),
        _ => mask,
    });
    let padding = padding.map(|mask| {
        let keys = shape(names[1]).last().copied().unwrap();
        mask.reshaped(&[n, 1, 1, keys])
    });
    attn_mask.into_iter().chain(padding).collect()
}

fn multihead(case: &Case) -> Outcome {
    let heads = case.integers("num_heads")[0];
    let module = MultiheadAttention {
        num_heads: heads,
        add_zero_attn: case.flag("add_zero_attn"),
        attention: Attention { is_causal: case.flag("is_causal"), ..Attention::default() },
        ..MultiheadAttention::default()
    };
    let query = tokens(case, "query").unwrap();
    let key = tokens(case, "key").unwrap_or_else(|| query.clone());
    let value = tokens(case, "value").unwrap_or_else(|| key.clone());
    let parameters = multihead_parameters(case, "");
    let own = module_masks(case, ["attn_mask", "key_padding_mask"], query.dim().0, heads);
    let masks: Vec<Mask<'_>> = own.iter().map(OwnMask::blocked).collect();
    for (attended, how) in [
        (module.forward_plain(&query, &key, &value, &parameters, &masks).unwrap(), "plain"),
        (module.forward(&query, &key, &value, &parameters, &masks).unwrap(), "fast"),
    ] {
        check_tokens(case, "y", &attended.output, "query", how);
        let wanted = case.outputs.iter().flatten().find(|output| output.name == "weights");
        match wanted.map(|weights| (weights.data.ndim(), case.input("query").unwrap().ndim())) {
            None => (),
            Some((4, 3)) => case.check("weights", &attended.weights, how),
            Some((3, 3)) => case.check("weights", &attended.average_weights(), how),
            Some((3, _)) => case.check("weights", &attended.weights.remove_axis(Axis(0)), how),
            Some(_) => case.check("weights", &attended.average_weights().remove_axis(Axis(0)), how),
        }
    }
    let dy = tokens_like(case, "dy", "query");
    for (grads, how) in [
        (module.backward_plain(&query, &key, &value, &parameters, &masks, &dy).unwrap(), "plain"),
        (module.backward(&query, &key, &value, &parameters, &masks, &dy).unwrap(), "fast"),
    ] {
        // a tensor that is used twice has the sum of both gradients
        let (mut query, mut key) = (grads.query, grads.key);
        if case.input("value").is_some() {
            check_tokens(case, "d_value", &grads.value, "value", how);
        } else {
            key += &grads.value;
        }
        if case.input("key").is_some() {
            check_tokens(case, "d_key", &key, "key", how);
        } else {
            query += &key;
        }
        check_tokens(case, "d_query", &query, "query", how);
        check_multihead(case, "", &grads.parameters, how);
        if let (Some(OwnMask::Added(mask)), true) = (own.first(), case.has("d_attn_mask")) {
            let grad = mask_backward(&grads.scores, mask.shape()).unwrap();
            check_list(case, "d_attn_mask", Some(grad.into_iter().collect()), how);
        }
    }
    Ok(())
}

/// The input `name`, laid out as the input `like`.
fn tokens_like(case: &Case, name: &str, like: &str) -> Array3<f32> {
    let x = tokens(case, name).unwrap();
    debug_assert_eq!(batch_first(case, name), batch_first(case, like));
    x
}

fn norm(case: &Case, name: &str) -> NormParameters {
    NormParameters {
        weight: list(case, &format!("{name}.weight")).unwrap(),
        bias: list(case, &format!("{name}.bias")),
    }
}

fn check_norm(case: &Case, name: &str, grads: &NormParameters, how: &str) {
    check_list(case, &format!("d_{name}.weight"), Some(grads.weight.clone()), how);
    check_list(case, &format!("d_{name}.bias"), grads.bias.clone(), how);
}

fn feed_forward(case: &Case) -> FeedForwardParameters {
    FeedForwardParameters {
        linear1_weight: dim::<Ix2>(case, "linear1.weight"),
        linear1_bias: list(case, "linear1.bias"),
        linear2_weight: dim::<Ix2>(case, "linear2.weight"),
        linear2_bias: list(case, "linear2.bias"),
    }
}

fn check_feed_forward(case: &Case, grads: &FeedForwardParameters, how: &str) {
    case.check("d_linear1.weight", &grads.linear1_weight, how);
    case.check("d_linear2.weight", &grads.linear2_weight, how);
    check_list(case, "d_linear1.bias", grads.linear1_bias.clone(), how);
    check_list(case, "d_linear2.bias", grads.linear2_bias.clone(), how);
}

fn layer(case: &Case) -> Result<TransformerLayer, Unsupported> {
    let mut layer = TransformerLayer::new(case.integers("nhead")[0]);
    layer.activation = match case.text("activation") {
        "relu" | "" => Activation::Relu,
        "gelu" => Activation::Gelu,
        name => return Err(Unsupported(format!("activation {name}"))),
    };
    layer.norm_first = case.flag("norm_first");
    layer.layer_norm_eps = case.number("layer_norm_eps", 1e-5);
    Ok(layer)
}

/// Whether a mask is named causal rather than given.
fn named_causal(case: &Case, names: &[&str]) -> bool {
    names.iter().any(|name| case.text(name) == "causal" || case.flag(name))
}

fn encoder_layer(case: &Case) -> Outcome {
    let mut layer = layer(case)?;
    layer.self_attn.attention.is_causal = named_causal(case, &["src_mask", "is_causal"]);
    let src = tokens(case, "src").unwrap();
    let parameters = EncoderLayerParameters {
        self_attn: multihead_parameters(case, "self_attn."),
        feed_forward: feed_forward(case),
        norm1: norm(case, "norm1"),
        norm2: norm(case, "norm2"),
    };
    let heads = layer.self_attn.num_heads;
    let own = module_masks(case, ["src_mask", "src_key_padding_mask"], src.dim().0, heads);
    let masks: Vec<Mask<'_>> = own.iter().map(OwnMask::blocked).collect();
    let dy = tokens_like(case, "dy", "src");
    for (steps, grads, how) in [
        (
            layer.encode_plain(&src, &parameters, &masks),
            layer.encode_backward_plain(&src, &parameters, &masks, &dy),
            "plain",
        ),
        (
            layer.encode(&src, &parameters, &masks),
            layer.encode_backward(&src, &parameters, &masks, &dy),
            "fast",
        ),
    ] {
        let (steps, grads) = (steps.unwrap(), grads.unwrap());
        check_tokens(case, "y", &steps.output, "src", how);
        check_tokens(case, "d_src", &grads.src, "src", how);
        check_multihead(case, "self_attn.", &grads.parameters.self_attn, how);
        check_feed_forward(case, &grads.parameters.feed_forward, how);
        check_norm(case, "norm1", &grads.parameters.norm1, how);
        check_norm(case, "norm2", &grads.parameters.norm2, how);
    }
    Ok(())
}

fn decoder_layer(case: &Case) -> Outcome {
    let mut layer = layer(case)?;
    layer.self_attn.attention.is_causal = named_causal(case, &["tgt_mask", "tgt_is_causal"]);
    layer.multihead_attn.attention.is_causal = named_causal(case, &["memory_mask", "memory_is_causal"]);
    let [tgt, memory] = ["tgt", "memory"].map(|name| tokens(case, name).unwrap());
    let parameters = DecoderLayerParameters {
        self_attn: multihead_parameters(case, "self_attn."),
        multihead_attn: multihead_parameters(case, "multihead_attn."),
        feed_forward: feed_forward(case),
        norm1: norm(case, "norm1"),
        norm2: norm(case, "norm2"),
        norm3: norm(case, "norm3"),
    };
    let heads = layer.self_attn.num_heads;
    let own = module_masks(case, ["tgt_mask", "tgt_key_padding_mask"], tgt.dim().0, heads);
    let cross = module_masks(case, ["memory_mask", "memory_key_padding_mask"], tgt.dim().0, heads);
    let own: Vec<Mask<'_>> = own.iter().map(OwnMask::blocked).collect();
    let cross: Vec<Mask<'_>> = cross.iter().map(OwnMask::blocked).collect();
    let dy = tokens_like(case, "dy", "tgt");
    for (steps, grads, how) in [
        (
            layer.decode_plain(&tgt, &memory, &parameters, &own, &cross),
            layer.decode_backward_plain(&tgt, &memory, &parameters, &own, &cross, &dy),
            "plain",
        ),
        (
            layer.decode(&tgt, &memory, &parameters, &own, &cross),
            layer.decode_backward(&tgt, &memory, &parameters, &own, &cross, &dy),
            "fast",
        ),
    ] {
        let (steps, grads) = (steps.unwrap(), grads.unwrap());
        check_tokens(case, "y", &steps.output, "tgt", how);
        check_tokens(case, "d_tgt", &grads.tgt, "tgt", how);
        check_tokens(case, "d_memory", &grads.memory, "memory", how);
        check_multihead(case, "self_attn.", &grads.parameters.self_attn, how);
        check_multihead(case, "multihead_attn.", &grads.parameters.multihead_attn, how);
        check_feed_forward(case, &grads.parameters.feed_forward, how);
        check_norm(case, "norm1", &grads.parameters.norm1, how);
        check_norm(case, "norm2", &grads.parameters.norm2, how);
        check_norm(case, "norm3", &grads.parameters.norm3, how);
    }
    Ok(())
}
