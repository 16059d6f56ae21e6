//! The main figure: the field on paper over the input, beside it the gradient, cell by cell, below it its profile.

use super::{fitted, frame, haloed, head, profile, sized, stacked, tag, working};
use crate::labs::receptive_field::ReceptiveField;
use crate::labs::receptive_field::compute::Output;
use crate::labs::receptive_field::measure::{Held, square_start};
use crate::labs::receptive_field::params::{Input, Measure, Params, Scaling};
use crate::labs::receptive_field::text::Text;
use crate::labs::receptive_field::words::labels;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::{fitted as fit_cell, index_of, legend, value_at};
use crate::stage::scene::{Ink, Mark, Origin, Rect, Scene, Stroke};
use crate::stage::text::{fill, number};

/// A part of the plane of the input, in cells; it may reach beyond the picture.
#[derive(Clone, Copy)]
pub struct Window {
    /// First row.
    pub top: i64,
    /// First column.
    pub left: i64,
    /// Rows.
    pub height: i64,
    /// Columns.
    pub width: i64,
}

/// Cells at least this wide show their number.
const CELLS: f64 = 24.0;

/// Draws it.
pub fn figure(run: &Ran<ReceptiveField>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let mut scene = Scene::new(look.width);
    let gap = 30.0;
    let room = if stacked(look) { look.width } else { (look.width - gap) / 2.0 };
    let room = room.min(520.0);
    let at = |n: usize, scene: &Scene| {
        if stacked(look) && n > 0 { (0.0, scene.height + look.font) } else { (n as f64 * (room + gap), 0.0) }
    };
    let scale = colours(run);
    match &run.beside {
        None => {
            let (left, field) = whole(o, p, "input", look, room);
            scene.place(left, 0.0, 0.0);
            let place = at(1, &scene);
            let (right, inner) = zoom(o, p, "shown", scale, zoom_cell(o, room), None, look, room);
            scene.place(right, place.0, place.1);
            if !stacked(look) && field.w > 0.0 {
                // What stands on the right is the box on the left.
                for (a, b) in [(field.y, inner.y), (field.bottom(), inner.bottom())] {
                    let points = vec![(field.right(), a), (place.0 + inner.x, b)];
                    let stroke = Stroke { ink: Ink::Ink2, width: look.stroke, dashed: true };
                    scene.push(Mark::Line { points, stroke });
                }
            }
        }
        Some(second) => {
            // Two fields at one scale of pixels and of colours.
            let cell = zoom_cell(o, room).min(zoom_cell(&second.output, room));
            let states = [
                (o, p, "shown", &second.values.0),
                (&second.output, &second.params, "beside_shown", &second.values.1),
            ];
            for (n, (o, p, name, value)) in states.into_iter().enumerate() {
                let place = at(n, &scene);
                let title = format!("{} = {}", second.key, beginning(value));
                let (drawn, _) = zoom(o, p, name, scale, cell, Some(&title), look, room);
                scene.place(drawn, place.0, place.1);
            }
        }
    }
    let below = scene.height + look.font * 0.9;
    let bar = 150.0_f64.min(room * 0.5);
    let x = if stacked(look) { 0.0 } else { room + gap };
    let drawn = scene.marks.iter().any(|mark| {
        let known = |s: &Scale| s.ends() == scale.ends();
        matches!(mark, Mark::Plane { scale, .. } | Mark::Cell { scale: Some(scale), .. } if known(scale))
    });
    if drawn {
        legend(&mut scene, (x, below), bar, scale, look.font * 0.85);
    }
    let says = match p.scale {
        Scaling::Linear => t.legend_linear,
        Scaling::Sqrt => t.legend_sqrt,
        Scaling::Log => t.legend_log,
    };
    let shift = bar + look.font * 2.4;
    let left = (if stacked(look) { look.width } else { look.width - x }) - shift;
    fitted(&mut scene, (x + shift, below + look.font * 0.7), says, look.font * 0.9, Ink::Ink3, left);
    let top = scene.height + look.font * 0.8;
    scene.at_once = Some(top);
    scene.place(profile::scene(run, look), 0.0, top);
    Figure {
        id: "main",
        title: t.main_title.into(),
        caption: working(run, look).unwrap_or_default(),
        summary: summary(run, look),
        scene,
    }
}

/// A value as a link writes it; of a long one its beginning.
fn beginning(value: &str) -> String {
    match value.char_indices().nth(28) {
        None => value.into(),
        Some((end, _)) => format!("{}…", value[..end].rsplit_once(',').map_or("", |(whole, _)| whole)),
    }
}

