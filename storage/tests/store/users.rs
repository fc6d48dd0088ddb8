//! Users of boxes and their passwords.

use std::sync::Arc;

use isds_core::access_data::AccessData;
use isds_core::administration::AdministrationRequest;
use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::{Address, DataBox};
use isds_core::ids::{IsdsId, MembershipId, PersonId};
use isds_core::ports::{
    FORMER_PASSWORDS, NewUser, PasswordUpdate, Store, StoreError, StoreResult, UserAction, UserChange, UserPosition,
};
use isds_core::privileges::Privileges;
use isds_core::system_message::{DueSystemMessage, SystemMessage, UserNotice};
use isds_core::time::Timestamp;
use isds_core::user::{BoxUser, Membership, Person, UserContact, UserType};

use crate::engines::{Backend, count, execute};
use crate::fixtures::*;

pub fn user(data_box: &DataBox, isds_id: &str, last_name: &str) -> BoxUser {
    BoxUser {
        person: Person {
            id: PersonId(-1),
            given_names: "Jan Žofín".into(),
            last_name: last_name.into(),
            birth_date: Some("1990-04-17".parse().unwrap()),
            address: Address {
                city: Some("Vzorov".into()),
                ..Address::default()
            },
            aifo_known: false,
        },
        membership: Membership {
            id: MembershipId(-1),
            isds_id: IsdsId(isds_id.into()),
            box_id: Some(data_box.id),
            person_id: PersonId(-1),
            user_type: UserType::EntrustedUser,
            privileges: Privileges(29),
        },
        contact: UserContact {
            firm_ic: Some("00000019".into()),
            firm_name: Some("Vzor, a.s.".into()),
            street: Some("Dlouhá 7".into()),
            city: Some("Vzorov".into()),
            zip_code: Some("10000".into()),
            state: None,
        },
    }
}

fn access(login: &str) -> AccessData {
    AccessData {
        login: login.into(),
        code: String::new(),
        password_hash: format!("hash of {login}"),
        expires: at(1000),
    }
}

pub fn adds(user: BoxUser, login: Option<&str>) -> UserAction {
    UserAction::Add(NewUser {
        user,
        access: login.map(access),
    })
}

fn change(data_box: &DataBox, from_version: i64, isds_id: &str, action: UserAction) -> UserChange {
    UserChange {
        box_id: data_box.id,
        box_state: data_box.state,
        from_version,
        isds_id: IsdsId(isds_id.into()),
        action,
        request: AdministrationRequest {
            operation: "AddDataBoxUser2",
            caller: None,
            approved: Some(true),
            reference: Some("7/2026".into()),
            at: at(10),
        },
        notices: Vec::new(),
        system_messages: vec![DueSystemMessage {
            recipient: data_box.id,
            message: SystemMessage::UserAdded(UserNotice {
                isds_id: IsdsId(isds_id.into()),
                name: "Jan".into(),
            }),
        }],
    }
}

pub async fn add_box(store: &Arc<dyn Store>, data: &str) -> DataBox {
    let data_box = data_box(data, BoxType::Po);
    store.add_box(&data_box).await.unwrap();
    data_box
}

/// Writes a change over the version that stands.
async fn apply(store: &Arc<dyn Store>, data_box: &DataBox, isds_id: &str, action: UserAction) -> StoreResult<i64> {
    apply_at(store, data_box, isds_id, action, at(10)).await
}

/// The same at a time.
pub async fn apply_at(
    store: &Arc<dyn Store>,
    data_box: &DataBox,
    isds_id: &str,
    action: UserAction,
    time: Timestamp,
) -> StoreResult<i64> {
    let version = store.lookup_users_version(data_box.id).await?.unwrap();
    let mut change = change(data_box, version, isds_id, action);
    change.request.at = time;
    Ok(store.apply_user_change(&change).await?.0)
}

pub async fn the_user(store: &Arc<dyn Store>, data_box: &DataBox, isds_id: &str) -> Option<BoxUser> {
    store.lookup_user(data_box.id, &IsdsId(isds_id.into())).await.unwrap()
}

