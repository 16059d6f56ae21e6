//! Somebody who presses, drags and types at random, the same way for the same seed: to find what breaks.

use crate::core::tensor::Random;
use leptos::prelude::*;
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue};

/// Milliseconds between two acts.
const PACE: u64 = 20;

/// What may be played with: nothing that leaves the page, saves a file, prints or asks for a permission.
const TOYS: &str = "#app button, #app select, #app input:not([type=file]), #app textarea, #app summary, #app canvas, \
    #app a[href^=\"#/\"]";
const LEFT: &str = "#save .row, #share .scan, #share .sheet-foot, #lesson .row, .present-bar, .questions-page .row, [data-outside]";

const KEYS: [&str; 14] = [
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "t",
    "Enter",
    "Escape",
    "F2",
    " ",
    ",",
    ".",
    "7",
    "PageDown",
    "Tab",
];
const TEXTS: [&str; 10] =
    ["", "0", "-1", "7", "1e9", "NaN", "c3,m2s2", "the cat", "猫坐在垫子上", "<b>\u{202e}&=%;"];

thread_local! {
    static BEGUN: Cell<bool> = const { Cell::new(false) };
}

/// Begins, once a visit. How many acts there were stands in `data-fuzz` of the root element.
pub fn begin(seed: u64) {
    if BEGUN.replace(true) {
        return;
    }
    let random = StoredValue::new_local(Random::new(seed));
    let count = Cell::new(0u32);
    let act = move || {
        random.update_value(act);
        count.set(count.get() + 1);
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-fuzz", &count.get().to_string());
        }
    };
    let _ = set_interval_with_handle(act, std::time::Duration::from_millis(PACE));
}

fn act(random: &mut Random) {
    let document = document();
    let Ok(toys) = document.query_selector_all(TOYS) else { return };
    if toys.length() == 0 {
        return;
    }
    let toy = toys.item(random.below(toys.length() as usize) as u32);
    let Some(toy) = toy.and_then(|toy| toy.dyn_into::<web_sys::HtmlElement>().ok()) else { return };
    let seen = toy.client_width() > 0 && toy.closest(LEFT).ok().flatten().is_none();
    if !seen || toy.has_attribute("disabled") {
        return;
    }
    match toy.tag_name().as_str() {
        "INPUT" | "TEXTAREA" => write(random, &toy),
        "SELECT" => {
            if let Some(select) = toy.dyn_ref::<web_sys::HtmlSelectElement>() {
                let count = select.length().max(1);
                select.set_selected_index(random.below(count as usize) as i32);
                tell(select, "change");
            }
        }
        "CANVAS" => point(random, &toy),
        _ if random.below(4) == 0 => press(random, &toy),
        _ => toy.click(),
    }
}

fn tell(to: &web_sys::EventTarget, name: &str) {
    let init = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&init, &"bubbles".into(), &JsValue::TRUE);
    if let Ok(event) = web_sys::Event::new_with_event_init_dict(name, init.unchecked_ref()) {
        let _ = to.dispatch_event(&event);
    }
}

fn write(random: &mut Random, toy: &web_sys::HtmlElement) {
    let text = TEXTS[random.below(TEXTS.len())].to_string();
    if let Some(input) = toy.dyn_ref::<web_sys::HtmlInputElement>() {
        match input.type_().as_str() {
            "radio" | "checkbox" => return input.click(),
            "range" => {
                let bound = |name| input.get_attribute(name).and_then(|v| v.parse::<f32>().ok());
                let (low, high) = (bound("min").unwrap_or(0.0), bound("max").unwrap_or(1.0));
                input.set_value(&random.range(low, high.max(low + 1e-3)).to_string());
            }
            _ => input.set_value(&text),
        }
    } else if let Some(area) = toy.dyn_ref::<web_sys::HtmlElement>() {
        let _ = js_sys::Reflect::set(area, &"value".into(), &text.into());
    }
    tell(toy, "input");
    tell(toy, "change");
}

fn point(random: &mut Random, toy: &web_sys::HtmlElement) {
    let place = toy.get_bounding_client_rect();
    let at = |from: f64, size: f64, r: f32| from + size * f64::from(r);
    let init = js_sys::Object::new();
    let put =
        |key: &str, value: &JsValue| js_sys::Reflect::set(&init, &key.into(), value).unwrap_or_default();
    put("bubbles", &JsValue::TRUE);
    put("clientX", &at(place.left(), place.width(), random.uniform()).into());
    put("clientY", &at(place.top(), place.height(), random.uniform()).into());
    put("pointerType", &"mouse".into());
    for name in ["pointermove", "click", "dblclick"].into_iter().take(1 + random.below(3)) {
        if let Ok(event) = web_sys::PointerEvent::new_with_event_init_dict(name, init.unchecked_ref()) {
            let _ = toy.dispatch_event(&event);
        }
    }
}

fn press(random: &mut Random, toy: &web_sys::HtmlElement) {
    let init = js_sys::Object::new();
    let put =
        |key: &str, value: &JsValue| js_sys::Reflect::set(&init, &key.into(), value).unwrap_or_default();
    put("bubbles", &JsValue::TRUE);
    put("key", &KEYS[random.below(KEYS.len())].into());
    let target: web_sys::EventTarget = match random.below(2) {
        0 => document()
            .query_selector(".figure-view")
            .ok()
            .flatten()
            .map_or_else(|| toy.clone().into(), Into::into),
        _ => toy.clone().into(),
    };
    if let Ok(event) =
        web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", init.unchecked_ref())
    {
        let _ = target.dispatch_event(&event);
    }
}
