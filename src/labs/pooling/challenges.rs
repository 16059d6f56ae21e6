//! Predict first: questions made from the live core. The right answer is computed; each wrong one is what a common
//! mistake would give, with a word about that mistake.

use super::Pooling;
use super::compute::{self, Output, sum};
use super::explain::reached;
use super::params::{self, Grad, Moved, Noise, Panel, Params, Pool};
use super::study::{noise, shift};
use super::text::Text;
use super::walk::Walk;
use super::words::labels;
use crate::core::tensor::Random;
use crate::labs::convolution::inputs::Input;
use crate::stage::challenge::{Challenge, Said};
use crate::stage::control::Controls;
use crate::stage::lab::{Data, Ran};
use crate::stage::link::{Setup, query_of};
use crate::stage::scene::grid::value_at;
use crate::stage::text::{Lang, fill, number, percent};

/// What a kind of question is made from.
struct Asking<'a> {
    run: &'a Ran<Pooling>,
    lang: Lang,
    t: &'static Text,
    /// How often all kinds have come round.
    turn: usize,
    random: Random,
}

type Kind = fn(&mut Asking) -> Option<Challenge>;

const KINDS: [Kind; 7] =
    [gradient_sum, average_reaches, salt, shifted, channels_and_parameters, size_after, average_of_window];

/// The kind that fits what the learner looks at.
fn first(params: &Params) -> usize {
    match params.panel {
        Panel::Backward if params.pool == Pool::Max => 0,
        Panel::Backward => 1,
        Panel::Noise => 2,
        Panel::Shift | Panel::SmallObject => 3,
        Panel::Channels => 4,
        Panel::Order => 5,
    }
}

/// A question made from the live core: the same for the same state and round.
pub fn challenge(run: &Ran<Pooling>, round: u64, lang: Lang) -> Option<Challenge> {
    let start = first(&run.params);
    let n = KINDS.len();
    (0..n).find_map(|skip| {
        let place = round as usize + skip;
        let random = Random::new(round.wrapping_mul(31).wrapping_add(run.seed));
        KINDS[(start + place) % n](&mut Asking { run, lang, t: Text::of(lang), turn: place / n, random })
    })
}

impl Asking<'_> {
    /// A question with shuffled options; see [`Challenge::shuffled`].
    fn ask(&mut self, ask: String, right: Said, wrong: Vec<Said>, show: &Params) -> Option<Challenge> {
        let show = query_of::<Pooling>(show, self.run.seed);
        Challenge::shuffled(ask, right, wrong, show, &mut self.random)
    }

    /// A state of small numbers, computed: this one when it is such, or the default of the lab.
    fn small(&self, change: impl Fn(&mut Params)) -> Option<(Params, Output)> {
        let mut params = self.run.params.clone();
        if !params.is_grid() || params.input == Input::Own || params.pool.is_global() {
            params = Params::read(&Setup::defaults(Params::CONTROLS).values);
        }
        change(&mut params);
        let output = compute::compute(&params, self.run.seed, &Data::new(), None).ok()?;
        Some((params, output))
    }
}

fn gradient_sum(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let (params, o) = asking.small(|p| {
        (p.pool, p.grad, p.panel) = (Pool::Max, Grad::Ones, Panel::Backward);
    })?;
    let right = number(sum(&o.grad_input), 2);
    let reads: usize = {
        let (rows, cols) = (o.walk.windows.reads(0), o.walk.windows.reads(1));
        rows.iter().sum::<usize>() * cols.iter().sum::<usize>()
    };
    let mut wrong = vec![(reached(&o).0.to_string(), t.wrong_cells.to_string())];
    if let Some(ties) = &o.ties {
        wrong.insert(0, (number(sum(&ties.all), 2), t.wrong_tie_all.into()));
    }
    wrong.push((reads.to_string(), t.wrong_read_all.into()));
    let ask = fill(t.ask_sum, &[("n", o.output.len().to_string())]);
    let because = fill(t.because_sum, &[("right", right.clone())]);
    asking.ask(ask, (right, because), wrong, &params)
}

fn average_reaches(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let set = |pool| move |p: &mut Params| (p.pool, p.grad, p.panel) = (pool, Grad::Ones, Panel::Backward);
    let (params, o) = asking.small(set(Pool::Avg))?;
    let (_, max) = asking.small(set(Pool::Max))?;
    let (right, max) = (reached(&o).0, reached(&max).0);
    let reads: usize = o.serves.iter().sum();
    let wrong = vec![
        (max.to_string(), t.wrong_max.to_string()),
        (o.output.len().to_string(), t.wrong_windows.into()),
        (o.input.len().to_string(), t.wrong_all.into()),
        (reads.to_string(), t.wrong_reads.into()),
    ];
    let because = fill(t.because_hear, &[("right", right.to_string()), ("max", max.to_string())]);
    asking.ask(t.ask_hear.into(), (right.to_string(), because), wrong, &params)
}

fn salt(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let k = 2 + asking.turn % 3;
    let mut params = Params::read(&Setup::defaults(Params::CONTROLS).values);
    params.input = Input::Shapes;
    params.size = (96, 96);
    (params.kernel_size, params.stride) = ((k, k), (k, k));
    (params.panel, params.noise) = (Panel::Noise, Noise::Salt);
    params.strength = [0.05, 0.03, 0.1][asking.turn % 3];
    let map = params.input.draw(params.size, asking.run.seed, &Data::new()).ok()?;
    let found = noise::study(&params, asking.run.seed, &compute::images(map)).ok()?;
    let names = labels(asking.lang).pool.options;
    let error = |i: usize| percent(found.errors.get(i + 1).copied().unwrap_or(0.0));
    let name = |i: usize| names[noise::POOLS[i].0 as usize].to_string();
    let say = |i: usize, text: &str| (name(i), fill(text, &[("e", error(i))]));
    let wrong = vec![say(1, t.wrong_salt), say(2, t.wrong_salt), say(3, t.wrong_min)];
    let values = [("p", percent(f64::from(params.strength))), ("k", k.to_string())];
    asking.ask(fill(t.ask_salt, &values), say(0, t.because_salt), wrong, &params)
}

