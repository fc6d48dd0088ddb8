//! What time alone does: fiction, retention, the vault.

#![expect(clippy::unwrap_used, reason = "helpers outside of tests")]

use crate::common;

use common::{World, file, message, postal};
use isds_core::Failure;
use isds_core::ids::MessageId;
use isds_core::message::SideOf;
use isds_core::ports::SystemCertificate;
use isds_core::postal::VaultTerm;
use isds_core::time::{Clock, Timestamp, start_of_day};
use isds_core::vault::{Vault, VaultKind};
use jiff::civil::date;

const DAY: i64 = 86_400;
const ALL: &str = "<dmStatusFilter>-1</dmStatusFilter>";

/// What a box sees of its copy: `dmMessageStatus` of the recipient and of the sender.
async fn states(world: &World, id: MessageId) -> (i16, i16) {
    let message = world.isds.store.lookup_message(id).await.unwrap().unwrap();
    (
        message.state.wire(SideOf::Recipient),
        message.state.wire(SideOf::Sender),
    )
}

/// Sent and in the box; `envelope` stands at the end of the envelope.
async fn sent(world: &World, from: &str, to: &str, envelope: &str) -> MessageId {
    let files = file("a.txt", "main", "YWhvag==");
    let content = message(to, "Věc", &files).replace("</dmEnvelope>", &format!("{envelope}</dmEnvelope>"));
    let reply = world.call(from, "dz", "CreateMessage", &content).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    world.settle().await;
    MessageId(reply.value("dmID").parse().unwrap())
}

/// Winds the clock to a day and does what has fallen due by then.
async fn wind_to(world: &World, time: Timestamp) {
    world
        .clock
        .advance((time.0 - world.clock.legal().0).div_euclid(1_000_000));
    world.settle().await;
}

async fn wind(world: &World, days: i64) {
    world.clock.advance(days * DAY);
    world.settle().await;
}

async fn login(world: &World, who: &str) {
    let reply = world.call(who, "dx", "GetListOfReceivedMessages", ALL).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
}

