//! Styles, scripts, fonts and pictures, embedded. Their address holds a digest of all of them, so that they may be kept
//! for ever and never be of another version than the page.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Digest of all assets.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for (name, bytes) in ASSETS {
        digest.update(name.as_bytes());
        digest.update(bytes);
    }
    digest.finalize()[..6]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
});

/// Where an asset is found.
#[must_use]
pub fn address(name: &str) -> String {
    format!("/assets/{}/{name}", *VERSION)
}

/// Routes of the assets.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/{version}/{*name}", get(asset))
        .route("/favicon.ico", get(|| async { with("img/favicon.svg", "", false) }))
}

async fn asset(Path((version, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    with(&name, accepted, version == *VERSION)
}

/// The asset, in a form that was compressed while building where the browser takes one.
fn with(name: &str, accepted: &str, current: bool) -> Response {
    let Some(plain) = find(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let offers = |coding: &str| {
        accepted
            .split(',')
            .any(|part| part.trim().split(';').next() == Some(coding))
    };
    let coded = [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(coding, _)| offers(coding))
        .find_map(|(coding, suffix)| Some((coding, find(&format!("{name}.{suffix}"))?)));
    let kept = if current {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut answer = match coded {
        Some((coding, bytes)) => ([(header::CONTENT_ENCODING, coding)], bytes).into_response(),
        None => plain.into_response(),
    };
    let fields = [
        (header::CONTENT_TYPE, media_type(name)),
        (header::CACHE_CONTROL, kept),
        (header::VARY, "Accept-Encoding"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in fields {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// The bytes of an asset.
pub(crate) fn embedded(name: &str) -> Option<&'static [u8]> {
    find(name)
}

fn find(name: &str) -> Option<&'static [u8]> {
    let found = ASSETS.binary_search_by(|(candidate, _)| (*candidate).cmp(name)).ok()?;
    Some(ASSETS[found].1)
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, suffix)| suffix) {
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_embedded_is_found_and_nothing_else() {
        assert!(ASSETS.is_sorted_by_key(|(name, _)| *name));
        assert!(find("site.css").is_some_and(|css| css.len() > 10_000));
        assert!(find("../Cargo.toml").is_none());
        assert_eq!(
            with("site.css", "gzip, br", true).headers()[header::CONTENT_ENCODING],
            "br"
        );
        assert_eq!(
            with("site.css", "gzip", true).headers()[header::CONTENT_ENCODING],
            "gzip"
        );
        assert!(
            !with("site.css", "", true)
                .headers()
                .contains_key(header::CONTENT_ENCODING)
        );
        assert_eq!(with("nothing.css", "br", true).status(), StatusCode::NOT_FOUND);
    }
}
