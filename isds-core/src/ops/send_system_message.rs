//! Keeping the promise of a system message: from a row to an accepted data message.

use base64_simd::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use sha3::Sha3_256;

use crate::attachment::{self, MetaType};
use crate::author::Author;
use crate::box_state::BoxState;
use crate::data_box::DataBox;
use crate::envelope::{Envelope, EnvelopeDraft, MAX_NAME, MessageKind};
use crate::error::{Chain, Failure};
use crate::event::{Event, EventKind};
use crate::ids::{BoxId, MessageId, ObjectId};
use crate::message::{Content, Message, MessageState, Segment};
use crate::ports::{AttachmentHead, ContentForm, JobId, NewMessage, SystemMessageId};
use crate::system_message::{DueSystemMessage, SENDER_NAME, SENDER_TYPE, SystemMessage};
use crate::text::truncate;

use super::Isds;

impl Isds {
    /// Sends a system message that was promised, once.
    pub(super) async fn send_system_message(&self, id: SystemMessageId, job: JobId) -> Result<(), Failure> {
        let Some(due) = self.store.lookup_system_message(id).await? else {
            return Ok(self.store.finish_job(job).await?);
        };
        let recipient = self.store.lookup_box(due.recipient).await?;
        let Some(recipient) = recipient.filter(|b| b.state != BoxState::Deleted) else {
            self.store.keep_system_message(id, None, job).await?;
            return Ok(());
        };
        let (message, object) = self.compose(&recipient, &due).await?;
        if self.store.keep_system_message(id, Some(&message), job).await? {
            self.note_accepted(&message);
            self.job_added.notify_one();
        } else if let Err(error) = self.objects.delete(&object).await {
            // Somebody else kept the promise; what this one wrote belongs to no message.
            tracing::warn!(error = %Chain(&error), "object of a system message sent twice stays");
        }
        Ok(())
    }

    async fn compose(&self, recipient: &DataBox, due: &DueSystemMessage) -> Result<(NewMessage, ObjectId), Failure> {
        let id = self.store.next_message_id().await?;
        let envelope = envelope(recipient, &due.message);
        let (bytes, files_bytes) = self.document(id, &envelope, &due.message);
        let sha256 = Sha256::digest(&bytes).into();
        let sha3_256 = Sha3_256::digest(&bytes).into();
        let length = bytes.len() as u64;
        let object = self.objects.put(Bytes::from(bytes)).await?;
        let submitted = self.clock.legal().to_millis();
        let message = Message {
            id,
            envelope,
            kind: MessageKind::System,
            content: Content {
                segments: vec![Segment::Literal {
                    object: object.clone(),
                    offset: 0,
                    length,
                }],
                sha256,
                sha3_256,
                attachment_count: 2,
                attachment_size_kb: attachment::size_in_kilobytes(files_bytes),
                large: None,
            },
            timestamp_token: None,
            scan: None,
            withheld: false,
            state: MessageState::submitted(submitted),
            version: 0,
        };
        let new = NewMessage {
            message,
            author: Author::official(),
            event: Event {
                kind: EventKind::Submitted,
                time: submitted,
            },
            payment: None,
            uploads: Vec::new(),
            bulk_row: None,
            sending: None,
            job_due: self.clock.real(),
        };
        Ok((new, object))
    }

    /// The bytes of `dmDm`, and how many of them stand inside `dmFiles`.
    fn document(&self, id: MessageId, envelope: &Envelope, message: &SystemMessage) -> (Vec<u8>, u64) {
        let written = self.form.system_message(message);
        let files = [
            (MetaType::Main, "text/html", "html", written.html),
            (MetaType::Enclosure, "application/xml", "xml", written.xml),
        ];
        let mut bytes = self.form.head(id, envelope);
        let head = bytes.len();
        for (meta_type, mime_type, suffix, content) in files {
            let file = AttachmentHead {
                mime_type: mime_type.to_owned(),
                meta_type,
                file_name: format!("systemova_zprava.{suffix}"),
                guid: None,
                up_guid: None,
                format: None,
            };
            bytes.extend_from_slice(&self.form.file_head(&file, ContentForm::Encoded));
            STANDARD.encode_append(&content, &mut bytes);
            bytes.extend_from_slice(self.form.file_tail(ContentForm::Encoded));
        }
        let files_bytes = (bytes.len() - head) as u64;
        bytes.extend_from_slice(self.form.tail());
        (bytes, files_bytes)
    }
}

fn envelope(recipient: &DataBox, message: &SystemMessage) -> Envelope {
    Envelope {
        sender: BoxId::ADMINISTRATOR,
        sender_name: SENDER_NAME.to_owned(),
        sender_address: String::new(),
        sender_type: SENDER_TYPE,
        recipient: recipient.id,
        recipient_name: truncate(&recipient.holder_name(), MAX_NAME).to_owned(),
        recipient_address: truncate(&recipient.address.one_line(), MAX_NAME).to_owned(),
        ambiguous_recipient: false,
        draft: EnvelopeDraft {
            annotation: Some(message.annotation().to_owned()),
            personal_delivery: Some(false),
            allow_subst_delivery: Some(true),
            ..EnvelopeDraft::default()
        },
    }
}
