//! Padding: how many cells are added on each side, and what they hold.

use crate::core::tensor::{Axis, Error, Images, checked_elements};

/// Cells added on each side of a plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Pads {
    /// Rows above.
    pub top: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns before.
    pub left: usize,
    /// Columns after.
    pub right: usize,
}

impl Pads {
    /// The same number of cells on all four sides.
    pub fn all(cells: usize) -> Self {
        Pads { top: cells, bottom: cells, left: cells, right: cells }
    }

    /// The padded size of a plane, or [`Error::TooLarge`].
    pub fn padded_size(self, input: (usize, usize)) -> Result<(usize, usize), Error> {
        let height = input.0.saturating_add(self.top).saturating_add(self.bottom);
        let width = input.1.saturating_add(self.left).saturating_add(self.right);
        checked_elements(&[height, width])?;
        Ok((height, width))
    }
}

/// What the added cells hold (`torch.nn.functional.pad`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PaddingMode {
    /// A fixed value; `Constant(0.0)` is PyTorch's `zeros`.
    Constant(f32),
    /// The input mirrored at its edge, the edge itself not repeated: `c b | a b c | b a`.
    Reflect,
    /// The nearest cell of the input: `a a | a b c | c c`.
    Replicate,
    /// The input repeated, as if it were a ring: `b c | a b c | a b`.
    Circular,
}

impl PaddingMode {
    /// The cell of an axis of `input` cells that the padded cell `index` holds; `None` for the constant.
    /// `before` cells were added in front. The pads must have passed [`PaddingMode::check`].
    pub(crate) fn source(self, index: usize, before: usize, input: usize) -> Option<usize> {
        if (before..before + input).contains(&index) {
            return Some(index - before);
        }
        match self {
            PaddingMode::Constant(_) => None,
            PaddingMode::Reflect if index < before => Some(before - index),
            PaddingMode::Reflect => Some(2 * (input - 1) - (index - before)),
            PaddingMode::Replicate if index < before => Some(0),
            PaddingMode::Replicate => Some(input - 1),
            PaddingMode::Circular => Some((index + input - before) % input),
        }
    }

    /// [`PaddingMode::source`] of every padded cell of an axis.
    pub(crate) fn sources(self, before: usize, input: usize, after: usize) -> Vec<Option<usize>> {
        (0..before + input + after).map(|index| self.source(index, before, input)).collect()
    }

    /// Whether PyTorch allows these pads on an axis of `input` cells.
    pub(crate) fn check(self, axis: Axis, before: usize, input: usize, after: usize) -> Result<(), Error> {
        let padding = before.max(after);
        match self {
            PaddingMode::Constant(_) => Ok(()),
            _ if padding == 0 => Ok(()),
            _ if input == 0 => Err(Error::EmptyInput { axis }),
            PaddingMode::Reflect if padding >= input => {
                Err(Error::ReflectPadTooLarge { axis, padding, input })
            }
            PaddingMode::Circular if padding > input => {
                Err(Error::CircularPadTooLarge { axis, padding, input })
            }
            _ => Ok(()),
        }
    }

    /// What a constant cell holds.
    pub(crate) fn constant(self) -> f32 {
        if let PaddingMode::Constant(value) = self { value } else { 0.0 }
    }
}

/// The padded size, when PyTorch allows these pads.
pub(crate) fn check_pads(
    pads: Pads,
    mode: PaddingMode,
    input: (usize, usize),
) -> Result<(usize, usize), Error> {
    mode.check(Axis::Height, pads.top, input.0, pads.bottom)?;
    mode.check(Axis::Width, pads.left, input.1, pads.right)?;
    pads.padded_size(input)
}

/// Pads every plane of `x` `[n, c, h, w]` to `[n, c, top + h + bottom, left + w + right]`.
///
/// Errors: the pads are too large for the mode, or the result is too large.
///
/// ```
/// use receptive::core::ops::{PaddingMode, Pads, pad2d};
/// let x = ndarray::array![[[[1.0, 2.0, 3.0]]]];
/// let pads = Pads { left: 2, right: 1, ..Pads::default() };
/// let padded = pad2d(&x, pads, PaddingMode::Reflect)?;
/// assert_eq!(padded, ndarray::array![[[[3.0, 2.0, 1.0, 2.0, 3.0, 2.0]]]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
pub fn pad2d(x: &Images, pads: Pads, mode: PaddingMode) -> Result<Images, Error> {
    let (n, c, height, width) = x.dim();
    let (padded_height, padded_width) = check_pads(pads, mode, (height, width))?;
    checked_elements(&[n, c, padded_height, padded_width])?;
    let rows = mode.sources(pads.top, height, pads.bottom);
    let columns = mode.sources(pads.left, width, pads.right);
    let x = x.as_standard_layout();
    let constant = vec![mode.constant(); padded_width];
    let mut padded = Vec::with_capacity(n * c * padded_height * padded_width);
    for plane in x.outer_iter().flat_map(|image| image.into_outer_iter()) {
        for source in &rows {
            match source.and_then(|row| plane.row(row).to_slice()) {
                Some(x) => {
                    let read = |source: &Option<usize>| source.map_or(mode.constant(), |column| x[column]);
                    padded.extend(columns[..pads.left].iter().map(read));
                    padded.extend_from_slice(x);
                    padded.extend(columns[pads.left + width..].iter().map(read));
                }
                None => padded.extend_from_slice(&constant),
            }
        }
    }
    let shape = [n, c, padded_height, padded_width];
    let got = vec![padded.len()];
    Images::from_shape_vec(shape, padded).map_err(|_| Error::ShapeMismatch {
        name: "padded",
        expected: shape.to_vec(),
        got,
    })
}

