//! Scene to pixels: the only caller of `CanvasRenderingContext2d`.

use crate::stage::colormap::{Rgb, Scale};
use crate::stage::lab::Shared;
use crate::stage::scene::grid::extent;
use crate::stage::scene::svg::{MONO, SANS, band_points, indexer, legend_labels};
use crate::stage::scene::{Anchor, Ink, Mark, Rect, Scene, Stroke};
use crate::stage::theme::Theme;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// A plane that has been coloured, so that pointing at a figure doesn't colour it again.
struct Painted {
    tensor: Shared,
    rows: (usize, usize),
    cols: (usize, usize),
    scale: Scale,
    theme: Theme,
    canvas: HtmlCanvasElement,
    used: bool,
}

/// Draws scenes into one canvas.
#[derive(Default)]
pub struct Painter {
    planes: Vec<Painted>,
    bytes: Vec<u8>,
    font: String,
    inks: Vec<(Scale, Theme, Inks)>,
}

/// Fill and text colours of a scale's 257 places, as CSS writes them: finding a colour takes a while, and a grid
/// asks hundreds of times.
type Inks = Vec<(String, String)>;

impl Painter {
    /// Draws a scene; `ratio` is device pixels a CSS pixel. A canvas that gives no context is left alone.
    pub fn paint(&mut self, canvas: &HtmlCanvasElement, scene: &Scene, theme: Theme, ratio: f64) {
        self.paint_above(canvas, scene, theme, ratio, None);
    }

    /// Draws what begins above a height and leaves the rest of the canvas as it is; everything when there is none.
    pub fn paint_above(
        &mut self,
        canvas: &HtmlCanvasElement,
        scene: &Scene,
        theme: Theme,
        ratio: f64,
        above: Option<f64>,
    ) {
        let (w, h) = ((scene.width * ratio).round() as u32, (scene.height * ratio).round() as u32);
        if canvas.width() != w || canvas.height() != h {
            canvas.set_width(w);
            canvas.set_height(h);
        }
        let Some(context) = context(canvas) else { return };
        let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        let bottom = above.unwrap_or(scene.height);
        context.clear_rect(0.0, 0.0, scene.width, bottom);
        self.font.clear();
        self.planes.iter_mut().for_each(|p| p.used = false);
        for mark in scene.marks.iter().filter(|m| above.is_none_or(|bottom| m.top() < bottom)) {
            self.mark(&context, mark, theme);
        }
        self.planes.retain(|p| p.used);
    }

    fn mark(&mut self, c: &CanvasRenderingContext2d, mark: &Mark, theme: Theme) {
        match mark {
            Mark::Box { rect, radius, fill: (ink, alpha), stroke } => {
                round(c, rect, *radius);
                fill(c, theme.color(*ink), *alpha);
                outline(c, theme, *stroke);
            }
            Mark::Cell { rect, value, scale, text, size, strong, stroke, hidden, .. } => {
                let scale = scale.filter(|_| !hidden);
                round(c, rect, (rect.w * 0.13).min(5.0));
                let mut ink = theme.palette().ink3.css();
                if let Some(scale) = scale {
                    let (ground, text) = self.inks(scale, theme, *value);
                    c.set_fill_style_str(&ground);
                    c.fill();
                    ink = text;
                }
                outline(c, theme, *stroke);
                if !hidden && !text.is_empty() {
                    let (x, y) = rect.center();
                    self.font(c, if *strong { 700 } else { 500 }, *size, MONO);
                    c.set_text_align("center");
                    c.set_fill_style_str(&ink);
                    let _ = c.fill_text(text, x, y + size * 0.36);
                }
            }
            Mark::Plane { rect, tensor, rows, cols, scale, .. } => {
                self.plane(c, rect, tensor, *rows, *cols, *scale, theme)
            }
            Mark::Line { points, stroke } => {
                trace(c, points);
                c.set_line_join("round");
                outline(c, theme, Some(*stroke));
            }
            Mark::Area { points, fill: (ink, alpha) } => {
                trace(c, points);
                c.close_path();
                fill(c, theme.color(*ink), *alpha);
            }
            Mark::Band { from, to, fill: (ink, alpha), down } => {
                let [a, b, d, e, m] = band_points(from, to, *down);
                let bend = |from: (f64, f64), to: (f64, f64)| {
                    if *down {
                        c.bezier_curve_to(from.0, m.1, to.0, m.1, to.0, to.1);
                    } else {
                        c.bezier_curve_to(m.0, from.1, m.0, to.1, to.0, to.1);
                    }
                };
                c.begin_path();
                c.move_to(a.0, a.1);
                bend(a, b);
                c.line_to(d.0, d.1);
                bend(d, e);
                c.close_path();
                fill(c, theme.color(*ink), *alpha);
            }
            Mark::Text { at, text, size, ink, bold, mono, anchor } => {
                let family = if *mono { MONO } else { SANS };
                self.font(c, if *bold { 650 } else { 400 }, *size, family);
                c.set_text_align(match anchor {
                    Anchor::Start => "left",
                    Anchor::Middle => "center",
                    Anchor::End => "right",
                });
                c.set_fill_style_str(&theme.color(*ink).unwrap_or(theme.palette().ink).css());
                let _ = c.fill_text(text, at.0, at.1);
            }
            Mark::Legend { rect, scale, size } => {
                self.font.clear();
                legend(c, theme, rect, *scale, *size);
            }
        }
    }

