//! `DownloadAttachment`: one attachment of a large message.

use crate::error::{Failure, Refusal};
use crate::ids::MessageId;
use crate::message::{SideOf, StoredAttachment};
use crate::operation::Operation;
use crate::principal::Principal;
use crate::privileges::Privileges;
use crate::status::Status;

use super::Isds;

impl Isds {
    /// The attachment with this number, counted from 0, of a message that the caller may download: a sent one with
    /// the right to send, a received one with the right to read it.
    ///
    /// # Errors
    /// 1004, 1211, 1281, 1219, 1222, 1229, 3022 as for the message; 1299.
    pub async fn download_attachment(
        &self,
        caller: &Principal,
        id: MessageId,
        number: i64,
    ) -> Result<StoredAttachment, Failure> {
        let operation = Operation::DownloadAttachment;
        let own = caller.authorize(operation)?.id;
        let message = match self.lookup(id).await?.side_of(own) {
            Some(SideOf::Recipient) => self.received_message(caller, operation, id).await?,
            Some(SideOf::Sender) if caller.privileges.allows(Privileges::CREATE_DM) => {
                self.sent_message(caller, operation, id).await?
            }
            Some(SideOf::Sender) => return Err(Failure::refused(Status::NO_RIGHT)),
            None => return Err(Failure::refused(Status::OTHER_BOX)),
        };
        let attachment = usize::try_from(number)
            .ok()
            .and_then(|number| message.content.large?.into_iter().nth(number));
        Ok(attachment.ok_or_else(|| Refusal::about(Status::NO_ATTACHMENT, number.to_string()))?)
    }
}
