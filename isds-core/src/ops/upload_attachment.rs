//! `UploadAttachment`: an attachment that large messages will refer to.

use sha2::{Digest, Sha256};
use sha3::Sha3_256;

use crate::attachment::container::ContainerContent;
use crate::attachment::{self, AttachmentCheck, MetaType};
use crate::error::{Chain, Failure};
use crate::ids::{BoxId, ObjectId};
use crate::operation::Operation;
use crate::ports::{ObjectWriter, Upload, UploadId};
use crate::principal::Principal;
use crate::status::Status;

use super::{AttachmentDraft, Isds};

/// How long an upload waits to be used, in legal seconds (bulletin 2168).
const LIFE_SECONDS: i64 = 2 * 3600;

/// An attachment that is coming in. Call [`write`](Self::write) for each piece, then [`accept`](Self::accept); whoever
/// stops before that calls [`abandon`](Self::abandon).
pub struct AttachmentUpload<'a> {
    isds: &'a Isds,
    box_id: BoxId,
    check: AttachmentCheck,
    writer: Box<dyn ObjectWriter>,
    sha256: Sha256,
    sha3: Sha3_256,
    /// Bytes that the box may still upload.
    room: u64,
}

impl Isds {
    /// Checks who calls and what the attachment says that it is.
    ///
    /// # Errors
    /// 1004, 1201, 2035, 2007, 1214, 1286 where the box has no room left; failures of the stores.
    pub async fn upload_attachment(
        &self,
        caller: &Principal,
        mime_type: Option<String>,
        file_name: Option<String>,
    ) -> Result<AttachmentUpload<'_>, Failure> {
        let sender = self.sending_box(caller, Operation::UploadAttachment).await?;
        attachment::require_mime_type(mime_type.as_deref())?;
        let check = AttachmentCheck::begin(AttachmentDraft {
            mime_type,
            // Only the message will say what it is there.
            meta_type: Some(MetaType::Enclosure.name().to_owned()),
            file_name,
            ..AttachmentDraft::default()
        })?;
        let unused = self.store.unused_upload_bytes(sender.id).await?;
        let room = self.limits_now().await.upload_quota_bytes.saturating_sub(unused);
        self.begin_upload(sender.id, check, room).await
    }

    /// Takes in an attachment whose head was found good, of at most `room` bytes.
    ///
    /// # Errors
    /// 1286 where there is no room; failures of the objects.
    pub(super) async fn begin_upload(
        &self,
        box_id: BoxId,
        check: AttachmentCheck,
        room: u64,
    ) -> Result<AttachmentUpload<'_>, Failure> {
        if room == 0 {
            return Err(Failure::refused(Status::UPLOAD_QUOTA));
        }
        Ok(AttachmentUpload {
            isds: self,
            box_id,
            check,
            writer: self.objects.create().await?,
            sha256: Sha256::new(),
            sha3: Sha3_256::new(),
            room,
        })
    }
}

impl AttachmentUpload<'_> {
    /// Adds bytes of the content.
    ///
    /// # Errors
    /// 1296 for more than a large message may have, 1286 for more than the box may upload; failures of the objects.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.check.feed(bytes);
        if self.check.len() > self.isds.limits.large_message_bytes {
            return Err(Failure::refused(Status::LARGE_MESSAGE_TOO_LARGE));
        }
        if self.check.len() > self.room {
            return Err(Failure::refused(Status::UPLOAD_QUOTA));
        }
        self.sha256.update(bytes);
        self.sha3.update(bytes);
        Ok(self.writer.write(bytes).await?)
    }

    /// Makes the upload durable and answers it.
    ///
    /// # Errors
    /// 1214 where the content is not what the name says or malware is found in it, 2046 where the scanner does not come to
    /// its end, 1286 where others have used up the room; failures of the stores.
    pub async fn accept(self) -> Result<Upload, Failure> {
        let isds = self.isds;
        let upload = self.complete().await?;
        let quota = isds.limits_now().await.upload_quota_bytes;
        match isds.store.add_upload(&upload, quota).await? {
            Some(id) => Ok(Upload { id, ..upload }),
            None => {
                remove(isds, &upload.object).await;
                Err(Failure::refused(Status::UPLOAD_QUOTA))
            }
        }
    }

    /// The upload with its content durable and judged, and its row not written yet: whoever does not write it removes
    /// the object.
    ///
    /// # Errors
    /// 1214, 2046; failures of the objects.
    pub(super) async fn complete(self) -> Result<Upload, Failure> {
        let isds = self.isds;
        let (object, length) = self.writer.finish().await?;
        let head = self.check.head().clone();
        let judged = match judge(isds, self.check, &object, length).await {
            Ok(()) => isds.scan_upload(&object, length, &head.file_name).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = judged {
            remove(isds, &object).await;
            return Err(failure);
        }
        Ok(Upload {
            id: UploadId(0),
            box_id: self.box_id,
            mime_type: head.mime_type,
            file_name: head.file_name,
            object,
            length,
            sha256: self.sha256.finalize().into(),
            sha3_256: self.sha3.finalize().into(),
            expires: isds.clock.legal().plus_seconds(LIFE_SECONDS),
        })
    }

    /// Gives the upload up and removes what was stored of it.
    pub async fn abandon(self) {
        abort(self.writer).await;
    }
}

/// Judges the content, which has to lie somewhere to be read by its parts.
async fn judge(isds: &Isds, check: AttachmentCheck, object: &ObjectId, length: u64) -> Result<(), Failure> {
    let content = ContainerContent::Object {
        objects: &*isds.objects,
        id: object,
        length,
    };
    check.examine_container(content).await?;
    Ok(check.finish()?)
}

pub(super) async fn remove(isds: &Isds, object: &ObjectId) {
    if let Err(error) = isds.objects.delete(object).await {
        tracing::warn!(error = %Chain(&error), "object of a refused upload stays");
    }
}

async fn abort(writer: Box<dyn ObjectWriter>) {
    if let Err(error) = writer.abort().await {
        tracing::warn!(error = %Chain(&error), "what was written of a refused upload stays");
    }
}
