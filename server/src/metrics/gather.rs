//! What has to be asked for: queues, lags, the pool, nodes. Asked when the page is read, and at most every few seconds.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use isds_core::error::Chain;
use isds_core::ports::{Queue, StoreResult, WaitingKind, WaitingWork};
use isds_core::time::Timestamp;
use isds_core::{HEARD_SECONDS, Isds, JOB_KINDS, job_kind_name};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use soap_api::PeerAddress;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::parts::{DATABASE, PING};
use super::{KindLabel, Metrics, SecondsGauge, counter, counters, gauge};

/// For how long what was gathered is told again: several monitors, or an impatient one, cost the database nothing more.
const FRESH: Duration = Duration::from_secs(5);
/// How long the database is given to answer. Without its answer the page tells the rest.
const PATIENCE: Duration = Duration::from_secs(3);
/// Most nodes that are counted.
const NODES: u64 = 1000;
/// The form that is answered.
const TYPE: HeaderValue = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// What is gathered.
pub(super) struct Gathered {
    last: Mutex<Option<Instant>>,
    failed: Gauge,
    jobs: Family<KindLabel, Gauge>,
    jobs_due: Family<KindLabel, Gauge>,
    jobs_attempts: Family<KindLabel, Gauge>,
    jobs_overdue: Family<KindLabel, SecondsGauge>,
    waiting: Family<KindLabel, Gauge>,
    waiting_due: Family<KindLabel, Gauge>,
    waiting_overdue: Family<KindLabel, SecondsGauge>,
    life_cycle_lag: Family<KindLabel, SecondsGauge>,
    unstamped: Gauge,
    unstamped_age: SecondsGauge,
    audit_unsealed: Gauge,
    audit_unwritten: Gauge,
    audit_seal_age: SecondsGauge,
    clock_offset: Gauge,
    nodes: Gauge,
    database_connections: Family<KindLabel, Gauge>,
    database_failures: Family<KindLabel, Counter>,
    hashings: Counter,
    disk: Family<KindLabel, Gauge>,
    certificate_left: Family<KindLabel, SecondsGauge>,
}

fn gauges(registry: &mut Registry, name: &str, help: &str) -> Family<KindLabel, Gauge> {
    let family = Family::default();
    registry.register(name, help, family.clone());
    family
}

fn seconds(registry: &mut Registry, name: &str, help: &str) -> SecondsGauge {
    let gauge = SecondsGauge::default();
    registry.register_with_unit(name, help, Unit::Seconds, gauge.clone());
    gauge
}

fn seconds_by(registry: &mut Registry, name: &str, help: &str) -> Family<KindLabel, SecondsGauge> {
    let family = Family::<KindLabel, SecondsGauge>::default();
    registry.register_with_unit(name, help, Unit::Seconds, family.clone());
    family
}

