//! `#/checkerboard`: how a picture grows, why stamps that overlap unevenly leave a checkerboard, and what cures it.

mod challenges;
mod compute;
mod cures;
mod draw;
mod explain;
mod layer;
mod learn;
mod params;
mod questions;
mod snippets;
#[cfg(test)]
mod tests;
mod text;
mod words;

use crate::stage::challenge::Challenge;
use crate::stage::insight::Insight;
use crate::stage::lab::{Act, Data, Figure, Focus, Given, Lab, Look, Ran, Shared};
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::extent;
use crate::stage::text::Lang;
use crate::stage::value::LARGEST;
use crate::stage::work::Work;
use compute::{Extra, Output};
use params::{Init, Input, LARGEST_TAP, MAX_KERNEL, MAX_SIZE, Panel, Params, Unfit, Upsampler};

pub use text::Text as Words;

/// The checkerboard lab.
pub struct Checkerboard;

impl Lab for Checkerboard {
    const SLUG: &'static str = "checkerboard";
    type Params = Params;
    type Output = Output;

    crate::lab_words!(name);

    const PICTURE: Option<&'static str> = Some("input");
    fn beginnings(lang: Lang) -> &'static [(&'static str, &'static str)] {
        lang.pick(
            &[
                ("Numbers", ""),
                ("Picture", "input=shapes&size=48"),
                ("Gradient", "direction=gradient&size=11"),
            ],
            &[("数字", ""), ("图像", "input=shapes&size=48"), ("梯度", "direction=gradient&size=11")],
        )
    }
    fn stands_on(key: &str) -> Option<&'static str> {
        (key == "panel").then_some("panel")
    }
    fn relevant(p: &Params, key: &str) -> bool {
        let taps = p.has_taps();
        match key {
            "upsampler" => !p.back(),
            "kernel_size" | "init" => taps,
            "padding" => p.stamps(),
            "output_padding" => p.stamps() && !p.back(),
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
        let shown =
            matches!(params.panel, Panel::Learn | Panel::Cures) && params::check(params, data).is_ok();
        if shown { vec![learn::work(params, seed, data)] } else { Vec::new() }
    }
    fn compute(params: &Params, seed: u64, given: Given<'_, Self>) -> Result<Output, Refusal> {
        compute::compute(params, seed, given)
    }

    fn tensors(run: &Ran<Self>) -> Vec<(&'static str, Shared)> {
        let o = &run.output;
        let mut list = vec![
            ("input", o.input.clone()),
            ("weight", o.weight.clone()),
            ("stamp", o.stamp.clone()),
            ("overlap", o.overlap.clone()),
            ("output", o.output.clone()),
            ("spectrum", o.spectrum.clone()),
            ("spectrum_level", o.spectrum_level.clone()),
            ("ratio", o.ratio.clone()),
        ];
        list.extend(draw::LINES.into_iter().zip(o.lines.iter().cloned()));
        list.extend(o.full.clone().map(|t| ("full", t)));
        list.extend(o.stamped.clone().map(|t| ("stamped", t)));
        list.extend(o.pool_gradient.clone().map(|t| ("pool_gradient", t)));
        if let Some(found) = &o.pattern {
            list.push(("phases", found.phases.clone().into_dyn().into_shared()));
        }
        match &o.extra {
            Extra::None => {}
            Extra::Cures(cures) => {
                for cure in cures {
                    let (picture, error) = cures::NAMES[cure.kind as usize];
                    list.extend([(picture, cure.output.clone()), (error, cure.error.clone())]);
                }
                let numbers: Vec<f32> = cures.iter().flat_map(|c| c.numbers).collect();
                let shape = ndarray::IxDyn(&[cures.len(), 4]);
                list.extend(Shared::from_shape_vec(shape, numbers).ok().map(|t| ("cures", t)));
            }
            Extra::Learn(fits) => {
                for (fit, [loss, taps, start, fitted]) in fits.list.iter().zip(learn::NAMES) {
                    list.push((start, fit.start.clone()));
                    list.extend(fit.loss.clone().map(|t| (loss, t)));
                    list.extend(fit.taps.clone().map(|t| (taps, t)));
                    list.extend(fit.fitted.clone().map(|t| (fitted, t)));
                }
            }
            Extra::Matrix(m) => {
                list.extend([("matrix", m.up.clone()), ("matrix_transposed", m.down.clone())]);
            }
        }
        if let Some(second) = &run.beside {
            let o = &second.output;
            list.extend([
                ("beside_input", o.input.clone()),
                ("beside_weight", o.weight.clone()),
                ("beside_stamp", o.stamp.clone()),
                ("beside_overlap", o.overlap.clone()),
                ("beside_output", o.output.clone()),
            ]);
            list.extend(o.full.clone().map(|t| ("beside_full", t)));
            list.extend(o.stamped.clone().map(|t| ("beside_stamped", t)));
            list.extend(o.pool_gradient.clone().map(|t| ("beside_pool_gradient", t)));
        }
        list
    }

    fn facts(run: &Ran<Self>) -> Vec<(&'static str, f64)> {
        explain::facts(run)
    }
    fn steps(run: &Ran<Self>) -> usize {
        run.output.stamped.as_ref().map_or(0, |t| t.shape()[0])
    }
    fn step_focus(run: &Ran<Self>, step: usize) -> Option<Focus> {
        let at = step.checked_sub(1)?;
        let w = run.params.size.1;
        (step <= Self::steps(run)).then(|| Focus { tensor: "input", index: vec![0, 0, at / w, at % w] })
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

    fn click(_run: &Ran<Self>, focus: &Focus) -> Option<Act> {
        match (focus.tensor, &focus.index[..]) {
            ("ratio", [.., row, col]) => Some(Act::Set(vec![
                ("kernel_size", (col + 1).to_string()),
                ("stride", (row + 1).to_string()),
            ])),
            _ => None,
        }
    }

    fn load(name: &str, tensor: Shared, params: &mut Params, data: &mut Data) -> Result<(), Refusal> {
        if !matches!(name, "input" | "weight") {
            return Err(Refusal::UnknownTensor(name.into(), vec!["input", "weight"]));
        }
        let (h, w) = extent(&tensor);
        let one = tensor.ndim() >= 2 && tensor.len() == h * w && h > 0 && w > 0;
        let shape = tensor.shape().to_vec();
        if name == "weight" && !(one && h == w && h <= MAX_KERNEL) {
            return Err(Refusal::lab(Unfit::LoadKernel(shape)));
        }
        if !one || h > MAX_SIZE || w > MAX_SIZE {
            return Err(Refusal::lab(Unfit::LoadShape(shape)));
        }
        let most = if name == "weight" { LARGEST_TAP } else { LARGEST };
        if tensor.iter().any(|v| !v.is_finite() || v.abs() > most) {
            return Err(Refusal::lab(Unfit::LoadNumber(most)));
        }
        data.insert(name.into(), crate::core::tensor::Tensor::from(tensor.into_owned()).into_shared());
        if name == "weight" {
            params.init = Init::Own;
            params.kernel_size = i64::try_from(h).unwrap_or(1);
            if !params.has_taps() {
                params.upsampler = Upsampler::Transposed;
            }
        } else {
            (params.input, params.size) = (Input::Own, (h, w));
        }
        Ok(())
    }

    fn edit(run: &Ran<Self>, focus: &Focus, value: f32) -> Option<(&'static str, Shared)> {
        let (name, tensor) = match focus.tensor {
            "input" => ("input", &run.output.input),
            // A stamp of its own name is made of the taps, and so are several kernels: neither is typed into.
            "weight" | "stamp" if run.params.stamps() => ("weight", &run.output.weight),
            _ => return None,
        };
        let mut changed = tensor.clone();
        *changed.get_mut(ndarray::IxDyn(&focus.index))? = value;
        Some((name, changed))
    }
}
