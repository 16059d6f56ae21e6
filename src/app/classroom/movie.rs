//! The steps of a figure as an animated GIF, a frame at a time so that the page stays awake.

use super::Room;
use super::save::{name, save_bytes};
use crate::app::canvas::Painter;
use crate::stage::lab::{Experiment, Look};
use gif::{Encoder, Frame, Repeat};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// Most frames; more steps are taken several at a time.
const MOST_FRAMES: usize = 120;
/// How long a frame stands, and how long the last one, in hundredths of a second.
const STANDS: [u16; 2] = [50, 250];

/// What is needed to draw a frame.
struct Camera {
    room: Room,
    id: &'static str,
    experiment: Arc<dyn Experiment>,
    canvas: HtmlCanvasElement,
    painter: Painter,
    encoder: Option<Encoder<Vec<u8>>>,
}

impl Camera {
    /// Draws the figure at a step and adds it; none when the browser gives no pixels.
    fn take(&mut self, step: usize, last: bool) -> Option<()> {
        let page = self.room.page;
        let figures = page.figures.get_value()?;
        let look = Look {
            lang: page.lang.get_untracked(),
            width: figures.width.get_untracked(),
            font: figures.font.get_untracked(),
            stroke: page.theme.get_untracked().stroke(),
            focus: None,
            step,
        };
        let drawn = self.experiment.draw(&look).into_iter().find(|f| f.id == self.id)?;
        let theme = page.theme.get_untracked();
        self.painter.paint(&self.canvas, &drawn.scene, theme, 1.0);
        let context = self.canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
        // Behind what was drawn, the colour of the card.
        context.set_global_composite_operation("destination-over").ok()?;
        context.set_fill_style_str(&theme.palette().panel.css());
        let (w, h) = (self.canvas.width(), self.canvas.height());
        context.fill_rect(0.0, 0.0, f64::from(w), f64::from(h));
        context.set_global_composite_operation("source-over").ok()?;
        let mut pixels = context.get_image_data(0.0, 0.0, f64::from(w), f64::from(h)).ok()?.data().0;
        let (w, h) = (u16::try_from(w).ok()?, u16::try_from(h).ok()?);
        let mut frame = Frame::from_rgba_speed(w, h, &mut pixels, 10);
        frame.delay = STANDS[usize::from(last)];
        if self.encoder.is_none() {
            let mut encoder = Encoder::new(Vec::new(), w, h, &[]).ok()?;
            encoder.set_repeat(Repeat::Infinite).ok()?;
            self.encoder = Some(encoder);
        }
        self.encoder.as_mut()?.write_frame(&frame).ok()
    }
}

/// Takes all frames and saves them; `made` tells how far it is.
pub fn save(room: Room, id: &'static str, made: RwSignal<Option<(usize, usize)>>) {
    let Some(experiment) = room.page.good.get_untracked() else { return };
    let canvas = document().create_element("canvas").ok().and_then(|c| c.dyn_into().ok());
    let Some(canvas) = canvas else { return };
    let steps = experiment.steps();
    let all = steps.min(MOST_FRAMES);
    let camera = Camera { room, id, experiment, canvas, painter: Painter::default(), encoder: None };
    made.set(Some((0, all)));
    frame(camera, (0, all, steps), made);
}

fn frame(
    mut camera: Camera,
    (at, all, steps): (usize, usize, usize),
    made: RwSignal<Option<(usize, usize)>>,
) {
    let go_on = move || {
        let step = (at + 1) * steps / all.max(1);
        let taken = camera.take(step, at + 1 == all);
        // The dialog may have been closed.
        let _ = made.try_set(Some((at + 1, all)));
        if taken.is_some() && at + 1 < all {
            frame(camera, (at + 1, all, steps), made);
            return;
        }
        let _ = made.try_set(None);
        let file = name(camera.room, camera.id, "gif");
        if let Some(bytes) = taken.and(camera.encoder).and_then(|e| e.into_inner().ok()) {
            save_bytes(&file, "image/gif", &bytes);
        }
    };
    set_timeout(go_on, std::time::Duration::from_millis(1));
}
