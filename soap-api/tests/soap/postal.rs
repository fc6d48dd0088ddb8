//! What the services about titles and credit of postal messages answer, and how such messages are refused.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use common::World;
use common::golden::Golden;
use common::postal::{PLAIN, Wish, add_firms, grant, id, initiating, principal, send, sent, top_up, wish, world};
use isds_core::Limits;
use isds_core::postal::{Booking, CreditEvent, Prices, SubsidyKind, VaultTerm};
use jiff::civil::date;
use soap_api::SoapConfig;

const DAY: i64 = 86_400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_as_recorded() {
    let world = world().await;
    let mut golden = Golden::of("postal");
    refusals(&world, &mut golden).await;
    titles(&world, &mut golden).await;
    credit(&world, &mut golden).await;
    vault_and_constants(&world, &mut golden).await;
    golden.finish();
}

async fn refusals(world: &World, golden: &mut Golden) {
    for (name, from, to, wish, code) in [
        ("no_title", "firma01", "banka2q", PLAIN, "1205"),
        ("recipient_takes_none", "banka01", "nvak22s", PLAIN, "1232"),
        ("marked_public", "banka01", "firma2x", wish("V"), "1233"),
        ("nothing_to_reply_to", "firma01", "banka2q", wish("O"), "1234"),
        (
            "initiating_without_contract",
            "firma01",
            "banka2q",
            initiating("a"),
            "1242",
        ),
        ("initiating_without_identifier", "banka01", "firma2x", wish("I"), "1243"),
    ] {
        let reply = send(world, from, to, wish).await;
        assert_eq!(reply.code(), code, "{name}");
        golden.answer(&format!("create_message_{name}"), "dz", &reply);
    }
    let nothing = Wish {
        theirs: "neexistuje",
        ..wish("O")
    };
    assert_eq!(send(world, "firma01", "banka2q", nothing).await.code(), "1234");
    world.assert_nothing_stored().await;
    golden.answer(
        "pdz_info_nothing",
        "df",
        &world
            .call("firma01", "df", "PDZInfo", "<PDZSender>firma2x</PDZSender>")
            .await,
    );
}

async fn titles(world: &World, golden: &mut Golden) {
    sent(world, "banka01", "firma2x", initiating("banka_2026_1")).await;
    let again = send(world, "banka01", "maria2f", initiating("banka_2026_1")).await;
    golden.answer("create_message_identifier_used", "dz", &again);
    assert_eq!(again.code(), "1243");
    grant(world, SubsidyKind::Global, None).await;
    grant(world, SubsidyKind::Limited, Some(3)).await;
    grant(world, SubsidyKind::External, Some(1)).await;
    top_up(world, "firma2x", 12_500, "PLATBA-1").await;
    let ask = async |login: &str, inside: &str| world.call(login, "df", "PDZInfo", inside).await;
    golden.answer(
        "pdz_info_everything",
        "df",
        &ask("firma02", "<PDZSender>firma2x</PDZSender>").await,
    );
    golden.answer(
        "pdz_info_contract",
        "df",
        &ask("banka01", "<PDZSender>banka2q</PDZSender>").await,
    );
    let by_operator = ask("spravce01", "<PDZSender>banka2q</PDZSender>").await;
    assert!(by_operator.body.contains("PDZType>K<"), "{}", by_operator.body);
    assert_eq!(ask("spravce01", "<PDZSender>aydaadk</PDZSender>").await.code(), "5001");
    let (other, malformed) = ("<PDZSender>banka2q</PDZSender>", "<PDZSender>banka</PDZSender>");
    golden.answer("pdz_info_other_box", "df", &ask("firma01", other).await);
    golden.answer("pdz_info_malformed", "df", &ask("firma01", malformed).await);
    let ask = async |login: &str, inside: &str| world.call(login, "df", "PDZSendInfo", inside).await;
    golden.answer(
        "pdz_send_info_yes",
        "df",
        &ask("firma01", "<dbId>maria2f</dbId><PDZType>Normal</PDZType>").await,
    );
    golden.answer(
        "pdz_send_info_no",
        "df",
        &ask("mesto01", "<dbId>maria2f</dbId><PDZType/>").await,
    );
    golden.answer(
        "pdz_send_info_malformed",
        "df",
        &ask("firma01", "<dbId>maria</dbId><PDZType/>").await,
    );
    golden.answer(
        "pdz_send_info_unknown_type",
        "df",
        &ask("firma01", "<dbId>maria2f</dbId><PDZType>Normalni</PDZType>").await,
    );
    golden.answer(
        "pdz_send_info_no_box",
        "df",
        &ask("spravce01", "<dbId>maria2f</dbId>").await,
    );
}

