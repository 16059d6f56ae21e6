//! The dialog that makes a link: what the class may touch, how it opens, and the link as text, as code and as a frame.

use super::sheet::Sheet;
use super::{Room, Wish, lesson};
use crate::app::live::{live, part};
use crate::app::{figure, shell};
use crate::stage::link::{self, Shell};
use crate::stage::qr::Code;
use crate::stage::text::{Lang, fill};
use crate::stage::theme::Theme;
use leptos::prelude::*;

/// What the class may do with a control.
#[derive(Clone, Copy, PartialEq)]
enum Right {
    Show,
    Lock,
    Hide,
}

const RIGHTS: [Right; 3] = [Right::Show, Right::Lock, Right::Hide];

/// What the dialog decides.
#[derive(Clone, Copy)]
struct Choice {
    rights: RwSignal<Vec<(&'static str, Right)>>,
    lang: RwSignal<Option<Lang>>,
    theme: RwSignal<Option<Theme>>,
    line: RwSignal<String>,
}

impl Choice {
    fn count(&self, right: Right) -> usize {
        self.rights.with(|list| list.iter().filter(|(_, r)| *r == right).count())
    }

    fn keys(&self, right: Right) -> Vec<String> {
        self.rights.with(|list| {
            list.iter().filter(|(_, r)| *r == right).map(|(key, _)| (*key).to_string()).collect()
        })
    }

    /// The link from `#/` on.
    fn hash(&self, room: Room, embed: bool) -> String {
        let page = room.page;
        let shell = Shell {
            lang: self.lang.get(),
            theme: self.theme.get(),
            embed,
            present: false,
            hide: self.keys(Right::Hide),
            lock: self.keys(Right::Lock),
            fuzz: None,
        };
        page.setup.with(|setup| page.data.with(|data| link::write(page.lab(), setup, &shell, data)))
    }

    fn address(&self, room: Room) -> String {
        base() + &self.hash(room, false)
    }
}

/// The address of the page without what follows `#`.
pub fn base() -> String {
    let href = window().location().href().unwrap_or_default();
    href.split('#').next().unwrap_or_default().to_string()
}

/// The dialog.
pub fn dialog(room: Room) -> AnyView {
    let page = room.page;
    let choice = page.shell.with_untracked(|shell| {
        let right = |key: &'static str| {
            let is = |list: &[String]| list.iter().any(|k| k == key);
            let right = if is(&shell.hide) {
                Right::Hide
            } else if is(&shell.lock) {
                Right::Lock
            } else {
                Right::Show
            };
            (key, right)
        };
        let relevant = |key| page.setup.with_untracked(|s| page.lab_untracked().relevant(&s.values, key));
        let keys = page.lab_untracked().controls().iter().map(|c| c.key).filter(|key| relevant(key));
        Choice {
            rights: RwSignal::new(keys.map(right).collect()),
            lang: RwSignal::new(shell.lang),
            theme: RwSignal::new(shell.theme),
            line: RwSignal::new(String::new()),
        }
    });
    let body = view! {
        <p class="say">{move || room.words().share_say}</p>
        <div class="share-two">
            <div>{touch(room, choice)}{opens(room, choice)}</div>
            <div>{scan(room, choice)}{texts(room, choice)}</div>
        </div>
        {foot(room, choice)}
    };
    view! { <Sheet room=room name="share" title=Box::new(move || room.words().share.into()) body=body.into_any()/> }
        .into_any()
}

