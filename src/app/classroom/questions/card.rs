//! An open row: its experiment set up, a guess, then the answer in the lab's own numbers.

use super::Desk;
use crate::app::canvas::Painter;
use crate::app::live::{live, part};
use crate::app::{parts, rooms};
use crate::labs::SIGNS;
use crate::labs::curriculum::{self, Row};
use crate::stage::answer::answered;
use crate::stage::lab::{AnyLab, Data, Experiment, Figure, Look, Question};
use crate::stage::link;
use crate::stage::text::{Lang, fill};
use crate::stage::work::{Finds, Found, Work};
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// How wide the experiment's picture is drawn, in CSS pixels.
const WIDE: f64 = 400.0;
/// For how long of each turn the background is worked at, in milliseconds.
const TURN: f64 = 12.0;

/// A row's experiment, once it is set up.
#[derive(Clone)]
struct Setting {
    question: &'static Question,
    /// The link from `#/` on.
    hash: String,
    run: Arc<dyn Experiment>,
}

/// What an open row shows.
pub fn view(desk: Desk, row: &'static Row) -> AnyView {
    let Some(lab) = curriculum::lab_of(row.id) else {
        let text = move || fill(desk.words().not_built, &[("lab", row.lab.replace('-', " "))]);
        return view! { <p class="card say">{text}</p> }.into_any();
    };
    // None: on its way. The error: it can't be had.
    let setting = RwSignal::new_local(None::<Result<Setting, ()>>);
    let page = desk.room.page;
    Effect::new(move |_| {
        let lang = page.lang.get();
        spawn_local(async move {
            let came = set_up(desk, row, lab, lang).await.ok_or(());
            let _ = setting.try_set(Some(came));
        });
    });
    let guess = RwSignal::new(None::<usize>);
    part_local(move || match setting.get() {
        None => view! { <p class="card say" role="status">{desk.words().loading}</p> }.into_any(),
        Some(Err(())) => view! { <p class="card say" role="alert">{desk.words().failed}</p> }.into_any(),
        Some(Ok(setting)) => shown(desk, setting, guess),
    })
}

/// A part of the page whose signals stay on this thread.
fn part_local(view: impl Fn() -> AnyView + 'static) -> AnyView {
    let view = send_wrapper(view);
    part(view).into_any()
}

/// There is one thread.
fn send_wrapper(view: impl Fn() -> AnyView + 'static) -> impl Fn() -> AnyView + Send + 'static {
    let kept = StoredValue::new_local(view);
    move || kept.try_with_value(|view| view()).unwrap_or_else(|| ().into_any())
}

/// Brings the lab and its questions, reads the row's link, and does what it leaves for the background.
async fn set_up(desk: Desk, row: &'static Row, lab: usize, lang: Lang) -> Option<Setting> {
    let page = desk.room.page;
    let any = parts::report(page, page.bring(lab, lang).await)?;
    let bring = parts::report(page, parts::loaders())?.questions;
    parts::report(page, bring(lab).await)?;
    let question = (rooms::asker(lab)?.questions)(lang).iter().find(|q| q.id == row.id)?;
    let hash = format!("#/{}?{}", SIGNS.get(lab)?.slug, question.link);
    let run = run(any, lab, &hash).await?;
    Some(Setting { question, hash, run })
}

/// Computes what a link says, with all that takes longer than a frame, in turns.
async fn run(any: &'static dyn AnyLab, lab: usize, hash: &str) -> Option<Arc<dyn Experiment>> {
    let data = Data::new();
    let setup = link::read_for(Some(any), lab, hash, &data).setup;
    let mut finds = Finds::default();
    for work in any.works(&setup.values, setup.compare.as_ref(), setup.seed, &data) {
        finds.put(done(work).await);
    }
    any.run(&setup.values, setup.compare.as_ref(), setup.seed, (&data, &finds), None).ok()
}

async fn done(mut work: Work) -> Found {
    work.job.take_clock(crate::app::state::now);
    loop {
        let start = crate::app::state::now();
        while crate::app::state::now() - start < TURN {
            if work.job.advance() {
                return Found { key: work.key, share: 1.0, results: work.job.results() };
            }
        }
        pause().await;
    }
}

/// Lets the page breathe.
async fn pause() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 0);
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

