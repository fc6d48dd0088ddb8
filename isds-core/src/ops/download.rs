//! Reading one message: `MessageDownload`, `SignedMessageDownload`, `SignedSentMessageDownload`, the envelopes, and
//! `VerifyMessage`. None of them delivers anything.

use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use std::sync::Arc;

use crate::audit::{AuditAction, AuditSubject};
use crate::error::{Failure, Refusal};
use crate::ids::MessageId;
use crate::message::{Message, Phase, SideOf};
use crate::operation::{Endpoint, Operation};
use crate::principal::Principal;
use crate::splice::Splice;
use crate::status::Status;

use super::Isds;

/// A sealed document.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// CMS around the content.
    pub splice: Splice,
    /// The seal carries a signature timestamp.
    pub stamped: bool,
}

impl Isds {
    /// A received message to be downloaded with its content: delivered by login, not erased, not withheld.
    ///
    /// # Errors
    /// 1004, 1211, 1219, 1222, 3022.
    pub async fn received_message(
        &self,
        caller: &Principal,
        operation: Operation,
        id: MessageId,
    ) -> Result<Message, Failure> {
        let message = self.readable_message(caller, operation, id).await?;
        if message.withheld {
            return Err(Failure::refused(Status::WITHHELD));
        }
        self.record_reading(caller, downloading(caller), AuditSubject::message(id));
        Ok(message)
    }

    /// A received message that the caller may read: delivered by login and not erased.
    ///
    /// # Errors
    /// 1004, 1211, 1219, 1222.
    pub(super) async fn readable_message(
        &self,
        caller: &Principal,
        operation: Operation,
        id: MessageId,
    ) -> Result<Message, Failure> {
        let message = self.own_message(caller, operation, id, SideOf::Recipient).await?;
        refuse_without_read_right(caller, &message)?;
        if message.state.recipient.side.erased {
            return Err(Failure::refused(Status::NO_MESSAGE));
        }
        refuse_before_login(&message)?;
        Ok(message)
    }

    /// A sent message: delivered into the recipient's box and not erased.
    ///
    /// # Errors
    /// 1004, 1211, 1281, 1219, 1229.
    pub async fn sent_message(
        &self,
        caller: &Principal,
        operation: Operation,
        id: MessageId,
    ) -> Result<Message, Failure> {
        let message = self.own_message(caller, operation, id, SideOf::Sender).await?;
        refuse_before_delivery_in(&message)?;
        if message.state.sender.erased {
            return Err(Failure::refused(Status::NO_MESSAGE));
        }
        self.record_reading(caller, downloading(caller), AuditSubject::message(id));
        Ok(message)
    }

    /// Envelope of a received message; an erased one still has it.
    ///
    /// # Errors
    /// 1004, 1211, 1219, 1222.
    pub async fn message_envelope(&self, caller: &Principal, id: MessageId) -> Result<Message, Failure> {
        let message = self
            .own_message(caller, Operation::MessageEnvelopeDownload, id, SideOf::Recipient)
            .await?;
        refuse_without_read_right(caller, &message)?;
        if !message.state.recipient.side.erased {
            refuse_before_login(&message)?;
        }
        Ok(message)
    }

    /// Envelope of a sent message.
    ///
    /// # Errors
    /// 1004, 1211, 1219, 1229.
    pub async fn sent_message_envelope(&self, caller: &Principal, id: MessageId) -> Result<Message, Failure> {
        let message = self
            .own_message(caller, Operation::SentMessageEnvelopeDownload, id, SideOf::Sender)
            .await?;
        refuse_before_delivery_in(&message)?;
        Ok(message)
    }

    /// `dmHash` of an own message, an erased one included.
    ///
    /// # Errors
    /// 1004, 1211, 1219.
    pub async fn verify_message(&self, caller: &Principal, id: MessageId) -> Result<[u8; 32], Failure> {
        let own = caller.authorize(Operation::VerifyMessage)?.id;
        let message = self.lookup(id).await?;
        message.side_of(own).ok_or_else(|| Refusal::of(Status::OTHER_BOX))?;
        Ok(message.content.sha256)
    }

