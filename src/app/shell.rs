//! The page around a lab: header, three columns, messages.

use super::classroom::Wish;
use super::figure::{FigureCard, Figures, spoken};
use super::live::{live, part, shown};
use super::state::{Page, here, now};
use super::widgets::Field;
use super::{background, embed, insight, keys, parts, photo, predict, store};
use crate::labs::SIGNS;
use crate::stage::link;
use crate::stage::text::{Lang, Sentence};
use crate::stage::theme::Theme;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The whole page.
#[component]
pub fn Shell(page: Page) -> impl IntoView {
    let figures = Figures::new(page);
    page.figures.set_value(Some(figures));
    page.follow_language();
    follow_theme_and_language(page);
    follow_address(page);
    keys::listen(page);
    photo::listen(page);
    photo::restore(page);
    provide_context(background::follow(page));
    embed::listen(page);
    if link::place(&here()).is_some() {
        page.follow(&here());
    } else if !page.shell.with_untracked(|s| s.embed) && store::tab_text(store::PLAYED).is_some() {
        page.wish(Wish::Resume);
    }
    Effect::new(move |_| {
        let (present, fuzz) = page.shell.with(|s| (s.present, s.fuzz));
        if present {
            page.wish(Wish::Present);
        }
        if let Some(seed) = fuzz {
            page.wish(Wish::Fuzz(seed));
        }
    });
    let ids = Memo::new(move |_| figures.list.with(|l| l.0.iter().map(|f| f.id).collect::<Vec<_>>()));
    let embedded = move || page.shell.with(|s| s.embed);
    view! {
        <a class="skip" href="#main-figure" on:click=|ev| {
            ev.prevent_default();
            if let Some(view) = document().query_selector(".figure-view").ok().flatten() {
                use wasm_bindgen::JsCast;
                if let Some(view) = view.dyn_ref::<web_sys::HtmlElement>() { let _ = view.focus(); }
            }
        }>{live(move || page.words().skip)}</a>
        {shown(move || !embedded(), move || view! { <Header page=page/> }.into_any())}
        <main class:embed=embedded hidden=live(move || page.away.get())>
            <Controls page=page/>
            <section class="stage" id="main-figure">
                <h1 class:sr-only=embedded>{live(move || page.lab().title(page.lang.get()).0)}</h1>
                {shown(move || !embedded(), move || view! { <p class="lede">{live(move || page.lab().title(page.lang.get()).1)}" "<button type="button" class="quiet" on:click=move |_| page.wish(Wish::Tour)>{live(move || page.words().tour)}</button></p> }.into_any())}
                <Refused page=page/>
                {part(move || ({
                    ids.get().into_iter().map(|id| view! { <FigureCard page=page figures=figures id=id/> }).collect_view()
                }).into_any())}
                {shown(move || !embedded(), move || part(move || view! { <insight::Questions page=page/> }.into_any()).into_any())}
            </section>
            {shown(move || !embedded(), move || view! { <aside class="insight" aria-label=live(move || page.words().insight)>
                    <insight::Insight page=page figures=figures/>
                    <predict::Predict page=page/>
                    <insight::Code page=page figures=figures/>
                    <p class="promise">{live(move || page.words().worked_out)}" "<a href=live(move || format!("notes/{}.{}.html", page.lab().slug(), page.lang.get().key())) target="_blank" rel="noopener">{live(move || page.words().for_teachers)}</a></p>
                </aside> }.into_any())}
        </main>
        <Messages page=page/>
        {part(move || page.classroom.get().map(|room| room(page, 0)).into_any())}
        <photo::DropVeil page=page/>
        <div class="sr-only" role="status" aria-live="polite">{live(move || spoken(page, figures))}</div>
    }
}

/// Why the present setup can't be computed, in place of nothing.
#[component]
fn Refused(page: Page) -> impl IntoView {
    let why =
        Memo::new(move |_| page.computed.with(|c| c.result.as_ref().err().map(|e| e.say(page.lang.get()))));
    view! {
        <div role="alert">
            {part(move || (why.get().map(|why| view! {
                <div class="refused">
                    <p><b>{page.words().cant_show}</b>" "{why}</p>
                    <button type="button" on:click=move |_| page.undo() disabled=live(move || page.history_size.get().0 == 0)>{page.words().go_back}</button>
                    <button type="button" on:click=move |_| page.reset()>{page.words().reset}</button>
                </div>
            })).into_any())}
        </div>
    }
}

