//! Code that gives the numbers on the screen, complete enough to be pasted and run.

use super::Convolution;
use super::inputs::Input;
use super::params::{Activation, Mode, Params};
use crate::core::ops::Pads;
use crate::stage::insight::Snippet;
use crate::stage::lab::{Ran, Shared};
use crate::stage::scene::grid::extent;
use crate::stage::text::Lang;

/// Inputs up to this many cells a side are written out.
const LITERAL: usize = 12;

/// The snippets of a state.
pub fn list(run: &Ran<Convolution>, lang: Lang) -> Vec<Snippet> {
    let code = Code { run, lang };
    vec![
        Snippet { key: "pytorch", name: "PyTorch", code: code.pytorch() },
        Snippet { key: "jax", name: "JAX", code: code.jax() },
        Snippet { key: "keras", name: "Keras", code: code.keras() },
        Snippet { key: "numpy", name: "NumPy", code: code.numpy() },
    ]
}

struct Code<'a> {
    run: &'a Ran<Convolution>,
    lang: Lang,
}

impl Code<'_> {
    fn params(&self) -> &Params {
        &self.run.params
    }

    fn pads(&self) -> Pads {
        self.run.output.conv.pads
    }

    fn padded(&self) -> bool {
        self.pads() != Pads::default()
    }

    /// `x` as a NumPy array `[h, w]`.
    fn input(&self) -> String {
        let p = self.params();
        let (h, w) = p.size;
        let formula = match p.input {
            Input::Impulse => format!("x = np.zeros(({h}, {w}), np.float32)\nx[{}, {}] = 1", h / 2, w / 2),
            Input::Step => format!(
                "x = np.where(2 * np.arange({w}) < {w}, 1, 8) * np.ones(({h}, 1))\nx = x.astype(np.float32)"
            ),
            Input::Ramp => format!("x = np.add.outer(np.arange({h}), np.arange({w})).astype(np.float32)"),
            Input::Checkerboard => {
                let cell = (h.max(w) / 8).max(1);
                format!(
                    "x = np.add.outer(np.arange({h}) // {cell}, np.arange({w}) // {cell}) % 2\nx = x.astype(np.float32)"
                )
            }
            _ => {
                let remark = self.lang.pick(
                    "the picture as numbers: the Download button gives this file",
                    "图片的数值：点“下载”按钮可得到这个文件",
                );
                format!("x = np.load(\"input.npy\").astype(np.float32).reshape({h}, {w})  # {remark}")
            }
        };
        if h.max(w) <= LITERAL { array("x", &self.run.output.input) } else { formula }
    }

    /// `w` as a NumPy array `[kh, kw]`.
    fn weight(&self) -> String {
        array("w", &self.run.output.weight)
    }

    fn shape_line(&self, name: &str, channels_last: bool) -> String {
        let (h, w) = self.run.output.size();
        let shape = if channels_last { format!("(1, {h}, {w}, 1)") } else { format!("(1, 1, {h}, {w})") };
        format!("print({name}.shape)  # {shape}\nprint({name})\n")
    }

    fn pytorch(&self) -> String {
        let p = self.params();
        let Pads { top, bottom, left, right } = self.pads();
        let mut code = String::from("import numpy as np\nimport torch\nimport torch.nn.functional as F\n\n");
        code += &self.input();
        code += "\n";
        code += &self.weight();
        code += "\nx = torch.from_numpy(x)[None, None]\nw = torch.from_numpy(w)[None, None]\n";
        if p.flip {
            let remark = self.lang.pick("true convolution", "真正的卷积");
            code += &format!("w = torch.flip(w, dims=(2, 3))  # {remark}\n");
        }
        let zeros = p.padding_mode == Mode::Zeros;
        let even = top == bottom && left == right;
        let mut arguments = vec!["x".to_string(), "w".into()];
        if p.bias != 0.0 {
            arguments.push(format!("bias=torch.tensor([{:?}])", p.bias));
        }
        if p.stride != (1, 1) {
            arguments.push(format!("stride={}", pair(p.stride)));
        }
        if self.padded() && zeros && p.padding.word() == Some("same") {
            arguments.push("padding=\"same\"".into());
        } else if self.padded() && zeros && even {
            arguments.push(format!("padding={}", pair((top, left))));
        } else if self.padded() {
            let how = match p.padding_mode {
                Mode::Zeros => String::new(),
                Mode::Constant => format!(", value={:?}", p.padding_value),
                Mode::Reflect | Mode::Replicate | Mode::Circular => {
                    format!(", mode=\"{}\"", p.padding_mode.key())
                }
            };
            let order = self.lang.pick("left, right, top, bottom", "左、右、上、下");
            code += &format!("x = F.pad(x, ({left}, {right}, {top}, {bottom}){how})  # {order}\n");
        }
        if p.dilation != (1, 1) {
            arguments.push(format!("dilation={}", pair(p.dilation)));
        }
        code += &format!("y = F.conv2d({})\n", arguments.join(", "));
        code += match p.activation {
            Activation::None => "",
            Activation::Relu => "y = F.relu(y)\n",
            Activation::LeakyRelu => "y = F.leaky_relu(y, negative_slope=0.01)\n",
            Activation::Gelu => "y = F.gelu(y)\n",
            Activation::Silu => "y = F.silu(y)\n",
            Activation::Sigmoid => "y = torch.sigmoid(y)\n",
            Activation::Tanh => "y = torch.tanh(y)\n",
        };
        code + &self.shape_line("y", false)
    }

    /// The padding step of NumPy and of what copies it; nothing when there is no padding.
    fn numpy_pad(&self, module: &str) -> String {
        if !self.padded() {
            return String::new();
        }
        let p = self.params();
        let Pads { top, bottom, left, right } = self.pads();
        let how = match p.padding_mode {
            Mode::Zeros => String::new(),
            Mode::Constant => format!(", constant_values={:?}", p.padding_value),
            Mode::Reflect => ", mode=\"reflect\"".into(),
            Mode::Replicate => ", mode=\"edge\"".into(),
            Mode::Circular => ", mode=\"wrap\"".into(),
        };
        let order = self.lang.pick("rows, columns", "行、列");
        format!("x = {module}.pad(x, (({top}, {bottom}), ({left}, {right})){how})  # {order}\n")
    }

    fn numpy_flip(&self) -> String {
        if !self.params().flip {
            return String::new();
        }
        format!("w = w[::-1, ::-1].copy()  # {}\n", self.lang.pick("true convolution", "真正的卷积"))
    }

    fn jax(&self) -> String {
        let p = self.params();
        let mut code = String::from("import jax\nimport jax.numpy as jnp\nimport numpy as np\n\n");
        code += &format!("{}\n{}\n", self.input(), self.weight());
        code += &self.numpy_flip();
        code += &self.numpy_pad("jnp");
        code += &format!(
            "y = jax.lax.conv_general_dilated(\n    jnp.asarray(x)[None, None], jnp.asarray(w)[None, None],\n    window_strides={:?}, padding=\"VALID\", rhs_dilation={:?},\n    precision=\"highest\")\n",
            p.stride, p.dilation
        );
        if p.bias != 0.0 {
            code += &format!("y = y + {:?}\n", p.bias);
        }
        code += match p.activation {
            Activation::None => "",
            Activation::Relu => "y = jax.nn.relu(y)\n",
            Activation::LeakyRelu => "y = jax.nn.leaky_relu(y, negative_slope=0.01)\n",
            Activation::Gelu => "y = jax.nn.gelu(y, approximate=False)\n",
            Activation::Silu => "y = jax.nn.silu(y)\n",
            Activation::Sigmoid => "y = jax.nn.sigmoid(y)\n",
            Activation::Tanh => "y = jnp.tanh(y)\n",
        };
        code + &self.shape_line("y", false)
    }

    fn keras(&self) -> String {
        let p = self.params();
        let mut code = String::from("import keras\nimport numpy as np\n\n");
        code += &format!("{}\n{}\n", self.input(), self.weight());
        code += &self.numpy_flip();
        let tf_same =
            p.padding.word() == Some("same_tf") && p.padding_mode == Mode::Zeros && p.dilation == (1, 1);
        if !tf_same {
            code += &self.numpy_pad("np");
        }
        let mut arguments = vec!["1".to_string(), "w.shape".into()];
        if p.stride != (1, 1) {
            arguments.push(format!("strides={}", pair(p.stride)));
        }
        if tf_same {
            arguments.push("padding=\"same\"".into());
        }
        if p.dilation != (1, 1) && p.stride != (1, 1) {
            // Keras has no stride together with dilation: the kernel is spread by hand.
            let (dh, dw) = p.dilation;
            let remark = self
                .lang
                .pick("Keras takes no stride together with a dilation", "Keras 中步幅与膨胀率不能同时大于 1");
            code += &format!(
                "spread = np.zeros(({dh} * (w.shape[0] - 1) + 1, {dw} * (w.shape[1] - 1) + 1), np.float32)  # {remark}\nspread[::{dh}, ::{dw}] = w\nw = spread\n"
            );
        } else if p.dilation != (1, 1) {
            arguments.push(format!("dilation_rate={}", pair(p.dilation)));
        }
        if p.bias == 0.0 {
            arguments.push("use_bias=False".into());
        }
        code += &format!("layer = keras.layers.Conv2D({})\n", arguments.join(", "));
        code += "x = x[None, :, :, None]\nlayer.build(x.shape)\n";
        let bias = if p.bias == 0.0 { String::new() } else { format!(", np.array([{:?}])", p.bias) };
        code += &format!("layer.set_weights([w[:, :, None, None]{bias}])\ny = layer(x)\n");
        code += match p.activation {
            Activation::None => "",
            Activation::Relu => "y = keras.activations.relu(y)\n",
            Activation::LeakyRelu => "y = keras.activations.leaky_relu(y, negative_slope=0.01)\n",
            Activation::Gelu => "y = keras.activations.gelu(y)\n",
            Activation::Silu => "y = keras.activations.silu(y)\n",
            Activation::Sigmoid => "y = keras.activations.sigmoid(y)\n",
            Activation::Tanh => "y = keras.activations.tanh(y)\n",
        };
        code + &self.shape_line("y", true)
    }

    fn numpy(&self) -> String {
        let p = self.params();
        let ((sh, sw), (dh, dw)) = (p.stride, p.dilation);
        let window = ((p.kernel_size.0 - 1) * dh + 1, (p.kernel_size.1 - 1) * dw + 1);
        let mut code = String::from("import numpy as np\n");
        if p.activation == Activation::Gelu {
            code += "from math import erf, sqrt\n";
        }
        code += &format!("\n{}\n{}\n", self.input(), self.weight());
        code += &self.numpy_flip();
        code += &self.numpy_pad("np");
        code += &format!("windows = np.lib.stride_tricks.sliding_window_view(x, {window:?})\n");
        code += &format!("windows = windows[::{sh}, ::{sw}, ::{dh}, ::{dw}]\n");
        let bias = if p.bias == 0.0 { String::new() } else { format!(" + np.float32({:?})", p.bias) };
        code += &format!("y = np.einsum(\"ijab,ab->ij\", windows, w){bias}\n");
        code += match p.activation {
            Activation::None => "",
            Activation::Relu => "y = np.maximum(y, 0)\n",
            Activation::LeakyRelu => "y = np.where(y > 0, y, 0.01 * y)\n",
            Activation::Gelu => "y = y * np.vectorize(lambda v: 0.5 * (1 + erf(v / sqrt(2))))(y)\n",
            Activation::Silu => "y = y / (1 + np.exp(-y.astype(np.float64)))\n",
            Activation::Sigmoid => "y = 1 / (1 + np.exp(-y.astype(np.float64)))\n",
            Activation::Tanh => "y = np.tanh(y)\n",
        };
        let (h, w) = self.run.output.size();
        code + &format!("print(y.shape)  # ({h}, {w})\nprint(y)\n")
    }
}

