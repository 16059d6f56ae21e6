//! Code that gives the numbers on the screen, complete enough to be pasted and run.

use super::Checkerboard;
use super::params::{Input, Params, Upsampler};
use crate::stage::insight::Snippet;
use crate::stage::lab::{Ran, Shared};
use crate::stage::scene::grid::extent;
use crate::stage::text::Lang;
use std::fmt::Write;

/// Arrays up to this many cells are written out.
const LITERAL: usize = 144;

/// The snippets of a state.
pub fn list(run: &Ran<Checkerboard>, lang: Lang) -> Vec<Snippet> {
    let mut list = vec![Snippet { key: "pytorch", name: "PyTorch", code: pytorch(run, lang) }];
    if run.params.upsampler == Upsampler::Transposed && !run.params.back() {
        list.push(Snippet { key: "numpy", name: "NumPy", code: numpy(run, lang) });
    }
    list
}

fn pytorch(run: &Ran<Checkerboard>, lang: Lang) -> String {
    let (p, o) = (&run.params, &run.output);
    let mut code = String::from("import numpy as np\nimport torch\nimport torch.nn.functional as F\n\n");
    code += &input(run, lang);
    let taps = p.back() || o.layer.parameters() > 0;
    if taps {
        code += &array("w", "weight", &o.weight, lang);
    }
    code += "x = torch.from_numpy(x)[None, None]\n";
    if taps && extent(&o.weight) != (0, 0) {
        code += "w = torch.from_numpy(w).reshape";
        let shape: Vec<String> = o.weight.shape().iter().map(|n| n.to_string()).collect();
        let _ = writeln!(code, "({})", shape.join(", "));
    }
    if p.back() {
        code += "x.requires_grad_()\ny = x\n";
    } else {
        code += "y = x\n";
    }
    let (s, k) = (p.s(), p.k());
    let (before, after) = ((k - 1) / 2, k / 2);
    let pad = format!("y = F.pad(y, ({before}, {after}, {before}, {after}), mode=\"replicate\")\n");
    let layer = if p.back() {
        format!("y = F.conv2d(y, w, stride={s}, padding={})\n", p.p())
    } else {
        let interpolate = |mode: &str| format!("y = F.interpolate(y, scale_factor={s}, mode=\"{mode}\")\n");
        match p.upsampler {
            Upsampler::Transposed => format!(
                "y = F.conv_transpose2d(y, w, stride={s}, padding={}, output_padding={})\n",
                p.p(),
                p.op()
            ),
            Upsampler::Nearest => interpolate("nearest"),
            Upsampler::Bilinear => interpolate("bilinear"),
            Upsampler::Bicubic => interpolate("bicubic"),
            Upsampler::ResizeConv => format!("{}{pad}y = F.conv2d(y, w)\n", interpolate("nearest")),
            Upsampler::PixelShuffle => format!("{pad}y = F.pixel_shuffle(F.conv2d(y, w), {s})\n"),
        }
    };
    for _ in 0..p.layers() {
        code += &layer;
    }
    if p.back() {
        code += "y.sum().backward()\ny = x.grad\n";
    }
    let (h, w) = o.size();
    code + &format!("print(y.shape)  # (1, 1, {h}, {w})\nprint(y)\n")
}

fn numpy(run: &Ran<Checkerboard>, lang: Lang) -> String {
    let (p, o) = (&run.params, &run.output);
    let mut code = String::from("import numpy as np\n\n");
    code += &input(run, lang);
    code += &array("w", "weight", &o.weight, lang);
    let (k, s, pad, added) = (p.k(), p.s(), p.p(), p.op());
    let remark = lang.pick("every input cell stamps the kernel", "每个输入格盖下一枚卷积核");
    let _ = write!(
        code,
        "def up(x):\n    h, n = x.shape\n    full = np.zeros(((h - 1) * {s} + {k} + {added}, (n - 1) * {s} + {k} + {added}), np.float32)\n    for i in range(h):\n        for j in range(n):\n            full[i * {s}:i * {s} + {k}, j * {s}:j * {s} + {k}] += x[i, j] * w  # {remark}\n    return full[{pad}:full.shape[0] - {pad}, {pad}:full.shape[1] - {pad}]\n\ny = x\n"
    );
    for _ in 0..p.layers() {
        code += "y = up(y)\n";
    }
    let (h, w) = o.size();
    code + &format!("print(y.shape)  # ({h}, {w})\nprint(y)\n")
}

/// `x` as a NumPy array `[h, w]`.
fn input(run: &Ran<Checkerboard>, lang: Lang) -> String {
    let (p, o): (&Params, _) = (&run.params, &run.output);
    let (h, w) = p.size;
    match p.input {
        Input::Flat if h * w > LITERAL => format!("x = np.ones(({h}, {w}), np.float32)\n"),
        Input::Impulse if h * w > LITERAL => {
            format!("x = np.zeros(({h}, {w}), np.float32)\nx[{}, {}] = 1\n", h / 2, w / 2)
        }
        _ => array("x", "input", &o.input, lang),
    }
}

/// A tensor as a NumPy array of its two last axes: a literal when it is small, else read from its file.
fn array(variable: &str, name: &str, tensor: &Shared, lang: Lang) -> String {
    let (h, w) = extent(tensor);
    let one = tensor.len() == h * w;
    if tensor.len() > LITERAL {
        let remark =
            lang.pick("the numbers: the Download button gives this file", "数值：点“下载”按钮可得到这个文件");
        let shape = if one { format!(".reshape({h}, {w})") } else { String::new() };
        return format!("{variable} = np.load(\"{name}.npy\").astype(np.float32){shape}  # {remark}\n");
    }
    let flat: Vec<f32> = tensor.iter().copied().collect();
    let rows: Vec<String> = flat
        .chunks(w.max(1))
        .map(|row| format!("[{}]", row.iter().map(|v| literal(*v)).collect::<Vec<_>>().join(", ")))
        .collect();
    let start = format!("{variable} = np.array([");
    let between = format!(",\n{}", " ".repeat(start.len()));
    format!("{start}{}], np.float32)\n", rows.join(&between))
}

/// A number as Python reads it, such that it is the same `float32` again.
fn literal(value: f32) -> String {
    if value == value.trunc() && value.abs() < 1e7 { format!("{value:.0}") } else { format!("{value:?}") }
}
