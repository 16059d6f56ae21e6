//! A matrix of numbers: type into a cell, move with the arrow keys, or paste a whole matrix.

use super::numbers::placed;
use super::{Binding, Name};
use crate::app::live::live;
use crate::stage::value::{Matrix, Value, parse_real};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The control.
#[component]
pub fn MatrixField(binding: Binding, max: usize) -> impl IntoView {
    let page = binding.page;
    let matrix = Memo::new(move |_| if let Value::Matrix(m) = binding.get() { m } else { Matrix::default() });
    let shape = Memo::new(move |_| matrix.with(Matrix::shape));
    let room = NodeRef::<html::Div>::new();
    let write = move |r: usize, c: usize, text: String| match parse_real(&text) {
        Ok(value) => binding.set(Value::Matrix(matrix.with_untracked(|m| m.with(r, c, value)))),
        Err(_) => binding.type_in(&text_with(&matrix.get_untracked(), r, c, &text)),
    };
    let go = move |r: i64, c: i64| {
        let (rows, cols) = shape.get_untracked();
        let at = r.clamp(0, rows as i64 - 1) * cols as i64 + c.clamp(0, cols as i64 - 1);
        let cells = room.get_untracked().and_then(|d| d.query_selector_all("input").ok());
        if let Some(cell) =
            cells.and_then(|l| l.item(at as u32)).and_then(|n| n.dyn_into::<web_sys::HtmlInputElement>().ok())
        {
            let _ = cell.focus();
            cell.select();
        }
    };
    let keyed = move |ev: web_sys::KeyboardEvent, r: usize, c: usize| {
        let (r, c) = (r as i64, c as i64);
        let (r, c) = match ev.key().as_str() {
            "ArrowUp" => (r - 1, c),
            "ArrowDown" | "Enter" => (r + 1, c),
            "ArrowLeft" => (r, c - 1),
            "ArrowRight" => (r, c + 1),
            _ => return,
        };
        ev.prevent_default();
        go(r, c);
    };
    let pasted = move |ev: web_sys::ClipboardEvent| {
        let text = ev.clipboard_data().and_then(|d| d.get_data("text/plain").ok()).unwrap_or_default();
        if text.trim().contains([',', ';', '\n', '\t', ' ']) {
            ev.prevent_default();
            ev.stop_propagation();
            binding.type_in(&text);
        }
    };
    let cells = move || {
        let (rows, cols) = shape.get();
        (0..rows * cols).map(|i| {
            let (r, c) = (i / cols, i % cols);
            view! {
                <input type="text" inputmode="decimal" autocomplete="off"
                    aria-label=live(move || format!("weight {}", placed(page.words().row_col, r, c)))
                    prop:value=live(move || matrix.with(|m| short(m.at(r, c))))
                    title=live(move || matrix.with(|m| m.at(r, c).to_string()))
                    disabled=live(move || binding.locked())
                    on:focus=|ev| if let Some(field) = ev.target().and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok()) { field.select() }
                    on:change=move |ev| write(r, c, event_target_value(&ev))
                    on:keydown=move |ev| keyed(ev, r, c)
                    on:paste=pasted
                />
            }
        }).collect_view()
    };
    let text = RwSignal::new(String::new());
    let apply = move |_| binding.type_in(&text.get_untracked());
    view! {
        <div class="field-head"><Name binding=binding target=binding.id("paste")/></div>
        <div class="matrix" role="group" aria-label=live(move || binding.label().name) node_ref=room
            style:grid-template-columns=live(move || format!("repeat({}, minmax({}rem, 1fr))", shape.get().1, if shape.get().1 > 5 { 3.3 } else { 2.1 }))>
            {cells}
        </div>
        <details class="paste">
            <summary>{live(move || page.words().paste_matrix)}</summary>
            <textarea id=binding.id("paste") rows="3" spellcheck="false" maxlength=max * max * 24
                aria-label=live(move || page.words().paste_matrix)
                prop:value=live(move || matrix.with(|m| m.to_string().replace(';', "\n")))
                on:input=move |ev| text.set(event_target_value(&ev))></textarea>
            <button type="button" on:click=apply disabled=live(move || binding.locked() || text.with(String::is_empty))>{live(move || page.words().apply)}</button>
        </details>
    }
}

/// The matrix as text with one cell as the learner typed it, so that the sentence names what was typed.
fn text_with(matrix: &Matrix, row: usize, col: usize, text: &str) -> String {
    let (rows, cols) = matrix.shape();
    let cell = |r, c| {
        if (r, c) == (row, col) {
            if text.trim().is_empty() { "?".into() } else { text.replace([' ', ',', ';'], "?") }
        } else {
            matrix.at(r, c).to_string()
        }
    };
    (0..rows)
        .map(|r| (0..cols).map(|c| cell(r, c)).collect::<Vec<_>>().join(","))
        .collect::<Vec<_>>()
        .join(";")
}

/// At most four significant digits: the tooltip has them all.
fn short(value: f32) -> String {
    let text = value.to_string();
    if text.len() <= 6 { text } else { crate::stage::text::number(value as f64, 3).replace('−', "-") }
}