/// `2`, or `(2, 3)`.
fn pair((h, w): (usize, usize)) -> String {
    if h == w { h.to_string() } else { format!("({h}, {w})") }
}

/// A NumPy literal of a tensor's first image, every number such that it reads back as the same `float32`.
fn array(name: &str, tensor: &Shared) -> String {
    let (_, w) = extent(tensor);
    let flat: Vec<f32> = tensor.iter().copied().collect();
    let rows: Vec<String> = flat
        .chunks(w)
        .map(|row| format!("[{}]", row.iter().map(|v| literal(*v)).collect::<Vec<_>>().join(", ")))
        .collect();
    let start = format!("{name} = np.array([");
    let between = format!(",\n{}", " ".repeat(start.len()));
    format!("{start}{}], np.float32)", rows.join(&between))
}

/// A number as Python reads it.
fn literal(value: f32) -> String {
    if value == value.trunc() && value.abs() < 1e7 { format!("{value:.0}") } else { format!("{value:?}") }
}

#[cfg(test)]
mod tests {
    use super::super::explain::tests::run;
    use super::*;

    fn code(query: &str, key: &str) -> String {
        list(&run(query), Lang::En).into_iter().find(|s| s.key == key).unwrap().code
    }

    #[test]
    fn arguments_at_their_default_are_left_out() {
        assert!(code("", "pytorch").contains("y = F.conv2d(x, w)\n"));
        let full = code("stride=2&padding=1&bias=0.5&dilation=1,2&activation=relu&flip=1", "pytorch");
        assert!(
            full.contains("F.conv2d(x, w, bias=torch.tensor([0.5]), stride=2, padding=1, dilation=(1, 2))")
        );
        assert!(full.contains("torch.flip") && full.contains("F.relu(y)"));
    }

