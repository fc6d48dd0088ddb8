//! Runs other programs, says which and how long each took.

use std::{
    fmt, io,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::place;

/// Why a command of xtask did not succeed: a sentence for a person, with what to do where something can be done.
#[derive(Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Failure {
    /// Adapter for `map_err`: says what could not be done, and why.
    pub fn io(what: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        move |error| Self(format!("could not {what}: {error}"))
    }
}

pub type Outcome<T = ()> = Result<T, Failure>;

/// A program with its arguments, in the workspace's root and without standard input.
pub fn command(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(place::root()).stdin(Stdio::null());
    command
}

/// The cargo that runs xtask.
pub fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), &[])
}

/// Runs a step with its output shown, and says its name before and its time after.
pub fn step(name: &str, command: &mut Command) -> Outcome {
    println!("==> {name}");
    let begun = Instant::now();
    let status = command
        .status()
        .map_err(Failure::io(format!("run {}", command.get_program().display())))?;
    println!(
        "<== {name}: {} ({})",
        if status.success() { "ok" } else { "FAILED" },
        seconds(begun.elapsed())
    );
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("{name}: {status}")))
    }
}

/// Whether a program runs and exits with 0; shows nothing.
pub fn works(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> bool {
    let mut command = command(program, arguments);
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
