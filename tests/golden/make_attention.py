"""Golden cases for attention and what is built on it, computed by PyTorch in f64 and rounded to f32.

    python tests/golden/make_attention.py      # needs torch, onnx and numpy; rewrites tests/golden/attention/

Input `dy` is the gradient of the output `y`; `d_<input>` outputs are the gradients of `sum(y * dy)`. A boolean mask of
`scaled_dot_product_attention` says true for what may be attended, one of `MultiheadAttention` for what may not.
"""

import math

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx.reference import ReferenceEvaluator

from npy_conformance import Suite

torch.set_num_threads(1)
rng = np.random.default_rng(7408)
suite = Suite("attention", f"make_attention.py, torch {torch.__version__}, onnx {onnx.__version__}")


def draw(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def both(function, inputs, dy_of=("y",), tags=(), op="", attrs=None, frozen=()):
    """Runs `function` (name -> tensor, to name -> tensor) in both precisions, differentiates, and writes the case.

    Inputs named in `frozen`, and those that are not floats, get no gradient.
    """
    drawn = {}

    def run(dtype):
        leaves = {}
        for name, array in inputs.items():
            tensor = torch.tensor(array)
            if tensor.is_floating_point():
                tensor = tensor.to(dtype).requires_grad_(name not in frozen)
            leaves[name] = tensor
        outputs = function(leaves)
        total = 0
        for name in dy_of:
            key = "dy" if name == "y" else f"d{name}"
            if key not in drawn:
                drawn[key] = draw(*outputs[name].shape)
            total = total + (outputs[name] * torch.tensor(drawn[key], dtype=dtype)).sum()
        wanted = {name: leaf for name, leaf in leaves.items() if leaf.requires_grad}
        found = {name: output.detach().numpy() for name, output in outputs.items()}
        if dy_of:
            grads = torch.autograd.grad(total, list(wanted.values()))
            found |= {f"d_{name}": grad.numpy() for name, grad in zip(wanted, grads)}
        return found

    wide, narrow = run(torch.float64), run(torch.float32)
    suite.case(op, attrs or {}, list(tags), {**inputs, **drawn}, {name: (wide[name], narrow[name]) for name in wide})


def visible(queries, keys, is_causal, window, first):
    """Which keys the causal rule and the window leave."""
    place = first + torch.arange(queries)[:, None]
    key = torch.arange(keys)[None, :]
    seen = torch.ones(queries, keys, dtype=torch.bool)
    if is_causal:
        seen &= key <= place
    if window[0] is not None:
        seen &= key >= place - window[0]
    if window[1] is not None:
        seen &= key <= place + window[1]
    return seen


def softmax(scores):
    """Zeros where everything is hidden."""
    hidden = torch.isneginf(scores).all(-1, keepdim=True)
    return torch.softmax(scores.masked_fill(hidden, 0), -1).masked_fill(hidden, 0)


def finish(products, v, a, mask=None):
    """From scaled products to scores, weights and output."""
    queries, keys = products.shape[-2:]
    cap = a.get("softcap", 0)
    scores = cap * torch.tanh(products / cap) if cap else products
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else scores + mask
    aligned = a.get("align") or a.get("causal")
    first = keys - queries if aligned == "bottom_right" else 0
    seen = visible(queries, keys, bool(a.get("causal")), a.get("window") or (None, None), first)
    scores = scores.masked_fill(~seen, -math.inf)
    weights = softmax(scores / a.get("temperature", 1))
    return scores, weights, weights @ v


def sdpa(n=1, heads=1, kv_heads=None, queries=3, keys=None, width=3, value_width=None, mask=None, tags=(), plain=False,
         **a):
    kv_heads, keys, value_width = kv_heads or heads, keys or queries, value_width or width
    a = {"scale": float(np.float32(1 / math.sqrt(width))), "causal": None, "softcap": 0.0, **a}
    if a.get("score") == "cosine":
        a["scale"] = a.pop("factor", 1.0)
    inputs = {"q": draw(n, heads, queries, width), "k": draw(n, kv_heads, keys, width),
              "v": draw(n, kv_heads, keys, value_width)}
    if mask is not None:
        inputs["mask"] = mask

    def attend(x):
        q, k = x["q"], x["k"]
        if a.get("score") == "cosine":
            q, k = F.normalize(q, dim=-1, eps=1e-8), F.normalize(k, dim=-1, eps=1e-8)
        group = heads // kv_heads
        k, v = k.repeat_interleave(group, 1), x["v"].repeat_interleave(group, 1)
        scores, weights, y = finish(a["scale"] * q @ k.transpose(-1, -2), v, a, x.get("mask"))
        usual = a.get("score") != "cosine" and not a["softcap"] and not a.get("window") and not a.get("temperature")
        if usual and a["causal"] != "bottom_right" and not (a["causal"] and "mask" in x):
            peer = F.scaled_dot_product_attention(q, k, v, x.get("mask"), is_causal=bool(a["causal"]), scale=a["scale"])
            assert torch.allclose(peer, y, atol=1e-5)
        outputs = {"y": y, "weights": weights}
        if plain:
            # tiles of two keys: their running maxima and sums
            ends = [min(end, keys) for end in range(2, keys + 2, 2)]
            maxima = torch.stack([scores[..., :end].max(-1).values for end in ends], -1)
            sums = [(scores[..., :end] - maxima[..., [i]]).exp().sum(-1) for i, end in enumerate(ends)]
            outputs |= {"scores": scores, "maxima": maxima, "sums": torch.stack(sums, -1)}
        return outputs

    both(attend, inputs, op="torch.scaled_dot_product_attention", attrs=a, tags=tags)


def truth(*shape, share=0.6):
    return rng.random(shape) < share


# Shapes, heads
sdpa(plain=True, tags=["plain"])
sdpa(n=2, heads=2, queries=4, keys=5, width=2, value_width=4, plain=True, tags=["cross"])
sdpa(queries=1, keys=1, width=1, plain=True, tags=["one"])
sdpa(n=2, heads=4, kv_heads=2, queries=3, width=2, tags=["gqa"])
sdpa(heads=3, kv_heads=1, queries=2, keys=4, width=3, value_width=1, tags=["mqa"])
sdpa(queries=9, keys=17, width=5, tags=["longer than a register"])
# Rules
for causal in ["top_left", "bottom_right"]:
    sdpa(heads=2, queries=5, width=2, causal=causal, tags=[causal])
    sdpa(queries=3, keys=6, causal=causal, tags=[causal, "longer keys"])
    sdpa(queries=6, keys=3, causal=causal, tags=[causal, "longer queries", "rows without a key"])
    sdpa(queries=4, keys=6, causal=causal, window=[2, None], tags=[causal, "window"])
    sdpa(queries=5, keys=5, align=causal, window=[1, 2], tags=[causal, "window"])
    sdpa(queries=6, keys=4, align=causal, window=[None, 0], tags=[causal, "window"])
sdpa(heads=4, kv_heads=2, queries=5, width=2, causal="top_left", softcap=1.5, window=[3, None], tags=["everything"])
# Masks
sdpa(n=2, heads=2, queries=3, keys=4, mask=truth(3, 4), tags=["boolean"])
sdpa(n=2, heads=2, queries=3, keys=4, mask=truth(2, 1, 1, 4, share=0.8), tags=["boolean", "padding"])
sdpa(heads=2, queries=3, keys=4, mask=truth(2, 3, 1), tags=["boolean", "rows without a key"])
sdpa(queries=3, mask=np.array([[1, 0, 1], [0, 0, 0], [1, 1, 1]], dtype=bool), tags=["boolean", "row without a key"])
for shape in [(4,), (3, 4), (2, 1, 4), (2, 1, 3, 1), (2, 2, 3, 4)]:
    sdpa(n=2, heads=2, queries=3, keys=4, width=2, mask=draw(*shape), tags=["added"])
sdpa(heads=2, queries=4, width=2, mask=draw(2, 4, 4), causal="top_left", softcap=2.0, tags=["added", "causal"])
# Numbers
for a in [dict(scale=1.0), dict(scale=0.25), dict(scale=-0.5), dict(softcap=0.5), dict(softcap=30.0), dict(temperature=0.25),
          dict(temperature=3.0), dict(temperature=2.0, softcap=1.0, causal="top_left")]:
    sdpa(heads=2, queries=3, keys=4, tags=list(a), **a)
sdpa(heads=2, kv_heads=1, queries=3, keys=4, score="cosine", factor=4.0, tags=["cosine"])
sdpa(queries=4, score="cosine", factor=1.0, causal="top_left", softcap=0.7, temperature=0.5, tags=["cosine"])

# The cache
for n, heads, kv_heads, past, new, width in [(1, 2, 2, 3, 1, 2), (2, 4, 2, 2, 3, 3), (1, 3, 1, 4, 2, 2)]:
    inputs = {"q": draw(n, heads, new, width)}
    inputs |= {f"{name}_{part}": draw(n, kv_heads, tokens, width)
               for part, tokens in [("new", new), ("past", past)] for name in "kv"}
    a = {"scale": 1 / math.sqrt(width), "causal": "bottom_right"}

    def cached(x):
        k, v = (torch.cat([x[f"{name}_past"], x[f"{name}_new"]], 2) for name in "kv")
        group = x["q"].shape[1] // k.shape[1]
        wide_k, wide_v = (t.repeat_interleave(group, 1) for t in (k, v))
        _, weights, y = finish(a["scale"] * x["q"] @ wide_k.transpose(-1, -2), wide_v, a)
        return {"y": y, "weights": weights, "k_present": k, "v_present": v}

    both(cached, inputs, (), op="torch.sdpa_kv_cache", attrs=a)
a = {"scale": 0.5, "causal": None}


def incremental(x):
    y = F.scaled_dot_product_attention(x["q"], x["k"], x["v"], is_causal=True, scale=0.5)
    return {"y_full": y, "y_steps": y}


both(incremental, {name: draw(2, 2, 5, 3) for name in "qkv"}, (), op="torch.sdpa_incremental", attrs=a)


# Additive scores
def additive(n, queries, keys, widths, units, mask=None, tags=(), **a):
    query_width, key_width, value_width = widths
    inputs = {"q": draw(n, queries, query_width), "k": draw(n, keys, key_width), "v": draw(n, keys, value_width),
              "wq": draw(units, query_width), "wk": draw(units, key_width), "va": draw(1, units)}
    if mask is not None:
        inputs["mask"] = mask

    def attend(x):
        hidden = torch.tanh((x["q"] @ x["wq"].T)[:, :, None] + (x["k"] @ x["wk"].T)[:, None])
        _, weights, y = finish(a.get("scale", 1.0) * (hidden @ x["va"].T)[..., 0], x["v"], a, x.get("mask"))
        return {"y": y, "weights": weights}

    both(attend, inputs, op="torch.additive_attention", attrs=a, tags=tags, frozen=("mask",))


additive(2, 3, 4, (2, 3, 5), 4)
additive(1, 4, 4, (3, 3, 3), 2, causal="top_left", temperature=0.5, tags=["causal"])
additive(2, 2, 3, (2, 2, 2), 3, mask=np.array([[True, False, True], [False, False, False]]), scale=2.0, tags=["masked"])


# The module
def randomised(module):
    for parameter in module.parameters():
        parameter.data = torch.tensor(draw(*parameter.shape)) * 0.5
    return {name: parameter.detach().numpy() for name, parameter in module.named_parameters()}


def modular(module, names, call):
    """The function of inputs and parameters that a module is."""
    def function(x):
        parameters = {name: x[name] for name in names}
        outputs = {}

        def forward(*args, **kwargs):
            return torch.func.functional_call(module.to(x[next(iter(names))].dtype), parameters, args, kwargs)

        outputs |= call(x, forward)
        return outputs

    return function


def multihead(embed=4, heads=2, n=2, queries=3, keys=None, kdim=None, vdim=None, self_attention=False, attn_mask=None,
              key_padding_mask=None, average=False, batch_first=True, batched=True, tags=(), **a):
    keys = keys or queries
    module = torch.nn.MultiheadAttention(embed, heads, kdim=kdim, vdim=vdim, batch_first=batch_first, **a)
    parameters = randomised(module)
    shape = {True: lambda t, w: (n, t, w), False: lambda t, w: (t, n, w)}[batch_first] if batched else lambda t, w: (t, w)
    inputs = {"query": draw(*shape(queries, embed))}
    if not self_attention:
        inputs |= {"key": draw(*shape(keys, kdim or embed)), "value": draw(*shape(keys, vdim or embed))}
    masks = {"attn_mask": attn_mask, "key_padding_mask": key_padding_mask}
    masks = {name: mask for name, mask in masks.items() if mask is not None}

    def call(x, forward):
        masked = {name: x.get(name) for name in masks}
        y, weights = forward(x["query"], x.get("key", x["query"]), x.get("value", x["query"]), **masked,
                             average_attn_weights=average)
        return {"y": y, "weights": weights}

    attrs = {"embed_dim": embed, "num_heads": heads, "batch_first": batch_first, "kdim": kdim or embed, "vdim": vdim or embed,
             "bias": True, "add_bias_kv": False, "add_zero_attn": False, "average_attn_weights": average, **a}
    both(modular(module, parameters, call), {**inputs, **parameters, **masks}, op="torch.nn.MultiheadAttention",
         attrs=attrs, tags=tags, frozen=("key_padding_mask",))


causal_mask = np.triu(np.ones((3, 3), dtype=bool), 1)
multihead(self_attention=True, tags=["self"])
multihead(embed=6, heads=3, keys=4, attn_mask=truth(3, 4, share=0.3), tags=["cross", "boolean"])
multihead(self_attention=True, attn_mask=draw(3, 3), key_padding_mask=np.array([[0, 0, 1], [0, 0, 0]], dtype=bool), tags=["both masks"])
multihead(keys=4, kdim=3, vdim=5, average=True, tags=["widths"])
multihead(keys=4, kdim=3, bias=False, tags=["widths", "no bias"])
multihead(n=1, add_bias_kv=True, self_attention=True, attn_mask=causal_mask, tags=["bias_kv"])
multihead(n=2, add_bias_kv=True, add_zero_attn=True, keys=4, key_padding_mask=draw(2, 4), tags=["bias_kv", "zero_attn"])
multihead(n=2, heads=1, embed=2, add_zero_attn=True, keys=2, attn_mask=np.array([[1, 1], [0, 1], [0, 0]], dtype=bool), tags=["zero_attn"])
multihead(n=2, heads=2, attn_mask=draw(4, 3, 3), batch_first=False, average=True, tags=["mask of heads", "tokens first"])
multihead(batched=False, keys=4, average=True, tags=["unbatched"])


# The layers
def layer(kind, d_model=4, heads=2, dim_feedforward=5, n=1, tokens=3, memory=4, masks=None, tags=(), **a):
    attrs = {"d_model": d_model, "nhead": heads, "dim_feedforward": dim_feedforward, "activation": "relu", "norm_first": False,
             "layer_norm_eps": 1e-5, "batch_first": True, **a}
    module = getattr(torch.nn, f"Transformer{kind}Layer")(dropout=0.0, **attrs)
    parameters = randomised(module)
    shape = (n, tokens) if attrs["batch_first"] else (tokens, n)
    inputs = {"src" if kind == "Encoder" else "tgt": draw(*shape, d_model)}
    if kind == "Decoder":
        inputs["memory"] = draw(n, memory, d_model)
    masks = masks or {}
    names = list(inputs)

    def call(x, forward):
        return {"y": forward(*(x[name] for name in names), **{name: x[name] for name in masks})}

    both(modular(module, parameters, call), {**inputs, **parameters, **masks}, op=f"torch.nn.Transformer{kind}Layer",
         attrs=attrs, tags=tags, frozen=tuple(masks))


layer("Encoder", masks={"src_mask": causal_mask}, tags=["causal"])
layer("Encoder", norm_first=True, activation="gelu", n=2, masks={"src_key_padding_mask": np.array([[0, 0, 1], [0, 1, 0]], dtype=bool)})
layer("Encoder", bias=False, layer_norm_eps=0.01, d_model=3, heads=1, batch_first=False, tags=["no bias"])
layer("Decoder", masks={"tgt_mask": causal_mask, "memory_key_padding_mask": np.array([[0, 0, 1, 0]], dtype=bool)})
layer("Decoder", norm_first=True, activation="gelu", d_model=2, heads=1, masks={"memory_mask": truth(3, 4, share=0.3)})


# Linear attention
def linear(rule, n=1, heads=2, kv_heads=2, tokens=3, width=2, value_width=3, rate_heads=None, decay_width=None, **a):
    inputs = {"q": draw(n, heads, tokens, width), "k": draw(n, kv_heads, tokens, width),
              "v": draw(n, kv_heads, tokens, value_width), "past_state": draw(n, kv_heads, width, value_width)}
    if "gated" in rule:
        inputs["decay"] = -np.abs(draw(n, kv_heads, tokens, decay_width or width))
    if "delta" in rule:
        inputs["beta"] = rng.random((n, rate_heads or kv_heads, tokens, 1)).astype(np.float32)

    def recur(x):
        state, ys = x["past_state"], []
        for t in range(tokens):
            k, v = x["k"][:, :, t, :, None], x["v"][:, :, t, None]
            if "decay" in x:
                state = x["decay"][:, :, t, :, None].exp() * state
            if "beta" in x:
                v = x["beta"][:, :, t, :, None] * (v - (state * k).sum(2, keepdim=True))
            state = state + k * v
            q = x["q"][:, :, t, :, None]
            ys.append((state.repeat_interleave(heads // kv_heads, 1) * q).sum(2) * a.get("scale", width**-0.5))
        return {"y": torch.stack(ys, 2), "state": state}

    both(recur, inputs, ("y", "state"), op="linear_attention", attrs={"update_rule": rule, **a}, tags=[rule])


linear("linear")
linear("gated", decay_width=1, heads=4)
linear("delta", scale=0.5)
linear("gated_delta", rate_heads=1)


# ONNX: the standard's reference
def node(op, inputs, outputs, **attrs):
    """`inputs`: name -> array, or None for one that is left out. `outputs`: names, or None."""
    made = onnx.helper.make_node(op, [n if a is not None else "" for n, a in inputs.items()], [n or "" for n in outputs], **attrs)
    given = {name: array for name, array in inputs.items() if array is not None}
    info = [onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
            for name, array in given.items()]
    named = [name for name in outputs if name]
    graph = onnx.helper.make_graph([made], op, info, [onnx.helper.make_empty_tensor_value_info(name) for name in named])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", onnx.defs.onnx_opset_version())])
    found = dict(zip(named, ReferenceEvaluator(model).run(None, given)))
    # the reference computes in f32, so it can't tell its own error
    near = {name: (array, array + 1e-6 * np.abs(array).max(where=np.isfinite(array), initial=0)) for name, array in found.items()}
    suite.case(f"onnx.{op}", attrs, [], inputs, {name or i: near.get(name) for i, name in enumerate(outputs)})


q4, k4, v4 = draw(2, 4, 3, 2), draw(2, 2, 4, 2), draw(2, 2, 4, 3)
node("Attention", {"Q": q4, "K": k4, "V": v4}, ["Y"], scale=0.7)
node("Attention", {"Q": q4, "K": k4, "V": v4, "m": truth(3, 3), "a": None, "b": None, "n": np.array([3, 1])}, ["Y"], is_causal=1)
node("Attention", {"Q": q4, "K": k4, "V": v4, "m": draw(4, 3, 6), "pk": draw(2, 2, 2, 2), "pv": draw(2, 2, 2, 3)},
     ["Y", "K2", "V2", "qk"], qk_matmul_output_mode=2, softcap=1.0)
node("Attention", {"Q": draw(2, 3, 8), "K": draw(2, 4, 4), "V": draw(2, 4, 6)}, ["Y", None, None, "qk"], q_num_heads=4,
     kv_num_heads=2, qk_matmul_output_mode=3, is_causal=1, left_window_size=1)
node("Attention", {"Q": q4, "K": k4, "V": v4}, ["Y", None, None, "qk"], softcap=0.5, qk_matmul_output_mode=1, softmax_precision=11)
node("Attention", {"Q": q4, "K": k4, "V": v4}, ["Y", None, None, "qk"], left_window_size=0, right_window_size=1, qk_matmul_output_mode=3)
node("Attention", {"Q": q4, "K": k4, "V": v4, "m": truth(2, 1, 3, 4)}, ["Y", None, None, "qk"], qk_matmul_output_mode=0)
packed = {"query": draw(1, 3, 8), "key": draw(1, 3, 4), "value": draw(1, 3, 6)}
node("LinearAttention", {**packed, "past": draw(1, 2, 2, 3), "decay": -np.abs(draw(1, 3, 2)), "beta": draw(1, 3, 1)},
     ["output", "state"], q_num_heads=4, kv_num_heads=2)
node("LinearAttention", packed, ["output", "state"], q_num_heads=4, kv_num_heads=2, update_rule="linear", scale=0.3)
node("TensorScatter", {"past": draw(2, 4, 3), "update": draw(2, 2, 3), "at": np.array([3, 1])}, ["present"], mode="circular")
node("TensorScatter", {"past": draw(2, 2, 3, 4), "update": draw(2, 2, 3, 1)}, ["present"], axis=3)

suite.write()
