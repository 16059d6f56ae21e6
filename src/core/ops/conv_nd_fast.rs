//! The fast path of convolution along any number of axes: one two-dimensional convolution over the last two axes.
//!
//! A signal is an image of one row. In a volume each window covers several planes; put beside each other as channels
//! they make the sum over the depth taps a part of the sum over channels, and the weight `[c_out, c, kd, kh, kw]` is
//! already the weight `[c_out, c * kd, kh, kw]` of that convolution.

use std::ops::Range;

use crate::core::ops::conv::Conv2d;
use crate::core::ops::conv_nd::{ConvNd, ConvNdGrads, Shape, check_grad_output, grad_bias};
use crate::core::ops::pad::{PaddingMode, Pads};
use crate::core::ops::windows::{Steps, Windows, join_shape, numbers, position, positions, tensor};
use crate::core::tensor::{Error, Images, Tensor, checked_elements};

/// Numbers of one batch of windows: few enough to stay small beside what the page holds.
const BATCH: usize = 1 << 20;

/// The last two of one entry per axis; `unit` stands for an axis that isn't there.
pub(super) fn last_two<T: Copy, const D: usize>(all: [T; D], unit: T) -> (T, T) {
    match all[..] {
        [.., height, width] => (height, width),
        [width] => (unit, width),
        [] => (unit, unit),
    }
}

/// The pads of the last two axes.
pub(super) fn plane_pads<const D: usize>(pads: [(usize, usize); D]) -> Pads {
    let ((top, bottom), (left, right)) = last_two(pads, (0, 0));
    Pads { top, bottom, left, right }
}

/// The planes of volumes, dealt out into images: image `i` of a batch is window `i` of all volumes, and its channels are
/// the planes under the window's taps, `[channels * taps, h, w]`.
pub(super) struct Stacks<const D: usize> {
    /// The relation of windows and planes, along all axes but the last two.
    outer: Windows<D>,
    /// Channels of a volume.
    channels: usize,
    /// Height and width of a plane.
    plane: (usize, usize),
}

impl<const D: usize> Stacks<D> {
    /// The stacks under the windows; [`Error::TooLarge`] when one alone is too large.
    pub fn under(windows: &Windows<D>, channels: usize) -> Result<Self, Error> {
        let stacks = Stacks { outer: windows.of_planes(), channels, plane: last_two(windows.cells, 1) };
        checked_elements(&stacks.shape(1))?;
        Ok(stacks)
    }

    /// Planes of a volume `[channels, …, h, w]` one by one: each window is one plane.
    pub fn single(size: [usize; D], channels: usize) -> Self {
        let steps = Steps { stride: [1; D], dilation: [1; D] };
        let every = Windows::new(size, [0; D], PaddingMode::Constant(0.0), [1; D], steps, size);
        Stacks { outer: every.of_planes(), channels, plane: last_two(size, 1) }
    }

    /// Planes under one window.
    pub fn taps(&self) -> usize {
        self.outer.kernel_size.iter().product()
    }

    /// Windows of one volume.
    pub fn windows(&self) -> usize {
        self.outer.count.iter().product()
    }

    /// The shape of `count` stacks.
    fn shape(&self, count: usize) -> [usize; 4] {
        [count, self.channels.saturating_mul(self.taps()), self.plane.0, self.plane.1]
    }

    /// Numbers of one stack.
    pub fn len(&self) -> usize {
        self.shape(1).iter().product()
    }

    /// Calls `visit` for each plane of the stacks `batch`, in their order, with the place of the plane in the
    /// volumes; `None` is a plane of padding.
    fn planes(&self, batch: Range<usize>, mut visit: impl FnMut(Option<usize>)) {
        let (windows, cells) = (self.windows(), self.outer.cells.iter().product::<usize>());
        for stack in batch {
            let (n, window) = (stack / windows, position(self.outer.count, stack % windows));
            for c in 0..self.channels {
                for tap in positions(self.outer.kernel_size) {
                    let cell = self.outer.cell(window, tap);
                    visit(cell.map(|cell| (n * self.channels + c) * cells + cell));
                }
            }
        }
    }

