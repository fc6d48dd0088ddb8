//! `CreateMessage`: from a draft to an accepted message.
//!
//! The envelope is judged before any attachment is read, attachments pass through once (checked, hashed, stored as they
//! come), and only when content and rows are durable is a number given out.

use crate::attachment::{self, AttachmentCheck};
use crate::data_box::DataBox;
use crate::envelope::{Envelope, EnvelopeDraft, MAX_NAME, MessageKind};
use crate::error::{Failure, Refusal};
use crate::event::{Event, EventKind};
use crate::ids::{BoxId, BoxIdError, MessageId};
use crate::message::{Content, Message, MessageState};
use crate::operation::Operation;
use crate::ports::{Author, ContentForm, NewMessage};
use crate::principal::{Actor, Principal};
use crate::splice::base64_len;
use crate::status::Status;
use crate::text::truncate;

use super::Isds;

mod content;

use content::ContentBuilder;

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

/// A message whose envelope was found good and whose attachments are coming in.
///
/// Call [`begin_attachment`](Self::begin_attachment), [`write`](Self::write) and
/// [`end_attachment`](Self::end_attachment) for each attachment, then [`accept`](Self::accept). Whoever stops before
/// that calls [`abandon`](Self::abandon), so that nothing stays in the object storage.
pub struct Submission<'a> {
    isds: &'a Isds,
    id: MessageId,
    envelope: Envelope,
    kind: MessageKind,
    author: Author,
    builder: ContentBuilder<'a>,
    current: Option<AttachmentCheck>,
    count: usize,
    containers: usize,
    raw_bytes: u64,
    /// Bytes inside the element `dmFiles`, by which `dmAttachmentSize` is counted.
    files_bytes: u64,
}

