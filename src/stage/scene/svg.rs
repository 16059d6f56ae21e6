//! The picture as SVG text: for export, print and snapshot tests. Needs no browser.

use super::{Anchor, Ink, Mark, Rect, Scene, Stroke};
use crate::stage::colormap::{Rgb, Scale};
use crate::stage::text::{escape, number};
use crate::stage::theme::Theme;
use std::fmt::Write;

/// The font of numbers.
pub const MONO: &str = "ui-monospace,'SF Mono','Cascadia Code','JetBrains Mono',Menlo,Consolas,monospace";
/// The font of words.
pub const SANS: &str = "ui-sans-serif,system-ui,'Segoe UI','Noto Sans','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif";

/// A plane as an address that an SVG image can hold; none when it can't be had.
pub type Picture<'a> = &'a dyn Fn(&Mark, Theme) -> Option<String>;

/// The whole picture as a standalone SVG document in a theme's colours. `title` becomes its title.
#[cfg(not(target_arch = "wasm32"))]
pub fn document(scene: &Scene, theme: Theme, title: &str) -> String {
    document_with(scene, theme, title, &super::png::address)
}

/// [`document`], with the planes coded by `picture`: in a page the browser does it.
pub fn document_with(scene: &Scene, theme: Theme, title: &str, picture: Picture) -> String {
    let mut out = String::new();
    let (w, h) = (scene.width.ceil(), scene.height.ceil());
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" font-family=\"{SANS}\">\n<title>{}</title>\n<rect width=\"{w}\" height=\"{h}\" fill=\"{}\"/>\n",
        escape(title),
        theme.palette().panel.css(),
    );
    for mark in &scene.marks {
        draw(&mut out, mark, theme, picture);
    }
    out.push_str("</svg>\n");
    out
}

fn draw(out: &mut String, mark: &Mark, theme: Theme, picture: Picture) {
    let line = |out: &mut String, stroke: &Option<Stroke>| {
        if let Some((Stroke { width, dashed, .. }, color)) =
            stroke.and_then(|s| theme.color(s.ink).map(|c| (s, c)))
        {
            let _ = write!(out, " stroke=\"{}\" stroke-width=\"{}\"", color.css(), n(width));
            if dashed {
                out.push_str(" stroke-dasharray=\"3 3\"");
            }
        }
    };
    match mark {
        Mark::Box { rect, radius, fill, stroke } => {
            let _ = write!(out, "<rect {} rx=\"{}\"{}", corners(rect), n(*radius), paint(theme, *fill));
            line(out, stroke);
            out.push_str("/>\n");
        }
        Mark::Cell { rect, value, scale, text, size, strong, stroke, hidden, .. } => {
            let ground = scale.filter(|_| !hidden).map(|scale| theme.value(scale, *value));
            let fill = ground.map_or("none".into(), Rgb::css);
            let radius = (rect.w * 0.13).min(5.0);
            let _ = write!(out, "<rect {} rx=\"{}\" fill=\"{fill}\"", corners(rect), n(radius));
            line(out, stroke);
            out.push_str("/>\n");
            if !hidden && !text.is_empty() {
                let color = ground.map_or(theme.palette().ink3, |g| theme.text_on(g));
                let (x, y) = rect.center();
                let weight = if *strong { 700 } else { 500 };
                let _ = writeln!(
                    out,
                    "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-family=\"{MONO}\" font-size=\"{}\" font-weight=\"{weight}\" fill=\"{}\">{}</text>",
                    n(x),
                    n(y + size * 0.36),
                    n(*size),
                    color.css(),
                    escape(text)
                );
            }
        }
        Mark::Plane { rect, .. } => {
            if let Some(address) = picture(mark, theme) {
                let _ = writeln!(
                    out,
                    "<image {} preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" href=\"{address}\"/>",
                    corners(rect)
                );
            }
        }
        Mark::Line { points, stroke } => {
            let _ =
                write!(out, "<polyline points=\"{}\" fill=\"none\" stroke-linejoin=\"round\"", list(points));
            line(out, &Some(*stroke));
            out.push_str("/>\n");
        }
        Mark::Area { points, fill } => {
            let _ = writeln!(out, "<polygon points=\"{}\"{}/>", list(points), paint(theme, *fill));
        }
        Mark::Band { from, to, fill, down } => {
            let _ = writeln!(out, "<path d=\"{}\"{}/>", band(from, to, *down), paint(theme, *fill));
        }
        Mark::Text { at, text, size, ink, bold, mono, anchor } => {
            let color = theme.color(*ink).unwrap_or(theme.palette().ink);
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            let family = if *mono { format!(" font-family=\"{MONO}\"") } else { String::new() };
            let _ = writeln!(
                out,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\" font-size=\"{}\" font-weight=\"{}\"{family} fill=\"{}\">{}</text>",
                n(at.0),
                n(at.1),
                n(*size),
                if *bold { 650 } else { 400 },
                color.css(),
                escape(text)
            );
        }
        Mark::Legend { rect, scale, size } => {
            for slice in 0..32 {
                let (low, high) = scale.ends();
                let color = theme.value(*scale, low + (high - low) * slice as f32 / 31.0);
                let w = rect.w / 32.0;
                let part = Rect::new(rect.x + slice as f64 * w, rect.y, w + 0.3, rect.h);
                let _ = writeln!(out, "<rect {} fill=\"{}\"/>", corners(&part), color.css());
            }
            for (x, label, anchor) in legend_labels(rect, *scale) {
                let _ = writeln!(
                    out,
                    "<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\" font-family=\"{MONO}\" font-size=\"{}\" fill=\"{}\">{label}</text>",
                    n(x),
                    n(rect.bottom() + size),
                    n(*size * 0.9),
                    theme.palette().ink2.css()
                );
            }
        }
    }
}

