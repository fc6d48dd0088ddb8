//! Access data, shown once and to be printed as a letter.

use askama::Template;
use axum::response::Response;
use isds_core::access_data::AccessData;
use isds_core::ids::BoxId;

use crate::page::{Page, PageError};

/// Access data of somebody.
pub(super) struct Issued {
    pub(super) name: String,
    pub(super) access: AccessData,
}

#[derive(Template)]
#[template(path = "admin/issued.html")]
struct IssuedPage<'a> {
    page: &'a Page,
    section: &'static str,
    title: String,
    box_id: Option<BoxId>,
    holder: &'a str,
    issued: &'a [Issued],
    back: String,
}

/// The page is the answer to the form: it is not kept, and whoever loads it anew issues nothing.
pub(super) fn show(
    page: &Page,
    title: String,
    (box_id, holder): (Option<BoxId>, &str),
    issued: &[Issued],
    back: String,
) -> Result<Response, PageError> {
    page.render(&IssuedPage {
        page,
        section: "boxes",
        title,
        box_id,
        holder,
        issued,
        back,
    })
}
