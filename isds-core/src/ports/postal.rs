//! What postal messages and their money need from the store.

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::BoxId;
use crate::postal::{Booking, BookingOutcome, Charge, CreditAccount, CreditEntry, OpenReply, Subsidy, SubsidyId};
use crate::time::Timestamp;

/// Credit accounts with their ledger, subsidies, initiating messages and charges. Times are legal.
///
/// What a message costs is not taken here but by [`Messages::accept_message`](super::Messages::accept_message), in the
/// transaction that writes the message.
#[async_trait]
pub trait Postal: Send + Sync {
    /// Notes whether a box has a contract with the operator.
    async fn set_postal_contract(&self, box_id: BoxId, contract: bool) -> StoreResult<()>;

    /// Credit of a box as it was last booked; none where there never was any.
    async fn lookup_credit(&self, box_id: BoxId) -> StoreResult<Option<CreditAccount>>;

    /// Books a change of credit, conditional on the balance at that moment. Credit that has expired by `booking.time` is
    /// booked out first, at the time at which it expired. A top-up moves the expiry to `expires`.
    async fn book_credit(&self, booking: &Booking, expires: Option<Timestamp>) -> StoreResult<BookingOutcome>;

    /// Books out what has expired by `now`; nothing where nothing has.
    async fn expire_credit(&self, box_id: BoxId, now: Timestamp) -> StoreResult<()>;

    /// Lines of the ledger from `from` until before `until`, newest first.
    async fn list_credit_entries(
        &self,
        box_id: BoxId,
        from: Timestamp,
        until: Timestamp,
        limit: u64,
    ) -> StoreResult<Vec<CreditEntry>>;

    /// The initiating message that `respondent` may answer at `now` by naming `identifier` to `initiator`. It must have
    /// reached the respondent's box.
    async fn lookup_open_reply(
        &self,
        respondent: BoxId,
        initiator: BoxId,
        identifier: &str,
        now: Timestamp,
    ) -> StoreResult<Option<OpenReply>>;

    /// All of them, those that expire first before the others.
    async fn list_open_replies(&self, respondent: BoxId, now: Timestamp, limit: u64) -> StoreResult<Vec<OpenReply>>;

    /// Whether an initiating message of `initiator` has the identifier, whatever became of it.
    async fn is_reply_identifier_used(&self, initiator: BoxId, identifier: &str) -> StoreResult<bool>;

    /// Subsidies that are good at `now` for messages of `sender` (to `recipient`, where one is given), in the order in
    /// which they are used: by kind, then what expires first. A donor that is a box must still have its contract.
    async fn list_subsidies(
        &self,
        sender: BoxId,
        recipient: Option<BoxId>,
        now: Timestamp,
        limit: u64,
    ) -> StoreResult<Vec<Subsidy>>;

    /// Adds a subsidy; its key is ignored, the new one is returned.
    async fn add_subsidy(&self, subsidy: &Subsidy) -> StoreResult<SubsidyId>;

    /// A subsidy, whether it is still good or not.
    async fn lookup_subsidy(&self, id: SubsidyId) -> StoreResult<Option<Subsidy>>;

    /// Ends a subsidy at `now`, where it does not end earlier anyway.
    async fn end_subsidy(&self, id: SubsidyId, now: Timestamp) -> StoreResult<()>;

    /// What a box was charged from `from` until before `until`, oldest first.
    async fn list_charges(
        &self,
        payer: BoxId,
        from: Timestamp,
        until: Timestamp,
        limit: u64,
    ) -> StoreResult<Vec<Charge>>;
}
