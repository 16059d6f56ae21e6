//! Products of matrices and of batches of them (`torch.matmul`, `numpy.matmul`, ONNX's `MatMul`).

use crate::core::ops::axes::{broadcast_shape, check_shape, tensor};
use crate::core::ops::gemm::{Matrix, gemm, gemm_plain};
use crate::core::tensor::{Error, Tensor, checked_elements};

/// How a product of two tensors splits into products of matrices.
struct Plan {
    m: usize,
    n: usize,
    k: usize,
    /// The axes before the matrices: those of the result, of `a` and of `b`.
    batches: [Vec<usize>; 3],
    /// The shape of the result.
    shape: Vec<usize>,
}

impl Plan {
    fn of(a: &[usize], b: &[usize]) -> Result<Plan, Error> {
        for (name, shape) in [("input", a), ("other", b)] {
            if shape.is_empty() {
                return Err(Error::WrongRank { name, expected: "[…, rows, columns]", got: vec![] });
            }
        }
        // a vector is one row on the left and one column on the right; that axis is left out of the result
        let (left, right) = if a.len() == 1 { (vec![1, a[0]], b) } else { (a.to_vec(), b) };
        let right = if right.len() == 1 { vec![right[0], 1] } else { right.to_vec() };
        let ((a_batch, a_matrix), (b_batch, b_matrix)) =
            (left.split_at(left.len() - 2), right.split_at(right.len() - 2));
        let (m, k, n) = (a_matrix[0], a_matrix[1], b_matrix[1]);
        if b_matrix[0] != k {
            return Err(Error::ShapeMismatch {
                name: "other",
                expected: [b_batch, &[k, n]].concat(),
                got: b.to_vec(),
            });
        }
        let batch = broadcast_shape("other", a_batch, b_batch)?;
        let mut shape = batch.clone();
        shape.extend((a.len() > 1).then_some(m));
        shape.extend((b.len() > 1).then_some(n));
        checked_elements(&shape)?;
        let batches = [batch, a_batch.to_vec(), b_batch.to_vec()];
        Ok(Plan { m, n, k, batches, shape })
    }

    /// For each matrix of the result, which ones of `a` and `b` make it.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let [batch, a, b] = &self.batches;
        (0..batch.iter().product()).map(|at| (part(at, batch, a), part(at, batch, b)))
    }
}

/// The position in a small shape that broadcasts to position `at` of a large one.
fn part(at: usize, large: &[usize], small: &[usize]) -> usize {
    let (mut rest, mut position, mut stride) = (at, 0, 1);
    for (axis, &size) in large.iter().enumerate().rev() {
        let index = rest % size;
        rest /= size;
        if let Some(own) = (axis + small.len()).checked_sub(large.len()) {
            position += if small[own] == 1 { 0 } else { index * stride };
            stride *= small[own];
        }
    }
    position
}

/// `c += a b`, with sizes `(m, n, k)` and the distance of the rows of `c`.
type Product = fn((usize, usize, usize), Matrix<'_>, Matrix<'_>, &mut [f32], usize);

fn by(product: Product, a: &Tensor, b: &Tensor) -> Result<Tensor, Error> {
    let plan = Plan::of(a.shape(), b.shape())?;
    let (m, n, k) = (plan.m, plan.n, plan.k);
    let (a, b) = (a.as_standard_layout(), b.as_standard_layout());
    let (a, b) = (a.as_slice().unwrap_or_default(), b.as_slice().unwrap_or_default());
    let mut c = vec![0.0; plan.shape.iter().product()];
    if k > 0 && m * n > 0 {
        for (c, (at_a, at_b)) in c.chunks_exact_mut(m * n).zip(plan.pairs()) {
            let (a, b) = (&a[at_a * m * k..][..m * k], &b[at_b * k * n..][..k * n]);
            product((m, n, k), Matrix::rows(a, k), Matrix::rows(b, n), c, n);
        }
    }
    tensor(&plan.shape, c)
}

/// The definition, summed in `f64`: `c[…, i, j] = sum over l of a[…, i, l] b[…, l, j]`.
///
/// `a` is `[…, m, k]` and `b` `[…, k, n]`; the axes before broadcast. A vector is a row on the left, a column on the
/// right, and its axis is missing in the result.
///
/// Errors: a tensor without axes, or shapes that don't fit each other.
pub fn matmul_plain(a: &Tensor, b: &Tensor) -> Result<Tensor, Error> {
    by(gemm_plain, a, b)
}

/// [`matmul_plain`], fast.
///
/// ```
/// use receptive::core::ops::matmul;
/// let a = ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0]]).into_dyn();
/// let b = ndarray::arr1(&[1.0, -1.0]).into_dyn();
/// assert_eq!(matmul(&a, &b)?, ndarray::arr1(&[-1.0, -1.0]).into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
pub fn matmul(a: &Tensor, b: &Tensor) -> Result<Tensor, Error> {
    by(gemm, a, b)
}

