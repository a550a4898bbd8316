//! What a guest's words may look like once they are shown.

/// Fails where the text has a character that could rewrite a terminal or make one text look like another, or where it
/// is longer than allowed. Line breaks are for the caller to allow.
pub(super) fn is_fit(text: &str, chars_max: usize) {
    let chars = text.chars().count();
    assert!(chars <= chars_max, "{chars} characters of {chars_max}");
    if let Some(c) = text.chars().find(|c| misleads(*c)) {
        panic!("U+{:04X} in {text:?}", u32::from(c));
    }
}

/// Written from the Unicode standard, not from the sandbox's own list: controls, separators that break lines,
/// directions, what has no width, tags, private use.
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
            | '\u{f0000}'..='\u{10ffff}')
}
