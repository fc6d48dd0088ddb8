//! Pages for people: the mailbox, the consoles, what anybody may see.
//!
//! One folder per area (`sign_in`, `lists`, …) with its routes in `mod.rs` and one file per page; `page` is what all of
//! them stand on. No rule of the domain is written here: pages call the operations of `isds_core`.

mod admin;
mod amounts;
mod assets;
mod bulk;
mod home;
mod lists;
mod messages;
mod money;
mod page;
mod received;
mod rendition;
mod seal_report;
mod settings;
mod sign_in;
mod statistics;
mod verify;
mod words;
mod write;

use std::sync::Arc;

use axum::Router;
use isds_core::Isds;

pub use home::{Account, Demo};
pub use page::Connection;
pub use sign_in::{OriginError, Origins};

/// What the pages are made from.
pub struct Site {
    /// The system.
    pub isds: Arc<Isds>,
    /// Accounts to try, where this is a demo.
    pub demo: Option<Demo>,
    /// Addresses under which people reach the site.
    pub origins: Origins,
}

/// Routes of all pages.
pub fn router(site: Site) -> Router {
    let site = Arc::new(site);
    Router::new()
        .merge(home::router())
        .merge(bulk::router())
        .merge(messages::router())
        .merge(lists::router())
        .merge(settings::router())
        .merge(sign_in::router())
        .merge(write::router())
        .merge(verify::router())
        .merge(admin::router())
        .merge(statistics::router())
        .merge(page::preferences::router())
        .fallback(page::error::no_such_page)
        .method_not_allowed_fallback(page::error::no_such_page)
        .layer(axum::middleware::from_fn_with_state(
            Arc::clone(&site),
            page::guard::guard,
        ))
        .with_state(site)
        .merge(assets::router())
}
