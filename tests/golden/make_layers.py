"""Golden values of activations, linear layers, losses, normalisations, optimisers and schedules, from PyTorch.

    python tests/golden/make_layers.py        (needs torch and numpy; writes tests/golden/layers/)

Expected values are computed in double precision; the tolerance is ten times what single precision loses.
"""

import math
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from npy_conformance import Suite

warnings.filterwarnings("ignore", "reduction: 'mean'")
torch.set_num_threads(1)
suite = Suite("layers", f"make_layers.py, torch {torch.__version__.split('+')[0]}")
rng = np.random.default_rng(20)


def draw(*shape, scale=1.0):
    return (scale * rng.normal(size=shape)).astype(np.float32)


def case(op, attrs, function, inputs, fixed=(), tags=(), extra=()):
    """A case with gradients. `function` maps named tensors to `y`, or to `y` and the outputs `extra`; names in `fixed`
    have no gradient."""

    def run(dtype, dy):
        t = {}
        for name, x in inputs.items():
            if x is not None:
                number = x.dtype != np.int64
                t[name] = torch.tensor(x, dtype=dtype if number else None, requires_grad=number and name not in fixed)
        result = function(**t)
        y, *others = result if isinstance(result, tuple) else (result,)
        if dy is None:
            return y.shape
        leaves = {name: x for name, x in t.items() if x.requires_grad}
        grads = torch.autograd.grad((y * torch.tensor(dy, dtype=dtype)).sum(), list(leaves.values()))
        out = {"y": y.detach().numpy(), **{name: x.detach().numpy() for name, x in zip(extra, others)}}
        return {**out, **{f"d_{name}": grad.numpy() for name, grad in zip(leaves, grads)}}

    dy = draw(*run(torch.float64, None))
    wide, narrow = run(torch.float64, dy), run(torch.float32, dy)
    inputs = {**{name: x for name, x in inputs.items() if x is not None}, "dy": dy}
    suite.case(op, attrs, list(tags), inputs, {name: (wide[name], narrow[name]) for name in wide})


# Activations, with the kinks of each among the points
for name, attrs, function, kinks in [
    ("relu", {}, F.relu, [0]),
    ("relu_squared", {}, lambda x: F.relu(x) ** 2, [0]),
    ("leaky_relu", {"negative_slope": 0.2}, lambda x: F.leaky_relu(x, 0.2), [0]),
    ("threshold", {"threshold": 0.5, "value": -2.0}, lambda x: F.threshold(x, 0.5, -2.0), [0.5]),
    ("elu", {}, F.elu, [0]),
    ("elu", {"alpha": 2.5}, lambda x: F.elu(x, 2.5), [0]),
    ("celu", {}, F.celu, [0]),
    ("celu", {"alpha": 0.7}, lambda x: F.celu(x, 0.7), [0]),
    ("selu", {}, F.selu, [0]),
    ("gelu", {}, F.gelu, []),
    ("gelu_tanh", {}, lambda x: F.gelu(x, approximate="tanh"), []),
    ("quick_gelu", {}, lambda x: x * torch.sigmoid(1.702 * x), []),
    ("silu", {}, F.silu, []),
    ("swish", {"alpha": 0.4}, lambda x: x * torch.sigmoid(0.4 * x), []),
    ("mish", {}, F.mish, []),
    ("sigmoid", {}, torch.sigmoid, []),
    ("logsigmoid", {}, F.logsigmoid, []),
    ("tanh", {}, torch.tanh, []),
    ("tanhshrink", {}, F.tanhshrink, []),
    ("softplus", {}, F.softplus, [20, 21]),
    ("softplus", {"beta": 2.0, "threshold": 4.0}, lambda x: F.softplus(x, 2.0, 4.0), [2, 2.1]),
    ("softsign", {}, F.softsign, []),
    ("softshrink", {}, F.softshrink, [0.5, -0.5]),
    ("softshrink", {"lambd": 1.25}, lambda x: F.softshrink(x, 1.25), [1.25]),
    ("hardshrink", {}, F.hardshrink, [0.5, -0.5]),
    ("hardshrink", {"lambd": 0.25}, lambda x: F.hardshrink(x, 0.25), [0.25]),
    ("hardtanh", {}, F.hardtanh, [1, -1]),
    ("hardtanh", {"min_val": -0.5, "max_val": 2.0}, lambda x: F.hardtanh(x, -0.5, 2.0), [-0.5, 2]),
    ("relu6", {}, F.relu6, [0, 6]),
    ("hardsigmoid", {}, F.hardsigmoid, [3, -3]),
    ("hardswish", {}, F.hardswish, [3, -3]),
    ("erf", {}, torch.erf, []),
]:
    points = np.concatenate([draw(12, scale=3), [-30, 30, 0.0, -0.0, 1e-6, *kinks]]).astype(np.float32)
    case("torch.activation", {"name": name, **attrs}, lambda x: function(x), {"x": points})

