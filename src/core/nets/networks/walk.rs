//! Goes through the steps of a network, as its forward pass would.

use super::record::{LayerRecord, Op, Summary};
use super::step::{BIAS, CEIL, DEPTHWISE, Kind, NORM_IN, NORM_OUT, Pad, Plain, SCALE, Stage, Step, Width};
use crate::core::nets::ReceptiveField;
use crate::core::ops::{Conv2d, Padding, Pads, Pool2d};
use crate::core::tensor::Error;

/// Along one axis: the field of unit `i` reaches from `first + i jump` to `last + i jump`.
#[derive(Clone, Copy, PartialEq)]
struct Reach {
    first: i64,
    last: i64,
    jump: i64,
}

/// What is known of a map.
#[derive(Clone, Copy)]
struct Map {
    channels: usize,
    size: (usize, usize),
    reach: [Reach; 2],
    aligned: bool,
    /// Behind an adaptive pool.
    sees_all: bool,
}

struct Walk {
    layers: Vec<LayerRecord>,
    map: Map,
    /// The map before the global pool.
    last: Option<Map>,
    /// Of the block.
    name: String,
    stride: usize,
    args: &'static [u16],
    block_channels: usize,
    /// How many branches it is in.
    depth: usize,
    auxiliary: bool,
}

/// The layers of a network over three channels of this size.
///
/// Errors: a map shrinks to nothing.
pub(super) fn summary(steps: &[Step], input: (usize, usize)) -> Result<Summary, Error> {
    let one = Reach { first: 0, last: 0, jump: 1 };
    let mut walk = Walk {
        layers: Vec::new(),
        map: Map { channels: 3, size: input, reach: [one; 2], aligned: true, sees_all: false },
        last: None,
        name: String::new(),
        stride: 1,
        args: &[],
        block_channels: 3,
        depth: 0,
        auxiliary: false,
    };
    walk.steps(steps)?;
    let Walk { layers, map, last, .. } = walk;
    let total = |auxiliary: bool, count: fn(&LayerRecord) -> u64| {
        layers.iter().filter(|layer| layer.auxiliary == auxiliary).map(count).fold(0, u64::saturating_add)
    };
    let all = |layer: &LayerRecord| layer.parameters + layer.norm_parameters;
    let (parameters, auxiliary_parameters) = (total(false, all), total(true, all));
    let macs = total(false, |layer| layer.macs);
    let last = last.unwrap_or(map);
    let (field, aligned) = (field(last.reach), last.aligned);
    Ok(Summary { parameters, auxiliary_parameters, macs, field, aligned, layers })
}

impl Walk {
    fn steps(&mut self, steps: &[Step]) -> Result<(), Error> {
        steps.iter().try_for_each(|step| match step {
            Step::Layer(layer) => self.layer(layer),
            Step::Stage(stage) => self.stage(stage),
            Step::Residual { branch, shortcut } => self.residual(branch, shortcut),
            Step::Concat { name, ways } => self.concat(name, ways),
            Step::SqueezeExcitation { name } => {
                self.squeeze_excitation(name);
                Ok(())
            }
            Step::Auxiliary(steps) => {
                let map = self.map;
                (self.auxiliary, self.depth) = (true, self.depth + 1);
                self.steps(steps)?;
                (self.auxiliary, self.depth, self.map) = (false, self.depth - 1, map);
                Ok(())
            }
        })
    }

    fn stage(&mut self, stage: &Stage) -> Result<(), Error> {
        self.args = stage.args;
        for block in 0..stage.blocks {
            self.name = match stage.every {
                0 => stage.name.to_owned(),
                every => format!("{}{}", stage.name, stage.first + block * every),
            };
            let strides = if stage.strides_last { block + 1 == stage.blocks } else { block == 0 };
            self.stride = if strides { stage.stride.into() } else { 1 };
            self.block_channels = self.map.channels;
            self.steps(stage.body)?;
        }
        (self.args, self.stride) = (&[], 1);
        self.name.clear();
        Ok(())
    }

    fn arg(&self, at: u8) -> usize {
        self.args.get(usize::from(at)).copied().unwrap_or(1).into()
    }