    #[test]
    fn uneven_and_copied_padding_is_explicit() {
        assert!(code("padding=1,2,0,3", "pytorch").contains("F.pad(x, (0, 3, 1, 2))"));
        assert!(code("padding=2&padding_mode=reflect", "pytorch").contains("mode=\"reflect\""));
        assert!(code("padding=same", "pytorch").contains("padding=\"same\""));
        assert!(code("padding=1&padding_mode=replicate", "numpy").contains("mode=\"edge\""));
        assert!(code("padding=same_tf&stride=2", "keras").contains("padding=\"same\""));
    }

    #[test]
    fn large_inputs_are_a_formula_or_a_file() {
        assert!(code("input=impulse&size=40", "pytorch").contains("x[20, 20] = 1"));
        assert!(code("input=shapes", "numpy").contains("np.load(\"input.npy\")"));
        assert!(!code("", "numpy").contains("np.load"));
        assert_eq!(literal(-0.0), "-0");
        assert_eq!(literal(0.1), "0.1");
    }

    /// Writes snippets of random settings with the numbers they must give, to be run where PyTorch and the others
    /// are: `SNIPPETS=<folder> cargo test … -- --ignored`. One folder a setting: `input.npy`, `output.txt`, `*.py`.
    #[test]
    #[ignore = "writes files for other programs to check"]
    fn write_snippets() {
        use super::super::explain::tests::random_runs;
        use std::{env, fs, path::PathBuf};

        let folder = PathBuf::from(env::var("SNIPPETS").unwrap());
        for (made, run) in random_runs(100, 7).into_iter().enumerate() {
            let here = folder.join(format!("{made:03}"));
            fs::create_dir_all(&here).unwrap();
            for snippet in list(&run, Lang::ALL[made % 2]) {
                fs::write(here.join(format!("{}.py", snippet.key)), snippet.code).unwrap();
            }
            let numbers = |t: &Shared| t.iter().map(|v| format!("{v:?}")).collect::<Vec<_>>().join(" ");
            fs::write(here.join("input.txt"), numbers(&run.output.input)).unwrap();
            fs::write(here.join("output.txt"), numbers(&run.output.output)).unwrap();
        }
    }
}
