//! `GET /health/live` and `GET /health/ready`.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use isds_core::Isds;
use isds_core::error::Chain;

/// Routes of the health checks.
pub fn router(isds: Arc<Isds>) -> Router {
    Router::new()
        .route("/health/live", get(|| async { "live\n" }))
        .route("/health/ready", get(move || ready(Arc::clone(&isds))))
}

/// Ready as long as the database answers: without it no call can be served.
async fn ready(isds: Arc<Isds>) -> (StatusCode, &'static str) {
    match isds.store.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(error = %Chain(&error), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
