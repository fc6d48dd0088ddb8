//! What the system itself tells boxes (manual M 1.11).

#![expect(clippy::unwrap_used, reason = "helpers outside of tests")]

use crate::common;

use std::sync::atomic::Ordering;

use common::golden::Golden;
use common::{World, decoded, file, message};
use isds_core::ids::{IsdsId, MessageId};
use isds_core::message::{Message, Phase, SideOf};
use isds_core::system_message::{DueSystemMessage, SystemMessage, UndeliverableNotice, UserNotice};

const ALL: &str = "<dmStatusFilter>-1</dmStatusFilter>";

async fn promise(world: &World, to: &str, message: SystemMessage) {
    let due = DueSystemMessage {
        recipient: to.parse().unwrap(),
        message,
    };
    world.isds.store.promise_system_messages(&[due]).await.unwrap();
}

/// Numbers of the messages that a box's list shows, newest first; the call delivers them.
async fn received(world: &World, login: &str) -> Vec<String> {
    let list = world.call(login, "dx", "GetListOfReceivedMessages", ALL).await;
    assert_eq!(list.code(), "0000", "{}", list.body);
    list.body
        .split("<q:dmID>")
        .skip(1)
        .map(|rest| rest[..rest.find('<').unwrap()].to_owned())
        .collect()
}

/// The document for people and the one for programs.
async fn attachments(world: &World, login: &str, id: &str) -> (String, String) {
    let reply = world
        .call(login, "dz", "MessageDownload", &format!("<dmID>{id}</dmID>"))
        .await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    let mut contents = reply
        .body
        .split("<p:dmEncodedContent>")
        .skip(1)
        .map(|rest| decoded(&rest[..rest.find('<').unwrap()]));
    (contents.next().unwrap(), contents.next().unwrap())
}

async fn lookup(world: &World, id: &str) -> Message {
    let id = MessageId(id.parse().unwrap());
    world.isds.store.lookup_message(id).await.unwrap().unwrap()
}

#[tokio::test]
async fn every_kind_is_as_recorded() {
    let world = World::new().await;
    let mut golden = Golden::of("system_messages");
    let user = || UserNotice {
        isds_id: IsdsId("DS_vzor00001".into()),
        name: "Jana Vzorová & syn".into(),
    };
    let undeliverable = UndeliverableNotice {
        message: MessageId(1_000_007),
        recipient: "nvak22s".parse().unwrap(),
        recipient_name: "Jan Novák".into(),
        disabled: "2026-05-12".parse().unwrap(),
        done: "2026-06-01".parse().unwrap(),
        annotation: Some("Výzva <k> doplnění".into()),
        sender_ref_number: Some("Č.j. 5/2026".into()),
        sender_ident: None,
    };
    let kinds = [
        SystemMessage::MalwareFound {
            message: MessageId(1_000_007),
            recipient: "nvak22s".parse().unwrap(),
        },
        SystemMessage::UserAdded(user()),
        SystemMessage::Undeliverable(Box::new(undeliverable)),
        SystemMessage::PrivilegesChanged(user()),
        SystemMessage::UserRemoved(user()),
        SystemMessage::DisabledOnRequest,
        SystemMessage::DisabledByLaw,
        SystemMessage::DisabledByInterruption,
        SystemMessage::DisabledForGood,
        SystemMessage::EnabledAgain,
    ];
    for kind in kinds {
        let number = kind.number();
        promise(&world, "mesta2j", kind).await;
        world.clock.advance(1);
        world.settle().await;
        let id = received(&world, "mesto01").await.remove(0);
        let (html, xml) = attachments(&world, "mesto01", &id).await;
        golden.compare(&format!("type_{number}_html"), &html);
        golden.compare(&format!("type_{number}"), &xml);
        assert!(xml.contains(&format!("<SystemMessage type=\"{number}\">")), "{xml}");
        if number == 3 {
            let download = world
                .call("mesto01", "dz", "MessageDownload", &format!("<dmID>{id}</dmID>"))
                .await;
            golden.answer("message_download", "dz", &download);
        }
    }
    golden.finish();
}

#[tokio::test]
async fn come_from_the_administrator_and_are_not_replied_to() {
    let world = World::new().await;
    promise(&world, "nvak22s", SystemMessage::EnabledAgain).await;
    world.settle().await;
    let id = received(&world, "novak01").await.remove(0);
    let kept = lookup(&world, &id).await;
    assert_eq!(kept.envelope.sender.as_str(), "aaaaaaa");
    assert_eq!(kept.envelope.sender_type, 0);
    let author = world
        .call("novak01", "dx", "GetMessageAuthor", &format!("<dmID>{id}</dmID>"))
        .await;
    assert_eq!(author.value("userType"), "OFFICIAL", "{}", author.body);
    let reply = message("aaaaaaa", "Odpověď", &file("a.txt", "main", "YWhvag=="));
    assert_eq!(
        world.call("novak01", "dz", "CreateMessage", &reply).await.code(),
        "1203"
    );
    let spam = format!("<dmID>{id}</dmID><allowComplete>false</allowComplete>");
    assert_eq!(
        world.call("novak01", "dx", "SuspMessageReport", &spam).await.code(),
        "1609"
    );
    let sealed = world
        .call("novak01", "dz", "SignedMessageDownload", &format!("<dmID>{id}</dmID>"))
        .await;
    assert_eq!(sealed.code(), "0000", "sealed like any other: {}", sealed.body);
}

