//! Kernels of 3 × 3 over many channels with a quarter of the products: Winograd's minimal filtering, as Lavin and Gray
//! brought it to neural networks ("Fast algorithms for convolutional neural networks", 2016).
//!
//! Four neighbouring outputs of a row are the product of two polynomials, the six numbers they read and the three
//! weights. Polynomials of degree below six are known by their values at six points; there, multiplying them takes six
//! products, not twelve. Along both axes: a tile of 4 × 4 outputs takes 36 products for each pair of channels, not 144,
//! and the sum over the input channels is taken between the two changes of form. At each of the 36 points it is a
//! product of matrices.
//!
//! The points are 0, ±3/4, ±3/2 and infinity. All factors are then near one, and the rounding error is that of the sum
//! itself, or twice it, where the usual 0, ±1, ±2 lose five times as much (Barabasz, Anderson, Soodhalter and Gregg,
//! "Error analysis and improving the accuracy of Winograd convolution for deep neural networks", 2020).

use crate::core::ops::conv::{Conv2d, Shape};
use crate::core::ops::conv_planes::Planes;
use crate::core::ops::gemm::{COLUMNS, Matrix, ROWS, panels, tile};
use crate::core::ops::lanes::{Four, Sums, unrolled};

/// Outputs along each side of a tile.
const TILE: usize = 4;
/// Numbers along each side that a tile reads, and points at which the polynomials are taken.
const POINTS: usize = TILE + BEYOND;
/// Numbers that a tile reads beyond its own.
const BEYOND: usize = 2;
/// Fewest channels, in and out, for which it pays. Below, small whole numbers stay whole.
const CHANNELS: usize = 16;
/// Channels that are summed before the sum joins the others: the changes of form enlarge the error of a long sum.
const DEPTH: usize = 32;
/// Tiles that are worked on at once, if a row of tiles is no longer.
const TILES: usize = 64;
/// Most numbers at the points that may be there at once.
const MOST: usize = 1 << 21;

/// The points other than 0 and infinity: `±A` and `±B`.
const A: f32 = 0.75;
const B: f32 = 1.5;

/// A convolution that can be done so, and the room it takes.
pub(super) struct Winograd {
    shape: Shape,
    /// One channel, laid out for windows of 6 × 6 a tile apart.
    planes: Planes,
    /// Tiles of the output.
    tiles: (usize, usize),
    /// The channels at the points: `[36, c_group, tiles]`, and from point to point.
    inputs: (Vec<f32>, usize),
    /// The outputs at the points: `[36, outputs, tiles]`, and from point to point.
    outputs: (Vec<f32>, usize),
    /// The weights at the points, in panels.
    weights: Vec<f32>,
    /// Tiles for which there is room.
    room: usize,
}

impl Winograd {
    /// `None` when the convolution is another, or too small to gain.
    pub fn new(conv: &Conv2d, shape: &Shape) -> Option<Self> {
        let fits = shape.kernel_size == (3, 3) && conv.stride == (1, 1) && conv.dilation == (1, 1);
        let tiles = (shape.output.0.div_ceil(TILE), shape.output.1.div_ceil(TILE));
        let many = shape.c_group.min(shape.outputs) >= CHANNELS && tiles.0.checked_mul(tiles.1)? >= COLUMNS;
        if !fits || !many {
            return None;
        }
        let rows = (TILES / tiles.1).clamp(1, tiles.0);
        let room = (rows * tiles.1).next_multiple_of(COLUMNS);
        // The points lie a little more than a power of two apart, which would be few places in the cache.
        let apart = |channels: usize| channels.next_multiple_of(ROWS).checked_mul(room)?.checked_add(16);
        let (inputs, outputs) = (apart(shape.c_group)?, apart(shape.outputs)?);
        if inputs.max(outputs) > MOST / (POINTS * POINTS) {
            return None;
        }
        let of_tiles = Shape {
            c_group: 1,
            kernel_size: (POINTS, POINTS),
            output: tiles,
            padded: (tiles.0 * TILE + 2, tiles.1 * TILE + 2),
            ..*shape
        };
        let step = Conv2d { stride: (TILE, TILE), ..*conv };
        Some(Winograd {
            shape: *shape,
            planes: Planes::with_bands(&step, &of_tiles, 4, Some(rows))?,
            tiles,
            inputs: (vec![0.0; POINTS * POINTS * inputs], inputs),
            outputs: (vec![0.0; POINTS * POINTS * outputs], outputs),
            weights: vec![0.0; POINTS * POINTS * shape.outputs.next_multiple_of(ROWS) * shape.c_group],
            room,
        })
    }

