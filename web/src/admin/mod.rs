//! The console of the system's administrator.
//!
//! Every handler begins with `Administrator`, and every operation that it calls asks once more: see `ops/console` of the
//! core.

mod accounts;
mod announcements;
mod audit;
mod box_actions;
mod box_page;
mod boxes;
mod credit;
mod form;
mod health;
mod import;
mod issued;
mod jobs;
mod limits;
mod lists;
mod messages;
mod people;
mod person_change;
mod restraint;
mod rights;
mod search;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use isds_core::MAX_IMPORT_BYTES;

use crate::Site;

pub(crate) use audit::cut_line;

/// What a form has beside its file.
const FORM_BYTES: usize = 64 * 1024;

pub(crate) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/admin", get(health::page))
        .route("/admin/search", get(search::page))
        .route("/admin/boxes", get(boxes::page).post(boxes::create))
        .route("/admin/boxes/{id}", get(box_page::page))
        .route(
            "/admin/boxes/{id}/restraint",
            get(restraint::ask).post(restraint::change),
        )
        .route("/admin/restraint", get(restraint::page))
        .route("/admin/boxes/{id}/requests", get(box_page::requests))
        .route(
            "/admin/boxes/{id}/act/{action}",
            get(box_actions::form).post(box_actions::act),
        )
        .route("/admin/people/{isds_id}", get(people::page))
        .route(
            "/admin/people/{isds_id}/access",
            get(people::ask_access).post(people::issue_access),
        )
        .route(
            "/admin/people/{isds_id}/remove",
            get(people::ask_removal).post(people::remove),
        )
        .route(
            "/admin/people/{isds_id}/change",
            get(person_change::ask).post(person_change::change),
        )
        .route(
            "/admin/people/{isds_id}/account/{action}",
            get(accounts::ask).post(accounts::act),
        )
        .route("/admin/locks", get(people::locks).post(people::lift))
        .route("/admin/messages/{id}", get(messages::page))
        .route(
            "/admin/messages/{id}/withhold",
            get(messages::ask).post(messages::withhold),
        )
        .route(
            "/admin/import",
            get(import::page)
                .post(import::check)
                .layer(DefaultBodyLimit::max(MAX_IMPORT_BYTES + FORM_BYTES)),
        )
        .route("/admin/import/template.csv", get(import::template))
        .route("/admin/import/{id}", get(import::report))
        .route("/admin/import/{id}/begin", post(import::begin))
        .route("/admin/import/{id}/access", post(import::access))
        .route("/admin/credit", get(credit::page))
        .route(
            "/admin/system-messages",
            get(announcements::page).post(announcements::send),
        )
        .route("/admin/system-messages/sent", get(announcements::sent))
        .route("/admin/jobs", get(jobs::page).post(jobs::retry))
        .route("/admin/nodes", get(jobs::nodes))
        .route("/admin/audit", get(audit::page))
        .route("/admin/audit.csv", get(audit::export))
        .route("/admin/audit/trail.jsonl", get(audit::trail))
        .route("/admin/audit/examine", get(audit::ask_examination).post(audit::examine))
        .route("/admin/limits/{name}", get(limits::ask).post(limits::change))
        .route("/admin/boxes/list", get(lists::boxes))
        .route("/admin/credit/contracts", get(lists::contracts))
        .route("/admin/credit/low", get(lists::low_credit))
        .route("/admin/credit/subsidies", get(lists::subsidies))
}

/// Sections of the console: name, path, key of the text.
pub(crate) const SECTIONS: [(&str, &str, &str); 10] = [
    ("health", "/admin", "admin-nav-health"),
    ("boxes", "/admin/boxes", "admin-nav-boxes"),
    ("import", "/admin/import", "admin-nav-import"),
    ("credit", "/admin/credit", "admin-nav-credit"),
    ("locks", "/admin/locks", "admin-nav-locks"),
    ("system-messages", "/admin/system-messages", "admin-nav-system-messages"),
    ("restraint", "/admin/restraint", "admin-nav-restraint"),
    ("jobs", "/admin/jobs", "admin-nav-jobs"),
    ("nodes", "/admin/nodes", "admin-nav-nodes"),
    ("audit", "/admin/audit", "admin-nav-audit"),
];

/// The words for a type of boxes.
pub(crate) fn type_text(page: &crate::page::Page, box_type: isds_core::box_type::BoxType) -> String {
    let key = box_type.name().to_lowercase().replace('_', "-");
    page.t(&format!("admin-type-{key}")).into_owned()
}

/// The words for a state of a box.
pub(crate) fn state_text(page: &crate::page::Page, state: isds_core::box_state::BoxState) -> String {
    page.t(&format!("admin-state-{}", state.code())).into_owned()
}

/// An amount of money in crowns.
pub(crate) fn crowns(page: &crate::page::Page, hellers: i64) -> String {
    crate::money::crowns(hellers, page.language())
}
