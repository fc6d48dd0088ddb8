//! Every frequent query goes through an index and sorts nothing: its cost does not grow with the tables.
//!
//! Looked at is the plan that is made once for all parameters, which a prepared statement ends up with, on a connection
//! of the store's own pool.

use harness::PrivateCluster;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Executor};

use super::changes::APPLY_CHANGES;
use super::gathered::{LOOKUP_BOXES, LOOKUP_CREDENTIAL_VERSIONS, LOOKUP_MARKS, LOOKUP_MESSAGES};
use super::shared::statements::{Expected, FREQUENT};
use super::statements::{ACCESSIBLE, FORGET_FAILURES, LEASE_JOBS, LEASE_SCANS};
use super::{Db, SqlStore};

/// 5,000 boxes with a user each; 20,000 messages, half of them waiting, with their events, changes and jobs.
const FILL: [&str; 9] = [
    "INSERT INTO boxes (box_id, box_type, state, open_addressing, postal_contract, aifo_known) \
     SELECT 'box' || n, 10, 1, 0, 0, 0 FROM generate_series(1, 5000) AS n",
    "INSERT INTO persons (given_names, last_name, address, aifo_known) \
     SELECT '', '', '{}', 0 FROM generate_series(1, 5000)",
    "INSERT INTO memberships (isds_id, box_id, person_id, user_type, privileges) \
     SELECT 'DS_' || id, 'box' || id, id, 'PRIMARY_USER', 255 FROM persons",
    "INSERT INTO credentials SELECT 'login' || id, 1, id, '', 1, NULL FROM memberships",
    "INSERT INTO messages (dm_id, version, phase, kind, sender_box, recipient_box, personal_delivery, envelope, author, \
     segments, sha256, sha3_256, attachment_count, attachment_size_kb, submitted, sort_time, sender_in_vault, \
     sender_erased, recipient_in_vault, recipient_erased, recipient_read, sender_status, recipient_status, sender_due, \
     recipient_due, fiction_due) \
     SELECT n, 0, 4 + 2 * (n % 2), 1, 'sender' || n % 100, 'recipient' || n % 100, 0, repeat('x', 800), '', '', '', '', \
     1, 1, n, n, 0, 0, 0, 0, 0, 4, 4, n, n, CASE WHEN n % 2 = 0 THEN n END FROM generate_series(1, 20000) AS n",
    "INSERT INTO message_events SELECT dm_id, 0, 0, 0, 0 FROM messages",
    "INSERT INTO message_state_changes SELECT sender_box, sort_time, dm_id, 0, 0, 4 FROM messages",
    "INSERT INTO jobs (kind, subject, due, attempts) SELECT 1, dm_id, 0, 0 FROM messages",
    "ANALYZE",
];

async fn connection() -> PoolConnection<Db> {
    let cluster = tokio::task::spawn_blocking(|| PrivateCluster::shared().unwrap());
    let store = SqlStore::open(&cluster.await.unwrap().fresh_database().unwrap())
        .await
        .unwrap();
    let mut db = store.pool.acquire().await.unwrap();
    db.execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    db
}

/// The generic plan of a statement; `arguments` must have the right number and shape, their values do not matter.
async fn plan(db: &mut PoolConnection<Db>, statement: &str, types: &str, arguments: &str) -> String {
    db.execute(AssertSqlSafe(format!("PREPARE q {types} AS {statement}")))
        .await
        .unwrap();
    let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE q ({arguments})"));
    let lines = sqlx::query_scalar::<Db, String>(explain)
        .fetch_all(&mut **db)
        .await
        .unwrap();
    db.execute("DEALLOCATE q").await.unwrap();
    lines.join("\n")
}

/// A value for each parameter.
fn arguments_of(parameters: &str) -> String {
    parameters
        .replace("text", "'x'")
        .replace("bytea", "'x'")
        .replace("bigint", "7")
        .replace("integer", "7")
        .replace("smallint", "1")
}

