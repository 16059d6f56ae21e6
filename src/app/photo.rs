//! Pictures of the learner's own: by file, by drop, by paste, by camera. They never leave the machine.

use super::canvas;
use super::state::Page;
use super::store;
use super::text::Words;
use crate::labs::LABS;
use crate::stage::link;
use crate::stage::picture::{MOST_PIXELS, fitted, gray};
use crate::stage::text::{fill, number};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

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
    view! { <Show when=move || dragging.get()><div class="veil"><p>{move || page.words().drop_here}</p></div></Show> }
}

/// After a reload a link with `input=own` finds the picture again, where the browser kept it.
pub fn restore(page: Page) {
    let Some(name) = page.lab_untracked().picture() else { return };
    let wanted = page.setup.get_untracked();
    let own = page.lab_untracked().check(&wanted.values, &Default::default()).is_err();
    if !own {
        return;
    }
    spawn_local(async move {
        if let Some(tensor) = store::kept(name).await {
            page.data.update(|d| {
                d.insert(name.into(), tensor);
            });
            // The sizes of the link were read without the picture.
            let hash = window().location().hash().unwrap_or_default();
            let read = page.data.with_untracked(|d| link::read(&hash, LABS, d));
            if page.setup.get_untracked() == wanted {
                page.setup.set(read.setup);
            }
        }
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
        <Show when=move || page.lab().picture().is_some()>
            <div class="sources">
                <div class="seg-buttons">
                    {move || page.lab().beginnings(page.lang.get()).iter().map(|(label, query)| view! {
                        <button type="button" on:click=move |_| begin(query)>{*label}</button>
                    }).collect_view()}
                </div>
                <div class="seg-buttons">
                    <button type="button" on:click=pick>{move || page.words().open_picture}</button>
                    <Camera page=page/>
                </div>
                <input type="file" accept="image/*" class="sr-only" tabindex="-1" node_ref=field
                    aria-label=move || page.words().open_picture on:change=picked/>
                <p class="hint-line" title=move || page.words().grey_note>{move || page.words().drop_hint}</p>
            </div>
        </Show>
    }
}

fn open_file(page: Page, file: web_sys::File) {
    spawn_local(async move {
        let words = Words::of(page.lang.get_untracked());
        let Some(name) = page.lab_untracked().picture() else { return };
        match read_picture(&file).await {
            Ok(tensor) => {
                if let Err(refusal) = page.load(name, tensor) {
                    page.report(&[refusal]);
                }
            }
            Err(Unreadable::Format) => page.say(
                fill(words.not_a_picture, &[("name", crate::stage::value::shorten(&file.name()))]),
                true,
            ),
            Err(Unreadable::Size(pixels)) => page.say(
                fill(
                    words.picture_too_large,
                    &[("mp", number(pixels / 1e6, 0)), ("max", number(MOST_PIXELS / 1e6, 0))],
                ),
                true,
            ),
        }
    });
}

enum Unreadable {
    Format,
    Size(f64),
}

/// Reads a picture. Its size is known before it is decoded, so that a huge one is refused in time.
async fn read_picture(file: &web_sys::File) -> Result<crate::stage::lab::Shared, Unreadable> {
    let url = web_sys::Url::create_object_url_with_blob(file).map_err(|_| Unreadable::Format)?;
    let result = decode(&url).await;
    let _ = web_sys::Url::revoke_object_url(&url);
    result
}

async fn decode(url: &str) -> Result<crate::stage::lab::Shared, Unreadable> {
    let image = web_sys::HtmlImageElement::new().map_err(|_| Unreadable::Format)?;
    let loaded = js_sys::Promise::new(&mut |resolve, reject| {
        image.set_onload(Some(&resolve));
        image.set_onerror(Some(&reject));
    });
    image.set_src(url);
    JsFuture::from(loaded).await.map_err(|_| Unreadable::Format)?;
    let (w, h) = (image.natural_width() as f64, image.natural_height() as f64);
    if w < 1.0 || h < 1.0 {
        return Err(Unreadable::Format);
    }
    if w * h > MOST_PIXELS {
        return Err(Unreadable::Size(w * h));
    }
    let (width, height) = fitted(w, h);
    let bytes = canvas::pixels(width, height, |c| {
        c.set_image_smoothing_enabled(true);
        let _ = js_sys::Reflect::set(c, &"imageSmoothingQuality".into(), &"high".into());
        c.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width as f64, height as f64)
    });
    bytes.and_then(|b| gray(&b, width, height)).ok_or(Unreadable::Format)
}

