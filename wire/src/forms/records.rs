//! Records of lists.

use isds_core::message::SideOf;
use isds_core::ports::{MessageRecord, StateChangeRecord};

use crate::Writer;

use super::{LARGE, start_of_kind};

/// `dmRecord` (XSD `tRecord`), the `ordinal`-th of its list, as this side sees it.
pub fn record(writer: &mut Writer, ordinal: i64, record: &MessageRecord, side: SideOf) {
    let more = if record.large { [LARGE].as_slice() } else { &[] };
    start_of_kind(writer, "dmRecord", record.kind, more);
    writer.element("dmOrdinal", ordinal);
    super::envelope(writer, record.id, &record.envelope);
    writer
        .element("dmMessageStatus", record.state.wire(side))
        .element("dmAttachmentSize", record.attachment_size_kb)
        .nillable("dmDeliveryTime", record.state.delivered_in)
        .nillable("dmAcceptanceTime", record.state.accepted)
        .end("dmRecord");
}

/// `dmRecord` (XSD `tStateChangesRecord`).
pub fn state_change(writer: &mut Writer, record: &StateChangeRecord) {
    writer
        .start("dmRecord")
        .element("dmID", record.id)
        .element("dmEventTime", record.change.time)
        .element("dmMessageStatus", record.change.status)
        .end("dmRecord");
}
