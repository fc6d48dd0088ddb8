//! Passkeys, one-time codes, ceremonies.

use std::sync::Arc;

use isds_core::data_box::Address;
use isds_core::ids::{IsdsId, MembershipId, PersonId};
use isds_core::ports::{Store, StoreError};
use isds_core::privileges::Privileges;
use isds_core::sign_in_factors::{Ceremony, CeremonyKey, CeremonyKind, MAX_WRONG_CODES, NewPasskey, OneTimeCodes};
use isds_core::user::{Membership, Person, UserType};

use crate::engines::{Backend, count};
use crate::fixtures::*;

async fn add_person(store: &Arc<dyn Store>) -> PersonId {
    let person = Person {
        id: PersonId(-1),
        given_names: "Eva".into(),
        last_name: "Vzorová".into(),
        birth_date: None,
        address: Address::default(),
        aifo_known: false,
    };
    store.add_person(&person).await.unwrap()
}

fn codes() -> OneTimeCodes {
    OneTimeCodes {
        sealed_secret: vec![1, 0, 255],
        last_step: 100,
        switched_on: at(1),
        last_used: None,
        recovery_left: 2,
    }
}

fn passkey(n: u8) -> NewPasskey {
    NewPasskey {
        credential_id: vec![n; 16],
        user_handle: [9; 16],
        credential: format!("{{\"counter\":{n}}}"),
        name: format!("Klíč č. {n}"),
    }
}

fn ceremony(n: u8, seconds: i64) -> Ceremony {
    Ceremony {
        key: CeremonyKey([n; 32]),
        kind: CeremonyKind::Code,
        person: Some(PersonId(7)),
        state: format!("stav {n}"),
        expires: at(seconds),
    }
}

pub async fn codes_are_kept_until_they_are_switched_off(db: Backend) {
    let store = &db.store;
    let (eva, other) = (add_person(store).await, add_person(store).await);
    assert_eq!(store.lookup_one_time_codes(eva).await.unwrap(), None);
    assert!(
        !store.replace_recovery_codes(eva, &[[1; 32]]).await.unwrap(),
        "they are off"
    );
    store
        .set_one_time_codes(eva, &codes(), &[[1; 32], [2; 32]])
        .await
        .unwrap();
    assert_eq!(store.lookup_one_time_codes(eva).await.unwrap(), Some(codes()));
    assert_eq!(store.lookup_one_time_codes(other).await.unwrap(), None);
    // Over to another secret: the codes from before are gone with it.
    let second = OneTimeCodes {
        sealed_secret: vec![7],
        last_step: 5,
        recovery_left: 1,
        ..codes()
    };
    store.set_one_time_codes(eva, &second, &[[3; 32]]).await.unwrap();
    assert_eq!(store.lookup_one_time_codes(eva).await.unwrap(), Some(second));
    assert!(!store.take_recovery_code(eva, &[1; 32], at(2)).await.unwrap());
    assert!(store.remove_one_time_codes(eva).await.unwrap());
    assert!(!store.remove_one_time_codes(eva).await.unwrap());
    assert_eq!(store.lookup_one_time_codes(eva).await.unwrap(), None);
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM recovery_codes").await, 0);
}

pub async fn a_code_is_taken_once(db: Backend) {
    let store = &db.store;
    let (eva, other) = (add_person(store).await, add_person(store).await);
    store
        .set_one_time_codes(eva, &codes(), &[[1; 32], [2; 32]])
        .await
        .unwrap();
    for (step, taken) in [
        (100, false),
        (101, true),
        (101, false),
        (99, false),
        (103, true),
        (102, false),
    ] {
        assert_eq!(
            store.take_code_step(eva, step, at(step)).await.unwrap(),
            taken,
            "{step}"
        );
    }
    assert!(!store.take_code_step(other, 200, at(1)).await.unwrap(), "has no codes");
    assert!(
        !store.take_recovery_code(other, &[1; 32], at(2)).await.unwrap(),
        "not theirs"
    );
    assert!(store.take_recovery_code(eva, &[1; 32], at(2)).await.unwrap());
    assert!(!store.take_recovery_code(eva, &[1; 32], at(3)).await.unwrap());
    let left = store.lookup_one_time_codes(eva).await.unwrap().unwrap();
    assert_eq!(
        (left.last_step, left.last_used, left.recovery_left),
        (103, Some(at(103)), 1)
    );
    assert!(
        store
            .replace_recovery_codes(eva, &[[1; 32], [5; 32], [6; 32]])
            .await
            .unwrap()
    );
    assert_eq!(
        store.lookup_one_time_codes(eva).await.unwrap().unwrap().recovery_left,
        3
    );
    // Of many who show the same code at once one gets in.
    let tries = (0..8).map(|_| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let step = store.take_code_step(eva, 500, at(9)).await.unwrap();
            let recovery = store.take_recovery_code(eva, &[5; 32], at(9)).await.unwrap();
            (step, recovery)
        })
    });
    let mut got = (0, 0);
    for taken in tries.collect::<Vec<_>>() {
        let (step, recovery) = taken.await.unwrap();
        got = (got.0 + u32::from(step), got.1 + u32::from(recovery));
    }
    assert_eq!(got, (1, 1));
}

pub async fn attempts_at_codes_are_counted_apart_from_logins(db: Backend) {
    let store = &db.store;
    let (eva, other) = (PersonId(1), PersonId(2));
    for n in 1..=MAX_WRONG_CODES + 1 {
        let state = store.count_code_attempt(eva, at(n)).await.unwrap();
        assert_eq!((state.count, state.locked(at(n)).is_some()), (n, n >= MAX_WRONG_CODES));
    }
    assert_eq!(store.count_code_attempt(other, at(9)).await.unwrap().count, 1);
    // Whoever knows the password cannot wipe the count out by signing in with it.
    store.clear_failed_logins("codes:1").await.unwrap();
    assert_eq!(
        store.count_code_attempt(eva, at(9)).await.unwrap().count,
        MAX_WRONG_CODES + 2
    );
    store.clear_code_attempts(eva).await.unwrap();
    assert_eq!(store.count_code_attempt(eva, at(10)).await.unwrap().count, 1);
}

