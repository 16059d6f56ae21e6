//! Predict first: questions made from the live core, with a word about the mistake behind each wrong answer.

use super::compute::{order_change, sinusoidal};
use super::content::Content;
use super::draw::code_name;
use super::params::{Code, Panel, Params};
use super::rotary::{SHIFTS, added_score, turned_score, wave};
use super::text::Text;
use super::{Positions, explain};
use crate::core::ops::{AlibiOrder, T5Buckets, alibi_slopes};
use crate::core::tensor::Random;
use crate::stage::challenge::{Answer, Challenge};
use crate::stage::control::Controls;
use crate::stage::lab::{Data, Entry, Lab, Ran};
use crate::stage::link::{self, Setup, Shell};
use crate::stage::text::{Lang, count, fill, number};
use std::marker::PhantomData;

struct Asking<'a> {
    run: &'a Ran<Positions>,
    lang: Lang,
    t: &'static Text,
    turn: usize,
    random: Random,
}

type Kind = fn(&mut Asking) -> Option<Challenge>;

const KINDS: [Kind; 7] = [order, shift, bucket, slope, table, waves, learns];

/// A question made from the live core: the same for the same state and round.
pub fn challenge(run: &Ran<Positions>, round: u64, lang: Lang) -> Option<Challenge> {
    let start = match run.params.panel {
        Panel::Order | Panel::Extrapolation => 0,
        Panel::Rotary => 1,
        Panel::Buckets => 2,
        Panel::Slopes => 3,
        Panel::Table if run.params.code == Code::Learned => 4,
        Panel::Table => 5,
    };
    let n = KINDS.len();
    let (place, turn) = ((round % n as u64) as usize, (round / n as u64) as usize);
    let random = Random::new(round.wrapping_mul(31).wrapping_add(run.seed));
    let mut asking = Asking { run, lang, t: Text::of(lang), turn, random };
    (0..n).find_map(|skip| KINDS[(start + place + skip) % n](&mut asking))
}

impl Asking<'_> {
    /// The right option and up to three others that say something else, shuffled.
    fn options(&mut self, right: (String, String), wrong: Vec<(String, String)>) -> Option<Vec<Answer>> {
        let mut list = vec![Answer { text: right.0, right: true, because: right.1 }];
        for (text, because) in wrong {
            if list.len() < 4 && list.iter().all(|a| a.text != text) {
                list.push(Answer { text, right: false, because });
            }
        }
        for i in (1..list.len()).rev() {
            let j = self.random.below(i + 1);
            list.swap(i, j);
        }
        (list.len() > 2).then_some(list)
    }

    /// The query of a link to this state with a change.
    fn show(&self, change: impl FnOnce(&mut Params)) -> Option<String> {
        let before = &self.run.params;
        let mut after = before.clone();
        change(&mut after);
        Positions::settle(before, &mut after, &Data::new());
        // What rests on loaded tensors is no link for others.
        Positions::check(&after, &Data::new()).ok()?;
        let setup = Setup { values: after.write(), seed: self.run.seed, ..Setup::defaults(Params::CONTROLS) };
        let link = link::write(&Entry::<Positions>(PhantomData), &setup, &Shell::default(), &Data::new());
        Some(link.split_once('?').map(|(_, query)| query.to_string()).unwrap_or_default())
    }
}

