//! Jobs.

use std::collections::BTreeSet;

use isds_core::message::Input;
use isds_core::ports::{Job, JobId, JobKind, StoreError};

use crate::engines::Backend;
use crate::fixtures::*;

pub async fn acceptance_leaves_a_job_that_is_due(db: Backend) {
    let message = accept(&db.store, 0).await;
    assert_eq!(db.store.count_jobs().await.unwrap(), 1);
    let jobs = db.store.claim_jobs(at(0), at(60), 10).await.unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!(
        jobs[0],
        Job {
            id: jobs[0].id,
            kind: JobKind::ProcessMessage(message.id),
            attempts: 0
        }
    );
}

pub async fn a_lease_keeps_others_away_until_it_runs_out(db: Backend) {
    accept(&db.store, 0).await;
    let job = db.store.claim_jobs(at(0), at(60), 10).await.unwrap().remove(0);
    assert_eq!(db.store.claim_jobs(at(59), at(120), 10).await.unwrap(), []);
    let again = db.store.claim_jobs(at(60), at(120), 10).await.unwrap();
    assert_eq!(
        again,
        [Job {
            attempts: 1,
            ..job.clone()
        }]
    );
    db.store.finish_job(job.id).await.unwrap();
    assert_eq!(db.store.claim_jobs(at(500), at(600), 10).await.unwrap(), []);
    assert_eq!(db.store.count_jobs().await.unwrap(), 0);
    // Done twice is done.
    db.store.finish_job(job.id).await.unwrap();
    db.store.retry_job(job.id, at(0)).await.unwrap();
    assert_eq!(db.store.count_jobs().await.unwrap(), 0);
}

pub async fn a_job_given_back_waits(db: Backend) {
    accept(&db.store, 0).await;
    let job = db.store.claim_jobs(at(0), at(60), 10).await.unwrap().remove(0);
    db.store.retry_job(job.id, at(30)).await.unwrap();
    assert_eq!(db.store.claim_jobs(at(29), at(90), 10).await.unwrap(), []);
    assert_eq!(
        db.store.claim_jobs(at(30), at(90), 10).await.unwrap(),
        [Job {
            attempts: 1,
            ..job.clone()
        }]
    );
}

pub async fn a_change_finishes_its_job_or_neither_happens(db: Backend) {
    let message = accept(&db.store, 0).await;
    let job = db.store.claim_jobs(at(0), at(60), 10).await.unwrap().remove(0);
    let mut delivery = change(
        &message,
        &[
            Input::Stamp,
            Input::DeliverIn {
                at: at(1),
                fiction: None,
            },
        ],
    );
    delivery.finishes_job = Some(job.id);
    delivery.from_version = 3;
    assert!(matches!(
        db.store.apply_changes(&[delivery.clone()]).await,
        Err(StoreError::Conflict)
    ));
    assert_eq!(db.store.count_jobs().await.unwrap(), 1);
    delivery.from_version = 0;
    db.store.apply_changes(&[delivery]).await.unwrap();
    assert_eq!(db.store.count_jobs().await.unwrap(), 0);
    // Its key is not given to another job, which a late finisher would take away.
    accept(&db.store, 0).await;
    assert!(db.store.claim_jobs(at(0), at(60), 10).await.unwrap()[0].id.0 > job.id.0);
}

pub async fn claims_at_once_never_double(db: Backend) {
    for _ in 0..60 {
        accept(&db.store, 0).await;
    }
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let store = db.store.clone();
            tokio::spawn(async move {
                let mut own = Vec::new();
                loop {
                    let jobs = store.claim_jobs(at(0), at(60), 3).await.unwrap();
                    if jobs.is_empty() {
                        return own;
                    }
                    own.extend(jobs.iter().map(|job| job.id.0));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.unwrap());
    }
    assert_eq!(all.len(), 60);
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 60);
}

pub async fn as_many_as_asked_for(db: Backend) {
    for _ in 0..10 {
        accept(&db.store, 0).await;
    }
    assert_eq!(db.store.claim_jobs(at(0), at(60), 0).await.unwrap(), []);
    let first = db.store.claim_jobs(at(0), at(60), 4).await.unwrap();
    let rest = db.store.claim_jobs(at(0), at(60), u64::MAX).await.unwrap();
    assert_eq!((first.len(), rest.len()), (4, 6));
    // Oldest first.
    let order: Vec<JobId> = first.iter().chain(&rest).map(|job| job.id).collect();
    assert!(order.is_sorted_by_key(|id| id.0));
}

pub async fn a_leased_job_is_known_to_others(db: Backend) {
    let other = db.again().await;
    accept(&db.store, 0).await;
    assert!(!other.is_any_job_leased(at(0)).await.unwrap(), "it waits for anybody");
    let job = db.store.claim_jobs(at(0), at(60), 10).await.unwrap().remove(0);
    assert!(other.is_any_job_leased(at(59)).await.unwrap());
    assert!(!other.is_any_job_leased(at(60)).await.unwrap(), "its lease has ended");
    db.store.retry_job(job.id, at(90)).await.unwrap();
    assert!(!other.is_any_job_leased(at(0)).await.unwrap(), "it was given back");
}

pub async fn scans_are_claimed_by_themselves(db: Backend) {
    for _ in 0..3 {
        accept(&db.store, 0).await;
    }
    let jobs = db.store.claim_jobs(at(0), at(60), 10).await.unwrap();
    assert_eq!(db.store.claim_scans(at(0), at(60), 10).await.unwrap(), []);
    db.store.hand_to_scanner(&[], at(0)).await.unwrap();
    db.store
        .hand_to_scanner(&[jobs[0].id, jobs[2].id], at(5))
        .await
        .unwrap();
    assert_eq!(db.store.claim_scans(at(4), at(60), 10).await.unwrap(), []);
    let scans = db.store.claim_scans(at(5), at(65), 10).await.unwrap();
    let numbers: Vec<_> = scans.iter().map(|job| (job.id, job.kind, job.attempts)).collect();
    let scan_of = |job: &Job| match job.kind {
        JobKind::ProcessMessage(message) => (job.id, JobKind::ScanMessage(message), 0),
        other => panic!("{other:?}"),
    };
    assert_eq!(numbers, [scan_of(&jobs[0]), scan_of(&jobs[2])]);
    // Once the first leases have run out, only the one that was not handed on is a job like others.
    let others = db.store.claim_jobs(at(60), at(120), 10).await.unwrap();
    assert_eq!(others.len(), 1);
    assert_eq!((others[0].id, others[0].kind), (jobs[1].id, jobs[1].kind));
    db.store.retry_job(scans[1].id, at(64)).await.unwrap();
    let again = db.store.claim_scans(at(64), at(300), 10).await.unwrap();
    assert_eq!(again.len(), 1);
    assert_eq!((again[0].id, again[0].attempts), (scans[1].id, 1));
}
