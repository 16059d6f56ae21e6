//! The main figure: the layer in cells when it is small; when it is large two pictures and what lies under the
//! pointer.

use super::trio::{FIRST, Part, SECOND, Scales, Trio};
use super::{Pointed, explained, kernel_name, pointed, sized};
use crate::core::analysis::Span;
use crate::labs::convolution::Convolution;
use crate::labs::convolution::compute::{Output, Spans};
use crate::labs::convolution::params::Params;
use crate::labs::convolution::text::Text;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::grid::{Grid, extent, legend, outline, value_at};
use crate::stage::scene::{Ink, Rect, Scene, Stroke};
use crate::stage::text::{fill, number};

/// Draws it.
pub fn figure(run: &Ran<Convolution>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let scales = scales(run);
    let hidden_from = if look.step > 0 && run.params.is_grid() { look.step } else { usize::MAX };
    let states: Vec<_> = std::iter::once((&run.params, &run.output, FIRST))
        .chain(run.beside.as_ref().map(|s| (&s.params, &s.output, SECOND)))
        .collect();
    let columns = if states.len() > 1 && look.width >= 900.0 { 2 } else { 1 };
    let between = 28.0;
    let width = (look.width - between * (columns - 1) as f64) / columns as f64;
    let part_look = Look { width, ..look.clone() };
    let tallest = if states.len() > 1 { 360.0 } else { 460.0 };
    let mut scene = Scene::new(look.width);
    let mut y = 0.0;
    let trio = |params, output, names, largest| Trio {
        params,
        output,
        names,
        scales,
        part: Part::whole(output),
        hidden_from,
        largest,
    };
    let in_cells = states.iter().filter(|(params, ..)| params.is_grid());
    let cell = in_cells
        .map(|(params, output, names)| trio(*params, *output, *names, f64::MAX).cell(&part_look, tallest))
        .fold(f64::MAX, f64::min);
    for (at, (params, output, names)) in states.iter().enumerate() {
        let mut drawn = if params.is_grid() {
            trio(*params, *output, *names, cell).draw(&part_look, tallest)
        } else {
            picture(params, output, at == 1, scales, &part_look)
        };
        let mut top = 0.0;
        if let Some(second) = &run.beside {
            let value = if at == 0 { &second.values.0 } else { &second.values.1 };
            top = look.font * 1.8;
            let mut titled = Scene::new(width);
            titled.text((3.0, look.font), format!("{} = {value}", second.key), look.font * 1.15, Ink::Accent);
            titled.place(drawn, 0.0, top);
            drawn = titled;
        }
        let x = if columns == 2 { at as f64 * (width + between) } else { 0.0 };
        scene.place(drawn, x, if columns == 2 { 0.0 } else { y });
        y = scene.height + if columns == 1 { top.max(10.0) } else { 0.0 };
    }
    Figure {
        id: "main",
        title: t.main_title.into(),
        caption: String::new(),
        summary: summary(run, look),
        scene,
    }
}

/// The colours of this state and of the one beside it, with limits that hold for both.
pub fn scales(run: &Ran<Convolution>) -> Scales {
    let over = |pick: fn(&Spans) -> Span| {
        let first = pick(&run.output.spans).largest();
        run.beside.as_ref().map_or(first, |s| first.max(pick(&s.output.spans).largest()))
    };
    let limit = over(|o| o.input);
    let photo = {
        let span = run.output.spans.input;
        span.low >= 0.0 && span.high <= 1.0
    } && !run.params.is_grid();
    Scales {
        input: if photo { Scale::Gray { low: 0.0, high: 1.0 } } else { Scale::Signed { limit } },
        weight: Scale::Signed { limit: over(|o| o.weight) },
        output: Scale::Signed { limit: over(|o| o.output) },
    }
}

