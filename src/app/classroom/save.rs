//! The dialog that saves a figure, its numbers and the state, and the printed page.

use super::sheet::Sheet;
use super::{Room, movie, share};
use crate::app::live::{live, part};
use crate::app::{canvas, figure, parts};
use crate::labs::SIGNS;
use crate::stage::lab::Shared;
use crate::stage::link;
use crate::stage::qr::Code;
use crate::stage::text::fill;
use crate::stage::{files, npy};
use base64::Engine;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A file's name: it tells the state.
pub fn name(room: Room, what: &str, ending: &str) -> String {
    let page = room.page;
    let lab = page.lab_untracked();
    let hash = page.setup.with_untracked(|setup| {
        page.data.with_untracked(|data| link::write(lab, setup, &link::Shell::default(), data))
    });
    files::name(lab.slug(), hash.split_once('?').map_or("", |(_, query)| query), what, ending)
}

/// Saves bytes.
pub fn save_bytes(name: &str, kind: &str, bytes: &[u8]) {
    let data = base64::engine::general_purpose::STANDARD.encode(bytes);
    figure::save(name, &format!("data:{kind};base64,{data}"));
}

/// The dialog, for the figure of this name.
pub fn dialog(room: Room, id: &'static str) -> AnyView {
    let body = view! {
        {picture(room, id)}
        {numbers(room)}
        {state(room)}
    };
    view! { <Sheet room=room name="save" title=Box::new(move || room.words().save.into()) body=body.into_any()/> }
        .into_any()
}

/// Saves the figure as a picture of so many pixels a point.
fn png(room: Room, id: &str, scale: f64) {
    let page = room.page;
    let figure = page.figures.get_value().and_then(|figures| figures.get(id));
    let url = figure.and_then(|f| canvas::png(&f.scene, page.theme.get_untracked(), scale));
    if let Some(url) = url {
        figure::save(&name(room, &format!("{id}-{scale}x"), "png"), &url);
    }
}

fn picture(room: Room, id: &'static str) -> AnyView {
    let page = room.page;
    let svg = move |_| {
        if let Some(text) = page.figures.get_value().and_then(|f| figure::svg_of(page, f, id)) {
            save_bytes(&name(room, id, "svg"), "image/svg+xml", text.as_bytes());
        }
    };
    let made = RwSignal::new(None::<(usize, usize)>);
    let film = move |_| movie::save(room, id, made);
    let steps = page.good.get_untracked().map_or(0, |e| e.steps());
    let told = move || {
        made.get()
            .map(|(n, all)| fill(room.words().making, &[("n", n.to_string()), ("all", all.to_string())]))
    };
    view! {
        <h3>{move || room.words().picture}</h3>
        <div class="row">
            {[1.0, 2.0, 3.0, 4.0].map(|scale| view! { <button type="button" on:click=move |_| png(room, id, scale)>{format!("PNG {scale}×")}</button> })}
            <button type="button" on:click=svg>"SVG"</button>
            <button type="button" on:click=move |_| print(room, &untrack(move || here(room)))>{move || room.words().print}</button>
        </div>
        {(steps > 1 && id == "main").then(|| view! {
            <div class="row">
                <button type="button" on:click=film disabled=live(move || made.get().is_some())>{move || room.words().steps}</button>
                <span role="status">{told}</span>
            </div>
        })}
    }
    .into_any()
}

/// The address of the present state, without what belongs to the page alone.
fn here(room: Room) -> String {
    let page = room.page;
    let hash = page
        .setup
        .with(|setup| page.data.with(|data| link::write(page.lab(), setup, &link::Shell::default(), data)));
    share::base() + &hash
}

