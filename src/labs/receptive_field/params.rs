//! What the learner can set, and what follows from it.

use super::stack::{self, KINDS, MapField, Stack};
use super::unfit::Unfit;
use crate::core::nets::networks;
use crate::core::ops::Nonlinearity;
use crate::stage::control::{Controls, Form, Kind, Values};
use crate::stage::lab::Data;
use crate::stage::refusal::Refusal;
use crate::stage::scene::grid::extent;
use crate::stage::value::shorten;
use crate::{choice, controls};

/// Longest side of an input.
pub const MAX_SIZE: usize = 256;
/// Most multiply-adds of one forward pass.
const MOST_MACS: f64 = 4e9;
/// Most numbers in all maps together.
const MOST_NUMBERS: f64 = 2e7;

/// Headings of the controls, in order.
pub enum Group {
    /// The layers.
    Stack,
    /// What they look at.
    Input,
    /// Their weights.
    Weights,
    /// Which unit is asked.
    Unit,
    /// How the answer is shown.
    Show,
}

choice! {
    /// What the stack looks at.
    Input {
        /// A ball on a ground.
        Ball = "ball",
        /// Normal noise, another for each draw.
        Noise = "noise",
        /// The learner's.
        Own = "own",
    }
}

choice! {
    /// How weights are drawn.
    Weights {
        /// All alike: one over the number of taps and channels.
        Uniform = "uniform",
        /// Normal, with variance one over the number of inputs.
        Normal = "normal",
        /// Normal, with twice that variance (He et al., 2015).
        He = "he",
    }
}

choice! {
    /// What each convolution but the last is followed by.
    Activation {
        /// Nothing.
        None = "none",
        /// max(0, x).
        Relu = "relu",
        /// A small slope for negative values.
        LeakyRelu = "leaky_relu",
        /// x·Φ(x).
        Gelu = "gelu",
        /// tanh(x).
        Tanh = "tanh",
        /// σ(x).
        Sigmoid = "sigmoid",
    }
}

choice! {
    /// What of the gradient is shown.
    Measure {
        /// Its size.
        Abs = "abs",
        /// Its square.
        Squared = "squared",
        /// It itself, of one draw.
        Signed = "signed",
    }
}

choice! {
    /// How it becomes a colour.
    Scaling {
        /// As it is.
        Linear = "linear",
        /// Its root.
        Sqrt = "sqrt",
        /// Its logarithm.
        Log = "log",
    }
}

choice! {
    /// What the second figure shows.
    Panel {
        /// Every layer's field.
        Layers = "layers",
        /// Size against depth.
        Growth = "growth",
        /// Which cells are touched.
        Coverage = "coverage",
        /// What units at the border see.
        Border = "border",
        /// Which depth covers an object.
        Object = "object",
        /// Which units a pixel reaches.
        Back = "back",
        /// A published network.
        Network = "network",
    }
}

choice! {
    /// A published network; the keys are those of [`crate::core::nets::networks`].
    Network {
        /// None: the learner's own stack.
        None = "none",
        /// AlexNet.
        AlexNet = "alexnet",
        /// VGG-11.
        Vgg11 = "vgg11",
        /// VGG-13.
        Vgg13 = "vgg13",
        /// VGG-16.
        Vgg16 = "vgg16",
        /// VGG-19.
        Vgg19 = "vgg19",
        /// GoogLeNet.
        GoogLeNet = "googlenet",
        /// ResNet-18.
        ResNet18 = "resnet18",
        /// ResNet-34.
        ResNet34 = "resnet34",
        /// ResNet-50.
        ResNet50 = "resnet50",
        /// ResNet-101.
        ResNet101 = "resnet101",
        /// ResNet-152.
        ResNet152 = "resnet152",
        /// ResNet-50 (TF-Slim).
        ResNet50Tf = "resnet50_tf",
        /// ResNet-101 (TF-Slim).
        ResNet101Tf = "resnet101_tf",
        /// ResNet-152 (TF-Slim).
        ResNet152Tf = "resnet152_tf",
        /// Inception v3.
        InceptionV3 = "inception_v3",
        /// SqueezeNet 1.0.
        SqueezeNet = "squeezenet1_0",
        /// DenseNet-121.
        DenseNet121 = "densenet121",
        /// MobileNet v1.
        MobileNetV1 = "mobilenet_v1",
        /// MobileNet v2.
        MobileNetV2 = "mobilenet_v2",
        /// EfficientNet-B0.
        EfficientNetB0 = "efficientnet_b0",
        /// ConvNeXt-T.
        ConvNextT = "convnext_tiny",
    }
}

