//! `GetDataBoxActivityStatus`: since when a box was accessible and when it was not (manual V 2.9).

use crate::box_state::BoxState;
use crate::error::{Failure, Refusal};
use crate::ids::{BoxId, BoxIdError};
use crate::operation::Operation;
use crate::ports::BoxStateChange;
use crate::principal::{Actor, Principal};
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;

/// A time in which a box was in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityPeriod {
    /// First instant of the interval asked for in which it was.
    pub from: Timestamp,
    /// Last one.
    pub to: Timestamp,
    /// `DbState`: 1 accessible, 0 not; to the system's own administrator the state itself.
    pub state: i32,
}

/// Periods of a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxActivity {
    /// Box.
    pub id: BoxId,
    /// Periods, oldest first.
    pub periods: Vec<ActivityPeriod>,
}

impl Isds {
    /// Periods of a box's states that touch the interval from `from` (from its founding) to `to` (to now). Of the future
    /// nothing is told.
    ///
    /// # Errors
    /// 1004 for anybody but an application of an authority and the system's own administrator, 1007 for what is no box
    /// ID, 2017 for an interval that ends before it begins, 5001 where there is no such box.
    pub async fn data_box_activity(
        &self,
        caller: &Principal,
        box_id: &str,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<BoxActivity, Failure> {
        let in_full = matches!(caller.actor, Actor::Operator(_));
        if !in_full && !caller.authorize(Operation::GetDataBoxActivityStatus)?.box_type.is_ovm() {
            return Err(Failure::refused(Status::NO_RIGHT));
        }
        let id = box_id
            .trim()
            .parse()
            .map_err(|_: BoxIdError| Refusal::of(Status::MALFORMED_BOX_ID))?;
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(Refusal::about(Status::SYNTAX, "baFrom je později než baTo.").into());
        }
        // Deleted boxes are known to the administrator alone.
        self.store
            .lookup_box(id)
            .await?
            .filter(|data_box| in_full || data_box.state != BoxState::Deleted)
            .ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?;
        let changes = self.store.list_box_states(id).await?;
        let now = self.clock.legal().to_millis();
        let to = to.unwrap_or(now).min(now);
        Ok(BoxActivity {
            id,
            periods: periods(&changes, from, to, in_full),
        })
    }
}

fn periods(changes: &[BoxStateChange], from: Option<Timestamp>, to: Timestamp, in_full: bool) -> Vec<ActivityPeriod> {
    let mut periods: Vec<ActivityPeriod> = Vec::new();
    for (n, change) in changes.iter().enumerate() {
        let begin = from.map_or(change.since, |from| from.max(change.since));
        let until = changes.get(n + 1).map_or(to, |next| next.since.min(to));
        // A state that ends where another begins is over by then; the interval itself includes its end.
        let over = changes.get(n + 1).is_some_and(|next| begin >= next.since);
        if begin > until || over {
            continue;
        }
        let state = if in_full {
            change.state.code()
        } else {
            i32::from(change.state.is_accessible())
        };
        match periods.last_mut() {
            Some(last) if last.state == state => last.to = until,
            _ => periods.push(ActivityPeriod {
                from: begin,
                to: until,
                state,
            }),
        }
    }
    periods
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(0).plus_seconds(seconds)
    }

    fn history() -> Vec<BoxStateChange> {
        [
            (10, BoxState::NotActivated),
            (20, BoxState::Accessible),
            (30, BoxState::TemporarilyDisabled),
            (40, BoxState::PermanentlyDisabled),
        ]
        .map(|(since, state)| BoxStateChange {
            since: at(since),
            state,
        })
        .to_vec()
    }

    fn seen(from: Option<i64>, to: i64, in_full: bool) -> Vec<(i64, i64, i32)> {
        periods(&history(), from.map(at), at(to), in_full)
            .into_iter()
            .map(|p| (p.from.0 / 1_000_000, p.to.0 / 1_000_000, p.state))
            .collect()
    }

    #[test]
    fn neighbours_alike_are_one_period() {
        assert_eq!(seen(None, 50, false), [(10, 20, 0), (20, 30, 1), (30, 50, 0)]);
        assert_eq!(
            seen(None, 50, true),
            [(10, 20, 3), (20, 30, 1), (30, 40, 2), (40, 50, 4)]
        );
    }

    #[test]
    fn an_interval_cuts() {
        assert_eq!(seen(Some(15), 25, false), [(15, 20, 0), (20, 25, 1)]);
        assert_eq!(seen(Some(0), 5, false), []);
        assert_eq!(seen(Some(60), 50, false), []);
    }

    #[test]
    fn one_instant_has_one_state() {
        assert_eq!(seen(Some(25), 25, false), [(25, 25, 1)]);
        assert_eq!(seen(Some(20), 20, false), [(20, 20, 1)]);
        assert_eq!(seen(Some(30), 30, false), [(30, 30, 0)]);
    }
}
