//! The last words of an AssemblyScript guest: its runtime ends a program through `env.abort`.
//!
//! A string of that language is UTF-16, its length in bytes a `u32` right before it. Pointers and lengths are the
//! guest's and may lie; nothing outside `memory` is looked at.

use crate::text;

/// How much of one string is read, in bytes of UTF-16.
const STRING_BYTES_MAX: usize = 4096;
/// How long a string is when shown, escapes included.
const STRING_CHARS_MAX: usize = STRING_BYTES_MAX / 2;

/// Puts the arguments of `env.abort(message, file, line, column)` into words: `message (file:line:column)`.
///
/// A null message is `abort`, one whose place is not in memory is `abort (message unreadable)`; a place that cannot
/// be read is left out.
#[must_use]
pub fn read_abort(memory: &[u8], message: u32, file: u32, line: u32, column: u32) -> String {
    let mut said = match (message, read_string(memory, message)) {
        (0, _) => "abort".to_owned(),
        (_, Some(text)) if text.is_empty() => "abort".to_owned(),
        (_, Some(text)) => text,
        (_, None) => "abort (message unreadable)".to_owned(),
    };
    if file != 0
        && let Some(file) = read_string(memory, file)
    {
        said.push_str(&format!(" ({file}:{line}:{column})"));
    }
    said
}

fn read_string(memory: &[u8], pointer: u32) -> Option<String> {
    let start = usize::try_from(pointer).ok()?;
    let length = memory.get(start.checked_sub(4)?..start)?;
    let length = usize::try_from(u32::from_le_bytes(length.try_into().ok()?)).ok()?;
    let all = memory.get(start..start.checked_add(length)?)?;
    let cut = all.get(..length.min(STRING_BYTES_MAX))?;
    let units = cut
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| u16::from_le_bytes(*pair));
    let mut decoded: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if length > STRING_BYTES_MAX {
        decoded.push('…');
    }
    Some(text::clean(decoded.as_bytes(), STRING_CHARS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A memory with `text` at 8 and `file.ts` at 40,000.
    fn memory(text: &str) -> Vec<u8> {
        let mut memory = vec![0; 0x1_0000];
        for (at, text) in [(8, text), (40_000, "file.ts")] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            memory[at - 4..at].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
            memory[at..at + bytes.len()].copy_from_slice(&bytes);
        }
        memory
    }

    #[test]
    fn message_and_place() {
        assert_eq!(
            read_abort(&memory("Index out of range"), 8, 40_000, 12, 7),
            "Index out of range (file.ts:12:7)"
        );
        assert_eq!(
            read_abort(&memory("🦀 \u{202e}\n"), 8, 0, 0, 0),
            r"🦀 \u{202e}\n"
        );
    }

    #[test]
    fn nulls_and_lies() {
        let mut memory = memory("x");
        assert_eq!(read_abort(&memory, 0, 40_000, 1, 2), "abort (file.ts:1:2)");
        assert_eq!(
            read_abort(&memory, 3, 0, 1, 2),
            "abort (message unreadable)"
        );
        assert_eq!(
            read_abort(&memory, u32::MAX, u32::MAX, 1, 2),
            "abort (message unreadable)"
        );
        memory[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(
            read_abort(&memory, 8, 0, 1, 2),
            "abort (message unreadable)"
        );
        let rest = (memory.len() - 8) as u32;
        memory[4..8].copy_from_slice(&(rest + 1).to_le_bytes());
        assert_eq!(
            read_abort(&memory, 8, 0, 1, 2),
            "abort (message unreadable)"
        );
        memory[4..8].copy_from_slice(&rest.to_le_bytes());
        assert!(read_abort(&memory, 8, 0, 1, 2).starts_with("x\\u{0}"));
        memory[4..8].copy_from_slice(&3u32.to_le_bytes());
        assert_eq!(read_abort(&memory, 8, 0, 1, 2), "x");
    }

    #[test]
    fn both_sides_of_the_cap() {
        let exact = "y".repeat(STRING_CHARS_MAX);
        assert_eq!(read_abort(&memory(&exact), 8, 0, 1, 2), exact);
        let cut = read_abort(&memory(&"y".repeat(STRING_CHARS_MAX + 1)), 8, 0, 1, 2);
        assert_eq!(cut, format!("{}…", "y".repeat(STRING_CHARS_MAX - 1)));
    }

    proptest! {
        #[test]
        fn any_memory_any_pointer(
            memory in proptest::collection::vec(any::<u8>(), 0..256),
            message in prop_oneof![0u32..300, any::<u32>()],
            file in prop_oneof![0u32..300, any::<u32>()],
        ) {
            let said = read_abort(&memory, message, file, 1, 1);
            prop_assert!(said.chars().all(|c| !c.is_control()));
        }
    }
}
