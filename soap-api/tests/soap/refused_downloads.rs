//! Downloads that are refused for a time: of messages that were sealed without a timestamp too often, and of messages
//! that the administrator of the system withholds.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use common::golden::Golden;
use common::http::Reply;
use common::people::PASSWORD;
use common::{World, file, message};
use isds_core::principal::Principal;
use isds_core::status::Status;
use isds_core::{Credentials, Failure, Limits};
use soap_api::SoapConfig;

/// Long enough to be measured, short enough to be waited for.
const DELAY: Duration = Duration::from_millis(300);
const RECEIVED: (&str, &str) = ("novak01", "SignedMessageDownload");
const SENT: (&str, &str) = ("mesto01", "SignedSentMessageDownload");

async fn world() -> World {
    let limits = Limits {
        unstamped_delay: DELAY,
        ..Limits::default()
    };
    World::with(SoapConfig::default(), limits).await
}

/// A message that was delivered by login.
async fn delivered(world: &World) -> String {
    let number = world.send_message("mesto01", "nvak22s", "x").await;
    deliver(world).await;
    number
}

async fn deliver(world: &World) {
    let list = world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    assert_eq!(list.code(), "0000");
}

async fn ask(world: &World, login: &str, service: &str, operation: &str, number: &str) -> Reply {
    world
        .call(login, service, operation, &format!("<dmID>{number}</dmID>"))
        .await
}

async fn sealed(world: &World, (login, operation): (&str, &str), number: &str) -> Reply {
    ask(world, login, "dz", operation, number).await
}

