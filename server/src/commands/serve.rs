//! `isds serve`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use isds_core::ports::Store;

use crate::assemble::{self, Parts};
use crate::config::Config;
use crate::logging;
use crate::mail::{self, MailRoad};
use crate::node::{self, Node};
use crate::random::SystemRandom;
use crate::upkeep;

use super::Problem;

/// Options of production.
#[derive(Args)]
pub struct ServeOptions {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Serves until it is told to stop.
pub async fn run(options: ServeOptions) -> Result<ExitCode, Problem> {
    let config =
        Config::load(&options.config).map_err(|error| Problem::caused("the configuration cannot be used", error))?;
    let telemetry = logging::start(config.otlp.as_deref())?;
    if config.clamd.is_none() {
        tracing::warn!("no scanner is configured: messages are delivered unscanned");
    }
    let random = Arc::new(SystemRandom);
    let mail = mail_road(&config)?;
    let id = upkeep::new_id(&*random);
    let mut parts = parts(&config, random.clone(), Some(&id)).await?;
    parts.notices = mail.as_ref().map(|road| road.settings.clone());
    let acceptor = match &config.tls {
        Some(files) => Some(assemble::configured_tls(files)?),
        None => None,
    };
    refuse_what_was_a_test(&*parts.store, config.test_clock).await?;
    let metrics = Arc::clone(&parts.metrics);
    let (isds, clock) = assemble::isds(parts).await?;
    let bound = vec![node::bind(config.listen, acceptor).await?];
    let metrics_bound = match config.metrics {
        Some(address) => Some(node::bind(address, None).await?),
        None => None,
    };
    tracing::info!(listen = %config.listen, node = id, "serving");
    Node {
        id,
        isds,
        clock,
        accounts: None,
        disk: config.objects.strip_prefix("file:").map(PathBuf::from),
        origins: config.origins(),
        callers: config.callers(),
        mail,
        drain: config.drain(),
        test_clock: config.test_clock,
        demo: None,
        metrics,
    }
    .run(bound, metrics_bound)
    .await?;
    if let Some(telemetry) = telemetry {
        telemetry.end().await;
    }
    Ok(ExitCode::SUCCESS)
}

/// Legal time of production is real time. A database whose clock was once moved, or that a demo filled, would date
/// messages wrongly for good.
async fn refuse_what_was_a_test(store: &dyn Store, test_clock: bool) -> Result<(), Problem> {
    let unreadable = |error| Problem::caused("the database cannot be examined", error);
    if store.mark().await.map_err(unreadable)?.is_some() {
        return Err(Problem::new("the database belongs to a demo"));
    }
    if !test_clock && store.clock_offset_seconds().await.map_err(unreadable)? != 0 {
        return Err(Problem::new(
            "the clock of this database was moved; it serves only with test_clock = true",
        ));
    }
    Ok(())
}

/// How mails leave; none where no mail server is configured.
fn mail_road(config: &Config) -> Result<Option<MailRoad>, Problem> {
    let Some((smtp, url)) = config.smtp.as_ref().zip(config.public_url.as_ref()) else {
        return Ok(None);
    };
    mail::road(smtp, config.mail_from.as_deref(), url).map(Some)
}

/// Opens everything that a configuration names.
pub(super) async fn parts(config: &Config, random: Arc<SystemRandom>, node: Option<&str>) -> Result<Parts, Problem> {
    let seal = assemble::configured_seal(config, random)?;
    let judge = assemble::configured_judge(config)?;
    let store = assemble::open_configured_store(config, node).await?;
    let keys = assemble::configured_keys(config)?;
    let objects = assemble::open_objects(&config.objects, &keys).await?;
    let secrets = assemble::secrets(&config.objects, &keys, &*store).await?;
    Ok(Parts {
        store,
        objects,
        secrets,
        seal,
        judge,
        clamd: config.clamd.clone(),
        limits: assemble::configured_limits(config),
        notices: None,
        certificates: assemble::configured_certificates(config)?,
        metrics: Arc::default(),
    })
}
