//! A list of rows: each its kind and its numbers, to be changed, moved, removed; and the same as one text.

use super::text::Writing;
use super::{Binding, Name};
use crate::app::live::{live, part};
use crate::stage::rows::{self, Row, RowKind};
use crate::stage::text::fill;
use crate::stage::value::Value;
use leptos::prelude::*;

/// The control.
#[component]
pub fn RowsField(binding: Binding, kinds: &'static [RowKind]) -> impl IntoView {
    let page = binding.page;
    let list = Memo::new(move |_| match binding.get() {
        Value::Text(text) => rows::parse(kinds, &text).unwrap_or_default(),
        _ => Vec::new(),
    });
    let set = move |rows: Vec<Row>| binding.type_in(&rows::write(kinds, &rows));
    let change = move |at: usize, change: &dyn Fn(&mut Vec<Row>)| {
        let mut rows = list.get_untracked();
        if at < rows.len() {
            change(&mut rows);
            set(rows);
        }
    };
    // What is typed is read as a link reads it, so that the same sentence says what is wrong.
    let write = move |at: usize, field: usize, text: String| {
        let rows = list.get_untracked();
        let words = rows.iter().enumerate().map(|(i, row)| {
            let mut word = rows::write(kinds, std::slice::from_ref(row));
            if i == at {
                let mut other = row.clone();
                other.numbers[field] = None;
                word = rows::write(kinds, &[other]);
                let letter = kinds[row.kind].fields[field].letter;
                match (field, text.trim()) {
                    (0, text) => word = format!("{}{text}{}", kinds[row.kind].letter, &word[1..]),
                    (_, "") => {}
                    (_, text) => word += &format!("{letter}{text}"),
                }
            }
            word
        });
        binding.type_in(&words.collect::<Vec<_>>().join(","));
    };
    let add = move |_| {
        let mut rows = list.get_untracked();
        let last = rows.last().cloned();
        rows.push(last.unwrap_or_else(|| {
            Row {
                kind: 0,
                numbers: kinds[0]
                    .fields
                    .iter()
                    .enumerate()
                    .map(|(i, f)| (i == 0).then_some((f.min.max(3), f.min.max(3))))
                    .collect(),
            }
        }));
        set(rows);
    };
    let rows_view = move || {
        let rows = list.get();
        let count = rows.len();
        let named = move |name: &str, at: usize| {
            fill(page.words().row_part, &[("part", name.into()), ("n", (at + 1).to_string())])
        };
        rows.into_iter().enumerate().map(|(at, row)| {
            let kind = row.kind;
            let choose = move |ev| {
                let letter = event_target_value(&ev);
                if let Some(kind) = kinds.iter().position(|k| letter.starts_with(k.letter)) {
                    change(at, &|rows| {
                        let old = rows[at].numbers.clone();
                        let fields = kinds[kind].fields.len();
                        rows[at] = Row { kind, numbers: (0..fields).map(|i| old.get(i).copied().flatten()).collect() };
                    });
                }
            };
            view! {
                <li class="row-line">
                    <span class="row-number">{at + 1}</span>
                    <select aria-label=named("", at) on:change=choose disabled=live(move || binding.locked())>
                        {kinds.iter().enumerate().map(|(i, k)| view! { <option value=k.letter.to_string() selected=i == kind>{k.name}</option> }).collect_view()}
                    </select>
                    <span class="row-buttons">
                        <button type="button" class="icon quiet" aria-label=named(page.words().row_up, at) disabled={move || at == 0 || binding.locked()}
                            on:click=move |_| change(at, &|rows| rows.swap(at, at - 1))>"↑"</button>
                        <button type="button" class="icon quiet" aria-label=named(page.words().row_down, at) disabled={move || at + 1 >= count || binding.locked()}
                            on:click=move |_| change(at, &|rows| rows.swap(at, at + 1))>"↓"</button>
                        <button type="button" class="icon quiet" aria-label=named(page.words().row_remove, at) disabled=move || binding.locked()
                            on:click=move |_| change(at, &|rows| { rows.remove(at); })>"✕"</button>
                    </span>
                    {row.numbers.iter().enumerate().map(|(field, number)| {
                        let RowFieldText { name, letter, text } = field_text(kinds, kind, field, *number);
                        view! {
                            <label title=name><i>{letter}</i>
                                <input type="text" inputmode="numeric" autocomplete="off" aria-label=named(name, at)
                                    prop:value=text placeholder="–" disabled=live(move || binding.locked())
                                    on:change=move |ev| write(at, field, event_target_value(&ev))/>
                            </label>
                        }
                    }).collect_view()}
                </li>
            }
        }).collect_view().into_any()
    };
    view! {
        <div class="field-head"><Name binding=binding target=binding.id("text")/></div>
        <ol class="rows">{part(rows_view)}</ol>
        <div class="row"><button type="button" class="quiet" on:click=add disabled=live(move || binding.locked())>{live(move || page.words().row_add)}</button></div>
        <Writing binding=binding several=false/>
    }
}

/// What a field of a row shows.
struct RowFieldText {
    name: &'static str,
    letter: String,
    text: String,
}

fn field_text(
    kinds: &'static [RowKind],
    kind: usize,
    field: usize,
    number: Option<(usize, usize)>,
) -> RowFieldText {
    let declared = kinds[kind].fields[field];
    let text = match number {
        None => String::new(),
        Some((h, w)) if h == w => h.to_string(),
        Some((h, w)) => format!("{h}x{w}"),
    };
    RowFieldText { name: declared.name, letter: declared.letter.to_string(), text }
}