    /// The fill of a value, and the colour of a text on it.
    fn inks(&mut self, scale: Scale, theme: Theme, value: f32) -> (String, String) {
        let at = match self.inks.iter().position(|(s, t, _)| (*s, *t) == (scale, theme)) {
            Some(at) => at,
            None => {
                let table = theme.table(scale);
                let inks = table.iter().map(|ground| (ground.css(), theme.text_on(*ground).css())).collect();
                // Old scales go: a slider makes new ones all the time.
                self.inks.truncate(7);
                self.inks.insert(0, (scale, theme, inks));
                0
            }
        };
        self.inks[at].2.get(indexer(scale)(value)).cloned().unwrap_or_default()
    }

    /// Sets a font, unless it is set already: browsers read the text of a font anew each time. Sizes go in steps of
    /// half a pixel, so that a grid of numbers needs few.
    fn font(&mut self, c: &CanvasRenderingContext2d, weight: u32, size: f64, family: &str) {
        let font = format!("{weight} {}px {family}", (size * 2.0).round() / 2.0);
        if font != self.font {
            c.set_font(&font);
            self.font = font;
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn plane(
        &mut self,
        c: &CanvasRenderingContext2d,
        rect: &Rect,
        tensor: &Shared,
        rows: (usize, usize),
        cols: (usize, usize),
        scale: Scale,
        theme: Theme,
    ) {
        let same = |p: &Painted| {
            p.tensor.as_ptr() == tensor.as_ptr()
                && (p.rows, p.cols, p.scale, p.theme) == (rows, cols, scale, theme)
        };
        let at = match self.planes.iter().position(same) {
            Some(at) => at,
            None => {
                let old = self.planes.iter().position(|p| !p.used && (p.rows, p.cols) == (rows, cols));
                let canvas = old.map(|at| self.planes.swap_remove(at).canvas);
                let Some(canvas) = self.colour(canvas, tensor, rows, cols, scale, theme) else { return };
                let tensor = tensor.clone();
                self.planes.push(Painted { tensor, rows, cols, scale, theme, canvas, used: true });
                self.planes.len() - 1
            }
        };
        self.planes[at].used = true;
        c.set_image_smoothing_enabled(false);
        let _ = c.draw_image_with_html_canvas_element_and_dw_and_dh(
            &self.planes[at].canvas,
            rect.x,
            rect.y,
            rect.w,
            rect.h,
        );
    }

    /// Colours a plane by a table of 257 colours, into a canvas of one pixel a number.
    fn colour(
        &mut self,
        canvas: Option<HtmlCanvasElement>,
        tensor: &Shared,
        rows: (usize, usize),
        cols: (usize, usize),
        scale: Scale,
        theme: Theme,
    ) -> Option<HtmlCanvasElement> {
        let (h, w) = (rows.1.checked_sub(rows.0)?, cols.1.checked_sub(cols.0)?);
        let (height, width) = extent(tensor);
        let flat = tensor.as_slice()?;
        let table: Vec<[u8; 4]> = theme.table(scale).iter().map(|c| [c.0, c.1, c.2, 255]).collect();
        let place = indexer(scale);
        self.bytes.clear();
        self.bytes.reserve(h * w * 4);
        for r in rows.0..rows.1 {
            let row = |channel: usize| {
                let from = (channel * height + r) * width;
                flat.get(from + cols.0..from + cols.1)
            };
            if scale == Scale::Colour {
                let level = |value: f32| table[place(value)][0];
                let (reds, greens, blues) = (row(0)?, row(1)?, row(2)?);
                for ((red, green), blue) in reds.iter().zip(greens).zip(blues) {
                    self.bytes.extend([level(*red), level(*green), level(*blue), 255]);
                }
            } else {
                self.bytes.extend(row(0)?.iter().flat_map(|value| table[place(*value)]));
            }
        }
        let canvas = match canvas {
            Some(canvas) => canvas,
            None => leptos::prelude::document().create_element("canvas").ok()?.dyn_into().ok()?,
        };
        canvas.set_width(w as u32);
        canvas.set_height(h as u32);
        let image =
            ImageData::new_with_u8_clamped_array_and_sh(Clamped(&self.bytes), w as u32, h as u32).ok()?;
        context(&canvas)?.put_image_data(&image, 0.0, 0.0).ok()?;
        Some(canvas)
    }
}

/// A picture as PNG bytes behind a `data:` address, `scale` times as large as on the page.
pub fn png(scene: &Scene, theme: Theme, scale: f64) -> Option<String> {
    let canvas: HtmlCanvasElement =
        leptos::prelude::document().create_element("canvas").ok()?.dyn_into().ok()?;
    let mut ground = Scene { width: scene.width, height: scene.height, ..Scene::default() };
    ground.rect(Rect::new(0.0, 0.0, scene.width, scene.height), 0.0, (Ink::Panel, 1.0), None);
    ground.marks.extend(scene.marks.iter().cloned());
    Painter::default().paint(&canvas, &ground, theme, scale);
    canvas.to_data_url().ok()
}

/// A plane as a PNG behind a `data:` address, one pixel a number.
pub fn plane_address(plane: &Mark, theme: Theme) -> Option<String> {
    let Mark::Plane { tensor, rows, cols, scale, .. } = plane else { return None };
    Painter::default().colour(None, tensor, *rows, *cols, *scale, theme)?.to_data_url().ok()
}

/// The RGBA bytes of a picture source drawn at a size.
pub fn pixels(
    width: usize,
    height: usize,
    draw: impl FnOnce(&CanvasRenderingContext2d) -> Result<(), JsValue>,
) -> Option<Vec<u8>> {
    let canvas: HtmlCanvasElement =
        leptos::prelude::document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context = context(&canvas)?;
    draw(&context).ok()?;
    let image = context.get_image_data(0.0, 0.0, width as f64, height as f64).ok()?;
    Some(image.data().0)
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}

fn round(c: &CanvasRenderingContext2d, rect: &Rect, radius: f64) {
    c.begin_path();
    let (w, h) = (rect.w.max(0.0), rect.h.max(0.0));
    let radius = radius.min(w / 2.0).min(h / 2.0).max(0.0);
    if radius < 0.5 {
        c.rect(rect.x, rect.y, w, h);
    } else {
        let _ = c.round_rect_with_f64(rect.x, rect.y, w, h, radius);
    }
}

fn trace(c: &CanvasRenderingContext2d, points: &[(f64, f64)]) {
    c.begin_path();
    for (at, (x, y)) in points.iter().enumerate() {
        if at == 0 { c.move_to(*x, *y) } else { c.line_to(*x, *y) }
    }
}

fn fill(c: &CanvasRenderingContext2d, color: Option<Rgb>, alpha: f32) {
    if let Some(color) = color {
        c.set_global_alpha(alpha as f64);
        c.set_fill_style_str(&color.css());
        c.fill();
        c.set_global_alpha(1.0);
    }
}

fn outline(c: &CanvasRenderingContext2d, theme: Theme, stroke: Option<Stroke>) {
    let Some(stroke) = stroke else { return };
    let Some(color) = theme.color(stroke.ink) else { return };
    c.set_stroke_style_str(&color.css());
    c.set_line_width(stroke.width);
    let dash = js_sys::Array::new();
    if stroke.dashed {
        dash.push(&3.0.into());
        dash.push(&3.0.into());
    }
    let _ = c.set_line_dash(&dash);
    c.stroke();
}

fn legend(c: &CanvasRenderingContext2d, theme: Theme, rect: &Rect, scale: Scale, size: f64) {
    let (low, high) = scale.ends();
    let gradient = c.create_linear_gradient(rect.x, 0.0, rect.right(), 0.0);
    for stop in 0..=16 {
        let share = stop as f32 / 16.0;
        let _ = gradient.add_color_stop(share, &theme.value(scale, low + (high - low) * share).css());
    }
    round(c, rect, 2.0);
    c.set_fill_style_canvas_gradient(&gradient);
    c.fill();
    c.set_font(&format!("400 {:.2}px {MONO}", size * 0.9));
    c.set_fill_style_str(&theme.palette().ink2.css());
    for (x, label, anchor) in legend_labels(rect, scale) {
        c.set_text_align(match anchor {
            "start" => "left",
            "end" => "right",
            _ => "center",
        });
        let _ = c.fill_text(&label, x, rect.bottom() + size);
    }
}
