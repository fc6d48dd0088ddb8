//! `ChangeISDSPassword` (XSD `tChngPasswInput`, manual A 1.9).

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    // As they were written: a password that was tidied up would not be the one that its owner types.
    let fields = call.fields(&["dbOldPassword", "dbNewPassword"]).await?;
    let old = fields.text("dbOldPassword").unwrap_or_default();
    let new = fields.text("dbNewPassword").unwrap_or_default();
    call.isds
        .change_isds_password(call.caller, old, new, call.address)
        .await?;
    Ok(call.done())
}