/// The times of the events of a kind, as the sender's delivery info tells them.
async fn events(world: &World, who: &str, id: MessageId, kind: &str) -> Vec<String> {
    let reply = world
        .call(who, "dx", "GetDeliveryInfo", &format!("<dmID>{id}</dmID>"))
        .await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    let body = reply.body.replace("<q:", "<p:").replace("</q:", "</p:");
    body.split("<p:dmEvent>")
        .skip(1)
        .filter(|event| event.contains(&format!("<p:dmEventDescr>{kind}:")))
        .map(|event| {
            let after = event.split("<p:dmEventTime>").nth(1).unwrap();
            after.split('<').next().unwrap().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn fiction_strikes_at_the_end_of_its_last_day() {
    let world = World::new().await;
    let id = sent(&world, "mesto01", "nvak22s", "").await;
    let waiting = world.isds.store.lookup_message(id).await.unwrap().unwrap();
    let due = waiting.state.fiction_due.unwrap();
    wind_to(&world, due.plus_seconds(-1)).await;
    assert_eq!(states(&world, id).await, (4, 4));
    // An outage of nine days: the event carries the day of fiction all the same.
    world.clock.advance(9 * DAY);
    world.settle().await;
    assert_eq!(states(&world, id).await, (5, 5));
    let told = world.isds.store.list_events(id).await.unwrap();
    assert_eq!(told.last().unwrap().time, due);
    assert_eq!(events(&world, "mesto01", id, "EV2").await.len(), 1);
    assert_eq!(
        events(&world, "mesto01", id, "EV6").await.len(),
        0,
        "somebody has access"
    );
    login(&world, "novak01").await;
    assert_eq!(states(&world, id).await, (6, 6));
    let kept = world.isds.store.lookup_message(id).await.unwrap().unwrap();
    assert_eq!(kept.state.accepted, Some(due), "a later login does not move it");
    let changes = world.call("mesto01", "dx", "GetMessageStateChanges", "").await;
    assert!(
        changes.body.contains(">5<") && changes.body.contains(">6<"),
        "{}",
        changes.body
    );
}

/// Somebody signs in after fiction struck and before its job has had its turn.
#[tokio::test]
async fn a_login_does_not_overtake_fiction() {
    let world = World::new().await;
    let id = sent(&world, "mesto01", "nvak22s", "").await;
    let waiting = world.isds.store.lookup_message(id).await.unwrap().unwrap();
    let due = waiting.state.fiction_due.unwrap();
    world.clock.advance((due.0 - world.clock.legal().0) / 1_000_000 + 5);
    login(&world, "novak01").await;
    let kept = world.isds.store.lookup_message(id).await.unwrap().unwrap();
    assert_eq!((states(&world, id).await, kept.state.accepted), ((6, 6), Some(due)));
    assert_eq!(events(&world, "mesto01", id, "EV2").await.len(), 1);
    assert_eq!(events(&world, "mesto01", id, "EV11").await.len(), 1);
}

/// The box is disabled after fiction struck and before its job has had its turn.
#[tokio::test]
async fn a_closing_does_not_overtake_fiction() {
    let world = World::new().await;
    let id = sent(&world, "mesto01", "nvak22s", "").await;
    let due = world
        .isds
        .store
        .lookup_message(id)
        .await
        .unwrap()
        .unwrap()
        .state
        .fiction_due
        .unwrap();
    world.clock.advance((due.0 - world.clock.legal().0) / 1_000_000 + 5);
    let disabled = world
        .call(
            "spravce01",
            "DsManage",
            "DisableDataBoxExternally2",
            "<dbID>nvak22s</dbID>",
        )
        .await;
    assert_eq!(disabled.code(), "0000", "{}", disabled.body);
    world.settle().await;
    assert_eq!(states(&world, id).await, (5, 5));
}

#[tokio::test]
async fn fiction_that_was_ruled_out_never_strikes() {
    let world = World::new().await;
    let id = sent(
        &world,
        "mesto01",
        "nvak22s",
        "<dmAllowSubstDelivery>false</dmAllowSubstDelivery>",
    )
    .await;
    wind(&world, 400).await;
    assert_eq!(states(&world, id).await, (4, 4));
    // Three years after it was put into the box it is erased all the same.
    wind(&world, 3 * 366).await;
    assert_eq!(states(&world, id).await, (9, 9));
}

#[tokio::test]
async fn content_is_erased_ninety_days_after_the_login_and_three_years_after_fiction() {
    let world = World::new().await;
    let read = sent(&world, "mesto01", "nvak22s", "").await;
    login(&world, "novak01").await;
    let unread = sent(&world, "mesto01", "nvak22s", "").await;
    wind(&world, 89).await;
    assert_eq!(
        (states(&world, read).await, states(&world, unread).await),
        ((6, 6), (5, 5))
    );
    let before = world.objects().len();
    wind(&world, 2).await;
    assert_eq!(states(&world, read).await, (9, 9));
    let gone = world.isds.store.lookup_message(read).await.unwrap().unwrap();
    assert_eq!(gone.content.segments, []);
    world.clock.advance(2 * 3600);
    world.settle().await;
    assert!(world.objects().len() < before, "its objects are removed");
    let info = world
        .call("mesto01", "dx", "GetDeliveryInfo", &format!("<dmID>{read}</dmID>"))
        .await;
    assert_eq!(info.code(), "0000", "what happened stays: {}", info.body);
    let content = world
        .call("novak01", "dz", "MessageDownload", &format!("<dmID>{read}</dmID>"))
        .await;
    assert_eq!(content.code(), "1219", "{}", content.body);
    wind(&world, 3 * 366).await;
    assert_eq!(states(&world, unread).await, (9, 9));
}

fn trial(capacity: i64, from: jiff::civil::Date, to: jiff::civil::Date) -> Vault {
    Vault {
        kind: VaultKind::Trial,
        term: VaultTerm { capacity, from, to },
    }
}

async fn used(world: &World, box_id: &str) -> i64 {
    let account = world
        .isds
        .store
        .lookup_vaults(postal::id(box_id), world.clock.legal())
        .await;
    account.unwrap().used
}

#[tokio::test]
async fn a_vault_keeps_what_it_has_room_for_until_its_end() {
    let world = World::new().await;
    let operator = postal::principal(&world, "spravce01").await;
    let today = world.clock.legal().local_date();
    let end = date(today.year() + 1, 6, 30);
    let vault = trial(10, today, end);
    let box_id = postal::id("nvak22s");
    world.isds.grant_vault(&operator, box_id, vault).await.unwrap();
    let mut all = Vec::new();
    for _ in 0..11 {
        all.push(sent(&world, "mesto01", "nvak22s", "").await);
    }
    login(&world, "novak01").await;
    wind(&world, 91).await;
    for id in &all[..10] {
        assert_eq!(states(&world, *id).await, (10, 9), "the sender has no vault");
    }
    assert_eq!(states(&world, all[10]).await, (9, 9), "there is room for ten");
    assert_eq!(used(&world, "nvak22s").await, 10);
    // The system tells of both marks, and what it tells is not kept in the vault itself.
    let told = world.call("novak01", "dx", "GetListOfReceivedMessages", ALL).await;
    for subject in ["Datový trezor je téměř zaplněn", "Datový trezor je zaplněn"] {
        assert!(told.body.contains(subject), "{subject}: {}", told.body);
    }
    let info = world.call("novak01", "df", "DTInfo", "<dbId>nvak22s</dbId>").await;
    assert_eq!(
        (
            info.value("ActDTType"),
            info.value("ActDTCapacity"),
            info.value("ActDTCapUsed")
        ),
        ("4".into(), "10".into(), "10".into())
    );
    // What is erased by hand makes room.
    let erase = format!("<dmID>{}</dmID><dmIncoming>true</dmIncoming>", all[0]);
    let erased = world.call("novak01", "dx", "EraseMessage", &erase).await;
    assert_eq!(erased.code(), "0000", "{}", erased.body);
    assert_eq!(used(&world, "nvak22s").await, 9);
    // A following term with less room keeps the youngest.
    let next = trial(10, end.tomorrow().unwrap(), date(end.year() + 1, 6, 30));
    world.isds.grant_vault(&operator, box_id, next).await.unwrap();
    let info = world.call("novak01", "df", "DTInfo", "<dbId>nvak22s</dbId>").await;
    assert_eq!(
        (info.value("FutDTType"), info.value("FutDTPaid")),
        ("4".into(), "1".into())
    );
    wind_to(&world, vault.ends().plus_seconds(5)).await;
    assert_eq!(states(&world, all[1]).await, (10, 9), "the following term took it over");
    wind_to(&world, next.ends().plus_seconds(5)).await;
    assert_eq!(states(&world, all[1]).await, (9, 9), "nothing follows");
    assert_eq!(used(&world, "nvak22s").await, 0);
}

/// Ninety days pass at once over a vault that ended in their middle.
#[tokio::test]
async fn what_counts_is_the_day_on_which_it_fell_due() {
    let world = World::new().await;
    let operator = postal::principal(&world, "spravce01").await;
    let today = world.clock.legal().local_date();
    let id = sent(&world, "mesto01", "nvak22s", "").await;
    login(&world, "novak01").await;
    let last = today.saturating_add(jiff::ToSpan::days(95));
    let vault = trial(10, today, last);
    world
        .isds
        .grant_vault(&operator, postal::id("nvak22s"), vault)
        .await
        .unwrap();
    wind(&world, 94).await;
    assert_eq!(states(&world, id).await, (10, 9));
    let second = sent(&world, "mesto01", "nvak22s", "").await;
    login(&world, "novak01").await;
    wind(&world, 200).await;
    assert_eq!(states(&world, id).await, (9, 9), "with the vault");
    assert_eq!(states(&world, second).await, (9, 9), "due after its end");
}

fn code(failure: Failure) -> String {
    match failure {
        Failure::Refused(refusal) => refusal.status().code().to_owned(),
        broken => format!("{broken:?}"),
    }
}

#[tokio::test]
async fn a_vault_is_bought_from_credit_by_who_may() {
    let world = postal::world().await;
    postal::top_up(&world, "firma2x", 3_000, "1").await;
    let owner = postal::principal(&world, "firma01").await;
    let today = world.clock.legal().local_date();
    let vault = world.isds.buy_vault(&owner, 20, today).await.unwrap();
    assert_eq!((vault.kind, vault.term.from), (VaultKind::Credit, today));
    let ledger = format!("<dbID>firma2x</dbID><ciFromDate>{today}</ciFromDate><ciTodate>{today}</ciTodate>");
    let ledger = world.call("firma01", "df", "DataBoxCreditInfo", &ledger).await;
    assert_eq!(
        (ledger.value("currentCredit"), ledger.value("ciNewCapacity")),
        ("1000".into(), "20".into()),
        "{}",
        ledger.body
    );
    let again = world.isds.buy_vault(&owner, 10, today).await.unwrap_err();
    assert_eq!(code(again), "2007", "a second click");
    let after = vault.term.to.tomorrow().unwrap();
    let dear = world.isds.buy_vault(&owner, 11, after).await.unwrap_err();
    assert_eq!(code(dear), "1205");
    let next = world.isds.buy_vault(&owner, 10, after).await.unwrap();
    assert_eq!(start_of_day(next.term.from), vault.ends());
    let third = next.term.to.tomorrow().unwrap();
    let third = world.isds.buy_vault(&owner, 10, third).await.unwrap_err();
    assert_eq!(code(third), "2007");
    let clerk = postal::principal(&world, "firma02").await;
    for wrong in [
        world.isds.buy_vault(&clerk, 20, today).await,
        world.isds.grant_vault(&owner, postal::id("firma2x"), vault).await,
    ] {
        assert_eq!(code(wrong.unwrap_err()), "1004");
    }
}

#[tokio::test]
async fn messages_of_the_system_stay_a_hundred_days_and_never_in_a_vault() {
    let world = World::new().await;
    let operator = postal::principal(&world, "spravce01").await;
    let today = world.clock.legal().local_date();
    let vault = trial(10, today, date(today.year() + 2, 1, 1));
    world
        .isds
        .grant_vault(&operator, postal::id("mesta2j"), vault)
        .await
        .unwrap();
    sent(&world, "mesto01", "nvak22s", "").await;
    world
        .call(
            "spravce01",
            "DsManage",
            "DisableDataBoxExternally2",
            "<dbID>nvak22s</dbID>",
        )
        .await;
    world.settle().await;
    let told = world.call("mesto01", "dx", "GetListOfReceivedMessages", ALL).await;
    let id = MessageId(told.value("dmID").parse().unwrap());
    wind(&world, 89).await;
    assert_eq!(states(&world, id).await.0, 6);
    wind(&world, 12).await;
    assert_eq!(states(&world, id).await.0, 9);
}

/// EV6 follows fiction in a box without users, and goes with it where the box proves to have been disabled before.
#[tokio::test]
async fn fiction_in_a_box_without_users_says_so() {
    let world = World::new().await;
    let id = sent(&world, "mesto01", "nvak22s", "").await;
    world
        .execute("UPDATE memberships SET box_id = 'mesta2j' WHERE box_id = 'nvak22s'")
        .await;
    wind(&world, 20).await;
    assert_eq!(states(&world, id).await, (5, 5));
    let fiction = events(&world, "mesto01", id, "EV2").await;
    assert_eq!(events(&world, "mesto01", id, "EV6").await, fiction);
    assert_eq!(fiction.len(), 1);
}

/// A node that knows no fiction delivered it: it is counted when a newer one looks, and what it missed is made up for.
#[tokio::test]
async fn fiction_that_an_older_node_left_out_is_made_up_for() {
    let world = World::new().await;
    let id = sent(&world, "mesto01", "nvak22s", "").await;
    let never = sent(
        &world,
        "mesto01",
        "nvak22s",
        "<dmAllowSubstDelivery>false</dmAllowSubstDelivery>",
    )
    .await;
    let due = async |id| {
        let message = world.isds.store.lookup_message(id).await.unwrap().unwrap();
        message.state.fiction_due
    };
    let counted = due(id).await.unwrap();
    world.execute("UPDATE messages SET fiction_due = NULL").await;
    world.settle().await;
    assert_eq!((due(id).await, due(never).await), (Some(counted), None));
    world.execute("UPDATE messages SET fiction_due = NULL").await;
    wind(&world, 20).await;
    assert_eq!(
        (states(&world, id).await, states(&world, never).await),
        ((5, 5), (4, 4))
    );
    let kept = world.isds.store.lookup_message(id).await.unwrap().unwrap();
    assert_eq!(kept.state.accepted, Some(counted), "dated to the day of the law");
}

/// Many fall due while nobody works: the oldest comes first, each on its own day, in as many batches as it takes.
#[tokio::test]
async fn an_outage_is_caught_up_with_in_order() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(sent(&world, "mesto01", "nvak22s", "").await);
        wind(&world, 3).await;
    }
    // Four years of it: fiction, and the end of retention after it.
    wind(&world, 4 * 366).await;
    let mut before = Timestamp(0);
    for id in ids {
        let kept = world.isds.store.lookup_message(id).await.unwrap().unwrap();
        assert_eq!(states(&world, id).await, (9, 9));
        let accepted = kept.state.accepted.unwrap();
        assert!(accepted >= before && accepted < kept.state.delivered_in.unwrap().plus_seconds(20 * DAY));
        before = accepted;
        assert_eq!(events(&world, "mesto01", id, "EV2").await.len(), 1);
    }
}

/// A box is told once that a certificate of its applications ends, however many days are wound at once.
#[tokio::test]
async fn the_end_of_a_certificate_is_told_once() {
    let world = World::new().await;
    for (n, days) in [(1, 20), (2, 40), (3, -1)] {
        let certificate = SystemCertificate {
            fingerprint: [n; 32],
            box_id: "nvak22s".parse().unwrap(),
            expires: world.clock.real().plus_seconds(days * DAY),
        };
        world.isds.store.add_certificate(&certificate).await.unwrap();
    }
    world.settle().await;
    wind(&world, 3).await;
    let list = world.call("novak01", "dx", "GetListOfReceivedMessages", ALL).await;
    let told = list.body.matches("Platnost systémového certifikátu končí").count();
    assert_eq!(told, 1, "{}", list.body);
}
