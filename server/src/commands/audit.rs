//! `isds audit`: showing that nothing of the records of who did what was altered, and handing them out.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use isds_core::audit::{AuditAction, AuditActor, AuditEntry, AuditOrigin, AuditOutcome, AuditSeal, AuditSubject};
use isds_core::error::Chain;
use isds_core::ports::Store;
use isds_core::time::{Clock, Timestamp, parse_date, start_of_day};
use isds_core::{AuditExamination, AuditTrailExport, Failure, sign_newest_head};

use crate::assemble;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::random::SystemRandom;

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
    /// Writes the records with the chain and its signatures into a file that `isds verify --audit` examines without this
    /// system. With a configuration the end of the chain is signed first.
    Export(ExportOptions),
}

/// What is exported, and where it goes.
#[derive(Args)]
struct ExportOptions {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE", required_unless_present = "database")]
    config: Option<PathBuf>,
    /// Database, in place of a configuration: `postgres://…` or `sqlite:…`. The end of the chain is then not signed anew.
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    database: Option<String>,
    /// From this real time on: a day, or `2026-11-22T19:00:00Z`. It begins with the signature before.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    from: Option<Timestamp>,
    /// Before this real time. It ends with the signature behind.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    to: Option<Timestamp>,
    /// File that is written.
    #[arg(value_name = "FILE")]
    file: PathBuf,
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
    match options.command {
        AuditCommand::Verify(options) => verify(options).await,
        AuditCommand::Export(options) => export(options).await,
    }
}

async fn export(options: ExportOptions) -> Result<ExitCode, Problem> {
    let clock = SystemClock::default();
    let store = match (&options.config, &options.database) {
        (Some(file), _) => {
            let config =
                Config::load(file).map_err(|error| Problem::caused("the configuration cannot be used", error))?;
            let store = assemble::open_store(&config.database).await?;
            let offset = store.clock_offset_seconds().await;
            clock.set_offset(offset.map_err(|error| Problem::caused("the clock offset cannot be read", error))?);
            record_export(&*store, &clock).await?;
            let seal = assemble::configured_seal(&config, Arc::new(SystemRandom))?;
            match sign_newest_head(&*store, &seal, &clock).await {
                Ok(true) => {}
                Ok(false) => eprintln!("the authority gave no timestamp: the end of the chain is not signed"),
                Err(failure) => eprintln!("the end of the chain is not signed: {}", Chain(&failure)),
            }
            store
        }
        (None, Some(url)) => assemble::open_store(url).await?,
        (None, None) => return Err(Problem::new("neither a configuration nor a database was named")),
    };
    let unreadable = |failure: Failure| Problem::caused("the records cannot be read", failure);
    let mut export = AuditTrailExport::begin(store, options.from, options.to, clock.real())
        .await
        .map_err(unreadable)?;
    let mut part = options.file.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut file = File::create(&part).map_err(unwritable(&part))?;
    while let Some(lines) = export.next().await.map_err(unreadable)? {
        file.write_all(lines.as_bytes()).map_err(unwritable(&part))?;
    }
    file.sync_all().map_err(unwritable(&part))?;
    std::fs::rename(&part, &options.file).map_err(unwritable(&options.file))?;
    let counted = export.counted();
    println!(
        "{} records, {} batches of calls, {} seals, {} signatures in {}",
        counted.records,
        counted.batches,
        counted.seals,
        counted.heads,
        options.file.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Who takes the records out at the machine is recorded as well; a node that runs seals it.
async fn record_export(store: &dyn Store, clock: &SystemClock) -> Result<(), Problem> {
    let entry = AuditEntry {
        real: clock.real(),
        legal: clock.legal(),
        actor: AuditActor::system(),
        origin: AuditOrigin::System,
        action: AuditAction::AuditExported,
        subject: AuditSubject::none().detail("trail, at the machine"),
        outcome: AuditOutcome::Done,
        address: None,
    };
    let added = store.add_audit_records(&[entry]).await;
    added.map_err(|error| Problem::caused("the export cannot be recorded", error))
}

fn unwritable(path: &Path) -> impl FnOnce(std::io::Error) -> Problem {
    move |error| Problem::caused(format!("{} cannot be written", path.display()), error)
}

/// A day or a time.
fn instant(text: &str) -> Result<Timestamp, String> {
    let time = match parse_date(text) {
        Ok(day) if text.len() == 10 => Ok(start_of_day(day)),
        _ => Timestamp::parse(text),
    };
    time.map_err(|error| error.to_string())
}

async fn verify(options: VerifyOptions) -> Result<ExitCode, Problem> {
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
    println!(
        "{} seals over {} records and {} batches of calls hold",
        found.seals, found.records, found.batches
    );
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
