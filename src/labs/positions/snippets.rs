//! Code that gives the numbers on the screen, complete enough to be pasted and run.

use super::Positions;
use super::params::{Code, Layout, Params, Scaling};
use crate::stage::insight::Snippet;
use crate::stage::lab::{Ran, Shared};
use crate::stage::text::Lang;

/// The snippets of a state.
pub fn list(run: &Ran<Positions>, lang: Lang) -> Vec<Snippet> {
    vec![
        Snippet { key: "pytorch", name: "PyTorch", code: code(run, lang, true) },
        Snippet { key: "numpy", name: "NumPy", code: code(run, lang, false) },
    ]
}

/// A list of numbers as Python reads it.
fn numbers(list: impl IntoIterator<Item = f64>) -> String {
    let list: Vec<String> = list.into_iter().map(|v| format!("{v:?}")).collect();
    format!("[{}]", list.join(", "))
}

fn code(run: &Ran<Positions>, lang: Lang, torch: bool) -> String {
    let p = &run.params;
    let mut code = String::from("import math\n");
    code += "import numpy as np\n";
    let files = lang.pick("Save above gives these files, as .npy", "图上的“保存”可得到这些 .npy 文件");
    let shape =
        lang.pick("[1, heads, tokens, width], without any code", "[1, 头数, 词元数, 宽度]，还没有位置编码");
    if torch {
        code += "import torch\nimport torch.nn.functional as F\n\n";
        code +=
            &format!("def load(name):  # {files}\n    return torch.from_numpy(np.load(name + \".npy\"))\n\n");
    } else {
        code += &format!("\ndef load(name):  # {files}\n    return np.load(name + \".npy\")\n\n");
    }
    code += &format!("q, k, v = load(\"q\"), load(\"k\"), load(\"v\")  # {shape}\n");
    code += "heads, n, width = q.shape[1:]\n";
    code += &match torch {
        true => format!("position = torch.arange({0}, {0} + n, dtype=torch.float64)\n", p.first()),
        false => format!("position = np.arange({0}, {0} + n, dtype=np.float64)\n", p.first()),
    };
    code += if torch { "bias = torch.zeros(1, 1, n, n)\n" } else { "bias = np.zeros((1, 1, n, n))\n" };
    code += "\n";
    code += &match p.code {
        Code::None => String::new(),
        Code::Sinusoidal | Code::Learned => added(p, lang, torch),
        Code::Rope => rope(run, lang, torch),
        Code::Alibi => alibi(p, &run.output.slopes, torch),
        Code::T5 => t5(p, lang, torch),
    };
    if p.is_causal {
        code += &match torch {
            true => "bias = bias.masked_fill(torch.ones(n, n).triu(1).bool(), -math.inf)\n".to_string(),
            false => {
                "bias = bias + np.where(np.triu(np.ones((n, n)), 1) > 0, float(\"-inf\"), 0.0)\n".to_string()
            }
        };
    }
    code += if torch {
        "output = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.float())\nprint(output.shape)\nprint(output)\n"
    } else {
        "scores = q @ k.swapaxes(-1, -2) / math.sqrt(width) + bias\nweights = np.exp(scores - scores.max(-1, keepdims=True))\nweights = weights / weights.sum(-1, keepdims=True)\noutput = weights @ v\nprint(output.shape)\nprint(output)\n"
    };
    code
}

fn added(p: &Params, lang: Lang, torch: bool) -> String {
    let (d, base, first) = (p.d(), p.base(), p.first());
    let lib = if torch { "torch" } else { "np" };
    let mut code = String::new();
    if p.code == Code::Learned {
        code += &format!("code = load(\"table\")[{first}:{first} + n]\n");
    } else {
        code += &format!("i = {lib}.arange(0, {d}, 2, dtype={lib}.float64)\n");
        code += &format!("angle = position[:, None] / {base:?} ** (i / {d})\n");
        code += if torch {
            "code = torch.stack((angle.sin(), angle.cos()), -1).flatten(-2).float()\n"
        } else {
            "code = np.stack((np.sin(angle), np.cos(angle)), -1).reshape(n, -1)\n"
        };
    }
    let split = if torch {
        "x.view(n, heads, width).transpose(0, 1)"
    } else {
        "x.reshape(n, heads, width).swapaxes(0, 1)"
    };
    code += &format!("\ndef split(x):\n    return {split}[None]\n\n");
    let remark = lang.pick("(x + code) W = x W + code W", "(x + code) W = x W + code W，分配律");
    code += &format!("q = q + split(code @ load(\"w_q\").T)  # {remark}\n");
    code + "k = k + split(code @ load(\"w_k\").T)\n"
}