choice! {
    /// In which order the layers of a network are listed.
    Sort {
        /// That of the forward pass.
        Order = "order",
        /// The widest field first.
        Field = "field",
        /// The most parameters first.
        Parameters = "parameters",
        /// The most multiply-adds first.
        Macs = "macs",
    }
}

controls! {
    /// Everything the learner can set.
    Params, Labels {
        /// The layers.
        layers: String = Kind::Text { max: 2000, form: Form::Rows(KINDS) }, "c3,c3,a2s2,c3,c3,c3,c3d2,c3,c3,c3", Group::Stack;
        /// Spans with a shortcut around them.
        skip: String = Kind::Text { max: 400, form: Form::Numbers }, "", Group::Stack;
        /// The published network that is told about; one without branches also fills the layers.
        network: Network = Kind::Choice(Network::KEYS), "none", Group::Stack;
        /// What the stack looks at.
        input: Input = Kind::Choice(Input::KEYS), "ball", Group::Input;
        /// Its height and width.
        size: (usize, usize) = Kind::Pair { min: 1, max: MAX_SIZE }, "96", Group::Input;
        /// How wide the ball is.
        object: i64 = Kind::Whole { min: 1, max: 200 }, "30", Group::Input;
        /// How weights are drawn.
        weights: Weights = Kind::Choice(Weights::KEYS), "uniform", Group::Weights;
        /// Channels of the convolutions.
        channels: i64 = Kind::Whole { min: 1, max: 32 }, "4", Group::Weights;
        /// What follows each convolution but the last.
        activation: Activation = Kind::Choice(Activation::KEYS), "none", Group::Weights;
        /// Normalise what each convolution but the last makes.
        norm: bool = Kind::Flag, "0", Group::Weights;
        /// Share of the numbers that are dropped after each convolution but the last.
        dropout: f32 = Kind::Real { min: 0.0, max: 0.9, step: 0.05 }, "0", Group::Weights;
        /// Over how many draws of the weights the gradient is averaged.
        draws: i64 = Kind::Whole { min: 1, max: 100 }, "16", Group::Weights;
        /// Whose unit is asked; 0 is the last.
        layer: i64 = Kind::Whole { min: 0, max: stack::MOST_LAYERS as i64 }, "0", Group::Unit;
        /// Row and column of the unit; empty is the middle.
        unit: String = Kind::Text { max: 20, form: Form::Numbers }, "", Group::Unit;
        /// What of the gradient is shown.
        measure: Measure = Kind::Choice(Measure::KEYS), "abs", Group::Show;
        /// How it becomes a colour.
        scale: Scaling = Kind::Choice(Scaling::KEYS), "linear", Group::Show;
        /// What the second figure shows.
        panel: Panel = Kind::Choice(Panel::KEYS), "layers", Group::Show;
        /// In which order the layers of a network are listed.
        sort: Sort = Kind::Choice(Sort::KEYS), "order", Group::Show;
        /// The first line of that list that is shown.
        first_row: i64 = Kind::Whole { min: 1, max: 500 }, "1", Group::Show;
    }
}

impl Params {
    /// Every control at its default.
    pub fn defaults() -> Params {
        Params::read(&Values::defaults(Params::CONTROLS))
    }

