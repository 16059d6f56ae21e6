"""Golden cases of small networks: every gradient of a CNN, a residual block and a GPT; the input gradient of one unit of
stacks of layers; the area-ratio metric. Computed by PyTorch in f64.

    python make_nets.py        writes nets/
"""

import numpy as np
import torch
import torch.nn.functional as F

from npy_conformance import Suite

torch.manual_seed(20261)
rng = np.random.default_rng(20261)
suite = Suite("nets", "PyTorch " + torch.__version__)


def normal(*shape, scale=1.0):
    return (scale * rng.standard_normal(shape)).astype(np.float32)


def both(f, arrays):
    """The named results of `f` in f64 and in f32."""
    found = []
    for dtype in (torch.float64, torch.float32):
        tensors = {
            name: torch.tensor(value, dtype=dtype, requires_grad=True) if value.dtype.kind == "f" else torch.tensor(value)
            for name, value in arrays.items()
        }
        results = f(tensors)
        found.append({name: result.detach().numpy() for name, result in results.items()})
    return {name: (found[0][name], found[1][name]) for name in found[0]}


def network(op, attrs, arrays, net, dy_shape):
    arrays["dy"] = np.float32(rng.standard_normal(dy_shape))

    def results(t):
        out = net(t)
        wanted = [name for name, value in t.items() if value.requires_grad and name != "dy"]
        grads = torch.autograd.grad((out["y"] * t["dy"].detach()).sum(), [t[name] for name in wanted])
        return out | {f"d_{name}": grad for name, grad in zip(wanted, grads)}

    suite.case(op, attrs, [], arrays, both(results, arrays))


def tiny_cnn(n, channels, size, hidden, classes):
    arrays = {
        "x": normal(n, channels, *size),
        "target": rng.integers(0, classes, n),
        "conv1.weight": normal(hidden, channels, 3, 3, scale=0.5),
        "conv1.bias": normal(hidden, scale=0.3),
        "bn1.weight": 1 + normal(hidden, scale=0.2),
        "bn1.bias": normal(hidden, scale=0.2),
        "conv2.weight": normal(hidden + 1, hidden, 3, 3, scale=0.4),
        "conv2.bias": normal(hidden + 1, scale=0.2),
        "fc.weight": normal(classes, hidden + 1, scale=0.6),
        "fc.bias": normal(classes, scale=0.2),
    }

    def net(t):
        y = F.conv2d(t["x"], t["conv1.weight"], t["conv1.bias"], padding=1)
        y = F.relu(F.batch_norm(y, None, None, t["bn1.weight"], t["bn1.bias"], training=True))
        y = F.relu(F.conv2d(F.max_pool2d(y, 2), t["conv2.weight"], t["conv2.bias"], stride=2))
        logits = F.linear(y.mean((2, 3)), t["fc.weight"], t["fc.bias"])
        return {"y": F.cross_entropy(logits, t["target"]), "logits": logits}

    layers = "conv3x3 p1, BN(train), relu, maxpool2, conv3x3 s2, relu, global avg, linear; loss = cross_entropy(mean)"
    network("torch.net.tiny_cnn", {"layers": layers}, arrays, net, ())


def residual_block(c_in, c_out, size, stride, groups, dy_size):
    arrays = {
        "x": normal(2, c_in, *size),
        "conv1.weight": normal(c_out, c_in, 3, 3, scale=0.4),
        "conv2.weight": normal(c_out, c_out, 3, 3, scale=0.4),
        "gn1.weight": 1 + normal(c_out, scale=0.2),
        "gn1.bias": normal(c_out, scale=0.2),
        "gn2.weight": 1 + normal(c_out, scale=0.2),
        "gn2.bias": normal(c_out, scale=0.2),
    }
    if stride != 1 or c_in != c_out:
        arrays["down.weight"] = normal(c_out, c_in, 1, 1)

    def net(t):
        y = F.conv2d(t["x"], t["conv1.weight"], stride=stride, padding=1)
        y = F.relu(F.group_norm(y, groups, t["gn1.weight"], t["gn1.bias"]))
        y = F.group_norm(F.conv2d(y, t["conv2.weight"], padding=1), groups, t["gn2.weight"], t["gn2.bias"])
        skip = F.conv2d(t["x"], t["down.weight"], stride=stride) if "down.weight" in t else t["x"]
        return {"y": F.relu(y + skip)}

    attrs = {"layers": "relu(GN(conv(relu(GN(conv(x))))) + skip)", "stride": stride, "groups": groups, "eps": 1e-5}
    network("torch.net.residual_block", attrs, arrays, net, (2, c_out, *dy_size))


