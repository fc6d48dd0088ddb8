//! Lists of messages for people.

use async_trait::async_trait;
use isds_core::ids::MessageId;
use isds_core::mailbox::MailboxList;
use isds_core::message::SideOf;
use isds_core::ports::{
    CandidateQuery, Candidates, Direction, Lead, ListPosition, Mailbox, MessageRecord, StoreResult, WaitingQuery,
};
use isds_core::time::Timestamp;
use sqlx::QueryBuilder;

use super::{Db, SqlStore, all, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::{RecordRow, flag, record_columns, side_code};

/// Most numbers in one list of them.
const NUMBERS: usize = 500;

pub(in super::super) const LIST_WAITING_RECORDS: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM messages WHERE recipient_box = $1 AND phase IN (4, 5) AND recipient_erased = 0 \
     AND (personal_delivery = 0 OR $2 = 1) AND ($3 = 1 OR phase = 5 OR kind = 3) ORDER BY dm_id LIMIT $4"
);

pub(in super::super) const COUNT_WAITING: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM messages \
     WHERE recipient_box = $1 AND phase IN (4, 5) AND recipient_erased = 0 \
     AND (personal_delivery = 0 OR $2 = 1) AND ($3 = 1 OR phase = 5 OR kind = 3) LIMIT $4) AS counted";

/// Where the messages of a lead are found: the table, and a condition whose wording is that of its index.
struct Source {
    table: &'static str,
    condition: &'static str,
}

/// None for what has tables of its own.
fn source(lead: &Lead, side: SideOf) -> Option<Source> {
    use SideOf::{Recipient, Sender};
    let condition = match (lead, side) {
        (Lead::Live, Recipient) => "recipient_box = $1 AND recipient_status IN (4, 5, 6, 7)",
        (Lead::Live, Sender) => "sender_box = $1 AND sender_status IN (1, 2, 3, 4, 5, 6, 7, 8)",
        (Lead::Unread, Recipient) => "recipient_box = $1 AND recipient_status = 6",
        (Lead::Open, Sender) => "sender_box = $1 AND sender_status IN (3, 4, 8)",
        (Lead::Vault, Recipient) => "recipient_box = $1 AND recipient_status = 10 AND recipient_status IN (9, 10)",
        (Lead::Vault, Sender) => "sender_box = $1 AND sender_status = 10 AND sender_status IN (9, 10)",
        (Lead::Erased, Recipient) => "recipient_box = $1 AND recipient_status = 9 AND recipient_status IN (9, 10)",
        (Lead::Erased, Sender) => "sender_box = $1 AND sender_status = 9 AND sender_status IN (9, 10)",
        (Lead::Tasks, _) => {
            return Some(Source {
                table: "mailbox_tasks",
                condition: match side {
                    Recipient => "box_id = $1 AND side = 1 AND done = 0",
                    Sender => "box_id = $1 AND side = 0 AND done = 0",
                },
            });
        }
        (Lead::Unread, Sender) | (Lead::Open, Recipient) => "recipient_box = $1 AND 1 = 0",
        (Lead::Tag(_) | Lead::Terms(..), _) => return None,
    };
    Some(Source {
        table: "messages",
        condition,
    })
}

/// The interval of a query behind its last place, as two places that lie outside of it.
fn bounds(query: &CandidateQuery) -> (ListPosition, ListPosition) {
    let mut low = ListPosition {
        time: query.from,
        id: MessageId(i64::MIN),
    };
    let mut high = ListPosition {
        time: query.to,
        id: MessageId(i64::MAX),
    };
    let key = |place: ListPosition| (place.time, place.id);
    match (query.after, query.direction) {
        (Some(after), Direction::Older) if key(after) < key(high) => high = after,
        (Some(after), Direction::Newer) if key(after) > key(low) => low = after,
        _ => {}
    }
    (low, high)
}

fn order(direction: Direction) -> &'static str {
    match direction {
        Direction::Older => " ORDER BY sort_time DESC, dm_id DESC LIMIT ",
        Direction::Newer => " ORDER BY sort_time, dm_id LIMIT ",
    }
}

