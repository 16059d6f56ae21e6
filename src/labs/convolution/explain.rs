//! What is said beside the figures.
use super::Convolution;
use crate::stage::insight::Insight;
use crate::stage::lab::{Look, Ran};

/// Numbers by stable name.
pub fn facts(_run: &Ran<Convolution>) -> Vec<(&'static str, f64)> {
    Vec::new()
}

/// Everything beside the figures.
pub fn insight(_run: &Ran<Convolution>, _look: &Look) -> Insight {
    Insight::default()
}
