//! Signing in to the mailbox, over a real store and a clock that is moved: codes, recovery codes, passkeys, lock-outs,
//! the ends of sessions, and that the web services know nothing of it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use common::World;
use common::people::PASSWORD;
use isds_core::account::{LOCKOUT_SECONDS, Lockout};
use isds_core::principal::{Method, Principal};
use isds_core::session::{FRESH_PROOF_SECONDS, IDLE_SECONDS, LONGEST_SECONDS, SessionToken, SignedInPerson};
use isds_core::sign_in_factors::{CEREMONY_SECONDS, MAX_PASSKEYS, NewPasskey, PasskeyRecord, SET_UP_SECONDS};
use isds_core::{Credentials, FactorError, Failure, PasswordStep, SignInError};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn elsewhere(n: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, n))
}

fn credentials(login: &str, password: &str) -> Credentials {
    Credentials {
        login: login.into(),
        password: password.into(),
    }
}

async fn first_step(world: &World, login: &str, password: &str) -> Result<PasswordStep, SignInError> {
    world
        .isds
        .sign_in_by_password(&credentials(login, password), HERE)
        .await
}

/// Somebody who needs no code.
async fn principal(world: &World, login: &str) -> Arc<Principal> {
    match first_step(world, login, PASSWORD).await.unwrap() {
        PasswordStep::SignedIn(principal) => principal,
        PasswordStep::CodeNeeded(_) => panic!("a code is asked for"),
    }
}

/// The token of somebody who needs one.
async fn code_step(world: &World, login: &str) -> SessionToken {
    match first_step(world, login, PASSWORD).await.unwrap() {
        PasswordStep::SignedIn(_) => panic!("no code is asked for"),
        PasswordStep::CodeNeeded(token) => token,
    }
}

async fn session_of(world: &World, principal: &Principal) -> (SessionToken, SignedInPerson) {
    let token = world
        .isds
        .begin_session(principal, None, HERE, "Prohlížeč")
        .await
        .unwrap();
    let person = world.isds.session(&token).await.unwrap().unwrap();
    (token, person)
}

async fn signed_in(world: &World, login: &str) -> SignedInPerson {
    session_of(world, &*principal(world, login).await).await.1
}

/// The code that a program shows now.
fn code_now(world: &World, secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let seconds = world.isds.clock.real().0 / 1_000_000;
    totp.generate(seconds.unsigned_abs()).to_string()
}

/// Another code than the right one.
fn wrong_code(world: &World, secret: &str) -> String {
    let right = code_now(world, secret);
    let last = right.chars().last().unwrap();
    let other = if last == '7' { '8' } else { '7' };
    format!("{}{other}", &right[..5])
}

/// Switches codes on; answers the secret and the recovery codes.
async fn with_codes(world: &World, person: &SignedInPerson) -> (String, Vec<String>) {
    let secret = world.isds.set_codes_up(person).await.unwrap().secret;
    let recovery = world
        .isds
        .switch_codes_on(person, &code_now(world, &secret))
        .await
        .unwrap();
    (secret, recovery)
}

fn passkey(n: u8) -> NewPasskey {
    NewPasskey {
        credential_id: vec![n; 20],
        user_handle: [3; 16],
        credential: "{\"counter\":0}".into(),
        name: format!("  Klíč {n}\n "),
    }
}

#[tokio::test]
async fn with_codes_the_password_alone_opens_nothing() {
    let world = World::new().await;
    let novak = signed_in(&world, "novak01").await;
    let (secret, recovery) = with_codes(&world, &novak).await;
    assert_eq!(recovery.len(), 10);

    let token = code_step(&world, "novak01").await;
    let used = code_now(&world, &secret);
    let again = world.isds.sign_in_by_code(&token, &used, HERE).await;
    assert!(
        matches!(again, Err(FactorError::Wrong)),
        "the code that switched them on is used up"
    );
    world.clock.advance(30);
    let code = code_now(&world, &secret);
    let principal = world
        .isds
        .sign_in_by_code(&token, &format!(" {} {}", &code[..3], &code[3..]), HERE)
        .await;
    let principal = principal.unwrap();
    assert_eq!(principal.method, Method::PasswordAndCode);
    assert_eq!(principal.login.as_deref(), Some("novak01"));
    let (_, person) = session_of(&world, &principal).await;
    assert_eq!(person.session.method, Method::PasswordAndCode);

    let over = world.isds.sign_in_by_code(&token, &code, HERE).await;
    assert!(matches!(over, Err(FactorError::Over)), "a step is done once");
    let token = code_step(&world, "novak01").await;
    let replayed = world.isds.sign_in_by_code(&token, &code, HERE).await;
    assert!(matches!(replayed, Err(FactorError::Wrong)), "a code is taken once");
    let stranger = SessionToken::random(&*world.isds.random);
    let foreign = world.isds.sign_in_by_code(&stranger, &code, HERE).await;
    assert!(matches!(foreign, Err(FactorError::Over)), "of this browser alone");

    // The contract has no place for codes: web services go on by name and password.
    let reply = world.call("novak01", "DsManage", "GetPasswordInfo", "<dbDummy/>").await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    // Whoever has no codes is not asked.
    self::principal(&world, "mesto01").await;
}

