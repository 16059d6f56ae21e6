//! The grid of places that an affine map gives, for [`GridSample`](crate::core::ops::GridSample)
//! (`torch.nn.functional.affine_grid`).

use ndarray::{Array3, IxDyn};

use crate::core::ops::pool_select::check_same;
use crate::core::tensor::{Error, Tensor, checked_elements};

/// For each output of size `space` (`[h, w]` or `[d, h, w]`) the place `theta · (x, y, …, 1)`, where the output's own
/// coordinates go from -1 to 1: `[n, …, D]`. `theta` is `[n, D, D + 1]`. With `align_corners` -1 and 1 are the centres
/// of the outer cells, otherwise their outer edges. A single cell lies at 0.
///
/// Errors: [`Error::ShapeMismatch`] when `theta` does not fit the axes of `space`, [`Error::TooLarge`].
///
/// ```
/// use receptive::core::ops::affine_grid;
/// // turned by a quarter
/// let theta = ndarray::array![[[0.0, -1.0, 0.0], [1.0, 0.0, 0.0]]];
/// let grid = affine_grid(&theta, &[1, 2], true)?;
/// assert_eq!(grid, ndarray::array![[[[0.0, -1.0], [0.0, 1.0]]]].into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
pub fn affine_grid(theta: &Array3<f32>, space: &[usize], align_corners: bool) -> Result<Tensor, Error> {
    let shape = grid_shape(theta, space)?;
    let axes = space.len();
    let mut grid = Tensor::zeros(IxDyn(&shape));
    let mut place = vec![1.0; axes + 1];
    for (index, grid) in grid.indexed_iter_mut() {
        coordinates(&mut place, |axis| index[axis + 1], space, align_corners);
        let row = theta.slice(ndarray::s![index[0], index[axes + 1], ..]);
        *grid = row.iter().zip(&place).map(|(&theta, place)| f64::from(theta) * place).sum::<f64>() as f32;
    }
    Ok(grid)
}

/// The gradient of `sum(grid * grad_grid)` with respect to `theta`, `[n, D, D + 1]`.
///
/// Errors: [`Error::WrongRank`] unless `grad_grid` is `[n, …, D]`.
pub fn affine_grid_backward(grad_grid: &Tensor, align_corners: bool) -> Result<Array3<f32>, Error> {
    let shape = grad_grid.shape();
    let axes = shape.len().saturating_sub(2);
    if axes == 0 || shape.last() != Some(&axes) {
        return Err(Error::WrongRank { name: "grad_grid", expected: "[n, …, D]", got: shape.to_vec() });
    }
    let space = &shape[1..=axes];
    checked_elements(&[shape[0], axes, axes + 1])?;
    let mut grad = Array3::<f64>::zeros((shape[0], axes, axes + 1));
    let mut place = vec![1.0; axes + 1];
    for (index, &dy) in grad_grid.indexed_iter() {
        coordinates(&mut place, |axis| index[axis + 1], space, align_corners);
        let mut row = grad.slice_mut(ndarray::s![index[0], index[axes + 1], ..]);
        row.iter_mut().zip(&place).for_each(|(grad, place)| *grad += f64::from(dy) * place);
    }
    Ok(grad.mapv(|grad| grad as f32))
}

/// The output's own coordinates, the last axis first, and a 1 behind.
fn coordinates(place: &mut [f64], index: impl Fn(usize) -> usize, space: &[usize], align_corners: bool) {
    for (place, axis) in place.iter_mut().zip((0..space.len()).rev()) {
        let (i, size) = (index(axis) as f64, space[axis] as f64);
        *place = match align_corners {
            _ if size <= 1.0 => 0.0,
            true => 2.0 * i / (size - 1.0) - 1.0,
            false => (2.0 * i + 1.0) / size - 1.0,
        };
    }
}

fn grid_shape(theta: &Array3<f32>, space: &[usize]) -> Result<Vec<usize>, Error> {
    let (n, axes) = (theta.dim().0, space.len());
    check_same("theta", &[n, axes, axes + 1], theta.shape())?;
    let shape = [&[n], space, &[axes]].concat();
    checked_elements(&shape)?;
    Ok(shape)
}
