//! `GetMessageStateChanges`: what became of sent messages lately.

use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::ports::StateChangeRecord;
use crate::principal::Principal;
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;

/// Changes are told for fifteen days back.
const WINDOW_SECONDS: i64 = 15 * 86_400;

impl Isds {
    /// Changes of the state of messages sent from the caller's box, oldest first. Without `from`, fifteen days back;
    /// an earlier `from` is moved there.
    ///
    /// # Errors
    /// 1004, 2017 where the interval ends before it begins.
    pub async fn message_state_changes(
        &self,
        caller: &Principal,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Vec<StateChangeRecord>, Failure> {
        let sender = caller.authorize(Operation::GetMessageStateChanges)?.id;
        let now = self.clock.legal();
        if matches!((from, to), (Some(from), Some(to)) if from > to) {
            return Err(Refusal::about(Status::SYNTAX, "dmFromTime je později než dmToTime.").into());
        }
        // A client whose clock is ahead asks from a time that is yet to come: nothing happened since.
        let to = to.unwrap_or(now);
        let earliest = now.plus_seconds(-WINDOW_SECONDS);
        let from = from.map_or(earliest, |from| from.max(earliest));
        Ok(self.store.list_state_changes(sender, from, to).await?)
    }
}