#[tokio::test]
async fn a_recovery_code_serves_once() {
    let world = World::new().await;
    let novak = signed_in(&world, "novak01").await;
    let (_, recovery) = with_codes(&world, &novak).await;
    let town = signed_in(&world, "mesto01").await;
    let (_, others) = with_codes(&world, &town).await;

    let token = code_step(&world, "novak01").await;
    let foreign = world.isds.sign_in_by_code(&token, &others[0], HERE).await;
    assert!(matches!(foreign, Err(FactorError::Wrong)), "somebody else's");
    let code = recovery[3].to_uppercase().replace('-', " ");
    world.isds.sign_in_by_code(&token, &code, HERE).await.unwrap();
    let token = code_step(&world, "novak01").await;
    let again = world.isds.sign_in_by_code(&token, &recovery[3], HERE).await;
    assert!(matches!(again, Err(FactorError::Wrong)));
    let factors = world.isds.sign_in_factors(&novak).await.unwrap();
    assert_eq!(factors.codes.unwrap().recovery_left, 9);

    let renewed = world.isds.renew_recovery_codes(&novak).await.unwrap();
    let old = world.isds.sign_in_by_code(&token, &recovery[4], HERE).await;
    assert!(matches!(old, Err(FactorError::Wrong)), "replaced");
    world.isds.sign_in_by_code(&token, &renewed[9], HERE).await.unwrap();
}

#[tokio::test]
async fn wrong_codes_lock_however_often_the_password_is_right() {
    let world = World::new().await;
    let novak = signed_in(&world, "novak01").await;
    let (secret, _) = with_codes(&world, &novak).await;
    world.clock.advance(30);
    // Each time with a fresh right password, which forgets the failures of the name, and from another address.
    for n in 1..=5 {
        // A password proven a moment ago is not looked at again.
        world.clock.advance(16);
        let token = code_step(&world, "novak01").await;
        let wrong = world
            .isds
            .sign_in_by_code(&token, &wrong_code(&world, &secret), elsewhere(n))
            .await;
        assert!(matches!(wrong, Err(FactorError::Wrong)), "attempt {n}");
    }
    let token = code_step(&world, "novak01").await;
    let right = world
        .isds
        .sign_in_by_code(&token, &code_now(&world, &secret), HERE)
        .await;
    let Err(FactorError::Locked(Lockout::Login(until))) = right else {
        panic!("the right code is not looked at either");
    };
    assert_eq!(until, world.isds.clock.real().plus_seconds(LOCKOUT_SECONDS));
    // Others are not held up.
    principal(&world, "mesto01").await;
    world.clock.advance(LOCKOUT_SECONDS);
    let token = code_step(&world, "novak01").await;
    world
        .isds
        .sign_in_by_code(&token, &code_now(&world, &secret), HERE)
        .await
        .unwrap();
}

#[tokio::test]
async fn many_wrong_codes_at_once_are_all_counted() {
    let world = World::new().await;
    let novak = signed_in(&world, "novak01").await;
    let (secret, _) = with_codes(&world, &novak).await;
    world.clock.advance(30);
    let token = code_step(&world, "novak01").await;
    let wrong = wrong_code(&world, &secret);
    let tries: Vec<_> = (0..40)
        .map(|n| {
            let (isds, token, wrong) = (Arc::clone(&world.isds), token.clone(), wrong.clone());
            tokio::spawn(async move { isds.sign_in_by_code(&token, &wrong, elsewhere(n)).await })
        })
        .collect();
    let mut looked_at = 0;
    for attempt in tries {
        match attempt.await.unwrap() {
            Err(FactorError::Wrong) => looked_at += 1,
            Err(FactorError::Locked(_)) => {}
            other => panic!("{:?}", other.map(|p| p.method)),
        }
    }
    assert!(looked_at <= 5, "{looked_at}");
}

