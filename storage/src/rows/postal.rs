//! Credit, subsidies, initiating messages, charges.

use isds_core::ids::{BoxId, MessageId};
use isds_core::ports::{StoreError, StoreResult};
use isds_core::postal::{Charge, CreditAccount, CreditEntry, OpenReply, Subsidy, SubsidyId, SubsidyKind};
use isds_core::time::Timestamp;

use crate::error::inconsistent;

/// A credit account.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct CreditRow {
    pub(crate) box_id: String,
    pub(crate) balance: i64,
    pub(crate) expires: i64,
    /// Number of the newest line of its ledger.
    pub(crate) entries: i64,
}

impl TryFrom<CreditRow> for CreditAccount {
    type Error = StoreError;

    fn try_from(row: CreditRow) -> StoreResult<Self> {
        Ok(Self {
            box_id: box_id(&row.box_id, "credit_accounts.box_id", &row.box_id)?,
            balance: row.balance,
            expires: Timestamp(row.expires),
        })
    }
}

/// A line of a ledger.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct CreditEntryRow {
    box_id: String,
    time: i64,
    change: i64,
    balance: i64,
    detail: String,
}

impl TryFrom<CreditEntryRow> for CreditEntry {
    type Error = StoreError;

    fn try_from(row: CreditEntryRow) -> StoreResult<Self> {
        Ok(Self {
            time: Timestamp(row.time),
            change: row.change,
            after: row.balance,
            // serde_json's text would repeat pieces of it.
            event: serde_json::from_str(&row.detail).map_err(|_| inconsistent("credit_ledger.detail", row.box_id))?,
        })
    }
}

/// An initiating message that waits for its reply.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct OpenReplyRow {
    dm_id: i64,
    initiator_box: String,
    identifier: String,
    expires: i64,
}

impl TryFrom<OpenReplyRow> for OpenReply {
    type Error = StoreError;

    fn try_from(row: OpenReplyRow) -> StoreResult<Self> {
        Ok(Self {
            initiating: MessageId(row.dm_id),
            initiator: box_id(&row.initiator_box, "initiating_messages.initiator_box", row.dm_id)?,
            identifier: row.identifier,
            expires: Timestamp(row.expires),
        })
    }
}

/// `expires` of a subsidy that does not end: it sorts behind all others.
pub(crate) const NEVER: i64 = i64::MAX;

/// A subsidy.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct SubsidyRow {
    id: i64,
    kind: i16,
    donor_box: String,
    sender_box: String,
    recipient_box: Option<String>,
    remaining: Option<i64>,
    expires: i64,
}

impl TryFrom<SubsidyRow> for Subsidy {
    type Error = StoreError;

    fn try_from(row: SubsidyRow) -> StoreResult<Self> {
        let recipient = row.recipient_box.as_deref();
        Ok(Self {
            id: SubsidyId(row.id),
            kind: SubsidyKind::from_code(row.kind).ok_or_else(|| inconsistent("subsidies.kind", row.id))?,
            donor: box_id(&row.donor_box, "subsidies.donor_box", row.id)?,
            sender: box_id(&row.sender_box, "subsidies.sender_box", row.id)?,
            recipient: recipient
                .map(|text| box_id(text, "subsidies.recipient_box", row.id))
                .transpose()?,
            remaining: row.remaining,
            expires: (row.expires != NEVER).then_some(Timestamp(row.expires)),
        })
    }
}

/// A charge.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ChargeRow {
    dm_id: i64,
    payer_box: String,
    title: String,
    amount: i64,
    time: i64,
}

impl TryFrom<ChargeRow> for Charge {
    type Error = StoreError;

    fn try_from(row: ChargeRow) -> StoreResult<Self> {
        Ok(Self {
            id: MessageId(row.dm_id),
            payer: box_id(&row.payer_box, "postal_charges.payer_box", row.dm_id)?,
            title: row
                .title
                .parse()
                .map_err(|_| inconsistent("postal_charges.title", row.dm_id))?,
            amount: row.amount,
            time: Timestamp(row.time),
        })
    }
}

fn box_id(text: &str, column: &str, key: impl std::fmt::Display) -> StoreResult<BoxId> {
    text.parse().map_err(|_| inconsistent(column, key))
}
