//! The contact address of the person in this box, which everybody changes themselves.

use std::borrow::Cow;

use askama::Template;
use axum::response::Response;
use isds_core::operation::Operation;
use isds_core::ports::Approval;
use isds_core::user::{BoxUser, UserContact};
use isds_core::{UserDraft, UserRef};

use super::{Parts, again, refused};
use crate::page::{InBox, Notice, Page, PageError, Posted};

/// What is typed.
#[derive(serde::Deserialize, Default, Clone)]
pub(super) struct Typed {
    #[serde(default)]
    street: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    zip_code: String,
    #[serde(default)]
    state: String,
}

impl Typed {
    fn of(contact: &UserContact) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            street: text(&contact.street),
            city: text(&contact.city),
            zip_code: text(&contact.zip_code),
            state: text(&contact.state),
        }
    }
}

#[derive(Template)]
#[template(path = "settings/contact.html")]
struct Form<'a> {
    page: &'a Page,
    parts: Parts,
    user: BoxUser,
    address: Vec<String>,
    typed: Typed,
    error: Cow<'static, str>,
}

pub(super) async fn form(at: InBox) -> Result<Response, PageError> {
    let user = at.site.isds.user_info(&at.principal).await?;
    let typed = Typed::of(&user.contact);
    show(&at, user, typed, Cow::Borrowed(""))
}

fn show(at: &InBox, user: BoxUser, typed: Typed, error: Cow<'static, str>) -> Result<Response, PageError> {
    at.page().render(&Form {
        page: at.page(),
        parts: Parts::of(at, "contact"),
        address: user.person.address.lines(),
        user,
        typed,
        error,
    })
}

pub(super) async fn save(at: InBox, Posted(typed): Posted<Typed>) -> Result<Response, PageError> {
    let isds = &at.site.isds;
    let user = isds.user_info(&at.principal).await?;
    let id = at.data_box.id.to_string();
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let draft = UserDraft {
        contact: UserContact {
            street: text(&typed.street),
            city: text(&typed.city),
            zip_code: text(&typed.zip_code),
            state: text(&typed.state),
            ..UserContact::default()
        },
        ..UserDraft::default()
    };
    let changed = isds
        .update_data_box_user(
            &at.principal,
            Operation::UpdateDataBoxUser2,
            Some(&id),
            &UserRef::IsdsId(Some(user.membership.isds_id.0.clone())),
            Some(&draft),
            &Approval::default(),
        )
        .await;
    match changed {
        Ok(number) => {
            let key = match number {
                Some(_) => "settings-contact-changed",
                None => "settings-person-same",
            };
            Ok(at
                .page()
                .redirect(&format!("/b/{id}/settings/contact"), Notice::done(key)))
        }
        Err(failure) => {
            let error = refused(failure)?;
            Ok(again(show(&at, user, typed, error)?))
        }
    }
}
