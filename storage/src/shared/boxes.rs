//! Administration of boxes.

use async_trait::async_trait;
use isds_core::administration::{
    AdministrationRequest, BoxChange, BoxClosing, BoxClosingId, BoxDeadline, BoxRecord, DeadlineKind, NewBox,
    RequestNumber, holder_key,
};
use isds_core::box_state::BoxState;
use isds_core::data_box::DataBox;
use isds_core::ids::BoxId;
use isds_core::ports::{Boxes, JobId, StoreError, StoreResult};
use isds_core::time::Timestamp;
use sqlx::{FromRow, Transaction};

use super::box_history::record_box_state;
use super::box_index::index_box;
use super::directory::ADD_BOX;
use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::{BoxRow, JOB_CLOSE_BOX, bind_box, box_columns, flag, fold};

pub(super) const LOOKUP_BOX_RECORD: &str = concat!(
    "SELECT boxes.version AS record_version, ",
    box_columns!(),
    " FROM boxes WHERE box_id = $1"
);

/// The plus keeps the type out of the choice of an index: boxes of a type are many, those of a number are few.
pub(super) const FIND_TWIN_BY_NUMBER: &str =
    "SELECT box_id FROM boxes WHERE ic_number = $1 AND +box_type = $2 AND state <> 5 AND box_id <> $3 LIMIT 1";

pub(super) const FIND_TWIN_BY_BIRTH: &str = "SELECT box_id FROM boxes WHERE birth_date = $1 AND last_name_folded = $2 \
     AND +box_type = $3 AND COALESCE(given_names_folded, '') = $4 AND COALESCE(birth_city_folded, '') = $5 \
     AND state <> 5 AND box_id <> $6 LIMIT 1";

/// The first parameters are those of `bind_box`.
const UPDATE_BOX: &str = "UPDATE boxes SET box_type = $2, state = $3, ic = $4, given_names = $5, last_name = $6, \
     firm_name = $7, birth_date = $8, birth_city = $9, birth_county = $10, birth_state = $11, address_code = $12, \
     address_city = $13, address_district = $14, address_street = $15, number_in_street = $16, \
     number_in_municipality = $17, zip_code = $18, address_state = $19, nationality = $20, ovm_id = $21, \
     open_addressing = $22, postal_contract = $23, upper_id = $24, aifo_known = $25, ic_number = $26, \
     given_names_folded = $27, last_name_folded = $28, firm_name_folded = $29, birth_city_folded = $30, \
     city_folded = $31, street_folded = $32, version = version + 1 WHERE box_id = $1 AND version = $33";

const SET_HOLDER_KEY: &str = "UPDATE boxes SET holder_key = $2 WHERE box_id = $1";

const SET_DEADLINE: &str = "INSERT INTO box_deadlines (box_id, kind, due) VALUES ($1, $2, $3) \
     ON CONFLICT (box_id, kind) DO UPDATE SET due = excluded.due";

const CLEAR_DEADLINE: &str = "DELETE FROM box_deadlines WHERE box_id = $1 AND kind = $2";

pub(super) const LIST_PASSED_DEADLINES: &str =
    "SELECT box_id, kind, due FROM box_deadlines WHERE due <= $1 ORDER BY due, box_id, kind LIMIT $2";

const INSERT_CLOSING: &str =
    "INSERT INTO box_closings (box_id, disabled, done, on_request) VALUES ($1, $2, $3, $4) RETURNING id";

const LOOKUP_CLOSING: &str = "SELECT id, box_id, disabled, done, on_request FROM box_closings WHERE id = $1";

pub(super) const LOOKUP_LAST_CLOSING: &str =
    "SELECT id, box_id, disabled, done, on_request FROM box_closings WHERE box_id = $1 ORDER BY id DESC LIMIT 1";

pub(super) const COUNT_DISABLINGS: &str = "SELECT COUNT(*), MAX(done) FROM box_closings \
     WHERE box_id = $1 AND on_request = 1 AND done >= $2";

/// Due at once: the beginning of time is always past.
const INSERT_JOB: &str = "INSERT INTO jobs (kind, subject, due, attempts) VALUES ($1, $2, 0, 0)";

const EXTEND_LEASE: &str = "UPDATE jobs SET due = $2 WHERE id = $1";

const INSERT_REQUEST: &str = "INSERT INTO administration_requests (operation, box_id, caller, approved, reference, at) \
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";

#[derive(FromRow)]
struct RecordRow {
    record_version: i64,
    #[sqlx(flatten)]
    data_box: BoxRow,
}

#[derive(FromRow)]
struct DeadlineRow {
    box_id: String,
    kind: i16,
    due: i64,
}

impl TryFrom<DeadlineRow> for BoxDeadline {
    type Error = StoreError;

