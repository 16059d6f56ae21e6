//! `cargo xtask bench`: how fast the operators are.
//!
//! In the browser they are timed beside TensorFlow.js and ONNX Runtime Web, in one page (`tests/bench/run.mjs`); with
//! `--native`, on this machine alone. The operators are compiled as the page is, and go through wasm-opt as it does.
//! With `--page` it is the page that is timed, from a moved slider to the painted figure (`tests/bench/slider.mjs`).

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::build::{self, Kind};
use crate::paths::{Paths, WASM};
use crate::process::{cargo_in, run as run_command};
use crate::{http, install, program};

/// The command; false when numbers of the peers disagree.
pub fn run(args: &[String]) -> Result<bool> {
    let paths = Paths::find()?;
    let mut options = Vec::new();
    let (mut native, mut page) = (false, false);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.as_slice().first()) {
            ("--native", _) => native = true,
            ("--page", _) => page = true,
            ("--lowest", _) => options.push(arg.clone()),
            ("--only" | "--rounds" | "--budget" | "--json", Some(value)) => {
                options.extend([arg.clone(), value.clone()]);
                args.next();
            }
            ("--only" | "--rounds" | "--budget" | "--json", None) => bail!("{arg} needs a value."),
            _ => bail!(
                "bench knows --native, --page, --only, --rounds, --budget, --lowest and --json, not '{arg}'."
            ),
        }
    }
    if native {
        let mut command = cargo_in(&paths.root, &["bench", "--no-default-features", "--bench", "native"]);
        return Ok(command.arg("--").args(options).status()?.success());
    }
    install::wasm_target()?;
    install::npm_packages(&paths.bench(), "the benchmark")?;
    let browser = install::browser()?;
    if page {
        build::page(&paths, Kind::Release)?;
        let mut command = Command::new("node");
        command
            .arg(paths.bench().join("slider.mjs"))
            .arg(http::start(&paths.dist(), 0, false)?)
            .args(options);
        return Ok(command.env("CHROMIUM", browser.chromium).status()?.success());
    }
    let wasm = paths.target.join("bench.wasm");
    compile(&paths, &wasm)?;
    let mut command = Command::new("node");
    command.arg(paths.bench().join("run.mjs")).arg(&wasm).args(options);
    Ok(command.env("CHROMIUM", browser.chromium).status()?.success())
}

/// The operators alone, as the page has them.
fn compile(paths: &Paths, to: &Path) -> Result<()> {
    let args = [
        "build",
        "--release",
        "--target",
        WASM,
        "--no-default-features",
        "--features",
        "bench",
        "--bin",
        "bench",
    ];
    run_command(&mut cargo_in(&paths.root, &args))?;
    fs::copy(paths.target.join(WASM).join("release/bench.wasm"), to)?;
    program::shrink(paths, &[to])
}
