//! Requests that are wrong in every way a request can be: each gets the contract's code or a fault with the right HTTP
//! status, and leaves nothing behind.

use crate::common;

use std::time::Duration;

use common::http::{Reply, connect, exchange, post, read_reply};
use common::{World, authorization, envelope, file, message};
use isds_core::Limits;
use isds_core::message::Segment;
use soap_api::SoapConfig;
use tokio::io::AsyncWriteExt;

const V20: &str = "http://isds.czechpoint.cz/v20";

/// A whole request for `CreateMessage`.
fn create(inside: &str) -> String {
    envelope(&format!("<CreateMessage xmlns=\"{V20}\">{inside}</CreateMessage>"))
}

/// A request that would be accepted.
fn good() -> String {
    create(&message("nvak22s", "Dobrá", &file("a.txt", "main", "YWhvag==")))
}

/// Base64 of raw bytes of plain text.
fn text_base64(raw: usize) -> String {
    base64_simd::STANDARD.encode_to_string(vec![b'a'; raw])
}

async fn sends(world: &World, document: &str) -> (u16, String) {
    let reply = world.send("mesto01", "dz", document).await;
    (reply.status, reply.code())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_request_leaves_a_message_and_an_object() {
    // What the others assert the absence of is there when it should be.
    let world = World::new().await;
    assert_eq!(sends(&world, &good()).await, (200, "0000".into()));
    assert_eq!(world.objects().len(), 1);
    assert_eq!(world.messages().await, 1);
    assert_eq!(world.isds.store.count_jobs().await.unwrap(), 1);
    let spaced = good().replace("YWhvag==", " YW\r\n\thv ag= =&#13;\n");
    assert_eq!(sends(&world, &spaced).await, (200, "0000".into()));
    let unqualified = good()
        .replace(
            &format!("<CreateMessage xmlns=\"{V20}\">"),
            &format!("<o:CreateMessage xmlns:o=\"{V20}\" xmlns=\"\">"),
        )
        .replace("</CreateMessage>", "</o:CreateMessage>");
    assert_eq!(sends(&world, &unqualified).await, (200, "0000".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_documents_are_faults() {
    let world = World::new().await;
    let deep = "<a>".repeat(10_000) + &"</a>".repeat(10_000);
    let wrong = [
        ("not XML", "ahoj".to_owned()),
        ("empty", String::new()),
        ("cut", good()[..good().len() - 20].to_owned()),
        ("cut in the content", good().split("==").next().unwrap().to_owned()),
        ("tags do not match", good().replace("</dmFile>", "</dmFil>")),
        (
            "document type",
            good().replace("<Envelope", "<!DOCTYPE Envelope><Envelope"),
        ),
        ("external entity", good().replace("Dobrá", "&xxe;")),
        ("deep before", create(&deep)),
        ("deep inside", good().replace("<dmFiles>", &format!("<dmFiles>{deep}"))),
        (
            "deep at the end",
            good().replace("</dmFiles>", &format!("</dmFiles>{deep}")),
        ),
        ("second body", good().replace("</Body>", "</Body><Body/>")),
        ("second element", good().replace("</Body>", "<x/></Body>")),
        ("something after", good() + "<x/>"),
        ("control character", good().replace("Dobrá", "\u{1}")),
        ("reference to one", good().replace("Dobrá", "&#1;")),
        ("undeclared prefix", good().replace("<dmFiles>", "<x:y/><dmFiles>")),
        (
            "attribute twice",
            good().replace("dmMimeType=\"\"", "dmMimeType=\"\" dmMimeType=\"\""),
        ),
        ("long text", good().replace("Dobrá", &"x".repeat(70_000))),
        (
            "long comment",
            good().replace("<dmFiles>", &format!("<!--{}--><dmFiles>", "x".repeat(70_000))),
        ),
        ("another encoding", good().replace("utf-8", "windows-1250")),
        (
            "another envelope",
            good().replace("http://schemas.xmlsoap.org/soap/envelope/", "urn:soap"),
        ),
    ];
    for (name, document) in wrong {
        assert_eq!(sends(&world, &document).await, (500, "fault".into()), "{name}");
        world.assert_nothing_stored().await;
    }
    let mut latin = good().into_bytes();
    let at = latin.windows(5).position(|w| w == b"Dobr\xC3").unwrap();
    latin[at] = 0xE1;
    let reply = post(world.address, "/DS/dz", &authorization("mesto01"), "text/xml", &latin).await;
    assert_eq!((reply.status, reply.code()), (500, "fault".into()));
    world.assert_nothing_stored().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_messages_are_refused_with_their_codes() {
    let world = World::new().await;
    let one = file("a.txt", "main", "YWhvag==");
    let with_file = |files: &str| create(&message("nvak22s", "Zpráva", files));
    let wrong = [
        ("nothing", "2007", create("")),
        ("no envelope", "2007", create(&format!("<dmFiles>{one}</dmFiles>"))),
        ("no recipient", "2007", create(&message("", "x", &one))),
        ("malformed recipient", "1007", create(&message("NVAK22S", "x", &one))),
        ("no such recipient", "1203", create(&message("aydaadk", "x", &one))),
        ("own box", "1216", create(&message("mesta2j", "x", &one))),
        (
            "long subject",
            "2007",
            create(&message("nvak22s", &"x".repeat(256), &one)),
        ),
        (
            "number that is none",
            "2007",
            with_file(&one).replace("<dmAnnotation>", "<dmLegalTitleLaw>x</dmLegalTitleLaw><dmAnnotation>"),
        ),
        (
            "truth that is none",
            "2007",
            with_file(&one).replace(
                "<dmAnnotation>",
                "<dmPersonalDelivery>ano</dmPersonalDelivery><dmAnnotation>",
            ),
        ),
        (
            "value twice",
            "2007",
            with_file(&one).replace("<dmAnnotation>", "<dmAnnotation/><dmAnnotation>"),
        ),
        (
            "envelope twice",
            "2007",
            with_file(&one).replace("<dmFiles>", "<dmEnvelope/><dmFiles>"),
        ),
        (
            "files twice",
            "2007",
            with_file(&one).replace("</dmFiles>", "</dmFiles><dmFiles/>"),
        ),
        (
            "wrong namespace",
            "2007",
            with_file(&one).replace("<dmEnvelope>", "<dmEnvelope xmlns=\"urn:other\">"),
        ),
        (
            "no files",
            "2032",
            create("<dmEnvelope><dbIDRecipient>nvak22s</dbIDRecipient></dmEnvelope>"),
        ),
        ("empty files", "2032", with_file("")),
        ("no file name", "2007", with_file(&file("", "main", "YWhvag=="))),
        ("no meta type", "2007", with_file(&file("a.txt", "", "YWhvag=="))),
        (
            "no content",
            "2010",
            with_file("<dmFile dmFileMetaType=\"main\" dmFileDescr=\"a.txt\"/>"),
        ),
        (
            "two contents",
            "2010",
            with_file(&one.replace("</dmFile>", "<dmEncodedContent/></dmFile>")),
        ),
        (
            "XML content of two elements",
            "2010",
            with_file(
                "<dmFile dmFileMetaType=\"main\" dmFileDescr=\"a.xml\"><dmXMLContent><x/><x/></dmXMLContent></dmFile>",
            ),
        ),
        ("not base64", "2010", with_file(&file("a.txt", "main", "ahoj, světe"))),
        ("padding inside", "2010", with_file(&file("a.txt", "main", "YQ==YWhv"))),
        ("cut base64", "2010", with_file(&file("a.txt", "main", "YWhva"))),
        (
            "element in base64",
            "2010",
            with_file(&file("a.txt", "main", "YWhv<x/>")),
        ),
        (
            "lying MIME type",
            "1214",
            with_file(&one.replace("dmMimeType=\"\"", "dmMimeType=\"application/pdf\"")),
        ),
        ("lying suffix", "1214", with_file(&file("a.pdf", "main", "YWhvag=="))),
        (
            "forbidden suffix",
            "1214",
            with_file(&file("a.exe", "main", "YWhvag==")),
        ),
        (
            "101 attachments",
            "1298",
            with_file(&(one.clone() + &file("b.txt", "enclosure", "YQ==").repeat(100))),
        ),
        // So large that attachments already lie in the object storage when the fault comes.
        (
            "large, then wrong",
            "2010",
            with_file(&(file("a.txt", "main", &text_base64(500_000)) + &file("b.txt", "enclosure", "?"))),
        ),
        (
            "large, then a lie",
            "1214",
            with_file(&(file("a.txt", "main", &text_base64(500_000)) + &file("b.pdf", "enclosure", "YQ=="))),
        ),
        (
            "large and wrong",
            "2010",
            with_file(&file("a.txt", "main", &(text_base64(500_000) + "?"))),
        ),
    ];
    for (name, code, document) in wrong {
        assert_eq!(sends(&world, &document).await, (200, code.to_owned()), "{name}");
        world.assert_nothing_stored().await;
    }
    // The same with the end missing: a fault, though the objects were there already.
    let large = with_file(&file("a.txt", "main", &text_base64(500_000)));
    assert_eq!(sends(&world, &large[..large.len() - 30]).await, (500, "fault".into()));
    world.assert_nothing_stored().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_of_a_message_is_exact() {
    let world = World::new().await;
    let limit = 20 * 1024 * 1024;
    let sized = |raw: usize| {
        let mut text = text_base64(raw);
        // Lines as clients write them.
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(72)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        text = lines.join("\n");
        create(&message("nvak22s", "Velká", &file("a.txt", "main", &text)))
    };
    assert_eq!(sends(&world, &sized(limit + 1)).await, (200, "1200".into()));
    world.assert_nothing_stored().await;
    let reply = world.send("mesto01", "dz", &sized(limit)).await;
    assert_eq!(reply.code(), "0000");
    // And back, in both forms.
    world.settle().await;
    let number = reply.value("dmID");
    let listed = world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    assert_eq!(listed.value("dmMessageStatus"), "6");
    let id = format!("<dmID>{number}</dmID>");
    let plain = world.call("novak01", "dz", "MessageDownload", &id).await;
    assert_eq!(plain.value("dmEncodedContent"), text_base64(limit));
    let dm_dm = &plain.body[plain.body.find("<p:dmDm ").unwrap()..plain.body.find("</p:dmDm>").unwrap() + 9];
    let sealed = world
        .call("novak01", "dz", "SignedMessageDownload", &id)
        .await
        .value("dmSignature");
    let sealed = String::from_utf8(base64_simd::STANDARD.decode_to_vec(sealed).unwrap()).unwrap();
    assert!(sealed.contains(dm_dm), "the sealed form holds the same bytes");
    let digest: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(dm_dm).into();
    assert_eq!(plain.value("dmHash"), base64_simd::STANDARD.encode_to_string(digest));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_over_the_limit_are_answered_after_they_were_sent() {
    let config = SoapConfig {
        request_bytes: 100_000,
        ..SoapConfig::default()
    };
    let world = World::with(config, Limits::default()).await;
    let large = create(&message("nvak22s", "x", &file("a.txt", "main", &text_base64(100_000))));
    // Announced.
    assert_eq!(sends(&world, &large).await, (413, "fault".into()));
    // Not announced.
    let head = format!(
        "POST /DS/dz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n{}Content-Type: text/xml\r\n\r\n",
        authorization("mesto01")
    );
    let mut chunked = Vec::new();
    for chunk in large.as_bytes().chunks(10_000) {
        chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        chunked.extend_from_slice(chunk);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let reply = exchange(world.address, &[head.as_bytes(), &chunked]).await;
    assert_eq!((reply.status, reply.code()), (413, "fault".into()));
    world.assert_nothing_stored().await;
    // The same way, small enough.
    let small = good();
    let chunked = format!("{:x}\r\n{small}\r\n0\r\n\r\n", small.len());
    assert_eq!(
        exchange(world.address, &[head.as_bytes(), chunked.as_bytes()])
            .await
            .code(),
        "0000"
    );
}

/// Head of a request whose body is announced and comes as the test wills.
fn announce(length: usize) -> String {
    format!(
        "POST /DS/dz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}Content-Type: text/xml\r\nContent-Length: {length}\r\n\r\n",
        authorization("mesto01")
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_given_up() {
    let limits = [
        SoapConfig {
            idle: Duration::from_millis(200),
            ..SoapConfig::default()
        },
        SoapConfig {
            total: Duration::from_millis(400),
            ..SoapConfig::default()
        },
    ];
    for config in limits {
        let world = World::with(config, Limits::default()).await;
        let large = create(&message("nvak22s", "x", &file("a.txt", "main", &text_base64(500_000))));
        for cut in [0, 50, 600_000] {
            let mut stream = connect(world.address).await;
            stream.write_all(announce(large.len()).as_bytes()).await.unwrap();
            stream.write_all(&large.as_bytes()[..cut]).await.unwrap();
            let reply = read_reply(&mut stream).await;
            assert_eq!((reply.status, reply.code()), (408, "fault".into()), "after {cut} bytes");
            world.assert_nothing_stored().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_leaves_nothing() {
    let world = World::new().await;
    let large = create(&message(
        "nvak22s",
        "x",
        &file("a.txt", "main", &text_base64(2_000_000)),
    ));
    for cut in [0, 50, 600_000, large.len() - 1] {
        let before = world.writers.begun();
        let mut stream = connect(world.address).await;
        stream.write_all(announce(large.len()).as_bytes()).await.unwrap();
        stream.write_all(&large.as_bytes()[..cut]).await.unwrap();
        if cut > 50 {
            world
                .writers
                .wait_until("an object is begun", |writers| writers.begun() > before)
                .await;
        }
        drop(stream);
        world
            .writers
            .wait_until("every object is given up", |writers| writers.open() == 0)
            .await;
        world.assert_nothing_stored().await;
    }
    // The system goes on.
    assert_eq!(sends(&world, &good()).await, (200, "0000".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_request_is_read_to_its_end_and_the_connection_goes_on() {
    let world = World::new().await;
    let large = create(&message(
        "aydaadk",
        "x",
        &file("a.txt", "main", &text_base64(3_000_000)),
    ));
    let first = announce(large.len()).replace("Connection: close\r\n", "");
    let second = good();
    let pieces = [
        first.as_bytes(),
        large.as_bytes(),
        announce(second.len()).as_bytes(),
        second.as_bytes(),
    ]
    .map(<[u8]>::to_vec);
    let mut stream = connect(world.address).await;
    let (mut reader, mut writer) = stream.split();
    let write = async {
        for piece in &pieces {
            writer.write_all(piece).await.unwrap();
        }
    };
    let mut answers = Vec::new();
    let read = tokio::io::AsyncReadExt::read_to_end(&mut reader, &mut answers);
    let ((), read) = tokio::join!(write, read);
    read.unwrap();
    let answers = String::from_utf8(answers).unwrap();
    let codes: Vec<&str> = answers
        .split("dmStatusCode>")
        .skip(1)
        .step_by(2)
        .map(|rest| &rest[..4])
        .collect();
    assert_eq!(codes, ["1203", "0000"], "{answers}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_that_are_gone_are_told_by_a_reference() {
    let world = World::new().await;
    let number = world.send_message("mesto01", "nvak22s", "x").await;
    world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    world.isds.objects.clear().await.unwrap();
    for operation in ["MessageDownload", "SignedMessageDownload"] {
        let reply: Reply = world
            .call("novak01", "dz", operation, &format!("<dmID>{number}</dmID>"))
            .await;
        assert_eq!((reply.status, reply.code()), (200, "9000".into()));
        let text = reply.value("dmStatusMessage");
        let reference = text.rsplit(' ').next().unwrap();
        assert!(
            reference.len() == 8 && reference.bytes().all(|b| b.is_ascii_hexdigit()),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_fails_in_the_middle_is_visibly_cut() {
    let world = World::new().await;
    let files = file("a.txt", "main", &text_base64(1_000_000)) + &file("b.txt", "enclosure", &text_base64(1_000_000));
    let created = world
        .call("mesto01", "dz", "CreateMessage", &message("nvak22s", "x", &files))
        .await;
    world.settle().await;
    world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    let number = created.value("dmID");
    let stored = world
        .isds
        .store
        .lookup_message(number.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let last = stored
        .content
        .segments
        .iter()
        .rev()
        .find(|s| matches!(s, Segment::Base64 { .. }))
        .unwrap();
    world.isds.objects.delete(last.object()).await.unwrap();
    let body = envelope(&format!(
        "<MessageDownload xmlns=\"{V20}\"><dmID>{number}</dmID></MessageDownload>"
    ));
    let mut stream = connect(world.address).await;
    let head = announce(body.len()).replace(&authorization("mesto01"), &authorization("novak01"));
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // The connection ends with or without an error; the length tells.
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut bytes).await;
    let text = String::from_utf8(bytes).unwrap();
    let (head, received) = text.split_once("\r\n\r\n").unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    assert!(head.starts_with("HTTP/1.1 200"));
    assert!(
        received.len() > 1_000_000 && received.len() < length.parse().unwrap(),
        "{} of {length}",
        received.len()
    );
}
