//! The corner of the padded input and of the output under every padding mode.

use super::wrapped;
use crate::core::ops::Pads;
use crate::labs::convolution::Convolution;
use crate::labs::convolution::compute::{Extra, OfMode};
use crate::labs::convolution::draw::main_figure::scales;
use crate::labs::convolution::draw::{Pointed, mode_names, pointed};
use crate::labs::convolution::explain::largest;
use crate::labs::convolution::params::Mode;
use crate::labs::convolution::text::Text;
use crate::labs::convolution::words::labels;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::{CellLook, Grid, extent, index_of, legend};
use crate::stage::scene::{Ink, Origin, Rect, Scene, Stroke, stroke, text_width};
use crate::stage::text::{Sentence, fill};
use ndarray::{Axis, Slice};
use std::ops::Range;

/// Most padding cells shown beside the border.
const MOST_PADDING: usize = 8;
/// Input cells shown inside the border.
const INSIDE: usize = 4;

/// What is drawn of one mode.
struct Corner<'a> {
    run: &'a Ran<Convolution>,
    look: &'a Look<'a>,
    input: Scale,
    output: Scale,
    /// Rows and columns of the padded input.
    padded: (Range<usize>, Range<usize>),
    /// Rows and columns of the output.
    outputs: (Range<usize>, Range<usize>),
}

/// Draws it.
pub fn figure(run: &Ran<Convolution>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(look.width);
    let mut refused = 0;
    if let Extra::Modes(modes) = &run.output.extra {
        refused = modes.iter().filter(|(_, result)| result.is_err()).count();
        scene = corners(run, modes, look);
    }
    let pads = run.output.conv.pads;
    let caption = if pads == Pads::default() { t.modes_caption_none } else { t.modes_caption };
    Figure {
        id: "modes",
        title: t.modes_title.into(),
        caption: caption.into(),
        summary: fill(t.modes_summary, &[("refused", refused.to_string())]),
        scene,
    }
}

fn corners(run: &Ran<Convolution>, modes: &[(Mode, OfMode)], look: &Look) -> Scene {
    let o = &run.output;
    let (ph, pw) = extent(&o.padded);
    let (oh, ow) = o.size();
    let (pads, stride) = (o.conv.pads, o.conv.stride);
    // The corner where padding meets the input; both sides show as many cells.
    let side = |before: usize, n: usize| {
        let from = before.saturating_sub(MOST_PADDING);
        from..(before + INSIDE).max(from + INSIDE + 1).min(n)
    };
    let padded = (side(pads.top, ph), side(pads.left, pw));
    let out = |part: &Range<usize>, stride: usize, n: usize| {
        let from = (part.start / stride).min(n - 1);
        from..(from + part.len()).min(n)
    };
    let outputs = (out(&padded.0, stride.0, oh), out(&padded.1, stride.1, ow));
    let limit = modes
        .iter()
        .filter_map(|(_, pair)| pair.as_ref().ok())
        .fold(0.0f32, |m, (_, output)| m.max(largest(output) as f32));
    let input = match scales(run).input {
        Scale::Signed { .. } => Scale::Signed {
            limit: modes
                .iter()
                .filter_map(|(_, pair)| pair.as_ref().ok())
                .fold(0.0f32, |m, (padded, _)| m.max(largest(padded) as f32)),
        },
        other => other,
    };
    let corner = Corner { run, look, input, output: Scale::Signed { limit }, padded, outputs };
    let columns = match look.width {
        w if w >= 700.0 => 5,
        w if w >= 480.0 => 3,
        _ => 1,
    };
    let gap = if columns == 1 { 18.0 } else { 16.0 };
    let room = (look.width - gap * (columns - 1) as f64) / columns as f64;
    let mut scene = Scene::new(look.width);
    let mut top = 0.0;
    for band in modes.chunks(columns) {
        for (at, (mode, pair)) in band.iter().enumerate() {
            let drawn = corner.draw(*mode, pair, room, columns == 1);
            scene.place(drawn, at as f64 * (room + gap), top);
        }
        top = scene.height + look.font * 0.8;
    }
    let t = Text::of(look.lang);
    let mut x = 2.0;
    let bar = 120.0_f64.min(look.width / 2.0 - 16.0);
    let y = scene.height + look.font * 1.8;
    for (name, scale) in [(t.input, corner.input), (t.output, corner.output)] {
        scene.text((x, y), name, look.font * 0.92, Ink::Ink2);
        legend(&mut scene, (x, y + look.font * 0.5), bar, scale, look.font * 0.85);
        x += bar + 28.0;
    }
    scene
}

