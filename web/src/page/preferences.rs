//! Language, colours and density: kept by the browser, so that they hold before anybody signs in.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use serde::Deserialize;

use super::cookies::{Cookies, set_cookie};
use super::{Posted, Visitor};
use crate::Site;
use crate::words::Language;

pub(super) const LANGUAGE_COOKIE: &str = "isds_language";
const THEME_COOKIE: &str = "isds_theme";
const DENSITY_COOKIE: &str = "isds_density";
/// A year.
const KEPT_SECONDS: i64 = 365 * 24 * 3600;

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident $cookie:ident { $($(#[$variant_doc:meta])* $variant:ident $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub(crate) enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            pub(crate) fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            pub(super) fn of(cookies: &Cookies) -> Self {
                match cookies.get($cookie) {
                    $(Some($code) => Self::$variant,)*
                    _ => Self::default(),
                }
            }
        }
    };
}

choices! {
    /// Colours.
    Theme THEME_COOKIE {
        /// As the browser is set.
        #[default]
        Auto "auto",
        /// Dark on light.
        Light "light",
        /// Light on dark.
        Dark "dark",
    }
}

choices! {
    /// How much stands on a page.
    Density DENSITY_COOKIE {
        /// Room between lines.
        #[default]
        Comfortable "comfortable",
        /// For those with many messages.
        Compact "compact",
    }
}

pub(crate) fn router() -> Router<Arc<Site>> {
    Router::new().route("/preferences", post(save))
}

#[derive(Deserialize)]
struct Preferences {
    language: Option<Language>,
    theme: Option<Theme>,
    density: Option<Density>,
    next: Option<String>,
}

async fn save(visitor: Visitor, Posted(chosen): Posted<Preferences>) -> Response {
    let next = chosen.next.as_deref().filter(|next| is_own_path(next)).unwrap_or("/");
    let mut answer = Redirect::to(next).into_response();
    let cookies = [
        (LANGUAGE_COOKIE, chosen.language.map(Language::code)),
        (THEME_COOKIE, chosen.theme.map(Theme::code)),
        (DENSITY_COOKIE, chosen.density.map(Density::code)),
    ];
    for (name, value) in cookies {
        let Some(value) = value else { continue };
        if let Some(cookie) = set_cookie(name, value, Some(KEPT_SECONDS), visitor.connection.secure) {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    answer
}

/// Whether a text is a path of this site and leads to no other: browsers read `//` and `\` as the beginning of a host,
/// and leave control characters out.
pub(crate) fn is_own_path(next: &str) -> bool {
    next.len() <= 2000
        && next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_led_to() {
        for own in ["/", "/b/nvak22s/received?page=2", "/a//b"] {
            assert!(is_own_path(own), "{own}");
        }
        for foreign in [
            "",
            "//example.org",
            "/\\example.org",
            "/\t/example.org",
            "https://example.org",
            "a",
            "/ě",
            "/ a",
        ] {
            assert!(!is_own_path(foreign), "{foreign}");
        }
    }
}