pub async fn a_user_is_kept_as_they_were_added(db: Backend) {
    let (one, other) = (add_box(&db.store, "aaaaab").await, add_box(&db.store, "aaaaac").await);
    let new = user(&one, "DS_one", "Vzorný");
    apply(&db.store, &one, "DS_one", adds(new.clone(), Some("vzorny01")))
        .await
        .unwrap();
    let kept = the_user(&db.store, &one, "DS_one").await.unwrap();
    let expected = BoxUser {
        person: Person {
            id: kept.person.id,
            ..new.person.clone()
        },
        membership: Membership {
            id: kept.membership.id,
            person_id: kept.person.id,
            ..new.membership.clone()
        },
        contact: new.contact.clone(),
    };
    assert_eq!(kept, expected);
    assert_eq!(
        db.store.list_users(one.id, None, 99).await.unwrap(),
        std::slice::from_ref(&kept)
    );
    assert_eq!(db.store.list_users(other.id, None, 99).await.unwrap(), []);
    assert_eq!(the_user(&db.store, &other, "DS_one").await, None);
    for (login, found) in [("vzorny01", true), ("VZORNY01", false), ("a\0b", false)] {
        let user = db.store.find_user_by_login(one.id, login).await.unwrap();
        assert_eq!(user.is_some(), found, "{login}");
    }
    assert_eq!(db.store.find_user_by_login(other.id, "vzorny01").await.unwrap(), None);
    // The access data lead to the user, and say what they are good for.
    let login = db.store.lookup_login("vzorny01").await.unwrap().unwrap();
    assert_eq!((login.initial, login.version, login.expires), (true, 1, Some(at(1000))));
    assert_eq!((login.person, login.membership), (kept.person, kept.membership));
    // The promise of a system message and the request went along.
    assert_eq!(db.store.claim_jobs(at(0), at(60), 9).await.unwrap().len(), 1);
    assert_eq!(
        count(
            &db.url,
            "SELECT COUNT(*) FROM administration_requests WHERE reference = '7/2026'"
        )
        .await,
        1
    );
}

/// By kind, then in the order in which they were added; a change of the kind moves them, and pages fit together.
pub async fn users_are_listed_in_order(db: Backend) {
    let one = add_box(&db.store, "aaaaab").await;
    let kinds = [
        ("DS_a", UserType::Guardian),
        ("DS_b", UserType::Administrator),
        ("DS_c", UserType::EntrustedUser),
        ("DS_d", UserType::PrimaryUser),
        ("DS_e", UserType::EntrustedUser),
        ("DS_f", UserType::Receiver),
        ("DS_g", UserType::Liquidator),
    ];
    for (id, kind) in kinds {
        let mut new = user(&one, id, id);
        new.membership.user_type = kind;
        apply(&db.store, &one, id, adds(new, None)).await.unwrap();
    }
    let listed = async |limit: u64| {
        let mut ids = String::new();
        let mut after = None;
        loop {
            let page = db.store.list_users(one.id, after, limit).await.unwrap();
            assert!(page.len() as u64 <= limit);
            let Some(last) = page.last() else { return ids };
            after = Some(UserPosition::from(last));
            ids.extend(page.iter().map(|user| user.membership.isds_id.0.replace("DS_", "")));
        }
    };
    for limit in [1, 2, 3, 7, 99] {
        assert_eq!(listed(limit).await, "dcebgfa", "{limit}");
    }
    let mut promoted = the_user(&db.store, &one, "DS_c").await.unwrap();
    promoted.membership.user_type = UserType::Administrator;
    let action = UserAction::Change {
        user: promoted,
        person: false,
    };
    apply(&db.store, &one, "DS_c", action).await.unwrap();
    assert_eq!(listed(2).await, "debcgfa");
    // By the way of the first schema as well.
    let person_id = db.store.add_person(&user(&one, "", "").person).await.unwrap();
    let membership = Membership {
        person_id,
        user_type: UserType::Receiver,
        ..user(&one, "DS_h", "").membership
    };
    db.store.add_membership(&membership).await.unwrap();
    assert_eq!(listed(2).await, "debcgfha");
}