impl Corner<'_> {
    /// One mode: padded input and output, beside each other or below each other.
    fn draw(&self, mode: Mode, pair: &OfMode, room: f64, beside: bool) -> Scene {
        let look = self.look;
        let mut scene = Scene::new(room);
        let size = look.font * 1.05;
        let name = labels(look.lang).padding_mode.options[mode as usize];
        scene.heading((2.0, size), name, "", size, room);
        if mode == self.run.params.padding_mode {
            let rule = Rect::new(2.0, size * 1.3, text_width(name, size).min(room - 4.0), 2.4);
            scene.rect(rect_at_least(rule), 1.0, (Ink::Accent, 1.0), None);
        }
        let top = size * 2.0;
        let (padded, output) = match pair {
            Ok(pair) => pair,
            Err(reason) => {
                let words = reason.say(look.lang);
                let mut y = top + look.font;
                for line in wrapped(&words, look.font * 0.95, room - 6.0) {
                    scene.text((2.0, y), line, look.font * 0.95, Ink::Warn);
                    y += look.font * 1.4;
                }
                scene.reach(y);
                return scene;
            }
        };
        let (padded_name, output_name) = mode_names(mode);
        let half = if beside { (room - 18.0) / 2.0 } else { room };
        let most = self.padded.1.len().max(self.outputs.1.len()).max(self.padded.0.len()) as f64;
        let cell = ((half - 4.0) / most).min(look.font * 3.0);
        let pads = self.run.output.conv.pads;
        let input_size = self.run.params.size;
        let inside = |r: usize, c: usize| {
            (pads.top..pads.top + input_size.0).contains(&r)
                && (pads.left..pads.left + input_size.1).contains(&c)
        };
        let dashes = Stroke { ink: Ink::Pad, width: look.stroke, dashed: true };
        self.part(&mut scene, padded, padded_name, (2.0, top), cell, self.input, &self.padded, |r, c| {
            CellLook { stroke: (!inside(r, c)).then_some(dashes), ..CellLook::default() }
        });
        let at = if beside { (room - half, top) } else { (2.0, scene.height + look.font * 0.9) };
        let here = pointed(&self.run.params, &self.run.output, look);
        self.part(&mut scene, output, output_name, at, cell, self.output, &self.outputs, |r, c| {
            let here = here == Pointed::Output(r, c);
            CellLook {
                stroke: here.then(|| stroke(Ink::Ink, 2.2 * look.stroke)),
                strong: here,
                ..CellLook::default()
            }
        });
        scene
    }

    /// Some rows and columns of a tensor as cells.
    #[allow(clippy::too_many_arguments)]
    fn part(
        &self,
        scene: &mut Scene,
        tensor: &Shared,
        name: &'static str,
        at: (f64, f64),
        cell: f64,
        scale: Scale,
        part: &(Range<usize>, Range<usize>),
        look: impl Fn(usize, usize) -> CellLook,
    ) {
        let n = tensor.ndim();
        let cut = tensor
            .clone()
            .slice_axis_move(Axis(n - 2), Slice::from(part.0.clone()))
            .slice_axis_move(Axis(n - 1), Slice::from(part.1.clone()))
            .as_standard_layout()
            .into_owned()
            .into_shared();
        let (dr, dc) = (part.0.start, part.1.start);
        Grid { tensor: &cut, name, at, cell, scale, decimals: 2 }.draw(
            scene,
            |r, c| look(r + dr, c + dc),
            |r, c| Origin { tensor: name, index: index_of(n, r + dr, c + dc) },
        );
    }
}

/// A rule that is never thinner than it can be seen.
fn rect_at_least(rect: Rect) -> Rect {
    Rect { w: rect.w.max(6.0), ..rect }
}
