//! Short names for what program and JavaScript call of each other. wasm-bindgen's end in sixteen digits by chance each,
//! which stand in the program and in the script and can't be compressed.

use std::collections::HashMap;

use anyhow::{Result, bail};
use wasm_encoder::{EntityType, ExportSection, ImportSection, Module, RawSection};
use wasmparser::{Parser, Payload, TypeRef};

use crate::exports;

/// The script and the program with a short name for every function that the program imports, and for those it exports
/// under a name by chance.
pub fn shorten(script: &str, wasm: &[u8]) -> Result<(String, Vec<u8>)> {
    let mut names = HashMap::new();
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let Payload::ExportSection(list) = &payload {
            let mut section = ExportSection::new();
            for export in list.clone() {
                let export = export?;
                let kind = exports::kind(export.kind);
                let named = export.name.contains("_invoke__h").then(|| {
                    let next = format!("_{}", names.len());
                    names.entry(export.name.to_owned()).or_insert(next).clone()
                });
                section.export(named.as_deref().unwrap_or(export.name), kind, export.index);
            }
            module.section(&section);
            continue;
        }
        let Payload::ImportSection(list) = &payload else {
            if let Some((id, range)) = payload.as_section() {
                module.section(&RawSection { id, data: &wasm[range] });
            }
            continue;
        };
        let mut section = ImportSection::new();
        for import in list.clone().into_imports() {
            let import = import?;
            let (TypeRef::Func(kind) | TypeRef::FuncExact(kind)) = import.ty else {
                bail!("the import {} is no function", import.name);
            };
            // The parts' loaders keep their names: www/load.js knows them.
            let named = import.name.starts_with("__wb").then(|| {
                let next = format!("_{}", names.len());
                names.entry(import.name.to_owned()).or_insert(next).clone()
            });
            section.import(
                import.module,
                named.as_deref().unwrap_or(import.name),
                EntityType::Function(kind),
            );
        }
        module.section(&section);
    }
    Ok((renamed(script, &names), module.finish()))
}

/// The script with every name that is on the list replaced, where it stands as a whole word.
fn renamed(script: &str, names: &HashMap<String, String>) -> String {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(start) = rest.find(part_of_name) {
        out += &rest[..start];
        rest = &rest[start..];
        let end = rest.find(|c| !part_of_name(c)).unwrap_or(rest.len());
        out += names.get(&rest[..end]).map_or(&rest[..end], String::as_str);
        rest = &rest[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_short_in_script_and_program() -> Result<()> {
        // (import "m" "__wbg_f" (func)) (import "parts" "load" (func))
        let wasm =
            b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x1a\x02\x01m\x07__wbg_f\0\0\x05parts\x04load\0\0";
        let (script, new) = shorten("x = { __wbg_f: g, __wbg_f2: load }", wasm)?;
        assert_eq!(script, "x = { _0: g, __wbg_f2: load }");
        assert!(new.windows(5).any(|w| w == b"\x01m\x02_0") && new.windows(4).any(|w| w == b"load"));
        Ok(())
    }
}
