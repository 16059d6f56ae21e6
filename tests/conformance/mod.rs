//! Which part of the tests knows which operator.

pub mod conv2d;
pub mod exceptions;
pub mod format;
#[cfg(not(target_arch = "wasm32"))]
pub mod report;

mod activation;
mod attention;
mod conv_nd;
mod loss;
mod nets;
mod norm;
mod optim;
mod pool;
mod position;
mod resample;

use format::Case;

/// The core doesn't have this operator or option; says which.
pub struct Unsupported(pub String);

/// What became of a case. A wrong number panics with a sentence, as in any test.
pub type Outcome = Result<(), Unsupported>;

/// One part: `None` when the operator is not one of its own.
type Family = fn(&Case) -> Option<Outcome>;

const FAMILIES: [Family; 11] = [
    conv2d::run,
    conv_nd::run,
    pool::run,
    resample::run,
    activation::run,
    loss::run,
    norm::run,
    attention::run,
    position::run,
    optim::run,
    nets::run,
];

/// Runs a case.
pub fn run(case: &Case) -> Outcome {
    let unknown = || Err(Unsupported(format!("operator {}", case.op)));
    FAMILIES.iter().find_map(|family| family(case)).unwrap_or_else(unknown)
}
