//! Numbers, formulas and sentences that belong to a state of the lab.

use super::compute::{Output, span, sum};
use super::draw::pointed;
use super::params::{Noise, Panel, Pool};
use super::study::Study;
use super::text::Text;
use super::words::labels;
use super::{Pooling, snippets};
use crate::stage::insight::{Fact, Insight, Note, Piece};
use crate::stage::lab::{Look, Ran};
use crate::stage::math::{Math, floor, frac, id, num, op, row, strong, sub};
use crate::stage::scene::grid::value_at;
use crate::stage::text::{count, fill, number, percent};

/// Terms of a window written out.
const MOST_TERMS: usize = 16;

/// Gradients written out as a sum.
const MOST_ADDED: usize = 6;

/// Cells where a gradient can land, and cells that serve several windows.
pub fn reached(output: &Output) -> (usize, usize) {
    let more_than = |n: usize| output.serves.iter().filter(|s| **s > n).count();
    (more_than(0), more_than(1))
}

/// Cells whose gradient is not zero, and cells where several gradients other than zero add up.
fn got(output: &Output) -> (usize, usize) {
    let got = output.grad_input.iter().filter(|g| **g != 0.0).count();
    (got, output.hears.iter().filter(|n| **n > 1).count())
}

/// Steps of work inside the input: a comparison, or an addition, for each cell of a window but the first.
fn operations(output: &Output) -> f64 {
    let axis = |a: usize| {
        let spans = (0..output.walk.windows.output()[a]).filter_map(|i| output.walk.windows.span(a, i));
        spans.map(|s| s.count).sum::<usize>() as f64
    };
    let (oh, ow) = output.size();
    (axis(0) * axis(1) - (oh * ow) as f64).max(0.0)
}

