//! `#/channels`: many channels in and out. Every kernel has a slice for each channel it reads; their maps are added.

mod challenges;
mod compute;
mod draw;
mod explain;
mod names;
mod params;
mod questions;
mod snippets;
#[cfg(test)]
mod tests;
mod text;
mod weights;
mod words;

use crate::stage::challenge::Challenge;
use crate::stage::insight::Insight;
use crate::stage::lab::{Act, Data, Figure, Focus, Given, Lab, Look, Ran, Shared};
use crate::stage::picture::LONGEST;
use crate::stage::refusal::Refusal;
use crate::stage::text::Lang;
use crate::stage::value::LARGEST;
use compute::{Before, Output, channel, kernel};
use names::{MAX_IN, MAX_OUT, at};
use params::{Input, MAX_KERNEL, MAX_SIZE, Panel, Params, Unfit, Weights};

pub use text::Text as Words;

/// The channels lab.
pub struct Channels;

/// More outputs than this are not stepped through one by one.
const MOST_STEPS: usize = 1024;

impl Lab for Channels {
    const SLUG: &'static str = "channels";
    type Params = Params;
    type Output = Output;

    crate::lab_words!(name);
    const PICTURE: Option<&'static str> = Some(params::PHOTO);
    const IN_COLOUR: bool = true;

