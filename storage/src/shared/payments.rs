//! Whatever moves money: bookings of credit, and what a message costs.
//!
//! Whatever changes a balance is one conditional UPDATE of the account, whose answer gives the line of the ledger its
//! number and its balance; the row's lock keeps the next one waiting until the line is written.

use isds_core::administration::RequestNumber;
use isds_core::ids::BoxId;
use isds_core::notice::{DueNotice, LOW_CREDIT, NoticeDetail, NoticeEvent, NoticeScope};
use isds_core::ports::{NewMessage, StoreError, StoreResult};
use isds_core::postal::{Booking, BookingOutcome, CreditEvent, Means, Payment, PaymentGone, REPLY_LIFE_SECONDS};
use isds_core::time::Timestamp;
use sqlx::Transaction;

use super::{Db, SqlStore};
use crate::error::store_error;
use crate::rows::{CreditRow, NewMessageRow};

/// Locks the account, too: a column set to itself is written all the same.
const OPEN_ACCOUNT: &str = "INSERT INTO credit_accounts (box_id, balance, expires, entries) VALUES ($1, 0, $2, 0) \
     ON CONFLICT (box_id) DO UPDATE SET entries = credit_accounts.entries";

/// The balance before is what goes.
const EXPIRE_CREDIT: &str = "UPDATE credit_accounts SET entries = entries + 1 \
     WHERE box_id = $1 AND expires <= $2 AND balance > 0 RETURNING box_id, balance, expires, entries";

const EMPTY_ACCOUNT: &str = "UPDATE credit_accounts SET balance = 0 WHERE box_id = $1";

const CHANGE_CREDIT: &str = "UPDATE credit_accounts SET balance = balance + $2, entries = entries + 1, \
     expires = COALESCE($3, expires) WHERE box_id = $1 AND balance + $2 >= 0 \
     RETURNING box_id, balance, expires, entries";

/// What the survivor of a merge has lasts as long as the later top-up of the two boxes made it last.
const ADD_MOVED_CREDIT: &str = "UPDATE credit_accounts SET balance = balance + $2, entries = entries + 1, \
     expires = CASE WHEN expires < $3 THEN $3 ELSE expires END WHERE box_id = $1 \
     RETURNING box_id, balance, expires, entries";

const TAKE_ALL_CREDIT: &str = "UPDATE credit_accounts SET balance = balance - $2, entries = entries + 1 \
     WHERE box_id = $1 RETURNING box_id, balance, expires, entries";

const LOCK_CREDIT: &str = "UPDATE credit_accounts SET entries = entries WHERE box_id = $1 \
     RETURNING box_id, balance, expires, entries";

const SPEND_CREDIT: &str = "UPDATE credit_accounts SET balance = balance - $2, entries = entries + 1 \
     WHERE box_id = $1 AND balance >= $2 AND expires > $3 RETURNING box_id, balance, expires, entries";

const INSERT_ENTRY: &str = "INSERT INTO credit_ledger (box_id, seq, time, kind, change, balance, transaction_id, detail) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const LOOKUP_PAYMENT: &str = "SELECT box_id, change FROM credit_ledger WHERE kind = $1 AND transaction_id = $2";

const USE_SUBSIDY: &str = "UPDATE subsidies SET remaining = remaining - 1 \
     WHERE id = $1 AND (remaining IS NULL OR remaining > 0) AND expires > $2";

const USE_REPLY: &str = "UPDATE initiating_messages SET reply_id = $2 \
     WHERE dm_id = $1 AND reply_id IS NULL AND expires > $3";

/// From open to used, whoever paid for it: the numbers stand beside each other (`rows/message.rs`). The version stays,
/// since no transition depends on the kind.
const MARK_REPLIED: &str = "UPDATE messages SET kind = kind + 1 WHERE dm_id = $1 AND kind IN (10, 20)";

const ADD_INITIATING: &str = "INSERT INTO initiating_messages (dm_id, initiator_box, respondent_box, identifier, expires) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (initiator_box, identifier) DO NOTHING";

const ADD_CHARGE: &str =
    "INSERT INTO postal_charges (dm_id, payer_box, title, amount, time) VALUES ($1, $2, $3, $4, $5)";

impl SqlStore {
    /// Writes a message that costs something. What may be gone meanwhile is taken first.
    pub(super) async fn accept_paid(&self, new: &NewMessage, payment: &Payment) -> StoreResult<()> {
        let row = NewMessageRow::new(new)?;
        let mut tx = self.begin().await.map_err(store_error)?;
        if !Self::hold_sending(&mut tx, new).await? || !Self::take_bulk_row(&mut tx, new).await? {
            tx.rollback().await.map_err(store_error)?;
            return Err(StoreError::RowWithdrawn);
        }
        if !Self::take_uploads(&mut tx, &new.uploads).await? {
            tx.rollback().await.map_err(store_error)?;
            return Err(StoreError::UploadGone);
        }
        if let Some(gone) = take_payment(&mut tx, new, payment).await? {
            tx.rollback().await.map_err(store_error)?;
            return Err(StoreError::Unpaid(gone));
        }
        Self::insert_message_in(&mut tx, &row, new.event, new.job_due)
            .await
            .map_err(store_error)?;
        if !register(&mut tx, new, payment).await.map_err(store_error)? {
            tx.rollback().await.map_err(store_error)?;
            return Err(StoreError::Unpaid(PaymentGone::Identifier));
        }
        tx.commit().await.map_err(store_error)
    }

