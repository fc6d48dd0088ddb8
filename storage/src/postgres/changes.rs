//! Writing transitions: hundreds in one statement, each column an array.

use std::collections::{BTreeMap, HashMap, HashSet};

use isds_core::ids::MessageId;
use isds_core::ports::{MessageChange, StoreError, StoreResult};
use isds_core::time::Timestamp;
use sqlx::{PgExecutor, Transaction};

use super::shared::shared_objects::objects;
use super::{Db, SqlStore};
use crate::error::store_error;
use crate::rows::{StateColumns, flag, scan_code};

/// All or nothing in one statement, thus in one round trip where it is the only one:
///
/// 1. `locked` locks the messages that still are in the version their change was computed from, in the order of their
///    numbers, so that two batches never wait for each other crosswise. Where another transaction was faster, the
///    version is looked at again after the wait.
/// 2. Every other part writes only if that were as many as there are changes (`$1`).
///
/// `changed` of the answer is then `$1`, and 0 after a lost race.
pub(super) const APPLY_CHANGES: &str = "\
    WITH change AS ( \
        SELECT * FROM unnest($2::BIGINT[], $3::BIGINT[], $4::SMALLINT[], $5::BIGINT[], $6::BIGINT[], $7::BIGINT[], \
            $8::SMALLINT[], $9::SMALLINT[], $10::BIGINT[], $11::SMALLINT[], $12::SMALLINT[], $13::BIGINT[], \
            $14::SMALLINT[], $15::SMALLINT[], $16::SMALLINT[], $17::BYTEA[], $18::SMALLINT[], $19::BIGINT[], \
            $33::SMALLINT[]) \
        AS c (dm_id, from_version, phase, delivered_in, accepted, sort_time, sender_in_vault, sender_erased, \
            sender_due, recipient_in_vault, recipient_erased, recipient_due, recipient_read, sender_status, \
            recipient_status, timestamp_token, scan, fiction_due, empties) \
    ), locked AS MATERIALIZED ( \
        SELECT m.dm_id FROM messages AS m JOIN change AS c ON m.dm_id = c.dm_id AND m.version = c.from_version \
        ORDER BY m.dm_id FOR UPDATE OF m \
    ), complete AS MATERIALIZED ( \
        SELECT COUNT(*) = $1 AS yes FROM locked \
    ), updated AS ( \
        UPDATE messages AS m SET version = c.from_version + 1, phase = c.phase, delivered_in = c.delivered_in, \
            accepted = c.accepted, sort_time = c.sort_time, sender_in_vault = c.sender_in_vault, \
            sender_erased = c.sender_erased, sender_due = c.sender_due, recipient_in_vault = c.recipient_in_vault, \
            recipient_erased = c.recipient_erased, recipient_due = c.recipient_due, \
            recipient_read = c.recipient_read, sender_status = c.sender_status, \
            recipient_status = c.recipient_status, timestamp_token = COALESCE(c.timestamp_token, m.timestamp_token), \
            scan = COALESCE(c.scan, m.scan), fiction_due = c.fiction_due, \
            segments = CASE WHEN c.empties = 1 THEN '[]' ELSE m.segments END, \
            attachments = CASE WHEN c.empties = 1 AND m.attachments IS NOT NULL THEN '[]' ELSE m.attachments END \
        FROM change AS c WHERE m.dm_id = c.dm_id AND m.version = c.from_version AND (SELECT yes FROM complete) \
        RETURNING m.dm_id \
    ), removed AS ( \
        DELETE FROM message_events AS e USING unnest($20::BIGINT[], $21::SMALLINT[]) AS r (dm_id, kind) \
        WHERE e.dm_id = r.dm_id AND e.kind = r.kind AND (SELECT yes FROM complete) \
    ), event AS ( \
        INSERT INTO message_events (dm_id, version, seq, kind, time) \
        SELECT e.dm_id, e.version, e.seq, e.kind, e.time \
        FROM unnest($22::BIGINT[], $23::BIGINT[], $24::BIGINT[], $25::SMALLINT[], $26::BIGINT[]) \
        AS e (dm_id, version, seq, kind, time) WHERE (SELECT yes FROM complete) \
    ), state_change AS ( \
        INSERT INTO message_state_changes (sender_box, time, dm_id, version, seq, status) \
        SELECT m.sender_box, s.time, s.dm_id, s.version, s.seq, s.status \
        FROM unnest($27::BIGINT[], $28::BIGINT[], $29::BIGINT[], $30::BIGINT[], $31::SMALLINT[]) \
        AS s (dm_id, version, seq, time, status) JOIN messages AS m ON m.dm_id = s.dm_id \
        WHERE (SELECT yes FROM complete) \
    ), finished AS ( \
        DELETE FROM jobs WHERE id = ANY($32::BIGINT[]) AND (SELECT yes FROM complete) \
    ) SELECT COUNT(*) AS changed FROM updated";

