//! The lab's figures as scenes.

mod bank;
mod groups;
mod main_figure;
mod mixing;
mod parameters;

use super::Channels;
use super::compute::{Output, largest, span};
use super::names::{self, at};
use super::params::{Input, Panel, Params};
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::{Ink, Scene, text_width};

/// The figures, in the order in which they stand.
pub fn figures(run: &Ran<Channels>, look: &Look) -> Vec<Figure> {
    let panel = match run.params.panel {
        Panel::Bank => bank::figure(run, look),
        Panel::Groups => groups::figure(run, look),
        Panel::Mixing => mixing::figure(run, look),
        Panel::Parameters => parameters::figure(run, look),
    };
    vec![main_figure::figure(run, look), Figure { id: "panel", ..panel }]
}

/// One of the states of a run.
#[derive(Clone, Copy)]
pub struct State<'a> {
    /// Its parameters.
    pub params: &'a Params,
    /// What was computed.
    pub output: &'a Output,
    /// Whether it is the second one.
    pub second: bool,
    /// The control that differs between two states, and its value here.
    pub title: Option<(&'static str, &'a str)>,
}

impl State<'_> {
    /// A tensor's name in this state.
    pub fn name(&self, first: &'static str, second: &'static str) -> &'static str {
        if self.second { second } else { first }
    }
    /// The name of an input channel's plane.
    pub fn input_plane(&self, c: usize) -> &'static str {
        at(if self.second { names::BESIDE_INPUT } else { names::INPUT }, c)
    }
    /// The name of a partial map's plane.
    pub fn partial_plane(&self, c: usize) -> &'static str {
        at(if self.second { names::BESIDE_PARTIAL } else { names::PARTIAL }, c)
    }
    /// The name of the shown output's plane.
    pub fn output_plane(&self) -> &'static str {
        if self.second { "beside_shown" } else { at(names::OUTPUT, self.params.shown()) }
    }
}

/// The state, and the one beside it.
pub fn states(run: &Ran<Channels>) -> Vec<State<'_>> {
    let title = run.beside.as_ref().map(|s| (s.key, s.values.0.as_str()));
    let first = State { params: &run.params, output: &run.output, second: false, title };
    let second = run.beside.as_ref().map(|s| {
        let title = Some((s.key, s.values.1.as_str()));
        State { params: &s.params, output: &s.output, second: true, title }
    });
    std::iter::once(first).chain(second).collect()
}

/// The output cell whose sum is drawn and explained: the pointed one, one that reads the pointed input cell, the step of
/// the player, or at rest one that lies on the balloon.
pub fn pointed(params: &Params, output: &Output, look: &Look) -> (usize, usize) {
    let (oh, ow) = output.size();
    let within = |(r, c): (usize, usize)| (r < oh && c < ow).then_some((r, c));
    let found = look.focus.and_then(|focus| {
        let [.., r, c] = focus.index[..] else { return None };
        let name = focus.tensor.strip_prefix("beside_").unwrap_or(focus.tensor);
        if name.starts_with("output") || name.starts_with("partial") || name == "shown" {
            return within((r, c));
        }
        if !name.starts_with("input") {
            return None;
        }
        let axis = |i: usize, pad: usize, k: usize, stride: usize, most: usize| {
            ((i + pad).saturating_sub((k - 1) / 2) / stride.max(1)).min(most.saturating_sub(1))
        };
        let (pads, (kh, kw), (sh, sw)) = (output.conv.pads, params.kernel_size, params.stride);
        Some((axis(r, pads.top, kh, sh, oh), axis(c, pads.left, kw, sw, ow)))
    });
    found.unwrap_or_else(|| match look.step.checked_sub(1) {
        Some(step) if step < oh * ow => (step / ow, step % ow),
        _ => (oh * 2 / 5, ow * 2 / 5),
    })
}

/// The hue of a channel: red, green and blue first.
pub fn hue(channel: usize) -> Ink {
    Ink::Tap { index: hue_index(channel), of: 9 }
}

/// The place of a channel's hue among nine.
pub fn hue_index(channel: usize) -> usize {
    [0, 3, 6, 1, 4, 7, 2, 5, 8][channel % 9]
}

/// What an input channel is called: R, G, B, from the second frame on with its number (R2), or a number alone.
pub fn channel_name(params: &Params, channel: usize) -> String {
    match params.input {
        Input::Rgb | Input::Photo => {
            let letter = ["R", "G", "B"][channel % 3];
            if channel < 3 { letter.into() } else { format!("{letter}{}", channel / 3 + 1) }
        }
        _ => channel.to_string(),
    }
}

/// One scale for tensors that stand beside each other: grey for pictures, one map from nothing where no number is
/// negative, signed otherwise.
pub fn scale_of(tensors: &[&Shared]) -> Scale {
    let (mut low, mut limit) = (f32::INFINITY, 0.0f32);
    for tensor in tensors {
        low = low.min(span(tensor).low);
        limit = limit.max(largest(tensor));
    }
    match low >= 0.0 {
        true if limit <= 1.0 + 1e-5 => Scale::Gray { low: 0.0, high: 1.0 },
        true => Scale::Magnitude { max: limit },
        false => Scale::Signed { limit },
    }
}

/// A text no wider than the room.
pub fn fit(scene: &mut Scene, at: (f64, f64), text: &str, size: f64, room: f64, ink: Ink) {
    let size = size.min(room.max(1.0) / text_width(text, 1.0).max(1e-3) / 1.04);
    scene.text(at, text, size, ink);
}

/// `8 × 8`.
pub fn sized((h, w): (usize, usize)) -> String {
    format!("{h} × {w}")
}

/// A curve from one point to another, level at both ends.
pub fn curve(from: (f64, f64), to: (f64, f64)) -> Vec<(f64, f64)> {
    let part = |i: i32| {
        let t = f64::from(i) / 12.0;
        let ease = t * t * (3.0 - 2.0 * t);
        (from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * ease)
    };
    (0..=12).map(part).collect()
}