    /// Reads the stacks `batch` out of the volumes `[n, channels, …, h, w]`.
    pub fn gather(&self, volumes: &[f32], batch: Range<usize>, constant: f32) -> Result<Images, Error> {
        let plane = self.plane.0 * self.plane.1;
        let shape = self.shape(batch.len());
        let mut stacks = Vec::with_capacity(checked_elements(&shape)?);
        self.planes(batch, |source| match source {
            Some(source) => stacks.extend_from_slice(&volumes[source * plane..][..plane]),
            None => stacks.resize(stacks.len() + plane, constant),
        });
        images(shape, stacks)
    }

    /// Adds the stacks `batch` to the volumes: the adjoint of [`Stacks::gather`].
    pub fn scatter(&self, stacks: &Images, batch: Range<usize>, volumes: &mut [f32]) {
        let plane = self.plane.0 * self.plane.1;
        let stacks = numbers(stacks);
        let mut stacks = stacks.chunks_exact(plane);
        self.planes(batch, |source| {
            if let (Some(stack), Some(source)) = (stacks.next(), source) {
                volumes[source * plane..][..plane].iter_mut().zip(stack).for_each(|(sum, x)| *sum += x);
            }
        });
    }
}

/// An operator of planes between volumes: what it reads out of the input, and what it adds to the output, stack by stack.
pub(super) struct Between<const D: usize> {
    pub input: Stacks<D>,
    pub output: Stacks<D>,
    /// The value of planes outside of the input.
    pub constant: f32,
    /// Volumes.
    pub n: usize,
}

impl<const D: usize> Between<D> {
    fn batches(&self) -> impl Iterator<Item = Range<usize>> + use<D> {
        batches(self.n * self.input.windows(), self.input.len().max(self.output.len()))
    }

    /// Adds what `run` makes of the stacks of `x` to the output.
    pub fn forward(
        &self,
        x: &[f32],
        y: &mut [f32],
        run: impl Fn(&Images) -> Result<Images, Error>,
    ) -> Result<(), Error> {
        for batch in self.batches() {
            let made = run(&self.input.gather(x, batch.clone(), self.constant)?)?;
            self.output.scatter(&made, batch, y);
        }
        Ok(())
    }

    /// The gradients of `x` and of the weight, `weight` being zeros in its shape; `run` gives those of one batch.
    pub fn backward(
        &self,
        (x, grad_output): (&[f32], &[f32]),
        mut weight: Images,
        run: impl Fn(&Images, &Images) -> Result<[Images; 2], Error>,
    ) -> Result<(Vec<f32>, Images), Error> {
        let mut input = vec![0.0; x.len()];
        for batch in self.batches() {
            let stack = self.input.gather(x, batch.clone(), self.constant)?;
            let grads = self.output.gather(grad_output, batch.clone(), 0.0)?;
            let [of_input, of_weight] = run(&stack, &grads)?;
            self.input.scatter(&of_input, batch, &mut input);
            weight += &of_weight;
        }
        Ok((input, weight))
    }
}

/// The batches into which `count` stacks of `len` numbers are cut.
fn batches(count: usize, len: usize) -> impl Iterator<Item = Range<usize>> {
    let size = (BATCH / len.max(1)).max(1);
    (0..count).step_by(size).map(move |begin| begin..begin.saturating_add(size).min(count))
}

/// Images from their numbers in row-major order.
pub(super) fn images(shape: [usize; 4], numbers: Vec<f32>) -> Result<Images, Error> {
    let got = vec![numbers.len()];
    Images::from_shape_vec(shape, numbers).map_err(|_| Error::ShapeMismatch {
        name: "numbers",
        expected: shape.to_vec(),
        got,
    })
}

impl<const D: usize> ConvNd<D> {
    /// The convolution of the stacked planes.
    fn of_planes(&self) -> Conv2d {
        Conv2d {
            stride: last_two(self.stride, 1),
            pads: plane_pads(self.pads),
            mode: self.mode,
            dilation: last_two(self.dilation, 1),
            groups: self.groups,
            flip: false,
        }
    }

