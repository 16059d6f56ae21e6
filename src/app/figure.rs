//! A figure on the page: its canvas, what is pointed at, its player, its table, and keys for all of it.

use super::canvas::Painter;
use super::insight::Said;
use super::state::{Page, now};
use super::widgets::player::Player;
use crate::stage::lab::{Figure, Focus, Look};
use crate::stage::scene::{Rect, hit, table};
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

    Effect::new(move |_| {
        let (theme, ratio) = (page.theme.get(), window().device_pixel_ratio());
        let Some(canvas) = canvas.get() else { return };
        figure.track();
        let paint = move || {
            let start = now();
            let _ = figure.try_with_untracked(|f| {
                if let Some(f) = f {
                    painter.try_update_value(|p| p.paint(&canvas, &f.scene, theme, ratio));
                }
            });
            now() - start
        };
        if id == "main" {
            let draw = paint();
            page.timings.update_value(|t| {
                t.draw = draw;
                if t.changed_at > 0.0 {
                    t.input_to_paint = now() - t.changed_at;
                }
            });
            page.painted.update(|n| *n += 1);
        } else {
            // The answer to a slider is the main figure; the others follow when it is on the screen. Of several
            // waiting drawings only the last is made.
            later.update_value(|waiting| {
                if let Some(waiting) = waiting.take() {
                    waiting.clear();
                }
                let paint = move || {
                    paint();
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
    let control = move || {
        let lab = page.lab();
        lab.controls().iter().position(|c| lab.stands_on(c.key) == Some(id))
    };
    view! {
        <section class="figure" class:dimmed=move || page.computed.with(|c| c.result.is_err()) data-figure=id>
            <div class="figure-head">
                <h2>{title}<small>{caption}</small></h2>
                {move || control().map(|index| view! { <super::widgets::Tabs page=page index=index/> })}
                <FigureExport page=page figures=figures id=id/>
            </div>
            <div class="figure-room" node_ref=wrap>
                <div
                    class="figure-view" tabindex="0" role="application"
                    aria-label=move || format!("{}. {}", title(), page.words().figure_keys)
                    on:pointermove=moved on:pointerleave=left on:click=clicked on:dblclick=twice on:keydown=keyed
                >
                    <canvas
                        node_ref=canvas role="img" aria-label=summary
                        style:width=move || format!("{}px", size().0)
                        style:height=move || format!("{}px", size().1)
                    ></canvas>
                </div>
                {move || editing.get().map(|(focus, rect, text)| view! {
                    <CellEditor page=page focus=focus rect=rect text=text close=Callback::new(move |()| editing.set(None))/>
                })}
            </div>
            <Show when=move || id == "main">
                <super::insight::Equation page=page figures=figures/>
                <Player page=page/>
            </Show>
            <Tables page=page figure=figure/>
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
            .and_then(|s| s.trim_end_matches("px").parse::<f64>().ok());
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
            on_cleanup(move || kept.with_value(|(observer, _)| observer.disconnect()));
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
            page.pinned.update(|p| *p = !*p);
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
        close.run(());
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
                    "Enter" => { back(); finish.with_value(|f| f(true)) }
                    // Before the focus leaves: leaving keeps what is written.
                    "Escape" => { done.set_value(true); back(); close.run(()) }
                    _ => {}
                }
            }
            on:blur=move |_| finish.with_value(|f| f(true))
        />
    }
}

/// The drawn numbers as tables, closed until asked for.
#[component]
fn Tables(page: Page, figure: Memo<Option<Figure>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let tables = move || {
        if !open.get() {
            return Vec::new();
        }
        figure.with(|f| f.as_ref().map_or_else(Vec::new, |f| table::tables(&f.scene)))
    };
    let any = move || figure.with(|f| f.as_ref().is_some_and(|f| !hit::tensors(&f.scene).is_empty()));
    view! {
        <Show when=any>
            <details class="tables" on:toggle=move |ev| {
                let details = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
                open.set(details.is_some_and(|d| d.has_attribute("open")));
            }>
                <summary>{move || page.words().table}</summary>
                <div class="table-room" tabindex="0" role="region" aria-label=move || page.words().table>
                    {move || tables().into_iter().map(|t| view! {
                        <table>
                            <caption>{t.name}</caption>
                            <thead><tr><td></td>{t.cols.iter().map(|c| view! { <th scope="col">{*c}</th> }).collect_view()}</tr></thead>
                            <tbody>
                                {t.rows.iter().zip(t.cells).map(|(r, cells)| view! {
                                    <tr><th scope="row">{*r}</th>{cells.into_iter().map(|c| view! { <td>{c}</td> }).collect_view()}</tr>
                                }).collect_view()}
                            </tbody>
                        </table>
                    }).collect_view()}
                </div>
            </details>
        </Show>
    }
}

/// Buttons that save the figure.
#[component]
fn FigureExport(page: Page, figures: Figures, id: &'static str) -> impl IntoView {
    let name = move |ending: &str| format!("receptive-{}-{id}.{ending}", page.lab_untracked().slug());
    let svg = move |_| {
        if let Some(text) = svg_of(page, figures, id) {
            save(
                &name("svg"),
                &format!("data:image/svg+xml;charset=utf-8,{}", js_sys::encode_uri_component(&text)),
            );
        }
    };
    let png = move |_| {
        let theme = page.theme.get_untracked();
        if let Some(url) = figures.get(id).and_then(|f| super::canvas::png(&f.scene, theme, 2.0)) {
            save(&name("png"), &url);
        }
    };
    view! {
        <div class="figure-export">
            <button type="button" class="quiet" on:click=png>{move || page.words().save_png}</button>
            <button type="button" class="quiet" on:click=svg>{move || page.words().save_svg}</button>
        </div>
    }
}

/// A figure as SVG text.
pub fn svg_of(page: Page, figures: Figures, id: &str) -> Option<String> {
    let theme: Theme = page.theme.get_untracked();
    let figure = figures.list.with_untracked(|l| l.0.iter().find(|f| f.id == id).cloned())?;
    Some(crate::stage::scene::svg::document(&figure.scene, theme, &figure.title))
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

/// What a screen reader hears of the pointed cell.
pub fn spoken(page: Page) -> String {
    let Some(focus) = page.focus.get() else { return String::new() };
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
