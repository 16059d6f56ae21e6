//! Laws of the questions: the curriculum and the labs say the same, every answer can be filled with the lab's own
//! numbers, and what is called the right option is right.

use crate::{gap, run_with};
use receptive::labs::curriculum::{ANSWERED, ROWS, lab_of, row};
use receptive::labs::lessons::LESSONS;
use receptive::labs::{LABS, QUESTIONS};
use receptive::stage::answer::{answered, places};
use receptive::stage::lab::{Data, Experiment, Question, Shared};
use receptive::stage::link;
use receptive::stage::text::Lang;
use receptive::stage::work::Finds;
use std::collections::HashSet;
use std::sync::Arc;

/// The state of a link, with all that is worked out in the background.
fn state(link: &str) -> Arc<dyn Experiment> {
    let read = link::read(link, LABS, &Data::new());
    assert!(read.problems.is_empty(), "{link}: {:?}", read.problems);
    let (lab, setup) = (LABS[read.lab], read.setup);
    let mut finds = Finds::default();
    finds.finish(lab.works(&setup.values, setup.compare.as_ref(), setup.seed, &Data::new()));
    run_with(lab, &setup, &finds).unwrap_or_else(|e| panic!("{link}: {e:?}"))
}

/// Every question with its lab's name, in one language.
fn all(lang: Lang) -> impl Iterator<Item = (&'static str, &'static Question)> {
    LABS.iter().zip(QUESTIONS).flat_map(move |(lab, rows)| rows(lang).iter().map(|q| (lab.slug(), q)))
}

/// The link of a row, with more said behind it.
fn link_of(id: &str, more: &str) -> String {
    let (slug, q) = all(Lang::En).find(|(_, q)| q.id == id).unwrap_or_else(|| panic!("no question {id}"));
    format!("#/{slug}?{}{more}", q.link)
}

fn fact_of(run: &dyn Experiment, name: &str) -> f64 {
    run.facts().into_iter().find(|(n, _)| *n == name).map_or(f64::NAN, |(_, v)| v)
}

/// A fact of a row's state, or of that state with something changed.
fn fact(id: &str, more: &str, name: &str) -> f64 {
    let value = fact_of(state(&link_of(id, more)).as_ref(), name);
    assert!(!value.is_nan(), "{id}{more}: no fact {name}");
    value
}

fn tensor(id: &str, more: &str, name: &str) -> Shared {
    let run = state(&link_of(id, more));
    let found = run.tensors().into_iter().find(|(n, _)| *n == name);
    found.unwrap_or_else(|| panic!("{id}{more}: no tensor {name}")).1
}

#[test]
fn the_curriculum_knows_what_labs_answer() {
    let mut seen = HashSet::new();
    for (at, (lab, rows)) in LABS.iter().zip(QUESTIONS).enumerate() {
        let ids: Vec<&str> = rows(Lang::En).iter().map(|q| q.id).collect();
        let listed = ANSWERED.iter().find(|(slug, _)| *slug == lab.slug()).map(|(_, ids)| ids.to_vec());
        assert_eq!(listed.as_ref(), Some(&ids), "write these rows of {} into ANSWERED", lab.slug());
        for id in ids {
            assert!(row(id).is_some(), "{id} is no row of the curriculum");
            assert!(seen.insert(id), "{id} is answered twice");
            assert_eq!(lab_of(id), Some(at));
        }
    }
    assert!(ANSWERED.iter().all(|(slug, _)| LABS.iter().any(|lab| lab.slug() == *slug)), "a lab is gone");
    assert_eq!(ROWS.iter().filter(|row| lab_of(row.id).is_some()).count(), seen.len());
}

#[test]
fn traps_and_only_traps_name_the_mistake() {
    for lang in Lang::ALL {
        for (_, q) in all(lang) {
            let trap = row(q.id).is_some_and(|row| row.trap);
            assert_eq!(trap, !q.mistake.is_empty(), "{} in {lang:?}", q.id);
            for text in [q.look, q.answer] {
                let told = text.to_lowercase().contains("mistake")
                    || text.contains("常见的错误")
                    || text.contains("误解");
                assert!(!told, "{}: the mistake has a field of its own: {text}", q.id);
            }
        }
    }
}

