//! The labs at the top of the page, each with a picture that was computed just now.

use super::Desk;
use super::card::main_figure;
use crate::app::canvas::Painter;
use crate::app::live::live;
use crate::labs::curriculum::ROWS;
use crate::labs::{SIGNS, curriculum};
use crate::stage::lab::{AnyLab, Data, Experiment};
use crate::stage::link::Setup;
use crate::stage::text::fill;
use crate::stage::work::Finds;
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// How wide a lab's picture is drawn, in CSS pixels.
const WIDE: f64 = 340.0;

type Thumb = (&'static dyn AnyLab, Arc<dyn Experiment>);

/// A card for each lab.
pub fn strip(desk: Desk) -> AnyView {
    let page = desk.room.page;
    let lang = page.lang.get();
    let runs: Vec<_> = SIGNS.iter().map(|_| RwSignal::new_local(None::<Thumb>)).collect();
    let places = runs.clone();
    // One after the other, so that the list answers meanwhile.
    spawn_local(async move {
        for (at, place) in places.into_iter().enumerate() {
            let Ok(any) = page.bring(at, lang).await else { continue };
            let start = Setup::defaults(any.controls());
            let run = any.run(&start.values, None, start.seed, (&Data::new(), &Finds::default()), None);
            if let Ok(run) = run
                && place.try_set(Some((any, run))).is_some()
            {
                return; // the page is gone
            }
        }
    });
    let cards = SIGNS.iter().zip(runs).enumerate().map(|(at, (sign, run))| {
        let count = ROWS.iter().filter(|row| curriculum::lab_of(row.id) == Some(at)).count();
        let lede = move || run.with(|r| r.as_ref().map_or("", |(any, _)| any.title(lang).1));
        view! {
            <a class="lab-card" href=format!("#/{}", sign.slug)>
                <Picture desk=desk run=run/>
                <b>{lang.pick(sign.name[0], sign.name[1])}</b>
                <p>{lede}</p>
                <span class="lab-foot"><small>{fill(desk.words().answers, &[("n", count.to_string())])}</small><i>{desk.words().open_lab}" ›"</i></span>
            </a>
        }
    });
    view! {
        <section class="labs-strip">
            <h1>{desk.words().title}</h1>
            <p class="lede">{fill(desk.words().promise, &[("n", SIGNS.len().to_string())])}</p>
            <div class="lab-cards">{cards.collect_view()}</div>
        </section>
    }
    .into_any()
}

#[component]
fn Picture(desk: Desk, run: RwSignal<Option<Thumb>, LocalStorage>) -> impl IntoView {
    let page = desk.room.page;
    let canvas = NodeRef::<html::Canvas>::new();
    let height = RwSignal::new(0.0);
    Effect::new(move |_| {
        let theme = page.theme.get();
        let figure =
            run.with(|r| r.as_ref().and_then(|(_, run)| main_figure(run.as_ref(), page.lang.get(), WIDE)));
        if let (Some(canvas), Some(figure)) = (canvas.get(), figure) {
            height.set(figure.scene.height);
            Painter::default().paint(&canvas, &figure.scene, theme, window().device_pixel_ratio());
        }
    });
    view! {
        <span class="lab-picture" aria-hidden="true">
            <canvas node_ref=canvas style:width=format!("{WIDE}px") style:height=live(move || format!("{}px", height.get()))></canvas>
        </span>
    }
}
