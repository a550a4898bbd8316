//! `time.*`: nanoseconds since 1970, the calendar and the zones of the tz database that the host carries.

mod duration;
mod layout;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime as Zoned};

use super::{Builtin, Said};
use crate::opa::term::Term;

pub(super) fn known(name: &str) -> Option<Builtin> {
    Some(match name {
        "time.now_ns" => |_, now| Ok(Some(Term::Number(now.to_string()))),
        "time.parse_rfc3339_ns" => parse_rfc3339,
        "time.parse_duration_ns" => duration::parse,
        "time.format" => layout::format,
        "time.date" => |args, _| {
            of_time(args, |t| {
                [i64::from(t.year()), t.month().into(), t.day().into()]
                    .into_iter()
                    .map(Term::from)
                    .collect()
            })
        },
        "time.clock" => |args, _| {
            of_time(args, |t| {
                [t.hour(), t.minute(), t.second()]
                    .into_iter()
                    .map(|n| Term::from(i64::from(n)))
                    .collect()
            })
        },
        "time.weekday" => |args, _| {
            let time = one(args).and_then(zoned);
            Ok(time.map(|time| weekday(time.weekday()).into()))
        },
        "time.add_date" => add_date,
        "time.diff" => diff,
        _ => return None,
    })
}

fn of_time(args: &[Term], parts: impl Fn(&Zoned) -> Vec<Term>) -> Said {
    let time = one(args).and_then(zoned);
    Ok(time.map(|time| Term::Array(parts(&time))))
}

fn one(args: &[Term]) -> Option<&Term> {
    match args {
        [term] => Some(term),
        _ => None,
    }
}

/// A time: nanoseconds, or a list of them and a zone. What stands behind those in the list is not looked at.
fn zoned(term: &Term) -> Option<Zoned> {
    let (ns, zone) = match term {
        Term::Number(_) => (term.as_i64()?, ""),
        Term::Array(items) => match items.as_slice() {
            [ns] => (ns.as_i64()?, ""),
            [ns, zone, ..] => (ns.as_i64()?, zone.as_str()?),
            [] => return None,
        },
        _ => return None,
    };
    let zone = match zone {
        "" | "UTC" => TimeZone::UTC,
        name => TimeZone::get(name).ok()?,
    };
    let timestamp = Timestamp::from_nanosecond(i128::from(ns)).ok()?;
    Some(timestamp.to_zoned_datetime(zone))
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn nanoseconds(timestamp: Timestamp) -> Option<Term> {
    let ns = i64::try_from(timestamp.as_nanosecond()).ok()?;
    Some(ns.into())
}

/// `2006-01-02T15:04:05.999999999Z07:00` and nothing like it.
fn parse_rfc3339(args: &[Term], _: u64) -> Said {
    let Some(text) = one(args).and_then(Term::as_str) else {
        return Ok(None);
    };
    Ok(rfc3339(text).and_then(nanoseconds))
}

fn rfc3339(text: &str) -> Option<Timestamp> {
    let (seconds, rest) = text.split_at_checked(19)?;
    let shape: String = seconds
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    if shape != "0000-00-00T00:00:00" || seconds.ends_with("60") {
        return None;
    }
    let zone_at = rest.find(['Z', '+', '-'])?;
    let (fraction, zone) = rest.split_at_checked(zone_at)?;
    let digits = fraction.strip_prefix(['.', ',']);
    let whole = fraction.is_empty() || digits.is_some_and(is_digits);
    let offset: String = zone
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    if !whole || !matches!(offset.as_str(), "Z" | "+00:00" | "-00:00") {
        return None;
    }
    // More digits than nanoseconds have are cut, as in Go.
    let digits = digits.map_or("0", |digits| digits.get(..9).unwrap_or(digits));
    format!("{seconds}.{digits}{zone}").parse().ok()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Years and months first, then days, each past the end of its month into the next, as Go's `AddDate`.
fn add_date(args: &[Term], _: u64) -> Said {
    let [time, years, months, days] = args else {
        return Ok(None);
    };
    let numbers = (years.as_i64(), months.as_i64(), days.as_i64());
    let (Some(time), (Some(years), Some(months), Some(days))) = (zoned(time), numbers) else {
        return Ok(None);
    };
    Ok(added(&time, years, months, days).and_then(nanoseconds))
}

fn added(time: &Zoned, years: i64, months: i64, days: i64) -> Option<Timestamp> {
    let month = i64::from(time.month())
        .checked_add(months)?
        .checked_sub(1)?;
    let year = i64::from(time.year())
        .checked_add(years)?
        .checked_add(month.div_euclid(12))?;
    let month = i8::try_from(month.rem_euclid(12) + 1).ok()?;
    let first = Date::new(i16::try_from(year).ok()?, month, 1).ok()?;
    let days = i64::from(time.day() - 1).checked_add(days)?;
    let days = jiff::Span::new().try_days(days).ok()?;
    let date = first.checked_add(days).ok()?;
    let time = DateTime::from_parts(date, time.time()).to_zoned_datetime(time.time_zone().clone());
    Some(time.ok()?.timestamp())
}

/// Years, months, days, hours, minutes and seconds between two times, in the zone of the first.
fn diff(args: &[Term], _: u64) -> Said {
    let [a, b] = args else {
        return Ok(None);
    };
    let (Some(a), Some(b)) = (zoned(a), zoned(b)) else {
        return Ok(None);
    };
    let b = b.with_time_zone(a.time_zone().clone());
    let (from, to) = if a.timestamp() > b.timestamp() {
        (b, a)
    } else {
        (a, b)
    };
    let mut second = i64::from(to.second()) - i64::from(from.second());
    let mut minute = i64::from(to.minute()) - i64::from(from.minute());
    let mut hour = i64::from(to.hour()) - i64::from(from.hour());
    let mut day = i64::from(to.day()) - i64::from(from.day());
    let mut month = i64::from(to.month()) - i64::from(from.month());
    let mut year = i64::from(to.year()) - i64::from(from.year());
    let carry = |part: &mut i64, next: &mut i64, size: i64| {
        if *part < 0 {
            *part += size;
            *next -= 1;
        }
    };
    carry(&mut second, &mut minute, 60);
    carry(&mut minute, &mut hour, 60);
    carry(&mut hour, &mut day, 24);
    carry(&mut day, &mut month, i64::from(from.days_in_month()));
    carry(&mut month, &mut year, 12);
    let parts = [year, month, day, hour, minute, second];
    Ok(Some(Term::Array(
        parts.into_iter().map(Term::from).collect(),
    )))
}
