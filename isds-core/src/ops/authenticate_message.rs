//! `AuthenticateMessage`: is this sealed message or delivery info ours, and unchanged?

use crate::error::{Chain, Failure, Refusal};
use crate::message::{Message, Phase};
use crate::ports::{AuthenticDocument, AuthenticityError};
use crate::principal::Principal;
use crate::status::Status;

use super::Isds;

impl Isds {
    /// Examines the document in `file`: first by itself (structure, hash, seal, timestamps, chain), then against what
    /// this system knows of the message, erased ones included.
    ///
    /// # Errors
    /// 2200 for what is no sealed document.
    pub async fn authenticate_message(&self, _caller: &Principal, file: std::fs::File) -> Result<bool, Failure> {
        let document = match self.authenticator.authenticate(file).await {
            Ok(document) => document,
            Err(AuthenticityError::NotSealed(error)) => {
                tracing::debug!(error = %Chain(&*error), "not a sealed document");
                return Err(Refusal::of(Status::NOT_A_SEALED_DOCUMENT).into());
            }
            Err(AuthenticityError::DoesNotHold(error)) => {
                tracing::info!(error = %Chain(&*error), "a sealed document does not hold");
                return Ok(false);
            }
            Err(AuthenticityError::Failed(error)) => {
                return Err(Failure::Broken("a sealed document could not be examined", error));
            }
        };
        let Some(message) = self.store.lookup_message(document.id).await? else {
            return Ok(false);
        };
        Ok(agrees(&document, &message))
    }
}

/// The document says what this system knows, or knew when it was made (manual M 2.3.1): times that came later may be
/// missing with an earlier state, and states may be earlier.
pub(super) fn agrees(document: &AuthenticDocument, message: &Message) -> bool {
    let state = &message.state;
    document.hash == message.content.sha256
        && document.hash_algorithm == "SHA-256"
        && was_ever(document.status, message)
        && (document.delivery_time.is_none() || document.delivery_time == state.delivered_in)
        && (document.acceptance_time.is_none()
            || document.acceptance_time == state.accepted
            // Made while fiction still stood, before the box was found to have been disabled earlier.
            || state.phase == Phase::Undeliverable)
}

/// Whether the message is or was in this state of the wire.
fn was_ever(status: i64, message: &Message) -> bool {
    let state = &message.state;
    let erased = state.sender.erased || state.recipient.side.erased;
    match status {
        1 | 2 => true,
        3 => state.phase == Phase::Infected,
        4 => state.delivered_in.is_some(),
        5 => matches!(state.phase, Phase::Fiction | Phase::Accepted | Phase::Undeliverable),
        6 => state.phase == Phase::Accepted,
        7 => state.phase == Phase::Accepted && state.recipient.read,
        8 => state.phase == Phase::Undeliverable,
        9 => erased,
        _ => false,
    }
}
