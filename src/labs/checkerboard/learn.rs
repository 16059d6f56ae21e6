//! Learn it away: the taps of a transposed convolution, fitted by gradient descent to grow a picture back.

use super::compute::{images, shared};
use super::cures::{centred, original, smaller, strength};
use super::layer::{Layer, scaled, taps};
use super::params::{Init, Input, Params, Upsampler};
use crate::core::ops::{Adam, ConvTranspose2d, Optimizer, Rule};
use crate::core::tensor::{Error, Images, Tensor};
use crate::stage::lab::{Data, Shared};
use crate::stage::work::{Finds, Job, Results, Work};
use ndarray::{Array2, Ix4};

/// Steps of gradient descent.
pub const STEPS: usize = 400;
/// Steps of one piece of the work.
const PIECE: usize = 8;
/// Learning rate of Adam.
pub const RATE: f64 = 0.02;

/// Names of the tensors of both fits: loss, taps, picture before, picture after.
pub const NAMES: [[&str; 4]; 2] = [
    ["loss_first", "taps_first", "start_first", "fitted_first"],
    ["loss_second", "taps_second", "start_second", "fitted_second"],
];

/// The two kernel sizes: the learner's, and the nearest one of the other kind (even, or uneven).
pub fn kernels(p: &Params) -> [usize; 2] {
    let (k, stride) = (p.k(), p.s());
    let other = if stride == 1 || k.is_multiple_of(stride) { k + 1 } else { k.div_ceil(stride) * stride };
    [k, other]
}

/// What one fit has found so far.
pub struct Fit {
    /// Taps along an axis.
    pub kernel_size: usize,
    /// Mean squared error after each step, `[1, steps]`.
    pub loss: Option<Shared>,
    /// The taps.
    pub taps: Option<Shared>,
    /// The picture before the first step.
    pub start: Shared,
    /// The picture now.
    pub fitted: Option<Shared>,
    /// Strength of the artifact before, and now, in percent.
    pub strength: (f32, Option<f32>),
}

/// Both fits.
pub struct Fits {
    /// The learner's kernel and the other one.
    pub list: [Fit; 2],
    /// How much of the work is done, 0 to 1.
    pub share: f32,
}

/// The name of the work: everything that its results depend on.
pub fn key(p: &Params, seed: u64, data: &Data) -> String {
    let picture = match p.input {
        Input::Text => "text".into(),
        Input::Own => {
            // A sum over the bits tells one picture from another.
            let add = |sum: u64, v: &f32| (sum ^ u64::from(v.to_bits())).wrapping_mul(0x100_0000_01b3);
            let numbers = data.get("input").map(|own| own.iter().fold(own.len() as u64, add));
            format!("own {}", numbers.unwrap_or(0))
        }
        _ => "shapes".into(),
    };
    format!("checkerboard learn {} {} {} {seed} {picture}", p.k(), p.s(), p.init.key())
}

/// The work of a state, if it shows what is learned.
pub fn work(p: &Params, seed: u64, data: &Data) -> Work {
    let (p, owned) = (p.clone(), data.clone());
    Work {
        key: key(&p, seed, data),
        job: Box::new(Fitting { p, seed, data: owned, runs: Vec::new(), failed: false }),
    }
}

/// Where a fit begins: the layer's own taps, scaled so that the mean brightness is right.
fn first_taps(k: usize, p: &Params, seed: u64) -> Images {
    let stride = p.s();
    let layer = Layer { up: Upsampler::Transposed, kernel_size: k, stride, padding: 0, output_padding: 0 };
    // A tent would leave nothing to learn, and own taps may add up to nothing.
    let init = if matches!(p.init, Init::Bilinear | Init::Own) { Init::Uniform } else { p.init };
    scaled(taps(&layer, init, seed), (stride * stride) as f32)
}

/// One kernel on its way.
struct Run {
    conv: ConvTranspose2d,
    x: Images,
    target: Images,
    taps: Images,
    optimizer: Optimizer,
    loss: Vec<f32>,
}

