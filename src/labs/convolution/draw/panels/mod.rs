//! The second figure: the layer from another side, as the control `panel` asks.

mod maps;
mod matrix;
mod modes;
mod profile;

use crate::labs::convolution::Convolution;
use crate::labs::convolution::params::Panel;
use crate::stage::colormap::Scale;
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::late::Late;
use crate::stage::scene::grid::{CellLook, Grid, extent, index_of, outline};
use crate::stage::scene::{Ink, Origin, Rect, Scene, stroke, text_width};

/// A panel as a figure.
type Panels = fn(&Ran<Convolution>, &Look) -> Option<Figure>;

/// The panels that stand beside the one a visit begins with; most visits never open them.
static OTHERS: Late<Panels> = Late::of("convolution_panels");

/// Draws what the control `panel` asks for, when it is there.
pub fn figure(run: &Ran<Convolution>, look: &Look) -> Option<Figure> {
    #[cfg(not(target_arch = "wasm32"))]
    bring();
    match run.params.panel {
        Panel::Matrix => Some(matrix::figure(run, look)),
        _ => OTHERS.get().and_then(|others| others(run, look)),
    }
}

/// Brings the panels that are loaded when first asked for.
pub fn bring() {
    OTHERS.put(others);
}

/// Every panel but the matrix.
fn others(run: &Ran<Convolution>, look: &Look) -> Option<Figure> {
    Some(match run.params.panel {
        Panel::Matrix => return None,
        Panel::Usage => maps::usage(run, look),
        Panel::Border => maps::border(run, look),
        Panel::Modes => modes::figure(run, look),
        Panel::Flip => maps::flip(run, look),
        Panel::Linearity => maps::linearity(run, look),
        Panel::Profile => profile::figure(run, look),
    })
}

/// Cells narrower than this become a plane.
const LEAST_CELL: f64 = 9.0;

/// A tensor with a heading: cells when they are large enough, else a plane.
struct Sheet<'a> {
    tensor: &'a Shared,
    name: &'static str,
    scale: Scale,
    title: &'a str,
    remark: String,
    /// The cell that is pointed at.
    mark: Option<(usize, usize)>,
}

impl Sheet<'_> {
    /// The edge of a cell in this room.
    fn cell(&self, look: &Look, room: f64, tall: f64) -> f64 {
        let (h, w) = extent(self.tensor);
        ((room - 4.0) / w as f64).min(tall / h as f64).min(look.font * 3.4)
    }

    /// Draws it into a picture of this width.
    fn draw(&self, look: &Look, room: f64, tall: f64) -> Scene {
        let mut scene = Scene::new(room);
        let head = look.font * 1.9;
        let size = (look.font * 1.08).min((room - 4.0) / text_width(self.title, 1.0) / 1.04);
        scene.heading((2.0, head - look.font * 0.75), self.title, &self.remark, size, room - 2.0);
        let cell = self.cell(look, room, tall);
        let grid = Grid {
            tensor: self.tensor,
            name: self.name,
            at: (2.0, head),
            cell,
            scale: self.scale,
            decimals: 2,
        };
        let (h, w) = extent(self.tensor);
        if cell >= LEAST_CELL {
            let mark = self.mark;
            grid.draw(
                &mut scene,
                |r, c| {
                    let here = mark == Some((r, c));
                    CellLook {
                        stroke: here.then(|| stroke(Ink::Ink, 2.4 * look.stroke)),
                        strong: here,
                        ..CellLook::default()
                    }
                },
                |r, c| Origin { tensor: self.name, index: index_of(self.tensor.ndim(), r, c) },
            );
        } else {
            grid.draw_plane(&mut scene, w as f64 * cell, h as f64 * cell);
            if let Some((r, c)) = self.mark {
                let rect = grid.cell_rect(r, c);
                let size = rect.w.max(4.0);
                let rect = Rect::new(rect.x, rect.y, size, size);
                for (ink, width) in [(Ink::Panel, 4.0), (Ink::Accent, 2.0)] {
                    outline(&mut scene, rect.grown(1.5), ink, width * look.stroke);
                }
            }
        }
        scene
    }
}

