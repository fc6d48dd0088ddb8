//! `AddDataBoxUser` (XSD `tAddDBUserInput` and `tAddDBUserOutput`): the first generation differs from the second in how
//! the box and the user are described, which [`UserRequest`](super::user_request::UserRequest) reads either way.

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    super::add_data_box_user2::serve(call).await
}