async fn credit(world: &World, golden: &mut Golden) {
    let store = &world.isds.store;
    world.clock.advance(3600);
    sent(world, "firma01", "maria2f", wish("E")).await;
    // The donor pays as long as there is one; the credit is only for when there is none.
    let balance = store.lookup_credit(id("firma2x")).await.unwrap().unwrap().balance;
    assert_eq!(balance, 12_500);
    top_up(world, "advka2c", 3_000, "PLATBA-2").await;
    sent(world, "advok01", "firma2x", PLAIN).await;
    let operator = principal(world, "spravce01").await;
    let withdrawn = world.isds.withdraw_credit(&operator, id("advka2c"), 500, "VRATKA-1");
    assert_eq!(withdrawn.await.unwrap().balance, 1_500);
    let term = |year| VaultTerm {
        capacity: 50,
        from: date(year, 7, 1),
        to: date(year + 1, 6, 30),
    };
    let purchase = CreditEvent::VaultPurchase {
        new: term(2026),
        old: None,
        done_by: Some("Vzorná Marie".into()),
    };
    let renewal = CreditEvent::VaultPurchase {
        new: term(2027),
        old: Some(term(2026)),
        done_by: None,
    };
    let restore = CreditEvent::VaultRestore {
        done_by: "Vzorná Marie".into(),
    };
    for event in [purchase, renewal, restore] {
        world.clock.advance(60);
        let booking = Booking {
            box_id: id("advka2c"),
            change: -100,
            event,
            time: isds_core::time::Clock::legal(&*world.clock).to_millis(),
        };
        store.book_credit(&booking, None).await.unwrap();
    }
    let ask = async |login: &str, box_id: &str, from: &str, to: &str| {
        let inside = format!("<dbID>{box_id}</dbID><ciFromDate>{from}</ciFromDate><ciTodate>{to}</ciTodate>");
        world.call(login, "df", "DataBoxCreditInfo", &inside).await
    };
    golden.answer("credit_balance", "df", &ask("advok01", "advka2c", "", "").await);
    golden.answer(
        "credit_history",
        "df",
        &ask("advok01", "advka2c", "2026-06-01", "2026-06-01").await,
    );
    golden.answer(
        "credit_none",
        "df",
        &ask("dvora01", "maria2f", "2026-06-01", "2026-06-01").await,
    );
    for (name, box_id, from, to, code) in [
        ("other_box", "firma2x", "", "", "1004"),
        ("malformed_box", "firma", "", "", "2011"),
        ("no_date", "advka2c", "1.6.2026", "2026-06-01", "1058"),
        ("too_old", "advka2c", "2025-02-28", "2025-03-01", "1093"),
        ("too_long", "advka2c", "2025-03-01", "2026-03-02", "1137"),
    ] {
        let reply = ask("advok01", box_id, from, to).await;
        assert_eq!(reply.code(), code, "{name}");
        golden.answer(&format!("credit_{name}"), "df", &reply);
    }
    for (from, to, code) in [
        ("2026-06-02", "2026-06-01", "1058"),
        ("2026-06-02", "", "1058"),
        ("", "2026-06-02", "1058"),
        ("2026-02-29", "2026-03-01", "1058"),
        ("2025-03-01", "2026-03-01", "0000"),
    ] {
        assert_eq!(ask("advok01", "advka2c", from, to).await.code(), code, "{from} {to}");
    }
    assert_eq!(ask("spravce01", "advka2c", "", "").await.value("currentCredit"), "1200");
    let before = ask("advok01", "advka2c", "2026-05-01", "2026-05-31").await;
    assert!(!before.body.contains("ciRecord>"), "{}", before.body);

    // Five years to the instant after the last top-up the rest is gone, and the ledger says when.
    let account = store.lookup_credit(id("advka2c")).await.unwrap().unwrap();
    let now = isds_core::time::Clock::legal(&*world.clock);
    world.clock.advance((account.expires.0 - now.0) / 1_000_000 - 1);
    assert_eq!(ask("advok01", "advka2c", "", "").await.value("currentCredit"), "1200");
    world.clock.advance(2);
    assert_eq!(send(world, "advok01", "firma2x", PLAIN).await.code(), "1205");
    world.clock.advance(DAY);
    golden.answer(
        "credit_expired",
        "df",
        &ask("advok01", "advka2c", "2031-05-01", "2031-07-01").await,
    );
    assert_eq!(ask("advok01", "advka2c", "", "").await.value("currentCredit"), "0");
}

async fn vault_and_constants(world: &World, golden: &mut Golden) {
    let ask = async |inside: &str| world.call("firma02", "df", "DTInfo", inside).await;
    golden.answer("dt_info", "df", &ask("<dbId>firma2x</dbId>").await);
    golden.answer("dt_info_other_box", "df", &ask("<dbId>banka2q</dbId>").await);
    golden.answer("dt_info_malformed", "df", &ask("<dbId/>").await);
    let ask = async |login: &str, inside: &str| world.call(login, "df", "GetConstants", inside).await;
    golden.answer("constants", "df", &ask("firma02", "<constDate/>").await);
    golden.answer(
        "constants_before_the_beginning",
        "df",
        &ask("mesto01", "<constDate>2009-06-30</constDate>").await,
    );
    golden.answer(
        "constants_no_date",
        "df",
        &ask("mesto01", "<constDate>dnes</constDate>").await,
    );
    assert_eq!(ask("spravce01", "").await.code(), "1004");
}