fn shown(desk: Desk, setting: Setting, guess: RwSignal<Option<usize>>) -> AnyView {
    let Setting { question, hash, run } = setting;
    let page = desk.room.page;
    // The right one stands first in the text and anywhere on the page.
    let count = question.options.len().max(1);
    let turn = question.id.bytes().map(usize::from).sum::<usize>() % count;
    let options: Vec<(usize, &'static str)> = (0..question.options.len())
        .map(|i| (i + turn) % count)
        .filter_map(|i| Some((i, *question.options.get(i)?)))
        .collect();
    let open = Memo::new(move |_| desk.revealed.get() || guess.get().is_some());
    let lang = page.lang.get_untracked();
    let answer = answered(question.answer, run.as_ref(), lang).unwrap_or_default();
    let mistake = answered(question.mistake, run.as_ref(), lang).unwrap_or_default();
    let verdict = move || match guess.get() {
        Some(0) => desk.words().correct,
        Some(_) => desk.words().not_quite,
        None => "",
    };
    let buttons = options.into_iter().map(|(i, text)| {
        view! {
            <button type="button" class:right=live(move || open.get() && i == 0) class:wrong=live(move || guess.get() == Some(i) && i != 0)
                aria-pressed=live(move || (guess.get() == Some(i)).to_string()) on:click=move |_| guess.set(Some(i))>{text}</button>
        }
    });
    let said = move || {
        let (answer, mistake) = (answer.clone(), mistake.clone());
        view! {
            <p><b>{verdict}</b>" "{answer}</p>
            {(!mistake.is_empty()).then(|| view! { <p class="note warns"><b>{move || desk.words().mistake}</b>" "{mistake}</p> })}
            <p class="say"><b>{move || desk.words().look}</b>" "{question.look}</p>
        }
        .into_any()
    };
    view! {
        <div class="card">
            <Picture desk=desk run=run/>
            <div class="card-text">
                <p class="ask">{question.ask}</p>
                <div class="options">{buttons.collect_view()}</div>
                <div role="status">{part(move || if open.get() { said() } else { ().into_any() })}</div>
                <p class="row"><a class="button primary" href=hash.clone()>{move || desk.words().set_up}</a><code>{hash}</code></p>
            </div>
        </div>
    }
    .into_any()
}

/// The experiment's main figure.
#[component]
fn Picture(desk: Desk, run: Arc<dyn Experiment>) -> impl IntoView {
    let page = desk.room.page;
    let canvas = NodeRef::<html::Canvas>::new();
    let figure =
        Memo::new_with_compare(move |_| main_figure(run.as_ref(), page.lang.get(), WIDE), |_, _| true);
    Effect::new(move |_| {
        let (theme, ratio) = (page.theme.get(), window().device_pixel_ratio());
        if let (Some(canvas), Some(figure)) = (canvas.get(), figure.get()) {
            Painter::default().paint(&canvas, &figure.scene, theme, ratio);
        }
    });
    let size = move || figure.with(|f| f.as_ref().map_or((0.0, 0.0), |f| (f.scene.width, f.scene.height)));
    let summary = move || figure.with(|f| f.as_ref().map_or_else(String::new, |f| f.summary.clone()));
    view! {
        <div class="card-picture">
            <canvas node_ref=canvas role="img" aria-label=summary
                style:width=live(move || format!("{}px", size().0)) style:height=live(move || format!("{}px", size().1))></canvas>
        </div>
    }
}

/// The first figure of an experiment, drawn so wide.
pub fn main_figure(run: &dyn Experiment, lang: Lang, width: f64) -> Option<Figure> {
    let look = Look { lang, width, font: 11.5, stroke: 1.0, focus: None, step: 0 };
    run.draw(&look).into_iter().next()
}
