//! Plans of PostgreSQL, made once for all parameters, as a prepared statement ends up with.

use std::collections::HashMap;
use std::str::FromStr;

use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

use super::{Exceptions, Fault, Finding, assert_none, heard};

/// Whole reads are priced out, as on the connections of the store: where one remains, there is no index.
const SETTINGS: [&str; 4] = [
    "SET plan_cache_mode = force_generic_plan",
    "SET enable_seqscan = off",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
];

/// Rows for the tables that grow, by the thousand, so that the planner knows them to be large.
const FILL: &[&str] = &[
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
    "INSERT INTO box_calls (day, box_id, account, node, calls) \
     SELECT 20000 + n % 7, 'box' || n / 2, '', 'node' || n % 2, n FROM generate_series(1, 20000) AS n",
    "INSERT INTO shared_objects (object_id, refs) SELECT 'object' || n, 1 FROM generate_series(1, 20000) AS n",
];

/// For each other table a statement that fills it with something: of an empty one every index costs the same.
const FILLERS: &str = "SELECT format('INSERT INTO %I (%s) SELECT %s FROM generate_series(1, 3000) AS n \
     ON CONFLICT DO NOTHING', table_name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position), \
     string_agg(CASE data_type WHEN 'smallint' THEN 'n % 2' WHEN 'text' THEN '''x'' || n' \
         WHEN 'bytea' THEN 'decode(md5(n::text), ''hex'')' ELSE 'n' END, ', ' ORDER BY ordinal_position)) \
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%' \
     AND table_name <> ALL($1) GROUP BY table_name";

/// Columns that refer to another table and begin no index: who removes a row of that one has this one read whole, and no
/// plan shows it.
const UNINDEXED: &str = "SELECT conrelid::regclass || '.' || a.attname FROM pg_constraint AS c \
     JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
     WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT EXISTS \
     (SELECT 1 FROM pg_index AS i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])";

/// Looks at all that was heard in this process, on a database at `url` with the store's schema: first empty, as on the
/// day it is made, where it is chance which of several indexes is taken; then full.
pub async fn examine(url: &str, exceptions: &mut Exceptions) {
    let options = PgConnectOptions::from_str(url).unwrap().disable_statement_logging();
    let mut db = PgConnection::connect_with(&options).await.unwrap();
    for setting in SETTINGS {
        db.execute(setting).await.unwrap();
    }
    let leading = leading_columns(&mut db).await;
    let unindexed: Vec<String> = sqlx::query_scalar(UNINDEXED).fetch_all(&mut db).await.unwrap();
    assert!(
        unindexed.is_empty(),
        "no index finds what refers to a row that goes: {unindexed:?}"
    );
    let statements = heard();
    assert!(statements.len() > 300, "{} statements were heard", statements.len());
    assert_none(&findings(&mut db, &statements, None).await, exceptions);
    fill(&mut db).await;
    assert_none(&findings(&mut db, &statements, Some(&leading)).await, exceptions);
}

async fn fill(db: &mut PgConnection) {
    let mut filled = vec!["installation"];
    for rows in FILL {
        db.execute(*rows).await.unwrap();
        filled.extend(rows.strip_prefix("INSERT INTO ").unwrap().split(' ').next());
    }
    // Rows that refer to nothing do for plans.
    db.execute("SET session_replication_role = replica").await.unwrap();
    let fillers: Vec<String> = sqlx::query_scalar(FILLERS)
        .bind(filled)
        .fetch_all(&mut *db)
        .await
        .unwrap();
    assert!(fillers.len() > 30, "{fillers:?}");
    for filler in fillers {
        db.execute(AssertSqlSafe(filler)).await.unwrap();
    }
    let open = "UPDATE initiating_messages SET reply_id = NULL WHERE dm_id % 2 = 0";
    db.execute(open).await.unwrap();
    db.execute("ANALYZE").await.unwrap();
}

/// What each index begins with.
async fn leading_columns(db: &mut PgConnection) -> HashMap<String, String> {
    let columns = "SELECT c.relname::text, pg_get_indexdef(i.indexrelid, 1, true) FROM pg_index AS i \
                   JOIN pg_class AS c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace";
    let rows: Vec<(String, String)> = sqlx::query_as(columns).fetch_all(db).await.unwrap();
    rows.into_iter().collect()
}

