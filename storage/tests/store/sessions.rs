//! Sessions of people.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use isds_core::box_type::BoxType;
use isds_core::data_box::Address;
use isds_core::ids::{BoxId, IsdsId, MembershipId, PersonId};
use isds_core::ports::{Store, StoreError};
use isds_core::principal::Method;
use isds_core::privileges::Privileges;
use isds_core::session::{Session, SessionId, proof_of};
use isds_core::sign_in_factors::NewPasskey;
use isds_core::user::{Membership, Person, UserType};

use crate::engines::{Backend, count};
use crate::fixtures::*;

fn session(n: u8, person: PersonId, login: Option<&str>) -> Session {
    Session {
        id: SessionId([n; 32]),
        public_id: format!("public{n}"),
        person,
        membership: MembershipId(1),
        login: login.map(Into::into),
        proof: login.map(|_| proof_of("hash")),
        method: Method::PasswordAndCode,
        passkey: None,
        begun: at(i64::from(n)),
        proven: at(i64::from(n)),
        last_seen: at(i64::from(n)),
        ends: at(1000 + i64::from(n)),
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        agent: "Prohlížeč/1.0 <b>".into(),
    }
}

async fn person_with(store: &Arc<dyn Store>, boxes: &[Option<BoxId>]) -> PersonId {
    let mut person = Person {
        id: PersonId(-1),
        given_names: "Marie".into(),
        last_name: "Dvořáková".into(),
        birth_date: None,
        address: Address::default(),
        aifo_known: false,
    };
    person.id = store.add_person(&person).await.unwrap();
    for (n, box_id) in boxes.iter().enumerate() {
        let membership = Membership {
            id: MembershipId(-1),
            isds_id: IsdsId(format!("member{n}")),
            box_id: *box_id,
            person_id: person.id,
            user_type: UserType::EntrustedUser,
            privileges: Privileges(29),
        };
        let id = store.add_membership(&membership).await.unwrap();
        store
            .add_password(&format!("login{n}"), id, "hash", None)
            .await
            .unwrap();
    }
    person.id
}

pub async fn a_session_is_kept_until_it_is_ended(db: Backend) {
    let kept = session(7, PersonId(3), None);
    db.store.add_session(&kept, at(7), 50).await.unwrap();
    let found = db.store.lookup_session(&kept.id).await.unwrap().unwrap();
    assert_eq!(found.session, kept);
    assert_eq!(found.password, None);
    db.store.note_session(&kept.id, at(60)).await.unwrap();
    db.store.prove_session(&kept.id, at(61), Some([9; 32])).await.unwrap();
    let found = db.store.lookup_session(&kept.id).await.unwrap().unwrap().session;
    assert_eq!(
        (found.last_seen, found.proven, found.proof),
        (at(60), at(61), Some([9; 32]))
    );
    db.store.remove_session(&kept.id).await.unwrap();
    assert!(db.store.lookup_session(&kept.id).await.unwrap().is_none());
}

pub async fn a_new_password_is_seen(db: Backend) {
    let person = person_with(&db.store, &[None]).await;
    let kept = session(7, person, Some("login0"));
    db.store.add_session(&kept, at(7), 50).await.unwrap();
    let found = db.store.lookup_session(&kept.id).await.unwrap().unwrap();
    assert_eq!(found.password.map(|p| p.proof), Some(proof_of("hash")));
    let unknown = session(8, person, Some("nobody"));
    db.store.add_session(&unknown, at(8), 50).await.unwrap();
    let found = db.store.lookup_session(&unknown.id).await.unwrap().unwrap();
    assert_eq!(found.password, None);
}

pub async fn others_are_ended_and_this_one_stays(db: Backend) {
    let (mine, theirs) = (PersonId(3), PersonId(4));
    for n in 1..=4 {
        db.store.add_session(&session(n, mine, None), at(5), 50).await.unwrap();
    }
    db.store
        .add_session(&session(9, theirs, None), at(9), 50)
        .await
        .unwrap();
    let listed = db.store.list_sessions(mine, 3).await.unwrap();
    let names: Vec<&str> = listed.iter().map(|s| s.public_id.as_str()).collect();
    assert_eq!(names, ["public4", "public3", "public2"]);
    let this = SessionId([2; 32]);
    assert_eq!(
        db.store
            .remove_sessions(mine, Some(&this), Some("public9"))
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        db.store
            .remove_sessions(mine, Some(&this), Some("public2"))
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        db.store
            .remove_sessions(mine, Some(&this), Some("public3"))
            .await
            .unwrap(),
        1
    );
    assert_eq!(db.store.remove_sessions(mine, Some(&this), None).await.unwrap(), 2);
    assert_eq!(db.store.list_sessions(mine, 9).await.unwrap().len(), 1);
    assert_eq!(db.store.remove_sessions(mine, None, None).await.unwrap(), 1);
    assert_eq!(db.store.list_sessions(theirs, 9).await.unwrap().len(), 1);
}

