//! Lessons: made on the page, kept on the device, in a link or in a file, and played with next and back.

use super::sheet::Sheet;
use super::{Room, Wish, save, share};
use crate::app::live::{live, part};
use crate::app::{shell, store};
use crate::stage::lesson::{Fault, Lesson, MOST_STEPS, Step};
use crate::stage::link;
use crate::stage::text::{Sentence, fill};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Where the device keeps the lesson that is being made.
const KEY: &str = "lesson";

/// The lesson that was being made on this device.
pub fn kept() -> Lesson {
    store::text(KEY).and_then(|text| Lesson::read(&text).ok()).unwrap_or_default()
}

fn change(room: Room, change: impl FnOnce(&mut Lesson)) {
    room.draft.update(change);
    store::keep_text(KEY, &room.draft.with_untracked(Lesson::write));
}

/// Adds a state to the lesson that is being made; gives its number.
pub fn add(room: Room, link: String, note: String) -> usize {
    change(room, |lesson| {
        if lesson.steps.len() < MOST_STEPS {
            lesson.steps.push(Step { link, note });
        }
    });
    room.draft.with_untracked(|lesson| lesson.steps.len())
}

/// Plays a lesson from its beginning.
pub fn play(room: Room, lesson: Lesson) {
    room.dialog.set(None);
    room.walk.set(None);
    room.lesson.set(Some((lesson, 0)));
    go(room, 0);
}

/// Keeps the lesson that is played, and its step, through a reload of this tab.
pub fn keep_place(playing: Option<&(Lesson, usize)>) {
    let text = playing.map(|(lesson, at)| format!("{at}\n{}", lesson.write()));
    store::keep_tab_text(store::PLAYED, text.as_deref());
}

/// Takes the lesson up again where it was; the link already has the state.
pub fn resume(room: Room) {
    let Some(text) = store::tab_text(store::PLAYED) else { return };
    let Some((at, lesson)) = text.split_once('\n') else { return };
    if let (Ok(at), Ok(lesson), true) =
        (at.parse(), Lesson::read(lesson), room.lesson.with_untracked(Option::is_none))
        && at < lesson.steps.len()
    {
        room.lesson.set(Some((lesson, at)));
    }
}

/// Goes to a step of the lesson that is played; false when there is none.
pub fn go(room: Room, to: usize) -> bool {
    let link =
        room.lesson.with_untracked(|l| l.as_ref().and_then(|(l, _)| Some(l.steps.get(to)?.link.clone())));
    let Some(link) = link else { return false };
    room.lesson.update(|l| {
        if let Some((_, at)) = l {
            *at = to;
        }
    });
    room.page.follow(&link);
    true
}

/// Goes one step on or back.
pub fn turn(room: Room, on: bool) -> bool {
    let at = room.lesson.with_untracked(|l| l.as_ref().map(|(_, at)| *at));
    match at {
        Some(at) if on => go(room, at + 1),
        Some(at) if at > 0 => go(room, at - 1),
        _ => false,
    }
}

/// What stands above the lab while a lesson is played.
pub fn bar(room: Room) -> AnyView {
    let at = move || room.lesson.with(|l| l.as_ref().map_or((0, 0), |(l, at)| (*at, l.steps.len())));
    let note = move || {
        room.lesson.with(|l| {
            l.as_ref().and_then(|(l, at)| l.steps.get(*at)).map_or_else(String::new, |s| s.note.clone())
        })
    };
    let title = move || room.lesson.with(|l| l.as_ref().map_or_else(String::new, |(l, _)| titled(room, l)));
    let told = move || {
        let (at, all) = at();
        fill(room.words().lesson_at, &[("n", (at + 1).to_string()), ("all", all.to_string())])
    };
    let playing = Memo::new(move |_| room.lesson.with(Option::is_some));
    let edit = move |_| {
        if let Some((lesson, _)) = room.lesson.get_untracked() {
            change(room, |draft| *draft = lesson);
            room.dialog.set(Some(Wish::Lesson));
        }
    };
    let bar = move || {
        view! {
            <aside class="lesson-bar" aria-label=move || room.words().lesson>
                <div class="lesson-text">
                    <b>{title}</b>" "<small>{told}</small>
                    <p role="status">{note}</p>
                </div>
                <div class="row">
                    <button type="button" disabled=live(move || at().0 == 0) on:click=move |_| { turn(room, false); }>"◀ "{move || room.words().lesson_back}</button>
                    <button type="button" class="primary" disabled=live(move || at().0 + 1 >= at().1) on:click=move |_| { turn(room, true); }>{move || room.words().lesson_next}" ▶"</button>
                    <button type="button" class="quiet" on:click=edit>{move || room.words().lesson_edit}</button>
                    <button type="button" class="icon quiet" aria-label=move || room.words().lesson_leave on:click=move |_| room.lesson.set(None)>"✕"</button>
                </div>
            </aside>
        }
        .into_any()
    };
    part(move || if playing.get() { bar() } else { ().into_any() }).into_any()
}

fn titled(room: Room, lesson: &Lesson) -> String {
    if lesson.title.is_empty() { room.words().untitled.into() } else { lesson.title.clone() }
}

