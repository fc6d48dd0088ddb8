//! Figures of the whole system: counted now and then by one node, shown to everybody.
//!
//! Messages are counted by the day of their events, which are due times: fiction that was late to be recorded belongs to
//! a day that was counted before. So the last days are counted again every time, and all days before them in a walk
//! that goes round for ever, some at a time.

use std::pin::pin;
use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::error::Failure;
use crate::ports::{BoxFigure, CountingProgress, MessageFigures, MonthFigures};
use crate::time::{Timestamp, start_of_day};

use super::super::Isds;

/// Name of the lease.
const LEASE: &str = "statistics";
/// After so many real seconds another node counts where one died over it. One that lives keeps the lease.
const LEASE_SECONDS: i64 = 30;
/// How often it does.
const RENEWAL: Duration = Duration::from_secs(10);
/// Days behind the last counting that are counted again every time.
const SETTLING_DAYS: i32 = 3;
/// Days that one counting looks at, of those that are new and of those of the walk.
const DAYS_AT_ONCE: usize = 400;
/// A counting ends its walk when it came upon so many events.
const EVENTS_AT_ONCE: u64 = 200_000;
/// Counting rests so many times as long as it took: it takes one hundredth of one thread.
const REST: i64 = 100;
/// Least and most rest, in real seconds.
const LEAST_REST: i64 = 5;
const MOST_REST: i64 = 3_600;
/// Most months that are shown.
const MONTHS: u64 = 36;

/// How a figure grew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// In tenths of a per cent.
    pub permille: i64,
}

impl Growth {
    /// Growth from one figure to another; none from nothing.
    #[must_use]
    pub fn between(before: u64, after: u64) -> Option<Self> {
        let (before, after) = (i128::from(before), i128::from(after));
        if before == 0 {
            return None;
        }
        let (difference, half) = ((after - before) * 1000, before / 2);
        // Rounded to the nearest, halves away from zero.
        let permille = if difference < 0 {
            (difference - half) / before
        } else {
            (difference + half) / before
        };
        i64::try_from(permille).ok().map(|permille| Self { permille })
    }
}

/// A month with its growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthRow {
    /// First day and figures.
    pub month: MonthFigures,
    /// It is not over.
    pub running: bool,
    /// Messages sent against the month before; none for a month that is not over.
    pub on_month: Option<Growth>,
    /// Messages sent against the same month a year before; none for a month that is not over.
    pub on_year: Option<Growth>,
}

/// What everybody may see.
#[derive(Debug, Clone, Default)]
pub struct PublicFigures {
    /// Boxes by type and state.
    pub boxes: Vec<BoxFigure>,
    /// Messages by month, oldest first, months without any among them.
    pub months: Vec<MonthRow>,
    /// When it was counted, in real time; none before the first counting.
    pub counted: Option<Timestamp>,
}

impl Isds {
    /// Figures of the whole system as they were counted last. Needs no caller: they are public.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn public_figures(&self) -> Result<PublicFigures, Failure> {
        let months = self.store.list_month_figures(MONTHS + 12).await?;
        let progress = self.store.counting_progress().await?;
        Ok(PublicFigures {
            boxes: self.store.list_box_figures().await?,
            months: rows(&months, self.clock.legal().local_date()),
            counted: progress.map(|progress| progress.counted),
        })
    }

    /// Counts, where no other node does and enough time has passed since the last counting. Answers whether it did.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn count_statistics(&self) -> Result<bool, Failure> {
        let begun = self.clock.real();
        let until = begun.plus_seconds(LEASE_SECONDS);
        if !self.store.take_lease(LEASE, begun, until).await? {
            return Ok(false);
        }
        let counted = self.count_under_lease(begun).await;
        let took = (self.clock.real().0 - begun.0).max(0) / 1_000_000;
        let rest = (took * REST).clamp(LEAST_REST, MOST_REST);
        self.store
            .move_lease(LEASE, self.clock.real().plus_seconds(rest))
            .await?;
        counted.map(|()| true)
    }

    /// Counts, and keeps the lease meanwhile; broken off where the node ends.
    async fn count_under_lease(&self, begun: Timestamp) -> Result<(), Failure> {
        let mut counting = pin!(self.count_messages_and_boxes(begun));
        loop {
            tokio::select! {
                counted = &mut counting => return counted,
                () = self.ending.told() => return Ok(()),
                () = tokio::time::sleep(RENEWAL) => {
                    let until = self.clock.real().plus_seconds(LEASE_SECONDS);
                    self.store.move_lease(LEASE, until).await?;
                }
            }
        }
    }

    async fn count_messages_and_boxes(&self, counted: Timestamp) -> Result<(), Failure> {
        self.count_days(counted).await?;
        let boxes = self.store.count_boxes().await?;
        Ok(self.store.write_box_figures(&boxes).await?)
    }

    async fn count_days(&self, counted: Timestamp) -> Result<(), Failure> {
        let today = self.clock.legal().local_date();
        let first = self
            .store
            .first_submission()
            .await?
            .map_or(today, Timestamp::local_date);
        let progress = self.store.counting_progress().await?.unwrap_or(CountingProgress {
            through: first,
            walk: first,
            counted,
        });
        let recent = minus_days(progress.through.min(today), SETTLING_DAYS).max(minus_days(first, SETTLING_DAYS));
        let mut changed = Vec::new();
        let (through, _) = self.count_some_days(recent, today, u64::MAX, &mut changed).await?;
        // Round and round: a walk that came to the days that are counted anyway begins anew.
        let begin = if progress.walk < recent && progress.walk >= first {
            progress.walk
        } else {
            first
        };
        let walk = if begin < recent {
            let (last, _) = self
                .count_some_days(begin, minus_days(recent, 1), EVENTS_AT_ONCE, &mut changed)
                .await?;
            next_day(last)
        } else {
            first
        };
        let progress = CountingProgress { through, walk, counted };
        Ok(self.store.write_day_figures(&changed, &progress).await?)
    }

    /// Counts days from `from` to `to` up to the bounds, gathers those whose figures changed, and answers the last one
    /// that was counted.
    async fn count_some_days(
        &self,
        from: Date,
        to: Date,
        events: u64,
        changed: &mut Vec<(Date, MessageFigures)>,
    ) -> Result<(Date, u64), Failure> {
        let known = self.store.list_day_figures(from, to).await?;
        let (mut day, mut last, mut met) = (from, from, 0);
        for _ in 0..DAYS_AT_ONCE {
            let next = next_day(day);
            let figures = self.store.count_events(start_of_day(day), start_of_day(next)).await?;
            let before = known
                .iter()
                .find(|(known, _)| *known == day)
                .map(|(_, figures)| *figures);
            if before.unwrap_or_default() != figures {
                changed.push((day, figures));
            }
            met += figures.sent + figures.by_login + figures.by_fiction;
            last = day;
            if day >= to || met >= events {
                break;
            }
            day = next;
        }
        Ok((last, met))
    }
}

