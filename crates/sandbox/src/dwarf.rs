//! Debug information is hostile input too: the engine's reader recurses through inlined functions and reads a line
//! table anew for each unit, and it does so after the guest has ended, where no fuel or deadline holds.
//!
//! So it is walked here first, without recursion and with a budget; what is deeper or larger than any compiler makes is
//! cut out of the module before it is compiled. Traps of such a module have function names only.

use std::borrow::Cow;

use gimli::{AttributeValue, Dwarf, EndianSlice, LittleEndian, Reader, Section, Unit};
use wasmparser::{Parser, Payload};

/// How deep entries may nest: functions in namespaces in functions, and what was inlined into what.
const DEPTH_MAX: isize = 192;
/// Entries, line rows, ranges and abbreviations' bytes that may be read, some hundredths of a second's work.
const WORK_MAX: u64 = 20_000_000;
/// What a unit costs by itself.
const UNIT_WORK: u64 = 500;

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// The module, without its debug information if that is not modest.
pub(crate) fn bounded(wasm: &[u8]) -> Cow<'_, [u8]> {
    if is_modest(wasm) {
        return Cow::Borrowed(wasm);
    }
    tracing::warn!("debug information is deeper or larger than compilers make it: left out");
    Cow::Owned(stripped(wasm, 0))
}

/// Whether all the debug information can be read within the budget.
fn is_modest(wasm: &[u8]) -> bool {
    let mut work = Work(WORK_MAX);
    let mut modules: Vec<Vec<(&str, &[u8])>> = vec![Vec::new()];
    for payload in Parser::new(0).parse_all(wasm) {
        match payload {
            // Whatever cannot be parsed is refused by the compiler.
            Err(_) => return true,
            Ok(Payload::Version { .. }) => modules.push(Vec::new()),
            Ok(Payload::CustomSection(section)) if section.name().starts_with(".debug_") => {
                modules
                    .last_mut()
                    .into_iter()
                    .for_each(|m| m.push((section.name(), section.data())));
            }
            Ok(_) => {}
        }
    }
    modules
        .iter()
        .filter(|m| !m.is_empty())
        .all(|sections| walk(sections, &mut work).is_some())
}

struct Work(u64);

impl Work {
    fn take(&mut self, n: u64) -> Option<()> {
        self.0 = self.0.checked_sub(n)?;
        Some(())
    }
}

/// Reads everything once; `None` when the budget is used up, the nesting is too deep, or it cannot be read.
fn walk(sections: &[(&str, &[u8])], work: &mut Work) -> Option<()> {
    let find = |id: gimli::SectionId| -> Result<Slice<'_>, gimli::Error> {
        let data = sections
            .iter()
            .find(|(name, _)| *name == id.name())
            .map_or(&[][..], |(_, data)| data);
        Ok(EndianSlice::new(data, LittleEndian))
    };
    let dwarf = Dwarf::load(find).ok()?;
    let mut units = dwarf.units();
    while let Some(header) = units.next().ok()? {
        work.take(UNIT_WORK)?;
        abbreviations(&dwarf, header.debug_abbrev_offset().0, work)?;
        let unit = dwarf.unit(header).ok()?;
        lines(&unit, work)?;
        entries(&dwarf, &unit, work)?;
    }
    Some(())
}

/// A unit's abbreviations are read anew for each unit; they end at a zero code.
fn abbreviations(dwarf: &Dwarf<Slice<'_>>, offset: usize, work: &mut Work) -> Option<()> {
    let mut rest = *dwarf.debug_abbrev.reader();
    rest.skip(offset).ok()?;
    while rest.read_uleb128().ok()? != 0 {
        let _tag = rest.read_uleb128().ok()?;
        let _children = rest.read_u8().ok()?;
        loop {
            work.take(1)?;
            let (name, form) = (rest.read_uleb128().ok()?, rest.read_uleb128().ok()?);
            if form == u64::from(gimli::DW_FORM_implicit_const.0) {
                rest.read_sleb128().ok()?;
            }
            if (name, form) == (0, 0) {
                break;
            }
        }
    }
    Some(())
}

