//! Drafts and templates with their attachments.
//!
//! Everybody locks the draft first, then the counts of its objects in their order, then the uploads, and the box's sum
//! last, as those do who take uploads for a message.

use std::collections::BTreeMap;

use async_trait::async_trait;
use isds_core::ids::BoxId;
use isds_core::ports::{
    AddedDraft, Attached, Draft, DraftBounds, DraftId, DraftPosition, DraftRecord, DraftVersion, Drafts, NewDraft,
    StoreResult, Upload, UploadId,
};
use isds_core::time::Timestamp;
use sqlx::Transaction;

use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::{DraftRow, UploadRow, draft_columns};

const BEGIN_USAGE: &str =
    "INSERT INTO draft_usage (box_id, drafts, bytes) VALUES ($1, 0, 0) ON CONFLICT (box_id) DO NOTHING";

/// Waits for whoever adds to the same box: two that fit one by one do not both pass where together they do not fit.
const USE_ROOM: &str = "UPDATE draft_usage SET drafts = drafts + $2, bytes = bytes + $3 \
     WHERE box_id = $1 AND drafts + $2 <= $4 AND bytes + $3 <= $5";

const GIVE_ROOM_BACK: &str = "UPDATE draft_usage SET drafts = drafts - $2, bytes = bytes - $3 WHERE box_id = $1";

const USAGE: &str = "SELECT bytes FROM draft_usage WHERE box_id = $1";

const INSERT: &str = "INSERT INTO drafts (box_id, kind, form_key, name, version, files, author, changed, content, \
     attachments) VALUES ($1, $2, $3, $4, 1, 0, $5, $6, $7, $8) ON CONFLICT (box_id, form_key) DO NOTHING RETURNING id";

const OF_KEY: &str = "SELECT id FROM drafts WHERE box_id = $1 AND form_key = $2";

pub(super) const LOOKUP_DRAFT: &str = concat!("SELECT ", draft_columns!(), " FROM drafts WHERE id = $1");

pub(super) const LIST_DRAFTS: &str = concat!(
    "SELECT ",
    draft_columns!(),
    " FROM drafts WHERE box_id = $1 AND kind = $2 AND (changed, id) < ($3, $4) \
     ORDER BY changed DESC, id DESC LIMIT $5"
);

pub(super) const LIST_DRAFT_ATTACHMENTS: &str = "SELECT uploads.id, uploads.box_id, uploads.mime_type, \
     uploads.file_name, uploads.object_id, uploads.length, uploads.sha256, uploads.sha3_256, uploads.expires \
     FROM draft_attachments JOIN uploads ON uploads.id = draft_attachments.upload_id \
     WHERE draft_attachments.draft_id = $1 ORDER BY draft_attachments.place";

const SAVE: &str = "UPDATE drafts SET version = version + 1, name = $4, author = $5, changed = $6, content = $7 \
     WHERE id = $1 AND box_id = $2 AND version = $3 AND sending IS NULL RETURNING version, files";

/// Locks the draft while its attachments change.
const CHANGE_FILES: &str = "UPDATE drafts SET files = files + 1, attachments = attachments + $3 \
     WHERE id = $1 AND box_id = $2 AND sending IS NULL RETURNING attachments";

const INSERT_UPLOAD: &str = "INSERT INTO uploads (box_id, mime_type, file_name, object_id, length, sha256, sha3_256, \
     expires, used) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1) RETURNING id";

const COUNT_OBJECT: &str = "INSERT INTO shared_objects (object_id, refs) VALUES ($1, 1)";

const REFER: &str = "UPDATE shared_objects SET refs = refs + 1 WHERE object_id = $1";

const ATTACH: &str = "INSERT INTO draft_attachments (draft_id, upload_id, place) VALUES ($1, $2, \
     (SELECT COALESCE(MAX(place), 0) + 1 FROM draft_attachments WHERE draft_id = $1))";

const DETACH: &str = "DELETE FROM draft_attachments WHERE draft_id = $1 AND upload_id = $2";

const DETACH_ALL: &str = "DELETE FROM draft_attachments WHERE draft_id = $1";

const PLACE: &str = "UPDATE draft_attachments SET place = $3 WHERE draft_id = $1 AND upload_id = $2";

const DELETE: &str = "DELETE FROM drafts WHERE id = $1";

