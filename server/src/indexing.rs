//! Indexes boxes for the search by words that were written before there was an index, or whose index an older version
//! made. In the background from the start on: a million of them takes a while, and the node serves meanwhile. What is
//! not indexed yet is not found by words, everything else knows of it.
//!
//! Once an hour the walk begins anew: where nodes are upgraded one after the other, an older one still writes boxes as it
//! knows them, behind the back of a walk that is over. Where there is nothing to do, a walk reads numbers of versions.

use std::sync::Arc;
use std::time::Duration;

use isds_core::Isds;
use isds_core::error::Chain;
use tokio::sync::{RwLock, watch};

/// How many boxes are looked at in a turn.
const BATCH: u64 = 500;
/// How long a failing database is left alone.
const PAUSE: Duration = Duration::from_secs(5);
/// Between the end of a walk and the next one.
const ANEW: Duration = Duration::from_secs(3600);

/// Walks over all boxes again and again until the end of the node. Every turn happens under a read lock of `gate`, so that
/// a reset can wait for it.
pub async fn run(isds: Arc<Isds>, gate: Arc<RwLock<()>>, mut stop: watch::Receiver<bool>) {
    let mut after = None;
    while !*stop.borrow() {
        let turn = {
            let _turn = gate.read().await;
            isds.store.index_boxes(after, BATCH).await
        };
        let rest = match turn {
            Ok(Some(last)) => {
                after = Some(last);
                continue;
            }
            Ok(None) => {
                after = None;
                ANEW
            }
            Err(error) => {
                tracing::error!(error = %Chain(&error), "boxes cannot be indexed");
                PAUSE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            _ = stop.changed() => return,
        }
    }
}