    fn layer(&mut self, layer: &Plain) -> Result<(), Error> {
        let has = |what| layer.has & what != 0;
        let before = self.map;
        let c_in = match layer.kind {
            // a linear layer behind a pool takes the whole map as one list
            Kind::Linear if before.sees_all => before.channels * before.size.0 * before.size.1,
            _ => before.channels,
        };
        let c_out = match layer.c_out {
            Width::Is(channels) => channels.into(),
            Width::Arg(at, times) => self.arg(at) * usize::from(times),
            Width::In(times, over) => c_in * usize::from(times) / usize::from(over),
            Width::InArg(at) => c_in * self.arg(at),
        };
        let kernel = |size: u8| if size == 0 { self.arg(2) } else { size.into() };
        let mut kernel_size = (kernel(layer.kernel_size.0), kernel(layer.kernel_size.1));
        let mut stride = if layer.stride == 0 { self.stride } else { layer.stride.into() };
        let mut pads = Pads::default();
        let output_size = match layer.kind {
            Kind::Norm => before.size,
            Kind::Linear if before.sees_all => (1, 1),
            Kind::Linear => before.size,
            Kind::AdaptivePool => {
                let size = kernel_size;
                kernel_size = (before.size.0.div_ceil(size.0), before.size.1.div_ceil(size.1));
                stride = kernel_size.0;
                if !self.auxiliary && !before.sees_all {
                    self.last = Some(before);
                }
                size
            }
            Kind::Conv | Kind::MaxPool | Kind::AveragePool => {
                let padding = match layer.padding {
                    Pad::SameTf => Padding::SameTf,
                    Pad::Each(padding) => Padding::Explicit(Pads::all(padding.into())),
                    Pad::Half => {
                        let (rows, columns) = ((kernel_size.0 - 1) / 2, (kernel_size.1 - 1) / 2);
                        Padding::Explicit(Pads { top: rows, bottom: rows, left: columns, right: columns })
                    }
                };
                pads = padding.resolve(before.size, kernel_size, (stride, stride), (1, 1))?;
                if layer.kind == Kind::Conv {
                    Conv2d { stride: (stride, stride), pads, ..Conv2d::default() }
                        .output_size(before.size, kernel_size)?
                } else {
                    let pool = Pool2d {
                        stride: [stride; 2],
                        pads: [(pads.top, pads.bottom), (pads.left, pads.right)],
                        ceil_mode: has(CEIL),
                        ..Pool2d::new([kernel_size.0, kernel_size.1])
                    };
                    pool.output_size([before.size.0, before.size.1])?.into()
                }
            }
        };
        let groups = if has(DEPTHWISE) { c_in } else { 1 };
        let op = match layer.kind {
            Kind::Conv => Op::Conv,
            Kind::Linear => Op::Linear,
            Kind::Norm => Op::Norm,
            Kind::MaxPool => Op::MaxPool,
            Kind::AveragePool => Op::AveragePool,
            Kind::AdaptivePool => Op::AdaptivePool,
        };
        let weights = match op {
            Op::Conv | Op::Linear => product([kernel_size.0, kernel_size.1, c_in / groups, c_out]),
            _ => 0,
        };
        let count = |what, channels| if has(what) { product([channels]) } else { 0 };
        if !before.sees_all && op != Op::AdaptivePool {
            let axes = [(kernel_size.0, pads.top), (kernel_size.1, pads.left)];
            for (reach, (kernel_size, before)) in self.map.reach.iter_mut().zip(axes) {
                *reach = Reach {
                    first: reach.first - whole(before) * reach.jump,
                    last: reach.last + (whole(kernel_size) - 1 - whole(before)) * reach.jump,
                    jump: reach.jump * whole(stride),
                };
            }
        }
        self.map.channels = c_out;
        self.map.size = output_size;
        self.map.sees_all |= op == Op::AdaptivePool;
        self.layers.push(LayerRecord {
            kernel_size,
            stride,
            pads,
            groups,
            parameters: weights + count(BIAS, c_out),
            norm_parameters: 2 * count(NORM_IN, c_in) + 2 * count(NORM_OUT, c_out) + count(SCALE, c_out),
            macs: weights.saturating_mul(product([output_size.0, output_size.1])),
            ..self.record(layer.name, op, c_in)
        });
        Ok(())
    }

    /// A record of what the walk has come to, with nothing of its own.
    fn record(&self, name: &str, op: Op, c_in: usize) -> LayerRecord {
        LayerRecord {
            name: format!("{}{name}", self.name),
            op,
            kernel_size: (1, 1),
            stride: 1,
            pads: Pads::default(),
            dilation: 1,
            groups: 1,
            c_in,
            c_out: self.map.channels,
            output_size: self.map.size,
            parameters: 0,
            norm_parameters: 0,
            macs: 0,
            field: (!self.map.sees_all).then(|| field(self.map.reach)),
            aligned: self.map.aligned,
            branch: self.depth > 0,
            auxiliary: self.auxiliary,
        }
    }

