//! `cargo xtask build`: the page, complete, in `dist/`.
//!
//! The steps: compile to WebAssembly, make the JavaScript around it, shrink it, put the files
//! that are served as they are beside it, and print what a first visit costs. All of it
//! happens in a staging folder, so a build that fails leaves the last page alone.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use base64::Engine;

use crate::paths::{Paths, WASM};
use crate::process::{cargo_in, run as run_command};
use crate::{install, sizes};

/// The name of the page's program: `receptive.js`, `receptive_bg.wasm`.
const NAME: &str = "receptive";

/// What Rust's compiler may use for WebAssembly, so wasm-opt accepts it and adds nothing newer.
const WASM_FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// How a page is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As it is published.
    Release,
    /// As published, but without the seconds wasm-opt takes: for rebuilding while working.
    Unshrunk,
    /// Compiled quickly, with names for a debugger; slow to run.
    Debug,
}

/// The command.
pub fn run(args: &[String]) -> Result<()> {
    let mut kind = Kind::Release;
    for arg in args {
        match arg.as_str() {
            "--debug" => kind = Kind::Debug,
            "--unshrunk" => kind = Kind::Unshrunk,
            other => bail!("build knows --debug, not '{other}'."),
        }
    }
    let paths = Paths::find()?;
    page(&paths, kind)?;
    if kind == Kind::Release {
        sizes::print(&paths.dist())?;
    }
    Ok(())
}

/// Builds the page into `dist/`.
pub fn page(paths: &Paths, kind: Kind) -> Result<()> {
    let start = Instant::now();
    install::wasm_target()?;
    let mut args = vec!["build", "--bin", NAME, "--target", WASM];
    if kind != Kind::Debug {
        args.push("--release");
    }
    run_command(&mut cargo_in(&paths.root, &args))?;

    let staging = paths.staging();
    if staging.exists() {
        fs::remove_dir_all(&staging)?;
    }
    fs::create_dir_all(&staging)?;
    bindgen(paths, kind, &staging)?;
    if kind == Kind::Release {
        shrink(paths, &staging)?;
    }
    copy_tree(&paths.root.join("www"), &staging)?;
    fs::copy(paths.root.join("index.html"), staging.join("index.html")).context("index.html is missing")?;
    generated_files(&staging)?;
    replace(&staging, &paths.dist())?;
    println!("page: {} in {:.1} s", paths.dist().display(), start.elapsed().as_secs_f64());
    Ok(())
}

/// Files written by the program itself rather than kept by hand.
fn generated_files(page: &Path) -> Result<()> {
    // A page of opaque origin (a sandboxed frame, a file) may not fetch the wasm, but may load
    // a classic script: so the wasm stands in one too, loaded only then.
    let wasm = fs::read(page.join(format!("{NAME}_bg.wasm")))?;
    let text = base64::engine::general_purpose::STANDARD.encode(wasm);
    fs::write(page.join("style/tokens.css"), receptive::stage::theme::css())?;
    fs::write(page.join(format!("{NAME}_wasm.js")), format!("self.{NAME}_wasm_base64 = '{text}';\n"))?;
    Ok(())
}

/// Makes the JavaScript around the wasm. A classic script (`no-modules`): in a frame with
/// `sandbox="allow-scripts"` the origin is opaque, where module scripts need a header that
/// a plain static host does not send.
fn bindgen(paths: &Paths, kind: Kind, out: &Path) -> Result<()> {
    let profile = if kind == Kind::Debug { "debug" } else { "release" };
    let wasm = paths.target.join(WASM).join(profile).join(format!("{NAME}.wasm"));
    let mut args: Vec<&OsStr> =
        ["wasm-bindgen", "--target", "no-modules", "--no-typescript", "--out-name", NAME]
            .iter()
            .map(OsStr::new)
            .collect();
    if kind != Kind::Debug {
        args.extend(["--remove-name-section", "--remove-producers-section"].map(OsStr::new));
    }
    args.extend([OsStr::new("--out-dir"), out.as_os_str(), wasm.as_os_str()]);
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(args).context("wasm-bindgen failed")
}

/// Runs wasm-opt, or takes its last result when the input is the same.
fn shrink(paths: &Paths, page: &Path) -> Result<()> {
    let Some(script) = install::wasm_opt(paths)? else { return Ok(()) };
    let file = page.join(format!("{NAME}_bg.wasm"));
    let before = paths.tools().join("wasm-opt-before.wasm");
    let after = paths.tools().join("wasm-opt-after.wasm");
    if !after.is_file() || fs::read(&before).ok() != Some(fs::read(&file)?) {
        let start = Instant::now();
        let done = paths.tools().join("wasm-opt-new.wasm");
        let mut command = Command::new("node");
        command.arg(script).arg("-O3").args(WASM_FEATURES).arg(&file).arg("-o").arg(&done);
        run_command(&mut command)?;
        fs::copy(&file, &before)?;
        fs::rename(&done, &after)?;
        println!("wasm-opt: {:.1} s", start.elapsed().as_secs_f64());
    }
    fs::copy(after, file)?;
    Ok(())
}

/// Makes `to` equal to `from`: files that are no longer made go. Files come before their
/// removal, so a page being served is never without its parts.
fn replace(from: &Path, to: &Path) -> Result<()> {
    copy_tree(from, to)?;
    let wanted: BTreeSet<PathBuf> = files(from)?.into_iter().collect();
    for file in files(to)? {
        if !wanted.contains(&file) {
            fs::remove_file(to.join(file))?;
        }
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let target = to.join(&file);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(from.join(&file), &target)
            .with_context(|| format!("{} can't be written", target.display()))?;
    }
    Ok(())
}

/// Every file below a folder, as a path relative to it. Hidden files are not part of a page.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(relative) = open.pop() {
        let here = folder.join(&relative);
        if !here.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&here)? {
            let entry = entry?;
            let path = relative.join(entry.file_name());
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if entry.file_type()?.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}
