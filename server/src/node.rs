//! A running node: listeners, jobs, and its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use isds_core::Isds;
use isds_core::error::Chain;
use openssl::ssl::SslAcceptor;
use soap_api::SoapConfig;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, RwLock, watch};
use tokio::task::JoinSet;
use web::Site;

use crate::clock::SystemClock;
use crate::commands::Problem;
use crate::demo::Demo;
use crate::health::Health;
use crate::listen::{Callers, GOODBYE_TIME, Listeners};
use crate::mail::{self, MailRoad};
use crate::metrics::{self, Metrics, Readers, TimedMailer};
use crate::test_clock::{self, TestClock};
use crate::upkeep::Heart;
use crate::{audit_heads, certificates, health, indexing, jobs, mailbox_indexing, notify, restraint, scanning, upkeep};

/// How long the end of a node waits for its parts, once all calls have ended or were cut off.
const PARTS_END_WITHIN: Duration = Duration::from_secs(5);

/// What a node serves.
pub struct Node {
    /// What it is called among its fellows.
    pub id: String,
    /// The system.
    pub isds: Arc<Isds>,
    /// Its clock.
    pub clock: Arc<SystemClock>,
    /// Accounts that its home page shows, where this is a demo.
    pub accounts: Option<web::Demo>,
    /// Addresses under which people reach it in their browsers.
    pub origins: web::Origins,
    /// Who connects to it.
    pub callers: Callers,
    /// Folder of its own data, whose disk is watched.
    pub disk: Option<std::path::PathBuf>,
    /// How mails to people leave; none where none are sent.
    pub mail: Option<MailRoad>,
    /// How long it goes on serving after it was told to stop, not ready any more, so that proxies turn away from it.
    pub drain: Duration,
    /// Whether the test clock is open.
    pub test_clock: bool,
    /// The demo, where this is one.
    pub demo: Option<Arc<Demo>>,
    /// Counts what happens.
    pub metrics: Arc<Metrics>,
}

/// A bound listener.
pub struct Bound {
    listener: TcpListener,
    tls: Option<SslAcceptor>,
}

/// Binds an address.
pub async fn bind(address: SocketAddr, tls: Option<SslAcceptor>) -> Result<Bound, Problem> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| Problem::caused(format!("{address} cannot be listened on"), error))?;
    Ok(Bound { listener, tls })
}

impl Node {
    /// Serves until the process is told to stop. Metrics have a listener of their own; those of a demo, which has none, are
    /// read through its others.
    pub async fn run(self, bound: Vec<Bound>, metrics_bound: Option<Bound>) -> Result<(), Problem> {
        let isds = Arc::clone(&self.isds);
        let drain = self.drain;
        let mut signals = Signals::watch()?;
        let health = Arc::new(Health::new(Arc::clone(&isds), Arc::clone(&self.clock) as _));
        health.look().await;
        let (work, listening) = (watch::Sender::new(false), watch::Sender::new(false));
        let mut tasks = self.tasks(&health, bound, metrics_bound, &work, &listening);
        notify::ready();
        // A part that ends before it is told to has failed: a node that accepts and no longer delivers must not stay.
        let failed = tokio::select! {
            () = signals.told() => false,
            _ = tasks.join_next() => true,
        };
        tracing::info!("stopping");
        notify::stopping();
        health.leave();
        isds.ending.tell();
        work.send_replace(true);
        if !failed {
            // A second word is that of somebody in a hurry.
            tokio::select! {
                () = tokio::time::sleep(drain) => {}
                () = signals.told() => {}
            }
        }
        listening.send_replace(true);
        let all_end = async {
            isds.ending.idle().await;
            while tasks.join_next().await.is_some() {}
        };
        if tokio::time::timeout(GOODBYE_TIME + PARTS_END_WITHIN, all_end)
            .await
            .is_err()
        {
            tracing::warn!("a part of the node did not end in time");
            tasks.shutdown().await;
        }
        if let Err(failure) = isds.flush_audit().await {
            tracing::error!(error = %Chain(&failure), "records of who did what were not written");
        }
        let _ = tokio::time::timeout(PARTS_END_WITHIN, isds.store.close()).await;
        if failed {
            Err(Problem::new("a part of the node ended unexpectedly; the log says why"))
        } else {
            tracing::info!("stopped");
            Ok(())
        }
    }

