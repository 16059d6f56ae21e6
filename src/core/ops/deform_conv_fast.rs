//! The fast path and the gradients of the deformable convolution: what the taps see is written into columns, and the
//! rest is a product of matrices. Every place is looked up once for all channels that share its offset.

use std::ops::Range;

use crate::core::ops::conv_nd::{check_grad_output, grad_bias};
use crate::core::ops::conv_nd_fast::images;
use crate::core::ops::deform_conv::{DeformConv2d, DeformConv2dGrads, Sample, Shape};
use crate::core::ops::gemm::{Matrix, gemm};
use crate::core::ops::windows::numbers;
use crate::core::tensor::{Error, Images, checked_elements};

/// Numbers of the columns that are held at once.
const COLUMNS: usize = 1 << 18;

/// One image with its offsets and masks, as numbers in row-major order.
struct Image<'a> {
    conv: &'a DeformConv2d,
    shape: &'a Shape,
    /// `[c_in, h, w]`
    x: &'a [f32],
    /// `[offset_groups, taps, 2, windows]`
    offset: &'a [f32],
    /// `[offset_groups, taps, windows]`
    mask: Option<&'a [f32]>,
}

impl Shape {
    fn taps(&self) -> usize {
        self.kernel_size.0 * self.kernel_size.1
    }

    fn windows(&self) -> usize {
        self.output.0 * self.output.1
    }

    fn cells(&self) -> usize {
        self.input.0 * self.input.1
    }

    /// The stretches of windows that are handled at once: their columns `[c_in, taps, windows]` stay small.
    fn stretches(&self) -> Result<impl Iterator<Item = Range<usize>> + use<>, Error> {
        let column = checked_elements(&[self.c_in, self.kernel_size.0, self.kernel_size.1])?;
        let (windows, size) = (self.windows(), (COLUMNS / column.max(1)).max(1));
        Ok((0..windows).step_by(size).map(move |begin| begin..(begin + size).min(windows)))
    }
}

/// What a stretch of windows sees through one tap: where it looks, and its mask.
type Samples = Vec<(Sample, f32)>;

impl Image<'_> {
    /// The samples of a stretch of windows for `k`, a group of offsets and a tap counted together.
    fn samples(&self, k: usize, stretch: Range<usize>) -> Samples {
        let (windows, tap) = (self.shape.windows(), k % self.shape.taps());
        let (kernel_width, width) = (self.shape.kernel_size.1, self.shape.output.1);
        let tap = (tap / kernel_width, tap % kernel_width);
        let offset = |axis: usize, window: usize| self.offset[(2 * k + axis) * windows + window];
        let sample = |window: usize| {
            let moved = (offset(0, window), offset(1, window));
            let place = self.conv.place((window / width, window % width), tap, moved);
            let mask = self.mask.map_or(1.0, |mask| mask[k * windows + window]);
            (Sample::at(place, self.shape.input), mask)
        };
        stretch.map(sample).collect()
    }

    /// The planes of the channels that share the offsets of `k`, and their rows of columns `len` windows long.
    fn channels(&self, k: usize, len: usize) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + use<> {
        let (taps, cells, sharing) = (self.shape.taps(), self.shape.cells(), self.shape.sharing);
        let (group, tap) = (k / taps, k % taps);
        (group * sharing..(group + 1) * sharing).map(move |c| {
            let column = (c * taps + tap) * len;
            (c * cells..(c + 1) * cells, column..column + len)
        })
    }

    /// What the taps see, times the mask: `[c_in, taps, windows of the stretch]`.
    fn columns(&self, stretch: Range<usize>) -> Vec<f32> {
        let mut columns = vec![0.0; self.shape.c_in * self.shape.taps() * stretch.len()];
        for k in 0..self.conv.offset_groups * self.shape.taps() {
            let samples = self.samples(k, stretch.clone());
            for (plane, row) in self.channels(k, stretch.len()) {
                let plane = &self.x[plane];
                for (column, (sample, mask)) in columns[row].iter_mut().zip(&samples) {
                    *column = sample.value(plane) as f32 * mask;
                }
            }
        }
        columns
    }

    /// Hands the gradient of the columns of a stretch on to input, offset and mask.
    fn backward(&self, stretch: Range<usize>, grad_columns: &[f32], grads: &mut ImageGrads<'_>) {
        let windows = self.shape.windows();
        for k in 0..self.conv.offset_groups * self.shape.taps() {
            let samples = self.samples(k, stretch.clone());
            let mut sums = vec![(0.0, (0.0, 0.0)); stretch.len()]; // value and slopes over the channels
            for (plane, row) in self.channels(k, stretch.len()) {
                let (x, grad_x) = (&self.x[plane.clone()], &mut grads.input[plane]);
                for ((&grad, (sample, mask)), sum) in grad_columns[row].iter().zip(&samples).zip(&mut sums) {
                    let (grad, slope) = (f64::from(grad), sample.slope(x));
                    sum.0 += grad * sample.value(x);
                    sum.1.0 += grad * slope.0;
                    sum.1.1 += grad * slope.1;
                    for corner in sample.corners() {
                        grad_x[corner.cell] += (grad * f64::from(*mask) * corner.share) as f32;
                    }
                }
            }
            for ((window, (_, mask)), (value, (down, right))) in stretch.clone().zip(&samples).zip(&sums) {
                let mask = f64::from(*mask);
                grads.offset[2 * k * windows + window] = (down * mask) as f32;
                grads.offset[(2 * k + 1) * windows + window] = (right * mask) as f32;
                if let Some(by_mask) = &mut grads.mask {
                    by_mask[k * windows + window] = *value as f32;
                }
            }
        }
    }
}

