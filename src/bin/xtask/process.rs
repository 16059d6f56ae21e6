//! Starting other programs.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::paths::WASM;

/// The Cargo that runs us.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// A Cargo command in the repository. The user's own `RUSTFLAGS` would replace those of
/// `.cargo/config.toml` and the page would lose its SIMD, so they are left out.
pub fn cargo_in(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(cargo());
    command.args(args.first()).current_dir(root);
    if args.contains(&WASM)
        && let Some(flags) = without_places()
    {
        command.args(["--config", &flags]);
    }
    command.args(args.iter().skip(1)).env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

/// A setting that keeps the folders of this machine out of the program, where panics would name them. It stands beside
/// those of `.cargo/config.toml`. `None` where Cargo keeps its packages elsewhere.
fn without_places() -> Option<String> {
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = cargo_home.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")))?;
    let sources = std::fs::read_dir(home.join("registry").join("src")).ok()?;
    let flags: Vec<String> = sources
        .filter_map(|source| Some(format!("--remap-path-prefix={}=packages", source.ok()?.path().to_str()?)))
        .map(|flag| serde_json::Value::from(flag).to_string())
        .collect();
    Some(format!("target.{WASM}.rustflags = [{}]", flags.join(", ")))
}

/// Runs to the end; an error when it can't start or says it failed.
pub fn run(command: &mut Command) -> Result<()> {
    let name = describe(command);
    let status = command.status().with_context(|| format!("`{name}` could not be started"))?;
    if !status.success() {
        bail!("`{name}` failed ({status})");
    }
    Ok(())
}

/// Runs to the end, and shows what it prints only when it fails.
pub fn run_quietly(command: &mut Command) -> Result<()> {
    let name = describe(command);
    let out = command.output().with_context(|| format!("`{name}` could not be started"))?;
    if !out.status.success() {
        bail!("`{name}` failed ({})\n{}", out.status, String::from_utf8_lossy(&out.stderr));
    }
    Ok(())
}

/// Runs to the end, shows what it prints, and gives back what it printed to standard output
/// and whether it succeeded.
pub fn run_and_read(command: &mut Command) -> Result<(String, bool)> {
    let name = describe(command);
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("`{name}` could not be started"))?;
    let mut text = String::new();
    if let Some(stdout) = child.stdout.take() {
        let mut reader = BufReader::new(stdout);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            std::io::stdout().write_all(&line)?;
            text.push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    }
    Ok((text, child.wait()?.success()))
}

/// What a program prints, or nothing when it is missing or fails.
pub fn answer(program: impl AsRef<Path>, args: &[&str]) -> Option<String> {
    let out = Command::new(program.as_ref()).args(args).stderr(Stdio::null()).output().ok()?;
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// Looks a program up in `PATH`.
pub fn which(program: &str) -> Option<PathBuf> {
    let file = if cfg!(windows) { format!("{program}.exe") } else { program.to_owned() };
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(&file)).find(|path| path.is_file())
}

/// `npm`, which is a script of another name on Windows.
pub fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

fn describe(command: &Command) -> String {
    let mut words = vec![
        Path::new(command.get_program())
            .file_name()
            .unwrap_or(command.get_program())
            .to_string_lossy()
            .into_owned(),
    ];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy().into_owned()));
    words.join(" ")
}
