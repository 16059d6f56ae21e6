//! Predict first: questions made from the live core. The right answer is computed; each wrong one is what a common
//! mistake would give, with a word about that mistake.

use super::Channels;
use super::compute::{Output, compute};
use super::explain::costs;
use super::params::{Panel, Params, Weights, splits};
use super::text::Text;
use crate::core::tensor::Random;
use crate::stage::challenge::{Challenge, Said};
use crate::stage::control::Controls;
use crate::stage::lab::{Data, Ran};
use crate::stage::link::{Setup, query_of};
use crate::stage::scene::grid::value_at;
use crate::stage::text::{Lang, count, fill, number};

/// What a kind of question is made from.
struct Asking<'a> {
    run: &'a Ran<Channels>,
    t: &'static Text,
    /// How often all kinds have come round.
    turn: usize,
    random: Random,
}

type Kind = fn(&mut Asking) -> Option<Challenge>;

const KINDS: [Kind; 7] =
    [how_many_kernels, sum_of_maps, how_many_parameters, depthwise, refused_groups, way_back, stride_moves];

/// The kind that fits what the learner looks at.
fn first(params: &Params) -> usize {
    match params.panel {
        Panel::Bank => 0,
        Panel::Groups => 3,
        Panel::Mixing => 5,
        Panel::Parameters => 2,
    }
}

/// A question made from the live core: the same for the same state and round.
pub fn challenge(run: &Ran<Channels>, round: u64, lang: Lang) -> Option<Challenge> {
    let n = KINDS.len();
    let round_place = usize::try_from(round % 1_000_000).unwrap_or(0);
    (0..n).find_map(|skip| {
        let place = round_place + skip;
        let random = Random::new(round.wrapping_mul(31).wrapping_add(run.seed));
        let mut asking = Asking { run, t: Text::of(lang), turn: place / n, random };
        KINDS[(first(&run.params) + place) % n](&mut asking)
    })
}

impl Asking<'_> {
    /// A question with shuffled options; see [`Challenge::shuffled`].
    fn ask(&mut self, ask: String, right: Said, wrong: Vec<Said>, show: &Params) -> Option<Challenge> {
        let show = query_of::<Channels>(show, self.run.seed);
        Challenge::shuffled(ask, right, wrong, show, &mut self.random)
    }

    /// The lab's first state, changed, and computed.
    fn made(&self, change: impl Fn(&mut Params)) -> Option<(Params, Output)> {
        let mut params = Params::read(&Setup::defaults(Params::CONTROLS).values);
        params.size = (12, 12);
        change(&mut params);
        let output = compute(&params, self.run.seed, &Data::new(), None).ok()?;
        Some((params, output))
    }
}

fn how_many_kernels(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let (c, o) = [(3, 64), (6, 12), (3, 8), (4, 10)][asking.turn % 4];
    let (params, out) = asking.made(|p| (p.in_channels, p.out_channels, p.panel) = (c, o, Panel::Bank))?;
    let kernels = out.weight.shape().first().copied().unwrap_or_default();
    let values = [("c", c.to_string()), ("o", kernels.to_string())];
    let wrong = vec![
        (count((c * o) as f64), fill(t.wrong_slices, &values)),
        (c.to_string(), t.wrong_inputs.to_string()),
        ((c + o).to_string(), t.wrong_sum.to_string()),
    ];
    let right = (kernels.to_string(), fill(t.because_kernels, &values));
    asking.ask(fill(t.ask_kernels, &values), right, wrong, &params)
}

fn how_many_parameters(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let (c, o, k) = [(3, 64, 3), (3, 4, 5), (8, 16, 3), (16, 32, 1)][asking.turn % 4];
    let (params, out) = asking.made(|p| {
        (p.in_channels, p.out_channels, p.panel, p.bias) = (c, o, Panel::Parameters, true);
        p.kernel_size = (k, k);
    })?;
    let weights = out.weight.len();
    let (outs, ins) = (out.bias.len(), params.c_in());
    let values = [
        ("c", ins.to_string()),
        ("o", outs.to_string()),
        ("kh", k.to_string()),
        ("kw", k.to_string()),
        ("n", count((weights + outs) as f64)),
    ];
    let wrong = vec![
        (count(weights as f64), t.wrong_no_bias.to_string()),
        (count((outs * k * k + outs) as f64), t.wrong_depth.to_string()),
        (count((weights + outs * ins) as f64), t.wrong_bias_each.to_string()),
    ];
    let right = (count((weights + outs) as f64), fill(t.because_parameters, &values));
    asking.ask(fill(t.ask_parameters, &values), right, wrong, &params)
}

fn stride_moves(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let b = [2, 3, 4][asking.turn % 3];
    let (params, out) = asking.made(|p| (p.stride, p.panel) = ((b, b), Panel::Parameters))?;
    let own = costs(&params, out.size())[0].parameters;
    let said = |text: &str, n: f64| fill(text, &[("n", count(n))]);
    let values = [("a", "1".to_string()), ("b", b.to_string()), ("n", count(own))];
    let times = (b * b) as f64;
    let wrong = vec![
        (said(t.fewer, (own / times).floor()), t.wrong_stride.to_string()),
        (said(t.grows, own * times), t.wrong_more.to_string()),
        (said(t.fewer, (own / b as f64).floor()), t.wrong_stride.to_string()),
    ];
    let right = (said(t.stays, own), t.because_stride.to_string());
    asking.ask(fill(t.ask_stride, &values), right, wrong, &params)
}

