//! The frequent queries, for the tests that look at how the engines carry them out.

use super::accounts::{LOOKUP_FAILURES, LOOKUP_LOGIN};
use super::announcements::LIST_ANNOUNCEMENTS;
use super::audit::{
    LIST_SEALED, SCAN_AUDIT, SCAN_AUDIT_OF_ACTION, SCAN_AUDIT_OF_ACTOR, SCAN_AUDIT_OF_BOX, SCAN_AUDIT_OF_MESSAGE,
    SCAN_AUDIT_OF_OTHER_BOX, SCAN_AUDIT_OF_SUBJECT,
};
use super::audit_trail::{FIND_HEAD_BEFORE, LIST_SEALED_CALLS};
use super::box_index::{LIST_INDEX_VERSIONS, LOOKUP_TERMS};
use super::box_lists::{LIST_ALL_SUBSIDIES, LIST_BOXES_OF, LIST_CONTRACTS, LIST_LOW_CREDIT};
use super::boxes::{
    COUNT_DISABLINGS, FIND_TWIN_BY_BIRTH, FIND_TWIN_BY_NUMBER, LIST_PASSED_DEADLINES, LOOKUP_BOX_RECORD,
    LOOKUP_LAST_CLOSING,
};
use super::bulk::{LIST_BULK_JOBS, LIST_BULK_ROWS, NEXT_BULK_ROWS};
use super::bulk_files::LIST_ROW_FILES;
use super::certificates::{LIST_ENDING_CERTIFICATES, LOOKUP_CERTIFICATE};
use super::data_files::{LIST_BOXES, LOOKUP_DATA_FILE};
use super::draft_sendings::LOOKUP_SENDING;
use super::drafts::{LIST_DRAFTS, LOOKUP_DRAFT};
use super::find_boxes::SOME_NOT_INDEXED;
use super::life_cycle::{LIST_DUE_FICTIONS, LIST_DUE_RECEIVED, LIST_DUE_SENT};
use super::message_info::LIST_DELIVERED;
use super::messages::{
    LIST_EVENTS, LIST_RECEIVED_MESSAGES, LIST_SENT_MESSAGES, LIST_STATE_CHANGES, LIST_WAITING_MESSAGES,
};
use super::notices::{
    LIST_DUE_MAILS, LIST_DUE_NOTICES, LIST_SUBSCRIPTIONS_OF_BOX, LIST_SUBSCRIPTIONS_OF_PERSON, LOOKUP_SUBSCRIPTION,
};
use super::passwords::{LIST_ENDING_PASSWORDS, LIST_FORMER_PASSWORDS, LOOKUP_PASSWORD_HASH};
use super::postal::{
    IS_IDENTIFIER_USED, LIST_CHARGES, LIST_CREDIT_ENTRIES, LIST_OPEN_REPLIES, LIST_SUBSIDIES, LOOKUP_CREDIT,
    LOOKUP_OPEN_REPLY,
};
use super::sessions::LOOKUP_SESSION;
use super::shared_objects::LIST_FREED_OBJECTS;
use super::sign_in_factors::{FIND_PASSKEY, LIST_PASSKEYS, LOOKUP_CODES};
use super::uploads::{LIST_EXPIRED_UPLOADS, LOOKUP_UPLOAD};
use super::users::{COUNT_ADDED_USERS, FIND_NAMESAKES, LIST_USERS, LOOKUP_USER};
use super::vaults::{LIST_TERMS, LIST_WARNINGS};

/// A query, and the index it has to use.
pub(in super::super) struct Expected {
    pub(in super::super) statement: &'static str,
    pub(in super::super) index: &'static str,
    /// Types of its parameters.
    pub(in super::super) parameters: &'static str,
}

const fn expect(statement: &'static str, index: &'static str, parameters: &'static str) -> Expected {
    Expected {
        statement,
        index,
        parameters,
    }
}

const LIST_PARAMETERS: &str = "text, bigint, bigint, bigint, bigint, bigint, bigint";

