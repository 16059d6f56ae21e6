//! An interpolation on a part of a map: what each row and each column of the output is made of.

use ndarray::Array3;

use crate::core::nets::cells::Cells;
use crate::core::ops::{Interpolate, ResizeTo};
use crate::core::tensor::{Error, Images, checked_elements};

/// For each output along an axis the cells it is made of, with their weights.
pub(super) type Taps = Vec<Vec<(usize, f32)>>;

/// The taps of rows and columns of an interpolation over a map of `input` cells: what it makes of maps that hold a
/// single 1. Interpolation is linear and treats the axes one after the other, so this says all.
pub(super) fn taps(interpolate: &Interpolate, input: (usize, usize)) -> Result<(Taps, Taps), Error> {
    interpolate.output_size(&[input.0, input.1])?;
    let along = |axis: usize, size: usize| -> Result<Taps, Error> {
        let target = match &interpolate.target {
            ResizeTo::Size(sizes) => ResizeTo::Size(sizes.get(axis).copied().into_iter().collect()),
            ResizeTo::Factor(factors) => ResizeTo::Factor(factors.get(axis).copied().into_iter().collect()),
        };
        checked_elements(&[1, size, size])?;
        let ones = Array3::from_shape_fn((1, size, size), |(_, c, i)| if c == i { 1.0 } else { 0.0 });
        let made = Interpolate { mode: interpolate.mode, target }.forward(&*ones)?; // [1, size, output]
        let of = |o: usize| (0..size).map(|i| (i, made[[0, i, o]])).filter(|tap| tap.1 != 0.0).collect();
        Ok((0..made.dim().2).map(of).collect())
    };
    Ok((along(0, input.0)?, along(1, input.1)?))
}

/// The cells that the outputs of a box are made of.
pub(super) fn read(taps: &(Taps, Taps), output: &Cells) -> Option<Cells> {
    let along = |taps: &Taps, outputs: &std::ops::Range<usize>| {
        let cells = taps.get(outputs.clone())?.iter().flatten().map(|tap| tap.0);
        Some(cells.clone().min()?..cells.max()? + 1)
    };
    Some(Cells { rows: along(&taps.0, &output.rows)?, columns: along(&taps.1, &output.columns)? })
}

/// Visits every product of the interpolation: `(output cell, input cell, weight)`, cells counted from the first one of
/// their boxes.
fn each(
    taps: &(Taps, Taps),
    (input, output): (&Cells, &Cells),
    mut visit: impl FnMut((usize, usize), (usize, usize), f32),
) {
    for (i, rows) in taps.0[output.rows.clone()].iter().enumerate() {
        for (j, columns) in taps.1[output.columns.clone()].iter().enumerate() {
            for &(row, by_row) in rows {
                for &(column, by_column) in columns {
                    let at = (row - input.rows.start, column - input.columns.start);
                    visit((i, j), at, by_row * by_column);
                }
            }
        }
    }
}

/// The interpolation of a box.
pub(super) fn forward(taps: &(Taps, Taps), x: &Images, boxes: (&Cells, &Cells)) -> Images {
    let (n, c, ..) = x.dim();
    let (height, width) = boxes.1.size();
    let mut y = Images::zeros((n, c, height, width));
    for (mut y, x) in y.outer_iter_mut().zip(x.outer_iter()) {
        for (mut y, x) in y.outer_iter_mut().zip(x.outer_iter()) {
            each(taps, boxes, |to, from, weight| y[to] += weight * x[from]);
        }
    }
    y
}

/// Its gradient.
pub(super) fn backward(taps: &(Taps, Taps), grad: &Images, boxes: (&Cells, &Cells)) -> Images {
    let (n, c, ..) = grad.dim();
    let (height, width) = boxes.0.size();
    let mut all = Images::zeros((n, c, height, width));
    for (mut all, grad) in all.outer_iter_mut().zip(grad.outer_iter()) {
        for (mut all, grad) in all.outer_iter_mut().zip(grad.outer_iter()) {
            each(taps, boxes, |to, from, weight| all[from] += weight * grad[to]);
        }
    }
    all
}
