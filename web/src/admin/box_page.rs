//! A box with all that belongs to it.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use isds_core::administration::RequestNumber;
use isds_core::ids::{BoxId, MembershipId};
use isds_core::ports::{BoxCertificate, BoxStateChange, UserPosition};
use isds_core::postal::{CreditEntry, Subsidy};
use isds_core::user::BoxUser;
use isds_core::vault::Vault;
use isds_core::{BoxCalls, BoxHistoryPage, BoxView};
use serde::Deserialize;

use super::box_actions::BoxAction;
use crate::page::{Administrator, Page, PageError};

/// The box that an address names.
pub(super) fn box_id(text: &str) -> Result<BoxId, PageError> {
    text.parse().map_err(|_| PageError::NoSuchPage)
}

#[derive(Deserialize)]
pub(super) struct Asked {
    /// Users behind this place: place of their kind and membership.
    #[serde(default)]
    after: String,
    /// Requests before this one.
    before: Option<i64>,
}

fn position(text: &str) -> Option<UserPosition> {
    let (place, id) = text.split_once('-')?;
    Some(UserPosition {
        list_place: place.parse().ok()?,
        id: MembershipId(id.parse().ok()?),
    })
}

#[derive(Template)]
#[template(path = "admin/box.html")]
struct BoxPage<'a> {
    page: &'a Page,
    section: &'static str,
    view: &'a BoxView,
    calls: &'a BoxCalls,
    actions: Vec<(BoxAction, String)>,
}

impl BoxPage<'_> {
    fn kind(&self) -> String {
        super::type_text(self.page, self.view.data_box.box_type)
    }

    fn state(&self) -> String {
        super::state_text(self.page, self.view.data_box.state)
    }

    fn state_of(&self, change: &BoxStateChange) -> String {
        super::state_text(self.page, change.state)
    }

    fn user_kind(&self, user: &BoxUser) -> String {
        let key = user.membership.user_type.name().to_lowercase().replace('_', "-");
        self.page.t(&format!("admin-user-type-{key}")).into_owned()
    }

    fn rights(&self, user: &BoxUser) -> String {
        super::rights::in_words(self.page, user.membership.privileges)
    }

    fn crowns(&self, hellers: &i64) -> String {
        super::crowns(self.page, *hellers)
    }

    fn entry(&self, entry: &CreditEntry) -> String {
        self.page
            .t(&format!("admin-credit-event-{}", entry.event.number()))
            .into_owned()
    }

    fn subsidy(&self, subsidy: &Subsidy) -> String {
        self.page
            .t(&format!("admin-subsidy-{}", subsidy.kind.code()))
            .into_owned()
    }

    fn left(&self, subsidy: &Subsidy) -> Option<String> {
        let left = subsidy.remaining?;
        Some(self.page.tn("admin-subsidy-left", &left).into_owned())
    }

    fn vault_kind(&self, vault: &Vault) -> String {
        self.page.t(&format!("admin-vault-{}", vault.kind.code())).into_owned()
    }

    fn fingerprint(&self, certificate: &BoxCertificate) -> String {
        certificate
            .fingerprint
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn more(&self) -> Option<String> {
        let position = self.view.more_users?;
        Some(format!("{}-{}", position.list_place, position.id.0))
    }
}

pub(super) async fn page(
    admin: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let id = box_id(&id)?;
    let isds = &admin.site.isds;
    let view = isds.box_view(&admin.principal, id, position(&asked.after)).await?;
    let calls = isds.box_calls(&admin.principal, id).await?;
    let page = &admin.page;
    let actions = BoxAction::of(&view)
        .into_iter()
        .map(|action| (action, page.t(&format!("admin-act-{}", action.name())).into_owned()));
    page.render(&BoxPage {
        page,
        section: "boxes",
        view: &view,
        calls: &calls,
        actions: actions.collect(),
    })
}

#[derive(Template)]
#[template(path = "admin/requests.html")]
struct RequestsPage<'a> {
    page: &'a Page,
    section: &'static str,
    id: BoxId,
    history: &'a BoxHistoryPage,
}

pub(super) async fn requests(
    admin: Administrator,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let id = box_id(&id)?;
    let before = asked.before.map(RequestNumber);
    let history = admin.site.isds.box_requests(&admin.principal, id, before).await?;
    admin.page.render(&RequestsPage {
        page: &admin.page,
        section: "boxes",
        id,
        history: &history,
    })
}
