//! `GetOwnerInfoFromLogin2` (XSD `tGetOwnInfoOutput2`, manual A 1.6).

use isds_core::status::Status;
use wire::forms::owner_info;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    call.no_fields().await?;
    let data_box = call.isds.owner_info(call.caller).await?;
    let mut response = call.response();
    owner_info(response.payload(), &data_box);
    Ok(Answer::xml(response.status(Status::OK)))
}
