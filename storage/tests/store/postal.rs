//! Subsidies, invitations to reply, kinds of messages.

use std::sync::Arc;

use isds_core::envelope::{InitiatingState, MessageKind};
use isds_core::ids::{BoxId, MessageId};
use isds_core::ports::Store;
use isds_core::postal::{BookingOutcome, Means, PaymentGone, Subsidy, SubsidyId, SubsidyKind};

use crate::credit::{PRICE, SENDERS, accepted, book, firms, other, paid, payer, send, sent, top_up};
use crate::engines::{Backend, count};
use crate::fixtures::{accept_as, at, deliver};

fn subsidy(kind: SubsidyKind, remaining: Option<i64>, expires: Option<i64>) -> Subsidy {
    Subsidy {
        id: SubsidyId(0),
        kind,
        donor: if kind == SubsidyKind::External {
            BoxId::OPERATOR
        } else {
            payer()
        },
        sender: other(),
        recipient: (kind == SubsidyKind::Limited).then(payer),
        remaining,
        expires: expires.map(at),
    }
}

pub async fn subsidies_come_in_the_order_of_their_use(db: Backend) {
    let store = &db.store;
    firms(store).await;
    let mut ids = Vec::new();
    for (kind, remaining, expires) in [
        (SubsidyKind::External, None, None),
        (SubsidyKind::Global, None, None),
        (SubsidyKind::Global, Some(2), Some(50)),
        (SubsidyKind::Limited, Some(1), None),
        (SubsidyKind::Global, Some(0), None),
    ] {
        let id = store.add_subsidy(&subsidy(kind, remaining, expires)).await.unwrap();
        ids.push(id);
    }
    let good = async |recipient: Option<BoxId>, seconds: i64| -> Vec<SubsidyId> {
        let found = store.list_subsidies(other(), recipient, at(seconds), 9).await.unwrap();
        found.iter().map(|subsidy| subsidy.id).collect()
    };
    assert_eq!(good(None, 49).await, [ids[3], ids[2], ids[1], ids[0]]);
    assert_eq!(good(Some(payer()), 50).await, [ids[3], ids[1], ids[0]]);
    assert_eq!(good(Some("nvak22s".parse().unwrap()), 50).await, [ids[1], ids[0]]);
    assert_eq!(store.list_subsidies(payer(), None, at(1), 9).await.unwrap(), []);
    let kept = store.lookup_subsidy(ids[2]).await.unwrap().unwrap();
    assert_eq!(
        kept,
        Subsidy {
            id: ids[2],
            ..subsidy(SubsidyKind::Global, Some(2), Some(50))
        }
    );

    store.end_subsidy(ids[3], at(10)).await.unwrap();
    store.end_subsidy(ids[3], at(20)).await.unwrap();
    assert_eq!(
        store.lookup_subsidy(ids[3]).await.unwrap().unwrap().expires,
        Some(at(10))
    );
    assert_eq!(good(Some(payer()), 10).await, [ids[2], ids[1], ids[0]]);
    // A donor whose contract has ended pays no more; what comes from outside is no matter of contracts.
    store.set_postal_contract(payer(), false).await.unwrap();
    assert_eq!(good(Some(payer()), 10).await, [ids[0]]);
}

pub async fn a_subsidy_pays_no_more_than_it_has(db: Backend) {
    let store = &db.store;
    firms(store).await;
    let limited = store
        .add_subsidy(&subsidy(SubsidyKind::Global, Some(5), Some(50)))
        .await
        .unwrap();
    let means = Means::Subsidy(limited, SubsidyKind::Global);
    assert_eq!(send(store, 50, means).await, Err(PaymentGone::Subsidy));
    let senders = (0..SENDERS).map(|_| {
        let store = Arc::clone(store);
        tokio::spawn(async move { send(&store, 49, means).await })
    });
    let outcomes = futures::future::join_all(senders).await;
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| outcome.as_ref().unwrap().is_ok())
            .count(),
        5
    );
    assert_eq!(sent(store).await, 5);
    assert_eq!(store.lookup_subsidy(limited).await.unwrap().unwrap().remaining, Some(0));
    let charges = store.list_charges(payer(), at(0), at(50), 3).await.unwrap();
    assert_eq!(charges.iter().map(|charge| charge.title).collect::<String>(), "GGG");

    let unlimited = store
        .add_subsidy(&subsidy(SubsidyKind::External, None, None))
        .await
        .unwrap();
    send(store, 60, Means::Subsidy(unlimited, SubsidyKind::External))
        .await
        .unwrap();
    assert_eq!(store.lookup_subsidy(unlimited).await.unwrap().unwrap().remaining, None);
}

/// An initiating message from the payer to the other firm, delivered into its box.
async fn initiate(store: &Arc<dyn Store>, seconds: i64, identifier: &str, subsidised: bool) -> MessageId {
    let mut new = paid(store, seconds, MessageKind::initiating(subsidised), Means::Contract).await;
    new.payment.as_mut().unwrap().initiates = Some(identifier.into());
    accepted(store, &new).await.unwrap();
    deliver(store, &new.message, seconds + 1).await;
    new.message.id
}