pub(super) const CONTENTS: &str = "SELECT dm_id, segments FROM messages WHERE dm_id = ANY($1::BIGINT[])";

/// So many messages less need each object. Locked in the order in which everybody locks them.
pub(super) const UNREFER: &str = "\
    WITH gone AS ( \
        SELECT * FROM unnest($1::TEXT[], $2::BIGINT[]) AS g (object_id, times) \
    ), locked AS MATERIALIZED ( \
        SELECT s.object_id FROM shared_objects AS s WHERE s.object_id = ANY($1::TEXT[]) \
        ORDER BY s.object_id FOR UPDATE \
    ) UPDATE shared_objects AS s SET refs = s.refs - gone.times FROM gone JOIN locked USING (object_id) \
    WHERE s.object_id = gone.object_id RETURNING s.object_id, s.refs";

const UNCOUNT: &str = "DELETE FROM shared_objects WHERE object_id = ANY($1::TEXT[])";

/// Uploads that were used stay only as long as a message needs them.
const DELETE_UPLOADS: &str = "DELETE FROM uploads WHERE object_id = ANY($1::TEXT[])";

const FREE: &str = "INSERT INTO freed_objects (object_id, freed) \
     SELECT object_id, $2 FROM unnest($1::TEXT[]) AS o (object_id) ON CONFLICT (object_id) DO NOTHING";

/// Changes that so few messages ask for go to the database with those of others.
const FEW: usize = 64;

/// The columns of [`APPLY_CHANGES`], one array each.
#[derive(Default)]
struct Columns {
    id: Vec<i64>,
    from_version: Vec<i64>,
    phase: Vec<i16>,
    delivered_in: Vec<Option<i64>>,
    accepted: Vec<Option<i64>>,
    sort_time: Vec<i64>,
    sender_in_vault: Vec<i16>,
    sender_erased: Vec<i16>,
    sender_due: Vec<Option<i64>>,
    recipient_in_vault: Vec<i16>,
    recipient_erased: Vec<i16>,
    recipient_due: Vec<Option<i64>>,
    recipient_read: Vec<i16>,
    sender_status: Vec<i16>,
    recipient_status: Vec<i16>,
    timestamp_token: Vec<Option<Vec<u8>>>,
    scan: Vec<Option<i16>>,
    fiction_due: Vec<Option<i64>>,
    removed_id: Vec<i64>,
    removed_kind: Vec<i16>,
    event_id: Vec<i64>,
    event_version: Vec<i64>,
    event_seq: Vec<i64>,
    event_kind: Vec<i16>,
    event_time: Vec<i64>,
    state_id: Vec<i64>,
    state_version: Vec<i64>,
    state_seq: Vec<i64>,
    state_time: Vec<i64>,
    state_status: Vec<i16>,
    finished_job: Vec<i64>,
    empties: Vec<i16>,
}

