//! Debug information and names of any bytes in a guest that traps: it traps as it should, soon, and readably.

use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use wardian_sandbox::{Binding, CallError, Contract, Cpu, LoadError, TrapKind};
use wasm_encoder::{CustomSection, Section as _};
use wasmparser::{Parser, Payload};

use super::stage::{FUEL, Stage, enter};

/// Traps three functions deep, with some code on the way.
const TRAPS: &str = r#"(module
    (func $inner (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (unreachable)))
        (i32.mul (local.get 0) (i32.const 3)))
    (func $middle (param i32) (result i32)
        (i32.add (call $inner (local.get 0)) (i32.const 1)))
    (func (export "run")
        (drop (call $middle (i32.const 0)))))"#;

/// The sections that a reader of debug information looks for.
const SECTIONS: [&str; 13] = [
    ".debug_info",
    ".debug_abbrev",
    ".debug_line",
    ".debug_str",
    ".debug_ranges",
    ".debug_line_str",
    ".debug_addr",
    ".debug_rnglists",
    ".debug_str_offsets",
    ".debug_aranges",
    ".debug_loc",
    "name",
    ".debug_loclists",
];

/// The budget of reading is some tenths of a second; the rest is for a loaded machine and for counters in the code.
const PATIENCE: Duration = Duration::from_secs(10);

static STAGE: LazyLock<Mutex<Stage>> = LazyLock::new(Stage::new);
static WASM: LazyLock<Vec<u8>> = LazyLock::new(|| wat::parse_str(TRAPS).unwrap_or_default());

/// Puts the bytes into custom sections: for each, one byte that says which, two that say how long (little-endian; cut
/// at the end of the bytes), and its content. Of bytes that begin as WebAssembly does, takes the custom sections.
pub fn debug(data: &[u8]) {
    let mut wasm = WASM.clone();
    if data.starts_with(b"\0asm") {
        transplant(data, &mut wasm);
        return traps(&wasm);
    }
    let mut rest = data;
    while let [which, low, high, bytes @ ..] = rest {
        let len = usize::from(u16::from_le_bytes([*low, *high])).min(bytes.len());
        let (content, behind) = bytes.split_at(len);
        CustomSection {
            name: SECTIONS[usize::from(*which) % SECTIONS.len()].into(),
            data: content.into(),
        }
        .append_to(&mut wasm);
        rest = behind;
    }
    traps(&wasm);
}

/// Custom sections of the first module, up to where it is broken.
fn transplant(from: &[u8], to: &mut Vec<u8>) {
    for payload in Parser::new(0).parse_all(from) {
        match payload {
            Ok(Payload::CustomSection(section)) => CustomSection {
                name: section.name().into(),
                data: section.data().into(),
            }
            .append_to(to),
            Ok(Payload::End(_)) | Err(_) => break,
            Ok(_) => {}
        }
    }
}

fn traps(wasm: &[u8]) {
    let begun = Instant::now();
    let stage = enter(&STAGE);
    let module = match stage.load(wasm, Cpu::Fuel(FUEL)) {
        Ok(module) => module,
        // More sections than anybody needs.
        Err(error) if error.code() == "limit.parts" => return,
        // Two names of sections say that the module is of a proposal.
        Err(LoadError::Proposals(names)) if names == ["interface-types"] => return,
        Err(error) => panic!("refused for its custom sections: {error}"),
    };
    match module.link(&Binding::new(Contract::raw())) {
        Ok(guest) => {
            let outcome = stage.call(&guest, "run", &[]);
            // A guest whose functions have the names of a language's panic is believed.
            let trap = outcome.result.as_ref().err().and_then(CallError::trap);
            let Some(trap) = trap else {
                panic!("it did not trap: {outcome:?}");
            };
            assert_eq!(trap.kind, TrapKind::Unreachable);
            assert!(!trap.frames.is_empty(), "{trap:?}");
        }
        Err(error) => panic!("refused for its custom sections: {error}"),
    }
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    stage.is_unharmed();
}
