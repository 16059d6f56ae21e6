//! Options: a switch, a row of buttons, or a list, after how many there are.

use super::{Binding, Name};
use crate::app::live::{live, part};
use crate::app::state::Page;
use crate::stage::control::Kind;
use crate::stage::text::Sentence;
use crate::stage::value::Value;
use leptos::prelude::*;

/// More options than this make a list.
const MOST_BUTTONS: usize = 5;

/// A switch.
#[component]
pub fn FlagField(binding: Binding) -> impl IntoView {
    let on = move || binding.get() == Value::Flag(true);
    view! {
        <div class="field-head switch">
            <Name binding=binding target=binding.id("n")/>
            <input type="checkbox" role="switch" id=binding.id("n") aria-describedby=binding.id("hint")
                prop:checked=on disabled=live(move || binding.locked())
                on:change=move |ev| binding.set(Value::Flag(event_target_checked(&ev)))/>
        </div>
    }
}

/// One of several options.
#[component]
pub fn ChoiceField(binding: Binding, keys: &'static [&'static str]) -> impl IntoView {
    let chosen = move || if let Value::Choice(i) = binding.get() { i } else { 0 };
    if keys.len() <= MOST_BUTTONS {
        return view! {
            <div class="field-head"><Name binding=binding target=String::new()/></div>
            <Buttons binding=binding keys=keys/>
        }
        .into_any();
    }
    let options = move |from: usize, to: usize| {
        (from..to).map(|i| view! {
            <option value=keys[i] selected=live(move || chosen() == i) disabled=live(move || binding.check(Value::Choice(i)).is_err() && chosen() != i)>
                {live(move || binding.label().options.get(i).copied().unwrap_or(keys[i]))}
            </option>
        }).collect_view()
    };
    view! {
        <div class="field-head">
            <Name binding=binding target=binding.id("n")/>
        </div>
        <select id=binding.id("n") aria-describedby=binding.id("hint") disabled=live(move || binding.locked())
            prop:value=live(move || { binding.label(); keys.get(chosen()).copied().unwrap_or_default() })
            on:change=move |ev| binding.type_in(&event_target_value(&ev))>
            {part(move || ({
                let lab = binding.page.lab();
                let groups = lab.option_groups(binding.control().key, binding.page.lang.get());
                if groups.is_empty() {
                    return options(0, keys.len()).into_any();
                }
                let mut start = 0;
                groups.iter().map(|(title, count)| {
                    let (from, to) = (start, (start + count).min(keys.len()));
                    start = to;
                    view! { <optgroup label=*title>{options(from, to)}</optgroup> }
                }).collect_view().into_any()
            }).into_any())}
        </select>
    }
    .into_any()
}

/// Radio buttons in a row; what can't be chosen says why.
#[component]
fn Buttons(binding: Binding, keys: &'static [&'static str]) -> impl IntoView {
    let chosen = move || if let Value::Choice(i) = binding.get() { i } else { 0 };
    let name = binding.id("group");
    let refused = Memo::new(move |_| {
        (0..keys.len())
            .map(|i| binding.check(Value::Choice(i)).err().map(|e| e.say(binding.page.lang.get())))
            .collect::<Vec<_>>()
    });
    view! {
        <div class="seg" role="radiogroup" aria-label=binding.control().key aria-describedby=binding.id("hint")>
            {keys.iter().enumerate().map(|(i, key)| {
                let name = name.clone();
                view! {
                    <label class:on=live(move || chosen() == i) title=live(move || refused.with(|r| r[i].clone()))>
                        <input type="radio" name=name value=*key prop:checked=live(move || chosen() == i)
                            disabled=live(move || binding.locked() || (refused.with(|r| r[i].is_some()) && chosen() != i))
                            on:change=move |_| binding.set(Value::Choice(i))/>
                        <span>{live(move || binding.label().options.get(i).copied().unwrap_or(key))}</span>
                    </label>
                }
            }).collect_view()}
        </div>
        <p class="limit">{part(move || (refused.with(|r| {
            let present = chosen();
            r.iter().enumerate().find(|(i, why)| *i != present && why.is_some()).and_then(|(i, why)| {
                why.clone().map(|why| view! { <b>{binding.label().options.get(i).copied().unwrap_or_default()}</b>" "<span>{why}</span> })
            })
        })).into_any())}</p>
    }
}

/// A choice that stands in the head of a figure.
#[component]
pub fn Tabs(page: Page, index: usize) -> impl IntoView {
    let Some(binding) = Binding::new(page, index, false) else { return ().into_any() };
    let Kind::Choice(keys) = binding.control().kind else { return ().into_any() };
    let chosen = move || if let Value::Choice(i) = binding.get() { i } else { 0 };
    let name = binding.id("tabs");
    view! {
        <div class="seg tabs" role="radiogroup" aria-label=live(move || binding.label().name) data-control=binding.control().key>
            {keys.iter().enumerate().map(|(i, key)| {
                let name = name.clone();
                view! {
                    <label class:on=live(move || chosen() == i)>
                        <input type="radio" name=name value=*key prop:checked=live(move || chosen() == i)
                            disabled=live(move || binding.locked()) on:change=move |_| binding.set(Value::Choice(i))/>
                        <span>{live(move || binding.label().options.get(i).copied().unwrap_or(key))}</span>
                    </label>
                }
            }).collect_view()}
        </div>
    }
    .into_any()
}