/// Where a legend's numbers stand: position, number, and which end of it is there.
pub fn legend_labels(rect: &Rect, scale: Scale) -> Vec<(f64, String, &'static str)> {
    let (low, high) = scale.ends();
    let mut labels =
        vec![(rect.x, number(low as f64, 2), "start"), (rect.right(), number(high as f64, 2), "end")];
    if matches!(scale, Scale::Signed { .. }) && rect.w > 90.0 {
        labels.push((rect.x + rect.w / 2.0, "0".into(), "middle"));
    }
    labels
}

/// The path of a band.
pub fn band(from: &Rect, to: &Rect, down: bool) -> String {
    let [a, b, c, d, m] = band_points(from, to, down);
    let p = |q: (f64, f64)| format!("{},{}", n(q.0), n(q.1));
    let bend = |from: (f64, f64), to: (f64, f64)| {
        let (c1, c2) = if down { ((from.0, m.1), (to.0, m.1)) } else { ((m.0, from.1), (m.0, to.1)) };
        format!("C{} {} {}", p(c1), p(c2), p(to))
    };
    format!("M{} {} L{} {} Z", p(a), bend(a, b), p(c), bend(c, d))
}

/// The corners of a band (start, its end, the other end, back) and its middle.
pub fn band_points(from: &Rect, to: &Rect, down: bool) -> [(f64, f64); 5] {
    if down {
        let m = (0.0, (from.bottom() + to.y) / 2.0);
        [(from.x, from.bottom()), (to.x, to.y), (to.right(), to.y), (from.right(), from.bottom()), m]
    } else {
        let m = ((from.right() + to.x) / 2.0, 0.0);
        [(from.right(), from.y), (to.x, to.y), (to.x, to.bottom()), (from.right(), from.bottom()), m]
    }
}

fn paint(theme: Theme, (ink, alpha): (Ink, f32)) -> String {
    match theme.color(ink) {
        None => " fill=\"none\"".into(),
        Some(color) if alpha >= 1.0 => format!(" fill=\"{}\"", color.css()),
        Some(color) => format!(" fill=\"{}\" fill-opacity=\"{}\"", color.css(), n(alpha as f64)),
    }
}

fn corners(rect: &Rect) -> String {
    format!(
        "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
        n(rect.x),
        n(rect.y),
        n(rect.w.max(0.0)),
        n(rect.h.max(0.0))
    )
}

fn list(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{},{}", n(*x), n(*y))).collect::<Vec<_>>().join(" ")
}

fn n(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// The places of values in a theme's colour table: 0 to 256, zero of a signed scale at 128. One multiplication a
/// value, since a plane has hundreds of thousands.
pub fn indexer(scale: Scale) -> impl Fn(f32) -> usize {
    let gain = |extent: f32, steps: f32| if extent > 0.0 { steps / extent } else { 0.0 };
    let (gain, start) = match scale {
        Scale::Signed { limit } => (gain(limit, 128.0), 128.5),
        Scale::Magnitude { max } => (gain(max, 256.0), 0.5),
        Scale::Colour => (256.0, 0.5),
        Scale::Gray { low, high } => (gain(high - low, 256.0), 0.5 - low * gain(high - low, 256.0)),
    };
    // Casting rounds towards zero and keeps to the type's range.
    move |value| ((value * gain + start) as i32).clamp(0, 256) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_agrees_with_the_scale() {
        for scale in [
            Scale::Signed { limit: 3.0 },
            Scale::Magnitude { max: 7.0 },
            Scale::Gray { low: -1.0, high: 2.0 },
            Scale::Signed { limit: 0.0 },
        ] {
            let place = indexer(scale);
            for i in -50..50 {
                let value = i as f32 / 7.0;
                let exact = match scale {
                    Scale::Signed { .. } => 128.0 + scale.place(value) * 128.0,
                    _ => scale.place(value) * 256.0,
                };
                assert!((place(value) as f32 - exact).abs() <= 0.51, "{scale:?} {value}");
            }
            assert_eq!(place(0.0), if let Scale::Signed { .. } = scale { 128 } else { place(0.0) });
        }
    }
}
