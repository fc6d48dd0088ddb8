//! What the administrator of the system sees and sets of restraint.

use jiff::civil::Date;

use crate::audit::{AuditAction, AuditSubject};
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::ports::StoreError;
use crate::principal::Principal;
use crate::restraint::{BoxBounds, BoxRestraint, CallCount, MAX_PARALLEL_CALLS, RestraintBounds};
use crate::status::Status;
use crate::system_message::{AnnouncementText, DueSystemMessage, SystemMessage};

use super::super::Isds;
use super::book;

/// Most accounts, and boxes with bounds of their own, that are shown.
const SHOWN: u64 = 100;
/// Most lines of one box: its accounts on several days.
const LINES: u64 = 500;
/// Greatest allowance.
const MAX_DAILY_CALLS: u64 = 1_000_000_000;
/// From so many tenths of its allowance on an account is near it.
const NEAR_TENTHS: u64 = 8;

/// An account on a day, and what it had free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyAccount {
    /// Its calls.
    pub count: CallCount,
    /// How many were free; none where there is no bound.
    pub free: Option<u64>,
}

impl BusyAccount {
    /// It is beyond what it had free, and held back.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.free.is_some_and(|free| self.count.calls > free)
    }

    /// It is near that.
    #[must_use]
    pub fn is_near(&self) -> bool {
        let near = |free: u64| self.count.calls >= free.saturating_mul(NEAR_TENTHS) / 10;
        !self.is_over() && self.free.is_some_and(near)
    }
}

/// Restraint at a glance.
#[derive(Debug, Clone)]
pub struct RestraintView {
    /// What holds where nothing else is set.
    pub bounds: RestraintBounds,
    /// Accounts with the most calls today.
    pub busiest: Vec<BusyAccount>,
    /// Boxes with bounds of their own.
    pub boxes: Vec<BoxRestraint>,
}

/// Restraint of one box.
#[derive(Debug, Clone)]
pub struct BoxCalls {
    /// What holds where nothing else is set.
    pub bounds: RestraintBounds,
    /// What is set for the box; of version 0 where nothing ever was.
    pub restraint: BoxRestraint,
    /// Today, in real time.
    pub today: Date,
    /// Its accounts on the last days, the newest first.
    pub accounts: Vec<BusyAccount>,
}

impl Isds {
    /// Restraint at a glance: what other nodes counted in the last second is not in it yet.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn restraint_view(&self, caller: &Principal) -> Result<RestraintView, Failure> {
        operator_only(caller)?;
        let today = self.clock.real().local_date();
        let boxes = self.store.list_restraints(book::BOXES).await?;
        let busiest = self.store.list_busiest(today, SHOWN).await?;
        let free = |count: &CallCount| {
            let own = boxes.iter().find(|kept| kept.box_id == count.account.box_id);
            self.limits.restraint.daily(own.map(|kept| kept.bounds))
        };
        let busiest = busiest
            .into_iter()
            .map(|count| BusyAccount {
                free: free(&count),
                count,
            })
            .collect();
        let is_set = |kept: &BoxRestraint| kept.bounds.parallel.is_some() || kept.bounds.daily.is_some();
        let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
        Ok(RestraintView {
            bounds: self.limits.restraint,
            busiest,
            boxes: boxes.into_iter().filter(is_set).take(shown).collect(),
        })
    }

    /// Calls of a box on the last days, and what is set for it.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn box_calls(&self, caller: &Principal, box_id: BoxId) -> Result<BoxCalls, Failure> {
        operator_only(caller)?;
        let today = self.clock.real().local_date();
        let since = today.saturating_sub(jiff::Span::new().days(book::DAYS));
        let restraint = self.kept_restraint(box_id).await?;
        let free = self.limits.restraint.daily(Some(restraint.bounds));
        let counts = self.store.list_calls_of_box(box_id, since, LINES).await?;
        Ok(BoxCalls {
            bounds: self.limits.restraint,
            accounts: counts.into_iter().map(|count| BusyAccount { count, free }).collect(),
            restraint,
            today,
        })
    }

    async fn kept_restraint(&self, box_id: BoxId) -> Result<BoxRestraint, StoreError> {
        let kept = self.store.lookup_restraint(box_id).await?;
        Ok(kept.unwrap_or(BoxRestraint {
            box_id,
            bounds: BoxBounds {
                parallel: None,
                daily: None,
            },
            version: 0,
            by: None,
            at: self.clock.legal(),
        }))
    }

    /// Sets the bounds of a box over the version that was seen; the box is told where an allowance is set or lifted
    /// (operating rules II.17). Other nodes follow within seconds.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 5001 for a box that there is not, 2007 for a bound that is
    /// none, and where somebody else was first.
    pub async fn restrain_box(
        &self,
        caller: &Principal,
        box_id: BoxId,
        bounds: BoxBounds,
        version: i64,
    ) -> Result<(), Failure> {
        operator_only(caller)?;
        let text = |bound: Option<u64>| bound.map_or_else(|| "usual".to_owned(), |bound| bound.to_string());
        let parallel = text(bounds.parallel.map(u64::from));
        let detail = format!("parallel = {parallel}, daily = {}", text(bounds.daily));
        let subject = AuditSubject::in_box(box_id).detail(detail);
        let work = self.write_restraint(caller, box_id, bounds, version);
        self.recorded(caller, AuditAction::LimitsChanged, subject, work).await
    }

    async fn write_restraint(
        &self,
        caller: &Principal,
        box_id: BoxId,
        bounds: BoxBounds,
        version: i64,
    ) -> Result<(), Failure> {
        let wrong = |rule: String| Failure::from(Refusal::about(Status::INVALID_STRUCTURE, rule));
        if bounds.parallel.is_some_and(|bound| bound > MAX_PARALLEL_CALLS) {
            return Err(wrong(format!("souběžných volání je nejvýše {MAX_PARALLEL_CALLS}.")));
        }
        if bounds.daily.is_some_and(|bound| bound > MAX_DAILY_CALLS) {
            return Err(wrong(format!("volání za den je nejvýše {MAX_DAILY_CALLS}.")));
        }
        let data_box = self.store.lookup_box(box_id).await?;
        data_box.ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?;
        let before = self.kept_restraint(box_id).await?;
        let restraint = BoxRestraint {
            box_id,
            bounds,
            version: version.saturating_add(1).max(1),
            by: caller.membership.as_ref().map(|membership| membership.isds_id.clone()),
            at: self.clock.legal().to_millis(),
        };
        let told = notice(before.bounds.daily, bounds.daily).map(|message| DueSystemMessage {
            recipient: box_id,
            message,
        });
        if !self.store.save_restraint(&restraint, told.as_slice()).await? {
            return Err(wrong(
                "omezení mezitím změnil někdo jiný; podívejte se na ně znovu.".to_owned(),
            ));
        }
        self.restraint.set(&restraint);
        if told.is_some() {
            self.job_added.notify_one();
        }
        Ok(())
    }
}

