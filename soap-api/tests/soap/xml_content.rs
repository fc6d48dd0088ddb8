//! Attachments that are XML (`dmXMLContent`), too many to be kept until the message is whole.

#![expect(clippy::unwrap_used, reason = "helpers outside of tests")]

use crate::common;

use std::collections::BTreeSet;
use std::fmt::Write;

use common::{World, file, message};
use isds_core::ids::MessageId;
use isds_core::message::{Content, Segment};
use sha2::{Digest, Sha256};

const ALL: &str = "<dmStatusFilter>-1</dmStatusFilter>";

fn form(number: usize) -> String {
    let (mut fields, filling) = (String::new(), " a tak dále".repeat(20));
    for row in 0..1000 {
        write!(
            fields,
            "<pole radek=\"{row}\">Formulář {number}, žádost č. {row}{filling}</pole>"
        )
        .unwrap();
    }
    format!(
        "<dmFile dmMimeType=\"application/xml\" dmFileMetaType=\"enclosure\" dmFileDescr=\"formular{number}.xml\">\
         <dmXMLContent><formular xmlns=\"urn:vzor\">{fields}</formular></dmXMLContent></dmFile>"
    )
}

/// A file of its own size, XML, a small file and more XML.
fn files() -> String {
    let mut files = file("a.txt", "main", "YWhvag==") + &form(1) + &form(2);
    files += &file("b.txt", "enclosure", &"cHJpbG9oYSAg".repeat(40_000));
    files + &form(3) + &file("c.txt", "enclosure", "YWhvag==")
}

async fn content(world: &World, id: &str) -> Content {
    let id = MessageId(id.parse().unwrap());
    world.isds.store.lookup_message(id).await.unwrap().unwrap().content
}

/// Every form of the message has the bytes that were hashed.
async fn assert_whole(world: &World, login: &str, id: &str) {
    world.call(login, "dx", "GetListOfReceivedMessages", ALL).await;
    let reply = world
        .call(login, "dz", "MessageDownload", &format!("<dmID>{id}</dmID>"))
        .await;
    assert_eq!(reply.code(), "0000");
    let (begin, end) = (
        reply.body.find("<p:dmDm").unwrap(),
        reply.body.find("</p:dmDm>").unwrap(),
    );
    let document = &reply.body[begin..end + "</p:dmDm>".len()];
    let hash: [u8; 32] = Sha256::digest(document).into();
    assert_eq!(hash, content(world, id).await.sha256);
    for number in 1..=3 {
        assert!(
            document.contains(&format!("Formulář {number}, žádost č. 999 a tak")),
            "{number}"
        );
    }
}

fn objects(content: &Content) -> BTreeSet<String> {
    content
        .segments
        .iter()
        .map(|segment| segment.object().0.clone())
        .collect()
}

#[tokio::test]
async fn much_xml_is_laid_down_as_it_comes() {
    let world = World::new().await;
    let sent = world
        .call(
            "mesto01",
            "dz",
            "CreateMessage",
            &message("nvak22s", "Formuláře", &files()),
        )
        .await;
    assert_eq!(sent.code(), "0000", "{}", sent.body);
    world.settle().await;
    let id = sent.value("dmID");
    assert_whole(&world, "novak01", &id).await;
    let content = content(&world, &id).await;
    let mut lengths = std::collections::BTreeMap::<&str, u64>::new();
    for segment in &content.segments {
        if let Segment::Literal { object, length, .. } = segment {
            *lengths.entry(object.0.as_str()).or_default() += length;
        }
    }
    // One form at a time is kept, and never what comes after it.
    let longest = lengths.values().max().copied().unwrap();
    assert!(longest < 2 * form(1).len() as u64, "{lengths:?}");
    assert_eq!(
        world.objects().len(),
        objects(&content).len(),
        "and nothing else was written"
    );
}

#[tokio::test]
async fn recipients_share_it_and_a_refusal_leaves_nothing() {
    let world = World::new().await;
    let envelope = "<dmEnvelope><dmAnnotation>Formuláře</dmAnnotation></dmEnvelope>";
    let recipients = "<dmRecipients><dmRecipient><dbIDRecipient>nvak22s</dbIDRecipient></dmRecipient>\
         <dmRecipient><dbIDRecipient>kraj227</dbIDRecipient></dmRecipient></dmRecipients>";
    let call = |files: String| format!("{recipients}{envelope}<dmFiles>{files}</dmFiles>");
    let refused = call(files() + &file("d.exe", "enclosure", "YWhvag=="));
    let refused = world.call("mesto01", "dz", "CreateMultipleMessage", &refused).await;
    assert_eq!(refused.code(), "1214", "{}", refused.body);
    assert_eq!(world.objects(), Vec::<String>::new());

    let sent = world
        .call("mesto01", "dz", "CreateMultipleMessage", &call(files()))
        .await;
    assert_eq!(sent.code(), "0000", "{}", sent.body);
    world.settle().await;
    let numbers: Vec<&str> = sent
        .body
        .split("<p:dmID>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap())
        .collect();
    assert_eq!(numbers.len(), 2, "{}", sent.body);
    assert_whole(&world, "novak01", numbers[0]).await;
    let (one, other) = (content(&world, numbers[0]).await, content(&world, numbers[1]).await);
    assert_eq!(objects(&one), objects(&other));
    assert_ne!(one.sha256, other.sha256, "each has its own number");
    assert_eq!(world.objects().len(), objects(&one).len(), "stored once");
}
