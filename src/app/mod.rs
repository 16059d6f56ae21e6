//! The page: the only room that knows Leptos and the browser.

mod api;
pub mod canvas;
mod embed;
mod figure;
mod insight;
mod keys;
mod panic;
mod photo;
mod predict;
mod shell;
mod state;
mod store;
mod text;
mod widgets;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Puts the page into `#app`, in place of the frame that stood there while the program was loading.
pub fn start() {
    panic::install();
    let document = document();
    let Some(root) =
        document.get_element_by_id("app").and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok())
    else {
        return;
    };
    root.set_inner_html("");
    leptos::mount::mount_to(root, || {
        let page = state::Page::new();
        api::install(page);
        view! { <shell::Shell page=page/> }
    })
    .forget();
}
