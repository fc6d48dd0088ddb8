//! One search for boxes, people and messages.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use isds_core::ConsoleFindings;
use isds_core::data_box::DataBox;
use serde::Deserialize;

use crate::page::{Administrator, Page, PageError};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "admin/search.html")]
struct SearchPage<'a> {
    page: &'a Page,
    section: &'static str,
    q: &'a str,
    found: &'a ConsoleFindings,
}

impl SearchPage<'_> {
    fn kind(&self, data_box: &DataBox) -> String {
        super::type_text(self.page, data_box.box_type)
    }

    fn state(&self, data_box: &DataBox) -> String {
        super::state_text(self.page, data_box.state)
    }

    fn is_empty(&self) -> bool {
        self.found.boxes.is_empty() && self.found.people.is_empty() && self.found.message.is_none()
    }
}

pub(super) async fn page(admin: Administrator, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let found = admin.site.isds.console_search(&admin.principal, &asked.q).await?;
    admin.page.render(&SearchPage {
        page: &admin.page,
        section: "search",
        q: &asked.q,
        found: &found,
    })
}
