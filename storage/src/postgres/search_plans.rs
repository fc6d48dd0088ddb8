//! The search by words goes through the key of `box_words`, whatever the planner thinks of the words.

use harness::PrivateCluster;
use isds_core::ports::{Audience, BoxQuery, Reach, WordQuery};
use isds_core::search::{Within, searched_words};
use isds_core::time::Timestamp;
use sqlx::{AssertSqlSafe, Executor};

use super::shared::box_search::{count_statement, statement, stems};
use super::shared::find_boxes::{self, BOX_AFTER_MANY, Driver};
use super::{Db, SqlStore};

/// 20,000 boxes: `vzor` stands in all of them, `brno` in every hundredth, each has a word of its own.
const FILL: [&str; 5] = [
    "INSERT INTO boxes (box_id, box_type, state, open_addressing, postal_contract, aifo_known, name_words, index_version) \
     SELECT 'box' || n, 20, 1, 0, 0, 0, 2, 1 FROM generate_series(1, 20000) AS n",
    "INSERT INTO box_words SELECT 'vzor', n % 2, 'box' || n, 3 FROM generate_series(1, 20000) AS n",
    "INSERT INTO box_words SELECT 'brn', 1, 'box' || n, 3 FROM generate_series(1, 20000, 100) AS n",
    "INSERT INTO box_words SELECT 'w' || n, 0, 'box' || n, 3 FROM generate_series(1, 20000) AS n",
    "ANALYZE",
];

async fn plan(store: &SqlStore, sql: &str, mode: &'static str) -> String {
    let mut db = store.pool.acquire().await.unwrap();
    db.execute(AssertSqlSafe(format!("SET plan_cache_mode = {mode}")))
        .await
        .unwrap();
    db.execute(AssertSqlSafe(format!("PREPARE q AS {sql}"))).await.unwrap();
    let parameters = (1..=100).take_while(|n| sql.contains(&format!("${n}"))).count();
    let arguments = vec!["'7'"; parameters].join(", ");
    let lines = sqlx::query_scalar::<Db, String>(AssertSqlSafe(format!("EXPLAIN EXECUTE q ({arguments})")))
        .fetch_all(&mut *db)
        .await
        .unwrap();
    db.execute("DEALLOCATE q").await.unwrap();
    lines.join("\n")
}

/// Words that stand in every box have as many entries: where a part of the key is a filter, all of them are read for each
/// box that is looked at.
fn assert_nothing_is_passed_over(plan: &str) {
    let filter = |line: &&str| line.contains("Filter:") && line.contains("place");
    let passed = plan.lines().find(filter);
    assert_eq!(passed, None, "{plan}");
}

async fn assert_key_is_used(store: &SqlStore) {
    for (text, within) in [
        ("vzor", Within::Anywhere),
        ("vzor brno", Within::Anywhere),
        ("vzor brno šlapanice", Within::Address),
        ("vzor brno", Within::Name),
    ] {
        let query = WordQuery {
            words: searched_words(text),
            within,
            reach: Reach {
                audience: Audience::Holder,
                types: Vec::new(),
                accessible_since: Timestamp(0),
            },
            limit: 10_000,
        };
        let search = statement(&query, 0, &stems(&query.words[0])[0]);
        let count = count_statement(&query.words, 2_000);
        for mode in ["force_generic_plan", "force_custom_plan"] {
            let plan = plan(store, search.sql().as_str(), mode).await;
            assert!(
                plan.contains("box_words_pkey") && plan.contains("boxes_pkey"),
                "{text}\n{plan}"
            );
            assert!(!plan.contains("Seq Scan") && !plan.contains("Sort"), "{text}\n{plan}");
            let (scans, keys) = (plan.matches(" using ").count(), plan.matches("Index Cond").count());
            assert!(scans <= keys, "{text}\n{plan}");
            assert_nothing_is_passed_over(&plan);
        }
        let plan = plan(store, count.sql().as_str(), "force_generic_plan").await;
        assert!(plan.contains("box_words_pkey") && !plan.contains("Seq Scan"), "{plan}");
        assert_nothing_is_passed_over(&plan);
    }
}

/// Sorting is left to the planner here: a page of 101 in the order of the key.
async fn assert_parts_use_the_key(store: &SqlStore) {
    let query = BoxQuery {
        firm_name_part: Some("vzor".into()),
        limit: 101,
        ..BoxQuery::default()
    };
    for until in [None, Some("box7".to_owned())] {
        let driver = Driver {
            trigram: "vzo".into(),
            until,
        };
        let part = find_boxes::statement(&query, Some(&driver));
        let plan = plan(store, part.sql().as_str(), "force_generic_plan").await;
        assert!(plan.contains("box_words_pkey") && plan.contains("boxes_pkey"), "{plan}");
        assert!(!plan.contains("Seq Scan"), "{plan}");
    }
    let after_many = plan(store, &BOX_AFTER_MANY.replace("$2", "50000"), "force_generic_plan").await;
    assert!(after_many.contains("box_words_pkey"), "{after_many}");
    assert!(!after_many.contains("Sort"), "{after_many}");
}

#[tokio::test]
async fn the_search_uses_the_key_of_its_words() {
    let cluster = tokio::task::spawn_blocking(|| PrivateCluster::shared().unwrap());
    let store = SqlStore::open(&cluster.await.unwrap().fresh_database().unwrap())
        .await
        .unwrap();
    assert_parts_use_the_key(&store).await;
    // What a node prepared on an empty database must not read whole tables later.
    assert_key_is_used(&store).await;
    for statement in FILL {
        store.pool.execute(statement).await.unwrap();
    }
    assert_key_is_used(&store).await;
    assert_parts_use_the_key(&store).await;
}
