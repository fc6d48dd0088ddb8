//! The work behind the search: lists that somebody looked at are indexed, a piece at a time, behind the messages.

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures::TryStreamExt;

use crate::error::{Chain, Failure};
use crate::ids::MessageId;
use crate::mailbox::{MailboxIndex, content_terms, envelope_terms};
use crate::message::{Message, SideOf};
use crate::ports::{AttachmentPlace, ListPosition, MailboxDocument, MessageRecord, StoreError};
use crate::principal::Principal;
use crate::privileges::Privileges;
use crate::status::Status;

use super::super::Isds;

/// How long a node may work on a piece before another takes it over, in real seconds. Where it takes longer, the piece
/// is indexed twice, and what the second found stands.
const LEASE_SECONDS: i64 = 30;
/// Messages of a piece.
const PIECE: u64 = 100;
/// Messages of a piece where the text of attachments is taken out as well.
const PIECE_WITH_CONTENT: u64 = 10;
/// A message gets its place in a list shortly before that is written. What is younger than this waits, so that none
/// slips in behind the end of the index; in legal seconds.
const SETTLED_SECONDS: i64 = 60;
/// Largest attachment whose text is taken out, in bytes.
const MAX_ATTACHMENT: u64 = 20 * 1024 * 1024;
/// Largest sum of them in one message.
const MAX_ATTACHMENTS: u64 = 40 * 1024 * 1024;

/// Forms of files whose text can be taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// PDF.
    Pdf,
    /// Plain text of an unknown encoding, and what is read like it.
    Text,
}

impl TextFormat {
    /// The form of a file by its name.
    #[must_use]
    pub fn of_file(name: &str) -> Option<Self> {
        let (_, suffix) = name.rsplit_once('.')?;
        match suffix.to_ascii_lowercase().as_str() {
            "pdf" => Some(Self::Pdf),
            "txt" | "csv" | "html" | "htm" | "xml" | "json" | "md" => Some(Self::Text),
            _ => None,
        }
    }

    /// Its name, as it is handed over to the process that reads it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Text => "text",
        }
    }
}

/// Takes text out of files, somewhere where whatever is wrong with a file does no harm.
#[async_trait]
pub trait TextExtractor: Send + Sync {
    /// The text of a file; none where it has none, or it cannot be had within the limits.
    async fn text(&self, format: TextFormat, file: Vec<u8>) -> Option<String>;
}

/// What indexing needs beside the system's own parts.
#[derive(Clone, Copy)]
pub struct IndexingTools<'a> {
    /// Takes text out of attachments.
    pub text: &'a dyn TextExtractor,
}

impl Isds {
    /// Indexes the next piece of a list that waits for it. False where none does.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn index_mailboxes(&self, tools: IndexingTools<'_>) -> Result<bool, Failure> {
        let now = self.clock.real();
        let claimed = self
            .store
            .claim_mailbox_index(now, now.plus_seconds(LEASE_SECONDS))
            .await?;
        let Some(index) = claimed else { return Ok(false) };
        let until = self.clock.legal().plus_seconds(-SETTLED_SECONDS);
        let limit = if index.content { PIECE_WITH_CONTENT } else { PIECE };
        let records = self.store.list_not_indexed(&index, until, limit).await?;
        let mut documents = Vec::with_capacity(records.len());
        for record in &records {
            documents.push(self.mailbox_document(&index, record, tools).await?);
        }
        let ended = (records.len() as u64) < limit;
        let high = match records.last() {
            _ if ended && until > index.high.time => ListPosition {
                time: until,
                id: MessageId(i64::MAX),
            },
            Some(last) => last.position(),
            None => index.high,
        };
        match self.store.index_messages(&index, &documents, high).await {
            // Somebody set the list back, or did this piece already.
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        let due = if ended { None } else { Some(self.clock.real()) };
        self.store.release_mailbox_index(index.id, due).await?;
        Ok(true)
    }