fn operator_only(caller: &Principal) -> Result<(), Refusal> {
    if caller.is_operator() {
        Ok(())
    } else {
        Err(Refusal::of(Status::NO_RIGHT))
    }
}

/// What a box is told when its allowance changes; nothing where it does not.
fn notice(before: Option<u64>, now: Option<u64>) -> Option<SystemMessage> {
    let set = |bound: Option<u64>| bound.filter(|bound| *bound > 0);
    let (subject, text) = match (set(before), set(now)) {
        (before, Some(free)) if before != Some(free) => (
            "Omezení provozu datové schránky",
            format!(
                "Volání webových služeb z Vaší datové schránky dlouhodobě překračuje přiměřený provoz. Každý účet schránky má odteď za den volných {free} sledovaných volání (stahování zpráv a doručenek, seznamy zpráv, označení stažení). Každé další v témže dni bude zpožděno a souběžné volání téhož účtu bude odmítnuto s kódem 3009. Portálu se omezení netýká."
            ),
        ),
        (Some(_), None) => (
            "Ukončení omezení provozu datové schránky",
            "Omezení volání webových služeb Vaší datové schránky bylo ukončeno.".to_owned(),
        ),
        _ => return None,
    };
    Some(SystemMessage::Announcement(AnnouncementText {
        subject: subject.to_owned(),
        paragraphs: vec![text],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(before: Option<u64>, now: Option<u64>) -> Option<String> {
        notice(before, now).map(|message| message.annotation().to_owned())
    }

    #[test]
    fn a_box_is_told_when_it_is_restrained_and_when_no_longer() {
        let begins = Some("Omezení provozu datové schránky".to_owned());
        let ends = Some("Ukončení omezení provozu datové schránky".to_owned());
        assert_eq!(subject(None, Some(5)), begins);
        assert_eq!(subject(Some(7), Some(5)), begins);
        assert_eq!(subject(Some(5), None), ends);
        assert_eq!(subject(Some(5), Some(0)), ends);
        for (before, now) in [(None, None), (Some(5), Some(5)), (Some(0), None), (None, Some(0))] {
            assert_eq!(subject(before, now), None);
        }
    }

    #[test]
    fn near_and_over() {
        let busy = |calls, free| BusyAccount {
            count: CallCount {
                day: jiff::civil::date(2026, 11, 22),
                account: crate::restraint::Account {
                    box_id: "mesta2j".parse().unwrap(),
                    user: None,
                },
                calls,
            },
            free,
        };
        let state = |calls, free| (busy(calls, free).is_near(), busy(calls, free).is_over());
        assert_eq!(state(79, Some(100)), (false, false));
        assert_eq!(state(80, Some(100)), (true, false));
        assert_eq!(state(100, Some(100)), (true, false));
        assert_eq!(state(101, Some(100)), (false, true));
        assert_eq!(state(1_000_000, None), (false, false));
    }
}
