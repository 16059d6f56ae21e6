//! What the learner can set, and what follows from it.

use super::walk::Walk;
use crate::labs::convolution::inputs::Input;
use crate::stage::control::Kind;
use crate::stage::lab::Data;
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::extent;
use crate::stage::text::{Lang, Sentence, count, fill, number};
use crate::stage::value::LARGEST;
use crate::{choice, controls};

/// Longest side of an input.
pub const MAX_SIZE: usize = 512;
/// Longest side of a window.
pub const MAX_KERNEL: usize = 15;
/// Reads that one frame has time for; a median counts six times, a power twelve times.
const MOST_READS: usize = 2_500_000;

/// Headings of the controls, in order.
pub enum Group {
    /// What is pooled.
    Input,
    /// How a window becomes a number.
    Pool,
    /// How the window walks.
    Walk,
    /// What the second figure shows, and what it needs.
    Show,
}

choice! {
    /// How a window becomes one number.
    Pool {
        /// Its largest.
        Max = "max",
        /// Its mean.
        Avg = "avg",
        /// Its smallest.
        Min = "min",
        /// Its middle one in order.
        Median = "median",
        /// The root of its powers.
        Lp = "lp",
        /// The mean of all cells.
        GlobalAvg = "global_avg",
        /// The largest of all cells.
        GlobalMax = "global_max",
    }
}

choice! {
    /// What the second figure shows.
    Panel {
        /// Where a gradient lands.
        Backward = "backward",
        /// Error of each pool on a noisy picture.
        Noise = "noise",
        /// What changes when the input moves.
        Shift = "shift",
        /// What is left of a small object.
        SmallObject = "small_object",
        /// Convolution first, or pool first.
        Order = "order",
        /// Channels, and one number for each.
        Channels = "channels",
    }
}

choice! {
    /// The gradient that arrives at the output.
    Grad {
        /// 1 everywhere.
        Ones = "ones",
        /// 1 in the middle, 0 elsewhere.
        Cell = "cell",
        /// Whole numbers from −4 to 4.
        Random = "random",
        /// The learner's own; zeros at first.
        Own = "own",
    }
}

choice! {
    /// The kind of noise.
    Noise {
        /// Some cells become the brightest.
        Salt = "salt",
        /// Some cells become the darkest.
        Pepper = "pepper",
        /// Every cell is off by a normal number.
        Gaussian = "gaussian",
    }
}

choice! {
    /// What is moved.
    Moved {
        /// Single detections among zeros.
        Points = "points",
        /// A random number in every cell.
        Noise = "noise",
        /// The input, as 64 × 64 cells.
        Input = "input",
    }
}

choice! {
    /// Which way it is moved.
    Way {
        /// To the right.
        Right = "right",
        /// Downwards.
        Down = "down",
        /// Both at once.
        Diagonal = "diagonal",
    }
}

choice! {
    /// The kernel of the convolution beside the pool.
    Filter {
        /// Vertical edges.
        SobelX = "sobel_x",
        /// Edges of every direction.
        Laplacian = "laplacian",
        /// A blur.
        Gaussian = "gaussian",
    }
}

controls! {
    /// Everything the learner can set.
    Params, Labels {
        /// What is pooled.
        input: Input = Kind::Choice(Input::KEYS), "digits", Group::Input;
        /// Its height and width.
        size: (usize, usize) = Kind::Pair { min: 1, max: MAX_SIZE }, "7", Group::Input;
        /// How a window becomes a number.
        pool: Pool = Kind::Choice(Pool::KEYS), "max", Group::Pool;
        /// Order of the norm of `lp`.
        norm_type: f32 = Kind::Real { min: 1.0, max: 16.0, step: 1.0 }, "2", Group::Pool;
        /// Height and width of a window.
        kernel_size: (usize, usize) = Kind::Pair { min: 1, max: MAX_KERNEL }, "3", Group::Walk;
        /// Steps of the window.
        stride: (usize, usize) = Kind::Pair { min: 1, max: 16 }, "2", Group::Walk;
        /// Cells added on each side.
        padding: (usize, usize) = Kind::Pair { min: 0, max: 7 }, "0", Group::Walk;
        /// Distance between the cells a window reads.
        dilation: (usize, usize) = Kind::Pair { min: 1, max: 8 }, "1", Group::Walk;
        /// Windows may hang over the end.
        ceil_mode: bool = Kind::Flag, "0", Group::Walk;
        /// An average counts the padding.
        count_include_pad: bool = Kind::Flag, "1", Group::Walk;
        /// What the second figure shows.
        panel: Panel = Kind::Choice(Panel::KEYS), "backward", Group::Show;
        /// The gradient that arrives.
        grad: Grad = Kind::Choice(Grad::KEYS), "ones", Group::Show;
        /// The kind of noise.
        noise: Noise = Kind::Choice(Noise::KEYS), "salt", Group::Show;
        /// Share of cells hit, or the deviation as a share of the range.
        strength: f32 = Kind::Real { min: 0.0, max: 0.5, step: 0.01 }, "0.05", Group::Show;
        /// What is moved.
        moved: Moved = Kind::Choice(Moved::KEYS), "points", Group::Show;
        /// Which way it is moved.
        shift_axis: Way = Kind::Choice(Way::KEYS), "right", Group::Show;
        /// How many cells it is moved.
        shift: i64 = Kind::Whole { min: 0, max: 16 }, "4", Group::Show;
        /// Side of the object.
        object_size: i64 = Kind::Whole { min: 1, max: 16 }, "3", Group::Show;
        /// Down-sampling layers in a row.
        layers: i64 = Kind::Whole { min: 1, max: 4 }, "3", Group::Show;
        /// The kernel of the convolution beside the pool.
        filter: Filter = Kind::Choice(Filter::KEYS), "sobel_x", Group::Show;
    }
}

