//! The page around a lab: header, three columns, messages.

use super::figure::{FigureCard, Figures, spoken};
use super::state::{Page, now};
use super::widgets::Field;
use super::{embed, insight, keys, photo, predict, store};
use crate::labs::LABS;
use crate::stage::link;
use crate::stage::text::{Lang, Sentence};
use crate::stage::theme::Theme;
use leptos::prelude::*;

/// The whole page.
#[component]
pub fn Shell(page: Page) -> impl IntoView {
    let figures = Figures::new(page);
    page.figures.set_value(Some(figures));
    follow_theme_and_language(page);
    follow_address(page);
    keys::listen(page);
    photo::listen(page);
    photo::restore(page);
    embed::listen(page);
    let ids = Memo::new(move |_| figures.list.with(|l| l.0.iter().map(|f| f.id).collect::<Vec<_>>()));
    let embedded = move || page.shell.with(|s| s.embed);
    view! {
        <a class="skip" href="#main-figure" on:click=|ev| {
            ev.prevent_default();
            if let Some(view) = document().query_selector(".figure-view").ok().flatten() {
                use wasm_bindgen::JsCast;
                if let Some(view) = view.dyn_ref::<web_sys::HtmlElement>() { let _ = view.focus(); }
            }
        }>{move || page.words().skip}</a>
        <Show when=move || !embedded()><Header page=page/></Show>
        <main class:embed=embedded>
            <Controls page=page/>
            <section class="stage" id="main-figure">
                <h1 class:sr-only=embedded>{move || page.lab().title(page.lang.get()).0}</h1>
                <Show when=move || !embedded()>
                    <p class="lede">{move || page.lab().title(page.lang.get()).1}</p>
                </Show>
                <Refused page=page/>
                {move || {
                    ids.get().into_iter().map(|id| view! { <FigureCard page=page figures=figures id=id/> }).collect_view()
                }}
                <Show when=move || !embedded()><insight::Questions page=page/></Show>
            </section>
            <Show when=move || !embedded()>
                <aside class="insight" aria-label=move || page.words().insight>
                    <insight::Insight page=page figures=figures/>
                    <predict::Predict page=page/>
                    <insight::Code page=page figures=figures/>
                    <p class="promise">{move || page.words().worked_out}</p>
                </aside>
            </Show>
        </main>
        <Messages page=page/>
        <keys::Help page=page/>
        <photo::DropVeil page=page/>
        <div class="sr-only" role="status" aria-live="polite">{move || spoken(page)}</div>
    }
}

/// Why the present setup can't be computed, in place of nothing.
#[component]
fn Refused(page: Page) -> impl IntoView {
    let why =
        Memo::new(move |_| page.computed.with(|c| c.result.as_ref().err().map(|e| e.say(page.lang.get()))));
    view! {
        <div role="alert">
            {move || why.get().map(|why| view! {
                <div class="refused">
                    <p><b>{page.words().cant_show}</b>" "{why}</p>
                    <button type="button" on:click=move |_| page.undo() disabled=move || page.history_size.get().0 == 0>{page.words().go_back}</button>
                    <button type="button" on:click=move |_| page.reset()>{page.words().reset}</button>
                </div>
            })}
        </div>
    }
}

#[component]
fn Header(page: Page) -> impl IntoView {
    let words = move || page.words();
    let copy = move |_| {
        copy_text(page, address(page));
    };
    view! {
        <header>
            <a class="brand" href="#/"><img src="icons/icon.svg" width="24" height="24" alt=""/>"Receptive"</a>
            <nav aria-label=move || words().labs>
                {LABS.iter().enumerate().map(|(i, lab)| view! {
                    <a href=format!("#/{}", lab.slug()) aria-current=move || (page.lab.get() == i).then_some("page")>
                        {move || lab.name(page.lang.get())}
                    </a>
                }).collect_view()}
            </nav>
            <span class="grow"></span>
            <button type="button" class="icon" aria-label=move || words().undo title=move || words().undo
                disabled=move || page.history_size.get().0 == 0 on:click=move |_| page.undo()>"↶"</button>
            <button type="button" class="icon" aria-label=move || words().redo title=move || words().redo
                disabled=move || page.history_size.get().1 == 0 on:click=move |_| page.redo()>"↷"</button>
            <button type="button" class="wide" on:click=move |_| page.reset()>{move || words().reset}</button>
            <button type="button" class="wide" on:click=copy>{move || words().copy_link}</button>
            <ThemeChoice page=page/>
            <button type="button" lang=move || page.lang.get().pick("zh-Hans", "en") aria-label=move || words().language_label
                on:click=move |_| switch_language(page)>{move || words().language}</button>
        </header>
    }
}

