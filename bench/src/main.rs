//! Measures the system against floors of the same machine in the same run, and prints the ratios.
//!
//! Ours and the floor take turns (A B A B …); the table shows medians. Loads come from closed-loop clients over
//! loopback that check every answer. Nothing here waits for data to be prepared inside a measured time.

mod accept;
mod download;
mod floor;
mod journey;
mod load;
mod table;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use table::Row;
use world::World;

/// What can go wrong in a bench: anything, and it ends it.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Clients at once in every load.
const CLIENTS: usize = 16;
/// Rounds of ours and floor.
const ROUNDS: usize = 3;

/// Measures the system.
#[derive(Parser)]
struct Arguments {
    /// Write the rows as JSON too.
    #[arg(long)]
    json: Option<PathBuf>,
    /// What to measure: accept, journey, download. Without a name, all of them.
    names: Vec<String>,
}

type Bench = fn(&World) -> Outcome<Row>;

const BENCHES: &[(&str, Bench)] = &[
    ("accept", accept::run),
    ("journey", journey::run),
    ("download", download::run),
];

/// Lets time pass: between two looks at what cannot announce itself, and while a floor is measured.
#[expect(
    clippy::disallowed_methods,
    reason = "a measure of time is the point here, no race is waited out"
)]
fn pause(time: std::time::Duration) {
    std::thread::sleep(time);
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome<()> {
    if let Some(unknown) = arguments
        .names
        .iter()
        .find(|name| BENCHES.iter().all(|(known, _)| known != name))
    {
        return Err(format!("there is no bench named {unknown}").into());
    }
    let wanted = |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|n| n == name);
    eprintln!("preparing a PostgreSQL cluster, a server and {} boxes", world::BOXES);
    let world = World::prepare()?;
    let mut rows = Vec::new();
    for (name, bench) in BENCHES.iter().filter(|(name, _)| wanted(name)) {
        eprintln!("measuring {name}");
        match bench(&world) {
            Ok(row) => rows.push(row),
            Err(error) => {
                eprintln!("{}", world.server_log());
                return Err(error);
            }
        }
    }
    println!("{}", table::render(&rows));
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&rows)?)?;
    }
    Ok(())
}