/// `leading`: what each index begins with, where the one that is taken has to be entered by that.
async fn findings(
    db: &mut PgConnection,
    statements: &[String],
    leading: Option<&HashMap<String, String>>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for statement in statements {
        let plan = plan(db, statement).await;
        let mut faults = Vec::new();
        look(&plan, false, leading, &mut faults);
        if !faults.is_empty() {
            findings.push(Finding {
                statement: statement.clone(),
                faults,
                plan: outline(&plan, 1),
            });
        }
    }
    findings
}

async fn plan(db: &mut PgConnection, statement: &str) -> Value {
    let parameters = prepare(db, statement).await;
    let arguments = match parameters {
        0 => String::new(),
        n => format!("({})", vec!["NULL"; n].join(", ")),
    };
    let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE q {arguments}");
    let mut plans: Value = sqlx::query_scalar(AssertSqlSafe(explain))
        .fetch_one(&mut *db)
        .await
        .unwrap_or_else(|error| panic!("{statement}\n{error}"));
    db.execute("DEALLOCATE q").await.unwrap();
    plans[0]["Plan"].take()
}

/// Prepares a statement; how many parameters it has. Of a few the server cannot find out the type by itself; the store tells
/// it, here it is tried.
async fn prepare(db: &mut PgConnection, statement: &str) -> usize {
    const TYPES: [&str; 4] = ["unknown", "text", "bytea", "bigint"];
    let parameters = (1..).take_while(|n| mentions(statement, &format!("${n}"))).count();
    let mut types = vec![0; parameters];
    let mut last = 0;
    loop {
        let names: Vec<&str> = types.iter().map(|n| TYPES[*n]).collect();
        let declared = if parameters == 0 {
            String::new()
        } else {
            format!("({})", names.join(", "))
        };
        let prepare = AssertSqlSafe(format!("PREPARE q {declared} AS {statement}"));
        let Err(error) = db.execute(prepare).await else {
            return parameters;
        };
        let said = error.to_string();
        let named = said.split_once("data type of parameter $").map(|(_, rest)| {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<usize>().unwrap() - 1
        });
        last = named.unwrap_or(last);
        if last < parameters && types[last] + 1 == TYPES.len() {
            types[last] = 0;
            last += 1;
        }
        assert!(last < parameters, "{statement}\n{error}");
        types[last] += 1;
    }
}

/// Whether `text` has `word` in it, not as the beginning or the end of another.
fn mentions(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

/// `few`: whoever asks stops after a few rows.
fn look(node: &Value, few: bool, leading: Option<&HashMap<String, String>>, faults: &mut Vec<Fault>) {
    let text = |key: &str| node[key].as_str().unwrap_or_default();
    let fault = |what: String| Fault {
        table: text("Relation Name").to_owned(),
        what,
    };
    match text("Node Type") {
        "Seq Scan" => faults.push(fault(format!("{} is read whole", text("Relation Name")))),
        "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" => {
            let (index, condition) = (text("Index Name"), text("Index Cond"));
            let entered = match leading {
                Some(leading) => leading.get(index).is_some_and(|column| mentions(condition, column)),
                None => !condition.is_empty(),
            };
            // In the order of the index, and all that is passed is taken.
            let walked = few && condition.is_empty() && node["Filter"].is_null();
            if !entered && !walked {
                faults.push(fault(format!("{index} is read whole: {condition}")));
            }
        }
        _ => {}
    }
    let few = match text("Node Type") {
        "Limit" => true,
        "Sort" | "Aggregate" | "Hash" | "Materialize" | "WindowAgg" => false,
        _ => few,
    };
    for plan in node["Plans"].as_array().into_iter().flatten() {
        let apart = matches!(plan["Parent Relationship"].as_str(), Some("InitPlan" | "SubPlan"));
        look(plan, few && !apart, leading, faults);
    }
}

/// The plan in lines.
fn outline(node: &Value, depth: usize) -> String {
    let mut line = "  ".repeat(depth);
    for key in [
        "Subplan Name",
        "Node Type",
        "Relation Name",
        "Index Name",
        "Index Cond",
        "Filter",
        "Sort Key",
    ] {
        if !node[key].is_null() {
            line += &format!("{} ", node[key]);
        }
    }
    let below = node["Plans"].as_array().into_iter().flatten();
    below.fold(line, |lines, plan| lines + "\n" + &outline(plan, depth + 1))
}
