//! Code that gives the numbers on the screen.

use super::AttentionLab;
use super::compute::{self, TAKEN};
use super::params::{MaskKind, Params, ScoreKind, SoftmaxKind};
use crate::stage::insight::Snippet;
use crate::stage::lab::{Ran, Shared};
use crate::stage::text::Lang;

/// More numbers than this in all are read from files rather than written out.
const LITERAL: usize = 900;

/// The snippets of a state.
pub fn list(run: &Ran<AttentionLab>, lang: Lang) -> Vec<Snippet> {
    let code = Code { run, lang };
    let mut list = vec![Snippet { key: "pytorch", name: "PyTorch", code: code.pytorch() }];
    if let Some(module) = code.module() {
        list.push(Snippet { key: "module", name: "nn.MultiheadAttention", code: module });
    }
    let p = &run.params;
    if p.softmax == SoftmaxKind::Softmax && p.score == ScoreKind::Dot && !run.output.main.off.contains(&true)
    {
        list.push(Snippet { key: "numpy", name: "NumPy", code: code.numpy() });
    }
    list
}

struct Code<'a> {
    run: &'a Ran<AttentionLab>,
    lang: Lang,
}

/// A number as Python reads it.
fn literal(value: f32) -> String {
    if value == value.trunc() && value.abs() < 1e7 { format!("{value:.0}") } else { format!("{value:?}") }
}

/// An array of a tensor, written out, a row a line.
fn written(name: &str, numbers: &[f32], shape: &[usize]) -> String {
    let width = shape.last().copied().unwrap_or(1).max(1);
    let rows: Vec<String> = numbers
        .chunks(width)
        .map(|row| row.iter().map(|v| literal(*v)).collect::<Vec<_>>().join(", "))
        .collect();
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("{name} = np.array([\n    {}], np.float32).reshape({})\n", rows.join(",\n    "), sizes.join(", "))
}

