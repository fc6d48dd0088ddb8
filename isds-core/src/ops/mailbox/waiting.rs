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
    /// Since when it counts as delivered by fiction, where it does: the law does not wait for the system to write it
    /// down.
    pub delivered_by_fiction: Option<Timestamp>,
    /// The recipient is an authority, to which a message counts as delivered by being put into its box.
    pub delivered_to_authority: bool,
    /// What fiction does to it, or did.
    pub fiction: Fiction,
}

/// What opening the inbox means to the messages that wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Opening {
    /// It delivers them.
    #[default]
    Delivers,
    /// It delivers some; others count as delivered already, to an authority or by fiction.
    DeliversSome,
    /// They all count as delivered already.
    DeliversNone,
}

impl Opening {
    /// `all`: these are all the messages that wait.
    fn of(messages: &[WaitingMessage], all: bool) -> Self {
        let delivered = messages.iter().filter(|message| message.is_delivered()).count();
        match (delivered, all) {
            (0, true) => Self::Delivers,
            (count, true) if count == messages.len() => Self::DeliversNone,
            // Of those that are not told it is not known.
            _ => Self::DeliversSome,
        }
    }
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
    /// What opening the inbox means to them.
    pub opening: Opening,
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
        let now = self.clock.legal();
        let messages: Vec<WaitingMessage> = records
            .iter()
            .filter_map(|record| waiting(record, own.box_type.is_ovm(), now))
            .collect();
        Ok(Waiting {
            count,
            more: count == COUNTED,
            opening: Opening::of(&messages, messages.len() as u64 == count),
            messages,
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

impl WaitingMessage {
    /// Whether it counts as delivered although nobody has opened the inbox.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.delivered_to_authority || self.delivered_by_fiction.is_some()
    }
}

fn waiting(record: &MessageRecord, to_authority: bool, now: Timestamp) -> Option<WaitingMessage> {
    let since = record.state.delivered_in?;
    let envelope = &record.envelope;
    let fiction = Fiction::of(envelope, record.kind, since);
    let written = record.state.accepted.filter(|_| record.state.phase == Phase::Fiction);
    let due = fiction.date().map(|date| date.at).filter(|at| *at <= now);
    Some(WaitingMessage {
        id: record.id,
        sender: envelope.sender,
        sender_name: envelope.sender_name.clone(),
        personal: envelope.personal_delivery(),
        since,
        delivered_by_fiction: written.or(due),
        delivered_to_authority: to_authority && !record.kind.is_postal(),
        fiction,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{Envelope, EnvelopeDraft};
    use crate::message::MessageState;

    fn record(allows_fiction: bool) -> MessageRecord {
        let since = Timestamp::parse("2026-11-22T09:00:00").unwrap();
        let mut state = MessageState::submitted(since);
        state.phase = Phase::DeliveredIn;
        state.delivered_in = Some(since);
        MessageRecord {
            id: MessageId(7),
            envelope: Envelope {
                sender: "kraj227".parse().unwrap(),
                sender_name: "Krajský úřad".into(),
                sender_address: String::new(),
                sender_type: 10,
                recipient: "nvak22s".parse().unwrap(),
                recipient_name: "Jan Novák".into(),
                recipient_address: String::new(),
                ambiguous_recipient: false,
                draft: EnvelopeDraft {
                    allow_subst_delivery: Some(allows_fiction),
                    ..EnvelopeDraft::default()
                },
            },
            kind: MessageKind::Public,
            attachment_size_kb: 1,
            large: false,
            state,
        }
    }

    fn told(to_authority: bool, allows_fiction: bool, now: &str) -> WaitingMessage {
        waiting(&record(allows_fiction), to_authority, Timestamp::parse(now).unwrap()).unwrap()
    }

    #[test]
    fn fiction_counts_from_its_day_whether_or_not_it_was_written_down() {
        // Ten days after 22 November are 2 December, a Wednesday.
        let strikes = Timestamp::parse("2026-12-03T00:00:00").unwrap();
        assert_eq!(told(false, true, "2026-12-02T23:59:59").delivered_by_fiction, None);
        for later in ["2026-12-03T00:00:00", "2026-12-20T12:00:00"] {
            let message = told(false, true, later);
            assert_eq!(message.delivered_by_fiction, Some(strikes), "{later}");
            assert!(message.is_delivered());
        }
        let ruled_out = told(false, false, "2026-12-20T12:00:00");
        assert!(ruled_out.delivered_by_fiction.is_none() && !ruled_out.is_delivered());
        assert!(told(true, false, "2026-11-22T10:00:00").is_delivered());
    }

    #[test]
    fn what_opening_means_depends_on_all_that_waits() {
        let waits = told(false, true, "2026-11-23T00:00:00");
        let delivered = told(false, true, "2026-12-23T00:00:00");
        let both = [waits.clone(), delivered.clone()];
        assert_eq!(Opening::of(&both[..1], true), Opening::Delivers);
        assert_eq!(Opening::of(&both[1..], true), Opening::DeliversNone);
        assert_eq!(Opening::of(&both, true), Opening::DeliversSome);
        for some in [&both[..1], &both[1..], &both] {
            assert_eq!(
                Opening::of(some, false),
                Opening::DeliversSome,
                "not all of them are known"
            );
        }
    }
}
