//! Signing in over HTTP: wrong credentials, lock-out, what everybody may do.

use std::time::Duration;

use e2e::harness::{Demo, http};
use e2e::persona::{CallError, Letter, Persona, operation_body};

fn owner_info() -> Vec<u8> {
    operation_body("GetOwnerInfoFromLogin2", "<dbDummy/>")
}

#[test]
fn everybody_of_the_directory_can_sign_in() {
    let demo = Demo::start().unwrap();
    for (login, box_id) in [
        ("mesto01", "mesta2j"),
        ("mesto02", "mesta2j"),
        ("mesto03", "mesta2j"),
        ("kraj01", "kraj227"),
        ("firma01", "firma2x"),
        ("firma02", "firma2x"),
        ("banka01", "banka2q"),
        ("advok01", "advka2c"),
        ("truhl01", "zivna27"),
        ("novak01", "nvak22s"),
        ("dvora01", "maria2f"),
        ("zrus01", "zrus22r"),
    ] {
        let answer = Persona::new(demo.address(), login)
            .call("/DS/DsManage", &owner_info())
            .unwrap();
        assert!(answer.contains(&format!("dbID>{box_id}<")), "{login}: {answer}");
    }
}

#[test]
fn wrong_credentials_are_all_alike() {
    let demo = Demo::start().unwrap();
    let mut bodies = Vec::new();
    for (login, password) in [
        ("mesto01", "spatne"),
        ("nikdo99", "DemoHeslo2026"),
        ("", ""),
        ("mesto01", ""),
    ] {
        match Persona::with_password(demo.address(), login, password).call("/DS/DsManage", &owner_info()) {
            Err(CallError::Http(401, body)) => bodies.push(body),
            other => panic!("{login}: {other:?}"),
        }
    }
    let answer = http::post(
        demo.address(),
        "/DS/dz",
        &[("Content-Type", "text/xml")],
        b"<x/>",
        Duration::from_secs(10),
    )
    .unwrap();
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").unwrap().starts_with("Basic realm="));
    bodies.push(answer.text());
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
    roxmltree::Document::parse_with_options(
        &bodies[0],
        roxmltree::ParsingOptions {
            allow_dtd: true,
            ..Default::default()
        },
    )
    .expect("the body is well-formed XML");
}

#[test]
fn repeated_failures_lock_the_account_and_no_other() {
    let demo = Demo::start().unwrap();
    for _ in 0..5 {
        let error = Persona::with_password(demo.address(), "kraj01", "spatne")
            .call("/DS/DsManage", &owner_info())
            .unwrap_err();
        assert!(matches!(error, CallError::Http(401, _)), "{error:?}");
    }
    match Persona::new(demo.address(), "kraj01").call("/DS/DsManage", &owner_info()) {
        Err(CallError::Http(401, body)) => {
            assert!(
                body.contains("Prihlaseni blokovano do / Login blocked until: "),
                "{body}"
            );
        }
        other => panic!("{other:?}"),
    }
    Persona::new(demo.address(), "mesto01")
        .call("/DS/DsManage", &owner_info())
        .unwrap();
}

#[test]
fn privileges_are_asked_for() {
    let demo = Demo::start().unwrap();
    let mut nobody = Persona::new(demo.address(), "mesto03");
    let error = nobody.send(&Letter::new("nvak22s", "bez práva")).unwrap_err();
    assert_eq!(error.code(), Some("1004"));
    let error = nobody.list_received(10).unwrap_err();
    assert_eq!(error.code(), Some("1004"));
    // Sees the list, delivers nothing by it.
    let mut viewer = Persona::new(demo.address(), "firma02");
    let records = viewer.list_received(10).unwrap();
    assert!(
        !records.is_empty() && records.iter().all(|record| record.status == 4),
        "{records:?}"
    );
}

#[test]
fn personal_delivery_waits_for_who_may_read_it() {
    let demo = Demo::start().unwrap();
    let mut sender = Persona::new(demo.address(), "kraj01");
    let personal = Letter {
        personal: true,
        ..Letter::new("mesta2j", "do vlastních rukou")
    };
    let personal = sender.send(&personal).unwrap();
    let plain = sender.send(&Letter::new("mesta2j", "běžná")).unwrap();
    let mut clerk = Persona::new(demo.address(), "mesto02");
    let status = |records: &[e2e::persona::Record], id: &str| records.iter().find(|r| r.id == id).map(|r| r.status);
    let begin = std::time::Instant::now();
    let records = loop {
        let records = clerk.list_received(100).unwrap();
        if status(&records, &plain) == Some(6) && status(&records, &personal).is_some() {
            break records;
        }
        assert!(begin.elapsed().as_secs() < 20, "{records:?}");
    };
    assert_eq!(status(&records, &personal), Some(4));
    // The list would not help this reader, so the answer is not that it should be fetched.
    let error = clerk.download_signed(&personal).unwrap_err();
    assert_eq!(error.code(), Some("1004"));
    let mut mayor = Persona::new(demo.address(), "mesto01");
    assert_eq!(status(&mayor.list_received(100).unwrap(), &personal), Some(6));
    let error = clerk.download_signed(&personal).unwrap_err();
    assert_eq!(error.code(), Some("1004"));
    mayor.download_signed(&personal).unwrap();
}