#[test]
fn options_can_be_told_apart() {
    for lang in Lang::ALL {
        for (_, q) in all(lang) {
            let unlike: HashSet<_> = q.options.iter().collect();
            assert!((2..=4).contains(&q.options.len()) && unlike.len() == q.options.len(), "{}", q.id);
            assert!(q.ask.ends_with(['?', '？']), "{}: {}", q.id, q.ask);
            let said = [q.options, &[q.ask, q.mistake]].concat();
            assert!(
                said.iter().all(|text| places(text).next().is_none()),
                "{}: only answers are filled",
                q.id
            );
        }
    }
}

/// Every place is a fact of the state that the link opens.
#[test]
fn answers_are_the_labs_own_numbers() {
    for (slug, q) in all(Lang::En) {
        let run = state(&format!("#/{slug}?{}", q.link));
        for lang in Lang::ALL {
            let (_, q) = all(lang).find(|(_, other)| other.id == q.id).unwrap();
            assert!(places(q.answer).next().is_some(), "{}: no number of the lab in {}", q.id, q.answer);
            let facts = run.facts();
            for place in places(q.answer) {
                let name = place.trim_end_matches('%');
                assert!(facts.iter().any(|(n, _)| *n == name), "{}: no fact {name}", q.id);
            }
            let text = answered(q.answer, run.as_ref(), lang).unwrap_or_else(|| panic!("{}", q.id));
            assert!(!gap(&text) && !text.contains(['{', '}']), "{}: {text}", q.id);
        }
    }
}

/// Right options that name a number, and the facts that hold it.
const PROOFS: [(&str, &[&str], &[&str]); 28] = [
    ("C2", &["inputs_per_output"], &["9"]),
    ("C4", &["inputs_per_output"], &["9"]),
    ("C5", &["parameters"], &["9"]),
    ("C7", &["output_width"], &["4"]),
    ("C9", &["usage_min", "usage_max"], &["4", "9"]),
    ("C12", &["depth"], &["4"]),
    ("C13", &["receptive_field"], &["9"]),
    ("C14", &["receptive_field"], &["38"]),
    ("C22", &["kernels"], &["64"]),
    ("C32", &["parameters"], &["1792"]),
    ("C33", &["biases"], &["4"]),
    ("C38", &["parameters"], &["72"]),
    ("C39", &["parameters", "beside_parameters"], &["18", "25"]),
    ("C45", &["touched_width"], &["7"]),
    ("C51", &["square_95"], &["19"]),
    ("C52", &["overlap_ratio"], &["4"]),
    ("P1", &["macs_ratio"], &["16"]),
    ("P4", &["channels_out"], &["4"]),
    ("P9", &["output_width"], &["4"]),
    ("P10", &["output_width"], &["9"]),
    ("T4", &["d_k"], &["16"]),
    ("T6", &["heads"], &["8"]),
    ("T15", &["queries", "keys"], &["9", "6"]),
    ("T21", &["queries", "keys"], &["9", "9"]),
    ("T29", &["queries", "keys"], &["9", "6"]),
    ("T30", &["heads", "d_k"], &["4", "4"]),
    ("T40", &["tokens_of_text", "keys"], &["9", "13"]),
    ("T52", &["d_k", "d_v"], &["4", "7"]),
];

#[test]
fn right_options_name_the_right_number() {
    for (id, names, numbers) in PROOFS {
        for (name, number) in names.iter().zip(numbers) {
            assert_eq!(fact(id, "", name).to_string(), *number, "{id}: {name}");
        }
        for lang in Lang::ALL {
            let (_, q) = all(lang).find(|(_, q)| q.id == id).unwrap();
            let said: Vec<String> = [q.ask, q.options[0]].iter().flat_map(|text| digits(text)).collect();
            // The two texts of cross-attention are seen, not counted.
            let counted = id == "T15" || numbers.iter().all(|n| said.contains(&n.to_string()));
            assert!(counted, "{id}: {numbers:?} in {said:?}");
        }
    }
}

fn digits(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).map(String::from).collect()
}