pub async fn namesakes_are_found_however_they_are_written(db: Backend) {
    let (one, other) = (add_box(&db.store, "aaaaab").await, add_box(&db.store, "aaaaac").await);
    for (data_box, id, last) in [
        (&one, "DS_a", "Žižka"),
        (&one, "DS_b", "Vzorný"),
        (&other, "DS_c", "Žižka"),
    ] {
        apply(&db.store, data_box, id, adds(user(data_box, id, last), None))
            .await
            .unwrap();
    }
    // Added by the way of the first schema, where the program does not see the names together.
    let person = Person {
        last_name: "Ječný".into(),
        ..user(&one, "", "").person
    };
    let membership = Membership {
        person_id: db.store.add_person(&person).await.unwrap(),
        ..user(&one, "DS_d", "").membership
    };
    db.store.add_membership(&membership).await.unwrap();
    for (given, last, found) in [
        ("Jan Žofín", "Žižka", "DS_a"),
        ("JAN ŽOFÍN", "ŽIŽKA ", "DS_a"),
        ("Jan Žofín", "Ječný", "DS_d"),
        ("Jan", "Žižka", ""),
        ("Jan Žofín", "%", ""),
    ] {
        let asked = Person {
            given_names: given.into(),
            last_name: last.into(),
            ..person.clone()
        };
        let namesakes = db.store.find_namesakes(one.id, &asked).await.unwrap();
        let ids: Vec<_> = namesakes
            .iter()
            .map(|user| user.membership.isds_id.0.as_str())
            .collect();
        let expected: &[&str] = if found.is_empty() { &[] } else { &[found] };
        assert_eq!(ids, expected, "{given} {last}");
    }
}

/// Who was a user before users had a key by name is still found by it.
pub async fn users_of_an_older_schema_are_found(db: Backend) {
    let one = add_box(&db.store, "aaaaab").await;
    let old = user(&one, "DS_old", "Žižka");
    apply(&db.store, &one, "DS_old", adds(old.clone(), Some("zizka01")))
        .await
        .unwrap();
    for sql in [
        "DROP TABLE user_changes",
        "DROP TABLE former_passwords",
        "DROP INDEX memberships_name",
        "DROP INDEX memberships_by_name",
        "DROP INDEX memberships_listed",
        "DROP INDEX credentials_untold",
        "ALTER TABLE credentials DROP COLUMN told_expires",
        "ALTER TABLE credentials DROP COLUMN initial",
        "ALTER TABLE boxes DROP COLUMN users_version",
        "ALTER TABLE memberships DROP COLUMN name_key",
        "ALTER TABLE memberships DROP COLUMN list_place",
        "ALTER TABLE memberships DROP COLUMN firm_ic",
        "ALTER TABLE memberships DROP COLUMN firm_name",
        "ALTER TABLE memberships DROP COLUMN contact_street",
        "ALTER TABLE memberships DROP COLUMN contact_city",
        "ALTER TABLE memberships DROP COLUMN contact_zip_code",
        "ALTER TABLE memberships DROP COLUMN contact_state",
        "DELETE FROM _sqlx_migrations WHERE version IN (7, 28)",
    ] {
        execute(&db.url, sql).await;
    }
    let store = db.again().await;
    let found = store.find_namesakes(one.id, &old.person).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].contact, UserContact::default());
    assert_eq!(store.lookup_users_version(one.id).await.unwrap(), Some(0));
    let primary = UserPosition {
        list_place: UserType::PrimaryUser.list_place(),
        id: MembershipId(i64::MAX),
    };
    let entrusted = store.list_users(one.id, Some(primary), 9).await.unwrap();
    assert_eq!(entrusted.len(), 1, "they stand in the place of their kind");
    let login = store.lookup_login("zizka01").await.unwrap().unwrap();
    assert!(!login.initial, "what could sign in before still can");
}

pub async fn a_change_over_what_is_no_longer_so_writes_nothing(db: Backend) {
    let one = add_box(&db.store, "aaaaab").await;
    apply(
        &db.store,
        &one,
        "DS_one",
        adds(user(&one, "DS_one", "Vzorný"), Some("vzorny01")),
    )
    .await
    .unwrap();
    let before = db.store.list_users(one.id, None, 99).await.unwrap();
    let version = db.store.lookup_users_version(one.id).await.unwrap().unwrap();
    let add = |id: &str, login: &str| adds(user(&one, id, "Druhý"), Some(login));
    let stale = change(&one, version - 1, "DS_two", add("DS_two", "druhy01"));
    let other_state = UserChange {
        box_state: BoxState::TemporarilyDisabled,
        ..change(&one, version, "DS_two", add("DS_two", "druhy01"))
    };
    let taken_id = change(&one, version, "DS_one", add("DS_one", "druhy01"));
    let taken_login = change(&one, version, "DS_two", add("DS_two", "vzorny01"));
    for (what, change) in [
        ("version", stale),
        ("state", other_state),
        ("isdsID", taken_id),
        ("login", taken_login),
    ] {
        let written = db.store.apply_user_change(&change).await;
        assert!(matches!(written, Err(StoreError::Conflict)), "{what}: {written:?}");
    }
    assert_eq!(db.store.list_users(one.id, None, 99).await.unwrap(), before);
    assert_eq!(db.store.lookup_users_version(one.id).await.unwrap(), Some(version));
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM administration_requests").await, 1);
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM persons").await, 1);
    assert_eq!(db.store.claim_jobs(at(0), at(60), 9).await.unwrap().len(), 1);
    let nowhere = data_box("aaaaaf", BoxType::Po);
    assert_eq!(db.store.lookup_users_version(nowhere.id).await.unwrap(), None);
}

