//! Charts by plotters, drawn into a scene: one drawing code for screen, SVG, print and tests.

use super::scene::{Anchor, Ink, Mark, Rect, Scene, Stroke, text_width};
use super::text::number;
use plotters::prelude::*;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontTransform,
};
use std::convert::Infallible;

/// One line of a chart.
pub struct Series {
    /// Its points.
    pub points: Vec<(f64, f64)>,
    /// Its colour's role.
    pub ink: Ink,
    /// Its name, written at its end of the legend row.
    pub name: String,
    /// Dashed.
    pub dashed: bool,
}

/// What a line chart needs.
pub struct LineChart<'a> {
    /// Where it stands in its scene.
    pub rect: Rect,
    /// Its lines.
    pub series: &'a [Series],
    /// What runs to the right.
    pub x_label: &'a str,
    /// A vertical mark at this place, if any.
    pub mark: Option<f64>,
    /// Size of its text.
    pub font: f64,
    /// Width of its lines.
    pub stroke: f64,
}

/// Plotters speaks RGB, scenes speak roles: each role stands in for itself as a code colour.
const ROLES: [Ink; 6] = [Ink::Ink, Ink::Ink2, Ink::Ink3, Ink::Line, Ink::Line2, Ink::Accent];

fn code(ink: Ink) -> RGBColor {
    let place = ROLES.iter().position(|r| *r == ink).unwrap_or(0);
    RGBColor(1, 2, place as u8)
}

struct SceneBackend<'a> {
    scene: &'a mut Scene,
    rect: Rect,
}

impl SceneBackend<'_> {
    fn at(&self, (x, y): BackendCoord) -> (f64, f64) {
        (self.rect.x + x as f64, self.rect.y + y as f64)
    }
    fn ink(&self, color: BackendColor) -> (Ink, f32) {
        (ROLES.get(color.rgb.2 as usize).copied().unwrap_or(Ink::Ink), color.alpha as f32)
    }
    fn stroke(&self, style: &impl BackendStyle) -> Stroke {
        let (ink, _) = self.ink(style.color());
        Stroke { ink, width: style.stroke_width() as f64, dashed: false }
    }
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for SceneBackend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.rect.w.max(1.0) as u32, self.rect.h.max(1.0) as u32)
    }
    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }
    fn present(&mut self) -> Drawn {
        Ok(())
    }
    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        let (x, y) = self.at(point);
        let fill = self.ink(color);
        self.scene.rect(Rect::new(x, y, 1.0, 1.0), 0.0, fill, None);
        Ok(())
    }
    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        let (points, stroke) = (vec![self.at(from), self.at(to)], self.stroke(style));
        if style.color().alpha > 0.0 {
            self.scene.push(Mark::Line { points, stroke });
        }
        Ok(())
    }
    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points = path.into_iter().map(|p| self.at(p)).collect();
        let stroke = self.stroke(style);
        self.scene.push(Mark::Line { points, stroke });
        Ok(())
    }
    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points = path.into_iter().map(|p| self.at(p)).collect();
        let fill = self.ink(style.color());
        self.scene.push(Mark::Area { points, fill });
        Ok(())
    }
    fn draw_rect<S: BackendStyle>(
        &mut self,
        a: BackendCoord,
        b: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let ((x, y), (x1, y1)) = (self.at(a), self.at(b));
        let rect = Rect::new(x, y, x1 - x, y1 - y);
        let (paint, stroke) =
            if fill { (self.ink(style.color()), None) } else { ((Ink::None, 0.0), Some(self.stroke(style))) };
        self.scene.rect(rect, 0.0, paint, stroke);
        Ok(())
    }
    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, pos: BackendCoord) -> Drawn {
        let (mut x, mut y) = self.at(pos);
        let size = style.size();
        if matches!(style.transform(), FontTransform::None) {
            let anchor = match style.anchor().h_pos {
                HPos::Left => Anchor::Start,
                HPos::Center => Anchor::Middle,
                HPos::Right => Anchor::End,
            };
            y += match style.anchor().v_pos {
                VPos::Top => size,
                VPos::Center => size * 0.36,
                VPos::Bottom => 0.0,
            };
            x = x.max(self.rect.x);
            // A long number at the left axis grows smaller rather than leave the chart.
            let size = match anchor {
                Anchor::End => ((x - self.rect.x) / text_width(text, 1.0)).clamp(size * 0.6, size),
                _ => size,
            };
            let (ink, _) = self.ink(style.color());
            let text = text.replace('-', "−");
            self.scene.push(Mark::Text { at: (x, y), text, size, ink, bold: false, mono: true, anchor });
        }
        Ok(())
    }
    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Self::ErrorType>> {
        Ok((text_width(text, style.size()).ceil() as u32, style.size().ceil() as u32))
    }
    fn blit_bitmap(&mut self, _: BackendCoord, _: (u32, u32), _: &[u8]) -> Drawn {
        Ok(())
    }
}