fn numbers(room: Room) -> AnyView {
    let page = room.page;
    let tensors: Vec<(&'static str, Shared)> =
        page.good.get_untracked().map_or_else(Vec::new, |e| e.tensors());
    let chosen = RwSignal::new(tensors.iter().position(|(name, _)| *name == "output").unwrap_or(0));
    let tensors = StoredValue::new(tensors);
    let with = move |act: &dyn Fn(&'static str, &Shared)| {
        tensors.try_with_value(|list| {
            if let Some((name, tensor)) = list.get(chosen.get_untracked()) {
                act(name, tensor);
            }
        });
    };
    let csv = move |_| {
        with(&|what, tensor| save_bytes(&name(room, what, "csv"), "text/csv", files::csv(tensor).as_bytes()))
    };
    let npy = move |_| {
        with(&|what, tensor| {
            save_bytes(&name(room, what, "npy"), "application/octet-stream", &npy::write(tensor))
        });
    };
    let options = tensors.with_value(|list| {
        list.iter()
            .enumerate()
            .map(|(i, (name, tensor))| {
                let shape: Vec<String> = tensor.shape().iter().map(usize::to_string).collect();
                view! { <option value=i selected=i == chosen.get_untracked()>{format!("{name} [{}]", shape.join(", "))}</option> }
            })
            .collect_view()
    });
    let choose = move |ev| chosen.set(event_target_value(&ev).parse().unwrap_or(0));
    // One map of one channel is what the pooling lab takes in.
    let pooling =
        SIGNS.iter().position(|sign| sign.slug == "pooling").filter(|at| *at != page.lab.get_untracked());
    let fits = Memo::new(move |_| {
        tensors
            .try_with_value(|list| {
                list.get(chosen.get()).is_some_and(|(_, t)| matches!(t.shape(), [1, 1, _, _]))
            })
            .unwrap_or(false)
    });
    let send = move |_| with(&|_, tensor| send_to(room, pooling, tensor.clone()));
    view! {
        <h3>{move || room.words().numbers}</h3>
        <div class="row">
            <select aria-label=move || room.words().tensor on:change=choose>{options}</select>
            <button type="button" on:click=csv>"CSV"</button>
            <button type="button" on:click=npy>".npy"</button>
            {pooling.map(|_| view! { <button type="button" disabled=live(move || !fits.get()) on:click=send>{move || room.words().to_pooling}</button> })}
        </div>
        {part(move || if pooling.is_some() && !fits.get() { view! { <p class="say">{room.words().pooling_takes}</p> }.into_any() } else { ().into_any() })}
    }
    .into_any()
}

/// Opens another lab with a tensor of this one as its input.
fn send_to(room: Room, lab: Option<usize>, tensor: Shared) {
    let (Some(lab), page) = (lab, room.page) else { return };
    wasm_bindgen_futures::spawn_local(async move {
        if parts::report(page, page.bring(lab, page.lang.get_untracked()).await).is_none() {
            return;
        }
        room.dialog.set(None);
        let sent = page.open(lab, &[], false).and_then(|()| page.load("input", tensor));
        if let Err(refusal) = sent {
            page.report(&[refusal]);
        }
    });
}

fn state(room: Room) -> AnyView {
    let page = room.page;
    let json = move |_| {
        if let Some(experiment) = page.good.get_untracked() {
            let text = files::json(&untrack(move || here(room)), experiment.as_ref());
            save_bytes(&name(room, "state", "json"), "application/json", text.as_bytes());
        }
    };
    let said = page.figures.get_value().map(|figures| figures.said.get_untracked());
    let snippets = said.map_or_else(Vec::new, |said| said.0.snippets.clone());
    view! {
        <h3>{move || room.words().state}</h3>
        <p class="say">{move || room.words().state_say}</p>
        <div class="row">
            <button type="button" on:click=json>"JSON"</button>
            {snippets.into_iter().map(|s| {
                let code = s.code.clone();
                view! { <button type="button" on:click=move |_| save_bytes(&name(room, s.key, "py"), "text/x-python", code.as_bytes())>{s.name}" (.py)"</button> }
            }).collect_view()}
        </div>
    }
    .into_any()
}

/// Prints one page a figure: the figure, the settings, the link as a code, and room to write.
pub fn print(room: Room, address: &str) {
    let page = room.page;
    let Some(figures) = page.figures.get_value() else { return };
    let (words, lab, lang) = (untrack(move || room.words()), page.lab_untracked(), page.lang.get_untracked());
    let picture =
        |svg: &str| format!("data:image/svg+xml;charset=utf-8,{}", js_sys::encode_uri_component(svg));
    let code = Code::of(address).map(|code| picture(&code.svg()));
    let settings = page.setup.with_untracked(|s| {
        let shown = lab.controls().iter().zip(&s.values.0).filter(|(c, _)| lab.relevant(&s.values, c.key));
        shown.map(|(c, v)| (c.key, c.write(v))).collect::<Vec<_>>()
    });
    let list = figures.list.get_untracked();
    let pages = list.0.iter().filter_map(|f| Some((f.clone(), figure::svg_of(page, figures, f.id)?)));
    let pages = pages
        .map(|(f, svg)| {
            let rows = settings.iter().map(|(key, value)| view! { <div><dt>{*key}</dt><dd>{value.clone()}</dd></div> });
            view! {
                <section class="paper">
                    <header><h1>{lab.title(lang).0}</h1><p>{[f.title.clone(), f.caption.clone()].iter().filter(|t| !t.is_empty()).cloned().collect::<Vec<_>>().join(" · ")}</p></header>
                    <img class="drawn" src=picture(&svg) alt=f.summary.clone()/>
                    <div class="paper-foot">
                        <div><h2>{words.paper_settings}</h2><dl>{rows.collect_view()}</dl></div>
                        {code.clone().map(|code| view! { <img class="qr" src=code alt=words.qr_alt/> })}
                    </div>
                    <h2>{words.paper_room}</h2>
                    <div class="lines">{(0..5).map(|_| view! { <hr/> }).collect_view()}</div>
                    <p class="paper-link">{address.to_string()}</p>
                </section>
            }
        })
        .collect_view();
    let Some(body) = document().body() else { return };
    let Ok(place) = document().create_element("div") else { return };
    let Ok(place) = place.dyn_into::<web_sys::HtmlElement>() else { return };
    place.set_class_name("papers");
    if body.append_child(&place).is_err() {
        return;
    }
    room.dialog.set(None);
    let shown = leptos::mount::mount_to(place.clone(), move || pages);
    // The pictures are read before the page is printed; then all of it goes again.
    set_timeout(
        move || {
            let _ = window().print();
            drop(shown);
            place.remove();
        },
        std::time::Duration::from_millis(150),
    );
}
