//! `GetMessageStateChanges` (XSD `tGetStateChangesOutput`, manual M 2.11).

use wire::forms::state_change;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["dmFromTime", "dmToTime"]).await?;
    let (from, to) = (fields.time("dmFromTime")?, fields.time("dmToTime")?);
    let changes = call.isds.message_state_changes(call.caller, from, to).await?;
    Ok(super::record_pages(call, changes, state_change))
}
