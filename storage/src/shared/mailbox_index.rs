//! The index of lists for people: rows of a term each, in the order of the list.

use std::collections::HashMap;

use async_trait::async_trait;
use isds_core::ids::{BoxId, MessageId};
use isds_core::mailbox::{MailboxIndex, MailboxIndexId, MailboxList, is_content_term};
use isds_core::message::SideOf;
use isds_core::ports::{
    ListPosition, MailboxDocument, MailboxIndexes, MessageChange, MessageRecord, StoreError, StoreResult,
};
use isds_core::time::Timestamp;
use sqlx::{QueryBuilder, Transaction};

use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::{RecordRow, flag, record_columns, side_code};

/// Most rows of one INSERT: four parameters each, and SQLite takes 32,766, PostgreSQL 65,535.
const ROWS: usize = 2_000;
/// How many documents are looked up at once.
const DOCUMENTS: usize = 500;

macro_rules! index_columns {
    () => {
        "id, box_id, side, content, high_time, high_id"
    };
}

pub(in super::super) const LOOKUP_INDEX: &str = concat!(
    "SELECT ",
    index_columns!(),
    " FROM mailbox_lists WHERE box_id = $1 AND side = $2"
);

const INSERT_INDEX: &str = "INSERT INTO mailbox_lists (box_id, side, content, high_time, high_id, due) \
     VALUES ($1, $2, 0, -9223372036854775807, 0, $3) ON CONFLICT (box_id, side) DO NOTHING";

/// The content switch is the box's: a list that comes later takes it from the other.
const ADOPT_CONTENT: &str = "UPDATE mailbox_lists SET content = 1 WHERE box_id = $1 AND side = $2 \
     AND EXISTS (SELECT 1 FROM mailbox_lists AS other WHERE other.box_id = $1 AND other.content = 1)";

const WANT_INDEX: &str = "UPDATE mailbox_lists SET due = $3 WHERE box_id = $1 AND side = $2 AND due IS NULL";

pub(in super::super) const NEXT_INDEX: &str = concat!(
    "SELECT ",
    index_columns!(),
    ", due FROM mailbox_lists WHERE due IS NOT NULL AND due <= $1 ORDER BY due, id LIMIT 1"
);

/// Of several that saw the same row due, one finds it as it was.
const CLAIM_INDEX: &str = "UPDATE mailbox_lists SET due = $3 WHERE id = $1 AND due = $2";

const RELEASE_INDEX: &str = "UPDATE mailbox_lists SET due = $2 WHERE id = $1";

const ADVANCE: &str = "UPDATE mailbox_lists SET high_time = $4, high_id = $5 \
     WHERE id = $1 AND high_time = $2 AND high_id = $3";

const CONTENT: &str = "SELECT COUNT(*) FROM mailbox_lists WHERE box_id = $1 AND content = 1";

const SET_CONTENT: &str = "UPDATE mailbox_lists SET content = $2, high_time = -9223372036854775807, high_id = 0, due = $3 \
     WHERE box_id = $1";

const REMOVE_TERM: &str =
    "DELETE FROM mailbox_terms WHERE list_id = $1 AND term = $2 AND sort_time = $3 AND dm_id = $4";

const REMOVE_DOCUMENT: &str =
    "DELETE FROM mailbox_documents WHERE list_id = $1 AND dm_id = $2 RETURNING sort_time, terms";

const INSERT_DOCUMENT: &str =
    "INSERT INTO mailbox_documents (list_id, dm_id, sort_time, terms) VALUES ($1, $2, $3, $4)";

macro_rules! documents_of {
    ($side:literal, $box:literal) => {
        concat!(
            "SELECT d.dm_id, d.list_id, d.sort_time, d.terms FROM messages AS m \
             JOIN mailbox_lists AS l ON l.box_id = m.",
            $box,
            " AND l.side = ",
            $side,
            " JOIN mailbox_documents AS d ON d.list_id = l.id AND d.dm_id = m.dm_id WHERE m.dm_id IN ("
        )
    };
}

const RECEIVED_DOCUMENTS: &str = documents_of!("1", "recipient_box");

const SENT_DOCUMENTS: &str = documents_of!("0", "sender_box");

