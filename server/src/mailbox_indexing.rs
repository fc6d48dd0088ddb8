//! Indexes the lists that people search, behind everything else.

use std::sync::Arc;
use std::time::Duration;

use isds_core::error::Chain;
use isds_core::{IndexingTools, Isds};
use tokio::sync::{RwLock, watch};

use crate::text::SeparateProcess;

/// How often a node looks for lists that wait to be indexed.
const LOOK_AROUND: Duration = Duration::from_secs(1);

/// Runs until the node stops. Every piece is indexed under a read lock of `gate`, so that a reset can wait for it.
pub async fn run(isds: Arc<Isds>, gate: Arc<RwLock<()>>, mut stop: watch::Receiver<bool>) {
    let text = SeparateProcess::default();
    while !*stop.borrow() {
        let more = {
            let _piece = gate.read().await;
            isds.index_mailboxes(IndexingTools { text: &text })
                .await
                .unwrap_or_else(|failure| {
                    tracing::error!(error = %Chain(&failure), "a list cannot be indexed");
                    false
                })
        };
        if more {
            continue;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_AROUND) => {}
            _ = stop.changed() => return,
        }
    }
}
