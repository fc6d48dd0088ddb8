//! Deadlines counted in days, with the Czech calendar of working days.
//!
//! A message that nobody signs in for is delivered by fiction when ten days have passed since it was put into the box
//! (act 300/2008, section 17, paragraph 4). Since 2023 a tenth day that is a Saturday, a Sunday or a public holiday
//! does not end the period: the next working day does.

use jiff::civil::{Date, Weekday};

use crate::envelope::{Envelope, MessageKind};
use crate::time::{Timestamp, start_of_day};

/// Days after which fiction strikes.
const FICTION_DAYS: i64 = 10;
const DAY_SECONDS: i64 = 86_400;
/// From the fiction of this day on, days off move it (act 300/2008, section 17, paragraph 4, as it reads since).
const MOVED_SINCE: Date = Date::constant(2023, 1, 1);
/// Postal messages delivered into a box since this day are delivered by fiction as well (B2176).
const POSTAL_SINCE: Date = Date::constant(2022, 1, 1);

/// Why a day is no working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOff {
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
    /// A public holiday on another day of the week.
    Holiday,
}

/// Why `day` is no working day; nothing where it is one. A holiday on a Saturday or Sunday counts as that.
#[must_use]
pub fn day_off(day: Date) -> Option<DayOff> {
    match day.weekday() {
        Weekday::Saturday => Some(DayOff::Saturday),
        Weekday::Sunday => Some(DayOff::Sunday),
        _ if is_holiday(day) => Some(DayOff::Holiday),
        _ => None,
    }
}

/// Whether `day` is a state or other public holiday (act 245/2000).
#[must_use]
pub fn is_holiday(day: Date) -> bool {
    let fixed = matches!(
        (day.month(), day.day()),
        (1, 1) | (5, 1 | 8) | (7, 5 | 6) | (9, 28) | (10, 28) | (11, 17) | (12, 24..=26)
    );
    let since_easter = easter(day.year())
        .and_then(|sunday| sunday.until(day).ok())
        .map(|span| span.get_days());
    // Good Friday since 2016.
    fixed || since_easter == Some(1) || (since_easter == Some(-2) && day.year() >= 2016)
}

/// Easter Sunday of the Gregorian calendar (the anonymous algorithm, with its customary letters).
fn easter(year: i16) -> Option<Date> {
    let year_number = i32::from(year);
    let (a, b, c) = (year_number % 19, year_number / 100, year_number % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, i8::try_from(n / 31).ok()?, i8::try_from(n % 31 + 1).ok()?).ok()
}

/// When fiction strikes, and how that was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FictionDate {
    /// The tenth day after the day of delivery into the box.
    pub tenth_day: Date,
    /// Why the period does not end on the tenth day, where it does not.
    pub moved: Option<DayOff>,
    /// The last day of the period.
    pub last_day: Date,
    /// The instant at which the message counts as delivered: the end of the last day; before 2023, ten times 24 hours
    /// after delivery into the box.
    pub at: Timestamp,
}

impl FictionDate {
    /// Counts from the delivery into the box.
    #[must_use]
    pub fn after(delivered_in: Timestamp) -> Self {
        let tenth_day = plus_days(delivered_in.local_date(), FICTION_DAYS);
        if tenth_day < MOVED_SINCE {
            let at = delivered_in.plus_seconds(FICTION_DAYS * DAY_SECONDS);
            return Self {
                tenth_day,
                moved: None,
                last_day: tenth_day,
                at: Timestamp(at.0.div_euclid(1_000_000) * 1_000_000),
            };
        }
        let mut last_day = tenth_day;
        while day_off(last_day).is_some() {
            last_day = plus_days(last_day, 1);
        }
        Self {
            tenth_day,
            moved: day_off(tenth_day),
            last_day,
            at: start_of_day(plus_days(last_day, 1)),
        }
    }
}

/// What fiction does to a message that waits in a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fiction {
    /// It strikes.
    On(FictionDate),
    /// The sender, an authority, ruled it out (`dmAllowSubstDelivery`).
    RuledOut,
    /// A postal message from before such messages were delivered by fiction.
    OldPostal,
}

impl Fiction {
    /// What fiction does to the message that was put into the box at `delivered_in`.
    #[must_use]
    pub fn of(envelope: &Envelope, kind: MessageKind, delivered_in: Timestamp) -> Self {
        if kind.is_postal() {
            if delivered_in.local_date() < POSTAL_SINCE {
                return Self::OldPostal;
            }
        } else if kind == MessageKind::Public && !envelope.allow_subst_delivery() {
            return Self::RuledOut;
        }
        Self::On(FictionDate::after(delivered_in))
    }

    /// When it strikes, where it does.
    #[must_use]
    pub fn date(self) -> Option<FictionDate> {
        match self {
            Self::On(date) => Some(date),
            Self::RuledOut | Self::OldPostal => None,
        }
    }
}

/// Whole calendar days from the day of `now` to `day`; negative where it has passed.
#[must_use]
pub fn days_until(now: Timestamp, day: Date) -> i64 {
    now.local_date().until(day).map_or(0, |span| i64::from(span.get_days()))
}

