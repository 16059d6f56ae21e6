//! Pictures as SVG text, compared byte for byte with `tests/snapshots/`: every kernel at the default grid, and every
//! second figure. A wanted change is accepted with `UPDATE_SNAPSHOTS=1 cargo test --test snapshots`, and is then
//! seen as a picture in the diff.

#![allow(clippy::unwrap_used, clippy::panic)]

use receptive::labs::LABS;
use receptive::stage::html;
use receptive::stage::lab::{Data, Experiment, Figure, Look};
use receptive::stage::link;
use receptive::stage::scene::svg::document;
use receptive::stage::text::{Lang, escape};
use receptive::stage::theme::Theme;
use receptive::stage::work::Finds;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The state of a link, computed, and the step of its player.
fn run(hash: &str) -> (impl Deref<Target = dyn Experiment>, usize) {
    let read = link::read(hash, LABS, &Data::new());
    assert!(read.problems.is_empty(), "{hash}: {:?}", read.problems);
    let (setup, lab) = (read.setup, LABS[read.lab]);
    let mut finds = Finds::default();
    finds.finish(lab.works(&setup.values, setup.compare.as_ref(), setup.seed, &Data::new()));
    let run = lab.run(&setup.values, setup.compare.as_ref(), setup.seed, (&Data::new(), &finds), None);
    (run.unwrap_or_else(|reason| panic!("{hash}: {reason:?}")), setup.step)
}

/// The figures of a link.
fn figures(hash: &str, lang: Lang, width: f64, font: f64) -> Vec<Figure> {
    let (run, step) = run(hash);
    run.draw(&Look { lang, width, font, stroke: 1.0, focus: None, step })
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots")
}

/// Compares a picture with its file, or writes the file.
fn compare(name: &str, picture: &str, wrong: &mut Vec<String>) {
    let path = folder().join(format!("{name}.svg"));
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(folder()).unwrap();
        fs::write(&path, picture).unwrap();
    } else if fs::read_to_string(&path).ok().as_deref() != Some(picture) {
        wrong.push(name.to_string());
    }
}

fn settle(wrong: Vec<String>) {
    assert!(
        wrong.is_empty(),
        "these pictures changed: {wrong:?}. Look at them; if they are right, run UPDATE_SNAPSHOTS=1 cargo test --test snapshots"
    );
}

/// The option keys of a control of the convolution lab.
fn options(key: &str) -> &'static [&'static str] {
    let control = LABS[0].controls().iter().find(|c| c.key == key).unwrap();
    match control.kind {
        receptive::stage::control::Kind::Choice(keys) => keys,
        other => panic!("{key} is no choice: {other:?}"),
    }
}

#[test]
fn every_kernel_at_the_default_grid() {
    let mut wrong = Vec::new();
    for key in options("kernel") {
        let all = figures(&format!("#/convolution?kernel={key}"), Lang::En, 760.0, 12.0);
        let figure = all.first().unwrap();
        compare(&format!("kernel-{key}"), &document(&figure.scene, Theme::Light, &figure.title), &mut wrong);
    }
    settle(wrong);
}

#[test]
fn every_second_figure() {
    let mut wrong = Vec::new();
    for key in options("panel") {
        let link = format!("#/convolution?padding=1&activation=relu&panel={key}");
        let all = figures(&link, Lang::En, 760.0, 12.0);
        let figure = all.get(1).unwrap();
        compare(&format!("panel-{key}"), &document(&figure.scene, Theme::Light, &figure.title), &mut wrong);
    }
    settle(wrong);
}

#[test]
fn channels_and_their_panels() {
    let mut wrong = Vec::new();
    let links = [
        ("main", 0, "size=16"),
        ("numbers", 0, "input=digits&size=5&padding=0&weights=random&in_channels=2"),
        ("bank", 1, "size=16"),
        ("groups", 1, "size=16&in_channels=6&out_channels=12&groups=3&panel=groups"),
        ("mixing", 1, "size=16&weights=false_colour&out_channels=3&panel=mixing"),
        ("parameters", 1, "out_channels=64&panel=parameters"),
    ];
    for (name, at, query) in links {
        let all = figures(&format!("#/channels?{query}"), Lang::En, 760.0, 12.0);
        let figure = all.get(at).unwrap();
        let picture = document(&figure.scene, Theme::Light, &figure.title);
        compare(&format!("channels-{name}"), &picture, &mut wrong);
    }
    settle(wrong);
}

#[test]
fn the_snapshots_stay_small() {
    let files = fs::read_dir(folder()).unwrap().map(|f| f.unwrap().metadata().unwrap().len());
    assert!(files.sum::<u64>() < 1_500_000);
}

/// Writes the figures of a link, what is said beside them and the questions, to look at:
/// `LOOK="<path>|<link>|<lang>|<width>|<font>|<theme>" cargo test … write_pictures -- --ignored`.
#[test]
#[ignore = "writes pictures to look at"]
fn write_pictures() {
    for line in env::var("LOOK").unwrap().lines().filter(|l| !l.trim().is_empty()) {
        let [path, hash, lang, width, font, theme] = line.trim().split('|').collect::<Vec<_>>()[..] else {
            panic!("six parts, please: {line}");
        };
        let (lang, theme) = (Lang::from_tag(lang).unwrap(), Theme::from_key(theme).unwrap());
        let (width, font) = (width.parse().unwrap(), font.parse().unwrap());
        let (run, step) = run(hash);
        let look = Look { lang, width, font, stroke: theme.stroke(), focus: None, step };
        for figure in run.draw(&look) {
            let picture = document(&figure.scene, theme, &figure.title);
            fs::write(format!("{path}-{}.svg", figure.id), picture).unwrap();
            fs::write(
                format!("{path}-{}.txt", figure.id),
                format!("{}\n{}\n{}", figure.title, figure.caption, figure.summary),
            )
            .unwrap();
        }
        let insight = run.insight(&look);
        let code =
            insight.snippets.iter().map(|s| format!("<h2>{}</h2><pre>{}</pre>", s.name, escape(&s.code)));
        let said = html::insight(&insight, theme, ("", "")) + &code.collect::<String>();
        fs::write(format!("{path}-insight.html"), format!("<meta charset=utf-8>{said}")).unwrap();
        for round in 0..7 {
            let Some(asked) = receptive::labs::challenge(&*run, round, lang) else { break };
            fs::write(format!("{path}-ask{round}.txt"), format!("{}\n{:#?}", asked.ask, asked.options))
                .unwrap();
            if let Some((scene, what)) = asked.picture {
                fs::write(format!("{path}-ask{round}.svg"), document(&scene, theme, &what)).unwrap();
            }
        }
    }
}
