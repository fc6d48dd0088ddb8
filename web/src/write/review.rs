//! What will be sent and what follows from it, before it is sent; and sending.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use isds_core::error::Chain;
use isds_core::ids::BoxId;
use isds_core::operation::Operation;
use isds_core::ports::{Draft, DraftVersion, SendingLease};
use isds_core::{DraftError, Prospects};
use serde::Deserialize;

use super::form::{self, AttachmentsPart, RecipientsPart, draft_id};
use crate::page::{InBox, Notice, Page, PageError, Posted};

/// How long the browser waits for what came of it; what takes longer is seen on the page that follows.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Template)]
#[template(path = "write/review.html")]
struct ReviewPage<'a> {
    page: &'a Page,
    box_id: BoxId,
    draft: &'a Draft,
    recipients: &'a RecipientsPart,
    attachments: &'a AttachmentsPart,
    /// Some of it can be sent.
    sendable: bool,
    /// Not to everybody.
    partly: bool,
    follows: Vec<String>,
    details: Vec<(String, String)>,
}

pub(super) async fn show(in_box: InBox, Path((_, draft)): Path<(String, String)>) -> Result<Response, PageError> {
    in_box
        .principal
        .authorize(Operation::CreateMessage)
        .map_err(|_| PageError::NoRight)?;
    let draft = in_box.site.isds.draft(&in_box.principal, draft_id(&draft)?).await?;
    let own = in_box.data_box.id;
    if let Some(sending) = draft.sending {
        return Ok(Redirect::to(&format!("/b/{own}/sendings/{}", sending.0)).into_response());
    }
    if draft.template.is_some() {
        return Err(PageError::NoSuchPage);
    }
    let (recipients, attachments, prospects) =
        form::parts(&in_box, &draft.content, &draft.attachments, Vec::new(), "").await?;
    let page = in_box.page();
    let possible = recipients.rows.iter().filter(|row| !row.refused).count();
    page.render(&ReviewPage {
        page,
        box_id: own,
        sendable: possible > 0 && !attachments.rows.is_empty(),
        partly: possible < recipients.rows.len(),
        follows: follows(&in_box, &draft, &prospects),
        details: details(page, &draft),
        draft: &draft,
        recipients: &recipients,
        attachments: &attachments,
    })
}

/// What follows in law, in one sentence for each kind of recipient among them.
fn follows(in_box: &InBox, draft: &Draft, prospects: &Prospects) -> Vec<String> {
    let page = in_box.page();
    let own = in_box.data_box.box_type.is_ovm();
    let fiction = draft.content.envelope.allow_subst_delivery.unwrap_or(true);
    let mut sentences: Vec<&str> = Vec::new();
    for prospect in prospects.recipients.iter().filter(|prospect| prospect.title.is_ok()) {
        let theirs = prospect
            .summary
            .as_ref()
            .is_some_and(|summary| summary.box_type.is_ovm());
        let sentence = match (own, theirs) {
            (true, true) => "write-follows-between-authorities",
            (true, false) if fiction => "write-follows-from-authority",
            (true, false) => "write-follows-no-fiction",
            (false, true) => "write-follows-to-authority",
            (false, false) => "write-follows-postal",
        };
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    sentences.into_iter().map(|key| page.t(key).into_owned()).collect()
}

/// The fields of the envelope that say something.
fn details(page: &Page, draft: &Draft) -> Vec<(String, String)> {
    let envelope = &draft.content.envelope;
    let number = |value: Option<i64>| value.map(|number| number.to_string());
    let yes = |flag: bool| flag.then(|| page.t("write-yes").into_owned());
    let fields = [
        ("write-to-hands", envelope.to_hands.clone()),
        ("write-sender-ref", envelope.sender_ref_number.clone()),
        ("write-sender-ident", envelope.sender_ident.clone()),
        ("write-recipient-ref", envelope.recipient_ref_number.clone()),
        ("write-recipient-ident", envelope.recipient_ident.clone()),
        ("write-law", number(envelope.legal_title_law)),
        ("write-year", number(envelope.legal_title_year)),
        ("write-sect", envelope.legal_title_sect.clone()),
        ("write-par", envelope.legal_title_par.clone()),
        ("write-point", envelope.legal_title_point.clone()),
        ("write-personal", yes(envelope.personal_delivery.unwrap_or(false))),
        ("write-no-fiction", yes(!envelope.allow_subst_delivery.unwrap_or(true))),
        ("write-publish", yes(envelope.publish_own_id.unwrap_or(false))),
    ];
    fields
        .into_iter()
        .filter_map(|(key, value)| value.map(|value| (page.t(key).into_owned(), value)))
        .collect()
}

/// The state of the draft that the sender looked at.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    version: i64,
    files: i64,
}

pub(super) async fn send(
    in_box: InBox,
    Path((_, draft)): Path<(String, String)>,
    Posted(seen): Posted<Seen>,
) -> Result<Response, PageError> {
    in_box
        .principal
        .authorize(Operation::CreateMessage)
        .map_err(|_| PageError::NoRight)?;
    let id = draft_id(&draft)?;
    let own = in_box.data_box.id;
    let seen = DraftVersion {
        content: seen.version,
        files: seen.files,
    };
    let isds = Arc::clone(&in_box.site.isds);
    let (sending, begun) = match isds.begin_sending(&in_box.principal, id, seen).await {
        Ok(begun) => begun,
        Err(DraftError::Changed) => {
            let to = format!("/b/{own}/drafts/{}/review", id.0);
            return Ok(in_box
                .page()
                .redirect(&to, Notice::failed("write-changed-before-sending")));
        }
        Err(error) => return Err(error.into()),
    };
    if let Some(lease) = begun {
        carry_on(&in_box, lease).await;
    }
    Ok(Redirect::to(&format!("/b/{own}/sendings/{}", sending.0)).into_response())
}

/// Sends what is not sent yet. A browser that goes away does not stop it half way.
pub(super) async fn carry_on(in_box: &InBox, lease: SendingLease) {
    let isds = Arc::clone(&in_box.site.isds);
    let caller = in_box.principal.clone();
    // Whoever ends the node waits for it.
    let under_way = isds.ending.begin();
    let work = tokio::spawn(async move {
        let _under_way = under_way;
        if let Err(error) = isds.carry_sending_on(&caller, lease).await {
            tracing::error!(sending = lease.id.0, error = %Chain(&error), "a draft was not sent to the end");
        }
    });
    // Whether it is done by then or not, the next page tells.
    drop(tokio::time::timeout(PATIENCE, work).await);
}
