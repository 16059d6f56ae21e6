//! `window.receptive`: the page's public contract for the console, for tests and for embedding pages.

use super::state::Page;
use crate::labs::SIGNS;
use crate::stage::lab::Shared;
use crate::stage::refusal::Refusal;
use crate::stage::text::Sentence;
use crate::stage::value::{PaddingValue, Value};
use js_sys::{Array, Float32Array, Object, Promise, Reflect};
use leptos::prelude::*;
use ndarray::{ArrayD, IxDyn};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};

/// The methods of the page API. Those that change something answer with a promise.
const METHODS: [&str; 14] = [
    "labs", "lab", "state", "set", "open", "tensors", "tensor", "load", "facts", "timings", "svg", "png",
    "snippet", "crash",
];
const ASYNC: [&str; 3] = ["set", "open", "load"];

/// Puts `window.receptive` up. Its functions live as long as the page.
pub fn install(page: Page) {
    let object = Object::new();
    for name in METHODS {
        let waits = ASYNC.contains(&name);
        let function = Closure::<dyn Fn(JsValue, JsValue) -> Result<JsValue, JsValue>>::new(
            move |a: JsValue, b: JsValue| {
                let args = Array::of2(&a, &b);
                if waits {
                    return Ok(future_to_promise(async move {
                        call(page, name, &args).await.map_err(|sentence| js_sys::Error::new(&sentence).into())
                    })
                    .into());
                }
                now(page, name, &args).map_err(|sentence| js_sys::Error::new(&sentence).into())
            },
        );
        let _ = Reflect::set(&object, &name.into(), &function.into_js_value());
    }
    let _ = Reflect::set(&object, &"ready".into(), &ready(page));
    let _ = Reflect::set(&window(), &"receptive".into(), &object);
}

/// Resolves when the first figure is on the screen.
fn ready(page: Page) -> Promise {
    Promise::new(&mut |resolve, _| {
        spawn_local(async move {
            painted_after(page, 0).await;
            let _ = resolve.call0(&JsValue::UNDEFINED);
        });
    })
}

/// Waits until a picture newer than `count` has been drawn and the browser has shown it.
async fn painted_after(page: Page, count: u32) {
    for _ in 0..600 {
        next_frame().await;
        // A setup that can't be computed shows its sentence instead, unless what it lacks is on its way.
        let refused = page.computed.with_untracked(|c| c.result.is_err());
        let painted = page.painted.get_untracked() > count;
        if (refused || painted) && page.awaited.get_value() == 0 {
            next_frame().await;
            return;
        }
    }
}

/// The next animation frame, or a while: a page that is hidden, and a frame outside of its page's window, have none.
async fn next_frame() {
    let promise = Promise::new(&mut |resolve, _| {
        let window = window();
        let while_hidden = if document().hidden() { 16 } else { 250 };
        // Whichever comes first; the other one finds the promise kept.
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, while_hidden);
        let _ = window.request_animation_frame(&resolve);
    });
    let _ = JsFuture::from(promise).await;
}

/// Calls a method by name, as messages do.
pub async fn call(page: Page, method: &str, args: &Array) -> Result<JsValue, String> {
    let count = page.painted.get_untracked();
    let before = page.setup.get_untracked();
    let moved = match method {
        "ready" => {
            painted_after(page, 0).await;
            return Ok(JsValue::UNDEFINED);
        }
        "set" => change(page, page.lab.get_untracked(), &args.get(0), true),
        "open" => {
            let slug = args.get(0).as_string().unwrap_or_default();
            match SIGNS.iter().position(|sign| sign.slug == slug) {
                Some(lab) => {
                    let came = page.bring(lab, page.wanted_lang.get_untracked()).await;
                    came.map_err(|missing| missing.say(page.lang.get_untracked()))?;
                    change(page, lab, &args.get(1), false)
                }
                None => Err(Refusal::UnknownLab(slug)),
            }
        }
        "load" => load(page, &args.get(0), &args.get(1)),
        other => return now(page, other, args),
    };
    moved.map_err(|refusal| say(page, &refusal))?;
    if page.setup.get_untracked() != before || method == "load" {
        painted_after(page, count).await;
    }
    // What the figure shows first from the background belongs to it; a long search doesn't hold the caller up.
    if let Some(first) = super::background::open(page).first() {
        for _ in 0..240 {
            if page.finds.with_untracked(|finds| finds.complete(first)) {
                break;
            }
            next_frame().await;
        }
        next_frame().await;
    }
    // A new language is loaded before it is shown.
    for _ in 0..600 {
        if page.wanted_lang.get_untracked() == page.lang.get_untracked() {
            break;
        }
        next_frame().await;
        if page.awaited.get_value() == 0 {
            break;
        }
    }
    Ok(JsValue::UNDEFINED)
}

