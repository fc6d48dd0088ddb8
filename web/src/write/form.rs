//! The form: a new message, a draft, a reply, what is forwarded, a template.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use isds_core::attachment::FORMATS;
use isds_core::data_box::DataBox;
use isds_core::ids::BoxId;
use isds_core::operation::Operation;
use isds_core::ports::{Draft, DraftContent, DraftId, Upload};
use isds_core::{Prospects, RecipientDraft};
use serde::Deserialize;

use super::fields::{Errors, MessageForm};
use super::prefill;
use super::recipients::{Found, find};
use super::shown::{self, AttachmentRow, RecipientRow};
use crate::Site;
use crate::amounts::{money, size};
use crate::page::{InBox, Page, PageError};
use crate::received::FileError;

/// What the address asks the form to begin with.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    draft: Option<String>,
    reply: Option<String>,
    forward: Option<String>,
    template: Option<String>,
    to: Option<String>,
    q: Option<String>,
}

/// A form to be shown.
#[derive(Default)]
pub(super) struct Situation {
    pub(super) form: MessageForm,
    /// The draft, where there is one already.
    pub(super) draft: Option<Draft>,
    pub(super) errors: Errors,
    pub(super) file_errors: Vec<FileError>,
    /// What recipients are looked for.
    pub(super) q: String,
    /// The draft was changed elsewhere, or is gone.
    pub(super) conflict: bool,
}

/// The chosen recipients and those found.
pub(super) struct RecipientsPart {
    pub(super) rows: Vec<RecipientRow>,
    pub(super) found: Option<Found>,
    /// The credit does not suffice for all.
    pub(super) short: Option<String>,
}

/// The attachments.
pub(super) struct AttachmentsPart {
    pub(super) rows: Vec<AttachmentRow>,
    pub(super) total: String,
    pub(super) large: bool,
    pub(super) errors: Vec<FileError>,
}

#[derive(Template)]
#[template(path = "write/recipients.html")]
pub(super) struct RecipientsTemplate<'a> {
    pub(super) page: &'a Page,
    pub(super) recipients: &'a RecipientsPart,
}

#[derive(Template)]
#[template(path = "write/attachments.html")]
pub(super) struct AttachmentsTemplate<'a> {
    pub(super) page: &'a Page,
    pub(super) attachments: &'a AttachmentsPart,
}

/// A kind of message that the sender may ask for.
struct WishRow {
    value: &'static str,
    label: String,
    chosen: bool,
}

/// The rules for files, in the words of the installation.
struct Rules {
    files_help: String,
    size: String,
    attachments: usize,
    containers: usize,
    suffixes: String,
    accept: String,
}

#[derive(Template)]
#[template(path = "write/form.html")]
struct FormPage<'a> {
    page: &'a Page,
    box_id: BoxId,
    form: &'a MessageForm,
    errors: &'a Errors,
    recipients: &'a RecipientsPart,
    attachments: &'a AttachmentsPart,
    conflict: bool,
    gone: bool,
    is_template: bool,
    authority: bool,
    wishes: Vec<WishRow>,
    rules: Rules,
    more: bool,
}

pub(super) async fn show(
    State(site): State<Arc<Site>>,
    in_box: InBox,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    in_box
        .principal
        .authorize(Operation::CreateMessage)
        .map_err(|_| PageError::NoRight)?;
    let mut situation = Situation {
        q: asked.q.unwrap_or_default(),
        ..Situation::default()
    };
    if let Some(draft) = asked.draft {
        let draft = site.isds.draft(&in_box.principal, draft_id(&draft)?).await?;
        if let Some(sending) = draft.sending {
            let to = format!("/b/{}/sendings/{}", in_box.data_box.id, sending.0);
            return Ok(axum::response::IntoResponse::into_response(
                axum::response::Redirect::to(&to),
            ));
        }
        situation.form = MessageForm::of_draft(&draft);
        situation.draft = Some(draft);
    } else {
        if let Some(reply) = asked.reply {
            situation.form = prefill::reply(&in_box, &reply).await?;
        } else if let Some(forward) = asked.forward {
            situation.form = prefill::forward(&in_box, &forward).await?;
        } else if let Some(template) = asked.template {
            let template = site.isds.draft(&in_box.principal, draft_id(&template)?).await?;
            situation.form = MessageForm::of_content(&template.content);
            situation.form.source = format!("template:{}", template.id.0);
            // Shown as they will be taken over.
            situation.draft = Some(template);
        }
        situation.form.key = fresh_key(&site);
    }
    if let Some(to) = asked.to {
        match site.isds.recipient_named(&in_box.principal, &to).await {
            Ok((id, _)) => situation.form.add_recipient(id),
            Err(_) => situation.form.to = to,
        }
    }
    if !situation.q.is_empty() {
        situation.form.to.clone_from(&situation.q);
    }
    render(&in_box, situation, StatusCode::OK).await
}

pub(super) fn draft_id(text: &str) -> Result<DraftId, PageError> {
    text.parse().map(DraftId).map_err(|_| PageError::NoSuchPage)
}

