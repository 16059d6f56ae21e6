//! The corner unit under each padding mode.

use super::{Scene, equal, equal_gradient, shared};
use crate::core::ops::PaddingMode;
use crate::stage::work::{Job, Results};

/// The padding modes of the border figure, with the names of their tensors.
pub const MODES: [(PaddingMode, &str); 4] = [
    (PaddingMode::Constant(0.0), "border_zeros"),
    (PaddingMode::Reflect, "border_reflect"),
    (PaddingMode::Replicate, "border_replicate"),
    (PaddingMode::Circular, "border_circular"),
];

/// The gradient of the corner unit under each padding mode, with equal weights, and how much of the mass of each unit of
/// the last map's diagonal lands on the picture with zeros.
pub struct Border {
    scene: Scene,
    next: usize,
    found: Results,
}

impl Border {
    /// Nothing done yet.
    pub fn new(scene: Scene) -> Border {
        Border { scene, next: 0, found: Results::new() }
    }
}

impl Job for Border {
    fn advance(&mut self) -> bool {
        let Some((mode, name)) = MODES.get(self.next) else { return true };
        let size = self.scene.maps.first().map_or((1, 1), |map| map.size);
        // A mode that this padding is too wide for leaves no tensor, and the figure says so.
        if let Ok(map) = equal_gradient(&equal(&self.scene.stack, *mode), size, (0, 0)) {
            self.found.insert((*name).into(), shared(&map));
        }
        self.next += 1;
        self.next == MODES.len()
    }
    fn share(&self) -> f32 {
        self.next as f32 / MODES.len() as f32
    }
    fn results(&self) -> Results {
        self.found.clone()
    }
}