impl Run {
    fn new(k: usize, p: &Params, seed: u64, data: &Data) -> Result<Run, Error> {
        let original = original(p, seed, data)?;
        let (conv, x) = centred(&smaller(&original, p.s())?, k, p.s())?;
        let optimizer = Optimizer::new(Rule::Adam(Adam { lr: RATE, ..Adam::default() }));
        Ok(Run {
            conv,
            x,
            target: images(original),
            taps: first_taps(k, p, seed),
            optimizer,
            loss: Vec::new(),
        })
    }

    fn picture(&self) -> Result<Images, Error> {
        self.conv.forward(&self.x, &self.taps, None)
    }

    /// One step against the gradient of the mean squared error.
    fn step(&mut self) -> Result<(), Error> {
        let difference = self.picture()? - &self.target;
        let n = difference.len() as f32;
        self.loss.push(difference.iter().map(|v| v * v).sum::<f32>() / n);
        let grads = self.conv.backward(&self.x, &self.taps, &difference.mapv(|v| 2.0 * v / n))?;
        let mut params: [Tensor; 1] = [self.taps.clone().into_dyn()];
        self.optimizer.step(&mut params, &[grads.weight.into_dyn()])?;
        let [taps] = params;
        if let Ok(taps) = taps.into_dimensionality::<Ix4>() {
            self.taps = taps;
        }
        Ok(())
    }
}

struct Fitting {
    p: Params,
    seed: u64,
    data: Data,
    runs: Vec<Run>,
    failed: bool,
}

impl Fitting {
    fn piece(&mut self) -> Result<(), Error> {
        if self.runs.is_empty() {
            for k in kernels(&self.p) {
                self.runs.push(Run::new(k, &self.p, self.seed, &self.data)?);
            }
        }
        for run in &mut self.runs {
            for _ in 0..PIECE {
                run.step()?;
            }
        }
        Ok(())
    }
}

impl Job for Fitting {
    fn advance(&mut self) -> bool {
        self.failed |= self.piece().is_err();
        self.failed || self.share() >= 1.0
    }

    fn share(&self) -> f32 {
        self.runs.first().map_or(0.0, |run| run.loss.len() as f32 / STEPS as f32).min(1.0)
    }

    fn results(&self) -> Results {
        let mut results = Results::new();
        for (run, [loss, taps, _, fitted]) in self.runs.iter().zip(NAMES) {
            if let Ok(line) = Array2::from_shape_vec((1, run.loss.len()), run.loss.clone()) {
                results.insert(loss.into(), line.into_dyn().into_shared());
            }
            results.insert(taps.into(), shared(run.taps.clone()));
            if let Ok(picture) = run.picture() {
                results.insert(fitted.into(), shared(picture));
            }
        }
        results
    }
}

/// What has been found so far.
///
/// Errors: those of the operators.
pub fn fits(p: &Params, seed: u64, data: &Data, finds: &Finds) -> Result<Fits, Error> {
    let found = finds.get(&key(p, seed, data));
    let get = |name: &str| found.and_then(|f| f.get(name).cloned());
    let period = p.s();
    let one = |k: usize, [loss, taps, _, fitted]: [&str; 4]| -> Result<Fit, Error> {
        let start = Run::new(k, p, seed, data)?.picture()?;
        let fitted = get(fitted);
        let now = match &fitted {
            Some(picture) => Some(strength(&super::compute::four(picture)?, period)),
            None => None,
        };
        Ok(Fit {
            kernel_size: k,
            loss: get(loss),
            taps: get(taps),
            strength: (strength(&start, period), now),
            start: shared(start),
            fitted,
        })
    };
    let [a, b] = kernels(p);
    Ok(Fits { list: [one(a, NAMES[0])?, one(b, NAMES[1])?], share: found.map_or(0.0, |f| f.share) })
}
