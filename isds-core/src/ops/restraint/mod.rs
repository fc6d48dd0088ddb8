//! Restraint of traffic: what happens to a call before it is served.
//!
//! Who is far below the bounds costs a look into the memory of the node. Only where a box has more than a few calls in
//! flight on a node, or an account is beyond its allowance, are the other nodes asked (`docs/decisions/0032`).

mod book;
mod console;

use crate::error::{Chain, Failure, Refusal};
use crate::operation::Operation;
use crate::ports::{Observation, Place, RestraintKind, StoreResult};
use crate::principal::Principal;
use crate::restraint::{Account, RestraintBounds, Watch};
use crate::status::Status;

use super::Isds;

pub use book::RestraintBook;
pub use console::{BoxCalls, BusyAccount, RestraintView};

use book::InFlight;

/// A call that was let in. What it holds is given back when this is dropped: keep it until the answer is sent.
#[derive(Debug, Default)]
pub struct Admission {
    _in_flight: Option<InFlight>,
    _place: Option<Place>,
    _turn: Option<Place>,
}

impl Isds {
    /// Lets a call of a web service in, at once or after the contract's delay.
    ///
    /// # Errors
    /// 3008 where too many calls of the box run already, 3009 where another call of an account runs that is beyond its
    /// allowance.
    pub async fn admit_call(&self, caller: &Principal, operation: Operation) -> Result<Admission, Failure> {
        let watch = Watch::of(operation);
        let Some(account) = Account::of(caller).filter(|_| watch.daily) else {
            return Ok(Admission::default());
        };
        let of_box = self.restraint.bounds_of(account.box_id);
        let mut admission = Admission::default();
        if let (true, Some(bound)) = (watch.parallel, self.limits.restraint.parallel(of_box)) {
            self.take_its_place(&account, bound, &mut admission).await?;
        }
        let today = self.clock.real().local_date();
        let calls = self.restraint.count(today, &account);
        if self.limits.restraint.daily(of_box).is_some_and(|free| calls > free) {
            admission._turn = self.hold_back(&account).await?;
        }
        Ok(admission)
    }

    /// A place among those of the box that run at once.
    async fn take_its_place(&self, account: &Account, bound: u32, admission: &mut Admission) -> Result<(), Failure> {
        let (in_flight, here) = self.restraint.enter(account.box_id);
        admission._in_flight = Some(in_flight);
        let free = RestraintBounds::free_places(bound);
        if here <= free {
            return Ok(());
        }
        if here <= bound {
            let name = format!("parallel {}", account.box_id);
            match self.answered(self.store.take_place(&name, bound - free).await) {
                Asked::Taken(place) => {
                    admission._place = Some(place);
                    return Ok(());
                }
                Asked::Unknown => return Ok(()),
                Asked::Full => {}
            }
        }
        self.observer.note(Observation::Restrained(RestraintKind::Parallel));
        let refusal = Refusal::about(Status::TOO_MANY_PARALLEL_CALLS, account.box_id.as_str());
        Err(refusal.into())
    }

    /// One call at a time, each after the delay.
    async fn hold_back(&self, account: &Account) -> Result<Option<Place>, Failure> {
        let user = account.user.as_ref().map_or("", |user| user.0.as_str());
        let name = format!("account {} {user}", account.box_id);
        let turn = self.answered(self.store.take_place(&name, 1).await);
        let kind = match &turn {
            Asked::Full => RestraintKind::Busy,
            Asked::Taken(_) | Asked::Unknown => RestraintKind::Delayed,
        };
        self.observer.note(Observation::Restrained(kind));
        tokio::time::sleep(self.limits.restraint.delay).await;
        match turn {
            Asked::Full => Err(Failure::refused(Status::ACCOUNT_IS_BUSY)),
            Asked::Taken(place) => Ok(Some(place)),
            Asked::Unknown => Ok(None),
        }
    }

    /// Where the nodes cannot be asked, what this one knows decides: restraint protects the service, and must not be what
    /// stops it.
    fn answered(&self, answer: StoreResult<Option<Place>>) -> Asked {
        match answer {
            Ok(Some(place)) => Asked::Taken(place),
            Ok(None) => Asked::Full,
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "other nodes cannot be asked how many calls run");
                Asked::Unknown
            }
        }
    }

    /// Writes what this node counted, learns what the others did, and what was set for boxes. To be called each second.
    ///
    /// # Errors
    /// Failures of the database; what was not written stays to be written.
    pub async fn keep_restraint(&self) -> Result<(), Failure> {
        let today = self.clock.real().local_date();
        let times_set = self.restraint.times_set();
        self.restraint
            .kept(self.store.list_restraints(book::BOXES).await?, times_set);
        for counts in self.restraint.unwritten().chunks(book::BATCH) {
            let node = self.restraint.node(&*self.random);
            let known = self.store.add_calls(node, counts).await?;
            self.restraint.written(counts, &known);
        }
        if self.restraint.begins(today) {
            let before = today.saturating_sub(jiff::Span::new().days(book::DAYS));
            self.store.forget_calls(before).await?;
        }
        Ok(())
    }
}

enum Asked {
    Taken(Place),
    Full,
    Unknown,
}
