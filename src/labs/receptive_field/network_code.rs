//! Code that measures the field of a published network: torchvision's own, or the recurrence over the layers of those
//! it has not.

use super::published::Published;
use super::text::Text;
use crate::core::nets::networks::Op;
use crate::stage::text::Lang;
use std::fmt::Write;

/// What the gradient needs so that every tap within the field shows: weights above zero, nothing that bends or chooses.
const EVEN: &str = "\
def even(module):
    for name, child in list(module.named_children()):
        if isinstance(child, (nn.Conv2d, nn.Linear)):
            nn.init.constant_(child.weight, 1 / child.weight[0].numel())
            if child.bias is not None:
                nn.init.zeros_(child.bias)
        elif isinstance(child, SKIPPED):
            setattr(module, name, nn.Identity())
        else:
            if hasattr(child, 'layer_scale'):
                nn.init.ones_(child.layer_scale)
            even(child)
";

/// The network's code; `None` when neither torchvision has it nor its layers make one chain.
pub fn code(n: &Published, lang: Lang) -> Option<String> {
    match n.network.key {
        key if key.ends_with("_tf") || key == "mobilenet_v1" => recurrence(n, lang),
        key => Some(torchvision(n, key, lang)),
    }
}

/// How a model's maps are got: what its constructor is told, and the part before the head.
fn maps(key: &str) -> (&'static str, &'static str) {
    match key {
        key if key.starts_with("resnet") => ("weights=None", "nn.Sequential(*list(net.children())[:-2])"),
        "googlenet" | "inception_v3" => (
            "weights=None, aux_logits=False, init_weights=False",
            "nn.Sequential(*list(net.children())[:-3])",
        ),
        _ => ("weights=None", "net.features"),
    }
}

fn torchvision(n: &Published, key: &str, lang: Lang) -> String {
    let t = Text::of(lang);
    let (told, maps) = maps(key);
    let field = n.summary.field.size.1.max(1.0) as usize;
    let side = (2 * field).div_ceil(32) * 32;
    // The smallest height of which every map keeps a row.
    let height = if matches!(key, "alexnet" | "inception_v3") { 96 } else { 32 };
    let mut code = String::from("import torch\nimport torch.nn.functional as F\nimport torchvision\n");
    code += "from torch import nn\n\ntorch.set_default_dtype(torch.float64)\n\n";
    code += "SKIPPED = (nn.BatchNorm2d, nn.LayerNorm, nn.ReLU, nn.ReLU6, nn.SiLU, nn.GELU,\n";
    let _ = writeln!(code, "           torchvision.ops.SqueezeExcitation)  # {}\n", t.code_skipped);
    let _ = writeln!(code, "{EVEN}");
    let _ = writeln!(
        code,
        "def average(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, **rest):"
    );
    code += "    return F.avg_pool2d(x, kernel_size, stride, padding, ceil_mode)\n\n";
    let _ = writeln!(code, "F.max_pool2d = average  # {}", t.code_average);
    let _ = writeln!(code, "net = torchvision.models.{key}({told}).eval()");
    code += "even(net)\n";
    let _ = writeln!(code, "maps = {maps}");
    let _ = writeln!(code, "x = torch.ones(1, 3, {height}, {side}, requires_grad=True)  # {}", t.code_strip);
    code += "y = maps(x)\n";
    code += "y[0, :, y.shape[2] // 2, y.shape[3] // 2].sum().backward()\n";
    code += "columns = x.grad.sum((0, 1, 2)).nonzero()\n";
    code += "output = (columns.max() - columns.min() + 1).reshape(1, 1)\n";
    code += "print(output.shape)\nprint(output)\n";
    code
}

/// The recurrence over the windows of the longest way; `None` when it does not give the field.
fn recurrence(n: &Published, lang: Lang) -> Option<String> {
    let t = Text::of(lang);
    let on_way = |name: &str| !name.contains("shortcut") && !name.contains("downsample");
    let windows: Vec<(usize, usize)> = n
        .summary
        .layers
        .iter()
        .filter(|l| matches!(l.op, Op::Conv | Op::MaxPool | Op::AveragePool))
        .filter(|l| l.field.is_some() && !l.auxiliary && l.dilation == 1 && on_way(&l.name))
        .map(|l| (l.kernel_size.1, l.stride))
        .filter(|window| *window != (1, 1))
        .collect();
    let grown = windows.iter().fold((1, 1), |(r, j), (k, s)| (r + (k - 1) * j, j * s));
    if (grown.0 as f64, grown.1 as f64) != (n.summary.field.size.1, n.summary.field.jump.1) {
        return None;
    }
    let mut code = String::from("import torch\n\n");
    let _ = writeln!(code, "windows = [  # {}", t.code_windows);
    for chunk in windows.chunks(8) {
        let words: Vec<String> = chunk.iter().map(|(k, s)| format!("({k}, {s})")).collect();
        let _ = writeln!(code, "    {},", words.join(", "));
    }
    code += "]\nfield, jump = 1, 1\nfor kernel_size, stride in windows:\n";
    code += "    field = field + (kernel_size - 1) * jump\n    jump = jump * stride\n";
    code += "output = torch.tensor([[field]])\nprint(output.shape)\nprint(output)\n";
    Some(code)
}
