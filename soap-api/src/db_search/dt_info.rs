//! `DTInfo` (XSD `tDTInfoInput` and `tDTInfoOutput`, manual V 2.8).

use isds_core::status::Status;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

/// `ActDTType` and `FutDTType` of a box without a vault. Clients need both elements.
const NO_VAULT: u8 = 0;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["dbId"]).await?;
    call.isds
        .dt_info(call.caller, fields.text("dbId").unwrap_or_default())
        .await?;
    let mut response = call.response();
    let nothing = None::<&str>;
    response
        .payload()
        .element("ActDTType", NO_VAULT)
        .nillable("ActDTCapacity", nothing)
        .nillable("ActDTFrom", nothing)
        .nillable("ActDTTo", nothing)
        .nillable("ActDTCapUsed", nothing)
        .element("FutDTType", NO_VAULT)
        .nillable("FutDTCapacity", nothing)
        .nillable("FutDTFrom", nothing)
        .nillable("FutDTTo", nothing)
        .nillable("FutDTPaid", nothing);
    Ok(Answer::xml(response.status(Status::OK)))
}
