//! Laws 2 and 3: every link is safe, and says the same again when it is written and read.

use crate::settings::draws_or_explains;
use crate::{explains, settled, share, told};
use receptive::core::tensor::Random;
use receptive::labs::LABS;
use receptive::stage::control::{Control, Kind, Values};
use receptive::stage::lab::{AnyLab, Data};
use receptive::stage::link::{self, Link, SHELL_KEYS, Setup, Shell};
use receptive::stage::text::Lang;
use receptive::stage::theme::Theme;

/// Links tried of each lab.
const TRIED: usize = 6000;

/// Values no control wants, and some that only look harmless.
fn nasty(random: &mut Random) -> String {
    let digits = |n: usize| "9".repeat(n);
    let list = [
        "",
        " ",
        "0",
        "-1",
        "−1",
        "-0",
        "1.5",
        "1e3",
        "1e400",
        "-1e400",
        "NaN",
        "nan",
        "inf",
        "-Infinity",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551616",
        "0x10",
        "1_000",
        "٣",
        "三",
        "null",
        "undefined",
        "true",
        "[object Object]",
        "<script>alert(1)</script>",
        "%3Cb%3E",
        "%",
        "%%%",
        "%zz",
        "%e5%8d",
        "%00",
        "%ff%fe",
        "+",
        "++",
        ",",
        ",,,,",
        ";",
        ";;;;",
        "1,",
        ",1",
        "1,2,3",
        "1,2,3,4,5",
        "1;2",
        "1,2;3",
        "[[1,2],[3,4]]",
        "[[1,2],[3]]",
        "(3,3)",
        "((3))",
        "3:3",
        ":",
        "a:b:c",
        "=",
        "==",
        "#",
        "#/",
        "?",
        "/",
        "..",
        "../../etc",
        "same",
        "SAME",
        "valid,valid",
        "own",
        "my own",
        "{H}",
        "{}",
        "👩‍🔬",
        "a\u{301}",
        "\u{202e}abc",
        "\u{0}",
        "\t\n",
        "1\n2",
        "3.4028235e38",
        "3.4028235e38,3.4028235e38;1e38,1e38",
        "1e-45",
        "1e-320",
        "1e30",
        "-1e30",
        "512",
        "513",
        "512,1",
        "1,512",
        "64,64,64,64",
        "65",
        "16",
        "15",
        "0,0",
        "0,1",
        "1e2",
        "stride:3",
        "size:512",
        "weight:1e38,-1e38",
        "kernel:",
        "compare:compare",
        "seed:1",
        "input:own",
    ];
    match random.below(12) {
        0 => digits(1 + random.below(400)),
        1 => "x".repeat(10_000),
        2 => "卷".repeat(4_000),
        3 => (0..3).map(|_| vec!["1"; 1000].join(",")).collect::<Vec<_>>().join(";"),
        4 => vec!["-1,2"; 1000].join(";"),
        5 => (0..1 + random.below(30))
            .map(|_| [",", ";", "1", "-", ".", "e", "%", "5", ":"][random.below(9)])
            .collect(),
        6 => (0..random.below(40)).filter_map(|_| char::from_u32(random.below(0x11_0000) as u32)).collect(),
        _ => list[random.below(list.len())].into(),
    }
}

/// A link made of real keys, unknown ones, and values that hurt.
fn hostile(lab: &dyn AnyLab, random: &mut Random) -> String {
    let mut parts = Vec::new();
    for _ in 0..1 + random.below(6) {
        let controls = lab.controls();
        let key = match random.below(10) {
            0 => nasty(random),
            1 | 2 => SHELL_KEYS[random.below(SHELL_KEYS.len())].into(),
            _ => controls[random.below(controls.len())].key.into(),
        };
        let value = match random.below(4) {
            0 => {
                let at = random.below(controls.len());
                controls[at].write(&crate::value(lab, at, random, false))
            }
            _ => nasty(random),
        };
        parts.push(match random.below(12) {
            0 => key.clone(),
            1 => format!("{key}={value}&{key}=3"),
            2 => format!("{key}={value}&{key}={value}"),
            3 => format!("&&{key}=={value}"),
            _ => format!("{key}={value}"),
        });
    }
    let slug = match random.below(20) {
        0 => nasty(random),
        1 => String::new(),
        2 => format!("{}/", lab.slug()),
        _ => lab.slug().into(),
    };
    let start = ["#/", "#", "", "##//", "/"][random.below(10).min(4)];
    let end = ["", "&", "&step=5", "#a", "?b=c"][random.below(5)];
    format!("{start}{slug}?{}{end}", parts.join("&"))
}

