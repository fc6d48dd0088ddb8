//! `isds verify`.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use seal::report;
use seal::verify::{TrustRoots, Verdict, verify_sealed};

use super::{Problem, verify_audit};

/// Options of the examination.
#[derive(Args)]
pub struct VerifyOptions {
    /// Sealed messages and delivery infos (ZFO).
    #[arg(required_unless_present = "audit", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A trail of records, as `isds audit export` wrote it, in place of sealed documents.
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    audit: Option<PathBuf>,
    /// Trusted root certificates; without them the issuers are not checked.
    #[arg(long, value_name = "PEM")]
    trust: Option<PathBuf>,
    /// Report as JSON, one object a line.
    #[arg(long)]
    json: bool,
}

/// Examines each file and reports on it.
pub fn run(options: &VerifyOptions) -> Result<ExitCode, Problem> {
    let trust = match &options.trust {
        Some(path) => {
            let pem = std::fs::read(path)
                .map_err(|error| Problem::caused(format!("{} cannot be read", path.display()), error))?;
            let roots = TrustRoots::from_pem(&pem)
                .map_err(|error| Problem::caused(format!("{} holds no certificates", path.display()), error))?;
            Some(roots)
        }
        None => None,
    };
    if let Some(trail) = &options.audit {
        let report = verify_audit::examine(trail, trust.as_ref());
        if options.json {
            println!("{}", report.json());
        } else {
            print!("{}", report.text());
        }
        return Ok(ExitCode::from(report::exit_code([report.verdict])));
    }
    let mut verdicts = Vec::new();
    for path in &options.files {
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => {
                let verification = verify_sealed(BufReader::with_capacity(256 * 1024, file), trust.as_ref());
                if options.json {
                    println!("{}", report::json(&name, &verification));
                } else {
                    print!("{}", report::text(&name, &verification));
                }
                verdicts.push(verification.verdict);
            }
            Err(error) => {
                eprintln!("{name}: {error}");
                verdicts.push(Verdict::Unreadable);
            }
        }
    }
    Ok(ExitCode::from(report::exit_code(verdicts)))
}
