//! Formulas with the numbers of this state in them.

use super::explained;
use crate::core::ops::Sinusoidal;
use crate::labs::positions::Positions;
use crate::labs::positions::compute::sinusoidal;
use crate::labs::positions::draw::pointed_code;
use crate::labs::positions::params::{Code, Panel, Scaling};
use crate::labs::positions::rotary::pair;
use crate::labs::positions::text::Text;
use crate::stage::lab::{Look, Ran};
use crate::stage::math::{Math, frac, id, num, op, row, strong, sub};
use crate::stage::scene::grid::value_at;
use crate::stage::text::{fill, number};

fn sup(base: Math, power: Math) -> Math {
    Math::Sup(base.into(), power.into())
}

/// A number of a formula, negative ones in brackets.
fn n(value: f64, decimals: usize) -> Math {
    let text = number(value, decimals);
    if value < 0.0 { Math::Fenced(Math::Num(text).into()) } else { Math::Num(text) }
}

/// The formulas that belong to what is on the screen.
pub fn formulas(run: &Ran<Positions>, look: &Look) -> Vec<(String, Vec<Math>)> {
    let p = &run.params;
    let mut list = Vec::new();
    let code = match p.panel {
        Panel::Rotary => Code::Rope,
        Panel::Slopes => Code::Alibi,
        Panel::Buckets => Code::T5,
        _ => p.code,
    };
    match code {
        Code::None => list.push(attention(run, look)),
        Code::Sinusoidal => list.push(wave(run, look)),
        Code::Learned => list.push(learned(run, look)),
        Code::Rope => list.extend(rope(run, look)),
        Code::Alibi => list.push(alibi(run, look)),
        Code::T5 => list.push(t5(run, look)),
    }
    if pointed_code(run, look).is_some() && code != Code::Sinusoidal && p.code == Code::Sinusoidal {
        list.insert(0, wave(run, look));
    }
    list
}

fn attention(run: &Ran<Positions>, look: &Look) -> (String, Vec<Math>) {
    let t = Text::of(look.lang);
    let (i, j) = explained(run, look);
    let score = run.output.maps[0].as_ref().map_or(0.0, |m| f64::from(value_at(&m.scores, i, j)));
    let at = |name: &str, t: usize| sub(id(name), num(t));
    let line = row([
        frac(row([at("q", i), op("·"), at("k", j)]), row([op("√"), num(run.params.width())])),
        op("="),
        strong(n(score, 3)),
    ]);
    (t.formula_none.into(), vec![line])
}

/// One number of the sinusoidal code.
fn wave(run: &Ran<Positions>, look: &Look) -> (String, Vec<Math>) {
    let (t, p) = (Text::of(look.lang), &run.params);
    let (token, column) = pointed_code(run, look).unwrap_or((3, 2.min(p.d() - 1)));
    let position = p.first() + token;
    let code: Sinusoidal = sinusoidal(p);
    let function = if column % 2 == 1 { "cos" } else { "sin" };
    let even = column - column % 2;
    let divisor = p.base().powf(even as f64 / p.d() as f64);
    let value = code.at(position as f64, column);
    let base = num(number(p.base(), 0));
    let lines = vec![
        row([
            sub(id("PE"), row([num(position), op(","), num(column)])),
            op("="),
            id(function),
            Math::Fenced(frac(num(position), sup(base, row([num(even), op("/"), num(p.d())]))).into()),
        ]),
        row([
            op("="),
            id(function),
            Math::Fenced(frac(num(position), num(number(divisor, 3))).into()),
            op("="),
            strong(n(value, 4)),
        ]),
        row([
            Math::Text(t.wavelength.into()),
            op("="),
            num(2),
            id("π"),
            op("·"),
            num(number(divisor, 3)),
            op("="),
            strong(num(number(code.wavelength(column), 2))),
        ]),
    ];
    (t.formula_wave.into(), lines)
}

fn learned(run: &Ran<Positions>, look: &Look) -> (String, Vec<Math>) {
    let (t, p) = (Text::of(look.lang), &run.params);
    let (row_at, column) =
        pointed_code(run, look).unwrap_or((p.first().min(p.trained() - 1), 2.min(p.d() - 1)));
    let row_at = if look.focus.is_some_and(|f| f.tensor == "code") { row_at + p.first() } else { row_at };
    let value = f64::from(value_at(&run.output.table, row_at, column));
    let line = row([
        sub(id("E"), row([num(row_at), op(","), num(column)])),
        op("="),
        strong(n(if value.is_finite() { value } else { 0.0 }, 4)),
    ]);
    let last = p.trained() - 1;
    let rows = fill(t.formula_rows, &[("last", last.to_string())]);
    (t.formula_learned.into(), vec![line, Math::Text(rows)])
}

