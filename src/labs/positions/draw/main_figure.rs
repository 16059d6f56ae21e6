//! Without a code and with one, side by side; and all six in small.

use super::map::{Map, legend_of, scale};
use super::{code_does, code_name, pointed, word};
use crate::labs::positions::compute::{Output, same_words};
use crate::labs::positions::params::{Code, MapOf, Params};
use crate::labs::positions::text::Text;
use crate::labs::positions::{Positions, map_names};
use crate::stage::lab::{Figure, Look, Ran, Shared};
use crate::stage::scene::grid::value_at;
use crate::stage::scene::{Ink, Rect, Scene, Stroke, text_width};
use crate::stage::text::{fill, number};

/// One of the two large maps.
struct Side<'a> {
    params: &'a Params,
    output: &'a Output,
    code: Code,
    name: &'static str,
    title: String,
    remark: &'static str,
}

/// Writes a text in a width, smaller when it is too long, and below it when that isn't enough: gives its lower edge.
pub fn sentence(scene: &mut Scene, at: (f64, f64), text: &str, (size, room): (f64, f64), ink: Ink) -> f64 {
    let mut y = at.1;
    for line in wrapped(text, room / size) {
        scene.text((at.0, y + size), line, size, ink);
        y += size * 1.4;
    }
    scene.reach(y + size * 0.2);
    y
}

/// Lines no wider than `room` letters' heights; Chinese breaks anywhere, other languages at spaces.
fn wrapped(text: &str, room: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut piece = String::new();
    let mut flush = |piece: &mut String| {
        let last = lines.len() - 1;
        let joined = format!("{}{}", lines[last], piece);
        if text_width(joined.trim_end(), 1.0) > room && !lines[last].is_empty() {
            lines.push(std::mem::take(piece).trim_start().to_string());
        } else {
            lines[last] = joined;
            piece.clear();
        }
    };
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        piece.push(c);
        let wide = c as u32 >= 0x2e80;
        // A line does not begin with a full stop or a comma.
        let closing = letters.peek().is_some_and(|n| "，。；：、）”".contains(*n));
        if c == ' ' || wide && !closing {
            flush(&mut piece);
        }
    }
    flush(&mut piece);
    lines
}

/// How far apart the rows of the same word are at most, in words.
pub fn apart(t: &Text, gap: Option<f64>, word: &str) -> String {
    match gap {
        Some(gap) if gap < 1e-5 => fill(t.rows_equal, &[("word", word.into())]),
        Some(gap) => fill(t.rows_apart, &[("word", word.into()), ("gap", number(gap, 2))]),
        None => String::new(),
    }
}

/// The main figure.
pub fn pair(run: &Ran<Positions>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let of = |p, o, code: Code, title| Side {
        params: p,
        output: o,
        code,
        name: map_names(run.params.map)[code as usize],
        title,
        remark: code_does(code, look.lang),
    };
    let named = |code: Code| code_name(code, look.lang).to_string();
    let sides = match &run.beside {
        Some(second) => {
            let said = |value: &str| format!("{} = {value}", second.key);
            let name = if p.map == MapOf::Weights { "beside_weights" } else { "beside_scores" };
            vec![
                of(p, o, p.code, said(&second.values.0)),
                Side {
                    name,
                    ..of(&second.params, &second.output, second.params.code, said(&second.values.1))
                },
            ]
        }
        None if p.code == Code::None => vec![of(p, o, Code::None, named(Code::None))],
        None => vec![of(p, o, Code::None, named(Code::None)), of(p, o, p.code, named(p.code))],
    };
    let gap = 26.0;
    let columns = if look.width < 560.0 { 1 } else { 2 };
    let room = if columns == 1 { look.width } else { (look.width - gap) / 2.0 };
    let limit = match &run.beside {
        Some(second) => {
            let one = second.output.maps[second.params.code as usize].as_ref();
            one.map_or(o.limit, |m| m.scores.iter().fold(o.limit, |most, v| most.max(v.abs())))
        }
        None => o.limit,
    };
    let scale = scale(p.map, limit);
    let head = look.font * 1.08;
    let mut scene = Scene::new(look.width);
    let mut top = 0.0;
    for (at, side) in sides.iter().enumerate() {
        let Some(tensor) = side.output.shown(&Params { map: p.map, ..side.params.clone() }, side.code) else {
            continue;
        };
        let x = if columns == 2 { at as f64 * (room + gap) } else { 0.0 };
        scene.heading((x, top + head), &side.title, side.remark, head, room);
        let rows = same_words(side.params);
        let map = Map {
            params: side.params,
            tensor,
            name: side.name,
            scale,
            point: pointed(side.params, look),
            rows: &rows,
            font: look.font.min(room / 24.0),
            stroke: look.stroke,
        };
        let mut bottom = map.draw(&mut scene, (x, top + look.font * 2.0), (room, 460.0), look);
        let said = match pointed(side.params, look) {
            Some((i, j)) => {
                let values = [
                    ("q", word(side.params, i, look.lang)),
                    ("k", word(side.params, j, look.lang)),
                    ("i", i.to_string()),
                    ("j", j.to_string()),
                    ("value", number(f64::from(value_at(tensor, i, j)), 3)),
                ];
                if side.params.is_causal && j > i { t.masked.to_string() } else { fill(t.here, &values) }
            }
            None => rows.first().map_or_else(String::new, |first| {
                let words = word(side.params, *first, look.lang);
                let gap = side.output.maps[side.code as usize].as_ref().and_then(|m| m.same_word);
                apart(t, gap, &words)
            }),
        };
        if !said.is_empty() {
            bottom = sentence(&mut scene, (x, bottom + 2.0), &said, (look.font, room), Ink::Ink);
        }
        if columns == 1 {
            top = bottom + look.font;
        }
    }
    let below = scene.height + look.font * 0.6;
    legend_of(&mut scene, below, scale, t.blank, look);
    let values = |code: Code| {
        let gap = o.maps[code as usize].as_ref().and_then(|m| m.same_word);
        let first = same_words(p).first().map(|first| word(p, *first, look.lang)).unwrap_or_default();
        format!("{}{}{}", code_name(code, look.lang), look.lang.pick(": ", "："), apart(t, gap, &first))
    };
    let mut summary = fill(
        t.pair_summary,
        &[
            ("n", p.n().to_string()),
            ("head", p.shown().to_string()),
            ("code", code_name(p.code, look.lang).into()),
        ],
    );
    if !same_words(p).is_empty() {
        let codes = if p.code == Code::None { vec![p.code] } else { vec![Code::None, p.code] };
        let said: Vec<String> = codes.into_iter().map(values).collect();
        let end = look.lang.pick(".", "。");
        summary += &format!("{}{}{end}", look.lang.pick(" ", ""), said.join(look.lang.pick("; ", "；")));
    }
    let title = if p.map == MapOf::Weights { t.pair_title } else { t.pair_title_scores };
    let caption = fill(t.head_of, &[("head", p.shown().to_string()), ("heads", p.heads().to_string())]);
    Figure { id: "main", title: title.into(), caption, summary, scene }
}

