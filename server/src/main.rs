//! The binary `isds`: wiring only.

mod assemble;
mod audit_heads;
mod certificates;
mod clamd;
mod clock;
mod commands;
mod config;
mod demo;
mod health;
mod indexing;
mod jobs;
mod listen;
mod logging;
mod mail;
mod mailbox_indexing;
mod metrics;
mod node;
mod notify;
mod random;
mod restraint;
mod scanning;
mod telemetry;
mod test_clock;
mod text;
mod tls;
mod upkeep;

use std::process::ExitCode;

use clap::Parser;
use commands::{Command, Problem};
use isds_core::error::Chain;

/// A message in flight is many small pieces of memory, made on one thread and given up on another: what the system's own
/// allocator is slowest at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A self-hosted data-box system.
#[derive(Parser)]
#[command(name = "isds", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("isds: {}", Chain(&problem));
            ExitCode::FAILURE
        }
    }
}

/// Runs a future on the runtime of a server process.
fn block_on<F: Future<Output = Result<ExitCode, Problem>>>(future: F) -> Result<ExitCode, Problem> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::caused("the runtime cannot be started", error))?;
    runtime.block_on(future)
}
