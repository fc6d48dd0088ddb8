//! `NumOfMessages` (isds_stat): how many messages the system has taken.

use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::principal::Principal;
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;

/// Longest time, in seconds, between the moment a message is dated and that in which its row can be read.
const WRITTEN_WITHIN: i64 = 3600;

impl Isds {
    /// Number of messages accepted since the beginning, and the legal time at which that was so. `kind` is `statType`:
    /// the contract names no values; 0 and nothing stand for all messages.
    ///
    /// # Errors
    /// 2007 for another kind.
    pub async fn num_of_messages(&self, caller: &Principal, kind: Option<i64>) -> Result<(u64, Timestamp), Failure> {
        caller.authorize_administration(Operation::NumOfMessages)?;
        if !matches!(kind, None | Some(0)) {
            return Err(Refusal::about(Status::INVALID_STRUCTURE, "statType je 0 nebo prázdné.").into());
        }
        let now = self.clock.legal();
        let count = self.store.count_messages(now.plus_seconds(-WRITTEN_WITHIN)).await?;
        Ok((count, now.to_millis()))
    }
}
