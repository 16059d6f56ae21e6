//! The page: the only room that knows Leptos and the browser.

mod api;
mod background;
pub mod canvas;
mod classroom;
mod compare;
mod embed;
mod figure;
mod insight;
mod keys;
mod live;
mod panic;
mod parcel;
mod parts;
mod photo;
mod photo_source;
mod predict;
mod questions;
mod rooms;
mod shell;
mod state;
mod store;
mod tables;
mod text;
mod widgets;
mod work;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Starts the page, or, where there is none, its worker.
pub fn start() {
    match js_sys::global().dyn_into::<web_sys::DedicatedWorkerGlobalScope>() {
        Ok(scope) => wasm_bindgen_futures::spawn_local(async move {
            // Without an answer the page finds another way.
            let _ = parts::serve(scope, rooms::BRING_PROGRAM).await;
        }),
        Err(_) => show(),
    }
}

/// Where the page's own files are, as an address.
fn document_base() -> Result<String, wasm_bindgen::JsValue> {
    let href = window().location().href()?;
    let plain = href.split(['#', '?']).next().unwrap_or_default();
    Ok(plain[..=plain.rfind('/').unwrap_or(0)].to_string())
}

/// Puts the page into `#app`, in place of the frame that stood there while the program was loading.
fn show() {
    panic::install();
    parts::hand_over();
    let document = document();
    let Some(root) =
        document.get_element_by_id("app").and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok())
    else {
        return;
    };
    wasm_bindgen_futures::spawn_local(async move {
        let hash = window().location().hash().unwrap_or_default();
        let (lang, lab) = (state::first_language(), rooms::of(&hash));
        // Where they can't be had, the frame's own words say so (www/boot.js).
        let (Ok(()), Ok(first)) = (parts::language(lang).await, rooms::bring(lab, lang).await) else {
            return;
        };
        root.set_inner_html("");
        leptos::mount::mount_to(root, move || {
            let page = state::Page::new(lang, lab, first);
            api::install(page);
            view! { <shell::Shell page=page/> }
        })
        .forget();
    });
}
