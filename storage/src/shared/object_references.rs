//! Which objects the database names.

use async_trait::async_trait;
use isds_core::ids::{MessageId, ObjectId};
use isds_core::message::Content;
use isds_core::ports::{ObjectReferences, Referrer, StoreResult};

use super::{Db, SqlStore, signed};
use crate::error::store_error;
use crate::rows::ContentRow;

pub(super) const LIST_CONTENTS: &str = "SELECT dm_id, segments, sha256, sha3_256, attachment_count, attachment_size_kb, \
     attachments FROM messages WHERE dm_id > $1 ORDER BY dm_id LIMIT $2";

/// A list whose object was removed keeps its name; the condition is that of the index.
pub(super) const LIST_ERASED_LISTS: &str = "SELECT object_id FROM erased_lists \
     WHERE state = 1 AND object_id > $1 ORDER BY object_id LIMIT $2";

pub(super) const LIST_ACCESS_DATA: &str = "SELECT access_object FROM import_rows \
     WHERE access_object IS NOT NULL AND access_object > $1 ORDER BY access_object LIMIT $2";

const LIST_UPLOADS: &str = "SELECT object_id FROM uploads WHERE object_id > $1 ORDER BY object_id LIMIT $2";

const LIST_COUNTS: &str = "SELECT object_id FROM shared_objects WHERE object_id > $1 ORDER BY object_id LIMIT $2";

const LIST_FREED: &str = "SELECT object_id FROM freed_objects WHERE object_id > $1 ORDER BY object_id LIMIT $2";

/// One row for each kind of file.
const LIST_DATA_FILES: &str = "SELECT named.object FROM (SELECT object FROM data_files \
     UNION SELECT former FROM data_files WHERE former IS NOT NULL) AS named \
     WHERE named.object > $1 ORDER BY named.object LIMIT $2";

#[async_trait]
impl ObjectReferences for SqlStore {
    async fn list_contents(&self, after: MessageId, limit: u64) -> StoreResult<Vec<(MessageId, Content)>> {
        let rows = sqlx::query_as::<Db, ContentRow>(LIST_CONTENTS)
            .bind(after.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(ContentRow::content).collect()
    }

    async fn list_referred_objects(&self, by: Referrer, after: &ObjectId, limit: u64) -> StoreResult<Vec<ObjectId>> {
        let statement = match by {
            Referrer::Upload => LIST_UPLOADS,
            Referrer::Count => LIST_COUNTS,
            Referrer::Freed => LIST_FREED,
            Referrer::DataFile => LIST_DATA_FILES,
            Referrer::ErasedList => LIST_ERASED_LISTS,
            Referrer::AccessData => LIST_ACCESS_DATA,
        };
        let objects = sqlx::query_scalar::<Db, String>(statement)
            .bind(&after.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(objects.into_iter().map(ObjectId).collect())
    }
}
