//! Everything the lab draws, computed by the core.

use super::ReceptiveField;
use super::jobs::{self, MODES, Scene, Sums};
use super::measure::{Stats, shown, stats};
use super::params::{self, Measure, Panel, Params, Scaling};
use super::published::{self, Published};
use super::stack::{MapField, Stack};
use super::weights;
use crate::core::nets::Support;
use crate::core::tensor::{Images, Map};
use crate::stage::lab::{Given, Shared};
use crate::stage::refusal::Refusal;
use ndarray::Axis;

/// What was computed.
pub struct Output {
    /// The whole stack.
    pub whole: Stack,
    /// The input and the map of each of its layers.
    pub all: Vec<MapField>,
    /// The layers that lead to the unit, and the unit.
    pub scene: Scene,
    /// Mean and variance of the equal-weights theory along rows and columns, behind each layer of `scene`, for a unit
    /// in the middle; the last is the unit's own.
    pub sigmas: Vec<(f64, f64)>,
    /// The cells on paper, padding included.
    pub support: Support,
    /// `[1, 1, h, w]`
    pub input: Shared,
    /// What the gradient is told by, if any draw is done.
    pub sums: Option<Sums>,
    /// The gradient by the chosen measure, `[1, 1, h, w]`; zeros while nothing is done.
    pub gradient: Shared,
    /// The same as it is coloured.
    pub shown: Shared,
    /// The greatest size of a number in `shown`.
    pub limit: f32,
    /// Sums of its columns, as shares, `[1, w]`.
    pub profile: Shared,
    /// Sums of its rows, as shares, `[h, 1]`.
    pub profile_rows: Shared,
    /// What is measured of its size.
    pub stats: Option<Stats>,
    /// Along rows, then along columns, one line a map: kernel size, stride, padding, dilation, field, jump, padding,
    /// first centre, σ, size of the map, `[2, layers + 1, 10]`.
    pub theory: Shared,
    /// How much of all work in the background is done; `None` when there is none.
    pub working: Option<f32>,
    /// What the second figure needs beyond this.
    pub extra: Extra,
    /// 1 in cells of the input that some way from the unit reaches, `[h * w]`, where it is needed.
    mask: Option<Vec<u8>>,
    /// Cells of the field that lie on the picture and that some way reaches, and how many there are.
    pub covered: (usize, usize),
    /// Along rows and columns, whether some way reaches each cell of the field.
    pub combs: [Vec<bool>; 2],
    /// The network that is told about.
    pub published: Option<Published>,
    /// What all networks see and cost, `[networks, 3]`, while networks are shown.
    pub overview: Option<Shared>,
    key: String,
    at_once: bool,
}

