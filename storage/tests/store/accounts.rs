//! Access data and lock-out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use isds_core::account::{Failures, Lockout, LockoutState, MAX_FAILURES_OF_ADDRESS};
use isds_core::box_type::BoxType;
use isds_core::data_box::{Address, DataBox};
use isds_core::ids::{IsdsId, MembershipId, PersonId};
use isds_core::ports::{Store, StoreError};
use isds_core::privileges::Privileges;
use isds_core::user::{Membership, Person, UserType};

use crate::engines::{Backend, count};
use crate::fixtures::*;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
const THERE: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));

pub async fn add_person(store: &Arc<dyn Store>) -> Person {
    let mut person = Person {
        id: PersonId(-1),
        given_names: "Marie".into(),
        last_name: "Dvořáková".into(),
        birth_date: Some("1980-02-29".parse().unwrap()),
        address: Address {
            city: Some("Vzorov".into()),
            ..Address::default()
        },
        aifo_known: true,
    };
    person.id = store.add_person(&person).await.unwrap();
    person
}

pub async fn add_membership(
    store: &Arc<dyn Store>,
    person: &Person,
    data_box: Option<&DataBox>,
    isds_id: &str,
) -> Membership {
    let mut membership = Membership {
        id: MembershipId(-1),
        isds_id: IsdsId(isds_id.into()),
        box_id: data_box.map(|data_box| data_box.id),
        person_id: person.id,
        user_type: UserType::EntrustedUser,
        privileges: Privileges(29),
    };
    membership.id = store.add_membership(&membership).await.unwrap();
    membership
}

pub async fn login_leads_to_membership_person_and_box(db: Backend) {
    let data_box = DataBox {
        last_name: Some("Dvořáková".into()),
        ..data_box("maraaa", BoxType::Fo)
    };
    db.store.add_box(&data_box).await.unwrap();
    let person = add_person(&db.store).await;
    let membership = add_membership(&db.store, &person, Some(&data_box), "DS_one").await;
    db.store
        .add_password("dvora01", membership.id, "$argon2id$hash", Some(at(77)))
        .await
        .unwrap();

    let login = db.store.lookup_login("dvora01").await.unwrap().unwrap();
    assert_eq!(
        (login.login.as_str(), login.password_hash.as_str()),
        ("dvora01", "$argon2id$hash")
    );
    assert_eq!((login.version, login.expires), (1, Some(at(77))));
    assert_eq!((login.person, login.membership), (person, membership));
    assert_eq!(login.data_box, Some(data_box));
}

pub async fn login_of_an_administrator_has_no_box(db: Backend) {
    let person = add_person(&db.store).await;
    let membership = add_membership(&db.store, &person, None, "DS_admin").await;
    db.store
        .add_password("spravce01", membership.id, "hash", None)
        .await
        .unwrap();
    let login = db.store.lookup_login("spravce01").await.unwrap().unwrap();
    assert_eq!(
        (login.data_box, login.membership.box_id, login.expires),
        (None, None, None)
    );
}

pub async fn login_names_are_unique_and_exact(db: Backend) {
    let person = add_person(&db.store).await;
    let membership = add_membership(&db.store, &person, None, "DS_one").await;
    db.store
        .add_password("novak01", membership.id, "first", None)
        .await
        .unwrap();
    let second = db.store.add_password("novak01", membership.id, "second", None).await;
    assert!(matches!(second, Err(StoreError::Conflict)));
    assert_eq!(
        db.store.lookup_login("novak01").await.unwrap().unwrap().password_hash,
        "first"
    );
    for other in ["NOVAK01", "novak01 ", "novak0", "%", "novak0_", ""] {
        assert!(db.store.lookup_login(other).await.unwrap().is_none(), "{other}");
    }
    let missing = db.store.add_password("petr01", MembershipId(999), "hash", None).await;
    assert!(matches!(missing, Err(StoreError::Inconsistent(_))), "{missing:?}");
    let again = Membership {
        isds_id: IsdsId("DS_one".into()),
        ..membership
    };
    assert!(matches!(
        db.store.add_membership(&again).await,
        Err(StoreError::Conflict)
    ));
}

pub async fn an_ipv6_network_counts_as_one_address(db: Backend) {
    for (count, address) in [
        (1, "2001:db8:1:2::1"),
        (2, "2001:db8:1:2:ffff::7"),
        (1, "2001:db8:1:3::1"),
    ] {
        let name = format!("{address} {count}");
        let state = db
            .store
            .record_failed_login(&name, address.parse().unwrap(), at(1))
            .await
            .unwrap();
        assert_eq!(state.address.count, count, "{address}");
    }
    // An IPv4 address stays itself, however it is written.
    for (count, address) in [(1, "192.0.2.9"), (2, "::ffff:192.0.2.9"), (1, "192.0.2.10")] {
        let name = format!("{address} {count}");
        let state = db
            .store
            .record_failed_login(&name, address.parse().unwrap(), at(1))
            .await
            .unwrap();
        assert_eq!(state.address.count, count, "{address}");
    }
}