impl Pool {
    /// One window over everything.
    pub fn is_global(self) -> bool {
        matches!(self, Pool::GlobalAvg | Pool::GlobalMax)
    }
    /// Takes one cell of the window, and forgets the others.
    pub fn chooses(self) -> bool {
        matches!(self, Pool::Max | Pool::Min | Pool::Median | Pool::GlobalMax)
    }
    /// Whether PyTorch's layer has this argument.
    pub fn has(self, key: &str) -> bool {
        match key {
            "kernel_size" | "stride" => !self.is_global(),
            "padding" => !self.is_global() && self != Pool::Lp,
            "dilation" => matches!(self, Pool::Max | Pool::Min | Pool::Median),
            "ceil_mode" => !self.is_global() && self != Pool::Median,
            "count_include_pad" => self == Pool::Avg,
            "norm_type" => self == Pool::Lp,
            _ => true,
        }
    }
}

impl Params {
    /// Whether the figures show numbers in cells; otherwise pictures.
    pub fn is_grid(&self) -> bool {
        let p = if self.pool.has("padding") { self.padding } else { (0, 0) };
        (self.size.0 + 2 * p.0).max(self.size.1 + 2 * p.1) <= 20
    }

    /// Whether a control means something now.
    pub fn relevant(&self, key: &str) -> bool {
        match key {
            "grad" => self.panel == Panel::Backward,
            "noise" | "strength" => self.panel == Panel::Noise,
            "moved" | "shift" | "shift_axis" => self.panel == Panel::Shift,
            "object_size" | "layers" => self.panel == Panel::SmallObject,
            "filter" => self.panel == Panel::Order,
            "count_include_pad" => self.pool.has(key) && self.padding != (0, 0),
            _ => self.pool.has(key),
        }
    }
}

/// Why these parameters can't be computed, beyond shapes.
#[derive(Clone, Debug, PartialEq)]
pub enum Unfit {
    /// A link names a picture that never left another machine.
    NoOwnInput,
    /// A window that lies on padding alone.
    OnlyPadding,
    /// A power of negative numbers.
    NoRoot,
    /// More reads than a frame has time for.
    TooManyReads {
        /// How many, weighted.
        reads: usize,
    },
    /// A tensor of another shape than this lab takes.
    LoadShape {
        /// Which.
        name: &'static str,
        /// Its shape.
        shape: Vec<usize>,
        /// The shape it should have.
        wanted: String,
    },
    /// A tensor with a number that is not finite, or too large.
    LoadNumber,
}

