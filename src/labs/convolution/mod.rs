//! `#/convolution`: a window walks over an input; every output cell is one weighted sum.

mod challenges;
mod compute;
mod draw;
mod explain;
pub(crate) mod inputs;
mod kernels;
mod params;
mod questions;
mod snippets;
mod text;
mod words;

pub use draw::bring_panels;

use crate::stage::challenge::Challenge;
use crate::stage::insight::Insight;
use crate::stage::lab::{Data, Figure, Focus, Given, Lab, Look, Ran, Shared};
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::{extent, value_at};
use crate::stage::text::Lang;
use crate::stage::value::{LARGEST, Matrix};
use compute::Extra;
use inputs::Input;
use params::{MAX_KERNEL, MAX_SIZE, Mode, Params, Unfit};

pub use text::Text as Words;

/// The convolution lab.
pub struct Convolution;

/// More outputs than this are not stepped through one by one.
const MOST_STEPS: usize = 1024;

impl Lab for Convolution {
    const SLUG: &'static str = "convolution";
    type Params = Params;
    type Output = compute::Output;

    crate::lab_words!(main_title);

    const PICTURE: Option<&'static str> = Some("input");
    fn beginnings(lang: Lang) -> &'static [(&'static str, &'static str)] {
        lang.pick(
            &[("Numbers", "input=blob&size=8"), ("Picture", "input=shapes&size=256")],
            &[("数字", "input=blob&size=8"), ("图像", "input=shapes&size=256")],
        )
    }
    fn option_groups(key: &str, lang: Lang) -> &'static [(&'static str, usize)] {
        words::option_groups(key, lang)
    }
    fn stands_on(key: &str) -> Option<&'static str> {
        (key == "panel").then_some("panel")
    }
    fn relevant(params: &Params, key: &str) -> bool {
        match key {
            "padding_value" => params.padding_mode == Mode::Constant,
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
        let o = &run.output;
        let mut list = vec![
            ("input", o.input.clone()),
            ("weight", o.weight.clone()),
            ("padded", o.padded.clone()),
            ("output", o.output.clone()),
            ("usage", o.usage.clone()),
            ("padding_share", o.padding_share.clone()),
            ("pre_activation", o.pre_activation.clone()),
        ];
        match &o.extra {
            Extra::None => {}
            Extra::Flip { correlation, convolution, difference } => list.extend([
                ("correlation", correlation.clone()),
                ("convolution", convolution.clone()),
                ("difference", difference.clone()),
            ]),
            Extra::Linearity { other, of_input, of_other, defect } => list.extend([
                ("other", other.clone()),
                ("of_input", of_input.clone()),
                ("of_other", of_other.clone()),
                ("defect", defect.clone()),
            ]),
            Extra::Modes(modes) => {
                for (mode, result) in modes {
                    if let Ok((padded, output)) = result {
                        let (p, q) = draw::mode_names(*mode);
                        list.extend([(p, padded.clone()), (q, output.clone())]);
                    }
                }
            }
        }
        if let Some(second) = &run.beside {
            list.extend([
                ("beside_input", second.output.input.clone()),
                ("beside_weight", second.output.weight.clone()),
                ("beside_padded", second.output.padded.clone()),
                ("beside_output", second.output.output.clone()),
            ]);
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

    fn load(name: &str, tensor: Shared, params: &mut Params, data: &mut Data) -> Result<(), Refusal> {
        let (what, max) = match name {
            "input" => ("input", MAX_SIZE),
            "weight" => ("weight", MAX_KERNEL),
            other => return Err(Refusal::UnknownTensor(other.into(), vec!["input", "weight"])),
        };
        let (h, w) = extent(&tensor);
        let one_image = tensor.ndim() >= 2 && tensor.len() == h * w;
        if !one_image || h == 0 || w == 0 || h > max || w > max {
            let shape = tensor.shape().to_vec();
            return Err(Refusal::lab(Unfit::LoadShape { name: what, shape, max }));
        }
        if tensor.iter().any(|v| !v.is_finite()) {
            return Err(Refusal::lab(Unfit::LoadNotFinite));
        }
        if tensor.iter().any(|v| v.abs() > LARGEST) {
            return Err(Refusal::lab(Unfit::LoadTooLarge));
        }
        let before = params.clone();
        if what == "input" {
            data.insert("input".into(), crate::core::tensor::Tensor::from(tensor.into_owned()).into_shared());
            params.input = Input::Own;
            params.size = (h, w);
        } else {
            params.weight = Matrix::from_fn(h, w, |r, c| value_at(&tensor, r, c));
            params::settle(&before, params, data);
        }
        Ok(())
    }

    fn edit(run: &Ran<Self>, focus: &Focus, value: f32) -> Option<(&'static str, Shared)> {
        let (name, tensor) = match focus.tensor {
            "input" => ("input", &run.output.input),
            "weight" => ("weight", &run.output.weight),
            _ => return None,
        };
        let mut changed = tensor.clone();
        *changed.get_mut(ndarray::IxDyn(&focus.index))? = value;
        Some((name, changed))
    }
}