/// Numbers by their stable names.
type Facts = [(&'static str, f64)];

/// The numbers by their stable names.
pub fn facts(run: &Ran<Pooling>) -> Vec<(&'static str, f64)> {
    let o = &run.output;
    let (oh, ow) = o.size();
    let (reached, shared) = reached(o);
    let cells = o.input.len() as f64;
    let (rows, cols) = o.walk.unread();
    let [kh, kw] = o.walk.pool.kernel_size;
    let (r, c) = (o.walk.cells(0, 0).len(), o.walk.hanging());
    let mut list = vec![
        ("output_height", oh as f64),
        ("output_width", ow as f64),
        ("parameters", 0.0),
        ("operations", operations(o)),
        ("inputs_per_output", (kh * kw) as f64),
        ("cells_of_first", r as f64),
        ("bytes", 4.0 * (cells + (oh * ow) as f64)),
        ("kept_share", (oh * ow) as f64 / cells),
        ("unread_rows", rows as f64),
        ("unread_columns", cols as f64),
        ("hanging_windows", c as f64),
        ("grad_sum_in", sum(&o.grad_output)),
        ("grad_sum_out", sum(&o.grad_input)),
        ("cells_reached", reached as f64),
        ("cells_got", got(o).0 as f64),
        ("cells_shared", shared as f64),
        ("largest_on_a_cell", span(&o.grad_input).largest().into()),
    ];
    if let Some(lost) = o.lost() {
        list.push(("grad_lost", lost));
    }
    if let Some(ties) = &o.ties {
        list.extend([
            ("windows_tied", ties.windows as f64),
            ("grad_sum_split", sum(&ties.split)),
            ("grad_sum_all", sum(&ties.all)),
        ]);
    }
    list.extend(o.study.facts());
    if let Some(second) = &run.beside {
        let (h, w) = second.output.size();
        list.extend([("beside_output_height", h as f64), ("beside_output_width", w as f64)]);
    }
    list
}

/// What stands beside the figures.
pub fn insight(run: &Ran<Pooling>, look: &Look) -> Insight {
    let facts = facts(run);
    Insight {
        equation: equation(run, look),
        answer: answer(run, look, &facts),
        formulas: formulas(run, look),
        notes: notes(run, look, &facts),
        tables: tables(run, look, &facts),
        snippets: snippets::list(run, look.lang),
    }
}

/// The pointed window, written out.
fn equation(run: &Ran<Pooling>, look: &Look) -> Vec<Piece> {
    let t = Text::of(look.lang);
    let (o, kind) = (&run.output, run.params.pool);
    let (r, c) = pointed(o, look);
    let cells = o.walk.cells(r, c);
    let value = |(r, c): (usize, usize)| f64::from(value_at(&o.input, r, c));
    let name = match kind {
        Pool::Max | Pool::GlobalMax => "max(",
        Pool::Min => "min(",
        Pool::Median => "median(",
        Pool::Avg | Pool::GlobalAvg | Pool::Lp => "(",
    };
    let between = match kind {
        Pool::Avg | Pool::GlobalAvg | Pool::Lp => " +",
        _ => ",",
    };
    let winner = o.winner(r, c);
    // The page puts one gap between pieces, so what belongs to a number stands in its piece.
    let mut pieces = vec![Piece::Plain(format!("output[{r}, {c}] = {name}"))];
    // The padding's zeros take part in a median; elsewhere they add nothing.
    let [kh, kw] = o.walk.pool.kernel_size;
    let zeros = if kind == Pool::Median { kh * kw - cells.len() } else { 0 };
    let rest = cells.len().saturating_sub(MOST_TERMS) + zeros;
    let shown = cells.len().min(MOST_TERMS);
    for (at, cell) in cells.iter().take(shown).enumerate() {
        let power = if kind == Pool::Lp {
            format!("^{}", number(f64::from(run.params.norm_type), 2))
        } else {
            String::new()
        };
        let joined = at + 1 < shown || (rest > 0 && between == ",");
        let between = if joined { between } else { "" };
        let text = format!("{}{power}{between}", number(value(*cell), 3));
        pieces.push(match winner == Some(*cell) {
            true => Piece::Strong(text),
            false => Piece::Plain(text),
        });
    }
    let less = |n: usize| fill(t.read_less, &[("n", n.to_string())]);
    if rest > 0 {
        pieces.push(Piece::Plain(less(rest)));
    }
    let close = match kind {
        Pool::Avg | Pool::GlobalAvg => format!(") / {} =", o.walk.divisor(r, c)),
        Pool::Lp => format!(")^(1/{}) =", number(f64::from(run.params.norm_type), 2)),
        _ => ") =".into(),
    };
    pieces.push(Piece::Plain(close));
    let result = number(f64::from(value_at(&o.output, r, c)), 4);
    if let (Some((a, b)), Panel::Backward) = (winner, run.params.panel) {
        pieces.push(Piece::Strong(format!("{result};")));
        let (oh, ow) = o.size();
        let all = (0..oh).flat_map(|i| (0..ow).map(move |j| (i, j)));
        let won: Vec<(usize, usize)> = all.filter(|at| o.winner(at.0, at.1) == winner).collect();
        let grad = |at: &(usize, usize)| number(f64::from(value_at(&o.grad_output, at.0, at.1)), 3);
        let names = won.iter().map(|(i, j)| format!("g[{i}, {j}]")).collect();
        let values: Vec<String> = won.iter().map(grad).collect();
        let values = values.into_iter().map(|v| if v.starts_with('−') { format!("({v})") } else { v });
        pieces.push(Piece::Plain(format!("grad_input[{a}, {b}] =")));
        // One gradient is the result itself.
        let sums = if won.len() > 1 { vec![names, values.collect()] } else { vec![names] };
        for terms in sums {
            pieces.extend(added(terms, less).into_iter().map(Piece::Plain));
        }
        pieces.push(Piece::Strong(number(f64::from(value_at(&o.grad_input, a, b)), 3)));
    } else {
        pieces.push(Piece::Strong(result));
    }
    pieces
}

/// A sum with its signs, the last one an equals sign; a long one says how many terms are left out.
fn added(terms: Vec<String>, less: impl Fn(usize) -> String) -> Vec<String> {
    let n = terms.len();
    let mut list: Vec<String> = terms.into_iter().take(MOST_ADDED).collect();
    if n > MOST_ADDED {
        let last = list.len() - 1;
        list.iter_mut().take(last).for_each(|term| term.push_str(" +"));
        list.push(format!("{} =", less(n - MOST_ADDED)));
        return list;
    }
    for (at, term) in list.iter_mut().enumerate() {
        term.push_str(if at + 1 < n { " +" } else { " =" });
    }
    list
}

fn answer(run: &Ran<Pooling>, look: &Look, facts: &Facts) -> String {
    let t = Text::of(look.lang);
    let o = &run.output;
    let fact = |name: &str| facts.iter().find(|(n, _)| *n == name).map_or(0.0, |(_, v)| *v);
    let share = |name: &str| percent(fact(name));
    match &o.study {
        Study::Backward => {
            let (n, shared) = reached(o);
            let all = o.input.len();
            let values = [
                ("n", n.to_string()),
                ("all", all.to_string()),
                ("silent", (all - n).to_string()),
                ("shared", shared.to_string()),
                ("got", got(o).0.to_string()),
            ];
            let text = match got(o).0 {
                _ if span(&o.grad_output).largest() == 0.0 => t.answer_none,
                got if got != n => t.answer_some,
                _ if run.params.pool.chooses() => t.answer_choose,
                _ => t.answer_spread,
            };
            fill(text, &values)
        }
        Study::Noise(_) => {
            let noise = labels(look.lang).noise.options[run.params.noise as usize].to_lowercase();
            let values = [
                ("noise", noise),
                ("hit", share("windows_hit")),
                ("max", share("rmse_max")),
                ("avg", share("rmse_avg")),
                ("median", share("rmse_median")),
            ];
            fill(t.answer_noise, &values)
        }
        Study::Shift(s) => {
            let values = [
                ("d", s.shift.to_string()),
                ("none", share("changed_none")),
                ("max", share("changed_max")),
                ("three", share("changed_three")),
            ];
            fill(t.answer_shift, &values)
        }
        Study::SmallObject(s) => {
            let values = [
                ("layers", s.layers.to_string()),
                ("n", s.object.to_string()),
                ("max", number(fact("peak_max"), 3)),
                ("avg", number(fact("peak_avg"), 3)),
            ];
            fill(t.answer_object, &values)
        }
        Study::Order(_) => {
            let values =
                [("ratio", number(fact("macs_ratio"), 2)), ("apart", number(fact("largest_difference"), 3))];
            fill(t.answer_order, &values)
        }
        Study::Channels(_) => {
            let values =
                ["channels_out", "gap_head_parameters", "dense_head_parameters"].map(|n| count(fact(n)));
            let [channels, gap, dense] = values;
            fill(t.answer_channels, &[("channels", channels), ("gap", gap), ("dense", dense)])
        }
    }
}

/// The output size along an axis with these numbers.
fn size_formula(o: &Output, axis: usize) -> Math {
    let pool = &o.walk.pool;
    let (n, k, d, s) =
        (o.walk.windows.input()[axis], pool.kernel_size[axis], pool.dilation[axis], pool.stride[axis]);
    let (p, out) = (pool.pads[axis].0, o.walk.windows.output()[axis]);
    let over = row([
        num(n),
        op("+"),
        num(2),
        op("·"),
        num(p),
        op("−"),
        num(d),
        op("·"),
        Math::Fenced(Box::new(row([num(k), op("−"), num(1)]))),
        op("−"),
        num(1),
    ]);
    let inner = frac(over, num(s));
    let room = (n + 2 * p) as i64 - (d * (k - 1) + 1) as i64;
    let whole = if pool.ceil_mode { row([op("⌈"), inner, op("⌉")]) } else { floor(inner) };
    let steps = room.div_euclid(s as i64) + i64::from(pool.ceil_mode && room.rem_euclid(s as i64) > 0);
    let mut pieces = vec![whole, op("+"), num(1)];
    if steps + 1 > out as i64 {
        // The last window would begin behind the input, and is left out.
        pieces.extend([op("−"), num(steps + 1 - out as i64)]);
    }
    pieces.extend([op("="), strong(num(out))]);
    row(pieces)
}

fn formulas(run: &Ran<Pooling>, look: &Look) -> Vec<(String, Vec<Math>)> {
    let t = Text::of(look.lang);
    let (o, kind) = (&run.output, run.params.pool);
    let size = if kind.is_global() {
        vec![row([Math::Text(t.global_size.into())])]
    } else {
        let same = run.params.size.0 == run.params.size.1
            && [o.walk.pool.kernel_size, o.walk.pool.stride, o.walk.pool.dilation]
                .iter()
                .all(|[a, b]| a == b)
            && o.walk.pool.pads[0] == o.walk.pool.pads[1];
        (0..if same { 1 } else { 2 }).map(|a| size_formula(o, a)).collect()
    };
    let x = || sub(id("x"), id("i"));
    let slope = match kind {
        Pool::Avg | Pool::GlobalAvg => {
            let (r, c) = pointed(o, look);
            row([
                frac(id("∂y"), row([op("∂"), x()])),
                op("="),
                frac(num(1), strong(num(o.walk.divisor(r, c)))),
            ])
        }
        Pool::Lp => {
            let p = || num(number(f64::from(run.params.norm_type), 2));
            let power = |b: Math, e: Math| Math::Sup(Box::new(b), Box::new(e));
            let less = row([p(), op("−"), num(1)]);
            let inner = Math::Fenced(Box::new(frac(x(), id("y"))));
            row([frac(id("∂y"), row([op("∂"), x()])), op("="), power(inner, less)])
        }
        _ => {
            let (r, c) = pointed(o, look);
            let at = o.winner(r, c).map_or(t.slope_none.to_string(), |(a, b)| {
                fill(t.slope_one, &[("r", a.to_string()), ("c", b.to_string())])
            });
            row([frac(id("∂y"), row([op("∂"), x()])), op("="), strong(Math::Text(at))])
        }
    };
    vec![(t.output_size.into(), size), (t.gradient.into(), vec![slope])]
}

fn notes(run: &Ran<Pooling>, look: &Look, facts: &Facts) -> Vec<Note> {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let mut list = Vec::new();
    let mut say =
        |warns, text: &str, values: &[(&str, String)]| list.push(Note { warns, text: fill(text, values) });
    let fact = |name: &str| facts.iter().find(|(n, _)| *n == name).map_or(0.0, |(_, v)| *v);
    match p.panel {
        Panel::Backward => {
            if fact("windows_tied") > 0.0 && fact("grad_sum_all") != fact("grad_sum_in") {
                let values =
                    [("more", number(fact("grad_sum_all"), 2)), ("sum", number(fact("grad_sum_in"), 2))];
                say(true, t.note_ties, &values);
            }
            if o.lost().is_some_and(|lost| lost != 0.0) {
                say(true, t.note_lost, &[("n", number(fact("grad_lost"), 2))]);
            }
            let (n, added) = got(o);
            if added > 0 && fact("largest_on_a_cell") > 0.0 {
                say(false, t.note_overlap, &[("n", number(fact("largest_on_a_cell"), 2))]);
            }
            if n < o.input.len() {
                say(false, t.note_silent, &[("n", count((o.input.len() - n) as f64))]);
            }
        }
        Panel::Noise => match p.noise {
            Noise::Salt => {
                let cells = match p.pool.is_global() {
                    true => 4,
                    false => p.kernel_size.0 * p.kernel_size.1,
                };
                let values = [
                    ("n", cells.to_string()),
                    ("chance", percent(fact("chance_hit"))),
                    ("hit", percent(fact("windows_hit"))),
                ];
                say(true, t.note_salt, &values);
            }
            Noise::Pepper => say(false, t.note_pepper, &[]),
            Noise::Gaussian => {
                let values = [("max", percent(fact("bias_max"))), ("avg", percent(fact("bias_avg")))];
                say(true, t.note_gaussian, &values);
            }
        },
        Panel::Shift => say(true, t.note_phase, &[]),
        Panel::SmallObject => {
            say(true, t.note_small, &[("places", count(fact("places")))]);
            say(false, t.note_remedy, &[]);
        }
        Panel::Order => say(false, t.note_order, &[]),
        Panel::Channels => say(false, t.note_gap, &[]),
    }
    if !p.pool.is_global() && p.stride == (1, 1) && (p.kernel_size.0 % 2 == 0 || p.kernel_size.1 % 2 == 0) {
        say(true, t.note_even, &[]);
    }
    let (rows, cols) = o.walk.unread();
    if rows + cols > 0 {
        say(true, t.note_unread, &[("rows", rows.to_string()), ("cols", cols.to_string())]);
    }
    if p.pool == Pool::Lp {
        say(false, t.note_norm, &[]);
    }
    if p.pool == Pool::Avg && p.count_include_pad && p.padding != (0, 0) {
        say(true, t.note_pad_avg, &[]);
    }
    list
}

fn tables(run: &Ran<Pooling>, look: &Look, facts: &Facts) -> Vec<(String, Vec<Fact>)> {
    let t = Text::of(look.lang);
    let fact = |name: &str| facts.iter().find(|(n, _)| *n == name).map_or(0.0, |(_, v)| *v);
    let line = |name, label: &str, detail: String, value| Fact { name, label: label.into(), detail, value };
    let plain = |name, label| line(name, label, String::new(), number(fact(name), 3));
    let mut gradient = vec![
        plain("grad_sum_in", t.sum_in),
        plain("grad_sum_out", t.sum_out),
        line(
            "cells_reached",
            t.hearing,
            fill(t.hearing_of, &[("all", count(run.output.input.len() as f64))]),
            count(fact("cells_reached")),
        ),
        line("cells_got", t.got, String::new(), count(fact("cells_got"))),
        line("cells_shared", t.shared_cells, String::new(), count(fact("cells_shared"))),
        plain("largest_on_a_cell", t.largest_grad),
    ];
    if run.output.ties.is_some() {
        gradient.push(line("windows_tied", t.tied, String::new(), count(fact("windows_tied"))));
    }
    let mut cost = vec![
        line("output_height", t.output_height, String::new(), count(fact("output_height"))),
        line("output_width", t.output_width, String::new(), count(fact("output_width"))),
        line("parameters", t.parameters, t.nothing_learned.into(), "0".into()),
        line("operations", t.operations, t.cells_less_one.into(), count(fact("operations"))),
        line("kept_share", t.kept, String::new(), percent(fact("kept_share"))),
    ];
    if fact("unread_rows") + fact("unread_columns") > 0.0 {
        let value = format!("{}, {}", count(fact("unread_rows")), count(fact("unread_columns")));
        cost.push(line("unread_rows", t.unread, String::new(), value));
    }
    if fact("hanging_windows") > 0.0 {
        cost.push(line("hanging_windows", t.hanging, String::new(), count(fact("hanging_windows"))));
    }
    let mut list = vec![(t.cost.into(), cost)];
    if run.params.panel == Panel::Backward {
        list.insert(0, (t.gradient_table.into(), gradient));
    }
    list
}
