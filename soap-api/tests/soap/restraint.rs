//! Restraint of traffic: 3008 and 3009 (manual M 1.9).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::golden::Golden;
use common::{World, authorization, envelope, people};
use isds_core::operation::Operation;
use isds_core::principal::Principal;
use isds_core::restraint::RestraintBounds;
use isds_core::{Credentials, Limits};
use soap_api::SoapConfig;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const DELAY: Duration = Duration::from_millis(300);

async fn world(parallel_calls: u32, daily_calls: Option<u64>) -> World {
    let limits = Limits {
        restraint: RestraintBounds {
            parallel_calls,
            daily_calls,
            delay: DELAY,
        },
        ..Limits::default()
    };
    World::with(SoapConfig::default(), limits).await
}

async fn principal(world: &World, login: &str) -> Arc<Principal> {
    let credentials = Credentials {
        login: login.to_owned(),
        password: people::PASSWORD.to_owned(),
    };
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    world.isds.authenticate_user(&credentials, address).await.unwrap()
}

/// Lists until the list is given: a place that was given back is on its way to the other nodes.
async fn list_until_given(world: &World) {
    let begin = Instant::now();
    loop {
        let reply = world.call("mesto01", "dx", "GetListOfSentMessages", "").await;
        if reply.code() == "0000" {
            return;
        }
        assert_eq!(reply.code(), "3008");
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "the place does not come free"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_calls_of_a_box_run_at_once_and_no_more() {
    let world = world(2, None).await;
    let mut golden = Golden::of("restraint");
    let caller = principal(&world, "mesto01").await;
    let admit = || world.isds.admit_call(&caller, Operation::MessageDownload);
    let held = [admit().await.unwrap(), admit().await.unwrap()];
    // Another user of the box has no other places.
    let refused = world.call("mesto02", "dx", "GetListOfSentMessages", "").await;
    golden.answer("too_many_parallel_calls", "dx", &refused);
    assert_eq!(refused.code(), "3008");
    assert!(
        refused
            .body
            .contains("Příliš mnoho paralelních požadavků pro DS mesta2j"),
        "{}",
        refused.body
    );
    // Other operations, and other boxes, are not held by it.
    let other = world.call("mesto01", "dx", "GetMessageStateChanges", "").await;
    assert_eq!(other.code(), "0000");
    let other = world.call("novak01", "dx", "GetListOfSentMessages", "").await;
    assert_eq!(other.code(), "0000");
    drop(held);
    list_until_given(&world).await;
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_cut_off_gives_its_place_back() {
    let world = world(1, None).await;
    let document = envelope(
        "<GetListOfSentMessages xmlns=\"http://isds.czechpoint.cz/v20\"><dmLimit>10</dmLimit></GetListOfSentMessages>",
    );
    let (begun, _) = document.split_once("</dmLimit>").unwrap();
    let head = format!(
        "POST /DS/dx HTTP/1.1\r\nHost: isds.test\r\nContent-Type: text/xml\r\n{}Content-Length: {}\r\n\r\n{begun}",
        authorization("mesto01"),
        document.len()
    );
    let begin = Instant::now();
    let stream = 'begun: loop {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // The one that asks whether the place is taken takes it itself for a moment: of the two either is refused. Where it
        // is the one that is cut off, nobody is told, since a request is answered behind its end.
        for _ in 0..20 {
            if world.call("mesto01", "dx", "GetListOfSentMessages", "").await.code() == "3008" {
                break 'begun stream;
            }
            assert!(begin.elapsed() < Duration::from_secs(20), "the call does not begin");
        }
    };
    drop(stream);
    list_until_given(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beyond_its_allowance_an_account_waits_and_calls_one_by_one() {
    let world = world(49, Some(2)).await;
    let number = world.send_message("mesto01", "nvak22s", "Výzva").await;
    let mut golden = Golden::of("allowance");
    let id = format!("<dmID>{number}</dmID>");
    let info = async || {
        let begin = Instant::now();
        let reply = world.call("mesto01", "dx", "GetDeliveryInfo", &id).await;
        (reply, begin.elapsed())
    };
    for _ in 0..2 {
        assert_eq!(info().await.0.code(), "0000");
    }
    let (reply, took) = info().await;
    assert_eq!(reply.code(), "0000");
    assert!(took >= DELAY, "{took:?}");
    // While one call of the account runs, another is refused, after the delay as well.
    let caller = principal(&world, "mesto01").await;
    let running = world
        .isds
        .admit_call(&caller, Operation::GetDeliveryInfo)
        .await
        .unwrap();
    let (refused, took) = info().await;
    golden.answer("account_is_busy", "dx", &refused);
    assert_eq!(refused.code(), "3009");
    assert!(took >= DELAY, "{took:?}");
    // Other accounts of the box have allowances of their own; what is not watched is free.
    let other = world.call("mesto02", "dx", "GetListOfSentMessages", "").await;
    assert_eq!(other.code(), "0000");
    let begin = Instant::now();
    assert_eq!(world.call("mesto01", "dz", "DummyOperation", "").await.code(), "0000");
    assert!(begin.elapsed() < DELAY * 20);
    // A person in the mailbox is not held by it.
    let person = Principal {
        session: Some("session".to_owned()),
        ..Principal::clone(&caller)
    };
    let begin = Instant::now();
    for _ in 0..3 {
        world
            .isds
            .admit_call(&person, Operation::GetDeliveryInfo)
            .await
            .unwrap();
    }
    assert!(begin.elapsed() < DELAY);
    drop(running);
    let begin = Instant::now();
    while info().await.0.code() != "0000" {
        assert!(begin.elapsed() < Duration::from_secs(20), "the turn does not come free");
    }
    golden.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_counted_is_written_and_what_is_set_for_a_box_holds() {
    let world = world(49, None).await;
    for _ in 0..3 {
        let reply = world.call("mesto01", "dx", "GetListOfSentMessages", "").await;
        assert_eq!(reply.code(), "0000");
    }
    world.isds.keep_restraint().await.unwrap();
    let operator = principal(&world, "spravce01").await;
    let box_id = "mesta2j".parse().unwrap();
    let calls = world.isds.box_calls(&operator, box_id).await.unwrap();
    assert_eq!(
        calls.accounts.iter().map(|busy| busy.count.calls).collect::<Vec<_>>(),
        [3]
    );
    let view = world.isds.restraint_view(&operator).await.unwrap();
    assert_eq!(view.busiest.len(), 1);
    // Nobody else may look or set.
    let town = principal(&world, "mesto01").await;
    assert!(world.isds.restraint_view(&town).await.is_err());
    assert!(world.isds.box_calls(&town, box_id).await.is_err());
    let bounds = isds_core::restraint::BoxBounds {
        parallel: None,
        daily: Some(3),
    };
    assert!(world.isds.restrain_box(&town, box_id, bounds, 0).await.is_err());
    world.isds.restrain_box(&operator, box_id, bounds, 0).await.unwrap();
    assert!(
        world.isds.restrain_box(&operator, box_id, bounds, 0).await.is_err(),
        "an old version"
    );
    let begin = Instant::now();
    let reply = world.call("mesto01", "dx", "GetListOfSentMessages", "").await;
    assert_eq!(reply.code(), "0000");
    assert!(begin.elapsed() >= DELAY, "{:?}", begin.elapsed());
    // The box was told.
    world.settle().await;
    let list = world.call("mesto01", "dx", "GetListOfReceivedMessages", "").await;
    assert!(list.body.contains("Omezení provozu datové schránky"), "{}", list.body);
}
