//! What is done to each token on its own: linear maps, layer norm, splitting into heads. In both precisions.

use ndarray::{Array2, Array3, Array4, ArrayView1, CowArray, Ix2};

use crate::core::ops::number::Number;
use crate::core::tensor::{Error, checked_elements};

/// A sequence of tokens, or several: `[n, tokens, width]`, PyTorch's `batch_first`.
pub type Tokens = Array3<f32>;

/// Errors: parameters of a linear map that don't fit `x`, or don't give `rows` numbers; too many of them.
pub(super) fn check_linear<T>(
    name: &'static str,
    x: &Array3<T>,
    w: &Array2<T>,
    b: Option<&[T]>,
    rows: usize,
) -> Result<(), Error> {
    let (n, tokens, columns) = x.dim();
    if w.dim() != (rows, columns) {
        let (expected, got) = (vec![rows, columns], w.shape().to_vec());
        return Err(Error::ShapeMismatch { name, expected, got });
    }
    if let Some(b) = b.filter(|b| b.len() != rows) {
        return Err(Error::ShapeMismatch { name, expected: vec![rows], got: vec![b.len()] });
    }
    checked_elements(&[n, tokens, rows]).map(|_| ())
}

/// `y = x wᵀ + b` for each token: `x` `[n, tokens, in]`, `w` `[out, in]`, `b` `[out]`. The shapes must fit.
pub(super) fn linear<T: Number>(x: &Array3<T>, w: &Array2<T>, b: Option<&[T]>) -> Array3<T> {
    let (n, tokens, _) = x.dim();
    let mut y = T::product(flat(x).view(), w.t());
    if let Some(b) = b {
        y.rows_mut().into_iter().for_each(|mut row| row.zip_mut_with(&ArrayView1::from(b), |y, &b| *y += b));
    }
    stacked(&y, (n, tokens, w.nrows()))
}

/// The gradients of [`linear`]: of `x`, of `w` and of `b`.
pub(super) fn linear_backward<T: Number>(
    x: &Array3<T>,
    w: &Array2<T>,
    grad: &Array3<T>,
) -> (Array3<T>, Array2<T>, Vec<T>) {
    let flat_grad = flat(grad);
    let grad_x = stacked(&T::product(flat_grad.view(), w.view()), x.dim());
    let grad_w = T::product(flat_grad.t(), flat(x).view());
    (grad_x, grad_w, column_sums(&flat_grad))
}

/// The sum over the rows, kept in `f64`.
fn column_sums<T: Number>(x: &CowArray<'_, T, Ix2>) -> Vec<T> {
    x.columns().into_iter().map(|column| T::nearest(column.iter().map(|x| x.wide()).sum())).collect()
}

/// `[n, tokens, width]` as `[n * tokens, width]`.
fn flat<T: Number>(x: &Array3<T>) -> CowArray<'_, T, Ix2> {
    let (n, tokens, width) = x.dim();
    match x.view().into_shape_with_order((n * tokens, width)) {
        Ok(view) => view.into(),
        Err(_) => Array2::from_shape_fn((n * tokens, width), |(i, c)| x[[i / tokens, i % tokens, c]]).into(),
    }
}

/// `[n * tokens, width]` as `[n, tokens, width]`.
fn stacked<T: Number>(x: &Array2<T>, (n, tokens, width): (usize, usize, usize)) -> Array3<T> {
    Array3::from_shape_fn((n, tokens, width), |(n, t, c)| x[[n * tokens + t, c]])
}

/// `[n, tokens, heads * width]` as `[n, heads, tokens, width]`. `heads` must divide the last axis.
pub(super) fn split<T: Number>(x: &Array3<T>, heads: usize) -> Array4<T> {
    let (n, tokens, columns) = x.dim();
    let width = columns / heads.max(1);
    Array4::from_shape_fn((n, heads, tokens, width), |(n, h, i, c)| x[[n, i, h * width + c]])
}

