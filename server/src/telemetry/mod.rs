//! Traces for a collector of OpenTelemetry, where one is named: how long calls, jobs and what they ask of others took.
//!
//! Spans are those of `tracing` with the target [`TARGET`]; no log shows them. What is told of them is in
//! `docs/metrics.md`. Nothing of this holds up a call: spans go into a bounded queue, from which a task sends them in
//! batches (OTLP over HTTP, in JSON), and what does not fit is dropped and counted.

mod collect;
mod export;
mod otlp;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tracing::Span;

use crate::commands::Problem;
use crate::metrics::Area;

pub use collect::Collect;

/// Target of the spans that are told.
pub const TARGET: &str = "telemetry";
/// Where the address of the collector is looked for if none is configured, as other programs do.
const VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// Spans that wait to be sent.
const QUEUE: usize = 4096;
/// How long a node that ends tries to send the last spans.
const GOODBYE_TIME: Duration = Duration::from_secs(3);

/// What became of spans.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct FateLabel {
    fate: &'static str,
}

/// Spans by what became of them. One for the process, since logging begins before anything else is there.
pub static SPANS: LazyLock<Family<FateLabel, Counter>> = LazyLock::new(|| {
    let spans = Family::default();
    for fate in [EXPORTED, DROPPED] {
        drop(spans.get_or_create(&FateLabel { fate }));
    }
    spans
});

const EXPORTED: &str = "exported";
const DROPPED: &str = "dropped";

fn count(fate: &'static str, spans: u64) {
    SPANS.get_or_create(&FateLabel { fate }).inc_by(spans);
}

/// Sends spans to a collector until it is told to end.
pub struct Telemetry {
    task: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Telemetry {
    /// Starts to send to the collector at an address, or at the one that the environment names; none where neither does.
    /// What is returned beside it listens to spans.
    pub fn start(address: Option<&str>) -> Result<Option<(Self, Collect)>, Problem> {
        let environment = std::env::var(VARIABLE).ok().filter(|address| !address.is_empty());
        let Some(address) = address.map(str::to_owned).or(environment) else {
            return Ok(None);
        };
        let exporter = export::Exporter::to(&address)
            .map_err(|error| Problem::caused("the collector of traces cannot be used", error))?;
        let (sender, receiver) = mpsc::channel(QUEUE);
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(exporter.run(receiver, stopped));
        Ok(Some((Self { task, stop }, Collect::sending_to(sender))))
    }

    /// Sends what is left and ends.
    pub async fn end(self) {
        self.stop.send_replace(true);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(GOODBYE_TIME, self.task).await.is_err() {
            abort.abort();
        }
    }
}

/// Whether an address is one that spans can be sent to.
pub fn is_collector(address: &str) -> bool {
    export::Exporter::to(address).is_ok()
}

/// The span of a request; that of whoever called, where they tell it. Pictures and monitoring have none.
pub fn request_span(area: Area, headers: &HeaderMap) -> Span {
    if !matches!(area, Area::Services | Area::Pages) {
        return Span::none();
    }
    let caller = headers.get("traceparent").and_then(|value| value.to_str().ok());
    tracing::trace_span!(
        target: TARGET,
        "request",
        otel.name = tracing::field::Empty,
        otel.kind = "server",
        otel.status_code = tracing::field::Empty,
        traceparent = caller,
        isds.area = area.name(),
        isds.operation = tracing::field::Empty,
        isds.code = tracing::field::Empty,
        isds.box_type = tracing::field::Empty,
        http.response.status_code = tracing::field::Empty,
    )
}

/// Notes the answer in the span of its request.
pub fn answered(status: StatusCode) {
    let span = Span::current();
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}
