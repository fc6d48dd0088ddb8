//! `AuthenticateBigMessage` (bulletin 2175): as `AuthenticateMessage`, with room for a large message. Which of the two is
//! called for a message at the border between the sizes does not matter.

use crate::answer::Answer;
use crate::call::Call;
use crate::dm_operations::authenticate_message;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    authenticate_message::serve(call).await
}
