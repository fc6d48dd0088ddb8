//! What holds for every page: nobody else's page sends our forms, and every answer says what browsers may do with it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::PageError;
use super::cookies::{Cookies, set_cookie};
use super::error::{self, ErrorBox};
use super::layout::{Page, Policy};
use super::visitor::{Connection, SESSION_COOKIE, VISITOR_COOKIE};
use crate::Site;

/// Headers of every answer, unless the page set its own.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
];

pub(crate) async fn guard(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut connection = Connection::of(&parts);
    connection.secure |= site.origins.is_encrypted(&parts.headers);
    parts.extensions.insert(connection);
    let mut cookies = Cookies::of(&parts.headers);
    let mut fresh = None;
    if cookies.get(SESSION_COOKIE).is_none() && cookies.get(VISITOR_COOKIE).is_none() {
        let secret = random(&site);
        fresh = set_cookie(VISITOR_COOKIE, &secret, None, connection.secure);
        cookies.add(VISITOR_COOKIE, &secret);
    }
    parts.extensions.insert(cookies.clone());
    let page = Page::of(&site, &cookies, &parts, connection.secure);
    let is_harmless = matches!(parts.method, Method::GET | Method::HEAD);
    let mut answer = if is_harmless || is_own(&parts.headers, connection.secure) {
        next.run(Request::from_parts(parts, body)).await
    } else {
        PageError::ForeignForm.into_response()
    };
    if let Some(ErrorBox(failed)) = answer.extensions_mut().remove() {
        answer = error::show(&page, &failed, answer.status());
    }
    let headers = answer.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert_with(|| Policy::Own.header());
    if connection.secure {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=31536000"));
    }
    if let Some(fresh) = fresh {
        headers.append(header::SET_COOKIE, fresh);
    }
    answer
}

/// Whether the browser says that a page of ours sent the request. Browsers of the last years say it in Sec-Fetch-Site,
/// older ones in Origin; what says neither is no browser, and has to know the form token all the same.
fn is_own(headers: &HeaderMap, secure: bool) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin" || (site == "none" && text("origin").is_none());
    }
    let Some(origin) = text("origin") else { return true };
    let scheme = if secure { "https" } else { "http" };
    text("host").is_some_and(|host| origin == format!("{scheme}://{host}"))
}

/// 256 bits as hexadecimal digits.
fn random(site: &Site) -> String {
    let mut bytes = [0; 32];
    site.isds.random.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
