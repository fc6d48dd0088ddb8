//! `isds audit`: showing that nothing of the records of who did what was altered.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use isds_core::AuditExamination;
use isds_core::audit::AuditSeal;

use crate::assemble;
use crate::config::Config;

use super::Problem;

/// What is done with the records.
#[derive(Args)]
pub struct AuditOptions {
    #[command(subcommand)]
    command: AuditCommand,
}

/// What can be done with them.
#[derive(Subcommand)]
enum AuditCommand {
    /// Examines the chain of seals over the records of who did what. Exit code: 0 it holds, 1 it does not, or nothing
    /// could be examined.
    Verify(VerifyOptions),
}

/// Where the records lie.
#[derive(Args)]
struct VerifyOptions {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE", required_unless_present = "database")]
    config: Option<PathBuf>,
    /// Database, in place of a configuration: `postgres://…` or `sqlite:…`.
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    database: Option<String>,
    /// The last seal as an earlier examination said it, `NUMBER:DIGEST`: it must be in the chain still, and the
    /// examination begins behind it.
    #[arg(long, value_name = "SEAL")]
    noted: Option<String>,
}

/// Does it.
pub async fn run(options: AuditOptions) -> Result<ExitCode, Problem> {
    let AuditCommand::Verify(options) = options.command;
    let url = match (options.config, options.database) {
        (Some(file), _) => {
            let config = Config::load(&file);
            config
                .map_err(|error| Problem::caused("the configuration cannot be used", error))?
                .database
        }
        (None, Some(url)) => url,
        (None, None) => return Err(Problem::new("neither a configuration nor a database was named")),
    };
    let noted = options.noted.as_deref().map(noted_seal).transpose()?;
    let store = assemble::open_store(&url).await?;
    let broken = |error| Problem::caused("the records cannot be read", error);
    let mut found = match noted {
        None => AuditExamination::default(),
        Some((number, digest)) => match store.lookup_audit_seal(number).await.map_err(broken)? {
            Some(seal) if shown(&seal) == digest => AuditExamination::behind(seal),
            _ => {
                println!("seal {number} is not the one that was noted: the chain was cut off or altered");
                return Ok(ExitCode::FAILURE);
            }
        },
    };
    while !found.is_over() {
        let piece = found.go_on(&*store).await;
        found = piece.map_err(|failure| Problem::caused("the records cannot be read", failure))?;
        if !found.is_over() {
            eprintln!("{} seals, {} records so far", found.seals, found.records);
        }
    }
    println!("{} seals over {} records hold", found.seals, found.records);
    if let Some(last) = &found.last {
        println!("last seal: {}:{}", last.number, shown(last));
    }
    match found.broken {
        None => {
            println!("{} records of the last seconds have no seal yet", found.unsealed);
            Ok(ExitCode::SUCCESS)
        }
        Some(number) => {
            println!("seal {number} does not hold: records were altered, added or removed");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Number and digest of a seal as they are printed.
fn noted_seal(text: &str) -> Result<(i64, String), Problem> {
    let parts = text.trim().split_once(':');
    let number = parts.and_then(|(number, digest)| Some((number.parse().ok()?, digest.to_lowercase())));
    number.ok_or_else(|| Problem::new("a seal is written NUMBER:DIGEST, as an examination prints it"))
}

fn shown(seal: &AuditSeal) -> String {
    seal.hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seals_as_they_are_noted() {
        assert_eq!(noted_seal(" 7:AB01 ").ok(), Some((7, "ab01".to_owned())));
        for wrong in ["", "7", ":ab", "x:ab"] {
            assert!(noted_seal(wrong).is_err(), "{wrong}");
        }
    }
}
