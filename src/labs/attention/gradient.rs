//! Where an output's gradient comes from: exact backward passes of the whole module.

use super::compute::shared;
use super::params::{Panel, Params, ScoreKind, Sizes, SoftmaxKind};
use crate::core::ops::{Attention, Mask, MultiheadAttention, MultiheadParameters, Score};
use crate::stage::lab::Shared;
use crate::stage::refusal::Refusal;
use ndarray::{Array3, Array4, Axis, Ix2, Ix3, s};

/// The gradient is computed for at most so many tokens, and this width.
const GRADIENT: (usize, usize) = (24, 32);

/// The length of the gradient of the sum of output `i` with respect to the vector of each token.
pub fn gradient(
    params: &Params,
    size: &Sizes,
    [x, context]: [&Shared; 2],
    w: &[Shared; 4],
    mask: &Array4<f32>,
    own: &[&str],
) -> Result<Option<Shared>, Refusal> {
    let fits = size.n.max(size.m) <= GRADIENT.0 && size.d <= GRADIENT.1;
    let plain =
        params.softmax == SoftmaxKind::Softmax && params.score != ScoreKind::Additive && own.is_empty();
    if params.panel != Panel::Gradient || !fits || !plain {
        return Ok(None);
    }
    let tokens = |t: &Shared| t.to_owned().into_dimensionality::<Ix3>().unwrap_or_default();
    let (x, c): (Array3<f32>, Array3<f32>) = (tokens(x), tokens(context));
    let matrix = |at: usize| w[at].to_owned().into_dimensionality::<Ix2>().unwrap_or_default();
    let parameters = MultiheadParameters::without_bias([matrix(0), matrix(1), matrix(2), matrix(3)]);
    let score = if params.score == ScoreKind::Cosine { Score::Cosine } else { Score::Dot };
    let attention = Attention {
        score,
        scale: params.scale_factor(size.dk),
        temperature: f64::from(params.temperature),
        ..Attention::default()
    };
    let module = MultiheadAttention {
        num_heads: size.heads,
        num_kv_heads: Some(size.kv),
        attention,
        ..MultiheadAttention::default()
    };
    let seen = mask.mapv(|v| v > 0.0).into_dyn();
    let mut found = Array4::zeros((1, 1, size.n, size.m));
    for i in 0..size.n {
        let mut grad = Array3::zeros((1, size.n, size.d));
        grad.index_axis_mut(Axis(1), i).fill(1.0);
        let grads = module.backward(&x, &c, &c, &parameters, &[Mask::Allowed(&seen)], &grad)?;
        for j in 0..size.m {
            let through = |g: &Array3<f32>, at: usize| g.slice(s![0, at, ..]).mapv(f64::from);
            let mut to = through(&grads.key, j) + through(&grads.value, j);
            if !params.cross {
                to = to + through(&grads.query, j);
            }
            found[[0, 0, i, j]] = to.iter().map(|v| v * v).sum::<f64>().sqrt() as f32;
        }
    }
    Ok(found.iter().all(|v| v.is_finite()).then(|| shared(found)))
}
