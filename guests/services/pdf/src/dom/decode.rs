//! Bytes to text, as browsers do it: a byte order mark, what `<meta>` says, UTF-8 where it is valid, Windows-1252 last.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How much of a document may stand before its `<meta charset>`.
const PRESCAN_BYTES: usize = 1_024;

/// The text of a document's bytes. Bytes that its encoding does not have become U+FFFD, as browsers show them.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let encoding = declared(bytes).unwrap_or(WINDOWS_1252);
    encoding.decode_without_bom_handling(bytes).0
}

/// What the beginning of the document says, if it names an encoding that can be said there.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(PRESCAN_BYTES)];
    let lower = head.to_ascii_lowercase();
    let at = find(&lower, b"charset")? + b"charset".len();
    let rest = lower[at..].trim_ascii_start();
    let rest = rest.strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest
        .strip_prefix(b"\"")
        .or_else(|| rest.strip_prefix(b"'"))
        .unwrap_or(rest);
    let end = rest
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || b"-_:.".contains(byte)))
        .unwrap_or(rest.len());
    let named = Encoding::for_label(&rest[..end])?;
    // A document that can say so in ASCII is not in UTF-16.
    Some(if named.is_ascii_compatible() {
        named
    } else {
        UTF_8
    })
}

fn find(within: &[u8], wanted: &[u8]) -> Option<usize> {
    within
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_found_as_browsers_find_them() {
        assert_eq!(decode("Łódź".as_bytes()), "Łódź");
        assert_eq!(decode(b"\xef\xbb\xbfa\xc3\xa9"), "aé");
        assert_eq!(decode(b"\xff\xfea\0\xe9\0"), "aé");
        assert_eq!(decode(b"caf\xe9 \x80"), "café €");
        assert_eq!(
            decode(b"<meta charset=\"iso-8859-2\">\xa3\xf3d\xbc"),
            "<meta charset=\"iso-8859-2\">Łódź"
        );
        assert_eq!(
            decode(b"<META http-equiv=x content='text/html; charset=koi8-r'>\xc1"),
            "<META http-equiv=x content='text/html; charset=koi8-r'>а"
        );
        assert_eq!(
            decode(b"<meta charset=utf-16>\xff"),
            "<meta charset=utf-16>\u{fffd}"
        );
    }
}
