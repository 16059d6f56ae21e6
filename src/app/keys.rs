//! The keyboard: one table of keys serves the listener and the help.

use super::classroom::Wish;
use super::state::Page;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Keys and what they do, in the page's words.
pub fn table(page: Page) -> [(&'static str, &'static str); 8] {
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
                && target.as_ref().and_then(|e| e.get_attribute("type")).is_none_or(|t| t == "text");
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
            "?" if !typing && !control => page.wish(Wish::Keys),
            " " if in_figure => {
                ev.prevent_default();
                if let Some(toggle) = page.toggle_play.get_value() {
                    toggle.try_run(true);
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
