//! People across boxes, and what the administrator looks at.

use isds_core::access_data::AccessData;
use isds_core::administration::{AdministrationRequest, BoxChange, BoxDeadline, DeadlineKind, NewBox};
use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::ids::{BoxId, IsdsId, MembershipId, PersonId};
use isds_core::notice::{MailLanguage, NoticeEvents, NoticeScope, NoticeSubscription};
use isds_core::ports::{Audience, BoxMerge, NewUser, NumberQuery, Reach, StoreError, SystemCertificate, WordQuery};
use isds_core::postal::{Booking, BookingOutcome, CreditEvent};
use isds_core::privileges::Privileges;
use isds_core::search::{Within, searched_words};
use isds_core::time::Timestamp;
use isds_core::user::{BoxUser, Membership, Person, UserContact, UserType};

use crate::engines::Backend;
use crate::fixtures::*;

fn request(seconds: i64) -> AdministrationRequest {
    AdministrationRequest {
        operation: "CreateDataBox2",
        caller: Some(IsdsId("DS_spravce01".into())),
        approved: None,
        reference: Some("Č.j. 7/2026".into()),
        at: at(seconds),
    }
}

fn member(given_names: &str, last_name: &str, isds_id: &str, box_id: Option<BoxId>) -> BoxUser {
    BoxUser {
        person: Person {
            id: PersonId(0),
            given_names: given_names.into(),
            last_name: last_name.into(),
            birth_date: None,
            address: Default::default(),
            aifo_known: false,
        },
        membership: Membership {
            id: MembershipId(0),
            isds_id: IsdsId(isds_id.into()),
            box_id,
            person_id: PersonId(0),
            user_type: UserType::PrimaryUser,
            privileges: Privileges::ALL,
        },
        contact: UserContact::default(),
    }
}

fn access(login: &str) -> AccessData {
    AccessData {
        login: login.into(),
        code: String::new(),
        password_hash: "x".into(),
        expires: at(500),
    }
}

/// A box of one firm with users; answers its ID.
async fn firm(db: &Backend, data: &str, state: BoxState, users: &[(&str, &str, &str)]) -> BoxId {
    let data_box = DataBox {
        state,
        ic: Some(format!("9990{:04}", data.bytes().map(u32::from).sum::<u32>())),
        firm_name: Some(format!("Vzorová firma {data}")),
        ..data_box(data, BoxType::Po)
    };
    let id = data_box.id;
    let users = users.iter().map(|(given_names, last_name, isds_id)| NewUser {
        user: member(given_names, last_name, isds_id, Some(id)),
        access: Some(access(&isds_id.to_lowercase().replace("ds_", "login"))),
    });
    let new = NewBox {
        users: users.collect(),
        deadlines: Vec::new(),
        data_box,
        request: request(0),
    };
    db.store.create_box(&new).await.unwrap();
    id
}

pub async fn people_are_found_by_the_beginning_of_their_names(db: Backend) {
    let one = firm(
        &db,
        "aaaaab",
        BoxState::Accessible,
        &[("Jana", "Vzorová", "DS_1"), ("Jan", "Vzor", "DS_2")],
    )
    .await;
    let users = [("Žofie", "Vzorová", "DS_3"), ("Petr", "Jiný", "DS_4")];
    firm(&db, "aaaaac", BoxState::Accessible, &users).await;
    let find = async |prefixes: &[&str], limit: u64| -> Vec<String> {
        let prefixes: Vec<String> = prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
        let found = db.store.find_people(&prefixes, limit).await.unwrap();
        found.into_iter().map(|user| user.membership.isds_id.0).collect()
    };
    assert_eq!(find(&["vzor"], 10).await, ["DS_1", "DS_3", "DS_2"]);
    assert_eq!(find(&["vzor"], 2).await, ["DS_1", "DS_3"]);
    assert_eq!(find(&["vzorová|ž", "ž|vzorová"], 10).await, ["DS_3"]);
    assert_eq!(
        find(&["vzorová", "jiný", "vzorová|jana"], 10).await,
        ["DS_1", "DS_3", "DS_4"],
        "each once"
    );
    assert_eq!(find(&["%", "a\0b", "vzorx"], 10).await, [""; 0]);

    let jan = db.store.lookup_member(&IsdsId("DS_2".into())).await.unwrap().unwrap();
    assert_eq!(
        (jan.person.given_names.as_str(), jan.membership.box_id),
        ("Jan", Some(one))
    );
    assert!(db.store.lookup_member(&IsdsId("DS_\0".into())).await.unwrap().is_none());
    let members = db.store.list_members_of_person(jan.person.id, 10).await.unwrap();
    assert_eq!(members, std::slice::from_ref(&jan));
    let access = db.store.list_access(jan.membership.id).await.unwrap();
    assert_eq!(
        (access.len(), access[0].login.as_str(), access[0].initial),
        (1, "login2", true)
    );
    assert_eq!(access[0].expires, Some(at(500)));
}

