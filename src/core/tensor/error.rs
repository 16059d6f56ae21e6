//! What can be wrong with a request, said so that the learner knows what to change.

use std::fmt;

/// An axis of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Rows, counted from the top.
    Height,
    /// Columns, counted from the left.
    Width,
    /// Slices of a volume, counted from the front.
    Depth,
    /// The one axis of a sequence or a signal.
    Length,
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Axis::Height => "height",
            Axis::Width => "width",
            Axis::Depth => "depth",
            Axis::Length => "length",
        })
    }
}

/// Why an operator can't be applied. `Display` gives an English sentence; the fields let another layer say it in
/// another language.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// The kernel, spread by its dilation, does not fit into the padded input.
    KernelLargerThanInput {
        /// The axis along which it does not fit.
        axis: Axis,
        /// What the kernel covers: `dilation * (kernel_size - 1) + 1`.
        kernel: usize,
        /// Taps along the axis.
        kernel_size: usize,
        /// Distance between taps.
        dilation: usize,
        /// The input along the axis, padding included.
        input: usize,
    },
    /// Reflection needs the padding to be smaller than the input: the edge itself is not repeated.
    ReflectPadTooLarge {
        /// The axis that is padded too far.
        axis: Axis,
        /// The larger of the two pads of the axis.
        padding: usize,
        /// The input along the axis.
        input: usize,
    },
    /// Circular padding may wrap around the input once, not more.
    CircularPadTooLarge {
        /// The axis that is padded too far.
        axis: Axis,
        /// The larger of the two pads of the axis.
        padding: usize,
        /// The input along the axis.
        input: usize,
    },
    /// The input has no row or no column, and the operator needs one.
    EmptyInput {
        /// The axis of size zero.
        axis: Axis,
    },
    /// `same` padding is defined for stride 1 only, as in PyTorch.
    SameNeedsStrideOne {
        /// The stride asked for, `(height, width)`.
        stride: (usize, usize),
    },
    /// A number that must be at least 1 is zero.
    Zero {
        /// PyTorch's name of the argument.
        name: &'static str,
    },
    /// Grouped convolution needs channels that split evenly.
    ChannelsNotDivisible {
        /// `in_channels` or `out_channels`.
        name: &'static str,
        /// How many channels there are.
        channels: usize,
        /// Into how many groups they should split.
        groups: usize,
    },
    /// A number must be a multiple of another: `d_model` of `num_heads`, channels of the square of `upscale_factor`.
    NotDivisible {
        /// PyTorch's name of the number.
        name: &'static str,
        /// What it is.
        value: usize,
        /// PyTorch's name of what it should be a multiple of.
        by: &'static str,
        /// What that is.
        divisor: usize,
    },
    /// An index points outside of what it indexes.
    IndexOutOfRange {
        /// Which index: `target`, `indices`, `dim` …
        name: &'static str,
        /// Its value.
        index: i64,
        /// How many there are to choose from.
        size: usize,
    },
    /// A tensor has another number of axes than the operator needs.
    WrongRank {
        /// Which tensor.
        name: &'static str,
        /// The axes it must have, named: `[n, c, h, w]`.
        expected: &'static str,
        /// The shape it has.
        got: Vec<usize>,
    },
    /// A number that must be above zero, such as a temperature, is not.
    NotPositive {
        /// PyTorch's name of the argument.
        name: &'static str,
        /// What it is.
        value: f64,
    },
    /// A number is outside of the range in which the operator is defined.
    OutOfRange {
        /// PyTorch's name of the argument.
        name: &'static str,
        /// What it is.
        value: f64,
        /// The smallest value allowed.
        min: f64,
        /// The largest value allowed.
        max: f64,
    },
    /// Pooling pads at most half a window: otherwise a window could lie in the padding alone.
    PoolPadTooLarge {
        /// The axis that is padded too far.
        axis: Axis,
        /// The padding of one side.
        padding: usize,
        /// The window along the axis.
        kernel_size: usize,
    },
    /// `output_padding` chooses among the sizes that the stride or the dilation leaves open, and must be smaller
    /// than one of them.
    OutputPaddingTooLarge {
        /// The axis.
        axis: Axis,
        /// The output padding asked for.
        output_padding: usize,
        /// The larger one of stride and dilation.
        limit: usize,
    },
    /// The padding of a transposed convolution cuts away everything.
    NothingLeft {
        /// The axis.
        axis: Axis,
        /// What the kernels write along the axis, before the padding is cut off.
        full: usize,
        /// What the padding cuts off, both sides.
        cut: usize,
    },
    /// A tensor has another shape than the operator needs.
    ShapeMismatch {
        /// Which tensor: `weight`, `bias`, `grad_output` …
        name: &'static str,
        /// The shape it must have.
        expected: Vec<usize>,
        /// The shape it has.
        got: Vec<usize>,
    },
    /// A tensor would not fit into the memory the laboratory allows itself.
    TooLarge {
        /// Elements the tensor would have (`usize::MAX` when the product overflows).
        elements: usize,
        /// The most elements allowed.
        limit: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::KernelLargerThanInput { axis, kernel, kernel_size, dilation: 1, input }
                if kernel == kernel_size =>
            {
                write!(
                    f,
                    "The kernel is {kernel} long along the {axis}, but the padded input has only {input}: \
                     use a smaller kernel, more padding or a larger input."
                )
            }
            Error::KernelLargerThanInput { axis, kernel, kernel_size, dilation, input } => write!(
                f,
                "A kernel of {kernel_size} with dilation {dilation} spans {kernel} along the {axis}, but the padded \
                 input has only {input}: use a smaller kernel, less dilation, more padding or a larger input."
            ),
            Error::ReflectPadTooLarge { axis, padding, input } => write!(
                f,
                "Reflect padding must be smaller than the input: {padding} along the {axis} of {input} does not fit. \
                 Use at most {}, or another padding mode.",
                input.saturating_sub(1)
            ),
            Error::CircularPadTooLarge { axis, padding, input } => write!(
                f,
                "Circular padding can wrap around the input only once: {padding} is more than the {axis} of {input}. \
                 Use at most {input}, or another padding mode."
            ),
            Error::EmptyInput { axis } => {
                write!(f, "The input has a {axis} of 0: give it at least one row and one column.")
            }
            Error::SameNeedsStrideOne { stride: (height, width) } => write!(
                f,
                "Padding 'same' needs stride 1, but the stride is ({height}, {width}): set the stride to 1, or give \
                 the padding as a number."
            ),
            Error::Zero { name } => write!(f, "{name} is 0: set it to at least 1."),
            Error::ChannelsNotDivisible { name, channels, groups } => write!(
                f,
                "{name} is {channels}, which does not split into {groups} groups of the same size: change {name} or \
                 groups so that one divides the other."
            ),
            Error::NotDivisible { name, value, by, divisor } => write!(
                f,
                "{name} is {value}, which is no multiple of {by} ({divisor}): change one of them so that it divides."
            ),
            Error::IndexOutOfRange { name, index, size } => {
                write!(
                    f,
                    "{name} has the index {index}, but there are only {size}: use 0 to {}.",
                    size.saturating_sub(1)
                )
            }
            Error::WrongRank { name, expected, got } => {
                write!(
                    f,
                    "{name} has shape {got:?}, but its axes should be {expected}: give it that many axes."
                )
            }
            Error::NotPositive { name, value } => write!(f, "{name} is {value}: set it above 0."),
            Error::OutOfRange { name, value, min, max } => {
                write!(f, "{name} is {value}: set it between {min} and {max}.")
            }
            Error::PoolPadTooLarge { axis, padding, kernel_size } => write!(
                f,
                "The padding ({padding}) along the {axis} is more than half the window ({kernel_size}): use at most \
                 {}, or a larger kernel_size.",
                kernel_size / 2
            ),
            Error::OutputPaddingTooLarge { axis, output_padding, limit } => write!(
                f,
                "output_padding is {output_padding} along the {axis}, but must be below the larger one of stride and \
                 dilation, {limit}: lower it."
            ),
            Error::NothingLeft { axis, full, cut } => write!(
                f,
                "The kernels write {full} along the {axis}, and the padding cuts off {cut}: nothing is left. Lower the \
                 padding."
            ),
            Error::ShapeMismatch { name, expected, got } => {
                write!(f, "{name} has shape {got:?}, but {expected:?} is needed here: change its shape.")
            }
            Error::TooLarge { elements: usize::MAX, limit } => {
                write!(
                    f,
                    "This needs more numbers than can be counted; at most {limit} are allowed: use smaller sizes."
                )
            }
            Error::TooLarge { elements, limit } => {
                write!(
                    f,
                    "This needs {elements} numbers in one tensor; at most {limit} are allowed: use smaller sizes."
                )
            }
        }
    }
}

impl std::error::Error for Error {}
