//! `DummyOperation`: does nothing; clients sign in with it (XSD `tDummyOutput`).

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    call.no_fields().await?;
    Ok(call.done())
}
