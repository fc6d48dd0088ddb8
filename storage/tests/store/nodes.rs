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

pub async fn a_life_goes_on_where_the_database_knows_it(db: Backend) {
    let store = &db.store;
    let lived = async |from: i64, until: i64| store.lived(at(from), at(until)).await.unwrap();
    assert!(!lived(0, 0).await);
    store.note_life("a", None, at(10)).await.unwrap();
    // However long nothing was heard: it wrote nothing that the database does not know.
    store.note_life("a", Some(at(10)), at(500)).await.unwrap();
    assert!(lived(10, 500).await && lived(100, 100).await);
    assert!(!lived(9, 20).await && !lived(400, 501).await);
    // What was noted meanwhile is gone: another life.
    store.note_life("a", Some(at(700)), at(800)).await.unwrap();
    store.note_life("a", Some(at(800)), at(900)).await.unwrap();
    assert!(!lived(600, 600).await && !lived(500, 800).await && lived(800, 900).await);
    // The answer to what was noted last was lost.
    store.note_life("a", Some(at(850)), at(1_000)).await.unwrap();
    assert!(lived(800, 1_000).await);
    // One node's time is not put together with another's.
    store.note_life("b", None, at(990)).await.unwrap();
    store.note_life("b", Some(at(990)), at(2_000)).await.unwrap();
    assert!(!lived(950, 1_100).await && lived(1_000, 2_000).await);
    assert_eq!(store.rewritten_until().await.unwrap(), None);
    store.note_rewriting(at(5)).await.unwrap();
    store.note_rewriting(at(3)).await.unwrap();
    assert_eq!(store.rewritten_until().await.unwrap(), Some(at(3)));
    store.clear().await.unwrap();
    assert!(!lived(800, 900).await);
}
