//! The workspace's own commands: `cargo xtask run | build | test | bench`.

mod assets;
mod bench;
mod build;
mod instructions;
mod place;
mod shell;
mod suites;
mod test;
mod tools;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use suites::When;

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    about = "Builds, starts, tests and measures the data-box system"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Builds the release binary and starts the demo with it
    Run {
        /// Handed to `isds demo`, for example: cargo xtask run -- --listen 127.0.0.1:9000
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Builds the release binary, complete: target/release/isds
    Build,
    /// Builds the pages' styles, scripts and fonts, which the crate `web` embeds
    Assets,
    /// Sets up what the suites need and runs them; without a name all that fit into 40 minutes on two cores
    Test {
        /// Suites by name; --list shows them
        #[arg(conflicts_with_all = ["long", "all"])]
        suites: Vec<String>,
        /// Runs the longer suites, which a call without names leaves out
        #[arg(long, conflicts_with = "all")]
        long: bool,
        /// Runs all suites, the longer ones last
        #[arg(long)]
        all: bool,
        /// Lists the suites
        #[arg(long)]
        list: bool,
    },
    /// Measures and prints a table with the ratios to what the machine could do
    Bench {
        /// Also writes the figures to a file
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// Measurements by name; without one all
        names: Vec<String>,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run { arguments } => build::run(&arguments),
        Command::Build => build::build(),
        Command::Assets => assets::run(),
        Command::Test { list: true, .. } => test::list(),
        Command::Test { all: true, .. } => test::run(&test::everything()),
        Command::Test { long: true, .. } => test::run(&test::those(When::Long)),
        Command::Test { suites, .. } if suites.is_empty() => test::run(&test::those(When::Always)),
        Command::Test { suites, .. } => test::named(&suites).and_then(|suites| test::run(&suites)),
        Command::Bench { json, names } => bench::run(json.as_deref(), &names),
    };
    match done {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
