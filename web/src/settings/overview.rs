//! What a box is, and whether it receives postal messages.

use askama::Template;
use axum::response::Response;
use isds_core::box_state::BoxState;
use isds_core::data_box::DataBox;
use isds_core::ports::Approval;

use super::Parts;
use crate::page::{InBox, Notice, Page, PageError, Posted};

#[derive(Template)]
#[template(path = "settings/overview.html")]
struct Overview<'a> {
    page: &'a Page,
    parts: Parts,
    data_box: DataBox,
    address: Vec<String>,
    state: &'static str,
    postal: bool,
    rights: Vec<std::borrow::Cow<'static, str>>,
    kind: &'static str,
}

fn state_key(state: BoxState) -> &'static str {
    match state {
        BoxState::Accessible => "settings-state-accessible",
        BoxState::TemporarilyDisabled | BoxState::DisabledByLaw => "settings-state-disabled",
        BoxState::NotActivated => "settings-state-new",
        BoxState::PermanentlyDisabled => "settings-state-ended",
        BoxState::Deleted => "settings-state-deleted",
    }
}

pub(super) async fn page(at: InBox) -> Result<Response, PageError> {
    let data_box = at.site.isds.owner_info(&at.principal).await?;
    let kind = at.principal.membership.as_ref().map(|own| own.user_type);
    at.page().render(&Overview {
        page: at.page(),
        parts: Parts::of(&at, "overview"),
        address: data_box.address.lines(),
        state: state_key(data_box.state),
        postal: data_box.receives_postal(),
        rights: super::rights::in_words(at.page(), at.principal.privileges),
        kind: kind.map_or("settings-kind-official", super::rights::kind_key),
        data_box,
    })
}

#[derive(serde::Deserialize)]
pub(super) struct Postal {
    on: String,
}

pub(super) async fn switch_postal(at: InBox, Posted(form): Posted<Postal>) -> Result<Response, PageError> {
    let id = at.data_box.id.to_string();
    let on = form.on == "1";
    at.site
        .isds
        .set_open_addressing(&at.principal, on, Some(&id), &Approval::default())
        .await?;
    let notice = Notice::done(if on {
        "settings-postal-on"
    } else {
        "settings-postal-off"
    });
    Ok(at.page().redirect(&format!("/b/{id}/settings"), notice))
}
