//! `GetDataBoxList` (XSD `tGetDBListInput`, manual V 2.4).

use isds_core::DataFileForm;
use isds_core::splice::Splice;
use isds_core::status::Status;
use wire::forms::BoxListForm;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let fields = call.fields(&["dblType"]).await?;
    let list = call
        .isds
        .data_box_list(call.caller, fields.text("dblType"), |kind, day| {
            Ok(Box::new(BoxListForm::new(kind, day)?) as Box<dyn DataFileForm>)
        })
        .await?;
    let mut response = call.response();
    response.payload().start("dblData");
    let head = response.split();
    response.payload().end("dblData");
    let tail = response.status(Status::OK);
    Ok(Answer::xml(head).then_base64(list).then(Splice::default().then(tail)))
}
