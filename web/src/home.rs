//! `/`: what runs here.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::get;

use crate::Site;
use crate::page::{Page, PageError, Visitor};
use crate::verify::DropForm;

/// An account of the demo as the page shows it.
#[derive(Debug, Clone)]
pub struct Account {
    /// Login name.
    pub login: String,
    /// Person.
    pub person: String,
    /// Box; none for the administrator of the system.
    pub box_id: Option<String>,
    /// Holder of the box.
    pub holder: String,
    /// Kind of user.
    pub user_type: String,
}

/// The accounts of a demo.
#[derive(Debug, Clone)]
pub struct Demo {
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Their password.
    pub password: String,
}

struct Service {
    name: &'static str,
    path: &'static str,
    files: &'static [&'static str],
}

const SERVICES: &[Service] = &[
    Service {
        name: "home-service-dz",
        path: "/DS/dz",
        files: &["dm_operations.wsdl"],
    },
    Service {
        name: "home-service-dx",
        path: "/DS/dx",
        files: &["dm_info.wsdl"],
    },
    Service {
        name: "home-service-df",
        path: "/DS/df",
        files: &["db_search.wsdl"],
    },
    Service {
        name: "home-service-manage",
        path: "/DS/DsManage",
        files: &["db_access.wsdl", "db_manipulations.wsdl", "isds_stat.wsdl"],
    },
    Service {
        name: "home-service-vodz",
        path: "/DS/vodz",
        files: &["dm_VoDZ.wsdl"],
    },
    Service {
        name: "home-service-arch",
        path: "/DS/arch",
        files: &["dm_arch.wsdl"],
    },
];

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    page: &'a Page,
    demo: Option<&'a Demo>,
    services: &'static [Service],
    base: String,
    drop: DropForm,
}

pub(crate) fn router() -> Router<Arc<Site>> {
    Router::new().route("/", get(home))
}

async fn home(visitor: Visitor) -> Result<Response, PageError> {
    let scheme = if visitor.page.is_secure() { "https" } else { "http" };
    let shown = Home {
        page: &visitor.page,
        demo: visitor.site.demo.as_ref(),
        services: SERVICES,
        base: format!("{scheme}://{}", host(&visitor.headers)),
        drop: DropForm::beside(&visitor.page, &visitor.site.isds.limits),
    };
    visitor.page.render(&shown)
}

/// The host that was asked for, as long as it is one; it stands in the page's commands.
fn host(headers: &HeaderMap) -> &str {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let plain = !host.is_empty()
        && host.len() <= 255
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'));
    if plain { host } else { "localhost:8080" }
}
