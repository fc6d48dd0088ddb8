//! Changing a password: every code, in force at once everywhere, and what counts against guessing.

#![expect(
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use std::sync::Arc;

use common::golden::Golden;
use common::http::{Reply, post};
use common::people::PASSWORD;
use common::{World, envelope, system};
use isds_core::{Credentials, Isds, Limits, SignInBounds, SignInError};

const HERE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// Calls an operation of `/DS/DsManage` with a password of one's own.
async fn manage(world: &World, login: &str, password: &str, operation: &str, inside: &str) -> Reply {
    let pair = base64_simd::STANDARD.encode_to_string(format!("{login}:{password}"));
    let body = format!("<{operation} xmlns=\"http://isds.czechpoint.cz/v20\">{inside}</{operation}>");
    let headers = format!("Authorization: Basic {pair}\r\n");
    post(
        world.address,
        "/DS/DsManage",
        &headers,
        "text/xml",
        envelope(&body).as_bytes(),
    )
    .await
}

fn from_to(old: &str, new: &str) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<dbOldPassword>{}</dbOldPassword><dbNewPassword>{}</dbNewPassword>",
        escaped(old),
        escaped(new)
    )
}

async fn change(world: &World, login: &str, old: &str, new: &str) -> Reply {
    manage(world, login, old, "ChangeISDSPassword", &from_to(old, new)).await
}

/// A second node over the same stores.
fn another_node(world: &World) -> Arc<Isds> {
    system(
        Arc::clone(&world.isds.store),
        Arc::clone(&world.isds.objects),
        &world.clock,
        &world.authority,
        Limits::default(),
        SignInBounds::default(),
    )
}