/// What makes a form's draft once.
pub(super) fn fresh_key(site: &Site) -> String {
    let mut bytes = [0; 16];
    site.isds.random.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Recipients and attachments as they are now.
pub(super) async fn parts(
    in_box: &InBox,
    content: &DraftContent,
    uploads: &[Upload],
    errors: Vec<FileError>,
    q: &str,
) -> Result<(RecipientsPart, AttachmentsPart, Prospects), PageError> {
    let page = in_box.page();
    let bytes = uploads.iter().map(|upload| upload.length).sum();
    let isds = &in_box.site.isds;
    let prospects = isds.draft_prospects(&in_box.principal, content, bytes).await?;
    let rows = prospects.recipients.iter();
    let rows = rows
        .map(|prospect| shown::recipient(page, prospect, prospects.large))
        .collect();
    let short = (prospects.from_credit > prospects.credit).then(|| {
        let needed = money(prospects.from_credit, page.language());
        let left = money(prospects.credit, page.language());
        page.tvs("write-credit-short", &[("needed", &needed), ("left", &left)])
            .into_owned()
    });
    let found = if q.trim().is_empty() {
        None
    } else {
        Some(find(in_box, q, &content.recipients).await?)
    };
    let recipients = RecipientsPart { rows, found, short };
    let attachments = AttachmentsPart {
        rows: shown::attachments(page.words, uploads),
        total: size(bytes, page.language()),
        large: prospects.large,
        errors,
    };
    Ok((recipients, attachments, prospects))
}

pub(super) async fn render(in_box: &InBox, situation: Situation, status: StatusCode) -> Result<Response, PageError> {
    let page = in_box.page();
    let Situation {
        form,
        draft,
        errors,
        file_errors,
        q,
        conflict,
    } = situation;
    let mut ignored = Errors::default();
    let mut content = form.content(page.words, &mut ignored);
    if !ignored.is_empty() {
        // What is wrong is told by its field; recipients are shown as far as they can be.
        content.envelope = Default::default();
        content.recipients.truncate(RecipientDraft::MOST);
    }
    let uploads = draft.as_ref().map_or(&[][..], |draft| &draft.attachments);
    let (recipients, attachments, _) = parts(in_box, &content, uploads, file_errors, &q).await?;
    let template = FormPage {
        page,
        box_id: in_box.data_box.id,
        more: has_more(&form, &errors),
        wishes: wishes(page, &in_box.data_box, &form.wish),
        rules: rules(in_box),
        gone: conflict && draft.is_none(),
        is_template: form.source.is_empty() && draft.as_ref().is_some_and(|draft| draft.template.is_some()),
        authority: in_box.data_box.box_type.is_ovm(),
        form: &form,
        errors: &errors,
        recipients: &recipients,
        attachments: &attachments,
        conflict,
    };
    let mut answer = page.render(&template)?;
    *answer.status_mut() = status;
    Ok(answer)
}

/// Fields that most people never need are folded away, unless one of them says something.
fn has_more(form: &MessageForm, errors: &Errors) -> bool {
    let typed = [
        &form.to_hands,
        &form.sender_ref,
        &form.sender_ident,
        &form.recipient_ref,
        &form.recipient_ident,
        &form.law,
        &form.year,
        &form.sect,
        &form.par,
        &form.point,
    ];
    typed.iter().any(|text| !text.is_empty()) || !errors.is_empty()
}

/// What may be asked for depends on the box: an authority's messages are all public.
fn wishes(page: &Page, own: &DataBox, chosen: &str) -> Vec<WishRow> {
    if own.box_type.is_ovm() {
        return Vec::new();
    }
    let mut offered = vec![("", page.t("write-wish-auto"))];
    if own.postal_contract {
        offered.push(("K", page.t("write-wish-contract")));
        offered.push(("I", page.t("write-wish-initiating")));
    }
    offered.push(("E", page.t("write-wish-credit")));
    offered.push(("O", page.t("write-wish-reply")));
    offered
        .into_iter()
        .map(|(value, label)| WishRow {
            value,
            label: label.into_owned(),
            chosen: value == chosen,
        })
        .collect()
}

fn rules(in_box: &InBox) -> Rules {
    let limits = &in_box.site.isds.limits;
    let page = in_box.page();
    let ordinary = size(limits.message_bytes, page.language());
    let large = size(limits.large_message_bytes, page.language());
    let sizes: [(&str, &dyn std::fmt::Display); 2] = [("ordinary", &ordinary), ("large", &large)];
    let mut suffixes: Vec<&str> = FORMATS.iter().flat_map(|format| format.suffixes).copied().collect();
    suffixes.sort_unstable();
    let accept: Vec<String> = suffixes.iter().map(|suffix| format!(".{suffix}")).collect();
    Rules {
        files_help: page.tvs("write-files-help", &sizes).into_owned(),
        size: page.tvs("write-rule-size", &sizes).into_owned(),
        attachments: limits.attachments,
        containers: limits.containers,
        suffixes: suffixes.join(", "),
        accept: accept.join(","),
    }
}
