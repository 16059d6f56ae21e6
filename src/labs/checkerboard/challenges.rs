//! Predict first: questions made from the live core. The right answer is computed; each wrong one is what a common
//! mistake would give, with a word about that mistake.

use super::Checkerboard;
use super::compute::{counts, ends};
use super::cures::strength;
use super::layer::{Layer, taps};
use super::params::{Init, Panel, Params, Upsampler};
use super::text::Text;
use crate::core::ops::Pads;
use crate::core::tensor::{Images, Random};
use crate::stage::challenge::{Answer, Challenge};
use crate::stage::lab::Ran;
use crate::stage::text::{Lang, fill, number, percent};

/// What a kind of question is made from.
struct Asking {
    t: &'static Text,
    random: Random,
    k: usize,
    s: usize,
    seed: u64,
}

type Kind = fn(&mut Asking) -> Option<Challenge>;

/// Every kind, in the order in which they come.
const KINDS: [Kind; 8] = [even, ratio, size, random_taps, most, stack, cost, back];

/// The kind that fits what the learner looks at.
fn first(p: &Params) -> usize {
    match p {
        p if p.back() => 7,
        p if p.layers() > 1 => 5,
        p if p.upsampler == Upsampler::ResizeConv || p.panel == Panel::Cures => 6,
        p if p.init == Init::Normal => 3,
        _ => 0,
    }
}

/// A question made from the live core: the same for the same state and round.
pub fn challenge(run: &Ran<Checkerboard>, round: u64, lang: Lang) -> Option<Challenge> {
    let n = KINDS.len();
    let (place, turn) = ((round % n as u64) as usize, (round / n as u64) as usize);
    let start = first(&run.params);
    // The numbers change each time all kinds have come round.
    let list = [(3, 2), (5, 2), (4, 3), (5, 3), (7, 2), (7, 4)];
    let (mut k, mut s) = (run.params.k(), run.params.s());
    if turn > 0 || s < 2 || k < s {
        (k, s) = list[(turn + run.params.k()) % list.len()];
    }
    (0..n).find_map(|skip| {
        let random = Random::new(round.wrapping_mul(31).wrapping_add(run.seed));
        KINDS[(start + place + skip) % n](&mut Asking { t: Text::of(lang), random, k, s, seed: run.seed })
    })
}

impl Asking {
    /// The options: the right one and up to three wrong ones that say something else, numbers in their order.
    fn done(
        &mut self,
        ask: String,
        right: (String, String),
        wrong: Vec<(String, String)>,
        sorted: bool,
        show: String,
    ) -> Option<Challenge> {
        let mut options = vec![Answer { text: right.0, right: true, because: right.1 }];
        for (text, because) in wrong {
            if options.len() < 4 && options.iter().all(|a| a.text != text) {
                options.push(Answer { text, right: false, because });
            }
        }
        if options.len() < 3 {
            return None;
        }
        if sorted {
            let value = |a: &Answer| crate::stage::decimal::decimal(&a.text).unwrap_or(0.0);
            options.sort_by(|a, b| value(a).total_cmp(&value(b)));
        } else {
            for i in (1..options.len()).rev() {
                options.swap(i, self.random.below(i + 1));
            }
        }
        Some(Challenge { ask, picture: None, options, show: Some(show) })
    }

