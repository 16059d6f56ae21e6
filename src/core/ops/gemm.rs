//! The product of two matrices, on which linear layers, attention and many-channel convolutions stand
//! (GEMM, general matrix multiply, as in BLAS).
//!
//! The fast one is built as Goto and van de Geijn describe ("Anatomy of high-performance matrix multiplication",
//! 2008): a tile of `c` stays in registers while a panel of `a` and a panel of `b` go by, both copied before so that
//! they are read in a straight line; blocks are as large as the caches are.

use crate::core::ops::lanes::{Sums, transposed, unrolled};

/// A matrix inside a slice: element `(i, j)` stands at `i * row_stride + j * column_stride`. Swapping the strides
/// transposes it without a copy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matrix<'a> {
    pub data: &'a [f32],
    pub row_stride: usize,
    pub column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// Rows of `columns` numbers, one after the other.
    pub fn rows(data: &'a [f32], columns: usize) -> Self {
        Matrix { data, row_stride: columns, column_stride: 1 }
    }

    /// The transpose.
    pub fn t(self) -> Self {
        Matrix { row_stride: self.column_stride, column_stride: self.row_stride, ..self }
    }

    /// What begins at row `i` and column `j`.
    pub fn from(self, i: usize, j: usize) -> Self {
        Matrix { data: &self.data[i * self.row_stride + j * self.column_stride..], ..self }
    }
}

/// `c += a b` with `a` `[m, k]`, `b` `[k, n]` and `c` `[m, n]`, whose rows are `c_stride` apart. The definition.
pub(crate) fn gemm_plain(
    (m, n, k): (usize, usize, usize),
    a: Matrix<'_>,
    b: Matrix<'_>,
    c: &mut [f32],
    c_stride: usize,
) {
    for i in 0..m {
        for j in 0..n {
            let products = (0..k).map(|l| {
                let (a_at, b_at) =
                    (i * a.row_stride + l * a.column_stride, l * b.row_stride + j * b.column_stride);
                f64::from(a.data[a_at]) * f64::from(b.data[b_at])
            });
            c[i * c_stride + j] += products.sum::<f64>() as f32;
        }
    }
}

/// Rows of a tile of `c`: the width of a panel of `a`.
pub(super) const ROWS: usize = 4;
/// Columns of a tile of `c`: the width of a panel of `b`. Four rows of two registers, with what is added to them,
/// are what sixteen registers hold.
pub(super) const COLUMNS: usize = 8;
/// Products that are added before `c` is touched: a panel of `b` of this length is 8 kB, a quarter of a small
/// first-level cache.
pub(super) const DEPTH: usize = 256;
/// Rows of `a` that are copied at once: 64 kB, for the second-level cache.
pub(super) const BLOCK_ROWS: usize = 64;
/// Columns of `b` that are copied at once.
const BLOCK_COLUMNS: usize = 512;

/// [`gemm_plain`], fast.
pub(crate) fn gemm(
    (m, n, k): (usize, usize, usize),
    a: Matrix<'_>,
    b: Matrix<'_>,
    c: &mut [f32],
    c_stride: usize,
) {
    run((m, n, k), a, b, None, c, c_stride);
}

/// `c = start + a b`, whatever stood in `c`; else as [`gemm`]. `start` has a number for each row, zero beyond its end.
pub(crate) fn product(
    (m, n, k): (usize, usize, usize),
    a: Matrix<'_>,
    b: Matrix<'_>,
    start: &[f32],
    c: &mut [f32],
    c_stride: usize,
) {
    if m >= ROWS && k > 0 {
        return run((m, n, k), a, b, Some(start), c, c_stride);
    }
    for (i, c) in c.chunks_mut(c_stride.max(1)).take(m).enumerate() {
        c[..n].fill(start.get(i).copied().unwrap_or(0.0));
    }
    run((m, n, k), a, b, None, c, c_stride);
}

/// `c = start + a b` or, without `start`, `c += a b`, as [`multiply_panels`].
fn run(
    (m, n, k): (usize, usize, usize),
    a: Matrix<'_>,
    b: Matrix<'_>,
    start: Option<&[f32]>,
    c: &mut [f32],
    c_stride: usize,
) {
    if m * n * k <= 2 * ROWS * COLUMNS && start.is_none() {
        return gemm_plain((m, n, k), a, b, c, c_stride);
    }
    if m < ROWS && b.column_stride == 1 {
        for i in 0..m {
            row_times_rows((n, k), a.from(i, 0), b, &mut c[i * c_stride..][..n]);
        }
        return;
    }
    let (rows, columns, depth) = (m.min(BLOCK_ROWS), n.min(BLOCK_COLUMNS), k.min(DEPTH));
    let mut a_panels = vec![0.0; rows.next_multiple_of(ROWS) * depth];
    let mut b_panels = vec![0.0; columns.next_multiple_of(COLUMNS) * depth];
    for j in (0..n).step_by(BLOCK_COLUMNS) {
        let columns = BLOCK_COLUMNS.min(n - j);
        for l in (0..k).step_by(DEPTH) {
            let depth = DEPTH.min(k - l);
            panels::<COLUMNS>((columns, depth), b.from(l, j).t(), &mut b_panels);
            for i in (0..m).step_by(BLOCK_ROWS) {
                let rows = BLOCK_ROWS.min(m - i);
                panels::<ROWS>((rows, depth), a.from(i, l), &mut a_panels);
                let c = &mut c[i * c_stride + j..];
                let start = start.filter(|_| l == 0).map(|start| start.get(i..).unwrap_or_default());
                multiply_panels((rows, columns, depth), &a_panels, &b_panels, start, c, c_stride);
            }
        }
    }
}

