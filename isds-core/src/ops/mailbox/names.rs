//! Names of attachments of messages that the search index does not hold yet, read from the messages themselves.

use futures::{StreamExt, TryStreamExt};

use crate::error::{Chain, Failure};
use crate::ids::MessageId;
use crate::mailbox::content_terms;

use super::super::Isds;
use super::indexing::is_passing;

/// Messages whose attachments' names are read from the messages themselves for one page, since the index does not
/// reach there yet.
const NAMES_READ: usize = 100;
/// How many of them are read at once.
const NAMES_AT_ONCE: usize = 8;
/// How attachments of messages that the index does not hold yet were searched for one page.
pub(super) struct NotIndexed {
    /// Messages whose names may still be read.
    left: usize,
    /// Names of some were not read.
    pub(super) names_left_out: bool,
    /// The text of some is searched once it is indexed.
    pub(super) text_left_out: bool,
}

impl Default for NotIndexed {
    fn default() -> Self {
        Self {
            left: NAMES_READ,
            names_left_out: false,
            text_left_out: false,
        }
    }
}

impl Isds {
    /// Terms of the names of the attachments of messages that the index does not hold yet, as far as they may be read
    /// for one page.
    pub(super) async fn names_of(
        &self,
        mut ids: Vec<MessageId>,
        not_indexed: &mut NotIndexed,
    ) -> Result<Vec<(MessageId, Vec<String>)>, Failure> {
        not_indexed.names_left_out |= ids.len() > not_indexed.left;
        ids.truncate(not_indexed.left);
        not_indexed.left -= ids.len();
        futures::stream::iter(ids)
            .map(|id| async move { Ok((id, self.names_in(id).await?)) })
            .buffer_unordered(NAMES_AT_ONCE)
            .try_collect()
            .await
    }

    /// Names that cannot be read find nothing, here as in the index.
    async fn names_in(&self, id: MessageId) -> Result<Vec<String>, Failure> {
        let places = match self.sealed_forms.places(id) {
            Some(places) => places,
            None => {
                let Some(message) = self.store.lookup_message(id).await? else {
                    return Ok(Vec::new());
                };
                match self.kept_attachments(&message).await {
                    Ok(places) => places,
                    Err(failure) if is_passing(&failure) => return Err(failure),
                    Err(error) => {
                        tracing::warn!(dm_id = id.0, error = %Chain(&error), "the names of a message's attachments cannot be read");
                        return Ok(Vec::new());
                    }
                }
            }
        };
        let names = places.iter().map(|place| place.head.file_name.as_str());
        Ok(content_terms(names).into_iter().collect())
    }
}