#[tokio::test]
async fn steps_do_not_wait_for_ever_nor_outlive_the_password() {
    let world = World::new().await;
    let novak = signed_in(&world, "novak01").await;
    let (secret, _) = with_codes(&world, &novak).await;
    let token = code_step(&world, "novak01").await;
    world.clock.advance(CEREMONY_SECONDS);
    let late = world
        .isds
        .sign_in_by_code(&token, &code_now(&world, &secret), HERE)
        .await;
    assert!(matches!(late, Err(FactorError::Over)));

    let token = code_step(&world, "novak01").await;
    let novak = {
        let token = code_step(&world, "novak01").await;
        let principal = world
            .isds
            .sign_in_by_code(&token, &code_now(&world, &secret), HERE)
            .await;
        session_of(&world, &principal.unwrap()).await.1
    };
    let changed = world
        .isds
        .choose_own_password(&novak, "novak01", PASSWORD, "NoveHeslo2027", HERE);
    changed.await.unwrap();
    world.clock.advance(30);
    let stale = world
        .isds
        .sign_in_by_code(&token, &code_now(&world, &secret), HERE)
        .await;
    assert!(matches!(stale, Err(FactorError::Over)), "its password counts no longer");
}

#[tokio::test]
async fn what_lets_people_in_later_wants_a_fresh_proof() {
    let world = World::new().await;
    let novak = signed_in(&world, "novak01").await;
    let id = world.isds.add_passkey(&novak, passkey(1)).await.unwrap();
    with_codes(&world, &novak).await;
    world.clock.advance(FRESH_PROOF_SECONDS);
    let isds = &world.isds;
    let needed = |result: Result<(), FactorError>| assert!(matches!(result, Err(FactorError::ProofNeeded)));
    needed(isds.set_codes_up(&novak).await.map(|_| ()));
    needed(isds.renew_recovery_codes(&novak).await.map(|_| ()));
    needed(isds.switch_codes_off(&novak).await);
    needed(isds.passkeys_before_another(&novak).await.map(|_| ()));
    needed(isds.begin_passkey_registration(&novak, "state".into()).await);
    needed(isds.remove_passkey(&novak, id).await);

    let wrong = isds
        .prove_again(&novak, &credentials("novak01", "Spatne2026"), HERE)
        .await;
    assert!(matches!(wrong, Err(SignInError::Wrong)));
    let other = isds.prove_again(&novak, &credentials("mesto01", PASSWORD), HERE).await;
    assert!(
        matches!(other, Err(SignInError::Wrong)),
        "somebody else's password is no proof"
    );
    isds.prove_again(&novak, &credentials("novak01", PASSWORD), HERE)
        .await
        .unwrap();
    // Read anew, as the next request would.
    let fresh = SignedInPerson {
        session: isds
            .sessions_of(&novak)
            .await
            .unwrap()
            .into_iter()
            .find(|s| s.id == novak.session.id)
            .unwrap(),
        ..novak.clone()
    };
    isds.switch_codes_off(&fresh).await.unwrap();
    isds.remove_passkey(&fresh, id).await.unwrap();
    assert!(matches!(isds.switch_codes_off(&fresh).await, Err(FactorError::Unknown)));
    principal(&world, "novak01").await;
}