/// One scale for this state and the one beside it.
fn colours(run: &Ran<ReceptiveField>) -> Scale {
    let limit = run.beside.as_ref().map_or(run.output.limit, |s| s.output.limit.max(run.output.limit));
    let signed = |p: &Params| p.measure == Measure::Signed;
    if signed(&run.params) || run.beside.as_ref().is_some_and(|s| signed(&s.params)) {
        Scale::Signed { limit }
    } else {
        Scale::Magnitude { max: limit }
    }
}

/// The field, cut where it reaches further beyond the picture than half of it.
fn field(o: &Output, (h, w): (usize, usize)) -> Window {
    let along = |first: i64, last: i64, n: usize| {
        let n = i64::try_from(n).unwrap_or(i64::MAX / 4);
        let (a, b) = (first.max(-n / 2), last.min(n + n / 2));
        // A field that lies far outside is drawn as the nearest strip.
        if b < a { (a.min(n), 1) } else { (a, b - a + 1) }
    };
    let (top, height) = along(o.support.top, o.support.bottom, h);
    let (left, width) = along(o.support.left, o.support.right, w);
    Window { top, left, height, width }
}

fn zoom_cell(o: &Output, room: f64) -> f64 {
    let (h, w) = crate::stage::scene::grid::extent(&o.input);
    let field = field(o, (h, w));
    (room - 2.0) / field.height.max(field.width) as f64
}

/// The part of a tensor in a window, and the padding around it.
fn plane(
    scene: &mut Scene,
    tensor: &Shared,
    name: &'static str,
    scale: Scale,
    window: Window,
    at: (f64, f64),
    cell: f64,
) {
    let (h, w) = crate::stage::scene::grid::extent(tensor);
    let all = Rect::new(at.0, at.1, window.width as f64 * cell, window.height as f64 * cell);
    let along = |first: i64, size: i64, n: usize| {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        let (a, b) = (first.clamp(0, n), (first + size).clamp(0, n));
        (a, b)
    };
    let ((r0, r1), (c0, c1)) = (along(window.top, window.height, h), along(window.left, window.width, w));
    let inside = r0 < r1 && c0 < c1;
    if !inside || r1 - r0 < window.height || c1 - c0 < window.width {
        let dashes = Stroke { ink: Ink::Pad, width: 1.0, dashed: true };
        scene.rect(all, 0.0, (Ink::Pad, 0.18), Some(dashes));
    }
    let place = |v: i64| usize::try_from(v).unwrap_or(0);
    if inside && cell >= CELLS {
        for r in place(r0)..place(r1) {
            for c in place(c0)..place(c1) {
                let value = value_at(tensor, r, c);
                let (text, size) = fit_cell(value, cell, 3);
                scene.push(Mark::Cell {
                    rect: Rect::new(
                        at.0 + (c as f64 - window.left as f64) * cell,
                        at.1 + (r as f64 - window.top as f64) * cell,
                        cell,
                        cell,
                    )
                    .grown(-0.5),
                    value,
                    origin: Origin { tensor: name, index: index_of(tensor.ndim(), r, c) },
                    scale: Some(scale),
                    text,
                    size,
                    strong: false,
                    stroke: None,
                    hidden: false,
                });
            }
        }
    } else if inside {
        scene.push(Mark::Plane {
            rect: Rect::new(
                at.0 + (c0 - window.left) as f64 * cell,
                at.1 + (r0 - window.top) as f64 * cell,
                (c1 - c0) as f64 * cell,
                (r1 - r0) as f64 * cell,
            ),
            tensor: tensor.clone(),
            name,
            rows: (place(r0), place(r1)),
            cols: (place(c0), place(c1)),
            scale,
        });
    }
    scene.reach(all.bottom());
}

/// The colours of an input: a photo's where it is one.
pub fn input_scale(input: &Shared) -> Scale {
    let (low, high) = input.iter().fold((0.0f32, 0.0f32), |(a, b), v| (a.min(*v), b.max(*v)));
    if low >= 0.0 {
        Scale::Gray { low: 0.0, high: if high <= 1.0 { 1.0 } else { high } }
    } else {
        Scale::Signed { limit: high.max(-low) }
    }
}

