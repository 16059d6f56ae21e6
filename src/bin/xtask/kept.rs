//! What the page's service worker keeps: a list of all files, and a version made of what is in them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::build::files;

/// Not kept: the worker itself, the page in one file, and what only pages without a worker load.
const LEFT: [&str; 4] = ["sw.js", crate::whole::FILE, "receptive_wasm.js", "fonts/OFL.txt"];

/// Writes list and version into the worker's script.
pub fn write(page: &Path) -> Result<()> {
    let (mut names, mut hash) = (vec!["./".to_owned()], FNV_START);
    for file in files(page)? {
        let name = file.to_string_lossy().replace('\\', "/");
        if LEFT.contains(&name.as_str()) {
            continue;
        }
        hash = fnv(fnv(hash, name.as_bytes()), &fs::read(page.join(&file))?);
        names.push(name);
    }
    let path = page.join("sw.js");
    let script = fs::read_to_string(&path).context("www/sw.js is missing")?;
    let list = serde_json::to_string(&names)?;
    fs::write(path, format!("var VERSION='{hash:016x}',FILES={list};\n{script}"))?;
    Ok(())
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// Fowler, Noll and Vo's hash 1a: the same on every machine, and enough to tell two versions apart.
fn fnv(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::{FNV_START, fnv};

    #[test]
    fn the_hash_is_the_published_one() {
        // http://www.isthe.com/chongo/tech/comp/fnv/: "foobar".
        assert_eq!(fnv(FNV_START, b"foobar"), 0x8594_4171_f739_67e8);
    }
}
