//! `CreateMultipleMessage`: independent messages of one call, whose attachments are stored once.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use common::golden::Golden;
use common::http::Reply;
use common::{World, file};
use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::ids::{BoxId, MessageId};
use isds_core::message::{Message, Segment, SideOf};
use isds_core::splice::Splice;
use sha2::{Digest, Sha256};

fn recipients(ids: &[&str]) -> String {
    let one = |id: &&str| format!("<dmRecipient><dbIDRecipient>{id}</dbIDRecipient><dmToHands/></dmRecipient>");
    format!(
        "<dmRecipients>{}</dmRecipients>",
        ids.iter().map(one).collect::<String>()
    )
}

fn envelope() -> &'static str {
    "<dmEnvelope><dmSenderOrgUnit/><dmSenderOrgUnitNum/><dmAnnotation>Oběžník</dmAnnotation>\
     <dmSenderRefNumber>Č.j. 7</dmSenderRefNumber></dmEnvelope>"
}

fn multiple(ids: &[&str], files: &str) -> String {
    format!("{}{}<dmFiles>{files}</dmFiles>", recipients(ids), envelope())
}

fn small_file() -> String {
    file("oběžník.txt", "main", "YWhvag==")
}

async fn send(world: &World, login: &str, inside: &str) -> Reply {
    world.call(login, "dz", "CreateMultipleMessage", inside).await
}

/// The global code and the code of each recipient, `0000` with the number behind it.
fn codes(reply: &Reply) -> (String, Vec<String>) {
    let text = |piece: &str, name: &str| {
        let from = piece.find(&format!(":{name}>"))? + name.len() + 2;
        Some(piece[from..from + piece[from..].find('<')?].to_owned())
    };
    let single: Vec<&str> = reply.body.split("<p:dmSingleStatus>").skip(1).collect();
    let singles = single
        .iter()
        .map(|piece| {
            let piece = piece.split("</p:dmSingleStatus>").next().unwrap();
            let code = text(piece, "dmStatusCode").unwrap();
            assert_eq!(code == "0000", piece.contains("dmID"), "{piece}");
            code
        })
        .collect();
    let global = reply.body.rsplit("</p:dmMultipleStatus>").next().unwrap();
    (text(global, "dmStatusCode").unwrap(), singles)
}

fn numbers(reply: &Reply) -> Vec<MessageId> {
    reply
        .body
        .split("<p:dmID>")
        .skip(1)
        .map(|piece| piece.split('<').next().unwrap().parse().unwrap())
        .collect()
}

async fn add_box(world: &World, id: BoxId, like: &str) {
    let like = world.isds.store.lookup_box(like.parse().unwrap()).await.unwrap();
    let data_box = DataBox { id, ..like.unwrap() };
    world.isds.store.add_box(&data_box).await.unwrap();
}

async fn message(world: &World, id: MessageId) -> Message {
    world.isds.store.lookup_message(id).await.unwrap().unwrap()
}

