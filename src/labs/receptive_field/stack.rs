//! The stack of layers as text, and what follows from its sizes alone: fields, their spread, the cells they touch.

use super::masks::{back_map, forth_map};
use super::unfit::Unfit;
use crate::core::ops::{Conv2d, Pads, Pool2d};
use crate::stage::refusal::Refusal;
use crate::stage::rows::{self, Row, RowField, RowKind};

/// Most layers of a stack.
pub const MOST_LAYERS: usize = 128;
/// Widest field, in cells of the input.
pub const WIDEST: f64 = 20_000.0;

const CONV: &[RowField] = &[
    RowField { letter: 'k', name: "kernel_size", min: 1, max: 63 },
    RowField { letter: 's', name: "stride", min: 1, max: 16 },
    RowField { letter: 'p', name: "padding", min: 0, max: 64 },
    RowField { letter: 'd', name: "dilation", min: 1, max: 32 },
];

/// The kinds of rows: convolution, depthwise convolution, max pooling, average pooling.
pub const KINDS: &[RowKind] = &[
    RowKind { letter: 'c', name: "Conv2d", fields: CONV },
    RowKind { letter: 'm', name: "MaxPool2d", fields: CONV },
    RowKind { letter: 'a', name: "AvgPool2d", fields: CONV.split_at(3).0 },
    RowKind { letter: 'w', name: "Depthwise", fields: CONV },
];

/// What a layer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A convolution over all channels.
    Conv,
    /// Max pooling.
    Max,
    /// Average pooling; padding counts as zeros.
    Average,
    /// A convolution of each channel on its own.
    Depthwise,
}

/// A layer. All pairs are `(height, width)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// What it does.
    pub what: What,
    /// Kernel or window.
    pub kernel_size: (usize, usize),
    /// Its steps.
    pub stride: (usize, usize),
    /// Cells added on each side.
    pub padding: (usize, usize),
    /// Distance between its taps.
    pub dilation: (usize, usize),
}

impl Spec {
    /// Along one axis: kernel size, stride, padding, dilation.
    pub fn along(&self, axis: usize) -> [usize; 4] {
        let pick = |(h, w): (usize, usize)| if axis == 0 { h } else { w };
        [pick(self.kernel_size), pick(self.stride), pick(self.padding), pick(self.dilation)]
    }

    /// The same along one axis alone, as a column.
    fn line(&self, axis: usize) -> Spec {
        let [k, s, p, d] = self.along(axis);
        Spec { kernel_size: (k, 1), stride: (s, 1), padding: (p, 0), dilation: (d, 1), ..*self }
    }

    /// Whether it has weights.
    pub fn is_conv(&self) -> bool {
        matches!(self.what, What::Conv | What::Depthwise)
    }

    /// The operator of a convolution.
    pub fn conv(&self, groups: usize) -> Conv2d {
        let (h, w) = self.padding;
        let pads = Pads { top: h, bottom: h, left: w, right: w };
        Conv2d { stride: self.stride, pads, dilation: self.dilation, groups, ..Conv2d::default() }
    }

    /// The operator of a pooling.
    pub fn pool(&self) -> Pool2d {
        let two = |(h, w): (usize, usize)| [h, w];
        let (h, w) = self.padding;
        Pool2d {
            stride: two(self.stride),
            pads: [(h, h), (w, w)],
            dilation: two(self.dilation),
            ..Pool2d::new(two(self.kernel_size))
        }
    }

    /// The size of its map.
    pub fn output_size(&self, input: (usize, usize)) -> Result<(usize, usize), Refusal> {
        if self.is_conv() {
            return Ok(self.conv(1).output_size(input, self.kernel_size)?);
        }
        let [h, w] = self.pool().output_size([input.0, input.1])?;
        Ok((h, w))
    }

    /// As the stack's text writes it, the shortest way.
    pub fn word(&self) -> String {
        let same = |k: usize, d: usize| d * (k - 1) / 2;
        let conv = self.is_conv();
        let usual_stride = if conv { (1, 1) } else { self.kernel_size };
        let usual_padding = if conv {
            (same(self.kernel_size.0, self.dilation.0), same(self.kernel_size.1, self.dilation.1))
        } else {
            (0, 0)
        };
        let unusual = |value: (usize, usize), usual| (value != usual).then_some(value);
        let kind = KINDS.iter().position(|k| k.letter == self.letter()).unwrap_or(0);
        let mut numbers = vec![
            Some(self.kernel_size),
            unusual(self.stride, usual_stride),
            unusual(self.padding, usual_padding),
            unusual(self.dilation, (1, 1)),
        ];
        numbers.truncate(KINDS[kind].fields.len());
        rows::write(KINDS, &[Row { kind, numbers }])
    }

