//! Large messages (VoDZ): uploads, messages made of them, downloads, and every code on the way.

#[cfg(test)]
mod common;

use common::golden::Golden;
use common::http::{Reply, post};
use common::{World, authorization, decoded, file};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use isds_core::Limits;
use sha2::{Digest, Sha256};
use soap_api::SoapConfig;

/// What holds for megabytes, in bytes: an ordinary message takes 200, a large one 180 to 1000, a box may upload 1500.
async fn small_world() -> World {
    let limits = Limits {
        message_bytes: 200,
        large_message_least_bytes: 180,
        large_message_bytes: 1000,
        upload_quota_bytes: 1500,
        ..Limits::default()
    };
    World::with(SoapConfig::default(), limits).await
}

fn base64(content: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(content)
}

fn upload(mime: &str, name: &str, content: &[u8]) -> String {
    format!(
        "<dmFile dmMimeType=\"{mime}\" dmFileDescr=\"{name}\"><dmEncodedContent>{}</dmEncodedContent></dmFile>",
        base64(content)
    )
}

/// An uploaded attachment as a client remembers it.
#[derive(Clone)]
struct Uploaded {
    id: String,
    first: String,
    second: String,
}

impl Uploaded {
    /// `dmExtFile`.
    fn reference(&self) -> String {
        format!(
            "<dmExtFile dmFileMetaType=\"main\" dmAttID=\"{}\" dmAttHash1=\"{}\" dmAttHash1Alg=\"SHA-256\" \
             dmAttHash2=\"{}\" dmAttHash2Alg=\"SHA3-256\" dmFileGuid=\"g1\"/>",
            self.id, self.first, self.second
        )
    }
}

async fn call(world: &World, login: &str, operation: &str, inside: &str) -> Reply {
    world.call(login, "vodz", operation, inside).await
}

async fn uploads(world: &World, login: &str, content: &[u8]) -> Uploaded {
    let reply = call(
        world,
        login,
        "UploadAttachment",
        &upload("text/plain", "velký.txt", content),
    )
    .await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    Uploaded {
        id: reply.value("dmAttID"),
        first: reply.value("dmAttHash1"),
        second: reply.value("dmAttHash2"),
    }
}

fn big(files: &str) -> String {
    format!(
        "<dmEnvelope><dbIDRecipient>nvak22s</dbIDRecipient><dmAnnotation>Velká zpráva</dmAnnotation></dmEnvelope>\
         <dmFiles>{files}</dmFiles>"
    )
}

async fn sends(world: &World, files: &str) -> Reply {
    call(world, "mesto01", "CreateBigMessage", &big(files)).await
}

/// A `dmFile` as `CreateBigMessage` has it, where the MIME type is needed.
fn inline(content: &[u8]) -> String {
    file("malá.txt", "enclosure", &base64(content)).replace("dmMimeType=\"\"", "dmMimeType=\"text/plain\"")
}

/// A large message on its way, delivered by login; its number.
async fn delivered(world: &World, files: &str) -> String {
    let created = sends(world, files).await;
    assert_eq!(created.code(), "0000", "{}", created.body);
    world.settle().await;
    list(world, "novak01", "GetListOfReceivedMessages").await;
    created.value("dmID")
}

async fn list(world: &World, login: &str, operation: &str) -> Reply {
    world
        .call(login, "dx", operation, "<dmStatusFilter>-1</dmStatusFilter>")
        .await
}

fn of(id: &str) -> String {
    format!("<dmID>{id}</dmID>")
}