/// Copies a matrix `[rows, depth]` into panels of `W` rows: `[rows / W, depth, W]`. Rows that the last panel lacks
/// are zero.
pub(super) fn panels<const W: usize>((rows, depth): (usize, usize), matrix: Matrix<'_>, panels: &mut [f32]) {
    let (panels, _) = panels.as_chunks_mut::<W>();
    for (panel, first) in panels.chunks_exact_mut(depth).zip((0..rows).step_by(W)) {
        let matrix = matrix.from(first, 0);
        let here = W.min(rows - first);
        if here < W {
            panel.fill([0.0; W]);
        }
        if here == W && matrix.row_stride == 1 {
            for (l, to) in panel.iter_mut().enumerate() {
                if let Some(from) = matrix.data[l * matrix.column_stride..].first_chunk() {
                    *to = *from;
                }
            }
        } else if here == W && matrix.column_stride == 1 {
            turn(matrix, panel);
        } else {
            for (l, to) in panel.iter_mut().enumerate() {
                let from = matrix.data[l * matrix.column_stride..].iter().step_by(matrix.row_stride.max(1));
                to.iter_mut().zip(from).take(here).for_each(|(to, from)| *to = *from);
            }
        }
    }
}

/// One panel of a matrix whose rows are straight lines, in squares of four.
fn turn<const W: usize>(matrix: Matrix<'_>, panel: &mut [[f32; W]]) {
    let depth = panel.len();
    for first in (0..W).step_by(4) {
        let row = |i: usize| &matrix.data[(first + i) * matrix.row_stride..][..depth];
        let rows = [row(0), row(1), row(2), row(3)];
        let [(a, _), (b, _), (c, _), (d, _)] = rows.map(|row| row.as_chunks::<4>());
        let (squares, rest) = panel.as_chunks_mut::<4>();
        for ((((to, a), b), c), d) in squares.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            let columns = transposed([a, b, c, d]);
            const SIDE: usize = 4;
            unrolled!(l < SIDE => to[l][first..first + 4].copy_from_slice(&columns[l]));
        }
        let done = depth - rest.len();
        for (l, to) in rest.iter_mut().enumerate() {
            to[first..first + 4].iter_mut().zip(rows).for_each(|(to, row)| *to = row[done + l]);
        }
    }
}

/// `c = start + a b` of matrices in panels, `a` `[rows / 4, depth, 4]` and `b` `[columns / 8, depth, 8]`, where `start`
/// has a number for each row, zero beyond its end; without it `c += a b`.
pub(super) fn multiply_panels(
    (rows, columns, depth): (usize, usize, usize),
    a: &[f32],
    b: &[f32],
    start: Option<&[f32]>,
    c: &mut [f32],
    c_stride: usize,
) {
    let ((a, _), (b, _)) = (a.as_chunks::<ROWS>(), b.as_chunks::<COLUMNS>());
    for (j, b) in (0..columns).step_by(COLUMNS).zip(b.chunks_exact(depth)) {
        let width = COLUMNS.min(columns - j);
        for (i, a) in (0..rows).step_by(ROWS).zip(a.chunks_exact(depth)) {
            let sums = tile(a, b);
            let left = rows - i;
            unrolled!(r < ROWS => if r < left {
                let c = &mut c[(i + r) * c_stride + j..][..width];
                match start {
                    Some(start) => sums[r].plus(start.get(i + r).copied().unwrap_or(0.0)).store(c, 0),
                    None => sums[r].add_to(c),
                }
            });
        }
    }
}

/// Sums of a tile of `c`, row by row.
type Tile = [Sums<{ COLUMNS / 4 }>; ROWS];

/// The product of a panel of `a` and one of `b`. One step a turn: browsers unroll such a loop themselves, and well; a
/// longer body comes out of the compiler one sum after the other, with more registers in use than there are.
#[inline(always)]
pub(super) fn tile(a: &[[f32; ROWS]], b: &[[f32; COLUMNS]]) -> Tile {
    // Written out, as above `unrolled`: `[Sums::ZERO; ROWS]` is a loop through memory.
    let mut sums = [Sums::ZERO, Sums::ZERO, Sums::ZERO, Sums::ZERO];
    for (a, b) in a.iter().zip(b) {
        add_outer(&mut sums, a, b);
    }
    sums
}

/// `sums += a b` of a column and a row.
#[inline(always)]
fn add_outer(sums: &mut Tile, a: &[f32; ROWS], b: &[f32; COLUMNS]) {
    if let Some(b) = Sums::load(b, 0) {
        unrolled!(r < ROWS => sums[r].add(a[r], &b));
    }
}