/// The input with the field on paper, and where that stands.
fn whole(o: &Output, p: &Params, name: &'static str, look: &Look, room: f64) -> (Scene, Rect) {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(room);
    let (h, w) = p.size;
    let whole = |n: usize| i64::try_from(n).unwrap_or(0);
    let field = field(o, p.size);
    let (top, left) = (field.top.min(0), field.left.min(0));
    let window = Window {
        top,
        left,
        height: (field.top + field.height).max(whole(h)) - top,
        width: (field.left + field.width).max(whole(w)) - left,
    };
    let cell = (room - 2.0) / window.height.max(window.width) as f64;
    let (row, column) = o.scene.unit;
    let what = if p.input == Input::Noise { t.noise } else { t.input };
    let values = [
        ("h", h.to_string()),
        ("w", w.to_string()),
        ("row", row.to_string()),
        ("column", column.to_string()),
    ];
    scene.heading(
        (1.0, head(look) - look.font * 0.8),
        what,
        &fill(t.input_remark, &values),
        look.font * 1.08,
        room - 2.0,
    );
    let at = (1.0, head(look));
    if window.height != whole(h) || window.width != whole(w) {
        // The strip of padding that the field reaches.
        let part = Rect::new(
            at.0 + (field.left - window.left) as f64 * cell,
            at.1 + (field.top - window.top) as f64 * cell,
            field.width as f64 * cell,
            field.height as f64 * cell,
        );
        scene.rect(part, 0.0, (Ink::Pad, 0.25), None);
    }
    plane_only(&mut scene, &o.input, name, input_scale(&o.input), window, at, cell);
    scene.reach(at.1 + window.height as f64 * cell);
    let rect = |top: f64, left: f64, height: f64, width: f64| {
        Rect::new(
            at.0 + (left - window.left as f64) * cell,
            at.1 + (top - window.top as f64) * cell,
            width * cell,
            height * cell,
        )
    };
    let on_paper = rect(field.top as f64, field.left as f64, field.height as f64, field.width as f64);
    frame(&mut scene, on_paper, Ink::Ink, 1.8 * look.stroke, false);
    let centre = o.scene.centre();
    let edges = (1.0, room - 1.0);
    let middle = on_paper.center().0;
    let size = look.font * 0.92;
    if let Some(side) = o.stats.as_ref().map(|s| s.held[2].side).filter(|side| *side > 0) {
        let part = rect(
            square_start(centre.0, side) as f64,
            square_start(centre.1, side) as f64,
            side as f64,
            side as f64,
        );
        if part.w > 6.0 && part.x >= 0.0 && part.right() <= room + 1.0 {
            frame(&mut scene, part, Ink::Accent, 1.6 * look.stroke, false);
            let under = on_paper.bottom() + size * 1.3;
            let y = if under < scene.height { under } else { on_paper.bottom() - size * 0.6 };
            tag(&mut scene, (middle, y), &fill(t.held_in, &[("side", side.to_string())]), size, edges);
        }
    }
    let y =
        if on_paper.y - size * 0.5 > at.1 + size { on_paper.y - size * 0.5 } else { on_paper.y + size * 1.4 };
    tag(&mut scene, (middle, y), &fill(t.on_paper, &[("size", field_size(o))]), size, edges);
    let dot = rect(centre.0 + 0.5, centre.1 + 0.5, 0.0, 0.0).grown(4.0);
    if dot.x > 0.0 && dot.right() < room && dot.y > 0.0 && dot.bottom() < scene.height {
        scene.rect(dot, 4.0, (Ink::Accent, 1.0), Some(Stroke { ink: Ink::Panel, width: 1.6, dashed: false }));
    }
    (scene, on_paper)
}

/// Height and width of the field on paper.
pub fn field_size(o: &Output) -> String {
    let (h, w) = o.support.size();
    let number = |n: i64| usize::try_from(n).unwrap_or(0);
    sized((number(h), number(w)))
}

/// The plane without padding around it.
fn plane_only(
    scene: &mut Scene,
    tensor: &Shared,
    name: &'static str,
    scale: Scale,
    window: Window,
    at: (f64, f64),
    cell: f64,
) {
    let (h, w) = crate::stage::scene::grid::extent(tensor);
    let rect = Rect::new(
        at.0 - window.left as f64 * cell,
        at.1 - window.top as f64 * cell,
        w as f64 * cell,
        h as f64 * cell,
    );
    scene.push(Mark::Plane { rect, tensor: tensor.clone(), name, rows: (0, h), cols: (0, w), scale });
}

/// The gradient in the field, and where it stands.
#[allow(clippy::too_many_arguments)]
fn zoom(
    o: &Output,
    p: &Params,
    name: &'static str,
    scale: Scale,
    cell: f64,
    title: Option<&str>,
    look: &Look,
    room: f64,
) -> (Scene, Rect) {
    let t = Text::of(look.lang);
    let mut scene = Scene::new(room);
    let window = field(o, p.size);
    let measure = labels(look.lang).measure.options[p.measure as usize];
    let remark = if title.is_some() { field_size(o) } else { measure.to_string() };
    let title = title.unwrap_or(t.effective);
    scene.heading((1.0, head(look) - look.font * 0.8), title, &remark, look.font * 1.08, room - 2.0);
    let at = (1.0, head(look));
    plane(&mut scene, &o.shown, name, scale, window, at, cell);
    let all = Rect::new(at.0, at.1, window.width as f64 * cell, window.height as f64 * cell);
    match &o.stats {
        // Cells say their numbers themselves.
        Some(_) if cell >= CELLS => {}
        Some(stats) => {
            let place = Place { window, at, cell };
            let mut last = f64::INFINITY;
            for (held, share) in [(stats.held[2], 95), (stats.held[0], 50)] {
                last = contour(&mut scene, o, p, held, (share, last), place, look);
            }
        }
        None => {
            let why = if o.sums.is_some() { t.nothing_arrives } else { t.not_yet };
            tag(&mut scene, all.center(), why, look.font, (all.x, (all.x + room - 2.0).max(all.right())));
        }
    }
    scene.rect(
        all,
        0.0,
        (Ink::None, 0.0),
        Some(Stroke { ink: Ink::Ink, width: 1.4 * look.stroke, dashed: false }),
    );
    (scene, all)
}