    /// Books a change, or nothing.
    pub(super) async fn book_once(&self, booking: &Booking, expires: Option<Timestamp>) -> StoreResult<BookingOutcome> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let outcome = book(&mut tx, booking, expires).await?;
        if matches!(outcome, BookingOutcome::Booked(_)) {
            tx.commit().await.map_err(store_error)?;
        } else {
            tx.rollback().await.map_err(store_error)?;
        }
        Ok(outcome)
    }
}

/// Takes what the message costs, or answers what of it is gone.
async fn take_payment(
    tx: &mut Transaction<'_, Db>,
    new: &NewMessage,
    payment: &Payment,
) -> StoreResult<Option<PaymentGone>> {
    let message = &new.message;
    let now = message.state.submitted;
    match payment.means {
        Means::Contract => Ok(None),
        Means::Credit => {
            let account = sqlx::query_as::<Db, CreditRow>(SPEND_CREDIT)
                .bind(payment.payer.as_str())
                .bind(payment.amount)
                .bind(now.0)
                .fetch_optional(&mut **tx)
                .await
                .map_err(store_error)?;
            let Some(account) = account else {
                return Ok(Some(PaymentGone::Credit));
            };
            let event = CreditEvent::PostalMessage {
                recipient: message.envelope.recipient,
                id: message.id,
            };
            write_entry(tx, &account, now, -payment.amount, account.balance, &event).await?;
            tell_of_low_credit(tx, payment.payer, account.balance, payment.amount, now).await?;
            Ok(None)
        }
        Means::Subsidy(id, _) => {
            let used = sqlx::query::<Db>(USE_SUBSIDY).bind(id.0).bind(now.0);
            let used = used.execute(&mut **tx).await.map_err(store_error)?;
            Ok((used.rows_affected() != 1).then_some(PaymentGone::Subsidy))
        }
        Means::Reply(initiating) => {
            let used = sqlx::query::<Db>(USE_REPLY)
                .bind(initiating.0)
                .bind(message.id.0)
                .bind(now.0);
            let used = used.execute(&mut **tx).await.map_err(store_error)?;
            if used.rows_affected() != 1 {
                return Ok(Some(PaymentGone::Reply));
            }
            sqlx::query::<Db>(MARK_REPLIED)
                .bind(initiating.0)
                .execute(&mut **tx)
                .await
                .map_err(store_error)?;
            Ok(None)
        }
    }
}

/// Where the balance falls below what is little, that is to be told once.
async fn tell_of_low_credit(
    tx: &mut Transaction<'_, Db>,
    box_id: BoxId,
    balance: i64,
    spent: i64,
    now: Timestamp,
) -> StoreResult<()> {
    if balance >= LOW_CREDIT || balance + spent < LOW_CREDIT {
        return Ok(());
    }
    let notice = DueNotice {
        event: NoticeEvent::CreditLow,
        scope: NoticeScope::Box(box_id),
        message: None,
        isds_id: None,
        detail: NoticeDetail::Credit(balance),
        due: now,
    };
    SqlStore::add_notices_in(tx, &[notice]).await
}

/// Notes the charge and the invitation to reply; false where the identifier is taken.
async fn register(tx: &mut Transaction<'_, Db>, new: &NewMessage, payment: &Payment) -> sqlx::Result<bool> {
    let message = &new.message;
    sqlx::query::<Db>(ADD_CHARGE)
        .bind(message.id.0)
        .bind(payment.payer.as_str())
        .bind(payment.means.letter().to_string())
        .bind(payment.amount)
        .bind(message.state.submitted.0)
        .execute(&mut **tx)
        .await?;
    let Some(identifier) = &payment.initiates else {
        return Ok(true);
    };
    let added = sqlx::query::<Db>(ADD_INITIATING)
        .bind(message.id.0)
        .bind(message.envelope.sender.as_str())
        .bind(message.envelope.recipient.as_str())
        .bind(identifier.as_str())
        .bind(message.state.submitted.plus_seconds(REPLY_LIFE_SECONDS).0)
        .execute(&mut **tx)
        .await?;
    Ok(added.rows_affected() == 1)
}

/// Books out what has expired, at the time at which it did.
pub(super) async fn expire(tx: &mut Transaction<'_, Db>, box_id: BoxId, now: Timestamp) -> StoreResult<()> {
    let expired = sqlx::query_as::<Db, CreditRow>(EXPIRE_CREDIT)
        .bind(box_id.as_str())
        .bind(now.0)
        .fetch_optional(&mut **tx)
        .await
        .map_err(store_error)?;
    let Some(account) = expired else { return Ok(()) };
    sqlx::query::<Db>(EMPTY_ACCOUNT)
        .bind(box_id.as_str())
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    let time = Timestamp(account.expires);
    write_entry(tx, &account, time, -account.balance, 0, &CreditEvent::Expiry).await
}

