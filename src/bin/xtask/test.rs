//! `cargo xtask test`: every check and every test, in order, each named and timed.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::build::{self, Kind};
use crate::paths::{Paths, WASM};
use crate::process::{cargo_in, run_and_read};
use crate::tally::{self, Tally};
use crate::{http, install, licences, runner};

/// One step: its short name, what it is, and its kind.
struct Step {
    name: &'static str,
    title: &'static str,
    quick: bool,
    work: Work,
}

/// What a step does. A check counts as one passed or failed; the tests of a test step count each.
enum Work {
    Check(fn(&Context) -> Result<bool>),
    Tests(fn(&Context) -> Result<(Tally, bool)>),
}

/// What the steps know.
struct Context {
    paths: Paths,
    filter: Option<String>,
}

const STEPS: [Step; 11] = [
    Step { name: "format", title: "formatting", quick: true, work: Work::Check(format) },
    Step { name: "licences", title: "licences and sources", quick: true, work: Work::Check(licences) },
    Step { name: "lint", title: "lints without the browser", quick: true, work: Work::Check(lint) },
    Step { name: "native", title: "native tests", quick: true, work: Work::Tests(native) },
    Step { name: "docs", title: "documentation", quick: true, work: Work::Check(docs) },
    Step { name: "lint-app", title: "lints of the page", quick: false, work: Work::Check(lint_app) },
    Step { name: "lint-xtask", title: "lints of the workshop", quick: false, work: Work::Check(lint_xtask) },
    Step { name: "xtask", title: "tests of the workshop", quick: false, work: Work::Tests(xtask) },
    Step {
        name: "browser",
        title: "WebAssembly tests in Chromium",
        quick: false,
        work: Work::Tests(browser),
    },
    Step { name: "page", title: "the release page", quick: false, work: Work::Check(page) },
    Step { name: "e2e", title: "end-to-end tests in Chromium", quick: false, work: Work::Tests(e2e) },
];

/// The command; false when something failed.
pub fn run(args: &[String]) -> Result<bool> {
    let (mut quick, mut keep_going, mut only) = (false, false, None);
    let mut context = Context { paths: Paths::find()?, filter: None };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--quick" => quick = true,
            "--keep-going" => keep_going = true,
            "--only" => only = Some(step_named(args.next().map_or("", |name| name.as_str()))?),
            other if other.starts_with('-') => {
                bail!("test knows --quick, --keep-going and --only, not '{other}'.")
            }
            filter => context.filter = Some(filter.to_owned()),
        }
    }
    let wanted = |step: &&Step| match only {
        Some(name) => step.name == name,
        // The page is no test, but the end-to-end tests look at it.
        None if context.filter.is_some() => {
            (matches!(step.work, Work::Tests(_)) || step.name == "page") && (step.quick || !quick)
        }
        None => step.quick || !quick,
    };
    let start = Instant::now();
    let mut total = Tally::default();
    let mut lines = Vec::new();
    for step in STEPS.iter().filter(wanted) {
        println!("\n== {}", step.title);
        let begun = Instant::now();
        let tally = perform(step, &context);
        total += tally;
        lines.push(line(step, tally, begun.elapsed()));
        if tally.failed > 0 && !keep_going {
            lines.push("stopped at the first step that failed (--keep-going goes on)".to_owned());
            break;
        }
    }
    println!("\n== in {:.0} s\n{}", start.elapsed().as_secs_f64(), lines.join("\n"));
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(total.failed == 0)
}

fn step_named(name: &str) -> Result<&'static str> {
    match STEPS.iter().find(|step| step.name == name) {
        Some(step) => Ok(step.name),
        None => bail!("--only needs one of: {}.", STEPS.map(|step| step.name).join(", ")),
    }
}

/// Runs a step. A step that failed counts at least one failure, even if no test said so.
fn perform(step: &Step, context: &Context) -> Tally {
    let result = match step.work {
        Work::Check(check) => check(context).map(|good| (Tally { passed: good.into(), failed: 0 }, good)),
        Work::Tests(tests) => tests(context),
    };
    match result {
        Ok((tally, true)) => tally,
        Ok((tally, false)) => Tally { failed: tally.failed.max(1), ..tally },
        Err(error) => {
            println!("{error:#}");
            Tally { passed: 0, failed: 1 }
        }
    }
}

