//! Shift: how much of a layer's output changes, cell by cell, when its input moves.

use super::{Study, kernel};
use crate::core::ops::{Conv2d, PaddingMode, Pads, Pool2d};
use crate::core::tensor::{Error, Images, Random};
use crate::labs::pooling::Pooling;
use crate::labs::pooling::compute::{images, shared};
use crate::labs::pooling::params::{Moved, Params, Way};
use crate::stage::lab::{Data, Ran, Shared};
use crate::stage::refusal::Refusal;
use ndarray::Array2;

/// Side of the map that is moved, a multiple of the total stride of three pools; its edges are joined.
pub const SIDE: usize = 64;
/// Largest shift.
pub const MOST: usize = 16;
/// Detections on the map.
pub const POINTS: usize = 44;
/// Total stride of three pools.
pub const STRIDE: usize = 8;
/// The curves, by the names of their facts.
pub const NETS: [&str; 6] =
    ["changed_none", "changed_max", "changed_avg", "changed_conv", "changed_three", "changed_three_back"];

/// What was found.
pub struct Shifts {
    /// The map.
    pub map: Shared,
    /// The map after the chosen shift.
    pub moved: Shared,
    /// Three max pools of the map.
    pub before: Shared,
    /// Three max pools of the moved map.
    pub after: Shared,
    /// Share of active cells that change, `[curve, shift]`, curves in the order of [`NETS`].
    pub shares: Shared,
    /// The chosen shift.
    pub shift: usize,
}

/// The map moved by some cells; what leaves at one edge comes back at the other.
pub fn roll(x: &Images, rows: usize, cols: usize) -> Images {
    let (n, c, h, w) = x.dim();
    Images::from_shape_fn((n, c, h, w), |(a, b, i, j)| {
        x[[a, b, (i + h - rows % h) % h, (j + w - cols % w) % w]]
    })
}

/// Share of cells that differ, of those that are not zero before or after.
pub fn changed(a: &Images, b: &Images) -> f64 {
    let (mut active, mut differ) = (0usize, 0usize);
    for (a, b) in a.iter().zip(b) {
        active += usize::from(*a != 0.0 || *b != 0.0);
        differ += usize::from((a - b).abs() > 1e-6);
    }
    differ as f64 / active.max(1) as f64
}

/// `layers` max pools of 2×2 in a row.
///
/// Errors: a map that is too small.
pub fn max_pools(x: &Images, layers: usize) -> Result<Images, Error> {
    let mut y = x.clone();
    for _ in 0..layers {
        let (_, _, h, w) = y.dim();
        y = Pool2d::new([2, 2]).windows([h, w])?.max_values(&y)?;
    }
    Ok(y)
}

fn average(x: &Images) -> Result<Images, Error> {
    let (_, _, h, w) = x.dim();
    Pool2d::new([2, 2]).windows([h, w])?.average(x, Default::default())
}

/// A blur of 3×3 with stride 2 on joined edges.
fn strided(x: &Images) -> Result<Images, Error> {
    let conv = Conv2d {
        stride: (2, 2),
        pads: Pads { top: 1, left: 1, ..Pads::default() },
        mode: PaddingMode::Circular,
        ..Conv2d::default()
    };
    conv.forward_single(x, &kernel(super::taps(crate::labs::pooling::params::Filter::Gaussian)), None)
}

/// The map that is moved.
///
/// Errors: an own input that can't be scaled.
pub fn map(params: &Params, seed: u64, data: &Data) -> Result<Images, Error> {
    let size = (1, 1, SIDE, SIDE);
    let mut random = Random::new(seed.wrapping_add(5));
    Ok(match params.moved {
        Moved::Points => {
            let mut map = Images::zeros(size);
            for _ in 0..POINTS {
                let at = (random.below(SIDE), random.below(SIDE));
                map[[0, 0, at.0, at.1]] = 0.5 + random.uniform() / 2.0;
            }
            map
        }
        Moved::Noise => Images::from_shape_simple_fn(size, || random.uniform()),
        Moved::Input => images(params.input.draw((SIDE, SIDE), seed, data)?),
    })
}

/// What was found before, when only the shift has changed since: the shares of every shift are the same.
pub fn kept<'a>(params: &Params, seed: u64, before: Option<&'a Ran<Pooling>>) -> Option<&'a Shifts> {
    let before = before?;
    let key = |p: &Params| (p.moved, p.shift_axis);
    let same = key(params) == key(&before.params) && seed == before.seed && params.moved != Moved::Input;
    match &before.output.study {
        Study::Shift(s) if same => Some(s),
        _ => None,
    }
}

/// Measures it.
///
/// Errors: an own input that can't be scaled.
pub fn study(params: &Params, seed: u64, data: &Data, kept: Option<&Shifts>) -> Result<Shifts, Refusal> {
    let map = map(params, seed, data)?;
    let by = |d: usize| match params.shift_axis {
        Way::Right => (0, d),
        Way::Down => (d, 0),
        Way::Diagonal => (d, d),
    };
    let shift = usize::try_from(params.shift).unwrap_or(0).min(MOST);
    let shares = match kept {
        Some(kept) => kept.shares.clone(),
        None => shares(&map, by)?.into_dyn().into_shared(),
    };
    let (r, c) = by(shift);
    let moved = roll(&map, r, c);
    let (before, after) = (max_pools(&map, 3)?, max_pools(&moved, 3)?);
    Ok(Shifts {
        map: shared(map),
        moved: shared(moved),
        before: shared(before),
        after: shared(after),
        shares,
        shift,
    })
}

/// The share of cells that change, for every curve and shift; `by` gives rows and columns of a shift.
fn shares(map: &Images, by: impl Fn(usize) -> (usize, usize)) -> Result<Array2<f32>, Error> {
    let nets = |x: &Images| -> Result<[Images; 5], Error> {
        Ok([x.clone(), max_pools(x, 1)?, average(x)?, strided(x)?, max_pools(x, 3)?])
    };
    let still = nets(map)?;
    let mut shares = Array2::zeros((NETS.len(), MOST + 1));
    for d in 0..=MOST {
        let (r, c) = by(d);
        let all = nets(&roll(map, r, c))?;
        for (net, (a, b)) in all.iter().zip(&still).enumerate() {
            shares[[net, d]] = changed(a, b) as f32;
        }
        // The output moved by the nearest whole number of its cells: what equivariance would give.
        let cells = |n: usize| (n + STRIDE / 2) / STRIDE;
        shares[[5, d]] = changed(&all[4], &roll(&still[4], cells(r), cells(c))) as f32;
    }
    Ok(shares)
}

impl Shifts {
    /// The map, moved and pooled, and the shares.
    pub fn tensors(&self) -> Vec<(&'static str, Shared)> {
        vec![
            ("shift_input", self.map.clone()),
            ("shift_moved", self.moved.clone()),
            ("three_before", self.before.clone()),
            ("three_after", self.after.clone()),
            ("shift_shares", self.shares.clone()),
        ]
    }

    /// The share of a curve at a shift.
    pub fn at(&self, net: usize, shift: usize) -> f64 {
        self.shares.get(&[net, shift][..]).map_or(0.0, |v| f64::from(*v))
    }

    /// The shares at the chosen shift.
    pub fn facts(&self) -> Vec<(&'static str, f64)> {
        let now = NETS.iter().enumerate().map(|(net, name)| (*name, self.at(net, self.shift)));
        now.chain([("total_stride", STRIDE as f64)]).collect()
    }
}
