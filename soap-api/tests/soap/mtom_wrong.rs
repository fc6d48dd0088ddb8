//! Packages that are wrong in every way a package can be: each is a fault with the right HTTP status, and leaves nothing
//! behind.

use crate::common;
use crate::package;

use std::time::Duration;

use common::http::{connect, read_reply};
use common::{World, authorization};
use isds_core::Limits;
use package::{OUTER, SOAP_12, XML, exchange, include, operation, package, send, upload, world};
use soap_api::SoapConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_packages_are_faults_and_leave_nothing() {
    let world = world().await;
    let good = String::from_utf8(package(&upload("a.txt", &include("a")), &vec![b'a'; 300_000])).unwrap();
    let replaced = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    let second = "\r\n--b\r\nContent-ID: <b>\r\n\r\nb\r\n--b--";
    let wrong = [
        ("no root part", 599, "--b--\r\n".to_owned()),
        ("no boundary at all", 599, good.replace("--b", "--c")),
        ("another root than start names", 599, replaced("<root@x>", "<other>")),
        (
            "a root that is no XOP",
            599,
            replaced("application/xop+xml", "application/soap+xml"),
        ),
        (
            "SOAP 1.1 in the root",
            599,
            replaced(SOAP_12, "http://schemas.xmlsoap.org/soap/envelope/"),
        ),
        ("an unreferenced part", 599, replaced(&include("a"), "YQ==")),
        ("another unreferenced part", 599, replaced("\r\n--b--", second)),
        (
            "two roots",
            599,
            replaced("\r\n--b--", &second.replace("<b>", "<root@x>")),
        ),
        ("an Include of no part", 599, replaced("cid:a", "cid:c")),
        (
            "an Include of no part at all",
            599,
            format!("{}--b--\r\n", good.split("--b\r\nContent-Type: text").next().unwrap()),
        ),
        ("a part that never ends", 599, replaced("\r\n--b--\r\n", "")),
        (
            "a nested package",
            599,
            replaced("text/plain\r\n", "multipart/related; boundary=c\r\n"),
        ),
        (
            "a long head",
            599,
            replaced(
                "Content-ID: <a>",
                &format!("X: {}\r\nContent-ID: <a>", "x".repeat(9_000)),
            ),
        ),
        ("quoted-printable", 599, replaced("binary", "quoted-printable")),
        (
            "an Include where none belongs",
            599,
            replaced("<dmFile ", &format!("<x>{}</x><dmFile ", include("a"))),
        ),
        ("an Include and text", 599, replaced("<inc:Include", "YQ==<inc:Include")),
        (
            "a long rest",
            599,
            replaced(
                "</UploadAttachment>",
                &format!("{}</UploadAttachment>", "<!---->".repeat(40_000)),
            ),
        ),
        (
            "a document type",
            400,
            replaced("<Envelope", "<!DOCTYPE Envelope><Envelope"),
        ),
        ("a broken envelope", 400, replaced("</dmFile>", "")),
        (
            "something after the operation",
            400,
            replaced("</UploadAttachment>", "</UploadAttachment><x/>"),
        ),
        ("a cut envelope", 400, replaced("</Body></Envelope>", "")),
    ];
    for (name, status, body) in &wrong {
        let answer = send(world.address, "vodz", "mesto01", XML, OUTER, body.as_bytes()).await;
        assert_eq!(answer.content_type(), "application/soap+xml; charset=utf-8", "{name}");
        let reply = answer.reply();
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (*status, "fault"),
            "{name}: {}",
            reply.body
        );
        assert!(reply.body.contains(SOAP_12), "{name}");
        assert!(reply.body.contains(":Sender<"), "{name}");
        assert_eq!(world.objects(), Vec::<String>::new(), "{name}");
    }
    let outer = [
        OUTER.replace("xop+xml", "soap+xml"),
        OUTER.replace("type=", "kind="),
        OUTER.replace("boundary=\"b\"", "x=y"),
        OUTER.replace("\"b\"", &format!("\"{}\"", "b".repeat(71))),
        OUTER.replace("related", "form-data"),
        OUTER.replace("\"b\"", "\"b"),
    ];
    for content_type in &outer {
        let reply = send(world.address, "vodz", "mesto01", XML, content_type, good.as_bytes())
            .await
            .reply();
        assert_eq!((reply.status, reply.code().as_str()), (599, "fault"), "{content_type}");
        assert!(reply.body.contains(SOAP_12), "{content_type}");
        assert_eq!(world.objects(), Vec::<String>::new(), "{content_type}");
    }
    // What an Include stands for is known in a package alone, whatever the version of the envelope.
    let of_12 = upload("a.txt", &include("a"));
    let of_11 = of_12.replace(SOAP_12, "http://schemas.xmlsoap.org/soap/envelope/");
    for (content_type, document, version) in [
        ("application/soap+xml", &of_12, SOAP_12),
        ("application/xop+xml", &of_12, SOAP_12),
        ("text/xml", &of_11, "http://schemas.xmlsoap.org/soap/envelope/"),
    ] {
        let reply = send(world.address, "vodz", "mesto01", XML, content_type, document.as_bytes())
            .await
            .reply();
        assert_eq!((reply.status, reply.code().as_str()), (599, "fault"), "{content_type}");
        assert!(reply.body.contains(version), "{content_type}");
        assert_eq!(world.objects(), Vec::<String>::new());
    }
    // The rules refuse a package as they do any request.
    let exe = good.replace("a.txt", "a.exe");
    let reply = send(world.address, "vodz", "mesto01", XML, OUTER, exe.as_bytes())
        .await
        .reply();
    assert_eq!((reply.status, reply.code().as_str()), (200, "1214"));
    let nobody = send(world.address, "vodz", "nobody1", XML, OUTER, good.as_bytes()).await;
    assert_eq!(nobody.status(), 401);
    assert_eq!(world.objects(), Vec::<String>::new());
    let reply = send(world.address, "vodz", "mesto01", XML, OUTER, good.as_bytes())
        .await
        .reply();
    assert_eq!((reply.status, reply.code().as_str()), (200, "0000"));
    assert_eq!(world.objects().len(), 1);
}

