//! Who may call what: every operation by every kind of caller, as one table that a person can read
//! (`golden/authorization/table.md`).
//!
//! A cell is the answer to a call that would succeed if the caller's right were all that counts. What a call changes
//! is made for that call alone, so no cell depends on another.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

#[path = "authorization/boxes.rs"]
mod boxes;
#[path = "authorization/callers.rs"]
mod callers;
#[cfg(test)]
mod common;
#[path = "authorization/ground.rs"]
mod ground;
#[path = "authorization/messages.rs"]
mod messages;
#[path = "authorization/table.rs"]
mod table;
#[path = "authorization/users.rs"]
mod users;

use callers::{CALLERS, Caller};
use futures::future::{BoxFuture, FutureExt, join_all};
use ground::Ground;
use isds_core::operation::{Endpoint, Operation};
use table::{Row, Table};

/// A call: what is special about it (nothing for most), and what stands in the operation's element.
pub type Call = (&'static str, String);

/// The calls of an operation as one caller would make them, with whatever they need made anew.
type Calls = for<'a> fn(&'a Ground, &'static str, &'a Caller) -> BoxFuture<'a, Option<Vec<Call>>>;

const SUBJECTS: &[Calls] = &[
    |ground, operation, caller| messages::calls(ground, operation, caller).boxed(),
    |ground, operation, caller| boxes::calls(ground, operation, caller).boxed(),
    |ground, operation, caller| users::calls(ground, operation, caller).boxed(),
];

fn service(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Dz => "dz",
        Endpoint::Dx => "dx",
        Endpoint::Df => "df",
        Endpoint::DsManage => "DsManage",
        Endpoint::Vodz => "vodz",
        Endpoint::Arch => "arch",
    }
}

/// The status, and that of HTTP where the call was not even begun.
async fn answer(ground: &Ground, operation: Operation, caller: &Caller, inside: &str) -> String {
    let (service, name) = (service(operation.endpoint()), operation.name());
    let reply = match caller.login {
        Some(login) => ground.world.call(login, service, name, inside).await,
        None => ground.world.call_as_application(service, name, inside).await,
    };
    if reply.status == 200 {
        reply.code()
    } else {
        format!("HTTP {}", reply.status)
    }
}

/// The answers to one caller, a call each.
async fn answers(ground: &Ground, operation: Operation, caller: &Caller) -> Vec<(&'static str, String)> {
    for subject in SUBJECTS {
        let Some(calls) = subject(ground, operation.name(), caller).await else {
            continue;
        };
        let mut answers = Vec::new();
        for (about, inside) in calls {
            answers.push((about, answer(ground, operation, caller, &inside).await));
        }
        return answers;
    }
    panic!(
        "{} is an operation without a call in tests/authorization: say there how its holder would call it",
        operation.name()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_of_rights_is_as_recorded() {
    let ground = Ground::new().await;
    let mut table = Table::default();
    // Who changes their password cannot call anything more with the old one.
    let (last, others): (Vec<Operation>, Vec<Operation>) = Operation::ALL
        .iter()
        .copied()
        .partition(|operation| *operation == Operation::ChangeIsdsPassword);
    for operation in others.into_iter().chain(last) {
        let answers = join_all(CALLERS.iter().map(|caller| answers(&ground, operation, caller))).await;
        for (variant, (about, _)) in answers[0].iter().enumerate() {
            table.add(Row {
                operation,
                about,
                cells: answers.iter().map(|calls| calls[variant].1.clone()).collect(),
            });
        }
    }
    table.compare();
}
