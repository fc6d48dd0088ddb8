//! Facts about a message, without what it says.

use crate::audit::{AuditAction, AuditSubject};
use crate::envelope::MessageKind;
use crate::error::{Failure, Refusal};
use crate::event::Event;
use crate::ids::{BoxId, MessageId};
use crate::message::MessageState;
use crate::ports::SuspicionReport;
use crate::principal::Principal;
use crate::status::Status;

use super::super::Isds;
use super::operator_only;

/// Most reports of a message that are shown.
const MAX_REPORTS: usize = 20;

/// What the administrator is told of a message: between whom, when, and in which state. Its subject, reference numbers
/// and content are nobody's but the correspondents'.
#[derive(Debug, Clone)]
pub struct MessageFacts {
    /// Number.
    pub id: MessageId,
    /// Kind.
    pub kind: MessageKind,
    /// Sender's box.
    pub sender: BoxId,
    /// Name of its holder, as it stands in the envelope.
    pub sender_name: String,
    /// Recipient's box.
    pub recipient: BoxId,
    /// Name of its holder, as it stands in the envelope.
    pub recipient_name: String,
    /// State and times.
    pub state: MessageState,
    /// It is a large message.
    pub large: bool,
    /// Size of its attachments, in kilobytes.
    pub size_kb: i64,
    /// Its recipient is kept from downloading it.
    pub withheld: bool,
    /// What happened to it.
    pub events: Vec<Event>,
    /// Reports that it is suspicious.
    pub reports: Vec<SuspicionReport>,
}

impl Isds {
    /// Facts about a message. That somebody looked is recorded.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 1219.
    pub async fn message_facts(&self, caller: &Principal, id: MessageId) -> Result<MessageFacts, Failure> {
        operator_only(caller)?;
        let facts = self.facts_of_message(id).await?;
        let facts = facts.ok_or_else(|| Refusal::of(Status::NO_MESSAGE))?;
        self.record_reading(caller, AuditAction::DataViewed, AuditSubject::message(id));
        Ok(facts)
    }

    pub(super) async fn facts_of_message(&self, id: MessageId) -> Result<Option<MessageFacts>, Failure> {
        let Some(message) = self.store.lookup_message(id).await? else {
            return Ok(None);
        };
        let mut reports = self.store.list_suspicion_reports(id).await?;
        reports.truncate(MAX_REPORTS);
        Ok(Some(MessageFacts {
            id,
            kind: message.kind,
            sender: message.envelope.sender,
            sender_name: message.envelope.sender_name,
            recipient: message.envelope.recipient,
            recipient_name: message.envelope.recipient_name,
            state: message.state,
            large: message.content.large.is_some(),
            size_kb: message.content.attachment_size_kb,
            withheld: message.withheld,
            events: self.store.list_events(id).await?,
            reports,
        }))
    }
}
