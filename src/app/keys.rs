//! The keyboard: one table of keys serves the listener and the help.

use super::state::Page;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Keys and what they do, in the page's words.
fn table(page: Page) -> [(&'static str, &'static str); 8] {
    let w = page.words();
    [
        ("Ctrl Z · Ctrl Shift Z", w.key_undo),
        ("← ↑ ↓ →", w.key_arrows),
        ("T", w.key_next_grid),
        ("Enter", w.key_pin),
        ("Esc", w.key_let_go),
        ("Space", w.key_play),
        (", .", w.key_step),
        ("?", w.key_help),
    ]
}

/// Listens to the keys of the page. Keys typed into a field stay there.
pub fn listen(page: Page) {
    let listener = window_event_listener(leptos::ev::keydown, move |ev| {
        let target = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        let tag = target.as_ref().map(|e| e.tag_name()).unwrap_or_default();
        let typing = matches!(tag.as_str(), "TEXTAREA" | "SELECT")
            || tag == "INPUT"
                && !target.as_ref().and_then(|e| e.get_attribute("type")).is_some_and(|t| t != "text");
        let control = ev.ctrl_key() || ev.meta_key();
        let in_figure = target.as_ref().is_some_and(|e| e.class_list().contains("figure-view"));
        match ev.key().as_str() {
            "z" | "Z" if control && !typing => {
                ev.prevent_default();
                if ev.shift_key() { page.redo() } else { page.undo() }
            }
            "y" if control && !typing => {
                ev.prevent_default();
                page.redo();
            }
            "?" if !typing && !control => toggle_help(),
            " " if in_figure => {
                ev.prevent_default();
                if let Some(toggle) = page.toggle_play.get_value() {
                    toggle.run(());
                }
            }
            key @ ("," | ".") if !typing && !control => {
                let steps = page.good.get_untracked().map_or(0, |e| e.steps());
                page.pinned.set(false);
                page.focus.set(None);
                page.change("step", |s| {
                    s.step = if key == "." { (s.step + 1).min(steps) } else { s.step.saturating_sub(1) };
                });
            }
            _ => {}
        }
    });
    on_cleanup(move || listener.remove());
}

fn toggle_help() {
    if let Some(dialog) = document()
        .get_element_by_id("keys-help")
        .and_then(|e| e.dyn_into::<web_sys::HtmlDialogElement>().ok())
    {
        if dialog.open() {
            dialog.close();
        } else {
            let _ = dialog.show_modal();
        }
    }
}

/// The list of keys, opened by `?`.
#[component]
pub fn Help(page: Page) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    view! {
        <dialog id="keys-help" node_ref=dialog aria-labelledby="keys-title">
            <h2 id="keys-title">{move || page.words().keyboard_help}</h2>
            <dl class="keys">
                {move || table(page).into_iter().map(|(keys, does)| view! { <div><dt><kbd>{keys}</kbd></dt><dd>{does}</dd></div> }).collect_view()}
            </dl>
            <button type="button" on:click=close>{move || page.words().close}</button>
        </dialog>
    }
}
