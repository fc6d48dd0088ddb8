//! `ISDSSearch2` (manual V 2.2).

use isds_core::status::Status;
use wire::forms::search_results2;

use super::search::read;
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let request = read(call).await?;
    let page = call.isds.isds_search2(call.caller, &request).await?;
    let mut response = call.response();
    search_results2(response.payload(), &page);
    Ok(Answer::xml(response.status(Status::OK)))
}
