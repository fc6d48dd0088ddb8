//! The frequent queries, for the tests that look at how the engines carry them out.

use super::accounts::{LOOKUP_FAILURES, LOOKUP_LOGIN};
use super::directory::LOOKUP_BOX;
use super::messages::{
    LIST_EVENTS, LIST_RECEIVED_MESSAGES, LIST_SENT_MESSAGES, LIST_STATE_CHANGES, LIST_WAITING_MESSAGES, LOOKUP_MESSAGE,
};

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

const LIST_PARAMETERS: &str = "text, bigint, bigint, bigint, bigint, bigint";

pub(in super::super) const FREQUENT: [Expected; 9] = [
    expect(LOOKUP_BOX, "boxes_pkey", "text"),
    expect(LOOKUP_LOGIN, "credentials_pkey", "text, smallint"),
    expect(LOOKUP_FAILURES, "login_failures_pkey", "text, text"),
    expect(LOOKUP_MESSAGE, "messages_pkey", "bigint"),
    expect(
        LIST_WAITING_MESSAGES,
        "messages_waiting",
        "text, bigint, bigint, bigint",
    ),
    expect(LIST_RECEIVED_MESSAGES, "messages_received", LIST_PARAMETERS),
    expect(LIST_SENT_MESSAGES, "messages_sent", LIST_PARAMETERS),
    expect(LIST_EVENTS, "message_events_pkey", "bigint"),
    expect(LIST_STATE_CHANGES, "message_state_changes_pkey", "text, bigint, bigint"),
];
