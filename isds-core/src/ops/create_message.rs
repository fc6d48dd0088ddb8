//! `CreateMessage`: from a draft to an accepted message.
//!
//! The envelope is judged before any attachment is read, attachments pass through once (checked, hashed, stored as they
//! come), and only when content and rows are durable is a number given out.

use crate::author::Author;
use crate::data_box::DataBox;
use crate::envelope::{Envelope, EnvelopeDraft, MAX_NAME};
use crate::error::{Failure, Refusal};
use crate::ids::{BoxId, BoxIdError};
use crate::operation::Operation;
use crate::principal::Principal;
use crate::status::Status;
use crate::text::truncate;

use super::Isds;

mod content;
mod hashes;
mod submission;

pub use submission::Submission;
pub(super) use submission::{Addressed, MessageSize};

/// An attachment as the caller announces it, before its content comes.
#[derive(Debug, Clone, Default)]
pub struct AttachmentDraft {
    /// `dmMimeType`.
    pub mime_type: Option<String>,
    /// `dmFileMetaType`.
    pub meta_type: Option<String>,
    /// `dmFileDescr`.
    pub file_name: Option<String>,
    /// `dmFileGuid`.
    pub guid: Option<String>,
    /// `dmUpFileGuid`.
    pub up_guid: Option<String>,
    /// `dmFormat`.
    pub format: Option<String>,
}

impl Isds {
    /// Checks who calls and what the envelope says, in the order in which the answers matter: right, own box, limits of
    /// the envelope, recipient, kind of message.
    ///
    /// # Errors
    /// 1004, 1201, 2007, 1007, 1216, 1203, 1232, 1233, 1242, 1243, 1234, 1205; failures of the database.
    pub async fn create_message(&self, caller: &Principal, draft: EnvelopeDraft) -> Result<Submission<'_>, Failure> {
        self.begin_message(caller, Operation::CreateMessage, draft, MessageSize::Ordinary)
            .await
    }

    /// One message of either size.
    pub(super) async fn begin_message(
        &self,
        caller: &Principal,
        operation: Operation,
        draft: EnvelopeDraft,
        size: MessageSize,
    ) -> Result<Submission<'_>, Failure> {
        let sender = self.sending_box(caller, operation).await?;
        let draft = draft.normalize()?;
        let recipient = self.recipient_of(&sender, &draft).await?;
        let message = self.address(caller, &sender, &recipient, draft, size).await?;
        Ok(Submission::begin(self, vec![message], size))
    }

    /// Which road a message with so many bytes of attachments takes, and the operation that it is: the ordinary one as
    /// long as it can.
    pub(super) fn road_of(&self, bytes: u64) -> (MessageSize, Operation) {
        if bytes > self.limits.message_bytes {
            (MessageSize::Large, Operation::CreateBigMessage)
        } else {
            (MessageSize::Ordinary, Operation::CreateMessage)
        }
    }

    /// The caller's box as it is now, once it may send.
    pub(super) async fn sending_box(&self, caller: &Principal, operation: Operation) -> Result<DataBox, Failure> {
        let sender = caller.authorize(operation)?;
        // Sending has legal effect: what the caller's proof remembers of the box may be seconds old.
        let sender = self
            .store
            .lookup_box(sender.id)
            .await?
            .ok_or_else(|| Refusal::of(Status::NO_RIGHT))?;
        if sender.state.is_accessible() {
            Ok(sender)
        } else {
            Err(Failure::refused(Status::SENDER_BOX_INACCESSIBLE))
        }
    }

    /// The box to which a normalized envelope is addressed, where something can be sent there.
    pub(super) async fn recipient_of(&self, sender: &DataBox, draft: &EnvelopeDraft) -> Result<DataBox, Failure> {
        let id = recipient_id(draft)?;
        if id == sender.id {
            return Err(Failure::refused(Status::OWN_BOX));
        }
        let recipient = self.store.lookup_box(id).await?;
        Ok(recipient
            .filter(|b| b.state.is_accessible() && !b.id.is_system())
            .ok_or_else(|| Refusal::of(Status::RECIPIENT_UNAVAILABLE))?)
    }

    /// Settles the kind of a message and gives it its number and envelope.
    pub(super) async fn address(
        &self,
        caller: &Principal,
        sender: &DataBox,
        recipient: &DataBox,
        draft: EnvelopeDraft,
        size: MessageSize,
    ) -> Result<Addressed, Failure> {
        let postage = self.postage(sender, recipient, &draft, size.postal()).await?;
        let author = Author::of(caller, sender, draft.publish_own_id.unwrap_or(false), draft.id_level);
        let envelope = fix_envelope(sender, recipient, draft);
        Ok(Addressed {
            id: self.store.next_message_id().await?,
            envelope,
            postage,
            author,
        })
    }
}

fn recipient_id(draft: &EnvelopeDraft) -> Result<BoxId, Refusal> {
    let text = draft.recipient.as_deref().ok_or_else(|| {
        Refusal::about(
            Status::INVALID_STRUCTURE,
            "chybí identifikátor příjemce (dbIDRecipient).",
        )
    })?;
    text.trim()
        .parse()
        .map_err(|_: BoxIdError| Refusal::of(Status::MALFORMED_BOX_ID))
}

fn fix_envelope(sender: &DataBox, recipient: &DataBox, mut draft: EnvelopeDraft) -> Envelope {
    draft.recipient = None;
    draft.message_type = None;
    draft.personal_delivery = Some(draft.personal_delivery.unwrap_or(false));
    // Only an authority may rule out fiction; from anybody else the flag is silently taken as true (manual M 2.1).
    let allow_fiction = draft.allow_subst_delivery.unwrap_or(true) || !sender.box_type.is_ovm();
    draft.allow_subst_delivery = Some(allow_fiction);
    let line = |text: String| truncate(&text, MAX_NAME).to_owned();
    Envelope {
        sender: sender.id,
        sender_name: line(sender.holder_name()),
        sender_address: line(sender.address.one_line()),
        sender_type: sender.box_type.code(),
        recipient: recipient.id,
        recipient_name: line(recipient.holder_name()),
        recipient_address: line(recipient.address.one_line()),
        // It marked recipients who were raised to authorities; nobody is any more (manual M 2.4.1).
        ambiguous_recipient: false,
        draft,
    }
}