    /// Writes the convolution of `x` `[c_group, h, w]` with `weight` `[outputs, c_group, 3, 3]` and `bias` to `y`
    /// `[outputs, oh, ow]`. False when a number is not finite: it would be all over its tile.
    pub fn write(&mut self, x: &[f32], weight: &[f32], bias: &[f32], y: &mut [f32]) -> bool {
        self.take_weights(weight);
        let mut finite = true;
        for band in self.planes.bands(self.tiles.0) {
            let tiles = band.len() * self.tiles.1;
            for (c, x) in x.chunks_exact(self.shape.input.0 * self.shape.input.1).enumerate() {
                self.planes.fill(x, &band);
                self.take_inputs(c, band.len());
            }
            self.multiply(tiles);
            let (height, width) = self.shape.output;
            for (o, y) in y.chunks_exact_mut(height * width).enumerate() {
                let y = &mut y[band.start * TILE * width..(band.end * TILE).min(height) * width];
                finite &= self.give_outputs(o, bias.get(o).copied().unwrap_or(0.0), y);
            }
        }
        finite
    }

    /// The weights at the points, `G g Gᵀ`, four outputs side by side: `[36, outputs / 4, c_group, 4]`.
    fn take_weights(&mut self, weight: &[f32]) {
        let c_group = self.shape.c_group;
        let panel = c_group * ROWS;
        let point = self.shape.outputs.next_multiple_of(ROWS) * c_group;
        let (kernels, _) = weight.as_chunks::<9>();
        for (block, kernels) in kernels.chunks(ROWS * c_group).enumerate() {
            let of_output = |o: usize| kernels.get(o * c_group..(o + 1) * c_group).unwrap_or_default();
            let kernels = [of_output(0), of_output(1), of_output(2), of_output(3)];
            for channel in 0..c_group {
                let kernel = |o: usize| kernels[o].get(channel).unwrap_or(&[0.0; 9]);
                let kernels = [kernel(0), kernel(1), kernel(2), kernel(3)];
                let tap = |tap: usize| {
                    Four::load(&[kernels[0][tap], kernels[1][tap], kernels[2][tap], kernels[3][tap]])
                };
                let column = |v: usize| weights_at_points([tap(v), tap(3 + v), tap(6 + v)]);
                let rows = column(0).into_iter().zip(column(1)).zip(column(2));
                for (r, ((a, b), c)) in rows.enumerate() {
                    let row = weights_at_points([a, b, c]);
                    for (v, at_point) in row.iter().enumerate() {
                        let to = (r * POINTS + v) * point + block * panel + channel * ROWS;
                        self.weights[to..to + ROWS].copy_from_slice(&at_point.array());
                    }
                }
            }
        }
    }

    /// Channel `c` at the points, `Bᵀ d B`, four tiles side by side.
    fn take_inputs(&mut self, c: usize, rows: usize) {
        let (inputs, point) = &mut self.inputs;
        for i in 0..rows {
            let lines: [_; POINTS] = std::array::from_fn(|r| self.planes.deals::<TILE>(i, r));
            for j in 0..self.tiles.1.div_ceil(4) {
                let mut rows = [[Four::ZERO; POINTS]; POINTS];
                for (row, deals) in rows.iter_mut().zip(&lines) {
                    let mut read = [Four::ZERO; POINTS];
                    unrolled!(v < TILE => if let Some(x) = deals[v].as_chunks().0.get(j) {
                        read[v] = Four::load(x);
                    });
                    unrolled!(v < BEYOND => if let Some(x) = deals[v][1..].as_chunks().0.get(j) {
                        read[TILE + v] = Four::load(x);
                    });
                    *row = inputs_at_points(read);
                }
                // beyond the end of the row of tiles stands what the next row or channel overwrites
                let at = c * self.room + i * self.tiles.1 + 4 * j;
                for v in 0..POINTS {
                    let mut column = [Four::ZERO; POINTS];
                    unrolled!(r < POINTS => column[r] = rows[r][v]);
                    let column = inputs_at_points(column);
                    unrolled!(r < POINTS => {
                        let to = &mut inputs[(r * POINTS + v) * *point + at..];
                        if let Some(to) = to.first_chunk_mut() {
                            *to = column[r].array();
                        }
                    });
                }
            }
        }
    }

