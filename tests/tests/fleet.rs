//! Two nodes over one database: what one accepts the other delivers, lists and seals.

use std::time::{Duration, Instant};

use e2e::harness::{Fleet, FleetOptions, PrivateCluster, openssl, pause};
use e2e::persona::{Letter, Persona};

#[test]
fn two_nodes_are_one_system() {
    let cluster = PrivateCluster::start().unwrap();
    let mut fleet = Fleet::start(FleetOptions {
        database: cluster.create_database("fleet").unwrap(),
        nodes: 2,
        ..FleetOptions::default()
    })
    .unwrap();
    let mut sender = Persona::new(fleet.node(0).address(), "mesto01");
    let id = sender.send(&Letter::new("nvak22s", "přes dva uzly")).unwrap();
    let mut recipient = Persona::new(fleet.node(1).address(), "novak01");
    let begin = Instant::now();
    // A list delivers what was in the box when it began; what arrives while it is written stands in it undelivered.
    while recipient
        .list_received(10)
        .unwrap()
        .iter()
        .all(|record| record.id != id || record.status < 6)
    {
        assert!(begin.elapsed() < Duration::from_secs(30), "it does not arrive");
        pause();
    }
    let file = fleet.folder().join("received.zfo");
    std::fs::write(&file, recipient.download_signed(&id).unwrap()).unwrap();
    openssl::verify_seal(&file, &fleet.ca()).unwrap();

    fleet.advance(0, 10 * 86_400).unwrap();
    let status = fleet.node_mut(0).terminate().unwrap();
    assert!(status.is_some_and(|status| status.success()), "{status:?}");
    fleet.node_mut(1).kill_hard().unwrap();
    fleet.node_mut(1).start().unwrap();
    let mut sender = Persona::new(fleet.node(1).address(), "mesto01");
    assert!(sender.list_sent(10).unwrap().iter().any(|record| record.id == id));
}