/// The gradients of `sum(c * grad_output)` with respect to `a` and `b`: `grad_output bᵀ` and `aᵀ grad_output`, summed
/// over the axes that were broadcast.
///
/// Errors: those of [`matmul`], and a `grad_output` of another shape than the product.
pub fn matmul_backward(a: &Tensor, b: &Tensor, grad_output: &Tensor) -> Result<(Tensor, Tensor), Error> {
    let plan = Plan::of(a.shape(), b.shape())?;
    let (m, n, k) = (plan.m, plan.n, plan.k);
    check_shape("grad_output", grad_output.shape(), &plan.shape)?;
    let (a_all, b_all, grad) =
        (a.as_standard_layout(), b.as_standard_layout(), grad_output.as_standard_layout());
    let (a_all, b_all) = (a_all.as_slice().unwrap_or_default(), b_all.as_slice().unwrap_or_default());
    let (mut grad_a, mut grad_b) = (vec![0.0; a_all.len()], vec![0.0; b_all.len()]);
    if m * n * k > 0 {
        let grad = grad.as_slice().unwrap_or_default().chunks_exact(m * n);
        for (grad, (at_a, at_b)) in grad.zip(plan.pairs()) {
            let (from_a, from_b) = (at_a * m * k, at_b * k * n);
            let (a, b) =
                (Matrix::rows(&a_all[from_a..][..m * k], k), Matrix::rows(&b_all[from_b..][..k * n], n));
            let grad = Matrix::rows(grad, n);
            gemm((m, k, n), grad, b.t(), &mut grad_a[from_a..][..m * k], k);
            gemm((k, n, m), a.t(), grad, &mut grad_b[from_b..][..k * n], n);
        }
    }
    Ok((tensor(a.shape(), grad_a)?, tensor(b.shape(), grad_b)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;
    use ndarray::IxDyn;

    const SHAPES: [(&[usize], &[usize], &[usize]); 11] = [
        (&[3, 4], &[4, 2], &[3, 2]),
        (&[4], &[4], &[]),
        (&[4], &[4, 2], &[2]),
        (&[3, 4], &[4], &[3]),
        (&[4], &[2, 5, 4, 3], &[2, 5, 3]),
        (&[2, 5, 3, 4], &[4], &[2, 5, 3]),
        (&[3, 1, 3, 4], &[1, 2, 4, 2], &[3, 2, 3, 2]),
        (&[2, 3, 4], &[4, 2], &[2, 3, 2]),
        (&[6, 5], &[3, 1, 5, 2], &[3, 1, 6, 2]),
        (&[2, 0], &[0, 3], &[2, 3]),
        (&[0, 2, 3], &[1, 3, 2], &[0, 2, 2]),
    ];

    #[test]
    fn fast_agrees_with_plain_and_is_adjoint() {
        let mut random = Random::new(1);
        let mut draw = |shape: &[usize]| Tensor::from_shape_fn(IxDyn(shape), |_| random.normal());
        for (a, b, shape) in SHAPES {
            let (a, b, grad) = (draw(a), draw(b), draw(shape));
            let c = matmul(&a, &b).unwrap();
            assert_eq!(c.shape(), shape);
            assert!(c.iter().zip(&matmul_plain(&a, &b).unwrap()).all(|(c, d)| (c - d).abs() < 1e-5));
            let (grad_a, grad_b) = matmul_backward(&a, &b, &grad).unwrap();
            let dot = |a: &Tensor, b: &Tensor| -> f64 {
                a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
            };
            let value = dot(&c, &grad);
            assert!((value - dot(&a, &grad_a)).abs() < 1e-4 && (value - dot(&b, &grad_b)).abs() < 1e-4);
        }
    }

    #[test]
    fn the_batch_is_the_one_of_each_matrix() {
        let a = Tensor::from_shape_fn(IxDyn(&[2, 1, 1, 1]), |at| at[0] as f32 + 1.0);
        let b = Tensor::from_shape_fn(IxDyn(&[3, 1, 1]), |at| 10.0 * (at[0] as f32 + 1.0));
        let c = matmul(&a, &b).unwrap();
        assert_eq!(c.shape(), [2, 3, 1, 1]);
        assert_eq!(c.into_raw_vec_and_offset().0, [10.0, 20.0, 30.0, 20.0, 40.0, 60.0]);
        let a = Tensor::from_shape_fn(IxDyn(&[2, 3, 1, 1]), |at| (3 * at[0] + at[1]) as f32);
        let c = matmul(&a, &b).unwrap();
        assert_eq!(c.into_raw_vec_and_offset().0, [0.0, 20.0, 60.0, 30.0, 80.0, 150.0]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let zeros = |shape: &[usize]| Tensor::zeros(IxDyn(shape));
        for (a, b) in [(&[][..], &[2][..]), (&[2], &[]), (&[2, 3], &[2, 3]), (&[2, 1, 1], &[3, 1, 1])] {
            assert!(matmul(&zeros(a), &zeros(b)).is_err());
        }
        let (tall, wide) = (zeros(&[1 << 20, 0]), zeros(&[0, 1 << 20]));
        assert!(matches!(matmul(&tall, &wide), Err(Error::TooLarge { .. })));
        assert!(matmul_backward(&zeros(&[2, 3]), &zeros(&[3, 2]), &zeros(&[2, 3])).is_err());
    }
}
