//! `#/receptive-field`: what a unit may see, and what it does see.

mod challenges;
mod compute;
mod draw;
mod explain;
mod jobs;
mod masks;
mod measure;
mod network_code;
mod params;
mod published;
mod questions;
mod snippets;
mod stack;
#[cfg(test)]
mod tests;
mod text;
mod unfit;
mod weights;
mod words;

use crate::stage::challenge::Challenge;
use crate::stage::insight::Insight;
use crate::stage::lab::{Act, Data, Figure, Focus, Given, Lab, Look, Ran, Shared};
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::extent;
use crate::stage::text::Lang;
use crate::stage::value::LARGEST;
use crate::stage::work::Work;
use compute::Extra;
use params::{Input, MAX_SIZE, Params};
use unfit::Unfit;

pub use text::Text as Words;

/// The receptive-field lab.
pub struct ReceptiveField;

impl Lab for ReceptiveField {
    const SLUG: &'static str = "receptive-field";
    type Params = Params;
    type Output = compute::Output;

    crate::lab_words!(name);

    const PICTURE: Option<&'static str> = Some("input");
    fn beginnings(lang: Lang) -> &'static [(&'static str, &'static str)] {
        words::beginnings(lang)
    }
    fn stands_on(key: &str) -> Option<&'static str> {
        (key == "panel").then_some("panel")
    }
    fn relevant(p: &Params, key: &str) -> bool {
        let own = p.published().is_none();
        match key {
            "sort" | "first_row" => !own,
            "layers" | "skip" | "weights" | "channels" | "activation" | "norm" | "dropout" | "layer"
            | "unit" | "measure" | "scale" => own,
            "draws" => own && p.rounds_differ(),
            // The network has its own size, and its picture is an example only.
            "size" => own,
            "object" => own && (p.input == Input::Ball || p.panel == params::Panel::Object),
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
        jobs::works(params, seed, data)
    }
    fn compute(params: &Params, seed: u64, given: Given<'_, Self>) -> Result<compute::Output, Refusal> {
        compute::compute(params, seed, given)
    }

    fn tensors(run: &Ran<Self>) -> Vec<(&'static str, Shared)> {
        let o = &run.output;
        // Short ones first: the laws look numbers up in this order.
        let mut list = vec![
            ("theory", o.theory.clone()),
            ("profile", o.profile.clone()),
            ("profile_rows", o.profile_rows.clone()),
        ];
        match &o.extra {
            Extra::None => {}
            Extra::Coverage(map) => list.push(("coverage", map.clone())),
            Extra::Growth(found) => list.extend(found.iter().map(|t| ("growth", t.clone()))),
            Extra::Border(maps, _) => {
                list.extend(maps.iter().filter_map(|(name, map)| Some((*name, map.clone()?))))
            }
            Extra::Object(found) => list.extend(found.iter().map(|t| ("widths", t.clone()))),
            Extra::Back(map, ..) => list.push(("reached", map.clone())),
        }
        if let Some(n) = &o.published {
            list.extend([("network", n.table.clone()), ("picture", n.picture.clone())]);
            list.extend(n.twin.iter().map(|(_, fields)| ("variants", fields.clone())));
        }
        list.extend(o.overview.iter().map(|fields| ("networks", fields.clone())));
        list.extend([
            ("input", o.input.clone()),
            ("gradient", o.gradient.clone()),
            ("shown", o.shown.clone()),
            // What the code gives: the gradient, or how wide a network's field is.
            ("output", o.published.as_ref().map_or_else(|| o.gradient.clone(), |n| n.width())),
        ]);
        if let Some(second) = &run.beside {
            list.extend([
                ("beside_theory", second.output.theory.clone()),
                ("beside_profile", second.output.profile.clone()),
                ("beside_input", second.output.input.clone()),
                ("beside_gradient", second.output.gradient.clone()),
                ("beside_shown", second.output.shown.clone()),
            ]);
        }
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

    /// A pixel chooses the unit whose field has its middle nearest to it; a unit chooses itself.
    fn click(run: &Ran<Self>, focus: &Focus) -> Option<Act> {
        let [.., row, column] = focus.index[..] else { return None };
        if focus.tensor == "networks" {
            let network = crate::core::nets::networks::NETWORKS.get(row)?;
            return Some(Act::Set(vec![("network", network.key.into())]));
        }
        let last = run.output.scene.maps.last()?;
        let nearest = |axis: usize, cell: usize, size: usize| {
            let reach = last.reach[axis];
            let unit = ((cell as f64 - reach.centre()) / reach.jump).round();
            unit.clamp(0.0, size.saturating_sub(1) as f64) as usize
        };
        let (row, column) = match focus.tensor {
            "input" | "gradient" | "shown" | "coverage" => {
                (nearest(0, row, last.size.0), nearest(1, column, last.size.1))
            }
            "reached" if row < last.size.0 && column < last.size.1 => (row, column),
            _ => return None,
        };
        Some(Act::Set(vec![("unit", format!("{row},{column}"))]))
    }

    fn load(name: &str, tensor: Shared, params: &mut Params, data: &mut Data) -> Result<(), Refusal> {
        if name != "input" {
            return Err(Refusal::UnknownTensor(name.into(), vec!["input"]));
        }
        let (h, w) = extent(&tensor);
        let one_image = tensor.ndim() >= 2 && tensor.len() == h * w;
        if !one_image || h == 0 || w == 0 || h > MAX_SIZE || w > MAX_SIZE {
            return Err(Refusal::lab(Unfit::LoadShape { shape: tensor.shape().to_vec() }));
        }
        if tensor.iter().any(|v| !v.is_finite() || v.abs() > LARGEST) {
            return Err(Refusal::lab(Unfit::LoadNumber));
        }
        data.insert("input".into(), crate::core::tensor::Tensor::from(tensor.into_owned()).into_shared());
        let before = params.clone();
        params.input = Input::Own;
        params.size = (h, w);
        params::settle(&before, params, data);
        Ok(())
    }
}
