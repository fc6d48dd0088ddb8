//! `GetDataBoxUsers`, which ended in 2021 (bulletin B2178). It is in no WSDL any more, but clients call it still and are
//! told what to call instead.

use isds_core::Refusal;
use isds_core::status::Status;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    call.no_fields().await?;
    Err(Refusal::of(Status::SERVICE_ENDED).into())
}