/// Each control with what the class may do with it.
fn touch(room: Room, choice: Choice) -> AnyView {
    let all = move |right: Right| choice.rights.update(|list| list.iter_mut().for_each(|(_, r)| *r = right));
    // The control that the present state turns on: one that is not at its default.
    let moved = room.page.setup.with_untracked(|s| {
        let controls = room.page.lab_untracked().controls();
        let place = controls.iter().zip(&s.values.0).find(|(c, v)| c.default_value() != **v);
        place.map_or_else(|| controls.first().map_or("", |c| c.key), |(c, _)| c.key)
    });
    let only = move |_| {
        choice.rights.update(|list| {
            list.iter_mut().for_each(|(key, r)| *r = if *key == moved { Right::Show } else { Right::Lock });
        });
    };
    let value = move |key: &str| {
        room.page.setup.with(|s| {
            let at = room.page.lab().controls().iter().position(|c| c.key == key);
            let text = at.and_then(|at| Some(room.page.lab().controls().get(at)?.write(s.values.0.get(at)?)));
            text.unwrap_or_default()
        })
    };
    let row = move |key: &'static str, right: Right| {
        let set = move |to: Right| {
            choice.rights.update(|list| {
                if let Some(place) = list.iter_mut().find(|(k, _)| *k == key) {
                    place.1 = to;
                }
            });
        };
        let options = RIGHTS.map(|r| {
            let word = move || match r {
                Right::Show => room.words().right_show,
                Right::Lock => room.words().right_lock,
                Right::Hide => room.words().right_hide,
            };
            view! {
                <label class:on=right == r>
                    <input type="radio" name=format!("right-{key}") prop:checked=right == r on:change=move |_| set(r)/>
                    <span>{word}</span>
                </label>
            }
        });
        view! {
            <div class="right" class:away=right == Right::Hide>
                <code>{key}</code><b>{value(key)}</b>
                <div class="seg" role="radiogroup" aria-label=key>{options}</div>
            </div>
        }
    };
    let list =
        RwSignal::new(choice.rights.with_untracked(|l| l.iter().map(|(key, _)| *key).collect::<Vec<_>>()));
    view! {
        <h3>{move || room.words().rights}</h3>
        <div class="row">
            <button type="button" on:click=move |_| all(Right::Show)>{move || room.words().all_shown}</button>
            <button type="button" on:click=move |_| all(Right::Lock)>{move || room.words().all_locked}</button>
            <button type="button" on:click=only>{move || fill(room.words().only, &[("key", moved.into())])}</button>
        </div>
        <div class="rights">
            {list.get_untracked().into_iter().map(|key| {
                let right = Memo::new(move |_| choice.rights.with(|l| l.iter().find(|(k, _)| *k == key).map_or(Right::Show, |p| p.1)));
                part(move || row(key, right.get()).into_any())
            }).collect_view()}
        </div>
    }
    .into_any()
}

/// Language and theme of the link.
fn opens(room: Room, choice: Choice) -> AnyView {
    let chosen = move |ev| {
        let key = event_target_value(&ev);
        choice.lang.set(Lang::ALL.into_iter().find(|lang| lang.key() == key));
    };
    let themed = move |ev| choice.theme.set(Theme::from_key(&event_target_value(&ev)));
    let auto = move || room.words().as_visitor;
    let words = move |key: &str| room.page.words().theme_of(key);
    view! {
        <h3>{move || room.words().opens}</h3>
        <div class="opens">
            <label for="share-lang"><code>"lang"</code></label>
            <select id="share-lang" on:change=chosen>
                <option value="" selected=live(move || choice.lang.get().is_none())>{auto}</option>
                {Lang::ALL.map(|lang| view! { <option value=lang.key() selected=live(move || choice.lang.get() == Some(lang))>{lang.pick("English", "简体中文")}</option> })}
            </select>
            <label for="share-theme"><code>"theme"</code></label>
            <select id="share-theme" on:change=themed>
                <option value="" selected=live(move || choice.theme.get().is_none())>{auto}</option>
                {Theme::KEYS.map(|key| view! { <option value=key selected=live(move || choice.theme.get().map(Theme::key) == Some(key))>{live(move || words(key))}</option> })}
            </select>
        </div>
    }
    .into_any()
}

/// The code to scan.
fn scan(room: Room, choice: Choice) -> AnyView {
    let code = Memo::new(move |_| Code::of(&choice.address(room)));
    let svg = move || code.with(|c| c.as_ref().map(Code::svg)).unwrap_or_default();
    let picture =
        move || format!("data:image/svg+xml;charset=utf-8,{}", js_sys::encode_uri_component(&svg()));
    let name = move |ending: &str| crate::app::classroom::save::name(room, "qr", ending);
    let save_svg = move |_| figure::save(&name("svg"), &picture());
    let save_png = move |_| {
        if let Some(url) = code.with_untracked(|c| c.as_ref().and_then(code_png)) {
            figure::save(&name("png"), &url);
        }
    };
    let told = move || {
        let bytes = choice.address(room).len();
        code.with(|c| {
            c.as_ref().map_or_else(
                || room.words().scan_long.to_string(),
                |c| {
                    let parts = [("bytes", bytes), ("version", c.version), ("side", c.side)];
                    fill(room.words().scan_say, &parts.map(|(name, n)| (name, n.to_string())))
                },
            )
        })
    };
    let there = Memo::new(move |_| code.with(Option::is_some));
    view! {
        <h3>{move || room.words().scan}</h3>
        <div class="scan">
            {part(move || there.get().then(|| view! { <img class="qr" src=picture alt=move || room.words().qr_alt width="200" height="200"/> }).into_any())}
            <div>
                <p class="say">{told}</p>
                {part(move || there.get().then(|| view! {
                    <div class="row">
                        <button type="button" on:click=save_png>"PNG"</button>
                        <button type="button" on:click=save_svg>"SVG"</button>
                        <button type="button" on:click=move |_| super::save::print(room, &choice.address(room))>{move || room.words().print}</button>
                    </div>
                }).into_any())}
            </div>
        </div>
    }
    .into_any()
}