    /// The same with spaces between the numbers: `c3 s2`.
    pub fn spaced(&self) -> String {
        let mut text = String::new();
        for (at, letter) in self.word().chars().enumerate() {
            if at > 0 && letter.is_ascii_alphabetic() && letter != 'x' {
                text.push(' ');
            }
            text.push(letter);
        }
        text
    }

    fn letter(&self) -> char {
        match self.what {
            What::Conv => 'c',
            What::Max => 'm',
            What::Average => 'a',
            What::Depthwise => 'w',
        }
    }
}

/// Reads the text of a stack. Convolutions keep the size unless told otherwise, pools step as far as they are wide.
pub fn parse(text: &str) -> Result<Vec<Spec>, Refusal> {
    let read = rows::parse(KINDS, text).map_err(Refusal::lab)?;
    if read.is_empty() {
        return Err(Refusal::lab(Unfit::NoLayers));
    }
    if read.len() > MOST_LAYERS {
        return Err(Refusal::lab(Unfit::TooManyLayers { layers: read.len() }));
    }
    Ok(read.iter().map(spec).collect())
}

fn spec(row: &Row) -> Spec {
    let number = |at: usize| row.numbers.get(at).copied().flatten();
    let what = [What::Conv, What::Max, What::Average, What::Depthwise][row.kind.min(3)];
    let kernel_size = number(0).unwrap_or((1, 1));
    let dilation = number(3).unwrap_or((1, 1));
    let conv = matches!(what, What::Conv | What::Depthwise);
    let same = (dilation.0 * (kernel_size.0 - 1) / 2, dilation.1 * (kernel_size.1 - 1) / 2);
    Spec {
        what,
        kernel_size,
        stride: number(1).unwrap_or(if conv { (1, 1) } else { kernel_size }),
        padding: number(2).unwrap_or(if conv { same } else { (0, 0) }),
        dilation,
    }
}

/// Layers, and the spans that a shortcut runs around: first and last layer, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Stack {
    /// From the input to the output.
    pub layers: Vec<Spec>,
    /// In order, apart from each other.
    pub skips: Vec<(usize, usize)>,
}

/// One axis of a map's fields: that of unit `i` reaches from `first + i jump` to `last + i jump`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// The first cell of the first unit's field.
    pub first: f64,
    /// Its last cell.
    pub last: f64,
    /// The effective stride.
    pub jump: f64,
}

impl Reach {
    /// Cells from the first to the last.
    pub fn size(&self) -> f64 {
        self.last - self.first + 1.0
    }
    /// The middle of the first unit's field.
    pub fn centre(&self) -> f64 {
        (self.first + self.last) / 2.0
    }
    /// How far the first unit's field reaches beyond the input.
    pub fn padding(&self) -> f64 {
        -self.first
    }
    fn through(self, [k, s, p, d]: [usize; 4]) -> Reach {
        let [k, s, p, d] = [k, s, p, d].map(|n| n as f64);
        Reach {
            first: self.first - p * self.jump,
            last: self.last + ((k - 1.0) * d - p) * self.jump,
            jump: self.jump * s,
        }
    }
}

/// A map of the stack: the input, or what a layer makes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapField {
    /// Its fields along rows and columns.
    pub reach: [Reach; 2],
    /// Its height and width.
    pub size: (usize, usize),
    /// How far branch and shortcut that meet here look apart, in cells of the input.
    pub apart: (f64, f64),
}

impl Stack {
    /// The span that ends at a layer.
    pub fn skip_to(&self, last: usize) -> Option<(usize, usize)> {
        self.skips.iter().copied().find(|skip| skip.1 == last)
    }

    /// The span that begins at a layer.
    pub fn skip_from(&self, first: usize) -> Option<(usize, usize)> {
        self.skips.iter().copied().find(|skip| skip.0 == first)
    }

    /// The first layers alone, with the spans that end among them.
    pub fn first(&self, layers: usize) -> Stack {
        Stack {
            layers: self.layers.iter().take(layers).copied().collect(),
            skips: self.skips.iter().copied().filter(|skip| skip.1 < layers).collect(),
        }
    }

    /// The step of the shortcut around a span.
    pub fn shortcut_stride(&self, (first, last): (usize, usize)) -> (usize, usize) {
        let span = self.layers.get(first..=last).unwrap_or_default();
        span.iter().fold((1, 1), |s, layer| (s.0 * layer.stride.0, s.1 * layer.stride.1))
    }

