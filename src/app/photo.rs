//! Pictures of the learner's own: by file, by drop, by paste, by camera. They never leave the machine.

use super::live::{live, part, shown};
use super::photo_source::Camera;
use super::state::Page;
use super::{parts, rooms, store};
use crate::stage::link;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

/// Shown while a picture hangs over the page.
#[derive(Clone, Copy)]
struct Dragging(RwSignal<bool>);

/// Takes pictures dropped or pasted anywhere on the page.
pub fn listen(page: Page) {
    let dragging = RwSignal::new(false);
    provide_context(Dragging(dragging));
    let carries_file =
        |ev: &web_sys::DragEvent| ev.data_transfer().is_some_and(|d| d.types().includes(&"Files".into(), 0));
    let over = window_event_listener(leptos::ev::dragover, move |ev| {
        if carries_file(&ev) {
            ev.prevent_default();
            dragging.set(true);
        }
    });
    let leave = window_event_listener(leptos::ev::dragleave, move |ev| {
        if ev.related_target().is_none() {
            dragging.set(false);
        }
    });
    let drop = window_event_listener(leptos::ev::drop, move |ev| {
        dragging.set(false);
        let file = ev.data_transfer().and_then(|d| d.files()).and_then(|f| f.get(0));
        if let Some(file) = file {
            ev.prevent_default();
            open_file(page, file);
        }
    });
    let paste = window_event_listener(leptos::ev::paste, move |ev| {
        let items = ev.clipboard_data().map(|d| d.items());
        let file = items.and_then(|items| {
            (0..items.length()).find_map(|i| items.get(i).and_then(|item| item.get_as_file().ok().flatten()))
        });
        if let Some(file) = file {
            ev.prevent_default();
            open_file(page, file);
        }
    });
    on_cleanup(move || {
        over.remove();
        leave.remove();
        drop.remove();
        paste.remove();
    });
}

/// The veil that says where a picture goes.
#[component]
pub fn DropVeil(page: Page) -> impl IntoView {
    let dragging = use_context::<Dragging>().map_or_else(|| RwSignal::new(false), |d| d.0);
    view! { {shown(move || dragging.get(), move || view! { <div class="veil"><p>{live(move || page.words().drop_here)}</p></div> }.into_any())} }
}

/// After a reload a link with `input=own` finds the picture again, where the browser kept it.
pub fn restore(page: Page) {
    let Some(name) = page.lab_untracked().picture() else { return };
    let wanted = page.setup.get_untracked();
    let own = page.lab_untracked().check(&wanted.values, &Default::default()).is_err();
    if !own {
        return;
    }
    page.awaited.update_value(|n| *n += 1);
    spawn_local(async move {
        if let Some(tensor) = store::kept(name).await {
            page.data.update(|d| {
                d.insert(name.into(), tensor);
            });
            // The sizes of the link were read without the picture.
            let hash = window().location().hash().unwrap_or_default();
            let read = page.data.with_untracked(|d| rooms::read(&hash, d));
            if page.setup.get_untracked() == wanted {
                page.setup.set(read.setup);
            }
        }
        page.awaited.update_value(|n| *n -= 1);
    });
}

/// Buttons that bring a picture in.
#[component]
pub fn Sources(page: Page) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let pick = move |_| {
        if let Some(field) = field.get_untracked() {
            field.click();
        }
    };
    let picked = move |_| {
        if let Some(field) = field.get_untracked() {
            if let Some(file) = field.files().and_then(|f| f.get(0)) {
                open_file(page, file);
            }
            field.set_value("");
        }
    };
    let begin = move |query: &'static str| {
        let (_, pairs) = link::split(&format!("#/?{query}"));
        let lab = page.lab.get_untracked();
        if let Err(refusal) = page.open(lab, &pairs, true) {
            page.report(&[refusal]);
        }
    };
    view! {
        {shown(move || page.lab().picture().is_some(), move || view! { <div class="sources">
                <div class="seg-buttons">
                    {part(move || page.lab().beginnings(page.lang.get()).iter().map(|(label, query)| view! {
                        <button type="button" on:click=move |_| begin(query)>{*label}</button>
                    }).collect_view().into_any())}
                </div>
                <div class="seg-buttons">
                    <button type="button" on:click=pick>{live(move || page.words().open_picture)}</button>
                    <CameraButton page=page/>
                </div>
                <input type="file" accept="image/*" class="sr-only" tabindex="-1" node_ref=field
                    aria-label=live(move || page.words().open_picture) on:change=picked/>
                <p class="hint-line" title=live(move || if page.lab().in_colour() { page.words().colour_note } else { page.words().grey_note })>{live(move || page.words().drop_hint)}</p>
            </div> }.into_any())}
    }
}

fn open_file(page: Page, file: web_sys::File) {
    spawn_local(async move {
        if let Some(work) = parts::report(page, parts::open_file(page, file).await) {
            work.await;
        }
    });
}

/// The camera: asked for on click, stopped on leave.
#[component]
fn CameraButton(page: Page) -> impl IntoView {
    let camera = Camera { running: RwSignal::new(false), stream: StoredValue::new_local(None) };
    let Camera { running, stream } = camera;
    let stop = move || {
        stream.update_value(|s| {
            if let Some(stream) = s.take() {
                for track in stream.get_tracks().iter() {
                    if let Ok(track) = track.dyn_into::<web_sys::MediaStreamTrack>() {
                        track.stop();
                    }
                }
            }
        });
        running.set(false);
    };
    on_cleanup(stop);
    let hidden = window_event_listener(leptos::ev::visibilitychange, move |_| {
        if document().hidden() {
            stop();
        }
    });
    on_cleanup(move || hidden.remove());
    Effect::new(move |before: Option<usize>| {
        let lab = page.lab.get();
        if before.is_some_and(|b| b != lab) {
            stop();
        }
        lab
    });
    let start = move || {
        spawn_local(async move {
            if let Some(work) = parts::report(page, parts::camera(page, camera).await) {
                work.await;
            }
        });
    };
    view! {
        <button type="button" aria-pressed=live(move || running.get().to_string())
            on:click=move |_| if running.get_untracked() { stop() } else { start() }>
            {live(move || if running.get() { page.words().camera_stop } else { page.words().camera })}
        </button>
    }
}