impl Gathered {
    pub(super) fn register(isds: &mut Registry) -> Self {
        Self {
            last: Mutex::new(None),
            failed: gauge(
                isds,
                "gathering_failed",
                "1 where the database did not tell what it was asked",
            ),
            jobs: gauges(isds, "jobs", "Jobs that wait or run"),
            jobs_due: gauges(isds, "jobs_due", "Jobs that are due"),
            jobs_attempts: gauges(isds, "jobs_attempts", "Most attempts at a job that waits or runs"),
            jobs_overdue: seconds_by(isds, "jobs_overdue", "For how long the oldest job has been due"),
            waiting: gauges(isds, "waiting_work", "What waits beside the jobs"),
            waiting_due: gauges(isds, "waiting_work_due", "How much of it is due"),
            waiting_overdue: seconds_by(
                isds,
                "waiting_work_overdue",
                "For how long the oldest of it has been due",
            ),
            life_cycle_lag: seconds_by(
                isds,
                "life_cycle_lag",
                "How late time's oldest change to a message is, in legal time",
            ),
            unstamped: gauge(
                isds,
                "unstamped_messages",
                "Messages without a timestamp among the thousand newest",
            ),
            unstamped_age: seconds(
                isds,
                "unstamped_age",
                "For how long the first of them has waited, in legal time",
            ),
            audit_unsealed: gauge(isds, "audit_unsealed_records", "Records of who did what without a seal"),
            audit_unwritten: gauge(
                isds,
                "audit_unwritten_records",
                "Records of who did what that this node has not written yet",
            ),
            audit_seal_age: seconds(
                isds,
                "audit_seal_age",
                "Age of the last seal over the records of who did what",
            ),
            clock_offset: gauge(
                isds,
                "clock_offset_seconds",
                "By how much legal time runs ahead of real time (test instances only)",
            ),
            nodes: gauge(isds, "nodes", "Nodes that were heard of lately"),
            database_connections: gauges(isds, "database_connections", "Connections of this node to the database"),
            database_failures: counters(isds, "database_failures", "Failures of the database"),
            hashings: counter(isds, "password_hashings", "Passwords that were hashed, right and wrong"),
            disk: gauges(isds, "disk_bytes", "Space where this node keeps data of its own"),
            certificate_left: seconds_by(
                isds,
                "certificate_left",
                "For how long a certificate of the installation is still good",
            ),
        }
    }

    /// Asks, where the last answer is no longer fresh.
    async fn refresh(&self, metrics: &Metrics, isds: &Isds) {
        let mut last = self.last.lock().await;
        if last.is_some_and(|last| last.elapsed() < FRESH) {
            return;
        }
        self.ask_process(isds);
        let asked = timeout(PATIENCE, self.ask_database(metrics, isds)).await;
        let failed = match asked {
            Ok(Ok(())) => false,
            Ok(Err(error)) => {
                tracing::warn!(error = %Chain(&error), "metrics cannot be gathered");
                true
            }
            Err(_) => {
                tracing::warn!(error = "no answer in time", "metrics cannot be gathered");
                true
            }
        };
        self.failed.set(i64::from(failed));
        *last = Some(Instant::now());
    }

    fn ask_process(&self, isds: &Isds) {
        let now = isds.clock.real();
        for own in &isds.own_certificates {
            let left = own.ends.0.saturating_sub(now.0) as f64 / 1e6;
            set_seconds(&self.certificate_left, own.used_for.name(), left);
        }
        raise(&self.hashings, isds.passwords.hashed());
        self.audit_unwritten.set(signed(isds.audit.waiting() as u64));
        let pool = isds.store.pool_state();
        for (kind, value) in [
            ("most", pool.most),
            ("idle", pool.idle),
            ("used", pool.open.saturating_sub(pool.idle)),
        ] {
            set(&self.database_connections, kind, signed(value));
        }
        let failures = isds.store.store_failures();
        for (kind, value) in [
            ("unavailable", failures.unavailable),
            ("conflict", failures.conflict),
            ("inconsistent", failures.inconsistent),
        ] {
            raise(&self.database_failures.get_or_create(&KindLabel { kind }), value);
        }
    }

    async fn ask_database(&self, metrics: &Metrics, isds: &Isds) -> StoreResult<()> {
        let store = &isds.store;
        metrics.timed(DATABASE, PING, store.ping()).await?;
        let (real, legal) = (isds.clock.real(), isds.clock.legal());
        self.clock_offset.set(store.clock_offset_seconds().await?);
        self.tell_queues(&store.list_queues(real).await?, real);
        self.tell_waiting(&store.list_waiting_work(real, legal).await?, real, legal);
        let due = store.next_due().await?;
        for (kind, due) in [
            ("fiction", due.fiction),
            ("retention", due.retention),
            ("vault", due.vault),
        ] {
            set_seconds(&self.life_cycle_lag, kind, late(due, legal));
        }
        let stamping = store.stamping().await?;
        self.unstamped.set(signed(stamping.waiting));
        self.unstamped_age.set(late(stamping.waiting_since, legal));
        self.audit_unsealed.set(signed(store.count_unsealed_audit().await?));
        let sealed = store.last_audit_seal().await?.map(|seal| seal.sealed);
        self.audit_seal_age.set(late(sealed, real));
        let since = real.plus_seconds(-HEARD_SECONDS);
        let nodes = store.list_nodes(NODES).await?;
        let alive = nodes.iter().filter(|node| node.last_seen >= since).count();
        self.nodes.set(signed(alive as u64));
        Ok(())
    }

