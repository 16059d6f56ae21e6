//! Tests that run as WebAssembly in a real browser: `cargo xtask test --only browser`.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../conformance/mod.rs"]
mod conformance;

use conformance::exceptions;
use conformance::format::parse;
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

/// Runs a suite of golden cases; gives how many there were.
fn suite(manifest: &str, bytes: &[u8]) -> usize {
    let cases = parse(manifest, &|_, offset, length| bytes[offset..offset + length].to_vec());
    for case in &cases {
        if exceptions::reason(&case.op, &case.id).is_none()
            && let Err(conformance::Unsupported(what)) = conformance::run(case)
        {
            panic!("{}: not supported: {what}", case.id);
        }
    }
    cases.len()
}

macro_rules! suites {
    ($($name:ident),+) => {
        $(
            /// The same goldens as natively: 32-bit sizes and SIMD must not change a number.
            #[wasm_bindgen_test]
            fn $name() {
                let manifest = include_str!(concat!("../golden/", stringify!($name), "/manifest.json"));
                let bytes = include_bytes!(concat!("../golden/", stringify!($name), "/arrays.bin"));
                let cases = suite(manifest, bytes);
                assert!(cases > 20, "{cases}");
            }
        )+
    };
}

suites! { attention, conv2d, conv_nd, layers, nets, onnx, pool, position, resample }

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
