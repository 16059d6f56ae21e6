//! The linear layer (`torch.nn.functional.linear`).

use ndarray::Array2;

use crate::core::ops::axes::{check_length, check_shape, tensor};
use crate::core::ops::gemm::{Matrix, gemm, gemm_plain};
use crate::core::tensor::{Error, Map, Tensor, checked_elements};

/// The gradients of a linear layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearGrads {
    /// `[…, in_features]`
    pub input: Tensor,
    /// `[out_features, in_features]`
    pub weight: Map,
    /// `[out_features]`
    pub bias: Vec<f32>,
}

/// The sizes of a legal layer: rows, `in_features`, `out_features`, and the shape of the output.
fn sizes(x: &Tensor, weight: &Map, bias: Option<&[f32]>) -> Result<(usize, usize, usize, Vec<usize>), Error> {
    let (outputs, inputs) = weight.dim();
    let Some((&last, outer)) = x.shape().split_last() else {
        return Err(Error::WrongRank { name: "input", expected: "[…, in_features]", got: vec![] });
    };
    check_shape("weight", weight.shape(), &[outputs, last])?;
    check_length("bias", bias, outputs)?;
    let shape = [outer, &[outputs]].concat();
    checked_elements(&shape)?;
    Ok((outer.iter().product(), inputs, outputs, shape))
}

/// The definition, summed in `f64`: `y[…, o] = bias[o] + sum over i of x[…, i] weight[o, i]`.
///
/// `x` is `[…, in_features]`, `weight` `[out_features, in_features]`, `bias` `[out_features]`, the result
/// `[…, out_features]`.
///
/// Errors: shapes that don't fit each other, or too large a result.
pub fn linear_plain(x: &Tensor, weight: &Map, bias: Option<&[f32]>) -> Result<Tensor, Error> {
    let (rows, inputs, outputs, shape) = sizes(x, weight, bias)?;
    let x = x.as_standard_layout();
    let x = x.as_slice().unwrap_or_default();
    let mut y = Vec::with_capacity(rows * outputs);
    for row in 0..rows {
        for o in 0..outputs {
            let mut sum = bias.map_or(0.0, |bias| f64::from(bias[o]));
            for i in 0..inputs {
                sum += f64::from(x[row * inputs + i]) * f64::from(weight[[o, i]]);
            }
            y.push(sum as f32);
        }
    }
    tensor(&shape, y)
}

/// [`linear_plain`], fast.
///
/// ```
/// use receptive::core::ops::linear;
/// let x = ndarray::arr1(&[1.0, 2.0]).into_dyn();
/// let y = linear(&x, &ndarray::arr2(&[[3.0, 4.0]]), Some(&[0.5]))?;
/// assert_eq!(y, ndarray::arr1(&[11.5]).into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
pub fn linear(x: &Tensor, weight: &Map, bias: Option<&[f32]>) -> Result<Tensor, Error> {
    let (rows, inputs, outputs, shape) = sizes(x, weight, bias)?;
    let (x, weight) = (x.as_standard_layout(), weight.as_standard_layout());
    let mut y = match bias {
        Some(bias) => bias.repeat(rows),
        None => vec![0.0; rows * outputs],
    };
    let x = Matrix::rows(x.as_slice().unwrap_or_default(), inputs);
    let weight = Matrix::rows(weight.as_slice().unwrap_or_default(), inputs);
    if inputs > 0 {
        gemm((rows, outputs, inputs), x, weight.t(), &mut y, outputs);
    }
    tensor(&shape, y)
}

/// The gradients of `sum(y * grad_output)`: with respect to the input `grad_output weight`, to the weight
/// `grad_outputᵀ x`, to the bias the sum of the rows. `grad_output` is `[…, out_features]`.
///
/// Errors: those of [`linear`], and a `grad_output` of another shape than the output.
pub fn linear_backward(x: &Tensor, weight: &Map, grad_output: &Tensor) -> Result<LinearGrads, Error> {
    backward_by(gemm, x, weight, grad_output)
}

/// [`linear_backward`], with sums in `f64`.
pub fn linear_backward_plain(x: &Tensor, weight: &Map, grad_output: &Tensor) -> Result<LinearGrads, Error> {
    backward_by(gemm_plain, x, weight, grad_output)
}

/// `c += a b`, with sizes `(m, n, k)` and the distance of the rows of `c`.
type Product = fn((usize, usize, usize), Matrix<'_>, Matrix<'_>, &mut [f32], usize);