/// SHA-256 of the bytes of `dmDm` as they lie in the objects.
async fn hash_of(world: &World, message: &Message) -> [u8; 32] {
    use futures::TryStreamExt;
    let splice = Splice::default().then_segments(&message.content.segments);
    let mut stream = splice.stream(world.isds.objects.clone());
    let mut hash = Sha256::new();
    while let Some(bytes) = stream.try_next().await.unwrap() {
        hash.update(&bytes);
    }
    hash.finalize().into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_as_recorded() {
    let world = World::new().await;
    let mut golden = Golden::of("multiple");
    let all = send(&world, "mesto01", &multiple(&["nvak22s", "kraj227"], &small_file())).await;
    golden.answer("all_sent", "dz", &all);
    let some = multiple(&["aydaadk", "nvak22s", "mesta2j"], &small_file());
    golden.answer("some_not_sent", "dz", &send(&world, "mesto01", &some).await);
    let none = send(&world, "mesto01", &multiple(&["aydaadk", "zrus22r"], &small_file())).await;
    golden.answer("none_sent", "dz", &none);
    let refused = send(&world, "mesto01", &multiple(&["nvak22s", "kraj227"], "")).await;
    golden.answer("refused_as_a_whole", "dz", &refused);
    let one = send(&world, "mesto01", &multiple(&["nvak22s"], &small_file())).await;
    golden.answer("to_one", "dz", &one);
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_recipient_is_judged() {
    let world = World::new().await;
    let long = "<dmRecipient><dbIDRecipient>nvak22s</dbIDRecipient><dmToHands>Panu vrchnímu radovi Janu Novákovi\
                </dmToHands></dmRecipient>";
    let ids = [
        "aydaadk", "zrus22r", "mesta2j", "NVAK22S", "", "aaaaaaa", "kraj227", "nvak22s", "nvak22s",
    ];
    let inside = multiple(&ids, &small_file()).replace("<dmRecipients>", &format!("<dmRecipients>{long}"));
    let reply = send(&world, "mesto01", &inside).await;
    let (global, single) = codes(&reply);
    assert_eq!(global, "0004");
    assert_eq!(
        single,
        [
            "2007", "1203", "1203", "1216", "1007", "2007", "1203", "0000", "0000", "0000"
        ]
    );
    assert_eq!(world.messages().await, 3);
    // Whoever is named twice gets two messages.
    let numbers = numbers(&reply);
    let (one, other) = (message(&world, numbers[1]).await, message(&world, numbers[2]).await);
    assert_eq!(one.envelope, other.envelope);
    assert_ne!(
        one.content.sha256, other.content.sha256,
        "the number is part of the bytes"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_messages_are_never_postal() {
    let world = World::new().await;
    add_box(&world, "maria2f".parse().unwrap(), "nvak22s").await;
    let mixed = send(&world, "novak01", &multiple(&["maria2f", "kraj227"], &small_file())).await;
    assert_eq!(codes(&mixed), ("0004".into(), vec!["1233".into(), "0000".into()]));
    let postal = send(&world, "novak01", &multiple(&["maria2f", "maria2f"], &small_file())).await;
    assert_eq!(codes(&postal), ("0004".into(), vec!["1233".into(), "1233".into()]));
    // To a single one it is an ordinary message, which is refused for its own reason.
    let single = send(&world, "novak01", &multiple(&["maria2f"], &small_file())).await;
    let ordinary = world
        .call(
            "novak01",
            "dz",
            "CreateMessage",
            &common::message("maria2f", "Oběžník", &small_file()),
        )
        .await;
    assert_eq!(codes(&single), ("0004".into(), vec![ordinary.code()]));
    assert_eq!(ordinary.code(), "1232");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_the_whole_refuses_the_whole() {
    let world = World::new().await;
    let both = ["nvak22s", "kraj227"];
    let good = multiple(&both, &small_file());
    let long = "x".repeat(256);
    let too_many = vec!["nvak22s"; 51];
    let too_large = file(
        "a.txt",
        "main",
        &base64_simd::STANDARD.encode_to_string(vec![b'a'; (20 << 20) + 1]),
    );
    let wrong = [
        ("nothing", "2007", String::new()),
        ("no recipients", "2007", good.replace(&recipients(&both), "")),
        ("nobody", "2007", multiple(&[], &small_file())),
        ("fifty-one", "2007", multiple(&too_many, &small_file())),
        ("no envelope", "2007", good.replace(envelope(), "")),
        (
            "files first",
            "2007",
            format!("<dmFiles>{}</dmFiles>{}", small_file(), good),
        ),
        (
            "recipients twice",
            "2007",
            good.replace("<dmEnvelope>", &format!("{}<dmEnvelope>", recipients(&both))),
        ),
        (
            "envelope twice",
            "2007",
            good.replace("<dmFiles>", "<dmEnvelope/><dmFiles>"),
        ),
        ("files twice", "2007", format!("{good}<dmFiles/>")),
        ("long subject", "2007", good.replace("Oběžník", &long)),
        (
            "a number that is none",
            "2007",
            good.replace("<dmToHands/>", "<dmRecipientOrgUnitNum>x</dmRecipientOrgUnitNum>"),
        ),
        ("no attachment", "2032", multiple(&both, "")),
        (
            "a lying attachment",
            "1214",
            multiple(&both, &file("a.pdf", "main", "YWhvag==")),
        ),
        (
            "no base64",
            "2010",
            multiple(&both, &file("a.txt", "main", "ahoj, světe")),
        ),
        ("20 MB and a byte", "1200", multiple(&both, &too_large)),
    ];
    for (name, code, inside) in wrong {
        let reply = send(&world, "mesto01", &inside).await;
        assert_eq!(reply.code(), code, "{name}: {}", reply.body);
        assert!(!reply.body.contains("dmMultipleStatus"), "{name}: {}", reply.body);
        world.assert_nothing_stored().await;
    }
    // Broken at its very end.
    let document = common::envelope(&format!(
        "<CreateMultipleMessage xmlns=\"http://isds.czechpoint.cz/v20\">{good}</CreateMultipleMessage><x/>"
    ));
    assert_eq!(world.send("mesto01", "dz", &document).await.status, 500);
    world.assert_nothing_stored().await;
    for (login, code) in [("zrus01", "1201"), ("mesto02", "1004")] {
        let reply = send(&world, login, &good).await;
        assert_eq!(reply.code(), code, "{login}");
        world.assert_nothing_stored().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_messages_of_one_call_lie_in_one_object_and_live_apart() {
    let world = World::new().await;
    let files = small_file() + &file("příloha.pdf", "enclosure", "JVBERi0xLjcK");
    let reply = send(&world, "mesto01", &multiple(&["nvak22s", "kraj227"], &files)).await;
    assert_eq!(codes(&reply), ("0000".into(), vec!["0000".into(); 2]));
    assert_eq!(world.objects().len(), 1);
    world.settle().await;
    let numbers = numbers(&reply);
    for id in &numbers {
        let message = message(&world, *id).await;
        assert_eq!(hash_of(&world, &message).await, message.content.sha256);
        assert_eq!(message.content.attachment_count, 2);
        assert!(message.state.delivered_in.is_some());
    }
    // Each is delivered by itself, and reads as a message of its own.
    world
        .call(
            "novak01",
            "dx",
            "GetListOfReceivedMessages",
            "<dmStatusFilter>-1</dmStatusFilter>",
        )
        .await;
    let received = world
        .call(
            "novak01",
            "dz",
            "MessageDownload",
            &format!("<dmID>{}</dmID>", numbers[0]),
        )
        .await;
    assert_eq!(received.code(), "0000");
    let start = received.body.find("<p:dmDm").unwrap();
    let end = received.body.find("</p:dmDm>").unwrap() + "</p:dmDm>".len();
    let hash = base64_simd::STANDARD.encode_to_string(Sha256::digest(&received.body[start..end]));
    assert_eq!(received.value("dmHash"), hash);
    assert!(received.body.contains("příloha.pdf"));
    let state = |message: Message| message.state.wire(SideOf::Recipient);
    assert_eq!(state(message(&world, numbers[0]).await), 6);
    assert_eq!(state(message(&world, numbers[1]).await), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_megabytes_to_fifty_are_written_once() {
    const SIZE: usize = 20 << 20;
    let world = World::new().await;
    let alphabet = "abcdefghij";
    let mut ids = Vec::new();
    for (first, second) in alphabet
        .chars()
        .flat_map(|a| alphabet[..5].chars().map(move |b| (a, b)))
    {
        let id = BoxId::from_data(&format!("vzr2{first}{second}")).unwrap();
        add_box(&world, id, "nvak22s").await;
        ids.push(id);
    }
    let names: Vec<&str> = ids.iter().map(BoxId::as_str).collect();
    // Not in groups of three, so that the end of the content tells its place.
    let content: Vec<u8> = (0..SIZE).map(|n| b'a' + (n % 23) as u8).collect();
    let half = base64_simd::STANDARD.encode_to_string(&content[..SIZE / 2 - 1]);
    let files = file("první.txt", "main", &half) + &file("druhá.txt", "enclosure", &half);
    let reply = send(&world, "mesto01", &multiple(&names, &files)).await;
    assert_eq!(codes(&reply), ("0000".into(), vec!["0000".into(); 50]));
    // Two attachments, and what stands around them for all fifty.
    assert_eq!(world.objects().len(), 3);
    let written = world.writers.bytes();
    assert!(written < (SIZE + (SIZE >> 6)) as u64, "{written} bytes were written");
    let numbers = numbers(&reply);
    assert_eq!(numbers.len(), 50);
    let mut hashes = std::collections::BTreeSet::new();
    for (id, recipient) in numbers.iter().zip(&ids) {
        let message = message(&world, *id).await;
        assert_eq!(message.envelope.recipient, *recipient);
        // Head and three literals around two attachments; the last head lies right before the first of them.
        let expected = if id == &numbers[49] { 5 } else { 6 };
        assert_eq!(message.content.segments.len(), expected);
        assert!(hashes.insert(message.content.sha256));
    }
    for id in [numbers[0], numbers[25], numbers[49]] {
        let message = message(&world, id).await;
        assert_eq!(hash_of(&world, &message).await, message.content.sha256);
        assert!(matches!(message.content.segments[0], Segment::Literal { .. }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_reaches_boxes_of_every_type() {
    let world = World::new().await;
    let like = world
        .isds
        .store
        .lookup_box("nvak22s".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let firm = DataBox {
        id: "firma2x".parse().unwrap(),
        box_type: BoxType::Po,
        ..like
    };
    world.isds.store.add_box(&firm).await.unwrap();
    let reply = send(
        &world,
        "mesto01",
        &multiple(&["firma2x", "kraj227", "nvak22s"], &small_file()),
    )
    .await;
    assert_eq!(codes(&reply), ("0000".into(), vec!["0000".into(); 3]));
    for id in numbers(&reply) {
        assert!(!message(&world, id).await.kind.is_postal());
    }
}
