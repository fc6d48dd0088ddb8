//! Every kind of postal message from hand to hand, who pays for it, and that nothing is paid with money that is gone.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use common::http::Reply;
use common::postal::{PLAIN, Wish, grant, id, initiating, principal, send, sent, top_up, wish, world};
use common::{World, file};
use isds_core::envelope::EnvelopeDraft;
use isds_core::ids::BoxId;
use isds_core::postal::{Subsidy, SubsidyId, SubsidyKind};
use isds_core::principal::Principal;
use isds_core::time::Timestamp;
use isds_core::{AttachmentDraft, Failure, Submission};

const DAY: i64 = 86_400;

/// The attribute `dmType` of a message in an answer; `V` where it has none.
fn letter(body: &str, number: &str) -> String {
    let at = body
        .find(&format!("dmID>{number}<"))
        .unwrap_or_else(|| panic!("{number} in {body}"));
    let start = ["<q:dmRecord", "<q:dmReturnedMessage", "<q:dmReturnedMessageEnvelope"]
        .iter()
        .filter_map(|tag| body[..at].rfind(tag))
        .max()
        .unwrap();
    let tag = &body[start..start + body[start..].find('>').unwrap()];
    match tag.split_once("dmType=\"") {
        Some((_, rest)) => rest[..rest.find('"').unwrap()].to_owned(),
        None => "V".to_owned(),
    }
}

async fn list(world: &World, login: &str, operation: &str) -> String {
    let reply = world.call(login, "dx", operation, "").await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    reply.body
}

/// The letter in every form in which both sides see the message: lists, the message, envelopes, sealed documents.
async fn letters(world: &World, from: &str, to: &str, number: &str) -> String {
    let inside = format!("<dmID>{number}</dmID>");
    let received = list(world, to, "GetListOfReceivedMessages").await;
    let sent = list(world, from, "GetListOfSentMessages").await;
    let first = letter(&received, number);
    assert_eq!(letter(&sent, number), first);
    for (login, service, operation) in [
        (to, "dz", "MessageDownload"),
        (to, "dx", "MessageEnvelopeDownload"),
        (from, "dx", "SentMessageEnvelopeDownload"),
    ] {
        let reply = world.call(login, service, operation, &inside).await;
        assert_eq!(letter(&reply.body, number), first, "{operation}");
    }
    for (login, operation) in [(to, "SignedMessageDownload"), (from, "SignedSentMessageDownload")] {
        let reply = world.call(login, "dz", operation, &inside).await;
        assert_eq!(
            letter(&common::decoded(&reply.value("dmSignature")), number),
            first,
            "{operation}"
        );
    }
    first
}

