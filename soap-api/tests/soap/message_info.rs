//! What is asked about messages: authors, erased ones, notifications, reports, numbers; each answer recorded and valid.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use std::io::Read;

use common::golden::Golden;
use common::http::Reply;
use common::{World, file};
use isds_core::Isds;
use isds_core::ids::MessageId;
use isds_core::message::{Input, SideOf, apply};
use isds_core::ports::MessageChange;
use isds_core::time::Timestamp;

fn id(id: &str) -> String {
    format!("<dmID>{id}</dmID>")
}

fn erase(id: &str, incoming: bool) -> String {
    format!("<dmID>{id}</dmID><dmIncoming>{incoming}</dmIncoming>")
}

/// Sends a message on which the author publishes what `publish` says.
async fn send(world: &World, from: &str, to: &str, publish: &str) -> String {
    let envelope = format!(
        "<dmEnvelope><dbIDRecipient>{to}</dbIDRecipient><dmAnnotation>Výzva</dmAnnotation>{publish}</dmEnvelope>"
    );
    let files = file("a.txt", "main", "YWhvag==");
    let inside = format!("{envelope}<dmFiles>{files}</dmFiles>");
    let reply = world.call(from, "dz", "CreateMessage", &inside).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    world.settle().await;
    reply.value("dmID")
}

async fn list(world: &World, login: &str) {
    let reply = world.call(login, "dx", "GetListOfReceivedMessages", "").await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
}

