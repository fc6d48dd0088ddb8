//! Calls, signed heads of the chain, and the trail that is made of them.

use std::sync::Arc;

use isds_core::AuditTrailExport;
use isds_core::audit::{
    AuditHead, AuditId, AuditSeal, CallBatchId, NewCallBatch, TrailCheck, TrailError, TrailSummary,
};
use isds_core::ports::StoreError;
use isds_core::time::Timestamp;

use crate::audit::entry;
use crate::engines::{self, Backend};
use crate::fixtures::at;

/// A batch of one call, as a node writes it.
fn batch(seconds: i64) -> NewCallBatch {
    let calls = format!(
        "[{{\"at\":\"1970-01-01T00:00:0{seconds}Z\",\"actor\":\"person\",\"operation\":\"CreateMessage\",\"outcome\":0,\
         \"address\":\"203.0.113.7\",\"count\":3}}]"
    );
    NewCallBatch {
        written: at(seconds),
        calls,
    }
}

/// Writes records and batches of calls, and seals all that has no seal.
async fn written(backend: &Backend, records: i64, batches: i64) -> AuditSeal {
    let store = &backend.store;
    let entries: Vec<_> = (0..records).map(entry).collect();
    store.add_audit_records(&entries).await.unwrap();
    for n in 0..batches {
        store.add_audit_calls(&batch(n % 10)).await.unwrap();
    }
    let unsealed = store.list_unsealed_audit(AuditId(0), 1000).await.unwrap();
    let calls = store.list_unsealed_calls(1000).await.unwrap();
    assert_eq!(
        (i64::try_from(unsealed.len()), i64::try_from(calls.len())),
        (Ok(records), Ok(batches))
    );
    let before = store.last_audit_seal().await.unwrap();
    let members = unsealed.iter().map(|(id, digest)| (*id, digest));
    let members = members.chain(calls.iter().map(|(id, digest)| (id.in_seal(), digest)));
    let sealed = at(before.as_ref().map_or(100, |seal| 100 + seal.number));
    let seal = AuditSeal::over(before.as_ref(), sealed, members);
    let records = unsealed.first().zip(unsealed.last());
    let batches = calls.first().zip(calls.last());
    store
        .add_audit_seal(
            &seal,
            records.map(|(first, last)| first.0..=last.0),
            batches.map(|(first, last)| first.0..=last.0),
        )
        .await
        .unwrap();
    seal
}

fn head(seal: &AuditSeal) -> AuditHead {
    AuditHead {
        number: seal.number,
        sealed: seal.sealed,
        hash: seal.hash,
        signed: seal.sealed.plus_seconds(1),
        signature: vec![7; 5000],
    }
}

pub async fn calls_are_sealed_with_the_records(backend: Backend) {
    let first = written(&backend, 3, 2).await;
    let second = written(&backend, 0, 1).await;
    assert_eq!((first.count, second.count), (5, 1));
    assert!(backend.store.list_unsealed_calls(9).await.unwrap().is_empty());
    let all = backend
        .store
        .list_sealed_calls((0, CallBatchId(i64::MAX)), 2, 9)
        .await
        .unwrap();
    let seals: Vec<_> = all.iter().map(|batch| batch.seal).collect();
    assert_eq!(seals, [Some(1), Some(1), Some(2)]);
    assert_eq!(all[1].batch, batch(1));
    assert_eq!(all[1].digest, batch(1).digest());
    let rest = backend.store.list_sealed_calls((1, all[0].id), 2, 9).await.unwrap();
    assert_eq!(rest, all[1..]);
    let few = backend
        .store
        .list_sealed_calls((1, CallBatchId(i64::MIN)), 1, 1)
        .await
        .unwrap();
    assert_eq!(few, all[..1]);
    let orphaned = backend.store.find_orphaned_audit().await.unwrap();
    assert_eq!(orphaned, None);
    // Of batches of calls as well as of records there must be as many as the seal says.
    backend.store.add_audit_calls(&batch(3)).await.unwrap();
    let empty = AuditSeal::over(Some(&second), at(9), []);
    let refused = backend
        .store
        .add_audit_seal(&empty, None, Some(CallBatchId(0)..=CallBatchId(i64::MAX)))
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    engines::execute(&backend.url, "UPDATE audit_calls SET seal = 77 WHERE seal IS NULL").await;
    assert_eq!(backend.store.find_orphaned_audit().await.unwrap(), Some(77));
}

