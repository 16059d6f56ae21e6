//! Convolution along any number of axes: of signals, of volumes, and of images too
//! (`torch.nn.functional.conv1d`, `conv3d`).

use crate::core::ops::pad::PaddingMode;
use crate::core::ops::windows::{
    Steps, Windows, batch_axes, check_none_zero, count_windows, join_shape, numbers, positions, split_shape,
    tensor, weight_axes,
};
use crate::core::tensor::{Error, Tensor, checked_elements};

/// The arguments of a convolution along `D` axes, without its tensors. For images see
/// [`Conv2d`](crate::core::ops::Conv2d).
///
/// ```
/// use receptive::core::ops::Conv1d;
/// let x = ndarray::array![[[1.0, 2.0, 3.0, 4.0]]].into_dyn();
/// let weight = ndarray::array![[[1.0, -1.0]]].into_dyn();
/// let conv = Conv1d { stride: [2], pads: [(1, 0)], ..Conv1d::default() };
/// assert_eq!(conv.forward(&x, &weight, Some(&[0.5]))?, ndarray::array![[[-0.5, -0.5]]].into_dyn());
/// assert_eq!(conv.output_size([4], [2])?, [2]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvNd<const D: usize> {
    /// Cells from one window to the next, along each axis.
    pub stride: [usize; D],
    /// Cells added before and after, along each axis.
    pub pads: [(usize, usize); D],
    /// What the added cells hold.
    pub mode: PaddingMode,
    /// Cells from one tap of the kernel to the next, along each axis.
    pub dilation: [usize; D],
    /// Into how many independent groups the channels split.
    pub groups: usize,
}

/// The convolution of signals `[n, c, l]`.
pub type Conv1d = ConvNd<1>;
/// The convolution of volumes `[n, c, d, h, w]`.
pub type Conv3d = ConvNd<3>;

impl<const D: usize> Default for ConvNd<D> {
    fn default() -> Self {
        ConvNd {
            stride: [1; D],
            pads: [(0, 0); D],
            mode: PaddingMode::Constant(0.0),
            dilation: [1; D],
            groups: 1,
        }
    }
}

/// The gradients of a convolution or transposed convolution along any number of axes.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvNdGrads {
    /// Of the input, in its shape.
    pub input: Tensor,
    /// Of the weight, in its shape.
    pub weight: Tensor,
    /// `[c_out]`
    pub bias: Vec<f32>,
}

/// How the pads of a convolution follow from its sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoPad {
    /// No padding.
    Valid,
    /// PyTorch's `padding="same"`: the output has the size of the input, the surplus cell of an odd sum stands at the
    /// end. Stride 1 only.
    Same,
    /// `ceil(input / stride)` windows, the surplus cell at the end: TensorFlow's `SAME`, ONNX's `SAME_UPPER`.
    SameUpper,
    /// The same with the surplus cell in front: ONNX's `SAME_LOWER`.
    SameLower,
    /// Every position at which kernel and input overlap.
    Full,
}

impl AutoPad {
    /// The pads before and after, along each axis.
    ///
    /// Errors: [`Error::Zero`], [`Error::SameNeedsStrideOne`], [`Error::TooLarge`].
    ///
    /// ```
    /// use receptive::core::ops::AutoPad;
    /// assert_eq!(AutoPad::SameLower.resolve([5, 6], [3, 4], [2, 2], [1, 1])?, [(1, 1), (1, 1)]);
    /// assert_eq!(AutoPad::Same.resolve([8], [4], [1], [1])?, [(1, 2)]);
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn resolve<const D: usize>(
        self,
        input: [usize; D],
        kernel_size: [usize; D],
        stride: [usize; D],
        dilation: [usize; D],
    ) -> Result<[(usize, usize); D], Error> {
        check_none_zero("kernel_size", &kernel_size)?;
        check_none_zero("stride", &stride)?;
        check_none_zero("dilation", &dilation)?;
        if self == AutoPad::Same
            && let Some(&first) = stride.iter().find(|&&stride| stride != 1)
        {
            return Err(Error::SameNeedsStrideOne { stride: (first, first) });
        }
        let pads: [_; D] = std::array::from_fn(|a| {
            let reach = dilation[a].saturating_mul(kernel_size[a] - 1);
            let same = || {
                let Some(last) = input[a].div_ceil(stride[a]).checked_sub(1) else { return 0 };
                (last * stride[a]).saturating_add(reach).saturating_add(1).saturating_sub(input[a])
            };
            match self {
                AutoPad::Valid => (0, 0),
                AutoPad::Full => (reach, reach),
                AutoPad::Same => self.split(reach),
                AutoPad::SameUpper | AutoPad::SameLower => self.split(same()),
            }
        });
        for (input, (before, after)) in input.iter().zip(pads) {
            checked_elements(&[input.saturating_add(before).saturating_add(after)])?;
        }
        Ok(pads)
    }

