//! The message with its merge fields.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use isds_core::BulkError;
use isds_core::bulk::{BulkAction, BulkJob, BulkSettings, LetterForm};

use super::shown::Errors;
use super::{Named, address, failed};
use crate::page::{InBox, Notice, Page, PageError, Posted};

#[derive(Template)]
#[template(path = "bulk/message.html")]
struct MessagePage<'a> {
    page: &'a Page,
    base: String,
    settings: &'a BulkSettings,
    /// The merge fields as they are written.
    fields: Vec<String>,
    forms: [(&'static str, &'static str, bool); 3],
    is_authority: bool,
    version: i64,
    errors: Errors,
    editable: bool,
}

#[derive(serde::Deserialize)]
pub(super) struct Form {
    version: i64,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    sender_ref_number: String,
    #[serde(default)]
    sender_ident: String,
    #[serde(default)]
    recipient_ref_number: String,
    #[serde(default)]
    recipient_ident: String,
    #[serde(default)]
    to_hands: String,
    #[serde(default)]
    legal_title_law: String,
    #[serde(default)]
    legal_title_year: String,
    #[serde(default)]
    legal_title_sect: String,
    #[serde(default)]
    legal_title_par: String,
    #[serde(default)]
    legal_title_point: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    letter_name: String,
    #[serde(default)]
    letter_form: String,
    #[serde(default)]
    personal_delivery: Option<String>,
    #[serde(default)]
    no_fiction: Option<String>,
    #[serde(default)]
    publish_author: Option<String>,
}

/// Names of the forms of a letter in the form.
const FORMS: [(LetterForm, &str, &str); 3] = [
    (LetterForm::Text, "text", "bulk-letter-text"),
    (LetterForm::Html, "html", "bulk-letter-html"),
    (LetterForm::None, "none", "bulk-letter-none"),
];

pub(super) async fn show(in_box: InBox, Path(named): Path<Named>) -> Result<Response, PageError> {
    let job = in_box.site.isds.bulk_job(&in_box.principal, named.job()?).await?;
    page(&in_box, &job, &job.settings, job.version, Errors::default())
}

fn page(
    in_box: &InBox,
    job: &BulkJob,
    settings: &BulkSettings,
    version: i64,
    errors: Errors,
) -> Result<Response, PageError> {
    in_box.page().render(&MessagePage {
        page: in_box.page(),
        base: address(in_box, job.id, ""),
        fields: job.columns.iter().map(|column| format!("{{{{{column}}}}}")).collect(),
        forms: FORMS.map(|(form, name, label)| (name, label, form == settings.letter_form)),
        is_authority: in_box.data_box.box_type.is_ovm(),
        editable: job.state.after(BulkAction::Edit).is_some(),
        settings,
        version,
        errors,
    })
}

pub(super) async fn save(
    in_box: InBox,
    Path(named): Path<Named>,
    Posted(form): Posted<Form>,
) -> Result<Response, PageError> {
    let isds = &in_box.site.isds;
    let job = isds.bulk_job(&in_box.principal, named.job()?).await?;
    let letter_form = FORMS.iter().find(|(_, name, _)| *name == form.letter_form);
    let settings = BulkSettings {
        subject: form.subject,
        sender_ref_number: form.sender_ref_number,
        sender_ident: form.sender_ident,
        recipient_ref_number: form.recipient_ref_number,
        recipient_ident: form.recipient_ident,
        to_hands: form.to_hands,
        legal_title_law: form.legal_title_law,
        legal_title_year: form.legal_title_year,
        legal_title_sect: form.legal_title_sect,
        legal_title_par: form.legal_title_par,
        legal_title_point: form.legal_title_point,
        // Forms send lines as the network does.
        body: form.body.replace("\r\n", "\n"),
        letter_name: form.letter_name,
        letter_form: letter_form.map_or(LetterForm::default(), |(form, ..)| *form),
        personal_delivery: form.personal_delivery.is_some(),
        no_fiction: form.no_fiction.is_some() && in_box.data_box.box_type.is_ovm(),
        publish_author: form.publish_author.is_some(),
        mapping: job.settings.mapping.clone(),
        leave_out_duplicates: job.settings.leave_out_duplicates,
    };
    let mut problems = settings.errors(&job.columns);
    problems.extend(
        settings
            .missing_for_messages()
            .into_iter()
            .filter(|e| e.field != "box_id"),
    );
    let saved = if problems.is_empty() {
        isds.save_bulk_settings(&in_box.principal, job.id, form.version, settings.clone())
            .await
    } else {
        Err(BulkError::Settings(problems))
    };
    let errors = match saved {
        Ok(()) => {
            let to = address(&in_box, job.id, "");
            return Ok(in_box.page().redirect(&to, Notice::done("bulk-saved")));
        }
        Err(BulkError::Settings(errors)) => Errors::of(in_box.page(), &errors),
        Err(error @ (BulkError::Changed | BulkError::State)) => {
            Errors::one("form", in_box.page().t(failed(&error)).into_owned())
        }
        Err(error) => return Err(error.into()),
    };
    let mut answer = page(&in_box, &job, &settings, job.version, errors)?;
    *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(answer)
}