pub async fn signed_heads_are_found_by_their_times(backend: Backend) {
    let store = &backend.store;
    assert_eq!(store.last_audit_head().await.unwrap(), None);
    let mut heads = Vec::new();
    for _ in 0..3 {
        let head = head(&written(&backend, 1, 0).await);
        store.add_audit_head(&head).await.unwrap();
        heads.push(head);
    }
    // Who signs the same seal a moment later changes nothing.
    let again = AuditHead {
        signature: vec![8],
        ..heads[1].clone()
    };
    store.add_audit_head(&again).await.unwrap();
    assert_eq!(store.last_audit_head().await.unwrap().as_ref(), heads.last());
    assert_eq!(store.list_audit_heads(1, 2).await.unwrap(), heads[1..2]);
    let time = heads[1].sealed;
    assert_eq!(
        store.find_audit_head_before(time).await.unwrap().as_ref(),
        Some(&heads[0])
    );
    assert_eq!(
        store.find_audit_head_from(time).await.unwrap().as_ref(),
        Some(&heads[1])
    );
    assert_eq!(store.find_audit_head_before(at(0)).await.unwrap(), None);
    assert_eq!(store.find_audit_head_from(at(1000)).await.unwrap(), None);
    store.clear().await.unwrap();
    assert_eq!(store.last_audit_head().await.unwrap(), None);
}

async fn exported(
    backend: &Backend,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> (usize, Result<TrailSummary, TrailError>) {
    let mut export = AuditTrailExport::begin(Arc::clone(&backend.store), from, to, at(0))
        .await
        .unwrap();
    let mut check = TrailCheck::default();
    let mut heads = 0;
    while let Some(lines) = export.next().await.unwrap() {
        for line in lines.lines() {
            match check.take(line) {
                Ok(head) => heads += usize::from(head.is_some()),
                Err(error) => return (heads, Err(error)),
            }
        }
    }
    (heads, check.finish())
}

pub async fn an_export_holds_what_is_there_and_shows_what_was_altered(backend: Backend) {
    let store = &backend.store;
    assert_eq!(exported(&backend, None, None).await.1.unwrap(), TrailSummary::default());
    for n in 0..60 {
        let seal = written(&backend, n % 4, 1 + n % 10).await;
        if [20, 40].contains(&seal.number) {
            store.add_audit_head(&head(&seal)).await.unwrap();
        }
    }
    let (heads, found) = exported(&backend, None, None).await;
    let found = found.unwrap();
    assert_eq!((heads, found.counted.heads, found.counted.seals), (2, 2, 60));
    assert_eq!(
        (found.counted.records, found.counted.batches, found.calls),
        (90, 330, 990)
    );
    assert_eq!((found.behind, found.last, found.signed), (0, 60, Some(40)));
    assert!(found.unsigned > 0);
    // From one signature to the next, however the times lie between them.
    let time = |number: i64| Some(at(99 + number));
    let (_, part) = exported(&backend, time(25), time(30)).await;
    let part = part.unwrap();
    assert_eq!(
        (part.behind, part.last, part.signed, part.unsigned),
        (20, 40, Some(40), 0)
    );
    let (_, part) = exported(&backend, None, time(3)).await;
    assert_eq!(part.unwrap().last, 20);
    let (_, part) = exported(&backend, time(59), None).await;
    let part = part.unwrap();
    assert_eq!((part.behind, part.last, part.signed), (40, 60, Some(40)));

    for (change, back) in [
        (
            "UPDATE audit_records SET address = NULL WHERE seal = 30",
            "UPDATE audit_records SET address = '203.0.113.7'",
        ),
        (
            "UPDATE audit_calls SET calls = REPLACE(calls, '\"outcome\":0', '\"outcome\":1') WHERE seal = 30",
            "UPDATE audit_calls SET calls = REPLACE(calls, '\"outcome\":1', '\"outcome\":0')",
        ),
    ] {
        engines::execute(&backend.url, change).await;
        assert_eq!(
            exported(&backend, None, None).await.1,
            Err(TrailError::Seal(30)),
            "{change}"
        );
        let examined = isds_core::AuditExamination::default().go_on(&**store).await.unwrap();
        assert_eq!(examined.broken, Some(30), "{change}");
        engines::execute(&backend.url, back).await;
        let examined = isds_core::AuditExamination::default().go_on(&**store).await.unwrap();
        assert_eq!(
            (examined.broken, examined.records, examined.batches),
            (None, 90, 330),
            "{back}"
        );
    }
    engines::execute(&backend.url, "UPDATE audit_calls SET calls = 'nothing' WHERE seal = 30").await;
    assert_eq!(exported(&backend, None, None).await.1, Err(TrailError::Seal(30)));
}
