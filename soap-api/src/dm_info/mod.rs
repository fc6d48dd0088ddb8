//! `dm_info.wsdl`, served at `/DS/dx`.

pub(crate) mod erase_message;
pub(crate) mod get_delivery_info;
pub(crate) mod get_list_for_notifications;
pub(crate) mod get_list_of_erased_messages;
pub(crate) mod get_list_of_received_messages;
pub(crate) mod get_list_of_sent_messages;
pub(crate) mod get_message_author;
pub(crate) mod get_message_author2;
pub(crate) mod get_message_state_changes;
pub(crate) mod get_signed_delivery_info;
pub(crate) mod mark_message_as_downloaded;
pub(crate) mod message_envelope_download;
pub(crate) mod pick_up_async_response;
pub(crate) mod register_for_notifications;
pub(crate) mod sent_message_envelope_download;
pub(crate) mod susp_message_report;
pub(crate) mod verify_message;

use isds_core::message::SideOf;
use isds_core::ports::MessageRecord;
use isds_core::{ListRequest, Pages};
use wire::Writer;
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

/// `dmRecords` (XSD `tRecordsArray`) of a list whose first record has the number `first`.
fn records(call: &Call<'_>, first: i64, pages: Pages<MessageRecord>, side: SideOf) -> Answer {
    let mut ordinal = first;
    record_pages(call, pages, move |writer, one| {
        record(writer, ordinal, one, side);
        ordinal += 1;
    })
}

/// `dmRecords`, written page by page as they come.
fn record_pages<Record: Send + 'static>(
    call: &Call<'_>,
    pages: Pages<Record>,
    write: impl FnMut(&mut Writer, &Record) + Send + 'static,
) -> Answer {
    Answer::of_pages(call.response(), "dmRecords", pages, write)
}
