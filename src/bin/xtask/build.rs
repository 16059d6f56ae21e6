//! `cargo xtask build`: the page, complete, in `dist/`.
//!
//! The steps: make the program, put the files that are served as they are beside it, and print what a first visit
//! costs. All of it happens in a staging folder, so a build that fails leaves the last page alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use base64::Engine;

use crate::paths::Paths;
use crate::process::run_quietly;
use crate::program::{self, NAME};
use crate::{install, kept, notes, sizes, whole};

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
    let wasm = program::compile(paths, kind)?;
    let staging = paths.staging();
    if staging.exists() {
        fs::remove_dir_all(&staging)?;
    }
    fs::create_dir_all(&staging)?;
    let parts = program::place(paths, kind, &wasm, &staging)?;
    copy_tree(&paths.root.join("www"), &staging)?;
    fs::copy(paths.root.join("index.html"), staging.join("index.html")).context("index.html is missing")?;
    generated_files(&staging, &parts)?;
    notes::write(&paths.root, &staging)?;
    if kind == Kind::Release {
        smaller_texts(paths, &staging)?;
    }
    whole::write(&staging)?;
    kept::write(&staging)?;
    replace(&staging, &paths.dist())?;
    println!("page: {} in {:.1} s", paths.dist().display(), start.elapsed().as_secs_f64());
    Ok(())
}

/// Files written by the program itself rather than kept by hand.
fn generated_files(page: &Path, parts: &[String]) -> Result<()> {
    // A page of opaque origin (a sandboxed frame, a file) may not fetch the wasm, but may load
    // a classic script: so all of it stands in one too, loaded only then.
    let mut script = format!("self.{NAME}_packed = {{\n");
    for file in [&[format!("{NAME}_bg.wasm")], parts].concat() {
        let wasm = fs::read(page.join(&file))?;
        script += &format!("'{file}': '{}',\n", base64::engine::general_purpose::STANDARD.encode(wasm));
    }
    script += "};\n";
    fs::write(page.join(format!("{NAME}_wasm.js")), script)?;
    fs::write(page.join("style/tokens.css"), receptive::stage::theme::css())?;
    // A page of opaque origin may not fetch a font either: it stands in its style sheet. Its licence stays a file.
    let font = page.join("fonts/math.woff2");
    let data = base64::engine::general_purpose::STANDARD.encode(fs::read(&font)?);
    let face = format!(
        "@font-face{{font-family:\"Receptive Math\";src:url(data:font/woff2;base64,{data}) format(\"woff2\");font-display:swap}}\n"
    );
    fs::write(page.join("style/math.css"), face)?;
    fs::remove_file(font)?;
    Ok(())
}

/// Scripts and style sheets without what only people read.
fn smaller_texts(paths: &Paths, page: &Path) -> Result<()> {
    if let Some(terser) = install::terser(paths)? {
        for name in
            ["boot.js".into(), "load.js".into(), "worker.js".into(), "sw.js".into(), format!("{NAME}.js")]
        {
            let file = page.join(name);
            let mut tool = Command::new("node");
            tool.arg(&terser).arg(&file).args(["--compress", "passes=3", "--mangle", "--output"]).arg(&file);
            run_quietly(&mut tool)?;
        }
    }
    for file in files(page)?.into_iter().filter(|file| file.extension().is_some_and(|e| e == "css")) {
        let file = page.join(file);
        let text = fs::read_to_string(&file)?;
        fs::write(&file, plain_css(&text))?;
    }
    Ok(())
}

/// A style sheet without comments and without the spaces that nothing needs. What stands in quotes has none of these.
fn plain_css(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        out += before;
        rest = comment.split_once("*/").map_or("", |(_, rest)| rest);
    }
    out += rest;
    let mut out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    for (long, short) in [
        (" {", "{"),
        ("{ ", "{"),
        ("; ", ";"),
        (" }", "}"),
        ("} ", "}"),
        (": ", ":"),
        (", ", ","),
        (";}", "}"),
    ] {
        out = out.replace(long, short);
    }
    out
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

#[cfg(test)]
mod tests {
    use super::plain_css;

    #[test]
    fn style_sheets_lose_what_only_people_read() {
        let text = "/* a */\n.b :hover,\n.c {\n  d: e f; /* g */\n\n  h: calc(1px + 2px)\n}\n";
        assert_eq!(plain_css(text), ".b :hover,.c{d:e f;h:calc(1px + 2px)}");
    }
}