impl Isds {
    /// Checks who calls and what the envelope says, in the order in which the answers matter: right, own box, limits of
    /// the envelope, recipient, kind of message.
    ///
    /// # Errors
    /// 1004, 1201, 2007, 1007, 1216, 1203, 1232, 1233; failures of the database.
    pub async fn create_message(&self, caller: &Principal, draft: EnvelopeDraft) -> Result<Submission<'_>, Failure> {
        let sender = caller.authorize(Operation::CreateMessage)?;
        // Sending has legal effect: what the caller's proof remembers of the box may be seconds old.
        let sender = self
            .store
            .lookup_box(sender.id)
            .await?
            .ok_or_else(|| Refusal::of(Status::NO_RIGHT))?;
        if !sender.state.is_accessible() {
            return Err(Failure::refused(Status::SENDER_BOX_INACCESSIBLE));
        }
        let draft = draft.normalize()?;
        let recipient_id = recipient_id(&draft)?;
        if recipient_id == sender.id {
            return Err(Failure::refused(Status::OWN_BOX));
        }
        let recipient = self.store.lookup_box(recipient_id).await?;
        let recipient = recipient
            .filter(|b| b.state.is_accessible() && !b.id.is_system())
            .ok_or_else(|| Refusal::of(Status::RECIPIENT_UNAVAILABLE))?;
        let kind = kind_of_message(&sender, &recipient, &draft)?;
        let author = author(caller, &draft);
        let envelope = fix_envelope(&sender, &recipient, draft);
        let id = self.store.next_message_id().await?;
        let head = self.form.head(id, &envelope);
        Ok(Submission {
            isds: self,
            id,
            envelope,
            kind,
            author,
            builder: ContentBuilder::new(&*self.objects, &head),
            current: None,
            count: 0,
            containers: 0,
            raw_bytes: 0,
            files_bytes: 0,
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

/// Which kind the message has (manual M 2.1 and 2.7.2): public as soon as an authority is on one side, else postal.
///
/// Of the titles to send a postal message this knows the contract. Credit and subsidy are kept nowhere yet, so no sender
/// has any, and the answer is what a sender without them gets. A wish for a title that the sender lacks (K, E) is
/// ignored, one for an initiating or reply message (I, O) is not.
fn kind_of_message(sender: &DataBox, recipient: &DataBox, draft: &EnvelopeDraft) -> Result<MessageKind, Refusal> {
    if sender.box_type.is_ovm() || recipient.box_type.is_ovm() {
        return Ok(MessageKind::Public);
    }
    if draft.message_type.as_deref() == Some("V") {
        return Err(Refusal::of(Status::NOT_MARKED_POSTAL));
    }
    if !recipient.open_addressing {
        return Err(Refusal::of(Status::RECIPIENT_TAKES_NO_POSTAL));
    }
    match draft.message_type.as_deref() {
        Some("O") => Err(Refusal::of(Status::NO_INITIATING_MESSAGE)),
        Some("I") => Err(Refusal::of(Status::NO_CONTRACT)),
        _ if sender.postal_contract => Ok(MessageKind::Contract),
        _ => Err(Refusal::of(Status::INSUFFICIENT_CREDIT)),
    }
}

fn author(caller: &Principal, draft: &EnvelopeDraft) -> Author {
    let (user_type, name) = match &caller.actor {
        Actor::Application => ("VIRTUAL".to_owned(), None),
        Actor::Person(person) | Actor::Operator(person) => (
            caller
                .membership
                .as_ref()
                .map_or("OFFICIAL", |m| m.user_type.name())
                .to_owned(),
            Some(person.full_name()),
        ),
    };
    Author {
        user_type,
        name,
        isds_id: caller.membership.as_ref().map(|m| m.isds_id.0.clone()),
        publish: draft.publish_own_id.unwrap_or(false),
        id_level: draft.id_level,
    }
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

impl Submission<'_> {
    /// Number that the message will have.
    #[must_use]
    pub fn id(&self) -> MessageId {
        self.id
    }

    /// Begins the next attachment, whose content comes as bytes.
    ///
    /// # Errors
    /// 2007 and 2010 for a head that is no head, 1298 for one too many, 1214 for a forbidden name or MIME type.
    pub async fn begin_attachment(&mut self, draft: AttachmentDraft) -> Result<(), Failure> {
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
    /// As [`begin_attachment`](Self::begin_attachment), and 1200 over the limit of the message.
    pub fn add_xml_attachment(&mut self, draft: AttachmentDraft, element: &[u8]) -> Result<(), Failure> {
        let mut check = self.check(draft)?;
        check.feed(element);
        self.count_bytes(element.len())?;
        let form = &self.isds.form;
        let head = form.file_head(check.head(), ContentForm::Xml);
        for part in [&head, element, form.file_tail(ContentForm::Xml)] {
            self.files_bytes += part.len() as u64;
            self.builder.literal(part);
        }
        Ok(check.finish()?)
    }

    fn check(&mut self, draft: AttachmentDraft) -> Result<AttachmentCheck, Refusal> {
        self.count += 1;
        if self.count > self.isds.limits.attachments {
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

    fn count_bytes(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.raw_bytes += bytes as u64;
        if self.raw_bytes > self.isds.limits.message_bytes {
            return Err(Refusal::of(Status::MESSAGE_TOO_LARGE));
        }
        Ok(())
    }

    /// Adds raw bytes of the attachment that was begun.
    ///
    /// # Errors
    /// 1200 as soon as the sum is over the limit; failures of the object storage.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.count_bytes(bytes.len())?;
        if let Some(check) = &mut self.current {
            check.feed(bytes);
        }
        self.builder.write(bytes).await?;
        Ok(())
    }

    /// Ends the attachment: what it is must agree with its name and MIME type.
    ///
    /// # Errors
    /// 1214; failures of the object storage.
    pub async fn end_attachment(&mut self) -> Result<(), Failure> {
        if let Some(check) = self.current.take() {
            self.files_bytes += base64_len(check.len()) + self.isds.form.file_tail(ContentForm::Encoded).len() as u64;
            check.finish()?;
        }
        self.builder
            .end_file(self.isds.form.file_tail(ContentForm::Encoded))
            .await?;
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
    /// 2032 where no attachment came; failures of the stores.
    pub async fn accept(self) -> Result<MessageId, Failure> {
        if self.count == 0 {
            self.builder.abandon().await;
            return Err(Failure::refused(Status::NO_DOCUMENT));
        }
        let isds = self.isds;
        let built = self.builder.finish(isds.form.tail()).await?;
        let submitted = isds.clock.legal().to_millis();
        let message = Message {
            id: self.id,
            envelope: self.envelope,
            kind: self.kind,
            content: Content {
                segments: built.segments.clone(),
                sha256: built.sha256,
                sha3_256: built.sha3_256,
                attachment_count: i64::try_from(self.count).unwrap_or(i64::MAX),
                attachment_size_kb: attachment::size_in_kilobytes(self.files_bytes),
            },
            timestamp_token: None,
            scan: None,
            state: MessageState::submitted(submitted),
            version: 0,
        };
        let event = Event {
            kind: EventKind::Submitted,
            time: submitted,
        };
        let new = NewMessage {
            message,
            author: self.author,
            event,
            job_due: isds.clock.real(),
        };
        isds.store.accept_message(&new).await?;
        isds.job_added.notify_one();
        Ok(self.id)
    }

    /// Gives the message up and removes what was stored of it.
    pub async fn abandon(self) {
        self.builder.abandon().await;
    }
}
