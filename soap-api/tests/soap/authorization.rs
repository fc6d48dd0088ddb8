//! Who may call what: every operation by every kind of caller, as one table that a person can read
//! (`golden/authorization/table.md`).
//!
//! A cell is the answer to a call that would succeed if the caller's right were all that counts. What a call changes
//! is made for that call alone, so no cell depends on another. Every answer is valid by the schema of its service.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod boxes;
mod callers;
use crate::common;
mod ground;
mod messages;
mod table;
mod users;

use callers::{CALLERS, Caller};
use common::contract::service;
use common::golden::Validity;
use futures::future::{BoxFuture, FutureExt};
use ground::Ground;
use isds_core::operation::Operation;
use table::{Row, Table};

/// A call: what is special about it (nothing for most), and what stands in the operation's element.
pub type Call = (&'static str, String);

/// Instead of what stands in the element: this caller has nothing that the call could be about.
pub const NOTHING_TO_ASK: &str = "–";

/// The calls of an operation as one caller would make them, with whatever they need made anew.
type Calls = for<'a> fn(&'a Ground, &'static str, &'a Caller) -> BoxFuture<'a, Option<Vec<Call>>>;

const SUBJECTS: &[Calls] = &[
    |ground, operation, caller| messages::calls(ground, operation, caller).boxed(),
    |ground, operation, caller| boxes::calls(ground, operation, caller).boxed(),
    |ground, operation, caller| users::calls(ground, operation, caller).boxed(),
];

/// The status, and that of HTTP where the call was not even begun.
async fn answer(
    ground: &Ground,
    validity: &mut Validity,
    operation: Operation,
    caller: &Caller,
    inside: &str,
) -> String {
    if inside == NOTHING_TO_ASK {
        return inside.to_owned();
    }
    let (service, name) = (service(operation.endpoint()), operation.name());
    let reply = match caller.login {
        Some(login) => ground.world.call(login, service, name, inside).await,
        None => ground.world.call_as_application(service, name, inside).await,
    };
    if reply.status != 200 {
        return format!("HTTP {}", reply.status);
    }
    match operation {
        // Its answer stands in no schema any more.
        Operation::GetDataBoxUsers => {}
        Operation::NumOfMessages => validity.add(name, "stat", &reply),
        _ => validity.add(name, service, &reply),
    }
    reply.code()
}

/// The calls of an operation, of each caller.
async fn calls(ground: &Ground, operation: Operation, caller: &Caller) -> Vec<Call> {
    for subject in SUBJECTS {
        if let Some(calls) = subject(ground, operation.name(), caller).await {
            return calls;
        }
    }
    panic!(
        "{} is an operation without a call in tests/authorization: say there how its holder would call it",
        operation.name()
    );
}

/// An operation with its variants, by every caller.
async fn rows(ground: &Ground, validity: &mut Validity, operation: Operation) -> Vec<Row> {
    // One after the other: what is made for a call waits for the system's jobs, which wait for nobody else's.
    let mut by_caller = Vec::new();
    for caller in CALLERS {
        by_caller.push(calls(ground, operation, caller).await);
    }
    let mut rows = Vec::new();
    for (variant, (about, _)) in by_caller[0].iter().enumerate() {
        let mut cells = Vec::new();
        // One after the other here as well: some operations refuse what comes at once.
        for (caller, calls) in CALLERS.iter().zip(&by_caller) {
            cells.push(answer(ground, validity, operation, caller, &calls[variant].1).await);
        }
        rows.push(Row {
            operation,
            about,
            cells,
        });
    }
    rows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_of_rights_is_as_recorded() {
    let ground = Ground::new().await;
    let (mut table, mut validity) = (Table::default(), Validity::default());
    // Who changes their password cannot call anything more with the old one.
    let (last, others): (Vec<Operation>, Vec<Operation>) = Operation::ALL
        .iter()
        .partition(|operation| **operation == Operation::ChangeIsdsPassword);
    for operation in others.into_iter().chain(last) {
        for row in rows(&ground, &mut validity, operation).await {
            table.add(row);
        }
    }
    validity.assert();
    table.compare();
}