pub async fn old_sessions_do_not_pile_up(db: Backend) {
    for n in 1..=20 {
        db.store
            .add_session(&session(n, PersonId(3), None), at(n.into()), 50)
            .await
            .unwrap();
    }
    db.store
        .add_session(&session(30, PersonId(3), None), at(1015), 50)
        .await
        .unwrap();
    db.store
        .add_session(&session(31, PersonId(3), None), at(1015), 50)
        .await
        .unwrap();
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM sessions").await, 20 - 15 + 2);
}

pub async fn of_very_many_the_oldest_end(db: Backend) {
    let (mine, theirs) = (PersonId(3), PersonId(4));
    db.store.add_session(&session(1, theirs, None), at(5), 3).await.unwrap();
    for n in [4, 2, 6, 5, 3] {
        db.store.add_session(&session(n, mine, None), at(5), 3).await.unwrap();
    }
    let listed = db.store.list_sessions(mine, 9).await.unwrap();
    let names: Vec<&str> = listed.iter().map(|s| s.public_id.as_str()).collect();
    assert_eq!(names, ["public6", "public5", "public4"]);
    assert_eq!(db.store.list_sessions(theirs, 9).await.unwrap().len(), 1);
}

pub async fn sessions_go_with_the_passkey_that_opened_them(db: Backend) {
    let store = &db.store;
    let person = person_with(store, &[]).await;
    let mut keys = Vec::new();
    for n in 1..=2 {
        let passkey = NewPasskey {
            credential_id: vec![n; 16],
            user_handle: [1; 16],
            credential: "{}".into(),
            name: "Klíč".into(),
        };
        keys.push(store.add_passkey(person, &passkey, at(1), 9).await.unwrap().unwrap());
    }
    let opened = |n, passkey| Session {
        passkey,
        ..session(n, person, None)
    };
    let [lost, kept] = keys[..] else { unreachable!() };
    for (n, passkey) in [(1, Some(lost)), (2, Some(lost)), (3, Some(kept)), (4, None)] {
        store.add_session(&opened(n, passkey), at(5), 50).await.unwrap();
    }
    let found = store.lookup_session(&SessionId([3; 32])).await.unwrap().unwrap();
    assert_eq!(found.session, opened(3, Some(kept)));
    assert!(
        store
            .remove_passkey(person, lost, Some(&SessionId([2; 32])))
            .await
            .unwrap()
    );
    let listed = store.list_sessions(person, 9).await.unwrap();
    let left: Vec<_> = listed.iter().map(|s| (s.public_id.as_str(), s.passkey)).collect();
    assert_eq!(
        left,
        [("public4", None), ("public3", Some(kept)), ("public2", None)],
        "the one in which it was removed goes on"
    );
    let late = store.add_session(&opened(5, Some(lost)), at(6), 50).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert!(store.remove_passkey(person, kept, None).await.unwrap());
    assert_eq!(store.list_sessions(person, 9).await.unwrap().len(), 2);
}

pub async fn boxes_of_a_person(db: Backend) {
    let first = data_box("maraaa", BoxType::Fo);
    let second = data_box("marbbb", BoxType::Po);
    for data_box in [&first, &second] {
        db.store.add_box(data_box).await.unwrap();
    }
    let person = person_with(&db.store, &[Some(second.id), None, Some(first.id)]).await;
    person_with_none(&db.store).await;
    let found = db.store.list_memberships(person).await.unwrap();
    let boxes: Vec<Option<BoxId>> = found.iter().map(|m| m.data_box.as_ref().map(|b| b.id)).collect();
    assert_eq!(boxes, [Some(second.id), None, Some(first.id)]);
    assert!(
        found
            .iter()
            .all(|m| m.person.id == person && m.person.last_name == "Dvořáková")
    );
    assert_eq!(db.store.list_memberships(PersonId(999)).await.unwrap(), []);
}

async fn person_with_none(store: &Arc<dyn Store>) {
    person_with(store, &[]).await;
}
