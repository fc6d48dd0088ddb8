//! Boxes by type and state, contracts, little credit, subsidies: lists, a page at a time.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::ids::BoxId;
use isds_core::postal::{CreditAccount, Subsidy, SubsidyId};
use isds_core::{BoxFilter, BoxPlace};
use serde::Deserialize;

use crate::page::{Administrator, Page, PageError};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(rename = "type")]
    box_type: String,
    state: String,
    after: String,
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "admin/box_list.html")]
struct BoxListPage<'a> {
    page: &'a Page,
    section: &'static str,
    title: &'static str,
    /// The filter is asked for.
    filtered: bool,
    types: Vec<(&'static str, String, bool)>,
    states: Vec<(i32, String, bool)>,
    boxes: &'a [DataBox],
    next: Option<String>,
}

impl BoxListPage<'_> {
    fn kind(&self, data_box: &DataBox) -> String {
        super::type_text(self.page, data_box.box_type)
    }

    fn state(&self, data_box: &DataBox) -> String {
        super::state_text(self.page, data_box.state)
    }
}

/// Boxes by type and state.
pub(super) async fn boxes(admin: Administrator, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let page = &admin.page;
    let filter = BoxFilter {
        box_type: BoxType::ALL.iter().copied().find(|t| t.name() == asked.box_type),
        state: asked.state.parse().ok().and_then(BoxState::from_code),
    };
    let after = BoxPlace::parse(&asked.after);
    let found = admin.site.isds.boxes_where(&admin.principal, filter, after).await?;
    let types = BoxType::ALL.iter().map(|t| {
        let chosen = filter.box_type == Some(*t);
        (t.name(), super::type_text(page, *t), chosen)
    });
    let states = BoxState::ALL.iter().map(|state| {
        let chosen = filter.state == Some(*state);
        (state.code(), super::state_text(page, *state), chosen)
    });
    let query = |place: BoxPlace| {
        let name = filter.box_type.map_or("", BoxType::name);
        let state = filter.state.map(|state| state.code().to_string()).unwrap_or_default();
        format!("?type={name}&state={state}&after={place}")
    };
    page.render(&BoxListPage {
        page,
        section: "boxes",
        title: "admin-boxes-list",
        filtered: true,
        types: types.collect(),
        states: states.collect(),
        boxes: &found.items,
        next: found.next.map(query),
    })
}

/// Boxes with a contract.
pub(super) async fn contracts(admin: Administrator, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let after: Option<BoxId> = asked.after.parse().ok();
    let found = admin.site.isds.boxes_with_contract(&admin.principal, after).await?;
    admin.page.render(&BoxListPage {
        page: &admin.page,
        section: "credit",
        title: "admin-contracts",
        filtered: false,
        types: Vec::new(),
        states: Vec::new(),
        boxes: &found.items,
        next: found.next.map(|id| format!("?after={id}")),
    })
}

#[derive(Template)]
#[template(path = "admin/low_credit.html")]
struct LowCreditPage<'a> {
    page: &'a Page,
    section: &'static str,
    accounts: &'a [(CreditAccount, String)],
    next: Option<String>,
}

impl LowCreditPage<'_> {
    fn crowns(&self, hellers: &i64) -> String {
        super::crowns(self.page, *hellers)
    }
}

/// `BALANCE.BOX`, where a list of accounts stopped.
fn account(text: &str) -> Option<(i64, BoxId)> {
    let (balance, id) = text.split_once('.')?;
    Some((balance.parse().ok()?, id.parse().ok()?))
}

/// Accounts with little credit.
pub(super) async fn low_credit(admin: Administrator, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let after = account(&asked.after);
    let found = admin.site.isds.low_credit(&admin.principal, after).await?;
    admin.page.render(&LowCreditPage {
        page: &admin.page,
        section: "credit",
        accounts: &found.items,
        next: found.next.map(|(balance, id)| format!("?after={balance}.{id}")),
    })
}

#[derive(Template)]
#[template(path = "admin/subsidies.html")]
struct SubsidiesPage<'a> {
    page: &'a Page,
    section: &'static str,
    subsidies: &'a [Subsidy],
    next: Option<SubsidyId>,
    now: isds_core::time::Timestamp,
}

impl SubsidiesPage<'_> {
    fn kind(&self, subsidy: &Subsidy) -> String {
        let key = format!("admin-subsidy-{}", subsidy.kind.code());
        self.page.t(&key).into_owned()
    }

    fn is_over(&self, subsidy: &Subsidy) -> bool {
        subsidy.expires.is_some_and(|expires| expires <= self.now) || subsidy.remaining == Some(0)
    }
}

/// Subsidies, the last granted first.
pub(super) async fn subsidies(admin: Administrator, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let isds = &admin.site.isds;
    let found = isds.subsidies(&admin.principal, asked.before.map(SubsidyId)).await?;
    admin.page.render(&SubsidiesPage {
        page: &admin.page,
        section: "credit",
        subsidies: &found.items,
        next: found.next,
        now: isds.clock.legal(),
    })
}
