//! `cargo xtask bench`: builds what measures and what is measured, both in release, and lets the former work.

use std::{
    path::{Path, absolute},
    process::ExitCode,
};

use crate::{
    build::release,
    place,
    shell::{Failure, Outcome, command},
    tools::{Tool, ensure},
};

/// Hands the names and the file on to the `bench` binary; its exit code is ours.
pub fn run(json: Option<&Path>, names: &[String]) -> Outcome<ExitCode> {
    release(&["-p", "bench", "-p", "server"])?;
    ensure(Tool::Postgres)?;
    ensure(Tool::Openssl)?;
    // What stands beside ours for information only; the table says which rows are missing.
    for tool in [Tool::Nginx, Tool::Postfix] {
        if let Err(failure) = ensure(tool) {
            println!("{failure}");
        }
    }
    let built = place::target().join("release");
    let mut bench = command(built.join("bench"), &[]);
    bench.env("ISDS_BIN", built.join("isds"));
    if let Some(file) = json {
        // The bench runs in the workspace's root; the file belongs where the command was typed.
        bench
            .arg("--json")
            .arg(absolute(file).map_err(Failure::io("resolve the file's path"))?);
    }
    let status = bench.args(names).status().map_err(Failure::io("start the bench"))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
