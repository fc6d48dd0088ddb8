//! The frequent calls that go to the database together, see [`Together`].

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use isds_core::data_box::DataBox;
use isds_core::ids::{BoxId, MessageId};
use isds_core::message::Message;
use isds_core::ports::{MessageChange, NewMessage, StoreError, StoreResult};
use sqlx::{FromRow, Pool};

use super::accept::{self, Columns};
use super::changes;
use super::remembered::{Mark, Remembered};
use super::shared::accounts::KIND_PASSWORD;
use super::together::Together;
use super::{Db, SqlStore};
use crate::error::store_error;
use crate::rows::{BoxRow, MessageRow, NewMessageRow, box_columns, message_columns};

/// Who wrote the row, as [`Mark`] has it.
macro_rules! writer {
    () => {
        "CAST(CAST(xmin AS TEXT) AS BIGINT) AS writer"
    };
}

pub(super) const LOOKUP_MESSAGES: &str = concat!(
    "SELECT ",
    writer!(),
    ", ",
    message_columns!(),
    " FROM messages WHERE dm_id = ANY($1)"
);

pub(super) const LOOKUP_MARKS: &str = concat!(
    "SELECT dm_id, version, ",
    writer!(),
    " FROM messages WHERE dm_id = ANY($1)"
);

pub(super) const LOOKUP_BOXES: &str = concat!("SELECT ", box_columns!(), " FROM boxes WHERE box_id = ANY($1)");

pub(super) const LOOKUP_CREDENTIAL_VERSIONS: &str =
    "SELECT login, version FROM credentials WHERE login = ANY($1) AND kind = $2";

/// A number whose block is new is committed with a sync before it is answered, so it never comes back after a crash.
const NEXT_NUMBERS: &str = "SELECT nextval('message_numbers') FROM generate_series(1, $1)";

/// What asks together.
#[derive(Default)]
pub(super) struct Gathered {
    boxes: Together<BoxId, Option<DataBox>>,
    messages: Together<MessageId, Option<Message>>,
    versions: Together<String, Option<i64>>,
    numbers: Together<(), i64>,
    accepted: Together<NewMessage, ()>,
    changed: Together<Vec<MessageChange>, ()>,
    remembered: Remembered,
}

#[derive(FromRow)]
struct MarkedRow {
    dm_id: i64,
    #[sqlx(flatten)]
    mark: Mark,
}

#[derive(FromRow)]
struct MarkedMessageRow {
    #[sqlx(flatten)]
    mark: Mark,
    #[sqlx(flatten)]
    message: MessageRow,
}

impl SqlStore {
    pub(super) async fn box_by_id(&self, id: BoxId) -> StoreResult<Option<DataBox>> {
        let pool = self.reader().clone();
        let carry = move |ids: Vec<BoxId>| {
            let pool = pool.clone();
            async move { to_each(&ids, boxes(&pool, &ids).await) }
        };
        self.gathered.boxes.ask(id, carry).await
    }

    pub(super) async fn message_by_id(&self, id: MessageId) -> StoreResult<Option<Message>> {
        let (pool, remembered) = (self.reader().clone(), self.gathered.remembered.clone());
        let carry = move |ids: Vec<MessageId>| {
            let (pool, remembered) = (pool.clone(), remembered.clone());
            async move { to_each(&ids, messages(&pool, &remembered, &ids).await) }
        };
        self.gathered.messages.ask(id, carry).await
    }

    pub(super) async fn credential_version(&self, login: &str) -> StoreResult<Option<i64>> {
        let pool = self.reader().clone();
        let carry = move |logins: Vec<String>| {
            let pool = pool.clone();
            async move { to_each(&logins, versions(&pool, &logins).await) }
        };
        self.gathered.versions.ask(login.to_owned(), carry).await
    }

    pub(super) async fn next_number(&self) -> StoreResult<i64> {
        let pool = self.writer().clone();
        let carry = move |calls: Vec<()>| {
            let pool = pool.clone();
            async move {
                match numbers(&pool, calls.len()).await {
                    Ok(numbers) => numbers.into_iter().map(Ok).collect(),
                    Err(error) => failed(error, calls.len()),
                }
            }
        };
        self.gathered.numbers.ask((), carry).await
    }

    /// Accepts a message together with those that come at the same time: one commit for all of them. Where they cannot
    /// all be written, nothing of them was, and each is tried by itself; where the connection broke, nobody knows.
    pub(super) async fn accept_gathered(&self, message: &NewMessage) -> StoreResult<()> {
        let pool = self.writer().clone();
        let carry = move |messages: Vec<NewMessage>| {
            let pool = pool.clone();
            async move {
                match accept_all(&pool, &messages).await {
                    Ok(()) => messages.iter().map(|_| Ok(())).collect(),
                    Err(error @ StoreError::Unavailable(_)) => failed(error, messages.len()),
                    Err(error) if messages.len() == 1 => vec![Err(error)],
                    Err(_) => one_by_one(&pool, &messages).await,
                }
            }
        };
        self.gathered.accepted.ask(message.clone(), carry).await
    }

    /// Writes what changes a few messages together with those calls that come at the same time, in one commit. Each call
    /// is still all or nothing by itself: where not all can be written, each is tried alone.
    pub(super) async fn change_gathered(&self, changes: &[MessageChange]) -> StoreResult<()> {
        let pool = self.writer().clone();
        let carry = move |calls: Vec<Vec<MessageChange>>| {
            let pool = pool.clone();
            async move {
                match changes::write_once(&pool, calls.iter().flatten()).await {
                    Ok(()) => calls.iter().map(|_| Ok(())).collect(),
                    Err(error @ StoreError::Unavailable(_)) => failed(error, calls.len()),
                    Err(error) if calls.len() == 1 => vec![Err(error)],
                    Err(_) => call_by_call(&pool, &calls).await,
                }
            }
        };
        self.gathered.changed.ask(changes.to_vec(), carry).await
    }
}

