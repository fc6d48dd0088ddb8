//! Lists for people: leads, pages in both directions, the index behind the search, tags and tasks.

use isds_core::event::ReaderKind;
use isds_core::ids::MessageId;
use isds_core::mailbox::{MailboxList, MarkedMessage, Task, content_terms, envelope_terms};
use isds_core::message::{Input, Message, SideOf};
use isds_core::ports::{
    CandidateQuery, Direction, Lead, ListPosition, MailboxDocument, MessageRecord, StoreError, WaitingQuery,
};
use isds_core::time::Timestamp;

use crate::engines::{Backend, count};
use crate::fixtures::*;

fn received() -> MailboxList {
    MailboxList {
        box_id: novak(),
        side: SideOf::Recipient,
    }
}

fn sent() -> MailboxList {
    MailboxList {
        box_id: town(),
        side: SideOf::Sender,
    }
}

fn query(list: MailboxList, lead: Lead) -> CandidateQuery {
    CandidateQuery {
        list,
        lead,
        from: Timestamp(i64::MIN),
        to: Timestamp(i64::MAX),
        after: None,
        direction: Direction::Older,
        limit: 100,
    }
}

async fn found(db: &Backend, query: &CandidateQuery) -> Vec<MessageId> {
    let found = db.store.list_candidates(query).await.unwrap();
    found.records.iter().map(|record| record.id).collect()
}

async fn record(db: &Backend, id: MessageId) -> MessageRecord {
    db.store.load_records(&[id]).await.unwrap().remove(0)
}

async fn apply(db: &Backend, message: &Message, inputs: &[Input]) -> Message {
    db.store.apply_changes(&[change(message, inputs)]).await.unwrap();
    db.store.lookup_message(message.id).await.unwrap().unwrap()
}

fn login(seconds: i64) -> Input {
    Input::Login {
        by: ReaderKind::Holder,
        at: at(seconds),
    }
}

fn expire(side: SideOf, to_vault: bool) -> Input {
    Input::Expire {
        side,
        vault_until: to_vault.then(|| at(9000)),
    }
}

pub async fn leads_follow_the_state(db: Backend) {
    let new = accept(&db.store, 0).await;
    let waiting = deliver(&db.store, &accept(&db.store, 1).await, 10).await;
    let unread = deliver(&db.store, &accept(&db.store, 2).await, 20).await;
    let unread = apply(&db, &unread, &[login(30)]).await;
    let read = deliver(&db.store, &accept(&db.store, 3).await, 40).await;
    let read = apply(&db, &read, &[login(50), Input::Read]).await;
    let vault = deliver(&db.store, &accept(&db.store, 4).await, 60).await;
    let vault = apply(&db, &vault, &[login(70), expire(SideOf::Recipient, true)]).await;
    let erased = deliver(&db.store, &accept(&db.store, 5).await, 80).await;
    let erased = apply(
        &db,
        &erased,
        &[
            login(90),
            expire(SideOf::Recipient, false),
            expire(SideOf::Sender, false),
        ],
    )
    .await;
    let gone = accept(&db.store, 6).await;
    let gone = apply(
        &db,
        &gone,
        &[
            Input::Stamp,
            Input::Undeliverable {
                disabled: at(6),
                at: at(6),
            },
        ],
    )
    .await;
    let expected: [(MailboxList, Lead, Vec<MessageId>); 8] = [
        (received(), Lead::Live, vec![read.id, unread.id, waiting.id]),
        (received(), Lead::Unread, vec![unread.id]),
        (received(), Lead::Vault, vec![vault.id]),
        (received(), Lead::Erased, vec![erased.id]),
        (
            sent(),
            Lead::Live,
            vec![vault.id, read.id, unread.id, waiting.id, gone.id, new.id],
        ),
        (sent(), Lead::Open, vec![waiting.id, gone.id]),
        (sent(), Lead::Erased, vec![erased.id]),
        (sent(), Lead::Vault, vec![]),
    ];
    for (list, lead, ids) in expected {
        assert_eq!(found(&db, &query(list, lead.clone())).await, ids, "{lead:?}");
        let counted = db.store.count_candidates(list, &lead, 100).await.unwrap();
        assert_eq!(counted, ids.len() as u64, "{lead:?}");
        assert_eq!(db.store.count_candidates(list, &lead, 1).await.unwrap(), counted.min(1));
    }
    // What makes no sense is empty, and nobody else's.
    assert_eq!(found(&db, &query(sent(), Lead::Unread)).await, []);
    let other = MailboxList {
        box_id: maria(),
        side: SideOf::Recipient,
    };
    assert_eq!(found(&db, &query(other, Lead::Live)).await, []);
}

