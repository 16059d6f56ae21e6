//! A scaled product of two matrices plus a scaled third (ONNX's `Gemm`, `torch.addmm`).

use crate::core::ops::axes::{broadcast, check_shape, sum_to};
use crate::core::ops::matmul::{matmul, matmul_backward, matmul_plain};
use crate::core::tensor::{Error, Tensor};

/// `alpha a b + beta c`, with `a` and `b` turned first when asked for.
///
/// ```
/// use receptive::core::ops::Gemm;
/// let a = ndarray::arr2(&[[1.0, 2.0]]).into_dyn();
/// let c = ndarray::arr1(&[10.0]).into_dyn();
/// let gemm = Gemm { trans_b: true, beta: 0.5, ..Gemm::default() };
/// assert_eq!(gemm.forward(&a, &a, Some(&c))?, ndarray::arr2(&[[10.0]]).into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gemm {
    /// The factor of the product.
    pub alpha: f32,
    /// The factor of what is added.
    pub beta: f32,
    /// `a` is `[k, m]` instead of `[m, k]`.
    pub trans_a: bool,
    /// `b` is `[n, k]` instead of `[k, n]`.
    pub trans_b: bool,
}

impl Default for Gemm {
    fn default() -> Self {
        Gemm { alpha: 1.0, beta: 1.0, trans_a: false, trans_b: false }
    }
}

/// The gradients of [`Gemm`], each of the shape of what it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct GemmGrads {
    /// Of the left matrix.
    pub a: Tensor,
    /// Of the right matrix.
    pub b: Tensor,
    /// Of what is added, when there is something.
    pub c: Option<Tensor>,
}

impl Gemm {
    /// The definition, its products summed in `f64`. `c` broadcasts to `[m, n]`.
    ///
    /// Errors: `a` or `b` is no matrix, or shapes that don't fit each other.
    pub fn forward_plain(&self, a: &Tensor, b: &Tensor, c: Option<&Tensor>) -> Result<Tensor, Error> {
        let (a, b) = self.turned(a, b)?;
        self.combine(matmul_plain(&a, &b)?, c)
    }

    /// [`Gemm::forward_plain`], fast.
    pub fn forward(&self, a: &Tensor, b: &Tensor, c: Option<&Tensor>) -> Result<Tensor, Error> {
        let (a, b) = self.turned(a, b)?;
        self.combine(matmul(&a, &b)?, c)
    }

    /// The gradients of `sum(y * grad_output)`, `grad_output` `[m, n]`.
    ///
    /// Errors: those of the forward pass, and a `grad_output` of another shape than the result.
    pub fn backward(
        &self,
        a: &Tensor,
        b: &Tensor,
        c: Option<&Tensor>,
        grad_output: &Tensor,
    ) -> Result<GemmGrads, Error> {
        let (left, right) = self.turned(a, b)?;
        let (grad_a, grad_b) = matmul_backward(&left, &right, &(grad_output * self.alpha))?;
        if let Some(c) = c {
            check_shape("input", broadcast("input", c, grad_output.shape())?.shape(), grad_output.shape())?;
        }
        let turn = |x: Tensor, turned: bool| if turned { x.reversed_axes() } else { x };
        Ok(GemmGrads {
            a: turn(grad_a, self.trans_a),
            b: turn(grad_b, self.trans_b),
            c: c.map(|c| sum_to(&(grad_output * self.beta), c.shape())),
        })
    }

    fn turned(&self, a: &Tensor, b: &Tensor) -> Result<(Tensor, Tensor), Error> {
        for (name, matrix) in [("a", a), ("b", b)] {
            if matrix.ndim() != 2 {
                return Err(Error::WrongRank {
                    name,
                    expected: "[rows, columns]",
                    got: matrix.shape().to_vec(),
                });
            }
        }
        let turn = |x: &Tensor, turned: bool| if turned { x.clone().reversed_axes() } else { x.clone() };
        Ok((turn(a, self.trans_a), turn(b, self.trans_b)))
    }

    fn combine(&self, product: Tensor, c: Option<&Tensor>) -> Result<Tensor, Error> {
        let scaled = product * self.alpha;
        match c {
            None => Ok(scaled),
            Some(c) => Ok(&scaled + &(broadcast("c", c, scaled.shape())? * self.beta)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;
    use ndarray::IxDyn;

    #[test]
    fn fast_agrees_with_plain_and_is_adjoint() {
        let mut random = Random::new(4);
        let mut draw = |shape: &[usize]| Tensor::from_shape_fn(IxDyn(shape), |_| random.normal());
        let dot = |a: &Tensor, b: &Tensor| (a * b).iter().map(|&x| f64::from(x)).sum::<f64>();
        for (trans_a, trans_b, c) in [
            (false, false, vec![3, 4]),
            (true, false, vec![4]),
            (false, true, vec![3, 1]),
            (true, true, vec![]),
        ] {
            let gemm = Gemm { alpha: 0.7, beta: -1.5, trans_a, trans_b };
            let a = draw(if trans_a { &[5, 3] } else { &[3, 5] });
            let b = draw(if trans_b { &[4, 5] } else { &[5, 4] });
            let (c, grad) = (draw(&c), draw(&[3, 4]));
            let y = gemm.forward(&a, &b, Some(&c)).unwrap();
            let plain = gemm.forward_plain(&a, &b, Some(&c)).unwrap();
            assert!(y.iter().zip(&plain).all(|(y, plain)| (y - plain).abs() < 1e-5));
            let grads = gemm.backward(&a, &b, Some(&c), &grad).unwrap();
            let product = dot(&gemm.forward(&a, &b, None).unwrap(), &grad);
            assert!((product - dot(&a, &grads.a)).abs() < 1e-4 && (product - dot(&b, &grads.b)).abs() < 1e-4);
            assert!((dot(&y, &grad) - product - dot(&c, &grads.c.unwrap())).abs() < 1e-4);
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let zeros = |shape: &[usize]| Tensor::zeros(IxDyn(shape));
        let gemm = Gemm::default();
        assert!(gemm.forward(&zeros(&[2]), &zeros(&[2, 2]), None).is_err());
        assert!(gemm.forward(&zeros(&[2, 3]), &zeros(&[2, 3]), None).is_err());
        assert!(gemm.forward(&zeros(&[2, 3]), &zeros(&[3, 4]), Some(&zeros(&[3]))).is_err());
        let c = zeros(&[3]);
        assert!(gemm.backward(&zeros(&[2, 3]), &zeros(&[3, 4]), Some(&c), &zeros(&[2, 4])).is_err());
    }
}
