//! Sending a draft: once, whatever is clicked twice, reloaded, or breaks in between.
//!
//! Every recipient's message gets its number before anything is sent, in the transaction that locks the draft. A message
//! with a number is accepted once, and only from whoever holds the lease of the sending then: one who was overtaken while
//! it stood still sends nothing and notes nothing any more. The draft goes only when all its messages went; otherwise it
//! is left with those who are missing.

use futures::TryStreamExt;

use crate::attachment::MetaType;
use crate::envelope::EnvelopeDraft;
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::ids::MessageId;
use crate::operation::Operation;
use crate::ops::create_message::{Addressed, MessageSize};
use crate::ops::{AttachmentDraft, Isds, Submission};
use crate::ports::{
    BegunSending, Draft, DraftContent, DraftId, DraftVersion, Sending, SendingId, SendingLease, SendingOutcome,
    SendingRow, StoreError, Upload,
};
use crate::principal::Principal;
use crate::status::Status;

use super::prospects::refused;
use super::{DraftError, writer_of};

/// How long nobody else takes over what somebody is sending, in real seconds. Who takes longer for a message goes on
/// with the next all the same, unless the sender had it taken over meanwhile.
const LEASE_SECONDS: i64 = 30;
/// How long what came of a sending is remembered, in real seconds.
const REMEMBERED_SECONDS: i64 = 30 * 24 * 3600;

impl DraftContent {
    /// The envelope that a recipient gets.
    pub(super) fn envelope_to(&self, recipient: BoxId) -> EnvelopeDraft {
        EnvelopeDraft {
            recipient: Some(recipient.to_string()),
            ..self.envelope.clone()
        }
    }
}

impl Isds {
    /// Begins to send a draft as it was when its sender looked at it. With a lease, the caller is to carry it on by
    /// [`carry_sending_on`](Self::carry_sending_on); without one it was begun before.
    ///
    /// # Errors
    /// 1004, 1201, 2032 without an attachment; [`DraftError::NoRecipient`], [`DraftError::Changed`] where the draft is
    /// not what the sender saw, [`DraftError::NotFound`].
    pub async fn begin_sending(
        &self,
        caller: &Principal,
        id: DraftId,
        seen: DraftVersion,
    ) -> Result<(SendingId, Option<SendingLease>), DraftError> {
        let own = self.sending_box(caller, Operation::CreateMessage).await?.id;
        if let Some(already) = self.store.find_sending(own, id, seen).await? {
            return Ok((already, None));
        }
        let draft = self.existing(own, id).await?;
        if draft.version != seen || draft.template.is_some() {
            return Err(DraftError::Changed);
        }
        if draft.content.recipients.is_empty() {
            return Err(DraftError::NoRecipient);
        }
        if draft.attachments.is_empty() {
            return Err(Refusal::of(Status::NO_DOCUMENT).into());
        }
        let mut rows = Vec::with_capacity(draft.content.recipients.len());
        for recipient in &draft.content.recipients {
            rows.push(SendingRow {
                recipient: *recipient,
                number: self.store.next_message_id().await?,
                outcome: None,
            });
        }
        let now = self.clock.real();
        let sending = Sending {
            id: SendingId(0),
            box_id: own,
            draft: id,
            started: now,
            lease_until: now.plus_seconds(LEASE_SECONDS),
            finished: false,
            subject: draft.content.envelope.annotation.clone().unwrap_or_default(),
            rows,
        };
        let forget = now.plus_seconds(-REMEMBERED_SECONDS);
        match self.store.begin_sending(&draft, &sending, forget).await? {
            BegunSending::Begun(lease) => Ok((lease.id, Some(lease))),
            BegunSending::Already(id) => Ok((id, None)),
            BegunSending::Changed => Err(DraftError::Changed),
        }
    }

    /// Takes over a sending that nobody is at work on. Nothing where somebody is, or it is done.
    ///
    /// # Errors
    /// 1004; [`DraftError::NotFound`].
    pub async fn take_sending_over(
        &self,
        caller: &Principal,
        id: SendingId,
    ) -> Result<Option<SendingLease>, DraftError> {
        let own = writer_of(caller)?;
        self.store.lookup_sending(id, own).await?.ok_or(DraftError::NotFound)?;
        let now = self.clock.real();
        Ok(self
            .store
            .take_sending(id, now, now.plus_seconds(LEASE_SECONDS))
            .await?)
    }

