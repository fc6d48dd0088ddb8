//! `isds certificate`: registers the system certificate of a box's application, or takes a registration away.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use isds_core::fingerprint;
use isds_core::ids::BoxId;
use isds_core::ports::{StoreError, SystemCertificate};
use isds_core::time::Timestamp;
use openssl::asn1::Asn1Time;
use openssl::error::ErrorStack;
use openssl::x509::X509;

use crate::assemble;
use crate::config::Config;

use super::Problem;

/// Which certificate, and whose.
#[derive(Args)]
pub struct CertificateOptions {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Box in whose name the application calls.
    #[arg(long = "box", value_name = "ID", required_unless_present = "remove")]
    data_box: Option<BoxId>,
    /// Takes the registration away.
    #[arg(long, conflicts_with = "data_box")]
    remove: bool,
    /// The certificate, PEM.
    certificate: PathBuf,
}

/// Registers a certificate or takes its registration away.
pub async fn run(options: CertificateOptions) -> Result<ExitCode, Problem> {
    let config =
        Config::load(&options.config).map_err(|error| Problem::caused("the configuration cannot be used", error))?;
    let store = assemble::open_configured_store(&config, None).await?;
    let failed = |error| Problem::caused("the database cannot be written", error);
    let found = assemble::certificates(&options.certificate)?;
    let [certificate, ..] = found.as_slice() else {
        return Err(Problem::new("the file holds no certificate"));
    };
    let der = certificate
        .to_der()
        .map_err(|error| Problem::caused("the certificate cannot be read", error))?;
    let Some(box_id) = options.data_box else {
        return if store.remove_certificate(&fingerprint(&der)).await.map_err(failed)? {
            Ok(ExitCode::SUCCESS)
        } else {
            Err(Problem::new("the certificate was not registered"))
        };
    };
    if store.lookup_box(box_id).await.map_err(failed)?.is_none() {
        return Err(Problem::new(format!("there is no box {box_id}")));
    }
    let registered = system_certificate(certificate, box_id)
        .map_err(|error| Problem::caused("the certificate cannot be read", error))?;
    match store.add_certificate(&registered).await {
        Err(StoreError::Conflict) => {
            return Err(Problem::new(
                "the certificate is registered for another box; take that registration away first",
            ));
        }
        added => added.map_err(failed)?,
    }
    println!("{box_id}: registered until {}", registered.expires);
    Ok(ExitCode::SUCCESS)
}

/// What is kept of a certificate of a box.
pub fn system_certificate(certificate: &X509, box_id: BoxId) -> Result<SystemCertificate, ErrorStack> {
    let left = Asn1Time::from_unix(0)?.diff(certificate.not_after())?;
    let seconds = i64::from(left.days) * 86_400 + i64::from(left.secs);
    Ok(SystemCertificate {
        fingerprint: fingerprint(&certificate.to_der()?),
        box_id,
        expires: Timestamp(0).plus_seconds(seconds),
    })
}
