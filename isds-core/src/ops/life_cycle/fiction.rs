//! Delivery by fiction (act 300/2008, section 17, paragraph 4).

use std::collections::HashSet;

use crate::audit::{AuditAction, AuditSubject};
use crate::deadline::Fiction;
use crate::error::Failure;
use crate::ids::BoxId;
use crate::message::{Input, Message};
use crate::ops::notices::Before;
use crate::ops::process_message::Step;
use crate::ports::{MessageChange, StoreError};
use crate::time::Timestamp;

use super::super::Isds;
use super::BATCH;

impl Isds {
    /// Delivers one batch of what fell due by `now`; answers how many messages were changed.
    pub(super) async fn deliver_by_fiction(&self, now: Timestamp) -> Result<u64, Failure> {
        let due = self.store.list_due_fictions(now, BATCH).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let mut recipients: Vec<BoxId> = due.iter().map(|message| message.envelope.recipient).collect();
        recipients.sort_unstable();
        recipients.dedup();
        let empty = self.store.list_boxes_without_users(&recipients).await?;
        let empty: HashSet<BoxId> = empty.into_iter().collect();
        let mut changes = Vec::with_capacity(due.len());
        for message in &due {
            changes.push(fiction(message, now, empty.contains(&message.envelope.recipient))?);
        }
        let told = changes.iter_mut().zip(due.iter().map(Before::from));
        self.tell_of_changes(told.collect()).await?;
        match self.store.apply_changes(&changes).await {
            Ok(()) => {}
            // Somebody signed in meanwhile; what is left is found again.
            Err(StoreError::Conflict) => return Ok(1),
            Err(error) => return Err(error.into()),
        }
        for change in changes.iter().filter(|change| !change.events.is_empty()) {
            self.record_system(AuditAction::DeliveredByFiction, AuditSubject::message(change.id));
        }
        Ok(changes.len() as u64)
    }
}

/// The event carries the time at which fiction struck, not that at which a job found it. The date is counted again:
/// one that was kept under an older rule, or by a version of this system that kept none, is only moved.
fn fiction(message: &Message, now: Timestamp, without_user: bool) -> Result<MessageChange, Failure> {
    let delivered_in = message.state.delivered_in.unwrap_or(message.state.submitted);
    let counted = Fiction::of(&message.envelope, message.kind, delivered_in).date();
    let input = match counted.map(|date| date.at) {
        Some(at) if at <= now => Input::Fiction { at, without_user },
        until => Input::PutOffFiction { until },
    };
    Ok(Step::of(message).then(input)?.into_change())
}
