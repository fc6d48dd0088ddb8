//! What ISDSSearch2 and ISDSSearch3 have in common (XSD `tISDSSearchInput`, `tISDSSearchInput3`).

use isds_core::SearchRequest;

use crate::call::Call;
use crate::stop::Stop;

const FIELDS: [&str; 6] = [
    "searchText",
    "searchType",
    "searchScope",
    "page",
    "pageSize",
    "highlighting",
];

/// Reads the request. Values of all types stay as they were written: what is none of its type is answered 1155.
pub(super) async fn read(call: &mut Call<'_>) -> Result<SearchRequest, Stop> {
    let mut fields = call.fields(&FIELDS).await?;
    Ok(SearchRequest {
        text: fields.take("searchText").unwrap_or_default(),
        search_type: fields.take("searchType"),
        scope: fields.take("searchScope"),
        page: fields.take("page"),
        page_size: fields.take("pageSize"),
        highlighting: fields.take("highlighting"),
    })
}
