//! What the administrator of the system announced to boxes.

use async_trait::async_trait;
use isds_core::box_type::BoxType;
use isds_core::ids::IsdsId;
use isds_core::ports::{
    AnnouncementId, AnnouncementProgress, Announcements, JobId, KeptAnnouncement, StoreError, StoreResult,
};
use isds_core::system_message::{AnnouncementText, DueSystemMessage};
use isds_core::time::Timestamp;
use sqlx::FromRow;

use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::JOB_ANNOUNCE;

const ADD: &str = "INSERT INTO announcements (form_key, announced_by, at, subject, paragraphs, types, state, boxes, \
     done_type, done_box) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '') ON CONFLICT (form_key) DO NOTHING RETURNING id";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, announced_by, at, subject, paragraphs, types, state, boxes, done_type, done_box \
             FROM announcements WHERE ",
            $rest
        )
    };
}

const LOOKUP: &str = select!("id = $1");

pub(super) const LIST_ANNOUNCEMENTS: &str = select!("id < $1 ORDER BY id DESC LIMIT $2");

const GO_ON: &str = "UPDATE announcements SET boxes = $2, done_type = $3, done_box = $4 \
     WHERE id = $1 AND state = 1 AND done_type = $5 AND done_box = $6";

const FINISH: &str = "UPDATE announcements SET state = 2 WHERE id = $1";

const FINISH_JOB: &str = "DELETE FROM jobs WHERE id = $1";

/// Due at once: the beginning of time is always past.
const INSERT_JOB: &str = "INSERT INTO jobs (kind, subject, due, attempts) VALUES ($1, $2, 0, 0)";

const RUNNING: i16 = 1;
const DONE: i16 = 2;

#[derive(FromRow)]
struct AnnouncementRow {
    id: i64,
    announced_by: Option<String>,
    at: i64,
    subject: String,
    paragraphs: String,
    types: Option<String>,
    state: i16,
    boxes: i64,
    done_type: i16,
    done_box: String,
}

impl TryFrom<AnnouncementRow> for KeptAnnouncement {
    type Error = StoreError;

    fn try_from(row: AnnouncementRow) -> StoreResult<Self> {
        let nonsense = |column| inconsistent(column, row.id);
        let types = row
            .types
            .map(|text| serde_json::from_str::<Vec<i32>>(&text))
            .transpose();
        let types = types.map_err(|_| nonsense("announcements.types"))?;
        let of_codes = |codes: Vec<i32>| codes.into_iter().map(BoxType::from_code).collect::<Option<Vec<_>>>();
        Ok(Self {
            id: AnnouncementId(row.id),
            by: row.announced_by.map(IsdsId),
            at: Timestamp(row.at),
            text: AnnouncementText {
                subject: row.subject,
                paragraphs: serde_json::from_str(&row.paragraphs).map_err(|_| nonsense("announcements.paragraphs"))?,
            },
            types: types
                .map(|codes| of_codes(codes).ok_or_else(|| nonsense("announcements.types")))
                .transpose()?,
            done: row.state == DONE,
            progress: AnnouncementProgress {
                boxes: u64::try_from(row.boxes).map_err(|_| nonsense("announcements.boxes"))?,
                done_type: i32::from(row.done_type),
                done_box: row.done_box,
            },
        })
    }
}

fn json<T: serde::Serialize>(value: &T) -> StoreResult<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

#[async_trait]
impl Announcements for SqlStore {
    async fn add_announcement(
        &self,
        form_key: &str,
        announcement: &KeptAnnouncement,
        due: &[DueSystemMessage],
    ) -> StoreResult<Option<AnnouncementId>> {
        let codes = announcement.types.as_ref().map(|types| types.iter().map(|t| t.code()));
        let codes = codes.map(|codes| json(&codes.collect::<Vec<_>>())).transpose()?;
        let mut tx = self.begin().await.map_err(store_error)?;
        let id = sqlx::query_scalar::<Db, i64>(ADD)
            .bind(form_key)
            .bind(announcement.by.as_ref().map(|by| by.0.as_str()))
            .bind(announcement.at.0)
            .bind(announcement.text.subject.as_str())
            .bind(json(&announcement.text.paragraphs)?)
            .bind(codes)
            .bind(if announcement.done { DONE } else { RUNNING })
            .bind(signed(announcement.progress.boxes))
            .fetch_optional(&mut *tx)
            .await
            .map_err(store_error)?;
        let Some(id) = id else {
            return Ok(None);
        };
        Self::promise_in(&mut tx, due).await?;
        if !announcement.done {
            sqlx::query::<Db>(INSERT_JOB)
                .bind(JOB_ANNOUNCE)
                .bind(id)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(Some(AnnouncementId(id)))
    }

    async fn lookup_announcement(&self, id: AnnouncementId) -> StoreResult<Option<KeptAnnouncement>> {
        let row = sqlx::query_as::<Db, AnnouncementRow>(LOOKUP)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(KeptAnnouncement::try_from).transpose()
    }

    async fn list_announcements(
        &self,
        before: Option<AnnouncementId>,
        limit: u64,
    ) -> StoreResult<Vec<KeptAnnouncement>> {
        let rows = sqlx::query_as::<Db, AnnouncementRow>(LIST_ANNOUNCEMENTS)
            .bind(before.map_or(i64::MAX, |before| before.0))
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn promise_announcement(
        &self,
        id: AnnouncementId,
        before: &AnnouncementProgress,
        after: &AnnouncementProgress,
        due: &[DueSystemMessage],
    ) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let went_on = sqlx::query::<Db>(GO_ON)
            .bind(id.0)
            .bind(signed(after.boxes))
            .bind(after.done_type)
            .bind(after.done_box.as_str())
            .bind(before.done_type)
            .bind(before.done_box.as_str())
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if went_on.rows_affected() != 1 {
            return Ok(false);
        }
        Self::promise_in(&mut tx, due).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }

    async fn finish_announcement(&self, id: AnnouncementId, job: JobId) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        for (statement, key) in [(FINISH, id.0), (FINISH_JOB, job.0)] {
            sqlx::query::<Db>(statement)
                .bind(key)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)
    }
}