fn attachment(id: &str, number: &str) -> String {
    format!("<dmID>{id}</dmID><attNum>{number}</attNum>")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_as_recorded() {
    let world = small_world().await;
    let mut golden = Golden::of("vodz");
    let first = call(
        &world,
        "mesto01",
        "UploadAttachment",
        &upload("text/plain", "velký.txt", &[b'a'; 150]),
    )
    .await;
    golden.answer("upload_attachment", "vodz", &first);
    // What the contract calls hash 1 and hash 2, made by another program.
    assert_eq!(
        (first.value("dmAttHash1"), first.value("dmAttHash2")),
        (
            "7595af82ae2fa59cd9bf3b4405d31c69b98de71fed5945fd777d8ab3b393a85f".to_owned(),
            "e0464cca6a64d83f90b04a879f63d444b6f41baa56e09dc988f9ae12ee7bf331".to_owned()
        )
    );
    let refused = call(&world, "mesto01", "UploadAttachment", &upload("", "velký.txt", b"x")).await;
    golden.answer("upload_attachment_refused", "vodz", &refused);
    let uploaded = Uploaded {
        id: first.value("dmAttID"),
        first: first.value("dmAttHash1"),
        second: first.value("dmAttHash2"),
    };
    let created = sends(&world, &(uploaded.reference() + &inline(&[b'b'; 60]))).await;
    golden.answer("create_big_message", "vodz", &created);
    golden.answer(
        "create_big_message_refused",
        "vodz",
        &sends(&world, &uploaded.reference()).await,
    );
    world.clock.advance(1);
    world.settle().await;
    let id = created.value("dmID");
    golden.answer(
        "list_received",
        "dx",
        &list(&world, "novak01", "GetListOfReceivedMessages").await,
    );
    golden.answer(
        "list_sent",
        "dx",
        &list(&world, "mesto01", "GetListOfSentMessages").await,
    );
    for (name, login, service, operation) in [
        ("message_envelope_download", "novak01", "dx", "MessageEnvelopeDownload"),
        (
            "sent_message_envelope_download",
            "mesto01",
            "dx",
            "SentMessageEnvelopeDownload",
        ),
        ("get_delivery_info", "mesto01", "dx", "GetDeliveryInfo"),
        ("verify_message", "novak01", "dx", "VerifyMessage"),
        ("big_message_download", "novak01", "vodz", "BigMessageDownload"),
        (
            "signed_big_message_download",
            "novak01",
            "vodz",
            "SignedBigMessageDownload",
        ),
        (
            "signed_sent_big_message_download",
            "mesto01",
            "vodz",
            "SignedSentBigMessageDownload",
        ),
        ("message_download_of_a_large_one", "novak01", "dz", "MessageDownload"),
    ] {
        golden.answer(name, service, &world.call(login, service, operation, &of(&id)).await);
    }
    let second = call(&world, "novak01", "DownloadAttachment", &attachment(&id, "1")).await;
    golden.answer("download_attachment", "vodz", &second);
    assert_eq!(decoded(&second.value("dmEncodedContent")), "b".repeat(60));
    let none = call(&world, "novak01", "DownloadAttachment", &attachment(&id, "2")).await;
    golden.answer("download_attachment_none", "vodz", &none);
    let sealed = call(&world, "novak01", "SignedBigMessageDownload", &of(&id))
        .await
        .value("dmSignature");
    let document = format!("<dmMessage>{sealed}</dmMessage>");
    let authentic = call(&world, "nikdo01", "AuthenticateBigMessage", &document).await;
    golden.answer("authenticate_big_message", "vodz", &authentic);
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_message_carries_the_bytes_that_were_uploaded() {
    let world = small_world().await;
    // Neither length divides by three.
    let (one, other) = ([b'x'; 100], [b'y'; 98]);
    let (first, second) = (
        uploads(&world, "mesto01", &one).await,
        uploads(&world, "mesto01", &other).await,
    );
    let id = delivered(&world, &(first.reference() + &second.reference() + &inline(b"ahoj"))).await;
    let whole = call(&world, "novak01", "BigMessageDownload", &of(&id)).await;
    assert!(whole.body.contains("dmVODZ=\"true\" attsNum=\"3\""), "{}", whole.body);
    let start = whole.body.find("<p:dmDm").unwrap();
    let end = whole.body.find("</p:dmDm>").unwrap() + "</p:dmDm>".len();
    let dm_dm = &whole.body[start..end];
    for content in [one.as_slice(), other.as_slice(), b"ahoj"] {
        assert!(
            dm_dm.contains(&format!(">{}</p:dmEncodedContent>", base64(content))),
            "{dm_dm}"
        );
    }
    assert!(dm_dm.contains("dmFileGuid=\"g1\""));
    assert_eq!(whole.value("dmHash"), base64(&Sha256::digest(dm_dm)));
    assert_eq!(
        world
            .call("novak01", "dx", "VerifyMessage", &of(&id))
            .await
            .value("dmHash"),
        whole.value("dmHash")
    );
    for (login, operation) in [
        ("novak01", "SignedBigMessageDownload"),
        ("mesto01", "SignedSentBigMessageDownload"),
    ] {
        let sealed = decoded(&call(&world, login, operation, &of(&id)).await.value("dmSignature"));
        assert!(sealed.contains(dm_dm), "{operation}");
    }
    // Sender and recipient read each attachment by itself.
    for (number, content) in [("0", one.as_slice()), ("1", &other), ("2", b"ahoj")] {
        for login in ["novak01", "mesto01"] {
            let reply = call(&world, login, "DownloadAttachment", &attachment(&id, number)).await;
            assert_eq!(
                decoded(&reply.value("dmEncodedContent")).as_bytes(),
                content,
                "{login} {number}"
            );
        }
    }
    assert_eq!(
        world
            .call("novak01", "dx", "MarkMessageAsDownloaded", &of(&id))
            .await
            .code(),
        "0000"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_versions_of_soap_are_answered_in_kind() {
    let world = small_world().await;
    let body = format!(
        "<UploadAttachment xmlns=\"http://isds.czechpoint.cz/v20\">{}</UploadAttachment>",
        upload("text/plain", "a.txt", b"ahoj")
    );
    for (version, content_type) in [
        ("http://schemas.xmlsoap.org/soap/envelope/", "text/xml; charset=utf-8"),
        (
            "http://www.w3.org/2003/05/soap-envelope",
            "application/soap+xml; charset=utf-8",
        ),
    ] {
        let document = common::envelope(&body).replace("http://schemas.xmlsoap.org/soap/envelope/", version);
        let headers = authorization("mesto01");
        let reply = post(world.address, "/DS/vodz", &headers, content_type, document.as_bytes()).await;
        assert_eq!((reply.status, reply.code()), (200, "0000".into()), "{}", reply.body);
        assert_eq!(reply.header("content-type"), Some(content_type));
        assert!(reply.body.contains(version));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_uploads_leave_nothing() {
    let world = small_world().await;
    let good = upload("text/plain", "a.txt", b"ahoj");
    let wrong = [
        ("nothing", "2007", String::new()),
        ("no MIME type", "2035", upload("", "a.txt", b"ahoj")),
        ("a suffix", "2035", upload("txt", "a.txt", b"ahoj")),
        ("no attribute", "2035", good.replace(" dmMimeType=\"text/plain\"", "")),
        ("another MIME type", "1214", upload("application/pdf", "a.txt", b"ahoj")),
        (
            "a forbidden suffix",
            "1214",
            upload("application/octet-stream", "a.exe", b"MZ"),
        ),
        ("lying content", "1214", upload("application/pdf", "a.pdf", b"ahoj")),
        ("no name", "2007", upload("text/plain", "", b"ahoj")),
        (
            "a long name",
            "2007",
            upload("text/plain", &("x".repeat(252) + ".txt"), b"ahoj"),
        ),
        ("two files", "2007", good.clone() + &good),
        ("no content", "2010", good.replace("dmEncodedContent", "dmContent")),
        (
            "two contents",
            "2010",
            good.replace("</dmFile>", "<dmEncodedContent/></dmFile>"),
        ),
        ("no base64", "2010", good.replace(&base64(b"ahoj"), "ahoj, světe")),
        (
            "more than a message takes",
            "1296",
            upload("text/plain", "a.txt", &[b'a'; 1001]),
        ),
    ];
    for (name, code, inside) in wrong {
        let reply = call(&world, "mesto01", "UploadAttachment", &inside).await;
        assert_eq!(
            (reply.status, reply.code()),
            (200, code.into()),
            "{name}: {}",
            reply.body
        );
        assert!(!reply.body.contains("dmAttID"), "{name}");
        assert_eq!(world.objects(), Vec::<String>::new(), "{name}");
    }
    let broken = common::envelope(&format!(
        "<UploadAttachment xmlns=\"http://isds.czechpoint.cz/v20\">{good}</UploadAttachment><x/>"
    ));
    assert_eq!(world.send("mesto01", "vodz", &broken).await.code(), "fault");
    for (login, code) in [("zrus01", "1201"), ("mesto02", "1004")] {
        assert_eq!(call(&world, login, "UploadAttachment", &good).await.code(), code);
    }
    assert_eq!(world.objects(), Vec::<String>::new());
    let unused = world
        .isds
        .store
        .unused_upload_bytes("mesta2j".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(unused, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unused_uploads_have_a_quota_and_a_life() {
    let world = small_world().await;
    let first = uploads(&world, "mesto01", &[b'a'; 800]).await;
    uploads(&world, "mesto01", &[b'b'; 600]).await;
    let over = async || {
        call(
            &world,
            "mesto01",
            "UploadAttachment",
            &upload("text/plain", "a.txt", &[b'c'; 101]),
        )
        .await
    };
    assert_eq!(over().await.code(), "1286");
    assert_eq!(world.objects().len(), 2);
    uploads(&world, "mesto01", &[b'c'; 100]).await;
    let one_more = call(
        &world,
        "mesto01",
        "UploadAttachment",
        &upload("text/plain", "a.txt", b""),
    )
    .await;
    assert_eq!(one_more.code(), "1286", "not even an empty one");
    // What is used makes room.
    assert_eq!(sends(&world, &first.reference()).await.code(), "0000");
    let late = uploads(&world, "mesto01", &[b'd'; 800]).await;
    world.settle().await;
    world.clock.advance(2 * 3600 - 1);
    world.settle().await;
    let objects = world.objects().len();
    world.clock.advance(1);
    world.settle().await;
    assert_eq!(sends(&world, &late.reference()).await.code(), "1294", "it was purged");
    assert_eq!(sends(&world, &first.reference()).await.code(), "0000", "it was used");
    // Whoever reads one of them just now may finish.
    assert_eq!(world.objects().len(), objects + 1);
    world.clock.advance(3600);
    world.settle().await;
    assert_eq!(world.objects().len(), objects + 1 - 3);
    let unused = world
        .isds
        .store
        .unused_upload_bytes("mesta2j".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(unused, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn references_are_checked() {
    let world = small_world().await;
    let own = uploads(&world, "mesto01", &[b'a'; 190]).await;
    let foreign = uploads(&world, "novak01", &[b'a'; 190]).await;
    let good = own.reference();
    let wrong = [
        (
            "no such upload",
            "1294",
            good.replace(&format!("dmAttID=\"{}\"", own.id), "dmAttID=\"999\""),
        ),
        (
            "no number",
            "1294",
            good.replace(&format!("dmAttID=\"{}\"", own.id), "dmAttID=\"x1\""),
        ),
        ("another box's", "1293", foreign.reference()),
        ("hash 1", "1288", good.replace(&own.first, &own.second)),
        ("algorithm 1", "1288", good.replace("\"SHA-256\"", "\"SHA-512\"")),
        ("hash 2", "1289", good.replace(&own.second, &own.first)),
        ("algorithm 2", "1289", good.replace("SHA3-256", "SHA-256")),
        ("no id", "2007", good.replace("dmAttID", "attID")),
        ("no hash 1", "2007", good.replace("dmAttHash1=", "hash1=")),
        ("no hash 2", "2007", good.replace("dmAttHash2=", "hash2=")),
        ("no algorithm", "2007", good.replace("dmAttHash1Alg", "alg")),
        ("no meta type", "2007", good.replace("\"main\"", "\"\"")),
    ];
    let objects = world.objects();
    for (name, code, files) in wrong {
        let reply = sends(&world, &files).await;
        assert_eq!(
            (reply.status, reply.code()),
            (200, code.into()),
            "{name}: {}",
            reply.body
        );
        assert_eq!(world.messages().await, 0, "{name}");
        assert_eq!(world.objects(), objects, "{name}");
    }
    // Hexadecimal digits in either case are the same number.
    let upper = good.replace(&own.first, &own.first.to_uppercase());
    assert_eq!(sends(&world, &upper).await.code(), "0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_message_has_its_limits() {
    let world = small_world().await;
    let (small, large) = (
        uploads(&world, "mesto01", &[b'a'; 100]).await.reference(),
        uploads(&world, "mesto01", &[b'b'; 900]).await.reference(),
    );
    let xml = "<dmFile dmMimeType=\"text/xml\" dmFileMetaType=\"enclosure\" dmFileDescr=\"a.xml\"><dmXMLContent><x/>\
               </dmXMLContent></dmFile>";
    let objects = world.objects();
    let wrong = [
        ("too small", "1297", small.clone() + &inline(&[b'c'; 79])),
        ("too large", "1296", large.clone() + &small + &inline(b"c")),
        ("too large by what was uploaded", "1296", large.clone() + &large),
        (
            "an attachment that had to be uploaded",
            "1295",
            small.clone() + &inline(&[b'c'; 201]),
        ),
        ("none uploaded", "2007", inline(&[b'c'; 190])),
        (
            "uploaded after inline",
            "2007",
            small.clone() + &inline(&[b'c'; 100]) + &small,
        ),
        ("none at all", "2032", String::new()),
        (
            "no MIME type",
            "2035",
            large.clone() + &file("a.txt", "main", "YWhvag=="),
        ),
        ("lying content", "1214", large.clone() + &inline(b"MZ\x90\0")),
        ("XML content", "2010", large.clone() + xml),
        ("101 attachments", "1298", large.clone() + &inline(b"").repeat(100)),
    ];
    for (name, code, files) in wrong {
        let reply = sends(&world, &files).await;
        assert_eq!(
            (reply.status, reply.code()),
            (200, code.into()),
            "{name}: {}",
            reply.body
        );
        assert_eq!(world.messages().await, 0, "{name}");
        assert_eq!(world.objects(), objects, "{name}");
    }
    let good = big(&large);
    for (name, code, inside) in [
        ("no recipient", "2007", good.replace("nvak22s", "")),
        ("own box", "1216", good.replace("nvak22s", "mesta2j")),
        ("no such box", "1203", good.replace("nvak22s", "aydaadk")),
        ("no envelope", "2007", format!("<dmFiles>{large}</dmFiles>")),
        ("nothing", "2007", String::new()),
    ] {
        let reply = call(&world, "mesto01", "CreateBigMessage", &inside).await;
        assert_eq!(reply.code(), code, "{name}");
    }
    for (login, code) in [("zrus01", "1201"), ("mesto02", "1004")] {
        assert_eq!(call(&world, login, "CreateBigMessage", &good).await.code(), code);
    }
    let xml_broken = common::envelope(&format!(
        "<CreateBigMessage xmlns=\"http://isds.czechpoint.cz/v20\">{good}</CreateBigMessage><x/>"
    ));
    assert_eq!(world.send("mesto01", "vodz", &xml_broken).await.code(), "fault");
    assert_eq!(world.messages().await, 0);
    assert_eq!(world.objects(), objects);
    // At the borders it is accepted, and the same upload may be in it twice.
    assert_eq!(
        sends(&world, &(small.clone() + &inline(&[b'c'; 80]))).await.code(),
        "0000"
    );
    assert_eq!(sends(&world, &(large.clone() + &small)).await.code(), "0000");
    assert_eq!(sends(&world, &(small.clone() + &small)).await.code(), "0000");
    assert_eq!(sends(&world, &(small + &inline(&[b'c'; 200]))).await.code(), "0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_size_has_its_own_services() {
    let world = small_world().await;
    let upload = uploads(&world, "mesto01", &[b'a'; 190]).await;
    let large = delivered(&world, &upload.reference()).await;
    let small = world.send_message("mesto01", "nvak22s", "Malá zpráva").await;
    list(&world, "novak01", "GetListOfReceivedMessages").await;
    for (login, ordinary, big) in [
        ("novak01", "MessageDownload", "BigMessageDownload"),
        ("novak01", "SignedMessageDownload", "SignedBigMessageDownload"),
        ("mesto01", "SignedSentMessageDownload", "SignedSentBigMessageDownload"),
    ] {
        assert_eq!(
            world.call(login, "dz", ordinary, &of(&large)).await.code(),
            "1281",
            "{ordinary}"
        );
        assert_eq!(call(&world, login, big, &of(&small)).await.code(), "1281", "{big}");
        assert_eq!(
            world.call(login, "dz", ordinary, &of(&small)).await.code(),
            "0000",
            "{ordinary}"
        );
        assert_eq!(call(&world, login, big, &of(&large)).await.code(), "0000", "{big}");
    }
    let one = call(&world, "novak01", "DownloadAttachment", &attachment(&small, "0")).await;
    assert_eq!(one.code(), "1281");
    // Over its size an ordinary message is refused as ever.
    let ordinary = common::message("nvak22s", "Zpráva", &file("a.txt", "main", &base64(&[b'a'; 201])));
    assert_eq!(
        world.call("mesto01", "dz", "CreateMessage", &ordinary).await.code(),
        "1200"
    );
    // A document of either size is examined by either service.
    let sealed = call(&world, "novak01", "SignedBigMessageDownload", &of(&large))
        .await
        .value("dmSignature");
    for (service, operation) in [("dz", "AuthenticateMessage"), ("vodz", "AuthenticateBigMessage")] {
        let examined = world
            .call(
                "mesto02",
                service,
                operation,
                &format!("<dmMessage>{sealed}</dmMessage>"),
            )
            .await;
        assert_eq!(
            (examined.code(), examined.value("dmAuthResult")),
            ("0000".into(), "true".into())
        );
    }
    let nonsense = call(
        &world,
        "mesto02",
        "AuthenticateBigMessage",
        "<dmMessage>YWhvag==</dmMessage>",
    )
    .await;
    assert_eq!(nonsense.code(), "2200");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attachments_are_downloaded_by_those_who_may() {
    let world = small_world().await;
    let upload = uploads(&world, "mesto01", &[b'a'; 190]).await;
    let created = sends(&world, &upload.reference()).await.value("dmID");
    let download = async |login: &str, inside: String| call(&world, login, "DownloadAttachment", &inside).await.code();
    // Before it is delivered, neither side has it.
    assert_eq!(download("mesto01", attachment(&created, "0")).await, "1229");
    assert_eq!(download("novak01", attachment(&created, "0")).await, "1219");
    world.settle().await;
    assert_eq!(download("mesto01", attachment(&created, "0")).await, "0000");
    assert_eq!(download("novak01", attachment(&created, "0")).await, "1222");
    list(&world, "novak01", "GetListOfReceivedMessages").await;
    assert_eq!(download("novak01", attachment(&created, "0")).await, "0000");
    for number in ["1", "-1", "9223372036854775807"] {
        let reply = call(&world, "novak01", "DownloadAttachment", &attachment(&created, number)).await;
        assert_eq!(reply.code(), "1299");
        assert_eq!(reply.value("dmStatusMessage"), format!("Příloha {number} neexistuje"));
    }
    assert_eq!(download("novak01", of(&created)).await, "2007");
    assert_eq!(download("novak01", attachment(&created, "x")).await, "2007");
    assert_eq!(download("novak01", attachment("999", "0")).await, "1219");
    assert_eq!(download("mesto02", attachment(&created, "0")).await, "1004");
    assert_eq!(download("zrus01", attachment(&created, "0")).await, "1211");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_and_uploads_at_once() {
    let world = small_world().await;
    let upload = uploads(&world, "mesto01", &[b'a'; 190]).await;
    let both = upload.reference() + &upload.reference();
    let answers = futures::future::join_all((0..8).map(|_| sends(&world, &both))).await;
    let mut numbers: Vec<String> = answers.iter().map(|reply| reply.value("dmID")).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 8);
    assert_eq!(world.messages().await, 8);
    // Its content, and for each message what stands around it.
    assert_eq!(world.objects().len(), 9);
    // Its time is over while messages take it: it stays, since it is used.
    world.clock.advance(2 * 3600);
    world.settle().await;
    world.clock.advance(3600);
    let (reply, ()) = futures::future::join(sends(&world, &both), world.settle()).await;
    assert_eq!(reply.code(), "0000");
    let id = numbers.remove(0);
    list(&world, "novak01", "GetListOfReceivedMessages").await;
    let downloaded = call(&world, "novak01", "DownloadAttachment", &attachment(&id, "0")).await;
    assert_eq!(decoded(&downloaded.value("dmEncodedContent")), "a".repeat(190));
}

/// For each upload, either the purge came first and the message is refused, or the message has its content for good.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_purge_never_takes_the_content_of_a_message() {
    let world = small_world().await;
    let mut sent = 0;
    for _ in 0..8 {
        let mut references = Vec::new();
        for _ in 0..6 {
            references.push(uploads(&world, "mesto01", &[b'a'; 190]).await.reference());
        }
        world.clock.advance(2 * 3600);
        // The purge comes when the first message is through and the others are on their way.
        let mut sending: FuturesUnordered<_> = references.iter().map(|files| sends(&world, files)).collect();
        let first = sending.next().await.unwrap();
        let (mut replies, ()) = futures::future::join(sending.collect::<Vec<_>>(), world.settle()).await;
        replies.push(first);
        // Well after the grace in which a purged object is still there.
        world.clock.advance(2 * 3600);
        world.settle().await;
        for reply in replies {
            match reply.code().as_str() {
                "0000" => {
                    sent += 1;
                    let inside = attachment(&reply.value("dmID"), "0");
                    let reply = call(&world, "mesto01", "DownloadAttachment", &inside).await;
                    assert_eq!(decoded(&reply.value("dmEncodedContent")), "a".repeat(190));
                }
                code => assert_eq!(code, "1294", "{}", reply.body),
            }
        }
    }
    println!("{sent} sent");
    assert!(sent >= 8);
    assert_eq!(world.objects().len(), 2 * sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_postal_message_is_paid_for() {
    let world = small_world().await;
    common::postal::add_firms(&world).await;
    // Nobody pays: as for an ordinary message.
    let upload = uploads(&world, "firma01", &[b'a'; 190]).await;
    let objects = world.objects();
    let inside = |upload: &Uploaded| big(&upload.reference()).replace("nvak22s", "maria2f");
    let reply = call(&world, "firma01", "CreateBigMessage", &inside(&upload)).await;
    assert_eq!(reply.code(), "1205", "{}", reply.body);
    assert_eq!(world.objects(), objects);
    // The contract pays.
    let upload = uploads(&world, "banka01", &[b'a'; 190]).await;
    let reply = call(&world, "banka01", "CreateBigMessage", &inside(&upload)).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    world.settle().await;
    let listed = list(&world, "dvora01", "GetListOfReceivedMessages").await;
    assert!(
        listed.body.contains("<q:dmRecord dmType=\"K\" dmVODZ=\"true\">"),
        "{}",
        listed.body
    );
    let unused = world
        .isds
        .store
        .unused_upload_bytes("banka2q".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(unused, 0, "it was used in the transaction that took the payment");
    // What was purged is gone for a paid message too, and nothing is taken for it.
    let late = uploads(&world, "banka01", &[b'b'; 190]).await;
    world.clock.advance(2 * 3600);
    world.settle().await;
    let reply = call(&world, "banka01", "CreateBigMessage", &inside(&late)).await;
    assert_eq!(reply.code(), "1294");
}

/// What comes is written as it comes, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_of_megabytes_is_one_object() {
    let world = World::new().await;
    let content: Vec<u8> = (0..19_u32 << 20).map(|n| b'a' + (n % 23) as u8).collect();
    let upload = uploads(&world, "mesto01", &content).await;
    assert_eq!(upload.first, hex(&Sha256::digest(&content)));
    assert_eq!((world.writers.begun(), world.objects().len()), (1, 1));
    assert_eq!(world.writers.bytes(), content.len() as u64);
    let id = delivered(&world, &upload.reference()).await;
    // Only what stands around it is new.
    assert_eq!((world.writers.begun(), world.objects().len()), (1, 2));
    assert!(world.writers.bytes() < content.len() as u64 + 10_000);
    let reply = call(&world, "novak01", "DownloadAttachment", &attachment(&id, "0")).await;
    assert!(
        base64_simd::STANDARD
            .decode_to_vec(reply.value("dmEncodedContent"))
            .unwrap()
            == content
    );
    let sent = call(&world, "mesto01", "SignedSentBigMessageDownload", &of(&id)).await;
    assert_eq!(sent.code(), "0000");
    // What an ordinary message could carry is no large one.
    let small = uploads(&world, "mesto01", &content[..(18 << 20) - 1]).await;
    assert_eq!(sends(&world, &small.reference()).await.code(), "1297");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
