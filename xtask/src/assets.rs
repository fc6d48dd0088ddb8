//! `cargo xtask assets`: what the pages need beyond templates, built from npm packages and embedded by the crate `web`.

use std::{fs, process::ExitCode};

use crate::{
    place,
    shell::{Failure, Outcome, command, step, works},
};

/// Builds the assets.
pub fn run() -> Outcome<ExitCode> {
    build()?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the assets; what has not changed stays untouched, so that nothing is compiled again for it.
pub fn build() -> Outcome {
    if !works("node", &["--version"]) || !works("npm", &["--version"]) {
        return Err(Failure("Node and npm are needed; install Node 20 or newer".to_owned()));
    }
    let (source, home) = (place::root().join("web/assets"), place::web_assets());
    let lock_file = source.join("package-lock.json");
    let lock = fs::read(&lock_file).map_err(Failure::io(format!("read {}", lock_file.display())))?;
    let stamp = home.join("installed.json");
    if !fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        fs::create_dir_all(&home).map_err(Failure::io(format!("make {}", home.display())))?;
        for name in ["package.json", "package-lock.json"] {
            fs::copy(source.join(name), home.join(name)).map_err(Failure::io(format!("copy {name}")))?;
        }
        step(
            "npm ci (assets)",
            command("npm", &["ci", "--no-audit", "--no-fund"]).current_dir(&home),
        )?;
        fs::write(&stamp, lock).map_err(Failure::io(format!("write {}", stamp.display())))?;
    }
    let mut node = command("node", &[]);
    step(
        "assets",
        node.arg(source.join("build.mjs"))
            .arg(home.join("node_modules"))
            .arg(source.join("dist")),
    )
}
