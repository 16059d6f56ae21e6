//! Law 6: both languages are complete, say the same things, and fit where they stand.

use crate::settings::said;
use crate::{gap, is_han, look, runs, told};
use receptive::labs::{LABS, SIGNS};
use receptive::labs::{attention, channels, checkerboard, convolution, pooling, positions, receptive_field};
use receptive::stage::control::Kind;
use receptive::stage::lab::AnyLab;
use receptive::stage::link::Setup;
use receptive::stage::scene::{Anchor, Mark, text_width};
use receptive::stage::text::Lang;
use std::collections::HashSet;

/// A text with its name, in English and Chinese.
type Pair = (&'static str, &'static str, &'static str);

/// The texts of every lab.
const WORDS: [(&str, &[Pair]); 7] = [
    ("convolution", convolution::Words::ALL),
    ("channels", channels::Words::ALL),
    ("pooling", pooling::Words::ALL),
    ("receptive-field", receptive_field::Words::ALL),
    ("checkerboard", checkerboard::Words::ALL),
    ("attention", attention::Words::ALL),
    ("positions", positions::Words::ALL),
];

/// Names of people, programs and formats that Chinese texts write as they are.
const NAMES: [&str; 64] = [
    "Conv2d",
    "PyTorch",
    "TensorFlow",
    "Keras",
    "JAX",
    "NumPy",
    "Sobel",
    "Prewitt",
    "Gabor",
    "Laplacian",
    "ReLU",
    "Leaky",
    "GELU",
    "SiLU",
    "Sigmoid",
    "SAME",
    "VALID",
    "CNN",
    "float32",
    "Esc",
    "Play",
    "MAC",
    "kB",
    "ceil_mode",
    "tanh",
    "relu",
    "erf",
    "log",
    "max",
    "exp",
    "conv2d",
    "ALiBi",
    "RoPE",
    "YaRN",
    "NTK",
    "Llama",
    "softmax",
    "sin",
    "cos",
    "CPU",
    "CUDA",
    "amax",
    "conv",
    "ICNR",
    "Adam",
    "numpy",
    "pytorch",
    "Softmax",
    "MASK",
    "PAD",
    "UTF",
    "GiB",
    "MiB",
    "sqrt",
    "Bahdanau",
    "Luong",
    "padding_difference",
    "dropout",
    "sigmoid",
    "eval",
    "BatchNorm2d",
    "BERT",
    "VGG",
    "input",
];

#[test]
fn texts_exist_in_both_languages() {
    assert!(LABS.iter().all(|lab| WORDS.iter().any(|(slug, _)| *slug == lab.slug())), "add the lab to WORDS");
    for (slug, words) in WORDS {
        assert!(!words.is_empty());
        for (key, en, zh) in words {
            pair(&format!("{slug} {key}"), en, zh);
        }
    }
}

/// Both are there, with the same places to fill, and the Chinese one is Chinese or holds no word at all.
fn pair(what: &str, en: &str, zh: &str) {
    assert!(!en.trim().is_empty() && !zh.trim().is_empty(), "{what}: empty");
    assert_eq!(places(en), places(zh), "{what}: {en} / {zh}");
    assert!(!en.chars().any(is_han), "{what}: {en}");
    assert!(zh.chars().any(is_han) || words(zh).iter().all(|w| NAMES.contains(&w.as_str())), "{what}: {zh}");
}

fn places(text: &str) -> Vec<&str> {
    let mut list: Vec<&str> =
        text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect();
    list.sort_unstable();
    list.dedup();
    list
}

/// Words of three Latin letters or more, without the places to be filled.
fn words(text: &str) -> Vec<String> {
    let mut plain = text.to_string();
    for place in places(text) {
        plain = plain.replace(&format!("{{{place}}}"), " ");
    }
    plain
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|w| w.chars().filter(char::is_ascii_alphabetic).count() > 2)
        .map(String::from)
        .collect()
}

