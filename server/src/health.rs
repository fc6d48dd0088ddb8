//! Whether this node is fit to be called: `GET /health/live` and `GET /health/ready`.
//!
//! The database is asked once a second, whoever asks us. Its clock is the one that all nodes agree on: a node that differs
//! from it would date messages and judge leases by another time than its fellows, so it answers no calls until it agrees
//! again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use isds_core::error::Chain;
use isds_core::time::{Clock, Timestamp};
use isds_core::{Isds, ScannerState};
use tokio::sync::watch;

/// How often the database is asked.
const EVERY: Duration = Duration::from_secs(1);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// What took longer says too little about clocks.
const EXACT: Duration = Duration::from_secs(1);
/// By how much a node's clock may differ, in microseconds.
const TOLERANCE: i64 = 2_000_000;
/// After so many seconds whoever was turned away may try again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// What keeps a node from being called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    /// It ends.
    Leaving,
    /// The database does not answer.
    Database,
    /// Its clock is ahead of the database's by so many microseconds, or behind where it is less than none.
    Clock(i64),
}

impl Obstacle {
    fn sentence(self) -> String {
        match self {
            Self::Leaving => "this node is stopping\n".to_owned(),
            Self::Database => "the database does not answer\n".to_owned(),
            Self::Clock(micros) => {
                let (tenths, way) = (
                    micros.unsigned_abs() / 100_000,
                    if micros > 0 { "ahead of" } else { "behind" },
                );
                format!(
                    "the clock of this node is {}.{} s {way} that of the database\n",
                    tenths / 10,
                    tenths % 10
                )
            }
        }
    }
}

/// What was found last.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    answers: bool,
    /// By how much the clock differs, where that is too much.
    skew: Option<i64>,
}

/// The health of a node.
pub struct Health {
    isds: Arc<Isds>,
    clock: Arc<dyn Clock>,
    found: Mutex<Found>,
    leaving: AtomicBool,
}

impl Health {
    /// The health of a node that nobody looked at yet: it is not ready.
    pub fn new(isds: Arc<Isds>, clock: Arc<dyn Clock>) -> Self {
        Self {
            isds,
            clock,
            found: Mutex::default(),
            leaving: AtomicBool::new(false),
        }
    }

    /// From now on the node is not ready, since it ends; it answers calls as before, and asks for no more of them.
    pub fn leave(&self) {
        self.leaving.store(true, Ordering::SeqCst);
    }

    /// Whether the node's clock is none that others could agree with.
    pub fn is_clock_off(&self) -> bool {
        self.found().skew.is_some()
    }

    fn found(&self) -> Found {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn obstacle(&self) -> Option<Obstacle> {
        if self.leaving.load(Ordering::SeqCst) {
            return Some(Obstacle::Leaving);
        }
        let found = self.found();
        if !found.answers {
            return Some(Obstacle::Database);
        }
        found.skew.map(Obstacle::Clock)
    }

    /// Asks the database, and tells the log what has changed.
    pub async fn look(&self) {
        let (begun, asked) = (Instant::now(), self.clock.real());
        let answer = tokio::time::timeout(PATIENCE, self.isds.store.database_clock()).await;
        let took = begun.elapsed();
        let before = self.found();
        let mut now = before;
        now.answers = matches!(answer, Ok(Ok(_)));
        match answer {
            Ok(Ok(Some(told))) if took <= EXACT => {
                now.skew = Some(difference(asked, took, told)).filter(|micros| micros.abs() > TOLERANCE);
            }
            Ok(Err(error)) if before.answers => tracing::error!(error = %Chain(&error), "the database does not answer"),
            Err(_) if before.answers => tracing::error!("the database does not answer in time"),
            _ => {}
        }
        match (before.skew, now.skew) {
            (None, Some(micros)) => tracing::warn!(
                milliseconds = micros / 1000,
                "the clock of this node differs from that of the database: it answers no calls until they agree"
            ),
            (Some(_), None) => tracing::warn!("the clock of this node agrees with that of the database again"),
            _ => {}
        }
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

/// By how many microseconds this node's clock is ahead, at least: the database read its own at some moment of the round
/// trip, which began at `asked`.
fn difference(asked: Timestamp, took: Duration, told: Timestamp) -> i64 {
    let took = i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
    let (least, most) = (asked.0 - told.0, asked.0.saturating_add(took) - told.0);
    if least > 0 { least } else { most.min(0) }
}

/// Looks after the node until it ends.
pub async fn run(health: Arc<Health>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => health.look().await,
            _ = stop.changed() => {}
        }
    }
}

/// Routes of the health checks.
pub fn router(health: Arc<Health>) -> Router {
    Router::new()
        .route("/health/live", get(|| async { "live\n" }))
        .route("/health/ready", get(move || ready(Arc::clone(&health))))
}

async fn ready(health: Arc<Health>) -> (StatusCode, String) {
    match health.obstacle() {
        None => match health.isds.scanner_state() {
            // Messages wait for it, and are accepted as ever.
            ScannerState::OutOfOrder { .. } => {
                let text = "ready\nthe scanner is out of order: messages wait\n";
                (StatusCode::OK, text.to_owned())
            }
            _ => (StatusCode::OK, "ready\n".to_owned()),
        },
        Some(obstacle) => (StatusCode::SERVICE_UNAVAILABLE, obstacle.sentence()),
    }
}

/// Stands before all calls: turns them away while the clock is off, and lets nobody keep a connection to a node that
/// ends.
pub async fn guard(State(health): State<Arc<Health>>, request: Request, next: Next) -> Response {
    let obstacle = health.obstacle();
    if let Some(obstacle @ Obstacle::Clock(_)) = obstacle
        && !request.uri().path().starts_with("/health/")
        && request.uri().path() != "/metrics"
    {
        let mut answer = (StatusCode::SERVICE_UNAVAILABLE, obstacle.sentence()).into_response();
        answer.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        return answer;
    }
    let mut answer = next.run(request).await;
    if obstacle == Some(Obstacle::Leaving) {
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(header::CONNECTION, close);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_the_database_and_back_is_no_difference() {
        let at = |seconds: f64| Timestamp((seconds * 1e6) as i64);
        let took = Duration::from_millis(800);
        for (told, micros) in [
            // Within the round trip.
            (100.0, 0),
            (100.4, 0),
            (100.8, 0),
            // The database is behind what we had when we asked, or ahead of what we had when it answered.
            (97.5, 2_500_000),
            (103.5, -2_700_000),
        ] {
            assert_eq!(difference(at(100.0), took, at(told)), micros, "{told}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(
            Obstacle::Clock(3_250_000).sentence(),
            "the clock of this node is 3.2 s ahead of that of the database\n"
        );
        assert_eq!(
            Obstacle::Clock(-61_000_000).sentence(),
            "the clock of this node is 61.0 s behind that of the database\n"
        );
    }
}
