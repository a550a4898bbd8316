//! Globs, as OPA's `glob.match` reads them: those of [gobwas/glob](https://github.com/gobwas/glob).
//!
//! The engine's own are not in: there `*` crosses a `:` that is a delimiter, so that it allows what OPA denies.
//!
//! A pattern is read once, from left to right, and with it goes the set of places that what was read so far can end at.
//! Nothing is compiled, and no place is tried twice: the steps are at most the pattern's length times the text's.
//!
//! | Pattern | Stands for |
//! |---|---|
//! | `*` | any run of characters that are no delimiters, also of none |
//! | `**` | any run of characters |
//! | `?` | one character that is no delimiter |
//! | `[abc]`, `[a-z]` | one of these, which may be a delimiter; after `!` one that is none of these. `^` is as any other |
//! | `{a,b*}` | one of these patterns; an end that is missing is at the pattern's end |
//! | `\c` | `c`; in a list too, but not in a range |

use std::str::Chars;

use regorus::Value;

use crate::places::Places;

/// Bytes of a pattern.
const PATTERN_BYTES_MAX: usize = 4 * 1024;
/// Bytes of a text that is to match it.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// Alternatives in alternatives.
const NESTING_MAX: usize = 16;
/// Entries of a list of delimiters.
const DELIMITERS_MAX: usize = 64;

/// Why there is neither a yes nor a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No arguments for OPA either.
    Malformed,
    /// Past a limit that OPA does not have.
    Limit {
        /// How much there is.
        asked: usize,
        /// How much there may be.
        allowed: usize,
    },
}

/// Whether the text as a whole matches the pattern. Delimiters are `null`, which are none, or a list of single characters,
/// which are `.` where it has none.
pub(crate) fn matches(pattern: &str, delimiters: &Value, text: &str) -> Result<bool, Fault> {
    within(pattern.len(), PATTERN_BYTES_MAX)?;
    within(text.len(), TEXT_BYTES_MAX)?;
    let delimiters = characters(delimiters)?;
    let open = |sign: char| !delimiters.contains(&sign);
    // The original ends a pattern at NUL, or leaves it out: neither is what was meant.
    within(pattern.matches('\0').count(), 0)?;
    if pattern.contains(char::REPLACEMENT_CHARACTER) {
        return Err(Fault::Malformed);
    }
    let mut places = Places::at_the_beginning_of(text);
    let mut rest = pattern.chars();
    while let Some(sign) = rest.next() {
        match sign {
            '*' if skip(&mut rest, '*') => places.run(|_| true),
            '*' => places.run(open),
            '?' => places.one(open),
            '[' => {
                let class = Class::read(&mut rest)?;
                places.one(|sign| class.holds(sign));
            }
            '{' => {
                places.open();
                within(places.depth(), NESTING_MAX)?;
            }
            ',' if places.depth() > 0 => places.or(),
            '}' if places.depth() > 0 => places.close(),
            // At the end it stands for nothing.
            '\\' => {
                if let Some(escaped) = rest.next() {
                    places.one(|sign| sign == escaped);
                }
            }
            literal => places.one(|sign| sign == literal),
        }
    }
    while places.depth() > 0 {
        places.close();
    }
    Ok(places.hold_the_end())
}

/// A pattern that only this text matches.
pub(crate) fn quote_meta(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for sign in text.chars() {
        if r"*?\[]{}".contains(sign) {
            quoted.push('\\');
        }
        quoted.push(sign);
    }
    quoted
}

fn within(asked: usize, allowed: usize) -> Result<(), Fault> {
    match asked <= allowed {
        true => Ok(()),
        false => Err(Fault::Limit { asked, allowed }),
    }
}

fn characters(delimiters: &Value) -> Result<Vec<char>, Fault> {
    let list = match delimiters {
        Value::Null => return Ok(Vec::new()),
        Value::Array(list) => list,
        _ => return Err(Fault::Malformed),
    };
    within(list.len(), DELIMITERS_MAX)?;
    if list.is_empty() {
        return Ok(vec!['.']);
    }
    let character = |entry: &Value| {
        let Value::String(text) = entry else {
            return None;
        };
        let mut signs = text.chars();
        signs.next().filter(|_| signs.next().is_none())
    };
    let all: Option<_> = list.iter().map(character).collect();
    all.ok_or(Fault::Malformed)
}

