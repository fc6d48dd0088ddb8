//! Signing the head of the chain of records each hour, apart from everything else: a timestamp authority that is slow
//! holds up nothing.

use std::sync::Arc;
use std::time::Duration;

use isds_core::Isds;
use isds_core::error::Chain;
use tokio::sync::{RwLock, watch};

/// How often it is looked whether an hour has gone by.
const EVERY: Duration = Duration::from_secs(5);
/// Pause after a failure.
const PAUSE: Duration = Duration::from_secs(60);

/// Works until the end of the node; under a read lock of `gate`, so that a reset can wait for it.
pub async fn run(isds: Arc<Isds>, gate: Arc<RwLock<()>>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let kept = {
            let _turn = gate.read().await;
            tokio::select! {
                kept = isds.keep_audit_signed() => kept,
                // Nothing is lost by giving it up: it is signed when the node is back, or by another.
                _ = stop.changed() => return,
            }
        };
        let pause = match kept {
            Ok(()) => EVERY,
            Err(failure) => {
                tracing::error!(error = %Chain(&failure), "the head of the records' chain cannot be signed");
                PAUSE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => return,
        }
    }
}
