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
            .x_label_area_size((chart.font * 2.6) as u32)
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

fn legend_row(scene: &mut Scene, chart: &LineChart) {
    let mut x = chart.rect.x + chart.font * 3.6;
    let y = chart.rect.y + chart.font;
    for series in chart.series {
        let stroke = Stroke { ink: series.ink, width: 2.4 * chart.stroke, dashed: series.dashed };
        scene.push(Mark::Line {
            points: vec![(x, y - chart.font * 0.3), (x + 18.0, y - chart.font * 0.3)],
            stroke,
        });
        scene.text((x + 24.0, y), series.name.clone(), chart.font * 0.95, Ink::Ink2);
        x += 24.0 + text_width(&series.name, chart.font) + 22.0;
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
