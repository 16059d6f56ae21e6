//! Heads are cut from wide vectors and put side by side again: nothing but another order of the same numbers.

use super::compute::{Output, shared};
use crate::core::ops::linear;
use crate::core::tensor::{Error, Map, Tensor};
use crate::stage::lab::Shared;
use ndarray::{Axis, Ix2, Ix4, IxDyn, s};

/// `[1, tokens, heads * width]` as `[1, heads, tokens, width]`.
pub fn split(x: Tensor, heads: usize) -> Result<Tensor, Error> {
    let shape = x.shape().to_vec();
    let (n, wide) = (shape.get(1).copied().unwrap_or(0), shape.get(2).copied().unwrap_or(0));
    let cut = x.into_shape_with_order((1, n, heads, wide / heads.max(1))).map_err(|_| Error::WrongRank {
        name: "x",
        expected: "[1, tokens, width]",
        got: shape,
    })?;
    Ok(cut.permuted_axes([0, 2, 1, 3]).as_standard_layout().into_owned().into_dyn())
}

/// `[1, heads, tokens, width]` as `[1, tokens, heads * width]`.
pub fn join(x: &Tensor) -> Tensor {
    let x = x.view().into_dimensionality::<Ix4>();
    let Ok(x) = x else { return Tensor::zeros(IxDyn(&[1, 0, 0])) };
    let (_, heads, n, width) = x.dim();
    let turned = x.permuted_axes([0, 2, 1, 3]).as_standard_layout().into_owned();
    turned
        .into_shape_with_order(IxDyn(&[1, n, heads * width]))
        .unwrap_or_else(|_| Tensor::zeros(IxDyn(&[1, 0, 0])))
}

/// `[1, heads, tokens, width]` as `[1, heads * tokens, width]`: the same numbers in the same order.
fn stacked(x: &Shared) -> Shared {
    let Some(width) = x.shape().last().copied() else { return x.clone() };
    let rows = x.len() / width.max(1);
    let flat = x.as_standard_layout().into_owned();
    flat.into_shape_with_order(IxDyn(&[1, rows, width])).map_or_else(|_| x.clone(), |t| t.into_shared())
}

/// The same queries made in two ways: by one wide product that is then cut, and by a matrix for each head.
#[derive(Clone)]
pub struct Split {
    /// `x · W_Q`, before it is cut: `[1, n, heads * d_k]`.
    pub wide: Shared,
    /// The same after the cut, the heads' matrices below each other as they lie in memory: `[1, heads * n, d_k]`.
    pub cut: Shared,
    /// Each head's own product, `x · W_Q⁽ʰ⁾`, in the same order. Absent when the queries themselves were loaded.
    pub apart: Option<Shared>,
    /// What the heads answer, in the same order: `[1, heads * n, d_v]`.
    pub answers: Shared,
    /// The greatest difference between the two.
    pub difference: Option<f64>,
}

impl Split {
    /// Those of a state.
    pub fn of(o: &Output) -> Result<Split, Error> {
        let s = &o.sizes;
        let (cut, answers) = (stacked(&o.q), stacked(&o.heads));
        if o.own.contains(&"q") || o.x.shape()[1] != s.n {
            return Ok(Split {
                wide: shared(join(&o.q.to_owned())),
                cut,
                apart: None,
                answers,
                difference: None,
            });
        }
        let x = o.x.to_owned();
        let w_q: Map = o.w[0].to_owned().into_dimensionality::<Ix2>().unwrap_or_default();
        let wide = linear(&x, &w_q, None)?;
        let heads: Vec<Tensor> = (0..s.heads)
            .map(|h| {
                let own = w_q.slice(s![h * s.dk..(h + 1) * s.dk, ..]).to_owned();
                Ok(linear(&x, &own, None)?.insert_axis(Axis(1)))
            })
            .collect::<Result<_, Error>>()?;
        let views: Vec<_> = heads.iter().map(|t| t.view()).collect();
        let apart = ndarray::concatenate(Axis(1), &views).unwrap_or_default();
        let most = |m: f64, (a, b): (&f32, &f32)| m.max(f64::from((a - b).abs()));
        let difference = apart.iter().zip(o.q.iter()).fold(0.0, most);
        let apart = Some(stacked(&shared(apart)));
        Ok(Split { wide: shared(wide), cut, apart, answers, difference: Some(difference) })
    }
}
