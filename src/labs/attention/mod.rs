//! `#/attention`: every head's map, and every number from the tokens to the output.

mod challenges;
mod compute;
mod draw;
mod explain;
mod gradient;
mod load;
mod meanings;
mod measure;
mod params;
mod questions;
mod sizes;
mod snippets;
mod split;
mod steps;
mod study;
mod text;
mod timing;
mod tokens;
mod unfit;
mod weights;
mod words;

use crate::stage::challenge::Challenge;
use crate::stage::insight::Insight;
use crate::stage::lab::{Act, Data, Figure, Focus, Given, Lab, Look, Ran, Shared};
use crate::stage::refusal::Refusal;
use crate::stage::text::Lang;
use crate::stage::work::Work;
use params::{MaskKind, Panel, Params, ScoreKind, Source};

pub use text::Text as Words;

/// The attention lab.
pub struct AttentionLab;

/// What was computed, and what was found in the background.
pub struct Output {
    /// The attention itself.
    pub main: compute::Output,
    /// The study of the scale, as far as it has come.
    pub study: study::Study,
    /// How long attention takes, as far as it has been measured.
    pub timing: timing::Timing,
}

/// Tensors of one head's map, by head.
pub const MAPS: [&str; params::MOST_HEADS] = [
    "weights_1",
    "weights_2",
    "weights_3",
    "weights_4",
    "weights_5",
    "weights_6",
    "weights_7",
    "weights_8",
    "weights_9",
    "weights_10",
    "weights_11",
    "weights_12",
    "weights_13",
    "weights_14",
    "weights_15",
    "weights_16",
];

impl Lab for AttentionLab {
    const SLUG: &'static str = "attention";
    type Params = Params;
    type Output = Output;

    crate::lab_words!(name);
    fn beginnings(lang: Lang) -> &'static [(&'static str, &'static str)] {
        words::beginnings(lang)
    }
    fn stands_on(key: &str) -> Option<&'static str> {
        (key == "panel").then_some("panel")
    }
    fn relevant(p: &Params, key: &str) -> bool {
        match key {
            "input" => p.input == Source::Own,
            "context" => p.cross,
            "mask_size" => matches!(p.mask, MaskKind::Prefix | MaskKind::Block | MaskKind::Global),
            "allowed" => p.mask == MaskKind::Own,
            "embedding" => p.tokens == params::Split::Word,
            "num_kv_heads" | "heads_off" | "head" => p.num_heads > 1,
            "temperature" => p.softmax != params::SoftmaxKind::Hardmax,
            "tie_qk" => p.score != ScoreKind::Additive,
            _ => true,
        }
    }
    fn check(params: &Params, data: &Data) -> Result<(), Refusal> {
        params::check(params, data)
    }
    fn settle(before: &Params, after: &mut Params, data: &Data) {
        params::settle(before, after, data);
    }
    fn works(params: &Params, seed: u64, data: &Data) -> Vec<Work> {
        if !matches!(params.panel, Panel::Scale | Panel::Cost) {
            return Vec::new();
        }
        let Ok(sizes) = params::check(params, data).and_then(|()| params::sizes(params, data)) else {
            return Vec::new();
        };
        vec![if params.panel == Panel::Scale { study::work(seed) } else { timing::work(&sizes) }]
    }
    fn compute(params: &Params, seed: u64, given: Given<'_, Self>) -> Result<Output, Refusal> {
        let main = compute::compute(params, seed, given.data, given.before)?;
        let study = if params.panel == Panel::Scale {
            study::Study::of(seed, given.finds)
        } else {
            study::Study::default()
        };
        let timing = if params.panel == Panel::Cost {
            timing::Timing::of(&main.sizes, given.finds)
        } else {
            timing::Timing::default()
        };
        Ok(Output { main, study, timing })
    }

    fn tensors(run: &Ran<Self>) -> Vec<(&'static str, Shared)> {
        let mut list = named(&run.output.main);
        let o = &run.output.main;
        list.extend(MAPS.iter().copied().zip(o.maps.iter().cloned()));
        list.extend(run.output.study.tensors());
        list.extend(run.output.timing.tensors());
        if let Some(second) = &run.beside {
            let o = &second.output.main;
            list.extend([
                ("beside_measures", o.measures.clone()),
                ("beside_ids", o.ids.clone()),
                ("beside_key_ids", o.key_ids.clone()),
                ("beside_weights", o.weights.clone()),
                ("beside_scores", o.scores.clone()),
                ("beside_output", o.output.clone()),
                ("beside_mask", o.mask.clone()),
            ]);
            list.extend(BESIDE_MAPS.iter().copied().zip(o.maps.iter().cloned()));
        }
        list
    }
    fn facts(run: &Ran<Self>) -> Vec<(&'static str, f64)> {
        explain::facts(run)
    }
    fn steps(run: &Ran<Self>) -> usize {
        // The player walks through the queries, or through the stages of splitting and joining.
        if run.params.panel == Panel::Split { draw::STAGES } else { run.output.main.sizes.n }
    }
    fn step_focus(run: &Ran<Self>, step: usize) -> Option<Focus> {
        let at = step.checked_sub(1).filter(|at| *at < Self::steps(run))?;
        let (head, o) = (run.params.head().min(run.output.main.sizes.heads - 1), &run.output.main);
        if run.params.panel == Panel::Split {
            return Some(draw::stage_focus(o, head, at));
        }
        let column = draw::strongest(o, head, at);
        Some(Focus { tensor: "weights", index: vec![0, head, at, column] })
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
    fn click(run: &Ran<Self>, focus: &Focus) -> Option<Act> {
        let o = &run.output.main;
        if focus.tensor == "measures" {
            // A head's numbers switch it off and on.
            let head = *focus.index.get(2).filter(|h| **h < o.sizes.heads)?;
            let mut off = o.off.clone();
            off[head] = !off[head];
            let text: Vec<String> =
                off.iter().enumerate().filter(|(_, off)| **off).map(|(h, _)| (h + 1).to_string()).collect();
            return Some(Act::Set(vec![("heads_off", text.join(","))]));
        }
        let (head, cell) = draw::of_map(o, focus)?;
        if run.params.mask == MaskKind::Own && focus.tensor != "measures" {
            let (i, j) = cell;
            let most = 32;
            if (i < most && j < most) && (head == run.params.head() || focus.tensor == "mask") {
                return Some(Act::Set(vec![(
                    "allowed",
                    params::painted(&run.params.allowed, i, j).to_string(),
                )]));
            }
        }
        let chosen = head != run.params.head() && focus.tensor != "mask";
        chosen.then(|| Act::Set(vec![("head", (head + 1).to_string())]))
    }
    fn load(name: &str, tensor: Shared, params: &mut Params, data: &mut Data) -> Result<(), Refusal> {
        load::load(name, tensor, params, data)
    }
    fn edit(run: &Ran<Self>, focus: &Focus, value: f32) -> Option<(&'static str, Shared)> {
        let o = &run.output.main;
        let padded = run.params.padding_mask > 0 && !run.params.cross;
        let (name, tensor) = named(o).into_iter().find(|(name, _)| *name == focus.tensor)?;
        if !params::LOADABLE.contains(&name)
            || (name == "x" && (padded || o.own.iter().any(|n| "qkv".contains(n))))
        {
            return None;
        }
        let mut changed = tensor;
        *changed.get_mut(ndarray::IxDyn(&focus.index))? = value;
        Some((name, changed))
    }
}