const SET_DOCUMENT: &str = "UPDATE mailbox_documents SET terms = $3 WHERE list_id = $1 AND dm_id = $2";

pub(in super::super) const LIST_RECEIVED_AFTER: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM messages WHERE recipient_box = $1 AND (sort_time, dm_id) > ($2, $3) AND sort_time <= $4 \
     ORDER BY sort_time, dm_id LIMIT $5"
);

pub(in super::super) const LIST_SENT_AFTER: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM messages WHERE sender_box = $1 AND (sort_time, dm_id) > ($2, $3) AND sort_time <= $4 \
     ORDER BY sort_time, dm_id LIMIT $5"
);

pub(in super::super) const NEXT_TERM: &str =
    "SELECT term FROM mailbox_terms WHERE list_id = $1 AND term > $2 ORDER BY term LIMIT 1";

#[derive(sqlx::FromRow)]
struct IndexRow {
    id: i64,
    box_id: String,
    side: i16,
    content: i16,
    high_time: i64,
    high_id: i64,
}

impl TryFrom<IndexRow> for MailboxIndex {
    type Error = StoreError;

    fn try_from(row: IndexRow) -> StoreResult<Self> {
        Ok(Self {
            id: MailboxIndexId(row.id),
            list: MailboxList {
                box_id: row
                    .box_id
                    .parse()
                    .map_err(|_| inconsistent("mailbox_lists.box_id", row.id))?,
                side: if row.side == side_code(SideOf::Sender) {
                    SideOf::Sender
                } else {
                    SideOf::Recipient
                },
            },
            content: row.content != 0,
            high: ListPosition {
                time: Timestamp(row.high_time),
                id: MessageId(row.high_id),
            },
        })
    }
}

fn terms_of(json: &str, id: i64) -> StoreResult<Vec<String>> {
    serde_json::from_str(json).map_err(|_| inconsistent("mailbox_documents.terms", id))
}

#[async_trait]
impl MailboxIndexes for SqlStore {
    async fn mailbox_index(&self, list: MailboxList) -> StoreResult<Option<MailboxIndex>> {
        let row = sqlx::query_as::<Db, IndexRow>(LOOKUP_INDEX)
            .bind(list.box_id.as_str())
            .bind(side_code(list.side))
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(MailboxIndex::try_from).transpose()
    }

    async fn want_mailbox_index(&self, list: MailboxList, due: Timestamp) -> StoreResult<MailboxIndex> {
        if self.mailbox_index(list).await?.is_none() {
            let mut tx = self.begin().await.map_err(store_error)?;
            for (statement, parameter) in [(INSERT_INDEX, Some(due.0)), (ADOPT_CONTENT, None)] {
                let query = sqlx::query::<Db>(statement)
                    .bind(list.box_id.as_str())
                    .bind(side_code(list.side));
                let query = match parameter {
                    Some(due) => query.bind(due),
                    None => query,
                };
                query.execute(&mut *tx).await.map_err(store_error)?;
            }
            tx.commit().await.map_err(store_error)?;
        } else {
            sqlx::query::<Db>(WANT_INDEX)
                .bind(list.box_id.as_str())
                .bind(side_code(list.side))
                .bind(due.0)
                .execute(self.writer())
                .await
                .map_err(store_error)?;
        }
        self.mailbox_index(list)
            .await?
            .ok_or_else(|| inconsistent("mailbox_lists", list.box_id))
    }

