//! Pooling in one, two and three dimensions: windows slide over each plane, and each gives one number
//! (`torch.nn.functional.max_pool2d` and its family). [`Pool`] says where the windows lie, [`PoolWindows`] reduces
//! them.

use crate::core::ops::conv::extent;
use crate::core::ops::pool_windows::PoolWindows;
use crate::core::ops::windows::axis_name;
use crate::core::tensor::{Error, checked_elements};

/// Where the windows of a pooling lie. Every list has an entry for each of the `D` axes of space, in their order:
/// `[l]`, `[h, w]` or `[d, h, w]`.
///
/// ```
/// use receptive::core::ops::Pool2d;
/// let pool = Pool2d { ceil_mode: true, ..Pool2d::new([2, 2]) };
/// let x = ndarray::array![[[[1.0, 5.0, 2.0], [4.0, 3.0, 9.0]]]];
/// let max = pool.windows([2, 3])?.max(&x)?;
/// assert_eq!(max.values, ndarray::array![[[[5.0, 9.0]]]]);
/// assert_eq!(max.indices, ndarray::array![[[[1, 5]]]]);
/// # Ok::<(), receptive::core::tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool<const D: usize> {
    /// Cells a window reads along each axis.
    pub kernel_size: [usize; D],
    /// Cells from one window to the next.
    pub stride: [usize; D],
    /// Cells added before and after each axis. Maximum and minimum never choose them; an average counts them or not.
    pub pads: [(usize, usize); D],
    /// Cells from one cell of a window to the next.
    pub dilation: [usize; D],
    /// Whether windows may hang over the end of the padded input, so that no cell is left out. A window must still
    /// begin inside of the input or the padding before it.
    pub ceil_mode: bool,
    /// Allows pads of more than half a window, as ONNX does and PyTorch doesn't. A window in the padding alone has
    /// the maximum `-inf` and the average NaN, or 0 when the padding counts.
    pub free_pads: bool,
}

/// Windows over signals `[n, c, l]`.
pub type Pool1d = Pool<1>;
/// Windows over images `[n, c, h, w]`.
pub type Pool2d = Pool<2>;
/// Windows over volumes `[n, c, d, h, w]`.
pub type Pool3d = Pool<3>;

impl<const D: usize> Default for Pool<D> {
    /// Windows of two cells, side by side.
    fn default() -> Self {
        Pool::new([2; D])
    }
}

impl<const D: usize> Pool<D> {
    /// Windows side by side: the stride is the `kernel_size`, as PyTorch has it when none is given.
    pub fn new(kernel_size: [usize; D]) -> Self {
        Pool {
            kernel_size,
            stride: kernel_size,
            pads: [(0, 0); D],
            dilation: [1; D],
            ceil_mode: false,
            free_pads: false,
        }
    }

    /// How many windows there are along each axis: `(padded - dilation * (kernel_size - 1) - 1) / stride + 1`, rounded
    /// down, or up with `ceil_mode`; one less when the last window would begin behind the input.
    ///
    /// Errors: every reason of sizes for which the windows can't be laid.
    ///
    /// ```
    /// use receptive::core::ops::Pool1d;
    /// let pool = Pool1d { stride: [2], ceil_mode: true, ..Pool1d::new([3]) };
    /// assert_eq!(pool.output_size([6]), Ok([3]));
    /// // the fourth window would begin behind the input
    /// assert_eq!(Pool1d { stride: [3], kernel_size: [1], ..pool }.output_size([6]), Ok([2]));
    /// ```
    pub fn output_size(&self, input: [usize; D]) -> Result<[usize; D], Error> {
        for (name, list) in
            [("kernel_size", self.kernel_size), ("stride", self.stride), ("dilation", self.dilation)]
        {
            if list.contains(&0) {
                return Err(Error::Zero { name });
            }
        }
        let mut output = [0; D];
        for (a, output) in output.iter_mut().enumerate() {
            *output = self.output_along(a, input[a])?;
        }
        checked_elements(&output)?;
        Ok(output)
    }

    /// The windows over planes of size `input`.
    ///
    /// Errors: those of [`Pool::output_size`].
    pub fn windows(&self, input: [usize; D]) -> Result<PoolWindows<D>, Error> {
        Ok(PoolWindows::sliding(*self, input, self.output_size(input)?))
    }

    /// [`Pool::output_size`] of one axis.
    fn output_along(&self, a: usize, input: usize) -> Result<usize, Error> {
        let axis = axis_name::<D>(a);
        let (kernel_size, dilation, stride) = (self.kernel_size[a], self.dilation[a], self.stride[a]);
        let (before, after) = self.pads[a];
        if input == 0 {
            return Err(Error::EmptyInput { axis });
        }
        let padding = before.max(after);
        if padding > kernel_size / 2 && !self.free_pads {
            return Err(Error::PoolPadTooLarge { axis, padding, kernel_size });
        }
        let padded = input.saturating_add(before).saturating_add(after);
        checked_elements(&[padded])?;
        let kernel = extent(kernel_size, dilation);
        // the room that the first window leaves; none when it hangs over the end itself, which `ceil_mode` allows
        let windows = match padded.checked_sub(kernel) {
            Some(room) if self.ceil_mode => room.div_ceil(stride) + 1,
            Some(room) => room / stride + 1,
            None if self.ceil_mode && kernel - padded < stride => 1,
            None => {
                return Err(Error::KernelLargerThanInput {
                    axis,
                    kernel,
                    kernel_size,
                    dilation,
                    input: padded,
                });
            }
        };
        let last_begins_behind =
            (windows - 1).checked_mul(stride).is_none_or(|begin| begin >= input + before);
        Ok(if self.ceil_mode && last_begins_behind { windows - 1 } else { windows })
    }
}
