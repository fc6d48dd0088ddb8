//! Credit and its ledger: what pays for a message is taken with it or not at all, and once.

use std::sync::Arc;

use isds_core::box_type::BoxType;
use isds_core::envelope::MessageKind;
use isds_core::ids::{BoxId, MessageId};
use isds_core::message::SideOf;
use isds_core::ports::{NewMessage, Store, StoreError};
use isds_core::postal::{
    Booking, BookingOutcome, CreditAccount, CreditEvent, Means, Payment, PaymentGone, SubsidyId, SubsidyKind, VaultTerm,
};
use isds_core::time::Timestamp;
use jiff::civil::date;

use crate::engines::{Backend, count};
use crate::fixtures::{at, data_box, listed, message, whole_list};

pub const PRICE: i64 = 1000;
pub const SENDERS: i64 = 32;
/// Five years after the beginning, roughly.
const EXPIRY: i64 = 5 * 365 * 86_400;

pub fn payer() -> BoxId {
    BoxId::from_data("banka2").unwrap()
}

pub fn other() -> BoxId {
    BoxId::from_data("firma2").unwrap()
}

/// Two firms, the first with a contract.
pub async fn firms(store: &Arc<dyn Store>) {
    for data in ["banka2", "firma2"] {
        let mut firm = data_box(data, BoxType::Po);
        firm.postal_contract = data == "banka2";
        store.add_box(&firm).await.unwrap();
    }
}

pub async fn book(store: &Arc<dyn Store>, seconds: i64, change: i64, event: CreditEvent) -> BookingOutcome {
    let expires = matches!(event, CreditEvent::TopUp { .. }).then(|| at(seconds + EXPIRY));
    let booking = Booking {
        box_id: payer(),
        change,
        event,
        time: at(seconds),
    };
    store.book_credit(&booking, expires).await.unwrap()
}

pub fn top_up(transaction: &str) -> CreditEvent {
    CreditEvent::TopUp {
        transaction: transaction.into(),
    }
}

fn withdrawal(transaction: &str) -> CreditEvent {
    CreditEvent::Withdrawal {
        transaction: transaction.into(),
    }
}

/// A message from one firm to the other that costs something.
pub async fn paid(store: &Arc<dyn Store>, seconds: i64, kind: MessageKind, means: Means) -> NewMessage {
    let mut new = message(store.next_message_id().await.unwrap(), at(seconds));
    new.message.envelope.sender = payer();
    new.message.envelope.recipient = other();
    new.message.kind = kind;
    new.payment = Some(Payment {
        payer: payer(),
        amount: PRICE,
        means,
        initiates: None,
    });
    new
}

pub async fn send(store: &Arc<dyn Store>, seconds: i64, means: Means) -> Result<MessageId, PaymentGone> {
    let new = paid(store, seconds, MessageKind::Credit, means).await;
    accepted(store, &new).await.map(|()| new.message.id)
}

pub async fn accepted(store: &Arc<dyn Store>, new: &NewMessage) -> Result<(), PaymentGone> {
    match store.accept_message(new).await {
        Ok(()) => Ok(()),
        Err(StoreError::Unpaid(gone)) => Err(gone),
        Err(error) => panic!("{error:?}"),
    }
}

pub async fn sent(store: &Arc<dyn Store>) -> usize {
    listed(store, &whole_list(payer(), SideOf::Sender)).await.len()
}

/// The balance is never negative and always what the ledger says, line by line.
async fn assert_books_balance(store: &Arc<dyn Store>) -> i64 {
    let account = store.lookup_credit(payer()).await.unwrap();
    let mut entries = store
        .list_credit_entries(payer(), Timestamp(i64::MIN), Timestamp(i64::MAX), 10_000)
        .await
        .unwrap();
    // Newest first; of the same instant in the order of the ledger.
    entries.reverse();
    let mut balance = 0;
    for entry in &entries {
        balance += entry.change;
        assert_eq!(entry.after, balance, "{entries:?}");
        assert!(balance >= 0, "{entries:?}");
    }
    assert_eq!(account.map_or(0, |account| account.balance), balance, "{entries:?}");
    balance
}

