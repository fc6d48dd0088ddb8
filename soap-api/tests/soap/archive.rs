//! Evidence for archives: a document gets its next timestamp when it is due, and every code on the way.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;
#[cfg(test)]
use crate::package;

use std::sync::atomic::Ordering;

use common::World;
use common::golden::Golden;
use common::http::Reply;
use common::people::PASSWORD;
use isds_core::Credentials;
use package::{OUTER, XML, include, operation, package, send};

/// A message that was delivered, as its recipient downloads it, or its delivery info.
async fn sealed(world: &World, service: &str, operation: &str) -> Vec<u8> {
    let number = world.send_message("mesto01", "nvak22s", "k archivaci").await;
    let list = world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    assert_eq!(list.code(), "0000");
    let inside = format!("<dmID>{number}</dmID>");
    let reply = world.call("novak01", service, operation, &inside).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    base64_simd::STANDARD.decode_to_vec(reply.value("dmSignature")).unwrap()
}

async fn message(world: &World) -> Vec<u8> {
    sealed(world, "dz", "SignedMessageDownload").await
}

/// The document with a line behind it that the double of the archiver reads.
fn with(document: &[u8], line: &str) -> Vec<u8> {
    [document, b"\n", line.as_bytes()].concat()
}

fn element(name: &str, document: &[u8]) -> String {
    format!("<{name}>{}</{name}>", base64_simd::STANDARD.encode_to_string(document))
}

async fn archive_by(world: &World, login: &str, document: &[u8]) -> Reply {
    let inside = element("dmMessage", document);
    world.call(login, "arch", "ArchiveISDSDocument", &inside).await
}

async fn archive(world: &World, document: &[u8]) -> Reply {
    archive_by(world, "novak01", document).await
}

async fn resign(world: &World, document: &[u8]) -> Reply {
    let inside = element("dmDoc", document);
    world.call("novak01", "dz", "Re-signISDSDocument", &inside).await
}

fn result(reply: &Reply) -> Vec<u8> {
    base64_simd::STANDARD.decode_to_vec(reply.value("dmResultDoc")).unwrap()
}

fn text(document: &[u8]) -> &str {
    std::str::from_utf8(document).unwrap()
}

