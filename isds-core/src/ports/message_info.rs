//! What is asked about messages beside their content and state.

use async_trait::async_trait;

use super::{MessageRecord, StoreResult};
use crate::author::Author;
use crate::ids::{BoxId, MessageId};
use crate::time::Timestamp;

/// A recipient's report that a message is suspicious (`SuspMessageReport`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspicionReport {
    /// The message.
    pub message: MessageId,
    /// Box of whoever reports it.
    pub reporter: BoxId,
    /// Legal time of the report.
    pub time: Timestamp,
    /// `repName`.
    pub name: Option<String>,
    /// `repMail`.
    pub mail: Option<String>,
    /// `repTel`.
    pub telephone: Option<String>,
    /// `allowComplete`: the whole message may be handed to those who examine it.
    pub allow_complete: bool,
    /// `note`.
    pub note: Option<String>,
}

/// Facts about messages.
#[async_trait]
pub trait MessageInfo: Send + Sync {
    /// Who wrote the message.
    async fn lookup_author(&self, id: MessageId) -> StoreResult<Option<Author>>;

    /// How many messages were accepted since the beginning. Messages submitted before `settled` (legal time) are all
    /// written; they are counted once and remembered, so that the cost is that of the newer ones.
    async fn count_messages(&self, settled: Timestamp) -> StoreResult<u64>;

    /// Keeps a report; a second one of the same box about the same message replaces the first.
    async fn add_suspicion_report(&self, report: &SuspicionReport) -> StoreResult<()>;

    /// Reports about a message, oldest first.
    async fn list_suspicion_reports(&self, id: MessageId) -> StoreResult<Vec<SuspicionReport>>;
}

/// What `GetListForNotifications` asks for.
#[derive(Debug, Clone, Copy)]
pub struct DeliveredQuery {
    /// Recipient.
    pub box_id: BoxId,
    /// Delivered into the box at this time or later.
    pub from: Timestamp,
    /// How many to return at most.
    pub limit: u64,
}

/// Boxes whose applications asked for notifications, and what they are notified of.
#[async_trait]
pub trait Notifications: Send + Sync {
    /// Registers a box (`since` is the legal time) or cancels its registration.
    async fn set_notified(&self, box_id: BoxId, since: Option<Timestamp>) -> StoreResult<()>;

    /// Since when the box is registered.
    async fn notified_since(&self, box_id: BoxId) -> StoreResult<Option<Timestamp>>;

    /// Messages that were delivered into the box, oldest first, erased ones left out.
    async fn list_delivered(&self, query: &DeliveredQuery) -> StoreResult<Vec<MessageRecord>>;
}
