//! Messages on their way in: attachments come, are judged, hashed and stored; then everything becomes durable at once.

use crate::attachment::{self, AttachmentCheck};
use crate::author::Author;
use crate::bulk::BulkRowId;
use crate::envelope::Envelope;
use crate::error::{Failure, Refusal};
use crate::event::{Event, EventKind};
use crate::ids::{BoxId, MessageId};
use crate::message::{Content, Message, MessageState, StoredAttachment};
use crate::ports::{ContentForm, NewMessage, SendingLease, Upload, UploadId};
use crate::postal::{Postage, PostalSize};
use crate::splice::base64_len;
use crate::status::Status;

use super::AttachmentDraft;
use super::content::{Built, ContentBuilder, Document};
use crate::ops::Isds;

/// A message whose envelope was found good.
pub(in crate::ops) struct Addressed {
    pub id: MessageId,
    pub envelope: Envelope,
    /// By which title it goes and who pays.
    pub postage: Postage,
    pub author: Author,
}

/// Which of the two sizes a message has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ops) enum MessageSize {
    /// An ordinary message, whose attachments come in the call that creates it.
    Ordinary,
    /// A large one (VoDZ), most of whose attachments were uploaded before.
    Large,
}

impl MessageSize {
    pub fn postal(self) -> PostalSize {
        match self {
            Self::Ordinary => PostalSize::Ordinary,
            Self::Large => PostalSize::Large,
        }
    }
}

/// A message (or several with the same attachments) whose envelope was found good and whose attachments are coming in.
///
/// Call [`begin_attachment`](Self::begin_attachment), [`write`](Self::write) and
/// [`end_attachment`](Self::end_attachment) for each attachment, then [`accept`](Self::accept). Whoever stops before
/// that calls [`abandon`](Self::abandon), so that nothing stays in the object storage.
pub struct Submission<'a> {
    isds: &'a Isds,
    messages: Vec<Addressed>,
    size: MessageSize,
    builder: ContentBuilder<'a>,
    current: Option<AttachmentCheck>,
    containers: usize,
    raw_bytes: u64,
    /// Bytes inside the element `dmFiles`, by which `dmAttachmentSize` is counted.
    files_bytes: u64,
    /// The attachments so far, in their order.
    attachments: Vec<StoredAttachment>,
    /// Uploads that the message uses, each once.
    uploads: Vec<UploadId>,
    /// The row of a bulk job that the message is sent for.
    bulk_row: Option<BulkRowId>,
    /// The sending of a draft that the messages belong to.
    sending: Option<SendingLease>,
}

impl<'a> Submission<'a> {
    pub(in crate::ops) fn begin(isds: &'a Isds, messages: Vec<Addressed>, size: MessageSize) -> Self {
        let heads = messages.iter().map(|m| isds.form.head(m.id, &m.envelope)).collect();
        let builder = match size {
            MessageSize::Ordinary => ContentBuilder::new(&*isds.objects, heads),
            // Each attachment of a large message is downloaded by itself, so each is an object by itself.
            MessageSize::Large => ContentBuilder::of_objects(&*isds.objects, heads),
        };
        Self {
            isds,
            messages,
            size,
            builder,
            current: None,
            containers: 0,
            raw_bytes: 0,
            files_bytes: 0,
            attachments: Vec::new(),
            uploads: Vec::new(),
            bulk_row: None,
            sending: None,
        }
    }

    /// The message is sent for the row of a bulk job: it is accepted where the row is still to be sent.
    pub(in crate::ops) fn for_row(mut self, row: BulkRowId) -> Self {
        self.bulk_row = Some(row);
        self
    }

    /// The messages belong to the sending of a draft: they are accepted where its lease still holds.
    pub(in crate::ops) fn for_sending(mut self, lease: SendingLease) -> Self {
        self.sending = Some(lease);
        self
    }

    /// The system that takes the messages in.
    pub(in crate::ops) fn isds(&self) -> &'a Isds {
        self.isds
    }
}

