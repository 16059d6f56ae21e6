//! The lab's figures as scenes.

mod backward;
mod forward;
mod panels;
mod sheet;

pub use sheet::sized;

use super::Pooling;
use super::compute::Output;
use super::params::Params;
use crate::stage::lab::{Figure, Look, Ran, Shared};

/// The figures, in the order in which they stand.
pub fn figures(run: &Ran<Pooling>, look: &Look) -> Vec<Figure> {
    vec![forward::figure(run, look), Figure { id: "panel", ..panels::figure(run, look) }]
}

/// The names of the tensors of one of two states.
#[derive(Clone, Copy)]
pub struct Names {
    /// The input.
    pub input: &'static str,
    /// The output.
    pub output: &'static str,
    /// The gradient that arrives.
    pub grad_output: &'static str,
    /// Where it lands.
    pub grad_input: &'static str,
}

/// Of the state itself.
pub const FIRST: Names =
    Names { input: "input", output: "output", grad_output: "grad_output", grad_input: "grad_input" };
/// Of the state beside it.
pub const SECOND: Names = Names {
    input: "beside_input",
    output: "beside_output",
    grad_output: "beside_grad_output",
    grad_input: "beside_grad_input",
};

/// One of the states of a run.
#[derive(Clone, Copy)]
pub struct State<'a> {
    /// Its parameters.
    pub params: &'a Params,
    /// What was computed.
    pub output: &'a Output,
    /// The names of its tensors.
    pub names: Names,
    /// The control that differs between two states, and its value here.
    pub title: Option<(&'static str, &'a str)>,
}

/// The state, and the one beside it.
pub fn states(run: &Ran<Pooling>) -> Vec<State<'_>> {
    let title = run.beside.as_ref().map(|s| (s.key, s.values.0.as_str()));
    let first = State { params: &run.params, output: &run.output, names: FIRST, title };
    let second = run.beside.as_ref().map(|s| {
        let title = Some((s.key, s.values.1.as_str()));
        State { params: &s.params, output: &s.output, names: SECOND, title }
    });
    std::iter::once(first).chain(second).collect()
}

/// The output whose window is drawn and explained: the pointed one, one that took the pointed input cell or reads it,
/// the step of the player, or at rest the middle one.
pub fn pointed(output: &Output, look: &Look) -> (usize, usize) {
    let (oh, ow) = output.size();
    if let Some(found) = look.focus.and_then(|focus| {
        let [.., r, c] = focus.index[..] else { return None };
        match focus.tensor.strip_prefix("beside_").unwrap_or(focus.tensor) {
            "output" | "grad_output" | "indices" => (r < oh && c < ow).then_some((r, c)),
            "input" | "grad_input" | "grad_split" | "grad_all" => of_input(output, (r, c)),
            _ => None,
        }
    }) {
        return found;
    }
    match look.step.checked_sub(1) {
        Some(at) if at < oh * ow => (at / ow, at % ow),
        _ => ((oh - 1) / 2, (ow - 1) / 2),
    }
}

/// The output that took an input cell, or the first that reads it.
fn of_input(output: &Output, cell: (usize, usize)) -> Option<(usize, usize)> {
    let (oh, ow) = output.size();
    let reads = |axis: usize, n: usize, at: usize| -> Vec<usize> {
        let holds =
            |i: &usize| output.walk.windows.span(axis, *i).is_some_and(|s| s.cells().any(|c| c == at));
        (0..n).filter(holds).collect()
    };
    let (rows, cols) = (reads(0, oh, cell.0), reads(1, ow, cell.1));
    let all = || rows.iter().flat_map(|r| cols.iter().map(move |c| (*r, *c)));
    all().find(|(r, c)| output.winner(*r, *c) == Some(cell)).or_else(|| all().next())
}

/// The tensors of the state beside, by the names they are drawn under.
pub fn beside_tensors(output: &Output) -> [(&'static str, Shared); 4] {
    [
        (SECOND.input, output.input.clone()),
        (SECOND.output, output.output.clone()),
        (SECOND.grad_output, output.grad_output.clone()),
        (SECOND.grad_input, output.grad_input.clone()),
    ]
}