    /// The stack that the texts describe.
    pub fn stack(&self) -> Result<Stack, Refusal> {
        let layers = stack::parse(&self.layers)?;
        let skips = skips(&self.skip, layers.len())?;
        Ok(Stack { layers, skips })
    }

    /// How many layers lead to the unit.
    pub fn depth(&self, stack: &Stack) -> Result<usize, Refusal> {
        let layers = stack.layers.len();
        match usize::try_from(self.layer) {
            Ok(0) => Ok(layers),
            Ok(layer) if layer <= layers => Ok(layer),
            _ => Err(Refusal::lab(Unfit::NoSuchLayer { layer: self.layer, layers })),
        }
    }

    /// Row and column of the unit in a map of this size.
    pub fn place(&self, map: (usize, usize)) -> Result<(usize, usize), Refusal> {
        let text = self.unit.trim();
        if text.is_empty() {
            return Ok((map.0 / 2, map.1 / 2));
        }
        let unread = || Refusal::lab(Unfit::Unit { text: shorten(text) });
        let numbers: Vec<Option<usize>> = text.split(',').map(|word| word.trim().parse().ok()).collect();
        let (row, column) = match numbers[..] {
            [Some(both)] => (both, both),
            [Some(row), Some(column)] => (row, column),
            _ => return Err(unread()),
        };
        if row >= map.0 || column >= map.1 {
            return Err(Refusal::lab(Unfit::UnitOutside { unit: (row, column), map }));
        }
        Ok((row, column))
    }

    /// The network that is told about; `None` when the own stack is.
    pub fn published(&self) -> Option<&'static networks::Network> {
        (self.panel == Panel::Network).then(|| networks::network(self.network.key())).flatten()
    }

    /// Channels that are computed: with equal weights one stands for all.
    pub fn width(&self) -> usize {
        match self.weights {
            Weights::Uniform => 1,
            _ => usize::try_from(self.channels).unwrap_or(1).max(1),
        }
    }

    /// The share that is dropped, with as many decimals as code writes.
    pub fn dropped(&self) -> f64 {
        (f64::from(self.dropout) * 1e6).round() / 1e6
    }

    /// Whether one draw differs from the next.
    pub fn rounds_differ(&self) -> bool {
        self.weights != Weights::Uniform || self.dropout > 0.0
    }

    /// Draws that differ.
    pub fn rounds(&self) -> usize {
        match self.rounds_differ() {
            false => 1,
            true => usize::try_from(self.draws).unwrap_or(1).max(1),
        }
    }

    /// The activation of the core.
    pub fn function(&self) -> Nonlinearity {
        match self.activation {
            Activation::None => Nonlinearity::None,
            Activation::Relu => Nonlinearity::Relu,
            Activation::LeakyRelu => Nonlinearity::LeakyRelu { negative_slope: 0.01 },
            Activation::Gelu => Nonlinearity::Gelu,
            Activation::Tanh => Nonlinearity::Tanh,
            Activation::Sigmoid => Nonlinearity::Sigmoid,
        }
    }
}

/// Reads the spans, such as `1-3,4-6`, as pairs counted from 0.
fn skips(text: &str, layers: usize) -> Result<Vec<(usize, usize)>, Refusal> {
    let mut list: Vec<(usize, usize)> = Vec::new();
    if text.trim().is_empty() {
        return Ok(list);
    }
    for word in text.split(',') {
        let unread = || Refusal::lab(Unfit::Skip { text: shorten(word) });
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let ends = first.trim().parse::<usize>().ok().zip(last.trim().parse::<usize>().ok());
        let (first, last) = ends.filter(|(a, b)| *a >= 1 && a <= b).ok_or_else(unread)?;
        if last > layers {
            return Err(Refusal::lab(Unfit::SkipOutside { span: (first, last), layers }));
        }
        list.push((first - 1, last - 1));
    }
    list.sort_unstable();
    match list.windows(2).find(|pair| pair[1].0 <= pair[0].1) {
        Some(pair) => Err(Refusal::lab(Unfit::SkipsMeet { layer: pair[1].0 + 1 })),
        None => Ok(list),
    }
}

