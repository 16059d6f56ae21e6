//! Which windows there are, and what each kind of pool makes of them, all by the core's operators.

use super::params::{Params, Pool};
use crate::core::ops::{Divisor, LpRule, PaddingMode, Pool2d, PoolWindows, Selected};
use crate::core::tensor::{Error, Images};
use crate::stage::refusal::Refusal;
use ndarray::{Array4, Ix4};

/// A pool and the windows it walks over.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    /// How a window becomes a number.
    pub kind: Pool,
    /// Where the windows lie.
    pub pool: Pool2d,
    /// The windows.
    pub windows: PoolWindows<2>,
    divisor: Divisor,
    norm: f64,
}

/// What a pool gives: the numbers; in the input's plane the cell each was taken from, −1 when it is no cell's; and the
/// gradient on the input.
pub type Pooled = (Images, Array4<i64>, Images);

impl Walk {
    /// The walk of these parameters. Arguments that PyTorch's layer doesn't have are left at their neutral value.
    ///
    /// Errors: windows that can't be laid.
    pub fn of(params: &Params) -> Result<Walk, Refusal> {
        Walk::over(params, params.size)
    }

    /// The same over planes of another size `(h, w)`.
    ///
    /// Errors: windows that can't be laid.
    pub fn over(params: &Params, size: (usize, usize)) -> Result<Walk, Refusal> {
        let kind = params.pool;
        let pair = |key, (a, b): (usize, usize), none| if kind.has(key) { [a, b] } else { none };
        let input = [size.0, size.1];
        let pads = pair("padding", params.padding, [0, 0]);
        let pool = Pool2d {
            kernel_size: pair("kernel_size", params.kernel_size, input),
            stride: pair("stride", params.stride, input),
            pads: pads.map(|p| (p, p)),
            dilation: pair("dilation", params.dilation, [1, 1]),
            ceil_mode: kind.has("ceil_mode") && params.ceil_mode,
            free_pads: false,
        };
        Ok(Walk {
            kind,
            pool,
            windows: pool.windows(input)?,
            divisor: Divisor { count_include_pad: params.count_include_pad, divisor_override: None },
            norm: f64::from(params.norm_type),
        })
    }

    /// The same windows under another kind of pool.
    pub fn with(self, kind: Pool) -> Walk {
        Walk { kind, ..self }
    }

    /// Whether a window reads no cell of the input. Zeros of the padding take part in a median, so it has none.
    pub fn has_empty_window(&self) -> bool {
        let empty = |axis: usize| {
            let n = self.windows.output()[axis];
            (0..n).any(|i| self.windows.span(axis, i).is_none_or(|s| s.count == 0))
        };
        matches!(self.kind, Pool::Max | Pool::Min) && (empty(0) || empty(1))
    }

    /// Windows times taps.
    pub fn reads(&self) -> usize {
        let [oh, ow] = self.windows.output();
        let [kh, kw] = self.pool.kernel_size;
        oh.saturating_mul(ow).saturating_mul(kh).saturating_mul(kw)
    }

    /// The cells that a pool chooses, if it chooses.
    fn chosen(&self, x: &Images) -> Result<Option<Selected<Ix4>>, Refusal> {
        Ok(match self.kind {
            Pool::Max | Pool::GlobalMax => Some(self.windows.max(x)?),
            Pool::Min => Some(self.windows.min(x)?),
            Pool::Median => Some(self.pool.median(x, PaddingMode::Constant(0.0))?),
            Pool::Avg | Pool::GlobalAvg | Pool::Lp => None,
        })
    }

    /// Pools images `[n, c, h, w]`, and sends `grad_output` back: the numbers, where each was taken from, and the
    /// gradient on the input of `sum(output * grad_output)`.
    ///
    /// Errors: images of another size than the windows were laid over, a gradient of another shape than the output.
    pub fn both(&self, x: &Images, grad_output: &Images) -> Result<Pooled, Refusal> {
        if let Some(chosen) = self.chosen(x)? {
            let back = chosen.backward(grad_output)?;
            return Ok((chosen.values, chosen.indices, back));
        }
        let back = match self.kind {
            Pool::Lp => self.windows.lp_backward(x, grad_output, self.norm, LpRule::Torch)?,
            _ => self.windows.average_backward(grad_output, self.divisor)?,
        };
        let values = self.values(x)?;
        let indices = Array4::from_elem(values.raw_dim(), -1);
        Ok((values, indices, back))
    }