fn say(page: Page, refusal: &Refusal) -> String {
    refusal.say(page.lang.get_untracked())
}

/// The methods that answer at once.
fn now(page: Page, method: &str, args: &Array) -> Result<JsValue, String> {
    let lab = page.lab_untracked();
    let experiment = || {
        page.computed
            .with_untracked(|c| c.result.as_ref().map(std::sync::Arc::clone).map_err(|e| say(page, e)))
    };
    let numbers = |list: &[(&str, f64)]| {
        let object = Object::new();
        for (name, value) in list {
            let _ = Reflect::set(&object, &(*name).into(), &(*value).into());
        }
        object.into()
    };
    match method {
        "labs" => Ok(SIGNS.iter().map(|sign| JsValue::from_str(sign.slug)).collect::<Array>().into()),
        "lab" => Ok(lab.slug().into()),
        "state" => Ok(state(page)),
        "tensors" => {
            Ok(experiment()?.tensors().iter().map(|(n, _)| JsValue::from_str(n)).collect::<Array>().into())
        }
        "tensor" => {
            let name = args.get(0).as_string().unwrap_or_default();
            let list = experiment()?.tensors();
            match list.iter().find(|(n, _)| *n == name) {
                Some((_, tensor)) => Ok(tensor_out(tensor)),
                None => Err(say(page, &Refusal::UnknownTensor(name, list.iter().map(|(n, _)| *n).collect()))),
            }
        }
        "facts" => Ok(numbers(&experiment()?.facts())),
        "timings" => {
            let t = page.timings.get_value();
            Ok(numbers(&[("compute", t.compute), ("draw", t.draw), ("input_to_paint", t.input_to_paint)]))
        }
        "svg" => {
            let figures = page.figures.get_value();
            let text = figures.and_then(|f| super::figure::svg_of(page, f, &figure_name(args, 0)));
            Ok(text.unwrap_or_default().into())
        }
        "png" => {
            let scale = args.get(0).as_f64().unwrap_or(1.0).clamp(0.25, 8.0);
            let name = figure_name(args, 1);
            let figures = page.figures.get_value();
            let scene = figures.and_then(|f| {
                f.list.with_untracked(|l| l.0.iter().find(|f| f.id == name).map(|f| f.scene.clone()))
            });
            let url = scene.and_then(|s| super::canvas::png(&s, page.theme.get_untracked(), scale));
            Ok(url.unwrap_or_default().into())
        }
        "snippet" => {
            let key = args.get(0).as_string().unwrap_or_else(|| "pytorch".into());
            let look = crate::stage::lab::Look {
                lang: page.lang.get_untracked(),
                width: 720.0,
                font: 12.0,
                stroke: 1.0,
                focus: None,
                step: 0,
            };
            let snippets = experiment()?.insight(&look).snippets;
            Ok(snippets.iter().find(|s| s.key == key).map_or(JsValue::UNDEFINED, |s| s.code.as_str().into()))
        }
        #[allow(clippy::panic)]
        "crash" => panic!("A crash was asked for, to try the way back."),
        other => Err(say(page, &Refusal::UnknownKey(other.into()))),
    }
}

fn figure_name(args: &Array, at: u32) -> String {
    args.get(at).as_string().unwrap_or_else(|| "main".into())
}

