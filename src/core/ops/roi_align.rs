//! Region-of-interest alignment: boxes of any size cut out of a feature map and pooled to one size
//! (`torchvision.ops.roi_align`, ONNX `RoiAlign`; He et al., "Mask R-CNN", 2017).

use crate::core::ops::pad::check_not_zero;
use crate::core::ops::pool_select::check_same;
use crate::core::tensor::{Axis, Error, Images, Map, checked_elements};

/// How the samples of a bin become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RoiMode {
    /// Their mean.
    #[default]
    Average,
    /// The largest of them.
    Max,
    /// The largest product of a cell and its weight, over all samples, before they are added up. This is what ONNX
    /// defines as `max` and its references compute.
    MaxOfProducts,
}

/// The arguments of a region-of-interest alignment. All pairs are `(height, width)`.
///
/// Each box is cut into `output_size` bins of equal size. In each bin samples stand in a regular grid, each one
/// interpolated linearly between the four cells around it. Samples more than a cell outside of the map count as zeros.
///
/// ```
/// use receptive::core::ops::RoiAlign;
/// let x = ndarray::array![[[[0.0, 1.0, 2.0], [10.0, 11.0, 12.0], [20.0, 21.0, 22.0]]]];
/// let align = RoiAlign { output_size: (1, 1), ..RoiAlign::default() };
/// // the box from corner to corner of the middle cell
/// let y = align.forward(&x, &ndarray::array![[1.0, 1.0, 2.0, 2.0]], &[0])?;
/// assert_eq!(y, ndarray::array![[[[11.0]]]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoiAlign {
    /// Bins of each box.
    pub output_size: (usize, usize),
    /// Cells of the map in one unit of the boxes' coordinates.
    pub spatial_scale: f64,
    /// Samples along each axis of a bin; 0 for as many as the bin has cells, rounded up.
    pub sampling_ratio: usize,
    /// Whether the number of a cell stands at its centre, half a cell from its corner: ONNX's `half_pixel`. Otherwise
    /// it stands at the corner, and boxes are at least one cell in size: `output_half_pixel`, torchvision's default.
    pub aligned: bool,
    /// How the samples of a bin become one number.
    pub mode: RoiMode,
}

impl Default for RoiAlign {
    /// One bin, one unit a cell, as many samples as cells, aligned, averaged.
    fn default() -> Self {
        RoiAlign {
            output_size: (1, 1),
            spatial_scale: 1.0,
            sampling_ratio: 0,
            aligned: true,
            mode: RoiMode::Average,
        }
    }
}

/// A sample of a map: up to four cells of a plane with their weights.
type Sample = [(usize, f64); 4];

impl RoiAlign {
    /// The pooled boxes of `x` `[n, c, h, w]`: `[k, c, output_size.0, output_size.1]`. `rois` is `[k, 4]`, a row the
    /// corners `x1, y1, x2, y2` of a box; `images` says for each of which image it is.
    ///
    /// Errors: an empty map, shapes that don't fit, [`Error::IndexOutOfRange`] for an image that is not there,
    /// [`Error::TooLarge`] when the boxes need too many samples.
    pub fn forward(&self, x: &Images, rois: &Map, images: &[i64]) -> Result<Images, Error> {
        let shape = self.check(x, rois, images)?;
        let mut y = Images::zeros(shape);
        for ((roi, &image), mut y) in rois.outer_iter().zip(images).zip(y.outer_iter_mut()) {
            let map = x.index_axis(ndarray::Axis(0), image as usize);
            let corners = std::array::from_fn(|corner| f64::from(roi[corner]));
            self.for_each_bin(corners, (map.dim().1, map.dim().2), |(i, j), samples| {
                for (mut y, plane) in y.outer_iter_mut().zip(map.outer_iter()) {
                    let width = plane.dim().1;
                    let read = |&(cell, weight): &(usize, f64)| {
                        weight * f64::from(plane[[cell / width, cell % width]])
                    };
                    y[[i, j]] = self.pool(samples, read) as f32;
                }
            })?;
        }
        Ok(y)
    }

    /// The gradient of `sum(y * grad_output)` with respect to `x`; the boxes are taken as given. A maximum sends its
    /// gradient to the sample, or the product, that was the first largest.
    ///
    /// Errors: as [`RoiAlign::forward`], and a `grad_output` of another shape than the output.
    pub fn backward(
        &self,
        x: &Images,
        rois: &Map,
        images: &[i64],
        grad_output: &Images,
    ) -> Result<Images, Error> {
        let (k, c, height, width) = self.check(x, rois, images)?;
        check_same("grad_output", &[k, c, height, width], grad_output.shape())?;
        let mut grad = Images::zeros(x.dim());
        for ((roi, &image), dy) in rois.outer_iter().zip(images).zip(grad_output.outer_iter()) {
            let map = x.index_axis(ndarray::Axis(0), image as usize);
            let mut grad = grad.index_axis_mut(ndarray::Axis(0), image as usize);
            let corners = std::array::from_fn(|corner| f64::from(roi[corner]));
            self.for_each_bin(corners, (map.dim().1, map.dim().2), |(i, j), samples| {
                for ((mut grad, dy), plane) in
                    grad.outer_iter_mut().zip(dy.outer_iter()).zip(map.outer_iter())
                {
                    let width = plane.dim().1;
                    let dy = f64::from(dy[[i, j]]);
                    let read = |&(cell, weight): &(usize, f64)| {
                        weight * f64::from(plane[[cell / width, cell % width]])
                    };
                    let mut add = |&(cell, weight): &(usize, f64), dy: f64| {
                        grad[[cell / width, cell % width]] += (weight * dy) as f32;
                    };
                    match self.mode {
                        RoiMode::Average => {
                            let share = dy / samples.len().max(1) as f64;
                            samples.iter().flatten().for_each(|tap| add(tap, share));
                        }
                        RoiMode::Max => {
                            if let Some(sample) =
                                largest(samples.iter(), |sample| sample.iter().map(read).sum())
                            {
                                sample.iter().for_each(|tap| add(tap, dy));
                            }
                        }
                        RoiMode::MaxOfProducts => {
                            if let Some(tap) = largest(samples.iter().flatten(), read) {
                                add(tap, dy);
                            }
                        }
                    }
                }
            })?;
        }
        Ok(grad)
    }

