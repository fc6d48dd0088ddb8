//! What the form sends: the draft is saved, and then what the pressed button asks for is done.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use isds_core::operation::Operation;
use isds_core::ports::{Draft, DraftContent, DraftId, UploadId};
use isds_core::{DraftError, Failure};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::fields::{Errors, MessageForm};
use super::form::{self, AttachmentsTemplate, RecipientsTemplate, Situation, fresh_key};
use super::prefill;
use super::receive::{Incoming, Received};
use crate::Site;
use crate::page::{InBox, Notice, Page, PageError, Visitor};

/// Whom the answer is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Page,
    /// A script, which puts the parts into the page that is open.
    Script,
}

/// What a script is told.
#[derive(Debug, Default, Serialize)]
struct Told {
    draft: Option<i64>,
    version: Option<i64>,
    /// Said beside the form.
    message: String,
    conflict: bool,
    /// What a copy is to be made with.
    key: Option<String>,
    errors: std::collections::BTreeMap<&'static str, String>,
    recipients: Option<String>,
    attachments: Option<String>,
    /// Where to go.
    go: Option<String>,
}

pub(super) async fn post(State(site): State<Arc<Site>>, request: Request) -> Result<Response, PageError> {
    let (mut parts, body) = request.into_parts();
    let headers = parts.headers.clone();
    let entered = InBox::from_request_parts(&mut parts, &site).await;
    let visitor = match &entered {
        Err(PageError::SignIn { .. }) => Some(Visitor::from_request_parts(&mut parts, &site).await?),
        _ => None,
    };
    let most = site.isds.limits.large_message_bytes;
    let incoming = Incoming::of(&headers, Request::from_parts(parts, body)).await?;
    let script = headers
        .get(header::ACCEPT)
        .is_some_and(|value| value == "application/json");
    if let Some(visitor) = visitor {
        let pairs = incoming.text_only(most).await?;
        return signed_out(&visitor.page, pairs, script);
    }
    let in_box = entered?;
    if in_box.principal.authorize(Operation::CreateMessage).is_err() {
        incoming.text_only(most).await?;
        return Err(PageError::NoRight);
    }
    let received = incoming.receive(&in_box).await?;
    let answer = if script { Answer::Script } else { Answer::Page };
    act(&in_box, received, answer).await
}

/// How a form came to its draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opened {
    /// The form names it.
    Named,
    /// It was made just now.
    Made,
    /// The form made it before, and does not know what became of it: somebody went back to the empty form, or pressed
    /// twice.
    Before,
}

/// Opens the draft that the form names, or makes it.
pub(super) async fn open_or_create(
    in_box: &InBox,
    form: &MessageForm,
    content: DraftContent,
) -> Result<(Draft, Opened), DraftError> {
    let isds = &in_box.site.isds;
    if let Some(id) = form.draft {
        return Ok((isds.draft(&in_box.principal, id).await?, Opened::Named));
    }
    let template = form
        .source
        .strip_prefix("template:")
        .and_then(|id| id.parse().ok())
        .map(DraftId);
    let (draft, made) = isds
        .create_draft(&in_box.principal, &form.key, content, None, template)
        .await?;
    if !made {
        return Ok((draft, Opened::Before));
    }
    if form.source.starts_with("forward:") {
        prefill::attach_forwarded(in_box, &draft, &form.source).await?;
        return Ok((isds.draft(&in_box.principal, draft.id).await?, Opened::Made));
    }
    Ok((draft, Opened::Made))
}

