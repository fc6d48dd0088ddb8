//! What an operator's monitoring reads: `GET /metrics`, described in `docs/metrics.md`.
//!
//! Counting costs a few atomic steps. What has to be asked for (queues, the pool, the process) is asked when the page is
//! read, at most every few seconds. No label names a box, a person or a message: their values are known beforehand.

mod gather;
mod parts;
mod process;
mod traffic;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use isds_core::envelope::MessageKind;
use isds_core::operation::Operation;
use isds_core::ports::{JobOutcome, Observation, Observer, RestraintKind, SignInOutcome, SignInWay};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

pub use gather::{Readers, router};
pub use parts::{TimedAuthority, TimedMailer, TimedObjects, TimedScanner, TimedSealer};
pub use traffic::{Area, CountedStream};

use gather::Gathered;

use crate::telemetry;

/// A gauge of seconds.
type SecondsGauge = Gauge<f64, AtomicU64>;
/// Histograms of durations, by labels.
type Durations<L> = Family<L, Histogram, Buckets>;

/// Upper bounds of durations: from a lookup to a large message.
const SECONDS: [f64; 14] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0, 60.0,
];

/// Makes histograms of durations.
#[derive(Clone)]
struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(SECONDS)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    operation: &'static str,
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabel {
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HttpLabels {
    area: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AreaLabel {
    area: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SignInLabels {
    way: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MessageLabels {
    kind: &'static str,
    size: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobLabels {
    kind: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PartLabels {
    part: &'static str,
    action: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
}

/// Why a connection was not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Its address has as many as it may.
    Crowd,
    /// The TLS handshake failed.
    Handshake,
}

/// All that is counted by one process.
pub struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    call_durations: Durations<OperationLabel>,
    answers: Family<HttpLabels, Counter>,
    answer_durations: Durations<AreaLabel>,
    received_bytes: Counter,
    sent_bytes: Counter,
    connections: Gauge,
    connections_accepted: Counter,
    connections_refused: Family<ReasonLabel, Counter>,
    sign_ins: Family<SignInLabels, Counter>,
    accepted: Family<MessageLabels, Counter>,
    jobs: Family<JobLabels, Counter>,
    job_durations: Durations<KindLabel>,
    life_cycle_changes: Counter,
    restrained: Family<KindLabel, Counter>,
    part_durations: Durations<PartLabels>,
    part_failures: Family<PartLabels, Counter>,
    gathered: Gathered,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        process::register(&mut registry);
        let isds = registry.sub_registry_with_prefix("isds");
        let build = Info::new(BuildLabels {
            version: env!("CARGO_PKG_VERSION"),
        });
        isds.register("build", "Version of the program", build);
        let metrics = Self {
            calls: counters(isds, "calls", "Calls of web services by operation and status code"),
            call_durations: durations(
                isds,
                "call_duration",
                "From the first byte of a call to the head of its answer",
            ),
            answers: counters(isds, "http_answers", "Answers over HTTP by area and status"),
            answer_durations: durations(
                isds,
                "http_duration",
                "From the header of a request to the head of its answer",
            ),
            received_bytes: counter(isds, "received_bytes", "Bytes received from clients, without TLS"),
            sent_bytes: counter(isds, "sent_bytes", "Bytes sent to clients, without TLS"),
            connections: gauge(isds, "connections", "Connections open now"),
            connections_accepted: counter(isds, "connections_accepted", "Connections accepted"),
            connections_refused: counters(isds, "connections_refused", "Connections not served"),
            sign_ins: counters(isds, "sign_ins", "Sign-ins by way and outcome"),
            accepted: counters(isds, "accepted_messages", "Messages accepted by kind and size"),
            jobs: counters(isds, "jobs_worked_on", "Jobs worked on by kind and outcome"),
            job_durations: durations(isds, "job_duration", "How long a job was worked on"),
            life_cycle_changes: counter(
                isds,
                "life_cycle_changes",
                "Changes that time made to messages: fiction, retention, vault",
            ),
            restrained: counters(isds, "restrained_calls", "Calls that were held back or refused"),
            part_durations: durations(isds, "part_duration", "How long a part of the system took to answer"),
            part_failures: counters(isds, "part_failures", "Failures of parts of the system"),
            gathered: {
                isds.register(
                    "spans",
                    "Spans of traces by what became of them",
                    telemetry::SPANS.clone(),
                );
                Gathered::register(isds)
            },
            registry,
        };
        metrics.begin();
        metrics
    }
}

fn counter(registry: &mut Registry, name: &str, help: &str) -> Counter {
    let counter = Counter::default();
    registry.register(name, help, counter.clone());
    counter
}

fn gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}

fn counters<L>(registry: &mut Registry, name: &str, help: &str) -> Family<L, Counter>
where
    L: Clone + std::hash::Hash + Eq + EncodeLabelSet + Send + Sync + std::fmt::Debug + 'static,
{
    let family = Family::default();
    registry.register(name, help, family.clone());
    family
}

fn durations<L>(registry: &mut Registry, name: &str, help: &str) -> Durations<L>
where
    L: Clone + std::hash::Hash + Eq + EncodeLabelSet + Send + Sync + std::fmt::Debug + 'static,
{
    let family = Durations::new_with_constructor(Buckets);
    registry.register_with_unit(name, help, Unit::Seconds, family.clone());
    family
}

impl Metrics {
    /// Series that alarms are made of begin at nought: a first failure is seen as a change.
    fn begin(&self) {
        for reason in [Refused::Crowd, Refused::Handshake] {
            drop(self.connections_refused.get_or_create(&reason.label()));
        }
        for way in [
            SignInWay::Services,
            SignInWay::Certificate,
            SignInWay::Mailbox,
            SignInWay::Code,
            SignInWay::Passkey,
        ] {
            for outcome in [
                SignInOutcome::Right,
                SignInOutcome::Wrong,
                SignInOutcome::Locked,
                SignInOutcome::Busy,
                SignInOutcome::Broken,
            ] {
                drop(self.sign_ins.get_or_create(&sign_in_labels(way, outcome)));
            }
        }
        for kind in [RestraintKind::Parallel, RestraintKind::Delayed, RestraintKind::Busy] {
            drop(self.restrained.get_or_create(&restraint_label(kind)));
        }
        for (part, action) in parts::ALL {
            drop(self.part_failures.get_or_create(&PartLabels { part, action }));
        }
    }

    /// A connection was accepted; it counts until what is returned is dropped.
    pub fn connected(self: &Arc<Self>) -> Connected {
        self.connections_accepted.inc();
        self.connections.inc();
        Connected(Arc::clone(self))
    }

    /// A connection was not served.
    pub fn refused(&self, reason: Refused) {
        self.connections_refused.get_or_create(&reason.label()).inc();
    }

    /// A request was answered.
    pub fn answered(&self, area: Area, status: u16, took: Duration) {
        let area = area.name();
        self.answers.get_or_create(&HttpLabels { area, status }).inc();
        self.answer_durations
            .get_or_create(&AreaLabel { area })
            .observe(took.as_secs_f64());
    }

    /// A part of the system answered, or failed.
    fn part(&self, part: &'static str, action: &'static str, took: Duration, failed: bool) {
        let labels = PartLabels { part, action };
        self.part_durations.get_or_create(&labels).observe(took.as_secs_f64());
        if failed {
            self.part_failures.get_or_create(&labels).inc();
        }
    }
}

/// A connection that is open.
pub struct Connected(Arc<Metrics>);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.connections.dec();
    }
}

