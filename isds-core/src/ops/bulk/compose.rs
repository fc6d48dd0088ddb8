//! Making the message of a row: texts filled in, letter written, files gathered.

use crate::attachment::{AttachmentCheck, MetaType};
use crate::bulk::{BulkFile, BulkJob, BulkMapping, BulkRow, BulkSettings, Letter, Merged, Template, legal_number};
use crate::envelope::EnvelopeDraft;
use crate::error::{Failure, Refusal};
use crate::ports::Upload;
use crate::status::Status;

use super::super::{AttachmentDraft, Isds};

/// A message that would be sent.
#[derive(Debug, Clone)]
pub struct BulkPreview {
    /// The row.
    pub row: BulkRow,
    /// Its envelope.
    pub envelope: EnvelopeDraft,
    /// The letter.
    pub letter: Option<Letter>,
    /// Text of the letter.
    pub body: String,
    /// Its other files, in their order.
    pub files: Vec<BulkPreviewFile>,
}

/// A file of a message that would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkPreviewFile {
    /// Name.
    pub name: String,
    /// Length in bytes; none where the row names a file that is not there.
    pub length: Option<u64>,
}

/// The message of a row.
pub(super) struct Composed {
    /// Its envelope, without the recipient.
    pub draft: EnvelopeDraft,
    /// The letter.
    pub letter: Option<Letter>,
    /// Text of the letter.
    pub body: String,
    /// A merge field was empty.
    pub gap: bool,
}

/// Fills in the texts.
///
/// # Errors
/// 2010 where a text names a column that is none, which is found out before in general; 2007 where what is filled in for
/// the number or the year of an act is none.
pub(super) fn compose(job: &BulkJob, row: &BulkRow) -> Result<Composed, Refusal> {
    let settings: &BulkSettings = &job.settings;
    let mut gap = false;
    let mut fill = |text: &str| -> Result<String, Refusal> {
        let template = Template::read(text, &job.columns)
            .map_err(|_| Refusal::about(Status::INVALID_DOCUMENT, "text obsahuje neznámé pole."))?;
        let Merged { text, gap: empty } = template.merge(&row.cells);
        gap |= empty;
        Ok(text)
    };
    let subject = fill(&settings.subject)?;
    let body = fill(&settings.body)?;
    let letter_name = fill(&settings.letter_name)?;
    let mut number = |name: &str, text: &str| -> Result<Option<i64>, Refusal> {
        let wrong = || Refusal::about(Status::INVALID_STRUCTURE, format!("{name} má být číslo od 1 do 9999."));
        legal_number(&fill(text)?).ok_or_else(wrong)
    };
    let legal_title_law = number("dmLegalTitleLaw", &settings.legal_title_law)?;
    let legal_title_year = number("dmLegalTitleYear", &settings.legal_title_year)?;
    let draft = EnvelopeDraft {
        annotation: Some(subject.clone()),
        sender_ref_number: Some(fill(&settings.sender_ref_number)?),
        sender_ident: Some(fill(&settings.sender_ident)?),
        recipient_ref_number: Some(fill(&settings.recipient_ref_number)?),
        recipient_ident: Some(fill(&settings.recipient_ident)?),
        to_hands: Some(fill(&settings.to_hands)?),
        legal_title_law,
        legal_title_year,
        legal_title_sect: Some(fill(&settings.legal_title_sect)?),
        legal_title_par: Some(fill(&settings.legal_title_par)?),
        legal_title_point: Some(fill(&settings.legal_title_point)?),
        personal_delivery: Some(settings.personal_delivery),
        allow_subst_delivery: Some(!settings.no_fiction),
        publish_own_id: Some(settings.publish_author),
        ..EnvelopeDraft::default()
    };
    Ok(Composed {
        draft,
        letter: settings.letter_form.write(&letter_name, &subject, &body),
        body,
        gap,
    })
}

/// Names of the files that a row names.
fn named_files<'r>(job: &BulkJob, row: &'r BulkRow) -> impl Iterator<Item = &'r str> {
    let names = BulkMapping::cell(&job.columns, &row.cells, job.settings.mapping.files.as_deref());
    names.split(['|', '\n']).map(str::trim).filter(|name| !name.is_empty())
}

/// Head of the attachment at this place: the first is the document itself.
fn head(place: usize, mime_type: &str, file_name: &str) -> AttachmentDraft {
    let meta_type = if place == 0 {
        MetaType::Main
    } else {
        MetaType::Enclosure
    };
    AttachmentDraft {
        mime_type: Some(mime_type.to_owned()),
        meta_type: Some(meta_type.name().to_owned()),
        file_name: Some(file_name.to_owned()),
        ..AttachmentDraft::default()
    }
}