pub async fn failures_lock_name_and_address(db: Backend) {
    assert_eq!(
        db.store.lookup_lockouts("novak01", HERE).await.unwrap(),
        LockoutState::default()
    );
    for count in 1..=4 {
        let state = db.store.record_failed_login("novak01", HERE, at(count)).await.unwrap();
        let expected = Failures {
            count,
            first: Some(at(1)),
            locked_until: None,
        };
        assert_eq!(
            state,
            LockoutState {
                login: expected,
                address: expected
            }
        );
        assert_eq!(db.store.lookup_lockouts("novak01", HERE).await.unwrap(), state);
    }
    let state = db.store.record_failed_login("novak01", THERE, at(5)).await.unwrap();
    assert_eq!(state.locked(at(6)), Some(Lockout::Login(at(3605))));
    assert_eq!((state.login.count, state.address.count), (5, 1));
    // From elsewhere the name is locked as well, another name from here is not.
    assert!(
        db.store
            .lookup_lockouts("novak01", HERE)
            .await
            .unwrap()
            .locked(at(6))
            .is_some()
    );
    assert!(
        db.store
            .lookup_lockouts("maria01", HERE)
            .await
            .unwrap()
            .locked(at(6))
            .is_none()
    );
    for n in 0..MAX_FAILURES_OF_ADDRESS {
        db.store
            .record_failed_login(&format!("name{n}"), HERE, at(10))
            .await
            .unwrap();
    }
    assert_eq!(
        db.store.lookup_lockouts("whoever", HERE).await.unwrap().locked(at(11)),
        Some(Lockout::Address)
    );
}

pub async fn failures_at_once_all_count(db: Backend) {
    let attempts: Vec<_> = (0..20)
        .map(|n| {
            let store = db.store.clone();
            let login = if n % 2 == 0 { "novak01" } else { "maria01" };
            tokio::spawn(async move { store.record_failed_login(login, HERE, at(1)).await.unwrap() })
        })
        .collect();
    for attempt in attempts {
        attempt.await.unwrap();
    }
    for login in ["novak01", "maria01"] {
        let state = db.store.lookup_lockouts(login, HERE).await.unwrap();
        assert_eq!((state.login.count, state.address.count), (10, 20));
    }
}

pub async fn success_forgets_the_name_only(db: Backend) {
    for _ in 0..5 {
        db.store.record_failed_login("novak01", HERE, at(1)).await.unwrap();
    }
    db.store.clear_failed_logins("novak01").await.unwrap();
    db.store.clear_failed_logins("never-failed").await.unwrap();
    let state = db.store.lookup_lockouts("novak01", HERE).await.unwrap();
    assert_eq!(state.login, Failures::default());
    assert_eq!(state.address.count, 5);
}

pub async fn what_nobody_can_be_called_is_no_error(db: Backend) {
    let long = "ž".repeat(100_000);
    for login in ["", "a\0b", "addr:192.0.2.7", long.as_str()] {
        assert!(db.store.lookup_login(login).await.unwrap().is_none());
        let state = db.store.record_failed_login(login, THERE, at(1)).await.unwrap();
        assert_eq!(state.login.count, 1);
        assert_eq!(db.store.lookup_lockouts(login, THERE).await.unwrap().login.count, 1);
        db.store.clear_failed_logins(login).await.unwrap();
        assert_eq!(db.store.lookup_lockouts(login, THERE).await.unwrap().login.count, 0);
    }
    assert_eq!(
        db.store.lookup_lockouts("x", HERE).await.unwrap(),
        LockoutState::default()
    );
}

pub async fn old_failures_do_not_pile_up(db: Backend) {
    for n in 0..30 {
        db.store
            .record_failed_login(&format!("name{n}"), THERE, at(n))
            .await
            .unwrap();
    }
    for _ in 0..5 {
        db.store.record_failed_login("locked", HERE, at(3000)).await.unwrap();
    }
    // An hour and more later each new name takes some of the old ones with it; the lock stays as long as it lasts.
    for n in 0..6 {
        db.store
            .record_failed_login(&format!("later{n}"), HERE, at(6000 + n))
            .await
            .unwrap();
    }
    let left = count(&db.url, "SELECT COUNT(*) FROM login_failures").await;
    assert_eq!(left, 8, "the later names, the locked one, one address");
    let locked = db.store.lookup_lockouts("locked", HERE).await.unwrap();
    assert_eq!(locked.locked(at(6500)), Some(Lockout::Login(at(6600))));
    assert_eq!(locked.address.count, 11);
}
