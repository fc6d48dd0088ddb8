//! Restraint of traffic: places that nodes share, what they count together, what is set for boxes.

use std::time::{Duration, Instant};

use isds_core::ids::IsdsId;
use isds_core::ports::{Place, Store};
use isds_core::restraint::{Account, BoxBounds, BoxRestraint, CallCount};
use isds_core::system_message::{DueSystemMessage, SystemMessage};
use jiff::civil::{Date, date};

use crate::engines::Backend;
use crate::fixtures::*;

const TODAY: Date = date(2026, 11, 22);

fn count(day: Date, box_id: &str, user: &str, calls: u64) -> CallCount {
    CallCount {
        day,
        account: Account {
            box_id: box_id.parse().unwrap(),
            user: Some(user)
                .filter(|user| !user.is_empty())
                .map(|user| IsdsId(user.into())),
        },
        calls,
    }
}

/// Asks until a place is free: one that was given back is on its way to the server.
async fn wait_for(store: &dyn Store, name: &str, places: u32) -> Place {
    let begin = Instant::now();
    loop {
        if let Some(place) = store.take_place(name, places).await.unwrap() {
            return place;
        }
        assert!(begin.elapsed() < Duration::from_secs(10), "no place comes free");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub async fn two_nodes_share_so_many_places(db: Backend) {
    let other = db.again().await;
    let mut held = Vec::new();
    for turn in 0..6 {
        let store = if turn % 2 == 0 { &db.store } else { &other };
        held.extend(store.take_place("parallel mesta2j", 5).await.unwrap());
    }
    assert_eq!(held.len(), 5);
    assert!(other.take_place("parallel mesta2j", 5).await.unwrap().is_none());
    // Another name has places of its own.
    assert!(other.take_place("parallel kraj227", 1).await.unwrap().is_some());
    held.pop();
    held.push(wait_for(&*other, "parallel mesta2j", 5).await);
    assert!(db.store.take_place("parallel mesta2j", 5).await.unwrap().is_none());
    drop(held);
    let first = wait_for(&*db.store, "parallel mesta2j", 1).await;
    assert!(other.take_place("parallel mesta2j", 1).await.unwrap().is_none());
    drop(first);
    wait_for(&*other, "parallel mesta2j", 1).await;
}

pub async fn at_once_no_place_is_taken_twice(db: Backend) {
    let other = db.again().await;
    let asked = (0..40).map(|turn| {
        let store = if turn % 2 == 0 { &db.store } else { &other };
        store.take_place("account nvak22s 7", 7)
    });
    let places = futures::future::join_all(asked).await;
    assert_eq!(
        places.iter().filter(|place| place.as_ref().unwrap().is_some()).count(),
        7
    );
    assert!(db.store.take_place("account nvak22s 7", 7).await.unwrap().is_none());
}

pub async fn nodes_count_together(db: Backend) {
    let both = [count(TODAY, "mesta2j", "7", 3), count(TODAY, "mesta2j", "", 1)];
    assert_eq!(db.store.add_calls("a", &both).await.unwrap(), [3, 1]);
    assert_eq!(db.store.add_calls("b", &both).await.unwrap(), [6, 2]);
    let other = [
        count(TODAY, "kraj227", "9", 4),
        count(TODAY.tomorrow().unwrap(), "kraj227", "9", 1),
    ];
    assert_eq!(db.store.add_calls("a", &other).await.unwrap(), [4, 1]);
    assert_eq!(db.store.add_calls("a", &[]).await.unwrap(), [0; 0]);
    let busiest = db.store.list_busiest(TODAY, 10).await.unwrap();
    assert_eq!(
        busiest,
        [
            count(TODAY, "mesta2j", "7", 6),
            count(TODAY, "kraj227", "9", 4),
            count(TODAY, "mesta2j", "", 2)
        ]
    );
    assert_eq!(db.store.list_busiest(TODAY, 1).await.unwrap(), busiest[..1]);
    let box_id = "kraj227".parse().unwrap();
    let of_box = db.store.list_calls_of_box(box_id, TODAY, 10).await.unwrap();
    assert_eq!(of_box, [other[1].clone(), other[0].clone()]);
    db.store.forget_calls(TODAY.tomorrow().unwrap()).await.unwrap();
    assert_eq!(db.store.list_busiest(TODAY, 10).await.unwrap(), []);
    let of_box = db.store.list_calls_of_box(box_id, TODAY, 10).await.unwrap();
    assert_eq!(of_box, [other[1].clone()]);
}

fn restraint(version: i64, parallel: Option<u32>, daily: Option<u64>) -> BoxRestraint {
    BoxRestraint {
        box_id: "mesta2j".parse().unwrap(),
        bounds: BoxBounds { parallel, daily },
        version,
        by: Some(IsdsId("s1".into())),
        at: at(version),
    }
}

pub async fn bounds_of_a_box_are_written_over_their_version(db: Backend) {
    let box_id = "mesta2j".parse().unwrap();
    assert_eq!(db.store.lookup_restraint(box_id).await.unwrap(), None);
    let told = [DueSystemMessage {
        recipient: box_id,
        message: SystemMessage::EnabledAgain,
    }];
    let first = restraint(1, None, Some(500));
    assert!(db.store.save_restraint(&first, &told).await.unwrap());
    assert!(
        !db.store
            .save_restraint(&restraint(1, Some(1), None), &told)
            .await
            .unwrap()
    );
    assert!(
        !db.store
            .save_restraint(&restraint(3, Some(1), None), &told)
            .await
            .unwrap()
    );
    assert_eq!(db.store.lookup_restraint(box_id).await.unwrap(), Some(first));
    // What was not written promised nothing.
    assert_eq!(db.store.count_jobs().await.unwrap(), 1);
    let second = restraint(2, Some(0), None);
    assert!(db.store.save_restraint(&second, &[]).await.unwrap());
    assert_eq!(db.store.list_restraints(10).await.unwrap(), [second]);
    db.store.clear().await.unwrap();
    assert_eq!(db.store.list_restraints(10).await.unwrap(), []);
}

pub async fn clearing_takes_counts_away(db: Backend) {
    db.store
        .add_calls("a", &[count(TODAY, "mesta2j", "7", 3)])
        .await
        .unwrap();
    db.store.clear().await.unwrap();
    assert_eq!(db.store.list_busiest(TODAY, 10).await.unwrap(), []);
}