async fn assert_frequent_queries_use_their_index(db: &mut PoolConnection<Db>) {
    for query in FREQUENT {
        let Expected {
            statement,
            index,
            parameters,
        } = query;
        let arguments = arguments_of(parameters);
        let plan = plan(db, statement, &format!("({parameters})"), &arguments).await;
        // Of empty tables any index that holds the key costs the same; which one is taken is chance.
        let by_key = index.ends_with("_pkey") && plan.contains("Index Cond");
        assert!(
            (plan.contains(index) || by_key) && !plan.contains("Seq Scan"),
            "{statement}\n{plan}"
        );
        // Of the events of one message there are few; everything else comes in order.
        let sorted = plan.contains("Sort") && *index != "message_events_pkey";
        assert!(!sorted, "{statement}\n{plan}");
    }
    for statement in [LEASE_JOBS, LEASE_SCANS] {
        let lease = plan(db, statement, "", "1, 1, 1, 1").await;
        assert!(
            lease.contains("jobs_due") && lease.contains("jobs_pkey") && !lease.contains("Seq Scan"),
            "{lease}"
        );
    }
    for (statement, arguments, index) in [
        (LOOKUP_MESSAGES, "'{}'", "messages_pkey"),
        (LOOKUP_MARKS, "'{}'", "messages_pkey"),
        (LOOKUP_BOXES, "'{}'", "boxes_pkey"),
        (ACCESSIBLE, "'{}'", "boxes_pkey"),
        (LOOKUP_CREDENTIAL_VERSIONS, "'{}', 1", "credentials_pkey"),
    ] {
        let gathered = plan(db, statement, "", arguments).await;
        assert!(
            gathered.contains(index) && gathered.contains("Index Cond"),
            "{gathered}"
        );
        assert!(!gathered.contains("Seq Scan"), "{gathered}");
    }
    let forget = plan(db, FORGET_FAILURES, "", "1, 1, 1").await;
    assert!(
        forget.contains("login_failures_first") && !forget.contains("Seq Scan"),
        "{forget}"
    );
    let arguments = std::iter::once("1")
        .chain(std::iter::repeat_n("'{}'", 32))
        .collect::<Vec<_>>()
        .join(", ");
    let apply = plan(db, APPLY_CHANGES, "", &arguments).await;
    for index in ["messages_pkey", "message_events_pkey", "jobs_pkey"] {
        assert!(apply.contains(index) && !apply.contains("Seq Scan"), "{index}\n{apply}");
    }
    // An index that is read whole is as bad: each index is asked for a key.
    let (scans, keys) = (apply.matches(" using ").count(), apply.matches("Index Cond").count());
    assert!(scans > 0 && scans <= keys, "{apply}");
}

#[tokio::test]
async fn frequent_queries_use_their_index() {
    let mut db = connection().await;
    for statement in FILL {
        db.execute(statement).await.unwrap();
    }
    assert_frequent_queries_use_their_index(&mut db).await;
}

/// What a node prepared on its first message must not read the whole table on its millionth.
#[tokio::test]
async fn plans_made_on_an_empty_database_use_indexes() {
    assert_frequent_queries_use_their_index(&mut connection().await).await;
}

/// Not even where help of other processes would cost nothing.
#[tokio::test]
async fn no_query_is_shared_among_processes() {
    let mut db = connection().await;
    for statement in FILL {
        db.execute(statement).await.unwrap();
    }
    for setting in [
        "parallel_setup_cost",
        "parallel_tuple_cost",
        "min_parallel_table_scan_size",
        "min_parallel_index_scan_size",
    ] {
        db.execute(AssertSqlSafe(format!("SET {setting} = 0"))).await.unwrap();
    }
    for query in FREQUENT {
        let arguments = arguments_of(query.parameters);
        let plan = plan(&mut db, query.statement, &format!("({})", query.parameters), &arguments).await;
        assert!(!plan.contains("Gather"), "{}\n{plan}", query.statement);
    }
}
