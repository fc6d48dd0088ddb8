//! What a closing does to messages, when it takes long and when others die meanwhile.

#![expect(clippy::unwrap_used, reason = "helpers outside of tests")]

use crate::common;

use common::{World, file, message};
use isds_core::Limits;
use isds_core::ids::MessageId;
use isds_core::message::{Input, Phase, apply};
use isds_core::ports::MessageChange;
use isds_core::time::{Clock, Timestamp};
use soap_api::SoapConfig;

const ALL: &str = "<dmStatusFilter>-1</dmStatusFilter>";

async fn submit(world: &World, to: &str) -> MessageId {
    let content = message(to, "Věc", &file("a.txt", "main", "YWhvag=="));
    let reply = world.call("mesto01", "dz", "CreateMessage", &content).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    MessageId(reply.value("dmID").parse().unwrap())
}

async fn disable(world: &World, id: &str) {
    let id = format!("<dbID>{id}</dbID>");
    let reply = world
        .call("spravce01", "DsManage", "DisableDataBoxExternally2", &id)
        .await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
}

async fn phase(world: &World, id: MessageId) -> Phase {
    world.isds.store.lookup_message(id).await.unwrap().unwrap().state.phase
}

async fn undeliverable(world: &World, of: &[MessageId]) -> usize {
    let mut count = 0;
    for id in of {
        count += usize::from(phase(world, *id).await == Phase::Undeliverable);
    }
    count
}

#[tokio::test]
async fn a_long_closing_keeps_no_message_of_others_waiting() {
    let world = World::new().await;
    let mut waiting = Vec::new();
    for _ in 0..450 {
        waiting.push(submit(&world, "nvak22s").await);
    }
    world.settle().await;
    disable(&world, "nvak22s").await;
    world.isds.run_due_jobs().await.unwrap();
    let begun = undeliverable(&world, &waiting).await;
    assert!((1..waiting.len()).contains(&begun), "a turn does a share: {begun}");
    let other = submit(&world, "kraj227").await;
    // The notices of the first share go out, and with them what was sent before the second.
    while phase(&world, other).await != Phase::DeliveredIn {
        world.isds.run_due_jobs().await.unwrap();
    }
    let meanwhile = undeliverable(&world, &waiting).await;
    assert!(meanwhile < waiting.len(), "the closing goes on behind it: {meanwhile}");
    world.settle().await;
    assert_eq!(undeliverable(&world, &waiting).await, waiting.len());
    let told = world.call("mesto01", "dx", "GetListOfReceivedMessages", ALL).await;
    let told = told
        .body
        .matches("<q:dmAnnotation>Datová zpráva je nedoručitelná<")
        .count();
    assert_eq!(told, waiting.len(), "each sender is told once of each");
}

/// The node that found the box open writes its delivery after the closing has looked, and dies before it looks again.
#[tokio::test]
async fn what_a_dying_node_delivered_into_a_closed_box_is_found() {
    let world = World::new().await;
    let late = submit(&world, "nvak22s").await;
    let leased = world
        .isds
        .store
        .claim_jobs(world.clock.real(), Timestamp(i64::MAX), 10)
        .await;
    assert_eq!(leased.unwrap().len(), 1, "the other node has it");
    disable(&world, "nvak22s").await;
    world.settle().await;
    let at = world.clock.legal();
    for input in [Input::Stamp, Input::DeliverIn { at, fiction: None }] {
        let message = world.isds.store.lookup_message(late).await.unwrap().unwrap();
        let moved = apply(&message.state, input).unwrap();
        let mut change = MessageChange::unchanged(&message);
        change.state = moved.state;
        change.events = moved.events;
        change.state_changes.extend(moved.state_change);
        world.isds.store.apply_changes(&[change]).await.unwrap();
    }
    world.settle().await;
    assert_eq!(phase(&world, late).await, Phase::DeliveredIn, "nobody has looked yet");
    world.clock.advance(60);
    world.settle().await;
    assert_eq!(phase(&world, late).await, Phase::Undeliverable);
    assert_eq!(world.isds.store.count_jobs().await.unwrap(), 1, "that of the dead node");
}

#[tokio::test]
async fn a_list_does_not_wait_for_a_long_closing() {
    let limits = Limits {
        delivery_seconds: -1,
        ..Limits::default()
    };
    let world = World::with(SoapConfig::default(), limits).await;
    let waiting = [submit(&world, "nvak22s").await, submit(&world, "nvak22s").await];
    world.settle().await;
    disable(&world, "nvak22s").await;
    let first = world.call("novak01", "dx", "GetListOfReceivedMessages", ALL).await;
    assert_eq!(first.code(), "3006", "{}", first.body);
    assert_eq!(undeliverable(&world, &waiting).await, 2, "what was done stays so");
    let second = world.call("novak01", "dx", "GetListOfReceivedMessages", ALL).await;
    assert_eq!(second.code(), "0000", "the next call goes on: {}", second.body);
}
