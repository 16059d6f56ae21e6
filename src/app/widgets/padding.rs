//! Padding: a rule by name, one number, or four sides.

use super::numbers::Slider;
use super::{Binding, Ends, Limit, Name};
use crate::app::live::{live, part};
use crate::stage::text::Sentence;
use crate::stage::value::{PaddingValue, Value};
use leptos::prelude::*;

/// How the padding is given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Number,
    Sides,
    Word(usize),
}

/// The control.
#[component]
pub fn PaddingField(binding: Binding, max: usize, words: &'static [&'static str]) -> impl IntoView {
    let page = binding.page;
    let value =
        Memo::new(move |_| if let Value::Padding(p) = binding.get() { p } else { PaddingValue::default() });
    let sides = move || if let PaddingValue::Sides(s) = value.get() { s } else { [0; 4] };
    let wants_sides = RwSignal::new(false);
    let way = Memo::new(move |_| match value.get() {
        PaddingValue::Word(i) => Way::Word(i),
        PaddingValue::Sides(s) if wants_sides.get() || s != [s[0]; 4] => Way::Sides,
        PaddingValue::Sides(_) => Way::Number,
    });
    let choose = move |ev| match event_target_value(&ev).as_str() {
        "number" => {
            wants_sides.set(false);
            binding.set(Value::Padding(PaddingValue::Sides([sides()[0]; 4])));
        }
        "sides" => {
            wants_sides.set(true);
            binding.set(Value::Padding(PaddingValue::Sides(sides())));
        }
        word => {
            wants_sides.set(false);
            binding.type_in(word);
        }
    };
    let refused = move |i: usize| binding.check(Value::Padding(PaddingValue::Word(i))).err();
    let why_not = Signal::derive(move || {
        let lang = page.lang.get();
        (0..words.len()).find_map(|i| {
            refused(i).map(|why| Ends { short: words[i].to_string(), why: why.say(lang), here: true })
        })
    });
    // A slider moves one side, or all of them.
    let slider = move |side: Option<usize>| {
        let make = move |n: i64| {
            let mut s = sides();
            match side {
                None => s = [n as usize; 4],
                Some(at) => s[at] = n as usize,
            }
            Value::Padding(PaddingValue::Sides(s))
        };
        let current = Signal::derive(move || sides()[side.unwrap_or(0)] as i64);
        let reach = Memo::new(move |_| {
            let r = binding.reach(current.get(), 0, max as i64, make);
            ((r.min, r.max), binding.limit(&r, current.get()))
        });
        let set = Callback::new(move |n: i64| {
            if (0..=max as i64).contains(&n) {
                binding.type_in(&binding.control().write(&make(n)));
            } else {
                binding.type_in(&n.to_string());
            }
        });
        let word = move || {
            let w = page.words();
            side.map_or(String::new(), |at| [w.top, w.bottom, w.left, w.right][at].to_string())
        };
        let label =
            Signal::derive(move || format!("{} {}", binding.control().key, word()).trim_end().to_string());
        let id = side.map_or_else(|| binding.id("n"), |at| binding.id(&format!("s{at}")));
        view! {
            {side.map(|_| view! { <span class="axis">{word}</span> })}
            <Slider binding=binding id=id label=label value=current range=Signal::derive(move || reach.get().0) set=set/>
            <Limit binding=binding limit=Signal::derive(move || reach.get().1)/>
        }
    };
    view! {
        <div class="field-head apart">
            <Name binding=binding target=binding.id("way")/>
            <select id=binding.id("way") class="inline" aria-describedby=binding.id("hint") on:change=choose
                disabled=live(move || binding.locked())
                prop:value=live(move || { page.lang.track(); match way.get() { Way::Number => "number", Way::Sides => "sides", Way::Word(i) => words[i] } })>
                <option value="number" selected=live(move || way.get() == Way::Number)>{live(move || page.words().number)}</option>
                <option value="sides" selected=live(move || way.get() == Way::Sides)>{live(move || page.words().sides)}</option>
                {words.iter().enumerate().map(|(i, word)| view! {
                    <option value=*word selected=live(move || way.get() == Way::Word(i)) disabled=live(move || refused(i).is_some() && way.get() != Way::Word(i))>
                        {live(move || binding.label().options.get(i).copied().unwrap_or(word))}
                    </option>
                }).collect_view()}
            </select>
            {part(move || (match way.get() {
                Way::Number => slider(None).into_any(),
                Way::Sides => (0..4).map(|at| slider(Some(at))).collect_view().into_any(),
                Way::Word(_) => ().into_any(),
            }).into_any())}
        </div>
        <Limit binding=binding limit=why_not/>
    }
}