async fn act(in_box: &InBox, received: Received, answer: Answer) -> Result<Response, PageError> {
    let words = in_box.page().words;
    let pressed = received.pairs.iter().rev().find(|(name, _)| name == "action");
    let pressed = pressed.map_or("save", |(_, value)| value.as_str()).to_owned();
    let (verb, object) = pressed.split_once(':').unwrap_or((&pressed, ""));
    let mut form = MessageForm::of(&received.pairs);
    if let Some(draft) = &received.draft {
        form.draft = Some(draft.id);
        if let Some(made) = received.made {
            form.version = made;
        }
    }
    let mut errors = Errors::default();
    let q = form.to.clone();
    match verb {
        "add" => add_recipient(in_box, &mut form, object, &mut errors).await?,
        "drop" => form.recipients.retain(|recipient| recipient != object),
        "search" => {}
        // What was typed and not chosen: a box ID is a choice, anything else is not.
        _ if !form.to.is_empty() => {
            let typed = form.to.clone();
            add_recipient(in_box, &mut form, &typed, &mut errors).await?;
        }
        _ => {}
    }
    let content = form.content(words, &mut errors);
    if !errors.is_empty() {
        return wrong(in_box, form, received, errors, answer).await;
    }
    let saved = store(in_box, &form, content.clone(), verb == "copy").await;
    let draft = match saved {
        Ok(draft) => draft,
        Err(error) => return not_saved(in_box, form, received, error, answer).await,
    };
    form.draft = Some(draft.id);
    let isds = &in_box.site.isds;
    let upload = object.parse().map(UploadId);
    match (verb, upload) {
        ("up" | "down", Ok(upload)) => {
            isds.move_draft_attachment(&in_box.principal, draft.id, upload, verb == "up")
                .await?;
        }
        ("detach", Ok(upload)) => {
            isds.remove_draft_attachment(&in_box.principal, draft.id, upload)
                .await?;
        }
        ("template", _) => return keep_as_template(in_box, form, received, draft, content, answer).await,
        _ => {}
    }
    let draft = isds.draft(&in_box.principal, draft.id).await?;
    done(in_box, received, draft, verb, &q, answer).await
}