async fn boxes(pool: &Pool<Db>, ids: &[BoxId]) -> StoreResult<HashMap<BoxId, StoreResult<DataBox>>> {
    let ids: Vec<&str> = ids.iter().map(BoxId::as_str).collect();
    let rows = sqlx::query_as::<Db, BoxRow>(LOOKUP_BOXES)
        .bind(&ids)
        .fetch_all(pool)
        .await
        .map_err(store_error)?;
    rows.into_iter()
        .map(|row| Ok((row.id()?, DataBox::try_from(row))))
        .collect()
}

async fn messages(
    pool: &Pool<Db>,
    remembered: &Remembered,
    ids: &[MessageId],
) -> StoreResult<HashMap<MessageId, StoreResult<Message>>> {
    let (known, unknown): (Vec<&MessageId>, Vec<&MessageId>) = ids.iter().partition(|id| remembered.knows(**id));
    let mut to_read: Vec<i64> = unknown.iter().map(|id| id.0).collect();
    let mut found = HashMap::with_capacity(ids.len());
    for row in marks(pool, &known).await? {
        let id = MessageId(row.dm_id);
        match remembered.same(id, row.mark) {
            Some(message) => drop(found.insert(id, Ok(message))),
            None => to_read.push(id.0),
        }
    }
    if to_read.is_empty() {
        return Ok(found);
    }
    let rows = sqlx::query_as::<Db, MarkedMessageRow>(LOOKUP_MESSAGES)
        .bind(&to_read)
        .fetch_all(pool)
        .await
        .map_err(store_error)?;
    for row in rows {
        let (id, message) = (row.message.id(), Message::try_from(row.message));
        if let Ok(message) = &message {
            remembered.remember(row.mark, message);
        }
        found.insert(id, message);
    }
    Ok(found)
}

async fn marks(pool: &Pool<Db>, ids: &[&MessageId]) -> StoreResult<Vec<MarkedRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as::<Db, MarkedRow>(LOOKUP_MARKS)
        .bind(&ids)
        .fetch_all(pool)
        .await
        .map_err(store_error)
}

async fn versions(pool: &Pool<Db>, logins: &[String]) -> StoreResult<HashMap<String, StoreResult<i64>>> {
    let rows = sqlx::query_as::<Db, (String, i64)>(LOOKUP_CREDENTIAL_VERSIONS)
        .bind(logins)
        .bind(KIND_PASSWORD)
        .fetch_all(pool)
        .await
        .map_err(store_error)?;
    Ok(rows.into_iter().map(|(login, version)| (login, Ok(version))).collect())
}

async fn numbers(pool: &Pool<Db>, count: usize) -> StoreResult<Vec<i64>> {
    sqlx::query_scalar::<Db, i64>(NEXT_NUMBERS)
        .bind(i32::try_from(count).unwrap_or(i32::MAX))
        .fetch_all(pool)
        .await
        .map_err(store_error)
}

async fn accept_all(pool: &Pool<Db>, messages: &[NewMessage]) -> StoreResult<()> {
    let mut columns = Columns::default();
    for new in messages {
        columns.push(&NewMessageRow::new(new)?, new.event, new.job_due);
    }
    columns.insert(pool).await.map_err(store_error)
}

async fn one_by_one(pool: &Pool<Db>, messages: &[NewMessage]) -> Vec<StoreResult<()>> {
    let mut accepted = Vec::with_capacity(messages.len());
    for new in messages {
        accepted.push(accept::one(pool, new).await);
    }
    accepted
}

async fn call_by_call(pool: &Pool<Db>, calls: &[Vec<MessageChange>]) -> Vec<StoreResult<()>> {
    let mut written = Vec::with_capacity(calls.len());
    for call in calls {
        written.push(changes::write_once(pool, call).await);
    }
    written
}

/// What was found for each key, in the order of the keys; the same key may come more than once.
fn to_each<K, V>(keys: &[K], found: StoreResult<HashMap<K, StoreResult<V>>>) -> Vec<StoreResult<Option<V>>>
where
    K: Eq + std::hash::Hash,
    V: Clone,
{
    let found = match found {
        Ok(found) => found,
        Err(error) => return failed(error, keys.len()),
    };
    keys.iter()
        .map(|key| match found.get(key) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value.clone())),
            Some(Err(error)) => Err(StoreError::Inconsistent(error.to_string())),
        })
        .collect()
}

/// The same failure for each of so many calls.
fn failed<V>(error: StoreError, calls: usize) -> Vec<StoreResult<V>> {
    let StoreError::Unavailable(cause) = error else {
        let text = error.to_string();
        return (0..calls)
            .map(|_| Err(StoreError::Inconsistent(text.clone())))
            .collect();
    };
    let cause: Arc<dyn std::error::Error + Send + Sync> = Arc::from(cause);
    (0..calls)
        .map(|_| Err(StoreError::Unavailable(Box::new(SharedCause(Arc::clone(&cause))))))
        .collect()
}

/// A cause that several failures have.
#[derive(Debug)]
struct SharedCause(Arc<dyn std::error::Error + Send + Sync>);

impl fmt::Display for SharedCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for SharedCause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
