//! What stands between a percent sign and its verb.

/// Flags, width and precision.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spec {
    pub(super) plus: bool,
    pub(super) minus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
}

/// A verb with all that was said of it.
#[derive(Debug, Default)]
pub(super) struct Verb {
    pub(super) spec: Spec,
    /// The argument that was asked for by its place, from 0.
    pub(super) index: Option<usize>,
    pub(super) bad_index: bool,
    /// Widths and precisions that are no numbers.
    pub(super) problems: Vec<&'static str>,
    /// None where the text ends before it.
    pub(super) letter: Option<char>,
}

impl Spec {
    pub(super) fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, _, _) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        }
    }
}

/// Fills up to the width with spaces.
pub(super) fn pad(text: String, spec: &Spec) -> String {
    let width = spec.width.unwrap_or(0);
    match spec.minus {
        true => format!("{text:<width$}"),
        false => format!("{text:>width$}"),
    }
}

/// Reads up to the verb, and says what is behind it. `star` takes an argument for `*`.
pub(super) fn read<'f>(
    format: &'f str,
    star: &mut dyn FnMut(Option<usize>) -> Option<i64>,
) -> (Verb, &'f str) {
    let mut verb = Verb::default();
    let mut rest = flags(format, &mut verb.spec);
    rest = index(rest, &mut verb);
    if let Some(behind) = rest.strip_prefix('*') {
        rest = behind;
        match star(verb.index.take()) {
            Some(width) => {
                verb.spec.minus |= width < 0;
                verb.spec.width = usize::try_from(width.unsigned_abs()).ok();
            }
            None => verb.problems.push("%!(BADWIDTH)"),
        }
    } else {
        (verb.spec.width, rest) = number(rest);
    }
    if let Some(behind) = rest.strip_prefix('.') {
        rest = index(behind, &mut verb);
        if let Some(behind) = rest.strip_prefix('*') {
            rest = behind;
            let precision = star(verb.index.take());
            verb.spec.precision = precision.and_then(|number| usize::try_from(number).ok());
            if precision.is_none() {
                verb.problems.push("%!(BADPREC)");
            }
        } else {
            let (precision, behind) = number(rest);
            verb.spec.precision = Some(precision.unwrap_or(0));
            rest = behind;
        }
    }
    rest = index(rest, &mut verb);
    let mut letters = rest.chars();
    verb.letter = letters.next();
    (verb, letters.as_str())
}

fn flags<'f>(mut rest: &'f str, spec: &mut Spec) -> &'f str {
    loop {
        let mut letters = rest.chars();
        match letters.next() {
            Some('+') => spec.plus = true,
            Some('-') => spec.minus = true,
            Some('#') => spec.sharp = true,
            Some(' ') => spec.space = true,
            Some('0') => spec.zero = true,
            _ => return rest,
        }
        rest = letters.as_str();
    }
}

/// `[n]`, counted from 1.
fn index<'f>(rest: &'f str, verb: &mut Verb) -> &'f str {
    let Some(inside) = rest.strip_prefix('[') else {
        return rest;
    };
    let Some((place, behind)) = inside.split_once(']') else {
        verb.bad_index = true;
        return inside;
    };
    match place
        .parse::<usize>()
        .ok()
        .and_then(|place| place.checked_sub(1))
    {
        Some(place) => verb.index = Some(place),
        None => verb.bad_index = true,
    }
    behind
}

fn number(rest: &str) -> (Option<usize>, &str) {
    let behind = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let digits = rest.strip_suffix(behind).unwrap_or_default();
    match digits {
        "" => (None, rest),
        digits => (Some(digits.parse().unwrap_or(usize::MAX)), behind),
    }
}
