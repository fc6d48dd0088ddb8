//! Messages, records of lists, events, state changes.

use isds_core::envelope::{Envelope, InitiatingState, MessageKind};
use isds_core::event::{Event, EventKind};
use isds_core::ids::MessageId;
use isds_core::message::{
    Content, Message, MessageState, Phase, RecipientSide, ScanVerdict, Side, SideOf, StateChange, StoredAttachment,
};
use isds_core::ports::{MessageRecord, NewMessage, StateChangeRecord, StoreError, StoreResult};
use isds_core::postal::SubsidyKind;
use isds_core::time::Timestamp;

use super::flag;
use crate::error::inconsistent;

/// The date of fiction of a message that waits and that fiction never delivers. Without a date nobody has counted it.
const NEVER: i64 = i64::MAX;

/// Columns of a message's state, as they are read.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct StateRow {
    phase: i16,
    submitted: i64,
    delivered_in: Option<i64>,
    accepted: Option<i64>,
    sender_in_vault: i16,
    sender_erased: i16,
    sender_due: Option<i64>,
    recipient_in_vault: i16,
    recipient_erased: i16,
    recipient_due: Option<i64>,
    recipient_read: i16,
    fiction_due: Option<i64>,
}

impl StateRow {
    fn state(&self, id: i64) -> StoreResult<MessageState> {
        Ok(MessageState {
            phase: Phase::from_code(self.phase).ok_or_else(|| inconsistent("messages.phase", id))?,
            sender: Side {
                in_vault: self.sender_in_vault != 0,
                erased: self.sender_erased != 0,
                due: self.sender_due.map(Timestamp),
            },
            recipient: RecipientSide {
                side: Side {
                    in_vault: self.recipient_in_vault != 0,
                    erased: self.recipient_erased != 0,
                    due: self.recipient_due.map(Timestamp),
                },
                read: self.recipient_read != 0,
            },
            submitted: Timestamp(self.submitted),
            delivered_in: self.delivered_in.map(Timestamp),
            accepted: self.accepted.map(Timestamp),
            fiction_due: self.fiction_due.filter(|due| *due != NEVER).map(Timestamp),
        })
    }
}

/// Columns of a message's state that change, as they are written: the one place that derives what lists filter and
/// sort by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StateColumns {
    pub(crate) phase: i16,
    pub(crate) delivered_in: Option<i64>,
    pub(crate) accepted: Option<i64>,
    pub(crate) sort_time: i64,
    pub(crate) sender_in_vault: i16,
    pub(crate) sender_erased: i16,
    pub(crate) sender_due: Option<i64>,
    pub(crate) recipient_in_vault: i16,
    pub(crate) recipient_erased: i16,
    pub(crate) recipient_due: Option<i64>,
    pub(crate) recipient_read: i16,
    pub(crate) sender_status: i16,
    pub(crate) recipient_status: i16,
    pub(crate) fiction_due: Option<i64>,
}

impl From<&MessageState> for StateColumns {
    fn from(state: &MessageState) -> Self {
        Self {
            phase: state.phase.code(),
            delivered_in: state.delivered_in.map(|time| time.0),
            accepted: state.accepted.map(|time| time.0),
            sort_time: state.list_time().0,
            sender_in_vault: flag(state.sender.in_vault),
            sender_erased: flag(state.sender.erased),
            sender_due: state.sender.due.map(|time| time.0),
            recipient_in_vault: flag(state.recipient.side.in_vault),
            recipient_erased: flag(state.recipient.side.erased),
            recipient_due: state.recipient.side.due.map(|time| time.0),
            recipient_read: flag(state.recipient.read),
            sender_status: state.wire(SideOf::Sender),
            recipient_status: state.wire(SideOf::Recipient),
            fiction_due: match (state.phase, state.fiction_due) {
                (Phase::DeliveredIn, None) => Some(NEVER),
                (_, due) => due.map(|time| time.0),
            },
        }
    }
}

