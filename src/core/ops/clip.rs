//! Clipping of gradients, so that one bad step can't undo the good ones (`torch.nn.utils.clip_grad_norm_`,
//! `clip_grad_value_`).

use crate::core::tensor::{Error, Tensor};

/// The p-norm of a sequence: the p-th root of the sum of the p-th powers of its absolute values; the largest one for
/// `inf`, the smallest one for `-inf`, how many are not zero for 0. 0 for none.
pub(crate) fn norm(values: impl Iterator<Item = f64>, p: f64) -> f64 {
    let mut sizes = values.map(f64::abs);
    if p == f64::INFINITY {
        // keeps NaN, which `max` does not
        sizes.fold(0.0, |norm, x| if x <= norm || norm.is_nan() { norm } else { x })
    } else if p == f64::NEG_INFINITY {
        sizes.next().map_or(0.0, |first| {
            sizes.fold(first, |norm, x| if x >= norm || norm.is_nan() { norm } else { x })
        })
    } else if p == 0.0 {
        sizes.filter(|&x| x != 0.0).count() as f64
    } else if p == 2.0 {
        sizes.map(|x| x * x).sum::<f64>().sqrt()
    } else if p == 1.0 {
        sizes.sum()
    } else {
        sizes.map(|x| x.powf(p)).sum::<f64>().powf(1.0 / p)
    }
}

/// The norm of all gradients together: the norm of their norms.
pub fn total_norm(grads: &[Tensor], norm_type: f64) -> f64 {
    norm(grads.iter().map(|grad| norm(grad.iter().map(|&x| f64::from(x)), norm_type)), norm_type)
}

/// Scales all gradients by `max_norm / (norm + 1e-6)` when that is below 1, and gives the norm they had. A norm that is
/// not a number makes all gradients so, as in PyTorch.
///
/// Errors: `max_norm` is negative or not a number.
///
/// ```
/// use receptive::core::ops::clip_grad_norm;
/// let mut grads = [ndarray::arr1(&[3.0, 4.0]).into_dyn()];
/// assert_eq!(clip_grad_norm(&mut grads, 1.0, 2.0)?, 5.0);
/// assert!((grads[0][0] - 0.6).abs() < 1e-6);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
pub fn clip_grad_norm(grads: &mut [Tensor], max_norm: f64, norm_type: f64) -> Result<f64, Error> {
    check("max_norm", max_norm)?;
    let total = total_norm(grads, norm_type);
    let scale = max_norm / (total + 1e-6);
    if scale < 1.0 || scale.is_nan() {
        for grad in grads {
            grad.mapv_inplace(|x| (f64::from(x) * scale) as f32);
        }
    }
    Ok(total)
}

/// Holds each number of the gradients between `-clip_value` and `clip_value`.
///
/// Errors: `clip_value` is negative or not a number.
pub fn clip_grad_value(grads: &mut [Tensor], clip_value: f32) -> Result<(), Error> {
    check("clip_value", f64::from(clip_value))?;
    for grad in grads {
        grad.mapv_inplace(|x| x.clamp(-clip_value, clip_value));
    }
    Ok(())
}

fn check(name: &'static str, limit: f64) -> Result<(), Error> {
    if limit >= 0.0 {
        return Ok(());
    }
    Err(Error::OutOfRange { name, value: limit, min: 0.0, max: f64::INFINITY })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norms() {
        let x = [3.0, 0.0, -4.0];
        let infinity = f64::INFINITY;
        for (p, want) in
            [(2.0, 5.0), (1.0, 7.0), (3.0, 91.0_f64.cbrt()), (infinity, 4.0), (-infinity, 0.0), (0.0, 2.0)]
        {
            assert!((norm(x.into_iter(), p) - want).abs() < 1e-12, "{p}");
            assert_eq!(norm([].into_iter(), p), 0.0, "{p}");
        }
        assert!(norm([1.0, f64::NAN, 2.0].into_iter(), infinity).is_nan());
    }

    #[test]
    fn short_gradients_stay_as_they_are() {
        let x = ndarray::arr1(&[0.3, -0.4]).into_dyn();
        let mut grads = [x.clone()];
        assert!((clip_grad_norm(&mut grads, 0.6, 2.0).unwrap() - 0.5).abs() < 1e-7);
        assert_eq!(grads[0], x);
        clip_grad_value(&mut grads, 0.35).unwrap();
        assert_eq!(grads[0], ndarray::arr1(&[0.3, -0.35]).into_dyn());
        assert_eq!(clip_grad_norm(&mut [], 1.0, 2.0), Ok(0.0));
        assert!(
            clip_grad_norm(&mut grads, f64::NAN, 2.0).is_err() && clip_grad_value(&mut grads, -1.0).is_err()
        );
        clip_grad_norm(&mut grads, 0.0, 2.0).unwrap();
        assert_eq!(grads[0].sum(), 0.0);
    }
}
