//! A deadline as a ring with days, and in words beside it.

use std::borrow::Cow;

use askama::Template;
use askama::filters::HtmlSafe;
use isds_core::deadline::days_until;
use isds_core::time::Timestamp;
use jiff::civil::Date;

use crate::page::Page;

/// A deadline, ready to be shown.
#[derive(Template)]
#[template(path = "lists/ring.html")]
pub(crate) struct Ring {
    /// Days left; negative where it has passed.
    days: i64,
    /// Part of the ring that is drawn, in hundredths.
    part: i64,
    words: Cow<'static, str>,
    day: String,
}

/// Its template escapes what it shows.
impl HtmlSafe for Ring {}

impl Ring {
    /// The deadline at the end of `day`; a whole ring is `whole` days.
    pub(crate) fn of(page: &Page, now: Timestamp, day: Date, whole: i64) -> Self {
        let days = days_until(now, day);
        let words = match days {
            0 => page.t("lists-days-today"),
            1.. => page.tn("lists-days-left", &days),
            _ => page.tn("lists-days-over", &(-days)),
        };
        Self {
            days,
            part: if days < 0 {
                100
            } else {
                (days * 100 / whole.max(1)).clamp(4, 100)
            },
            words,
            day: page.day(&day),
        }
    }

    /// What stands in the ring.
    fn number(&self) -> String {
        if self.days < -99 || self.days > 999 {
            "…".to_owned()
        } else {
            self.days.to_string()
        }
    }

    /// How pressing it is, as a class.
    fn class(&self) -> &'static str {
        match self.days {
            ..0 => "ring-over",
            0..=2 => "ring-soon",
            _ => "ring-later",
        }
    }
}
