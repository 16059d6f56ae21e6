//! Predict first: questions made from the live core. The right answer is computed; each wrong one is what a common
//! mistake would give, with a word about that mistake.

use super::AttentionLab;
use super::compute;
use super::draw::{cell, main_name, resting, strongest};
use super::explain::facts;
use super::params::{self, Panel, Params, ScoreKind, SoftmaxKind, Source};
use super::text::Text;
use crate::core::tensor::Random;
use crate::stage::challenge::{Answer, Challenge};
use crate::stage::lab::{Data, Ran};
use crate::stage::link::query_of;
use crate::stage::text::{Lang, count, fill, number};

/// What a kind of question is made from.
struct Asking<'a> {
    run: &'a Ran<AttentionLab>,
    t: &'static Text,
    /// How often all kinds have come round.
    turn: usize,
    random: Random,
}

type Kind = fn(&mut Asking) -> Option<Challenge>;

/// Every kind, in the order in which they come.
const KINDS: [Kind; 8] = [looks, scale, entropy, parameters, hidden, pairs, symmetric, cache];

/// The kind that fits what the learner looks at.
fn first(p: &Params) -> usize {
    match p.panel {
        Panel::Scale => 1,
        Panel::Kinds => 7,
        Panel::Cost => 5,
        Panel::Mask | Panel::Gradient => 4,
        _ if p.tie_qk => 6,
        _ => 0,
    }
}

/// A question made from the live core: the same for the same state and round.
pub fn challenge(run: &Ran<AttentionLab>, round: u64, lang: Lang) -> Option<Challenge> {
    let n = KINDS.len() as u64;
    (0..n).find_map(|skip| {
        let place = (round + skip + first(&run.params) as u64) % n;
        let random = Random::new(round.wrapping_mul(31).wrapping_add(run.seed));
        let mut asking = Asking { run, t: Text::of(lang), turn: (round / n) as usize, random };
        KINDS.get(place as usize).and_then(|kind| kind(&mut asking))
    })
}

impl Asking<'_> {
    /// The right option and up to three wrong ones that say something else, shuffled; `None` with fewer than two options.
    fn options(&mut self, right: (String, String), wrong: Vec<(String, String)>) -> Option<Vec<Answer>> {
        let mut list = vec![Answer { text: right.0, right: true, because: right.1 }];
        for (text, because) in wrong {
            if list.len() < 4 && list.iter().all(|a| a.text != text) {
                list.push(Answer { text, right: false, because });
            }
        }
        if list.len() < 2 {
            return None;
        }
        for i in (1..list.len()).rev() {
            let j = self.random.below(i + 1);
            list.swap(i, j);
        }
        Some(list)
    }

    /// The query of a link to a state; `None` for one that needs loaded tensors.
    fn query(&self, params: &Params) -> Option<String> {
        if params.input == Source::Own {
            return None;
        }
        Some(query_of::<AttentionLab>(params, self.run.seed))
    }

    /// The entropy of the chosen head under other parameters.
    fn entropy_of(&self, params: &Params) -> Option<f64> {
        let run = self.ran(params)?;
        facts(&run).into_iter().find(|(name, _)| *name == "entropy").map(|(_, v)| v)
    }

    fn ran(&self, params: &Params) -> Option<Ran<AttentionLab>> {
        if params.input == Source::Own || self.run.output.main.sizes.n > 40 {
            return None;
        }
        let main = compute::compute(params, self.run.seed, &Data::new(), None).ok()?;
        let output = super::Output { main, study: Default::default(), timing: Default::default() };
        Some(Ran { params: params.clone(), seed: self.run.seed, output, beside: None })
    }

    /// Rises, falls or stays, by what was computed.
    fn three_ways(
        &mut self,
        ask: String,
        before: f64,
        after: f64,
        wrong: &str,
        show: Params,
    ) -> Option<Challenge> {
        let t = self.t;
        let way = |by: f64| {
            if by > 5e-3 {
                t.rises
            } else if by < -5e-3 {
                t.falls
            } else {
                t.stays
            }
        };
        let right = way(after - before);
        let values = [("before", number(before, 2)), ("after", number(after, 2))];
        let because = fill(t.because_entropy, &values);
        let others = [t.rises, t.falls, t.stays].into_iter().filter(|w| *w != right);
        let wrong = others.map(|w| (w.to_string(), wrong.to_string())).collect();
        let options = self.options((right.into(), because), wrong)?;
        Some(Challenge { ask, picture: None, options, show: self.query(&show) })
    }

    fn head(&self) -> (usize, String) {
        let head = self.run.params.head().min(self.run.output.main.sizes.heads - 1);
        (head, (head + 1).to_string())
    }
}

