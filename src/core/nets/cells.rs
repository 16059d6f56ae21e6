//! A box of cells of a map.

use std::ops::Range;

use ndarray::{ArrayView4, ArrayViewMut4, s};

use crate::core::tensor::Images;

/// Neighbouring rows and columns of a map, none empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    pub rows: Range<usize>,
    pub columns: Range<usize>,
}

impl Cells {
    pub fn whole((height, width): (usize, usize)) -> Self {
        Cells { rows: 0..height, columns: 0..width }
    }

    pub fn size(&self) -> (usize, usize) {
        (self.rows.len(), self.columns.len())
    }

    /// The smallest box around both.
    pub fn union(&self, other: &Cells) -> Cells {
        let around = |a: &Range<usize>, b: &Range<usize>| a.start.min(b.start)..a.end.max(b.end);
        Cells { rows: around(&self.rows, &other.rows), columns: around(&self.columns, &other.columns) }
    }

    /// This box, counted from the first cell of `outer`, which holds it.
    fn within(&self, outer: &Cells) -> (Range<usize>, Range<usize>) {
        let shift = |inner: &Range<usize>, by: usize| inner.start - by..inner.end - by;
        (shift(&self.rows, outer.rows.start), shift(&self.columns, outer.columns.start))
    }

    /// This box, cut out of `x`, which holds the cells of `outer`.
    pub fn cut<'a>(&self, x: &'a Images, outer: &Cells) -> ArrayView4<'a, f32> {
        let (rows, columns) = self.within(outer);
        x.slice(s![.., .., rows, columns])
    }

    /// As [`Cells::cut`], to write.
    pub fn cut_mut<'a>(&self, x: &'a mut Images, outer: &Cells) -> ArrayViewMut4<'a, f32> {
        let (rows, columns) = self.within(outer);
        x.slice_mut(s![.., .., rows, columns])
    }
}

/// What the windows `outputs` of an axis read: the cells of the input, and how many taps lie before and after it.
/// `None` when they read nothing but padding.
pub(super) fn reads(
    outputs: &Range<usize>,
    (extent, stride, before): (usize, usize, usize),
    size: usize,
) -> Option<(Range<usize>, usize, usize)> {
    // counted from the first cell of the padding
    let first = outputs.start.checked_mul(stride)?;
    let end = outputs.end.checked_sub(1)?.checked_mul(stride)?.checked_add(extent)?;
    let (inside, behind) = (before, before.checked_add(size)?);
    let cells = first.max(inside)..end.min(behind);
    if cells.is_empty() {
        return None;
    }
    let pads = (cells.start - first, end - cells.end);
    Some((cells.start - before..cells.end - before, pads.0, pads.1))
}
