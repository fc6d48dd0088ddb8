//! `MarkMessageAsDownloaded`: 6 becomes 7, for the recipient alone.

use crate::error::Failure;
use crate::ids::MessageId;
use crate::message::{Input, SideOf};
use crate::operation::Operation;
use crate::principal::Principal;

use super::Isds;
use super::process_message::Step;

impl Isds {
    /// Marks a received message as read. Marking it again changes nothing.
    ///
    /// # Errors
    /// 1004, 1211, 1219, 1222.
    pub async fn mark_message_as_downloaded(&self, caller: &Principal, id: MessageId) -> Result<(), Failure> {
        loop {
            let message = self
                .readable_message(caller, Operation::MarkMessageAsDownloaded, id)
                .await?;
            if message.state.wire_without_vault(SideOf::Recipient) == 7 || message.state.recipient.side.in_vault {
                return Ok(());
            }
            let change = Step::of(&message)
                .then(Input::Read)
                .map_err(Failure::from)?
                .into_change();
            // A change that came in between is seen on the next turn; each turn of another node's makes progress.
            match self.store.apply_changes(&[change]).await {
                Err(crate::ports::StoreError::Conflict) => {}
                result => return Ok(result?),
            }
        }
    }
}
