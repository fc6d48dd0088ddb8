//! `MarkMessageAsDownloaded` (XSD `tMarkMessOutput`, manual M 2.7.3).

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = call.fields(&["dmID"]).await?.message_id("dmID")?;
    call.isds.mark_message_as_downloaded(call.caller, id).await?;
    Ok(call.done())
}