/// Adds the bounds, the order and the limit. The time alone stands there as well: the engines use it where they do not
/// see it in the pair.
fn within(sql: &mut QueryBuilder<Db>, query: &CandidateQuery) {
    let (low, high) = bounds(query);
    match query.direction {
        Direction::Older => {
            sql.push(" AND (sort_time, dm_id) < (")
                .push_bind(high.time.0)
                .push(", ")
                .push_bind(high.id.0)
                .push(") AND sort_time >= ")
                .push_bind(low.time.0);
        }
        Direction::Newer => {
            sql.push(" AND (sort_time, dm_id) > (")
                .push_bind(low.time.0)
                .push(", ")
                .push_bind(low.id.0)
                .push(") AND sort_time <= ")
                .push_bind(high.time.0);
        }
    }
    sql.push(order(query.direction)).push_bind(signed(query.limit));
}

/// Records of a walk over `messages` itself.
pub(in super::super) fn walk_statement(query: &CandidateQuery) -> Option<QueryBuilder<Db>> {
    let source = source(&query.lead, query.list.side).filter(|source| source.table == "messages")?;
    let mut sql = QueryBuilder::<Db>::new(concat!("SELECT ", record_columns!(), " FROM messages WHERE "));
    push_condition(&mut sql, &source, query.list);
    within(&mut sql, query);
    Some(sql)
}

/// `QueryBuilder` numbers its parameters itself.
fn push_condition(sql: &mut QueryBuilder<Db>, source: &Source, list: MailboxList) {
    for (n, piece) in source.condition.split("$1").enumerate() {
        if n > 0 {
            sql.push_bind(list.box_id.to_string());
        }
        sql.push(piece);
    }
}

/// Places of the other leads.
pub(in super::super) fn places_statement(query: &CandidateQuery) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::<Db>::new("");
    match &query.lead {
        Lead::Tag(tag) => {
            sql.push("SELECT sort_time, dm_id FROM mailbox_tagged WHERE tag_id = ")
                .push_bind(tag.0)
                .push(" AND side = ")
                .push_bind(side_code(query.list.side))
                .push(" AND box_id = ")
                .push_bind(query.list.box_id.to_string());
            within(&mut sql, query);
        }
        Lead::Terms(id, terms) => {
            sql.push("SELECT sort_time, dm_id FROM (");
            for (n, term) in terms.iter().enumerate() {
                // UNION: a message may have several of the terms.
                sql.push(if n == 0 { "" } else { " UNION " })
                    .push("SELECT sort_time, dm_id FROM (SELECT sort_time, dm_id FROM mailbox_terms WHERE list_id = ")
                    .push_bind(id.0)
                    .push(" AND term = ")
                    .push_bind(term.clone());
                within(&mut sql, query);
                sql.push(") AS part").push(n.to_string());
            }
            sql.push(") AS found")
                .push(order(query.direction))
                .push_bind(signed(query.limit));
        }
        other => {
            let source = source(other, query.list.side);
            sql.push("SELECT sort_time, dm_id FROM mailbox_tasks WHERE ");
            if let Some(source) = source {
                push_condition(&mut sql, &source, query.list);
            }
            within(&mut sql, query);
        }
    }
    sql
}

pub(in super::super) fn count_statement(list: MailboxList, lead: &Lead, limit: u64) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::<Db>::new("SELECT ");
    match (lead, source(lead, list.side)) {
        (_, Some(source)) => {
            sql.push("(SELECT COUNT(*) FROM (SELECT 1 FROM ")
                .push(source.table)
                .push(" WHERE ");
            push_condition(&mut sql, &source, list);
            sql.push(" LIMIT ").push_bind(signed(limit)).push(") AS counted)");
        }
        (Lead::Terms(id, terms), None) => {
            sql.push("CAST(0 AS BIGINT)");
            for term in terms {
                sql.push(" + (SELECT COUNT(*) FROM (SELECT 1 FROM mailbox_terms WHERE list_id = ")
                    .push_bind(id.0)
                    .push(" AND term = ")
                    .push_bind(term.clone())
                    .push(" LIMIT ")
                    .push_bind(signed(limit))
                    .push(") AS counted)");
            }
        }
        (lead, None) => {
            let tag = if let Lead::Tag(tag) = lead { tag.0 } else { 0 };
            sql.push("(SELECT COUNT(*) FROM (SELECT 1 FROM mailbox_tagged WHERE tag_id = ")
                .push_bind(tag)
                .push(" AND side = ")
                .push_bind(side_code(list.side))
                .push(" AND box_id = ")
                .push_bind(list.box_id.to_string())
                .push(" LIMIT ")
                .push_bind(signed(limit))
                .push(") AS counted)");
        }
    }
    sql
}

