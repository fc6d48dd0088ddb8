//! Restraint of traffic: what all nodes counted, what was set for boxes. Places are the engine's own.

use async_trait::async_trait;
use isds_core::ids::{BoxId, IsdsId};
use isds_core::ports::{Place, Restraints, StoreResult};
use isds_core::restraint::{Account, BoxBounds, BoxRestraint, CallCount};
use isds_core::system_message::DueSystemMessage;
use isds_core::time::Timestamp;
use jiff::civil::Date;
use sqlx::{FromRow, QueryBuilder};

use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};

/// Rows of one statement: five parameters each, and SQLite takes 32,766.
const ROWS: usize = 500;

const ADD: &str = "INSERT INTO box_calls (day, box_id, account, node, calls) ";
const ADD_UP: &str = " ON CONFLICT (box_id, day, account, node) DO UPDATE SET calls = box_calls.calls + excluded.calls";

const SUM: &str = "SELECT CAST(COALESCE(SUM(calls), 0) AS BIGINT) FROM box_calls \
     WHERE box_id = $1 AND day = $2 AND account = $3";

const FORGET: &str = "DELETE FROM box_calls WHERE day < $1";

/// Rows of single nodes lead to accounts, whose rows are then added up.
const LIST_BUSIEST: &str = "SELECT box_calls.day, box_calls.box_id, box_calls.account, \
     CAST(SUM(box_calls.calls) AS BIGINT) AS calls FROM (SELECT DISTINCT box_id, account FROM \
     (SELECT box_id, account FROM box_calls WHERE day = $1 ORDER BY calls DESC LIMIT $2) AS most) AS busy \
     JOIN box_calls ON box_calls.box_id = busy.box_id AND box_calls.day = $1 AND box_calls.account = busy.account \
     GROUP BY box_calls.day, box_calls.box_id, box_calls.account \
     ORDER BY SUM(box_calls.calls) DESC, box_calls.box_id, box_calls.account LIMIT $3";

const LIST_OF_BOX: &str = "SELECT day, box_id, account, CAST(SUM(calls) AS BIGINT) AS calls \
     FROM box_calls WHERE box_id = $1 AND day >= $2 GROUP BY day, box_id, account \
     ORDER BY day DESC, SUM(calls) DESC, account LIMIT $3";

macro_rules! restraints {
    ($rest:literal) => {
        concat!(
            "SELECT box_id, parallel_calls, daily_calls, version, changed_by, at FROM box_restraints ",
            $rest
        )
    };
}

const LIST_RESTRAINTS: &str = restraints!("ORDER BY box_id LIMIT $1");
const LOOKUP_RESTRAINT: &str = restraints!("WHERE box_id = $1");

/// The first change finds no row; of two at once, one writes it.
const ADD_RESTRAINT: &str = "INSERT INTO box_restraints (box_id, parallel_calls, daily_calls, version, changed_by, at) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (box_id) DO NOTHING";
const CHANGE_RESTRAINT: &str = "UPDATE box_restraints SET parallel_calls = $2, daily_calls = $3, version = $4, \
     changed_by = $5, at = $6 WHERE box_id = $1 AND version = $4 - 1";

#[derive(FromRow)]
struct CountRow {
    day: i64,
    box_id: String,
    account: String,
    calls: i64,
}

impl TryFrom<CountRow> for CallCount {
    type Error = isds_core::ports::StoreError;

    fn try_from(row: CountRow) -> StoreResult<Self> {
        let box_id = row
            .box_id
            .parse()
            .map_err(|_| inconsistent("box_calls.box_id", row.day))?;
        let day = date_of(row.day).ok_or_else(|| inconsistent("box_calls.day", box_id))?;
        Ok(Self {
            day,
            account: Account {
                box_id,
                user: Some(row.account).filter(|user| !user.is_empty()).map(IsdsId),
            },
            calls: u64::try_from(row.calls).unwrap_or(0),
        })
    }
}

#[derive(FromRow)]
struct RestraintRow {
    box_id: String,
    parallel_calls: Option<i64>,
    daily_calls: Option<i64>,
    version: i64,
    changed_by: Option<String>,
    at: i64,
}

impl TryFrom<RestraintRow> for BoxRestraint {
    type Error = isds_core::ports::StoreError;

