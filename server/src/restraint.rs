//! Keeps what this node counts of the calls of boxes, and learns what the others did.

use std::sync::Arc;
use std::time::Duration;

use isds_core::Isds;
use isds_core::error::Chain;
use tokio::sync::{RwLock, watch};

const EVERY: Duration = Duration::from_secs(1);

/// Works until the end of the node. Every turn happens under a read lock of `gate`, so that a reset can wait for it.
pub async fn run(isds: Arc<Isds>, gate: Arc<RwLock<()>>, mut stop: watch::Receiver<bool>) {
    loop {
        // Once more behind the end: what was counted is written.
        let ends = *stop.borrow();
        {
            let _turn = gate.read().await;
            if let Err(failure) = isds.keep_restraint().await {
                tracing::warn!(error = %Chain(&failure), "calls of boxes cannot be counted with other nodes");
            }
        }
        if ends {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}
