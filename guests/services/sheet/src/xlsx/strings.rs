//! Text in XLSX: the table of shared strings, and strings that stand in their cell.

use std::borrow::Cow;

use quick_xml::events::Event;
use wardian_abi::table::Span;

use super::swift;
use crate::budget::{self, STRINGS_MAX};
use crate::error::SheetError;
use crate::text::Texts;
use crate::xml::Xml;

/// The table of shared strings, in order.
pub(super) fn read(mut xml: Xml<'_>, texts: &mut Texts) -> Result<Vec<Span>, SheetError> {
    let (mut shared, mut text) = (Vec::new(), String::new());
    loop {
        while let Some((text, len)) = swift::string(xml.ahead()) {
            budget::count("shared strings", shared.len() + 1, STRINGS_MAX)?;
            shared.push(texts.add(&unescaped(text))?);
            xml.pass(len);
        }
        let is_empty = match xml.next()? {
            Event::Start(element) if element.local_name().as_ref() == "si" => false,
            Event::Empty(element) if element.local_name().as_ref() == "si" => true,
            Event::Eof => return Ok(shared),
            _ => continue,
        };
        budget::count("shared strings", shared.len() + 1, STRINGS_MAX)?;
        text.clear();
        if !is_empty {
            string(&mut xml, &mut text)?;
        }
        shared.push(texts.add(&unescaped(&text))?);
    }
}

/// The text of the element that began last: of its runs, one after the other, without what is only for reading aloud.
pub(super) fn string(xml: &mut Xml<'_>, out: &mut String) -> Result<(), SheetError> {
    let own = xml.depth();
    while xml.depth() >= own {
        let Event::Start(element) = xml.next()? else {
            continue;
        };
        match element.local_name().as_ref() {
            "t" => xml.text(out)?,
            "r" => {}
            // Phonetic runs and properties hold no text of the cell.
            _ => xml.skip()?,
        }
    }
    Ok(())
}

/// Resolves `_x000D_`: characters that XML cannot hold, by their number in UTF-16.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let Some(first) = unit(from) else {
            out.push_str("_x");
            rest = from.get(2..).unwrap_or_default();
            continue;
        };
        rest = from.get(7..).unwrap_or_default();
        let second = unit(rest).filter(|second| (0xdc00..0xe000).contains(second));
        let pair = match second {
            Some(second) if (0xd800..0xdc00).contains(&first) => {
                rest = rest.get(7..).unwrap_or_default();
                [first, second]
            }
            _ => [first, 0],
        };
        let units = if pair[1] == 0 { &pair[..1] } else { &pair[..] };
        out.extend(
            char::decode_utf16(units.iter().copied())
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)),
        );
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The unit of an escape that `text` begins with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("_x")?.get(..4)?;
    if text.as_bytes().get(6) != Some(&b'_') || !digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return None;
    }
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved_and_nothing_else() {
        let cases = [
            ("plain _x", "plain _x"),
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_xD83D__xDE00_", "😀"),
            ("_xD83D_", "\u{fffd}"),
            ("_xDE00__xD83D_", "\u{fffd}\u{fffd}"),
            ("_x00e9_", "é"),
            ("_xzzzz_ _x12_ _x1234", "_xzzzz_ _x12_ _x1234"),
            ("_x_x0041_", "_xA"),
            ("_xéé_", "_xéé_"),
        ];
        for (text, plain) in cases {
            assert_eq!(unescaped(text), plain, "{text}");
        }
    }
}
