"""Golden cases for convolution of signals and volumes, transposed and deformable convolution, unfold and fold.

    python tests/golden/make_conv_nd.py      # needs torch, torchvision, onnx and numpy; rewrites tests/golden/conv_nd/

Expected numbers come from PyTorch in f64, rounded to f32; those of the ONNX operators too, after the ONNX reference has
agreed where it can. Input `dy` is the gradient of the output; `d_x` and so on are the gradients of `sum(y * dy)`.
"""

import itertools

import numpy as np
import torch
import torch.nn.functional as F
from onnx import helper
from onnx.reference import ReferenceEvaluator
from torchvision.ops import deform_conv2d

from npy_conformance import Suite

torch.set_num_threads(1)
rng = np.random.default_rng(7301)
suite = Suite("conv_nd", f"make_conv_nd.py, torch {torch.__version__}")


def draw(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def differentiate(op, attrs, tags, function, tensors, outputs=("y",), extra=()):
    """A case of `function(dtype, *tensors)` with the gradients of every tensor that is there. Each output has its own `dy`."""

    def run(dtype, grads):
        leaves = {k: None if v is None else torch.tensor(v, dtype=dtype, requires_grad=True) for k, v in tensors.items()}
        ys = function(*leaves.values())
        ys = ys if isinstance(ys, tuple) else (ys,)
        if grads is None:
            return [y.shape for y in ys]
        loss = sum((y * torch.tensor(g, dtype=dtype)).sum() for y, g in zip(ys, grads))
        there = [t for t in leaves.values() if t is not None]
        back = torch.autograd.grad(loss, there, allow_unused=True)
        back = [torch.zeros_like(t) if g is None else g for t, g in zip(there, back)]
        return [t.detach().numpy() for t in (*ys, *back)]

    grads = [draw(*shape) for shape in run(torch.float64, None)]
    wide, narrow = run(torch.float64, grads), run(torch.float32, grads)
    there = [k for k, v in tensors.items() if v is not None]
    names = [*outputs, *(f"d_{k}" for k in there)]
    inputs = {k: tensors[k] for k in there}
    inputs.update(zip(["dy", *extra], grads))
    suite.case(op, attrs, list(tags), inputs, dict(zip(names, zip(wide, narrow))))
    return wide[0].shape


def axes(value, d):
    return [value] * d if isinstance(value, int) else list(value)


def pad(x, pads, mode="zeros", value=0.0):
    """`pads` are those before all axes, then those after."""
    d = len(pads) // 2
    sides = [side for a in reversed(range(d)) for side in (pads[a], pads[a + d])]
    if not any(pads):
        return x
    if mode in ("zeros", "constant"):
        return F.pad(x, sides, value=value)
    return F.pad(x, sides, mode=mode)


def same(size, kernel_size, stride, dilation, upper=True):
    before, after = [], []
    for n, k, s, e in zip(size, kernel_size, stride, dilation):
        total = max((-(-n // s) - 1) * s + e * (k - 1) + 1 - n, 0)
        half = (total // 2, total - total // 2)
        before.append(half[0] if upper else half[1])
        after.append(half[1] if upper else half[0])
    return before + after


def conv(x, w, stride=1, padding=0, pads=None, mode="zeros", value=0.0, dilation=1, groups=1, bias=True, tags=()):
    d = len(x) - 2
    stride, dilation = axes(stride, d), axes(dilation, d)
    attrs = dict(stride=stride, dilation=dilation, groups=groups, padding_mode=mode)
    if mode == "constant":
        attrs["value"] = value
    if pads is not None:
        attrs["pads"] = pads
    else:
        attrs["padding"] = padding
    if padding == "same":
        reach = [e * (k - 1) for k, e in zip(w[2:], dilation)]
        pads = [r // 2 for r in reach] + [r - r // 2 for r in reach]
    elif padding == "full":
        pads = [e * (k - 1) for k, e in zip(w[2:], dilation)] * 2
    elif padding == "same_tf":
        pads = same(x[2:], w[2:], stride, dilation)
    elif padding == "valid":
        pads = [0] * 2 * d
    elif pads is None:
        pads = axes(padding, d) * 2
    forward = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[d]

    def function(x, w, b):
        y = forward(pad(x, pads, mode, value), w, b, stride=stride, dilation=dilation, groups=groups)
        if "padding" in attrs and padding not in ("full", "same_tf") and mode != "constant":
            name, layer_pads = ("zeros" if mode == "zeros" else mode), padding
            layer = {1: torch.nn.Conv1d, 3: torch.nn.Conv3d}[d](
                x.shape[1], w.shape[0], w.shape[2:], stride=tuple(stride), dilation=tuple(dilation), groups=groups, bias=False,
                padding=layer_pads if isinstance(layer_pads, str) else tuple(axes(layer_pads, d)), padding_mode=name, dtype=x.dtype)
            layer.weight.data = w.data
            direct = layer(x.detach())
            assert torch.allclose(direct, (y if b is None else y - b.view(-1, *[1] * d)).detach(), atol=1e-4)
        return y

    differentiate(f"torch.conv{d}d", attrs, tags, function,
                  {"x": draw(*x), "w": draw(*w), "b": draw(w[0]) if bias else None})


# Signals
conv((2, 3, 9), (4, 3, 3), bias=False)
conv((1, 2, 9), (2, 2, 4), stride=2, padding=1)
conv((1, 4, 8), (6, 2, 3), groups=2, dilation=2, padding=[2])
conv((2, 3, 7), (6, 1, 3), groups=3, padding="same", tags=["depthwise"])
conv((1, 1, 8), (2, 1, 4), padding="same", dilation=3)
conv((1, 2, 8), (1, 2, 3), padding="valid", stride=3)
conv((1, 2, 8), (1, 2, 4), padding="same_tf", stride=3)
conv((1, 1, 5), (1, 1, 3), padding="full", dilation=2)
conv((1, 2, 7), (2, 2, 3), pads=[3, 0], stride=2)
conv((1, 2, 1), (2, 2, 5), padding=2)
for mode in ["reflect", "replicate", "circular"]:
    conv((1, 2, 6), (2, 2, 3), padding=2, mode=mode, stride=2)
    conv((1, 1, 6), (1, 1, 4), padding="same", mode=mode, dilation=2)
conv((1, 2, 6), (2, 2, 3), pads=[1, 3], mode="constant", value=0.75)
conv((1, 2, 33), (3, 2, 7), padding=3, tags=["wide"])

# Volumes
conv((2, 2, 3, 4, 5), (3, 2, 2, 2, 2), bias=False)
conv((1, 2, 5, 4, 6), (2, 2, 3, 2, 3), stride=[2, 1, 3], padding=[1, 0, 2])
conv((1, 4, 4, 3, 4), (4, 2, 2, 1, 3), groups=2, padding=1, dilation=[2, 1, 2])
conv((1, 2, 3, 4, 4), (4, 1, 3, 3, 3), groups=2, padding="same", tags=["depthwise"])
conv((1, 1, 3, 4, 5), (1, 1, 2, 3, 4), padding="same", dilation=[2, 1, 1])
conv((1, 1, 4, 3, 3), (2, 1, 2, 3, 1), padding="valid")
conv((1, 1, 4, 5, 3), (1, 1, 3, 2, 2), padding="same_tf", stride=[3, 2, 1])
conv((1, 1, 2, 3, 2), (1, 1, 2, 2, 2), padding="full")
conv((1, 2, 3, 3, 4), (2, 2, 2, 2, 2), pads=[2, 0, 1, 0, 1, 2], stride=[1, 2, 2])
for mode in ["reflect", "replicate", "circular"]:
    conv((1, 2, 3, 4, 3), (2, 2, 2, 3, 2), padding=[2, 1, 2], mode=mode, stride=[2, 1, 1])
conv((1, 1, 3, 3, 3), (1, 1, 3, 2, 2), padding="same", mode="circular")
conv((1, 1, 2, 3, 3), (2, 1, 2, 2, 2), pads=[1, 0, 2, 1, 1, 0], mode="constant", value=-1.5)


def conv_transpose(x, w, stride=1, padding=0, pads=None, output_padding=0, dilation=1, groups=1, bias=True, tags=()):
    d = len(x) - 2
    stride, dilation, output_padding = axes(stride, d), axes(dilation, d), axes(output_padding, d)
    attrs = dict(stride=stride, dilation=dilation, groups=groups, output_padding=output_padding)
    attrs["padding" if pads is None else "pads"] = axes(padding, d) if pads is None else pads
    forward = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[d]

    def function(x, w, b):
        rest = dict(stride=stride, output_padding=output_padding, dilation=dilation, groups=groups)
        if pads is None:
            return forward(x, w, b, padding=axes(padding, d), **rest)
        y = forward(x, w, b, **rest)
        return y[(..., *(slice(pads[a], y.shape[2 + a] - pads[a + d]) for a in range(d)))]

    tensors = {"x": draw(*x), "w": draw(*w), "b": draw(w[1] * groups) if bias else None}
    attrs["output_size"] = list(function(*(None if t is None else torch.tensor(t) for t in tensors.values())).shape[2:])
    differentiate(f"torch.conv_transpose{d}d", attrs, tags, function, tensors)


conv_transpose((2, 2, 4), (2, 3, 3), stride=2, bias=False)
conv_transpose((1, 2, 4), (2, 1, 3), stride=2, padding=1, output_padding=1)
conv_transpose((1, 4, 3), (4, 2, 2), stride=3, groups=2, tags=["gaps"])
conv_transpose((1, 3, 5), (3, 1, 4), stride=2, groups=3, padding=1, tags=["depthwise"])
conv_transpose((1, 1, 4), (1, 1, 3), stride=2, dilation=4, output_padding=3, padding=2)
conv_transpose((1, 2, 4), (2, 2, 4), stride=2, pads=[3, 0], output_padding=1)
conv_transpose((1, 1, 5), (1, 1, 5), stride=4, dilation=6, padding=7)

conv_transpose((1, 3, 4, 5), (3, 2, 3, 3), stride=2, bias=False)
conv_transpose((1, 2, 4, 4), (2, 3, 4, 4), stride=2, padding=1, tags=["checkerboard free"])
conv_transpose((1, 2, 3, 4), (2, 2, 3, 3), stride=2, padding=1, output_padding=1)
conv_transpose((1, 1, 5, 4), (1, 1, 3, 2), padding=[1, 0], tags=["stride 1"])
conv_transpose((1, 4, 3, 3), (4, 2, 3, 2), stride=[3, 2], groups=2, padding=[1, 0], output_padding=[2, 1])
conv_transpose((2, 3, 3, 4), (3, 1, 3, 4), stride=2, groups=3, padding=1, tags=["depthwise"])
conv_transpose((1, 2, 3, 3), (2, 1, 2, 1), stride=[4, 3], tags=["gaps"])
conv_transpose((1, 1, 3, 3), (1, 2, 3, 3), stride=[2, 3], dilation=[3, 2], padding=[2, 1], output_padding=[2, 2])
conv_transpose((1, 1, 3, 4), (1, 1, 4, 3), stride=[4, 2], dilation=[6, 4], padding=[5, 3], tags=["common divisor"])
conv_transpose((1, 2, 4, 4), (2, 2, 3, 4), stride=2, pads=[2, 0, 1, 3], output_padding=[1, 0])
conv_transpose((1, 1, 5, 5), (1, 1, 3, 3), stride=1, pads=[3, 4, 3, 1], tags=["cut to the middle"])
conv_transpose((1, 1, 1, 1), (1, 3, 4, 5), stride=7)
conv_transpose((1, 2, 2, 37), (2, 5, 2, 4), stride=[1, 2], padding=[0, 1], tags=["wide"])

conv_transpose((1, 2, 2, 3, 3), (2, 2, 2, 3, 2), stride=2, bias=False)
conv_transpose((1, 2, 3, 2, 3), (2, 1, 3, 2, 3), stride=[2, 1, 2], padding=[1, 0, 1], output_padding=[1, 0, 1])
conv_transpose((1, 4, 2, 2, 2), (4, 1, 2, 3, 2), stride=[1, 3, 2], groups=2, dilation=[2, 1, 3], output_padding=[1, 2, 2])
conv_transpose((2, 2, 2, 2, 2), (2, 1, 3, 3, 3), stride=2, groups=2, padding=1, tags=["depthwise"])
conv_transpose((1, 1, 3, 2, 2), (1, 2, 2, 2, 3), stride=[3, 2, 2], pads=[1, 0, 2, 3, 1, 0], output_padding=[0, 1, 1])
conv_transpose((1, 1, 2, 2, 3), (1, 1, 3, 1, 2), stride=1, pads=[2, 0, 0, 1, 0, 0], tags=["few planes"])

# How many kernels write into a cell
for size, k, stride, pads, output_padding, dilation in [
    ((5, 5), (3, 3), (2, 2), [0, 0, 0, 0], (0, 0), (1, 1)),
    ((4, 5), (4, 5), (2, 3), [1, 2, 0, 1], (1, 2), (1, 1)),
    ((3, 4), (2, 4), (3, 2), [0, 1, 1, 0], (0, 0), (2, 3)),
    ((4, 3), (5, 3), (2, 4), [3, 0, 2, 2], (2, 3), (3, 2)),
]:
    y = F.conv_transpose2d(torch.ones(1, 1, *size), torch.ones(1, 1, *k), stride=stride, output_padding=output_padding, dilation=dilation)
    y = y[0, 0, pads[0] : y.shape[2] - pads[2], pads[1] : y.shape[3] - pads[3]].numpy()
    attrs = dict(input=list(size), kernel_size=list(k), stride=list(stride), pads=pads, output_padding=list(output_padding),
                 dilation=list(dilation))
    suite.case("conv_transpose2d.overlap", attrs, [], {}, {"overlap": (y, None)})


def deform(x, w, stride=1, padding=0, dilation=1, groups=1, offset_groups=1, mask=True, bias=True, still=False, tags=()):
    stride, padding, dilation = axes(stride, 2), axes(padding, 2), axes(dilation, 2)
    attrs = dict(stride=stride, padding=padding, dilation=dilation, groups=groups, offset_groups=offset_groups)
    oh, ow = ((x[2 + a] + 2 * padding[a] - dilation[a] * (w[2 + a] - 1) - 1) // stride[a] + 1 for a in range(2))
    taps = offset_groups * w[2] * w[3]
    offset = draw(x[0], 2 * taps, oh, ow) * np.float32(0.0 if still else 1.5)

    def function(x, offset, w, b, mask):
        return deform_conv2d(x, offset, w, b, stride=tuple(stride), padding=tuple(padding), dilation=tuple(dilation), mask=mask)

    differentiate("torch.deform_conv2d", attrs, [*tags, "v2" if mask else "v1"], function, {
        "x": draw(*x), "offset": offset, "w": draw(*w), "b": draw(w[0]) if bias else None,
        "mask": rng.random((x[0], taps, oh, ow)).astype(np.float32) if mask else None})


deform((2, 2, 4, 5), (2, 2, 2, 3), bias=False)
deform((1, 2, 5, 4), (3, 2, 3, 3), padding=1, mask=False)
deform((1, 4, 5, 5), (4, 2, 2, 2), stride=2, padding=1, groups=2, offset_groups=4)
deform((1, 4, 5, 6), (2, 4, 3, 2), stride=[1, 2], padding=[0, 2], dilation=[2, 3], offset_groups=2)
deform((1, 2, 4, 4), (2, 2, 3, 3), padding=1, still=True, tags=["on the cells"])
deform((1, 2, 3, 3), (2, 1, 1, 1), groups=2, padding=1, mask=False)


def columns(op, shape, kernel, stride=1, padding=0, dilation=1):
    kernel, stride, padding, dilation = (axes(value, 2) for value in (kernel, stride, padding, dilation))
    attrs = dict(kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    rest = dict(kernel_size=kernel, stride=stride, padding=padding, dilation=dilation)
    unfolded = F.unfold(torch.zeros(shape), **rest)
    if op == "unfold":
        differentiate("torch.unfold", attrs, [], lambda x: F.unfold(x, **rest), {"x": draw(*shape)})
    else:
        attrs["output_size"] = list(shape[2:])
        differentiate("torch.fold", attrs, [], lambda x: F.fold(x, output_size=shape[2:], **rest), {"x": draw(*unfolded.shape)})


for op in ["unfold", "fold"]:
    columns(op, (2, 2, 4, 5), [2, 3])
    columns(op, (1, 2, 5, 6), 3, stride=2, padding=1)
    columns(op, (1, 1, 6, 7), [2, 3], stride=[3, 1], padding=[0, 2], dilation=[3, 2])
    columns(op, (1, 3, 3, 3), 1, stride=2)

# A kernel for each channel, then a mixture of the channels
for x, k, outputs, stride, padding in [((1, 3, 6, 5), 3, 4, 1, 1), ((2, 2, 7, 6), 4, 3, 2, 2)]:
    differentiate("torch.depthwise_separable", {"padding": padding, "stride": stride}, [],
                  lambda x, wd, wp: F.conv2d(F.conv2d(x, wd, stride=stride, padding=padding, groups=x.shape[1]), wp),
                  {"x": draw(*x), "wd": draw(x[1], 1, k, k), "wp": draw(outputs, x[1], 1, 1)})


def onnx(op, attrs, inputs, expected, opset=22, check=True, tags=()):
    """A case of an ONNX operator; an input may be None. `expected` must be what the ONNX reference gives, where it can be
    asked: it has no explicit output shape smaller than the whole and no groups in ConvTranspose, and splits a negative
    sum of pads, where ONNX Runtime takes zero."""
    names = [name if array is not None else "" for name, array in inputs.items()]
    outputs = [f"out{i}" for i in range(len(expected))]
    if check:
        node = helper.make_node(op, names, outputs, **attrs)
        value = lambda name: helper.make_value_info(name, helper.make_tensor_type_proto(1, None))
        integer = lambda name: helper.make_value_info(name, helper.make_tensor_type_proto(7, None))
        infos = [integer(k) if v.dtype == np.int64 else value(k) for k, v in inputs.items() if v is not None]
        graph = helper.make_graph([node], "case", infos, [value(name) for name in outputs])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
        got = ReferenceEvaluator(model).run(None, {k: v for k, v in inputs.items() if v is not None})
        for g, e in zip(got, expected):
            assert g.shape == e.shape and np.allclose(g, e, atol=1e-4), (op, attrs)
    there = {k: v for k, v in inputs.items() if v is not None}
    suite.case(f"onnx.{op}", attrs, list(tags), there, {name: (e, None) for name, e in zip(outputs, expected)})
    case = suite.manifest["cases"][-1]
    case["opset"] = opset
    entries = iter(case["inputs"])
    case["inputs"] = [None if array is None else next(entries) for array in inputs.values()]


def wide(array):
    return None if array is None else torch.tensor(array, dtype=torch.float64)


def onnx_conv(x, w, bias=True, **attrs):
    d = len(x) - 2
    x, w, b = draw(*x), draw(*w), draw(w[0]) if bias else None
    stride, dilation = attrs.get("strides", [1] * d), attrs.get("dilations", [1] * d)
    auto = attrs.get("auto_pad", "NOTSET")
    pads = attrs.get("pads", [0] * 2 * d)
    if auto.startswith("SAME"):
        pads = same(x.shape[2:], w.shape[2:], stride, dilation, upper=auto == "SAME_UPPER")
    forward = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[d]
    y = forward(pad(wide(x), pads), wide(w), wide(b), stride=stride, dilation=dilation, groups=attrs.get("group", 1))
    onnx("Conv", attrs, {"X": x, "W": w, "B": b}, [y.numpy()])


onnx_conv((1, 2, 7), (2, 2, 3))
onnx_conv((1, 2, 8), (2, 1, 4), group=2, pads=[1, 3], strides=[2], kernel_shape=[4])
onnx_conv((1, 2, 7), (1, 2, 4), auto_pad="SAME_LOWER", strides=[2], bias=False)
onnx_conv((1, 1, 6, 7), (2, 1, 2, 4), auto_pad="SAME_UPPER", strides=[1, 2])
onnx_conv((1, 1, 6, 7), (2, 1, 3, 2), auto_pad="SAME_UPPER", strides=[2, 2], dilations=[2, 3])
onnx_conv((1, 1, 6, 5), (1, 1, 3, 2), auto_pad="VALID", strides=[2, 1])
onnx_conv((2, 4, 4, 4), (2, 2, 3, 3), group=2, pads=[0, 1, 2, 0], dilations=[1, 1], auto_pad="NOTSET")
onnx_conv((1, 2, 3, 4, 4), (2, 1, 2, 2, 3), group=2, pads=[0, 1, 0, 1, 1, 2], strides=[1, 2, 1], dilations=[2, 1, 1])
onnx_conv((1, 1, 4, 3, 4), (1, 1, 3, 2, 2), auto_pad="SAME_LOWER", strides=[2, 1, 2])


def onnx_conv_transpose(x, w, bias=True, opset=22, check=True, **attrs):
    d = len(x) - 2
    group = attrs.get("group", 1)
    x, w, b = draw(*x), draw(*w), draw(w[1] * group) if bias else None
    stride, dilation = attrs.get("strides", [1] * d), attrs.get("dilations", [1] * d)
    extra = attrs.get("output_padding", [0] * d)
    auto, pads = attrs.get("auto_pad", "NOTSET"), attrs.get("pads", [0] * 2 * d)
    size = attrs.get("output_shape")
    if auto.startswith("SAME") and size is None:
        size = [n * s for n, s in zip(x.shape[2:], stride)]
    full = [(n - 1) * s + e * (k - 1) + 1 + p for n, s, e, k, p in zip(x.shape[2:], stride, dilation, w.shape[2:], extra)]
    if size is not None:
        total = [max(f - s, 0) for f, s in zip(full, size)]
        small, large = [t // 2 for t in total], [t - t // 2 for t in total]
        small_first = (auto == "SAME_UPPER") if opset >= 11 else (auto != "SAME_UPPER")
        pads = small + large if small_first else large + small
        size = [s + p + q for s, p, q in zip(size, pads[:d], pads[d:])]
    forward = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[d]
    y = forward(wide(x), wide(w), stride=stride, dilation=dilation, groups=group)
    grown = [s - have for s, have in zip(size or full, y.shape[2:])]
    y = F.pad(y, [side for g in reversed(grown) for side in (0, g)])
    y = y[(..., *(slice(pads[a], y.shape[2 + a] - pads[a + d]) for a in range(d)))]
    if b is not None:
        y = y + wide(b).view(-1, *[1] * d)
    onnx("ConvTranspose", attrs, {"X": x, "W": w, "B": b}, [y.numpy()], opset=opset, check=check)


onnx_conv_transpose((1, 2, 4), (2, 2, 3), strides=[2])
onnx_conv_transpose((1, 1, 3, 4), (1, 2, 4, 3), strides=[2, 3], pads=[0, 2, 3, 1], output_padding=[1, 2], bias=False)
onnx_conv_transpose((1, 4, 3, 3), (4, 1, 2, 3), group=2, dilations=[2, 1], kernel_shape=[2, 3], check=False)
onnx_conv_transpose((1, 1, 3, 3), (1, 1, 4, 5), strides=[1, 2], auto_pad="SAME_UPPER")
onnx_conv_transpose((1, 1, 3, 3), (1, 1, 4, 5), strides=[1, 2], auto_pad="SAME_LOWER")
onnx_conv_transpose((1, 1, 3, 3), (1, 1, 1, 2), strides=[3, 4], auto_pad="SAME_UPPER", check=False)
onnx_conv_transpose((1, 1, 3, 3), (1, 1, 3, 3), strides=[2, 2], auto_pad="VALID")
onnx_conv_transpose((1, 1, 3, 3), (1, 1, 4, 4), strides=[2, 2], output_shape=[7, 5], check=False)
onnx_conv_transpose((1, 1, 3, 3), (1, 1, 4, 4), strides=[2, 2], output_shape=[7, 5], auto_pad="SAME_UPPER", check=False)
onnx_conv_transpose((1, 1, 3, 3), (1, 1, 4, 4), strides=[2, 2], output_shape=[7, 5], opset=1, check=False)
onnx_conv_transpose((1, 1, 3, 3), (1, 1, 3, 3), strides=[3, 2], output_shape=[10, 8], output_padding=[1, 0])
onnx_conv_transpose((1, 2, 2, 2, 3), (2, 1, 2, 3, 2), strides=[2, 1, 2], pads=[0, 1, 0, 1, 0, 2], output_padding=[0, 0, 1])


def onnx_deform(x, w, mask, bias, **attrs):
    stride, dilation = attrs.get("strides", [1, 1]), attrs.get("dilations", [1, 1])
    pads, offset_group = attrs.get("pads", [0] * 4), attrs.get("offset_group", 1)
    oh, ow = ((x[2 + a] + pads[a] + pads[2 + a] - dilation[a] * (w[2 + a] - 1) - 1) // stride[a] + 1 for a in range(2))
    taps = offset_group * w[2] * w[3]
    x, w, offset = draw(*x), draw(*w), draw(x[0], 2 * taps, oh, ow)
    b = draw(w.shape[0]) if bias else None
    m = rng.random((x.shape[0], taps, oh, ow)).astype(np.float32) if mask else None
    y = deform_conv2d(pad(wide(x), pads), wide(offset), wide(w), wide(b), stride=tuple(stride), dilation=tuple(dilation), mask=wide(m))
    onnx("DeformConv", attrs, {"X": x, "W": w, "offset": offset, "B": b, "mask": m}, [y.numpy()])


onnx_deform((1, 1, 4, 4), (2, 1, 2, 2), mask=False, bias=False)
onnx_deform((1, 2, 4, 5), (2, 2, 2, 2), mask=True, bias=False, pads=[0, 1, 2, 0], strides=[2, 1], kernel_shape=[2, 2])
onnx_deform((1, 4, 5, 4), (2, 2, 2, 1), mask=True, bias=True, group=2, offset_group=2, dilations=[2, 1], pads=[1, 1, 1, 1])


def onnx_col2im(c, image, block, **attrs):
    d = len(image)
    stride, dilation, pads = attrs.get("strides", [1] * d), attrs.get("dilations", [1] * d), attrs.get("pads", [0] * 2 * d)
    counts = [(n + pads[a] + pads[a + d] - dilation[a] * (block[a] - 1) - 1) // stride[a] + 1 for a, n in enumerate(image)]
    taps = int(np.prod(block))
    x = draw(2, c * taps, int(np.prod(counts)))
    y = np.zeros((2, c, *image))
    blocks = x.reshape(2, c, *block, *counts)
    for tap in itertools.product(*map(range, block)):
        for window in itertools.product(*map(range, counts)):
            at = [w * s + t * e - p for w, s, t, e, p in zip(window, stride, tap, dilation, pads)]
            if all(0 <= i < n for i, n in zip(at, image)):
                y[(slice(None), slice(None), *at)] += blocks[(slice(None), slice(None), *tap, *window)]
    onnx("Col2Im", attrs, {"input": x, "image_shape": np.array(image), "block_shape": np.array(block)}, [y], opset=18)


onnx_col2im(2, [4, 5], [2, 3])
onnx_col2im(1, [5, 6], [3, 2], strides=[2, 1], pads=[1, 0, 0, 2], dilations=[1, 2])
onnx_col2im(1, [3, 4, 3], [2, 2, 1], strides=[1, 2, 1], pads=[0, 1, 0, 0, 1, 0])


def causal(x, k, bias=True, state=True, activation="none"):
    n, c, l = x
    x, w = draw(*x), draw(c, 1, k)
    b, past = draw(c) if bias else None, draw(n, c, k - 1) if state else None
    before = torch.zeros(n, c, k - 1, dtype=torch.float64) if past is None else wide(past)
    whole = torch.cat([before, wide(x)], 2)
    y = F.conv1d(whole, wide(w), wide(b), groups=c)
    if activation != "none":
        y = F.silu(y)
    attrs = {} if activation == "none" else {"activation": activation}
    onnx("CausalConvWithState", attrs, {"input": x, "weight": w, "bias": b, "past_state": past},
         [y.numpy(), whole[:, :, l:].numpy()], opset=27)


causal((2, 3, 5), 3, bias=False, state=False)
causal((1, 2, 2), 4, bias=False)
causal((1, 2, 6), 2, state=False, activation="silu")
causal((2, 2, 1), 3, activation="swish")
causal((1, 3, 4), 1)

# and its gradients, the next state taking part
for n, c, l, k in [(2, 2, 5, 3), (1, 3, 2, 4)]:
    def both(x, w, b, state):
        whole = torch.cat([state, x], 2)
        return F.conv1d(whole, w, b, groups=c), whole[:, :, l:]

    differentiate("causal_conv1d", {}, [], both,
                  {"x": draw(n, c, l), "w": draw(c, 1, k), "b": draw(c), "state": draw(n, c, k - 1)},
                  outputs=("y", "next"), extra=("d_next",))

suite.write()