pub async fn a_change_outdates_what_was_proven(db: Backend) {
    let (one, other) = (add_box(&db.store, "aaaaab").await, add_box(&db.store, "aaaaac").await);
    apply(
        &db.store,
        &one,
        "DS_one",
        adds(user(&one, "DS_one", "Vzorný"), Some("vzorny01")),
    )
    .await
    .unwrap();
    let kept = the_user(&db.store, &one, "DS_one").await.unwrap();
    // The same person in another box.
    let second = Membership {
        person_id: kept.person.id,
        ..user(&other, "DS_two", "").membership
    };
    let second = db.store.add_membership(&second).await.unwrap();
    db.store.add_password("vzorny02", second, "hash", None).await.unwrap();
    let mut changed = kept.clone();
    changed.membership.privileges = Privileges(8);
    changed.contact = UserContact::default();
    // Without the person being written, what stands of them stays.
    changed.person.last_name = "Jiný".into();
    let action = |person| UserAction::Change {
        user: changed.clone(),
        person,
    };
    apply(&db.store, &one, "DS_one", action(false)).await.unwrap();
    let now = the_user(&db.store, &one, "DS_one").await.unwrap();
    assert_eq!(
        (now.membership.privileges, &now.contact),
        (Privileges(8), &UserContact::default())
    );
    assert_eq!(now.person, kept.person);
    assert_eq!(db.store.lookup_credential_version("vzorny01").await.unwrap(), Some(2));
    apply(&db.store, &one, "DS_one", action(true)).await.unwrap();
    for (data_box, id, login) in [(&one, "DS_one", "vzorny01"), (&other, "DS_two", "vzorny02")] {
        let user = the_user(&db.store, data_box, id).await.unwrap();
        assert_eq!(user.person.last_name, "Jiný");
        let found = db.store.find_namesakes(data_box.id, &changed.person).await.unwrap();
        assert_eq!(found.len(), 1, "{id}");
        assert_eq!(
            db.store.lookup_credential_version(login).await.unwrap(),
            Some(3),
            "{login}"
        );
    }
}

pub async fn who_is_removed_leaves_nothing_behind(db: Backend) {
    let (one, other) = (add_box(&db.store, "aaaaab").await, add_box(&db.store, "aaaaac").await);
    apply(
        &db.store,
        &one,
        "DS_one",
        adds(user(&one, "DS_one", "Vzorný"), Some("vzorny01")),
    )
    .await
    .unwrap();
    let kept = the_user(&db.store, &one, "DS_one").await.unwrap();
    let second = Membership {
        person_id: kept.person.id,
        ..user(&other, "DS_two", "").membership
    };
    db.store.add_membership(&second).await.unwrap();
    let update = PasswordUpdate {
        login: "vzorny01",
        from_version: 1,
        former_hash: "hash of vzorny01",
        password_hash: "second",
        expires: None,
    };
    db.store.update_password(update).await.unwrap();
    apply(&db.store, &one, "DS_one", UserAction::Remove(kept.clone()))
        .await
        .unwrap();
    assert_eq!(the_user(&db.store, &one, "DS_one").await, None);
    assert!(db.store.lookup_login("vzorny01").await.unwrap().is_none());
    assert_eq!(db.store.lookup_credential_version("vzorny01").await.unwrap(), None);
    assert!(
        db.store
            .list_former_passwords(kept.membership.id)
            .await
            .unwrap()
            .is_empty()
    );
    // The person is a member elsewhere.
    let elsewhere = the_user(&db.store, &other, "DS_two").await.unwrap();
    assert_eq!(elsewhere.person, kept.person);
    // Once only, also over the version that stands.
    let again = apply(&db.store, &one, "DS_one", UserAction::Remove(kept)).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    apply(&db.store, &other, "DS_two", UserAction::Remove(elsewhere))
        .await
        .unwrap();
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM persons").await, 0);
}