/// The gradient of [`pad2d`] with respect to its input of size `input`: each padded cell's gradient goes to the cell
/// it was copied from, and a constant's is lost. `grad_padded` is `[n, c, top + h + bottom, left + w + right]`.
///
/// Errors: as [`pad2d`], and [`Error::ShapeMismatch`] when `grad_padded` does not have the padded size.
pub fn pad2d_backward(
    grad_padded: &Images,
    pads: Pads,
    mode: PaddingMode,
    input: (usize, usize),
) -> Result<Images, Error> {
    let (n, c, height, width) = grad_padded.dim();
    let (padded_height, padded_width) = check_pads(pads, mode, input)?;
    if (height, width) != (padded_height, padded_width) {
        return Err(Error::ShapeMismatch {
            name: "grad_padded",
            expected: vec![n, c, padded_height, padded_width],
            got: vec![n, c, height, width],
        });
    }
    checked_elements(&[n, c, input.0, input.1])?;
    let rows = mode.sources(pads.top, input.0, pads.bottom);
    let columns = mode.sources(pads.left, input.1, pads.right);
    let mut grad = Images::zeros((n, c, input.0, input.1));
    let grad_padded = grad_padded.as_standard_layout();
    if let (Some(padded), Some(grad)) = (grad_padded.as_slice(), grad.as_slice_mut())
        && !grad.is_empty()
    {
        let inside = pads.left..pads.left + input.1;
        for (padded, grad) in
            padded.chunks_exact(height * width).zip(grad.chunks_exact_mut(input.0 * input.1))
        {
            for (padded, source) in padded.chunks_exact(width).zip(&rows) {
                let Some(row) = source else { continue };
                let grad = &mut grad[row * input.1..][..input.1];
                grad.iter_mut().zip(&padded[inside.clone()]).for_each(|(grad, padded)| *grad += padded);
                for column in (0..inside.start).chain(inside.end..width) {
                    if let Some(source) = columns[column] {
                        grad[source] += padded[column];
                    }
                }
            }
        }
    }
    Ok(grad)
}

/// How the pads of a convolution follow from its sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// These pads.
    Explicit(Pads),
    /// PyTorch's `padding="same"`: the output has the size of the input. Stride 1 only.
    Same,
    /// TensorFlow's `SAME`: the output has `ceil(input / stride)` cells along each axis.
    SameTf,
    /// No padding.
    Valid,
    /// Every position at which kernel and input overlap: `dilation * (kernel_size - 1)` on each side.
    Full,
}

impl Padding {
    /// The pads for an input of size `input`. When their sum is odd, `Same` and `SameTf` put the surplus cell at the
    /// end. All pairs are `(height, width)`.
    ///
    /// Errors: [`Error::Zero`], [`Error::SameNeedsStrideOne`], [`Error::TooLarge`].
    ///
    /// ```
    /// use receptive::core::ops::{Padding, Pads};
    /// let pads = Padding::Same.resolve((8, 8), (4, 3), (1, 1), (1, 2))?;
    /// assert_eq!(pads, Pads { top: 1, bottom: 2, left: 2, right: 2 });
    /// # Ok::<(), receptive::core::tensor::Error>(())
    /// ```
    pub fn resolve(
        self,
        input: (usize, usize),
        kernel_size: (usize, usize),
        stride: (usize, usize),
        dilation: (usize, usize),
    ) -> Result<Pads, Error> {
        check_not_zero("kernel_size", kernel_size)?;
        check_not_zero("stride", stride)?;
        check_not_zero("dilation", dilation)?;
        // what the kernel reaches beyond its first tap
        let reach =
            (dilation.0.saturating_mul(kernel_size.0 - 1), dilation.1.saturating_mul(kernel_size.1 - 1));
        let pads = match self {
            Padding::Explicit(pads) => pads,
            Padding::Valid => Pads::default(),
            Padding::Same if stride != (1, 1) => return Err(Error::SameNeedsStrideOne { stride }),
            Padding::Same => split(reach),
            Padding::SameTf => {
                split((same_tf_total(input.0, reach.0, stride.0), same_tf_total(input.1, reach.1, stride.1)))
            }
            Padding::Full => Pads { top: reach.0, bottom: reach.0, left: reach.1, right: reach.1 },
        };
        pads.padded_size(input)?;
        Ok(pads)
    }
}

/// The cells TensorFlow adds to an axis: those the last of its `ceil(input / stride)` windows lacks.
fn same_tf_total(input: usize, reach: usize, stride: usize) -> usize {
    let Some(last) = input.div_ceil(stride).checked_sub(1) else { return 0 };
    (last * stride).saturating_add(reach).saturating_add(1).saturating_sub(input)
}

