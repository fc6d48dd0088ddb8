//! Records of who did what, and their seals.

use isds_core::audit::{
    AuditAction, AuditActor, AuditActorKind, AuditEntry, AuditId, AuditOrigin, AuditOutcome, AuditPosition,
    AuditRecord, AuditSeal, AuditSubject,
};
use isds_core::ids::{IsdsId, MessageId};
use isds_core::ports::{AuditLead, AuditScan, StoreError};
use isds_core::time::Timestamp;

use crate::engines::{self, Backend};
use crate::fixtures::{at, novak, town};

pub fn entry(seconds: i64) -> AuditEntry {
    AuditEntry {
        real: at(seconds + 7),
        legal: at(seconds),
        actor: AuditActor {
            kind: AuditActorKind::Person,
            isds_id: Some(IsdsId("DS_abcdefghi".into())),
            name: "Karel Vzor".into(),
        },
        origin: AuditOrigin::Web,
        action: AuditAction::UserAdded,
        subject: AuditSubject::in_box(town())
            .user(&IsdsId("DS_jkmnpqrst".into()))
            .with_box(novak())
            .detail("'; DROP TABLE audit_records; --"),
        outcome: AuditOutcome::Refused(1004),
        address: Some([203, 0, 113, 7].into()),
    }
}

/// Somebody else, in another box.
fn other(seconds: i64) -> AuditEntry {
    AuditEntry {
        actor: AuditActor::system(),
        origin: AuditOrigin::System,
        action: AuditAction::DeliveredByFiction,
        subject: AuditSubject::message(MessageId(1_000_007)).of_box(Some(novak())),
        outcome: AuditOutcome::Done,
        ..entry(seconds)
    }
}

fn scan(lead: AuditLead) -> AuditScan {
    AuditScan {
        lead,
        from: Timestamp(i64::MIN),
        after: AuditPosition {
            legal: Timestamp(i64::MAX),
            id: AuditId(i64::MIN),
        },
        limit: 100,
    }
}

async fn found(backend: &Backend, scan: &AuditScan) -> Vec<AuditEntry> {
    let records = backend.store.scan_audit(scan).await.unwrap();
    records.into_iter().map(|record| record.entry).collect()
}

pub async fn a_record_is_found_by_all_that_leads_to_it(backend: Backend) {
    let (one, two) = (entry(1), other(2));
    backend
        .store
        .add_audit_records(&[one.clone(), two.clone()])
        .await
        .unwrap();
    let of = |lead| scan(lead);
    assert_eq!(
        found(&backend, &of(AuditLead::Everything)).await,
        [two.clone(), one.clone()]
    );
    for lead in [
        AuditLead::Box(town()),
        AuditLead::Actor(IsdsId("DS_abcdefghi".into())),
        AuditLead::Subject(IsdsId("DS_jkmnpqrst".into())),
        AuditLead::OtherBox(novak()),
        AuditLead::Action(AuditAction::UserAdded),
    ] {
        assert_eq!(found(&backend, &of(lead)).await, std::slice::from_ref(&one));
    }
    for lead in [
        AuditLead::Box(novak()),
        AuditLead::Message(MessageId(1_000_007)),
        AuditLead::Action(AuditAction::DeliveredByFiction),
    ] {
        assert_eq!(found(&backend, &of(lead)).await, std::slice::from_ref(&two));
    }
    for lead in [
        AuditLead::Message(MessageId(1)),
        AuditLead::Actor(IsdsId("DS_\0".into())),
        AuditLead::Action(AuditAction::SignedIn),
    ] {
        assert!(found(&backend, &of(lead)).await.is_empty());
    }
    let record = &backend.store.scan_audit(&of(AuditLead::Box(town()))).await.unwrap()[0];
    assert_eq!((record.digest, record.seal), (one.digest(), None));
}

pub async fn pages_of_records_make_the_whole(backend: Backend) {
    // Of several at the same time as well.
    let entries: Vec<_> = (0..700).map(|n| entry(n / 50)).collect();
    backend.store.add_audit_records(&entries).await.unwrap();
    let mut query = AuditScan {
        from: at(2),
        limit: 37,
        ..scan(AuditLead::Box(town()))
    };
    let mut pages: Vec<AuditRecord> = Vec::new();
    loop {
        let page = backend.store.scan_audit(&query).await.unwrap();
        let Some(last) = page.last() else { break };
        query.after = last.position();
        pages.extend(page);
    }
    assert_eq!(pages.len(), 600);
    assert!(pages.is_sorted_by(|a, b| a.position() > b.position()));
}

/// Seals what has no seal, as a node does.
async fn seal(backend: &Backend, limit: u64) -> AuditSeal {
    let unsealed = backend.store.list_unsealed_audit(AuditId(0), limit).await.unwrap();
    let before = backend.store.last_audit_seal().await.unwrap();
    let records = unsealed.iter().map(|(id, digest)| (*id, digest));
    let seal = AuditSeal::over(before.as_ref(), at(9), records);
    let (first, last) = (unsealed[0].0, unsealed.last().unwrap().0);
    backend
        .store
        .add_audit_seal(&seal, Some(first..=last), None)
        .await
        .unwrap();
    seal
}