pub async fn an_invitation_is_answered_once(db: Backend) {
    let store = &db.store;
    firms(store).await;
    let mut early = paid(store, 0, MessageKind::initiating(false), Means::Contract).await;
    early.payment.as_mut().unwrap().initiates = Some("Č.j. 1".into());
    accepted(store, &early).await.unwrap();
    let found = async |identifier: &str, seconds: i64| {
        store
            .lookup_open_reply(other(), payer(), identifier, at(seconds))
            .await
            .unwrap()
    };
    assert_eq!(found("Č.j. 1", 1).await, None, "it has not reached the respondent yet");
    assert!(store.is_reply_identifier_used(payer(), "Č.j. 1").await.unwrap());
    assert!(!store.is_reply_identifier_used(other(), "Č.j. 1").await.unwrap());
    deliver(store, &early.message, 1).await;

    let life = 90 * 86_400;
    let reply = found("Č.j. 1", life - 1).await.unwrap();
    assert_eq!((reply.initiating, reply.initiator), (early.message.id, payer()));
    assert_eq!((reply.identifier.as_str(), reply.expires), ("Č.j. 1", at(life)));
    assert_eq!(found("Č.j. 1", life).await, None);
    for not_exactly in ["č.j. 1", "Č.j. 1 ", "Č.j.", ""] {
        assert_eq!(found(not_exactly, 2).await, None, "{not_exactly}");
    }
    // Nobody but the respondent, to nobody but the initiator.
    let stranger: BoxId = "nvak22s".parse().unwrap();
    for (from, to) in [(stranger, payer()), (other(), stranger), (payer(), other())] {
        assert_eq!(store.lookup_open_reply(from, to, "Č.j. 1", at(2)).await.unwrap(), None);
    }
    let subsidised = initiate(store, 10, "Č.j. 2", true).await;
    let open = store.list_open_replies(other(), at(20), 9).await.unwrap();
    assert_eq!(
        open.iter().map(|reply| reply.initiating).collect::<Vec<_>>(),
        [early.message.id, subsidised]
    );
    assert_eq!(store.list_open_replies(other(), at(life), 9).await.unwrap().len(), 1);

    assert_eq!(
        send(store, life, Means::Reply(early.message.id)).await,
        Err(PaymentGone::Reply)
    );
    for (id, subsidised) in [(early.message.id, false), (subsidised, true)] {
        let open = store.lookup_message(id).await.unwrap().unwrap();
        assert_eq!(open.kind, MessageKind::initiating(subsidised));
        let replies = (0..SENDERS).map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move { send(&store, 30, Means::Reply(id)).await })
        });
        let outcomes: Vec<_> = futures::future::join_all(replies).await;
        let replied = outcomes.iter().filter_map(|outcome| outcome.as_ref().unwrap().ok());
        assert_eq!(replied.count(), 1);
        let used = store.lookup_message(id).await.unwrap().unwrap();
        let state = InitiatingState::Used;
        assert_eq!(used.kind, MessageKind::Initiating { subsidised, state });
        assert_eq!(used.version, open.version, "a transition computed meanwhile stays good");
    }
    assert_eq!(store.list_open_replies(other(), at(20), 9).await.unwrap(), []);
}

pub async fn an_identifier_names_one_invitation(db: Backend) {
    let store = &db.store;
    firms(store).await;
    let senders = (0..SENDERS).map(|n| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let mut new = paid(&store, n, MessageKind::initiating(false), Means::Contract).await;
            new.payment.as_mut().unwrap().initiates = Some("Č.j. 1".into());
            accepted(&store, &new).await
        })
    });
    let outcomes: Vec<_> = futures::future::join_all(senders).await;
    let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let taken = Err(PaymentGone::Identifier);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == taken).count(), 31);
    assert_eq!(sent(store).await, 1);
    // Another sender may use it.
    let mut new = paid(store, 50, MessageKind::initiating(false), Means::Contract).await;
    new.message.envelope.sender = other();
    new.payment.as_mut().unwrap().initiates = Some("Č.j. 1".into());
    accepted(store, &new).await.unwrap();
}

pub async fn every_kind_of_message_is_kept(db: Backend) {
    let store = &db.store;
    let mut kinds = vec![
        MessageKind::Public,
        MessageKind::Contract,
        MessageKind::System,
        MessageKind::Credit,
        MessageKind::Reply,
        MessageKind::Subsidised(SubsidyKind::Global),
        MessageKind::Subsidised(SubsidyKind::Limited),
        MessageKind::Subsidised(SubsidyKind::External),
    ];
    for subsidised in [false, true] {
        for state in [InitiatingState::Open, InitiatingState::Used] {
            kinds.push(MessageKind::Initiating { subsidised, state });
        }
    }
    for (kind, seconds) in kinds.into_iter().zip(0..) {
        let id = accept_as(store, seconds, |message| message.kind = kind).await.id;
        assert_eq!(store.lookup_message(id).await.unwrap().unwrap().kind, kind);
    }
}

pub async fn clearing_takes_money_and_invitations_away(db: Backend) {
    let store = &db.store;
    firms(store).await;
    book(store, 0, 5 * PRICE, top_up("p1")).await;
    send(store, 1, Means::Credit).await.unwrap();
    initiate(store, 2, "Č.j. 1", false).await;
    store
        .add_subsidy(&subsidy(SubsidyKind::Global, None, None))
        .await
        .unwrap();
    store.clear().await.unwrap();
    for sql in [
        "SELECT COUNT(*) FROM credit_accounts",
        "SELECT COUNT(*) FROM credit_ledger",
        "SELECT COUNT(*) FROM subsidies",
        "SELECT COUNT(*) FROM initiating_messages",
        "SELECT COUNT(*) FROM postal_charges",
    ] {
        assert_eq!(count(&db.url, sql).await, 0, "{sql}");
    }
    firms(store).await;
    assert!(matches!(
        book(store, 0, PRICE, top_up("p1")).await,
        BookingOutcome::Booked(_)
    ));
}
