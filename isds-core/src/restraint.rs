//! Restraint of traffic (manual M 1.9, operating rules II.17): how many calls of a box may run at once, and what calls
//! beyond a day's allowance cost. It is for web services; people in the mailbox are not held by it.

use std::time::Duration;

use jiff::civil::Date;

use crate::ids::{BoxId, IsdsId};
use crate::operation::Operation;
use crate::principal::Principal;
use crate::time::Timestamp;

/// Calls of one box at once that need no arrangement (manual M 1.10: "50 or more threads" need one).
pub const PARALLEL_CALLS: u32 = 49;
/// Greatest bound that can be set: places have numbers.
pub const MAX_PARALLEL_CALLS: u32 = 4000;
/// How long a call beyond the allowance waits, "T" of the contract (operating rules II.17).
pub const DELAY: Duration = Duration::from_secs(3);

/// The bounds of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestraintBounds {
    /// Most watched calls of one box at once; 3008 beyond.
    pub parallel_calls: u32,
    /// Watched calls a day of one account, beyond which it is held back. None, as in the contract: only accounts of boxes
    /// that the administrator restrains are.
    pub daily_calls: Option<u64>,
    /// How long a call beyond the allowance waits, in real time.
    pub delay: Duration,
}

impl Default for RestraintBounds {
    fn default() -> Self {
        Self {
            parallel_calls: PARALLEL_CALLS,
            daily_calls: None,
            delay: DELAY,
        }
    }
}

/// How a call is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// It takes a place among those of its box that run at once.
    pub parallel: bool,
    /// It counts towards the day's allowance of its account.
    pub daily: bool,
}

impl Watch {
    /// How calls of an operation are watched: those that the manual names, and no others.
    #[must_use]
    pub fn of(operation: Operation) -> Self {
        let parallel = matches!(
            operation,
            Operation::SignedMessageDownload
                | Operation::SignedSentMessageDownload
                | Operation::MessageDownload
                | Operation::GetListOfSentMessages
                | Operation::GetListOfReceivedMessages
        );
        let daily = parallel
            || matches!(
                operation,
                Operation::GetDeliveryInfo | Operation::GetSignedDeliveryInfo | Operation::MarkMessageAsDownloaded
            );
        Self { parallel, daily }
    }
}

/// An account of a box: a user of it, or the applications that call by its certificates.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account {
    /// Box.
    pub box_id: BoxId,
    /// User; none for applications.
    pub user: Option<IsdsId>,
}

impl Account {
    /// The account through which a web service is called; none for callers without a box and for people in the mailbox.
    #[must_use]
    pub fn of(caller: &Principal) -> Option<Self> {
        let own = caller.data_box.as_ref().filter(|_| caller.session.is_none())?;
        Some(Self {
            box_id: own.id,
            user: caller.membership.as_ref().map(|membership| membership.isds_id.clone()),
        })
    }
}

/// Calls of an account on a day (Czech calendar, real time).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCount {
    /// Day.
    pub day: Date,
    /// Account.
    pub account: Account,
    /// How many.
    pub calls: u64,
}

/// What the administrator set for a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxBounds {
    /// Most calls at once; none where the installation's bound holds, 0 where the box is not watched.
    pub parallel: Option<u32>,
    /// Calls a day of each of its accounts; none where the installation's holds, 0 where there is no allowance to exceed.
    pub daily: Option<u64>,
}

/// The same as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxRestraint {
    /// Box.
    pub box_id: BoxId,
    /// What was set.
    pub bounds: BoxBounds,
    /// Version over which a change is written; 0 before the first.
    pub version: i64,
    /// Who set it.
    pub by: Option<IsdsId>,
    /// When, in legal time.
    pub at: Timestamp,
}

impl RestraintBounds {
    /// Most calls of a box at once; none where it is not watched.
    #[must_use]
    pub fn parallel(&self, of_box: Option<BoxBounds>) -> Option<u32> {
        let bound = of_box.and_then(|bounds| bounds.parallel).unwrap_or(self.parallel_calls);
        (bound > 0).then_some(bound.min(MAX_PARALLEL_CALLS))
    }

    /// Calls a day that an account of a box has free; none where there are no bounds.
    #[must_use]
    pub fn daily(&self, of_box: Option<BoxBounds>) -> Option<u64> {
        let set = of_box.and_then(|bounds| bounds.daily).or(self.daily_calls);
        set.filter(|bound| *bound > 0)
    }

    /// How many of a box's places this node gives without asking the others: few, so that with several nodes little more
    /// than the bound runs at once; and some, so that a box with few calls at once costs nothing.
    #[must_use]
    pub fn free_places(bound: u32) -> u32 {
        bound / 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operations_that_the_manual_names_are_watched() {
        let watched = |part: fn(Watch) -> bool| {
            let fits = |operation: &&Operation| part(Watch::of(**operation));
            let mut names: Vec<_> = Operation::ALL.iter().filter(fits).map(|o| o.name()).collect();
            names.sort_unstable();
            names
        };
        let parallel = [
            "GetListOfReceivedMessages",
            "GetListOfSentMessages",
            "MessageDownload",
            "SignedMessageDownload",
            "SignedSentMessageDownload",
        ];
        assert_eq!(watched(|watch| watch.parallel), parallel);
        let mut daily = parallel.to_vec();
        daily.extend(["GetDeliveryInfo", "GetSignedDeliveryInfo", "MarkMessageAsDownloaded"]);
        daily.sort_unstable();
        assert_eq!(watched(|watch| watch.daily), daily);
    }

    #[test]
    fn what_is_set_for_a_box_goes_first() {
        let bounds = RestraintBounds {
            parallel_calls: 7,
            daily_calls: Some(100),
            delay: DELAY,
        };
        let set = |parallel, daily| Some(BoxBounds { parallel, daily });
        assert_eq!((bounds.parallel(None), bounds.daily(None)), (Some(7), Some(100)));
        assert_eq!(bounds.parallel(set(Some(3), None)), Some(3));
        assert_eq!(bounds.daily(set(Some(3), None)), Some(100));
        // Nought is no bound at all.
        assert_eq!(
            (
                bounds.parallel(set(Some(0), Some(0))),
                bounds.daily(set(Some(0), Some(0)))
            ),
            (None, None)
        );
        let usual = RestraintBounds::default();
        assert_eq!((usual.parallel(None), usual.daily(None)), (Some(49), None));
        assert_eq!(usual.daily(set(None, Some(5))), Some(5));
    }

    #[test]
    fn a_small_bound_is_kept_to_the_letter() {
        for (bound, free) in [(1, 0), (9, 0), (10, 1), (49, 4), (500, 50)] {
            assert_eq!(RestraintBounds::free_places(bound), free);
        }
    }
}