/// The address of the present state, also while the browser's own is a moment behind.
fn address(page: Page) -> String {
    let href = window().location().href().unwrap_or_default();
    let base = href.split('#').next().unwrap_or_default().to_string();
    let lab = page.lab_untracked();
    base + &page.setup.with_untracked(|setup| {
        page.shell
            .with_untracked(|shell| page.data.with_untracked(|data| link::write(lab, setup, shell, data)))
    })
}

fn switch_language(page: Page) {
    let other = page.lang.get_untracked().pick(Lang::Zh, Lang::En);
    store::keep_lang(other);
    page.own_lang.set(other);
    page.shell.update(|s| s.lang = s.lang.map(|_| other));
}

#[component]
fn ThemeChoice(page: Page) -> impl IntoView {
    let chosen = move || page.shell.with(|s| s.theme).or(page.own_theme.get()).map_or("auto", Theme::key);
    let choose = move |ev| {
        let theme = Theme::from_key(&event_target_value(&ev));
        store::keep_theme(theme);
        page.own_theme.set(theme);
        page.shell.update(|s| s.theme = s.theme.and(theme));
    };
    let name = move |key: &str| {
        let w = page.words();
        match key {
            "light" => w.theme_light,
            "dark" => w.theme_dark,
            "projector" => w.theme_projector,
            "contrast" => w.theme_contrast,
            _ => w.theme_auto,
        }
    };
    view! {
        <select class="theme" aria-label=move || page.words().theme title=move || page.words().theme on:change=choose>
            {["auto"].into_iter().chain(Theme::KEYS).map(|key| view! {
                <option value=key selected=move || chosen() == key>{move || name(key)}</option>
            }).collect_view()}
        </select>
    }
}

#[component]
fn Controls(page: Page) -> impl IntoView {
    let controls =
        move || {
            let lab = page.lab();
            let groups = lab.groups(Lang::En).len();
            (0..groups)
                .map(|group| {
                    let members: Vec<usize> = lab
                        .controls()
                        .iter()
                        .enumerate()
                        .filter(|(_, c)| c.group == group && lab.stands_on(c.key).is_none())
                        .map(|(i, _)| i)
                        .collect();
                    (!members.is_empty()).then(|| view! {
                <section class="group">
                    <h2>{move || page.lab().groups(page.lang.get()).get(group).copied()}</h2>
                    {(group == 0).then(|| view! { <photo::Sources page=page/> })}
                    {members.into_iter().map(|index| {
                        let key = lab.controls()[index].key;
                        let shown = Memo::new(move |_| {
                            let hidden = page.shell.with(|s| s.hide.iter().any(|k| k == key));
                            !hidden && page.setup.with(|s| page.lab().relevant(&s.values, key))
                        });
                        view! { <Show when=move || shown.get()><Field page=page index=index/></Show> }
                    }).collect_view()}
                </section>
            })
                })
                .collect_view()
        };
    view! {
        <section class="controls" aria-label=move || page.words().controls>
            {controls}
            <Compare page=page/>
        </section>
    }
}

/// Any one control at a second value, beside the first.
#[component]
fn Compare(page: Page) -> impl IntoView {
    let index = Memo::new(move |_| page.setup.with(|s| s.compare.as_ref().map(|(i, _)| *i)));
    let choose = move |ev| {
        let key = event_target_value(&ev);
        let lab = page.lab_untracked();
        let found = lab.controls().iter().position(|c| c.key == key);
        let value = found.and_then(|i| other_value(page, i).map(|v| (i, v)));
        page.change("", |s| s.compare = value);
    };
    let keys = move || {
        let lab = page.lab();
        lab.controls().iter().filter(|c| lab.stands_on(c.key).is_none()).map(|c| c.key).collect::<Vec<_>>()
    };
    view! {
        <section class="group compare">
            <h2>{move || page.words().compare}</h2>
            <label class="sr-only" for="compare-key">{move || page.words().compare_with}</label>
            <select id="compare-key" on:change=choose>
                <option value="" selected=move || index.get().is_none()>"—"</option>
                {move || keys().into_iter().map(|key| view! {
                    <option value=key selected=move || index.get().is_some_and(|i| page.lab().controls()[i].key == key)>{key}</option>
                }).collect_view()}
            </select>
            {move || match index.get() {
                Some(index) => view! {
                    <div class="beside">
                        <Field page=page index=index beside=true/>
                        <button type="button" on:click=move |_| page.change("", |s| s.compare = None)>{page.words().compare_off}</button>
                    </div>
                }.into_any(),
                None => view! { <p class="hint-line">{move || page.words().compare_hint}</p> }.into_any(),
            }}
        </section>
    }
}

