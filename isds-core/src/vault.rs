//! The vault of a box: for how many messages, from which day to which, and how full it is.
//!
//! A box buys (or is granted) terms that follow each other. What expires while a term runs and has room goes into the
//! vault instead of being erased, and stays until the term ends; a following term takes over what it has room for.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::ids::BoxId;
use crate::postal::VaultTerm;
use crate::time::{Timestamp, start_of_day};

/// Smallest and largest capacity of a term, in messages.
pub const CAPACITIES: std::ops::RangeInclusive<i64> = 10..=1_000_000;
/// Days before the end of the last term at which the box is told.
const WARNING_DAYS: i64 = 30;

/// How a term came about (`ActDTType`, `FutDTType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultKind {
    /// 1: bought from credit.
    Credit = 1,
    /// 3: granted at a flat rate.
    Flat = 3,
    /// 4: on trial.
    Trial = 4,
    /// 6: as a promotion.
    Promotion = 6,
}

impl VaultKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Credit, Self::Flat, Self::Trial, Self::Promotion];

    /// Number on the wire and in the database.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// Kind with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A term of a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vault {
    /// How it came about.
    pub kind: VaultKind,
    /// Capacity and days.
    pub term: VaultTerm,
}

impl Vault {
    /// The first instant.
    #[must_use]
    pub fn begins(&self) -> Timestamp {
        start_of_day(self.term.from)
    }

    /// The first instant after it.
    #[must_use]
    pub fn ends(&self) -> Timestamp {
        start_of_day(self.term.to.saturating_add(1.day()))
    }

    /// When the box is told that it ends.
    #[must_use]
    pub fn warns(&self) -> Timestamp {
        let days = WARNING_DAYS.days();
        start_of_day(self.term.to.saturating_sub(days)).max(self.begins())
    }

    fn runs_at(&self, at: Timestamp) -> bool {
        self.begins() <= at && at < self.ends()
    }
}

/// A year from `first` on, the day before its anniversary included.
#[must_use]
pub fn a_year_from(first: Date) -> (Date, Date) {
    (first, first.saturating_add(1.year()).saturating_sub(1.day()))
}

/// What a box has of vaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultAccount {
    /// Whose.
    pub box_id: BoxId,
    /// How many messages lie in it.
    pub used: i64,
    /// Terms that have not ended, in their order. They do not overlap.
    pub terms: Vec<Vault>,
}

impl VaultAccount {
    /// Of a box that never had any.
    #[must_use]
    pub fn none(box_id: BoxId) -> Self {
        Self {
            box_id,
            used: 0,
            terms: Vec::new(),
        }
    }

    /// The term that runs at the legal time `at`.
    #[must_use]
    pub fn running_at(&self, at: Timestamp) -> Option<&Vault> {
        self.terms.iter().find(|vault| vault.runs_at(at))
    }

    /// The term that begins after the legal time `at`.
    #[must_use]
    pub fn following(&self, at: Timestamp) -> Option<&Vault> {
        self.terms.iter().find(|vault| vault.begins() > at)
    }

    /// Whether something bought on `today` begins when the present term has ended, or at once; none where a following
    /// term is there already.
    #[must_use]
    pub fn next_first_day(&self, today: Date) -> Option<Date> {
        match self.terms.last() {
            None => Some(today),
            Some(last) if last.term.from <= today => Some(last.term.to.saturating_add(1.day())),
            Some(_) => None,
        }
    }
}

/// How full a vault became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultFill {
    /// Nine tenths.
    Nearly,
    /// To the last place.
    Full,
}

impl VaultFill {
    /// What is to be told when `used` became `used + 1` of `capacity`.
    #[must_use]
    pub fn reached(used: i64, capacity: i64) -> Option<Self> {
        let nearly = capacity - capacity / 10;
        match used + 1 {
            now if now == capacity => Some(Self::Full),
            now if now == nearly => Some(Self::Nearly),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn vault(from: Date, to: Date) -> Vault {
        Vault {
            kind: VaultKind::Credit,
            term: VaultTerm { capacity: 20, from, to },
        }
    }

    #[test]
    fn terms_follow_each_other() {
        let mut account = VaultAccount::none("nvak22s".parse().unwrap());
        let today = date(2026, 9, 1);
        assert_eq!(account.next_first_day(today), Some(today));
        let (from, to) = a_year_from(today);
        assert_eq!(to, date(2027, 8, 31));
        account.terms.push(vault(from, to));
        assert_eq!(account.next_first_day(today), Some(date(2027, 9, 1)));
        assert_eq!(account.running_at(start_of_day(to)), account.terms.first());
        assert_eq!(account.running_at(start_of_day(date(2027, 9, 1))), None);
        let (from, to) = a_year_from(date(2027, 9, 1));
        account.terms.push(vault(from, to));
        assert_eq!(account.next_first_day(today), None, "one that follows is enough");
        assert_eq!(account.following(start_of_day(today)), account.terms.last());
        assert_eq!(account.terms[0].ends(), account.terms[1].begins());
        assert_eq!(account.terms[0].warns(), start_of_day(date(2027, 8, 1)));
    }

    #[test]
    fn a_vault_that_fills_up_says_so_once_each() {
        let told: Vec<_> = (0..20)
            .filter_map(|used| Some((used + 1, VaultFill::reached(used, 20)?)))
            .collect();
        assert_eq!(told, [(18, VaultFill::Nearly), (20, VaultFill::Full)]);
    }
}
