//! Purging uploads that nobody used, and removing the objects that nothing needs any more.
//!
//! Rows are their own queue: what is due is found by index, and doing it on several nodes at once does no harm.

use futures::StreamExt;

use crate::error::{Chain, Failure};
use crate::time::Timestamp;

use super::Isds;

/// How many uploads are purged in one turn.
const BATCH: u64 = 64;
/// How many objects are removed in one turn.
const OBJECTS: u64 = 256;
/// How many are removed at once: each waits for a disk or a network.
const AT_ONCE: usize = 8;
/// How long a freed object stays, in real seconds: somebody may be reading it just now, to download a message or to
/// make one of an upload that was still there when the call began.
const GRACE_SECONDS: i64 = 3600;

impl Isds {
    /// Does one batch of each; answers how many things were done. What cannot be done now is tried again later.
    ///
    /// # Errors
    /// Failures of the database.
    pub(super) async fn purge(&self) -> Result<u64, Failure> {
        let now = self.clock.real();
        let purged = self.store.purge_uploads(self.clock.legal(), now, BATCH).await?;
        Ok(purged + self.remove_freed_objects(now).await?)
    }

    async fn remove_freed_objects(&self, now: Timestamp) -> Result<u64, Failure> {
        let freed_before = now.plus_seconds(-GRACE_SECONDS);
        let freed = self.store.list_freed_objects(freed_before, OBJECTS).await?;
        if freed.is_empty() {
            return Ok(0);
        }
        let mut deleting = futures::stream::iter(freed)
            .map(|object| async {
                let result = self.objects.delete(&object).await;
                (object, result)
            })
            .buffer_unordered(AT_ONCE);
        let mut removed = Vec::new();
        while let Some((object, result)) = deleting.next().await {
            match result {
                Ok(()) => removed.push(object),
                Err(error) => {
                    tracing::error!(error = %Chain(&error), "a freed object cannot be removed");
                    // Not at the head of the queue, where it would keep the others waiting.
                    self.store.put_off_freed_object(&object, now).await?;
                }
            }
        }
        self.store.forget_freed_objects(&removed).await?;
        Ok(removed.len() as u64)
    }
}
