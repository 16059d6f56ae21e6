//! The program of the page: compiled, cut into the parts that are loaded when first needed, wrapped in JavaScript,
//! made small.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};

use crate::build::Kind;
use crate::packs::{self, Needs};
use crate::paths::{Paths, WASM};
use crate::process::{cargo_in, run, run_quietly};
use crate::{exports, imports, install};

/// The name of the program: `receptive.js`, `receptive_bg.wasm`.
pub const NAME: &str = "receptive";

/// Where the parts stand in the page.
const PARTS: &str = "parts";

/// What Rust's compiler may use for WebAssembly, so wasm-opt accepts it and adds nothing newer.
pub const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Offsets go into the instructions that load and store, which is right as long as nothing lives in the first kilobyte:
/// the linker puts the stack there, whose end that is. And what one function calls stays a function unless it is short,
/// which compresses better.
const SMALLER: [&str; 2] = ["--low-memory-unused", "--one-caller-inline-max-function-size=40"];

/// Exports of Leptos' server functions, which this page has none of. As exports they would keep all they call.
const UNUSED: &str = "intounderlying";

/// Compiles the program; gives the file.
pub fn compile(paths: &Paths, kind: Kind) -> Result<PathBuf> {
    let release = kind != Kind::Debug;
    let mut args = vec!["rustc", "--bin", NAME, "--target", WASM];
    if release {
        args.push("--release");
    }
    // The cutting follows the linker's relocations. Given here, they don't make the packages compile again.
    args.extend(["--", "-Clink-arg=--emit-relocs"]);
    run(&mut cargo_in(&paths.root, &args))?;
    let profile = if release { "release" } else { "debug" };
    Ok(paths.target.join(WASM).join(profile).join(format!("{NAME}.wasm")))
}

/// Puts the program into the page; gives the files of its parts.
pub fn place(paths: &Paths, kind: Kind, wasm: &Path, page: &Path) -> Result<Vec<String>> {
    let folder = page.join(PARTS);
    let cut = paths.target.join("cut");
    let main = cut.join(format!("{NAME}.wasm"));
    fs::create_dir_all(&cut)?;
    let input = exports::without(UNUSED, &fs::read(wasm)?)?;
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = &folder;
    options.main_out_path = &main;
    // The loader of the parts is www/load.js; see `glue`.
    options.link_name = "parts";
    let split = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("{error:#}"))?;
    fs::remove_file(folder.join("parts"))?;
    bindgen(kind, &main, page)?;
    glue(page)?;
    let program = page.join(format!("{NAME}_bg.wasm"));
    let mut needs: Needs = split.prefetch_map.into_iter().collect();
    let mut parts: Vec<PathBuf> = split.split_modules;
    if kind == Kind::Release {
        if let Some(merge) = install::wasm_merge(paths)? {
            parts = packs::merge(&merge, &program, &parts, &mut needs)?;
        }
        let files: Vec<&Path> = std::iter::once(&program).chain(&parts).map(PathBuf::as_path).collect();
        shrink(paths, &files)?;
    }
    let file = page.join(format!("{NAME}.js"));
    let script = fs::read_to_string(&file)?;
    // As text: terser leaves it alone, and the sizes of a first visit are told from it.
    let needs = serde_json::to_string(&needs)?;
    fs::write(file, format!("{script}\nself.receptive_part_files = JSON.parse('{needs}');\n"))?;
    let stems = parts.iter().filter_map(|part| part.file_stem());
    Ok(stems.map(|stem| format!("{PARTS}/{}.wasm", stem.to_string_lossy())).collect())
}

/// Makes the JavaScript around the wasm. A classic script (`no-modules`): in a frame with
/// `sandbox="allow-scripts"` the origin is opaque, where module scripts need a header that
/// a plain static host does not send.
fn bindgen(kind: Kind, wasm: &Path, out: &Path) -> Result<()> {
    let mut args: Vec<&OsStr> = [
        "wasm-bindgen",
        "--target",
        "no-modules",
        "--no-typescript",
        "--keep-lld-exports",
        "--out-name",
        NAME,
    ]
    .iter()
    .map(OsStr::new)
    .collect();
    if kind != Kind::Debug {
        args.extend(["--remove-name-section", "--remove-producers-section"].map(OsStr::new));
    }
    args.extend([OsStr::new("--out-dir"), out.as_os_str(), wasm.as_os_str()]);
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(args).context("wasm-bindgen failed")
}

/// Lets the JavaScript take the parts' loader from `www/load.js`.
fn glue(page: &Path) -> Result<()> {
    let file = page.join(format!("{NAME}.js"));
    let script = fs::read_to_string(&file)?.replace("require(\"parts\")", "self.receptive_parts");
    let program = page.join(format!("{NAME}_bg.wasm"));
    let (script, wasm) = imports::shorten(&plain(&script), &fs::read(&program)?)?;
    fs::write(program, wasm)?;
    fs::write(file, script)?;
    Ok(())
}

/// The script without its documentation and its indentation, which only people read.
fn plain(script: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in script.lines().map(str::trim) {
        inside = inside || line.starts_with("/**");
        if !inside && !line.is_empty() {
            out += line;
            out.push('\n');
        }
        inside = inside && !line.ends_with("*/");
    }
    out
}

/// Makes WebAssembly smaller and faster, if wasm-opt is to be had.
pub fn shrink(paths: &Paths, files: &[&Path]) -> Result<()> {
    let Some(wasm_opt) = install::wasm_opt(paths)? else { return Ok(()) };
    let shrinker = Shrinker { wasm_opt, kept: paths.tools() };
    // Several at once.
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || -> Result<()> {
        while let Some(file) = files.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            shrinker.shrink(file)?;
        }
        Ok(())
    };
    let hands = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    std::thread::scope(|scope| {
        let hands: Vec<_> = (0..hands).map(|_| scope.spawn(work)).collect();
        hands.into_iter().try_for_each(|hand| hand.join().map_err(|_| anyhow!("wasm-opt failed"))?)
    })
}

/// The script of wasm-opt, and where its last results are kept.
struct Shrinker {
    wasm_opt: PathBuf,
    kept: PathBuf,
}

impl Shrinker {
    /// Runs wasm-opt on a file, or takes its last result when the input is the same.
    fn shrink(&self, file: &Path) -> Result<()> {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (before, after) =
            (self.kept.join(format!("before-{name}")), self.kept.join(format!("after-{name}")));
        let mut command = Command::new("node");
        command.arg(&self.wasm_opt).arg("-O3").args(SMALLER).args(FEATURES);
        command.args(["--strip-producers", "--strip-target-features"]);
        // What was asked for counts too.
        let mut input = fs::read(file)?;
        command.get_args().for_each(|arg| input.extend(arg.as_encoded_bytes()));
        if !after.is_file() || fs::read(&before).ok().as_ref() != Some(&input) {
            let start = Instant::now();
            let done = self.kept.join(format!("new-{name}"));
            // It warns of sections it does not know, which it then leaves out.
            run_quietly(command.arg(file).arg("-o").arg(&done))?;
            fs::write(&before, input)?;
            fs::rename(&done, &after)?;
            println!("wasm-opt: {name} in {:.1} s", start.elapsed().as_secs_f64());
        }
        fs::copy(after, file)?;
        Ok(())
    }
}
