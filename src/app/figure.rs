//! A figure on the page: its canvas, what is pointed at, its player, its table, and keys for all of it.

use super::canvas::Painter;
use super::classroom::Wish;
use super::insight::Said;
use super::live::{live, part, shown};
use super::parts;
use super::state::{Page, now};
use super::widgets::player::Player;
use crate::stage::decimal::decimal;
use crate::stage::lab::{Act, Figure, Focus, Look};
use crate::stage::scene::{Rect, hit, svg};
use crate::stage::text::{fill, number};
use crate::stage::theme::Theme;
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// The figures of the present state, drawn for the room there is.
#[derive(Clone, Copy)]
pub struct Figures {
    /// Width of a figure's card in CSS pixels.
    pub width: RwSignal<f64>,
    /// Size of small text in CSS pixels.
    pub font: RwSignal<f64>,
    /// The figures.
    pub list: Memo<Drawn>,
    /// What is said beside them.
    pub said: Memo<Said>,
}

/// Figures that are new whenever they have been drawn anew.
#[derive(Clone)]
pub struct Drawn(pub Arc<Vec<Figure>>);

impl PartialEq for Drawn {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Figures {
    /// Draws whenever the state, the room, the language or the pointer changes.
    pub fn new(page: Page) -> Figures {
        let (width, font) = (RwSignal::new(720.0), RwSignal::new(12.5));
        let list = Memo::new(move |_| {
            let focus = page.focus.get();
            page.parts.track();
            let look = Look {
                lang: page.lang.get(),
                width: width.get(),
                font: font.get(),
                stroke: page.theme.get().stroke(),
                focus: focus.as_ref(),
                step: page.setup.with(|s| s.step),
            };
            Drawn(Arc::new(page.good.get().map_or_else(Vec::new, |e| e.draw(&look))))
        });
        Effect::new(move |_| {
            list.track();
            parts::bring_wanted(page);
        });
        let said = Memo::new(move |_| Said::now(page, width, font));
        Figures { width, font, list, said }
    }

