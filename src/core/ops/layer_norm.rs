//! Normalisation of the last axes, example by example (`torch.nn.functional.layer_norm`, `rms_norm`).

use crate::core::ops::axes::{check_shape, numbers, tensor};
use crate::core::ops::standardise::{GroupBy, Groups, inv_std, scale_by};
use crate::core::tensor::{Error, Tensor, checked_elements};

/// Layer normalisation (Ba, Kiros and Hinton, 2016): over the last axes, those of `normalized_shape`,
/// `y = (x - mean) / sqrt(variance + eps) * weight + bias`. The variance divides by the number of numbers.
///
/// ```
/// use receptive::core::ops::LayerNorm;
/// let norm = LayerNorm { normalized_shape: vec![2], eps: 0.0 };
/// let y = norm.forward(&ndarray::arr2(&[[1.0, 3.0], [5.0, 5.5]]).into_dyn(), None, None)?;
/// assert_eq!(y, ndarray::arr2(&[[-1.0, 1.0], [-1.0, 1.0]]).into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LayerNorm {
    /// The sizes of the last axes of the input.
    pub normalized_shape: Vec<usize>,
    /// What is added to the variance.
    pub eps: f64,
}

/// Root-mean-square normalisation (Zhang and Sennrich, 2019): `y = x / sqrt(mean(x²) + eps) * weight`, over the last
/// axes.
#[derive(Clone, Debug, PartialEq)]
pub struct RmsNorm {
    /// The sizes of the last axes of the input.
    pub normalized_shape: Vec<usize>,
    /// What is added to the mean square. PyTorch takes `f32::EPSILON` when none is given.
    pub eps: f64,
}

/// The gradients of a normalisation.
#[derive(Clone, Debug, PartialEq)]
pub struct NormGrads {
    /// Of the shape of the input.
    pub input: Tensor,
    /// Of the factors: of `normalized_shape`, or one for each channel.
    pub weight: Tensor,
    /// Of what is added, alike.
    pub bias: Tensor,
}

impl LayerNorm {
    /// PyTorch's default `eps` of 1e-5.
    pub fn new(normalized_shape: Vec<usize>) -> Self {
        LayerNorm { normalized_shape, eps: 1e-5 }
    }

    /// The definition, row by row in `f64`. `weight` and `bias` are of `normalized_shape`.
    ///
    /// Errors: the input doesn't end in `normalized_shape`, or shapes that don't fit each other.
    pub fn forward_plain(
        &self,
        x: &Tensor,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
    ) -> Result<Tensor, Error> {
        let rows = Rows::of(x, &self.normalized_shape, weight, bias)?;
        let mut y = Vec::with_capacity(rows.x.len());
        for row in rows.x.chunks_exact(rows.width.max(1)) {
            let mean = row.iter().map(|&x| f64::from(x)).sum::<f64>() / rows.width as f64;
            let variance =
                row.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / rows.width as f64;
            for (i, &x) in row.iter().enumerate() {
                let standard = (f64::from(x) - mean) / (variance + self.eps).sqrt();
                y.push((standard * rows.weight(i) + rows.bias(i)) as f32);
            }
        }
        tensor(x.shape(), y)
    }

    /// [`LayerNorm::forward_plain`], fast.
    pub fn forward(
        &self,
        x: &Tensor,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
    ) -> Result<Tensor, Error> {
        let rows = Rows::of(x, &self.normalized_shape, weight, bias)?;
        let (mean, inv_std) = rows.mean_and_inv_std(self.eps);
        let mut y = rows.groups().standardise(&rows.x, &mean, &inv_std);
        scale_by(&mut y, rows.weight.as_deref(), rows.bias.as_deref());
        tensor(x.shape(), y)
    }

    /// The mean of each row and `1 / sqrt(variance + eps)`: of the shape of `x` with the normalised axes of size 1.
    ///
    /// Errors: the input doesn't end in `normalized_shape`.
    pub fn statistics(&self, x: &Tensor) -> Result<(Tensor, Tensor), Error> {
        let rows = Rows::of(x, &self.normalized_shape, None, None)?;
        let (mean, inv_std) = rows.mean_and_inv_std(self.eps);
        let kept = x.ndim() - self.normalized_shape.len();
        let mut shape = x.shape().to_vec();
        shape[kept..].fill(1);
        let narrow = |values: Vec<f64>| tensor(&shape, values.into_iter().map(|x| x as f32).collect());
        Ok((narrow(mean)?, narrow(inv_std)?))
    }

    /// The gradients of `sum(y * grad_output)`.
    ///
    /// Errors: those of the forward pass, and a `grad_output` of another shape than `x`.
    pub fn backward(
        &self,
        x: &Tensor,
        weight: Option<&Tensor>,
        grad_output: &Tensor,
    ) -> Result<NormGrads, Error> {
        let rows = Rows::of(x, &self.normalized_shape, weight, None)?;
        let (mean, inv_std) = rows.mean_and_inv_std(self.eps);
        rows.backward(&self.normalized_shape, &mean, &inv_std, grad_output, true)
    }
}

impl RmsNorm {
    /// PyTorch's default `eps` for `f32`.
    pub fn new(normalized_shape: Vec<usize>) -> Self {
        RmsNorm { normalized_shape, eps: f64::from(f32::EPSILON) }
    }