/// Draws lines over shared axes. Values that are not finite are left out; a chart without points stays empty.
pub fn lines(scene: &mut Scene, chart: &LineChart) {
    let all =
        || chart.series.iter().flat_map(|s| s.points.iter()).filter(|p| p.0.is_finite() && p.1.is_finite());
    let span = |pick: fn(&(f64, f64)) -> f64| {
        all().map(pick).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)))
    };
    let ((x0, x1), (y0, y1)) = (span(|p| p.0), span(|p| p.1));
    if x0.is_finite() && y0.is_finite() && chart.rect.w > 60.0 && chart.rect.h > 40.0 {
        let pad = if y1 > y0 { (y1 - y0) * 0.06 } else { 0.5 };
        let range = (x0..if x1 > x0 { x1 } else { x0 + 1.0 }, y0 - pad..y1 + pad);
        // Drawing into a list can't fail, so there is nothing to report.
        let _ = axes_and_lines(scene, chart, range);
    }
    scene.reach(chart.rect.bottom());
}

type Span = std::ops::Range<f64>;
type Chart<'a, 'b> = ChartContext<
    'a,
    SceneBackend<'b>,
    Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>,
>;

fn axes_and_lines(
    scene: &mut Scene,
    chart: &LineChart,
    (xs, ys): (Span, Span),
) -> Result<(), DrawingAreaErrorKind<Infallible>> {
    let legend = chart.font * 1.6;
    legend_row(scene, chart);
    let rect = Rect::new(chart.rect.x, chart.rect.y + legend, chart.rect.w, chart.rect.h - legend);
    let (inks, mut drawn) = (chart.series.iter().map(|s| s.ink).collect::<Vec<_>>(), Vec::new());
    {
        let area = SceneBackend { scene, rect }.into_drawing_area();
        let mut plot: Chart = ChartBuilder::on(&area)
            .x_label_area_size((chart.font * 3.2) as u32)
            .y_label_area_size((chart.font * 3.6) as u32)
            .margin_right((chart.font * 0.8) as u32)
            .build_cartesian_2d(xs.clone(), ys.clone())?;
        let font = ("sans", chart.font * 0.9).into_font().color(&code(Ink::Ink2));
        plot.configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(ShapeStyle::from(code(Ink::Line2)))
            .axis_style(ShapeStyle::from(code(Ink::Line)))
            .label_style(font.clone())
            .x_labels(6)
            .y_labels(4)
            .x_label_formatter(&|v| number(*v, 3))
            .y_label_formatter(&|v| number(*v, 3))
            .x_desc(chart.x_label)
            .axis_desc_style(font)
            .draw()?;
        for series in chart.series {
            let points = series.points.iter().filter(|p| p.0.is_finite() && p.1.is_finite());
            drawn.push(points.map(|p| plot.backend_coord(p)).collect::<Vec<_>>());
        }
        if let Some(x) = chart.mark {
            drawn.push(vec![plot.backend_coord(&(x, ys.start)), plot.backend_coord(&(x, ys.end))]);
        }
    }
    for (at, path) in drawn.into_iter().enumerate() {
        let dashed = chart.series.get(at).is_none_or(|s| s.dashed);
        let ink = inks.get(at).copied().unwrap_or(Ink::Ink3);
        let width = if at < inks.len() { 1.8 } else { 1.0 } * chart.stroke;
        let points = path.into_iter().map(|(x, y)| (rect.x + x as f64, rect.y + y as f64)).collect();
        scene.push(Mark::Line { points, stroke: Stroke { ink, width, dashed } });
    }
    Ok(())
}

