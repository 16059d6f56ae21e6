//! What can be said about a kernel or a result.

mod effective_field;
mod separable;
mod span;
mod spectrum;

pub use effective_field::{
    AreaRatio, GaussianFit, Profile, area_ratios, cells_holding, gaussian_fit, nonzero_box, profile,
};
pub use separable::{Separability, separability};
pub use span::Span;
pub use spectrum::{LONGEST, Pattern, pattern, spectrum};