case("torch.prelu", {}, lambda x, w: F.prelu(x, w), {"x": draw(2, 3, 2, 2), "w": draw(3)})
case("torch.prelu", {}, lambda x, w: F.prelu(x, w), {"x": draw(2, 3, 4), "w": draw(1)})
case("torch.prelu", {}, lambda x, w: F.prelu(x, w), {"x": draw(5), "w": draw(1)})
for shape, dim in [((6,), 0), ((2, 4, 3), 1), ((2, 3, 8), -1)]:
    case("torch.glu", {"dim": dim}, lambda x: F.glu(x, dim), {"x": draw(*shape)})

# Softmax
for op, function in [("softmax", F.softmax), ("log_softmax", F.log_softmax)]:
    for shape, dim, temperature, scale in [
        ((7,), 0, 1.0, 1), ((2, 3, 4), 0, 1.0, 1), ((2, 3, 4), 1, 0.5, 1), ((2, 3, 4), -1, 2.0, 3),
        ((2, 1, 3, 3), -3, 1.0, 1), ((3, 5), -1, 1.0, 40),
    ]:
        case(f"torch.{op}", {"dim": dim, "temperature": temperature}, lambda x: function(x / temperature, dim),
             {"x": draw(*shape, scale=scale)})

# Linear layers and products
for x, w, bias in [((3,), (2, 3), True), ((4, 5), (3, 5), False), ((2, 3, 4), (7, 4), True), ((9, 33), (5, 33), True)]:
    case("torch.linear", {}, lambda x, w, b=None: F.linear(x, w, b),
         {"x": draw(*x), "w": draw(*w), "b": draw(w[0]) if bias else None})
for a, b in [((3, 4), (4, 2)), ((4,), (4,)), ((4,), (4, 2)), ((2, 3, 4), (4,)), ((4,), (2, 4, 3)),
             ((2, 1, 3, 4), (3, 4, 2)), ((2, 3, 4), (4, 2)), ((2, 3), (2, 2, 3, 2))]:
    case("torch.matmul", {}, lambda a, b: a @ b, {"a": draw(*a), "b": draw(*b)})
for alpha, beta, trans_a, trans_b, c in [
    (1.0, 1.0, 0, 0, (3, 4)), (0.5, -2.0, 1, 0, (4,)), (2.0, 0.25, 0, 1, (3, 1)), (1.5, 1.0, 1, 1, None),
]:
    def addmm(a, b, c=None):
        y = alpha * (a.T if trans_a else a) @ (b.T if trans_b else b)
        return y if c is None else y + beta * c
    case("torch.addmm", {"alpha": alpha, "beta": beta, "transA": trans_a, "transB": trans_b}, addmm,
         {"a": draw(*((5, 3) if trans_a else (3, 5))), "b": draw(*((4, 5) if trans_b else (5, 4))),
          "c": None if c is None else draw(*c)})