/// One pair turned, and the score of both.
fn rope(run: &Ran<Positions>, look: &Look) -> Vec<(String, Vec<Math>)> {
    let (t, p, r) = (Text::of(look.lang), &run.params, &run.output.rotary);
    let pairs = r.speed.len();
    let i = 0;
    let (a, b) = pair(p.layout, i, pairs);
    let position = p.q_position as f64 + p.offset as f64;
    let angle = position * r.speed[i];
    let (sin, cos) = angle.sin_cos();
    let (x, y) = (r.q[a], r.q[b]);
    let turned = |first: f64, second: f64, sign: &'static str, c: usize, value: f64| {
        // Two rows, or the result is cut off in a narrow column.
        let (first, second) = (r.grown * first, r.grown * second);
        [
            row([sub(id("q′"), num(c)), op("="), n(x, 3), op("·"), n(first, 3)]),
            row([op(sign), n(y, 3), op("·"), n(second, 3), op("="), strong(n(value, 4))]),
        ]
    };
    // YaRN's factor belongs to cosine and sine.
    let grown = |name: &'static str, value: f64| {
        let mut list = Vec::new();
        if r.grown != 1.0 {
            list.extend([num(number(r.grown, 3)), op("·")]);
        }
        list.extend([id(name), id("θ"), op("="), n(r.grown * value, 3)]);
        Math::Row(list)
    };
    let mut lines = vec![
        row([
            id("θ"),
            op("="),
            num(number(position, 0)),
            op("·"),
            num(number(r.speed[i], 4)),
            op("="),
            num(number(angle, 4)),
        ]),
        grown("cos", cos),
        grown("sin", sin),
    ];
    lines.extend(turned(cos, sin, "−", a, r.grown * (x * cos - y * sin)));
    lines.extend(turned(sin, cos, "+", b, r.grown * (x * sin + y * cos)));
    let title = fill(t.formula_pair, &[("a", a.to_string()), ("b", b.to_string())]);
    // All digits, so that “to the last digit” can be seen.
    let at = |position: i64, offset: i64| num(position + offset);
    let mut same = vec![row([
        id("s"),
        Math::Fenced(row([at(p.q_position, p.offset), op(","), at(p.k_position, p.offset)]).into()),
        op("="),
        strong(Math::Num(number(r.score, 9))),
    ])];
    if p.offset != 0 {
        same.push(row([
            id("s"),
            Math::Fenced(row([num(p.q_position), op(","), num(p.k_position)]).into()),
            op("="),
            strong(Math::Num(number(r.unmoved, 9))),
        ]));
    }
    let mut list = vec![(t.formula_same.to_string(), same), (title, lines)];
    if p.scaling != Scaling::None {
        let slow = pairs - 1;
        let of = |row: usize| f64::from(value_at(&r.turns, row, slow));
        let line = row([num(number(of(0), 1)), op("→"), strong(num(number(of(1), 1)))]);
        list.push((fill(t.formula_scaled, &[("pair", slow.to_string())]), vec![line]));
    }
    list
}

fn alibi(run: &Ran<Positions>, look: &Look) -> (String, Vec<Math>) {
    let t = Text::of(look.lang);
    let (i, j) = explained(run, look);
    let h = run.params.shown();
    let plain = run.output.maps[0].as_ref().map_or(0.0, |m| f64::from(value_at(&m.scores, i, j)));
    let slope = f64::from(value_at(&run.output.slopes, 0, h));
    let distance = i.abs_diff(j);
    let line = row([
        n(plain, 3),
        op("−"),
        num(number(slope, 4)),
        op("·"),
        op("|"),
        num(i),
        op("−"),
        num(j),
        op("|"),
        op("="),
        strong(n(plain - slope * distance as f64, 3)),
    ]);
    let heads = run.params.heads();
    let mut lines = vec![line];
    if heads.is_power_of_two() {
        lines.push(row([
            sub(id("m"), num(h)),
            op("="),
            sup(num(2), row([op("−"), num(8), op("·"), num(h + 1), op("/"), num(heads)])),
            op("="),
            strong(num(number(slope, 4))),
        ]));
    }
    (t.formula_alibi.into(), lines)
}

fn t5(run: &Ran<Positions>, look: &Look) -> (String, Vec<Math>) {
    let (t, p) = (Text::of(look.lang), &run.params);
    let (i, j) = explained(run, look);
    let signed = |v: usize| i64::try_from(v).unwrap_or(0);
    let bucket = p.buckets().bucket(signed(j) - signed(i));
    let plain = run.output.maps[0].as_ref().map_or(0.0, |m| f64::from(value_at(&m.scores, i, j)));
    let bias = f64::from(value_at(&run.output.t5_table, bucket, p.shown()));
    let lines = vec![
        row([id("b"), Math::Fenced(row([num(j), op("−"), num(i)]).into()), op("="), strong(num(bucket))]),
        row([n(plain, 3), op("+"), n(bias, 3), op("="), strong(n(plain + bias, 3))]),
    ];
    (t.formula_t5.into(), lines)
}