/// What only one of the second figures needs.
pub enum Extra {
    /// Nothing.
    None,
    /// 1 where some way from the unit leads, `[1, 1, h, w]`.
    Coverage(Shared),
    /// The size of each series at each depth, `[series, depths]`.
    Growth(Option<Shared>),
    /// The corner unit's gradient under each padding mode, and the share of each unit's mass that stays on the picture
    /// under zeros.
    Border(Vec<(&'static str, Option<Shared>)>, bool),
    /// Field and 95 % square of each prefix, `[layers, 2]`.
    Object(Option<Shared>),
    /// 1 where a unit of the last map reads the pixel, `[1, 1, h, w]`, the pixel, and units reached at each map.
    Back(Shared, (usize, usize), Vec<(usize, usize)>),
}

/// One image of one channel.
pub fn image(map: Map) -> Shared {
    let images: Images = map.insert_axis(Axis(0)).insert_axis(Axis(0));
    images.into_dyn().into_shared()
}

fn line(numbers: Vec<f32>, shape: [usize; 2]) -> Shared {
    ndarray::ArrayD::from_shape_vec(ndarray::IxDyn(&shape), numbers).unwrap_or_default().into_shared()
}

/// Computes everything the parameters ask for.
pub fn compute(p: &Params, seed: u64, given: Given<'_, ReceptiveField>) -> Result<Output, Refusal> {
    params::check(p, given.data)?;
    let whole = p.stack()?;
    let all = whole.maps(p.size)?;
    let depth = p.depth(&whole)?;
    let stack = whole.first(depth);
    let maps = stack.maps(p.size)?;
    let last = maps.last().copied().unwrap_or(all[0]);
    let unit = p.place(last.size)?;
    let scene = Scene { stack, maps, unit };
    let support = support(&last, unit);
    let own = given.data.get("input");
    let key = jobs::key(p, seed, given.data);
    let before = given.before.map(|before| &before.output).filter(|before| before.key == key);

    let found = given.finds.get(&key);
    let (sums, at_once) = match found.and_then(|found| Sums::read(&found.results)) {
        Some(sums) => (Some(sums), false),
        None => match before.filter(|before| before.at_once) {
            Some(before) => (before.sums.clone(), true),
            None if scene.cheap(p) => (jobs::first_draw(p, &scene.stack, unit, seed, own).ok(), true),
            None => (None, false),
        },
    };
    let needed = p.rounds() > 1 || !scene.cheap(p);
    let mut shares = Vec::new();
    if needed {
        shares.push(found.map_or(0.0, |found| found.share));
    }
    let panel = jobs::panel_key(p, seed).map(|key| given.finds.get(&key));
    if let Some(found) = &panel {
        shares.push(found.map_or(0.0, |found| found.share));
    }
    let working = (!shares.is_empty()).then(|| shares.iter().fold(1.0f32, |m, s| m.min(*s)));

    let map = sums.as_ref().map(|sums| match p.measure {
        Measure::Abs => &sums.abs,
        Measure::Squared => &sums.squared,
        Measure::Signed => &sums.signed,
    });
    let size = map.map(|map| map.mapv(f32::abs));
    let stats = size.as_ref().and_then(|size| stats(size, scene.centre()));
    let (h, w) = p.size;
    let gradient = map.cloned().unwrap_or_else(|| Map::zeros((h, w)));
    let largest = gradient.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    let coloured = gradient.mapv(|v| shown(v, largest, p.scale));
    let limit = if p.scale == Scaling::Linear {
        largest
    } else {
        coloured.iter().fold(0.0f32, |m, v| m.max(v.abs()))
    };
    let as_shares = |pick: fn(&Stats) -> &Vec<f64>, shape: [usize; 2]| match &stats {
        Some(stats) => line(pick(stats).iter().map(|v| *v as f32).collect(), shape),
        None => line(vec![0.0; shape[0] * shape[1]], shape),
    };
    let sigmas: Vec<(f64, f64)> = (0..=scene.stack.layers.len())
        .map(|n| {
            let prefix = scene.stack.first(n);
            let gain = gain(p);
            (prefix.spread(0, 0.0, gain).1.sqrt(), prefix.spread(1, 0.0, gain).1.sqrt())
        })
        .collect();
    let input = match given.before {
        Some(before) if kept(p, &before.params) && before.seed == seed => before.output.input.clone(),
        _ => weights::input(p, seed, 0, own).into_dyn().into_shared(),
    };
    let combs = [scene.stack.touched(0), scene.stack.touched(1)];
    let apart = scene.stack.skips.is_empty() && inside(&support, p.size);
    let needed = !apart || p.panel == Panel::Coverage;
    // Whole maps of many layers take longer than all else.
    let still = given.before.filter(|before| same_unit(p, &before.params)).map(|before| &before.output);
    let known = still.and_then(|before| before.mask.clone()).filter(|_| needed);
    let mask = known.or_else(|| needed.then(|| scene.stack.touched_map(&scene.maps, scene.unit)));
    let covered = covered(&support, p.size, &combs, mask.as_deref());
    let extra = match still.map(|before| &before.extra) {
        Some(Extra::Back(mask, cell, counts)) if p.panel == Panel::Back => {
            Extra::Back(mask.clone(), *cell, counts.clone())
        }
        _ => extra(p, &scene, mask.as_deref(), panel.flatten().map(|found| &found.results)),
    };
    let overview = match given.before.and_then(|before| before.output.overview.clone()) {
        Some(known) if p.panel == Panel::Network => Some(known),
        _ => published::overview(p),
    };
    Ok(Output {
        published: published::published(p, &input),
        overview,
        theory: theory(&whole, &all, p),
        profile: as_shares(|s| &s.columns, [1, w]),
        profile_rows: as_shares(|s| &s.rows, [h, 1]),
        gradient: image(gradient),
        shown: image(coloured),
        whole,
        all,
        scene,
        sigmas,
        support,
        input,
        sums,
        limit,
        stats,
        working,
        extra,
        mask,
        covered,
        combs,
        key,
        at_once,
    })
}

/// What a convolution multiplies the mass by, as the chosen measure sees it.
pub fn gain(p: &Params) -> f64 {
    use params::{Activation, Weights};
    let kept = if p.activation == Activation::Relu { 0.5 } else { 1.0 };
    match p.weights {
        Weights::Uniform => 1.0,
        Weights::Normal => kept,
        Weights::He => 2.0 * kept,
    }
}

/// Whether the input is that of the state before.
fn kept(p: &Params, before: &Params) -> bool {
    p.input != params::Input::Own && (p.input, p.size, p.object) == (before.input, before.size, before.object)
}

/// Whether the unit and the ways that lead to it are those of the state before.
fn same_unit(p: &Params, before: &Params) -> bool {
    let of = |p: &Params| (p.layers.clone(), p.skip.clone(), p.size, p.layer, p.unit.clone());
    of(p) == of(before)
}

/// The cells that the field of a unit covers.
fn support(last: &MapField, unit: (usize, usize)) -> Support {
    let along = |axis: usize, unit: usize| {
        let shift = last.reach[axis].jump * unit as f64;
        ((last.reach[axis].first + shift) as i64, (last.reach[axis].last + shift) as i64)
    };
    let ((top, bottom), (left, right)) = (along(0, unit.0), along(1, unit.1));
    Support { top, bottom, left, right }
}

/// Cells of the field on the picture that some way reaches, and all of them. Without a mask rows and columns tell.
fn covered(
    support: &Support,
    size: (usize, usize),
    combs: &[Vec<bool>; 2],
    mask: Option<&[u8]>,
) -> (usize, usize) {
    let Some(part) = support.on_input(size) else { return (0, 0) };
    let count = |n: i64| usize::try_from(n).unwrap_or(0);
    let all = count(part.size().0) * count(part.size().1);
    let on = |comb: &[bool]| comb.iter().filter(|on| **on).count();
    let marked = |mask: &[u8]| mask.iter().filter(|on| **on == 1).count();
    (mask.map_or_else(|| on(&combs[0]) * on(&combs[1]), marked), all)
}

fn inside(support: &Support, size: (usize, usize)) -> bool {
    support.on_padding(size) == [0; 4]
}

fn theory(whole: &Stack, all: &[MapField], p: &Params) -> Shared {
    let mut numbers = Vec::with_capacity(20 * all.len());
    for axis in [0, 1] {
        for (at, map) in all.iter().enumerate() {
            let layer = at.checked_sub(1).and_then(|i| whole.layers.get(i));
            let reach = map.reach[axis];
            let sigma = whole.first(at).spread(axis, 0.0, gain(p)).1.sqrt();
            let size = if axis == 0 { map.size.0 } else { map.size.1 };
            numbers.extend(layer.map_or([1, 1, 0, 1], |l| l.along(axis)).map(|n| n as f32));
            let rest = [reach.size(), reach.jump, reach.padding(), reach.centre(), sigma, size as f64];
            numbers.extend(rest.map(|v| v as f32));
        }
    }
    let shape = ndarray::IxDyn(&[2, all.len(), 10]);
    ndarray::ArrayD::from_shape_vec(shape, numbers).unwrap_or_default().into_shared()
}

fn extra(
    p: &Params,
    scene: &Scene,
    mask: Option<&[u8]>,
    found: Option<&crate::stage::work::Results>,
) -> Extra {
    let get = |name: &str| found.and_then(|results| results.get(name)).cloned();
    match p.panel {
        Panel::Layers | Panel::Network => Extra::None,
        Panel::Coverage => Extra::Coverage(mask_image(mask.unwrap_or_default(), p.size)),
        Panel::Growth => Extra::Growth(get("growth")),
        Panel::Border => {
            let list = MODES.iter().map(|(_, name)| (*name, get(name).map(planar))).collect();
            Extra::Border(list, found.is_some())
        }
        Panel::Object => Extra::Object(get("widths")),
        Panel::Back => {
            let centre = scene.centre();
            let nearest = |c: f64, n: usize| c.floor().clamp(0.0, n.saturating_sub(1) as f64) as usize;
            let cell = (nearest(centre.0, p.size.0), nearest(centre.1, p.size.1));
            let masks = scene.stack.reached_maps(&scene.maps, cell);
            let counts = masks.iter().zip(&scene.maps).map(|(mask, map)| box_of(mask, map.size)).collect();
            let last = scene.maps.last().map_or((1, 1), |map| map.size);
            let mask = masks.last().map(Vec::as_slice).unwrap_or_default();
            Extra::Back(mask_image(mask, last), cell, counts)
        }
    }
}

fn planar(map: Shared) -> Shared {
    let (h, w) = crate::stage::scene::grid::extent(&map);
    map.into_shape_with_order(ndarray::IxDyn(&[1, 1, h, w])).unwrap_or_default()
}

fn mask_image(mask: &[u8], (h, w): (usize, usize)) -> Shared {
    let on = |r: usize, c: usize| mask.get(r * w + c).copied().unwrap_or(0);
    image(Map::from_shape_fn((h, w), |(r, c)| f32::from(on(r, c))))
}

/// Rows and columns of the box around the units that are on.
fn box_of(mask: &[u8], (_, w): (usize, usize)) -> (usize, usize) {
    let lines = || mask.chunks_exact(w.max(1));
    let rows = |line: &&[u8]| line.contains(&1);
    let (Some(top), Some(bottom)) = (lines().position(|l| rows(&l)), lines().rposition(|l| rows(&l))) else {
        return (0, 0);
    };
    let left = lines().filter_map(|line| line.iter().position(|on| *on == 1)).min().unwrap_or(0);
    let right = lines().filter_map(|line| line.iter().rposition(|on| *on == 1)).max().unwrap_or(0);
    (bottom - top + 1, right - left + 1)
}