    /// Sends what a sending has not sent yet, and ends it. Called by whoever has begun it or taken it over; where another
    /// has taken it over since, that one goes on alone.
    ///
    /// # Errors
    /// 1004, 1201; failures of the stores, after which the sending can be taken over at once.
    pub async fn carry_sending_on(&self, caller: &Principal, lease: SendingLease) -> Result<(), DraftError> {
        let mut lease = lease;
        match self.carry(caller, &mut lease).await {
            Err(DraftError::Failure(failure)) if failure.is_withdrawn() => Ok(()),
            Err(error) => {
                self.store.give_sending_back(lease).await?;
                Err(error)
            }
            Ok(()) => Ok(()),
        }
    }

    async fn carry(&self, caller: &Principal, lease: &mut SendingLease) -> Result<(), DraftError> {
        let own = self.sending_box(caller, Operation::CreateMessage).await?.id;
        let sending = self
            .store
            .lookup_sending(lease.id, own)
            .await?
            .ok_or(DraftError::NotFound)?;
        if sending.finished {
            return Ok(());
        }
        let draft = self.existing(own, sending.draft).await?;
        let mut rows = sending.rows;
        for row in &mut rows {
            if self.was_accepted(own, row.number).await? {
                row.outcome = Some(SendingOutcome::Sent);
            }
        }
        let (size, _) = self.road_of(draft.attachments.iter().map(|a| a.length).sum());
        self.keep(lease).await?;
        self.send_together(caller, *lease, &draft, size, &mut rows).await?;
        for row in rows.iter_mut().filter(|row| row.outcome.is_none()) {
            self.keep(lease).await?;
            row.outcome = Some(self.send_alone(caller, *lease, &draft, size, row).await?);
        }
        let left: Vec<BoxId> = rows
            .iter()
            .filter(|row| row.outcome != Some(SendingOutcome::Sent))
            .map(|row| row.recipient)
            .collect();
        self.store
            .finish_sending(*lease, &rows, &left, self.clock.real())
            .await?;
        Ok(())
    }

    /// Keeps the lease for the next message; one that another holds ends the work.
    async fn keep(&self, lease: &mut SendingLease) -> Result<(), Failure> {
        let until = self.clock.real().plus_seconds(LEASE_SECONDS);
        let kept = self.store.extend_sending(*lease, until).await?;
        *lease = kept.ok_or(StoreError::RowWithdrawn)?;
        Ok(())
    }

    /// Ordinary public messages go together, as those of `CreateMultipleMessage`: their attachments are stored once. What
    /// costs something goes alone, since each is paid in the transaction that writes it.
    async fn send_together(
        &self,
        caller: &Principal,
        lease: SendingLease,
        draft: &Draft,
        size: MessageSize,
        rows: &mut [SendingRow],
    ) -> Result<(), Failure> {
        if size == MessageSize::Large {
            return Ok(());
        }
        let mut messages = Vec::new();
        let mut members = Vec::new();
        for (at, row) in rows.iter_mut().enumerate().filter(|(_, row)| row.outcome.is_none()) {
            match refused(self.addressed(caller, draft, size, row).await)? {
                Ok(message) if message.postage.title.payment.is_none() => {
                    messages.push(message);
                    members.push(at);
                }
                Ok(_) => {}
                Err(refusal) => row.outcome = Some(self.outcome_of(draft.box_id, row.number, &refusal).await?),
            }
        }
        if messages.len() < 2 {
            return Ok(());
        }
        let submission = Submission::begin(self, messages, size).for_sending(lease);
        let submitted = self.submit(submission, draft, size).await;
        for at in members {
            let Some(row) = rows.get_mut(at) else { continue };
            row.outcome = Some(match &submitted {
                Ok(()) => SendingOutcome::Sent,
                Err(Failure::Refused(refusal)) => self.outcome_of(draft.box_id, row.number, refusal).await?,
                // All or none were written, by whomever; then each is asked about by its number.
                Err(_) if self.was_accepted(draft.box_id, row.number).await? => SendingOutcome::Sent,
                Err(_) => return submitted,
            });
        }
        Ok(())
    }