pub async fn locks_are_seen_and_lifted(db: Backend) {
    let address = "192.0.2.7".parse().unwrap();
    for _ in 0..50 {
        db.store.record_failed_login("vzor01", address, at(0)).await.unwrap();
    }
    let failures = db.store.lookup_failures("vzor01").await.unwrap();
    assert_eq!((failures.count, failures.locked(at(1)).is_some()), (50, true));
    assert_eq!(db.store.lookup_failures("vzor02").await.unwrap().count, 0);
    let locked = db.store.list_locked_addresses(at(1), 10).await.unwrap();
    assert_eq!((locked.len(), locked[0].address.as_str()), (1, "192.0.2.7"));
    assert_eq!(db.store.list_locked_addresses(at(4_000), 10).await.unwrap(), []);
    assert!(db.store.clear_failures_of_address("192.0.2.7").await.unwrap());
    assert!(!db.store.clear_failures_of_address("192.0.2.7").await.unwrap());
    assert!(!db.store.clear_failures_of_address("\0").await.unwrap());
    db.store.clear_failed_logins("vzor01").await.unwrap();
    assert_eq!(db.store.lookup_failures("vzor01").await.unwrap().count, 0);
}

pub async fn a_person_is_locked_until_somebody_unlocks_them(db: Backend) {
    let store = &db.store;
    firm(&db, "aaaaab", BoxState::Accessible, &[("Jana", "Vzorová", "DS_1")]).await;
    let user = store.lookup_member(&IsdsId("DS_1".into())).await.unwrap().unwrap();
    let (person, by) = (user.person.id, IsdsId("DS_spravce01".into()));
    assert_eq!(store.lookup_person_lock(person).await.unwrap(), None);
    let login = store.list_access(user.membership.id).await.unwrap().remove(0).login;
    let before = store.lookup_credential_version(&login).await.unwrap();
    assert!(store.lock_person(person, Some(&by), at(5)).await.unwrap());
    assert!(!store.lock_person(person, None, at(9)).await.unwrap());
    assert_eq!(store.lookup_person_lock(person).await.unwrap(), Some(at(5)));
    assert_ne!(
        store.lookup_credential_version(&login).await.unwrap(),
        before,
        "what was proven before counts no longer"
    );
    assert!(store.unlock_person(person).await.unwrap());
    assert!(!store.unlock_person(person).await.unwrap());
    assert_eq!(store.lookup_person_lock(person).await.unwrap(), None);
}

