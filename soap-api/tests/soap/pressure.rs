//! More than a node takes on: sign-ins, guesses of passwords, and requests that do not go on.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use std::time::Duration;

use common::golden::Golden;
use common::http::{Reply, connect, post, read_reply};
use common::{World, authorization, envelope};
use isds_core::account::MAX_FAILURES_OF_LOGIN;
use isds_core::{Limits, SignInBounds};
use soap_api::SoapConfig;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";

fn dummy() -> String {
    envelope("<DummyOperation xmlns=\"http://isds.czechpoint.cz/v20\"/>")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_overload_are_as_recorded() {
    let mut golden = Golden::of("pressure");
    busy(&mut golden).await;
    stalled(&mut golden).await;
    golden.finish();
}

/// Of two sign-ins where one may wait, the other is told that the system is busy.
async fn busy(golden: &mut Golden) {
    // None is hashed, so the one that waits stays.
    let bounds = SignInBounds {
        hashings: 0,
        waiting: 1,
    };
    let world = World::with_sign_ins(SoapConfig::default(), Limits::default(), bounds).await;
    for (name, soap, media_type) in [
        ("busy", SOAP_11, "text/xml"),
        ("busy_soap12", SOAP_12, "application/soap+xml"),
    ] {
        let document = dummy().replace(SOAP_11, soap);
        let headers = authorization("novak01");
        let call = || post(world.address, "/DS/dz", &headers, media_type, document.as_bytes());
        // Whichever of the two comes first takes the place, here and for good.
        let refused: Reply = tokio::select! {
            reply = call() => reply,
            reply = call() => reply,
        };
        assert_eq!(refused.code(), "fault");
        assert_eq!(
            refused.header("www-authenticate"),
            None,
            "no client shall ask for the password again"
        );
        golden.fault(name, 503, &refused);
    }
    assert_eq!(world.isds.passwords.hashed(), 0);
}

/// A body that was announced and does not come.
async fn stalled(golden: &mut Golden) {
    let config = SoapConfig {
        idle: Duration::from_millis(200),
        ..SoapConfig::default()
    };
    let world = World::with(config, Limits::default()).await;
    for (name, media_type) in [("stalled", "text/xml"), ("stalled_soap12", "application/soap+xml")] {
        let document = dummy();
        let head = format!(
            "POST /DS/dz HTTP/1.1\r\nHost: x\r\n{}Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
            authorization("novak01"),
            document.len()
        );
        let mut stream = connect(world.address).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&document.as_bytes()[..30]).await.unwrap();
        // To the end of the connection, which is not kept: nobody knows where the next request would begin.
        let reply = read_reply(&mut stream).await;
        assert_eq!(reply.header("connection"), Some("close"));
        golden.fault(name, 408, &reply);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_at_once_do_not_pass_the_lock_out() {
    let world = World::new().await;
    let address = world.address;
    let hashed = world.isds.passwords.hashed();
    let mut guesses = JoinSet::new();
    for n in 0..40 {
        let pair = base64_simd::STANDARD.encode_to_string(format!("novak01:Spatne{n:04}"));
        guesses.spawn(async move {
            let headers = format!("Authorization: Basic {pair}\r\n");
            post(address, "/DS/dz", &headers, "text/xml", dummy().as_bytes()).await
        });
    }
    let replies = guesses.join_all().await;
    assert!(replies.iter().all(|reply| reply.status == 401));
    let blocked = "Prihlaseni blokovano do / Login blocked until: 11:00:00";
    let turned_away = replies.iter().filter(|reply| reply.body.contains(blocked)).count();
    // The fifth wrong guess locks; one more may have been hashed beside it, no other.
    let hashed = world.isds.passwords.hashed() - hashed;
    let allowed = u64::try_from(MAX_FAILURES_OF_LOGIN).unwrap();
    let beside = SignInBounds::default().hashings as u64 - 1;
    assert!(
        (allowed..=allowed + beside).contains(&hashed),
        "{hashed} guesses were looked at"
    );
    assert!(
        turned_away >= 40 - usize::try_from(MAX_FAILURES_OF_LOGIN).unwrap(),
        "{turned_away}"
    );
    let right = post(
        address,
        "/DS/dz",
        &authorization("novak01"),
        "text/xml",
        dummy().as_bytes(),
    )
    .await;
    assert_eq!(right.status, 401);
    assert!(right.body.contains(blocked), "{}", right.body);
    world.clock.advance(3600);
    let right = post(
        address,
        "/DS/dz",
        &authorization("novak01"),
        "text/xml",
        dummy().as_bytes(),
    )
    .await;
    assert_eq!(right.code(), "0000");
}