    fn try_from(row: RestraintRow) -> StoreResult<Self> {
        let wrong = |column: &str| inconsistent(column, row.version);
        let parallel = row.parallel_calls.map(u32::try_from).transpose();
        let daily = row.daily_calls.map(u64::try_from).transpose();
        Ok(Self {
            box_id: row.box_id.parse().map_err(|_| wrong("box_restraints.box_id"))?,
            bounds: BoxBounds {
                parallel: parallel.map_err(|_| wrong("box_restraints.parallel_calls"))?,
                daily: daily.map_err(|_| wrong("box_restraints.daily_calls"))?,
            },
            version: row.version,
            by: row.changed_by.map(IsdsId),
            at: Timestamp(row.at),
        })
    }
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

fn number_of(day: Date) -> i64 {
    EPOCH.until(day).map_or(i64::MAX, |span| i64::from(span.get_days()))
}

fn date_of(number: i64) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(number).ok()?).ok()
}

fn account_of(account: &Account) -> &str {
    account.user.as_ref().map_or("", |user| user.0.as_str())
}

#[async_trait]
impl Restraints for SqlStore {
    async fn take_place(&self, name: &str, places: u32) -> StoreResult<Option<Place>> {
        self.places.take(name, places).await
    }

    async fn add_calls(&self, node: &str, counts: &[CallCount]) -> StoreResult<Vec<u64>> {
        let mut tx = self.begin().await.map_err(store_error)?;
        for rows in counts.chunks(ROWS) {
            let mut add = QueryBuilder::<Db>::new(ADD);
            add.push_values(rows, |mut row, count| {
                row.push_bind(number_of(count.day))
                    .push_bind(count.account.box_id.as_str())
                    .push_bind(account_of(&count.account))
                    .push_bind(node)
                    .push_bind(signed(count.calls));
            });
            add.push(ADD_UP);
            add.build().execute(&mut *tx).await.map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)?;
        let mut known = Vec::with_capacity(counts.len());
        for count in counts {
            let sum = sqlx::query_scalar::<Db, i64>(SUM)
                .bind(count.account.box_id.as_str())
                .bind(number_of(count.day))
                .bind(account_of(&count.account))
                .fetch_one(self.writer())
                .await
                .map_err(store_error)?;
            known.push(u64::try_from(sum).unwrap_or(0));
        }
        Ok(known)
    }

    async fn forget_calls(&self, before: Date) -> StoreResult<()> {
        sqlx::query::<Db>(FORGET)
            .bind(number_of(before))
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn list_busiest(&self, day: Date, limit: u64) -> StoreResult<Vec<CallCount>> {
        let rows = sqlx::query_as::<Db, CountRow>(LIST_BUSIEST)
            .bind(number_of(day))
            .bind(signed(limit.saturating_mul(4)))
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn list_calls_of_box(&self, box_id: BoxId, since: Date, limit: u64) -> StoreResult<Vec<CallCount>> {
        let rows = sqlx::query_as::<Db, CountRow>(LIST_OF_BOX)
            .bind(box_id.as_str())
            .bind(number_of(since))
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn list_restraints(&self, limit: u64) -> StoreResult<Vec<BoxRestraint>> {
        let rows = sqlx::query_as::<Db, RestraintRow>(LIST_RESTRAINTS)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn lookup_restraint(&self, box_id: BoxId) -> StoreResult<Option<BoxRestraint>> {
        let row = sqlx::query_as::<Db, RestraintRow>(LOOKUP_RESTRAINT)
            .bind(box_id.as_str())
            .fetch_optional(self.writer())
            .await
            .map_err(store_error)?;
        row.map(TryInto::try_into).transpose()
    }

    async fn save_restraint(&self, restraint: &BoxRestraint, told: &[DueSystemMessage]) -> StoreResult<bool> {
        let statement = if restraint.version == 1 {
            ADD_RESTRAINT
        } else {
            CHANGE_RESTRAINT
        };
        let mut tx = self.begin().await.map_err(store_error)?;
        let written = sqlx::query::<Db>(statement)
            .bind(restraint.box_id.as_str())
            .bind(restraint.bounds.parallel.map(i64::from))
            .bind(restraint.bounds.daily.map(signed))
            .bind(restraint.version)
            .bind(restraint.by.as_ref().map(|by| by.0.as_str()))
            .bind(restraint.at.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if written.rows_affected() != 1 {
            return Ok(false);
        }
        Self::promise_in(&mut tx, told).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }
}
