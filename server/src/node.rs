//! A running node: listeners, jobs, and its end.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use isds_core::Isds;
use isds_core::error::Chain;
use openssl::ssl::SslAcceptor;
use soap_api::SoapConfig;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{RwLock, watch};
use tokio::task::JoinSet;
use web::Site;

use crate::clock::SystemClock;
use crate::commands::Problem;
use crate::demo::Demo;
use crate::listen::{Callers, Listeners};
use crate::mail::{self, MailRoad};
use crate::test_clock::{self, TestClock};
use crate::{health, indexing, jobs, mailbox_indexing, upkeep};

/// What a node serves.
pub struct Node {
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
    /// Whether the test clock is open.
    pub test_clock: bool,
    /// The demo, where this is one.
    pub demo: Option<Arc<Demo>>,
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
    /// Serves until the process is told to stop.
    pub async fn run(self, bound: Vec<Bound>) -> Result<(), Problem> {
        let isds = Arc::clone(&self.isds);
        let (stop, stopped) = watch::channel(false);
        let gate = Arc::new(RwLock::new(()));
        let runner = jobs::run(
            Arc::clone(&self.isds),
            Arc::clone(&self.clock),
            Arc::clone(&gate),
            stopped.clone(),
        );
        let indexer = indexing::run(Arc::clone(&self.isds), Arc::clone(&gate), stopped.clone());
        let mailbox_indexer = mailbox_indexing::run(Arc::clone(&self.isds), Arc::clone(&gate), stopped.clone());
        let keeper = upkeep::run(
            Arc::clone(&self.isds),
            Arc::clone(&self.clock),
            self.disk.clone(),
            Arc::clone(&gate),
            stopped.clone(),
        );
        let mut tasks = JoinSet::new();
        if let Some(road) = &self.mail {
            let mailer = Arc::clone(&road.mailer);
            let (isds, gate) = (Arc::clone(&self.isds), Arc::clone(&gate));
            tasks.spawn(mail::run(isds, mailer, gate, stopped.clone()));
        }
        let callers = self.callers.clone();
        let listeners = Listeners::new(self.router(gate), callers, stopped);
        tasks.spawn(runner);
        tasks.spawn(indexer);
        tasks.spawn(mailbox_indexer);
        tasks.spawn(keeper);
        for Bound { listener, tls } in bound {
            tasks.spawn(listeners.clone().serve(listener, tls));
        }
        // A part that ends before it is told to has failed: a node that accepts and no longer delivers must not stay.
        let failed = tokio::select! {
            told = told_to_stop() => {
                told?;
                false
            }
            _ = tasks.join_next() => true,
        };
        tracing::info!("stopping");
        stop.send_replace(true);
        while tasks.join_next().await.is_some() {}
        if let Err(failure) = isds.flush_audit().await {
            tracing::error!(error = %Chain(&failure), "records of who did what were not written");
        }
        if failed {
            Err(Problem::new("a part of the node ended unexpectedly; the log says why"))
        } else {
            Ok(())
        }
    }

    fn router(self, gate: Arc<RwLock<()>>) -> Router {
        let mut router = soap_api::router(Arc::clone(&self.isds), SoapConfig::default())
            .merge(web::router(Site {
                isds: Arc::clone(&self.isds),
                demo: self.accounts,
                origins: self.origins,
            }))
            .merge(health::router(Arc::clone(&self.isds)));
        if self.test_clock {
            let test = TestClock {
                isds: self.isds,
                clock: self.clock,
                gate,
                demo: self.demo,
            };
            router = router.merge(test_clock::router(test));
        }
        router
    }
}

async fn told_to_stop() -> Result<(), Problem> {
    let watch = |kind| signal(kind).map_err(|error| Problem::caused("signals cannot be watched", error));
    let (mut terminate, mut interrupt) = (watch(SignalKind::terminate())?, watch(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
