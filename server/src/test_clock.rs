//! The test clock and the reset of a test instance.
//!
//! Both change everything for everybody, so they answer only requests that a web page elsewhere cannot make a browser
//! send unasked (JSON content type), that name a loopback host, and that come from this machine.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use isds_core::Isds;
use isds_core::error::{Chain, Failure};
use isds_core::time::Clock;
use serde::{Deserialize, Serialize};
use soap_api::PeerAddress;
use tokio::sync::{Notify, RwLock, RwLockWriteGuard};

use crate::clock::SystemClock;
use crate::demo::Demo;
use crate::jobs;

/// How far legal time may run ahead, in seconds: a thousand years. Seals cannot be dated after the year 9999.
const MAX_OFFSET: i64 = 1000 * 366 * 86_400;

/// How long the other nodes may take to follow: more than it takes until one that died counts as dead.
const FOLLOWED_WITHIN: Duration = Duration::from_secs(20);
/// How often it is looked whether they did.
const LOOK_AT_OTHERS: Duration = Duration::from_millis(50);

/// What the test clock works on.
#[derive(Clone)]
pub struct TestClock {
    /// The system.
    pub isds: Arc<Isds>,
    /// Its clock.
    pub clock: Arc<SystemClock>,
    /// Lock under which jobs take their turns.
    pub gate: Arc<RwLock<()>>,
    /// Wakes what tells how far this node's clock runs ahead.
    pub beat: Arc<Notify>,
    /// The demo, where this is one; only a demo can be reset.
    pub demo: Option<Arc<Demo>>,
}

#[derive(Serialize)]
struct Now {
    now: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: i64,
}

#[derive(Serialize)]
struct Problem {
    error: &'static str,
}

/// Routes of the test clock.
pub fn router(test_clock: TestClock) -> Router {
    Router::new()
        .route("/test/clock", get(now).post(advance))
        .route("/test/reset", post(reset))
        .layer(from_fn(only_from_here))
        .with_state(test_clock)
}

async fn only_from_here(request: Request, next: Next) -> Response {
    match objection(&request) {
        Some(objection) => objection,
        None => next.run(request).await,
    }
}

fn objection(request: &Request) -> Option<Response> {
    if !request
        .extensions()
        .get::<PeerAddress>()
        .is_some_and(|peer| peer.0.is_loopback())
    {
        return Some(problem(
            StatusCode::FORBIDDEN,
            "the test clock answers only on this machine",
        ));
    }
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    };
    if !is_loopback_host(header(header::HOST)) {
        return Some(problem(
            StatusCode::FORBIDDEN,
            "the test clock answers only to a loopback host",
        ));
    }
    let json = header(header::CONTENT_TYPE)
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim() == "application/json");
    (request.method() == Method::POST && !json).then(|| {
        problem(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Content-Type must be application/json",
        )
    })
}

fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    };
    name == "localhost"
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn problem(status: StatusCode, error: &'static str) -> Response {
    (status, Json(Problem { error })).into_response()
}

async fn now(State(test): State<TestClock>) -> Response {
    answer(&test)
}

fn answer(test: &TestClock) -> Response {
    Json(Now {
        now: test.clock.legal().to_string(),
    })
    .into_response()
}

/// Moves legal time forward and does what has fallen due, before it answers.
async fn advance(State(test): State<TestClock>, Json(body): Json<Advance>) -> Response {
    to_the_end(async move { answer_or_say(&test, test.advance(body.advance_seconds).await) }).await
}

/// Back to the first state; keys are kept.
async fn reset(State(test): State<TestClock>) -> Response {
    to_the_end(async move { answer_or_say(&test, test.reset().await) }).await
}

/// Goes on even where the caller hangs up: half a reset is worse than none.
async fn to_the_end(work: impl Future<Output = Response> + Send + 'static) -> Response {
    tokio::spawn(work)
        .await
        .unwrap_or_else(|_| problem(StatusCode::INTERNAL_SERVER_ERROR, "it was interrupted"))
}

