//! System messages that are promised and not sent yet.

use async_trait::async_trait;

use super::{JobId, NewMessage, StoreResult};
use crate::system_message::DueSystemMessage;

/// Key of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SystemMessageId(pub i64);

/// Promises of system messages, each with the job that keeps it. Whatever writes a change writes its promises in the
/// same transaction; the methods that do so take them along.
#[async_trait]
pub trait SystemMessages: Send + Sync {
    /// Writes promises that go with no other change.
    async fn promise_system_messages(&self, due: &[DueSystemMessage]) -> StoreResult<()>;

    /// A promise that was not kept yet.
    async fn lookup_system_message(&self, id: SystemMessageId) -> StoreResult<Option<DueSystemMessage>>;

    /// Accepts `message`, as [`accept_message`](super::Messages::accept_message), and takes away the promise and its
    /// job, in one transaction. Where there is no message to send (the box is gone), only the latter. Answers false,
    /// and changes nothing but the job, where the promise was kept meanwhile.
    async fn keep_system_message(
        &self,
        id: SystemMessageId,
        message: Option<&NewMessage>,
        job: JobId,
    ) -> StoreResult<bool>;
}