/// Each kind of message from acceptance to both sides' documents, and who is charged for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_message_shows_its_letter() {
    let world = world().await;
    let mut charged = Vec::new();
    let mut check = async |from: &str, to: &str, to_box: &str, wish: Wish<'_>, expected: &str| {
        let number = sent(&world, from, to_box, wish).await;
        assert_eq!(letters(&world, from, to, &number).await, expected, "{from} {to}");
        charged.push(number.clone());
        number
    };
    check("banka01", "firma01", "firma2x", PLAIN, "K").await;
    check("banka01", "dvora01", "maria2f", wish("E"), "K").await;
    check("novak01", "mesto01", "mesta2j", PLAIN, "V").await;
    check("mesto01", "firma01", "firma2x", wish("I"), "V").await;
    top_up(&world, "banka2q", 1000, "P1").await;
    check("banka01", "firma01", "firma2x", wish("E"), "E").await;
    check("banka01", "firma01", "firma2x", wish("E"), "K").await;

    let invitation = check("banka01", "firma01", "firma2x", initiating("Č.j. 7"), "I").await;
    // Without dmType the copied reference is enough; a named way to pay declines the offer.
    let theirs = Wish {
        theirs: "Č.j. 7",
        ..PLAIN
    };
    let declined = Wish {
        dm_type: Some("K"),
        ..theirs
    };
    assert_eq!(send(&world, "firma01", "banka2q", declined).await.code(), "1205");
    assert_eq!(letters(&world, "banka01", "firma01", &invitation).await, "I");
    check("firma01", "banka01", "banka2q", theirs, "O").await;
    assert_eq!(letters(&world, "banka01", "firma01", &invitation).await, "Y");
    assert_eq!(
        send(
            &world,
            "firma01",
            "banka2q",
            Wish {
                dm_type: Some("O"),
                ..theirs
            }
        )
        .await
        .code(),
        "1234"
    );

    // Whoever subsidises the bank pays for its invitation, too; the reply is the bank's own matter.
    let operator = principal(&world, "spravce01").await;
    let subsidy = Subsidy {
        id: SubsidyId(0),
        kind: SubsidyKind::External,
        donor: BoxId::OPERATOR,
        sender: id("banka2q"),
        recipient: None,
        remaining: Some(1),
        expires: None,
    };
    world.isds.grant_subsidy(&operator, &subsidy).await.unwrap();
    let subsidised = check("banka01", "dvora01", "maria2f", initiating("Č.j. 8"), "A").await;
    let reply = Wish {
        dm_type: Some("O"),
        theirs: "Č.j. 8",
        ..PLAIN
    };
    check("dvora01", "banka01", "banka2q", reply, "O").await;
    assert_eq!(letters(&world, "banka01", "dvora01", &subsidised).await, "B");

    grant(&world, SubsidyKind::Limited, Some(1)).await;
    grant(&world, SubsidyKind::External, Some(1)).await;
    grant(&world, SubsidyKind::Global, Some(1)).await;
    check("firma01", "dvora01", "maria2f", PLAIN, "Z").await;
    check("firma01", "dvora01", "maria2f", wish("K"), "G").await;
    check("firma01", "dvora01", "maria2f", PLAIN, "D").await;
    assert_eq!(send(&world, "firma01", "maria2f", PLAIN).await.code(), "1205");

    let (from, until) = (Timestamp(0), Timestamp(i64::MAX));
    let charges = async |payer: &str| {
        let charges = world.isds.postal_charges(&operator, id(payer), from, until, 100);
        charges
            .await
            .unwrap()
            .iter()
            .map(|charge| charge.title)
            .collect::<String>()
    };
    assert_eq!(charges("banka2q").await, "KKEKKOOZG");
    assert_eq!(charges("zzzzzzq").await, "DD");
    assert_eq!(charges("firma2x").await, "");
    assert_eq!(charged.len(), 13);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_ends_after_ninety_days() {
    let world = world().await;
    let invitation = sent(&world, "banka01", "firma2x", initiating("Č.j. 7")).await;
    let open = async || {
        let reply = world
            .call("firma01", "df", "PDZInfo", "<PDZSender>firma2x</PDZSender>")
            .await;
        reply.body.contains("ODZIdent>Č.j. 7<")
    };
    world.clock.advance(90 * DAY - 1);
    assert_eq!(letters(&world, "banka01", "firma01", &invitation).await, "I");
    assert!(open().await);
    world.clock.advance(1);
    assert_eq!(letters(&world, "banka01", "firma01", &invitation).await, "X");
    assert!(!open().await);
    let reply = Wish {
        dm_type: Some("O"),
        theirs: "Č.j. 7",
        ..PLAIN
    };
    assert_eq!(send(&world, "firma01", "banka2q", reply).await.code(), "1234");
    // Its identifier stays taken.
    assert_eq!(
        send(&world, "banka01", "firma2x", initiating("Č.j. 7")).await.code(),
        "1243"
    );
}