/// Why the clock does not move.
enum Stuck {
    /// The caller asks for what cannot be.
    Refused(StatusCode, &'static str),
    /// A part failed.
    Broken(Failure),
}

impl<E: Into<Failure>> From<E> for Stuck {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

impl TestClock {
    async fn advance(&self, seconds: i64) -> Result<(), Stuck> {
        // No job takes its turn meanwhile: it would put back the clock that it read before.
        let _no_turns = self.stop_turns().await;
        let so_far = self.isds.store.clock_offset_seconds().await?;
        if seconds < 0 || so_far.saturating_add(seconds) > MAX_OFFSET {
            return Err(Stuck::Refused(
                StatusCode::BAD_REQUEST,
                "the clock moves forward, and a thousand years at most",
            ));
        }
        let offset = self.isds.store.advance_clock(seconds).await?;
        self.clock.set_offset(offset);
        self.until_all_follow(offset).await?;
        Ok(jobs::run_until_idle(&self.isds).await?)
    }

    /// Waits until no living node is behind. One that others move the clock on meanwhile follows them in turn, or two who
    /// move it at once would wait for each other.
    async fn until_all_follow(&self, offset: i64) -> Result<(), Stuck> {
        let begun = Instant::now();
        loop {
            self.beat.notify_one();
            if self.isds.nodes_behind(offset).await? == 0 {
                return Ok(());
            }
            if begun.elapsed() > FOLLOWED_WITHIN {
                return Err(Stuck::Refused(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the clock was moved, but another node does not follow",
                ));
            }
            tokio::time::sleep(LOOK_AT_OTHERS).await;
            self.clock.set_offset(self.isds.store.clock_offset_seconds().await?);
        }
    }

    /// Waits until no job and no scan has a turn, and keeps them from taking one. Scans that run are given back.
    async fn stop_turns(&self) -> RwLockWriteGuard<'_, ()> {
        let _halt = self.isds.scanning.halt();
        self.gate.write().await
    }

    async fn reset(&self) -> Result<(), Stuck> {
        let Some(demo) = &self.demo else {
            return Err(Stuck::Refused(StatusCode::FORBIDDEN, "only a demo can be reset"));
        };
        let _no_turns = self.stop_turns().await;
        self.isds.audit.clear();
        self.isds.restraint.clear();
        Ok(demo.reset(&self.isds, &self.clock).await?)
    }
}

fn answer_or_say(test: &TestClock, result: Result<(), Stuck>) -> Response {
    match result {
        Ok(()) => answer(test),
        Err(Stuck::Refused(status, sentence)) => problem(status, sentence),
        Err(Stuck::Broken(failure)) => broken(&failure),
    }
}

fn broken(failure: &Failure) -> Response {
    tracing::error!(error = %Chain(failure), "the test clock failed");
    problem(StatusCode::INTERNAL_SERVER_ERROR, "it failed; the log says why")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(peer: [u8; 4], host: &str, media_type: &str) -> Request {
        let mut request = Request::new(axum::body::Body::empty());
        *request.method_mut() = Method::POST;
        request.headers_mut().insert(header::HOST, host.parse().unwrap());
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type.parse().unwrap());
        request.extensions_mut().insert(PeerAddress(peer.into()));
        request
    }

    #[test]
    fn only_from_this_machine_and_not_by_accident() {
        let status = |request: &Request| objection(request).map(|response| response.status().as_u16());
        assert_eq!(
            status(&request([127, 0, 0, 1], "localhost:8080", "application/json")),
            None
        );
        // The host that a caller writes is the caller's word; the address is not.
        assert_eq!(
            status(&request([192, 0, 2, 1], "localhost", "application/json")),
            Some(403)
        );
        assert_eq!(
            status(&request([127, 0, 0, 1], "example.test", "application/json")),
            Some(403)
        );
        assert_eq!(status(&request([127, 0, 0, 1], "localhost", "text/plain")), Some(415));
    }

    #[test]
    fn loopback_hosts() {
        for host in [
            "localhost",
            "localhost:8080",
            "127.0.0.1:1",
            "127.1.2.3",
            "[::1]:8080",
            "[::1]",
        ] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in [
            "",
            "example.test",
            "localhost.example.test:80",
            "10.0.0.1",
            "[2001:db8::1]:80",
        ] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }
}
