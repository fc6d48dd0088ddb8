//! Forms are answered only when they come from a page of ours: the token of a form is a digest of a cookie that no script
//! and no other site can read. That another site's page sent it, the browser tells besides (see `guard`).

use sha2::{Digest, Sha256};

use super::cookies::Cookies;
use super::visitor::{SESSION_COOKIE, VISITOR_COOKIE};

/// Name of the field.
pub(crate) const FIELD: &str = "csrf";
/// Header that scripts send it in.
pub(crate) const HEADER: &str = "x-csrf-token";

/// The token that belongs to the cookies of a visitor; none where they have none yet.
pub(crate) fn token(cookies: &Cookies) -> Option<String> {
    let secret = cookies.get(SESSION_COOKIE).or_else(|| cookies.get(VISITOR_COOKIE))?;
    Some(token_of(secret))
}

pub(crate) fn token_of(secret: &str) -> String {
    let digest = Sha256::new()
        .chain_update(b"form of the mailbox\0")
        .chain_update(secret.as_bytes())
        .finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a token belongs to the cookies. Both are digests: how long the comparison takes tells nothing.
pub(crate) fn fits(cookies: &Cookies, shown: &str) -> bool {
    token(cookies).is_some_and(|expected| expected == shown)
}