/// The gradients of one image; see [`DeformConv2dGrads`] for the shapes.
struct ImageGrads<'a> {
    input: &'a mut [f32],
    offset: &'a mut [f32],
    mask: Option<&'a mut [f32]>,
}

impl DeformConv2d {
    /// The same as [`DeformConv2d::forward_plain`] up to rounding, fast: same arguments, same errors.
    pub fn forward(
        &self,
        x: &Images,
        offset: &Images,
        mask: Option<&Images>,
        weight: &Images,
        bias: Option<&[f32]>,
    ) -> Result<Images, Error> {
        let shape = self.shape(x, offset, mask, weight, bias)?;
        let (taps, windows) = (shape.taps(), shape.windows());
        let kernel = shape.c_group * taps;
        let mut y = vec![0.0; checked_elements(&[shape.n, shape.c_out, windows])?];
        if let Some(bias) = bias {
            let planes = y.chunks_exact_mut(windows).zip(bias.iter().cycle());
            planes.for_each(|(plane, &bias)| plane.fill(bias));
        }
        let (x, offset, mask) = (numbers(x), numbers(offset), mask.map(numbers));
        let weight = numbers(weight);
        for n in 0..shape.n {
            let image = self.image(&shape, n, &x, &offset, mask.as_deref());
            for stretch in shape.stretches()? {
                let (begin, len) = (stretch.start, stretch.len());
                let columns = image.columns(stretch);
                for group in 0..self.groups {
                    let output = group * shape.outputs;
                    if shape.outputs == 0 || kernel == 0 {
                        continue;
                    }
                    gemm(
                        (shape.outputs, len, kernel),
                        Matrix::rows(&weight[output * kernel..][..shape.outputs * kernel], kernel),
                        Matrix::rows(&columns[group * kernel * len..][..kernel * len], len),
                        &mut y[(n * shape.c_out + output) * windows + begin..],
                        windows,
                    );
                }
            }
        }
        images([shape.n, shape.c_out, shape.output.0, shape.output.1], y)
    }

