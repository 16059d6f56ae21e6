//! What takes longer than a frame: the gradient averaged over draws, the laws of growth, the border, the object test.

mod border;
mod growth;
mod object;

use super::params::{Activation, Panel, Params, Weights};
use super::stack::{MapField, Spec, Stack, What};
use super::weights::made;
use crate::core::nets::{Layer, Net, Unit};
use crate::core::ops::{Conv2d, PaddingMode};
use crate::core::tensor::{Error, Images, Map};
use crate::stage::lab::{Data, Shared};
use crate::stage::work::{Job, Results, Work};
pub use border::MODES;
pub use growth::{DEPTHS, SERIES, growing};
pub use object::width_95;

/// The maps that a gradient is told by, `[h, w]` each.
#[derive(Clone, Debug)]
pub struct Sums {
    /// Mean of its absolute value.
    pub abs: Map,
    /// Mean of its square.
    pub squared: Map,
    /// The first draw, with its sign.
    pub signed: Map,
    /// How many draws there are.
    pub done: usize,
}

impl Sums {
    /// From what a job found.
    pub fn read(results: &Results) -> Option<Sums> {
        let map = |name: &str| results.get(name)?.to_owned().into_dimensionality().ok();
        let done = results.get("done")?.first().copied()? as usize;
        Some(Sums { abs: map("abs")?, squared: map("squared")?, signed: map("signed")?, done })
    }
}

/// The gradient of the unit in one draw, `[h, w]`.
pub fn gradient(
    p: &Params,
    stack: &Stack,
    unit: (usize, usize),
    seed: u64,
    draw: usize,
    own: Option<&Shared>,
) -> Result<Map, Error> {
    let gradient = made(p, stack, seed, draw, own)?.unit_gradient(unit)?;
    Ok(gradient.index_axis_move(ndarray::Axis(0), 0).index_axis_move(ndarray::Axis(0), 0))
}

/// The first draw alone.
pub fn first_draw(
    p: &Params,
    stack: &Stack,
    unit: (usize, usize),
    seed: u64,
    own: Option<&Shared>,
) -> Result<Sums, Error> {
    let signed = gradient(p, stack, unit, seed, 0, own)?;
    Ok(Sums { abs: signed.mapv(f32::abs), squared: signed.mapv(|v| (v * v).min(f32::MAX)), signed, done: 1 })
}

/// Everything the averaged gradient depends on, as text.
pub fn key(p: &Params, seed: u64, data: &Data) -> String {
    let own = data.get("input").filter(|_| p.input == super::params::Input::Own).map(|own| {
        let mix = |hash: u64, v: &f32| (hash ^ u64::from(v.to_bits())).wrapping_mul(0x0100_0000_01b3);
        own.iter().fold(0xcbf2_9ce4_8422_2325, mix)
    });
    format!(
        "field {:?} {:?} {:?}",
        (&p.layers, &p.skip, p.input.key(), p.size, p.object, p.weights.key(), p.width(), p.activation.key()),
        (p.norm, p.dropped(), p.rounds(), p.layer, &p.unit, seed),
        own
    )
}

/// The works of a state.
pub fn works(p: &Params, seed: u64, data: &Data) -> Vec<Work> {
    if super::params::check(p, data).is_err() {
        return Vec::new();
    }
    let Some(scene) = Scene::of(p) else { return Vec::new() };
    let own = data.get("input").cloned();
    let mut list = Vec::new();
    if p.rounds() > 1 || !scene.cheap(p) {
        let job = Averaged {
            p: p.clone(),
            scene: scene.clone(),
            seed,
            own,
            sums: None,
            first: None,
            done: 0,
            failed: false,
        };
        list.push(Work { key: key(p, seed, data), job: Box::new(job) });
    }
    if let Some(key) = panel_key(p, seed) {
        let job: Box<dyn Job> = match p.panel {
            Panel::Growth => Box::new(growth::Growth::new(growing(&scene.stack), seed)),
            Panel::Border => Box::new(border::Border::new(scene)),
            _ => Box::new(object::Prefixes::new(scene, p)),
        };
        list.push(Work { key, job });
    }
    list
}

/// Everything the second figure's work depends on, as text; `None` when it needs none.
pub fn panel_key(p: &Params, seed: u64) -> Option<String> {
    match p.panel {
        Panel::Growth => {
            let stack = p.stack().ok()?;
            Some(format!("growth {} {seed}", growing(&stack).word()))
        }
        Panel::Border => Some(format!("border {:?}", (&p.layers, &p.skip, p.size, p.layer))),
        Panel::Object => Some(format!("prefixes {:?}", (&p.layers, &p.skip, p.size, p.layer, p.object))),
        _ => None,
    }
}

/// The stack up to the unit, with its maps.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The layers that lead to the unit.
    pub stack: Stack,
    /// The input and the map of each.
    pub maps: Vec<MapField>,
    /// The unit.
    pub unit: (usize, usize),
}

impl Scene {
    /// `None` when the state can't be computed.
    pub fn of(p: &Params) -> Option<Scene> {
        let whole = p.stack().ok()?;
        let stack = whole.first(p.depth(&whole).ok()?);
        let maps = stack.maps(p.size).ok()?;
        let unit = p.place(maps.last()?.size).ok()?;
        Some(Scene { stack, maps, unit })
    }

