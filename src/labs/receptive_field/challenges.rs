//! Predict first: questions made from the live core. The right answer is computed; each wrong one is what a common
//! mistake would give, with a word about that mistake.

use super::ReceptiveField;
use super::jobs::width_95;
use super::params::{Panel, Params};
use super::stack::{self, Stack};
use super::text::Text;
use crate::core::tensor::Random;
use crate::stage::challenge::{Answer, Challenge};
use crate::stage::control::Controls;
use crate::stage::lab::{Data, Entry, Ran};
use crate::stage::link::{self, Setup, Shell};
use crate::stage::text::{Lang, fill, number};
use std::marker::PhantomData;

/// What a kind of question is made from.
struct Asking<'a> {
    run: &'a Ran<ReceptiveField>,
    t: &'static Text,
    turn: usize,
    random: Random,
}

type Kind = fn(&mut Asking) -> Option<Challenge>;

const KINDS: [Kind; 7] = [recurrence, share, stacked, coverage, deeper, skipping, parameters];

/// The kind that fits what the learner looks at.
fn first(p: &Params) -> usize {
    match p.panel {
        Panel::Coverage => 3,
        Panel::Growth => 4,
        Panel::Object => 1,
        _ if !p.skip.is_empty() => 5,
        _ => 0,
    }
}

/// A question made from the live core: the same for the same state and round.
pub fn challenge(run: &Ran<ReceptiveField>, round: u64, lang: Lang) -> Option<Challenge> {
    let ask = |kind: Kind, turn: usize, round: u64| {
        let random = Random::new(round.wrapping_mul(31).wrapping_add(run.seed));
        kind(&mut Asking { run, t: Text::of(lang), turn, random })
    };
    let mut circle = KINDS;
    circle.rotate_left(first(&run.params));
    let n = circle.len() as u64;
    let (place, turn) = ((round % n) as usize, (round / n) as usize);
    (0..circle.len()).find_map(|skip| ask(circle[(place + skip) % circle.len()], turn, round))
}

impl Asking<'_> {
    /// Numbers as options in rising order: the right one and up to three others.
    fn numbers(&self, right: (f64, String), wrong: Vec<(f64, &str)>) -> Option<Vec<Answer>> {
        let mut list = vec![(right.0, Answer { text: number(right.0, 2), right: true, because: right.1 })];
        for (value, because) in wrong {
            let text = number(value, 2);
            if value > 0.0 && list.len() < 4 && list.iter().all(|(_, a)| a.text != text) {
                list.push((value, Answer { text, right: false, because: because.to_string() }));
            }
        }
        list.sort_by(|a, b| a.0.total_cmp(&b.0));
        (list.len() >= 3).then(|| list.into_iter().map(|(_, answer)| answer).collect())
    }

    /// Words as options, shuffled.
    fn shuffled(&mut self, mut list: Vec<Answer>) -> Vec<Answer> {
        for i in (1..list.len()).rev() {
            list.swap(i, self.random.below(i + 1));
        }
        list
    }

    /// The query of a link to a stack.
    fn show(&self, layers: &str, change: impl FnOnce(&mut Params)) -> Option<String> {
        let mut p = Params { layers: layers.into(), skip: String::new(), ..Params::defaults() };
        (p.size, p.object) = ((64, 64), 15);
        change(&mut p);
        super::params::check(&p, &Data::new()).ok()?;
        let setup = Setup { values: p.write(), ..Setup::defaults(Params::CONTROLS) };
        let lab = Entry::<ReceptiveField>(PhantomData);
        let link = link::write(&lab, &setup, &Shell::default(), &Data::new());
        Some(link.split_once('?').map(|(_, query)| query.to_string()).unwrap_or_default())
    }
}

fn parsed(text: &str) -> Option<Stack> {
    Some(Stack { layers: stack::parse(text).ok()?, skips: Vec::new() })
}

/// The fields of a stack's layers along one axis.
fn fields(stack: &Stack) -> Option<Vec<f64>> {
    Some(stack.maps((512, 512)).ok()?.iter().map(|map| map.reach[1].size()).collect())
}

