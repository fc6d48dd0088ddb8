//! What will become of a message before it is sent: to each recipient of what kind it will be, who pays for it, or why
//! it cannot be sent.

use crate::box_type::BoxType;
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::operation::Operation;
use crate::ops::Isds;
use crate::ops::create_message::MessageSize;
use crate::ports::DraftContent;
use crate::postal::{Means, Title};
use crate::principal::Principal;
use crate::status::Status;

use super::DraftError;

/// Who a recipient is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientSummary {
    /// Name of the holder.
    pub name: String,
    /// Address on one line.
    pub address: String,
    /// Type of the box.
    pub box_type: BoxType,
}

/// One recipient of a draft, as things stand now.
#[derive(Debug, Clone)]
pub struct Prospect {
    /// Box.
    pub recipient: BoxId,
    /// Who that is; none where there is no such box.
    pub summary: Option<RecipientSummary>,
    /// By which title the message will go, or why it cannot.
    pub title: Result<Title, Refusal>,
}

/// All the recipients of a draft.
#[derive(Debug, Clone)]
pub struct Prospects {
    /// In the order of the draft.
    pub recipients: Vec<Prospect>,
    /// Attachments go over the large-message road.
    pub large: bool,
    /// Bytes of the attachments.
    pub bytes: u64,
    /// What all the messages together take from the credit of the box, in hellers.
    pub from_credit: i64,
    /// What the credit has, in hellers.
    pub credit: i64,
}

impl Prospects {
    /// All of them can be sent, and the credit suffices for all.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.recipients.is_empty()
            && self.recipients.iter().all(|p| p.title.is_ok())
            && self.from_credit <= self.credit
    }
}

impl Isds {
    /// Asks of each recipient what sending would ask, of a message with so many bytes of attachments.
    ///
    /// # Errors
    /// 1004, 1201, 2007; failures of the database.
    pub async fn draft_prospects(
        &self,
        caller: &Principal,
        content: &DraftContent,
        bytes: u64,
    ) -> Result<Prospects, DraftError> {
        let sender = self.sending_box(caller, Operation::CreateMessage).await?;
        let (size, _) = self.road_of(bytes);
        let mut recipients = Vec::with_capacity(content.recipients.len());
        let mut from_credit = 0;
        for recipient in &content.recipients {
            let envelope = content.envelope_to(*recipient).normalize()?;
            let found = self.store.lookup_box(*recipient).await?;
            let summary = found
                .filter(|found| !found.id.is_system())
                .map(|found| RecipientSummary {
                    name: found.holder_name(),
                    address: found.address.one_line(),
                    box_type: found.box_type,
                });
            let title = match self.recipient_of(&sender, &envelope).await {
                Ok(found) => {
                    let postage = self.postage(&sender, &found, &envelope, size.postal()).await;
                    refused(postage.map(|postage| postage.title))?
                }
                Err(failure) => refused(Err(failure))?,
            };
            if let Ok(Title {
                payment: Some(payment), ..
            }) = &title
                && payment.means == Means::Credit
            {
                from_credit += payment.amount;
            }
            recipients.push(Prospect {
                recipient: *recipient,
                summary,
                title,
            });
        }
        let account = self.store.lookup_credit(sender.id).await?;
        Ok(Prospects {
            recipients,
            large: size == MessageSize::Large,
            bytes,
            from_credit,
            credit: account.map_or(0, |account| account.available(self.clock.legal())),
        })
    }

    /// The box that an ID names, for a draft of the caller's box.
    ///
    /// # Errors
    /// 1004, 1007 for what is no box ID, 5001 where there is no such box.
    pub async fn recipient_named(&self, caller: &Principal, id: &str) -> Result<(BoxId, RecipientSummary), DraftError> {
        super::writer_of(caller)?;
        let id: BoxId = id.trim().parse().map_err(|_| Refusal::of(Status::MALFORMED_BOX_ID))?;
        let found = self.store.lookup_box(id).await?.filter(|found| !found.id.is_system());
        let found = found.ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?;
        let summary = RecipientSummary {
            name: found.holder_name(),
            address: found.address.one_line(),
            box_type: found.box_type,
        };
        Ok((id, summary))
    }
}

/// A refusal is an answer here; only failures of ours stop.
pub(super) fn refused<T>(result: Result<T, Failure>) -> Result<Result<T, Refusal>, Failure> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Failure::Refused(refusal)) => Ok(Err(refusal)),
        Err(failure) => Err(failure),
    }
}
