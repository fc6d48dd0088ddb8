//! `GetMessageStateChanges`: what became of sent messages lately.

use std::sync::Arc;

use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::ports::{StateChangeQuery, StateChangeRecord, Store, StoreResult};
use crate::principal::Principal;
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;
use super::pages::{PAGE, Pages, pages};

/// Changes are told for fifteen days back.
const WINDOW_SECONDS: i64 = 15 * 86_400;

impl Isds {
    /// Changes of the state of messages sent from the caller's box, oldest first. Without `from`, fifteen days back;
    /// an earlier `from` is moved there. They come in pages, so any number of them takes the memory of one; a page that
    /// cannot be read ends the list with its error.
    ///
    /// Rows are never changed, so none comes twice. A `to` that is yet to come is moved to now, or a list over a busy
    /// box would follow its own end.
    ///
    /// # Errors
    /// 1004, 2017 where the interval ends before it begins.
    pub async fn message_state_changes(
        &self,
        caller: &Principal,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Pages<StateChangeRecord>, Failure> {
        let sender = caller.authorize(Operation::GetMessageStateChanges)?.id;
        let now = self.clock.legal();
        if matches!((from, to), (Some(from), Some(to)) if from > to) {
            return Err(Refusal::about(Status::SYNTAX, "dmFromTime je později než dmToTime.").into());
        }
        // A client whose clock is ahead asks from a time that is yet to come: nothing happened since.
        let to = to.map_or(now, |to| to.min(now));
        let earliest = now.plus_seconds(-WINDOW_SECONDS);
        let from = from.map_or(earliest, |from| from.max(earliest));
        let query = StateChangeQuery {
            sender,
            from,
            to,
            after: None,
            limit: PAGE,
        };
        let store = Arc::clone(&self.store);
        Ok(pages(query, move |query| state_change_page(Arc::clone(&store), query)))
    }
}

/// One page, and the query for what is left after it.
async fn state_change_page(
    store: Arc<dyn Store>,
    query: StateChangeQuery,
) -> StoreResult<(Vec<StateChangeRecord>, Option<StateChangeQuery>)> {
    let records = store.list_state_changes(&query).await?;
    let full = records.len() as u64 == query.limit;
    let next = records.last().filter(|_| full).map(|last| StateChangeQuery {
        after: Some(*last),
        ..query
    });
    Ok((records, next))
}