fn authority_is_off(world: &World, off: bool) {
    world.authority.off.store(off, Ordering::SeqCst);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_third_download_without_a_timestamp_waits_and_is_refused() {
    let world = world().await;
    let mut golden = Golden::of("unstamped");
    let number = delivered(&world).await;
    let other = delivered(&world).await;
    authority_is_off(&world, true);
    for (name, asked) in [
        ("signed_message_download", RECEIVED),
        ("signed_sent_message_download", SENT),
    ] {
        assert_eq!(sealed(&world, asked, &number).await.code(), "0005");
        world.clock.advance(60);
        let second = sealed(&world, asked, &number).await;
        assert_eq!(
            (second.code(), second.value("dmSignature").is_empty()),
            ("0005".into(), false)
        );
        let began = Instant::now();
        let third = sealed(&world, asked, &number).await;
        assert!(began.elapsed() >= DELAY, "it was refused at once");
        assert_eq!(third.code(), "3005");
        assert!(!third.body.contains("dmSignature"));
        golden.answer(name, "dz", &third);
    }
    assert_eq!(sealed(&world, RECEIVED, &other).await.code(), "0005", "another message");
    // Neither marking it as read nor an authority that answers again shortens the twenty minutes: the limit is there so
    // that nobody tries all the time.
    let marked = ask(&world, "novak01", "dx", "MarkMessageAsDownloaded", &number).await;
    assert_eq!(marked.code(), "0000");
    authority_is_off(&world, false);
    assert_eq!(sealed(&world, RECEIVED, &number).await.code(), "3005");
    // What needs no timestamp goes on.
    assert_eq!(
        ask(&world, "novak01", "dz", "MessageDownload", &number).await.code(),
        "0000"
    );
    assert_eq!(
        ask(&world, "novak01", "dx", "GetSignedDeliveryInfo", &number)
            .await
            .code(),
        "0000"
    );
    golden.finish();
    assert_eq!(Limits::default().unstamped_delay, Duration::from_secs(50));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_minutes_after_the_first_the_count_begins_anew() {
    let world = world().await;
    let number = delivered(&world).await;
    authority_is_off(&world, true);
    for asked in [RECEIVED, SENT] {
        assert_eq!(sealed(&world, asked, &number).await.code(), "0005");
    }
    world.clock.advance(19 * 60);
    for asked in [RECEIVED, SENT] {
        assert_eq!(sealed(&world, asked, &number).await.code(), "0005");
    }
    world.clock.advance(59);
    for asked in [RECEIVED, SENT] {
        assert_eq!(sealed(&world, asked, &number).await.code(), "3005");
    }
    world.clock.advance(1);
    for asked in [RECEIVED, SENT] {
        for expected in ["0005", "0005", "3005"] {
            assert_eq!(sealed(&world, asked, &number).await.code(), expected, "{asked:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stamped_download_in_between_begins_the_count_anew() {
    let world = world().await;
    // Too large for its sealed form to be kept at hand, which would be answered whatever the authority does.
    let large = base64_simd::STANDARD.encode_to_string("text ".repeat(60_000));
    let files = file("a.txt", "main", &large);
    let created = world
        .call("mesto01", "dz", "CreateMessage", &message("nvak22s", "x", &files))
        .await;
    let number = created.value("dmID");
    world.settle().await;
    deliver(&world).await;
    for asked in [RECEIVED, SENT] {
        for (off, expected) in [
            (true, "0005"),
            (false, "0000"),
            (true, "0005"),
            (true, "0005"),
            (true, "3005"),
        ] {
            authority_is_off(&world, off);
            assert_eq!(sealed(&world, asked, &number).await.code(), expected, "{asked:?}");
        }
    }
}

async fn principal(world: &World, login: &str) -> Arc<Principal> {
    let credentials = Credentials {
        login: login.into(),
        password: PASSWORD.into(),
    };
    let address = "127.0.0.1".parse().unwrap();
    world.isds.authenticate_user(&credentials, address).await.unwrap()
}

fn refusal(result: Result<(), Failure>) -> Status {
    match result {
        Err(Failure::Refused(refusal)) => refusal.status(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withheld_message_cannot_be_downloaded_by_its_recipient() {
    let world = World::new().await;
    let mut golden = Golden::of("withheld");
    let operator = principal(&world, "spravce01").await;
    let number = delivered(&world).await;
    let id = number.parse().unwrap();
    // The sealed form is at hand, and is not answered for that.
    assert_eq!(sealed(&world, RECEIVED, &number).await.code(), "0000");
    world.isds.withhold_message(&operator, id).await.unwrap();
    world.isds.withhold_message(&operator, id).await.unwrap();
    let downloads = ["MessageDownload", "SignedMessageDownload"];
    for (operation, name) in downloads
        .into_iter()
        .zip(["message_download", "signed_message_download"])
    {
        let reply = ask(&world, "novak01", "dz", operation, &number).await;
        assert_eq!(reply.code(), "3022", "{operation}");
        assert!(!reply.body.contains("dmSignature") && !reply.body.contains("dmReturnedMessage"));
        golden.answer(name, "dz", &reply);
        // Who may not have it anyway does not learn of it.
        let foreign = ask(&world, "mesto01", "dz", operation, &number).await;
        assert_eq!(foreign.code(), "1211", "{operation}");
    }
    // That it was delivered stands, and the sender has its own copy.
    for (login, service, operation) in [
        ("novak01", "dx", "MessageEnvelopeDownload"),
        ("novak01", "dx", "GetDeliveryInfo"),
        ("novak01", "dx", "GetSignedDeliveryInfo"),
        ("novak01", "dx", "VerifyMessage"),
        ("novak01", "dx", "MarkMessageAsDownloaded"),
        ("mesto01", "dx", "SentMessageEnvelopeDownload"),
        ("mesto01", "dz", "SignedSentMessageDownload"),
    ] {
        let reply = ask(&world, login, service, operation, &number).await;
        assert_eq!(reply.code(), "0000", "{operation}");
    }
    // A change of the message's state does not lift it.
    for operation in downloads {
        assert_eq!(ask(&world, "novak01", "dz", operation, &number).await.code(), "3022");
    }
    world.isds.release_message(&operator, id).await.unwrap();
    for operation in downloads {
        assert_eq!(ask(&world, "novak01", "dz", operation, &number).await.code(), "0000");
    }
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_can_be_withheld_before_it_is_delivered() {
    let world = World::new().await;
    let operator = principal(&world, "spravce01").await;
    let number = world.send_message("mesto01", "nvak22s", "x").await;
    world
        .isds
        .withhold_message(&operator, number.parse().unwrap())
        .await
        .unwrap();
    let early = ask(&world, "novak01", "dz", "MessageDownload", &number).await;
    assert_eq!(
        early.code(),
        "1222",
        "first it has to be delivered, which has its own consequences"
    );
    deliver(&world).await;
    let reply = ask(&world, "novak01", "dz", "MessageDownload", &number).await;
    assert_eq!(reply.code(), "3022");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_administrator_of_the_system_withholds_and_releases() {
    let world = World::new().await;
    let number = delivered(&world).await;
    let id = number.parse().unwrap();
    // Sender and recipient, who have every privilege in their boxes.
    for login in ["mesto01", "novak01"] {
        let caller = principal(&world, login).await;
        assert_eq!(
            refusal(world.isds.withhold_message(&caller, id).await),
            Status::NO_RIGHT
        );
        assert_eq!(refusal(world.isds.release_message(&caller, id).await), Status::NO_RIGHT);
    }
    assert_eq!(
        ask(&world, "novak01", "dz", "MessageDownload", &number).await.code(),
        "0000"
    );
    let operator = principal(&world, "spravce01").await;
    let unknown = "999".parse().unwrap();
    assert_eq!(
        refusal(world.isds.withhold_message(&operator, unknown).await),
        Status::NO_MESSAGE
    );
    assert_eq!(
        refusal(world.isds.release_message(&operator, unknown).await),
        Status::NO_MESSAGE
    );
    world.isds.withhold_message(&operator, id).await.unwrap();
    let caller = principal(&world, "novak01").await;
    assert_eq!(refusal(world.isds.release_message(&caller, id).await), Status::NO_RIGHT);
    assert_eq!(
        ask(&world, "novak01", "dz", "MessageDownload", &number).await.code(),
        "3022"
    );
}