/// Two pictures at the same scale, and the cells under the pointer.
fn picture(params: &Params, output: &Output, second: bool, scales: Scales, look: &Look) -> Scene {
    let t = Text::of(look.lang);
    let names = if second { SECOND } else { FIRST };
    let (padded_name, output_name) =
        if second { ("beside_padded", "beside_output") } else { ("padded", "output") };
    let mut scene = Scene::new(look.width);
    let head = look.font * 2.0;
    let stacked = look.width < 520.0;
    let gap = 28.0;
    let room = if stacked { look.width } else { (look.width - gap) / 2.0 };
    let (ph, pw) = extent(&output.padded);
    let (oh, ow) = output.size();
    let zoom = (room / pw as f64).min(380.0 / ph as f64);
    let (iw, ih) = (pw as f64 * zoom, ph as f64 * zoom);
    // A result smaller than half the room is drawn larger, and says so.
    let factor = ((iw / (ow as f64 * zoom)).min(ih / (oh as f64 * zoom))).floor().max(1.0);
    let (dw, dh) = (ow as f64 * zoom * factor, oh as f64 * zoom * factor);
    let plane = |tensor, name, at, scale| Grid { tensor, name, at, cell: zoom, scale, decimals: 2 };

    let remark = if (ph, pw) == params.size {
        sized(look, params.size)
    } else {
        let values = [("h", params.size.0), ("w", params.size.1), ("ph", ph), ("pw", pw)];
        fill(t.padded_to, &values.map(|(k, v)| (k, v.to_string())))
    };
    let size = look.font * 1.08;
    scene.heading((0.0, head - look.font * 0.7), t.input, &remark, size, room);
    plane(&output.padded, padded_name, (0.0, head), scales.input).draw_plane(&mut scene, iw, ih);
    let pads = output.conv.pads;
    if (ph, pw) != params.size {
        let (x, y) = (pads.left as f64 * zoom, head + pads.top as f64 * zoom);
        let frame = Rect::new(x, y, params.size.1 as f64 * zoom, params.size.0 as f64 * zoom);
        let dashes = Stroke { ink: Ink::Accent, width: 1.2 * look.stroke, dashed: true };
        scene.rect(frame, 0.0, (Ink::None, 0.0), Some(dashes));
    }
    let at = if stacked { (0.0, scene.height + head + 20.0) } else { (room + gap, head) };
    let remark = if factor > 1.0 {
        let values = [("h", oh.to_string()), ("w", ow.to_string()), ("k", number(factor, 0))];
        fill(t.enlarged, &values)
    } else {
        sized(look, (oh, ow))
    };
    scene.heading((at.0, at.1 - look.font * 0.7), t.output, &remark, size, room);
    plane(&output.output, output_name, at, scales.output).draw_plane(&mut scene, dw, dh);

    // The window and its output, as frames.
    let (r, c) = explained(params, output, look);
    let (k, s, d) = (params.kernel_size, output.conv.stride, output.conv.dilation);
    let span = |k: usize, d: usize| (d * (k - 1) + 1) as f64 * zoom;
    let window = Rect::new(
        c as f64 * s.1 as f64 * zoom,
        head + r as f64 * s.0 as f64 * zoom,
        span(k.1, d.1).max(3.0),
        span(k.0, d.0).max(3.0),
    );
    let cell = Rect::new(
        at.0 + c as f64 * zoom * factor,
        at.1 + r as f64 * zoom * factor,
        (zoom * factor).max(3.0),
        (zoom * factor).max(3.0),
    );
    // Two rings, light on dark, so that a frame shows on every picture.
    for (ink, width) in [(Ink::Panel, 4.5), (Ink::Accent, 2.0)] {
        outline(&mut scene, window.grown(1.0), ink, width * look.stroke);
        outline(&mut scene, cell.grown(1.5), ink, width * look.stroke);
    }
    let below = scene.height + look.font * 0.8;
    let bar = 130.0_f64.min(room);
    legend(&mut scene, (0.0, below), bar, scales.input, look.font * 0.85);
    let under_output = if stacked { (room - bar, below) } else { (at.0, below) };
    legend(&mut scene, under_output, bar, scales.output, look.font * 0.85);

    // The magnifier joins the two views: the same cells, with numbers.
    let narrow = look.width < 560.0;
    let part = Part::around(params, output, (r, c), if narrow { 15 } else { 21 });
    let lens = Trio { params, output, names, scales, part, hidden_from: usize::MAX, largest: f64::MAX }
        .draw(look, 420.0);
    let top = scene.height + look.font * 1.6;
    scene.text((0.0, top), t.magnified, look.font, Ink::Ink3);
    scene.place(lens, 0.0, top + look.font * 0.4);
    scene
}

fn summary(run: &Ran<Convolution>, look: &Look) -> String {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let (low, high) = (o.spans.output.low, o.spans.output.high);
    let n = |v: usize| v.to_string();
    let (oh, ow) = o.size();
    let mut text = fill(
        t.summary,
        &[
            ("h", n(p.size.0)),
            ("w", n(p.size.1)),
            ("kernel", kernel_name(p, look).into()),
            ("kh", n(p.kernel_size.0)),
            ("kw", n(p.kernel_size.1)),
            ("oh", n(oh)),
            ("ow", n(ow)),
            ("low", number(low as f64, 2)),
            ("high", number(high as f64, 2)),
        ],
    );
    if let Pointed::Output(r, c) = pointed(p, o, look) {
        let value = number(value_at(&o.output, r, c) as f64, 3);
        text += look.lang.pick(" ", "");
        text += &fill(t.summary_at, &[("r", n(r)), ("c", n(c)), ("value", value)]);
    }
    text
}
