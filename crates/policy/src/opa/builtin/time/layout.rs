//! `time.format`: Go's layouts, which show how one certain moment would look.

use std::fmt::Write;

use jiff::ZonedDateTime as Zoned;

use super::super::Said;
use super::{one, weekday, zoned};
use crate::opa::term::Term;

const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

/// Names that a layout may be given by.
const NAMED: [(&str, &str); 10] = [
    ("ANSIC", "Mon Jan _2 15:04:05 2006"),
    ("UnixDate", "Mon Jan _2 15:04:05 MST 2006"),
    ("RubyDate", "Mon Jan 02 15:04:05 -0700 2006"),
    ("RFC822", "02 Jan 06 15:04 MST"),
    ("RFC822Z", "02 Jan 06 15:04 -0700"),
    ("RFC850", "Monday, 02-Jan-06 15:04:05 MST"),
    ("RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"),
    ("RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"),
    ("RFC3339", "2006-01-02T15:04:05Z07:00"),
    ("RFC3339Nano", RFC3339_NANO),
];

/// What stands for a part of a time; the longer of two that begin alike comes first.
const PARTS: [&str; 33] = [
    "January",
    "Jan",
    "Monday",
    "Mon",
    "MST",
    "2006",
    "Z07:00:00",
    "Z070000",
    "Z07:00",
    "Z0700",
    "Z07",
    "-07:00:00",
    "-070000",
    "-07:00",
    "-0700",
    "-07",
    "002",
    "01",
    "02",
    "03",
    "04",
    "05",
    "06",
    "__2",
    "_2",
    "15",
    "PM",
    "pm",
    "1",
    "2",
    "3",
    "4",
    "5",
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) fn format(args: &[Term], _: u64) -> Said {
    let Some(time) = one(args).and_then(zoned) else {
        return Ok(None);
    };
    let layout = match one(args) {
        Some(Term::Array(items)) => match items.as_slice() {
            [_, _, layout, ..] => layout.as_str().map(|layout| {
                if layout.is_empty() {
                    RFC3339_NANO
                } else {
                    layout
                }
            }),
            _ => Some(RFC3339_NANO),
        },
        _ => Some(RFC3339_NANO),
    };
    Ok(layout.map(|layout| {
        let named = NAMED.iter().find(|(name, _)| *name == layout);
        written(&time, named.map_or(layout, |(_, layout)| layout)).into()
    }))
}

fn written(time: &Zoned, layout: &str) -> String {
    let mut out = String::new();
    let mut rest = layout;
    while let Some(letter) = rest.chars().next() {
        if let Some((behind, comma, zeros, digits)) = fraction(rest) {
            subsecond(&mut out, time, comma, zeros, digits);
            rest = behind;
        } else if let Some((part, behind)) = part(rest) {
            let _ = write_part(&mut out, time, part);
            rest = behind;
        } else {
            out.push(letter);
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

fn part(rest: &str) -> Option<(&'static str, &str)> {
    // `_2006` is an underscore and a year.
    if rest.starts_with("_2006") {
        return None;
    }
    PARTS.iter().find_map(|part| {
        let behind = rest.strip_prefix(part)?;
        let longer =
            matches!(*part, "Jan" | "Mon") && behind.starts_with(|c: char| c.is_ascii_lowercase());
        (!longer).then_some((*part, behind))
    })
}

/// `.000` or `.999` where no digit follows: what is behind, the sign, whether zeros stay, how many digits.
fn fraction(rest: &str) -> Option<(&str, char, bool, usize)> {
    let sign = rest
        .chars()
        .next()
        .filter(|sign| matches!(sign, '.' | ','))?;
    let digits = rest.get(1..)?;
    let digit = digits
        .chars()
        .next()
        .filter(|digit| matches!(digit, '0' | '9'))?;
    let behind = digits.trim_start_matches(digit);
    let whole = !behind.starts_with(|c: char| c.is_ascii_digit());
    whole.then_some((behind, sign, digit == '0', digits.len() - behind.len()))
}

fn subsecond(out: &mut String, time: &Zoned, sign: char, zeros: bool, digits: usize) {
    let all = format!("{:09}", time.subsec_nanosecond());
    let cut = all.get(..digits.min(9)).unwrap_or(&all);
    let cut = if zeros {
        cut
    } else {
        cut.trim_end_matches('0')
    };
    if !cut.is_empty() {
        out.push(sign);
        out.push_str(cut);
    }
}

fn write_part(out: &mut String, time: &Zoned, part: &str) -> std::fmt::Result {
    let month = MONTHS.get(usize::from(time.month().unsigned_abs()).saturating_sub(1));
    let month = month.copied().unwrap_or_default();
    let day = weekday(time.weekday());
    let short = |name: &'static str| name.get(..3).unwrap_or(name);
    let hour = match time.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let noon = time.hour() >= 12;
    match part {
        "January" => out.write_str(month),
        "Jan" => out.write_str(short(month)),
        "Monday" => out.write_str(day),
        "Mon" => out.write_str(short(day)),
        "MST" => {
            let info = time.time_zone().to_offset_info(time.timestamp());
            out.write_str(info.abbreviation())
        }
        "2006" => write!(out, "{:04}", time.year()),
        "06" => write!(out, "{:02}", time.year().rem_euclid(100)),
        "01" => write!(out, "{:02}", time.month()),
        "1" => write!(out, "{}", time.month()),
        "02" => write!(out, "{:02}", time.day()),
        "_2" => write!(out, "{:2}", time.day()),
        "2" => write!(out, "{}", time.day()),
        "002" => write!(out, "{:03}", time.day_of_year()),
        "__2" => write!(out, "{:3}", time.day_of_year()),
        "15" => write!(out, "{:02}", time.hour()),
        "03" => write!(out, "{hour:02}"),
        "3" => write!(out, "{hour}"),
        "04" => write!(out, "{:02}", time.minute()),
        "4" => write!(out, "{}", time.minute()),
        "05" => write!(out, "{:02}", time.second()),
        "5" => write!(out, "{}", time.second()),
        "PM" => out.write_str(if noon { "PM" } else { "AM" }),
        "pm" => out.write_str(if noon { "pm" } else { "am" }),
        zone => offset(out, time, zone),
    }
}

fn offset(out: &mut String, time: &Zoned, part: &str) -> std::fmt::Result {
    let seconds = time.offset().seconds();
    if seconds == 0 && part.starts_with('Z') {
        return out.write_char('Z');
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    write!(out, "{sign}{hour:02}")?;
    let colon = if part.contains(':') { ":" } else { "" };
    let parts = part.bytes().filter(u8::is_ascii_digit).count() / 2;
    if parts > 1 {
        write!(out, "{colon}{minute:02}")?;
    }
    if parts > 2 {
        write!(out, "{colon}{second:02}")?;
    }
    Ok(())
}