    /// Half of a total before, half after, the surplus on its side.
    pub(super) fn split(self, total: usize) -> (usize, usize) {
        let half = total / 2;
        if self == AutoPad::SameLower { (total - half, half) } else { (half, total - half) }
    }
}

/// The sizes of one legal convolution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape<const D: usize> {
    pub n: usize,
    pub c_in: usize,
    pub c_out: usize,
    /// Input channels one group reads.
    pub c_group: usize,
    /// Output channels one group makes.
    pub outputs: usize,
    pub input: [usize; D],
    pub kernel_size: [usize; D],
    pub output: [usize; D],
}

impl<const D: usize> ConvNd<D> {
    fn steps(&self) -> Steps<D> {
        Steps { stride: self.stride, dilation: self.dilation }
    }

    /// The size of the output, `(padded - dilation * (kernel_size - 1) - 1) / stride + 1` rounded down, along each
    /// axis.
    ///
    /// Errors: every reason of sizes for which the convolution can't be done.
    pub fn output_size(&self, input: [usize; D], kernel_size: [usize; D]) -> Result<[usize; D], Error> {
        check_none_zero("groups", &[self.groups])?;
        Ok(count_windows(input, self.pads, self.mode, kernel_size, self.steps())?.1)
    }

    /// Every shape of the convolution, when it is legal.
    pub(super) fn shape(&self, x: &Tensor, weight: &Tensor, bias: Option<&[f32]>) -> Result<Shape<D>, Error> {
        let (n, c_in, input) = split_shape("input", x, batch_axes::<D>())?;
        let (c_out, c_group, kernel_size) = split_shape("weight", weight, weight_axes::<D>())?;
        check_none_zero("groups", &[self.groups])?;
        let (padded, output) = count_windows(input, self.pads, self.mode, kernel_size, self.steps())?;
        for (name, channels) in [("in_channels", c_in), ("out_channels", c_out)] {
            if channels % self.groups != 0 {
                return Err(Error::ChannelsNotDivisible { name, channels, groups: self.groups });
            }
        }
        if c_group != c_in / self.groups {
            let expected = join_shape(c_out, c_in / self.groups, kernel_size);
            return Err(Error::ShapeMismatch { name: "weight", expected, got: weight.shape().to_vec() });
        }
        check_bias(bias, c_out)?;
        checked_elements(&join_shape(n, c_in, padded))?;
        checked_elements(&join_shape(n, c_out, output))?;
        let outputs = c_out / self.groups;
        Ok(Shape { n, c_in, c_out, c_group, outputs, input, kernel_size, output })
    }

    /// Which cells the windows read.
    pub(super) fn windows(&self, shape: &Shape<D>) -> Windows<D> {
        let before = self.pads.map(|(before, _)| before);
        Windows::new(shape.input, before, self.mode, shape.kernel_size, self.steps(), shape.output)
    }

    /// The definition, as loops; `i` is a window, `u` a tap, both with one number for each axis:
    ///
    /// ```text
    /// y[n, o, i] = bias[o] + sum over c, u of weight[o, c, u] * padded[n, group(o) + c, i * stride + u * dilation]
    /// ```
    ///
    /// `x` is `[n, c_in, …]`, `weight` `[c_out, c_in / groups, …]`, `bias` `[c_out]`, the result `[n, c_out, …]` with
    /// `D` more axes each. The sum is kept in `f64`.
    ///
    /// Errors: those of [`ConvNd::output_size`], and shapes that don't fit each other.
    pub fn forward_plain(&self, x: &Tensor, weight: &Tensor, bias: Option<&[f32]>) -> Result<Tensor, Error> {
        let shape = self.shape(x, weight, bias)?;
        let windows = self.windows(&shape);
        let cells: usize = shape.input.iter().product();
        let taps: usize = shape.kernel_size.iter().product();
        let (x, weight) = (numbers(x), numbers(weight));
        let mut y = Vec::new();
        for n in 0..shape.n {
            for o in 0..shape.c_out {
                let first_channel = n * shape.c_in + o / shape.outputs * shape.c_group;
                for window in positions(shape.output) {
                    let mut sum = bias.map_or(0.0, |bias| f64::from(bias[o]));
                    for c in 0..shape.c_group {
                        for (u, tap) in positions(shape.kernel_size).enumerate() {
                            let value = match windows.cell(window, tap) {
                                Some(cell) => x[(first_channel + c) * cells + cell],
                                None => self.mode.constant(),
                            };
                            sum += f64::from(weight[(o * shape.c_group + c) * taps + u]) * f64::from(value);
                        }
                    }
                    y.push(sum as f32);
                }
            }
        }
        tensor(join_shape(shape.n, shape.c_out, shape.output), y)
    }

