"""Golden cases for the convolution and what surrounds it, computed by PyTorch in f64 and rounded to f32.

    python tests/golden/make_conv2d.py      # needs torch and numpy; rewrites tests/golden/conv2d/

Input `dy` is the gradient of the output; `d_x`, `d_w`, `d_b` are the gradients of `sum(y * dy)`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from npy_conformance import Suite

torch.set_num_threads(1)
rng = np.random.default_rng(7201)
suite = Suite("conv2d", f"make_conv2d.py, torch {torch.__version__}")


def draw(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def resolve(padding, size, kernel_size, stride, dilation):
    """Top, bottom, left, right of every kind of padding."""
    pads = []
    for axis in range(2):
        reach = dilation[axis] * (kernel_size[axis] - 1)
        if padding == "valid":
            pads += [0, 0]
        elif padding == "full":
            pads += [reach, reach]
        elif padding == "same":
            pads += [reach // 2, reach - reach // 2]
        elif padding == "same_tf":
            windows = -(-size[axis] // stride[axis])
            total = max((windows - 1) * stride[axis] + reach + 1 - size[axis], 0)
            pads += [total // 2, total - total // 2]
        elif len(padding) == 1:
            pads += [padding[0], padding[0]]
        elif len(padding) == 2:
            pads += [padding[axis], padding[axis]]
        else:
            pads += padding[2 * axis : 2 * axis + 2]
    return pads


def pad(x, pads, mode, value):
    top, bottom, left, right = pads
    if mode in ("zeros", "constant"):
        return F.pad(x, (left, right, top, bottom), value=value)
    return F.pad(x, (left, right, top, bottom), mode=mode)


def run(dtype, x, w, b, dy, a, pads):
    leaves = [None if t is None else torch.tensor(t, dtype=dtype, requires_grad=True) for t in (x, w, b)]
    tx, tw, tb = leaves
    kernel = tw.flip(-2, -1) if a["flip"] else tw
    rest = dict(stride=a["stride"], dilation=a["dilation"], groups=a["groups"])
    y = F.conv2d(pad(tx, pads, a["padding_mode"], a["value"]), kernel, tb, **rest)
    # Where PyTorch has an argument for this padding, it must agree.
    direct = a["padding"] if a["padding"] in ("same", "valid") else None
    if isinstance(a["padding"], list) and len(a["padding"]) <= 2:
        direct = tuple((a["padding"] * 2)[:2])
    if direct is not None and a["padding_mode"] == "zeros":
        assert torch.allclose(y, F.conv2d(tx, kernel, tb, padding=direct, **rest), atol=1e-5)
    elif direct is not None and a["padding_mode"] != "constant":
        layer = torch.nn.Conv2d(
            w.shape[1] * a["groups"], w.shape[0], w.shape[2:], bias=False, dtype=dtype,
            padding=direct, padding_mode=a["padding_mode"], **rest,
        )
        layer.weight.data = kernel.data
        bias = 0 if tb is None else tb[:, None, None]
        assert torch.allclose(y, layer(tx) + bias, atol=1e-5)
    if dy is None:
        return y.shape
    grads = torch.autograd.grad((y * torch.tensor(dy, dtype=dtype)).sum(), [t for t in leaves if t is not None])
    return [t.detach().numpy() for t in (y, *grads)]


def conv2d(x=(1, 1, 7, 9), w=(1, 1, 3, 3), stride=(1, 1), padding=(0,), mode="zeros", value=0.0, dilation=(1, 1),
           groups=1, bias=True, flip=False, weight=None, tags=()):
    a = dict(stride=list(stride), dilation=list(dilation), groups=groups,
             padding=padding if isinstance(padding, str) else list(padding),
             padding_mode=mode, value=float(np.float32(value)), flip=flip)
    pads = resolve(a["padding"], x[2:], w[2:], stride, dilation)
    a["pads_tblr"] = pads
    xs, ws = draw(*x), draw(*w) if weight is None else np.asarray(weight, dtype=np.float32).reshape(w)
    bs = draw(w[0]) if bias else None
    dy = draw(*run(torch.float64, xs, ws, bs, None, a, pads))
    wide = run(torch.float64, xs, ws, bs, dy, a, pads)
    narrow = run(torch.float32, xs, ws, bs, dy, a, pads)
    inputs = {"x": xs, "w": ws, "dy": dy}
    names = ["y", "d_x", "d_w"]
    if bias:
        inputs["b"] = bs
        names.append("d_b")
    suite.case("torch.conv2d", a, list(tags), inputs, dict(zip(names, zip(wide, narrow))))


# Strides, pads, dilations
for stride in [(1, 1), (2, 2), (1, 2), (3, 1), (2, 3), (5, 7)]:
    conv2d(stride=stride, padding=(1,), tags=["stride"])
for padding in [(0,), (2,), (1, 2), (0, 1, 2, 3), (3, 0, 0, 1), "valid", "full", "same", "same_tf"]:
    conv2d(padding=padding, w=(2, 1, 2, 3), tags=["padding"])
    conv2d(padding=padding, w=(1, 1, 4, 1), dilation=(1, 2), flip=True, tags=["padding", "flip"])
for dilation in [(2, 2), (1, 3), (3, 2)]:
    for stride in [(1, 1), (2, 1), (3, 2)]:
        conv2d(x=(1, 1, 10, 9), dilation=dilation, stride=stride, padding=(2,), tags=["dilation"])
for stride in [(2, 2), (3, 2), (1, 4)]:
    for w in [(1, 1, 3, 3), (1, 1, 4, 2)]:
        conv2d(x=(1, 1, 8, 9), w=w, stride=stride, padding="same_tf", dilation=(1, 2), tags=["same_tf"])

# Modes
for mode, value in [("constant", 1.5), ("constant", -0.25), ("reflect", 0), ("replicate", 0), ("circular", 0)]:
    for padding in [(1,), (2, 1), (0, 2, 3, 1), "same"]:
        conv2d(x=(1, 1, 6, 5), padding=padding, mode=mode, value=value, tags=[mode])
    conv2d(x=(2, 2, 5, 6), w=(2, 2, 2, 4), padding=(3, 1, 2, 4), stride=(2, 1), dilation=(2, 1), mode=mode, value=value,
           flip=True, tags=[mode, "flip"])
conv2d(x=(1, 1, 4, 5), padding=(3, 3, 4, 4), mode="reflect", tags=["reflect", "largest"])
conv2d(x=(1, 1, 4, 5), padding=(4, 4, 5, 5), mode="circular", tags=["circular", "largest"])
conv2d(x=(1, 1, 2, 1), padding=(6, 5, 4, 7), mode="replicate", tags=["replicate", "large"])
conv2d(x=(1, 1, 3, 4), w=(1, 1, 5, 5), padding="full", mode="constant", value=2, tags=["constant", "full"])

# Channels and groups
conv2d(x=(2, 3, 6, 6), w=(4, 3, 3, 3), padding=(1,), tags=["channels"])
conv2d(x=(2, 3, 6, 6), w=(6, 3, 3, 3), padding=(1,), stride=(2, 2), bias=False, tags=["channels"])
conv2d(x=(1, 4, 6, 7), w=(10, 2, 3, 2), groups=2, padding=(1,), tags=["grouped"])
conv2d(x=(1, 6, 5, 5), w=(3, 2, 3, 3), groups=3, padding=(1,), flip=True, bias=False, tags=["grouped", "flip"])
conv2d(x=(2, 3, 6, 5), w=(3, 1, 3, 3), groups=3, padding="same", mode="reflect", tags=["depthwise"])
conv2d(x=(1, 3, 6, 5), w=(6, 1, 2, 3), groups=3, stride=(1, 2), tags=["depthwise", "multiplier"])
conv2d(x=(1, 2, 6, 5), w=(10, 1, 3, 3), groups=2, dilation=(2, 1), padding=(2, 1), tags=["depthwise", "multiplier"])

# Sizes
conv2d(x=(2, 3, 4, 5), w=(5, 3, 1, 1), tags=["1x1"])
conv2d(x=(1, 2, 4, 5), w=(2, 2, 1, 1), stride=(2, 3), padding=(1,), dilation=(4, 4), tags=["1x1"])
conv2d(x=(1, 1, 1, 1), w=(1, 1, 1, 1), tags=["1x1"])
conv2d(x=(1, 2, 5, 4), w=(2, 2, 5, 4), tags=["kernel as large as the input"])
conv2d(x=(1, 1, 5, 4), w=(1, 1, 7, 8), padding=(1, 2), tags=["kernel as large as the padded input"])
conv2d(x=(1, 1, 5, 5), w=(1, 1, 3, 3), dilation=(2, 2), stride=(3, 3), tags=["kernel as large as the input"])
conv2d(x=(1, 1, 1, 40), w=(1, 1, 1, 7), padding="same", tags=["one row"])
conv2d(x=(1, 1, 40, 1), w=(1, 1, 6, 1), padding="same", tags=["one column"])
conv2d(x=(1, 1, 5, 70), w=(1, 1, 4, 5), padding=(1,), tags=["wide"])
conv2d(x=(1, 1, 6, 67), w=(1, 1, 3, 5), padding=(1,), stride=(2, 2), tags=["wide"])
conv2d(x=(1, 1, 24, 21), w=(1, 1, 15, 15), padding="same", tags=["15x15"])
conv2d(x=(1, 1, 20, 19), w=(1, 1, 15, 14), padding="same", mode="circular", flip=True, tags=["15x15", "flip"])
conv2d(x=(1, 2, 9, 37), w=(5, 2, 3, 3), padding=(1,), mode="replicate", tags=["wide"])

# Kernels that are a column times a row
sobel = np.outer([1, 2, 1], [-1, 0, 1])
gauss = np.outer(*[np.exp(-np.arange(-3, 4) ** 2 / 2.0)] * 2)
for kernel in [sobel, gauss / gauss.sum(), np.full((5, 5), 1 / 25), np.outer([1, -3, 3, -1], [0.5, 0, -2])]:
    w = (1, 1, *kernel.shape)
    conv2d(x=(1, 1, 9, 35), w=w, weight=kernel, padding=(2,), mode="reflect", tags=["rank one"])
    conv2d(x=(1, 1, 13, 11), w=w, weight=kernel, padding=(2, 1), stride=(2, 3), dilation=(1, 2), flip=True, tags=["rank one"])

# Anything
while suite.counts["conv2d"] < 120:
    groups = int(rng.choice([1, 1, 2, 3]))
    c_group = int(rng.integers(1, 3))
    k = tuple(int(i) for i in rng.integers(1, 6, 2))
    size = tuple(int(i) for i in rng.integers(2, 9, 2))
    stride = tuple(int(i) for i in rng.integers(1, 4, 2))
    dilation = tuple(int(i) for i in rng.integers(1, 4, 2))
    mode = str(rng.choice(["zeros", "constant", "reflect", "replicate", "circular"]))
    kind = str(rng.choice(["pads", "same", "same_tf", "full", "valid"]))
    padding = [int(i) for i in rng.integers(0, 5, 4)] if kind == "pads" else kind
    pads = resolve(padding, size, k, stride, dilation)
    limit = {"reflect": -1, "circular": 0}.get(mode, 99)
    fits = all(
        max(pads[2 * i : 2 * i + 2]) <= size[i] + limit
        and size[i] + sum(pads[2 * i : 2 * i + 2]) > dilation[i] * (k[i] - 1)
        for i in range(2)
    )
    if not fits or (kind == "same" and stride != (1, 1)):
        continue
    conv2d(x=(int(rng.integers(1, 3)), groups * c_group, *size), w=(groups * int(rng.integers(1, 4)), c_group, *k),
           stride=stride, padding=padding, mode=mode, value=rng.normal() if mode == "constant" else 0, dilation=dilation, groups=groups,
           bias=bool(rng.integers(2)), flip=bool(rng.integers(2)), tags=["random"])

# The pads alone
for mode, value in [("constant", 0.75), ("reflect", 0.0), ("replicate", 0.0), ("circular", 0.0)]:
    for pads in [[1, 2, 3, 1], [0, 0, 4, 0], [3, 3, 4, 4]]:
        x = draw(1, 2, 4, 5)
        tx = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        y = pad(tx, pads, mode, value)
        dy = draw(*y.shape)
        (dx,) = torch.autograd.grad((y * torch.tensor(dy)).sum(), tx)
        suite.case("torch.pad", {"mode": mode, "pads_tblr": pads, "value": value}, [mode], {"x": x, "dy": dy},
                   {"y": (y.detach().numpy(), None), "d_x": (dx.numpy(), None)})

# How often a cell is read, and how much of a window is padding: gradients and sums of ones
for size, k, stride, pads, dilation, mode in [
    ((8, 8), (3, 3), (1, 1), [0, 0, 0, 0], (1, 1), "zeros"),
    ((8, 9), (3, 2), (2, 3), [1, 1, 1, 0], (1, 1), "zeros"),
    ((6, 7), (3, 4), (1, 2), [2, 1, 3, 2], (2, 1), "reflect"),
    ((6, 7), (5, 2), (3, 1), [4, 1, 0, 5], (1, 3), "replicate"),
    ((5, 4), (3, 3), (2, 2), [5, 2, 1, 4], (1, 2), "circular"),
    ((4, 4), (1, 1), (3, 3), [2, 2, 1, 1], (1, 1), "constant"),
]:
    rest = dict(stride=stride, dilation=dilation)
    ones = torch.ones(1, 1, *k, dtype=torch.float64)
    x = torch.ones(1, 1, *size, dtype=torch.float64, requires_grad=True)
    (usage,) = torch.autograd.grad(F.conv2d(pad(x, pads, mode, 0.0), ones, **rest).sum(), x)
    inside = F.conv2d(pad(x.detach(), pads, "zeros", 0.0), ones, **rest) / ones.numel()
    attrs = dict(input=list(size), kernel_size=list(k), stride=list(stride), pads_tblr=pads, dilation=list(dilation),
                 padding_mode=mode)
    suite.case("conv2d.reads", attrs, [mode], {},
               {"usage": (usage[0, 0].numpy(), None), "padding_share": (1 - inside[0, 0].numpy(), None)})

# Activations with PyTorch's defaults; their kinks stand at the end
points = np.concatenate([np.linspace(-12, 12, 97), [-30, 25, -3.0, 3.0, 0.0, -0.0, 20.0, 1e-20, 88.0]]).astype(np.float32)
for name, function in {
    "none": lambda x: x * 1, "relu": F.relu, "leaky_relu": F.leaky_relu, "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"), "silu": F.silu, "sigmoid": torch.sigmoid, "tanh": torch.tanh,
    "softplus": F.softplus, "elu": F.elu, "hardswish": F.hardswish,
}.items():
    x = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    y = function(x)
    (dx,) = torch.autograd.grad(y.sum(), x)
    suite.case("torch.activation", {"name": name}, [], {"x": points},
               {"y": (y.detach().numpy(), None), "d_x": (dx.numpy(), None)})

# Resizing: whole ratios as PyTorch's area, growing as its bilinear
for size, to, mode in [((6, 8), (3, 2), "area"), ((9, 4), (3, 4), "area"), ((3, 4), (7, 5), "bilinear"), ((5, 2), (5, 9), "bilinear")]:
    x = draw(*size)
    y = F.interpolate(torch.tensor(x, dtype=torch.float64)[None, None], size=to, mode=mode)[0, 0].numpy()
    suite.case("resize_area", {"size": list(to), "mode": mode}, [mode], {"x": x}, {"y": (y, None)})

# Singular values
for kernel in [sobel, gauss, draw(3, 3), draw(5, 2), draw(2, 7), np.eye(4), draw(15, 15), np.outer(draw(15), draw(15)), np.zeros((3, 2))]:
    w = kernel.astype(np.float32)
    values = np.linalg.svd(w.astype(np.float64), compute_uv=False)
    suite.case("numpy.svd", {"rank": int(np.linalg.matrix_rank(w))}, [], {"w": w}, {"s": (values, None)})

suite.write()