#[test]
fn every_link_is_safe() {
    for lab in LABS {
        let mut random = Random::new(2);
        let (mut refused, mut drawn) = (0, 0);
        let tried = share(*lab, TRIED);
        for at in 0..tried {
            let hash = hostile(*lab, &mut random);
            let read = link::read(&hash, LABS, &Data::new());
            for problem in &read.problems {
                explains(problem, &hash);
            }
            refused += read.problems.len();
            let target = LABS[read.lab];
            assert_eq!(read.setup.values.0.len(), target.controls().len(), "{hash}");
            // Whatever it came to can be written, and is then a link without problems.
            let written = link::write(target, &read.setup, &read.shell, &Data::new());
            let again = link::read(&written, LABS, &Data::new());
            assert!(again.problems.is_empty(), "{hash} became {written}: {:?}", again.problems);
            same(&again, &read.setup, &read.shell, &written);
            if at % 10 == 0 && !large(&read.setup.values) {
                drawn += usize::from(draws_or_explains(target, &read.setup, &mut random, at / 10));
            }
        }
        assert!(refused > tried && drawn > tried / 50, "{refused} problems, {drawn} drawn");
    }
}

/// Inputs so large that drawing hundreds takes long; law 1 draws some.
fn large(values: &Values) -> bool {
    values.0.iter().any(|v| matches!(v, receptive::stage::value::Value::Pair(h, w) if *h.max(w) > 128))
}

/// What is left out is named: by its key where there is one.
#[test]
fn what_is_left_out_is_reported() {
    for lab in LABS {
        let defaults = Setup::defaults(lab.controls());
        // Any text is a text.
        let texts = |c: &&Control| !matches!(c.kind, Kind::Text { .. });
        let keys = lab.controls().iter().filter(texts).map(|c| c.key);
        for key in keys.chain(SHELL_KEYS).chain(["no_such_key"]) {
            if matches!(key, "hide" | "lock") {
                continue;
            }
            for value in ["NaN", "👩‍🔬", "1,2,3,4,5;6", "1e999", "%%%"] {
                let hash = format!("#/{}?{key}={value}", lab.slug());
                let read = link::read(&hash, LABS, &Data::new());
                assert_eq!(read.problems.len(), 1, "{hash}: {:?}", read.problems);
                assert_eq!(read.setup, defaults, "{hash}");
                explains(&read.problems[0], &hash);
            }
        }
        let read = link::read("#/no-such-lab?a=1", LABS, &Data::new());
        assert!(format!("{:?}", read.problems).contains("no-such-lab"));
    }
}

fn same(read: &Link, setup: &Setup, shell: &Shell, hash: &str) {
    assert_eq!(read.setup, *setup, "{hash}");
    assert_eq!(read.shell, *shell, "{hash}");
}

#[test]
fn a_written_link_reads_as_it_was() {
    for (place, lab) in LABS.iter().enumerate() {
        let mut random = Random::new(3);
        for _ in 0..share(*lab, 4000) {
            let setup = Setup {
                values: settled(*lab, &mut random, true),
                seed: (random.next_u64() % ((1 << 53) + 1)) >> random.below(54),
                step: random.below(1_000_001) >> random.below(20),
                compare: (random.below(3) == 0).then(|| {
                    let at = random.below(lab.controls().len());
                    (at, crate::value(*lab, at, &mut random, true))
                }),
            };
            let some = |random: &mut Random| -> Vec<String> {
                lab.controls().iter().filter(|_| random.below(6) == 0).map(|c| c.key.into()).collect()
            };
            let shell = Shell {
                lang: [None, Some(Lang::En), Some(Lang::Zh)][random.below(3)],
                theme: Theme::KEYS.get(random.below(6)).and_then(|k| Theme::from_key(k)),
                embed: random.below(2) == 0,
                present: random.below(2) == 0,
                hide: some(&mut random),
                lock: some(&mut random),
                fuzz: (random.below(4) == 0).then(|| random.next_u64() % 1000),
            };
            let hash = link::write(*lab, &setup, &shell, &Data::new());
            let read = link::read(&hash, LABS, &Data::new());
            assert!(read.problems.is_empty(), "{hash}: {:?}", read.problems);
            assert_eq!(read.lab, place);
            same(&read, &setup, &shell, &hash);
            // The order in which a link is written doesn't matter.
            let (path, query) = hash.split_once('?').unwrap_or((&hash, ""));
            let turned: Vec<&str> = query.split('&').rev().collect();
            let turned = format!("{path}?{}", turned.join("&"));
            same(&link::read(&turned, LABS, &Data::new()), &setup, &shell, &turned);
        }
    }
}

