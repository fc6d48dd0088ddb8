//! `dm_info.wsdl`, served at `/DS/dx`.

pub(crate) mod get_delivery_info;
pub(crate) mod get_list_of_received_messages;
pub(crate) mod get_list_of_sent_messages;
pub(crate) mod get_message_state_changes;
pub(crate) mod get_signed_delivery_info;
pub(crate) mod mark_message_as_downloaded;
pub(crate) mod message_envelope_download;
pub(crate) mod sent_message_envelope_download;
pub(crate) mod verify_message;

use isds_core::ListRequest;
use isds_core::message::SideOf;
use isds_core::ports::MessageRecord;
use isds_core::status::Status;
use wire::forms::record;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

/// What both lists take; the number of an organisational unit is passed over, as on the real system.
async fn list_request(call: &mut Call<'_>) -> Result<ListRequest, Stop> {
    let fields = call
        .fields(&["dmFromTime", "dmToTime", "dmStatusFilter", "dmOffset", "dmLimit"])
        .await?;
    Ok(ListRequest {
        from: fields.time("dmFromTime")?,
        to: fields.time("dmToTime")?,
        status_filter: fields.integer("dmStatusFilter")?,
        offset: fields.integer("dmOffset")?,
        limit: fields.integer("dmLimit")?,
    })
}

/// `dmRecords` (XSD `tRecordsArray`).
fn records(call: &Call<'_>, first: i64, records: &[MessageRecord], side: SideOf) -> Answer {
    let mut response = call.response();
    let payload = response.payload();
    payload.start("dmRecords");
    for (ordinal, one) in (first..).zip(records) {
        record(payload, ordinal, one, side);
    }
    payload.end("dmRecords");
    Answer::xml(response.status(Status::OK))
}