    fn try_from(row: DeadlineRow) -> StoreResult<Self> {
        let nonsense = |column| inconsistent(column, &row.box_id);
        Ok(Self {
            box_id: row.box_id.parse().map_err(|_| nonsense("box_deadlines.box_id"))?,
            kind: DeadlineKind::from_code(row.kind).ok_or_else(|| nonsense("box_deadlines.kind"))?,
            due: Timestamp(row.due),
        })
    }
}

#[derive(FromRow)]
struct ClosingRow {
    id: i64,
    box_id: String,
    disabled: i64,
    done: i64,
    on_request: i16,
}

impl TryFrom<ClosingRow> for BoxClosing {
    type Error = StoreError;

    fn try_from(row: ClosingRow) -> StoreResult<Self> {
        Ok(Self {
            id: BoxClosingId(row.id),
            box_id: row
                .box_id
                .parse()
                .map_err(|_| inconsistent("box_closings.box_id", row.id))?,
            disabled: Timestamp(row.disabled),
            done: Timestamp(row.done),
            on_request: row.on_request != 0,
        })
    }
}

impl SqlStore {
    /// Writes a new box with its users within a transaction.
    pub(super) async fn create_box_in(tx: &mut Transaction<'static, Db>, new: &NewBox) -> StoreResult<RequestNumber> {
        bind_box!(sqlx::query::<Db>(ADD_BOX), &new.data_box)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
        Self::set_holder_key_in(tx, &new.data_box).await.map_err(store_error)?;
        let since = new.request.at;
        record_box_state(tx, new.data_box.id, new.data_box.state, since)
            .await
            .map_err(store_error)?;
        index_box(tx, &new.data_box).await.map_err(store_error)?;
        for user in &new.users {
            Self::add_user_in(tx, user).await?;
        }
        Self::set_deadlines_in(tx, &new.deadlines).await.map_err(store_error)?;
        Self::record_request_in(tx, &new.request, new.data_box.id)
            .await
            .map_err(store_error)
    }