impl Submission<'_> {
    /// The box that sends.
    pub(in crate::ops) fn sender(&self) -> Option<BoxId> {
        self.messages.first().map(|message| message.envelope.sender)
    }

    /// Begins the next attachment, whose content comes as bytes.
    ///
    /// # Errors
    /// 2007 and 2010 for a head that is no head, 1298 for one too many, 1214 for a forbidden name or MIME type; in a
    /// large message 2035 for a missing MIME type.
    pub async fn begin_attachment(&mut self, draft: AttachmentDraft) -> Result<(), Failure> {
        if self.size == MessageSize::Large {
            attachment::require_mime_type(draft.mime_type.as_deref())?;
        }
        let check = self.check(draft)?;
        let head = self.isds.form.file_head(check.head(), ContentForm::Encoded);
        self.files_bytes += head.len() as u64;
        self.builder.begin_file(&head);
        self.current = Some(check);
        Ok(())
    }

    /// Adds an attachment that is one XML element, as it was written, with all its namespace declarations.
    ///
    /// # Errors
    /// As [`begin_attachment`](Self::begin_attachment), and 1200 over the limit of the message; 2010 in a large message,
    /// which has none of them; failures of the object storage.
    pub async fn add_xml_attachment(&mut self, draft: AttachmentDraft, element: &[u8]) -> Result<(), Failure> {
        if self.size == MessageSize::Large {
            let rule = "velkoobjemová zpráva nemá přílohy dmXMLContent.";
            return Err(Refusal::about(Status::INVALID_DOCUMENT, rule).into());
        }
        let mut check = self.check(draft)?;
        check.feed(element);
        self.count_bytes(element.len() as u64)?;
        let form = &self.isds.form;
        let head = form.file_head(check.head(), ContentForm::Xml);
        for part in [&head, element, form.file_tail(ContentForm::Xml)] {
            self.files_bytes += part.len() as u64;
            self.builder.long_literal(part).await?;
        }
        self.attachments.push(StoredAttachment::of(check.head(), None));
        Ok(check.finish()?)
    }

    /// Adds an attachment that was uploaded before; `head` says what it is in this message.
    pub(in crate::ops) async fn add_object(&mut self, draft: AttachmentDraft, upload: &Upload) -> Result<(), Failure> {
        let check = self.check(draft)?;
        self.count_bytes(upload.length)?;
        let form = &self.isds.form;
        let (head, tail) = (
            form.file_head(check.head(), ContentForm::Encoded),
            form.file_tail(ContentForm::Encoded),
        );
        self.files_bytes += head.len() as u64 + base64_len(upload.length) + tail.len() as u64;
        self.builder
            .add_object(&head, &upload.object, upload.length, tail)
            .await?;
        let content = Some((upload.object.clone(), upload.length));
        self.attachments.push(StoredAttachment::of(check.head(), content));
        if !self.uploads.contains(&upload.id) {
            self.uploads.push(upload.id);
        }
        Ok(())
    }

    fn check(&mut self, draft: AttachmentDraft) -> Result<AttachmentCheck, Refusal> {
        if self.attachments.len() == self.isds.limits.attachments {
            let limit = format!("{} příloh", self.isds.limits.attachments);
            return Err(Refusal::about(Status::ATTACHMENT_COUNT, limit));
        }
        let check = AttachmentCheck::begin(draft)?;
        if check.is_container() {
            self.containers += 1;
            if self.containers > self.isds.limits.containers {
                let limit = format!("{} kontejnerů", self.isds.limits.containers);
                return Err(Refusal::about(Status::ATTACHMENT_COUNT, limit));
            }
        }
        Ok(check)
    }

    fn count_bytes(&mut self, bytes: u64) -> Result<(), Refusal> {
        self.raw_bytes += bytes;
        let limits = &self.isds.limits;
        match self.size {
            MessageSize::Ordinary if self.raw_bytes > limits.message_bytes => {
                Err(Refusal::of(Status::MESSAGE_TOO_LARGE))
            }
            MessageSize::Large if self.raw_bytes > limits.large_message_bytes => {
                Err(Refusal::of(Status::LARGE_MESSAGE_TOO_LARGE))
            }
            _ => Ok(()),
        }
    }

    /// Adds raw bytes of the attachment that was begun.
    ///
    /// # Errors
    /// 1200 as soon as the sum is over the limit, in a large message 1296; there 1295 as soon as the attachment alone is
    /// too large to come in this call; failures of the object storage.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if let Some(check) = &mut self.current {
            check.feed(bytes);
            if self.size == MessageSize::Large && check.len() > self.isds.limits.message_bytes {
                return Err(Failure::refused(Status::INLINE_ATTACHMENT_TOO_LARGE));
            }
        }
        self.count_bytes(bytes.len() as u64)?;
        self.builder.write(bytes).await?;
        Ok(())
    }

    /// Ends the attachment: what it is must agree with its name and MIME type, and what is inside a container with the
    /// rules for containers.
    ///
    /// # Errors
    /// 1214; failures of the object storage.
    pub async fn end_attachment(&mut self) -> Result<(), Failure> {
        let tail = self.isds.form.file_tail(ContentForm::Encoded);
        let object = self.builder.end_file(tail).await?;
        if let Some(check) = self.current.take() {
            self.files_bytes += base64_len(check.len()) + tail.len() as u64;
            let content = self.builder.ended(object.as_ref());
            check.examine_container(content).await?;
            self.attachments.push(StoredAttachment::of(check.head(), object));
            check.finish()?;
        }
        Ok(())
    }

    /// An attachment whose content is at hand.
    ///
    /// # Errors
    /// As the single steps.
    pub async fn add_attachment(&mut self, draft: AttachmentDraft, content: &[u8]) -> Result<(), Failure> {
        self.begin_attachment(draft).await?;
        self.write(content).await?;
        self.end_attachment().await
    }

    /// Makes the message durable and answers its number. Nothing was said before this returns.
    ///
    /// # Errors
    /// 2032 where no attachment came; of a large message 1297 where they are too small, 1294 where one of them was
    /// purged meanwhile; failures of the stores.
    pub async fn accept(self) -> Result<MessageId, Failure> {
        let accepted = self.accept_all().await?;
        let first = accepted.first().copied();
        first.ok_or_else(|| Failure::Broken("a submission without a message", "no number was given".into()))
    }

    /// Makes all the messages durable at once, and answers their numbers.
    pub(in crate::ops) async fn accept_all(self) -> Result<Vec<MessageId>, Failure> {
        if let Err(refusal) = self.complete() {
            self.builder.abandon().await;
            return Err(refusal.into());
        }
        let isds = self.isds;
        let Built { documents, written } = self.builder.finish(isds.form.tail()).await?;
        let large = (self.size == MessageSize::Large).then_some(self.attachments.clone());
        let outline = Outline {
            attachment_count: i64::try_from(self.attachments.len()).unwrap_or(i64::MAX),
            attachment_size_kb: attachment::size_in_kilobytes(self.files_bytes),
            large,
        };
        let mut new = Vec::with_capacity(documents.len());
        let mut postages = Vec::with_capacity(documents.len());
        for (message, document) in self.messages.into_iter().zip(documents) {
            let (postage, mut message) = new_message(isds, message, document, &outline, &self.uploads);
            message.bulk_row = self.bulk_row;
            message.sending = self.sending;
            postages.push(postage);
            new.push(message);
        }
        let numbers = new.iter().map(|new| new.message.id).collect();
        let accepted = match (postages.pop(), new.len()) {
            (Some(postage), 1) => {
                let only = new.remove(0);
                isds.accept_paid(postage, only).await
            }
            // Nobody pays for them: of several messages all are public.
            _ => {
                let accepted = isds.store.accept_messages(&new, &written).await;
                if accepted.is_ok() {
                    new.iter().for_each(|new| isds.note_accepted(new));
                }
                accepted.map_err(Failure::from)
            }
        };
        if accepted.as_ref().is_err_and(is_unwritten) {
            super::content::remove(&*isds.objects, &written).await;
        }
        accepted?;
        isds.job_added.notify_one();
        Ok(numbers)
    }

    /// The attachments are all there and large enough.
    fn complete(&self) -> Result<(), Refusal> {
        if self.attachments.is_empty() {
            return Err(Refusal::of(Status::NO_DOCUMENT));
        }
        if self.size == MessageSize::Large && self.raw_bytes < self.isds.limits.large_message_least_bytes {
            return Err(Refusal::of(Status::LARGE_MESSAGE_TOO_SMALL));
        }
        Ok(())
    }

    /// Gives the message up and removes what was stored of it.
    pub async fn abandon(self) {
        self.builder.abandon().await;
    }
}

