//! Lists for people go through an index in their order, whatever leads them and in both directions; also by the plan that
//! is made once for all parameters.

use harness::PrivateCluster;
use isds_core::mailbox::{MailboxIndexId, MailboxList, TagId};
use isds_core::message::SideOf;
use isds_core::ports::{CandidateQuery, Direction, Lead};
use isds_core::time::Timestamp;
use sqlx::{AssertSqlSafe, Executor};

use super::shared::mailbox::{COUNT_WAITING, LIST_WAITING_RECORDS, count_statement, places_statement, walk_statement};
use super::shared::mailbox_index::{LIST_RECEIVED_AFTER, LIST_SENT_AFTER, LOOKUP_INDEX, NEXT_INDEX, NEXT_TERM};
use super::shared::mailbox_marks::{LIST_OPEN_TASKS, LIST_TAGS};
use super::{Db, SqlStore};

async fn plan(store: &SqlStore, sql: &str) -> String {
    let mut db = store.pool.acquire().await.unwrap();
    db.execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
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

#[tokio::test]
async fn lists_for_people_use_their_index() {
    let cluster = tokio::task::spawn_blocking(|| PrivateCluster::shared().unwrap());
    let store = SqlStore::open(&cluster.await.unwrap().fresh_database().unwrap())
        .await
        .unwrap();
    let list = |side| MailboxList {
        box_id: "mesta2j".parse().unwrap(),
        side,
    };
    use SideOf::{Recipient, Sender};
    let leads = [
        (Recipient, Lead::Live, "messages_recipient_live"),
        (Sender, Lead::Live, "messages_sender_live"),
        (Recipient, Lead::Unread, "messages_recipient_unread"),
        (Sender, Lead::Open, "messages_sender_open"),
        (Recipient, Lead::Vault, "messages_recipient_away"),
        (Sender, Lead::Erased, "messages_sender_away"),
        (Sender, Lead::Tasks, "mailbox_tasks_list"),
        (Recipient, Lead::Tag(TagId(1)), "mailbox_tagged_tag"),
        (
            Recipient,
            Lead::Terms(MailboxIndexId(1), vec!["one".into()]),
            "mailbox_terms_pkey",
        ),
        (
            Sender,
            Lead::Terms(MailboxIndexId(1), vec!["one".into(), "two".into()]),
            "mailbox_terms_pkey",
        ),
    ];
    for (side, lead, index) in leads {
        let sorted = matches!(lead, Lead::Terms(..));
        for direction in [Direction::Older, Direction::Newer] {
            let query = CandidateQuery {
                list: list(side),
                lead: lead.clone(),
                from: Timestamp(0),
                to: Timestamp(9),
                after: None,
                direction,
                limit: 50,
            };
            let statement = walk_statement(&query).unwrap_or_else(|| places_statement(&query));
            let plan = plan(&store, statement.sql().as_str()).await;
            assert!(plan.contains(index) && !plan.contains("Seq Scan"), "{index}\n{plan}");
            // What the terms found is few, and put together by sorting it.
            assert!(sorted || !plan.contains("Sort"), "{plan}");
        }
        let count = count_statement(list(side), &lead, 10);
        let plan = plan(&store, count.sql().as_str()).await;
        assert!(plan.contains(index) && !plan.contains("Seq Scan"), "{index}\n{plan}");
    }
    for (statement, index) in [
        (LIST_WAITING_RECORDS, "messages_waiting"),
        (COUNT_WAITING, "messages_waiting"),
        (LOOKUP_INDEX, "mailbox_lists_box"),
        (NEXT_INDEX, "mailbox_lists_due"),
        (NEXT_TERM, "mailbox_terms_pkey"),
        (LIST_RECEIVED_AFTER, "messages_received"),
        (LIST_SENT_AFTER, "messages_sent"),
        (LIST_TAGS, "mailbox_tags_name"),
        (LIST_OPEN_TASKS, "mailbox_tasks_due"),
    ] {
        let plan = plan(&store, statement).await;
        assert!(plan.contains(index) && !plan.contains("Seq Scan"), "{index}\n{plan}");
    }
}
