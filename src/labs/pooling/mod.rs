//! `#/pooling`: every window becomes one number; where the gradient goes, and what is lost on the way.

mod challenges;
mod compute;
mod draw;
mod explain;
mod params;
mod questions;
mod snippets;
mod study;
#[cfg(test)]
mod tests;
mod text;
mod walk;
mod words;

use crate::labs::convolution::inputs::Input;
use crate::stage::challenge::Challenge;
use crate::stage::insight::Insight;
use crate::stage::lab::{Act, Data, Figure, Focus, Given, Lab, Look, Ran, Shared};
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::extent;
use crate::stage::text::Lang;
use crate::stage::value::LARGEST;
use params::{Grad, MAX_SIZE, Panel, Params, Unfit};
use walk::Walk;

pub use text::Text as Words;

/// The pooling lab.
pub struct Pooling;

/// More outputs than this are not stepped through one by one.
const MOST_STEPS: usize = 1024;

impl Lab for Pooling {
    const SLUG: &'static str = "pooling";
    type Params = Params;
    type Output = compute::Output;

    crate::lab_words!(name);

    const PICTURE: Option<&'static str> = Some("input");
    fn beginnings(lang: Lang) -> &'static [(&'static str, &'static str)] {
        lang.pick(
            &[
                ("Numbers", "input=digits&size=7"),
                ("Picture", "input=shapes&size=256&kernel_size=8&stride=8"),
            ],
            &[("数字", "input=digits&size=7"), ("图像", "input=shapes&size=256&kernel_size=8&stride=8")],
        )
    }
    fn option_groups(key: &str, lang: Lang) -> &'static [(&'static str, usize)] {
        words::option_groups(key, lang)
    }
    fn stands_on(key: &str) -> Option<&'static str> {
        (key == "panel").then_some("panel")
    }
    fn relevant(params: &Params, key: &str) -> bool {
        params.relevant(key)
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
        let o = &run.output;
        let mut list = vec![
            ("input", o.input.clone()),
            ("output", o.output.clone()),
            ("indices", o.indices.clone()),
            ("grad_output", o.grad_output.clone()),
            ("grad_input", o.grad_input.clone()),
        ];
        if let Some(ties) = &o.ties {
            list.extend([("grad_split", ties.split.clone()), ("grad_all", ties.all.clone())]);
        }
        list.extend(o.study.tensors());
        list.extend(run.beside.iter().flat_map(|second| draw::beside_tensors(&second.output)));
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
        (step <= Self::steps(run)).then(|| Focus { tensor: "output", index: vec![0, 0, at / w, at % w] })
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

    /// A click on an output takes its gradient away, or gives it 1.
    fn click(run: &Ran<Self>, focus: &Focus) -> Option<Act> {
        let ours = matches!(focus.tensor, "output" | "grad_output");
        if !ours || run.params.panel != Panel::Backward {
            return None;
        }
        let mut changed = run.output.grad_output.clone();
        let cell = changed.get_mut(ndarray::IxDyn(&focus.index))?;
        *cell = if *cell == 0.0 { 1.0 } else { 0.0 };
        Some(Act::Load("grad_output", changed))
    }

    fn load(name: &str, tensor: Shared, params: &mut Params, data: &mut Data) -> Result<(), Refusal> {
        let (h, w) = extent(&tensor);
        let one_image = tensor.ndim() >= 2 && tensor.len() == h * w && h > 0 && w > 0;
        let shape = tensor.shape().to_vec();
        let wrong = |name, wanted| Refusal::lab(Unfit::LoadShape { name, shape, wanted });
        let key = match name {
            "input" => "input",
            "grad_output" => "grad_output",
            other => return Err(Refusal::UnknownTensor(other.into(), vec!["input", "grad_output"])),
        };
        if key == "input" && !(one_image && h <= MAX_SIZE && w <= MAX_SIZE) {
            return Err(wrong("input", format!("[1, 1, 1…{MAX_SIZE}, 1…{MAX_SIZE}]")));
        }
        if key == "grad_output" {
            let [oh, ow] = Walk::of(params)?.windows.output();
            if !one_image || (h, w) != (oh, ow) {
                return Err(wrong("grad_output", format!("[1, 1, {oh}, {ow}]")));
            }
        }
        if tensor.iter().any(|v| !v.is_finite() || v.abs() > LARGEST) {
            return Err(Refusal::lab(Unfit::LoadNumber));
        }
        let kept = crate::core::tensor::Tensor::from(tensor.into_owned()).into_shared();
        data.insert(key.into(), kept);
        if key == "input" {
            (params.input, params.size) = (Input::Own, (h, w));
            params::fit(params, data);
        } else {
            params.grad = Grad::Own;
        }
        Ok(())
    }

    fn edit(run: &Ran<Self>, focus: &Focus, value: f32) -> Option<(&'static str, Shared)> {
        let (name, tensor) = match focus.tensor {
            "input" => ("input", &run.output.input),
            "grad_output" => ("grad_output", &run.output.grad_output),
            _ => return None,
        };
        let mut changed = tensor.clone();
        *changed.get_mut(ndarray::IxDyn(&focus.index))? = value;
        Some((name, changed))
    }
}