    pub(super) async fn lookup(&self, id: MessageId) -> Result<Message, Failure> {
        let mut message = self
            .store
            .lookup_message(id)
            .await?
            .ok_or_else(|| Refusal::of(Status::NO_MESSAGE))?;
        message.kind = message.kind.at(message.state.submitted, self.clock.legal());
        Ok(message)
    }

    async fn own_message(
        &self,
        caller: &Principal,
        operation: Operation,
        id: MessageId,
        side: SideOf,
    ) -> Result<Message, Failure> {
        let own = caller.authorize(operation)?.id;
        let message = self.lookup(id).await?;
        let owner = match side {
            SideOf::Sender => message.envelope.sender,
            SideOf::Recipient => message.envelope.recipient,
        };
        if owner != own {
            return Err(Failure::refused(Status::OTHER_BOX));
        }
        refuse_other_size(operation, &message)?;
        Ok(message)
    }

    /// Seals a document: one pass over it for the digest, then the frame around it. With `stamp`, the seal carries a
    /// timestamp as long as the authority answers.
    ///
    /// # Errors
    /// Failures of the object storage and of the key.
    pub async fn seal(&self, content: Splice, stamp: bool) -> Result<Sealed, Failure> {
        let length = content.len();
        let mut digest = Sha256::new();
        let mut stream = content.clone().stream(Arc::clone(&self.objects));
        while let Some(piece) = stream.try_next().await? {
            digest.update(&piece);
        }
        let frame = self
            .sealer
            .seal(digest.finalize().into(), length, self.clock.legal(), stamp)
            .await
            .map_err(|error| Failure::Broken("sealing failed", Box::new(error)))?;
        let splice = Splice::default()
            .then(frame.prefix)
            .then_splice(content)
            .then(frame.suffix);
        Ok(Sealed {
            splice,
            stamped: frame.stamped,
        })
    }
}

/// What is recorded: on a page a message is read, by web services it is downloaded.
fn downloading(caller: &Principal) -> AuditAction {
    if caller.session.is_some() {
        AuditAction::MessageRead
    } else {
        AuditAction::MessageDownloaded
    }
}

/// Downloads of ordinary and of large messages are services of different endpoints; those of dm_info serve both.
fn refuse_other_size(operation: Operation, message: &Message) -> Result<(), Refusal> {
    match (operation.endpoint(), message.is_large()) {
        (Endpoint::Dz, true) | (Endpoint::Vodz, false) => Err(Refusal::of(Status::WRONG_SIZE_OF_MESSAGE)),
        _ => Ok(()),
    }
}

/// A user without the right to personal messages is told so, and not to fetch the list, which would not help.
fn refuse_without_read_right(caller: &Principal, message: &Message) -> Result<(), Refusal> {
    // What is not in the box does not exist there, whoever asks.
    if message.state.delivered_in.is_none() {
        return Err(Refusal::of(Status::NO_MESSAGE));
    }
    if caller.privileges.may_read(message.envelope.personal_delivery()) {
        Ok(())
    } else {
        Err(Refusal::of(Status::NO_RIGHT))
    }
}

/// What was not yet delivered by login is closed to the recipient; before it reached the box, it does not exist there.
pub(super) fn refuse_before_login(message: &Message) -> Result<(), Refusal> {
    match message.state.phase {
        Phase::Accepted => Ok(()),
        Phase::DeliveredIn | Phase::Fiction => Err(Refusal::of(Status::NOT_YET_DELIVERED)),
        Phase::Submitted | Phase::Stamped | Phase::Infected | Phase::Undeliverable => {
            Err(Refusal::of(Status::NO_MESSAGE))
        }
    }
}

fn refuse_before_delivery_in(message: &Message) -> Result<(), Refusal> {
    match message.state.phase {
        Phase::Submitted | Phase::Stamped => Err(Refusal::of(Status::NOT_YET_DELIVERED_IN)),
        // An infected message is listed for its sender, but cannot be downloaded.
        Phase::Infected => Err(Refusal::of(Status::NO_MESSAGE)),
        _ => Ok(()),
    }
}
