//! What time alone does to messages: fiction, the end of retention, the vault.
//!
//! Rows are their own queue: a due date stands in the row and is found by its index, so what a turn costs does not
//! depend on how many messages there are, and after an outage the oldest comes first. One node at a time works on it,
//! under a lease; that two do so after all (a lease that ran out under a node that stood still) does no harm, since
//! every change is written over the version it was computed from.

mod fiction;
mod retention;
mod sweep;
mod warnings;

use crate::error::Failure;
use crate::message::SideOf;
use crate::ports::Observation;
use crate::time::Timestamp;

use super::{Isds, Patience};

pub use sweep::LifeCycleSweep;

const LEASE: &str = "life-cycle";
/// Far more than a batch takes; after so long another node goes on where this one died, in real seconds.
const LEASE_SECONDS: i64 = 10;
/// How long a turn goes on taking batches, in real microseconds: messages that were just sent wait meanwhile.
const SHARE: i64 = 250_000;
/// Pause after a failure, in real seconds.
const PAUSE_SECONDS: i64 = 10;
/// Messages written in one transaction: enough to be quick, few enough for calls to get their turn between two.
const BATCH: u64 = 25;

/// What a turn did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct LifeCycleTurn {
    /// Messages changed.
    pub done: u64,
    /// Something is due, and another node is at it.
    pub elsewhere: bool,
}

impl Isds {
    /// Does what is due, for a short while.
    pub(super) async fn run_life_cycle(&self) -> Result<LifeCycleTurn, Failure> {
        let now = self.clock.legal().to_millis();
        let begun = self.clock.real();
        while !self.is_life_cycle_due(now, begun).await? {
            if !self.life_cycle.all_came_to_the_end(now) {
                return Ok(LifeCycleTurn::default());
            }
        }
        let until = begun.plus_seconds(LEASE_SECONDS);
        if !self.store.take_lease(LEASE, begun, until).await? {
            return Ok(LifeCycleTurn {
                done: 0,
                elsewhere: true,
            });
        }
        let worked = self.work_on_life_cycle(now, begun).await;
        let ended = self.clock.real();
        let free_at = match &worked {
            Ok(_) => ended,
            Err(_) => ended.plus_seconds(PAUSE_SECONDS),
        };
        self.store.move_lease(LEASE, free_at).await?;
        let changes = worked?;
        if changes > 0 {
            self.observer.note(Observation::LifeCycle { changes });
        }
        Ok(LifeCycleTurn {
            done: changes,
            elsewhere: false,
        })
    }

    /// Whether something is due behind the places to which this node has come.
    async fn is_life_cycle_due(&self, now: Timestamp, real: Timestamp) -> Result<bool, Failure> {
        let places = self.life_cycle.places(now, real);
        let warned_of = warnings::warned_of(now, real);
        Ok(self.store.is_life_cycle_due(now, &places, warned_of).await?)
    }

    /// Takes batches for a while; answers how many messages were changed.
    async fn work_on_life_cycle(&self, now: Timestamp, begun: Timestamp) -> Result<u64, Failure> {
        let (mut done, mut patience) = (0, Patience::default());
        loop {
            self.give_way(&mut patience).await;
            let batch = self.do_next_of_life_cycle(now).await?;
            done += batch;
            if batch == 0 || self.clock.real().0 - begun.0 > SHARE {
                return Ok(done);
            }
        }
    }

    /// Does one batch of what comes first; answers how many messages were changed. Each kind is through before the next begins,
    /// so what one leaves to a later one is found by it: fiction comes before retention, since what it delivers is kept by
    /// another measure.
    async fn do_next_of_life_cycle(&self, now: Timestamp) -> Result<u64, Failure> {
        let mut done = self.count_fictions().await?;
        if done == 0 {
            done = self.deliver_by_fiction(now).await?;
        }
        for side in [SideOf::Recipient, SideOf::Sender] {
            if done == 0 {
                done = self.end_retentions(side, now).await?;
            }
        }
        if done > 0 {
            return Ok(done);
        }
        Ok(self.warn_of_vaults(now).await?
            + self.warn_of_certificates(self.clock.real()).await?
            + self.warn_of_passwords(now).await?)
    }
}