# Embedding
for attrs in [{}, {"padding_idx": 2}, {"padding_idx": -1}, {"scale_grad_by_freq": True}, {"max_norm": 1.0},
              {"max_norm": 2.0, "norm_type": 1.0, "padding_idx": 0}]:
    idx = rng.integers(0, 5, (2, 4))
    case("torch.embedding", attrs, lambda idx, w: F.embedding(idx, w.clone() if "max_norm" in attrs else w, **attrs),
         {"idx": idx, "w": draw(5, 3)})

# Feed-forward blocks
acts = {"relu": F.relu, "gelu": F.gelu, "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"), "silu": F.silu,
        "relu_squared": lambda x: F.relu(x) ** 2}
for name, act in acts.items():
    case("torch.ffn", {"activation": name, "form": "act(x W1^T + b1) W2^T + b2"},
         lambda x, w1, b1, w2, b2: F.linear(act(F.linear(x, w1, b1)), w2, b2),
         {"x": draw(2, 3, 4), "w1": draw(6, 4), "b1": draw(6), "w2": draw(4, 6), "b2": draw(4)})
for name, act in {"swiglu": F.silu, "geglu": F.gelu, "reglu": F.relu, "glu": torch.sigmoid}.items():
    case("torch.ffn_gated", {"activation": name, "form": "(act(x Wg^T) * (x Wu^T)) Wd^T"},
         lambda x, w_gate, w_up, w_down: F.linear(act(F.linear(x, w_gate)) * F.linear(x, w_up), w_down),
         {"x": draw(2, 3, 4), "w_gate": draw(6, 4), "w_up": draw(6, 4), "w_down": draw(4, 6)})

# Classification
REDUCTIONS = ["none", "mean", "sum"]
for i, (shape, weighted, smoothing, ignore) in enumerate(
    (shape, weighted, smoothing, ignore)
    for shape in [(5, 4), (2, 3, 2, 2)] for weighted in [False, True] for smoothing in [0.0, 0.2]
    for ignore in ([-100, 1] if len(shape) == 2 else [0])
):
    for reduction in REDUCTIONS if i == 7 else [REDUCTIONS[i % 3]]:
        attrs = {"label_smoothing": smoothing, "reduction": reduction, "ignore_index": ignore}
        target = rng.integers(0, shape[1], (shape[0], *shape[2:]))
        target.flat[0] = 0  # not everything is ignored
        if ignore == -100:
            target.flat[-1] = -100
        case("torch.cross_entropy", {**attrs, "target": "class index"},
             lambda logits, target, weight=None: F.cross_entropy(logits, target, weight, **attrs),
             {"logits": draw(*shape), "target": target,
              "weight": draw(shape[1]) ** 2 + np.float32(0.1) if weighted else None}, fixed=("weight",))
for i, (shape, weighted, smoothing) in enumerate([
    ((4, 3), False, 0.0), ((4, 3), True, 0.1), ((2, 3, 4), False, 0.3), ((5,), True, 0.0),
]):
    attrs = {"label_smoothing": smoothing, "reduction": REDUCTIONS[(i + 1) % 3]}
    axis = 1 if len(shape) > 1 else 0
    case("torch.cross_entropy", {**attrs, "ignore_index": -100, "target": "probabilities"},
         lambda logits, target, weight=None: F.cross_entropy(logits, target, weight, **attrs),
         {"logits": draw(*shape), "target": F.softmax(torch.tensor(draw(*shape)), axis).numpy(),
          "weight": draw(shape[axis]) ** 2 if weighted else None}, fixed=("target", "weight"))
case("torch.cross_entropy", {"target": "class index"}, lambda logits, target: F.cross_entropy(logits, target),
     {"logits": draw(6), "target": np.array(4)}, tags=["single example"])
case("torch.cross_entropy", {"target": "class index"}, lambda logits, target: F.cross_entropy(logits, target),
     {"logits": draw(4, 5, scale=50), "target": rng.integers(0, 5, 4)}, tags=["large"])
