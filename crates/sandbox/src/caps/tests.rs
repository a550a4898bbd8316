//! Every cap on both sides, and what lies about itself.

use super::*;

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

fn repeat(part: &str, n: usize) -> Vec<u8> {
    wasm(&format!("(module {})", part.repeat(n)))
}

/// Sets one cap to `found + 1`, `found` and `found - 1`: the first two pass, the third names that cap alone.
fn both_sides(wasm: &[u8], cap: Cap, found: u64, set: impl Fn(&mut Caps, u64)) {
    for max in [found + 1, found] {
        let mut caps = Caps::default();
        set(&mut caps, max);
        assert!(check(wasm, &caps).is_ok(), "{cap:?} at {max}");
    }
    let mut caps = Caps::default();
    set(&mut caps, found - 1);
    let expected = Violation {
        cap,
        found,
        max: found - 1,
    };
    assert_eq!(check(wasm, &caps), Err(CapsError::Exceeded(vec![expected])));
}

#[test]
fn kinds_are_told_apart() {
    let kind = |text| check(&wasm(text), &Caps::default()).map(|seen| seen.kind);
    assert_eq!(kind("(module)"), Ok(Kind::Core));
    assert_eq!(kind("(component)"), Ok(Kind::Component));
    assert_eq!(kind("(component (core module))"), Ok(Kind::Component));
}

#[test]
fn start_functions_and_the_largest_table_are_seen_in_passing() {
    let seen = |text| check(&wasm(text), &Caps::default()).unwrap();
    let tables = seen("(module (table 3 funcref) (table 7 9 funcref) (table 5 funcref))");
    assert_eq!((tables.table_elements, tables.has_start), (7, false));
    let starting = seen("(module (func) (start 0))");
    assert_eq!((starting.table_elements, starting.has_start), (0, true));
    let nested = "(component (core module (table 8 funcref) (func) (start 0)))";
    let nested = seen(nested);
    assert_eq!((nested.table_elements, nested.has_start), (8, false));
}

#[test]
fn every_count_has_two_sides() {
    let module = wasm("(module (func))");
    both_sides(&module, Cap::ModuleBytes, module.len() as u64, |caps, n| {
        caps.module_bytes_max = n
    });
    both_sides(&repeat("(func)", 7), Cap::Functions, 7, |caps, n| {
        caps.functions_max = n
    });
    both_sides(
        &repeat("(func (local i32 i64 i32))", 2),
        Cap::Locals,
        6,
        |caps, n| caps.locals_max = n,
    );
    both_sides(
        &repeat("(import \"a\" \"b\" (func))", 7),
        Cap::Imports,
        7,
        |caps, n| caps.imports_max = n,
    );
    both_sides(
        &repeat("(global i32 (i32.const 0))", 7),
        Cap::Globals,
        7,
        |caps, n| caps.globals_max = n,
    );
    both_sides(
        &repeat("(table 0 funcref)", 7),
        Cap::Tables,
        7,
        |caps, n| caps.tables_max = n,
    );
    both_sides(&repeat("(memory 0)", 7), Cap::Memories, 7, |caps, n| {
        caps.memories_max = n
    });
    both_sides(
        &repeat("(data \"x\")", 7),
        Cap::DataSegments,
        7,
        |caps, n| caps.data_segments_max = n,
    );
    both_sides(
        &repeat("(elem func)", 7),
        Cap::ElementSegments,
        7,
        |caps, n| caps.element_segments_max = n,
    );
    both_sides(&repeat("(type (func))", 7), Cap::Types, 7, |caps, n| {
        caps.types_max = n
    });
    both_sides(
        &repeat("(@custom \"x\" \"y\")", 7),
        Cap::CustomSections,
        7,
        |caps, n| caps.custom_sections_max = n,
    );
    let exports = wasm("(module (func (export \"a\") (export \"b\")))");
    both_sides(&exports, Cap::Exports, 2, |caps, n| caps.exports_max = n);
}

#[test]
fn the_largest_body_counts() {
    let body = |n| format!("(func {})", "nop ".repeat(n));
    let module = wasm(&format!("(module {} {} {})", body(3), body(100), body(5)));
    // One byte says that there are no locals, one ends the body.
    both_sides(&module, Cap::BodyBytes, 102, |caps, n| {
        caps.body_bytes_max = n
    });
}

