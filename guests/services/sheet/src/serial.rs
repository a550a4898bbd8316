//! Spreadsheets count days: serial numbers become dates, times and durations, and ISO 8601 text does too.

use wardian_abi::table::Token;
use wardian_abi::{DAY_MS, Elapsed, Moment, days_since_1970};

use crate::numfmt::Class;

/// Days from day 0 of the 1900 system, as it counts after its 29 February 1900, to 1970.
const SINCE_1899_12_30: i64 = 25_569;
/// Days from day 0 of the 1904 system to 1970.
const SINCE_1904_01_01: i64 = 24_107;

/// A number as its format shows it. What no calendar has stays a number.
pub(crate) fn token(number: f64, class: Class, is_1904: bool) -> Token {
    let as_it_is = Token::Number(number);
    match class {
        Class::Number => as_it_is,
        Class::Duration => elapsed(number).map_or(as_it_is, Token::Elapsed),
        Class::Date | Class::Time | Class::DateTime => {
            moment(number, class, is_1904).map_or(as_it_is, Token::Moment)
        }
    }
}

fn elapsed(days: f64) -> Option<Elapsed> {
    let elapsed = Elapsed((days * DAY_MS as f64).round_ties_even() as i64);
    (days.is_finite() && elapsed.is_valid()).then_some(elapsed)
}

/// To the millisecond, as openpyxl has it: below one day only a time is left, and days before March 1900 are moved by
/// the one that the 1900 system has too many.
fn moment(number: f64, class: Class, is_1904: bool) -> Option<Moment> {
    if !number.is_finite() || number.abs() > 1e8 {
        return None;
    }
    let (mut day, fraction) = (number.floor() as i64, number - number.floor());
    let ms = (fraction * DAY_MS as f64).round_ties_even() as i64;
    if (0.0..1.0).contains(&number) && ms < DAY_MS {
        return Some(Moment::Time(ms));
    }
    if !is_1904 && number > 0.0 && number < 60.0 {
        day += 1;
    }
    let since = if is_1904 {
        SINCE_1904_01_01
    } else {
        SINCE_1899_12_30
    };
    let ms = (day - since) * DAY_MS + ms;
    let moment = match class {
        Class::Date if ms.rem_euclid(DAY_MS) == 0 => Moment::Date(ms),
        _ => Moment::DateTime(ms),
    };
    moment.is_valid().then_some(moment)
}

/// `2024-02-29`, `2024-02-29T13:45`, with seconds and a fraction or without, `13:45:00`. A `Z` behind it is passed over.
pub(crate) fn iso(text: &str) -> Option<Moment> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (Some(date), Some(time)),
        None if text.contains(':') => (None, Some(text)),
        None => (Some(text), None),
    };
    let days = date.map(day).map_or(Some(None), |day| day.map(Some))?;
    let time = time.map(of_day).map_or(Some(None), |time| time.map(Some))?;
    let moment = match (days, time) {
        (Some(days), Some(time)) => Moment::DateTime(days * DAY_MS + time),
        (Some(days), None) => Moment::Date(days * DAY_MS),
        (None, Some(time)) => Moment::Time(time),
        (None, None) => return None,
    };
    moment.is_valid().then_some(moment)
}

fn day(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let number = |range| digits(text.get(range)?);
    days_since_1970(
        number(0..4)? as i32,
        number(5..7)? as u8,
        number(8..10)? as u8,
    )
}

fn of_day(text: &str) -> Option<i64> {
    let (whole, fraction) = match text.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, millis(fraction)?),
        None => (text, 0),
    };
    let mut parts = whole
        .split(':')
        .map(|part| (part.len() == 2).then(|| digits(part)).flatten());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = match parts.next() {
        Some(second) => second?,
        None => 0,
    };
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some((hour * 3_600 + minute * 60 + second) * 1_000 + fraction)
}

/// The first three digits of a fraction, of as many as there are.
fn millis(fraction: &str) -> Option<i64> {
    digits(fraction.get(..1)?)?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let three: String = fraction.chars().chain("000".chars()).take(3).collect();
    digits(&three)
}