/// Tensors of one head's map in the second state, by head.
pub const BESIDE_MAPS: [&str; params::MOST_HEADS] = [
    "beside_weights_1",
    "beside_weights_2",
    "beside_weights_3",
    "beside_weights_4",
    "beside_weights_5",
    "beside_weights_6",
    "beside_weights_7",
    "beside_weights_8",
    "beside_weights_9",
    "beside_weights_10",
    "beside_weights_11",
    "beside_weights_12",
    "beside_weights_13",
    "beside_weights_14",
    "beside_weights_15",
    "beside_weights_16",
];

/// The tensors of one state.
fn named(o: &compute::Output) -> Vec<(&'static str, Shared)> {
    let mut list = vec![
        ("measures", o.measures.clone()),
        ("weights", o.weights.clone()),
        ("ids", o.ids.clone()),
        ("key_ids", o.key_ids.clone()),
        ("x", o.x.clone()),
        ("w_q", o.w[0].clone()),
        ("w_k", o.w[1].clone()),
        ("w_v", o.w[2].clone()),
        ("w_o", o.w[3].clone()),
        ("q", o.q.clone()),
        ("k", o.k.clone()),
        ("v", o.v.clone()),
        ("raw", o.raw.clone()),
        ("scores", o.scores.clone()),
        ("mask", o.mask.clone()),
        ("heads", o.heads.clone()),
        ("concat", o.concat.clone()),
        ("output", o.output.clone()),
    ];
    let split = o.split.as_ref();
    let optional = [
        ("context", o.context.as_ref()),
        ("q_wide", split.map(|s| &s.wide)),
        ("q_cut", split.map(|s| &s.cut)),
        ("q_apart", split.and_then(|s| s.apart.as_ref())),
        ("heads_cut", split.map(|s| &s.answers)),
        ("scores_2", o.scores_2.as_ref()),
        ("moved", o.moved.as_ref()),
        ("gradient", o.gradient.as_ref()),
    ];
    list.extend(optional.into_iter().filter_map(|(name, t)| Some((name, t?.clone()))));
    list
}
