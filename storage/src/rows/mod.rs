//! Rows as both engines give them, and how they become what the domain knows.

mod bulk;
mod directory;
mod draft;
mod job;
mod message;
mod notice;
mod postal;
mod upload;
mod user;
mod vault;

pub(crate) use bulk::{BulkFileRow, BulkJobRow, BulkRowRow, BulkTallyRow, bulk_job_columns, bulk_row_columns};
pub(crate) use directory::{BoxRow, LoginRow, fold};
pub(crate) use draft::{DraftRow, draft_columns};
pub(crate) use job::{
    JOB_ANNOUNCE, JOB_CLOSE_BOX, JOB_IMPORT_BOXES, JOB_MAKE_ERASED_LIST, JOB_PROCESS_MESSAGE, JOB_SCAN_MESSAGE,
    JOB_SEND_SYSTEM_MESSAGE, JOB_WORK_ON_BULK_JOB, JobRow, LAST_JOB_KIND,
};
pub(crate) use message::{
    ContentRow, EventRow, MessageRow, NewMessageRow, RecordRow, StateChangeRow, StateColumns, scan_code,
};
pub(crate) use message::{kind, kind_code};
pub(crate) use notice::{MailRow, NoticeRow, SubscriptionRow, subscription_columns};
pub(crate) use upload::UploadRow;
pub(crate) use user::{UserRow, user_columns};
pub(crate) use vault::{VaultRow, vault_columns};

pub(crate) use postal::{ChargeRow, CreditEntryRow, CreditRow, NEVER, OpenReplyRow, SubsidyRow};

/// Name of the columns that [`MessageRow`] reads.
macro_rules! message_columns {
    () => {
        "dm_id, version, kind, envelope, segments, sha256, sha3_256, attachment_count, attachment_size_kb, \
         attachments, timestamp_token, scan, withheld, phase, submitted, delivered_in, accepted, sender_in_vault, \
         sender_erased, sender_due, recipient_in_vault, recipient_erased, recipient_due, recipient_read, fiction_due"
    };
}

/// Name of the columns that [`RecordRow`] reads.
macro_rules! record_columns {
    () => {
        "dm_id, kind, envelope, attachment_size_kb, large, phase, submitted, delivered_in, accepted, sender_in_vault, \
         sender_erased, sender_due, recipient_in_vault, recipient_erased, recipient_due, recipient_read, fiction_due"
    };
}

/// Name of the columns that [`BoxRow`] reads, of the table or alias `boxes`.
macro_rules! box_columns {
    () => {
        "boxes.box_id, boxes.box_type, boxes.state, boxes.ic, boxes.given_names, boxes.last_name, boxes.firm_name, \
         boxes.birth_date, boxes.birth_city, boxes.birth_county, boxes.birth_state, boxes.address_code, \
         boxes.address_city, boxes.address_district, boxes.address_street, boxes.number_in_street, \
         boxes.number_in_municipality, boxes.zip_code, boxes.address_state, boxes.nationality, boxes.ovm_id, \
         boxes.open_addressing, boxes.postal_contract, boxes.upper_id, boxes.aifo_known"
    };
}

pub(crate) use {box_columns, message_columns, record_columns};

/// Number of a side: 0 sent, 1 received.
pub(crate) fn side_code(side: isds_core::message::SideOf) -> i16 {
    i16::from(side == isds_core::message::SideOf::Recipient)
}

/// A flag as it is kept.
pub(crate) fn flag(value: bool) -> i16 {
    i16::from(value)
}

/// Binds a [`NewMessageRow`] to SQLite's insertion of one message. A macro, since a function over both engines would need
/// a bound for every type that is bound.
macro_rules! bind_message {
    ($query:expr, $row:expr) => {{
        let row: &$crate::rows::NewMessageRow<'_> = $row;
        let (message, state) = (row.message, &row.state);
        $query
            .bind(message.id.0)
            .bind(message.version)
            .bind(state.phase)
            .bind(row.kind)
            .bind(message.envelope.sender.as_str())
            .bind(message.envelope.recipient.as_str())
            .bind(row.personal_delivery)
            .bind(row.envelope.as_str())
            .bind(row.author.as_str())
            .bind(row.segments.as_str())
            .bind(message.content.sha256.as_slice())
            .bind(message.content.sha3_256.as_slice())
            .bind(message.content.attachment_count)
            .bind(message.content.attachment_size_kb)
            .bind(message.timestamp_token.as_deref())
            .bind(row.scan)
            .bind(message.state.submitted.0)
            .bind(state.delivered_in)
            .bind(state.accepted)
            .bind(state.sort_time)
            .bind(state.sender_in_vault)
            .bind(state.sender_erased)
            .bind(state.sender_due)
            .bind(state.recipient_in_vault)
            .bind(state.recipient_erased)
            .bind(state.recipient_due)
            .bind(state.recipient_read)
            .bind(state.sender_status)
            .bind(state.recipient_status)
            .bind(row.large)
            .bind(row.attachments.as_deref())
    }};
}

pub(crate) use bind_message;

/// Binds a box to a query whose first parameters are the columns of `boxes` in the order of the table. A macro for the
/// same reason as `bind_message`.
macro_rules! bind_box {
    ($query:expr, $data_box:expr) => {{
        let data_box: &isds_core::data_box::DataBox = $data_box;
        let address = &data_box.address;
        $query
            .bind(data_box.id.as_str())
            .bind(data_box.box_type.code())
            .bind(data_box.state.code())
            .bind(data_box.ic.as_deref())
            .bind(data_box.given_names.as_deref())
            .bind(data_box.last_name.as_deref())
            .bind(data_box.firm_name.as_deref())
            .bind(data_box.birth_date.map(|date| date.to_string()))
            .bind(data_box.birth_city.as_deref())
            .bind(data_box.birth_county.as_deref())
            .bind(data_box.birth_state.as_deref())
            .bind(address.code.as_deref())
            .bind(address.city.as_deref())
            .bind(address.district.as_deref())
            .bind(address.street.as_deref())
            .bind(address.number_in_street.as_deref())
            .bind(address.number_in_municipality.as_deref())
            .bind(address.zip_code.as_deref())
            .bind(address.state.as_deref())
            .bind(data_box.nationality.as_deref())
            .bind(data_box.ovm_id.as_deref())
            .bind($crate::rows::flag(data_box.open_addressing))
            .bind($crate::rows::flag(data_box.postal_contract))
            .bind(data_box.upper_id.map(|upper| upper.to_string()))
            .bind($crate::rows::flag(data_box.aifo_known))
            .bind(data_box.ic.as_deref().map(|ic| ic.trim_start_matches('0')))
            .bind($crate::rows::fold(data_box.given_names.as_deref()))
            .bind($crate::rows::fold(data_box.last_name.as_deref()))
            .bind($crate::rows::fold(data_box.firm_name.as_deref()))
            .bind($crate::rows::fold(data_box.birth_city.as_deref()))
            .bind($crate::rows::fold(address.city.as_deref()))
            .bind($crate::rows::fold(address.street.as_deref()))
    }};
}

pub(crate) use bind_box;
