//! What is said of a network: its layers, and their sums.

use crate::core::nets::{ReceptiveField, Support};
use crate::core::ops::Pads;

/// What a layer of a network does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// A convolution.
    Conv,
    /// A linear layer; on a map, of each cell by itself.
    Linear,
    /// A normalisation that belongs to no other layer.
    Norm,
    /// The largest number of each window.
    MaxPool,
    /// The mean of each window.
    AveragePool,
    /// The mean of windows as large as it takes for a map of a given size, mostly 1x1.
    AdaptivePool,
    /// The sum of a branch and its shortcut.
    Sum,
    /// The channels of several branches, one after the other.
    Concat,
}

/// One layer of a network over an input of a given size. All pairs are `(height, width)`.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerRecord {
    /// As the implementation that the network's source names calls the module: `layer1.0.conv1`. Sums, concatenations
    /// and pools that are no modules there are named after their block.
    pub name: String,
    /// What it does.
    pub op: Op,
    /// Cells of a window; `(1, 1)` for what has none.
    pub kernel_size: (usize, usize),
    /// From one window to the next.
    pub stride: usize,
    /// Padding; the sides differ only where TensorFlow's `SAME` makes them.
    pub pads: Pads,
    /// From one tap of the kernel to the next: 1 in all of these networks.
    pub dilation: usize,
    /// 1, or as many as channels for a depthwise convolution.
    pub groups: usize,
    /// Channels that come in.
    pub c_in: usize,
    /// Channels of its map.
    pub c_out: usize,
    /// The size of its map.
    pub output_size: (usize, usize),
    /// Weights and biases.
    pub parameters: u64,
    /// Scale and shift of the normalisation that belongs to it, and ConvNeXt's factor for each channel.
    pub norm_parameters: u64,
    /// Multiply-adds for one image.
    pub macs: u64,
    /// What its units see; `None` for those that see all of the input, behind an adaptive pool. Where branches have
    /// joined it is the union of theirs. The padding is that before the first cell. Squeeze-and-excitation is left out.
    pub field: Option<ReceptiveField>,
    /// Whether all branches that have joined so far have the same centres and jumps. Where they don't, the field is
    /// that of the first unit, and the others' may lie elsewhere.
    pub aligned: bool,
    /// Whether it lies in a branch, not on the way that everything takes.
    pub branch: bool,
    /// Whether it belongs to an auxiliary classifier.
    pub auxiliary: bool,
}

impl LayerRecord {
    /// The cells of the input, of size `(height, width)`, that the unit `(row, column)` of this layer's map sees. What
    /// lies below 0 or behind the last cell is padding. Units that see everything have all of the input.
    ///
    /// ```
    /// use receptive::core::nets::{Support, networks};
    /// let summary = networks::network("resnet18").ok_or("unknown")?.summary((224, 224))?;
    /// let pool = &summary.layers[1];
    /// assert_eq!(pool.name, "maxpool");
    /// let support = pool.support((0, 10), (224, 224));
    /// assert_eq!(support, Support { top: -5, bottom: 5, left: 35, right: 45 });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn support(&self, unit: (usize, usize), input: (usize, usize)) -> Support {
        let along = |unit: usize, input: usize, pick: fn((f64, f64)) -> f64| match &self.field {
            Some(field) => {
                let first = (unit as f64 * pick(field.jump) - pick(field.padding)).round() as i64;
                (first, first.saturating_add(pick(field.size).round() as i64 - 1))
            }
            None => (0, i64::try_from(input).unwrap_or(i64::MAX) - 1),
        };
        let (top, bottom) = along(unit.0, input.0, |pair| pair.0);
        let (left, right) = along(unit.1, input.1, |pair| pair.1);
        Support { top, bottom, left, right }
    }
}

/// A network over an input of a given size.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// In the order of the forward pass; a branch stands before the layer that joins it.
    pub layers: Vec<LayerRecord>,
    /// Weights, biases and those of normalisation, without auxiliary classifiers.
    pub parameters: u64,
    /// Those of the auxiliary classifiers, which only training uses.
    pub auxiliary_parameters: u64,
    /// Multiply-adds of convolutions and linear layers for one image, without auxiliary classifiers.
    pub macs: u64,
    /// What a unit of the last map before the global pool sees.
    pub field: ReceptiveField,
    /// Whether the branches before it have the same centres and jumps.
    pub aligned: bool,
}