fn lines(unit: &Unit<Slice<'_>>, work: &mut Work) -> Option<()> {
    let Some(program) = unit.line_program.clone() else {
        return Some(());
    };
    let header = program.header();
    work.take((header.file_names().len() + header.include_directories().len()) as u64)?;
    let mut rows = program.rows();
    while rows.next_row().ok()?.is_some() {
        work.take(1)?;
    }
    Some(())
}

fn entries(dwarf: &Dwarf<Slice<'_>>, unit: &Unit<Slice<'_>>, work: &mut Work) -> Option<()> {
    let mut cursor = unit.entries();
    while cursor.next_dfs().ok()?.is_some() {
        if cursor.depth() > DEPTH_MAX {
            return None;
        }
        let entry = cursor.current()?;
        work.take(1 + entry.attrs().len() as u64)?;
        let ranged = entry.attrs().iter().any(|a| {
            a.name() == gimli::DW_AT_ranges && !matches!(a.value(), AttributeValue::Udata(_))
        });
        if ranged {
            let mut ranges = dwarf.die_ranges(unit, entry).ok()?;
            while ranges.next().ok()?.is_some() {
                work.take(1)?;
            }
        }
    }
    Some(())
}

/// The module without its `.debug_` sections, those of nested modules included. What is malformed stays as it is.
fn stripped(wasm: &[u8], depth: u32) -> Vec<u8> {
    /// The static caps allow no deeper nesting.
    const NESTING_MAX: u32 = 64;
    let Some((header, mut rest)) = wasm.split_at_checked(8).filter(|_| depth < NESTING_MAX) else {
        return wasm.to_vec();
    };
    let is_component = header.get(6) == Some(&1);
    let mut out = header.to_vec();
    while let Some((id, body, after)) = section(rest) {
        rest = after;
        match id {
            0 if is_debug(body) => {}
            1 | 4 if is_component => put(&mut out, id, &stripped(body, depth + 1)),
            _ => put(&mut out, id, body),
        }
    }
    out.extend_from_slice(rest);
    out
}

/// A section's id, its body, and what follows.
fn section(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&id, rest) = bytes.split_first()?;
    let (len, rest) = leb(rest)?;
    let (body, after) = rest.split_at_checked(len)?;
    Some((id, body, after))
}

fn leb(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0u64;
    for (n, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * n);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, bytes.get(n + 1..)?));
        }
    }
    None
}

fn is_debug(body: &[u8]) -> bool {
    leb(body)
        .and_then(|(len, rest)| rest.get(..len))
        .is_some_and(|name| name.starts_with(b".debug_"))
}

fn put(out: &mut Vec<u8>, id: u8, body: &[u8]) {
    out.push(id);
    let mut len = body.len();
    loop {
        let byte = u8::try_from(len & 0x7f).unwrap_or(0);
        len >>= 7;
        if len == 0 {
            out.push(byte);
            break;
        }
        out.push(byte | 0x80);
    }
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_without_debug_information_stays_as_it_is() {
        let wasm =
            wat::parse_str(r#"(module (func (export "f")) (@custom "name2" "x"))"#).expect("valid");
        assert!(matches!(bounded(&wasm), Cow::Borrowed(_)));
        assert_eq!(stripped(&wasm, 0), wasm);
    }

    #[test]
    fn debug_sections_go_and_nothing_else_does() {
        let with = |custom: &str| {
            wat::parse_str(format!(
                r#"(component (core module $m (func (export "f") unreachable) {custom} (@custom "other" "kept")))"#
            ))
            .expect("valid")
        };
        assert_eq!(
            stripped(&with(r#"(@custom ".debug_info" "\00\01")"#), 0),
            with("")
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_modest() {
        let wasm = wat::parse_str(r#"(module (@custom ".debug_info" "\ff\ff\ff\00rubbish"))"#)
            .expect("valid");
        assert!(!is_modest(&wasm));
    }
}