/// Whether it is certain that nothing was written. Where the database failed, the message may be there.
fn is_unwritten(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused(_)) || failure.is_withdrawn()
}

/// What messages with the same attachments have in common.
struct Outline {
    attachment_count: i64,
    attachment_size_kb: i64,
    large: Option<Vec<StoredAttachment>>,
}

fn new_message(
    isds: &Isds,
    message: Addressed,
    document: Document,
    outline: &Outline,
    uploads: &[UploadId],
) -> (Postage, NewMessage) {
    // Messages of one call are independent, each with its own time (manual M 2.2).
    let submitted = isds.clock.legal().to_millis();
    let new = NewMessage {
        message: Message {
            id: message.id,
            envelope: message.envelope,
            kind: message.postage.title.kind,
            content: Content {
                segments: document.segments,
                sha256: document.sha256,
                sha3_256: document.sha3_256,
                attachment_count: outline.attachment_count,
                attachment_size_kb: outline.attachment_size_kb,
                large: outline.large.clone(),
            },
            timestamp_token: None,
            scan: None,
            withheld: false,
            state: MessageState::submitted(submitted),
            version: 0,
        },
        author: message.author,
        event: Event {
            kind: EventKind::Submitted,
            time: submitted,
        },
        job_due: isds.clock.real(),
        payment: None,
        uploads: uploads.to_vec(),
        bulk_row: None,
        sending: None,
    };
    (message.postage, new)
}