async fn signs_in(isds: &Isds, login: &str, password: &str) -> bool {
    let credentials = Credentials {
        login: login.into(),
        password: password.into(),
    };
    match isds.authenticate_user(&credentials, HERE).await {
        Ok(_) => true,
        Err(SignInError::Wrong) => false,
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer() {
    let world = World::new().await;
    let mut golden = Golden::of("password");
    for (name, new, code) in [
        ("too_short", "Kratke1", "1066"),
        ("same", PASSWORD, "1067"),
        ("character", "Nove/Heslo1", "1079"),
        ("variety", "noveheslo1", "1080"),
        ("repetition", "NoveHeslo111", "1081"),
        ("has_login", "1Novak01Heslo", "1082"),
        ("trivial", "Qwerty2026", "1083"),
        ("missing", "", "1066"),
    ] {
        let reply = change(&world, "novak01", PASSWORD, new).await;
        assert_eq!(reply.code(), code, "{name}");
        golden.answer(&format!("change_isds_password_{name}"), "DsManage", &reply);
    }
    let wrong = manage(
        &world,
        "novak01",
        PASSWORD,
        "ChangeISDSPassword",
        &from_to("Jine2026", "Nove & Heslo1"),
    )
    .await;
    // An ampersand is an allowed character: what is wrong is the old password.
    golden.answer("change_isds_password_wrong_old", "DsManage", &wrong);
    assert_eq!(wrong.code(), "1090");
    let changed = change(&world, "novak01", PASSWORD, "Nove & Heslo1").await;
    golden.answer("change_isds_password", "DsManage", &changed);
    let back = change(&world, "novak01", "Nove & Heslo1", PASSWORD).await;
    golden.answer("change_isds_password_used_before", "DsManage", &back);
    assert_eq!((changed.code().as_str(), back.code().as_str()), ("0000", "1091"));
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_former_password_stays_used_after_others() {
    let world = World::new().await;
    let passwords = [PASSWORD, "Prvni2026", "Druhe2026", "Treti2026"];
    for pair in passwords.windows(2) {
        assert_eq!(change(&world, "mesto01", pair[0], pair[1]).await.code(), "0000");
    }
    for used in &passwords[..3] {
        assert_eq!(
            change(&world, "mesto01", "Treti2026", used).await.code(),
            "1091",
            "{used}"
        );
    }
    // Somebody else's former passwords are nobody's business.
    assert_eq!(change(&world, "novak01", PASSWORD, "Druhe2026").await.code(), "0000");
}

/// The proof of a password is remembered for a while; a change counts at once all the same, on this node and on others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_force_at_once_on_every_node() {
    let world = World::new().await;
    let other = another_node(&world);
    for node in [&*world.isds, &*other] {
        assert!(signs_in(node, "novak01", PASSWORD).await);
    }
    assert_eq!(change(&world, "novak01", PASSWORD, "Nove2026").await.code(), "0000");
    for node in [&*world.isds, &*other] {
        assert!(!signs_in(node, "novak01", PASSWORD).await);
        assert!(signs_in(node, "novak01", "Nove2026").await);
    }
    // The proof is still worth something: it is not hashed a second time.
    let hashed = other.passwords.hashed();
    assert!(signs_in(&other, "novak01", "Nove2026").await);
    assert_eq!(other.passwords.hashed(), hashed);
}

/// Hashing is dear, and its outcome stands as long as the password does; what else was read with it does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_outlives_what_was_read_with_it() {
    let world = World::new().await;
    let isds = &*world.isds;
    let hashed = || isds.passwords.hashed();
    assert!(signs_in(isds, "novak01", PASSWORD).await);
    let begun = hashed();
    world.clock.advance(16);
    assert!(signs_in(isds, "novak01", PASSWORD).await);
    assert_eq!(hashed(), begun, "only the rest is read again");
    // Failures of somebody else are forgotten with it, as when the password is hashed.
    for _ in 0..4 {
        assert!(!signs_in(isds, "novak01", "Spatne2026").await);
    }
    world.clock.advance(16);
    assert!(signs_in(isds, "novak01", PASSWORD).await);
    assert!(!signs_in(isds, "novak01", "Spatne2026").await);
    assert!(signs_in(isds, "novak01", PASSWORD).await, "a fifth one did not lock");
    // A person who is locked meanwhile is turned away.
    let person = isds.store.lookup_login("novak01").await.unwrap().unwrap().person.id;
    assert!(isds.store.lock_person(person, None, isds.clock.legal()).await.unwrap());
    world.clock.advance(16);
    assert!(!signs_in(isds, "novak01", PASSWORD).await);
    assert!(isds.store.unlock_person(person).await.unwrap());
    assert!(signs_in(isds, "novak01", PASSWORD).await);
    let begun = hashed();
    world.clock.advance(300);
    assert!(signs_in(isds, "novak01", PASSWORD).await);
    assert_eq!(hashed(), begun + 1, "in the end it is hashed again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_old_passwords_lock_the_account() {
    let world = World::new().await;
    for _ in 0..5 {
        let guess = from_to("Spatne2026", "Nove2026");
        let reply = manage(&world, "novak01", PASSWORD, "ChangeISDSPassword", &guess).await;
        assert_eq!(reply.code(), "1090");
    }
    // Who has just proven the password can still call, but guesses no further: even the right one is not looked at.
    let hashed = world.isds.passwords.hashed();
    assert_eq!(change(&world, "novak01", PASSWORD, "Nove2026").await.code(), "1090");
    assert_eq!(world.isds.passwords.hashed(), hashed);
    world.clock.advance(16);
    let locked = manage(&world, "novak01", PASSWORD, "GetPasswordInfo", "").await;
    assert_eq!(locked.status, 401);
    assert!(locked.body.contains("Login blocked until"), "{}", locked.body);
    world.clock.advance(3600);
    assert_eq!(change(&world, "novak01", PASSWORD, "Nove2026").await.code(), "0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_expires_is_followed_by_one_that_does() {
    let world = World::new().await;
    let expiry = async |login: &str, password: &str| {
        manage(&world, login, password, "GetPasswordInfo", "<dbDummy/>")
            .await
            .value("pswExpDate")
    };
    assert_eq!(expiry("mesto02", PASSWORD).await, "2027-01-01T00:00:00.000+01:00");
    assert_eq!(change(&world, "mesto02", PASSWORD, "Nove2026").await.code(), "0000");
    // The tests begin on the first of June.
    assert_eq!(expiry("mesto02", "Nove2026").await, "2026-08-30T10:00:00.123+02:00");
    assert_eq!(change(&world, "mesto01", PASSWORD, "Nove2026").await.code(), "0000");
    assert_eq!(expiry("mesto01", "Nove2026").await, "");
    let day = 86_400;
    world.clock.advance(90 * day - 5);
    assert!(signs_in(&world.isds, "mesto02", "Nove2026").await);
    // The proof is remembered for longer than what is left; it does not outlive the password.
    world.clock.advance(5);
    assert!(!signs_in(&world.isds, "mesto02", "Nove2026").await);
    assert!(signs_in(&world.isds, "mesto01", "Nove2026").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_a_password_expires_is_its_owners_choice() {
    let world = World::new().await;
    let caller = async || {
        let credentials = Credentials {
            login: "novak01".into(),
            password: PASSWORD.into(),
        };
        world.isds.authenticate_user(&credentials, HERE).await.unwrap()
    };
    let told = async || {
        manage(&world, "novak01", PASSWORD, "GetPasswordInfo", "")
            .await
            .value("pswExpDate")
    };
    assert_eq!(told().await, "");
    let expires = world.isds.choose_password_expiry(&*caller().await, true).await.unwrap();
    assert_eq!(told().await, expires.unwrap().to_string());
    assert_eq!(told().await, "2026-08-30T10:00:00.123+02:00");
    world
        .isds
        .choose_password_expiry(&*caller().await, false)
        .await
        .unwrap();
    assert_eq!(told().await, "");
    let application = isds_core::principal::Principal {
        login: None,
        ..(*caller().await).clone()
    };
    assert!(world.isds.choose_password_expiry(&application, true).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_changes_at_once_one_wins() {
    let world = World::new().await;
    let attempts = futures::future::join_all((0..32).map(|n| {
        let world = &world;
        async move {
            let new = format!("Soubezne{n:02}x");
            let credentials = Credentials {
                login: "mesto01".into(),
                password: PASSWORD.into(),
            };
            // Whoever comes after the change is not even let in.
            let Ok(caller) = world.isds.authenticate_user(&credentials, HERE).await else {
                return None;
            };
            let changed = world.isds.change_isds_password(&caller, PASSWORD, &new, HERE).await;
            changed.is_ok().then_some(new)
        }
    }))
    .await;
    let winners: Vec<_> = attempts.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1, "{winners:?}");
    world.clock.advance(3601);
    assert!(signs_in(&world.isds, "mesto01", &winners[0]).await);
    assert!(!signs_in(&world.isds, "mesto01", PASSWORD).await);
}

/// A slow request begins with a password that expires before it ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_password_chooses_no_other() {
    let world = World::new().await;
    let credentials = Credentials {
        login: "mesto02".into(),
        password: PASSWORD.into(),
    };
    let caller = world.isds.authenticate_user(&credentials, HERE).await.unwrap();
    world.clock.advance(365 * 86_400);
    let change = world
        .isds
        .change_isds_password(&caller, PASSWORD, "Nove2026", HERE)
        .await;
    let Err(isds_core::Failure::Refused(refusal)) = change else {
        panic!("{change:?}")
    };
    assert_eq!(refusal.status().code(), "1090");
}

/// An application has no password to change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_password_is_told_so() {
    let world = World::new().await;
    let credentials = Credentials {
        login: "novak01".into(),
        password: PASSWORD.into(),
    };
    let caller = world.isds.authenticate_user(&credentials, HERE).await.unwrap();
    let application = isds_core::principal::Principal {
        login: None,
        ..(*caller).clone()
    };
    let refused = world
        .isds
        .change_isds_password(&application, PASSWORD, "Nove2026", HERE)
        .await;
    let Err(isds_core::Failure::Refused(refusal)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(refusal.status().code(), "2102");
}
