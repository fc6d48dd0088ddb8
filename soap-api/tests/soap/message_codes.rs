//! Codes that all operations on one message share: no such message, not yet delivered, not asked for properly.

use crate::common;

use common::golden::Validity;
use common::{World, file, message};
use isds_core::Limits;
use soap_api::SoapConfig;

/// Operations on a received message, and the code for one that was not delivered by login yet.
const RECEIVED: &[(&str, &str, &str)] = &[
    ("dz", "MessageDownload", "1222"),
    ("dz", "SignedMessageDownload", "1222"),
    ("dx", "MessageEnvelopeDownload", "1222"),
    ("dx", "MarkMessageAsDownloaded", "1222"),
    ("dx", "GetDeliveryInfo", "1222"),
    ("dx", "GetSignedDeliveryInfo", "1222"),
    // Of these the recipient may ask before.
    ("dx", "VerifyMessage", "0000"),
    ("dx", "GetMessageAuthor", "0000"),
    ("dx", "GetMessageAuthor2", "0000"),
];
const SENT: &[(&str, &str)] = &[
    ("dz", "SignedSentMessageDownload"),
    ("dx", "SentMessageEnvelopeDownload"),
    ("dx", "GetDeliveryInfo"),
    ("dx", "GetSignedDeliveryInfo"),
];
const LARGE: &[(&str, &str)] = &[
    ("novak01", "BigMessageDownload"),
    ("novak01", "SignedBigMessageDownload"),
    ("mesto01", "SignedSentBigMessageDownload"),
];

fn id(id: &str) -> String {
    format!("<dmID>{id}</dmID>")
}

/// A call and what it is answered with; the answer is valid by the schema.
async fn expect(
    world: &World,
    validity: &mut Validity,
    login: &str,
    service: &str,
    operation: &str,
    inside: &str,
    code: &str,
) {
    let reply = world.call(login, service, operation, inside).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (200, code),
        "{login} {operation} {inside}: {}",
        reply.body
    );
    validity.add(operation, service, &reply);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_message_or_waits_for_a_login() {
    let world = World::new().await;
    let mut validity = Validity::default();
    let waiting = world.send_message("mesto01", "nvak22s", "Čeká").await;
    for (service, operation, early) in RECEIVED {
        for (inside, code) in [
            (id(&waiting), *early),
            (id("999"), "1219"),
            (id("x"), "2007"),
            (String::new(), "2007"),
        ] {
            expect(&world, &mut validity, "novak01", service, operation, &inside, code).await;
        }
    }
    for (service, operation) in SENT {
        for (inside, code) in [(id(&waiting), "0000"), (id("999"), "1219"), (id("x"), "2007")] {
            expect(&world, &mut validity, "mesto01", service, operation, &inside, code).await;
        }
    }
    validity.assert();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_of_large_messages() {
    let limits = Limits {
        message_bytes: 200,
        large_message_least_bytes: 180,
        large_message_bytes: 1000,
        ..Limits::default()
    };
    let world = World::with(SoapConfig::default(), limits).await;
    let mut validity = Validity::default();
    let content = base64_simd::STANDARD.encode_to_string([b'a'; 190]);
    let upload = file("a.txt", "main", &content).replace("dmMimeType=\"\"", "dmMimeType=\"text/plain\"");
    let uploaded = world.call("mesto01", "vodz", "UploadAttachment", &upload).await;
    let reference = format!(
        "<dmExtFile dmFileMetaType=\"main\" dmAttID=\"{}\" dmAttHash1=\"{}\" dmAttHash1Alg=\"SHA-256\" dmAttHash2=\"{}\" \
         dmAttHash2Alg=\"SHA3-256\"/>",
        uploaded.value("dmAttID"),
        uploaded.value("dmAttHash1"),
        uploaded.value("dmAttHash2")
    );
    let created = world
        .call(
            "mesto01",
            "vodz",
            "CreateBigMessage",
            &message("nvak22s", "Velká", &reference),
        )
        .await;
    assert_eq!(created.code(), "0000", "{}", created.body);
    let waiting = created.value("dmID");
    let early = world
        .call("mesto01", "vodz", "SignedSentBigMessageDownload", &id(&waiting))
        .await;
    assert_eq!(early.code(), "1229");
    world.settle().await;
    for (login, operation) in LARGE {
        let now = if *login == "mesto01" { "0000" } else { "1222" };
        for (inside, code) in [(id(&waiting), now), (id("999"), "1219"), (id("x"), "2007")] {
            expect(&world, &mut validity, login, "vodz", operation, &inside, code).await;
        }
    }
    validity.assert();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_what_is_no_time_and_no_number() {
    let world = World::new().await;
    let mut validity = Validity::default();
    for operation in [
        "GetListOfReceivedMessages",
        "GetListOfSentMessages",
        "GetMessageStateChanges",
    ] {
        let inside = "<dmFromTime>včera</dmFromTime>";
        expect(&world, &mut validity, "mesto01", "dx", operation, inside, "2017").await;
    }
    for operation in ["GetListOfReceivedMessages", "GetListOfSentMessages"] {
        for inside in [
            "<dmLimit>mnoho</dmLimit>",
            "<dmStatusFilter>x</dmStatusFilter>",
            "<dmOffset>-</dmOffset>",
        ] {
            expect(&world, &mut validity, "mesto01", "dx", operation, inside, "2007").await;
        }
    }
    validity.assert();
}
