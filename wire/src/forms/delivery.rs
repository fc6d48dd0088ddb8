//! Delivery info.

use isds_core::DeliveryInfo;

use crate::Writer;
use crate::names::{V20_DELIVERY, XSI};

use super::dm_dm;
use super::returned::{hash, times_status, timestamp};

/// `dmDelivery` (XSD `tDelivery`) with the prefix `q`, one `dmEvent` for each event.
pub fn delivery(writer: &mut Writer, info: &DeliveryInfo) {
    writer.start("dmDelivery");
    dm_dm::without_files(writer, info.message.id, &info.message.envelope);
    hash(writer, &info.message.content.sha256);
    timestamp(writer, &info.message);
    times_status(writer, &info.message, info.side);
    writer.start("dmEvents");
    for event in &info.events {
        writer
            .start("dmEvent")
            .element("dmEventTime", event.time)
            .element("dmEventDescr", event.kind.description())
            .end("dmEvent");
    }
    writer.end("dmEvents").end("dmDelivery");
}

/// The document that is sealed (ZFO): the same in a namespace of its own, without declaration and status.
#[must_use]
pub fn delivery_document(info: &DeliveryInfo) -> Vec<u8> {
    let mut writer = Writer::new("q");
    writer.start_with(
        "GetDeliveryInfoResponse",
        &[("xmlns:q", V20_DELIVERY), ("xmlns:xsi", XSI)],
    );
    delivery(&mut writer, info);
    writer.end("GetDeliveryInfoResponse");
    writer.finish()
}