fn rope(run: &Ran<Positions>, lang: Lang, torch: bool) -> String {
    let (p, lib) = (&run.params, if torch { "torch" } else { "np" });
    let base = p.base();
    let double = if torch { "torch.float64" } else { "np.float64" };
    let mut code = format!("i = {lib}.arange(0, width, 2, dtype={double})\n");
    // The text's own length decides the frequencies of the dynamic scaling.
    let found = p.rope().frequencies(p.first() + p.n()).ok();
    let grown = found.as_ref().map_or(1.0, |f| f.attention_scaling);
    code += &match p.scaling {
        Scaling::None => format!("inv_freq = {base:?} ** (-i / width)\n"),
        Scaling::Linear => format!("inv_freq = {base:?} ** (-i / width) / {:?}\n", p.factor),
        other => {
            let list = numbers(found.map(|f| f.inv_freq).unwrap_or_default());
            let make = if torch { "torch.tensor" } else { "np.array" };
            let remark = lang.pick("after scaling", "缩放之后");
            format!("inv_freq = {make}({list}, dtype={double})  # {}, {remark}\n", other.key())
        }
    };
    code += "angle = position[:, None] * inv_freq\n";
    let (cos, sin) = if torch { ("angle.cos()", "angle.sin()") } else { ("np.cos(angle)", "np.sin(angle)") };
    let times = if grown == 1.0 { String::new() } else { format!(" * {grown:?}") };
    let cast = if torch { ".float()" } else { "" };
    let bracket = |text: &str| {
        if times.is_empty() { format!("{text}{cast}") } else { format!("({text}{times}){cast}") }
    };
    code += &format!("cos, sin = {}, {}\n\ndef turn(x):\n", bracket(cos), bracket(sin));
    code += match p.layout {
        Layout::Half => "    a, b = x[..., :width // 2], x[..., width // 2:]\n",
        Layout::Interleaved => "    a, b = x[..., 0::2], x[..., 1::2]\n",
    };
    let pair = "(a * cos - b * sin, a * sin + b * cos)";
    code += &match (p.layout, torch) {
        (Layout::Half, true) => format!("    return torch.cat({pair}, -1)\n"),
        (Layout::Half, false) => format!("    return np.concatenate({pair}, -1)\n"),
        (Layout::Interleaved, true) => format!("    return torch.stack({pair}, -1).flatten(-2)\n"),
        (Layout::Interleaved, false) => format!("    return np.stack({pair}, -1).reshape(x.shape)\n"),
    };
    code + "\nq, k = turn(q), turn(k)\n"
}

fn alibi(p: &Params, slopes: &Shared, torch: bool) -> String {
    let heads = p.heads();
    let (lib, make) = if torch { ("torch", "torch.tensor") } else { ("np", "np.array") };
    let slopes = if heads.is_power_of_two() {
        format!("2.0 ** (-8 * {lib}.arange(1, {heads} + 1) / {heads})")
    } else {
        format!("{make}({})", numbers(slopes.iter().map(|m| f64::from(*m))))
    };
    let abs =
        if torch { "(position[:, None] - position).abs()" } else { "np.abs(position[:, None] - position)" };
    format!("slopes = {slopes}\nbias = -slopes[None, :, None, None] * {abs}\n")
}

fn t5(p: &Params, lang: Lang, torch: bool) -> String {
    let remark = lang.pick("key position - query position", "键的位置减查询的位置");
    let mut code = format!("def bucket(distance):  # {remark}\n");
    code += if p.bidirectional {
        "    first, count = (16 if distance > 0 else 0), 16\n    distance = abs(distance)\n"
    } else {
        "    first, count = 0, 32\n    distance = max(-distance, 0)\n"
    };
    code += "    exact = count // 2\n    if distance < exact:\n        return first + distance\n";
    code += "    far = math.log(distance / exact) / math.log(128 / exact) * (count - exact)\n";
    code += "    return first + min(exact + int(far + 1e-9), count - 1)\n\n";
    code += "index = [[bucket(j - i) for j in range(n)] for i in range(n)]\n";
    code + if torch {
        "bias = load(\"t5_table\")[torch.tensor(index)].permute(2, 0, 1)[None]\n"
    } else {
        "bias = load(\"t5_table\")[np.array(index)].transpose(2, 0, 1)[None]\n"
    }
}
