//! What waits in a box to be delivered by the caller's looking at the list: told without delivering anything.

use crate::data_box::DataBox;
use crate::deadline::Fiction;
use crate::envelope::MessageKind;
use crate::error::Failure;
use crate::ids::{BoxId, MessageId};
use crate::message::Phase;
use crate::operation::Operation;
use crate::ports::{MessageRecord, WaitingQuery};
use crate::principal::Principal;
use crate::privileges::Privileges;
use crate::time::Timestamp;

use super::super::Isds;

/// How many waiting messages are told one by one.
const TOLD: u64 = 20;
/// How far they are counted.
pub(super) const COUNTED: u64 = 1_000;

/// A message that waits. Its subject is not told: whoever may read it is delivered to by looking at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingMessage {
    /// Number.
    pub id: MessageId,
    /// Sender.
    pub sender: BoxId,
    /// Name of the sender.
    pub sender_name: String,
    /// For personal delivery.
    pub personal: bool,
    /// Since when it has been in the box.
    pub since: Timestamp,
    /// When it was delivered by fiction, where it was.
    pub delivered_by_fiction: Option<Timestamp>,
    /// The recipient is an authority, to which a message counts as delivered by being put into its box.
    pub delivered_to_authority: bool,
    /// What fiction does to it, or did.
    pub fiction: Fiction,
}

/// What waits in a box.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many messages the caller's opening of the inbox would deliver, counted up to a thousand.
    pub count: u64,
    /// There are more than were counted.
    pub more: bool,
    /// The oldest of them.
    pub messages: Vec<WaitingMessage>,
    /// How many others wait that the caller may not read, and therefore does not deliver.
    pub others: u64,
}

impl Isds {
    /// What waits in the caller's box. Delivers nothing.
    ///
    /// # Errors
    /// 1004 where the caller may not see lists.
    pub async fn waiting(&self, caller: &Principal) -> Result<Waiting, Failure> {
        let own = caller.authorize(Operation::GetListOfReceivedMessages)?;
        let own = self.store.lookup_box(own.id).await?.unwrap_or_else(|| own.clone());
        let query = |personal, limit| WaitingQuery {
            box_id: own.id,
            personal,
            accessible: own.state.is_accessible(),
            limit,
        };
        let all = self.store.count_waiting(&query(true, COUNTED)).await?;
        if all == 0 {
            return Ok(Waiting::default());
        }
        let personal = caller.privileges.allows(Privileges::READ_ALL);
        let count = if personal {
            all
        } else if caller.privileges.may_read(false) {
            self.store.count_waiting(&query(false, COUNTED)).await?
        } else {
            0
        };
        let records = if count > 0 {
            self.store.list_waiting_records(&query(personal, TOLD)).await?
        } else {
            Vec::new()
        };
        Ok(Waiting {
            count,
            more: count == COUNTED,
            messages: records.iter().filter_map(|record| waiting(record, &own)).collect(),
            others: all - count,
        })
    }

    /// Opens the inbox: delivers what waits, as `GetListOfReceivedMessages` does. The only thing in the mailbox that
    /// delivers.
    ///
    /// # Errors
    /// 1004, 3006 where delivering takes too long: what was delivered stays so, the next call goes on.
    pub async fn open_inbox(&self, caller: &Principal) -> Result<(), Failure> {
        let own = caller.authorize(Operation::GetListOfReceivedMessages)?;
        self.deliver_by_login(caller, own).await
    }
}

fn waiting(record: &MessageRecord, own: &DataBox) -> Option<WaitingMessage> {
    let since = record.state.delivered_in?;
    let envelope = &record.envelope;
    Some(WaitingMessage {
        id: record.id,
        sender: envelope.sender,
        sender_name: envelope.sender_name.clone(),
        personal: envelope.personal_delivery(),
        since,
        delivered_by_fiction: record.state.accepted.filter(|_| record.state.phase == Phase::Fiction),
        delivered_to_authority: own.box_type.is_ovm() && !record.kind.is_postal(),
        fiction: Fiction::of(envelope, record.kind, since),
    })
}

/// Whether the message waits for this caller: seeing it in a list would be delivery, so lists leave it out until then.
pub(super) fn waits_for(caller: &Principal, own: &DataBox, record: &MessageRecord) -> bool {
    let phase = record.state.phase;
    let opens = own.state.is_accessible() || phase == Phase::Fiction || record.kind == MessageKind::System;
    matches!(phase, Phase::DeliveredIn | Phase::Fiction)
        && opens
        && caller.privileges.may_read(record.envelope.personal_delivery())
}