#[tokio::test]
async fn whether_a_message_could_be_sent() {
    let world = world().await;
    let could = async |login: &str, to: &str, kind: &str| {
        let inside = format!("<dbId>{to}</dbId><PDZType>{kind}</PDZType>");
        let reply = world.call(login, "df", "PDZSendInfo", &inside).await;
        assert_eq!(reply.code(), "0000", "{}", reply.body);
        reply.value("PDZsiResult") == "true"
    };
    for kind in ["Normal", "Init", "VoDZ", ""] {
        assert!(could("banka01", "firma2x", kind).await, "{kind}");
        assert!(could("banka01", "maria2f", kind).await, "{kind}");
        assert!(!could("firma01", "banka2q", kind).await, "no title, {kind}");
        assert!(!could("banka01", "mesta2j", kind).await, "to an authority, {kind}");
        assert!(!could("mesto01", "firma2x", kind).await, "from an authority, {kind}");
        assert!(
            !could("banka01", "nvak22s", kind).await,
            "to one who takes none, {kind}"
        );
        assert!(!could("banka01", "zrus22r", kind).await, "to a closed box, {kind}");
        assert!(!could("zrus01", "firma2x", kind).await, "from a closed box, {kind}");
        assert!(!could("banka01", "banka2q", kind).await, "to oneself, {kind}");
        assert!(!could("banka01", "aydaadk", kind).await, "to nobody, {kind}");
        assert!(!could("firma02", "banka2q", kind).await, "without the right, {kind}");
    }
    // Being invited to reply is no title of one's own.
    sent(&world, "banka01", "firma2x", initiating("Č.j. 7")).await;
    assert!(!could("firma01", "banka2q", "Normal").await);
    top_up(&world, "firma2x", 999, "P1").await;
    assert!(!could("firma01", "banka2q", "Normal").await);
    top_up(&world, "firma2x", 1, "P2").await;
    assert!(could("firma01", "banka2q", "Normal").await);
    assert!(
        !could("firma01", "banka2q", "Init").await,
        "an invitation needs a contract"
    );
    assert!(!could("firma02", "banka2q", "Normal").await, "without the right");
    grant(&world, SubsidyKind::Limited, None).await;
    assert!(could("firma01", "maria2f", "VoDZ").await);
}

#[tokio::test]
async fn large_postal_messages_have_their_price() {
    let limits = Limits {
        large_message_least_bytes: 1,
        prices: Prices {
            vault_message_year: 100,
            postal_message: 700,
            large_postal_message: 2000,
        },
        ..Limits::default()
    };
    let world = World::with(SoapConfig::default(), limits).await;
    add_firms(&world).await;
    top_up(&world, "firma2x", 1999, "P1").await;
    for (kind, expected) in [("Normal", "true"), ("VoDZ", "false")] {
        let inside = format!("<dbId>banka2q</dbId><PDZType>{kind}</PDZType>");
        let reply = world.call("firma01", "df", "PDZSendInfo", &inside).await;
        assert_eq!(reply.value("PDZsiResult"), expected);
    }
    let rules = world
        .call("firma01", "df", "PDZInfo", "<PDZSender>firma2x</PDZSender>")
        .await;
    assert_eq!(rules.value("PDZCnt"), "2");

    let file = "<dmFile dmMimeType=\"text/plain\" dmFileDescr=\"a.txt\">\
                <dmEncodedContent>YWhvag==</dmEncodedContent></dmFile>";
    let upload = world.call("firma01", "vodz", "UploadAttachment", file).await;
    let message = format!(
        "<dmEnvelope><dbIDRecipient>banka2q</dbIDRecipient><dmAnnotation>x</dmAnnotation></dmEnvelope><dmFiles>\
         <dmExtFile dmFileMetaType=\"main\" dmAttID=\"{}\" dmAttHash1=\"{}\" dmAttHash1Alg=\"SHA-256\" \
         dmAttHash2=\"{}\" dmAttHash2Alg=\"SHA3-256\"/></dmFiles>",
        upload.value("dmAttID"),
        upload.value("dmAttHash1"),
        upload.value("dmAttHash2")
    );
    let send_large = async || world.call("firma01", "vodz", "CreateBigMessage", &message).await.code();
    assert_eq!(send_large().await, "1205");
    // What was refused for want of money did not use up the attachment.
    top_up(&world, "firma2x", 701, "P2").await;
    assert_eq!(send_large().await, "0000");
    assert_eq!(send_large().await, "1205");
    sent(&world, "firma01", "banka2q", PLAIN).await;
    let credit = world
        .call("firma01", "df", "DataBoxCreditInfo", "<dbID>firma2x</dbID>")
        .await;
    assert_eq!(credit.value("currentCredit"), "0");
    let sent = world.call("firma01", "dx", "GetListOfSentMessages", "").await;
    assert_eq!(sent.body.matches("dmType=\"E\"").count(), 2, "{}", sent.body);
}