    /// One number of the samples of a bin, 0 when there are none.
    fn pool(&self, samples: &[Sample], read: impl Fn(&(usize, f64)) -> f64) -> f64 {
        let value = |sample: &Sample| sample.iter().map(&read).sum::<f64>();
        match self.mode {
            RoiMode::Average => samples.iter().map(value).sum::<f64>() / samples.len().max(1) as f64,
            RoiMode::Max => largest(samples.iter(), |sample| value(sample)).map_or(0.0, value),
            RoiMode::MaxOfProducts => largest(samples.iter().flatten(), &read).map_or(0.0, read),
        }
    }

    /// The shape of the output.
    fn check(&self, x: &Images, rois: &Map, images: &[i64]) -> Result<(usize, usize, usize, usize), Error> {
        let (n, c, height, width) = x.dim();
        check_not_zero("output_size", self.output_size)?;
        for (axis, size) in [(Axis::Height, height), (Axis::Width, width)] {
            if size == 0 {
                return Err(Error::EmptyInput { axis });
            }
        }
        check_same("rois", &[images.len(), 4], rois.shape())?;
        for &index in images {
            if usize::try_from(index).ok().is_none_or(|index| index >= n) {
                return Err(Error::IndexOutOfRange { name: "batch_indices", index, size: n });
            }
        }
        checked_elements(&[images.len(), c, self.output_size.0, self.output_size.1])?;
        Ok((images.len(), c, self.output_size.0, self.output_size.1))
    }

    /// Calls `visit` with each bin of a box and its samples of a map of size `size`.
    fn for_each_bin(
        &self,
        corners: [f64; 4],
        size: (usize, usize),
        mut visit: impl FnMut((usize, usize), &[Sample]),
    ) -> Result<(), Error> {
        let offset = if self.aligned { 0.5 } else { 0.0 };
        let [left, top, right, bottom] = corners.map(|corner| corner * self.spatial_scale - offset);
        let least = if self.aligned { f64::NEG_INFINITY } else { 1.0 };
        let bin = (
            (bottom - top).max(least) / self.output_size.0 as f64,
            (right - left).max(least) / self.output_size.1 as f64,
        );
        let count = |bin: f64| match self.sampling_ratio {
            0 => bin.ceil().max(0.0) as usize,
            count => count,
        };
        let grid = (count(bin.0), count(bin.1));
        checked_elements(&[grid.0, grid.1, self.output_size.0, self.output_size.1])?;
        let mut samples = Vec::with_capacity(grid.0.saturating_mul(grid.1));
        let at = |start: f64, bin: f64, index: usize, sample: usize, count: usize| {
            start + index as f64 * bin + (sample as f64 + 0.5) * bin / count as f64
        };
        for i in 0..self.output_size.0 {
            for j in 0..self.output_size.1 {
                samples.clear();
                for u in 0..grid.0 {
                    let row = at(top, bin.0, i, u, grid.0);
                    for v in 0..grid.1 {
                        samples.push(sample((row, at(left, bin.1, j, v, grid.1)), size));
                    }
                }
                visit((i, j), &samples);
            }
        }
        Ok(())
    }
}

/// The cells around a place in a map of size `size` and their weights, which are zeros outside of it.
fn sample(at: (f64, f64), size: (usize, usize)) -> Sample {
    let around = |at: f64, size: usize| {
        if !(-1.0..=size as f64).contains(&at) {
            return None;
        }
        let at = at.clamp(0.0, (size - 1) as f64);
        let low = at as usize;
        Some([(low, 1.0 - (at - low as f64)), ((low + 1).min(size - 1), at - low as f64)])
    };
    let (Some(rows), Some(columns)) = (around(at.0, size.0), around(at.1, size.1)) else {
        return [(0, 0.0); 4];
    };
    std::array::from_fn(|tap| {
        let ((row, by_row), (column, by_column)) = (rows[tap / 2], columns[tap % 2]);
        (row * size.1 + column, by_row * by_column)
    })
}

/// The first item with the largest value.
fn largest<'a, T>(items: impl Iterator<Item = &'a T>, value: impl Fn(&T) -> f64) -> Option<&'a T> {
    let mut best = None;
    for item in items {
        let value = value(item);
        if best.is_none_or(|(largest, _)| value > largest) {
            best = Some((value, item));
        }
    }
    best.map(|(_, item)| item)
}
