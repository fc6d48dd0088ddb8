//! Every frequent query goes through an index and sorts nothing: its cost does not grow with the tables.

use sqlx::{AssertSqlSafe, Row};

use super::shared::statements::{self, Expected};
use super::{Db, SqlStore};

#[tokio::test]
async fn frequent_queries_use_their_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("isds.db");
    let store = SqlStore::open(path.to_str().unwrap()).await.unwrap();
    for Expected {
        statement,
        index,
        parameters,
    } in statements::FREQUENT
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
