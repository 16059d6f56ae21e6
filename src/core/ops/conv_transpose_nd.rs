//! Transposed convolution along any number of axes: of signals, of volumes, and of images too
//! (`torch.nn.functional.conv_transpose1d`, `conv_transpose3d`).

use crate::core::ops::conv_nd::{AutoPad, ConvNdGrads, check_bias, check_grad_output, grad_bias};
use crate::core::ops::conv_transpose::{Spread, check_channels};
use crate::core::ops::pad::PaddingMode;
use crate::core::ops::windows::{
    Steps, Windows, axis_name, batch_axes, check_none_zero, join_shape, numbers, positions, split_shape,
    tensor,
};
use crate::core::tensor::{Error, Tensor, checked_elements};

/// The arguments of a transposed convolution along `D` axes, without its tensors. For images see
/// [`ConvTranspose2d`](crate::core::ops::ConvTranspose2d), which says what the arguments mean.
///
/// ```
/// use receptive::core::ops::ConvTranspose1d;
/// let (x, weight) = (ndarray::array![[[1.0, 10.0]]].into_dyn(), ndarray::array![[[1.0, 2.0, 3.0]]].into_dyn());
/// let conv = ConvTranspose1d { stride: [2], ..ConvTranspose1d::default() };
/// let y = conv.forward(&x, &weight, None)?;
/// assert_eq!(y, ndarray::array![[[1.0, 2.0, 13.0, 20.0, 30.0]]].into_dyn());
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvTransposeNd<const D: usize> {
    /// Cells of the output from one kernel to the next, along each axis.
    pub stride: [usize; D],
    /// Cells cut off before and after, along each axis.
    pub pads: [(usize, usize); D],
    /// Cells added at the end of each axis.
    pub output_padding: [usize; D],
    /// Cells of the output from one tap of the kernel to the next, along each axis.
    pub dilation: [usize; D],
    /// Into how many independent groups the channels split.
    pub groups: usize,
}

/// The transposed convolution of signals `[n, c, l]`.
pub type ConvTranspose1d = ConvTransposeNd<1>;
/// The transposed convolution of volumes `[n, c, d, h, w]`.
pub type ConvTranspose3d = ConvTransposeNd<3>;

impl<const D: usize> Default for ConvTransposeNd<D> {
    fn default() -> Self {
        ConvTransposeNd {
            stride: [1; D],
            pads: [(0, 0); D],
            output_padding: [0; D],
            dilation: [1; D],
            groups: 1,
        }
    }
}

/// The sizes of one legal transposed convolution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape<const D: usize> {
    pub n: usize,
    pub c_in: usize,
    pub c_out: usize,
    /// Input channels of a group.
    pub c_group: usize,
    /// Output channels of a group.
    pub outputs: usize,
    pub input: [usize; D],
    pub kernel_size: [usize; D],
    pub output: [usize; D],
}

impl<const D: usize> ConvTransposeNd<D> {
    fn spread(&self, a: usize, input: [usize; D], kernel_size: [usize; D]) -> Spread {
        Spread {
            input: input[a],
            kernel_size: kernel_size[a],
            stride: self.stride[a],
            dilation: self.dilation[a],
            before: self.pads[a].0,
            after: self.pads[a].1,
            output_padding: self.output_padding[a],
        }
    }

    /// The size of the output,
    /// `(input - 1) * stride + dilation * (kernel_size - 1) + 1 + output_padding - pads`, along each axis.
    ///
    /// Errors: every reason of sizes for which the operator can't be applied.
    pub fn output_size(&self, input: [usize; D], kernel_size: [usize; D]) -> Result<[usize; D], Error> {
        check_none_zero("groups", &[self.groups])?;
        let mut output = input;
        for (a, output) in output.iter_mut().enumerate() {
            *output = self.spread(a, input, kernel_size).output_size(axis_name::<D>(a))?;
        }
        checked_elements(&output)?;
        Ok(output)
    }

