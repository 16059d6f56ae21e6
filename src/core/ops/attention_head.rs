//! Forward through one head, four queries at a time: their scores and powers stay in the first-level cache, and only what
//! is asked for is written to memory.

use std::ops::Range;

use crate::core::ops::attention::{Attention, Sizes};
use crate::core::ops::attention_mask::Masks;
use crate::core::ops::attention_softmax::powers;
use crate::core::ops::gemm::{COLUMNS, DEPTH, Matrix, ROWS, panels, tile};
use crate::core::ops::lanes::{Four, Sums, unrolled};
use crate::core::tensor::{Error, checked_elements};

/// A head: what it is told, and its queries.
pub(super) struct Head<'a> {
    pub attention: &'a Attention,
    pub sizes: &'a Sizes,
    pub masks: &'a Masks<'a>,
    /// Sample and head.
    pub place: (usize, usize),
    /// Queries with the scale in them, `[queries, width]`.
    pub q: &'a [f32],
}

/// Room for one head, asked for once for all. Everything is laid out as [`tile`] reads it: eight keys or values and four
/// queries side by side.
pub(super) struct Desk {
    /// `[keys / 8, width, 8]`
    keys: Vec<f32>,
    /// `[value width / 8, keys, 8]`
    values: Vec<f32>,
    /// Four queries, `[width, 4]`.
    queries: Vec<f32>,
    /// Their scores, then their powers, then their weights: four rows of the keys, in whole panels.
    rows: [Vec<f32>; ROWS],
}

impl Desk {
    /// Errors: values so narrow and so many that their panels would be too large.
    pub fn new(sizes: &Sizes) -> Result<Self, Error> {
        let keys = sizes.keys.next_multiple_of(COLUMNS);
        let width = sizes.value_width.next_multiple_of(COLUMNS);
        checked_elements(&[keys, sizes.width])?;
        checked_elements(&[width, sizes.keys])?;
        checked_elements(&[ROWS, keys])?;
        Ok(Desk {
            keys: vec![0.0; keys * sizes.width],
            values: vec![0.0; width * sizes.keys],
            queries: vec![0.0; sizes.width * ROWS],
            rows: std::array::from_fn(|_| vec![0.0; keys]),
        })
    }

    /// Lays out the keys `[keys, width]` and the values `[keys, value width]` of a head.
    pub fn lay_out(&mut self, sizes: &Sizes, k: &[f32], v: &[f32]) {
        if sizes.keys > 0 {
            let (k, v) = (Matrix::rows(k, sizes.width), Matrix::rows(v, sizes.value_width));
            panels::<COLUMNS>((sizes.keys, sizes.width), k, &mut self.keys);
            panels::<COLUMNS>((sizes.value_width, sizes.keys), v.t(), &mut self.values);
        }
    }

    /// The products of four queries with the keys of whole panels. Queries that `q` lacks are zero.
    fn products(&mut self, q: Matrix<'_>, queries: usize, width: usize, keys: &Range<usize>) {
        panels::<ROWS>((queries, width), q, &mut self.queries);
        let (a, _) = self.queries.as_chunks::<ROWS>();
        let (b, _) = self.keys[keys.start * width..keys.end * width].as_chunks::<COLUMNS>();
        for (j, b) in keys.clone().step_by(COLUMNS).zip(b.chunks_exact(width)) {
            let sums = tile(a, b);
            unrolled!(r < ROWS => sums[r].store(&mut self.rows[r][..keys.end], j));
        }
    }
}

/// The product of four rows and a panel.
#[inline(always)]
fn tile_of_rows([a, b, c, d]: [&[f32]; ROWS], panel: &[[f32; COLUMNS]]) -> [Sums<2>; ROWS] {
    let mut sums = [Sums::splat(0.0); ROWS];
    for ((((a, b), c), d), values) in a.iter().zip(b).zip(c).zip(d).zip(panel) {
        if let Some(values) = Sums::load(values, 0) {
            sums[0].add(*a, &values);
            sums[1].add(*b, &values);
            sums[2].add(*c, &values);
            sums[3].add(*d, &values);
        }
    }
    sums
}

