//! `cargo xtask build` and `cargo xtask run`.

use std::{
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

use crate::{
    assets, place,
    shell::{Failure, Outcome, cargo, step},
    tools::{Tool, ensure},
};

/// Builds the release binary, complete.
pub fn build() -> Outcome<ExitCode> {
    release(&["-p", "server", "--bin", "isds"])?;
    println!("{}", place::target().join("release/isds").display());
    Ok(ExitCode::SUCCESS)
}

/// Builds the release binary and becomes the demo.
///
/// Release, although its first build is the longer one: the same file as `cargo xtask build` makes is the one that
/// people judge, sealing and parsing run at their real speed, and every later start costs nothing.
pub fn run(arguments: &[String]) -> Outcome<ExitCode> {
    release(&["-p", "server", "--bin", "isds"])?;
    let binary = place::target().join("release/isds");
    // Replaces this process, so that Ctrl-C and the exit code are the demo's own. The folder stays the caller's:
    // `--data` is relative to where the command was typed.
    let error = Command::new(&binary).arg("demo").args(arguments).exec();
    Err(Failure::io(format!("start {}", binary.display()))(error))
}

/// A release build of some packages, with what it needs.
pub fn release(selection: &[&str]) -> Outcome {
    ensure(Tool::BuildTools)?;
    assets::build()?;
    step(
        "release build",
        cargo().args(["build", "--release", "--locked"]).args(selection),
    )
}
