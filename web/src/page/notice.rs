//! What the page after a redirect says of what was done.

use axum::http::HeaderValue;

use super::cookies::{Cookies, set_cookie};
use crate::words::Words;

const COOKIE: &str = "isds_notice";
/// A notice nobody came for is forgotten.
const SECONDS: i64 = 60;

/// A text of ours, by its key: a cookie never brings words of its own onto a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Notice {
    key: &'static str,
    failed: bool,
}

impl Notice {
    /// It was done.
    pub(crate) fn done(key: &'static str) -> Self {
        Self { key, failed: false }
    }

    /// It was not done.
    pub(crate) fn failed(key: &'static str) -> Self {
        Self { key, failed: true }
    }

    pub(crate) fn cookie(self, secure: bool) -> Option<HeaderValue> {
        let kind = if self.failed { '!' } else { '.' };
        set_cookie(COOKIE, &format!("{kind}{}", self.key), Some(SECONDS), secure)
    }
}

/// A notice as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) text: String,
    pub(crate) failed: bool,
}

/// The notice that a visitor brings.
pub(crate) fn shown(cookies: &Cookies, words: Words) -> Option<Shown> {
    let value = cookies.get(COOKIE)?;
    let failed = value.starts_with('!');
    let key = value.get(1..)?;
    let is_key = key.len() <= 80
        && key
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    (is_key && words.has(key)).then(|| Shown {
        text: words.text(key).into_owned(),
        failed,
    })
}

/// Forgets the notice once it was shown.
pub(crate) fn forget(secure: bool) -> Option<HeaderValue> {
    set_cookie(COOKIE, "", Some(0), secure)
}