#[tokio::test]
async fn codes_are_set_up_in_one_session_and_in_time() {
    let world = World::new().await;
    let isds = &world.isds;
    let novak = signed_in(&world, "novak01").await;
    let begun = isds.set_codes_up(&novak).await.unwrap();
    assert_eq!(
        isds.set_codes_up(&novak).await.unwrap().secret,
        begun.secret,
        "a page loaded again"
    );
    let other = signed_in(&world, "novak01").await;
    let foreign = isds.switch_codes_on(&other, &code_now(&world, &begun.secret)).await;
    assert!(matches!(foreign, Err(FactorError::Over)), "another session");
    let wrong = isds.switch_codes_on(&novak, &wrong_code(&world, &begun.secret)).await;
    assert!(matches!(wrong, Err(FactorError::Wrong)));
    isds.abandon_codes(&novak).await.unwrap();
    let given_up = isds.switch_codes_on(&novak, &code_now(&world, &begun.secret)).await;
    assert!(matches!(given_up, Err(FactorError::Over)));
    let second = isds.set_codes_up(&novak).await.unwrap();
    assert_ne!(second.secret, begun.secret);
    world.clock.advance(SET_UP_SECONDS);
    let late = isds.switch_codes_on(&novak, &code_now(&world, &second.secret)).await;
    assert!(matches!(late, Err(FactorError::Over)));
    assert!(isds.sign_in_factors(&novak).await.unwrap().codes.is_none());
}

#[tokio::test]
async fn a_passkey_lets_its_owner_in() {
    let world = World::new().await;
    let isds = &world.isds;
    let novak = signed_in(&world, "novak01").await;
    // Also where one-time codes are on: a passkey is more than both.
    with_codes(&world, &novak).await;
    isds.add_passkey(&novak, passkey(1)).await.unwrap();
    let kept = isds.passkeys_of_login("novak01").await.unwrap();
    assert_eq!(kept[0].passkey.name, "Klíč 1");

    let find = async |login: Option<&str>, credential_id: &[u8]| {
        let token = isds.begin_passkey_sign_in(login, "stav".into()).await.unwrap();
        isds.take_passkey_sign_in(&token, credential_id, HERE).await
    };
    for login in [None, Some("novak01")] {
        let (state, found) = find(login, &[1; 20]).await.unwrap();
        assert_eq!((state.as_str(), &found), ("stav", &kept[0]));
    }
    for (login, credential_id) in [(None, [2; 20]), (Some("mesto01"), [1; 20]), (Some("nikdo99"), [1; 20])] {
        let wrong = find(login, &credential_id).await;
        assert!(matches!(wrong, Err(FactorError::Wrong)), "{login:?}");
    }
    let token = isds.begin_passkey_sign_in(None, "stav".into()).await.unwrap();
    isds.take_passkey_sign_in(&token, &[1; 20], HERE).await.unwrap();
    let again = isds.take_passkey_sign_in(&token, &[1; 20], HERE).await;
    assert!(matches!(again, Err(FactorError::Over)), "an answer is good once");

    let principal = isds.sign_in_by_passkey(&kept[0], "{\"counter\":1}").await.unwrap();
    assert_eq!((principal.method, principal.login.as_deref()), (Method::Passkey, None));
    assert_eq!(principal.data_box.as_ref().unwrap().id.as_str(), "nvak22s");
    let raced = isds.sign_in_by_passkey(&kept[0], "{\"counter\":1}").await;
    assert!(matches!(raced, Err(FactorError::Over)), "counted from an old state");
    let (_, person) = session_of(&world, &principal).await;
    assert_eq!((person.session.method, person.password), (Method::Passkey, None));
    assert!(!person.must_choose_password(isds.clock.legal()));
}

#[tokio::test]
async fn unknown_passkeys_slow_the_address_down() {
    let world = World::new().await;
    let isds = &world.isds;
    let attempt = async || {
        let token = isds.begin_passkey_sign_in(None, String::new()).await.unwrap();
        isds.take_passkey_sign_in(&token, &[9; 20], elsewhere(1))
            .await
            .map(|_| ())
    };
    for n in 1..=50 {
        assert!(matches!(attempt().await, Err(FactorError::Wrong)), "attempt {n}");
    }
    assert!(matches!(attempt().await, Err(FactorError::Locked(Lockout::Address))));
}

