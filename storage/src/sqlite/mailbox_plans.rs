//! Lists for people go through an index in their order, whatever leads them and in both directions.

use isds_core::mailbox::{MailboxIndexId, MailboxList, TagId};
use isds_core::message::SideOf;
use isds_core::ports::{CandidateQuery, Direction, Lead};
use isds_core::time::Timestamp;
use sqlx::{AssertSqlSafe, Row};

use super::shared::mailbox::{COUNT_WAITING, LIST_WAITING_RECORDS, count_statement, places_statement, walk_statement};
use super::shared::mailbox_index::{LIST_RECEIVED_AFTER, LIST_SENT_AFTER, LOOKUP_INDEX, NEXT_INDEX, NEXT_TERM};
use super::shared::mailbox_marks::{LIST_OPEN_TASKS, LIST_TAGS};
use super::{Db, SqlStore};

async fn assert_uses(store: &SqlStore, sql: &str, index: &str) {
    let rows = sqlx::query::<Db>(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
        .fetch_all(store.reader())
        .await
        .unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
    let plan = plan.join("\n");
    assert!(plan.contains(index), "{index} is not used\n{sql}\n{plan}");
    // What the parts of a statement found is few; tables are never gone through.
    let whole = ["SCAN messages", "SCAN mailbox"];
    assert!(!whole.iter().any(|scan| plan.contains(scan)), "{sql}\n{plan}");
    let sorts = plan.contains("TEMP B-TREE") && !sql.contains("mailbox_terms");
    assert!(!sorts, "{sql}\n{plan}");
}

#[tokio::test]
async fn lists_for_people_use_their_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqlStore::open(folder.path().join("isds.db").to_str().unwrap())
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
            "SEARCH mailbox_terms USING PRIMARY KEY",
        ),
        (
            Sender,
            Lead::Terms(MailboxIndexId(1), vec!["one".into(), "two".into()]),
            "SEARCH mailbox_terms USING PRIMARY KEY",
        ),
    ];
    for (side, lead, index) in leads {
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
            assert_uses(&store, statement.sql().as_str(), index).await;
        }
        let count = count_statement(list(side), &lead, 10);
        assert_uses(&store, count.sql().as_str(), index).await;
    }
    for (statement, index) in [
        (LIST_WAITING_RECORDS, "messages_waiting"),
        (COUNT_WAITING, "messages_waiting"),
        (LOOKUP_INDEX, "mailbox_lists_box"),
        (NEXT_INDEX, "mailbox_lists_due"),
        (NEXT_TERM, "SEARCH mailbox_terms USING PRIMARY KEY"),
        (LIST_RECEIVED_AFTER, "messages_received"),
        (LIST_SENT_AFTER, "messages_sent"),
        (LIST_TAGS, "mailbox_tags_name"),
        (LIST_OPEN_TASKS, "mailbox_tasks_due"),
    ] {
        assert_uses(&store, statement, index).await;
    }
}
