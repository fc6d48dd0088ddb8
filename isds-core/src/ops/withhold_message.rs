//! Withholding a message from its recipient: a measure of the system's administrator against dangerous content. No
//! operation of the contract sets it; the downloads answer 3022 while it stands (information for developers of January
//! 2025, item 3).
//!
//! Envelope, lists, delivery info and `dmHash` stay: that the message was delivered, and when, is not taken back. The
//! sender's copy is the sender's own and is not kept from it.

use crate::audit::{AuditAction, AuditSubject};
use crate::error::Failure;
use crate::ids::MessageId;
use crate::principal::Principal;
use crate::status::Status;

use super::Isds;

impl Isds {
    /// Keeps the recipient from downloading a message until it is released. Withholding it again changes nothing.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 1219.
    pub async fn withhold_message(&self, caller: &Principal, id: MessageId) -> Result<(), Failure> {
        self.set_withheld(caller, id, true).await
    }

    /// Lets the recipient download a message again. Releasing one that is not withheld changes nothing.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 1219.
    pub async fn release_message(&self, caller: &Principal, id: MessageId) -> Result<(), Failure> {
        self.set_withheld(caller, id, false).await
    }

    async fn set_withheld(&self, caller: &Principal, id: MessageId, withheld: bool) -> Result<(), Failure> {
        let action = if withheld {
            AuditAction::MessageWithheld
        } else {
            AuditAction::MessageReleased
        };
        let subject = AuditSubject::message(id);
        self.recorded(caller, action, subject, self.write_withheld(caller, id, withheld))
            .await
    }

    async fn write_withheld(&self, caller: &Principal, id: MessageId, withheld: bool) -> Result<(), Failure> {
        if !caller.is_operator() {
            return Err(Failure::refused(Status::NO_RIGHT));
        }
        if !self.store.set_withheld(id, withheld).await? {
            return Err(Failure::refused(Status::NO_MESSAGE));
        }
        tracing::info!(
            dm_id = id.0,
            withheld,
            "the administrator decided whether a message may be downloaded"
        );
        Ok(())
    }
}