#[test]
fn nested_modules_are_summed() {
    let nested = "(core module (func) (func)) (component (core module (func)))";
    let component = wasm(&format!("(component {nested})"));
    both_sides(&component, Cap::Functions, 3, |caps, n| {
        caps.functions_max = n
    });
    both_sides(&component, Cap::Nested, 3, |caps, n| caps.nested_max = n);
    both_sides(&component, Cap::Depth, 2, |caps, n| caps.depth_max = n);
    let wired = "(core module $m (func (export \"f\"))) (core instance $i (instantiate $m))
                 (func (canon lift (core func $i \"f\")))";
    both_sides(
        &wasm(&format!("(component {wired})")),
        Cap::Wiring,
        3,
        |caps, n| caps.wiring_max = n,
    );
}

/// A component in a component, 100,000 times, is a few bytes each: the scan ends where the cap ends.
#[test]
fn deep_nesting_is_not_followed() {
    let mut bytes = wasm("(component)");
    let header: Vec<u8> = bytes.clone();
    for _ in 0..2_000 {
        let mut outer = header.clone();
        outer.push(4);
        let mut len = bytes.len();
        loop {
            let low = (len & 0x7f) as u8;
            len >>= 7;
            outer.push(if len == 0 { low } else { low | 0x80 });
            if len == 0 {
                break;
            }
        }
        outer.extend(&bytes);
        bytes = outer;
    }
    let Err(CapsError::Exceeded(violations)) = check(&bytes, &Caps::default()) else {
        panic!("deep nesting passed");
    };
    assert_eq!(
        violations,
        [Violation {
            cap: Cap::Depth,
            found: 17,
            max: 16
        }]
    );
}

#[test]
fn all_violations_are_named_at_once() {
    let caps = Caps {
        functions_max: 1,
        globals_max: 1,
        ..Caps::default()
    };
    let module =
        wasm("(module (func) (func) (global i32 (i32.const 0)) (global i32 (i32.const 0)))");
    let error = check(&module, &caps).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the module is too large: functions: 2, allowed 1; globals: 2, allowed 1"
    );
}

#[test]
fn a_claimed_count_is_a_violation_although_the_items_are_missing() {
    // A function section of 6 bytes that claims 4,294,967,295 functions.
    let mut bytes = wasm("(module)");
    bytes.extend([3, 6, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]);
    let Err(CapsError::Exceeded(violations)) = check(&bytes, &Caps::default()) else {
        panic!("the claim passed");
    };
    assert_eq!(
        violations,
        [Violation {
            cap: Cap::Functions,
            found: u64::from(u32::MAX),
            max: 200_000
        }]
    );
}

#[test]
fn what_is_no_module_is_malformed_and_nothing_panics() {
    let caps = Caps::default();
    for bytes in [
        b"".as_slice(),
        b"\0",
        b"\0asm",
        b"GIF89a",
        b"\0asm\x01\0\0",
        b"\0asm\x02\0\0\0",
    ] {
        let Err(CapsError::Malformed { message, .. }) = check(bytes, &caps) else {
            panic!("{bytes:?}");
        };
        assert!(!message.contains('\n'), "{message}");
    }
    let whole = wasm("(component (core module (memory 1) (data \"x\") (func (local i32))))");
    for len in 0..whole.len() {
        let _ = check(&whole[..len], &caps);
    }
}

proptest::proptest! {
    /// Whatever the bytes are, there is an answer, and a count never exceeds what a cap lets through.
    #[test]
    fn any_bytes_have_an_answer(changes in proptest::collection::vec((0usize..200, proptest::num::u8::ANY), 0..20)) {
        let text = r#"(component (core module (memory 1) (data "x") (func (local i32) nop)) (component))"#;
        let mut bytes = wasm(text);
        for (at, value) in changes {
            let len = bytes.len();
            bytes[at % len] = value;
        }
        let caps = Caps { functions_max: 0, ..Caps::default() };
        match check(&bytes, &caps) {
            Ok(_) | Err(CapsError::Malformed { .. }) => {}
            Err(CapsError::Exceeded(all)) => assert!(!all.is_empty() && all.iter().all(|one| one.found > one.max)),
        }
    }
}
