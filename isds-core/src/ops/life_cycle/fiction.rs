//! Delivery by fiction (act 300/2008, section 17, paragraph 4).

use std::collections::HashSet;

use crate::audit::{AuditAction, AuditSubject};
use crate::deadline::Fiction;
use crate::error::{Chain, Failure};
use crate::ids::MessageId;
use crate::message::{Input, Message};
use crate::ops::notices::Before;
use crate::ops::process_message::Step;
use crate::ports::{DuePlace, MessageChange, Stay, StoreError};
use crate::time::Timestamp;

use super::super::Isds;
use super::BATCH;
use super::sweep::Queue;

impl Isds {
    /// Counts when fiction strikes for one batch of what an older version delivered into boxes, which knew no fiction;
    /// answers how many messages were changed.
    pub(super) async fn count_fictions(&self) -> Result<u64, Failure> {
        let uncounted = self.store.list_uncounted_fictions(BATCH).await?;
        if uncounted.is_empty() {
            return Ok(0);
        }
        let changes = uncounted
            .iter()
            .map(|message| {
                let until = counted(message);
                Ok(Step::of(message).then(Input::PutOffFiction { until })?.into_change())
            })
            .collect::<Result<Vec<_>, Failure>>()?;
        match self.store.apply_changes(&changes).await {
            Ok(()) => {}
            // Somebody signed in meanwhile; what is left is found again.
            Err(StoreError::Conflict) => return Ok(1),
            Err(error) => return Err(error.into()),
        }
        // It may have struck long ago.
        self.life_cycle.begin_anew(Queue::Fiction);
        Ok(changes.len() as u64)
    }

    /// Delivers one batch of what fell due by `now`; answers how many messages were changed.
    pub(super) async fn deliver_by_fiction(&self, now: Timestamp) -> Result<u64, Failure> {
        let after = self.life_cycle.place(Queue::Fiction);
        let due = self.store.list_due_fictions(now, after, BATCH).await?;
        let Some(last) = due.last().map(place) else {
            return Ok(u64::from(self.life_cycle.came_to_the_end(Queue::Fiction, now)));
        };
        let unattended = self.unattended(&due, now).await?;
        let mut changes = Vec::with_capacity(due.len());
        for message in &due {
            match fiction(message, now, unattended.contains(&message.id)) {
                Ok(change) => changes.push((change, Before::from(message))),
                // The others do not wait for it.
                Err(failure) => {
                    tracing::error!(dm_id = message.id.0, error = %Chain(&failure), "fiction cannot be noted");
                }
            }
        }
        let told = changes.iter_mut().map(|(change, before)| (change, *before));
        self.tell_of_changes(told.collect()).await?;
        let changes: Vec<MessageChange> = changes.into_iter().map(|(change, _)| change).collect();
        match self.store.apply_changes(&changes).await {
            Ok(()) => {}
            // Somebody signed in meanwhile; what is left is found again.
            Err(StoreError::Conflict) => return Ok(1),
            Err(error) => return Err(error.into()),
        }
        for change in changes.iter().filter(|change| !change.events.is_empty()) {
            self.record_system(AuditAction::DeliveredByFiction, AuditSubject::message(change.id));
        }
        self.life_cycle.passed(Queue::Fiction, last, !changes.is_empty());
        Ok(changes.len() as u64)
    }
}

impl Isds {
    /// Which of the messages that fiction has delivered by `at` lay in a box in which there was no user all the time,
    /// from their delivery into it to fiction (EV6).
    pub(in crate::ops) async fn unattended(
        &self,
        messages: &[Message],
        at: Timestamp,
    ) -> Result<HashSet<MessageId>, Failure> {
        let stays: Vec<Stay> = messages
            .iter()
            .filter(|message| message.state.fiction_due.is_some_and(|due| due <= at))
            .filter_map(|message| {
                Some(Stay {
                    message: message.id,
                    box_id: message.envelope.recipient,
                    from: message.state.delivered_in?,
                    until: counted(message)?,
                })
            })
            .collect();
        if stays.is_empty() {
            return Ok(HashSet::new());
        }
        Ok(self.store.list_unattended(&stays).await?.into_iter().collect())
    }
}

/// When fiction strikes a message that waits, where it does.
fn counted(message: &Message) -> Option<Timestamp> {
    let delivered_in = message.state.delivered_in.unwrap_or(message.state.submitted);
    let date = Fiction::of(&message.envelope, message.kind, delivered_in).date();
    date.map(|date| date.at)
}

/// Where a message stands in the order of fiction.
fn place(message: &Message) -> DuePlace {
    DuePlace {
        due: message.state.fiction_due.unwrap_or(message.state.submitted),
        id: message.id,
    }
}

/// The event carries the time at which fiction struck, not that at which a job found it. The date is counted again:
/// one that was kept under an older rule, or by a version of this system that kept none, is only moved.
fn fiction(message: &Message, now: Timestamp, without_user: bool) -> Result<MessageChange, Failure> {
    let input = match counted(message) {
        Some(at) if at <= now => Input::Fiction { at, without_user },
        until => Input::PutOffFiction { until },
    };
    Ok(Step::of(message).then(input)?.into_change())
}
