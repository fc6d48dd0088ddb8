//! Measures the system against floors of the same machine in the same run, and prints the ratios.
//!
//! Ours and the floor take turns (A B A B …); the table shows medians. Loads come from closed-loop clients over
//! loopback that check every answer. Nothing here waits for data to be prepared inside a measured time.

mod accept;
mod budget;
mod download;
mod floor;
mod growth;
mod journey;
mod large;
mod load;
mod memory;
mod others;
mod settled;
mod sizes;
mod table;
mod towns;
mod vodz;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use table::Row;
use towns::Towns;
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
    /// What to measure: accept, journey, download, vodz, memory, list, search, flat, budget, nginx, postfix, sqlite.
    /// Without a name, all of them.
    names: Vec<String>,
}

type OfNew = fn(&World) -> Outcome<Vec<Row>>;
type OfKept = fn(&Towns) -> Outcome<Vec<Row>>;

/// Measured on a new system.
const NEW: &[(&str, OfNew)] = &[
    ("accept", accept::run),
    ("journey", journey::run),
    ("download", download::run),
    ("vodz", vodz::run),
    ("memory", memory::run),
    ("budget", budget::run),
    ("nginx", others::nginx),
    ("postfix", others::postfix),
    ("sqlite", others::sqlite),
];

/// Measured on systems of several sizes, which are kept.
const KEPT: &[(&str, OfKept)] = &[
    ("list", growth::list),
    ("search", growth::search),
    ("flat", growth::flat),
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
    let names = || {
        NEW.iter()
            .map(|(name, _)| name)
            .chain(KEPT.iter().map(|(name, _)| name))
    };
    if let Some(unknown) = arguments.names.iter().find(|name| names().all(|known| known != name)) {
        return Err(format!("there is no bench named {unknown}").into());
    }
    let wanted = |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|n| n == name);
    let mut rows = Vec::new();
    let mut new = None;
    if NEW.iter().any(|(name, _)| wanted(name)) {
        eprintln!("preparing a PostgreSQL cluster, a server and {} boxes", world::BOXES);
        let world = World::prepare()?;
        for (name, bench) in NEW.iter().filter(|(name, _)| wanted(name)) {
            eprintln!("measuring {name}");
            rows.extend(bench(&world).inspect_err(|_| eprintln!("{}", world.server_log()))?);
        }
        new.insert(world).end()?;
    }
    if KEPT.iter().any(|(name, _)| wanted(name)) {
        eprintln!("preparing systems of {:?} messages", sizes::towns());
        let towns = Towns::open()?;
        for (name, bench) in KEPT.iter().filter(|(name, _)| wanted(name)) {
            eprintln!("measuring {name}");
            rows.extend(bench(&towns).inspect_err(|_| {
                for town in &towns.all {
                    eprintln!("{}", town.world.server_log());
                }
            })?);
        }
    }
    drop(new);
    println!("{}", table::render(&rows));
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&rows)?)?;
    }
    Ok(())
}
