//! What is scanned, what a finding does, and what becomes of messages without a verdict.

#![expect(clippy::unwrap_used, reason = "helpers outside of tests")]

use crate::common;

use std::sync::Arc;

use common::doubles::{EVIL, Scanning};
use common::golden::Golden;
use common::http::Reply;
use common::vodz::{base64, inline, sends, small_world, upload, uploads};
use common::{World, decoded, file, message};
use isds_core::ScannerState;
use isds_core::ids::MessageId;
use isds_core::message::{Message, Phase, ScanVerdict};

const ALL: &str = "<dmStatusFilter>-1</dmStatusFilter>";

async fn scanned_world() -> World {
    let world = World::new().await;
    world.scanner.behave(Scanning::Works);
    world
}

/// Sends two attachments from the office to the citizen; what is due is not done yet.
async fn send(world: &World, first: &[u8], second: &[u8]) -> String {
    let files = file("a.txt", "main", &base64(first)) + &file("b.txt", "enclosure", &base64(second));
    let reply = world
        .call("mesto01", "dz", "CreateMessage", &message("nvak22s", "Příloha", &files))
        .await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    reply.value("dmID")
}

async fn lookup(world: &World, id: &str) -> Message {
    let id = MessageId(id.parse().unwrap());
    world.isds.store.lookup_message(id).await.unwrap().unwrap()
}

async fn phase(world: &World, id: &str) -> Phase {
    lookup(world, id).await.state.phase
}

async fn of_message(world: &World, login: &str, service: &str, operation: &str, id: &str) -> Reply {
    world
        .call(login, service, operation, &format!("<dmID>{id}</dmID>"))
        .await
}

async fn received(world: &World, login: &str) -> Reply {
    world.call(login, "dx", "GetListOfReceivedMessages", ALL).await
}

#[tokio::test]
async fn a_message_with_a_finding_is_never_delivered() {
    let world = scanned_world().await;
    let mut golden = Golden::of("scanner");
    let good = send(&world, b"ahoj", "svět".as_bytes()).await;
    world.settle().await;
    world.clock.advance(60);
    let evil = send(&world, b"ahoj", &[b"a ", EVIL].concat()).await;
    world.clock.advance(60);
    world.settle().await;

    assert_eq!(lookup(&world, &good).await.scan, Some(ScanVerdict::Clean));
    let seen = world.scanner.seen.lock().unwrap().clone();
    assert_eq!(
        seen,
        [
            b"ahoj".to_vec(),
            "svět".into(),
            b"ahoj".to_vec(),
            [b"a ", EVIL].concat()
        ],
        "each attachment as it was sent, and nothing that the system wrote"
    );
    let kept = lookup(&world, &evil).await;
    assert_eq!(
        (kept.state.phase, kept.scan),
        (Phase::Infected, Some(ScanVerdict::Infected))
    );

    // The sender: listed by the time of submission, with its events, and not to be had.
    golden.answer(
        "list_sent",
        "dx",
        &world.call("mesto01", "dx", "GetListOfSentMessages", ALL).await,
    );
    golden.answer(
        "get_delivery_info",
        "dx",
        &of_message(&world, "mesto01", "dx", "GetDeliveryInfo", &evil).await,
    );
    golden.answer(
        "get_message_state_changes",
        "dx",
        &world.call("mesto01", "dx", "GetMessageStateChanges", "").await,
    );
    for (login, service, operation) in [
        ("mesto01", "dz", "SignedSentMessageDownload"),
        ("novak01", "dz", "MessageDownload"),
        ("novak01", "dz", "SignedMessageDownload"),
        ("novak01", "dx", "MessageEnvelopeDownload"),
        ("novak01", "dx", "GetDeliveryInfo"),
        ("novak01", "dx", "MarkMessageAsDownloaded"),
    ] {
        let reply = of_message(&world, login, service, operation, &evil).await;
        assert_eq!(reply.code(), "1219", "{operation}: {}", reply.body);
    }
    // The recipient has the other one.
    let list = received(&world, "novak01").await;
    assert!(list.body.contains(&format!("<q:dmID>{good}<")), "{}", list.body);
    assert!(!list.body.contains(&format!("<q:dmID>{evil}<")), "{}", list.body);

    // The sender is told.
    let told = received(&world, "mesto01").await;
    let told = told.value("dmID");
    let sealed = of_message(&world, "mesto01", "dz", "MessageDownload", &told).await;
    let xml = sealed.body.split("<p:dmEncodedContent>").nth(2).unwrap();
    let xml = decoded(&xml[..xml.find('<').unwrap()]);
    assert!(xml.contains("<SystemMessage type=\"1\">"), "{xml}");
    assert!(
        xml.contains(&format!("<dmID>{evil}</dmID>")) && xml.contains("<dbIDRecipient>nvak22s</dbIDRecipient>"),
        "{xml}"
    );

    // After ninety days its content is gone, and its end is still told.
    world.clock.advance(91 * 86_400);
    world.settle().await;
    assert!(lookup(&world, &evil).await.state.sender.erased);
    let info = of_message(&world, "mesto01", "dx", "GetDeliveryInfo", &evil).await;
    assert_eq!(info.value("dmMessageStatus"), "9", "{}", info.body);
    assert!(
        info.body.contains("EV8:") && info.body.contains("<q:dmDeliveryTime xsi:nil=\"true\""),
        "{}",
        info.body
    );
    golden.finish();
}