/// `[n, heads, tokens, width]` as `[n, tokens, heads * width]`.
pub(super) fn join<T: Number>(x: &Array4<T>) -> Array3<T> {
    let (n, heads, tokens, width) = x.dim();
    Array3::from_shape_fn((n, tokens, heads * width), |(n, i, c)| x[[n, c / width, i, c % width]])
}

/// The parameters of a layer norm, `[width]` each.
#[derive(Clone, Debug, PartialEq)]
pub struct NormParameters<T = f32> {
    /// What the normalised numbers are multiplied with.
    pub weight: Vec<T>,
    /// What is added then.
    pub bias: Option<Vec<T>>,
}

impl<T> NormParameters<T> {
    /// The same with every number through `f`.
    pub fn map<U>(&self, f: impl Fn(&T) -> U + Copy) -> NormParameters<U> {
        let list = |list: &Vec<T>| list.iter().map(f).collect();
        NormParameters { weight: list(&self.weight), bias: self.bias.as_ref().map(list) }
    }
}

impl<T> NormParameters<T> {
    /// Errors: parameters of another width than the tokens.
    pub(super) fn check(&self, x: &Array3<T>) -> Result<(), Error> {
        let width = x.dim().2;
        for (name, length) in
            [("norm.weight", self.weight.len()), ("norm.bias", self.bias.as_ref().map_or(width, Vec::len))]
        {
            if length != width {
                return Err(Error::ShapeMismatch { name, expected: vec![width], got: vec![length] });
            }
        }
        Ok(())
    }
}

/// Layer norm of each token (Ba, Kiros and Hinton, 2016), computed in `f64`. The widths must fit.
pub(super) fn layer_norm<T: Number>(x: &Array3<T>, norm: &NormParameters<T>, eps: f64) -> Array3<T> {
    let mut y = x.clone();
    for mut row in y.rows_mut() {
        let (mean, deviation) = moments(row.view(), eps);
        for (c, y) in row.iter_mut().enumerate() {
            let bias = norm.bias.as_ref().map_or(0.0, |bias| bias[c].wide());
            *y = T::nearest((y.wide() - mean) / deviation * norm.weight[c].wide() + bias);
        }
    }
    y
}

/// The gradients of [`layer_norm`]: of `x` and of the parameters.
pub(super) fn layer_norm_backward<T: Number>(
    x: &Array3<T>,
    norm: &NormParameters<T>,
    eps: f64,
    grad: &Array3<T>,
) -> (Array3<T>, NormParameters<T>) {
    let width = norm.weight.len();
    let (mut grad_weight, mut grad_bias) = (vec![0.0; width], vec![0.0; width]);
    let mut grad_x = grad.clone();
    for (x, mut grad) in x.rows().into_iter().zip(grad_x.rows_mut()) {
        let (mean, deviation) = moments(x, eps);
        let normal: Vec<f64> = x.iter().map(|x| (x.wide() - mean) / deviation).collect();
        let shares: Vec<f64> = grad.iter().zip(&norm.weight).map(|(g, w)| g.wide() * w.wide()).collect();
        let mean_share = shares.iter().sum::<f64>() / width as f64;
        let along = shares.iter().zip(&normal).map(|(g, x)| g * x).sum::<f64>() / width as f64;
        for (c, grad) in grad.iter_mut().enumerate() {
            grad_weight[c] += grad.wide() * normal[c];
            grad_bias[c] += grad.wide();
            *grad = T::nearest((shares[c] - mean_share - normal[c] * along) / deviation);
        }
    }
    let nearest = |list: Vec<f64>| list.into_iter().map(T::nearest).collect();
    (
        grad_x,
        NormParameters { weight: nearest(grad_weight), bias: norm.bias.as_ref().map(|_| nearest(grad_bias)) },
    )
}

/// The mean of a row, and the root of its variance plus `eps`.
fn moments<T: Number>(row: ArrayView1<'_, T>, eps: f64) -> (f64, f64) {
    let width = row.len() as f64;
    let mean = row.iter().map(|x| x.wide()).sum::<f64>() / width;
    let variance = row.iter().map(|x| (x.wide() - mean).powi(2)).sum::<f64>() / width;
    (mean, (variance + eps).sqrt())
}
