//! `GetMessageAuthor` and `GetMessageAuthor2`: who acted for the sender.

use crate::author::Author;
use crate::error::{Failure, Refusal};
use crate::ids::MessageId;
use crate::message::SideOf;
use crate::operation::Operation;
use crate::principal::Principal;
use crate::status::Status;

use super::Isds;

impl Isds {
    /// Author of a message that the caller's box sent or received, erased ones included (manual M 2.8).
    ///
    /// # Errors
    /// 1004, 1211, 1219.
    pub async fn message_author(
        &self,
        caller: &Principal,
        operation: Operation,
        id: MessageId,
    ) -> Result<Author, Failure> {
        let own = caller.authorize(operation)?.id;
        let message = self.lookup(id).await?;
        let side = message.side_of(own).ok_or_else(|| Refusal::of(Status::OTHER_BOX))?;
        // What is not in the box does not exist there.
        if side == SideOf::Recipient && message.state.delivered_in.is_none() {
            return Err(Failure::refused(Status::NO_MESSAGE));
        }
        let author = self.store.lookup_author(id).await?;
        Ok(author.ok_or_else(|| Refusal::of(Status::NO_MESSAGE))?)
    }
}
