//! What a form begins with that answers or forwards a message.

use futures::TryStreamExt;
use isds_core::envelope::MAX_ANNOTATION;
use isds_core::ids::MessageId;
use isds_core::message::{Message, SideOf};
use isds_core::operation::Operation;
use isds_core::ports::Draft;
use isds_core::text::truncate;
use isds_core::{DraftError, Failure};
use wire::forms::{Sealed, message_document};

use super::fields::MessageForm;
use crate::page::{InBox, PageError};

/// A reply goes back with the reference numbers turned round, by which the other side finds what it belongs to. One to
/// an initiating message carries its identifier that way, and is paid by its sender.
pub(super) async fn reply(in_box: &InBox, id: &str) -> Result<MessageForm, PageError> {
    let message = in_box
        .site
        .isds
        .message_envelope(&in_box.principal, message_id(id)?)
        .await?;
    let envelope = &message.envelope;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut form = MessageForm {
        subject: subject(in_box, "write-subject-reply", &message),
        recipient_ref: text(&envelope.draft.sender_ref_number),
        recipient_ident: text(&envelope.draft.sender_ident),
        sender_ref: text(&envelope.draft.recipient_ref_number),
        sender_ident: text(&envelope.draft.recipient_ident),
        ..MessageForm::default()
    };
    // Nobody answers the system.
    if !envelope.sender.is_system() {
        form.add_recipient(envelope.sender);
    }
    Ok(form)
}

/// What is forwarded goes as the sealed message itself: the other side can verify it.
pub(super) async fn forward(in_box: &InBox, id: &str) -> Result<MessageForm, PageError> {
    let (message, _) = own_message(in_box, message_id(id)?).await?;
    Ok(MessageForm {
        subject: subject(in_box, "write-subject-forward", &message),
        source: format!("forward:{}", message.id),
        ..MessageForm::default()
    })
}

/// The sealed form of what is forwarded, as the first attachment of its draft.
pub(super) async fn attach_forwarded(in_box: &InBox, draft: &Draft, source: &str) -> Result<(), DraftError> {
    let isds = &in_box.site.isds;
    let Some(id) = source
        .strip_prefix("forward:")
        .and_then(|id| id.parse::<MessageId>().ok())
    else {
        return Ok(());
    };
    let (message, side) = own_message(in_box, id).await?;
    let (form, name) = match side {
        SideOf::Recipient => (Sealed::Received, format!("DDZ_{id}.zfo")),
        SideOf::Sender => (Sealed::Sent, format!("ODZ_{id}.zfo")),
    };
    let sealed = isds
        .seal_message(&message, side, || message_document(&message, form))
        .await?;
    let mut upload = isds.upload_to_draft(&in_box.principal, draft.id, &name).await?;
    let mut content = sealed.splice.stream(std::sync::Arc::clone(&isds.objects));
    loop {
        let written = match content.try_next().await {
            Ok(None) => break,
            Ok(Some(bytes)) => upload.write(&bytes).await,
            Err(error) => Err(error.into()),
        };
        if let Err(failure) = written {
            upload.abandon().await;
            return Err(failure.into());
        }
    }
    upload.accept().await?;
    Ok(())
}

/// A message of the box that its person may download: one that was sent to it, or from it.
async fn own_message(in_box: &InBox, id: MessageId) -> Result<(Message, SideOf), Failure> {
    let isds = &in_box.site.isds;
    let own = in_box.data_box.id;
    let found = isds.store.lookup_message(id).await?;
    let large = found.as_ref().is_some_and(Message::is_large);
    let received = found.is_some_and(|message| message.envelope.recipient == own);
    if received {
        let operation = if large {
            Operation::SignedBigMessageDownload
        } else {
            Operation::SignedMessageDownload
        };
        let message = isds.received_message(&in_box.principal, operation, id).await?;
        Ok((message, SideOf::Recipient))
    } else {
        let operation = if large {
            Operation::SignedSentBigMessageDownload
        } else {
            Operation::SignedSentMessageDownload
        };
        let message = isds.sent_message(&in_box.principal, operation, id).await?;
        Ok((message, SideOf::Sender))
    }
}

fn message_id(text: &str) -> Result<MessageId, PageError> {
    text.parse().map_err(|_| PageError::NoSuchPage)
}

/// The subject with a word before it, once, cut to what a subject may have.
fn subject(in_box: &InBox, key: &str, message: &Message) -> String {
    let before = in_box.page().t(key).into_owned();
    let given = message.envelope.draft.annotation.clone().unwrap_or_default();
    if given.starts_with(&before) {
        return given;
    }
    truncate(format!("{before} {given}").trim(), MAX_ANNOTATION).to_owned()
}