impl Columns {
    fn push(&mut self, change: &MessageChange) {
        let state = StateColumns::from(&change.state);
        let (id, version) = (change.id.0, change.from_version + 1);
        self.id.push(id);
        self.from_version.push(change.from_version);
        self.phase.push(state.phase);
        self.delivered_in.push(state.delivered_in);
        self.accepted.push(state.accepted);
        self.sort_time.push(state.sort_time);
        self.sender_in_vault.push(state.sender_in_vault);
        self.sender_erased.push(state.sender_erased);
        self.sender_due.push(state.sender_due);
        self.recipient_in_vault.push(state.recipient_in_vault);
        self.recipient_erased.push(state.recipient_erased);
        self.recipient_due.push(state.recipient_due);
        self.recipient_read.push(state.recipient_read);
        self.sender_status.push(state.sender_status);
        self.recipient_status.push(state.recipient_status);
        self.timestamp_token.push(change.timestamp_token.clone());
        self.scan.push(change.scan.map(scan_code));
        self.fiction_due.push(state.fiction_due);
        self.empties.push(flag(change.frees.is_some()));
        for kind in change.removes {
            self.removed_id.push(id);
            self.removed_kind.push(kind.number());
        }
        for (event, seq) in change.events.iter().zip(0_i64..) {
            self.event_id.push(id);
            self.event_version.push(version);
            self.event_seq.push(seq);
            self.event_kind.push(event.kind.number());
            self.event_time.push(event.time.0);
        }
        for (state_change, seq) in change.state_changes.iter().zip(0_i64..) {
            self.state_id.push(id);
            self.state_version.push(version);
            self.state_seq.push(seq);
            self.state_time.push(state_change.time.0);
            self.state_status.push(state_change.status);
        }
        self.finished_job.extend(change.finishes_job.map(|job| job.0));
    }

    /// Whether all were written; otherwise none was.
    async fn apply(&self, executor: impl PgExecutor<'_>) -> sqlx::Result<bool> {
        let count = i64::try_from(self.id.len()).unwrap_or(i64::MAX);
        let changed = sqlx::query_scalar::<Db, i64>(APPLY_CHANGES)
            .bind(count)
            .bind(&self.id)
            .bind(&self.from_version)
            .bind(&self.phase)
            .bind(&self.delivered_in)
            .bind(&self.accepted)
            .bind(&self.sort_time)
            .bind(&self.sender_in_vault)
            .bind(&self.sender_erased)
            .bind(&self.sender_due)
            .bind(&self.recipient_in_vault)
            .bind(&self.recipient_erased)
            .bind(&self.recipient_due)
            .bind(&self.recipient_read)
            .bind(&self.sender_status)
            .bind(&self.recipient_status)
            .bind(&self.timestamp_token)
            .bind(&self.scan)
            .bind(&self.fiction_due)
            .bind(&self.removed_id)
            .bind(&self.removed_kind)
            .bind(&self.event_id)
            .bind(&self.event_version)
            .bind(&self.event_seq)
            .bind(&self.event_kind)
            .bind(&self.event_time)
            .bind(&self.state_id)
            .bind(&self.state_version)
            .bind(&self.state_seq)
            .bind(&self.state_time)
            .bind(&self.state_status)
            .bind(&self.finished_job)
            .bind(&self.empties)
            .fetch_one(executor)
            .await?;
        Ok(changed == count)
    }
}

/// Changes that promise nothing besides, in one statement and thus in one transaction. More than one of the same message
/// are a conflict, as the second was computed from what the first leaves behind.
pub(super) async fn write_once<'c>(
    executor: impl PgExecutor<'_>,
    changes: impl IntoIterator<Item = &'c MessageChange>,
) -> StoreResult<()> {
    let changes: Vec<&MessageChange> = changes.into_iter().collect();
    if !are_of_different_messages(changes.iter().copied()) {
        return Err(StoreError::Conflict);
    }
    let mut columns = Columns::default();
    for change in changes {
        columns.push(change);
    }
    if columns.apply(executor).await.map_err(store_error)? {
        Ok(())
    } else {
        Err(StoreError::Conflict)
    }
}

