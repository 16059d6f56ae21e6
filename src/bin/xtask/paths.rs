//! Where things are.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process::cargo;

/// The target the page is compiled to.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The folders the workshop works in.
pub struct Paths {
    /// The repository.
    pub root: PathBuf,
    /// Cargo's target folder, wherever the user has put it.
    pub target: PathBuf,
}

impl Paths {
    /// Asks Cargo where the target folder is: a variable or a configuration may have moved it.
    pub fn find() -> Result<Self> {
        let root = PathBuf::from(
            std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()),
        );
        let out = Command::new(cargo())
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(&root)
            .output()
            .context("cargo could not be started")?;
        ensure!(out.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&out.stderr));
        let metadata: serde_json::Value = serde_json::from_slice(&out.stdout)?;
        let target =
            metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
        Ok(Self { root, target: PathBuf::from(target) })
    }

    /// The finished page.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The page while it is being made; copied to [`Paths::dist`] only when complete.
    pub fn staging(&self) -> PathBuf {
        self.target.join("page")
    }

    /// Tools installed by npm. Cargo ignores the folder and `cargo clean` removes it.
    pub fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The end-to-end tests.
    pub fn e2e(&self) -> PathBuf {
        self.root.join("tests").join("e2e")
    }

    /// The benchmark in the browser.
    pub fn bench(&self) -> PathBuf {
        self.root.join("tests").join("bench")
    }
}