pub async fn pages_go_both_ways(db: Backend) {
    let mut ids = Vec::new();
    for n in 0..9 {
        // Three at the same time each.
        let message = deliver(&db.store, &accept(&db.store, n).await, 100 + n / 3).await;
        ids.push(message.id);
    }
    ids.reverse();
    let tag = db.store.add_tag(novak(), "vše", 0).await.unwrap().unwrap();
    let index = db.store.want_mailbox_index(received(), Timestamp(0)).await.unwrap();
    let mut marked = Vec::new();
    let mut documents = Vec::new();
    for id in &ids {
        let record = record(&db, *id).await;
        marked.push(MarkedMessage {
            id: *id,
            time: record.state.list_time(),
        });
        documents.push(MailboxDocument {
            id: *id,
            time: record.state.list_time(),
            terms: vec!["one".into(), "two".into()],
        });
    }
    db.store.tag_messages(received(), tag, &marked).await.unwrap();
    let task = Task {
        due: None,
        done: false,
        by: "Jan Vzor".into(),
        at: at(0),
    };
    db.store.set_task(received(), &marked, &task).await.unwrap();
    let high = ListPosition {
        time: at(1000),
        id: MessageId(0),
    };
    db.store.index_messages(&index, &documents, high).await.unwrap();
    let leads = [
        Lead::Live,
        Lead::Tag(tag),
        Lead::Tasks,
        Lead::Terms(index.id, vec!["two".into()]),
        Lead::Terms(index.id, vec!["one".into(), "two".into(), "three".into()]),
    ];
    for lead in leads {
        for size in [1, 2, 4, 9, 20] {
            for direction in [Direction::Older, Direction::Newer] {
                let mut walked = Vec::new();
                let mut page = CandidateQuery {
                    direction,
                    limit: size,
                    ..query(received(), lead.clone())
                };
                loop {
                    let found = db.store.list_candidates(&page).await.unwrap();
                    walked.extend(found.records.iter().map(|record| record.id));
                    if found.ended {
                        break;
                    }
                    page.after = found.last;
                }
                if direction == Direction::Newer {
                    walked.reverse();
                }
                assert_eq!(walked, ids, "{lead:?}, {size} at a time, {direction:?}");
            }
        }
        // An interval holds for every lead and in both directions.
        for direction in [Direction::Older, Direction::Newer] {
            let middle = CandidateQuery {
                from: at(101),
                to: at(101),
                direction,
                ..query(received(), lead.clone())
            };
            let mut found = found(&db, &middle).await;
            found.sort_unstable_by(|a, b| b.cmp(a));
            assert_eq!(found, ids[3..6], "{lead:?}");
        }
    }
}

