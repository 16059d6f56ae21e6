//! In front of a class: the figure alone and large, keys of a clicker, a pen, and notes in a second window.

use super::{Room, lesson};
use crate::app::live::{live, part};
use crate::stage::text::fill;
use crate::stage::theme::Theme;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// Keys while presenting, and what they do.
pub fn table(room: Room) -> [(&'static str, &'static str); 8] {
    let w = room.words();
    [
        ("→ PgDn", w.key_on),
        ("← PgUp", w.key_back),
        ("Space", w.key_play),
        ("P", w.key_pen),
        ("E", w.key_clear),
        ("B", w.key_black),
        ("N", w.key_notes),
        ("Esc", w.key_leave),
    ]
}

/// Colours of the pen: far from each other and from the data's, on light and on dark.
const PENS: [&str; 3] = ["#d1006c", "#1f8a3b", "#1f5fd0"];

/// A stroke: its colour, and points on the page.
type Stroke = (usize, Vec<(f64, f64)>);

/// What presenting keeps.
#[derive(Clone, Copy)]
struct Board {
    room: Room,
    pen: RwSignal<Option<usize>>,
    ink: RwSignal<Vec<Stroke>>,
    black: RwSignal<bool>,
    notes: StoredValue<Option<web_sys::Window>, LocalStorage>,
}

/// The layer over the page while it is presented; nothing otherwise.
pub fn layer(room: Room) -> AnyView {
    let page = room.page;
    let board = Board {
        room,
        pen: RwSignal::new(None),
        ink: RwSignal::new(Vec::new()),
        black: RwSignal::new(false),
        notes: StoredValue::new_local(None),
    };
    let before = StoredValue::new(None::<Theme>);
    // The page shows it, the link says it, and leaving takes both back.
    Effect::new(move |was: Option<bool>| {
        let on = room.presenting.get();
        let said = page.shell.with(|s| s.present);
        let Some(root) = document().document_element() else { return on };
        if on && was != Some(true) {
            let _ = root.set_attribute("data-present", "1");
            // A link that says a theme means it, also afterwards.
            before.set_value(page.shell.with_untracked(|s| s.theme));
            fill_the_screen(&root);
        }
        // A step of a lesson brings a link of its own, which says nothing of presenting.
        if on && !said {
            page.shell.update(|s| {
                s.present = true;
                s.theme = s.theme.or(Some(Theme::Projector));
            });
        }
        if !on && was == Some(true) {
            board.leave(&root, before.get_value());
        }
        on
    });
    let keys = window_event_listener(leptos::ev::keydown, move |ev| {
        if room.presenting.get_untracked() && !typing(&ev) && board.key(&ev) {
            ev.prevent_default();
            ev.stop_propagation();
        }
    });
    on_cleanup(move || keys.remove());
    part(move || if room.presenting.get() { board.view() } else { ().into_any() }).into_any()
}

/// Asks for the whole screen; a browser may say no, and a page that was opened presenting has not been asked by anyone.
fn fill_the_screen(root: &web_sys::Element) {
    let ask = js_sys::Reflect::get(root, &"requestFullscreen".into()).ok();
    let ask = ask.and_then(|f| f.dyn_into::<js_sys::Function>().ok()).and_then(|f| f.call0(root).ok());
    if let Some(promise) = ask.and_then(|p| p.dyn_into::<js_sys::Promise>().ok()) {
        wasm_bindgen_futures::spawn_local(async move {
            let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
        });
    }
}

/// Whether a key belongs to a field or to a dialog.
fn typing(ev: &web_sys::KeyboardEvent) -> bool {
    let target = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|e| {
        matches!(e.tag_name().as_str(), "TEXTAREA" | "SELECT" | "INPUT")
            || e.closest("dialog").ok().flatten().is_some()
    })
}

impl Board {
    /// Takes everything back that presenting changed.
    fn leave(&self, root: &web_sys::Element, theme: Option<Theme>) {
        let _ = root.remove_attribute("data-present");
        let _ = root.remove_attribute("data-present-controls");
        self.room.page.shell.update(|s| {
            s.present = false;
            s.theme = theme;
        });
        if document().fullscreen_element().is_some() {
            document().exit_fullscreen();
        }
        self.ink.set(Vec::new());
        self.pen.set(None);
        self.black.set(false);
        self.notes.update_value(|notes| {
            if let Some(window) = notes.take() {
                let _ = window.close();
            }
        });
    }

    /// Plays or pauses the figure's steps.
    fn play(&self) {
        if let Some(toggle) = self.room.page.toggle_play.get_value() {
            toggle.try_run(true);
        }
    }

    /// One step on or back: of the figure, and at its end of the lesson.
    fn turn(&self, on: bool) {
        let page = self.room.page;
        let steps = page.good.get_untracked().map_or(0, |e| e.steps());
        let at = page.setup.with_untracked(|s| s.step.min(steps));
        let inside = if on { at < steps } else { at > 0 };
        if steps > 1 && inside {
            page.pinned.set(false);
            page.focus.set(None);
            page.change("step", |s| s.step = if on { at + 1 } else { at - 1 });
        } else {
            lesson::turn(self.room, on);
        }
    }

