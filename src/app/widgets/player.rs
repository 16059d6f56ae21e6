//! The player: step, play, scrub, speed. It never starts by itself.

use crate::app::live::{live, shown};
use crate::app::state::Page;
use crate::stage::decimal::decimal;
use crate::stage::text::fill;
use leptos::prelude::*;
use std::time::Duration;

/// Milliseconds a step at speed 1.
const PACE: f64 = 600.0;

/// Buttons and a slider for the steps of the main figure; absent when there are none.
#[component]
pub fn Player(page: Page) -> impl IntoView {
    let steps = Memo::new(move |_| page.good.get().map_or(0, |e| e.steps()));
    let step = Memo::new(move |_| page.setup.with(|s| s.step.min(steps.get())));
    let playing = RwSignal::new(false);
    let speed = RwSignal::new(1.0f64);
    let go = move |to: usize| {
        let to = to.min(steps.get_untracked());
        page.pinned.set(false);
        page.focus.set(None);
        page.change("step", |s| s.step = to);
    };
    let timer = StoredValue::new(None::<IntervalHandle>);
    let stop = move || {
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        timer.set_value(None);
    };
    Effect::new(move |_| {
        stop();
        if !playing.get() {
            return;
        }
        let pace = Duration::from_millis((PACE / speed.get()).max(16.0) as u64);
        let tick = move || {
            let at = step.get_untracked();
            if at >= steps.get_untracked() { playing.set(false) } else { go(at + 1) }
        };
        timer.set_value(set_interval_with_handle(tick, pace).ok());
    });
    on_cleanup(stop);
    let toggle = move || {
        if !playing.get_untracked() && step.get_untracked() >= steps.get_untracked() {
            go(0);
        }
        playing.update(|p| *p = !*p);
    };
    let told_to = move |play| if play { toggle() } else { playing.set(false) };
    page.toggle_play.set_value(Some(Callback::new(told_to)));
    let told = move || {
        let all = steps.get().to_string();
        match step.get() {
            0 => fill(page.words().step_all, &[("all", all)]),
            n => fill(page.words().step, &[("n", n.to_string()), ("all", all)]),
        }
    };
    let words = move || page.words();
    view! {
        {shown(move || { steps.get() > 1 }, move || view! { <div class="player" role="group" aria-label=live(move || words().play)>
                <button type="button" class="icon" aria-label=live(move || words().first) title=live(move || words().first) on:click=move |_| { playing.set(false); go(0) }>"|◀"</button>
                <button type="button" class="icon" aria-label=live(move || words().back) title=live(move || words().back) on:click=move |_| { playing.set(false); go(step.get_untracked().saturating_sub(1)) }>"◀"</button>
                <button type="button" class="icon primary" aria-label=live(move || if playing.get() { words().pause } else { words().play })
                    title=live(move || if playing.get() { words().pause } else { words().play }) on:click=move |_| toggle()>
                    {live(move || if playing.get() { "❚❚" } else { "▶" })}
                </button>
                <button type="button" class="icon" aria-label=live(move || words().next) title=live(move || words().next) on:click=move |_| { playing.set(false); go(step.get_untracked() + 1) }>"▶|"</button>
                <input type="range" min="0" max=live(move || steps.get()) step="1" aria-label=live(move || words().scrub)
                    aria-valuetext=told prop:value=live(move || step.get().to_string())
                    on:input=move |ev| { playing.set(false); if let Ok(n) = event_target_value(&ev).parse() { go(n) } }/>
                <output>{told}</output>
                <select class="inline" aria-label=live(move || words().speed) on:change=move |ev| if let Some(v) = decimal(&event_target_value(&ev)) { speed.set(v) }>
                    {[("0.5", "½×"), ("1", "1×"), ("2", "2×"), ("4", "4×"), ("8", "8×")].map(|(v, t)| view! { <option value=v selected={v == "1"}>{t}</option> }).collect_view()}
                </select>
            </div> }.into_any())}
    }
}
