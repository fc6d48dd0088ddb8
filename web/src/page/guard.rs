//! What holds for every page: nobody else's page sends our forms, and every answer says what browsers may do with it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::PageError;
use super::cookies::{Cookies, set_cookie};
use super::error::{self, ErrorBox, Told};
use super::layout::{Page, Policy};
use super::lent;
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
    let mut answer = if is_harmless {
        next.run(Request::from_parts(parts, body)).await
    } else if !is_own(&parts.headers, connection.secure) {
        PageError::ForeignForm.into_response()
    } else if lent::is_form(&parts) {
        let (body, lent) = lent::lend(body);
        let answer = next.run(Request::from_parts(parts, body)).await;
        let is_signed_out = |ErrorBox(failed): &ErrorBox| failed.is_signed_out();
        match answer.extensions().get().is_some_and(is_signed_out) {
            true => lent.unread(&page.here).await.into_response(),
            false => answer,
        }
    } else {
        next.run(Request::from_parts(parts, body)).await
    };
    if let Some(ErrorBox(failed)) = answer.extensions_mut().remove() {
        let later = answer.headers_mut().remove(header::RETRY_AFTER);
        answer = error::show(&page, &failed, answer.status());
        if let Some(later) = later {
            answer.headers_mut().insert(header::RETRY_AFTER, later);
        }
    } else if is_bare_refusal(&answer) {
        answer = error::show(&page, &Told::of_status(answer.status()), answer.status());
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

/// Whether an answer refuses with a status alone, or with the line of an extractor that no page of ours wrote.
fn is_bare_refusal(answer: &Response) -> bool {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    answer.status().is_client_error() && kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
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
