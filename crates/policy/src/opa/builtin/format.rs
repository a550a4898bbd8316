//! `sprintf`: Go's `fmt.Sprintf` over numbers and texts. All that is neither is a text in Rego's own notation.
//!
//! As in Go a wrong verb or argument is no error, and shows in the text: `%!d(string=hi)`.

mod float;
mod spec;

use self::spec::{Spec, Verb, pad};
use super::{OUT_BYTES_MAX, Said, within};
use crate::opa::term::{Term, whole};

/// Letters that a width or a precision may ask for; Rust's own formatting ends at 65,535.
const WIDE_MAX: usize = 10_000;

/// What Go would be given for a value.
#[derive(Clone, Debug)]
enum Arg {
    Int(i128),
    Float(f64),
    Text(String),
}

pub(super) fn sprintf(args: &[Term], _: u64) -> Said {
    let [Term::String(format), Term::Array(args)] = args else {
        return Ok(None);
    };
    let args: Vec<Arg> = args.iter().map(Arg::of).collect();
    let mut out = String::new();
    let mut next = Next::default();
    let mut rest = format.as_str();
    while let Some((literal, verb)) = rest.split_once('%') {
        out.push_str(literal);
        let (verb, behind) = spec::read(verb, &mut |index| next.number(index, &args));
        rest = behind;
        let wide = verb.spec.width.max(verb.spec.precision).unwrap_or(0);
        within("width", wide, WIDE_MAX)?;
        write(&mut out, &verb, &mut next, &args);
        within("answer", out.len(), OUT_BYTES_MAX)?;
    }
    out.push_str(rest);
    if let Some(extra) = args
        .get(next.at..)
        .filter(|extra| !next.reordered && !extra.is_empty())
    {
        let extra: Vec<String> = extra.iter().map(Arg::named).collect();
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    Ok(Some(out.into()))
}

/// Which argument is next.
#[derive(Debug, Default)]
struct Next {
    at: usize,
    reordered: bool,
}

impl Next {
    /// For a star: the next argument, as a number.
    fn number(&mut self, index: Option<usize>, args: &[Arg]) -> Option<i64> {
        self.go(index);
        let arg = args.get(self.at)?;
        self.at += 1;
        match arg {
            Arg::Int(number) => i64::try_from(*number).ok(),
            _ => None,
        }
    }

    fn go(&mut self, index: Option<usize>) {
        if let Some(index) = index {
            self.at = index;
            self.reordered = true;
        }
    }
}

fn write(out: &mut String, verb: &Verb, next: &mut Next, args: &[Arg]) {
    for problem in &verb.problems {
        out.push_str(problem);
    }
    let Some(letter) = verb.letter else {
        out.push_str("%!(NOVERB)");
        return;
    };
    if letter == '%' {
        out.push('%');
        return;
    }
    next.go(verb.index);
    if verb.bad_index || verb.index.is_some_and(|index| index >= args.len()) {
        out.push_str(&format!("%!{letter}(BADINDEX)"));
        next.reordered = true;
        return;
    }
    match args.get(next.at) {
        None => out.push_str(&format!("%!{letter}(MISSING)")),
        Some(arg) => {
            next.at += 1;
            out.push_str(&arg.shown(letter, &verb.spec));
        }
    }
}

impl Arg {
    fn of(term: &Term) -> Arg {
        match term {
            Term::Number(number) => Arg::of_number(number),
            Term::String(text) => Arg::Text(text.clone()),
            other => Arg::Text(other.to_rego()),
        }
    }

    /// What is written with an exponent is a text for OPA.
    fn of_number(text: &str) -> Arg {
        let float = text.parse().unwrap_or(f64::NAN);
        match (text.parse(), whole(float)) {
            _ if text.contains(['e', 'E']) => Arg::Text(text.to_owned()),
            (Ok(whole), _) => Arg::Int(whole),
            (Err(_), Some(whole)) => Arg::Int(whole.into()),
            (Err(_), None) if !text.contains('.') => Arg::Text(text.to_owned()),
            (Err(_), None) => Arg::Float(float),
        }
    }

    /// Go's name of its type.
    fn go_type(&self) -> &'static str {
        match self {
            Arg::Int(number) if i64::try_from(*number).is_err() => "big.Int",
            Arg::Int(_) => "int64",
            Arg::Float(_) => "float64",
            Arg::Text(_) => "string",
        }
    }

    fn plain(&self) -> String {
        self.shown('v', &Spec::default())
    }

    fn named(&self) -> String {
        format!("{}={}", self.go_type(), self.plain())
    }

    fn shown(&self, letter: char, spec: &Spec) -> String {
        // For the verb `v` these two ask for Go's own notation, which only texts and types show.
        let quotes = letter == 'v' && spec.sharp;
        let spec = match letter {
            'v' => Spec {
                sharp: false,
                plus: false,
                ..*spec
            },
            _ => *spec,
        };
        let shown = match self {
            _ if letter == 'T' => Some(pad(self.go_type().replace("big", "*big"), &spec)),
            Arg::Int(number) => int(*number, letter, &spec),
            Arg::Float(float) => float::shown(*float, letter, &spec),
            Arg::Text(text) => self::text(text, if quotes { 'q' } else { letter }, &spec),
        };
        shown.unwrap_or_else(|| format!("%!{letter}({})", self.named()))
    }
}