#[tokio::test]
async fn passkeys_have_names_and_bounds() {
    let world = World::new().await;
    let isds = &world.isds;
    let novak = signed_in(&world, "novak01").await;
    for name in ["", "  \n", &"x".repeat(61)] {
        let named = NewPasskey {
            name: name.into(),
            ..passkey(1)
        };
        assert!(
            matches!(isds.add_passkey(&novak, named).await, Err(FactorError::Name)),
            "{name:?}"
        );
    }
    let (handle, none) = isds.passkeys_before_another(&novak).await.unwrap();
    assert_eq!(none, Vec::<PasskeyRecord>::new());
    let most = u8::try_from(MAX_PASSKEYS).unwrap();
    for n in 1..=most {
        let added = NewPasskey {
            user_handle: handle,
            ..passkey(n)
        };
        isds.add_passkey(&novak, added).await.unwrap();
        if n == 1 {
            assert_eq!(
                isds.passkeys_before_another(&novak).await.unwrap().0,
                handle,
                "one name for all"
            );
        }
    }
    assert!(matches!(
        isds.add_passkey(&novak, passkey(99)).await,
        Err(FactorError::TooMany)
    ));
    assert!(matches!(
        isds.passkeys_before_another(&novak).await,
        Err(FactorError::TooMany)
    ));
    let town = signed_in(&world, "mesto01").await;
    assert!(matches!(
        isds.add_passkey(&town, passkey(1)).await,
        Err(FactorError::Taken)
    ));
    let first = isds.sign_in_factors(&novak).await.unwrap().passkeys.remove(0);
    assert!(matches!(
        isds.rename_passkey(&town, first.id, "Můj").await,
        Err(FactorError::Unknown)
    ));
    assert!(matches!(
        isds.remove_passkey(&town, first.id).await,
        Err(FactorError::Unknown)
    ));
    isds.rename_passkey(&novak, first.id, "Telefon").await.unwrap();
    assert_eq!(
        isds.sign_in_factors(&novak).await.unwrap().passkeys[0].passkey.name,
        "Telefon"
    );
}

#[tokio::test]
async fn only_the_administrator_takes_factors_from_others() {
    let world = World::new().await;
    let isds = &world.isds;
    let novak = signed_in(&world, "novak01").await;
    with_codes(&world, &novak).await;
    isds.add_passkey(&novak, passkey(1)).await.unwrap();
    let town = principal(&world, "mesto01").await;
    let refused = isds.remove_sign_in_factors(&town, novak.person.id).await;
    assert!(matches!(refused, Err(Failure::Refused(_))));
    let operator = principal(&world, "spravce01").await;
    isds.remove_sign_in_factors(&operator, novak.person.id).await.unwrap();
    let factors = isds.sign_in_factors(&novak).await.unwrap();
    assert!(factors.passkeys.is_empty() && factors.codes.is_none());
    assert_eq!(
        isds.sessions_of(&novak).await.unwrap(),
        Vec::new(),
        "whoever was in is out"
    );
}

