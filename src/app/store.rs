//! What stays on this device: language, theme, and the learner's own data. A browser that refuses storage (a
//! sandboxed frame, a private window) is taken as an empty one.

use crate::stage::lab::{Data, Shared};
use crate::stage::text::Lang;
use crate::stage::theme::Theme;
use leptos::prelude::*;
use ndarray::{ArrayD, IxDyn};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Language chosen before, or the browser's.
pub fn lang() -> Lang {
    let kept = storage().and_then(|s| s.get_item("lang").ok().flatten());
    let browser = window().navigator().language();
    kept.as_deref()
        .and_then(Lang::from_tag)
        .or_else(|| browser.as_deref().and_then(Lang::from_tag))
        .unwrap_or_default()
}

/// Keeps the language.
pub fn keep_lang(lang: Lang) {
    if let Some(s) = storage() {
        let _ = s.set_item("lang", lang.key());
    }
}

/// Theme chosen before.
pub fn theme() -> Option<Theme> {
    storage().and_then(|s| s.get_item("theme").ok().flatten()).and_then(|key| Theme::from_key(&key))
}

/// Keeps the theme; `None` follows the system.
pub fn keep_theme(theme: Option<Theme>) {
    if let Some(s) = storage() {
        let _ = match theme {
            Some(theme) => s.set_item("theme", theme.key()),
            None => s.remove_item("theme"),
        };
    }
}

/// A text kept under a name.
pub fn text(name: &str) -> Option<String> {
    storage().and_then(|s| s.get_item(name).ok().flatten())
}

/// Keeps a text under a name.
pub fn keep_text(name: &str, text: &str) {
    if let Some(s) = storage() {
        let _ = s.set_item(name, text);
    }
}

/// A text kept in this tab alone, through a reload.
pub fn tab_text(name: &str) -> Option<String> {
    window().session_storage().ok().flatten().and_then(|s| s.get_item(name).ok().flatten())
}

/// Keeps a text in this tab alone; `None` forgets it.
pub fn keep_tab_text(name: &str, text: Option<&str>) {
    if let Some(s) = window().session_storage().ok().flatten() {
        let _ = match text {
            Some(text) => s.set_item(name, text),
            None => s.remove_item(name),
        };
    }
}

/// Whether the system asks for dark colours.
pub fn system_dark() -> bool {
    media("(prefers-color-scheme: dark)").is_some_and(|m| m.matches())
}

/// A media query.
pub fn media(query: &str) -> Option<web_sys::MediaQueryList> {
    window().match_media(query).ok().flatten()
}

/// The lesson that is played in this tab.
pub const PLAYED: &str = "lesson-played";

const CACHE: &str = "receptive-own-data";

/// Keeps the learner's tensors, so that they survive a reload.
pub fn keep_data(data: &Data) {
    let parcels: Vec<(String, Vec<u8>)> =
        data.iter().map(|(name, tensor)| (name.clone(), pack(tensor))).collect();
    wasm_bindgen_futures::spawn_local(async move {
        for (name, bytes) in parcels {
            // Storage that is full or forbidden costs the learner nothing but the reload.
            let _ = put(&name, &bytes).await;
        }
    });
}

/// The tensor kept under a name, if there is one.
pub async fn kept(name: &str) -> Option<Shared> {
    let cache = open().await.ok()?;
    let found = JsFuture::from(cache.match_with_str(&address(name))).await.ok()?;
    let response: web_sys::Response = found.dyn_into().ok()?;
    let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    unpack(&js_sys::Uint8Array::new(&buffer).to_vec())
}

fn address(name: &str) -> String {
    format!("own-data/{name}")
}

async fn open() -> Result<web_sys::Cache, JsValue> {
    let caches = window().caches()?;
    JsFuture::from(caches.open(CACHE)).await?.dyn_into()
}

async fn put(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let body = js_sys::Uint8Array::from(bytes);
    let response = web_sys::Response::new_with_opt_buffer_source(Some(&body))?;
    JsFuture::from(open().await?.put_with_str(&address(name), &response)).await?;
    Ok(())
}

/// Number of axes, axes, then the numbers, all little-endian.
fn pack(tensor: &Shared) -> Vec<u8> {
    let mut bytes = (tensor.ndim() as u32).to_le_bytes().to_vec();
    for side in tensor.shape() {
        bytes.extend((*side as u32).to_le_bytes());
    }
    for value in tensor.iter() {
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

fn unpack(bytes: &[u8]) -> Option<Shared> {
    let word = |at: usize| bytes.get(at * 4..at * 4 + 4).and_then(|b| <[u8; 4]>::try_from(b).ok());
    let ndim = u32::from_le_bytes(word(0)?) as usize;
    let shape: Vec<usize> =
        (1..=ndim.min(8)).map(|i| word(i).map(|b| u32::from_le_bytes(b) as usize)).collect::<Option<_>>()?;
    let data = bytes.get((1 + ndim) * 4..)?;
    let data = data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    ArrayD::from_shape_vec(IxDyn(&shape), data).ok().map(ArrayD::into_shared)
}
