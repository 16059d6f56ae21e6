//! Noise: each pool of the noisy picture against the same pool of the clean one.

use crate::core::ops::Pool2d;
use crate::core::tensor::{Images, Random};
use crate::labs::convolution::inputs::Input;
use crate::labs::pooling::compute::{images, shared};
use crate::labs::pooling::params::{Noise, Params, Pool};
use crate::labs::pooling::walk::Walk;
use crate::stage::lab::{Data, Shared};
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::extent;

/// The pools compared, the names of their tensors and of their errors.
pub const POOLS: [(Pool, &str, &str); 4] = [
    (Pool::Max, "noisy_max", "rmse_max"),
    (Pool::Avg, "noisy_avg", "rmse_avg"),
    (Pool::Median, "noisy_median", "rmse_median"),
    (Pool::Min, "noisy_min", "rmse_min"),
];
/// Smaller inputs say little about noise: shaded shapes of this size take their place.
const LEAST: usize = 32;
const INSTEAD: (usize, usize) = (96, 96);

/// What was found.
pub struct Noises {
    /// The picture.
    pub clean: Shared,
    /// With noise.
    pub noisy: Shared,
    /// The noisy picture through each of [`POOLS`].
    pub pooled: Vec<Shared>,
    /// Root mean square error: of the noisy picture, then of each pool, as shares of the picture's range.
    pub errors: Vec<f64>,
    /// Mean error of max and of average: what the noise adds on the whole, as shares of the range.
    pub bias: (f64, f64),
    /// Windows with at least one hit cell, as a share.
    pub hit: f64,
    /// The same as a chance: 1 − (1 − strength)^cells.
    pub chance: f64,
    /// Whether shapes take the place of an input too small.
    pub instead: bool,
}

/// Makes noise: which cells differ, and the noisy picture. `low` and `high` are the ends of its range.
pub fn spoil(
    clean: &Images,
    noise: Noise,
    strength: f32,
    (low, high): (f32, f32),
    seed: u64,
) -> (Images, Images) {
    let mut random = Random::new(seed.wrapping_add(3));
    let mut hit = Images::zeros(clean.raw_dim());
    let mut noisy = clean.clone();
    for (v, hit) in noisy.iter_mut().zip(hit.iter_mut()) {
        match noise {
            Noise::Gaussian => {
                *v += strength * (high - low) * random.normal();
                *hit = 1.0;
            }
            kind if random.uniform() < strength => {
                *v = if kind == Noise::Salt { high } else { low };
                *hit = 1.0;
            }
            _ => {}
        }
    }
    (noisy, hit)
}

/// Root of the mean squared difference, over the range.
pub fn rmse(a: &Images, b: &Images, range: f32) -> f64 {
    let square = |(a, b): (&f32, &f32)| f64::from(a - b).powi(2);
    (a.iter().zip(b).map(square).sum::<f64>() / a.len().max(1) as f64).sqrt() / f64::from(range)
}

/// Measures it.
///
/// Errors: windows that can't be laid.
pub fn study(params: &Params, seed: u64, input: &Images) -> Result<Noises, Refusal> {
    let (_, _, h, w) = input.dim();
    let instead = h.min(w) < LEAST;
    let clean = match instead {
        true => images(Input::Shapes.draw(INSTEAD, seed, &Data::new())?),
        false => input.clone(),
    };
    let low = clean.iter().fold(f32::INFINITY, |m, v| m.min(*v));
    let high = clean.iter().fold(f32::NEG_INFINITY, |m, v| m.max(*v));
    let range = if high > low { high - low } else { 1.0 };
    let (noisy, hit) = spoil(&clean, params.noise, params.strength, (low, high), seed);
    let plain = Params {
        padding: (0, 0),
        dilation: (1, 1),
        ceil_mode: false,
        kernel_size: if params.pool.is_global() { (2, 2) } else { params.kernel_size },
        stride: if params.pool.is_global() { (2, 2) } else { params.stride },
        pool: Pool::Max,
        ..params.clone()
    };
    let (_, _, ch, cw) = clean.dim();
    let walk = Walk::over(&plain, (ch, cw))?;
    let mut errors = vec![rmse(&noisy, &clean, range)];
    let mut pooled = Vec::new();
    let mut biases = Vec::new();
    for (kind, ..) in POOLS {
        let one = walk.with(kind);
        let (y, without) = (one.values(&noisy)?, one.values(&clean)?);
        errors.push(rmse(&y, &without, range));
        let off = y.iter().zip(&without).map(|(a, b)| f64::from(a - b)).sum::<f64>();
        biases.push(off / y.len().max(1) as f64 / f64::from(range));
        pooled.push(shared(y));
    }
    let hits = walk.values(&hit)?;
    let Pool2d { kernel_size: [kh, kw], .. } = walk.pool;
    let chance = match params.noise {
        Noise::Gaussian => 1.0,
        _ => 1.0 - (1.0 - f64::from(params.strength)).powf((kh * kw) as f64),
    };
    Ok(Noises {
        clean: shared(clean),
        noisy: shared(noisy),
        pooled,
        errors,
        bias: (biases[0], biases[1]),
        hit: hits.iter().map(|v| f64::from(*v)).sum::<f64>() / hits.len().max(1) as f64,
        chance,
        instead,
    })
}

impl Noises {
    /// Clean, noisy, and the pools of the noisy one.
    pub fn tensors(&self) -> Vec<(&'static str, Shared)> {
        let pools = POOLS.iter().zip(&self.pooled).map(|((_, name, _), t)| (*name, t.clone()));
        [("clean", self.clean.clone()), ("noisy", self.noisy.clone())].into_iter().chain(pools).collect()
    }

    /// Errors and how many windows are hit.
    pub fn facts(&self) -> Vec<(&'static str, f64)> {
        let names = std::iter::once("rmse_noisy").chain(POOLS.iter().map(|(.., name)| *name));
        let (h, w) = extent(&self.clean);
        let rest = [
            ("windows_hit", self.hit),
            ("chance_hit", self.chance),
            ("bias_max", self.bias.0),
            ("bias_avg", self.bias.1),
            ("noisy_height", h as f64),
            ("noisy_width", w as f64),
        ];
        names.zip(self.errors.iter().copied()).chain(rest).collect()
    }
}