fn digits(text: &str) -> Option<i64> {
    let all = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

/// `PT13H45M00S`, `P1DT2H`, `-PT0.5S`: what ODS calls a time.
pub(crate) fn iso_duration(text: &str) -> Option<Elapsed> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let mut rest = text.strip_prefix('P')?;
    let (mut seconds, mut in_time, mut any) = (0.0, false, false);
    while let Some(first) = rest.chars().next() {
        if first == 'T' && !in_time {
            (in_time, rest) = (true, rest.get(1..)?);
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')?;
        let number = rest.get(..end)?.replace(',', ".");
        let number: f64 = number.parse().ok()?;
        let unit = match (rest.as_bytes().get(end)?, in_time) {
            (b'D', false) => 86_400.0,
            (b'H', true) => 3_600.0,
            (b'M', true) => 60.0,
            (b'S', true) => 1.0,
            _ => return None,
        };
        seconds += number * unit;
        (rest, any) = (rest.get(end + 1..)?, true);
    }
    any.then(|| elapsed(sign * seconds / 86_400.0)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(number: f64, class: Class, is_1904: bool) -> String {
        match token(number, class, is_1904) {
            Token::Moment(moment) => moment.to_string(),
            Token::Elapsed(elapsed) => elapsed.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn serials_are_days_of_their_system() {
        let cases = [
            (1.0, "1900-01-01"),
            (59.0, "1900-02-28"),
            (60.0, "1900-02-28"),
            (61.0, "1900-03-01"),
            (45_351.0, "2024-02-29"),
            (0.0, "00:00:00"),
            (0.5, "12:00:00"),
            (45_351.75, "2024-02-29T18:00:00"),
            (-1.0, "1899-12-29"),
            (2_958_465.0, "9999-12-31"),
            (2_958_466.0, "Number(2958466.0)"),
            (f64::MAX, "Number(1.7976931348623157e308)"),
        ];
        for (serial, text) in cases {
            assert_eq!(shown(serial, Class::Date, false), text);
        }
        assert_eq!(shown(43_889.0, Class::Date, true), "2024-02-29");
        assert_eq!(shown(1.0, Class::DateTime, true), "1904-01-02T00:00:00");
        assert_eq!(shown(1.5, Class::Duration, false), "PT36H");
        assert_eq!(shown(-0.25, Class::Duration, true), "-PT6H");
    }

    #[test]
    fn iso_text_is_read_and_nothing_else() {
        let good = [
            ("2024-02-29", "2024-02-29"),
            ("2024-02-29T13:45:06", "2024-02-29T13:45:06"),
            ("2024-02-29T13:45:06.25Z", "2024-02-29T13:45:06.250"),
            ("13:45:00", "13:45:00"),
            ("2024-02-29T13:45", "2024-02-29T13:45:00"),
        ];
        for (text, shown) in good {
            assert_eq!(
                iso(text).map(|moment| moment.to_string()).as_deref(),
                Some(shown)
            );
        }
        let bad = [
            "",
            "2023-02-29",
            "2024-2-29",
            "24:00:00",
            "2024-02-29T",
            "1:2:3",
            "T",
            "é2024-02-2",
        ];
        assert_eq!(bad.map(iso), [None; 8]);
    }

    #[test]
    fn durations_are_read_and_nothing_else() {
        let good = [
            ("PT13H45M00S", "PT13H45M"),
            ("P1DT2H", "PT26H"),
            ("-PT0,5S", "-PT0.5S"),
        ];
        for (text, shown) in good {
            assert_eq!(
                iso_duration(text).map(|e| e.to_string()).as_deref(),
                Some(shown)
            );
        }
        let bad = [
            "", "P", "PT", "P1Y", "PT1", "P1H", "PT1H2", "13:00", "PTéH", "PT..S",
        ];
        assert_eq!(bad.map(iso_duration), [None; 10]);
    }
}