pub async fn the_administrator_finds_boxes_in_any_state(db: Backend) {
    let gone = firm(&db, "aaaaab", BoxState::Deleted, &[]).await;
    let new = firm(&db, "aaaaac", BoxState::NotActivated, &[]).await;
    let reach = |audience| Reach {
        audience,
        types: Vec::new(),
        accessible_since: Timestamp(i64::MAX),
    };
    let words = async |audience| {
        let query = WordQuery {
            words: searched_words("vzorova firma"),
            within: Within::Anywhere,
            reach: reach(audience),
            limit: 10,
        };
        let mut ids: Vec<BoxId> = db
            .store
            .match_words(&query)
            .await
            .unwrap()
            .iter()
            .map(|found| found.id)
            .collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(words(Audience::Authority).await, []);
    assert_eq!(words(Audience::Administrator).await, [gone, new]);
    let (number, reach) = (NumberQuery::Id(gone), reach(Audience::Administrator));
    let by_id = db.store.match_number(&number, &reach, 10).await;
    assert_eq!(by_id.unwrap(), [gone]);
}

pub async fn queues_are_counted_by_kind(db: Backend) {
    let store = &db.store;
    assert_eq!(store.list_queues(at(0)).await.unwrap(), []);
    accept(store, 0).await;
    accept(store, 1).await;
    let queues = store.list_queues(at(0)).await.unwrap();
    assert_eq!(queues.len(), 1);
    assert_eq!(
        (queues[0].kind, queues[0].jobs, queues[0].due, queues[0].attempts),
        (1, 2, 2, 0)
    );
    assert_eq!(store.list_troubled_jobs(10).await.unwrap(), []);
}

pub async fn a_job_in_trouble_is_tried_again(db: Backend) {
    let store = &db.store;
    accept(store, 0).await;
    for _ in 0..3 {
        let job = store.claim_jobs(at(100), at(200), 10).await.unwrap().remove(0);
        store.retry_job(job.id, at(0)).await.unwrap();
    }
    let job = store.claim_jobs(at(100), at(9_000), 10).await.unwrap().remove(0);
    let troubled = store.list_troubled_jobs(10).await.unwrap();
    assert_eq!(
        (troubled.len(), troubled[0].id, troubled[0].attempts, troubled[0].due),
        (1, job.id, 4, at(9_000))
    );
    assert!(troubled[0].runs);
    // A node works on it: it is taken from nobody, however often somebody asks, and however long its lease is.
    assert_eq!(store.make_jobs_due(1, at(100), 10).await.unwrap(), 0);
    assert!(!store.make_job_due(job.id, at(100)).await.unwrap());
    store.extend_lease(job.id, at(9_000)).await.unwrap();
    assert_eq!(store.make_jobs_due(1, at(100), 10).await.unwrap(), 0);
    assert_eq!(store.claim_jobs(at(100), at(200), 10).await.unwrap().len(), 0);
    // It gives the job back, to be tried later.
    store.retry_job(job.id, at(9_000)).await.unwrap();
    assert!(!store.list_troubled_jobs(10).await.unwrap()[0].runs);
    let queue = store.list_queues(at(100)).await.unwrap()[0];
    assert_eq!(
        (queue.jobs, queue.due, queue.oldest, queue.attempts),
        (1, 0, at(9_000), 4)
    );
    assert_eq!(store.make_jobs_due(2, at(100), 10).await.unwrap(), 0, "another kind");
    assert_eq!(store.make_jobs_due(1, at(100), 10).await.unwrap(), 1);
    assert_eq!(store.claim_jobs(at(100), at(200), 10).await.unwrap().len(), 1);
    store.retry_job(job.id, at(9_000)).await.unwrap();
    assert!(store.make_job_due(job.id, at(100)).await.unwrap());
    assert!(!store.make_job_due(job.id, at(100)).await.unwrap(), "it is due");
    assert_eq!(store.claim_jobs(at(100), at(200), 10).await.unwrap().len(), 1);
    store.finish_job(job.id).await.unwrap();
    assert!(!store.make_job_due(job.id, at(100)).await.unwrap(), "it is gone");
}

pub async fn what_was_asked_for_about_a_box(db: Backend) {
    let store = &db.store;
    let id = firm(&db, "aaaaab", BoxState::Accessible, &[]).await;
    let record = store.lookup_box_record(id).await.unwrap().unwrap();
    store.change_box(&BoxChange::of(&record, request(7))).await.unwrap();
    let requests = store.list_requests(id, None, 10).await.unwrap();
    assert_eq!(
        (requests.len(), requests[0].at, requests[1].at),
        (2, at(7), at(0)),
        "newest first"
    );
    assert_eq!(requests[0].caller.as_deref(), Some("DS_spravce01"));
    assert_eq!(
        store.list_requests(id, Some(requests[0].number), 10).await.unwrap(),
        requests[1..]
    );
    assert_eq!(store.list_requests(novak(), None, 10).await.unwrap(), []);
    let certificate = SystemCertificate {
        fingerprint: [5; 32],
        box_id: id,
        expires: at(99),
    };
    store.add_certificate(&certificate).await.unwrap();
    let listed = store.list_certificates_of_box(id).await.unwrap();
    assert_eq!(
        (listed.len(), listed[0].fingerprint, listed[0].expires),
        (1, [5; 32], at(99))
    );
}

pub async fn timestamps_of_the_newest_messages(db: Backend) {
    let store = &db.store;
    assert_eq!(store.stamping().await.unwrap(), Default::default());
    let stamped = deliver(store, &accept(store, 0).await, 1).await;
    accept(store, 10).await;
    accept(store, 20).await;
    let stamping = store.stamping().await.unwrap();
    assert_eq!(stamping.last, Some((stamped.id, at(0))));
    assert_eq!((stamping.waiting, stamping.waiting_since), (2, Some(at(10))));
}

async fn merge(db: &Backend, duplicate: BoxId, survivor: BoxId, moves: &[&str]) -> BoxMerge {
    let record = db.store.lookup_box_record(duplicate).await.unwrap().unwrap();
    let mut close = BoxChange::of(&record, request(50)).into_state(BoxState::PermanentlyDisabled, at(50));
    close.sets.push(BoxDeadline {
        box_id: duplicate,
        kind: DeadlineKind::Delete,
        due: at(5_000),
    });
    let mut ids = Vec::new();
    for isds_id in moves {
        let member = db
            .store
            .lookup_member(&IsdsId((*isds_id).into()))
            .await
            .unwrap()
            .unwrap();
        ids.push(member.membership.id);
    }
    BoxMerge {
        close,
        duplicate_users: db.store.lookup_users_version(duplicate).await.unwrap().unwrap(),
        survivor,
        survivor_users: db.store.lookup_users_version(survivor).await.unwrap().unwrap(),
        moves: ids,
        system_messages: Vec::new(),
        request: request(50),
    }
}

pub async fn merging_moves_users_with_their_access(db: Backend) {
    let users = [("Jana", "Vzorová", "DS_1"), ("Jan", "Vzor", "DS_2")];
    let duplicate = firm(&db, "aaaaab", BoxState::Accessible, &users).await;
    let survivor = firm(&db, "aaaaac", BoxState::Accessible, &[("Petr", "Jiný", "DS_3")]).await;
    let planned = merge(&db, duplicate, survivor, &["DS_1"]).await;
    let before = db.store.lookup_login("login1").await.unwrap().unwrap();
    // What she wants to be told of, and where.
    let wish = NoticeSubscription {
        membership: before.membership.id,
        box_id: duplicate,
        person: before.membership.person_id,
        address: "jana@vzor.example".parse().ok(),
        language: MailLanguage::Czech,
        events: NoticeEvents::default(),
        pending: None,
        failed: None,
    };
    db.store.save_notice_subscription(&wish).await.unwrap();
    db.store.merge_boxes(&planned).await.unwrap();
    let closed = db.store.lookup_box(duplicate).await.unwrap().unwrap();
    assert_eq!(closed.state, BoxState::PermanentlyDisabled);
    let moved = db.store.lookup_login("login1").await.unwrap().unwrap();
    assert_eq!(moved.membership.box_id, Some(survivor));
    assert_eq!(moved.membership.isds_id, IsdsId("DS_1".into()));
    assert_eq!(
        db.store.list_noticed_boxes(&[duplicate, survivor]).await.unwrap(),
        [survivor]
    );
    let told = db
        .store
        .list_notice_subscriptions(&NoticeScope::Box(survivor), MembershipId(0), 10)
        .await
        .unwrap();
    let wish = NoticeSubscription {
        box_id: survivor,
        ..wish
    };
    assert_eq!(
        told.into_iter().map(|(wish, _)| wish).collect::<Vec<_>>(),
        std::slice::from_ref(&wish)
    );
    // One that was left behind by an older version moves once it is chosen anew.
    const BACK: &str = "UPDATE notice_subscriptions SET box_id = (SELECT MIN(box_id) FROM boxes)";
    crate::engines::execute(&db.url, BACK).await;
    assert_eq!(
        db.store.list_noticed_boxes(&[duplicate, survivor]).await.unwrap(),
        [duplicate]
    );
    db.store.save_notice_subscription(&wish).await.unwrap();
    assert_eq!(
        db.store.list_noticed_boxes(&[duplicate, survivor]).await.unwrap(),
        [survivor]
    );
    assert!(
        moved.version > before.version,
        "what was proven before named the other box"
    );
    let stayed = db.store.lookup_login("login2").await.unwrap().unwrap();
    assert_eq!(stayed.membership.box_id, Some(duplicate));
    for (id, requests) in [(duplicate, 2), (survivor, 2)] {
        assert_eq!(db.store.list_requests(id, None, 10).await.unwrap().len(), requests);
    }
    // What it was computed from is no longer so.
    assert!(matches!(
        db.store.merge_boxes(&planned).await,
        Err(StoreError::Conflict)
    ));
}

pub async fn a_merge_is_written_whole_or_not_at_all(db: Backend) {
    let duplicate = firm(&db, "aaaaab", BoxState::Accessible, &[("Jana", "Vzorová", "DS_1")]).await;
    let survivor = firm(&db, "aaaaac", BoxState::Accessible, &[("Petr", "Jiný", "DS_3")]).await;
    let good = merge(&db, duplicate, survivor, &["DS_1"]).await;
    let mut wrong = Vec::new();
    for change in [
        |merge: &mut BoxMerge| merge.duplicate_users += 1,
        |merge: &mut BoxMerge| merge.survivor_users += 1,
        |merge: &mut BoxMerge| merge.close.from_version += 1,
        |merge: &mut BoxMerge| merge.moves.push(MembershipId(999_999)),
    ] {
        let mut merge = good.clone();
        change(&mut merge);
        wrong.push(merge);
    }
    for merge in wrong {
        assert!(matches!(db.store.merge_boxes(&merge).await, Err(StoreError::Conflict)));
        let data_box = db.store.lookup_box(duplicate).await.unwrap().unwrap();
        assert_eq!(data_box.state, BoxState::Accessible);
        let login = db.store.lookup_login("login1").await.unwrap().unwrap();
        assert_eq!(login.membership.box_id, Some(duplicate));
    }
    db.store.merge_boxes(&good).await.unwrap();
}

/// Tops up the credit of a box, which lasts until `expires`.
async fn top_up(db: &Backend, box_id: BoxId, change: i64, expires: i64, transaction: &str) {
    let booking = Booking {
        box_id,
        change,
        event: CreditEvent::TopUp {
            transaction: transaction.into(),
        },
        time: at(0),
    };
    let booked = db.store.book_credit(&booking, Some(at(expires))).await.unwrap();
    assert!(matches!(booked, BookingOutcome::Booked(_)));
}

pub async fn merging_moves_credit_with_its_term(db: Backend) {
    // Credit of the duplicate, of the survivor (each with its end), and what the survivor has then.
    for (n, (duplicate_has, survivor_has, expected)) in [
        ((500, 700), None, (500, 700)),
        ((500, 700), Some((100, 900)), (600, 900)),
        ((500, 900), Some((100, 700)), (600, 900)),
        ((500, 700), Some((100, 40)), (500, 700)),
        ((500, 40), Some((100, 700)), (100, 700)),
    ]
    .into_iter()
    .enumerate()
    {
        db.store.clear().await.unwrap();
        let duplicate = firm(&db, "aaaaab", BoxState::Accessible, &[]).await;
        let survivor = firm(&db, "aaaaac", BoxState::Accessible, &[]).await;
        top_up(&db, duplicate, duplicate_has.0, duplicate_has.1, &format!("one-{n}")).await;
        if let Some((change, expires)) = survivor_has {
            top_up(&db, survivor, change, expires, &format!("other-{n}")).await;
        }
        let planned = merge(&db, duplicate, survivor, &[]).await;
        // The number of the request is the next one: a payment that was entered under it by hand takes nothing away.
        let next = db.store.list_requests(survivor, None, 1).await.unwrap()[0].number.0 + 1;
        let third = firm(&db, "aaaaad", BoxState::Accessible, &[]).await;
        top_up(&db, third, 1, 9_000, &format!("merge-{}", next + 1)).await;
        db.store.merge_boxes(&planned).await.unwrap();
        let left = db.store.lookup_credit(duplicate).await.unwrap().unwrap();
        assert_eq!(left.balance, 0, "{n}");
        let kept = db.store.lookup_credit(survivor).await.unwrap().unwrap();
        assert_eq!((kept.balance, kept.expires), (expected.0, at(expected.1)), "{n}");
        for id in [duplicate, survivor] {
            let entries = db
                .store
                .list_credit_entries(id, Timestamp(i64::MIN), Timestamp(i64::MAX), 10)
                .await
                .unwrap();
            let balance = db.store.lookup_credit(id).await.unwrap().unwrap().balance;
            assert_eq!(entries.iter().map(|entry| entry.change).sum::<i64>(), balance, "{n}");
        }
    }
}

pub async fn a_merge_that_fails_moves_no_credit(db: Backend) {
    let duplicate = firm(&db, "aaaaab", BoxState::Accessible, &[]).await;
    let survivor = firm(&db, "aaaaac", BoxState::Accessible, &[]).await;
    top_up(&db, duplicate, 500, 700, "one").await;
    let mut planned = merge(&db, duplicate, survivor, &[]).await;
    planned.survivor_users += 1;
    assert!(matches!(
        db.store.merge_boxes(&planned).await,
        Err(StoreError::Conflict)
    ));
    assert_eq!(db.store.lookup_credit(duplicate).await.unwrap().unwrap().balance, 500);
    assert_eq!(db.store.lookup_credit(survivor).await.unwrap(), None);
}
