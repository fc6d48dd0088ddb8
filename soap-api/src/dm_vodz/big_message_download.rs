//! `BigMessageDownload`: as `MessageDownload`, for a large message.

use crate::answer::Answer;
use crate::call::Call;
use crate::dm_operations::message_download;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    message_download::serve(call).await
}
