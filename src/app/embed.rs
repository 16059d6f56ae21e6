//! Life inside another page: the page API by messages, and the height the frame needs.

use super::api;
use super::state::Page;
use js_sys::{Array, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// Answers `{receptive: method, args, id}` with `{receptive: "result", id, value | error}`, and posts the page's
/// height when it is embedded.
pub fn listen(page: Page) {
    let listener = window_event_listener(leptos::ev::message, move |ev| {
        let data = ev.data();
        // What reveal.js says to a frame whose slide goes. It says `slide:start` too, but nothing here starts by itself.
        if data.as_string().as_deref() == Some("slide:stop") {
            if let Some(play) = page.toggle_play.get_value() {
                play.try_run(false);
            }
            return;
        }
        let Some(method) = Reflect::get(&data, &"receptive".into()).ok().and_then(|m| m.as_string()) else {
            return;
        };
        if method == "result" || method == "height" {
            return;
        }
        let id = Reflect::get(&data, &"id".into()).unwrap_or(JsValue::UNDEFINED);
        let args = Reflect::get(&data, &"args".into())
            .ok()
            .filter(Array::is_array)
            .map(|a| Array::from(&a))
            .unwrap_or_default();
        let source = ev.source();
        wasm_bindgen_futures::spawn_local(async move {
            let answer = Object::new();
            let put =
                |key: &str, value: &JsValue| Reflect::set(&answer, &key.into(), value).unwrap_or_default();
            put("receptive", &"result".into());
            put("id", &id);
            match api::call(page, &method, &args).await {
                Ok(value) => put("value", &value),
                Err(sentence) => put("error", &sentence.into()),
            };
            post(source.as_ref(), &answer);
        });
    });
    on_cleanup(move || listener.remove());
    post_height(page);
}

/// Posts to a window, whoever it belongs to: the answer holds nothing that is not on the screen.
fn post(target: Option<&Object>, message: &Object) {
    let Some(target) = target else { return };
    let function =
        Reflect::get(target, &"postMessage".into()).ok().and_then(|f| f.dyn_into::<js_sys::Function>().ok());
    if let Some(function) = function {
        let _ = function.call2(target, message, &"*".into());
    }
}

fn post_height(page: Page) {
    Effect::new(move |_| {
        if !page.shell.with(|s| s.embed) {
            return;
        }
        let callback = Closure::<dyn FnMut()>::new(move || {
            let height = document().document_element().map_or(0, |e| e.scroll_height());
            let message = Object::new();
            let _ = Reflect::set(&message, &"receptive".into(), &"height".into());
            let _ = Reflect::set(&message, &"height".into(), &height.into());
            let parent = window().parent().ok().flatten();
            post(parent.as_ref().map(|p| p.unchecked_ref()), &message);
        });
        let observed = document().get_element_by_id("app");
        if let (Ok(observer), Some(app)) =
            (web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()), observed)
        {
            observer.observe(&app);
            let kept = StoredValue::new_local((observer, callback));
            on_cleanup(move || {
                kept.try_with_value(|(observer, _)| observer.disconnect());
            });
        }
    });
}