/// More edges than this are a scattered set, of which a square is drawn instead.
const MOST_EDGES: usize = 160;

/// Where a window stands.
#[derive(Clone, Copy)]
struct Place {
    window: Window,
    at: (f64, f64),
    cell: f64,
}

/// The outline of the smallest set that holds a share, named unless another name stands there; gives the height of its
/// name.
fn contour(
    scene: &mut Scene,
    o: &Output,
    p: &Params,
    held: Held,
    (share, other): (usize, f64),
    Place { window, at, cell }: Place,
    look: &Look,
) -> f64 {
    let (h, w) = p.size;
    // Equal values count whole, so that the outline doesn't depend on the order in which they were sorted.
    let on = |r: i64, c: i64| {
        let (Ok(row), Ok(column)) = (usize::try_from(r), usize::try_from(c)) else { return false };
        row < h && column < w && value_at(&o.gradient, row, column).abs() >= held.cut * 0.9999
    };
    let (x, y) =
        (|c: i64| at.0 + (c - window.left) as f64 * cell, |r: i64| at.1 + (r - window.top) as f64 * cell);
    let mut edges: Vec<Vec<(f64, f64)>> = Vec::new();
    let (rows, columns) = (window.top..=window.top + window.height, window.left..=window.left + window.width);
    for r in rows.clone() {
        let mut run: Option<i64> = None;
        for c in columns.clone() {
            let edge = c < window.left + window.width && on(r - 1, c) != on(r, c);
            match (edge, run) {
                (true, None) => run = Some(c),
                (false, Some(start)) => {
                    edges.push(vec![(x(start), y(r)), (x(c), y(r))]);
                    run = None;
                }
                _ => {}
            }
        }
    }
    for c in columns {
        let mut run: Option<i64> = None;
        for r in rows.clone() {
            let edge = r < window.top + window.height && on(r, c - 1) != on(r, c);
            match (edge, run) {
                (true, None) => run = Some(r),
                (false, Some(start)) => {
                    edges.push(vec![(x(c), y(start)), (x(c), y(r))]);
                    run = None;
                }
                _ => {}
            }
        }
    }
    let (left, right) = (at.0, at.0 + window.width as f64 * cell);
    if edges.len() > MOST_EDGES {
        edges.clear();
        let side = held.side as f64 * cell;
        let centre = o.scene.centre();
        let (x, y) = (x(square_start(centre.1, held.side)), y(square_start(centre.0, held.side)));
        if x < at.0 - 0.5 || y < at.1 - 0.5 || x + side > right + 0.5 {
            return other;
        }
        edges.push(vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]);
    }
    let top = edges.iter().flatten().map(|p| p.1).fold(f64::INFINITY, f64::min);
    for edge in edges {
        haloed(scene, edge, Ink::Ink, 1.3 * look.stroke);
    }
    let size = look.font * 0.85;
    let y = if top - size * 0.5 > at.1 + size { top - size * 0.4 } else { top + size * 1.5 };
    if !y.is_finite() || right - left <= 60.0 || (y - other).abs() < size * 1.5 {
        return other;
    }
    tag(scene, ((left + right) / 2.0, y), &format!("{share} %"), size, (left, right));
    y
}

fn summary(run: &Ran<ReceptiveField>, look: &Look) -> String {
    let t = Text::of(look.lang);
    let o = &run.output;
    let values = [
        ("h", run.params.size.0.to_string()),
        ("w", run.params.size.1.to_string()),
        ("row", o.scene.unit.0.to_string()),
        ("column", o.scene.unit.1.to_string()),
        ("size", field_size(o)),
    ];
    let mut text = fill(t.summary, &values);
    if let Some(stats) = &o.stats {
        let values = [("side", stats.held[2].side.to_string()), ("sigma", number(stats.sigma.1, 3))];
        text += look.lang.pick(" ", "");
        text += &fill(t.summary_measured, &values);
    }
    text
}
