//! Drafts and templates: writing a message before it is sent.
//!
//! Whoever may send from a box sees its drafts, whoever of the box wrote them.

mod attachments;
mod prospects;
mod sending;
mod states;

pub use attachments::DraftUpload;
pub use prospects::{Prospect, Prospects, RecipientSummary};
pub use states::{SendingView, SentMessage};

use std::collections::HashSet;

use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::operation::Operation;
use crate::ports::{
    AddedDraft, Draft, DraftBounds, DraftContent, DraftId, DraftPosition, DraftRecord, DraftVersion, NewDraft,
    SendingId, StoreError,
};
use crate::principal::{Actor, Principal};
use crate::status::Status;
use crate::text::clean;

use super::{Isds, RecipientDraft};

/// Longest name of a template, in characters.
const MAX_TEMPLATE_NAME: usize = 100;
/// Longest key of a form, in characters.
const MAX_KEY: usize = 64;
/// How many drafts a page of a list has at most.
const MAX_PAGE: u64 = 100;

/// Why something could not be done with a draft.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// There is no such draft in this box.
    #[error("there is no such draft")]
    NotFound,
    /// Somebody else, or another window, changed it first; nothing was written.
    #[error("the draft was changed meanwhile")]
    Changed,
    /// It is being sent, so it cannot be changed.
    #[error("the draft is being sent")]
    BeingSent(SendingId),
    /// The box keeps as many drafts, or as much in them, as it may.
    #[error("the box has no room for another draft")]
    NoRoom,
    /// More recipients than one message may have.
    #[error("a draft has at most {} recipients", RecipientDraft::MOST)]
    TooManyRecipients,
    /// A template without a name, or with one too long.
    #[error("a template has a name of at most {MAX_TEMPLATE_NAME} characters")]
    TemplateName,
    /// Nobody to send to.
    #[error("the draft has no recipient")]
    NoRecipient,
    /// The rules do not allow it, or a part failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<Refusal> for DraftError {
    fn from(refusal: Refusal) -> Self {
        Self::Failure(refusal.into())
    }
}

