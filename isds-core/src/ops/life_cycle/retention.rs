//! The end of retention: into the vault, or erased (act 300/2008, section 20; manual M 1.6).
//!
//! What is erased leaves its envelope, hash and events; the content goes when no side needs it any more.

use std::collections::HashMap;

use crate::audit::{AuditAction, AuditSubject};
use crate::envelope::MessageKind;
use crate::error::{Chain, Failure};
use crate::ids::BoxId;
use crate::message::{Input, Message, Phase, SideOf};
use crate::ops::process_message::Step;
use crate::ports::{DuePlace, MessageChange, StoreError};
use crate::system_message::DueSystemMessage;
use crate::time::Timestamp;
use crate::vault::{VaultAccount, VaultFill};

use super::super::Isds;
use super::BATCH;
use super::sweep::Queue;
use super::warnings;

impl Isds {
    /// Ends one batch of a side's retentions that fell due by `now`, and those of the other side that are due as well;
    /// answers how many messages were changed.
    pub(super) async fn end_retentions(&self, side: SideOf, now: Timestamp) -> Result<u64, Failure> {
        let queue = Queue::of(side);
        let after = self.life_cycle.place(queue);
        let due = self.store.list_due_retentions(side, now, after, BATCH).await?;
        let place = |message: &Message| {
            let due = message.state.side(side).due?;
            Some(DuePlace { due, id: message.id })
        };
        let (Some(first), Some(last)) = (due.first().and_then(place), due.last().and_then(place)) else {
            return Ok(u64::from(self.life_cycle.came_to_the_end(queue, now)));
        };
        let mut boxes: Vec<BoxId> = due
            .iter()
            .flat_map(|m| [m.envelope.sender, m.envelope.recipient])
            .collect();
        boxes.sort_unstable();
        boxes.dedup();
        // Judged is the moment at which each fell due, so terms that have ended since count as well.
        let vaults = self.store.list_vaults(&boxes, first.due).await?;
        let mut vaults: HashMap<BoxId, VaultAccount> = vaults.into_iter().map(|vault| (vault.box_id, vault)).collect();
        let freed = self.clock.real();
        let mut changes = Vec::with_capacity(due.len());
        for message in &due {
            match end_both(message, now, &mut vaults) {
                Ok(step) => changes.push((message, step.freeing(freed).into_change())),
                // The others do not wait for it.
                Err(failure) => {
                    tracing::error!(dm_id = message.id.0, error = %Chain(&failure), "a retention cannot end");
                }
            }
        }
        let (messages, changes): (Vec<&Message>, Vec<MessageChange>) = changes.into_iter().unzip();
        match self.store.apply_changes(&changes).await {
            Ok(()) => {}
            // Somebody marked or erased one meanwhile; what is left is found again.
            Err(StoreError::Conflict) => return Ok(1),
            Err(error) => return Err(error.into()),
        }
        for (message, change) in messages.into_iter().zip(&changes) {
            self.record_end(message, change);
        }
        self.life_cycle.passed(queue, last, !changes.is_empty());
        Ok(changes.len() as u64)
    }

    fn record_end(&self, before: &Message, change: &MessageChange) {
        for (side, box_id) in [
            (SideOf::Recipient, before.envelope.recipient),
            (SideOf::Sender, before.envelope.sender),
        ] {
            let (was, is) = (before.state.side(side), change.state.side(side));
            let action = if is.erased && !was.erased {
                AuditAction::RetentionEnded
            } else if is.in_vault && !was.in_vault {
                AuditAction::MessageKept
            } else {
                continue;
            };
            self.record_system(action, AuditSubject::message(before.id).of_box(Some(box_id)));
        }
    }
}

/// Both sides mostly fall due together: one change then, and not two.
fn end_both(message: &Message, now: Timestamp, vaults: &mut HashMap<BoxId, VaultAccount>) -> Result<Step, Failure> {
    let mut step = Step::of(message);
    for side in [SideOf::Recipient, SideOf::Sender] {
        if let Some(due) = message.state.side(side).due.filter(|due| *due <= now) {
            step = end(step, message, side, due, vaults)?;
        }
    }
    Ok(step)
}

/// Ends the retention of one side, due at `due`: into the vault whose term runs then and has room, which is counted at
/// once for the next of the batch; otherwise it is erased.
fn end(
    step: Step,
    message: &Message,
    side: SideOf,
    due: Timestamp,
    vaults: &mut HashMap<BoxId, VaultAccount>,
) -> Result<Step, Failure> {
    let box_id = match side {
        SideOf::Recipient => message.envelope.recipient,
        SideOf::Sender => message.envelope.sender,
    };
    let was_in = message.state.side(side).in_vault;
    // Messages of the system are not kept (contract, section 3), and what was infected is not either.
    let may_stay = message.kind != MessageKind::System && message.state.phase != Phase::Infected;
    let account = vaults.get_mut(&box_id).filter(|_| may_stay);
    let Some((account, vault)) = account.and_then(|account| {
        let vault = *account.running_at(due)?;
        Some((account, vault))
    }) else {
        return leave(step, side, box_id, was_in);
    };
    let capacity = vault.term.capacity;
    let input = Input::Expire {
        side,
        vault_until: Some(vault.ends()),
    };
    if was_in {
        // It is counted already; a term with less room keeps what it can, the oldest go first.
        if account.used <= capacity {
            return Ok(step.then(input)?);
        }
        account.used -= 1;
        return leave(step, side, box_id, was_in);
    }
    if account.used >= capacity {
        return leave(step, side, box_id, was_in);
    }
    let told = VaultFill::reached(account.used, capacity);
    account.used += 1;
    let step = step.then(input)?.counting(box_id, 1);
    Ok(match told {
        Some(fill) => step.telling(DueSystemMessage {
            recipient: box_id,
            message: warnings::filled(fill, capacity),
        }),
        None => step,
    })
}

/// Erases one side's copy, and takes it out of the vault where it lay in one.
fn leave(step: Step, side: SideOf, box_id: BoxId, was_in: bool) -> Result<Step, Failure> {
    let step = step.then(Input::Expire {
        side,
        vault_until: None,
    })?;
    Ok(if was_in { step.counting(box_id, -1) } else { step })
}
