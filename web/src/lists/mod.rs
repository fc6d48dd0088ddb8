//! What a person finds in their boxes: the home page, the lists of messages, what is noted on them.
//!
//! Nothing here delivers but the button of `inbox`.

mod case;
mod home;
mod inbox;
mod list;
mod marks;
mod query;
mod ring;
mod rows;
mod settings;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::Site;

pub(crate) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/home", get(home::home))
        .route("/b/{box}/received", get(inbox::received))
        .route("/b/{box}/received/open", post(inbox::open))
        .route("/b/{box}/sent", get(list::sent))
        .route("/b/{box}/vault", get(list::vault))
        .route("/b/{box}/erased", get(list::erased))
        .route("/b/{box}/case", get(case::case))
        .route("/b/{box}/marks", post(marks::mark))
        .route("/b/{box}/lists", get(settings::page))
        .route("/b/{box}/lists/tags", post(settings::add_tag))
        .route("/b/{box}/lists/tags/remove", post(settings::remove_tag))
        .route("/b/{box}/lists/content", post(settings::switch_content))
        .route("/all/received", get(list::all_received))
        .route("/all/sent", get(list::all_sent))
}