#[tokio::test]
async fn out_of_order_is_waited_for() {
    let world = scanned_world().await;
    assert_eq!(world.isds.scanner_state(), ScannerState::Unknown);
    world.scanner.behave(Scanning::OutOfOrder);
    let first = send(&world, b"ahoj", b"").await;
    world.settle().await;
    assert_eq!(phase(&world, &first).await, Phase::Stamped);
    let ScannerState::OutOfOrder { since } = world.isds.scanner_state() else {
        unreachable!("{:?}", world.isds.scanner_state());
    };
    // Nothing is tried until it answers, and everything is accepted as ever.
    let seen = world.scanner.seen.lock().unwrap().len();
    let second = send(&world, b"ahoj", b"").await;
    world.clock.advance(3600);
    world.settle().await;
    world.isds.look_after_scanner().await;
    world.settle().await;
    assert_eq!(world.scanner.seen.lock().unwrap().len(), seen);
    assert_eq!(world.isds.scanner_state(), ScannerState::OutOfOrder { since });
    let sent = world.call("mesto01", "dx", "GetListOfSentMessages", ALL).await;
    assert_eq!(sent.body.matches("<q:dmMessageStatus>2<").count(), 2, "{}", sent.body);
    let reply = of_message(&world, "mesto01", "dz", "SignedSentMessageDownload", &first).await;
    assert_eq!(reply.code(), "1229");
    assert!(!received(&world, "novak01").await.body.contains("<q:dmID>"));

    world.scanner.behave(Scanning::Works);
    world.isds.look_after_scanner().await;
    assert_eq!(world.isds.scanner_state(), ScannerState::InOrder);
    world.settle().await;
    for id in [&first, &second] {
        assert_eq!(phase(&world, id).await, Phase::DeliveredIn);
    }
    assert_eq!(world.isds.store.count_jobs().await.unwrap(), 0);
}

