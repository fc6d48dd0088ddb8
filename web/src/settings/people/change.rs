//! Changing what somebody may do.

use std::borrow::Cow;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use isds_core::UserDraft;
use isds_core::operation::Operation;
use isds_core::ports::Approval;
use isds_core::privileges::Privileges;
use isds_core::user::{BoxUser, UserType};

use super::add::kind;
use super::{OneUser, by_id, is_entrusted, named};
use crate::page::{InBox, Notice, Page, PageError, Posted};
use crate::settings::rights::{self, Choice};
use crate::settings::{Parts, again, refused};

#[derive(Template)]
#[template(path = "settings/change_person.html")]
struct Form<'a> {
    page: &'a Page,
    parts: Parts,
    name: String,
    isds_id: String,
    administrator: bool,
    choices: Vec<Choice>,
    changeable: bool,
    rights: Vec<Cow<'static, str>>,
    error: Cow<'static, str>,
}

pub(crate) async fn form(at: InBox, Path(path): Path<OneUser>) -> Result<Response, PageError> {
    let user = named(&at, &path.user).await?;
    let administrator = user.membership.user_type == UserType::Administrator;
    show(&at, &user, administrator, user.membership.privileges, Cow::Borrowed(""))
}

fn show(
    at: &InBox,
    user: &BoxUser,
    administrator: bool,
    held: Privileges,
    error: Cow<'static, str>,
) -> Result<Response, PageError> {
    let own = at
        .principal
        .membership
        .as_ref()
        .is_some_and(|own| own.id == user.membership.id);
    at.page().render(&Form {
        page: at.page(),
        parts: Parts::of(at, "people"),
        name: user.person.full_name(),
        isds_id: user.membership.isds_id.to_string(),
        administrator,
        choices: rights::choices(held),
        changeable: is_entrusted(user) && !own,
        rights: rights::in_words(at.page(), user.membership.privileges),
        error,
    })
}

#[derive(serde::Deserialize)]
pub(crate) struct Changed {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    privilege: Vec<u32>,
}

pub(crate) async fn save(
    at: InBox,
    Path(path): Path<OneUser>,
    Posted(form): Posted<Changed>,
) -> Result<Response, PageError> {
    let user = named(&at, &path.user).await?;
    let id = at.data_box.id.to_string();
    let privileges = rights::sum(&form.privilege);
    let draft = UserDraft {
        user_type: Some(kind(&form.kind).to_owned()),
        privileges: Some(privileges.to_string()),
        last_name: Some(user.person.last_name.clone()),
        ..UserDraft::default()
    };
    let changed = at
        .site
        .isds
        .update_data_box_user(
            &at.principal,
            Operation::UpdateDataBoxUser2,
            Some(&id),
            &by_id(&user),
            Some(&draft),
            &Approval::default(),
        )
        .await;
    match changed {
        Ok(number) => {
            let key = if number.is_some() {
                "settings-person-changed"
            } else {
                "settings-person-same"
            };
            Ok(at
                .page()
                .redirect(&format!("/b/{id}/settings/people"), Notice::done(key)))
        }
        Err(failure) => {
            let error = refused(failure)?;
            let administrator = form.kind == "administrator";
            Ok(again(show(&at, &user, administrator, Privileges(privileges), error)?))
        }
    }
}