fn minus_days(day: Date, days: i32) -> Date {
    day.saturating_sub(days.days())
}

fn next_day(day: Date) -> Date {
    day.saturating_add(1.day())
}

/// Every month from the first to the running one, with its growth; the last [`MONTHS`] of them.
fn rows(months: &[MonthFigures], today: Date) -> Vec<MonthRow> {
    let Some(first) = months.first().map(|month| month.month) else {
        return Vec::new();
    };
    let of = |wanted: Date| {
        let known = months.iter().find(|month| month.month == wanted);
        known.map(|month| month.figures)
    };
    let mut rows = Vec::new();
    let mut month = first;
    while month <= today {
        let figures = of(month).unwrap_or_default();
        let running = next_month(month) > today;
        let against = |other: Date| {
            let before = of(other).filter(|_| !running)?;
            Growth::between(before.sent, figures.sent)
        };
        rows.push(MonthRow {
            month: MonthFigures { month, figures },
            running,
            on_month: against(month.saturating_sub(1.month())),
            on_year: against(month.saturating_sub(1.year())),
        });
        if next_month(month) <= month {
            break;
        }
        month = next_month(month);
    }
    let surplus = rows.len().saturating_sub(usize::try_from(MONTHS).unwrap_or(usize::MAX));
    rows.split_off(surplus)
}

fn next_month(month: Date) -> Date {
    month.saturating_add(1.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_in_tenths_of_a_per_cent() {
        let permille = |before, after| Growth::between(before, after).map(|growth| growth.permille);
        assert_eq!(permille(0, 7), None);
        assert_eq!(permille(100, 150), Some(500));
        assert_eq!(permille(3, 4), Some(333));
        assert_eq!(permille(3, 2), Some(-333));
        assert_eq!(permille(7, 0), Some(-1000));
        assert_eq!(permille(1, u64::MAX), None);
    }

    #[test]
    fn months_without_messages_stand_between() {
        let month = |year, month, sent| MonthFigures {
            month: Date::constant(year, month, 1),
            figures: MessageFigures {
                sent,
                ..MessageFigures::default()
            },
        };
        let months = [
            month(2025, 11, 100),
            month(2026, 1, 50),
            month(2026, 11, 120),
            month(2026, 12, 9),
        ];
        let rows = rows(&months, Date::constant(2026, 12, 24));
        assert_eq!(rows.len(), 14);
        let down = Some(Growth { permille: -1000 });
        assert_eq!((rows[1].month.figures.sent, rows[1].on_month), (0, down));
        assert_eq!(rows[2].on_month, None, "a month without figures is no measure");
        assert_eq!(rows[12].on_year, Some(Growth { permille: 200 }));
        assert!(
            rows[13].running && rows[13].on_month.is_none(),
            "a month that runs is no measure"
        );
        assert!(super::rows(&[], Date::constant(2026, 12, 24)).is_empty());
    }
}
