//! Nodes and leases.

use isds_core::ports::NodeState;

use crate::engines::Backend;
use crate::fixtures::*;

fn node(id: &str, started: i64, seen: i64) -> NodeState {
    NodeState {
        id: id.into(),
        version: "1.2.3".into(),
        started: at(started),
        last_seen: at(seen),
        disk_free: Some(7_000_000_000),
        disk_total: None,
        clock_offset: Some(seen),
    }
}

pub async fn a_node_is_what_it_told_last(db: Backend) {
    let forgotten = at(-1_000);
    for state in [node("b", 5, 5), node("a", 9, 9), node("b", 5, 20)] {
        db.store.beat(&state, forgotten).await.unwrap();
    }
    assert_eq!(
        db.store.list_nodes(10).await.unwrap(),
        [node("b", 5, 20), node("a", 9, 9)]
    );
    assert_eq!(db.store.list_nodes(1).await.unwrap(), [node("b", 5, 20)]);
    // Whoever tells last forgets those that were silent for long.
    db.store.beat(&node("b", 5, 30), at(10)).await.unwrap();
    assert_eq!(db.store.list_nodes(10).await.unwrap(), [node("b", 5, 30)]);
    db.store.leave("b").await.unwrap();
    db.store.leave("unknown").await.unwrap();
    assert_eq!(db.store.list_nodes(10).await.unwrap(), []);
}

pub async fn a_lease_is_one_nodes_until_it_ends(db: Backend) {
    let take =
        async |name: &'static str, now: i64, until: i64| db.store.take_lease(name, at(now), at(until)).await.unwrap();
    assert!(take("statistics", 0, 60).await);
    assert!(!take("statistics", 59, 200).await, "held");
    assert!(take("other", 59, 200).await, "another lease");
    assert!(take("statistics", 60, 120).await, "it has ended");
    db.store.move_lease("statistics", at(61)).await.unwrap();
    assert!(take("statistics", 61, 120).await, "it was moved back");
}

pub async fn of_many_at_once_one_takes_the_lease(db: Backend) {
    let store = &db.store;
    let tries = (0..16).map(|_| store.take_lease("statistics", at(0), at(60)));
    let taken = futures::future::join_all(tries).await;
    assert_eq!(taken.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 1);
}

pub async fn clearing_takes_nodes_and_leases_away(db: Backend) {
    db.store.beat(&node("a", 0, 0), at(-1)).await.unwrap();
    assert!(db.store.take_lease("statistics", at(0), at(60)).await.unwrap());
    db.store.clear().await.unwrap();
    assert_eq!(db.store.list_nodes(10).await.unwrap(), []);
    assert!(db.store.take_lease("statistics", at(0), at(60)).await.unwrap());
}