fn plus_days(day: Date, days: i64) -> Date {
    day.saturating_add(jiff::Span::new().days(days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::EnvelopeDraft;
    use crate::postal::SubsidyKind;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn easter_and_the_holidays_of_a_year() {
        for (year, sunday) in [
            (2016, "2016-03-27"),
            (2023, "2023-04-09"),
            (2024, "2024-03-31"),
            (2025, "2025-04-20"),
            (2026, "2026-04-05"),
            (2038, "2038-04-25"),
        ] {
            assert_eq!(easter(year), Some(day(sunday)));
        }
        let holidays: Vec<String> = (0..365)
            .map(|n| plus_days(day("2026-01-01"), n))
            .filter(|date| is_holiday(*date))
            .map(|date| date.strftime("%m-%d").to_string())
            .collect();
        assert_eq!(
            holidays.join(" "),
            "01-01 04-03 04-06 05-01 05-08 07-05 07-06 09-28 10-28 11-17 12-24 12-25 12-26"
        );
        assert!(!is_holiday(day("2015-04-03")), "Good Friday is one since 2016");
    }

    #[test]
    fn a_tenth_day_that_is_a_working_day_ends_the_period() {
        // Monday, and a Thursday.
        let fiction = FictionDate::after(at("2026-11-02T16:10:00+01:00"));
        assert_eq!(fiction.tenth_day, day("2026-11-12"));
        assert_eq!((fiction.moved, fiction.last_day), (None, day("2026-11-12")));
        assert_eq!(fiction.at, at("2026-11-13T00:00:00+01:00"));
    }

    #[test]
    fn days_off_move_the_end() {
        // Saturday 14 March 2026: Monday.
        let saturday = FictionDate::after(at("2026-03-04T08:00:00+01:00"));
        assert_eq!(
            (saturday.tenth_day, saturday.moved, saturday.last_day),
            (day("2026-03-14"), Some(DayOff::Saturday), day("2026-03-16"))
        );
        // Good Friday to Easter Monday, over the weekend: Tuesday.
        let easter = FictionDate::after(at("2026-03-24T23:59:59+01:00"));
        assert_eq!(
            (easter.moved, easter.last_day),
            (Some(DayOff::Holiday), day("2026-04-07"))
        );
        assert_eq!(easter.at, at("2026-04-08T00:00:00+02:00"));
        // Christmas 2026: Thursday to Saturday, then Sunday: Monday.
        let christmas = FictionDate::after(at("2026-12-14T12:00:00+01:00"));
        assert_eq!(christmas.last_day, day("2026-12-28"));
    }

    #[test]
    fn the_day_is_that_of_the_czech_calendar() {
        // 23:30 UTC is the next day in Prague.
        let late = FictionDate::after(at("2026-11-02T23:30:00Z"));
        assert_eq!(late.tenth_day, day("2026-11-13"));
    }

    #[test]
    fn before_2023_it_was_ten_times_a_day() {
        let old = FictionDate::after(at("2022-12-07T10:15:30.789+01:00"));
        assert_eq!(old.at, at("2022-12-17T10:15:30+01:00"));
        assert_eq!(old.moved, None, "a Saturday, at that time as good as any day");
        let new = FictionDate::after(at("2022-12-22T10:15:30+01:00"));
        assert_eq!(
            new.last_day,
            day("2023-01-02"),
            "the tenth day is a Sunday and New Year's Day"
        );
    }

    #[test]
    fn not_every_message_is_delivered_by_fiction() {
        let envelope = |allowed| Envelope {
            sender: "mesta2j".parse().unwrap(),
            sender_name: String::new(),
            sender_address: String::new(),
            sender_type: 10,
            recipient: "nvak22s".parse().unwrap(),
            recipient_name: String::new(),
            recipient_address: String::new(),
            ambiguous_recipient: false,
            draft: EnvelopeDraft {
                allow_subst_delivery: allowed,
                ..EnvelopeDraft::default()
            },
        };
        let now = at("2026-11-02T16:10:00+01:00");
        let ruled_out = envelope(Some(false));
        assert_eq!(Fiction::of(&ruled_out, MessageKind::Public, now), Fiction::RuledOut);
        // Postal messages and those of the system know no such wish.
        for kind in [MessageKind::System, MessageKind::Credit] {
            assert!(Fiction::of(&ruled_out, kind, now).date().is_some(), "{kind:?}");
        }
        assert!(Fiction::of(&envelope(None), MessageKind::Public, now).date().is_some());
        let subsidised = MessageKind::Subsidised(SubsidyKind::Global);
        let before = at("2021-12-31T23:59:59+01:00");
        assert_eq!(Fiction::of(&envelope(None), subsidised, before), Fiction::OldPostal);
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let now = at("2026-11-22T23:00:00+01:00");
        assert_eq!(days_until(now, day("2026-11-22")), 0);
        assert_eq!(days_until(now, day("2026-11-23")), 1);
        assert_eq!(days_until(now, day("2026-11-12")), -10);
        assert_eq!(days_until(now, day("2027-01-22")), 61);
    }
}
