//! The column of insight: formulas, facts, sentences, code; the equation under the figure; the questions.

use super::figure::Figures;
use super::state::Page;
use crate::stage::insight::{Insight as Content, Piece};
use crate::stage::lab::Look;
use crate::stage::link;
use crate::stage::math::Math;
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
        <div class="eq" class:pinned=move || page.pinned.get()>
            {move || pieces().into_iter().map(|piece| match piece {
                Piece::Plain(text) => view! { <span>{text}</span> }.into_any(),
                Piece::Tap { index, of, text, padding } => view! {
                    <span class="chip" class:padding=padding style:border-color=tap(index, of)>{text}</span>
                }.into_any(),
                Piece::Strong(text) => view! { <b>{text}</b> }.into_any(),
            }).collect_view()}
            <Show when=move || page.pinned.get()><span class="pin">{move || page.words().pinned}</span></Show>
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
    view! {
        <p class="answer">{move || now.get().0.answer.clone()}</p>
        {move || now.get().0.formulas.iter().map(|(title, lines)| view! {
            <h2>{title.clone()}</h2>
            <div class="formula" tabindex="0" role="group" aria-label=title.clone()>{lines.iter().map(|m| view! { <Formula page=page math=m.clone()/> }).collect_view()}</div>
        }).collect_view()}
        {move || now.get().0.notes.iter().map(|n| view! { <p class="note" class:warns=n.warns>{n.text.clone()}</p> }).collect_view()}
        {move || now.get().0.tables.iter().enumerate().map(|(at, (title, facts))| view! {
            <h2>{title.clone()}</h2>
            <dl class="kv">
                {facts.iter().map(|f| view! {
                    <div data-fact=f.name><dt>{f.label.clone()}" "<i>{f.detail.clone()}</i></dt><dd>{f.value.clone()}</dd></div>
                }).collect_view()}
                {(at == 0).then(|| view! { <div data-fact="millis"><dt>{page.words().computed_in}</dt><dd>{millis}</dd></div> })}
            </dl>
        }).collect_view()}
    }
}

/// A formula in MathML.
#[component]
pub fn Formula(page: Page, math: Math) -> impl IntoView {
    if let Math::Text(words) = &math {
        return view! { <p class="where">{words.clone()}</p> }.into_any();
    }
    let markup = move || {
        let theme = page.theme.get();
        let inner = math.mathml(&|i, n| theme.tap(i, n).css(), &theme.palette().accent.css());
        format!("<math display=\"block\">{inner}</math>")
    };
    view! { <div class="line" inner_html=markup></div> }.into_any()
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
        <Show when=move || snippets.with(|l| !l.is_empty())>
            <h2 id="code-title">{move || page.words().code}</h2>
            <div class="seg tabs" role="radiogroup" aria-labelledby="code-title">
                {move || snippets.get().into_iter().map(|s| view! {
                    <label class:on=move || chosen.get() == s.key>
                        <input type="radio" name="code" value=s.key prop:checked=move || chosen.get() == s.key on:change=move |_| chosen.set(s.key)/>
                        <span>{s.name}</span>
                    </label>
                }).collect_view()}
            </div>
            <pre tabindex="0" role="region" aria-labelledby="code-title"><code>{code}</code></pre>
            <div class="row">
                <button type="button" on:click=copy>{move || page.words().copy}</button>
                <Show when=has_picture><button type="button" on:click=move |_| download_input(page)>{move || page.words().download_input}</button></Show>
            </div>
        </Show>
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

/// The curriculum rows the lab answers, each a link that sets it up.
#[component]
pub fn Questions(page: Page) -> impl IntoView {
    let open = RwSignal::new(None::<&'static str>);
    let list = move || page.lab().questions(page.lang.get());
    let go = move |id: &'static str, query: &'static str| {
        let (_, pairs) = link::split(&format!("#/{}?{query}", page.lab_untracked().slug()));
        let lab = page.lab.get_untracked();
        if let Err(refusal) = page.open(lab, &pairs, false) {
            page.report(&[refusal]);
        }
        open.set(Some(id));
    };
    view! {
        <Show when=move || !list().is_empty()>
            <section class="questions" aria-labelledby="questions-title">
                <h2 id="questions-title">{move || page.words().questions}</h2>
                <div class="chips">
                    {move || list().iter().map(|q| view! {
                        <button type="button" class="chip-button" aria-pressed=move || (open.get() == Some(q.id)).to_string() data-question=q.id on:click=move |_| go(q.id, q.link)>
                            <b>{q.id}</b>" "{q.short}
                        </button>
                    }).collect_view()}
                </div>
                {move || open.get().and_then(|id| list().iter().find(|q| q.id == id)).map(|q| view! {
                    <div class="look" role="status"><h3>{q.id}" "{q.short}</h3><p>{q.look}</p></div>
                })}
            </section>
        </Show>
    }
}