fn shifted(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let d = [8usize, 4, 16, 3][asking.turn % 4];
    let mut params = asking.run.params.clone();
    (params.panel, params.moved, params.shift) = (Panel::Shift, Moved::Points, d as i64);
    params.shift_axis = params::Way::Right;
    if params.input == Input::Own {
        params.input = Input::Digits;
        params.size = (7, 7);
    }
    let found = shift::study(&params, asking.run.seed, &Data::new(), None).ok()?;
    let moved_back = found.at(5, d) == 0.0;
    let d_text = [("d", d.to_string()), ("n", d.div_ceil(shift::STRIDE).to_string())];
    let whole = fill(t.option_cells, &d_text);
    let between = t.option_between.to_string();
    let same = (t.option_same.to_string(), t.wrong_invariant.to_string());
    let copy = (fill(t.option_copy, &d_text), t.wrong_unscaled.to_string());
    let (right, other) = match moved_back {
        true => ((whole, fill(t.because_whole, &d_text)), (between, t.wrong_between.to_string())),
        false => ((between, fill(t.because_between, &d_text)), (whole, t.wrong_whole.to_string())),
    };
    let ask = fill(t.ask_shift, &d_text);
    asking.ask(ask, right, vec![same, other, copy], &params)
}

fn channels_and_parameters(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let c = [16usize, 64, 32][asking.turn % 3];
    let say = |c: usize, p: usize| fill(t.option_channels, &[("c", c.to_string()), ("p", p.to_string())]);
    let wrong = vec![
        (say(c / 2, 0), t.wrong_halved.to_string()),
        (say(c, 4 * c), t.wrong_weights.into()),
        (say(c / 4, 0), t.wrong_mixed.into()),
    ];
    let mut params = Params::read(&Setup::defaults(Params::CONTROLS).values);
    (params.size, params.kernel_size, params.panel) = ((8, 8), (2, 2), Panel::Channels);
    let ask = fill(t.ask_channels, &[("c", c.to_string())]);
    asking.ask(ask, (say(c, 0), t.because_channels.into()), wrong, &params)
}

fn size_after(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let base = &asking.run.params;
    let now = asking.run.output.size();
    if base.pool.is_global() || base.ceil_mode && base.pool.has("ceil_mode") {
        return None;
    }
    let stride = (1..=4).map(|s| 1 + (asking.turn + s) % 4).find(|s| (*s, *s) != base.stride)?;
    let params = Params { stride: (stride, stride), ..base.clone() };
    if base.input == Input::Own || params::check(&params, &Data::new()).is_err() {
        return None;
    }
    let walk = Walk::of(&params).ok()?;
    let [oh, ow] = walk.windows.output();
    let pool = &walk.pool;
    let axis = |a: usize| {
        let n = walk.windows.input()[a] + 2 * pool.pads[a].0;
        (n, pool.dilation[a] * (pool.kernel_size[a] - 1) + 1)
    };
    let ((n, k), (m, l)) = (axis(0), axis(1));
    let (h, w) = params.size;
    let sized = super::draw::sized;
    let wrong = vec![
        (
            sized(((n - k.min(n)).div_ceil(stride) + 1, (m - l.min(m)).div_ceil(stride) + 1)),
            t.wrong_ceil.to_string(),
        ),
        (sized((h.div_ceil(stride), w.div_ceil(stride))), t.wrong_divide.into()),
        (sized(now), t.wrong_now.into()),
        (sized((oh + 1, ow + 1)), t.wrong_one.into()),
        (sized((oh + 2, ow + 2)), t.wrong_one.into()),
    ];
    let right = (sized((oh, ow)), {
        let values = [("n", n), ("k", k), ("s", stride), ("right", oh)];
        fill(t.because_size, &values.map(|(key, v)| (key, v.to_string())))
    });
    asking.ask(fill(t.ask_size, &[("stride", stride.to_string())]), right, wrong, &params)
}

fn average_of_window(asking: &mut Asking) -> Option<Challenge> {
    let t = asking.t;
    let (params, o) = asking.small(|p| {
        (p.pool, p.padding, p.panel) = (Pool::Avg, (0, 0), Panel::Backward);
    })?;
    let (oh, ow) = o.size();
    let at = asking.random.below(oh * ow);
    let mut cells: Vec<f64> =
        o.walk.cells(at / ow, at % ow).iter().map(|(r, c)| f64::from(value_at(&o.input, *r, *c))).collect();
    cells.sort_by(f64::total_cmp);
    let (n, total) = (cells.len(), cells.iter().sum::<f64>());
    let (least, most) = (cells.first()?, cells.last()?);
    let right = number(f64::from(value_at(&o.output, at / ow, at % ow)), 2);
    let wrong = vec![
        (number(*cells.get((n - 1) / 2)?, 2), t.wrong_median.to_string()),
        (number((least + most) / 2.0, 2), t.wrong_middle.into()),
        (number(total, 2), t.wrong_sum.into()),
    ];
    let values = [("sum", number(total, 2)), ("n", n.to_string()), ("right", right.clone())];
    let because = fill(t.because_value, &values);
    asking.ask(fill(t.ask_value, &[("max", number(*most, 2))]), (right, because), wrong, &params)
}