/// How wide is the field of three layers, some with strides?
fn recurrence(asking: &mut Asking) -> Option<Challenge> {
    const STACKS: [&str; 5] = ["c3,c3s2,c3s2", "c3s2,c3,c3s2", "c3s2,c3s2,c3", "c5,c3s2,c3", "c3,c3d2,c3s2"];
    let words = STACKS[asking.turn % STACKS.len()];
    let stack = parsed(words)?;
    let right = *fields(&stack)?.last()?;
    let (mut own, mut none, mut product, mut jump) = (1.0, 1.0, 1.0, 1.0);
    let mut before = 1.0;
    let mut steps = String::from("1");
    for layer in &stack.layers {
        let [k, s, _, d] = layer.along(1).map(|n| n as f64);
        steps += &format!(" + {}·{}·{}", k - 1.0, d, before);
        before *= s;
        jump *= s;
        own += (k - 1.0) * d * jump;
        none += (k - 1.0) * d;
        product *= k;
    }
    let t = asking.t;
    let because = fill(t.right_recurrence, &[("steps", format!("{steps} = {}", number(right, 0)))]);
    let wrong = vec![
        (own, t.wrong_own_stride),
        (none, t.wrong_no_stride),
        (product, t.wrong_product),
        (right + 1.0, t.wrong_close),
        (right - 1.0, t.wrong_close),
    ];
    let options = asking.numbers((right, because), wrong)?;
    let said: Vec<String> = stack
        .layers
        .iter()
        .map(|l| {
            let [k, s, _, d] = l.along(1);
            format!("k{k} s{s}{}", if d > 1 { format!(" d{d}") } else { String::new() })
        })
        .collect();
    let ask = fill(t.ask_recurrence, &[("words", said.join(", "))]);
    Some(Challenge { ask, picture: None, options, show: asking.show(words, |_| {}) })
}

/// How many 3×3 layers see as far as one large one?
fn stacked(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let k = [7usize, 5, 11, 9, 31][asking.turn % 5];
    let n = (k - 1) / 2;
    let because = fill(t.right_stack, &[("n", n.to_string()), ("k", k.to_string())]);
    let near: Vec<(f64, String)> = [n + 1, n.saturating_sub(1).max(1), k / 3 + 3, n + 2]
        .iter()
        .filter(|m| **m != n)
        .map(|m| {
            let says = fill(t.wrong_stack, &[("n", m.to_string()), ("r", (2 * m + 1).to_string())]);
            (*m as f64, says)
        })
        .collect();
    let wrong = near.iter().map(|(v, says)| (*v, says.as_str())).collect();
    let options = asking.numbers((n as f64, because), wrong)?;
    let layers = vec!["c3"; n].join(",");
    let ask = fill(t.ask_stack, &[("k", k.to_string())]);
    Some(Challenge { ask, picture: None, options, show: asking.show(&layers, |_| {}) })
}

/// How many pixels of a row do dilated layers touch?
fn coverage(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let d = [[2, 2, 2], [1, 2, 3], [2, 4, 8], [1, 2, 4], [3, 3, 3]][asking.turn % 5];
    let layers = d.map(|d| format!("c3d{d}")).join(",");
    let comb = parsed(&layers)?.touched(1);
    let on = comb.iter().filter(|on| **on).count();
    let values = [("all", comb.len().to_string()), ("on", on.to_string())];
    let wrong = vec![
        (comb.len() as f64, t.wrong_all),
        (27.0, t.wrong_ways),
        (on as f64 - 2.0, t.wrong_few),
        (5.0, t.wrong_few),
        (9.0, t.wrong_few),
    ];
    let options = asking.numbers((on as f64, fill(t.right_coverage, &values)), wrong)?;
    let ask = fill(t.ask_coverage, &[("dilations", d.map(|d| d.to_string()).join(", "))]);
    Some(Challenge { ask, picture: None, options, show: asking.show(&layers, |p| p.panel = Panel::Coverage) })
}