pub async fn waiting_messages_are_told_and_counted(db: Backend) {
    let plain = deliver(&db.store, &accept(&db.store, 0).await, 10).await;
    let personal = accept_as(&db.store, 1, |message| {
        message.envelope.draft.personal_delivery = Some(true);
    })
    .await;
    let personal = deliver(&db.store, &personal, 11).await;
    let fiction = deliver(&db.store, &accept(&db.store, 2).await, 12).await;
    let fiction = apply(
        &db,
        &fiction,
        &[Input::Fiction {
            at: at(100),
            without_user: false,
        }],
    )
    .await;
    let read = deliver(&db.store, &accept(&db.store, 3).await, 13).await;
    apply(&db, &read, &[login(20)]).await;
    accept(&db.store, 4).await;
    for (reads_personal, accessible, expected) in [
        (true, true, vec![plain.id, personal.id, fiction.id]),
        (false, true, vec![plain.id, fiction.id]),
        (true, false, vec![fiction.id]),
    ] {
        let query = WaitingQuery {
            box_id: novak(),
            personal: reads_personal,
            accessible,
            limit: 10,
        };
        let records = db.store.list_waiting_records(&query).await.unwrap();
        let ids: Vec<MessageId> = records.iter().map(|record| record.id).collect();
        assert_eq!(ids, expected);
        assert_eq!(db.store.count_waiting(&query).await.unwrap(), expected.len() as u64);
        let one = WaitingQuery { limit: 1, ..query };
        assert_eq!(db.store.count_waiting(&one).await.unwrap(), 1);
    }
}

pub async fn an_index_is_claimed_advanced_and_released(db: Backend) {
    assert_eq!(db.store.mailbox_index(received()).await.unwrap(), None);
    let index = db.store.want_mailbox_index(received(), Timestamp(100)).await.unwrap();
    assert_eq!(index.list, received());
    assert!(!index.content);
    // Asking again does not put it off.
    assert_eq!(
        db.store.want_mailbox_index(received(), Timestamp(900)).await.unwrap(),
        index
    );
    let claim = |now| db.store.claim_mailbox_index(Timestamp(now), Timestamp(now + 50));
    assert_eq!(claim(99).await.unwrap(), None, "not due yet");
    assert_eq!(claim(100).await.unwrap(), Some(index));
    assert_eq!(claim(100).await.unwrap(), None, "leased");
    assert_eq!(claim(150).await.unwrap(), Some(index), "the lease ran out");
    db.store.release_mailbox_index(index.id, None).await.unwrap();
    assert_eq!(claim(i64::MAX - 50).await.unwrap(), None, "nobody asks for it");
    db.store.want_mailbox_index(received(), Timestamp(200)).await.unwrap();
    assert!(claim(200).await.unwrap().is_some());

    let message = deliver(&db.store, &accept(&db.store, 0).await, 10).await;
    let next = db.store.list_not_indexed(&index, at(5), 10).await.unwrap();
    assert!(next.is_empty(), "it is not that old yet");
    let next = db.store.list_not_indexed(&index, at(10), 10).await.unwrap();
    assert_eq!(next.len(), 1);
    let documents = [MailboxDocument {
        id: message.id,
        time: at(10),
        terms: vec!["slovo".into()],
    }];
    let high = next[0].position();
    db.store.index_messages(&index, &documents, high).await.unwrap();
    let again = db.store.index_messages(&index, &documents, high).await;
    assert!(
        matches!(again, Err(StoreError::Conflict)),
        "computed from what is no longer so"
    );
    let index = db.store.mailbox_index(received()).await.unwrap().unwrap();
    assert_eq!(index.high, high);
    assert!(db.store.list_not_indexed(&index, at(10), 10).await.unwrap().is_empty());

    // Both lists of a box, and the one that comes later.
    db.store.set_mailbox_content(novak(), true, Timestamp(0)).await.unwrap();
    assert!(db.store.mailbox_content(novak()).await.unwrap());
    assert!(!db.store.mailbox_content(town()).await.unwrap());
    let index = db.store.mailbox_index(received()).await.unwrap().unwrap();
    assert!(index.content && index.high.time.0 < 0, "it begins anew");
    db.store.index_messages(&index, &documents, high).await.unwrap();
    let places = query(received(), Lead::Terms(index.id, vec!["slovo".into()]));
    assert_eq!(found(&db, &places).await, [message.id], "in place of what it held");
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM mailbox_terms").await, 1);
    db.store
        .set_mailbox_content(novak(), false, Timestamp(0))
        .await
        .unwrap();
    assert!(!db.store.mailbox_content(novak()).await.unwrap());
}

