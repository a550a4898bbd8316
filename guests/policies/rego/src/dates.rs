//! Moments and spans of time, as OPA's builtins see them: nanoseconds since 1970 that fit 64 bits, and UTC.

use chrono::{DateTime, Datelike, Days, NaiveDate, SecondsFormat, Timelike, Utc};
use regorus::Value;

/// A number of nanoseconds, or a list of one and a time zone, which can only be UTC.
fn moment(value: &Value) -> Option<DateTime<Utc>> {
    let ns = match value {
        Value::Number(_) => value,
        Value::Array(list) => match list.as_slice() {
            [ns] => ns,
            [ns, Value::String(zone)] if matches!(&**zone, "" | "UTC") => ns,
            _ => return None,
        },
        _ => return None,
    };
    ns.as_i64().ok().map(DateTime::from_timestamp_nanos)
}

fn nanoseconds(moment: &DateTime<Utc>) -> Option<Value> {
    moment.timestamp_nanos_opt().map(Value::from)
}

fn list<const N: usize>(parts: [i64; N]) -> Option<Value> {
    Some(Value::from(parts.map(Value::from).to_vec()))
}

/// Hour, minute, second.
pub(crate) fn clock(at: &Value) -> Option<Value> {
    let at = moment(at)?;
    list([at.hour().into(), at.minute().into(), at.second().into()])
}

/// Year, month, day.
pub(crate) fn date(at: &Value) -> Option<Value> {
    let at = moment(at)?;
    list([at.year().into(), at.month().into(), at.day().into()])
}

/// In English and in full.
pub(crate) fn weekday(at: &Value) -> Option<Value> {
    const NAMES: [&str; 7] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    let number = moment(at)?.weekday().num_days_from_monday();
    NAMES
        .get(usize::try_from(number).ok()?)
        .map(|name| Value::from(*name))
}

/// RFC 3339 with the fewest digits of a fraction, as Go writes it.
pub(crate) fn format(at: &Value) -> Option<Value> {
    let at = moment(at)?;
    let text = at.to_rfc3339_opts(SecondsFormat::Nanos, true);
    let Some((whole, fraction)) = text.trim_end_matches('Z').split_once('.') else {
        return Some(Value::from(text));
    };
    Some(Value::from(match fraction.trim_end_matches('0') {
        "" => format!("{whole}Z"),
        digits => format!("{whole}.{digits}Z"),
    }))
}

/// From RFC 3339.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let at = DateTime::parse_from_rfc3339(text).ok()?;
    nanoseconds(&at.to_utc())
}

/// Days that a month does not have run on into the next, as in Go: a month after 31 January is 3 March.
pub(crate) fn add(at: &Value, years: &Value, months: &Value, days: &Value) -> Option<Value> {
    let at = moment(at)?;
    let part = |value: &Value| i32::try_from(value.as_i64().ok()?).ok();
    let (years, months, days) = (part(years)?, part(months)?, part(days)?);
    let month = i64::from(at.month0()) + i64::from(months);
    let year = i64::from(at.year()) + i64::from(years) + month.div_euclid(12);
    let month = u32::try_from(month.rem_euclid(12)).ok()? + 1;
    let first = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, 1)?;
    let days = i64::from(at.day0()) + i64::from(days);
    let moved = match u64::try_from(days) {
        Ok(days) => first.checked_add_days(Days::new(days)),
        Err(_) => first.checked_sub_days(Days::new(days.unsigned_abs())),
    };
    nanoseconds(&moved?.and_time(at.time()).and_utc())
}

/// Years, months, days, hours, minutes and seconds between two moments, whichever is first.
pub(crate) fn difference(one: &Value, other: &Value) -> Option<Value> {
    let (one, other) = (moment(one)?, moment(other)?);
    let (from, to) = if one > other {
        (other, one)
    } else {
        (one, other)
    };
    let of = |at: &DateTime<Utc>| {
        [
            at.month().into(),
            at.day().into(),
            at.hour().into(),
            at.minute().into(),
            at.second().into(),
        ]
    };
    let days = from.date_naive().num_days_in_month();
    // How much of each makes one of what is above it.
    let carries: [i64; 5] = [12, days.into(), 24, 60, 60];
    let mut parts: [i64; 5] = of(&to);
    let mut carried = 0;
    for ((part, from), carry) in parts.iter_mut().zip(of(&from)).zip(carries).rev() {
        *part = *part - from - carried;
        carried = i64::from(*part < 0);
        *part += carried * carry;
    }
    let [months, days, hours, minutes, seconds] = parts;
    list([
        i64::from(to.year()) - i64::from(from.year()) - carried,
        months,
        days,
        hours,
        minutes,
        seconds,
    ])
}