/// The dialog in which a lesson is made.
pub fn dialog(room: Room) -> AnyView {
    let body = view! {
        <p class="say">{move || room.words().lesson_say}</p>
        <label for="lesson-name">{move || room.words().lesson_title}</label>
        <input type="text" class="line" id="lesson-name" autocomplete="off" prop:value=room.draft.with_untracked(|l| l.title.clone())
            on:input=move |ev| change(room, |l| l.title = event_target_value(&ev))/>
        {steps(room)}
        {buttons(room)}
    };
    view! { <Sheet room=room name="lesson" title=Box::new(move || room.words().lesson.into()) body=body.into_any()/> }
        .into_any()
}

fn steps(room: Room) -> AnyView {
    // Notes are written in place: only what changes the list makes it anew.
    let links =
        Memo::new(move |_| room.draft.with(|l| l.steps.iter().map(|s| s.link.clone()).collect::<Vec<_>>()));
    let row = move |at: usize, link: String| {
        let n = move |words: &str| fill(words, &[("n", (at + 1).to_string())]);
        let note =
            room.draft.with_untracked(|l| l.steps.get(at).map_or_else(String::new, |s| s.note.clone()));
        let count = links.with_untracked(Vec::len);
        let swap = move |a: usize, b: usize| change(room, |l| l.steps.swap(a, b));
        let open = {
            let link = link.clone();
            move |_| {
                room.dialog.set(None);
                room.page.follow(&link);
            }
        };
        view! {
            <li class="lesson-step">
                <div class="row">
                    <b>{at + 1}</b><code>{link}</code><span class="grow"></span>
                    <button type="button" class="quiet" on:click=open>{move || room.words().step_open}</button>
                    <button type="button" class="icon quiet" disabled=at == 0 aria-label=move || n(room.words().step_up) on:click=move |_| swap(at, at - 1)>"↑"</button>
                    <button type="button" class="icon quiet" disabled=at + 1 == count aria-label=move || n(room.words().step_down) on:click=move |_| swap(at, at + 1)>"↓"</button>
                    <button type="button" class="icon quiet" aria-label=move || n(room.words().step_remove) on:click=move |_| change(room, |l| { l.steps.remove(at); })>"✕"</button>
                </div>
                <textarea rows="2" aria-label=move || n(room.words().note) prop:value=note
                    on:input=move |ev| change(room, |l| if let Some(step) = l.steps.get_mut(at) { step.note = event_target_value(&ev) })></textarea>
            </li>
        }
    };
    part(move || {
        let list = links.get();
        if list.is_empty() {
            return view! { <p class="say">{room.words().lesson_empty}</p> }.into_any();
        }
        let rows = list.into_iter().enumerate().map(|(at, link)| row(at, link));
        view! { <ol class="lesson-steps">{rows.collect_view()}</ol> }.into_any()
    })
    .into_any()
}

fn buttons(room: Room) -> AnyView {
    let page = room.page;
    let here = move || {
        page.setup.with_untracked(|setup| {
            page.shell.with_untracked(|shell| {
                page.data.with_untracked(|data| link::write(page.lab_untracked(), setup, shell, data))
            })
        })
    };
    let empty = Memo::new(move |_| room.draft.with(|l| l.steps.is_empty()));
    let add_here = move |_| {
        add(room, here(), String::new());
    };
    let file = move |_| {
        let lesson = room.draft.get_untracked();
        let name = crate::stage::files::name("lesson", "", &lesson.title, "txt");
        save::save_bytes(&name, "text/plain;charset=utf-8", lesson.write().as_bytes());
    };
    let copy = move |_| shell::copy_text(page, share::base() + &room.draft.with_untracked(Lesson::link));
    view! {
        <div class="row">
            <button type="button" on:click=add_here>{move || room.words().add_state}</button>
            <label class="button">{move || room.words().lesson_open}
                <input type="file" class="sr-only" accept=".txt,text/plain" on:change=move |ev| open_file(room, &ev)/>
            </label>
            <button type="button" disabled=live(move || empty.get()) on:click=file>{move || room.words().lesson_file}</button>
            <button type="button" disabled=live(move || empty.get()) on:click=copy>{move || room.words().lesson_link}</button>
            <button type="button" class="quiet" disabled=live(move || empty.get()) on:click=move |_| change(room, |l| *l = Lesson::default())>{move || room.words().lesson_clear}</button>
            <span class="grow"></span>
            <button type="button" class="primary" disabled=live(move || empty.get()) on:click=move |_| play(room, room.draft.get_untracked())>"▶ "{move || room.words().lesson_play}</button>
        </div>
    }
    .into_any()
}

/// Reads a lesson from a file; one that can't be read leaves the present lesson as it is.
fn open_file(room: Room, ev: &web_sys::Event) {
    let input = ev.target().and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
    let Some(file) = input.as_ref().and_then(|i| i.files()).and_then(|f| f.get(0)) else { return };
    if let Some(input) = input {
        input.set_value("");
    }
    wasm_bindgen_futures::spawn_local(async move {
        let too_long = file.size() > crate::stage::lesson::LONGEST as f64;
        let text = if too_long { None } else { wasm_bindgen_futures::JsFuture::from(file.text()).await.ok() };
        let read = match text.and_then(|text| text.as_string()) {
            Some(text) => Lesson::read(&text),
            None if too_long => Err(Fault::TooLong),
            None => Err(Fault::NotALesson),
        };
        match read {
            Ok(lesson) => {
                change(room, |draft| *draft = lesson);
                // The fields are made anew.
                room.dialog.set(Some(Wish::Lesson));
            }
            Err(fault) => room.page.say(fault.say(room.page.lang.get_untracked()), true),
        }
    });
}