def tiny_gpt(n, tokens, vocabulary, width, heads):
    arrays = {
        "idx": rng.integers(0, vocabulary, (n, tokens)),
        "tok.weight": normal(vocabulary, width),
        "pos.weight": normal(tokens, width, scale=0.5),
        "qkv.weight": normal(3 * width, width, scale=0.4),
        "qkv.bias": normal(3 * width, scale=0.1),
        "proj.weight": normal(width, width, scale=0.4),
        "proj.bias": normal(width, scale=0.1),
        "fc1.weight": normal(2 * width, width, scale=0.4),
        "fc1.bias": normal(2 * width, scale=0.1),
        "fc2.weight": normal(width, 2 * width, scale=0.4),
        "fc2.bias": normal(width, scale=0.1),
    }
    for norm in ("ln1", "ln2", "lnf"):
        arrays[f"{norm}.weight"] = 1 + normal(width, scale=0.2)
        arrays[f"{norm}.bias"] = normal(width, scale=0.2)

    def net(t):
        def norm(x, name):
            return F.layer_norm(x, (width,), t[f"{name}.weight"], t[f"{name}.bias"])

        def linear(x, name):
            return F.linear(x, t[f"{name}.weight"], t[f"{name}.bias"])

        x = t["tok.weight"][t["idx"]] + t["pos.weight"]
        qkv = linear(norm(x, "ln1"), "qkv").view(n, tokens, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(*qkv, is_causal=True)
        x = x + linear(y.transpose(1, 2).reshape(n, tokens, width), "proj")
        x = x + linear(F.gelu(linear(norm(x, "ln2"), "fc1")), "fc2")
        logits = norm(x, "lnf") @ t["tok.weight"].T
        loss = F.cross_entropy(logits[:, :-1].reshape(-1, vocabulary), t["idx"][:, 1:].reshape(-1))
        return {"y": loss, "logits": logits}

    layers = "tok+pos, pre-LN causal attention, pre-LN GELU FFN, LN, tied head; loss = cross_entropy of next token"
    network("torch.net.tiny_gpt", {"layers": layers, "heads": heads}, arrays, net, ())


def run(layers, x, t):
    for layer in layers:
        kind = layer["type"]
        options = {key: layer[key] for key in ("stride", "padding", "dilation", "groups") if key in layer}
        if kind == "conv":
            x = F.conv2d(x, t[layer["w"]], t[layer["b"]] if "b" in layer else None, **options)
        elif kind == "maxpool":
            x = F.max_pool2d(x, layer["kernel"], ceil_mode=layer.get("ceil_mode", False), **options)
        elif kind == "avgpool":
            x = F.avg_pool2d(x, layer["kernel"], ceil_mode=layer.get("ceil_mode", False), **options)
        elif kind == "bilinear2x":
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        elif kind == "nearest2x":
            x = F.interpolate(x, scale_factor=2, mode="nearest")
        elif kind == "residual":
            x = run(layer["layers"], x, t) + run(layer.get("shortcut", []), x, t)
        else:
            x = {"relu": F.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "gelu": F.gelu, "silu": F.silu}[kind](x)
    return x


def conv(arrays, c_out, c_in, kernel, bias=False, groups=1, **options):
    number = sum(name.startswith("w") for name in arrays)
    fan = c_in // groups * kernel[0] * kernel[1]
    arrays[f"w{number}"] = normal(c_out, c_in // groups, *kernel, scale=(2 / fan) ** 0.5)
    layer = {"type": "conv", "w": f"w{number}", "groups": groups, **options}
    if bias:
        arrays[f"b{number}"] = normal(c_out, scale=0.2)
        layer["b"] = f"b{number}"
    return layer


def erf(layers, arrays, size, centre):
    arrays = {"x": normal(1, 2, *size)} | arrays

    def results(t):
        y = run(layers, t["x"], t)
        (dx,) = torch.autograd.grad(y[:, :, centre[0], centre[1]].sum(), t["x"])
        return {"y": y, "dx": dx}

    found = both(results, arrays)
    seen = np.abs(found["dx"][0][0]).sum(0)
    rows, columns = np.nonzero(seen.any(1))[0], np.nonzero(seen.any(0))[0]
    attrs = {"layers": layers, "centre": centre, "output_gradient": "1 on every channel of the centre pixel"}
    suite.case("net.erf", attrs, [], arrays, found)
    support = np.array([rows[0], rows[-1], columns[0], columns[-1]])
    suite.manifest["cases"][-1]["outputs"].append(suite._array("support_tblr", support, {"rtol": 0.0, "atol": 0.0}))


def stacks():
    act = lambda kind: {"type": kind}
    same = {"padding": 1}
    for kind in ("relu", "tanh", "sigmoid", "gelu", "silu"):
        a = {}
        layers = [conv(a, 3, 2, (3, 3), bias=True, **same), act(kind), conv(a, 4, 3, (3, 3), **same), act(kind)]
        erf(layers + [conv(a, 2, 4, (3, 3), bias=True, **same)], a, (13, 15), [6, 7])
    a = {}  # a corner: most of the field is padding
    erf([conv(a, 4, 2, (5, 5), padding=2), act("relu"), conv(a, 1, 4, (3, 3), **same)], a, (9, 9), [0, 8])
    a = {}  # kernels that are not square, dilated
    layers = [conv(a, 2, 2, (3, 2), dilation=[1, 3], padding=[1, 2]), act("relu"), conv(a, 3, 2, (1, 4), padding=[0, 1])]
    erf(layers, a, (14, 15), [5, 9])
    a = {}
    layers = [conv(a, 4, 2, (3, 3), stride=[2, 1], padding=[1, 0], groups=2), act("tanh")]
    erf(layers + [conv(a, 2, 4, (3, 3), stride=2, padding=1)], a, (17, 16), [2, 3])
    for pool in ("maxpool", "avgpool"):
        for options in ({"kernel": 2, "stride": 2}, {"kernel": 3, "stride": 2, "padding": 1, "ceil_mode": True},
                        {"kernel": [3, 2], "stride": [1, 2], "padding": [1, 0]}):
            a = {}
            layers = [conv(a, 2, 2, (3, 3), **same), act("relu"), {"type": pool, **options}]
            erf(layers + [conv(a, 2, 2, (3, 3), **same)], a, (12, 12), [3, 4])
    for up in ("bilinear2x", "nearest2x"):
        a = {}
        layers = [conv(a, 2, 2, (3, 3), stride=2, **same), act("relu"), {"type": up}, conv(a, 2, 2, (3, 3), **same)]
        erf(layers, a, (13, 14), [7, 1])
    a = {}
    branch = [conv(a, 2, 2, (3, 3), **same), act("relu"), conv(a, 2, 2, (3, 3), **same)]
    narrow = [conv(a, 3, 2, (3, 3), stride=2, **same), act("relu"), conv(a, 3, 3, (3, 3), **same)]
    shortcut = [conv(a, 3, 2, (1, 1), stride=2)]
    layers = [{"type": "residual", "layers": branch}, act("relu"),
              {"type": "residual", "layers": narrow, "shortcut": shortcut}]
    erf(layers, a, (12, 13), [3, 2])


def area_ratio(data, thresholds):
    """As RepLKNet's paper describes it: squares around the centre cell, each a ring larger."""
    height, width = data.shape
    m = np.log10(1 + data.astype(np.float64))
    m /= m.max()
    sides, ratios = [], []
    for threshold in thresholds:
        for r in range(1, min(height, width) // 2):
            rows = slice(height // 2 - r, height // 2 + r + 1)
            columns = slice(width // 2 - r, width // 2 + r + 1)
            if m[rows, columns].sum() / m.sum() > threshold:
                sides.append(2 * r + 1)
                ratios.append((2 * r + 1) / height * (2 * r + 1) / width)
                break
        else:
            sides.append(0)
            ratios.append(np.nan)
    attrs = {"thresholds": thresholds, "preprocess": "log10(1+m), divided by its maximum"}
    suite.case("metric.area_ratio", attrs, [], {"map": data}, {})
    outputs = suite.manifest["cases"][-1]["outputs"]
    outputs.append(suite._array("side", np.array(sides), {"rtol": 0.0, "atol": 0.0}))
    outputs.append(suite._array("ratio", np.array(ratios), {"rtol": 1e-6, "atol": 1e-9}))


tiny_cnn(3, 2, (8, 9), 3, 4)
tiny_cnn(4, 1, (7, 7), 2, 2)
residual_block(4, 4, (6, 5), 1, 2, (6, 5))
residual_block(2, 4, (7, 6), 2, 4, (4, 3))
tiny_gpt(2, 5, 7, 8, 2)
tiny_gpt(1, 6, 5, 6, 3)
stacks()
for height, width, sigma in ((31, 31, 4.0), (24, 24, 7.0), (21, 27, 3.0)):
    rows, columns = np.mgrid[:height, :width]
    bell = np.exp(-((rows - height // 2) ** 2 + (columns - width // 2) ** 2) / (2 * sigma**2))
    area_ratio((20 * bell * rng.random((height, width))).astype(np.float32), [0.2, 0.3, 0.5, 0.99])
suite.write()
