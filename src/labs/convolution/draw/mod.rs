//! The lab's figures as scenes.

mod main_figure;
mod panels;

pub use panels::bring as bring_panels;
mod trio;

use super::params::Mode;
use super::text::Text;
use super::{Convolution, compute::Output, params::Params};
use crate::stage::lab::{Figure, Focus, Look, Ran};

/// What is pointed at, whichever of two states it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointed {
    /// An output cell.
    Output(usize, usize),
    /// A cell of the padded input.
    Padded(usize, usize),
    /// A kernel tap.
    Tap(usize, usize),
}

/// The figures, in the order in which they stand.
pub fn figures(run: &Ran<Convolution>, look: &Look) -> Vec<Figure> {
    // One place on the page, whatever the panel shows; empty for the moment in which it is loaded.
    let panel = panels::figure(run, look).unwrap_or_else(|| Figure::empty(look));
    vec![main_figure::figure(run, look), Figure { id: "panel", ..panel }]
}

/// Names of the tensors of a padding mode in the figure of all modes.
pub fn mode_names(mode: Mode) -> (&'static str, &'static str) {
    match mode {
        Mode::Zeros => ("padded_zeros", "output_zeros"),
        Mode::Constant => ("padded_constant", "output_constant"),
        Mode::Reflect => ("padded_reflect", "output_reflect"),
        Mode::Replicate => ("padded_replicate", "output_replicate"),
        Mode::Circular => ("padded_circular", "output_circular"),
    }
}

/// What is pointed at in this state: the focus, or the step of the player, or at rest the middle output.
pub fn pointed(params: &Params, output: &Output, look: &Look) -> Pointed {
    let (oh, ow) = output.size();
    if let Some(found) = look.focus.and_then(|focus| resolve(params, output, focus)) {
        return found;
    }
    match look.step.checked_sub(1) {
        Some(at) if at < oh * ow => Pointed::Output(at / ow, at % ow),
        _ => Pointed::Output((oh - 1) / 2, (ow - 1) / 2),
    }
}

fn resolve(params: &Params, output: &Output, focus: &Focus) -> Option<Pointed> {
    let [.., r, c] = focus.index[..] else { return None };
    let within = |(h, w): (usize, usize)| r < h && c < w;
    let pads = output.conv.pads;
    let padded = |r, c| Pointed::Padded(r, c);
    match focus.tensor.strip_prefix("beside_").unwrap_or(focus.tensor) {
        "input" | "usage" | "other" if within(params.size) => Some(padded(r + pads.top, c + pads.left)),
        "padded" if within(crate::stage::scene::grid::extent(&output.padded)) => Some(padded(r, c)),
        "weight" if within(params.kernel_size) => Some(Pointed::Tap(r, c)),
        "output" | "padding_share" | "correlation" | "convolution" | "difference" | "of_input"
        | "of_other" | "defect" | "pre_activation" | "output_zeros" | "output_constant"
        | "output_reflect" | "output_replicate" | "output_circular"
            if within(output.size()) =>
        {
            Some(Pointed::Output(r, c))
        }
        _ => None,
    }
}

/// The output whose sum is written out: the pointed one, or one that what is pointed at takes part in.
pub fn explained(params: &Params, output: &Output, look: &Look) -> (usize, usize) {
    let (oh, ow) = output.size();
    match pointed(params, output, look) {
        Pointed::Output(r, c) => (r, c),
        Pointed::Padded(r, c) => {
            let reads = |i: usize, n: usize, stride: usize, k: usize, dilation: usize| {
                (0..n).rev().find(|o| (0..k).any(|tap| o * stride + tap * dilation == i))
            };
            let (k, s, d) = (params.kernel_size, output.conv.stride, output.conv.dilation);
            let row = reads(r, oh, s.0, k.0, d.0);
            let col = reads(c, ow, s.1, k.1, d.1);
            (row.unwrap_or((oh - 1) / 2), col.unwrap_or((ow - 1) / 2))
        }
        Pointed::Tap(..) => ((oh - 1) / 2, (ow - 1) / 2),
    }
}

/// The kernel's name in the language of the page.
pub fn kernel_name(params: &Params, look: &Look) -> &'static str {
    super::words::labels(look.lang).kernel.options[params.kernel as usize]
}

/// `8 × 8`.
pub fn sized(look: &Look, (h, w): (usize, usize)) -> String {
    crate::stage::text::fill(Text::of(look.lang).size, &[("h", h.to_string()), ("w", w.to_string())])
}