pub async fn every_booking_is_a_line_of_the_ledger(db: Backend) {
    let store = &db.store;
    firms(store).await;
    assert_eq!(store.lookup_credit(payer()).await.unwrap(), None);
    assert_eq!(book(store, 0, -1, withdrawal("v1")).await, BookingOutcome::Insufficient);
    assert_eq!(store.lookup_credit(payer()).await.unwrap(), None, "nothing was opened");

    let topped_up = CreditAccount {
        box_id: payer(),
        balance: 5000,
        expires: at(1 + EXPIRY),
    };
    assert_eq!(
        book(store, 1, 5000, top_up("p1")).await,
        BookingOutcome::Booked(topped_up)
    );
    let term = |year| VaultTerm {
        capacity: 100,
        from: date(year, 1, 1),
        to: date(year, 12, 31),
    };
    let purchase = CreditEvent::VaultPurchase {
        new: term(2027),
        old: Some(term(2026)),
        done_by: Some("Vzorová Jana".into()),
    };
    let restore = CreditEvent::VaultRestore {
        done_by: "Vzorová Jana".into(),
    };
    let id = send(store, 2, Means::Credit).await.unwrap();
    for (seconds, change, event) in [
        (3, -500, purchase.clone()),
        (4, -700, restore.clone()),
        (5, -300, withdrawal("p1")),
    ] {
        let outcome = book(store, seconds, change, event).await;
        assert!(matches!(outcome, BookingOutcome::Booked(account) if account.expires == at(1 + EXPIRY)));
    }
    assert_eq!(assert_books_balance(store).await, 2500);

    let entries = store.list_credit_entries(payer(), at(1), at(6), 100).await.unwrap();
    let events: Vec<_> = entries.iter().map(|entry| entry.event.clone()).collect();
    let message = CreditEvent::PostalMessage { recipient: other(), id };
    assert_eq!(events, [withdrawal("p1"), restore, purchase, message, top_up("p1")]);
    assert_eq!(entries[3].change, -PRICE);
    assert_eq!((entries[0].time, entries[0].after), (at(5), 2500));
    // From the first instant until before the last, and no more than asked for.
    let some = store.list_credit_entries(payer(), at(2), at(5), 2).await.unwrap();
    assert_eq!(some.iter().map(|entry| entry.time).collect::<Vec<_>>(), [at(4), at(3)]);
    // Somebody else has none.
    assert!(
        store
            .list_credit_entries(other(), at(0), at(9), 9)
            .await
            .unwrap()
            .is_empty()
    );
}

pub async fn a_payment_is_booked_once(db: Backend) {
    let store = &db.store;
    firms(store).await;
    assert!(matches!(
        book(store, 1, 5000, top_up("p1")).await,
        BookingOutcome::Booked(_)
    ));
    assert_eq!(book(store, 2, 5000, top_up("p1")).await, BookingOutcome::Repeated);
    // For another box neither; but paying out has numbers of its own.
    let elsewhere = Booking {
        box_id: other(),
        change: 5000,
        event: top_up("p1"),
        time: at(3),
    };
    let outcome = store.book_credit(&elsewhere, Some(at(9))).await.unwrap();
    assert_eq!(outcome, BookingOutcome::NumberTaken);
    assert_eq!(book(store, 3, 5001, top_up("p1")).await, BookingOutcome::NumberTaken);
    assert!(matches!(
        book(store, 4, -100, withdrawal("p1")).await,
        BookingOutcome::Booked(_)
    ));
    assert_eq!(book(store, 5, -100, withdrawal("p1")).await, BookingOutcome::Repeated);
    assert_eq!(assert_books_balance(store).await, 4900);

    let at_once = (0..SENDERS).map(|_| {
        let store = Arc::clone(store);
        tokio::spawn(async move { book(&store, 6, 700, top_up("p2")).await })
    });
    let outcomes = futures::future::join_all(at_once).await;
    let booked = outcomes
        .into_iter()
        .filter(|outcome| matches!(outcome.as_ref().unwrap(), BookingOutcome::Booked(_)));
    assert_eq!(booked.count(), 1);
    assert_eq!(assert_books_balance(store).await, 5600);

    let for_two_boxes = (0..SENDERS).map(|n| {
        let store = Arc::clone(store);
        let booking = Booking {
            box_id: if n % 2 == 0 { payer() } else { other() },
            change: 30,
            event: top_up("p3"),
            time: at(7),
        };
        tokio::spawn(async move { (n % 2, store.book_credit(&booking, Some(at(9))).await.unwrap()) })
    });
    let outcomes: Vec<_> = futures::future::join_all(for_two_boxes)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let booked: Vec<_> = outcomes
        .iter()
        .filter(|(_, outcome)| matches!(outcome, BookingOutcome::Booked(_)))
        .collect();
    assert_eq!(booked.len(), 1);
    let whose = booked[0].0;
    for (whom, outcome) in outcomes {
        match outcome {
            BookingOutcome::Booked(_) => {}
            told if whom == whose => assert_eq!(told, BookingOutcome::Repeated),
            told => assert_eq!(told, BookingOutcome::NumberTaken),
        }
    }
}