    fn tell_queues(&self, queues: &[Queue], real: Timestamp) {
        // A queue that is empty is not listed, and is told to be empty.
        let kinds = JOB_KINDS.iter().map(|(number, _)| *number);
        for number in kinds {
            let queue = queues.iter().find(|queue| queue.kind == number);
            let kind = job_kind_name(number);
            set(&self.jobs, kind, queue.map_or(0, |queue| signed(queue.jobs)));
            set(&self.jobs_due, kind, queue.map_or(0, |queue| signed(queue.due)));
            set(&self.jobs_attempts, kind, queue.map_or(0, |queue| queue.attempts));
            set_seconds(&self.jobs_overdue, kind, late(queue.map(|queue| queue.oldest), real));
        }
    }

    fn tell_waiting(&self, work: &[WaitingWork], real: Timestamp, legal: Timestamp) {
        for work in work {
            let (kind, now) = match work.kind {
                WaitingKind::Mails => ("mails", real),
                WaitingKind::Notices => ("notices", legal),
                WaitingKind::Indexing => ("indexing", real),
                WaitingKind::TextExtraction => ("text-extraction", real),
            };
            set(&self.waiting, kind, signed(work.count));
            set(&self.waiting_due, kind, signed(work.due));
            set_seconds(&self.waiting_overdue, kind, late(work.oldest, now));
        }
    }
}

impl Metrics {
    /// The disk on which this node keeps data of its own.
    pub fn disk(&self, free: Option<i64>, total: Option<i64>) {
        for (kind, value) in [("free", free), ("total", total)] {
            if let Some(value) = value {
                set(&self.gathered.disk, kind, value);
            }
        }
    }

    async fn page(&self, isds: &Isds) -> Result<String, std::fmt::Error> {
        self.gathered.refresh(self, isds).await;
        let mut text = String::with_capacity(32 * 1024);
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

fn set(family: &Family<KindLabel, Gauge>, kind: &'static str, value: i64) {
    family.get_or_create(&KindLabel { kind }).set(value);
}

fn set_seconds(family: &Family<KindLabel, SecondsGauge>, kind: &'static str, value: f64) {
    family.get_or_create(&KindLabel { kind }).set(value);
}

/// Raises a counter to what somebody else counted.
fn raise(counter: &Counter, value: u64) {
    counter.inner().fetch_max(value, Ordering::Relaxed);
}

/// For how many seconds something has been due; nought where it is not.
fn late(due: Option<Timestamp>, now: Timestamp) -> f64 {
    due.map_or(0.0, |due| now.0.saturating_sub(due.0).max(0) as f64 / 1e6)
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Who may read the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Whoever reaches the listener, which is there for this alone.
    All,
    /// This machine: the listener serves others as well.
    Here,
}

struct Page {
    isds: Arc<Isds>,
    metrics: Arc<Metrics>,
    readers: Readers,
}

/// `GET /metrics`.
pub fn router(isds: Arc<Isds>, metrics: Arc<Metrics>, readers: Readers) -> Router {
    let page = Page { isds, metrics, readers };
    Router::new().route("/metrics", get(show)).with_state(Arc::new(page))
}

async fn show(State(page): State<Arc<Page>>, request: Request) -> Response {
    let here = |address: &PeerAddress| address.0.to_canonical().is_loopback();
    let allowed = page.readers == Readers::All || request.extensions().get::<PeerAddress>().is_some_and(here);
    if !allowed {
        return StatusCode::NOT_FOUND.into_response();
    }
    match page.metrics.page(&page.isds).await {
        Ok(text) => ([(header::CONTENT_TYPE, TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
