//! Scans of a node: a task beside the job runner, since a file may take minutes and a scanner may be out of order for days.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use isds_core::Isds;
use isds_core::error::Chain;
use tokio::sync::{RwLock, watch};

use crate::health::Health;

/// How often a node looks for scans that others added or gave back, and whether a scanner is in order again. Its own new
/// ones wake it at once.
const LOOK_AROUND: Duration = Duration::from_millis(500);

/// Runs due scans until the node stops, which gives back those that run. Every turn happens under a read lock of `gate`,
/// so that the test clock and a reset can halt scanning and wait for the turn to end. There is none while the node's clock
/// is off.
pub async fn run(isds: Arc<Isds>, health: Arc<Health>, gate: Arc<RwLock<()>>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        tokio::select! {
            () = isds.look_after_scanner() => {}
            _ = stop.changed() => return,
        }
        if !health.is_clock_off() {
            let _turn = gate.read().await;
            let mut turn = pin!(isds.run_due_scans());
            let done = tokio::select! {
                done = &mut turn => done,
                _ = stop.changed() => {
                    let _halt = isds.scanning.halt();
                    turn.await
                }
            };
            if let Err(failure) = done {
                tracing::error!(error = %Chain(&failure), "scans cannot be run");
            }
        }
        tokio::select! {
            () = isds.scanning.added() => {}
            () = tokio::time::sleep(LOOK_AROUND) => {}
            _ = stop.changed() => return,
        }
    }
}