/// Credit for ten, thirty-two senders.
pub async fn credit_is_not_overdrawn_by_many_at_once(db: Backend) {
    firms(&db.store).await;
    book(&db.store, 1, 10 * PRICE + 999, top_up("p1")).await;
    let again = db.again().await;
    let senders = (0..SENDERS).map(|n| {
        let store = Arc::clone(if n % 2 == 0 { &db.store } else { &again });
        tokio::spawn(async move { send(&store, 2, Means::Credit).await })
    });
    let outcomes: Vec<_> = futures::future::join_all(senders)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 10);
    assert!(
        outcomes
            .iter()
            .all(|outcome| !matches!(outcome, Err(gone) if *gone != PaymentGone::Credit))
    );
    assert_eq!(assert_books_balance(&db.store).await, 999);
    assert_eq!(sent(&db.store).await, 10);
    assert_eq!(db.store.count_jobs().await.unwrap(), 10);
    let charges = db.store.list_charges(payer(), at(2), at(3), 100).await.unwrap();
    assert_eq!(charges.len(), 10);
    assert!(
        charges
            .iter()
            .all(|charge| (charge.title, charge.amount) == ('E', PRICE))
    );
    let debits = count(&db.url, "SELECT COUNT(*) FROM credit_ledger WHERE kind = 3").await;
    assert_eq!(debits, 10);
}

/// Top-ups, payouts and messages of thirty-two tasks over one account: whatever the order, nothing is lost.
pub async fn books_balance_whatever_happens_at_once(db: Backend) {
    firms(&db.store).await;
    let again = db.again().await;
    let tasks = (0..SENDERS).map(|n| {
        let store = Arc::clone(if n % 2 == 0 { &db.store } else { &again });
        tokio::spawn(async move {
            let mut change = 0;
            for round in 0..6 {
                let seconds = 1 + round;
                let outcome = match (n + round) % 4 {
                    0 => book(&store, seconds, 1700, top_up(&format!("p{n}-{round}"))).await,
                    1 => book(&store, seconds, -400, withdrawal(&format!("v{n}-{round}"))).await,
                    _ => {
                        if send(&store, seconds, Means::Credit).await.is_ok() {
                            change -= PRICE;
                        }
                        continue;
                    }
                };
                if let BookingOutcome::Booked(_) = outcome {
                    change += if (n + round) % 4 == 0 { 1700 } else { -400 };
                }
            }
            change
        })
    });
    let said: i64 = futures::future::join_all(tasks)
        .await
        .into_iter()
        .map(Result::unwrap)
        .sum();
    // Within one second the order of the ledger is that of its numbers, not of the times that the callers brought.
    let sum = count(&db.url, "SELECT CAST(SUM(change) AS BIGINT) FROM credit_ledger").await;
    let negative = count(&db.url, "SELECT COUNT(*) FROM credit_ledger WHERE balance < 0").await;
    let wrong = count(
        &db.url,
        "SELECT COUNT(*) FROM credit_ledger AS line JOIN credit_ledger AS before ON before.box_id = line.box_id \
         AND before.seq = line.seq - 1 WHERE line.balance <> before.balance + line.change",
    )
    .await;
    let account = db.store.lookup_credit(payer()).await.unwrap().unwrap();
    assert_eq!((account.balance, sum, negative, wrong), (said, said, 0, 0));
    let lines = count(&db.url, "SELECT COUNT(*) FROM credit_ledger").await;
    let numbered = count(&db.url, "SELECT entries FROM credit_accounts").await;
    assert_eq!(lines, numbered, "no number is missing");
    let debits = count(&db.url, "SELECT COUNT(*) FROM credit_ledger WHERE kind = 3").await;
    assert_eq!(debits, i64::try_from(sent(&db.store).await).unwrap());
}