/// Each line of `tests/links.txt` is a link somebody may have kept, a tab, and what it must go on to mean: everything
/// that differs from the defaults, as `key=value` with spaces between. Lines are added, never changed.
#[test]
fn released_links_keep_their_meaning() {
    let mut told = Vec::new();
    for line in include_str!("../links.txt").lines().filter(|l| !l.is_empty() && !l.starts_with("//")) {
        let (hash, expected) = line.split_once('\t').unwrap_or_else(|| panic!("no tab in {line}"));
        let read = link::read(hash, LABS, &Data::new());
        assert!(read.problems.is_empty(), "{hash}: {:?}", read.problems);
        assert_eq!(meaning(&read), expected, "{hash}");
        told.push((read.lab, link::split(hash).1));
    }
    for (place, lab) in LABS.iter().enumerate() {
        for key in lab.controls().iter().map(|c| c.key).chain(SHELL_KEYS) {
            let is_told = told.iter().any(|(at, pairs)| *at == place && pairs.iter().any(|(k, _)| k == key));
            assert!(is_told, "no link in tests/links.txt sets {key} of {}", lab.slug());
        }
    }
}

/// Everything a link sets apart from the defaults.
fn meaning(read: &Link) -> String {
    let lab = LABS[read.lab];
    let (setup, shell) = (&read.setup, &read.shell);
    let mut list = vec![lab.slug().to_string()];
    for (control, value) in lab.controls().iter().zip(&setup.values.0) {
        if *value != control.default_value() {
            list.push(format!("{}={}", control.key, control.write(value)));
        }
    }
    let mut add = |key: &str, value: Option<String>| list.extend(value.map(|v| format!("{key}={v}")));
    add("step", (setup.step > 0).then(|| setup.step.to_string()));
    add("seed", (setup.seed > 0).then(|| setup.seed.to_string()));
    add(
        "compare",
        setup
            .compare
            .as_ref()
            .map(|(at, v)| format!("{}:{}", lab.controls()[*at].key, lab.controls()[*at].write(v))),
    );
    add("lang", shell.lang.map(|l| l.key().into()));
    add("theme", shell.theme.map(|t| t.key().into()));
    add("embed", shell.embed.then(|| "1".into()));
    add("present", shell.present.then(|| "1".into()));
    add("hide", (!shell.hide.is_empty()).then(|| shell.hide.join(",")));
    add("lock", (!shell.lock.is_empty()).then(|| shell.lock.join(",")));
    add("fuzz", shell.fuzz.map(|seed| seed.to_string()));
    list.join(" ")
}

/// The links that labs offer themselves set the lab up without a problem.
#[test]
fn offered_links_are_good() {
    for (lab, rows) in LABS.iter().zip(receptive::labs::QUESTIONS) {
        for lang in Lang::ALL {
            let questions = rows(lang).iter().map(|q| q.link);
            for query in questions.chain(lab.beginnings(lang).iter().map(|b| b.1)) {
                let read = link::read(&format!("#/{}?{query}", lab.slug()), LABS, &Data::new());
                assert!(read.problems.is_empty(), "{query}: {:?}", read.problems);
                let computed = crate::run(*lab, &read.setup);
                let computed = computed.unwrap_or_else(|e| panic!("{}: {e:?}", told(*lab, &read.setup)));
                for round in 0..10 {
                    let Some(show) =
                        receptive::labs::challenge(computed.as_ref(), round, lang).and_then(|c| c.show)
                    else {
                        continue;
                    };
                    let shown = link::read(&format!("#/{}?{show}", lab.slug()), LABS, &Data::new());
                    assert!(shown.problems.is_empty(), "{show}: {:?}", shown.problems);
                    assert!(crate::run(*lab, &shown.setup).is_ok(), "{show}");
                }
            }
        }
    }
}

#[test]
fn undo_says_what_it_changes() {
    use receptive::stage::link::difference;
    for lab in LABS {
        let read = |query: &str| link::read(&format!("#/{}?{query}", lab.slug()), LABS, &Data::new()).setup;
        let controls = lab.controls();
        let start = read("");
        assert_eq!(difference(controls, &start, &start), "");
        for (place, control) in controls.iter().enumerate() {
            let mut count = 7;
            let mut below = |n: usize| {
                count += 1;
                count % n.max(1)
            };
            let Some(value) =
                (0..50).map(|_| control.random(&mut below)).find(|v| *v != start.values.0[place])
            else {
                continue;
            };
            let mut changed = start.clone();
            changed.values = changed.values.with(place, value);
            let said = difference(controls, &start, &changed);
            assert!(said.starts_with(control.key), "{} {said}", control.key);
        }
        let stepped = link::Setup { step: 3, ..start.clone() };
        assert_eq!(difference(controls, &start, &stepped), "step 0 → 3");
        assert_eq!(difference(controls, &stepped, &start), "step 3 → 0");
    }
}