/// A code as a picture of eight pixels a module.
fn code_png(code: &Code) -> Option<String> {
    use wasm_bindgen::JsCast;
    const MODULE: f64 = 8.0;
    let canvas = document().create_element("canvas").ok()?.dyn_into::<web_sys::HtmlCanvasElement>().ok()?;
    let side = code.whole() as f64 * MODULE;
    canvas.set_width(side as u32);
    canvas.set_height(side as u32);
    let context = canvas.get_context("2d").ok()??.dyn_into::<web_sys::CanvasRenderingContext2d>().ok()?;
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, side, side);
    context.set_fill_style_str("#000");
    for (x, y) in (0..code.side).flat_map(|y| (0..code.side).map(move |x| (x, y))) {
        if code.dark(x, y) {
            let at = |n: usize| (n + crate::stage::qr::QUIET) as f64 * MODULE;
            context.fill_rect(at(x), at(y), MODULE, MODULE);
        }
    }
    canvas.to_data_url().ok()
}

/// A text with a button that copies it.
fn copied(
    room: Room,
    label: Box<dyn Fn() -> &'static str + Send>,
    text: Box<dyn Fn() -> String + Send + Sync>,
    id: &'static str,
) -> AnyView {
    let text = StoredValue::new(text);
    let read = move || text.try_with_value(|text| text()).unwrap_or_default();
    view! {
        <h3 id=id>{label}</h3>
        <div class="copied">
            <code tabindex="0" role="textbox" aria-readonly="true" aria-labelledby=id>{read}</code>
            <button type="button" aria-describedby=id on:click=move |_| shell::copy_text(room.page, untrack(read))>{live(move || room.page.words().copy)}</button>
        </div>
    }
    .into_any()
}

/// The link, the frame, and a line for the class.
fn texts(room: Room, choice: Choice) -> AnyView {
    let link = move || choice.address(room);
    let frame = move || {
        let title = room.page.lab().title(room.page.lang.get()).0;
        format!(
            "<iframe src=\"{}{}\" width=\"100%\" height=\"640\" sandbox=\"allow-scripts\" title=\"{title}\"></iframe>",
            base(),
            choice.hash(room, true).replace('&', "&amp;").replace('"', "&quot;"),
        )
    };
    let own = move || {
        let page = room.page;
        page.data.with(|d| !d.is_empty()) && link().contains("=own")
    };
    let both = move |_| {
        let line = choice.line.get_untracked();
        shell::copy_text(room.page, format!("{}\n{}", line.trim(), untrack(link)));
    };
    view! {
        {copied(room, Box::new(move || room.words().link), Box::new(link), "share-link")}
        {part(move || own().then(|| view! { <p class="note warns">{room.words().own_stays}</p> }).into_any())}
        {copied(room, Box::new(move || room.words().frame), Box::new(frame), "share-frame")}
        <h3><label for="share-line">{move || room.words().line}</label></h3>
        <textarea id="share-line" rows="2" placeholder=move || room.words().line_hint prop:value=live(move || choice.line.get())
            on:input=move |ev| choice.line.set(event_target_value(&ev))></textarea>
        <div class="row"><button type="button" on:click=both>{move || room.words().line_copy}</button></div>
    }
    .into_any()
}

/// What it comes to, and where to go from here.
fn foot(room: Room, choice: Choice) -> AnyView {
    let sum = move || {
        let counts = [("free", Right::Show), ("locked", Right::Lock), ("hidden", Right::Hide)];
        fill(room.words().sum, &counts.map(|(name, right)| (name, choice.count(right).to_string())))
    };
    let add = move |_| {
        let n = lesson::add(room, untrack(move || choice.hash(room, false)), choice.line.get_untracked());
        room.page.say(fill(untrack(move || room.words()).added, &[("n", n.to_string())]), false);
        room.dialog.set(Some(Wish::Lesson));
    };
    let learner = move || choice.address(room);
    let present = move |_| {
        room.dialog.set(None);
        room.presenting.set(true);
    };
    view! {
        <div class="sheet-foot">
            <p class="say">{sum}</p>
            <button type="button" on:click=add>{move || room.words().to_lesson}</button>
            <a class="button" href=learner target="_blank" rel="noopener">{move || room.words().as_learner}</a>
            <button type="button" class="primary" on:click=present>"▶ "{move || room.words().present}</button>
        </div>
    }
    .into_any()
}
