//! What a node does beside calls and jobs: tells that it lives, counts statistics, forgets old imports.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use isds_core::error::Chain;
use isds_core::ports::NodeState;
use isds_core::time::Clock;
use isds_core::{Failure, Isds};
use tokio::sync::{RwLock, watch};

use crate::clock::SystemClock;

/// How often it is looked at what there is to do; counting has a rest of its own.
const EVERY: Duration = Duration::from_secs(5);
/// How many of these looks lie between two signs of life.
const BEAT: u64 = 2;
/// How many lie between two looks for old imports.
const FORGET: u64 = 720;

/// Works until the end of the node. Counting happens under a read lock of `gate`, so that a reset can wait for it.
pub async fn run(
    isds: Arc<Isds>,
    clock: Arc<SystemClock>,
    disk: Option<PathBuf>,
    gate: Arc<RwLock<()>>,
    mut stop: watch::Receiver<bool>,
) {
    let mut node = NodeState {
        id: id(&isds),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: clock.real(),
        last_seen: clock.real(),
        disk_free: None,
        disk_total: None,
    };
    for turn in 0_u64.. {
        if *stop.borrow() {
            break;
        }
        if turn.is_multiple_of(BEAT) {
            beat(&isds, &clock, disk.as_deref(), &mut node).await;
        }
        {
            let _turn = gate.read().await;
            told("statistics cannot be counted", isds.count_statistics().await);
            if turn.is_multiple_of(FORGET) {
                told("old imports cannot be forgotten", isds.forget_old_imports().await);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => break,
        }
    }
    if let Err(error) = isds.store.leave(&node.id).await {
        tracing::warn!(error = %Chain(&error), "the end of the node cannot be told");
    }
}

async fn beat(isds: &Isds, clock: &SystemClock, disk: Option<&Path>, node: &mut NodeState) {
    node.last_seen = clock.real();
    if let Some(folder) = disk {
        (node.disk_free, node.disk_total) = space(folder);
    }
    told("the node cannot tell that it lives", isds.beat(node).await);
}

/// Bytes free for whoever is not root, and bytes in all, of the file system with the folder.
fn space(folder: &Path) -> (Option<i64>, Option<i64>) {
    match rustix::fs::statvfs(folder) {
        Ok(stat) => {
            let bytes = |blocks: u64| i64::try_from(blocks.saturating_mul(stat.f_frsize)).ok();
            (bytes(stat.f_bavail), bytes(stat.f_blocks))
        }
        Err(error) => {
            tracing::warn!(%error, "the space on the disk cannot be told");
            (None, None)
        }
    }
}

fn told<T>(what: &'static str, result: Result<T, Failure>) {
    if let Err(failure) = result {
        tracing::error!(error = %Chain(&failure), "{what}");
    }
}

/// 64 bits as hexadecimal digits.
fn id(isds: &Isds) -> String {
    let mut bytes = [0; 8];
    isds.random.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