/// At whom a token looks most.
fn looks(asking: &mut Asking) -> Option<Challenge> {
    let (o, t) = (&asking.run.output.main, asking.t);
    let heads = o.sizes.heads;
    let head = (asking.head().0 + asking.turn) % heads;
    let i = (resting(o) + asking.turn) % o.sizes.n;
    let best = strongest(o, head, i);
    let weight = |j: usize| f64::from(cell(&o.weights, head, i, j));
    let name = |j: usize| o.labels.1.get(j).cloned().unwrap_or_default();
    let mut others: Vec<usize> =
        (0..o.sizes.m).filter(|j| name(*j) != name(best) && weight(*j) < weight(best) - 0.02).collect();
    others.sort_by(|a, b| weight(*b).total_cmp(&weight(*a)).then(a.cmp(b)));
    let twin = (0..o.sizes.m).any(|j| j != best && name(j) != name(best) && !others.contains(&j));
    if others.len() < 2 || twin || weight(best) <= 0.0 {
        return None;
    }
    let wrong = others
        .iter()
        .take(3)
        .map(|j| (name(*j), fill(t.thought_looks, &[("weight", number(weight(*j), 2))])))
        .collect();
    let kind = o.kinds.get(head).map_or("", |k| main_name(*k, t));
    let values = [("weight", number(weight(best), 2)), ("key", name(best)), ("kind", kind.into())];
    let options = asking.options((name(best), fill(t.because_looks, &values)), wrong)?;
    let query = o.labels.0.get(i).cloned().unwrap_or_default();
    let ask = fill(t.ask_looks, &[("h", (head + 1).to_string()), ("query", query)]);
    let after = Params { head: head as i64 + 1, ..asking.run.params.clone() };
    Some(Challenge { ask, picture: None, options, show: asking.query(&after) })
}

/// The entropy under another temperature.
fn entropy(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let p = &asking.run.params;
    if p.softmax == SoftmaxKind::Hardmax {
        return None;
    }
    let temperature =
        [0.25f32, 4.0, 0.5, 2.0].into_iter().cycle().skip(asking.turn).find(|v| *v != p.temperature)?;
    let after = Params { temperature, ..p.clone() };
    let (before, then) = (asking.entropy_of(p)?, asking.entropy_of(&after)?);
    let values = [("t", number(f64::from(temperature), 2)), ("h", asking.head().1)];
    asking.three_ways(fill(t.ask_entropy, &values), before, then, t.thought_entropy, after)
}

/// The entropy without the division.
fn scale(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let p = &asking.run.params;
    if p.scale != "sqrt" || p.score != ScoreKind::Dot || p.softmax == SoftmaxKind::Hardmax {
        return None;
    }
    let after = Params { scale: "none".into(), ..p.clone() };
    let (before, then) = (asking.entropy_of(p)?, asking.entropy_of(&after)?);
    let ask = fill(t.ask_scale, &[("h", asking.head().1)]);
    asking.three_ways(ask, before, then, t.thought_entropy, after)
}