#[component]
fn Header(page: Page) -> impl IntoView {
    let words = move || page.words();
    let named = move |word: &str, back: bool| match page.next_step(back) {
        what if what.is_empty() => word.to_owned(),
        what => format!("{word}: {what}"),
    };
    view! {
        <header>
            <a class="brand" href="#/"><i class="logo"></i>"Receptive"</a>
            <nav aria-label=live(move || words().labs)>
                <a href="#/questions" aria-current=live(move || page.away.get().then_some("page"))>{live(move || words().all_questions)}</a>
                {SIGNS.iter().enumerate().map(|(i, sign)| view! {
                    <a href=format!("#/{}", sign.slug) aria-current=live(move || (page.lab.get() == i && !page.away.get()).then_some("page"))>
                        {live(move || page.lang.get().pick(sign.name[0], sign.name[1]))}
                    </a>
                }).collect_view()}
            </nav>
            <span class="grow"></span>
            <button type="button" class="icon" aria-label=live(move || words().undo) title=live(move || named(words().undo, true))
                disabled=live(move || page.history_size.get().0 == 0) on:click=move |_| page.undo()>"↶"</button>
            <button type="button" class="icon" aria-label=live(move || words().redo) title=live(move || named(words().redo, false))
                disabled=live(move || page.history_size.get().1 == 0) on:click=move |_| page.redo()>"↷"</button>
            <button type="button" class="wide" on:click=move |_| page.reset()>{live(move || words().reset)}</button>
            <button type="button" class="wide" on:click=move |_| page.wish(Wish::Present)>{live(move || words().present)}</button>
            <button type="button" class="wide" on:click=move |_| page.wish(Wish::Share)>{live(move || words().share)}</button>
            <ThemeChoice page=page/>
            <button type="button" lang=live(move || page.lang.get().pick("zh-Hans", "en")) aria-label=live(move || words().language_label)
                on:click=move |_| switch_language(page)>{live(move || words().language)}</button>
        </header>
    }
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
    let name = move |key: &str| page.words().theme_of(key);
    view! {
        <select class="theme" aria-label=live(move || page.words().theme) title=live(move || page.words().theme) on:change=choose>
            {["auto"].into_iter().chain(Theme::KEYS).map(|key| view! {
                <option value=key selected=live(move || chosen() == key)>{live(move || name(key))}</option>
            }).collect_view()}
        </select>
    }
}

#[component]
fn Controls(page: Page) -> impl IntoView {
    let controls = move || {
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
                    let there = move |index: usize| {
                        let key = lab.controls()[index].key;
                        let hidden = page.shell.with(|s| s.hide.iter().any(|k| k == key));
                        !hidden && page.setup.with(|s| page.lab().relevant(&s.values, key))
                    };
                    let kept = members.clone();
                    // A heading without a control under it says nothing.
                    let none = move || group > 0 && !kept.iter().any(|index| there(*index));
                    (!members.is_empty()).then(|| view! {
                <section class="group" class:bare=live(none)>
                    <h2>{live(move || page.lab().groups(page.lang.get()).get(group).copied())}</h2>
                    {(group == 0).then(|| view! { <photo::Sources page=page/> })}
                    {members.into_iter().map(|index| {
                        shown(move || there(index), move || view! { <Field page=page index=index/> }.into_any())
                    }).collect_view()}
                </section>
            })
                })
                .collect_view()
    };
    view! {
        <section class="controls" aria-label=live(move || page.words().controls)>
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
        spawn_local(async move {
            if let Some(choose) = parts::report(page, parts::compare().await) {
                choose(page, found);
            }
        });
    };
    let keys = move || {
        let lab = page.lab();
        lab.controls().iter().filter(|c| lab.stands_on(c.key).is_none()).map(|c| c.key).collect::<Vec<_>>()
    };
    view! {
        <section class="group compare">
            <h2>{live(move || page.words().compare)}</h2>
            <label class="sr-only" for="compare-key">{live(move || page.words().compare_with)}</label>
            <select id="compare-key" on:change=choose>
                <option value="" selected=live(move || index.get().is_none())>"—"</option>
                {part(move || keys().into_iter().map(|key| view! {
                    <option value=key selected=live(move || index.get().and_then(|i| page.lab().controls().get(i)).is_some_and(|c| c.key == key))>{key}</option>
                }).collect_view().into_any())}
            </select>
            {part(move || (match index.get() {
                Some(index) => view! {
                    <div class="beside">
                        <Field page=page index=index beside=true/>
                        <button type="button" on:click=move |_| page.change("", |s| s.compare = None)>{page.words().compare_off}</button>
                    </div>
                }.into_any(),
                None => view! { <p class="hint-line">{live(move || page.words().compare_hint)}</p> }.into_any(),
            }).into_any())}
        </section>
    }
}

#[component]
fn Messages(page: Page) -> impl IntoView {
    view! {
        <div class="messages" aria-live="assertive" role="log">
            <For each=move || page.messages.get() key=|m| m.id let:message>
                <div class="message" class:refuses=message.refuses>
                    <p>{message.text.clone()}</p>
                    <button type="button" class="icon quiet" aria-label=live(move || page.words().close)
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
        on_cleanup(move || {
            kept.try_with_value(|(q, _)| q.set_onchange(None));
        });
    }
}

/// The address follows the state, a little behind, and the state follows the address.
fn follow_address(page: Page) {
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let last = StoredValue::new(-1e9);
    Effect::new(move |_| {
        if page.away.get() {
            return;
        }
        let link = page.setup.with(|setup| {
            page.shell.with(|shell| page.data.with(|data| link::write(page.lab(), setup, shell, data)))
        });
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        super::panic::keep_link(&link);
        let write = move || {
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
    let listener = window_event_listener(leptos::ev::hashchange, move |event| {
        // Not where the page stands now: the link of the present lab may have been written over it since.
        let address = event.new_url();
        page.follow(address.find('#').map_or("", |at| &address[at..]));
    });
    on_cleanup(move || listener.remove());
}