fn line(step: &Step, tally: Tally, time: Duration) -> String {
    let verdict = match (tally.failed, &step.work) {
        (0, Work::Check(_)) => "ok".to_owned(),
        (0, Work::Tests(_)) => format!("{} passed", tally.passed),
        (failed, Work::Tests(_)) => format!("{} passed, {failed} FAILED", tally.passed),
        (_, Work::Check(_)) => "FAILED".to_owned(),
    };
    format!("{:>7.1} s  {:<32} {verdict}", time.as_secs_f64(), step.title)
}

/// A Cargo command that must succeed.
fn check(context: &Context, args: &[&str]) -> Result<bool> {
    Ok(cargo_in(&context.paths.root, args).status()?.success())
}

fn format(context: &Context) -> Result<bool> {
    install::component("rustfmt", "fmt")?;
    check(context, &["fmt", "--check"])
}

fn licences(context: &Context) -> Result<bool> {
    println!("{}", licences::check(&context.paths)?);
    Ok(true)
}

fn lint(context: &Context) -> Result<bool> {
    install::component("clippy", "clippy")?;
    check(context, &["clippy", "--no-default-features", "--all-targets", "--", "-D", "warnings"])
}

fn lint_app(context: &Context) -> Result<bool> {
    install::wasm_target()?;
    // As released, because build scripts and macros are compiled for the page anyway.
    let targets = ["clippy", "--release", "--target", WASM, "--lib", "--bins", "--test", "browser"];
    check(context, &[&targets[..], &["--", "-D", "warnings"]].concat())
}

fn lint_xtask(context: &Context) -> Result<bool> {
    let profile = ["clippy", "--profile", "workshop", "--no-default-features", "--features", "dev"];
    check(context, &[&profile[..], &["--bin", "xtask", "--", "-D", "warnings"]].concat())
}

fn docs(context: &Context) -> Result<bool> {
    let mut command = cargo_in(&context.paths.root, &["doc", "--no-default-features", "--no-deps", "--lib"]);
    Ok(command.env("RUSTDOCFLAGS", "-D warnings").status()?.success())
}

/// Runs a test command and counts what it prints.
fn counted(command: &mut Command, count: fn(&str) -> Tally) -> Result<(Tally, bool)> {
    let (output, good) = run_and_read(command)?;
    Ok((count(&output), good))
}

fn native(context: &Context) -> Result<(Tally, bool)> {
    let mut command = cargo_in(&context.paths.root, &["test", "--no-default-features"]);
    if context.filter.is_none() {
        // One run shows everything that is broken.
        command.arg("--no-fail-fast");
    }
    command.args(context.filter.as_deref());
    counted(&mut command, tally::of_cargo)
}

fn xtask(context: &Context) -> Result<(Tally, bool)> {
    let args =
        ["test", "--profile", "workshop", "--no-default-features", "--features", "dev", "--bin", "xtask"];
    counted(cargo_in(&context.paths.root, &args).args(context.filter.as_deref()), tally::of_cargo)
}

fn browser(context: &Context) -> Result<(Tally, bool)> {
    install::wasm_target()?;
    let browser = install::browser()?;
    let mut command = runner::cargo_test(&context.paths, &browser, context.filter.as_deref())?;
    counted(&mut command, tally::of_cargo)
}

fn page(context: &Context) -> Result<bool> {
    build::page(&context.paths, Kind::Release)?;
    crate::sizes::print(&context.paths.dist())
}

fn e2e(context: &Context) -> Result<(Tally, bool)> {
    install::npm_packages(&context.paths.e2e(), "the end-to-end tests")?;
    let browser = install::browser()?;
    let folder = context.paths.e2e();
    let dist = context.paths.dist();
    let address = http::start(&dist, 0, false)?;
    let files = build::files(&folder)?;
    let tests = files
        .iter()
        .filter(|file| !file.starts_with("node_modules") && file.to_string_lossy().ends_with(".test.mjs"));
    let mut command = Command::new("node");
    // The limit ends a test that hangs, with its name; it holds for a whole file too.
    command.args(["--test", "--test-reporter=spec", "--test-timeout=400000"]);
    if let Some(filter) = &context.filter {
        command.arg(format!("--test-name-pattern={filter}"));
    }
    command.args(tests).current_dir(&folder);
    command.env("RECEPTIVE_URL", address).env("RECEPTIVE_DIST", dist).env("CHROMIUM", browser.chromium);
    counted(&mut command, tally::of_node)
}
