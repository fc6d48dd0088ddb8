//! Instants, Czech local time, and the two clocks.
//!
//! *Legal time* dates states, events, seals and timestamps and can be wound forward in a test instance; *real time*
//! governs leases, time-outs, caches and lock-outs. Both are passed in through [`Clock`].

use std::fmt;
use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

static PRAGUE: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/Prague").unwrap_or(TimeZone::UTC));

/// An instant in microseconds since 1970-01-01T00:00:00Z, the form in which both databases keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

/// Text that is not a date or time of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date or time")]
pub struct TimeError;

impl Timestamp {
    /// The instant `micros` microseconds later (earlier where negative); saturates.
    #[must_use]
    pub fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// The instant `seconds` later; saturates.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_micros(seconds.saturating_mul(1_000_000))
    }

    /// The same Czech calendar day and time `years` years later; 29 February becomes 28 February.
    #[must_use]
    pub fn plus_years(self, years: i16) -> Self {
        let later = self.zoned().saturating_add(jiff::Span::new().years(years));
        Self(later.timestamp().as_microsecond())
    }

    /// The same Czech calendar day and time `months` months later (earlier where negative); the last day of a month that is
    /// too short for the day.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        let later = self.zoned().saturating_add(jiff::Span::new().months(months));
        Self(later.timestamp().as_microsecond())
    }

    /// Rounded down to whole milliseconds: the precision of everything on the wire.
    #[must_use]
    pub fn to_millis(self) -> Self {
        Self(self.0.div_euclid(1000) * 1000)
    }

    /// Reads a time of the contract: with a zone as given, without one as Czech local time (manual M 1.3.2).
    ///
    /// # Errors
    /// [`TimeError`] for anything else than `YYYY-MM-DDThh:mm:ss[.f][Z|±hh:mm]`.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        if text.len() > 40 || text.len() < 19 || text.as_bytes()[10] != b'T' {
            return Err(TimeError);
        }
        let instant = match text.parse::<jiff::Timestamp>() {
            Ok(instant) => instant,
            Err(_) => {
                let local: DateTime = text.parse().map_err(|_| TimeError)?;
                local.to_zoned(PRAGUE.clone()).map_err(|_| TimeError)?.timestamp()
            }
        };
        Ok(Self(instant.as_microsecond()))
    }

    /// The Czech calendar day on which the instant falls.
    #[must_use]
    pub fn local_date(self) -> Date {
        self.zoned().date()
    }

    fn zoned(self) -> jiff::Zoned {
        jiff::Timestamp::from_microsecond(self.0)
            .unwrap_or(jiff::Timestamp::MAX)
            .to_zoned(PRAGUE.clone())
    }
}

/// `YYYY-MM-DDThh:mm:ss.SSS±hh:mm` with the CET or CEST offset valid at that instant (manual M 1.3.2).
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.zoned();
        let offset = local.offset().seconds() / 60;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{}{:02}:{:02}",
            local.year(),
            local.month(),
            local.day(),
            local.hour(),
            local.minute(),
            local.second(),
            local.millisecond(),
            if offset < 0 { '-' } else { '+' },
            offset.abs() / 60,
            offset.abs() % 60,
        )
    }
}

/// Midnight Czech time at the start of `date`.
#[must_use]
pub fn start_of_day(date: Date) -> Timestamp {
    let instant = date
        .to_zoned(PRAGUE.clone())
        .map_or(jiff::Timestamp::MAX, |zoned| zoned.timestamp());
    Timestamp(instant.as_microsecond())
}

/// Reads an `xs:date` of the contract, `YYYY-MM-DD`; a zone behind it is passed over, since toolkits add one.
///
/// # Errors
/// [`TimeError`] for anything else.
pub fn parse_date(text: &str) -> Result<Date, TimeError> {
    let day = text.get(..10).ok_or(TimeError)?;
    let zone = &text[10..];
    let zone_is_fine = zone.is_empty()
        || zone == "Z"
        || (zone.len() == 6 && zone.starts_with(['+', '-']) && zone.as_bytes()[3] == b':');
    if !zone_is_fine {
        return Err(TimeError);
    }
    day.parse().map_err(|_| TimeError)
}

/// The two clocks of an installation.
pub trait Clock: Send + Sync {
    /// Time by which the law counts: states, events, retention, signing time.
    fn legal(&self) -> Timestamp;
    /// Time by which machines count: leases, time-outs, sessions, caches, lock-outs.
    fn real(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_in_czech_time_of_that_day() {
        assert_eq!(
            Timestamp::parse("2026-01-15T12:00:00Z").unwrap().to_string(),
            "2026-01-15T13:00:00.000+01:00"
        );
        assert_eq!(
            Timestamp::parse("2026-07-15T12:00:00Z").unwrap().to_string(),
            "2026-07-15T14:00:00.000+02:00"
        );
        // An hour that the clocks repeat stays distinguishable by its offset.
        assert_eq!(
            Timestamp::parse("2026-10-25T00:30:00Z").unwrap().to_string(),
            "2026-10-25T02:30:00.000+02:00"
        );
        assert_eq!(
            Timestamp::parse("2026-10-25T01:30:00Z").unwrap().to_string(),
            "2026-10-25T02:30:00.000+01:00"
        );
    }

    #[test]
    fn read_with_and_without_zone() {
        let with_zone = Timestamp::parse("2010-03-17T17:26:56.793+01:00").unwrap();
        assert_eq!(Timestamp::parse("2010-03-17T17:26:56.793").unwrap(), with_zone);
        assert_eq!(
            Timestamp::parse("2010-03-17T16:26:56.793000")
                .unwrap()
                .plus_seconds(3600),
            with_zone
        );
        assert_eq!(with_zone.to_string(), "2010-03-17T17:26:56.793+01:00");
    }

    #[test]
    fn refuses_other_shapes() {
        for wrong in [
            "",
            "2010-03-17",
            "17.3.2010",
            "2010-13-17T17:26:56",
            "2010-03-17 17:26:56",
            "2010-03-17T25:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(wrong), Err(TimeError), "{wrong}");
        }
        assert!(parse_date("2026-02-29").is_err());
        assert!(parse_date("2026-02-28+01:00").is_ok());
        assert!(parse_date("2026-02-28T00:00:00").is_err());
    }

    #[test]
    fn days_start_at_czech_midnight() {
        assert_eq!(
            start_of_day(Date::constant(2026, 3, 29)).to_string(),
            "2026-03-29T00:00:00.000+01:00"
        );
        assert_eq!(
            start_of_day(Date::constant(2026, 3, 30)).to_string(),
            "2026-03-30T00:00:00.000+02:00"
        );
    }
}