pub async fn passkeys_of_a_person(db: Backend) {
    let store = &db.store;
    let (eva, other) = (add_person(store).await, add_person(store).await);
    let first = store.add_passkey(eva, &passkey(1), at(1), 2).await.unwrap().unwrap();
    let second = store.add_passkey(eva, &passkey(2), at(2), 2).await.unwrap().unwrap();
    assert_eq!(
        store.add_passkey(eva, &passkey(3), at(3), 2).await.unwrap(),
        None,
        "two are enough"
    );
    let taken = store.add_passkey(other, &passkey(1), at(3), 2).await;
    assert!(matches!(taken, Err(StoreError::Conflict)), "{taken:?}");
    let listed = store.list_passkeys(eva, 10).await.unwrap();
    assert_eq!(listed.iter().map(|p| p.id).collect::<Vec<_>>(), [first, second]);
    assert_eq!(
        (&listed[0].passkey, listed[0].created, listed[0].last_used),
        (&passkey(1), at(1), None)
    );
    assert_eq!(store.list_passkeys(eva, 1).await.unwrap().len(), 1);
    assert_eq!(store.find_passkey(&[2; 16]).await.unwrap().as_ref(), listed.get(1));
    assert_eq!(store.find_passkey(&[3; 16]).await.unwrap(), None);

    assert!(store.use_passkey(&listed[0], "{\"counter\":9}", at(5)).await.unwrap());
    assert!(
        !store.use_passkey(&listed[0], "{\"counter\":9}", at(6)).await.unwrap(),
        "used meanwhile"
    );
    let used = store.find_passkey(&[1; 16]).await.unwrap().unwrap();
    assert_eq!(
        (used.passkey.credential.as_str(), used.last_used),
        ("{\"counter\":9}", Some(at(5)))
    );

    assert!(!store.rename_passkey(other, first, "Cizí").await.unwrap());
    assert!(store.rename_passkey(eva, first, "Telefon").await.unwrap());
    assert!(!store.remove_passkey(other, first, None).await.unwrap());
    assert!(store.remove_passkey(eva, second, None).await.unwrap());
    let left = store.list_passkeys(eva, 10).await.unwrap();
    assert_eq!(
        left.iter().map(|p| p.passkey.name.as_str()).collect::<Vec<_>>(),
        ["Telefon"]
    );
}

pub async fn a_ceremony_ends_once(db: Backend) {
    let store = &db.store;
    let begun = ceremony(1, 300);
    store.put_ceremony(&begun, at(0)).await.unwrap();
    assert_eq!(
        store.lookup_ceremony(&begun.key, at(299)).await.unwrap().as_ref(),
        Some(&begun)
    );
    assert_eq!(store.lookup_ceremony(&begun.key, at(300)).await.unwrap(), None, "over");
    assert_eq!(store.take_ceremony(&begun.key, at(300)).await.unwrap(), None, "over");
    // A second one in the same browser takes the place of the first.
    let again = Ceremony {
        person: None,
        kind: CeremonyKind::PasskeySignIn,
        ..ceremony(1, 600)
    };
    store.put_ceremony(&again, at(0)).await.unwrap();
    assert_eq!(store.take_ceremony(&begun.key, at(599)).await.unwrap(), Some(again));
    assert_eq!(store.take_ceremony(&begun.key, at(599)).await.unwrap(), None, "taken");
    for n in 0..25 {
        store.put_ceremony(&ceremony(n, 10), at(0)).await.unwrap();
    }
    for n in 100..103 {
        store.put_ceremony(&ceremony(n, 100), at(11)).await.unwrap();
    }
    assert_eq!(
        count(&db.url, "SELECT COUNT(*) FROM ceremonies").await,
        3,
        "those that are over make room"
    );
}

pub async fn factors_go_with_their_person(db: Backend) {
    let store = &db.store;
    let eva = add_person(store).await;
    let mut membership = Membership {
        id: MembershipId(-1),
        isds_id: IsdsId("DS_eva".into()),
        box_id: None,
        person_id: eva,
        user_type: UserType::Official,
        privileges: Privileges(0),
    };
    membership.id = store.add_membership(&membership).await.unwrap();
    store.add_password("eva01", membership.id, "hash", None).await.unwrap();
    store.add_password("eva02", membership.id, "hash", None).await.unwrap();
    let logins = async |person, limit| store.list_logins(person, limit).await.unwrap();
    let own = [("eva01".to_owned(), membership.id), ("eva02".to_owned(), membership.id)];
    assert_eq!(logins(eva, 10).await, own);
    assert_eq!(logins(eva, 1).await, own[..1]);
    assert_eq!(logins(PersonId(eva.0 + 1), 10).await, Vec::new());
    store.set_one_time_codes(eva, &codes(), &[[1; 32]]).await.unwrap();
    store.add_passkey(eva, &passkey(1), at(1), 2).await.unwrap();
    for statement in [
        "DELETE FROM credentials",
        "DELETE FROM memberships",
        "DELETE FROM persons",
    ] {
        crate::engines::execute(&db.url, statement).await;
    }
    let left = "SELECT (SELECT COUNT(*) FROM one_time_codes) + (SELECT COUNT(*) FROM recovery_codes) \
         + (SELECT COUNT(*) FROM passkeys)";
    assert_eq!(count(&db.url, left).await, 0);
}
