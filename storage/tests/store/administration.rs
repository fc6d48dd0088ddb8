//! Administration of boxes, and the system messages that are promised with changes.

use std::sync::Arc;

use isds_core::administration::{
    AdministrationRequest, BoxChange, BoxClosing, BoxClosingId, BoxDeadline, BoxRecord, DeadlineKind, NewBox,
};
use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::ids::{BoxId, IsdsId, MembershipId, PersonId};
use isds_core::ports::{JobKind, NewUser, Store, StoreError, SystemMessageId};
use isds_core::privileges::Privileges;
use isds_core::system_message::{DueSystemMessage, SystemMessage, UserNotice};
use isds_core::time::Timestamp;
use isds_core::user::{BoxUser, Membership, Person, UserContact, UserType};

use crate::engines::{Backend, count};
use crate::fixtures::*;

fn request(seconds: i64) -> AdministrationRequest {
    AdministrationRequest {
        operation: "CreateDataBox2",
        caller: Some(IsdsId("DS_spravce01".into())),
        approved: Some(true),
        reference: Some("Č.j. 7/2026".into()),
        at: at(seconds),
    }
}

fn company(data: &str, ic: &str) -> DataBox {
    DataBox {
        state: BoxState::NotActivated,
        ic: Some(ic.into()),
        firm_name: Some("Vzorová, s.r.o.".into()),
        ..data_box(data, BoxType::Po)
    }
}

fn new_box(data_box: DataBox, isds_id: &str) -> NewBox {
    let user = BoxUser {
        person: Person {
            id: PersonId(-1),
            given_names: "Jana".into(),
            last_name: "Vzorová".into(),
            birth_date: None,
            address: Default::default(),
            aifo_known: false,
        },
        membership: Membership {
            id: MembershipId(-1),
            isds_id: IsdsId(isds_id.into()),
            box_id: Some(data_box.id),
            person_id: PersonId(-1),
            user_type: UserType::PrimaryUser,
            privileges: Privileges::ALL,
        },
        contact: UserContact::default(),
    };
    NewBox {
        deadlines: vec![BoxDeadline {
            box_id: data_box.id,
            kind: DeadlineKind::Activate,
            due: at(1000),
        }],
        data_box,
        users: vec![NewUser { user, access: None }],
        request: request(0),
    }
}

async fn record(store: &Arc<dyn Store>, id: BoxId) -> BoxRecord {
    store.lookup_box_record(id).await.unwrap().unwrap()
}

async fn accessible(db: &Backend, data: &str) -> BoxRecord {
    let data_box = data_box(data, BoxType::Fo);
    db.store.add_box(&data_box).await.unwrap();
    record(&db.store, data_box.id).await
}

fn closing(record: &BoxRecord, done: i64, on_request: bool) -> BoxClosing {
    BoxClosing {
        id: BoxClosingId(0),
        box_id: record.data_box.id,
        disabled: at(done - 50),
        done: at(done),
        on_request,
    }
}

fn notice(recipient: BoxId) -> DueSystemMessage {
    DueSystemMessage {
        recipient,
        message: SystemMessage::UserAdded(UserNotice {
            isds_id: IsdsId("DS_vzor00001".into()),
            name: "Žofie \"Vzorová\"".into(),
        }),
    }
}

async fn claim(db: &Backend) -> Vec<isds_core::ports::Job> {
    db.store.claim_jobs(at(0), at(60), 10).await.unwrap()
}

pub async fn a_box_is_founded_with_everything_or_not_at_all(db: Backend) {
    let new = new_box(company("zzzaaa", "00000027"), "DS_vzor00001");
    let first = db.store.create_box(&new).await.unwrap();
    let kept = record(&db.store, new.data_box.id).await;
    assert_eq!((kept.data_box, kept.version), (new.data_box.clone(), 0));
    let users = db.store.list_users(new.data_box.id, None, 9).await.unwrap();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].membership.isds_id, IsdsId("DS_vzor00001".into()));
    assert_eq!(
        db.store.list_passed_deadlines(at(1000), 10).await.unwrap(),
        new.deadlines
    );
    let history = db.store.list_box_states(new.data_box.id).await.unwrap();
    assert_eq!(
        (history.len(), history[0].state, history[0].since),
        (1, BoxState::NotActivated, at(0))
    );
    // A user's identifier is taken: nothing of the second box is written.
    let other = new_box(company("zzzaab", "00000035"), "DS_vzor00001");
    assert!(matches!(db.store.create_box(&other).await, Err(StoreError::Conflict)));
    assert_eq!(db.store.lookup_box(other.data_box.id).await.unwrap(), None);
    assert_eq!(db.store.list_passed_deadlines(at(9999), 10).await.unwrap().len(), 1);
    let third = new_box(company("zzzaab", "00000035"), "DS_vzor00002");
    let second = db.store.create_box(&third).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM administration_requests").await, 2);
}