fn int(number: i128, letter: char, spec: &Spec) -> Option<String> {
    let size = number.unsigned_abs();
    let (prefix, digits) = match letter {
        'v' | 'd' => ("", size.to_string()),
        's' if i64::try_from(number).is_err() => ("", size.to_string()),
        'b' => ("0b", format!("{size:b}")),
        'o' => ("0", format!("{size:o}")),
        'O' => ("0o", format!("{size:o}")),
        'x' => ("0x", format!("{size:x}")),
        'X' => ("0X", format!("{size:X}")),
        'c' => return Some(pad(letter_of(number).to_string(), spec)),
        'q' => {
            return Some(pad(
                quoted(letter_of(number).encode_utf8(&mut [0; 4]), '\''),
                spec,
            ));
        }
        'U' => return Some(pad(format!("U+{size:04X}"), spec)),
        _ => return None,
    };
    let prefix = if spec.sharp || letter == 'O' {
        prefix
    } else {
        ""
    };
    let sign = spec.sign(number < 0);
    if spec.precision == Some(0) && size == 0 {
        return Some(pad(String::new(), spec));
    }
    let least = match spec.precision {
        Some(precision) => precision,
        None if spec.zero && !spec.minus => spec.width.unwrap_or(0).saturating_sub(sign.len()),
        None => 0,
    };
    Some(pad(format!("{sign}{prefix}{digits:0>least$}"), spec))
}

fn letter_of(number: i128) -> char {
    let letter = u32::try_from(number).ok().and_then(char::from_u32);
    letter.unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn text(text: &str, letter: char, spec: &Spec) -> Option<String> {
    let kept: String = match spec.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text.to_owned(),
    };
    let hex = |upper: bool| {
        let bytes = text.bytes().take(spec.precision.unwrap_or(usize::MAX));
        bytes
            .map(|byte| {
                if upper {
                    format!("{byte:02X}")
                } else {
                    format!("{byte:02x}")
                }
            })
            .collect::<String>()
    };
    let shown = match letter {
        'v' | 's' => kept,
        'x' => hex(false),
        'X' => hex(true),
        'q' if spec.sharp && !kept.contains('`') => format!("`{kept}`"),
        'q' => quoted(&kept, '"'),
        _ => return None,
    };
    let width = spec.width.unwrap_or(0);
    Some(match spec.zero && !spec.minus {
        true => format!("{shown:0>width$}"),
        false => pad(shown, spec),
    })
}

fn quoted(text: &str, quote: char) -> String {
    let mut out = String::from(quote);
    for letter in text.chars() {
        match letter {
            letter if letter == quote => out.extend(['\\', quote]),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            letter if letter.is_ascii_control() => {
                out.push_str(&format!("\\x{:02x}", u32::from(letter)));
            }
            letter => out.push(letter),
        }
    }
    out.push(quote);
    out
}
