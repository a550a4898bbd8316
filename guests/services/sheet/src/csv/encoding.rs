//! The encoding of CSV: what a byte order mark says, else UTF-8 where it is that, else Windows-1252.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::budget::UNPACKED_BYTES_MAX;
use crate::error::SheetError;

/// The encoding's name, and the text.
pub(super) fn decode(source: &[u8]) -> Result<(&'static str, Cow<'_, str>), SheetError> {
    if let Some(rest) = source.strip_prefix(b"\xff\xfe") {
        return sixteen("utf-16le", UTF_16LE, rest);
    }
    if let Some(rest) = source.strip_prefix(b"\xfe\xff") {
        return sixteen("utf-16be", UTF_16BE, rest);
    }
    let rest = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
    match std::str::from_utf8(rest) {
        Ok(text) => Ok(("utf-8", Cow::Borrowed(text))),
        Err(_) => Ok((
            "windows-1252",
            WINDOWS_1252.decode_without_bom_handling(rest).0,
        )),
    }
}

fn sixteen(
    name: &'static str,
    encoding: &'static Encoding,
    bytes: &[u8],
) -> Result<(&'static str, Cow<'static, str>), SheetError> {
    debug_assert!((bytes.len() as u64) < UNPACKED_BYTES_MAX);
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    let text = text.ok_or_else(|| {
        SheetError::malformed("the text", "it is not the UTF-16 that its mark says")
    })?;
    if text.contains('\0') {
        return Err(SheetError::new(
            "sheet.unknown_format",
            "the source is neither XLSX, XLS, ODS nor text",
        ));
    }
    Ok((name, Cow::Owned(text.into_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_found() {
        let cases: [(&[u8], &str, &str); 6] = [
            (b"a,\xc3\xa4", "utf-8", "a,ä"),
            (b"\xef\xbb\xbfa", "utf-8", "a"),
            (b"\xff\xfea\0\xe4\0", "utf-16le", "aä"),
            (b"\xfe\xff\0a\0\xe4", "utf-16be", "aä"),
            (b"a\xe4\x80", "windows-1252", "aä€"),
            (b"", "utf-8", ""),
        ];
        for (bytes, name, text) in cases {
            assert_eq!(decode(bytes).unwrap(), (name, Cow::Borrowed(text)));
        }
        assert!(decode(b"\xff\xfea").is_err());
        assert!(decode(b"\xff\xfe\0\xd8").is_err());
    }
}