/// The parameters with more heads.
fn parameters(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let p = &asking.run.params;
    let (now, d) = (p.num_heads(), p.d_model());
    let other = [2 * now, now / 2]
        .into_iter()
        .find(|h| *h >= 1 && *h <= params::MOST_HEADS && d.is_multiple_of(*h))?;
    if p.num_kv_heads != 0 || p.d_v != 0 || p.input == Source::Own {
        return None;
    }
    let all = (4 * d * d) as f64;
    let values =
        [("d", d.to_string()), ("h", other.to_string()), ("now", now.to_string()), ("n", count(all))];
    let wrong = vec![
        (count(all * other as f64 / now as f64), t.thought_more_heads.to_string()),
        (count(all * now as f64 / other as f64), t.thought_fewer.to_string()),
        (count(all * 0.75), t.thought_three.to_string()),
    ];
    let options = asking.options((count(all), fill(t.because_parameters, &values)), wrong)?;
    let after = Params { num_heads: other as i64, head: 1, ..p.clone() };
    Some(Challenge {
        ask: fill(t.ask_parameters, &values),
        picture: None,
        options,
        show: asking.query(&after),
    })
}

/// Pairs of a text twice as long.
fn pairs(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let now = asking.run.output.main.sizes.n + asking.turn;
    let n = 2 * now;
    let right = count((n * n) as f64);
    let values = [("n", n.to_string()), ("now", now.to_string()), ("right", right.clone())];
    let wrong = vec![
        (count((2 * now * now) as f64), t.thought_double.to_string()),
        (count((n * asking.run.params.d_model()) as f64), t.thought_width.to_string()),
        (count(n as f64), t.thought_double.to_string()),
    ];
    let options = asking.options((right, fill(t.because_pairs, &values)), wrong)?;
    let after = Params { panel: Panel::Cost, ..asking.run.params.clone() };
    Some(Challenge { ask: fill(t.ask_pairs, &values), picture: None, options, show: asking.query(&after) })
}

/// What the causal mask hides.
fn hidden(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let p = &asking.run.params;
    let n = asking.run.output.main.sizes.n;
    let free = asking.run.output.main.mask.iter().all(|v| *v > 0.0);
    if p.is_causal || p.cross || !free || n < 3 || p.input == Source::Own {
        return None;
    }
    let all = n * n;
    let right = n * (n - 1) / 2;
    let values = [("all", count(all as f64)), ("right", count(right as f64))];
    let wrong = vec![
        (count((n * (n + 1) / 2) as f64), t.thought_diagonal.to_string()),
        (count((all / 2) as f64), t.thought_half.to_string()),
        (count((right - 1) as f64), t.thought_seen.to_string()),
    ];
    let options = asking.options((count(right as f64), fill(t.because_hidden, &values)), wrong)?;
    let after = Params { is_causal: true, panel: Panel::Mask, ..p.clone() };
    Some(Challenge { ask: fill(t.ask_hidden, &values), picture: None, options, show: asking.query(&after) })
}

/// What tying makes of the scores.
fn symmetric(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let p = &asking.run.params;
    let after = Params { tie_qk: true, ..p.clone() };
    let apart = asking.run.output.main.asymmetry.filter(|v| *v > 0.01)?;
    let tied = asking.ran(&after)?.output.main.asymmetry?;
    if tied > 1e-3 * apart.max(1.0) || p.score == ScoreKind::Additive {
        return None;
    }
    let wrong = vec![
        (t.diagonal.to_string(), t.thought_self.to_string()),
        (t.unchanged.to_string(), t.thought_unchanged.to_string()),
    ];
    let options = asking.options((t.symmetric.into(), t.because_symmetric.into()), wrong)?;
    let ask = fill(t.ask_symmetric, &[("h", asking.head().1)]);
    Some(Challenge { ask, picture: None, options, show: asking.query(&after) })
}

/// The cache of a large model with a quarter of the key and value heads.
fn cache(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let gib = |kv: usize| format!("{} GiB", number(super::explain::reference_gib(kv), 2));
    let wrong = vec![
        (gib(32), t.thought_cache_same.to_string()),
        (gib(16), t.thought_cache_root.to_string()),
        ("64 MiB".to_string(), t.thought_cache_one.to_string()),
    ];
    let options = asking.options((gib(8), t.because_cache.into()), wrong)?;
    let after = Params { panel: Panel::Kinds, ..asking.run.params.clone() };
    Some(Challenge { ask: t.ask_cache.into(), picture: None, options, show: asking.query(&after) })
}
