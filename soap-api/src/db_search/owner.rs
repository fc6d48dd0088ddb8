//! Reading the one `dbOwnerInfo` of a search.

use isds_core::Refusal;
use isds_core::status::Status;
use wire::reader::Fields;

use crate::call::Call;
use crate::stop::Stop;

/// Reads the request to its end; the named children of `dbOwnerInfo`, none where it is missing.
pub(super) async fn read_owner(call: &mut Call<'_>, names: &[&'static str]) -> Result<Fields, Stop> {
    let mut conditions = None;
    let reader = call.request.reader();
    while let Some(element) = reader.next_child().await? {
        match (element.contract_name(), &conditions) {
            ("dbOwnerInfo", None) => conditions = Some(Fields::read(reader, names).await?),
            ("dbOwnerInfo", Some(_)) => {
                return Err(Refusal::about(Status::INVALID_STRUCTURE, "dbOwnerInfo je uvedeno dvakrát.").into());
            }
            _ => reader.skip().await?,
        }
    }
    call.request.finish().await?;
    Ok(conditions.unwrap_or_default())
}