    fn values(&self, k: usize) -> Option<[(&'static str, String); 5]> {
        let (most, fewest) = ends(k, self.s, 1).ok()?;
        let text = |v: f32| number(f64::from(v), 0);
        Some([
            ("k", k.to_string()),
            ("s", self.s.to_string()),
            ("most", text(most)),
            ("fewest", text(fewest)),
            ("n", (k / self.s.max(1)).to_string()),
        ])
    }

    fn link(&self) -> String {
        format!("kernel_size={}&stride={}", self.k, self.s)
    }
}

/// Which kernel is even.
fn even(a: &mut Asking) -> Option<Challenge> {
    let (t, s) = (a.t, a.s);
    let right = s * (1 + a.random.below(8 / s));
    let mut wrong = Vec::new();
    for k in [right + 1, right.saturating_sub(1), right + s + 1, 5, 7, 3] {
        if (1..=8).contains(&k) && !k.is_multiple_of(s) {
            wrong.push((k.to_string(), fill(t.thought_uneven, &a.values(k)?)));
        }
    }
    let because = fill(t.even_because, &a.values(right)?);
    let ask = fill(t.ask_even, &[("s", s.to_string())]);
    let show = format!("kernel_size={right}&stride={s}");
    a.done(ask, (right.to_string(), because), wrong, true, show)
}

/// The ratio in two dimensions.
fn ratio(a: &mut Asking) -> Option<Challenge> {
    let (t, values) = (a.t, a.values(a.k)?);
    let (most, fewest) = ends(a.k, a.s, 1).ok()?;
    if fewest <= 0.0 {
        return None;
    }
    let line = f64::from(most / fewest);
    let text = |v: f64| number(v, 2);
    let wrong = vec![
        (text(line), t.thought_1d.to_string()),
        (text(a.k as f64 / a.s as f64), t.thought_k_over_s.to_string()),
        (text(line * line + 1.0), t.thought_ratio_off.to_string()),
        (text(f64::from(most * most)), t.thought_ratio_off.to_string()),
        (text(line * line + 2.0), t.thought_ratio_off.to_string()),
    ];
    let ask = fill(t.ask_ratio, &values);
    let show = a.link();
    a.done(ask, (text(line * line), fill(t.ratio_because, &values)), wrong, true, show)
}

/// The output size.
fn size(a: &mut Asking) -> Option<Challenge> {
    let (t, k, s) = (a.t, a.k, a.s);
    let (n, p) = (5 + a.random.below(4), 1);
    let layer = Layer { up: Upsampler::Transposed, kernel_size: k, stride: s, padding: p, output_padding: 0 };
    let (right, _) = layer.output_size((n, n)).ok()?;
    let full = (n - 1) * s + k;
    let wrong = vec![
        ((n * s).to_string(), t.thought_times.to_string()),
        ((full + 2 * p).to_string(), t.thought_padding_adds.to_string()),
        ((full - p).to_string(), t.thought_padding_once.to_string()),
        (((n + 2 * p).saturating_sub(k) / s + 1).to_string(), t.thought_conv.to_string()),
    ];
    let values = [("n", n.to_string()), ("k", k.to_string()), ("s", s.to_string()), ("p", p.to_string())];
    let show = format!("{}&padding={p}&size={n}", a.link());
    a.done(fill(t.ask_size, &values), (right.to_string(), fill(t.size_because, &values)), wrong, true, show)
}

/// Random taps where counts are even.
fn random_taps(a: &mut Asking) -> Option<Challenge> {
    let t = a.t;
    let layer = Layer { up: Upsampler::Transposed, kernel_size: 4, stride: 2, padding: 0, output_padding: 0 };
    let y = layer.transposed();
    let y = crate::core::ops::ConvTranspose2d { pads: Pads::all(4), ..y };
    let grown = y.forward(&Images::ones((1, 1, 9, 9)), &taps(&layer, Init::Normal, a.seed), None).ok()?;
    let strength = strength(&grown.slice(ndarray::s![.., .., ..12, ..12]).to_owned(), 2);
    if strength < 0.5 {
        return None;
    }
    let values = [("strength", percent(f64::from(strength) / 100.0))];
    let wrong = vec![
        (t.gone.to_string(), fill(t.thought_gone, &values)),
        (t.edges_only.to_string(), fill(t.thought_edges, &values)),
    ];
    let right = (t.still.to_string(), fill(t.random_because, &values));
    a.done(t.ask_random.into(), right, wrong, false, "kernel_size=4&init=normal&input=flat&size=8".into())
}

/// Stamps in the busiest cell.
fn most(a: &mut Asking) -> Option<Challenge> {
    let (t, values) = (a.t, a.values(a.k)?);
    let (most, fewest) = ends(a.k, a.s, 1).ok()?;
    let text = |v: f32| number(f64::from(v), 0);
    let wrong = vec![
        (text(most), t.thought_most_1d.to_string()),
        ((a.k * a.k).to_string(), t.thought_all_taps.to_string()),
        (text(fewest * fewest), t.thought_fewest.to_string()),
        (text(most * fewest), t.thought_fewest.to_string()),
        (a.k.to_string(), t.thought_most_1d.to_string()),
    ];
    let right = (text(most * most), fill(t.most_because, &values));
    let show = a.link();
    a.done(fill(t.ask_most, &values), right, wrong, true, show)
}

/// What repeats after two layers.
fn stack(a: &mut Asking) -> Option<Challenge> {
    let t = a.t;
    let lines = counts(12, 3, 2, 2).ok()?;
    // Four counts from the middle, from the smallest on.
    let line: Vec<f32> = lines.last()?.iter().copied().skip(20).take(8).collect();
    let from = (0..4).find(|i| line.get(*i) == Some(&1.0))?;
    let right: Vec<String> = line.get(from..from + 4)?.iter().map(|v| number(f64::from(*v), 0)).collect();
    let wrong = vec![
        ("1, 2, 1, 2".to_string(), t.thought_one_layer.to_string()),
        ("1, 4, 1, 4".to_string(), t.thought_square.to_string()),
        ("2, 2, 2, 2".to_string(), t.thought_flatten.to_string()),
    ];
    a.done(t.ask_stack.into(), (right.join(", "), t.stack_because.into()), wrong, false, "depth=2".into())
}

/// What the cure costs.
fn cost(a: &mut Asking) -> Option<Challenge> {
    let (t, values) = (a.t, a.values(a.k)?);
    let layer = |up| Layer { up, kernel_size: a.k, stride: a.s, padding: 0, output_padding: 0 };
    let times = layer(Upsampler::ResizeConv).macs((8, 8)) / layer(Upsampler::Transposed).macs((8, 8));
    let wrong = vec![
        ("1".to_string(), t.thought_same.to_string()),
        (a.s.to_string(), t.thought_one_axis.to_string()),
        (number(1.0 / times, 2), t.thought_less.to_string()),
        ((a.k * a.k).to_string(), t.thought_kernel.to_string()),
    ];
    let show = format!("{}&upsampler=resize_conv", a.link());
    a.done(fill(t.ask_cost, &values), (number(times, 2), fill(t.cost_because, &values)), wrong, true, show)
}

/// The largest gradient of a strided convolution.
fn back(a: &mut Asking) -> Option<Challenge> {
    let (t, values) = (a.t, a.values(a.k)?);
    let (most, fewest) = ends(a.k, a.s, 1).ok()?;
    let text = |v: f32| number(f64::from(v), 0);
    let wrong = vec![
        ("1".to_string(), t.thought_fewest.to_string()),
        (text(most), t.thought_most_1d.to_string()),
        ((a.k * a.k).to_string(), t.thought_all_taps.to_string()),
        (text(fewest * fewest), t.thought_fewest.to_string()),
        (text(most * most + 1.0), t.thought_ratio_off.to_string()),
    ];
    let right = (text(most * most), fill(t.back_because, &values));
    let show = format!("{}&direction=gradient&size=15", a.link());
    a.done(fill(t.ask_back, &values), right, wrong, true, show)
}