/// A message as it is inserted.
#[derive(Debug)]
pub(crate) struct NewMessageRow<'a> {
    pub(crate) message: &'a Message,
    pub(crate) kind: i16,
    pub(crate) personal_delivery: i16,
    pub(crate) envelope: String,
    pub(crate) author: String,
    pub(crate) segments: String,
    pub(crate) scan: Option<i16>,
    pub(crate) state: StateColumns,
    pub(crate) large: i16,
    pub(crate) attachments: Option<String>,
}

impl<'a> NewMessageRow<'a> {
    pub(crate) fn new(new: &'a NewMessage) -> StoreResult<Self> {
        let message = &new.message;
        Ok(Self {
            message,
            kind: kind_code(message.kind),
            personal_delivery: flag(message.envelope.personal_delivery()),
            envelope: to_json(&message.envelope)?,
            author: to_json(&new.author)?,
            segments: to_json(&message.content.segments)?,
            scan: message.scan.map(scan_code),
            state: StateColumns::from(&message.state),
            large: flag(message.is_large()),
            attachments: message.content.large.as_ref().map(to_json).transpose()?,
        })
    }
}

fn to_json(value: &impl serde::Serialize) -> StoreResult<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

/// The content of a message.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ContentRow {
    dm_id: i64,
    segments: String,
    sha256: Vec<u8>,
    sha3_256: Vec<u8>,
    attachment_count: i64,
    attachment_size_kb: i64,
    attachments: Option<String>,
}

impl ContentRow {
    pub(crate) fn content(self) -> StoreResult<(MessageId, Content)> {
        let id = self.dm_id;
        let digest = |bytes: Vec<u8>, column| <[u8; 32]>::try_from(bytes).map_err(|_| inconsistent(column, id));
        let content = Content {
            segments: serde_json::from_str(&self.segments).map_err(|_| inconsistent("messages.segments", id))?,
            sha256: digest(self.sha256, "messages.sha256")?,
            sha3_256: digest(self.sha3_256, "messages.sha3_256")?,
            attachment_count: self.attachment_count,
            attachment_size_kb: self.attachment_size_kb,
            large: self.attachments.map(|json| attachments(&json, id)).transpose()?,
        };
        Ok((MessageId(id), content))
    }
}

/// A whole message.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct MessageRow {
    version: i64,
    kind: i16,
    envelope: String,
    #[sqlx(flatten)]
    content: ContentRow,
    timestamp_token: Option<Vec<u8>>,
    scan: Option<i16>,
    withheld: i16,
    #[sqlx(flatten)]
    state: StateRow,
}

impl MessageRow {
    /// Whose row it is.
    pub(crate) fn id(&self) -> MessageId {
        MessageId(self.content.dm_id)
    }
}

impl TryFrom<MessageRow> for Message {
    type Error = StoreError;

    fn try_from(row: MessageRow) -> StoreResult<Self> {
        let (MessageId(id), content) = row.content.content()?;
        Ok(Self {
            id: MessageId(id),
            envelope: envelope(&row.envelope, id)?,
            kind: kind(row.kind, id)?,
            content,
            timestamp_token: row.timestamp_token,
            scan: row.scan.map(|code| scan(code, id)).transpose()?,
            withheld: row.withheld != 0,
            state: row.state.state(id)?,
            version: row.version,
        })
    }
}

/// A record of a list.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct RecordRow {
    dm_id: i64,
    kind: i16,
    envelope: String,
    attachment_size_kb: i64,
    large: i16,
    #[sqlx(flatten)]
    state: StateRow,
}

impl TryFrom<RecordRow> for MessageRecord {
    type Error = StoreError;

    fn try_from(row: RecordRow) -> StoreResult<Self> {
        Ok(Self {
            id: MessageId(row.dm_id),
            envelope: envelope(&row.envelope, row.dm_id)?,
            kind: kind(row.kind, row.dm_id)?,
            attachment_size_kb: row.attachment_size_kb,
            large: row.large != 0,
            state: row.state.state(row.dm_id)?,
        })
    }
}

/// An event.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct EventRow {
    dm_id: i64,
    kind: i16,
    time: i64,
}

impl TryFrom<EventRow> for Event {
    type Error = StoreError;

