//! Lists of users of any length.

use std::net::{IpAddr, Ipv4Addr};

use isds_core::ids::IsdsId;
use isds_core::{Credentials, PasswordStep};

use super::calls::*;
use crate::common::World;
use crate::common::people::PASSWORD;

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

/// The same list a page at a time, as people turn over its leaves.
#[tokio::test]
async fn a_long_list_is_turned_over_page_by_page() {
    let world = World::new().await;
    let others = users(&world, "mesta2j").await.len();
    world
        .execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250) \
             INSERT INTO memberships (isds_id, box_id, person_id, user_type, privileges, list_place) \
             SELECT 'DS_n' || i, 'mesta2j', (SELECT MIN(id) FROM persons), 'ENTRUSTED_USER', 32, 1 FROM n",
        )
        .await;
    let principal = async |login: &str| {
        let credentials = Credentials {
            login: login.into(),
            password: PASSWORD.into(),
        };
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        match world.isds.sign_in_by_password(&credentials, address).await.unwrap() {
            PasswordStep::SignedIn(principal) => principal,
            PasswordStep::CodeNeeded(_) => panic!("a code is asked for"),
        }
    };
    let town = principal("mesto01").await;
    let id = town.data_box.as_ref().unwrap().id;
    let (mut seen, mut behind, mut pages) = (Vec::new(), None, 0);
    loop {
        let read = world.isds.data_box_users_behind(&town, id, behind.as_ref(), 100).await;
        let (users, more) = read.unwrap();
        assert!(users.len() == 100 || !more, "{}", users.len());
        seen.extend(users.into_iter().map(|user| user.membership.isds_id));
        pages += 1;
        behind = seen.last().cloned();
        if !more {
            break;
        }
    }
    assert_eq!((seen.len(), pages), (others + 250, (others + 250).div_ceil(100)));
    let mut once: Vec<&str> = seen.iter().map(|id| id.0.as_str()).collect();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "each comes once");
    let gone = IsdsId("DS_nikdo".into());
    let anew = world
        .isds
        .data_box_users_behind(&town, id, Some(&gone), 100)
        .await
        .unwrap();
    assert_eq!(anew.0[0].membership.isds_id, seen[0]);
    // Only for those who administer this very box.
    for (login, of) in [("mesto02", "mesta2j"), ("mesto01", "nvak22s")] {
        let asked = world
            .isds
            .data_box_users_behind(&*principal(login).await, of.parse().unwrap(), None, 100)
            .await;
        assert!(asked.is_err(), "{login}");
    }
}