#[tokio::test]
async fn are_kept_a_hundred_days_and_ninety_after_a_login() {
    let world = World::new().await;
    promise(&world, "nvak22s", SystemMessage::EnabledAgain).await;
    promise(&world, "mesta2j", SystemMessage::EnabledAgain).await;
    world.settle().await;
    let waiting = world
        .isds
        .store
        .list_waiting_messages("nvak22s".parse().unwrap(), true, MessageId(0), 10);
    let waiting = waiting.await.unwrap().remove(0);
    let days = |from: isds_core::time::Timestamp, n: i64| Some(from.plus_seconds(n * 86_400));
    assert_eq!(
        waiting.state.side(SideOf::Recipient).due,
        days(waiting.state.delivered_in.unwrap(), 100)
    );
    let id = received(&world, "mesto01").await.remove(0);
    let read = lookup(&world, &id).await;
    assert_eq!(
        read.state.side(SideOf::Recipient).due,
        days(read.state.accepted.unwrap(), 90)
    );
}

#[tokio::test]
async fn reach_a_box_that_is_not_accessible() {
    let world = World::new().await;
    promise(&world, "zrus22r", SystemMessage::DisabledByLaw).await;
    world.settle().await;
    let id = received(&world, "zrus01").await.remove(0);
    assert_eq!(
        lookup(&world, &id).await.state.phase,
        Phase::Accepted,
        "a login delivers it there too"
    );
    // Its closing does not make it undeliverable, unlike what others sent.
    world
        .call("spravce01", "DsManage", "DisableOwnDataBox2", "<dbID>nvak22s</dbID>")
        .await;
    world.settle().await;
    let id = received(&world, "novak01").await.remove(0);
    assert_eq!(lookup(&world, &id).await.state.phase, Phase::Accepted);
    let (_, xml) = attachments(&world, "novak01", &id).await;
    assert!(xml.contains("type=\"7\""), "{xml}");
}

#[tokio::test]
async fn nothing_is_sent_into_a_deleted_box() {
    let world = World::new().await;
    promise(&world, "nvak22s", SystemMessage::EnabledAgain).await;
    let deleted = world
        .call("spravce01", "DsManage", "DeleteDataBoxPromptly", "<dbID>nvak22s</dbID>")
        .await;
    assert_eq!(deleted.code(), "0000");
    world.settle().await;
    // Nobody can sign in to ask for a list; that nothing was written is what there is to see. The closing looks
    // a second time, once nobody can have been on the way into the box.
    world.clock.advance(60);
    world.settle().await;
    assert_eq!(world.isds.store.count_jobs().await.unwrap(), 0);
    assert_eq!(world.objects(), Vec::<String>::new());
}

#[tokio::test]
async fn wait_for_the_authority_like_any_message_and_arrive_once() {
    let world = World::new().await;
    world.authority.off.store(true, Ordering::SeqCst);
    promise(&world, "nvak22s", SystemMessage::EnabledAgain).await;
    for _ in 0..3 {
        world.isds.run_due_jobs().await.unwrap();
    }
    assert_eq!(received(&world, "novak01").await, Vec::<String>::new());
    world.authority.off.store(false, Ordering::SeqCst);
    world.clock.advance(600);
    world.settle().await;
    assert_eq!(received(&world, "novak01").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_send_one() {
    let world = World::new().await;
    for _ in 0..4 {
        promise(&world, "nvak22s", SystemMessage::EnabledAgain).await;
    }
    // A node that took them all and was lost: when its lease has run out, two others share what it left.
    let jobs = world
        .isds
        .store
        .claim_jobs(isds_core::time::Timestamp(1), isds_core::time::Timestamp(2), 10);
    assert_eq!(jobs.await.unwrap().len(), 4);
    let (a, b) = tokio::join!(world.isds.run_due_jobs(), world.isds.run_due_jobs());
    // The first messages accepted may already be carried on by the other node, as jobs beyond the four.
    assert!(a.unwrap().taken + b.unwrap().taken >= 4);
    world.settle().await;
    assert_eq!(received(&world, "novak01").await.len(), 4);
    assert_eq!(world.objects().len(), 4);
}