    /// One figure, by name.
    pub fn get(&self, id: &str) -> Option<Figure> {
        self.list.with(|list| list.0.iter().find(|f| f.id == id).cloned())
    }
}

/// Everything that can be pointed at can be edited, pinned and read aloud here.
#[component]
pub fn FigureCard(page: Page, figures: Figures, id: &'static str) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    let wrap = NodeRef::<html::Div>::new();
    let painter = StoredValue::new_local(Painter::default());
    let later = StoredValue::new(None::<TimeoutHandle>);
    // A new drawing is a new figure.
    let figure = Memo::new_with_compare(move |_| figures.get(id), |_, _| true);
    watch_width(wrap, figures);
    let progress = use_context::<RwSignal<Option<parts::Maker>>>();

    Effect::new(move |_| {
        let (theme, ratio) = (page.theme.get(), window().device_pixel_ratio());
        let Some(canvas) = canvas.get() else { return };
        figure.track();
        let paint = move |above: Option<f64>| {
            let start = now();
            let _ = figure.try_with_untracked(|f| {
                if let Some(f) = f {
                    painter.try_update_value(|p| p.paint_above(&canvas, &f.scene, theme, ratio, above));
                }
            });
            now() - start
        };
        let at_once = figure.with_untracked(|f| f.as_ref().and_then(|f| f.scene.at_once));
        if id == "main" {
            let draw = paint(at_once);
            page.timings.update_value(|t| {
                t.draw = draw;
                if t.changed_at > 0.0 {
                    t.input_to_paint = now() - t.changed_at;
                }
            });
            page.painted.update(|n| *n += 1);
        }
        if id != "main" || at_once.is_some() {
            // What answers a slider is on the screen first; the rest follows. Of several waiting drawings only the
            // last is made.
            later.update_value(|waiting| {
                if let Some(waiting) = waiting.take() {
                    waiting.clear();
                }
                let paint = move || {
                    paint(None);
                };
                *waiting = set_timeout_with_handle(paint, std::time::Duration::from_millis(24)).ok();
            });
        }
    });

    let at = move |x: i32, y: i32| {
        figure.with_untracked(|f| f.as_ref().and_then(|f| hit::at(&f.scene, x as f64, y as f64)))
    };
    let moved = move |ev: web_sys::PointerEvent| {
        if page.pinned.get_untracked() || ev.pointer_type() == "touch" {
            return;
        }
        let found = at(ev.offset_x(), ev.offset_y());
        if page.focus.with_untracked(|f| *f != found) {
            page.focus.set(found);
        }
    };
    let left = move |_| {
        if !page.pinned.get_untracked() && page.focus.with_untracked(Option::is_some) {
            page.focus.set(None);
        }
    };
    let clicked = move |ev: web_sys::MouseEvent| {
        let found = at(ev.offset_x(), ev.offset_y());
        if found.as_ref().is_some_and(|focus| act(page, focus)) {
            return;
        }
        let again = page.pinned.get_untracked() && page.focus.with_untracked(|f| *f == found);
        page.pinned.set(found.is_some() && !again);
        page.focus.set(found);
    };
    let editing = RwSignal::new(None::<(Focus, Rect, String)>);
    let edit = move |focus: Focus, text: String| {
        let Some(experiment) = page.good.get_untracked() else { return };
        if experiment.edit(&focus, 0.0).is_none() {
            return;
        }
        let place = figure.with_untracked(|f| f.as_ref().and_then(|f| hit::place(&f.scene, &focus)));
        if let Some(rect) = place {
            page.pinned.set(true);
            page.focus.set(Some(focus.clone()));
            editing.set(Some((focus, rect, text)));
        }
    };
    let twice = move |ev: web_sys::MouseEvent| {
        if let Some(focus) = at(ev.offset_x(), ev.offset_y()) {
            edit(focus, String::new());
        }
    };
    let keyed = move |ev: web_sys::KeyboardEvent| figure_key(page, figure, &ev, &edit);
    let size = move || figure.with(|f| f.as_ref().map_or((0.0, 0.0), |f| (f.scene.width, f.scene.height)));
    let title = move || figure.with(|f| f.as_ref().map_or_else(String::new, |f| f.title.clone()));
    let caption = move || figure.with(|f| f.as_ref().map_or_else(String::new, |f| f.caption.clone()));
    let summary = move || figure.with(|f| f.as_ref().map_or_else(String::new, |f| f.summary.clone()));
    // What the figure shows comes first, as tabs; what belongs to it alone, below its head.
    let own = move || {
        let lab = page.lab();
        let mut own: Vec<(usize, &'static str)> = lab.controls().iter().map(|c| c.key).enumerate().collect();
        own.retain(|(_, key)| lab.stands_on(key) == Some(id));
        own.sort_by_key(|(_, key)| *key != "panel");
        own
    };
    view! {
        <section class="figure" class:dimmed=live(move || page.computed.with(|c| c.result.is_err())) data-figure=id>
            <div class="figure-head">
                <h2>{title}<small>{caption}</small></h2>
                {part(move || own().first().map(|(index, _)| view! { <super::widgets::Tabs page=page index=*index/> }).into_any())}
                <button type="button" class="quiet figure-export" on:click=move |_| page.wish(Wish::Save(id))>{live(move || page.words().save)}</button>
            </div>
            {part(move || own().into_iter().skip(1).map(|(index, key)| {
                let there = move || {
                    let hidden = page.shell.with(|s| s.hide.iter().any(|k| k == key));
                    !hidden && page.setup.with(|s| page.lab().relevant(&s.values, key))
                };
                shown(there, move || view! { <div class="figure-own"><super::widgets::Field page=page index=index/></div> }.into_any())
            }).collect_view().into_any())}
            <div class="figure-room" node_ref=wrap>
                <div
                    class="figure-view" tabindex="0" role="application"
                    aria-label=live(move || format!("{}. {}", title(), page.words().figure_keys))
                    on:pointermove=moved on:pointerleave=left on:click=clicked on:dblclick=twice on:keydown=keyed
                >
                    <canvas
                        node_ref=canvas role="img" aria-label=summary
                        style:width=live(move || format!("{}px", size().0))
                        style:height=live(move || format!("{}px", size().1))
                    ></canvas>
                </div>
                {part(move || (editing.get().map(|(focus, rect, text)| view! {
                    <CellEditor page=page focus=focus rect=rect text=text close=Callback::new(move |()| editing.set(None))/>
                })).into_any())}
            </div>
            {part(move || progress.and_then(|p| p.get()).filter(|_| id == "main").map(|show| show(page, 0)).into_any())}
            {shown(move || id == "main", move || view! { <super::insight::Equation page=page figures=figures/>
                <Player page=page/> }.into_any())}
            <Tables page=page figures=figures id=id figure=figure/>
        </section>
    }
}

/// Follows the width of a card, so that the figure is drawn for it.
fn watch_width(wrap: NodeRef<html::Div>, figures: Figures) {
    let measure = move || {
        let Some(element) = wrap.get_untracked() else { return };
        let width = element.client_width() as f64;
        if width > 40.0 && (figures.width.get_untracked() - width).abs() > 0.5 {
            figures.width.set(width);
        }
        let root = window()
            .get_computed_style(&element)
            .ok()
            .flatten()
            .and_then(|s| s.get_property_value("font-size").ok())
            .and_then(|s| decimal(s.trim_end_matches("px")));
        if let Some(size) = root
            && (figures.font.get_untracked() - size * 0.84).abs() > 0.05
        {
            figures.font.set(size * 0.84);
        }
    };
    Effect::new(move |_| {
        let Some(element) = wrap.get() else { return };
        measure();
        let callback = Closure::<dyn FnMut(js_sys::Array)>::new(move |_| measure());
        if let Ok(observer) = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let kept = StoredValue::new_local((observer, callback));
            on_cleanup(move || {
                kept.try_with_value(|(observer, _)| observer.disconnect());
            });
        }
    });
}

fn figure_key(
    page: Page,
    figure: Memo<Option<Figure>>,
    ev: &web_sys::KeyboardEvent,
    edit: &dyn Fn(Focus, String),
) {
    if ev.ctrl_key() || ev.meta_key() || ev.alt_key() {
        return;
    }
    let key = ev.key();
    let tensors = figure.with_untracked(|f| f.as_ref().map_or_else(Vec::new, |f| hit::tensors(&f.scene)));
    let Some(experiment) = page.good.get_untracked() else { return };
    let shape = |name: &str| {
        experiment.tensors().into_iter().find(|(n, _)| *n == name).map(|(_, t)| t.shape().to_vec())
    };
    let present = page.focus.get_untracked();
    let start = |name: &'static str| {
        shape(name)
            .map(|s| Focus { tensor: name, index: s.iter().map(|n| n.saturating_sub(1) / 2).collect() })
    };
    let preferred = || tensors.iter().find(|t| **t == "output").or(tensors.first()).copied();
    let (dr, dc) = match key.as_str() {
        "ArrowUp" => (-1, 0),
        "ArrowDown" => (1, 0),
        "ArrowLeft" => (0, -1),
        "ArrowRight" => (0, 1),
        "t" | "T" => {
            let at = present.as_ref().and_then(|f| tensors.iter().position(|t| *t == f.tensor));
            let next = at.map_or_else(preferred, |at| tensors.get((at + 1) % tensors.len()).copied());
            page.focus.set(next.and_then(start));
            page.pinned.set(true);
            ev.prevent_default();
            return;
        }
        "Enter" => {
            if !present.as_ref().is_some_and(|focus| act(page, focus)) {
                page.pinned.update(|p| *p = !*p);
            }
            ev.prevent_default();
            return;
        }
        "Escape" => {
            page.pinned.set(false);
            page.focus.set(None);
            return;
        }
        "F2" => {
            if let Some(focus) = present {
                edit(focus, String::new());
                ev.prevent_default();
            }
            return;
        }
        digit if digit.len() == 1 && digit.contains(|c: char| c.is_ascii_digit() || c == '-' || c == '.') => {
            if let Some(focus) = present {
                edit(focus, digit.into());
                ev.prevent_default();
            }
            return;
        }
        _ => return,
    };
    ev.prevent_default();
    let moved = match present.filter(|f| tensors.contains(&f.tensor)) {
        None => preferred().and_then(start),
        Some(mut focus) => {
            let n = focus.index.len();
            if let (Some(shape), true) = (shape(focus.tensor), n >= 2) {
                let step =
                    |at: usize, by: i64, size: usize| (at as i64 + by).clamp(0, size as i64 - 1) as usize;
                focus.index[n - 2] = step(focus.index[n - 2], dr, shape[n - 2]);
                focus.index[n - 1] = step(focus.index[n - 1], dc, shape[n - 1]);
            }
            Some(focus)
        }
    };
    page.pinned.set(true);
    page.focus.set(moved);
}