fn depthwise(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let (c, k) = [(6, 3), (16, 3), (8, 5), (4, 7)][asking.turn % 4];
    let (params, out) = asking.made(|p| {
        (p.in_channels, p.out_channels, p.groups) = (c, c, c);
        (p.kernel_size, p.bias, p.panel) = ((k, k), false, Panel::Groups);
    })?;
    let [_, dense, _, point, _] = costs(&params, out.size()).map(|c| c.parameters);
    let n = out.weight.len();
    let values =
        [("c", c.to_string()), ("k", k.to_string()), ("dense", count(dense)), ("n", count(n as f64))];
    let wrong = vec![
        (count(dense), t.wrong_same.to_string()),
        ((k * k).to_string(), t.wrong_one_kernel.to_string()),
        (count(point), t.wrong_pair.to_string()),
    ];
    let right = (count(n as f64), fill(t.because_depthwise, &values));
    asking.ask(fill(t.ask_depthwise, &values), right, wrong, &params)
}

fn refused_groups(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let (c, o) = [(6, 12), (12, 8), (16, 24), (12, 18)][asking.turn % 4];
    let works = splits(c, o);
    // What divides one of the two looks right to who forgets the other.
    let fails =
        (2..=c).rev().find(|g| !works.contains(g) && (c.is_multiple_of(*g) || o.is_multiple_of(*g)))?;
    let whole = |n: usize| i64::try_from(n).unwrap_or(1);
    let (params, _) = asking.made(|p| {
        (p.in_channels, p.out_channels, p.panel) = (whole(c), whole(o), Panel::Groups);
        p.groups = works.last().copied().map_or(1, whole);
    })?;
    let values = [("c", c.to_string()), ("o", o.to_string()), ("n", fails.to_string())];
    let wrong = works.iter().rev().take(3).map(|g| {
        let values = [("n", g.to_string()), ("a", (c / g).to_string()), ("b", (o / g).to_string())];
        (g.to_string(), fill(t.wrong_groups, &values))
    });
    let right = (fails.to_string(), fill(t.because_groups, &values));
    asking.ask(fill(t.ask_groups, &values), right, wrong.collect(), &params)
}

fn way_back(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let (weights, n) =
        [(Weights::FalseColour, 3), (Weights::Grey, 1), (Weights::FalseColour, 2)][asking.turn % 3];
    let (params, out) = asking.made(|p| {
        (p.weights, p.out_channels, p.panel) = (weights, n, Panel::Mixing);
        (p.kernel_size, p.output) = ((1, 1), 0);
        p.padding = super::params::Padding(Default::default());
    })?;
    let rank = out.mixing.rank;
    let values = [("n", n.to_string()), ("rank", rank.to_string()), ("mean", number(out.mixing.error.1, 3))];
    let yes = rank == params.c_in();
    let (right, other) = if yes { (t.back_yes, t.back_no) } else { (t.back_no, t.back_yes) };
    let wrong = vec![
        (other.to_string(), fill(t.wrong_back, &values)),
        (t.back_average.to_string(), fill(t.wrong_back_equal, &values)),
    ];
    let right = (right.to_string(), fill(t.because_back, &values));
    asking.ask(fill(t.ask_back, &values), right, wrong, &params)
}

fn sum_of_maps(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let q = 2 + i64::try_from(asking.turn % 2).unwrap_or(0);
    let (params, out) = asking.made(|p| p.output = q)?;
    let (oh, ow) = out.size();
    let (r, c) = (
        2 + asking.random.below(oh.saturating_sub(4).max(1)),
        2 + asking.random.below(ow.saturating_sub(4).max(1)),
    );
    let terms: Vec<f64> = (0..params.per())
        .map(|i| out.partial.get([0, i, r, c].as_slice()).map_or(0.0, |v| f64::from(*v)))
        .collect();
    let bias = out.bias.iter().nth(params.shown()).map_or(0.0, |v| f64::from(*v));
    let n = terms.len().max(1) as f64;
    let sum: f64 = terms.iter().sum();
    let say = |v: f64| number(v, 3);
    let value = f64::from(value_at(&out.shown, r, c));
    let values = [
        ("n", terms.len().to_string()),
        ("terms", terms.iter().map(|v| say(*v)).collect::<Vec<_>>().join(", ")),
        ("b", say(bias)),
        ("v", say(value)),
    ];
    let wrong = vec![
        (say(sum), t.wrong_sum_bias.to_string()),
        (say(sum / n + bias), t.wrong_sum_mean.to_string()),
        (say(sum + n * bias), t.wrong_sum_each.to_string()),
    ];
    asking.ask(fill(t.ask_sum, &values), (say(value), fill(t.because_sum, &values)), wrong, &params)
}
