//! The lab's figures as scenes.

mod main_figure;
mod map;
mod order;
mod plot;
mod reach;
mod rotary;
mod slopes;
mod table;

use super::Positions;
use super::params::{Code, Input, Panel, Params};
use super::text::Text;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::text::Lang;

/// The figures, in the order in which they stand.
pub fn figures(run: &Ran<Positions>, look: &Look) -> Vec<Figure> {
    let panel = match run.params.panel {
        Panel::Order => order::figure(run, look),
        Panel::Table => table::figure(run, look),
        Panel::Rotary => rotary::figure(run, look),
        Panel::Slopes => slopes::slopes(run, look),
        Panel::Buckets => slopes::buckets(run, look),
        Panel::Extrapolation => reach::figure(run, look),
    };
    let panel = panel.unwrap_or_else(|| Figure::empty(look));
    vec![main_figure::pair(run, look), main_figure::six(run, look), Figure { id: "panel", ..panel }]
}

/// The cell of a map that is pointed at: query and key.
pub fn pointed(p: &Params, look: &Look) -> Option<(usize, usize)> {
    let focus = look.focus?;
    let name = focus.tensor.strip_prefix("beside_").unwrap_or(focus.tensor);
    if !name.starts_with("weights") && !name.starts_with("scores") {
        return None;
    }
    let [_, _, i, j] = focus.index[..] else { return None };
    (i < p.n() && j < p.n()).then_some((i, j))
}

/// The number of the added code that is pointed at: token's row in the picture and column of the code.
pub fn pointed_code(run: &Ran<Positions>, look: &Look) -> Option<(usize, usize)> {
    let focus = look.focus?;
    let [a, b] = focus.index[..] else { return None };
    let (row, column) = match focus.tensor {
        "picture" => (b, a),
        "code" if matches!(run.params.code, Code::Sinusoidal | Code::Learned) => (a, b),
        _ => return None,
    };
    (column < run.params.d()).then_some((row, column))
}

/// The word at a token, or its number when the tokens are the learner's own.
pub fn word(p: &Params, token: usize, lang: Lang) -> String {
    const EN: [&str; 6] = ["the", "dog", "bit", "man", "and", "."];
    const ZH: [&str; 6] = ["这", "狗", "咬", "人", "又", "。"];
    match p.input {
        Input::Own => token.to_string(),
        input => lang.pick(EN, ZH)[super::compute::word(input, token) % 6].to_string(),
    }
}

/// A code's name in the language of the page.
pub fn code_name(code: Code, lang: Lang) -> &'static str {
    super::words::labels(lang).code.options[code as usize]
}

/// What a code does, in a few words.
pub fn code_does(code: Code, lang: Lang) -> &'static str {
    let t = Text::of(lang);
    match code {
        Code::None => t.does_none,
        Code::Sinusoidal => t.does_sinusoidal,
        Code::Learned => t.does_learned,
        Code::Rope => t.does_rope,
        Code::Alibi => t.does_alibi,
        Code::T5 => t.does_t5,
    }
}
