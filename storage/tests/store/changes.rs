//! Transitions.

use isds_core::event::{Event, EventKind, ReaderKind};
use isds_core::ids::MessageId;
use isds_core::message::{Input, Message, Phase, ScanVerdict, SideOf, StateChange};
use isds_core::ports::{MessageChange, StateChangeQuery, Store, StoreError};

use crate::engines::Backend;
use crate::fixtures::*;

fn login(seconds: i64) -> Input {
    Input::Login {
        by: ReaderKind::Holder,
        at: at(seconds),
    }
}

async fn reload(store: &dyn Store, id: MessageId) -> Message {
    store.lookup_message(id).await.unwrap().unwrap()
}

async fn kinds(store: &dyn Store, id: MessageId) -> Vec<EventKind> {
    store
        .list_events(id)
        .await
        .unwrap()
        .into_iter()
        .map(|event| event.kind)
        .collect()
}

pub async fn a_transition_is_kept_with_its_events(db: Backend) {
    let message = accept(&db.store, 0).await;
    let step = change(
        &message,
        &[
            Input::Stamp,
            Input::DeliverIn {
                at: at(10),
                fiction: None,
            },
        ],
    );
    db.store.apply_changes(std::slice::from_ref(&step)).await.unwrap();
    let delivered = reload(&*db.store, message.id).await;
    assert_eq!(
        delivered,
        Message {
            state: step.state,
            version: 1,
            ..message
        }
    );
    let steps = [
        login(20),
        Input::Read,
        Input::Expire {
            side: SideOf::Recipient,
            vault_until: Some(at(9000)),
        },
    ];
    for input in steps {
        let before = reload(&*db.store, delivered.id).await;
        let step = change(&before, &[input]);
        db.store.apply_changes(std::slice::from_ref(&step)).await.unwrap();
        let after = reload(&*db.store, delivered.id).await;
        assert_eq!((after.state, after.version), (step.state, before.version + 1));
    }
    let events = db.store.list_events(delivered.id).await.unwrap();
    let expected = [
        Event {
            kind: EventKind::Submitted,
            time: at(0),
        },
        Event {
            kind: EventKind::DeliveredIn,
            time: at(10),
        },
        Event {
            kind: EventKind::HolderLogin,
            time: at(20),
        },
    ];
    assert_eq!(events, expected);
    db.store.apply_changes(&[]).await.unwrap();
}

pub async fn a_stale_version_writes_nothing(db: Backend) {
    let message = deliver(&db.store, &accept(&db.store, 0).await, 1).await;
    let job = db.store.claim_jobs(at(0), at(60), 10).await.unwrap()[0].id;
    db.store.apply_changes(&[change(&message, &[login(2)])]).await.unwrap();
    let current = reload(&*db.store, message.id).await;
    let events = db.store.list_events(message.id).await.unwrap();

    let mut stale = change(
        &message,
        &[Input::Fiction {
            at: at(3),
            without_user: true,
        }],
    );
    stale.removes = &[EventKind::Submitted];
    stale.finishes_job = Some(job);
    stale.timestamp_token = Some(vec![1]);
    assert!(matches!(
        db.store.apply_changes(&[stale.clone()]).await,
        Err(StoreError::Conflict)
    ));
    // A version that is still to come is no better than one that is gone, nor is a message that does not exist.
    let early = MessageChange {
        from_version: 7,
        ..stale.clone()
    };
    assert!(matches!(
        db.store.apply_changes(&[early]).await,
        Err(StoreError::Conflict)
    ));
    let unknown = MessageChange {
        id: MessageId(5),
        ..stale
    };
    assert!(matches!(
        db.store.apply_changes(&[unknown]).await,
        Err(StoreError::Conflict)
    ));

    assert_eq!(reload(&*db.store, message.id).await, current);
    assert_eq!(db.store.list_events(message.id).await.unwrap(), events);
    assert_eq!(db.store.list_state_changes(&whole_history(100)).await.unwrap().len(), 2);
    assert_eq!(db.store.count_jobs().await.unwrap(), 1);
}

pub async fn a_batch_is_all_or_nothing(db: Backend) {
    let mut messages = Vec::new();
    for _ in 0..5 {
        messages.push(deliver(&db.store, &accept(&db.store, 0).await, 1).await);
    }
    let mut batch: Vec<_> = messages.iter().map(|message| change(message, &[login(2)])).collect();
    batch[3].from_version = 0;
    assert!(matches!(
        db.store.apply_changes(&batch).await,
        Err(StoreError::Conflict)
    ));
    for message in &messages {
        assert_eq!(reload(&*db.store, message.id).await, *message);
        assert_eq!(
            kinds(&*db.store, message.id).await,
            [EventKind::Submitted, EventKind::DeliveredIn]
        );
    }
    batch[3].from_version = 1;
    db.store.apply_changes(&batch).await.unwrap();
    for message in &messages {
        assert_eq!(reload(&*db.store, message.id).await.state.phase, Phase::Accepted);
    }
}

