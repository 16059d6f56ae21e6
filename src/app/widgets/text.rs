//! A text: one line, several, or a list of rows. What can be computed is taken over while it is typed; what can't is said
//! when the learner leaves the field.

use super::rows::RowsField;
use super::{Binding, Name};
use crate::app::live::live;
use crate::app::state::Page;
use crate::stage::control::{Form, Kind};
use crate::stage::value::Value;
use leptos::prelude::*;

/// The widget of the control at place `which / 2`, or, when that is odd, of its second value.
pub fn field(page: Page, which: usize) -> AnyView {
    let Some(binding) = Binding::new(page, which / 2, which % 2 == 1) else { return ().into_any() };
    let Kind::Text { form, .. } = binding.control().kind else { return ().into_any() };
    match form {
        Form::Rows(kinds) => view! { <RowsField binding=binding kinds=kinds/> }.into_any(),
        form => view! {
            <div class="field-head"><Name binding=binding target=binding.id("text")/></div>
            <Writing binding=binding several=form == Form::Lines/>
        }
        .into_any(),
    }
}

/// The text itself.
#[component]
pub fn Writing(binding: Binding, several: bool) -> impl IntoView {
    let text = Memo::new(move |_| if let Value::Text(text) = binding.get() { text } else { String::new() });
    let typing = RwSignal::new(false);
    let typed = move |ev: web_sys::Event| {
        let value = binding.control().parse(&event_target_value(&ev)).ok();
        if let Some(value) = value.filter(|value| binding.check(value.clone()).is_ok()) {
            typing.set(true);
            binding.set(value);
        }
    };
    let left = move |ev: web_sys::Event| {
        typing.set(false);
        if event_target_value(&ev) != text.get_untracked() {
            binding.type_in(&event_target_value(&ev));
        }
    };
    let hint = binding.id("hint");
    if several {
        view! {
            <textarea rows="3" autocomplete="off" spellcheck="false" dir="auto" id=binding.id("text") aria-describedby=hint
                prop:value=live(move || text.get()) disabled=live(move || binding.locked())
                on:input=typed on:change=left></textarea>
        }
        .into_any()
    } else {
        view! {
            <input type="text" class="line" autocomplete="off" spellcheck="false" dir="auto" id=binding.id("text") aria-describedby=hint
                prop:value=live(move || text.get()) disabled=live(move || binding.locked())
                on:input=typed on:change=left/>
        }
        .into_any()
    }
}
