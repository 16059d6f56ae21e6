//! The notation that networks are written in: steps as constants, read by `walk`.

/// One step of a network, in the order of its forward pass.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// One layer.
    Layer(Plain),
    /// Blocks of the same form, one after the other.
    Stage(Stage),
    /// A branch and a shortcut around it, summed. The shortcut's layers stand in when the branch changes the channels;
    /// a branch that only strides gets a shortcut that takes every s-th cell. Without layers to stand in there is a
    /// shortcut only where the branch keeps the shape.
    Residual { branch: &'static [Step], shortcut: &'static [Step] },
    /// Ways from the same map, their channels put together. A way without steps is the map itself.
    Concat { name: &'static str, ways: &'static [&'static [Step]] },
    /// Squeeze-and-excitation: a factor for each channel, from the mean of its whole map.
    SqueezeExcitation { name: &'static str },
    /// An auxiliary classifier: trained with the network, then thrown away.
    Auxiliary(&'static [Step]),
}

/// A layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plain {
    /// Follows the name of the block.
    pub name: &'static str,
    pub kind: Kind,
    pub c_out: Width,
    pub kernel_size: (u8, u8),
    pub stride: u8,
    pub padding: Pad,
    pub has: u8,
}

/// What a layer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Conv,
    Linear,
    Norm,
    MaxPool,
    AveragePool,
    /// To a map of `kernel_size`, whatever comes in.
    AdaptivePool,
}

/// How many channels a layer gives.
#[derive(Clone, Copy, Debug)]
pub(super) enum Width {
    Is(u16),
    /// A number of the stage, times another.
    Arg(u8, u8),
    /// The channels that come in, times the first, divided by the second.
    In(u8, u8),
    /// The channels that come in, times a number of the stage.
    InArg(u8),
}

/// How a layer is padded.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pad {
    /// Half the kernel on every side.
    Half,
    Each(u8),
    /// TensorFlow's `SAME`.
    SameTf,
}

/// Blocks of the same form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stage {
    /// Of the blocks; a number follows unless `every` is 0.
    pub name: &'static str,
    /// The number of the first block.
    pub first: u8,
    /// From the number of one block to that of the next.
    pub every: u8,
    pub blocks: u8,
    /// Of one of the blocks, the first or the last; 1 in the others.
    pub stride: u8,
    pub strides_last: bool,
    /// What `Arg` and `InArg` mean.
    pub args: &'static [u16],
    pub body: &'static [Step],
}

/// Channels unchanged.
pub(super) const SAME: Width = Width::In(1, 1);
/// As a stride: that of the stage.
pub(super) const S: u8 = 0;
/// As a kernel size: the third number of the stage.
pub(super) const K: u8 = 0;

// what a layer can have beside its weights
pub(super) const BIAS: u8 = 1;
/// Scale and shift of a normalisation of what comes in.
pub(super) const NORM_IN: u8 = 2;
/// The same of what goes out.
pub(super) const NORM_OUT: u8 = 4;
/// A factor for each channel of what goes out.
pub(super) const SCALE: u8 = 8;
/// As many groups as channels.
pub(super) const DEPTHWISE: u8 = 16;
/// PyTorch's `ceil_mode`.
pub(super) const CEIL: u8 = 32;

const fn layer(name: &'static str, kind: Kind, c_out: Width, k: u8, has: u8) -> Step {
    Step::Layer(Plain { name, kind, c_out, kernel_size: (k, k), stride: 1, padding: Pad::Half, has })
}

/// A convolution with neither bias nor normalisation.
pub(super) const fn conv(name: &'static str, c_out: Width, k: u8) -> Step {
    layer(name, Kind::Conv, c_out, k, 0)
}

/// A convolution with a bias.
pub(super) const fn conv_bias(name: &'static str, c_out: Width, k: u8) -> Step {
    layer(name, Kind::Conv, c_out, k, BIAS)
}

/// A convolution and its normalisation.
pub(super) const fn conv_norm(name: &'static str, c_out: Width, k: u8) -> Step {
    layer(name, Kind::Conv, c_out, k, NORM_OUT)
}

/// A convolution of each channel by itself, and its normalisation.
pub(super) const fn depthwise(name: &'static str, k: u8) -> Step {
    layer(name, Kind::Conv, SAME, k, NORM_OUT | DEPTHWISE)
}

/// A linear layer with a bias. On a map it acts on each cell by itself; behind an adaptive pool, on the whole map.
pub(super) const fn linear(name: &'static str, c_out: Width) -> Step {
    layer(name, Kind::Linear, c_out, 1, BIAS)
}

/// A normalisation that stands by itself.
pub(super) const fn norm(name: &'static str) -> Step {
    layer(name, Kind::Norm, SAME, 1, NORM_OUT)
}

pub(super) const fn max_pool(name: &'static str, k: u8, stride: u8) -> Step {
    layer(name, Kind::MaxPool, SAME, k, 0).stride(stride).padding(0)
}

pub(super) const fn average_pool(name: &'static str, k: u8, stride: u8) -> Step {
    layer(name, Kind::AveragePool, SAME, k, 0).stride(stride).padding(0)
}

/// The mean to a map of this many rows and columns.
pub(super) const fn adaptive_pool(name: &'static str, size: u8) -> Step {
    layer(name, Kind::AdaptivePool, SAME, size, 0)
}

/// One block, without a number.
pub(super) const fn block(name: &'static str, args: &'static [u16], body: &'static [Step]) -> Step {
    stage(name, 0, 1, 1, args, body).every(0)
}

/// Blocks numbered from `first` on, the first one with this stride.
pub(super) const fn stage(
    name: &'static str,
    first: u8,
    blocks: u8,
    stride: u8,
    args: &'static [u16],
    body: &'static [Step],
) -> Step {
    Step::Stage(Stage { name, first, every: 1, blocks, stride, strides_last: false, args, body })
}

pub(super) const fn residual(branch: &'static [Step], shortcut: &'static [Step]) -> Step {
    Step::Residual { branch, shortcut }
}

pub(super) const fn concat(name: &'static str, ways: &'static [&'static [Step]]) -> Step {
    Step::Concat { name, ways }
}

/// Changes of one field of a layer or a stage; what has no such field stays as it is.
impl Step {
    pub(super) const fn stride(mut self, stride: u8) -> Step {
        if let Step::Layer(layer) = &mut self {
            layer.stride = stride;
        }
        self
    }

    pub(super) const fn padding(self, padding: u8) -> Step {
        self.padded(Pad::Each(padding))
    }

    pub(super) const fn same_tf(self) -> Step {
        self.padded(Pad::SameTf)
    }

    const fn padded(mut self, padding: Pad) -> Step {
        if let Step::Layer(layer) = &mut self {
            layer.padding = padding;
        }
        self
    }

    /// With a kernel of this height and width.
    pub(super) const fn kernel(mut self, height: u8, width: u8) -> Step {
        if let Step::Layer(layer) = &mut self {
            layer.kernel_size = (height, width);
        }
        self
    }

    pub(super) const fn with(mut self, has: u8) -> Step {
        if let Step::Layer(layer) = &mut self {
            layer.has |= has;
        }
        self
    }

    pub(super) const fn every(mut self, every: u8) -> Step {
        if let Step::Stage(stage) = &mut self {
            stage.every = every;
        }
        self
    }

    pub(super) const fn strides_last(mut self) -> Step {
        if let Step::Stage(stage) = &mut self {
            stage.strides_last = true;
        }
        self
    }
}
