//! Sliders with a number beside them.

use super::{Binding, Limit, Name};
use crate::app::live::{live, part};
use crate::stage::text::fill;
use crate::stage::value::Value;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A range input and a number field that show one whole number and keep to what works.
#[component]
pub fn Slider(
    binding: Binding,
    id: String,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] value: Signal<i64>,
    #[prop(into)] range: Signal<(i64, i64)>,
    set: Callback<i64>,
) -> impl IntoView {
    let typed = move |ev: web_sys::Event| {
        let text = event_target_value(&ev);
        match crate::stage::value::parse_whole(&text) {
            Ok(n) => set.run(n),
            Err(_) => binding.type_in(&text),
        }
        // What was refused does not stay in the field: its signal has not changed, so it is written here.
        let field = ev.target().and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(field) = field {
            field.set_value(&value.get_untracked().to_string());
        }
    };
    let slid = move |ev| {
        if let Some(n) = crate::stage::decimal::decimal(&event_target_value(&ev)) {
            set.run(n as i64);
        }
    };
    let (hint, limit) = (binding.id("hint"), binding.id("limit"));
    let described = format!("{hint} {limit}");
    view! {
        <input
            class="number" type="text" inputmode="numeric" autocomplete="off" id=id.clone()
            aria-label=label aria-describedby=described.clone()
            prop:value=live(move || value.get().to_string()) on:change=typed
            on:keydown=move |ev: web_sys::KeyboardEvent| {
                let by = match ev.key().as_str() { "ArrowUp" => 1, "ArrowDown" => -1, _ => return };
                ev.prevent_default();
                let (min, max) = range.get_untracked();
                set.run((value.get_untracked() + by).clamp(min, max));
            }
            disabled=live(move || binding.locked())
        />
        <input
            class="slide" type="range" step="1" aria-label=label aria-describedby=described
            min=live(move || range.get().0.min(value.get())) max=live(move || range.get().1.max(value.get()))
            prop:value=live(move || { range.track(); value.get().to_string() })
            on:input=slid disabled=live(move || binding.locked())
        />
    }
}

/// One whole number.
#[component]
pub fn WholeField(binding: Binding, min: i64, max: i64) -> impl IntoView {
    let value = Signal::derive(move || if let Value::Whole(n) = binding.get() { n } else { 0 });
    let reach = Memo::new(move |_| Same(binding.reach(value.get(), min, max, Value::Whole)));
    let set = Callback::new(move |n: i64| binding.type_in(&n.to_string()));
    let label = Signal::derive(move || binding.label().name.to_string());
    view! {
        <div class="field-head">
            <Name binding=binding target=binding.id("n")/>
            <Slider binding=binding id=binding.id("n") label=label value=value
                range=Signal::derive(move || reach.with(|r| (r.0.min, r.0.max))) set=set/>
        </div>
        <Limit binding=binding limit=Signal::derive(move || reach.with(|r| binding.limit(&r.0, value.get())))/>
    }
}

/// A reach, compared by its ends.
#[derive(Clone)]
struct Same(crate::stage::lab::Reach);

impl PartialEq for Same {
    fn eq(&self, other: &Self) -> bool {
        (self.0.min, self.0.max) == (other.0.min, other.0.max)
            && self.0.above.is_some() == other.0.above.is_some()
            && self.0.below.is_some() == other.0.below.is_some()
    }
}