pub async fn added_users_are_counted_even_when_gone(db: Backend) {
    let one = add_box(&db.store, "aaaaab").await;
    for id in ["DS_one", "DS_two"] {
        apply(&db.store, &one, id, adds(user(&one, id, id), None))
            .await
            .unwrap();
    }
    let kept = the_user(&db.store, &one, "DS_one").await.unwrap();
    apply(&db.store, &one, "DS_one", UserAction::Remove(kept))
        .await
        .unwrap();
    assert_eq!(db.store.count_added_users(one.id, at(9)).await.unwrap(), 2);
    assert_eq!(
        db.store.count_added_users(one.id, at(10)).await.unwrap(),
        0,
        "after, not at"
    );
    assert_eq!(
        db.store
            .count_added_users(data_box("aaaaac", BoxType::Po).id, at(9))
            .await
            .unwrap(),
        0
    );
}

pub async fn new_access_data_replace_the_old(db: Backend) {
    let one = add_box(&db.store, "aaaaab").await;
    apply(
        &db.store,
        &one,
        "DS_one",
        adds(user(&one, "DS_one", "Vzorný"), Some("vzorny01")),
    )
    .await
    .unwrap();
    let id = the_user(&db.store, &one, "DS_one").await.unwrap().membership.id;
    apply(&db.store, &one, "DS_one", UserAction::Reissue(id, access("vzorny02")))
        .await
        .unwrap();
    assert!(db.store.lookup_login("vzorny01").await.unwrap().is_none());
    assert!(db.store.lookup_login("vzorny02").await.unwrap().unwrap().initial);
    assert_eq!(
        db.store.lookup_password_hash(id).await.unwrap().as_deref(),
        Some("hash of vzorny02")
    );
    assert_eq!(db.store.list_former_passwords(id).await.unwrap(), ["hash of vzorny01"]);
    assert_eq!(db.store.lookup_password_hash(MembershipId(999)).await.unwrap(), None);
}

pub async fn a_password_replaces_the_version_it_was_computed_from(db: Backend) {
    let one = add_box(&db.store, "aaaaab").await;
    apply(
        &db.store,
        &one,
        "DS_one",
        adds(user(&one, "DS_one", "Vzorný"), Some("vzorny01")),
    )
    .await
    .unwrap();
    let update = |from_version, new| PasswordUpdate {
        login: "vzorny01",
        from_version,
        former_hash: "hash of vzorny01",
        password_hash: new,
        expires: Some(at(5)),
    };
    let attempts: Vec<_> = (0..8)
        .map(|n| {
            let store = db.store.clone();
            tokio::spawn(async move {
                let hash = format!("new {n}");
                let update = PasswordUpdate {
                    login: "vzorny01",
                    from_version: 1,
                    former_hash: "hash of vzorny01",
                    password_hash: &hash,
                    expires: Some(at(5)),
                };
                store.update_password(update).await.is_ok()
            })
        })
        .collect();
    let mut written = 0;
    for attempt in attempts {
        written += usize::from(attempt.await.unwrap());
    }
    assert_eq!(written, 1);
    let login = db.store.lookup_login("vzorny01").await.unwrap().unwrap();
    assert_eq!((login.version, login.expires, login.initial), (2, Some(at(5)), false));
    assert!(login.password_hash.starts_with("new "));
    let former = db.store.list_former_passwords(login.membership.id).await.unwrap();
    assert_eq!(former, ["hash of vzorny01"]);
    for (what, update) in [
        ("version", update(1, "late")),
        (
            "login",
            PasswordUpdate {
                login: "nobody",
                ..update(2, "x")
            },
        ),
    ] {
        let written = db.store.update_password(update).await;
        assert!(matches!(written, Err(StoreError::Conflict)), "{what}: {written:?}");
    }
}

pub async fn a_password_is_taken_until_its_owner_says(db: Backend) {
    let one = add_box(&db.store, "aaaaab").await;
    apply(
        &db.store,
        &one,
        "DS_one",
        adds(user(&one, "DS_one", "Vzorný"), Some("vzorny01")),
    )
    .await
    .unwrap();
    // The end of an activation code is not theirs to say.
    for login in ["vzorny01", "nobody"] {
        let written = db.store.update_password_expiry(login, None).await;
        assert!(matches!(written, Err(StoreError::Conflict)), "{login}: {written:?}");
    }
    let update = PasswordUpdate {
        login: "vzorny01",
        from_version: 1,
        former_hash: "hash of vzorny01",
        password_hash: "second",
        expires: None,
    };
    db.store.update_password(update).await.unwrap();
    for (version, expires) in [(3, Some(at(5))), (4, None)] {
        db.store.update_password_expiry("vzorny01", expires).await.unwrap();
        let login = db.store.lookup_login("vzorny01").await.unwrap().unwrap();
        assert_eq!((login.version, login.expires), (version, expires));
    }
}

