//! Predict first: a question, the learner's guess, and what the core says.

use super::canvas::Painter;
use super::live::{live, part, shown};
use super::parts::{self, Maker};
use super::rooms;
use super::state::Page;
use crate::stage::link;
use crate::stage::scene::Scene;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

/// The questions' place: asked for by the learner, who then answers before looking.
#[component]
pub fn Predict(page: Page) -> impl IntoView {
    let card = RwSignal::new(None::<Maker>);
    let asked = RwSignal::new(0);
    let ask = move |_| {
        let lab = page.lab.get_untracked();
        spawn_local(async move {
            let came = match rooms::bring_questions(lab).await {
                Ok(()) => parts::predict().await,
                Err(missing) => Err(missing),
            };
            asked.set(lab);
            card.set(parts::report(page, came));
        });
    };
    view! {
        <h2>{live(move || page.words().predict)}</h2>
        {part(move || (match card.get() {
            Some(card) if asked.get() == page.lab.get() => card(page, asked.get()),
            _ => view! {
                <div class="predict">
                    <p>{page.words().predict_why}</p>
                    <div class="row"><button type="button" on:click=ask>{page.words().ask_me}</button></div>
                </div>
            }.into_any(),
        }).into_any())}
    }
}

/// The card. It keeps its question while the learner thinks and plays, until another is asked for.
pub fn card(page: Page, lab: usize) -> AnyView {
    let round = RwSignal::new(0u64);
    let guess = RwSignal::new(None::<usize>);
    // The question is made from the state in which it was asked.
    let challenge = Memo::new_with_compare(
        move |_| {
            let (lang, round) = (page.lang.get(), round.get());
            let experiment = page.good.get_untracked();
            experiment.and_then(|e| (rooms::asker(lab)?.challenge)(e.as_ref(), round, lang))
        },
        |_, _| true,
    );
    let another = move |_| {
        guess.set(None);
        round.update(|r| *r += 1);
        focus_options();
    };
    focus_options();
    let show = move |query: String| {
        let (_, pairs) = link::split(&format!("#/{}?{query}", page.lab_untracked().slug()));
        let lab = page.lab.get_untracked();
        if let Err(refusal) = page.open(lab, &pairs, false) {
            page.report(&[refusal]);
        }
    };
    view! {
        {part(move || (challenge.get().map(|c| {
            let options = c.options.clone();
            let answers = c.options.clone();
            let query = c.show.clone();
            view! {
                <div class="predict">
                    <p>{c.ask.clone()}</p>
                    {c.picture.clone().map(|(scene, alt)| view! { <Picture page=page scene=scene alt=alt/> })}
                    <div class="options">
                        {options.into_iter().enumerate().map(|(i, o)| view! {
                            <button type="button" aria-pressed=live(move || (guess.get() == Some(i)).to_string())
                                class:right=live(move || guess.get().is_some() && o.right)
                                class:wrong=live(move || guess.get() == Some(i) && !o.right)
                                on:click=move |_| guess.set(Some(i))>{o.text.clone()}</button>
                        }).collect_view()}
                    </div>
                    <div role="status">
                        {part(move || (guess.get().and_then(|i| answers.get(i).cloned()).map(|a| view! {
                            <p class="because"><b>{if a.right { page.words().correct } else { page.words().not_quite }}</b>" "{a.because}</p>
                        })).into_any())}
                    </div>
                    <div class="row">
                        <button type="button" class="quiet" on:click=another>{page.words().another}</button>
                        {query.map(|query| view! {
                            {shown(move || guess.get().is_some(), move || view! { <button type="button" class="quiet" on:click={let query = query.clone(); move |_| show(query.clone())}>{page.words().show_me}</button> }.into_any())}
                        })}
                    </div>
                </div>
            }
        })).into_any())}
    }
    .into_any()
}

/// Who asked for a question goes on at its options: the button that was pressed is gone.
fn focus_options() {
    request_animation_frame(|| {
        let first = document().query_selector(".predict .options button").ok().flatten();
        if let Some(first) = first.as_ref().and_then(|first| first.dyn_ref::<web_sys::HtmlElement>()) {
            let _ = first.focus();
        }
    });
}

/// A picture that belongs to a question.
#[component]
fn Picture(page: Page, scene: Scene, alt: String) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    let (w, h) = (scene.width, scene.height);
    Effect::new(move |_| {
        if let Some(canvas) = canvas.get() {
            Painter::default().paint(&canvas, &scene, page.theme.get(), window().device_pixel_ratio());
        }
    });
    view! { <canvas node_ref=canvas role="img" aria-label=alt style:width=format!("{w}px") style:height=format!("{h}px")></canvas> }
}
