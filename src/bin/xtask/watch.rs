//! Rebuilding when a source changes. Looks twice a second; no service of the system is needed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::build::{self, Kind, files};
use crate::paths::Paths;
use crate::process::{cargo_in, run};

/// When each source was last written.
pub type State = BTreeMap<PathBuf, SystemTime>;

/// The sources of the page as they are now.
pub fn state(root: &Path) -> State {
    let mut found = Vec::new();
    for folder in ["src", "www"] {
        let below = files(&root.join(folder)).unwrap_or_default();
        found.extend(below.into_iter().map(|file| Path::new(folder).join(file)));
    }
    found.retain(|file| !file.starts_with("src/bin"));
    found.extend(["index.html", "Cargo.toml", "Cargo.lock"].map(PathBuf::from));
    found
        .into_iter()
        .filter_map(|file| {
            let written = fs::metadata(root.join(&file)).and_then(|meta| meta.modified()).ok()?;
            Some((file, written))
        })
        .collect()
}

/// Rebuilds the page whenever a source is written, added or removed. A build that fails
/// leaves the last page where it is.
pub fn rebuild_on_change(paths: &Paths, debug: bool, mut seen: State) -> Result<()> {
    loop {
        std::thread::sleep(Duration::from_millis(500));
        let now = state(&paths.root);
        let Some(changed) = first_difference(&seen, &now) else { continue };
        println!("\n{} changed: rebuilding", changed.display());
        seen = now;
        match rebuild(paths, debug) {
            Ok(()) => println!("reload the page to see it"),
            Err(error) => println!("{error:#}\nthe page is still the last one that could be built"),
        }
    }
}

fn first_difference(before: &State, after: &State) -> Option<PathBuf> {
    let written = after.iter().find(|(file, time)| before.get(*file) != Some(time));
    let removed = || before.iter().find(|(file, _)| !after.contains_key(*file));
    written.or_else(removed).map(|(file, _)| file.clone())
}

/// A new workshop builds the page, because the generated files come out of the library it is
/// linked with. Windows can't replace a program that runs, so there the old one does it.
fn rebuild(paths: &Paths, debug: bool) -> Result<()> {
    if cfg!(windows) {
        return build::page(paths, if debug { Kind::Debug } else { Kind::Unshrunk });
    }
    run(&mut cargo_in(&paths.root, &["xtask", "build", if debug { "--debug" } else { "--unshrunk" }]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_an_added_and_a_removed_file_are_seen() {
        let old = State::from([("a".into(), SystemTime::UNIX_EPOCH), ("b".into(), SystemTime::UNIX_EPOCH)]);
        assert_eq!(first_difference(&old, &old), None);
        let mut new = old.clone();
        new.insert("a".into(), SystemTime::UNIX_EPOCH + Duration::from_secs(1));
        assert_eq!(first_difference(&old, &new), Some("a".into()));
        new = old.clone();
        new.insert("c".into(), SystemTime::UNIX_EPOCH);
        assert_eq!(first_difference(&old, &new), Some("c".into()));
        new = old.clone();
        new.remove(Path::new("b"));
        assert_eq!(first_difference(&old, &new), Some("b".into()));
    }
}
