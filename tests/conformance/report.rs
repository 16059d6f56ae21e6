//! Runs the suites of a folder and prints what came out: a line per suite and operator, each failure, the sums.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use super::exceptions;
use super::format::{Case, read};
use super::{Unsupported, run as run_case};

#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// What became of a case.
enum Verdict {
    Passed,
    /// With the sentence.
    Failed(String),
    /// By name, with the reason.
    Skipped(&'static str),
}

/// Runs every suite of `folder` whose cases contain `filter`; the exit code says whether all passed.
pub fn run(folder: &Path, filter: &str) -> ExitCode {
    let suites = match suites(folder) {
        Ok(suites) if !suites.is_empty() => suites,
        Ok(_) => return complain(folder, "it holds no folder with a manifest.json"),
        Err(error) => return complain(folder, &error.to_string()),
    };
    // The sentence of a failure is printed with its case; the place in the tests is no news.
    panic::set_hook(Box::new(|_| ()));
    let mut total = Counts::default();
    for suite in suites {
        let name = suite.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let cases = match panic::catch_unwind(|| read(&suite)) {
            Ok(cases) => cases,
            Err(reason) => {
                println!("{name}: can't be read: {}", sentence(&*reason));
                total.failed += 1;
                continue;
            }
        };
        let mut operators = BTreeMap::<&str, Counts>::new();
        for case in cases.iter().filter(|case| format!("{name}/{}/{}", case.op, case.id).contains(filter)) {
            let counts = operators.entry(&case.op).or_default();
            match verdict(case) {
                Verdict::Passed => counts.passed += 1,
                Verdict::Failed(why) => {
                    println!("FAILED  {name}/{} ({}): {why}", case.id, case.op);
                    counts.failed += 1;
                }
                Verdict::Skipped(why) => {
                    println!("skipped {name}/{} ({}): {why}", case.id, case.op);
                    counts.skipped += 1;
                }
            }
        }
        for (operator, counts) in operators {
            println!("{name:<10} {operator:<42} {}", line(&counts));
            total.passed += counts.passed;
            total.failed += counts.failed;
            total.skipped += counts.skipped;
        }
    }
    println!("{}", line(&total));
    if total.failed == 0 && total.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The folders with a manifest, by name.
fn suites(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut suites = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.join("manifest.json").is_file() {
            suites.push(path);
        }
    }
    suites.sort();
    Ok(suites)
}

fn complain(folder: &Path, why: &str) -> ExitCode {
    println!("No suite in {}: {why}.", folder.display());
    ExitCode::FAILURE
}

fn verdict(case: &Case) -> Verdict {
    if let Some(why) = exceptions::reason(&case.op, &case.id) {
        return Verdict::Skipped(why);
    }
    if case.entry["disputed_by"].as_str().is_some_and(|by| !by.is_empty()) {
        return Verdict::Skipped("its manifest says that the references disagree");
    }
    match panic::catch_unwind(AssertUnwindSafe(|| run_case(case))) {
        Ok(Ok(())) => Verdict::Passed,
        Ok(Err(Unsupported(what))) => Verdict::Failed(format!("not supported: {what}")),
        Err(reason) => Verdict::Failed(sentence(&*reason)),
    }
}

/// What a panic said.
fn sentence(reason: &(dyn std::any::Any + Send)) -> String {
    let text = reason.downcast_ref::<String>().cloned();
    text.or_else(|| reason.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap_or_else(|| "panicked".into())
}

fn line(counts: &Counts) -> String {
    let Counts { passed, failed, skipped } = counts;
    format!("{passed} passed, {failed} failed, {skipped} skipped")
}
