//! Runs WebAssembly tests in headless Chromium.
//!
//! Cargo hands a compiled test to a "runner". Ours is this program itself, under a hidden
//! command, around the runner of wasm-bindgen: so nothing has to be installed for it, and
//! its version is that of the lock file.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::install::Browser;
use crate::paths::{Paths, WASM};
use crate::process::cargo_in;

/// The hidden command Cargo calls.
pub const COMMAND: &str = "run-wasm-test";

/// Seconds one test program may take. Shared machines are slow.
const TIMEOUT: &str = "300";

/// `cargo test` for the tests in `tests/browser`, set up to run them in `browser`. As released:
/// that is what visitors get, and its dependencies are compiled for the page anyway.
pub fn cargo_test(paths: &Paths, browser: &Browser, filter: Option<&str>) -> Result<Command> {
    let this = std::env::current_exe()?;
    // A list, so that a path with a space stays one word.
    let runner = format!("target.{WASM}.runner = [{}, {}]", quoted(&this.to_string_lossy()), quoted(COMMAND));
    let mut command = cargo_in(
        &paths.root,
        &["test", "--release", "--config", &runner, "--target", WASM, "--test", "browser"],
    );
    if let Some(filter) = filter {
        command.args(["--", filter]);
    }
    command
        .env("CHROMEDRIVER", &browser.chromedriver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities(paths, browser)?)
        .env("WASM_BINDGEN_TEST_TIMEOUT", TIMEOUT)
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    Ok(command)
}

/// The hidden command: wasm-bindgen's runner over the file Cargo names.
pub fn run(args: &[String]) -> Result<()> {
    let name = OsString::from("wasm-bindgen-test-runner");
    let all = std::iter::once(name).chain(args.iter().map(OsString::from));
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(all)
}

/// What the driver is asked for: `tests/webdriver.json`, with the place of the browser found here.
fn capabilities(paths: &Paths, browser: &Browser) -> Result<PathBuf> {
    let text =
        fs::read(paths.root.join("tests/webdriver.json")).context("tests/webdriver.json is missing")?;
    let mut json: serde_json::Value = serde_json::from_slice(&text).context("tests/webdriver.json")?;
    json["goog:chromeOptions"]["binary"] = browser.chromium.to_string_lossy().into();
    fs::create_dir_all(paths.tools())?;
    let file = paths.tools().join("webdriver.json");
    fs::write(&file, serde_json::to_vec_pretty(&json)?)?;
    Ok(file)
}

/// A TOML string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
