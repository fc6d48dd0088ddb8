//! Finding a recipient as one types, or with a button.

use axum::Json;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use isds_core::ids::BoxId;
use isds_core::operation::Operation;
use isds_core::status::Status;
use isds_core::{Failure, SearchRequest, SendOptions};
use serde::{Deserialize, Serialize};

use super::shown::kind_of_box;
use crate::page::{InBox, PageError};

/// How many boxes are shown.
const MOST: &str = "10";

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

/// A box that fits.
#[derive(Debug, Serialize)]
pub(super) struct FoundRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) kind: String,
    /// What may be sent there, or why nothing.
    pub(super) verdict: String,
    pub(super) sendable: bool,
    pub(super) chosen: bool,
}

/// What was found.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    pub(super) rows: Vec<FoundRow>,
    /// How many fit altogether.
    pub(super) total: u64,
    /// Said of it.
    pub(super) message: String,
}

pub(super) async fn search(in_box: InBox, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    in_box
        .principal
        .authorize(Operation::CreateMessage)
        .map_err(|_| PageError::NoRight)?;
    let found = find(&in_box, &asked.q, &[]).await?;
    Ok(Json(found).into_response())
}

/// The boxes that fit a text best. What cannot be searched for is said, not refused: somebody is still typing.
pub(super) async fn find(in_box: &InBox, q: &str, chosen: &[BoxId]) -> Result<Found, PageError> {
    let page = in_box.page();
    let request = SearchRequest {
        text: q.to_owned(),
        page_size: Some(MOST.into()),
        ..SearchRequest::default()
    };
    let nothing = |key| Found {
        rows: Vec::new(),
        total: 0,
        message: page.t(key).into_owned(),
    };
    let found = match in_box.site.isds.isds_search3(&in_box.principal, &request).await {
        Ok(found) => found,
        Err(Failure::Refused(refusal)) if refusal.status() == Status::NO_RIGHT => {
            return Ok(nothing("write-search-no-right"));
        }
        Err(Failure::Refused(refusal)) if refusal.status() == Status::SEARCH_FAILED => {
            return Ok(nothing("write-search-failed"));
        }
        Err(Failure::Refused(_)) => return Ok(nothing("write-search-short")),
        Err(failure) => return Err(failure.into()),
    };
    let rows = found.boxes.into_iter().map(|found| {
        let verdict = match found.send_options {
            SendOptions::Public => page.t("write-kind-public"),
            SendOptions::Postal => page.t("write-kind-postal"),
            SendOptions::Nothing => page.t("write-kind-nothing"),
            SendOptions::Disabled => page.t("write-kind-disabled"),
        };
        FoundRow {
            id: found.id.to_string(),
            name: found.name,
            address: found.address,
            kind: kind_of_box(page, found.box_type),
            verdict: verdict.into_owned(),
            sendable: matches!(found.send_options, SendOptions::Public | SendOptions::Postal),
            chosen: chosen.contains(&found.id),
        }
    });
    Ok(Found {
        rows: rows.collect(),
        total: found.total,
        message: page.tn("write-found", &found.total).into_owned(),
    })
}