pub async fn a_batch_of_hundreds(db: Backend) {
    let mut batch = Vec::new();
    for seconds in 0..300 {
        let message = accept(&db.store, seconds).await;
        let mut delivery = change(
            &message,
            &[
                Input::Stamp,
                Input::DeliverIn {
                    at: at(1000 + seconds),
                    fiction: None,
                },
            ],
        );
        delivery.timestamp_token = (seconds % 2 == 0).then(|| vec![0x30; 4000]);
        delivery.scan = (seconds % 3 == 0).then_some(ScanVerdict::Clean);
        batch.push((message, delivery));
    }
    // Not in the order of their numbers.
    batch.reverse();
    let changes: Vec<_> = batch.iter().map(|(_, delivery)| delivery.clone()).collect();
    db.store.apply_changes(&changes).await.unwrap();
    for (message, delivery) in batch {
        let found = reload(&*db.store, message.id).await;
        let (timestamp_token, scan) = (delivery.timestamp_token, delivery.scan);
        assert_eq!(
            found,
            Message {
                state: delivery.state,
                version: 1,
                timestamp_token,
                scan,
                ..message
            }
        );
        assert_eq!(
            kinds(&*db.store, found.id).await,
            [EventKind::Submitted, EventKind::DeliveredIn]
        );
    }
    assert_eq!(
        db.store.list_state_changes(&whole_history(5000)).await.unwrap().len(),
        300
    );
}

pub async fn the_same_message_twice_in_one_batch(db: Backend) {
    let message = accept(&db.store, 0).await;
    let other = accept(&db.store, 0).await;
    let first = change(
        &message,
        &[
            Input::Stamp,
            Input::DeliverIn {
                at: at(1),
                fiction: None,
            },
        ],
    );
    let halfway = Message {
        state: first.state,
        version: 1,
        ..message.clone()
    };
    let second = change(&halfway, &[login(2)]);
    let beside = change(&other, &[Input::Stamp]);
    db.store
        .apply_changes(&[first.clone(), beside, second.clone()])
        .await
        .unwrap();
    let found = reload(&*db.store, message.id).await;
    assert_eq!((found.state, found.version), (second.state, 2));
    let expected = [EventKind::Submitted, EventKind::DeliveredIn, EventKind::HolderLogin];
    assert_eq!(kinds(&*db.store, message.id).await, expected);

    // The second of two from the same version loses, and takes the first with it.
    let fresh = accept(&db.store, 0).await;
    let stamp = change(&fresh, &[Input::Stamp]);
    let twice = [stamp.clone(), stamp];
    assert!(matches!(
        db.store.apply_changes(&twice).await,
        Err(StoreError::Conflict)
    ));
    assert_eq!(reload(&*db.store, fresh.id).await, fresh);
}

pub async fn two_writers_of_one_version(db: Backend) {
    for round in 0..20 {
        let message = deliver(&db.store, &accept(&db.store, 0).await, 1).await;
        let writers = [ReaderKind::Holder, ReaderKind::Entrusted, ReaderKind::Application].map(|by| {
            let step = change(&message, &[Input::Login { by, at: at(round) }]);
            let store = db.store.clone();
            tokio::spawn(async move { store.apply_changes(&[step]).await })
        });
        let mut won = 0;
        for writer in writers {
            match writer.await.unwrap() {
                Ok(()) => won += 1,
                Err(error) => assert!(matches!(error, StoreError::Conflict), "{error:?}"),
            }
        }
        assert_eq!(won, 1);
        assert_eq!(reload(&*db.store, message.id).await.version, 2);
        assert_eq!(db.store.list_events(message.id).await.unwrap().len(), 3);
    }
}

pub async fn crosswise_batches_end(db: Backend) {
    let mut messages = Vec::new();
    for _ in 0..40 {
        messages.push(deliver(&db.store, &accept(&db.store, 0).await, 1).await);
    }
    let forward: Vec<_> = messages.iter().map(|message| change(message, &[login(2)])).collect();
    let backward: Vec<_> = forward.iter().rev().cloned().collect();
    let writers = [forward, backward].map(|batch| {
        let store = db.store.clone();
        tokio::spawn(async move { store.apply_changes(&batch).await })
    });
    let mut results = Vec::new();
    for writer in writers {
        results.push(writer.await.unwrap());
    }
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(
        results
            .iter()
            .filter(|result| matches!(result, Err(StoreError::Conflict)))
            .count(),
        1
    );
}

