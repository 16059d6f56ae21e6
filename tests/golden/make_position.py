"""Golden cases for position codes, from the formulas of the papers in f64, rounded to f32.

    python tests/golden/make_position.py      # needs numpy; rewrites tests/golden/position/

Gradients are those of `sum(y * dy)`, gathered by hand: every code is linear in what it is learned from or turns.
"""

import math

import numpy as np

from npy_conformance import Suite

rng = np.random.default_rng(7409)
suite = Suite("position", "make_position.py, formulas in f64")


def draw(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def case(op, attrs, inputs, outputs, tags=()):
    suite.case(op, attrs, list(tags), inputs, {name: (np.asarray(value), None) for name, value in outputs.items()})


# Sines and cosines (Vaswani and others, 2017)
for positions, dim, base, offset in [(6, 8, 10000.0, 0), (4, 5, 10000.0, 0), (5, 6, 100.0, 1000), (3, 1, 10000.0, 7)]:
    angles = (offset + np.arange(positions))[:, None] / base ** (2 * np.arange(math.ceil(dim / 2)) / dim)
    interleaved = np.empty((positions, dim))
    interleaved[:, 0::2], interleaved[:, 1::2] = np.sin(angles), np.cos(angles)[:, : dim // 2]
    halves = np.concatenate([np.sin(angles), np.cos(angles)[:, : dim // 2]], 1)
    case("posenc.sinusoidal", dict(positions=positions, dim=dim, base=base, offset=offset), {},
         {"interleaved": interleaved, "half_split": halves})

# A learned table
for n, ids in [(2, [0, 1, 2, 3]), (1, [4, 1, 1])]:
    table, x, dy = draw(5, 3), draw(n, len(ids), 3), draw(n, len(ids), 3)
    grad = np.zeros((5, 3))
    np.add.at(grad, ids, dy.sum(0, dtype=np.float64))
    case("posenc.learned", {}, {"table": table, "position_ids": np.array(ids), "x": x, "dy": dy},
         {"y": x.astype(np.float64) + table[ids], "d_table": grad})


# Rotary codes (Su and others, 2021) and their scalings
def yarn(dim, base, frequencies, factor, length, beta_fast=32.0, beta_slow=1.0, truncate=True, attention_factor=None, mscale=None,
         mscale_all_dim=None):
    """Peng and others, 2023, section 3.2: dimensions by how often they turn within the trained length."""
    edge = [dim * math.log(length / (2 * math.pi * turns)) / (2 * math.log(base)) for turns in (beta_fast, beta_slow)]
    if truncate:
        edge = [math.floor(edge[0]), math.ceil(edge[1])]
    low, high = max(edge[0], 0), min(edge[1], dim - 1)
    ramp = np.clip((np.arange(dim // 2) - low) / (high - low if high != low else 0.001), 0, 1)

    def grown(m):
        return 0.1 * m * math.log(factor) + 1 if factor > 1 else 1.0

    if attention_factor is None:
        attention_factor = grown(mscale) / grown(mscale_all_dim) if mscale and mscale_all_dim else grown(1)
    return frequencies / factor * ramp + frequencies * (1 - ramp), attention_factor


def frequencies(kind, dim, base, scaling, longest, seq_len):
    plain = base ** (-np.arange(0, dim, 2) / dim)
    trained = scaling.get("original_max_position_embeddings", longest)
    if kind == "default":
        return plain, 1.0
    if kind == "linear":
        return plain / scaling["factor"], 1.0
    if kind == "dynamic":
        stretch = scaling["factor"] * max(seq_len, trained) / trained - (scaling["factor"] - 1)
        return (base * stretch ** (dim / (dim - 2))) ** (-np.arange(0, dim, 2) / dim), 1.0
    if kind == "yarn":
        options = {name: value for name, value in scaling.items() if name not in ("factor", "original_max_position_embeddings")}
        return yarn(dim, base, plain, scaling["factor"], trained, **options)
    if kind == "longrope":
        factor = scaling.get("factor", longest / trained)
        grown = math.sqrt(1 + math.log(factor) / math.log(trained)) if factor > 1 else 1.0
        divisor = scaling["long_factor" if seq_len > trained else "short_factor"]
        return plain / np.array(divisor), scaling.get("attention_factor", grown)
    # Llama 3.1: by wavelength
    low, high, factor = (scaling[name] for name in ("low_freq_factor", "high_freq_factor", "factor"))
    turns = trained * plain / (2 * math.pi)
    fast = np.clip((turns - low) / (high - low), 0, 1)
    return plain / factor * (1 - fast) + plain * fast, 1.0


def turn(x, cos, sin, interleaved, direction=1):
    """`x` `[n, heads, tokens, width]`, cosines `[tokens, pairs]`."""
    pairs, y = cos.shape[-1], x.astype(np.float64).copy()
    a, b = (slice(0, 2 * pairs, 2), slice(1, 2 * pairs, 2)) if interleaved else (slice(0, pairs), slice(pairs, 2 * pairs))
    y[..., a] = x[..., a] * cos - direction * x[..., b] * sin
    y[..., b] = direction * x[..., a] * sin + x[..., b] * cos
    return y


def rope(kind="default", head_dim=8, theta=10000.0, scaling=None, longest=64, positions=(0, 1, 5, 30), interleaved=False, share=1.0,
         n=1):
    scaling = scaling or {}
    seq_len = max(positions) + 1
    inv_freq, attention_scaling = frequencies(kind, int(head_dim * share), theta, scaling, longest, seq_len)
    angles = np.array(positions)[:, None] * inv_freq
    cos, sin = attention_scaling * np.cos(angles), attention_scaling * np.sin(angles)
    x = {name: draw(n, heads, len(positions), head_dim) for name, heads in [("q", 2), ("k", 1), ("dq", 2), ("dk", 1)]}
    spread = (lambda t: np.repeat(t, 2, -1)) if interleaved else (lambda t: np.concatenate([t, t], -1))
    outputs = {"inv_freq": inv_freq, "attention_scaling": attention_scaling, "cos": spread(cos), "sin": spread(sin)}
    outputs |= {f"{name}_rot": turn(x[name], cos, sin, interleaved) for name in "qk"}
    outputs |= {f"d_{name}": turn(x[f"d{name}"], cos, sin, interleaved, -1) for name in "qk"}
    attrs = dict(rope_type=kind, theta=theta, head_dim=head_dim, max_position_embeddings=longest, seq_len=seq_len, scaling=scaling,
                 partial_rotary_factor=share, layout="interleaved" if interleaved else "rotate_half")
    case("posenc.rope", attrs, {"position_ids": np.array(positions), **x}, outputs, [kind])


rope()
rope(interleaved=True, theta=500.0, n=2)
rope(share=0.5)
rope(share=0.5, interleaved=True, head_dim=12)
rope(head_dim=2, positions=(3,))
rope("linear", scaling={"factor": 4.0})
for length in (10, 200):
    rope("dynamic", scaling={"factor": 2.0}, positions=(0, 7, length))
rope("dynamic", scaling={"factor": 3.0, "original_max_position_embeddings": 16}, positions=(2, 40), share=0.5)
trained = {"original_max_position_embeddings": 256}
for options in [{}, {"truncate": False, "beta_fast": 8.0, "beta_slow": 2.0}, {"attention_factor": 0.8}, {"mscale": 0.7, "mscale_all_dim": 1.2}]:
    rope("yarn", head_dim=16, theta=1000.0, scaling={"factor": 8.0, **trained, **options}, longest=2048, positions=(1, 300))
rope("yarn", scaling={"factor": 1.0, **trained}, positions=(1, 9), interleaved=True)
lists = {"short_factor": [1.0, 1.1, 1.2, 1.5], "long_factor": [1.0, 2.0, 4.0, 7.5]}
for length in (20, 70):
    rope("longrope", scaling={**lists, "original_max_position_embeddings": 64}, longest=1024, positions=(0, length))
rope("longrope", scaling={**lists, "original_max_position_embeddings": 64, "factor": 2.0, "attention_factor": 1.5}, positions=(3, 9))
rope("longrope", scaling={**lists, "original_max_position_embeddings": 64}, longest=32, positions=(3, 9))
llama = {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 256}
rope("llama3", head_dim=16, theta=1000.0, scaling=llama, longest=2048, positions=(0, 1, 500))
rope("llama3", head_dim=16, scaling={**llama, "factor": 2.0, "low_freq_factor": 2.0}, positions=(5, 6), interleaved=True)
for interleaved in (False, True):
    q, k = draw(6), draw(6)
    angles = np.arange(7)[:, None] * 100.0 ** (-np.arange(0, 6, 2) / 6)
    q_turned, k_turned = (turn(np.tile(x, (1, 1, 7, 1)), np.cos(angles), np.sin(angles), interleaved)[0, 0] for x in (q, k))
    case("posenc.rope_scores", dict(theta=100.0, layout="interleaved" if interleaved else "rotate_half"), {"q": q, "k": k},
         {"scores": q_turned @ k_turned.T})

# ONNX's RotaryEmbedding: caches and position ids, three or four axes
for attrs, shape, with_ids in [({}, (2, 2, 3, 4), True), ({"interleaved": 1, "rotary_embedding_dim": 2}, (1, 2, 3, 4), False),
                               ({"num_heads": 2}, (2, 3, 8), True), ({"num_heads": 2, "rotary_embedding_dim": 4, "interleaved": 1}, (2, 3, 12), True)]:
    x = draw(*shape)
    tokens, heads = shape[-2], attrs.get("num_heads", shape[1])
    tall = x if x.ndim == 4 else x.reshape(shape[0], tokens, heads, -1).transpose(0, 2, 1, 3)
    pairs = (attrs.get("rotary_embedding_dim") or tall.shape[-1]) // 2
    ids = rng.integers(0, 9, (shape[0], tokens))
    caches = rng.uniform(-1, 1, (2, 9, pairs) if with_ids else (2, shape[0], tokens, pairs)).astype(np.float32)
    cos, sin = caches[:, ids] if with_ids else caches
    y = np.stack([turn(tall[[n]], cos[n], sin[n], "interleaved" in attrs)[0] for n in range(shape[0])])
    y = y if x.ndim == 4 else y.transpose(0, 2, 1, 3).reshape(shape)
    case("onnx.RotaryEmbedding", attrs, {"x": x, "cos": caches[0], "sin": caches[1], **({"ids": ids} if with_ids else {})}, {"y": y})


# Linear biases (Press and others, 2021)
def slopes(heads):
    return 2.0 ** (-8 * np.arange(1, heads + 1) / heads)


for heads in (1, 3, 4, 7, 12):
    power = 2 ** int(math.log2(heads))
    bloom, mpt = slopes(heads), slopes(heads)
    if power != heads:
        bloom = np.concatenate([slopes(power), slopes(2 * power)[0::2]])[:heads]
        mpt = np.concatenate([slopes(2 * power)[1::2], slopes(2 * power)[0::2]])[:heads]
    queries, keys, offset = 3, 5, 2
    distance = (offset + np.arange(queries))[:, None] - np.arange(keys)
    case("posenc.alibi", dict(heads=heads, len=keys, queries=queries, offset=offset), {},
         {"slopes": bloom, "slopes_mpt_order": mpt, "bloom_bias_row": bloom[:, None] * np.arange(keys),
          "causal_bias": -bloom[:, None, None] * np.maximum(distance, 0),
          "symmetric_bias": -bloom[:, None, None] * np.abs(distance)})


# Buckets (Raffel and others, 2019), their edges by whole numbers: n is in bucket e + m when n^b >= e^(b-m) d^m, b = buckets - e
def bucket(relative, bidirectional, buckets, longest):
    first = 0
    if bidirectional:
        buckets //= 2
        first = buckets if relative > 0 else 0
    n = abs(relative) if bidirectional else max(-relative, 0)
    exact = buckets // 2
    if n < exact:
        return first + n
    steps = buckets - exact
    above = max((m for m in range(steps + 1) if n**steps >= exact ** (steps - m) * longest**m), default=0)
    return first + min(exact + above, buckets - 1)


for bidirectional, buckets, longest in [(True, 32, 128), (False, 32, 128), (True, 20, 160), (False, 10, 160), (True, 6, 9), (False, 4, 5)]:
    a = dict(bidirectional=bidirectional, num_buckets=buckets, max_distance=longest)
    rel = np.array([*range(-2 * longest, 2 * longest + 1), -99999, 99999])
    case("posenc.t5_bucket", a, {"rel": rel.astype(np.int32)}, {"bucket": [bucket(int(r), bidirectional, buckets, longest) for r in rel]})
    queries, keys, offset = 4, 6, 3
    table, dy = draw(buckets, 2), draw(2, queries, keys)
    where = np.array([[bucket(j - i - offset, bidirectional, buckets, longest) for j in range(keys)] for i in range(queries)])
    grad = np.zeros((buckets, 2))
    np.add.at(grad, where, dy.transpose(1, 2, 0).astype(np.float64))
    case("posenc.t5_bias", {**a, "q_len": queries, "k_len": keys, "offset": offset}, {"table": table, "dy": dy},
         {"bias": table[where].transpose(2, 0, 1), "d_table": grad})

# Relative places in a window (Liu and others, 2021)
for window in [(2, 2), (2, 3), (4, 1)]:
    cells = np.array([(y, x) for y in range(window[0]) for x in range(window[1])])
    apart = cells[:, None] - cells[None] + np.array(window) - 1
    where = apart[..., 0] * (2 * window[1] - 1) + apart[..., 1]
    case("posenc.swin_index", {"window": list(window)}, {}, {"index": where})
    rows = (2 * window[0] - 1) * (2 * window[1] - 1)
    table, dy = draw(rows, 2), draw(2, *where.shape)
    grad = np.zeros((rows, 2))
    np.add.at(grad, where, dy.transpose(1, 2, 0).astype(np.float64))
    case("posenc.swin_bias", {"window": list(window)}, {"table": table, "dy": dy},
         {"bias": table[where].transpose(2, 0, 1), "d_table": grad})

suite.write()