/// What the end of a retention does, which nobody waits for here.
async fn expire(isds: &Isds, id: &str, side: SideOf, to_vault: bool) {
    let message = isds.store.lookup_message(id.parse::<MessageId>().unwrap()).await;
    let message = message.unwrap().unwrap();
    let vault_until = to_vault.then(|| isds.clock.legal().plus_seconds(86_400));
    let change = apply(&message.state, Input::Expire { side, vault_until }).unwrap();
    let change = MessageChange {
        state: change.state,
        ..MessageChange::unchanged(&message)
    };
    isds.store.apply_changes(&[change]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn authors_are_shown_as_far_as_they_agreed() {
    let world = World::new().await;
    let mut golden = Golden::of("message_author");
    let silent = send(&world, "mesto01", "nvak22s", "").await;
    let named = send(&world, "mesto01", "nvak22s", "<dmPublishOwnID>true</dmPublishOwnID>").await;
    let nameless = send(
        &world,
        "mesto01",
        "nvak22s",
        "<dmPublishOwnID IdLevel=\"0\">true</dmPublishOwnID>",
    )
    .await;
    let whole = send(
        &world,
        "novak01",
        "mesta2j",
        "<dmPublishOwnID IdLevel=\"127\">true</dmPublishOwnID>",
    )
    .await;
    let refused = send(
        &world,
        "mesto01",
        "nvak22s",
        "<dmPublishOwnID IdLevel=\"127\">false</dmPublishOwnID>",
    )
    .await;
    for (name, login, number) in [
        ("silent", "novak01", &silent),
        ("named", "novak01", &named),
        ("nameless", "novak01", &nameless),
        ("whole", "mesto01", &whole),
        ("whole_sender", "novak01", &whole),
        ("refused", "novak01", &refused),
    ] {
        let first = world.call(login, "dx", "GetMessageAuthor", &id(number)).await;
        golden.answer(&format!("{name}_1"), "dx", &first);
        let second = world.call(login, "dx", "GetMessageAuthor2", &id(number)).await;
        golden.answer(&format!("{name}_2"), "dx", &second);
    }
    let foreign = world.call("zrus01", "dx", "GetMessageAuthor", &id(&named)).await;
    golden.answer("foreign", "dx", &foreign);
    assert_eq!(foreign.code(), "1211");
    let unknown = world.call("novak01", "dx", "GetMessageAuthor2", &id("999")).await;
    golden.answer("unknown", "dx", &unknown);
    assert_eq!(unknown.code(), "1219");
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_application_sends_is_virtual() {
    let world = World::new().await;
    let envelope = "<dmEnvelope><dbIDRecipient>nvak22s</dbIDRecipient><dmAnnotation>Výzva</dmAnnotation>\
        <dmPublishOwnID IdLevel=\"127\">true</dmPublishOwnID></dmEnvelope>";
    let files = file("a.txt", "main", "YWhvag==");
    let inside = format!("{envelope}<dmFiles>{files}</dmFiles>");
    let sent = world.call_as_application("dz", "CreateMessage", &inside).await;
    assert_eq!(sent.code(), "0000", "{}", sent.body);
    world.settle().await;
    let number = sent.value("dmID");
    let author = world.call("novak01", "dx", "GetMessageAuthor", &id(&number)).await;
    assert_eq!(author.value("userType"), "VIRTUAL");
    let author = world.call("novak01", "dx", "GetMessageAuthor2", &id(&number)).await;
    assert_eq!(author.body.matches("maItem key").count(), 1, "{}", author.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vault_is_emptied_by_hand() {
    let world = World::new().await;
    let mut golden = Golden::of("erase_message");
    let number = world.send_message("mesto01", "nvak22s", "Výzva").await;
    list(&world, "novak01").await;
    let outside = world.call("novak01", "dx", "EraseMessage", &erase(&number, true)).await;
    golden.answer("not_in_vault", "dx", &outside);
    assert_eq!(outside.code(), "1219");
    expire(&world.isds, &number, SideOf::Recipient, true).await;
    for (login, inside, code) in [
        ("mesto02", erase(&number, true), "1218"),
        ("mesto01", erase(&number, false), "1219"),
        ("mesto01", erase(&number, true), "1219"),
        ("zrus01", erase(&number, true), "1211"),
        ("novak01", erase(&number, false), "1219"),
        ("novak01", erase("999", true), "1219"),
        ("novak01", id(&number), "2007"),
    ] {
        let reply = world.call(login, "dx", "EraseMessage", &inside).await;
        assert_eq!(reply.code(), code, "{login} {inside}");
        if code == "1218" || code == "1211" {
            golden.answer(&format!("refused_{code}"), "dx", &reply);
        }
    }
    let erased = world.call("novak01", "dx", "EraseMessage", &erase(&number, true)).await;
    golden.answer("erased", "dx", &erased);
    let again = world.call("novak01", "dx", "EraseMessage", &erase(&number, true)).await;
    assert_eq!(again.code(), "1219");
    // The sender's copy is its own.
    let sent = world
        .call("mesto01", "dz", "SignedSentMessageDownload", &id(&number))
        .await;
    assert_eq!(sent.code(), "0000");
    let read = world.call("novak01", "dz", "MessageDownload", &id(&number)).await;
    assert_eq!(read.code(), "1219");
    let freed = async || {
        world
            .isds
            .store
            .list_freed_objects(Timestamp(i64::MAX), 10)
            .await
            .unwrap()
            .len()
    };
    assert_eq!(freed().await, 0, "one side needs the content still");
    expire(&world.isds, &number, SideOf::Sender, true).await;
    let last = world
        .call("mesto01", "dx", "EraseMessage", &erase(&number, false))
        .await;
    assert_eq!(last.code(), "0000");
    assert_eq!(freed().await, 1, "nobody needs it any more");
    golden.finish();
}

fn order(interval: &str, side: &str, format: &str) -> String {
    format!("{interval}<dmMessageType>{side}</dmMessageType><dmOutFormat>{format}</dmOutFormat>")
}

fn ticket(id: &str) -> String {
    format!("<asyncID>{id}</asyncID><asyncReqType>LIST_ERASED</asyncReqType>")
}

fn unzipped(reply: &Reply) -> (String, String) {
    let bytes = base64_simd::STANDARD
        .decode_to_vec(reply.value("asyncResponse"))
        .unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    assert_eq!(archive.len(), 1);
    let mut entry = archive.by_index(0).unwrap();
    let mut text = String::new();
    entry.read_to_string(&mut text).unwrap();
    (entry.name().unwrap().into_owned(), text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn erased_messages_are_listed_in_the_background() {
    let world = World::new().await;
    let mut golden = Golden::of("erased_messages");
    let erased = world
        .send_message("mesto01", "nvak22s", "Výzva; \"k úhradě\", &amp; jiné")
        .await;
    world.send_message("mesto01", "nvak22s", "Živá").await;
    list(&world, "novak01").await;
    expire(&world.isds, &erased, SideOf::Recipient, false).await;
    let interval = "<dmFromDate>2026-05-01</dmFromDate><dmToDate>2026-06-01</dmToDate>";
    let ordered = world
        .call(
            "novak01",
            "dx",
            "GetListOfErasedMessages",
            &order(interval, "RECEIVED", "XML"),
        )
        .await;
    golden.answer("ordered", "dx", &ordered);
    let number = ordered.value("asyncID");
    let early = world
        .call("novak01", "dx", "PickUpAsyncResponse", &ticket(&number))
        .await;
    golden.answer("not_ready", "dx", &early);
    assert_eq!(early.code(), "2352");
    world.settle().await;
    let ready = world
        .call("novak01", "dx", "PickUpAsyncResponse", &ticket(&number))
        .await;
    golden.answer("picked_up", "dx", &ready);
    let (name, xml) = unzipped(&ready);
    assert_eq!(name, "erased_messages.xml");
    golden.compare("list_xml", &xml);
    for (inside, records) in [
        (order("<dmYear>2026</dmYear><dmMonth>6</dmMonth>", "RECEIVED", "CSV"), 1),
        (order("<dmYear>2026</dmYear><dmMonth>5</dmMonth>", "RECEIVED", "CSV"), 0),
        (order("<dmYear>2026</dmYear>", "RECEIVED", "CSV"), 1),
        (order("<dmYear>2026</dmYear>", "SENT", "CSV"), 0),
    ] {
        let ordered = world.call("novak01", "dx", "GetListOfErasedMessages", &inside).await;
        world.settle().await;
        let ready = world
            .call(
                "novak01",
                "dx",
                "PickUpAsyncResponse",
                &ticket(&ordered.value("asyncID")),
            )
            .await;
        let (name, csv) = unzipped(&ready);
        assert_eq!(name, "erased_messages.csv");
        assert_eq!(csv.lines().count(), 1 + records, "{inside}: {csv}");
        if records == 1 && inside.contains("dmMonth") {
            golden.compare("list_csv", &csv);
        }
    }
    // Another's ticket, one that nobody has, and none at all.
    for (login, inside, code) in [
        ("mesto01", ticket(&number), "2351"),
        ("novak01", ticket("4711"), "2351"),
        ("novak01", ticket("x"), "2351"),
        ("novak01", format!("<asyncID>{number}</asyncID>"), "2007"),
    ] {
        let reply = world.call(login, "dx", "PickUpAsyncResponse", &inside).await;
        assert_eq!(reply.code(), code, "{inside}");
    }
    for (inside, code) in [
        (order("<dmFromDate>2026-05-01</dmFromDate>", "SENT", "XML"), "2007"),
        (
            order(&format!("{interval}<dmYear>2026</dmYear>"), "SENT", "XML"),
            "2007",
        ),
        (
            order("<dmYear>2026</dmYear><dmMonth>13</dmMonth>", "SENT", "XML"),
            "2017",
        ),
        (order("<dmYear>99999</dmYear>", "SENT", "XML"), "2017"),
        (
            order(
                "<dmFromDate>2026-06-31</dmFromDate><dmToDate>2026-07-01</dmToDate>",
                "SENT",
                "XML",
            ),
            "2017",
        ),
        (
            order(
                "<dmFromDate>2026-06-02</dmFromDate><dmToDate>2026-06-01</dmToDate>",
                "SENT",
                "XML",
            ),
            "2017",
        ),
        (order("<dmYear>2026</dmYear>", "BOTH", "XML"), "2007"),
        (order("<dmYear>2026</dmYear>", "SENT", "PDF"), "2007"),
    ] {
        let reply = world.call("novak01", "dx", "GetListOfErasedMessages", &inside).await;
        assert_eq!(reply.code(), code, "{inside}");
    }
    // After a week it is gone, as soon as the next one is ordered.
    let objects = world.objects().len();
    world.clock.advance(8 * 86_400);
    let inside = order("<dmYear>2026</dmYear>", "SENT", "XML");
    let next = world.call("novak01", "dx", "GetListOfErasedMessages", &inside).await;
    assert_eq!(next.code(), "0000");
    let gone = world
        .call("novak01", "dx", "PickUpAsyncResponse", &ticket(&number))
        .await;
    golden.answer("removed", "dx", &gone);
    assert_eq!(gone.code(), "2353");
    assert!(world.objects().len() < objects, "old lists leave the object storage");
    for _ in 0..49 {
        assert_eq!(
            world
                .call("novak01", "dx", "GetListOfErasedMessages", &inside)
                .await
                .code(),
            "0000"
        );
    }
    let many = world.call("novak01", "dx", "GetListOfErasedMessages", &inside).await;
    golden.answer("too_many", "dx", &many);
    assert_eq!(many.code(), "2354");
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applications_learn_what_waits_without_delivering_it() {
    let world = World::new().await;
    let mut golden = Golden::of("notifications");
    let since = "<ntfFromTime>2026-01-01T00:00:00</ntfFromTime><ntfScope>ALL</ntfScope>";
    let stranger = world.call_as_application("dx", "GetListForNotifications", since).await;
    golden.answer("not_registered", "dx", &stranger);
    assert_eq!(stranger.code(), "1004");
    for (inside, code) in [
        ("<action>2</action>", "2007"),
        ("", "2007"),
        ("<action>1</action>", "0000"),
    ] {
        let reply = world
            .call_as_application("dx", "RegisterForNotifications", inside)
            .await;
        assert_eq!(reply.code(), code, "{inside}");
        golden.answer(&format!("registered_{code}{}", inside.len()), "dx", &reply);
    }
    world.clock.advance(60);
    let number = world.send_message("novak01", "mesta2j", "Podání").await;
    let listed = world.call_as_application("dx", "GetListForNotifications", since).await;
    golden.answer("listed", "dx", &listed);
    assert_eq!(listed.value("dmID"), number);
    // Nothing was delivered by it.
    let state = world.call("novak01", "dx", "GetDeliveryInfo", &id(&number)).await;
    assert_eq!(state.value("dmMessageStatus"), "4");
    let later = "<ntfFromTime>2030-01-01T00:00:00</ntfFromTime><ntfScope/>";
    let none = world.call_as_application("dx", "GetListForNotifications", later).await;
    golden.answer("nothing", "dx", &none);
    for (inside, code) in [
        (
            "<ntfFromTime>2026-01-01T00:00:00</ntfFromTime><ntfScope>MINE</ntfScope>",
            "2007",
        ),
        ("<ntfScope>ALL</ntfScope>", "2007"),
        ("<ntfFromTime>včera</ntfFromTime><ntfScope>ALL</ntfScope>", "2017"),
    ] {
        let reply = world.call_as_application("dx", "GetListForNotifications", inside).await;
        assert_eq!(reply.code(), code, "{inside}");
    }
    // Persons may not, whatever their privileges.
    for (operation, inside) in [
        ("RegisterForNotifications", "<action>1</action>"),
        ("GetListForNotifications", since),
    ] {
        let person = world.call("mesto01", "dx", operation, inside).await;
        golden.answer(&format!("person_{operation}"), "dx", &person);
        assert_eq!(person.code(), "1004");
    }
    let cancelled = world
        .call_as_application("dx", "RegisterForNotifications", "<action>0</action>")
        .await;
    assert_eq!(cancelled.code(), "0000");
    let refused = world.call_as_application("dx", "GetListForNotifications", since).await;
    assert_eq!(refused.code(), "1004");
    golden.finish();
}

fn report(id: &str, rest: &str) -> String {
    format!("<dmID>{id}</dmID>{rest}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn suspicious_messages_are_reported() {
    let world = World::new().await;
    let mut golden = Golden::of("susp_message_report");
    let whole = "<repName>Jana Vzorová</repName><repMail>jana@vzor.cz</repMail><repTel>+420 777 123 456</repTel>\
        <allowComplete>true</allowComplete><note>Chce po nás peníze.</note>";
    let number = world.send_message("novak01", "mesta2j", "Výhra").await;
    let official = world.send_message("mesto01", "nvak22s", "Výzva").await;
    let call = async |login: &str, inside: &str| world.call(login, "dx", "SuspMessageReport", inside).await;
    let waiting = call("mesto01", &report(&number, whole)).await;
    assert_eq!(waiting.code(), "1222");
    list(&world, "mesto01").await;
    list(&world, "novak01").await;
    let short = "<allowComplete>false</allowComplete>";
    for (name, login, inside, code) in [
        ("reported", "mesto01", report(&number, whole), "0000"),
        ("reported_again", "mesto01", report(&number, short), "0000"),
        ("no_message", "mesto01", report("999", short), "1600"),
        ("authority", "novak01", report(&official, short), "1610"),
        ("another_box", "zrus01", report(&number, short), "1611"),
        ("sender", "novak01", report(&number, short), "1616"),
        (
            "telephone",
            "mesto01",
            report(&number, "<repTel>dvanáct</repTel><allowComplete>0</allowComplete>"),
            "1614",
        ),
        (
            "mail",
            "mesto01",
            report(&number, "<repMail>jana</repMail><allowComplete>0</allowComplete>"),
            "1615",
        ),
        ("no_right", "mesto02", report(&number, short), "1004"),
        ("incomplete", "mesto01", report(&number, ""), "2007"),
        (
            "long",
            "mesto01",
            report(&number, &format!("{short}<note>{}</note>", "x".repeat(4001))),
            "2007",
        ),
    ] {
        let reply = call(login, &inside).await;
        assert_eq!(reply.code(), code, "{name}: {}", reply.body);
        golden.answer(name, "dx", &reply);
    }
    let kept = world
        .isds
        .store
        .list_suspicion_reports(number.parse().unwrap())
        .await
        .unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (kept[0].allow_complete, kept[0].name.as_deref()),
        (false, None),
        "the last report counts"
    );
    expire(&world.isds, &number, SideOf::Recipient, true).await;
    let vault = call("mesto01", &report(&number, short)).await;
    golden.answer("vault", "dx", &vault);
    assert_eq!(vault.code(), "1612");
    let second = world.send_message("novak01", "mesta2j", "Výhra").await;
    list(&world, "mesto01").await;
    world.clock.advance(90 * 86_400);
    let late = call("mesto01", &report(&second, short)).await;
    golden.answer("late", "dx", &late);
    assert_eq!(late.code(), "1613");
    expire(&world.isds, &second, SideOf::Recipient, false).await;
    assert_eq!(call("mesto01", &report(&second, short)).await.code(), "1600");
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_are_counted() {
    let world = World::new().await;
    let mut golden = Golden::of("num_of_messages");
    let none = world.call("novak01", "DsManage", "NumOfMessages", "<statType/>").await;
    golden.answer("none", "stat", &none);
    world.send_message("mesto01", "nvak22s", "Výzva").await;
    world.send_message("novak01", "mesta2j", "Podání").await;
    world.clock.advance(86_400);
    assert_eq!(
        world
            .call("novak01", "DsManage", "NumOfMessages", "")
            .await
            .value("statResult"),
        "2"
    );
    world.send_message("novak01", "mesta2j", "Podání").await;
    let three = world
        .call("spravce01", "DsManage", "NumOfMessages", "<statType>0</statType>")
        .await;
    golden.answer("three", "stat", &three);
    let kind = world
        .call("novak01", "DsManage", "NumOfMessages", "<statType>7</statType>")
        .await;
    golden.answer("unknown_kind", "stat", &kind);
    assert_eq!(kind.code(), "2007");
    golden.finish();
}
