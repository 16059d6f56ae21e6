//! `#/positions`: one set of queries and keys under six position codes.

mod challenges;
mod compute;
mod content;
mod draw;
mod explain;
mod params;
mod questions;
mod reach;
mod rotary;
mod snippets;
#[cfg(test)]
mod tests;
mod text;
mod words;

use crate::stage::challenge::Challenge;
use crate::stage::insight::Insight;
use crate::stage::lab::{Act, Data, Figure, Focus, Given, Lab, Look, Ran, Shared};
use crate::stage::refusal::Refusal;
use crate::stage::text::Lang;
use crate::stage::value::LARGEST;
use compute::Extra;
use params::{Code, Input, LOADED, MAX_HEADS, MAX_TOKENS, MAX_WIDTH, MapOf, Panel, Params, Scaling, Unfit};

pub use text::Text as Words;

/// The position-code lab.
pub struct Positions;

/// Names of the maps' tensors, by code.
pub const WEIGHTS: [&str; 6] =
    ["weights_none", "weights_sinusoidal", "weights_learned", "weights_rope", "weights_alibi", "weights_t5"];
/// Names of the maps' tensors before the softmax.
pub const SCORES: [&str; 6] =
    ["scores_none", "scores_sinusoidal", "scores_learned", "scores_rope", "scores_alibi", "scores_t5"];
/// Names of the curves' tensors.
pub const REACH: [&str; 6] =
    ["reach_none", "reach_sinusoidal", "reach_learned", "reach_rope", "reach_alibi", "reach_t5"];

/// The names of the maps that are drawn.
pub fn map_names(map: MapOf) -> &'static [&'static str; 6] {
    if map == MapOf::Weights { &WEIGHTS } else { &SCORES }
}

impl Lab for Positions {
    const SLUG: &'static str = "positions";
    type Params = Params;
    type Output = compute::Output;

