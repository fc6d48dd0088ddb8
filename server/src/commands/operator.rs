//! `isds operator`: the first administrator of an installation.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use isds_core::Failure;

use crate::assemble;
use crate::config::Config;
use crate::random::SystemRandom;

use super::{Problem, serve};

/// Who it is.
#[derive(Args)]
pub struct OperatorOptions {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Given names.
    given_names: String,
    /// Last name.
    last_name: String,
}

/// Adds the first administrator and prints the activation code.
pub async fn run(options: OperatorOptions) -> Result<ExitCode, Problem> {
    let config =
        Config::load(&options.config).map_err(|error| Problem::caused("the configuration cannot be used", error))?;
    let (isds, _) = assemble::isds(serve::parts(&config, Arc::new(SystemRandom), None).await?).await?;
    let access = isds.add_first_operator(&options.given_names, &options.last_name).await;
    let access = access.map_err(|failure| match failure {
        Failure::Refused(_) => {
            Problem::new("the installation has an administrator already, or had one; that one adds others")
        }
        failure => Problem::caused("the administrator could not be added", failure),
    })?;
    println!("login: {}", access.login);
    println!(
        "activation code (good for 30 days, only to choose a password): {}",
        access.code
    );
    Ok(ExitCode::SUCCESS)
}
