//! Plans of SQLite.

use std::str::FromStr;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};

use super::{Exceptions, Fault, Finding, assert_none, heard};

/// Looks at all that was heard in this process, on a database at `url` with the store's schema.
pub async fn examine(url: &str) {
    let options = SqliteConnectOptions::from_str(url).unwrap().disable_statement_logging();
    let mut db = SqliteConnection::connect_with(&options).await.unwrap();
    let mut findings = Vec::new();
    for statement in heard() {
        let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")))
            .fetch_all(&mut db)
            .await
            .unwrap_or_else(|error| panic!("{statement}\n{error}"));
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let faults = faults(&steps, &statement);
        if !faults.is_empty() {
            findings.push(Finding {
                statement,
                faults,
                plan: steps.join("\n"),
            });
        }
    }
    assert_none(&findings, &mut Exceptions::default());
}

fn faults(steps: &[String], statement: &str) -> Vec<Fault> {
    let sorted = steps.iter().any(|step| step == "USE TEMP B-TREE FOR ORDER BY");
    let made: Vec<&str> = steps
        .iter()
        .filter_map(|step| step.strip_prefix("CO-ROUTINE ").or(step.strip_prefix("MATERIALIZE ")))
        .collect();
    let mut faults = Vec::new();
    for step in steps {
        if step.contains("AUTOMATIC") {
            faults.push(Fault {
                table: String::new(),
                what: step.clone(),
            });
        }
        let Some(rest) = step.strip_prefix("SCAN ") else {
            continue;
        };
        let name = rest.split(' ').next().unwrap_or_default();
        let rows = rest == "CONSTANT ROW" || rest.ends_with("VALUES CLAUSE") || rest.contains("VIRTUAL TABLE");
        let no_table = rows || made.contains(&name);
        // In the order of a key, and no further than the limit.
        let walked = statement.contains("ORDER BY") && statement.contains("LIMIT") && !sorted;
        if !no_table && !walked {
            faults.push(Fault {
                table: name.to_owned(),
                what: step.clone(),
            });
        }
    }
    faults
}
