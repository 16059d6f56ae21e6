//! Who does the work in the background: a web worker with the same program, or, where a browser allows none (a sandboxed
//! frame, a file), the page itself between two frames. A worker that dies or falls silent is replaced.

use super::background;
use super::live::{live, shown};
use super::parcel;
use super::parts::Maker;
use super::rooms::{self, Bring};
use super::state::{Page, now};
use crate::stage::lab::{AnyLab, Data};
use crate::stage::link::{self, Shell};
use crate::stage::text::percent;
use crate::stage::work::{Clock, Found, Work};
use js_sys::Array;
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// A worker that says nothing for so many milliseconds is taken for dead: a piece of work takes far less.
const SILENCE: f64 = 6_000.0;
/// After so many deaths over one work the page does it itself.
const MOST_DEATHS: u32 = 2;
/// Milliseconds of work between two looks at what else is to be done.
const SLICE: f64 = 9.0;
/// Milliseconds between two reports.
const REPORT: f64 = 140.0;

/// The one who works.
#[derive(Default)]
struct Desk {
    worker: Option<web_sys::Worker>,
    /// No worker can be had here.
    alone: bool,
    /// The number of the present order; answers to earlier ones are not heard.
    order: u32,
    /// The work at hand.
    key: Option<String>,
    /// How often it killed its worker.
    deaths: u32,
    /// When the worker was last heard.
    heard: f64,
    watching: bool,
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

fn desk<T>(ask: impl FnOnce(&mut Desk) -> T) -> T {
    DESK.with_borrow_mut(ask)
}

/// How the work for the present state stands.
#[derive(Clone, Default, PartialEq)]
struct Standing {
    /// The keys of works that are not done, the most urgent first.
    open: Vec<String>,
    /// How much of the first is done, 0 to 1.
    share: f32,
    /// The learner stopped it.
    stopped: bool,
}

/// The page, and how its work stands.
#[derive(Clone, Copy)]
struct Office {
    page: Page,
    standing: RwSignal<Standing>,
}

thread_local! {
    static OFFICE: RefCell<Option<Office>> = const { RefCell::new(None) };
}

/// Follows the page's state from now on; gives what shows the work.
pub fn follow(page: Page) -> Maker {
    let office = Office { page, standing: RwSignal::new(Standing::default()) };
    OFFICE.set(Some(office));
    Effect::new(move |_| {
        let _ = page.setup.with(|s| (page.lab.get(), s.seed));
        page.data.track();
        let open = background::open(page);
        if office.standing.with_untracked(|s| s.open != open) {
            office.standing.set(Standing { open, ..Standing::default() });
        }
        pursue(office);
    });
    progress
}

/// How far it is, with a button to stop it.
fn progress(page: Page, _: usize) -> AnyView {
    let Some(office) = OFFICE.with_borrow(|o| *o) else { return ().into_any() };
    let there = Memo::new(move |_| office.standing.with(|s| !s.open.is_empty()));
    let stopped = move || office.standing.with(|s| s.stopped);
    let share = Memo::new(move |_| office.standing.with(|s| (f64::from(s.share) * 100.0).round() / 100.0));
    let toggle = move |_| {
        office.standing.update(|s| s.stopped = !s.stopped);
        pursue(office);
    };
    let words = move || if stopped() { page.words().work_stopped } else { page.words().working };
    shown(
        move || there.get(),
        move || {
            view! {
                <div class="working">
                    <progress max="1" value=live(move || share.get().to_string()) aria-label=live(move || page.words().working)></progress>
                    <span>{live(move || format!("{} {}", words(), percent(share.get())))}</span>
                    <button type="button" class="quiet" on:click=toggle>
                        {live(move || if stopped() { page.words().work_on } else { page.words().work_stop })}
                    </button>
                </div>
            }
            .into_any()
        },
    )
    .into_any()
}

/// Takes up the first open work of the page, unless it is at hand already.
fn pursue(office: Office) {
    let Standing { open, stopped, .. } = office.standing.get_untracked();
    let present = desk(|d| d.key.clone());
    if !stopped && present.as_ref().is_some_and(|key| open.contains(key)) {
        return;
    }
    let order = desk(|d| {
        d.order += 1;
        d.key = open.first().filter(|_| !stopped).cloned();
        d.deaths = 0;
        d.order
    });
    match desk(|d| d.key.clone()) {
        Some(key) => begin(office, order, key),
        None if present.is_some() => tell_worker(&JsValue::from(order)),
        None => {}
    }
}

/// Begins an order, or begins it again.
fn begin(office: Office, order: u32, key: String) {
    if desk(|d| d.alone || d.deaths >= MOST_DEATHS) || !hire(office) {
        return work_here(office, order, key);
    }
    desk(|d| d.heard = now());
    let lab = office.page.lab_untracked();
    let setup = office.page.setup.get_untracked();
    let data = office.page.data.get_untracked();
    let hash = link::write(lab, &setup, &Shell::default(), &data);
    tell_worker(&Array::of4(&order.into(), &hash.into(), &key.into(), &parcel::pack(&data)).into());
    watch(office);
}

fn tell_worker(what: &JsValue) {
    desk(|d| {
        if let Some(worker) = &d.worker {
            let _ = worker.post_message(what);
        }
    });
}

/// Makes sure there is a worker; false where there can be none.
fn hire(office: Office) -> bool {
    if desk(|d| d.worker.is_some()) {
        return true;
    }
    let opaque = window().origin() == "null" || window().location().protocol().is_ok_and(|p| p == "file:");
    let worker = if opaque { None } else { web_sys::Worker::new("worker.js").ok() };
    let Some(worker) = worker else {
        desk(|d| d.alone = true);
        return false;
    };
    // Both live as long as the page: workers are replaced now and then, not by the hundred.
    let heard = Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |ev: web_sys::MessageEvent| {
        hear(office, &ev.data())
    });
    let died = Closure::<dyn Fn(web_sys::Event)>::new(move |ev: web_sys::Event| {
        ev.prevent_default();
        bury(office);
    });
    worker.set_onmessage(Some(heard.into_js_value().unchecked_ref()));
    worker.set_onerror(Some(died.into_js_value().unchecked_ref()));
    desk(|d| d.worker = Some(worker));
    true
}

