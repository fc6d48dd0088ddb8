//! `isds doctor`: what is wrong with an installation, said before users say it.

mod deep;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use futures::TryStreamExt;
use isds_core::error::Chain;
use isds_core::own_certificate::{CertificateTerm, OwnCertificate};
use isds_core::ports::{Sealer, Store, TimestampAuthority};
use isds_core::time::Clock;

use crate::assemble;
use crate::clamd::{self, Clamd};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::random::SystemRandom;

use super::Problem;

/// Options of the doctor.
#[derive(Args)]
pub struct DoctorOptions {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Reads every message and every object as well, and compares them; beside a running system.
    #[arg(long)]
    deep: bool,
    /// Begins with this message: those before it were examined earlier.
    #[arg(
        long,
        value_name = "DM_ID",
        requires = "deep",
        default_value_t = 0,
        hide_default_value = true
    )]
    from: i64,
    /// Hours for which objects that nothing names are left alone; at least one.
    #[arg(long, value_name = "HOURS", requires = "deep", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..))]
    orphan_age: u16,
    /// Removes objects that nothing names and that are older than that. What was written while no node ran, by the account
    /// of this database, is kept: a database that was restored from a backup forgot what names it.
    #[arg(long, requires = "deep")]
    remove_orphans: bool,
    /// Removes those as well. Only where the database was never restored from a backup: what it forgot would go for good.
    #[arg(long, requires = "remove_orphans")]
    never_restored: bool,
}

/// Looks at every part; exit code 1 where one is ill.
pub async fn run(options: DoctorOptions) -> Result<ExitCode, Problem> {
    let config =
        Config::load(&options.config).map_err(|error| Problem::caused("the configuration cannot be used", error))?;
    let findings = [
        ("TLS certificate", tls(&config)),
        ("database", database(&config).await),
        ("object storage", objects(&config).await),
        ("seal", seal(&config).await),
        ("timestamp authority", authority(&config).await),
        ("scanner", scanner(&config).await),
        (
            "trusted roots",
            assemble::configured_judge(&config).map(|_| "can be read".to_owned()),
        ),
    ];
    let mut ill = false;
    for (part, finding) in findings {
        match finding {
            Ok(state) => println!("ok    {part}: {state}"),
            Err(problem) => {
                ill = true;
                println!("ILL   {part}: {}", Chain(&problem));
            }
        }
    }
    for own in assemble::configured_certificates(&config).unwrap_or_default() {
        ill |= !tell_term(&own);
    }
    if options.deep {
        ill |= deep::examine(&config, &options).await?;
    }
    Ok(if ill { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// How long a certificate is good; false where it has ended.
fn tell_term(own: &OwnCertificate) -> bool {
    let (part, day) = (own.used_for.name(), own.ends.local_date());
    let term = own.term(SystemClock::default().real());
    match term {
        CertificateTerm::Long => println!("ok    certificate of the {part}: good until {day}"),
        CertificateTerm::EndsIn(days) => println!("SOON  certificate of the {part}: ends on {day}, in {days} days"),
        CertificateTerm::Ended => println!("ILL   certificate of the {part}: ended on {day}"),
    }
    term != CertificateTerm::Ended
}

fn tls(config: &Config) -> Result<String, Problem> {
    let Some(files) = &config.tls else {
        return Ok("none, loopback only".to_owned());
    };
    assemble::configured_tls(files).map(|_| "chain and key fit together".to_owned())
}

async fn database(config: &Config) -> Result<String, Problem> {
    let store: Arc<dyn Store> = assemble::open_configured_store(config, None).await?;
    let jobs = store
        .count_jobs()
        .await
        .map_err(|error| Problem::caused("it does not answer", error))?;
    Ok(format!("answers, {jobs} jobs wait or run"))
}

async fn objects(config: &Config) -> Result<String, Problem> {
    let objects = assemble::open_objects(&config.objects, &assemble::configured_keys(config)?).await?;
    let failed = |what: &'static str| move |error| Problem::caused(what, error);
    let probe = bytes::Bytes::from_static(b"probe of the doctor");
    let id = objects
        .put(probe.clone())
        .await
        .map_err(failed("nothing can be written"))?;
    let stream = objects
        .read(&id, 0, probe.len() as u64)
        .await
        .map_err(failed("nothing can be read"))?;
    let read: Vec<bytes::Bytes> = stream.try_collect().await.map_err(failed("nothing can be read"))?;
    objects.delete(&id).await.map_err(failed("nothing can be removed"))?;
    if read.concat() != probe {
        return Err(Problem::new("what was written reads otherwise"));
    }
    Ok("an object was written, read and removed".to_owned())
}

async fn seal(config: &Config) -> Result<String, Problem> {
    let seal = assemble::configured_seal(config, Arc::new(SystemRandom))?;
    let sealed = Sealer::seal(&seal, [0; 32], 0, SystemClock::default().legal(), false).await;
    sealed
        .map(|_| "signs".to_owned())
        .map_err(|error| Problem::caused("it does not sign", error))
}

/// A scanner that answers may still know nothing, or look into nothing large: it is tried with the largest file that may
/// come.
async fn scanner(config: &Config) -> Result<String, Problem> {
    let Some(address) = &config.clamd else {
        return Ok("none, messages are delivered unscanned".to_owned());
    };
    let limits = assemble::configured_limits(config);
    let largest = limits.large_message_bytes.max(limits.message_bytes);
    clamd::examine(&Clamd::new(address.clone()), largest)
        .await
        .map(|version| format!("{version}, finds the test file at the end of a file of {largest} bytes"))
        .map_err(|error| Problem::caused(format!("{address} is of no use"), error))
}

async fn authority(config: &Config) -> Result<String, Problem> {
    let seal = assemble::configured_seal(config, Arc::new(SystemRandom))?;
    let token = TimestampAuthority::stamp(&seal, [0; 32], SystemClock::default().legal()).await;
    token
        .map(|_| "answers".to_owned())
        .map_err(|error| Problem::caused("it gives no timestamp", error))
}
