//! `DTInfo` (XSD `tDTInfoInput` and `tDTInfoOutput`, manual V 2.8).

use isds_core::status::Status;
use isds_core::vault::Vault;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

/// `ActDTType` and `FutDTType` of a box without a vault. Clients need both elements.
const NO_VAULT: i16 = 0;
/// `FutDTPaid`: what follows is paid (or granted) when it is added.
const PAID: u8 = 1;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["dbId"]).await?;
    let account = call
        .isds
        .dt_info(call.caller, fields.text("dbId").unwrap_or_default())
        .await?;
    let now = call.isds.clock.legal();
    let (present, following) = (account.running_at(now), account.following(now));
    let kind = |vault: Option<&Vault>| vault.map_or(NO_VAULT, |vault| vault.kind.code());
    let mut response = call.response();
    response
        .payload()
        .element("ActDTType", kind(present))
        .nillable("ActDTCapacity", present.map(|vault| vault.term.capacity))
        .nillable("ActDTFrom", present.map(|vault| vault.term.from))
        .nillable("ActDTTo", present.map(|vault| vault.term.to))
        .nillable("ActDTCapUsed", present.map(|_| account.used))
        .element("FutDTType", kind(following))
        .nillable("FutDTCapacity", following.map(|vault| vault.term.capacity))
        .nillable("FutDTFrom", following.map(|vault| vault.term.from))
        .nillable("FutDTTo", following.map(|vault| vault.term.to))
        .nillable("FutDTPaid", following.map(|_| PAID));
    Ok(Answer::xml(response.status(Status::OK)))
}