/// A worker is gone: the next takes its order over.
fn bury(office: Office) {
    let (order, key) = desk(|d| {
        if let Some(worker) = d.worker.take() {
            worker.terminate();
        }
        d.deaths += 1;
        d.order += 1;
        (d.order, d.key.clone())
    });
    if let Some(key) = key {
        begin(office, order, key);
    }
}

/// Looks after the worker for as long as there is an order.
fn watch(office: Office) {
    if desk(|d| std::mem::replace(&mut d.watching, true)) {
        return;
    }
    spawn_local(async move {
        while desk(|d| d.key.is_some() && d.worker.is_some()) {
            pause(1_000).await;
            if desk(|d| d.key.is_some() && d.worker.is_some() && now() - d.heard > SILENCE) {
                bury(office);
            }
        }
        desk(|d| d.watching = false);
    });
}

/// Hears `[order, share, results]` from the worker, or that it could not begin.
fn hear(office: Office, said: &JsValue) {
    let said = Array::from(said);
    let Some(order) = said.get(0).as_f64() else { return bury(office) };
    let key = desk(|d| {
        d.heard = now();
        d.key.clone().filter(|_| f64::from(d.order) == order)
    });
    let (Some(key), Some(share)) = (key, said.get(1).as_f64()) else { return };
    take(office, key, share as f32, said.get(2));
}

fn take(office: Office, key: String, share: f32, results: JsValue) {
    if let Some(results) = parcel::unpack(&results) {
        report(office, Found { key, share, results });
    }
}

/// Puts what was found before the lab; when it is all, the next work is taken up.
fn report(office: Office, found: Found) {
    let (share, complete) = (found.share, found.complete());
    office.page.finds.update(|finds| finds.put(found));
    if complete {
        desk(|d| d.key = None);
        office.standing.set(Standing { open: background::open(office.page), ..Standing::default() });
        pursue(office);
    } else {
        office.standing.update(|s| s.share = share);
    }
}

