//! The search by words goes through the key of `box_words`.

use isds_core::ports::{Audience, BoxQuery, Reach, WordQuery};
use isds_core::search::{Within, searched_words};
use isds_core::time::Timestamp;
use sqlx::{AssertSqlSafe, Row};

use super::shared::box_search::{count_statement, statement, stems};
use super::shared::find_boxes::{self, BOX_AFTER_MANY, Driver};
use super::{Db, SqlStore};

async fn plan(store: &SqlStore, sql: &str) -> String {
    let rows = sqlx::query::<Db>(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
        .fetch_all(store.reader())
        .await
        .unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
    plan.join("\n")
}

#[tokio::test]
async fn the_search_uses_the_key_of_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqlStore::open(folder.path().join("isds.db").to_str().unwrap())
        .await
        .unwrap();
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
        let plan_of_search = plan(&store, statement(&query, 0, &stems(&query.words[0])[0]).sql().as_str()).await;
        let plan_of_count = plan(&store, count_statement(&query.words, 2_000).sql().as_str()).await;
        for plan in [&plan_of_search, &plan_of_count] {
            assert!(plan.contains("SEARCH box_words USING PRIMARY KEY"), "{text}\n{plan}");
            let whole = ["SCAN box", "SCAN w", "TEMP B-TREE", "AUTOMATIC"];
            assert!(!whole.iter().any(|scan| plan.contains(scan)), "{text}\n{plan}");
        }
        // The boxes of the first word lead, each is looked up by its ID.
        assert!(plan_of_search.contains("SEARCH boxes USING INDEX sqlite_autoindex_boxes_1 (box_id=?)"));
    }

    let walk = |until| {
        let driver = Driver {
            trigram: "vzo".into(),
            until,
        };
        find_boxes::statement(&firm_part(), Some(&driver))
    };
    for (sql, key) in [
        (walk(None).sql().as_str(), "part USING PRIMARY KEY (term=? AND place=?)"),
        (
            walk(Some("box7".into())).sql().as_str(),
            "part USING PRIMARY KEY (term=? AND place=? AND box_id<?)",
        ),
        (BOX_AFTER_MANY, "box_words USING PRIMARY KEY (term=? AND place=?)"),
    ] {
        let part = plan(&store, sql).await;
        assert!(part.contains(&format!("SEARCH {key}")), "{part}");
        assert!(!part.contains("SCAN") && !part.contains("TEMP B-TREE"), "{part}");
    }
}

fn firm_part() -> BoxQuery {
    BoxQuery {
        firm_name_part: Some("vzor".into()),
        limit: 101,
        ..BoxQuery::default()
    }
}