#[test]
fn names_labels_and_questions_exist_in_both_languages() {
    for (at, lab) in LABS.iter().enumerate() {
        let slug = lab.slug();
        pair(slug, lab.name(Lang::En), lab.name(Lang::Zh));
        // The menu says the same before the lab has come.
        let sign = SIGNS.iter().find(|sign| sign.slug == slug).map(|sign| sign.name);
        assert_eq!(sign, Some([lab.name(Lang::En), lab.name(Lang::Zh)]));
        pair(slug, lab.title(Lang::En).0, lab.title(Lang::Zh).0);
        pair(slug, lab.title(Lang::En).1, lab.title(Lang::Zh).1);
        let (en, zh) = (lab.groups(Lang::En), lab.groups(Lang::Zh));
        assert_eq!(en.len(), zh.len(), "{slug}: groups");
        en.iter().zip(zh).for_each(|(en, zh)| pair(slug, en, zh));
        assert!(lab.controls().iter().all(|c| c.group < en.len()), "{slug}: a control without a heading");
        let (en, zh) = (lab.labels(Lang::En), lab.labels(Lang::Zh));
        assert!(en.len() == zh.len() && en.len() == lab.controls().len(), "{slug}: labels");
        for ((en, zh), control) in en.iter().zip(&zh).zip(lab.controls()) {
            let what = format!("{slug} {}", control.key);
            pair(&what, en.name, zh.name);
            pair(&what, en.hint, zh.hint);
            assert_eq!(en.options.len(), zh.options.len(), "{what}");
            for options in [en.options, zh.options] {
                let unlike: HashSet<_> = options.iter().collect();
                assert!(unlike.len() == options.len() && !options.contains(&""), "{what}: {options:?}");
            }
        }
        let rows = receptive::labs::QUESTIONS[at];
        let (en, zh) = (rows(Lang::En), rows(Lang::Zh));
        assert_eq!(en.len(), zh.len(), "{slug}: questions");
        for (en, zh) in en.iter().zip(zh) {
            assert_eq!((en.id, en.link), (zh.id, zh.link), "{slug}");
            pair(en.id, en.short, zh.short);
            pair(en.id, en.look, zh.look);
            pair(en.id, en.ask, zh.ask);
            pair(en.id, en.answer, zh.answer);
            assert_eq!(en.options.len(), zh.options.len(), "{}: options", en.id);
            en.options
                .iter()
                .zip(zh.options)
                .for_each(|(en_option, zh_option)| pair(en.id, en_option, zh_option));
            if !en.mistake.is_empty() || !zh.mistake.is_empty() {
                pair(en.id, en.mistake, zh.mistake);
            }
        }
        let (en, zh) = (lab.beginnings(Lang::En), lab.beginnings(Lang::Zh));
        assert_eq!(en.len(), zh.len(), "{slug}: beginnings");
        for (en, zh) in en.iter().zip(zh) {
            assert_eq!(en.1, zh.1, "{slug}");
            pair(slug, en.0, zh.0);
        }
    }
}

#[test]
fn the_curriculum_and_lessons_exist_in_both_languages() {
    use receptive::labs::curriculum::{Chapter, ROWS};
    for row in ROWS {
        pair(row.id, row.title[0], row.title[1]);
    }
    for chapter in Chapter::ALL {
        pair("chapter", chapter.name()[0], chapter.name()[1]);
    }
    for lesson in receptive::labs::lessons::LESSONS {
        pair(lesson.slug, lesson.title[0], lesson.title[1]);
        lesson.steps.iter().for_each(|step| pair(step.link, step.note[0], step.note[1]));
    }
}

/// Chinese questions hold no English words but names, keys and what stands in the text the learner sees.
#[test]
fn questions_are_translated() {
    for (lab, rows) in LABS.iter().zip(receptive::labs::QUESTIONS) {
        let code = code(*lab);
        for q in rows(Lang::Zh) {
            let read = receptive::stage::link::read(
                &format!("#/{}?{}", lab.slug(), q.link),
                LABS,
                &receptive::stage::lab::Data::new(),
            );
            let typed = typed(*lab, &read.setup);
            let texts = [&[q.short, q.look, q.ask, q.answer, q.mistake], q.options].concat();
            for text in texts {
                let foreign =
                    words(text).into_iter().find(|w| !code.contains(w) && !typed.contains(w.as_str()));
                assert!(foreign.is_none(), "{}: {foreign:?} in {text}", q.id);
            }
        }
    }
}

/// Everything Latin that a Chinese text of this lab may hold: keys, options, tensors and names.
fn code(lab: &dyn AnyLab) -> HashSet<String> {
    let mut list: HashSet<String> = NAMES.iter().map(|n| n.to_string()).collect();
    for control in lab.controls() {
        list.insert(control.key.into());
        list.extend(
            words(&format!("{:?}", control.kind).replace(['{', '}'], " "))
                .into_iter()
                .filter(|w| w.to_lowercase() == *w),
        );
    }
    if lab.slug() == "receptive-field" {
        // Layers and papers have the names that their authors gave them.
        for network in receptive::core::nets::networks::NETWORKS {
            list.extend(words(network.source).into_iter().chain(words(network.implementation)));
            let summary = network.summary((network.input, network.input)).unwrap();
            for layer in &summary.layers {
                list.extend(words(&layer.name));
                // A long name stands without its first parts where there is no room.
                let parts = layer.name.match_indices(['.', '_']);
                list.extend(parts.flat_map(|(at, _)| words(&layer.name[at + 1..])));
            }
        }
    }
    for label in lab.labels(Lang::Zh) {
        list.extend(label.options.iter().flat_map(|o| words(o)));
    }
    list
}