/// What happens to σ when the stack is four times as deep?
fn deeper(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let n = [5, 4, 6, 3][asking.turn % 4];
    let m = 4 * n;
    let sigma = |n: usize| Some(parsed(&vec!["c3"; n].join(","))?.spread(1, 0.0, 1.0).1.sqrt());
    let times = sigma(m)? / sigma(n)?;
    let paper = (2 * m + 1) as f64 / (2 * n + 1) as f64;
    let values = [("n", n.to_string()), ("m", m.to_string()), ("times", number(paper, 1))];
    let option = |times: f64| fill(t.opt_times, &[("times", number(times, 1))]);
    let list = vec![
        Answer { text: option(times), right: true, because: fill(t.right_deeper, &values) },
        Answer { text: option(1.0), right: false, because: t.wrong_same.into() },
        Answer { text: option(paper), right: false, because: t.wrong_linear.into() },
        Answer { text: option(16.0), right: false, because: t.wrong_square.into() },
    ];
    let options = asking.shuffled(list);
    let layers = vec!["c3"; m].join(",");
    let ask = fill(t.ask_deeper, &values);
    Some(Challenge { ask, picture: None, options, show: asking.show(&layers, |_| {}) })
}

/// What does a skip do to the effective field?
fn skipping(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let n = [8usize, 10, 6, 12][asking.turn % 4];
    let layers = vec!["c3"; n].join(",");
    let plain = parsed(&layers)?;
    let half = Stack { skips: (0..n / 4).map(|i| (2 * i, 2 * i + 1)).collect(), ..plain.clone() };
    let sigma = |stack: &Stack| stack.spread(1, 0.0, 1.0).1.sqrt();
    let values = [("before", number(sigma(&plain), 3)), ("after", number(sigma(&half), 3))];
    let list = vec![
        Answer { text: t.skip_smaller.into(), right: true, because: fill(t.right_skip, &values) },
        Answer { text: t.skip_wider.into(), right: false, because: t.wrong_skip_wider.into() },
        Answer { text: t.skip_same.into(), right: false, because: t.wrong_skip_same.into() },
    ];
    let options = asking.shuffled(list);
    let skip: Vec<String> = half.skips.iter().map(|(a, b)| format!("{}-{}", a + 1, b + 1)).collect();
    let show = asking.show(&layers, |p| p.skip = skip.join(","));
    Some(Challenge { ask: t.ask_skip.into(), picture: None, options, show })
}

/// What do 3×3 layers save against one large kernel?
fn parameters(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let k = [5usize, 7, 9, 11][asking.turn % 4];
    let n = (k - 1) / 2;
    let (few, many) = (9 * n, k * k);
    let share = few as f64 / many as f64;
    let values =
        [("n", n.to_string()), ("k", k.to_string()), ("few", few.to_string()), ("many", many.to_string())];
    let wrong = fill(t.wrong_params, &values);
    let wrong = vec![(1.0, wrong.as_str()), (9.0 / many as f64, &wrong), (1.5, &wrong)];
    let options = asking.numbers((share, fill(t.right_params, &values)), wrong)?;
    let ask = fill(t.ask_params, &values);
    let show = asking.show(&vec!["c3"; n].join(","), |_| {});
    Some(Challenge { ask, picture: None, options, show })
}

/// How large is the square with 95 % of the gradient?
fn share(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    // The learner's own stack at first, when its field is wide and whole; then others.
    let own = &asking.run.output.scene.stack;
    let mine = own.skips.is_empty() && own.maps((512, 512)).is_ok();
    let own = if asking.turn == 0 && mine { width_95(own).map(|found| (found, None)) } else { None };
    let ((field, side), layers) =
        match own.filter(|((field, side), _)| *field >= 9.0 && *field <= 120.0 && side < field) {
            Some(found) => found,
            None => {
                let n = [10, 15, 8, 20][asking.turn % 4];
                let layers = vec!["c3"; n].join(",");
                (width_95(&parsed(&layers)?)?, Some(layers))
            }
        };
    let because = fill(t.right_share, &[("side", number(side, 0))]);
    let less = (side * 0.5).round().max(1.0);
    let wrong = vec![
        (field, t.wrong_share_more),
        (((field + side) / 2.0).round(), t.wrong_share_more),
        (less, t.wrong_share_less),
        (side - 1.0, t.wrong_share_less),
    ];
    let options = asking.numbers((side, because), wrong)?;
    let ask = fill(t.ask_share, &[("size", format!("{0} × {0}", number(field, 0)))]);
    let show = layers.and_then(|layers| asking.show(&layers, |_| {}));
    Some(Challenge { ask, picture: None, options, show })
}
