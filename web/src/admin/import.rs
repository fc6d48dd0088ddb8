//! Founding boxes from a table: brought, checked, carried out, and the access data fetched once.

use std::fmt::Write;

use askama::Template;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Path, Query, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use isds_core::audit::cell;
use isds_core::ports::{Import, ImportId, ImportRow, ImportState, RowState};
use isds_core::{IMPORT_COLUMNS, ImportReport, MAX_IMPORT_BYTES, MAX_IMPORT_ROWS};
use serde::Deserialize;

use crate::page::{Administrator, Notice, Page, PageError, Posted};

/// Rows on a page of the report.
const ROWS: u64 = 100;
/// Longest text field of the form.
const MAX_FIELD: usize = 1_000;
/// Most fields of the form.
const MAX_FIELDS: usize = 8;

#[derive(Template)]
#[template(path = "admin/import.html")]
struct ImportPage<'a> {
    page: &'a Page,
    section: &'static str,
    imports: &'a [Import],
    columns: [&'static str; IMPORT_COLUMNS.len()],
    error: String,
}

impl ImportPage<'_> {
    fn bounds(&self) -> String {
        let megabytes = MAX_IMPORT_BYTES / 1024 / 1024;
        let values: [(&str, &dyn std::fmt::Display); 2] = [("rows", &MAX_IMPORT_ROWS), ("megabytes", &megabytes)];
        self.page.tvs("admin-import-bounds", &values).into_owned()
    }

    fn state(&self, import: &Import) -> String {
        self.page
            .t(&format!("admin-import-state-{}", import.state.code()))
            .into_owned()
    }
}

async fn show(admin: &Administrator, error: String) -> Result<Response, PageError> {
    let imports = admin.site.isds.imports(&admin.principal).await?;
    admin.page.render(&ImportPage {
        page: &admin.page,
        section: "import",
        imports: &imports,
        columns: IMPORT_COLUMNS,
        error,
    })
}

pub(super) async fn page(admin: Administrator) -> Result<Response, PageError> {
    show(&admin, String::new()).await
}

/// A table without rows, to begin with.
pub(super) async fn template(_: Administrator) -> Response {
    let head = format!("\u{FEFF}{}\r\n", IMPORT_COLUMNS.join(";"));
    csv_answer("import.csv", head)
}

fn csv_answer(name: &str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, text).into_response()
}

/// What the form brought.
struct Brought {
    token: String,
    name: String,
    file: Vec<u8>,
}

async fn read_field(mut field: Field<'_>, most: usize) -> Result<Vec<u8>, PageError> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|_| PageError::WrongForm)? {
        if bytes.len() + piece.len() > most {
            return Err(PageError::TooLarge);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

async fn read(request: Request) -> Result<Brought, PageError> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| PageError::WrongForm)?;
    let mut brought = Brought {
        token: String::new(),
        name: String::new(),
        file: Vec::new(),
    };
    for _ in 0..MAX_FIELDS {
        let Some(field) = form.next_field().await.map_err(|_| PageError::WrongForm)? else {
            return Ok(brought);
        };
        match field.name() {
            Some("csrf") => {
                let token = read_field(field, MAX_FIELD).await?;
                brought.token = String::from_utf8(token).map_err(|_| PageError::WrongForm)?;
            }
            Some("file") => {
                brought.name = field.file_name().unwrap_or_default().to_owned();
                brought.file = read_field(field, MAX_IMPORT_BYTES + 1).await?;
            }
            _ => {
                read_field(field, MAX_FIELD).await?;
            }
        }
    }
    Err(PageError::WrongForm)
}

/// Checks a table and leads to the report; nothing is founded.
pub(super) async fn check(admin: Administrator, request: Request) -> Result<Response, PageError> {
    let brought = read(request).await?;
    if !admin.is_own_form(&brought.token) {
        return Err(PageError::ForeignForm);
    }
    let isds = &admin.site.isds;
    match isds.check_import(&admin.principal, &brought.name, &brought.file).await {
        Ok(id) => Ok(admin
            .page
            .redirect(&format!("/admin/import/{}", id.0), Notice::done("admin-import-checked"))),
        Err(isds_core::Failure::Refused(refusal)) => show(&admin, refusal.text()).await,
        Err(failure) => Err(failure.into()),
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: i64,
}

#[derive(Template)]
#[template(path = "admin/import_report.html")]
struct ReportPage<'a> {
    page: &'a Page,
    section: &'static str,
    report: &'a ImportReport,
    after: i64,
}

impl ReportPage<'_> {
    fn is(&self, state: &str) -> bool {
        matches!(
            (state, self.report.import.state),
            ("checked", ImportState::Checked) | ("running", ImportState::Running) | ("done", ImportState::Done)
        )
    }

    fn row_state(&self, row: &ImportRow) -> String {
        self.page
            .t(&format!("admin-row-state-{}", row.state.code()))
            .into_owned()
    }

    fn colour(&self, row: &ImportRow) -> &'static str {
        match row.state {
            RowState::Wrong | RowState::Refused => "error",
            RowState::Ready => "neutral",
            RowState::Founded => "success",
        }
    }

    fn holder(&self, row: &ImportRow) -> String {
        let cell = |name: &str| row.cells.get(name).map_or("", String::as_str);
        let person = format!("{} {}", cell("pnGivenNames"), cell("pnLastName"));
        let name = if cell("firmName").is_empty() {
            person.trim()
        } else {
            cell("firmName")
        };
        name.to_owned()
    }

    fn box_type(&self, row: &ImportRow) -> String {
        row.cells.get("dbType").cloned().unwrap_or_default()
    }

    /// How much had its turn, in per cent.
    fn share(&self) -> u64 {
        let counts = &self.report.counts;
        let turns = counts.founded + counts.refused;
        turns * 100 / (turns + counts.ready).max(1)
    }
}

pub(super) async fn report(
    admin: Administrator,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let isds = &admin.site.isds;
    let report = isds
        .import_report(&admin.principal, ImportId(id), asked.after, ROWS)
        .await?;
    admin.page.render(&ReportPage {
        page: &admin.page,
        section: "import",
        report: &report,
        after: asked.after,
    })
}

pub(super) async fn begin(
    admin: Administrator,
    Path(id): Path<i64>,
    Posted(_): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    admin.site.isds.begin_import(&admin.principal, ImportId(id)).await?;
    Ok(admin
        .page
        .redirect(&format!("/admin/import/{id}"), Notice::done("admin-import-begun")))
}

/// Access data of those who were added, as a file, once.
pub(super) async fn access(
    admin: Administrator,
    Path(id): Path<i64>,
    Posted(_): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let lines = admin
        .site
        .isds
        .take_import_access(&admin.principal, ImportId(id))
        .await?;
    let mut text = String::from("\u{FEFF}line;dbID;user;login;code\r\n");
    for line in lines {
        let box_id = line.box_id.map(|id| id.to_string()).unwrap_or_default();
        let cells = [line.line.to_string(), box_id, line.user, line.login, line.code];
        let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
        // Writing into a string does not fail.
        let _ = write!(text, "{}\r\n", cells.join(";"));
    }
    Ok(csv_answer(&format!("access-data-{id}.csv"), text))
}
