//! What a first visit downloads.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::build::files;
use crate::install;

/// The most a first visit may cost, compressed with brotli, in kilobytes of 1000 bytes.
const LIMIT_KB: f64 = 350.0;

/// Not part of a first load: what comes once the page stands and is used, the worker that keeps it for later, the parts of the program that are loaded when first needed with their style sheet, all of it as a
/// script, for pages that may not fetch, the page in one file, the teachers' notes, and the font's
/// licence.
const LATER: [&str; 9] = [
    "parts/",
    "sw.js",
    "notes/",
    "style/notes.css",
    "worker.js",
    "receptive_wasm.js",
    crate::whole::FILE,
    "style/classroom.css",
    "fonts/OFL.txt",
];

/// Prints the size of every file of a first visit, raw and compressed, and the sum; false when it is too much.
pub fn print(dist: &Path) -> Result<bool> {
    let first = first_parts(&fs::read_to_string(dist.join("receptive.js"))?);
    let names: Vec<String> = files(dist)?
        .iter()
        .map(|path| path.to_string_lossy().replace('\\', "/"))
        .filter(|name| first.contains(name) || !LATER.iter().any(|later| name.starts_with(later)))
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
        Some(sum) if kb(sum) > LIMIT_KB => {
            println!("  over the limit of {LIMIT_KB} kB for a first visit");
            return Ok(false);
        }
        None => println!("  (compressed sizes need Node)"),
        _ => {}
    }
    Ok(true)
}

/// The parts that a visit begins with: the first lab's and those of its language, of which one is as good as the other.
fn first_parts(script: &str) -> BTreeSet<String> {
    let table = |name: &str| {
        // Whatever stands behind the value is not read.
        let rest = script.rsplit_once(name).map_or("", |(_, rest)| &rest[rest.find('{').unwrap_or(0)..]);
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<serde_json::Value>();
        values.next().and_then(Result::ok).unwrap_or_default()
    };
    let parts = table("receptive_part_files");
    ["english", "convolution", "convolution_english"]
        .iter()
        .flat_map(|part| parts[part].as_array().into_iter().flatten())
        .filter_map(|name| Some(format!("parts/{}.wasm", name.as_str()?)))
        .collect()
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

#[cfg(test)]
mod tests {
    use super::first_parts;

    #[test]
    fn the_first_parts_are_those_of_the_language_and_the_lab() {
        let script = "let x;\nself.receptive_part_files=JSON.parse('{\"english\":[\"chunk_1\",\"split_english\"],\
            \"convolution\":[\"chunk_1\",\"convolution\"],\"other\":[\"x\"]}');\n";
        let first: Vec<_> = first_parts(script).into_iter().collect();
        assert_eq!(first, ["parts/chunk_1.wasm", "parts/convolution.wasm", "parts/split_english.wasm"]);
    }
}
