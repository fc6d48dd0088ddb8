//! Authors, notifications and numbers.

use isds_core::NotificationList;
use isds_core::author::Author;
use isds_core::time::Timestamp;

use crate::Writer;

/// Content of `GetMessageAuthorResponse` (XSD `tGetAuthorOutput`).
pub fn message_author(writer: &mut Writer, author: &Author) {
    writer
        .element("userType", &author.user_type)
        .nillable("authorName", author.shown_name());
}

/// `dmMessageAuthor` of `GetMessageAuthor2Response`.
pub fn message_author2(writer: &mut Writer, author: &Author) {
    let items = std::iter::once(("userType", author.user_type.clone())).chain(author.published.items());
    writer.start("dmMessageAuthor");
    for (key, value) in items {
        writer
            .start_with("maItem", &[("key", key), ("value", &value)])
            .end("maItem");
    }
    writer.end("dmMessageAuthor");
}

/// `ntfType` of a message that was delivered into the box: the only kind of notification there is.
const DELIVERED_IN: i64 = 1;

/// `ntfRecords` and `ntfListContinues` (XSD `tListForNotifOutput`).
pub fn notifications(writer: &mut Writer, list: &NotificationList) {
    writer.start("ntfRecords");
    for record in &list.records {
        let envelope = &record.envelope;
        writer
            .start("ntfRecord")
            .element("ntfType", DELIVERED_IN)
            .element("dmID", record.id)
            .element("dmPersonalDelivery", i64::from(envelope.personal_delivery()))
            .element("dmDeliveryTime", record.state.list_time())
            .element("dbIDRecipient", envelope.recipient)
            .element("dmAnnotation", envelope.draft.annotation.as_deref().unwrap_or(""))
            .element("dbIDSender", envelope.sender)
            .element("dmSender", &envelope.sender_name)
            .end("ntfRecord");
    }
    writer.end("ntfRecords").element("ntfListContinues", list.continues);
}

/// `statResult` and `statTime` (XSD `tNumOfMessagesOutput`), which an answer without a result has as well.
pub fn statistic(writer: &mut Writer, result: Option<u64>, time: Timestamp) {
    writer.nillable("statResult", result).element("statTime", time);
}