/// Draws lines over shared logarithmic axes, with a dot at each point. Values that are not positive are left out; a chart
/// without points stays empty.
pub fn log_lines(scene: &mut Scene, chart: &LineChart) {
    let legal = |p: &&(f64, f64)| p.0 > 0.0 && p.1 > 0.0 && p.0.is_finite() && p.1.is_finite();
    let all = || chart.series.iter().flat_map(|s| s.points.iter()).filter(legal);
    let span = |pick: fn(&(f64, f64)) -> f64| {
        let (a, b) =
            all().map(pick).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        (a, if b > a { b } else { a * 2.0 })
    };
    let ((x0, x1), (y0, y1)) = (span(|p| p.0), span(|p| p.1));
    scene.reach(chart.rect.bottom());
    if !x0.is_finite() || !y0.is_finite() || chart.rect.w <= 60.0 || chart.rect.h <= 40.0 {
        return;
    }
    legend_row(scene, chart);
    let (font, rect) = (chart.font, chart.rect);
    let (left, right) = (rect.x + font * 3.6, rect.right() - font * 0.8);
    let (top, bottom) = (rect.y + font * 2.2, rect.bottom() - font * 2.6);
    let along = |v: f64, (a, b): (f64, f64)| (v / a).ln() / (b / a).ln();
    let x = |v: f64| left + (right - left) * along(v, (x0, x1));
    let y = |v: f64| bottom - (bottom - top) * along(v, (y0, y1));
    let size = font * 0.9;
    let text = |scene: &mut Scene, at: (f64, f64), value: f64, anchor: Anchor| {
        let text = number(value, 3);
        scene.push(Mark::Text { at, text, size, ink: Ink::Ink2, bold: false, mono: true, anchor });
    };
    for value in log_ticks((y0, y1), (bottom - top) / (size * 1.6)) {
        let points = vec![(left, y(value)), (right, y(value))];
        scene.push(Mark::Line { points, stroke: Stroke { ink: Ink::Line2, width: 1.0, dashed: false } });
        text(scene, (left - font * 0.5, y(value) + size * 0.36), value, Anchor::End);
    }
    for value in log_ticks((x0, x1), (right - left) / (size * 3.0)) {
        text(scene, (x(value), bottom + size * 1.3), value, Anchor::Middle);
    }
    let axis = vec![(left, top), (left, bottom), (right, bottom)];
    scene.push(Mark::Line { points: axis, stroke: Stroke { ink: Ink::Line, width: 1.0, dashed: false } });
    scene.text_middle(((left + right) / 2.0, rect.bottom() - font * 0.2), chart.x_label, size, Ink::Ink2);
    for series in chart.series {
        let points: Vec<_> = series.points.iter().filter(legal).map(|p| (x(p.0), y(p.1))).collect();
        if !series.dashed {
            for (cx, cy) in &points {
                let r = 2.4 * chart.stroke;
                scene.rect(Rect::new(cx - r, cy - r, 2.0 * r, 2.0 * r), r, (series.ink, 1.0), None);
            }
        }
        let stroke = Stroke { ink: series.ink, width: 1.5 * chart.stroke, dashed: series.dashed };
        scene.push(Mark::Line { points, stroke });
    }
}

/// The ticks 1, 2, 5, 10 … between two positive numbers, at most `most` of them.
fn log_ticks((low, high): (f64, f64), most: f64) -> Vec<f64> {
    let decades = || (low.log10().floor() as i32..=high.log10().ceil() as i32).map(|e| 10f64.powi(e));
    let within = |steps: &[f64]| {
        let all = decades().flat_map(|d| steps.iter().map(move |s| s * d));
        all.filter(|v| *v >= low * 0.999 && *v <= high * 1.001).collect::<Vec<f64>>()
    };
    let (fine, coarse) = (within(&[1.0, 2.0, 5.0]), within(&[1.0]));
    if fine.len() as f64 <= most || coarse.len() < 2 { fine } else { coarse }
}