    crate::lab_words!(name);
    fn beginnings(lang: Lang) -> &'static [(&'static str, &'static str)] {
        const LINKS: [&str; 3] = ["", "input=same&map=scores", "code=rope&panel=rotary"];
        lang.pick(
            &[("Sentence", LINKS[0]), ("One word repeated", LINKS[1]), ("Turning pairs", LINKS[2])],
            &[("句子", LINKS[0]), ("同一个词", LINKS[1]), ("转动的数对", LINKS[2])],
        )
    }
    fn stands_on(key: &str) -> Option<&'static str> {
        match key {
            "panel" | "permute" | "q_position" | "k_position" => Some("panel"),
            "map" => Some("six"),
            _ => None,
        }
    }
    fn relevant(p: &Params, key: &str) -> bool {
        match key {
            "layout" | "scaling" => p.code == Code::Rope || p.panel == Panel::Rotary,
            "factor" => p.scaling != Scaling::None && (p.code == Code::Rope || p.panel == Panel::Rotary),
            "base" => {
                matches!(p.code, Code::Sinusoidal | Code::Rope)
                    || matches!(p.panel, Panel::Table | Panel::Rotary | Panel::Extrapolation)
            }
            "bidirectional" => p.code == Code::T5 || p.panel == Panel::Buckets,
            "max_position_embeddings" => {
                p.code == Code::Learned
                    || p.panel == Panel::Extrapolation
                    || p.panel == Panel::Rotary
                    || p.scaling != Scaling::None
            }
            "q_position" | "k_position" => p.panel == Panel::Rotary,
            "permute" => p.panel == Panel::Order,
            _ => true,
        }
    }
    fn check(params: &Params, data: &Data) -> Result<(), Refusal> {
        params::check(params, data)
    }
    fn settle(before: &Params, after: &mut Params, data: &Data) {
        params::settle(before, after, data);
    }
    fn compute(params: &Params, seed: u64, given: Given<'_, Self>) -> Result<compute::Output, Refusal> {
        compute::compute(params, seed, given.data, given.before)
    }

    fn tensors(run: &Ran<Self>) -> Vec<(&'static str, Shared)> {
        let (o, p) = (&run.output, &run.params);
        let mut list = vec![
            ("slopes", o.slopes.clone()),
            ("slope_inverses", o.slope_inverses.clone()),
            ("degrees", o.rotary.degrees.clone()),
            ("gaps", o.rotary.gaps.clone()),
            ("turns", o.rotary.turns.clone()),
            ("shifted", o.rotary.shifted.clone()),
            ("ruler", o.rotary.ruler.clone()),
            ("positions", compute::whole_row(p.offset..=p.offset + p.tokens.max(64))),
        ];
        match &o.extra {
            Extra::Table { picture, dot, wavelength } => {
                list.extend([("picture", picture.clone()), ("dot_product", dot.clone())]);
                list.extend(wavelength.iter().map(|w| ("wavelength", w.clone())));
            }
            Extra::Buckets { bias, starts, causal, both } => list.extend([
                ("bucket_bias", bias.clone()),
                ("bucket_starts", starts.clone()),
                ("buckets_causal", causal.clone()),
                ("buckets_both", both.clone()),
                ("distances_both", compute::whole_row(-68..=68)),
            ]),
            Extra::Reach(curves) => {
                for (at, curve) in curves.iter().enumerate() {
                    list.extend(curve.iter().map(|c| (REACH[at], c.scores.clone())));
                }
            }
            Extra::None | Extra::Order { .. } => {}
        }
        for (at, one) in o.maps.iter().enumerate() {
            if let Some(one) = one {
                list.extend([(WEIGHTS[at], one.weights.clone()), (SCORES[at], one.scores.clone())]);
            }
        }
        if let Some(second) = &run.beside
            && let Some(one) = second.output.maps[second.params.code as usize].as_ref()
        {
            list.extend([
                ("beside_weights", one.weights.clone()),
                ("beside_scores", one.scores.clone()),
                ("beside_code", second.output.code.clone()),
            ]);
        }
        list.extend([
            ("code", o.code.clone()),
            ("scores", o.scores.clone()),
            ("weights", o.weights.clone()),
            ("output", o.output.clone()),
            ("q", o.q.clone()),
            ("k", o.k.clone()),
            ("v", o.v.clone()),
            ("w_q", o.w_q.clone()),
            ("w_k", o.w_k.clone()),
            ("table", o.table.clone()),
            ("t5_table", o.t5_table.clone()),
        ]);
        list
    }

    fn facts(run: &Ran<Self>) -> Vec<(&'static str, f64)> {
        explain::facts(run)
    }
    fn draw(run: &Ran<Self>, look: &Look) -> Vec<Figure> {
        draw::figures(run, look)
    }
    fn insight(run: &Ran<Self>, look: &Look) -> Insight {
        explain::insight(run, look)
    }
    fn challenge(run: &Ran<Self>, round: u64, lang: Lang) -> Option<Challenge> {
        challenges::challenge(run, round, lang)
    }

    /// A click on a code's map chooses the code; one on a ruler moves the query, the key or both.
    fn click(run: &Ran<Self>, focus: &Focus) -> Option<Act> {
        let (p, r) = (&run.params, &run.output.rotary);
        let number = |t: &Shared, index: &[usize]| t.get(index).map(|v| *v as i64);
        let (key, value) = match (focus.tensor, &focus.index[..]) {
            ("ruler", [0, c]) => ("q_position", number(&r.ruler, &[0, *c])? - p.offset),
            ("ruler", [1, c]) => ("k_position", number(&r.ruler, &[1, *c])? - p.offset),
            ("ruler", [2, c]) => ("offset", number(&r.ruler, &[2, *c])?),
            ("shifted", [row, _]) => ("offset", number(&r.shifted, &[*row, 0])? - p.q_position),
            _ => ("", 0),
        };
        if !key.is_empty() {
            let now = [("q_position", p.q_position), ("k_position", p.k_position), ("offset", p.offset)];
            return (!now.contains(&(key, value))).then(|| Act::Set(vec![(key, value.to_string())]));
        }
        let at = map_names(run.params.map).iter().position(|name| *name == focus.tensor)?;
        let code = *Code::ALL.get(at)?;
        (code != run.params.code).then(|| Act::Set(vec![("code", code.key().to_string())]))
    }

    fn load(name: &str, tensor: Shared, params: &mut Params, data: &mut Data) -> Result<(), Refusal> {
        let Some(name) = LOADED.iter().find(|known| **known == name) else {
            return Err(Refusal::UnknownTensor(name.into(), LOADED.to_vec()));
        };
        let shape = tensor.shape().to_vec();
        let fits = match shape[..] {
            [1, heads, tokens, width] => {
                (1..=MAX_HEADS).contains(&heads)
                    && (2..=MAX_TOKENS).contains(&tokens)
                    && width > 0
                    && width.is_multiple_of(2)
                    && width <= MAX_WIDTH / heads
            }
            _ => false,
        };
        if !fits {
            return Err(Refusal::lab(Unfit::LoadShape { shape }));
        }
        // Products of two such numbers stay far from what `f32` can hold.
        if tensor.iter().any(|v| !v.is_finite() || v.abs() > LARGEST) {
            return Err(Refusal::lab(Unfit::LoadNumbers));
        }
        // Others of another shape no longer belong to it.
        for other in LOADED {
            if data.get(other).is_some_and(|t| t.shape() != shape) {
                data.remove(other);
            }
        }
        data.insert((*name).into(), crate::core::tensor::Tensor::from(tensor.into_owned()).into_shared());
        params.input = Input::Own;
        params::adopt(params, &shape);
        Ok(())
    }
}