    async fn send_alone(
        &self,
        caller: &Principal,
        lease: SendingLease,
        draft: &Draft,
        size: MessageSize,
        row: &SendingRow,
    ) -> Result<SendingOutcome, Failure> {
        let message = match refused(self.addressed(caller, draft, size, row).await)? {
            Ok(message) => message,
            Err(refusal) => return self.outcome_of(draft.box_id, row.number, &refusal).await,
        };
        let submission = Submission::begin(self, vec![message], size).for_sending(lease);
        match self.submit(submission, draft, size).await {
            Ok(()) => Ok(SendingOutcome::Sent),
            Err(Failure::Refused(refusal)) => self.outcome_of(draft.box_id, row.number, &refusal).await,
            // Another may have sent it under this number meanwhile, or the answer of the database was lost.
            Err(failure) => {
                if self.was_accepted(draft.box_id, row.number).await? {
                    Ok(SendingOutcome::Sent)
                } else {
                    Err(failure)
                }
            }
        }
    }

    /// The message to one recipient, under its number.
    async fn addressed(
        &self,
        caller: &Principal,
        draft: &Draft,
        size: MessageSize,
        row: &SendingRow,
    ) -> Result<Addressed, Failure> {
        let operation = match size {
            MessageSize::Ordinary => Operation::CreateMessage,
            MessageSize::Large => Operation::CreateBigMessage,
        };
        let sender = self.sending_box(caller, operation).await?;
        let envelope = draft.content.envelope_to(row.recipient).normalize()?;
        let recipient = self.recipient_of(&sender, &envelope).await?;
        let message = self.address(caller, &sender, &recipient, envelope, size).await?;
        Ok(Addressed {
            id: row.number,
            ..message
        })
    }

    /// Gives the messages their attachments and accepts them.
    async fn submit(&self, mut submission: Submission<'_>, draft: &Draft, size: MessageSize) -> Result<(), Failure> {
        for (place, upload) in draft.attachments.iter().enumerate() {
            let head = head_of(upload, place);
            let added = match size {
                MessageSize::Ordinary => self.copy_into(&mut submission, head, upload).await,
                MessageSize::Large => submission.add_object(head, upload).await,
            };
            if let Err(failure) = added {
                submission.abandon().await;
                return Err(failure);
            }
        }
        submission.accept_all().await?;
        Ok(())
    }

    /// An ordinary message has its attachments for itself.
    async fn copy_into(
        &self,
        submission: &mut Submission<'_>,
        head: AttachmentDraft,
        upload: &Upload,
    ) -> Result<(), Failure> {
        submission.begin_attachment(head).await?;
        let mut content = self.objects.read(&upload.object, 0, upload.length).await?;
        while let Some(bytes) = content.try_next().await? {
            submission.write(&bytes).await?;
        }
        submission.end_attachment().await
    }

    /// What a refusal came to: where another has sent the message meanwhile, what it cost or answered is used up, and it
    /// is sent all the same.
    async fn outcome_of(&self, own: BoxId, number: MessageId, refusal: &Refusal) -> Result<SendingOutcome, Failure> {
        if self.was_accepted(own, number).await? {
            return Ok(SendingOutcome::Sent);
        }
        Ok(SendingOutcome::Refused {
            code: refusal.status().code().to_owned(),
            text: refusal.text(),
        })
    }

    async fn was_accepted(&self, own: BoxId, number: MessageId) -> Result<bool, Failure> {
        let message = self.store.lookup_message(number).await?;
        Ok(message.is_some_and(|message| message.envelope.sender == own))
    }
}

/// The first attachment is the document, the others are enclosed to it.
fn head_of(upload: &Upload, place: usize) -> AttachmentDraft {
    let meta_type = if place == 0 {
        MetaType::Main
    } else {
        MetaType::Enclosure
    };
    AttachmentDraft {
        mime_type: Some(upload.mime_type.clone()),
        meta_type: Some(meta_type.name().to_owned()),
        file_name: Some(upload.file_name.clone()),
        ..AttachmentDraft::default()
    }
}