/// All keys with their values: numbers, truth values, words, pairs and matrices as arrays.
fn state(page: Page) -> JsValue {
    let object = Object::new();
    let put = |key: &str, value: JsValue| {
        let _ = Reflect::set(&object, &key.into(), &value);
    };
    let setup = page.setup.get_untracked();
    let lab = page.lab_untracked();
    for (control, value) in lab.controls().iter().zip(&setup.values.0) {
        let list = |numbers: &[usize]| {
            numbers.iter().map(|n| JsValue::from_f64(*n as f64)).collect::<Array>().into()
        };
        let value = match value {
            Value::Whole(n) => JsValue::from_f64(*n as f64),
            Value::Pair(h, w) => list(&[*h, *w]),
            Value::Real(v) => JsValue::from_f64(*v as f64),
            Value::Flag(on) => JsValue::from_bool(*on),
            Value::Padding(PaddingValue::Sides([t, b, l, r])) if t == b && l == r => list(&[*t, *l]),
            Value::Padding(PaddingValue::Sides(sides)) => list(sides),
            Value::Choice(_) | Value::Padding(_) | Value::Text(_) => control.write(value).into(),
            Value::Matrix(m) => {
                let (_, cols) = m.shape();
                m.data()
                    .chunks(cols)
                    .map(|row| row.iter().map(|v| JsValue::from_f64(*v as f64)).collect::<Array>())
                    .collect::<Array>()
                    .into()
            }
        };
        put(control.key, value);
    }
    put("step", JsValue::from_f64(setup.step as f64));
    put("seed", JsValue::from_f64(setup.seed as f64));
    let compare = setup
        .compare
        .as_ref()
        .and_then(|(i, v)| lab.controls().get(*i).map(|c| format!("{}:{}", c.key, c.write(v))));
    put("compare", compare.map_or(JsValue::NULL, JsValue::from));
    put("lang", page.lang.get_untracked().key().into());
    put("theme", page.theme.get_untracked().key().into());
    page.shell.with_untracked(|s| {
        put("embed", JsValue::from_bool(s.embed));
        put("present", JsValue::from_bool(s.present));
        put("hide", s.hide.join(",").into());
        put("lock", s.lock.join(",").into());
    });
    object.into()
}

/// Applies a patch `{key: value}`: all of it, or nothing.
fn change(page: Page, lab: usize, patch: &JsValue, keep: bool) -> Result<(), Refusal> {
    let mut pairs = Vec::new();
    if let Some(object) = patch.dyn_ref::<Object>() {
        for entry in Object::entries(object).iter() {
            let entry = Array::from(&entry);
            pairs.push((entry.get(0).as_string().unwrap_or_default(), link_text(&entry.get(1))));
        }
    }
    page.open(lab, &pairs, keep)
}

/// A value of JavaScript as a link writes it.
fn link_text(value: &JsValue) -> String {
    if let Some(on) = value.as_bool() {
        return if on { "1" } else { "0" }.into();
    }
    if value.is_null() || value.is_undefined() {
        return String::new();
    }
    if Array::is_array(value) {
        let list = Array::from(value);
        let nested = list.iter().any(|v| Array::is_array(&v));
        let parts: Vec<String> = list.iter().map(|v| link_text(&v)).collect();
        return parts.join(if nested { ";" } else { "," });
    }
    value.as_string().or_else(|| value.as_f64().map(|v| v.to_string())).unwrap_or_default()
}

fn tensor_out(tensor: &Shared) -> JsValue {
    let flat: Vec<f32> = tensor.iter().copied().collect();
    let object = Object::new();
    let shape: Array = tensor.shape().iter().map(|n| JsValue::from_f64(*n as f64)).collect();
    let _ = Reflect::set(&object, &"shape".into(), &shape);
    let _ = Reflect::set(&object, &"data".into(), &Float32Array::from(flat.as_slice()));
    object.into()
}

fn load(page: Page, name: &JsValue, value: &JsValue) -> Result<(), Refusal> {
    let name = name.as_string().unwrap_or_default();
    let get = |key: &str| Reflect::get(value, &key.into()).unwrap_or(JsValue::UNDEFINED);
    // What is no list is taken as an empty one: Array::from would throw, and the caller would never hear.
    let list = |v: &JsValue| if Array::is_array(v) { Array::from(v) } else { Array::new() };
    let shape: Vec<usize> =
        list(&get("shape")).iter().map(|n| n.as_f64().unwrap_or(0.0).max(0.0) as usize).collect();
    let data: Vec<f32> = match get("data").dyn_into::<Float32Array>() {
        Ok(data) => data.to_vec(),
        Err(other) => list(&other).iter().map(|v| v.as_f64().unwrap_or(f64::NAN) as f32).collect(),
    };
    let got = vec![data.len()];
    let tensor = ArrayD::from_shape_vec(IxDyn(&shape), data).map_err(|_| {
        Refusal::Shape(crate::core::tensor::Error::ShapeMismatch {
            name: "data",
            expected: shape.clone(),
            got,
        })
    })?;
    page.load(&name, tensor.into_shared())
}