    /// Windows of planes of the input, single planes of the output.
    fn between(&self, shape: &Shape<D>) -> Result<Between<D>, Error> {
        Ok(Between {
            input: Stacks::under(&self.windows(shape), shape.c_in)?,
            output: Stacks::single(shape.output, shape.c_out),
            constant: self.mode.constant(),
            n: shape.n,
        })
    }

    /// The same as [`ConvNd::forward_plain`] up to rounding, fast: same arguments, same errors.
    pub fn forward(&self, x: &Tensor, weight: &Tensor, bias: Option<&[f32]>) -> Result<Tensor, Error> {
        let shape = self.shape(x, weight, bias)?;
        if x.is_empty() || weight.is_empty() {
            return self.forward_plain(x, weight, bias);
        }
        match self.forward_stacks(&shape, x, weight, bias) {
            Err(Error::TooLarge { .. }) => self.forward_plain(x, weight, bias),
            y => y,
        }
    }

    /// [`ConvNd::forward`]; [`Error::TooLarge`] when the stacks are.
    fn forward_stacks(
        &self,
        shape: &Shape<D>,
        x: &Tensor,
        weight: &Tensor,
        bias: Option<&[f32]>,
    ) -> Result<Tensor, Error> {
        let between = self.between(shape)?;
        let (conv, x) = (self.of_planes(), numbers(x));
        let weight = stacked_weight(weight, between.input.taps(), last_two(shape.kernel_size, 1))?;
        let y_shape = join_shape(shape.n, shape.c_out, shape.output);
        let mut y = vec![0.0; checked_elements(&y_shape)?];
        between.forward(&x, &mut y, |stack| conv.forward(stack, &weight, bias))?;
        tensor(y_shape, y)
    }

    /// The gradients of `sum(y * grad_output)` with respect to input, weight and bias.
    ///
    /// `grad_output` is `[n, c_out, …]`; the gradients have the shapes of what they belong to.
    ///
    /// Errors: those of [`ConvNd::forward_plain`], and a `grad_output` of another shape than the output.
    pub fn backward(&self, x: &Tensor, weight: &Tensor, grad_output: &Tensor) -> Result<ConvNdGrads, Error> {
        let shape = self.shape(x, weight, None)?;
        check_grad_output(grad_output, join_shape(shape.n, shape.c_out, shape.output))?;
        if x.is_empty() || weight.is_empty() {
            return self.backward_plain(x, weight, grad_output);
        }
        match self.backward_stacks(&shape, x, weight, grad_output) {
            Err(Error::TooLarge { .. }) => self.backward_plain(x, weight, grad_output),
            grads => grads,
        }
    }

    /// [`ConvNd::backward`]; [`Error::TooLarge`] when the stacks are.
    fn backward_stacks(
        &self,
        shape: &Shape<D>,
        x: &Tensor,
        weight: &Tensor,
        grad_output: &Tensor,
    ) -> Result<ConvNdGrads, Error> {
        let between = self.between(shape)?;
        let conv = self.of_planes();
        let stacked = stacked_weight(weight, between.input.taps(), last_two(shape.kernel_size, 1))?;
        let (x_numbers, grad_numbers) = (numbers(x), numbers(grad_output));
        let zeros = Images::zeros(stacked.dim());
        let (grad_input, grad_weight) =
            between.backward((&x_numbers, &grad_numbers), zeros, |stack, grad| {
                conv.backward(stack, &stacked, grad).map(|grads| [grads.input, grads.weight])
            })?;
        Ok(ConvNdGrads {
            input: tensor(x.shape().to_vec(), grad_input)?,
            weight: tensor(weight.shape().to_vec(), numbers(&grad_weight).into_owned())?,
            bias: grad_bias(&grad_numbers, shape.c_out, shape.output.iter().product()),
        })
    }
}

/// The weight of the convolution of stacks, `[a, b * taps, kh, kw]`: the same numbers in the same order.
pub(super) fn stacked_weight(
    weight: &Tensor,
    taps: usize,
    (height, width): (usize, usize),
) -> Result<Images, Error> {
    let shape = [weight.shape()[0], weight.shape()[1].saturating_mul(taps), height, width];
    checked_elements(&shape)?;
    images(shape, numbers(weight).into_owned())
}