fn order(asking: &mut Asking) -> Option<Challenge> {
    let (t, lang) = (asking.t, asking.lang);
    let p = Params { is_causal: false, ..asking.run.params.clone() };
    let mut from: Vec<usize> = (0..p.n()).collect();
    from.swap(0, p.n() - 1 - asking.turn.min(p.n() - 2));
    let content = asking.run.output.content.head(&p, p.shown());
    let moved = content.rearranged(&from);
    let answer = |content: &Content, code| content.answer(&p, code).ok().flatten();
    let change = |code| order_change(answer(&content, code).as_ref(), answer(&moved, code).as_ref(), &from);
    let none = change(Code::None)?;
    let right = fill(t.order_right, &[("change", number(none, 2))]);
    let mut codes = vec![Code::Sinusoidal, Code::Rope, Code::Alibi, Code::T5];
    codes.rotate_left(asking.turn % 4);
    let wrong: Vec<(String, String)> = codes
        .into_iter()
        .filter_map(|code| Some((code, change(code).filter(|c| *c > 1e-4)?)))
        .map(|(code, c)| {
            (code_name(code, lang).to_string(), fill(t.order_wrong, &[("change", number(c, 3))]))
        })
        .collect();
    // Two like tokens that change places change nothing under any code.
    let options = asking.options((code_name(Code::None, lang).to_string(), right), wrong)?;
    let show = asking.show(|p| {
        p.code = Code::None;
        p.is_causal = false;
        p.panel = Panel::Order;
    });
    Some(Challenge { ask: t.ask_order.into(), picture: None, options, show })
}

fn shift(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let content = asking.run.output.content.clone();
    let p = Params { scaling: super::params::Scaling::None, ..asking.run.params.clone() };
    let r = &asking.run.output.rotary;
    let by = SHIFTS[3 - asking.turn % 3];
    let place = |n: i64| usize::try_from(n).unwrap_or(0);
    let (q, k) = (place(p.q_position), place(p.k_position));
    let rope = |by| turned_score(&p, &r.q, &r.k, (q + by, k + by)).ok();
    let sin = |by| number(added_score(&p, &content, [&wave(&p, q + by), &wave(&p, k + by)], &r.q, &r.k), 4);
    let values = [
        ("shift", by.to_string()),
        ("before", number(rope(0)?, 4)),
        ("after", number(rope(by)?, 4)),
        ("sin", sin(0)),
        ("sin2", sin(by)),
    ];
    let wrong = vec![(t.falls.into(), t.shift_falls.into()), (t.rises.into(), t.shift_rises.into())];
    let options = asking.options((t.stays.into(), fill(t.shift_right, &values)), wrong)?;
    let show = asking.show(|p| {
        p.code = Code::Rope;
        p.scaling = super::params::Scaling::None;
        p.panel = Panel::Rotary;
        p.offset = i64::try_from(by).unwrap_or(0);
    });
    Some(Challenge { ask: fill(t.ask_shift, &values), picture: None, options, show })
}

fn bucket(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let distance = [20usize, 50, 10, 100, 30, 70][asking.turn % 6];
    let signed = i64::try_from(distance).unwrap_or(0);
    let of = |bidirectional| T5Buckets { bidirectional, ..T5Buckets::default() }.bucket(-signed);
    let right = of(false);
    let wrong = [
        (distance, t.bucket_exact),
        (of(true), t.bucket_both),
        (distance / 4, t.bucket_linear),
        (right + 1, t.bucket_near),
        (right.saturating_sub(1), t.bucket_near),
    ];
    let wrong = wrong.into_iter().map(|(b, why)| (b.to_string(), why.to_string())).collect();
    let values = [("distance", distance.to_string()), ("right", right.to_string())];
    let options = asking.options((right.to_string(), fill(t.bucket_right, &values)), wrong)?;
    let show = asking.show(|p| {
        p.code = Code::T5;
        p.bidirectional = false;
        p.panel = Panel::Buckets;
    });
    Some(Challenge { ask: fill(t.ask_bucket, &values), picture: None, options, show })
}