/// Does what a click on a cell does in this lab; false when that is nothing.
fn act(page: Page, focus: &Focus) -> bool {
    let Some(act) = page.good.get_untracked().and_then(|e| e.click(focus)) else { return false };
    let pinned = page.pinned.get_untracked();
    let done = match act {
        Act::Set(values) => {
            let pairs: Vec<_> = values.into_iter().map(|(key, value)| (key.to_string(), value)).collect();
            page.open(page.lab.get_untracked(), &pairs, true)
        }
        Act::Load(name, tensor) => page.load(name, tensor),
    };
    match done {
        // Who acts goes on pointing there.
        Ok(()) => {
            page.focus.set(Some(focus.clone()));
            page.pinned.set(pinned);
        }
        Err(refusal) => page.report(&[refusal]),
    }
    true
}

/// A field over a cell whose number the learner replaces.
#[component]
fn CellEditor(page: Page, focus: Focus, rect: Rect, text: String, close: Callback<()>) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let n = focus.index.len();
    let (r, c) = (focus.index.get(n.wrapping_sub(2)).copied(), focus.index.last().copied());
    let label = fill(
        page.words().edit_cell,
        &[
            ("name", focus.tensor.into()),
            ("r", r.unwrap_or(0).to_string()),
            ("c", c.unwrap_or(0).to_string()),
        ],
    );
    let done = StoredValue::new(false);
    let finish = move |keep: bool| {
        if done.get_value() {
            return;
        }
        done.set_value(true);
        let written = field.get_untracked().map(|f| f.value()).unwrap_or_default();
        if keep && !written.trim().is_empty() {
            match crate::stage::value::parse_real(&written) {
                Ok(value) => {
                    if let Some((name, tensor)) =
                        page.good.get_untracked().and_then(|e| e.edit(&focus, value))
                        && let Err(refusal) = page.load(name, tensor)
                    {
                        page.report(&[refusal]);
                    }
                }
                Err(error) => {
                    page.report(&[crate::stage::refusal::Refusal::Value(focus.tensor.into(), error)])
                }
            }
        }
        close.try_run(());
    };
    let finish = StoredValue::new(finish);
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    let back = move || {
        if let Some(view) = field
            .get_untracked()
            .and_then(|f| f.parent_element())
            .and_then(|p| p.query_selector(".figure-view").ok().flatten())
            && let Some(view) = view.dyn_ref::<web_sys::HtmlElement>()
        {
            let _ = view.focus();
        }
    };
    view! {
        <input
            class="cell-editor" type="text" inputmode="decimal" autocomplete="off" aria-label=label
            node_ref=field prop:value=text
            style:left=format!("{}px", rect.x - 6.0) style:top=format!("{}px", rect.y - 4.0)
            style:width=format!("{}px", rect.w.max(44.0) + 12.0) style:height=format!("{}px", rect.h.max(24.0) + 8.0)
            on:keydown=move |ev: web_sys::KeyboardEvent| {
                ev.stop_propagation();
                match ev.key().as_str() {
                    "Enter" => { back(); finish.try_with_value(|f| f(true)); }
                    // Before the focus leaves: leaving keeps what is written.
                    "Escape" => { done.set_value(true); back(); close.try_run(()); }
                    _ => {}
                }
            }
            on:blur=move |_| {
                // Also heard when the figure goes away with the field in it.
                finish.try_with_value(|f| f(true));
            }
        />
    }
}