impl From<StoreError> for DraftError {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

impl Isds {
    /// Makes a draft, once for `key`, which the form that makes it has chosen; with `template`, a template of that name.
    /// It takes over the attachments of the draft `from`. True where it was made just now; otherwise the draft that the
    /// form made before is answered as it is, and nothing was written.
    ///
    /// # Errors
    /// 1004, 2007; [`DraftError::NoRoom`], [`DraftError::TooManyRecipients`], [`DraftError::TemplateName`],
    /// [`DraftError::NotFound`] for `from`.
    pub async fn create_draft(
        &self,
        caller: &Principal,
        key: &str,
        content: DraftContent,
        template: Option<&str>,
        from: Option<DraftId>,
    ) -> Result<(Draft, bool), DraftError> {
        let own = writer_of(caller)?;
        let content = checked(content)?;
        let template = template.map(template_name).transpose()?;
        if key.is_empty() || key.len() > MAX_KEY || !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Refusal::about(Status::INVALID_STRUCTURE, "klíč formuláře.").into());
        }
        if let Some(from) = from {
            self.existing(own, from).await?;
        }
        let new = NewDraft {
            box_id: own,
            key: key.to_owned(),
            template,
            author: author_of(caller),
            changed: self.clock.legal(),
            content,
            attachments_of: from,
        };
        match self.store.add_draft(&new, &self.draft_bounds().await).await? {
            AddedDraft::Added(id) => Ok((self.existing(own, id).await?, true)),
            AddedDraft::Exists(id) => Ok((self.existing(own, id).await?, false)),
            AddedDraft::NoRoom => Err(DraftError::NoRoom),
        }
    }

    /// A draft or template of the caller's box.
    ///
    /// # Errors
    /// 1004; [`DraftError::NotFound`].
    pub async fn draft(&self, caller: &Principal, id: DraftId) -> Result<Draft, DraftError> {
        self.existing(writer_of(caller)?, id).await
    }

    /// Saves the content over the version that it was made from. What is there already is not written again, and is no
    /// conflict: the same form may come twice.
    ///
    /// # Errors
    /// 1004, 2007; [`DraftError::NotFound`], [`DraftError::Changed`], [`DraftError::BeingSent`],
    /// [`DraftError::TooManyRecipients`], [`DraftError::TemplateName`].
    pub async fn save_draft(
        &self,
        caller: &Principal,
        id: DraftId,
        from_version: i64,
        content: DraftContent,
        template: Option<&str>,
    ) -> Result<DraftVersion, DraftError> {
        let own = writer_of(caller)?;
        let content = checked(content)?;
        let template = template.map(template_name).transpose()?;
        let draft = self.existing(own, id).await?;
        if let Some(sending) = draft.sending {
            return Err(DraftError::BeingSent(sending));
        }
        // What is a template stays one, and what is none does not become one.
        let template = if draft.template.is_some() {
            template.or_else(|| draft.template.clone())
        } else {
            None
        };
        if draft.content == content && draft.template == template {
            return Ok(draft.version);
        }
        let changed = Draft {
            version: DraftVersion {
                content: from_version,
                ..draft.version
            },
            template,
            author: author_of(caller),
            changed: self.clock.legal(),
            content,
            ..draft
        };
        self.store.save_draft(&changed).await?.ok_or(DraftError::Changed)
    }

    /// Removes a draft or template with its attachments. False where there is none any more.
    ///
    /// # Errors
    /// 1004; [`DraftError::BeingSent`].
    pub async fn remove_draft(&self, caller: &Principal, id: DraftId) -> Result<bool, DraftError> {
        let own = writer_of(caller)?;
        if self.store.remove_draft(id, own, self.clock.real()).await? {
            return Ok(true);
        }
        match self.store.lookup_draft(id, own).await?.and_then(|draft| draft.sending) {
            Some(sending) => Err(DraftError::BeingSent(sending)),
            None => Ok(false),
        }
    }

    /// One page of the drafts of the caller's box, or of its templates, those saved last first.
    ///
    /// # Errors
    /// 1004.
    pub async fn list_drafts(
        &self,
        caller: &Principal,
        templates: bool,
        after: Option<DraftPosition>,
        limit: u64,
    ) -> Result<Vec<DraftRecord>, DraftError> {
        let own = writer_of(caller)?;
        Ok(self
            .store
            .list_drafts(own, templates, after, limit.min(MAX_PAGE))
            .await?)
    }

    /// The draft, where it is the box's.
    async fn existing(&self, own: BoxId, id: DraftId) -> Result<Draft, DraftError> {
        self.store.lookup_draft(id, own).await?.ok_or(DraftError::NotFound)
    }

    async fn draft_bounds(&self) -> DraftBounds {
        let limits = self.limits_now().await;
        DraftBounds {
            drafts: limits.drafts,
            bytes: limits.draft_bytes,
            attachments: limits.attachments as u64,
            draft_bytes: limits.large_message_bytes,
        }
    }
}

/// The caller's box, where the caller may send from it.
fn writer_of(caller: &Principal) -> Result<BoxId, Refusal> {
    caller.authorize(Operation::CreateMessage).map(|own| own.id)
}

/// Who a draft says that it is by.
fn author_of(caller: &Principal) -> String {
    match &caller.actor {
        Actor::Person(person) | Actor::Operator(person) => person.full_name(),
        Actor::Application => String::new(),
    }
}

/// The content within its limits, each recipient once.
fn checked(content: DraftContent) -> Result<DraftContent, DraftError> {
    let mut seen = HashSet::new();
    let mut recipients = content.recipients;
    recipients.retain(|recipient| seen.insert(*recipient));
    if recipients.len() > RecipientDraft::MOST {
        return Err(DraftError::TooManyRecipients);
    }
    let mut envelope = content.envelope.normalize()?;
    envelope.recipient = None;
    Ok(DraftContent { recipients, envelope })
}

fn template_name(name: &str) -> Result<String, DraftError> {
    let name = clean(name).trim().to_owned();
    if name.is_empty() || name.chars().count() > MAX_TEMPLATE_NAME {
        return Err(DraftError::TemplateName);
    }
    Ok(name)
}