pub(in super::super) const FREQUENT: &[Expected] = &[
    expect(
        LIST_DUE_FICTIONS,
        "messages_fiction_due",
        "bigint, bigint, bigint, bigint",
    ),
    expect(LIST_DUE_SENT, "messages_sender_due", "bigint, bigint, bigint, bigint"),
    expect(
        LIST_DUE_RECEIVED,
        "messages_recipient_due",
        "bigint, bigint, bigint, bigint",
    ),
    expect(
        LIST_ENDING_CERTIFICATES,
        "system_certificates_unwarned",
        "bigint, bigint",
    ),
    expect(LIST_TERMS, "vaults_pkey", "text, bigint"),
    expect(LIST_WARNINGS, "vaults_warn_due", "bigint, bigint"),
    expect(LIST_BULK_JOBS, "bulk_jobs_box", "text, bigint, bigint"),
    expect(LIST_BULK_ROWS, "bulk_rows_pkey", "bigint, bigint, bigint, bigint"),
    expect(NEXT_BULK_ROWS, "bulk_rows_state", "bigint, smallint, bigint"),
    expect(LIST_ROW_FILES, "bulk_files_name", "bigint, text, bigint"),
    expect(SCAN_AUDIT, "audit_records_legal", "bigint, bigint, bigint, bigint"),
    expect(
        SCAN_AUDIT_OF_BOX,
        "audit_records_box",
        "bigint, bigint, bigint, bigint, text",
    ),
    expect(
        SCAN_AUDIT_OF_ACTOR,
        "audit_records_actor",
        "bigint, bigint, bigint, bigint, text",
    ),
    expect(
        SCAN_AUDIT_OF_SUBJECT,
        "audit_records_subject",
        "bigint, bigint, bigint, bigint, text",
    ),
    expect(
        SCAN_AUDIT_OF_OTHER_BOX,
        "audit_records_other_box",
        "bigint, bigint, bigint, bigint, text",
    ),
    expect(LIST_ANNOUNCEMENTS, "announcements_pkey", "bigint, bigint"),
    expect(LIST_BOXES_OF, "boxes_type_state", "integer, integer, text, bigint"),
    expect(LIST_CONTRACTS, "boxes_contract", "text, bigint"),
    expect(
        LIST_LOW_CREDIT,
        "credit_accounts_balance",
        "bigint, bigint, text, bigint",
    ),
    expect(LIST_ALL_SUBSIDIES, "subsidies_pkey", "bigint, bigint"),
    expect(
        SCAN_AUDIT_OF_MESSAGE,
        "audit_records_message",
        "bigint, bigint, bigint, bigint, bigint",
    ),
    expect(
        SCAN_AUDIT_OF_ACTION,
        "audit_records_action",
        "bigint, bigint, bigint, bigint, smallint",
    ),
    expect(LOOKUP_SUBSCRIPTION, "notice_subscriptions_pkey", "bigint"),
    expect(
        LIST_SUBSCRIPTIONS_OF_BOX,
        "notice_subscriptions_box",
        "text, bigint, bigint",
    ),
    expect(
        LIST_SUBSCRIPTIONS_OF_PERSON,
        "notice_subscriptions_person",
        "bigint, bigint, bigint",
    ),
    expect(LIST_DUE_NOTICES, "notices_due_due", "bigint, bigint"),
    expect(LIST_DUE_MAILS, "mails_due", "bigint, bigint"),
    expect(LIST_SEALED, "audit_records_seal", "bigint, bigint, bigint"),
    expect(LIST_SEALED_CALLS, "audit_calls_seal", "bigint, bigint, bigint, bigint"),
    expect(FIND_HEAD_BEFORE, "audit_heads_sealed", "bigint"),
    expect(SOME_NOT_INDEXED, "boxes_index_version", "smallint"),
    expect(LOOKUP_TERMS, "box_terms_pkey", "text"),
    expect(LIST_INDEX_VERSIONS, "boxes_pkey", "text, bigint"),
    expect(LOOKUP_DATA_FILE, "data_files_pkey", "text"),
    expect(LIST_BOXES, "boxes_pkey", "text, bigint"),
    expect(LOOKUP_BOX_RECORD, "boxes_pkey", "text"),
    expect(FIND_TWIN_BY_NUMBER, "boxes_ic", "text, bigint, text"),
    expect(
        FIND_TWIN_BY_BIRTH,
        "boxes_birth",
        "text, text, bigint, text, text, text",
    ),
    expect(LIST_PASSED_DEADLINES, "box_deadlines_due", "bigint, bigint"),
    expect(LOOKUP_LAST_CLOSING, "box_closings_box", "text"),
    expect(COUNT_DISABLINGS, "box_closings_box", "text, bigint"),
    expect(LOOKUP_LOGIN, "credentials_pkey", "text, smallint"),
    expect(LOOKUP_PASSWORD_HASH, "credentials_membership", "bigint, smallint"),
    expect(LIST_ENDING_PASSWORDS, "credentials_untold", "bigint, bigint"),
    expect(LIST_FORMER_PASSWORDS, "former_passwords_pkey", "bigint, bigint"),
    expect(LOOKUP_USER, "memberships_isds_id", "text"),
    expect(LIST_USERS, "memberships_listed", "text, smallint, bigint, bigint"),
    expect(FIND_NAMESAKES, "memberships_name", "text, text, text, bigint"),
    expect(COUNT_ADDED_USERS, "user_changes_box", "text, smallint, bigint"),
    expect(LOOKUP_CERTIFICATE, "system_certificates_pkey", "bytea"),
    expect(LOOKUP_SESSION, "sessions_pkey", "bytea"),
    expect(LOOKUP_CODES, "one_time_codes_pkey", "bigint"),
    expect(LIST_PASSKEYS, "passkeys_person", "bigint, bigint"),
    expect(FIND_PASSKEY, "passkeys_credential", "bytea"),
    expect(LOOKUP_FAILURES, "login_failures_pkey", "text, text"),
    expect(LOOKUP_CREDIT, "credit_accounts_pkey", "text"),
    expect(
        LIST_CREDIT_ENTRIES,
        "credit_ledger_time",
        "text, bigint, bigint, bigint",
    ),
    expect(LIST_SUBSIDIES, "subsidies_sender", "text, text, bigint, bigint"),
    expect(
        LOOKUP_OPEN_REPLY,
        "initiating_messages_identifier",
        "text, text, text, bigint",
    ),
    expect(LIST_OPEN_REPLIES, "initiating_messages_open", "text, bigint, bigint"),
    expect(IS_IDENTIFIER_USED, "initiating_messages_identifier", "text, text"),
    expect(LIST_CHARGES, "postal_charges_payer", "text, bigint, bigint, bigint"),
    expect(
        LIST_WAITING_MESSAGES,
        "messages_waiting",
        "text, bigint, bigint, bigint",
    ),
    expect(LIST_RECEIVED_MESSAGES, "messages_received", LIST_PARAMETERS),
    expect(LIST_SENT_MESSAGES, "messages_sent", LIST_PARAMETERS),
    expect(LIST_DELIVERED, "messages_received", "text, bigint, bigint"),
    expect(LIST_EVENTS, "message_events_pkey", "bigint"),
    expect(LOOKUP_UPLOAD, "uploads_pkey", "bigint"),
    expect(LIST_EXPIRED_UPLOADS, "uploads_waiting", "bigint, bigint"),
    expect(LOOKUP_DRAFT, "drafts_pkey", "bigint"),
    expect(LIST_DRAFTS, "drafts_listed", "text, smallint, bigint, bigint, bigint"),
    expect(LOOKUP_SENDING, "draft_sendings_pkey", "bigint"),
    expect(LIST_FREED_OBJECTS, "freed_objects_freed", "bigint, bigint"),
    expect(LIST_STATE_CHANGES, "message_state_changes_pkey", LIST_PARAMETERS),
];
