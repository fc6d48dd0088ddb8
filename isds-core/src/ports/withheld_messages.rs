//! Messages that the administrator of the system keeps their recipients from downloading.

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::MessageId;

/// Which messages are withheld ([`Message::withheld`](crate::message::Message::withheld)).
#[async_trait]
pub trait WithheldMessages: Send + Sync {
    /// Withholds or releases a message; false where there is no such message. It may be done again, and leaves state
    /// and version of the message alone.
    async fn set_withheld(&self, id: MessageId, withheld: bool) -> StoreResult<bool>;
}
