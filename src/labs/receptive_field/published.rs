//! Published networks: their layers as tensors, and which of them the figures pick out.

use super::params::{Panel, Params, Sort};
use crate::core::nets::networks::{self, LayerRecord, NETWORKS, Network, Summary};
use crate::core::ops::resize_area;
use crate::core::tensor::Map;
use crate::stage::lab::Shared;

/// Columns of [`Published::table`].
pub const COLUMNS: usize = 14;
/// Lines of the list that are shown at once.
pub const LINES: usize = 28;

/// A network over the picture.
pub struct Published {
    /// The network.
    pub network: &'static Network,
    /// Its layers.
    pub summary: Summary,
    /// One line a layer: kernel height and width, stride, height and width of its map, channels, field height and width
    /// (0 where a unit sees everything), jump, padding, parameters in thousands, multiply-adds in millions, 1 where
    /// branches are aligned, 1 in a branch, `[layers, 14]`.
    pub table: Shared,
    /// The layers as they are listed.
    pub order: Vec<usize>,
    /// The last layer of each resolution, on the way that everything takes.
    pub ends: Vec<usize>,
    /// The picture at the network's size, `[1, 1, n, n]`.
    pub picture: Shared,
    /// The same network where its strides stand elsewhere, and for both the field at each of their ends, `[2, ends]`.
    pub twin: Option<(&'static Network, Shared)>,
}

impl Published {
    /// How many columns a unit of the last map sees, `[1, 1]`.
    pub fn width(&self) -> Shared {
        ndarray::ArrayD::from_elem(ndarray::IxDyn(&[1, 1]), self.summary.field.size.1 as f32).into_shared()
    }
}

/// A tensor of numbers in rows; empty when they don't fill it.
fn rows(numbers: Vec<f32>, shape: [usize; 2]) -> Shared {
    ndarray::ArrayD::from_shape_vec(ndarray::IxDyn(&shape), numbers).unwrap_or_default().into_shared()
}

/// Field, parameters in millions and multiply-adds in billions of each network, `[networks, 3]`, where that is shown.
pub fn overview(p: &Params) -> Option<Shared> {
    if p.panel != Panel::Network {
        return None;
    }
    let one = |network: &Network| match network.summary((network.input, network.input)) {
        Ok(s) => [
            s.field.size.0.max(s.field.size.1) as f32,
            (s.parameters as f64 / 1e6) as f32,
            (s.macs as f64 / 1e9) as f32,
        ],
        Err(_) => [0.0; 3],
    };
    Some(rows(NETWORKS.iter().flat_map(one).collect(), [NETWORKS.len(), 3]))
}

/// The network that is chosen, over this picture; `None` when there is none.
pub fn published(p: &Params, input: &Shared) -> Option<Published> {
    let network = p.published()?;
    let size = (network.input, network.input);
    let summary = network.summary(size).ok()?;
    let table = rows(summary.layers.iter().flat_map(line).collect(), [summary.layers.len(), COLUMNS]);
    let mut order: Vec<usize> = (0..summary.layers.len()).collect();
    let by = |pick: fn(&LayerRecord) -> f64| {
        let layers = &summary.layers;
        move |a: &usize, b: &usize| pick(&layers[*b]).total_cmp(&pick(&layers[*a]))
    };
    match p.sort {
        Sort::Order => {}
        // Units that see everything come first.
        Sort::Field => order.sort_by(by(|l| l.field.map_or(f64::MAX, |f| f.size.0.max(f.size.1)))),
        Sort::Parameters => order.sort_by(by(|l| l.parameters as f64 + l.norm_parameters as f64)),
        Sort::Macs => order.sort_by(by(|l| l.macs as f64)),
    }
    let ends = ends(&summary);
    let other = match network.key.strip_suffix("_tf") {
        Some(key) => networks::network(key),
        None => networks::network(&format!("{}_tf", network.key)),
    };
    let twin = other.and_then(|other| {
        let theirs = other.summary(size).ok()?;
        let fields = |s: &Summary| stages(s).into_iter().map(|f| f as f32).collect::<Vec<f32>>();
        let (a, b) = (fields(&summary), fields(&theirs));
        let n = a.len();
        (n == b.len() && n > 0).then(|| (other, rows([a, b].concat(), [2, n])))
    });
    Some(Published { network, table, order, ends, picture: picture(input, size)?, twin, summary })
}

fn line(layer: &LayerRecord) -> [f32; COLUMNS] {
    let field = layer.field.map_or([0.0; 4], |f| [f.size.0, f.size.1, f.jump.0, f.padding.0]);
    let n = |n: usize| n as f32;
    let flag = |on: bool| f32::from(u8::from(on));
    [
        n(layer.kernel_size.0),
        n(layer.kernel_size.1),
        n(layer.stride),
        n(layer.output_size.0),
        n(layer.output_size.1),
        n(layer.c_out),
        field[0] as f32,
        field[1] as f32,
        field[2] as f32,
        field[3] as f32,
        ((layer.parameters + layer.norm_parameters) as f64 / 1e3) as f32,
        (layer.macs as f64 / 1e6) as f32,
        flag(layer.aligned),
        flag(layer.branch),
    ]
}

/// The last layer of each jump on the trunk.
fn ends(summary: &Summary) -> Vec<usize> {
    let mut list: Vec<(f64, usize)> = Vec::new();
    for (at, layer) in summary.layers.iter().enumerate().filter(|(_, l)| !l.branch && !l.auxiliary) {
        let Some(field) = layer.field else { break };
        match list.last_mut() {
            Some((jump, end)) if *jump == field.jump.0 => *end = at,
            _ => list.push((field.jump.0, at)),
        }
    }
    list.into_iter().map(|(_, at)| at).collect()
}

/// The field behind each group of blocks: the last sum that gives each number of channels.
fn stages(summary: &Summary) -> Vec<f64> {
    let mut list: Vec<(usize, f64)> = Vec::new();
    for layer in summary.layers.iter().filter(|l| l.op == networks::Op::Sum) {
        let Some(field) = layer.field else { continue };
        match list.last_mut() {
            Some((channels, size)) if *channels == layer.c_out => *size = field.size.0,
            _ => list.push((layer.c_out, field.size.0)),
        }
    }
    list.into_iter().map(|(_, size)| size).collect()
}

/// The picture of the lab at a network's size.
fn picture(input: &Shared, size: (usize, usize)) -> Option<Shared> {
    let (h, w) = crate::stage::scene::grid::extent(input);
    if (h, w) == size && input.ndim() == 4 {
        return Some(input.clone());
    }
    let map = Map::from_shape_vec((h, w), input.iter().copied().take(h * w).collect()).ok()?;
    Some(super::compute::image(resize_area(&map, size).ok()?))
}
