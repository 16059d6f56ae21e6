//! Exports that a package makes and this page never calls.

use anyhow::{Context, Result};
use wasm_encoder::{ExportKind, ExportSection, Module, RawSection};
use wasmparser::{ExternalKind, Parser, Payload, TypeRef};

/// The module with the exports whose name contains `unused` leading to other functions, each the smallest of the same
/// type. What only they called can then be left out, while wasm-bindgen still finds their names and their types.
pub fn without(unused: &str, wasm: &[u8]) -> Result<Vec<u8>> {
    let (mut imported, mut types, mut sizes) = (0, Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(list) => {
                for import in list.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::FunctionSection(list) => types = list.into_iter().collect::<Result<_, _>>()?,
            Payload::CodeSectionEntry(body) => sizes.push(body.as_bytes().len()),
            _ => {}
        }
    }
    let instead = |index: u32| -> Option<u32> {
        let own = types.get(index.checked_sub(imported)? as usize)?;
        let alike = (0..types.len()).filter(|&at| types[at] == *own);
        alike.min_by_key(|&at| sizes.get(at)).map(|at| imported + at as u32)
    };
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let Payload::ExportSection(list) = &payload else {
            if let Some((id, range)) = payload.as_section() {
                module.section(&RawSection { id, data: &wasm[range] });
            }
            continue;
        };
        let mut section = ExportSection::new();
        for export in list.clone() {
            let export = export?;
            let drop = export.name.contains(unused) && !export.name.contains("describe");
            let kind = kind(export.kind);
            let index = if drop {
                instead(export.index).with_context(|| format!("the export {} has no body", export.name))?
            } else {
                export.index
            };
            section.export(export.name, kind, index);
        }
        module.section(&section);
    }
    Ok(module.finish())
}

/// The kind of an export, as the encoder names it.
pub fn kind(kind: ExternalKind) -> ExportKind {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
        ExternalKind::Table => ExportKind::Table,
        ExternalKind::Memory => ExportKind::Memory,
        ExternalKind::Global => ExportKind::Global,
        ExternalKind::Tag => ExportKind::Tag,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two functions of one type, the second shorter: what is not used leads to it, the rest stays.
    #[test]
    fn unused_exports_lead_to_the_smallest_function_alike() -> Result<()> {
        let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x03\x02\0\0\x07\x0c\x02\x04main\0\0\x01x\0\0\x0a\x08\x02\x03\0\x01\x0b\x02\0\x0b";
        let new = without("x", wasm)?;
        assert_eq!(new.len(), wasm.len());
        let changed: Vec<usize> = (0..wasm.len()).filter(|&at| new[at] != wasm[at]).collect();
        assert_eq!((changed.len(), new[changed[0]]), (1, 1));
        Ok(())
    }
}