    /// The same with the `output_padding` that makes the output this large (PyTorch's argument `output_size` of the
    /// layer's `forward`).
    ///
    /// Errors: those of [`ConvTransposeNd::output_size`], and [`Error::OutOfRange`] when no `output_padding` does.
    ///
    /// ```
    /// use receptive::core::ops::ConvTranspose1d;
    /// let conv = ConvTranspose1d { stride: [3], pads: [(1, 1)], ..ConvTranspose1d::default() };
    /// assert_eq!(conv.with_output_size([12], [4], [3])?.output_padding, [2]);
    /// assert!(conv.with_output_size([13], [4], [3]).is_err());
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn with_output_size(
        &self,
        output_size: [usize; D],
        input: [usize; D],
        kernel_size: [usize; D],
    ) -> Result<Self, Error> {
        check_none_zero("kernel_size", &kernel_size)?;
        check_none_zero("stride", &self.stride)?;
        check_none_zero("dilation", &self.dilation)?;
        let mut conv = ConvTransposeNd { output_padding: [0; D], ..*self };
        for (a, &wanted) in output_size.iter().enumerate() {
            let (full, cut) = conv.spread(a, input, kernel_size).full_and_cut();
            let limit = self.stride[a].max(self.dilation[a]);
            let output_padding = wanted.saturating_add(cut).checked_sub(full);
            conv.output_padding[a] =
                output_padding.filter(|&padding| padding < limit).ok_or(Error::OutOfRange {
                    name: "output_size",
                    value: wanted as f64,
                    min: full.saturating_sub(cut).max(1) as f64,
                    max: full.saturating_add(limit - 1).saturating_sub(cut) as f64,
                })?;
        }
        conv.output_size(input, kernel_size)?;
        Ok(conv)
    }

    /// The same with the pads that make the output this large, split between both ends as `split` says
    /// (ONNX's attribute `output_shape`; [`AutoPad::SameLower`] cuts the surplus cell off in front). Where the output is
    /// longer than what the kernels write, cells are added at the end.
    ///
    /// Errors: those of [`ConvTransposeNd::output_size`].
    ///
    /// ```
    /// use receptive::core::ops::{AutoPad, ConvTranspose1d};
    /// let conv = ConvTranspose1d { stride: [2], ..ConvTranspose1d::default() };
    /// assert_eq!(conv.with_output_shape([6], [3], [4], AutoPad::SameUpper)?.pads, [(1, 1)]);
    /// assert_eq!(conv.with_output_shape([7], [3], [4], AutoPad::SameLower)?.pads, [(1, 0)]);
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn with_output_shape(
        &self,
        output_shape: [usize; D],
        input: [usize; D],
        kernel_size: [usize; D],
        split: AutoPad,
    ) -> Result<Self, Error> {
        check_none_zero("output_shape", &output_shape)?;
        let mut conv = ConvTransposeNd { pads: [(0, 0); D], ..*self };
        let full = conv.output_size(input, kernel_size)?;
        for a in 0..D {
            conv.pads[a] = split.split(full[a].saturating_sub(output_shape[a]));
            let longer = output_shape[a].saturating_sub(full[a]);
            conv.output_padding[a] = conv.output_padding[a].saturating_add(longer);
        }
        conv.output_size(input, kernel_size)?;
        Ok(conv)
    }

    pub(super) fn shape(&self, x: &Tensor, weight: &Tensor, bias: Option<&[f32]>) -> Result<Shape<D>, Error> {
        let (n, c_in, input) = split_shape("input", x, batch_axes::<D>())?;
        let (weight_in, outputs, kernel_size) = split_shape("weight", weight, transposed_axes::<D>())?;
        let output = self.output_size(input, kernel_size)?;
        let c_out = check_channels(c_in, (weight_in, outputs), self.groups, weight.shape())?;
        check_bias(bias, c_out)?;
        checked_elements(&join_shape(n, c_out, output))?;
        let c_group = c_in / self.groups;
        Ok(Shape { n, c_in, c_out, c_group, outputs, input, kernel_size, output })
    }

    /// Onto which cell of the output each tap of each cell of the input falls: the windows of the convolution that
    /// leads back.
    pub(super) fn windows(&self, shape: &Shape<D>) -> Windows<D> {
        let before = self.pads.map(|(before, _)| before);
        let steps = Steps { stride: self.stride, dilation: self.dilation };
        let mode = PaddingMode::Constant(0.0);
        Windows::new(shape.output, before, mode, shape.kernel_size, steps, shape.input)
    }

