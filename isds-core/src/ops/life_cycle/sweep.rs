//! How far a node has come in the orders of due dates.
//!
//! Rows of what was done stay in an index until the database cleans up: whoever began at its low end each time would
//! pass over a million of them to find the next one. So a node goes on where it stood. What may fall due behind it (the
//! term of a vault that has ended as well, a message that another node changed) is found by looking from the beginning
//! again: after each pass that did something, and once a minute. Where that found nothing, everything up to the moment of the
//! look is done, and the next look passes over nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::message::SideOf;
use crate::ports::{DuePlace, DuePlaces};
use crate::time::Timestamp;

/// How long what was found to be done is taken for granted, in microseconds of either clock.
const TRUSTED: i64 = 60_000_000;

/// One of the orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queue {
    Fiction,
    Sent,
    Received,
}

impl Queue {
    pub fn of(side: SideOf) -> Self {
        match side {
            SideOf::Sender => Self::Sent,
            SideOf::Recipient => Self::Received,
        }
    }
}

/// How far a node has come in one of the orders.
#[derive(Debug, Clone, Copy)]
struct Pass {
    /// Where it began: everything before is done.
    start: DuePlace,
    /// Where it stands.
    place: DuePlace,
    /// It changed something, so that something may fall due behind it.
    changed: bool,
}

impl Pass {
    const NEW: Self = Self {
        start: DuePlace::START,
        place: DuePlace::START,
        changed: false,
    };
}

#[derive(Debug)]
struct Passes {
    fiction: Pass,
    sent: Pass,
    received: Pass,
    /// When it was last looked from the very beginning, in legal and in real time.
    swept: Option<(Timestamp, Timestamp)>,
}

/// How far this node has come; each begins anew, and it does no harm.
#[derive(Debug)]
pub struct LifeCycleSweep(Mutex<Passes>);

impl Default for LifeCycleSweep {
    fn default() -> Self {
        Self(Mutex::new(Passes {
            fiction: Pass::NEW,
            sent: Pass::NEW,
            received: Pass::NEW,
            swept: None,
        }))
    }
}

impl LifeCycleSweep {
    fn passes(&self) -> MutexGuard<'_, Passes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The places behind which to look at this time.
    pub(super) fn places(&self, legal: Timestamp, real: Timestamp) -> DuePlaces {
        let mut passes = self.passes();
        let is_trusted = passes.swept.is_some_and(|(then_legal, then_real)| {
            let passed = |now: Timestamp, then: Timestamp| (0..TRUSTED).contains(&now.0.saturating_sub(then.0));
            passed(legal, then_legal) && passed(real, then_real)
        });
        if !is_trusted {
            passes.fiction = Pass::NEW;
            passes.sent = Pass::NEW;
            passes.received = Pass::NEW;
            passes.swept = Some((legal, real));
        }
        DuePlaces {
            fiction: passes.fiction.place,
            sent: passes.sent.place,
            received: passes.received.place,
        }
    }

    /// Everything up to the place was looked at; `changed`, where anything of it was.
    pub(super) fn passed(&self, queue: Queue, place: DuePlace, changed: bool) {
        let mut passes = self.passes();
        let pass = passes.of(queue);
        pass.place = place;
        pass.changed |= changed;
    }

    /// Something fell due behind the place: from the beginning.
    pub(super) fn begin_anew(&self, queue: Queue) {
        *self.passes().of(queue) = Pass::NEW;
    }

    /// Where to look for the next batch of a queue.
    pub(super) fn place(&self, queue: Queue) -> DuePlace {
        self.passes().of(queue).place
    }

    /// Nothing is due by `now` behind the place of a queue; whether it is to be looked from the beginning of the pass once more.
    pub(super) fn came_to_the_end(&self, queue: Queue, now: Timestamp) -> bool {
        self.passes().of(queue).came_to_the_end(now)
    }

    /// Nothing is due by `now` behind the place of any queue; whether one of them is to be looked from its beginning once more.
    pub(super) fn all_came_to_the_end(&self, now: Timestamp) -> bool {
        let mut passes = self.passes();
        let again = [Queue::Fiction, Queue::Sent, Queue::Received].map(|queue| passes.of(queue).came_to_the_end(now));
        again.contains(&true)
    }
}

impl Pass {
    fn came_to_the_end(&mut self, now: Timestamp) -> bool {
        let again = self.changed;
        if !again {
            self.start = DuePlace::end_of(now);
        }
        self.place = self.start;
        self.changed = false;
        again
    }
}

impl Passes {
    fn of(&mut self, queue: Queue) -> &mut Pass {
        match queue {
            Queue::Fiction => &mut self.fiction,
            Queue::Sent => &mut self.sent,
            Queue::Received => &mut self.received,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::MessageId;

    fn place(due: i64, id: i64) -> DuePlace {
        DuePlace {
            due: Timestamp(due),
            id: MessageId(id),
        }
    }

    #[test]
    fn a_pass_that_changed_something_is_looked_at_once_more() {
        let sweep = LifeCycleSweep::default();
        let begun = sweep.places(Timestamp(0), Timestamp(0));
        assert_eq!(begun, DuePlaces::START);
        sweep.passed(Queue::Sent, place(5, 1), true);
        assert_eq!(sweep.place(Queue::Sent), place(5, 1));
        assert!(sweep.came_to_the_end(Queue::Sent, Timestamp(9)));
        assert_eq!(sweep.place(Queue::Sent), DuePlace::START);
        sweep.passed(Queue::Sent, place(3, 1), false);
        assert!(!sweep.came_to_the_end(Queue::Sent, Timestamp(9)));
        assert_eq!(
            sweep.place(Queue::Sent),
            DuePlace::end_of(Timestamp(9)),
            "everything is done"
        );
        assert_eq!(sweep.place(Queue::Fiction), DuePlace::START);
        sweep.passed(Queue::Fiction, place(5, 1), true);
        assert!(sweep.all_came_to_the_end(Timestamp(9)));
        assert!(!sweep.all_came_to_the_end(Timestamp(9)));
    }

    #[test]
    fn what_was_found_is_trusted_for_a_minute() {
        let sweep = LifeCycleSweep::default();
        let at = |legal: i64, real: i64| sweep.places(Timestamp(legal), Timestamp(real)).sent;
        assert_eq!(at(0, 0), DuePlace::START);
        let done = place(5, 1);
        sweep.passed(Queue::Sent, done, false);
        assert_eq!(at(10, TRUSTED - 1), done);
        assert_eq!(at(10, TRUSTED), DuePlace::START);
        sweep.passed(Queue::Sent, done, false);
        assert_eq!(at(TRUSTED + 9, TRUSTED), done);
        assert_eq!(at(TRUSTED + 10, TRUSTED), DuePlace::START, "a wound clock");
        sweep.passed(Queue::Sent, done, false);
        assert_eq!(at(TRUSTED + 9, TRUSTED), DuePlace::START, "a clock that was set back");
    }
}
