"""Golden cases for pooling, computed by PyTorch in f64 and rounded to f32.

    python tests/golden/make_pool.py      # needs torch, torchvision and numpy; rewrites tests/golden/pool/

Input `dy` is the gradient of the output; `d_x` is the gradient of `sum(y * dy)`. Cases of ONNX operators are computed by
formulas in NumPy that are written out here, with the operator's own defaults.
"""

import itertools
import os

import numpy as np
import torch
import torch.nn.functional as F
import torchvision

from npy_conformance import Suite

torch.set_num_threads(1)
seed, more = int(os.environ.get("SEED", 7301)), int(os.environ.get("MORE", 0))  # more random cases, to look for trouble
rng = np.random.default_rng(seed)
suite = Suite("pool", f"make_pool.py, torch {torch.__version__}, torchvision {torchvision.__version__}")


def draw(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def whole(low, high, count=None):
    """Random whole numbers, both ends included."""
    return [int(i) for i in rng.integers(low, high + 1, count)] if count else int(rng.integers(low, high + 1))


def case(op, attrs, tags, x, run, rest=(), indices=None):
    """`run(x)` gives y; `indices(x)` gives what was chosen; `rest` are inputs without a gradient."""

    def both(dtype, dy):
        leaf = torch.tensor(x, dtype=dtype, requires_grad=True)
        y = run(leaf)
        if dy is None:
            return y.shape
        (dx,) = torch.autograd.grad((y * torch.tensor(dy, dtype=dtype)).sum(), leaf)
        return y.detach().numpy(), dx.numpy()

    dy = draw(*both(torch.float64, None))
    (y, dx), (y32, dx32) = both(torch.float64, dy), both(torch.float32, dy)
    outputs = {"y": (y, y32)}
    if indices is not None:
        outputs["indices"] = (indices(torch.tensor(x)).numpy(), None)
    outputs["d_x"] = (dx, dx32)
    suite.case(op, attrs, tags, {"x": x, **dict(rest), "dy": dy}, outputs)


MAX = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
AVERAGE = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
LP = {1: F.lp_pool1d, 2: F.lp_pool2d, 3: F.lp_pool3d}
UNPOOL = {1: F.max_unpool1d, 2: F.max_unpool2d, 3: F.max_unpool3d}


def max_pool(size, kernel, stride=None, padding=None, dilation=None, ceil_mode=False, tags=(), values=None, least=False):
    d = len(kernel)
    stride, padding, dilation = stride or kernel, padding or [0] * d, dilation or [1] * d
    x = draw(*size) if values is None else values(size).astype(np.float32)
    attrs = dict(kernel=kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    sign = -1 if least else 1
    pool = lambda x: MAX[d](sign * x, kernel, stride, padding, dilation, ceil_mode=ceil_mode, return_indices=True)
    name = f"torch.{'min' if least else 'max'}_pool{d}d"
    case(name, attrs, list(tags), x, lambda x: sign * pool(x)[0], indices=lambda x: pool(x)[1])


def ties(size):
    return rng.integers(0, 3, size)


def negative(size):
    return -1 - rng.random(size)


max_pool((2, 2, 4, 6), [2, 2], tags=["squares"])
max_pool((1, 1, 7, 19), [2, 2], tags=["squares"])
max_pool((1, 2, 6, 7), [3, 3], [2, 2], [1, 1], tags=["resnet"])
max_pool((1, 1, 6, 7), [2, 3], [1, 2], [1, 1], [2, 3], tags=["dilation"])
max_pool((1, 1, 6, 7), [3, 2], [2, 2], [0, 1], [1, 2], True, tags=["ceil", "dilation"])
max_pool((1, 1, 2, 3), [3, 3], [2, 3], [1, 0], ceil_mode=True, tags=["ceil", "window larger than the input"])
max_pool((1, 1, 5, 5), [1, 1], [3, 3], ceil_mode=True, tags=["ceil", "last window would begin behind"])
max_pool((1, 1, 6, 6), [3, 3], [1, 1], [1, 1], tags=["ties"], values=ties)
max_pool((1, 1, 5, 6), [2, 2], [2, 2], [1, 1], ceil_mode=True, tags=["negative"], values=negative)
max_pool((1, 1, 3, 40), [2, 3], [1, 1], [1, 1], tags=["wide"])
max_pool((1, 1, 4, 41), [2, 3], [2, 2], [0, 1], [1, 2], tags=["wide"])
max_pool((2, 1, 9), [3], [2], [1], [2], True)
max_pool((1, 2, 8), [4], tags=["ties"], values=ties)
max_pool((1, 1, 4, 5, 4), [2, 2, 3], [2, 1, 2], [1, 0, 1], [1, 2, 1], True)
max_pool((1, 1, 3, 4, 5), [2, 2, 2], tags=["ties"], values=ties)
max_pool((1, 1, 5, 6), [2, 2], [2, 1], [1, 1], ceil_mode=True, least=True)
max_pool((1, 1, 6, 6), [3, 3], [1, 2], [1, 0], tags=["ties"], values=ties, least=True)


def avg_pool(size, kernel, stride=None, padding=None, ceil_mode=False, count_include_pad=True, divisor_override=None, tags=()):
    d = len(kernel)
    stride, padding = stride or kernel, padding or [0] * d
    attrs = dict(kernel=kernel, stride=stride, padding=padding, ceil_mode=ceil_mode, count_include_pad=count_include_pad,
                 divisor_override=divisor_override)
    rest = {} if d == 1 else dict(divisor_override=divisor_override)
    case(f"torch.avg_pool{d}d", attrs, list(tags), draw(*size),
         lambda x: AVERAGE[d](x, kernel, stride, padding, ceil_mode, count_include_pad, **rest))


avg_pool((2, 2, 4, 6), [2, 2], tags=["squares"])
avg_pool((1, 1, 5, 19), [2, 2], tags=["squares"])
for ceil_mode, count in itertools.product([False, True], repeat=2):
    avg_pool((1, 1, 5, 6), [3, 2], [2, 3], [1, 1], ceil_mode, count)
    avg_pool((1, 1, 7), [3], [2], [1], ceil_mode, count)
    avg_pool((1, 1, 3, 4, 3), [2, 3, 2], [2, 2, 2], [1, 1, 0], ceil_mode, count)
avg_pool((1, 1, 5, 6), [3, 2], [2, 2], [1, 0], True, False, 5, tags=["divisor"])
avg_pool((1, 1, 4, 4), [2, 2], divisor_override=-3, tags=["divisor"])
avg_pool((1, 1, 3, 4, 4), [2, 2, 2], [1, 2, 2], divisor_override=3, tags=["divisor"])
avg_pool((1, 1, 3, 40), [2, 3], [1, 1], [1, 1], tags=["wide"])
avg_pool((1, 1, 4, 41), [3, 3], [2, 2], [1, 1], count_include_pad=False, tags=["wide"])
avg_pool((1, 1, 3, 26), [2, 4], [1, 3], [1, 2], tags=["wide"])
avg_pool((1, 1, 2, 3), [3, 3], [2, 3], [1, 0], True, tags=["window larger than the input"])


def lp_pool(size, p, kernel, stride=None, ceil_mode=False, tags=()):
    d = len(kernel)
    stride = stride or kernel
    x = draw(*size)
    if p != 2:  # an odd power of a negative number has no root
        x = 0.1 + np.abs(x)
    case(f"torch.lp_pool{d}d", dict(p=p, kernel=kernel, stride=stride, ceil_mode=ceil_mode), list(tags), x,
         lambda x: LP[d](x, p, *((kernel, stride) if d > 1 else (kernel[0], stride[0])), ceil_mode))


for p in [1.0, 2.0, 3.0, 2.5, 0.5, -1.0]:
    lp_pool((1, 1, 5, 6), p, [2, 3], [2, 2])
    lp_pool((1, 1, 5, 7), p, [2, 3], [3, 2], True, tags=["ceil"])
lp_pool((1, 1, 8), 2.0, [3], [2], True)
lp_pool((1, 1, 3, 4, 4), 3.0, [2, 2, 3], [1, 2, 2], True)
for p, size in [(2.0, (2, 1, 3, 4)), (3.0, (1, 2, 4, 3)), (1.0, (1, 1, 3, 3)), (1.5, (1, 1, 3, 3))]:
    case("torch.global_lp_pool2d", {"p": p}, [], draw(*size),
         lambda x: torch.linalg.vector_norm(x, p, dim=(-2, -1), keepdim=True))


def median(size, kernel, stride, pads, mode):
    """Each window's numbers side by side, and PyTorch's lower median of them."""
    top, bottom, left, right = pads
    def run(x):
        mode_ = "constant" if mode == "zeros" else mode
        padded = F.pad(x, (left, right, top, bottom), mode=mode_)
        windows = padded.unfold(2, kernel[0], stride[0]).unfold(3, kernel[1], stride[1]).flatten(-2)
        return windows.median(-1).values
    case("torch.median_pool2d", dict(kernel=kernel, stride=stride, pads_tblr=pads, padding_mode=mode), [mode], draw(*size), run)


median((1, 2, 5, 6), [3, 3], [1, 1], [1, 1, 1, 1], "reflect")
median((1, 1, 5, 6), [3, 3], [2, 2], [1, 1, 1, 1], "zeros")
median((1, 1, 5, 6), [3, 5], [1, 2], [2, 1, 3, 4], "replicate")
median((1, 1, 5, 6), [3, 1], [1, 2], [2, 1, 3, 4], "circular")
median((1, 1, 6, 7), [2, 2], [2, 1], [0, 0, 0, 0], "zeros")
median((1, 1, 6, 7), [2, 3], [2, 3], [0, 0, 0, 0], "zeros")

for size, output in [((2, 1, 7), 3), ((1, 1, 3), 5), ((1, 2, 5, 7), [3, 2]), ((1, 1, 4, 6), [2, 3]), ((1, 1, 3, 2), [5, 7]),
                     ((1, 2, 4, 4), [1, 1]), ((1, 1, 5, 4), [None, 3]), ((1, 1, 3, 5, 4), [2, 3, 3])]:
    d = len(size) - 2
    average = getattr(F, f"adaptive_avg_pool{d}d")
    largest = getattr(F, f"adaptive_max_pool{d}d")
    attrs = {"output_size": output if isinstance(output, list) else [output]}
    case(f"torch.adaptive_avg_pool{d}d", attrs, [], draw(*size), lambda x: average(x, output))
    case(f"torch.adaptive_max_pool{d}d", attrs, [], draw(*size), lambda x: largest(x, output),
         indices=lambda x: largest(x, output, return_indices=True)[1])

for size, kernel, stride, output in [((1, 2, 8), [2], [3], None), ((2, 1, 5, 6), [2, 2], [2, 2], [5, 7]),
                                     ((1, 1, 4, 6), [2, 3], [2, 3], None), ((1, 1, 4, 4, 4), [2, 2, 2], [2, 2, 2], None)]:
    d = len(kernel)
    x, indices = MAX[d](torch.tensor(draw(*size)), kernel, stride, return_indices=True)
    space = None if output is None else output
    shape = UNPOOL[d](x, indices, kernel, stride, output_size=space).shape[2:]
    case(f"torch.max_unpool{d}d", {"kernel": kernel, "stride": stride, "output_size": list(shape)}, [], x.numpy(),
         lambda x: UNPOOL[d](x, indices, kernel, stride, output_size=space), {"indices": indices.numpy()})


def roi_align(size, boxes, output_size, spatial_scale, sampling_ratio, aligned):
    boxes = np.asarray(boxes, dtype=np.float32)
    attrs = dict(output_size=output_size, spatial_scale=spatial_scale, sampling_ratio=sampling_ratio, aligned=aligned)
    case("torchvision.roi_align", attrs, [], draw(*size),
         lambda x: torchvision.ops.roi_align(x, torch.tensor(boxes, dtype=x.dtype), output_size, spatial_scale, sampling_ratio, aligned),
         {"boxes": boxes})


BOXES = [[0, 1, 1.5, 4.25, 5], [1, -2, -3, 3, 2.5], [0, 4, 3, 12, 9], [1, 2, 2, 2, 2]]
for aligned, ratio in itertools.product([False, True], [0, 1, 2, 3]):
    roi_align((2, 1, 6, 7), BOXES, [2, 3], 0.75 if ratio else 1.0, ratio, aligned)

# ONNX by formula
def windows_of(size, kernel, strides, pads, dilations, ceil_mode):
    """For each axis the windows, each as positions on the padded axis; ONNX lets them hang over in ceil_mode."""
    d = len(size)
    axes = []
    for a in range(d):
        extent, padded = dilations[a] * (kernel[a] - 1) + 1, size[a] + pads[a] + pads[a + d]
        count = (padded - extent) // strides[a] + 1
        if ceil_mode:
            count = -((extent - padded) // strides[a]) + 1
            if (count - 1) * strides[a] >= size[a] + pads[a]:
                count -= 1
        axes.append([[i * strides[a] + k * dilations[a] for k in range(kernel[a])] for i in range(count)])
    return axes


def onnx_pool(op, size, kernel, reduce, opset=22, **attrs):
    """`reduce(values, inside, on_padding)`: the numbers of a window on the input, their flat positions, and how many others
    are padding."""
    d = len(kernel)
    strides, dilations = attrs.get("strides", [1] * d), attrs.get("dilations", [1] * d)
    pads = attrs.get("pads", [0] * 2 * d)
    if attrs.get("auto_pad", "NOTSET").startswith("SAME"):
        total = [max((-(-size[2 + a] // strides[a]) - 1) * strides[a] + dilations[a] * (kernel[a] - 1) + 1 - size[2 + a], 0) for a in range(d)]
        small, large = [t // 2 for t in total], [t - t // 2 for t in total]
        pads = small + large if attrs["auto_pad"] == "SAME_UPPER" else large + small
    axes = windows_of(size[2:], kernel, strides, pads, dilations, attrs.get("ceil_mode", 0))
    x = draw(*size)
    shape = size[:2] + tuple(len(a) for a in axes)
    ys = {}
    for at in np.ndindex(*shape):
        inside, on_padding = [], 0
        for taps in itertools.product(*[axes[a][at[2 + a]] for a in range(d)]):
            cell = [taps[a] - pads[a] for a in range(d)]
            if all(0 <= cell[a] < size[2 + a] for a in range(d)):
                inside.append(tuple(cell))
            elif all(taps[a] < size[2 + a] + pads[a] + pads[a + d] for a in range(d)):
                on_padding += 1
        values = np.array([x[at[:2]][cell] for cell in inside], dtype=np.float64)
        for name, value in reduce(values, [at[:2] + cell for cell in inside], on_padding, size).items():
            ys.setdefault(name, np.zeros(shape))[at] = value
    suite.case(op, {"kernel_shape": kernel, **attrs}, [], {"x": x}, {name: (y, None) for name, y in ys.items()})
    suite.manifest["cases"][-1]["opset"] = opset


def largest(storage_order):
    def reduce(values, inside, _, size):
        best = inside[int(np.argmax(values))]
        order = list(range(2, len(size)))
        flat = best[0] * size[1] + best[1]
        plane = 0
        for a in order if storage_order == 0 else order[::-1]:
            plane = plane * size[a] + best[a]
        return {"y": values.max(), "z": flat * int(np.prod(size[2:])) + plane}
    return reduce


def mean(count_include_pad):
    return lambda values, _, on_padding, __: {"y": values.sum() / (len(values) + count_include_pad * on_padding)}


def norm(p):
    return lambda values, *_: {"y": (np.abs(values) ** p).sum() ** (1 / p)}


onnx_pool("onnx.MaxPool", (2, 2, 4, 5), [2, 3], largest(0), strides=[2, 1], pads=[1, 0, 0, 2])
onnx_pool("onnx.MaxPool", (1, 2, 4, 5), [2, 2], largest(1), strides=[2, 2], storage_order=1, ceil_mode=1)
onnx_pool("onnx.MaxPool", (1, 1, 5, 6), [3, 2], largest(0), auto_pad="SAME_UPPER", strides=[2, 3], dilations=[1, 2])
onnx_pool("onnx.MaxPool", (1, 1, 5, 6), [3, 2], largest(0), auto_pad="SAME_LOWER", strides=[2, 3])
onnx_pool("onnx.MaxPool", (1, 1, 7), [3], largest(0), dilations=[2])
onnx_pool("onnx.MaxPool", (1, 1, 3, 4, 3), [2, 2, 2], largest(1), storage_order=1, strides=[1, 2, 1], ceil_mode=1)
for count in [0, 1]:
    onnx_pool("onnx.AveragePool", (1, 1, 4, 5), [3, 2], mean(count), pads=[2, 1, 1, 0], strides=[1, 2], ceil_mode=1, count_include_pad=count)
    onnx_pool("onnx.AveragePool", (1, 1, 5, 6), [3, 3], mean(count), dilations=[2, 1], pads=[1, 1, 1, 1], count_include_pad=count)
    onnx_pool("onnx.AveragePool", (1, 1, 5, 6), [2, 3], mean(count), auto_pad="SAME_LOWER", strides=[2, 1], count_include_pad=count)
onnx_pool("onnx.AveragePool", (1, 1, 3, 3, 4), [2, 2, 2], mean(0), auto_pad="VALID", strides=[1, 2, 3], ceil_mode=1)
onnx_pool("onnx.AveragePool", (1, 2, 6), [3], mean(0), pads=[1, 1], strides=[2])
for p in [1, 2, 3]:
    onnx_pool("onnx.LpPool", (1, 1, 4, 5), [2, 3], norm(p), pads=[1, 1, 0, 2], strides=[2, 1], p=p)
onnx_pool("onnx.LpPool", (1, 1, 5, 6), [2, 2], norm(2), dilations=[2, 3], ceil_mode=1, strides=[2, 2])
onnx_pool("onnx.LpPool", (1, 1, 7), [3], norm(2), auto_pad="SAME_UPPER", strides=[3])
for op, reduce in [("GlobalAveragePool", lambda x: x.mean((2, 3), keepdims=True)), ("GlobalMaxPool", lambda x: x.max((2, 3), keepdims=True)),
                   ("GlobalLpPool", lambda x: np.sqrt((x * x).sum((2, 3), keepdims=True)))]:
    x = draw(2, 2, 3, 4)
    suite.case(f"onnx.{op}", {}, [], {"x": x}, {"y": (reduce(x.astype(np.float64)), None)})

# Anything
for _ in range(8 + more):
    d = whole(1, 3)
    kernel, stride, dilation = whole(1, 4, d), whole(1, 3, d), whole(1, 3, d)
    size = (whole(1, 2), whole(1, 2), *whole(1, 14 // d, d))
    padding = [whole(0, k // 2) for k in kernel]
    ceil_mode = bool(whole(0, 1))
    fits = lambda dilation: all(
        (size[2 + a] + 2 * padding[a] - dilation[a] * (kernel[a] - 1) - 1 + (stride[a] - 1 if ceil_mode else 0)) >= 0 for a in range(d))
    # a window whose taps all miss the input: PyTorch writes its gradient to where nothing is
    ones = torch.ones(size)
    if fits(dilation) and MAX[d](ones, kernel, stride, padding, dilation, ceil_mode=ceil_mode).isfinite().all():
        max_pool(size, kernel, stride, padding, dilation, ceil_mode, ["random"], least=d == 2 and whole(0, 1) == 1)
    # avg_pool3d wants windows no larger than the input without its padding
    if fits([1] * d) and (d < 3 or all(k <= n for k, n in zip(kernel, size[2:]))):
        avg_pool(size, kernel, stride, padding, ceil_mode, bool(whole(0, 1)), whole(1, 9) if d > 1 and whole(0, 3) == 0 else None, ["random"])

suite.write()
