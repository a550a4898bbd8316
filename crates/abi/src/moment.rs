//! Dates, times and durations of cells, to the millisecond, and their ISO 8601 text: what a guest reads, both sides
//! write in the same way.
//!
//! Days follow the proleptic Gregorian calendar, years 1 to 9999: what ISO 8601 writes with four digits.

use core::fmt;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;
/// 1 January of year 1, in milliseconds since 1970.
pub const MOMENT_MS_MIN: i64 = -719_162 * DAY_MS;
/// The last millisecond of year 9999.
pub const MOMENT_MS_MAX: i64 = 2_932_897 * DAY_MS - 1;
/// Milliseconds that a duration may have, above and below zero: ten million days.
pub const ELAPSED_MS_MAX: i64 = 10_000_000 * DAY_MS;

/// A day, a time of day, or both. Time zones do not come into it: spreadsheets have none.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Moment {
    /// A day: milliseconds from 1970-01-01 to its midnight.
    Date(i64),
    /// A time of day: milliseconds since midnight.
    Time(i64),
    /// Both: milliseconds since 1970-01-01T00:00:00.
    DateTime(i64),
}

impl Moment {
    /// Whether it lies within the years and the day that it may have.
    ///
    /// ```
    /// use wardian_abi::{DAY_MS, Moment};
    ///
    /// assert!(Moment::Date(3 * DAY_MS).is_valid() && !Moment::Date(1).is_valid());
    /// assert!(Moment::Time(DAY_MS - 1).is_valid() && !Moment::Time(DAY_MS).is_valid());
    /// ```
    #[must_use]
    pub fn is_valid(self) -> bool {
        let years = MOMENT_MS_MIN..=MOMENT_MS_MAX;
        match self {
            Moment::Date(ms) => years.contains(&ms) && ms.rem_euclid(DAY_MS) == 0,
            Moment::Time(ms) => (0..DAY_MS).contains(&ms),
            Moment::DateTime(ms) => years.contains(&ms),
        }
    }

    /// Year, month and day, where it has them.
    ///
    /// ```
    /// assert_eq!(wardian_abi::Moment::Date(0).date(), Some((1970, 1, 1)));
    /// ```
    #[must_use]
    pub fn date(self) -> Option<(i32, u8, u8)> {
        match self {
            Moment::Date(ms) | Moment::DateTime(ms) => Some(civil(ms.div_euclid(DAY_MS))),
            Moment::Time(_) => None,
        }
    }

    /// Hour, minute, second and millisecond, where it has them.
    ///
    /// ```
    /// assert_eq!(wardian_abi::Moment::Time(3_723_004).time(), Some((1, 2, 3, 4)));
    /// ```
    #[must_use]
    pub fn time(self) -> Option<(u8, u8, u8, u16)> {
        let ms = match self {
            Moment::Date(_) => return None,
            Moment::Time(ms) | Moment::DateTime(ms) => ms.rem_euclid(DAY_MS),
        };
        let (seconds, millis) = (ms / 1_000, ms % 1_000);
        let part = |seconds: i64| (seconds % 60) as u8;
        Some((
            (seconds / 3_600) as u8,
            part(seconds / 60),
            part(seconds),
            millis as u16,
        ))
    }
}

impl fmt::Display for Moment {
    /// `2024-02-29`, `13:45:00` or `2024-02-29T13:45:00`; with `.250` behind it where there are milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((year, month, day)) = self.date() {
            write!(f, "{year:04}-{month:02}-{day:02}")?;
        }
        if let Moment::DateTime(_) = self {
            f.write_str("T")?;
        }
        match self.time() {
            Some((hour, minute, second, 0)) => write!(f, "{hour:02}:{minute:02}:{second:02}"),
            Some((hour, minute, second, millis)) => {
                write!(f, "{hour:02}:{minute:02}:{second:02}.{millis:03}")
            }
            None => Ok(()),
        }
    }
}

/// A length of time, in milliseconds; below zero where it runs backwards.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Elapsed(pub i64);

impl Elapsed {
    /// Whether it is one that a cell can hold.
    ///
    /// ```
    /// assert!(wardian_abi::Elapsed(-1).is_valid() && !wardian_abi::Elapsed(i64::MIN).is_valid());
    /// ```
    #[must_use]
    pub fn is_valid(self) -> bool {
        (-ELAPSED_MS_MAX..=ELAPSED_MS_MAX).contains(&self.0)
    }
}

impl fmt::Display for Elapsed {
    /// ISO 8601 without days, which some read as calendar days: `PT25H30M`, `-PT0.5S`, `PT0S`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.unsigned_abs();
        let (seconds, millis) = (total / 1_000, total % 1_000);
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        f.write_str(if self.0 < 0 { "-PT" } else { "PT" })?;
        if hours > 0 {
            write!(f, "{hours}H")?;
        }
        if minutes > 0 {
            write!(f, "{minutes}M")?;
        }
        match (seconds, millis) {
            (0, 0) if total > 0 => Ok(()),
            (seconds, 0) => write!(f, "{seconds}S"),
            (seconds, millis) if millis % 100 == 0 => write!(f, "{seconds}.{}S", millis / 100),
            (seconds, millis) if millis % 10 == 0 => write!(f, "{seconds}.{:02}S", millis / 10),
            (seconds, millis) => write!(f, "{seconds}.{millis:03}S"),
        }
    }
}

/// Days since 1970 of a day of the calendar, if there is such a day.
///
/// ```
/// use wardian_abi::days_since_1970;
///
/// assert_eq!(days_since_1970(2000, 2, 29), Some(11_016));
/// assert_eq!(days_since_1970(1900, 2, 29), None);
/// ```
#[must_use]
pub fn days_since_1970(year: i32, month: u8, day: u8) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=9999).contains(&year) || !(1..=last).contains(&day) {
        return None;
    }
    // Howard Hinnant's "chrono-compatible low-level date algorithms": years begin in March, eras have 400 years.
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// The way back, by the same algorithms.
fn civil(days: i64) -> (i32, u8, u8) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year as i32, month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn every_day_survives_the_round_trip() {
        for days in MOMENT_MS_MIN / DAY_MS..=MOMENT_MS_MAX / DAY_MS {
            let (year, month, day) = civil(days);
            assert_eq!(days_since_1970(year, month, day), Some(days));
        }
        assert_eq!(Moment::Date(MOMENT_MS_MIN).to_string(), "0001-01-01");
        let last = Moment::DateTime(MOMENT_MS_MAX);
        assert_eq!(last.to_string(), "9999-12-31T23:59:59.999");
        assert!(last.is_valid() && !Moment::DateTime(MOMENT_MS_MAX + 1).is_valid());
        assert!(!Moment::DateTime(MOMENT_MS_MIN - 1).is_valid());
    }

    #[test]
    fn durations_are_written_as_short_as_they_are() {
        let cases = [
            (0, "PT0S"),
            (1, "PT0.001S"),
            (-500, "-PT0.5S"),
            (61_000, "PT1M1S"),
            (91_800_000, "PT25H30M"),
            (3_600_250, "PT1H0.25S"),
        ];
        for (millis, text) in cases {
            assert_eq!(Elapsed(millis).to_string(), text);
        }
    }
}