    /// Whether the text of attachments is searched in the caller's box.
    ///
    /// # Errors
    /// 1004.
    pub async fn searches_content(&self, caller: &Principal) -> Result<bool, Failure> {
        let own = caller
            .data_box
            .as_ref()
            .ok_or_else(|| Failure::refused(Status::NO_RIGHT))?;
        Ok(self.store.mailbox_content(own.id).await?)
    }

    /// Switches the search in the text of attachments on or off for the caller's box; its lists are indexed anew. It is
    /// for those who administer the box, since all its users are then found things by what stands in attachments.
    ///
    /// # Errors
    /// 1004.
    pub async fn set_searches_content(&self, caller: &Principal, on: bool) -> Result<(), Failure> {
        let own = caller
            .data_box
            .as_ref()
            .filter(|_| caller.privileges.allows(Privileges::OWNER_ADM))
            .ok_or_else(|| Failure::refused(Status::NO_RIGHT))?;
        Ok(self.store.set_mailbox_content(own.id, on, self.clock.real()).await?)
    }

    async fn mailbox_document(
        &self,
        index: &MailboxIndex,
        record: &MessageRecord,
        tools: IndexingTools<'_>,
    ) -> Result<MailboxDocument, Failure> {
        let mut terms = envelope_terms(record, index.list.side);
        if !record.state.side(index.list.side).erased {
            terms.extend(self.content_of(index, record, tools).await?);
        }
        Ok(MailboxDocument {
            id: record.id,
            time: record.state.list_time(),
            terms: terms.into_iter().collect(),
        })
    }

    /// Terms of the attachments. Content that cannot be read is no reason to leave out the message, nor all after it.
    async fn content_of(
        &self,
        index: &MailboxIndex,
        record: &MessageRecord,
        tools: IndexingTools<'_>,
    ) -> Result<BTreeSet<String>, Failure> {
        let Some(message) = self.store.lookup_message(record.id).await? else {
            return Ok(BTreeSet::new());
        };
        match self.texts_of(&message, index.content, tools).await {
            Ok(texts) => Ok(content_terms(texts.iter().map(String::as_str))),
            Err(failure) if is_passing(&failure) => Err(failure),
            Err(error) => {
                tracing::warn!(dm_id = record.id.0, side = side_name(index.list.side), error = %Chain(&error), "the attachments of a message cannot be indexed");
                Ok(BTreeSet::new())
            }
        }
    }

    /// Names of the attachments, and their text where the box wants that.
    async fn texts_of(
        &self,
        message: &Message,
        with_text: bool,
        tools: IndexingTools<'_>,
    ) -> Result<Vec<String>, Failure> {
        let places = self.kept_attachments(message).await?;
        let mut texts: Vec<String> = places.iter().map(|place| place.head.file_name.clone()).collect();
        let mut left = if with_text { MAX_ATTACHMENTS } else { 0 };
        for place in places.iter() {
            let Some(format) = TextFormat::of_file(&place.head.file_name) else {
                continue;
            };
            if place.bytes > MAX_ATTACHMENT || place.bytes > left {
                continue;
            }
            left -= place.bytes;
            let file = self.whole_attachment(message, place).await?;
            texts.extend(tools.text.text(format, file).await);
        }
        Ok(texts)
    }

    /// Bounded by [`MAX_ATTACHMENT`].
    async fn whole_attachment(&self, message: &Message, place: &AttachmentPlace) -> Result<Vec<u8>, Failure> {
        let mut stream = self.attachment_bytes(message, place).await?;
        let mut file = Vec::new();
        while let Some(piece) = stream.try_next().await? {
            file.extend_from_slice(&piece);
        }
        Ok(file)
    }
}

/// A store that does not answer is asked again; anything else stays as it is.
pub(super) fn is_passing(failure: &Failure) -> bool {
    match failure {
        Failure::Refused(_) => false,
        Failure::Broken(_, source) => matches!(source.downcast_ref(), Some(StoreError::Unavailable(_))),
    }
}

fn side_name(side: SideOf) -> &'static str {
    match side {
        SideOf::Recipient => "received",
        SideOf::Sender => "sent",
    }
}