    /// At each point the product of the weights `[outputs, c_group]` and the channels `[c_group, tiles]`.
    fn multiply(&mut self, tiles: usize) {
        let (c_group, outputs) = (self.shape.c_group, self.shape.outputs.next_multiple_of(ROWS));
        let mut panel = vec![0.0; c_group * COLUMNS];
        let points =
            self.inputs.0.chunks_exact(self.inputs.1).zip(self.outputs.0.chunks_exact_mut(self.outputs.1));
        for ((input, output), weights) in points.zip(self.weights.chunks_exact(outputs * c_group)) {
            for t in (0..tiles).step_by(COLUMNS) {
                let columns = Matrix { data: &input[t..], row_stride: 1, column_stride: self.room };
                panels::<COLUMNS>((COLUMNS, c_group), columns, &mut panel);
                let rows = output.chunks_exact_mut(ROWS * self.room);
                for (rows, weights) in rows.zip(weights.chunks_exact(c_group * ROWS)) {
                    let mut sums = [Sums::ZERO, Sums::ZERO, Sums::ZERO, Sums::ZERO];
                    let (weights, panel) = (weights.as_chunks().0, panel.as_chunks().0);
                    for (weights, panel) in weights.chunks(DEPTH).zip(panel.chunks(DEPTH)) {
                        let part = tile(weights, panel);
                        unrolled!(r < ROWS => sums[r].add(1.0, &part[r]));
                    }
                    unrolled!(r < ROWS => sums[r].store(&mut rows[r * self.room..][..self.room], t));
                }
            }
        }
    }

    /// Output channel `o` from its values at the points, `Aᵀ m A`, to the rows `y` of the band. False when a number is
    /// not finite.
    fn give_outputs(&self, o: usize, bias: f32, y: &mut [f32]) -> bool {
        let (outputs, point) = &self.outputs;
        let width = self.shape.output.1;
        let (bias, zero) = (Four::splat(bias), Four::ZERO);
        let mut zeros = zero;
        for (i, y) in y.chunks_mut(TILE * width).enumerate() {
            for j in (0..self.tiles.1).step_by(4) {
                let at = o * self.room + i * self.tiles.1 + j;
                let mut rows = [[Four::ZERO; POINTS]; TILE];
                for v in 0..POINTS {
                    let mut column = [Four::ZERO; POINTS];
                    unrolled!(r < POINTS => {
                        let from = &outputs[(r * POINTS + v) * point + at..];
                        if let Some(from) = from.first_chunk() {
                            column[r] = Four::load(from);
                        }
                    });
                    let column = outputs_from_points(column);
                    unrolled!(k < TILE => rows[k][v] = column[k]);
                }
                for (row, y) in rows.iter().zip(y.chunks_exact_mut(width)) {
                    let columns = outputs_from_points(*row);
                    unrolled!(k < TILE => zeros = zeros.plus_product(zero, columns[k]));
                    let tiles = Four::transpose(columns);
                    let y = &mut y[j * TILE..];
                    if let Some(y) = y.as_chunks_mut().0.first_chunk_mut::<TILE>() {
                        unrolled!(k < TILE => y[k] = tiles[k].plus(bias).array());
                    } else {
                        let tiles = tiles.map(|tile| tile.plus(bias).array());
                        y.iter_mut().zip(tiles.as_flattened()).for_each(|(y, sum)| *y = *sum);
                    }
                }
            }
        }
        zeros.array().iter().all(|zero| *zero == 0.0)
    }
}

/// Six numbers `d` to their values at the points: `Bᵀ d`, the polynomial that takes each value and vanishes at the
/// other points.
#[inline(always)]
fn inputs_at_points(d: [Four; POINTS]) -> [Four; POINTS] {
    let times = |d: Four, factor: f32| d.times(factor);
    let (even_a, odd_a) = (d[4].minus(times(d[2], B * B)), times(d[3].minus(times(d[1], B * B)), A));
    let (even_b, odd_b) = (d[4].minus(times(d[2], A * A)), times(d[3].minus(times(d[1], A * A)), B));
    let (sum, product) = (A * A + B * B, A * A * B * B);
    [
        d[4].minus(times(d[2], sum)).plus(times(d[0], product)),
        even_a.plus(odd_a),
        even_a.minus(odd_a),
        even_b.plus(odd_b),
        even_b.minus(odd_b),
        d[5].minus(times(d[3], sum)).plus(times(d[1], product)),
    ]
}