/// Multiply-adds of one forward pass with this many channels, and the numbers in all maps.
pub fn cost(stack: &Stack, maps: &[MapField], width: usize) -> (f64, f64, f64) {
    let (mut parameters, mut macs, mut numbers) = (0.0, 0.0, 0.0);
    let mut channels = 1.0;
    let area = |at: usize| maps.get(at).map_or(0.0, |map: &MapField| (map.size.0 * map.size.1) as f64);
    for (at, layer) in stack.layers.iter().enumerate() {
        let taps = (layer.kernel_size.0 * layer.kernel_size.1) as f64;
        let before = channels;
        if layer.what == stack::What::Conv {
            channels = width as f64;
        }
        if layer.is_conv() {
            let each = if layer.what == stack::What::Conv { before * channels } else { channels };
            parameters += taps * each;
            macs += taps * each * area(at + 1);
        }
        numbers += channels * area(at + 1);
    }
    (parameters, macs, numbers)
}

/// Whether these parameters can be computed.
pub fn check(params: &Params, data: &Data) -> Result<(), Refusal> {
    if params.input == Input::Own && !data.contains_key("input") {
        return Err(Refusal::lab(Unfit::NoOwnInput));
    }
    let stack = params.stack()?;
    let maps = stack.maps(params.size)?;
    let depth = params.depth(&stack)?;
    params.place(maps[depth].size)?;
    let (_, macs, numbers) = cost(&stack, &maps, params.width());
    if macs > MOST_MACS || numbers > MOST_NUMBERS {
        return Err(Refusal::lab(Unfit::TooMuch { macs }));
    }
    Ok(())
}

/// After one change, the values that follow from it: skips and units that there are no longer go.
pub fn settle(before: &Params, after: &mut Params, data: &Data) {
    if after.input != before.input
        && after.input == Input::Own
        && let Some(own) = data.get("input")
    {
        after.size = extent(own);
    }
    if after.network != before.network && after.network != Network::None {
        after.panel = Panel::Network;
        if let Some((layers, side)) = chain(after.network) {
            (after.layers, after.skip, after.layer) = (layers, String::new(), 0);
            if after.input != Input::Own {
                after.size = (side, side);
            }
        }
    }
    if (after.network, after.sort) != (before.network, before.sort) && after.first_row == before.first_row {
        after.first_row = 1;
    }
    let Ok(layers) = stack::parse(&after.layers) else { return };
    // There is nothing behind the last layer.
    after.layer = after.layer.min(i64::try_from(layers.len()).unwrap_or(i64::MAX));
    if after.layers != before.layers {
        let fits = |word: &&str| skips(word, layers.len()).is_ok();
        if skips(&after.skip, layers.len()).is_err() && skips(&before.skip, stack::MOST_LAYERS).is_ok() {
            after.skip = after.skip.split(',').filter(fits).collect::<Vec<_>>().join(",");
        }
    }
    // A unit of another map is no longer the one that was chosen.
    let map = |params: &Params| {
        let stack = params.stack().ok()?;
        let depth = params.depth(&stack).ok()?;
        Some(stack.first(depth).maps(params.size).ok()?.last()?.size)
    };
    if after.unit == before.unit
        && !after.unit.is_empty()
        && map(after).is_some_and(|now| after.place(now).is_err())
        && map(before).is_some_and(|then| before.place(then).is_ok())
    {
        after.unit = String::new();
    }
}

/// The layers of a network without branches up to its global pool, as text, and the side of its input.
fn chain(network: Network) -> Option<(String, usize)> {
    let network = networks::network(network.key())?;
    let summary = network.summary((network.input, network.input)).ok()?;
    let one_way = summary.layers.iter().all(|layer| !layer.branch && layer.op != networks::Op::Sum);
    one_way.then(|| (summary.text_form(), network.input))
}
