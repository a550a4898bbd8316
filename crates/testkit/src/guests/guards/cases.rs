//! What every guard is asked, and what it must answer: `guests/guards/cases.json`, and requests too long to write down.

use std::fmt::Write as _;
use std::fs;

use serde::Deserialize;

use super::sources;

/// Objects and arrays that may be inside one another, the outermost counted.
const DEPTH_MAX: usize = 128;
/// What a context needs for its order to pass.
const PASSES: &str = r#""status":"paid","total":40"#;

/// A request and its verdict.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is special about it.
    pub name: String,
    /// As it goes into the guard; it need not be text.
    pub request: Vec<u8>,
    /// Whether the guard passes; it blocks otherwise.
    pub passes: bool,
}

impl Case {
    fn new(name: String, request: impl Into<Vec<u8>>, passes: bool) -> Case {
        let request = request.into();
        Case {
            name,
            request,
            passes,
        }
    }
}

/// All of them: those that are written down, those cut short, deep ones and large ones.
///
/// # Panics
/// When the file is missing or is not what it should be.
pub fn cases() -> Vec<Case> {
    let mut all = written();
    all.extend(cut());
    all.extend(deep());
    all.extend(large());
    all.extend(not_utf8());
    all
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    request: String,
    passes: bool,
}

#[expect(
    clippy::panic,
    reason = "a test fails by it, and there is nothing to handle"
)]
fn written() -> Vec<Case> {
    let path = sources("cases.json");
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let written: Vec<Written> =
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    written
        .into_iter()
        .map(|case| Case::new(case.name, case.request, case.passes))
        .collect()
}

/// A request that passes, cut behind each of its bytes but the last.
fn cut() -> impl Iterator<Item = Case> {
    let whole = context(
        r#""note":"\u00e9é\n","list":[1,-2.5e3,true,null,{}],"status":"paid","total":40.5"#,
    );
    (0..whole.len()).map(move |end| {
        Case::new(
            format!("cut behind {end} bytes"),
            whole.get(..end).unwrap_or_default(),
            false,
        )
    })
}

fn deep() -> Vec<Case> {
    // Beside the two objects of every request.
    let fits = DEPTH_MAX - 2;
    let mut all = Vec::new();
    for levels in [fits, fits + 1, 10_000, 100_000] {
        for (kind, open, close) in [("arrays", "[", "]"), ("objects", r#"{"a":"#, "}")] {
            let inside = [&open.repeat(levels), "1", &close.repeat(levels)].concat();
            all.push(Case::new(
                format!("{levels} {kind} in one another"),
                context(&format!(r#""deep":{inside},{PASSES}"#)),
                levels <= fits,
            ));
        }
    }
    all.push(Case::new(
        "a million opening brackets".into(),
        "[".repeat(1 << 20),
        false,
    ));
    all
}

/// Unknown members, up to a request's limit of 1 MiB. The largest need more fuel than a guard has by default.
fn large() -> Vec<Case> {
    let mut all = Vec::new();
    for bytes in [16 << 10, 128 << 10, 1 << 20] {
        let mut members = String::new();
        let mut number = 0;
        while members.len() + 100 < bytes {
            number += 1;
            let _ = write!(members, r#""member {number}":{{"n":[{number},null]}},"#);
        }
        // To the last byte.
        let rest = bytes - context(&format!(r#"{members}"":"",{PASSES}"#)).len();
        let text = "x".repeat(rest);
        let many = context(&format!(r#"{members}"":"{text}",{PASSES}"#));
        all.push(Case::new(
            format!("{bytes} bytes of unknown members"),
            many,
            true,
        ));
        let rest = bytes - context(&format!(r#""":"",{PASSES}"#)).len();
        let text = "x".repeat(rest);
        let one = context(&format!(r#""":"{text}",{PASSES}"#));
        all.push(Case::new(
            format!("{bytes} bytes, most of them one string"),
            one,
            true,
        ));
        let digits = "4".repeat(bytes - 100);
        let number = context(&format!(r#""status":"paid","total":{digits}"#));
        all.push(Case::new(
            format!("a total of {} digits", bytes - 100),
            number,
            false,
        ));
    }
    all
}

/// Bytes that are no text, where no reader lets them through.
fn not_utf8() -> Vec<Case> {
    let status = [
        br#"{"context":{"status":"pai"#,
        &b"\xff"[..],
        br#"d","total":40}}"#,
    ];
    let outside = [br#"{"context":{"#, PASSES.as_bytes(), &b"}\xc3}"[..]];
    let long = [
        &b"\xc1\xbb"[..],
        br#""context":{"#,
        PASSES.as_bytes(),
        b"}}",
    ];
    vec![
        Case::new("a status that is not UTF-8".into(), status.concat(), false),
        Case::new("half a character outside".into(), outside.concat(), false),
        Case::new("a brace in two bytes".into(), long.concat(), false),
        Case::new(
            "UTF-16".into(),
            context(PASSES)
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>(),
            false,
        ),
    ]
}

fn context(members: &str) -> String {
    format!(r#"{{"context":{{{members}}}}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_sizes_are_exact() {
        let all = cases();
        assert!(all.len() > 200, "{}", all.len());
        let mut names: Vec<&str> = all.iter().map(|case| case.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
        let longest = all.iter().map(|case| case.request.len()).max();
        assert_eq!(longest, Some(1 << 20));
    }

    /// A request passes only if it is JSON for a reader that is none of the guards'.
    #[test]
    fn what_passes_is_json() {
        for case in cases().iter().filter(|case| case.passes) {
            let mut read = serde_json::Deserializer::from_slice(&case.request);
            let ignored = serde::de::IgnoredAny::deserialize(&mut read);
            assert!(ignored.and_then(|_| read.end()).is_ok(), "{}", case.name);
        }
    }
}