    /// The definition, row by row in `f64`. `weight` is of `normalized_shape`.
    ///
    /// Errors: the input doesn't end in `normalized_shape`, or `weight` is of another shape.
    pub fn forward_plain(&self, x: &Tensor, weight: Option<&Tensor>) -> Result<Tensor, Error> {
        let rows = Rows::of(x, &self.normalized_shape, weight, None)?;
        let mut y = Vec::with_capacity(rows.x.len());
        for row in rows.x.chunks_exact(rows.width.max(1)) {
            let mean_square = row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / rows.width as f64;
            for (i, &x) in row.iter().enumerate() {
                y.push((f64::from(x) / (mean_square + self.eps).sqrt() * rows.weight(i)) as f32);
            }
        }
        tensor(x.shape(), y)
    }

    /// [`RmsNorm::forward_plain`], fast.
    pub fn forward(&self, x: &Tensor, weight: Option<&Tensor>) -> Result<Tensor, Error> {
        let rows = Rows::of(x, &self.normalized_shape, weight, None)?;
        let (mean, inv_rms) = rows.inv_rms(self.eps);
        let mut y = rows.groups().standardise(&rows.x, &mean, &inv_rms);
        scale_by(&mut y, rows.weight.as_deref(), None);
        tensor(x.shape(), y)
    }

    /// The gradients of `sum(y * grad_output)`; that of the bias is the one a bias would have.
    ///
    /// Errors: those of the forward pass, and a `grad_output` of another shape than `x`.
    pub fn backward(
        &self,
        x: &Tensor,
        weight: Option<&Tensor>,
        grad_output: &Tensor,
    ) -> Result<NormGrads, Error> {
        let rows = Rows::of(x, &self.normalized_shape, weight, None)?;
        let (mean, inv_rms) = rows.inv_rms(self.eps);
        rows.backward(&self.normalized_shape, &mean, &inv_rms, grad_output, false)
    }
}

/// The input as rows of the numbers that are normalised together.
struct Rows {
    x: Vec<f32>,
    shape: Vec<usize>,
    width: usize,
    weight: Option<Vec<f32>>,
    bias: Option<Vec<f32>>,
}

impl Rows {
    fn of(
        x: &Tensor,
        normalized_shape: &[usize],
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
    ) -> Result<Rows, Error> {
        checked_elements(x.shape())?;
        let kept = x.ndim().saturating_sub(normalized_shape.len());
        check_shape("normalized_shape", normalized_shape, &x.shape()[kept..])?;
        for (name, factors) in [("weight", weight), ("bias", bias)] {
            factors.map_or(Ok(()), |factors| check_shape(name, factors.shape(), normalized_shape))?;
        }
        Ok(Rows {
            x: numbers(x),
            shape: x.shape().to_vec(),
            width: normalized_shape.iter().product(),
            weight: weight.map(numbers),
            bias: bias.map(numbers),
        })
    }

    fn groups(&self) -> Groups {
        let runs = self.x.len() / self.width.max(1);
        Groups { runs, length: self.width, by: GroupBy::Neighbours(1) }
    }

    fn weight(&self, i: usize) -> f64 {
        self.weight.as_ref().map_or(1.0, |weight| f64::from(weight[i]))
    }

    fn bias(&self, i: usize) -> f64 {
        self.bias.as_ref().map_or(0.0, |bias| f64::from(bias[i]))
    }

    fn mean_and_inv_std(&self, eps: f64) -> (Vec<f64>, Vec<f64>) {
        let moments = self.groups().moments(&self.x);
        (moments.iter().map(|moments| moments.mean).collect(), inv_std(&moments, eps))
    }

    fn inv_rms(&self, eps: f64) -> (Vec<f64>, Vec<f64>) {
        let squares = self.groups().mean_squares(&self.x);
        (vec![0.0; squares.len()], squares.iter().map(|square| 1.0 / (square + eps).sqrt()).collect())
    }

    fn backward(
        &self,
        normalized_shape: &[usize],
        mean: &[f64],
        inv_std: &[f64],
        grad_output: &Tensor,
        centred: bool,
    ) -> Result<NormGrads, Error> {
        check_shape("grad_output", grad_output.shape(), &self.shape)?;
        let mut grads: Vec<f64> = grad_output.iter().map(|&grad| f64::from(grad)).collect();
        let (mut by_weight, mut by_bias) = (vec![0.0; self.width], vec![0.0; self.width]);
        let rows = self.x.chunks_exact(self.width.max(1)).zip(grads.chunks_exact_mut(self.width.max(1)));
        for ((x, grads), (mean, inv_std)) in rows.zip(mean.iter().zip(inv_std)) {
            for (i, (&x, grad)) in x.iter().zip(grads).enumerate() {
                by_weight[i] += *grad * (f64::from(x) - mean) * inv_std;
                by_bias[i] += *grad;
                *grad *= self.weight(i);
            }
        }
        let input = self.groups().backward(&self.x, mean, inv_std, &grads, centred);
        let narrow =
            |sums: Vec<f64>| tensor(normalized_shape, sums.into_iter().map(|sum| sum as f32).collect());
        Ok(NormGrads {
            input: tensor(&self.shape, input)?,
            weight: narrow(by_weight)?,
            bias: narrow(by_bias)?,
        })
    }
}
