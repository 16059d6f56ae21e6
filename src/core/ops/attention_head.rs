//! Forward through one head, eight queries at a time: their scores and powers stay in the first-level cache, and only what
//! is asked for is written to memory.
//!
//! Inside, the queries lie side by side: a register holds the score of one key for four of them, so that largest score,
//! powers and sum of four queries are found at once, and the products with the values read what is there.

use std::ops::Range;

use crate::core::ops::attention::{Attention, Sizes};
use crate::core::ops::attention_mask::Masks;
use crate::core::ops::attention_softmax::{QUERIES, powers};
use crate::core::ops::gemm::{DEPTH, Matrix, ROWS, panels, tile};
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

/// Room for one head, asked for once for all. Everything is laid out as [`tile`] reads it:
/// keys, then values, are its rows and queries its columns.
pub(super) struct Desk {
    /// `[keys / 4, width, 4]`
    keys: Vec<f32>,
    /// `[value width / 4, keys, 4]`
    values: Vec<f32>,
    /// Eight queries, `[width, 8]`.
    queries: Vec<f32>,
    /// Their scores, then their powers, for whole panels of keys.
    scores: Vec<[f32; QUERIES]>,
    /// The same, a row for each query.
    rows: [Vec<f32>; QUERIES],
}

impl Desk {
    /// Errors: values so narrow and so many that their panels would be too large.
    pub fn new(sizes: &Sizes) -> Result<Self, Error> {
        let keys = sizes.keys.next_multiple_of(ROWS);
        let width = sizes.value_width.next_multiple_of(ROWS);
        checked_elements(&[keys, sizes.width])?;
        checked_elements(&[width, sizes.keys])?;
        checked_elements(&[QUERIES, keys])?;
        Ok(Desk {
            keys: vec![0.0; keys * sizes.width],
            values: vec![0.0; width * sizes.keys],
            queries: vec![0.0; sizes.width * QUERIES],
            scores: vec![[0.0; QUERIES]; keys],
            rows: std::array::from_fn(|_| vec![0.0; keys]),
        })
    }

    /// Lays out the keys `[keys, width]` and the values `[keys, value width]` of a head.
    pub fn lay_out(&mut self, sizes: &Sizes, k: &[f32], v: &[f32]) {
        if sizes.keys > 0 {
            let (k, v) = (Matrix::rows(k, sizes.width), Matrix::rows(v, sizes.value_width));
            panels::<ROWS>((sizes.keys, sizes.width), k, &mut self.keys);
            panels::<ROWS>((sizes.value_width, sizes.keys), v.t(), &mut self.values);
        }
    }

    /// The products of the queries with the keys of whole panels. Queries that `q` lacks are zero.
    fn products(&mut self, q: Matrix<'_>, queries: usize, width: usize, keys: &Range<usize>) {
        panels::<QUERIES>((queries, width), q, &mut self.queries);
        let (a, _) = self.keys[keys.start * width..keys.end * width].as_chunks::<ROWS>();
        let (b, _) = self.queries.as_chunks::<QUERIES>();
        let (scores, _) = self.scores[keys.clone()].as_chunks_mut::<ROWS>();
        for (a, scores) in a.chunks_exact(width).zip(scores) {
            let sums = tile(a, b);
            unrolled!(r < ROWS => sums[r].store(&mut scores[r], 0));
        }
    }