impl Isds {
    /// Files of a row: those that go with every message, then those that it names.
    ///
    /// # Errors
    /// 2010 where it names one that is not there.
    pub(super) async fn bulk_row_files(
        &self,
        job: &BulkJob,
        common: &[BulkFile],
        row: &BulkRow,
    ) -> Result<Vec<BulkFile>, Failure> {
        let mut files = common.to_vec();
        for name in named_files(job, row) {
            let file = self.store.lookup_row_bulk_file(job.id, name).await?;
            let missing = || Refusal::about(Status::INVALID_DOCUMENT, format!("soubor {name} nebyl nahrán."));
            files.push(file.ok_or_else(missing)?);
        }
        Ok(files)
    }

    /// Judges letter and files by the rules for messages, without reading them; answers their bytes.
    ///
    /// # Errors
    /// 2032, 1298, 1214, 1296 where not even a large message has room for them.
    pub(super) async fn judge_bulk_files(&self, letter: Option<&Letter>, files: &[BulkFile]) -> Result<u64, Failure> {
        let count = files.len() + usize::from(letter.is_some());
        if count == 0 {
            return Err(Failure::refused(Status::NO_DOCUMENT));
        }
        if count > self.limits.attachments {
            let limit = format!("{} příloh", self.limits.attachments);
            return Err(Refusal::about(Status::ATTACHMENT_COUNT, limit).into());
        }
        let mut bytes = 0;
        if let Some(letter) = letter {
            let mut check = AttachmentCheck::begin(head(0, letter.mime_type, &letter.file_name))?;
            check.feed(&letter.bytes);
            check.finish()?;
            bytes += letter.bytes.len() as u64;
        }
        let mut containers = 0;
        for file in files {
            let check = AttachmentCheck::begin(head(0, "", &file.name))?;
            containers += usize::from(check.is_container());
            bytes += file.length;
        }
        if containers > self.limits.containers {
            let limit = format!("{} kontejnerů", self.limits.containers);
            return Err(Refusal::about(Status::ATTACHMENT_COUNT, limit).into());
        }
        if bytes > self.limits.large_message_bytes {
            return Err(Failure::refused(Status::LARGE_MESSAGE_TOO_LARGE));
        }
        Ok(bytes)
    }

    pub(super) async fn preview_bulk_row(
        &self,
        job: &BulkJob,
        common: &[BulkFile],
        row: BulkRow,
    ) -> Result<BulkPreview, Failure> {
        let composed = compose(job, &row)?;
        let present = |file: &BulkFile| BulkPreviewFile {
            name: file.name.clone(),
            length: Some(file.length),
        };
        let mut files: Vec<BulkPreviewFile> = common.iter().map(present).collect();
        let names: Vec<String> = named_files(job, &row).map(str::to_owned).collect();
        for name in names {
            let file = self.store.lookup_row_bulk_file(job.id, &name).await?;
            files.push(match file {
                Some(file) => present(&file),
                None => BulkPreviewFile { name, length: None },
            });
        }
        Ok(BulkPreview {
            row,
            envelope: composed.draft,
            letter: composed.letter,
            body: composed.body,
            files,
        })
    }

    /// The uploads that hold the files.
    pub(super) async fn bulk_uploads(&self, files: &[BulkFile]) -> Result<Vec<Upload>, Failure> {
        let mut uploads = Vec::with_capacity(files.len());
        for file in files {
            let upload = self.store.lookup_upload(file.upload).await?;
            uploads.push(upload.ok_or_else(|| Refusal::of(Status::NO_UPLOAD))?);
        }
        Ok(uploads)
    }
}

/// Adds letter and files to a message that is coming in.
pub(super) async fn attach(
    submission: &mut super::super::Submission<'_>,
    letter: Option<&Letter>,
    uploads: &[Upload],
) -> Result<(), Failure> {
    let mut place = 0;
    if let Some(letter) = letter {
        let draft = head(place, letter.mime_type, &letter.file_name);
        submission.add_attachment(draft, &letter.bytes).await?;
        place += 1;
    }
    for upload in uploads {
        let draft = head(place, &upload.mime_type, &upload.file_name);
        submission.add_object(draft, upload).await?;
        place += 1;
    }
    Ok(())
}
