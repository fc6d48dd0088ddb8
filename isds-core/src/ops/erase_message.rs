//! `EraseMessage`: out of the vault, for good.

use crate::audit::{AuditAction, AuditSubject};
use crate::error::Failure;
use crate::ids::MessageId;
use crate::message::{Input, SideOf};
use crate::operation::Operation;
use crate::ports::StoreError;
use crate::principal::Principal;
use crate::status::Status;

use super::Isds;
use super::process_message::Step;

impl Isds {
    /// Erases the caller's copy of a message that lies in the vault (manual M 2.9).
    ///
    /// # Errors
    /// 1218 without the right, 1211 for another box's message, 1219 for one that is not there or not in the vault.
    pub async fn erase_message(&self, caller: &Principal, id: MessageId, side: SideOf) -> Result<(), Failure> {
        let own = caller.authorize(Operation::EraseMessage)?.id;
        loop {
            let message = self.lookup(id).await?;
            let is_own = |box_id| box_id == own;
            let (sent, received) = (is_own(message.envelope.sender), is_own(message.envelope.recipient));
            if !sent && !received {
                return Err(Failure::refused(Status::OTHER_BOX));
            }
            let right_way = match side {
                SideOf::Sender => sent,
                SideOf::Recipient => received,
            };
            let copy = message.state.side(side);
            if !right_way || !copy.in_vault || copy.erased {
                return Err(Failure::refused(Status::NO_MESSAGE));
            }
            let change = Step::of(&message)
                .then(Input::EraseFromVault { side })
                .map_err(Failure::from)?
                .counting(own, -1)
                .freeing(self.clock.real())
                .into_change();
            match self.store.apply_changes(&[change]).await {
                // Somebody changed it meanwhile: it is judged anew.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => break,
            }
        }
        self.record(caller, AuditAction::MessageErased, AuditSubject::message(id));
        Ok(())
    }
}
