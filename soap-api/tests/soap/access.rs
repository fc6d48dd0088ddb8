//! Who is let in, what the others are told, and what is served without asking.

use crate::common;

use common::http::{connect, exchange, post, read_reply};
use common::people::APPLICATION;
use common::{CERTIFICATE_HEADER, World, authorization, envelope};
use isds_core::ports::SystemCertificate;
use isds_core::time::Clock;
use isds_core::{Limits, fingerprint};
use soap_api::SoapConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn dummy() -> String {
    envelope("<DummyOperation xmlns=\"http://isds.czechpoint.cz/v20\"/>")
}

fn basic(login: &str, password: &str) -> String {
    format!(
        "Authorization: Basic {}\r\n",
        base64_simd::STANDARD.encode_to_string(format!("{login}:{password}"))
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_wrong_gets_the_same_page() {
    let world = World::new().await;
    let mut pages = Vec::new();
    for headers in [
        String::new(),
        "Authorization: Basic\r\n".into(),
        "Authorization: Basic !!!!\r\n".into(),
        "Authorization: Bearer x\r\n".into(),
        format!("Authorization: Basic {}\r\n", "QUFB".repeat(2000)),
        authorization("mesto01") + &authorization("mesto01"),
        basic("mesto01", "Spatne2026"),
        basic("nikdo01", "Spatne2026"),
        basic(&"x".repeat(300), "y"),
        basic("", ""),
    ] {
        let reply = post(world.address, "/DS/dz", &headers, "text/xml", dummy().as_bytes()).await;
        assert_eq!(reply.status, 401, "{headers}");
        assert!(
            reply
                .header("www-authenticate")
                .unwrap()
                .starts_with("Basic realm=\"ISDS test\"")
        );
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        pages.push(reply.body);
    }
    pages.dedup();
    assert_eq!(pages.len(), 1);
    assert!(pages[0].contains("Authentication required!") && pages[0].contains("Error 401"));
    assert!(!pages[0].contains("blocked"));
    let reply = post(
        world.address,
        "/DS/dz",
        &authorization("mesto01"),
        "text/xml",
        dummy().as_bytes(),
    )
    .await;
    assert_eq!(reply.code(), "0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_account_is_told_until_when() {
    let world = World::new().await;
    let call = async |headers: String| post(world.address, "/DS/dz", &headers, "text/xml", dummy().as_bytes()).await;
    for _ in 0..4 {
        assert!(!call(basic("novak01", "Spatne2026")).await.body.contains("blocked"));
    }
    let locked = call(basic("novak01", "Spatne2026")).await;
    // The clock of the tests stands at 10:00:00 Czech time.
    assert!(
        locked
            .body
            .contains("Prihlaseni blokovano do / Login blocked until: 11:00:00"),
        "{}",
        locked.body
    );
    assert_eq!(locked.status, 401);
    assert!(
        call(authorization("novak01")).await.body.contains("11:00:00"),
        "the right password does not help"
    );
    assert_eq!(call(authorization("mesto01")).await.code(), "0000");
    world.clock.advance(3600);
    assert_eq!(call(authorization("novak01")).await.code(), "0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_address_is_told_nothing() {
    let world = World::new().await;
    for n in 0..50 {
        world
            .isds
            .store
            .record_failed_login(&format!("x{n}"), "127.0.0.1".parse().unwrap(), world.clock.real())
            .await
            .unwrap();
    }
    let reply = post(
        world.address,
        "/DS/dz",
        &authorization("mesto01"),
        "text/xml",
        dummy().as_bytes(),
    )
    .await;
    assert_eq!(reply.status, 401);
    assert!(reply.body.contains("Error 401"));
    assert!(
        !reply.body.contains("blocked") && !reply.body.contains("wrong credentials"),
        "{}",
        reply.body
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_good_while_it_is_registered() {
    let world = World::new().await;
    let call = async |certificate: &str| {
        let headers = format!("{CERTIFICATE_HEADER}: {certificate}\r\n") + &authorization("mesto01");
        let document = dummy();
        let reply = post(world.address, "/cert/DS/dz", &headers, "text/xml", document.as_bytes());
        reply.await.status
    };
    assert_eq!(call(APPLICATION).await, 200);
    // A password beside it helps nobody.
    for other in ["certificate-of-nobody", ""] {
        assert_eq!(call(other).await, 401, "{other}");
    }
    let store = &world.isds.store;
    let fingerprint = fingerprint(APPLICATION.as_bytes());
    let registered = store.lookup_certificate(&fingerprint).await.unwrap().unwrap();
    assert!(store.remove_certificate(&fingerprint).await.unwrap());
    assert_eq!(call(APPLICATION).await, 401, "at once");
    let brief = SystemCertificate {
        expires: world.clock.real().plus_seconds(60),
        ..registered
    };
    store.add_certificate(&brief).await.unwrap();
    assert_eq!(call(APPLICATION).await, 200);
    world.clock.advance(60);
    assert_eq!(call(APPLICATION).await, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ways_of_access_that_do_not_exist_yet_are_closed() {
    let world = World::new().await;
    for path in [
        "/cert/DS/dz",
        "/certds/DS/dx",
        "/hspis/DS/df",
        "/apps/DS/DsManage",
        "/hssu/DS/vodz",
        "/as/processLogin?type=hotp",
        "/asws/changePassword",
        "/cert",
    ] {
        let reply = post(
            world.address,
            path,
            &authorization("mesto01"),
            "text/xml",
            dummy().as_bytes(),
        )
        .await;
        assert_eq!(reply.status, 401, "{path}");
        assert!(reply.header("www-authenticate").is_some());
    }
    let reply = post(world.address, "/DS/other", &authorization("mesto01"), "text/xml", b"").await;
    assert_eq!(reply.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_refused_are_read_to_their_end() {
    let world = World::new().await;
    // Larger than what the sockets hold, so a server that does not read would leave the client writing.
    let body = vec![b'x'; 8 * 1024 * 1024];
    let reply = post(
        world.address,
        "/DS/dz",
        &basic("mesto01", "Spatne2026"),
        "text/xml",
        &body,
    )
    .await;
    assert_eq!(reply.status, 401);
    let reply = post(world.address, "/cert/DS/dz", "", "text/xml", &body).await;
    assert_eq!(reply.status, 401);
    let reply = post(world.address, "/DS/dz", &authorization("mesto01"), "image/png", &body).await;
    assert_eq!(reply.status, 415);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_waits_is_asked_only_when_it_is_let_in() {
    let world = World::new().await;
    let document = dummy();
    let head = |credentials: &str| {
        format!(
            "POST /DS/dz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n{credentials}\
             Content-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
            document.len()
        )
    };
    let refused = exchange(world.address, &[head("").as_bytes()]).await;
    assert_eq!(refused.status, 401);
    let mut stream = connect(world.address).await;
    stream
        .write_all(head(&authorization("mesto01")).as_bytes())
        .await
        .unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(document.as_bytes()).await.unwrap();
    assert_eq!(read_reply(&mut stream).await.code(), "0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_is_served_with_the_address_that_was_asked() {
    let world = World::new().await;
    let get = async |path: &str, host: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        exchange(world.address, &[request.as_bytes()]).await
    };
    for (path, location) in [
        ("/wsdl/v20/dm_operations.wsdl", "http://ws1.test:8080/DS/dz"),
        ("/wsdl/v20/db_manipulations.wsdl", "http://ws1.test:8080/DS/DsManage"),
        ("/DS/dx?wsdl", "http://ws1.test:8080/DS/dx"),
        ("/DS/arch?WSDL", "http://ws1.test:8080/DS/arch"),
    ] {
        let reply = get(path, "ws1.test:8080").await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, Some("text/xml; charset=utf-8")),
            "{path}"
        );
        assert!(reply.body.contains(&format!("location=\"{location}\"")), "{path}");
    }
    let endpoint = get("/DS/df?wsdl", "a.b").await.body;
    let schema = endpoint
        .split("schemaLocation=\"http://a.b")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(
        get(schema, "a.b").await.body.contains("<xs:schema"),
        "the schema that an endpoint names is served"
    );
    for (path, status) in [
        ("/wsdl/v20/other.xsd", 404),
        ("/wsdl/v20/..%2FCargo.toml", 404),
        ("/DS/dz", 405),
        ("/DS/dz?x", 405),
    ] {
        assert_eq!(get(path, "a.b").await.status, status, "{path}");
    }
    assert_eq!(get("/DS/dz", "a.b").await.header("allow"), Some("POST"));
    assert_eq!(get("/DS/dz?wsdl", "a/b").await.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_endpoint_answers_in_the_version_it_was_asked() {
    let world = World::with(SoapConfig::default(), Limits::default()).await;
    for service in ["dz", "dx", "df", "DsManage", "vodz", "arch"] {
        for (soap, media_type) in [
            ("http://schemas.xmlsoap.org/soap/envelope/", "text/xml"),
            ("http://www.w3.org/2003/05/soap-envelope", "application/soap+xml"),
        ] {
            let document = dummy().replace("http://schemas.xmlsoap.org/soap/envelope/", soap);
            let path = format!("/DS/{service}");
            let headers = authorization("novak01") + "SOAPAction: \"\"\r\n";
            let reply = post(world.address, &path, &headers, media_type, document.as_bytes()).await;
            assert_eq!(reply.status, 200);
            assert_eq!(
                reply.header("content-type"),
                Some(format!("{media_type}; charset=utf-8").as_str())
            );
            assert!(reply.body.contains(&format!("xmlns:SOAP-ENV=\"{soap}\"")));
            assert_eq!(reply.code(), if service == "dz" { "0000" } else { "2006" });
            assert_eq!(reply.body.contains("dbStatus"), matches!(service, "df" | "DsManage"));
        }
    }
    let wrong = "<x:DummyOperation xmlns:x=\"urn:other\"/>";
    assert_eq!(world.send("novak01", "dz", &envelope(wrong)).await.code(), "2006");
    let long = "x".repeat(5000);
    let reply = world.call("novak01", "dz", &long, "").await;
    assert_eq!(reply.code(), "2006");
    assert!(reply.body.len() < 1000);
}