async fn write_entry(
    tx: &mut Transaction<'_, Db>,
    account: &CreditRow,
    time: Timestamp,
    change: i64,
    balance: i64,
    event: &CreditEvent,
) -> StoreResult<()> {
    let detail = serde_json::to_string(event).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    sqlx::query::<Db>(INSERT_ENTRY)
        .bind(account.box_id.as_str())
        .bind(account.entries)
        .bind(time.0)
        .bind(event.number())
        .bind(change)
        .bind(balance)
        .bind(event.transaction())
        .bind(detail)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Numbers of payments that are tried for the bookings of a merge: one may have been typed by hand before.
const MERGE_NUMBERS: u32 = 100;

/// Moves the credit of a box that was merged to the one that stays, with the ledgers of both, in the transaction of the
/// merge. The boxes are locked by it already; accounts are locked in the order of money, which only merges go.
pub(super) async fn move_credit(
    tx: &mut Transaction<'_, Db>,
    from: BoxId,
    to: BoxId,
    number: RequestNumber,
    time: Timestamp,
) -> StoreResult<()> {
    expire(tx, from, time).await?;
    let account = sqlx::query_as::<Db, CreditRow>(LOCK_CREDIT)
        .bind(from.as_str())
        .fetch_optional(&mut **tx)
        .await
        .map_err(store_error)?;
    let Some(CreditRow { balance, expires, .. }) = account.filter(|account| account.balance > 0) else {
        return Ok(());
    };
    let transaction = free_number(tx, number).await?;
    let out = CreditEvent::Withdrawal {
        transaction: transaction.clone(),
    };
    let account = sqlx::query_as::<Db, CreditRow>(TAKE_ALL_CREDIT)
        .bind(from.as_str())
        .bind(balance)
        .fetch_one(&mut **tx)
        .await
        .map_err(store_error)?;
    write_entry(tx, &account, time, -balance, account.balance, &out).await?;
    sqlx::query::<Db>(OPEN_ACCOUNT)
        .bind(to.as_str())
        .bind(expires)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    expire(tx, to, time).await?;
    let account = sqlx::query_as::<Db, CreditRow>(ADD_MOVED_CREDIT)
        .bind(to.as_str())
        .bind(balance)
        .bind(expires)
        .fetch_one(&mut **tx)
        .await
        .map_err(store_error)?;
    write_entry(
        tx,
        &account,
        time,
        balance,
        account.balance,
        &CreditEvent::TopUp { transaction },
    )
    .await
}

/// A number of a payment that neither a top-up nor a withdrawal has.
async fn free_number(tx: &mut Transaction<'_, Db>, number: RequestNumber) -> StoreResult<String> {
    for turn in 0..MERGE_NUMBERS {
        let transaction = match turn {
            0 => format!("merge-{number}"),
            _ => format!("merge-{number}-{turn}"),
        };
        let mut taken = false;
        for kind in [1_i16, 2] {
            let booked = sqlx::query_as::<Db, (String, i64)>(LOOKUP_PAYMENT)
                .bind(kind)
                .bind(transaction.as_str())
                .fetch_optional(&mut **tx)
                .await
                .map_err(store_error)?;
            taken |= booked.is_some();
        }
        if !taken {
            return Ok(transaction);
        }
    }
    Err(StoreError::Inconsistent(format!(
        "every number of merge {number} is taken"
    )))
}

/// What a booking came to, before it is committed.
pub(super) async fn book(
    tx: &mut Transaction<'_, Db>,
    booking: &Booking,
    expires: Option<Timestamp>,
) -> StoreResult<BookingOutcome> {
    // From here on nobody else books on this account until the end.
    sqlx::query::<Db>(OPEN_ACCOUNT)
        .bind(booking.box_id.as_str())
        .bind(expires.unwrap_or(booking.time).0)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    expire(tx, booking.box_id, booking.time).await?;
    if let Some(transaction) = booking.event.transaction() {
        let booked = sqlx::query_as::<Db, (String, i64)>(LOOKUP_PAYMENT)
            .bind(booking.event.number())
            .bind(transaction)
            .fetch_optional(&mut **tx)
            .await
            .map_err(store_error)?;
        if let Some((box_id, change)) = booked {
            let same = box_id == booking.box_id.as_str() && change == booking.change;
            return Ok(if same {
                BookingOutcome::Repeated
            } else {
                BookingOutcome::NumberTaken
            });
        }
    }
    let account = sqlx::query_as::<Db, CreditRow>(CHANGE_CREDIT)
        .bind(booking.box_id.as_str())
        .bind(booking.change)
        .bind(expires.map(|time| time.0))
        .fetch_optional(&mut **tx)
        .await
        .map_err(store_error)?;
    let Some(account) = account else {
        return Ok(BookingOutcome::Insufficient);
    };
    write_entry(
        tx,
        &account,
        booking.time,
        booking.change,
        account.balance,
        &booking.event,
    )
    .await?;
    Ok(BookingOutcome::Booked(account.try_into()?))
}
