//! Uploads for large messages (VoDZ) and the messages made of them: every limit, every refusal, and who comes first.

use crate::common;

use common::vodz::{attachment, base64, big, call, inline, list, sends, small_world, upload, uploads};
use common::{decoded, file};
use futures::StreamExt;
use futures::stream::FuturesUnordered;

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