/// The work of this name among those of a state.
fn find(lab: &dyn AnyLab, hash: &str, data: &Data, key: &str) -> Option<Work> {
    let setup = link::read_for(Some(lab), 0, hash, data).setup;
    let works = lab.works(&setup.values, setup.compare.as_ref(), setup.seed, data);
    works.into_iter().find(|work| work.key == key)
}

/// Works in the page, a slice at a time.
fn work_here(office: Office, order: u32, key: String) {
    let (lab, setup, data) =
        (office.page.lab_untracked(), office.page.setup.get_untracked(), office.page.data.get_untracked());
    let works = lab.works(&setup.values, setup.compare.as_ref(), setup.seed, &data);
    let Some(work) = works.into_iter().find(|work| work.key == key) else { return };
    spawn_local(async move {
        let still = || desk(|d| d.order == order);
        labour(work, still, |found| report(office, found), now).await;
    });
}

/// Does a work slice by slice for as long as it is wanted, and reports.
async fn labour(mut work: Work, wanted: impl Fn() -> bool, report: impl Fn(Found), clock: Clock) {
    work.job.take_clock(clock);
    let mut reported = clock();
    loop {
        let start = clock();
        let done = loop {
            if work.job.advance() {
                break true;
            }
            if clock() - start > SLICE {
                break false;
            }
        };
        if !wanted() {
            return;
        }
        if done || clock() - reported > REPORT {
            reported = clock();
            let share = if done { 1.0 } else { work.job.share().clamp(0.0, 0.999) };
            report(Found { key: work.key.clone(), share, results: work.job.results() });
        }
        if done {
            return;
        }
        pause(0).await;
        if !wanted() {
            return;
        }
    }
}

/// In the worker: milliseconds, as fine as the browser tells them.
fn worker_now() -> f64 {
    let performance = js_sys::Reflect::get(&js_sys::global(), &"performance".into());
    let performance = performance.ok().and_then(|p| p.dyn_into::<web_sys::Performance>().ok());
    performance.map_or_else(js_sys::Date::now, |p| p.now())
}

/// Waits for some milliseconds, in the page or in the worker.
async fn pause(millis: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let global = js_sys::global();
        let wait = js_sys::Reflect::get(&global, &"setTimeout".into())
            .ok()
            .and_then(|f| f.dyn_into::<js_sys::Function>().ok());
        if let Some(wait) = wait {
            let _ = wait.call2(&global, &resolve, &millis.into());
        }
    });
    let _ = JsFuture::from(promise).await;
}

thread_local! {
    /// In the worker: the order that is wanted.
    static WANTED: std::cell::Cell<f64> = const { std::cell::Cell::new(0.0) };
}

/// In the worker: waits for orders, `[order, link, key, data]`, and works on the last one.
pub fn serve(scope: web_sys::DedicatedWorkerGlobalScope, bring: Bring) {
    let answer = scope.clone();
    let listen = Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |ev: web_sys::MessageEvent| {
        let scope = answer.clone();
        if let Some(none) = ev.data().as_f64() {
            return WANTED.set(none);
        }
        let said = Array::from(&ev.data());
        let order = said.get(0).as_f64().unwrap_or_default();
        WANTED.set(order);
        spawn_local(async move {
            let hash = said.get(1).as_string().unwrap_or_default();
            let key = said.get(2).as_string().unwrap_or_default();
            let data = parcel::unpack(&said.get(3)).unwrap_or_default();
            let place = rooms::of(&hash);
            let work = match bring(place).await {
                Ok(lab) => find(lab, &hash, &data, &key),
                Err(_) => None,
            };
            // Without an answer the page takes this worker for dead, and finds another way.
            let Some(work) = work else { return };
            let report = |found: Found| {
                let said = Array::of3(&order.into(), &found.share.into(), &parcel::pack(&found.results));
                let _ = scope.post_message(&said);
            };
            labour(work, || WANTED.get() == order, report, worker_now).await;
        });
    });
    scope.set_onmessage(Some(listen.into_js_value().unchecked_ref()));
    let _ = scope.post_message(&Array::of1(&0.into()));
}