/// Thirty-two calls at once on credit for seven.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_senders_at_once_spend_no_more_than_there_is() {
    let world = world().await;
    top_up(&world, "firma2x", 7_900, "P1").await;
    let inside = format!(
        "<dmEnvelope><dbIDRecipient>banka2q</dbIDRecipient><dmAnnotation>x</dmAnnotation></dmEnvelope>\
         <dmFiles>{}</dmFiles>",
        file("a.txt", "main", "YWhvag==")
    );
    let calls = (0..32).map(|_| world.call("firma01", "dz", "CreateMessage", &inside));
    let mut codes: Vec<String> = futures::future::join_all(calls).await.iter().map(Reply::code).collect();
    codes.sort();
    let expected = [vec!["0000"; 7], vec!["1205"; 25]].concat();
    assert_eq!(codes, expected);
    assert_eq!(world.objects().len(), 7, "what was refused left no object behind");
    let credit = world
        .call(
            "firma01",
            "df",
            "DataBoxCreditInfo",
            "<dbID>firma2x</dbID><ciFromDate>2026-06-01</ciFromDate><ciTodate>2026-06-01</ciTodate>",
        )
        .await;
    assert_eq!(credit.value("currentCredit"), "900");
    assert_eq!(credit.body.matches("ciEventType>3<").count(), 7);
}

async fn begun<'a>(world: &'a World, caller: &Principal, wish: Option<&str>) -> Submission<'a> {
    let draft = EnvelopeDraft {
        recipient: Some("maria2f".into()),
        message_type: wish.map(str::to_owned),
        sender_ref_number: Some("Č.j. 1".into()),
        ..EnvelopeDraft::default()
    };
    let mut submission = world.isds.create_message(caller, draft).await.unwrap();
    let attachment = AttachmentDraft {
        meta_type: Some("main".into()),
        file_name: Some("a.txt".into()),
        ..AttachmentDraft::default()
    };
    submission.add_attachment(attachment, b"ahoj").await.unwrap();
    submission
}

fn code<T>(outcome: Result<T, Failure>) -> &'static str {
    match outcome {
        Ok(_) => "0000",
        Err(Failure::Refused(refusal)) => refusal.status().code(),
        Err(failure) => panic!("{failure:?}"),
    }
}

/// Both found the means when they began; one takes them.
#[tokio::test]
async fn what_was_found_may_be_gone_when_the_message_is_written() {
    let world = world().await;
    let firm = principal(&world, "firma01").await;
    top_up(&world, "firma2x", 1_999, "P1").await;
    let (one, other) = (begun(&world, &firm, None).await, begun(&world, &firm, None).await);
    assert_eq!(code(other.accept().await), "0000");
    assert_eq!(code(one.accept().await), "1205");
    assert_eq!(
        (world.objects().len(), world.isds.store.count_jobs().await.unwrap()),
        (1, 1)
    );

    // With a subsidy for one, the other is paid as it would be without.
    grant(&world, SubsidyKind::Limited, Some(1)).await;
    top_up(&world, "firma2x", 1, "P2").await;
    let (one, other) = (begun(&world, &firm, None).await, begun(&world, &firm, None).await);
    assert_eq!(code(other.accept().await), "0000");
    assert_eq!(code(one.accept().await), "0000");
    let credit = world.isds.store.lookup_credit(id("firma2x")).await.unwrap().unwrap();
    assert_eq!(credit.balance, 0);

    let bank = principal(&world, "banka01").await;
    let (one, other) = (
        begun(&world, &bank, Some("I")).await,
        begun(&world, &bank, Some("I")).await,
    );
    assert_eq!(code(one.accept().await), "0000");
    assert_eq!(code(other.accept().await), "1243");
    assert_eq!(world.objects().len(), 4);
}

