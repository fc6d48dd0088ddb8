//! Logs: text for people at a terminal, JSON for collectors. Never personal data, passwords, cookies or content.

use std::io::IsTerminal;

use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt, registry};

use crate::commands::Problem;
use crate::telemetry::{Collect, Telemetry};

/// Starts logging to standard error. `RUST_LOG` chooses what is logged; `ISDS_LOG_FORMAT=json` the form. Traces go to the
/// collector at `otlp`, or to the one that the environment names, where there is one.
pub fn start(otlp: Option<&str>) -> Result<Option<Telemetry>, Problem> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,hyper=warn"));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if std::env::var("ISDS_LOG_FORMAT").is_ok_and(|format| format == "json") {
        lines.json().boxed()
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).boxed()
    };
    let Some((telemetry, collect)) = Telemetry::start(otlp)? else {
        registry().with(lines).with(filter).init();
        return Ok(None);
    };
    // Each sees its own: no log grows by what is told to the collector.
    registry()
        .with(lines.with_filter(filter))
        .with(collect.with_filter(Collect::filter()))
        .init();
    Ok(Some(telemetry))
}
