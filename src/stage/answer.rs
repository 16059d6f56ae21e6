//! Answers to curriculum rows: templates that the lab's own numbers are put into.

use super::lab::Experiment;
use super::text::{Lang, count, fill, number, percent};

/// A template with the facts of an experiment in the places of their names, or `None` when one of them is missing
/// (a fact that is still being worked out comes later).
///
/// `{parameters}` writes the fact as a number, with thin spaces between thousands when it is whole and large;
/// `{density%}` writes a share as per cent.
pub fn answered(template: &str, experiment: &dyn Experiment, lang: Lang) -> Option<String> {
    filled(template, &experiment.facts(), lang)
}

/// The names between braces, as they stand there, in order.
pub fn places(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0))
}

fn filled(template: &str, facts: &[(&str, f64)], lang: Lang) -> Option<String> {
    let mut values = Vec::new();
    for place in places(template) {
        let name = place.trim_end_matches('%');
        let (_, value) = facts.iter().find(|(fact, value)| *fact == name && value.is_finite())?;
        values.push((place, if name == place { written(*value) } else { share(*value, lang) }));
    }
    Some(fill(template, &values))
}

fn written(value: f64) -> String {
    if value.fract() == 0.0 && (1e3..1e15).contains(&value.abs()) { count(value) } else { number(value, 2) }
}

fn share(value: f64, lang: Lang) -> String {
    let text = percent(value);
    // Chinese sets the sign without a space.
    lang.pick(text.clone(), text.replace(' ', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: [(&str, f64); 4] =
        [("parameters", 16384.0), ("density", 0.1181), ("shift", -0.5), ("broken", f64::NAN)];

    #[test]
    fn facts_are_written_as_people_write_them() {
        let say = |text, lang| filled(text, &FACTS, lang);
        let expected = "16\u{202f}384 weights, 11.8 %, moved by −0.5";
        assert_eq!(
            say("{parameters} weights, {density%}, moved by {shift}", Lang::En).as_deref(),
            Some(expected)
        );
        assert_eq!(say("{density%}", Lang::Zh).as_deref(), Some("11.8%"));
        assert_eq!(say("no place", Lang::En).as_deref(), Some("no place"));
    }

    #[test]
    fn a_missing_fact_gives_no_answer() {
        assert_eq!(filled("{parameters} of {nothing}", &FACTS, Lang::En), None);
        assert_eq!(filled("{broken}", &FACTS, Lang::En), None);
    }
}