    /// The gradients of `sum(y * grad_output)` as loops: every product of the definition sends its two shares back.
    ///
    /// Errors: those of [`ConvNd::forward_plain`], and a `grad_output` of another shape than the output.
    pub fn backward_plain(
        &self,
        x: &Tensor,
        weight: &Tensor,
        grad_output: &Tensor,
    ) -> Result<ConvNdGrads, Error> {
        let shape = self.shape(x, weight, None)?;
        check_grad_output(grad_output, join_shape(shape.n, shape.c_out, shape.output))?;
        let windows = self.windows(&shape);
        let cells: usize = shape.input.iter().product();
        let taps: usize = shape.kernel_size.iter().product();
        let (x_shape, weight_shape) = (x.shape().to_vec(), weight.shape().to_vec());
        let (x, weight, grad_output) = (numbers(x), numbers(weight), numbers(grad_output));
        let mut grad_input = vec![0.0; x.len()];
        let mut grad_weight = vec![0.0; weight.len()];
        let mut grads = grad_output.iter().map(|&grad| f64::from(grad));
        for n in 0..shape.n {
            for o in 0..shape.c_out {
                let first_channel = n * shape.c_in + o / shape.outputs * shape.c_group;
                for (window, grad) in positions(shape.output).zip(&mut grads) {
                    for c in 0..shape.c_group {
                        for (u, tap) in positions(shape.kernel_size).enumerate() {
                            let at_tap = (o * shape.c_group + c) * taps + u;
                            let Some(cell) = windows.cell(window, tap) else {
                                grad_weight[at_tap] += grad * f64::from(self.mode.constant());
                                continue;
                            };
                            let at_cell = (first_channel + c) * cells + cell;
                            grad_input[at_cell] += grad * f64::from(weight[at_tap]);
                            grad_weight[at_tap] += grad * f64::from(x[at_cell]);
                        }
                    }
                }
            }
        }
        Ok(ConvNdGrads {
            input: tensor(x_shape, grad_input.into_iter().map(|grad| grad as f32).collect())?,
            weight: tensor(weight_shape, grad_weight.into_iter().map(|grad| grad as f32).collect())?,
            bias: grad_bias(&grad_output, shape.c_out, shape.output.iter().product()),
        })
    }
}

/// [`Error::ShapeMismatch`] unless there is one bias for each output channel.
pub(super) fn check_bias(bias: Option<&[f32]>, c_out: usize) -> Result<(), Error> {
    match bias {
        Some(bias) if bias.len() != c_out => {
            Err(Error::ShapeMismatch { name: "bias", expected: vec![c_out], got: vec![bias.len()] })
        }
        _ => Ok(()),
    }
}

/// [`Error::ShapeMismatch`] unless the gradient has the shape of the output.
pub(super) fn check_grad_output<D: ndarray::Dimension>(
    grad_output: &ndarray::Array<f32, D>,
    expected: Vec<usize>,
) -> Result<(), Error> {
    if grad_output.shape() == expected {
        return Ok(());
    }
    Err(Error::ShapeMismatch { name: "grad_output", expected, got: grad_output.shape().to_vec() })
}

/// The gradient of the bias: the sum of the gradients of each output channel. `grad_output` is `[n, c_out, cells]`.
pub(super) fn grad_bias(grad_output: &[f32], c_out: usize, cells: usize) -> Vec<f32> {
    let mut sums = vec![0.0; c_out];
    if c_out > 0 && cells > 0 {
        for image in grad_output.chunks_exact(c_out * cells) {
            for (sum, plane) in sums.iter_mut().zip(image.chunks_exact(cells)) {
                *sum += plane.iter().map(|&grad| f64::from(grad)).sum::<f64>();
            }
        }
    }
    sums.into_iter().map(|sum| sum as f32).collect()
}
