//! Ending somebody's access to a box.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use isds_core::operation::Operation;
use isds_core::ports::Approval;

use super::{OneUser, by_id, named};
use crate::page::{InBox, Notice, Page, PageError, Posted};
use crate::settings::{Nothing, Parts};

#[derive(Template)]
#[template(path = "settings/remove_person.html")]
struct Form<'a> {
    page: &'a Page,
    parts: Parts,
    name: String,
    isds_id: String,
}

pub(crate) async fn form(at: InBox, Path(path): Path<OneUser>) -> Result<Response, PageError> {
    let user = named(&at, &path.user).await?;
    at.page().render(&Form {
        page: at.page(),
        parts: Parts::of(&at, "people"),
        name: user.person.full_name(),
        isds_id: user.membership.isds_id.to_string(),
    })
}

pub(crate) async fn save(at: InBox, Path(path): Path<OneUser>, _: Posted<Nothing>) -> Result<Response, PageError> {
    let user = named(&at, &path.user).await?;
    let id = at.data_box.id.to_string();
    at.site
        .isds
        .delete_data_box_user(
            &at.principal,
            Operation::DeleteDataBoxUser2,
            Some(&id),
            &by_id(&user),
            &Approval::default(),
        )
        .await?;
    let notice = Notice::done("settings-person-removed");
    Ok(at.page().redirect(&format!("/b/{id}/settings/people"), notice))
}
