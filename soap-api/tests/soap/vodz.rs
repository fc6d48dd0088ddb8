//! Large messages (VoDZ): what they carry, how they are shown, and who may download them.

use crate::common;

use common::golden::Golden;
use common::http::post;
use common::vodz::{
    Uploaded, attachment, base64, big, call, delivered, inline, list, of, sends, small_world, upload, uploads,
};
use common::{World, authorization, decoded, file};
use sha2::{Digest, Sha256};

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
