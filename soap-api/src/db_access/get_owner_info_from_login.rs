//! `GetOwnerInfoFromLogin` (XSD `tGetOwnInfoOutput`), the first generation of GetOwnerInfoFromLogin2.

use isds_core::status::Status;
use wire::forms::owner_info_1;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    call.no_fields().await?;
    let data_box = call.isds.owner_info(call.caller).await?;
    let mut response = call.response();
    owner_info_1(response.payload(), &data_box);
    Ok(Answer::xml(response.status(Status::OK)))
}
