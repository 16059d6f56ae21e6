//! The licence and source check: every dependency comes from the public registry, and its
//! licence lets everyone use, change and pass on the page.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::paths::Paths;
use crate::process::cargo_in;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";
const NPM: &str = "https://registry.npmjs.org/";

/// Licences that ask for no more than a notice.
const ALLOWED: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Allowed for the packages of the tests alone, which are never part of the page: axe-core.
const ALLOWED_IN_TESTS: &str = "MPL-2.0";

/// Checks the crates of `Cargo.lock` and the npm packages of the tests; the number of each.
pub fn check(paths: &Paths) -> Result<String> {
    let mut problems = Vec::new();
    let crates = check_crates(paths, &mut problems)?;
    let packages = check_npm(paths, &mut problems)?;
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(format!(
        "{crates} crates from crates.io, {packages} npm packages of the tests, all with allowed licences"
    ))
}

fn check_crates(paths: &Paths, problems: &mut Vec<String>) -> Result<usize> {
    let args = ["metadata", "--all-features", "--locked", "--format-version", "1"];
    let out = cargo_in(&paths.root, &args).output().context("cargo metadata could not be started")?;
    ensure!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: Value = serde_json::from_slice(&out.stdout)?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    for package in packages {
        let name = format!("crate {} {}", text(&package["name"]), text(&package["version"]));
        let own = package["name"] == env!("CARGO_PKG_NAME");
        if !own && package["source"] != CRATES_IO {
            problems.push(format!("{name} does not come from crates.io but from {}", package["source"]));
        }
        match package["license"].as_str() {
            Some(licence) if allows(licence, false) => {}
            Some(licence) => problems.push(format!("{name} has a licence that is not allowed: {licence}")),
            None => problems.push(format!("{name} names no licence")),
        }
    }
    Ok(packages.len().saturating_sub(1))
}

fn check_npm(paths: &Paths, problems: &mut Vec<String>) -> Result<usize> {
    let file = paths.e2e().join("package-lock.json");
    let lock: Value =
        serde_json::from_slice(&fs::read(&file).context("tests/e2e/package-lock.json is missing")?)?;
    let packages = lock["packages"].as_object().context("package-lock.json names no packages")?;
    let packages: BTreeMap<_, _> = packages.iter().filter(|(path, _)| !path.is_empty()).collect();
    for (path, package) in &packages {
        let name =
            format!("npm package {} {}", path.trim_start_matches("node_modules/"), text(&package["version"]));
        // Without an address npm takes the registry's; the checksum pins the content.
        let elsewhere = package["resolved"].as_str().is_some_and(|address| !address.starts_with(NPM));
        if elsewhere || !package["integrity"].is_string() {
            problems.push(format!("{name} is not pinned to the npm registry with a checksum"));
        }
        if !allows(text(&package["license"]), true) {
            problems.push(format!("{name} has a licence that is not allowed: {}", package["license"]));
        }
    }
    Ok(packages.len())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}

/// Whether an SPDX expression can be met with allowed licences. `/` is the old spelling of `OR`.
fn allows(expression: &str, in_tests: bool) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = Words { words: spaced.split_whitespace().collect(), at: 0, in_tests };
    words.any().is_some_and(|allowed| allowed && words.at == words.words.len())
}

/// Reads an expression: `any` of `all` of licences or bracketed expressions. None: no expression.
struct Words<'a> {
    words: Vec<&'a str>,
    at: usize,
    in_tests: bool,
}

impl<'a> Words<'a> {
    fn take(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at) == Some(&word);
        self.at += usize::from(found);
        found
    }

    fn next(&mut self) -> Option<&'a str> {
        self.at += 1;
        self.words.get(self.at - 1).copied()
    }

    fn any(&mut self) -> Option<bool> {
        let mut allowed = self.all()?;
        while self.take("OR") {
            allowed |= self.all()?;
        }
        Some(allowed)
    }

    fn all(&mut self) -> Option<bool> {
        let mut allowed = self.one()?;
        while self.take("AND") {
            allowed &= self.one()?;
        }
        Some(allowed)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let allowed = self.any()?;
            return self.take(")").then_some(allowed);
        }
        let mut licence = self.next()?.to_owned();
        if self.take("WITH") {
            licence = format!("{licence} WITH {}", self.next()?);
        }
        Some(ALLOWED.contains(&licence.as_str()) || (self.in_tests && licence == ALLOWED_IN_TESTS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_that_can_be_met() {
        for licence in [
            "MIT",
            "MIT/Apache-2.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "MIT OR Apache-2.0 OR LGPL-2.1-or-later",
        ] {
            assert!(allows(licence, false), "{licence}");
        }
        assert!(allows("MPL-2.0", true));
    }

    #[test]
    fn expressions_that_can_not() {
        for licence in [
            "",
            "?",
            "GPL-3.0",
            "MPL-2.0",
            "MIT AND GPL-3.0",
            "MIT AND (GPL-3.0 OR AGPL-3.0)",
            "GPL-2.0 WITH Classpath-exception-2.0",
            "MIT OR",
            "(MIT",
            "MIT Apache-2.0",
        ] {
            assert!(!allows(licence, false), "{licence}");
        }
    }
}