#[async_trait]
impl Mailbox for SqlStore {
    async fn list_candidates(&self, query: &CandidateQuery) -> StoreResult<Candidates> {
        if query.limit == 0 || matches!(&query.lead, Lead::Terms(_, terms) if terms.is_empty()) {
            return Ok(Candidates {
                ended: true,
                ..Candidates::default()
            });
        }
        let Some(mut walk) = walk_statement(query) else {
            return self.candidates_at_places(query).await;
        };
        let rows = walk
            .build_query_as::<RecordRow>()
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let records: Vec<MessageRecord> = all(rows)?;
        Ok(Candidates {
            last: records.last().map(MessageRecord::position),
            ended: (records.len() as u64) < query.limit,
            records,
        })
    }

    async fn count_candidates(&self, list: MailboxList, lead: &Lead, limit: u64) -> StoreResult<u64> {
        let count = count_statement(list, lead, limit)
            .build_query_scalar::<i64>()
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        let count = u64::try_from(count).map_err(|_| inconsistent("count", "a list"))?;
        Ok(count.min(limit))
    }

    async fn list_waiting_records(&self, query: &WaitingQuery) -> StoreResult<Vec<MessageRecord>> {
        let rows = sqlx::query_as::<Db, RecordRow>(LIST_WAITING_RECORDS)
            .bind(query.box_id.as_str())
            .bind(i64::from(flag(query.personal)))
            .bind(i64::from(flag(query.accessible)))
            .bind(signed(query.limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }

    async fn count_waiting(&self, query: &WaitingQuery) -> StoreResult<u64> {
        let count = sqlx::query_scalar::<Db, i64>(COUNT_WAITING)
            .bind(query.box_id.as_str())
            .bind(i64::from(flag(query.personal)))
            .bind(i64::from(flag(query.accessible)))
            .bind(signed(query.limit))
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        u64::try_from(count).map_err(|_| inconsistent("count", query.box_id))
    }

    async fn load_records(&self, ids: &[MessageId]) -> StoreResult<Vec<MessageRecord>> {
        let mut records = Vec::with_capacity(ids.len());
        for ids in ids.chunks(NUMBERS) {
            let mut sql =
                QueryBuilder::<Db>::new(concat!("SELECT ", record_columns!(), " FROM messages WHERE dm_id IN ("));
            let mut list = sql.separated(", ");
            for id in ids {
                list.push_bind(id.0);
            }
            sql.push(")");
            let rows = sql
                .build_query_as::<RecordRow>()
                .fetch_all(self.reader())
                .await
                .map_err(store_error)?;
            records.extend(all::<_, MessageRecord>(rows)?);
        }
        Ok(records)
    }
}

impl SqlStore {
    async fn candidates_at_places(&self, query: &CandidateQuery) -> StoreResult<Candidates> {
        let places = places_statement(query)
            .build_query_as::<(i64, i64)>()
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let ids: Vec<MessageId> = places.iter().map(|(_, id)| MessageId(*id)).collect();
        let mut found: std::collections::HashMap<MessageId, MessageRecord> = self
            .load_records(&ids)
            .await?
            .into_iter()
            .map(|record| (record.id, record))
            .collect();
        let place = |(time, id): &(i64, i64)| ListPosition {
            time: Timestamp(*time),
            id: MessageId(*id),
        };
        let records = places.iter().map(place).filter_map(|place| {
            let record = found.remove(&place.id)?;
            // One that moved since it was indexed comes at its own place.
            (record.position() == place).then_some(record)
        });
        Ok(Candidates {
            records: records.collect(),
            last: places.last().map(place),
            ended: (places.len() as u64) < query.limit,
        })
    }
}
