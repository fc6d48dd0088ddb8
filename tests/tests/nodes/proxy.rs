//! nginx before two nodes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use e2e::harness::{DemoOptions, Fleet, Nginx, PrivateCluster, Upstream, free_port};
use e2e::persona::{Letter, Persona};
use e2e::visitor::{Cookie, Visitor};

use crate::{all_are_there, get, two_nodes, while_sending, within};

fn behind_nginx() -> (Nginx, Fleet, PrivateCluster) {
    let (fleet, cluster) = two_nodes("drain_seconds = 4\ntrusted_proxies = [\"127.0.0.1\"]\n");
    let nodes = Upstream::Plain([fleet.node(0).address(), fleet.node(1).address()]);
    (Nginx::start(&configuration(), nodes).unwrap(), fleet, cluster)
}

fn configuration() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations/nginx.conf")
}

#[test]
fn the_main_road_and_a_session_lead_over_both_nodes() {
    let (nginx, fleet, _cluster) = behind_nginx();
    let id = Persona::new(nginx.plain(), "mesto01")
        .send(&Letter::new("nvak22s", "přes nginx").of_size(3_000_000))
        .unwrap();
    let mut novak = Visitor::over_tls(nginx.encrypted(), "localhost", &nginx.certificate());
    novak.sign_in("novak01").unwrap();
    assert!(novak.jar().get("isds_session").unwrap().secure);
    within(Duration::from_secs(30), "it is delivered", || {
        let page = novak.get("/b/nvak22s/received").unwrap();
        assert_eq!(page.path, "/b/nvak22s/received", "signed in on every node");
        page.has("form") && page.status == 200 && crate::state(nginx.plain(), "mesto01", &id) >= 4
    });
    let page = novak.get("/b/nvak22s/received").unwrap();
    let page = novak.submit(&page.form("Otevřít a doručit").unwrap()).unwrap();
    assert!(page.link("přes nginx").unwrap().contains(&id));
    for _ in 0..6 {
        let page = novak.get(&format!("/b/nvak22s/messages/{id}")).unwrap();
        assert!(page.says("přes nginx"));
    }
    let log = std::fs::read_to_string(nginx.access_log()).unwrap();
    for node in fleet.nodes() {
        let calls = log.matches(&format!(" to {} ", node.address())).count();
        assert!(calls >= 4, "{calls} calls to {}:\n{log}", node.address());
    }
    for hidden in ["/health/ready", "/metrics", "/test/clock"] {
        assert_eq!(get(nginx.plain(), hidden).status, 404, "{hidden}");
    }

    // The same without a proxy: signed in at one node, at home at the other.
    let mut here = Visitor::new(fleet.node(0).address());
    here.sign_in("mesto01").unwrap();
    let session = here.jar().get("isds_session").unwrap().value.clone();
    let mut there = Visitor::new(fleet.node(1).address());
    there.jar_mut().keep(Cookie::new("isds_session", &session));
    assert_eq!(there.get("/b/mesta2j/sent").unwrap().path, "/b/mesta2j/sent");
}

/// The name of the nodes' certificate in the configuration.
const NODES: &str = "isds.internal.example.test";

#[test]
fn the_way_to_the_nodes_is_encrypted_and_leads_only_to_them() {
    let tls = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
    let under_the_name = |name: &str, listen: SocketAddr| {
        let options = DemoOptions::default().argument("--tls").argument(listen.to_string());
        options.argument("--host").argument(name).start().unwrap()
    };
    let demo = under_the_name(NODES, tls);
    let nginx = Nginx::start(&configuration(), Upstream::Encrypted([tls, tls], &demo.ca())).unwrap();
    let id = Persona::new(nginx.plain(), "mesto01")
        .send(&Letter::new("nvak22s", "šifrovaně až k uzlu").of_size(3_000_000))
        .unwrap();
    within(Duration::from_secs(30), "it is delivered", || {
        crate::state(nginx.plain(), "mesto01", &id) >= 4
    });
    let log = std::fs::read_to_string(nginx.access_log()).unwrap();
    assert!(log.contains(&format!(" to {tls} (200)")), "{log}");

    // Somebody else where a node should be: another authority's certificate, or another name.
    let other = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
    let stranger = under_the_name(NODES, other);
    let elsewhere = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
    let misnamed = under_the_name("isds.elsewhere.example.test", elsewhere);
    for (nodes, root) in [(other, demo.ca()), (elsewhere, misnamed.ca())] {
        let nginx = Nginx::start(&configuration(), Upstream::Encrypted([nodes, nodes], &root)).unwrap();
        assert_eq!(get(nginx.plain(), "/").status, 502, "{nodes}");
    }
    drop(stranger);
}

#[test]
fn a_node_killed_under_load_costs_nobody_a_message() {
    let (nginx, mut fleet, _cluster) = behind_nginx();
    let sent = while_sending(nginx.plain(), "kill", || {
        for number in [0, 1, 0] {
            sends_meanwhile(nginx.plain(), 3);
            fleet.node_mut(number).kill_hard().unwrap();
            sends_meanwhile(nginx.plain(), 3);
            fleet.node_mut(number).start().unwrap();
        }
    });
    println!(
        "{} accepted, {} without an answer",
        sent.accepted.len(),
        sent.failed.len()
    );
    all_are_there(nginx.plain(), &sent);
}

#[test]
fn nodes_restarted_one_after_the_other_fail_no_call() {
    let (nginx, mut fleet, _cluster) = behind_nginx();
    let sent = while_sending(nginx.plain(), "restart", || {
        for number in [0, 1] {
            let status = fleet.node_mut(number).terminate().unwrap();
            assert!(status.is_some_and(|status| status.success()), "{status:?}");
            fleet.node_mut(number).start().unwrap();
        }
        sends_meanwhile(nginx.plain(), 3);
    });
    println!("{} accepted over two restarts", sent.accepted.len());
    assert!(sent.failed.is_empty(), "{:?}", sent.failed);
    all_are_there(nginx.plain(), &sent);
}

/// Waits until so many letters of another sender went through; failures on the way are others' business.
fn sends_meanwhile(address: SocketAddr, count: usize) {
    let mut sender = Persona::new(address, "kraj01");
    let mut through = 0;
    within(Duration::from_secs(60), "letters go through", || {
        through += usize::from(sender.send(&Letter::new("mesta2j", "mezitím")).is_ok());
        through >= count
    });
}
