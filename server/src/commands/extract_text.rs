//! `isds extract-text`: what the server calls to read a stranger's file (see `text`). Nobody else needs it.

use std::process::ExitCode;

use clap::Args;

use super::Problem;
use crate::text::{self, Form};

/// What the file is.
#[derive(Args)]
pub struct ExtractTextOptions {
    /// Its form.
    form: Form,
}

/// Reads the file from the standard input and writes its text to the standard output.
pub fn run(options: &ExtractTextOptions) -> Result<ExitCode, Problem> {
    text::extract(options.form).map_err(|error| Problem::caused("the file has no text to be had", error))?;
    Ok(ExitCode::SUCCESS)
}
