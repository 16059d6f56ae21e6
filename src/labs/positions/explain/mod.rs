//! Numbers, formulas and sentences that belong to a state of the lab.

mod facts;
mod formulas;
mod notes;

pub use facts::facts;

use super::draw::{code_name, pointed, word};
use super::params::{Code, Params};
use super::text::Text;
use super::{Positions, snippets};
use crate::stage::insight::{Fact, Insight, Piece};
use crate::stage::lab::{Look, Ran};
use crate::stage::scene::grid::value_at;
use crate::stage::text::{count, fill, number};

/// The query and the key that are explained: the pointed ones, or the pair of the rotary figure.
pub fn explained(run: &Ran<Positions>, look: &Look) -> (usize, usize) {
    pointed(&run.params, look).unwrap_or(run.output.rotary.tokens)
}

/// Numbers that a code learns.
pub fn learns(p: &Params, code: Code) -> usize {
    match code {
        Code::Learned => p.trained() * p.d(),
        Code::T5 => super::params::BUCKETS * p.heads(),
        Code::None | Code::Sinusoidal | Code::Rope | Code::Alibi => 0,
    }
}

/// What stands beside the figures.
pub fn insight(run: &Ran<Positions>, look: &Look) -> Insight {
    Insight {
        equation: equation(run, look),
        answer: answer(run, look),
        formulas: formulas::formulas(run, look),
        notes: notes::notes(run, look),
        tables: tables(run, look),
        snippets: snippets::list(run, look.lang),
    }
}

/// How the pointed weight came about.
fn equation(run: &Ran<Positions>, look: &Look) -> Vec<Piece> {
    let (t, p, o) = (Text::of(look.lang), &run.params, &run.output);
    let (i, j) = explained(run, look);
    let Some(one) = o.maps.get(p.code as usize).and_then(Option::as_ref) else { return Vec::new() };
    let pair = [
        ("q", word(p, i, look.lang)),
        ("k", word(p, j, look.lang)),
        ("i", i.to_string()),
        ("j", j.to_string()),
    ];
    let (score, weight) = (f64::from(value_at(&one.scores, i, j)), f64::from(value_at(&one.weights, i, j)));
    let mut list = vec![Piece::Plain(format!("{}  ", fill(t.from_to, &pair)))];
    let plain = o.maps[0].as_ref().map_or(0.0, |m| f64::from(value_at(&m.scores, i, j)));
    match p.code {
        Code::Alibi | Code::T5 => {
            list.push(Piece::Plain(format!("q·k/√{} = {}, ", p.width(), number(plain, 3))));
            list.push(Piece::Plain(format!("{} = {}", t.bias, number(score - plain, 3))));
            list.push(Piece::Plain(" ⇒ ".into()));
        }
        Code::None => {}
        _ => {
            list.push(Piece::Plain(format!("{} {} → ", t.without, number(plain, 3))));
        }
    }
    list.push(Piece::Plain(format!("{} {}", t.score, number(score, 3))));
    list.push(Piece::Plain(format!(", {} ", t.softmax)));
    list.push(Piece::Strong(if p.is_causal && j > i { t.masked.into() } else { number(weight, 3) }));
    list
}

/// One sentence about this state.
fn answer(run: &Ran<Positions>, look: &Look) -> String {
    let (t, p, o) = (Text::of(look.lang), &run.params, &run.output);
    let name = code_name(p.code, look.lang);
    let Some(first) = super::compute::same_words(p).first().copied() else {
        return fill(t.answer_own, &[("code", name.into())]);
    };
    let gap = |code| o.apart(code).unwrap_or(0.0);
    let values =
        [("word", word(p, first, look.lang)), ("code", name.into()), ("gap", number(gap(p.code), 2))];
    let template = match (p.code, gap(p.code) < 1e-5) {
        (Code::None, true) => t.answer_none,
        (Code::None, false) => t.answer_causal,
        (_, true) => t.answer_same,
        (_, false) if gap(Code::None) < 1e-5 => t.answer_code,
        _ => t.answer_both,
    };
    fill(template, &values)
}

/// The pointed cell under each code; what a code costs and where it ends.
fn tables(run: &Ran<Positions>, look: &Look) -> Vec<(String, Vec<Fact>)> {
    const CELL: [&str; 6] =
        ["cell_none", "cell_sinusoidal", "cell_learned", "cell_rope", "cell_alibi", "cell_t5"];
    const LEARNS: [&str; 6] =
        ["learns_none", "learns_sinusoidal", "learns_learned", "learns_rope", "learns_alibi", "learns_t5"];
    let (t, p, o) = (Text::of(look.lang), &run.params, &run.output);
    let (i, j) = explained(run, look);
    let label = |code: Code| code_name(code, look.lang).to_string();
    let cells = Code::ALL.iter().zip(&o.maps).map(|(code, one)| {
        let (detail, value) = match one {
            Some(one) => (
                fill(t.score_is, &[("score", number(f64::from(value_at(&one.scores, i, j)), 2))]),
                if p.is_causal && j > i {
                    t.masked.to_string()
                } else {
                    number(f64::from(value_at(&one.weights, i, j)), 3)
                },
            ),
            None => (String::new(), t.no_rows.to_string()),
        };
        Fact { name: CELL[*code as usize], label: label(*code), detail, value }
    });
    let pair = [
        ("q", word(p, i, look.lang)),
        ("k", word(p, j, look.lang)),
        ("i", i.to_string()),
        ("j", j.to_string()),
    ];
    let enters = [t.into_nothing, t.into_x, t.into_x, t.into_qk, t.into_scores, t.into_scores];
    let costs = Code::ALL.iter().map(|code| {
        let learned = learns(p, *code);
        let detail = enters[*code as usize].to_string();
        Fact { name: LEARNS[*code as usize], label: label(*code), detail, value: count(learned as f64) }
    });
    let ends = [
        Fact {
            name: "last_learned_position",
            label: label(Code::Learned),
            detail: t.last_position.into(),
            value: (p.trained() - 1).to_string(),
        },
        Fact {
            name: "last_other_position",
            label: t.all_others.into(),
            detail: t.last_position.into(),
            value: t.no_last.into(),
        },
    ];
    vec![
        (fill(t.six_times, &pair), cells.collect()),
        (t.costs.into(), costs.collect()),
        (t.ends.into(), ends.into_iter().collect()),
    ]
}