for reduction in REDUCTIONS:
    attrs = {"reduction": reduction, "ignore_index": 2}
    case("torch.nll_loss", attrs, lambda x, target, weight=None: F.nll_loss(x, target, weight, **attrs),
         {"x": draw(3, 4, 2), "target": np.array([[0, 1], [2, 3], [3, 1]]),
          "weight": draw(4) ** 2 if reduction != "sum" else None}, fixed=("weight",))

# Number by number
def probabilities(*shape):
    return rng.uniform(0.05, 0.95, shape).astype(np.float32)


for i, reduction in enumerate(REDUCTIONS):
    for op, attrs, function in [
        ("mse_loss", {}, F.mse_loss),
        [("l1_loss", {}, F.l1_loss), ("smooth_l1_loss", {"beta": 0.5}, F.smooth_l1_loss),
         ("huber_loss", {"delta": 0.75}, F.huber_loss)][i],
    ]:
        attrs = {"reduction": reduction, **attrs}
        case(f"torch.{op}", attrs, lambda x, target: function(x, target, **attrs),
             {"x": draw(3, 2), "target": draw(3, 2)})
    attrs = {"reduction": reduction}
    case("torch.binary_cross_entropy", attrs, lambda x, target: F.binary_cross_entropy(x, target, **attrs),
         {"x": probabilities(3, 4), "target": probabilities(3, 4)}, fixed=("target",))
    for weight, pos_weight in [[(None, None)], [((4,), None), (None, (4,))], [((3, 1), (1,))]][i]:
        case("torch.binary_cross_entropy_with_logits", attrs,
             lambda x, target, weight=None, pos_weight=None:
                 F.binary_cross_entropy_with_logits(x, target, weight, pos_weight=pos_weight, **attrs),
             {"x": draw(3, 4, scale=3), "target": probabilities(3, 4),
              "weight": None if weight is None else probabilities(*weight),
              "pos_weight": None if pos_weight is None else 3 * probabilities(*pos_weight)},
             fixed=("target", "weight", "pos_weight"))
case("torch.smooth_l1_loss", {"beta": 0.0}, lambda x, target: F.smooth_l1_loss(x, target, beta=0.0),
     {"x": draw(3, 4), "target": draw(3, 4)})
for reduction in [*REDUCTIONS, "batchmean"]:
    attrs = {"reduction": reduction}
    case("torch.kl_div", {**attrs, "form": "kl_div(log_softmax(x), softmax(target))"},
         lambda x, target: F.kl_div(F.log_softmax(x, -1), F.softmax(target, -1), **attrs),
         {"x": draw(3, 4), "target": draw(3, 4)}, fixed=("target",))
    for log_target in [False, True] if reduction == "batchmean" else [reduction == "sum"]:
        target = probabilities(3, 4)
        target[0, 0] = 0.05 if log_target else 0
        case("torch.kl_div", {**attrs, "log_target": log_target},
             lambda x, target: F.kl_div(x, target, log_target=log_target, **attrs),
             {"x": -probabilities(3, 4), "target": np.log(target) if log_target else target},
             fixed=() if log_target else ("target",))

# Normalisations
for i, (shape, training, affine, tracked) in enumerate([
    ((5, 3), True, True, True), ((4, 2, 3), True, True, True), ((2, 3, 2, 3), True, True, True),
    ((2, 2, 2, 2, 2), True, True, True), ((2, 3, 2, 3), False, True, True), ((4, 2, 3), False, False, True),
    ((4, 2), False, True, True), ((3, 2, 4), True, False, False), ((3, 1, 4), True, True, False),
]):
    c = shape[1]
    attrs = {"training": training, "momentum": [0.1, 0.3, 1.0][i % 3], "eps": [1e-5, 1e-3][i % 2]}

    def batch_norm(x, w=None, b=None, running_mean=None, running_var=None):
        mean, var = (None, None) if running_mean is None else (running_mean.clone(), running_var.clone())
        y = F.batch_norm(x, mean, var, w, b, **attrs)
        return y if mean is None else (y, mean, var)

    case("torch.batch_norm", attrs, batch_norm,
         {"x": draw(*shape) + np.float32(2 * i), "w": draw(c) if affine else None, "b": draw(c) if affine else None,
          "running_mean": draw(c) if tracked else None,
          "running_var": draw(c) ** 2 + np.float32(0.2) if tracked else None},
         fixed=("running_mean", "running_var"), extra=("new_running_mean", "new_running_var"))