    /// Does what a key does; false when that is nothing.
    fn key(&self, ev: &web_sys::KeyboardEvent) -> bool {
        if ev.ctrl_key() || ev.meta_key() || ev.alt_key() {
            return false;
        }
        let in_figure = ev
            .target()
            .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|e| e.class_list().contains("figure-view"));
        match ev.key().as_str() {
            "PageDown" => self.turn(true),
            "PageUp" => self.turn(false),
            // In a figure the arrows go from cell to cell.
            "ArrowRight" if !in_figure => self.turn(true),
            "ArrowLeft" if !in_figure => self.turn(false),
            " " if !in_figure => self.play(),
            "p" | "P" => self.pen.update(|pen| *pen = if pen.is_some() { None } else { Some(0) }),
            "e" | "E" => self.ink.set(Vec::new()),
            "b" | "B" => self.black.update(|black| *black = !*black),
            "n" | "N" => self.open_notes(),
            "Escape" => self.room.presenting.set(false),
            _ => return false,
        }
        true
    }

    fn view(self) -> AnyView {
        let (room, words) = (self.room, move || self.room.words());
        let pens = PENS.into_iter().enumerate().map(|(i, color)| {
            let swatch = view! { <i style:background=color></i> };
            let pressed = live(move || (self.pen.get() == Some(i)).to_string());
            let choose = move |_| self.pen.update(|pen| *pen = if *pen == Some(i) { None } else { Some(i) });
            let label = move || fill(words().pen_color, &[("n", (i + 1).to_string())]);
            view! { <button type="button" class="icon pen" aria-label=label aria-pressed=pressed on:click=choose>{swatch}</button> }
        });
        let controls = RwSignal::new(false);
        let toggle_controls = move |_| {
            controls.update(|on| *on = !*on);
            if let Some(root) = document().document_element() {
                let _ = root.toggle_attribute_with_force("data-present-controls", controls.get_untracked());
            }
        };
        view! {
            {ink(self)}
            {part(move || self.black.get().then(|| view! { <div class="black" on:click=move |_| self.black.set(false)></div> }).into_any())}
            <aside class="present-bar" aria-label=move || words().present>
                <button type="button" on:click=move |_| self.turn(false)>"◀"<span class="sr-only">{move || words().key_back}</span></button>
                <button type="button" class="primary" on:click=move |_| self.turn(true)>"▶|"<span class="sr-only">{move || words().key_on}</span></button>
                <button type="button" on:click=move |_| self.play()>"▶ "{live(move || room.page.words().play)}</button>
                <span class="grow"></span>
                {pens.collect_view()}
                <button type="button" class="icon" aria-label=move || words().ink_undo title=move || words().ink_undo
                    on:click=move |_| self.ink.update(|ink| { ink.pop(); })>"↶"</button>
                <button type="button" on:click=move |_| self.ink.set(Vec::new())>{move || words().ink_clear}</button>
                <button type="button" aria-pressed=live(move || controls.get().to_string()) on:click=toggle_controls>{move || words().controls}</button>
                <button type="button" on:click=move |_| self.open_notes()>{move || words().notes}</button>
                <button type="button" on:click=move |_| self.black.set(true)>{move || words().black}</button>
                <button type="button" on:click=move |_| room.presenting.set(false)>{move || words().leave}</button>
            </aside>
        }
        .into_any()
    }

    /// The notes of the lesson in a window of their own.
    fn open_notes(self) {
        let opened = window()
            .open_with_url_and_target_and_features("", "receptive-notes", "width=560,height=720")
            .ok()
            .flatten();
        let Some(other) = opened else {
            self.room.page.say(untrack(move || self.room.words()).notes_blocked.into(), true);
            return;
        };
        let Some(document) = other.document() else { return };
        if let (Some(head), Ok(base)) = (document.head(), crate::app::document_base()) {
            head.set_inner_html("");
            for style in ["style/tokens.css", "style/base.css", "style/classroom.css"] {
                if let Ok(link) = document.create_element("link") {
                    let _ = link.set_attribute("rel", "stylesheet");
                    let _ = link.set_attribute("href", &format!("{base}{style}"));
                    let _ = head.append_child(&link);
                }
            }
        }
        document.set_title(untrack(move || self.room.words()).notes);
        if let Some(body) = document.body() {
            body.set_class_name("notes-window");
            body.set_inner_html("<div></div>");
            // Another window has elements of its own kind, which a check would not know.
            if let Some(place) = body.first_element_child() {
                leptos::mount::mount_to(place.unchecked_into::<web_sys::HtmlElement>(), move || {
                    notes(self.room)
                })
                .forget();
            }
        }
        // A clicker may be heard by either window.
        let heard = Closure::<dyn FnMut(web_sys::KeyboardEvent)>::new(move |ev: web_sys::KeyboardEvent| {
            if self.room.presenting.try_get_untracked() == Some(true) && self.key(&ev) {
                ev.prevent_default();
            }
        });
        other.set_onkeydown(Some(heard.as_ref().unchecked_ref()));
        heard.forget();
        let _ = other.focus();
        self.notes.set_value(Some(other));
    }
}