    /// The input and the map of each layer.
    ///
    /// Errors: a layer that doesn't fit its map, ways of a skip that end in different sizes, a field that is too wide.
    pub fn maps(&self, input: (usize, usize)) -> Result<Vec<MapField>, Refusal> {
        let start = Reach { first: 0.0, last: 0.0, jump: 1.0 };
        let mut maps = vec![MapField { reach: [start; 2], size: input, apart: (0.0, 0.0) }];
        for (at, layer) in self.layers.iter().enumerate() {
            let Some(before) = maps.last().copied() else { break };
            let size = layer.output_size(before.size).map_err(|reason| {
                Refusal::lab(Unfit::Layer { layer: at + 1, word: layer.word(), map: before.size, reason })
            })?;
            let mut reach = [0, 1].map(|axis| before.reach[axis].through(layer.along(axis)));
            let mut apart = (0.0, 0.0);
            if let Some(span) = self.skip_to(at) {
                let from = maps[span.0];
                let (s0, s1) = self.shortcut_stride(span);
                let shortcut = (from.size.0.div_ceil(s0), from.size.1.div_ceil(s1));
                if shortcut != size {
                    let span = (span.0 + 1, span.1 + 1);
                    return Err(Refusal::lab(Unfit::SkipSize { span, branch: size, shortcut }));
                }
                let short = [0, 1].map(|axis| from.reach[axis].through([1, [s0, s1][axis], 0, 1]));
                apart = (
                    (reach[0].centre() - short[0].centre()).abs(),
                    (reach[1].centre() - short[1].centre()).abs(),
                );
                for (reach, short) in reach.iter_mut().zip(short) {
                    reach.first = reach.first.min(short.first);
                    reach.last = reach.last.max(short.last);
                }
            }
            if reach.iter().any(|r| r.size() > WIDEST || r.jump > WIDEST || r.first.abs() > WIDEST) {
                return Err(Refusal::lab(Unfit::FieldTooWide { layer: at + 1, most: WIDEST }));
            }
            maps.push(MapField { reach, size, apart });
        }
        Ok(maps)
    }

    /// Mean and variance of the place where a way from a unit ends when it chooses among all taps alike, without
    /// borders. `gain` is what a convolution multiplies the mass by, which matters where ways meet.
    pub fn spread(&self, axis: usize, unit: f64, gain: f64) -> (f64, f64) {
        let step = |(m, v): (f64, f64), [k, s, p, d]: [usize; 4]| {
            let [k, s, p, d] = [k, s, p, d].map(|n| n as f64);
            (s * m - p + d * (k - 1.0) / 2.0, s * s * v + d * d * (k * k - 1.0) / 12.0)
        };
        let mut at = self.layers.len();
        let mut now = (unit, 0.0);
        while at > 0 {
            let first = self.skip_to(at - 1).map_or(at - 1, |skip| skip.0);
            let (mut branch, mut mass) = (now, 1.0);
            for layer in self.layers[first..at].iter().rev() {
                branch = step(branch, layer.along(axis));
                mass *= if layer.is_conv() { gain } else { 1.0 };
            }
            if self.skip_to(at - 1).is_some() {
                let s = self.shortcut_stride((first, at - 1));
                let s = [s.0, s.1][axis] as f64;
                let short = (now.0 * s, now.1 * s * s);
                let share = mass / (1.0 + mass);
                let mean = share * branch.0 + (1.0 - share) * short.0;
                let square = |(m, v): (f64, f64)| v + (m - mean) * (m - mean);
                branch = (mean, share * square(branch) + (1.0 - share) * square(short));
            }
            (now, at) = (branch, first);
        }
        now
    }

    /// Along one axis, the cells of the field that some way from a unit reaches, padding included: the field's
    /// first cell first.
    pub fn touched(&self, axis: usize) -> Vec<bool> {
        let mut at = self.layers.len();
        let mut cells: (i64, Vec<bool>) = (0, vec![true]);
        while at > 0 {
            let skip = self.skip_to(at - 1);
            let first = skip.map_or(at - 1, |skip| skip.0);
            let mut branch = cells.clone();
            for layer in self.layers[first..at].iter().rev() {
                branch = back(&branch, layer.along(axis));
            }
            if let Some(span) = skip {
                let s = self.shortcut_stride(span);
                branch = union(branch, back(&cells, [1, [s.0, s.1][axis], 0, 1]));
            }
            (cells, at) = (branch, first);
        }
        cells.1
    }

