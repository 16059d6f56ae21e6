//! The workshop: `cargo xtask serve | build | test | bench`.
//!
//! - [`serve`]: builds the page, serves it on this machine, rebuilds when a source changes.
//! - [`build`]: leaves the release page in `dist/`, ready for any static host.
//! - [`test`]: every check and every test there is, in order.
//! - [`bench`]: times the operators beside other libraries'.
//!
//! What is missing on the machine is installed by [`install`], which says so first.
//! Nothing of this is part of the page.

mod bench;
mod build;
mod exports;
mod http;
mod imports;
mod install;
mod kept;
mod licences;
mod notes;
mod packs;
mod paths;
mod process;
mod program;
mod runner;
mod serve;
mod sizes;
mod tally;
mod test;
mod watch;
mod whole;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask <command>

  serve [--port 8080] [--debug]   build the page, serve it on this machine, rebuild on change
  build [--debug]                 leave the release page in dist/ (--debug: quick to build, slow to run)
  test [--quick] [--keep-going] [--only STEP] [FILTER]
                                  everything: format, licences, lints, native tests, documentation,
                                  tests in a browser, the page, end to end
                                  --quick       the native half alone, in a minute or two
                                  --keep-going  go on after a step that failed
                                  --only STEP   one step by its short name (--only list names them)
                                  FILTER        only tests whose name contains it; checks are skipped
  bench [--native | --page] [--only TEXT] [--rounds 9] [--budget 60] [--lowest] [--json FILE]
                                  times the operators in Chromium, beside TensorFlow.js and ONNX Runtime Web
                                  --native  on this machine instead, alone
                                  --page    the page, from a moved slider to the painted figure
                                  --only    only shapes whose name contains it
                                  --budget  milliseconds for each of a round
                                  --lowest  the lowest sample counts, not the median: on a busy machine
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one command; false when a test failed and has already been reported.
fn run(args: &[String]) -> Result<bool> {
    let rest = args.get(1..).unwrap_or_default();
    match args.first().map(String::as_str) {
        Some("build") => build::run(rest).map(|()| true),
        Some("serve") => serve::run(rest).map(|()| true),
        Some("test") => test::run(rest),
        Some("bench") => bench::run(rest),
        Some(runner::COMMAND) => runner::run(rest).map(|()| true),
        None | Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            Ok(true)
        }
        Some(other) => bail!("there is no command '{other}'.\n\n{USAGE}"),
    }
}