/// The learner's own texts of a setting.
fn typed(lab: &dyn AnyLab, setup: &Setup) -> String {
    let second = setup.compare.iter().map(|(at, value)| (*at, value));
    let all = setup.values.0.iter().enumerate().chain(second);
    let texts = all.filter(|(at, _)| matches!(lab.controls()[*at].kind, Kind::Text { .. }));
    texts.map(|(at, value)| lab.controls()[at].write(value)).collect::<Vec<_>>().join(" ")
}

/// What is drawn and said in Chinese holds no English words, and nothing is left to be filled in, in either language.
#[test]
fn nothing_is_left_untranslated() {
    for (at, (lab, setup, run)) in runs(40, 400).into_iter().enumerate() {
        let mut code = code(lab);
        code.extend(run.tensors().iter().map(|(name, _)| name.to_string()));
        // What a learner types stands on the screen as it was typed.
        let second = setup.compare.as_ref().map(|(at, value)| (*at, value));
        for (at, value) in setup.values.0.iter().enumerate().chain(second) {
            let control = lab.controls()[at];
            if matches!(control.kind, Kind::Text { .. }) {
                code.extend(words(&control.write(value)));
            }
        }
        for lang in Lang::ALL {
            let look = look(lang, [330.0, 760.0][at % 2], 12.0);
            let mut texts = said(&run.insight(&look));
            let mut keep = |scene: &receptive::stage::scene::Scene| {
                texts.extend(scene.marks.iter().filter_map(|m| match m {
                    Mark::Text { text, .. } => Some(text.clone()),
                    _ => None,
                }));
            };
            let figures = run.draw(&look);
            figures.iter().for_each(|f| keep(&f.scene));
            let asked = receptive::labs::challenge(run.as_ref(), (at % 14) as u64, lang);
            if let Some((scene, _)) = asked.as_ref().and_then(|c| c.picture.as_ref()) {
                keep(scene);
            }
            texts.extend(figures.into_iter().flat_map(|f| [f.title, f.caption, f.summary]));
            if let Some(asked) = asked {
                texts.push(asked.ask);
                texts.extend(asked.picture.map(|(_, says)| says));
                texts.extend(asked.options.into_iter().flat_map(|o| [o.text, o.because]));
            }
            // What the learner typed is drawn as it is, whatever its language.
            let typed = typed(lab, &setup);
            for text in texts {
                let what = told(lab, &setup);
                assert!(!gap(&text), "{what}: {text}");
                let foreign = match lang {
                    Lang::En => text.chars().find(|c| is_han(*c) && !typed.contains(*c)).map(String::from),
                    Lang::Zh => {
                        words(&text).into_iter().find(|w| !code.contains(w) && !typed.contains(w.as_str()))
                    }
                };
                assert!(foreign.is_none(), "{what} in {lang:?}: {foreign:?} in {text}");
            }
        }
    }
}

/// Text twice as large stays on its picture on the narrowest page.
#[test]
fn large_text_stays_on_its_picture() {
    for (lab, setup, run) in runs(41, 250) {
        for lang in Lang::ALL {
            for (width, font) in [(330.0, 24.0), (330.0, 12.0), (760.0, 24.0)] {
                for figure in run.draw(&look(lang, width, font)) {
                    for mark in &figure.scene.marks {
                        let Mark::Text { at, text, size, anchor, .. } = mark else { continue };
                        let wide = text_width(text, *size);
                        let left = match anchor {
                            Anchor::Start => at.0,
                            Anchor::Middle => at.0 - wide / 2.0,
                            Anchor::End => at.0 - wide,
                        };
                        // Widths are estimates on the safe side.
                        let slack = 3.0 + wide * 0.05;
                        let (inside, high) =
                            (left >= -slack && left + wide <= width + slack, figure.scene.height);
                        assert!(
                            inside && at.1 <= high + 3.0,
                            "{} {} {lang:?} {width} {font}: {text:?} from {left:.0} to {:.0}, {:.0} of {high:.0}",
                            told(lab, &setup),
                            figure.id,
                            left + wide,
                            at.1
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn headings_cover_their_options() {
    for lab in LABS {
        for (control, label) in lab.controls().iter().zip(lab.labels(Lang::En)) {
            let count = |lang| lab.option_groups(control.key, lang).iter().map(|g| g.1).collect::<Vec<_>>();
            let (en, zh) = (count(Lang::En), count(Lang::Zh));
            assert_eq!(en, zh, "{}", control.key);
            assert!(en.is_empty() || en.iter().sum::<usize>() == label.options.len(), "{}", control.key);
        }
    }
}
