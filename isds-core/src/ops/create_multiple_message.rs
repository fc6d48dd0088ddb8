//! `CreateMultipleMessage`: the same attachments to up to fifty boxes, as independent messages (manual M 2.2).
//!
//! What is wrong with the call as a whole refuses it as a whole; what is wrong with one recipient is told for that
//! recipient alone. The attachments pass once and are stored once. All messages are written in one transaction: a
//! failure in between would otherwise leave a caller, who gets no numbers then, with messages that went out.

use crate::envelope::EnvelopeDraft;
use crate::error::{Failure, Refusal};
use crate::ids::MessageId;
use crate::operation::Operation;
use crate::principal::Principal;
use crate::status::Status;

use super::create_message::{Addressed, MessageSize};
use super::{Isds, Submission};

/// A recipient as the caller names it (XSD `tRecipients`).
#[derive(Debug, Clone, Default)]
pub struct RecipientDraft {
    /// `dbIDRecipient`.
    pub box_id: Option<String>,
    /// `dmRecipientOrgUnit`.
    pub org_unit: Option<String>,
    /// `dmRecipientOrgUnitNum`.
    pub org_unit_num: Option<i64>,
    /// `dmToHands`.
    pub to_hands: Option<String>,
}

impl RecipientDraft {
    /// Most recipients of a call (manual M 2.2).
    pub const MOST: usize = 50;

    /// The common envelope, addressed to this recipient.
    fn envelope(self, common: &EnvelopeDraft) -> EnvelopeDraft {
        EnvelopeDraft {
            recipient: self.box_id,
            recipient_org_unit: self.org_unit,
            recipient_org_unit_num: self.org_unit_num,
            to_hands: self.to_hands,
            ..common.clone()
        }
    }
}

/// The messages of one call: those that can be sent, and why the others cannot.
pub struct MultipleSubmission<'a> {
    submission: Option<Submission<'a>>,
    /// In the order of the recipients; nothing for one that can be sent to.
    refusals: Vec<Option<Refusal>>,
}

impl Isds {
    /// Checks who calls and the envelope, then each recipient.
    ///
    /// # Errors
    /// 1004, 1201, 2007 for no recipient, more than fifty, or an envelope over its limits; failures of the database.
    pub async fn create_multiple_message(
        &self,
        caller: &Principal,
        recipients: Vec<RecipientDraft>,
        draft: EnvelopeDraft,
    ) -> Result<MultipleSubmission<'_>, Failure> {
        let sender = self.sending_box(caller, Operation::CreateMultipleMessage).await?;
        let most = RecipientDraft::MOST;
        if recipients.is_empty() || recipients.len() > most {
            let rule = format!("adresátů (dmRecipient) má být 1 až {most}.");
            return Err(Refusal::about(Status::INVALID_STRUCTURE, rule).into());
        }
        let draft = draft.normalize()?;
        let alone = recipients.len() == 1;
        let mut messages = Vec::with_capacity(recipients.len());
        let mut refusals = Vec::with_capacity(recipients.len());
        for recipient in recipients {
            match self
                .address_one(caller, &sender, recipient.envelope(&draft), alone)
                .await
            {
                Ok(message) => {
                    messages.push(message);
                    refusals.push(None);
                }
                Err(Failure::Refused(refusal)) => refusals.push(Some(refusal)),
                Err(failure) => return Err(failure),
            }
        }
        let submission = (!messages.is_empty()).then(|| Submission::begin(self, messages, MessageSize::Ordinary));
        Ok(MultipleSubmission { submission, refusals })
    }

    async fn address_one(
        &self,
        caller: &Principal,
        sender: &crate::data_box::DataBox,
        draft: EnvelopeDraft,
        alone: bool,
    ) -> Result<Addressed, Failure> {
        let draft = draft.normalize()?;
        let recipient = self.recipient_of(sender, &draft).await?;
        // Several messages are never postal, so they mix with none either (manual M 2.2); to a single recipient it is
        // an ordinary message.
        if !alone && !sender.box_type.is_ovm() && !recipient.box_type.is_ovm() {
            return Err(Failure::refused(Status::NOT_MARKED_POSTAL));
        }
        self.address(caller, sender, &recipient, draft, MessageSize::Ordinary)
            .await
    }
}

impl<'a> MultipleSubmission<'a> {
    /// The messages that can be sent, to take the attachments; nothing where there are none.
    pub fn submission(&mut self) -> Option<&mut Submission<'a>> {
        self.submission.as_mut()
    }

    /// Makes the messages durable and answers, in the order of the recipients, the number of each or why there is none.
    ///
    /// # Errors
    /// 2032 where no attachment came; failures of the stores. Nothing was sent then.
    pub async fn accept(self) -> Result<Vec<Result<MessageId, Refusal>>, Failure> {
        let mut refusals = self.refusals;
        let accepted = match self.submission {
            None => Vec::new(),
            Some(submission) => match submission.accept_all().await {
                Ok(numbers) => numbers,
                // What pays for a single postal message is known only now.
                Err(Failure::Refused(refusal)) if refusals.len() == 1 && refusal.status() != Status::NO_DOCUMENT => {
                    refusals = vec![Some(refusal)];
                    Vec::new()
                }
                Err(failure) => return Err(failure),
            },
        };
        let mut numbers = accepted.into_iter();
        let unnumbered = || {
            Failure::Broken(
                "a message without a number",
                "there are more messages than numbers".into(),
            )
        };
        refusals
            .into_iter()
            .map(|refusal| match refusal {
                Some(refusal) => Ok(Err(refusal)),
                None => numbers.next().map(Ok).ok_or_else(unnumbered),
            })
            .collect()
    }

    /// Gives all of them up and removes what was stored of them.
    pub async fn abandon(self) {
        if let Some(submission) = self.submission {
            submission.abandon().await;
        }
    }
}
