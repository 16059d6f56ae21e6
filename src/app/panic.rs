//! When the program fails: a panel with the learner's link and a way on, drawn without the program.

use leptos::prelude::*;
use std::panic::PanicHookInfo;
use wasm_bindgen::JsCast;

/// Shows the panel on a panic. The program's instance is not called again: `#app` is made inert, and the panel's
/// button belongs to the boot script.
pub fn install() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo| {
        let message = info.to_string();
        web_sys::console::error_1(&message.clone().into());
        let document = document();
        if let Some(app) = document.get_element_by_id("app") {
            let _ = app.set_attribute("inert", "");
        }
        if let Some(detail) = document.get_element_by_id("panic-detail") {
            detail.set_text_content(Some(&message));
        }
        if let Some(link) = document.get_element_by_id("panic-link") {
            let href = link.dyn_ref::<web_sys::HtmlAnchorElement>().map(|a| a.href()).unwrap_or_default();
            link.set_text_content(Some(&href));
        }
        if let Some(panel) = document.get_element_by_id("panic") {
            let _ = panel.remove_attribute("hidden");
            if let Some(panel) = panel.dyn_ref::<web_sys::HtmlElement>() {
                let _ = panel.focus();
            }
        }
    }));
}

/// Keeps the link of the present state where the panel will find it: the address may be a moment behind.
pub fn keep_link(link: &str) {
    if let Some(place) = document().get_element_by_id("panic-link") {
        let _ = place.set_attribute("href", link);
    }
}