pub async fn nobody_founds_the_same_box_twice(db: Backend) {
    let again = db.again().await;
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let store = if n % 2 == 0 {
                Arc::clone(&db.store)
            } else {
                Arc::clone(&again)
            };
            let letter = char::from(b'a' + n);
            let new = new_box(
                company(&format!("zzzaa{letter}"), "00000027"),
                &format!("DS_vzor0000{n}"),
            );
            tokio::spawn(async move { store.create_box(&new).await })
        })
        .collect();
    let mut founded = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => founded += 1,
            Err(StoreError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(founded, 1);
    // A deleted box makes room.
    let id: BoxId = {
        let twin = company("zzzaaz", "27");
        db.store.find_twin(&twin).await.unwrap().unwrap()
    };
    let deleted = BoxChange::of(&record(&db.store, id).await, request(5)).into_state(BoxState::Deleted, at(5));
    db.store.change_box(&deleted).await.unwrap();
    db.store
        .create_box(&new_box(company("zzzaaz", "00000027"), "DS_vzor00009"))
        .await
        .unwrap();
}

pub async fn a_change_over_an_old_version_writes_nothing(db: Backend) {
    let before = accessible(&db, "zzzaaa").await;
    let id = before.data_box.id;
    let mut stale = BoxChange::of(&before, request(9)).into_state(BoxState::PermanentlyDisabled, at(9));
    stale = stale.until(DeadlineKind::Delete, at(90));
    stale.closing = Some(closing(&before, 9, false));
    stale.system_messages.push(notice(id));
    let mut first = BoxChange::of(&before, request(5));
    first.data_box.open_addressing = true;
    db.store.change_box(&first).await.unwrap();
    assert!(matches!(db.store.change_box(&stale).await, Err(StoreError::Conflict)));
    let kept = record(&db.store, id).await;
    assert_eq!((kept.version, kept.data_box.state), (1, BoxState::Accessible));
    assert!(kept.data_box.open_addressing);
    assert_eq!(db.store.lookup_last_closing(id).await.unwrap(), None);
    assert_eq!(db.store.list_passed_deadlines(at(999), 10).await.unwrap(), []);
    assert_eq!(db.store.count_jobs().await.unwrap(), 0);
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM system_messages_due").await, 0);
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM administration_requests").await, 1);
}