/// `x *= factor`.
pub(super) fn scale(x: &mut [f32], factor: f32) {
    let (fours, rest) = x.as_chunks_mut::<4>();
    rest.iter_mut().for_each(|x| *x *= factor);
    let factor = Four::splat(factor);
    for x in fours {
        *x = (Four::load(x) * factor).array();
    }
}

impl Head<'_> {
    /// Appends the weights `[queries, keys]` of the head to those before, and the scores when they are asked for; adds the
    /// output to `[queries, value width]` zeros.
    pub fn run(&self, desk: &mut Desk, maps: &mut Maps, output: &mut [f32]) {
        let &Sizes { queries, keys, width, value_width, .. } = self.sizes;
        for first in (0..queries).step_by(ROWS) {
            let rows = first..queries.min(first + ROWS);
            let seen = self.attention.seen(&rows, queries, keys);
            // whole panels
            let whole = seen.start / COLUMNS * COLUMNS..seen.end.next_multiple_of(COLUMNS);
            let seen = whole.start..whole.end.min(keys);
            desk.products(Matrix::rows(&self.q[first * width..], width), rows.len(), width, &whole);
            let mut shares = [0.0; ROWS];
            for (r, i) in rows.clone().enumerate() {
                let row = &mut desk.rows[r][whole.clone()];
                self.mask(i, whole.start, row);
                if let Some(scores) = &mut maps.scores {
                    add_row(scores, &row[..seen.len()], &seen, keys, f32::NEG_INFINITY);
                }
                shares[r] = powers(row, self.attention.temperature);
            }
            for (row, share) in desk.rows[..rows.len()].iter_mut().zip(shares) {
                scale(&mut row[whole.clone()], share);
                add_row(&mut maps.weights, &row[seen.clone()], &seen, keys, 0.0);
            }
            for depth in seen.clone().step_by(DEPTH).map(|begin| begin..seen.end.min(begin + DEPTH)) {
                let a = desk.rows.each_ref().map(|row| &row[depth.clone()]);
                let (b, _) = desk.values.as_chunks::<COLUMNS>();
                for (j, b) in (0..value_width).step_by(COLUMNS).zip(b.chunks_exact(keys)) {
                    let sums = tile_of_rows(a, &b[depth.clone()]);
                    unrolled!(r < ROWS => if r < rows.len() {
                        sums[r].add_to(&mut output[(first + r) * value_width..][j..value_width]);
                    });
                }
            }
        }
    }

    /// Turns the products of query `i` with the keys from `begin` on into scores.
    fn mask(&self, i: usize, begin: usize, row: &mut [f32]) {
        let (attention, (n, h)) = (self.attention, self.place);
        let visible = attention.visible(i, self.sizes.queries, self.sizes.keys);
        let (start, end) = (visible.start - begin, visible.end - begin);
        row[..start].fill(f32::NEG_INFINITY);
        row[end..].fill(f32::NEG_INFINITY);
        let row = &mut row[start..end];
        if attention.softcap.is_some() {
            row.iter_mut().for_each(|x| *x = attention.capped(f64::from(*x)) as f32);
        }
        if !self.masks.is_empty() {
            row.iter_mut().zip(visible).for_each(|(x, j)| *x = self.masks.apply([n, h, i, j], *x));
        }
    }
}

/// Scores and weights, written row after row: the room is asked for first, and never filled twice.
pub(super) struct Maps {
    pub scores: Option<Vec<f32>>,
    pub weights: Vec<f32>,
}

impl Maps {
    pub fn new(sizes: &Sizes, with_scores: bool) -> Self {
        let length = sizes.scores().iter().product();
        Maps { scores: with_scores.then(|| Vec::with_capacity(length)), weights: Vec::with_capacity(length) }
    }
}

/// Appends a row of `keys` numbers of which only those of `seen` are given.
fn add_row(map: &mut Vec<f32>, row: &[f32], seen: &Range<usize>, keys: usize, hidden: f32) {
    map.resize(map.len() + seen.start, hidden);
    map.extend_from_slice(row);
    map.resize(map.len() + keys - seen.end, hidden);
}
