//! Every frequent query goes through an index and sorts nothing: its cost does not grow with the tables.

use sqlx::{AssertSqlSafe, Row};

use super::shared::statements::{self, Expected};
use super::statements::{LOOKUP_BOX, LOOKUP_CREDENTIAL_VERSION, LOOKUP_MESSAGE};
use super::{Db, SqlStore};

/// What PostgreSQL asks for many at once.
const OWN: [Expected; 3] = [
    Expected {
        statement: LOOKUP_BOX,
        index: "boxes_pkey",
        parameters: "text",
    },
    Expected {
        statement: LOOKUP_MESSAGE,
        index: "messages_pkey",
        parameters: "bigint",
    },
    Expected {
        statement: LOOKUP_CREDENTIAL_VERSION,
        index: "credentials_pkey",
        parameters: "text, smallint",
    },
];

#[tokio::test]
async fn frequent_queries_use_their_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("isds.db");
    let store = SqlStore::open(path.to_str().unwrap()).await.unwrap();
    for Expected {
        statement,
        index,
        parameters,
    } in statements::FREQUENT.iter().chain(&OWN)
    {
        assert_eq!(parameters.split(',').count(), statement.matches('$').count());
        let rows = sqlx::query::<Db>(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")))
            .fetch_all(store.reader())
            .await
            .unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let plan = plan.join("\n");
        let key = format!("INDEX {index} ");
        let used = plan.contains(&key)
            || (index.ends_with("_pkey") && (plan.contains("PRIMARY KEY") || plan.contains("sqlite_autoindex")));
        assert!(
            used && !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"),
            "{statement}\n{plan}"
        );
    }
}
