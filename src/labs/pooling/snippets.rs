//! Code that gives the numbers on the screen, complete enough to be pasted and run.

use super::Pooling;
use super::params::{Grad, Pool};
use crate::stage::insight::Snippet;
use crate::stage::lab::{Ran, Shared};
use crate::stage::scene::grid::{extent, value_at};
use crate::stage::text::Lang;

/// Arrays up to this many cells a side are written out.
const LITERAL: usize = 12;

/// The snippets of a state.
pub fn list(run: &Ran<Pooling>, lang: Lang) -> Vec<Snippet> {
    vec![
        Snippet { key: "pytorch", name: "PyTorch", code: pytorch(run, lang) },
        Snippet { key: "numpy", name: "NumPy", code: numpy(run, lang) },
    ]
}

/// `name` as a NumPy array `[h, w]`: written out, or loaded from the file that the page gives.
fn array(name: &str, file: &str, tensor: &Shared, lang: Lang) -> String {
    let (h, w) = extent(tensor);
    if h.max(w) > LITERAL {
        let remark = lang.pick("the Download button gives this file", "点“下载”按钮可得到这个文件");
        return format!("{name} = np.load(\"{file}.npy\").astype(np.float32).reshape({h}, {w})  # {remark}");
    }
    let number = |v: f32| if v == v.trunc() && v.abs() < 1e7 { format!("{v:.0}") } else { format!("{v:?}") };
    let rows: Vec<String> = (0..h)
        .map(|r| {
            let cells: Vec<String> = (0..w).map(|c| number(value_at(tensor, r, c))).collect();
            format!("    [{}],\n", cells.join(", "))
        })
        .collect();
    format!("{name} = np.array([\n{}], np.float32)", rows.concat())
}

fn pair([a, b]: [usize; 2]) -> String {
    if a == b { a.to_string() } else { format!("({a}, {b})") }
}

fn pytorch(run: &Ran<Pooling>, lang: Lang) -> String {
    let (p, o) = (&run.params, &run.output);
    let pool = &o.walk.pool;
    let pads = [pool.pads[0].0, pool.pads[1].0];
    let mut code = String::from("import numpy as np\nimport torch\nimport torch.nn.functional as F\n\n");
    code += &array("x", "input", &o.input, lang);
    code += "\nx = torch.from_numpy(x)[None, None].requires_grad_()\n";
    let mut rest = vec![format!("{}, stride={}", pair(pool.kernel_size), pair(pool.stride))];
    if pads != [0, 0] {
        rest.push(format!("padding={}", pair(pads)));
    }
    if pool.dilation != [1, 1] {
        rest.push(format!("dilation={}", pair(pool.dilation)));
    }
    if pool.ceil_mode {
        rest.push("ceil_mode=True".into());
    }
    let (oh, ow) = o.size();
    code += &match p.pool {
        Pool::Max => format!("y = F.max_pool2d(x, {})\n", rest.join(", ")),
        Pool::Min => format!("y = -F.max_pool2d(-x, {})\n", rest.join(", ")),
        Pool::Avg => {
            if !p.count_include_pad && pads != [0, 0] {
                rest.push("count_include_pad=False".into());
            }
            format!("y = F.avg_pool2d(x, {})\n", rest.join(", "))
        }
        Pool::Lp => format!("y = F.lp_pool2d(x, {:?}, {})\n", p.norm_type, rest.join(", ")),
        Pool::Median => {
            let remark = lang.pick("padding takes part as zeros", "填充作为零参与");
            format!(
                "u = F.unfold(x, {})  # {remark}\ny = u.median(dim=1).values.view(1, 1, {oh}, {ow})\n",
                rest.join(", ")
            )
        }
        Pool::GlobalAvg => "y = F.adaptive_avg_pool2d(x, 1)\n".into(),
        Pool::GlobalMax => "y = F.adaptive_max_pool2d(x, 1)\n".into(),
    };
    code += &format!("print(y.shape)  # (1, 1, {oh}, {ow})\nprint(y.detach())\n\n");
    if p.grad == Grad::Ones {
        code += "g = torch.ones_like(y)\n";
    } else {
        code += &array("g", "grad_output", &o.grad_output, lang);
        code += "\ng = torch.from_numpy(g)[None, None]\n";
    }
    let remark = lang.pick("where the gradient lands", "梯度落在哪里");
    code + &format!("y.backward(g)\nwhere = x.grad  # {remark}\n")
}

fn numpy(run: &Ran<Pooling>, lang: Lang) -> String {
    let (p, o) = (&run.params, &run.output);
    let pool = &o.walk.pool;
    let [(ph, _), (pw, _)] = pool.pads;
    let ([kh, kw], [sh, sw], [dh, dw]) = (pool.kernel_size, pool.stride, pool.dilation);
    let (oh, ow) = o.size();
    let outside = p.pool == Pool::Avg && !p.count_include_pad;
    let hole = match p.pool {
        Pool::Max => "-np.inf",
        Pool::Min => "np.inf",
        _ if outside => "np.nan",
        _ => "0",
    };
    let reduce = match p.pool {
        Pool::Max | Pool::GlobalMax => "w.max()".into(),
        Pool::Min => "w.min()".into(),
        Pool::Avg if outside => "np.nanmean(w)".into(),
        Pool::Avg | Pool::GlobalAvg => "w.mean()".into(),
        Pool::Median => "np.sort(w, axis=None)[(w.size - 1) // 2]".into(),
        Pool::Lp => {
            let n = p.norm_type;
            format!("((w ** {n:?}).sum() * {} / w.size) ** (1 / {n:?})", kh * kw)
        }
    };
    let remark = lang.pick("a window over the end is cut", "超出末端的窗口会被截断");
    let mut code = String::from("import numpy as np\n\n");
    code += &array("x", "input", &o.input, lang);
    code += &format!(
        "\nx = np.pad(x, (({ph}, {ph}), ({pw}, {pw})), constant_values={hole})\n\ndef reduce(w):\n    return {reduce}\n\n"
    );
    let (eh, ew) = (dh * (kh - 1) + 1, dw * (kw - 1) + 1);
    code += &format!(
        "y = np.array([[reduce(x[{sh} * i:{sh} * i + {eh}:{dh}, {sw} * j:{sw} * j + {ew}:{dw}])  # {remark}\n               for j in range({ow})] for i in range({oh})])\n"
    );
    code + &format!("print(y.shape)  # ({oh}, {ow})\nprint(y)\n")
}
