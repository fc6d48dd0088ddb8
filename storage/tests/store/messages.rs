//! Acceptance, numbers, lists.

use std::collections::BTreeSet;

use isds_core::envelope::MessageKind;
use isds_core::event::{Event, EventKind};
use isds_core::ids::MessageId;
use isds_core::message::{Input, ScanVerdict, SideOf};
use isds_core::ports::{MessageListQuery, StoreError};

use crate::engines::{Backend, count, execute};
use crate::fixtures::*;

pub async fn accepted_is_what_is_looked_up(db: Backend) {
    let message = accept(&db.store, 0).await;
    assert_eq!(
        db.store.lookup_message(message.id).await.unwrap(),
        Some(message.clone())
    );
    let submitted = Event {
        kind: EventKind::Submitted,
        time: at(0),
    };
    assert_eq!(db.store.list_events(message.id).await.unwrap(), [submitted]);
    assert_eq!(db.store.lookup_message(MessageId(1)).await.unwrap(), None);
    assert_eq!(db.store.list_events(MessageId(1)).await.unwrap(), []);
    for (kind, scan) in [
        (MessageKind::Contract, Some(ScanVerdict::Clean)),
        (MessageKind::System, Some(ScanVerdict::Infected)),
        (MessageKind::Public, Some(ScanVerdict::NotScanned)),
    ] {
        let message = accept_as(&db.store, 0, |message| {
            (message.kind, message.scan) = (kind, scan);
            message.timestamp_token = Some(vec![0, 1, 255]);
        })
        .await;
        assert_eq!(db.store.lookup_message(message.id).await.unwrap(), Some(message));
    }
}

pub async fn a_number_is_accepted_once(db: Backend) {
    let first = message(db.store.next_message_id().await.unwrap(), at(0));
    db.store.accept_message(&first).await.unwrap();
    let mut second = first.clone();
    second.message.envelope.draft.annotation = Some("jiná".into());
    assert!(matches!(
        db.store.accept_message(&second).await,
        Err(StoreError::Conflict)
    ));
    assert_eq!(
        db.store.lookup_message(first.message.id).await.unwrap(),
        Some(first.message.clone())
    );
    assert_eq!(db.store.list_events(first.message.id).await.unwrap().len(), 1);
    assert_eq!(db.store.count_jobs().await.unwrap(), 1);
}

pub async fn numbers_are_unique_and_grow(db: Backend) {
    let first = db.store.next_message_id().await.unwrap();
    assert_eq!(first, MessageId(1_000_001));
    let callers: Vec<_> = (0..16)
        .map(|_| {
            let store = db.store.clone();
            tokio::spawn(async move {
                let mut own = Vec::new();
                for _ in 0..25 {
                    own.push(store.next_message_id().await.unwrap());
                }
                own
            })
        })
        .collect();
    let mut all = BTreeSet::from([first]);
    for caller in callers {
        let own = caller.await.unwrap();
        assert!(own.is_sorted_by(|a, b| a < b));
        all.extend(own);
    }
    assert_eq!(all.len(), 401);
    // A new process goes on above everything that was given out.
    let next = db.again().await.next_message_id().await.unwrap();
    assert!(all.iter().all(|number| *number < next));
}

pub async fn lists_show_newest_first_in_pages(db: Backend) {
    let mut expected = Vec::new();
    for seconds in [10, 30, 20, 20, 40] {
        expected.push((seconds, accept(&db.store, seconds).await.id));
    }
    // Of two at the same time the one with the higher number comes first.
    expected.sort_by(|a, b| b.cmp(a));
    let expected: Vec<_> = expected.into_iter().map(|(_, id)| id).collect();
    let whole = whole_list(novak(), SideOf::Recipient);
    assert_eq!(listed(&db.store, &whole).await, expected);
    let mut pages = Vec::new();
    for offset in [0, 2, 4, 6] {
        let page = MessageListQuery {
            offset,
            limit: 2,
            ..whole.clone()
        };
        pages.extend(listed(&db.store, &page).await);
    }
    assert_eq!(pages, expected);
    let far = MessageListQuery {
        offset: u64::MAX,
        limit: u64::MAX,
        ..whole
    };
    assert_eq!(listed(&db.store, &far).await, []);
}