pub async fn terms_are_expanded_by_their_beginning(db: Backend) {
    let message = deliver(&db.store, &accept(&db.store, 0).await, 10).await;
    let index = db.store.want_mailbox_index(received(), Timestamp(0)).await.unwrap();
    let other = db.store.want_mailbox_index(sent(), Timestamp(0)).await.unwrap();
    let terms = |terms: &[&str]| MailboxDocument {
        id: message.id,
        time: at(10),
        terms: terms.iter().map(|term| (*term).to_owned()).collect(),
    };
    let high = ListPosition {
        time: at(10),
        id: message.id,
    };
    let own = [terms(&[
        "roz",
        "rozhodnuti",
        "rozsudek",
        "rozum",
        "ruze",
        "*roz",
        "#c:mesta2j",
        "žába",
    ])];
    db.store.index_messages(&index, &own, high).await.unwrap();
    db.store
        .index_messages(&other, &[terms(&["rozdil"])], high)
        .await
        .unwrap();
    let expand = async |prefix: &str, limit| db.store.expand_term(index.id, prefix, limit).await.unwrap();
    assert_eq!(expand("roz", 10).await, ["roz", "rozhodnuti", "rozsudek", "rozum"]);
    assert_eq!(expand("roz", 2).await, ["roz", "rozhodnuti"]);
    assert_eq!(expand("rozs", 10).await, ["rozsudek"]);
    assert_eq!(expand("*r", 10).await, ["*roz"]);
    assert_eq!(expand("ž", 10).await, ["žába"]);
    for nothing in ["", "x", "roz%", "ro_", "\0"] {
        assert_eq!(expand(nothing, 10).await, [""; 0], "{nothing:?}");
    }
    let indexed = db
        .store
        .indexed_terms(index.id, &[message.id, MessageId(7)])
        .await
        .unwrap();
    assert_eq!(indexed.len(), 1);
    assert_eq!(indexed[&message.id].len(), 8);
    let both = Lead::Terms(index.id, vec!["roz".into(), "ruze".into()]);
    assert_eq!(db.store.count_candidates(received(), &both, 10).await.unwrap(), 2);
}

/// What moved since it was indexed is not found at its old place, and once indexed anew not twice.
pub async fn a_message_that_moved_is_found_once(db: Backend) {
    let message = accept(&db.store, 0).await;
    let index = db.store.want_mailbox_index(sent(), Timestamp(0)).await.unwrap();
    let document = |time| MailboxDocument {
        id: message.id,
        time,
        terms: vec!["slovo".into()],
    };
    let place = |time| ListPosition { time, id: message.id };
    db.store
        .index_messages(&index, &[document(at(0))], place(at(0)))
        .await
        .unwrap();
    let places = query(sent(), Lead::Terms(index.id, vec!["slovo".into()]));
    assert_eq!(found(&db, &places).await, [message.id]);
    deliver(&db.store, &message, 50).await;
    let moved = db.store.list_candidates(&places).await.unwrap();
    assert!(moved.records.is_empty() && moved.last.is_some() && moved.ended);
    let index = db.store.mailbox_index(sent()).await.unwrap().unwrap();
    assert_eq!(db.store.list_not_indexed(&index, at(100), 10).await.unwrap().len(), 1);
    db.store
        .index_messages(&index, &[document(at(50))], place(at(50)))
        .await
        .unwrap();
    assert_eq!(found(&db, &places).await, [message.id]);
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM mailbox_terms").await, 1);
}