    /// Starts all parts: those that take up work of their own until `work` turns true, the others until `listening` does.
    fn tasks(
        self,
        health: &Arc<Health>,
        bound: Vec<Bound>,
        metrics_bound: Option<Bound>,
        work: &watch::Sender<bool>,
        listening: &watch::Sender<bool>,
    ) -> JoinSet<()> {
        let (isds, gate) = (Arc::clone(&self.isds), Arc::new(RwLock::new(())));
        let beat = Arc::new(Notify::new());
        let mut tasks = JoinSet::new();
        if let Some(road) = &self.mail {
            let mailer = TimedMailer::around(Arc::clone(&road.mailer), &self.metrics);
            tasks.spawn(mail::run(
                Arc::clone(&isds),
                Arc::clone(health),
                mailer,
                Arc::clone(&gate),
                work.subscribe(),
            ));
        }
        tasks.spawn(jobs::run(
            Arc::clone(&isds),
            Arc::clone(health),
            Arc::clone(&gate),
            work.subscribe(),
        ));
        tasks.spawn(scanning::run(
            Arc::clone(&isds),
            Arc::clone(health),
            Arc::clone(&gate),
            work.subscribe(),
        ));
        tasks.spawn(indexing::run(Arc::clone(&isds), Arc::clone(&gate), work.subscribe()));
        tasks.spawn(mailbox_indexing::run(
            Arc::clone(&isds),
            Arc::clone(&gate),
            work.subscribe(),
        ));
        tasks.spawn(upkeep::run(Arc::clone(&isds), Arc::clone(&gate), work.subscribe()));
        tasks.spawn(restraint::run(
            Arc::clone(&isds),
            Arc::clone(&gate),
            listening.subscribe(),
        ));
        tasks.spawn(certificates::watch_own(Arc::clone(&isds), work.subscribe()));
        tasks.spawn(audit_heads::run(Arc::clone(&isds), Arc::clone(&gate), work.subscribe()));
        if self.test_clock {
            tasks.spawn(upkeep::follow(
                Arc::clone(&isds),
                Arc::clone(&self.clock),
                Arc::clone(&gate),
                Arc::clone(&beat),
                listening.subscribe(),
            ));
        }
        let metrics = Arc::clone(&self.metrics);
        if let Some(Bound { listener, tls }) = metrics_bound {
            let page = metrics::router(Arc::clone(&isds), Arc::clone(&metrics), Readers::All);
            let callers = self.callers.clone();
            let listeners = Listeners::new(page, callers, Arc::clone(&metrics), listening.subscribe());
            tasks.spawn(listeners.serve(listener, tls));
        }
        let heart = Heart {
            isds,
            clock: Arc::clone(&self.clock),
            id: self.id.clone(),
            disk: self.disk.clone(),
            test_clock: self.test_clock,
            metrics: Arc::clone(&metrics),
            told: Arc::clone(&beat),
        };
        tasks.spawn(heart.run(listening.subscribe()));
        tasks.spawn(health::run(Arc::clone(health), listening.subscribe()));
        let callers = self.callers.clone();
        let listeners = Listeners::new(self.router(gate, beat, health), callers, metrics, listening.subscribe());
        for Bound { listener, tls } in bound {
            tasks.spawn(listeners.clone().serve(listener, tls));
        }
        tasks
    }

    fn router(self, gate: Arc<RwLock<()>>, beat: Arc<Notify>, health: &Arc<Health>) -> Router {
        let mut router = soap_api::router(Arc::clone(&self.isds), SoapConfig::default())
            .merge(web::router(Site {
                isds: Arc::clone(&self.isds),
                demo: self.accounts,
                origins: self.origins,
            }))
            // What the operator asks is none of these calls: the test clock waits for what waits for them.
            .layer(from_fn_with_state(Arc::clone(&self.isds), under_way))
            .merge(health::router(Arc::clone(health)));
        if self.demo.is_some() {
            let page = metrics::router(Arc::clone(&self.isds), Arc::clone(&self.metrics), Readers::Here);
            router = router.merge(page);
        }
        if self.test_clock {
            let test = TestClock {
                isds: self.isds,
                clock: self.clock,
                gate,
                beat,
                demo: self.demo,
            };
            router = router.merge(test_clock::router(test));
        }
        router.layer(from_fn_with_state(Arc::clone(health), health::guard))
    }
}

/// Counts a call as long as it is not answered.
async fn under_way(State(isds): State<Arc<Isds>>, request: Request, next: Next) -> Response {
    let _call = isds.calls.begin();
    next.run(request).await
}

/// The signals that tell a process to end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn watch() -> Result<Self, Problem> {
        let watch = |kind| signal(kind).map_err(|error| Problem::caused("signals cannot be watched", error));
        Ok(Self {
            terminate: watch(SignalKind::terminate())?,
            interrupt: watch(SignalKind::interrupt())?,
        })
    }

    async fn told(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