impl Code<'_> {
    fn params(&self) -> &Params {
        &self.run.params
    }

    /// q, k, v and w_o as NumPy arrays.
    fn tensors(&self) -> String {
        let o = &self.run.output.main;
        let all: [(&str, &Shared); 4] = [("q", &o.q), ("k", &o.k), ("v", &o.v), ("w_o", &o.w[3])];
        if all.iter().map(|(_, t)| t.len()).sum::<usize>() <= LITERAL {
            let numbers = |t: &Shared| t.iter().copied().collect::<Vec<f32>>();
            return all.iter().map(|(name, t)| written(name, &numbers(t), t.shape())).collect();
        }
        let remark = self.lang.pick(
            "receptive.tensor(name) on the page gives the numbers",
            "页面上的 receptive.tensor(name) 可给出这些数",
        );
        format!(
            "# {remark}\nq, k, v, w_o = (np.load(f\"{{name}}.npy\") for name in (\"q\", \"k\", \"v\", \"w_o\"))\n"
        )
    }

    /// Whether anything but the causal rule hides.
    fn masked(&self) -> bool {
        let p = self.params();
        p.window > 0 || p.mask != MaskKind::None || self.run.output.main.padding > 0
    }

    /// The mask as truth values in `allowed`; `lib` is `torch` or `np`.
    fn mask(&self, lib: &str) -> String {
        let (p, o) = (self.params(), &self.run.output.main);
        let (n, m) = (o.sizes.n, o.sizes.m);
        let mut code = format!("i, j = {lib}.arange({n})[:, None], {lib}.arange({m})[None]\n");
        code += &format!("allowed = (i >= 0) & (j < {})\n", m - o.padding.min(m));
        if p.is_causal {
            code += "allowed = allowed & (j <= i)\n";
        }
        if p.window > 0 {
            code += &format!("allowed = allowed & (abs(i - j) <= {})\n", p.window);
        }
        let size = p.mask_size.max(1);
        match p.mask {
            MaskKind::None => {}
            MaskKind::Prefix => code += &format!("allowed = allowed & ((j < {size}) | (j <= i))\n"),
            MaskKind::Block => code += &format!("allowed = allowed & (i // {size} == j // {size})\n"),
            MaskKind::Global => {
                code += &format!("allowed = allowed & ((i < {size}) | (j < {size}) | (abs(i - j) <= 1))\n");
            }
            MaskKind::Own => {
                let (rows, cols) = p.allowed.shape();
                let cells = (0..rows.min(n)).flat_map(|r| (0..cols.min(m)).map(move |c| (r, c)));
                for (r, c) in cells.filter(|(r, c)| p.allowed.at(*r, *c) == 0.0) {
                    code += &format!("allowed[{r}, {c}] = False\n");
                }
            }
        }
        code
    }

    fn off(&self) -> Vec<String> {
        let off = self.run.output.main.off.iter().enumerate();
        off.filter(|(_, off)| **off).map(|(h, _)| h.to_string()).collect()
    }

    fn pytorch(&self) -> String {
        let (p, o) = (self.params(), &self.run.output.main);
        let s = &o.sizes;
        let mut code = String::from("import numpy as np\nimport torch\nimport torch.nn.functional as F\n\n");
        code += &self.tensors();
        code += "q, k, v, w_o = (torch.from_numpy(t) for t in (q, k, v, w_o))\n";
        if s.kv < s.heads {
            let remark = self.lang.pick("heads that share keys and values", "共用键和值的头");
            code += &format!(
                "k, v = (t.repeat_interleave({}, dim=1) for t in (k, v))  # {remark}\n",
                s.heads / s.kv
            );
        }
        if p.score == ScoreKind::Cosine && p.softmax != SoftmaxKind::Signed {
            code += "q, k = (F.normalize(t, dim=-1, eps=1e-8) for t in (q, k))\n";
        }
        let plain = p.softmax == SoftmaxKind::Softmax && p.score != ScoreKind::Additive;
        let factor = o.scale / f64::from(p.temperature);
        if plain {
            let mut arguments = vec!["q, k, v".to_string()];
            if self.masked() {
                code += &self.mask("torch");
                arguments.push("attn_mask=allowed".into());
            } else if p.is_causal {
                arguments.push("is_causal=True".into());
            }
            let usual = 1.0 / (s.dk as f64).sqrt();
            if (factor - usual).abs() > 1e-12 {
                arguments.push(format!("scale={factor:?}"));
            }
            code += &format!("y = F.scaled_dot_product_attention({})\n", arguments.join(", "));
            if !o.empty_rows.is_empty() {
                let remark = self.lang.pick("rows that may look at nobody", "谁也不能看的行");
                code += &format!("y = y.nan_to_num(0.0) * allowed.any(-1)[:, None]  # {remark}\n");
            }
        } else {
            code += &self.mask("torch");
            code += &self.weights(factor);
            code += "y = weights @ v\n";
        }
        let off = self.off();
        if !off.is_empty() {
            code +=
                &format!("y[:, [{}]] = 0  # {}\n", off.join(", "), self.lang.pick("heads off", "关闭的头"));
        }
        code += &format!("y = y.transpose(1, 2).reshape(1, {}, {}) @ w_o.T\n", s.n, s.heads * s.dv);
        code + "print(y.shape)\nprint(y)\n"
    }

    /// Weights that no single call of PyTorch gives.
    fn weights(&self, factor: f64) -> String {
        let (p, o) = (self.params(), &self.run.output.main);
        let hidden = "masked_fill(~allowed, float(\"-inf\"))";
        let zero = "torch.where(allowed.any(-1)[:, None], w, 0.0)";
        let mut code = String::new();
        if p.score == ScoreKind::Additive {
            let score = compute::additive(o.sizes.dk, self.run.seed);
            let flat = |map: &crate::core::tensor::Map| map.iter().copied().collect::<Vec<f32>>();
            code += &written("w_1", &flat(&score.w_query), score.w_query.shape());
            code += &written("w_2", &flat(&score.w_key), score.w_key.shape());
            code += &written("u", &score.v, &[score.v.len()]);
            code += "w_1, w_2, u = (torch.from_numpy(t) for t in (w_1, w_2, u))\n";
            code += "scores = torch.tanh((q @ w_1.T)[:, :, :, None] + (k @ w_2.T)[:, :, None]) @ u\n";
            code += &format!("scores = scores * {factor:?}\n");
        } else if p.softmax == SoftmaxKind::Signed {
            let half = o.sizes.dk / 2;
            let unit = if p.score == ScoreKind::Cosine { "F.normalize(t, dim=-1, eps=1e-8)" } else { "t" };
            code += &format!(
                "def soft(q, k):\n    q, k = ({unit} for t in (q, k))\n    w = q @ k.transpose(2, 3) * {factor:?}\n"
            );
            code += &format!("    w = w.{hidden}.softmax(-1)\n    return {zero}\n\n");
            code += &format!(
                "weights = soft(q[..., :{half}], k[..., :{half}]) - {TAKEN:?} * soft(q[..., {half}:{}], k[..., {half}:{}])\n",
                2 * half,
                2 * half
            );
            return code;
        } else {
            code += &format!("scores = q @ k.transpose(2, 3) * {factor:?}\n");
        }
        code += &match p.softmax {
            SoftmaxKind::Hardmax => format!(
                "best = scores.{hidden}.argmax(-1)\nw = F.one_hot(best, {}).float()\nweights = {zero}\n",
                o.sizes.m
            ),
            SoftmaxKind::MaskAfter => String::from("weights = scores.softmax(-1) * allowed\n"),
            _ => format!("w = scores.{hidden}.softmax(-1)\nweights = {zero}\n"),
        };
        code
    }

    /// The whole module, where PyTorch's has these parts.
    fn module(&self) -> Option<String> {
        let (p, o) = (self.params(), &self.run.output.main);
        let s = &o.sizes;
        let usual = o.own.is_empty()
            && s.kv == s.heads
            && s.dv == s.dk
            && p.softmax == SoftmaxKind::Softmax
            && p.score == ScoreKind::Dot
            && p.scale_factor(s.dk) == Some(1.0 / (s.dk as f64).sqrt())
            && p.temperature == 1.0
            && !o.off.contains(&true);
        if !usual {
            return None;
        }
        let (d, h) = (s.d, s.heads);
        let remark =
            self.lang.pick("True hides, the other way round than above", "True 表示屏蔽，与上面相反");
        let mut code = String::from(
            "import numpy as np\nimport torch\n\nx, w_q, w_k, w_v, w_o = (\n    torch.from_numpy(np.load(f\"{n}.npy\")) for n in (\"x\", \"w_q\", \"w_k\", \"w_v\", \"w_o\"))\n",
        );
        if p.cross {
            code += "context = torch.from_numpy(np.load(\"context.npy\"))\n";
        }
        code += &format!("layer = torch.nn.MultiheadAttention({d}, {h}, bias=False, batch_first=True)\n");
        code += "with torch.no_grad():\n    layer.in_proj_weight.copy_(torch.cat([w_q, w_k, w_v]))\n    layer.out_proj.weight.copy_(w_o)\n";
        let other = if p.cross { "context, context" } else { "x, x" };
        let mut arguments = format!("x, {other}, average_attn_weights=False");
        if self.masked() || p.is_causal {
            code += &self.mask("torch");
            code += &format!("# {remark}\n");
            arguments += ", attn_mask=~allowed";
        }
        code += &format!("y, weights = layer({arguments})\nprint(y.shape)\nprint(y)\n");
        Some(code)
    }

    /// The steps by hand, for one softmax of dot products.
    fn numpy(&self) -> String {
        let (p, o) = (self.params(), &self.run.output.main);
        let s = &o.sizes;
        let mut code = String::from("import numpy as np\n\n");
        code += &self.tensors();
        if s.kv < s.heads {
            code += &format!("k, v = (np.repeat(t, {}, axis=1) for t in (k, v))\n", s.heads / s.kv);
        }
        code += &self.mask("np");
        let factor = o.scale / f64::from(p.temperature);
        code += &format!("scores = q @ k.swapaxes(2, 3) * {factor:?}\n");
        code += "powers = np.exp(scores - scores.max(-1, keepdims=True)) * allowed\n";
        code += "weights = powers / np.maximum(powers.sum(-1, keepdims=True), 1e-30)\n";
        code +=
            &format!("y = (weights @ v).swapaxes(1, 2).reshape(1, {}, {}) @ w_o.T\n", s.n, s.heads * s.dv);
        code + "print(y.shape)\nprint(y)\n"
    }
}