fn backward_by(
    product: Product,
    x: &Tensor,
    weight: &Map,
    grad_output: &Tensor,
) -> Result<LinearGrads, Error> {
    let (rows, inputs, outputs, shape) = sizes(x, weight, None)?;
    check_shape("grad_output", grad_output.shape(), &shape)?;
    let (x_all, weight, grad) =
        (x.as_standard_layout(), weight.as_standard_layout(), grad_output.as_standard_layout());
    let mut grad_input = vec![0.0; rows * inputs];
    let mut grad_weight = Array2::zeros((outputs, inputs));
    let mut bias = vec![0.0; outputs];
    if rows > 0 && inputs > 0 && outputs > 0 {
        let x = Matrix::rows(x_all.as_slice().unwrap_or_default(), inputs);
        let weight = Matrix::rows(weight.as_slice().unwrap_or_default(), inputs);
        let g = Matrix::rows(grad.as_slice().unwrap_or_default(), outputs);
        product((rows, inputs, outputs), g, weight, &mut grad_input, inputs);
        if let Some(grad_weight) = grad_weight.as_slice_mut() {
            product((outputs, inputs, rows), g.t(), x, grad_weight, inputs);
        }
    }
    for row in grad.as_slice().unwrap_or_default().chunks_exact(outputs.max(1)) {
        bias.iter_mut().zip(row).for_each(|(sum, grad)| *sum += f64::from(*grad));
    }
    Ok(LinearGrads {
        input: tensor(x.shape(), grad_input)?,
        weight: grad_weight,
        bias: bias.into_iter().map(|sum| sum as f32).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;
    use ndarray::IxDyn;

    fn dot(a: &Tensor, b: &Tensor) -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    }

    #[test]
    fn fast_agrees_with_plain_and_is_adjoint() {
        let mut random = Random::new(1);
        let mut draw = |shape: &[usize]| Tensor::from_shape_fn(IxDyn(shape), |_| random.normal());
        for (outer, inputs, outputs) in [
            (vec![], 3, 2),
            (vec![5], 1, 7),
            (vec![2, 3], 8, 5),
            (vec![0], 2, 2),
            (vec![2], 0, 3),
            (vec![4], 33, 17),
        ] {
            let x = draw(&[&outer[..], &[inputs]].concat());
            let w = draw(&[outputs, inputs]).into_dimensionality().unwrap();
            let bias = draw(&[outputs]).into_raw_vec_and_offset().0;
            let g = draw(&[&outer[..], &[outputs]].concat());
            let y = linear_plain(&x, &w, Some(&bias)).unwrap();
            let close = |a: &Tensor, b: &Tensor| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4);
            assert!(close(&y, &linear(&x, &w, Some(&bias)).unwrap()));
            let (fast, plain) =
                (linear_backward(&x, &w, &g).unwrap(), linear_backward_plain(&x, &w, &g).unwrap());
            assert!(close(&fast.input, &plain.input));
            assert!(close(&fast.weight.clone().into_dyn(), &plain.weight.into_dyn()));
            let straight = linear(&x, &w, None).unwrap();
            assert!((dot(&straight, &g) - dot(&x, &fast.input)).abs() < 1e-3);
            assert!((dot(&straight, &g) - dot(&w.into_dyn(), &fast.weight.into_dyn())).abs() < 1e-3);
            let bias_gradient = bias.iter().zip(&fast.bias).map(|(b, g)| f64::from(b * g)).sum::<f64>();
            assert!((dot(&(y - straight), &g) - bias_gradient).abs() < 1e-3);
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let (x, w) = (Tensor::zeros(IxDyn(&[2, 3])), Map::zeros((4, 3)));
        assert!(linear(&Tensor::zeros(IxDyn(&[])), &w, None).is_err());
        assert!(linear(&Tensor::zeros(IxDyn(&[3, 2])), &w, None).is_err());
        assert!(linear(&x, &w, Some(&[0.0; 3])).is_err());
        assert!(linear_backward(&x, &w, &Tensor::zeros(IxDyn(&[2, 3]))).is_err());
        let (tall, wide) = (Tensor::zeros(IxDyn(&[1 << 20, 0])), Map::zeros((1 << 20, 0)));
        assert!(matches!(linear(&tall, &wide, None), Err(Error::TooLarge { .. })));
    }
}