pub async fn one_who_comes_too_late_costs_the_others_nothing(db: Backend) {
    let mut writers = Vec::new();
    for number in 0..20 {
        let message = deliver(&db.store, &accept(&db.store, 0).await, 1).await;
        let mut step = change(&message, &[login(2)]);
        if number % 7 == 3 {
            step.from_version = 0;
        }
        let store = db.store.clone();
        writers.push((
            message.id,
            tokio::spawn(async move { store.apply_changes(&[step]).await }),
        ));
    }
    for (number, (id, writer)) in writers.into_iter().enumerate() {
        let (written, phase) = (writer.await.unwrap(), reload(&*db.store, id).await.state.phase);
        if number % 7 == 3 {
            assert!(matches!(written, Err(StoreError::Conflict)), "{written:?}");
            assert_eq!(phase, Phase::DeliveredIn);
        } else {
            written.unwrap();
            assert_eq!(phase, Phase::Accepted);
        }
    }
}

pub async fn undeliverable_takes_the_event_of_fiction_back(db: Backend) {
    let message = deliver(&db.store, &accept(&db.store, 0).await, 1).await;
    let fiction = change(
        &message,
        &[Input::Fiction {
            at: at(500),
            without_user: true,
        }],
    );
    db.store.apply_changes(&[fiction]).await.unwrap();
    let message = reload(&*db.store, message.id).await;
    let expected = [
        EventKind::Submitted,
        EventKind::DeliveredIn,
        EventKind::Fiction,
        EventKind::FictionWithoutUser,
    ];
    assert_eq!(kinds(&*db.store, message.id).await, expected);
    let undeliverable = change(
        &message,
        &[Input::Undeliverable {
            disabled: at(100),
            at: at(100),
        }],
    );
    assert_eq!(
        undeliverable.removes,
        [EventKind::Fiction, EventKind::FictionWithoutUser]
    );
    db.store.apply_changes(&[undeliverable]).await.unwrap();
    let expected = [EventKind::Submitted, EventKind::DeliveredIn, EventKind::Undeliverable];
    assert_eq!(kinds(&*db.store, message.id).await, expected);
}

pub async fn state_changes_of_an_interval(db: Backend) {
    let first = deliver(&db.store, &accept(&db.store, 0).await, 10).await;
    let second = deliver(&db.store, &accept(&db.store, 0).await, 10).await;
    db.store.apply_changes(&[change(&first, &[login(30)])]).await.unwrap();
    let other = accept_as(&db.store, 0, |message| message.envelope.sender = maria()).await;
    deliver(&db.store, &other, 20).await;
    let record = |id, seconds, status| {
        let change = StateChange {
            time: at(seconds),
            status,
        };
        (id, change)
    };
    let list = async |from, to| {
        let query = StateChangeQuery {
            from: at(from),
            ..whole_history(to)
        };
        let rows = db.store.list_state_changes(&query).await.unwrap();
        rows.iter().map(|row| (row.id, row.change)).collect::<Vec<_>>()
    };
    let all = [
        record(first.id, 10, 4),
        record(second.id, 10, 4),
        record(first.id, 30, 6),
    ];
    assert_eq!(list(0, 100).await, all);
    assert_eq!(list(10, 10).await, all[..2]);
    assert_eq!(list(11, 29).await, []);
    assert_eq!(list(30, 30).await, all[2..]);
    // Reading is none of the sender's business and leaves no row.
    let read = reload(&*db.store, first.id).await;
    db.store.apply_changes(&[change(&read, &[Input::Read])]).await.unwrap();
    assert_eq!(list(0, 100).await, all);
    // Several at the same time in one change keep their order.
    let third = accept(&db.store, 0).await;
    let fast = change(
        &third,
        &[
            Input::Stamp,
            Input::DeliverIn {
                at: at(50),
                fiction: None,
            },
            login(50),
        ],
    );
    db.store.apply_changes(&[fast]).await.unwrap();
    assert_eq!(list(50, 50).await, [record(third.id, 50, 4), record(third.id, 50, 6)]);
}

pub async fn token_and_verdict_stay_once_given(db: Backend) {
    let message = accept(&db.store, 0).await;
    let mut stamp = change(&message, &[Input::Stamp]);
    stamp.timestamp_token = Some(vec![1, 2, 3]);
    db.store.apply_changes(&[stamp]).await.unwrap();
    let stamped = reload(&*db.store, message.id).await;
    assert_eq!(
        (stamped.timestamp_token.as_deref(), stamped.scan),
        (Some(&[1, 2, 3][..]), None)
    );
    let mut delivery = change(
        &stamped,
        &[Input::DeliverIn {
            at: at(1),
            fiction: None,
        }],
    );
    delivery.scan = Some(ScanVerdict::NotScanned);
    db.store.apply_changes(&[delivery]).await.unwrap();
    let delivered = reload(&*db.store, message.id).await;
    assert_eq!(delivered.timestamp_token, Some(vec![1, 2, 3]));
    assert_eq!(delivered.scan, Some(ScanVerdict::NotScanned));
}