/// A text in lines no wider than the room: Latin words stay whole, Chinese breaks anywhere.
fn wrapped(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut word = String::new();
    let flush = |line: &mut String, word: &mut String, lines: &mut Vec<String>| {
        if !line.is_empty() && text_width(line.trim_end(), size) + text_width(word.trim_end(), size) > room {
            lines.push(line.trim_end().to_string());
            line.clear();
        }
        line.push_str(word);
        word.clear();
    };
    for letter in text.chars() {
        word.push(letter);
        // A Chinese full stop or comma stays with the letter before it.
        if letter == ' ' || letter as u32 >= 0x2e80 && !"，。：；、）".contains(letter) {
            flush(&mut line, &mut word, &mut lines);
        }
    }
    flush(&mut line, &mut word, &mut lines);
    lines.push(line.trim_end().to_string());
    lines.retain(|l| !l.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::convolution::explain::tests::run;
    use crate::stage::scene::Mark;
    use crate::stage::text::Lang;

    #[test]
    fn lines_keep_to_their_room() {
        let text = "Reflect padding must be smaller than the input: use at most 3.";
        let lines = wrapped(text, 12.0, 120.0);
        assert!(lines.len() > 2 && lines.iter().all(|l| text_width(l, 12.0) <= 120.0), "{lines:?}");
        assert_eq!(lines.join(" "), text);
        let lines = wrapped("反射填充必须小于输入：请改用其他填充方式。", 12.0, 60.0);
        assert!(lines.len() > 3 && lines.iter().all(|l| text_width(l, 12.0) <= 72.0), "{lines:?}");
    }

    /// Everything drawn lies on its picture, whatever the width, and something is drawn.
    #[test]
    fn every_panel_draws_at_every_width_and_size() {
        for panel in Panel::KEYS {
            for state in [
                "",
                "kernel=identity&kernel_size=1&size=1",
                "kernel=identity&kernel_size=1,2&size=1,9",
                "size=9,1&kernel=sobel_y&kernel_size=2,1",
                "padding=2&padding_mode=reflect&stride=2&dilation=2",
                "size=5&padding=6&padding_mode=reflect&padding=4",
                "size=150&input=shapes&kernel=gaussian&kernel_size=15&padding=full",
                "size=40,300&input=noise&kernel_size=3,9&padding=same&activation=relu",
                "size=17&padding=40&kernel=box&kernel_size=4",
            ] {
                let run = run(&format!("{state}&panel={panel}"));
                for (width, font) in
                    [(330.0, 12.0), (330.0, 17.0), (560.0, 12.0), (760.0, 17.0), (1000.0, 12.0)]
                {
                    for lang in Lang::ALL {
                        let look = Look { lang, width, font, stroke: 1.0, focus: None, step: 0 };
                        let figure = figure(&run, &look).unwrap();
                        assert!(!figure.title.is_empty() && !figure.summary.is_empty());
                        assert!(!format!("{}{}", figure.caption, figure.summary).contains('{'));
                        assert!(figure.scene.marks.len() > 2, "{panel} {state} {width}");
                        assert!(
                            figure.scene.height > 20.0 && figure.scene.height < 2500.0,
                            "{panel} {state} {width}: {}",
                            figure.scene.height
                        );
                        within(&figure.scene, &format!("{panel} {state} {width} {font} {lang:?}"));
                    }
                }
            }
        }
    }

    fn within(scene: &Scene, what: &str) {
        for mark in &scene.marks {
            let (left, right, bottom) = match mark {
                Mark::Box { rect, .. }
                | Mark::Cell { rect, .. }
                | Mark::Plane { rect, .. }
                | Mark::Legend { rect, .. } => (rect.x, rect.right(), rect.bottom()),
                Mark::Text { at, text, size, anchor, .. } => {
                    let w = text_width(text, *size) * 0.95;
                    let x = match anchor {
                        crate::stage::scene::Anchor::Start => at.0,
                        crate::stage::scene::Anchor::Middle => at.0 - w / 2.0,
                        crate::stage::scene::Anchor::End => at.0 - w,
                    };
                    (x, x + w, at.1)
                }
                _ => continue,
            };
            assert!(
                left >= -3.0 && right <= scene.width + 3.0 && bottom <= scene.height + 3.0,
                "{what}: {mark:?} on {} × {}",
                scene.width,
                scene.height
            );
        }
    }
}