/// Hundreds of random steps; after each the books balance.
pub async fn books_balance_after_any_step(db: Backend) {
    let store = &db.store;
    firms(store).await;
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        i64::try_from(seed % below).unwrap()
    };
    let mut seconds = 0;
    let mut expected = 0;
    for step in 0..120 {
        // Now and then years pass.
        seconds += if random(20) == 0 { EXPIRY } else { random(86_400) };
        let account = store.lookup_credit(payer()).await.unwrap();
        if account.is_some_and(|account| account.available(at(seconds)) == 0) {
            expected = 0;
        }
        match random(5) {
            0 => {
                let amount = 1 + random(3000);
                let outcome = book(store, seconds, amount, top_up(&format!("p{step}"))).await;
                assert!(matches!(outcome, BookingOutcome::Booked(_)));
                expected += amount;
            }
            1 => {
                let amount = 1 + random(3000);
                let outcome = book(store, seconds, -amount, withdrawal(&format!("v{step}"))).await;
                assert_eq!(
                    matches!(outcome, BookingOutcome::Booked(_)),
                    amount <= expected,
                    "step {step}"
                );
                if amount <= expected {
                    expected -= amount;
                }
            }
            2 => store.expire_credit(payer(), at(seconds)).await.unwrap(),
            _ => {
                let outcome = send(store, seconds, Means::Credit).await;
                assert_eq!(outcome.is_ok(), expected >= PRICE, "step {step}");
                if outcome.is_ok() {
                    expected -= PRICE;
                }
            }
        }
        let balance = assert_books_balance(store).await;
        let available = store.lookup_credit(payer()).await.unwrap();
        assert_eq!(
            available.map_or(0, |account| account.available(at(seconds))),
            expected,
            "step {step}"
        );
        assert!(balance >= expected, "step {step}");
    }
}

pub async fn credit_expires_at_its_time_and_is_booked_out_then(db: Backend) {
    let store = &db.store;
    firms(store).await;
    book(store, 0, 3 * PRICE, top_up("p1")).await;
    store.expire_credit(payer(), at(EXPIRY - 1)).await.unwrap();
    send(store, EXPIRY - 1, Means::Credit).await.unwrap();
    assert_eq!(assert_books_balance(store).await, 2 * PRICE);
    assert_eq!(send(store, EXPIRY, Means::Credit).await, Err(PaymentGone::Credit));
    assert_eq!(
        book(store, EXPIRY, -1, withdrawal("v1")).await,
        BookingOutcome::Insufficient
    );
    // A top-up a day later starts from nothing, and the ledger says when the rest went.
    book(store, EXPIRY + 86_400, 700, top_up("p2")).await;
    assert_eq!(assert_books_balance(store).await, 700);
    let entries = store
        .list_credit_entries(payer(), at(EXPIRY), at(2 * EXPIRY), 9)
        .await
        .unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1].event, CreditEvent::Expiry);
    assert_eq!(
        (entries[1].time, entries[1].change, entries[1].after),
        (at(EXPIRY), -2 * PRICE, 0)
    );
    // Booked out once, however many notice at once.
    let expiries = (0..SENDERS).map(|_| {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.expire_credit(payer(), at(3 * EXPIRY)).await.unwrap() })
    });
    futures::future::join_all(expiries).await;
    assert_eq!(assert_books_balance(store).await, 0);
    assert_eq!(
        count(&db.url, "SELECT COUNT(*) FROM credit_ledger WHERE kind = 5").await,
        2
    );
}

pub async fn what_is_not_paid_is_not_written(db: Backend) {
    let store = &db.store;
    firms(store).await;
    book(store, 0, PRICE - 1, top_up("p1")).await;
    for means in [
        Means::Credit,
        Means::Subsidy(SubsidyId(7), SubsidyKind::Global),
        Means::Reply(MessageId(7)),
    ] {
        assert!(send(store, 1, means).await.is_err());
    }
    assert_eq!((sent(store).await, store.count_jobs().await.unwrap()), (0, 0));
    for sql in [
        "SELECT COUNT(*) FROM message_events",
        "SELECT COUNT(*) FROM postal_charges",
        "SELECT COUNT(*) FROM initiating_messages",
        "SELECT COUNT(*) - 1 FROM credit_ledger",
    ] {
        assert_eq!(count(&db.url, sql).await, 0, "{sql}");
    }
    // A number that exists takes no money either.
    book(store, 2, 5 * PRICE, top_up("p2")).await;
    let new = paid(store, 3, MessageKind::Credit, Means::Credit).await;
    store.accept_message(&new).await.unwrap();
    assert!(matches!(store.accept_message(&new).await, Err(StoreError::Conflict)));
    assert_eq!(assert_books_balance(store).await, 5 * PRICE - 1);
}