#[tokio::test]
async fn a_file_without_a_verdict_waits_unless_the_scanner_comes_to_no_end() {
    let world = scanned_world().await;
    // Not a question of the file, but of how the scanner is set up: the operator has to see to it.
    for behaviour in [Scanning::TooSmall, Scanning::Fails] {
        world.scanner.behave(behaviour);
        let id = send(&world, b"ahoj", b"").await;
        for _ in 0..5 {
            world.settle().await;
            world.clock.advance(300);
        }
        assert_eq!(phase(&world, &id).await, Phase::Stamped, "{behaviour:?}");
        assert!(!matches!(world.isds.scanner_state(), ScannerState::OutOfOrder { .. }));
        world.scanner.behave(Scanning::Works);
        world.settle().await;
        assert_eq!(phase(&world, &id).await, Phase::DeliveredIn, "{behaviour:?}");
    }
    // Nobody can tell a file without an end from a bad one.
    world.scanner.behave(Scanning::Endless);
    let id = send(&world, b"ahoj", b"").await;
    for tries in 1..=3 {
        assert_eq!(phase(&world, &id).await == Phase::Submitted, tries == 1);
        world.settle().await;
        world.clock.advance(300);
        let expected = if tries < 3 { Phase::Stamped } else { Phase::Infected };
        assert_eq!(phase(&world, &id).await, expected, "after {tries} tries");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_are_scanned_at_once() {
    let world = small_world().await;
    let text = |content: &[u8]| upload("text/plain", "nález.txt", content);
    let evil = [&[b'a'; 100], EVIL, &[b'b'; 100]].concat();
    // Uploaded while nobody scanned: the message is.
    let unseen = uploads(&world, "mesto01", &evil).await;
    let objects = world.objects();
    let cases = [
        (Scanning::Works, "1214", "nález.txt"),
        (
            Scanning::Endless,
            "2046",
            "U souboru nález.txt není možno v rozumném čase",
        ),
        (Scanning::TooSmall, "2046", "nález.txt"),
        (Scanning::Fails, "2046", "nález.txt"),
    ];
    for (behaviour, code, says) in cases {
        world.scanner.behave(behaviour);
        let reply = world.call("mesto01", "vodz", "UploadAttachment", &text(&evil)).await;
        assert_eq!((reply.status, reply.code()), (200, code.into()), "{}", reply.body);
        assert!(
            reply.body.contains(says) && !reply.body.contains("dmAttID"),
            "{}",
            reply.body
        );
        assert_eq!(world.objects(), objects, "{behaviour:?}");
    }
    world.scanner.behave(Scanning::Works);
    let clean = uploads(&world, "mesto01", &[b'c'; 190]).await;
    world.scanner.behave(Scanning::OutOfOrder);
    let unscanned = uploads(&world, "mesto01", &[b'd'; 190]).await;
    assert_eq!(uploads(&world, "mesto01", b"").await.first.len(), 64);

    let send = async |files: &str| {
        let reply = sends(&world, files).await;
        assert_eq!(reply.code(), "0000", "{}", reply.body);
        world.settle().await;
        reply.value("dmID")
    };
    let waiting = send(&unscanned.reference()).await;
    assert_eq!(phase(&world, &waiting).await, Phase::Stamped);
    world.scanner.behave(Scanning::Works);
    world.isds.look_after_scanner().await;
    world.settle().await;
    assert_eq!(phase(&world, &waiting).await, Phase::DeliveredIn);
    let good = send(&clean.reference()).await;
    assert_eq!(phase(&world, &good).await, Phase::DeliveredIn);
    let bad = send(&(clean.reference() + &unseen.reference().replace("\"main\"", "\"enclosure\""))).await;
    assert_eq!(phase(&world, &bad).await, Phase::Infected);
    // What comes in the call that creates a large message is scanned with it.
    let within = send(&(clean.reference() + &inline(EVIL))).await;
    assert_eq!(phase(&world, &within).await, Phase::Infected);
    let number = format!("<dmID>{bad}</dmID><attNum>0</attNum>");
    for login in ["mesto01", "novak01"] {
        let reply = world.call(login, "vodz", "DownloadAttachment", &number).await;
        assert_eq!(reply.code(), "1219", "{login}: {}", reply.body);
    }
    let sealed = of_message(&world, "mesto01", "vodz", "SignedSentBigMessageDownload", &bad).await;
    assert_eq!(sealed.code(), "1219", "{}", sealed.body);
}

#[tokio::test]
async fn halted_scans_are_given_back() {
    let world = scanned_world().await;
    world.scanner.behave(Scanning::Silent);
    let id = send(&world, b"ahoj", b"").await;
    world.isds.run_due_jobs().await.unwrap();
    let node = Arc::clone(&world.isds);
    let turn = tokio::spawn(async move { node.run_due_scans().await.unwrap().taken });
    while world.scanner.seen.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let halt = world.isds.scanning.halt();
    assert_eq!(turn.await.unwrap(), 1);
    // Nothing is taken while scanning is halted.
    assert_eq!(world.isds.run_due_scans().await.unwrap().taken, 0);
    drop(halt);
    assert_eq!(phase(&world, &id).await, Phase::Stamped);
    world.scanner.behave(Scanning::Works);
    world.settle().await;
    assert_eq!(phase(&world, &id).await, Phase::DeliveredIn, "no lease is in the way");
}
