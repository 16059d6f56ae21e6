//! What a first visit downloads.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::build::files;
use crate::install;

/// The most a first visit may cost, compressed with brotli, in kilobytes of 1000 bytes.
const LIMIT_KB: f64 = 350.0;

/// Not part of a first visit: the wasm as a script, for pages that may not fetch, and the font's licence.
const LATER: [&str; 2] = ["receptive_wasm.js", "fonts/OFL.txt"];

/// Prints the size of every file of a first visit, raw and compressed, and the sum.
pub fn print(dist: &Path) -> Result<()> {
    let names: Vec<String> = files(dist)?
        .iter()
        .map(|path| path.to_string_lossy().replace('\\', "/"))
        .filter(|name| !LATER.contains(&name.as_str()))
        .collect();
    let raw: Vec<u64> =
        names.iter().map(|name| fs::metadata(dist.join(name)).map_or(0, |m| m.len())).collect();
    let packed = compressed(dist, &names);
    println!("first visit:                       raw kB  brotli kB");
    for (i, name) in names.iter().enumerate() {
        println!("  {name:<30} {:>9.1} {:>10}", kb(raw[i]), cell(packed.as_ref().map(|sizes| sizes[i])));
    }
    let sum = packed.as_ref().map(|sizes| sizes.iter().sum());
    println!("  {:<30} {:>9.1} {:>10}", "together", kb(raw.iter().sum()), cell(sum));
    match sum {
        Some(sum) if kb(sum) > LIMIT_KB => println!("  over the limit of {LIMIT_KB} kB for a first visit"),
        None => println!("  (compressed sizes need Node)"),
        _ => {}
    }
    Ok(())
}

fn kb(bytes: u64) -> f64 {
    bytes as f64 / 1000.0
}

fn cell(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "-".to_owned(), |bytes| format!("{:.1}", kb(bytes)))
}

/// Sizes after brotli at its best quality, by Node; none without Node.
fn compressed(dist: &Path, names: &[String]) -> Option<Vec<u64>> {
    const SCRIPT: &str = "const fs = require('fs'), zlib = require('zlib');\
        for (const name of process.argv.slice(1)) console.log(zlib.brotliCompressSync(fs.readFileSync(name)).length)";
    if !install::has_node() {
        return None;
    }
    let out = Command::new("node").args(["-e", SCRIPT, "--"]).args(names).current_dir(dist).output().ok()?;
    let sizes: Vec<u64> =
        String::from_utf8_lossy(&out.stdout).lines().filter_map(|l| l.parse().ok()).collect();
    (sizes.len() == names.len()).then_some(sizes)
}
