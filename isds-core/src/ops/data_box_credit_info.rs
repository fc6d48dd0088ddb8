//! `DataBoxCreditInfo`: credit of a box and what became of it.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::postal::CreditEntry;
use crate::principal::Principal;
use crate::status::Status;
use crate::time::{Timestamp, parse_date, start_of_day};

use super::Isds;

/// How many months back may be asked for.
const OLDEST_MONTHS: i32 = 15;
/// Longest interval, in months.
const LONGEST_MONTHS: i32 = 12;
/// How many lines are answered at most. The contract knows no pages, and a list cut short would be taken for a whole
/// one, so a longer interval is refused.
const MAX_ENTRIES: u64 = 10_000;

/// Credit of a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditInfo {
    /// `currentCredit`, in hellers.
    pub balance: i64,
    /// Changes in the interval, newest first; nothing where only the balance was asked for.
    pub entries: Vec<CreditEntry>,
}

impl Isds {
    /// Credit of the caller's box (of any box for the administrator of the system), with its changes from the first day
    /// to the last, both inclusive; without either day only the balance (manual V 2.7).
    ///
    /// # Errors
    /// 2011 for what is no box ID, 1004 for another's box, 5001 where there is no such box; 1058 for a day that is none, for one without the other, and
    /// for days in the wrong order; 1093 for one more than 15 months ago; 1137 for more than 12 months, and for more
    /// changes than one answer holds.
    pub async fn data_box_credit_info(
        &self,
        caller: &Principal,
        box_id: &str,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<CreditInfo, Failure> {
        let id = self
            .own_or_any_box(caller, Operation::DataBoxCreditInfo, box_id)
            .await?
            .id;
        let now = self.clock.legal();
        let interval = interval(from, to, now)?;
        let mut account = self.store.lookup_credit(id).await?;
        if account.is_some_and(|account| account.available(now) != account.balance) {
            self.store.expire_credit(id, now).await?;
            account = self.store.lookup_credit(id).await?;
        }
        let entries = match interval {
            Some((from, until)) => self.store.list_credit_entries(id, from, until, MAX_ENTRIES + 1).await?,
            None => Vec::new(),
        };
        if entries.len() as u64 > MAX_ENTRIES {
            return Err(Failure::refused(Status::INTERVAL_TOO_LONG));
        }
        Ok(CreditInfo {
            balance: account.map_or(0, |account| account.available(now)),
            entries,
        })
    }
}

/// From the start of the first day until before the start of the day after the last.
fn interval(from: Option<&str>, to: Option<&str>, now: Timestamp) -> Result<Option<(Timestamp, Timestamp)>, Refusal> {
    let given = |text: Option<&str>| {
        text.map(str::trim)
            .filter(|text| !text.is_empty())
            .map(date)
            .transpose()
    };
    let (from, to) = match (given(from)?, given(to)?) {
        (None, None) => return Ok(None),
        (Some(from), Some(to)) if from <= to => (from, to),
        _ => return Err(Refusal::of(Status::INVALID_DATE)),
    };
    let months = |day: Date, months: i32| day.saturating_add(months.months());
    if from < months(now.local_date(), -OLDEST_MONTHS) {
        return Err(Refusal::of(Status::DATE_TOO_OLD));
    }
    if to > months(from, LONGEST_MONTHS) {
        return Err(Refusal::of(Status::INTERVAL_TOO_LONG));
    }
    Ok(Some((start_of_day(from), start_of_day(to.saturating_add(1.day())))))
}

fn date(text: &str) -> Result<Date, Refusal> {
    parse_date(text).map_err(|_| Refusal::of(Status::INVALID_DATE))
}