pub async fn lists_filter_by_state_and_time(db: Backend) {
    let submitted = accept(&db.store, 100).await;
    let delivered = deliver(&db.store, &accept(&db.store, 0).await, 200).await;
    let read = deliver(&db.store, &accept(&db.store, 0).await, 300).await;
    let login = Input::Login {
        by: isds_core::event::ReaderKind::Holder,
        at: at(400),
    };
    db.store
        .apply_changes(&[change(&read, &[login, Input::Read])])
        .await
        .unwrap();
    let erased = deliver(&db.store, &accept(&db.store, 0).await, 500).await;
    let expire = Input::Expire {
        side: SideOf::Recipient,
        vault_until: None,
    };
    db.store
        .apply_changes(&[change(&erased, &[login, expire])])
        .await
        .unwrap();
    let vault = deliver(&db.store, &accept(&db.store, 0).await, 600).await;
    let expire = Input::Expire {
        side: SideOf::Recipient,
        vault_until: Some(at(9000)),
    };
    db.store
        .apply_changes(&[change(&vault, &[login, expire])])
        .await
        .unwrap();

    let states = |side, bits: &[u32]| {
        let status_bits = bits.iter().map(|bit| 1 << bit).sum();
        let box_id = if side == SideOf::Recipient { novak() } else { town() };
        MessageListQuery {
            status_bits,
            ..whole_list(box_id, side)
        }
    };
    let (recipient, sender) = (SideOf::Recipient, SideOf::Sender);
    assert_eq!(listed(&db.store, &states(recipient, &[1])).await, [submitted.id]);
    assert_eq!(listed(&db.store, &states(recipient, &[4])).await, [delivered.id]);
    assert_eq!(listed(&db.store, &states(recipient, &[7])).await, [read.id]);
    assert_eq!(
        listed(&db.store, &states(recipient, &[9, 10])).await,
        [vault.id, erased.id]
    );
    assert_eq!(listed(&db.store, &states(recipient, &[])).await, []);
    // The sender sees neither reading nor what the other side did with its copy.
    assert_eq!(
        listed(&db.store, &states(sender, &[6])).await,
        [vault.id, erased.id, read.id]
    );
    assert_eq!(listed(&db.store, &states(sender, &[7, 9, 10])).await, []);

    // By delivery into the box, by submission where there is none; both ends count.
    let within = |from, to| MessageListQuery {
        from: Some(at(from)),
        to: Some(at(to)),
        ..whole_list(novak(), SideOf::Recipient)
    };
    assert_eq!(listed(&db.store, &within(100, 200)).await, [delivered.id, submitted.id]);
    assert_eq!(listed(&db.store, &within(101, 199)).await, []);
    assert_eq!(listed(&db.store, &within(0, 99)).await, []);
    let open = MessageListQuery {
        from: Some(at(500)),
        ..whole_list(novak(), SideOf::Recipient)
    };
    assert_eq!(listed(&db.store, &open).await, [vault.id, erased.id]);
}

pub async fn each_side_has_its_own_list(db: Backend) {
    let message = accept(&db.store, 0).await;
    let answer = accept_as(&db.store, 1, |message| {
        std::mem::swap(&mut message.envelope.sender, &mut message.envelope.recipient);
    })
    .await;
    let to_self = accept_as(&db.store, 2, |message| message.envelope.sender = novak()).await;
    let of = |box_id, side| whole_list(box_id, side);
    assert_eq!(
        listed(&db.store, &of(novak(), SideOf::Recipient)).await,
        [to_self.id, message.id]
    );
    assert_eq!(
        listed(&db.store, &of(novak(), SideOf::Sender)).await,
        [to_self.id, answer.id]
    );
    assert_eq!(listed(&db.store, &of(town(), SideOf::Recipient)).await, [answer.id]);
    assert_eq!(listed(&db.store, &of(town(), SideOf::Sender)).await, [message.id]);
    assert_eq!(listed(&db.store, &of(maria(), SideOf::Recipient)).await, []);
    let record = &db.store.list_messages(&of(town(), SideOf::Sender)).await.unwrap()[0];
    assert_eq!(
        (&record.envelope, record.kind, record.attachment_size_kb, record.state),
        (&message.envelope, message.kind, 391, message.state)
    );
}

