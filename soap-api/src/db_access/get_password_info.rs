//! `GetPasswordInfo` (XSD `tGetPasswInfoOutput`): nil where the password never expires.

use isds_core::status::Status;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    call.no_fields().await?;
    let expires = call.isds.password_info(call.caller)?;
    let mut response = call.response();
    response.payload().nillable("pswExpDate", expires);
    Ok(Answer::xml(response.status(Status::OK)))
}
