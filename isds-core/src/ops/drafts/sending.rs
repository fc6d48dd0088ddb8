//! Sending a draft: once, whatever is clicked twice, reloaded, or breaks in between.
//!
//! Every recipient's message gets its number before anything is sent, in the transaction that locks the draft. A message
//! with a number is accepted once, so whoever carries a sending on, even at the same time as another, sends nothing
//! twice. The draft goes only when all its messages went; otherwise it is left with those who are missing.

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
    BegunSending, Draft, DraftContent, DraftId, DraftVersion, Sending, SendingId, SendingOutcome, SendingRow, Upload,
};
use crate::principal::Principal;
use crate::status::Status;

use super::prospects::refused;
use super::{DraftError, writer_of};

/// How long nobody else takes over what somebody is sending, in real seconds.
const LEASE_SECONDS: i64 = 120;
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
    /// Begins to send a draft as it was when its sender looked at it. True where the caller is to carry it on with
    /// [`carry_sending_on`](Self::carry_sending_on); otherwise it was begun before.
    ///
    /// # Errors
    /// 1004, 1201, 2032 without an attachment; [`DraftError::NoRecipient`], [`DraftError::Changed`] where the draft is
    /// not what the sender saw, [`DraftError::NotFound`].
    pub async fn begin_sending(
        &self,
        caller: &Principal,
        id: DraftId,
        seen: DraftVersion,
    ) -> Result<(SendingId, bool), DraftError> {
        let own = self.sending_box(caller, Operation::CreateMessage).await?.id;
        if let Some(already) = self.store.find_sending(own, id, seen).await? {
            return Ok((already, false));
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
            BegunSending::Begun(id) => Ok((id, true)),
            BegunSending::Already(id) => Ok((id, false)),
            BegunSending::Changed => Err(DraftError::Changed),
        }
    }

    /// Takes over a sending that nobody is at work on. False where somebody is, or it is done.
    ///
    /// # Errors
    /// 1004; [`DraftError::NotFound`].
    pub async fn take_sending_over(&self, caller: &Principal, id: SendingId) -> Result<bool, DraftError> {
        let own = writer_of(caller)?;
        self.store.lookup_sending(id, own).await?.ok_or(DraftError::NotFound)?;
        let now = self.clock.real();
        Ok(self
            .store
            .take_sending(id, now, now.plus_seconds(LEASE_SECONDS))
            .await?)
    }

    /// Sends what a sending has not sent yet, and ends it. Called by whoever has begun it or taken it over.
    ///
    /// # Errors
    /// 1004, 1201; failures of the stores, after which the sending can be taken over at once.
    pub async fn carry_sending_on(&self, caller: &Principal, id: SendingId) -> Result<(), DraftError> {
        let carried = self.carry(caller, id).await;
        if carried.is_err() {
            self.store.give_sending_back(id).await?;
        }
        carried
    }

    async fn carry(&self, caller: &Principal, id: SendingId) -> Result<(), DraftError> {
        let own = self.sending_box(caller, Operation::CreateMessage).await?.id;
        let sending = self.store.lookup_sending(id, own).await?.ok_or(DraftError::NotFound)?;
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
        let size = self.size_of(draft.attachments.iter().map(|a| a.length).sum());
        self.send_together(caller, &draft, size, &mut rows).await?;
        for row in rows.iter_mut().filter(|row| row.outcome.is_none()) {
            row.outcome = Some(self.send_alone(caller, &draft, size, row).await?);
        }
        let left: Vec<BoxId> = rows
            .iter()
            .filter(|row| row.outcome != Some(SendingOutcome::Sent))
            .map(|row| row.recipient)
            .collect();
        self.store.finish_sending(id, &rows, &left, self.clock.real()).await?;
        Ok(())
    }

    /// Ordinary public messages go together, as those of `CreateMultipleMessage`: their attachments are stored once. What
    /// costs something goes alone, since each is paid in the transaction that writes it.
    async fn send_together(
        &self,
        caller: &Principal,
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
                Err(refusal) => row.outcome = Some(outcome_of(&refusal)),
            }
        }
        if messages.len() < 2 {
            return Ok(());
        }
        let outcome = self.submit(Submission::begin(self, messages, size), draft, size).await;
        let outcome = match outcome {
            Ok(()) => SendingOutcome::Sent,
            Err(Failure::Refused(refusal)) => outcome_of(&refusal),
            // All or none were written, by whomever; then each is asked about by its number.
            Err(failure) => {
                if !self.was_accepted(draft.box_id, rows[members[0]].number).await? {
                    return Err(failure);
                }
                SendingOutcome::Sent
            }
        };
        for at in members {
            rows[at].outcome = Some(outcome.clone());
        }
        Ok(())
    }

    async fn send_alone(
        &self,
        caller: &Principal,
        draft: &Draft,
        size: MessageSize,
        row: &SendingRow,
    ) -> Result<SendingOutcome, Failure> {
        let message = match refused(self.addressed(caller, draft, size, row).await)? {
            Ok(message) => message,
            Err(refusal) => return Ok(outcome_of(&refusal)),
        };
        let submission = Submission::begin(self, vec![message], size);
        match self.submit(submission, draft, size).await {
            Ok(()) => Ok(SendingOutcome::Sent),
            Err(Failure::Refused(refusal)) => Ok(outcome_of(&refusal)),
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

fn outcome_of(refusal: &Refusal) -> SendingOutcome {
    SendingOutcome::Refused {
        code: refusal.status().code().to_owned(),
        text: refusal.text(),
    }
}
