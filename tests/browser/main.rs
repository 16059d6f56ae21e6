//! Tests that run as WebAssembly in a real browser: `cargo xtask test --only browser`.

#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_browser_is_there() {
    let document = web_sys::window().and_then(|window| window.document());
    assert!(document.is_some());
}

/// Without it the operators would be several times slower, and nothing else would tell.
#[wasm_bindgen_test]
fn the_page_is_compiled_with_simd() {
    let simd = cfg!(target_feature = "simd128");
    assert!(simd);
}