pub async fn waiting_messages_of_a_box(db: Backend) {
    let _submitted = accept(&db.store, 0).await;
    let plain = deliver(&db.store, &accept(&db.store, 0).await, 1).await;
    let personal = accept_as(&db.store, 0, |message| {
        message.envelope.draft.personal_delivery = Some(true);
    })
    .await;
    let personal = deliver(&db.store, &personal, 2).await;
    let fiction = deliver(&db.store, &accept(&db.store, 0).await, 3).await;
    db.store
        .apply_changes(&[change(
            &fiction,
            &[Input::Fiction {
                at: at(900),
                without_user: false,
            }],
        )])
        .await
        .unwrap();
    let fiction = db.store.lookup_message(fiction.id).await.unwrap().unwrap();
    let accepted = deliver(&db.store, &accept(&db.store, 0).await, 4).await;
    let login = Input::Login {
        by: isds_core::event::ReaderKind::Holder,
        at: at(5),
    };
    db.store.apply_changes(&[change(&accepted, &[login])]).await.unwrap();
    let other = accept_as(&db.store, 0, |message| message.envelope.recipient = maria()).await;
    deliver(&db.store, &other, 1).await;

    let none = MessageId(0);
    let waiting = |personal, after, limit| db.store.list_waiting_messages(novak(), personal, after, limit);
    let all = waiting(true, none, 100).await.unwrap();
    assert_eq!(all, [plain.clone(), personal.clone(), fiction.clone()]);
    assert_eq!(
        waiting(false, none, 100).await.unwrap(),
        [plain.clone(), fiction.clone()]
    );
    assert_eq!(waiting(true, plain.id, 1).await.unwrap(), [personal]);
    assert_eq!(waiting(true, fiction.id, 100).await.unwrap(), []);
}

pub async fn any_text_comes_back_as_it_was(db: Backend) {
    let text = "'; DROP TABLE messages; -- \\ \"uvozovky\" <xml/> 𝄞 ěščřžýáíé \u{202E} $1 ?";
    let message = accept_as(&db.store, 0, |message| {
        message.envelope.draft.annotation = Some(text.into());
        message.envelope.recipient_name = text.into();
    })
    .await;
    let found = db.store.lookup_message(message.id).await.unwrap().unwrap();
    assert_eq!(found.envelope, message.envelope);
}

/// A deadlock or a serialisation failure leaves nothing behind, so the message is written once more. SQLite has one writer,
/// and knows neither.
pub async fn what_lost_a_race_is_written_again(db: Backend) {
    if db.url.starts_with("sqlite:") {
        return;
    }
    for sql in [
        "CREATE SEQUENCE races",
        "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         CASE nextval('races') WHEN 1 THEN RAISE EXCEPTION USING ERRCODE = '40P01'; \
         WHEN 2 THEN RAISE EXCEPTION USING ERRCODE = '40001'; ELSE RETURN NEW; END CASE; END $$",
        "CREATE TRIGGER lose BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION lose()",
    ] {
        execute(&db.url, sql).await;
    }
    let message = accept(&db.store, 0).await;
    assert_eq!(db.store.lookup_message(message.id).await.unwrap(), Some(message));
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM messages").await, 1);
    assert_eq!(count(&db.url, "SELECT last_value FROM races").await, 3);
}