/// `c += a b` for one row `a` `[k]` and a `b` `[k, n]` whose rows are straight lines: copying `b` would take longer.
fn row_times_rows((n, k): (usize, usize), a: Matrix<'_>, b: Matrix<'_>, c: &mut [f32]) {
    const N: usize = 8;
    let mut j = 0;
    while j + Sums::<N>::WIDTH <= n {
        let mut sums = Sums::<N>::ZERO;
        for l in 0..k {
            if let Some(b) = Sums::load(b.data, l * b.row_stride + j) {
                sums.add(a.data[l * a.column_stride], &b);
            }
        }
        sums.add_to(&mut c[j..]);
        j += Sums::<N>::WIDTH;
    }
    for (j, c) in c.iter_mut().enumerate().skip(j) {
        *c += (0..k).map(|l| a.data[l * a.column_stride] * b.data[l * b.row_stride + j]).sum::<f32>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;

    /// A matrix `[rows, columns]` laid out in one of four ways, with gaps that hold NaN.
    fn matrix(random: &mut Random, rows: usize, columns: usize) -> (Vec<f32>, usize, usize) {
        let gap = [0, 0, 1, 5][random.below(4)];
        let (row_stride, column_stride) = match random.below(4) {
            0 | 1 => (columns + gap, 1),
            2 => (1, rows + gap),
            _ => ((columns + gap) * 3, 3),
        };
        let last = rows.saturating_sub(1) * row_stride + columns.saturating_sub(1) * column_stride;
        let mut data = vec![f32::NAN; if rows * columns > 0 { last + 1 } else { 0 }];
        for i in 0..rows {
            for j in 0..columns {
                data[i * row_stride + j * column_stride] = random.range(-1.0, 1.0);
            }
        }
        (data, row_stride, column_stride)
    }

    fn size(random: &mut Random) -> usize {
        match random.below(8) {
            0 => 0,
            1 => 1,
            2 => 60 + random.below(100),
            3 => 250 + random.below(300),
            _ => random.below(20),
        }
    }

    #[test]
    fn fast_is_plain() {
        let mut random = Random::new(71);
        for number in 0..300 {
            let (m, n) = (size(&mut random), size(&mut random));
            // the plain one takes its time
            let k = size(&mut random).min((1 << 21) / (m * n).max(1));
            let shape = (m, n, k);
            let (a, row_stride, column_stride) = matrix(&mut random, m, k);
            let a = Matrix { data: &a, row_stride, column_stride };
            let (b, row_stride, column_stride) = matrix(&mut random, k, n);
            let b = Matrix { data: &b, row_stride, column_stride };
            let c_stride = n + random.below(3);
            let before: Vec<f32> = (0..m * c_stride).map(|_| random.range(-1.0, 1.0)).collect();
            let (mut fast, mut plain) = (before.clone(), before);
            gemm(shape, a, b, &mut fast, c_stride);
            gemm_plain(shape, a, b, &mut plain, c_stride);
            for (at, (fast, plain)) in fast.iter().zip(&plain).enumerate() {
                let allowed = 1e-6 * (1.0 + k as f32).sqrt() + 1e-6 * plain.abs();
                assert!((fast - plain).abs() <= allowed, "{number} {shape:?} at {at}: {fast}, not {plain}");
            }
        }
    }

    #[test]
    fn whole_numbers_are_exact() {
        let mut random = Random::new(72);
        let mut whole = |length| (0..length).map(|_| random.below(19) as f32 - 9.0).collect::<Vec<f32>>();
        for (m, n, k) in [(70, 530, 300), (4, 8, 8), (5, 9, 257), (3, 70, 40), (130, 33, 600)] {
            let (a, b, mut fast) = (whole(m * k), whole(k * n), whole(m * n));
            let mut plain = fast.clone();
            gemm((m, n, k), Matrix::rows(&a, k), Matrix::rows(&b, n), &mut fast, n);
            gemm_plain((m, n, k), Matrix::rows(&a, k), Matrix::rows(&b, n), &mut plain, n);
            assert_eq!(fast, plain);
            // the same over anything, from a start
            let mut over = vec![f32::NAN; m * n];
            let start: Vec<f32> = (0..m).map(|i| (i % 7) as f32).collect();
            product((m, n, k), Matrix::rows(&a, k), Matrix::rows(&b, n), &start, &mut over, n);
            over.iter_mut().enumerate().for_each(|(at, c)| *c -= start[at / n]);
            // (a b)^T = b^T a^T
            let mut turned = vec![0.0; m * n];
            gemm((n, m, k), Matrix::rows(&b, n).t(), Matrix::rows(&a, k).t(), &mut turned, m);
            let mut alone = vec![0.0; m * n];
            gemm((m, n, k), Matrix::rows(&a, k), Matrix::rows(&b, n), &mut alone, n);
            assert!((0..m * n).all(|at| alone[at] == turned[at % n * m + at / n]));
            assert_eq!(over, alone);
        }
    }
}