impl SqlStore {
    async fn draft_attachments_in(tx: &mut Transaction<'_, Db>, draft: DraftId) -> StoreResult<Vec<Upload>> {
        let rows = sqlx::query_as::<Db, UploadRow>(LIST_DRAFT_ATTACHMENTS)
            .bind(draft.0)
            .fetch_all(&mut **tx)
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn use_room(
        tx: &mut Transaction<'_, Db>,
        box_id: BoxId,
        drafts: u64,
        bytes: u64,
        bounds: &DraftBounds,
    ) -> StoreResult<bool> {
        sqlx::query::<Db>(BEGIN_USAGE)
            .bind(box_id.as_str())
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        let used = sqlx::query::<Db>(USE_ROOM)
            .bind(box_id.as_str())
            .bind(signed(drafts))
            .bind(signed(bytes))
            .bind(signed(bounds.drafts))
            .bind(signed(bounds.bytes))
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        Ok(used.rows_affected() == 1)
    }

    async fn give_draft_room_back(
        tx: &mut Transaction<'_, Db>,
        box_id: BoxId,
        drafts: u64,
        bytes: u64,
    ) -> StoreResult<()> {
        sqlx::query::<Db>(GIVE_ROOM_BACK)
            .bind(box_id.as_str())
            .bind(signed(drafts))
            .bind(signed(bytes))
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn attach(tx: &mut Transaction<'_, Db>, draft: DraftId, upload: UploadId) -> StoreResult<()> {
        sqlx::query::<Db>(ATTACH)
            .bind(draft.0)
            .bind(upload.0)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    /// The draft, locked, with its attachments changing by `by`; answers how many it has then.
    async fn change_files(
        tx: &mut Transaction<'_, Db>,
        draft: DraftId,
        box_id: BoxId,
        by: i64,
    ) -> StoreResult<Option<i64>> {
        sqlx::query_scalar::<Db, i64>(CHANGE_FILES)
            .bind(draft.0)
            .bind(box_id.as_str())
            .bind(by)
            .fetch_optional(&mut **tx)
            .await
            .map_err(store_error)
    }

    /// Removes a draft that the caller has locked, with its attachments.
    pub(super) async fn remove_draft_in(
        tx: &mut Transaction<'_, Db>,
        id: DraftId,
        box_id: BoxId,
        freed: Timestamp,
    ) -> StoreResult<()> {
        let attachments = Self::draft_attachments_in(tx, id).await?;
        let objects: BTreeMap<&str, u64> = attachments.iter().map(|a| (a.object.0.as_str(), a.length)).collect();
        for statement in [DETACH_ALL, DELETE] {
            sqlx::query::<Db>(statement)
                .bind(id.0)
                .execute(&mut **tx)
                .await
                .map_err(store_error)?;
        }
        for object in objects.keys() {
            Self::let_go(tx, object, freed).await?;
        }
        Self::give_draft_room_back(tx, box_id, 1, objects.values().sum()).await
    }
}

#[async_trait]
impl Drafts for SqlStore {
    async fn add_draft(&self, draft: &NewDraft, bounds: &DraftBounds) -> StoreResult<AddedDraft> {
        let content =
            serde_json::to_string(&draft.content).map_err(|_| inconsistent("drafts.content", draft.box_id))?;
        let mut tx = self.begin().await.map_err(store_error)?;
        let attachments = match draft.attachments_of {
            Some(other) => Self::draft_attachments_in(&mut tx, other).await?,
            None => Vec::new(),
        };
        let id = sqlx::query_scalar::<Db, i64>(INSERT)
            .bind(draft.box_id.as_str())
            .bind(i16::from(draft.template.is_some()))
            .bind(&draft.key)
            .bind(draft.template.as_deref())
            .bind(&draft.author)
            .bind(draft.changed.0)
            .bind(content)
            .bind(signed(attachments.len() as u64))
            .fetch_optional(&mut *tx)
            .await
            .map_err(store_error)?;
        let Some(id) = id.map(DraftId) else {
            tx.rollback().await.map_err(store_error)?;
            let id = sqlx::query_scalar::<Db, i64>(OF_KEY)
                .bind(draft.box_id.as_str())
                .bind(&draft.key)
                .fetch_optional(self.writer())
                .await
                .map_err(store_error)?;
            // Gone between the two: whoever removed it wanted so.
            return Ok(id.map_or(AddedDraft::NoRoom, |id| AddedDraft::Exists(DraftId(id))));
        };
        let mut objects: Vec<&str> = attachments.iter().map(|upload| upload.object.0.as_str()).collect();
        objects.sort_unstable();
        for object in objects {
            let counted = sqlx::query::<Db>(REFER)
                .bind(object)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
            if counted.rows_affected() != 1 {
                return Err(inconsistent("shared_objects", object));
            }
        }
        for upload in &attachments {
            Self::attach(&mut tx, id, upload.id).await?;
        }
        let bytes = attachments.iter().map(|upload| upload.length).sum();
        if !Self::use_room(&mut tx, draft.box_id, 1, bytes, bounds).await? {
            return tx.rollback().await.map(|()| AddedDraft::NoRoom).map_err(store_error);
        }
        tx.commit().await.map_err(store_error)?;
        Ok(AddedDraft::Added(id))
    }

    async fn lookup_draft(&self, id: DraftId, box_id: BoxId) -> StoreResult<Option<Draft>> {
        let row = sqlx::query_as::<Db, DraftRow>(LOOKUP_DRAFT)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        let Some(row) = row.filter(|row| row.box_id == box_id.as_str()) else {
            return Ok(None);
        };
        let attachments = sqlx::query_as::<Db, UploadRow>(LIST_DRAFT_ATTACHMENTS)
            .bind(id.0)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        row.draft(all(attachments)?).map(Some)
    }

    async fn save_draft(&self, draft: &Draft) -> StoreResult<Option<DraftVersion>> {
        let content = serde_json::to_string(&draft.content).map_err(|_| inconsistent("drafts.content", draft.id.0))?;
        let saved = sqlx::query_as::<Db, (i64, i64)>(SAVE)
            .bind(draft.id.0)
            .bind(draft.box_id.as_str())
            .bind(draft.version.content)
            .bind(draft.template.as_deref())
            .bind(&draft.author)
            .bind(draft.changed.0)
            .bind(content)
            .fetch_optional(self.writer())
            .await
            .map_err(store_error)?;
        Ok(saved.map(|(content, files)| DraftVersion { content, files }))
    }

    async fn attach_to_draft(&self, draft: DraftId, upload: &Upload, bounds: &DraftBounds) -> StoreResult<Attached> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let attached = Self::attach_in(&mut tx, draft, upload, bounds).await?;
        match attached {
            Attached::Added(_) => tx.commit().await.map_err(store_error)?,
            _ => tx.rollback().await.map_err(store_error)?,
        }
        Ok(attached)
    }

    async fn detach_from_draft(
        &self,
        draft: DraftId,
        box_id: BoxId,
        upload: UploadId,
        freed: Timestamp,
    ) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let changed = Self::change_files(&mut tx, draft, box_id, -1).await?.is_some();
        let attachments = Self::draft_attachments_in(&mut tx, draft).await?;
        let Some(detached) = attachments.into_iter().find(|a| changed && a.id == upload) else {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        };
        sqlx::query::<Db>(DETACH)
            .bind(draft.0)
            .bind(upload.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        Self::let_go(&mut tx, &detached.object.0, freed).await?;
        Self::give_draft_room_back(&mut tx, box_id, 0, detached.length).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn move_attachment(&self, draft: DraftId, box_id: BoxId, upload: UploadId, up: bool) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let changed = Self::change_files(&mut tx, draft, box_id, 0).await?.is_some();
        let mut order: Vec<UploadId> = Self::draft_attachments_in(&mut tx, draft)
            .await?
            .into_iter()
            .map(|a| a.id)
            .collect();
        let Some(at) = order.iter().position(|id| changed && *id == upload) else {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        };
        let other = if up {
            at.saturating_sub(1)
        } else {
            (at + 1).min(order.len() - 1)
        };
        order.swap(at, other);
        for (place, id) in (1..).zip(order) {
            sqlx::query::<Db>(PLACE)
                .bind(draft.0)
                .bind(id.0)
                .bind(signed(place))
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn remove_draft(&self, id: DraftId, box_id: BoxId, freed: Timestamp) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        if Self::change_files(&mut tx, id, box_id, 0).await?.is_none() {
            return tx.rollback().await.map(|()| false).map_err(store_error);
        }
        Self::remove_draft_in(&mut tx, id, box_id, freed).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn list_drafts(
        &self,
        box_id: BoxId,
        templates: bool,
        after: Option<DraftPosition>,
        limit: u64,
    ) -> StoreResult<Vec<DraftRecord>> {
        let after = after.map_or((i64::MAX, i64::MAX), |place| (place.changed.0, place.id.0));
        let rows = sqlx::query_as::<Db, DraftRow>(LIST_DRAFTS)
            .bind(box_id.as_str())
            .bind(i16::from(templates))
            .bind(after.0)
            .bind(after.1)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn draft_bytes(&self, box_id: BoxId) -> StoreResult<u64> {
        let bytes = sqlx::query_scalar::<Db, i64>(USAGE)
            .bind(box_id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        u64::try_from(bytes.unwrap_or(0)).map_err(|_| inconsistent("draft_usage.bytes", box_id))
    }
}

impl SqlStore {
    async fn attach_in(
        tx: &mut Transaction<'_, Db>,
        draft: DraftId,
        upload: &Upload,
        bounds: &DraftBounds,
    ) -> StoreResult<Attached> {
        let Some(count) = Self::change_files(tx, draft, upload.box_id, 1).await? else {
            return Ok(Attached::NoDraft);
        };
        if count > signed(bounds.attachments) {
            return Ok(Attached::TooMany);
        }
        let others = Self::draft_attachments_in(tx, draft).await?;
        let bytes: u64 = others.iter().map(|other| other.length).sum();
        if bytes + upload.length > bounds.draft_bytes {
            return Ok(Attached::TooLarge);
        }
        sqlx::query::<Db>(COUNT_OBJECT)
            .bind(&upload.object.0)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        let id = sqlx::query_scalar::<Db, i64>(INSERT_UPLOAD)
            .bind(upload.box_id.as_str())
            .bind(&upload.mime_type)
            .bind(&upload.file_name)
            .bind(&upload.object.0)
            .bind(signed(upload.length))
            .bind(upload.sha256.as_slice())
            .bind(upload.sha3_256.as_slice())
            .bind(upload.expires.0)
            .fetch_one(&mut **tx)
            .await
            .map_err(store_error)?;
        Self::attach(tx, draft, UploadId(id)).await?;
        if !Self::use_room(tx, upload.box_id, 0, upload.length, bounds).await? {
            return Ok(Attached::NoRoom);
        }
        Ok(Attached::Added(UploadId(id)))
    }
}
