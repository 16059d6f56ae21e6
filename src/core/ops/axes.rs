//! Axes counted from either end, and shapes that stretch to fit each other.

use ndarray::IxDyn;

use crate::core::tensor::{Error, Tensor, checked_elements};

/// The axis that `dim` names, counted from the end when it is negative. A single number counts as one axis, as in
/// PyTorch.
pub(crate) fn resolve(name: &'static str, dim: isize, rank: usize) -> Result<usize, Error> {
    let size = rank.max(1);
    let axis = if dim < 0 { dim.checked_add_unsigned(size) } else { Some(dim) };
    match axis.map(usize::try_from) {
        Some(Ok(axis)) if axis < size => Ok(axis),
        _ => Err(Error::IndexOutOfRange { name, index: dim as i64, size }),
    }
}

/// A shape cut at an axis: numbers before it, along it, after it. The number `(o, k, i)` stands at
/// `(o * size + k) * inner + i`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    pub outer: usize,
    pub size: usize,
    pub inner: usize,
}

impl Split {
    pub fn at(shape: &[usize], axis: usize) -> Self {
        Split {
            outer: shape.iter().take(axis).product(),
            size: shape.get(axis).copied().unwrap_or(1),
            inner: shape.iter().skip(axis + 1).product(),
        }
    }

    /// Where the lines along the axis begin.
    pub fn starts(self) -> impl Iterator<Item = usize> {
        (0..self.outer).flat_map(move |o| (0..self.inner).map(move |i| o * self.size * self.inner + i))
    }

    /// Where the numbers of the line stand that begins at `start`.
    pub fn line(self, start: usize) -> impl Iterator<Item = usize> + Clone {
        (0..self.size).map(move |k| start + k * self.inner)
    }
}

/// Refuses a shape that is not the expected one.
pub(crate) fn check_shape(name: &'static str, got: &[usize], expected: &[usize]) -> Result<(), Error> {
    if got == expected {
        return Ok(());
    }
    Err(Error::ShapeMismatch { name, expected: expected.to_vec(), got: got.to_vec() })
}

/// Refuses a list of numbers, one for each channel or the like, that is too short or too long.
pub(crate) fn check_length(name: &'static str, list: Option<&[f32]>, expected: usize) -> Result<(), Error> {
    list.map_or(Ok(()), |list| check_shape(name, &[list.len()], &[expected]))
}

/// A tensor of these numbers in row-major order.
pub(crate) fn tensor(shape: &[usize], data: Vec<f32>) -> Result<Tensor, Error> {
    let got = vec![data.len()];
    let mismatch = |_| Error::ShapeMismatch { name: "data", expected: shape.to_vec(), got };
    Tensor::from_shape_vec(IxDyn(shape), data).map_err(mismatch)
}

/// The numbers of a tensor in row-major order.
pub(crate) fn numbers(x: &Tensor) -> Vec<f32> {
    x.as_slice().map_or_else(|| x.iter().copied().collect(), <[f32]>::to_vec)
}

/// The shape to which both broadcast: axes are compared from the last one on, and an axis of one number stretches.
pub(crate) fn broadcast_shape(name: &'static str, a: &[usize], b: &[usize]) -> Result<Vec<usize>, Error> {
    let rank = a.len().max(b.len());
    let size =
        |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |at| shape[at]);
    let mut shape = Vec::with_capacity(rank);
    for axis in 0..rank {
        shape.push(match (size(a, axis), size(b, axis)) {
            (1, size) | (size, 1) => size,
            (size, other) if size == other => size,
            _ => return Err(Error::ShapeMismatch { name, expected: a.to_vec(), got: b.to_vec() }),
        });
    }
    checked_elements(&shape)?;
    Ok(shape)
}

/// `x`, stretched to `shape`.
pub(crate) fn broadcast(name: &'static str, x: &Tensor, shape: &[usize]) -> Result<Tensor, Error> {
    let mismatch = || Error::ShapeMismatch { name, expected: shape.to_vec(), got: x.shape().to_vec() };
    checked_elements(shape)?;
    Ok(x.broadcast(IxDyn(shape)).ok_or_else(mismatch)?.to_owned())
}

/// The gradient of [`broadcast`]: each number of the small shape gets the sum of the gradients of its copies.
/// `shape` must have passed [`broadcast`].
pub(crate) fn sum_to(grad: &Tensor, shape: &[usize]) -> Tensor {
    let mut sums = ndarray::ArrayD::<f64>::zeros(IxDyn(shape));
    let skipped = grad.ndim().saturating_sub(shape.len());
    for (index, grad) in grad.indexed_iter() {
        let at: Vec<usize> = shape
            .iter()
            .enumerate()
            .map(|(axis, &size)| if size == 1 { 0 } else { index[axis + skipped] })
            .collect();
        if let Some(sum) = sums.get_mut(IxDyn(&at)) {
            *sum += f64::from(*grad);
        }
    }
    sums.mapv(|sum| sum as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_count_from_both_ends() {
        assert_eq!((resolve("dim", 0, 3), resolve("dim", -1, 3)), (Ok(0), Ok(2)));
        assert_eq!((resolve("dim", -1, 0), resolve("dim", 0, 0)), (Ok(0), Ok(0)));
        for dim in [3, -4, isize::MAX, isize::MIN] {
            let refused = Err(Error::IndexOutOfRange { name: "dim", index: dim as i64, size: 3 });
            assert_eq!(resolve("dim", dim, 3), refused);
        }
    }

    #[test]
    fn shapes_stretch_as_in_numpy() {
        for (a, b, both) in [
            (vec![3, 1], vec![4], vec![3, 4]),
            (vec![], vec![2, 3], vec![2, 3]),
            (vec![1, 5], vec![2, 1, 1], vec![2, 1, 5]),
            (vec![0, 1], vec![1], vec![0, 1]),
        ] {
            assert_eq!(broadcast_shape("b", &a, &b), Ok(both));
        }
        assert!(broadcast_shape("b", &[2, 3], &[2]).is_err());
        assert!(broadcast_shape("b", &[1 << 40, 1], &[1 << 40]).is_err());
    }

    #[test]
    fn gradients_of_copies_are_added() {
        let grad = Tensor::from_shape_fn(IxDyn(&[2, 3]), |at| (at[0] * 3 + at[1]) as f32);
        assert_eq!(sum_to(&grad, &[3]).into_raw_vec_and_offset().0, [3.0, 5.0, 7.0]);
        assert_eq!(sum_to(&grad, &[2, 1]).into_raw_vec_and_offset().0, [3.0, 12.0]);
        assert_eq!(sum_to(&grad, &[]).into_raw_vec_and_offset().0, [15.0]);
    }
}
