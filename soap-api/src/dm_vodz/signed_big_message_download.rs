//! `SignedBigMessageDownload`: as `SignedMessageDownload`, for a large message.

use crate::answer::Answer;
use crate::call::Call;
use crate::dm_operations::signed_message_download;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    signed_message_download::serve(call).await
}
