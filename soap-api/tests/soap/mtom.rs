//! MTOM/XOP both ways, as clients speak it: packages come in from several toolkits and go out the way libdatovka, which
//! cuts its parameters by hand, needs them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;
use crate::package;

use common::golden::Golden;
use common::http::{Reply, connect, read_reply};
use common::{World, authorization, file};
use package::{Answer, OUTER, SOAP_12, XML, XOP, header, include, operation, package, send, upload, world};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const BOUNDARY: &str = "------------------------ee17a6c86b5c53aa";

/// Cuts a package as libdatovka does, and gives out the envelope, the head of the other part and its bytes.
fn cut(answer: &Answer) -> (String, String, Vec<u8>) {
    assert_eq!(answer.status(), 200);
    let outer = answer.content_type();
    assert!(outer.starts_with("multipart/related;"), "{outer}");
    // Whatever comes last takes the line break along.
    let parameter = |name: &str| {
        let value = outer.split_once(&format!(" {name}=")).unwrap().1;
        value
            .split_once(';')
            .expect("another parameter behind it")
            .0
            .trim_matches('"')
    };
    let (boundary, start) = (parameter("boundary"), parameter("start"));
    assert_eq!(parameter("type"), "application/xop+xml");
    // A preamble, or a line break of its own, would hide the first part.
    let delimiter = format!("--{boundary}");
    assert!(answer.body.starts_with(delimiter.as_bytes()), "no preamble");
    assert!(
        answer.body.ends_with(format!("\r\n{delimiter}--\r\n").as_bytes()),
        "an end"
    );
    let parts = split_all(&answer.body, delimiter.as_bytes());
    assert_eq!(parts.len(), 4, "nothing, two parts, the end");
    let (root_head, root) = part(&parts[1]);
    let (head, content) = part(&parts[2]);
    let root = String::from_utf8(root).unwrap();
    assert_eq!(header(&root_head, "content-id"), Some(start));
    assert_eq!(
        header(&root_head, "content-type"),
        Some("application/xop+xml; charset=utf-8; type=\"application/soap+xml\"")
    );
    for encoding in [&root_head, &head].map(|head| header(head, "content-transfer-encoding").unwrap()) {
        assert!(["8bit", "binary"].contains(&encoding));
    }
    assert_eq!(root.matches(":Include ").count(), 1);
    assert!(root.contains(&format!("=\"{XOP}\"")));
    let href = root.split_once("href=\"cid:").unwrap().1.split_once('"').unwrap().0;
    assert_eq!(header(&head, "content-id"), Some(format!("<{href}>").as_str()));
    (root, head, content)
}

fn split_all(bytes: &[u8], at: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    while let Some(found) = rest.windows(at.len()).position(|window| window == at) {
        pieces.push(rest[..found].to_vec());
        rest = &rest[found + at.len()..];
    }
    pieces.push(rest.to_vec());
    pieces
}

/// Head and content of what lies between two boundaries.
fn part(bytes: &[u8]) -> (String, Vec<u8>) {
    let bytes = bytes.strip_prefix(b"\r\n").unwrap().strip_suffix(b"\r\n").unwrap();
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    (
        String::from_utf8(bytes[..at].to_vec()).unwrap(),
        bytes[at + 4..].to_vec(),
    )
}

/// The inside of an element of the answer, in whatever prefix.
fn inside<'a>(document: &'a str, name: &str) -> &'a str {
    let open = document
        .find(&format!(":{name}>"))
        .unwrap_or_else(|| panic!("no {name} in {document}"));
    let rest = &document[open + name.len() + 2..];
    let (inside, _) = rest[..rest.find(&format!(":{name}>")).unwrap()]
        .rsplit_once("</")
        .unwrap();
    inside
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Uploads in a package, and answers `dmExtFile` for it.
async fn uploaded(world: &World, name: &str, content: &[u8]) -> String {
    let body = package(&upload(name, &include("a")), content);
    let reply = send(world.address, "vodz", "mesto01", XML, OUTER, &body).await.reply();
    assert_eq!((reply.status, reply.code().as_str()), (200, "0000"), "{}", reply.body);
    assert_eq!(reply.value("dmAttHash1"), hex(content));
    format!(
        "<dmExtFile dmFileMetaType=\"main\" dmAttID=\"{}\" dmAttHash1=\"{}\" dmAttHash1Alg=\"SHA-256\" \
         dmAttHash2=\"{}\" dmAttHash2Alg=\"SHA3-256\"/>",
        reply.value("dmAttID"),
        reply.value("dmAttHash1"),
        reply.value("dmAttHash2"),
    )
}

