//! What the administration console keeps and walks through.

use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::ids::{BoxId, IsdsId};
use isds_core::ports::{AnnouncementId, AnnouncementProgress, ChangedLimit, JobKind, KeptAnnouncement, WaitingKind};
use isds_core::postal::{Booking, BookingOutcome, CreditEvent, Subsidy, SubsidyId, SubsidyKind};
use isds_core::system_message::{AnnouncementText, DueSystemMessage, SystemMessage};

use crate::engines::{Backend, count};
use crate::fixtures::*;

async fn add(db: &Backend, data: &str, box_type: BoxType, state: BoxState) -> BoxId {
    let data_box = DataBox {
        state,
        postal_contract: box_type == BoxType::Po,
        ..data_box(data, box_type)
    };
    db.store.add_box(&data_box).await.unwrap();
    data_box.id
}

fn text() -> AnnouncementText {
    AnnouncementText {
        subject: "Odstávka \"zítra\"".into(),
        paragraphs: vec!["První.".into(), "Druhý; ž".into()],
    }
}

fn announcement(types: Option<Vec<BoxType>>) -> KeptAnnouncement {
    KeptAnnouncement {
        id: AnnouncementId(0),
        by: Some(IsdsId("DS_spravce01".into())),
        at: at(7),
        text: text(),
        done: types.is_none(),
        types,
        progress: AnnouncementProgress::default(),
    }
}

fn promises(boxes: &[BoxId]) -> Vec<DueSystemMessage> {
    let promise = |recipient: &BoxId| DueSystemMessage {
        recipient: *recipient,
        message: SystemMessage::Announcement(text()),
    };
    boxes.iter().map(promise).collect()
}

pub async fn an_announcement_is_written_once_a_form(db: Backend) {
    let store = &db.store;
    let (new, due) = (announcement(None), promises(&[novak()]));
    let (one, other) = futures::join!(
        store.add_announcement("key1", &new, &due),
        store.add_announcement("key1", &new, &due),
    );
    let added: Vec<AnnouncementId> = [one.unwrap(), other.unwrap()].into_iter().flatten().collect();
    assert_eq!(added.len(), 1, "of two at once one is written");
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM system_messages_due").await, 1);
    let kept = store.lookup_announcement(added[0]).await.unwrap().unwrap();
    assert_eq!(
        kept,
        KeptAnnouncement {
            id: added[0],
            ..announcement(None)
        }
    );
    let again = store.add_announcement("key2", &announcement(None), &[]).await.unwrap();
    let listed = store.list_announcements(None, 10).await.unwrap();
    let ids: Vec<AnnouncementId> = listed.iter().map(|one| one.id).collect();
    assert_eq!(ids, [again.unwrap(), added[0]], "newest first");
    assert_eq!(store.list_announcements(again, 10).await.unwrap(), [kept]);
}

pub async fn an_announcement_goes_on_from_where_it_is(db: Backend) {
    let store = &db.store;
    let mut boxes = Vec::new();
    for data in ["aaaaab", "aaaaac", "aaaaad"] {
        boxes.push(add(&db, data, BoxType::Ovm, BoxState::Accessible).await);
    }
    add(&db, "aaaaae", BoxType::Ovm, BoxState::NotActivated).await;
    add(&db, "aaaaaf", BoxType::Po, BoxState::Accessible).await;
    boxes.sort_unstable();
    let types = Some(vec![BoxType::Ovm]);
    let id = store
        .add_announcement("key1", &announcement(types), &[])
        .await
        .unwrap()
        .unwrap();
    let jobs = store.claim_jobs(at(0), at(60), 10).await.unwrap();
    assert_eq!(jobs[0].kind, JobKind::Announce(id));
    let first = store
        .list_boxes_of(BoxType::Ovm, BoxState::Accessible, "", 2)
        .await
        .unwrap();
    assert_eq!(first, boxes[..2]);
    let rest = store
        .list_boxes_of(BoxType::Ovm, BoxState::Accessible, first[1].as_str(), 2)
        .await
        .unwrap();
    assert_eq!(rest, boxes[2..]);
    let after = AnnouncementProgress {
        boxes: 2,
        done_type: BoxType::Ovm.code(),
        done_box: first[1].to_string(),
    };
    let begin = AnnouncementProgress::default();
    let due = promises(&first);
    assert!(store.promise_announcement(id, &begin, &after, &due).await.unwrap());
    // Whoever comes late from the same place promises nothing.
    assert!(!store.promise_announcement(id, &begin, &after, &due).await.unwrap());
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM system_messages_due").await, 2);
    let kept = store.lookup_announcement(id).await.unwrap().unwrap();
    assert_eq!((kept.progress.clone(), kept.done), (after.clone(), false));
    store.finish_announcement(id, jobs[0].id).await.unwrap();
    assert!(store.lookup_announcement(id).await.unwrap().unwrap().done);
    assert!(!store.promise_announcement(id, &after, &after, &due).await.unwrap());
    store.clear().await.unwrap();
    assert_eq!(store.list_announcements(None, 10).await.unwrap(), []);
}