pub async fn the_last_255_passwords_are_remembered(db: Backend) {
    let one = add_box(&db.store, "aaaaab").await;
    apply(
        &db.store,
        &one,
        "DS_one",
        adds(user(&one, "DS_one", "Vzorný"), Some("vzorny01")),
    )
    .await
    .unwrap();
    let id = the_user(&db.store, &one, "DS_one").await.unwrap().membership.id;
    for version in 1..=FORMER_PASSWORDS + 3 {
        let (former, new) = (format!("hash {version}"), format!("hash {}", version + 1));
        let update = PasswordUpdate {
            login: "vzorny01",
            from_version: version,
            former_hash: &former,
            password_hash: &new,
            expires: None,
        };
        db.store.update_password(update).await.unwrap();
    }
    let former = db.store.list_former_passwords(id).await.unwrap();
    assert_eq!(former.len(), 255);
    assert_eq!((former[0].as_str(), former[254].as_str()), ("hash 258", "hash 4"));
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM former_passwords").await, 255);
}

/// 32 at once on one box, each adding, changing and removing: every change is in the end what it said it was.
pub async fn changes_at_once_lose_nothing(db: Backend) {
    let one = add_box(&db.store, "aaaaab").await;
    let clients: Vec<_> = (0..32)
        .map(|n: u32| {
            let (store, one) = (db.store.clone(), one.clone());
            tokio::spawn(async move {
                let id = format!("DS_{n:09}");
                persist(&store, &one, &id, |_| {
                    adds(user(&one, &id, &id), Some(&format!("login{n:02}")))
                })
                .await;
                persist(&store, &one, &id, |kept| {
                    let mut user = kept.unwrap();
                    user.membership.privileges = Privileges(n);
                    UserAction::Change { user, person: false }
                })
                .await;
                if n.is_multiple_of(2) {
                    persist(&store, &one, &id, |kept| UserAction::Remove(kept.unwrap())).await;
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    let users = db.store.list_users(one.id, None, 99).await.unwrap();
    let mut privileges: Vec<_> = users.iter().map(|user| user.membership.privileges.0).collect();
    privileges.sort_unstable();
    assert_eq!(privileges, (0..32).filter(|n| n % 2 == 1).collect::<Vec<_>>());
    // 32 were added, 32 changed, 16 removed, each once.
    assert_eq!(db.store.lookup_users_version(one.id).await.unwrap(), Some(80));
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM administration_requests").await, 80);
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM credentials").await, 16);
    assert_eq!(db.store.count_added_users(one.id, at(0)).await.unwrap(), 32);
}

/// Tries until nobody came in between, as the operations do.
async fn persist(
    store: &Arc<dyn Store>,
    data_box: &DataBox,
    isds_id: &str,
    action: impl Fn(Option<BoxUser>) -> UserAction,
) {
    loop {
        let version = store.lookup_users_version(data_box.id).await.unwrap().unwrap();
        let action = action(the_user(store, data_box, isds_id).await);
        match store
            .apply_user_change(&change(data_box, version, isds_id, action))
            .await
        {
            Err(StoreError::Conflict) => {}
            written => {
                written.unwrap();
                return;
            }
        }
    }
}

pub async fn the_first_administrator_is_the_only_first_one(db: Backend) {
    let operator = |isds_id: &str, login: &str| {
        let mut user = user(&data_box("zzzaab", BoxType::Po), isds_id, "Vzorný");
        user.membership.box_id = None;
        user.membership.user_type = UserType::Official;
        NewUser {
            user,
            access: Some(access(login)),
        }
    };
    assert!(
        db.store
            .add_first_operator(&operator("DS_prvni", "prvni01"))
            .await
            .unwrap()
    );
    assert!(
        !db.store
            .add_first_operator(&operator("DS_druhy", "druhy01"))
            .await
            .unwrap()
    );
    assert!(db.store.lookup_login("prvni01").await.unwrap().is_some());
    assert!(db.store.lookup_login("druhy01").await.unwrap().is_none());
}