pub async fn changes_of_a_box_at_once_lose_nothing(db: Backend) {
    let id = accessible(&db, "zzzaaa").await.data_box.id;
    let again = db.again().await;
    let tasks: Vec<_> = (0..12)
        .map(|n| {
            let store = if n % 2 == 0 {
                Arc::clone(&db.store)
            } else {
                Arc::clone(&again)
            };
            tokio::spawn(async move {
                loop {
                    let before = record(&store, id).await;
                    let mut change = BoxChange::of(&before, request(n));
                    let name = before.data_box.firm_name.unwrap_or_default();
                    change.data_box.firm_name = Some(format!("{name}x"));
                    match store.change_box(&change).await {
                        Ok(_) => return,
                        Err(StoreError::Conflict) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let kept = record(&db.store, id).await;
    assert_eq!(kept.data_box.firm_name.as_deref(), Some("xxxxxxxxxxxx"));
    assert_eq!(kept.version, 12);
}

pub async fn deadlines_come_in_their_order(db: Backend) {
    let (first, second) = (accessible(&db, "zzzaaa").await, accessible(&db, "zzzaab").await);
    let later = BoxChange::of(&first, request(1)).until(DeadlineKind::Terminate, at(70));
    db.store.change_box(&later).await.unwrap();
    let sooner = BoxChange::of(&second, request(1)).until(DeadlineKind::Terminate, at(50));
    db.store.change_box(&sooner).await.unwrap();
    assert_eq!(db.store.list_passed_deadlines(at(49), 10).await.unwrap(), []);
    let passed = db.store.list_passed_deadlines(at(70), 10).await.unwrap();
    let order: Vec<_> = passed.iter().map(|deadline| (deadline.box_id, deadline.due)).collect();
    assert_eq!(order, [(second.data_box.id, at(50)), (first.data_box.id, at(70))]);
    assert_eq!(db.store.list_passed_deadlines(at(70), 1).await.unwrap().len(), 1);
    // One of the same kind is replaced; what belongs to a state that ended is taken away.
    let moved = BoxChange::of(&record(&db.store, second.data_box.id).await, request(2));
    db.store
        .change_box(&moved.until(DeadlineKind::Terminate, at(90)))
        .await
        .unwrap();
    assert_eq!(db.store.list_passed_deadlines(at(70), 10).await.unwrap().len(), 1);
    let ended = BoxChange::of(&record(&db.store, first.data_box.id).await, request(3));
    let ended = ended
        .into_state(BoxState::PermanentlyDisabled, at(3))
        .until(DeadlineKind::Delete, at(95));
    db.store.change_box(&ended).await.unwrap();
    let kinds: Vec<_> = db.store.list_passed_deadlines(at(99), 10).await.unwrap();
    let kinds: Vec<_> = kinds.iter().map(|deadline| (deadline.kind, deadline.due)).collect();
    assert_eq!(
        kinds,
        [(DeadlineKind::Terminate, at(90)), (DeadlineKind::Delete, at(95))]
    );
}

pub async fn closings_are_counted_and_have_a_job(db: Backend) {
    let mut now = accessible(&db, "zzzaaa").await;
    let id = now.data_box.id;
    for (done, on_request) in [(100, true), (200, false), (300, true)] {
        let mut change = BoxChange::of(&now, request(done)).into_state(BoxState::TemporarilyDisabled, at(done));
        change.closing = Some(closing(&now, done, on_request));
        db.store.change_box(&change).await.unwrap();
        now = record(&db.store, id).await;
    }
    let counted = |since| db.store.count_disablings_on_request(id, since);
    assert_eq!(counted(at(0)).await.unwrap(), (2, Some(at(300))));
    assert_eq!(counted(at(101)).await.unwrap(), (1, Some(at(300))));
    assert_eq!(counted(at(301)).await.unwrap(), (0, None));
    let last = db.store.lookup_last_closing(id).await.unwrap().unwrap();
    assert_eq!((last.disabled, last.done, last.on_request), (at(250), at(300), true));
    let jobs = claim(&db).await;
    let closings: Vec<_> = jobs
        .iter()
        .map(|job| match job.kind {
            JobKind::CloseBox(id) => id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(closings.len(), 3);
    assert_eq!(db.store.lookup_closing(closings[2]).await.unwrap(), Some(last));
    assert_eq!(db.store.lookup_closing(BoxClosingId(-7)).await.unwrap(), None);
    // Whoever works long keeps the job.
    db.store.extend_lease(jobs[0].id, at(500)).await.unwrap();
    let expired = db.store.claim_jobs(at(60), at(120), 10).await.unwrap();
    assert_eq!(expired.len(), 2);
    db.store.repeat_closing(closings[0]).await.unwrap();
    let repeated = db.store.claim_jobs(at(0), at(60), 10).await.unwrap();
    assert_eq!(repeated.len(), 1);
    assert_eq!(repeated[0].kind, JobKind::CloseBox(closings[0]));
}

pub async fn twins_are_found_by_number_and_by_birth(db: Backend) {
    let kept = company("zzzaaa", "00000027");
    db.store.add_box(&kept).await.unwrap();
    let store = &db.store;
    let twin = |data_box: DataBox| async move { store.find_twin(&data_box).await.unwrap() };
    assert_eq!(twin(company("zzzaab", "27")).await, Some(kept.id));
    assert_eq!(twin(company("zzzaaa", "27")).await, None, "nobody is their own twin");
    let other_type = DataBox {
        box_type: BoxType::PoReq,
        ..company("zzzaab", "27")
    };
    assert_eq!(twin(other_type).await, None);
    let person = |data: &str, given: &str, city: Option<&str>| DataBox {
        given_names: Some(given.into()),
        last_name: Some("Žofkovič".into()),
        birth_date: Some("1990-04-30".parse().unwrap()),
        birth_city: city.map(Into::into),
        ..data_box(data, BoxType::Fo)
    };
    let jan = person("zzzaac", "Jan", None);
    db.store.add_box(&jan).await.unwrap();
    assert_eq!(twin(person("zzzaad", "JAN", None)).await, Some(jan.id));
    assert_eq!(twin(person("zzzaad", "Jana", None)).await, None);
    assert_eq!(twin(person("zzzaad", "Jan", Some("Vzorov"))).await, None);
    let subordinate = DataBox {
        ic: Some("27".into()),
        ..data_box("zzzaae", BoxType::OvmReq)
    };
    db.store.add_box(&subordinate).await.unwrap();
    let sister = DataBox {
        id: BoxId::from_data("zzzaaf").unwrap(),
        ..subordinate
    };
    assert_eq!(twin(sister).await, None, "of these an authority may have several");
}

pub async fn which_boxes_are_not_accessible(db: Backend) {
    let open = accessible(&db, "zzzaaa").await.data_box.id;
    let closed = company("zzzaab", "27");
    db.store.add_box(&closed).await.unwrap();
    let unknown = BoxId::from_data("zzzaac").unwrap();
    let list = db
        .store
        .list_inaccessible_boxes(&[closed.id, open, unknown])
        .await
        .unwrap();
    assert_eq!(list, [closed.id, unknown]);
    assert_eq!(db.store.list_inaccessible_boxes(&[]).await.unwrap(), []);
}

pub async fn a_promise_is_kept_once(db: Backend) {
    db.store.promise_system_messages(&[notice(novak())]).await.unwrap();
    let jobs = claim(&db).await;
    let JobKind::SendSystemMessage(id) = jobs[0].kind else {
        panic!("{:?}", jobs[0].kind);
    };
    assert_eq!(db.store.lookup_system_message(id).await.unwrap(), Some(notice(novak())));
    let first = message(db.store.next_message_id().await.unwrap(), at(1));
    let second = message(db.store.next_message_id().await.unwrap(), at(1));
    assert!(
        db.store
            .keep_system_message(id, Some(&first), jobs[0].id)
            .await
            .unwrap()
    );
    assert!(
        !db.store
            .keep_system_message(id, Some(&second), jobs[0].id)
            .await
            .unwrap()
    );
    assert_eq!(
        db.store.lookup_message(first.message.id).await.unwrap().as_ref(),
        Some(&first.message)
    );
    assert_eq!(db.store.lookup_message(second.message.id).await.unwrap(), None);
    assert_eq!(db.store.lookup_system_message(id).await.unwrap(), None);
    // What is left is the job that carries the message on.
    let left = claim(&db).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].kind, JobKind::ProcessMessage(first.message.id));
    assert!(
        !db.store
            .keep_system_message(SystemMessageId(-7), None, left[0].id)
            .await
            .unwrap()
    );
    assert_eq!(db.store.count_jobs().await.unwrap(), 0);
}

pub async fn promises_go_with_their_change_or_not_at_all(db: Backend) {
    let message = accept(&db.store, 1).await;
    let mut stamped = change(&message, &[isds_core::message::Input::Stamp]);
    stamped.system_messages = vec![notice(town()), notice(novak())];
    let mut stale = stamped.clone();
    stale.from_version = 7;
    assert!(matches!(
        db.store.apply_changes(&[stale]).await,
        Err(StoreError::Conflict)
    ));
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM system_messages_due").await, 0);
    db.store.apply_changes(&[stamped]).await.unwrap();
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM system_messages_due").await, 2);
    let sent = claim(&db).await;
    let promises = sent
        .iter()
        .filter(|job| matches!(job.kind, JobKind::SendSystemMessage(_)));
    assert_eq!(promises.count(), 2);
}

pub async fn clearing_takes_administration_away(db: Backend) {
    let new = new_box(company("zzzaaa", "00000027"), "DS_vzor00001");
    db.store.create_box(&new).await.unwrap();
    let now = record(&db.store, new.data_box.id).await;
    let mut change = BoxChange::of(&now, request(5)).into_state(BoxState::DisabledByLaw, Timestamp(5));
    change.closing = Some(closing(&now, 5, false));
    change.system_messages.push(notice(new.data_box.id));
    change = change.until(DeadlineKind::Terminate, at(70));
    db.store.change_box(&change).await.unwrap();
    db.store.clear().await.unwrap();
    for table in [
        "SELECT COUNT(*) FROM box_deadlines",
        "SELECT COUNT(*) FROM box_closings",
        "SELECT COUNT(*) FROM administration_requests",
        "SELECT COUNT(*) FROM system_messages_due",
        "SELECT COUNT(*) FROM jobs",
    ] {
        assert_eq!(count(&db.url, table).await, 0, "{table}");
    }
    db.store.create_box(&new).await.unwrap();
}
