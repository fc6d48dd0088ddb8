//! Attachments of drafts: uploads that a draft keeps.

use crate::attachment::{self, AttachmentCheck, MetaType};
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::operation::Operation;
use crate::ops::upload_attachment::remove;
use crate::ops::{AttachmentDraft, AttachmentUpload, Isds};
use crate::ports::{Attached, DraftId, Upload, UploadId};
use crate::principal::Principal;
use crate::status::Status;

use super::{DraftError, writer_of};

/// An attachment on its way into a draft. Call [`write`](Self::write) for each piece, then [`accept`](Self::accept);
/// whoever stops before that calls [`abandon`](Self::abandon).
pub struct DraftUpload<'a> {
    isds: &'a Isds,
    draft: DraftId,
    upload: AttachmentUpload<'a>,
}

impl Isds {
    /// Begins an attachment of a draft. Its MIME type is the one that its suffix stands for: what a browser says of it
    /// depends on the computer.
    ///
    /// # Errors
    /// 1004, 1201, 2007, 1214, 1298 where the draft has as many as it may have, 1286 where the box has no room left;
    /// [`DraftError::NotFound`], [`DraftError::BeingSent`].
    pub async fn upload_to_draft(
        &self,
        caller: &Principal,
        draft: DraftId,
        file_name: &str,
    ) -> Result<DraftUpload<'_>, DraftError> {
        let own = self.sending_box(caller, Operation::UploadAttachment).await?.id;
        let found = self.existing(own, draft).await?;
        if let Some(sending) = found.sending {
            return Err(DraftError::BeingSent(sending));
        }
        let mime_type = attachment::format_of(file_name).and_then(|format| format.mime_types.first());
        let check = AttachmentCheck::begin(AttachmentDraft {
            mime_type: mime_type.map(|mime_type| (*mime_type).to_owned()),
            // Only its place will say what it is in the message.
            meta_type: Some(MetaType::Enclosure.name().to_owned()),
            file_name: Some(file_name.to_owned()),
            ..AttachmentDraft::default()
        })?;
        if found.attachments.len() >= self.limits.attachments {
            return Err(self.too_many_attachments().into());
        }
        let held: u64 = found.attachments.iter().map(|attachment| attachment.length).sum();
        let left = self.limits.large_message_bytes.saturating_sub(held);
        let room = self
            .limits_now()
            .await
            .draft_bytes
            .saturating_sub(self.store.draft_bytes(own).await?);
        // A draft that is full says so; only a box that is full speaks of its room.
        if left == 0 {
            return Err(Refusal::of(Status::LARGE_MESSAGE_TOO_LARGE).into());
        }
        let upload = self.begin_upload(own, check, room).await?;
        Ok(DraftUpload {
            isds: self,
            draft,
            upload,
        })
    }

    /// Takes an attachment of a draft away. False where it has none such any more.
    ///
    /// # Errors
    /// 1004; [`DraftError::NotFound`], [`DraftError::BeingSent`].
    pub async fn remove_draft_attachment(
        &self,
        caller: &Principal,
        draft: DraftId,
        upload: UploadId,
    ) -> Result<bool, DraftError> {
        let own = self.changeable(caller, draft).await?;
        Ok(self
            .store
            .detach_from_draft(draft, own, upload, self.clock.real())
            .await?)
    }

    /// Moves an attachment of a draft one place up or down. False where it has none such any more.
    ///
    /// # Errors
    /// As [`remove_draft_attachment`](Self::remove_draft_attachment).
    pub async fn move_draft_attachment(
        &self,
        caller: &Principal,
        draft: DraftId,
        upload: UploadId,
        up: bool,
    ) -> Result<bool, DraftError> {
        let own = self.changeable(caller, draft).await?;
        Ok(self.store.move_attachment(draft, own, upload, up).await?)
    }

    async fn changeable(&self, caller: &Principal, draft: DraftId) -> Result<BoxId, DraftError> {
        let own = writer_of(caller)?;
        match self.existing(own, draft).await?.sending {
            Some(sending) => Err(DraftError::BeingSent(sending)),
            None => Ok(own),
        }
    }

    fn too_many_attachments(&self) -> Refusal {
        Refusal::about(Status::ATTACHMENT_COUNT, format!("{} příloh", self.limits.attachments))
    }
}

impl DraftUpload<'_> {
    /// Adds bytes of the content.
    ///
    /// # Errors
    /// 1296 for more than a message may have, 1286 for more than the box may keep; failures of the objects.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.upload.write(bytes).await
    }

    /// Makes the attachment the last one of its draft.
    ///
    /// # Errors
    /// 1214, 2046, 1298, 1296, 1286; [`DraftError::NotFound`] where the draft is gone, or being sent.
    pub async fn accept(self) -> Result<Upload, DraftError> {
        let (isds, draft) = (self.isds, self.draft);
        let upload = self.upload.complete().await?;
        let attached = isds
            .store
            .attach_to_draft(draft, &upload, &isds.draft_bounds().await)
            .await?;
        let refusal: DraftError = match attached {
            Attached::Added(id) => return Ok(Upload { id, ..upload }),
            Attached::NoDraft => DraftError::NotFound,
            Attached::TooMany => isds.too_many_attachments().into(),
            Attached::TooLarge => Refusal::of(Status::LARGE_MESSAGE_TOO_LARGE).into(),
            Attached::NoRoom => Refusal::of(Status::UPLOAD_QUOTA).into(),
        };
        remove(isds, &upload.object).await;
        Err(refusal)
    }

    /// Gives the attachment up and removes what was stored of it.
    pub async fn abandon(self) {
        self.upload.abandon().await;
    }
}