impl SqlStore {
    pub(super) async fn write_changes(&self, changes: &[MessageChange]) -> StoreResult<()> {
        let promises = changes.iter().any(|change| {
            !change.system_messages.is_empty()
                || !change.notices.is_empty()
                || !change.vaults.is_empty()
                || change.erases()
        });
        if !promises && are_of_different_messages(changes) {
            return if changes.len() <= FEW {
                self.change_gathered(changes).await
            } else {
                write_once(self.writer(), changes).await
            };
        }
        let mut tx = self.begin().await.map_err(store_error)?;
        let left = Self::content_left_in(&mut tx, changes).await?;
        for round in rounds(changes) {
            if !round.apply(&mut *tx).await.map_err(store_error)? {
                tx.rollback().await.map_err(store_error)?;
                return Err(StoreError::Conflict);
            }
        }
        for change in changes {
            Self::promise_in(&mut tx, &change.system_messages).await?;
            Self::add_notices_in(&mut tx, &change.notices).await?;
        }
        Self::forget_contents_in(&mut tx, changes).await?;
        release(&mut tx, &left).await?;
        Self::count_vaults_in(&mut tx, changes).await?;
        tx.commit().await.map_err(store_error)
    }
}

/// Objects that messages leave, each with how many do, by the time at which they do.
type Left = BTreeMap<Timestamp, BTreeMap<String, i64>>;

impl SqlStore {
    /// The objects of the messages that changes leave to neither side. Read before the messages are locked: whoever
    /// changes one in between raises its version, and nothing is written.
    async fn content_left_in(tx: &mut Transaction<'_, Db>, changes: &[MessageChange]) -> StoreResult<Left> {
        let freed: HashMap<i64, Timestamp> = changes
            .iter()
            .filter_map(|change| Some((change.id.0, change.frees?)))
            .collect();
        let mut left = Left::new();
        if freed.is_empty() {
            return Ok(left);
        }
        let ids: Vec<i64> = freed.keys().copied().collect();
        let contents = sqlx::query_as::<Db, (i64, String)>(CONTENTS)
            .bind(&ids)
            .fetch_all(&mut **tx)
            .await
            .map_err(store_error)?;
        for (id, segments) in contents {
            let Some(at) = freed.get(&id) else { continue };
            for object in objects(&segments, MessageId(id))? {
                *left.entry(*at).or_default().entry(object).or_default() += 1;
            }
        }
        Ok(left)
    }
}

/// Lets objects go that messages left: those that no other message and no waiting upload needs are freed.
async fn release(tx: &mut Transaction<'_, Db>, left: &Left) -> StoreResult<()> {
    for (freed, objects) in left {
        let (objects, times): (Vec<&str>, Vec<i64>) = objects.iter().map(|(id, times)| (id.as_str(), *times)).unzip();
        let counted = sqlx::query_as::<Db, (String, i64)>(UNREFER)
            .bind(&objects)
            .bind(&times)
            .fetch_all(&mut **tx)
            .await
            .map_err(store_error)?;
        let needed: HashSet<&str> = counted
            .iter()
            .filter(|(_, refs)| *refs > 0)
            .map(|(id, _)| id.as_str())
            .collect();
        let unneeded: Vec<&str> = objects.into_iter().filter(|id| !needed.contains(id)).collect();
        // Most objects belong to one message and are not counted.
        if counted.len() > needed.len() {
            for statement in [UNCOUNT, DELETE_UPLOADS] {
                sqlx::query::<Db>(statement)
                    .bind(&unneeded)
                    .execute(&mut **tx)
                    .await
                    .map_err(store_error)?;
            }
        }
        sqlx::query::<Db>(FREE)
            .bind(&unneeded)
            .bind(freed.0)
            .execute(&mut **tx)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

fn are_of_different_messages<'c>(changes: impl IntoIterator<Item = &'c MessageChange>) -> bool {
    let mut met = HashSet::new();
    changes.into_iter().all(|change| met.insert(change.id))
}

/// One statement changes a row once, so the second change of the same message goes into a second round.
fn rounds(changes: &[MessageChange]) -> Vec<Columns> {
    let mut rounds: Vec<Columns> = Vec::new();
    let mut met: HashMap<MessageId, usize> = HashMap::with_capacity(changes.len());
    for change in changes {
        let round = met.entry(change.id).and_modify(|round| *round += 1).or_insert(0);
        if *round == rounds.len() {
            rounds.push(Columns::default());
        }
        rounds[*round].push(change);
    }
    rounds
}