/// Three weights to the values of their polynomial at the points, each divided by what the other points leave there:
/// `G g`.
#[inline(always)]
fn weights_at_points([g0, g1, g2]: [Four; 3]) -> [Four; POINTS] {
    let even = |at: f32| g0.plus(g2.times(at * at));
    let (even_a, odd_a) = (even(A), g1.times(A));
    let (even_b, odd_b) = (even(B), g1.times(B));
    let (at_a, at_b) = (1.0 / (2.0 * A * A * (A * A - B * B)), 1.0 / (2.0 * B * B * (B * B - A * A)));
    [
        g0.times(1.0 / (A * A * B * B)),
        even_a.plus(odd_a).times(at_a),
        even_a.minus(odd_a).times(at_a),
        even_b.plus(odd_b).times(at_b),
        even_b.minus(odd_b).times(at_b),
        g2,
    ]
}

/// The values of a product at the points to its four outputs: `Aᵀ m`, powers of the points.
#[inline(always)]
fn outputs_from_points(m: [Four; POINTS]) -> [Four; TILE] {
    let (even_a, odd_a) = (m[1].plus(m[2]), m[1].minus(m[2]));
    let (even_b, odd_b) = (m[3].plus(m[4]), m[3].minus(m[4]));
    [
        m[0].plus(even_a).plus(even_b),
        odd_a.times(A).plus(odd_b.times(B)),
        even_a.times(A * A).plus(even_b.times(B * B)),
        odd_a.times(A * A * A).plus(odd_b.times(B * B * B)).plus(m[5]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ops::pad::{PaddingMode, Pads};
    use crate::core::tensor::{Images, Random};

    fn layer(random: &mut Random, channels: (usize, usize), size: (usize, usize)) -> (Images, Images) {
        let mut images = |shape| Images::from_shape_simple_fn(shape, || random.range(-1.0, 1.0));
        (images((1, channels.0, size.0, size.1)), images((channels.1, channels.0, 3, 3)))
    }

    /// The rounding error is measured against the largest output, as the tolerances of the golden cases are.
    #[test]
    fn rounds_like_the_sum() {
        let mut random = Random::new(91);
        let modes = [PaddingMode::Constant(0.0), PaddingMode::Constant(1.5), PaddingMode::Reflect];
        for (channels, size, pads, mode) in [
            ((64, 32), (13, 18), 1, modes[0]),
            ((16, 17), (30, 5), 2, modes[1]),
            ((19, 16), (9, 30), 1, modes[2]),
            ((16, 16), (10, 300), 0, modes[0]),
        ] {
            let conv = Conv2d { pads: Pads::all(pads), mode, ..Conv2d::default() };
            let (x, weight) = layer(&mut random, channels, size);
            let bias: Vec<f32> = (0..channels.1).map(|_| random.range(-1.0, 1.0)).collect();
            assert!(Winograd::new(&conv, &conv.shape(&x, &weight).unwrap()).is_some());
            let fast = conv.forward(&x, &weight, Some(&bias)).unwrap();
            let plain = conv.forward_plain(&x, &weight, Some(&bias)).unwrap();
            let largest = plain.iter().fold(0.0_f32, |largest, y| largest.max(y.abs()));
            for (fast, plain) in fast.iter().zip(&plain) {
                assert!(
                    (fast - plain).abs() <= 2e-6 * largest,
                    "{channels:?}: {fast}, not {plain} of {largest}"
                );
            }
        }
    }

    #[test]
    fn infinities_stay_where_they_are_read() {
        let mut random = Random::new(92);
        let conv = Conv2d { pads: Pads::all(1), ..Conv2d::default() };
        let (mut x, weight) = layer(&mut random, (16, 16), (12, 12));
        x[[0, 3, 5, 6]] = f32::INFINITY;
        x[[0, 9, 0, 0]] = f32::MAX;
        let fast = conv.forward(&x, &weight, None).unwrap();
        let plain = conv.forward_plain(&x, &weight, None).unwrap();
        assert!(fast.iter().zip(&plain).all(|(fast, plain)| fast.is_finite() == plain.is_finite()));
        assert!(plain.iter().filter(|y| !y.is_finite()).count() < plain.len() / 2);
    }

    #[test]
    fn other_convolutions_are_left_alone() {
        let (x, weight) = layer(&mut Random::new(93), (16, 16), (20, 20));
        let fits = |conv: Conv2d, x: &Images, weight: &Images| {
            Winograd::new(&conv, &conv.shape(x, weight).unwrap()).is_some()
        };
        assert!(fits(Conv2d::default(), &x, &weight));
        assert!(!fits(Conv2d { stride: (1, 2), ..Conv2d::default() }, &x, &weight));
        assert!(!fits(Conv2d { dilation: (2, 1), ..Conv2d::default() }, &x, &weight));
        let (x, weight) = layer(&mut Random::new(93), (15, 16), (20, 20));
        assert!(!fits(Conv2d::default(), &x, &weight));
    }
}
