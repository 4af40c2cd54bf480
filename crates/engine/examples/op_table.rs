//! Prints ts/ops.gen.ts: the op table as TypeScript, with types and docs. Each op is a constant of its own, so that a
//! bundler leaves out what a page does not use.

use wasmgrad_engine::op::{AttrKind, Family};
use wasmgrad_engine::ops;

fn main() {
    println!("// Generated from the op table (crates/engine) by `npm run build`. Do not edit.");
    println!("import {{ type DataType, op }} from './core/op.js';\n");
    println!("/** Both halves must be of one build. */");
    println!("export const OP_TABLE_HASH = {};\n", ops::table_hash());
    let names = Family::ALL.map(|family| format!("'{}'", family.name()));
    println!("/** The families of ops, which pages download one by one. */");
    println!("export const FAMILIES = [{}] as const;", names.join(", "));
    println!("export type Family = (typeof FAMILIES)[number];\n");
    for (id, entry) in ops::table().iter().enumerate() {
        let types: Vec<String> =
            entry.attrs.iter().map(|attr| format!("{}: {}", attr.name, type_of(attr.kind))).collect();
        let kinds: String = entry.attrs.iter().map(|attr| letter(attr.kind)).collect();
        let (name, types) = (entry.name, types.join(", "));
        println!("/** {} */", entry.doc.trim());
        println!("export const {name} = /* @__PURE__ */ op<[{types}]>({id}, '{name}', '{kinds}');");
    }
}

fn type_of(kind: AttrKind) -> &'static str {
    match kind {
        AttrKind::Int | AttrKind::Float => "number",
        AttrKind::Bool => "boolean",
        AttrKind::Ints | AttrKind::Links => "readonly number[]",
        AttrKind::DType => "DataType",
    }
}

/// How core/op.ts writes an option of this kind.
fn letter(kind: AttrKind) -> char {
    match kind {
        AttrKind::Int => 'i',
        AttrKind::Float => 'f',
        AttrKind::Bool => 'b',
        AttrKind::Ints | AttrKind::Links => 'n',
        AttrKind::DType => 'd',
    }
}
