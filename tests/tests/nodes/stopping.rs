//! A node that is told to stop: not ready at once, serving on for a while, gone without an error.

use std::time::{Duration, Instant};

use e2e::harness::http;
use e2e::persona::{Letter, Persona};
use rustix::process::Signal;

use crate::{get, two_nodes, within};

#[test]
fn it_turns_away_serves_on_and_ends_well() {
    let (mut fleet, cluster) = two_nodes("drain_seconds = 4\n");
    let address = fleet.node(0).address();
    let mut sender = Persona::new(address, "mesto01");
    sender.send(&Letter::new("nvak22s", "před koncem")).unwrap();
    let connected = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name LIKE 'isds %'";
    let before: u32 = cluster.execute("nodes", connected).unwrap().parse().unwrap();

    let told = Instant::now();
    fleet.node(0).service().signal(Signal::TERM).unwrap();
    within(Duration::from_secs(2), "it is not ready", || {
        get(address, "/health/ready").status == 503
    });
    assert_eq!(get(address, "/health/ready").text(), "this node is stopping\n");
    assert_eq!(get(address, "/health/live").status, 200);
    // The connection is there still, a new one comes about, and neither is to be kept.
    sender.send(&Letter::new("nvak22s", "na konci")).unwrap();
    let page = get(address, "/sign-in");
    assert_eq!((page.status, page.header("connection")), (200, Some("close")));
    assert!(told.elapsed() < Duration::from_secs(4), "too slow to tell anything");

    within(Duration::from_secs(10), "it listens no more", || {
        http::get(address, "/health/live", Duration::from_secs(1)).is_err()
    });
    assert!(told.elapsed() >= Duration::from_secs(4), "{:?}", told.elapsed());
    let status = fleet.node_mut(0).terminate().unwrap();
    assert!(status.is_some_and(|status| status.success()), "{status:?}");
    println!("gone {:?} after it was told to stop", told.elapsed());
    let after: u32 = cluster.execute("nodes", connected).unwrap().parse().unwrap();
    assert!(after < before, "{before} connections, then {after}");
    let nodes = cluster.execute("nodes", "SELECT COUNT(*) FROM nodes").unwrap();
    assert_eq!(nodes, "1", "it has said goodbye");
}
