//! Cookies: all are HttpOnly and SameSite, and Secure wherever the connection is.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

/// What the names of ours begin with; others' cookies on the same host are none of our business.
const OURS: &str = "isds_";
/// Most cookies that are looked at.
const MOST: usize = 50;

/// Cookies of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cookies(Vec<(String, String)>);

impl Cookies {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let pairs = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| Cookie::split_parse(line.to_owned()))
            .filter_map(Result::ok)
            .filter(|cookie| cookie.name().starts_with(OURS))
            .take(MOST)
            .map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned()));
        Self(pairs.collect())
    }

    /// A cookie that goes out with the answer, as if the browser had it already.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// `Set-Cookie` of a cookie that lasts `seconds`, or as long as the browser where it is none; zero removes it.
pub(crate) fn set_cookie(name: &str, value: &str, seconds: Option<i64>, secure: bool) -> Option<HeaderValue> {
    let mut cookie = Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure);
    if let Some(seconds) = seconds {
        cookie = cookie.max_age(Duration::seconds(seconds));
    }
    HeaderValue::from_str(&cookie.build().to_string()).ok()
}
