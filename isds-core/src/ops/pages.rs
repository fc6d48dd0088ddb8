//! Lists of any length, read and passed on a page at a time.

use futures::stream::{BoxStream, StreamExt, try_unfold};

use crate::ports::StoreResult;

/// Records of a list, page by page. The first error is the last item: what came before it is not the whole list.
///
/// Nothing is read before it is asked for, and no connection to the database is held between two pages, however slowly
/// the caller takes them.
pub type Pages<T> = BoxStream<'static, StoreResult<Vec<T>>>;

/// Records in a page: the default of `dmLimit`, so that what most callers ask for is one query.
pub(super) const PAGE: u64 = 1000;

/// Reads pages as long as each names the query for the next.
pub(super) fn pages<Query, Record, Page>(first: Query, read: impl Fn(Query) -> Page + Send + 'static) -> Pages<Record>
where
    Query: Send + 'static,
    Record: Send + 'static,
    Page: Future<Output = StoreResult<(Vec<Record>, Option<Query>)>> + Send + 'static,
{
    try_unfold(Some(first), move |query| {
        let page = query.map(&read);
        async move {
            match page {
                Some(page) => page.await.map(Some),
                None => Ok(None),
            }
        }
    })
    .boxed()
}
