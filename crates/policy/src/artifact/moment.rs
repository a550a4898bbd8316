//! When something was pinned: a second in UTC, written `2026-11-27T08:18:54Z` and in no other way.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::artifact::shown::shown;
use crate::artifact::text::as_text;

/// The last second of the year 9999: years have four digits.
const SECONDS_MAX: u64 = 253_402_300_799;

/// Seconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

/// Why a text is no moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no moment such as 2026-11-27T08:18:54Z")]
pub struct MomentError(String);

impl MomentError {
    /// Stable: `artifact.moment`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "artifact.moment"
    }
}

impl Moment {
    /// What the clock says.
    #[must_use]
    pub fn now() -> Moment {
        Moment::from(SystemTime::now())
    }
}

impl From<SystemTime> for Moment {
    /// To the second; what no text could be written for is moved to 1970 or 9999.
    fn from(time: SystemTime) -> Moment {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment(since.as_secs().min(SECONDS_MAX))
    }
}

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Moment, MomentError> {
        let refused = || MomentError(shown(text));
        let time = humantime::parse_rfc3339(text).map_err(|_| refused())?;
        let moment = Moment::from(time);
        // Fractions and whatever else would be a second text of the same moment.
        (moment.to_string() == text)
            .then_some(moment)
            .ok_or_else(refused)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = UNIX_EPOCH + Duration::from_secs(self.0);
        humantime::format_rfc3339_seconds(time).fmt(f)
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

as_text!(Moment);
