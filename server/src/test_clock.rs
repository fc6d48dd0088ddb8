//! The test clock and the reset of a test instance.
//!
//! Both change everything for everybody, so they answer only requests that a web page elsewhere cannot make a browser
//! send unasked (JSON content type) and that name a loopback host.

use std::sync::Arc;

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
use tokio::sync::RwLock;

use crate::clock::SystemClock;
use crate::demo::Demo;
use crate::jobs;

/// Largest step in seconds: a hundred years.
const MAX_ADVANCE: i64 = 100 * 366 * 86_400;

/// What the test clock works on.
#[derive(Clone)]
pub struct TestClock {
    /// The system.
    pub isds: Arc<Isds>,
    /// Its clock.
    pub clock: Arc<SystemClock>,
    /// Lock under which jobs take their turns.
    pub gate: Arc<RwLock<()>>,
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
    if !(0..=MAX_ADVANCE).contains(&body.advance_seconds) {
        return problem(StatusCode::BAD_REQUEST, "advance_seconds is from 0 to a hundred years");
    }
    let moved = async {
        let offset = test.isds.store.advance_clock(body.advance_seconds).await?;
        test.clock.set_offset(offset);
        jobs::run_until_idle(&test.isds).await
    };
    match moved.await {
        Ok(()) => answer(&test),
        Err(failure) => broken(&failure),
    }
}

/// Back to the first state; keys are kept.
async fn reset(State(test): State<TestClock>) -> Response {
    let Some(demo) = &test.demo else {
        return problem(StatusCode::FORBIDDEN, "only a demo can be reset");
    };
    let _no_turns = test.gate.write().await;
    match demo.reset(&test.isds, &test.clock).await {
        Ok(()) => answer(&test),
        Err(failure) => broken(&failure),
    }
}

fn broken(failure: &Failure) -> Response {
    tracing::error!(error = %Chain(failure), "the test clock failed");
    problem(StatusCode::INTERNAL_SERVER_ERROR, "it failed; the log says why")
}

#[cfg(test)]
mod tests {
    use super::is_loopback_host;

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