impl Sentence for Unfit {
    fn say(&self, lang: Lang) -> String {
        match self {
            Unfit::NoOwnInput => lang
                .pick(
                    "There is no picture of yours here yet, and a link never carries one: drop one in, or choose an input from the list.",
                    "这里还没有你自己的图片，链接也不会带来图片：请拖入一张，或从列表中选择输入。",
                )
                .into(),
            Unfit::OnlyPadding => lang
                .pick(
                    "With this dilation some window lies on padding alone: PyTorch gives minus infinity there. Use less dilation, less padding or a larger input.",
                    "这样的膨胀率会让某个窗口只落在填充上，PyTorch 在那里给出负无穷。请减小膨胀率或填充，或加大输入。",
                )
                .into(),
            Unfit::NoRoot => lang
                .pick(
                    "The input holds negative numbers, whose sum of odd powers may have no root: PyTorch gives no number there. Use an even norm_type.",
                    "输入含有负数，奇数次幂之和可能开不出根，PyTorch 在那里得不到有效的数。请用偶数的 norm_type。",
                )
                .into(),
            Unfit::TooManyReads { reads } => fill(
                lang.pick(
                    "These windows are {reads} steps of work, more than a frame has time for: use a larger stride, a smaller kernel_size or a smaller input.",
                    "这些窗口需要 {reads} 步计算，一帧之内算不完：请加大步幅，或减小 kernel_size 或输入。",
                ),
                &[("reads", count(*reads as f64))],
            ),
            Unfit::LoadShape { name, shape, wanted } => fill(
                lang.pick("{name} has shape {shape}; this lab takes {wanted}.", "{name} 的形状是 {shape}；本实验只接受 {wanted}。"),
                &[("name", (*name).into()), ("shape", format!("{shape:?}")), ("wanted", wanted.clone())],
            ),
            Unfit::LoadNumber => fill(
                lang.pick(
                    "The tensor holds a number that is not finite or beyond ±{most}: replace it, or divide by a constant first.",
                    "张量中有非有限的数，或超出 ±{most} 的数：请先替换，或除以一个常数。",
                ),
                &[("most", number(f64::from(LARGEST), 0))],
            ),
        }
    }
}

/// Whether these parameters can be computed.
pub fn check(params: &Params, data: &Data) -> Result<(), Refusal> {
    if params.input == Input::Own {
        let Some(own) = data.get("input") else { return Err(Refusal::lab(Unfit::NoOwnInput)) };
        let even = (params.norm_type / 2.0).fract() == 0.0;
        if params.pool == Pool::Lp && !even && own.iter().any(|v| *v < 0.0) {
            return Err(Refusal::lab(Unfit::NoRoot));
        }
    }
    let walk = Walk::of(params)?;
    if walk.has_empty_window() {
        return Err(Refusal::lab(Unfit::OnlyPadding));
    }
    let weight = match params.pool {
        Pool::Lp => 12,
        _ if params.pool == Pool::Median || params.panel == Panel::Noise => 6,
        _ => 1,
    };
    let reads = walk.reads().saturating_mul(weight);
    if reads > MOST_READS {
        return Err(Refusal::lab(Unfit::TooManyReads { reads }));
    }
    Ok(())
}

/// After a tensor has come from outside: windows no larger than it, and a power that takes its numbers.
pub fn fit(params: &mut Params, data: &Data) {
    let negative = data.get("input").is_some_and(|own| own.iter().any(|v| *v < 0.0));
    if params.pool == Pool::Lp && negative && (params.norm_type / 2.0).fract() != 0.0 {
        params.norm_type = 2.0;
    }
    let one = |k: usize, d: &mut usize, p: &mut usize, n: usize| {
        let k = k.min(n);
        *p = (*p).min(k / 2);
        if *d * (k - 1) + 1 > n {
            *d = 1;
        }
        k
    };
    let (k, size) = (params.kernel_size, params.size);
    params.kernel_size = (
        one(k.0, &mut params.dilation.0, &mut params.padding.0, size.0),
        one(k.1, &mut params.dilation.1, &mut params.padding.1, size.1),
    );
    // A step longer than the window leaves room for a quicker walk over large maps.
    if matches!(check(params, data), Err(Refusal::Lab(_))) {
        params.stride = params.kernel_size;
        params.dilation = (1, 1);
    }
}

/// After one change, the values that follow from it.
pub fn settle(before: &Params, after: &mut Params, data: &Data) {
    if after.kernel_size != before.kernel_size {
        // PyTorch allows padding up to half a window.
        after.padding.0 = after.padding.0.min(after.kernel_size.0 / 2);
        after.padding.1 = after.padding.1.min(after.kernel_size.1 / 2);
    }
    if after.input != before.input {
        let large = before.size.0.max(before.size.1) > 32;
        match after.input {
            Input::Own => {
                if let Some(own) = data.get("input") {
                    after.size = extent(own);
                }
            }
            Input::Published => after.size = (5, 5),
            other if other.is_picture() && !large => after.size = (256, 256),
            other if other.is_small() && large => after.size = (7, 7),
            _ => {}
        }
    }
}
