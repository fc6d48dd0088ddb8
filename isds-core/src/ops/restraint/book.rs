//! What a node remembers of the calls that it serves.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::civil::Date;

use crate::ids::BoxId;
use crate::ports::Random;
use crate::restraint::{Account, BoxBounds, BoxRestraint, CallCount};

/// Most boxes with bounds of their own.
pub(super) const BOXES: u64 = 10_000;
/// Accounts whose counts are written in one transaction.
pub(super) const BATCH: usize = 500;
/// For how many days counts are kept: the contract looks at them by weeks.
pub(super) const DAYS: i64 = 8;
/// Most accounts that a node counts on one day; of more, those that come later are not held back by their allowance.
const ACCOUNTS: usize = 200_000;

/// What a node remembers of the calls that it serves. Nothing of it matters: what was not written when a node dies is the
/// count of the last second.
#[derive(Default)]
pub struct RestraintBook {
    node: OnceLock<String>,
    flying: Arc<Mutex<HashMap<BoxId, u32>>>,
    pages: Mutex<Pages>,
    bounds: Mutex<Bounds>,
}

#[derive(Default)]
struct Bounds {
    of_boxes: HashMap<BoxId, BoxBounds>,
    /// How often this node set some.
    set: u64,
}

#[derive(Default)]
struct Pages {
    begun: Option<Date>,
    calls: HashMap<(Date, Account), Calls>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Calls {
    /// What all nodes had written when it was last asked.
    known: u64,
    /// What this one counted since.
    unwritten: u64,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RestraintBook {
    /// The name of this node, chosen once.
    pub(super) fn node(&self, random: &dyn Random) -> &str {
        self.node.get_or_init(|| {
            let mut bytes = [0; 8];
            random.fill(&mut bytes);
            format!("{:016x}", u64::from_be_bytes(bytes))
        })
    }

    /// Counts a call among those of its box in flight; how many there are with it.
    pub(super) fn enter(&self, box_id: BoxId) -> (InFlight, u32) {
        let mut flying = locked(&self.flying);
        let here = flying.entry(box_id).or_insert(0);
        *here = here.saturating_add(1);
        let in_flight = InFlight {
            box_id,
            flying: Arc::clone(&self.flying),
        };
        (in_flight, *here)
    }

    /// Counts a call of an account on a day; how many there were with it, as far as this node knows.
    pub(super) fn count(&self, day: Date, account: &Account) -> u64 {
        let mut pages = locked(&self.pages);
        let full = pages.calls.len() >= ACCOUNTS;
        let key = (day, account.clone());
        if full && !pages.calls.contains_key(&key) {
            return 0;
        }
        let calls = pages.calls.entry(key).or_default();
        calls.unwritten = calls.unwritten.saturating_add(1);
        calls.known.saturating_add(calls.unwritten)
    }

    /// What is to be written.
    pub(super) fn unwritten(&self) -> Vec<CallCount> {
        let pages = locked(&self.pages);
        let counts = pages.calls.iter().filter(|(_, calls)| calls.unwritten > 0);
        let mut counts: Vec<_> = counts
            .map(|((day, account), calls)| CallCount {
                day: *day,
                account: account.clone(),
                calls: calls.unwritten,
            })
            .collect();
        // All nodes take their rows in the same order, and none waits for another that waits for it.
        counts.sort_unstable_by(|a, b| (a.day, &a.account).cmp(&(b.day, &b.account)));
        counts
    }

    /// Notes what was written, and what all nodes wrote together.
    pub(super) fn written(&self, counts: &[CallCount], known: &[u64]) {
        let mut pages = locked(&self.pages);
        for (count, known) in counts.iter().zip(known) {
            if let Some(calls) = pages.calls.get_mut(&(count.day, count.account.clone())) {
                calls.unwritten = calls.unwritten.saturating_sub(count.calls);
                calls.known = *known;
            }
        }
    }

    /// Whether a day begins; what was counted before it is forgotten, but for what is not written yet.
    pub(super) fn begins(&self, today: Date) -> bool {
        let mut pages = locked(&self.pages);
        if pages.begun == Some(today) {
            return false;
        }
        pages.begun = Some(today);
        pages
            .calls
            .retain(|(day, _), calls| *day >= today || calls.unwritten > 0);
        true
    }

    /// How often this node set bounds: to be asked before they are read.
    pub(super) fn times_set(&self) -> u64 {
        locked(&self.bounds).set
    }

    /// Notes what was set for boxes, as it was read after [`RestraintBook::times_set`]. What this node set meanwhile is
    /// newer than what was read, and stays until the next time.
    pub(super) fn kept(&self, restraints: Vec<BoxRestraint>, times_set: u64) {
        let mut bounds = locked(&self.bounds);
        if bounds.set == times_set {
            bounds.of_boxes = restraints.into_iter().map(|kept| (kept.box_id, kept.bounds)).collect();
        }
    }

    /// What was set for a box.
    pub(super) fn bounds_of(&self, box_id: BoxId) -> Option<BoxBounds> {
        locked(&self.bounds).of_boxes.get(&box_id).copied()
    }

    /// Notes at once what was set for a box by this node.
    pub(super) fn set(&self, restraint: &BoxRestraint) {
        let mut bounds = locked(&self.bounds);
        bounds.set = bounds.set.wrapping_add(1);
        bounds.of_boxes.insert(restraint.box_id, restraint.bounds);
    }

    /// Forgets everything but what is in flight: for a reset.
    pub fn clear(&self) {
        *locked(&self.pages) = Pages::default();
        let mut bounds = locked(&self.bounds);
        bounds.set = bounds.set.wrapping_add(1);
        bounds.of_boxes.clear();
    }
}

/// A call in flight.
pub(super) struct InFlight {
    box_id: BoxId,
    flying: Arc<Mutex<HashMap<BoxId, u32>>>,
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight").finish_non_exhaustive()
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut flying = locked(&self.flying);
        if let Some(here) = flying.get_mut(&self.box_id) {
            *here -= 1;
            if *here == 0 {
                flying.remove(&self.box_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn account(text: &str) -> Account {
        Account {
            box_id: text.parse().unwrap(),
            user: None,
        }
    }

    #[test]
    fn who_goes_gives_the_place_back() {
        let book = RestraintBook::default();
        let id = account("mesta2j").box_id;
        let (first, here) = book.enter(id);
        assert_eq!(here, 1);
        let (second, here) = book.enter(id);
        assert_eq!(here, 2);
        drop(first);
        assert_eq!(book.enter(id).1, 2);
        drop(second);
        assert!(locked(&book.flying).is_empty());
    }

    #[test]
    fn what_others_counted_is_added() {
        let book = RestraintBook::default();
        let (day, one) = (date(2026, 11, 22), account("mesta2j"));
        assert_eq!(book.count(day, &one), 1);
        assert_eq!(book.count(day, &one), 2);
        let counts = book.unwritten();
        assert_eq!(counts.len(), 1);
        assert_eq!(counts[0].calls, 2);
        // One call comes while the others are being written; another node counted eight.
        assert_eq!(book.count(day, &one), 3);
        book.written(&counts, &[10]);
        assert_eq!(book.count(day, &one), 12);
        assert_eq!(book.unwritten()[0].calls, 2);
    }

    #[test]
    fn what_was_set_while_others_were_read_stays() {
        let book = RestraintBook::default();
        let box_id = account("mesta2j").box_id;
        let of = |daily| BoxRestraint {
            box_id,
            bounds: BoxBounds { parallel: None, daily },
            version: 1,
            by: None,
            at: crate::time::Timestamp(0),
        };
        let times_set = book.times_set();
        book.set(&of(Some(2)));
        book.kept(Vec::new(), times_set);
        assert_eq!(book.bounds_of(box_id), Some(of(Some(2)).bounds));
        book.kept(vec![of(Some(9))], book.times_set());
        assert_eq!(book.bounds_of(box_id), Some(of(Some(9)).bounds));
    }

    #[test]
    fn a_day_begins_at_nought() {
        let book = RestraintBook::default();
        let one = account("mesta2j");
        let (today, tomorrow) = (date(2026, 11, 22), date(2026, 11, 23));
        assert!(book.begins(today));
        assert!(!book.begins(today));
        assert_eq!(book.count(today, &one), 1);
        assert_eq!(book.count(tomorrow, &one), 1);
        assert!(book.begins(tomorrow));
        // What is not written yet still is.
        let counts = book.unwritten();
        assert_eq!(
            counts.iter().map(|count| count.day).collect::<Vec<_>>(),
            [today, tomorrow]
        );
        book.written(&counts, &[1, 1]);
        assert!(book.begins(date(2026, 11, 24)));
        assert!(locked(&book.pages).calls.is_empty());
    }
}