/// What the presenter reads: this step's note, the next one's, and how long it has been.
fn notes(room: Room) -> AnyView {
    let step = move |ahead: usize| {
        room.lesson.with(|l| {
            let (lesson, at) = l.as_ref()?;
            lesson.steps.get(at + ahead).map(|s| s.note.clone())
        })
    };
    let title = move || {
        room.lesson.with(|l| {
            l.as_ref().map_or_else(
                || room.page.lab().title(room.page.lang.get()).0.to_string(),
                |(l, at)| format!("{} · {} / {}", l.title, at + 1, l.steps.len()),
            )
        })
    };
    let seconds = RwSignal::new(0u32);
    let timer = set_interval_with_handle(
        move || {
            let _ = seconds.try_update(|s| *s += 1);
        },
        std::time::Duration::from_secs(1),
    );
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
    });
    let clock = move || format!("{}:{:02}", seconds.get() / 60, seconds.get() % 60);
    view! {
        <main class="notes">
            <h1>{title}</h1><output>{clock}</output>
            <p class="now">{move || step(0).unwrap_or_else(|| room.words().notes_none.into())}</p>
            {part(move || step(1).map(|next| view! { <h2>{room.words().notes_next}</h2><p class="then">{next}</p> }).into_any())}
        </main>
    }
    .into_any()
}

/// The sheet the pen writes on. It takes the pointer only while there is a pen.
fn ink(board: Board) -> AnyView {
    let canvas = NodeRef::<html::Canvas>::new();
    let tick = RwSignal::new(0u32);
    let moved = window_event_listener_untyped("scroll", move |_| {
        let _ = tick.try_update(|n| *n += 1);
    });
    let sized = window_event_listener_untyped("resize", move |_| {
        let _ = tick.try_update(|n| *n += 1);
    });
    on_cleanup(move || {
        moved.remove();
        sized.remove();
    });
    Effect::new(move |_| {
        tick.track();
        if let Some(canvas) = canvas.get() {
            board.ink.with(|ink| draw(&canvas, ink));
        }
    });
    let at = |ev: &web_sys::PointerEvent| {
        let scrolled = (window().scroll_x().unwrap_or(0.0), window().scroll_y().unwrap_or(0.0));
        (f64::from(ev.client_x()) + scrolled.0, f64::from(ev.client_y()) + scrolled.1)
    };
    let down = move |ev: web_sys::PointerEvent| {
        if let Some(pen) = board.pen.get_untracked() {
            ev.prevent_default();
            if let Some(canvas) = canvas.get_untracked() {
                let _ = canvas.set_pointer_capture(ev.pointer_id());
            }
            board.ink.update(|ink| ink.push((pen, vec![at(&ev)])));
        }
    };
    let drawn = move |ev: web_sys::PointerEvent| {
        if ev.buttons() > 0 && board.pen.get_untracked().is_some() {
            board.ink.update(|ink| {
                if let Some((_, points)) = ink.last_mut() {
                    points.push(at(&ev));
                }
            });
        }
    };
    view! {
        <canvas class="ink" node_ref=canvas class:on=live(move || board.pen.get().is_some()) aria-hidden="true"
            on:pointerdown=down on:pointermove=drawn></canvas>
    }
    .into_any()
}

fn draw(canvas: &web_sys::HtmlCanvasElement, ink: &[Stroke]) {
    let ratio = window().device_pixel_ratio();
    let (w, h) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
    canvas.set_width((w * ratio) as u32);
    canvas.set_height((h * ratio) as u32);
    let context = canvas.get_context("2d").ok().flatten();
    let Some(c) = context.and_then(|c| c.dyn_into::<web_sys::CanvasRenderingContext2d>().ok()) else {
        return;
    };
    let scrolled = (window().scroll_x().unwrap_or(0.0), window().scroll_y().unwrap_or(0.0));
    let _ = c.set_transform(ratio, 0.0, 0.0, ratio, -scrolled.0 * ratio, -scrolled.1 * ratio);
    c.set_line_width(5.0);
    c.set_line_cap("round");
    c.set_line_join("round");
    for (pen, points) in ink {
        c.set_stroke_style_str(PENS[pen % PENS.len()]);
        c.begin_path();
        for (i, (x, y)) in points.iter().enumerate() {
            // A dot is a line of no length.
            if i == 0 {
                c.move_to(*x, *y);
            }
            c.line_to(*x, *y);
        }
        c.stroke();
    }
}
