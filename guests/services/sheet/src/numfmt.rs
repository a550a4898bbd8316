//! Number formats: what a number means is what its format shows of it.
//!
//! Only the first section counts, which is the one for ordinary values. Letters in quotes, behind a backslash, in colours,
//! conditions and locales are not letters of a date.

/// What a number is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Class {
    #[default]
    Number,
    Date,
    Time,
    DateTime,
    Duration,
}

/// The formats that every workbook has without naming them (ECMA-376 part 1, 18.8.30), the ones of East Asia included.
pub(crate) const fn builtin(id: u32) -> Class {
    match id {
        14..=17 | 27..=31 | 34..=36 | 50..=54 | 57 | 58 => Class::Date,
        18..=21 | 32 | 33 | 45 | 47 | 55 | 56 => Class::Time,
        22 => Class::DateTime,
        46 => Class::Duration,
        _ => Class::Number,
    }
}

/// What a format of the workbook's own shows.
pub(crate) fn custom(format: &str) -> Class {
    let mut found = Found::default();
    let mut rest = format.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            ';' => break,
            '"' => {
                rest.by_ref().find(|c| *c == '"');
            }
            '\\' | '_' | '*' => {
                rest.next();
            }
            '[' => {
                let inside: String = rest.by_ref().take_while(|c| *c != ']').take(64).collect();
                found.elapsed |= is_elapsed(&inside);
            }
            'e' | 'E' if matches!(rest.peek(), Some('+' | '-')) => {}
            'd' | 'D' | 'y' | 'Y' => found.day = true,
            'h' | 'H' | 's' | 'S' => found.time = true,
            'm' | 'M' => found.minute_or_month = true,
            _ => {}
        }
    }
    found.class()
}

/// `[h]`, `[mm]`, `[sss]`: hours, minutes or seconds beyond a day.
fn is_elapsed(inside: &str) -> bool {
    let mut letters = inside.chars().map(|c| c.to_ascii_lowercase());
    let first = letters.next();
    matches!(first, Some('h' | 'm' | 's')) && letters.all(|c| Some(c) == first)
}

#[derive(Default)]
struct Found {
    day: bool,
    time: bool,
    minute_or_month: bool,
    elapsed: bool,
}

impl Found {
    fn class(&self) -> Class {
        match (self.elapsed, self.day, self.time, self.minute_or_month) {
            (true, ..) => Class::Duration,
            (_, true, true, _) => Class::DateTime,
            (_, true, false, _) => Class::Date,
            (_, false, true, _) => Class::Time,
            (_, false, false, true) => Class::Date,
            (_, false, false, false) => Class::Number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_what_they_show() {
        let cases = [
            ("General", Class::Number),
            ("0.00%", Class::Number),
            ("0.00E+00", Class::Number),
            ("##0.0e-0", Class::Number),
            ("#,##0\\ [$\u{20bd}-46D]", Class::Number),
            ("\"Y: \"0.00\"m\";\"Y: \"-0.00\"m\"", Class::Number),
            ("\"$\"#,##0_);[Red](\"$\"#,##0)", Class::Number),
            ("#,##0.0####\" YMD\"", Class::Number),
            ("\\Y000000", Class::Number),
            ("#,##0*y", Class::Number),
            ("0;yyyy", Class::Number),
            ("[>=100][Magenta].00", Class::Number),
            ("_(* #,##0_);_(* (#,##0)", Class::Number),
            ("@", Class::Number),
            ("DD/MM/YY", Class::Date),
            ("mmm", Class::Date),
            ("[$-F800]dddd, mmmm dd, yyyy", Class::Date),
            ("m\"M\"d\"D\";@", Class::Date),
            ("*-yyyy-mm-dd", Class::Date),
            ("h:mm AM/PM", Class::Time),
            ("H:MM:SS;@", Class::Time),
            ("mm:ss.0", Class::Time),
            ("yyyy-mm-dd hh:mm:ss", Class::DateTime),
            ("[h]:mm:ss", Class::Duration),
            ("[Blue]\\+[h]:mm;[Red]\\-[h]:mm", Class::Duration),
            ("[mm]:ss", Class::Duration),
            ("[$-409][ss].000", Class::Duration),
            ("\"unclosed", Class::Number),
            ("[unclosed", Class::Number),
            ("", Class::Number),
        ];
        for (format, class) in cases {
            assert_eq!(custom(format), class, "{format}");
        }
    }

    #[test]
    fn builtin_formats_are_known() {
        let cases = [
            (0, Class::Number),
            (9, Class::Number),
            (13, Class::Number),
            (14, Class::Date),
            (21, Class::Time),
            (22, Class::DateTime),
            (23, Class::Number),
            (45, Class::Time),
            (46, Class::Duration),
            (47, Class::Time),
            (49, Class::Number),
            (164, Class::Number),
        ];
        for (id, class) in cases {
            assert_eq!(builtin(id), class, "{id}");
        }
    }
}
