//! The private cluster is private, durable when asked, and gone afterwards.

use std::path::Path;

use harness::{Durability, Error, PrivateCluster};

#[test]
fn databases_are_separate_and_everything_goes_away() {
    let cluster = PrivateCluster::start_with(Durability::Unsynced).unwrap();
    let (pid, log) = (cluster.pid().unwrap(), cluster.log());
    let url = cluster.create_database("one").unwrap();
    assert_eq!(
        url,
        format!("postgres://postgres@127.0.0.1:{}/one?sslmode=disable", cluster.port())
    );
    cluster.create_database("two").unwrap();
    cluster.execute("one", "CREATE TABLE t (n bigint)").unwrap();
    assert!(matches!(
        cluster.execute("two", "SELECT n FROM t"),
        Err(Error::Tool { .. })
    ));
    assert_eq!(cluster.execute("one", "SHOW fsync").unwrap(), "off");
    drop(cluster);
    assert!(!log.exists() && !Path::new(&format!("/proc/{pid}")).exists());
}

#[test]
fn a_crash_keeps_what_was_committed_and_the_port() {
    let mut cluster = PrivateCluster::start().unwrap();
    let url = cluster.fresh_database().unwrap();
    assert_ne!(url, cluster.fresh_database().unwrap());
    assert_eq!(cluster.execute("postgres", "SHOW fsync").unwrap(), "on");
    cluster
        .execute("postgres", "CREATE TABLE t (n bigint); INSERT INTO t VALUES (41), (42)")
        .unwrap();
    for _ in 0..3 {
        cluster.kill_hard().unwrap();
        assert!(matches!(cluster.kill_hard(), Err(Error::NotRunning(_))));
        assert!(matches!(
            cluster.execute("postgres", "SELECT 1"),
            Err(Error::Tool { .. })
        ));
        cluster.restart().unwrap();
        assert_eq!(cluster.execute("postgres", "SELECT sum(n) FROM t").unwrap(), "83");
    }
    cluster.restart().unwrap();
    assert_eq!(cluster.execute("postgres", "SELECT count(*) FROM t").unwrap(), "2");
}

#[test]
fn names_that_need_quoting_are_refused() {
    let cluster = PrivateCluster::shared().unwrap();
    for name in ["", "Upper", "a-b", "a\"; DROP DATABASE postgres; --", &"x".repeat(41)] {
        assert!(
            matches!(cluster.create_database(name), Err(Error::DatabaseName(_))),
            "{name}"
        );
    }
}

/// A process that ends without dropping anything (a killed test) takes its cluster with it all the same.
#[test]
fn a_killed_test_leaves_nothing_behind() {
    const VARIABLE: &str = "HARNESS_TEST_LEAVE_A_CLUSTER";
    if std::env::var_os(VARIABLE).is_some() {
        let cluster = PrivateCluster::start_with(Durability::Unsynced).unwrap();
        println!("cluster {} {}", cluster.pid().unwrap(), cluster.log().display());
        std::mem::forget(cluster);
        std::process::abort();
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_test_leaves_nothing_behind", "--nocapture"])
        .env(VARIABLE, "1")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    let line = printed
        .lines()
        .find_map(|line| line.split_once("cluster ").map(|(_, rest)| rest))
        .expect(&printed);
    let (pid, log) = line.split_once(' ').unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(15);
    while Path::new(log).exists() || Path::new(&format!("/proc/{pid}")).exists() {
        assert!(std::time::Instant::now() < until, "{line} is still there");
        std::thread::yield_now();
    }
}
