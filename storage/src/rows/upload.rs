//! Uploaded attachments.

use isds_core::ids::ObjectId;
use isds_core::ports::{StoreError, StoreResult, Upload, UploadId};
use isds_core::time::Timestamp;

use crate::error::inconsistent;

/// An upload.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct UploadRow {
    id: i64,
    box_id: String,
    mime_type: String,
    file_name: String,
    object_id: String,
    length: i64,
    sha256: Vec<u8>,
    sha3_256: Vec<u8>,
    expires: i64,
}

impl TryFrom<UploadRow> for Upload {
    type Error = StoreError;

    fn try_from(row: UploadRow) -> StoreResult<Self> {
        let id = row.id;
        let digest = |bytes: Vec<u8>, column| <[u8; 32]>::try_from(bytes).map_err(|_| inconsistent(column, id));
        Ok(Self {
            id: UploadId(id),
            box_id: row.box_id.parse().map_err(|_| inconsistent("uploads.box_id", id))?,
            mime_type: row.mime_type,
            file_name: row.file_name,
            object: ObjectId(row.object_id),
            length: u64::try_from(row.length).map_err(|_| inconsistent("uploads.length", id))?,
            sha256: digest(row.sha256, "uploads.sha256")?,
            sha3_256: digest(row.sha3_256, "uploads.sha3_256")?,
            expires: Timestamp(row.expires),
        })
    }
}
