//! Lists of users of any length.

use super::calls::*;
use super::common::World;

/// More than a page of each of two kinds: everybody comes once, kind by kind, in the order in which they were added.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_list_is_whole_and_in_order() {
    let world = World::new().await;
    let others = users(&world, "mesta2j").await.len();
    // One person: who they are does not matter here, and each is a user of their own.
    world
        .execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) \
             INSERT INTO memberships (isds_id, box_id, person_id, user_type, privileges, list_place) \
             SELECT 'DS_n' || i, 'mesta2j', (SELECT MIN(id) FROM persons), \
             CASE WHEN i % 2 = 0 THEN 'ENTRUSTED_USER' ELSE 'ADMINISTRATOR' END, 32, 2 - (i + 1) % 2 FROM n",
        )
        .await;
    let reply = manage(&world, "mesto01", "GetDataBoxUsers2", "<dbID>mesta2j</dbID>").await;
    assert_eq!(reply.code(), "0000");
    let texts = |element: &str| -> Vec<String> {
        let start = format!("<p:{element}>");
        let parts = reply.body.split(&start).skip(1);
        parts.map(|part| part.split('<').next().unwrap().to_owned()).collect()
    };
    let kinds = texts("userType");
    assert_eq!(kinds.len(), others + 2500);
    let place = |kind: &String| {
        ["PRIMARY_USER", "ENTRUSTED_USER", "ADMINISTRATOR"]
            .iter()
            .position(|k| k == kind)
    };
    assert!(kinds.is_sorted_by_key(place), "kind by kind");
    let numbers = |rest: u32| {
        let ids = texts("isdsID").into_iter();
        let numbers = ids.filter_map(|id| id.strip_prefix("DS_n")?.parse::<u32>().ok());
        numbers.filter(|n| n % 2 == rest).collect::<Vec<_>>()
    };
    for rest in [0, 1] {
        let expected: Vec<_> = (1..=2500).filter(|n| n % 2 == rest).collect();
        assert_eq!(numbers(rest), expected);
    }
}