/// A value of a control that differs from the present one and can be computed, the nearest first.
fn other_value(page: Page, index: usize) -> Option<crate::stage::value::Value> {
    use crate::stage::value::{Matrix, PaddingValue, Value};
    let lab = page.lab_untracked();
    let values = page.setup.with_untracked(|s| s.values.clone());
    let control = lab.controls().get(index)?;
    let present = values.0.get(index)?.clone();
    let tries: Vec<Value> = match &present {
        Value::Pair(h, w) => {
            vec![Value::Pair(h + 1, w + 1), Value::Pair(h.saturating_sub(1), w.saturating_sub(1))]
        }
        Value::Whole(n) => vec![Value::Whole(n + 1), Value::Whole(n - 1)],
        Value::Real(v) => vec![Value::Real(v + 1.0), Value::Real(v - 1.0)],
        Value::Flag(on) => vec![Value::Flag(!on)],
        Value::Choice(i) => {
            (1..64).map(|by| Value::Choice(i + by)).chain((0..*i).map(Value::Choice)).collect()
        }
        Value::Padding(_) => (0..3).map(|n| Value::Padding(PaddingValue::Sides([n; 4]))).collect(),
        Value::Matrix(m) => {
            let (h, w) = m.shape();
            vec![Value::Matrix(Matrix::from_fn(h, w, |r, c| m.at(h - 1 - r, w - 1 - c)))]
        }
    };
    let data = page.data.get_untracked();
    let works = |value: &Value| {
        *value != present
            && control.parse(&control.write(value)).as_ref() == Ok(value)
            && lab.check(&lab.set(&values, index, value.clone(), &data), &data).is_ok()
    };
    tries.into_iter().find(works).or(Some(present.clone()))
}

#[component]
fn Messages(page: Page) -> impl IntoView {
    view! {
        <div class="messages" aria-live="assertive" role="log">
            <For each=move || page.messages.get() key=|m| m.id let:message>
                <div class="message" class:refuses=message.refuses>
                    <p>{message.text.clone()}</p>
                    <button type="button" class="icon quiet" aria-label=move || page.words().close
                        on:click=move |_| page.messages.update(|l| l.retain(|m| m.id != message.id))>"✕"</button>
                </div>
            </For>
        </div>
    }
}

/// Copies a text and says so.
pub fn copy_text(page: Page, text: String) {
    let promise = js_sys::Reflect::get(&window().navigator(), &"clipboard".into())
        .ok()
        .filter(|c| !c.is_undefined())
        .map(|_| window().navigator().clipboard().write_text(&text));
    wasm_bindgen_futures::spawn_local(async move {
        let copied = match promise {
            Some(promise) => wasm_bindgen_futures::JsFuture::from(promise).await.is_ok(),
            None => false,
        };
        let words = super::text::Words::of(page.lang.get_untracked());
        page.say((if copied { words.copied } else { words.not_copied }).into(), !copied);
    });
}

/// The root element carries theme and language; the title follows the lab.
fn follow_theme_and_language(page: Page) {
    Effect::new(move |_| {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", page.theme.get().key());
            let _ = root.set_attribute("lang", page.lang.get().html());
        }
        let lang = page.lang.get();
        document().set_title(&format!("{} · {}", page.lab().name(lang), page.words().page_title));
    });
    let listener = wasm_bindgen::prelude::Closure::<dyn FnMut()>::new(move || {
        page.system_dark.set(store::system_dark())
    });
    if let Some(query) = store::media("(prefers-color-scheme: dark)") {
        use wasm_bindgen::JsCast;
        query.set_onchange(Some(listener.as_ref().unchecked_ref()));
        let kept = StoredValue::new_local((query, listener));
        on_cleanup(move || kept.with_value(|(q, _)| q.set_onchange(None)));
    }
}

/// The address follows the state, a little behind, and the state follows the address.
fn follow_address(page: Page) {
    let written = StoredValue::new(String::new());
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let last = StoredValue::new(-1e9);
    Effect::new(move |_| {
        let link = page.setup.with(|setup| {
            page.shell.with(|shell| page.data.with(|data| link::write(page.lab(), setup, shell, data)))
        });
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        super::panic::keep_link(&link);
        let write = move || {
            written.set_value(link.clone());
            if window().location().hash().unwrap_or_default() != link
                && let Ok(history) = window().history()
            {
                let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&link));
                last.set_value(now());
            }
        };
        // Browsers allow only so many changes of the address: the first is made at once, those that follow closely
        // are made together.
        let wait = last.get_value() + 250.0 - now();
        if wait <= 0.0 {
            write();
        } else {
            timer.set_value(
                set_timeout_with_handle(write, std::time::Duration::from_millis(wait as u64)).ok(),
            );
        }
    });
    let listener = window_event_listener(leptos::ev::hashchange, move |_| {
        let hash = window().location().hash().unwrap_or_default();
        if written.with_value(|w| *w != hash) {
            page.follow(&hash);
        }
    });
    on_cleanup(move || listener.remove());
}