#[test]
fn right_options_of_convolution_are_right() {
    assert!(fact("C3", "", "symmetric") == 1.0 && fact("C1", "", "kernel_sum") == 0.0);
    assert!(fact("C8", "", "unread_inputs") > 15.0, "more than the last row and column");
    let (padded, input) = (tensor("C10", "", "padded"), tensor("C10", "", "input"));
    let apart = (0..8).filter(|row| input[[0, 0, *row, 0]] != input[[0, 0, *row, 1]]).count();
    assert!(apart > 0 && (0..8).all(|row| padded[[0, 0, row + 2, 1]] == input[[0, 0, row, 1]]));
    assert_eq!((fact("C11", "", "shift_rows"), fact("C11", "", "shift_columns")), (-0.5, -0.5));
    let apart = |kernel: &str| fact("C15", &format!("&kernel={kernel}"), "flip_difference");
    assert!(apart("gaussian") == 0.0 && apart("emboss") > 0.0 && apart("sobel_x") > 0.0);
    assert_eq!(fact("C20", "", "density"), 4.0 * fact("C20", "&size=20", "density"));
    assert!(
        fact("C23", "", "linearity_defect") > 0.0
            && fact("C23", "&activation=none", "linearity_defect") < 1e-4
    );
    let cures = tensor("C44", "", "cures");
    let learns: Vec<bool> = (1..9).map(|way| cures[[way, 2]] > 0.0).collect();
    assert_eq!(learns, [true, true, true, true, true, true, true, false]);
    assert_eq!(fact("C52", "&kernel_size=4", "overlap_ratio"), 1.0);
}

#[test]
fn right_options_of_channels_are_right() {
    assert_eq!(tensor("C26", "", "weight").shape(), [2, 3, 3, 3]);
    assert_eq!(tensor("C37", "", "weight").shape(), [12, 2, 3, 3]);
    assert_eq!(fact("C27", "", "slices_per_kernel"), 6.0);
    assert_eq!((fact("C31", "", "mixing_rank"), fact("C30", "", "mixing_rank")), (1.0, 3.0));
    assert!(fact("C31", "", "mixing_mean_error") > 0.02 && fact("C30", "", "mixing_mean_error") < 1e-5);
    assert_eq!(fact("C34", "", "parameters"), fact("C34", "", "beside_parameters"));
    assert!(fact("C34", "", "macs") > 3.9 * fact("C34", "", "beside_macs"));
}

#[test]
fn right_options_of_receptive_fields_are_right() {
    assert!(fact("C14", "", "square_95") < fact("C14", "", "object"));
    assert!(fact("C14", "", "object") < fact("C14", "", "receptive_field"));
    for id in ["C12", "C28", "C29", "C39"] {
        assert_eq!(fact(id, "", "receptive_field"), fact(id, "", "beside_field_width"), "{id}");
    }
    assert!(fact("C28", "", "parameters") > fact("C28", "", "beside_parameters"));
    assert!(fact("C29", "", "sigma") > 2.0 * fact("C29", "", "beside_sigma"));
    assert!(fact("C45", "&layers=c3d1,c3d2,c3d3", "touched_width") == 13.0);
}

#[test]
fn right_options_of_pooling_are_right() {
    assert_eq!((fact("P2", "", "kept_share"), fact("P5", "", "parameters")), (0.25, 0.0));
    assert!(fact("P3", "", "changed_three") > 0.0 && fact("P3", "", "changed_three_back") == 0.0);
    let errors = ["rmse_max", "rmse_avg", "rmse_median"].map(|name| fact("P7", "", name));
    assert!(errors[0] > errors[1] && errors[0] > errors[2]);
    assert_eq!(fact("P8", "", "gap_head_parameters"), fact("P8", "&size=128", "gap_head_parameters"));
    assert!(fact("P11", "", "macs_ratio") == 4.0 && fact("P11", "", "largest_difference") > 0.1);
    assert_eq!(fact("P13", "", "grad_sum_in"), fact("P13", "", "grad_sum_out"));
    assert!((fact("P14", "", "peak_avg") - 0.05).abs() < 0.01);
}