#[tokio::test]
async fn what_only_the_operator_may() {
    let world = world().await;
    let isds = &world.isds;
    let operator = principal(&world, "spravce01").await;
    let firm = principal(&world, "firma01").await;
    let (box_id, nobody) = (id("firma2x"), id("aydaadk"));
    assert_eq!(code(isds.top_up_credit(&firm, box_id, 1, "P").await), "1004");
    assert_eq!(code(isds.withdraw_credit(&firm, box_id, 1, "P").await), "1004");
    let (from, until) = (Timestamp(0), Timestamp(1));
    assert_eq!(code(isds.postal_charges(&firm, box_id, from, until, 1).await), "1004");
    for (amount, transaction) in [
        (0, "P"),
        (-1, "P"),
        (1_000_000_001, "P"),
        (1, " "),
        (1, &*"P".repeat(65)),
    ] {
        assert_eq!(
            code(isds.top_up_credit(&operator, box_id, amount, transaction).await),
            "2007"
        );
        assert_eq!(
            code(isds.withdraw_credit(&operator, box_id, amount, transaction).await),
            "2007"
        );
    }
    assert_eq!(code(isds.top_up_credit(&operator, nobody, 1, "P").await), "5001");
    assert_eq!(code(isds.withdraw_credit(&operator, box_id, 1, "V1").await), "1205");
    assert_eq!(code(isds.set_postal_contract(&firm, box_id, true).await), "1004");
    assert_eq!(code(isds.set_postal_contract(&operator, nobody, true).await), "5001");
    assert_eq!(send(&world, "firma01", "banka2q", PLAIN).await.code(), "1205");
    for (contract, expected) in [(true, "0000"), (false, "1205")] {
        isds.set_postal_contract(&operator, box_id, contract).await.unwrap();
        assert_eq!(send(&world, "firma01", "banka2q", PLAIN).await.code(), expected);
    }
    // Said twice, booked once.
    for _ in 0..2 {
        assert_eq!(
            isds.top_up_credit(&operator, box_id, 500, "P1").await.unwrap().balance,
            500
        );
    }
    for _ in 0..2 {
        assert_eq!(
            isds.withdraw_credit(&operator, box_id, 200, "P1")
                .await
                .unwrap()
                .balance,
            300
        );
    }
    // A number that another payment has is a slip, not a repetition.
    assert_eq!(code(isds.top_up_credit(&operator, box_id, 501, "P1").await), "2007");
    assert_eq!(
        code(isds.top_up_credit(&operator, id("banka2q"), 500, "P1").await),
        "2007"
    );
}

#[tokio::test]
async fn who_may_grant_which_subsidy() {
    let world = world().await;
    let isds = &world.isds;
    let operator = principal(&world, "spravce01").await;
    let (bank, firm) = (principal(&world, "banka01").await, principal(&world, "firma01").await);
    let good = Subsidy {
        id: SubsidyId(0),
        kind: SubsidyKind::Global,
        donor: id("banka2q"),
        sender: id("advka2c"),
        recipient: None,
        remaining: Some(1),
        expires: None,
    };
    let change = |adapt: fn(&mut Subsidy)| {
        let mut subsidy = good.clone();
        adapt(&mut subsidy);
        subsidy
    };
    for (subsidy, expected) in [
        (change(|s| s.remaining = Some(0)), "2007"),
        (change(|s| s.expires = Some(Timestamp(0))), "2007"),
        (change(|s| s.kind = SubsidyKind::Limited), "2007"),
        (change(|s| s.recipient = Some("maria2f".parse().unwrap())), "2007"),
        (change(|s| s.kind = SubsidyKind::External), "2007"),
        (change(|s| s.sender = s.donor), "2007"),
        (change(|s| s.sender = "aydaadk".parse().unwrap()), "5001"),
        (change(|s| s.donor = "firma2x".parse().unwrap()), "1242"),
        (good.clone(), "0000"),
    ] {
        assert_eq!(
            code(isds.grant_subsidy(&operator, &subsidy).await),
            expected,
            "{subsidy:?}"
        );
    }
    assert_eq!(code(isds.grant_subsidy(&firm, &good).await), "1004");
    let granted = isds.grant_subsidy(&bank, &good).await.unwrap();
    assert_eq!(code(isds.end_subsidy(&firm, granted).await), "1004");
    assert_eq!(code(isds.end_subsidy(&bank, SubsidyId(999)).await), "1004");
    assert_eq!(code(isds.end_subsidy(&bank, granted).await), "0000");
    let left = isds
        .store
        .list_subsidies(id("advka2c"), None, isds.clock.legal(), 9)
        .await
        .unwrap();
    assert_eq!(left.len(), 1, "the operator's is left");
}