/// The words of attachments go with the content, for the side whose content it is.
pub async fn what_is_erased_is_forgotten(db: Backend) {
    let message = deliver(&db.store, &accept(&db.store, 0).await, 10).await;
    let message = apply(&db, &message, &[login(20)]).await;
    let high = ListPosition {
        time: at(10),
        id: message.id,
    };
    let mut indexes = Vec::new();
    for list in [received(), sent()] {
        let index = db.store.want_mailbox_index(list, Timestamp(0)).await.unwrap();
        let mut terms = envelope_terms(&record(&db, message.id).await, list.side);
        terms.extend(content_terms(["tajné.pdf"].into_iter()));
        let document = MailboxDocument {
            id: message.id,
            time: at(10),
            terms: terms.into_iter().collect(),
        };
        db.store.index_messages(&index, &[document], high).await.unwrap();
        indexes.push(index.id);
    }
    let tajne = async |n: usize| db.store.expand_term(indexes[n], "*tajne", 5).await.unwrap().len();
    assert_eq!((tajne(0).await, tajne(1).await), (1, 1));
    let message = apply(&db, &message, &[expire(SideOf::Recipient, false)]).await;
    assert_eq!((tajne(0).await, tajne(1).await), (0, 1), "the recipient's alone");
    let left = db.store.indexed_terms(indexes[0], &[message.id]).await.unwrap();
    let left = &left[&message.id];
    assert!(left.iter().any(|term| term == "rozhodnuti") && !left.iter().any(|term| term.starts_with('*')));
    apply(&db, &message, &[expire(SideOf::Sender, true)]).await;
    assert_eq!(tajne(1).await, 1, "the vault keeps it");
}

pub async fn tags_belong_to_a_box(db: Backend) {
    let message = deliver(&db.store, &accept(&db.store, 0).await, 10).await;
    let other = deliver(&db.store, &accept(&db.store, 1).await, 11).await;
    let mark = |message: &Message| MarkedMessage {
        id: message.id,
        time: message.state.list_time(),
    };
    let store = &db.store;
    let urgent = store.add_tag(novak(), "Spěchá", 5).await.unwrap().unwrap();
    assert_eq!(
        store.add_tag(novak(), "SPECHA", 1).await.unwrap(),
        None,
        "the same name"
    );
    let zoned = store.add_tag(novak(), "Daně", 2).await.unwrap().unwrap();
    let towns = store.add_tag(town(), "Spěchá", 0).await.unwrap().unwrap();
    let names: Vec<String> = store
        .list_tags(novak())
        .await
        .unwrap()
        .into_iter()
        .map(|t| t.name)
        .collect();
    assert_eq!(names, ["Daně", "Spěchá"]);
    // Again changes nothing; a tag of another box is none.
    for _ in 0..2 {
        store
            .tag_messages(received(), urgent, &[mark(&message), mark(&other)])
            .await
            .unwrap();
    }
    store.tag_messages(received(), zoned, &[mark(&message)]).await.unwrap();
    store.tag_messages(received(), towns, &[mark(&message)]).await.unwrap();
    let mut tags = store.tags_of(received(), &[message.id, other.id]).await.unwrap();
    tags.sort_unstable();
    assert_eq!(tags, [(message.id, urgent), (message.id, zoned), (other.id, urgent)]);
    assert_eq!(
        found(&db, &query(received(), Lead::Tag(urgent))).await,
        [other.id, message.id]
    );
    assert_eq!(store.tags_of(sent(), &[message.id]).await.unwrap(), []);
    // Whoever names the tag of another box finds nothing by it.
    let marias = MailboxList {
        box_id: maria(),
        side: SideOf::Recipient,
    };
    assert_eq!(found(&db, &query(marias, Lead::Tag(urgent))).await, []);
    assert_eq!(store.count_candidates(marias, &Lead::Tag(urgent), 10).await.unwrap(), 0);
    store.untag_messages(received(), urgent, &[other.id]).await.unwrap();
    assert_eq!(found(&db, &query(received(), Lead::Tag(urgent))).await, [message.id]);
    assert!(!store.remove_tag(town(), urgent).await.unwrap(), "not theirs");
    assert!(store.remove_tag(novak(), urgent).await.unwrap());
    assert!(!store.remove_tag(novak(), urgent).await.unwrap());
    assert_eq!(
        store.tags_of(received(), &[message.id]).await.unwrap(),
        [(message.id, zoned)]
    );
}