/// Width and height of a camera frame in the lab.
const FRAME: (usize, usize) = (256, 192);

/// The camera: asked for on click, stopped on leave.
#[component]
fn Camera(page: Page) -> impl IntoView {
    let running = RwSignal::new(false);
    let stream = StoredValue::new_local(None::<web_sys::MediaStream>);
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
            let words = Words::of(page.lang.get_untracked());
            match open_camera().await {
                Ok((opened, video)) => {
                    stream.set_value(Some(opened));
                    running.set(true);
                    page.remember("");
                    roll(page, running, video);
                }
                Err(error) => {
                    let name = js_sys::Reflect::get(&error, &"name".into())
                        .ok()
                        .and_then(|n| n.as_string())
                        .unwrap_or_default();
                    let denied = name == "NotAllowedError" || name == "SecurityError";
                    page.say((if denied { words.camera_denied } else { words.camera_missing }).into(), true);
                }
            }
        });
    };
    view! {
        <button type="button" aria-pressed=move || running.get().to_string()
            on:click=move |_| if running.get_untracked() { stop() } else { start() }>
            {move || if running.get() { page.words().camera_stop } else { page.words().camera }}
        </button>
    }
}

async fn open_camera() -> Result<(web_sys::MediaStream, web_sys::HtmlVideoElement), JsValue> {
    let wants = web_sys::MediaStreamConstraints::new();
    wants.set_video(&JsValue::TRUE);
    let promise = window().navigator().media_devices()?.get_user_media_with_constraints(&wants)?;
    let stream: web_sys::MediaStream = JsFuture::from(promise).await?.dyn_into()?;
    let video: web_sys::HtmlVideoElement = document().create_element("video")?.dyn_into()?;
    video.set_muted(true);
    video.set_src_object(Some(&stream));
    JsFuture::from(video.play()?).await?;
    Ok((stream, video))
}

/// Frame after frame into the lab, as long as the camera runs.
fn roll(page: Page, running: RwSignal<bool>, video: web_sys::HtmlVideoElement) {
    let frame = move |video: &web_sys::HtmlVideoElement| {
        let name = page.lab_untracked().picture()?;
        let (w, h) = FRAME;
        let bytes = canvas::pixels(w, h, |c| {
            // Mirrored, as people know themselves.
            c.translate(w as f64, 0.0)?;
            c.scale(-1.0, 1.0)?;
            c.draw_image_with_html_video_element_and_dw_and_dh(video, 0.0, 0.0, w as f64, h as f64)
        })?;
        let tensor = gray(&bytes, w, h)?;
        let lab = page.lab_untracked();
        let mut data = page.data.get_untracked();
        let values =
            lab.load(name, tensor, &page.setup.with_untracked(|s| s.values.clone()), &mut data).ok()?;
        page.data.set(data);
        if page.setup.with_untracked(|s| s.values != values) {
            page.setup.update(|s| s.values = values);
        }
        Some(())
    };
    let next = std::rc::Rc::new(std::cell::RefCell::new(None::<Closure<dyn FnMut()>>));
    let again = next.clone();
    *next.borrow_mut() = Some(Closure::new(move || {
        if !running.try_get_untracked().unwrap_or(false) {
            // The last frame stays; this closure is let go.
            again.borrow_mut().take();
            return;
        }
        let _ = frame(&video);
        if let Some(closure) = again.borrow().as_ref() {
            let _ = window().request_animation_frame(closure.as_ref().unchecked_ref());
        }
    }));
    if let Some(closure) = next.borrow().as_ref() {
        let _ = window().request_animation_frame(closure.as_ref().unchecked_ref());
    }
}
