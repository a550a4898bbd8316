//! Cleaned text: never longer than asked, nothing in it that misleads, and cleaning it again changes nothing.

use wardian_sandbox::text::{clean, clean_lines};

use super::said;

/// Cleans the bytes behind the first one, which says how long the result may be.
pub fn text(data: &[u8]) {
    let Some((&chars_max, bytes)) = data.split_first() else {
        return;
    };
    for chars_max in [usize::from(chars_max), 1 << 16] {
        let line = clean(bytes, chars_max);
        said::is_fit(&line, chars_max);
        assert_eq!(clean(line.as_bytes(), chars_max), line);

        let lines = clean_lines(bytes, chars_max);
        for line in lines.split(['\n', '\t']) {
            said::is_fit(line, chars_max);
        }
        assert!(lines.chars().count() <= chars_max);
        assert_eq!(clean_lines(lines.as_bytes(), chars_max), lines);
    }
}
