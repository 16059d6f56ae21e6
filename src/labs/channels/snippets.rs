//! Code that gives the numbers on the screen, complete enough to be pasted and run.

use super::Channels;
use crate::stage::insight::Snippet;
use crate::stage::lab::{Ran, Shared};
use crate::stage::text::Lang;

/// The snippets of a state.
pub fn list(run: &Ran<Channels>, lang: Lang) -> Vec<Snippet> {
    vec![
        Snippet { key: "pytorch", name: "PyTorch", code: pytorch(run, lang) },
        Snippet { key: "numpy", name: "NumPy", code: numpy(run, lang) },
    ]
}

/// A shape as Python writes it.
fn shape(tensor: &Shared) -> String {
    let list: Vec<String> = tensor.shape().iter().map(usize::to_string).collect();
    list.join(", ")
}

fn loads(run: &Ran<Channels>, lang: Lang) -> String {
    let o = &run.output;
    let remark = lang.pick("Save above gives these files, as .npy", "图上的“保存”可得到这些 .npy 文件");
    let mut code = format!("# {remark}\n");
    for (letter, name, tensor) in [("x", "input", &o.input), ("w", "weight", &o.weight)] {
        code +=
            &format!("{letter} = np.load(\"{name}.npy\").astype(np.float32).reshape({})\n", shape(tensor));
    }
    if run.params.bias {
        code += &format!("b = np.load(\"bias.npy\").astype(np.float32).reshape({})\n", run.params.c_out());
    }
    code
}

fn pair((a, b): (usize, usize)) -> String {
    if a == b { a.to_string() } else { format!("({a}, {b})") }
}

fn pytorch(run: &Ran<Channels>, lang: Lang) -> String {
    let (p, o) = (&run.params, &run.output);
    let pads = o.conv.pads;
    let even = pads.top == pads.bottom && pads.left == pads.right;
    let mut arguments = format!("{}, {}, {}", p.c_in(), p.c_out(), pair(p.kernel_size));
    if p.stride != (1, 1) {
        arguments += &format!(", stride={}", pair(p.stride));
    }
    if even && (pads.top, pads.left) != (0, 0) {
        arguments += &format!(", padding={}", pair((pads.top, pads.left)));
    }
    if p.g() > 1 {
        arguments += &format!(", groups={}", p.g());
    }
    if !p.bias {
        arguments += ", bias=False";
    }
    let mut code = String::from("import numpy as np\nimport torch\nfrom torch import nn\n\n");
    code += &loads(run, lang);
    code += &format!("\nconv = nn.Conv2d({arguments})\nwith torch.no_grad():\n");
    code += "    conv.weight.copy_(torch.from_numpy(w))\n";
    if p.bias {
        code += "    conv.bias.copy_(torch.from_numpy(b))\n";
    }
    code += "    x = torch.from_numpy(x)\n";
    if !even {
        let sides = format!("({}, {}, {}, {})", pads.left, pads.right, pads.top, pads.bottom);
        code += &format!("    x = nn.functional.pad(x, {sides})\n");
    }
    code + &format!("    y = conv(x)\nprint(y.shape)  # ({})\nprint(y)\n", shape(&o.output))
}

fn numpy(run: &Ran<Channels>, lang: Lang) -> String {
    let (p, o) = (&run.params, &run.output);
    let pads = o.conv.pads;
    let ((kh, kw), (sh, sw), (oh, ow)) = (p.kernel_size, p.stride, o.size());
    let mut code = String::from("import numpy as np\n\n");
    code += &loads(run, lang);
    code += &format!(
        "x = np.pad(x[0], ((0, 0), ({}, {}), ({}, {})))\n",
        pads.top, pads.bottom, pads.left, pads.right
    );
    let outs = p.c_out() / p.g();
    let remark = lang.pick("the channels that output q reads", "输出 q 所读的通道");
    code += &format!("y = np.zeros(({}, {oh}, {ow}), np.float32)\n", p.c_out());
    code += &format!("for q in range({}):\n", p.c_out());
    code += &format!("    first = q // {outs} * {}  # {remark}\n", p.per());
    code += &format!("    for i in range({oh}):\n        for j in range({ow}):\n");
    code += &format!(
        "            window = x[first:first + {}, {sh} * i:{sh} * i + {kh}, {sw} * j:{sw} * j + {kw}]\n",
        p.per()
    );
    code += "            y[q, i, j] = (window * w[q]).sum()";
    if p.bias {
        code += " + b[q]";
    }
    code + "\nprint(y.shape)\nprint(y)\n"
}