/// Whether it comes next, and then past it.
fn skip(rest: &mut Chars<'_>, sign: char) -> bool {
    let mut ahead = rest.clone();
    let found = ahead.next() == Some(sign);
    if found {
        *rest = ahead;
    }
    found
}

/// What stands between `[` and `]`.
struct Class {
    negated: bool,
    signs: Signs,
}

enum Signs {
    Range(char, char),
    List(String),
}

impl Class {
    /// A range is recognised by its second character, and nothing may follow it: `[a-z0]` is no pattern, `[0a-z]` a list.
    fn read(rest: &mut Chars<'_>) -> Result<Class, Fault> {
        let negated = skip(rest, '!');
        let mut ahead = rest.clone();
        let signs = match (ahead.next(), ahead.next()) {
            (Some(low), Some('-')) => {
                *rest = ahead;
                range(low, rest)?
            }
            _ => list(rest)?,
        };
        Ok(Class { negated, signs })
    }

    fn holds(&self, sign: char) -> bool {
        let named = match &self.signs {
            Signs::Range(low, high) => (*low..=*high).contains(&sign),
            Signs::List(list) => list.contains(sign),
        };
        named != self.negated
    }
}

fn range(low: char, rest: &mut Chars<'_>) -> Result<Signs, Fault> {
    match (rest.next(), rest.next()) {
        (Some(high), Some(']')) if low <= high => Ok(Signs::Range(low, high)),
        _ => Err(Fault::Malformed),
    }
}

fn list(rest: &mut Chars<'_>) -> Result<Signs, Fault> {
    let mut list = String::new();
    loop {
        match rest.next().ok_or(Fault::Malformed)? {
            ']' if list.is_empty() => return Err(Fault::Malformed),
            ']' => return Ok(Signs::List(list)),
            '\\' => list.push(rest.next().ok_or(Fault::Malformed)?),
            sign => list.push(sign),
        }
    }
}

#[cfg(test)]
mod tests {
    use regorus::Value;

    use super::{DELIMITERS_MAX, Fault, NESTING_MAX, PATTERN_BYTES_MAX, TEXT_BYTES_MAX};
    use super::{matches, quote_meta};

    fn list(signs: &[&str]) -> Value {
        Value::from(
            signs
                .iter()
                .map(|sign| Value::from(*sign))
                .collect::<Vec<_>>(),
        )
    }

    /// `=` between pattern and text where they match, `!` where not; delimiters are `.` and `:`.
    fn hold(cases: &[(&str, char, &str)]) {
        for (pattern, sign, text) in cases {
            let found = matches(pattern, &list(&[".", ":"]), text);
            assert_eq!(found, Ok(*sign == '='), "{pattern} {text}");
        }
    }

    #[test]
    fn a_run_ends_at_every_delimiter() {
        hold(&[
            ("", '=', ""),
            ("", '!', "a"),
            ("a", '=', "a"),
            ("a", '!', "ab"),
            ("*", '=', ""),
            ("*", '=', "a/b"),
            ("*", '!', "a:b"),
            ("*", '!', "a.b"),
            ("a:*", '=', "a:b"),
            ("a:*", '!', "a/b"),
            ("a:*", '!', "a:b:c"),
            ("*:*", '=', "ab:"),
            ("*a*b", '=', "aaxab"),
            ("**", '=', "a:b.c/d"),
            ("a**c", '=', "a:b:c"),
            ("**.*", '!', "a.b:c"),
            ("***", '=', "a:b"),
            ("?", '=', "ä"),
            ("?", '!', ":"),
            ("?", '!', ""),
        ]);
        assert_eq!(matches("*", &Value::Null, "a.b:c/d"), Ok(true));
        assert_eq!(matches("*", &list(&[]), "a:b/c"), Ok(true));
        assert_eq!(matches("*", &list(&[]), "a.b"), Ok(false));
    }

    #[test]
    fn classes_name_characters() {
        hold(&[
            ("[abc]", '=', "b"),
            ("[abc]", '!', "d"),
            ("[a-c]", '=', "c"),
            ("[a-c]", '!', "-"),
            ("[!a-c]", '=', "d"),
            ("[!a-c]", '=', ":"),
            ("[!abc]", '!', "a"),
            ("[!abc]", '!', ""),
            ("[:]", '=', ":"),
            ("[^a]", '=', "a"),
            ("[^a]", '=', "^"),
            ("[^a]", '!', "b"),
            ("[0a-c]", '=', "-"),
            ("[0a-c]", '!', "b"),
            ("[!!a]", '!', "!"),
            ("[!-a]", '!', "-"),
            (r"[\]]", '=', "]"),
            (r"[\-a]", '=', "]"),
            ("[]-a]", '=', "^"),
            ("[A-]]", '=', "Z"),
            ("[[*?{,}]", '=', "{"),
        ]);
    }