/// Takes a box in as a recipient; what is no box is told beside the field.
async fn add_recipient(in_box: &InBox, form: &mut MessageForm, id: &str, errors: &mut Errors) -> Result<(), PageError> {
    let id = if id.is_empty() { form.to.clone() } else { id.to_owned() };
    match in_box.site.isds.recipient_named(&in_box.principal, &id).await {
        Ok((id, _)) => form.add_recipient(id),
        Err(DraftError::Failure(Failure::Refused(_))) => {
            errors.add("to", in_box.page().t("write-error-to"));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// The draft with what the form says, made or saved.
async fn store(in_box: &InBox, form: &MessageForm, content: DraftContent, copy: bool) -> Result<Draft, DraftError> {
    let isds = &in_box.site.isds;
    let caller = &in_box.principal;
    if copy {
        // What the other window has stays as it is; this one goes on with a draft of its own.
        let from = match form.draft {
            Some(id) => isds.draft(caller, id).await.ok().map(|draft| draft.id),
            None => None,
        };
        let (copy, _) = isds.create_draft(caller, &form.key, content, None, from).await?;
        // The key of the form that made the draft itself makes no copy of it.
        return if form.draft == Some(copy.id) {
            Err(DraftError::Changed)
        } else {
            Ok(copy)
        };
    }
    let (draft, opened) = open_or_create(in_box, form, content.clone()).await?;
    let version = match opened {
        Opened::Made => draft.version.content,
        // What the form has not seen it does not write over.
        Opened::Named | Opened::Before => form.version,
    };
    let template = draft.template.as_ref().map(|_| form.template_name.as_str());
    isds.save_draft(caller, draft.id, version, content, template).await?;
    isds.draft(caller, draft.id).await
}

async fn keep_as_template(
    in_box: &InBox,
    form: MessageForm,
    received: Received,
    draft: Draft,
    content: DraftContent,
    answer: Answer,
) -> Result<Response, PageError> {
    let page = in_box.page();
    // The same state of the same draft is kept once under a name, however often the button is pressed.
    let name = Sha256::digest(form.template_name.trim().as_bytes());
    let name: String = name.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let version = draft.version;
    let key = format!("t{:x}v{:x}f{:x}n{name}", draft.id.0, version.content, version.files);
    let kept = in_box
        .site
        .isds
        .create_draft(
            &in_box.principal,
            &key,
            content,
            Some(&form.template_name),
            Some(draft.id),
        )
        .await;
    match kept {
        Ok(_) => {
            let to = format!("/b/{}/templates", in_box.data_box.id);
            Ok(match answer {
                Answer::Page => page.redirect(&to, Notice::done("write-template-kept")),
                Answer::Script => Json(Told {
                    go: Some(to),
                    ..Told::default()
                })
                .into_response(),
            })
        }
        Err(DraftError::TemplateName) => {
            let mut errors = Errors::default();
            errors.add("template_name", page.t("write-error-template-name"));
            let form = MessageForm {
                version: draft.version.content,
                ..form
            };
            wrong(
                in_box,
                form,
                Received {
                    draft: Some(draft),
                    ..received
                },
                errors,
                answer,
            )
            .await
        }
        Err(error) => not_saved(in_box, form, received, error, answer).await,
    }
}

/// Something is wrong with a field: the form comes back as it was, with what is wrong.
async fn wrong(
    in_box: &InBox,
    form: MessageForm,
    received: Received,
    errors: Errors,
    answer: Answer,
) -> Result<Response, PageError> {
    if answer == Answer::Script {
        let told = Told {
            message: in_box.page().t("write-not-saved").into_owned(),
            errors: errors.pairs().clone(),
            draft: form.draft.map(|id| id.0),
            version: Some(form.version),
            ..Told::default()
        };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Json(told)).into_response());
    }
    let draft = reopened(in_box, &form, received.draft).await?;
    let situation = Situation {
        q: if errors.of("to").is_empty() {
            String::new()
        } else {
            form.to.clone()
        },
        form,
        draft,
        errors,
        file_errors: received.file_errors,
        conflict: false,
    };
    form::render(in_box, situation, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn reopened(in_box: &InBox, form: &MessageForm, draft: Option<Draft>) -> Result<Option<Draft>, PageError> {
    let Some(id) = form.draft.or(draft.map(|draft| draft.id)) else {
        return Ok(None);
    };
    match in_box.site.isds.draft(&in_box.principal, id).await {
        Ok(draft) => Ok(Some(draft)),
        Err(DraftError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The draft could not be saved: it was changed elsewhere, it is gone, or there is no room. Nothing typed is lost.
async fn not_saved(
    in_box: &InBox,
    mut form: MessageForm,
    received: Received,
    error: DraftError,
    answer: Answer,
) -> Result<Response, PageError> {
    let (field, key) = match &error {
        DraftError::Changed => ("", "write-conflict"),
        DraftError::NotFound => ("", "write-gone"),
        DraftError::BeingSent(_) => ("", "write-being-sent"),
        DraftError::NoRoom => ("form", "write-no-room"),
        DraftError::TooManyRecipients => ("to", "write-error-recipients"),
        DraftError::TemplateName => ("template_name", "write-error-template-name"),
        _ => return Err(error.into()),
    };
    let page = in_box.page();
    let conflict = field.is_empty();
    let mut errors = Errors::default();
    if !conflict {
        errors.add(field, page.t(key));
    }
    if answer == Answer::Script {
        let told = Told {
            message: page.t(key).into_owned(),
            key: conflict.then(|| fresh_key(&in_box.site)),
            conflict,
            errors: errors.pairs().clone(),
            ..Told::default()
        };
        let status = if conflict {
            StatusCode::CONFLICT
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        return Ok((status, Json(told)).into_response());
    }
    let draft = reopened(in_box, &form, received.draft).await?;
    if conflict {
        form.key = fresh_key(&in_box.site);
    }
    let situation = Situation {
        form,
        draft,
        errors,
        file_errors: received.file_errors,
        q: String::new(),
        conflict,
    };
    let status = if conflict {
        StatusCode::CONFLICT
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    form::render(in_box, situation, status).await
}

/// It is saved: where the browser goes on, or what the script puts into its page.
async fn done(
    in_box: &InBox,
    received: Received,
    draft: Draft,
    verb: &str,
    q: &str,
    answer: Answer,
) -> Result<Response, PageError> {
    let page = in_box.page();
    let own = in_box.data_box.id;
    let here = format!("/b/{own}/write?draft={}", draft.id.0);
    let go = match verb {
        "review" if received.file_errors.is_empty() => Some(format!("/b/{own}/drafts/{}/review", draft.id.0)),
        _ => None,
    };
    if answer == Answer::Script {
        return script_told(in_box, received, &draft, go).await;
    }
    if !received.file_errors.is_empty() {
        let situation = Situation {
            form: MessageForm::of_draft(&draft),
            draft: Some(draft),
            file_errors: received.file_errors,
            ..Situation::default()
        };
        return form::render(in_box, situation, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    if let Some(go) = go {
        return Ok(Redirect::to(&go).into_response());
    }
    Ok(match verb {
        "search" => {
            let q = crate::page::error::form_encoded(q);
            Redirect::to(&format!("{here}&q={q}#recipients")).into_response()
        }
        "add" | "drop" => Redirect::to(&format!("{here}#recipients")).into_response(),
        "up" | "down" | "detach" | "upload" => Redirect::to(&format!("{here}#attachments")).into_response(),
        _ => page.redirect(&here, Notice::done("write-saved")),
    })
}

async fn script_told(
    in_box: &InBox,
    received: Received,
    draft: &Draft,
    go: Option<String>,
) -> Result<Response, PageError> {
    let page = in_box.page();
    let (recipients, attachments, _) =
        form::parts(in_box, &draft.content, &draft.attachments, received.file_errors, "").await?;
    let clock = page.said(&in_box.site.isds.clock.legal());
    let told = Told {
        draft: Some(draft.id.0),
        version: Some(draft.version.content),
        message: page.tv("write-saved-at", "time", strip(&clock.0)).into_owned(),
        recipients: Some(
            RecipientsTemplate {
                page,
                recipients: &recipients,
            }
            .render()?,
        ),
        attachments: Some(
            AttachmentsTemplate {
                page,
                attachments: &attachments,
            }
            .render()?,
        ),
        go,
        ..Told::default()
    };
    Ok(Json(told).into_response())
}

/// The text of a time element: a script puts it in as text.
fn strip(element: &str) -> &str {
    let inner = element.split_once('>').map_or(element, |(_, rest)| rest);
    inner.split_once('<').map_or(inner, |(text, _)| text)
}

/// Also for what the upload of a single file answers a script.
pub(super) async fn uploaded(in_box: &InBox, received: Received) -> Result<Response, PageError> {
    let Some(draft) = &received.draft else {
        return Err(PageError::WrongForm);
    };
    let draft = in_box.site.isds.draft(&in_box.principal, draft.id).await?;
    script_told(in_box, received, &draft, None).await
}

#[derive(Template)]
#[template(path = "write/signed_out.html")]
struct SignedOut<'a> {
    page: &'a Page,
    address: String,
    pairs: Vec<(String, String)>,
}

/// Who was signed out meanwhile keeps what was typed, and sends it on once they have signed in again.
fn signed_out(page: &Page, pairs: Vec<(String, String)>, script: bool) -> Result<Response, PageError> {
    if script {
        let told = Told {
            message: page.t("write-signed-out").into_owned(),
            ..Told::default()
        };
        return Ok((StatusCode::UNAUTHORIZED, Json(told)).into_response());
    }
    let template = SignedOut {
        page,
        address: page.here.split('?').next().unwrap_or_default().to_owned(),
        pairs: pairs
            .into_iter()
            .filter(|(name, _)| name != "csrf" && name != "action")
            .collect(),
    };
    let mut answer = page.render(&template)?;
    *answer.status_mut() = StatusCode::UNAUTHORIZED;
    Ok(answer)
}