fn slope(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let heads = [8usize, 4, 16][asking.turn % 3];
    let head = asking.random.below(heads - 1);
    let slopes = alibi_slopes(heads, AlibiOrder::Bloom).ok()?;
    let written = |m: f64| number(m, 4);
    let of = |h: usize| slopes.get(h).map(|m| written(f64::from(*m)));
    let right = of(head)?;
    let mut wrong = vec![(of(head + 1)?, t.slope_after)];
    let before = if head == 0 { Some("1".to_string()) } else { of(head - 1) };
    wrong.push((before?, t.slope_before));
    wrong.push((written(1.0 - (head as f64 + 1.0) / (heads as f64 + 1.0)), t.slope_linear));
    let wrong = wrong.into_iter().map(|(m, why)| (m, why.to_string())).collect();
    let values = [("heads", heads.to_string()), ("head", head.to_string()), ("right", right.clone())];
    let options = asking.options((right, fill(t.slope_right, &values)), wrong)?;
    let show = asking.show(|p| {
        p.code = Code::Alibi;
        p.num_heads = i64::try_from(heads).unwrap_or(8);
        p.panel = Panel::Slopes;
    });
    Some(Challenge { ask: fill(t.ask_slope, &values), picture: None, options, show })
}

fn table(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let rows = asking.run.params.trained();
    let values = [("rows", rows.to_string()), ("last", (rows - 1).to_string())];
    let wrong = vec![
        (t.table_zero.into(), t.table_zero_no.into()),
        (t.table_last.into(), t.table_last_no.into()),
        (t.table_wraps.into(), t.table_wraps_no.into()),
    ];
    let options = asking.options((t.table_error.into(), fill(t.table_right, &values)), wrong)?;
    let show = asking.show(|p| {
        p.panel = Panel::Extrapolation;
        p.offset = 0;
    });
    Some(Challenge { ask: fill(t.ask_table, &values), picture: None, options, show })
}

fn waves(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let p = asking.run.params.clone();
    let code = sinusoidal(&p);
    let column = 1 + asking.random.below(p.d() - 1);
    let even = column - column % 2;
    let power = |exponent: f64| p.base().powf(exponent / p.d() as f64);
    let written = |v: f64| number(v, 1);
    let right = written(code.wavelength(column));
    let tau = std::f64::consts::TAU;
    let values = [
        ("d", p.d().to_string()),
        ("base", number(p.base(), 0)),
        ("column", column.to_string()),
        ("even", even.to_string()),
        ("right", right.clone()),
    ];
    let wrong = [
        (power(even as f64), t.wave_no_pi),
        (tau * power(2.0 * even as f64), t.wave_half),
        (tau * power((column + 1) as f64), t.wave_own),
        (tau, t.wave_first),
        (tau * power((column + 2) as f64), t.wave_own),
    ];
    let wrong = wrong.into_iter().map(|(v, why)| (written(v), fill(why, &values))).collect();
    let options = asking.options((right, fill(t.wave_right, &values)), wrong)?;
    let show = asking.show(|p| {
        p.code = Code::Sinusoidal;
        p.panel = Panel::Table;
    });
    Some(Challenge { ask: fill(t.ask_wave, &values), picture: None, options, show })
}

fn learns(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let p = asking.run.params.clone();
    let written = |n: usize| count(n as f64);
    let right = written(explain::learns(&p, Code::Learned));
    let values = [("rows", p.trained().to_string()), ("d", p.d().to_string()), ("right", right.clone())];
    let wrong = [
        (p.d(), t.learns_row),
        (p.trained(), t.learns_rows),
        (p.trained() * p.d() * p.heads(), t.learns_heads),
        (p.d() * p.d(), t.learns_square),
        (p.d() * p.d() * 2 + 1, t.learns_square),
    ];
    let wrong = wrong.into_iter().map(|(n, why)| (written(n), why.to_string())).collect();
    let options = asking.options((right, fill(t.learns_right, &values)), wrong)?;
    let show = asking.show(|p| {
        p.code = Code::Learned;
        p.panel = Panel::Table;
        p.offset = 0;
        p.tokens = p.tokens.min(p.max_position_embeddings);
    });
    Some(Challenge { ask: fill(t.ask_learns, &values), picture: None, options, show })
}
