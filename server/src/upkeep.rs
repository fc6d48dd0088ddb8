//! What a node does beside calls and jobs: tells that it lives, follows a moved clock, counts statistics, forgets old
//! imports.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use isds_core::error::Chain;
use isds_core::ports::{NodeState, Random};
use isds_core::time::Clock;
use isds_core::{Failure, Isds};
use tokio::sync::{Notify, RwLock, watch};

use crate::clock::SystemClock;
use crate::metrics::Metrics;

/// How often it is looked at what there is to do; counting has a rest of its own.
const EVERY: Duration = Duration::from_secs(5);
/// How many of these looks lie between two looks for old imports.
const FORGET: u64 = 720;
/// Time between two signs of life.
const BEAT: Duration = Duration::from_secs(2);
/// How often a node with a test clock looks whether another has moved it.
const FOLLOW: Duration = Duration::from_millis(250);

/// Counts and forgets until the node stops. Happens under a read lock of `gate`, so that a reset can wait for it.
pub async fn run(isds: Arc<Isds>, gate: Arc<RwLock<()>>, mut stop: watch::Receiver<bool>) {
    for turn in 0_u64.. {
        if *stop.borrow() {
            break;
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
}

/// What tells that a node lives.
pub struct Heart {
    /// The system.
    pub isds: Arc<Isds>,
    /// Its clock.
    pub clock: Arc<SystemClock>,
    /// What the node is called.
    pub id: String,
    /// Folder of its own data, whose disk is watched.
    pub disk: Option<PathBuf>,
    /// Whether it has a test clock, and tells how far it has followed.
    pub test_clock: bool,
    /// Counts what happens.
    pub metrics: Arc<Metrics>,
    /// Woken when there is something to be told at once.
    pub told: Arc<Notify>,
}

impl Heart {
    /// Tells that the node lives, until it ends.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut node = NodeState {
            id: self.id.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: self.clock.real(),
            last_seen: self.clock.real(),
            disk_free: None,
            disk_total: None,
            clock_offset: None,
        };
        let mut noted = None;
        while !*stop.borrow() {
            self.beat(&mut node).await;
            match self.isds.store.note_life(&node.id, noted, node.last_seen).await {
                Ok(()) => noted = Some(node.last_seen),
                Err(error) => tracing::error!(error = %Chain(&error), "the node cannot tell that it lives"),
            }
            tokio::select! {
                () = tokio::time::sleep(BEAT) => {}
                () = self.told.notified() => {}
                _ = stop.changed() => {}
            }
        }
        if let Err(error) = self.isds.store.leave(&node.id).await {
            tracing::warn!(error = %Chain(&error), "the end of the node cannot be told");
        }
    }

    async fn beat(&self, node: &mut NodeState) {
        node.last_seen = self.clock.real();
        node.clock_offset = self.test_clock.then(|| self.clock.offset());
        if let Some(folder) = &self.disk {
            (node.disk_free, node.disk_total) = space(folder);
            self.metrics.disk(node.disk_free, node.disk_total);
        }
        told("the node cannot tell that it lives", self.isds.beat(node).await);
    }
}

/// Follows the test clock where another node has moved it, under a read lock of `gate`: who moves it here does so alone.
pub async fn follow(
    isds: Arc<Isds>,
    clock: Arc<SystemClock>,
    gate: Arc<RwLock<()>>,
    beat: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        {
            let _turn = gate.read().await;
            match isds.store.clock_offset_seconds().await {
                Ok(offset) if offset != clock.offset() => {
                    clock.set_offset(offset);
                    beat.notify_one();
                }
                Ok(_) => {}
                Err(error) => tracing::error!(error = %Chain(&error), "the clock offset cannot be read"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(FOLLOW) => {}
            _ = stop.changed() => {}
        }
    }
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
        tracing::error!(what, error = %Chain(&failure), "upkeep failed");
    }
}

/// A name for a node, as long as its process lives: 64 bits as hexadecimal digits.
pub fn new_id(random: &dyn Random) -> String {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
