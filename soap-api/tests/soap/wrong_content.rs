//! Every operation that takes content, given a request that breaks: before it, within it, behind it. Each is a fault, and
//! nothing is left of what had come.

use crate::common;

use common::vodz::{big, inline, upload, uploads};
use common::{World, envelope, file, message};
use isds_core::Limits;
use soap_api::SoapConfig;

const V20: &str = "http://isds.czechpoint.cz/v20";

/// Content of plain text, so long that it is an object of its own and several pieces of the request.
static CONTENT: [u8; 300_000] = [b'a'; 300_000];

/// Endpoint, operation and what stands in its element, as it would be taken.
async fn good(world: &World) -> [(&'static str, &'static str, String); 8] {
    let long = base64_simd::STANDARD.encode_to_string(CONTENT);
    let recipients = "<dmRecipients><dmRecipient><dbIDRecipient>nvak22s</dbIDRecipient></dmRecipient>\
        <dmRecipient><dbIDRecipient>kraj227</dbIDRecipient></dmRecipient></dmRecipients>\
        <dmEnvelope><dmAnnotation>Zkouška</dmAnnotation></dmEnvelope>";
    let files = file("a.txt", "main", &long);
    let uploaded = uploads(world, "mesto01", b"ahoj").await.reference();
    let document = format!("<dmMessage>{long}</dmMessage>");
    [
        ("dz", "CreateMessage", message("nvak22s", "Zkouška", &files)),
        (
            "dz",
            "CreateMultipleMessage",
            format!("{recipients}<dmFiles>{files}</dmFiles>"),
        ),
        ("vodz", "UploadAttachment", upload("text/plain", "a.txt", &CONTENT)),
        ("vodz", "CreateBigMessage", big(&(uploaded + &inline(&CONTENT)))),
        ("dz", "AuthenticateMessage", document.clone()),
        ("vodz", "AuthenticateBigMessage", document.clone()),
        ("arch", "ArchiveISDSDocument", document),
        ("dz", "Re-signISDSDocument", format!("<dmDoc>{long}</dmDoc>")),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_breaks_is_a_fault_and_leaves_nothing() {
    let limits = Limits {
        large_message_least_bytes: 1,
        ..Limits::default()
    };
    let world = World::with(SoapConfig::default(), limits).await;
    let long = base64_simd::STANDARD.encode_to_string(CONTENT);
    let deep = "<a>".repeat(10_000) + &"</a>".repeat(10_000);
    for (service, operation, inside) in good(&world).await {
        let document = envelope(&format!("<{operation} xmlns=\"{V20}\">{inside}</{operation}>"));
        assert!(document.contains(&long), "{operation}");
        let within = document.find(&long).unwrap() + long.len() / 2;
        let behind = format!("</{operation}>");
        let broken = [
            ("cut within the content", document[..within].to_owned()),
            ("cut behind the content", document[..document.len() - 20].to_owned()),
            (
                "a reference to nothing within the content",
                format!("{}&xxe;{}", &document[..within], &document[within..]),
            ),
            (
                "a document type",
                document.replace("<Envelope", "<!DOCTYPE Envelope><Envelope"),
            ),
            (
                "depth behind the content",
                document.replace(&behind, &format!("{deep}{behind}")),
            ),
            ("a second body", document.replace("</Body>", "</Body><Body/>")),
            ("a second operation", document.replace("</Body>", "<x/></Body>")),
            ("something after it", format!("{document}<x/>")),
        ];
        let before = world.objects().len();
        for (name, document) in broken {
            let reply = world.send("mesto01", service, &document).await;
            assert_eq!(
                (reply.status, reply.code()),
                (500, "fault".into()),
                "{operation}: {name}"
            );
            assert_eq!(world.objects().len(), before, "{operation}: {name}");
            assert_eq!(world.messages().await, 0, "{operation}: {name}");
            assert_eq!(world.isds.store.count_jobs().await.unwrap(), 0, "{operation}: {name}");
        }
    }
    // What was broken above is whole here: it is taken, and leaves something.
    for (service, operation, inside) in good(&world).await.into_iter().take(4) {
        let before = world.objects().len();
        let reply = world.call("mesto01", service, operation, &inside).await;
        assert_eq!(reply.code(), "0000", "{operation}: {}", reply.body);
        assert!(world.objects().len() > before, "{operation}");
    }
}
