//! The operators against numbers that others computed: PyTorch, the ONNX reference, `transformers`.
//!
//!     cargo test --release --no-default-features --test conformance [-- <part of a case's name>]
//!
//! Runs every suite (a folder with `manifest.json` and `arrays.bin`) of the folder that the environment variable
//! `CONFORMANCE_DIR` names, and without it those of `tests/golden/`. A case whose operator or option the core doesn't
//! have fails, unless it stands by name in `tests/conformance/exceptions.rs`.
#![allow(clippy::unwrap_used, clippy::panic)]

// One folder of modules that the tests in the browser share.
#[cfg(not(target_arch = "wasm32"))]
#[path = "conformance/mod.rs"]
mod conformance;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    use std::path::{Path, PathBuf};
    let folder = std::env::var_os("CONFORMANCE_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden"), PathBuf::from);
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    conformance::report::run(&folder, filter.as_deref().unwrap_or_default())
}

#[cfg(target_arch = "wasm32")]
fn main() {}
