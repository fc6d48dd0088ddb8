//! Orders of lists of erased messages.

use async_trait::async_trait;
use isds_core::ids::{BoxId, ObjectId};
use isds_core::message::SideOf;
use isds_core::ports::{ErasedList, ErasedListId, ErasedListOrder, ErasedLists, JobId, ListFormat, StoreResult};
use isds_core::time::Timestamp;

use super::{Db, SqlStore};
use crate::error::{inconsistent, store_error};
use crate::rows::JOB_MAKE_ERASED_LIST;

/// State of an order: its job has not made it yet, it lies in an object, its object was removed.
const WAITING: i16 = 0;
const READY: i16 = 1;
const REMOVED: i16 = 2;

const ORDER: &str = "INSERT INTO erased_lists (box_id, side, from_time, to_time, format, ordered, state) \
     VALUES ($1, $2, $3, $4, $5, $6, 0) RETURNING id";

const INSERT_JOB: &str = "INSERT INTO jobs (kind, subject, due, attempts) VALUES ($1, $2, $3, 0)";

const FINISH_JOB: &str = "DELETE FROM jobs WHERE id = $1";

const COUNT: &str = "SELECT COUNT(*) FROM erased_lists WHERE box_id = $1 AND ordered >= $2";

const LOOKUP: &str = "SELECT id, box_id, side, from_time, to_time, format, ordered, state, object_id, length \
     FROM erased_lists WHERE id = $1";

const FINISH: &str = "UPDATE erased_lists SET state = 1, object_id = $2, length = $3 WHERE id = $1 AND state = 0";

const REMOVE: &str = "UPDATE erased_lists SET state = 2 WHERE box_id = $1 AND ordered < $2 AND state = 1 \
     RETURNING object_id";

#[derive(Debug, sqlx::FromRow)]
struct ListRow {
    id: i64,
    box_id: String,
    side: i16,
    from_time: i64,
    to_time: i64,
    format: i16,
    ordered: i64,
    state: i16,
    object_id: Option<String>,
    length: Option<i64>,
}

impl ListRow {
    fn order(&self) -> StoreResult<ErasedListOrder> {
        Ok(ErasedListOrder {
            box_id: self
                .box_id
                .parse()
                .map_err(|_| inconsistent("erased_lists.box_id", self.id))?,
            side: if self.side == 0 {
                SideOf::Sender
            } else {
                SideOf::Recipient
            },
            from: Timestamp(self.from_time),
            to: Timestamp(self.to_time),
            format: if self.format == 0 {
                ListFormat::Xml
            } else {
                ListFormat::Csv
            },
            ordered: Timestamp(self.ordered),
        })
    }

    fn list(self) -> StoreResult<ErasedList> {
        match (self.state, self.object_id.as_ref(), self.length) {
            (WAITING, ..) => Ok(ErasedList::Waiting(self.order()?)),
            (READY, Some(object), Some(length)) => Ok(ErasedList::Ready(
                ObjectId(object.clone()),
                u64::try_from(length).map_err(|_| inconsistent("erased_lists.length", self.id))?,
            )),
            (REMOVED, ..) => Ok(ErasedList::Removed),
            _ => Err(inconsistent("erased_lists.state", self.id)),
        }
    }
}

impl SqlStore {
    async fn erased_list_row(&self, id: ErasedListId) -> StoreResult<Option<ListRow>> {
        sqlx::query_as::<Db, ListRow>(LOOKUP)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)
    }
}

#[async_trait]
impl ErasedLists for SqlStore {
    async fn order_erased_list(&self, order: &ErasedListOrder, job_due: Timestamp) -> StoreResult<ErasedListId> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let id = sqlx::query_scalar::<Db, i64>(ORDER)
            .bind(order.box_id.as_str())
            .bind(i16::from(order.side == SideOf::Recipient))
            .bind(order.from.0)
            .bind(order.to.0)
            .bind(i16::from(order.format == ListFormat::Csv))
            .bind(order.ordered.0)
            .fetch_one(&mut *tx)
            .await
            .map_err(store_error)?;
        sqlx::query::<Db>(INSERT_JOB)
            .bind(JOB_MAKE_ERASED_LIST)
            .bind(id)
            .bind(job_due.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(ErasedListId(id))
    }

    async fn count_erased_lists(&self, box_id: BoxId, since: Timestamp) -> StoreResult<u64> {
        let count = sqlx::query_scalar::<Db, i64>(COUNT)
            .bind(box_id.as_str())
            .bind(since.0)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        u64::try_from(count).map_err(|_| inconsistent("erased_lists", "count"))
    }

    async fn lookup_erased_list(&self, id: ErasedListId, box_id: BoxId) -> StoreResult<Option<ErasedList>> {
        let row = self.erased_list_row(id).await?;
        row.filter(|row| row.box_id == box_id.as_str())
            .map(ListRow::list)
            .transpose()
    }

    async fn erased_list_order(&self, id: ErasedListId) -> StoreResult<Option<ErasedListOrder>> {
        let row = self.erased_list_row(id).await?;
        row.filter(|row| row.state == WAITING)
            .map(|row| row.order())
            .transpose()
    }

    async fn finish_erased_list(
        &self,
        id: ErasedListId,
        object: &ObjectId,
        length: u64,
        job: JobId,
    ) -> StoreResult<bool> {
        let length = i64::try_from(length).map_err(|_| inconsistent("erased_lists.length", id.0))?;
        let mut tx = self.begin().await.map_err(store_error)?;
        let kept = sqlx::query::<Db>(FINISH)
            .bind(id.0)
            .bind(object.0.as_str())
            .bind(length)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?
            .rows_affected();
        sqlx::query::<Db>(FINISH_JOB)
            .bind(job.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(kept == 1)
    }

    async fn remove_erased_lists(&self, box_id: BoxId, before: Timestamp) -> StoreResult<Vec<ObjectId>> {
        let objects = sqlx::query_scalar::<Db, Option<String>>(REMOVE)
            .bind(box_id.as_str())
            .bind(before.0)
            .fetch_all(self.writer())
            .await
            .map_err(store_error)?;
        Ok(objects.into_iter().flatten().map(ObjectId).collect())
    }
}