#[tokio::test]
async fn an_expired_password_serves_to_choose_another() {
    let world = World::new().await;
    let isds = &world.isds;
    // mesto02 chose one that expires at the end of the year.
    world.clock.advance(300 * 86_400);
    let services = isds.authenticate_user(&credentials("mesto02", PASSWORD), HERE).await;
    assert!(matches!(services, Err(SignInError::Wrong)), "not for web services");
    let (token, person) = session_of(&world, &*principal(&world, "mesto02").await).await;
    assert!(person.must_choose_password(isds.clock.legal()));
    let same = isds
        .choose_own_password(&person, "mesto02", PASSWORD, PASSWORD, HERE)
        .await;
    assert!(matches!(same, Err(Failure::Refused(refusal)) if refusal.status().code() == "1067"));
    let foreign = isds
        .choose_own_password(&person, "mesto01", PASSWORD, "NoveHeslo2027", HERE)
        .await;
    assert!(matches!(foreign, Err(Failure::Refused(refusal)) if refusal.status().code() == "1004"));
    isds.choose_own_password(&person, "mesto02", PASSWORD, "NoveHeslo2027", HERE)
        .await
        .unwrap();
    let person = isds.session(&token).await.unwrap().unwrap();
    assert!(
        !person.must_choose_password(isds.clock.legal()),
        "the session goes on, and is a whole one"
    );
    isds.authenticate_user(&credentials("mesto02", "NoveHeslo2027"), HERE)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_new_password_ends_what_the_old_one_opened() {
    let world = World::new().await;
    let isds = &world.isds;
    let (other, _) = session_of(&world, &*principal(&world, "novak01").await).await;
    let (own, novak) = session_of(&world, &*principal(&world, "novak01").await).await;
    isds.choose_own_password(&novak, "novak01", PASSWORD, "NoveHeslo2027", HERE)
        .await
        .unwrap();
    assert!(isds.session(&other).await.unwrap().is_none());
    assert!(isds.session(&own).await.unwrap().is_some());
    let logins = isds.own_logins(&novak).await.unwrap();
    assert_eq!(logins, [("novak01".to_owned(), novak.memberships[0].membership.id)]);
    assert_eq!(isds.own_password_expiry(&novak, "novak01").await.unwrap(), (None, true));
    let expires = isds.choose_own_password_expiry(&novak, "novak01", true).await.unwrap();
    assert_eq!(expires, Some(isds.clock.legal().plus_seconds(90 * 86_400)));
    assert_eq!(
        isds.own_password_expiry(&novak, "novak01").await.unwrap(),
        (expires, true)
    );
    assert!(isds.own_password_expiry(&novak, "mesto01").await.is_err(), "another's");
}

#[tokio::test]
async fn sessions_end_idle_and_end_at_last() {
    let world = World::new().await;
    let isds = &world.isds;
    let (idle, _) = session_of(&world, &*principal(&world, "novak01").await).await;
    let (used, _) = session_of(&world, &*principal(&world, "novak01").await).await;
    world.clock.advance(IDLE_SECONDS - 1);
    assert!(isds.session(&used).await.unwrap().is_some());
    world.clock.advance(1);
    assert!(isds.session(&idle).await.unwrap().is_none(), "unused for half an hour");
    let steps = LONGEST_SECONDS / 600 - IDLE_SECONDS / 600;
    for step in 1..steps {
        world.clock.advance(600);
        assert!(isds.session(&used).await.unwrap().is_some(), "in use, step {step}");
    }
    world.clock.advance(600);
    assert!(isds.session(&used).await.unwrap().is_none(), "however much it is used");
}

/// Who removes a lost key ends what it opened, and only that.
#[tokio::test]
async fn sessions_end_with_the_passkey_that_opened_them() {
    let world = World::new().await;
    let isds = &world.isds;
    let novak = signed_in(&world, "novak01").await;
    for n in 1..=2 {
        isds.add_passkey(&novak, passkey(n)).await.unwrap();
    }
    let kept = isds.sign_in_factors(&novak).await.unwrap().passkeys;
    let opened = async |passkey: &PasskeyRecord| {
        let principal = isds
            .sign_in_by_passkey(passkey, &passkey.passkey.credential)
            .await
            .unwrap();
        let begun = isds
            .begin_session(&principal, Some(passkey.id), HERE, "Prohlížeč")
            .await;
        let token = begun.unwrap();
        (isds.session(&token).await.unwrap().unwrap(), token)
    };
    let (_, lost) = opened(&kept[0]).await;
    let (here, this) = opened(&kept[0]).await;
    let (_, other) = opened(&kept[1]).await;
    isds.remove_passkey(&here, kept[0].id).await.unwrap();
    assert!(
        isds.session(&lost).await.unwrap().is_none(),
        "whoever has the key is out"
    );
    for token in [&this, &other] {
        assert!(isds.session(token).await.unwrap().is_some());
    }
    // Who was just let in by the key when it was removed does not come in any more.
    let principal = novak.in_box(novak.boxes().next().unwrap().1.id).unwrap();
    let late = isds
        .begin_session(&principal, Some(kept[0].id), HERE, "Prohlížeč")
        .await;
    assert!(matches!(late, Err(Failure::Refused(_))));
}

/// Whoever leaves the last box leaves nothing behind by which to come in.
#[tokio::test]
async fn factors_go_with_the_last_membership() {
    let world = World::new().await;
    let isds = &world.isds;
    let town = signed_in(&world, "nikdo01").await;
    with_codes(&world, &town).await;
    isds.add_passkey(&town, passkey(1)).await.unwrap();
    let kept = isds.sign_in_factors(&town).await.unwrap().passkeys.remove(0);
    let id = &town.memberships[0].membership.isds_id;
    let user = format!("<dbID>mesta2j</dbID><isdsID>{id}</isdsID>");
    let reply = world.call("mesto01", "DsManage", "DeleteDataBoxUser2", &user).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    assert_eq!(isds.store.find_passkey(&[1; 20]).await.unwrap(), None);
    let removed = isds.sign_in_by_passkey(&kept, "{}").await;
    assert!(matches!(removed, Err(FactorError::Over)));
}
