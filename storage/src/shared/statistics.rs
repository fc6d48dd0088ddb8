//! Figures of the whole system.

use async_trait::async_trait;
use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::event::EventKind;
use isds_core::ports::{BoxFigure, CountingProgress, MessageFigures, MonthFigures, Statistics, StoreResult};
use isds_core::time::Timestamp;
use jiff::civil::Date;
use sqlx::FromRow;

use super::{Db, SqlStore, signed};
use crate::error::{inconsistent, store_error};

/// Kinds 0 submission, 2 fiction, 11 to 13 login. Who logs in after fiction delivers nothing any more.
const COUNT_EVENTS: &str = "SELECT e.kind, COUNT(*) FROM message_events AS e WHERE e.time >= $1 AND e.time < $2 \
     AND (e.kind IN (0, 2) OR (e.kind IN (11, 12, 13) AND NOT EXISTS \
     (SELECT 1 FROM message_events AS f WHERE f.dm_id = e.dm_id AND f.kind = 2))) GROUP BY e.kind";

const FIRST_SUBMISSION: &str = "SELECT submitted FROM messages ORDER BY dm_id LIMIT 1";

const LIST_DAYS: &str =
    "SELECT day, sent, by_login, by_fiction FROM message_figures WHERE day >= $1 AND day <= $2 ORDER BY day";

const WRITE_DAY: &str = "INSERT INTO message_figures (day, sent, by_login, by_fiction) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (day) DO UPDATE SET sent = excluded.sent, by_login = excluded.by_login, \
     by_fiction = excluded.by_fiction";

/// `THROUGH:WALK:COUNTED`.
const PROGRESS: &str = "SELECT value FROM installation WHERE key = 'statistics'";

const REMEMBER_PROGRESS: &str = "INSERT INTO installation (key, value) VALUES ('statistics', $1) \
     ON CONFLICT (key) DO UPDATE SET value = excluded.value";

const LIST_MONTHS: &str = "SELECT substr(day, 1, 7) AS day, CAST(SUM(sent) AS BIGINT) AS sent, \
     CAST(SUM(by_login) AS BIGINT) AS by_login, CAST(SUM(by_fiction) AS BIGINT) AS by_fiction \
     FROM message_figures GROUP BY substr(day, 1, 7) ORDER BY substr(day, 1, 7) DESC LIMIT $1";

const COUNT_BOXES: &str = "SELECT box_type, state, COUNT(*) AS count FROM boxes GROUP BY box_type, state";

const REMOVE_BOX_FIGURES: &str = "DELETE FROM box_figures";

const ADD_BOX_FIGURE: &str = "INSERT INTO box_figures (box_type, state, count) VALUES ($1, $2, $3)";

const LIST_BOX_FIGURES: &str = "SELECT box_type, state, count FROM box_figures ORDER BY box_type, state";

#[derive(FromRow)]
struct FiguresRow {
    day: String,
    sent: i64,
    by_login: i64,
    by_fiction: i64,
}

impl FiguresRow {
    fn figures(&self) -> MessageFigures {
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        MessageFigures {
            sent: count(self.sent),
            by_login: count(self.by_login),
            by_fiction: count(self.by_fiction),
        }
    }
}

fn day(text: &str) -> StoreResult<Date> {
    text.parse().map_err(|_| inconsistent("message_figures.day", text))
}

fn box_figure(row: (i16, i16, i64)) -> StoreResult<BoxFigure> {
    let (box_type, state, count) = row;
    Ok(BoxFigure {
        box_type: BoxType::from_code(box_type.into()).ok_or_else(|| inconsistent("box_type", box_type))?,
        state: BoxState::from_code(state.into()).ok_or_else(|| inconsistent("state", state))?,
        count: u64::try_from(count).map_err(|_| inconsistent("count", count))?,
    })
}

#[async_trait]
impl Statistics for SqlStore {
    async fn count_events(&self, from: Timestamp, until: Timestamp) -> StoreResult<MessageFigures> {
        let rows = sqlx::query_as::<Db, (i16, i64)>(COUNT_EVENTS)
            .bind(from.0)
            .bind(until.0)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let mut figures = MessageFigures::default();
        for (kind, count) in rows {
            let count = u64::try_from(count).unwrap_or(0);
            match EventKind::from_number(kind) {
                Some(EventKind::Submitted) => figures.sent += count,
                Some(EventKind::Fiction) => figures.by_fiction += count,
                _ => figures.by_login += count,
            }
        }
        Ok(figures)
    }

    async fn first_submission(&self) -> StoreResult<Option<Timestamp>> {
        let first = sqlx::query_scalar::<Db, i64>(FIRST_SUBMISSION)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        Ok(first.map(Timestamp))
    }

    async fn list_day_figures(&self, from: Date, to: Date) -> StoreResult<Vec<(Date, MessageFigures)>> {
        let rows = sqlx::query_as::<Db, FiguresRow>(LIST_DAYS)
            .bind(from.to_string())
            .bind(to.to_string())
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.iter().map(|row| Ok((day(&row.day)?, row.figures()))).collect()
    }

    async fn write_day_figures(&self, days: &[(Date, MessageFigures)], progress: &CountingProgress) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        for (day, figures) in days {
            sqlx::query::<Db>(WRITE_DAY)
                .bind(day.to_string())
                .bind(signed(figures.sent))
                .bind(signed(figures.by_login))
                .bind(signed(figures.by_fiction))
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        let CountingProgress { through, walk, counted } = progress;
        sqlx::query::<Db>(REMEMBER_PROGRESS)
            .bind(format!("{through}:{walk}:{}", counted.0))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn counting_progress(&self) -> StoreResult<Option<CountingProgress>> {
        let value = sqlx::query_scalar::<Db, String>(PROGRESS)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        let Some(value) = value else { return Ok(None) };
        let mut parts = value.split(':');
        let mut next = || parts.next().ok_or_else(|| inconsistent("installation", "statistics"));
        let (through, walk, counted) = (day(next()?)?, day(next()?)?, next()?.parse());
        Ok(Some(CountingProgress {
            through,
            walk,
            counted: Timestamp(counted.map_err(|_| inconsistent("installation", "statistics"))?),
        }))
    }

    async fn list_month_figures(&self, limit: u64) -> StoreResult<Vec<MonthFigures>> {
        let rows = sqlx::query_as::<Db, FiguresRow>(LIST_MONTHS)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.iter()
            .rev()
            .map(|row| {
                Ok(MonthFigures {
                    month: day(&format!("{}-01", row.day))?,
                    figures: row.figures(),
                })
            })
            .collect()
    }

    async fn count_boxes(&self) -> StoreResult<Vec<BoxFigure>> {
        let rows = sqlx::query_as::<Db, (i16, i16, i64)>(COUNT_BOXES)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(box_figure).collect()
    }

    async fn write_box_figures(&self, figures: &[BoxFigure]) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        sqlx::query::<Db>(REMOVE_BOX_FIGURES)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        for figure in figures {
            sqlx::query::<Db>(ADD_BOX_FIGURE)
                .bind(figure.box_type.code())
                .bind(figure.state.code())
                .bind(signed(figure.count))
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)
    }

    async fn list_box_figures(&self) -> StoreResult<Vec<BoxFigure>> {
        let rows = sqlx::query_as::<Db, (i16, i16, i64)>(LIST_BOX_FIGURES)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(box_figure).collect()
    }
}
