//! `RegisterForNotifications` and `GetListForNotifications`: an application learns what waits without delivering it.

use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::ports::{DeliveredQuery, MessageRecord};
use crate::principal::Principal;
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;

/// Notifications in one answer; `ntfListContinues` says that there are more.
const PAGE: u64 = 1000;

/// What an application is notified of.
#[derive(Debug)]
pub struct NotificationList {
    /// Messages, oldest first.
    pub records: Vec<MessageRecord>,
    /// There are more.
    pub continues: bool,
}

impl Isds {
    /// Registers the caller's box for notifications (`action` 1) or cancels that (0).
    ///
    /// # Errors
    /// 1004 for anybody but an application with a certificate; 2007 for another action.
    pub async fn register_for_notifications(&self, caller: &Principal, action: i64) -> Result<(), Failure> {
        let own = caller.authorize(Operation::RegisterForNotifications)?.id;
        let since = match action {
            0 => None,
            1 => Some(self.clock.legal()),
            _ => return Err(Refusal::about(Status::INVALID_STRUCTURE, "action je 0 nebo 1.").into()),
        };
        Ok(self.store.set_notified(own, since).await?)
    }

    /// Messages delivered into the caller's box since `from`. Nothing is delivered by it.
    ///
    /// # Errors
    /// 1004, also for a box that is not registered; 2007 for a scope that does not exist.
    pub async fn list_for_notifications(
        &self,
        caller: &Principal,
        from: Timestamp,
        scope: &str,
    ) -> Result<NotificationList, Failure> {
        let own = caller.authorize(Operation::GetListForNotifications)?.id;
        if !matches!(scope, "" | "ALL") {
            return Err(Refusal::about(Status::INVALID_STRUCTURE, "ntfScope je ALL nebo prázdné.").into());
        }
        let since = self.store.notified_since(own).await?;
        let since = since.ok_or_else(|| Refusal::of(Status::NO_RIGHT))?;
        let query = DeliveredQuery {
            box_id: own,
            from: from.max(since),
            // One more than is shown tells whether there are more.
            limit: PAGE + 1,
        };
        let mut records = self.store.list_delivered(&query).await?;
        let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
        let continues = records.len() > shown;
        if continues {
            // A caller goes on from the time of the last one it got. What was delivered at that very time must not be
            // torn apart, or the rest of it would never be seen; a page that is all of one time is shown as it is.
            let cut = records[shown].state.list_time();
            let whole = records.iter().take(shown).filter(|r| r.state.list_time() < cut).count();
            records.truncate(if whole == 0 { shown } else { whole });
        }
        Ok(NotificationList { records, continues })
    }
}
