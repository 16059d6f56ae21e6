//! Networks in the short form of a link: `c11s4p2,m3s2,…`.

use super::record::{Op, Summary};
use std::fmt::Write;

impl Summary {
    /// The layers up to the first branch or the global pool, as the receptive-field lab writes them: `c` a convolution,
    /// `m` a maximum, `a` an average; then the kernel size, `s` the stride unless it is 1, and `p` the padding unless
    /// it is the usual one, half a kernel for `c` and none for pools.
    ///
    /// The form pads all sides alike. A layer that TensorFlow's `SAME` pads on one side only gets half a kernel, as
    /// re-implementations in PyTorch do: maps of the same size, whose fields lie one step further to the top left.
    ///
    /// ```
    /// use receptive::core::nets::networks::network;
    /// let text = |key| Some(network(key)?.summary((224, 224)).ok()?.text_form());
    /// assert_eq!(text("alexnet").as_deref(), Some("c11s4p2,m3s2,c5,m3s2,c3,c3,c3,m3s2"));
    /// assert_eq!(text("resnet50").as_deref(), Some("c7s2,m3s2p1"));
    /// ```
    pub fn text_form(&self) -> String {
        let mut text = String::new();
        for layer in &self.layers {
            let (letter, usual) = match layer.op {
                Op::Conv => ('c', (layer.kernel_size.0 - 1) / 2),
                Op::MaxPool => ('m', 0),
                Op::AveragePool => ('a', 0),
                Op::Norm => continue,
                _ => break,
            };
            if layer.branch || layer.field.is_none() || layer.kernel_size.0 != layer.kernel_size.1 {
                break;
            }
            let uneven = layer.pads.top != layer.pads.bottom;
            let padding = if uneven { layer.kernel_size.0.saturating_sub(1) / 2 } else { layer.pads.top };
            if !text.is_empty() {
                text.push(',');
            }
            // writing to a string can't fail
            let _ = write!(text, "{letter}{}", layer.kernel_size.0);
            if layer.stride != 1 {
                let _ = write!(text, "s{}", layer.stride);
            }
            if padding != usual {
                let _ = write!(text, "p{padding}");
            }
        }
        text
    }
}
