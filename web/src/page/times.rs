//! Times as people say them, in Prague's time, exact on hover.

use isds_core::time::Timestamp;
use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::words::{Language, Words};

/// A time in Prague; the beginning of the epoch where it is none that people know.
pub(crate) fn local(at: Timestamp) -> Zoned {
    let zone = TimeZone::get("Europe/Prague").unwrap_or(TimeZone::UTC);
    jiff::Timestamp::from_microsecond(at.0)
        .unwrap_or_default()
        .to_zoned(zone)
}

/// A date in numbers.
pub(crate) fn date(date: Date, language: Language) -> String {
    match language {
        Language::Cs => format!("{}. {}. {}", date.day(), date.month(), date.year()),
        Language::En => format!("{} {} {}", date.day(), english_month(date.month()), date.year()),
    }
}

/// A date and time to the minute.
pub(crate) fn to_the_minute(at: Timestamp, language: Language) -> String {
    let at = local(at);
    format!("{} {:02}:{:02}", date(at.date(), language), at.hour(), at.minute())
}

/// To the second, with the offset: what stands in evidence.
pub(crate) fn exact(at: Timestamp, language: Language) -> String {
    let at = local(at);
    let seconds = at.time();
    format!(
        "{} {:02}:{:02}:{:02} ({})",
        date(at.date(), language),
        seconds.hour(),
        seconds.minute(),
        seconds.second(),
        at.strftime("%:z"),
    )
}

/// For machines.
pub(crate) fn machine(at: Timestamp) -> String {
    local(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// As people say it: today and yesterday by the hour, this year by day and month, else with the year.
pub(crate) fn said(at: Timestamp, now: Timestamp, words: Words) -> String {
    let (at, now) = (local(at), local(now));
    let clock = format!("{}:{:02}", at.hour(), at.minute());
    let days = now.date().since(at.date()).map_or(i32::MAX, |span| span.get_days());
    match days {
        0 => words.with("time-today", &[("clock", clock.into())]).into_owned(),
        1 => words.with("time-yesterday", &[("clock", clock.into())]).into_owned(),
        -1 => words.with("time-tomorrow", &[("clock", clock.into())]).into_owned(),
        _ if at.year() == now.year() => match words.0 {
            Language::Cs => format!("{}. {}.", at.day(), at.month()),
            Language::En => format!("{} {}", at.day(), english_month(at.month())),
        },
        _ => date(at.date(), words.0),
    }
}

fn english_month(month: i8) -> &'static str {
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
    usize::try_from(month - 1)
        .ok()
        .and_then(|index| MONTHS.get(index))
        .copied()
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn times_are_said_in_prague() {
        let now = at("2026-06-01T08:00:00.000Z");
        let czech = |text| said(at(text), now, Words(Language::Cs));
        assert_eq!(czech("2026-06-01T05:05:00.000Z"), "dnes 7:05");
        assert_eq!(czech("2026-05-31T21:30:00.000Z"), "včera 23:30");
        assert_eq!(czech("2026-05-31T22:30:00.000Z"), "dnes 0:30");
        assert_eq!(czech("2026-06-02T05:05:00.000Z"), "zítra 7:05");
        assert_eq!(czech("2026-01-09T05:05:00.000Z"), "9. 1.");
        assert_eq!(czech("2025-12-31T05:05:00.000Z"), "31. 12. 2025");
        assert_eq!(
            said(at("2026-01-09T05:05:00.000Z"), now, Words(Language::En)),
            "9 January"
        );
        assert_eq!(
            to_the_minute(at("2026-01-09T05:05:00.000Z"), Language::Cs),
            "9. 1. 2026 06:05"
        );
        assert_eq!(
            exact(at("2026-07-09T05:05:09.000Z"), Language::Cs),
            "9. 7. 2026 07:05:09 (+02:00)"
        );
        assert_eq!(machine(at("2026-07-09T05:05:09.900Z")), "2026-07-09T07:05:09+02:00");
    }
}