    /// The map at the end of a branch that begins at this one.
    fn way(&mut self, from: Map, steps: &[Step]) -> Result<Map, Error> {
        self.map = from;
        self.depth += 1;
        self.steps(steps)?;
        self.depth -= 1;
        Ok(self.map)
    }

    fn residual(&mut self, branch: &[Step], shortcut: &[Step]) -> Result<(), Error> {
        let before = self.map;
        let mut end = self.way(before, branch)?;
        let same_channels = end.channels == before.channels;
        let other = match shortcut.first() {
            None if !same_channels || end.size != before.size => return Ok(()),
            Some(_) if !same_channels => self.way(before, shortcut)?,
            Some(Step::Layer(layer)) if self.stride > 1 => {
                let each = Plain { kind: Kind::MaxPool, c_out: Width::In(1, 1), has: 0, ..*layer };
                self.way(before, &[Step::Layer(each)])?
            }
            _ => before,
        };
        end.join(&other)?;
        self.map = end;
        let sum = self.record("", Op::Sum, end.channels);
        self.layers.push(sum);
        Ok(())
    }

    fn concat(&mut self, name: &str, ways: &[&[Step]]) -> Result<(), Error> {
        let before = self.map;
        let mut joined: Option<Map> = None;
        for steps in ways {
            let end = self.way(before, steps)?;
            joined = Some(match joined {
                None => end,
                Some(mut joined) => {
                    joined.join(&end)?;
                    joined.channels += end.channels;
                    joined
                }
            });
        }
        self.map = joined.unwrap_or(before);
        let concat = self.record(name, Op::Concat, self.map.channels);
        self.layers.push(concat);
        Ok(())
    }

    /// The mean of each channel, a quarter as many numbers as the block has channels, and a factor for each channel.
    fn squeeze_excitation(&mut self, name: &str) {
        let (before, channels) = (self.map, self.map.channels);
        let squeezed = (self.block_channels / 4).max(1);
        (self.map.size, self.map.sees_all, self.depth) = ((1, 1), true, self.depth + 1);
        let pool = LayerRecord {
            kernel_size: before.size,
            stride: before.size.0,
            ..self.record(&format!("{name}.avgpool"), Op::AdaptivePool, channels)
        };
        self.layers.push(pool);
        for (part, c_in, c_out) in [(".fc1", channels, squeezed), (".fc2", squeezed, channels)] {
            self.map.channels = c_out;
            let macs = product([c_in, c_out]);
            self.layers.push(LayerRecord {
                parameters: macs + product([c_out]),
                macs,
                ..self.record(&format!("{name}{part}"), Op::Conv, c_in)
            });
        }
        (self.map, self.depth) = (before, self.depth - 1);
    }
}

impl Map {
    /// The union of the fields of both.
    ///
    /// Errors: their sizes differ.
    fn join(&mut self, other: &Map) -> Result<(), Error> {
        if self.size != other.size {
            let (expected, got) = (vec![self.size.0, self.size.1], vec![other.size.0, other.size.1]);
            return Err(Error::ShapeMismatch { name: "shortcut", expected, got });
        }
        self.aligned &= other.aligned;
        for (a, b) in self.reach.iter_mut().zip(other.reach) {
            self.aligned &= a.jump == b.jump && a.first + a.last == b.first + b.last;
            *a = Reach { first: a.first.min(b.first), last: a.last.max(b.last), jump: a.jump.max(b.jump) };
        }
        Ok(())
    }
}

fn field([rows, columns]: [Reach; 2]) -> ReceptiveField {
    let both = |f: fn(Reach) -> f64| (f(rows), f(columns));
    ReceptiveField {
        size: both(|reach| (reach.last - reach.first + 1) as f64),
        jump: both(|reach| reach.jump as f64),
        padding: both(|reach| -reach.first as f64),
        first_centre: both(|reach| (reach.first + reach.last) as f64 / 2.0),
    }
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn product<const N: usize>(numbers: [usize; N]) -> u64 {
    numbers.iter().map(|&number| u64::try_from(number).unwrap_or(u64::MAX)).fold(1, u64::saturating_mul)
}
