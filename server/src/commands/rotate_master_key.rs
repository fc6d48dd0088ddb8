//! `isds rotate-master-key`: what is under another master key comes under the current one.

use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use futures::{StreamExt, TryStreamExt};
use isds_core::error::Chain;
use isds_core::ports::{Found, Store, StoreError};
use isds_core::time::{Clock, Timestamp};
use storage::objects::{KeyRotation, Rewrapped};
use storage::secrets::MasterSecrets;

use crate::assemble;
use crate::clock::SystemClock;
use crate::config::Config;

use super::Problem;

/// Objects that are put under the key at the same time.
const AT_ONCE: usize = 8;
/// How often all objects are looked at until none is found under another key. Two are usual: one that does it and one that
/// shows it.
const WALKS: u32 = 5;

/// Options of the rotation.
#[derive(Args)]
pub struct RotateOptions {
    /// Configuration file (TOML), in which master_key is the new key and other_master_keys names the former one.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// What a walk through the objects came to.
#[derive(Default)]
struct Walk {
    seen: u64,
    rewrapped: u64,
    damaged: u64,
}

/// Does it, beside a running system; interrupted, it goes on where it was when it is called again.
pub async fn run(options: RotateOptions) -> Result<ExitCode, Problem> {
    let config =
        Config::load(&options.config).map_err(|error| Problem::caused("the configuration cannot be used", error))?;
    if config.other_master_keys.is_empty() {
        return Err(Problem::new(
            "other_master_keys: the former key is needed to read what is under it",
        ));
    }
    let keys = assemble::configured_keys(&config)?;
    let store = assemble::open_configured_store(&config, None).await?;
    let objects = assemble::open_objects(&config.objects, &keys).await?;
    let secrets = assemble::secrets(&config.objects, &keys, &*store).await?;
    // A bucket says of what is written again that it was written now.
    let hides_times = config.objects.starts_with("s3:");
    if hides_times {
        note_rewriting(&*store, Timestamp(i64::MAX)).await?;
    }
    let ended = rotate(&*store, &objects, &secrets).await?;
    if hides_times {
        note_rewriting(&*store, SystemClock::default().real()).await?;
    }
    Ok(ended)
}

async fn note_rewriting(store: &dyn Store, until: Timestamp) -> Result<(), Problem> {
    let noted = store.note_rewriting(until).await;
    noted.map_err(|error| Problem::caused("it cannot be noted that objects are written anew", error))
}

async fn rotate(
    store: &dyn Store,
    objects: &Arc<dyn KeyRotation>,
    secrets: &MasterSecrets,
) -> Result<ExitCode, Problem> {
    for walk in 1..=WALKS {
        let resealed = isds_core::reseal_secrets(store, secrets).await;
        let resealed =
            resealed.map_err(|error| Problem::caused("secrets in the database cannot be sealed anew", error))?;
        let digest_key = reseal_digest_key(store, secrets).await?;
        let walked = walk_objects(objects).await?;
        println!(
            "walk {walk}: {} objects seen, {} put under the key; {} secrets sealed anew",
            walked.seen,
            walked.rewrapped,
            resealed + u64::from(digest_key)
        );
        if walked.damaged > 0 {
            println!(
                "{} objects cannot be read and stay under the former key; isds doctor --deep says whose they are",
                walked.damaged
            );
            return Ok(ExitCode::FAILURE);
        }
        if walked.rewrapped == 0 && resealed == 0 && !digest_key {
            let forgotten = objects.forget_other_keys().await;
            forgotten.map_err(|error| Problem::caused("the label of the objects cannot be written", error))?;
            println!("nothing is under another key: other_master_keys is needed no longer");
            return Ok(ExitCode::SUCCESS);
        }
    }
    println!("something still writes under another key; every node has to be started with the new master_key first");
    Ok(ExitCode::FAILURE)
}

/// Whether the key of digests was under another master key.
async fn reseal_digest_key(store: &dyn Store, secrets: &MasterSecrets) -> Result<bool, Problem> {
    let failed = |error| Problem::caused("the key of digests cannot be kept", error);
    let Some(kept) = store.digest_key().await.map_err(failed)? else {
        return Ok(false);
    };
    let resealed = secrets
        .reseal_digest_key(&kept)
        .map_err(|error| Problem::caused("the key of digests cannot be sealed anew", error))?;
    match resealed {
        Some(new) => store
            .replace_digest_key(&kept, &new)
            .await
            .map(|_| true)
            .map_err(failed),
        None => Ok(false),
    }
}

async fn walk_objects(objects: &Arc<dyn KeyRotation>) -> Result<Walk, Problem> {
    let failed = |error| Problem::caused("the objects cannot be put under the key; call it again", error);
    let mut walk = Walk::default();
    for part in 0..=u8::MAX {
        let found = objects.list_part(part).await.map_err(failed)?;
        let done = found
            .try_filter_map(|found| async move {
                Ok(match found {
                    Found::Object(object) => Some(object.id),
                    Found::Leftover { .. } => None,
                })
            })
            .map(|id| async {
                let id = id?;
                match objects.rewrap(&id).await {
                    Err(error @ StoreError::DamagedObject(_)) => {
                        println!("{}", Chain(&error));
                        Ok(None)
                    }
                    rewrapped => rewrapped.map(Some),
                }
            })
            .buffer_unordered(AT_ONCE);
        let mut done = pin!(done);
        while let Some(outcome) = done.try_next().await.map_err(failed)? {
            walk.seen += 1;
            match outcome {
                Some(Rewrapped::Done) => walk.rewrapped += 1,
                Some(Rewrapped::Already | Rewrapped::Gone) => {}
                None => walk.damaged += 1,
            }
        }
    }
    Ok(walk)
}
