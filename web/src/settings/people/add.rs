//! Giving somebody access to a box.

use std::borrow::Cow;

use askama::Template;
use axum::response::Response;
use isds_core::UserDraft;
use isds_core::data_box::Address;
use isds_core::operation::Operation;
use isds_core::ports::Approval;
use isds_core::privileges::Privileges;
use isds_core::time::Timestamp;
use isds_core::user::UserContact;

use crate::page::{InBox, Page, PageError, Posted};
use crate::settings::rights::{self, Choice};
use crate::settings::{Parts, again, refused};

/// What is typed about somebody.
#[derive(serde::Deserialize, Default, Clone)]
pub(crate) struct NewUser {
    #[serde(default)]
    given_names: String,
    #[serde(default)]
    last_name: String,
    #[serde(default)]
    birth_date: String,
    #[serde(default)]
    street: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    zip_code: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    privilege: Vec<u32>,
}

#[derive(Template)]
#[template(path = "settings/add_person.html")]
struct Form<'a> {
    page: &'a Page,
    parts: Parts,
    form: NewUser,
    choices: Vec<Choice>,
    error: Cow<'static, str>,
}

/// The access data, told in the answer to the form itself: nothing of them is kept for a page to be loaded again.
#[derive(Template)]
#[template(path = "settings/access_data.html")]
struct Issued<'a> {
    page: &'a Page,
    parts: Parts,
    name: String,
    login: String,
    code: String,
    expires: Timestamp,
}

pub(crate) async fn form(at: InBox) -> Result<Response, PageError> {
    if !at.principal.privileges.allows(Privileges::OWNER_ADM) {
        return Err(PageError::NoRight);
    }
    // What most people are given: read and send, but nothing personal.
    let usual = Privileges(
        Privileges::READ_NON_PERSONAL.0 | Privileges::CREATE_DM.0 | Privileges::VIEW_INFO.0 | Privileges::SEARCH_DB.0,
    );
    show(&at, NewUser::default(), usual, Cow::Borrowed(""))
}

fn show(at: &InBox, form: NewUser, held: Privileges, error: Cow<'static, str>) -> Result<Response, PageError> {
    at.page().render(&Form {
        page: at.page(),
        parts: Parts::of(at, "people"),
        form,
        choices: rights::choices(held),
        error,
    })
}

pub(crate) async fn save(at: InBox, Posted(form): Posted<NewUser>) -> Result<Response, PageError> {
    let id = at.data_box.id.to_string();
    let privileges = rights::sum(&form.privilege);
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let draft = UserDraft {
        given_names: text(&form.given_names),
        last_name: text(&form.last_name),
        address: Address {
            street: text(&form.street),
            number_in_municipality: text(&form.number),
            city: text(&form.city),
            zip_code: text(&form.zip_code),
            ..Address::default()
        },
        birth_date: text(&form.birth_date),
        user_type: Some(kind(&form.kind).to_owned()),
        privileges: Some(privileges.to_string()),
        contact: UserContact::default(),
    };
    let added = at
        .site
        .isds
        .add_data_box_user(
            &at.principal,
            Operation::AddDataBoxUser2,
            Some(&id),
            Some(&draft),
            &Approval::default(),
        )
        .await;
    match added {
        Ok((_, access)) => at.page().render(&Issued {
            page: at.page(),
            parts: Parts::of(&at, "people"),
            name: format!("{} {}", form.given_names.trim(), form.last_name.trim())
                .trim()
                .to_owned(),
            login: access.login,
            code: access.code,
            expires: access.expires,
        }),
        Err(failure) => {
            let error = refused(failure)?;
            Ok(again(show(&at, form, Privileges(privileges), error)?))
        }
    }
}

/// The kind of user in the words of the contract.
pub(super) fn kind(chosen: &str) -> &'static str {
    match chosen {
        "administrator" => "ADMINISTRATOR",
        _ => "ENTRUSTED_USER",
    }
}