    /// The definition, as loops that write: each cell of the input adds its kernel to the output; `i` is a cell, `u`
    /// a tap, both with one number for each axis:
    ///
    /// ```text
    /// y[n, group(c) + o, i * stride + u * dilation - before] += x[n, c, i] * weight[c, o, u]
    /// ```
    ///
    /// where this cell of the output exists; `bias[o]` is added to each.
    ///
    /// `x` is `[n, c_in, …]`, `weight` `[c_in, c_out / groups, …]`, `bias` `[c_out]`, the result `[n, c_out, …]` with
    /// `D` more axes each. The sums are kept in `f64`.
    ///
    /// Errors: those of [`ConvTransposeNd::output_size`], and shapes that don't fit each other.
    pub fn forward_plain(&self, x: &Tensor, weight: &Tensor, bias: Option<&[f32]>) -> Result<Tensor, Error> {
        let shape = self.shape(x, weight, bias)?;
        let windows = self.windows(&shape);
        let (cells, taps) = (windows.windows(), windows.taps());
        let (x, weight) = (numbers(x), numbers(weight));
        let mut y = Vec::new();
        for n in 0..shape.n {
            for o in 0..shape.c_out {
                let mut sums =
                    vec![bias.map_or(0.0, |bias| f64::from(bias[o])); windows.cells.iter().product()];
                let first_channel = o / shape.outputs * shape.c_group;
                for c in first_channel..first_channel + shape.c_group {
                    let kernel = &weight[(c * shape.outputs + o % shape.outputs) * taps..][..taps];
                    let plane = &x[(n * shape.c_in + c) * cells..][..cells];
                    for (cell, &x) in positions(shape.input).zip(plane) {
                        for (tap, &weight) in positions(shape.kernel_size).zip(kernel) {
                            if let Some(target) = windows.cell(cell, tap) {
                                sums[target] += f64::from(x) * f64::from(weight);
                            }
                        }
                    }
                }
                y.extend(sums.into_iter().map(|sum| sum as f32));
            }
        }
        tensor(join_shape(shape.n, shape.c_out, shape.output), y)
    }

    /// The gradients as loops: each product of the definition sends its two shares back.
    ///
    /// Errors: those of [`ConvTransposeNd::backward`].
    pub fn backward_plain(
        &self,
        x: &Tensor,
        weight: &Tensor,
        grad_output: &Tensor,
    ) -> Result<ConvNdGrads, Error> {
        let shape = self.shape_with_grad(x, weight, grad_output)?;
        let windows = self.windows(&shape);
        let taps = windows.taps();
        let output: usize = shape.output.iter().product();
        let (x_shape, weight_shape) = (x.shape().to_vec(), weight.shape().to_vec());
        let (x, weight, grad_output) = (numbers(x), numbers(weight), numbers(grad_output));
        let mut grad_input = Vec::new();
        let mut grad_weight = vec![0.0; weight.len()];
        let mut values = x.iter();
        for n in 0..shape.n {
            for c in 0..shape.c_in {
                let first_output = c / shape.c_group * shape.outputs;
                for (cell, &x) in positions(shape.input).zip(&mut values) {
                    let mut sum = 0.0;
                    for o in 0..shape.outputs {
                        let plane = (n * shape.c_out + first_output + o) * output;
                        for (u, tap) in positions(shape.kernel_size).enumerate() {
                            if let Some(target) = windows.cell(cell, tap) {
                                let at_tap = (c * shape.outputs + o) * taps + u;
                                let grad = f64::from(grad_output[plane + target]);
                                sum += grad * f64::from(weight[at_tap]);
                                grad_weight[at_tap] += grad * f64::from(x);
                            }
                        }
                    }
                    grad_input.push(sum as f32);
                }
            }
        }
        Ok(ConvNdGrads {
            input: tensor(x_shape, grad_input)?,
            weight: tensor(weight_shape, grad_weight.into_iter().map(|grad| grad as f32).collect())?,
            bias: grad_bias(&grad_output, shape.c_out, output),
        })
    }

    /// As [`ConvTransposeNd::shape`], with the gradient of the output looked at too.
    pub(super) fn shape_with_grad(
        &self,
        x: &Tensor,
        weight: &Tensor,
        grad_output: &Tensor,
    ) -> Result<Shape<D>, Error> {
        let shape = self.shape(x, weight, None)?;
        check_grad_output(grad_output, join_shape(shape.n, shape.c_out, shape.output))?;
        Ok(shape)
    }
}

/// The names of all axes of the kernels of a transposed convolution.
fn transposed_axes<const D: usize>() -> &'static str {
    match D {
        1 => "[c_in, c_out / groups, k]",
        2 => "[c_in, c_out / groups, kh, kw]",
        3 => "[c_in, c_out / groups, kd, kh, kw]",
        _ => "[c_in, c_out / groups, …]",
    }
}