    /// The scores of these keys, row by row, each row times its factor.
    fn turn(&mut self, keys: &Range<usize>, factors: &[f32; QUERIES]) {
        let (scores, _) = self.scores[keys.clone()].as_chunks::<ROWS>();
        for (half, rows) in self.rows.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let factors = &factors[4 * half..][..4];
            let [a, b, c, d] = rows.each_mut().map(|row| row[keys.clone()].as_chunks_mut::<4>().0);
            for ((((scores, a), b), c), d) in scores.iter().zip(a).zip(b).zip(c).zip(d) {
                let read = |key: usize| scores[key].as_chunks().0.get(half).map_or(Four::ZERO, Four::load);
                let columns = Four::transpose([read(0), read(1), read(2), read(3)]);
                *a = columns[0].times(factors[0]).array();
                *b = columns[1].times(factors[1]).array();
                *c = columns[2].times(factors[2]).array();
                *d = columns[3].times(factors[3]).array();
            }
        }
    }

    /// The values mixed by the powers of these keys, each query's times its factor, to `[queries, value width]`.
    fn mix(
        &self,
        sizes: &Sizes,
        seen: &Range<usize>,
        factors: &[f32; QUERIES],
        queries: usize,
        output: &mut [f32],
    ) {
        let (values, _) = self.values.as_chunks::<ROWS>();
        for (j, values) in (0..sizes.value_width).step_by(ROWS).zip(values.chunks_exact(sizes.keys.max(1))) {
            let mut sums = [Sums::ZERO, Sums::ZERO, Sums::ZERO, Sums::ZERO];
            let parts = values[seen.clone()].chunks(DEPTH).zip(self.scores[seen.clone()].chunks(DEPTH));
            for (values, powers) in parts {
                let part = tile(values, powers);
                unrolled!(r < ROWS => sums[r].add(1.0, &part[r]));
            }
            let [a, b, c, d] = sums;
            let ([a, e], [b, f], [c, g], [d, h]) = (a.fours(), b.fours(), c.fours(), d.fours());
            let ([a, b, c, d], [e, f, g, h]) = (Four::transpose([a, b, c, d]), Four::transpose([e, f, g, h]));
            let mixed = [a, b, c, d, e, f, g, h];
            unrolled!(r < QUERIES => if r < queries {
                let row = &mut output[r * sizes.value_width..][j..sizes.value_width];
                let mixed = mixed[r].times(factors[r]).array();
                match row.first_chunk_mut() {
                    Some(row) => *row = mixed,
                    None => row.iter_mut().zip(mixed).for_each(|(to, value)| *to = value),
                }
            });
        }
    }
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
    /// Appends the weights `[queries, keys]` of the head to those before, and the scores when they are asked for; writes the
    /// output `[queries, value width]`.
    pub fn run(&self, desk: &mut Desk, maps: &mut Maps, output: &mut [f32]) {
        let &Sizes { queries, keys, width, value_width, .. } = self.sizes;
        for first in (0..queries).step_by(QUERIES) {
            let rows = first..queries.min(first + QUERIES);
            let seen = self.attention.seen(&rows, queries, keys);
            // whole panels
            let whole = seen.start / ROWS * ROWS..seen.end.next_multiple_of(ROWS);
            let seen = whole.start..whole.end.min(keys);
            desk.products(Matrix::rows(&self.q[first * width..], width), rows.len(), width, &whole);
            for (r, i) in rows.clone().enumerate() {
                self.mask(i, r, &whole, &mut desk.scores);
            }
            if let Some(scores) = &mut maps.scores {
                desk.turn(&whole, &[1.0; QUERIES]);
                for row in &desk.rows[..rows.len()] {
                    add_row(scores, &row[seen.clone()], &seen, keys, f32::NEG_INFINITY);
                }
            }
            let shares = powers(&mut desk.scores[whole.clone()], self.attention.temperature);
            desk.turn(&whole, &shares);
            for row in &desk.rows[..rows.len()] {
                add_row(&mut maps.weights, &row[seen.clone()], &seen, keys, 0.0);
            }
            desk.mix(self.sizes, &seen, &shares, rows.len(), &mut output[first * value_width..]);
        }
    }

    /// Turns the products of query `i`, the one at place `r`, with the keys of whole panels into scores.
    fn mask(&self, i: usize, r: usize, whole: &Range<usize>, scores: &mut [[f32; QUERIES]]) {
        let (attention, (n, h)) = (self.attention, self.place);
        let visible = attention.visible(i, self.sizes.queries, self.sizes.keys);
        scores[whole.start..visible.start].iter_mut().for_each(|score| score[r] = f32::NEG_INFINITY);
        scores[visible.end..whole.end].iter_mut().for_each(|score| score[r] = f32::NEG_INFINITY);
        if attention.softcap.is_some() {
            scores[visible.clone()]
                .iter_mut()
                .for_each(|score| score[r] = attention.capped(f64::from(score[r])) as f32);
        }
        if !self.masks.is_empty() {
            for j in visible {
                scores[j][r] = self.masks.apply([n, h, i, j], scores[j][r]);
            }
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