    fn try_from(row: EventRow) -> StoreResult<Self> {
        let kind = EventKind::from_number(row.kind).ok_or_else(|| inconsistent("message_events.kind", row.dm_id))?;
        Ok(Self {
            kind,
            time: Timestamp(row.time),
        })
    }
}

/// A change of state.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct StateChangeRow {
    dm_id: i64,
    time: i64,
    version: i64,
    seq: i64,
    status: i16,
}

impl From<StateChangeRow> for StateChangeRecord {
    fn from(row: StateChangeRow) -> Self {
        let change = StateChange {
            time: Timestamp(row.time),
            status: row.status,
        };
        Self {
            id: MessageId(row.dm_id),
            change,
            version: row.version,
            seq: row.seq,
        }
    }
}

fn envelope(json: &str, id: i64) -> StoreResult<Envelope> {
    // serde_json's text would repeat pieces of the envelope.
    serde_json::from_str(json).map_err(|_| inconsistent("messages.envelope", id))
}

fn attachments(json: &str, id: i64) -> StoreResult<Vec<StoredAttachment>> {
    serde_json::from_str(json).map_err(|_| inconsistent("messages.attachments", id))
}

/// Number under which a kind of message is kept.
pub(crate) fn kind_code(kind: MessageKind) -> i16 {
    match kind {
        MessageKind::Public => 1,
        MessageKind::Contract => 2,
        MessageKind::System => 3,
        MessageKind::Credit => 4,
        MessageKind::Reply => 5,
        MessageKind::Subsidised(SubsidyKind::Global) => 6,
        MessageKind::Subsidised(SubsidyKind::Limited) => 7,
        MessageKind::Subsidised(SubsidyKind::External) => 8,
        // That it has expired is told by the time, so it is kept as it was.
        MessageKind::Initiating { subsidised, state } => match (subsidised, state) {
            (false, InitiatingState::Used) => KIND_INITIATING_USED,
            (false, _) => KIND_INITIATING,
            (true, InitiatingState::Used) => KIND_INITIATING_USED + SUBSIDISED,
            (true, _) => KIND_INITIATING + SUBSIDISED,
        },
    }
}

/// An initiating message; a reply makes it the next number (`shared/postal.rs`).
const KIND_INITIATING: i16 = 10;
/// An initiating message that was replied to.
const KIND_INITIATING_USED: i16 = 11;
/// What is added to both where a subsidy paid for it.
const SUBSIDISED: i16 = 10;

/// Kind of message with the number.
pub(crate) fn kind(code: i16, id: i64) -> StoreResult<MessageKind> {
    let initiating = |state| MessageKind::Initiating {
        subsidised: code > SUBSIDISED + 9,
        state,
    };
    match code {
        1 => Ok(MessageKind::Public),
        2 => Ok(MessageKind::Contract),
        3 => Ok(MessageKind::System),
        4 => Ok(MessageKind::Credit),
        5 => Ok(MessageKind::Reply),
        6 => Ok(MessageKind::Subsidised(SubsidyKind::Global)),
        7 => Ok(MessageKind::Subsidised(SubsidyKind::Limited)),
        8 => Ok(MessageKind::Subsidised(SubsidyKind::External)),
        10 | 20 => Ok(initiating(InitiatingState::Open)),
        11 | 21 => Ok(initiating(InitiatingState::Used)),
        _ => Err(inconsistent("messages.kind", id)),
    }
}

/// Number under which a verdict of the scanner is kept.
pub(crate) fn scan_code(verdict: ScanVerdict) -> i16 {
    match verdict {
        ScanVerdict::NotScanned => 0,
        ScanVerdict::Clean => 1,
        ScanVerdict::Infected => 2,
    }
}

fn scan(code: i16, id: i64) -> StoreResult<ScanVerdict> {
    match code {
        0 => Ok(ScanVerdict::NotScanned),
        1 => Ok(ScanVerdict::Clean),
        2 => Ok(ScanVerdict::Infected),
        _ => Err(inconsistent("messages.scan", id)),
    }
}