    /// The middle of the unit's field.
    pub fn centre(&self) -> (f64, f64) {
        let Some(last) = self.maps.last() else { return (0.0, 0.0) };
        let along =
            |axis: usize, unit: usize| last.reach[axis].centre() + last.reach[axis].jump * unit as f64;
        (along(0, self.unit.0), along(1, self.unit.1))
    }

    /// Whether a draw takes so little time that it can be done at once.
    pub fn cheap(&self, p: &Params) -> bool {
        let (_, macs, numbers) = super::params::cost(&self.stack, &self.maps, p.width());
        // Curves cost more than a multiplication. Normalisation runs the net once more, and dropout needs whole maps.
        let curve = match p.activation {
            Activation::None => 1.0,
            Activation::Relu | Activation::LeakyRelu => 2.0,
            _ => 12.0,
        };
        let curve = if p.dropout > 0.0 { curve + 6.0 } else { curve };
        let passes = if p.norm { 2.0 } else { 1.0 } * if p.dropout > 0.0 { 2.0 } else { 1.0 };
        macs * passes <= 4e6 && numbers * curve * passes <= 4e5
    }
}

/// The layers with equal weights; a maximum becomes the mean of its window, so that no way is left out.
pub fn equal(stack: &Stack, mode: PaddingMode) -> Net {
    let one = |layer: &Spec| match layer.what {
        What::Max | What::Average if layer.dilation == (1, 1) && layer.what == What::Average => {
            Layer::AveragePool(layer.pool(), Default::default())
        }
        _ => {
            let (h, w) = layer.kernel_size;
            let weight = Images::from_elem((1, 1, h, w), 1.0 / (h * w) as f32);
            // Pooling pads with nothing that could be mirrored.
            let mode = if layer.is_conv() { mode } else { PaddingMode::Constant(0.0) };
            Layer::Conv { weight, bias: None, conv: Conv2d { mode, ..layer.conv(1) } }
        }
    };
    let mut layers = Vec::new();
    let mut at = 0;
    while at < stack.layers.len() {
        let (first, last) = stack.skip_from(at).unwrap_or((at, at));
        let span: Vec<Layer> = stack.layers[first..=last].iter().map(one).collect();
        if stack.skip_from(at).is_some() {
            let stride = stack.shortcut_stride((first, last));
            let mut shortcut = Vec::new();
            if stride != (1, 1) {
                let weight = Images::ones((1, 1, 1, 1));
                let conv = Conv2d { stride, ..Conv2d::default() };
                shortcut.push(Layer::Conv { weight, bias: None, conv });
            }
            layers.push(Layer::Residual { branch: span, shortcut });
        } else {
            layers.extend(span);
        }
        at = last + 1;
    }
    Net { layers }
}

/// The gradient of a unit through equal weights, `[h, w]`.
pub fn equal_gradient(net: &Net, size: (usize, usize), unit: (usize, usize)) -> Result<Map, Error> {
    let x = Images::ones((1, 1, size.0, size.1));
    let unit = Unit { row: unit.0, column: unit.1, channel: None };
    let gradient = net.unit_gradient(&x, unit)?;
    Ok(gradient.index_axis_move(ndarray::Axis(0), 0).index_axis_move(ndarray::Axis(0), 0))
}

fn shared(map: &Map) -> Shared {
    map.clone().into_dyn().into_shared()
}

fn list(numbers: Vec<f32>) -> Shared {
    ndarray::Array1::from(numbers).into_dyn().into_shared()
}

struct Averaged {
    p: Params,
    scene: Scene,
    seed: u64,
    own: Option<Shared>,
    sums: Option<[ndarray::Array2<f64>; 2]>,
    first: Option<Map>,
    done: usize,
    failed: bool,
}

impl Job for Averaged {
    fn advance(&mut self) -> bool {
        let Scene { stack, unit, .. } = &self.scene;
        match gradient(&self.p, stack, *unit, self.seed, self.done, self.own.as_ref()) {
            Ok(map) => {
                let [abs, squared] = self.sums.get_or_insert_with(|| {
                    [ndarray::Array2::zeros(map.dim()), ndarray::Array2::zeros(map.dim())]
                });
                abs.zip_mut_with(&map, |sum, v| *sum += f64::from(v.abs()));
                squared.zip_mut_with(&map, |sum, v| *sum += f64::from(*v) * f64::from(*v));
                self.first.get_or_insert(map);
                self.done += 1;
            }
            Err(_) => self.failed = true,
        }
        self.failed || self.done >= self.p.rounds()
    }

    fn share(&self) -> f32 {
        if self.failed { 1.0 } else { self.done as f32 / self.p.rounds().max(1) as f32 }
    }

    fn results(&self) -> Results {
        let (Some([abs, squared]), Some(signed)) = (&self.sums, &self.first) else { return Results::new() };
        let n = self.done.max(1) as f64;
        let mean = |sum: &ndarray::Array2<f64>| shared(&sum.mapv(|v| ((v / n) as f32).min(f32::MAX)));
        Results::from([
            ("abs".into(), mean(abs)),
            ("squared".into(), mean(squared)),
            ("signed".into(), shared(signed)),
            ("done".into(), list(vec![self.done as f32])),
        ])
    }
}

/// Whether the weights differ from draw to draw.
pub fn random(p: &Params) -> bool {
    p.weights != Weights::Uniform
}