/// Go's durations, such as `1h30m` and `-1.5s`, in nanoseconds.
pub(crate) fn duration(text: &str) -> Option<Value> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if unsigned == "0" {
        return Some(Value::from(0_i64));
    }
    let mut rest = unsigned;
    let mut sum = 0_i128;
    loop {
        let digits = rest.find(|sign: char| !sign.is_ascii_digit() && sign != '.')?;
        let (number, behind) = rest.split_at_checked(digits)?;
        let units = behind
            .find(|sign: char| sign.is_ascii_digit() || sign == '.')
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(units)?;
        sum += parts_of(number, unit)?;
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    let sum = if negative { -sum } else { sum };
    i64::try_from(sum).ok().map(Value::from)
}

fn parts_of(number: &str, unit: &str) -> Option<i128> {
    let unit: i128 = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits = |text: &str| match text {
        "" => Some(0_i64),
        text => text.parse().ok(),
    };
    // Beyond nanoseconds of an hour no digit counts.
    let fraction = fraction.get(..fraction.len().min(15))?;
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    Some(i128::from(digits(whole)?) * unit + i128::from(digits(fraction)?) * unit / scale)
}

#[cfg(test)]
mod tests {
    use regorus::Value;

    use super::{add, clock, date, difference, duration, format, parse, weekday};

    fn at(text: &str) -> Value {
        parse(text).unwrap()
    }

    fn shown(value: Option<Value>) -> String {
        value.map_or("undefined".to_owned(), |value| value.to_string())
    }

    #[test]
    fn a_moment_has_parts() {
        let moment = at("2026-02-28T23:59:58.25+01:00");
        assert_eq!(shown(clock(&moment)), "[22,59,58]");
        assert_eq!(shown(date(&moment)), "[2026,2,28]");
        assert_eq!(shown(weekday(&moment)), r#""Saturday""#);
        assert_eq!(shown(format(&moment)), r#""2026-02-28T22:59:58.25Z""#);
        assert_eq!(
            shown(format(&Value::from(0_i64))),
            r#""1970-01-01T00:00:00Z""#
        );
        let zoned = |zone: &str| Value::from(vec![Value::from(0_i64), Value::from(zone)]);
        assert_eq!(shown(clock(&zoned("UTC"))), "[0,0,0]");
        assert_eq!(shown(clock(&zoned("Europe/Vienna"))), "undefined");
        assert_eq!(shown(clock(&Value::from(u64::MAX))), "undefined");
    }

    #[test]
    fn dates_run_on_as_in_go() {
        let added = |from: &str, [years, months, days]: [i64; 3]| {
            let moved = add(&at(from), &years.into(), &months.into(), &days.into());
            moved.and_then(|moved| format(&moved)).unwrap().to_string()
        };
        assert_eq!(
            added("2026-01-31T08:00:00Z", [0, 1, 0]),
            r#""2026-03-03T08:00:00Z""#
        );
        assert_eq!(
            added("2024-02-29T00:00:00Z", [1, 0, 0]),
            r#""2025-03-01T00:00:00Z""#
        );
        assert_eq!(
            added("2026-03-01T00:00:00Z", [0, -14, -1]),
            r#""2024-12-31T00:00:00Z""#
        );
    }

    #[test]
    fn differences_are_of_the_calendar() {
        let between = |one: &str, other: &str| shown(difference(&at(one), &at(other)));
        assert_eq!(
            between("2026-01-31T00:00:00Z", "2026-03-01T00:00:00Z"),
            "[0,1,1,0,0,0]"
        );
        assert_eq!(
            between("2026-03-01T00:00:00Z", "2024-12-31T23:00:30Z"),
            "[1,2,0,0,59,30]"
        );
        assert_eq!(
            between("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            "[0,0,0,0,0,0]"
        );
    }

    #[test]
    fn durations_are_those_of_go() {
        for (text, ns) in [
            ("0", "0"),
            ("1h30m", "5400000000000"),
            ("-1.5s", "-1500000000"),
            (".5ms", "500000"),
            ("1.us", "1000"),
            ("100µs7ns", "100007"),
            ("", "undefined"),
            ("1", "undefined"),
            ("h", "undefined"),
            (".s", "undefined"),
            ("1d", "undefined"),
            ("1.2.3s", "undefined"),
            ("9999999999h", "undefined"),
        ] {
            assert_eq!(shown(duration(text)), ns, "{text}");
        }
    }
}
