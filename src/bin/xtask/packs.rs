//! What the cutting leaves: a file for every set of parts that share something, hundreds of them, most tiny. Here those that
//! are always loaded together become one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_encoder::{
    EntityType, ExportKind, ExportSection, GlobalType, ImportSection, MemoryType, Module, RawSection,
    RefType, TableType, ValType,
};
use wasmparser::{Parser, Payload, TypeRef};

use crate::process::run_quietly;
use crate::program::FEATURES;

/// A file that is smaller, in bytes, isn't worth a request of its own.
const SMALL: usize = 4096;

/// The module in which the cutting's files look for the program's memory, its table and its stack.
const PROGRAM: &str = "__wasm_split";

/// The files of each part, by its name.
pub type Needs = BTreeMap<String, Vec<String>>;

/// Where something goes that these parts need.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
enum Place {
    /// Into the program itself.
    Program,
    /// Into one file with others, by its name.
    Pack(String),
    /// A file of its own.
    Alone,
}

/// Merges files: into the program what most first visits need, into one file what one lab needs, and the tiny rest. `needs`
/// names the files that are left; gives them.
pub fn merge(merge: &Path, program: &Path, parts: &[PathBuf], needs: &mut Needs) -> Result<Vec<PathBuf>> {
    let mut groups = BTreeMap::<Place, Vec<PathBuf>>::new();
    for part in parts {
        fs::write(part, without_custom(&fs::read(part)?)?)?;
        let name = stem(part);
        let needed_by: Vec<&str> =
            needs.iter().filter(|(_, files)| files.contains(&name)).map(|(part, _)| part.as_str()).collect();
        let bytes = fs::metadata(part)?.len() as usize;
        groups.entry(place(&needed_by, bytes)).or_default().push(part.clone());
    }
    let mut left = groups.remove(&Place::Alone).unwrap_or_default();
    for (place, members) in groups {
        let into = match &place {
            Place::Pack(name) => Some(members[0].with_file_name(format!("{name}.wasm"))),
            _ => None,
        };
        let gone: Vec<String> = members.iter().map(|part| stem(part)).collect();
        together(merge, program, &members, into.as_deref().unwrap_or(program), into.is_none())?;
        for files in needs.values_mut() {
            let before = files.len();
            files.retain(|file| !gone.contains(file));
            if let (Some(into), true) = (&into, files.len() < before) {
                files.push(stem(into));
            }
        }
        left.extend(into);
    }
    Ok(left)
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Where what these parts need goes. The parts of a lab bear its name, and all but its program a further word
/// (`app::rooms`); the first lab is the one most visits begin with.
fn place(needed_by: &[&str], bytes: usize) -> Place {
    let of_lab = |lab: &str| {
        needed_by.contains(&lab)
            && needed_by.iter().all(|part| {
                part.strip_prefix(lab).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
            })
    };
    let mut labs = receptive::labs::SIGNS.iter().map(|sign| sign.slug.replace('-', "_"));
    let first = labs.clone().next().unwrap_or_default();
    let texts = ["english".to_owned(), format!("{first}_english")];
    let begins = |part: &&str| texts.iter().any(|text| text == part);
    match labs.find(|lab| of_lab(lab)) {
        Some(lab) => Place::Pack(lab),
        None if needed_by.contains(&first.as_str()) => Place::Program,
        // The page's own words are so few that a file costs as much.
        None if needed_by == ["english"] => Place::Program,
        None if bytes < SMALL && needed_by.iter().any(begins) => Place::Program,
        None if bytes < SMALL => Place::Pack("more".into()),
        None => Place::Alone,
    }
}

/// Makes one module of several, which share the program's memory, table and stack; or puts them into the program.
fn together(merge: &Path, program: &Path, members: &[PathBuf], into: &Path, inside: bool) -> Result<()> {
    let stub = into.with_extension("stub");
    let first = if inside {
        program
    } else {
        fs::write(&stub, stand_in(members)?)?;
        &stub
    };
    let done = into.with_extension("merged");
    let mut tool = Command::new("node");
    tool.arg(merge).arg(first).arg(PROGRAM);
    for member in members {
        tool.arg(member).arg(stem(member));
    }
    run_quietly(tool.args(FEATURES).arg("-o").arg(&done))?;
    if !inside {
        fs::remove_file(&stub)?;
    }
    for member in members {
        fs::remove_file(member)?;
    }
    fs::rename(done, into).with_context(|| format!("{} can't be written", into.display()))
}

/// A module that imports from `program` what the members import from [`PROGRAM`], and exports it, so that merging finds
/// all their imports to be one.
fn stand_in(members: &[PathBuf]) -> Result<Vec<u8>> {
    let mut wanted = BTreeMap::new();
    for member in members {
        let bytes = fs::read(member)?;
        for payload in Parser::new(0).parse_all(&bytes) {
            if let Payload::ImportSection(list) = payload? {
                for import in list.into_imports() {
                    let import = import?;
                    wanted.insert(import.name.to_owned(), import.ty);
                }
            }
        }
    }
    let (mut imports, mut exports) = (ImportSection::new(), ExportSection::new());
    let mut counts = [0; 3];
    for (name, kind) in wanted {
        let (entity, kind, count) = match kind {
            TypeRef::Memory(m) => {
                let (minimum, maximum) = (m.initial, m.maximum);
                let memory =
                    MemoryType { minimum, maximum, memory64: false, shared: false, page_size_log2: None };
                (EntityType::Memory(memory), ExportKind::Memory, &mut counts[0])
            }
            TypeRef::Table(t) => {
                let (minimum, maximum) = (t.initial, t.maximum);
                let element_type = RefType::FUNCREF;
                let table = TableType { element_type, minimum, maximum, table64: false, shared: false };
                (EntityType::Table(table), ExportKind::Table, &mut counts[1])
            }
            // The only ones are addresses in memory.
            TypeRef::Global(g) => {
                let global = GlobalType { val_type: ValType::I32, mutable: g.mutable, shared: false };
                (EntityType::Global(global), ExportKind::Global, &mut counts[2])
            }
            other => anyhow::bail!("a part imports {name}, which is {other:?}"),
        };
        imports.import("program", &name, entity);
        exports.export(&name, kind, *count);
        *count += 1;
    }
    let mut module = Module::new();
    module.section(&imports).section(&exports);
    Ok(module.finish())
}

/// The module without names and other things that only tools read.
fn without_custom(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let (Some((id, range)), false) =
            (payload.as_section(), matches!(payload, Payload::CustomSection(_)))
        {
            module.section(&RawSection { id, data: &wasm[range] });
        }
    }
    Ok(module.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_loaded_together_comes_together() {
        let lab = |name: &str| Place::Pack(name.into());
        assert_eq!(place(&["convolution", "convolution_questions"], 9), lab("convolution"));
        assert_eq!(place(&["receptive_field"], 999_999), lab("receptive_field"));
        assert_eq!(place(&["convolution", "pooling", "predict"], 9_999), Place::Program);
        assert_eq!(place(&["english", "pooling_english"], 9), Place::Program);
        assert_eq!(place(&["english"], 9_999), Place::Program);
        assert_eq!(place(&["pooling", "predict"], 9), lab("more"));
        assert_eq!(place(&["pooling", "predict"], 9_999), Place::Alone);
        assert_eq!(place(&["convolution_english"], 9_999), Place::Alone);
    }
}
