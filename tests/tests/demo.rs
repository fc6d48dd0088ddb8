//! The demo as its operator meets it: quick to start, starts again on its folder, clock and reset, pages.

use std::time::Duration;

use e2e::harness::{Demo, http};
use e2e::persona::{Letter, Persona};

const LIMIT: Duration = Duration::from_secs(40);
const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

#[test]
fn is_ready_quickly_and_keeps_its_folder() {
    let mut demo = Demo::start().unwrap();
    println!("new folder: ready in {:?}", demo.started_in());
    assert!(demo.started_in() < Duration::from_secs(5), "{:?}", demo.started_in());
    let authority = std::fs::read(demo.ca()).unwrap();
    let id = Persona::new(demo.address(), "mesto01")
        .send(&Letter::new("nvak22s", "před novým startem"))
        .unwrap();
    demo.terminate().unwrap();
    demo.restart().unwrap();
    println!("existing folder: ready in {:?}", demo.started_in());
    assert!(demo.started_in() < Duration::from_secs(2), "{:?}", demo.started_in());
    assert_eq!(std::fs::read(demo.ca()).unwrap(), authority);
    let records = Persona::new(demo.address(), "mesto01").list_sent(100).unwrap();
    assert!(records.iter().any(|record| record.id == id));
}

#[test]
fn clock_and_reset() {
    let demo = Demo::start().unwrap();
    let get = |path: &str| http::get(demo.address(), path, LIMIT).unwrap();
    let post = |path: &str, headers: &[(&str, &str)], body: &str| {
        http::post(demo.address(), path, headers, body.as_bytes(), LIMIT).unwrap()
    };
    let now = |text: &str| text.split('"').nth(3).unwrap().to_owned();
    let before = now(&get("/test/clock").text());
    let after = now(&post("/test/clock", JSON, r#"{"advance_seconds":864000}"#).text());
    assert!(after > before, "{before} {after}");
    assert_eq!(
        post(
            "/test/clock",
            &[("Content-Type", "text/plain")],
            r#"{"advance_seconds":1}"#
        )
        .status,
        415
    );
    assert_eq!(post("/test/clock", JSON, r#"{"advance_seconds":-1}"#).status, 400);
    assert!(post("/test/clock", JSON, r#"{"advance":1}"#).status >= 400);

    let mut sender = Persona::new(demo.address(), "mesto01");
    let id = sender.send(&Letter::new("nvak22s", "zmizí")).unwrap();
    assert_eq!(post("/test/reset", JSON, "{}").status, 200);
    assert!(
        sender
            .list_sent(1000)
            .unwrap()
            .iter()
            .all(|record| record.subject != "zmizí"),
        "{id}"
    );
    let mut newcomer = Persona::new(demo.address(), "novak01");
    assert_eq!(newcomer.list_received(100).unwrap(), []);
    assert!(now(&get("/test/clock").text()) < after);
}

#[test]
fn tells_what_it_is() {
    let demo = Demo::start().unwrap();
    let get = |path: &str| http::get(demo.address(), path, LIMIT).unwrap();
    let home = get("/");
    assert_eq!(home.status, 200);
    for word in ["mesto01", "DemoHeslo2026", "nvak22s", "/DS/dz", "curl"] {
        assert!(home.text().contains(word), "{word}");
    }
    assert_eq!(get("/health/live").status, 200);
    assert_eq!(get("/health/ready").status, 200);
    assert_eq!(get("/nothing/here").status, 404);
    let wsdl = get("/wsdl/v20/dm_operations.wsdl");
    assert_eq!(wsdl.status, 200);
    assert!(wsdl.text().contains(&format!("http://{}/DS/dz", demo.address())));
    // Beside an endpoint no XSD lies, so its WSDL names them by their whole address.
    let beside = get("/DS/dz?wsdl").text();
    assert!(
        beside.contains(&format!("http://{}/wsdl/v20/dmBaseTypes.xsd", demo.address())),
        "{beside}"
    );
}

#[test]
fn touches_no_stores_but_its_own() {
    let demo = Demo::start().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let start = |database: String, objects: String| {
        std::process::Command::new(demo.binary())
            .args(["demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(elsewhere.path().join("data"))
            .args(["--database", &database, "--objects", &objects])
            .output()
            .unwrap()
    };
    let fresh = |name: &str| elsewhere.path().join(name).display().to_string();
    let theirs = |name: &str| demo.data().join(name).display().to_string();
    for (database, objects) in [
        (
            format!("sqlite:{}", theirs("isds.db")),
            format!("file:{}", fresh("objects")),
        ),
        (
            format!("sqlite:{}", fresh("isds.db")),
            format!("file:{}", theirs("objects")),
        ),
    ] {
        let output = start(database, objects);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && said.contains("a demo touches no others"),
            "{said}"
        );
    }
    assert!(
        !Persona::new(demo.address(), "mesto01")
            .list_sent(10)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_message_is_delivered_within_a_second() {
    let demo = Demo::start().unwrap();
    let mut sender = Persona::new(demo.address(), "mesto01");
    let id = sender.send(&Letter::new("nvak22s", "spěchá")).unwrap();
    let accepted = std::time::Instant::now();
    let delivered = |sender: &mut Persona| {
        let records = sender.list_sent(10).unwrap();
        records.iter().any(|record| record.id == id && record.status == 4)
    };
    while !delivered(&mut sender) {
        assert!(
            accepted.elapsed() < Duration::from_secs(1),
            "not delivered after {:?}",
            accepted.elapsed()
        );
    }
    println!("delivered after {:?}", accepted.elapsed());
}