pub async fn tasks_come_by_their_day(db: Backend) {
    let store = &db.store;
    let mut messages = Vec::new();
    for n in 0..3 {
        messages.push(deliver(store, &accept(store, n).await, 10 + n).await);
    }
    let mark = |n: usize| MarkedMessage {
        id: messages[n].id,
        time: messages[n].state.list_time(),
    };
    let task = |due: Option<&str>, done| Task {
        due: due.map(|day| day.parse().unwrap()),
        done,
        by: "Jan Vzor".into(),
        at: at(5),
    };
    store
        .set_task(received(), &[mark(0)], &task(None, false))
        .await
        .unwrap();
    store
        .set_task(received(), &[mark(1)], &task(Some("2026-12-24"), false))
        .await
        .unwrap();
    store
        .set_task(received(), &[mark(2)], &task(Some("2026-12-01"), false))
        .await
        .unwrap();
    assert_eq!(store.count_candidates(received(), &Lead::Tasks, 10).await.unwrap(), 3);
    assert_eq!(store.count_candidates(sent(), &Lead::Tasks, 10).await.unwrap(), 0);
    let open = store.list_open_tasks(novak(), 10).await.unwrap();
    let order: Vec<MessageId> = open.iter().map(|open| open.message).collect();
    assert_eq!(order, [messages[2].id, messages[1].id, messages[0].id]);
    assert_eq!(open[0].task, task(Some("2026-12-01"), false));
    assert_eq!(open[2].task.due, None);
    assert_eq!(store.list_open_tasks(novak(), 1).await.unwrap().len(), 1);
    store
        .set_task(received(), &[mark(2)], &task(Some("2026-12-01"), true))
        .await
        .unwrap();
    assert_eq!(store.list_open_tasks(novak(), 10).await.unwrap().len(), 2);
    assert_eq!(
        found(&db, &query(received(), Lead::Tasks)).await,
        [messages[1].id, messages[0].id]
    );
    let known = store.tasks_of(received(), &[messages[2].id]).await.unwrap();
    assert_eq!(known, [(messages[2].id, task(Some("2026-12-01"), true))]);
    assert_eq!(store.tasks_of(sent(), &[messages[2].id]).await.unwrap(), []);
    assert_eq!(store.list_open_tasks(town(), 10).await.unwrap(), []);
}

pub async fn clearing_takes_lists_away(db: Backend) {
    let message = deliver(&db.store, &accept(&db.store, 0).await, 10).await;
    let marked = MarkedMessage {
        id: message.id,
        time: message.state.list_time(),
    };
    let index = db.store.want_mailbox_index(received(), Timestamp(0)).await.unwrap();
    let document = MailboxDocument {
        id: message.id,
        time: at(10),
        terms: vec!["slovo".into()],
    };
    let high = record(&db, message.id).await.position();
    db.store.index_messages(&index, &[document], high).await.unwrap();
    let tag = db.store.add_tag(novak(), "vše", 0).await.unwrap().unwrap();
    db.store.tag_messages(received(), tag, &[marked]).await.unwrap();
    let task = Task {
        due: None,
        done: false,
        by: String::new(),
        at: at(0),
    };
    db.store.set_task(received(), &[marked], &task).await.unwrap();
    db.store.clear().await.unwrap();
    for table in [
        "SELECT COUNT(*) FROM mailbox_lists",
        "SELECT COUNT(*) FROM mailbox_terms",
        "SELECT COUNT(*) FROM mailbox_documents",
        "SELECT COUNT(*) FROM mailbox_tags",
        "SELECT COUNT(*) FROM mailbox_tagged",
        "SELECT COUNT(*) FROM mailbox_tasks",
    ] {
        assert_eq!(count(&db.url, table).await, 0, "{table}");
    }
}
