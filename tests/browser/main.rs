//! Tests that run as WebAssembly in a real browser: `cargo xtask test --only browser`.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../conformance_format/mod.rs"]
mod conformance_format;

use conformance_format::{conv2d, parse};
use ndarray::{ArrayD, IxDyn};
use receptive::app::canvas::Painter;
use receptive::stage::colormap::Scale;
use receptive::stage::scene::grid::Grid;
use receptive::stage::scene::{Ink, Rect, Scene};
use receptive::stage::theme::Theme;
use wasm_bindgen::JsCast;
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

/// The same goldens as natively: 32-bit sizes and SIMD must not change a number.
#[wasm_bindgen_test]
fn the_core_gives_pytorchs_numbers() {
    let bytes: &[u8] = include_bytes!("../golden/conv2d/arrays.bin");
    let manifest = include_str!("../golden/conv2d/manifest.json");
    let cases = parse(manifest, &|_, offset, length| bytes[offset..offset + length].to_vec());
    let mut checked = 0;
    for case in cases.iter().filter(|case| case.op == "torch.conv2d") {
        conv2d::check(case);
        checked += 1;
    }
    assert!(checked > 50, "{checked}");
}

/// Draws a scene into a canvas and reads the colour of a pixel.
fn pixel(scene: &Scene, ratio: f64, x: f64, y: f64) -> [u8; 4] {
    let document = web_sys::window().and_then(|w| w.document()).unwrap();
    let canvas: web_sys::HtmlCanvasElement = document.create_element("canvas").unwrap().dyn_into().unwrap();
    Painter::default().paint(&canvas, scene, Theme::Light, ratio);
    let context: web_sys::CanvasRenderingContext2d =
        canvas.get_context("2d").unwrap().unwrap().dyn_into().unwrap();
    let data = context.get_image_data(x * ratio, y * ratio, 1.0, 1.0).unwrap().data();
    [data[0], data[1], data[2], data[3]]
}

#[wasm_bindgen_test]
fn the_canvas_shows_the_colours_of_the_theme() {
    let mut scene = Scene::new(40.0);
    scene.rect(Rect::new(0.0, 0.0, 20.0, 20.0), 0.0, (Ink::Accent, 1.0), None);
    let tensor = ArrayD::from_shape_vec(IxDyn(&[1, 1, 1, 2]), vec![-3.0, 3.0]).unwrap().into_shared();
    let scale = Scale::Signed { limit: 3.0 };
    Grid { tensor: &tensor, name: "input", at: (20.0, 0.0), cell: 10.0, scale, decimals: 0 }
        .draw_plane(&mut scene, 20.0, 20.0);
    let palette = Theme::Light.palette();
    for ratio in [1.0, 2.0] {
        for (x, color) in [(5.0, palette.accent), (25.0, palette.negative), (35.0, palette.positive)] {
            assert_eq!(pixel(&scene, ratio, x, 10.0), [color.0, color.1, color.2, 255], "{ratio} {x}");
        }
    }
}