    async fn claim_mailbox_index(&self, now: Timestamp, lease_until: Timestamp) -> StoreResult<Option<MailboxIndex>> {
        #[derive(sqlx::FromRow)]
        struct DueRow {
            #[sqlx(flatten)]
            index: IndexRow,
            due: i64,
        }
        let due = sqlx::query_as::<Db, DueRow>(NEXT_INDEX)
            .bind(now.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        let Some(DueRow { index, due }) = due else {
            return Ok(None);
        };
        let claimed = sqlx::query::<Db>(CLAIM_INDEX)
            .bind(index.id)
            .bind(due)
            .bind(lease_until.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        if claimed.rows_affected() == 1 {
            MailboxIndex::try_from(index).map(Some)
        } else {
            Ok(None)
        }
    }

    async fn release_mailbox_index(&self, id: MailboxIndexId, due: Option<Timestamp>) -> StoreResult<()> {
        sqlx::query::<Db>(RELEASE_INDEX)
            .bind(id.0)
            .bind(due.map(|due| due.0))
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn list_not_indexed(
        &self,
        index: &MailboxIndex,
        until: Timestamp,
        limit: u64,
    ) -> StoreResult<Vec<MessageRecord>> {
        let statement = match index.list.side {
            SideOf::Recipient => LIST_RECEIVED_AFTER,
            SideOf::Sender => LIST_SENT_AFTER,
        };
        let rows = sqlx::query_as::<Db, RecordRow>(statement)
            .bind(index.list.box_id.as_str())
            .bind(index.high.time.0)
            .bind(index.high.id.0)
            .bind(until.0)
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn index_messages(
        &self,
        index: &MailboxIndex,
        documents: &[MailboxDocument],
        high: ListPosition,
    ) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        // First of all: whoever comes second waits here, and finds that it was done.
        let advanced = sqlx::query::<Db>(ADVANCE)
            .bind(index.id.0)
            .bind(index.high.time.0)
            .bind(index.high.id.0)
            .bind(high.time.0)
            .bind(high.id.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if advanced.rows_affected() != 1 {
            return Err(StoreError::Conflict);
        }
        for document in documents {
            remove_document(&mut tx, index.id, document.id).await?;
        }
        insert_terms(&mut tx, index.id, documents).await.map_err(store_error)?;
        for document in documents {
            let terms =
                serde_json::to_string(&document.terms).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
            sqlx::query::<Db>(INSERT_DOCUMENT)
                .bind(index.id.0)
                .bind(document.id.0)
                .bind(document.time.0)
                .bind(terms)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await.map_err(store_error)
    }

    async fn mailbox_content(&self, box_id: BoxId) -> StoreResult<bool> {
        let lists = sqlx::query_scalar::<Db, i64>(CONTENT)
            .bind(box_id.as_str())
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        Ok(lists > 0)
    }

    async fn set_mailbox_content(&self, box_id: BoxId, content: bool, due: Timestamp) -> StoreResult<()> {
        for side in [SideOf::Sender, SideOf::Recipient] {
            self.want_mailbox_index(MailboxList { box_id, side }, due).await?;
        }
        sqlx::query::<Db>(SET_CONTENT)
            .bind(box_id.as_str())
            .bind(flag(content))
            .bind(due.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn expand_term(&self, id: MailboxIndexId, prefix: &str, limit: u64) -> StoreResult<Vec<String>> {
        let mut terms: Vec<String> = Vec::new();
        if prefix.is_empty() || prefix.contains('\0') {
            return Ok(terms);
        }
        // From term to term: the messages of each are passed over. The first is asked for as what comes after
        // everything that is smaller than the prefix itself.
        let exact = sqlx::query_scalar::<Db, i64>(
            "SELECT COUNT(*) FROM (SELECT 1 FROM mailbox_terms WHERE list_id = $1 AND term = $2 LIMIT 1) AS found",
        )
        .bind(id.0)
        .bind(prefix)
        .fetch_one(self.reader())
        .await
        .map_err(store_error)?;
        if exact > 0 {
            terms.push(prefix.to_owned());
        }
        while (terms.len() as u64) < limit {
            let last = terms.last().map_or(prefix, String::as_str);
            let next = sqlx::query_scalar::<Db, String>(NEXT_TERM)
                .bind(id.0)
                .bind(last)
                .fetch_optional(self.reader())
                .await
                .map_err(store_error)?;
            match next {
                Some(next) if next.starts_with(prefix) => terms.push(next),
                _ => break,
            }
        }
        Ok(terms)
    }

    async fn indexed_terms(
        &self,
        id: MailboxIndexId,
        messages: &[MessageId],
    ) -> StoreResult<HashMap<MessageId, Vec<String>>> {
        let mut found = HashMap::new();
        for messages in messages.chunks(DOCUMENTS) {
            let mut sql = QueryBuilder::<Db>::new("SELECT dm_id, terms FROM mailbox_documents WHERE list_id = ");
            sql.push_bind(id.0).push(" AND dm_id IN (");
            let mut list = sql.separated(", ");
            for message in messages {
                list.push_bind(message.0);
            }
            sql.push(")");
            let rows = sql
                .build_query_as::<(i64, String)>()
                .fetch_all(self.reader())
                .await
                .map_err(store_error)?;
            for (message, terms) in rows {
                found.insert(MessageId(message), terms_of(&terms, message)?);
            }
        }
        Ok(found)
    }
}

impl SqlStore {
    /// What was erased for a side is no longer found by its attachments there: their words go with them, in the
    /// transaction that erases.
    pub(in super::super) async fn forget_contents_in(
        tx: &mut Transaction<'static, Db>,
        changes: &[MessageChange],
    ) -> StoreResult<()> {
        for (side, statement) in [
            (SideOf::Sender, SENT_DOCUMENTS),
            (SideOf::Recipient, RECEIVED_DOCUMENTS),
        ] {
            let erased: Vec<&MessageChange> = changes.iter().filter(|change| change.state.side(side).erased).collect();
            for changes in erased.chunks(DOCUMENTS) {
                let mut sql = QueryBuilder::<Db>::new(statement);
                let mut list = sql.separated(", ");
                for change in changes {
                    list.push_bind(change.id.0);
                }
                sql.push(")");
                let found = sql
                    .build_query_as::<Document>()
                    .fetch_all(&mut **tx)
                    .await
                    .map_err(store_error)?;
                for document in found {
                    forget_content(tx, document).await?;
                }
            }
        }
        Ok(())
    }
}

/// What is indexed of one message in one list.
#[derive(sqlx::FromRow)]
struct Document {
    dm_id: i64,
    list_id: i64,
    sort_time: i64,
    terms: String,
}

async fn forget_content(tx: &mut Transaction<'static, Db>, document: Document) -> StoreResult<()> {
    let (content, rest): (Vec<String>, Vec<String>) = terms_of(&document.terms, document.dm_id)?
        .into_iter()
        .partition(|term| is_content_term(term));
    if content.is_empty() {
        return Ok(());
    }
    for term in &content {
        sqlx::query::<Db>(REMOVE_TERM)
            .bind(document.list_id)
            .bind(term.as_str())
            .bind(document.sort_time)
            .bind(document.dm_id)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
    }
    let rest = serde_json::to_string(&rest).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    sqlx::query::<Db>(SET_DOCUMENT)
        .bind(document.list_id)
        .bind(document.dm_id)
        .bind(rest)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(())
}

async fn remove_document(tx: &mut Transaction<'static, Db>, id: MailboxIndexId, message: MessageId) -> StoreResult<()> {
    let known = sqlx::query_as::<Db, (i64, String)>(REMOVE_DOCUMENT)
        .bind(id.0)
        .bind(message.0)
        .fetch_optional(&mut **tx)
        .await
        .map_err(store_error)?;
    let Some((time, terms)) = known else { return Ok(()) };
    for term in terms_of(&terms, message.0)? {
        sqlx::query::<Db>(REMOVE_TERM)
            .bind(id.0)
            .bind(term)
            .bind(time)
            .bind(message.0)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

async fn insert_terms(
    tx: &mut Transaction<'static, Db>,
    id: MailboxIndexId,
    documents: &[MailboxDocument],
) -> sqlx::Result<()> {
    let rows: Vec<(&str, i64, i64)> = documents
        .iter()
        .flat_map(|document| {
            let place = (document.time.0, document.id.0);
            document.terms.iter().map(move |term| (term.as_str(), place.0, place.1))
        })
        .collect();
    for rows in rows.chunks(ROWS) {
        let mut sql = QueryBuilder::<Db>::new("INSERT INTO mailbox_terms (list_id, term, sort_time, dm_id) ");
        sql.push_values(rows, |mut row, (term, time, message)| {
            row.push_bind(id.0)
                .push_bind((*term).to_owned())
                .push_bind(*time)
                .push_bind(*message);
        });
        sql.build().persistent(false).execute(&mut **tx).await?;
    }
    Ok(())
}