for shape, normalized, affine, bias, eps in [
    ((3, 5), (5,), True, True, 1e-5), ((2, 2, 6), (6,), True, False, 1e-3), ((2, 2, 3), (2, 3), True, True, 1e-6),
    ((2, 2, 3), (2, 2, 3), False, False, 1e-5), ((1, 37), (37,), True, True, 1e-5),
]:
    w, b = draw(*normalized) if affine else None, draw(*normalized) if bias else None
    case("torch.layer_norm", {"normalized_shape": list(normalized), "eps": eps},
         lambda x, w=None, b=None: F.layer_norm(x, normalized, w, b, eps), {"x": draw(*shape), "w": w, "b": b})
    case("torch.rms_norm", {"normalized_shape": list(normalized), "eps": eps},
         lambda x, w=None: F.rms_norm(x, normalized, w, eps), {"x": draw(*shape), "w": w})
case("torch.rms_norm", {"normalized_shape": [4], "eps": None},
     lambda x, w: F.rms_norm(x, (4,), w, torch.finfo(torch.float32).eps), {"x": draw(3, 4, scale=1e-3), "w": draw(4)})
case("torch.layer_norm", {"normalized_shape": [9]}, lambda x: F.layer_norm(x, (9,)),
     {"x": draw(2, 9) + np.float32(300)}, tags=["far from 0"])

for shape, groups, affine in [((2, 4, 2, 3), 2, True), ((3, 4), 1, True), ((1, 3, 5), 3, True), ((2, 6, 3), 3, False)]:
    c = shape[1]
    case("torch.group_norm", {"groups": groups, "eps": 1e-5},
         lambda x, w=None, b=None: F.group_norm(x, groups, w, b, 1e-5),
         {"x": draw(*shape), "w": draw(c) if affine else None, "b": draw(c) if affine else None})
for shape, affine, tracked, own in [
    ((2, 3, 4), True, False, True), ((2, 2, 3, 2), False, True, True), ((2, 2, 3, 2), True, True, False),
    ((1, 2, 2, 2, 2), True, True, True),
]:
    c = shape[1]
    attrs = {"use_input_stats": own, "momentum": 0.3, "eps": 1e-4}

    def instance_norm(x, w=None, b=None, running_mean=None, running_var=None):
        mean, var = (None, None) if running_mean is None else (running_mean.clone(), running_var.clone())
        y = F.instance_norm(x, mean, var, w, b, **attrs)
        return y if mean is None else (y, mean, var)

    case("torch.instance_norm", attrs, instance_norm,
         {"x": draw(*shape), "w": draw(c) if affine else None, "b": draw(c) if affine else None,
          "running_mean": draw(c) if tracked else None,
          "running_var": draw(c) ** 2 + np.float32(0.2) if tracked else None},
         fixed=("running_mean", "running_var"), extra=("new_running_mean", "new_running_var"))

for size, alpha, beta, k in [(1, 1e-4, 0.75, 1.0), (3, 0.5, 0.75, 2.0), (4, 1.0, 0.5, 1.0), (9, 0.1, 1.5, 0.5)]:
    attrs = {"size": size, "alpha": alpha, "beta": beta, "k": k}
    case("torch.local_response_norm", attrs, lambda x: F.local_response_norm(x, **attrs), {"x": draw(1, 5, 2, 3)})
for p, dim in [(2.0, 1), (1.0, 0), (3.0, -1), ("inf", 1)]:
    case("torch.normalize", {"p": p, "dim": dim}, lambda x: F.normalize(x, float(p), dim), {"x": draw(2, 3, 4)})
