//! `GetSignedDeliveryInfo` (XSD `tSignDelivMessOutput`, manual M 2.6.2): sealed without a timestamp.

use isds_core::splice::Splice;
use isds_core::status::Status;
use wire::forms::delivery_document;

use crate::answer::Answer;
use crate::call::Call;
use crate::dm_operations::signature;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let id = call.fields(&["dmID"]).await?.message_id("dmID")?;
    let info = call.isds.delivery_info(call.caller, call.operation, id).await?;
    let sealed = call
        .isds
        .seal(Splice::default().then(delivery_document(&info)), false)
        .await?;
    Ok(signature(call, sealed, Status::OK))
}