pub async fn seals_cover_every_record_once(backend: Backend) {
    let entries: Vec<_> = (0..10).map(entry).collect();
    backend.store.add_audit_records(&entries).await.unwrap();
    assert_eq!(backend.store.last_audit_seal().await.unwrap(), None);
    let first = seal(&backend, 4).await;
    assert_eq!((first.number, first.count), (1, 4));
    assert_eq!(backend.store.count_unsealed_audit().await.unwrap(), 6);
    let second = seal(&backend, 100).await;
    assert_eq!((second.number, second.count), (2, 6));
    assert_eq!(backend.store.count_unsealed_audit().await.unwrap(), 0);
    assert_eq!(backend.store.last_audit_seal().await.unwrap(), Some(second.clone()));
    assert_eq!(
        backend.store.list_audit_seals(0, 10).await.unwrap(),
        [first.clone(), second.clone()]
    );
    assert_eq!(
        backend.store.list_audit_seals(1, 10).await.unwrap(),
        std::slice::from_ref(&second)
    );
    let covered = backend.store.list_sealed_audit(0, 1, 100).await.unwrap();
    let again = AuditSeal::over(None, first.sealed, covered.iter().map(|r| (r.id, &r.digest)));
    assert_eq!(again, first);
    let kept: Vec<_> = covered.iter().map(|r| r.entry.clone()).collect();
    assert_eq!(kept, entries[..4]);
    // What was altered afterwards is no longer what was sealed.
    engines::execute(
        &backend.url,
        "UPDATE audit_records SET detail = 'nothing' WHERE seal = 1",
    )
    .await;
    let altered = backend.store.list_sealed_audit(0, 1, 100).await.unwrap();
    assert!(altered.iter().all(|record| record.entry.digest() != record.digest));
}

pub async fn a_record_of_a_seal_that_cannot_be_is_found(backend: Backend) {
    let orphaned = async || backend.store.find_orphaned_audit().await.unwrap();
    assert_eq!(orphaned().await, None);
    let entries: Vec<_> = (0..10).map(entry).collect();
    backend.store.add_audit_records(&entries).await.unwrap();
    assert_eq!(orphaned().await, None);
    let sealed = seal(&backend, 4).await;
    seal(&backend, 4).await;
    assert_eq!(orphaned().await, None);
    assert_eq!(backend.store.lookup_audit_seal(1).await.unwrap(), Some(sealed));
    assert_eq!(backend.store.lookup_audit_seal(3).await.unwrap(), None);
    // In pieces, by seals.
    let piece = backend.store.list_sealed_audit(0, 2, 5).await.unwrap();
    let seals: Vec<_> = piece.iter().map(|record| record.seal).collect();
    assert_eq!(seals, [Some(1), Some(1), Some(1), Some(1), Some(2)]);
    assert_eq!(backend.store.list_sealed_audit(1, 2, 9).await.unwrap().len(), 4);
    for (change, expected) in [
        ("UPDATE audit_records SET seal = 999999 WHERE seal IS NULL", 999_999),
        ("DELETE FROM audit_seals WHERE number = 2", 2),
        ("UPDATE audit_records SET seal = 0 WHERE seal = 999999", 0),
    ] {
        engines::execute(&backend.url, change).await;
        assert_eq!(orphaned().await, Some(expected), "{change}");
    }
}

pub async fn of_two_that_seal_at_once_one_does(backend: Backend) {
    let entries: Vec<_> = (0..10).map(entry).collect();
    backend.store.add_audit_records(&entries).await.unwrap();
    let unsealed = backend.store.list_unsealed_audit(AuditId(0), 5).await.unwrap();
    let records = || unsealed.iter().map(|(id, digest)| (*id, digest));
    let (one, two) = (
        AuditSeal::over(None, at(1), records()),
        AuditSeal::over(None, at(2), records()),
    );
    let (first, last) = (unsealed[0].0, unsealed[4].0);
    let other = backend.again().await;
    let (one, two) = tokio::join!(
        backend.store.add_audit_seal(&one, Some(first..=last), None),
        other.add_audit_seal(&two, Some(first..=last), None)
    );
    let conflicts = [one, two]
        .iter()
        .filter(|result| matches!(result, Err(StoreError::Conflict)))
        .count();
    assert_eq!(conflicts, 1);
    assert_eq!(backend.store.count_unsealed_audit().await.unwrap(), 5);
    let rest = backend.store.list_unsealed_audit(last, 9).await.unwrap();
    assert_eq!(rest.len(), 5);
    assert_eq!(
        backend.store.list_unsealed_audit(rest[1].0, 9).await.unwrap(),
        rest[2..]
    );
    // A seal over other records than there are is none.
    let before = backend.store.last_audit_seal().await.unwrap();
    let wrong = AuditSeal::over(before.as_ref(), at(3), records());
    let result = backend
        .store
        .add_audit_seal(&wrong, Some(first..=AuditId(last.0 + 3)), None)
        .await;
    assert!(matches!(result, Err(StoreError::Conflict)), "{result:?}");
    assert_eq!(backend.store.last_audit_seal().await.unwrap(), before);
    assert_eq!(backend.store.count_unsealed_audit().await.unwrap(), 5);
}

pub async fn clearing_takes_records_and_seals_away(backend: Backend) {
    backend.store.add_audit_records(&[entry(1), entry(2)]).await.unwrap();
    seal(&backend, 1).await;
    backend.store.clear().await.unwrap();
    assert!(found(&backend, &scan(AuditLead::Everything)).await.is_empty());
    assert_eq!(backend.store.last_audit_seal().await.unwrap(), None);
    assert_eq!(backend.store.count_unsealed_audit().await.unwrap(), 0);
}
