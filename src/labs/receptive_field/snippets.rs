//! Code that gives the gradient on the screen, complete enough to be pasted and run: the random numbers come from the
//! same counter.

use super::ReceptiveField;
use super::network_code;
use super::params::{Activation, Input, Measure, Weights};
use super::stack::{Spec, What};
use super::text::Text;
use super::weights::{DROPPED, EPS, NOISE, SEED_STEP, STREAM_STEP, STREAMS};
use crate::stage::insight::Snippet;
use crate::stage::lab::Ran;
use crate::stage::text::Lang;
use std::fmt::Write;

/// The snippets of a state.
pub fn list(run: &Ran<ReceptiveField>, lang: Lang) -> Vec<Snippet> {
    let code = match &run.output.published {
        Some(n) => network_code::code(n, lang)
            .unwrap_or_else(|| format!("# {}\n{}", Text::of(lang).code_own_stack, pytorch(run, lang))),
        None => pytorch(run, lang),
    };
    vec![Snippet { key: "pytorch", name: "PyTorch", code }]
}

fn pair((h, w): (usize, usize)) -> String {
    if h == w { h.to_string() } else { format!("({h}, {w})") }
}

fn pytorch(run: &Ran<ReceptiveField>, lang: Lang) -> String {
    let t = Text::of(lang);
    let (p, scene) = (&run.params, &run.output.scene);
    let stack = &scene.stack;
    let uniform = p.weights == Weights::Uniform;
    let mut code = String::from("import numpy as np\nimport torch\nimport torch.nn.functional as F\n\n");
    let line = |code: &mut String, text: &str| {
        let _ = writeln!(code, "{text}");
    };
    let drops = p.dropout > 0.0;
    if !uniform || p.input == Input::Noise || drops {
        line(&mut code, &format!("def uniform(stream, n):  # {}", t.code_normal));
        line(&mut code, "    M = 2**64");
        line(
            &mut code,
            &format!("    base = ({} * {SEED_STEP:#x} + stream * {STREAM_STEP:#x}) % M", run.seed),
        );
        line(&mut code, "    z = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9e3779b97f4a7c15)");
        line(&mut code, "    z = z + np.uint64(base)");
        line(&mut code, "    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)");
        line(&mut code, "    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)");
        line(&mut code, "    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)) / 2.0**53\n");
    }
    if !uniform || p.input == Input::Noise {
        line(&mut code, "def normal(stream, *shape):");
        line(&mut code, "    n = int(np.prod(shape))");
        line(&mut code, "    u = uniform(stream, 2 * n)");
        line(&mut code, "    x = np.sqrt(-2 * np.log(1 - u[:n])) * np.cos(2 * np.pi * u[n:])");
        line(&mut code, "    return torch.tensor(x, dtype=torch.float32).reshape(shape)\n");
    }
    line(&mut code, "def conv(x, draw, layer, c_out, k, shortcut=0, **how):");
    line(&mut code, "    kh, kw = k if isinstance(k, tuple) else (k, k)");
    line(&mut code, "    c_in = x.shape[1] // how.get('groups', 1)");
    if uniform {
        line(&mut code, "    w = torch.full((c_out, c_in, kh, kw), 1 / (c_in * kh * kw))");
    } else {
        let gain = if p.weights == Weights::He { "(1 if shortcut else 2)" } else { "1" };
        line(
            &mut code,
            &format!("    w = normal(draw * {STREAMS} + 2 * layer + shortcut, c_out, c_in, kh, kw)"),
        );
        line(&mut code, &format!("    w = w * ({gain} / (c_in * kh * kw)) ** 0.5"));
    }
    line(&mut code, "    return F.conv2d(x, w, **how)\n");
    if p.norm {
        line(&mut code, &format!("def norm(x):  # {}", t.code_norm));
        line(&mut code, "    var, mean = torch.var_mean(x.detach(), (2, 3), correction=0, keepdim=True)");
        line(
            &mut code,
            &format!("    size = torch.where(var > {EPS:e}, (var + {EPS:e}).sqrt(), torch.ones_like(var))"),
        );
        line(&mut code, "    return (x - mean) / size\n");
    }
    if drops {
        let p = p.dropped();
        line(&mut code, &format!("def dropout(x, draw, layer):  # {}", t.code_dropout));
        line(&mut code, &format!("    u = uniform(draw * {STREAMS} + {DROPPED} + layer, x.numel())"));
        line(&mut code, &format!("    keep = torch.tensor(u >= {p}).reshape(x.shape)"));
        line(&mut code, &format!("    return x * keep / (1 - {p})\n"));
    }
    line(&mut code, "def net(x, draw):");
    let mut channels = 1;
    let mut before = Vec::new();
    let last = stack.layers.len() - 1;
    for (at, layer) in stack.layers.iter().enumerate() {
        if stack.skip_from(at).is_some() {
            line(&mut code, "    s = x");
            before = vec![channels];
        }
        let trunk = !stack.skips.iter().any(|(first, last)| (*first..*last).contains(&at));
        let made = one(layer, at, &mut channels, p.width());
        let normed = p.norm && layer.is_conv() && at < last;
        line(&mut code, &if normed { format!("    x = norm({made})") } else { format!("    x = {made}") });
        if let Some(span) = stack.skip_to(at) {
            let stride = stack.shortcut_stride(span);
            if stride != (1, 1) || before.last() != Some(&channels) {
                line(
                    &mut code,
                    &format!("    s = conv(s, draw, {at}, {channels}, 1, 1, stride={})", pair(stride)),
                );
            }
            line(&mut code, "    x = x + s");
        }
        if let Some(function) = function(p.activation).filter(|_| layer.is_conv() && at < last) {
            line(&mut code, &format!("    x = {function}"));
        }
        if drops && trunk && layer.is_conv() && at < last {
            line(&mut code, &format!("    x = dropout(x, draw, {at})"));
        }
    }
    line(&mut code, "    return x\n");
    let (h, w) = p.size;
    match p.input {
        Input::Noise => line(
            &mut code,
            &format!("def picture(draw):\n    return normal(draw * {STREAMS} + {NOISE}, 1, 1, {h}, {w})\n"),
        ),
        Input::Own => line(
            &mut code,
            &format!(
                "picture = lambda draw: torch.from_numpy(np.load('input.npy')).reshape(1, 1, {h}, {w})  # {}\n",
                t.code_own
            ),
        ),
        Input::Ball => {
            line(&mut code, &format!("def picture(draw):  # {}", t.code_ball));
            let radius = p.object as f64 / 2.0;
            line(&mut code, &format!("    r, c = np.mgrid[:{h}, :{w}].astype(np.float64)"));
            let middle = |n: usize| (n as f64 - 1.0) / 2.0;
            line(
                &mut code,
                &format!("    y, x = (r - {}) / {radius}, (c - {}) / {radius}", middle(h), middle(w)),
            );
            line(&mut code, "    ball = 0.95 - 0.33 * ((y + 0.35) ** 2 + (x + 0.35) ** 2)");
            line(&mut code, &format!("    x = np.where(y * y + x * x <= 1, ball, 0.55 + 0.3 * r / {h})"));
            line(
                &mut code,
                &format!("    return torch.tensor(x, dtype=torch.float32).reshape(1, 1, {h}, {w})\n"),
            );
        }
    }
    let done = run.output.sums.as_ref().map_or(1, |sums| sums.done).max(1);
    let draws = if p.measure == Measure::Signed { 1 } else { p.rounds().max(done) };
    let size = match p.measure {
        Measure::Abs => "x.grad.double().abs()",
        Measure::Squared => "x.grad.double() ** 2",
        Measure::Signed => "x.grad.double()",
    };
    line(&mut code, "output = 0");
    line(&mut code, &format!("for draw in range({draws}):"));
    line(&mut code, "    x = picture(draw).requires_grad_()");
    line(&mut code, &format!("    net(x, draw)[0, 0, {}, {}].backward()", scene.unit.0, scene.unit.1));
    line(&mut code, &format!("    output = output + {size} / {draws}"));
    line(&mut code, "output = output.float()");
    line(&mut code, "print(output.shape)\nprint(output)");
    code
}

fn one(layer: &Spec, at: usize, channels: &mut usize, width: usize) -> String {
    let (k, s, p, d) =
        (pair(layer.kernel_size), pair(layer.stride), pair(layer.padding), pair(layer.dilation));
    let how = format!("stride={s}, padding={p}");
    match layer.what {
        What::Conv => {
            *channels = width;
            format!("conv(x, draw, {at}, {channels}, {k}, {how}, dilation={d})")
        }
        What::Depthwise => {
            format!("conv(x, draw, {at}, {channels}, {k}, {how}, dilation={d}, groups={channels})")
        }
        What::Max => format!("F.max_pool2d(x, {k}, {how}, dilation={d})"),
        What::Average => format!("F.avg_pool2d(x, {k}, {how})"),
    }
}

fn function(activation: Activation) -> Option<&'static str> {
    Some(match activation {
        Activation::None => return None,
        Activation::Relu => "F.relu(x)",
        Activation::LeakyRelu => "F.leaky_relu(x)",
        Activation::Gelu => "F.gelu(x)",
        Activation::Tanh => "torch.tanh(x)",
        Activation::Sigmoid => "torch.sigmoid(x)",
    })
}