x = draw(3, 2)
x[1] = 0
case("torch.normalize", {"p": 2.0, "dim": 1, "eps": 0.5}, lambda x: F.normalize(x, 2.0, 1, 0.5), {"x": x}, tags=["eps"])

# Optimisers
for name, attrs in [
    ("SGD", {"lr": 0.1}), ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.05}),
    ("SGD", {"lr": 0.05, "momentum": 0.7, "nesterov": True}), ("SGD", {"lr": 0.1, "momentum": 0.5, "maximize": True}),
    ("Adam", {}), ("Adam", {"lr": 0.05, "betas": [0.7, 0.9], "eps": 1e-3}),
    ("Adam", {"lr": 0.02, "weight_decay": 0.2, "maximize": True}),
    ("Adam", {"lr": 0.1, "amsgrad": True, "betas": [0.5, 0.6]}), ("AdamW", {"lr": 0.05}),
    ("AdamW", {"lr": 0.03, "weight_decay": 0.3, "amsgrad": True}), ("Adagrad", {"lr": 0.2}),
    ("Adagrad", {"lr": 0.2, "lr_decay": 0.3, "weight_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-4}),
    ("RMSprop", {"lr": 0.02}), ("RMSprop", {"lr": 0.02, "alpha": 0.7, "momentum": 0.6, "weight_decay": 0.1}),
    ("RMSprop", {"lr": 0.01, "alpha": 0.8, "centered": True, "eps": 1e-3}), ("RMSprop", {"lr": 0.01, "maximize": True}),
]:
    p0, grads = draw(3), draw(6, 3)

    def trajectory(dtype):
        p = torch.tensor(p0, dtype=dtype, requires_grad=True)
        optimizer = getattr(torch.optim, name)([p], **attrs)
        rows = []
        for grad in grads:
            p.grad = torch.tensor(grad, dtype=dtype)
            optimizer.step()
            rows.append(p.detach().clone().numpy())
        return np.stack(rows)

    suite.case("torch.optimizer", {"name": name, **attrs}, [], {"p0": p0, "grads": grads},
               {"trajectory": (trajectory(torch.float64), trajectory(torch.float32))})


# Schedules: those of PyTorch, and the formulas of the others
def of_torch(scheduler, **arguments):
    p = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=1.0)
    scheduler = getattr(torch.optim.lr_scheduler, scheduler)(optimizer, **arguments)
    rates = [optimizer.param_groups[0]["lr"]]
    while len(rates) < arguments.get("total_steps", 24):
        optimizer.step()
        scheduler.step()
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


def warmed(warmup, after):
    return [t / warmup if t < warmup else after(t, (t - warmup) / (24 - 4 - warmup)) for t in range(24)]


def half_wave(done):
    return (1 + math.cos(math.pi * done)) / 2


