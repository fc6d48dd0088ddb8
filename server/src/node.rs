//! A running node: listeners, jobs, and its end.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use isds_core::Isds;
use openssl::ssl::SslAcceptor;
use soap_api::SoapConfig;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{RwLock, watch};
use tokio::task::JoinSet;
use web::HomePage;

use crate::clock::SystemClock;
use crate::commands::Problem;
use crate::demo::Demo;
use crate::listen::Listeners;
use crate::test_clock::{self, TestClock};
use crate::{health, indexing, jobs};

/// What a node serves.
pub struct Node {
    /// The system.
    pub isds: Arc<Isds>,
    /// Its clock.
    pub clock: Arc<SystemClock>,
    /// Its home page.
    pub home: HomePage,
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
        let (stop, stopped) = watch::channel(false);
        let gate = Arc::new(RwLock::new(()));
        let runner = jobs::run(
            Arc::clone(&self.isds),
            Arc::clone(&self.clock),
            Arc::clone(&gate),
            stopped.clone(),
        );
        let indexer = indexing::run(Arc::clone(&self.isds), Arc::clone(&gate), stopped.clone());
        let listeners = Listeners::new(self.router(gate), stopped);
        let mut tasks = JoinSet::new();
        tasks.spawn(runner);
        tasks.spawn(indexer);
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
        if failed {
            Err(Problem::new("a part of the node ended unexpectedly; the log says why"))
        } else {
            Ok(())
        }
    }

    fn router(self, gate: Arc<RwLock<()>>) -> Router {
        let mut router = soap_api::router(Arc::clone(&self.isds), SoapConfig::default())
            .merge(web::router(self.home))
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