/// A pair `h,w`: one slider while both are equal, two when they are set apart.
#[component]
pub fn PairField(binding: Binding, min: usize, max: usize) -> impl IntoView {
    let pair = Memo::new(move |_| if let Value::Pair(h, w) = binding.get() { (h, w) } else { (min, min) });
    let apart = RwSignal::new({
        let (h, w) = pair.get_untracked();
        h != w
    });
    Effect::new(move |_| {
        let (h, w) = pair.get();
        if h != w {
            apart.set(true);
        }
    });
    let (low, high) = (min as i64, max as i64);
    // Which of the two a slider moves.
    let make = move |which: Option<bool>| {
        move |n: i64| {
            let n = n.clamp(low, high) as usize;
            let (h, w) = pair.get_untracked();
            match which {
                None => Value::Pair(n, n),
                Some(true) => Value::Pair(n, w),
                Some(false) => Value::Pair(h, n),
            }
        }
    };
    let current = move |which: Option<bool>| {
        let (h, w) = pair.get();
        if which == Some(false) { w as i64 } else { h as i64 }
    };
    let reach = move |which: Option<bool>| {
        Memo::new(move |_| Same(binding.reach(current(which), low, high, make(which))))
    };
    let set = move |which: Option<bool>| {
        Callback::new(move |n: i64| {
            let value = if n < low || n > high {
                let (h, w) = pair.get_untracked();
                let text = match which {
                    None => n.to_string(),
                    Some(true) => format!("{n},{w}"),
                    Some(false) => format!("{h},{n}"),
                };
                return binding.type_in(&text);
            } else {
                make(which)(n)
            };
            binding.type_in(&binding.control().write(&value));
        })
    };
    let page = binding.page;
    let label = move |which: Option<bool>| {
        Signal::derive(move || match which {
            None => binding.control().key.to_string(),
            Some(true) => format!("{} {}", binding.control().key, page.words().height),
            Some(false) => format!("{} {}", binding.control().key, page.words().width),
        })
    };
    let toggle = move |_| {
        if apart.get_untracked() {
            let (h, _) = pair.get_untracked();
            let joined = Value::Pair(h, h);
            if binding.check(joined.clone()).is_ok() {
                binding.set(joined);
            }
            apart.set(false);
        } else {
            apart.set(true);
        }
    };
    let lock_label = move || if apart.get() { page.words().joined } else { page.words().split };
    let joined = move || {
        let reach = reach(None);
        view! {
            <Slider binding=binding id=binding.id("n") label=label(None) value=Signal::derive(move || current(None))
                range=Signal::derive(move || reach.with(|r| (r.0.min, r.0.max))) set=set(None)/>
            <Limit binding=binding limit=Signal::derive(move || reach.with(|r| binding.limit(&r.0, current(None))))/>
        }
    };
    let separate = move || {
        [true, false].map(|which| {
            let reach = reach(Some(which));
            let id = if which { binding.id("n") } else { binding.id("w") };
            let word = move || if which { page.words().height } else { page.words().width };
            view! {
                <span class="axis">{word}</span>
                <Slider binding=binding id=id label=label(Some(which)) value=Signal::derive(move || current(Some(which)))
                    range=Signal::derive(move || reach.with(|r| (r.0.min, r.0.max))) set=set(Some(which))/>
                <Limit binding=binding limit=Signal::derive(move || reach.with(|r| binding.limit(&r.0, current(Some(which)))))/>
            }
        }).collect_view()
    };
    view! {
        <div class="field-head" class:apart=live(move || apart.get())>
            <Name binding=binding target=binding.id("n")/>
            <button type="button" class="tiny" aria-pressed=live(move || apart.get().to_string())
                aria-label=live(move || format!("{}: {}, {}", binding.control().key, if apart.get() { "h≠w" } else { "h=w" }, lock_label())) title=lock_label
                on:click=toggle disabled=live(move || binding.locked())>
                {live(move || if apart.get() { "h≠w" } else { "h=w" })}
            </button>
            {part(move || (if apart.get() { separate().into_any() } else { joined().into_any() }).into_any())}
        </div>
    }
}

/// A real number.
#[component]
pub fn RealField(binding: Binding, min: f32, max: f32, step: f32) -> impl IntoView {
    let value = Signal::derive(move || if let Value::Real(v) = binding.get() { v } else { 0.0 });
    let key = binding.control().key;
    let hint = binding.id("hint");
    view! {
        <div class="field-head">
            <Name binding=binding target=binding.id("n")/>
            <input class="number" type="text" inputmode="decimal" autocomplete="off" id=binding.id("n")
                aria-describedby=hint.clone() disabled=live(move || binding.locked())
                prop:value=live(move || value.get().to_string())
                on:change=move |ev| binding.type_in(&event_target_value(&ev))
                on:keydown=move |ev: web_sys::KeyboardEvent| {
                    let by = match ev.key().as_str() { "ArrowUp" => step, "ArrowDown" => -step, _ => return };
                    ev.prevent_default();
                    binding.set(Value::Real((value.get_untracked() + by).clamp(min, max)));
                }
            />
            <input class="slide" type="range" min=min max=max step=step aria-label=key aria-describedby=hint
                prop:value=live(move || value.get().to_string()) disabled=live(move || binding.locked())
                on:input=move |ev| binding.type_in(&event_target_value(&ev))
            />
        </div>
    }
}

/// `2 of 9` of a language's template.
pub fn placed(template: &str, r: usize, c: usize) -> String {
    fill(template, &[("r", (r + 1).to_string()), ("c", (c + 1).to_string())])
}
