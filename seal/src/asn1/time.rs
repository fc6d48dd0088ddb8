//! UTCTime and GeneralizedTime, as microseconds of UTC since 1970.

use super::slice::{Malformed, Tlv};
use super::{tag, write};

const SECOND: i64 = 1_000_000;

/// The time does not fit the four-digit years of ASN.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("time {0} µs lies outside the years 0001 to 9999")]
pub struct TimeOutOfRange(pub i64);

struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar; the year is taken to begin in March, so that the leap day is last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_seconds(seconds: i64) -> Civil {
    let days = seconds.div_euclid(86_400) + 719_468;
    let of_day = seconds.rem_euclid(86_400);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: day_of_year - (153 * march_month + 2) / 5 + 1,
        hour: of_day / 3600,
        minute: of_day / 60 % 60,
        second: of_day % 60,
    }
}

fn civil(micros: i64) -> Result<Civil, TimeOutOfRange> {
    let civil = civil_from_seconds(micros.div_euclid(SECOND));
    if !(1..=9999).contains(&civil.year) {
        return Err(TimeOutOfRange(micros));
    }
    Ok(civil)
}

/// Time in whole seconds by the rule of RFC 5652 section 11.3: UTCTime from 1950 to 2049, GeneralizedTime otherwise.
pub(crate) fn encode_signing_time(micros: i64) -> Result<Vec<u8>, TimeOutOfRange> {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = civil(micros)?;
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    Ok(if (1950..=2049).contains(&year) {
        write::tlv(tag::UTC_TIME, &[format!("{:02}{rest}", year % 100).as_bytes()])
    } else {
        write::tlv(tag::GENERALIZED_TIME, &[format!("{year:04}{rest}").as_bytes()])
    })
}

/// GeneralizedTime in milliseconds, in the DER form of RFC 3161 section 2.4.2: no trailing zeros, no dot without a fraction.
pub(crate) fn encode_gen_time(micros: i64) -> Result<Vec<u8>, TimeOutOfRange> {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = civil(micros)?;
    let millis = micros.rem_euclid(SECOND) / 1000;
    let fraction = format!(".{millis:03}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    let text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}{fraction}Z");
    Ok(write::tlv(tag::GENERALIZED_TIME, &[text.as_bytes()]))
}

/// Reads UTCTime (RFC 5280 pivot: below 50 is 20xx) or GeneralizedTime with an optional fraction; always in UTC ("Z").
pub(crate) fn decode(element: Tlv<'_>) -> Result<i64, Malformed> {
    const WRONG: Malformed = Malformed("time");
    let text = std::str::from_utf8(element.content).map_err(|_| WRONG)?;
    let text = text.strip_suffix('Z').ok_or(WRONG)?;
    let (year, rest) = match element.tag {
        tag::UTC_TIME => {
            let short = digits(text.get(..2).ok_or(WRONG)?)?;
            (if short < 50 { 2000 + short } else { 1900 + short }, &text[2..])
        }
        tag::GENERALIZED_TIME => (digits(text.get(..4).ok_or(WRONG)?)?, &text[4..]),
        _ => return Err(WRONG),
    };
    let field = |at: usize| digits(rest.get(at..at + 2).ok_or(WRONG)?);
    let (month, day, hour, minute, second) = (field(0)?, field(2)?, field(4)?, field(6)?, field(8)?);
    let in_range = (1..=12).contains(&month) && hour < 24 && minute < 60 && second < 60;
    if !in_range {
        return Err(WRONG);
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    // A day that the month does not have comes back as another one.
    let back = civil_from_seconds(seconds);
    if (back.month, back.day) != (month, day) {
        return Err(WRONG);
    }
    let fraction = match rest.get(10..).unwrap_or_default() {
        "" => 0,
        fraction if element.tag == tag::GENERALIZED_TIME => {
            let fraction = fraction.strip_prefix('.').ok_or(WRONG)?;
            if fraction.is_empty() || fraction.len() > 18 {
                return Err(WRONG);
            }
            digits(fraction)?;
            let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
            digits(&micros)?
        }
        _ => return Err(WRONG),
    };
    Ok(seconds * SECOND + fraction)
}

fn digits(text: &str) -> Result<i64, Malformed> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Malformed("time"));
    }
    text.parse().map_err(|_| Malformed("time"))
}

/// `2026-11-22T04:18:23.5Z`: for people and for JSON.
pub(crate) fn rfc3339(micros: i64) -> String {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = civil_from_seconds(micros.div_euclid(SECOND));
    let fraction = format!(".{:06}", micros.rem_euclid(SECOND));
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

#[cfg(test)]
mod tests {
    use super::super::slice::Reader;
    use super::*;

    fn round(encoded: &[u8]) -> i64 {
        decode(Reader::new(encoded).required("time").unwrap()).unwrap()
    }

    #[test]
    fn signing_time_changes_form_in_2050() {
        let before = 2_524_607_999 * SECOND;
        assert_eq!(encode_signing_time(before).unwrap(), b"\x17\x0d491231235959Z");
        assert_eq!(
            encode_signing_time(before + SECOND).unwrap(),
            b"\x18\x0f20500101000000Z"
        );
        assert_eq!(
            encode_signing_time(-631_152_000 * SECOND).unwrap(),
            b"\x17\x0d500101000000Z"
        );
        assert_eq!(
            encode_signing_time(-631_152_001 * SECOND).unwrap(),
            b"\x18\x0f19491231235959Z"
        );
        assert!(encode_signing_time(i64::MAX).is_err());
        assert!(encode_signing_time(i64::MIN).is_err());
    }

    #[test]
    fn gen_time_has_no_trailing_zeros() {
        let at = 1_524_669_994 * SECOND;
        assert_eq!(encode_gen_time(at + 205_999).unwrap(), b"\x18\x1320180425152634.205Z");
        assert_eq!(encode_gen_time(at + 200_000).unwrap(), b"\x18\x1120180425152634.2Z");
        assert_eq!(encode_gen_time(at + 999).unwrap(), b"\x18\x0f20180425152634Z");
        assert_eq!(round(&encode_gen_time(at + 205_000).unwrap()), at + 205_000);
    }

    #[test]
    fn every_day_comes_back() {
        for day in (-200_000..1_000_000_i64).step_by(97) {
            let at = (day * 86_400 + 12_345) * SECOND;
            assert_eq!(round(&encode_gen_time(at).unwrap()), at, "day {day}");
        }
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(-500_000), "1969-12-31T23:59:59.5Z");
    }

    #[test]
    fn wrong_times_are_refused() {
        for text in [
            "20230229000000Z",
            "20230101240000Z",
            "20230101000000",
            "2023010100Z",
            "20230101000000.Z",
            "2023010100000+Z",
            "+0230101000000Z",
        ] {
            let element = write::tlv(tag::GENERALIZED_TIME, &[text.as_bytes()]);
            assert!(
                decode(Reader::new(&element).required("time").unwrap()).is_err(),
                "{text}"
            );
        }
    }
}
