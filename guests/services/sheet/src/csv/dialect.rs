//! The sign between fields: the one of four by which the first rows have equally many fields, and most.

use csv::{ByteRecord, ReaderBuilder};

/// In the order in which they are preferred.
const SIGNS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Rows that are looked at, of so many bytes at most.
const ROWS: usize = 50;
const BYTES: usize = 64 << 10;

pub(super) fn delimiter(text: &str) -> u8 {
    let bytes = text.as_bytes();
    let sample = bytes.get(..BYTES).unwrap_or(bytes);
    let mut best = (0, SIGNS[0]);
    for sign in SIGNS {
        let score = score(sample, sign);
        if score > best.0 {
            best = (score, sign);
        }
    }
    best.1
}

/// Rows that have as many fields as the first, and one point more for each field; none where there is one field only.
fn score(sample: &[u8], sign: u8) -> usize {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(sign)
        .from_reader(sample);
    let (mut record, mut counts) = (ByteRecord::new(), Vec::new());
    while counts.len() < ROWS && matches!(reader.read_byte_record(&mut record), Ok(true)) {
        counts.push(record.len());
    }
    // The last row may be cut off.
    if counts.len() > 1 && counts.len() < ROWS {
        counts.pop();
    }
    match counts.first() {
        None | Some(0 | 1) => 0,
        Some(first) => {
            let same = counts.iter().filter(|count| *count == first).count();
            same * 1_000 / counts.len() * 1_000 + (*first).min(999)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_is_found() {
        let cases = [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2\n3,5;4\n", b';'),
            ("a\tb\n1\t2\n", b'\t'),
            ("a|b|c\n1|2|3\n", b'|'),
            ("\"a;b\",c\n\"d;e\",f\n", b','),
            ("one\ntwo\n", b','),
            ("", b','),
            ("a;b;c", b';'),
        ];
        for (text, sign) in cases {
            assert_eq!(char::from(delimiter(text)), char::from(sign), "{text:?}");
        }
    }
}
