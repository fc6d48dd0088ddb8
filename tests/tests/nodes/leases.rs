//! What a node held that is gone: others go on with it.

use std::time::{Duration, Instant};

use e2e::harness::{Fleet, Mood, PrivateCluster};
use e2e::persona::{Letter, Persona};
use rustix::process::Signal;

use crate::{state, two_nodes, within};

/// Has the first node hold the job of a message, whose timestamp does not come.
fn held(fleet: &mut Fleet, cluster: &PrivateCluster) -> String {
    fleet.node_mut(1).kill_hard().unwrap();
    fleet.authority().set_mood(Mood::Silent);
    let first = fleet.node(0).address();
    let id = Persona::new(first, "mesto01")
        .send(&Letter::new("nvak22s", "čeká"))
        .unwrap();
    within(Duration::from_secs(10), "it is begun", || begun(cluster) == 1);
    fleet.node_mut(1).start().unwrap();
    assert_eq!(begun(cluster), 1, "the first holds it");
    id
}

/// How often the one job was begun.
fn begun(cluster: &PrivateCluster) -> u32 {
    let attempts = cluster
        .execute("nodes", "SELECT attempts FROM jobs WHERE leased = 1")
        .unwrap();
    attempts.parse().unwrap_or(0)
}

fn goes_on(fleet: &Fleet, cluster: &PrivateCluster, id: &str, limit: Duration, after: &str) {
    let since = Instant::now();
    within(limit, "the other node takes it up", || begun(cluster) == 2);
    println!("taken up elsewhere {:?} after its node was {after}", since.elapsed());
    fleet.authority().set_mood(Mood::Well);
    let other = fleet.node(1).address();
    within(Duration::from_secs(20), "the other node ends it", || {
        state(other, "mesto01", id) >= 4
    });
}

#[test]
fn a_node_that_is_told_to_stop_gives_its_jobs_back_at_once() {
    let (mut fleet, cluster) = two_nodes("drain_seconds = 20\n");
    let id = held(&mut fleet, &cluster);
    fleet.node(0).service().signal(Signal::TERM).unwrap();
    goes_on(&fleet, &cluster, &id, Duration::from_secs(4), "told to stop");
}

#[test]
fn a_node_that_is_killed_loses_its_jobs_within_seconds() {
    let (mut fleet, cluster) = two_nodes("");
    let id = held(&mut fleet, &cluster);
    fleet.node_mut(0).kill_hard().unwrap();
    goes_on(&fleet, &cluster, &id, Duration::from_secs(14), "killed");
}
