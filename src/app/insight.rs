//! The column of insight: formulas, facts, sentences, code; the equation under the figure; the questions.

use super::figure::Figures;
use super::live::{live, part, shown};
use super::parts;
use super::rooms;
use super::state::Page;
use crate::stage::html;
use crate::stage::insight::{Insight as Content, Piece};
use crate::stage::lab::Look;
use crate::stage::text::number;
use leptos::prelude::*;
use std::sync::Arc;

/// What the lab says of a state; new whenever it was said anew.
#[derive(Clone)]
pub struct Said(pub Arc<Content>);

impl PartialEq for Said {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Said {
    /// What it says now.
    pub fn now(page: Page, width: RwSignal<f64>, font: RwSignal<f64>) -> Said {
        let focus = page.focus.get();
        let look = Look {
            lang: page.lang.get(),
            width: width.get_untracked(),
            font: font.get_untracked(),
            stroke: 1.0,
            focus: focus.as_ref(),
            step: page.setup.with(|s| s.step),
        };
        Said(Arc::new(page.good.get().map(|e| e.insight(&look)).unwrap_or_default()))
    }
}

/// The sum behind the pointed number.
#[component]
pub fn Equation(page: Page, figures: Figures) -> impl IntoView {
    let pieces = move || figures.said.with(|s| s.0.equation.clone());
    let tap = move |index: usize, of: usize| page.theme.get().tap(index, of).css();
    view! {
        <div class="eq" class:pinned=live(move || page.pinned.get())>
            {part(move || pieces().into_iter().map(|piece| match piece {
                Piece::Plain(text) => view! { <span>{text}</span> }.into_any(),
                Piece::Tap { index, of, text, padding } => view! {
                    <span class="chip" class:padding=padding style:border-color=tap(index, of)>{text}</span>
                }.into_any(),
                Piece::Strong(text) => view! { <b>{text}</b> }.into_any(),
            }).collect_view().into_any())}
            {shown(move || page.pinned.get(), move || view! { <span class="pin">{live(move || page.words().pinned)}</span> }.into_any())}
        </div>
    }
}

/// Formulas, notes and facts.
#[component]
pub fn Insight(page: Page, figures: Figures) -> impl IntoView {
    let now = figures.said;
    let millis = move || {
        let t = page.computed.with(|c| c.millis);
        format!("{} ms", number(t, if t < 1.0 { 2 } else { 1 }))
    };
    // Memos, so that what has not changed is not put into the page again.
    let markup = Memo::new(move |_| {
        now.with(|said| html::insight(&said.0, page.theme.get(), (page.words().computed_in, &millis())))
    });
    view! { <div class="said" inner_html=move || markup.get()></div> }
}

/// Code that gives the numbers shown.
#[component]
pub fn Code(page: Page, figures: Figures) -> impl IntoView {
    let chosen = RwSignal::new("pytorch");
    let snippets = Memo::new(move |_| figures.said.with(|s| s.0.snippets.clone()));
    let code = move || {
        snippets.with(|l| {
            l.iter().find(|s| s.key == chosen.get()).or(l.first()).map(|s| s.code.clone()).unwrap_or_default()
        })
    };
    let copy = move |_| super::shell::copy_text(page, code());
    let has_picture = move || page.lab().picture().is_some();
    view! {
        {shown(move || snippets.with(|l| !l.is_empty()), move || view! { <h2 id="code-title">{live(move || page.words().code)}</h2>
            <div class="seg tabs" role="radiogroup" aria-labelledby="code-title">
                {part(move || snippets.get().into_iter().map(|s| view! {
                    <label class:on=live(move || chosen.get() == s.key)>
                        <input type="radio" name="code" value=s.key prop:checked=live(move || chosen.get() == s.key) on:change=move |_| chosen.set(s.key)/>
                        <span>{s.name}</span>
                    </label>
                }).collect_view().into_any())}
            </div>
            <pre tabindex="0" role="region" aria-labelledby="code-title"><code>{code}</code></pre>
            <div class="row">
                <button type="button" on:click=copy>{live(move || page.words().copy)}</button>
                {shown(has_picture, move || view! { <button type="button" on:click=move |_| download_input(page)>{live(move || page.words().download_input)}</button> }.into_any())}
            </div> }.into_any())}
    }
}

/// Saves the input as `.npy`, which the snippets load.
fn download_input(page: Page) {
    use base64::Engine;
    let Some(name) = page.lab_untracked().picture() else { return };
    let tensor = page.good.get_untracked().and_then(|e| e.tensors().into_iter().find(|(n, _)| *n == name));
    if let Some((_, tensor)) = tensor {
        let bytes = crate::stage::npy::write(&tensor);
        let data = base64::engine::general_purpose::STANDARD.encode(bytes);
        super::figure::save(&format!("{name}.npy"), &format!("data:application/octet-stream;base64,{data}"));
    }
}

/// The curriculum rows the lab answers, loaded when the learner opens the list.
#[component]
pub fn Questions(page: Page) -> impl IntoView {
    let title = view! { <h2>{live(move || page.words().questions)}</h2> }.into_any();
    let bring = |lab| -> parts::Coming {
        Box::pin(async move {
            rooms::bring_questions(lab).await?;
            parts::questions().await
        })
    };
    parts::disclosure(page, "questions", title, bring, page.lab.get())
}