/// Half of each total before, half after, the surplus after.
fn split((height, width): (usize, usize)) -> Pads {
    Pads { top: height / 2, bottom: height - height / 2, left: width / 2, right: width - width / 2 }
}

/// [`Error::Zero`] when one of the pair is.
pub(crate) fn check_not_zero(name: &'static str, pair: (usize, usize)) -> Result<(), Error> {
    if pair.0 == 0 || pair.1 == 0 { Err(Error::Zero { name }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;

    fn row(mode: PaddingMode, left: usize, right: usize) -> Result<Vec<f32>, Error> {
        let x = ndarray::array![[[[1.0, 2.0, 3.0]]]];
        Ok(pad2d(&x, Pads { left, right, ..Pads::default() }, mode)?.into_iter().collect())
    }

    #[test]
    fn modes() {
        assert_eq!(row(PaddingMode::Constant(9.0), 1, 2), Ok(vec![9.0, 1.0, 2.0, 3.0, 9.0, 9.0]));
        assert_eq!(row(PaddingMode::Reflect, 2, 1), Ok(vec![3.0, 2.0, 1.0, 2.0, 3.0, 2.0]));
        assert_eq!(row(PaddingMode::Replicate, 1, 4), Ok(vec![1.0, 1.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0]));
        assert_eq!(row(PaddingMode::Circular, 3, 1), Ok(vec![1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0]));
    }

    #[test]
    fn limits() {
        let axis = Axis::Width;
        assert_eq!(
            row(PaddingMode::Reflect, 0, 3),
            Err(Error::ReflectPadTooLarge { axis, padding: 3, input: 3 })
        );
        assert_eq!(
            row(PaddingMode::Circular, 4, 0),
            Err(Error::CircularPadTooLarge { axis, padding: 4, input: 3 })
        );
        assert!(row(PaddingMode::Replicate, 50, 50).is_ok());
        assert!(matches!(row(PaddingMode::Replicate, usize::MAX, 1), Err(Error::TooLarge { .. })));
        let empty = Images::zeros((1, 1, 0, 3));
        let pads = Pads { top: 1, ..Pads::default() };
        assert_eq!(
            pad2d(&empty, pads, PaddingMode::Replicate),
            Err(Error::EmptyInput { axis: Axis::Height })
        );
        assert_eq!(pad2d(&empty, pads, PaddingMode::Constant(2.0)), Ok(Images::from_elem((1, 1, 1, 3), 2.0)));
        assert_eq!(
            pad2d_backward(&Images::ones((1, 1, 1, 3)), pads, PaddingMode::Constant(2.0), (0, 3)),
            Ok(empty)
        );
    }

    /// `<pad(x), y> = <x, backward(y)>` when the padding adds nothing of its own.
    #[test]
    fn backward_is_the_adjoint() {
        let mut random = Random::new(61);
        let modes =
            [PaddingMode::Constant(0.0), PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular];
        for _ in 0..300 {
            let (height, width) = (2 + random.below(6), 2 + random.below(6));
            let mut pad = || random.below(height.min(width));
            let pads = Pads { top: pad(), bottom: pad(), left: pad(), right: pad() };
            let mode = modes[random.below(4)];
            let x = Images::from_shape_simple_fn((2, 2, height, width), || random.range(-1.0, 1.0));
            let padded = pad2d(&x, pads, mode).unwrap();
            let y = padded.mapv(|_| random.range(-1.0, 1.0));
            let back = pad2d_backward(&y, pads, mode, (height, width)).unwrap();
            let difference = (&padded * &y).sum() - (&x * &back).sum();
            assert!(difference.abs() < 1e-4, "{pads:?} {mode:?}: {difference}");
        }
        let wrong = pad2d_backward(&Images::zeros((1, 1, 4, 4)), Pads::all(1), PaddingMode::Reflect, (3, 3));
        assert!(matches!(wrong, Err(Error::ShapeMismatch { name: "grad_padded", .. })));
    }

    #[test]
    fn kinds() {
        let resolve = |padding: Padding, stride| padding.resolve((7, 8), (4, 3), stride, (1, 2));
        let pads = |top, bottom, left, right| Ok(Pads { top, bottom, left, right });
        assert_eq!(resolve(Padding::Same, (1, 1)), pads(1, 2, 2, 2));
        assert_eq!(resolve(Padding::Full, (1, 1)), pads(3, 3, 4, 4));
        assert_eq!(resolve(Padding::Valid, (2, 2)), pads(0, 0, 0, 0));
        // 4 windows span 3 * 2 + 4 = 10 of 7 rows, and 3 * 2 + 5 = 11 of 8 columns
        assert_eq!(resolve(Padding::SameTf, (2, 2)), pads(1, 2, 1, 2));
        assert_eq!(resolve(Padding::SameTf, (9, 9)), pads(0, 0, 0, 0));
        assert_eq!(resolve(Padding::Same, (0, 1)), Err(Error::Zero { name: "stride" }));
    }
}