#[test]
fn right_options_of_attention_are_right() {
    assert!(fact("T2", "", "asymmetry") < 1e-5 && fact("T2", "&tie_qk=0", "asymmetry") > 0.1);
    assert!(fact("T4", "", "entropy") < fact("T4", "&scale=sqrt", "entropy"));
    assert_eq!(fact("T5", "", "padding_difference"), 0.0);
    assert!(fact("T5", "&softmax=mask_after", "padding_difference") > 0.0);
    assert_eq!(fact("T6", "", "parameters"), fact("T6", "&num_heads=1", "parameters"));
    assert_eq!(fact("T6", "", "macs"), fact("T6", "&num_heads=1", "macs"));
    assert!(
        fact("T16", "", "future_gradient") > 0.1 && fact("T16", "&is_causal=1", "future_gradient") == 0.0
    );
    let mask = tensor("T20", "", "mask");
    let sees: Vec<f32> = (0..9).map(|query| mask[[0, 0, query, 2]]).collect();
    assert_eq!(sees, [0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    let weights = tensor("T32", "", "weights");
    let row: Vec<f32> = (0..6).map(|key| weights[[0, 0, 2, key]]).collect();
    assert!(row.iter().enumerate().all(|(key, weight)| key == 1 || *weight < row[1]), "{row:?}");
    let weights = tensor("T38", "", "weights");
    assert!(weights.iter().any(|weight| *weight < -0.01));
    let sum: f32 = (0..9).map(|key| weights[[0, 0, 4, key]]).sum();
    assert!((sum - 0.2).abs() < 1e-5);
    assert_eq!(fact("T40", "", "padding_difference"), 0.0);
    assert!(fact("T53", "", "entropy") < fact("T53", "&temperature=1", "entropy"));
    assert_eq!(fact("T51", "", "scale"), 1.0);
}

#[test]
fn right_options_of_positions_are_right() {
    assert!(fact("T9", "", "order_none") < 1e-6 && fact("T9", "", "order_sinusoidal") > 0.1);
    assert!(fact("T10", "", "last_learned_position") < 40.0);
    let steps = tensor("T22", "", "wavelength");
    let length: Vec<f32> = steps.iter().copied().collect();
    assert!(length.is_sorted() && length[0] < 7.0, "{length:?}");
    assert!(fact("T31", "", "same_word_none") < 1e-6 && fact("T31", "", "same_word_rope") > 0.1);
    let moved = fact("T57", "", "rope_score") - fact("T57", "", "rope_score_unmoved");
    assert!(moved.abs() < 1e-6 && fact("T57", "", "q_at") == 107.0);
}

#[test]
fn lessons_can_be_played() {
    assert_eq!(LESSONS.len(), 3);
    for lesson in LESSONS {
        assert!((6..=8).contains(&lesson.steps.len()), "{}", lesson.slug);
        let links: HashSet<_> = lesson.steps.iter().map(|step| step.link).collect();
        assert_eq!(links.len(), lesson.steps.len(), "{}: the same link twice", lesson.slug);
        for step in lesson.steps {
            let read = link::read(step.link, LABS, &Data::new());
            assert!(read.problems.is_empty(), "{}: {:?}", step.link, read.problems);
            assert!(crate::run(LABS[read.lab], &read.setup).is_ok(), "{}", step.link);
        }
    }
}

/// Numbers that the notes of the lessons name.
#[test]
fn lessons_tell_what_is_shown() {
    let fact = |lesson: usize, step: usize, more: &str, name: &str| {
        let link = format!("{}{more}", LESSONS[lesson].steps[step].link);
        fact_of(state(&link).as_ref(), name)
    };
    let sizes: Vec<f64> = (0..8).map(|step| fact(0, step, "", "output_width")).collect();
    assert_eq!(sizes, [6.0, 4.0, 8.0, 8.0, 10.0, 4.0, 3.0, 8.0]);
    assert_eq!((fact(0, 3, "", "usage_min"), fact(0, 3, "", "usage_max")), (4.0, 9.0));
    assert_eq!((fact(0, 5, "", "unread_columns"), fact(0, 6, "", "unread_inputs")), (1.0, 28.0));
    assert_eq!(fact(0, 5, "&stride=3", "output_width"), 3.0);
    assert_eq!((fact(0, 7, "", "window_width"), fact(0, 7, "", "parameters")), (5.0, 9.0));
    let fields: Vec<f64> = (0..4).map(|step| fact(1, step, "", "receptive_field")).collect();
    assert_eq!(fields, [3.0, 7.0, 9.0, 13.0]);
    assert_eq!((fact(1, 3, "", "touched_width"), fact(1, 4, "", "receptive_field")), (7.0, 38.0));
    assert_eq!((fact(1, 4, "", "square_95"), fact(1, 5, "", "square_95")), (24.0, 19.0));
    assert_eq!((fact(2, 0, "", "d_k"), fact(2, 4, "", "padding_difference")), (4.0, 0.0));
}

/// Every answer as a learner reads it, to look at: `ANSWERS=/tmp/answers.txt`.
#[test]
#[ignore = "writes a file to read"]
fn write_answers() {
    let Ok(place) = std::env::var("ANSWERS") else { return };
    let mut text = String::new();
    for lang in Lang::ALL {
        for (slug, q) in all(lang) {
            let run = state(&format!("#/{slug}?{}", q.link));
            let answer = answered(q.answer, run.as_ref(), lang);
            text += &format!(
                "{} {} {:?}\n  {}\n  {}\n\n",
                q.id,
                q.ask,
                q.options,
                answer.unwrap_or_default(),
                q.mistake
            );
        }
    }
    std::fs::write(place, text).unwrap();
}
