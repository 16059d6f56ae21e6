//! Leaky ReLU with a learned slope (He et al., "Delving deep into rectifiers", 2015; `torch.nn.functional.prelu`).

use crate::core::ops::axes::{broadcast, check_shape, sum_to};
use crate::core::tensor::{Error, Tensor};

/// `x` when positive, else `weight x`. `x` is `[n, c, …]` and `weight` `[c]`, a slope for each channel, or `[1]`.
///
/// Errors: `weight` has another number of slopes.
///
/// ```
/// use receptive::core::ops::prelu;
/// let x = ndarray::arr2(&[[-1.0, -1.0], [2.0, -3.0]]).into_dyn();
/// let y = prelu(&x, &[0.5, 0.1])?;
/// assert_eq!(y, ndarray::arr2(&[[-0.5, -0.1], [2.0, -0.3]]).mapv(|y: f32| y).into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
pub fn prelu(x: &Tensor, weight: &[f32]) -> Result<Tensor, Error> {
    prelu_broadcast(x, &by_channel(x, weight)?)
}

/// The gradients of `sum(y * grad_output)` of [`prelu`] with respect to `x` and `weight`.
///
/// Errors: as [`prelu`], and a `grad_output` of another shape than `x`.
pub fn prelu_backward(x: &Tensor, weight: &[f32], grad_output: &Tensor) -> Result<(Tensor, Vec<f32>), Error> {
    let (grad, slopes) = prelu_broadcast_backward(x, &by_channel(x, weight)?, grad_output)?;
    Ok((grad, slopes.into_iter().collect()))
}

/// As [`prelu`], with slopes of any shape that broadcasts to that of `x`, which is ONNX's `PRelu`.
///
/// Errors: `slope` doesn't broadcast.
pub fn prelu_broadcast(x: &Tensor, slope: &Tensor) -> Result<Tensor, Error> {
    let mut y = broadcast("slope", slope, x.shape())?;
    y.zip_mut_with(x, |y, &x| *y = if x > 0.0 { x } else { x * *y });
    Ok(y)
}

/// The gradients of `sum(y * grad_output)` of [`prelu_broadcast`] with respect to `x` and `slope`: `grad_output` where
/// `x` is positive, else `slope grad_output`; and for each slope the sum of `x grad_output` over the others.
///
/// Errors: as [`prelu_broadcast`], and a `grad_output` of another shape than `x`.
pub fn prelu_broadcast_backward(
    x: &Tensor,
    slope: &Tensor,
    grad_output: &Tensor,
) -> Result<(Tensor, Tensor), Error> {
    check_shape("grad_output", grad_output.shape(), x.shape())?;
    let mut grad_input = broadcast("slope", slope, x.shape())?;
    ndarray::Zip::from(&mut grad_input)
        .and(x)
        .and(grad_output)
        .for_each(|slope, &x, &grad| *slope = if x > 0.0 { grad } else { grad * *slope });
    let mut products = grad_output.clone();
    products.zip_mut_with(x, |grad, &x| *grad *= if x > 0.0 { 0.0 } else { x });
    Ok((grad_input, sum_to(&products, slope.shape())))
}

/// The slopes as `[c, 1, …]`, so that they stand at the axis of the channels.
fn by_channel(x: &Tensor, weight: &[f32]) -> Result<Tensor, Error> {
    let channels = x.shape().get(1).copied().unwrap_or(1);
    if weight.len() != 1 {
        check_shape("weight", &[weight.len()], &[channels])?;
    }
    let mut shape = vec![1; x.ndim().saturating_sub(1).max(1)];
    shape[0] = weight.len();
    // a single number has no axis to stand at
    super::axes::tensor(if x.ndim() == 0 { &[] } else { &shape }, weight.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;
    use ndarray::IxDyn;

    #[test]
    fn gradients_are_slopes() {
        let mut random = Random::new(2);
        let mut draw = |shape: &[usize]| Tensor::from_shape_fn(IxDyn(shape), |_| random.normal());
        let shapes: [(&[usize], &[usize]); 5] = [
            (&[2, 3, 4], &[4]),
            (&[2, 3, 4], &[3, 1]),
            (&[2, 3, 4], &[2, 3, 4]),
            (&[2, 2], &[]),
            (&[5], &[1]),
        ];
        for (shape, slope) in shapes {
            let (x, slope, grad) = (draw(shape), draw(slope), draw(shape));
            let (grad_input, grad_slope) = prelu_broadcast_backward(&x, &slope, &grad).unwrap();
            let dot = |a: &Tensor, b: &Tensor| (a * b).iter().map(|&x| f64::from(x)).sum::<f64>();
            // y is homogeneous in x, and linear in the slopes
            let y = prelu_broadcast(&x, &slope).unwrap();
            assert!((dot(&y, &grad) - dot(&x, &grad_input)).abs() < 1e-5);
            let flat = prelu_broadcast(&x, &(&slope * 0.0)).unwrap();
            assert!((dot(&y, &grad) - dot(&flat, &grad) - dot(&slope, &grad_slope)).abs() < 1e-5);
        }
    }

    #[test]
    fn slopes_belong_to_channels() {
        let x = Tensor::from_elem(IxDyn(&[1, 2, 2]), -1.0);
        let (y, (grad, slopes)) =
            (prelu(&x, &[2.0, 3.0]).unwrap(), prelu_backward(&x, &[2.0, 3.0], &x).unwrap());
        assert_eq!(y.into_raw_vec_and_offset().0, [-2.0, -2.0, -3.0, -3.0]);
        assert_eq!(grad.into_raw_vec_and_offset().0, [-2.0, -2.0, -3.0, -3.0]);
        assert_eq!(slopes, [2.0, 2.0]);
        for shape in [&[][..], &[3], &[2, 5]] {
            assert!(prelu(&Tensor::zeros(IxDyn(shape)), &[0.1]).is_ok(), "{shape:?}");
            assert!(prelu(&Tensor::zeros(IxDyn(shape)), &[0.1, 0.2]).is_err(), "{shape:?}");
        }
        assert!(prelu_backward(&x, &[1.0], &Tensor::zeros(IxDyn(&[2, 2]))).is_err());
    }
}
