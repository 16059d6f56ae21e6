//! The second figure.

use crate::labs::convolution::Convolution;
use crate::stage::lab::{Figure, Look, Ran};
use crate::stage::scene::Scene;

/// Draws what the control `panel` asks for.
pub fn figure(_run: &Ran<Convolution>, look: &Look) -> Figure {
    let scene = Scene::new(look.width);
    Figure { id: "panel", title: String::new(), caption: String::new(), summary: String::new(), scene }
}
