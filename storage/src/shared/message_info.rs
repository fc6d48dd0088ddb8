//! Authors, numbers of messages, reports, and what applications are notified of.

use async_trait::async_trait;
use isds_core::author::Author;
use isds_core::ids::{BoxId, MessageId};
use isds_core::ports::{DeliveredQuery, MessageInfo, MessageRecord, Notifications, StoreResult, SuspicionReport};
use isds_core::time::Timestamp;

use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::{RecordRow, flag, record_columns};

const LOOKUP_AUTHOR: &str = "SELECT author FROM messages WHERE dm_id = $1";

/// Where the counting of messages has come to: `NUMBER:COUNT`, all messages up to the number and how many they are.
const COUNTED: &str = "SELECT value FROM installation WHERE key = 'messages_counted'";

const REMEMBER_COUNTED: &str = "INSERT INTO installation (key, value) VALUES ('messages_counted', $1) \
     ON CONFLICT (key) DO UPDATE SET value = excluded.value";

const LAST_SETTLED: &str = "SELECT MAX(dm_id) FROM messages WHERE dm_id > $1 AND submitted < $2";

const COUNT_BETWEEN: &str = "SELECT COUNT(*) FROM messages WHERE dm_id > $1 AND dm_id <= $2";

const ADD_REPORT: &str = "INSERT INTO suspicion_reports \
     (dm_id, reporter_box, time, name, mail, telephone, allow_complete, note) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (dm_id, reporter_box) DO UPDATE SET time = excluded.time, \
     name = excluded.name, mail = excluded.mail, telephone = excluded.telephone, \
     allow_complete = excluded.allow_complete, note = excluded.note";

const LIST_REPORTS: &str = "SELECT dm_id, reporter_box, time, name, mail, telephone, allow_complete, note \
     FROM suspicion_reports WHERE dm_id = $1 ORDER BY time, reporter_box";

const SET_NOTIFIED: &str = "INSERT INTO notified_boxes (box_id, since) VALUES ($1, $2) ON CONFLICT (box_id) DO NOTHING";

const CANCEL_NOTIFIED: &str = "DELETE FROM notified_boxes WHERE box_id = $1";

const NOTIFIED_SINCE: &str = "SELECT since FROM notified_boxes WHERE box_id = $1";

/// By the time of delivery, which is what lists are sorted by from then on; the states are those in which the recipient
/// has the message.
pub(super) const LIST_DELIVERED: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM messages WHERE recipient_box = $1 AND sort_time >= $2 AND recipient_status IN (4, 5, 6, 7, 10) \
     ORDER BY sort_time, dm_id LIMIT $3"
);

#[derive(Debug, sqlx::FromRow)]
struct ReportRow {
    dm_id: i64,
    reporter_box: String,
    time: i64,
    name: Option<String>,
    mail: Option<String>,
    telephone: Option<String>,
    allow_complete: i16,
    note: Option<String>,
}

impl TryFrom<ReportRow> for SuspicionReport {
    type Error = isds_core::ports::StoreError;

    fn try_from(row: ReportRow) -> StoreResult<Self> {
        let reporter = row.reporter_box.parse();
        Ok(Self {
            message: MessageId(row.dm_id),
            reporter: reporter.map_err(|_| inconsistent("suspicion_reports.reporter_box", row.dm_id))?,
            time: Timestamp(row.time),
            name: row.name,
            mail: row.mail,
            telephone: row.telephone,
            allow_complete: row.allow_complete != 0,
            note: row.note,
        })
    }
}

impl SqlStore {
    /// Number up to which messages were counted, and how many they are.
    async fn counted(&self) -> StoreResult<(i64, i64)> {
        let value = sqlx::query_scalar::<Db, String>(COUNTED)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        let Some(value) = value else {
            return Ok((0, 0));
        };
        let pair = value
            .split_once(':')
            .and_then(|(number, count)| Some((number.parse().ok()?, count.parse().ok()?)));
        pair.ok_or_else(|| inconsistent("installation", "messages_counted"))
    }

    async fn count_between(&self, after: i64, to: i64) -> StoreResult<i64> {
        sqlx::query_scalar::<Db, i64>(COUNT_BETWEEN)
            .bind(after)
            .bind(to)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)
    }
}

#[async_trait]
impl MessageInfo for SqlStore {
    async fn lookup_author(&self, id: MessageId) -> StoreResult<Option<Author>> {
        let json = sqlx::query_scalar::<Db, String>(LOOKUP_AUTHOR)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        // serde_json's text would repeat pieces of the author.
        json.map(|json| serde_json::from_str(&json).map_err(|_| inconsistent("messages.author", id.0)))
            .transpose()
    }

    async fn count_messages(&self, settled: Timestamp) -> StoreResult<u64> {
        let (mut number, mut count) = self.counted().await?;
        let last = sqlx::query_scalar::<Db, Option<i64>>(LAST_SETTLED)
            .bind(number)
            .bind(settled.0)
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        if let Some(last) = last {
            count += self.count_between(number, last).await?;
            number = last;
            // Two callers at once write the same, or one of them what the other had already passed: both are true.
            sqlx::query::<Db>(REMEMBER_COUNTED)
                .bind(format!("{number}:{count}"))
                .execute(self.writer())
                .await
                .map_err(store_error)?;
        }
        count += self.count_between(number, i64::MAX).await?;
        u64::try_from(count).map_err(|_| inconsistent("messages", "count"))
    }

    async fn add_suspicion_report(&self, report: &SuspicionReport) -> StoreResult<()> {
        sqlx::query::<Db>(ADD_REPORT)
            .bind(report.message.0)
            .bind(report.reporter.as_str())
            .bind(report.time.0)
            .bind(report.name.as_deref())
            .bind(report.mail.as_deref())
            .bind(report.telephone.as_deref())
            .bind(flag(report.allow_complete))
            .bind(report.note.as_deref())
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn list_suspicion_reports(&self, id: MessageId) -> StoreResult<Vec<SuspicionReport>> {
        let rows = sqlx::query_as::<Db, ReportRow>(LIST_REPORTS)
            .bind(id.0)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }
}

#[async_trait]
impl Notifications for SqlStore {
    async fn set_notified(&self, box_id: BoxId, since: Option<Timestamp>) -> StoreResult<()> {
        let query = match since {
            Some(since) => sqlx::query::<Db>(SET_NOTIFIED).bind(box_id.as_str()).bind(since.0),
            None => sqlx::query::<Db>(CANCEL_NOTIFIED).bind(box_id.as_str()),
        };
        query.execute(self.writer()).await.map_err(store_error)?;
        Ok(())
    }

    async fn notified_since(&self, box_id: BoxId) -> StoreResult<Option<Timestamp>> {
        let since = sqlx::query_scalar::<Db, i64>(NOTIFIED_SINCE)
            .bind(box_id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        Ok(since.map(Timestamp))
    }

    async fn list_delivered(&self, query: &DeliveredQuery) -> StoreResult<Vec<MessageRecord>> {
        let rows = sqlx::query_as::<Db, RecordRow>(LIST_DELIVERED)
            .bind(query.box_id.as_str())
            .bind(query.from.0)
            .bind(signed(query.limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }
}
