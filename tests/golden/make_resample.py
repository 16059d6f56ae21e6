"""Golden cases for padding, resizing, sampling and pixel shuffle, computed by PyTorch in f64 and rounded to f32; those of
ONNX operators by the reference implementation of the onnx package.

    python tests/golden/make_resample.py      # needs torch, onnx and numpy; rewrites tests/golden/resample/

Input `dy` is the gradient of the output; `d_x` is the gradient of `sum(y * dy)`.
"""

import itertools
import os

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import helper
from onnx.reference import ReferenceEvaluator

from npy_conformance import Suite

torch.set_num_threads(1)
seed, more = int(os.environ.get("SEED", 7302)), int(os.environ.get("MORE", 0))  # more random cases, to look for trouble
rng = np.random.default_rng(seed)
suite = Suite("resample", f"make_resample.py, torch {torch.__version__}, onnx {onnx.__version__}")


def draw(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def whole(low, high, count=None):
    """Random whole numbers, both ends included."""
    return [int(i) for i in rng.integers(low, high + 1, count)] if count else int(rng.integers(low, high + 1))


def case(op, attrs, tags, leaves, run):
    """`leaves`: name -> array, all with a gradient; `run` takes them in order."""

    def both(dtype, dy):
        tensors = [torch.tensor(x, dtype=dtype, requires_grad=True) for x in leaves.values()]
        y = run(*tensors)
        if dy is None:
            return y.shape
        grads = torch.autograd.grad((y * torch.tensor(dy, dtype=dtype)).sum(), tensors)
        return [t.detach().numpy() for t in (y, *grads)]

    dy = draw(*both(torch.float64, None))
    names = ["y", *(f"d_{name}" for name in leaves)]
    outputs = dict(zip(names, zip(both(torch.float64, dy), both(torch.float32, dy))))
    suite.case(op, attrs, tags, {**leaves, "dy": dy}, outputs)


def pad(size, pads, mode="constant", value=0.0):
    rest = dict(value=value) if mode == "constant" else {}
    case("torch.pad", {"mode": mode, "pads": pads, "value": value}, [mode], {"x": draw(*size)},
         lambda x: F.pad(x, pads, mode=mode, **rest))


pad((1, 2, 3, 4), [1, 2, 0, 3], value=1.5)
pad((2, 3), [1, -1, 2, 0], value=-0.5)
pad((1, 2, 2, 2, 3), [0, 1, 1, 0, 2, 1, 1, 1], value=0.25)
pad((4,), [-2, -1])
for mode in ["reflect", "replicate", "circular"]:
    pad((1, 2, 5), [2, 3], mode)
    pad((1, 1, 4, 5), [-1, 3, 2, -2], mode)
    pad((1, 1, 3, 4, 3), [2, 1, 0, 2, 1, 2], mode)
    pad((2, 4), [3, 2], mode)
pad((1, 1, 2, 3), [5, 4, 3, 6], "replicate")


def interpolate(size, output_size=None, mode="nearest", align_corners=None, antialias=False, scale_factor=None, recompute=None, tags=()):
    attrs = dict(mode=mode, align_corners=align_corners, antialias=antialias)
    if scale_factor is None:
        attrs["output_size"] = output_size
    else:
        attrs.update(scale_factor=scale_factor, recompute_scale_factor=recompute)
    case("torch.interpolate", attrs, [mode, *tags], {"x": draw(*size)},
         lambda x: F.interpolate(x, size=output_size, scale_factor=scale_factor, mode=mode, align_corners=align_corners,
                                 antialias=antialias, recompute_scale_factor=recompute))


AXES = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
for mode in ["nearest", "nearest-exact", "area"]:
    for size, output in [((1, 2, 5), [8]), ((1, 1, 4, 6), [7, 3]), ((1, 1, 3, 5), [6, 5]), ((1, 1, 3, 4, 2), [2, 7, 5])]:
        interpolate(size, output, mode)
    interpolate((1, 1, 4, 5), mode=mode, scale_factor=[1.7, 0.6])
for mode, align_corners in itertools.product(AXES, [False, True]):
    d = AXES[mode]
    interpolate((1, 1, *[4, 5, 3][:d]), [7, 3, 5][:d], mode, align_corners)
    interpolate((1, 2, *[3, 4, 2][:d]), [1, 9, 2][:d], mode, align_corners)
    interpolate((1, 1, *[4, 5, 3][:d]), mode=mode, align_corners=align_corners, scale_factor=[1.3, 0.7, 2.5][:d])
    interpolate((1, 1, *[4, 5, 3][:d]), mode=mode, align_corners=align_corners, scale_factor=[1.3, 0.7, 2.5][:d], recompute=True)
for mode, align_corners in itertools.product(["bilinear", "bicubic"], [False, True]):
    for size, output in [((1, 1, 9, 8), [4, 3]), ((1, 1, 3, 4), [5, 7]), ((1, 1, 5, 9), [7, 2])]:
        interpolate(size, output, mode, align_corners, True)
    interpolate((1, 1, 7, 6), mode=mode, align_corners=align_corners, antialias=True, scale_factor=[0.4, 1.6])
# PyTorch has no gradient of this one: it is linear, and the weights are what it makes of unit vectors
for size, output in [((1, 1, 8, 7), [3, 5]), ((1, 1, 3, 4), [5, 6])]:
    lanczos = lambda x: F.interpolate(x, size=output, mode="lanczos", antialias=True, align_corners=False)
    cells = int(np.prod(size))
    units = torch.eye(cells, dtype=torch.float64).reshape(cells, *size[1:])
    weights = lanczos(units).flatten(1)
    case("torch.interpolate", dict(mode="lanczos", align_corners=False, antialias=True, output_size=output), ["lanczos"],
         {"x": draw(*size)}, lambda x: (x.flatten() @ weights.to(x.dtype)).reshape(1, 1, *output))


def grid_sample(size, places, mode, padding_mode, align_corners, far=1.4):
    d = len(size) - 2
    grid = (far * rng.uniform(-1, 1, (size[0], *places, d))).astype(np.float32)
    case("torch.grid_sample", dict(mode=mode, padding_mode=padding_mode, align_corners=align_corners), [mode, padding_mode],
         {"x": draw(*size), "grid": grid},
         lambda x, grid: F.grid_sample(x, grid, mode=mode, padding_mode=padding_mode, align_corners=align_corners))


for mode, padding_mode, align_corners in itertools.product(["bilinear", "nearest", "bicubic"], ["zeros", "border", "reflection"], [False, True]):
    grid_sample((1, 2, 3, 4), (3, 5), mode, padding_mode, align_corners)
    if mode != "bicubic":
        grid_sample((1, 1, 2, 3, 4), (2, 3, 2), mode, padding_mode, align_corners)
grid_sample((2, 1, 3, 2), (2, 4), "bilinear", "reflection", False, 6)
grid_sample((2, 1, 3, 2), (2, 4), "bicubic", "reflection", True, 6)
grid_sample((1, 1, 1, 4), (3, 3), "bilinear", "reflection", True)

for size, align_corners in itertools.product([[2, 1, 3, 4], [1, 1, 1, 3], [1, 2, 2, 3, 2]], [False, True]):
    d = len(size) - 2
    case("torch.affine_grid", {"size": size, "align_corners": align_corners}, [], {"theta": draw(size[0], d, d + 1)},
         lambda theta: F.affine_grid(theta, size, align_corners=align_corners))

for size, factor in [((1, 8, 2, 3), 2), ((2, 9, 1, 2), 3)]:
    case("torch.pixel_shuffle", {"upscale_factor": factor}, [], {"x": draw(*size)}, lambda x: F.pixel_shuffle(x, factor))
for size, factor in [((1, 2, 4, 6), 2), ((2, 1, 3, 6), 3)]:
    case("torch.pixel_unshuffle", {"downscale_factor": factor}, [], {"x": draw(*size)}, lambda x: F.pixel_unshuffle(x, factor))


def evaluate(model, feeds):
    return ReferenceEvaluator(model).run(None, feeds)[0]


def onnx_case(op, attrs, inputs, opset):
    """`inputs`: a list of (name, array), or None for one that is left out."""
    names = ["" if i is None else i[0] for i in inputs]
    given = [i for i in inputs if i is not None]
    values = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape) for name, x in given]
    y = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    graph = helper.make_graph([helper.make_node(op, names, ["y"], **attrs)], op, values, [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    y = evaluate(model, dict(given))
    suite.case(f"onnx.{op}", attrs, [], dict(given), {"y": (y, None)})
    entry = suite.manifest["cases"][-1]
    entry["opset"] = opset
    for position, i in enumerate(inputs):
        if i is None:
            entry["inputs"].insert(position, None)


def integers(*numbers):
    return np.array(numbers, dtype=np.int64)


def onnx_pad(size, pads, mode=None, value=None, axes=None):
    inputs = [("data", draw(*size)), ("pads", integers(*pads)), None if value is None else ("value", np.float32(value)),
              None if axes is None else ("axes", integers(*axes))]
    while inputs[-1] is None:
        inputs.pop()
    onnx_case("Pad", {} if mode is None else {"mode": mode}, inputs, 19)


onnx_pad((2, 3, 4), [0, 1, 2, 1, 0, 3])
onnx_pad((2, 3, 4), [1, 2, 0, 3], "constant", 2.5, [0, -1])
for mode in ["reflect", "edge", "wrap"]:
    onnx_pad((1, 3, 4), [0, 2, 1, 0, 1, 3], mode)
    onnx_pad((2, 3, 2), [3, 4, 5, 1], mode, axes=[-1, 1])
onnx_case("Pad", {"pads": [0, 1, 2, 0], "value": 1.0}, [("data", draw(2, 3))], 2)

for size, to, attrs in [((5, 4, 3), (2, 7, 3), {}), ((5, 4, 3), (2, 6), {"axes": [-1, 0]}), ((6, 3), (3, 8), {"axes": [0, 1]})]:
    onnx_case("CenterCropPad", attrs, [("x", draw(*size)), ("shape", integers(*to))], 18)


def resize(size, *, scales=None, sizes=None, roi=None, opset=19, **attrs):
    """Scales or sizes."""
    last = ("scales", np.array(scales, dtype=np.float32)) if sizes is None else ("sizes", integers(*sizes))
    roi = None if roi is None else ("roi", np.array(roi, dtype=np.float32))
    middle = [] if sizes is None else [None]
    onnx_case("Resize", attrs, [("x", draw(*size)), roi, *middle, last], opset)


COORDINATES = ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"]
for mode, coordinates in itertools.product(["nearest", "linear", "cubic"], COORDINATES):
    # sizes whose place is a tie are left to the roundings below
    resize((1, 1, 5, 4), sizes=(1, 1, 3, 7), mode=mode, coordinate_transformation_mode=coordinates)
    if coordinates != "align_corners":  # the reference divides by a length that isn't rounded
        resize((1, 1, 5, 4), scales=(1, 1, 0.7, 1.9), mode=mode, coordinate_transformation_mode=coordinates)
for rounding, coordinates in itertools.product(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"], ["half_pixel", "asymmetric"]):
    resize((1, 1, 3, 4), sizes=(1, 1, 6, 2), mode="nearest", nearest_mode=rounding, coordinate_transformation_mode=coordinates)
for mode, antialias in itertools.product(["linear", "cubic"], [0, 1]):
    resize((1, 1, 7, 4), sizes=(1, 1, 3, 6), mode=mode, antialias=antialias, exclude_outside=1)
    resize((1, 1, 7, 4), scales=(1, 1, 0.45, 1.5), mode=mode, antialias=antialias, cubic_coeff_a=-0.6)
for mode in ["nearest", "linear", "cubic"]:
    resize((1, 1, 4, 5), sizes=(1, 1, 3, 6), mode=mode, roi=(0, 0, 0.1, -0.2, 1, 1, 0.8, 1.3), extrapolation_value=7.0,
           coordinate_transformation_mode="tf_crop_and_resize")
resize((2, 4, 3), sizes=(6, 1), mode="linear", roi=(0.2, 0.9, 0.7, 0.3), axes=[2, 1], coordinate_transformation_mode="tf_crop_and_resize")
for policy in ["stretch", "not_larger", "not_smaller"]:
    resize((1, 1, 3, 5), sizes=(7, 8), mode="linear", axes=[2, 3], keep_aspect_ratio_policy=policy)
    resize((1, 1, 6, 4), sizes=(4, 3), mode="cubic", axes=[2, 3], keep_aspect_ratio_policy=policy)
resize((3, 4), scales=(1.5, 0.5), mode="linear")
resize((1, 2, 2, 3, 2), scales=(1, 1, 2, 1.5, 0.5), mode="linear")

for op, mode, size in [("DepthToSpace", "DCR", (1, 8, 2, 3)), ("DepthToSpace", "CRD", (2, 9, 1, 2)), ("DepthToSpace", None, (1, 4, 2, 1)),
                       ("SpaceToDepth", None, (2, 2, 4, 6))]:
    attrs = {"blocksize": 3 if size[1] == 9 else 2, **({} if mode is None else {"mode": mode})}
    onnx_case(op, attrs, [("x", draw(*size))], 13)

for mode, padding_mode, align_corners in itertools.product(["linear", "nearest", "cubic"], ["zeros", "border", "reflection"], [0, 1]):
    if (mode, padding_mode) == ("cubic", "border"):
        continue  # the reference reads other cells than PyTorch and ONNX Runtime do
    grid = (1.3 * rng.uniform(-1, 1, (1, 3, 4, 2))).astype(np.float32)
    onnx_case("GridSample", dict(mode=mode, padding_mode=padding_mode, align_corners=align_corners), [("x", draw(1, 1, 3, 4)), ("grid", grid)], 20)
for size, align_corners in [((2, 1, 2, 3), 0), ((1, 1, 2, 3, 2), 1)]:
    d = len(size) - 2
    onnx_case("AffineGrid", dict(align_corners=align_corners), [("theta", draw(size[0], d, d + 1)), ("size", integers(*size))], 20)

# Anything
for _ in range(8 + more):
    d = whole(1, 3)
    size, output = (1, whole(1, 2), *whole(1, 6, d)), whole(1, 9, d)
    mode = str(rng.choice(["nearest", "nearest-exact", "area", {1: "linear", 2: "bilinear", 3: "trilinear"}[d]] + ["bicubic"] * (d == 2)))
    smooth = mode in AXES
    align_corners = bool(whole(0, 1)) if smooth else None
    antialias = d == 2 and smooth and whole(0, 1) == 1
    if whole(0, 2) == 0:
        scale = [float(np.round(rng.uniform(1 / n + 0.01, 2.5), 2)) for n in size[2:]]
        output = [int(n * f) for n, f in zip(size[2:], scale)]
        # For signals and volumes, PyTorch's nearest and its gradient read different cells when a size stays or doubles.
        if mode == "nearest" and d != 2 and any(m in (n, 2 * n) for n, m in zip(size[2:], output)):
            continue
        # Where a size stays by another factor than 1, its gradients of bicubic and antialiased ones are not those of what it does.
        if antialias and (output[-1] == 1 or any(n == m for n, m in zip(size[2:], output))) or mode == "bicubic" and output == list(size[2:]):
            continue
        interpolate(size, None, mode, align_corners, antialias, scale, bool(whole(0, 1)), ["random"])
    elif not (antialias and output[-1] == 1):  # PyTorch repeats the first row then
        interpolate(size, output, mode, align_corners, antialias, tags=["random"])
for _ in range(more):
    mode = str(rng.choice(["nearest", "linear", "cubic"]))
    size, output = whole(1, 6, 2), whole(1, 9, 2)
    attrs = dict(mode=mode, coordinate_transformation_mode=str(rng.choice(COORDINATES)))
    if mode == "nearest":
        attrs["nearest_mode"] = str(rng.choice(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]))
    else:
        attrs.update(exclude_outside=whole(0, 1), antialias=whole(0, 1), cubic_coeff_a=float(np.float32(rng.uniform(-1, -0.3))))
    if whole(0, 1):
        resize((1, 1, *size), sizes=(1, 1, *output), **attrs)
    else:
        resize((1, 1, *size), scales=(1, 1, *[float(np.round(rng.uniform(1 / n + 0.01, 2.5), 2)) for n in size]), **attrs)
for _ in range(more):
    mode, padding_mode = str(rng.choice(["bilinear", "nearest", "bicubic"])), str(rng.choice(["zeros", "border", "reflection"]))
    d = 2 if mode == "bicubic" else whole(2, 3)
    grid_sample((whole(1, 2), whole(1, 2), *whole(1, 4, d)), whole(1, 3, d), mode, padding_mode, bool(whole(0, 1)), rng.uniform(1, 5))

suite.write()
