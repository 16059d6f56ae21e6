//! Reading a picture file, and the camera's frames: what is loaded when the learner first brings a picture.

use super::canvas;
use super::state::Page;
use super::text::Words;
use crate::stage::lab::Shared;
use crate::stage::picture::{MOST_PIXELS, colour, fitted, gray};
use crate::stage::text::{fill, number};
use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Reads a picture file and loads it, or says why not.
pub async fn open_file(page: Page, file: web_sys::File) {
    let words = Words::of(page.lang.get_untracked());
    let Some(name) = page.lab_untracked().picture() else { return };
    match read_picture(&file, tensor_of(page)).await {
        Ok(tensor) => {
            if let Err(refusal) = page.load(name, tensor) {
                page.report(&[refusal]);
            }
        }
        Err(Unreadable::Format) => {
            page.say(fill(words.not_a_picture, &[("name", crate::stage::value::shorten(&file.name()))]), true)
        }
        Err(Unreadable::Size(pixels)) => page.say(
            fill(
                words.picture_too_large,
                &[("mp", number(pixels / 1e6, 0)), ("max", number(MOST_PIXELS / 1e6, 0))],
            ),
            true,
        ),
    }
}

/// Bytes, width and height to a tensor.
type Reading = fn(&[u8], usize, usize) -> Option<Shared>;

/// How the lab takes a picture.
fn tensor_of(page: Page) -> Reading {
    if page.lab_untracked().in_colour() { colour } else { gray }
}

enum Unreadable {
    Format,
    Size(f64),
}

/// Reads a picture. Its size is known before it is decoded, so that a huge one is refused in time.
async fn read_picture(file: &web_sys::File, reading: Reading) -> Result<Shared, Unreadable> {
    let url = web_sys::Url::create_object_url_with_blob(file).map_err(|_| Unreadable::Format)?;
    let result = decode(&url, reading).await;
    let _ = web_sys::Url::revoke_object_url(&url);
    result
}

async fn decode(url: &str, reading: Reading) -> Result<Shared, Unreadable> {
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
    bytes.and_then(|b| reading(&b, width, height)).ok_or(Unreadable::Format)
}

/// Width and height of a camera frame in the lab.
const FRAME: (usize, usize) = (256, 192);

/// A camera that may run.
#[derive(Clone, Copy)]
pub struct Camera {
    /// Whether it does.
    pub running: RwSignal<bool>,
    /// What it sends.
    pub stream: StoredValue<Option<web_sys::MediaStream>, LocalStorage>,
}

/// Asks for the camera and shows its frames until it is stopped, or says why not.
pub async fn start(page: Page, camera: Camera) {
    let words = Words::of(page.lang.get_untracked());
    match open_camera().await {
        Ok((opened, video)) => {
            camera.stream.set_value(Some(opened));
            camera.running.set(true);
            page.remember("");
            roll(page, camera.running, video);
        }
        Err(error) => {
            let name = js_sys::Reflect::get(&error, &"name".into()).ok();
            let name = name.and_then(|n| n.as_string()).unwrap_or_default();
            let denied = name == "NotAllowedError" || name == "SecurityError";
            page.say((if denied { words.camera_denied } else { words.camera_missing }).into(), true);
        }
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
        let tensor = tensor_of(page)(&bytes, w, h)?;
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