    /// The numbers alone, by the fast paths.
    ///
    /// Errors: images of another size than the windows were laid over.
    pub fn values(&self, x: &Images) -> Result<Images, Refusal> {
        Ok(match self.kind {
            Pool::Max | Pool::GlobalMax => self.windows.max_values(x)?,
            Pool::Min => self.windows.min_values(x)?,
            Pool::Median => self.pool.median(x, PaddingMode::Constant(0.0))?.values,
            Pool::Avg | Pool::GlobalAvg => self.windows.average(x, self.divisor)?,
            Pool::Lp => self.windows.lp(x, self.norm, LpRule::Torch)?,
        })
    }

    /// The cells of the input that an output reads, row by row.
    pub fn cells(&self, row: usize, col: usize) -> Vec<(usize, usize)> {
        match self.windows.window([row, col]) {
            Some([rows, cols]) => rows.cells().flat_map(|r| cols.cells().map(move |c| (r, c))).collect(),
            None => Vec::new(),
        }
    }

    /// By what the sum of an average is divided at an output.
    pub fn divisor(&self, row: usize, col: usize) -> usize {
        let Some([r, c]) = self.windows.window([row, col]) else { return 1 };
        match self.divisor.count_include_pad {
            true => (r.count + r.padding) * (c.count + c.padding),
            false => r.count * c.count,
        }
    }

    /// Padded rows and columns that no window reaches.
    pub fn unread(&self) -> (usize, usize) {
        let axis = |a: usize| {
            let (before, after) = self.pool.pads[a];
            let padded = self.windows.input()[a] + before + after;
            let last = (self.windows.output()[a] - 1) * self.pool.stride[a];
            padded.saturating_sub(last + self.pool.dilation[a] * (self.pool.kernel_size[a] - 1) + 1)
        };
        (axis(0), axis(1))
    }

    /// Windows over the end of the padded input, on either axis.
    pub fn hanging(&self) -> usize {
        let [oh, ow] = self.windows.output();
        let over = |axis: usize, n: usize| {
            (0..n).filter(|i| self.windows.span(axis, *i).is_some_and(|s| s.beyond > 0)).count()
        };
        let (r, c) = (over(0, oh), over(1, ow));
        oh * ow - (oh - r) * (ow - c)
    }
}

/// What other rules would do with a tie. Gradients are `[1, 1, h, w]`.
pub struct Ties {
    /// Every tied cell gets an equal part.
    pub split: Images,
    /// Every tied cell gets all of it.
    pub all: Images,
    /// Windows with more than one winner.
    pub windows: usize,
    /// Cells that equal a winner of some window, row by row: how many windows they would win with every tie.
    pub winners: Vec<usize>,
}

/// The gradient under other rules for ties, of a pool that chooses. `y` is its output.
///
/// Errors: shapes that differ.
pub fn ties(walk: &Walk, x: &Images, y: &Images, grad_output: &Images) -> Result<Ties, Error> {
    let mut split = Images::zeros(x.raw_dim());
    let (mut all, mut windows) = (split.clone(), 0);
    let mut winners = vec![0; x.len()];
    let width = walk.windows.input()[1];
    let mut tied = Vec::new();
    for (((_, _, r, c), value), grad) in y.indexed_iter().zip(grad_output.iter()) {
        let Some([rows, cols]) = walk.windows.window([r, c]) else { continue };
        tied.clear();
        for i in rows.cells() {
            tied.extend(cols.cells().filter(|j| x[[0, 0, i, *j]] == *value).map(|j| (i, j)));
        }
        windows += usize::from(tied.len() > 1);
        for (i, j) in &tied {
            split[[0, 0, *i, *j]] += grad / tied.len() as f32;
            all[[0, 0, *i, *j]] += grad;
            winners[i * width + j] += 1;
        }
    }
    Ok(Ties { split, all, windows, winners })
}
