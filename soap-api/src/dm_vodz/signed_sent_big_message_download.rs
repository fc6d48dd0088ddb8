//! `SignedSentBigMessageDownload`: as `SignedSentMessageDownload`, for a large message.

use crate::answer::Answer;
use crate::call::Call;
use crate::dm_operations::signed_sent_message_download;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    signed_sent_message_download::serve(call).await
}
