//! Predict first: a question, the learner's guess, and what the core says.

use super::canvas::Painter;
use super::state::Page;
use crate::stage::link;
use crate::stage::scene::Scene;
use leptos::html;
use leptos::prelude::*;

/// The card. It keeps its question while the learner thinks and plays, until another is asked for.
#[component]
pub fn Predict(page: Page) -> impl IntoView {
    let round = RwSignal::new(0u64);
    let guess = RwSignal::new(None::<usize>);
    // The question is made from the state in which it was asked.
    let challenge = Memo::new_with_compare(
        move |_| {
            let (lang, round) = (page.lang.get(), round.get());
            page.lab.track();
            let experiment = page.good.get_untracked();
            experiment.and_then(|e| e.challenge(round, lang))
        },
        |_, _| true,
    );
    let another = move |_| {
        guess.set(None);
        round.update(|r| *r += 1);
    };
    let show = move |query: String| {
        let (_, pairs) = link::split(&format!("#/{}?{query}", page.lab_untracked().slug()));
        let lab = page.lab.get_untracked();
        if let Err(refusal) = page.open(lab, &pairs, false) {
            page.report(&[refusal]);
        }
    };
    view! {
        {move || challenge.get().map(|c| {
            let options = c.options.clone();
            let answers = c.options.clone();
            let query = c.show.clone();
            view! {
                <h2>{page.words().predict}</h2>
                <div class="predict">
                    <p>{c.ask.clone()}</p>
                    {c.picture.clone().map(|(scene, alt)| view! { <Picture page=page scene=scene alt=alt/> })}
                    <div class="options">
                        {options.into_iter().enumerate().map(|(i, o)| view! {
                            <button type="button" aria-pressed=move || (guess.get() == Some(i)).to_string()
                                class:right=move || guess.get().is_some() && o.right
                                class:wrong=move || guess.get() == Some(i) && !o.right
                                on:click=move |_| guess.set(Some(i))>{o.text.clone()}</button>
                        }).collect_view()}
                    </div>
                    <div role="status">
                        {move || guess.get().and_then(|i| answers.get(i).cloned()).map(|a| view! {
                            <p class="because"><b>{if a.right { page.words().correct } else { page.words().not_quite }}</b>" "{a.because}</p>
                        })}
                    </div>
                    <div class="row">
                        <button type="button" class="quiet" on:click=another>{page.words().another}</button>
                        {query.map(|query| view! {
                            <Show when=move || guess.get().is_some()>
                                <button type="button" class="quiet" on:click={let query = query.clone(); move |_| show(query.clone())}>{page.words().show_me}</button>
                            </Show>
                        })}
                    </div>
                </div>
            }
        })}
    }
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