/// The names of the lines above the chart, moved to the left and then made smaller when they are too long for it.
fn legend_row(scene: &mut Scene, chart: &LineChart) {
    let named = || chart.series.iter().filter(|s| !s.name.is_empty());
    let (lines, letters) = named().fold((0.0, 0.0), |(n, w), s| (n + 46.0, w + text_width(&s.name, 1.0)));
    let room = chart.rect.w - lines + 22.0;
    let font = (room / f64::max(letters, 1.0)).clamp(chart.font * 0.5, chart.font);
    let start = (chart.rect.x + chart.font * 3.6).min(chart.rect.right() - lines + 22.0 - letters * font);
    let mut x = start.max(chart.rect.x);
    let y = chart.rect.y + chart.font;
    for series in named() {
        let stroke = Stroke { ink: series.ink, width: 2.4 * chart.stroke, dashed: series.dashed };
        scene.push(Mark::Line {
            points: vec![(x, y - chart.font * 0.3), (x + 18.0, y - chart.font * 0.3)],
            stroke,
        });
        scene.text((x + 24.0, y), series.name.clone(), font * 0.95, Ink::Ink2);
        x += 24.0 + text_width(&series.name, font) + 22.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_axes_numbers_and_its_lines() {
        let mut scene = Scene::new(400.0);
        let series = [Series {
            points: (0..20).map(|i| (i as f64, (i as f64 * 0.7).sin())).collect(),
            ink: Ink::Accent,
            name: "wave".into(),
            dashed: false,
        }];
        let rect = Rect::new(0.0, 0.0, 400.0, 200.0);
        lines(
            &mut scene,
            &LineChart { rect, series: &series, x_label: "column", mark: Some(4.0), font: 12.0, stroke: 1.0 },
        );
        let texts: Vec<&str> = scene
            .marks
            .iter()
            .filter_map(|m| if let Mark::Text { text, .. } = m { Some(text.as_str()) } else { None })
            .collect();
        assert!(texts.contains(&"wave") && texts.contains(&"column"), "{texts:?}");
        assert!(texts.iter().any(|t| t.contains("10")), "{texts:?}");
        let longest = scene
            .marks
            .iter()
            .filter_map(|m| if let Mark::Line { points, .. } = m { Some(points.len()) } else { None })
            .max();
        assert_eq!(longest, Some(20));
    }

    #[test]
    fn equal_ratios_are_equally_far_apart() {
        let mut scene = Scene::new(400.0);
        let points =
            (0..6).map(|i| (2f64.powi(i), 4f64.powi(i))).chain([(0.0, 1.0), (f64::NAN, 2.0)]).collect();
        let series = [Series { points, ink: Ink::Ink, name: "x".into(), dashed: false }];
        let rect = Rect::new(0.0, 0.0, 400.0, 200.0);
        let chart = LineChart { rect, series: &series, x_label: "n", mark: None, font: 12.0, stroke: 1.0 };
        log_lines(&mut scene, &chart);
        let line = scene.marks.iter().rev().find_map(|m| match m {
            Mark::Line { points, .. } => Some(points.clone()),
            _ => None,
        });
        let line = line.unwrap();
        assert_eq!(line.len(), 6);
        let steps: Vec<f64> = line.windows(2).map(|w| w[1].0 - w[0].0).collect();
        assert!(steps.iter().all(|s| (s - steps[0]).abs() < 1e-9), "{steps:?}");
        assert_eq!(log_ticks((1.0, 32.0), 9.0), [1.0, 2.0, 5.0, 10.0, 20.0]);
        assert_eq!(log_ticks((0.5, 3000.0), 4.0), [1.0, 10.0, 100.0, 1000.0]);
    }

    #[test]
    fn a_chart_of_nothing_stays_empty() {
        let mut scene = Scene::new(400.0);
        let rect = Rect::new(0.0, 0.0, 400.0, 200.0);
        let series =
            [Series { points: vec![(0.0, f64::NAN)], ink: Ink::Ink, name: "x".into(), dashed: false }];
        lines(
            &mut scene,
            &LineChart { rect, series: &series, x_label: "", mark: None, font: 12.0, stroke: 1.0 },
        );
        assert!(scene.marks.is_empty());
    }
}
