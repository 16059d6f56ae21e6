//! AlexNet, in the form with one column that torchvision has.

use super::step::Width::Is;
use super::step::{Step, adaptive_pool, conv_bias, linear, max_pool};

pub(super) const STEPS: &[Step] = &[
    conv_bias("features.0", Is(64), 11).stride(4).padding(2),
    max_pool("features.2", 3, 2),
    conv_bias("features.3", Is(192), 5),
    max_pool("features.5", 3, 2),
    conv_bias("features.6", Is(384), 3),
    conv_bias("features.8", Is(256), 3),
    conv_bias("features.10", Is(256), 3),
    max_pool("features.12", 3, 2),
    adaptive_pool("avgpool", 6),
    linear("classifier.1", Is(4096)),
    linear("classifier.4", Is(4096)),
    linear("classifier.6", Is(1000)),
];