/// The drawn numbers as tables, loaded when they are asked for.
#[component]
fn Tables(page: Page, figures: Figures, id: &'static str, figure: Memo<Option<Figure>>) -> impl IntoView {
    let any = move || figure.with(|f| f.as_ref().is_some_and(|f| !hit::tensors(&f.scene).is_empty()));
    let tables = move || {
        let title = view! { {live(move || page.words().table)} }.into_any();
        let at = figures.list.with_untracked(|list| list.0.iter().position(|f| f.id == id));
        parts::disclosure(page, "tables", title, |_| Box::pin(parts::tables()), at.unwrap_or_default())
    };
    shown(any, tables)
}

/// A figure as SVG text.
pub fn svg_of(page: Page, figures: Figures, id: &str) -> Option<String> {
    let theme: Theme = page.theme.get_untracked();
    let figure = figures.list.with_untracked(|l| l.0.iter().find(|f| f.id == id).cloned())?;
    Some(svg::document_with(&figure.scene, theme, &figure.title, &super::canvas::plane_address))
}

/// Hands the browser a file to save.
pub fn save(name: &str, url: &str) {
    let link =
        document().create_element("a").ok().and_then(|a| a.dyn_into::<web_sys::HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(url);
        link.set_download(name);
        link.click();
    }
}

/// What a screen reader hears: the pointed cell, or else, after a change, what has come of it.
pub fn spoken(page: Page, figures: Figures) -> String {
    let Some(focus) = page.focus.get() else {
        let changed = page.history_size.get().0 > 0;
        return if changed { figures.said.with(|said| said.0.answer.clone()) } else { String::new() };
    };
    let Some(experiment) = page.good.get() else { return String::new() };
    let value = experiment
        .tensors()
        .into_iter()
        .find(|(n, _)| *n == focus.tensor)
        .and_then(|(_, t)| t.get(ndarray::IxDyn(&focus.index)).copied());
    let n = focus.index.len();
    match value {
        Some(value) if n >= 2 => fill(
            page.words().cell_is,
            &[
                ("name", focus.tensor.into()),
                ("r", focus.index[n - 2].to_string()),
                ("c", focus.index[n - 1].to_string()),
                ("value", number(value as f64, 4)),
            ],
        ),
        _ => String::new(),
    }
}
