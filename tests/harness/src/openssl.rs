//! The OpenSSL command line as a second opinion on seals and timestamps: code that nobody here wrote.

use std::{fs, path::Path, process::Command};

use crate::{Error, Result};

/// `openssl cms -verify -cades`: structure, digest, signature, ESS certificate and chain. Answers what was sealed.
///
/// # Errors
/// [`Error::Tool`] with openssl's reason when it does not accept the seal.
pub fn verify_seal(sealed: &Path, ca: &Path) -> Result<Vec<u8>> {
    openssl(
        &["cms", "-verify", "-cades", "-binary", "-inform", "DER"],
        &[("-in", sealed), ("-CAfile", ca)],
    )
}

/// `openssl ts -verify` of a bare token over the bytes in a file.
///
/// # Errors
/// [`Error::Tool`] with openssl's reason when it does not accept the timestamp.
pub fn verify_timestamp(token: &Path, data: &Path, ca: &Path) -> Result<()> {
    openssl(
        &["ts", "-verify", "-token_in"],
        &[("-in", token), ("-data", data), ("-CAfile", ca)],
    )
    .map(drop)
}

/// Takes the signature timestamp (CAdES-T) and the signature that it is about out of a sealed file, by way of
/// `openssl asn1parse`, and writes them as `token` and `signature`.
///
/// # Errors
/// [`Error::Tool`] when openssl cannot read the file or it holds no signature timestamp.
pub fn take_signature_timestamp(sealed: &Path, token: &Path, signature: &Path) -> Result<()> {
    let listing = openssl(&["asn1parse", "-inform", "DER"], &[("-in", sealed)])?;
    let listing = String::from_utf8_lossy(&listing).into_owned();
    let lines: Vec<Line<'_>> = listing.lines().filter_map(Line::read).collect();
    let bytes = fs::read(sealed).map_err(Error::io("read the sealed file"))?;
    let (stamp, value) = find(&lines).ok_or_else(|| Error::Tool {
        tool: "openssl asn1parse".to_owned(),
        status: "no signature timestamp in the listing".to_owned(),
        output: listing.clone(),
    })?;
    fs::write(token, &bytes[stamp.offset..stamp.offset + stamp.header + stamp.length])
        .map_err(Error::io("write the token"))?;
    let start = value.offset + value.header;
    fs::write(signature, &bytes[start..start + value.length]).map_err(Error::io("write the signature"))
}

/// One element in the listing of `openssl asn1parse`.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    offset: usize,
    depth: usize,
    header: usize,
    length: usize,
    what: &'a str,
}

impl<'a> Line<'a> {
    /// `   56:d=3  hl=2 l=   9 prim: OBJECT            :pkcs7-signedData`
    fn read(line: &'a str) -> Option<Self> {
        let (offset, rest) = line.split_once(":d=")?;
        let (depth, rest) = rest.split_once("hl=")?;
        let (header, rest) = rest.split_once("l=")?;
        let (length, what) = rest.trim_start().split_once(' ')?;
        let number = |text: &str| text.trim().parse().ok();
        Some(Self {
            offset: number(offset)?,
            depth: number(depth)?,
            header: number(header)?,
            length: number(length)?,
            what: what.split_once(':')?.1.trim(),
        })
    }
}

/// The token (the sequence in the set after the attribute's identifier) and the signature value (the octet string just
/// before the unsigned attributes, one level above the attribute).
fn find<'a>(lines: &[Line<'a>]) -> Option<(Line<'a>, Line<'a>)> {
    let attribute = lines
        .iter()
        .position(|line| line.what.ends_with(":id-smime-aa-timeStampToken"))?;
    let token = lines
        .get(attribute + 2)
        .filter(|line| line.what.starts_with("SEQUENCE"))?;
    let unsigned = lines[..attribute]
        .iter()
        .rposition(|line| line.what.starts_with("cont [ 1 ]"))?;
    let level = lines[unsigned].depth;
    let value = lines[..unsigned].iter().rev().find(|line| line.depth == level)?;
    value.what.starts_with("OCTET STRING").then_some((*token, *value))
}

fn openssl(command: &[&str], files: &[(&str, &Path)]) -> Result<Vec<u8>> {
    let mut openssl = Command::new("openssl");
    openssl.args(command);
    for (option, file) in files {
        openssl.arg(option).arg(file);
    }
    let output = openssl.output().map_err(Error::io("run openssl"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Error::Tool {
        tool: format!("openssl {}", command.join(" ")),
        status: output.status.to_string(),
        output: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