impl Refused {
    fn label(self) -> ReasonLabel {
        ReasonLabel {
            reason: match self {
                Self::Crowd => "crowd",
                Self::Handshake => "handshake",
            },
        }
    }
}

impl Observer for Metrics {
    fn note(&self, observation: Observation) {
        match observation {
            Observation::Call { operation, code, took } => {
                let operation = operation.map_or("none", Operation::name);
                self.calls.get_or_create(&CallLabels { operation, code }).inc();
                self.call_durations
                    .get_or_create(&OperationLabel { operation })
                    .observe(took.as_secs_f64());
            }
            Observation::SignIn { way, outcome } => {
                self.sign_ins.get_or_create(&sign_in_labels(way, outcome)).inc();
            }
            Observation::Accepted { kind, large } => {
                let labels = MessageLabels {
                    kind: kind_name(kind),
                    size: if large { "large" } else { "ordinary" },
                };
                self.accepted.get_or_create(&labels).inc();
            }
            Observation::Job { kind, outcome, took } => {
                let labels = JobLabels {
                    kind,
                    outcome: match outcome {
                        JobOutcome::Done => "done",
                        JobOutcome::Later => "later",
                        JobOutcome::Failed => "failed",
                    },
                };
                self.jobs.get_or_create(&labels).inc();
                self.job_durations
                    .get_or_create(&KindLabel { kind })
                    .observe(took.as_secs_f64());
            }
            Observation::Restrained(kind) => {
                self.restrained.get_or_create(&restraint_label(kind)).inc();
            }
            Observation::LifeCycle { changes } => {
                self.life_cycle_changes.inc_by(changes);
            }
        }
    }
}

fn sign_in_labels(way: SignInWay, outcome: SignInOutcome) -> SignInLabels {
    SignInLabels {
        way: match way {
            SignInWay::Services => "services",
            SignInWay::Certificate => "certificate",
            SignInWay::Mailbox => "mailbox",
            SignInWay::Code => "code",
            SignInWay::Passkey => "passkey",
        },
        outcome: match outcome {
            SignInOutcome::Right => "right",
            SignInOutcome::Wrong => "wrong",
            SignInOutcome::Locked => "locked",
            SignInOutcome::Busy => "busy",
            SignInOutcome::Broken => "broken",
        },
    }
}

fn restraint_label(kind: RestraintKind) -> KindLabel {
    KindLabel {
        kind: match kind {
            RestraintKind::Parallel => "parallel",
            RestraintKind::Delayed => "delayed",
            RestraintKind::Busy => "busy",
        },
    }
}

fn kind_name(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Public => "public",
        MessageKind::System => "system",
        _ => "postal",
    }
}
