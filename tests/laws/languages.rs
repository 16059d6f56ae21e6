//! Law 6: both languages are complete, say the same things, and fit where they stand.

use crate::settings::said;
use crate::{gap, is_han, look, runs, told};
use receptive::labs::LABS;
use receptive::labs::convolution;
use receptive::stage::lab::AnyLab;
use receptive::stage::scene::{Anchor, Mark, text_width};
use receptive::stage::text::Lang;
use std::collections::HashSet;

/// A text with its name, in English and Chinese.
type Pair = (&'static str, &'static str, &'static str);

/// The texts of every lab.
const WORDS: [(&str, &[Pair]); 1] = [("convolution", convolution::Words::ALL)];

/// Names of people, programs and formats that Chinese texts write as they are.
const NAMES: [&str; 31] = [
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
    for lab in LABS {
        let slug = lab.slug();
        pair(slug, lab.name(Lang::En), lab.name(Lang::Zh));
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
        let (en, zh) = (lab.questions(Lang::En), lab.questions(Lang::Zh));
        assert_eq!(en.len(), zh.len(), "{slug}: questions");
        for (en, zh) in en.iter().zip(zh) {
            assert_eq!((en.id, en.link), (zh.id, zh.link), "{slug}");
            pair(en.id, en.short, zh.short);
            pair(en.id, en.look, zh.look);
        }
        let (en, zh) = (lab.beginnings(Lang::En), lab.beginnings(Lang::Zh));
        assert_eq!(en.len(), zh.len(), "{slug}: beginnings");
        for (en, zh) in en.iter().zip(zh) {
            assert_eq!(en.1, zh.1, "{slug}");
            pair(slug, en.0, zh.0);
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
    for label in lab.labels(Lang::Zh) {
        list.extend(label.options.iter().flat_map(|o| words(o)));
    }
    list
}

/// What is drawn and said in Chinese holds no English words, and nothing is left to be filled in, in either language.
#[test]
fn nothing_is_left_untranslated() {
    for (at, (lab, setup, run)) in runs(40, 400).into_iter().enumerate() {
        let mut code = code(lab);
        code.extend(run.tensors().iter().map(|(name, _)| name.to_string()));
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
            let asked = run.challenge((at % 14) as u64, lang);
            if let Some((scene, _)) = asked.as_ref().and_then(|c| c.picture.as_ref()) {
                keep(scene);
            }
            texts.extend(figures.into_iter().flat_map(|f| [f.title, f.caption, f.summary]));
            if let Some(asked) = asked {
                texts.push(asked.ask);
                texts.extend(asked.picture.map(|(_, says)| says));
                texts.extend(asked.options.into_iter().flat_map(|o| [o.text, o.because]));
            }
            for text in texts {
                let what = told(lab, &setup);
                assert!(!gap(&text), "{what}: {text}");
                let foreign = match lang {
                    Lang::En => text.chars().find(|c| is_han(*c)).map(String::from),
                    Lang::Zh => words(&text).into_iter().find(|w| !code.contains(w)),
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
