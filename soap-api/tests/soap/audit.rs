//! Who did what is recorded where it is done, sealed, found again; what was altered afterwards is noticed.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use common::World;
use isds_core::audit::{AuditAction, AuditActorKind, AuditOrigin, AuditOutcome, TrailCheck};
use isds_core::principal::Principal;
use isds_core::{AuditExamination, AuditSearch, AuditTrailExport, Credentials, Failure};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

async fn caller(world: &World, login: &str) -> Arc<Principal> {
    let credentials = Credentials {
        login: login.into(),
        password: common::people::PASSWORD.into(),
    };
    world.isds.authenticate_user(&credentials, HERE).await.unwrap()
}

async fn records(world: &World, search: &AuditSearch) -> Vec<(AuditAction, AuditOutcome)> {
    let operator = caller(world, "spravce01").await;
    let page = world.isds.search_audit(&operator, search, 100).await.unwrap();
    page.records
        .into_iter()
        .map(|record| (record.entry.action, record.entry.outcome))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_web_services_do_is_recorded() {
    let world = World::new().await;
    let wrong = Credentials {
        login: "novak01".into(),
        password: "heslo, které tam nemělo být".into(),
    };
    assert!(world.isds.authenticate_user(&wrong, HERE).await.is_err());
    let id = world.send_message("mesto01", "nvak22s", "Rozhodnutí").await;
    world.settle().await;
    world
        .call("novak01", "dx", "GetListOfReceivedMessages", "<dmLimit>10</dmLimit>")
        .await;
    for _ in 0..3 {
        let asked = format!("<dmID>{id}</dmID>");
        world.call("novak01", "dz", "MessageDownload", &asked).await;
    }
    world
        .call(
            "mesto01",
            "DsManage",
            "DeleteDataBoxUser2",
            "<dbID>nvak22s</dbID><isdsID>DS_abcdefghi</isdsID>",
        )
        .await;
    let found = records(&world, &AuditSearch::default()).await;
    // Reading it three times in a minute is one record.
    assert_eq!(
        found,
        [
            (AuditAction::UserRemoved, AuditOutcome::Refused(1004)),
            (AuditAction::MessageDownloaded, AuditOutcome::Done),
            (AuditAction::DeliveredByLogin, AuditOutcome::Done),
            (AuditAction::SignInFailed, AuditOutcome::Refused(401)),
        ]
    );
    let operator = caller(&world, "spravce01").await;
    let of_message = AuditSearch {
        message: Some(id.parse().unwrap()),
        ..AuditSearch::default()
    };
    let page = world.isds.search_audit(&operator, &of_message, 100).await.unwrap();
    assert_eq!(page.records.len(), 2);
    let entry = &page.records[0].entry;
    assert_eq!(
        (entry.origin, entry.actor.kind),
        (AuditOrigin::Soap, AuditActorKind::Person)
    );
    assert_eq!(
        entry.subject.box_id.map(|id| id.to_string()).as_deref(),
        Some("nvak22s")
    );
    assert_eq!((page.next, entry.actor.isds_id.is_some()), (None, true));
    // What was typed as a password is nowhere.
    let everything = world
        .isds
        .search_audit(&operator, &AuditSearch::default(), 100)
        .await
        .unwrap();
    assert!(!format!("{everything:?}").contains("nemělo"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_that_look_around_often_write_and_seal_each_second() {
    let world = World::new().await;
    let operator = caller(&world, "spravce01").await;
    let citizen = caller(&world, "novak01").await;
    world.isds.run_due_jobs().await.unwrap();
    let message = isds_core::ids::MessageId(1_000_000);
    world.isds.record(
        &citizen,
        AuditAction::MessageRead,
        isds_core::audit::AuditSubject::message(message),
    );
    for _ in 0..5 {
        world.clock.advance_millis(300);
        world.isds.run_due_jobs().await.unwrap();
    }
    let kept = world.isds.examine_audit(&operator, Default::default()).await.unwrap();
    assert_eq!((kept.records, kept.unsealed), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_altered_is_noticed() {
    let world = World::new().await;
    let operator = caller(&world, "spravce01").await;
    let citizen = caller(&world, "novak01").await;
    for n in 0..5 {
        let message = isds_core::ids::MessageId(1_000_000 + n);
        world.isds.record(
            &citizen,
            AuditAction::MessageRead,
            isds_core::audit::AuditSubject::message(message),
        );
        world.isds.flush_audit().await.unwrap();
        world.isds.seal_audit().await.unwrap();
    }
    let whole = world.isds.examine_audit(&operator, Default::default()).await.unwrap();
    assert_eq!(
        (whole.seals, whole.records, whole.unsealed, whole.broken),
        (5, 5, 0, None)
    );
    let last = whole.last.unwrap();
    // The last record taken away with its seal: the chain holds, but is not the one whose end was noted.
    world.execute("DELETE FROM audit_records WHERE seal = 5").await;
    world.execute("DELETE FROM audit_seals WHERE number = 5").await;
    let cut = world.isds.examine_audit(&operator, Default::default()).await.unwrap();
    assert_eq!((cut.seals, cut.broken), (4, None));
    assert_ne!(cut.last.unwrap(), last);
    world
        .execute("UPDATE audit_records SET actor_name = 'Někdo Jiný' WHERE seal = 3")
        .await;
    assert_eq!(
        world
            .isds
            .examine_audit(&operator, Default::default())
            .await
            .unwrap()
            .broken,
        Some(3)
    );
    world.execute("DELETE FROM audit_records WHERE seal = 2").await;
    assert_eq!(
        world
            .isds
            .examine_audit(&operator, Default::default())
            .await
            .unwrap()
            .broken,
        Some(2)
    );
    let Err(Failure::Refused(refusal)) = world.isds.examine_audit(&citizen, Default::default()).await else {
        panic!("a citizen examines nothing");
    };
    assert_eq!(refusal.status().code(), "1004");
    assert!(
        world
            .isds
            .search_audit(&citizen, &AuditSearch::default(), 1)
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_of_seals_that_cannot_be_are_noticed() {
    let world = World::new().await;
    let operator = caller(&world, "spravce01").await;
    let citizen = caller(&world, "novak01").await;
    let examine = async |so_far| world.isds.examine_audit(&operator, so_far).await.unwrap();
    assert_eq!(
        examine(AuditExamination::default()).await.broken,
        None,
        "nothing is no lie"
    );
    for n in 0..3 {
        let message = isds_core::ids::MessageId(1_000_000 + n);
        let subject = isds_core::audit::AuditSubject::message(message);
        world.isds.record(&citizen, AuditAction::MessageRead, subject);
        world.isds.flush_audit().await.unwrap();
        world.isds.seal_audit().await.unwrap();
    }
    let whole = examine(AuditExamination::default()).await;
    assert_eq!((whole.broken, whole.ended), (None, true));
    // Behind a seal that somebody noted, only what came later is examined.
    let noted = world.isds.audit_seal(&operator, 2).await.unwrap();
    let rest = examine(AuditExamination::behind(noted.clone())).await;
    assert_eq!((rest.broken, rest.last), (None, whole.last));
    for (change, expected) in [
        ("UPDATE audit_records SET seal = 999999 WHERE seal = 3", 3),
        ("DELETE FROM audit_seals WHERE number = 3", 999_999),
        ("UPDATE audit_records SET seal = 0 WHERE seal = 999999", 0),
        ("UPDATE audit_records SET seal = 3 WHERE seal = 0", 3),
    ] {
        world.execute(change).await;
        assert_eq!(
            examine(AuditExamination::default()).await.broken,
            Some(expected),
            "{change}"
        );
        assert_eq!(
            examine(AuditExamination::behind(noted.clone())).await.broken,
            Some(expected),
            "{change}"
        );
    }
    assert!(world.isds.audit_seal(&citizen, 1).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_looks_at_a_bounded_number_of_records_and_goes_on() {
    let world = World::new().await;
    let citizen = caller(&world, "novak01").await;
    let operator = caller(&world, "spravce01").await;
    // One that is looked for lies below many that are not.
    let subject = isds_core::audit::AuditSubject::none;
    world.isds.record(&citizen, AuditAction::SettingsChanged, subject());
    for _ in 0..6000 {
        world.isds.record(&citizen, AuditAction::MessageMarked, subject());
    }
    let own = citizen.membership.as_ref().unwrap().isds_id.clone();
    let mut search = AuditSearch {
        actor: Some(own),
        action: Some(AuditAction::SettingsChanged),
        ..AuditSearch::default()
    };
    let first = world.isds.search_audit(&operator, &search, 10).await.unwrap();
    assert!(first.records.is_empty() && first.next.is_some());
    search.after = first.next;
    let second = world.isds.search_audit(&operator, &search, 10).await.unwrap();
    assert_eq!((second.records.len(), second.next), (1, None));
    // A page that is full says where the next begins, and none is lost between them.
    let marked = AuditSearch {
        action: Some(AuditAction::MessageMarked),
        ..AuditSearch::default()
    };
    let page = world.isds.search_audit(&operator, &marked, 7).await.unwrap();
    let next = AuditSearch {
        after: page.next,
        ..marked
    };
    let after = world.isds.search_audit(&operator, &next, 7).await.unwrap();
    assert_eq!(page.records.len(), 7);
    assert_eq!(after.records[0].id.0, page.records[6].id.0 - 1);
}

/// Numbers of the seals whose head is signed, with the real time of the signature.
async fn heads(world: &World) -> Vec<(i64, i64)> {
    let heads = world.isds.store.list_audit_heads(0, i64::MAX).await.unwrap();
    heads
        .iter()
        .map(|head| (head.number, head.signed.0 / 1_000_000))
        .collect()
}

/// Something is recorded and sealed, then it is looked whether an hour has gone by.
async fn record_and_look(world: &World, citizen: &Principal) {
    let subject = isds_core::audit::AuditSubject::none();
    world.isds.record(citizen, AuditAction::SettingsChanged, subject);
    world.isds.flush_audit().await.unwrap();
    world.isds.seal_audit().await.unwrap();
    world.isds.keep_audit_signed().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_head_is_signed_each_hour_and_once_after_an_outage() {
    const LOOK: i64 = 300;
    let world = World::new().await;
    let citizen = caller(&world, "novak01").await;
    world.isds.keep_audit_signed().await.unwrap();
    assert!(heads(&world).await.is_empty(), "nothing is sealed");
    for _ in 0..=36 {
        record_and_look(&world, &citizen).await;
        world.clock.advance(LOOK);
    }
    let hourly = heads(&world).await;
    assert_eq!(
        hourly.len(),
        4,
        "at the beginning and after each of three hours: {hourly:?}"
    );
    for pair in hourly.windows(2) {
        assert_eq!((pair[1].0 - pair[0].0, pair[1].1 - pair[0].1), (12, 3600));
    }
    // Where nothing is recorded, there is nothing new to sign.
    world.isds.keep_audit_signed().await.unwrap();
    world.clock.advance(5 * 3600);
    world.isds.keep_audit_signed().await.unwrap();
    world.clock.advance(5 * 3600);
    world.isds.keep_audit_signed().await.unwrap();
    assert_eq!(heads(&world).await.len(), 4);

    // The authority is away for hours: nobody signs without it, and the first look after it signs once.
    let before = heads(&world).await.len();
    world.authority.off.store(true, std::sync::atomic::Ordering::SeqCst);
    for _ in 0..24 {
        record_and_look(&world, &citizen).await;
        world.clock.advance(LOOK);
    }
    assert_eq!(heads(&world).await.len(), before);
    world.authority.off.store(false, std::sync::atomic::Ordering::SeqCst);
    record_and_look(&world, &citizen).await;
    // Of several nodes that look at once, one signs.
    world.clock.advance(3 * 86_400);
    world.isds.record(
        &citizen,
        AuditAction::SettingsChanged,
        isds_core::audit::AuditSubject::none(),
    );
    world.isds.flush_audit().await.unwrap();
    world.isds.seal_audit().await.unwrap();
    let (one, other) = tokio::join!(world.isds.keep_audit_signed(), world.isds.keep_audit_signed());
    one.unwrap();
    other.unwrap();
    let signed = heads(&world).await;
    let last = world.isds.store.last_audit_seal().await.unwrap().unwrap();
    assert_eq!(
        (signed.len(), signed[signed.len() - 1].0),
        (before + 2, last.number),
        "{signed:?}"
    );

    // The trail is whole to its end, the gap included.
    let store = Arc::clone(&world.isds.store);
    let mut export = AuditTrailExport::begin(store, None, None, world.isds.clock.real())
        .await
        .unwrap();
    let mut check = TrailCheck::default();
    while let Some(lines) = export.next().await.unwrap() {
        for line in lines.lines() {
            check.take(line).unwrap();
        }
    }
    let found = check.finish().unwrap();
    assert_eq!((found.signed, found.unsigned), (Some(last.number), 0));
    assert_eq!(found.counted.heads, signed.len() as u64);
}