pub async fn boxes_are_listed_by_type_and_state(db: Backend) {
    let mut all = Vec::new();
    for (data, box_type, state) in [
        ("aaaaab", BoxType::Ovm, BoxState::Accessible),
        ("aaaaac", BoxType::Ovm, BoxState::Deleted),
        ("aaaaad", BoxType::Po, BoxState::Accessible),
        ("aaaaae", BoxType::Po, BoxState::Accessible),
    ] {
        all.push((add(&db, data, box_type, state).await, box_type, state));
    }
    all.sort_unstable_by_key(|(id, ..)| *id);
    for box_type in [BoxType::Ovm, BoxType::Po, BoxType::Fo] {
        for state in [BoxState::Accessible, BoxState::Deleted] {
            let fits = |other: &&(BoxId, BoxType, BoxState)| (other.1, other.2) == (box_type, state);
            let expected: Vec<BoxId> = all.iter().filter(fits).map(|(id, ..)| *id).collect();
            let (mut walked, mut after) = (Vec::new(), String::new());
            loop {
                let page = db.store.list_boxes_of(box_type, state, &after, 1).await.unwrap();
                let Some(last) = page.last() else { break };
                after = last.to_string();
                walked.extend(page);
            }
            assert_eq!(walked, expected, "{box_type:?} {state:?}");
        }
    }
    let contracts: Vec<BoxId> = all
        .iter()
        .filter(|(_, box_type, _)| *box_type == BoxType::Po)
        .map(|(id, ..)| *id)
        .collect();
    assert_eq!(db.store.list_contracts("", 10).await.unwrap(), contracts);
    let behind = contracts[0].to_string();
    assert_eq!(db.store.list_contracts(&behind, 10).await.unwrap(), contracts[1..]);
}

pub async fn little_credit_and_subsidies_are_listed(db: Backend) {
    let mut accounts = Vec::new();
    for (data, balance) in [("aaaaab", 500), ("aaaaac", 20), ("aaaaad", 20), ("aaaaae", 9_000)] {
        let id = add(&db, data, BoxType::Po, BoxState::Accessible).await;
        let booking = Booking {
            box_id: id,
            change: balance,
            event: CreditEvent::TopUp {
                transaction: data.into(),
            },
            time: at(0),
        };
        let booked = db.store.book_credit(&booking, Some(at(100))).await.unwrap();
        assert!(matches!(booked, BookingOutcome::Booked(_)));
        accounts.push((balance, id));
    }
    accounts.sort_unstable();
    let (mut walked, mut after) = (Vec::new(), None);
    loop {
        let page = db.store.list_low_credit(5_000, after, 1).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.balance, last.box_id));
        walked.extend(page.iter().map(|account| (account.balance, account.box_id)));
    }
    assert_eq!(walked, accounts[..3]);

    let mut subsidy = Subsidy {
        id: SubsidyId(0),
        kind: SubsidyKind::Global,
        donor: accounts[0].1,
        sender: accounts[1].1,
        recipient: None,
        remaining: Some(3),
        expires: None,
    };
    let mut ids = Vec::new();
    for remaining in [3, 4] {
        subsidy.remaining = Some(remaining);
        ids.push(db.store.add_subsidy(&subsidy).await.unwrap());
    }
    db.store.end_subsidy(ids[0], at(1)).await.unwrap();
    let listed = db.store.list_all_subsidies(None, 10).await.unwrap();
    let shown: Vec<_> = listed.iter().map(|one| (one.id, one.expires)).collect();
    assert_eq!(shown, [(ids[1], None), (ids[0], Some(at(1)))]);
    assert_eq!(
        db.store.list_all_subsidies(Some(ids[1]), 10).await.unwrap(),
        listed[1..]
    );
}

pub async fn a_limit_is_changed_over_the_version_that_was_seen(db: Backend) {
    let store = &db.store;
    let limit = |value: Option<i64>, version: i64| ChangedLimit {
        name: "vzor".into(),
        value,
        version,
        by: Some(IsdsId("DS_spravce01".into())),
        at: at(version),
    };
    assert_eq!(store.list_changed_limits().await.unwrap(), []);
    let (one, other) = (limit(Some(5), 1), limit(Some(6), 1));
    let (one, other) = futures::join!(store.change_limit(&one), store.change_limit(&other));
    assert!(one.unwrap() != other.unwrap(), "of two at once one is written");
    assert!(!store.change_limit(&limit(Some(7), 3)).await.unwrap(), "nobody saw it");
    assert!(store.change_limit(&limit(None, 2)).await.unwrap());
    assert!(!store.change_limit(&limit(Some(8), 2)).await.unwrap());
    assert_eq!(store.list_changed_limits().await.unwrap(), [limit(None, 2)]);
    store.clear().await.unwrap();
    assert_eq!(store.list_changed_limits().await.unwrap(), []);
}

pub async fn what_waits_beside_the_jobs_is_counted(db: Backend) {
    let work = db.store.list_waiting_work(at(0), at(0)).await.unwrap();
    let kinds: Vec<WaitingKind> = work.iter().map(|work| work.kind).collect();
    assert_eq!(
        kinds,
        [
            WaitingKind::Mails,
            WaitingKind::Notices,
            WaitingKind::Indexing,
            WaitingKind::TextExtraction
        ]
    );
    assert!(
        work.iter()
            .all(|work| (work.count, work.due, work.oldest) == (0, 0, None))
    );
    let list = isds_core::mailbox::MailboxList {
        box_id: novak(),
        side: isds_core::message::SideOf::Recipient,
    };
    db.store.want_mailbox_index(list, at(5)).await.unwrap();
    let work = db.store.list_waiting_work(at(0), at(0)).await.unwrap();
    assert_eq!((work[2].count, work[2].due, work[2].oldest), (1, 0, Some(at(5))));
    assert_eq!(work[3].count, 0);
    db.store.set_mailbox_content(novak(), true, at(6)).await.unwrap();
    let work = db.store.list_waiting_work(at(7), at(0)).await.unwrap();
    // Both lists of the box, the sent one as well.
    assert_eq!((work[2].due, work[3].count, work[3].due), (2, 2, 2));
}
