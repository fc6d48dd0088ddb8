//! What of a message can be kept: the sealed message, the sealed delivery info, and both together to read on paper.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use isds_core::MessageView;
use isds_core::examination::Examination;
use isds_core::message::{Message, SideOf};
use isds_core::operation::Operation;
use isds_core::ports::AttachmentPlace;
use isds_core::splice::Splice;
use wire::forms::{Sealed, delivery_document, message_document};

use super::attachments::file;
use super::names::{Disposition, disposition, safe_name, size};
use super::show::closed;
use super::{envelope, journey, number, seal};
use crate::page::{InBox, Page, PageError, times};
use crate::rendition::{About, Fonts, Paper, PaperError};
use crate::seal_report::SealReport;
use crate::words::{Language, Words};

const ZFO: &str = "application/vnd.software602.filler.form-xml-zip";

/// What is sealed of a message for this side.
pub(super) fn sealed_content(message: &Message, side: SideOf) -> Splice {
    message_document(
        message,
        match side {
            SideOf::Recipient => Sealed::Received,
            SideOf::Sender => Sealed::Sent,
        },
    )
}

/// The sealed message (ZFO).
pub(super) async fn message(own: InBox, Path((_, id)): Path<(String, String)>) -> Result<Response, PageError> {
    let id = number(&id)?;
    let isds = &own.site.isds;
    let (message, side) = isds.message_to_read(&own.principal, id).await.map_err(closed)?;
    let sealed = isds
        .seal_message(&message, side, || sealed_content(&message, side))
        .await?;
    Ok(document(&own, ZFO, &format!("zprava-{id}.zfo"), sealed.splice))
}

/// The sealed delivery info (ZFO).
pub(super) async fn delivery(own: InBox, Path((_, id)): Path<(String, String)>) -> Result<Response, PageError> {
    let id = number(&id)?;
    let isds = &own.site.isds;
    let info = isds
        .delivery_info(&own.principal, Operation::GetSignedDeliveryInfo, id)
        .await
        .map_err(closed)?;
    let content = Splice::default().then(delivery_document(&info));
    let sealed = isds.seal(content, true).await?;
    Ok(document(&own, ZFO, &format!("dorucenka-{id}.zfo"), sealed.splice))
}

fn document(own: &InBox, media_type: &'static str, name: &str, splice: Splice) -> Response {
    let length = splice.len();
    let body = Body::from_stream(splice.stream(std::sync::Arc::clone(&own.site.isds.objects)));
    let mut answer = file(media_type, &disposition(Disposition::Attachment, name), body);
    answer
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    answer
}

/// The message with its delivery info and what its seal proves, in pages.
pub(super) async fn rendition(own: InBox, Path((_, id)): Path<(String, String)>) -> Result<Response, PageError> {
    let id = number(&id)?;
    let (page, isds) = (own.page(), &own.site.isds);
    let view = isds.view_message(&own.principal, id).await.map_err(closed)?;
    if let Some(refusal) = view.closed {
        return Err(PageError::Refused(refusal));
    }
    let attachments = isds.kept_attachments(&view.message).await?;
    let examination = seal::examined(isds, &view.message, view.side).await?;
    let pdf = write(page, &view, &attachments, &examination)
        .map_err(|error| PageError::Broken("a rendition could not be written", Box::new(error)))?;
    let name = disposition(Disposition::Attachment, &format!("zprava-{id}.pdf"));
    Ok(file("application/pdf", &name, Body::from(pdf)))
}

fn write(
    page: &Page,
    view: &MessageView,
    attachments: &[AttachmentPlace],
    examination: &Examination,
) -> Result<Vec<u8>, PaperError> {
    let (words, message) = (page.words, &view.message);
    let say = |key: &str| words.text(key).into_owned();
    let subject = envelope::subject(message, words);
    let mut paper = Paper::new(Fonts::embedded()?);
    paper.title(&subject);
    paper.paragraph(&say("messages-paper-what"));
    paper.heading(&say("messages-envelope"));
    let fields = envelope::fields(message, view.side, words);
    paper.facts(
        fields
            .iter()
            .filter_map(|field| Some((&*field.label, field.value.as_deref()?))),
    );
    paper.heading(&say("messages-attachments"));
    let files: Vec<(String, String)> = attachments.iter().enumerate().map(|file| told(file, words)).collect();
    paper.facts(files.iter().map(|(name, what)| (name.as_str(), what.as_str())));
    if let Some(events) = &view.events {
        paper.heading(&say("messages-journey"));
        let moments = journey::moments(events, view.side, words);
        let told: Vec<(String, String)> = moments
            .iter()
            .map(|moment| {
                (
                    times::exact(moment.at, words.0),
                    format!("{}. {}", moment.title, moment.evidence),
                )
            })
            .collect();
        paper.facts(told.iter().map(|(time, what)| (time.as_str(), what.as_str())));
    }
    let report = SealReport::of(examination, words);
    paper.heading(&say("messages-seal"));
    paper.paragraph(&format!("{} {}", report.sentence, report.text));
    for fact in &report.facts {
        paper.paragraph(fact);
    }
    let checks: Vec<(String, String)> = report
        .checks
        .iter()
        .map(|check| {
            let why = check.why.as_ref().map(|why| format!(" – {why}")).unwrap_or_default();
            (check.name.to_string(), format!("{}{why}", check.outcome))
        })
        .collect();
    paper.facts(checks.iter().map(|(name, outcome)| (name.as_str(), outcome.as_str())));
    let id = message.id.to_string();
    paper.finish(&About {
        title: &subject,
        language: words.0.code(),
        author: &message.envelope.sender_name,
        made: times::local(page.now),
        foot: &|number, pages| {
            let (number, pages) = (number.to_string(), pages.to_string());
            let values = [
                ("id", id.as_str().into()),
                ("page", number.into()),
                ("pages", pages.into()),
                ("time", times::exact(page.now, words.0).into()),
            ];
            words.with("messages-paper-foot", &values).into_owned()
        },
    })
}

/// Name, and what kind of file it is.
fn told((index, place): (usize, &AttachmentPlace), words: Words) -> (String, String) {
    let name = safe_name(&place.head.file_name, index + 1);
    let kind = words.text(super::show::meta_type_key(place.head.meta_type));
    let bytes = size(place.bytes, words.0 == Language::Cs);
    let parts = [&*kind, place.head.mime_type.as_str(), bytes.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    (name, parts.join(", "))
}
