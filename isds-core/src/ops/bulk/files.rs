//! Files of a bulk job.

use crate::bulk::{BulkAction, BulkFile, BulkJob, BulkJobId, BulkRowState, MAX_COMMON_FILES, MAX_ROW_FILES};
use crate::error::Refusal;
use crate::ports::{BulkChange, Upload, UploadId};
use crate::principal::Principal;
use crate::status::Status;

use super::super::Isds;
use super::{BulkError, MAX_PAGE, TRIED, moved};

impl Isds {
    /// Makes an upload of the caller's box a file of a job: one that goes with every message, or one that rows name. One
    /// that is refused is removed, and takes no room of the box any more.
    ///
    /// # Errors
    /// 1004, 1293, 1294, [`BulkError::State`], [`BulkError::File`]; failures of the database.
    pub async fn add_bulk_file(
        &self,
        caller: &Principal,
        id: BulkJobId,
        upload: &Upload,
        common: bool,
    ) -> Result<(), BulkError> {
        let added = self.try_bulk_file(caller, id, upload, common).await;
        if added.is_err() && caller.data_box.as_ref().is_some_and(|own| own.id == upload.box_id) {
            self.store.remove_upload(upload.id, self.clock.real()).await?;
        }
        added
    }

    async fn try_bulk_file(
        &self,
        caller: &Principal,
        id: BulkJobId,
        upload: &Upload,
        common: bool,
    ) -> Result<(), BulkError> {
        let job = self.editable_bulk_job(caller, id).await?;
        if upload.box_id != job.box_id {
            return Err(Refusal::of(Status::UPLOAD_OF_OTHER_BOX).into());
        }
        let file = BulkFile {
            upload: upload.id,
            common,
            name: upload.file_name.clone(),
            length: upload.length,
        };
        let most = if common { MAX_COMMON_FILES } else { MAX_ROW_FILES };
        match self.store.add_bulk_file(id, &file, most).await? {
            true => Ok(()),
            false => Err(BulkError::File),
        }
    }

    /// Gives a file of a job up.
    ///
    /// # Errors
    /// 1004, [`BulkError::State`], [`BulkError::NoJob`] where there is no such file; failures of the database.
    pub async fn remove_bulk_file(&self, caller: &Principal, id: BulkJobId, upload: UploadId) -> Result<(), BulkError> {
        self.editable_bulk_job(caller, id).await?;
        match self.store.remove_bulk_file(id, upload, self.clock.real()).await? {
            true => Ok(()),
            false => Err(BulkError::NoJob),
        }
    }

    /// A job of which the files may be changed; messages that were tried with others are to be tried anew.
    async fn editable_bulk_job(&self, caller: &Principal, id: BulkJobId) -> Result<BulkJob, BulkError> {
        let mut job = self.bulk_job(caller, id).await?;
        let state = job.state.after(BulkAction::Edit).ok_or(BulkError::State)?;
        if state != job.state {
            job.state = state;
            let change = BulkChange {
                job: job.clone(),
                moves: vec![moved(TRIED, BulkRowState::Addressed)],
                leave_out_duplicates: false,
                work_due: None,
            };
            job.version = self.store.change_bulk_job(&change).await?;
        }
        Ok(job)
    }

    /// Files of a job that go with every message.
    ///
    /// # Errors
    /// As [`bulk_job`](Self::bulk_job).
    pub async fn common_bulk_files(&self, caller: &Principal, id: BulkJobId) -> Result<Vec<BulkFile>, BulkError> {
        self.bulk_job(caller, id).await?;
        Ok(self.store.list_common_bulk_files(id).await?)
    }

    /// Files of a job that its rows name, by name: how many there are, and `limit` of those after `after`.
    ///
    /// # Errors
    /// As [`bulk_job`](Self::bulk_job).
    pub async fn row_bulk_files(
        &self,
        caller: &Principal,
        id: BulkJobId,
        after: &str,
        limit: u64,
    ) -> Result<(u64, Vec<BulkFile>), BulkError> {
        self.bulk_job(caller, id).await?;
        let count = self.store.count_row_bulk_files(id).await?;
        let files = self.store.list_row_bulk_files(id, after, limit.min(MAX_PAGE)).await?;
        Ok((count, files))
    }
}
