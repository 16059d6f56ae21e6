//! The object test.

use super::{Scene, equal, equal_gradient};
use crate::core::ops::PaddingMode;
use crate::core::tensor::Map;
use crate::labs::receptive_field::measure::{self, SHARES};
use crate::labs::receptive_field::params::Params;
use crate::labs::receptive_field::stack::{MapField, Spec, Stack};
use crate::stage::work::{Job, Results};

/// Most layers that the object test adds to the stack.
pub const MORE: usize = 24;

/// How wide the field of each prefix of the stack is, on paper and where 95 % of the gradient lie, with equal weights;
/// when the object is not yet covered, the last convolution is repeated until it is.
pub struct Prefixes {
    stack: Stack,
    own: usize,
    object: f64,
    next: usize,
    found: Vec<[f32; 2]>,
    done: bool,
}

impl Prefixes {
    /// Nothing done yet.
    pub fn new(scene: Scene, p: &Params) -> Prefixes {
        let own = scene.stack.layers.len();
        Prefixes { stack: scene.stack, own, object: p.object as f64, next: 0, found: Vec::new(), done: false }
    }
}

impl Job for Prefixes {
    fn advance(&mut self) -> bool {
        if self.next >= self.own {
            let last = self.stack.layers.iter().rev().find(|l| l.is_conv() && l.stride == (1, 1)).copied();
            match last.filter(|l| l.kernel_size.0.max(l.kernel_size.1) > 1) {
                Some(layer) => self.stack.layers.push(layer),
                None => {
                    self.done = true;
                    return true;
                }
            }
        }
        let prefix = self.stack.first(self.next + 1);
        match width_95(&prefix) {
            Some((field, held)) => {
                self.found.push([field as f32, held as f32]);
                self.next += 1;
                let covered = held >= self.object && self.next >= self.own;
                self.done = covered || self.next >= self.own + MORE;
            }
            None => self.done = true,
        }
        self.done
    }
    fn share(&self) -> f32 {
        if self.done { 1.0 } else { (self.next as f32 / (self.own + MORE) as f32).min(0.99) }
    }
    fn results(&self) -> Results {
        let flat: Vec<f32> = self.found.iter().flatten().copied().collect();
        let shape = ndarray::IxDyn(&[self.found.len(), 2]);
        let widths = ndarray::ArrayD::from_shape_vec(shape, flat).unwrap_or_default();
        if self.found.is_empty() {
            return Results::new();
        }
        Results::from([("widths".into(), widths.into_shared())])
    }
}

/// The field of the last unit of a stack, and the side of the square that holds 95 % of its gradient, far from any
/// border, with equal weights; the wider of both axes.
pub fn width_95(stack: &Stack) -> Option<(f64, f64)> {
    // The gradient through equal weights is that of rows times that of columns, but for skips, so both are kept whole
    // only where there are some.
    let reach = {
        let maps = far(stack)?;
        let last = *maps.last()?;
        [last.reach[0].size(), last.reach[1].size()]
    };
    if reach.iter().any(|size| *size > 700.0) {
        return None;
    }
    let side = |axis: usize| reach[axis] as usize;
    let (tall, wide) = (side(0), side(1));
    let map = plain_field(stack, (tall, wide))?;
    let centre = ((tall as f64 - 1.0) / 2.0, (wide as f64 - 1.0) / 2.0);
    let found = measure::stats(&map, centre)?;
    let at = SHARES.iter().position(|s| *s == 0.95)?;
    Some((reach[0].max(reach[1]), found.held[at].side as f64))
}

/// The maps of a stack over an input so large that it always fits.
fn far(stack: &Stack) -> Option<Vec<MapField>> {
    let side = 4096;
    stack.maps((side, side)).ok()
}

/// The gradient of one unit without any border, cut to its field, `[h, w]`.
fn plain_field(stack: &Stack, (tall, wide): (usize, usize)) -> Option<Map> {
    // Without padding one unit reads exactly its field, so the last map is that unit alone.
    let bare = Stack {
        layers: stack.layers.iter().map(|l| Spec { padding: (0, 0), ..*l }).collect(),
        skips: Vec::new(),
    };
    if stack.skips.is_empty() {
        return equal_gradient(&equal(&bare, PaddingMode::Constant(0.0)), (tall, wide), (0, 0)).ok();
    }
    // Around spans the sizes must agree, so padding stays and the input is large enough to keep it away.
    let room = 3 * tall.max(wide) + 64;
    let maps = stack.maps((room, room)).ok()?;
    let last = *maps.last()?;
    let unit = (last.size.0 / 2, last.size.1 / 2);
    let map = equal_gradient(&equal(stack, PaddingMode::Constant(0.0)), (room, room), unit).ok()?;
    let start = |axis: usize, unit: usize| {
        let first = last.reach[axis].first + last.reach[axis].jump * unit as f64;
        (first >= 0.0).then_some(first as usize)
    };
    let (top, left) = (start(0, unit.0)?, start(1, unit.1)?);
    (top + tall <= room && left + wide <= room)
        .then(|| map.slice(ndarray::s![top..top + tall, left..left + wide]).to_owned())
}
