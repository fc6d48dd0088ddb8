//! The commands of the binary, one file each.

mod audit;
pub mod certificate;
mod demo;
mod doctor;
mod extract_text;
mod operator;
mod rotate_master_key;
mod serve;
mod verify;
mod verify_audit;

use std::error::Error as StdError;
use std::process::ExitCode;

use clap::Subcommand;

/// What the binary can do.
#[derive(Subcommand)]
pub enum Command {
    /// A whole system in one folder, with a directory of boxes and people to try.
    Demo(Box<demo::DemoOptions>),
    /// Production, from a configuration file.
    Serve(serve::ServeOptions),
    /// Examines sealed messages and delivery infos, or a trail of records, offline. Exit code: 0 valid and trusted, 1 not valid, 2 unreadable,
    /// 3 intact but the issuer was not checked.
    Verify(verify::VerifyOptions),
    /// Says what is wrong with an installation.
    Doctor(doctor::DoctorOptions),
    /// Puts everything that is under another master key under the current one.
    RotateMasterKey(rotate_master_key::RotateOptions),
    /// Adds the first administrator of an installation and prints an activation code.
    Operator(operator::OperatorOptions),
    /// Registers the system certificate of a box's application.
    Certificate(certificate::CertificateOptions),
    /// Examines or exports the records of who did what.
    Audit(audit::AuditOptions),
    /// Reads a file for the server.
    #[command(hide = true)]
    ExtractText(extract_text::ExtractTextOptions),
}

impl Command {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Problem> {
        match self {
            Self::Demo(options) => crate::block_on(demo::run(*options)),
            Self::Serve(options) => crate::block_on(serve::run(options)),
            Self::Verify(options) => verify::run(&options),
            Self::Doctor(options) => crate::block_on(doctor::run(options)),
            Self::RotateMasterKey(options) => crate::block_on(rotate_master_key::run(options)),
            Self::Operator(options) => crate::block_on(operator::run(options)),
            Self::Certificate(options) => crate::block_on(certificate::run(options)),
            Self::Audit(options) => crate::block_on(audit::run(options)),
            Self::ExtractText(options) => extract_text::run(&options),
        }
    }
}

/// Why a command ended: a sentence for the operator and what lies behind it.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct Problem {
    sentence: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Problem {
    /// A problem of the operator's making.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            source: None,
        }
    }

    /// A problem with a cause.
    pub fn caused(sentence: impl Into<String>, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            sentence: sentence.into(),
            source: Some(source.into()),
        }
    }
}