    #[test]
    fn alternatives_are_patterns() {
        hold(&[
            ("{a,b*}", '=', "bcd"),
            ("{a,b*}", '!', "ac"),
            ("x{a,}y", '=', "xy"),
            ("{a,{b,c}}d", '=', "cd"),
            ("{a,ab}bc", '=', "abc"),
            ("{a,ab}bc", '=', "abbc"),
            ("{*,**}:x", '=', "a:b:x"),
            ("{[a-c],?}", '!', ":"),
            (r"{a\,b,c\}}", '=', "a,b"),
            (r"{a\,b,c\}}", '=', "c}"),
            ("a,b}", '=', "a,b}"),
            ("a{b,c", '=', "ac"),
            ("{}", '=', ""),
        ]);
    }

    #[test]
    fn what_is_escaped_stands_for_itself() {
        hold(&[
            (r"\*", '=', "*"),
            (r"\*", '!', "a"),
            (r"\\", '=', r"\"),
            (r"\a", '=', "a"),
            (r"a\", '=', "a"),
        ]);
        let text = r"a*b?c\d[e]f{g,h}i!j-k^";
        assert_eq!(quote_meta(text), r"a\*b\?c\\d\[e\]f\{g,h\}i!j-k^");
        assert_eq!(matches(&quote_meta(text), &Value::Null, text), Ok(true));
    }

    #[test]
    fn what_is_no_pattern_is_a_fault() {
        for pattern in [
            "[", "[]", "[!]", "[!", "[a", "[a-", "[a-z", "[a-zb]", "[z-a]", "[]a]", r"[a\]",
            r"[a-\]]", "\u{fffd}",
        ] {
            // Whether anything of the text is left to match or not.
            for pattern in [pattern.to_owned(), format!("x{pattern}")] {
                assert_eq!(
                    matches(&pattern, &Value::Null, "a"),
                    Err(Fault::Malformed),
                    "{pattern}"
                );
            }
        }
        for delimiters in [
            list(&["::"]),
            list(&[""]),
            Value::from("."),
            Value::from(vec![Value::Null]),
        ] {
            assert_eq!(
                matches("a", &delimiters, "a"),
                Err(Fault::Malformed),
                "{delimiters:?}"
            );
        }
    }

    #[test]
    fn limits_hold_on_both_sides() {
        let past = |allowed: usize| {
            Err(Fault::Limit {
                asked: allowed + 1,
                allowed,
            })
        };
        let pattern = |bytes: usize| matches(&"a".repeat(bytes), &Value::Null, "");
        assert_eq!(pattern(PATTERN_BYTES_MAX), Ok(false));
        assert_eq!(pattern(PATTERN_BYTES_MAX + 1), past(PATTERN_BYTES_MAX));
        let text = |bytes: usize| matches("*", &Value::Null, &"a".repeat(bytes));
        assert_eq!(text(TEXT_BYTES_MAX), Ok(true));
        assert_eq!(text(TEXT_BYTES_MAX + 1), past(TEXT_BYTES_MAX));
        let nested = |depth: usize| matches(&"{".repeat(depth), &Value::Null, "");
        assert_eq!(nested(NESTING_MAX), Ok(true));
        assert_eq!(nested(NESTING_MAX + 1), past(NESTING_MAX));
        assert_eq!(matches("a\0", &Value::Null, "a"), past(0));
        let delimited = |count: usize| matches("*", &list(&vec!["."; count]), "");
        assert_eq!(delimited(DELIMITERS_MAX), Ok(true));
        assert_eq!(delimited(DELIMITERS_MAX + 1), past(DELIMITERS_MAX));
    }

    #[test]
    fn hostile_patterns_end() {
        let text = "a".repeat(1000);
        for part in ["*a", "**a", "{a,aa}", "{*,**}", "{a,{a,*}", "?*"] {
            let pattern = part.repeat(PATTERN_BYTES_MAX / part.len() - 1) + "b";
            let found = matches(&pattern, &Value::Null, &text);
            assert!(
                matches!(found, Ok(false) | Err(Fault::Limit { .. })),
                "{part} {found:?}"
            );
        }
    }
}
