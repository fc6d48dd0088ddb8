//! The job runner of a node.

use std::sync::Arc;
use std::time::Duration;

use isds_core::error::Chain;
use isds_core::{Failure, Isds};
use tokio::sync::{RwLock, watch};

use crate::health::Health;

/// How often a node looks for jobs that others added or gave back. Its own new jobs wake it at
/// once.
const LOOK_AROUND: Duration = Duration::from_millis(500);

/// Runs due jobs until the node stops. Every turn happens under a read lock of `gate`, so that the test
/// clock and a reset can wait for turns to end. There is none while the node's clock is off: due dates and leases would be
/// judged by a time that is nobody else's.
pub async fn run(isds: Arc<Isds>, health: Arc<Health>, gate: Arc<RwLock<()>>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let more = {
            let _turn = gate.read().await;
            !health.is_clock_off() && turn(&isds).await
        };
        if more {
            continue;
        }
        tokio::select! {
            () = isds.job_added.notified() => {}
            () = tokio::time::sleep(LOOK_AROUND) => {}
            _ = stop.changed() => return,
        }
    }
}

/// One turn; whether another is worth while at once.
async fn turn(isds: &Arc<Isds>) -> bool {
    match isds.run_due_jobs().await {
        Ok(report) => report.taken > report.retried,
        Err(failure) => {
            tracing::error!(error = %Chain(&failure), "jobs cannot be run");
            false
        }
    }
}

/// How often it is looked whether another node has done what it holds.
const LOOK_AT_OTHERS: Duration = Duration::from_millis(20);

/// Runs jobs until none that is due can be finished: what a wound clock made due is done when this returns, by this node
/// or by another one that was at it.
///
/// # Errors
/// Failures of the database.
pub async fn run_until_idle(isds: &Arc<Isds>) -> Result<(), Failure> {
    loop {
        let report = isds.run_due_jobs().await?;
        let scans = isds.run_due_scans().await?;
        if report.taken > report.retried || scans.taken > scans.retried {
            continue;
        }
        if report.elsewhere {
            tokio::time::sleep(LOOK_AT_OTHERS).await;
            continue;
        }
        // What is told of it is told of this time: wound on further, a fiction that is near would have struck.
        if isds.turn_due_notices().await? == 0 {
            return Ok(());
        }
    }
}