    /// The gradients of `sum(y * grad_output)` with respect to input, offset, mask, weight and bias.
    ///
    /// `grad_output` is `[n, c_out, oh, ow]`; the gradients have the shapes of what they belong to. Where a tap looks
    /// exactly at a row or column of cells, the value has a kink; the gradient of the offset is then the slope below
    /// or to the right.
    ///
    /// Errors: those of [`DeformConv2d::forward_plain`], and a `grad_output` of another shape than the output.
    pub fn backward(
        &self,
        x: &Images,
        offset: &Images,
        mask: Option<&Images>,
        weight: &Images,
        grad_output: &Images,
    ) -> Result<DeformConv2dGrads, Error> {
        let shape = self.shape(x, offset, mask, weight, None)?;
        check_grad_output(grad_output, vec![shape.n, shape.c_out, shape.output.0, shape.output.1])?;
        let (taps, windows) = (shape.taps(), shape.windows());
        let kernel = shape.c_group * taps;
        let mut grads = DeformConv2dGrads {
            input: Images::zeros(x.dim()),
            offset: Images::zeros(offset.dim()),
            mask: mask.map(|mask| Images::zeros(mask.dim())),
            weight: Images::zeros(weight.dim()),
            bias: grad_bias(&numbers(grad_output), shape.c_out, windows),
        };
        let (x, offset, mask) = (numbers(x), numbers(offset), mask.map(numbers));
        let (weight, grad_output) = (numbers(weight), numbers(grad_output));
        let (image_len, k_len) = (shape.c_in * shape.cells(), self.offset_groups * taps * windows);
        for n in 0..shape.n {
            let image = self.image(&shape, n, &x, &offset, mask.as_deref());
            for stretch in shape.stretches()? {
                let (begin, len) = (stretch.start, stretch.len());
                let columns = image.columns(stretch.clone());
                let mut grad_columns = vec![0.0; columns.len()];
                for group in 0..self.groups {
                    let output = group * shape.outputs;
                    let Some(grad_weight) = grads.weight.as_slice_mut() else { continue };
                    if shape.outputs == 0 || kernel == 0 {
                        continue;
                    }
                    let grad_y =
                        Matrix::rows(&grad_output[(n * shape.c_out + output) * windows + begin..], windows);
                    let group_columns = group * kernel * len..(group + 1) * kernel * len;
                    gemm(
                        (kernel, len, shape.outputs),
                        Matrix::rows(&weight[output * kernel..][..shape.outputs * kernel], kernel).t(),
                        grad_y,
                        &mut grad_columns[group_columns.clone()],
                        len,
                    );
                    gemm(
                        (shape.outputs, kernel, len),
                        grad_y,
                        Matrix::rows(&columns[group_columns], len).t(),
                        &mut grad_weight[output * kernel..],
                        kernel,
                    );
                }
                let (Some(input), Some(by_offset)) =
                    (grads.input.as_slice_mut(), grads.offset.as_slice_mut())
                else {
                    continue;
                };
                let mut of_image = ImageGrads {
                    input: &mut input[n * image_len..][..image_len],
                    offset: &mut by_offset[2 * n * k_len..][..2 * k_len],
                    mask: grads
                        .mask
                        .as_mut()
                        .and_then(|mask| mask.as_slice_mut())
                        .map(|mask| &mut mask[n * k_len..][..k_len]),
                };
                image.backward(stretch, &grad_columns, &mut of_image);
            }
        }
        Ok(grads)
    }

    /// Image `n` of a batch.
    fn image<'a>(
        &'a self,
        shape: &'a Shape,
        n: usize,
        x: &'a [f32],
        offset: &'a [f32],
        mask: Option<&'a [f32]>,
    ) -> Image<'a> {
        let (x_len, k_len) =
            (shape.c_in * shape.cells(), self.offset_groups * shape.taps() * shape.windows());
        Image {
            conv: self,
            shape,
            x: &x[n * x_len..][..x_len],
            offset: &offset[2 * n * k_len..][..2 * k_len],
            mask: mask.map(|mask| &mask[n * k_len..][..k_len]),
        }
    }
}