    async fn set_deadlines_in(tx: &mut Transaction<'static, Db>, deadlines: &[BoxDeadline]) -> sqlx::Result<()> {
        for deadline in deadlines {
            sqlx::query::<Db>(SET_DEADLINE)
                .bind(deadline.box_id.as_str())
                .bind(deadline.kind.code())
                .bind(deadline.due.0)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    async fn close_in(tx: &mut Transaction<'static, Db>, closing: &BoxClosing) -> sqlx::Result<()> {
        let id = sqlx::query_scalar::<Db, i64>(INSERT_CLOSING)
            .bind(closing.box_id.as_str())
            .bind(closing.disabled.0)
            .bind(closing.done.0)
            .bind(flag(closing.on_request))
            .fetch_one(&mut **tx)
            .await?;
        sqlx::query::<Db>(INSERT_JOB)
            .bind(JOB_CLOSE_BOX)
            .bind(id)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    pub(super) async fn record_request_in(
        tx: &mut Transaction<'static, Db>,
        request: &AdministrationRequest,
        box_id: BoxId,
    ) -> sqlx::Result<RequestNumber> {
        sqlx::query_scalar::<Db, i64>(INSERT_REQUEST)
            .bind(request.operation)
            .bind(box_id.as_str())
            .bind(request.caller.as_ref().map(|caller| caller.0.as_str()))
            .bind(request.approved.map(flag))
            .bind(request.reference.as_deref())
            .bind(request.at.0)
            .fetch_one(&mut **tx)
            .await
            .map(RequestNumber)
    }

    async fn set_holder_key_in(tx: &mut Transaction<'static, Db>, data_box: &DataBox) -> sqlx::Result<()> {
        sqlx::query::<Db>(SET_HOLDER_KEY)
            .bind(data_box.id.as_str())
            .bind(holder_key(data_box))
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// False where the box is no longer in the version that the change was computed from.
    pub(super) async fn change_box_in(tx: &mut Transaction<'static, Db>, change: &BoxChange) -> sqlx::Result<bool> {
        let data_box = &change.data_box;
        let updated = bind_box!(sqlx::query::<Db>(UPDATE_BOX), data_box)
            .bind(change.from_version)
            .execute(&mut **tx)
            .await?;
        if updated.rows_affected() != 1 {
            return Ok(false);
        }
        if change.rekeys || data_box.state == BoxState::Deleted {
            Self::set_holder_key_in(tx, data_box).await?;
        }
        for kind in &change.clears {
            sqlx::query::<Db>(CLEAR_DEADLINE)
                .bind(data_box.id.as_str())
                .bind(kind.code())
                .execute(&mut **tx)
                .await?;
        }
        Self::set_deadlines_in(tx, &change.sets).await?;
        if let Some(since) = change.state_since {
            record_box_state(tx, data_box.id, data_box.state, since).await?;
        }
        index_box(tx, data_box).await?;
        if let Some(closing) = &change.closing {
            Self::close_in(tx, closing).await?;
        }
        Ok(true)
    }

    async fn find_one(
        &self,
        query: sqlx::query::QueryScalar<'_, Db, String, <Db as sqlx::Database>::Arguments>,
    ) -> StoreResult<Option<BoxId>> {
        let id = query.fetch_optional(self.reader()).await.map_err(store_error)?;
        id.map(|id| id.parse().map_err(|_| inconsistent("boxes.box_id", &id)))
            .transpose()
    }
}

#[async_trait]
impl Boxes for SqlStore {
    async fn lookup_box_record(&self, id: BoxId) -> StoreResult<Option<BoxRecord>> {
        let row = sqlx::query_as::<Db, RecordRow>(LOOKUP_BOX_RECORD)
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(|row| {
            Ok(BoxRecord {
                data_box: row.data_box.try_into()?,
                version: row.record_version,
            })
        })
        .transpose()
    }

    async fn list_inaccessible_boxes(&self, boxes: &[BoxId]) -> StoreResult<Vec<BoxId>> {
        if boxes.is_empty() {
            return Ok(Vec::new());
        }
        let accessible = self.accessible_among(boxes).await.map_err(store_error)?;
        Ok(boxes
            .iter()
            .copied()
            .filter(|id| !accessible.iter().any(|other| other == id.as_str()))
            .collect())
    }

    async fn find_twin(&self, data_box: &DataBox) -> StoreResult<Option<BoxId>> {
        if holder_key(data_box).is_none() {
            return Ok(None);
        }
        let own = data_box.id.as_str();
        let query = match (&data_box.ic, data_box.birth_date) {
            (Some(ic), _) => sqlx::query_scalar::<Db, String>(FIND_TWIN_BY_NUMBER)
                .bind(ic.trim_start_matches('0'))
                .bind(data_box.box_type.code())
                .bind(own),
            (None, Some(birth)) => sqlx::query_scalar::<Db, String>(FIND_TWIN_BY_BIRTH)
                .bind(birth.to_string())
                .bind(fold(data_box.last_name.as_deref()))
                .bind(data_box.box_type.code())
                .bind(fold(data_box.given_names.as_deref()).unwrap_or_default())
                .bind(fold(data_box.birth_city.as_deref()).unwrap_or_default())
                .bind(own),
            (None, None) => return Ok(None),
        };
        self.find_one(query).await
    }

    async fn create_box(&self, new: &NewBox) -> StoreResult<RequestNumber> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let number = Self::create_box_in(&mut tx, new).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(number)
    }

    async fn change_box(&self, change: &BoxChange) -> StoreResult<RequestNumber> {
        let mut tx = self.begin().await.map_err(store_error)?;
        if !Self::change_box_in(&mut tx, change).await.map_err(store_error)? {
            tx.rollback().await.map_err(store_error)?;
            return Err(StoreError::Conflict);
        }
        Self::promise_in(&mut tx, &change.system_messages).await?;
        let number = Self::record_request_in(&mut tx, &change.request, change.data_box.id)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(number)
    }

    async fn count_disablings_on_request(&self, id: BoxId, since: Timestamp) -> StoreResult<(u64, Option<Timestamp>)> {
        let (count, last) = sqlx::query_as::<Db, (i64, Option<i64>)>(COUNT_DISABLINGS)
            .bind(id.as_str())
            .bind(since.0)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        let count = u64::try_from(count).map_err(|_| inconsistent("count", "box_closings"))?;
        Ok((count, last.map(Timestamp)))
    }

    async fn list_passed_deadlines(&self, now: Timestamp, limit: u64) -> StoreResult<Vec<BoxDeadline>> {
        let rows = sqlx::query_as::<Db, DeadlineRow>(LIST_PASSED_DEADLINES)
            .bind(now.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn lookup_closing(&self, id: BoxClosingId) -> StoreResult<Option<BoxClosing>> {
        let row = sqlx::query_as::<Db, ClosingRow>(LOOKUP_CLOSING)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(BoxClosing::try_from).transpose()
    }

    async fn lookup_last_closing(&self, id: BoxId) -> StoreResult<Option<BoxClosing>> {
        let row = sqlx::query_as::<Db, ClosingRow>(LOOKUP_LAST_CLOSING)
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(BoxClosing::try_from).transpose()
    }

    async fn repeat_closing(&self, id: BoxClosingId) -> StoreResult<()> {
        sqlx::query::<Db>(INSERT_JOB)
            .bind(JOB_CLOSE_BOX)
            .bind(id.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn extend_lease(&self, job: JobId, until: Timestamp) -> StoreResult<()> {
        sqlx::query::<Db>(EXTEND_LEASE)
            .bind(job.0)
            .bind(until.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