const HOUR: i64 = 60 * 60;
const STAMPED: &str = "stamp 2026-06-01T10:00:00.123+02:00 2029-06-01T10:00:00.123+02:00";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_is_archived_step_by_step() {
    let world = World::new().await;
    let mut golden = Golden::of("archive");
    let document = message(&world).await;

    let reply = archive(&world, &document).await;
    golden.answer("stamped", "arch", &reply);
    let document = result(&reply);
    assert!(
        text(&document).ends_with(&format!("\n{STAMPED}")),
        "{}",
        text(&document)
    );
    // The last day before the stamp expires.
    assert_eq!(reply.value("nextStampTo"), "2029-05-31");

    // A day has to pass before the first archive timestamp.
    let early = archive(&world, &document).await;
    assert_eq!(early.code(), "2209");
    golden.answer("too_soon_after_the_last_stamp", "arch", &early);
    world.clock.advance(24 * HOUR - 1);
    assert_eq!(archive(&world, &document).await.code(), "2209");
    world.clock.advance(1);
    let reply = archive(&world, &document).await;
    golden.answer("archived", "arch", &reply);
    let document = result(&reply);
    assert!(text(&document).contains(&format!("\n{STAMPED}\narchive 2026-06-02T10:00:00.123+02:00 ")));
    assert_eq!(reply.value("nextStampTo"), "2029-06-01");

    // The next one comes in the last eighteen months of the one before.
    world.clock.advance(24 * HOUR);
    let early = archive(&world, &document).await;
    assert_eq!(early.code(), "2206");
    golden.answer("provable_long_enough", "arch", &early);
    // From the day after the first archive timestamp: 3 years and 18 months less. One hour is that of winter time.
    world.clock.advance(24 * HOUR * (365 + 182) + HOUR - 1);
    assert_eq!(archive(&world, &document).await.code(), "2206");
    world.clock.advance(1);
    let reply = archive(&world, &document).await;
    assert_eq!(
        (reply.code().as_str(), reply.value("nextStampTo").as_str()),
        ("0000", "2030-12-01")
    );
    let twice = result(&reply);
    assert_eq!(text(&twice).matches("\narchive ").count(), 2);

    // Whoever waits for too long has lost it.
    world.clock.advance(24 * HOUR * (365 * 3 + 2));
    let late = archive(&world, &twice).await;
    assert_eq!(late.code(), "2205");
    golden.answer("expired", "arch", &late);
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_info_is_archived_too() {
    let world = World::new().await;
    let document = sealed(&world, "dx", "GetSignedDeliveryInfo").await;
    let stamped = archive(&world, &document).await;
    assert_eq!(stamped.code(), "0000");
    world.clock.advance(24 * HOUR);
    assert_eq!(archive(&world, &result(&stamped)).await.code(), "0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anybody_may_of_whatever_message() {
    let world = World::new().await;
    let document = message(&world).await;
    let plain = with(&document, "plain seal");
    for login in ["mesto01", "novak01", "nikdo01", "spravce01"] {
        assert_eq!(archive_by(&world, login, &document).await.code(), "0000", "{login}");
        let inside = element("dmDoc", &plain);
        let resigned = world.call(login, "dz", "Re-signISDSDocument", &inside).await;
        assert_eq!(resigned.code(), "0000", "{login}");
    }
    let inside = element("dmMessage", &document);
    let reply = world.call_as_application("arch", "ArchiveISDSDocument", &inside).await;
    assert_eq!(reply.code(), "0000");
    // But somebody it has to be.
    let stranger = world.call("nobody", "arch", "ArchiveISDSDocument", &inside).await;
    assert_eq!(stranger.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_of_archiving() {
    let world = World::new().await;
    let mut golden = Golden::of("archive_refused");
    let document = message(&world).await;
    let due = |line: &str| {
        with(
            &document,
            &format!("{line}\nstamp 2026-01-01T00:00:00Z 2027-01-01T00:00:00Z"),
        )
    };
    let changed = |from: &str, to: &str| text(&document).replace(from, to).into_bytes();
    for (code, name, document) in [
        ("2200", "not_a_sealed_document", b"nothing of the kind".to_vec()),
        ("2201", "touched", with(&document, "forged")),
        ("2201", "unknown_message", changed(">1000001<", ">1000999<")),
        (
            "2201",
            "another_state",
            changed("dmMessageStatus>6<", "dmMessageStatus>8<"),
        ),
        ("2205", "seal_expired", with(&document, "basic 2026-06-01T07:59:59Z")),
        (
            "2205",
            "stamp_expired",
            with(&document, "stamp 2025-01-01T00:00:00Z 2026-06-01T07:59:59Z"),
        ),
        ("2208", "not_examined", with(&document, "unreadable")),
        ("2208", "failed", due("broken")),
        ("2212", "not_raisable", due("unraisable")),
        ("2214", "to_be_sealed_anew", with(&document, "plain seal")),
    ] {
        let reply = archive(&world, &document).await;
        assert_eq!(reply.code(), code, "{name}: {}", reply.body);
        golden.answer(name, "arch", &reply);
    }
    world.authority.off.store(true, Ordering::SeqCst);
    for document in [document.clone(), due("")] {
        assert_eq!(archive(&world, &document).await.code(), "2207");
    }
    golden.answer("no_timestamp", "arch", &archive(&world, &document).await);
    world.authority.off.store(false, Ordering::SeqCst);
    assert_eq!(archive(&world, &due("")).await.code(), "0000");
    // A timestamp from before the one that it should follow on.
    assert_eq!(archive(&world, &due("clock behind")).await.code(), "2207");
    let missing = world.call("novak01", "arch", "ArchiveISDSDocument", "").await;
    assert_eq!(missing.code(), "2007");
    golden.answer("missing", "arch", &missing);
    let twice = element("dmMessage", &document).repeat(2);
    let twice = world.call("novak01", "arch", "ArchiveISDSDocument", &twice).await;
    assert_eq!(twice.code(), "2007");
    golden.answer("twice", "arch", &twice);
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_documents_at_once_are_enough_for_a_client() {
    let world = World::new().await;
    let mut golden = Golden::of("archive_busy");
    let document = message(&world).await;
    let credentials = |login: &str| Credentials {
        login: login.into(),
        password: PASSWORD.into(),
    };
    let address = "127.0.0.1".parse().unwrap();
    let citizen = world
        .isds
        .authenticate_user(&credentials("novak01"), address)
        .await
        .unwrap();
    let first = world.isds.begin_archiving(&citizen).unwrap();
    assert_eq!(archive(&world, &document).await.code(), "0000");
    let second = world.isds.begin_archiving(&citizen).unwrap();
    let busy = archive(&world, &document).await;
    assert_eq!(busy.code(), "2210");
    golden.answer("too_many_at_once", "arch", &busy);
    // Others are not held up by it, and sealing anew is something else.
    assert_eq!(archive_by(&world, "mesto01", &document).await.code(), "0000");
    assert_eq!(resign(&world, &with(&document, "plain seal")).await.code(), "0000");
    drop(first);
    // Each call gives its place back, refused ones too.
    for _ in 0..3 {
        assert_eq!(archive(&world, b"nothing").await.code(), "2200");
        assert_eq!(archive(&world, &document).await.code(), "0000");
    }
    drop(second);
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_go_in_packages_both_ways() {
    let world = World::new().await;
    let document = message(&world).await;
    let inside = format!("<dmMessage>{}</dmMessage>", include("a"));
    let body = package(&operation("ArchiveISDSDocument", &inside), &document);
    // As libdatovka sends it: a package in, and one asked for.
    let answer = send(world.address, "arch", "novak01", "multipart/related", OUTER, &body).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.content_type().starts_with("multipart/related; "));
    let whole = [&document, b"\n".as_slice(), STAMPED.as_bytes(), b"\r\n--"].concat();
    assert!(
        answer.body.windows(whole.len()).any(|window| window == whole),
        "the document as it is, in a part of its own"
    );
    let body_text = String::from_utf8_lossy(&answer.body);
    assert!(body_text.contains("Content-Type: application/vnd.software602.filler.form-xml-zip\r\n"));
    assert!(body_text.contains("nextStampTo>2029-05-31<"));
    // Without asking for one, in base64, and SOAP 1.2 as before.
    let mut golden = Golden::of("archive_mtom");
    let reply = send(world.address, "arch", "novak01", XML, OUTER, &body).await.reply();
    golden.answer("stamped", "arch", &reply);
    // A refusal has nothing to put into a part.
    let body = package(&operation("ArchiveISDSDocument", &inside), b"nothing");
    let refused = send(world.address, "arch", "novak01", "multipart/related", OUTER, &body).await;
    golden.answer("refused", "arch", &refused.reply());
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seal_of_before_cades_is_made_anew() {
    let world = World::new().await;
    let mut golden = Golden::of("re_sign");
    let document = message(&world).await;
    let plain = with(&document, "plain seal");
    let reply = resign(&world, &plain).await;
    golden.answer("sealed_anew", "dz", &reply);
    assert_eq!(reply.value("dmValidTo"), "2029-06-01");
    // However long ago it was sealed; and what came of it is what archiving takes.
    world.clock.advance(24 * HOUR * 365);
    assert_eq!(resign(&world, &plain).await.code(), "0000");
    assert_eq!(archive(&world, &result(&reply)).await.code(), "0000");
    for (code, name, document) in [
        ("2200", "not_a_sealed_document", b"nothing of the kind".to_vec()),
        ("2201", "touched", with(&document, "forged")),
        ("2204", "basic", document.clone()),
        ("2204", "stamped", with(&document, STAMPED)),
        (
            "2204",
            "archived",
            with(&document, &STAMPED.replace("stamp", "archive")),
        ),
        ("2208", "failed", with(&document, "broken\nplain seal")),
        ("2212", "not_raisable", with(&document, "unraisable\nplain seal")),
    ] {
        let reply = resign(&world, &document).await;
        assert_eq!(reply.code(), code, "{name}: {}", reply.body);
        golden.answer(name, "dz", &reply);
    }
    world.authority.off.store(true, Ordering::SeqCst);
    let silent = resign(&world, &plain).await;
    assert_eq!(silent.code(), "2207");
    golden.answer("no_timestamp", "dz", &silent);
    let missing = world.call("novak01", "dz", "Re-signISDSDocument", "<dmMessage/>").await;
    assert_eq!(missing.code(), "2007");
    golden.answer("missing", "dz", &missing);
    golden.finish();
}
