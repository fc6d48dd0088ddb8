//! `/`: what runs here.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use isds_core::ports::Random;

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

/// What the page shows.
pub struct HomePage {
    /// Accounts, where this is a demo.
    pub accounts: Vec<Account>,
    /// Their password.
    pub password: String,
    /// Whether this is a demo.
    pub demo: bool,
    /// Randomness for the page's nonce.
    pub random: Arc<dyn Random>,
}

struct Service {
    name: &'static str,
    path: &'static str,
    files: &'static [&'static str],
}

const SERVICES: &[Service] = &[
    Service {
        name: "Datové zprávy",
        path: "/DS/dz",
        files: &["dm_operations.wsdl"],
    },
    Service {
        name: "Informace o datových zprávách",
        path: "/DS/dx",
        files: &["dm_info.wsdl"],
    },
    Service {
        name: "Vyhledávání schránek",
        path: "/DS/df",
        files: &["db_search.wsdl"],
    },
    Service {
        name: "Správa a přístup",
        path: "/DS/DsManage",
        files: &["db_access.wsdl", "db_manipulations.wsdl", "isds_stat.wsdl"],
    },
    Service {
        name: "Velkoobjemové zprávy",
        path: "/DS/vodz",
        files: &["dm_VoDZ.wsdl"],
    },
    Service {
        name: "Archivace",
        path: "/DS/arch",
        files: &["dm_arch.wsdl"],
    },
];

#[derive(Template)]
#[template(path = "home.html")]
struct Page<'a> {
    demo: bool,
    accounts: &'a [Account],
    password: &'a str,
    services: &'static [Service],
    base: String,
    nonce: String,
}

/// Routes of the page.
pub fn router(page: HomePage) -> Router {
    Router::new().route("/", get(home)).with_state(Arc::new(page))
}

async fn home(State(page): State<Arc<HomePage>>, headers: HeaderMap) -> Response {
    let mut nonce = [0; 16];
    page.random.fill(&mut nonce);
    let nonce = nonce.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let rendered = Page {
        demo: page.demo,
        accounts: &page.accounts,
        password: &page.password,
        services: SERVICES,
        base: format!("http://{}", host(&headers)),
        nonce: nonce.clone(),
    }
    .render();
    match rendered {
        Ok(html) => (
            [
                (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
                (
                    header::CONTENT_SECURITY_POLICY,
                    format!("default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
                ),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
                (header::REFERRER_POLICY, "no-referrer".to_owned()),
            ],
            html,
        )
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "the home page cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
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