    /// 1 in cells of the input that some way from a unit reaches, `[h * w]`.
    pub fn touched_map(&self, maps: &[MapField], unit: (usize, usize)) -> Vec<u8> {
        let Some(last) = maps.get(self.layers.len()) else { return Vec::new() };
        if self.skips.is_empty() {
            // Rows and columns don't know of each other.
            let along = |axis: usize, unit: usize| {
                let pick = |(h, w): (usize, usize)| if axis == 0 { h } else { w };
                let mut mask: Vec<u8> = (0..pick(last.size)).map(|i| u8::from(i == unit)).collect();
                for (i, layer) in self.layers.iter().enumerate().rev() {
                    let (from, to) = (pick(maps[i + 1].size), pick(maps[i].size));
                    mask = back_map(&mask, (from, 1), &layer.line(axis), (to, 1));
                }
                mask
            };
            return product(&along(0, unit.0), &along(1, unit.1));
        }
        let mut mask = vec![0; last.size.0 * last.size.1];
        if let Some(cell) = mask.get_mut(unit.0 * last.size.1 + unit.1) {
            *cell = 1;
        }
        let mut at = self.layers.len();
        while at > 0 {
            let skip = self.skip_to(at - 1);
            let first = skip.map_or(at - 1, |skip| skip.0);
            let mut branch = mask.clone();
            for i in (first..at).rev() {
                branch = back_map(&branch, maps[i + 1].size, &self.layers[i], maps[i].size);
            }
            if let Some(span) = skip {
                let stride = self.shortcut_stride(span);
                let one =
                    Spec { what: What::Conv, kernel_size: (1, 1), stride, padding: (0, 0), dilation: (1, 1) };
                let short = back_map(&mask, maps[at].size, &one, maps[first].size);
                branch.iter_mut().zip(short).for_each(|(a, b)| *a |= b);
            }
            (mask, at) = (branch, first);
        }
        mask
    }

    /// 1 in units of each map that read a cell of the input by some way, `[h * w]` each; the first map is the input.
    pub fn reached_maps(&self, maps: &[MapField], cell: (usize, usize)) -> Vec<Vec<u8>> {
        let Some(input) = maps.first() else { return Vec::new() };
        let mut mask = vec![0; input.size.0 * input.size.1];
        if let Some(place) = mask.get_mut(cell.0 * input.size.1 + cell.1) {
            *place = 1;
        }
        if self.skips.is_empty() {
            let along = |axis: usize, cell: usize| {
                let pick = |(h, w): (usize, usize)| if axis == 0 { h } else { w };
                let mut list = vec![(0..pick(input.size)).map(|i| u8::from(i == cell)).collect::<Vec<u8>>()];
                for (i, layer) in self.layers.iter().enumerate() {
                    let (from, to) = (pick(maps[i].size), pick(maps[i + 1].size));
                    list.push(forth_map(&list[i], (from, 1), &layer.line(axis), (to, 1)));
                }
                list
            };
            let (rows, columns) = (along(0, cell.0), along(1, cell.1));
            return rows.iter().zip(&columns).map(|(r, c)| product(r, c)).collect();
        }
        let mut list = vec![mask];
        for (at, layer) in self.layers.iter().enumerate() {
            let Some(before) = list.last() else { break };
            let mut next = forth_map(before, maps[at].size, layer, maps[at + 1].size);
            if let Some(span) = self.skip_to(at) {
                let stride = self.shortcut_stride(span);
                let one =
                    Spec { what: What::Conv, kernel_size: (1, 1), stride, padding: (0, 0), dilation: (1, 1) };
                let short = forth_map(&list[span.0], maps[span.0].size, &one, maps[at + 1].size);
                next.iter_mut().zip(short).for_each(|(a, b)| *a |= b);
            }
            list.push(next);
        }
        list
    }
}

/// The cells that windows at these units read; the first number is the place of the first cell.
fn back((start, units): &(i64, Vec<bool>), [k, s, p, d]: [usize; 4]) -> (i64, Vec<bool>) {
    let mut cells = vec![false; units.len().saturating_sub(1) * s + (k - 1) * d + 1];
    for (unit, _) in units.iter().enumerate().filter(|(_, on)| **on) {
        (0..k).for_each(|tap| cells[unit * s + tap * d] = true);
    }
    (start * whole(s) - whole(p), cells)
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn union(a: (i64, Vec<bool>), b: (i64, Vec<bool>)) -> (i64, Vec<bool>) {
    let start = a.0.min(b.0);
    let end = (a.0 + whole(a.1.len())).max(b.0 + whole(b.1.len()));
    let on = |(first, cells): &(i64, Vec<bool>), at: i64| {
        usize::try_from(at - first).ok().and_then(|i| cells.get(i)).copied().unwrap_or(false)
    };
    (start, (start..end).map(|at| on(&a, at) || on(&b, at)).collect())
}

fn product(rows: &[u8], columns: &[u8]) -> Vec<u8> {
    rows.iter().flat_map(|row| columns.iter().map(move |column| row & column)).collect()
}