/// All six codes on the same queries and keys.
pub fn six(run: &Ran<Positions>, look: &Look) -> Figure {
    let t = Text::of(look.lang);
    let (p, o) = (&run.params, &run.output);
    let mut scene = Scene::new(look.width);
    let columns = if look.width < 560.0 { 2 } else { 3 };
    let gap = if columns == 2 { 12.0 } else { 20.0 };
    let room = (look.width - gap * (columns - 1) as f64) / columns as f64;
    let font = (look.font * 0.92).min(room / 14.0);
    let scale = scale(p.map, o.limit);
    let point = pointed(p, look);
    let rows = same_words(p);
    let first = rows.first().map(|first| word(p, *first, look.lang)).unwrap_or_default();
    let mut top = 0.0;
    for row in Code::ALL.chunks(columns) {
        let mut bottom: f64 = top;
        for (at, code) in row.iter().enumerate() {
            let x = at as f64 * (room + gap);
            scene.heading((x, top + look.font * 1.1), code_name(*code, look.lang), "", look.font, room);
            let under = (x, top + look.font * 1.5);
            let y = sentence(&mut scene, under, code_does(*code, look.lang), (font * 0.94, room), Ink::Ink2);
            let y = y.max(under.1 + font * if columns == 2 { 2.7 } else { 1.4 }) + 4.0;
            let drawn: Option<&Shared> = o.shown(p, *code);
            let end = match drawn {
                Some(tensor) => {
                    let name = map_names(p.map)[*code as usize];
                    let map =
                        Map { params: p, tensor, name, scale, point, rows: &rows, font, stroke: look.stroke };
                    let mut end = map.draw(&mut scene, (x, y), (room, 420.0), look);
                    let said = match point {
                        Some((i, j)) if p.is_causal && j > i => t.masked.to_string(),
                        Some((i, j)) => number(f64::from(value_at(tensor, i, j)), 3),
                        None => apart(t, o.maps[*code as usize].as_ref().and_then(|m| m.same_word), &first),
                    };
                    if !said.is_empty() {
                        end = sentence(&mut scene, (x, end + 2.0), &said, (font, room), Ink::Ink);
                    }
                    if *code == p.code {
                        let line = Stroke { ink: Ink::Accent, width: 2.0 * look.stroke, dashed: false };
                        let under = Rect::new(
                            x,
                            top + look.font * 1.42,
                            text_width(code_name(*code, look.lang), look.font).min(room),
                            0.5,
                        );
                        scene.rect(under, 0.0, (Ink::Accent, 1.0), Some(line));
                    }
                    end
                }
                None => {
                    let side = room * 0.8;
                    let dashes = Stroke { ink: Ink::Pad, width: 1.2 * look.stroke, dashed: true };
                    scene.rect(Rect::new(x, y, room, side), 4.0, (Ink::None, 0.0), Some(dashes));
                    let values = [("end", p.trained() - 1)];
                    let text = fill(t.table_ends, &values.map(|(k, v)| (k, v.to_string())));
                    sentence(&mut scene, (x + 8.0, y + 8.0), &text, (font, room - 16.0), Ink::Ink2);
                    scene.reach(y + side);
                    y + side
                }
            };
            bottom = bottom.max(end);
        }
        top = bottom + look.font * 0.9;
    }
    legend_of(&mut scene, top, scale, t.blank, look);
    let list: Vec<String> = Code::ALL
        .iter()
        .filter_map(|code| o.apart(*code).map(|gap| (code, gap)))
        .map(|(code, gap)| format!("{} {}", code_name(*code, look.lang), number(gap, 2)))
        .collect();
    let mut summary = t.six_summary.to_string();
    if !list.is_empty() {
        let values = [("word", first), ("list", list.join(look.lang.pick(", ", "，")))];
        summary += look.lang.pick(" ", "");
        summary += &fill(t.six_summary_rows, &values);
    }
    Figure { id: "six", title: t.six_title.into(), caption: t.six_caption.into(), summary, scene }
}