    fn beginnings(lang: Lang) -> &'static [(&'static str, &'static str)] {
        lang.pick(
            &[
                ("Numbers", "input=digits&size=5&padding=0&weights=random"),
                ("Depthwise", "in_channels=6&out_channels=6&groups=6&panel=groups"),
                ("1 × 1", "kernel_size=1&padding=0&weights=false_colour&out_channels=3&panel=mixing"),
            ],
            &[
                ("数字", "input=digits&size=5&padding=0&weights=random"),
                ("逐通道", "in_channels=6&out_channels=6&groups=6&panel=groups"),
                ("1 × 1", "kernel_size=1&padding=0&weights=false_colour&out_channels=3&panel=mixing"),
            ],
        )
    }
    fn stands_on(key: &str) -> Option<&'static str> {
        (key == "panel").then_some("panel")
    }
    fn check(params: &Params, data: &Data) -> Result<(), Refusal> {
        params::check(params, data)
    }
    fn settle(before: &Params, after: &mut Params, data: &Data) {
        params::settle(before, after, data);
    }
    fn compute(params: &Params, seed: u64, given: Given<'_, Self>) -> Result<Output, Refusal> {
        let before = given.before.map(|b| Before { params: &b.params, seed: b.seed, output: &b.output });
        compute::compute(params, seed, given.data, before)
    }

    fn tensors(run: &Ran<Self>) -> Vec<(&'static str, Shared)> {
        let (p, o) = (&run.params, &run.output);
        let q = p.shown();
        let mut list = vec![
            ("input", o.input.clone()),
            ("weight", o.weight.clone()),
            ("bias", o.bias.clone()),
            ("partial", o.partial.clone()),
            ("output", o.output.clone()),
            ("padded", o.padded.clone()),
            ("reads", o.reads.clone()),
            ("splits", o.splits.clone()),
            ("costs", o.costs.clone()),
            ("mixing_matrix", o.mixing.matrix.clone()),
            ("back_matrix", o.mixing.back.clone()),
            ("mixed", o.mixing.mixed.clone()),
            ("restored", o.mixing.restored.clone()),
        ];
        list.extend((0..p.c_in()).map(|c| (at(names::INPUT, c), channel(&o.input, c))));
        list.extend((0..p.per()).map(|c| (at(names::PARTIAL, c), channel(&o.partial, c))));
        // The other kernels and maps are drawn only in the bank.
        let outputs = if p.panel == Panel::Bank { 0..p.c_out() } else { q..q + 1 };
        for q in outputs {
            list.push((at(names::OUTPUT, q), channel(&o.output, q)));
            list.push((at(names::KERNEL, q), kernel(&o.weight, q)));
        }
        if p.panel == Panel::Mixing {
            let most = names::MIXED.len();
            list.extend((0..p.c_out().min(most)).map(|c| (at(names::MIXED, c), channel(&o.mixing.mixed, c))));
            list.extend(
                (0..p.c_in().min(most)).map(|c| (at(names::RESTORED, c), channel(&o.mixing.restored, c))),
            );
        }
        if let Some(second) = &run.beside {
            let (p, o) = (&second.params, &second.output);
            list.extend([
                ("beside_input", o.input.clone()),
                ("beside_weight", o.weight.clone()),
                ("beside_bias", o.bias.clone()),
                ("beside_partial", o.partial.clone()),
                ("beside_output", o.output.clone()),
                ("beside_shown", o.shown.clone()),
                ("beside_kernel", kernel(&o.weight, p.shown())),
            ]);
            list.extend((0..p.c_in()).map(|c| (at(names::BESIDE_INPUT, c), channel(&o.input, c))));
            list.extend((0..p.per()).map(|c| (at(names::BESIDE_PARTIAL, c), channel(&o.partial, c))));
        }
        list
    }

    fn facts(run: &Ran<Self>) -> Vec<(&'static str, f64)> {
        explain::facts(run)
    }

    fn steps(run: &Ran<Self>) -> usize {
        let (h, w) = run.output.size();
        if run.params.is_grid() && h * w <= MOST_STEPS { h * w } else { 0 }
    }

    fn step_focus(run: &Ran<Self>, step: usize) -> Option<Focus> {
        let (_, w) = run.output.size();
        let at = step.checked_sub(1)?;
        let index = vec![0, run.params.shown(), at / w, at % w];
        (step <= Self::steps(run)).then_some(Focus { tensor: "output", index })
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

    /// A click on a kernel, a map or a row of the connections looks at that output channel.
    fn click(run: &Ran<Self>, focus: &Focus) -> Option<Act> {
        let of = |list: &[&str]| list.iter().position(|name| *name == focus.tensor);
        let q = match focus.tensor {
            "reads" => *focus.index.get(2)?,
            _ => of(names::OUTPUT).or_else(|| of(names::KERNEL))?,
        };
        let other = q != run.params.shown() && q < run.params.c_out();
        other.then(|| Act::Set(vec![("output", q.to_string())]))
    }

    fn load(name: &str, tensor: Shared, params: &mut Params, data: &mut Data) -> Result<(), Refusal> {
        let shape = tensor.shape().to_vec();
        let known = ["input", params::PHOTO, "weight", "bias"];
        let Some(name) = known.into_iter().find(|known| *known == name) else {
            return Err(Refusal::UnknownTensor(name.into(), known.to_vec()));
        };
        if tensor.iter().any(|v| !v.is_finite() || v.abs() > LARGEST) {
            return Err(Refusal::lab(Unfit::LoadNumber));
        }
        let within = |n: usize, most: usize| (1..=most).contains(&n);
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let mut after = params.clone();
        match (name, &shape[..]) {
            ("input", [h, w]) | ("input", [1, _, h, w]) if within(*h, MAX_SIZE) && within(*w, MAX_SIZE) => {
                let c = if let [_, c, _, _] = shape[..] { c } else { 1 };
                if !within(c, MAX_IN) {
                    return Err(Refusal::lab(Unfit::LoadShape(name, shape)));
                }
                (after.input, after.size, after.in_channels) = (Input::Own, (*h, *w), count(c));
                if !c.is_multiple_of(after.g()) {
                    after.groups = 1;
                }
                if after.weights == Weights::Own && after.per() != params.per() {
                    after.weights = Weights::Edges;
                }
            }
            (params::PHOTO, &[1, 3, h, w]) if within(h, LONGEST) && within(w, LONGEST) => {
                if tensor.iter().any(|v| !(0.0..=1.0).contains(v)) {
                    return Err(Refusal::lab(Unfit::LoadShape(name, shape)));
                }
                (after.input, after.size, after.in_channels) = (Input::Photo, params::photo_size(&tensor), 3);
                if after.weights == Weights::Own && after.per() != params.per() {
                    after.weights = Weights::Edges;
                }
                if !3usize.is_multiple_of(after.g()) {
                    after.groups = 1;
                }
            }
            ("weight", &[o, per, h, w])
                if within(o, MAX_OUT) && within(h, MAX_KERNEL) && within(w, MAX_KERNEL) =>
            {
                // A bias that does not depend on chance stays with the weights it stood beside.
                let kept =
                    (!matches!(params.weights, Weights::Own | Weights::Random) && params.bias).then(|| {
                        Shared::from_shape_vec(
                            vec![1, o],
                            weights::bias(&Params { out_channels: count(o), ..after.clone() }, 0),
                        )
                    });
                (after.weights, after.out_channels, after.kernel_size) = (Weights::Own, count(o), (h, w));
                if !o.is_multiple_of(after.g()) {
                    after.groups = 1;
                }
                after.in_channels = count(per.saturating_mul(after.g()));
                if !within(per.saturating_mul(after.g()), MAX_IN) {
                    return Err(Refusal::lab(Unfit::LoadShape(name, shape)));
                }
                after.output = after.output.min(after.out_channels - 1);
                if let Some(Ok(bias)) = kept {
                    data.insert("bias".into(), bias);
                }
            }
            ("bias", [.., n]) if tensor.len() == *n => {
                if params.weights != Weights::Own || *n != params.c_out() {
                    return Err(Refusal::lab(Unfit::LoadBias));
                }
                after.bias = true;
            }
            ("bias", _) => return Err(Refusal::lab(Unfit::LoadBias)),
            _ => return Err(Refusal::lab(Unfit::LoadShape(name, shape))),
        }
        let kept = crate::core::tensor::Tensor::from(tensor.into_owned()).into_shared();
        let kept = kept.as_standard_layout().into_owned().into_shared();
        data.insert(name.into(), kept);
        *params = after;
        Ok(())
    }

    fn edit(run: &Ran<Self>, focus: &Focus, value: f32) -> Option<(&'static str, Shared)> {
        let (name, tensor) = match focus.tensor {
            "input" => ("input", &run.output.input),
            "weight" => ("weight", &run.output.weight),
            "bias" if run.params.weights == Weights::Own => ("bias", &run.output.bias),
            _ => return None,
        };
        let mut changed = tensor.clone();
        *changed.get_mut(ndarray::IxDyn(&focus.index))? = value;
        Some((name, changed))
    }
}