/// Head of a request whose body is announced and comes as the test wills.
fn announce(length: usize) -> String {
    format!(
        "POST /DS/vodz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}Content-Type: {OUTER}\r\n\
         Content-Length: {length}\r\n\r\n",
        authorization("mesto01")
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_that_stop_coming_are_given_up() {
    let config = SoapConfig {
        idle: Duration::from_millis(200),
        ..SoapConfig::default()
    };
    let world = World::with(config, Limits::default()).await;
    let body = package(&upload("a.txt", &include("a")), &vec![b'a'; 500_000]);
    for cut in [0, 50, 700, 400_000, body.len() - 3] {
        let mut stream = connect(world.address).await;
        stream.write_all(announce(body.len()).as_bytes()).await.unwrap();
        stream.write_all(&body[..cut]).await.unwrap();
        let reply = read_reply(&mut stream).await;
        assert_eq!((reply.status, reply.code()), (408, "fault".into()), "after {cut} bytes");
        assert!(reply.body.contains(SOAP_12));
        assert_eq!(world.objects(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_within_a_part_leaves_nothing() {
    let world = world().await;
    let body = package(&upload("a.txt", &include("a")), &vec![b'a'; 2_000_000]);
    for cut in [700_000, body.len() - 1] {
        let before = world.writers.begun();
        let mut stream = connect(world.address).await;
        stream.write_all(announce(body.len()).as_bytes()).await.unwrap();
        stream.write_all(&body[..cut]).await.unwrap();
        world
            .writers
            .wait_until("an object is begun", |writers| writers.begun() > before)
            .await;
        drop(stream);
        world
            .writers
            .wait_until("every object is given up", |writers| writers.open() == 0)
            .await;
        assert_eq!(world.objects(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_package_is_read_to_its_end_and_the_connection_goes_on() {
    let world = world().await;
    let good = package(&upload("a.txt", &include("a")), &vec![b'a'; 3_000_000]);
    let wrong = package(&upload("a.txt", "YQ=="), &vec![b'a'; 3_000_000]);
    let pieces = [
        announce(wrong.len()).replace("Connection: close\r\n", "").into_bytes(),
        wrong,
        announce(good.len()).into_bytes(),
        good,
    ];
    let mut stream = connect(world.address).await;
    let (mut reader, mut writer) = stream.split();
    let write = async {
        for piece in &pieces {
            writer.write_all(piece).await.unwrap();
        }
    };
    let mut answers = Vec::new();
    let ((), read) = tokio::join!(write, reader.read_to_end(&mut answers));
    read.unwrap();
    let answers = String::from_utf8(answers).unwrap();
    assert!(answers.starts_with("HTTP/1.1 599 "), "{answers}");
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 2);
    assert!(
        answers.contains("HTTP/1.1 200 ") && answers.contains(">0000<"),
        "{answers}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_package_may_come_in_chunks_and_not_be_too_large() {
    let limits = Limits {
        large_message_bytes: 100_000,
        large_message_least_bytes: 1,
        ..Limits::default()
    };
    let config = SoapConfig {
        request_bytes: 50_000,
        ..SoapConfig::default()
    };
    let world = World::with(config, limits).await;
    let chunked = async |body: &[u8]| {
        let head = announce(0).replace("Content-Length: 0", "Transfer-Encoding: chunked");
        let mut request = head.into_bytes();
        for chunk in body.chunks(1_111) {
            request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            request.extend_from_slice(chunk);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"0\r\n\r\n");
        let reply = exchange(world.address, &[&request]).await.reply();
        (reply.status, reply.code())
    };
    let announced = async |body: &[u8]| {
        let reply = send(world.address, "vodz", "mesto01", XML, OUTER, body).await.reply();
        (reply.status, reply.code())
    };
    let upload = |length: usize| package(&upload("a.txt", &include("a")), &vec![b'a'; length]);
    for (length, code) in [(100_000, "0000"), (100_001, "1296")] {
        assert_eq!(chunked(&upload(length)).await, (200, code.into()));
        assert_eq!(announced(&upload(length)).await, (200, code.into()));
    }
    assert_eq!(world.objects().len(), 2);
    // Twice the largest message, whatever the other endpoints take.
    assert_eq!(announced(&upload(200_000)).await, (413, "fault".into()));
    let authenticate = operation(
        "AuthenticateBigMessage",
        &format!("<dmMessage>{}</dmMessage>", include("a")),
    );
    let authenticate = |length: usize| package(&authenticate, &vec![b'a'; length]);
    assert_eq!(chunked(&authenticate(199_000)).await, (200, "2200".into()));
    assert_eq!(chunked(&authenticate(200_000)).await, (413, "fault".into()));
    assert_eq!(announced(&authenticate(200_000)).await, (413, "fault".into()));
}