/// Sends a large message, which its recipient may read; returns its number.
async fn sent(world: &World, files: &str) -> String {
    let inside = format!(
        "<dmEnvelope><dbIDRecipient>nvak22s</dbIDRecipient><dmAnnotation>Velká</dmAnnotation></dmEnvelope>\
         <dmFiles>{files}</dmFiles>"
    );
    let reply = world.call("mesto01", "vodz", "CreateBigMessage", &inside).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    world.settle().await;
    world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    reply.value("dmID")
}

async fn ask(world: &World, accept: &str, document: &str) -> Answer {
    let content_type = "application/soap+xml; charset=utf-8";
    send(
        world.address,
        "vodz",
        "novak01",
        accept,
        content_type,
        document.as_bytes(),
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_request_that_libdatovka_sends() {
    let world = world().await;
    let content = b"%PDF-1.7\r\n\x00\xFF obsah\r\n--------------------------ee17a6c86b5c53\r\n".as_slice();
    let outer = format!(
        "multipart/related; type=\"application/xop+xml\"; start=\"<rootpart@soapui.org>\"; \
         start-info=\"application/soap+xml\"; action=\"\"; boundary={BOUNDARY}"
    );
    let root = format!(
        "--{BOUNDARY}\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\n\
         Content-Transfer-Encoding: 8bit\r\nContent-ID: <rootpart@soapui.org>\r\n\r\n"
    );
    let head = format!(
        "\r\n--{BOUNDARY}\r\nContent-Type: application/pdf; name=příloha.pdf\r\nContent-Transfer-Encoding: binary\r\n\
         Content-ID: <att_1>\r\nContent-Disposition: attachment; name=\"příloha.pdf\"; filename=\"příloha.pdf\"\r\n\r\n"
    );
    let body = [
        root.as_bytes(),
        upload("příloha.pdf", &include("att_1")).as_bytes(),
        head.as_bytes(),
        content,
        format!("\r\n--{BOUNDARY}--\r\n").as_bytes(),
    ]
    .concat();
    // It waits to be told to go on, as curl does with more than a mebibyte.
    let request = format!(
        "POST /DS/vodz HTTP/1.1\r\nHost: isds.test\r\nConnection: close\r\n{}Accept: {XML}\r\nContent-Type: {outer}\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        authorization("mesto01"),
        body.len()
    );
    let mut stream = connect(world.address).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    // In pieces that cut everything.
    for piece in body.chunks(11) {
        stream.write_all(piece).await.unwrap();
        stream.flush().await.unwrap();
    }
    let reply = read_reply(&mut stream).await;
    let mut golden = Golden::of("mtom");
    assert_eq!(reply.value("dmAttHash1"), hex(content));
    golden.answer("upload_attachment", "vodz", &reply);
    // Without a package, in both versions: what the attachment is does not change.
    let base64 = base64_simd::STANDARD.encode_to_string(content);
    let of_12 = upload("příloha.pdf", &base64);
    for (content_type, document) in [
        ("application/soap+xml", of_12.clone()),
        ("application/xop+xml; type=\"application/soap+xml\"", of_12.clone()),
        (
            "text/xml",
            of_12.replace(SOAP_12, "http://schemas.xmlsoap.org/soap/envelope/"),
        ),
    ] {
        let answer = send(world.address, "vodz", "mesto01", XML, content_type, document.as_bytes()).await;
        let reply = answer.reply();
        assert_eq!(reply.value("dmAttHash1"), hex(content), "{content_type}");
        let expected = if content_type == "text/xml" {
            "text/xml"
        } else {
            "application/soap+xml"
        };
        assert_eq!(answer.content_type(), format!("{expected}; charset=utf-8"));
    }
    let good = package(&upload("a.txt", &include("a")), b"ahoj");
    let outer = OUTER.replace("xop+xml", "soap+xml");
    let answer = send(world.address, "vodz", "mesto01", XML, &outer, &good).await;
    golden.fault("fault_outer_type", 599, &answer.reply());
    let answer = send(world.address, "vodz", "mesto01", XML, OUTER, &good[..good.len() - 9]).await;
    golden.fault("fault_truncated", 599, &answer.reply());
    // And out again, in the three forms that clients ask for.
    let number = sent(&world, &uploaded(&world, "a.pdf", content).await).await;
    let download = operation(
        "DownloadAttachment",
        &format!("<dmID>{number}</dmID><attNum>0</attNum>"),
    );
    for accept in [
        "multipart/related",
        "text/xml, Multipart/Related;type=\"application/xop+xml\"",
    ] {
        let (root, head, found) = cut(&ask(&world, accept, &download).await);
        assert_eq!(found, content);
        assert_eq!(header(&head, "content-type"), Some("application/pdf"));
        if accept.starts_with('m') {
            // What the package stands for is what is answered without one.
            let reply = Reply {
                status: 200,
                head: "x\ncontent-type: application/soap+xml; charset=utf-8".into(),
                body: root.replace(inside(&root, "dmEncodedContent"), &base64),
            };
            let plain = ask(&world, XML, &download).await.reply();
            assert_eq!(reply.body, plain.body);
            golden.answer("download_attachment", "vodz", &plain);
        }
    }
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sealed_messages_go_out_as_packages_and_come_back_as_such() {
    let world = world().await;
    let number = sent(&world, &uploaded(&world, "a.txt", b"ahoj").await).await;
    for (service, login) in [
        ("SignedBigMessageDownload", "novak01"),
        ("SignedSentBigMessageDownload", "mesto01"),
    ] {
        let document = operation(service, &format!("<dmID>{number}</dmID>"));
        let content_type = "application/soap+xml; charset=utf-8";
        let answer = send(
            world.address,
            "vodz",
            login,
            "multipart/related",
            content_type,
            document.as_bytes(),
        )
        .await;
        let (root, head, sealed) = cut(&answer);
        assert!(sealed.starts_with(b"SEAL ") && sealed.ends_with(b"\nEND"));
        assert_eq!(
            header(&head, "content-type"),
            Some("application/vnd.software602.filler.form-xml-zip")
        );
        let include = inside(&root, "dmSignature");
        assert!(
            include.starts_with("<xop:Include ") && include.ends_with("></xop:Include>"),
            "{include}"
        );
        assert_eq!(inside(&root, "dmStatusCode"), "0000");
        // The other forms hold the same in base64.
        let base64 = base64_simd::STANDARD.encode_to_string(&sealed);
        let plain = send(world.address, "vodz", login, "*/*", content_type, document.as_bytes()).await;
        assert_eq!(plain.content_type(), "application/soap+xml; charset=utf-8");
        assert_eq!(plain.reply().value("dmSignature"), base64);
        let of_11 = document.replace(SOAP_12, "http://schemas.xmlsoap.org/soap/envelope/");
        let plain = send(
            world.address,
            "vodz",
            login,
            "multipart/related",
            "text/xml",
            of_11.as_bytes(),
        )
        .await;
        assert_eq!(plain.content_type(), "text/xml; charset=utf-8");
        assert_eq!(plain.reply().value("dmSignature"), base64);
        // And back, though nothing of that answer can be a part.
        let authenticate = operation(
            "AuthenticateBigMessage",
            &format!("<dmMessage>{}</dmMessage>", self::include("a")),
        );
        for (sealed, authentic) in [(sealed.clone(), "true"), ([&sealed[..], b"forged"].concat(), "false")] {
            let body = package(&authenticate, &sealed);
            let answer = send(world.address, "vodz", login, "multipart/related", OUTER, &body).await;
            assert_eq!(answer.content_type(), "application/soap+xml; charset=utf-8");
            let reply = answer.reply();
            assert_eq!(
                (reply.code().as_str(), reply.value("dmAuthResult").as_str()),
                ("0000", authentic)
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_holds_no_single_content_is_answered_plainly() {
    let world = world().await;
    let number = sent(&world, &uploaded(&world, "a.txt", b"ahoj").await).await;
    let plainly = async |document: &str, code: &str| {
        let answer = ask(&world, "multipart/related", document).await;
        assert_eq!(answer.content_type(), "application/soap+xml; charset=utf-8");
        let reply = answer.reply();
        assert_eq!((reply.status, reply.code().as_str()), (200, code), "{}", reply.body);
        reply
    };
    // Attachments within `dmDm` are part of the bytes that were hashed.
    let whole = plainly(
        &operation("BigMessageDownload", &format!("<dmID>{number}</dmID>")),
        "0000",
    )
    .await;
    assert_eq!(whole.value("dmEncodedContent"), "YWhvag==");
    for name in ["BigMessageDownload", "SignedBigMessageDownload", "DownloadAttachment"] {
        plainly(&operation(name, "<dmID>999999999</dmID><attNum>0</attNum>"), "1219").await;
    }
    plainly(&operation("DummyOperation", ""), "2006").await;
    // Other endpoints know no packages, either way.
    let small = world.send_message("mesto01", "nvak22s", "Malá").await;
    world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    let document = operation("SignedMessageDownload", &format!("<dmID>{small}</dmID>"));
    let content_type = "application/soap+xml";
    let answer = send(
        world.address,
        "dz",
        "novak01",
        "multipart/related",
        content_type,
        document.as_bytes(),
    )
    .await;
    assert_eq!(answer.content_type(), "application/soap+xml; charset=utf-8");
    assert_eq!(answer.reply().code(), "0000");
    let body = package(
        &operation(
            "AuthenticateMessage",
            &format!("<dmMessage>{}</dmMessage>", include("a")),
        ),
        b"x",
    );
    let answer = send(world.address, "dz", "novak01", XML, OUTER, &body).await;
    assert_eq!(answer.status(), 415);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_files_of_a_large_message_may_come_in_parts() {
    let world = world().await;
    let external = uploaded(&world, "a.txt", b"ahoj").await;
    let file = |name: &str, inside: &str| {
        file(name, "enclosure", inside).replace("dmMimeType=\"\"", "dmMimeType=\"text/plain\"")
    };
    let small = |name: &str| file(name, &include(name));
    let inside = |files: &str| {
        operation(
            "CreateBigMessage",
            &format!(
                "<dmEnvelope><dbIDRecipient>nvak22s</dbIDRecipient><dmAnnotation>x</dmAnnotation></dmEnvelope>\
                 <dmFiles>{external}{files}</dmFiles>"
            ),
        )
    };
    let part = |name: &str, content: &str| {
        format!("\r\n--b\r\nContent-Type: text/plain\r\nContent-ID: <{name}>\r\n\r\n{content}")
    };
    let root = "--b\r\nContent-Type: application/xop+xml\r\nContent-ID: <root@x>\r\n\r\n";
    let inline = file("c.txt", "dmxvxb5lbsOh");
    let envelope = inside(&(small("a1.txt") + &inline + &small("b1.txt")));
    let send = async |parts: &str| {
        let body = format!("{root}{envelope}{parts}\r\n--b--\r\n");
        send(world.address, "vodz", "mesto01", XML, OUTER, body.as_bytes())
            .await
            .reply()
    };
    let turned = send(&(part("b1.txt", "druhá") + &part("a1.txt", "první"))).await;
    assert_eq!((turned.status, turned.code().as_str()), (599, "fault"));
    assert_eq!(world.messages().await, 0);
    let reply = send(&(part("a1.txt", "první") + &part("b1.txt", "druhá"))).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    world.settle().await;
    world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    for (number, content) in [
        (1, "první".as_bytes()),
        (2, b"vlo\xC5\xBEen\xC3\xA1"),
        (3, "druhá".as_bytes()),
    ] {
        let id = reply.value("dmID");
        let document = operation(
            "DownloadAttachment",
            &format!("<dmID>{id}</dmID><attNum>{number}</attNum>"),
        );
        let (_, _, found) = cut(&ask(&world, "multipart/related", &document).await);
        assert_eq!(found, content);
    }
}
