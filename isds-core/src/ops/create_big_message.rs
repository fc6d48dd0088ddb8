//! `CreateBigMessage`: a large message (VoDZ) of attachments that were uploaded before.

use crate::envelope::EnvelopeDraft;
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::operation::Operation;
use crate::ports::{Upload, UploadId};
use crate::principal::Principal;
use crate::status::Status;

use super::create_message::MessageSize;
use super::{AttachmentDraft, Isds, Submission};

/// An uploaded attachment as a message refers to it (`dmExtFile`).
#[derive(Debug, Clone, Default)]
pub struct UploadedAttachment {
    /// `dmFileMetaType`.
    pub meta_type: Option<String>,
    /// `dmAttID`.
    pub id: Option<String>,
    /// `dmAttHash1`, hexadecimal.
    pub first_hash: Option<String>,
    /// `dmAttHash1Alg`.
    pub first_algorithm: Option<String>,
    /// `dmAttHash2`, hexadecimal.
    pub second_hash: Option<String>,
    /// `dmAttHash2Alg`.
    pub second_algorithm: Option<String>,
    /// `dmFileGuid`.
    pub guid: Option<String>,
    /// `dmUpFileGuid`.
    pub up_guid: Option<String>,
}

impl Isds {
    /// As [`Isds::create_message`], for a large message. Its attachments are added by
    /// [`Submission::add_uploaded`] and, those that come in the call itself, as to an ordinary message.
    ///
    /// # Errors
    /// As [`Isds::create_message`].
    pub async fn create_big_message(
        &self,
        caller: &Principal,
        draft: EnvelopeDraft,
    ) -> Result<Submission<'_>, Failure> {
        self.begin_message(caller, Operation::CreateBigMessage, draft, MessageSize::Large)
            .await
    }
}

impl Submission<'_> {
    /// Adds an attachment that the sender's box has uploaded. Its name and MIME type are those of the upload.
    ///
    /// # Errors
    /// 2007 for a missing or malformed attribute, 1294, 1293, 1288, 1289, 1298, 1296; failures of the stores.
    pub async fn add_uploaded(&mut self, attachment: UploadedAttachment) -> Result<(), Failure> {
        let id = required("dmAttID", attachment.id.as_deref())?;
        let claimed = [
            (
                required("dmAttHash1Alg", attachment.first_algorithm.as_deref())?,
                required("dmAttHash1", attachment.first_hash.as_deref())?,
            ),
            (
                required("dmAttHash2Alg", attachment.second_algorithm.as_deref())?,
                required("dmAttHash2", attachment.second_hash.as_deref())?,
            ),
        ];
        let upload = self.isds().upload_of(self.sender(), id).await?;
        let statuses = [Status::FIRST_HASH_DIFFERS, Status::SECOND_HASH_DIFFERS];
        for ((claimed, actual), status) in claimed.into_iter().zip(upload.hashes()).zip(statuses) {
            if claimed.0 != actual.0 || !claimed.1.eq_ignore_ascii_case(&actual.1) {
                return Err(Failure::refused(status));
            }
        }
        let draft = AttachmentDraft {
            mime_type: Some(upload.mime_type.clone()),
            meta_type: attachment.meta_type,
            file_name: Some(upload.file_name.clone()),
            guid: attachment.guid,
            up_guid: attachment.up_guid,
            format: None,
        };
        self.add_object(draft, &upload).await
    }
}

impl Isds {
    async fn upload_of(&self, sender: Option<BoxId>, id: &str) -> Result<Upload, Failure> {
        // What is no number of ours is the number of no upload.
        let id = id.parse().map(UploadId).map_err(|_| Refusal::of(Status::NO_UPLOAD))?;
        let upload = self.store.lookup_upload(id).await?;
        let upload = upload.ok_or_else(|| Refusal::of(Status::NO_UPLOAD))?;
        if sender == Some(upload.box_id) {
            Ok(upload)
        } else {
            Err(Failure::refused(Status::UPLOAD_OF_OTHER_BOX))
        }
    }
}

fn required<'a>(name: &str, value: Option<&'a str>) -> Result<&'a str, Refusal> {
    value
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, format!("chybí {name}.")))
}