one_cycle = {"base_lr": 1.0, "max_lr": 2.0, "total": 20}
for name, attrs, rates in [
    ("constant", {}, of_torch("ConstantLR", factor=1.0)),
    ("step", {"step_size": 5, "gamma": 0.4}, of_torch("StepLR", step_size=5, gamma=0.4)),
    ("multi_step", {"milestones": [3, 4, 11], "gamma": 0.5}, of_torch("MultiStepLR", milestones=[3, 4, 11], gamma=0.5)),
    ("exponential", {"gamma": 0.9}, of_torch("ExponentialLR", gamma=0.9)),
    ("linear", {"start_factor": 0.25, "end_factor": 0.75, "total_iters": 9},
     of_torch("LinearLR", start_factor=0.25, end_factor=0.75, total_iters=9)),
    ("cosine_annealing", {"t_max": 9, "eta_min": 0.1}, of_torch("CosineAnnealingLR", T_max=9, eta_min=0.1)),
    ("cosine_annealing_warm_restarts", {"t_0": 4, "t_mult": 2, "eta_min": 0.1},
     of_torch("CosineAnnealingWarmRestarts", T_0=4, T_mult=2, eta_min=0.1)),
    ("cosine_annealing_warm_restarts", {"t_0": 5}, of_torch("CosineAnnealingWarmRestarts", T_0=5)),
    ("one_cycle", one_cycle, of_torch("OneCycleLR", max_lr=2.0, total_steps=20)),
    ("one_cycle", {**one_cycle, "pct_start": 0.45, "div_factor": 10, "final_div_factor": 50, "anneal": "linear"},
     of_torch("OneCycleLR", max_lr=2.0, total_steps=20, pct_start=0.45, div_factor=10, final_div_factor=50,
              anneal_strategy="linear")),
    ("one_cycle", {**one_cycle, "pct_start": 0.25, "three_phase": True},
     of_torch("OneCycleLR", max_lr=2.0, total_steps=20, pct_start=0.25, three_phase=True)),
    ("noam", {"d_model": 64, "warmup": 7}, [64 ** -0.5 * min(t ** -0.5, t * 7 ** -1.5) for t in range(1, 25)]),
    ("constant_with_warmup", {"warmup": 5}, warmed(5, lambda t, done: 1)),
    ("linear_with_warmup", {"warmup": 5, "total": 20}, warmed(5, lambda t, done: max(0, 1 - done))),
    ("cosine_with_warmup", {"warmup": 5, "total": 20}, warmed(5, lambda t, done: half_wave(done))),
    ("cosine_with_warmup", {"warmup": 2, "total": 20, "cycles": 1.25},
     warmed(2, lambda t, done: half_wave(2.5 * done))),
    ("cosine_restarts_with_warmup", {"warmup": 2, "total": 20, "cycles": 3},
     warmed(2, lambda t, done: half_wave(3 * (t - 2) % 18 / 18) if done < 1 else 0)),
    ("polynomial_with_warmup", {"warmup": 5, "total": 20, "power": 1.5, "lr_end": 0.01},
     warmed(5, lambda t, done: 0.01 + 0.99 * (1 - done) ** 1.5 if done < 1 else 0.01)),
    ("inverse_sqrt_with_warmup", {"warmup": 5}, warmed(5, lambda t, done: (5 / t) ** 0.5)),
    ("inverse_sqrt_with_warmup", {"warmup": 5, "timescale": 20}, warmed(5, lambda t, done: (20 / (t + 15)) ** 0.5)),
]:
    suite.case("torch.lr_schedule", {"name": name, "base_lr": 1.0, **attrs}, [], {}, {"lr": (np.array(rates), None)})

# Clipping
for norm_type in [2.0, 1.0, 3.0, 0.5, "inf", "-inf", 0.0]:
    for max_norm in [1.0, 100.0] if norm_type == 2.0 else [1.0]:
        grads = [draw(2, 3), draw(4)]

        def clipped(dtype):
            params = [torch.zeros(grad.shape, dtype=dtype, requires_grad=True) for grad in grads]
            for param, grad in zip(params, grads):
                param.grad = torch.tensor(grad, dtype=dtype)
            total = torch.nn.utils.clip_grad_norm_(params, max_norm, float(norm_type))
            return [total.numpy(), *(param.grad.numpy() for param in params)]

        names = ["total_norm", "clipped_grad0", "clipped_grad1"]
        suite.case("torch.clip_grad_norm", {"max_norm": max_norm, "norm_type": norm_type}, [],
                   {f"grad{i}": grad for i, grad in enumerate(grads)},
                   dict(zip(names, zip(clipped(torch.float64), clipped(torch.float32)))))
grads = [draw(3, 2), draw(3)]
suite.case("torch.clip_grad_value", {"clip_value": 0.5}, [], {"grad0": grads[0], "grad1": grads[1]},
           {f"clipped_grad{i}": (grad.clip(-0.5, 0.5), None) for i, grad in enumerate(grads)})

suite.write()
