//! Installs what is missing, and says so before it does. A second run finds everything and is quick.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::paths::{Paths, WASM};
use crate::process::{answer, npm, run, which};

/// The version of npm's `binaryen`, which holds wasm-opt.
const BINARYEN: &str = "132.0.0";
const TERSER: &str = "5.51.4";

/// The oldest Node with the test runner options used here.
const NODE: u32 = 20;

/// A Chromium and the driver that steers it.
pub struct Browser {
    /// The browser itself.
    pub chromium: PathBuf,
    /// Its WebDriver.
    pub chromedriver: PathBuf,
}

/// The standard library for WebAssembly.
pub fn wasm_target() -> Result<()> {
    let sysroot = answer("rustc", &["--print", "sysroot"]).context("rustc is missing: https://rustup.rs")?;
    if Path::new(&sysroot).join("lib/rustlib").join(WASM).is_dir() {
        return Ok(());
    }
    if which("rustup").is_none() {
        bail!(
            "Rust's target {WASM} is missing and there is no rustup to add it. Install it as you installed Rust."
        );
    }
    println!("installing: Rust's target {WASM}, to compile the page (rustup target add)");
    run(Command::new("rustup").args(["target", "add", WASM]))
}

/// A part of the Rust toolchain that a minimal installation leaves out.
pub fn component(name: &str, probe: &str) -> Result<()> {
    if answer(crate::process::cargo(), &[probe, "--version"]).is_some() {
        return Ok(());
    }
    println!("installing: Rust's {name}, for the checks (rustup component add)");
    run(Command::new("rustup").args(["component", "add", name]))
}

/// Whether Node is there and new enough.
pub fn has_node() -> bool {
    let major = answer("node", &["--version"]).and_then(|text| {
        text.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok())
    });
    major.is_some_and(|major| major >= NODE)
        && npm().arg("--version").output().is_ok_and(|out| out.status.success())
}

/// Node, or a sentence that says where it comes from.
pub fn require_node() -> Result<()> {
    if !has_node() {
        bail!("what runs in a browser needs Node {NODE} or newer with npm in PATH: https://nodejs.org");
    }
    Ok(())
}

/// The script of wasm-opt; none when there is no Node, which is allowed.
pub fn wasm_opt(paths: &Paths) -> Result<Option<PathBuf>> {
    npm_tool(paths, "binaryen", BINARYEN, "bin/wasm-opt", "to make the program smaller, some 15 %")
}

/// The script of wasm-merge, which comes with wasm-opt.
pub fn wasm_merge(paths: &Paths) -> Result<Option<PathBuf>> {
    Ok(wasm_opt(paths)?.map(|script| script.with_file_name("wasm-merge")))
}

/// The script of terser; none when there is no Node, which is allowed.
pub fn terser(paths: &Paths) -> Result<Option<PathBuf>> {
    npm_tool(paths, "terser", TERSER, "bin/terser", "to make the scripts smaller, some 25 %")
}

/// A script of a package from npm, kept among the tools.
fn npm_tool(
    paths: &Paths,
    name: &str,
    version: &str,
    script: &str,
    purpose: &str,
) -> Result<Option<PathBuf>> {
    let folder = paths.tools().join(name);
    let root = folder.join("node_modules").join(name);
    if !has_node() {
        println!(
            "{name} left out: there is no Node {NODE} with npm. It is there {purpose}; the page works without."
        );
        return Ok(None);
    }
    let installed = fs::read(root.join("package.json"))
        .ok()
        .and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok())
        .is_some_and(|json| json["version"] == version);
    if !installed || !root.join(script).is_file() {
        println!("installing: {name} {version} from npm into {}, {purpose}", folder.display());
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("package.json"), "{\"private\":true}\n")?;
        run(npm()
            .args([
                "install",
                "--save-exact",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
                &format!("{name}@{version}"),
            ])
            .current_dir(&folder))?;
    }
    Ok(Some(root.join(script)))
}

/// The packages of `folder`, exactly those of its lock file; `purpose` says what they are for.
pub fn npm_packages(folder: &Path, purpose: &str) -> Result<()> {
    require_node()?;
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", folder.display()))?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("installing: the packages of {purpose} from npm into {} (npm ci)", folder.display());
    // Browsers are not downloaded: the tests use the system's Chromium.
    run(npm()
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .current_dir(folder))?;
    fs::write(stamp, lock)?;
    Ok(())
}

/// Chromium and chromedriver: those named by `CHROMIUM` and `CHROMEDRIVER`, those of the
/// system, or, on Debian, freshly installed ones.
pub fn browser() -> Result<Browser> {
    if let (Some(chromium), Some(chromedriver)) = (find_chromium()?, find_chromedriver()?) {
        return Ok(Browser { chromium, chromedriver });
    }
    install_browser()?;
    match (find_chromium()?, find_chromedriver()?) {
        (Some(chromium), Some(chromedriver)) => Ok(Browser { chromium, chromedriver }),
        _ => bail!(
            "Chromium was installed but is not found. Set CHROMIUM and CHROMEDRIVER to the two programs."
        ),
    }
}

fn find_chromium() -> Result<Option<PathBuf>> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    let places = [
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "C:/Program Files/Google/Chrome/Application/chrome.exe",
    ];
    find("CHROMIUM", &names, &places)
}

fn find_chromedriver() -> Result<Option<PathBuf>> {
    find(
        "CHROMEDRIVER",
        &["chromedriver"],
        &["/usr/lib/chromium/chromedriver", "/usr/lib/chromium-browser/chromedriver"],
    )
}

fn find(variable: &str, names: &[&str], places: &[&str]) -> Result<Option<PathBuf>> {
    if let Some(path) = std::env::var_os(variable).map(PathBuf::from) {
        if !path.is_file() {
            bail!("{variable} names {}, which is not a file.", path.display());
        }
        return Ok(Some(path));
    }
    let in_path = names.iter().find_map(|name| which(name));
    Ok(in_path.or_else(|| places.iter().map(PathBuf::from).find(|path| path.is_file())))
}

fn install_browser() -> Result<()> {
    const BY_HAND: &str = "the tests in a browser need Chromium (or Chrome) and the chromedriver of the same version. \
        Install both (Debian: `apt-get install chromium chromium-driver`), or set CHROMIUM and CHROMEDRIVER to them.";
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    // Ubuntu's package of this name only points to a snap, which needs a person.
    let debian = release.lines().any(|line| line == "ID=debian");
    if !debian || which("apt-get").is_none() {
        bail!("{BY_HAND}");
    }
    let root = answer("id", &["-u"]).is_some_and(|id| id == "0");
    if !root && answer("sudo", &["-n", "true"]).is_none() {
        bail!("{BY_HAND}");
    }
    println!("installing: chromium and chromium-driver from Debian (apt-get), for the tests in a browser");
    let apt = |args: &[&str]| {
        let mut command = if root { Command::new("apt-get") } else { Command::new("sudo") };
        if !root {
            command.args(["-n", "apt-get"]);
        }
        run(command.args(["-q"]).args(args).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update"])?;
    apt(&["install", "-y", "--no-install-recommends", "chromium", "chromium-driver"])
}
