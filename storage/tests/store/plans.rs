//! No statement reads a table whole where an index is meant.
//!
//! What is looked at is not a list that somebody keeps: it is every statement that the stores said while the suite ran, as
//! it was said. So a new one is looked at from its first test on. Which index a frequent query has to take is said beside
//! them, in `storage/src/shared/statements.rs`; here it is enough that it is some index that is entered by a key.
//!
//! nextest runs every test in a process of its own; where several share one, only the first engine listens.

mod exceptions;
mod postgres;
mod sources;
mod sqlite;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

pub use exceptions::Exceptions;
pub use postgres::examine as examine_postgres;
pub use sources::assert_all_heard;
pub use sqlite::examine as examine_sqlite;

/// What the stores of this process said.
static HEARD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Listens to what the stores say from now on; false where this process listens to the other engine.
pub fn listen(engine: &'static str) -> bool {
    static LISTENED_TO: OnceLock<&str> = OnceLock::new();
    let listened_to = LISTENED_TO.get_or_init(|| {
        let ours = Targets::new().with_target("sqlx::query", LevelFilter::DEBUG);
        let listener = tracing_subscriber::registry().with(Listener.with_filter(ours));
        tracing::subscriber::set_global_default(listener).unwrap();
        engine
    });
    *listened_to == engine
}

/// The statements that read or look for something, without those of migrations and those that empty a table.
fn heard() -> Vec<String> {
    let heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    let reads = |sql: &&String| match sql.split(' ').next().unwrap_or_default() {
        "SELECT" | "WITH" | "UPDATE" => true,
        "DELETE" => sql.contains("WHERE"),
        "INSERT" => sql.contains("SELECT") || sql.contains("ON CONFLICT"),
        _ => false,
    };
    heard
        .iter()
        .filter(reads)
        .filter(|sql| !sql.contains(';') && !sql.contains("_sqlx_migrations"))
        .cloned()
        .collect()
}

struct Listener;

impl<S: tracing::Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        // A short statement is its own summary.
        let sql = if said.statement.is_empty() {
            said.summary
        } else {
            said.statement
        };
        let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        HEARD.lock().unwrap_or_else(PoisonError::into_inner).insert(sql);
    }
}

#[derive(Default)]
struct Said {
    summary: String,
    statement: String,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// Something in a plan whose cost grows with a table.
struct Fault {
    /// The table, where the plan names it.
    table: String,
    what: String,
}

/// A statement whose plan has faults.
struct Finding {
    statement: String,
    faults: Vec<Fault>,
    plan: String,
}

/// Nothing is left of the findings after the exceptions.
fn assert_none(findings: &[Finding], exceptions: &mut Exceptions) {
    let mut report = String::new();
    for Finding {
        statement,
        faults,
        plan,
    } in findings
    {
        let left: Vec<_> = faults
            .iter()
            .filter(|fault| !exceptions.take(statement, &fault.table))
            .map(|fault| fault.what.as_str())
            .collect();
        if !left.is_empty() {
            report += &format!("{statement}\n  -> {}\n{plan}\n\n", left.join("; "));
        }
    }
    assert!(report.is_empty(), "statements that read too much:\n\n{report}");
}
